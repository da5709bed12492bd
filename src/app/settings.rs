//! What the settings page shows and changes: language, zone, hold window, sessions, personal tokens.

use super::App;
use crate::domain::caller::{Caller, Grant, Via};
use crate::domain::ids::{AccessTokenId, SessionId};
use crate::domain::lang::Lang;
use crate::domain::refusal::Sentence;
use crate::domain::schedule::read_zone;
use crate::domain::tool::ToolError;
use crate::memory::Profile;
use crate::say;
use crate::store::users::User;

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
    /// How far a conversation may go on its own.
    pub chat_grant: Grant,
    /// Signed-in browsers.
    pub sessions: Vec<SessionView>,
    /// Personal access tokens.
    pub tokens: Vec<TokenView>,
    /// How their posts sound.
    pub profile: Profile,
    /// Free conversation.
    pub conversation: ConversationChoice,
}

/// What a person reads and decides about free conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationChoice {
    /// Why there is none, when there is none.
    pub off: Option<Sentence>,
    /// What they must agree to; none once they did.
    pub asked: Option<Sentence>,
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
    /// How far a conversation may go on its own.
    pub chat_grant: Option<Grant>,
}

/// Longest hold window: past five minutes "publish now" is scheduling.
const HOLD_S_MAX: i64 = 300;

impl App {
    /// The settings page.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settings(&self, caller: &Caller) -> Result<SettingsView, ToolError> {
        let user = self.get_user(caller).await?;
        let sessions = self.store.list_sessions(&caller.user, self.clock.now_ms()).await?;
        let tokens = self.store.list_access_tokens(&caller.user).await?;
        Ok(SettingsView {
            lang: user.lang,
            zone: user.zone,
            hold_s: user.hold_ms / 1000,
            stdio_grant: user.stdio_grant,
            chat_grant: user.chat_grant,
            profile: self.memory.profile(&caller.user).await?,
            conversation: ConversationChoice {
                off: self.conversation_off(caller).await?,
                asked: self.consent_asked(caller).await?,
            },
            sessions: sessions
                .into_iter()
                .map(|session| SessionView {
                    is_this_one: matches!(&caller.via, Via::Web(id) if *id == session.id),
                    id: session.id,
                    user_agent: session.user_agent,
                    created_at: session.created_at,
                    last_used_at: session.last_used_at,
                })
                .collect(),
            tokens: tokens
                .into_iter()
                .map(|token| TokenView {
                    id: token.id,
                    name: token.name,
                    grant: token.grant,
                    created_at: token.created_at,
                    last_used_at: token.last_used_at,
                })
                .collect(),
        })
    }

    /// Changes settings.
    ///
    /// # Errors
    /// Refused when the zone is not known or the hold window too long.
    pub async fn change_settings(&self, caller: &Caller, change: SettingsChange) -> Result<(), ToolError> {
        let mut user = self.get_user(caller).await?;
        if let Some(lang) = change.lang {
            user.lang = lang;
        }
        if let Some(zone) = change.zone {
            user.zone = read_zone(&zone)?;
        }
        if let Some(hold_s) = change.hold_s {
            if !(0..=HOLD_S_MAX).contains(&hold_s) {
                return Err(say!("settings-hold-wrong", max = HOLD_S_MAX).into());
            }
            user.hold_ms = hold_s * 1000;
        }
        if let Some(grant) = change.stdio_grant {
            user.stdio_grant = grant;
        }
        if let Some(grant) = change.chat_grant {
            user.chat_grant = grant;
        }
        self.store.update_settings(&user, self.clock.now_ms()).await?;
        self.desk.audit(caller, "settings.change", caller.user.as_str()).await
    }

    /// Whether a person has never chosen language and zone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_unchosen(&self, caller: &Caller) -> Result<bool, ToolError> {
        Ok(self.store.find_chosen_at(&caller.user).await?.is_none())
    }

    async fn get_user(&self, caller: &Caller) -> Result<User, ToolError> {
        let found = self.store.find_user(&caller.user).await?;
        found.ok_or_else(|| say!("signin-needed").into())
    }
}
