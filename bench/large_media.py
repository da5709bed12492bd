#!/usr/bin/env python3
"""A film of a gigabyte through the whole server: brought by the upload page's form, and in pieces with a cut at half; read as a preview; pulled by
a simulated Threads from its signed address; and half of it sent to a simulated X in chunks. What memory and disk it takes beside the film itself.

    bench/large_media.py --bin target/debug [--store]      needs the standard library; --store also the Python of .deps (moto as the bucket)

Bar: less than 32 MiB of memory more than at rest, never twice on the disk, and nothing is sent again after a cut but what had not arrived.
Prints one JSON object; exit code 1 when a bar is missed.
"""

import argparse
import http.client
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

TOP = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "tests" / "clients"))

from run_story import SIGN_IN_LINK, Processes, free_port, sign_in, wait_for, wait_for_port  # noqa: E402

GIB = 1 << 30
THREADS_BYTES = 1_000_000_000  # Threads takes no more
X_BYTES = 500_000_000  # X takes 512 MB
PIECE_BYTES = 1 << 20
BAR_MIB = 32
EVERY_S = 0.02
TIMEOUT_S = 600
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "0"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


def box(kind, body):
    return (len(body) + 8).to_bytes(4, "big") + kind + body


def words(*values):
    return b"".join(value.to_bytes(4, "big") for value in values)


class Film:
    """An MP4 of so many bytes that is never in memory: its index, then zeros."""

    def __init__(self, size, width=1080, height=1920):
        head = box(b"mvhd", words(0, 0, 0, 1000, 5000) + bytes(80))
        media = box(b"mdia", box(b"mdhd", words(0, 0, 0, 1000, 5000, 0)) + box(b"hdlr", words(0, 0) + b"vide" + words(0, 0, 0)) + self.table())
        track = box(b"trak", box(b"tkhd", bytes(40) + words(1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30) + words(width << 16, height << 16)) + media)
        start = box(b"ftyp", b"isom\0\0\2\0isomavc1mp42") + box(b"moov", head + track)
        self.size = size
        self.start = start + (size - len(start)).to_bytes(4, "big") + b"mdat"

    @staticmethod
    def table():
        codec = box(b"stsd", words(0, 1, 16) + b"avc1" + words(0, 0))
        times = box(b"stts", words(0, 1, 150, 33))
        return box(b"minf", box(b"stbl", codec + times))

    def pieces(self, begin, end):
        zeros = bytes(PIECE_BYTES)
        while begin < end:
            length = min(PIECE_BYTES, end - begin)
            here = self.start[begin : begin + length]
            yield here + zeros[: length - len(here)]
            begin += length


class Watch:
    """What a process and a folder take at most, as seen every few milliseconds; the kernel's own peak of memory beside it."""

    def __init__(self, pid, folder):
        self.pid, self.folder = pid, folder
        self.results = {}

    def memory(self, field):
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(rf"^{field}:\s+(\d+) kB", text, re.M).group(1)) / 1024

    def disk(self):
        total = 0
        for place, _, names in os.walk(self.folder):
            for name in names:
                try:
                    total += os.stat(os.path.join(place, name)).st_blocks * 512
                except FileNotFoundError:
                    pass
        return total

    def during(self, name, size, work):
        # The kernel counts its peak from here on.
        pathlib.Path(f"/proc/{self.pid}/clear_refs").write_text("5")
        before, before_peak, disk_before = self.memory("RssAnon"), self.memory("VmHWM"), self.disk()
        peaks, ended = {"anon": before, "disk": disk_before}, threading.Event()

        def look():
            turn = 0
            while not ended.wait(EVERY_S):
                peaks["anon"] = max(peaks["anon"], self.memory("RssAnon"))
                turn += 1
                if turn % 10 == 0:
                    peaks["disk"] = max(peaks["disk"], self.disk())

        looker = threading.Thread(target=look)
        looker.start()
        begun = time.monotonic()
        try:
            done = work()
        finally:
            ended.set()
            looker.join()
        row = {
            "seconds": round(time.monotonic() - begun, 1),
            "anon_before_mib": round(before, 1),
            "anon_more_mib": round(peaks["anon"] - before, 1),
            "peak_more_mib": round(self.memory("VmHWM") - before_peak, 1),
            "disk_more_per_film": round((max(peaks["disk"], self.disk()) - disk_before) / size, 3),
        }
        self.results[name] = row
        print(name, json.dumps(row), file=sys.stderr, flush=True)
        return done


