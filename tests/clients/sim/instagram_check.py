"""Asks the simulated Instagram through two clients that nobody here wrote: instagram-publish by Instagram Login (it makes containers, waits for
them, publishes and refreshes) and python-facebook-api by Facebook Login (it signs in, finds pages and accounts, reads media and numbers, and
proves each call with the app's secret). With Meta's own field lists (--fields FOLDER), everything they name for a container, a medium and an
account of the Instagram flavour is asked for, and must be known.

    instagram_check.py --redirect URL [--fields FOLDER] SIM_ROOT

The simulator must have URL registered and consent by itself. Exit 1 with a sentence when something differs.
"""

import argparse
import json
import os
import pathlib
import urllib.parse

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # the simulator is plain HTTP on this machine

from instagram_publish import InstagramClient, InstagramError
from pyfacebook import FacebookError, IGBusinessApi

from pretended import World, Wrong, expect, film, handed_out, jpeg, told

REAL_HOSTS = {"graph.instagram.com", "graph.facebook.com", "api.instagram.com", "www.instagram.com", "www.facebook.com"}
PUBLIC = "https://media.example/"
ANA = "17841400000000011"
SCOPES = "instagram_business_basic,instagram_business_content_publish,instagram_business_manage_insights,instagram_business_manage_comments"
FACEBOOK_SCOPES = ["instagram_basic", "instagram_content_publish", "instagram_manage_insights", "instagram_manage_comments", "pages_show_list"]
# Of Meta's lists, what the simulator does not have: the product asks for none of it.
NOT_SERVED = {"current_live_viewer_count"}


FILES = {"a.jpg": ("image/jpeg", jpeg(1080, 1080)), "b.jpg": ("image/jpeg", jpeg(1080, 1350)), "flat.jpg": ("image/jpeg", jpeg(2000, 1000)),
         "v.mp4": ("video/mp4", film(5)), "short.mp4": ("video/mp4", film(2))}


def signed_in(world):
    """A long-lived token by Instagram Login, as this check reads the dossier: no client here does this part."""
    ask = {"client_id": "9000000000000001", "redirect_uri": world.redirect, "response_type": "code", "scope": SCOPES, "state": "s"}
    sent = world.http.get("https://www.instagram.com/oauth/authorize", params=ask, allow_redirects=False)
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(sent.headers["Location"]).query)["code"][0]
    form = {"client_id": "9000000000000001", "client_secret": "sim-instagram-secret", "grant_type": "authorization_code",
            "redirect_uri": world.redirect, "code": code}
    short = world.http.post("https://api.instagram.com/oauth/access_token", data=form).json()["data"][0]["access_token"]
    query = {"grant_type": "ig_exchange_token", "client_secret": "sim-instagram-secret", "access_token": short}
    return world.http.get("https://graph.instagram.com/access_token", params=query).json()["access_token"]


def publishing(world):
    client = InstagramClient(access_token=signed_in(world), user_id=ANA, poll_interval=0.1, poll_timeout=10)
    world.session(client.session)
    client.session.auth = None
    posted = [
        client.publish(f"{PUBLIC}a.jpg", "A picture #one"),
        client.publish(f"{PUBLIC}v.mp4", "A reel", is_ai_generated=True),
        client.publish([f"{PUBLIC}a.jpg", f"{PUBLIC}b.jpg", f"{PUBLIC}v.mp4"], "Three"),
        client.publish(f"{PUBLIC}b.jpg", story=True),
    ]
    ledger = world.control("ledger")
    seen = [(entry["id"], entry["kind"], entry["text"], len(entry["media"])) for entry in ledger]
    kinds = [("IMAGE", "A picture #one", 1), ("REELS", "A reel", 1), ("CAROUSEL_ALBUM", "Three", 3), ("STORY", "", 1)]
    expect(seen == [(id, *kind) for id, kind in zip(posted, kinds)], f"the ledger holds {seen}")
    for media, sentence in [(f"{PUBLIC}flat.jpg", "aspect ratio"), (f"{PUBLIC}none.jpg", "could not be fetched"),
                            (f"{PUBLIC}short.mp4", "2207026"), (f"{PUBLIC}none.mp4", "2207077")]:
        try:
            client.publish(media, "x")
        except InstagramError as error:
            expect(sentence in str(error), f"{media} was refused with {error}")
        else:
            raise Wrong(f"{media} was not refused")
    try:
        client.refresh_token()
    except InstagramError as error:
        expect("24 hours" in str(error), f"{error}")
    else:
        raise Wrong("a token was refreshed on its first day")
    world.control("clock", {"advance_ms": 86_400_000})
    before = client.session.headers["Authorization"]
    fresh = client.refresh_token()
    expect(fresh["expires_in"] == 5_184_000 and client.session.headers["Authorization"] != before, f"{fresh}")
    client.publish(f"{PUBLIC}a.jpg", "After the refresh")
    print("instagram: instagram-publish made a picture, a reel, a carousel and a story, was refused four times, refreshed")
    return client


