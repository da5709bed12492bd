//! The door `authenticate`: sign-in links, sessions, bearer tokens, the local user.

use secrecy::{ExposeSecret, SecretString};

use super::App;
use crate::clock::Entropy;
use crate::domain::caller::{Caller, Grant, Via};
use crate::domain::ids::{AccessTokenId, SessionId, SignInLinkId, UserId, WorkspaceId};
use crate::domain::lang::Lang;
use crate::domain::tool::ToolError;
use crate::say;
use crate::store::sessions::Session;
use crate::store::tokens::AccessToken;
use crate::store::users::User;
use crate::vault::{hmac_sha256, token_hash};

/// How long a sign-in link can be used.
pub const SIGN_IN_LINK_MS: i64 = 10 * 60_000;
/// A browser that was away this long signs in again.
const SESSION_IDLE_MS: i64 = 30 * 24 * 3_600_000;
/// Every session ends after this.
const SESSION_LIFE_MS: i64 = 90 * 24 * 3_600_000;
/// "Last used" is written at most this often, so that reading a page costs no write.
pub(super) const TOUCH_MS: i64 = 60_000;
/// The hold window of a new user: time enough to see a slip (DESIGN §4).
const HOLD_MS: i64 = 10_000;
/// What every personal access token begins with, so that it is recognised when it leaks.
const TOKEN_PREFIX: &str = "soc_";
/// Longest name of a token.
const NAME_CHARS_MAX: usize = 60;
/// The identity of whoever owns the data folder.
const LOCAL: (&str, &str) = ("local", "owner");

/// A signed-in browser, found by its cookie.
pub struct SignedIn {
    /// Who it is.
    pub caller: Caller,
    /// Goes into every form as `csrf`; compared in constant time.
    pub csrf: String,
}

