//! Builds every part once; the doors that front ends may use (STYLE §3, DECISIONS 11).

pub mod settings;

use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use crate::desk::view::{AccountView, ApprovalView, NoticeView, PostView};
use crate::domain::caller::Caller;
use crate::domain::delivery::Answer;
use crate::domain::ids::{AccessTokenId, AccountId, ApprovalId, DeliveryId, PostId, SessionId};
use crate::domain::lang::Lang;
use crate::domain::network::Network;
use crate::domain::tool::{ToolError, ToolOutcome, ToolSpec};
use self::settings::{SettingsChange, SettingsView};

/// The whole server behind its doors.
pub struct App;

/// A signed-in browser, found by its cookie.
pub struct SignedIn {
    /// Who it is.
    pub caller: Caller,
    /// Goes into every form as `csrf`; compared in constant time.
    pub csrf: String,
}

/// A person's answer to an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Yes, exactly this.
    Approve,
    /// No.
    Decline,
}

impl App {
    // ---- authenticate -------------------------------------------------------------------------------------------------
    /// Whether a sign-in link could be used now (GET shows a button, POST spends it).
    pub async fn is_sign_in_link_good(&self, _secret: &str) -> Result<bool, ToolError> { todo!() }
    /// Spends a sign-in link: the cookie's value for a new session. Refused: `signin-link-dead`.
    pub async fn redeem_sign_in_link(&self, _secret: &str, _user_agent: &str) -> Result<SecretString, ToolError> { todo!() }
    /// The session behind a cookie.
    pub async fn find_signed_in(&self, _cookie: &str) -> Result<Option<SignedIn>, ToolError> { todo!() }
    /// The caller behind a bearer token.
    pub async fn find_bearer(&self, _token: &str) -> Result<Option<Caller>, ToolError> { todo!() }
    /// Ends one session (signing out, or removing another browser on the settings page).
    pub async fn end_session(&self, _caller: &Caller, _session: &SessionId) -> Result<(), ToolError> { todo!() }

    // ---- toolbox, call_tool -------------------------------------------------------------------------------------------
    /// The tools' contracts, in fixed order.
    pub fn toolbox(&self) -> &[ToolSpec] { todo!() }
    /// Calls a tool.
    pub async fn call_tool(&self, _caller: &Caller, _name: &str, _arguments: Value) -> Result<ToolOutcome, ToolError> { todo!() }

    // ---- typed reads for pages ----------------------------------------------------------------------------------------
    /// Posts, newest activity first, at most 100.
    pub async fn list_posts(&self, _caller: &Caller) -> Result<Vec<PostView>, ToolError> { todo!() }
    /// One post. Refused: `post-not-found`.
    pub async fn read_post(&self, _caller: &Caller, _id: &PostId) -> Result<PostView, ToolError> { todo!() }
    /// Connected accounts.
    pub async fn list_accounts(&self, _caller: &Caller) -> Result<Vec<AccountView>, ToolError> { todo!() }
    /// Networks that are configured, so that they can be connected.
    pub fn networks(&self) -> Vec<Network> { todo!() }
    /// Approvals that wait for this person.
    pub async fn list_waiting(&self, _caller: &Caller) -> Result<Vec<ApprovalView>, ToolError> { todo!() }

    // ---- decide -------------------------------------------------------------------------------------------------------
    /// One approval. Refused: `approval-not-found`.
    pub async fn read_approval(&self, _caller: &Caller, _id: &ApprovalId) -> Result<ApprovalView, ToolError> { todo!() }
    /// Answers an approval; `hash` is the one the page showed. Refused: already answered, expired, changed.
    pub async fn decide(&self, _caller: &Caller, _id: &ApprovalId, _hash: &str, _verdict: Verdict) -> Result<ApprovalView, ToolError> { todo!() }
    /// A person's answer for a delivery in `needs_human`.
    pub async fn settle(&self, _caller: &Caller, _id: &DeliveryId, _answer: Answer) -> Result<PostView, ToolError> { todo!() }
    /// Withdraws a post (button; reduces publishing, so at once).
    pub async fn withdraw(&self, _caller: &Caller, _id: &PostId) -> Result<PostView, ToolError> { todo!() }
    /// Pauses everything (`true`), or asks to resume: then the approval to answer is returned.
    pub async fn pause_all(&self, _caller: &Caller) -> Result<(), ToolError> { todo!() }
    /// Asks to resume everything; the gesture is the page's own button, so it is approved in the same call.
    pub async fn resume_all(&self, _caller: &Caller) -> Result<(), ToolError> { todo!() }
    /// Whether the whole workspace is paused.
    pub async fn is_paused(&self, _caller: &Caller) -> Result<bool, ToolError> { todo!() }

    // ---- connect ------------------------------------------------------------------------------------------------------
    /// Begins connecting: where to send the browser. Refused: `connect-not-configured`.
    pub async fn connect_begin(&self, _caller: &Caller, _network: Network) -> Result<Url, ToolError> { todo!() }
    /// Finishes connecting from the callback's query parameters. Refused: `connect-*`.
    pub async fn connect_finish(&self, _caller: &Caller, _network: Network, _query: &[(String, String)]) -> Result<AccountId, ToolError> { todo!() }
    /// Disconnects: revokes, destroys the tokens, cancels what is scheduled there. The page's button is the gesture.
    pub async fn disconnect(&self, _caller: &Caller, _account: &AccountId) -> Result<(), ToolError> { todo!() }

    // ---- notices, settings --------------------------------------------------------------------------------------------
    /// What the person should know, newest first, at most 20.
    pub async fn notices(&self, _caller: &Caller) -> Result<Vec<NoticeView>, ToolError> { todo!() }
    /// The settings page.
    pub async fn settings(&self, _caller: &Caller) -> Result<SettingsView, ToolError> { todo!() }
    /// Changes settings. Refused: `settings-*`.
    pub async fn change_settings(&self, _caller: &Caller, _change: SettingsChange) -> Result<(), ToolError> { todo!() }
    /// Makes a personal access token, for drafts only; the value is shown once.
    pub async fn make_token(&self, _caller: &Caller, _name: &str) -> Result<SecretString, ToolError> { todo!() }
    /// Revokes a personal access token; refused at its next call.
    pub async fn revoke_token(&self, _caller: &Caller, _id: &AccessTokenId) -> Result<(), ToolError> { todo!() }
    /// Language to use before anybody is signed in.
    pub fn lang_of_stranger(&self, accept_language: Option<&str>) -> Lang { accept_language.and_then(Lang::find).unwrap_or(Lang::En) }
    /// `server.public_url`.
    pub fn public_url(&self) -> &Url { todo!() }
    /// True in `socrazi demo`: every page says that it is a simulation.
    pub fn is_simulation(&self) -> bool { todo!() }
    /// The time now, Unix milliseconds, for distances.
    pub fn now_ms(&self) -> i64 { todo!() }
    /// Ready to serve: the database answers.
    pub async fn is_ready(&self) -> bool { todo!() }
}
