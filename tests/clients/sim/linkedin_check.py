"""Asks the simulated LinkedIn through linkedin-api-client, LinkedIn's own client: what the simulator takes and answers is what that one sends
and reads. It encodes URNs and Rest.li queries by itself, and reads the new id, the elements and the paging where LinkedIn puts them.

    linkedin_check.py --redirect URL SIM_ROOT

The simulator must be a partner's (refresh tokens, every product) and have URL registered. Exit 1 with a sentence when something differs.
"""

import argparse
import urllib.parse

from linkedin_api.clients.auth.client import AuthClient
from linkedin_api.clients.restli.client import RestliClient

from pretended import World, expect, told

REAL_HOSTS = {"www.linkedin.com", "api.linkedin.com"}
CLIENT = {"client_id": "86simclientid", "client_secret": "sim-linkedin-secret"}
SCOPES = ["openid", "profile", "w_member_social", "r_member_social", "w_organization_social", "r_organization_social",
          "r_organization_admin", "r_member_postAnalytics"]
VERSION = "202609"
PART = 4_194_304


class Desk(World):
    def __init__(self, root, redirect):
        super().__init__(root, redirect, REAL_HOSTS)
        self.auth = AuthClient(redirect_url=redirect, **CLIENT)
        self.rest = RestliClient()
        self.session(self.auth.session)
        self.session(self.rest.session)
        self.token = None

    def code(self, scopes):
        url = self.auth.generate_member_auth_url(scopes=scopes, state="s-1")
        answer = self.http.get(url, allow_redirects=False)
        expect(answer.status_code == 302, f"the consent answered {answer.status_code} {answer.text[:200]}")
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(answer.headers["Location"]).query)
        expect(query["state"] == ["s-1"], f"state did not come back: {query}")
        return query

    def act(self, resource, name, request):
        return self.rest.action(resource_path=f"/{resource}", action_name=name, action_params=request,
                                access_token=self.token, version_string=VERSION)

    def post(self, **members):
        entity = {"visibility": "PUBLIC", "lifecycleState": "PUBLISHED", "isReshareDisabledByAuthor": False,
                  "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []}, **members}
        return self.rest.create(resource_path="/posts", entity=entity, access_token=self.token, version_string=VERSION)

    def get(self, path, keys=None, **params):
        return self.rest.get(resource_path=path, path_keys=keys, query_params=params or None, access_token=self.token, version_string=VERSION)


def signing_in(world):
    refused = world.code([*SCOPES, "r_fullprofile"])
    expect(refused["error"] == ["unauthorized_scope_error"], f"a scope without a product: {refused}")
    code = world.code(SCOPES)["code"][0]
    granted = world.auth.exchange_auth_code_for_access_token(code)
    expect(len(granted.access_token) > 1_000 and granted.expires_in == 5_184_000, "the access token is not as LinkedIn's are")
    expect(set(granted.scope.split(",")) == set(SCOPES), f"scopes: {granted.scope}")
    again = world.auth.exchange_auth_code_for_access_token(code)
    expect(again.status_code == 400 and again.access_token is None, "a code was good twice")
    fresh = world.auth.exchange_refresh_token_for_access_token(granted.refresh_token)
    expect(fresh.access_token not in (None, granted.access_token), "the refresh gave no new token")
    expect(fresh.refresh_token_expires_in <= granted.refresh_token_expires_in, "a refresh started the year again")
    looked = world.auth.introspect_access_token(fresh.access_token)
    expect((looked.active, looked.status, looked.auth_type) == (True, "active", "3L"), f"introspection: {vars(looked)}")
    two = world.auth.get_two_legged_access_token()
    expect(two.status_code == 401, "an app without the client credentials flow got a token")
    world.token = fresh.access_token
    me = world.rest.get(resource_path="/userinfo", access_token=world.token)
    expect(me.status_code == 200 and me.entity["sub"], f"userinfo: {me.status_code}")
    print("linkedin: signed in, refreshed, introspected")
    return f"urn:li:person:{me.entity['sub']}"


def pictures(world, ana):
    image = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (640).to_bytes(4, "big") + (480).to_bytes(4, "big") + bytes(9)
    begun = world.act("images", "initializeUpload", {"initializeUploadRequest": {"owner": ana}})
    put = world.http.put(begun.value["uploadUrl"], data=image, headers={"Authorization": f"Bearer {world.token}"})
    expect(put.status_code == 201, f"the image was answered {put.status_code}")
    urn = begun.value["image"]
    seen = world.get("/images/{id}", {"id": urn})
    expect(seen.entity["status"] == "PROCESSING", f"image: {seen.entity}")
    early = world.post(author=ana, commentary="early", content={"media": {"id": urn}})
    expect(early.status_code == 400, f"a post with an image that is not ready was answered {early.status_code}")
    world.control("clock", {"advance_ms": 3_000})
    expect(world.get("/images/{id}", {"id": urn}).entity["status"] == "AVAILABLE", "the image never was ready")
    made = world.post(author=ana, commentary="A red door", content={"media": {"id": urn, "altText": "A red door"}})
    expect(made.status_code == 201 and made.entity_id.startswith("urn:li:share:"), f"{made.status_code} {made.entity_id}")
    print("linkedin: a picture uploaded and posted")


def films(world, ana):
    size = 2 * PART + 1_000
    film = bytes(4) + b"ftypisom" + bytes(size - 12)
    request = {"owner": ana, "fileSizeBytes": size, "uploadCaptions": False, "uploadThumbnail": False}
    begun = world.act("videos", "initializeUpload", {"initializeUploadRequest": request}).value
    tags = []
    for part in begun["uploadInstructions"]:
        put = world.http.put(part["uploadUrl"], data=film[part["firstByte"]:part["lastByte"] + 1])
        expect(put.status_code == 200 and put.headers["ETag"], f"a part was answered {put.status_code}")
        tags.append(put.headers["ETag"])
    expect(len(tags) == 3, f"{len(tags)} parts")
    end = {"video": begun["video"], "uploadToken": begun["uploadToken"], "uploadedPartIds": tags}
    # The client wants to read a body where LinkedIn sends none, so this one call goes without it.
    headers = {"Authorization": f"Bearer {world.token}", "LinkedIn-Version": VERSION, "X-Restli-Protocol-Version": "2.0.0"}
    url = "https://api.linkedin.com/rest/videos?action=finalizeUpload"
    done = world.http.post(url, json={"finalizeUploadRequest": {**end, "uploadedPartIds": tags[::-1]}}, headers=headers)
    expect(done.status_code == 400, f"parts in another order were answered {done.status_code}")
    done = world.http.post(url, json={"finalizeUploadRequest": end}, headers=headers)
    expect(done.status_code == 200 and not done.content, f"the end was answered {done.status_code}")
    world.control("clock", {"advance_ms": 30_000})
    seen = world.get("/videos/{id}", {"id": begun["video"]}).entity
    expect(seen["status"] == "PROCESSING_FAILED", f"a film without an index is none: {seen}")
    print("linkedin: a film in three parts, judged by its bytes")


def posts(world, ana):
    text = r"a \(b\) #rust c\_d"
    made = world.post(author=ana, commentary=text)
    expect(made.status_code == 201, f"{made.status_code} {made.response.text}")
    twice = world.post(author=ana, commentary=text)
    expect(twice.status_code == 422 and made.entity_id in twice.response.text, f"a repeat: {twice.status_code} {twice.response.text}")
    seen = world.get("/posts/{id}", {"id": made.entity_id})
    expect(seen.entity["commentary"] == text, f"{seen.entity}")
    edited = world.rest.partial_update(resource_path="/posts/{id}", path_keys={"id": made.entity_id}, patch_set_object={"commentary": "edited"},
                                       access_token=world.token, version_string=VERSION)
    expect(edited.status_code == 204, f"the edit was answered {edited.status_code}")
    page = world.rest.finder(resource_path="/posts", finder_name="author", query_params={"author": ana, "count": 1, "sortBy": "CREATED"},
                             access_token=world.token, version_string=VERSION)
    expect(page.elements[0]["id"] == made.entity_id and page.paging.count == 1 and page.paging.total == 2, f"{page.elements} {vars(page.paging)}")
    comment = world.rest.create(resource_path="/socialActions/{id}/comments", path_keys={"id": made.entity_id}, access_token=world.token,
                                entity={"actor": ana, "object": made.entity_id, "message": {"text": "First (comment)"}}, version_string=VERSION)
    expect(comment.status_code == 201 and comment.entity_id.isdigit(), f"{comment.status_code} {comment.entity_id}")
    gone = world.rest.delete(resource_path="/posts/{id}", path_keys={"id": made.entity_id}, access_token=world.token, version_string=VERSION)
    expect(gone.status_code == 204, f"the deletion was answered {gone.status_code}")
    ledger = world.control("ledger")
    mine = next(entry for entry in ledger if entry["id"] == made.entity_id)
    expect((mine["text"], mine["texts_before"], mine["deleted"]) == ("edited", ["a (b) #rust c_d"], True), f"{mine}")
    print("linkedin: posted, refused twice, edited, listed, commented, deleted")


def pages(world, ana):
    page = world.rest.finder(resource_path="/organizationAcls", finder_name="roleAssignee", query_params={"role": "ADMINISTRATOR", "state": "APPROVED"},
                             access_token=world.token, version_string=VERSION).elements[0]["organization"]
    made = world.post(author=page, commentary="News")
    expect(made.status_code == 201, f"{made.status_code}")
    world.control("insights", {made.entity_id: {"impressionCount": 7}, page: {"followers": 42}})
    numbers = world.rest.finder(resource_path="/organizationalEntityShareStatistics", finder_name="organizationalEntity", access_token=world.token,
                                query_params={"organizationalEntity": page, "shares": [made.entity_id]}, version_string=VERSION)
    expect(numbers.elements[0]["totalShareStatistics"]["impressionCount"] == 7, f"{numbers.elements}")
    size = world.get("/networkSizes/{id}", {"id": page}, edgeType="COMPANY_FOLLOWED_BY_MEMBER")
    expect(size.entity["firstDegreeSize"] == 42, f"{size.entity}")
    mine = world.post(author=ana, commentary="Counted")
    world.control("insights", {mine.entity_id: {"IMPRESSION": 9}})
    seen = world.rest.finder(resource_path="/memberCreatorPostAnalytics", finder_name="entity", access_token=world.token, version_string=VERSION,
                             query_params={"entity": {"share": mine.entity_id}, "queryType": "IMPRESSION", "aggregation": "TOTAL"})
    expect(seen.elements[0]["count"] == 9, f"{seen.elements}")
    print("linkedin: pages and numbers read")


def refusals(world, ana):
    dead = world.rest.create(resource_path="/posts", entity={}, access_token=world.token, version_string="202401")
    expect(dead.status_code == 426, f"a dead version was answered {dead.status_code}")
    other = world.post(author="urn:li:person:somebody", commentary="x")
    expect(other.status_code == 403 and other.response.json()["code"] == "ACCESS_DENIED", f"{other.status_code}")
    world.control("remove_app", {"member": ana.rsplit(":", 1)[1]})
    gone = world.post(author=ana, commentary="x")
    expect(gone.response.json()["serviceErrorCode"] == 65601, f"{gone.response.text}")
    print("linkedin: refused as LinkedIn does")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--redirect", required=True)
    arguments.add_argument("root")
    given = arguments.parse_args()
    world = Desk(given.root, given.redirect)
    ana = signing_in(world)
    pictures(world, ana)
    posts(world, ana)
    films(world, ana)
    pages(world, ana)
    refusals(world, ana)


told("linkedin", main)
