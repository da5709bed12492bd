//! The other five networks, each in its own way: a picture that is pulled from a container or sent as bytes, a film that is sent in pieces.

use anyhow::Context;
use serde_json::{Value, json};
use socrazi_sim::clock::SimClock;
use socrazi_sim::samples::{Film, mp4, portrait};

use super::hands::{Assistant, Person};
use super::story::{LOOK, LOOKS_MAX, called, text, tool, you};
use crate::app::App;

/// Where the picture goes: words in addresses, and names.
const PICTURED: [(&str, &str); 3] = [("threads", "Threads"), ("instagram", "Instagram"), ("linkedin", "LinkedIn")];
/// Where the film goes.
const FILMED: [(&str, &str); 2] = [("tiktok", "TikTok"), ("youtube", "YouTube")];
/// What stands under the picture.
const UNDER_PICTURE: &str = "Our autumn sale: everything 20% off from tomorrow.";
/// What stands under the film.
const UNDER_FILM: &str = "Our autumn sale in five seconds";
/// How far their clock is moved at a look: they work on pictures and films for some time of their own.
const STEP_MS: i64 = 4_000;

/// What must be out in the end: network and text.
pub(super) fn wanted() -> impl Iterator<Item = (&'static str, &'static str)> {
    let pictured = PICTURED.into_iter().map(|(_, name)| (name, UNDER_PICTURE));
    pictured.chain(FILMED.into_iter().map(|(_, name)| (name, UNDER_FILM)))
}

/// A picture on three networks, then a film on two.
pub(super) async fn play(app: &App, (hand, person): (&Assistant, &Person), clock: &SimClock) -> anyhow::Result<()> {
    you("(connects Threads, Instagram, LinkedIn, TikTok and a YouTube channel in the same way)");
    for (network, _) in PICTURED.into_iter().chain(FILMED) {
        person.connect(network).await?;
    }
    let listed = called(hand, "list_accounts", json!({})).await?;
    let accounts = listed.pointer("/accounts").and_then(Value::as_array).context("there are no accounts")?;
    for account in accounts {
        let (network, handle) = (text(account, "/network")?, text(account, "/handle")?);
        tool("list_accounts", &format!("{network} @{handle}: {}", text(account, "/health")?));
    }
    let on = |networks: &[(&str, &str)]| -> Vec<Value> {
        let is_one = |account: &&Value| networks.iter().any(|(word, _)| account.get("network") == Some(&json!(word)));
        accounts.iter().filter(is_one).filter_map(|account| account.get("id").cloned()).collect()
    };
    let scene = Scene { app, hand, person, clock };
    you("Now this picture on Threads, Instagram and LinkedIn.");
    let picture = kept(app, &portrait("autumn"), "Autumn colours").await?;
    let segments = json!([{ "text": UNDER_PICTURE, "media": [picture] }]);
    scene.publish(json!({ "segments": segments, "accounts": on(&PICTURED) })).await?;
    you("And this film on TikTok and YouTube. Everybody may see it; it is not made for children.");
    let film = kept(app, &mp4(&Film::default()), "Leaves that turn red").await?;
    let segments = json!([{ "text": UNDER_FILM, "media": [film] }]);
    let options = json!({ "tiktok": { "privacy": "public" }, "youtube": { "for_kids": false } });
    scene.publish(json!({ "segments": segments, "accounts": on(&FILMED), "options": options })).await
}

/// A file that the person hands over: its id.
async fn kept(app: &App, bytes: &[u8], described: &str) -> anyhow::Result<String> {
    let mut file = app.upload_begin().await?;
    file.write(bytes).await?;
    let medium = app.keep_media(&app.terminal_caller().await?, file, Some(described.to_owned())).await?;
    Ok(medium.id.as_str().to_owned())
}

struct Scene<'a> {
    app: &'a App,
    hand: &'a Assistant,
    person: &'a Person,
    clock: &'a SimClock,
}

impl Scene<'_> {
    /// Drafts, asks, approves, and looks until all of it is out.
    async fn publish(&self, draft: Value) -> anyhow::Result<()> {
        let drafted = called(self.hand, "create_draft", draft).await?;
        let variants = drafted.pointer("/post/variants").and_then(Value::as_array).map_or(0, Vec::len);
        tool("create_draft", &format!("for {variants} accounts"));
        let post = text(&drafted, "/post/id")?;
        let asked = called(self.hand, "publish_post", json!({ "post": post })).await?;
        tool("publish_post", &text(&asked, "/status")?);
        self.person.approve(&text(&asked, "/approval_url")?).await?;
        you("(approves)");
        for _ in 0..LOOKS_MAX {
            let read = called(self.hand, "get_post", json!({ "post": post })).await?;
            let deliveries = read.pointer("/post/deliveries").and_then(Value::as_array).cloned().unwrap_or_default();
            let is = |delivery: &Value, state| delivery.get("state").and_then(Value::as_str) == Some(state);
            if !deliveries.is_empty() && deliveries.iter().all(|delivery| is(delivery, "published")) {
                for delivery in &deliveries {
                    tool("get_post", &text(delivery, "/receipts/0/permalink")?);
                }
                return Ok(());
            }
            // What is on its way right now has a deadline by that clock.
            if !deliveries.iter().any(|delivery| is(delivery, "armed")) {
                self.clock.advance_ms(STEP_MS);
                self.app.wake();
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }
}
