#!/usr/bin/env python3
"""Kills the server in the middle of a film of a gigabyte, and starts it again: while the film is brought to it in pieces, and while it sends the film
to each network that takes one so large (TikTok and YouTube a gibibyte, X and LinkedIn what they take at most).

    bench/large_kills.py --bin target/release [--mib N] [--only NAME ...]      needs the standard library; --mib for a trial with smaller films

The kill is a SIGKILL right after a piece in the middle arrived, of which the server never hears. Bars, for each: the film is out once, with its own
bytes where the simulator tells them; nothing is sent again but what had not been noted (X: eight pieces of 1 MiB, else two); less than 32 MiB of
memory more than at rest after the restart; never twice on the disk. Prints one JSON object; exit code 1 when a bar is missed.
"""

import argparse
import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request

TOP = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "tests" / "clients"))
sys.path.insert(0, str(TOP / "bench"))

from large_media import BAR_MIB, PIECE_BYTES, TIMEOUT_S, Film, Server, Watch, judged  # noqa: E402
from run_story import SIGN_IN_LINK, free_port, sign_in, wait_for  # noqa: E402

MIB = 1 << 20
# Of the whole film: how much of it each network takes; where its pieces go, how large they are, after how many it is noted how far they are
# (after each where nothing stands), and what it is asked for.
NETWORKS = {
    "x": {"most": 500_000_000, "method": "POST", "path": "/2/media/upload/", "piece": MIB, "noted": 8, "skip": 1, "options": {}},
    "linkedin": {"most": 500_000_000, "method": "PUT", "path": "/dms-uploads/", "piece": 4 * MIB, "skip": 0, "options": {}},
    "tiktok": {
        "most": 1 << 30,
        "method": "PUT",
        "path": "/video/",
        "piece": 5 * MIB,
        "skip": 0,
        "options": {"tiktok": {"privacy": "only_me"}},
    },
    "youtube": {
        "most": 1 << 30,
        "method": "PUT",
        "path": "/upload/youtube/v3/videos",
        "piece": 8 * MIB,
        "skip": 0,
        "options": {"youtube": {"for_kids": False}},
    },
}


