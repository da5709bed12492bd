"""discord.py as a client of the simulated Discord, PyNaCl as the judge of what it signs, and Discord's own API description as the judge of
what it takes and answers.

    discord_check.py [--openapi FILE] SIM_ROOT

Exit 1 with a sentence when something differs. Needs: discord.py, PyNaCl, jsonschema.
"""

import argparse
import asyncio
import http.server
import io
import json
import logging
import os
import sys
import threading
import time
import urllib.error
import urllib.request

import aiohttp
import discord
import discord.gateway
import discord.http
import yarl
from discord import app_commands
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

import discord_openapi
from pretended import Wrong, expect

TOKEN = "MTAxMDAwMDAwMDAwMDAwMDAwMQ.SimSim.socrazi-sim-discord-bot-token-0001"
PUBLIC_KEY = "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c"
APP = 1010000000000000001
ACME, GENERAL, HIDDEN = 1020000000000000001, 1030000000000000001, 1030000000000000002
ANA, BEN, DM_ANA = 1040000000000000001, 1040000000000000002, 1050000000000000001


class Sim:
    """The control routes."""

    def __init__(self, root):
        self.root = root

    def call(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.root}__sim/{path}", data, {"content-type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def act(self, name, /, **more):
        words = {key: str(value) if isinstance(value, int) and not isinstance(value, bool) and value > 2**40 else value for key, value in more.items()}
        status, body = self.call("deliver", {"act": name, **words})
        expect(status == 200, f"{name} {more}: {status} {body}")
        return body

    def cannot(self, name, /, **more):
        status, body = self.call("deliver", {"act": name, **more})
        expect(status == 422, f"{name} {more} was possible: {body}")
        return body["error"]

    async def later(self, name, /, **more):
        return await asyncio.to_thread(self.act, name, **more)

    def state(self):
        return self.call("state")[1]

    def seen(self, user, channel):
        return self.call(f"seen?user={user}&channel={channel}")[1]


def kind(answer):
    return (answer["callback"] or {}).get("type")


async def until(truth, sentence, seconds=15):
    end = time.monotonic() + seconds
    while not truth():
        expect(time.monotonic() < end, sentence)
        await asyncio.sleep(0.02)


class Buttons(discord.ui.View):
    """Two buttons and a select."""

    def __init__(self, heard):
        super().__init__(timeout=None)
        self.heard = heard

    @discord.ui.button(label="Approve", style=discord.ButtonStyle.success, custom_id="ap")
    async def approve(self, interaction, _button):
        self.heard.append(("press", interaction.user.id))
        await interaction.response.edit_message(content="approved", view=None)

    @discord.ui.button(label="Edit", custom_id="ed")
    async def edit(self, interaction, _button):
        await interaction.response.send_modal(Form(self.heard))

    @discord.ui.select(custom_id="pick", options=[discord.SelectOption(label="One", value="1"), discord.SelectOption(label="Two", value="2")])
    async def pick(self, interaction, select):
        self.heard.append(("pick", tuple(select.values)))
        await interaction.response.defer()
        await interaction.followup.send("picked", ephemeral=True)


class Form(discord.ui.Modal, title="Edit"):
    """One text input."""

    body = discord.ui.TextInput(label="Text", custom_id="body", style=discord.TextStyle.long, max_length=100)

    def __init__(self, heard):
        super().__init__(custom_id="form")
        self.heard = heard

    async def on_submit(self, interaction):
        self.heard.append(("modal", str(self.body)))
        await interaction.response.send_message(f"got {self.body}", ephemeral=True)


class Bot(discord.Client):
    """A bot of discord.py."""

    def __init__(self, intents):
        super().__init__(intents=intents)
        self.tree = app_commands.CommandTree(self)
        self.heard, self.resumed, self.was_ready = [], 0, asyncio.Event()

    async def on_ready(self):
        self.was_ready.set()

    async def on_resumed(self):
        self.resumed += 1

    async def on_message(self, message):
        if message.author.id != self.user.id:
            self.heard.append(("message", message.id, message.content, [file.filename for file in message.attachments]))

    async def start_at(self, root):
        discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(root.replace("http", "ws", 1))
        await self.login(TOKEN)
        task = asyncio.create_task(self.connect())
        await asyncio.wait_for(self.was_ready.wait(), 15)
        return task


