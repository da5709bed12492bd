"""Letting programs in, with clients that are not ours, through the real consent page: the official conformance suite for authorization
servers, and the official Python client, which finds everything out by itself, registers, is let in, drafts, meets the end of what it may do
(403), asks for more, outlives a restart of the server, and is taken back.

    oauth_story.py --bin TARGET/debug --node NODE --npm FOLDER [--keep]

`--npm` is the folder that holds node_modules. Run it with the Python of .deps; tests/run does.
"""

import argparse
import asyncio
import collections
import json
import pathlib
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.parse

import httpx2
from browser import Browser
from mcp.client import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientMetadata
from run_story import (
    SIGN_IN_LINK, Processes, connect_x, free_port, server_command, sign_in, simulator_command, simulator_url, wait_for, wait_for_port,
)  # fmt: skip

SUITE_WITHIN_S = 60  # two scenarios of a few requests each
SCENARIOS = {"authorization-server-metadata-endpoint", "authorization-code-grant"}


class Failed(Exception):
    """Something that must hold does not."""


def must(holds, what):
    if not holds:
        raise Failed(what)


def start_server(options, scratch, processes, port, sim):
    server, log = processes.start("server", server_command(options.bin, scratch / "data", sim, port))
    wait_for_port("the server", server, f"127.0.0.1:{port}")
    return server, log


def consent(browser, url, switches):
    """A person reads the page, sets these switches and presses the button; where the browser was sent, without going there."""
    page = browser.get(url)
    must(page.status == 200, f"no consent page: {page.status} {page.text[:800]}")
    form = page.form("allow")
    names = ("read", "google", "history", "draft", "schedule", "publish")
    must(not {"publish", "google"} & set(form.fields), "what goes far is on before anybody turned it on")
    fields = {name: value for name, value in form.fields.items() if name not in names}
    return {**fields, **dict.fromkeys(switches, "on"), "answer": "allow"}, urllib.parse.urljoin(page.url, form.action)


# ---- the conformance suite ------------------------------------------------------------------------------------------------


def conformance(options, scratch, browser, web):
    port = free_port()
    made = subprocess.run(
        [options.bin / "socrazi", "client", "add", "--data", scratch / "data", "--name", "Conformance",
         "--redirect", f"http://127.0.0.1:{port}/callback"],
        capture_output=True, text=True, cwd=scratch,
    )  # fmt: skip
    found = re.search(r"client_id: (\S+)", made.stdout)
    must(found, f"`socrazi client add`: {made.returncode} {made.stdout} {made.stderr}")
    suite = options.npm / "node_modules/@modelcontextprotocol/conformance/dist/index.js"
    command = [options.node, suite, "authorization", "--url", web, "--client-id", found.group(1), "--resource", f"{web}/mcp",
               "-p", str(port), "--verbose", "-o", scratch / "conformance"]  # fmt: skip
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=scratch)
    lines = queue.Queue()

    def read():
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    said, visited = [], set()
    try:
        while (line := lines.get(timeout=SUITE_WITHIN_S)) is not None:
            said.append(line)
            for url in re.findall(r"https?://[^\s\"'<>]+/oauth/authorize\?[^\s\"'<>]+", line):
                if url not in visited:
                    visited.add(url)
                    fields, action = consent(browser, url, ["read"])
                    browser.post(action, fields)
        code = process.wait(SUITE_WITHIN_S)
    except queue.Empty:
        process.kill()
        raise Failed("the conformance suite did not end:\n" + "".join(said)[-3000:]) from None
    text = "".join(said)
    wrong = [status for status in ("FAILURE", "WARNING") if f'"status": "{status}"' in text]
    must(code == 0 and not wrong, f"conformance: exit {code}, {wrong}\n{text[-6000:]}")
    must(visited, f"the suite never asked for a consent:\n{text[-3000:]}")
    results = list((scratch / "conformance").rglob("checks.json"))
    statuses = collections.Counter(check["status"] for path in results for check in json.loads(path.read_text()))
    ran = {name for name in SCENARIOS if any(name in str(path) for path in results)}
    must(ran == SCENARIOS, f"the suite ran {ran} only:\n{text[-3000:]}")
    must(set(statuses) <= {"SUCCESS", "INFO"} and statuses["SUCCESS"] > 0, f"conformance: {statuses}\n{text[-3000:]}")
    print(f"conformance authorization: both scenarios, {statuses['SUCCESS']} checks passed, none failed")


# ---- the official Python client -------------------------------------------------------------------------------------------


class Kept:
    """What the client keeps between runs."""

    def __init__(self):
        self.tokens, self.info = None, None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.info

    async def set_client_info(self, info):
        self.info = info


