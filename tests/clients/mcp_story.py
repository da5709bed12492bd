"""A person's story through the official MCP client (Python `mcp` 2.x): over HTTP, then over stdio, against the whole server and the X
simulator. Draft, be told what to cut, schedule, approve on the page, see it published once; take one back; be refused usefully.

    mcp_story.py --http URL --token TOKEN --stdio "COMMAND" --sim X_SIM_URL --web URL
                 (--cookies FILE | --signin-link URL) [--lengths FILE]

`--http` is the MCP endpoint, `--web` the root of the pages, `--sim` the root of the X simulator. `--lengths` receives what the server
counted, for length_check.mjs. Prints one line per check; exit code 1 when one failed. run_story.py starts everything it needs.
"""

import argparse
import asyncio
import datetime
import json
import os
import re
import shlex
import sys
import time
import urllib.parse
import urllib.request
import zoneinfo

import httpx2
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

import wire
from browser import Browser

# ---- the shapes of arguments and answers: the one place to change when a contract changes ---------------------------------

TOOLS = {"list_accounts", "connect_account", "create_draft", "get_post", "schedule_post", "publish_post", "withdraw_post"}
WAITING_FOR_APPROVAL = "waiting_for_approval"
POST_WAITING = "waiting_for_you"
POST_DRAFT = "draft"
POST_SCHEDULED = "scheduled"
POST_PUBLISHED = "published"
POST_WITHDRAWN = "withdrawn"
APPROVE = "approve"  # the button on the approval page
SIGN_IN = "signin"  # the form on the sign-in page


def accounts_of(answer):
    return answer["accounts"]


def handle_of(account):
    return account["handle"].lstrip("@")


def post_of(answer):
    return answer["post"]


def variants_of(answer):
    return post_of(answer)["variants"]


def segment_lengths(answer):
    """[(length, length_max)] of the first variant."""
    return [(segment["length"], segment["length_max"]) for segment in variants_of(answer)[0]["segments"]]


def errors_of(answer):
    return [f["message"] for variant in variants_of(answer) for f in variant["findings"] if f["severity"] == "error"]


def deliveries_of(answer):
    return post_of(answer).get("deliveries") or []


def permalinks_of(answer):
    return [r["permalink"] for d in deliveries_of(answer) for r in d.get("receipts") or [] if r.get("permalink")]


def ledger_entries(answer):
    """What the simulator shows the world."""
    entries = answer if isinstance(answer, list) else answer.get("entries", answer.get("posts"))
    return [entry for entry in entries if not entry.get("deleted")]


# ---- limits ---------------------------------------------------------------------------------------------------------------

PUBLISHED_WITHIN_S = 15  # from the slot's instant to the receipt, on a busy machine with a debug build
TWICE_WATCHED_S = 3  # how long a second copy is looked for
CALL_S = 30
HOLD_MAX_MS = 300_000  # the longest hold window a person can set
BODY_TOO_LARGE = 10 * 1024 * 1024

TOKYO = zoneinfo.ZoneInfo("Asia/Tokyo")

# Texts whose length is counted a second time by X's own library (length_check.mjs).
LENGTH_TEXTS = [
    "plain words",
    "あ" * 140,
    "日本語 and English mixed、句読点。",
    "see https://example.com/a/very/long/path?with=query and example.org",
    "no-link: example.invalid-tld and 1.2.3",
    "👩‍👩‍👧‍👦 family 🇯🇵 flag 👍🏽 skin ❤️ heart",
    "cafe\u0301 decomposed",
    "#タグ @socrazi $TSLA",
    "tab\tnewline\n\nend",
    "ﾊﾝｶｸ ｶﾅ ＺＥＮＫＡＫＵ",
]


class Checks:
    """Says every check aloud and remembers the failures."""

    def __init__(self):
        self.failed = 0
        self.done = 0
        self.prefix = ""

    def __call__(self, is_right, sentence, evidence=None):
        self.done += 1
        print(f"{'ok  ' if is_right else 'FAIL'} {self.prefix}{sentence}", flush=True)
        if not is_right:
            self.failed += 1
            print(f"     saw: {json.dumps(evidence, ensure_ascii=False, default=str)[:1500]}", flush=True)
        return is_right


class Simulator:
    """The X simulator's control routes."""

    def __init__(self, root):
        self.root = root.rstrip("/")
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def _ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.root + path, data, {"Content-Type": "application/json"})
        with self.opener.open(request, timeout=10) as answer:
            return json.loads(answer.read())

    def now_ms(self):
        return self._ask("/__sim/clock")["now_ms"]

    def advance_to(self, at_ms):
        return self._ask("/__sim/clock", {"advance_ms": at_ms - self.now_ms()})

    def copies(self, text):
        """What the world can see with this text."""
        return [entry for entry in ledger_entries(self._ask("/__sim/ledger")) if entry["text"] == text]


