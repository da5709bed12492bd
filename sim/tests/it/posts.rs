//! Creating and deleting.

use serde_json::json;
use socrazi_sim::x::{SimUser, Switches};

use crate::desk::{ANA, BEN, SCOPES, desk};

#[tokio::test]
async fn a_new_post_is_created_and_seen_by_the_world() -> anyhow::Result<()> {
    let desk = desk().await?;
    let seen = desk.tweet(json!({"text": "Fish & <chips> https://example.com/a", "made_with_ai": true})).await?;
    assert_eq!(seen.status, 201);
    assert!(seen.at("/data/text").starts_with("Fish &amp; &lt;chips&gt; https://t.co/"));
    assert_eq!(seen.at("/data/edit_history_tweet_ids/0"), seen.at("/data/id"));
    let ledger = desk.sim.ledger();
    assert_eq!(ledger.len(), 1);
    assert_eq!(ledger[0].text, "Fish & <chips> https://example.com/a");
    assert_eq!((ledger[0].user_id.as_str(), ledger[0].username.as_str()), (ANA, "socrazi_demo"));
    assert_eq!(ledger[0].made_with_ai, Some(true));
    assert!(ledger[0].id.parse::<u64>()? > 1 << 53);
    Ok(())
}

#[tokio::test]
async fn malformed_requests_are_refused() -> anyhow::Result<()> {
    let desk = desk().await?;
    for body in [
        json!({"text": "a", "tweet_mode": "extended"}),
        json!({"text": null}),
        json!({"text": 7}),
        json!({}),
        json!({"text": " "}),
        json!({"text": "a", "media": {"media_ids": []}}),
        json!({"text": "a", "media": {"media_ids": ["1", "2", "3", "4", "5"]}}),
        json!({"text": "a", "media": {"media_ids": ["1"]}, "poll": {"options": ["a", "b"], "duration_minutes": 60}}),
        json!({"text": "a", "poll": {"options": ["a"], "duration_minutes": 60}}),
        json!({"text": "a", "poll": {"options": ["a", "b", "c", "d", "e"], "duration_minutes": 60}}),
        json!({"text": "a", "poll": {"options": ["a", "12345678901234567890123456"], "duration_minutes": 60}}),
        json!({"text": "a", "poll": {"options": ["a", "b"], "duration_minutes": 4}}),
        json!({"text": "a", "poll": {"options": ["a", "b"], "duration_minutes": 10081}}),
        json!({"text": "a", "reply_settings": "everyone"}),
        json!({"text": "a", "reply": {}}),
        json!({"text": "a", "reply": {"in_reply_to_tweet_id": "abc"}}),
        json!(["text"]),
    ] {
        let seen = desk.tweet(body.clone()).await?;
        assert_eq!(seen.status, 400, "{body}");
        assert_eq!(seen.at("/type"), "https://api.x.com/2/problems/invalid-request");
    }
    assert!(desk.sim.ledger().is_empty());
    Ok(())
}

#[tokio::test]
async fn length_is_weighted_and_paying_accounts_may_write_more() -> anyhow::Result<()> {
    let desk = desk().await?;
    assert_eq!(desk.tweet(json!({"text": "字".repeat(140)})).await?.status, 201);
    let seen = desk.tweet(json!({"text": "字".repeat(141)})).await?;
    assert_eq!((seen.status, seen.at("/detail")), (403, "You are not permitted to perform this action.".into()));
    let link = format!("https://example.com/{}", "a".repeat(300));
    assert_eq!(desk.tweet(json!({"text": format!("{} {link}", "b".repeat(256))})).await?.status, 201);
    assert_eq!(desk.tweet(json!({"text": format!("{} {link}", "b".repeat(257))})).await?.status, 403);
    let mut rich = SimUser::new(ANA, "socrazi_demo", "Socrazi Demo");
    rich.subscription_type = "Premium".into();
    desk.sim.add_user(rich);
    assert_eq!(desk.tweet(json!({"text": "字".repeat(141)})).await?.status, 201);
    let seen = desk.get(&format!("/2/users/{ANA}/tweets?tweet.fields=note_tweet")).await?;
    assert_eq!(seen.at("/data/0/note_tweet/text"), "字".repeat(141));
    assert_ne!(seen.at("/data/0/text"), "字".repeat(141));
    Ok(())
}

#[tokio::test]
async fn one_cashtag_and_no_more() -> anyhow::Result<()> {
    let desk = desk().await?;
    assert_eq!(desk.tweet(json!({"text": "$ABC at $5"})).await?.status, 201);
    let seen = desk.tweet(json!({"text": "$ABC and $DEF"})).await?;
    assert_eq!(seen.status, 403);
    assert!(seen.at("/detail").contains("maximum of one cashtag"));
    Ok(())
}