def intents(content=False):
    wanted = discord.Intents.none()
    wanted.guilds = wanted.guild_messages = wanted.dm_messages = True
    wanted.message_content = content
    return wanted


async def refused(code, waiting):
    try:
        await waiting
    except discord.HTTPException as error:
        expect(error.code == code, f"{error.code} {error.text} instead of {code}")
        return error
    raise Wrong(f"nothing was refused with {code}")


async def messages(sim, bot):
    """REST: writing, editing, reading, deleting, files, threads, conversations."""
    expect(bot.user.id == APP and bot.application_id == APP, f"who: {bot.user}")
    guild = bot.get_guild(ACME)
    expect(guild and guild.name == "Acme" and guild.get_channel(HIDDEN) is None, "the server is not as told")
    channel = bot.get_channel(GENERAL)
    embed = discord.Embed(title="Title", description="Text").add_field(name="a", value="b").set_image(url="attachment://a.png")
    file = discord.File(io.BytesIO(b"png"), "a.png", description="alt")
    sent = await channel.send("Hello 東京", embed=embed, file=file, nonce="n1", allowed_mentions=discord.AllowedMentions.none())
    expect(sent.attachments[0].filename == "a.png" and sent.attachments[0].description == "alt", f"file: {sent.attachments}")
    expect(await sent.attachments[0].read() == b"png", "the file is not what was sent")
    expect(sent.embeds[0].image.url.startswith(sim.root), f"image: {sent.embeds[0].image.url}")
    edited = await sent.edit(content="Hello again", attachments=[], embed=None)
    expect(edited.content == "Hello again" and not edited.attachments and edited.edited_at, "not edited")
    answer = await sent.reply("answer", mention_author=False)
    expect(answer.reference.message_id == sent.id and answer.type is discord.MessageType.reply, "no reply")
    await sent.add_reaction("👀")
    found = [held.id async for held in channel.history(limit=10)]
    expect(found[:2] == [answer.id, sent.id], f"history: {found}")
    thread = await sent.create_thread(name="A thread", auto_archive_duration=60)
    expect(thread.id == sent.id and thread.parent_id == GENERAL, "no thread")
    await thread.send("in the thread")
    await refused(160004, sent.create_thread(name="again"))
    async with channel.typing():
        pass
    direct = await (await bot.fetch_user(ANA)).create_dm()
    expect(direct.id == DM_ANA, f"dm: {direct.id}")
    await direct.send("hello")
    sim.act("takes_dms", user=str(BEN), takes=False)
    await refused(50007, (await bot.fetch_user(BEN)).send("hello"))
    sim.act("takes_dms", user=str(BEN), takes=True)
    await answer.delete()
    await refused(10008, answer.edit(content="x"))
    await refused(50035, channel.send("x" * 2001))
    await refused(50006, channel.send(" "))
    await refused(50001, bot.http.get_channel(HIDDEN))
    layout = discord.ui.LayoutView()
    layout.add_item(discord.ui.Container(discord.ui.TextDisplay("### Card"), discord.ui.Separator(), accent_colour=0x5865F2))
    card = await channel.send(view=layout)
    expect(card.flags.value & 32768 and card.components[0].type.value == 17, f"no card: {card.components}")
    expect(await bot.fetch_channel(GENERAL), "no channel")


async def heard(sim, bot):
    """What people write, with as much of it as the intents allow."""
    bot.heard.clear()
    sim.act("say", user=ANA, channel=GENERAL, text=f"<@{APP}> hi")
    sim.act("say", user=ANA, channel=GENERAL, text="secret", files=[{"name": "a.txt", "mime": "text/plain", "base64": "aGk="}])
    sim.act("say", user=ANA, channel=DM_ANA, text="direct", files=[{"name": "a.txt", "mime": "text/plain", "base64": "aGk="}])
    await until(lambda: len(bot.heard) >= 3, f"heard {bot.heard}")
    texts = [(text, files) for _, _, text, files in bot.heard]
    expect(texts == [(f"<@{APP}> hi", []), ("", []), ("direct", ["a.txt"])], f"heard {texts}")


