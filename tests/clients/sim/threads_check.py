"""Plays Meta's own Postman collection of the Threads API against the simulator.

Every request of the collection whose route the simulator serves is sent as Meta wrote it: its method, its path, its parameters. It must be
answered, and with the members of the example answer that Meta put beside it. Prints what of the collection is not served.
"""

import argparse
import json
import re
import urllib.error
import urllib.parse
import urllib.request

from pretended import film, handed_out

# Served by Meta, not by the simulator: the product does not call them.
NOT_SERVED = {"location_search", "{{location_id}}", "profile_lookup", "profile_posts", "manage_reply", "keyword_search", "mentions", "oembed"}
FILES = {"a.png": ("image/png", b"\x89PNG\r\n\x1a\n" + bytes(64)), "a.mp4": ("video/mp4", film())}


def requests_of(node):
    for item in node.get("item", []):
        if "request" in item:
            yield item
        yield from requests_of(item)


def send(method, url, form=None):
    """The status, the body and, for a redirect, where it leads."""
    data = urllib.parse.urlencode(form).encode() if form else None
    request = urllib.request.Request(url, data=data, method=method)

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None

    try:
        with urllib.request.build_opener(Stay).open(request, timeout=10) as answer:
            return answer.status, answer.read(), None
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers.get("Location")


class World:
    def __init__(self, root, callback, variables):
        self.root, self.callback = root.rstrip("/"), callback
        self.values = dict(variables)

    def code(self):
        query = {"client_id": "7000000000000001", "redirect_uri": self.callback, "scope": self.values["scope"], "response_type": "code", "state": "s"}
        status, body, target = send("GET", f"{self.root}/oauth/authorize?{urllib.parse.urlencode(query)}")
        assert status == 302, (status, body)
        return urllib.parse.parse_qs(urllib.parse.urlparse(target).query)["code"][0]

    def advance(self, ms):
        request = urllib.request.Request(f"{self.root}/__sim/clock", json.dumps({"advance_ms": ms}).encode(), {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=10).close()

    def container(self, **fields):
        fields = {"access_token": self.values["token"], **fields}
        status, body, _ = send("POST", f"{self.root}/me/threads", fields)
        assert status == 200, (status, body)
        self.advance(30_000)
        return json.loads(body)["id"]

    def post(self):
        creation = self.container(media_type="TEXT", text="Hello")
        status, body, _ = send("POST", f"{self.root}/me/threads_publish", {"creation_id": creation, "access_token": self.values["token"]})
        assert status == 200, (status, body)
        return json.loads(body)["id"]

    def fill(self, raw, token):
        """Meta's request with this world's values for its variables."""
        raw = raw.replace("{{api_host}}", self.root)
        fresh = {
            "code": self.code,
            "container_id": lambda: self.container(media_type="TEXT", text="Hello"),
            "carousel_children_ids": lambda: ",".join(self.container(media_type="IMAGE", image_url=self.values["image_url"], is_carousel_item="true") for _ in range(2)),
            "thread_id": self.post,
            "quote_post_id": self.post,
            "reply_thread_id": self.post,
            "reply_control": lambda: "everyone",
            # Demographics want a hundred followers and a breakdown; the rest is asked as Meta has it.
            "metrics_account": lambda: self.values["metrics_account"].replace(",follower_demographics", ""),
        }

        def value(match):
            name = match.group(1)
            text = fresh[name]() if name in fresh else self.values[name]
            return urllib.parse.quote(text, safe=":/,") if name != "api_host" else text

        url = re.sub(r"\{\{(\w+)\}\}", value, raw).replace(" ", "%20")
        return f"{url}{'&' if '?' in url else '?'}access_token={token}"


def members(value, example, at="$"):
    """What Meta's example has and the answer lacks."""
    if isinstance(example, dict) and isinstance(value, dict):
        for name, inner in example.items():
            if name not in value:
                yield f"{at}.{name}"
            else:
                yield from members(value[name], inner, f"{at}.{name}")
    elif isinstance(example, list) and isinstance(value, list):
        if example and value:
            yield from members(value[0], example[0], f"{at}[0]")
    elif isinstance(example, (dict, list)):
        yield f"{at} is of another kind"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--collection", required=True)
    arguments.add_argument("--redirect", required=True)
    arguments.add_argument("root")
    given = arguments.parse_args()
    with open(given.collection, encoding="utf-8") as file:
        collection = json.load(file)
    world = World(given.root, given.redirect, {v["key"]: v.get("value", "") for v in collection["variable"]})
    local = handed_out(FILES)
    world.values |= {"app_id": "7000000000000001", "app_secret": "sim-threads-secret", "redirect_uri": given.redirect,
                     "image_url": f"{local}a.png", "video_url": f"{local}a.mp4"}
    ask = {"client_id": "7000000000000001", "client_secret": "sim-threads-secret", "grant_type": "authorization_code", "redirect_uri": given.redirect, "code": world.code()}
    short = json.loads(send("POST", f"{world.root}/oauth/access_token", ask)[1])["access_token"]
    long = json.loads(send("GET", f"{world.root}/access_token?grant_type=th_exchange_token&client_secret=sim-threads-secret&access_token={short}")[1])["access_token"]
    world.values |= {"token": long, "input_token": long}
    played, skipped, wrong = 0, [], []
    for item in requests_of(collection):
        raw = item["request"]["url"]["raw"]
        if any(part in raw.split("?")[0] for part in NOT_SERVED):
            skipped.append(item["name"])
            continue
        if "th_refresh_token" in raw:
            world.advance(86_400_000 + 1)
        token = long
        if "th_exchange_token" in raw:
            form = {**ask, "code": world.code()}
            token = json.loads(send("POST", f"{world.root}/oauth/access_token", form)[1])["access_token"]
        method = item["request"]["method"]
        status, body, _ = send(method, world.fill(raw, token))
        played += 1
        if status != 200:
            wrong.append(f"{method} {raw[:90]}: {status} {body[:300]!r}")
            continue
        examples = [e.get("body") or "" for e in item.get("response", [])]
        for example in examples[:1]:
            try:
                example = json.loads(example)
            except ValueError:
                continue
            answer = json.loads(body)
            if "{{fields_threads}}" in raw or "{{fields_replies}}" in raw:
                # The examples show every member of every kind of post: a plain text post does not have them all.
                continue
            wrong += [f"{method} {raw[:90]}: lacks {what}" for what in members(answer, example)]
    print(f"threads: {played} requests of Meta's collection played, not served: {', '.join(skipped)}")
    assert played >= 20, played
    assert not wrong, "\n".join(wrong)


main()
