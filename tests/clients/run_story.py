"""Starts the X simulator and the whole server on top of it, connects an account through the pages, makes a token, and lets the real
clients tell their story: mcp_story.py, inspector_story.py, apps_check.mjs, length_check.mjs. Ends every process it started, by its id.

    run_story.py --bin TARGET/debug --node NODE [--keep] [--pictures FOLDER]

`--keep` leaves the scratch folder with all logs and says where it is. Run it with the Python of .deps; tests/run does.
"""

import argparse
import json
import pathlib
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from browser import Browser

HERE = pathlib.Path(__file__).resolve().parent
STARTED_WITHIN_S = 30  # a debug build that migrates a fresh database
STOPPED_WITHIN_S = 20  # shutdown waits for commit calls that are out

# ---- the commands: the one place to change when the command line changes -------------------------------------------------

SIGN_IN_LINK = re.compile(r"https?://\S+/signin\?link=[^\s\"'<>)]+")
CONNECT = "/connect/x"


def simulator_command(bin_folder, scratch):
    return [bin_folder / "socrazi-sim", "x", "--bind", "127.0.0.1:0", "--ledger", scratch / "ledger", "--auto-consent", "--any-loopback-redirect"]


def server_command(bin_folder, data, sim, port):
    return [bin_folder / "socrazi", "demo", "--sim", sim, "--data", data, "--bind", f"127.0.0.1:{port}"]


def token_command(bin_folder, data):
    return [bin_folder / "socrazi", "user", "token", "--data", data, "--name", "story", "--scope", "drafts"]


def stdio_command(bin_folder, data):
    return [bin_folder / "socrazi", "mcp", "--data", data]


# ---- processes ------------------------------------------------------------------------------------------------------------


class Processes:
    """Everything started here, ended in reverse order."""

    def __init__(self, scratch):
        self.scratch, self.running = scratch, []

    def start(self, name, command):
        log = self.scratch / f"{name}.log"
        with open(log, "wb") as out:
            process = subprocess.Popen(
                [str(part) for part in command], stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=self.scratch
            )
        self.running.append((name, process))
        return process, log

    def stop(self, name, process):
        """Asks, waits, insists. Returns the exit code; `None` when it had to be killed."""
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(STOPPED_WITHIN_S)
        except subprocess.TimeoutExpired:
            print(f"{name} did not end within {STOPPED_WITHIN_S} s")
            process.kill()
            process.wait()
            return None

    def stop_all(self):
        codes = {}
        while self.running:
            name, process = self.running.pop()
            codes[name] = process.poll() if process.poll() is not None else self.stop(name, process)
        return codes


def wait_for(what, process, log, find):
    """Waits until `find` sees something in the log."""
    ends = time.monotonic() + STARTED_WITHIN_S
    while time.monotonic() < ends:
        text = log.read_text("utf-8", "replace")
        found = find(text)
        if found:
            return found
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise SystemExit(f"{what} did not come (exit code {process.poll()}). Its log:\n{log.read_text('utf-8', 'replace')[-4000:]}")


def wait_for_port(what, process, address):
    """Waits until `host:port` takes connections."""
    host, port = address.rsplit(":", 1)
    ends = time.monotonic() + STARTED_WITHIN_S
    while time.monotonic() < ends and process.poll() is None:
        try:
            socket.create_connection((host, int(port)), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"{what} does not listen on {address} (exit code {process.poll()})")


def simulator_url(text):
    for line in text.splitlines():
        try:
            return json.loads(line)["x"]
        except (ValueError, KeyError, TypeError):
            continue
    return None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# ---- the story ------------------------------------------------------------------------------------------------------------


def sign_in(link, cookies):
    browser = Browser(str(cookies))
    page = browser.get(link)
    again = browser.get(link)
    if (page.status, again.status) != (200, 200):
        raise SystemExit(f"the sign-in link must survive being looked at: {page.status}, {again.status}\n{page.text[:1000]}")
    answer = browser.press(page, "signin")
    if answer.status != 200:
        raise SystemExit(f"signing in: {answer.status}\n{answer.text[:1000]}")
    spent = Browser().get(link)
    if spent.status == 200 and any(form.offers("signin") for form in spent.forms):
        raise SystemExit("the sign-in link works twice")
    browser.save()
    return browser


def connect_x(browser, web):
    """Through the pages, as a person does. The simulator consents by itself and sends the browser back."""
    page = browser.get(f"{web}/accounts")
    forms = [form for form in page.forms if form.action.split("?")[0].endswith(CONNECT)]
    if forms:
        page = browser.post(web + CONNECT, forms[0].fields)
    else:
        page = browser.get(web + CONNECT)
    if page.status != 200 or not page.url.startswith(web):
        raise SystemExit(f"connecting X ended at {page.url}: {page.status}\n{page.text[:1500]}")
    browser.save()


