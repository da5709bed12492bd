//! Drafts worth having: threads cut by rule, words that a person avoids, for a model and for an assistant alike.

use serde_json::json;

use super::Table;

#[tokio::test(flavor = "multi_thread")]
async fn a_long_text_becomes_a_thread_that_says_the_same() {
    let table = Table::new().await;
    let text = "We open at nine, every day but Sunday. パンは毎朝、店で焼いています。".repeat(12);
    let whole = table.world.call("create_draft", json!({ "text": text, "dry_run": true })).await;
    assert_eq!(whole["post"]["variants"][0]["findings"][0]["severity"], "error");
    let made = table.world.call("create_draft", json!({ "text": text, "split": true })).await;
    let variant = &made["post"]["variants"][0];
    let parts: Vec<&str> =
        variant["segments"].as_array().unwrap().iter().map(|segment| segment["text"].as_str().unwrap()).collect();
    let bare = |text: &str| text.split_whitespace().collect::<String>();
    assert_eq!(bare(&parts.concat()), bare(&text));
    assert!(parts.len() > 2 && parts.iter().all(|part| part.ends_with(['.', '。'])), "{parts:?}");
    assert!(
        variant["findings"].as_array().unwrap().iter().all(|finding| finding["severity"] == "warning"),
        "{variant}"
    );
    // A later edit is cut as well; what fits stays one post; and nothing becomes longer than any thread.
    let post = &made["post"]["id"];
    let edited =
        table.world.call("update_draft", json!({ "post": post, "revision": 1, "text": "Short.", "split": true })).await;
    assert_eq!(edited["post"]["variants"][0]["segments"].as_array().unwrap().len(), 1);
    let endless = json!({ "text": "No end in sight here. ".repeat(600), "split": true });
    assert_eq!(table.world.refused("create_draft", endless).await, "post-too-many-segments");
    table.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_to_avoid_are_found_in_drafts_and_on_cards() {
    let table = Table::new().await;
    table.world.app.set_voice(&table.ana, "", vec!["Cheap".into(), "激安".into()], "").await.unwrap();
    let made = table.world.call("create_draft", json!({ "text": "So ＣＨＥＡＰ, 激安セール! No cheapskates." })).await;
    let findings = made["post"]["variants"][0]["findings"].as_array().unwrap();
    let messages: Vec<&str> = findings.iter().map(|finding| finding["message"].as_str().unwrap()).collect();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert!(messages[0].contains("“Cheap”") && messages[1].contains("“激安”"), "{messages:?}");
    assert!(findings.iter().all(|finding| finding["severity"] == "warning"));
    // It warns: the person decides, and sees it on the card before they do.
    let ask = json!({ "post": made["post"]["id"], "at": table.world.in_an_hour() });
    let asked = table.world.app.call_tool(&table.ana, "schedule_post", ask).await.unwrap();
    let view = table.world.app.read_approval(&table.ana, &asked.waiting[0].clone()).await.unwrap();
    let keys: Vec<&str> = view.lines[0].findings.iter().map(|finding| finding.what.key.as_str()).collect();
    assert_eq!(keys, ["draft-banned-word", "draft-banned-word"]);
    table.end().await;
}
