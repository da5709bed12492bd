"""Checks that README.md promises nothing that is not there: files it points to, commands and options it shows, tools it lists.

    readme_check.py --bin PATH_OF_socrazi
"""

import argparse
import pathlib
import re
import shlex
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
FENCE = re.compile(r"^\s*```\w*\n(.*?)^\s*```", re.M | re.S)
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
PATH = re.compile(r"`((?:\.?[\w-]+/)+[\w.{}*-]+|[\w-]+\.(?:md|toml|rs))`")
GOLDEN_TOOLS = TOP / "tests" / "golden" / "tools"


def missing_files(text):
    """Links and paths in backticks that lead nowhere. A pattern or an address is no path."""
    named = {name for name in LINK.findall(text) if "://" not in name and not name.startswith("mailto:")}
    tops = {entry.name for entry in TOP.iterdir()}
    named |= {name for name in PATH.findall(text) if name.split("/")[0] in tops and not set("*{}") & set(name)}
    return [f"README.md names {name}, which is not there" for name in sorted(named) if not (TOP / name).exists()]


def commands(text):
    """Every `socrazi …` in a code block or in backticks, as words."""
    lines = [line.strip().removeprefix("$ ") for block in FENCE.findall(text) for line in block.splitlines()]
    lines += re.findall(r"`(socrazi [^`]+)`", text)
    for line in lines:
        line = line.split(" #")[0].split(" | ")[0].split(" && ")[0].replace("…", "")
        try:
            words = shlex.split(line)
        except ValueError:
            continue
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            words.pop(0)
        if words and pathlib.PurePath(words[0]).name == "socrazi":
            yield words[1:]


def unknown_commands(text, socrazi):
    """Each command and each option must stand in the program's own help."""
    found, helps = [], {}

    def help_of(path):
        if path not in helps:
            done = subprocess.run([socrazi, *path, "--help"], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=20)
            helps[path] = done.stdout if done.returncode == 0 else None
        return helps[path]

    for words in commands(text):
        shown = "socrazi " + " ".join(words)
        path = ()
        for word in words:
            if re.fullmatch(r"[a-z][a-z-]*", word) and re.search(rf"^\s+{re.escape(word)}(\s|$)", help_of(path) or "", re.M):
                path += (word,)
            else:
                break
        is_command = words and re.fullmatch(r"[a-z][a-z-]*", words[0])
        if is_command and not path:
            found.append(f"README.md shows `{shown}`, which the program does not know")
            continue
        options = {word.split("=")[0] for word in words if word.startswith("--")}
        found += [f"README.md shows `{shown}`: no {option}" for option in sorted(options) if option not in (help_of(path) or "")]
    return found


def unlisted_tools(text):
    tools = sorted(path.stem for path in GOLDEN_TOOLS.glob("*.json"))
    return [f"README.md does not list the tool {tool}" for tool in tools if f"`{tool}`" not in text]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    options = parser.parse_args()
    try:
        text = (TOP / "README.md").read_text("utf-8")
    except FileNotFoundError:
        sys.exit("README.md is missing")
    found = missing_files(text) + unknown_commands(text, options.bin) + unlisted_tools(text)
    found += [] if "tests/run" in text else ["README.md does not say how to run the tests (tests/run)"]
    print("\n".join(found) or "README.md holds what it says")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
