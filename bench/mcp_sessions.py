#!/usr/bin/env python3
"""What clients of the older MCP era cost that never say goodbye: so many sessions are opened, and nobody closes any; then some of the first are
asked again, which memory has let go of by then.

    bench/mcp_sessions.py [--sessions 10000] [--ours FOLDER]

Prints one JSON object: memory at rest, every tenth of the way, and after the first were asked again. Ends with status 1 when memory grew by
more than GROWN_MIB, or a session was lost. A release build, unless `--ours` names a folder with another.
"""

import argparse
import concurrent.futures
import http.client
import json
import pathlib
import shutil
import signal
import sys
import tempfile
import time
import urllib.parse

from mcp_speed import build_ours, memory_mib, run_story, start_ours

# 256 sessions in memory at some tens of kilobytes each (src/frontends/mcp/sessions.rs), and what SQLite and the allocator keep.
GROWN_MIB = 64
CONNECTIONS = 8
ASKED_AGAIN = 500
INITIALIZE = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "silent", "version": "1"}},
}  # fmt: skip
INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}
PING = {"jsonrpc": "2.0", "id": 2, "method": "ping"}


class Connection:
    def __init__(self, subject):
        parts = urllib.parse.urlsplit(subject.url)
        self.path, self.extra = parts.path, subject.extra
        self.http = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)

    def say(self, message, session=None):
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream", **self.extra}
        if session:
            headers |= {"Mcp-Session-Id": session, "MCP-Protocol-Version": "2025-11-25"}
        self.http.request("POST", self.path, json.dumps(message), headers)
        answer = self.http.getresponse()
        return answer.status, answer.getheader("Mcp-Session-Id"), answer.read()


def opened(subject, count):
    """Opens so many sessions on a connection of its own."""
    connection, ids = Connection(subject), []
    for _ in range(count):
        status, session, text = connection.say(INITIALIZE)
        if status != 200 or not session:
            raise SystemExit(f"initialize: {status} {text[:500]!r}")
        status, _, text = connection.say(INITIALIZED, session)
        if status != 202:
            raise SystemExit(f"initialized: {status} {text[:500]!r}")
        ids.append(session)
    return ids


def measure(subject, sessions):
    time.sleep(2)
    idle, steps, ids = memory_mib(subject.process.pid), [], []
    begin = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as pool:
        for _ in range(10):
            for some in pool.map(lambda _: opened(subject, sessions // 10 // CONNECTIONS), range(CONNECTIONS)):
                ids += some
            steps.append(memory_mib(subject.process.pid))
    took = time.perf_counter() - begin
    connection, lost = Connection(subject), 0
    for session in ids[:ASKED_AGAIN]:
        status, _, text = connection.say(PING, session)
        lost += status != 200 or b'"result"' not in text
    return {
        "sessions": len(ids), "distinct": len(set(ids)), "opened_per_s": round(len(ids) / took), "idle_mib": idle, "steps_mib": steps,
        "after_mib": memory_mib(subject.process.pid), "peak_mib": memory_mib(subject.process.pid, "VmHWM"), "asked_again": ASKED_AGAIN, "lost": lost,
    }  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--ours", type=pathlib.Path, help="a folder with builds of socrazi and socrazi-sim")
    options = parser.parse_args()
    ours = options.ours or build_ours()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="socrazi-bench."))
    processes = run_story.Processes(scratch)
    try:
        found = measure(start_ours(processes, ours.resolve(), scratch), options.sessions)
    finally:
        processes.stop_all()
        shutil.rmtree(scratch, ignore_errors=True)
    found["grown_mib"] = round(found["peak_mib"] - found["idle_mib"], 1)
    print(json.dumps(found, indent=2))
    if found["lost"] or found["distinct"] != found["sessions"] or found["grown_mib"] > GROWN_MIB:
        print(f"Bar missed: grown by {found['grown_mib']} MiB (bar {GROWN_MIB}), {found['lost']} sessions lost.", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
