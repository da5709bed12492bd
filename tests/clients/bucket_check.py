"""Media in a bucket, with a store and clients that nobody here wrote: moto is the store (it checks signatures and rights), tuspy brings a film in
pieces and goes on after a cut, boto3 looks at what is really there. Ends every process it started, by its id.

    bucket_check.py --bin TARGET/debug [--keep]

Run it with the Python of .deps; tests/run does.
"""

import argparse
import hashlib
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import boto3
import botocore.exceptions
import requests
from tusclient import client as tus

from run_story import SIGN_IN_LINK, Processes, free_port, sign_in, wait_for, wait_for_port

BUCKET = "films"
FILM_BYTES = 12 << 20  # three parts
PIECE_BYTES = 3 << 20
TIMEOUT_S = 60
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "bucket", "version": "0"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


def box(kind, body):
    return (len(body) + 8).to_bytes(4, "big") + kind + body


def film(size):
    """An MP4 whose index tells the truth; its pictures are a pattern, so that no two parts are alike."""
    words = lambda *values: b"".join(value.to_bytes(4, "big") for value in values)  # noqa: E731
    head = box(b"mvhd", words(0, 0, 0, 1000, 5000) + bytes(80))
    track = box(b"trak", box(b"tkhd", bytes(40) + words(1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30) + words(1080 << 16, 1920 << 16)))
    start = box(b"ftyp", b"isom\0\0\2\0isomavc1mp42") + box(b"moov", head + track)
    room = size - len(start) - 8
    pattern = b"".join(hashlib.sha256(str(at).encode()).digest() for at in range(room // 32 + 1))
    return start + box(b"mdat", pattern[:room])


def need(is_so, what):
    if not is_so:
        raise SystemExit(f"bucket: {what}")


class Store:
    """moto, with one bucket and one key that may use it and nothing else."""

    def __init__(self, processes):
        self.url = f"http://127.0.0.1:{free_port()}"
        port = self.url.rpartition(":")[2]
        # Bucket, user, key and policy are made before rights are asked for.
        os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "4"
        process, _ = processes.start("moto", [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", port])
        wait_for_port("moto", process, f"127.0.0.1:{port}")
        made = {"endpoint_url": self.url, "region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}
        boto3.client("s3", **made).create_bucket(Bucket=BUCKET)
        iam = boto3.client("iam", **made)
        iam.create_user(UserName="socrazi")
        key = iam.create_access_key(UserName="socrazi")["AccessKey"]
        rights = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
        allowed = [{"Effect": "Allow", "Action": rights, "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]}]
        policy = json.dumps({"Version": "2012-10-17", "Statement": allowed})
        iam.put_user_policy(UserName="socrazi", PolicyName="media", PolicyDocument=policy)
        self.key, self.secret = key["AccessKeyId"], key["SecretAccessKey"]
        made.update(aws_access_key_id=self.key, aws_secret_access_key=self.secret)
        self.s3 = boto3.client("s3", **made)
        wrong = boto3.client("s3", **{**made, "aws_secret_access_key": "wrong"})
        try:
            wrong.list_objects_v2(Bucket=BUCKET)
        except botocore.exceptions.ClientError:
            return
        raise SystemExit("bucket: this store does not look at signatures, so it proves nothing")

    def objects(self):
        return {found["Key"]: found["Size"] for found in self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])}


class Server:
    def __init__(self, bin_folder, scratch, store):
        self.bin, self.scratch, self.store = bin_folder, scratch, store
        self.port = free_port()
        self.web = f"http://127.0.0.1:{self.port}"

    def configure(self, name, **changed):
        values = {"store": f"s3://{BUCKET}/socrazi", "secret": self.store.secret, **changed}
        folder = self.scratch / name
        (folder / "data").mkdir(parents=True, exist_ok=True)
        (folder / "socrazi.toml").write_text(
            f'[server]\nbind = "127.0.0.1:{self.port}"\n[data]\ndir = "{folder / "data"}"\n[log]\nlevel = "trace"\n[media]\nstore = "{values["store"]}"\n'
            f's3_endpoint = "{self.store.url}"\ns3_region = "us-east-1"\ns3_access_key_id = "{self.store.key}"\ns3_secret_access_key = "{values["secret"]}"\n'
        )
        return folder

    def run(self, folder, *arguments):
        command = [self.bin / "socrazi", *arguments]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S)
        return done.returncode, done.stdout + done.stderr

    def call(self, token, tool, **arguments):
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments, "_meta": META}}
        headers = {
            "authorization": f"Bearer {token}",
            "accept": "application/json, text/event-stream",
            "mcp-protocol-version": "2026-07-28",
            "mcp-method": "tools/call",
            "mcp-name": tool,
        }
        answer = requests.post(f"{self.web}/mcp", json=body, headers=headers, timeout=TIMEOUT_S).text
        answer = json.loads(re.sub(r"^data: ", "", answer.strip().splitlines()[-1]))
        need(not answer["result"].get("isError"), f"{tool}: {answer}")
        return answer["result"]["structuredContent"]


def check_settings(server):
    """A wrong key and a wrong bucket are said, by `doctor` and at start; a right one works."""
    good = server.configure("server")
    code, said = server.run(good, "doctor")
    need(f"good  media: s3://{BUCKET}/socrazi" in said, said)
    need(not server.store.objects(), "doctor left something in the bucket")
    for name, change, words in [
        ("wrong-key", {"secret": "canary-of-a-wrong-secret"}, "media.s3_secret_access_key"),
        ("wrong-bucket", {"store": "s3://nobodys-films"}, ""),
    ]:
        folder = server.configure(name, **change)
        for command in ("doctor", "serve"):
            code, said = server.run(folder, command)
            need(code == 1 and "the store answered 40" in said and words in said, f"{name}, {command}: {code}\n{said[-2000:]}")
            need("canary" not in said, f"{name}, {command}: a secret was said")
    return good


def bring_in_pieces(link, whole):
    """Cut after two pieces; another client goes on with nothing but the address."""
    alt = {"alt": "A pattern", "filename": "film.mp4"}
    first = tus.TusClient(f"{link}/files").uploader(file_stream=io.BytesIO(whole), chunk_size=PIECE_BYTES, metadata=alt)
    first.upload_chunk()
    first.upload_chunk()
    address = first.url
    again = tus.TusClient(f"{link}/files").uploader(file_stream=io.BytesIO(whole), chunk_size=PIECE_BYTES, url=address)
    need(again.offset == 2 * PIECE_BYTES, f"goes on at {again.offset}")
    again.upload()


def story(server, folder, processes):
    process, log = processes.start("socrazi", ["sh", "-c", f'cd "{folder}" && exec "{server.bin / "socrazi"}" serve'])
    link = wait_for("the sign-in link", process, log, SIGN_IN_LINK.search).group(0)
    browser = sign_in(link, server.scratch / "cookies")
    code, token = server.run(folder, "user", "token", "--name", "bucket", "--scope", "drafts")
    token = re.search(r"soc_\S+", token).group(0)
    asked = server.call(token, "attach_media", upload=True)
    whole = film(FILM_BYTES)
    bring_in_pieces(asked["upload_url"], whole)
    sent = requests.post(asked["upload_url"], files={"file": ("a.pdf", b"%PDF-1.7\n%%EOF\n")}, allow_redirects=False, timeout=TIMEOUT_S)
    need(sent.status_code == 303, f"the form: {sent.status_code}")
    media = server.call(token, "attach_media", upload_id=asked["upload_id"])["media"]
    need([medium["mime"] for medium in media] == ["video/mp4", "application/pdf"] and media[0]["alt"] == "A pattern", f"{media}")
    other = server.call(token, "attach_media", media=media[0]["id"], alt="The same")["media"][0]["id"]
    there = server.store.objects()
    need(there == {f"socrazi/{media[0]['id']}": FILM_BYTES, f"socrazi/{media[1]['id']}": 15, f"socrazi/{other}": FILM_BYTES}, f"{there}")
    kept = server.store.s3.get_object(Bucket=BUCKET, Key=f"socrazi/{other}")["Body"].read()
    need(kept == whole, "the bucket has other bytes than were brought")
    need(not server.store.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads"), "parts were left")
    left = [path.name for path in (folder / "data/media").iterdir() if not path.name.endswith(".json")]
    need(not left, f"left on this machine: {left}")
    cookies = {cookie.name: cookie.value for cookie in browser.jar}
    asked = {"cookies": cookies, "timeout": TIMEOUT_S}
    shown = requests.get(f"{server.web}/media/{other}", headers={"range": "bytes=6000000-11999999"}, **asked)
    need(shown.status_code == 206 and shown.content == whole[6_000_000:12_000_000], f"a range: {shown.status_code}")
    need(processes.stop("socrazi", process) == 0, "serve did not end well")
    person = re.search(r"user_[0-9A-Z]+", server.run(folder, "user", "list")[1]).group(0)
    code, said = server.run(folder, "user", "delete", person)
    need(code == 0 and "3 files" in said, said)
    need(not server.store.objects(), "deleted and still there")
    for place in server.scratch.rglob("*"):
        if place.is_file() and place.name != "socrazi.toml":
            need(server.store.secret.encode() not in place.read_bytes(), f"{place} holds the key")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--bin", type=pathlib.Path, required=True)
    arguments.add_argument("--keep", action="store_true")
    arguments = arguments.parse_args()
    os.environ["NO_PROXY"] = "127.0.0.1"
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="socrazi-bucket."))
    processes = Processes(scratch)
    try:
        server = Server(arguments.bin.resolve(), scratch, Store(processes))
        story(server, check_settings(server), processes)
        print("bucket: kept, read, moved on after a cut, and deleted, with moto, boto3 and tuspy")
    finally:
        processes.stop_all()
        if arguments.keep:
            print(f"kept: {scratch}")
        else:
            shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
