//! Timelines, look-ups, spelling.

use serde_json::{Value, json};
use socrazi_sim::growth;
use socrazi_sim::x::{Spelling, Switches};

use crate::desk::{ANA, BEN, SCOPES, desk};

/// Puts the written text together again: links back, media links away, escapes undone.
fn written(post: &Value) -> String {
    let text: Vec<char> = post["text"].as_str().unwrap_or_default().chars().collect();
    let mut out = String::new();
    let mut at = 0;
    let empty = Vec::new();
    let place = |value: &Value| value.as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    for link in post["entities"]["urls"].as_array().unwrap_or(&empty) {
        let (start, end) = (place(&link["start"]), place(&link["end"]));
        assert_eq!(text[start..end].iter().collect::<String>(), link["url"].as_str().unwrap_or_default());
        if start >= at {
            out.extend(&text[at..start]);
        }
        if link.get("media_key").is_none() {
            out.push_str(link["expanded_url"].as_str().unwrap_or_default());
        }
        at = end;
    }
    out.extend(&text[at.min(text.len())..]);
    out.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").trim().to_owned()
}

#[tokio::test]
async fn a_timeline_wraps_links_and_entities_undo_it() -> anyhow::Result<()> {
    let desk = desk().await?;
    let text = "<b> & 😷 https://example.com/a?b=1&c=2 then #tag @ana $ABC https://example.com/a?b=1&c=2 日本";
    assert_eq!(desk.tweet(json!({"text": text})).await?.status, 201);
    let seen = desk.get(&format!("/2/users/{ANA}/tweets?tweet.fields=entities,created_at,text")).await?;
    assert_eq!(seen.status, 200);
    assert_ne!(seen.at("/data/0/text"), text);
    assert_eq!(written(&seen.json()["data"][0]), text);
    assert_eq!(seen.at("/data/0/entities/hashtags/0/tag"), "tag");
    assert_eq!(seen.at("/data/0/entities/mentions/0/username"), "ana");
    assert_eq!(seen.at("/data/0/entities/cashtags/0/tag"), "ABC");
    assert!(seen.at("/data/0/created_at").ends_with('Z'));
    Ok(())
}

