//! X (x.com), API v2. Everything that only X knows is in this folder; the dossier is platforms/x.md.
//! The calls are here; `oauth` connects, `check` judges before by `limits` and `count`, `media`, `chunks` and `create` publish, `timeline`
//! looks back by `reading`, `figures` counts, `classify` knows what answers mean.

pub mod check;
mod chunks;
pub mod classify;
pub mod count;
mod create;
mod figures;
pub(super) mod kit;
mod limits;
mod link;
mod media;
pub mod oauth;
mod reading;
mod timeline;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use http::Method;
use http::header::AUTHORIZATION;
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use super::{Part, Pauses, Platform, Rules, TokenFault, Tokens};
use crate::domain::account::{Account, Profile};
use crate::domain::commit::{Armed, CallFault, CommitOutcome, Search, Sighting};
use crate::domain::figures::{Given, PostFigures};
use crate::domain::network::Network;
use crate::domain::picture::Darkroom;
use crate::domain::post::{Content, Finding, MediaFacts, Preview};
use crate::domain::purpose::Purpose;
use crate::domain::refusal::Sentence;
use crate::http_out::{Answer, Outbound, bearer};
use crate::say;
use classify::{Waiting, call_fault, lost};

/// How to be a client of X.
#[derive(Clone)]
pub struct XConfig {
    /// The app's OAuth 2.0 client id.
    pub client_id: String,
    /// Its secret: set for a confidential client, absent for a public one (§1).
    pub client_secret: Option<SecretString>,
    /// Where a person gives consent, usually `https://x.com/i/oauth2/authorize` (§1).
    pub auth_url: Url,
    /// Where the API answers, usually `https://api.x.com`.
    pub api_url: Url,
    /// Whether two reads without a match count as proof that nothing went out (DECISIONS 4; off by default).
    pub absence_is_proof: bool,
    /// How it waits while X works on a film.
    pub pauses: Arc<dyn Pauses>,
    /// Makes pictures as this network takes them.
    pub darkroom: Arc<dyn Darkroom>,
}

impl std::fmt::Debug for XConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("XConfig")
            .field("auth_url", &self.auth_url.as_str())
            .field("api_url", &self.api_url.as_str())
            .field("absence_is_proof", &self.absence_is_proof)
            .finish_non_exhaustive()
    }
}

/// The network X.
#[derive(Debug)]
pub struct X {
    config: XConfig,
    out: Arc<Outbound>,
}

impl X {
    /// A client of X over the guarded way out.
    #[must_use]
    pub fn new(config: XConfig, out: Arc<Outbound>) -> Self {
        Self { config, out }
    }

    /// An API address. `path` begins with a slash and holds only our words and checked ids.
    fn endpoint(&self, path: &str) -> Url {
        let mut url = self.config.api_url.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}{path}"));
        url.set_query(None);
        url
    }

    async fn get(&self, access: &SecretString, url: Url, waiting: Waiting) -> Result<Answer, CallFault> {
        self.call(access, Method::GET, url, waiting).await
    }

    /// A call without a body that may be repeated; its answer is a 200.
    async fn call(
        &self,
        access: &SecretString,
        method: Method,
        url: Url,
        waiting: Waiting,
    ) -> Result<Answer, CallFault> {
        let bearer =
            bearer(access).ok_or_else(|| CallFault::Unauthorized { why: "the token is not a header".into() })?;
        let call = self.out.request(method, url).header(AUTHORIZATION, bearer);
        let answer = self.out.send(call).await.map_err(lost)?;
        if answer.status == 200 { Ok(answer) } else { Err(call_fault(&answer, waiting)) }
    }
}

fn unreadable(answer: &Answer) -> CallFault {
    let why = format!("HTTP {}: {} bytes could not be read", answer.status, answer.body.len());
    CallFault::Later { after_ms: None, why }
}

#[async_trait]
impl Platform for X {
    fn network(&self) -> Network {
        Network::X
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

    fn asked_scopes(&self) -> Vec<&str> {
        oauth::SCOPES.to_vec()
    }

    fn purposes(&self, content: &Content) -> Vec<Purpose> {
        let has_media = content.segments.iter().any(|segment| !segment.media.is_empty());
        [Purpose::Publish].into_iter().chain(has_media.then_some(Purpose::Media)).collect()
    }

    fn authorize_url(&self, redirect: &Url, state: &str, challenge: &str) -> Url {
        self.consent_url(redirect, state, challenge)
    }

    async fn exchange(&self, code: &str, verifier: &SecretString, redirect: &Url) -> Result<Tokens, TokenFault> {
        self.exchange_code(code, verifier, redirect).await
    }

    async fn refresh(&self, refresh: &SecretString) -> Result<Tokens, TokenFault> {
        self.refresh_pair(refresh).await
    }

    async fn revoke(&self, token: &SecretString) -> Result<(), TokenFault> {
        self.revoke_token(token).await
    }

    async fn profile(&self, access: &SecretString) -> Result<Profile, CallFault> {
        let mut url = self.endpoint("/2/users/me");
        url.query_pairs_mut().append_pair("user.fields", "profile_image_url");
        let answer = self.get(access, url, Waiting::Person).await?;
        let me: wire::Data<wire::Me> = serde_json::from_slice(&answer.body).map_err(|_| unreadable(&answer))?;
        if !wire::is_id(&me.data.id) {
            return Err(unreadable(&answer));
        }
        let wire::Me { id, name, username, profile_image_url } = me.data;
        Ok(Profile { remote_id: id, handle: username, name, scoped_id: None, avatar_url: profile_image_url })
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
        self.create(armed, access, account, part, handle).await
    }

    async fn find(&self, access: &SecretString, search: &Search) -> Result<Sighting, CallFault> {
        self.look(access, search).await
    }

    fn absence_is_proof(&self) -> bool {
        self.config.absence_is_proof
    }

    fn read_link(&self, account: &Account, link: &str) -> Option<(String, String)> {
        link::read(&account.handle, link)
    }

    async fn remove(&self, access: &SecretString, remote_id: &str) -> Result<(), CallFault> {
        if !wire::is_id(remote_id) {
            return Err(CallFault::Refused(say!("x-target-gone")));
        }
        let url = self.endpoint(&format!("/2/tweets/{remote_id}"));
        let answer = match self.call(access, Method::DELETE, url, Waiting::Person).await {
            Err(CallFault::Refused(what)) if what.key == "x-target-gone" => return Ok(()),
            answer => answer?,
        };
        let body: Value = serde_json::from_slice(&answer.body).map_err(|_| unreadable(&answer))?;
        if body["data"]["deleted"] == true { Ok(()) } else { Err(unreadable(&answer)) }
    }

    fn gives_figures(&self) -> Result<Given, Sentence> {
        Ok(figures::GIVEN)
    }

    async fn figures(&self, access: &SecretString, remote_ids: &[String]) -> Result<Vec<PostFigures>, CallFault> {
        self.read_figures(access, remote_ids).await
    }

    async fn followers(&self, access: &SecretString) -> Result<Option<i64>, CallFault> {
        self.read_followers(access).await
    }
}