def reading(world, medium):
    api = IGBusinessApi(app_id="5000000000000001", app_secret="sim-meta-secret", oauth_flow=True, instagram_business_id=ANA, version="v24.0",
                        base_url=f"{world.root}/", authorization_url=f"{world.root}/v24.0/dialog/oauth",
                        access_token_url=f"{world.root}/v24.0/oauth/access_token", redirect_uri=world.redirect, scope=FACEBOOK_SCOPES)
    world.session(api.session)
    url, _ = api.get_authorization_url(state="s")
    sent = world.http.get(url, allow_redirects=False)
    expect(sent.status_code == 302, f"the dialog answered {sent.status_code} {sent.text[:200]}")
    back = sent.headers["Location"].split("#")[0]
    short = api.exchange_user_access_token(response=back, state="s")
    expect(short["access_token"], f"{short}")
    long = api.exchange_long_lived_user_access_token()
    expect(long["expires_in"] == 5_184_000, f"{long}")
    api.access_token = long["access_token"]
    looked = api.debug_token(input_token=api.access_token, access_token="5000000000000001|sim-meta-secret")["data"]
    expect(looked["is_valid"] and set(looked["scopes"]) == set(FACEBOOK_SCOPES), f"{looked}")
    pages = api.get_connection("me", "accounts", fields="id,name,access_token,instagram_business_account{id,username}")["data"]
    expect(pages[0]["instagram_business_account"]["id"] == ANA, f"{pages}")
    api.access_token = pages[0]["access_token"]
    me = api.user.get_info()
    expect((me.id, me.username) == (ANA, "socrazi_demo"), f"{me}")
    listed = api.user.get_media(count=None, limit=2)
    expect([item.caption for item in listed.data] == ["After the refresh", "Three", "A reel", "A picture #one"], f"{listed}")
    expect(len(api.media.get_children(media_id=listed.data[1].id).data) == 3, "a carousel's items")
    expect(len(api.user.get_stories().data) == 0, "a story is a day old")
    limit = api.user.get_content_publishing_limit(return_json=True)["data"][0]
    expect(limit["config"]["quota_total"] == 50 and limit["quota_usage"] == 1, f"{limit}")
    world.control("insights", {medium: {"views": 12}, ANA: {"views": 120}})
    numbers = api.media.get_insights(media_id=medium, metric="views,reach", return_json=True)["data"]
    expect([number["values"][0]["value"] for number in numbers] == [12, 0], f"{numbers}")
    total = api.user.get_insights(metric="views", period="day", metric_type="total_value", return_json=True)["data"]
    expect(total[0]["total_value"]["value"] == 120, f"{total}")
    made = api.post_object(object_id=medium, connection="comments", data={"message": "First"})
    expect(api.media.get_comments(media_id=medium).data[0].id == made["id"], "the comment is not listed")
    for work, code in [(lambda: api.media.get_insights(media_id=medium, metric="impressions"), 100),
                       (lambda: api.media.get_info(media_id="17"), 100)]:
        try:
            work()
        except FacebookError as error:
            expect(error.code == code, f"refused with {error}")
        else:
            raise Wrong("not refused")
    usage = api.rate_limit.get_limit(object_id=pages[0]["id"], rate_limit_type="instagram")
    expect(0 < usage.call_count < 100 and api.rate_limit.get_max_percent() == usage.call_count, f"the usage headers say {usage}")
    print("instagram: python-facebook-api signed in, found the account by its page, read it and how much it used")


def fields(world, client, folder):
    token = client.session.headers["Authorization"].removeprefix("Bearer ")
    container = world.http.post(f"{world.root}/v25.0/{ANA}/media", data={"image_url": f"{PUBLIC}a.jpg", "access_token": token}).json()["id"]
    medium = next(entry["id"] for entry in world.control("ledger") if entry["kind"] == "REELS")
    for name, node in [("ShadowIGMediaBuilder", container), ("IGMediaForIGOnlyAPI", medium), ("IGUserForIGOnlyAPI", ANA)]:
        described = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        wanted = [field["name"] for field in described["fields"] if field["name"] not in NOT_SERVED]
        answer = world.http.get(f"{world.root}/v25.0/{node}", params={"fields": ",".join(wanted), "access_token": token})
        expect(answer.status_code == 200, f"{name}: {answer.text}")
        unknown = set(answer.json()) - set(wanted)
        expect(not unknown, f"{name} has no {unknown}")
    print("instagram: every field of Meta's lists for container, medium and account is known")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--redirect", required=True)
    arguments.add_argument("--fields", type=pathlib.Path)
    arguments.add_argument("root")
    given = arguments.parse_args()
    world = World(given.root, given.redirect, REAL_HOSTS)
    world.control("detours", [{"from": PUBLIC, "to": handed_out(FILES)}])
    world.control("options", {"image_ms": 100, "video_ms": 200, "calls_max": 200})
    client = publishing(world)
    reading(world, world.control("ledger")[0]["id"])
    if given.fields:
        fields(world, client, given.fields)


told("instagram", main)