async def commands(sim, bot):
    """Registering, and every kind of interaction over the gateway."""

    @bot.tree.command(name="draft", description="Drafts")
    @app_commands.describe(topic="About", account="Which")
    async def draft(interaction, topic: str, account: str = ""):
        bot.heard.append(("command", topic, account, str(interaction.locale)))
        await interaction.response.defer(ephemeral=True)
        await interaction.edit_original_response(content=f"drafted {topic}", view=Buttons(bot.heard))
        await interaction.followup.send("more", ephemeral=True)

    @draft.autocomplete("account")
    async def accounts(_interaction, current: str):
        return [app_commands.Choice(name=f"@{current}", value=current)]

    @bot.tree.context_menu(name="Draft a post")
    async def from_message(interaction, message: discord.Message):
        bot.heard.append(("menu", message.content))
        await interaction.response.send_message("menu", view=Buttons(bot.heard))

    made = await bot.tree.sync()
    expect({command.name for command in made} == {"draft", "Draft a post"}, f"registered {made}")
    again = await bot.tree.sync()
    expect({command.id for command in made} == {command.id for command in again}, "ids change without a reason")
    expect(len(await bot.tree.fetch_commands()) == 2, "not registered")
    bot.heard.clear()
    sim.cannot("command", user=str(ANA), channel=str(GENERAL), path="draft", options={})
    answer = await sim.later("command", user=BEN, channel=GENERAL, path="draft", options={"topic": "新機能"})
    expect(kind(answer) == 5 and answer["error"] is None, f"{answer}")
    await until(lambda: bot.heard == [("command", "新機能", "", "ja")], f"heard {bot.heard}")
    await until(lambda: len([m for m in sim.seen(BEN, GENERAL) if m["only_for"]]) == 2, "no follow-up")
    expect(not [m for m in sim.seen(ANA, GENERAL) if m["only_for"]], "somebody else sees what is ephemeral")
    whisper = [m for m in sim.seen(BEN, GENERAL) if m["only_for"]][0]
    expect(whisper["content"] == "drafted 新機能" and not whisper["is_thinking"], f"{whisper}")
    choices = await sim.later("autocomplete", user=ANA, channel=GENERAL, path="draft", option="account", text="ac", options={"topic": "x"})
    expect(choices["callback"]["data"]["choices"][0]["value"] == "ac", f"{choices}")
    said = sim.act("say", user=ANA, channel=DM_ANA, text="a fine thing")["id"]
    answer = await sim.later("message_command", user=ANA, channel=DM_ANA, message=said, name="Draft a post")
    expect(kind(answer) == 4, f"{answer}")
    card = sim.seen(ANA, DM_ANA)[-1]
    expect(card["content"] == "menu" and card["components"], f"{card}")
    await sim.later("choose", user=ANA, channel=DM_ANA, message=card["id"], custom_id="pick", values=["2"])
    await until(lambda: ("pick", ("2",)) in bot.heard, f"heard {bot.heard}")
    answer = await sim.later("press", user=ANA, channel=DM_ANA, message=card["id"], custom_id="ed")
    expect(kind(answer) == 9, f"{answer}")
    modal = sim.state()["modals"][0]
    answer = await sim.later("submit", user=ANA, modal=modal["id"], values=[["body", "新しい"]])
    expect(kind(answer) == 4, f"{answer}")
    expect(("modal", "新しい") in bot.heard, f"heard {bot.heard}")
    await sim.later("press_labelled", user=ANA, channel=DM_ANA, message=card["id"], label="Approve")
    expect(("press", ANA) in bot.heard, f"heard {bot.heard}")
    card = next(m for m in sim.seen(ANA, DM_ANA) if m["id"] == card["id"])
    expect(card["content"] == "approved" and not card["components"], f"{card}")


async def network(sim, bot):
    """Losing the connection in every way, and a limit that is obeyed."""
    identifies = sim.state()["gateway"]["identifies"]
    for number, way in enumerate([{"act": "reconnect"}, {"act": "cut"}, {"act": "close", "code": 4000}]):
        before = sim.state()["gateway"]["resumes"]
        bot.heard.clear()
        sim.act(way.pop("act"), **way)
        sim.act("say", user=ANA, channel=DM_ANA, text=f"meanwhile {number}")
        await until(lambda: sim.state()["gateway"]["resumes"] > before, "no resume", 30)
        await until(lambda: [text for _, _, text, _ in bot.heard] == [f"meanwhile {number}"], f"heard {bot.heard}")
    expect(sim.state()["gateway"]["identifies"] == identifies, "somebody identified anew instead of resuming")
    sim.act("forget_sessions")
    sim.act("cut")
    await until(lambda: sim.state()["gateway"]["identifies"] > identifies, "nobody identified anew", 40)
    # READY empties what the client knows; the servers come after it.
    await until(lambda: bot.get_channel(GENERAL), "the servers did not come again")
    limit = {"status": {"status": 429, "body": json.dumps({"message": "You are being rate limited.", "retry_after": 0.3, "global": False, "code": 0}),
                        "headers": {"retry-after": "1", "x-ratelimit-scope": "user", "via": "1.1 sim"}}}
    sim.call("faults", [{"method": "POST", "path_prefix": "/api/v10/channels", "kind": limit}])
    begin = time.monotonic()
    await bot.get_channel(GENERAL).send("after a pause")
    expect(time.monotonic() - begin >= 0.3, "the limit was not felt")
    sim.act("enforce_rates", enforces=True)
    begin = time.monotonic()
    for number in range(7):
        await bot.get_channel(GENERAL).send(f"number {number}")
    expect(time.monotonic() - begin >= 2, "seven messages went out at once")
    sim.act("enforce_rates", enforces=False)