class Story:
    """One telling of the story through one transport."""

    def __init__(self, client, checks, simulator, browser, name):
        self.client, self.check, self.simulator, self.browser, self.name = client, checks, simulator, browser, name

    async def call(self, tool, **arguments):
        """A call that must succeed: the structured answer."""
        result = await self.client.call_tool(tool, arguments, read_timeout_seconds=CALL_S)
        if result.is_error or not isinstance(result.structured_content, dict):
            raise AssertionError(f"{tool} {arguments} was refused: {texts(result)}")
        return result.structured_content

    async def refused(self, sentence, tool, arguments, *words):
        """A call that must be refused in band, with a sentence that a model can act on."""
        try:
            result = await self.client.call_tool(tool, arguments, read_timeout_seconds=CALL_S)
        except MCPError as error:
            self.check(False, f"{sentence}: refused in band", f"protocol error: {error}")
            return
        said = texts(result)
        is_useful = result.is_error and len(said) > 20 and all(word.lower() in said.lower() for word in words)
        self.check(is_useful and not leaks(said), f"{sentence}: refused, saying what to do", said)

    # -- chapters --

    async def tools_are_listed(self):
        listed = (await self.client.list_tools()).tools
        names = {tool.name for tool in listed}
        self.check(TOOLS <= names, "the seven tools are listed", sorted(names))
        silent = [t.name for t in listed if not (t.title or (t.annotations and t.annotations.title)) or not t.annotations]
        self.check(not silent, "every tool has a title and hints", silent)
        account = await self.call("list_accounts")
        self.check(len(accounts_of(account)) == 1, "list_accounts shows the connected account", account)

    async def too_long_text_is_told_what_to_cut(self):
        answer = await self.call("create_draft", text="あ" * 140 + "a", dry_run=True)
        self.check(segment_lengths(answer) == [(281, 280)], "281 of 280 weighted characters are counted", answer)
        said = " ".join(errors_of(answer))
        self.check("281" in said and "280" in said, "the finding names both numbers", said)
        fits = await self.call("create_draft", text="あ" * 140, dry_run=True)
        self.check(segment_lengths(fits) == [(280, 280)] and not errors_of(fits), "280 of 280 are accepted", fits)

    async def dry_run_changes_nothing(self, text):
        key = f"{self.name}-draft"
        draft = await self.call("create_draft", text=text, idempotency_key=key)
        post = post_of(draft)["id"]
        again = await self.call("create_draft", text=text, idempotency_key=key)
        self.check(post_of(again)["id"] == post, "the same call with the same key is the same draft", again)
        await self.refused("the same key for another text", "create_draft", {"text": text + "!", "idempotency_key": key})
        before = await self.call("get_post", post=post)
        await self.call("schedule_post", post=post, at=self.tomorrow_at_nine().isoformat(), dry_run=True)
        after = await self.call("get_post", post=post)
        is_same = post_of(before)["status"] == post_of(after)["status"] == POST_DRAFT and not deliveries_of(after)
        self.check(is_same, "dry_run changes nothing", after)
        return post

    def tomorrow_at_nine(self):
        now = datetime.datetime.fromtimestamp(self.simulator.now_ms() / 1000, TOKYO)
        return (now + datetime.timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)

    async def scheduled_with_a_yes(self, post, at):
        """Schedules by wall time and zone, approves on the page."""
        local = at.replace(tzinfo=None).isoformat(timespec="minutes")
        asked = await self.call("schedule_post", post=post, at=local, zone="Asia/Tokyo")
        self.check(asked["status"] == WAITING_FOR_APPROVAL, "scheduling waits for a person", asked)
        self.check(re.search(r"\b0?9:00\b", asked.get("shown_at", "")) is not None, "the time is shown as the person named it", asked)
        waiting = await self.call("get_post", post=post)
        self.check(post_of(waiting)["status"] == POST_WAITING, "get_post shows that it waits", waiting)
        self.approve(asked["approval_url"])
        done = await self.call("get_post", post=post)
        self.check(post_of(done)["status"] == POST_SCHEDULED, "after the yes on the page it is scheduled", done)

    def approve(self, url):
        page = self.browser.get(url)
        stranger = Browser().get(url)
        self.check("name=\"hash\"" not in stranger.text, "a stranger with the link sees no form", stranger.text[:500])
        form = page.form(APPROVE)
        self.check({"csrf", "hash"} <= form.fields.keys(), "the page binds the yes to what it shows", sorted(form.fields))
        forged = self.browser.post(
            urllib.parse.urljoin(page.url, form.action), {**form.fields, "csrf": "0" * 43, **dict(form.choices[:1])}
        )
        self.check(forged.status == 403, "a forged form is refused", forged.status)
        answer = self.browser.press(self.browser.get(url), APPROVE)
        self.check(answer.status == 200, "the yes is taken", (answer.status, answer.text[:500]))

    async def published_once_at_its_time(self, post, text, slot_ms):
        self.simulator.advance_to(slot_ms - 60_000)
        await asyncio.sleep(2)
        self.check(not self.simulator.copies(text), "a minute before its time nothing is out", self.simulator.copies(text))
        self.simulator.advance_to(slot_ms + 1_000)
        answer = await self.until_published(post)
        self.check(post_of(answer)["status"] == POST_PUBLISHED, f"it is published within {PUBLISHED_WITHIN_S} s", answer)
        self.check(bool(permalinks_of(answer)), "with a permalink", answer)
        await asyncio.sleep(TWICE_WATCHED_S)
        copies = self.simulator.copies(text)
        self.check(len(copies) == 1, "once", copies)
        self.check(all(copy["created_at_ms"] >= slot_ms for copy in copies), "not early", (slot_ms, copies))

    async def until_published(self, post):
        ends = time.monotonic() + PUBLISHED_WITHIN_S
        while True:
            answer = await self.call("get_post", post=post)
            if post_of(answer)["status"] == POST_PUBLISHED or time.monotonic() > ends:
                return answer
            await asyncio.sleep(0.3)

    async def publishing_now_and_taking_back(self):
        text = f"taken back in time ({self.name}, {os.getpid()})"
        post = post_of(await self.call("create_draft", text=text))["id"]
        asked = await self.call("publish_post", post=post)
        self.check(asked["status"] == WAITING_FOR_APPROVAL, "publishing now waits for a person too", asked)
        await self.call("withdraw_post", post=post)
        taken = await self.call("get_post", post=post)
        self.check(post_of(taken)["status"] == POST_WITHDRAWN, "withdrawing needs nobody's yes", taken)
        self.simulator.advance_to(self.simulator.now_ms() + HOLD_MAX_MS + 1_000)
        await asyncio.sleep(2)
        self.check(not self.simulator.copies(text), "what was taken back never goes out", self.simulator.copies(text))

    async def wrong_calls_are_refused_usefully(self):
        post = post_of(await self.call("create_draft", text=f"wrong calls ({self.name})"))["id"]
        other = post[:-1] + ("0" if post[-1] != "0" else "1")
        year = datetime.datetime.fromtimestamp(self.simulator.now_ms() / 1000, TOKYO).year + 1
        future = f"{year}-03-01T09:00:00"
        await self.refused("a time without a zone", "schedule_post", {"post": post, "at": future}, "zone")
        await self.refused("a time in the past", "schedule_post", {"post": post, "at": "2020-01-01T09:00:00Z"}, "past")
        await self.refused("an unknown zone", "schedule_post", {"post": post, "at": future, "zone": "Mars/Olympus"}, "Mars/Olympus")
        await self.refused("no time at all", "schedule_post", {"post": post, "at": "soonish"})
        await self.refused("somebody else's post", "get_post", {"post": other})
        await self.refused("an id of another kind", "get_post", {"post": "acct" + post[4:]}, "acct")
        await self.refused("an unknown field", "create_draft", {"text": "x", "colour": "red"}, "colour")
        await self.refused("a wrong type", "create_draft", {"text": 5}, "text")
        await self.refused("a missing field", "get_post", {}, "post")

    async def tell(self):
        self.check.prefix = f"{self.name}: "
        text = f"おはようございます from {self.name}, run {os.getpid()}"
        await self.tools_are_listed()
        await self.too_long_text_is_told_what_to_cut()
        await self.wrong_calls_are_refused_usefully()
        post = await self.dry_run_changes_nothing(text)
        slot = self.tomorrow_at_nine()
        await self.scheduled_with_a_yes(post, slot)
        await self.published_once_at_its_time(post, text, int(slot.timestamp() * 1000))
        await self.publishing_now_and_taking_back()