def run(name, command, failures):
    print(f"-- {name}", flush=True)
    if subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, cwd=HERE).returncode != 0:
        failures.append(name)


def show_apps(options, cookies, web, token, failures):
    """The apps in a browser, in both languages."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        print("left out: the apps are not shown in a browser, because there is no chromium")
        if options.left_out:
            with open(options.left_out, "a", encoding="utf-8") as kept:
                kept.write("clients: the apps are not shown in a browser: there is no chromium\n")
        return
    person = Browser(str(cookies))
    for lang in ("ja", "en"):
        form = next(form for form in person.get(f"{web}/settings").forms if "hold_s" in form.fields)
        answer = person.post(f"{web}/settings", {**form.fields, "lang": lang, "stdio_grant": "drafts", "chat_grant": "drafts"})
        if answer.status != 200:
            failures.append(f"the language could not be changed: {answer.status}")
        kept = ["--out", options.pictures] if options.pictures else []
        command = [options.node, HERE / "apps_check.mjs", "--http", f"{web}/mcp", "--token", token, "--chromium", chromium, "--lang", lang]
        run(f"the apps in a browser, {lang}", [*command, *kept], failures)


def log_is_discreet(log, token, link):
    """No secret and no word of a post in the log (STYLE §8)."""
    text = log.read_text("utf-8", "replace").replace(link, "")
    secrets = {"the token": token, "a sign-in secret": link.rpartition("=")[2], "a post's text": "おはようございます", "a panic": "panicked"}
    return [f"the server's log holds {what}" for what, secret in secrets.items() if secret in text]


def tell(options, scratch, processes):
    failures = []
    data = scratch / "data"
    data.mkdir(mode=0o700)
    simulator, log = processes.start("simulator", simulator_command(options.bin, scratch))
    sim = wait_for("the simulator's address", simulator, log, simulator_url)
    server, server_log = processes.start("server", server_command(options.bin, data, sim, free_port()))
    link = wait_for("the sign-in link", server, server_log, lambda text: (SIGN_IN_LINK.findall(text) or [None])[0])
    web = link.split("/signin?")[0]
    wait_for_port("the server", server, web.split("//")[1])

    cookies = scratch / "cookies.txt"
    connect_x(sign_in(link, cookies), web)
    made = subprocess.run([str(part) for part in token_command(options.bin, data)], capture_output=True, text=True, cwd=scratch)
    token = made.stdout.strip()
    if made.returncode != 0 or not token or len(token.split()) != 1:
        raise SystemExit(f"`socrazi user token` must print the token alone: {made.returncode} {made.stdout!r} {made.stderr}")

    stdio = [str(part) for part in stdio_command(options.bin, data)]
    lengths = scratch / "lengths.json"
    clients = ["--http", f"{web}/mcp", "--token", token, "--sim", sim, "--cookies", cookies, "--stdio", shlex.join(stdio)]
    run("the official Python client", [sys.executable, HERE / "mcp_story.py", *clients, "--web", web, "--lengths", lengths], failures)
    run("the Inspector", [sys.executable, HERE / "inspector_story.py", *clients, "--node", options.node], failures)
    show_apps(options, cookies, web, token, failures)
    if lengths.exists():
        run("X's own counting of lengths", [options.node, HERE / "length_check.mjs", lengths], failures)

    if server.poll() is not None:
        failures.append(f"the server ended by itself with {server.poll()}")
    codes = processes.stop_all()
    if codes["server"] != 0:
        failures.append(f"the server ended with {codes['server']} when asked to stop")
    failures += log_is_discreet(server_log, token, link)
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--node", required=True, type=lambda path: pathlib.Path(path).absolute())
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--left-out", help="a file to which it is added what could not be checked here")
    parser.add_argument("--pictures", help="a folder for a picture of each app")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="socrazi-story."))
    processes = Processes(scratch)
    failures = ["the story did not reach its end"]
    try:
        failures = tell(options, scratch, processes)
    finally:
        processes.stop_all()
        log = scratch / "server.log"
        if failures and log.exists():
            print(f"-- the server's log, its end\n{log.read_text('utf-8', 'replace')[-3000:]}")
        if options.keep:
            print(f"kept: {scratch}")
        else:
            shutil.rmtree(scratch, ignore_errors=True)
    for failure in failures:
        print(f"FAIL {failure}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
