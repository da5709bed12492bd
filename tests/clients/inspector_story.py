"""The MCP Inspector's command line against the server, over HTTP and over stdio: the tools are listed, their schemas are portable
(`--strict`), and the person's story is told with it: draft, be told what to cut, schedule, approve on the page, see it published once.

    inspector_story.py --node NODE --http URL --token TOKEN --stdio "COMMAND" --sim X_SIM_URL --cookies FILE

Prints one line per check; exit code 1 when one failed. run_story.py starts everything it needs.
"""

import argparse
import asyncio
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
from types import SimpleNamespace

from browser import Browser
from mcp_story import Checks, Simulator, Story

HERE = pathlib.Path(__file__).resolve().parent
INSPECTOR = HERE / "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js"
CALL_S = 60  # each call is a process of its own


class Inspector:
    """The Inspector as a client of `mcp_story.Story`: each call starts it anew."""

    def __init__(self, node, home, server):
        self.command = [node, INSPECTOR, "--cli", *server]
        # It keeps a catalogue in its user's home: not in ours.
        self.surroundings = {**os.environ, "HOME": home}

    def run(self, *arguments):
        return subprocess.run(
            [str(part) for part in [*self.command, *arguments]],
            capture_output=True, text=True, timeout=CALL_S, stdin=subprocess.DEVNULL, env=self.surroundings,
        )

    async def call_tool(self, tool, arguments, read_timeout_seconds=None):
        given = [part for name, value in arguments.items() for part in ("--tool-arg", f"{name}={written(value)}")]
        done = await asyncio.to_thread(self.run, "--method", "tools/call", "--tool-name", tool, *given)
        try:
            answer = json.loads(done.stdout)
        except ValueError:
            raise AssertionError(f"{tool}: {done.returncode} {done.stdout[:500]} {done.stderr[:500]}") from None
        parts = [SimpleNamespace(**part) for part in answer.get("content", [])]
        return SimpleNamespace(
            is_error=answer.get("isError", False), structured_content=answer.get("structuredContent"), content=parts
        )


def written(value):
    """As the Inspector reads an argument: a text as it is, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def read(inspector, checks, story_post):
    """Resources and prompts, as the Inspector reads them."""

    def ask(method, *arguments):
        done = inspector.run("--method", method, *arguments)
        try:
            return json.loads(done.stdout)
        except ValueError:
            raise AssertionError(f"{method} {arguments}: {done.returncode} {done.stdout[:500]} {done.stderr[:500]}") from None

    tools = ask("tools/list")["tools"]
    hints = {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"}
    bare = [t["name"] for t in tools if not t.get("title") or not t.get("icons") or not t.get("outputSchema") or hints - t.get("annotations", {}).keys()]
    checks(not bare, "every tool has a title, an icon, all hints and the shape of its answer", bare)
    listed = {resource["uri"] for resource in ask("resources/list")["resources"]}
    uri = f"socrazi://posts/{story_post}"
    checks({uri, "socrazi://accounts", "socrazi://voice"} <= listed, "the resources are listed", sorted(listed))
    templates = [template["uriTemplate"] for template in ask("resources/templates/list")["resourceTemplates"]]
    checks("socrazi://posts/{id}" in templates, "posts and weeks can be asked for by name", templates)
    contents = ask("resources/read", "--uri", uri)["contents"][0]
    checks(json.loads(contents["text"])["post"]["id"] == story_post, "a post is read", contents)
    prompts = {prompt["name"] for prompt in ask("prompts/list")["prompts"]}
    checks(prompts == {"plan_week", "repurpose", "weekly_review", "explain_dip", "follow_up"}, "the prompts are listed", sorted(prompts))
    messages = ask("prompts/get", "--prompt-name", "repurpose", "--prompt-args", f"source={story_post}")["messages"]
    attached = [message["content"]["resource"]["uri"] for message in messages[1:]]
    checks(attached[:1] == [uri], "a prompt brings what the model should read", messages)


async def tell(inspector, checks, simulator, browser, name):
    checks.prefix = f"{name}: "
    listed = inspector.run("--method", "tools/list", "--strict")
    checks(listed.returncode == 0 and '"schedule_post"' in listed.stdout, "the tools are listed and portable", listed.stderr[:800])
    story = Story(inspector, checks, simulator, browser, name)
    await story.too_long_text_is_told_what_to_cut()
    text = f"おはようございます from the {name}, run {os.getpid()}"
    post = (await story.call("create_draft", text=text))["post"]["id"]
    slot = story.tomorrow_at_nine()
    await asyncio.to_thread(read, inspector, checks, post)
    await story.scheduled_with_a_yes(post, slot)
    await story.published_once_at_its_time(post, text, int(slot.timestamp() * 1000))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--node", "--http", "--token", "--stdio", "--sim", "--cookies"):
        parser.add_argument(name, required=True)
    options = parser.parse_args()
    checks, simulator, browser = Checks(), Simulator(options.sim), Browser(options.cookies)
    with tempfile.TemporaryDirectory(prefix="socrazi-inspector.") as home:
        command, *arguments = shlex.split(options.stdio)
        servers = pathlib.Path(home) / "servers.json"
        servers.write_text(json.dumps({"mcpServers": {"socrazi": {"type": "stdio", "command": command, "args": arguments}}}))
        ways = {
            "Inspector, http": [options.http, "--transport", "http", "--header", f"Authorization: Bearer {options.token}"],
            "Inspector, stdio": ["--config", servers, "--server", "socrazi"],
        }
        for name, server in ways.items():
            try:
                asyncio.run(tell(Inspector(options.node, home, server), checks, simulator, browser, name))
            except Exception as error:  # one transport's end is not the other's
                checks(False, f"{name} reaches its end", repr(error))
        stranger = Inspector(options.node, home, [options.http, "--transport", "http"]).run("--method", "tools/list")
        checks.prefix = "Inspector, http: "
        checks(stranger.returncode != 0, "nothing without a token", stranger.stdout[:500])
    print(f"inspector_story: {checks.done - checks.failed} checks held, {checks.failed} did not")
    sys.exit(1 if checks.failed else 0)


if __name__ == "__main__":
    main()
