//! The simulated YouTube, read and changed over HTTP, and its analytics (dossier google.md §4, §5). Uploads in pieces
//! are `google_upload`.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::{Value, json};
use socrazi_sim::clock::{parse_rfc3339, rfc3339};
use socrazi_sim::google::View;

use crate::desk::Seen;
use crate::google::{ANA, BEN, Desk};
use crate::google_upload::{metadata, youtube_desk};

const CHANNEL: &str = "UCsimAnaChannel0000000001";
const UPLOADS: &str = "UUsimAnaChannel0000000001";
const DAY_MS: i64 = 86_400_000;

impl Desk {
    async fn put_json(&self, path: &str, body: &Value) -> anyhow::Result<Seen> {
        self.seen(self.http.put(self.sim.url().join(path)?).bearer_auth(&self.token).json(body)).await
    }

    async fn watched(&self, pairs: &[(&str, &str)]) -> anyhow::Result<Seen> {
        let (from, to) = (self.ago(33), self.ago(4));
        let mut all = vec![("ids", "channel==MINE"), ("startDate", &from), ("endDate", &to), ("metrics", "views")];
        all.retain(|(name, _)| !pairs.iter().any(|(other, _)| other == name));
        all.extend(pairs);
        let mut url = self.sim.url().join("/v2/reports")?;
        url.query_pairs_mut().extend_pairs(all);
        self.seen(self.http.get(url).bearer_auth(&self.token)).await
    }

    async fn table(&self, pairs: &[(&str, &str)]) -> anyhow::Result<Vec<Vec<Value>>> {
        let seen = self.watched(pairs).await?;
        anyhow::ensure!(seen.status == 200, "{}", seen.text);
        let rows = seen.json()["rows"].as_array().cloned().unwrap_or_default();
        Ok(rows.into_iter().map(|row| row.as_array().cloned().unwrap_or_default()).collect())
    }

    /// A day so many days ago; eight hours back it is that Pacific day or, near midnight, one beside it.
    fn ago(&self, days: i64) -> String {
        let gap = parse_rfc3339(&format!("{}T00:00:00Z", self.sim.gsc_gap())).unwrap_or(0);
        rfc3339(gap + (20 - days) * DAY_MS)[..10].to_owned()
    }

    fn views(&self) -> Vec<View> {
        self.sim.youtube_views(CHANNEL, &self.ago(33), &self.ago(4))
    }
}

fn reason(seen: &Seen) -> (u16, String) {
    (seen.status, seen.at("/error/errors/0/reason"))
}

#[tokio::test]
async fn a_channel_is_that_of_the_token_and_may_be_none() -> anyhow::Result<()> {
    let mut desk = youtube_desk().await?;
    let path = "/youtube/v3/channels?part=snippet,statistics,contentDetails,status&mine=true";
    let mine = desk.get(path).await?;
    assert_eq!((mine.at("/items/0/id").as_str(), mine.at("/pageInfo/totalResults").as_str()), (CHANNEL, "1"));
    assert!(mine.json()["items"][0]["statistics"]["viewCount"].is_string(), "counts are strings");
    assert_eq!(mine.at("/items/0/contentDetails/relatedPlaylists/uploads"), UPLOADS);
    assert_eq!(mine.header("etag"), format!("\"{}\"", mine.at("/etag")));
    let trimmed = desk.get(&format!("{path}&fields=items(id,snippet/title)")).await?.json();
    assert_eq!(trimmed, json!({"items": [{"id": CHANNEL, "snippet": {"title": "Ana makes things"}}]}));
    assert_eq!(desk.get(&format!("{path}&fields=items(")).await?.status, 400);
    assert_eq!(reason(&desk.get("/youtube/v3/channels?mine=true").await?).1, "missingRequiredParameter");
    assert_eq!(reason(&desk.get("/youtube/v3/channels?part=snippet").await?).1, "missingRequiredParameter");
    assert_eq!(reason(&desk.get("/youtube/v3/channels?part=mood&mine=true").await?).1, "unknownPart");
    assert_eq!(
        desk.get("/youtube/v3/channels?part=id&forHandle=@acme-sim").await?.at("/items/0/id"),
        "UCsimBrandChannel00000002"
    );
    desk.token = desk.granted(BEN, &["youtube.readonly"])?;
    let none = desk.get(path).await?.json();
    assert_eq!((none["pageInfo"]["totalResults"].clone(), none["items"].clone()), (json!(0), Value::Null));
    Ok(())
}

