//! How fast Slack is acknowledged (`ack`): commands and events, half and half. Beside them drafts are made, and people write directly and in
//! channels (told twice there, as a mention and as a message).
//!
//!     cargo build --release -p socrazi-sim
//!     ACK_REFERENCE=…/ack-bench cargo bench --features bench --bench slack_ack
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measurement stops at the first surprise, and measures time"
)]

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{any, post};
use serde_json::{Value, json};
use socrazi::app::App;
use socrazi::domain::place::{ChatPlace, Member};

mod ack;

use ack::{Answers, Chat, Job, TIMES, count, sign};

const SECRET: &str = "bench-signing-secret";

/// What answers where Slack would: counts what each command was told.
async fn hooks(State(told): State<Answers>, Path(id): Path<String>) -> &'static str {
    count(&told, id);
    "ok"
}

/// How news of what was published begins. It is told where its person wrote last, beside the answer there, and is no answer.
const NEWS: &str = "Published on";

/// The Web API: counts what each channel was answered.
async fn api(State(told): State<Answers>, Path(method): Path<String>, body: axum::body::Bytes) -> axum::Json<Value> {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let is_news = body["text"].as_str().is_some_and(|text| text.starts_with(NEWS));
    if let (true, Some(channel)) = (method.starts_with("chat.post") && !is_news, body["channel"].as_str()) {
        count(&told, channel.to_owned());
    }
    axum::Json(json!({ "ok": true, "ts": "1.1", "channel": body["channel"] }))
}

/// What a delivery is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Help,
    Draft,
    Stop,
    Direct,
    Mention,
}

/// People write so often each: Slack takes about a hundred answers a minute, so more would only wait for it.
const PEOPLE: usize = 40;

fn kind(no: usize) -> Kind {
    match no % 10 {
        _ if no < PEOPLE => Kind::Direct,
        _ if no < 2 * PEOPLE => Kind::Mention,
        0..4 => Kind::Help,
        4 => Kind::Draft,
        _ => Kind::Stop,
    }
}

/// Path and body of a delivery.
fn delivery(no: usize, round: usize, slack: &str) -> (&'static str, String) {
    let command = |text: &str| {
        let hook = format!("{slack}/hooks/{no}");
        let fields = [
            ("team_id", "T1"),
            ("user_id", "U1"),
            ("channel_id", "C1"),
            ("command", "/socrazi"),
            ("text", text),
            ("trigger_id", &format!("1.{no}.x")),
            ("response_url", &hook),
        ];
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        ("/slack/commands", body)
    };
    let event = |id: String, event: Value| {
        let body = json!({ "type": "event_callback", "team_id": "T1", "event_id": id, "authorizations": [{ "user_id": "UBOT" }],
            "event": event });
        ("/slack/events", body.to_string())
    };
    match kind(no) {
        Kind::Help => command("help"),
        Kind::Draft => command(&format!("draft Number {no} of the bench")),
        Kind::Stop => event(
            format!("Ev{no}"),
            json!({ "type": "agent_session_stopped", "channel": "D1", "thread_ts": format!("{no}.1"), "user": "U1" }),
        ),
        Kind::Direct => event(
            format!("Ev{no}"),
            json!({ "type": "message", "channel_type": "im", "user": "U1", "text": "hello", "channel": format!("D{no}"), "ts": format!("{no}.1") }),
        ),
        // One mention has two events with ids of their own.
        Kind::Mention => {
            let (id, kind) = if round.is_multiple_of(2) { ("m", "app_mention") } else { ("c", "message") };
            let said = json!({ "type": kind, "user": "U1", "text": "<@UBOT> hello", "channel": format!("C{no}"), "ts": format!("{no}.1") });
            event(format!("Ev{no}{id}"), said)
        }
    }
}

struct Slack;

impl Chat for Slack {
    const PLACE: ChatPlace = ChatPlace::Slack;

    fn settings(root: &str) -> Vec<(&'static str, String)> {
        vec![
            ("slack.signing_secret", SECRET.to_owned()),
            ("slack.bot_token", "xoxb-bench".to_owned()),
            ("slack.api_url", format!("{root}/api")),
        ]
    }

    fn member() -> Member {
        Member { place: ChatPlace::Slack, team: "T1".into(), id: "U1".into() }
    }

    async fn prepare(_app: &App) {}

    fn router(told: Answers) -> Router {
        Router::new().route("/hooks/{id}", post(hooks)).route("/api/{method}", any(api)).with_state(told)
    }

    fn times(no: usize) -> usize {
        if kind(no) == Kind::Mention { 2 * TIMES } else { TIMES }
    }

    fn job(no: usize, round: usize, now: &str, root: &str) -> Job {
        let (path, body) = delivery(no, round, root);
        let kind = if body.starts_with('{') { "application/json" } else { "application/x-www-form-urlencoded" };
        let headers = vec![
            ("content-type", kind.to_owned()),
            ("x-slack-request-timestamp", now.to_owned()),
            ("x-slack-signature", sign(SECRET.as_bytes(), now, &body)),
        ];
        Job { path: path.to_owned(), body, headers }
    }

    fn counted(no: usize) -> Option<(&'static str, String)> {
        match kind(no) {
            Kind::Help | Kind::Draft => Some(("commands", no.to_string())),
            Kind::Direct => Some(("people", format!("D{no}"))),
            Kind::Mention => Some(("people", format!("C{no}"))),
            Kind::Stop => None,
        }
    }
}

fn main() {
    ack::run::<Slack>();
}
