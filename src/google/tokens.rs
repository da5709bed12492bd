//! The access token of a Google account, refreshed ahead of its end by one caller at a time (platforms/google.md §1.4). A transient fault
//! leaves the account as it is; only Google's clear word makes it dead.

use std::sync::{Arc, PoisonError};

use secrecy::SecretString;

use super::oauth::{GrantFault, Granted};
use super::{Google, token_place};
use crate::domain::account::Health;
use crate::domain::google::Login;
use crate::domain::ids::NoticeId;
use crate::say;
use crate::store::google::LoginTokens;
use crate::store::notices::Notice;

/// Google's own advice: a token is not used in its last minute (§1.3).
const LAST_MS: i64 = 60_000;

/// An access token, opened.
#[derive(Debug)]
pub(super) struct Access {
    pub(super) token: SecretString,
    /// What is remembered when Google refuses it.
    pub(super) generation: i64,
}

/// Why there is none.
#[derive(Debug)]
pub(super) enum NoAccess {
    /// The person must connect again.
    Reconnect,
    /// Try later; for the log.
    Later(String),
}

impl Google {
    /// A token that is good for a minute at least, and not the one of a generation that was refused.
    pub(super) async fn access(&self, login: &Login, refused: Option<i64>) -> Result<Access, NoAccess> {
        let seen = self.stored(login).await?;
        if self.is_good(&seen, refused) {
            return self.opened(login, &seen).await;
        }
        let flight = {
            let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(flights.entry(login.id.clone()).or_default())
        };
        let _alone = flight.lock().await;
        let row = self.stored(login).await?;
        if self.is_good(&row, refused) {
            return self.opened(login, &row).await;
        }
        self.renew(login, &row).await
    }

    fn is_good(&self, row: &LoginTokens, refused: Option<i64>) -> bool {
        row.expires_at > self.clock.now_ms() + LAST_MS && refused.is_none_or(|refused| row.generation > refused)
    }

    async fn renew(&self, login: &Login, row: &LoginTokens) -> Result<Access, NoAccess> {
        let refresh = self.vault.open(&token_place(login, "refresh"), &row.refresh).await.map_err(later)?;
        let granted = match self.refresh(&refresh).await {
            Ok(granted) => granted,
            Err(GrantFault::Dead(why)) => return self.dead(login, row, &why).await,
            Err(GrantFault::Misconfigured(why)) => {
                tracing::error!(account.id = %login.id, error = %why, "Google refuses this server's client id or secret");
                return Err(NoAccess::Later(why));
            }
            Err(GrantFault::Later(why)) => return Err(NoAccess::Later(why)),
        };
        let scopes = granted.scopes.clone().unwrap_or_else(|| login.scopes.clone());
        let next = self.seal(login, &granted, (Some(row), &refresh)).await?;
        if self.store.update_login_tokens(&login.id, &next, &scopes).await.map_err(later)? {
            tracing::info!(account.id = %login.id, "the access token was renewed");
            return Ok(Access { token: granted.access, generation: row.generation + 1 });
        }
        // Another process, or the person in another window, was faster: theirs is newer.
        let newest = self.stored(login).await?;
        self.opened(login, &newest).await
    }

    /// Seals a pair for an account's row. Google sends no refresh token when the old one goes on (§1.4).
    pub(super) async fn seal(
        &self,
        login: &Login,
        granted: &Granted,
        (before, refresh): (Option<&LoginTokens>, &SecretString),
    ) -> Result<LoginTokens, NoAccess> {
        let access = self.vault.seal(&token_place(login, "access"), &granted.access).await.map_err(later)?;
        let refresh = match (&granted.refresh, before) {
            (None, Some(before)) => before.refresh.clone(),
            (new, _) => {
                let refresh = new.as_ref().unwrap_or(refresh);
                self.vault.seal(&token_place(login, "refresh"), refresh).await.map_err(later)?
            }
        };
        let expires_at = self.clock.now_ms() + granted.expires_in_s * 1000;
        let generation = before.map_or(1, |row| row.generation);
        Ok(LoginTokens { user: login.user.clone(), access, refresh, expires_at, generation })
    }

    async fn dead<T>(&self, login: &Login, row: &LoginTokens, why: &str) -> Result<T, NoAccess> {
        tracing::warn!(account.id = %login.id, error = %why, "the Google account must be connected again");
        let is_news = login.health == Health::Fine
            && self
                .store
                .update_login_health(&login.id, Health::NeedsReconnecting, row.generation)
                .await
                .map_err(later)?;
        if is_news {
            let now = self.clock.now_ms();
            let what = say!("notice-google-reconnect", email = &login.email);
            let (id, notice) =
                (NoticeId::generate(now, self.entropy.bits()), Notice { post: None, what, created_at: now });
            self.store.insert_notice(&id, &login.user, &notice).await.map_err(later)?;
        }
        Err(NoAccess::Reconnect)
    }

    async fn opened(&self, login: &Login, row: &LoginTokens) -> Result<Access, NoAccess> {
        let token = self.vault.open(&token_place(login, "access"), &row.access).await.map_err(later)?;
        Ok(Access { token, generation: row.generation })
    }

    /// Its refresh token, for revoking.
    pub(super) async fn open_refresh(&self, login: &Login) -> Result<SecretString, NoAccess> {
        let row = self.stored(login).await?;
        self.vault.open(&token_place(login, "refresh"), &row.refresh).await.map_err(later)
    }

    async fn stored(&self, login: &Login) -> Result<LoginTokens, NoAccess> {
        self.store.find_login_tokens(&login.id).await.map_err(later)?.ok_or(NoAccess::Reconnect)
    }
}

pub(super) fn later(error: impl std::fmt::Display) -> NoAccess {
    NoAccess::Later(error.to_string())
}
