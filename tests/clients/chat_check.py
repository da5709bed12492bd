"""`socrazi chat` at a real terminal (a pseudo-terminal), against the simulated X and the simulated Gemini: consent, a draft card, approval by
typing, stopping with Ctrl-C, going on where one left off, and what a program instead of a person may not do.

    chat_check.py --bin TARGET/debug [--show]

`--show` prints what a person sees. Ends every process it started, by its id.
"""

import argparse
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

from run_story import SIGN_IN_LINK, Processes, connect_x, free_port, sign_in, simulator_command, wait_for, wait_for_port

KEY = "AQ.sim-gemini-key-0123456789abcdef"
MODEL = "gemini-3.8-flash"
SEEN_WITHIN_S = 30


def http_json(url, body=None):
    request = urllib.request.Request(url, None if body is None else json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


class Chat:
    """A person at a terminal."""

    def __init__(self, command, cwd, show):
        self.show, self.text, self.at = show, "", 0
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            os.execv(command[0], command)

    def _read(self, seconds):
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # the other side has closed
            return None
        self.text += data.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(data) or None

    def until(self, pattern):
        """Waits for something that was not read yet; gives back everything up to its end."""
        ends = time.monotonic() + SEEN_WITHIN_S
        while time.monotonic() < ends:
            found = re.compile(pattern).search(self.text, self.at)
            if found:
                seen, self.at = self.text[self.at : found.end()], found.end()
                return seen
            if self._read(0.2) is None:
                break
        raise SystemExit(f"{pattern!r} was not shown. What was:\n{self.text[-3000:]}")

    def type(self, line):
        os.write(self.fd, (line + "\n").encode())

    def paste(self, text):
        """As a terminal that was asked to mark it, and Enter after it."""
        os.write(self.fd, b"\x1b[200~" + text.encode() + b"\x1b[201~\n")

    def press_ctrl_c(self):
        os.write(self.fd, b"\x03")

    def end(self):
        self.type("/quit")
        while self._read(5):
            pass
        _, status = os.waitpid(self.pid, 0)
        if self.show:
            print(self.text)
        return os.waitstatus_to_exitcode(status)


def write_config(folder, port, x, gemini):
    (folder / "socrazi.toml").write_text(
        f'[server]\nbind = "127.0.0.1:{port}"\n[data]\ndir = "{folder}/data"\n'
        f'[x]\nclient_id = "sim-x-client"\nclient_secret = "sim-x-secret"\nauth_url = "{x}i/oauth2/authorize"\napi_url = "{x}"\n'
        f'[gemini]\napi_key = "{KEY}"\nbase_url = "{gemini}"\n[operator]\ncountry = "JP"\n'
    )


def say(sim, *pieces, **how):
    """The next answer of the simulated model."""
    http_json(f"{sim}__sim/script", [{"model": MODEL, "play": {"say": {"pieces": list(pieces), **how}}}])


def posts(x):
    return http_json(f"{x}__sim/ledger")


def check(what, holds, failures):
    print(("ok   " if holds else "FAIL ") + what)
    if not holds:
        failures.append(what)


def tell(options, scratch, processes):
    failures = []
    x_sim, x_log = processes.start("x", simulator_command(options.bin, scratch))
    model, model_log = processes.start("gemini", [options.bin / "socrazi-sim", "gemini"])
    x = wait_for("the simulated X", x_sim, x_log, lambda text: json.loads(text)["x"] if text.strip() else None)
    gemini = wait_for("the simulated Gemini", model, model_log, lambda text: json.loads(text)["gemini"] if text.strip() else None)
    port = free_port()
    write_config(scratch, port, x, gemini)
    (scratch / "data").mkdir(mode=0o700)
    socrazi = str(options.bin / "socrazi")
    config = ["--config", str(scratch / "socrazi.toml")]
    server, server_log = processes.start("server", [socrazi, "serve", *config])
    link = wait_for("the sign-in link", server, server_log, lambda text: (SIGN_IN_LINK.findall(text) or [None])[0])
    web = link.split("/signin?")[0]
    wait_for_port("the server", server, web.split("//")[1])
    connect_x(sign_in(link, scratch / "cookies.txt"), web)

    once = subprocess.run([socrazi, "chat", *config, "--once", "hello"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    check("nothing is sent before the person agreed", once.returncode == 1 and "must agree" in once.stdout, failures)
    check("and the model was not asked", http_json(f"{gemini}__sim/asked")["asked"] == [], failures)

    chat = Chat([socrazi, "chat", *config], scratch, options.show)
    chat.until("people may read it")
    chat.until(r"Do you agree\? \(yes/no\) ")
    chat.type("yes")
    chat.until("Write what you want")
    chat.until("> ")
    chat.type("Schedule a post saying “Open from nine on Saturday.” for tomorrow at 9am")
    seen = chat.until(r"Approve exactly this\? [^\n]*\) ")
    check("the card shows the text, the account and the time", all(word in seen for word in ("│ Open from nine on Saturday.", "@socrazi_demo", "When:")), failures)
    check("nothing went out before the answer", posts(x) == [], failures)
    chat.type("yes")
    chat.until("Approved")
    chat.until("> ")
    listed = subprocess.run([socrazi, "chat", *config, "--once", "my posts"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    check("--once answers and ends well", listed.returncode == 0 and listed.stdout.strip().endswith("That is what I found."), failures)

    # Lines typed before the question are no answer to it.
    say(gemini, {"call": {"name": "create_draft", "args": {"text": "Second"}}}, first_ms=800)
    chat.type("Publish a post saying “Second”")
    chat.type("yes")
    chat.until("Approve exactly this")
    check("typing ahead approves nothing", posts(x) == [], failures)
    chat.type("no")
    chat.until("Declined")
    chat.until("> ")

    say(gemini, {"text": "This answer goes on and on, " * 40}, between_ms=200)
    chat.type("tell me a story")
    chat.until("goes on")
    chat.press_ctrl_c()
    chat.until("Stopped")
    chat.until("> ")

    say(gemini, {"text": "I have published it for you. Anything else?"})
    chat.type("is it out?")
    seen = chat.until("I have not done that yet. Anything else")
    check("a false claim is taken back", "was not true" in seen, failures)
    say(gemini, {"text": "a\x1b]0;evil\x07b\x1b[2Jc"})
    chat.type("and now?")
    seen = chat.until(r"a\]0;evilb\[2Jc")
    check("a model cannot steer the terminal", "\x1b" not in seen and "\x07" not in seen, failures)
    chat.until("> ")
    # What is pasted is one message, however many lines it has.
    say(gemini, {"text": "Read to the end."})
    lines = [f"Line {no} of what was said in the video." for no in range(300)]
    chat.paste("Make posts of this:\n" + "\n".join(lines))
    chat.until(r"Read to the end\.")
    last = json.dumps([r for r in http_json(f"{gemini}__sim/asked")["asked"] if r["model"] == MODEL][-1])
    check("a pasted text is one message", lines[0] in last and "\\n".join(lines[298:]) in last and "200~" not in last, failures)
    chat.until("> ")
    check("/quit ends well", chat.end() == 0, failures)

    again = Chat([socrazi, "chat", *config, "--continue"], scratch, options.show)
    again.until("continues")
    again.until("> ")
    again.type("hello again")
    again.until("simulated model")
    asked = http_json(f"{gemini}__sim/asked")
    last = [request for request in asked["asked"] if request["model"] == MODEL][-1]
    check("the continued conversation remembers", "Open from nine" in json.dumps(last, ensure_ascii=False), failures)
    check("the protocol was kept", asked["violations"] == [], failures)
    again.until("> ")
    again.end()

    piped = subprocess.run([socrazi, "chat", *config], input="Publish a post saying “Third”\nyes\n", capture_output=True, text=True)
    check("a program cannot approve", "before you approve it: http" in piped.stdout and posts(x) == [], failures)
    codes = processes.stop_all()
    check("the server ended well", codes["server"] == 0, failures)
    log = server_log.read_text("utf-8", "replace")
    check("no key and no words in the log", KEY not in log and "Open from nine" not in log, failures)
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="socrazi-chat."))
    processes = Processes(scratch)
    try:
        failures = tell(options, scratch, processes)
    finally:
        processes.stop_all()
        shutil.rmtree(scratch, ignore_errors=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