#[tokio::test]
async fn the_uploads_are_paged_newest_first() -> anyhow::Result<()> {
    let desk = youtube_desk().await?;
    let path = format!("/youtube/v3/playlistItems?part=contentDetails&playlistId={UPLOADS}&maxResults=50");
    let first = desk.get(&path).await?.json();
    assert_eq!(
        (first["items"].as_array().map(Vec::len), first["pageInfo"]["totalResults"].clone()),
        (Some(50), json!(60))
    );
    let next =
        desk.get(&format!("{path}&pageToken={}", first["nextPageToken"].as_str().unwrap_or_default())).await?.json();
    assert_eq!((next["items"].as_array().map(Vec::len), next["nextPageToken"].clone()), (Some(10), Value::Null));
    let all = [&first, &next].into_iter().flat_map(|page| page["items"].as_array().cloned().unwrap_or_default());
    let all: Vec<(String, String)> = all
        .map(|item| {
            (
                item["contentDetails"]["videoId"].as_str().unwrap_or("?").to_owned(),
                item["contentDetails"]["videoPublishedAt"].as_str().unwrap_or("?").to_owned(),
            )
        })
        .collect();
    assert!(all.is_sorted_by(|a, b| a.1 >= b.1));
    assert_eq!(all.iter().map(|item| &item.0).collect::<BTreeSet<_>>().len(), 60);
    assert_eq!(
        desk.get(&format!("/youtube/v3/playlistItems?part=id&playlistId={UPLOADS}")).await?.json()["items"]
            .as_array()
            .map(Vec::len),
        Some(5)
    );
    assert_eq!(reason(&desk.get(&format!("{path}&pageToken=x")).await?), (400, "invalidPageToken".into()));
    assert_eq!(desk.get("/youtube/v3/playlistItems?part=id&playlistId=UU&maxResults=51").await?.status, 404);
    assert_eq!(
        desk.get(&format!("/youtube/v3/playlistItems?part=id&playlistId={UPLOADS}&maxResults=51")).await?.status,
        400
    );
    assert_eq!(
        reason(&desk.get("/youtube/v3/playlistItems?part=id&playlistId=PLnone").await?),
        (404, "playlistNotFound".into())
    );
    Ok(())
}

#[tokio::test]
async fn videos_are_told_in_detail_fifty_at_a_time() -> anyhow::Result<()> {
    let desk = youtube_desk().await?;
    let path = format!("/youtube/v3/playlistItems?part=contentDetails&playlistId={UPLOADS}&maxResults=50");
    let first = desk.get(&path).await?.json();
    let all = first["items"].as_array().cloned().unwrap_or_default();
    let ids: Vec<&str> = all.iter().filter_map(|item| item["contentDetails"]["videoId"].as_str()).collect();
    let details = desk
        .get(&format!(
            "/youtube/v3/videos?part=snippet,statistics,contentDetails,status&id={},none",
            ids[..49].join(",")
        ))
        .await?
        .json();
    let items = details["items"].as_array().cloned().unwrap_or_default();
    assert_eq!(items.len(), 49, "what is unknown is silently missing");
    assert!(
        items.iter().all(|item| item["contentDetails"]["duration"].as_str().is_some_and(|text| text.starts_with("PT")))
    );
    assert!(items.iter().any(|item| item["statistics"]["likeCount"].is_null()), "some hide their likes");
    let views = desk.sim.youtube_views(CHANNEL, &desk.ago(600), &desk.ago(0));
    let seen = views.iter().filter(|view| view.video == ids[0]).count();
    assert_eq!(items[0]["statistics"]["viewCount"], seen.to_string(), "both services tell of the same views");
    assert!(seen > 0 && views.iter().all(|view| view.date < desk.ago(0)), "today is not counted yet");
    assert_eq!(
        desk.get(&format!("/youtube/v3/videos?part=id&id={},x", ids.join(","))).await?.status,
        400,
        "fifty ids at most"
    );
    assert_eq!(
        desk.get("/youtube/v3/playlists?part=snippet,contentDetails&mine=true")
            .await?
            .at("/items/0/contentDetails/itemCount"),
        "3"
    );
    let categories = desk.get("/youtube/v3/videoCategories?part=snippet&regionCode=IT").await?.json();
    assert!(
        categories["items"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|one| one["id"] == "18" && one["snippet"]["assignable"] == false)
    );
    Ok(())
}

