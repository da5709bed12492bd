"""Slack's own Python packages on both sides: slack_sdk as a client of the simulated Slack, slack_bolt as an app that it delivers to, and
slack_sdk's signing code as the sender of what the real server verifies.

    slack_check.py [--bin DIR] [--manifest-schema FILE] SIM_ROOT

Exit 1 with a sentence when something differs. Needs: slack_sdk, slack_bolt, jsonschema.
"""

import argparse
import http.server
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import jsonschema
from slack_bolt import App, BoltRequest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.response import SocketModeResponse

from pretended import Wrong, expect

BOT, APP_TOKEN, SECRET = "xoxb-sim-acme-0001", "xapp-sim-socket-0001", "socrazi-test-signing-secret"
ANA, GENERAL, PRIVATE, TEAM = "U0ANA", "C0GEN", "C0PRIV", "T0ACME"


def post(url, body, headers=None):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers or {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


class Slack:
    """The simulator, through slack_sdk."""

    def __init__(self, root):
        self.root = root
        self.client = WebClient(BOT, base_url=f"{root}api/")

    def act(self, **act):
        status, body = post(f"{self.root}__sim/deliver", act)
        expect(status == 200, f"{act}: {status} {body}")
        return json.loads(body)

    def refused(self, word, call):
        try:
            call()
        except SlackApiError as error:
            expect(error.response["error"] == word, f"{error.response['error']} instead of {word}")
            return error.response
        raise Wrong(f"nothing was refused with {word}")


def messages(slack):
    client = slack.client
    who = client.auth_test()
    expect(who["team_id"] == TEAM and who["bot_id"], f"auth.test: {who.data}")
    sent = client.chat_postMessage(channel=GENERAL, text="Hello & 東京", blocks=[{"type": "divider"}])
    expect(sent["message"]["text"] and "." in sent["ts"], f"chat.postMessage: {sent.data}")
    client.chat_update(channel=GENERAL, ts=sent["ts"], text="Hello again")
    client.chat_delete(channel=GENERAL, ts=sent["ts"])
    slack.refused("message_not_found", lambda: client.chat_update(channel=GENERAL, ts=sent["ts"], text="x"))
    slack.refused("channel_not_found", lambda: client.chat_postMessage(channel=PRIVATE, text="x"))
    slack.refused("no_text", lambda: client.chat_postMessage(channel=GENERAL, text=""))
    slack.refused("invalid_auth", lambda: WebClient("xoxb-wrong", base_url=f"{slack.root}api/").auth_test())
    long = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]
    refusal = slack.refused("invalid_blocks", lambda: client.chat_postMessage(channel=GENERAL, text="x", blocks=long))
    expect("3001" in str(refusal["response_metadata"]["messages"]), f"no reason: {refusal.data}")
    user = client.users_info(user=ANA, include_locale=True)["user"]
    expect(user["locale"] and user["tz"], f"users.info: {user}")
    opened = client.conversations_open(users=ANA)
    expect(opened["channel"]["id"].startswith("D"), f"conversations.open: {opened.data}")
    client.chat_postEphemeral(channel=GENERAL, user=ANA, text="only you")


def streams(slack):
    client = slack.client
    first = client.chat_postMessage(channel=GENERAL, text="thread")["ts"]
    slack.refused("missing_recipient_team_id", lambda: client.chat_startStream(channel=GENERAL, thread_ts=first, recipient_user_id=ANA, markdown_text="a"))
    stream = client.chat_startStream(channel=GENERAL, thread_ts=first, recipient_user_id=ANA, recipient_team_id=TEAM, markdown_text="one ")
    client.chat_appendStream(channel=GENERAL, ts=stream["ts"], markdown_text="two")
    slack.refused("streaming_state_conflict", lambda: client.chat_update(channel=GENERAL, ts=stream["ts"], text="x"))
    client.chat_stopStream(channel=GENERAL, ts=stream["ts"])
    slack.refused("message_not_in_streaming_state", lambda: client.chat_appendStream(channel=GENERAL, ts=stream["ts"], markdown_text="late"))


