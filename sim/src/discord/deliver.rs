//! Interactions on their way to the product: over the gateway, or as signed requests to its endpoint; and what came back (dossier §4, §5).

use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};
use url::Url;

use super::gateway::Event;
use super::interaction;
use super::people::APP;
use super::refusal::Refusal;
use super::signing::{Key, sign_with};
use super::state::State;
use super::{Discord, World};
use crate::lock;
use crate::wire::{self, Got, Parcel};

/// How Discord calls itself.
const AGENT: &str = "Discord-Interactions/1.0 (+https://discord.com)";

/// "Interaction has already been acknowledged."
const ANSWERED: u32 = 40060;

/// What the product answered to an interaction.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The interaction.
    pub interaction: String,
    /// Its token.
    pub token: String,
    /// HTTP status of the delivery; 0 over the gateway, or when nothing came.
    pub status: u16,
    /// The callback that answered it, `{"type": …, "data": …}`; null when none did.
    pub callback: Value,
    /// How long that took.
    pub elapsed_ms: u64,
    /// What went wrong: `not_delivered`, `timeout`, `http_…`, or why the answer was refused.
    pub error: Option<String>,
}

impl Answer {
    /// For what nobody hears.
    pub(super) fn nothing() -> Self {
        Self { error: Some("not_delivered".to_owned()), ..Self::default() }
    }

    /// Whether it was answered in time and the answer was good.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.error.is_none()
    }

    /// The type of the callback; 0 when there was none.
    #[must_use]
    pub fn kind(&self) -> u64 {
        self.callback["type"].as_u64().unwrap_or(0)
    }

    /// For a desk that speaks JSON.
    #[must_use]
    pub fn show(&self) -> Value {
        json!({ "interaction": self.interaction, "token": self.token, "status": self.status, "callback": self.callback,
            "elapsed_ms": self.elapsed_ms, "error": self.error })
    }
}

/// How a request is spoilt (dossier §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgery {
    /// Signed with another key.
    BadSignature,
    /// Without the two headers.
    NoSignature,
    /// Signed rightly, ten minutes ago.
    Old,
    /// The signature belongs to another body.
    OtherBody,
}

impl Discord {
    async fn post(&self, url: &Url, body: String, forgery: Option<Forgery>) -> Result<Got, &'static str> {
        let shift_s = if forgery == Some(Forgery::Old) { -600 } else { 0 };
        let at = (self.clock.now_ms() / 1_000 + shift_s).to_string();
        let signature = match forgery {
            Some(Forgery::BadSignature) => sign_with(Key::Other, &at, body.as_bytes()),
            Some(Forgery::OtherBody) => sign_with(Key::Own, &at, b"{}"),
            None | Some(Forgery::Old | Forgery::NoSignature) => sign_with(Key::Own, &at, body.as_bytes()),
        };
        let mut headers = Vec::new();
        if forgery != Some(Forgery::NoSignature) {
            headers.push(("x-signature-ed25519".to_owned(), signature));
            headers.push(("x-signature-timestamp".to_owned(), at));
        }
        let parcel = Parcel {
            url: url.clone(),
            agent: AGENT,
            content_type: "application/json".to_owned(),
            headers,
            body: body.into_bytes(),
        };
        wire::post(parcel, self.patience()).await
    }

    /// How long the product may take.
    pub(super) fn patience(&self) -> Duration {
        Duration::from_millis(lock(&self.state).settings.ack_ms)
    }

    fn ping(&self) -> String {
        let id = lock(&self.state).id(self.clock.now_ms());
        json!({ "id": id, "application_id": APP, "type": 1, "token": format!("ping-{id}"), "version": 1, "entitlements": [],
            "authorizing_integration_owners": {}, "attachment_size_limit": 10_485_760 })
        .to_string()
    }

    /// What Discord does before it takes an address, and now and then later: a PING signed rightly, and one signed wrongly.
    pub(super) async fn probe(&self, url: &Url) -> anyhow::Result<()> {
        let body = self.ping();
        match self.post(url, body, None).await {
            Ok(got) => {
                let pong: Value = serde_json::from_str(&got.body).unwrap_or_default();
                if got.status != 200 || pong["type"] != 1 {
                    bail!("a PING was answered with {} {}", got.status, got.body);
                }
                if !got.content_type.starts_with("application/json") {
                    bail!("a PING was answered as {}", got.content_type);
                }
            }
            Err(word) => bail!("a PING was not answered: {word}"),
        }
        for forgery in [Forgery::BadSignature, Forgery::NoSignature] {
            let body = self.ping();
            match self.post(url, body, Some(forgery)).await {
                Ok(got) if got.status == 401 => {}
                Ok(got) => {
                    bail!("a request that was not signed rightly ({forgery:?}) was answered with {}", got.status)
                }
                Err(word) => bail!("a request that was not signed rightly was not answered: {word}"),
            }
        }
        Ok(())
    }

    /// Delivers an interaction and waits for its answer as long as Discord does.
    pub(super) async fn interact(self: &Arc<Self>, id: &str) -> Answer {
        let begin = Instant::now();
        let (tell, told) = oneshot::channel();
        let (payload, endpoint, copies, mut answer) = {
            let mut state = lock(&self.state);
            let endpoint = state.gateway.endpoint.clone();
            let copies = state.settings.copies.max(1);
            let Some(held) = state.interactions.get_mut(id) else { return Answer::nothing() };
            held.tell = Some(tell);
            let answer = Answer { interaction: held.id.clone(), token: held.token.clone(), ..Answer::default() };
            let payload = held.payload.clone();
            if endpoint.is_none() && state.dispatch(&Event::interaction(&payload)) == 0 {
                give_up(&mut state, id);
                return Answer { error: Answer::nothing().error, ..answer };
            }
            (payload, endpoint, copies, answer)
        };
        let patience = self.patience();
        if let Some(url) = endpoint {
            for _ in 1..copies {
                let (again, url, body, id) = (Arc::clone(self), url.clone(), payload.to_string(), id.to_owned());
                tokio::spawn(async move {
                    let got = again.post(&url, body, None).await;
                    // Whichever of them is answered first counts.
                    again.take(&id, got, &mut 0)
                });
            }
            let got = self.post(&url, payload.to_string(), None).await;
            answer.error = self.take(id, got, &mut answer.status);
        }
        if answer.error.is_none() {
            match timeout(patience.saturating_sub(begin.elapsed()), told).await {
                Ok(Ok(callback)) => answer.callback = callback,
                Ok(Err(_)) | Err(_) => answer.error = Some("timeout".to_owned()),
            }
        }
        answer.elapsed_ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
        if let Some(error) = &answer.error {
            let mut state = lock(&self.state);
            give_up(&mut state, id);
            state.violation(format!("interaction: {error} after {} ms", answer.elapsed_ms));
        }
        answer
    }

    /// Takes what the endpoint answered; a word when it is no good.
    fn take(&self, id: &str, got: Result<Got, &'static str>, status: &mut u16) -> Option<String> {
        let got = match got {
            Ok(got) => got,
            Err("http_timeout") => return Some("timeout".to_owned()),
            Err(word) => return Some(word.to_owned()),
        };
        *status = got.status.as_u16();
        let mut state = lock(&self.state);
        match (*status, got.body.trim().is_empty()) {
            (202, true) => None,
            (200, false) => {
                if !got.content_type.starts_with("application/json") {
                    state.violation(format!("interaction: answered as {}", got.content_type));
                }
                let body: Value = serde_json::from_str(&got.body).unwrap_or_default();
                let verdict = interaction::answer(&mut state, id, &body, &[], self.clock.now_ms());
                // Where everything comes several times, one answer is the answer to all.
                let is_again = |refusal: &Refusal| refusal.code == ANSWERED && state.settings.copies > 1;
                verdict.err().filter(|refusal| !is_again(refusal)).map(|refusal| refusal.line("refused"))
            }
            (status, _) => Some(format!("http_{status}")),
        }
    }
}

