//! TikTok. Everything that only TikTok knows is in this folder; the dossier is platforms/tiktok.md. The calls are here; `oauth` connects, `check`
//! judges before by `limits`, `info` says what a post says of itself, `uploads` (by `chunks`) prepares, `publish` commits, `reading` looks how far it
//! is, `figures` counts, `classify` knows what answers mean, `link` reads copied addresses.

mod check;
mod chunks;
mod classify;
mod figures;
mod info;
pub(super) mod kit;
mod limits;
mod link;
mod oauth;
mod publish;
mod reading;
mod uploads;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::answers::{Waiting, lost, without_token};
use super::{MediaLinks, Part, Pauses, Platform, Rules, TokenFault, Tokens};
use crate::domain::account::{Account, Profile};
use crate::domain::commit::{Armed, CallFault, CommitOutcome, Search, Sighting};
use crate::domain::day_limit::DayLimit;
use crate::domain::figures::{Given, PostFigures};
use crate::domain::network::Network;
use crate::domain::post::{Content, Finding, MediaFacts, Preview};
use crate::domain::purpose::Purpose;
use crate::domain::refusal::Sentence;
use crate::http_out::{Answer, Outbound, bearer};
use crate::say;
use classify::{call_fault, is_ok, problem};

/// What bodies are (§4.0).
const JSON: &str = "application/json; charset=UTF-8";
/// Of a name that is shown as a handle.
const NAME_CHARS_MAX: usize = 100;
/// §1.2: a refresh token lives for 180 days, and an access token for two hours. So long after the end of the latter it is refreshed although nobody
/// needs it, so that weeks in which nothing goes out do not end the connection.
const REFRESH_AHEAD_S: i64 = -150 * 86_400;

/// How to be a client of TikTok.
#[derive(Clone)]
pub struct TikTokConfig {
    /// The app's Client key.
    pub client_key: String,
    /// Its Client secret.
    pub client_secret: SecretString,
    /// What is asked for, with spaces between: TikTok refuses all of it for one scope that the app does not have (§1.5).
    pub scopes: String,
    /// Where a person gives consent, usually `https://www.tiktok.com/v2/auth/authorize/`.
    pub auth_url: Url,
    /// Where the API answers, usually `https://open.tiktokapis.com`.
    pub api_url: Url,
    /// TikTok has audited the app: else it posts for the author's eyes alone (§5).
    pub is_audited: bool,
    /// Videos are fetched like photos instead of being sent. A lost answer can then mean that a person is asked (§6).
    pub pulls_videos: bool,
    /// Addresses under which TikTok can fetch media. Absent where it cannot reach this server, or has not verified it (§4.5).
    pub links: Option<Arc<dyn MediaLinks>>,
    /// How it waits while TikTok works.
    pub pauses: Arc<dyn Pauses>,
}

impl std::fmt::Debug for TikTokConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TikTokConfig")
            .field("scopes", &self.scopes)
            .field("auth_url", &self.auth_url.as_str())
            .field("api_url", &self.api_url.as_str())
            .field("is_audited", &self.is_audited)
            .field("pulls_videos", &self.pulls_videos)
            .field("links", &self.links.is_some())
            .finish_non_exhaustive()
    }
}

/// The network TikTok.
#[derive(Debug)]
pub struct TikTok {
    config: TikTokConfig,
    out: Arc<Outbound>,
}

impl TikTok {
    /// A client of TikTok over the guarded way out.
    #[must_use]
    pub fn new(config: TikTokConfig, out: Arc<Outbound>) -> Self {
        Self { config, out }
    }