def texts(result):
    return "\n".join(getattr(part, "text", "") for part in result.content)


def leaks(said):
    """Words of the machine room that no caller should read."""
    return [word for word in ("panicked", "sqlx", "SELECT ", "src/", "\\n  at ") if word in said]


async def count_lengths(story, path):
    rows = []
    for text in LENGTH_TEXTS:
        answer = await story.call("create_draft", text=text, dry_run=True)
        rows.append({"text": text, "length": segment_lengths(answer)[0][0]})
    with open(path, "w", encoding="utf-8") as file:
        json.dump(rows, file, ensure_ascii=False)


async def over_http(options, checks, simulator, browser):
    headers = {"Authorization": f"Bearer {options.token}"}
    timeout = httpx2.Timeout(CALL_S)
    async with httpx2.AsyncClient(headers=headers, timeout=timeout, trust_env=False) as http:
        async with Client(streamable_http_client(options.http, http_client=http)) as client:
            checks(client.protocol_version >= "2026-07-28", "HTTP speaks the current revision", client.protocol_version)
            story = Story(client, checks, simulator, browser, "http")
            await story.tell()
            if options.lengths:
                await count_lengths(story, options.lengths)
        async with Client(streamable_http_client(options.http, http_client=http), mode="legacy") as client:
            story = Story(client, checks, simulator, browser, "http, old revision")
            checks.prefix = "http, old revision: "
            await story.tools_are_listed()


