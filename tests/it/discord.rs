//! Discord against a Discord that refuses what the real one refuses: the whole job without leaving it, over the gateway and over HTTP, and
//! everything that can go wrong on the way.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use socrazi::app::discord::discord_member;
use socrazi::app::places::Sent;
use socrazi::clock::{Entropy, SystemEntropy};
use socrazi::domain::caller::{Caller, Grant, Via};
use socrazi::domain::place::ChatPlace;
use socrazi::frontends::Doors;
use socrazi::frontends::discord::register::{Registered, register};
use socrazi_sim::discord::{
    ANA, APP, Answer, BOT_TOKEN, DM_ANA, DiscordOptions, DiscordSim, FaultKind, GENERAL, PUBLIC_KEY,
};
use socrazi_sim::gemini::{API_KEY, GeminiOptions, GeminiSim, Piece, Play, Said, Step};
use tokio_util::sync::CancellationToken;

use crate::databases::{Engine, on_both};
use crate::world::World;

mod answers;
mod asked;
mod chosen;
mod followed;
mod google;
mod killed;
mod people;
mod pictures;
mod removed;
mod trouble;

const MODEL: &str = "gemini-3.8-flash";

/// How interactions come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Over {
    Gateway,
    Http,
}

on_both!(
    a_post_is_drafted_approved_and_out_over_the_gateway,
    a_post_is_drafted_approved_and_out_over_http,
    forgetting_removes_what_was_said_in_discord_too,
);

/// A Discord that leaves behind what it was asked, where `tests/run` wants to have it judged by Discord's own description of its API.
struct Judged(DiscordSim);

impl Judged {
    async fn start(options: DiscordOptions) -> Self {
        Self(DiscordSim::start(options).await.unwrap())
    }
}

impl std::ops::Deref for Judged {
    type Target = DiscordSim;

    fn deref(&self) -> &DiscordSim {
        &self.0
    }
}

impl Drop for Judged {
    fn drop(&mut self) {
        #[expect(clippy::disallowed_methods, reason = "how tests/run says where")]
        let Some(folder) = std::env::var_os("SOCRAZI_TEST_RECORDED") else { return };
        let all: Vec<Value> = self.0.recorded().iter().map(socrazi_sim::discord::Recorded::show).collect();
        let folder = std::path::Path::new(&folder);
        // The test says what is wrong with it; what cannot be written is missed by whoever judges.
        let _may_be_full = std::fs::create_dir_all(folder);
        let name = format!("{:x}.json", SystemEntropy.bits());
        let _may_be_full = std::fs::write(folder.join(name), Value::from(all).to_string());
    }
}

