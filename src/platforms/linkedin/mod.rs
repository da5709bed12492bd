//! LinkedIn, for members (not yet for company pages). Everything that only LinkedIn knows is in this folder; the dossier is platforms/linkedin.md.
//! The calls are here; `oauth` connects, `check` judges before by `limits` and `little`, `card`, `uploads` and `parts` prepare, `create` commits, `reading`
//! looks back, `classify` knows what answers mean, `link` reads copied addresses.

mod card;
mod check;
mod classify;
mod create;
pub(super) mod kit;
mod limits;
mod link;
pub mod little;
mod oauth;
mod parts;
mod reading;
mod uploads;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use http::Method;
use http::header::AUTHORIZATION;
use reqwest::RequestBuilder;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::answers::{Waiting, lost, without_token};
use super::{Part, Pauses, Platform, Rules, TokenFault, Tokens};
use crate::domain::account::{Account, Profile};
use crate::domain::commit::{Armed, CallFault, CommitOutcome, Search, Sighting};
use crate::domain::day_limit::DayLimit;
use crate::domain::figures::Given;
use crate::domain::network::Network;
use crate::domain::picture::Darkroom;
use crate::domain::post::{Content, Finding, MediaFacts, Preview};
use crate::domain::refusal::Sentence;
use crate::http_out::{Answer, Outbound, bearer};
use crate::say;
use classify::call_fault;

/// Names the version (§3).
const VERSION_HEADER: &str = "linkedin-version";
/// Names the protocol (§3).
const PROTOCOL_HEADER: &str = "x-restli-protocol-version";
/// See above.
const PROTOCOL: &str = "2.0.0";
/// Names what a call does where its method does not (§3).
const METHOD_HEADER: &str = "x-restli-method";
/// Of a name that is shown as a handle.
const NAME_CHARS_MAX: usize = 100;

/// How to be a client of LinkedIn.
#[derive(Clone)]
pub struct LinkedInConfig {
    /// The app's Client ID.
    pub client_id: String,
    /// Its Primary Client Secret.
    pub client_secret: SecretString,
    /// What is asked for, with spaces between: LinkedIn refuses all of it for one scope that the app's products do not hold (§1.1), and ends a
    /// member's earlier tokens when it changes (§1.6).
    pub scopes: String,
    /// `LinkedIn-Version`, as `YYYYMM` (§3).
    pub version: String,
    /// Where a person gives consent, usually `https://www.linkedin.com/oauth/v2/authorization`; the token calls are beside it.
    pub auth_url: Url,
    /// Where the API answers, usually `https://api.linkedin.com`.
    pub api_url: Url,
    /// How it waits while LinkedIn works.
    pub pauses: Arc<dyn Pauses>,
    /// Makes pictures as this network takes them.
    pub darkroom: Arc<dyn Darkroom>,
}

impl std::fmt::Debug for LinkedInConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LinkedInConfig")
            .field("scopes", &self.scopes)
            .field("version", &self.version)
            .field("auth_url", &self.auth_url.as_str())
            .field("api_url", &self.api_url.as_str())
            .finish_non_exhaustive()
    }
}

/// The network LinkedIn.
#[derive(Debug)]
pub struct LinkedIn {
    config: LinkedInConfig,
    out: Arc<Outbound>,
}

impl LinkedIn {
    /// A client of LinkedIn over the guarded way out.
    #[must_use]
    pub fn new(config: LinkedInConfig, out: Arc<Outbound>) -> Self {
        Self { config, out }
    }

    /// An address of the API. `path` begins with a slash and holds only our words and encoded URNs; what stands behind `?` is taken as it is, for
    /// brackets and commas of Rest.li's own must not be encoded (§3).
    fn endpoint(&self, path: &str) -> Url {
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let mut url = self.config.api_url.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}{path}"));
        url.set_query(query);
        url
    }

    /// Whose token this is (§2).
    async fn member(&self, access: &SecretString, waiting: Waiting) -> Result<wire::UserInfo, CallFault> {
        let answer = self.call(access, (Method::GET, "/v2/userinfo"), |call| call, waiting).await?;
        let info: wire::UserInfo = read(&answer)?;
        if wire::is_sub(&info.sub) { Ok(info) } else { Err(unreadable(&answer)) }
    }

    /// A call that may be repeated; its answer is a 2xx.
    async fn call(
        &self,
        access: &SecretString,
        to: (Method, &str),
        fill: impl FnOnce(RequestBuilder) -> RequestBuilder + Send,
        waiting: Waiting,
    ) -> Result<Answer, CallFault> {
        let answer = self.ask(access, to, fill).await?;
        if (200..300).contains(&answer.status) { Ok(answer) } else { Err(call_fault(&answer, waiting)) }
    }

    /// The same with any status.
    async fn ask(
        &self,
        access: &SecretString,
        (method, path): (Method, &str),
        fill: impl FnOnce(RequestBuilder) -> RequestBuilder + Send,
    ) -> Result<Answer, CallFault> {
        let bearer =
            bearer(access).ok_or_else(|| CallFault::Unauthorized { why: "the token is not a header".into() })?;
        let call = self.out.request(method, self.endpoint(path)).header(AUTHORIZATION, bearer);
        let call = call.header(VERSION_HEADER, &self.config.version).header(PROTOCOL_HEADER, PROTOCOL);
        let answer = self.out.send(fill(call)).await.map_err(lost)?;
        Ok(without_token(answer, access))
    }
}

