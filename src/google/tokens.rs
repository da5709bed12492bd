//! The access token of a Google account, refreshed ahead of its end by one caller at a time (platforms/google.md §1.4): single flight in
//! this process, a lease row between processes. A transient fault
//! leaves the account as it is; only Google's clear word makes it dead.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use secrecy::SecretString;

use super::oauth::{GrantFault, Granted};
use super::{Google, token_place};
use crate::domain::account::{Ended, Health};
use crate::domain::google::{Login, may_publish};
use crate::domain::ids::{NoticeId, WorkspaceId};
use crate::say;
use crate::store::google::LoginTokens;
use crate::store::notices::Notice;

/// Google's own advice: a token is not used in its last minute (§1.3).
const LAST_MS: i64 = 60_000;
/// How long one process may take to refresh before another may try: the token call's own timeout is 20 s.
const REFRESH_LEASE_MS: i64 = 45_000;
/// How long to wait for another process that refreshes, and how often to look.
const OTHER_WAIT: Duration = Duration::from_millis(250);
/// 60 looks of 250 ms: 15 s, well past what a refresh takes.
const OTHER_LOOKS_MAX: usize = 60;

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
    Reconnect(Ended),
    /// Try later; for the log.
    Later(String),
}

/// An access token that acts as a channel, opened.
#[derive(Debug)]
pub struct ChannelAccess {
    /// The token.
    pub token: SecretString,
    /// What is remembered when YouTube refuses it.
    pub generation: i64,
}

/// Why there is none.
#[derive(Debug)]
pub enum NoChannel {
    /// The person must connect the channel again: nothing acts as it, or Google ended the grant.
    Reconnect(Ended),
    /// The grant lives, and what publishing takes is not in it.
    NoPermission,
    /// Try later; for the log.
    Later(String),
}

impl Google {
    /// A token that acts as a channel, is good until an instant, and is not the one of a generation that was refused.
    ///
    /// # Errors
    /// As [`NoChannel`] says.
    pub async fn channel_access(
        &self,
        (workspace, channel): (&WorkspaceId, &str),
        (until, refused): (i64, Option<i64>),
    ) -> Result<ChannelAccess, NoChannel> {
        let found = self.store.find_channel_login(workspace, channel).await;
        let found = found.map_err(|error| NoChannel::Later(error.to_string()))?;
        let login = found.ok_or(NoChannel::Reconnect(Ended::LetGo))?;
        if login.health != Health::Fine {
            return Err(NoChannel::Reconnect(login.ended_by.unwrap_or(Ended::Refused)));
        }
        let access = self.access_until(&login, (until, refused)).await.map_err(|why| match why {
            NoAccess::Reconnect(ended) => NoChannel::Reconnect(ended),
            NoAccess::Later(why) => NoChannel::Later(why),
        })?;
        // Looked at behind the refresh, which says what is granted by now.
        let now = self.store.find_channel_login(workspace, channel).await;
        let now = now.map_err(|error| NoChannel::Later(error.to_string()))?;
        let now = now.ok_or(NoChannel::Reconnect(Ended::LetGo))?;
        if !may_publish(&now.scopes) {
            return Err(NoChannel::NoPermission);
        }
        Ok(ChannelAccess { token: access.token, generation: access.generation })
    }

    /// A token that is good for a minute at least, and not the one of a generation that was refused.
    pub(super) async fn access(&self, login: &Login, refused: Option<i64>) -> Result<Access, NoAccess> {
        self.access_until(login, (self.clock.now_ms() + LAST_MS, refused)).await
    }

    /// Asks Google about a grant whose time is over: its word marks the account, and the person is told. Without an answer it is asked again later.
    pub async fn find_ended(&self, login: &Login) {
        let asked = self.access_until(login, (i64::MAX, None)).await;
        tracing::info!(account.id = %login.id, is_dead = matches!(asked, Err(NoAccess::Reconnect(_))), "a grant has ended");
    }

    async fn access_until(&self, login: &Login, wanted: (i64, Option<i64>)) -> Result<Access, NoAccess> {
        let seen = self.stored(login).await?;
        if is_good(&seen, wanted) {
            return self.opened(login, &seen).await;
        }
        let flight = {
            let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(flights.entry(login.id.clone()).or_default())
        };
        let _alone = flight.lock().await;
        for _ in 0..OTHER_LOOKS_MAX {
            let row = self.stored(login).await?;
            if is_good(&row, wanted) {
                return self.opened(login, &row).await;
            }
            let now = self.store.now_ms().await.map_err(later)?;
            let lease = (self.owner.as_str(), now, now + REFRESH_LEASE_MS);
            if self.store.claim_login_refresh(&login.id, row.generation, lease).await.map_err(later)? {
                let renewed = self.renew(login, &row).await;
                if renewed.is_err() {
                    self.store.update_login_refresh_released(&login.id, &self.owner).await.map_err(later)?;
                }
                return renewed;
            }
            // Another process is at it: its token serves us, too.
            tokio::time::sleep(OTHER_WAIT).await;
        }
        Err(NoAccess::Later("another process did not finish refreshing".into()))
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
        crate::failpoint!("F10");
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
        let expires_at = self.clock.now_ms().saturating_add(granted.expires_in_s.saturating_mul(1000));
        let generation = before.map_or(1, |row| row.generation);
        Ok(LoginTokens { user: login.user.clone(), access, refresh, expires_at, generation })
    }

    async fn dead<T>(&self, login: &Login, row: &LoginTokens, why: &str) -> Result<T, NoAccess> {
        tracing::warn!(account.id = %login.id, error = %why, "the Google account must be connected again");
        let ended = Ended::at(self.clock.now_ms(), login.ends_at);
        let is_marked = login.health == Health::Fine
            && self.store.update_login_ended(&login.id, ended, row.generation).await.map_err(later)?;
        // Of a channel its own account tells.
        if is_marked && login.acts_as.is_empty() {
            let now = self.clock.now_ms();
            let what = say!("notice-google-ended", email = &login.email, why = ended.word());
            let (id, notice) =
                (NoticeId::generate(now, self.entropy.bits()), Notice { post: None, what, created_at: now });
            self.store.insert_notice(&id, &login.user, &notice).await.map_err(later)?;
        }
        Err(NoAccess::Reconnect(ended))
    }

    async fn opened(&self, login: &Login, row: &LoginTokens) -> Result<Access, NoAccess> {
        let token = self.vault.open(&token_place(login, "access"), &row.access).await.map_err(later)?;
        Ok(Access { token, generation: row.generation })
    }

    async fn stored(&self, login: &Login) -> Result<LoginTokens, NoAccess> {
        self.store.find_login_tokens(&login.id).await.map_err(later)?.ok_or(NoAccess::Reconnect(Ended::LetGo))
    }
}

fn is_good(row: &LoginTokens, (until, refused): (i64, Option<i64>)) -> bool {
    row.expires_at > until && refused.is_none_or(|refused| row.generation > refused)
}

pub(super) fn later(error: impl std::fmt::Display) -> NoAccess {
    NoAccess::Later(error.to_string())
}