/// A Discord with our bot in it, the whole server behind it, and Ana, who is one of our people.
struct Hall {
    world: World,
    discord: Judged,
    model: GeminiSim,
    ana: Caller,
    stop: CancellationToken,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Hall {
    async fn new() -> Self {
        Self::over(Over::Gateway).await
    }

    async fn over(over: Over) -> Self {
        Self::on(Engine::Sqlite, over).await
    }

    async fn on(engine: Engine, over: Over) -> Self {
        Self::with(engine, over, Vec::new()).await
    }

    /// With these settings beside its own.
    async fn with(engine: Engine, over: Over, mut settings: Vec<(&'static str, String)>) -> Self {
        let discord = Judged::start(DiscordOptions::default()).await;
        let model = GeminiSim::start(GeminiOptions::default()).await.unwrap();
        settings.push(("gemini.api_key", API_KEY.to_owned()));
        settings.push(("gemini.base_url", model.url().to_string()));
        settings.push(("discord.api_url", discord.url().to_string()));
        settings.push(("discord.bot_token", BOT_TOKEN.to_owned()));
        settings.push(("discord.application_id", APP.to_owned()));
        if over == Over::Http {
            settings.push(("discord.public_key", PUBLIC_KEY.to_owned()));
        }
        let world = World::on(engine, settings).await;
        let ana = Caller { grant: Grant::Drafts, via: Via::Discord, ..world.person.clone() };
        world.app.link(&ana.user, &discord_member(ANA), "Ana").await.unwrap();
        world.app.set_consent(&ana, true).await.unwrap();
        assert_eq!(register(&world.app, None).await.unwrap(), Registered::Replaced);
        assert_eq!(register(&world.app, None).await.unwrap(), Registered::Same, "nothing changed since");
        let mut hall = Self { world, discord, model, ana, stop: CancellationToken::new(), tasks: Vec::new() };
        hall.open(over).await;
        hall
    }

    /// Opens the front end; a new one takes over what an earlier one left.
    async fn open(&mut self, over: Over) {
        let doors = Doors::open(&self.world.app, &self.stop).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url: url::Url = format!("http://{}/discord/interactions", listener.local_addr().unwrap()).parse().unwrap();
        self.tasks.push(tokio::spawn(doors.run()));
        self.tasks.push(tokio::spawn(socrazi::frontends::serve_http(listener, doors.router, self.stop.clone())));
        if over == Over::Http {
            // Discord tries a ping and a forged one before it takes the address.
            self.discord.save_endpoint(url).await.unwrap();
        }
        until("a session at the gateway", || (self.discord.gateway_is_open() > 0).then_some(())).await;
    }

    async fn close(&mut self) {
        self.stop.cancel();
        for task in self.tasks.drain(..) {
            task.await.unwrap();
        }
        self.stop = CancellationToken::new();
    }

    fn script(&self, plays: Vec<Play>) {
        self.model.play(plays.into_iter().map(|play| Step { model: Some(MODEL.into()), play }));
    }

    /// The newest message of ours that somebody sees in a channel and that fits.
    async fn seen(&self, user: &str, channel: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let look =
            || self.discord.seen_by(user, channel).into_iter().rev().find(|m| m["author"]["id"] == APP && fits(m));
        until("a message of ours", look).await
    }

    /// Types a command in the general channel; the answer that Ana alone sees.
    async fn command(&self, path: &str, options: Value) -> Value {
        let before = self.discord.ephemerals().len();
        let answer = self.discord.command(ANA, GENERAL, &format!("socrazi {path}"), options).await.unwrap();
        assert!(answer.is_ok(), "{path}: {answer:?}");
        assert_eq!(answer.callback["data"]["flags"], 64, "private: {answer:?}");
        until("the answer", || {
            let all = self.discord.ephemerals();
            let last = all.last().filter(|_| all.len() > before).cloned();
            last.filter(|message| !is_thinking(message))
        })
        .await
    }

    /// Presses what has this label; what stands there afterwards.
    async fn press(&self, message: &Value, label: &str) -> Value {
        self.press_as(ANA, message, label).await.1
    }

    async fn press_as(&self, user: &str, message: &Value, label: &str) -> (Answer, Value) {
        let (channel, id) = (text_of(&message["channel_id"]), text_of(&message["id"]));
        let before = shape(&self.discord.message(&channel, &id).unwrap_or_default());
        let answer = self.discord.press_labelled(user, &channel, &id, label).await.unwrap();
        assert!(answer.is_ok(), "{label}: {answer:?}");
        let changed = until("a change", || self.discord.message(&channel, &id).filter(|now| shape(now) != before));
        match tokio::time::timeout(Duration::from_secs(4), changed).await {
            Ok(now) => (answer, now),
            Err(_) => (answer, Value::Null),
        }
    }

    async fn end(mut self) {
        self.close().await;
        assert_eq!(self.discord.violations(), Vec::<String>::new());
        assert_eq!(self.model.violations(), Vec::<String>::new());
        self.world.end().await;
    }
}

fn shape(message: &Value) -> String {
    format!("{} {} {}", message["content"], message["components"], message["embeds"])
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// An error of Discord's own.
fn broken() -> FaultKind {
    FaultKind::Status { status: 500, body: String::new(), headers: BTreeMap::new() }
}

/// Where messages of a channel are made.
fn messages_of(channel: &str) -> String {
    format!("/api/v10/channels/{channel}/messages")
}

/// A deferred answer that is not there yet.
fn is_thinking(message: &Value) -> bool {
    words(message).trim().is_empty()
}

/// Looks again until it is there; bounded.
async fn until<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    for _ in 0..800 {
        if let Some(found) = look() {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    panic!("never came: {what}");
}

/// What a person reads in a message, labels of buttons in brackets.
fn words(message: &Value) -> String {
    fn collect(value: &Value, into: &mut String) {
        for key in ["content", "description"] {
            if let Some(text) = value[key].as_str() {
                into.push_str(text);
                into.push('\n');
            }
        }
        if let Some(label) = value["label"].as_str() {
            into.push_str(&format!("[{label}]\n"));
        }
        for key in ["components", "embeds", "options"] {
            value[key].as_array().into_iter().flatten().for_each(|inner| collect(inner, into));
        }
        if value["accessory"].is_object() {
            collect(&value["accessory"], into);
        }
    }
    let mut text = String::new();
    collect(message, &mut text);
    text
}

fn say(text: &str) -> Play {
    Said::text(text).into()
}

async fn a_post_is_out(engine: Engine, over: Over) {
    let hall = Hall::on(engine, over).await;
    let draft = hall.command("draft", json!({ "text": "The office plant has a name now" })).await;
    assert!(words(&draft).contains("The office plant has a name now"), "{draft:#}");
    let asked = hall.press(&draft, "Publish now").await;
    assert!(words(&asked).contains("[Approve exactly this]"), "{asked:#}");
    let done = hall.press(&asked, "Approve exactly this").await;
    assert!(words(&done).contains("Approved."), "{done:#}");
    assert!(!words(&done).contains("[Approve exactly this]"), "buttons vanish after use");
    assert!(words(&done).contains("[Undo]"), "the hold window can be undone: {done:#}");
    assert_eq!(hall.world.sim.ledger().len(), 0, "the hold window is not over");
    hall.world.pass(15_000);
    until("the post", || (hall.world.sim.ledger().len() == 1).then_some(())).await;
    // And the person hears of it, once, in their direct channel.
    let told = hall.seen(ANA, DM_ANA, |message| words(message).contains("Published on")).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let again = |message: &&Value| words(message).contains("Published on");
    assert_eq!(hall.discord.replies(DM_ANA).iter().filter(again).count(), 1, "{told:#}");
    // It is a card: what is out can be taken down from there.
    assert!(words(&told).contains("[Take down]"), "{told:#}");
    hall.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_would_go_out_is_on_the_card_that_asks() {
    let hall = Hall::new().await;
    let whole = crate::whole::Whole::draft(&hall.world).await;
    let asked = hall.command("publish", json!({})).await;
    assert!(words(&asked).contains("[Approve exactly this]"), "{asked:#}");
    whole.is_in("an approval in Discord", &words(&asked));
    hall.end().await;
}

async fn a_post_is_drafted_approved_and_out_over_the_gateway(engine: Engine) {
    a_post_is_out(engine, Over::Gateway).await;
}

async fn a_post_is_drafted_approved_and_out_over_http(engine: Engine) {
    a_post_is_out(engine, Over::Http).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_within_the_hold_window_takes_it_back() {
    let hall = Hall::new().await;
    let draft = hall.command("draft", json!({ "text": "Never mind" })).await;
    let asked = hall.press(&draft, "Publish now").await;
    let done = hall.press(&asked, "Approve exactly this").await;
    let undone = hall.press(&done, "Undo").await;
    assert!(words(&undone).contains("Withdrawn"), "{undone:#}");
    hall.world.pass(60_000);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(hall.world.sim.ledger().len(), 0);
    hall.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_is_completed_scheduled_and_changed_in_the_modal() {
    let hall = Hall::new().await;
    let draft = hall.command("draft", json!({ "text": "Scheduled from Discord" })).await;
    let typed = |what: (&'static str, &'static str), path: &'static str| {
        let discord = &hall.discord;
        async move { discord.autocomplete(ANA, GENERAL, path, what, json!({})).await.unwrap() }
    };
    let times = typed(("when", "tomorrow 9am"), "socrazi schedule").await;
    let first = &times.callback["data"]["choices"][0];
    assert!(text_of(&first["name"]).contains("9:00"), "{times:?}");
    let empty = typed(("when", ""), "socrazi schedule").await;
    assert!(empty.callback["data"]["choices"].as_array().unwrap().len() >= 4, "{empty:?}");
    let posts = typed(("post", "from disc"), "socrazi schedule").await;
    assert!(text_of(&posts.callback["data"]["choices"][0]["name"]).contains("Scheduled from Discord"), "{posts:?}");
    let zones = typed(("zone", "tok"), "socrazi settings").await;
    assert_eq!(zones.callback["data"]["choices"][0]["value"], "Asia/Tokyo");
    let accounts = typed(("account", ""), "socrazi draft").await;
    assert_eq!(accounts.callback["data"]["choices"].as_array().unwrap().len(), 1, "{accounts:?}");
    let asked = hall.command("schedule", json!({ "when": "tomorrow 9am" })).await;
    assert!(words(&asked).contains("Schedule for"), "{asked:#}");
    let done = hall.press(&asked, "Approve exactly this").await;
    assert!(words(&done).contains("Scheduled"), "{done:#}");
    let calendar = hall.command("calendar", json!({})).await;
    assert!(words(&calendar).contains("Scheduled from Discord"), "{calendar:#}");
    // Another time through the modal; words that mean nothing are said, with what was written, and nothing is done.
    let (answer, _) = hall.press_as(ANA, &done, "Change time").await;
    assert_eq!(answer.kind(), 9, "{answer:?}");
    let modal = text_of(&hall.discord.modals()[0]["id"]);
    let before = hall.discord.ephemerals().len();
    hall.discord.submit(ANA, &modal, &[("words", json!("when pigs fly"))]).await.unwrap();
    let told = until("what is wrong", || {
        hall.discord.ephemerals().into_iter().rev().find(|seen| words(seen).contains("when pigs fly"))
    })
    .await;
    assert!(hall.discord.ephemerals().len() >= before, "{told:#}");
    let card = hall.discord.message(&text_of(&done["channel_id"]), &text_of(&done["id"])).unwrap();
    if words(&card).contains("[Change time]") {
        hall.press_as(ANA, &card, "Change time").await;
        let modal = text_of(&hall.discord.modals().last().unwrap()["id"]);
        hall.discord.submit(ANA, &modal, &[("words", json!("tomorrow 11am"))]).await.unwrap();
        until("the question for the new time", || {
            hall.discord
                .ephemerals()
                .into_iter()
                .find(|seen| words(seen).contains("11:00") && words(seen).contains("[Approve exactly this]"))
        })
        .await;
    }
    assert!(!words(&draft).is_empty());
    hall.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_in_the_modal_changes_the_card() {
    let hall = Hall::new().await;
    let draft = hall.command("draft", json!({ "text": "Befor the edit" })).await;
    let (answer, _) = hall.press_as(ANA, &draft, "Edit").await;
    assert_eq!(answer.kind(), 9, "a modal is the first answer: {answer:?}");
    let modal = hall.discord.modals()[0].clone();
    let field = text_of(&modal["components"][0]["components"][0]["custom_id"]);
    assert_eq!(modal["components"][0]["components"][0]["value"], "Befor the edit", "{modal:#}");
    hall.discord.submit(ANA, &text_of(&modal["id"]), &[(&field, json!("After the edit"))]).await.unwrap();
    let (channel, id) = (text_of(&draft["channel_id"]), text_of(&draft["id"]));
    until("the card", || hall.discord.message(&channel, &id).filter(|card| words(card).contains("After the edit")))
        .await;
    hall.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_becomes_a_post_and_a_command_without_text_asks_for_it() {
    let hall = Hall::new().await;
    let said = hall.discord.say(ANA, GENERAL, "We open on Monday").unwrap();
    let answer = hall.discord.message_command(ANA, GENERAL, &said, "Make a post of this").await.unwrap();
    assert_eq!(answer.kind(), 9, "{answer:?}");
    let modal = hall.discord.modals()[0].clone();
    assert_eq!(modal["components"][0]["components"][0]["value"], "We open on Monday");
    hall.discord.submit(ANA, &text_of(&modal["id"]), &[]).await.unwrap();
    let card = until("the draft", || {
        hall.discord.ephemerals().into_iter().find(|seen| words(seen).contains("We open on Monday"))
    })
    .await;
    assert!(words(&card).contains("[Publish now]"), "{card:#}");
    let empty = hall.discord.command(ANA, GENERAL, "socrazi draft", json!({})).await.unwrap();
    assert_eq!(empty.kind(), 9, "{empty:?}");
    hall.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_grows_by_edits_and_a_direct_channel_is_one() {
    let hall = Hall::new().await;
    let long = "A longer answer about posts. ".repeat(20);
    hall.script(vec![
        Said::calls(&[("create_draft", json!({ "text": "From the chat" }))]).into(),
        Said { pieces: vec![Piece::Text(long.clone())], between_ms: 30, ..Said::default() }.into(),
    ]);
    hall.discord.say(ANA, DM_ANA, "Please draft something").unwrap();
    let card = hall.seen(ANA, DM_ANA, |message| words(message).contains("[Publish now]")).await;
    assert!(words(&card).contains("From the chat"), "{card:#}");
    let answer = hall.seen(ANA, DM_ANA, |message| words(message).contains("A longer answer")).await;
    assert!(!words(&answer).contains("[Stop]"), "it is over: {answer:#}");
    assert!(!hall.discord.typings(DM_ANA).is_empty(), "something was seen at once");
    // It goes on with the same conversation.
    hall.script(vec![say("As I said.")]);
    hall.discord.say(ANA, DM_ANA, "And?").unwrap();
    hall.seen(ANA, DM_ANA, |message| words(message).contains("As I said.")).await;
    let asked = hall.model.asked();
    assert!(format!("{:?}", asked.last().unwrap()).contains("Please draft something"), "it remembers");
    hall.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mention_begins_a_thread_after_its_readers_were_named() {
    let hall = Hall::new().await;
    hall.script(vec![say("Here I am."), say("Still here.")]);
    let said = hall.discord.say(ANA, GENERAL, &format!("<@{APP}> are you there?")).unwrap();
    // First it is said, to her alone, who can read along.
    let asked = hall.seen(ANA, DM_ANA, |message| words(message).contains("[Answer here]")).await;
    assert!(hall.discord.threads(GENERAL).is_empty(), "nothing is said before that");
    hall.press_as(ANA, &asked, "Answer here").await;
    let thread = until("a thread", || hall.discord.threads(GENERAL).first().cloned()).await;
    assert_eq!(thread["id"], said.as_str(), "{thread:#}");
    hall.seen(ANA, &said, |message| words(message).contains("Here I am.")).await;
    // The thread is the conversation; a mention in it goes on, other words are not ours to read.
    hall.discord.say(ANA, &said, "just between us").unwrap();
    hall.discord.say(ANA, &said, &format!("<@{APP}> and now?")).unwrap();
    hall.seen(ANA, &said, |message| words(message).contains("Still here.")).await;
    let last = format!("{:?}", hall.model.asked().last().unwrap());
    assert!(last.contains("are you there?") && !last.contains("just between us"));
    hall.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_of_stop_ends_the_answer() {
    let hall = Hall::new().await;
    let pieces = (0..200)
        .map(|no| Piece::Text(if no % 2 == 0 { "On it goes. ".to_owned() } else { "And on. ".to_owned() }))
        .collect();
    hall.script(vec![Said { pieces, between_ms: 60, ..Said::default() }.into()]);
    hall.discord.say(ANA, DM_ANA, "Tell me everything").unwrap();
    let growing = hall.seen(ANA, DM_ANA, |message| words(message).contains("[Stop]")).await;
    let (channel, id) = (text_of(&growing["channel_id"]), text_of(&growing["id"]));
    let answer = hall.discord.press_labelled(ANA, &channel, &id, "Stop").await.unwrap();
    assert!(answer.is_ok(), "{answer:?}");
    until("the end", || hall.discord.message(&channel, &id).filter(|now| !words(now).contains("[Stop]"))).await;
    hall.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_is_dropped_in_reaches_the_model() {
    let hall = Hall::new().await;
    let png = crate::media::geotagged();
    let extras = socrazi_sim::discord::Extras {
        files: vec![("cat.jpg".into(), "image/jpeg".into(), png)],
        ..Default::default()
    };
    hall.script(vec![say("A picture.")]);
    hall.discord.say_with(ANA, DM_ANA, "What is this?", extras).unwrap();
    hall.seen(ANA, DM_ANA, |message| words(message).contains("A picture.")).await;
    assert!(hall.model.asked().iter().any(|request| format!("{request:?}").contains("image/jpeg")));
    hall.end().await;
}

async fn forgetting_removes_what_was_said_in_discord_too(engine: Engine) {
    let hall = Hall::on(engine, Over::Gateway).await;
    hall.script(vec![say("A secret answer.")]);
    hall.discord.say(ANA, DM_ANA, "Something to forget").unwrap();
    hall.seen(ANA, DM_ANA, |message| words(message).contains("A secret answer.")).await;
    let held = hall.world.app.list_conversations(&hall.ana, None).await.unwrap().views.remove(0);
    let asked = hall.command("forget", json!({})).await;
    let done = hall.press(&asked, "Approve exactly this").await;
    assert!(!done.is_null());
    until("their removal", || {
        let left = hall.discord.replies(DM_ANA).iter().any(|message| words(message).contains("A secret answer."));
        (!left).then_some(())
    })
    .await;
    // Its row goes after it.
    crate::serving::until("nothing left to remove", async || {
        hall.world.app.left_behind(ChatPlace::Discord).await.unwrap().is_empty().then_some(())
    })
    .await;
    // An answer of it that is noted only now was shown while it was being forgotten: it goes, too.
    let late = Sent { team: String::new(), thread: DM_ANA.into(), ts: "424242".into() };
    let about = (held.id.as_str(), Some("late"));
    hall.world.app.note_sent(ChatPlace::Discord, &late, &hall.ana.user, about).await.unwrap();
    crate::serving::until("the late one's removal", async || {
        hall.world.app.sent_in_answer("late").await.unwrap().is_empty().then_some(())
    })
    .await;
    // The same for what was on its way when the link ended, be it an answer or a card.
    let post = hall.world.draft("A card on its way").await;
    hall.world.app.unlink(&hall.world.person, "discord", &discord_member(ANA).subject()).await.unwrap();
    let later = socrazi_sim::discord::FaultKind::Status { status: 503, body: "{}".into(), headers: BTreeMap::new() };
    hall.discord
        .set_faults(vec![socrazi_sim::discord::Fault::once("DELETE", &messages_of(DM_ANA), later).times(1_000)]);
    let later = Sent { ts: "424243".into(), ..late.clone() };
    hall.world.app.note_sent(ChatPlace::Discord, &later, &hall.ana.user, ("help", Some("later"))).await.unwrap();
    let card = Sent { ts: "424244".into(), ..late };
    hall.world.app.note_card(&hall.ana, ChatPlace::Discord, &card, &text_of(&post).parse().unwrap()).await.unwrap();
    crate::serving::until("both to be among what goes", async || {
        let left = hall.world.app.left_behind(ChatPlace::Discord).await.unwrap();
        (left.iter().filter(|(sent, _)| sent == &later || sent == &card).count() == 2).then_some(())
    })
    .await;
    hall.discord.set_faults(Vec::new());
    hall.discord.forgive();
    crate::serving::until("their removal", async || {
        hall.world.app.left_behind(ChatPlace::Discord).await.unwrap().is_empty().then_some(())
    })
    .await;
    hall.end().await;
}