def files(slack):
    done = slack.client.files_upload_v2(channel=GENERAL, filename="a.txt", content="a file", title="A file")
    expect(done["files"][0]["id"].startswith("F"), f"files_upload_v2: {done.data}")


def views(slack):
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    slack.client.views_publish(user_id=ANA, view=home)
    modal = {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": [{"type": "divider"}]}
    slack.refused("invalid_trigger_id", lambda: slack.client.views_open(trigger_id="1.2.x", view=modal))


def socket_mode(slack):
    heard = []
    client = SocketModeClient(app_token=APP_TOKEN, web_client=slack.client)

    def listen(client, request):
        heard.append(request)
        client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))

    client.socket_mode_request_listeners.append(listen)
    client.connect()
    try:
        answer = slack.act(act="command", user=ANA, channel=GENERAL, text="over the socket")
        expect(answer["status"] == 200, f"no acknowledgement came back: {answer}")
        slack.act(act="say", user=ANA, channel="D0ANA", text="hello")
    finally:
        client.close()
    kinds = [request.type for request in heard]
    expect("slash_commands" in kinds and "events_api" in kinds, f"heard {kinds}")
    command = next(request for request in heard if request.type == "slash_commands")
    expect(command.payload["text"] == "over the socket", f"{command.payload}")