async def over_stdio(options, checks, simulator, browser):
    command, *arguments = shlex.split(options.stdio)
    async with Client(StdioServerParameters(command=command, args=arguments)) as client:
        await Story(client, checks, simulator, browser, "stdio").tell()


def raw_checks(options, checks):
    """What only a hostile or broken client does, over plain sockets."""
    checks.prefix = "raw: "
    good = {"Authorization": f"Bearer {options.token}"}
    status, _, body = wire.post(options.http, wire.request("tools/list"), wire.headers("tools/list", good))
    checks(status == 200 and b'"result"' in body, "a plain request with the token is answered", (status, body[:300]))
    for sentence, extra, wanted in [
        ("a foreign Origin", {**good, "Origin": "https://evil.example"}, 403),
        ("a foreign Host", {**good, "Host": "evil.example"}, 403),
        ("a wrong bearer", {"Authorization": "Bearer socrazi_wrong"}, 401),
        ("no bearer", {}, 401),
    ]:
        status, headers, body = wire.post(options.http, wire.request("tools/list"), wire.headers("tools/list", extra))
        checks(status == wanted and b"create_draft" not in body, f"{sentence} is answered {wanted}", (status, body[:300]))
        if wanted == 401:
            checks("www-authenticate" in headers, f"{sentence} gets a challenge", headers)
    query = f"{options.http}?access_token={options.token}"
    status, _, _ = wire.post(query, wire.request("tools/list"), wire.headers("tools/list", {}))
    checks(status == 401, "a token in the address is not taken", status)
    large = wire.request("tools/call", {"name": "create_draft", "arguments": {"text": "x" * BODY_TOO_LARGE}})
    status, _, body = wire.post(options.http, large, wire.headers("tools/call", {**good, "Mcp-Name": "create_draft"}))
    checks(status == 413, "10 MB are answered 413", (status, body[:300]))
    spent = wire.sequential_ms(options.http, good, calls=30)
    checks(spent < 30, "a sequential call on one connection does not wait for a delayed ACK", f"median {spent:.1f} ms")


def sign_in(options):
    browser = Browser(options.cookies)
    if options.signin_link:
        page = browser.get(options.signin_link)
        answer = browser.press(page, SIGN_IN)
        assert answer.status == 200, f"signing in: {answer.status} {answer.text[:500]}"
    return browser


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--http", "--token", "--stdio", "--sim", "--web"):
        parser.add_argument(name, required=True)
    parser.add_argument("--cookies")
    parser.add_argument("--signin-link")
    parser.add_argument("--lengths")
    options = parser.parse_args()
    checks, simulator = Checks(), Simulator(options.sim)
    browser = sign_in(options)
    failures = []
    for chapter in (over_http, over_stdio):
        try:
            asyncio.run(chapter(options, checks, simulator, browser))
        except Exception as error:  # one transport's end is not the other's
            failures.append(chapter.__name__)
            checks(False, f"{chapter.__name__} reaches its end", repr(flat(error)))
    raw_checks(options, checks)
    print(f"mcp_story: {checks.done - checks.failed} checks held, {checks.failed} did not")
    sys.exit(1 if checks.failed else 0)


def flat(error):
    """What lies inside the groups that task groups raise."""
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    return error


if __name__ == "__main__":
    main()
