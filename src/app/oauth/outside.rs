//! An outside authorization server that the operator trusts in place of ours (`oidc.*`): its signed tokens are taken, its keys fetched and
//! kept, and a subject of its stands for whom the operator said. What such a program may do is what its token says, and never more than that
//! line allows; it is a connected app like any other, with its limits, and can be removed.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use http::Method;
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use super::super::authenticate::TOUCH_MS;
use super::tokens::let_in;
use super::{App, Bearer};
use crate::config::OidcSection;
use crate::domain::ids::{OauthGrantId, UserId};
use crate::domain::oauth::Scopes;
use crate::domain::tool::ToolError;
use crate::http_out::Outbound;
use crate::say;
use crate::store::oauth_clients::{ClientKind, OauthClient};
use crate::vault::jwt::{Jwk, NotGood, verify};

/// Keys are fetched again after this.
const KEYS_FRESH: Duration = Duration::from_secs(3_600);
/// Keys older than this let nobody in before it was tried to fetch them: what their issuer took back must not stay good for days.
const KEYS_OLD: Duration = Duration::from_secs(2 * 3_600);
/// And before an hour, for a token whose key is not among them. Never oftener than this, whatever came of the last time: strangers can bring such
/// tokens, and an issuer that is down stays down for a while.
const KEYS_AGAIN: Duration = Duration::from_secs(60);
/// How long fetching them may take in all: whoever brings a token whose key is not known yet waits for it.
const KEYS_TIMEOUT: Duration = Duration::from_secs(10);
/// Keys that are kept of one issuer.
const KEYS_MAX: usize = 50;
/// Longest subject (OpenID Connect Core §2).
const SUBJECT_CHARS_MAX: usize = 255;

/// The keys of the trusted issuer, as they were fetched last.
#[derive(Default)]
pub(in crate::app) struct OutsideKeys {
    kept: std::sync::Mutex<KeptKeys>,
    /// Held while they are fetched, by one at a time; whoever has a key that is known never waits for it.
    fetching: Mutex<()>,
}

#[derive(Default, Clone)]
struct KeptKeys {
    fetched: Option<(Instant, Arc<[Jwk]>)>,
    tried_at: Option<Instant>,
}

