//! Tokens and codes: who may call what, and until when (dossier §1, §11).

use serde_json::json;

use super::people::{self, bot_of};
use super::refusal::Refusal;
use super::state::{State, secret};

/// The bot token that is there from the start.
pub const BOT_TOKEN: &str = "xoxb-sim-acme-0001";
/// The app-level token for Socket Mode.
pub const APP_TOKEN: &str = "xapp-sim-socket-0001";
/// Twelve hours (dossier §11).
pub(super) const ROTATION_S: i64 = 43_200;
/// What the first bot token may do: the manifest of dossier §14, and reading channels and files.
pub(super) const FIRST_SCOPES: [&str; 17] = [
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "channels:read",
    "chat:write",
    "chat:write.customize",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "im:history",
    "im:read",
    "im:write",
    "reactions:write",
    "team:read",
    "users:read",
    "groups:read",
];

/// What a token stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    Bot,
    User,
    App,
    Refresh,
}

/// A token.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) token: String,
    pub(super) kind: TokenKind,
    pub(super) team: String,
    pub(super) user: String,
    pub(super) scopes: Vec<String>,
    pub(super) issued_ms: i64,
    pub(super) expires_ms: Option<i64>,
    pub(super) is_revoked: bool,
    pub(super) is_uninstalled: bool,
}

/// A code from a consent page: ten minutes, once.
#[derive(Clone, Debug)]
pub(super) struct Code {
    pub(super) redirect_uri: String,
    pub(super) team: String,
    pub(super) user: String,
    pub(super) scopes: Vec<String>,
    pub(super) user_scopes: Vec<String>,
    pub(super) issued_ms: i64,
    pub(super) is_used: bool,
    pub(super) is_openid: bool,
    pub(super) nonce: Option<String>,
    pub(super) challenge: Option<String>,
}

/// Who is calling.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) token: String,
    pub(super) kind: TokenKind,
    pub(super) team: String,
    pub(super) user: String,
    pub(super) scopes: Vec<String>,
}

impl Caller {
    /// The app's person and bot where this token works.
    pub(super) fn bot(&self) -> (String, String) {
        bot_of(&self.team)
    }

    /// Refuses without one of these scopes.
    pub(super) fn need(&self, any_of: &[&str]) -> Result<(), Refusal> {
        if any_of.is_empty() || any_of.iter().any(|wanted| self.scopes.iter().any(|held| held == wanted)) {
            return Ok(());
        }
        Err(Refusal::new("missing_scope")
            .with("needed", json!(any_of.join(",")))
            .with("provided", json!(self.scopes.join(","))))
    }
}

impl Token {
    /// A fresh one.
    pub(super) fn new(kind: TokenKind, team: &str, user: &str, scopes: &[String], now_ms: i64) -> Self {
        let prefix = match kind {
            TokenKind::Bot => "xoxb-sim-",
            TokenKind::User => "xoxp-sim-",
            TokenKind::App => "xapp-sim-",
            TokenKind::Refresh => "xoxe-1-sim-",
        };
        Self {
            token: format!("{prefix}{}{}", secret(), secret()),
            kind,
            team: team.to_owned(),
            user: user.to_owned(),
            scopes: scopes.to_vec(),
            issued_ms: now_ms,
            expires_ms: None,
            is_revoked: false,
            is_uninstalled: false,
        }
    }

    /// The same, ending after twelve hours.
    pub(super) fn rotating(mut self) -> Self {
        self.token = format!("xoxe.{}", self.token.replacen("-sim-", "-1-sim-", 1));
        self.expires_ms = Some(self.issued_ms + ROTATION_S * 1_000);
        self
    }

    /// The same under a known name.
    pub(super) fn named(mut self, token: &str) -> Self {
        token.clone_into(&mut self.token);
        self
    }
}

/// The tokens of the beginning.
pub(super) fn first(now_ms: i64) -> Vec<Token> {
    let scopes: Vec<String> = FIRST_SCOPES.iter().map(|scope| (*scope).to_owned()).collect();
    let socket = ["connections:write".to_owned()];
    vec![
        Token::new(TokenKind::Bot, people::TEAM, people::BOT_USER, &scopes, now_ms).named(BOT_TOKEN),
        Token::new(TokenKind::App, people::TEAM, people::BOT_USER, &socket, now_ms).named(APP_TOKEN),
    ]
}

impl State {
    /// Who holds this token, if it still works.
    pub(super) fn caller(&self, token: Option<&str>, now_ms: i64) -> Result<Caller, Refusal> {
        let token = token.filter(|token| !token.is_empty()).ok_or_else(|| Refusal::new("not_authed"))?;
        let known = self.tokens.iter().find(|known| known.token == token && known.kind != TokenKind::Refresh);
        let known = known.ok_or_else(|| Refusal::new("invalid_auth"))?;
        if known.is_uninstalled {
            return Err(Refusal::new("account_inactive"));
        }
        if known.is_revoked {
            return Err(Refusal::new("token_revoked"));
        }
        if known.expires_ms.is_some_and(|expires| now_ms >= expires) {
            return Err(Refusal::new("token_expired"));
        }
        Ok(Caller {
            token: known.token.clone(),
            kind: known.kind,
            team: known.team.clone(),
            user: known.user.clone(),
            scopes: known.scopes.clone(),
        })
    }
}