class Server:
    def __init__(self, options, scratch, processes, store):
        self.bin, self.folder, self.processes = options.bin, scratch / "server", processes
        self.port = free_port()
        self.web = f"http://127.0.0.1:{self.port}"
        (self.folder / "data").mkdir(parents=True)
        config = f'[server]\nbind = "127.0.0.1:{self.port}"\n[data]\ndir = "{self.folder / "data"}"\n'
        for network, keys in (("threads", ("7000000000000001", "sim-threads-secret", "oauth/authorize")), ("x", ("sim-x-client", "sim-x-secret", "i/oauth2/authorize"))):
            url = self.simulator(network)
            config += f'[{network}]\nclient_id = "{keys[0]}"\nclient_secret = "{keys[1]}"\nauth_url = "{url}{keys[2]}"\napi_url = "{url}"\n'
        (self.folder / "socrazi.toml").write_text(config + store)
        self.process, log = processes.start("socrazi", ["sh", "-c", f'cd "{self.folder}" && exec "{self.bin / "socrazi"}" serve'])
        link = wait_for("the sign-in link", self.process, log, SIGN_IN_LINK.search).group(0)
        self.browser = sign_in(link, scratch / "cookies")
        made = subprocess.run([self.bin / "socrazi", "user", "token", "--name", "bench", "--scope", "publishes"], cwd=self.folder, capture_output=True, text=True)
        self.token = made.stdout.strip()
        for network in ("threads", "x"):
            page = self.browser.get(f"{self.web}/accounts")
            form = next(form for form in page.forms if form.action.split("?")[0].endswith(f"/connect/{network}"))
            page = self.browser.post(f"{self.web}/connect/{network}", form.fields)
            if page.status != 200 or not page.url.startswith(self.web):
                raise SystemExit(f"connecting {network} ended at {page.url}: {page.status}\n{page.text[:1500]}")

    def simulator(self, name):
        back = f"{self.web}/connect/{name}/callback"
        command = [self.bin / "socrazi-sim", name, "--bind", "127.0.0.1:0", "--auto-consent", "--redirect", back]
        process, log = self.processes.start(name, command)

        def address(text):
            found = re.search(rf'"{name}" *: *"([^"]*)"', text)
            return found and found.group(1)

        return wait_for(f"the address of {name}", process, log, address)

    def call(self, tool, **arguments):
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments, "_meta": META}}
        headers = {
            "authorization": f"Bearer {self.token}",
            "content-type": "application/json",
            "accept": "application/json, text/event-stream",
            "mcp-protocol-version": "2026-07-28",
            "mcp-method": "tools/call",
            "mcp-name": tool,
        }
        status, _, text = self.ask("POST", "/mcp", headers, json.dumps(body).encode())
        answer = json.loads(re.sub(r"^data: ", "", text.decode().strip().splitlines()[-1]))
        if status != 200 or answer["result"].get("isError"):
            raise SystemExit(f"{tool}: {status} {answer}")
        return answer["result"]["structuredContent"]

    def ask(self, method, path, headers, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read() if method != "HEAD" else b""
        connection.close()
        return answer.status, answer.headers, text

    def link(self):
        asked = self.call("attach_media", upload=True)
        return urllib.parse.urlsplit(asked["upload_url"]).path, asked["upload_id"]

    def arrived(self, upload):
        media = self.call("attach_media", upload_id=upload)["media"]
        return media[0]["id"]

    def by_form(self, film):
        """As a browser sends it."""
        path, upload = self.link()
        edge = "edge"
        begin = f'--{edge}\r\ncontent-disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'.encode()
        end = f"\r\n--{edge}--\r\n".encode()

        def body():
            yield begin
            yield from film.pieces(0, film.size)
            yield end

        headers = {"content-type": f"multipart/form-data; boundary={edge}", "content-length": str(len(begin) + film.size + len(end))}
        status, _, text = self.ask("POST", path, headers, body())
        if status != 303:
            raise SystemExit(f"the form: {status}\n{text[:1000]}")
        return self.arrived(upload)

    def in_pieces(self, film):
        """Cut at half, without a word; then what is missing."""
        path, upload = self.link()
        named = {"tus-resumable": "1.0.0"}
        status, headers, _ = self.ask("POST", f"{path}/files", {**named, "upload-length": str(film.size)})
        place = urllib.parse.urlsplit(headers["location"]).path
        typed = {**named, "content-type": "application/offset+octet-stream"}
        half = film.size // 2
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
        connection.putrequest("PATCH", place)
        for name, value in {**typed, "upload-offset": "0", "content-length": str(film.size)}.items():
            connection.putheader(name, value)
        connection.endheaders()
        for piece in film.pieces(0, half):
            connection.send(piece)
        connection.close()
        # What lies in the buffers of a broken connection is read as long as nobody asks; a person comes back later than that.
        time.sleep(1)
        status, headers, _ = self.ask("HEAD", place, named)
        at = int(headers["upload-offset"])
        if status != 200 or not half - (8 << 20) <= at <= half:
            raise SystemExit(f"after the cut: {status}, {at} of {half}")
        headers = {**typed, "upload-offset": str(at), "content-length": str(film.size - at)}
        status, _, text = self.ask("PATCH", place, headers, film.pieces(at, film.size))
        if status != 204:
            raise SystemExit(f"the rest: {status}\n{text[:1000]}")
        return self.arrived(upload), film.size - at

    def read(self, medium, size):
        """A preview, whole, and then its last megabyte alone."""
        cookies = {"cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.browser.jar)}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
        connection.request("GET", f"/media/{medium}", headers=cookies)
        answer, length = connection.getresponse(), 0
        while piece := answer.read(PIECE_BYTES):
            length += len(piece)
        connection.close()
        status, _, end = self.ask("GET", f"/media/{medium}", {**cookies, "range": f"bytes={size - PIECE_BYTES}-"})
        if (length, status, len(end)) != (size, 206, PIECE_BYTES):
            raise SystemExit(f"read {length} of {size}; a range: {status}, {len(end)}")

    def publish(self, network, medium):
        accounts = self.call("list_accounts")["accounts"]
        account = next(account["id"] for account in accounts if account["network"] == network)
        draft = self.call("create_draft", accounts=[account], segments=[{"text": f"A film for {network}", "media": [medium]}])
        post = draft["post"]["id"]
        self.call("publish_post", post=post)
        ends = time.monotonic() + TIMEOUT_S
        while time.monotonic() < ends:
            delivery = self.call("get_post", post=post)["post"]["deliveries"][0]
            if delivery["state"] == "published":
                return
            if delivery["state"] in ("failed", "needs_human", "blocked", "unknown"):
                break
            time.sleep(0.5)
        raise SystemExit(f"{network}: {delivery}")


def bucket(scratch, processes):
    """moto as the store; its objects lie outside of the server's folder."""
    port = free_port()
    process, _ = processes.start("moto", [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)])
    wait_for_port("moto", process, f"127.0.0.1:{port}")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    connection.request("PUT", "/films", headers={"authorization": "AWS4-HMAC-SHA256 Credential=x/20261127/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=x"})
    if connection.getresponse().status != 200:
        raise SystemExit("the bucket could not be made")
    return f'[media]\nstore = "s3://films"\ns3_endpoint = "http://127.0.0.1:{port}"\ns3_region = "us-east-1"\ns3_access_key_id = "x"\ns3_secret_access_key = "x"\n'


def measure(options, scratch, processes):
    store = bucket(scratch, processes) if options.store else ""
    server = Server(options, scratch, processes, store)
    watch = Watch(server.process.pid, server.folder / "data")
    # What any first file costs, and does not cost again.
    server.by_form(Film(1 << 20))
    # X takes no film that is higher than 1024.
    whole, threads, x = Film(GIB), Film(THREADS_BYTES), Film(X_BYTES, 1280, 720)
    medium = watch.during("form", GIB, lambda: server.by_form(whole))
    watch.during("preview", GIB, lambda: server.read(medium, GIB))
    medium, sent = watch.during("pieces", THREADS_BYTES, lambda: server.in_pieces(threads))
    watch.results["pieces"]["sent_again_after_the_cut"] = sent
    watch.during("threads pulls", THREADS_BYTES, lambda: server.publish("threads", medium))
    medium = watch.during("form for X", X_BYTES, lambda: server.by_form(x))
    watch.during("x is sent chunks", X_BYTES, lambda: server.publish("x", medium))
    return watch.results


def missed(results):
    for name, row in results.items():
        if row["anon_more_mib"] >= BAR_MIB:
            yield f"{name}: {row['anon_more_mib']} MiB of memory more"
        # The film, and what a database notes down about it.
        if row["disk_more_per_film"] > 1.05:
            yield f"{name}: {row['disk_more_per_film']} times the film on the disk"


def judged(prefix, measure, missed):
    """Measures in a folder of its own, prints what was found, and ends with 1 where a bar is missed."""
    os.environ["NO_PROXY"] = "127.0.0.1"
    scratch = pathlib.Path(tempfile.mkdtemp(prefix=prefix))
    processes = Processes(scratch)
    try:
        results = measure(scratch, processes)
    finally:
        processes.stop_all()
        shutil.rmtree(scratch, ignore_errors=True)
    print(json.dumps(results, indent=2))
    misses = list(missed(results))
    for miss in misses:
        print(f"missed: {miss}", file=sys.stderr)
    sys.exit(1 if misses else 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--store", action="store_true")
    options = parser.parse_args()
    judged("socrazi-large.", lambda scratch, processes: measure(options, scratch, processes), missed)


if __name__ == "__main__":
    main()