def bolt(slack):
    """An app of the official framework takes what the simulator signs."""
    app = App(client=slack.client, signing_secret=SECRET, token_verification_enabled=False)
    pressed, mentioned = [], []

    @app.command("/socrazi")
    def command(ack, body):
        ack(text=f"heard {body['text']}", blocks=[{"type": "section", "text": {"type": "plain_text", "text": "card"}, "block_id": "b", "accessory": {
            "type": "button", "action_id": "go", "value": "v", "text": {"type": "plain_text", "text": "Go"}}}])

    @app.action("go")
    def go(ack, body):
        ack()
        pressed.append(body["actions"][0]["value"])

    @app.event("app_mention")
    def mention(event):
        mentioned.append(event["text"])

    class Door(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            answer = app.dispatch(BoltRequest(body=body, headers={name.lower(): [value] for name, value in self.headers.items()}))
            self.send_response(answer.status)
            for name, values in answer.headers.items():
                self.send_header(name, values[0])
            data = (answer.body or "").encode()
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    slack.act(act="deliver_to", url=f"http://127.0.0.1:{server.server_port}/")
    try:
        answer = slack.act(act="command", user=ANA, channel=GENERAL, text="bolt")
        expect(answer["status"] == 200 and "heard bolt" in answer["body"], f"{answer}")
        with urllib.request.urlopen(f"{slack.root}__sim/state", timeout=20) as state:
            seen = json.load(state)["ephemerals"]
        slack.act(act="press_ephemeral", user=ANA, index=len(seen) - 1, action_id="go")
        slack.act(act="say", user=ANA, channel=GENERAL, text="<@U0BOT> hi")
        for _ in range(100):
            if pressed and mentioned:
                break
            time.sleep(0.05)
        expect(pressed == ["v"], f"pressed {pressed}")
        expect(mentioned and "hi" in mentioned[0], f"mentioned {mentioned}")
    finally:
        server.shutdown()


def server(slack, folder):
    """What slack_sdk signs, the real server takes; what it did not sign, or signed long ago, is refused."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as home:
        settings = {"SERVER__BIND": f"127.0.0.1:{port}", "DATA__DIR": f"{home}/data", "SLACK__SIGNING_SECRET": SECRET, "SLACK__BOT_TOKEN": BOT,
                    "SLACK__API_URL": f"{slack.root}api"}
        environment = {**os.environ, **{f"SOCRAZI_{name}": value for name, value in settings.items()}}
        child = subprocess.Popen([f"{folder}/socrazi", "serve"], env=environment, cwd=home, stderr=subprocess.DEVNULL)
        try:
            base = f"http://127.0.0.1:{port}"
            for _ in range(200):
                try:
                    urllib.request.urlopen(f"{base}/readyz", timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.05)
            hello = json.dumps({"type": "url_verification", "challenge": "3eZbrw", "token": "t"})
            status, body = signed(base, "slack/events", hello, "application/json")
            expect((status, body) == (200, "3eZbrw"), f"url_verification: {status} {body}")
            for what, secret, shift in (("another secret", "wrong", 0), ("ten minutes ago", SECRET, -600), ("in the future", SECRET, 600)):
                status, _ = signed(base, "slack/events", hello, "application/json", secret, shift)
                expect(status == 401, f"signed with {what}: {status}")
            status, _ = post(f"{base}/slack/events", hello.encode())
            expect(status == 401, f"not signed: {status}")
            # A stranger's command, answered in private.
            hook = json.loads(post(f"{slack.root}__sim/deliver", {"act": "deliver_to", "url": f"{base}/"})[1])
            expect(hook is not None, "no simulator")
            answer = slack.act(act="command", user=ANA, channel=GENERAL, text="help")
            expect(answer["status"] == 200, f"{answer}")
            for _ in range(100):
                with urllib.request.urlopen(f"{slack.root}__sim/state", timeout=20) as state:
                    seen = json.dumps(json.load(state)["ephemerals"])
                if "I do not know you yet" in seen:
                    break
                time.sleep(0.05)
            expect("I do not know you yet" in seen, f"no first step: {seen[-800:]}")
        finally:
            child.terminate()
            child.wait(20)


def signed(base, path, body, kind, secret=SECRET, shift=0):
    at = str(int(time.time()) + shift)
    signature = SignatureVerifier(secret).generate_signature(timestamp=at, body=body)
    headers = {"content-type": kind, "x-slack-request-timestamp": at, "x-slack-signature": signature}
    return post(f"{base}/{path}", body.encode(), headers)


def manifest(folder, schema):
    with open(schema, encoding="utf-8") as file:
        wanted = json.load(file)
    # Installed by any team its tokens end and are renewed; the other ways leave that out.
    any_team = {"SOCRAZI_SLACK__SIGNING_SECRET": SECRET, "SOCRAZI_SLACK__CLIENT_ID": "1.2", "SOCRAZI_SLACK__CLIENT_SECRET": "secret"}
    ways = [([], {}), ([], any_team), (["--socket"], {})]
    looks = [[], ["--assistant-view"], ["--channel-messages"], ["--assistant-view", "--channel-messages"]]
    for options, settings in [(way + look, settings) for way, settings in ways for look in looks]:
        with tempfile.TemporaryDirectory() as home:
            environment = {**os.environ, **settings, "SOCRAZI_SERVER__PUBLIC_URL": "https://post.example"}
            out = subprocess.run([f"{folder}/socrazi", "slack", "manifest", *options], env=environment, cwd=home, capture_output=True, text=True, check=True)
        made = json.loads(out.stdout)
        jsonschema.validate(made, wanted)
        expect(made["settings"]["token_rotation_enabled"] == bool(settings), f"{options}: tokens that end, or that do not")
        expect("--socket" in options or "https://post.example/slack/events" in out.stdout, "the manifest does not name this server")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin")
    parser.add_argument("--manifest-schema")
    parser.add_argument("root")
    options = parser.parse_args()
    slack = Slack(options.root)
    checks = [messages, streams, files, views, socket_mode, bolt]
    try:
        for check in checks:
            check(slack)
        if options.bin:
            server(slack, options.bin)
        if options.manifest_schema and os.path.exists(options.manifest_schema):
            manifest(options.bin, options.manifest_schema)
        else:
            print("slack: the manifest was not validated: its schema is not here (shared/specs/slack)")
    except (Wrong, SlackApiError) as wrong:
        print(f"slack: {wrong}", file=sys.stderr)
        sys.exit(1)
    print(f"slack: {len(checks)} checks with slack_sdk and slack_bolt")


if __name__ == "__main__":
    main()
