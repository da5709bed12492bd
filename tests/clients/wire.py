"""MCP over plain HTTP/1.1 in the 2026-07-28 revision: stateless, version and client in every request. For checks that no client library
would make and for measuring. Standard library only."""

import http.client
import json
import statistics
import time
import urllib.parse

VERSION = "2026-07-28"
META = {
    "io.modelcontextprotocol/protocolVersion": VERSION,
    "io.modelcontextprotocol/clientInfo": {"name": "wire", "version": "0"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
TIMEOUT_S = 30


def request(method, params=None, number=1):
    """One JSON-RPC request as bytes."""
    message = {"jsonrpc": "2.0", "id": number, "method": method, "params": {**(params or {}), "_meta": META}}
    return json.dumps(message).encode()


def headers(method, extra, tool=None):
    """The headers that the revision wants beside `extra`."""
    own = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": VERSION,
        "Mcp-Method": method,
    }
    return {**own, **({"Mcp-Name": tool} if tool else {}), **extra}


def connect(url):
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=TIMEOUT_S)
    return connection, urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))


def post(url, body, sent_headers):
    """Status, headers (lower case) and body. A server may answer before it has read everything: then the answer counts."""
    connection, path = connect(url)
    try:
        try:
            connection.request("POST", path, body, sent_headers)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the other side has stopped reading; its answer may be here already
        try:
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        except (ConnectionResetError, http.client.RemoteDisconnected) as error:
            return 0, {}, repr(error).encode()
    finally:
        connection.close()


def call(connection, path, tool, arguments, sent_headers, number):
    """One tool call on an open connection; raises when the answer is not a result."""
    body = request("tools/call", {"name": tool, "arguments": arguments}, number)
    connection.request("POST", path, body, sent_headers)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 200 or b'"result"' not in text or b'"isError":true' in text:
        raise AssertionError(f"{tool}: {answer.status} {text[:500]!r}")
    return text


def sequential_ms(url, extra, calls, tool="list_accounts", arguments=None):
    """The median time of one call after another on one connection, in milliseconds."""
    connection, path = connect(url)
    sent_headers = headers("tools/call", extra, tool)
    spent = []
    try:
        for number in range(calls):
            begin = time.perf_counter()
            call(connection, path, tool, arguments or {}, sent_headers, number + 1)
            spent.append((time.perf_counter() - begin) * 1000)
    finally:
        connection.close()
    return statistics.median(spent)
