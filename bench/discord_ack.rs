//! How fast Discord's interactions over HTTP are acknowledged (`ack`): commands and presses, half and half, signed with Ed25519. Some commands
//! make drafts, some ask the model (there is none, which is said), some presses change a setting. Completing words and opening forms are left
//! out: they are answered at once and store nothing.
//!
//!     cargo build --release -p socrazi-sim
//!     ACK_REFERENCE=…/ack-bench cargo bench --features bench --bench discord_ack
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measurement stops at the first surprise, and measures time"
)]

use axum::extract::{Path, State};
use axum::routing::{any, patch, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use socrazi::app::App;
use socrazi::app::discord::{discord_member, offered_id};
use socrazi::domain::place::{ChatPlace, Member};

mod ack;

use ack::{Answers, Chat, Job, TIMES, count};

/// The application, the member, their server and its channel, a message, and the direct channel.
const APPLICATION: &str = "1010000000000000001";
const MEMBER: &str = "1040000000000000001";
const GUILD: &str = "1020000000000000001";
const CHANNEL: &str = "1030000000000000001";
const MESSAGE: &str = "1060000000000000001";
const DIRECT: &str = "1050000000000000001";

/// What a delivery is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Help,
    Draft,
    Ask,
    Language,
    Stop,
}

/// So many commands are for the model.
const ASKS: usize = 40;

fn kind(no: usize) -> Kind {
    match no % 10 {
        _ if no < ASKS => Kind::Ask,
        0..4 => Kind::Help,
        4 => Kind::Draft,
        5 | 6 => Kind::Language,
        _ => Kind::Stop,
    }
}

/// Action and value of the buttons that are pressed.
const LANGUAGE: (&str, &str) = ("lang", "en");
const STOP: (&str, &str) = ("stop", "");

/// Counts what each interaction was told, by its token; by whichever of its two ways.
async fn told(State(told): State<Answers>, Path(path): Path<(String, String)>) -> Json<Value> {
    count(&told, path.1);
    Json(json!({ "id": MESSAGE }))
}

/// No session may be begun any more: the gateway is left alone, which is not what is measured.
async fn gateway() -> Json<Value> {
    const DAY_MS: u64 = 86_400_000;
    let limit = json!({ "total": 1_000, "remaining": 0, "reset_after": DAY_MS, "max_concurrency": 1 });
    Json(json!({ "url": "ws://127.0.0.1:9", "shards": 1, "session_start_limit": limit }))
}

/// Everything else: the direct channel and the news in it.
async fn other() -> Json<Value> {
    Json(json!({ "id": DIRECT }))
}

/// An interaction. The same however often it is told, as Discord does it.
fn delivery(no: usize) -> String {
    let command = |verb: &str, options: Value| {
        (
            2,
            json!({ "id": "1", "type": 1, "name": "socrazi", "options": [{ "name": verb, "type": 1, "options": options }] }),
        )
    };
    let text = |words: String| json!([{ "name": "text", "type": 3, "value": words }]);
    let press = |(action, value): (&str, &str)| {
        (3, json!({ "component_type": 2, "custom_id": offered_id(ChatPlace::Discord, action, value) }))
    };
    let (kind, data) = match kind(no) {
        Kind::Help => command("help", json!([])),
        Kind::Draft => command("draft", text(format!("Number {no} of the bench"))),
        Kind::Ask => command("ask", text("hello".into())),
        Kind::Language => press(LANGUAGE),
        Kind::Stop => press(STOP),
    };
    let mut payload = json!({
        "id": (2_000_000_000_000_000_000 + no).to_string(), "application_id": APPLICATION, "type": kind, "token": format!("token-{no}"),
        "version": 1, "locale": "en-US", "context": 0, "guild_id": GUILD, "channel_id": CHANNEL, "channel": { "id": CHANNEL, "type": 0 },
        "member": { "nick": null, "roles": [], "user": { "id": MEMBER, "username": "bench", "global_name": "Bench" } }, "data": data,
    });
    if kind == 3 {
        payload["message"] = json!({ "id": MESSAGE, "flags": 64 });
    }
    payload.to_string()
}

struct Discord;

impl Chat for Discord {
    const PLACE: ChatPlace = ChatPlace::Discord;

    fn settings(root: &str) -> Vec<(&'static str, String)> {
        vec![
            ("discord.bot_token", "bench-bot-token".to_owned()),
            ("discord.application_id", APPLICATION.to_owned()),
            ("discord.public_key", socrazi_sim::discord::PUBLIC_KEY.to_owned()),
            ("discord.api_url", root.to_owned()),
        ]
    }

    fn member() -> Member {
        discord_member(MEMBER)
    }

    async fn prepare(app: &App) {
        let all = [LANGUAGE, STOP].map(|(action, value)| (action.to_owned(), value.to_owned()));
        app.offer(ChatPlace::Discord, &all).await.unwrap();
    }

    fn router(answers: Answers) -> Router {
        Router::new()
            .route("/api/v10/gateway/bot", any(gateway))
            .route("/api/v10/webhooks/{application}/{token}", post(told))
            .route("/api/v10/webhooks/{application}/{token}/messages/@original", patch(told))
            .fallback(other)
            .with_state(answers)
    }

    fn times(_no: usize) -> usize {
        TIMES
    }

    fn job(no: usize, _round: usize, now: &str, _root: &str) -> Job {
        let body = delivery(no);
        let headers = vec![
            ("content-type", "application/json".to_owned()),
            ("x-signature-timestamp", now.to_owned()),
            ("x-signature-ed25519", socrazi_sim::discord::sign(now, body.as_bytes())),
        ];
        Job { path: "/discord/interactions".into(), body, headers }
    }

    fn counted(no: usize) -> Option<(&'static str, String)> {
        let kind = match kind(no) {
            Kind::Help | Kind::Draft | Kind::Ask => "commands",
            Kind::Language => "presses",
            // Nothing is being answered, so nothing is said.
            Kind::Stop => return None,
        };
        Some((kind, format!("token-{no}")))
    }
}

fn main() {
    ack::run::<Discord>();
}
