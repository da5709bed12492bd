//! Reports of Google Analytics, Search Console and YouTube: which properties, sites and channels there are, what may be asked of them, the answers with all that
//! must be said about them, and a sealed cache of what Google answered. How an account is connected is `google`; how a report looks is not
//! decided here. Whatever names and terms it hands out were written by strangers: they are data, never words of ours.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;
use url::Url;

use crate::clock::Clock;
use crate::domain::account::{Health, Revoked};
use crate::domain::caller::Caller;
use crate::domain::google::{Feature, Login, SourceKind};
use crate::domain::ids::AccountId;
use crate::domain::tool::ToolError;
use crate::google::{ApiCall, Google};
use crate::say;
use crate::store::Store;
use crate::vault::Vault;

pub mod address;
mod ask;
mod assemble;
mod beside;
mod cache;
pub mod catalogue;
pub mod changes;
mod filter;
mod ga4;
pub mod inspect;
pub mod inspections;
mod known;
pub mod networks;
pub mod outcomes;
mod own;
mod page;
pub mod period;
mod quota;
pub mod report;
pub mod search;
mod sources;
pub mod times;
pub mod videos;
mod window;
pub mod winners;

pub use ask::{SearchAsk, TrafficAsk};
pub use report::{Column, Report, Row};
pub use videos::VideosAsk;

/// Calls that a property or site is asked at once: below Google's ten (platforms/google.md §6.2).
const CALLS_AT_ONCE: usize = 4;
/// Properties whose gates are remembered: more are no single server's.
const GATES_MAX: usize = 1_000;
const DAY_MS: i64 = 24 * 3_600_000;

/// Where the APIs are.
#[derive(Debug, Clone)]
pub struct ApiUrls {
    /// Google Analytics Data.
    pub data: Url,
    /// Google Analytics Admin.
    pub admin: Url,
    /// Search Console.
    pub search: Url,
    /// YouTube Data.
    pub youtube: Url,
    /// YouTube Analytics.
    pub youtube_analytics: Url,
}

/// A request under way; why there was no answer, for those who waited for it.
type Flight = tokio::sync::Mutex<Option<ToolError>>;

/// Reports.
pub struct Analytics {
    /// Without it nothing can be connected and nothing is asked; what was connected can still be let go.
    google: Option<(Arc<Google>, ApiUrls)>,
    store: Arc<Store>,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    /// For how long answers may be kept, in milliseconds.
    keep_ms: AtomicI64,
    /// And those of YouTube.
    videos_keep_ms: AtomicI64,
    /// One for each property or site.
    gates: Mutex<HashMap<String, Arc<Semaphore>>>,
    /// Requests under way, so that the same one is sent once.
    flights: Mutex<HashMap<String, Arc<Flight>>>,
    /// Of what answers were too large: so many rows are asked for at once.
    rows_at_once: Mutex<HashMap<String, usize>>,
}

impl Analytics {
    /// Over these parts.
    #[must_use]
    pub fn new(
        google: Option<(Arc<Google>, ApiUrls)>,
        (store, vault): (Arc<Store>, Arc<Vault>),
        clock: Arc<dyn Clock>,
        days: (i64, i64),
    ) -> Self {
        let (keep_ms, videos_keep_ms) = (AtomicI64::default(), AtomicI64::default());
        let (gates, flights, rows_at_once) = (Mutex::default(), Mutex::default(), Mutex::default());
        let analytics = Self { google, store, vault, clock, keep_ms, videos_keep_ms, gates, flights, rows_at_once };
        analytics.set_days(days);
        analytics
    }

    /// For how many days answers are kept from now on: those of Analytics and Search Console, and those of YouTube.
    pub fn set_days(&self, (days, videos_days): (i64, i64)) {
        self.keep_ms.store(days * DAY_MS, Ordering::Relaxed);
        self.videos_keep_ms.store(videos_days * DAY_MS, Ordering::Relaxed);
    }

    fn keep_ms(&self, feature: Feature) -> i64 {
        match feature {
            Feature::Analytics | Feature::Search => self.keep_ms.load(Ordering::Relaxed),
            Feature::Videos => self.videos_keep_ms.load(Ordering::Relaxed),
        }
    }

    /// The way to connect an account; none when this server is not set up for Google.
    #[must_use]
    pub fn google(&self) -> Option<&Arc<Google>> {
        self.google.as_ref().map(|(google, _)| google)
    }

    fn ready(&self) -> Result<&(Arc<Google>, ApiUrls), ToolError> {
        self.google.as_ref().ok_or_else(|| say!("connect-not-configured", network = "Google", keys = "google.*").into())
    }