#[tokio::test]
async fn a_private_video_is_its_owners_alone() -> anyhow::Result<()> {
    let mut desk = youtube_desk().await?;
    let id = desk.upload(&metadata("Secret", json!({"privacyStatus": "private"}))).await?;
    assert_eq!(desk.video(&id, "status").await?["status"]["privacyStatus"], "private");
    assert_eq!(desk.sim.ledger(), []);
    desk.token = desk.granted(BEN, &["youtube.readonly"])?;
    assert_eq!(desk.video(&id, "status").await?, Value::Null);
    let seen = desk.get("/youtube/v3/playlistItems?part=contentDetails&playlistId=UUsimAnaChannel0000000001").await?;
    assert!(!seen.text.contains(&id));
    let public = seen.at("/items/0/contentDetails/videoId");
    assert_eq!(
        reason(&desk.get(&format!("/youtube/v3/videos?part=processingDetails&id={public}")).await?),
        (403, "forbidden".into())
    );
    Ok(())
}

#[tokio::test]
async fn a_scheduled_video_publishes_itself_when_its_time_has_come() -> anyhow::Result<()> {
    let desk = youtube_desk().await?;
    let at_ms = (desk.clock.now_ms() / 1_000 + 1_800) * 1_000;
    let body = metadata("Later", json!({"privacyStatus": "private", "publishAt": rfc3339(at_ms)}));
    let id = desk.upload(&body).await?;
    desk.clock.advance_ms(1_700_000);
    let before = desk.video(&id, "status").await?;
    assert_eq!(
        (&before["status"]["privacyStatus"], before["status"]["publishAt"].as_str().and_then(parse_rfc3339)),
        (&json!("private"), Some(at_ms))
    );
    assert_eq!(desk.sim.ledger(), []);
    desk.clock.advance_ms(200_000);
    let after = desk.video(&id, "status,snippet").await?;
    assert_eq!((&after["status"]["privacyStatus"], &after["status"]["publishAt"]), (&json!("public"), &Value::Null));
    assert_eq!(after["snippet"]["publishedAt"].as_str().and_then(parse_rfc3339), Some(at_ms));
    let ledger = desk.sim.ledger();
    assert_eq!((ledger.len(), ledger[0].created_at_ms, ledger[0].user_id.as_str()), (1, at_ms, CHANNEL));
    let again = json!({"id": id, "status": {"privacyStatus": "private", "publishAt": "2030-01-01T00:00:00Z"}});
    let mut desk = desk;
    desk.token = desk.granted(ANA, &["youtube"])?;
    assert_eq!(
        reason(&desk.put_json("/youtube/v3/videos?part=status", &again).await?),
        (400, "invalidPublishAt".into()),
        "it was public once"
    );
    let past = metadata("Past", json!({"privacyStatus": "private", "publishAt": "2020-01-01T00:00:00Z"}));
    let id = desk.upload(&past).await?;
    assert_eq!(
        desk.video(&id, "status").await?["status"]["privacyStatus"],
        "public",
        "a past instant publishes at once"
    );
    Ok(())
}

