//! Slack: HTTP or Socket Mode in, the Web API out. What arrives is durable before it is acknowledged (`http`, `socket`, `inbound`), worked
//! on once (`work`), and answered with cards drawn from ledger rows (`draw`, `blocks`). It decides nothing: the doors of `App` do.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use slack_morphism::signature_verifier::SlackEventSignatureVerifier;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::{App, Received};
use crate::domain::place::ChatPlace;

mod api;
mod blocks;
mod commands;
mod draw;
mod home;
mod http;
mod inbound;
pub mod manifest;
mod modal;
mod news;
mod pace;
mod press;
mod socket;
mod stream;
mod talk;
mod work;

use api::Api;
use inbound::{Inbound, Kind, What};

/// Deliveries are small; a card with its state stays far below this (RELIABILITY §3).
const BODY_BYTES_MAX: usize = 1 << 20;
/// How often work that nobody does any more is looked for.
const TAKE_OVER: Duration = Duration::from_secs(15);
/// Things worked on at once. Conversations wait for a model most of their time.
const AT_ONCE: usize = 64;
/// How long work may still take when the process ends.
const GOODBYE: Duration = Duration::from_secs(5);
/// How long a message may wait for a yes that it needs.
const PENDING_MAX: Duration = Duration::from_secs(15 * 60);
/// How many do.
const PENDING_COUNT_MAX: usize = 1_000;

/// What Slack gets back at once.
enum Ack {
    /// Nothing but the acknowledgement.
    Empty,
    /// With this body.
    With(Value),
    /// It could not be stored: it must come again.
    Failed,
}

/// Something said that waits for the person's yes.
struct Pending {
    inbound: Inbound,
    key: String,
    since: Instant,
}

/// The front end.
pub struct Slack {
    app: Arc<App>,
    api: Api,
    verifier: Option<SlackEventSignatureVerifier>,
    /// Answers under way, by thread: what a press of Stop ends.
    running: Mutex<HashMap<String, CancellationToken>>,
    pending: Mutex<HashMap<String, Pending>>,
    work: TaskTracker,
    turns: Semaphore,
    stop: CancellationToken,
}

impl Slack {
    /// The front end, when Slack is configured.
    ///
    /// # Errors
    /// When the system's certificates cannot be read.
    pub fn open(app: &Arc<App>, stop: CancellationToken) -> std::io::Result<Option<Arc<Self>>> {
        let Some(api) = Api::open(app)? else { return Ok(None) };
        let secret = app.config().slack.as_ref().and_then(|section| section.signing_secret.as_ref());
        let verifier = secret.map(|secret| SlackEventSignatureVerifier::new(&secret.expose_secret().into()));
        let (running, pending) = (Mutex::default(), Mutex::default());
        Ok(Some(Arc::new(Self {
            app: Arc::clone(app),
            api,
            verifier,
            running,
            pending,
            work: TaskTracker::new(),
            turns: Semaphore::new(AT_ONCE),
            stop,
        })))
    }

    /// Its routes.
    pub(super) fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/slack/events", post(http::events))
            .route("/slack/commands", post(http::commands))
            .route("/slack/interactions", post(http::interactions))
            .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
            .with_state(Arc::clone(self))
    }

    /// Takes over what was left undone, listens over Socket Mode and tells the news, until told to stop; then lets work end.
    pub async fn run(self: Arc<Self>) {
        let stop = self.stop.clone();
        tokio::join!(self.take_over(&stop), socket::listen(Arc::clone(&self), stop.clone()), news::tell(&self, &stop));
        self.work.close();
        // What does not end stays open in its row: the next process takes it over.
        let _some_were_left = tokio::time::timeout(GOODBYE, self.work.wait()).await;
    }

    async fn take_over(self: &Arc<Self>, stop: &CancellationToken) {
        let mut is_first = true;
        while !stop.is_cancelled() {
            match self.app.take_over_received(ChatPlace::Slack, is_first).await {
                Ok(left) => {
                    is_first = false;
                    for received in left {
                        self.begin(received);
                    }
                }
                Err(error) => tracing::error!(error = %error, "what Slack delivered could not be taken over"),
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(TAKE_OVER) => {}
            }
        }
    }

    /// Takes a delivery: durable before it is acknowledged, begun after that. What is nothing for us is acknowledged and forgotten.
    async fn accept(self: &Arc<Self>, kind: Kind, payload: Value) -> Ack {
        let Some(inbound) = Inbound::read(kind, &payload) else { return Ack::Empty };
        if let What::Submitted { callback, metadata, values } = &inbound.what {
            // Slack shows mistakes in the modal itself, and only in the answer to this very request.
            match modal::mistakes(self, &inbound.member, callback, metadata, values).await {
                Ok(None) => {}
                Ok(Some(errors)) => return Ack::With(json!({ "response_action": "errors", "errors": errors })),
                Err(error) => {
                    tracing::error!(error = %error, "a modal could not be checked");
                    return Ack::Failed;
                }
            }
        }
        let is_free = match &inbound.what {
            What::Command { text, .. } => commands::Verb::read(text).is_free(),
            _ => false,
        };
        let body = json!({ "kind": kind, "payload": payload }).to_string();
        let received = Received { key: inbound.key, event_id: inbound.event_id, body, tries: 1 };
        match self.app.receive(ChatPlace::Slack, &received).await {
            Ok(true) => self.begin(received),
            Ok(false) => return Ack::Empty,
            Err(error) => {
                tracing::error!(error = %error, "what Slack delivered could not be stored");
                return Ack::Failed;
            }
        }
        // A model takes its time: something is seen at once.
        if is_free {
            Ack::With(json!({ "response_type": "ephemeral", "text": ":hourglass_flowing_sand:" }))
        } else {
            Ack::Empty
        }
    }

    fn begin(self: &Arc<Self>, received: Received) {
        let slack = Arc::clone(self);
        self.work.spawn(async move { work::carry_out(&slack, received).await });
    }

    /// Keeps what was said until the person agrees to what it needs.
    fn hold(&self, id: &str, inbound: Inbound, key: &str) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.retain(|_, held| held.since.elapsed() < PENDING_MAX);
        if pending.len() < PENDING_COUNT_MAX {
            pending.insert(id.to_owned(), Pending { inbound, key: key.to_owned(), since: Instant::now() });
        }
    }

    fn held(&self, id: &str) -> Option<(Inbound, String)> {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.remove(id).filter(|held| held.since.elapsed() < PENDING_MAX).map(|held| (held.inbound, held.key))
    }
}
