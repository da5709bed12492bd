//! Threads (threads.net), Meta's Threads API. Everything that only Threads knows is in this folder; the dossier is platforms/threads.md.
//! The calls are here; `oauth` connects, `check` judges before by `limits` and `count`, `containers` prepares and `publish` commits,
//! `reading` looks back, `classify` knows what answers mean, `link` reads copied addresses.

mod check;
mod classify;
mod containers;
pub mod count;
mod limits;
mod link;
pub mod oauth;
mod publish;
mod reading;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use http::Method;
use http::header::AUTHORIZATION;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::{MediaLinks, Part, Platform, Rules, TokenFault, Tokens};
use crate::domain::account::{Account, Profile};
use crate::domain::commit::{Armed, CallFault, CommitOutcome, Search, Sighting};
use crate::domain::network::Network;
use crate::domain::post::{Content, Finding, MediaFacts, Preview};
use crate::http_out::{Answer, Outbound, bearer};
use crate::say;
use classify::{Waiting, call_fault, is_gone, lost};

/// The segment every path but those of tokens begins with (§ head).
const VERSION: &str = "/v1.0";
/// A long-lived token is refreshed once it is two days old (§1.4: from one day on; a day more for clocks that differ), so that weeks in which
/// nothing goes out, or the server stands still, do not end the connection.
const REFRESH_AHEAD_S: i64 = 58 * 86_400;

/// How to be a client of Threads.
#[derive(Clone)]
pub struct ThreadsConfig {
    /// The Threads App ID, which is not the Facebook App ID (§1).
    pub client_id: String,
    /// The Threads App Secret.
    pub client_secret: SecretString,
    /// Where a person gives consent, usually `https://threads.net/oauth/authorize`.
    pub auth_url: Url,
    /// Where the API answers, usually `https://graph.threads.net`.
    pub api_url: Url,
    /// Addresses under which Threads can fetch media (§3.1: there is no upload). Absent where it cannot reach this server.
    pub links: Option<Arc<dyn MediaLinks>>,
}

impl std::fmt::Debug for ThreadsConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ThreadsConfig")
            .field("auth_url", &self.auth_url.as_str())
            .field("api_url", &self.api_url.as_str())
            .field("links", &self.links.is_some())
            .finish_non_exhaustive()
    }
}

/// The network Threads.
#[derive(Debug)]
pub struct Threads {
    config: ThreadsConfig,
    out: Arc<Outbound>,
}

impl Threads {
    /// A client of Threads over the guarded way out.
    #[must_use]
    pub fn new(config: ThreadsConfig, out: Arc<Outbound>) -> Self {
        Self { config, out }
    }

    /// An address of the token calls, which have no version (§1). `path` begins with a slash and holds only our words and checked ids.
    fn bare(&self, path: &str) -> Url {
        let mut url = self.config.api_url.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}{path}"));
        url.set_query(None);
        url
    }

    /// An address of the API.
    fn endpoint(&self, path: &str) -> Url {
        self.bare(&format!("{VERSION}{path}"))
    }

    async fn get(&self, access: &SecretString, url: Url, waiting: Waiting) -> Result<Answer, CallFault> {
        self.call(access, (Method::GET, url), None, waiting).await
    }

    /// A call that may be repeated; its answer is a 200.
    async fn call(
        &self,
        access: &SecretString,
        to: (Method, Url),
        form: Option<&[(&str, String)]>,
        waiting: Waiting,
    ) -> Result<Answer, CallFault> {
        let answer = self.ask(access, to, form).await?;
        if answer.status == 200 { Ok(answer) } else { Err(call_fault(&answer, waiting)) }
    }

    /// The same with any status.
    async fn ask(
        &self,
        access: &SecretString,
        (method, url): (Method, Url),
        form: Option<&[(&str, String)]>,
    ) -> Result<Answer, CallFault> {
        let bearer =
            bearer(access).ok_or_else(|| CallFault::Unauthorized { why: "the token is not a header".into() })?;
        let mut call = self.out.request(method, url).header(AUTHORIZATION, bearer);
        if let Some(form) = form {
            call = call.form(form);
        }
        let answer = self.out.send(call).await.map_err(lost)?;
        Ok(without_token(answer, access))
    }
}

