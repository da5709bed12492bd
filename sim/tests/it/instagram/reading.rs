//! Lists and numbers (dossier §6, §7).

use anyhow::Context;
use serde_json::{Value, json};
use socrazi_sim::instagram::{InstagramOptions, SimProfile, Tuning};

use super::{ANA, Desk, codes, desk, desk_with, options};

fn ids(body: &Value) -> Vec<String> {
    let ids = body["data"].as_array().into_iter().flatten();
    ids.map(|medium| medium["id"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn media_are_listed_newest_first_by_pages_times_and_late() -> anyhow::Result<()> {
    let desk = desk().await?;
    let path = format!("/v25.0/{ANA}/media");
    let mut out = Vec::new();
    for text in ["1", "2", "3"] {
        out.push(desk.posted(&desk.image(text).await?).await?);
        desk.clock.advance_ms(60_000);
    }
    let (_, all) = desk.get(&path, &[("fields", "id,caption,timestamp")]).await?;
    assert_eq!(ids(&all), [&out[2], &out[1], &out[0]].map(String::clone));
    assert_eq!(all["data"][0]["caption"], "3");
    let (_, first) = desk.get(&path, &[("limit", "2")]).await?;
    let after = first["paging"]["cursors"]["after"].as_str().context("no cursor")?;
    assert!(first["paging"]["next"].is_string());
    let (_, rest) = desk.get(&path, &[("limit", "2"), ("after", after)]).await?;
    assert_eq!((ids(&rest), rest["paging"].get("next")), (vec![out[0].clone()], None));
    let since = (desk.clock.now_ms() / 1_000 - 90).to_string();
    assert_eq!(ids(&desk.get(&path, &[("since", &since)]).await?.1), [out[2].clone()]);
    assert_eq!(ids(&desk.get(&path, &[("until", &since)]).await?.1), [out[1].clone(), out[0].clone()]);
    for wrong in [("limit", "0"), ("limit", "101"), ("after", "x"), ("since", "today"), ("fields", "reach")] {
        assert_eq!(codes(&desk.get(&path, &[wrong]).await?.1).0, 100, "{wrong:?}");
    }
    desk.sim.tune(Tuning { list_lag_ms: 3_600_000, ..Tuning::default() });
    assert_eq!(desk.get(&path, &[]).await?.1, json!({"data": []}), "the list lags");
    Ok(())
}

#[tokio::test]
async fn stories_are_listed_apart_for_a_day() -> anyhow::Result<()> {
    let desk = desk().await?;
    let story = desk.container(&[("media_type", "STORIES"), ("image_url", &desk.files.url("b.jpg"))]).await?;
    let story = desk.posted(&story).await?;
    let (stories, media) = (format!("/v25.0/{ANA}/stories"), format!("/v25.0/{ANA}/media"));
    assert_eq!(ids(&desk.get(&stories, &[("fields", "id,permalink")]).await?.1), std::slice::from_ref(&story));
    let image = desk.posted(&desk.image("x").await?).await?;
    assert_eq!(ids(&desk.get(&media, &[]).await?.1), [image], "a story is none of the media");
    let second = desk.container(&[("media_type", "STORIES"), ("image_url", &desk.files.url("a.jpg"))]).await?;
    let second = desk.posted(&second).await?;
    let (_, newest) = desk.get(&stories, &[("fields", "id"), ("limit", "1")]).await?;
    let next = newest["paging"]["next"].as_str().context("no next page")?;
    let next = next.strip_prefix("https://graph.instagram.com").context("another host")?;
    assert_eq!((ids(&newest), ids(&desk.get(next, &[]).await?.1)), (vec![second], vec![story]), "{next}");
    desk.clock.advance_ms(86_400_000 - 60_000);
    assert_eq!(ids(&desk.get(&stories, &[]).await?.1).len(), 2);
    desk.clock.advance_ms(60_000);
    assert_eq!(desk.get(&stories, &[]).await?, (200, json!({"data": []})));
    Ok(())
}

async fn set(desk: &Desk, sets: Value) -> anyhow::Result<()> {
    desk.http.post(desk.sim.url().join("/__sim/insights")?).json(&sets).send().await?;
    Ok(())
}

#[tokio::test]
async fn numbers_of_a_medium_depend_on_its_kind_and_one_wrong_name_fails_all() -> anyhow::Result<()> {
    let desk = desk().await?;
    let image = desk.posted(&desk.image("x").await?).await?;
    let reel = desk.container(&[("media_type", "REELS"), ("video_url", &desk.files.url("v.mp4"))]).await?;
    let reel = desk.posted(&reel).await?;
    let story = desk.container(&[("media_type", "STORIES"), ("image_url", &desk.files.url("b.jpg"))]).await?;
    let story = desk.posted(&story).await?;
    set(&desk, json!({&image: {"views": 12, "likes": 3}, &story: {"reach": 4}})).await?;
    let ask = async |id: &str, metric: &str| {
        anyhow::Ok(desk.get(&format!("/v25.0/{id}/insights"), &[("metric", metric)]).await?.1)
    };
    let seen = ask(&image, "views,reach,saved").await?;
    assert_eq!(
        (&seen["data"][0]["values"][0]["value"], &seen["data"][1]["values"][0]["value"], &seen["data"][0]["period"]),
        (&json!(12), &json!(0), &json!("lifetime"))
    );
    for (id, metric, wanted) in [
        (&image, "views,ig_reels_avg_watch_time", 100),
        (&image, "impressions", 100),
        (&image, "", 100),
        (&reel, "ig_reels_avg_watch_time,reels_skip_rate", 0),
        (&reel, "profile_visits", 100),
        (&story, "views", 10),
    ] {
        assert_eq!(codes(&ask(id, metric).await?).0, wanted, "{metric}");
    }
    set(&desk, json!({&story: {"reach": 5}})).await?;
    assert_eq!(codes(&ask(&story, "reach,navigation").await?).0, 0, "five viewers are enough");
    desk.clock.advance_ms(86_400_000);
    assert_eq!(codes(&ask(&story, "reach").await?), (100, 33), "a day later there are none");
    let counted = desk.get(&format!("/v25.0/{image}"), &[("fields", "like_count,view_count,comments_count")]).await?.1;
    assert_eq!((&counted["like_count"], &counted["view_count"]), (&json!(3), &json!(12)));
    Ok(())
}

#[tokio::test]
async fn numbers_of_an_account_come_by_day_within_a_month() -> anyhow::Result<()> {
    let mut ana = SimProfile::new(ANA, "ana", "Ana");
    ana.followers = 99;
    let desk = desk_with(InstagramOptions { users: vec![ana.clone()], ..options() }).await?;
    set(&desk, json!({ANA: {"views": 120, "reach": 8}})).await?;
    let path = format!("/v25.0/{ANA}/insights");
    let total = [("metric", "views,saves"), ("period", "day"), ("metric_type", "total_value")];
    let (_, seen) = desk.get(&path, &total).await?;
    assert_eq!(
        (seen["data"].as_array().map(Vec::len), &seen["data"][0]["total_value"]["value"]),
        (Some(1), &json!(120)),
        "missing is missing, not zero"
    );
    let (_, series) = desk.get(&path, &[("metric", "reach"), ("period", "day")]).await?;
    assert_eq!(series["data"][0]["values"][0]["value"], 8);
    let until = desk.clock.now_ms() / 1_000;
    let (month, over) = ((until - 30 * 86_400).to_string(), (until - 30 * 86_400 - 1).to_string());
    let until = until.to_string();
    let within = |since: &str| {
        [&total[..], &[("since", since), ("until", until.as_str())]]
            .concat()
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect::<Vec<_>>()
    };
    for (since, wanted) in [(&month, 0), (&over, 100), (&until, 100)] {
        let pairs = within(since);
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(codes(&desk.get(&path, &pairs).await?.1).0, wanted, "{since}");
    }
    for pairs in [
        vec![("metric", "views"), ("period", "day")],
        vec![("metric", "views"), ("metric_type", "total_value")],
        vec![("metric", "impressions"), ("period", "day"), ("metric_type", "total_value")],
        vec![("metric", "follower_demographics"), ("period", "day"), ("breakdown", "age"), ("timeframe", "this_week")],
        vec![("metric", "follower_demographics"), ("period", "lifetime"), ("breakdown", "age")],
    ] {
        assert_eq!(codes(&desk.get(&path, &pairs).await?.1).0, 100, "{pairs:?}");
    }
    let people =
        [("metric", "follower_demographics"), ("period", "lifetime"), ("breakdown", "age"), ("timeframe", "this_week")];
    assert_eq!(desk.get(&path, &people).await?.1, json!({"data": []}), "99 followers are too few");
    ana.followers = 100;
    desk.http.post(desk.sim.url().join("/__sim/users")?).json(&ana).send().await?;
    assert_eq!(desk.get(&path, &people).await?.1["data"][0]["name"], "follower_demographics");
    Ok(())
}
