//! An outside authorization server that the operator trusts in place of ours (`oidc.*`): its signed tokens are taken, its keys fetched and
//! kept, and a subject of its stands for whom the operator said. What such a program may do is what its token says, and never more than that
//! line allows; it is a connected app like any other, with its limits, and can be removed.

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
/// And before it, for a token whose key is not among them, at most so often.
const KEYS_AGAIN: Duration = Duration::from_secs(60);
/// Keys that are kept of one issuer.
const KEYS_MAX: usize = 50;
/// Longest subject (OpenID Connect Core §2).
const SUBJECT_CHARS_MAX: usize = 255;

/// The keys of the trusted issuer, as they were fetched last.
#[derive(Default)]
pub(in crate::app) struct OutsideKeys(Mutex<Option<(Instant, Vec<Jwk>)>>);

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
        let mut keys = self.outside_keys(section, KEYS_FRESH).await?;
        let for_us = (section.issuer.as_str(), section.audience.as_str());
        let mut verified = verify(token, &keys, for_us, now / 1000);
        if verified == Err(NotGood::NoKey) {
            keys = self.outside_keys(section, KEYS_AGAIN).await?;
            verified = verify(token, &keys, for_us, now / 1000);
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

    /// How many keys the trusted issuer publishes, or why none can be had; none when no issuer is trusted.
    pub async fn check_issuer(&self) -> Option<Result<usize, String>> {
        let section = self.config.oidc.as_ref()?;
        Some(issuer_keys(&self.public, section).await.map(|keys| keys.len()))
    }

    async fn outside_keys(&self, section: &OidcSection, fresh: Duration) -> Result<Vec<Jwk>, ToolError> {
        // Held while they are fetched: many calls at once fetch them once.
        let mut kept = self.outside.0.lock().await;
        if let Some((at, keys)) = &*kept
            && at.elapsed() < fresh
        {
            return Ok(keys.clone());
        }
        match issuer_keys(&self.public, section).await {
            Ok(keys) => {
                *kept = Some((Instant::now(), keys.clone()));
                Ok(keys)
            }
            Err(why) => {
                tracing::error!(error = %why, "the keys of the trusted issuer could not be fetched");
                match &*kept {
                    // What was published an hour ago is better than nobody being let in.
                    Some((_, keys)) => Ok(keys.clone()),
                    None => Err(ToolError::Failed(format!("no keys of the trusted issuer: {why}"))),
                }
            }
        }
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
