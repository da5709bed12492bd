//! Deliveries to the product: signed requests, or envelopes when a socket is open (dossier §2, §3, §12).

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;
use url::Url;

use super::people::{APP, ENTERPRISE, bot_of};
use super::state::secret;
use super::{Slack, World, signing, socket};
use crate::lock;
use crate::wire::{self, Parcel};

/// How Slack calls itself.
const AGENT: &str = "Slackbot 1.0 (+https://api.slack.com/robots)";

/// What the product answered to a delivery.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// HTTP status; 200 for an acknowledged envelope, 0 when nothing came.
    pub status: u16,
    /// What it said.
    pub body: String,
    /// Its content type.
    pub content_type: String,
    /// How long it took.
    pub elapsed_ms: u64,
    /// How often it was delivered.
    pub attempts: u32,
    /// Slack's word for what went wrong on the way.
    pub error: Option<String>,
    /// Whether the product asked for no further attempt.
    pub is_final: bool,
}

impl Answer {
    /// For what nobody hears.
    pub(super) fn nothing() -> Self {
        Self { error: Some("not_delivered".to_owned()), ..Self::default() }
    }

    /// Its body as JSON, or null.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// Whether Slack is content: 2xx in time.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// For a desk that speaks JSON.
    #[must_use]
    pub fn show(&self) -> Value {
        json!({ "status": self.status, "body": self.body, "elapsed_ms": self.elapsed_ms, "attempts": self.attempts, "error": self.error })
    }
}

/// Which door of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    Events,
    Commands,
    Interactions,
}

/// How a delivery is spoilt (dossier §18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgery {
    /// Signed with another secret.
    BadSignature,
    /// Without the two headers.
    NoSignature,
    /// Signed rightly, six minutes ago.
    Old,
    /// Signed rightly, six minutes ahead.
    Early,
}

impl Lane {
    fn path(self) -> &'static str {
        match self {
            Self::Events => "slack/events",
            Self::Commands => "slack/commands",
            Self::Interactions => "slack/interactions",
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Events => "application/json",
            Self::Commands | Self::Interactions => "application/x-www-form-urlencoded",
        }
    }

    /// The raw body.
    fn body(self, payload: &Value) -> Vec<u8> {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        match self {
            Self::Events => return payload.to_string().into_bytes(),
            Self::Interactions => {
                form.append_pair("payload", &payload.to_string());
            }
            Self::Commands => {
                for (name, value) in payload.as_object().into_iter().flatten() {
                    form.append_pair(name, value.as_str().unwrap_or_default());
                }
            }
        }
        form.finish().into_bytes()
    }
}

impl Slack {
    /// How long the product may take.
    pub(super) fn patience(&self) -> Duration {
        Duration::from_millis(self.ack_ms.load(std::sync::atomic::Ordering::SeqCst))
    }

    /// Delivers over HTTP, or over a socket until it is acknowledged; as often as was said, and answers with what came of the first that
    /// said something.
    pub(super) async fn deliver(&self, lane: Lane, payload: &Value, retry: Option<(u32, &str)>) -> Answer {
        let times = self.times.load(std::sync::atomic::Ordering::SeqCst);
        if times == 1 {
            return self.deliver_once(lane, payload, retry).await;
        }
        let each = (0..times).map(|no| {
            let again = (no > 0).then_some((no, "http_timeout"));
            self.deliver_once(lane, payload, again.or(retry))
        });
        let answers = futures::future::join_all(each).await;
        let says = answers.iter().find(|answer| !answer.is_ok() || !answer.body.trim().is_empty());
        says.or(answers.first()).cloned().unwrap_or_else(Answer::nothing)
    }

    async fn deliver_once(&self, lane: Lane, payload: &Value, retry: Option<(u32, &str)>) -> Answer {
        let target = lock(&self.deliver_to).clone();
        match target {
            Some(root) => self.over_http(&root, lane, payload, retry).await,
            None if lock(&self.sockets).open() > 0 => socket::deliver(self, lane, payload).await,
            None => Answer::nothing(),
        }
    }

    async fn over_http(&self, root: &Url, lane: Lane, payload: &Value, retry: Option<(u32, &str)>) -> Answer {
        let mut headers = Vec::new();
        if let Some((number, reason)) = retry {
            headers.push(("x-slack-retry-num".to_owned(), number.to_string()));
            headers.push(("x-slack-retry-reason".to_owned(), reason.to_owned()));
        }
        self.send(root, (lane.path(), lane.content_type()), lane.body(payload), (headers, None)).await
    }

    async fn send(
        &self,
        root: &Url,
        to: (&str, &str),
        body: Vec<u8>,
        how: (Vec<(String, String)>, Option<Forgery>),
    ) -> Answer {
        let begin = Instant::now();
        let Ok(url) = root.join(to.0) else { return Answer::nothing() };
        let (mut headers, forgery) = how;
        let shift_s = match forgery {
            Some(Forgery::Old) => -360,
            Some(Forgery::Early) => 360,
            _ => 0,
        };
        let at_s = self.clock.now_ms() / 1_000 + shift_s;
        let real = lock(&self.state).signing_secret.clone();
        let key = if forgery == Some(Forgery::BadSignature) { "another secret" } else { &real };
        if forgery != Some(Forgery::NoSignature) {
            headers.push(("x-slack-request-timestamp".to_owned(), at_s.to_string()));
            headers.push(("x-slack-signature".to_owned(), signing::sign(key, at_s, &body)));
        }
        let parcel = Parcel { url, agent: AGENT, content_type: to.1.to_owned(), headers, body };
        let got = wire::post(parcel, self.patience()).await;
        let elapsed_ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
        match got {
            Ok(got) => Answer {
                status: got.status.as_u16(),
                body: got.body,
                content_type: got.content_type,
                elapsed_ms,
                attempts: 1,
                error: (!got.status.is_success()).then(|| "http_error".to_owned()),
                is_final: got.is_final,
            },
            Err(word) => Answer { elapsed_ms, attempts: 1, error: Some(word.to_owned()), ..Answer::default() },
        }
    }

