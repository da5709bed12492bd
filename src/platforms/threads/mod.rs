//! Threads (threads.net), Meta's Threads API. Everything that only Threads knows is in this folder; the dossier is platforms/threads.md.
//! The calls are here; `oauth` connects, `check` judges before by `limits` and `count`, `containers` prepares and `publish` commits,
//! `reading` looks back, `figures` counts, `classify` knows what answers mean, `link` reads copied addresses.

mod check;
mod classify;
mod containers;
pub mod count;
mod figures;
pub(super) mod kit;
mod limits;
mod link;
pub mod oauth;
mod publish;
mod reading;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use http::Method;
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use super::meta::{Data, Graph, Waiting, is_id, read, unreadable};
use super::{MediaLinks, Part, Pauses, Platform, Rules, TokenFault, Tokens};
use crate::domain::account::{Account, Profile};
use crate::domain::allowance::{Allowance, Room};
use crate::domain::commit::{Armed, CallFault, CommitOutcome, Search, Sighting};
use crate::domain::day_limit::DayLimit;
use crate::domain::figures::{Given, PostFigures};
use crate::domain::network::Network;
use crate::domain::post::{Content, Finding, MediaFacts, Preview};
use crate::domain::purpose::Purpose;
use crate::domain::refusal::Sentence;
use crate::http_out::Outbound;
use crate::say;
use classify::{TONGUE, is_gone};

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
    /// Waits while Threads works on a container.
    pub pauses: Arc<dyn Pauses>,
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
    graph: Graph,
}

impl Threads {
    /// A client of Threads over the guarded way out.
    #[must_use]
    pub fn new(config: ThreadsConfig, out: Arc<Outbound>) -> Self {
        let graph = Graph::new(config.api_url.clone(), VERSION, TONGUE, out);
        Self { config, graph }
    }
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

    fn asked_scopes(&self) -> Vec<&str> {
        oauth::SCOPES.to_vec()
    }

    fn purposes(&self, content: &Content) -> Vec<Purpose> {
        let is_thread = content.segments.len() > 1;
        [Purpose::Publish].into_iter().chain(is_thread.then_some(Purpose::Parts)).collect()
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

    fn day_limits(&self) -> &'static [DayLimit] {
        &limits::DAY
    }

    fn tells_allowance(&self) -> bool {
        true
    }

    /// §4: by `threads_publishing_limit`.
    async fn allowance(&self, access: &SecretString, _account: &Account) -> Result<Option<Allowance>, CallFault> {
        let fields = "quota_usage,config,reply_quota_usage,reply_config";
        let url = self.graph.fields("/me/threads_publishing_limit", fields);
        let answer = self.graph.get(access, url, Waiting::Queue).await?;
        let used: Data<Vec<wire::Used>> = read(&answer)?;
        let used = used.data.first().ok_or_else(|| unreadable(&answer))?;
        let posts = Room { used: used.quota_usage, most: used.config.quota_total };
        let replies = Room { used: used.reply_quota_usage, most: used.reply_config.quota_total };
        Ok(Some(Allowance { posts, replies: Some(replies) }))
    }

    async fn check_app(&self) -> Result<(), TokenFault> {
        self.ask_for_the_apps_token().await
    }

    fn can_revoke(&self) -> bool {
        false
    }

    async fn revoke(&self, _token: &SecretString) -> Result<(), TokenFault> {
        // §1.7: only the person can do it, in Threads' settings, and is told so.
        Err(TokenFault::NotSent("Threads documents no call that revokes a token".to_owned()))
    }

    async fn profile(&self, access: &SecretString) -> Result<Profile, CallFault> {
        let url = self.graph.fields("/me", "id,username,name,threads_profile_picture_url");
        let answer = self.graph.get(access, url, Waiting::Person).await?;
        let me: wire::Me = read(&answer)?;
        if !is_id(&me.id.0) {
            return Err(unreadable(&answer));
        }
        let avatar_url = me.threads_profile_picture_url;
        Ok(Profile { remote_id: me.id.0, handle: me.username, name: me.name, scoped_id: None, avatar_url })
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
        let url = self.graph.endpoint(&format!("/{id}"));
        match self.graph.call(access, (Method::DELETE, url), None, Waiting::Person).await {
            Err(CallFault::Refused(what)) if is_gone(&what) => Ok(()),
            Err(fault) => Err(fault),
            Ok(answer) => {
                let body: Value = read(&answer)?;
                if body["success"] == true { Ok(()) } else { Err(unreadable(&answer)) }
            }
        }
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

/// The sentence for a post that is not there (any more).
fn gone() -> Sentence {
    say!("threads-target-gone")
}