#[tokio::test]
async fn without_an_audit_nothing_ever_becomes_public() -> anyhow::Result<()> {
    let desk = youtube_desk().await?;
    desk.tune(|tuning| tuning.youtube.is_audit_locked = true);
    let at_ms = desk.clock.now_ms() + 60_000;
    let scheduled =
        desk.upload(&metadata("Later", json!({"privacyStatus": "private", "publishAt": rfc3339(at_ms)}))).await?;
    let public = desk.upload(&metadata("Now", json!({"privacyStatus": "public"}))).await?;
    desk.clock.advance_ms(120_000);
    for id in [&scheduled, &public] {
        assert_eq!(desk.video(id, "status").await?["status"]["privacyStatus"], "private");
    }
    let update = desk
        .put_json("/youtube/v3/videos?part=status", &json!({"id": public, "status": {"privacyStatus": "public"}}))
        .await?;
    assert_eq!(update.at("/status/privacyStatus"), "private");
    assert_eq!(desk.sim.ledger(), []);
    Ok(())
}

#[tokio::test]
async fn an_update_clears_what_a_named_part_leaves_out() -> anyhow::Result<()> {
    let mut desk = youtube_desk().await?;
    let at = rfc3339(desk.clock.now_ms() + 3_600_000);
    let id = desk
        .upload(&metadata(
            "One",
            json!({"privacyStatus": "private", "publishAt": at, "selfDeclaredMadeForKids": false, "embeddable": false}),
        ))
        .await?;
    let update = async |desk: &Desk, part: &str, body: Value| {
        desk.put_json(&format!("/youtube/v3/videos?part={part}"), &body).await
    };
    let seen = update(&desk, "snippet", json!({"id": id, "snippet": {"title": "Two", "categoryId": "27"}})).await?;
    assert_eq!(
        (
            seen.status,
            seen.at("/snippet/title").as_str(),
            seen.json()["snippet"]["tags"].clone(),
            seen.at("/snippet/description").as_str()
        ),
        (200, "Two", Value::Null, "")
    );
    assert_eq!(
        reason(&update(&desk, "snippet", json!({"id": id, "snippet": {"title": "Two"}})).await?).1,
        "invalidCategoryId"
    );
    assert_eq!(
        reason(&update(&desk, "snippet", json!({"id": id, "snippet": {"categoryId": "27"}})).await?).1,
        "invalidTitle"
    );
    assert!(desk.video(&id, "status").await?["status"]["publishAt"].is_string(), "the other part is left alone");
    let seen = update(&desk, "status", json!({"id": id, "status": {"privacyStatus": "private"}})).await?;
    assert_eq!(
        (seen.json()["status"]["publishAt"].clone(), seen.at("/status/embeddable").as_str()),
        (Value::Null, "true"),
        "cancelled, and the rest forgotten"
    );
    let seen = update(&desk, "status", json!({"id": id, "status": {"embeddable": true}})).await?;
    assert_eq!(seen.at("/status/privacyStatus"), "public", "who leaves the privacy out falls back to the default");
    assert_eq!(desk.sim.ledger().len(), 1);
    let hidden = update(&desk, "status", json!({"id": id, "status": {"privacyStatus": "private"}})).await?;
    assert_eq!(hidden.status, 200);
    assert!(desk.sim.ledger()[0].deleted, "hidden again");
    assert_eq!(
        reason(&update(&desk, "status", json!({"id": "none", "status": {"privacyStatus": "private"}})).await?),
        (404, "videoNotFound".into())
    );
    let read_only = desk.granted(ANA, &["youtube.readonly", "youtube.upload"])?;
    desk.token = read_only;
    assert_eq!(update(&desk, "status", json!({"id": id, "status": {"privacyStatus": "public"}})).await?.status, 403);
    desk.token = desk.granted(ANA, &["youtube.force-ssl"])?;
    let delete = async || {
        desk.seen(
            desk.http
                .request(Method::DELETE, desk.sim.url().join(&format!("/youtube/v3/videos?id={id}"))?)
                .bearer_auth(&desk.token),
        )
        .await
    };
    assert_eq!(delete().await?.status, 204);
    assert_eq!(delete().await?.status, 404);
    assert_eq!(desk.video(&id, "status").await?, Value::Null);
    Ok(())
}