/// Nothing of the answer is kept: it may hold posts, names or signed addresses, and this is logged.
fn unreadable(answer: &Answer) -> CallFault {
    let why = format!("HTTP {}: {} bytes could not be read", answer.status, answer.body.len());
    CallFault::Later { after_ms: None, why }
}

fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, CallFault> {
    serde_json::from_slice(&answer.body).map_err(|_| unreadable(answer))
}

#[async_trait]
impl Platform for LinkedIn {
    fn network(&self) -> Network {
        Network::LinkedIn
    }

    fn rules(&self) -> Rules {
        limits::rules()
    }

    fn check(&self, content: &Content, media: &[MediaFacts]) -> Vec<Finding> {
        check::check(content, media)
    }

    fn preview(&self, content: &Content, media: &[MediaFacts]) -> Preview {
        check::preview(content, media)
    }

    fn day_limits(&self) -> &'static [DayLimit] {
        &limits::DAY_LIMITS
    }

    fn asked_scopes(&self) -> Vec<&str> {
        self.config.scopes.split(' ').collect()
    }

    fn authorize_url(&self, redirect: &Url, state: &str, _challenge: &str) -> Url {
        // §1.5: PKCE is for native clients; the state alone binds the browser.
        self.consent_url(redirect, state)
    }

    async fn exchange(&self, code: &str, _verifier: &SecretString, redirect: &Url) -> Result<Tokens, TokenFault> {
        self.exchange_code(code, redirect).await
    }

    async fn refresh(&self, refresh: &SecretString) -> Result<Tokens, TokenFault> {
        self.lengthen(refresh).await
    }

    /// §1.3: refresh tokens are for approved partners.
    fn tokens_end(&self) -> bool {
        true
    }

    async fn check_app(&self) -> Result<(), TokenFault> {
        self.ask_about_a_token().await
    }

    async fn revoke(&self, token: &SecretString) -> Result<(), TokenFault> {
        self.end(token).await
    }

    /// §2: a self-serve app is told a name and an id, no handle. The name stands for it.
    async fn profile(&self, access: &SecretString) -> Result<Profile, CallFault> {
        let info = self.member(access, Waiting::Person).await?;
        let whole =
            if info.name.trim().is_empty() { format!("{} {}", info.given_name, info.family_name) } else { info.name };
        let whole = whole.split_whitespace().collect::<Vec<_>>().join(" ");
        let name: String = whole.chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect();
        let handle = if name.is_empty() { info.sub.clone() } else { name.clone() };
        Ok(Profile { remote_id: info.sub, handle, name, scoped_id: None, avatar_url: info.picture })
    }

    async fn prepare(&self, access: &SecretString, part: &Part) -> Result<Value, CallFault> {
        self.upload_all(access, part).await
    }

    async fn commit(
        &self,
        armed: Armed,
        access: &SecretString,
        account: &Account,
        part: &Part,
        handle: &Value,
    ) -> CommitOutcome {
        self.create(armed, access, (account, part), handle).await
    }

    async fn find(&self, access: &SecretString, search: &Search) -> Result<Sighting, CallFault> {
        self.look(access, search).await
    }

    /// §5: nothing says how soon a post is listed.
    fn absence_is_proof(&self) -> bool {
        false
    }

    fn read_link(&self, _account: &Account, link: &str) -> Option<(String, String)> {
        link::read(link)
    }

    /// §3.1: deleting what is gone is answered like deleting.
    async fn remove(&self, access: &SecretString, remote_id: &str) -> Result<(), CallFault> {
        if !wire::is_post(remote_id) {
            return Err(CallFault::Refused(say!("linkedin-remove-unknown", link = link::RECENT)));
        }
        let path = format!("/rest/posts/{}", wire::encoded(remote_id));
        let fill = |call: RequestBuilder| call.header(METHOD_HEADER, "DELETE");
        let answer = self.ask(access, (Method::DELETE, &path), fill).await?;
        match answer.status {
            200..=299 | 404 => Ok(()),
            // The person may have given the address that the feed shows, which names the post otherwise than calls do.
            400 if remote_id.starts_with("urn:li:activity:") => {
                Err(CallFault::Refused(say!("linkedin-remove-by-hand", link = link::permalink(remote_id))))
            }
            _ => Err(call_fault(&answer, Waiting::Person)),
        }
    }

    /// §6: the products that an app gets without review come without any.
    fn gives_figures(&self) -> Result<Given, Sentence> {
        Err(say!("linkedin-figures-not-given"))
    }
}
