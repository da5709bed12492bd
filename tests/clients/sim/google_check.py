"""Asks the simulated Google as Google's own clients for Python do.

The discovery client with the documents of the services (from a folder, else those that the package brings along), the sign-in flow of
google-auth-oauthlib, id_tokens verified by google-auth, and the generated clients of Analytics over REST. Every answer is held against the
schema of its document, and the figures of Analytics and Search Console against the simulator's own truths, counted here.
"""

import argparse
import base64
import collections
import datetime
import hashlib
import io
import json
import os
import pathlib
import urllib.parse
import urllib.request

# Read when these packages are imported: the flow refuses plain HTTP, and scopes that come in another order.
os.environ |= {"OAUTHLIB_INSECURE_TRANSPORT": "1", "OAUTHLIB_RELAX_TOKEN_SCOPE": "1", "NO_PROXY": "127.0.0.1,localhost"}

import google.auth.exceptions
import google.auth.transport.requests
import googleapiclient.discovery
import googleapiclient.discovery_cache
import jwt
import requests
from google.analytics import admin_v1beta, data_v1beta
from google.analytics.admin_v1beta.services.analytics_admin_service.transports import AnalyticsAdminServiceRestTransport
from google.analytics.data_v1beta.services.beta_analytics_data.transports import BetaAnalyticsDataRestTransport
from google.api_core import exceptions
from google.oauth2 import id_token
from google_auth_oauthlib.flow import Flow
from googleapiclient.errors import HttpError, ResumableUploadError
from googleapiclient.http import MediaInMemoryUpload, MediaIoBaseUpload

CLIENT, SECRET = "1000000000001-sim.apps.googleusercontent.com", "GOCSPX-sim-google-secret"
AUTH = "https://www.googleapis.com/auth/"
SCOPES = ["openid", f"{AUTH}userinfo.email"] + [
    f"{AUTH}{name}" for name in ("analytics.readonly", "webmasters.readonly", "youtube", "yt-analytics.readonly")
]
SITE = "sc-domain:acme.example"
PIECE = 256 * 1024
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