#[tokio::test]
async fn a_thumbnail_must_be_a_picture_for_a_video_of_ones_own() -> anyhow::Result<()> {
    let desk = youtube_desk().await?;
    let id = desk.upload(&metadata("One", json!({"privacyStatus": "private"}))).await?;
    let set = async |id: &str, kind: &str, body: Vec<u8>| {
        let path = format!("/upload/youtube/v3/thumbnails/set?videoId={id}&uploadType=media");
        desk.seen(
            desk.http
                .post(desk.sim.url().join(&path)?)
                .bearer_auth(&desk.token)
                .header("content-type", kind)
                .body(body),
        )
        .await
    };
    let png = [b"\x89PNG\r\n\x1a\n".to_vec(), vec![0; 50]].concat();
    assert_eq!(reason(&set(&id, "image/png", Vec::new()).await?), (400, "mediaBodyRequired".into()));
    assert_eq!(reason(&set(&id, "image/png", b"no picture".to_vec()).await?), (400, "invalidImage".into()));
    assert_eq!(set(&id, "image/gif", png.clone()).await?.status, 400);
    assert_eq!(reason(&set("none", "image/png", png.clone()).await?), (404, "videoNotFound".into()));
    let seen = set(&id, "image/png", png.clone()).await?;
    assert_eq!((seen.status, seen.at("/kind").as_str()), (200, "youtube#thumbnailSetResponse"));
    assert!(seen.at("/items/0/default/url").contains(&id));
    assert_eq!(desk.video(&id, "contentDetails").await?["contentDetails"]["hasCustomThumbnail"], true);
    desk.tune(|tuning| tuning.youtube.is_unverified = true);
    assert_eq!(reason(&set(&id, "image/png", png).await?), (403, "forbidden".into()));
    Ok(())
}

#[tokio::test]
async fn three_quotas_are_counted_apart_until_midnight_in_california() -> anyhow::Result<()> {
    let mut desk = youtube_desk().await?;
    desk.at_noon(&["youtube"])?;
    let spent = async |desk: &Desk| desk.get("/__sim/youtube/quota").await.map(|seen| seen.json());
    desk.get("/youtube/v3/channels?part=id&mine=true").await?;
    let id = desk.upload(&metadata("One", json!({"privacyStatus": "private"}))).await?;
    desk.put_json("/youtube/v3/videos?part=status", &json!({"id": id, "status": {"privacyStatus": "private"}})).await?;
    desk.get("/youtube/v3/search?part=id&forMine=true&type=video").await?;
    assert_eq!(spent(&desk).await?, json!({"units": 51, "inserts": 1, "searches": 1}));
    desk.get("/youtube/v3/channels?part=mood").await?;
    assert_eq!(spent(&desk).await?["units"], 52, "a wrong call costs too");
    desk.tune(|tuning| tuning.youtube.units_per_day = 53);
    assert_eq!(desk.get("/youtube/v3/channels?part=id&mine=true").await?.status, 200, "the last unit");
    let over = desk.get("/youtube/v3/channels?part=id&mine=true").await?;
    assert_eq!(
        (reason(&over), over.at("/error/errors/0/domain").as_str()),
        ((403, "quotaExceeded".into()), "youtube.quota")
    );
    assert_eq!(desk.get("/youtube/v3/search?part=id&q=episode").await?.status, 200, "another bucket");
    desk.tune(|tuning| tuning.youtube.searches_per_day = 2);
    assert_eq!(desk.get("/youtube/v3/search?part=id&q=episode").await?.status, 403);
    desk.clock.advance_ms(DAY_MS);
    desk.token = desk.granted(ANA, &["youtube"])?;
    assert_eq!(desk.get("/youtube/v3/search?part=id&q=episode").await?.status, 200);
    assert_eq!(spent(&desk).await?, json!({"units": 0, "inserts": 0, "searches": 1}));
    Ok(())
}

