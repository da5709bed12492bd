//! Slack against a Slack that refuses what the real one refuses: the whole job in the channel, and everything that can go wrong on the way.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use socrazi::domain::caller::{Caller, Grant, Via};
use socrazi::domain::place::{ChatPlace, Member};
use socrazi::frontends::Doors;
use socrazi_sim::gemini::{API_KEY, GeminiOptions, GeminiSim, Piece, Play, Said, Step};
use socrazi_sim::slack::{SlackOptions, SlackSim};
use tokio_util::sync::CancellationToken;

use crate::world::World;

mod answers;
mod asked;
mod beside;
mod cards;
mod followed;
mod google;
mod killed;
mod pictures;
mod teams;
mod threads;
mod trouble;
mod views;

const MODEL: &str = "gemini-3.8-flash";
const ANA: &str = "U0ANA";
const BEN: &str = "U0BEN";
const DM: &str = "D0ANA";
const GENERAL: &str = "C0GEN";
const TEAM: &str = "T0ACME";

/// A Slack team with the app in it, the whole server behind it, and Ana, who is one of our people.
struct Office {
    world: World,
    slack: SlackSim,
    model: GeminiSim,
    ana: Caller,
    stop: CancellationToken,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Office {
    async fn new() -> Self {
        Self::with(SlackOptions::default(), Vec::new()).await
    }

    async fn with(options: SlackOptions, mut settings: Vec<(&'static str, String)>) -> Self {
        let slack = SlackSim::start(options).await.unwrap();
        let model = GeminiSim::start(GeminiOptions::default()).await.unwrap();
        settings.push(("gemini.api_key", API_KEY.to_owned()));
        settings.push(("gemini.base_url", model.url().to_string()));
        settings.push(("slack.api_url", slack.api_url().to_string()));
        if !settings.iter().any(|(key, _)| *key == "slack.app_token") {
            settings.push(("slack.signing_secret", socrazi_sim::slack::SIGNING_SECRET.to_owned()));
        }
        if !settings.iter().any(|(key, _)| *key == "slack.client_id") {
            settings.push(("slack.bot_token", socrazi_sim::slack::BOT_TOKEN.to_owned()));
        }
        let is_socket = settings.iter().any(|(key, _)| *key == "slack.app_token");
        let world = World::with(settings).await;
        let ana = Caller { grant: Grant::Drafts, via: Via::Slack, ..world.person.clone() };
        world.app.link(&ana.user, &member(ANA), "Ana").await.unwrap();
        world.app.set_consent(&ana, true).await.unwrap();
        let mut office = Self { world, slack, model, ana, stop: CancellationToken::new(), tasks: Vec::new() };
        office.open(!is_socket).await;
        office
    }

    /// Opens the front end; a new one takes over what an earlier one left.
    async fn open(&mut self, is_http: bool) {
        let doors = Doors::open(&self.world.app, &self.stop).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        self.tasks.push(tokio::spawn(doors.run()));
        self.tasks.push(tokio::spawn(socrazi::frontends::serve_http(listener, doors.router, self.stop.clone())));
        if is_http {
            self.slack.deliver_to(url.parse().unwrap());
        }
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

    /// The newest private answer to somebody, once there are so many.
    async fn private(&self, count: usize) -> Value {
        until("a private answer", || {
            let all = self.slack.ephemerals();
            (all.len() >= count).then(|| all.last().cloned()).flatten()
        })
        .await
    }

    /// The newest message of ours in a channel that fits.
    async fn reply(&self, channel: &str, fits: impl Fn(&Value) -> bool) -> Value {
        until("a reply", || self.slack.replies(channel).into_iter().rev().find(|message| fits(message))).await
    }

    /// Ends Ana's link; what carried her words in a channel goes with it.
    async fn unlinked(&self, channel: &str, words_of_hers: &str) {
        assert!(self.slack.replies(channel).iter().any(|message| words(message).contains(words_of_hers)));
        self.world.app.unlink(&self.world.person, "slack", &member(ANA).subject()).await.unwrap();
        until("nothing of hers", || {
            let all = self.slack.replies(channel);
            (!all.iter().any(|message| words(message).contains(words_of_hers))).then_some(())
        })
        .await;
    }

    /// Installs the app as Ana would; the code that was spent.
    async fn install(&self) -> String {
        let mut url = self.world.app.slack_authorize(true, "state-1").unwrap();
        url.query_pairs_mut().append_pair("as", ANA).append_pair("approve", "1");
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let answer = http.get(url).send().await.unwrap();
        let back: url::Url = answer.headers()["location"].to_str().unwrap().parse().unwrap();
        let query: std::collections::HashMap<String, String> = back.query_pairs().into_owned().collect();
        assert_eq!(query["state"], "state-1");
        self.world.app.slack_install_finish(&self.world.person, &query["code"]).await.unwrap();
        query["code"].clone()
    }

    async fn command(&self, text: &str) -> Value {
        let before = self.slack.ephemerals().len();
        let answer = self.slack.command(ANA, GENERAL, text).await;
        assert!(answer.is_ok(), "{answer:?}");
        self.private(before + 1).await
    }

    async fn end(mut self) {
        self.close().await;
        assert_eq!(self.slack.violations(), Vec::<String>::new());
        assert_eq!(self.model.violations(), Vec::<String>::new());
        self.world.end().await;
    }
}

fn member(id: &str) -> Member {
    Member { place: ChatPlace::Slack, team: TEAM.into(), id: id.into() }
}

/// Looks again until it is there; bounded.
async fn until<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    for _ in 0..600 {
        if let Some(found) = look() {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    panic!("never came: {what}");
}

/// All text of ours in a channel, as people read it.
fn read(office: &Office, channel: &str) -> String {
    let shown = |message: &Value| {
        let parts = ["markdown_text", "text"].map(|key| message[key].as_str().unwrap_or_default().to_owned());
        let blocks: Vec<_> = message["blocks"].as_array().into_iter().flatten().collect();
        let markdown: String = blocks
            .iter()
            .filter(|block| block["type"] == "markdown")
            .filter_map(|block| block["text"].as_str())
            .collect();
        [markdown, parts[0].clone(), parts[1].clone()].into_iter().max_by_key(String::len).unwrap_or_default()
    };
    office.slack.replies(channel).iter().map(shown).collect()
}

/// Every text in a message, one behind the other.
fn words(message: &Value) -> String {
    fn collect(value: &Value, into: &mut String) {
        match value {
            Value::String(text) => {
                into.push_str(text);
                into.push('\n');
            }
            Value::Array(list) => list.iter().for_each(|inner| collect(inner, into)),
            Value::Object(map) => map.values().for_each(|inner| collect(inner, into)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let mut text = String::new();
    collect(message, &mut text);
    text
}

/// The id of the action that does this in a message.
fn action(message: &Value, name: &str) -> String {
    let ids = words(message);
    let found = ids.lines().find(|line| line.starts_with(&format!("{name}#")));
    found.unwrap_or_else(|| panic!("no {name} in {message:#}")).to_owned()
}

fn index_of(office: &Office, message: &Value) -> usize {
    office.slack.ephemerals().iter().position(|seen| seen["ts"] == message["ts"]).unwrap()
}

impl Office {
    /// Presses something on a private answer; what stands there afterwards.
    async fn press(&self, message: &Value, name: &str) -> Value {
        let at = index_of(self, message);
        let before = message.clone();
        self.slack.press_ephemeral(ANA, at, &action(message, name)).await.unwrap();
        until("a change", || self.slack.ephemerals().get(at).filter(|now| **now != before).cloned()).await
    }
}

fn text(text: &str) -> Play {
    Said::text(text).into()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_is_drafted_approved_and_out_without_leaving_the_channel() {
    let office = Office::new().await;
    let draft = office.command("draft The office plant has a name now").await;
    assert!(words(&draft).contains("The office plant has a name now"), "{draft:#}");
    let asked = office.press(&draft, "publish").await;
    assert!(words(&asked).contains("Publish now"), "{asked:#}");
    let done = office.press(&asked, "approve").await;
    assert!(words(&done).contains("Approved."), "{done:#}");
    assert!(!words(&done).contains("approve#"), "buttons vanish after use");
    assert!(words(&done).contains("Undo"), "the hold window can be undone: {done:#}");
    assert_eq!(office.world.sim.ledger().len(), 0, "the hold window is not over");
    office.world.pass(15_000);
    until("the post", || (office.world.sim.ledger().len() == 1).then_some(())).await;
    // And the person hears of it, once, in their direct thread.
    let told = office.reply(DM, |message| words(message).contains("Published on")).await;
    let again = |message: &&Value| words(message).contains("Published on");
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(office.slack.replies(DM).iter().filter(again).count(), 1, "{told:#}");
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_within_the_hold_window_takes_it_back() {
    let office = Office::new().await;
    let draft = office.command("draft Never mind").await;
    let asked = office.press(&draft, "publish").await;
    let done = office.press(&asked, "approve").await;
    let undone = office.press(&done, "undo").await;
    assert!(words(&undone).contains("Withdrawn"), "{undone:#}");
    office.world.pass(60_000);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(office.world.sim.ledger().len(), 0);
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_in_words_two_readings_and_the_modal() {
    let office = Office::new().await;
    office.command("draft Scheduled from Slack").await;
    let asked = office.command("schedule tomorrow 9am").await;
    assert!(words(&asked).contains("Schedule for"), "{asked:#}");
    let done = office.press(&asked, "approve").await;
    assert!(words(&done).contains("Scheduled"), "{done:#}");
    let calendar = office.command("calendar").await;
    assert!(words(&calendar).contains("Scheduled from Slack"), "{calendar:#}");
    // Another time through the modal; words that mean nothing are shown there and nothing is done.
    let at = index_of(&office, &done);
    office.slack.press_ephemeral(ANA, at, &action(&done, "schedule")).await.unwrap();
    let view = until("a modal", || office.slack.views().first().cloned()).await;
    let id = view["id"].as_str().unwrap();
    let nonsense = office.slack.submit(ANA, id, &[("words", "text", json!("when pigs fly"))]).await.unwrap();
    assert_eq!(nonsense.json()["response_action"], "errors", "{nonsense:?}");
    assert!(nonsense.json()["errors"]["words"].is_string());
    office.slack.submit(ANA, id, &[("words", "text", json!("tomorrow 11am"))]).await.unwrap();
    until("the question for the new time", || {
        office
            .slack
            .ephemerals()
            .iter()
            .find(|seen| words(seen).contains("11:00") && words(seen).contains("approve#"))
            .cloned()
    })
    .await;
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_in_the_modal_changes_the_card_and_mistakes_stay_in_the_modal() {
    let office = Office::new().await;
    let draft = office.command("draft Befor the edit").await;
    let at = index_of(&office, &draft);
    office.slack.press_ephemeral(ANA, at, &action(&draft, "edit")).await.unwrap();
    let view = until("a modal", || office.slack.views().first().cloned()).await;
    let (id, block) = (view["id"].as_str().unwrap(), view["blocks"][0]["block_id"].as_str().unwrap());
    office.slack.submit(ANA, id, &[(block, "text", json!("After the edit"))]).await.unwrap();
    until("the card", || {
        office.slack.ephemerals().get(at).filter(|card| words(card).contains("After the edit")).cloned()
    })
    .await;
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_post_is_not_theirs_to_press() {
    let office = Office::new().await;
    let draft = office.world.draft("Ana's own").await;
    let shown = json!({ "channel": GENERAL, "text": "shared", "blocks": [
        { "type": "actions", "block_id": "b0", "elements": [{ "type": "button", "action_id": "publish#0", "value": draft,
            "text": { "type": "plain_text", "text": "Publish" } }] }] });
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let posted: Value = http
        .post(format!("{}/chat.postMessage", office.slack.api_url()))
        .bearer_auth(socrazi_sim::slack::BOT_TOKEN)
        .json(&shown)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    office.slack.press(BEN, GENERAL, posted["ts"].as_str().unwrap(), "publish#0").await.unwrap();
    let told = office.private(1).await;
    assert_eq!(told["user"], BEN);
    assert!(words(&told).contains("まだ連携されていません"), "in his own language: {told:#}");
    assert_eq!(office.world.call("get_post", json!({ "post": draft })).await["post"]["status"], "draft");
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_streams_with_cards_and_a_thread_is_a_conversation() {
    let office = Office::new().await;
    let long = "A longer answer about posts. ".repeat(20);
    office.script(vec![
        Said::calls(&[("create_draft", json!({ "text": "From the chat" }))]).into(),
        Said { pieces: vec![Piece::Text(long.clone())], between_ms: 30, ..Said::default() }.into(),
    ]);
    let (ts, answer) = office.slack.say(ANA, DM, "Please draft something", None).await;
    assert!(answer.is_ok());
    let card = office
        .reply(DM, |message| words(message).contains("From the chat") && words(message).contains("publish#"))
        .await;
    assert_eq!(card["thread_ts"], ts.as_str(), "{card:#}");
    let reply = office.reply(DM, |message| words(message).contains("A longer answer about posts.")).await;
    assert_eq!(reply["thread_ts"], ts.as_str(), "{reply:#}");
    assert!(!office.slack.statuses().is_empty(), "something was seen at once");
    // The same thread goes on with the same conversation.
    office.script(vec![text("As I said.")]);
    office.slack.say(ANA, DM, "And?", Some(&ts)).await;
    office.reply(DM, |message| words(message).contains("As I said.")).await;
    let asked = office.model.asked();
    let last = asked.iter().rfind(|request| request.model == MODEL).unwrap().body.clone();
    assert!(last["contents"].to_string().contains("Please draft something"));
    assert_eq!(office.world.app.list_conversations(&office.ana, None).await.unwrap().views.len(), 1);
    // Complaint 13: the memory is ours, Slack's is never read.
    let reads = |method: &str| matches!(method, "conversations.history" | "conversations.replies");
    assert!(!office.slack.asked().iter().any(|asked| reads(&asked.method)));
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_is_answered_only_after_its_readers_were_named() {
    let office = Office::new().await;
    office.slack.say(ANA, GENERAL, "<@U0BOT> what is next?", None).await;
    let asked = office.private(1).await;
    assert!(words(&asked).contains("Everybody in this channel"), "{asked:#}");
    assert_eq!(office.slack.replies(GENERAL).len(), 0);
    office.script(vec![text("Nothing is next.")]);
    let at = index_of(&office, &asked);
    office.slack.press_ephemeral(ANA, at, &action(&asked, "audience")).await.unwrap();
    office.reply(GENERAL, |message| words(message).contains("Nothing is next.")).await;
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_get_a_private_first_step_and_link_by_three_legs() {
    let office = Office::new().await;
    office.slack.command(BEN, GENERAL, "calendar").await;
    let hello = office.private(1).await;
    assert_eq!(hello["user"], BEN);
    let said = words(&hello);
    let url = said.lines().find(|line| line.contains("/link/")).unwrap();
    let looked: Vec<_> = office.slack.asked().into_iter().filter(|asked| asked.method == "users.info").collect();
    assert!(said.contains("まだ連携されていません"), "in Ben's language: {said} {looked:?}");
    let secret = url.rsplit('/').next().unwrap();
    let code = office.world.app.confirm_link(&office.world.person, secret).await.unwrap();
    // Typed by somebody else it is nothing.
    assert!(office.world.app.redeem_link(&member("U0EVE"), &code).await.is_err());
    office.slack.command(BEN, GENERAL, &format!("link {code}")).await;
    until("linked", || office.slack.ephemerals().iter().find(|seen| words(seen).contains("know you now")).cloned())
        .await;
    let found = office.world.app.find_member(&member(BEN)).await.unwrap().unwrap();
    assert_eq!(found.user, office.ana.user);
    // Spent.
    assert!(office.world.app.redeem_link(&member(BEN), &code).await.is_err());
    // The other place hears of it.
    office.reply(DM, |message| words(message).contains("was linked to you")).await;
    office.world.app.unlink(&office.world.person, "slack", &member(BEN).subject()).await.unwrap();
    assert!(office.world.app.find_member(&member(BEN)).await.unwrap().is_none());
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn home_shows_what_waits_and_changes_the_language() {
    let office = Office::new().await;
    office.world.draft("On the list").await;
    office.slack.open_home(ANA, "home").await;
    let home = until("a home", || office.slack.home(ANA)).await;
    assert!(words(&home).contains("On the list"), "{home:#}");
    office.slack.choose_in_home(ANA, "lang", "ja").await.unwrap();
    until("Japanese", || office.slack.home(ANA).filter(|home| words(home).contains("新しい投稿"))).await;
    // Pause and go on, from there.
    office.slack.press_in_home(ANA, &action(&office.slack.home(ANA).unwrap(), "pause")).await.unwrap();
    until("paused", || office.slack.home(ANA).filter(|home| words(home).contains("resume#"))).await;
    assert!(office.world.app.is_paused(&office.ana).await.unwrap());
    office.slack.press_in_home(ANA, &action(&office.slack.home(ANA).unwrap(), "resume")).await.unwrap();
    until("going on", || office.slack.home(ANA).filter(|home| words(home).contains("pause#"))).await;
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_forgotten_is_removed_from_slack_too() {
    let office = Office::new().await;
    office.script(vec![text("Something to forget.")]);
    office.slack.say(ANA, DM, "Hello", None).await;
    office.reply(DM, |message| words(message).contains("Something to forget.")).await;
    let asked = office.command("forget").await;
    assert!(words(&asked).contains("Delete every conversation"), "{asked:#}");
    office.press(&asked, "approve").await;
    until("gone", || {
        let is_there = office.slack.replies(DM).iter().any(|message| words(message).contains("Something to forget."));
        (!is_there).then_some(())
    })
    .await;
    assert!(office.world.app.list_conversations(&office.ana, None).await.unwrap().views.is_empty());
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_dropped_into_the_chat_becomes_a_medium() {
    let office = Office::new().await;
    office.script(vec![text("A nice picture.")]);
    let file = ("plant.jpg", "image/jpeg", crate::media::geotagged());
    office.slack.say_with_file(ANA, DM, "Describe this", file).await;
    office.reply(DM, |message| words(message).contains("A nice picture.")).await;
    let asked = office.model.asked();
    let body = asked.iter().rfind(|request| request.model == MODEL).unwrap().body.clone();
    assert!(body["contents"].to_string().contains("image/jpeg"));
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_install_for_any_team_is_used_and_ends_with_the_app() {
    let options = SlackOptions { is_rotating: true, ..SlackOptions::default() };
    let settings = vec![
        ("slack.client_id", socrazi_sim::slack::CLIENT_ID.to_owned()),
        ("slack.client_secret", socrazi_sim::slack::CLIENT_SECRET.to_owned()),
    ];
    let office = Office::with(options, settings).await;
    let app: &Arc<socrazi::app::App> = &office.world.app;
    let code = office.install().await;
    assert!(app.slack_install_finish(&office.world.person, &code).await.is_err(), "a code is spent once");
    office.slack.forgive();
    let team = app.slack_team(TEAM).await.unwrap().unwrap();
    assert!(!team.name.is_empty());
    office.script(vec![text("Installed.")]);
    office.slack.say(ANA, DM, "Hello", None).await;
    office.reply(DM, |message| words(message).contains("Installed.")).await;
    office.slack.uninstall(TEAM).await;
    for _ in 0..200 {
        if app.slack_team(TEAM).await.unwrap().is_none() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    assert!(app.slack_team(TEAM).await.unwrap().is_none());
    assert!(app.slack_tokens(TEAM).await.unwrap().is_none(), "its tokens are destroyed");
    assert!(app.find_member(&member(ANA)).await.unwrap().is_none());
    office.slack.forgive();
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_answer_is_shown_to_the_channel_by_its_button_only() {
    let office = Office::new().await;
    let draft = office.command("draft For everybody's eyes").await;
    assert_eq!(office.slack.replies(GENERAL).len(), 0);
    let at = index_of(&office, &draft);
    office.slack.press_ephemeral(ANA, at, &action(&draft, "share")).await.unwrap();
    // Not published yet: who will read it is named first.
    let asked =
        until("the question", || office.slack.ephemerals().into_iter().find(|seen| words(seen).contains("share-yes#")))
            .await;
    assert!(words(&asked).contains(&format!("<#{GENERAL}>")), "{asked:#}");
    assert_eq!(office.slack.replies(GENERAL).len(), 0);
    office.slack.press_ephemeral(ANA, index_of(&office, &asked), &action(&asked, "share-yes")).await.unwrap();
    let shared = until("the shared card", || {
        office.slack.messages(GENERAL).into_iter().find(|message| words(message).contains("For everybody's eyes"))
    })
    .await;
    assert!(!words(&shared).contains("publish#"), "nothing to press for others: {shared:#}");
    // The report has no text of anybody's: it is shown at once. And cards keep the button when they change.
    let report = office.command("report").await;
    let at = index_of(&office, &report);
    office.slack.press_ephemeral(ANA, at, &action(&report, "share")).await.unwrap();
    until("the report", || {
        office
            .slack
            .messages(GENERAL)
            .into_iter()
            .find(|message| words(message).contains("Published in the last 7 days"))
    })
    .await;
    office.command("schedule tomorrow 9am").await;
    let asked = office.slack.ephemerals().last().cloned().unwrap();
    let done = office.press(&asked, "approve").await;
    assert!(words(&done).contains("share#"), "{done:#}");
    // What was shown goes with its person.
    office.world.app.delete_user(&office.ana.user).await.unwrap();
    until("nothing of hers", || {
        let left = office.slack.messages(GENERAL).iter().any(|message| words(message).contains("everybody's eyes"));
        (!left).then_some(())
    })
    .await;
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_wide_install_serves_its_teams() {
    let options = SlackOptions { is_org_install: true, ..SlackOptions::default() };
    let settings = vec![
        ("slack.client_id", socrazi_sim::slack::CLIENT_ID.to_owned()),
        ("slack.client_secret", socrazi_sim::slack::CLIENT_SECRET.to_owned()),
    ];
    let office = Office::with(options, settings).await;
    let app: &Arc<socrazi::app::App> = &office.world.app;
    office.install().await;
    let in_organisation = Member { place: ChatPlace::Slack, team: "E0ORG".into(), id: ANA.into() };
    app.link(&office.ana.user, &in_organisation, "Ana").await.unwrap();
    let draft = office.command("draft For the whole organisation").await;
    assert!(words(&draft).contains("For the whole organisation"), "{draft:#}");
    // A modal needs the organisation's token: the press brings no team.
    let at = index_of(&office, &draft);
    office.slack.press_ephemeral(ANA, at, &action(&draft, "edit")).await.unwrap();
    until("a modal", || office.slack.views().first().cloned()).await;
    office.end().await;
}