    /// The Google accounts of a person's workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn logins(&self, caller: &Caller) -> Result<Vec<Login>, ToolError> {
        Ok(self.store.list_logins(&caller.workspace).await?)
    }

    /// One of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_login(&self, caller: &Caller, id: &AccountId) -> Result<Option<Login>, ToolError> {
        Ok(self.logins(caller).await?.into_iter().find(|login| login.id == *id))
    }

    /// Lets an account go, with everything that was read through it. Returns what Google said.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn disconnect(&self, login: &Login) -> Result<Revoked, ToolError> {
        match &self.google {
            Some((google, _)) => google.disconnect(login).await,
            None => {
                self.store.delete_login(&login.id, &login.workspace, None).await?;
                Ok(Revoked::No)
            }
        }
    }

    /// Deletes what may be kept no longer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sweep(&self) -> Result<(), ToolError> {
        let now = self.clock.now_ms();
        let oldest = [Feature::Analytics, Feature::Videos].map(|feature| now - self.keep_ms(feature));
        self.store.delete_expired_reports(now, oldest.into()).await?;
        self.store.delete_old_sources(oldest.into()).await?;
        self.sweep_quotas().await?;
        self.store.delete_old_inspections(now, oldest[0]).await?;
        if let Some(made_at) = self.store.find_oldest_report().await? {
            tracing::info!(report_cache.oldest_age_s = (now - made_at) / 1_000, "answers of Google's are kept");
        }
        Ok(())
    }

    /// How old the oldest kept answer is, in milliseconds; none when none is kept.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn oldest_kept_ms(&self) -> Result<Option<i64>, ToolError> {
        Ok(self.store.find_oldest_report().await?.map(|made_at| self.clock.now_ms() - made_at))
    }

    /// Asks Google, at most so many questions at once about one thing; the answer's bytes.
    async fn fetch(&self, login: &Login, about: &str, call: &ApiCall) -> Result<bytes::Bytes, ToolError> {
        let (google, _) = self.ready()?;
        let gate = {
            let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
            if gates.len() >= GATES_MAX {
                gates.retain(|_, gate| Arc::strong_count(gate) > 1);
            }
            let gate = gates.entry(format!("{}:{about}", call.feature.word()));
            Arc::clone(gate.or_insert_with(|| Arc::new(Semaphore::new(CALLS_AT_ONCE))))
        };
        let _turn = gate.acquire().await.map_err(|error| ToolError::Failed(error.to_string()))?;
        let purse = quota::Purse::of(call, about);
        if let Some(purse) = &purse {
            self.afford(purse, login, call.feature).await?;
        }
        match google.call(login, call).await {
            Ok(answer) => Ok(answer.body),
            Err(fault) => {
                if let Some(purse) = &purse {
                    self.note_refused(purse, call.feature, &fault).await?;
                }
                Err(fault.told(call.feature, login))
            }
        }
    }

    /// Why nothing of this kind can be asked at all.
    fn nothing(&self, logins: &[Login], kind: SourceKind) -> ToolError {
        let feature = kind.feature();
        if logins.is_empty() {
            return say!("google-none-connected", feature = feature.shown()).into();
        }
        if let Some(dead) = logins.iter().find(|login| login.health == Health::NeedsReconnecting) {
            return say!("google-reconnect", email = &dead.email).into();
        }
        match logins.iter().find(|login| !login.has(feature)) {
            Some(login) => say!("google-permission-missing", feature = feature.shown(), email = &login.email).into(),
            None => say!("report-source-none", feature = feature.shown()).into(),
        }
    }
}

/// An address below a base: whatever path the base has is kept (platforms/google.md §0).
fn below(base: &Url, path: &str) -> Result<Url, ToolError> {
    let text = format!("{}/{path}", base.as_str().trim_end_matches('/'));
    Url::parse(&text).map_err(|error| ToolError::Failed(format!("an address cannot be made: {error}")))
}

/// A property's or site's name as one segment of a path, all of it encoded (platforms/google.md §7).
fn segment(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn read_call(feature: Feature, url: Url, bytes_max: usize) -> ApiCall {
    ApiCall { method: http::Method::GET, url, body: None, feature, bytes_max }
}

fn ask_call(feature: Feature, url: Url, body: serde_json::Value, bytes_max: usize) -> ApiCall {
    ApiCall { method: http::Method::POST, url, body: Some(body), feature, bytes_max }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_one_segment_of_a_path_and_a_base_keeps_its_own() {
        assert_eq!(segment("sc-domain:example.com"), "sc-domain%3Aexample.com");
        assert_eq!(segment("https://www.example.com/"), "https%3A%2F%2Fwww.example.com%2F");
        assert_eq!(segment("日本/../.."), "%E6%97%A5%E6%9C%AC%2F..%2F..");
        let base: Url = "http://127.0.0.1:1/proxy/".parse().unwrap();
        let url = below(&base, &format!("webmasters/v3/sites/{}", segment("https://a.example/"))).unwrap();
        assert_eq!(url.as_str(), "http://127.0.0.1:1/proxy/webmasters/v3/sites/https%3A%2F%2Fa.example%2F");
    }
}
