"""Asks the simulated TikTok through tiktok-api-client, a client that nobody here wrote: it signs in, refreshes and revokes, asks for the
creator before each post, sends a file in chunks of its own plan, lets a film and photos be pulled. What it does not do (status, list) is
asked as the simulator's own tests ask it.

    tiktok_check.py --redirect URL SIM_ROOT

The simulator must have URL registered and consent by itself. Exit 1 with a sentence when something differs.
"""

import argparse
import pathlib
import tempfile
import urllib.parse

import requests
from tiktok_api_client.main import TikTok

from pretended import ToSim, World, Wrong, expect, film, handed_out, jpeg, told

REAL_HOSTS = {"www.tiktok.com", "open.tiktokapis.com"}
PUBLIC = "https://media.example/"
MIB = 1024 * 1024


FILES = {"v.mp4": ("video/mp4", film()), "a.jpg": ("image/jpeg", jpeg(1080, 1080)), "b.jpg": ("image/jpeg", jpeg(720, 1280))}


class Desk(World):
    def __init__(self, root, redirect):
        super().__init__(root, redirect, REAL_HOSTS)
        # The client makes a session for each call: the way out is changed for all of them.
        adapter = ToSim(self.root, self.hosts)
        requests.Session.get_adapter = lambda _self, url: adapter
        self.client = TikTok("awsimclientkey", "sim-tiktok-secret", redirect, state="s")

    def status(self, publish):
        headers = {"Authorization": f"Bearer {self.client.token_data['access_token']}"}
        answer = requests.post(f"{self.root}/v2/post/publish/status/fetch/", json={"publish_id": publish}, headers=headers)
        return answer.json()["data"]

    def settled(self, publish):
        for _ in range(200):
            seen = self.status(publish)
            if not seen["status"].startswith("PROCESSING"):
                return seen
            self.control("clock", {"advance_ms": 3_000})
        raise Wrong(f"{publish} never settled")


def signing_in(world):
    sent = requests.get(world.client.get_authorization_url(), allow_redirects=False)
    expect(sent.status_code == 302, f"the consent answered {sent.status_code} {sent.text[:200]}")
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(sent.headers["Location"]).query)
    expect(query["scopes"] == ["video.publish"] and query["state"] == ["s"], f"{query}")
    granted = world.client.exchange_code_for_token(query["code"][0])
    expect((granted["expires_in"], granted["refresh_expires_in"], granted["token_type"]) == (7_200, 15_552_000, "Bearer"), f"{granted}")
    fresh = world.client.refresh_access_token()
    expect(fresh["refresh_token"] != granted["refresh_token"], "the refresh token did not rotate")
    for spent in (lambda: world.client.refresh_access_token(granted["refresh_token"]), lambda: world.client.exchange_code_for_token(query["code"][0])):
        try:
            spent()
        except Exception as error:
            expect("400" in str(error), f"refused with {error}")
        else:
            raise Wrong("something was good twice")
    info = world.client.get_creator_info()["data"]
    expect(info["creator_username"] == "socrazi_demo" and "SELF_ONLY" in info["privacy_level_options"], f"{info}")
    print("tiktok: signed in, refreshed, asked for the creator")


def by_file(world, folder):
    for size, chunks in [(100_000, 1), (61 * MIB, 6)]:
        path = folder / f"{size}.mp4"
        path.write_bytes(film(size=size))
        sent = world.client.create_video("FILE_UPLOAD", "POST_VIDEO_FILE", f"of {size} bytes", "PUBLIC_TO_EVERYONE", video_path=str(path))
        publish = sent["initial_response"]["data"]["publish_id"]
        expect(publish.startswith("v_pub_file~"), publish)
        seen = world.settled(publish)
        expect((seen["status"], seen["uploaded_bytes"]) == ("PUBLISH_COMPLETE", size), f"{seen}")
        puts = next(call for call in world.control("requests")["calls"] if call["path"] == "/video/")
        expect(puts["arrived"] == (1 if chunks == 1 else 1 + chunks), f"{puts}")
    path = folder / "trap.mp4"
    path.write_bytes(film(size=70 * MIB))
    try:
        # Its plan for this size is six chunks of 10 MiB, where the rule makes seven.
        world.client.create_video("FILE_UPLOAD", "POST_VIDEO_FILE", "trap", "PUBLIC_TO_EVERYONE", video_path=str(path))
    except Exception as error:
        expect("The total chunk count is invalid" in str(error), f"refused with {error}")
    else:
        raise Wrong("a plan with a chunk too few was taken")
    print("tiktok: files in one chunk and in six, a wrong plan refused")


def by_url(world):
    world.control("clock", {"advance_ms": 60_000})
    pulled = world.client.create_video("PULL_FROM_URL", "POST_VIDEO_URL", "pulled", "MUTUAL_FOLLOW_FRIENDS", video_url=f"{PUBLIC}v.mp4")
    expect(world.settled(pulled["data"]["publish_id"])["status"] == "PUBLISH_COMPLETE", "the film was not pulled")
    photos = world.client.create_photo("DIRECT_POST", "two", "PUBLIC_TO_EVERYONE", description="photos", photo_images=[f"{PUBLIC}a.jpg", f"{PUBLIC}b.jpg"])
    publish = photos["photo_upload_response"]["data"]["publish_id"]
    expect(publish.startswith("p_pub_url~") and world.settled(publish)["status"] == "PUBLISH_COMPLETE", publish)
    for title, level, url, code in [("x" * 2_201, "SELF_ONLY", f"{PUBLIC}v.mp4", "invalid_param"), ("x", "FOLLOWER_OF_CREATOR", f"{PUBLIC}v.mp4", "privacy_level_option_mismatch"),
                                    ("x", "SELF_ONLY", "https://other.example/v.mp4", "url_ownership_unverified")]:
        try:
            world.client.create_video("PULL_FROM_URL", "POST_VIDEO_URL", title, level, video_url=url)
        except Exception as error:
            expect(code in str(error), f"{code}: refused with {error}")
        else:
            raise Wrong(f"not refused with {code}")
    ledger = [(entry["kind"], entry["text"], len(entry["media"]), entry["audience"]) for entry in world.control("ledger")]
    wanted = [("video", "of 100000 bytes", 1, "PUBLIC_TO_EVERYONE"), ("video", f"of {61 * MIB} bytes", 1, "PUBLIC_TO_EVERYONE"),
              ("video", "pulled", 1, "MUTUAL_FOLLOW_FRIENDS"), ("photo", "photos", 2, "PUBLIC_TO_EVERYONE")]
    expect(ledger == wanted, f"the ledger holds {ledger}")
    print("tiktok: a film and photos pulled, three posts refused, the ledger agrees")


def the_end(world):
    expect(world.client.revoke_access_token() == {}, "the revocation answered something")
    try:
        world.client.get_creator_info()
    except Exception as error:
        expect("access_token_invalid" in str(error), f"refused with {error}")
    else:
        raise Wrong("a revoked token was good")
    print("tiktok: revoked")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--redirect", required=True)
    arguments.add_argument("root")
    given = arguments.parse_args()
    world = Desk(given.root, given.redirect)
    world.control("detours", [{"from": PUBLIC, "to": handed_out(FILES)}])
    signing_in(world)
    with tempfile.TemporaryDirectory() as folder:
        by_file(world, pathlib.Path(folder))
    by_url(world)
    the_end(world)


told("tiktok", main)