    /// An address of the API. `path` begins with a slash and holds only our words.
    fn endpoint(&self, path: &str) -> Url {
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let mut url = self.config.api_url.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}{path}"));
        url.set_query(query);
        url
    }

    /// A call that may be repeated: its data.
    async fn call<T: DeserializeOwned>(
        &self,
        access: &SecretString,
        to: (Method, &str),
        body: Option<&Value>,
        waiting: Waiting,
    ) -> Result<T, CallFault> {
        let answer = self.ask(access, to, body).await?;
        if is_ok(&answer) { Ok(read::<wire::Envelope<T>>(&answer)?.data) } else { Err(call_fault(&answer, waiting)) }
    }

    /// The same however it ended.
    async fn ask(
        &self,
        access: &SecretString,
        (method, path): (Method, &str),
        body: Option<&Value>,
    ) -> Result<Answer, CallFault> {
        let bearer =
            bearer(access).ok_or_else(|| CallFault::Unauthorized { why: "the token is not a header".into() })?;
        let call = self.out.request(method, self.endpoint(path)).header(AUTHORIZATION, bearer);
        let call = call.header(CONTENT_TYPE, JSON);
        let call = match body {
            Some(body) => call.body(body.to_string()),
            None => call,
        };
        let answer = self.out.send(call).await.map_err(lost)?;
        Ok(without_token(answer, access))
    }

    /// Whose token this is, as far as it may tell: one field beyond its scopes fails the whole call (§3).
    async fn user(&self, access: &SecretString) -> Result<wire::User, CallFault> {
        let path = |fields: &str| format!("/v2/user/info/?fields={fields}");
        let answer = self.ask(access, (Method::GET, &path("open_id,display_name,avatar_url,username")), None).await?;
        let is_too_much = problem(&answer.body).is_some_and(|problem| problem.code.starts_with("scope_"));
        let answer = if is_too_much {
            self.ask(access, (Method::GET, &path("open_id,display_name,avatar_url")), None).await?
        } else {
            answer
        };
        if !is_ok(&answer) {
            return Err(call_fault(&answer, Waiting::Person));
        }
        let user = read::<wire::Envelope<wire::UserInfo>>(&answer)?.data.user;
        if wire::is_open_id(&user.open_id) { Ok(user) } else { Err(unreadable(&answer)) }
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
impl Platform for TikTok {
    fn network(&self) -> Network {
        Network::TikTok
    }

    fn rules(&self) -> Rules {
        limits::rules(self.config.is_audited)
    }

    fn check(&self, content: &Content, media: &[MediaFacts]) -> Vec<Finding> {
        let app = check::App { is_audited: self.config.is_audited, can_pull: self.config.links.is_some() };
        check::check(content, media, app)
    }

    fn preview(&self, content: &Content, media: &[MediaFacts]) -> Preview {
        check::preview(content, media)
    }

    /// §9: who sees a post, what others may do with it and what it discloses is chosen by the person, post by post.
    fn asks_each_time(&self) -> bool {
        true
    }

    /// §4.0: of what goes straight out; what is laid into the inbox the person finishes there.
    fn has_standing(&self, content: &Content) -> bool {
        !content.options.tiktok.draft
    }

    async fn standing(&self, access: &SecretString) -> Result<Value, CallFault> {
        let creator = self.creator(access).await?;
        serde_json::to_value(creator).map_err(|error| CallFault::Later { after_ms: None, why: error.to_string() })
    }

    fn check_standing(&self, standing: &Value, content: &Content, media: &[MediaFacts]) -> Vec<Finding> {
        match serde_json::from_value(standing.clone()) {
            Ok(creator) => info::check(&creator, content, media),
            Err(_) => Vec::new(),
        }
    }

    fn day_limits(&self) -> &'static [DayLimit] {
        &limits::DAY
    }

    fn asked_scopes(&self) -> Vec<&str> {
        self.config.scopes.split(' ').collect()
    }

    fn purposes(&self, content: &Content) -> Vec<Purpose> {
        // §1.5: what lies in the inbox is published there, by its person.
        vec![if content.options.tiktok.draft { Purpose::Inbox } else { Purpose::Publish }]
    }

    fn authorize_url(&self, redirect: &Url, state: &str, challenge: &str) -> Url {
        self.consent_url(redirect, state, challenge)
    }

    async fn exchange(&self, code: &str, verifier: &SecretString, redirect: &Url) -> Result<Tokens, TokenFault> {
        self.exchange_code(code, verifier, redirect).await
    }

    async fn refresh(&self, refresh: &SecretString) -> Result<Tokens, TokenFault> {
        self.rotate(refresh).await
    }

    fn refresh_ahead_s(&self) -> Option<i64> {
        Some(REFRESH_AHEAD_S)
    }

    async fn revoke(&self, token: &SecretString) -> Result<(), TokenFault> {
        self.end(token).await
    }

    /// §3. Without the permission for the handle the name stands for it. The address of the picture ends after two hours: it is
    /// fetched at once, and never kept.
    async fn profile(&self, access: &SecretString) -> Result<Profile, CallFault> {
        let user = self.user(access).await?;
        let name: String = user.display_name.chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect();
        let handle = [&user.username, &name, &user.open_id].into_iter().find(|text| !text.trim().is_empty());
        let handle = handle.cloned().unwrap_or_default();
        Ok(Profile { remote_id: user.open_id, handle, name, scoped_id: None, avatar_url: user.avatar_url })
    }

    async fn prepare(&self, access: &SecretString, part: &Part) -> Result<Value, CallFault> {
        self.prepare_part(access, part).await
    }

    async fn commit(
        &self,
        armed: Armed,
        access: &SecretString,
        _account: &Account,
        part: &Part,
        handle: &Value,
    ) -> CommitOutcome {
        self.publish(armed, access, part, handle).await
    }

    async fn find(&self, access: &SecretString, search: &Search) -> Result<Sighting, CallFault> {
        self.look(access, search).await
    }

    fn is_called(&self, name: &str, prepared: Option<&Value>, said: &str) -> bool {
        reading::is_called(name, prepared, said)
    }

    /// §6: a file that is not all there was not posted. Of what TikTok fetches absence is never reported.
    fn absence_is_proof(&self) -> bool {
        true
    }

    fn read_link(&self, account: &Account, link: &str) -> Option<(String, String)> {
        link::read(&account.handle, link)
    }

    /// §4.7: there is no call for it.
    async fn remove(&self, _access: &SecretString, _remote_id: &str) -> Result<(), CallFault> {
        Err(CallFault::Refused(say!("tiktok-remove-by-hand")))
    }

    fn can_take_down(&self) -> bool {
        false
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