class Person:
    """Whoever sits at the browser; counts how often they were asked."""

    def __init__(self, browser, redirect):
        self.browser, self.redirect, self.switches, self.asked, self.landed = browser, redirect, ["read"], 0, None

    async def look(self, url):
        self.asked += 1
        fields, action = consent(self.browser, url, self.switches)
        # Nothing listens at the redirect address: where the browser is sent says all that the client would hear there.
        with socket.create_server(("127.0.0.1", urllib.parse.urlsplit(self.redirect).port)) as listener:
            heard = threading.Thread(target=self._hear, args=(listener,))
            heard.start()
            await asyncio.to_thread(self.browser.post, action, fields)
            heard.join()

    def _hear(self, listener):
        connection, _ = listener.accept()
        with connection:
            self.landed = connection.recv(65536).split(b" ")[1].decode()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")

    async def answer(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.landed).query)
        return AuthorizationCodeResult(code=query["code"][0], state=query["state"][0], iss=query["iss"][0])


async def drafted(http, web):
    async with Client(streamable_http_client(f"{web}/mcp", http_client=http)) as client:
        result = await client.call_tool("create_draft", {"text": "hello"})
        return result


async def python_client(web, browser, restart):
    redirect = f"http://127.0.0.1:{free_port()}/callback"
    person, kept = Person(browser, redirect), Kept()
    metadata = OAuthClientMetadata(client_name="The Python client", redirect_uris=[redirect], token_endpoint_auth_method="none")
    provider = OAuthClientProvider(f"{web}/mcp", metadata, kept, person.look, person.answer)
    async with httpx2.AsyncClient(auth=provider, timeout=30, trust_env=False) as http:
        async with Client(streamable_http_client(f"{web}/mcp", http_client=http)) as client:
            tools = await client.list_tools()
            must(any(tool.name == "list_posts" for tool in tools.tools), "no tools are listed")
            must(not (await client.call_tool("list_posts", {})).is_error, "list_posts failed")
            must((person.asked, kept.tokens.scope) == (1, "posts:read"), f"asked {person.asked} times for {kept.tokens.scope}")
            # Beyond what it may do: the client hears 403 and asks the person for more by itself.
            person.switches = ["read", "draft"]
            result = await client.call_tool("create_draft", {"text": "hello"})
            must(not result.is_error, f"create_draft after step-up: {result}")
            must(person.asked == 2 and "posts:draft" in kept.tokens.scope, f"asked {person.asked} times for {kept.tokens.scope}")
    await asyncio.to_thread(restart)
    # Another run of the client, with what it kept, against another process of the server.
    provider = OAuthClientProvider(f"{web}/mcp", metadata, kept, person.look, person.answer)
    async with httpx2.AsyncClient(auth=provider, timeout=30, trust_env=False) as http:
        must(not (await drafted(http, web)).is_error, "the client did not outlive a restart")
    must(person.asked == 2, "a restart made the client ask again")
    page = browser.get(f"{web}/settings")
    must("The Python client" in page.text, "the settings page does not show it")
    removes = [form for form in page.forms if form.action.endswith("/remove") and "/settings/apps/" in form.action]
    for form in removes:
        browser.post(urllib.parse.urljoin(page.url, form.action), form.fields)
    async with httpx2.AsyncClient(timeout=30, trust_env=False) as http:
        headers = {"Authorization": f"Bearer {kept.tokens.access_token}", "Accept": "application/json, text/event-stream"}
        answer = await http.post(f"{web}/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "ping"}, headers=headers)
        must(answer.status_code == 401, f"a removed app still gets {answer.status_code}")
    print("the Python client: registered, let in, stepped up, outlived a restart, taken back")


# ---- all of it ------------------------------------------------------------------------------------------------------------


def tell(options, scratch, processes):
    (scratch / "data").mkdir(mode=0o700)
    port = free_port()
    web = f"http://127.0.0.1:{port}"
    simulator, log = processes.start("simulator", simulator_command(options.bin, scratch))
    sim = wait_for("the simulator's address", simulator, log, simulator_url)
    server, log = start_server(options, scratch, processes, port, sim)
    link = wait_for("the sign-in link", server, log, lambda text: (SIGN_IN_LINK.findall(text) or [None])[0])
    browser = sign_in(link, scratch / "cookies.txt")
    connect_x(browser, web)
    conformance(options, scratch, browser, web)

    def restart():
        name, running = processes.running.pop()
        must(processes.stop(name, running) == 0, "the server did not end well")
        start_server(options, scratch, processes, port, sim)

    asyncio.run(python_client(web, browser, restart))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--node", required=True, type=lambda path: pathlib.Path(path).absolute())
    parser.add_argument("--npm", required=True, type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="socrazi-oauth."))
    processes = Processes(scratch)
    try:
        tell(options, scratch, processes)
    except Failed as failure:
        sys.exit(f"FAIL {failure}")
    finally:
        processes.stop_all()
        if options.keep:
            print(f"kept: {scratch}")
        else:
            shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
