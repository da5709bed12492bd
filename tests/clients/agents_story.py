"""Five clients that are not ours, each let in by a person and working on through a restart of the server: it finds out by itself whom to ask,
registers, is let in on the real consent page (headless), lists, drafts, the server is ended and started again under it, and what it then asks to
have scheduled is approved on the real page.

    agents_story.py --bin TARGET/debug --node NODE --npm FOLDER --fastmcp PYTHON [--only NAME] [--keep]

Clients: the official Python client (both eras), FastMCP, the official TypeScript SDK 1.x and client 2.x, the Inspector's command line. `--npm` is
the folder that holds node_modules, `--fastmcp` a Python that has FastMCP. Run it with the Python of .deps; tests/run does.
"""

import argparse
import datetime
import json
import os
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
import time
import urllib.parse

from browser import Browser
from mcp_story import Simulator
from run_story import (
    SIGN_IN_LINK, Processes, connect_x, free_port, server_command, sign_in, simulator_command, simulator_url, wait_for, wait_for_port,
)  # fmt: skip

HERE = pathlib.Path(__file__).resolve().parent
ANSWER_S = 60  # two cores may be busy, and each call of the Inspector starts a Node
SWITCHES = ("read", "history", "draft", "schedule", "publish")
LET = ["read", "draft"]
TOOLS_LEAST = 14  # those about history are not let in, so they are not listed


class Failed(Exception):
    """Something that must hold does not."""


def must(holds, what):
    if not holds:
        raise Failed(what)


def listens(port):
    """Waits until somebody does."""
    ends = time.monotonic() + ANSWER_S
    while time.monotonic() < ends:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise Failed(f"nobody listens on port {port} for the code")


class Person:
    """Whoever sits at the browser: lets programs in, and counts how often they were asked."""

    def __init__(self, browser):
        self.browser, self.asked = browser, 0

    def consent(self, url):
        """The pressed form of the consent page: where it goes, and with what."""
        self.asked += 1
        page = self.browser.get(url)
        must(page.status == 200, f"no consent page: {page.status} {page.text[:800]}")
        form = page.form("allow")
        must("publish" not in form.fields, "publishing is on before anybody turned it on")
        fields = {name: value for name, value in form.fields.items() if name not in SWITCHES}
        return urllib.parse.urljoin(page.url, form.action), {**fields, **dict.fromkeys(LET, "on"), "answer": "allow"}

    def let_in(self, url):
        """For programs that listen for the answer themselves; some begin only after they have opened the browser."""
        redirect = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)["redirect_uri"][0]
        listens(urllib.parse.urlsplit(redirect).port)
        action, fields = self.consent(url)
        landed = self.browser.post(action, fields)
        must(landed.status == 200, f"the program did not take its code: {landed.status} {landed.text[:500]}")

    def let_in_for(self, url, port):
        """For programs that leave listening to us: the address that the browser was sent to."""
        action, fields = self.consent(url)
        heard = []
        with socket.create_server(("127.0.0.1", port)) as listener:
            thread = threading.Thread(target=self._hear, args=(listener, heard))
            thread.start()
            self.browser.post(action, fields)
            thread.join()
        return f"http://127.0.0.1:{port}{heard[0]}"

    @staticmethod
    def _hear(listener, heard):
        connection, _ = listener.accept()
        with connection:
            heard.append(connection.recv(65536).split(b" ")[1].decode())
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")

    def approve(self, url):
        answer = self.browser.press(self.browser.get(url), "approve")
        must(answer.status == 200, f"approving: {answer.status} {answer.text[:500]}")