#[tokio::test]
async fn identical_recent_text_is_refused_per_account() -> anyhow::Result<()> {
    let mut desk = desk().await?;
    let first = desk.tweet(json!({"text": "again"})).await?;
    let seen = desk.tweet(json!({"text": "again "})).await?;
    assert_eq!(seen.status, 403);
    assert_eq!(seen.at("/detail"), "You are not allowed to create a Tweet with duplicate content.");
    assert_eq!((seen.at("/title"), seen.at("/type")), ("Forbidden".into(), "about:blank".into()));
    let mine = std::mem::replace(&mut desk.token, desk.sim.grant(BEN, &SCOPES)?.access);
    assert_eq!(desk.tweet(json!({"text": "again"})).await?.status, 201);
    desk.token = mine;
    desk.clock.advance_ms(3_600_000);
    assert_eq!(desk.tweet(json!({"text": "again"})).await?.status, 403);
    let gone = desk.url(&format!("/2/tweets/{}", first.at("/data/id")))?;
    let seen = desk.send(desk.http.delete(gone).bearer_auth(&desk.token)).await?;
    assert_eq!((seen.status, seen.text.as_str()), (200, r#"{"data":{"deleted":true}}"#));
    assert!(desk.sim.ledger()[0].deleted);
    assert_eq!(desk.tweet(json!({"text": "again"})).await?.status, 201);
    Ok(())
}

#[tokio::test]
async fn the_duplicate_window_closes() -> anyhow::Result<()> {
    let desk = desk().await?;
    desk.sim.set_switches(&Switches { duplicate_window_ms: Some(60_000), ..Switches::default() });
    assert_eq!(desk.tweet(json!({"text": "again"})).await?.status, 201);
    desk.clock.advance_ms(60_001);
    assert_eq!(desk.tweet(json!({"text": "again"})).await?.status, 201);
    Ok(())
}

#[tokio::test]
async fn replies_need_a_summons_and_chains_a_switch() -> anyhow::Result<()> {
    let desk = desk().await?;
    let stranger = desk.sim.post_as(BEN, "good morning")?.id;
    let summons = desk.sim.post_as(BEN, "what do you think, @Socrazi_Demo?")?.id;
    let reply = |text: &str, id: &str| json!({"text": text, "reply": {"in_reply_to_tweet_id": id}});
    assert_eq!(desk.tweet(reply("one", &stranger)).await?.status, 403);
    assert_eq!(desk.tweet(reply("two", &summons)).await?.status, 201);
    assert_eq!(desk.tweet(reply("three", "1")).await?.status, 403);
    let first = desk.tweet(json!({"text": "part one"})).await?.at("/data/id");
    let seen = desk.tweet(reply("part two", &first)).await?;
    assert_eq!((seen.status, seen.at("/detail")), (403, "You are not permitted to perform this action.".into()));
    desk.sim.set_switches(&Switches { self_replies_allowed: Some(true), ..Switches::default() });
    let second = desk.tweet(reply("part two", &first)).await?.at("/data/id");
    let third = desk.tweet(reply("part three", &second)).await?.at("/data/id");
    let path = format!("/2/tweets?ids={third}&tweet.fields=conversation_id,referenced_tweets,in_reply_to_user_id");
    let seen = desk.get(&path).await?;
    assert_eq!(seen.at("/data/0/conversation_id"), first);
    assert_eq!(seen.at("/data/0/referenced_tweets/0/id"), second);
    assert_eq!(seen.at("/data/0/referenced_tweets/0/type"), "replied_to");
    assert_eq!(seen.at("/data/0/in_reply_to_user_id"), ANA);
    Ok(())
}

#[tokio::test]
async fn quotes_and_edits_are_outside_the_plan() -> anyhow::Result<()> {
    let desk = desk().await?;
    for body in
        [json!({"text": "a", "quote_tweet_id": "1"}), json!({"text": "a", "edit_options": {"previous_post_id": "1"}})]
    {
        let seen = desk.tweet(body).await?;
        assert_eq!(
            (seen.status, seen.at("/detail")),
            (403, "Your account is not permitted to access this feature".into())
        );
    }
    Ok(())
}

#[tokio::test]
async fn every_answer_says_what_is_left_and_the_window_closes() -> anyhow::Result<()> {
    let desk = desk().await?;
    desk.sim.set_switches(&Switches { create_limit: Some(2), ..Switches::default() });
    let seen = desk.tweet(json!({"text": "one"})).await?;
    assert_eq!(seen.header("x-rate-limit-limit"), "2");
    assert_eq!(seen.header("x-rate-limit-remaining"), "1");
    let reset: i64 = seen.header("x-rate-limit-reset").parse()?;
    assert_eq!(desk.tweet(json!({"nonsense": 1})).await?.header("x-rate-limit-remaining"), "0");
    let seen = desk.tweet(json!({"text": "three"})).await?;
    assert_eq!((seen.status, seen.at("/title")), (429, "Too Many Requests".into()));
    assert_eq!(seen.header("x-rate-limit-reset").parse::<i64>()?, reset);
    desk.clock.advance_ms(reset * 1000 - desk.clock.now_ms());
    assert_eq!(desk.tweet(json!({"text": "three"})).await?.status, 201);
    assert_eq!(desk.get("/2/users/me").await?.header("x-rate-limit-limit"), "75");
    Ok(())
}
