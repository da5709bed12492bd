//! Instagram (instagram.com), professional accounts by Instagram Login. Everything that only Instagram knows is in this folder; the dossier is
//! platforms/instagram.md, what Meta's networks share is in `meta`. The calls are here; `oauth` connects, `check` judges before by `limits` and
//! `count`, `containers` prepares and `publish` commits, `reading` looks back, `figures` counts, `classify` knows what answers mean, `link` reads copied addresses.

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

use super::meta::{Graph, Waiting, is_id, read, unreadable};
use super::{MediaLinks, Part, Pauses, Platform, Rules, TokenFault, Tokens};
use crate::domain::account::{Account, Profile};
use crate::domain::allowance::Allowance;
use crate::domain::commit::{Armed, CallFault, CommitOutcome, Search, Sighting};
use crate::domain::day_limit::DayLimit;
use crate::domain::figures::{Given, PostFigures};
use crate::domain::network::Network;
use crate::domain::post::{Content, Finding, MediaFacts, Preview};
use crate::domain::purpose::Purpose;
use crate::domain::refusal::Sentence;
use crate::http_out::Outbound;
use crate::say;
use classify::{TONGUE, says_no_object};

/// The segment every path but those of tokens begins with (§ head): good until 2028-07-29, and a retired one is forwarded silently.
const VERSION: &str = "/v25.0";
/// A long-lived token is refreshed once it is two days old (§1.4: from one day on; a day more for clocks that differ), so that weeks in which
/// nothing goes out, or the server stands still, do not end the connection.
const REFRESH_AHEAD_S: i64 = 58 * 86_400;

/// How to be a client of Instagram.
#[derive(Clone)]
pub struct InstagramConfig {
    /// The Instagram App ID, which is not the Meta app's (§0).
    pub client_id: String,
    /// The Instagram App Secret.
    pub client_secret: SecretString,
    /// Where a person gives consent, usually `https://www.instagram.com/oauth/authorize`.
    pub auth_url: Url,
    /// Where codes are exchanged, usually `https://api.instagram.com`.
    pub api_url: Url,
    /// Where the API answers, usually `https://graph.instagram.com`.
    pub graph_url: Url,
    /// The scope by which posts can be deleted. That one exists for this login is unverified (§3.3), so nothing is taken down without.
    pub delete_scope: Option<String>,
    /// Addresses under which Instagram can fetch media (§0: there is no upload). Absent where it cannot reach this server.
    pub links: Option<Arc<dyn MediaLinks>>,
    /// Waits while Instagram works on a container.
    pub pauses: Arc<dyn Pauses>,
}

impl std::fmt::Debug for InstagramConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InstagramConfig")
            .field("auth_url", &self.auth_url.as_str())
            .field("api_url", &self.api_url.as_str())
            .field("graph_url", &self.graph_url.as_str())
            .field("delete_scope", &self.delete_scope)
            .field("links", &self.links.is_some())
            .finish_non_exhaustive()
    }
}

/// The network Instagram.
#[derive(Debug)]
pub struct Instagram {
    config: InstagramConfig,
    graph: Graph,
}

impl Instagram {
    /// A client of Instagram over the guarded way out.
    #[must_use]
    pub fn new(config: InstagramConfig, out: Arc<Outbound>) -> Self {
        let graph = Graph::new(config.graph_url.clone(), VERSION, TONGUE, out);
        Self { config, graph }
    }
}

#[async_trait]
impl Platform for Instagram {
    fn network(&self) -> Network {
        Network::Instagram
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
        self.asked()
    }

    /// The second part is the first comment.
    fn purposes(&self, content: &Content) -> Vec<Purpose> {
        let is_commented = content.segments.len() > 1;
        [Purpose::Publish].into_iter().chain(is_commented.then_some(Purpose::FirstComment)).collect()
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

    async fn allowance(&self, access: &SecretString, account: &Account) -> Result<Option<Allowance>, CallFault> {
        Ok(Some(Allowance { posts: self.room(access, &account.remote_id).await?, replies: None }))
    }

    async fn check_app(&self) -> Result<(), TokenFault> {
        self.ask_with_a_made_up_code().await
    }

    fn can_revoke(&self) -> bool {
        false
    }

    async fn revoke(&self, _token: &SecretString) -> Result<(), TokenFault> {
        // §1.5: only the person can do it, in Instagram's settings, and is told so.
        Err(TokenFault::NotSent("Instagram documents no call that revokes a token".to_owned()))
    }

    async fn profile(&self, access: &SecretString) -> Result<Profile, CallFault> {
        let url = self.graph.fields("/me", "id,user_id,username,name,profile_picture_url");
        let answer = self.graph.get(access, url, Waiting::Person).await?;
        let me: wire::Me = read(&answer)?;
        if !is_id(&me.user_id.0) {
            return Err(unreadable(&answer));
        }
        // §8: callbacks name people by the id that is good within the app.
        let scoped_id = Some(me.id.0).filter(|id| is_id(id));
        let avatar_url = me.profile_picture_url;
        Ok(Profile { remote_id: me.user_id.0, handle: me.username, name: me.name, scoped_id, avatar_url })
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

    /// §6: a container that can still be published was not. Of comments absence is never reported.
    fn absence_is_proof(&self) -> bool {
        true
    }

    fn read_link(&self, account: &Account, link: &str) -> Option<(String, String)> {
        link::read(&account.handle, link)
    }

    /// §3.3. Only where the operator has named a scope for it: see `delete_scope`.
    async fn remove(&self, access: &SecretString, remote_id: &str) -> Result<(), CallFault> {
        let Some(id) = self.media_id(access, "me", remote_id).await? else { return Ok(()) };
        let url = self.graph.endpoint(&format!("/{id}"));
        let answer = self.graph.ask(access, (Method::DELETE, url), None).await?;
        if answer.status == 200 {
            let body: Value = read(&answer)?;
            return if body["success"] == true { Ok(()) } else { Err(unreadable(&answer)) };
        }
        if !says_no_object(&answer) {
            return Err(self.graph.fault_for_a_person(&answer));
        }
        // What is not there any more is removed, a comment with its post. But Graph says that now and then of what is there (§5): asked twice.
        let again = self.graph.ask(access, (Method::GET, self.graph.fields(&format!("/{id}"), "id")), None).await?;
        if says_no_object(&again) { Ok(()) } else { Err(self.graph.fault_for_a_person(&answer)) }
    }

    fn can_take_down(&self) -> bool {
        self.config.delete_scope.is_some()
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
    say!("instagram-target-gone")
}
