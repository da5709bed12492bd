//! YouTube, channels of a person's own. Everything that only YouTube knows is in this folder; the dossier is platforms/google.md §4. The calls are
//! here; `check` judges before by `limits`, `metadata` is what a video is sent with, `prepare` and `upload` bring it there where nobody sees it,
//! `show` makes it visible, `reading` looks back, `leftover` clears away what never was, `own` lists and changes what is there, `figures` counts, `classify` knows what
//! answers mean, `link` reads copied addresses. Connecting and tokens are the Google account's (room `google`).

mod check;
mod classify;
mod figures;
pub(super) mod kit;
mod leftover;
mod limits;
mod link;
mod metadata;
mod own;
mod prepare;
mod reading;
mod show;
mod upload;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use http::Method;
use http::header::{ACCEPT, AUTHORIZATION};
use reqwest::RequestBuilder;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::answers::{Waiting, lost, without_token};
use super::{OwnVideos, Part, Pauses, Platform, Rules, TokenFault, Tokens};
use crate::domain::account::{Account, Profile};
use crate::domain::commit::{Armed, CallFault, CommitOutcome, GivenUp, Search, Sighting};
use crate::domain::day_limit::DayLimit;
use crate::domain::figures::{Given, PostFigures};
use crate::domain::google::CHANNEL_SCOPE;
use crate::domain::network::Network;
use crate::domain::picture::Darkroom;
use crate::domain::post::{Content, Finding, MediaFacts, Preview};
use crate::domain::purpose::{Purpose, Use};
use crate::domain::refusal::Sentence;
use crate::http_out::{Answer, Outbound, bearer};
use crate::say;
use classify::{call_fault, says_gone};

/// What its scope is for (§2): all of it.
const USES: [Use; 4] = [
    (CHANNEL_SCOPE, Purpose::Publish),
    (CHANNEL_SCOPE, Purpose::Confirm),
    (CHANNEL_SCOPE, Purpose::TakeDown),
    (CHANNEL_SCOPE, Purpose::Profile),
];

/// How to be a client of YouTube.
#[derive(Clone)]
pub struct YouTubeConfig {
    /// Where the API answers, usually `https://youtube.googleapis.com`.
    pub api_url: Url,
    /// Where uploads begin, usually the same.
    pub upload_url: Url,
    /// The operator's project passed YouTube's audit: without it every upload stays private (§4.4).
    pub is_audited: bool,
    /// How it waits while YouTube works.
    pub pauses: Arc<dyn Pauses>,
    /// Makes pictures as this network takes them.
    pub darkroom: Arc<dyn Darkroom>,
}

impl std::fmt::Debug for YouTubeConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("YouTubeConfig")
            .field("api_url", &self.api_url.as_str())
            .field("upload_url", &self.upload_url.as_str())
            .field("is_audited", &self.is_audited)
            .finish_non_exhaustive()
    }
}

/// The network YouTube.
#[derive(Debug)]
pub struct YouTube {
    config: YouTubeConfig,
    out: Arc<Outbound>,
}

impl YouTube {
    /// A client of YouTube over the guarded way out.
    #[must_use]
    pub fn new(config: YouTubeConfig, out: Arc<Outbound>) -> Self {
        Self { config, out }
    }

    /// An address of the API. `path` begins with a slash and holds only our words; the pairs are encoded.
    fn endpoint(&self, path: &str, pairs: &[(&str, &str)]) -> Url {
        below(&self.config.api_url, path, pairs)
    }

    /// A call that may be repeated; its answer is a 2xx.
    async fn call(
        &self,
        access: &SecretString,
        to: (Method, Url),
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
        (method, url): (Method, Url),
        fill: impl FnOnce(RequestBuilder) -> RequestBuilder + Send,
    ) -> Result<Answer, CallFault> {
        let bearer =
            bearer(access).ok_or_else(|| CallFault::Unauthorized { why: "the token is not a header".into() })?;
        let call = self.out.request(method, url).header(AUTHORIZATION, bearer).header(ACCEPT, "application/json");
        let answer = self.out.send(fill(call)).await.map_err(lost)?;
        Ok(without_token(answer, access))
    }

    async fn get<T: DeserializeOwned>(
        &self,
        access: &SecretString,
        url: Url,
        waiting: Waiting,
    ) -> Result<T, CallFault> {
        let answer = self.call(access, (Method::GET, url), |call| call, waiting).await?;
        read(&answer)
    }
}

/// An address below a base: whatever path the base has is kept (§0).
fn below(base: &Url, path: &str, pairs: &[(&str, &str)]) -> Url {
    let mut url = base.clone();
    let kept = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("{kept}{path}"));
    url.set_query(None);
    url.query_pairs_mut().extend_pairs(pairs);
    url
}