#[tokio::test]
async fn an_empty_timeline_has_no_data() -> anyhow::Result<()> {
    let desk = desk().await?;
    let seen = desk.get(&format!("/2/users/{ANA}/tweets")).await?;
    assert_eq!((seen.status, seen.text.as_str()), (200, r#"{"meta":{"result_count":0}}"#));
    Ok(())
}

#[tokio::test]
async fn a_timeline_pages_filters_and_lags() -> anyhow::Result<()> {
    let desk = desk().await?;
    desk.sim.set_switches(&Switches { self_replies_allowed: Some(true), ..Switches::default() });
    let start = socrazi_sim::clock::rfc3339(desk.clock.now_ms() - 60_000);
    let mut ids = Vec::new();
    for n in 0..7 {
        ids.push(desk.tweet(json!({"text": format!("post {n}")})).await?.at("/data/id"));
        desk.clock.advance_ms(1_000);
    }
    let first = desk.get(&format!("/2/users/{ANA}/tweets?max_results=5&start_time={start}")).await?;
    assert_eq!(first.at("/meta/result_count"), "5");
    assert_eq!((first.at("/data/0/id"), first.at("/meta/newest_id")), (ids[6].clone(), ids[6].clone()));
    let path = format!("/2/users/{ANA}/tweets?max_results=5&pagination_token={}", first.at("/meta/next_token"));
    let second = desk.get(&path).await?;
    assert_eq!((second.at("/meta/result_count"), second.at("/data/1/id")), ("2".into(), ids[0].clone()));
    assert!(second.json()["meta"].get("next_token").is_none());
    desk.tweet(json!({"text": "a reply", "reply": {"in_reply_to_tweet_id": ids[0]}})).await?;
    let without = desk.get(&format!("/2/users/{ANA}/tweets?max_results=100&exclude=replies")).await?;
    assert_eq!(without.at("/meta/result_count"), "7");
    let future = socrazi_sim::clock::rfc3339(desk.clock.now_ms() + 1_000);
    let later = desk.get(&format!("/2/users/{ANA}/tweets?start_time={future}")).await?;
    assert_eq!(later.at("/meta/result_count"), "0");
    desk.sim.set_switches(&Switches { timeline_lag_ms: Some(20_000), ..Switches::default() });
    desk.tweet(json!({"text": "late"})).await?;
    let seen = desk.get(&format!("/2/users/{ANA}/tweets?max_results=100")).await?;
    assert!(!seen.text.contains("late"));
    desk.clock.advance_ms(20_000);
    assert!(desk.get(&format!("/2/users/{ANA}/tweets?max_results=100")).await?.text.contains("late"));
    for bad in [
        "max_results=4",
        "max_results=101",
        "start_time=yesterday",
        "tweet.fields=nothing",
        "colour=red",
        "pagination_token=x",
    ] {
        assert_eq!(desk.get(&format!("/2/users/{ANA}/tweets?{bad}")).await?.status, 400, "{bad}");
    }
    Ok(())
}

#[tokio::test]
async fn a_read_can_carry_data_and_errors() -> anyhow::Result<()> {
    let mut desk = desk().await?;
    let id = desk.tweet(json!({"text": "here"})).await?.at("/data/id");
    let seen = desk.get(&format!("/2/tweets?ids={id},1&tweet.fields=public_metrics,non_public_metrics")).await?;
    assert_eq!((seen.status, seen.at("/data/0/id")), (200, id.clone()));
    assert_eq!(seen.at("/errors/0/type"), "https://api.x.com/2/problems/resource-not-found");
    assert_eq!(seen.at("/data/0/public_metrics/retweet_count"), "0");
    assert_eq!(seen.at("/data/0/non_public_metrics/engagements"), "0");
    desk.token = desk.sim.grant(BEN, &SCOPES)?.access;
    let seen = desk.get(&format!("/2/tweets?ids={id}&tweet.fields=non_public_metrics")).await?;
    assert_eq!((seen.status, seen.at("/errors/0/title")), (200, "Field Authorization Error".into()));
    Ok(())
}

#[tokio::test]
async fn both_spellings_are_spoken() -> anyhow::Result<()> {
    let desk = desk().await?;
    desk.sim.set_switches(&Switches { spelling: Some(Spelling::Post), ..Switches::default() });
    let seen = desk.tweet(json!({"text": "spelled"})).await?;
    assert_eq!(seen.at("/data/edit_history_post_ids/0"), seen.at("/data/id"));
    let path = format!("/2/tweets?ids={}&tweet.fields=public_metrics", seen.at("/data/id"));
    assert_eq!(desk.get(&path).await?.at("/data/0/public_metrics/repost_count"), "0");
    let me = desk.get("/2/users/me?user.fields=public_metrics,subscription_type").await?;
    assert_eq!(me.at("/data/public_metrics/post_count"), "1");
    assert_eq!(me.at("/data/subscription_type"), "None");
    Ok(())
}

#[tokio::test]
async fn figures_grow_from_a_seed_and_only_the_owner_sees_clicks_for_a_month() -> anyhow::Result<()> {
    let mut desk = desk().await?;
    let id = desk.tweet(json!({"text": "counted"})).await?.at("/data/id");
    let path = format!("/2/tweets?ids={id}&tweet.fields=public_metrics,non_public_metrics");
    assert_eq!(
        desk.get(&path).await?.at("/data/0/public_metrics/impression_count"),
        "0",
        "nothing grows without a seed"
    );
    desk.sim.set_switches(&Switches { growth: Some(9), ..Switches::default() });
    desk.clock.advance_ms(24 * 3_600_000);
    desk.token = desk.sim.grant(ANA, &SCOPES)?.access;
    let born = desk.sim.ledger()[0].created_at_ms;
    let grown = |name: &str| growth::figure(9, (&id, name), desk.clock.now_ms() - born);
    let low = grown("impression_count");
    let seen = desk.get(&path).await?;
    let views: u64 = seen.at("/data/0/public_metrics/impression_count").parse()?;
    assert!((low..=grown("impression_count")).contains(&views) && views > 0, "{}", seen.text);
    assert_ne!(seen.at("/data/0/non_public_metrics/url_link_clicks"), "0");
    desk.http.post(desk.sim.url().join("/__sim/insights")?).json(&json!({&id: {"like_count": 77}})).send().await?;
    assert_eq!(desk.get(&path).await?.at("/data/0/public_metrics/like_count"), "77", "what is set comes before");
    desk.clock.advance_ms(29 * 24 * 3_600_000);
    desk.token = desk.sim.grant(ANA, &SCOPES)?.access;
    let late = desk.get(&path).await?;
    assert!(late.at("/errors/0/type").ends_with("not-authorized-for-field"), "{}", late.text);
    assert_eq!(late.at("/data/0/public_metrics/like_count"), "77");
    let many = format!("/2/tweets?ids={}", vec!["1"; 101].join(","));
    assert_eq!(desk.get(&many).await?.status, 400, "a hundred at once");
    Ok(())
}