class Living(Server):
    """A server that can be killed and started again on the same folder, with every network that takes a large film."""

    def __init__(self, options, scratch, processes):
        self.bin, self.folder, self.processes = options.bin, scratch / "server", processes
        self.port = free_port()
        self.web = f"http://127.0.0.1:{self.port}"
        (self.folder / "data").mkdir(parents=True)
        self.sims = {}
        lines = [f'[server]\nbind = "127.0.0.1:{self.port}"\n[data]\ndir = "{self.folder / "data"}"']
        url = self.sims["x"] = self.simulator("x")
        lines.append(f'[x]\nclient_id = "sim-x-client"\nclient_secret = "sim-x-secret"\nauth_url = "{url}i/oauth2/authorize"\napi_url = "{url}"')
        url = self.sims["linkedin"] = self.simulator("linkedin")
        lines.append(f'[linkedin]\nclient_id = "86simclientid"\nclient_secret = "sim-linkedin-secret"\nauth_url = "{url}oauth/v2/authorization"\napi_url = "{url}"')
        url = self.sims["tiktok"] = self.simulator("tiktok")
        lines.append(
            f'[tiktok]\nclient_key = "awsimclientkey"\nclient_secret = "sim-tiktok-secret"\naudited = "on"\nauth_url = "{url}v2/auth/authorize/"\napi_url = "{url}"'
        )
        url = self.sims["youtube"] = self.simulator("google", back="google")
        lines.append(
            '[google]\nclient_id = "1000000000001-sim.apps.googleusercontent.com"\nclient_secret = "GOCSPX-sim-google-secret"\n'
            f'auth_url = "{url}o/oauth2/v2/auth"\ntoken_url = "{url}token"\nrevoke_url = "{url}revoke"\nyoutube_url = "{url}"\n'
            f'youtube_upload_url = "{url}"\nyoutube_analytics_url = "{url}"\nanalytics_data_url = "{url}"\nanalytics_admin_url = "{url}"\n'
            f'search_console_url = "{url}"\nyoutube_audit = "passed"'
        )
        (self.folder / "socrazi.toml").write_text("\n".join(lines) + "\n")
        log = self.start()
        link = wait_for("the sign-in link", self.process, log, SIGN_IN_LINK.search).group(0)
        self.browser = sign_in(link, scratch / "cookies")
        made = subprocess.run([self.bin / "socrazi", "user", "token", "--name", "bench", "--scope", "publishes"], cwd=self.folder, capture_output=True, text=True)
        self.token = made.stdout.strip()
        for network in NETWORKS:
            page = self.browser.get(f"{self.web}/accounts")
            form = next(form for form in page.forms if form.action.split("?")[0].endswith(f"/connect/{network}"))
            page = self.browser.post(f"{self.web}/connect/{network}", form.fields)
            if page.status != 200 or not page.url.startswith(self.web):
                raise SystemExit(f"connecting {network} ended at {page.url}: {page.status}\n{page.text[:1500]}")

    def simulator(self, name, back=None):
        # What a Google account is connected with comes back by one way, whatever it is for.
        ways = [f"{self.web}/connect/{way}/callback" for way in {name, back or name}]
        command = [self.bin / "socrazi-sim", name, "--bind", "127.0.0.1:0", "--auto-consent", "--any-loopback-redirect"]
        for way in ways:
            command += ["--redirect", way]
        process, log = self.processes.start(name, command)

        def address(text):
            found = [line for line in text.splitlines() if line.startswith("{")]
            return json.loads(found[0])[name] if found else None

        return wait_for(f"the address of {name}", process, log, address)

    def start(self):
        self.process, log = self.processes.start("socrazi", ["sh", "-c", f'cd "{self.folder}" && exec "{self.bin / "socrazi"}" serve'])
        return log

    def killed(self):
        """Ends it as a power cut would, and starts it again."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.start()
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            try:
                if self.ask("GET", "/readyz", {})[0] == 200:
                    return Watch(self.process.pid, self.folder / "data")
            except OSError:
                time.sleep(0.1)
        raise SystemExit("the server did not come back")

    def control(self, network, path, body=None):
        url = urllib.parse.urljoin(self.sims[network], f"__sim/{path}")
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"content-type": "application/json"}, method="GET" if body is None else "POST")
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def pieces(self, network):
        """How many pieces a network was sent."""
        spec = NETWORKS[network]
        calls = self.control(network, "requests")["calls"]
        of_pieces = (call for call in calls if call["method"] == spec["method"] and call["path"].startswith(spec["path"]))
        return sum(call["arrived"] for call in of_pieces if network != "x" or call["path"].endswith("/append"))

    def begin(self, network, medium, text):
        accounts = self.call("list_accounts")["accounts"]
        account = next(account["id"] for account in accounts if account["network"] == network)
        segments = [{"text": text, "media": [medium]}]
        draft = self.call("create_draft", accounts=[account], segments=segments, options=NETWORKS[network]["options"])
        post = draft["post"]["id"]
        asked = self.call("publish_post", post=post)
        if asked["status"] == "waiting_for_approval":
            page = self.browser.get(asked["approval_url"])
            form = next(form for form in page.forms if "hash" in form.fields)
            answer = self.browser.post(asked["approval_url"], {**form.fields, "verdict": "approve"})
            if answer.status != 200:
                raise SystemExit(f"{network}: the approval: {answer.status}\n{answer.text[:1000]}")
        return post

    def until_out(self, network, post):
        ends = time.monotonic() + TIMEOUT_S
        while time.monotonic() < ends:
            delivery = self.call("get_post", post=post)["post"]["deliveries"][0]
            if delivery["state"] == "published":
                return
            if delivery["state"] in ("failed", "needs_human", "blocked"):
                break
            time.sleep(0.5)
        raise SystemExit(f"{network}: {delivery}")


def brought(server, film):
    """The film comes in pieces; the server dies when half of it is there, and the rest follows."""
    path, upload = server.link()
    named = {"tus-resumable": "1.0.0"}
    _, headers, _ = server.ask("POST", f"{path}/files", {**named, "upload-length": str(film.size)})
    place = urllib.parse.urlsplit(headers["location"]).path
    typed = {**named, "content-type": "application/offset+octet-stream"}
    half = film.size // 2
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=TIMEOUT_S)
    connection.putrequest("PATCH", place)
    for name, value in {**typed, "upload-offset": "0", "content-length": str(film.size)}.items():
        connection.putheader(name, value)
    connection.endheaders()
    for piece in film.pieces(0, half):
        connection.send(piece)
    watch = server.killed()
    connection.close()
    status, headers, _ = server.ask("HEAD", place, named)
    at = int(headers["upload-offset"])
    if status != 200 or at > half:
        raise SystemExit(f"after the kill: {status}, {at} of {half}")

    def rest():
        headers = {**typed, "upload-offset": str(at), "content-length": str(film.size - at)}
        status, _, text = server.ask("PATCH", place, headers, film.pieces(at, film.size))
        if status != 204:
            raise SystemExit(f"the rest: {status}\n{text[:1000]}")
        return server.arrived(upload)

    medium = watch.during("brought", film.size, rest)
    row = watch.results["brought"]
    row["lost_by_the_kill_bytes"] = half - at
    # The half before the kill lies there already.
    row["disk_per_film"] = round(watch.disk() / film.size, 3)
    return medium, row


def sent(server, network, size):
    """The server dies when half of the film has gone to a network; the next one sends the rest."""
    spec = NETWORKS[network]
    medium = server.by_form(Film(size, 1280, 720))
    whole = -(-size // spec["piece"])
    before = server.pieces(network)
    # Pieces, and for X the call before them, go by untouched; then one arrives and is never answered.
    fault = {"method": spec["method"], "path_prefix": spec["path"], "kind": "hang_after", "skip": whole // 2 + spec["skip"]}
    server.control(network, "faults", [fault])
    post = server.begin(network, medium, f"A film for {network}, killed half-way")
    ends = time.monotonic() + TIMEOUT_S
    while server.control(network, "faults") and time.monotonic() < ends:
        time.sleep(0.05)
    arrived = server.pieces(network) - before
    watch = server.killed()
    server.control(network, "faults", [])
    watch.during(network, size, lambda: server.until_out(network, post))
    row = watch.results[network]
    row["pieces"] = {
        "before_the_kill": arrived,
        "in_all": server.pieces(network) - before,
        "of_the_film": whole,
        "noted_after": NETWORKS[network].get("noted", 1),
    }
    ledger = [entry for entry in server.control(network, "ledger") if entry["text"].startswith(f"A film for {network}")]
    row["out"] = len(ledger)
    return row


def missed(results):
    for name, row in results.items():
        if row["anon_more_mib"] >= BAR_MIB:
            yield f"{name}: {row['anon_more_mib']} MiB of memory more"
        if row["disk_more_per_film"] > 1.05 or row.get("disk_per_film", 0) > 1.05:
            yield f"{name}: {row['disk_more_per_film']} times the film on the disk"
        if row.get("out", 1) != 1:
            yield f"{name}: it is out {row['out']} times"
        pieces = row.get("pieces")
        # Those that nobody noted with the one on its way, and at YouTube the question how far it is.
        if pieces and pieces["in_all"] > pieces["of_the_film"] + pieces["noted_after"] + 2:
            yield f"{name}: {pieces['in_all']} pieces were sent of a film of {pieces['of_the_film']}"
        if row.get("lost_by_the_kill_bytes", 0) > 16 * PIECE_BYTES:
            yield f"{name}: {row['lost_by_the_kill_bytes']} bytes that had arrived were lost"


def measure(options, scratch, processes):
    server = Living(options, scratch, processes)
    # What any first file costs, and does not cost again.
    server.by_form(Film(1 << 20))
    whole, results = options.mib * MIB, {}
    if "brought" in options.only:
        _, results["brought"] = brought(server, Film(whole))
    for network, spec in NETWORKS.items():
        if network in options.only:
            results[network] = sent(server, network, min(whole, spec["most"]))
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--only", nargs="*", default=["brought", *NETWORKS])
    options = parser.parse_args()
    judged("socrazi-kills.", lambda scratch, processes: measure(options, scratch, processes), missed)


if __name__ == "__main__":
    main()