impl App {
    /// The user of this installation, made on the first start.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn local_user(&self) -> Result<User, ToolError> {
        if let Some(user) = self.store.find_user_by_identity(LOCAL.0, LOCAL.1).await? {
            return Ok(user);
        }
        let now = self.clock.now_ms();
        let user = new_user(self.entropy.as_ref(), now);
        match self.store.insert_user(&user, LOCAL.0, LOCAL.1, now).await {
            Ok(()) => Ok(user),
            // Another process was first: its user is the one.
            Err(error) => match self.store.find_user_by_identity(LOCAL.0, LOCAL.1).await? {
                Some(user) => Ok(user),
                None => Err(error.into()),
            },
        }
    }

    /// The local user as a caller over stdio.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn local_caller(&self) -> Result<Caller, ToolError> {
        let user = self.local_user().await?;
        let grant = user.stdio_grant;
        Ok(caller(&user, grant, Via::McpStdio))
    }

    /// The local user as a caller at a terminal.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn terminal_caller(&self) -> Result<Caller, ToolError> {
        Ok(caller(&self.local_user().await?, Grant::Drafts, Via::Terminal))
    }

    /// Makes a single-use sign-in link for a user.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn make_sign_in_link(&self, user: &UserId) -> Result<SecretString, ToolError> {
        let (now, secret) = (self.clock.now_ms(), self.entropy.secret());
        let id = SignInLinkId::generate(now, self.entropy.bits());
        self.store.insert_sign_in_link(&id, user, &token_hash(&secret), now, now + SIGN_IN_LINK_MS).await?;
        let base = self.config.public_url.as_str().trim_end_matches('/');
        Ok(format!("{base}/signin?link={secret}").into())
    }

    /// Whether anybody has signed in with a browser that is still signed in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_session(&self, user: &UserId) -> Result<bool, ToolError> {
        Ok(!self.store.list_sessions(user, self.clock.now_ms()).await?.is_empty())
    }

    /// Whether a sign-in link could be used now (GET shows a button, POST spends it).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_sign_in_link_good(&self, secret: &str) -> Result<bool, ToolError> {
        Ok(self.store.find_sign_in_link(&token_hash(secret), self.clock.now_ms()).await?.is_some())
    }

    /// Spends a sign-in link: the cookie's value for a new session. Whoever has never chosen a language gets their browser's, if it names
    /// one of ours.
    ///
    /// # Errors
    /// Refused when the link was used or is too old.
    pub async fn redeem_in(
        &self,
        lang: Option<Lang>,
        secret: &str,
        user_agent: &str,
    ) -> Result<SecretString, ToolError> {
        let now = self.clock.now_ms();
        let claimed = self.store.claim_sign_in_link(&token_hash(secret), now).await?;
        let user = claimed.ok_or_else(|| say!("signin-link-dead"))?;
        if let Some(lang) = lang {
            self.store.update_lang_unchosen(&user, lang).await?;
        }
        self.begin_session(user, user_agent).await
    }

    /// The same where nothing is known of a language.
    ///
    /// # Errors
    /// Refused when the link was used or is too old.
    pub async fn redeem_sign_in_link(&self, secret: &str, user_agent: &str) -> Result<SecretString, ToolError> {
        self.redeem_in(None, secret, user_agent).await
    }

    /// A new session for somebody who has just proved who they are: the cookie's value.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn begin_session(&self, user: UserId, user_agent: &str) -> Result<SecretString, ToolError> {
        let (now, cookie) = (self.clock.now_ms(), self.entropy.secret());
        let session = Session {
            id: SessionId::generate(now, self.entropy.bits()),
            user,
            user_agent: user_agent.chars().filter(|c| !c.is_control()).take(200).collect(),
            created_at: now,
            last_used_at: now,
        };
        self.store.insert_session(&session, &token_hash(&cookie), now + SESSION_LIFE_MS).await?;
        Ok(cookie.into())
    }

    /// The session behind a cookie.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_signed_in(&self, cookie: &str) -> Result<Option<SignedIn>, ToolError> {
        let now = self.clock.now_ms();
        let Some(session) = self.store.find_session(&token_hash(cookie), now, now - SESSION_IDLE_MS).await? else {
            return Ok(None);
        };
        let Some(user) = self.store.find_user(&session.user).await? else { return Ok(None) };
        if now - session.last_used_at > TOUCH_MS {
            self.store.update_session_used(&session.id, now).await?;
        }
        let csrf = hex::encode(hmac_sha256(cookie.as_bytes(), b"socrazi/csrf"));
        // A signed-in person's own gesture is the permission: pages ask nobody else.
        Ok(Some(SignedIn { caller: caller(&user, Grant::Drafts, Via::Web(session.id)), csrf }))
    }

    /// The caller behind a personal token.
    pub(super) async fn find_personal(&self, token: &str) -> Result<Option<Caller>, ToolError> {
        if !token.starts_with(TOKEN_PREFIX) {
            return Ok(None);
        }
        let Some(bearer) = self.store.find_bearer(&token_hash(token)).await? else { return Ok(None) };
        let now = self.clock.now_ms();
        if bearer.last_used_at.is_none_or(|at| now - at > TOUCH_MS) {
            self.store.update_access_token_used(&bearer.token, now).await?;
        }
        Ok(Some(caller(&bearer.user, bearer.grant, Via::McpHttp(bearer.token))))
    }

    /// Ends one session (signing out, or removing another browser on the settings page).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_session(&self, caller: &Caller, session: &SessionId) -> Result<(), ToolError> {
        self.store.delete_session(session, &caller.user).await?;
        self.desk.audit(caller, "session.end", session.as_str()).await
    }

    /// Makes a personal access token for drafts only; the value is shown once.
    ///
    /// # Errors
    /// Refused when the name does not fit.
    pub async fn make_token(&self, caller: &Caller, name: &str) -> Result<SecretString, ToolError> {
        self.make_token_for(&caller.user, name, Grant::Drafts).await
    }

    /// Makes a personal access token with a grant: the operator's command line.
    ///
    /// # Errors
    /// Refused when the name does not fit.
    pub async fn make_token_for(&self, user: &UserId, name: &str, grant: Grant) -> Result<SecretString, ToolError> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
            return Err(say!("token-name-wrong", max = NAME_CHARS_MAX).into());
        }
        let (now, secret) =
            (self.clock.now_ms(), SecretString::from(format!("{TOKEN_PREFIX}{}", self.entropy.secret())));
        let token = AccessToken {
            id: AccessTokenId::generate(now, self.entropy.bits()),
            user: user.clone(),
            name: name.to_owned(),
            grant,
            created_at: now,
            last_used_at: None,
        };
        self.store.insert_access_token(&token, &token_hash(secret.expose_secret())).await?;
        Ok(secret)
    }

    /// Revokes a personal access token; refused at its next call.
    ///
    /// # Errors
    /// Refused when there is none.
    pub async fn revoke_token(&self, caller: &Caller, id: &AccessTokenId) -> Result<(), ToolError> {
        if !self.store.update_access_token_revoked(id, &caller.user, self.clock.now_ms()).await? {
            return Err(say!("common-not-found-thing", thing = id.as_str()).into());
        }
        self.take_back_mcp_sessions(&caller.user, id.as_str()).await?;
        self.desk.audit(caller, "token.revoke", id.as_str()).await
    }
}

/// A person as they begin.
pub(super) fn new_user(entropy: &dyn Entropy, now: i64) -> User {
    User {
        id: UserId::generate(now, entropy.bits()),
        workspace: WorkspaceId::generate(now, entropy.bits()),
        lang: Lang::En,
        zone: "UTC".into(),
        hold_ms: HOLD_MS,
        stdio_grant: Grant::Drafts,
        chat_grant: Grant::Drafts,
    }
}

pub(super) fn caller(user: &User, grant: Grant, via: Via) -> Caller {
    Caller {
        user: user.id.clone(),
        workspace: user.workspace.clone(),
        grant,
        via,
        lang: user.lang,
        zone: user.zone.clone(),
        is_tainted: false,
        accounts: None,
        sees_google: true,
    }
}