#[tokio::test]
async fn reports_are_counted_from_the_views() -> anyhow::Result<()> {
    let mut desk = youtube_desk().await?;
    desk.token = desk.granted(ANA, &["yt-analytics.readonly"])?;
    let views = desk.views();
    assert!(views.len() > 300);
    let count = |test: &dyn Fn(&View) -> bool| views.iter().filter(|view| test(view)).count() as u64;
    let watched: u64 = views.iter().map(|view| view.watched_s).sum();
    let total =
        desk.table(&[("metrics", "views,estimatedMinutesWatched,averageViewDuration,likes,subscribersGained")]).await?;
    let expected = [
        views.len() as u64,
        watched / 60,
        watched / views.len() as u64,
        count(&|view| view.liked),
        count(&|view| view.subscribed),
    ];
    assert_eq!(total, [expected.map(Value::from).to_vec()]);
    let by = |name: &dyn Fn(&View) -> String| {
        let mut grouped: BTreeMap<String, u64> = BTreeMap::new();
        views.iter().for_each(|view| *grouped.entry(name(view)).or_default() += 1);
        grouped
    };
    let got = async |pairs: &[(&str, &str)]| -> anyhow::Result<BTreeMap<String, u64>> {
        Ok(desk
            .table(pairs)
            .await?
            .into_iter()
            .map(|row| (row[0].as_str().unwrap_or("?").to_owned(), row[1].as_u64().unwrap_or(0)))
            .collect())
    };
    assert_eq!(got(&[("dimensions", "day"), ("sort", "day")]).await?, by(&|view| view.date.clone()));
    assert_eq!(got(&[("dimensions", "country")]).await?, by(&|view| view.country.clone()));
    assert_eq!(got(&[("dimensions", "insightTrafficSourceType")]).await?, by(&|view| view.source.clone()));
    assert_eq!(got(&[("dimensions", "deviceType")]).await?, by(&|view| view.device.clone()));
    assert_eq!(got(&[("dimensions", "creatorContentType")]).await?, by(&|view| view.format.clone()));
    let top = desk.table(&[("dimensions", "video"), ("sort", "-views"), ("maxResults", "3")]).await?;
    let mut best: Vec<u64> = by(&|view| view.video.clone()).into_values().collect();
    best.sort_unstable_by(|a, b| b.cmp(a));
    assert_eq!(top.iter().map(|row| row[1].as_u64().unwrap_or(0)).collect::<Vec<_>>(), best[..3]);
    let second =
        desk.table(&[("dimensions", "video"), ("sort", "-views"), ("maxResults", "1"), ("startIndex", "2")]).await?;
    assert_eq!(second, [top[1].clone()]);
    let one = top[0][0].as_str().unwrap_or("?");
    let filtered = desk.table(&[("filters", &format!("video=={one};country==IT"))]).await?;
    assert_eq!(filtered[0][0], count(&|view| view.video == one && view.country == "IT"));
    let retention = desk
        .table(&[
            ("dimensions", "elapsedVideoTimeRatio"),
            ("metrics", "audienceWatchRatio,relativeRetentionPerformance"),
            ("filters", &format!("video=={one}")),
        ])
        .await?;
    assert!(retention.len() == 100 && retention.is_sorted_by(|a, b| a[1].as_f64() >= b[1].as_f64()));
    Ok(())
}

#[tokio::test]
async fn people_are_shown_in_percent_and_not_when_there_are_too_few() -> anyhow::Result<()> {
    let mut desk = youtube_desk().await?;
    desk.token = desk.granted(ANA, &["yt-analytics.readonly"])?;
    let pairs = [("dimensions", "ageGroup,gender"), ("metrics", "viewerPercentage")];
    let rows = desk.table(&pairs).await?;
    let sum: f64 = rows.iter().filter_map(|row| row[2].as_f64()).sum();
    assert!(rows.len() > 5 && (sum - 100.0).abs() < 2.0, "{sum}");
    desk.tune(|tuning| tuning.youtube.demographics_views_min = 1_000_000);
    let none = desk.watched(&pairs).await?;
    assert_eq!((none.status, none.json()["rows"].clone()), (200, Value::Null));
    assert_eq!(none.json()["columnHeaders"].as_array().map(Vec::len), Some(3), "headers are there anyway");
    let future = desk.watched(&[("startDate", &desk.ago(2)), ("endDate", &desk.ago(0))]).await?;
    assert_eq!(future.json()["rows"], Value::Null, "the newest days are missing");
    Ok(())
}