async def routes(sim, bot):
    """Every other route once; the description judges what came back."""
    http = bot.http
    route = discord.http.Route
    for path in ("/gateway", "/gateway/bot", "/users/@me", f"/users/{ANA}", "/users/@me/guilds", "/applications/@me", "/oauth2/applications/@me",
                 f"/guilds/{ACME}", f"/guilds/{ACME}/channels", f"/guilds/{ACME}/roles", f"/guilds/{ACME}/members/{ANA}", f"/channels/{DM_ANA}",
                 f"/applications/{APP}/commands?with_localizations=true", f"/channels/{GENERAL}/messages?limit=3"):
        await http.request(route("GET", path))
    plain = await bot.get_channel(GENERAL).create_thread(name="without a message", type=discord.ChannelType.public_thread)
    await bot.fetch_channel(plain.id)
    await plain.edit(archived=True, name="done")
    message = await bot.get_channel(GENERAL).send("reactions", nonce="n2")
    await message.add_reaction("👀")
    await bot.get_channel(GENERAL).fetch_message(message.id)
    await message.remove_reaction("👀", bot.user)
    guild = discord.Object(ACME)
    made = await http.bulk_upsert_guild_commands(APP, ACME, [{"name": "here", "description": "d", "options": [
        {"type": 4, "name": "number", "description": "d", "min_value": 1, "choices": [{"name": "one", "value": 1}]},
        {"type": 6, "name": "user", "description": "d"}, {"type": 7, "name": "channel", "description": "d", "channel_types": [0]}]}])
    expect(made[0]["guild_id"] == str(guild.id), f"{made}")
    await http.request(route("GET", f"/applications/{APP}/guilds/{ACME}/commands/{made[0]['id']}"))
    await http.request(route("DELETE", f"/applications/{APP}/guilds/{ACME}/commands/{made[0]['id']}"))
    view = discord.ui.LayoutView()
    picture = discord.File(io.BytesIO(b"png"), "a.png")
    section = discord.ui.Section("one", "two", accessory=discord.ui.Thumbnail("attachment://a.png", description="alt"))
    gallery = discord.ui.MediaGallery(discord.MediaGalleryItem("attachment://a.png"), discord.MediaGalleryItem("https://socrazi.example/b.png"))
    row = discord.ui.ActionRow(discord.ui.Button(label="Go", url="https://socrazi.example/"))
    select = discord.ui.ActionRow(discord.ui.UserSelect(custom_id="who"))
    view.add_item(discord.ui.Container(section, gallery, discord.ui.File("attachment://a.png"), row, select, accent_colour=1))
    sent = await bot.get_channel(GENERAL).send(view=view, file=picture)
    await sent.edit(view=view)
    await refused(50035, bot.get_channel(GENERAL).send(view=view))
    with_response = {"type": 4, "data": {"content": "x", "components": [{"type": 1, "components": [
        {"type": 3, "custom_id": "s", "options": [{"label": "l", "value": "v", "emoji": {"name": "✅"}}]}]}]}}

    async def by_hand(interaction):
        if interaction.type is discord.InteractionType.application_command:
            await http.request(route("POST", f"/interactions/{interaction.id}/{interaction.token}/callback?with_response=true"), json=with_response)

    bot.on_interaction = by_hand
    tree, bot._connection._command_tree = bot._connection._command_tree, None
    answer = await sim.later("command", user=ANA, channel=GENERAL, path="draft", options={"topic": "x"})
    bot._connection._command_tree = tree
    expect(kind(answer) == 4, f"{answer}")
    token = answer["token"]
    await http.request(route("GET", f"/webhooks/{APP}/{token}/messages/@original"))
    more = await http.request(route("POST", f"/webhooks/{APP}/{token}"), json={"content": "more"})
    await http.request(route("PATCH", f"/webhooks/{APP}/{token}/messages/{more['id']}"), json={"content": "edited"})
    await http.request(route("DELETE", f"/webhooks/{APP}/{token}/messages/@original"))


