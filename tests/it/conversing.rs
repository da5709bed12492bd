//! The conversational core against a model that polices the protocol: turns, memory, gates, and what happens when something breaks.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use socrazi::app::Verdict;
use socrazi::domain::caller::{Caller, Grant, Via};
use socrazi::domain::chat::{Card, Progress, Reply, TurnState, Utterance};
use socrazi::domain::ids::ApprovalId;
use socrazi::domain::tool::ToolError;
use socrazi_sim::gemini::{API_KEY, Ending, GeminiOptions, GeminiSim, Piece, Play, Said, Step};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::sync::CancellationToken;

use crate::databases::Engine;
use crate::world::World;

mod checked;
mod drafts;
mod gates;
mod remembered;
mod service;
mod shown;
mod stopped;
mod withheld;

pub(crate) const MODEL: &str = "gemini-3.8-flash";
const LITE: &str = "gemini-3.5-flash-lite";

/// Somebody at a terminal, with a model to talk to.
pub(crate) struct Table {
    pub(crate) world: World,
    pub(crate) model: GeminiSim,
    pub(crate) ana: Caller,
}

impl Table {
    pub(crate) async fn new() -> Self {
        Self::with(Vec::new()).await
    }

    pub(crate) async fn with(settings: Vec<(&'static str, String)>) -> Self {
        Self::on(Engine::Sqlite, settings).await
    }

    /// On this database, with these settings beside the usual ones.
    pub(crate) async fn on(engine: Engine, mut settings: Vec<(&'static str, String)>) -> Self {
        let model = GeminiSim::start(GeminiOptions::default()).await.unwrap();
        settings.push(("gemini.api_key", API_KEY.to_owned()));
        settings.push(("gemini.base_url", model.url().to_string()));
        let world = World::on(engine, settings).await;
        let ana = Caller { grant: Grant::Drafts, via: Via::Terminal, ..world.person.clone() };
        world.app.set_consent(&ana, true).await.unwrap();
        Self { world, model, ana }
    }

    /// What the model says next, in order.
    pub(crate) fn script(&self, plays: Vec<Play>) {
        self.model.play(plays.into_iter().map(|play| Step { model: Some(MODEL.into()), play }));
    }

    pub(crate) async fn try_say(&self, text: &str) -> Result<Reply, ToolError> {
        let said = Utterance::alone("chat", "t", text);
        self.world.app.converse(&self.ana, &said, CancellationToken::new(), &mut |_| {}).await
    }

    pub(crate) async fn say(&self, text: &str) -> Reply {
        self.try_say(text).await.unwrap()
    }

    async fn refused(&self, text: &str) -> String {
        match self.try_say(text).await {
            Err(ToolError::Refused(sentence)) => sentence.key,
            other => panic!("not refused: {other:?}"),
        }
    }

    /// The last request for the conversation, as JSON.
    pub(crate) fn last_asked(&self) -> Value {
        self.model.asked().into_iter().rfind(|request| request.model == MODEL).unwrap().body.as_ref().clone()
    }

    /// What the model was told of the last results.
    fn last_results(&self) -> Vec<Value> {
        let body = self.last_asked();
        let parts = body["contents"].as_array().unwrap().last().unwrap()["parts"].clone();
        parts.as_array().unwrap().iter().map(|part| part["functionResponse"]["response"].clone()).collect()
    }

    async fn answer(&self, id: &ApprovalId, verdict: Verdict) {
        let hash = self.world.app.read_approval(&self.ana, id).await.unwrap().approval.hash;
        self.world.app.decide(&self.ana, id, &hash, verdict).await.unwrap();
    }

    pub(crate) async fn end(self) {
        assert_eq!(self.model.violations(), Vec::<String>::new());
        self.world.end().await;
    }
}

pub(crate) fn call(name: &str, args: Value) -> Play {
    Said::calls(&[(name, args)]).into()
}

pub(crate) fn text(text: &str) -> Play {
    Said::text(text).into()
}

fn approval(reply: &Reply) -> ApprovalId {
    let found = reply.cards.iter().find_map(|card| match card {
        Card::Approval(id) => Some(id.clone()),
        Card::Draft(_)
        | Card::Post(_)
        | Card::Times(_)
        | Card::Link { .. }
        | Card::Chart(_)
        | Card::Google
        | Card::Problem(_) => None,
    });
    found.unwrap_or_else(|| panic!("no question in {reply:?}"))
}

/// A page that anybody on this machine may read, once for each wanted time.
pub(crate) async fn page(html: String) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/story", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _whatever_it_asks = stream.read(&mut request).await;
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                html.len()
            );
            let _may_be_gone = stream.write_all(format!("{head}{html}").as_bytes()).await;
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_is_drafted_asked_for_and_out_after_a_persons_yes() {
    let table = Table::new().await;
    let heard = Arc::new(Mutex::new(Vec::new()));
    let into = heard.clone();
    let when = table.world.in_an_hour();
    let said = Utterance::alone("chat", "t", format!("Schedule a post saying “Open from nine.” for {when}"));
    let mut tell = move |progress: Progress| into.lock().unwrap().push(progress);
    let reply = table.world.app.converse(&table.ana, &said, CancellationToken::new(), &mut tell).await.unwrap();
    assert_eq!((reply.text.as_str(), reply.state), ("It waits for you: please look below.", TurnState::Done));
    let heard = heard.lock().unwrap().clone();
    let tools: Vec<_> = heard
        .iter()
        .filter_map(|progress| match progress {
            Progress::Tool { name, .. } => Some(name.as_str()),
            Progress::Queued | Progress::Thinking | Progress::Again | Progress::Text(_) => None,
        })
        .collect();
    assert_eq!(tools, ["create_draft", "schedule_post"]);
    assert!(matches!(heard.last(), Some(Progress::Text(_))));
    table.world.pass(2 * 3_600_000);
    assert_eq!(table.world.sent(), 0, "nothing goes out without a gesture");
    // Asked too late: the time has passed. Asked again for a later one, and answered.
    let late = table.world.app.decide(&table.ana, &approval(&reply), "x", Verdict::Approve).await;
    assert!(late.is_err());
    let when = table.world.in_an_hour();
    let reply = table.say(&format!("Schedule a post saying “Open from ten.” for {when}")).await;
    let id = approval(&reply);
    let post = table.world.app.read_approval(&table.ana, &id).await.unwrap().post.unwrap();
    table.answer(&id, Verdict::Approve).await;
    table.world.pass(3_600_000);
    table.world.until(&json!(post.as_str()), "published", 1_000).await;
    assert_eq!(table.world.sim.ledger().len(), 1);
    // The model never sees what opens accounts.
    let told: String = table.model.asked().iter().map(|request| request.body.to_string()).collect();
    for secret in ["sim-x-secret", "Bearer", API_KEY, table.ana.user.as_str(), table.ana.workspace.as_str()] {
        assert!(!told.contains(secret), "the model was told {secret}");
    }
    table.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn turns_of_one_conversation_wait_for_each_other() {
    let table = Table::new().await;
    let slow = Said { first_ms: 600, ..Said::text("The first answer.") };
    table.script(vec![slow.into(), text("The second answer.")]);
    let app = table.world.app.clone();
    let ana = table.ana.clone();
    let first = tokio::spawn(async move {
        let said = Utterance::alone("chat", "t", "one");
        app.converse(&ana, &said, CancellationToken::new(), &mut |_| {}).await.unwrap()
    });
    crate::serving::until("the first question", async || (!table.model.asked().is_empty()).then_some(())).await;
    let mut heard = Vec::new();
    let said = Utterance::alone("chat", "t", "two");
    let mut tell = |progress: Progress| heard.push(progress);
    let second = table.world.app.converse(&table.ana, &said, CancellationToken::new(), &mut tell).await.unwrap();
    assert_eq!(heard[0], Progress::Queued);
    assert_eq!((first.await.unwrap().text.as_str(), second.text.as_str()), ("The first answer.", "The second answer."));
    // The second question knew the first answer.
    let asked = table.last_asked()["contents"].to_string();
    assert!(asked.contains("The first answer.") && asked.contains("two"), "{asked}");
    table.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_stops_a_turn_or_dies_in_one_can_go_on_talking() {
    let table = Table::new().await;
    let endless = || Play::from(Said { ending: Ending::Silence, ..Said::text("On and on") });
    table.script(vec![endless()]);
    let stop = CancellationToken::new();
    let said = Utterance::alone("chat", "t", "tell me");
    let stopper = stop.clone();
    let mut tell = move |progress: Progress| {
        if matches!(progress, Progress::Text(_)) {
            stopper.cancel();
        }
    };
    let stopped = table.world.app.converse(&table.ana, &said, stop, &mut tell).await.unwrap();
    assert_eq!(stopped.state, TurnState::Stopped);

    // A process that dies after a call was asked for and before it was answered.
    let stuck = Piece::Call { name: "list_posts".into(), args: Some(json!({})) };
    table.script(vec![Said { pieces: vec![stuck], ..Said::default() }.into(), endless()]);
    let (app, ana) = (table.world.app.clone(), table.ana.clone());
    let dying = tokio::spawn(async move {
        let said = Utterance::alone("chat", "t", "my posts");
        app.converse(&ana, &said, CancellationToken::new(), &mut |_| {}).await.map(drop)
    });
    crate::serving::until("the second round", async || {
        table.model.asked().iter().any(|request| !request.done().is_empty()).then_some(())
    })
    .await;
    dying.abort();
    assert!(dying.await.is_err());
    // Its lease runs out; the next turn finds it and says so.
    table.world.clock.advance_ms(61_000);
    table.script(vec![text("Here I am.")]);
    assert_eq!(table.say("still there?").await.text, "Here I am.");
    let reply = table.say("and my accounts?").await;
    let spoken = table.world.app.read_conversation(&table.ana, &reply.conversation, None).await.unwrap().1.spoken;
    let dead: Vec<_> = spoken.iter().filter(|said| said.turn == "interrupted").collect();
    assert_eq!((dead.len(), dead[0].text.as_str(), dead[1].text.as_str()), (2, "my posts", ""), "{spoken:?}");
    table.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_fails_is_asked_again_and_then_said_plainly() {
    let table = Table::new().await;
    let busy = || Play::Refused(503, "UNAVAILABLE".into());
    let draft = || Said::calls(&[("create_draft", json!({ "text": "half a dra" }))]);
    table.script(vec![busy(), busy(), text("Third time.")]);
    assert_eq!(table.say("a").await.text, "Third time.");
    // Overload of one model alone: the other one answers at last.
    table.script(vec![busy(), busy(), busy()]);
    let reply = table.say("b").await;
    assert_eq!(reply.state, TurnState::Done);
    for (play, state, part) in [
        (Play::Blocked("SAFETY".into()), TurnState::Blocked, "declined to answer"),
        (Play::Exhausted { retry_s: None, is_daily: true, header_s: None }, TurnState::Failed, "quota"),
        (Play::Exhausted { retry_s: Some(37.5), is_daily: false, header_s: None }, TurnState::Failed, "38 seconds"),
        (Play::Refused(404, "NOT_FOUND".into()), TurnState::Failed, MODEL),
        (Said { finish: Some("MAX_TOKENS".into()), ..Said::text("Half") }.into(), TurnState::Done, "too long"),
        (Said { finish: Some("SAFETY".into()), ..Said::text("Forbidden") }.into(), TurnState::Blocked, "declined"),
        (Said { finish: Some("SAFETY".into()), ..draft() }.into(), TurnState::Blocked, "declined"),
        (Said { ending: Ending::Eof, ..Said::text("Half an ") }.into(), TurnState::Failed, "broke off"),
        (Said { ending: Ending::Error(500), ..Said::text("Half an ") }.into(), TurnState::Failed, "overloaded"),
    ] {
        table.script(vec![play.clone()]);
        let reply = table.say("c").await;
        assert!(reply.state == state && reply.text.contains(part), "{play:?}: {reply:?}");
    }
    // Calls of an answer that did not end as it should are not carried out; once more is tried, and what streamed is taken back.
    for finish in ["MALFORMED_FUNCTION_CALL", "MAX_TOKENS"] {
        let cut = || Play::from(Said { finish: Some(finish.into()), ..draft() });
        table.script(vec![cut(), cut()]);
        let mut heard = Vec::new();
        let said = Utterance::alone("chat", "t", "c");
        let mut tell = |progress: Progress| heard.push(progress);
        let reply = table.world.app.converse(&table.ana, &said, CancellationToken::new(), &mut tell).await.unwrap();
        assert_eq!((reply.state, heard.contains(&Progress::Again)), (TurnState::Failed, true), "{finish}: {reply:?}");
        table.script(vec![cut(), text("Second try.")]);
        assert_eq!(table.say("c").await.text, "Second try.");
    }
    let posts = table.world.call("list_posts", json!({})).await;
    assert_eq!(posts["posts"], json!([]), "half an answer was carried out");
    // Words the service adds weekly hurt nobody, and blocked turns are not shown to the model again.
    let odd = Said {
        pieces: vec![Piece::Thought("hm".into()), Piece::Other(json!({ "partMetadata": { "x": 1 }, "text": "fine" }))],
        finish: Some("ESCALATION".into()),
        ..Said::default()
    };
    table.script(vec![odd.into()]);
    let reply = table.say("the last one").await;
    assert!(reply.text.contains("fine") || reply.text.contains("declined"), "{reply:?}");
    table.script(vec![text("x")]);
    table.say("d").await;
    assert!(!table.last_asked()["contents"].to_string().contains("Forbidden"));
    table.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_bounded_answered_and_not_repeated() {
    let table = Table::new().await;
    let both = Said::calls(&[("list_accounts", json!({})), ("list_posts", json!({})), ("no_such_tool", json!({}))]);
    table.script(vec![both.into(), call("list_accounts", json!({})), text("done")]);
    let reply = table.say("a").await;
    assert_eq!(reply.text, "done");
    let repeated = table.last_results();
    assert!(repeated[0]["error"].as_str().unwrap().contains("already"), "{repeated:?}");
    // The conversation is named in the background, by another model.
    let asked: Vec<_> = table.model.asked().into_iter().filter(|request| request.model == MODEL).collect();
    let first_results = &asked[asked.len() - 2].done();
    assert_eq!(first_results.len(), 3);
    assert!(first_results[0].2["output"]["accounts"].is_array() && first_results[2].2["error"].is_string());

    // A call without arguments is a call; more than a handful at once is a loop.
    let many: Vec<(&str, Value)> = (1..=12).map(|limit| ("list_posts", json!({ "limit": limit }))).collect();
    table.script(vec![Said::calls(&many).into(), text("ok")]);
    table.say("b").await;
    let results = table.last_results();
    assert_eq!((results.len(), results.iter().filter(|result| result.get("error").is_some()).count()), (12, 4));
    // A model that never stops is stopped.
    table.script((1..=9).map(|limit| call("list_posts", json!({ "limit": limit }))).collect());
    let reply = table.say("c").await;
    assert!(reply.text.contains("8 steps"), "{reply:?}");
    table.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_handed_back_to_be_mended_and_then_told() {
    let table = Table::new().await;
    let long = "word ".repeat(100);
    table.script(vec![
        call("create_draft", json!({ "text": long, "account": "x" })),
        call("create_draft", json!({ "text": long })),
        call("update_draft", json!({ "post": "post_x", "revision": 1, "text": "short" })),
        text("Shortened."),
    ]);
    let reply = table.say("write it").await;
    assert_eq!(reply.text, "Shortened.");
    // The check table judged the length, and the model was told.
    let told = table.last_asked()["contents"].to_string();
    assert!(told.contains("280") && told.contains("account"), "{told}");
    let wrong =
        |no: usize| call("schedule_post", json!({ "post": format!("post_{no}"), "at": "2030-01-01T00:00:00Z" }));
    table.script((0..4).map(wrong).collect());
    let reply = table.say("schedule it").await;
    assert!(reply.cards.iter().any(|card| matches!(card, Card::Problem(_))), "{reply:?}");
    // People read it without the names of tools.
    assert!(reply.text.contains("There is no such post of yours"), "{reply:?}");
    table.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_in_words_is_read_by_rules_and_two_readings_are_offered() {
    let table = Table::new().await;
    let reply = table.say("Schedule a post saying “Fresh bread.” for tomorrow at 9am").await;
    let view = table.world.app.read_approval(&table.ana, &approval(&reply)).await.unwrap();
    let when = view.lines[0].when.clone().unwrap();
    let tomorrow = jiff::Timestamp::from_millisecond(table.world.clock.now_ms() + 24 * 3_600_000).unwrap();
    assert_eq!(when.rfc3339(), format!("{}T09:00:00+00:00", tomorrow.strftime("%Y-%m-%d")));
    let reply = table.say("「焼きたて」を明日の5時に予約して").await;
    let Some(Card::Times(times)) = reply.cards.iter().find(|card| matches!(card, Card::Times(_))) else {
        panic!("{reply:?}")
    };
    assert_eq!(times.iter().map(|time| time.zoned().hour()).collect::<Vec<_>>(), [5, 17]);
    table.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conversation_is_off_where_it_must_be_and_the_rest_works() {
    let table = Table::with(vec![("gemini.monthly_tokens_max", "50".into())]).await;
    table.world.app.set_consent(&table.ana, false).await.unwrap();
    assert_eq!(table.refused("a").await, "chat-consent-needed");
    table.world.app.set_consent(&table.ana, true).await.unwrap();
    assert_eq!(table.refused("  ").await, "chat-empty");
    assert_eq!(table.refused(&"x".repeat(100_001)).await, "chat-too-long");
    assert_eq!(table.model.asked().len(), 0);
    table.say("one is let through").await;
    assert_eq!(table.refused("two").await, "chat-cap");
    table.end().await;
    for zone in ["Europe/Berlin", "Europe/London", "Europe/Zurich"] {
        let table = Table::new().await;
        let there = Caller { zone: zone.into(), ..table.ana.clone() };
        let off = table.world.app.conversation_off(&there).await.unwrap();
        assert_eq!(off.unwrap().key, "chat-region", "{zone}");
        table.end().await;
    }
    // Where nobody says where they are, the person does.
    let table = Table::new().await;
    table.world.app.set_consent(&table.ana, false).await.unwrap();
    for (zone, key) in [("UTC", "chat-consent-unpaid-anywhere"), ("Asia/Tokyo", "chat-consent-unpaid")] {
        let there = Caller { zone: zone.into(), ..table.ana.clone() };
        assert_eq!(table.world.app.consent_asked(&there).await.unwrap().unwrap().key, key);
    }
    table.end().await;
    let paid = Table::with(vec![("gemini.tier", "paid".into())]).await;
    let there = Caller { zone: "Europe/Berlin".into(), ..paid.ana.clone() };
    assert_eq!(paid.world.app.conversation_off(&there).await.unwrap(), None);
    paid.end().await;
    let none = World::new().await;
    let off = none.app.conversation_off(&none.person).await.unwrap().unwrap();
    assert_eq!(off.key, "model-none");
    assert!(none.draft("tools work").await.is_string());
    none.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_model_is_told_at_every_turn_stays_within_its_budget() {
    /// Bytes to a token of JSON, on the safe side.
    const BYTES_PER_TOKEN: usize = 4;
    const TOKENS_MAX: usize = 6_000;
    let table = Table::new().await;
    // The fullest profile there can be, in the dearest letters, and a summary.
    let words: Vec<String> = (0..100).map(|no| format!("安{no:02}")).collect();
    let (voice, hashtags) = ("あ".repeat(1_000), "い".repeat(200));
    table.world.app.set_voice(&table.ana, &voice, words.clone(), &hashtags).await.unwrap();
    assert!(table.world.app.set_voice(&table.ana, &voice, words, &"い".repeat(201)).await.is_err());
    assert!(table.world.app.set_voice(&table.ana, "", vec!["a".repeat(41)], "").await.is_err());
    let lite = |text: &str| Step { model: Some(LITE.into()), play: Said::text(text).into() };
    table.model.play([lite("A title"), lite(&"A word of the summary ".repeat(62))]);
    for _ in 0..4 {
        table.script(vec![text("Noted.")]);
        table.say(&"bread and more bread. ".repeat(900)).await;
    }
    crate::serving::until("the summary", async || {
        table.script(vec![text("ok")]);
        table.say("hello").await;
        table.last_asked()["systemInstruction"].to_string().contains("of the summary").then_some(())
    })
    .await;
    let asked = table.last_asked();
    let tokens = |part: &str| asked[part].to_string().len() / BYTES_PER_TOKEN;
    let (system, tools) = (tokens("systemInstruction"), tokens("tools"));
    println!("system prompt {system} tokens, declarations {tools} tokens");
    assert!(system + tools <= TOKENS_MAX, "{system} + {tools}");
    assert!(system > 300 && tools > 1_000, "this judge saw nothing");
    table.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_asks_whether_the_key_and_the_models_fit() {
    let table = Table::new().await;
    assert_eq!(table.world.app.check_model().await, Some(Ok(())));
    table.end().await;
    let table = Table::with(vec![("gemini.lite_model", "gemini-1.0-nowhere".to_owned())]).await;
    let found = table.world.app.check_model().await;
    assert_eq!(found, Some(Err(socrazi::llm::ModelFault::Gone("gemini-1.0-nowhere".into()))));
    table.end().await;
}
