"""Packs a built `socrazi` as an MCP bundle (`.mcpb`) that assistants install with one click, and writes the `server.json` that the MCP registry
takes for it. Standard library only; the same binary always gives the same bytes.

    bundle.py --bin target/release/socrazi --out dist
    bundle.py --bin target/release/socrazi --out dist --name io.github.you/socrazi --url https://example.com/socrazi.mcpb

`--url` is where you publish the bundle, `--name` your name in the registry; both together write `dist/server.json`.
"""

import argparse
import hashlib
import json
import pathlib
import platform
import re
import struct
import sys
import zipfile
import zlib

TOP = pathlib.Path(__file__).resolve().parent.parent
PLATFORMS = {"linux": "linux", "darwin": "darwin"}
REGISTRY_SCHEMA = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"
TITLE = "Socrazi"
SHORT = "Drafts, checks, schedules and publishes your posts, exactly once; a person approves."
LONG = (
    "Socrazi is your own server for posting: it keeps drafts and the calendar in a folder of yours, checks each network's rules, asks you on a page "
    "before anything goes out, and publishes exactly once. The bundle holds the server itself. It is started with the assistant and goes on in the "
    "background while posts are scheduled."
)


def version():
    return re.search(r'^version = "([^"]+)"', (TOP / "Cargo.toml").read_text("utf-8"), re.MULTILINE).group(1)


def tools():
    """Name and title, as the contracts have them."""
    goldens = [json.loads(path.read_text("utf-8")) for path in sorted((TOP / "tests/golden/tools").glob("*.json"))]
    return [{"name": golden["name"], "description": golden["title"]} for golden in goldens]


def icon(size=256):
    """A paper plane on a round square, as PNG: drawn here, so that no picture has to be kept."""
    plane = [(24, 64), (104, 26), (78, 104), (60, 76)]
    fold = [(60, 76), (104, 26), (66, 84)]

    def inside(shape, x, y):
        is_in = False
        for (ax, ay), (bx, by) in zip(shape, shape[1:] + shape[:1]):
            if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
                is_in = not is_in
        return is_in

    rows = []
    for y in range(size):
        row = bytearray([0])
        for x in range(size):
            px, py = (x + 0.5) * 128 / size, (y + 0.5) * 128 / size
            dx, dy = max(abs(px - 64) - 40, 0), max(abs(py - 64) - 40, 0)
            if dx * dx + dy * dy > 24 * 24:
                row += bytes([0, 0, 0, 0])
            elif inside(fold, px, py):
                row += bytes([168, 221, 212, 255])
            elif inside(plane, px, py):
                row += bytes([255, 255, 255, 255])
            else:
                row += bytes([10, 143, 122, 255])
        rows.append(bytes(row))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"".join(rows), 9)) + chunk(b"IEND", b"")


def manifest(system):
    def text(title, description, default, **more):
        return {"type": "string", "title": title, "description": description, "required": False, "default": default, **more}

    return {
        "manifest_version": "0.3",
        "name": "socrazi",
        "display_name": TITLE,
        "version": version(),
        "description": SHORT,
        "long_description": LONG,
        "author": {"name": "The Socrazi maintainers"},
        "license": "MIT OR Apache-2.0",
        "icon": "icon.png",
        "keywords": ["social media", "scheduling", "drafts", "calendar"],
        "server": {
            "type": "binary",
            "entry_point": "server/socrazi",
            "mcp_config": {
                "command": "${__dirname}/server/socrazi",
                "args": ["mcp", "--data", "${user_config.data}", "--toolsets", "${user_config.toolsets}"],
                "env": {},
            },
        },
        "tools": tools(),
        "tools_generated": True,
        "prompts_generated": True,
        "user_config": {
            "data": {
                "type": "directory",
                "title": "Data folder",
                "description": "Where drafts, the calendar and keys are kept. A running `socrazi serve` of the same folder is used.",
                "required": True,
                "default": "${HOME}/socrazi/data",
            },
            "toolsets": text(
                "What assistants see",
                "all, or some of accounts, posts, publishing, reports, history, with commas between; with read-only they only read",
                "all",
            ),
        },
        "compatibility": {"platforms": [PLATFORMS[system]]},
    }


def pack(binary, system, out):
    bundle = out / f"socrazi-{version()}-{system}-{platform.machine().lower()}.mcpb"
    files = [("manifest.json", (json.dumps(manifest(system), indent=2, ensure_ascii=False) + "\n").encode(), 0o644), ("icon.png", icon(), 0o644)]
    files += [(name, (TOP / name).read_bytes(), 0o644) for name in ("LICENSE-APACHE", "LICENSE-MIT")]
    files.append(("server/socrazi", binary.read_bytes(), 0o755))
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data, mode in files:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.compress_type = 3, zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100000 | mode) << 16
            archive.writestr(entry, data)
    return bundle


def listing(name, url, sha256):
    """What the registry is told of a bundle that lies at `url`."""
    package = {"registryType": "mcpb", "identifier": url, "version": version(), "fileSha256": sha256, "transport": {"type": "stdio"}}
    return {"$schema": REGISTRY_SCHEMA, "name": name, "title": TITLE, "description": SHORT, "version": version(), "packages": [package]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, type=pathlib.Path, help="the built program")
    parser.add_argument("--out", required=True, type=pathlib.Path, help="folder for what is made")
    parser.add_argument("--platform", choices=sorted(PLATFORMS), default=platform.system().lower())
    parser.add_argument("--name", help="your name for it in the registry, such as io.github.you/socrazi")
    parser.add_argument("--url", help="where the bundle can be fetched once you have published it")
    options = parser.parse_args()
    if bool(options.name) != bool(options.url):
        parser.error("--name and --url belong together: without either there is no server.json")
    if options.name and not re.fullmatch(r"[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+", options.name):
        parser.error("--name must look like io.github.you/socrazi")
    if options.url and not options.url.startswith("https://"):
        parser.error("--url must begin with https://")
    options.out.mkdir(parents=True, exist_ok=True)
    bundle = pack(options.bin, options.platform, options.out)
    sha256 = hashlib.sha256(bundle.read_bytes()).hexdigest()
    print(f"{sha256}  {bundle}")
    if options.name:
        file = options.out / "server.json"
        file.write_text(json.dumps(listing(options.name, options.url, sha256), indent=2) + "\n", "utf-8")
        print(file)


if __name__ == "__main__":
    sys.exit(main())
