"""The MCP bundle and the registry's file: judged by the bundle's own tool (`@anthropic-ai/mcpb`) and the registry's own schema (as `skillsaw` carries
it), and the bundle's program started as an assistant starts it.

    bundle_check.py --bin TARGET/debug --node NODE --npm FOLDER
"""

import argparse
import hashlib
import importlib.util
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import jsonschema

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
WAIT_S = 60


def registry_schema():
    folder = pathlib.Path(importlib.util.find_spec("skillsaw").submodule_search_locations[0])
    return json.loads((folder / "schemas/mcp_registry/v2025_12_11/server.schema.json").read_text("utf-8"))


def made(binary, out, *more):
    command = [sys.executable, TOP / "packaging/bundle.py", "--bin", binary, "--out", out, *more]
    return subprocess.run([str(part) for part in command], capture_output=True, text=True)


def greet(command):
    """Tools over stdio, with the lines that an assistant sends."""
    lines = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bundle", "version": "0"}}},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/list"},
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=WAIT_S)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return next((answer["result"]["tools"] for answer in answers if answer.get("id") == 2), done.stderr)


def end(data):
    """The server that the pipe started, by its id."""
    try:
        pid = int((data / "socrazi.lock").read_text())
    except (FileNotFoundError, ValueError):
        return
    try:
        os.kill(pid, signal.SIGTERM)
        for _ in range(200):
            os.kill(pid, 0)
            time.sleep(0.1)
    except ProcessLookupError:
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--bin", "--node", "--npm"):
        parser.add_argument(name, required=True, type=pathlib.Path)
    options = parser.parse_args()
    failures = []

    def check(is_right, sentence, evidence=None):
        print(f"{'ok  ' if is_right else 'FAIL'} bundle: {sentence}")
        if not is_right:
            failures.append(sentence)
            print(f"     saw: {str(evidence)[:1500]}")

    with tempfile.TemporaryDirectory(prefix="socrazi-bundle.") as folder:
        scratch = pathlib.Path(folder)
        published = ["--name", "io.github.example/socrazi", "--url", "https://example.com/socrazi.mcpb"]
        first = made(options.bin / "socrazi", scratch / "one", *published)
        check(first.returncode == 0, "it is packed", first.stderr)
        bundle = next((scratch / "one").glob("*.mcpb"))
        sha256 = hashlib.sha256(bundle.read_bytes()).hexdigest()
        again = made(options.bin / "socrazi", scratch / "two")
        same = next((scratch / "two").glob("*.mcpb")).read_bytes() == bundle.read_bytes()
        check(again.returncode == 0 and same, "the same program gives the same bundle")
        check(not (scratch / "two/server.json").exists(), "nothing is said to the registry of what is not published")

        def mcpb(*arguments):
            command = [options.node, options.npm / "node_modules/@anthropic-ai/mcpb/dist/cli/cli.js", *arguments]
            return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=WAIT_S)

        unpacked = mcpb("unpack", bundle, scratch / "unpacked")
        check(unpacked.returncode == 0, "the official tool unpacks it", unpacked.stdout + unpacked.stderr)
        valid = mcpb("validate", scratch / "unpacked/manifest.json")
        check(valid.returncode == 0, "its manifest is valid", valid.stdout + valid.stderr)
        manifest = json.loads((scratch / "unpacked/manifest.json").read_text("utf-8"))
        listing = json.loads((scratch / "one/server.json").read_text("utf-8"))
        errors = [error.message for error in jsonschema.Draft7Validator(registry_schema()).iter_errors(listing)]
        check(not errors and listing["packages"][0]["fileSha256"] == sha256, "the registry's file fits its schema and names this bundle", errors)
        for wrong in (["--name", "socrazi", "--url", "https://example.com/a.mcpb"], ["--name", "a/b", "--url", "http://example.com/a"], ["--name", "a/b"]):
            refused = made(options.bin / "socrazi", scratch / "wrong", *wrong)
            check(refused.returncode == 2 and "--" in refused.stderr, f"{' '.join(wrong)} is refused", refused.stderr)

        data = scratch / "data"
        server = manifest["server"]["mcp_config"]
        values = {"${__dirname}": str(scratch / "unpacked"), "${user_config.data}": str(data), "${user_config.toolsets}": "posts,read-only"}

        def filled(text):
            for name, value in values.items():
                text = text.replace(name, value)
            return text

        try:
            tools = greet([filled(part) for part in [server["command"], *server["args"], "--bind", "127.0.0.1:0"]])
            names = [tool["name"] for tool in tools] if isinstance(tools, list) else tools
            check(names == ["get_post", "list_posts"], "its program answers, and shows what was chosen", names)
            values["${user_config.toolsets}"] = manifest["user_config"]["toolsets"]["default"]
            tools = greet([filled(part) for part in [server["command"], *server["args"], "--bind", "127.0.0.1:0"]])
            names = sorted(tool["name"] for tool in tools) if isinstance(tools, list) else tools
            check(names == sorted(tool["name"] for tool in manifest["tools"]), "the manifest names the tools that there are", names)
        finally:
            end(data)
    print(f"bundle_check: {len(failures)} checks did not hold")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