#[tokio::test]
async fn combinations_that_are_not_served_are_refused() -> anyhow::Result<()> {
    let mut desk = youtube_desk().await?;
    desk.token = desk.granted(ANA, &["yt-analytics.readonly"])?;
    for pairs in [
        vec![("dimensions", "video")],
        vec![("dimensions", "video"), ("sort", "-views")],
        vec![("dimensions", "video"), ("sort", "views"), ("maxResults", "10")],
        vec![("dimensions", "video"), ("sort", "-views"), ("maxResults", "201")],
        vec![("dimensions", "ageGroup"), ("metrics", "views")],
        vec![("metrics", "viewerPercentage")],
        vec![("dimensions", "province")],
        vec![("dimensions", "country,day")],
        vec![("dimensions", "city")],
        vec![("dimensions", "deviceType"), ("metrics", "likes")],
        vec![("dimensions", "insightTrafficSourceDetail"), ("sort", "-views"), ("maxResults", "25")],
        vec![
            ("dimensions", "insightTrafficSourceDetail"),
            ("sort", "-views"),
            ("maxResults", "26"),
            ("filters", "insightTrafficSourceType==YT_SEARCH"),
        ],
        vec![("dimensions", "elapsedVideoTimeRatio"), ("metrics", "audienceWatchRatio")],
        vec![("dimensions", "elapsedVideoTimeRatio"), ("metrics", "audienceWatchRatio"), ("filters", "video==a,b")],
        vec![("dimensions", "month")],
    ] {
        let seen = desk.watched(&pairs).await?;
        assert_eq!(reason(&seen), (400, "badRequest".into()), "{pairs:?}");
        assert!(seen.at("/error/message").starts_with("The query is not supported"), "{pairs:?} {}", seen.text);
    }
    for pairs in [
        vec![("metrics", "clicks")],
        vec![("metrics", "")],
        vec![("startDate", "2026-1-1")],
        vec![("endDate", "2020-01-01")],
        vec![("sort", "likes")],
        vec![("filters", "mood==fine")],
        vec![("filters", "country")],
        vec![("startIndex", "0")],
        vec![("maxResults", "x")],
        vec![("ids", "MINE")],
    ] {
        assert_eq!(desk.watched(&pairs).await?.status, 400, "{pairs:?}");
    }
    for pairs in [
        vec![("dimensions", "province"), ("filters", "country==US")],
        vec![("dimensions", "video"), ("sort", "-views"), ("maxResults", "200")],
        vec![
            ("dimensions", "insightTrafficSourceDetail"),
            ("sort", "-views"),
            ("maxResults", "25"),
            ("filters", "insightTrafficSourceType==YT_SEARCH"),
        ],
        vec![("dimensions", "month"), ("startDate", "2026-08-01"), ("endDate", "2026-10-31")],
        vec![("dimensions", "month"), ("startDate", "2026-08-01"), ("endDate", "2026-10-01")],
        vec![("ids", "channel==UCsimAnaChannel0000000001")],
    ] {
        assert_eq!(desk.watched(&pairs).await?.status, 200, "{pairs:?}");
    }
    assert_eq!(desk.watched(&[("ids", "channel==UCsimBrandChannel00000002")]).await?.status, 403);
    assert_eq!(desk.watched(&[("metrics", "estimatedRevenue")]).await?.status, 403);
    desk.token = desk.granted(ANA, &["yt-analytics-monetary.readonly"])?;
    assert_eq!(desk.watched(&[("metrics", "estimatedRevenue")]).await?.status, 200);
    desk.token = desk.granted(ANA, &["youtube.upload"])?;
    assert_eq!(desk.watched(&[]).await?.status, 403);
    Ok(())
}