class Sim:
    """The simulator's own routes."""

    def __init__(self, root):
        self.root = root.rstrip("/")

    def get(self, path, **query):
        with urllib.request.urlopen(f"{self.root}/__sim/{path}?{urllib.parse.urlencode(query)}", timeout=60) as answer:
            return json.load(answer)

    def post(self, path, body):
        request = urllib.request.Request(f"{self.root}/__sim/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=10).close()


class Service:
    """One API: its document pointed at the simulator, and its answers held against their schemas."""

    def __init__(self, sim, specs, name, credentials):
        packaged = pathlib.Path(googleapiclient.discovery_cache.__file__).parent / "documents"
        folder = specs if specs and (specs / f"{name}.json").is_file() else packaged
        self.document = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        self.document["rootUrl"] = f"{sim.root}/"
        self.document["baseUrl"] = f"{sim.root}/{self.document.get('servicePath', '')}"
        self.document.pop("mtlsRootUrl", None)
        self.api = googleapiclient.discovery.build_from_document(self.document, credentials=credentials)
        self.checked = 0

    def ask(self, request, schema):
        return self.fits(request.execute(num_retries=0), schema)

    def fits(self, answer, schema):
        wrong = list(self.misfits(answer, {"$ref": schema}, schema))
        assert not wrong, wrong[:5]
        self.checked += 1
        return answer

    def notices(self, answer, schema, **spoiled):
        """Proves that the schema judges: the same answer with one member spoiled does not fit."""
        at = {"$ref": schema}
        assert not list(self.misfits(answer, at, schema)) and list(self.misfits(answer | spoiled, at, schema)), f"{schema} takes {spoiled}"

    def spelled(self, words):
        """The values of an enum as they are answered: Search Console alone writes some of them in another way than its document."""
        camel = {word.lower().split("_")[0] + "".join(part.title() for part in word.lower().split("_")[1:]) for word in words}
        return {*words} | (camel if self.document["name"] == "searchconsole" else set())

    def misfits(self, value, schema, at):
        if "$ref" in schema:
            schema = self.document["schemas"][schema["$ref"]]
        kind = schema.get("type", "any")
        if kind == "object":
            if not isinstance(value, dict):
                yield f"{at}: no object: {value!r}"
                return
            known, more = schema.get("properties", {}), schema.get("additionalProperties")
            for name, inner in value.items():
                if name in known or more:
                    yield from self.misfits(inner, known.get(name, more), f"{at}.{name}")
                else:
                    yield f"{at}: has no member {name}"
        elif kind == "array":
            if not isinstance(value, list):
                yield f"{at}: no array: {value!r}"
                return
            for inner in value:
                yield from self.misfits(inner, schema["items"], f"{at}[]")
        elif kind == "string":
            if not isinstance(value, str):
                yield f"{at}: no string: {value!r}"
            elif "enum" in schema and value not in self.spelled(schema["enum"]):
                yield f"{at}: {value!r} is none of {schema['enum']}"
        elif kind == "boolean" and not isinstance(value, bool):
            yield f"{at}: no boolean: {value!r}"
        elif kind == "integer" and (isinstance(value, bool) or not isinstance(value, int)):
            yield f"{at}: no integer: {value!r}"
        elif kind == "number" and (isinstance(value, bool) or not isinstance(value, (int, float))):
            yield f"{at}: no number: {value!r}"


def refused(request, status, word):
    try:
        request.execute(num_retries=0)
    except HttpError as error:
        assert error.resp.status == status and word in error.content.decode(), (error.resp.status, error.content)
        return
    raise AssertionError(f"not refused with {status} {word}")


def sign_in(sim, callback):
    """Code with PKCE, a refresh, an id_token that google-auth believes."""
    web = {"client_id": CLIENT, "client_secret": SECRET, "auth_uri": f"{sim.root}/o/oauth2/v2/auth", "token_uri": f"{sim.root}/token"}
    flow = Flow.from_client_config({"web": web}, scopes=SCOPES, redirect_uri=callback, autogenerate_code_verifier=True)
    address, state = flow.authorization_url(access_type="offline", include_granted_scopes="true", prompt="consent")
    sent = requests.get(address, allow_redirects=False, timeout=10)
    assert sent.status_code == 302 and f"state={state}" in sent.headers["location"], (sent.status_code, sent.text)
    flow.fetch_token(authorization_response=sent.headers["location"])
    credentials = flow.credentials
    assert set(credentials.granted_scopes) == set(SCOPES), credentials.granted_scopes
    transport = google.auth.transport.requests.Request()
    said = id_token.verify_token(credentials.id_token, transport, audience=CLIENT, certs_url=f"{sim.root}/oauth2/v3/certs")
    assert (said["iss"], said["email"]) == ("https://accounts.google.com", "ana@example.test"), said
    refuse_bad_tokens(sim, credentials, transport)
    before = credentials.token, credentials.refresh_token
    credentials.refresh(transport)
    assert credentials.token != before[0] and credentials.refresh_token == before[1]
    return credentials


def refuse_bad_tokens(sim, credentials, transport):
    """google-auth must notice what the switches do, so that they do it."""
    for fault in ("aud", "exp", "signature"):
        sim.post("options", {"id_token_fault": fault})
        credentials.refresh(transport)
        try:
            id_token.verify_token(credentials.id_token, transport, audience=CLIENT, certs_url=f"{sim.root}/oauth2/v3/certs")
        except (ValueError, google.auth.exceptions.GoogleAuthError, jwt.exceptions.PyJWTError):
            continue
        finally:
            sim.post("options", {})
        raise AssertionError(f"the fault {fault} was not noticed")


def days(sim, back, until):
    """Days of the main property, counted from the day on which the simulator started."""
    first = datetime.date.fromisoformat(sim.get("ga4/truths")["truths"]["first_day"])
    return tuple(str(first + datetime.timedelta(days=400 - ago)) for ago in (back, until))


def analytics(sim, specs, credentials):
    admin = Service(sim, specs, "analyticsadmin.v1beta", credentials)
    data = Service(sim, specs, "analyticsdata.v1beta", credentials)
    summaries = admin.api.accountSummaries()
    page, seen = summaries.list(pageSize=2), []
    while page is not None:
        answer = admin.ask(page, "GoogleAnalyticsAdminV1betaListAccountSummariesResponse")
        seen += answer.get("accountSummaries", [])
        page = summaries.list_next(page, answer)
    assert [len(one.get("propertySummaries", [])) for one in seen] == [2, 1, 0], seen
    one = admin.ask(admin.api.properties().get(name="properties/310001"), "GoogleAnalyticsAdminV1betaProperty")
    admin.notices(one, "GoogleAnalyticsAdminV1betaProperty", propertyType="propertyTypeOrdinary")
    assert one["timeZone"] == "Europe/Rome"
    admin.ask(admin.api.properties().list(filter="parent:accounts/100"), "GoogleAnalyticsAdminV1betaListPropertiesResponse")
    admin.ask(admin.api.properties().dataStreams().list(parent="properties/310001"), "GoogleAnalyticsAdminV1betaListDataStreamsResponse")
    admin.ask(admin.api.properties().keyEvents().list(parent="properties/310001"), "GoogleAnalyticsAdminV1betaListKeyEventsResponse")

    reports, of = data.api.properties(), {"property": "properties/310001"}
    begin, end = days(sim, 20, 2)
    body = {
        "dateRanges": [{"startDate": begin, "endDate": end}],
        "dimensions": [{"name": "sessionDefaultChannelGroup"}],
        "metrics": [{"name": "screenPageViews"}, {"name": "totalUsers"}],
        "metricAggregations": ["TOTAL"],
        "returnPropertyQuota": True,
    }
    report = data.ask(reports.runReport(body=body, **of), "RunReportResponse")
    views, users = collections.Counter(), collections.defaultdict(set)
    for visit in sim.get("ga4/visits", property="310001", **dict(zip(("from", "to"), days(sim, 21, 2)))):
        for event in visit["events"]:
            if begin <= str(datetime.datetime.fromtimestamp(event["local_ms"] / 1000, datetime.timezone.utc).date()) <= end:
                views[visit["channel"]] += event["name"] == "page_view"
                users[visit["channel"]].add(visit["user"])
    got = {row["dimensionValues"][0]["value"]: [int(value["value"]) for value in row["metricValues"]] for row in report["rows"]}
    assert got == {channel: [views[channel], len(users[channel])] for channel in users}, got
    assert int(report["totals"][0]["metricValues"][1]["value"]) == len(set().union(*users.values()))
    data.ask(reports.batchRunReports(body={"requests": [body, body]}, **of), "BatchRunReportsResponse")
    live = {"dimensions": [{"name": "minutesAgo"}], "metrics": [{"name": "activeUsers"}]}
    data.ask(reports.runRealtimeReport(body=live, **of), "RunRealtimeReportResponse")
    data.ask(reports.getMetadata(name="properties/310001/metadata"), "Metadata")
    data.ask(reports.checkCompatibility(body={"metrics": [{"name": "sessions"}]}, **of), "CheckCompatibilityResponse")
    refused(reports.runReport(body=body | {"metrics": [{"name": "visits"}]}, **of), 400, "is not a valid metric")
    refused(reports.runReport(property="properties/1", body=body), 403, "PERMISSION_DENIED")
    generated(sim, credentials, got)
    return admin.checked + data.checked


def generated(sim, credentials, expected):
    """The clients that are generated from the protos, over REST."""
    host = sim.root.removeprefix("http://")
    admin = admin_v1beta.AnalyticsAdminServiceClient(
        transport=AnalyticsAdminServiceRestTransport(host=host, credentials=credentials, url_scheme="http")
    )
    assert [one.display_name for one in admin.list_account_summaries()][0] == "Acme"
    data = data_v1beta.BetaAnalyticsDataClient(transport=BetaAnalyticsDataRestTransport(host=host, credentials=credentials, url_scheme="http"))
    begin, end = days(sim, 20, 2)
    request = data_v1beta.RunReportRequest(
        property="properties/310001",
        date_ranges=[data_v1beta.DateRange(start_date=begin, end_date=end)],
        dimensions=[data_v1beta.Dimension(name="sessionDefaultChannelGroup")],
        metrics=[data_v1beta.Metric(name="screenPageViews"), data_v1beta.Metric(name="totalUsers")],
        order_bys=[data_v1beta.OrderBy(metric=data_v1beta.OrderBy.MetricOrderBy(metric_name="totalUsers"), desc=True)],
        limit=100,
    )
    report = data.run_report(request)
    assert {row.dimension_values[0].value: [int(value.value) for value in row.metric_values] for row in report.rows} == expected
    request.metrics = [data_v1beta.Metric(name="visits")]
    try:
        data.run_report(request)
    except exceptions.BadRequest as error:
        assert "not a valid metric" in error.message
    else:
        raise AssertionError("an unknown metric was taken")


def search_console(sim, specs, credentials):
    service = Service(sim, specs, "searchconsole.v1", credentials)
    sites = service.ask(service.api.sites().list(), "SitesListResponse")
    assert [site["permissionLevel"] for site in sites["siteEntry"]][:2] == ["siteOwner", "siteFullUser"]
    service.notices(sites["siteEntry"][0], "WmxSite", permissionLevel="siteowner")
    begin, end = days(sim, 30, 5)
    truth = sim.get("gsc/rows", site=SITE, **{"from": begin, "to": end})

    def query(**more):
        body = {"startDate": begin, "endDate": end, **more}
        return service.ask(service.api.searchanalytics().query(siteUrl=SITE, body=body), "SearchAnalyticsQueryResponse")

    total = query()["rows"][0]
    assert total["clicks"] == sum(row["clicks"] for row in truth)
    assert total["impressions"] == sum(row["impressions"] for row in truth if not row["is_second"])
    pages, start = collections.Counter(), 0
    while rows := query(dimensions=["QUERY", "page"], rowLimit=7000, startRow=start).get("rows"):
        start += len(rows)
        for row in rows:
            pages[row["keys"][1]] += row["clicks"]
    named = collections.Counter()
    for row in truth:
        if row["query"] is not None:
            named[row["page"]] += row["clicks"]
    assert start > 7000 and pages == named
    inspect = {"inspectionUrl": "https://www.acme.example/pricing", "siteUrl": SITE, "languageCode": "it-IT"}
    answer = service.ask(service.api.urlInspection().index().inspect(body=inspect), "InspectUrlIndexResponse")
    assert answer["inspectionResult"]["indexStatusResult"]["verdict"] == "PASS"
    maps = service.ask(service.api.sitemaps().list(siteUrl="https://www.acme.example/"), "SitemapsListResponse")
    service.ask(service.api.sitemaps().get(siteUrl="https://www.acme.example/", feedpath=maps["sitemap"][0]["path"]), "WmxSitemap")
    refused(service.api.searchanalytics().query(siteUrl="https://elsewhere.example/", body={"startDate": begin, "endDate": end}), 403, "forbidden")
    refused(service.api.sitemaps().submit(siteUrl=SITE, feedpath="https://www.acme.example/s.xml"), 403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT")
    return service.checked


def youtube(sim, specs, credentials):
    service = Service(sim, specs, "youtube.v3", credentials)
    api = service.api
    mine = service.ask(api.channels().list(part="snippet,statistics,contentDetails,status", mine=True), "ChannelListResponse")
    uploads = mine["items"][0]["contentDetails"]["relatedPlaylists"]["uploads"]
    page, ids = api.playlistItems().list(part="snippet,contentDetails,status", playlistId=uploads, maxResults=25), []
    while page is not None:
        answer = service.ask(page, "PlaylistItemListResponse")
        ids += [item["contentDetails"]["videoId"] for item in answer["items"]]
        page = api.playlistItems().list_next(page, answer)
    assert len(set(ids)) == len(ids) == 60
    parts = "snippet,statistics,status,contentDetails,processingDetails,fileDetails,player"
    details = service.ask(api.videos().list(part=parts, id=",".join(ids[:50])), "VideoListResponse")
    assert len(details["items"]) == 50
    service.ask(api.playlists().list(part="snippet,contentDetails,status", mine=True), "PlaylistListResponse")
    service.ask(api.videoCategories().list(part="snippet", regionCode="IT"), "VideoCategoryListResponse")
    service.ask(api.search().list(part="id,snippet", forMine=True, type="video"), "SearchListResponse")
    video = service.fits(upload(sim, api), "Video")
    service.notices(video["status"], "VideoStatus", privacyStatus="PRIVATE")
    changed = {"id": video["id"], "snippet": {"title": "Renamed", "categoryId": "27"}, "status": {"privacyStatus": "public"}}
    assert service.ask(api.videos().update(part="snippet,status", body=changed), "Video")["status"]["privacyStatus"] == "public"
    assert [entry["text"] for entry in sim.get("ledger")] == ["Renamed"]
    picture = api.thumbnails().set(videoId=video["id"], media_body=MediaInMemoryUpload(PNG, mimetype="image/png"))
    service.ask(picture, "ThumbnailSetResponse")
    edited(service, api, video["id"])
    refused(api.videos().list(part="snippet"), 400, "missingRequiredParameter")
    service.api.videos().delete(id=video["id"]).execute()
    return service.checked + audience(sim, specs, credentials, mine["items"][0]["id"])


def edited(service, api, video):
    """The whole part is written, its mark changes with it and with nothing else, and nobody changes what is another's."""
    def seen():
        (item,) = service.ask(api.videos().list(part="snippet,status", id=video), "VideoListResponse")["items"]
        return item

    before = seen()
    assert seen()["etag"] == before["etag"]
    words = {"title": "新しい題", "description": "d", "tags": ["rust", "web server"], "categoryId": "28"}
    service.ask(api.videos().update(part="snippet", body={"id": video, "snippet": words}), "Video")
    after = seen()
    assert {key: after["snippet"][key] for key in words} == words and after["status"] == before["status"]
    assert after["etag"] != before["etag"]
    # What is left out of the part is cleared; without a category it is refused.
    service.ask(api.videos().update(part="snippet", body={"id": video, "snippet": {"title": "Bare", "categoryId": "22"}}), "Video")
    assert seen()["snippet"]["description"] == "" and "tags" not in seen()["snippet"]
    refused(api.videos().update(part="snippet", body={"id": video, "snippet": {"title": "No category"}}), 400, "invalidCategoryId")
    refused(api.videos().update(part="snippet", body={"id": video, "snippet": {"title": "x" * 101, "categoryId": "22"}}), 400, "invalidTitle")
    refused(api.videos().update(part="snippet", body={"id": "aaaaaaaaaaa", "snippet": {"title": "x", "categoryId": "22"}}), 404, "videoNotFound")


def upload(sim, api):
    """In pieces, with a 503 in the middle that the client itself recovers from."""
    content = b"\0\0\0\x18ftypisom" + bytes(3 * PIECE)
    media = MediaIoBaseUpload(io.BytesIO(content), mimetype="video/mp4", chunksize=PIECE, resumable=True)
    body = {"snippet": {"title": "Uploaded", "categoryId": "22"}, "status": {"privacyStatus": "private"}}
    request = api.videos().insert(part="snippet,status", body=body, media_body=media, notifySubscribers=False)
    sim.post("faults", [{"method": "PUT", "path_prefix": "/upload", "kind": {"status_after": {"status": 503}}, "skip": 1}])
    answer, failed = None, 0
    while answer is None:
        try:
            _, answer = request.next_chunk(num_retries=0)
        except HttpError as error:
            assert error.resp.status == 503 and failed == 0, error
            failed += 1
    assert failed == 1
    stored = [video for video in sim.get("youtube/videos") if video["id"] == answer["id"]]
    assert stored[0]["sha256"] == hashlib.sha256(content).hexdigest()
    wrong = MediaIoBaseUpload(io.BytesIO(content), mimetype="video/mp4", chunksize=PIECE, resumable=True)
    try:
        api.videos().insert(part="snippet", body={"snippet": {"title": "<"}}, media_body=wrong).next_chunk()
    except (HttpError, ResumableUploadError) as error:
        assert error.resp.status == 400 and b"invalidTitle" in error.content
    else:
        raise AssertionError("a bad title was taken")
    return answer


def audience(sim, specs, credentials, channel):
    service = Service(sim, specs, "youtubeAnalytics.v2", credentials)
    begin, end = days(sim, 40, 6)
    views = sim.get("youtube/views", channel=channel, **{"from": begin, "to": end})

    def query(**more):
        asked = {"ids": "channel==MINE", "startDate": begin, "endDate": end, "metrics": "views", **more}
        return service.ask(service.api.reports().query(**asked), "QueryResponse").get("rows", [])

    assert query() == [[len(views)]]
    assert dict(query(dimensions="country")) == collections.Counter(view["country"] for view in views)
    top = query(dimensions="video", sort="-views", maxResults=5)
    assert [count for _, count in top] == [count for _, count in collections.Counter(view["video"] for view in views).most_common(5)]
    query(dimensions="ageGroup,gender", metrics="viewerPercentage")
    query(dimensions="elapsedVideoTimeRatio", metrics="audienceWatchRatio", filters=f"video=={top[0][0]}")
    refused(service.api.reports().query(ids="channel==MINE", startDate=begin, endDate=end, metrics="views", dimensions="ageGroup"), 400, "not supported")
    return service.checked


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--specs", type=pathlib.Path, help="folder with discovery documents")
    arguments.add_argument("--redirect", required=True)
    arguments.add_argument("root")
    given = arguments.parse_args()
    sim = Sim(given.root)
    credentials = sign_in(sim, given.redirect)
    checked = analytics(sim, given.specs, credentials)
    checked += search_console(sim, given.specs, credentials)
    checked += youtube(sim, given.specs, credentials)
    revoked = requests.post(f"{sim.root}/revoke", data={"token": credentials.token}, timeout=10)
    assert revoked.status_code == 200
    try:
        credentials.refresh(google.auth.transport.requests.Request())
    except google.auth.exceptions.RefreshError as error:
        assert "invalid_grant" in str(error)
    else:
        raise AssertionError("refreshed after it was revoked")
    print(f"google: {checked} answers fit their schemas; sign-in, refresh, id_tokens, uploads and figures are as Google's clients expect them")


main()