class Driven:
    """A client in a process of its own that is told what to do, a line of JSON each, and answers so (agent_*.py, agent_*.mjs)."""

    def __init__(self, command, person, port):
        self.person, self.port, self.said = person, port, []
        self.process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=HERE
        )
        self.lines = queue.Queue()
        for pipe in (self.process.stdout, self.process.stderr):
            threading.Thread(target=self._read, args=(pipe,), daemon=True).start()

    def _read(self, pipe):
        for line in pipe:
            self.lines.put(line)
        self.lines.put(None)

    def tell(self, what):
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()

    def ask(self, what):
        if what:
            self.tell(what)
        while True:
            try:
                line = self.lines.get(timeout=ANSWER_S)
            except queue.Empty:
                raise Failed(f"no answer to {what} within {ANSWER_S} s:\n{''.join(self.said)[-3000:]}") from None
            must(line is not None, f"the client ended:\n{''.join(self.said)[-3000:]}")
            self.said.append(line)
            try:
                heard = json.loads(line)
            except ValueError:
                continue
            if not isinstance(heard, dict):
                continue
            if "authorize" in heard:
                self._authorize(heard["authorize"])
            elif "error" in heard:
                raise Failed(f"{what}: {heard['error']}\n{''.join(self.said)[-2000:]}")
            elif "answer" in heard:
                return heard["answer"]

    def _authorize(self, url):
        if self.port is None:
            self.person.let_in(url)
        else:
            self.tell({"landed": self.person.let_in_for(url, self.port)})

    def connect(self):
        return self.ask(None)

    def tools(self):
        return self.ask({"list": True})

    def call(self, tool, **arguments):
        return self.ask({"call": tool, "arguments": arguments})

    def end(self):
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Inspector:
    """The Inspector's command line: each call is a process of its own, signed in by what the first one kept."""

    def __init__(self, options, person, web, home):
        self.person, self.port, self.is_in = person, free_port(), False
        program = HERE / "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js"
        callback = f"http://127.0.0.1:{self.port}/oauth/callback"
        self.command = [options.node, program, "--cli", f"{web}/mcp", "--transport", "http", "--callback-url", callback]
        self.surroundings = {**os.environ, "HOME": str(home), "BROWSER": "true", "NO_COLOR": "1"}
        self.surroundings |= {"MCP_AUTO_OPEN_ENABLED": "true", "MCP_INSPECTOR_SECRET_STORE": "file"}

    def run(self, *arguments):
        # After the first one nobody is asked any more: what was kept is enough, or it fails.
        kept = ["--stored-auth-only"] if self.is_in else []
        process = subprocess.Popen(
            [str(part) for part in [*self.command, *kept, *arguments]],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.surroundings,
        )  # fmt: skip
        seen, visited = [], set()

        def watch():
            for line in process.stderr:
                seen.append(line)
                for url in re.findall(r"https?://[^\s\"'<>]+/oauth/authorize\?[^\s\"'<>\x1b]+", line):
                    if url not in visited:  # said once with words around it, once without
                        visited.add(url)
                        self.person.let_in(url)

        watching = threading.Thread(target=watch, daemon=True)
        watching.start()
        try:
            out = process.stdout.read()
            code = process.wait(ANSWER_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Failed(f"{arguments}: no end\n{''.join(seen)[-2000:]}") from None
        watching.join(5)
        must(code == 0, f"{arguments}: exit {code}\n{out[-1500:]}\n{''.join(seen)[-2000:]}")
        self.is_in = True
        return json.loads(out)

    def connect(self):
        return "ready"

    def tools(self):
        return [tool["name"] for tool in self.run("--method", "tools/list")["tools"]]

    def call(self, tool, **arguments):
        answer = self.run("--method", "tools/call", "--tool-name", tool, "--tool-args-json", json.dumps(arguments))
        must(not answer.get("isError"), f"{tool}: {answer}")
        return answer["structuredContent"]

    def end(self):
        pass


def tell_one(name, client, person, world):
    """The story of one client."""
    asked = person.asked
    client.connect()
    tools = client.tools()
    must(len(tools) >= TOOLS_LEAST and "schedule_post" in tools, f"tools: {tools}")
    before = client.call("list_posts")
    must(isinstance(before["posts"], list), f"list_posts: {before}")
    text = f"おはよう from {name}, {os.getpid()}"
    post = client.call("create_draft", text=text)["post"]["id"]
    must(asked < person.asked <= asked + 2, f"the person was asked {person.asked - asked} times")
    asked = person.asked
    world.restart()
    at = (datetime.datetime.fromtimestamp(world.simulator.now_ms() / 1000, datetime.UTC) + datetime.timedelta(days=1)).isoformat()
    waits = client.call("schedule_post", post=post, at=at)
    must(waits["status"] == "waiting_for_approval", f"schedule_post: {waits}")
    person.approve(waits["approval_url"])
    read = client.call("get_post", post=post)
    must(read["post"]["status"] == "scheduled", f"get_post: {read}")
    must(person.asked == asked, "a restart made the client ask its person again")
    client.end()
    print(f"{name}: registered, let in, drafted, outlived a restart, scheduled with a yes", flush=True)


class World:
    """The simulator and the server, which is started again under its clients."""

    def __init__(self, options, scratch, processes):
        self.options, self.processes, self.data, self.port = options, processes, scratch / "data", free_port()
        self.data.mkdir(mode=0o700)
        simulator, log = processes.start("simulator", simulator_command(options.bin, scratch))
        self.sim = wait_for("the simulator's address", simulator, log, simulator_url)
        self.simulator = Simulator(self.sim)
        self.log = self.start()
        link = wait_for("the sign-in link", self.server, self.log, lambda text: (SIGN_IN_LINK.findall(text) or [None])[0])
        self.web = link.split("/signin?")[0]
        browser = sign_in(link, scratch / "cookies.txt")
        connect_x(browser, self.web)
        self.person = Person(browser)

    def start(self):
        self.server, log = self.processes.start("server", server_command(self.options.bin, self.data, self.sim, self.port))
        wait_for_port("the server", self.server, f"127.0.0.1:{self.port}")
        return log

    def restart(self):
        name, running = self.processes.running.pop()
        must(self.processes.stop(name, running) == 0, "the server did not end well")
        self.start()


def clients(options, world, scratch):
    def driven(*command, listens=True):
        port = free_port() if listens else None
        given = [f"{world.web}/mcp"] + ([str(port)] if listens else [])
        return lambda: Driven([*command, *given], world.person, port)

    npm = options.npm
    home = scratch / "home"
    home.mkdir()
    return {
        "python": driven(sys.executable, HERE / "agent_python.py", "auto"),
        "python, older era": driven(sys.executable, HERE / "agent_python.py", "legacy"),
        "fastmcp": driven(options.fastmcp, HERE / "agent_fastmcp.py", listens=False),
        "typescript 1": driven(options.node, HERE / "agent_typescript.mjs", npm, "1"),
        "typescript 2": driven(options.node, HERE / "agent_typescript.mjs", npm, "2"),
        "inspector": lambda: Inspector(options, world.person, world.web, home),
    }


def tell(options, scratch, processes):
    world, failures = World(options, scratch, processes), []
    for name, open_client in clients(options, world, scratch).items():
        if options.only and options.only != name:
            continue
        try:
            tell_one(name, open_client(), world.person, world)
        except Exception as error:  # one client's end is not the others'
            failures.append(f"{name}: {error}")
            print(f"FAIL {failures[-1]}", flush=True)
            if world.server.poll() is not None:
                break
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, type=lambda path: pathlib.Path(path).resolve())
    for name in ("--node", "--npm", "--fastmcp"):
        parser.add_argument(name, required=True, type=lambda path: pathlib.Path(path).absolute())
    parser.add_argument("--only")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="socrazi-agents."))
    processes = Processes(scratch)
    failures = ["the story did not reach its end"]
    try:
        failures = tell(options, scratch, processes)
    finally:
        processes.stop_all()
        if options.keep:
            print(f"kept: {scratch}")
        else:
            shutil.rmtree(scratch, ignore_errors=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