    /// The wrapper around an event (dossier §3.2), with a fresh `event_id`.
    pub(super) fn wrap(&self, team: &str, event: &Value) -> Value {
        let now_ms = self.clock.now_ms();
        let mut state = lock(&self.state);
        let id = state.id("Ev");
        let org = state.is_org_install;
        let enterprise = if org { json!(ENTERPRISE) } else { Value::Null };
        let bot = bot_of(if org { ENTERPRISE } else { team }).0;
        let mut wrapped = json!({ "token": "sim-verification-token", "team_id": team, "context_team_id": team, "context_enterprise_id": enterprise,
            "api_app_id": APP, "event": event, "type": "event_callback", "event_id": id, "event_time": now_ms / 1_000,
            "authorizations": [{ "enterprise_id": enterprise, "team_id": team, "user_id": bot, "is_bot": true, "is_enterprise_install": org }],
            "is_ext_shared_channel": false, "event_context": format!("4-{}", secret()) });
        if org {
            wrapped["enterprise_id"] = enterprise;
        }
        wrapped
    }

    /// Delivers what calls of the API set off, beside them.
    pub(super) fn send_outbox(self: &Arc<Self>) {
        let waiting = std::mem::take(&mut lock(&self.state).outbox);
        if waiting.is_empty() {
            return;
        }
        let world = World(Arc::clone(self));
        tokio::spawn(async move {
            for (team, event) in waiting {
                world.event(&team, event).await;
            }
        });
    }

    /// Notes an answer that Slack would not be content with.
    pub(super) fn judge(&self, what: &str, answer: &Answer) {
        if !answer.is_ok() && answer.error.as_deref() != Some("not_delivered") {
            let why = answer.error.as_deref().unwrap_or_default();
            lock(&self.state)
                .violation(format!("{what}: answered {} {why} after {} ms", answer.status, answer.elapsed_ms));
        }
    }
}

impl World {
    /// Wraps an event and delivers it once; a message in it is kept, so that it can be answered (dossier §3.2).
    pub async fn event(&self, team: &str, event: Value) -> Answer {
        self.remember(team, &event);
        let body = self.0.wrap(team, &event);
        let answer = self.0.deliver(Lane::Events, &body, None).await;
        self.0.judge("event", &answer);
        answer
    }

    /// Delivers a body as it is, with nothing judged: for `url_verification` and for odd ones.
    pub async fn deliver_event(&self, body: &Value) -> Answer {
        self.0.deliver(Lane::Events, body, None).await
    }

    /// Delivers an interaction's payload as it is.
    pub async fn deliver_interaction(&self, payload: &Value) -> Answer {
        self.0.deliver(Lane::Interactions, payload, None).await
    }

    /// Wraps an event without delivering it, for those who deliver it several times.
    #[must_use]
    pub fn wrapped(&self, team: &str, event: &Value) -> Value {
        self.remember(team, event);
        self.0.wrap(team, event)
    }

    /// The same bodies several times with the same `event_id`, as after lost acknowledgements; the order is turned around on wish.
    pub async fn deliver_event_times(&self, bodies: &[Value], times: u32, shuffled: bool) -> Vec<Answer> {
        let mut all: Vec<(u32, &Value)> =
            (0..times).flat_map(|round| bodies.iter().map(move |body| (round, body))).collect();
        if shuffled {
            all.sort_by_cached_key(|_| secret());
        }
        let mut answers = Vec::new();
        for (round, body) in all {
            let retry = (round > 0).then_some((round, "http_timeout"));
            answers.push(self.0.deliver(Lane::Events, body, retry).await);
        }
        answers
    }

    /// Delivers an event as Slack does, with up to three retries after these pauses (really one at once, one after a minute, one after
    /// five) until one is answered with 2xx or with `X-Slack-No-Retry` (dossier §3.3).
    pub async fn event_with_retries(&self, team: &str, event: Value, pauses_ms: [u64; 3]) -> Answer {
        let body = self.wrapped(team, &event);
        let mut answer = self.0.deliver(Lane::Events, &body, None).await;
        for (number, pause_ms) in (1..).zip(pauses_ms) {
            if answer.is_ok() || answer.is_final {
                break;
            }
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
            let reason = answer.error.clone().unwrap_or_default();
            let attempts = answer.attempts + 1;
            answer = self.0.deliver(Lane::Events, &body, Some((number, &reason))).await;
            answer.attempts = attempts;
        }
        self.0.judge("event", &answer);
        answer
    }

    /// Delivers something that is not as it should be; the product must answer 401 (dossier §2).
    pub async fn deliver_forged(&self, path: &str, content_type: &str, body: Vec<u8>, forgery: Forgery) -> Answer {
        let target = lock(&self.0.deliver_to).clone();
        match target {
            Some(root) => self.0.send(&root, (path, content_type), body, (Vec::new(), Some(forgery))).await,
            None => Answer::nothing(),
        }
    }

    /// Delivers any body, signed rightly.
    pub async fn deliver_raw(&self, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
        let target = lock(&self.0.deliver_to).clone();
        match target {
            Some(root) => self.0.send(&root, (path, content_type), body, (Vec::new(), None)).await,
            None => Answer::nothing(),
        }
    }
}
