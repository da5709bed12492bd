"""What the checks of the simulated networks share: how a difference is told, a way out that leads to the simulator alone, and small files
that are what they say, with somebody who hands them out. What a network is asked, and what it must answer, is in the network's own check.
"""

import http.server
import sys
import threading
import urllib.parse

import requests
import requests.adapters


class Wrong(Exception):
    """A difference between a simulator and what a client expects."""


def expect(truth, sentence):
    if not truth:
        raise Wrong(sentence)


def told(name, check):
    """Runs a check; what differs ends the process with a sentence."""
    try:
        check()
    except Wrong as wrong:
        sys.exit(f"{name} check failed: {wrong}")


class ToSim(requests.adapters.HTTPAdapter):
    """Sends what is meant for the real hosts to the simulator, and nothing anywhere else."""

    def __init__(self, root, hosts):
        super().__init__()
        self.root, self.hosts = urllib.parse.urlsplit(root), hosts

    def send(self, request, **options):
        asked = urllib.parse.urlsplit(request.url)
        if asked.hostname in self.hosts:
            request.url = urllib.parse.urlunsplit(asked._replace(scheme=self.root.scheme, netloc=self.root.netloc))
        elif asked.netloc != self.root.netloc:
            raise Wrong(f"the client wanted to reach {asked.hostname}, which is neither the real service nor the simulator")
        return super().send(request, **options)


class World:
    """A simulator, and sessions that reach it by the names of the real service."""

    def __init__(self, root, redirect, hosts):
        self.root, self.redirect, self.hosts = root.rstrip("/"), redirect, hosts
        self.http = self.session(requests.Session())

    def session(self, session):
        for scheme in ("https://", "http://"):
            session.mount(scheme, ToSim(self.root, self.hosts))
        return session

    def control(self, what, body=None):
        answer = self.http.post(f"{self.root}/__sim/{what}", json=body) if body is not None else self.http.get(f"{self.root}/__sim/{what}")
        answer.raise_for_status()
        return answer.json() if answer.content else None


def boxed(name, contents):
    return (len(contents) + 8).to_bytes(4, "big") + name + contents


def words(*numbers):
    return b"".join(number.to_bytes(4, "big") for number in numbers)


def film(seconds=5, size=50_000):
    """An MP4 of so many bytes whose index says that it plays so long, at 30 frames per second."""
    length = seconds * 1000
    track = boxed(b"tkhd", words(*[0] * 10, 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30, 1080 << 16, 1920 << 16))
    table = boxed(b"stbl", boxed(b"stsd", words(0, 1, 16) + b"avc1" + words(0, 0)) + boxed(b"stts", words(0, 1, seconds * 30, 33)))
    media = boxed(b"mdia", boxed(b"mdhd", words(0, 0, 0, 1000, length, 0)) + boxed(b"hdlr", words(0, 0) + b"vide" + words(0, 0, 0)) + boxed(b"minf", table))
    index = boxed(b"moov", boxed(b"mvhd", words(0, 0, 0, 1000, length)) + boxed(b"trak", track + media))
    head = boxed(b"ftyp", b"isom\0\0\x02\0isomavc1") + index
    return head + boxed(b"mdat", bytes(size - len(head) - 8))


def jpeg(width, height):
    frame = b"\xff\xc0\0\x0b\x08" + height.to_bytes(2, "big") + width.to_bytes(2, "big") + b"\x01\x01\x11\0"
    return b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0" + frame + b"\xff\xda\0\x08\x01\x01\0\0?\0\0\xff\xd9"


def handed_out(files):
    """The address of somebody who hands out `files`, by their names, until the process ends."""

    class Files(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            kind, body = files.get(self.path.removeprefix("/"), ("text/plain", b""))
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"
