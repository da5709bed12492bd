//! What the settings page shows and changes: language, zone, hold window, sessions, personal tokens.

use crate::domain::caller::Grant;
use crate::domain::ids::{AccessTokenId, SessionId};
use crate::domain::lang::Lang;

/// One signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionView {
    /// Our id.
    pub id: SessionId,
    /// What the browser called itself, cut to 120 characters.
    pub user_agent: String,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub last_used_at: i64,
    /// Whether it is the one asking.
    pub is_this_one: bool,
}

/// One personal access token; the token itself is shown once, when it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenView {
    /// Our id.
    pub id: AccessTokenId,
    /// The name its owner gave it.
    pub name: String,
    /// How far it may go on its own.
    pub grant: Grant,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds, when it was ever used.
    pub last_used_at: Option<i64>,
}

/// The settings page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsView {
    /// The person's language.
    pub lang: Lang,
    /// Their IANA zone.
    pub zone: String,
    /// Seconds between "publish now" and the sending, for Undo.
    pub hold_s: i64,
    /// How far `socrazi mcp` may go on its own.
    pub stdio_grant: Grant,
    /// Signed-in browsers.
    pub sessions: Vec<SessionView>,
    /// Personal access tokens.
    pub tokens: Vec<TokenView>,
}

/// A change of settings; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingsChange {
    /// Language.
    pub lang: Option<Lang>,
    /// IANA zone, checked.
    pub zone: Option<String>,
    /// 0 to 300 seconds.
    pub hold_s: Option<i64>,
    /// How far `socrazi mcp` may go on its own.
    pub stdio_grant: Option<Grant>,
}