/// What Meta says of a refused call may repeat the token, and lists name it in the address of their next page (§4): both may be shown or logged.
fn without_token(mut answer: Answer, access: &SecretString) -> Answer {
    answer.body = String::from_utf8_lossy(&answer.body).replace(access.expose_secret(), "[token]").into();
    answer
}

fn unreadable(answer: &Answer) -> CallFault {
    let why = format!("HTTP {}: {} bytes could not be read", answer.status, answer.body.len());
    CallFault::Later { after_ms: None, why }
}

fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, CallFault> {
    serde_json::from_slice(&answer.body).map_err(|_| unreadable(answer))
}

#[async_trait]
impl Platform for Threads {
    fn network(&self) -> Network {
        Network::Threads
    }

    fn rules(&self) -> Rules {
        limits::rules()
    }

    fn check(&self, content: &Content, media: &[MediaFacts]) -> Vec<Finding> {
        check::check(content, media, self.config.links.is_some())
    }

    fn preview(&self, content: &Content, media: &[MediaFacts]) -> Preview {
        check::preview(content, media)
    }

    fn scopes(&self) -> &'static [&'static str] {
        &[oauth::WRITE_SCOPE]
    }

    fn authorize_url(&self, redirect: &Url, state: &str, _challenge: &str) -> Url {
        // §1: there is no PKCE; the state alone binds the browser.
        self.consent_url(redirect, state)
    }

    async fn exchange(&self, code: &str, _verifier: &SecretString, redirect: &Url) -> Result<Tokens, TokenFault> {
        self.exchange_code(code, redirect).await
    }

    async fn refresh(&self, refresh: &SecretString) -> Result<Tokens, TokenFault> {
        self.lengthen_again(refresh).await
    }

    fn refresh_ahead_s(&self) -> Option<i64> {
        Some(REFRESH_AHEAD_S)
    }

    async fn check_app(&self) -> Result<(), TokenFault> {
        self.ask_for_the_apps_token().await
    }

    async fn revoke(&self, _token: &SecretString) -> Result<(), TokenFault> {
        // §1.7: only the person can do it, in Threads' settings, and is told so.
        Err(TokenFault::NotSent("Threads documents no call that revokes a token".to_owned()))
    }

    async fn profile(&self, access: &SecretString) -> Result<Profile, CallFault> {
        let mut url = self.endpoint("/me");
        url.query_pairs_mut().append_pair("fields", "id,username,name");
        let answer = self.get(access, url, Waiting::Person).await?;
        let me: wire::Me = read(&answer)?;
        if !wire::is_id(&me.id.0) {
            return Err(unreadable(&answer));
        }
        Ok(Profile { remote_id: me.id.0, handle: me.username, name: me.name })
    }

    async fn prepare(&self, access: &SecretString, part: &Part) -> Result<Value, CallFault> {
        self.contain(access, part).await
    }

    async fn commit(
        &self,
        armed: Armed,
        access: &SecretString,
        account: &Account,
        part: &Part,
        handle: &Value,
    ) -> CommitOutcome {
        self.publish(armed, access, (account, part), handle).await
    }

    async fn find(&self, access: &SecretString, search: &Search) -> Result<Sighting, CallFault> {
        self.look(access, search).await
    }

    /// §5: a container that can still be published was not.
    fn absence_is_proof(&self) -> bool {
        true
    }

    fn read_link(&self, account: &Account, link: &str) -> Option<(String, String)> {
        link::read(&account.handle, link)
    }

    async fn remove(&self, access: &SecretString, remote_id: &str) -> Result<(), CallFault> {
        let Some(id) = self.media_id(access, remote_id).await? else { return Ok(()) };
        let url = self.endpoint(&format!("/{id}"));
        match self.call(access, (Method::DELETE, url), None, Waiting::Person).await {
            Err(CallFault::Refused(what)) if is_gone(&what) => Ok(()),
            Err(fault) => Err(fault),
            Ok(answer) => {
                let body: Value = read(&answer)?;
                if body["success"] == true { Ok(()) } else { Err(unreadable(&answer)) }
            }
        }
    }
}

/// The sentence for a post that is not there (any more).
fn gone() -> crate::domain::refusal::Sentence {
    say!("threads-target-gone")
}
