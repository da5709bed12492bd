//! Gemini over `streamGenerateContent` (dossier, all of it). A thin client of our own, because none of the crates carries signatures,
//! ids, `store: false` and unknown words through unharmed (ARCHITECTURE, decisions).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderName, HeaderValue, Method};
use secrecy::ExposeSecret;
use url::Url;

use super::{Ask, ChatModel, Delta, ModelConfig, ModelFault, Said, Which};
use crate::clock::Entropy;
use crate::http_out::{OutFault, Outbound};

mod fault;
mod gather;
mod sse;
mod wire;

/// Tries in all, while nothing was told.
const TRIES_MAX: u32 = 4;
/// Longer waits are said to the person instead.
const WAIT_S_MAX: u64 = 10;
/// Doubled with each try.
const BACKOFF_MS: u64 = 250;

/// Gemini.
pub struct Gemini {
    config: ModelConfig,
    key: HeaderValue,
    out: Arc<Outbound>,
    entropy: Arc<dyn Entropy>,
}

/// The key holds characters that no header can carry.
#[derive(Debug, thiserror::Error)]
#[error("gemini.api_key holds characters that cannot be sent; copy it again")]
pub struct UnusableKey;

impl Gemini {
    /// A client for a key.
    ///
    /// # Errors
    /// When the key cannot be a header.
    pub fn new(config: ModelConfig, out: Arc<Outbound>, entropy: Arc<dyn Entropy>) -> Result<Self, UnusableKey> {
        let mut key = HeaderValue::try_from(config.api_key.expose_secret()).map_err(|_| UnusableKey)?;
        key.set_sensitive(true);
        Ok(Self { config, key, out, entropy })
    }

    async fn once(
        &self,
        model: &str,
        body: bytes::Bytes,
        tell: &mut (dyn FnMut(Delta) + Send),
    ) -> Result<Said, (ModelFault, bool)> {
        let fresh = |fault| (fault, false);
        let mut url = self.url(&format!("{model}:streamGenerateContent")).map_err(fresh)?;
        url.set_query(Some("alt=sse"));
        let request = self.request(Method::POST, url).header(http::header::CONTENT_TYPE, "application/json").body(body);
        let mut stream = self.out.open_stream(request).await.map_err(|fault| fresh(unreachable(&fault)))?;
        if stream.status() != 200 {
            let retry_after = stream.header("retry-after");
            let body = stream.rest().await.unwrap_or_default();
            return Err(fresh(fault::answered(stream.status(), &body, retry_after.as_deref(), model)));
        }
        let (mut events, mut gathering, mut done) = (sse::Events::default(), gather::Gathering::default(), Vec::new());
        loop {
            let begun = gathering.is_begun();
            let piece = stream.piece().await.map_err(|fault| (ModelFault::Cut(fault.to_string()), begun))?;
            let is_over = piece.is_none();
            match piece {
                Some(bytes) => {
                    let fed = events.feed(&bytes, &mut done);
                    fed.map_err(|sse::TooLarge| (ModelFault::Cut("an event is over 16 MiB".into()), begun))?;
                }
                None => done.extend(events.end()),
            }
            for data in done.drain(..) {
                gathering.take(&data, tell).map_err(|fault| (fault, gathering.is_begun()))?;
            }
            if is_over {
                let begun = gathering.is_begun();
                return gathering.end().map_err(|fault| (fault, begun));
            }
        }
    }

    fn url(&self, call: &str) -> Result<Url, ModelFault> {
        let path = format!("{}/models/{call}", self.config.api_version);
        self.config.base_url.join(&path).map_err(|error| ModelFault::NotTaken(error.to_string()))
    }

    fn request(&self, method: Method, url: Url) -> reqwest::RequestBuilder {
        self.out.stream_request(method, url).header(HeaderName::from_static("x-goog-api-key"), self.key.clone())
    }

    /// Exponential, with up to half of it added by chance.
    fn backoff(&self, tries: u32) -> Duration {
        let base = BACKOFF_MS << tries.min(6);
        let chance = u64::try_from(self.entropy.bits() % 1000).unwrap_or(0);
        Duration::from_millis(base + base * chance / 2000)
    }
}

fn unreachable(fault: &OutFault) -> ModelFault {
    ModelFault::Busy(fault.to_string())
}

#[async_trait]
impl ChatModel for Gemini {
    async fn say(&self, ask: &Ask, tell: &mut (dyn FnMut(Delta) + Send)) -> Result<Said, ModelFault> {
        let body = wire::body(ask);
        let (main, lite) = (self.config.model.as_str(), self.config.lite_model.as_str());
        let mut tries = 0;
        loop {
            tries += 1;
            // The last try of a conversation goes to the other model: overload is often one model's own.
            let model = if ask.which == Which::Lite || tries == TRIES_MAX { lite } else { main };
            let (fault, is_begun) = match self.once(model, body.clone(), tell).await {
                Ok(said) => return Ok(said),
                Err(fault) => fault,
            };
            tracing::warn!(llm.model = model, llm.tries = tries, error = %fault, "a model did not answer");
            let wait = match &fault {
                _ if is_begun || tries >= TRIES_MAX => return Err(fault),
                ModelFault::Busy(_) | ModelFault::Cut(_) => self.backoff(tries),
                ModelFault::Limited { is_daily: false, wait_s } => match wait_s {
                    Some(seconds) if *seconds <= WAIT_S_MAX => Duration::from_secs(*seconds),
                    Some(_) => return Err(fault),
                    None => self.backoff(tries),
                },
                ModelFault::Limited { is_daily: true, .. }
                | ModelFault::Key(_)
                | ModelFault::Gone(_)
                | ModelFault::NotTaken(_)
                | ModelFault::Blocked(_) => return Err(fault),
            };
            tokio::time::sleep(wait).await;
        }
    }

    async fn check(&self) -> Result<(), ModelFault> {
        for model in [&self.config.model, &self.config.lite_model] {
            let request = self.request(Method::GET, self.url(model)?);
            let mut answer = self.out.open_stream(request).await.map_err(|fault| unreachable(&fault))?;
            let status = answer.status();
            if status != 200 {
                return Err(fault::answered(status, &answer.rest().await.unwrap_or_default(), None, model));
            }
        }
        Ok(())
    }
}