/// Nothing of the answer is kept: it may hold what is nobody's business, and this is logged.
fn unreadable(answer: &Answer) -> CallFault {
    let why = format!("HTTP {}: {} bytes could not be read", answer.status, answer.body.len());
    CallFault::Later { after_ms: None, why }
}

fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, CallFault> {
    serde_json::from_slice(&answer.body).map_err(|_| unreadable(answer))
}

/// Tokens of a channel come with the Google account that acts as it, and go with it.
fn of_google() -> TokenFault {
    TokenFault::NotSent("tokens of a channel are its Google account's".to_owned())
}

#[async_trait]
impl Platform for YouTube {
    fn network(&self) -> Network {
        Network::YouTube
    }

    fn rules(&self) -> Rules {
        limits::rules(self.config.is_audited)
    }

    fn check(&self, content: &Content, media: &[MediaFacts]) -> Vec<Finding> {
        check::check(content, media, self.config.is_audited)
    }

    fn preview(&self, content: &Content, media: &[MediaFacts]) -> Preview {
        check::preview(content, media)
    }

    fn day_limits(&self) -> &'static [DayLimit] {
        &limits::DAY
    }

    fn asked_scopes(&self) -> Vec<&str> {
        vec![CHANNEL_SCOPE]
    }

    /// §1.5: those of an app in testing end after a week.
    fn tokens_end(&self) -> bool {
        true
    }

    /// Never asked: see [`Network::is_of_google`]. A page of YouTube's, should it ever be.
    fn authorize_url(&self, redirect: &Url, _state: &str, _challenge: &str) -> Url {
        redirect.clone()
    }

    async fn exchange(&self, _code: &str, _verifier: &SecretString, _redirect: &Url) -> Result<Tokens, TokenFault> {
        Err(of_google())
    }

    async fn refresh(&self, _refresh: &SecretString) -> Result<Tokens, TokenFault> {
        Err(of_google())
    }

    async fn revoke(&self, _token: &SecretString) -> Result<(), TokenFault> {
        Err(of_google())
    }

    async fn profile(&self, access: &SecretString) -> Result<Profile, CallFault> {
        self.own_channel(access).await
    }

    async fn prepare(&self, access: &SecretString, part: &Part) -> Result<Value, CallFault> {
        self.bring(access, part).await
    }

    async fn commit(
        &self,
        armed: Armed,
        access: &SecretString,
        account: &Account,
        part: &Part,
        handle: &Value,
    ) -> CommitOutcome {
        self.show(armed, access, (account, part), handle).await
    }

    async fn find(&self, access: &SecretString, search: &Search) -> Result<Sighting, CallFault> {
        self.look(access, search).await
    }

    /// An upload is private until it is shown, and YouTube keeps it as it is (§4.4).
    fn prepares_ahead(&self) -> bool {
        true
    }

    fn lead_ms(&self, _content: &Content, media: &[MediaFacts]) -> i64 {
        limits::lead_ms(media.iter().map(|facts| facts.bytes).max().unwrap_or(0))
    }

    async fn find_left(
        &self,
        access: &SecretString,
        part: &Part,
        handle: Option<&Value>,
    ) -> Result<Option<String>, CallFault> {
        self.where_left(access, part, handle).await
    }

    async fn name_left(&self, part: &Part, handle: Option<&Value>) -> Result<Option<String>, CallFault> {
        Ok(self.uploaded_for(part, handle).await?.map(|id| link::permalink(&id)))
    }

    async fn give_up(&self, access: &SecretString, part: &Part, handle: Option<&Value>) -> Result<GivenUp, CallFault> {
        self.remove_left(access, part, handle).await
    }

    /// What is sent again is the same change of the same video: however many of them arrive, there is one (§4.4).
    fn absence_is_proof(&self) -> bool {
        true
    }

    fn read_link(&self, _account: &Account, link: &str) -> Option<(String, String)> {
        link::read(link)
    }

    async fn remove(&self, access: &SecretString, remote_id: &str) -> Result<(), CallFault> {
        if !wire::is_video(remote_id) {
            return Err(CallFault::Refused(say!("youtube-remove-unknown")));
        }
        let url = self.endpoint("/youtube/v3/videos", &[("id", remote_id)]);
        let answer = self.ask(access, (Method::DELETE, url), |call| call).await?;
        match answer.status {
            200..=299 => Ok(()),
            _ if says_gone(&answer) => Ok(()),
            _ => Err(call_fault(&answer, Waiting::Person)),
        }
    }

    fn gives_figures(&self) -> Result<Given, Sentence> {
        Ok(figures::GIVEN)
    }

    async fn figures(&self, access: &SecretString, remote_ids: &[String]) -> Result<Vec<PostFigures>, CallFault> {
        self.read_figures(access, remote_ids).await
    }

    fn own_videos(&self) -> Option<&dyn OwnVideos> {
        Some(self)
    }

    async fn followers(&self, access: &SecretString) -> Result<Option<i64>, CallFault> {
        self.read_followers(access).await
    }
}