impl OutsideKeys {
    fn kept(&self) -> KeptKeys {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether it is too early for another attempt.
    fn is_early(&self) -> bool {
        self.kept().tried_at.is_some_and(|at| at.elapsed() < KEYS_AGAIN)
    }

    /// How old they are, where somebody should fetch them: nobody does so just now or did lately.
    fn overdue(&self) -> Option<Duration> {
        let age = self.kept().fetched.map(|(at, _)| at.elapsed()).filter(|age| *age >= KEYS_FRESH)?;
        (!self.is_early() && self.fetching.try_lock().is_ok()).then_some(age)
    }

    /// Fetches them, unless somebody did lately.
    async fn fetch(&self, out: &Outbound, section: &OidcSection) {
        let _one_at_a_time = self.fetching.lock().await;
        if self.is_early() {
            return;
        }
        let fetched = tokio::time::timeout(KEYS_TIMEOUT, issuer_keys(out, section)).await;
        let fetched = fetched.unwrap_or_else(|_| Err(format!("not done within {} s", KEYS_TIMEOUT.as_secs())));
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.tried_at = Some(Instant::now());
        match fetched {
            Ok(keys) => kept.fetched = Some((Instant::now(), keys.into())),
            // What was published an hour ago is better than nobody being let in.
            Err(why) => tracing::error!(error = %why, "the keys of the trusted issuer could not be fetched"),
        }
    }
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: Url,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

async fn get<T: serde::de::DeserializeOwned>(out: &Outbound, url: Url) -> Result<T, String> {
    let answer = out.send(out.request(Method::GET, url)).await.map_err(|fault| fault.to_string())?;
    if answer.status != 200 {
        return Err(format!("status {}", answer.status));
    }
    serde_json::from_slice(&answer.body).map_err(|error| error.to_string())
}

/// The keys that an issuer publishes (OpenID Connect Discovery §4, else RFC 8414 §3).
///
/// # Errors
/// Why there are none, for the log and for `doctor`.
async fn issuer_keys(out: &Outbound, section: &OidcSection) -> Result<Vec<Jwk>, String> {
    let base = section.issuer.trim_end_matches('/');
    let at = |path: &str| format!("{base}/.well-known/{path}").parse::<Url>().map_err(|error| error.to_string());
    let found = match get::<Discovery>(out, at("openid-configuration")?).await {
        Ok(found) => found,
        Err(first) => {
            get(out, at("oauth-authorization-server")?).await.map_err(|second| format!("{first}; {second}"))?
        }
    };
    if found.issuer != section.issuer {
        return Err(format!(
            "the document there names another issuer, {}",
            found.issuer.chars().take(100).collect::<String>()
        ));
    }
    let set: KeySet = get(out, found.jwks_uri).await?;
    // A key of a kind we do not know is passed over, and does not hide the others.
    let keys = set.keys.into_iter().take(KEYS_MAX).filter_map(|key| serde_json::from_value(key).ok());
    Ok(keys.collect())
}

impl App {
    /// Whoever a token of the trusted issuer stands for.
    pub(super) async fn find_outside(&self, token: &str) -> Result<Option<Bearer>, ToolError> {
        let Some(section) = &self.config.oidc else { return Ok(None) };
        let now = self.clock.now_ms();
        let for_us = (section.issuer.as_str(), section.audience.as_str());
        let with = |keys: &KeptKeys| match &keys.fetched {
            Some((_, keys)) => verify(token, keys, for_us, now / 1000),
            None => verify(token, &[], for_us, now / 1000),
        };
        match self.outside.overdue() {
            Some(age) if age >= KEYS_OLD => self.fetch_outside(section).await,
            // Nobody waits for that: what is known lets them in meanwhile.
            Some(_) => drop(self.fetch_outside(section)),
            None => {}
        }
        let mut kept = self.outside.kept();
        let mut verified = with(&kept);
        if verified == Err(NotGood::NoKey) {
            self.fetch_outside(section).await;
            kept = self.outside.kept();
            verified = with(&kept);
        }
        if verified == Err(NotGood::NoKey) && kept.fetched.is_none() {
            return Err(ToolError::Failed("no keys of the trusted issuer".into()));
        }
        let Ok(claims) = verified else { return Ok(None) };
        let Some(found) = self.store.find_outside_grant(&section.issuer, &claims.sub).await? else { return Ok(None) };
        if found.last_used_at.is_none_or(|at| now - at > TOUCH_MS) {
            self.store.update_oauth_grant_used(&found.grant, now).await?;
        }
        // An issuer that knows none of our words says nothing of what may be done: then it is the least.
        let said = Scopes::read(claims.scope.as_deref().unwrap_or_default());
        let said = if said == Scopes::NONE { Scopes::LEAST } else { said };
        let scopes = said.and(found.scopes);
        // Which of its programs it is does not matter: they share what the operator's line allows.
        Ok(Some(let_in(found, scopes)))
    }

    /// Has the keys fetched; to its end and noted, whether or not whoever began it still waits.
    fn fetch_outside(&self, section: &OidcSection) -> impl Future<Output = ()> + Send + use<> {
        let (outside, out, section) = (Arc::clone(&self.outside), Arc::clone(&self.public), section.clone());
        let fetching = self.background.spawn(async move { outside.fetch(&out, &section).await });
        async move {
            if let Err(error) = fetching.await {
                tracing::error!(error = %error, "fetching the keys of the trusted issuer broke off");
            }
        }
    }

    /// How many keys the trusted issuer publishes, or why none can be had; none when no issuer is trusted.
    pub async fn check_issuer(&self) -> Option<Result<usize, String>> {
        let section = self.config.oidc.as_ref()?;
        Some(issuer_keys(&self.public, section).await.map(|keys| keys.len()))
    }

    /// Says whom a subject of the trusted issuer stands for, and how far its programs may go.
    ///
    /// # Errors
    /// Refused when no issuer is trusted, the subject cannot be one, or there is no such person.
    pub async fn trust_subject(&self, user: &UserId, subject: &str, scopes: Scopes) -> Result<OauthGrantId, ToolError> {
        let section = self.config.oidc.as_ref().ok_or_else(|| say!("oauth-no-issuer"))?;
        let length = subject.chars().count();
        if length == 0 || length > SUBJECT_CHARS_MAX || subject.chars().any(char::is_control) {
            return Err(say!("oauth-subject-wrong", max = SUBJECT_CHARS_MAX).into());
        }
        if self.store.find_user(user).await?.is_none() {
            return Err(say!("common-not-found-thing", thing = user.as_str()).into());
        }
        let now = self.clock.now_ms();
        let host = section.issuer.parse::<Url>().ok().and_then(|url| url.host_str().map(str::to_owned));
        let client = OauthClient {
            id: section.issuer.clone(),
            kind: ClientKind::Outside,
            name: host.unwrap_or_else(|| section.issuer.clone()),
            redirects: Vec::new(),
            secret_hash: None,
            created_at: now,
            checked_at: now,
        };
        let grant = OauthGrantId::generate(now, self.entropy.bits());
        let made = self
            .store
            .insert_outside_grant(&client, (&grant, user, subject), (scopes, &self.oauth_resource()), now)
            .await?;
        if made { Ok(grant) } else { Err(say!("oauth-subject-taken").into()) }
    }
}