/// "The application did not respond."
fn give_up(state: &mut State, id: &str) {
    if let Some(held) = state.interactions.get_mut(id) {
        held.is_dead |= held.answered.is_none();
        held.tell = None;
    }
}

impl World {
    /// Saves an endpoint for interactions as the portal does: it is asked first, with a good and with bad signatures.
    ///
    /// # Errors
    /// When the product does not answer as Discord demands.
    pub async fn save_endpoint(&self, url: Url) -> anyhow::Result<()> {
        self.0.probe(&url).await?;
        lock(&self.0.state).gateway.endpoint = Some(url);
        Ok(())
    }

    /// Asks the saved endpoint again, as Discord does now and then; it is forgotten when it fails.
    ///
    /// # Errors
    /// When the product does not answer as Discord demands.
    pub async fn probe_endpoint(&self) -> anyhow::Result<()> {
        let url = lock(&self.0.state).gateway.endpoint.clone();
        let Some(url) = url else { bail!("no endpoint is saved") };
        let verdict = self.0.probe(&url).await;
        if verdict.is_err() {
            lock(&self.0.state).gateway.endpoint = None;
        }
        verdict
    }

    /// Sets the endpoint without asking it; without one, interactions go over the gateway.
    pub fn set_endpoint(&self, url: Option<Url>) {
        lock(&self.0.state).gateway.endpoint = url;
    }

    /// Posts any body to the endpoint, spoilt or signed rightly; the status and the body of the answer.
    ///
    /// # Errors
    /// When there is no endpoint, or nobody answers.
    pub async fn post_raw(&self, body: &str, forgery: Option<Forgery>) -> anyhow::Result<(u16, String)> {
        let url = lock(&self.0.state).gateway.endpoint.clone();
        let Some(url) = url else { bail!("no endpoint is set") };
        match self.0.post(&url, body.to_owned(), forgery).await {
            Ok(got) => Ok((got.status.as_u16(), got.body)),
            Err(word) => bail!("{word}"),
        }
    }

    /// Delivers the same interaction again; the answer to it is not looked at. `false` when it is unknown or nobody is there.
    pub fn redeliver(&self, interaction: &str) -> bool {
        let mut state = lock(&self.0.state);
        let Some(payload) = state.interactions.get(interaction).map(|held| held.payload.clone()) else { return false };
        match state.gateway.endpoint.clone() {
            Some(url) => {
                let (again, body) = (Arc::clone(&self.0), payload.to_string());
                tokio::spawn(async move { again.post(&url, body, None).await });
                true
            }
            None => state.dispatch(&Event::interaction(&payload)) > 0,
        }
    }

    /// Tells of the same message again, as after a resume.
    pub fn retell(&self, channel: &str, message: &str) -> bool {
        let mut state = lock(&self.0.state);
        let Some(held) = state.message(channel, message).cloned() else { return false };
        let event = Event::message("MESSAGE_CREATE", &state, &held, self.0.clock.now_ms());
        state.dispatch(&event) > 0
    }
}