async def portal(sim):
    """A privileged intent that is off, and a wrong token."""
    bot = Bot(intents(content=True))
    await bot.login(TOKEN)
    try:
        await asyncio.wait_for(bot.connect(), 15)
        raise Wrong("a privileged intent that is off was taken")
    except discord.PrivilegedIntentsRequired:
        pass
    finally:
        await bot.close()
    stranger = Bot(intents())
    try:
        await stranger.login("MTAx.wrong.token")
        raise Wrong("a wrong token was taken")
    except discord.LoginFailure:
        pass
    finally:
        await stranger.close()


async def endpoint(sim):
    """Interactions by HTTP: PyNaCl agrees with every signature, good or bad."""
    key = VerifyKey(bytes.fromhex(PUBLIC_KEY))
    seen, verdicts, careless = [], [], []

    class Door(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            raw = self.rfile.read(int(self.headers["content-length"]))
            stamp, mark = self.headers.get("x-signature-timestamp", ""), self.headers.get("x-signature-ed25519", "")
            try:
                key.verify(stamp.encode() + raw, bytes.fromhex(mark))
                good = True
            except (BadSignatureError, ValueError):
                good = False
            verdicts.append(good)
            body = json.loads(raw)
            if not good and not careless:
                return self.answer(401, b"invalid request signature")
            seen.append(body)
            if body["type"] == 1:
                return self.answer(200, b'{"type":1}')
            return self.answer(200, json.dumps({"type": 4, "data": {"content": "over HTTP", "flags": 64}}).encode())

        def answer(self, status, data):
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/discord/interactions"
    try:
        careless.append(True)
        why = sim.cannot("save_endpoint", url=url)
        expect("not signed rightly" in why, f"a door that lets everybody in was saved: {why}")
        careless.clear()
        verdicts.clear()
        await sim.later("save_endpoint", url=url)
        expect(verdicts == [True, False, False], f"probed with {verdicts}")
        answer = await sim.later("command", user=ANA, channel=GENERAL, path="draft", options={"topic": "x"})
        expect(answer["status"] == 200 and answer["callback"]["data"]["content"] == "over HTTP", f"{answer}")
        expect(seen[-1]["member"]["user"]["id"] == str(ANA) and seen[-1]["context"] == 0, f"{seen[-1]}")
        await sim.later("probe_endpoint")
    finally:
        sim.act("endpoint", url=None)
        server.shutdown()


def described(sim, path):
    if not path or not os.path.exists(path):
        print("discord: answers were not compared with Discord's API description: it is not here (shared/specs/discord)")
        return 0
    recorded = discord_openapi.fetch(sim.root)
    wrong = discord_openapi.judge_recorded(discord_openapi.Description(path), recorded)
    for line in sorted(set(wrong))[:20]:
        print(f"discord: {line}", file=sys.stderr)
    expect(not wrong, f"{len(wrong)} requests or answers are not as described")
    return len(recorded)


async def everything(sim, openapi):
    discord.http.Route.BASE = f"{sim.root}api/v10"
    bot = Bot(intents())
    task = await bot.start_at(sim.root)
    try:
        for check in (messages, heard, commands, routes, network):
            await check(sim, bot)
    finally:
        await bot.close()
        await asyncio.gather(task, return_exceptions=True)
    await portal(sim)
    await endpoint(sim)
    calls = described(sim, openapi)
    print(f"discord: 7 checks with discord.py and PyNaCl, {calls} calls as described")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--openapi")
    parser.add_argument("root")
    options = parser.parse_args()
    logging.getLogger("discord").setLevel(logging.CRITICAL)
    try:
        asyncio.run(everything(Sim(options.root), options.openapi))
    except (Wrong, discord.DiscordException, aiohttp.ClientError, TimeoutError) as wrong:
        print(f"discord: {type(wrong).__name__}: {wrong}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
