//! A post's picture in Slack: uploaded and shown on the card that asks, described for whoever does not see it, and not missed where it cannot be shown.

use socrazi_sim::slack::{Fault, FaultKind};

use super::*;
use crate::pictured::PNG;

fn image(message: &Value) -> Option<&Value> {
    message["blocks"].as_array().unwrap().iter().find(|block| block["type"] == "image")
}

fn refusing(method: &str, path: &str, error: &str) -> Fault {
    let headers = std::collections::BTreeMap::new();
    let body = format!(r#"{{"ok":false,"error":"{error}"}}"#);
    Fault::once(method, path, FaultKind::Status { status: 200, body, headers })
}

/// What an assistant asks for; the card that asks for a yes.
async fn asked(office: &Office, text: &str) -> Value {
    let post = office.world.draft(text).await;
    let assistant = Caller { grant: Grant::Drafts, ..office.world.assistant.clone() };
    office.world.app.call_tool(&assistant, "publish_post", json!({ "post": post })).await.unwrap();
    office.reply(DM, |message| words(message).contains("approve#") && words(message).contains(text)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_card_that_asks_shows_what_a_reader_would_see() {
    let office = Office::new().await;
    let card = asked(&office, "Look at this bread").await;
    let shown = image(&card).unwrap();
    let file = office.slack.files().pop().unwrap();
    assert_eq!(shown["slack_file"]["id"], json!(file.id));
    assert!(file.bytes.starts_with(PNG) && file.bytes.len() < 300_000);
    let alt = shown["alt_text"].as_str().unwrap();
    assert!(alt.contains("Look at this bread") && alt.contains("18 of 280"), "{alt}");
    // Answered, there is nothing to look at any more.
    let now = office.press_message(&card, "approve").await;
    assert!(image(&now).is_none(), "{now:#}");
    // The file goes with its person.
    office.world.app.delete_user(&office.world.person.user).await.unwrap();
    until("the picture to be deleted", || office.slack.files().iter().all(|file| file.is_deleted).then_some(())).await;
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_whole_where_no_picture_can_be_shown() {
    let office = Office::new().await;
    // Slack takes no files of ours.
    office.slack.set_faults(vec![refusing("GET", "/api/files.getUploadURLExternal", "missing_scope")]);
    let card = asked(&office, "Without a file").await;
    assert!(image(&card).is_none() && office.slack.files().is_empty(), "{card:#}");
    // Slack does not show them.
    office.slack.set_faults(vec![refusing("POST", "/api/chat.postMessage", "invalid_blocks").times(2)]);
    let card = asked(&office, "Without a block").await;
    assert!(image(&card).is_none() && office.slack.files().len() == 1, "{card:#}");
    let now = words(&office.press_message(&card, "approve").await);
    assert!(!now.contains("approve#") && now.contains("undo#"), "{now}");
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_goes_with_the_post_that_is_forgotten() {
    let office = Office::new().await;
    let card = asked(&office, "Soon forgotten").await;
    let kept = asked(&office, "Still here").await;
    let of = |card: &Value| image(card).unwrap()["slack_file"]["id"].as_str().unwrap().to_owned();
    let all = office.world.app.list_posts(&office.world.person).await.unwrap();
    let said = |post: &socrazi::desk::view::PostView| post.variants[0].preview.segments[0].text == "Soon forgotten";
    let post = json!(all.iter().find(|post| said(post)).unwrap().id);
    let asked = json!({ "post": post });
    let waiting = office.world.app.call_tool(&office.world.assistant, "forget_history", asked).await.unwrap().waiting;
    let hash = office.world.app.read_approval(&office.world.person, &waiting[0]).await.unwrap().approval.hash;
    let yes = socrazi::app::Verdict::Approve;
    office.world.app.decide(&office.world.person, &waiting[0], &hash, yes).await.unwrap();
    let is_gone = |id: &str| office.slack.files().iter().any(|file| file.id == id && file.is_deleted);
    until("the picture to be deleted", || is_gone(&of(&card)).then_some(())).await;
    assert!(!is_gone(&of(&kept)));
    office.end().await;
}
