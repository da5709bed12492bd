//! The access token of an account, refreshed ahead of its end by exactly one caller (RELIABILITY §3, refresh race): single flight in
//! this process, a lease row between processes, and the rotated pair stored before anybody uses it. A channel of YouTube has no tokens here: the
//! Google account that acts as it hands them out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use secrecy::SecretString;

use crate::clock::{Clock, Entropy};
use crate::domain::account::{Account, Ended, Health};
use crate::domain::ids::{AccountId, NoticeId};
use crate::domain::refusal::Sentence;
use crate::domain::sealed::{Place, Sealed};
use crate::google::{Google, NoChannel};
use crate::platforms::{Platform, TokenFault, Tokens};
use crate::say;
use crate::store::Store;
use crate::store::accounts::StoredTokens;
use crate::store::notices::Notice;
use crate::vault::Vault;

/// How long one process may take to refresh before another may try: the token call's own timeout is 20 s.
const REFRESH_LEASE_MS: i64 = 45_000;
/// How long to wait for another process that refreshes, and how often to look.
const OTHER_WAIT: Duration = Duration::from_millis(250);
/// 60 looks of 250 ms: 15 s, well past what a refresh takes.
const OTHER_LOOKS_MAX: usize = 60;

/// Why there is no usable access token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenProblem {
    /// The person must connect the account again.
    #[error("reconnect: {}", .0.key)]
    Reconnect(Sentence),
    /// Try later; the text is for the log.
    #[error("later: {0}")]
    Later(String),
}

/// Hands out access tokens.
pub struct TokenKeeper {
    pub(super) store: Arc<Store>,
    pub(super) vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    pub(super) owner: String,
    pub(super) google: Option<Arc<Google>>,
    flights: Mutex<HashMap<AccountId, Arc<tokio::sync::Mutex<()>>>>,
}

/// How fresh a token must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// Valid until this instant, Unix milliseconds.
    pub until: i64,
    /// Of a later generation than this one, which the network refused.
    pub after: Option<i64>,
}

impl Freshness {
    /// Valid until an instant, whichever it is.
    #[must_use]
    pub const fn until(until: i64) -> Self {
        Self { until, after: None }
    }

    /// The same, but not one that the network refused.
    #[must_use]
    pub const fn but_not(self, refused: Option<i64>) -> Self {
        Self { after: refused, ..self }
    }

    fn is_met_by(self, row: &StoredTokens) -> bool {
        // Whatever refused one of an earlier connection says nothing of this one: `generation` only ever goes up.
        row.expires_at > self.until && self.after.is_none_or(|refused| row.generation > refused)
    }
}

/// An access token, opened.
#[derive(Debug)]
pub struct Access {
    /// The token.
    pub token: SecretString,
    /// Its generation: what is remembered when the network refuses it.
    pub generation: i64,
}

impl TokenKeeper {
    /// `owner` names this process in lease rows.
    #[must_use]
    pub fn new(
        store: Arc<Store>,
        vault: Arc<Vault>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        owner: String,
    ) -> Self {
        Self { store, vault, clock, entropy, owner, google: None, flights: Mutex::new(HashMap::new()) }
    }

    /// With the Google accounts whose tokens act as channels.
    #[must_use]
    pub fn with_google(self, google: Option<Arc<Google>>) -> Self {
        Self { google, ..self }
    }

    /// An access token that is fresh enough.
    ///
    /// # Errors
    /// When the person must connect again, or it cannot be had just now.
    pub async fn access(
        &self,
        platform: &dyn Platform,
        account: &Account,
        wanted: Freshness,
    ) -> Result<Access, TokenProblem> {
        if account.network.is_of_google() {
            return self.access_of_google(account, wanted).await;
        }
        let seen = self.stored(account).await?;
        if wanted.is_met_by(&seen) {
            return self.opened(account, &seen).await;
        }
        let flight = {
            let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(flights.entry(account.id.clone()).or_default())
        };
        let _alone = flight.lock().await;
        self.refresh(platform, account, wanted).await
    }

    /// The same where the row was read just now.
    ///
    /// # Errors
    /// As [`Self::access`].
    pub async fn access_of(
        &self,
        platform: &dyn Platform,
        account: &Account,
        (row, wanted): (&StoredTokens, Freshness),
    ) -> Result<Access, TokenProblem> {
        if wanted.is_met_by(row) {
            return self.opened(account, row).await;
        }
        self.access(platform, account, wanted).await
    }

    async fn refresh(
        &self,
        platform: &dyn Platform,
        account: &Account,
        wanted: Freshness,
    ) -> Result<Access, TokenProblem> {
        for _ in 0..OTHER_LOOKS_MAX {
            let now = self.now().await?;
            let row = self.stored(account).await?;
            if wanted.is_met_by(&row) {
                return self.opened(account, &row).await;
            }
            let won =
                self.store.claim_refresh(&account.id, &self.owner, row.generation, now, now + REFRESH_LEASE_MS).await;
            if won.map_err(later)? {
                // What ended stays so until the person connects again: the pair that nobody knows to live is not spent once more.
                if self.has_ended(account).await? {
                    self.store.update_refresh_released(&account.id, &self.owner).await.map_err(later)?;
                    return Err(reconnect(account));
                }
                return self.rotate(platform, account, &row).await;
            }
            // Another process is at it: look again instead of spending the same refresh token twice.
            tokio::time::sleep(OTHER_WAIT).await;
        }
        Err(TokenProblem::Later("another process did not finish refreshing".into()))
    }

    async fn rotate(
        &self,
        platform: &dyn Platform,
        account: &Account,
        row: &StoredTokens,
    ) -> Result<Access, TokenProblem> {
        let Some(refresh) = &row.refresh else {
            let ended = Ended::at(self.now().await?, Some(row.expires_at));
            return self.dead(account, (ended, row.generation), "no refresh token was granted").await;
        };
        let refresh = self.open(account, refresh, "refresh").await?;
        match platform.refresh(&refresh).await {
            Ok(tokens) => {
                crate::failpoint!("F10");
                let mut next = self.seal(account, &tokens, row.generation).await?;
                // Not said anew: it stays the day that was told when it was connected.
                next.ends_at = next.ends_at.or(row.ends_at);
                if self.store.update_tokens(&account.id, &next).await.map_err(later)? {
                    tracing::info!(account.id = %account.id, "tokens rotated");
                    Ok(Access { token: tokens.access, generation: row.generation + 1 })
                } else if let Some(newest) = self.store.find_tokens(&account.id).await.map_err(later)? {
                    // Connected again meanwhile: those tokens are newer than ours.
                    self.opened(account, &newest).await
                } else {
                    // Disconnected meanwhile: what was kept to revoke is spent, and this pair is what lives on.
                    self.revoke(platform, account, &tokens).await;
                    Err(gone(account))
                }
            }
            Err(TokenFault::NotSent(why)) => {
                self.store.update_refresh_released(&account.id, &self.owner).await.map_err(later)?;
                Err(TokenProblem::Later(why))
            }
            Err(TokenFault::Misconfigured(why)) => {
                self.store.update_refresh_released(&account.id, &self.owner).await.map_err(later)?;
                tracing::error!(account.id = %account.id, error = %why, "the network refuses this server's client id or secret");
                Err(TokenProblem::Later(why))
            }
            Err(fault @ (TokenFault::Dead(_) | TokenFault::Unknown(_))) => {
                // A reconnect in another window may have replaced the row: look once more before calling it dead.
                let newest = self.stored(account).await?;
                if newest.generation > row.generation {
                    return self.opened(account, &newest).await;
                }
                // Whether the old pair still lives is not known: asking again could end the grant for good (never loop).
                let (ended, why) = match fault {
                    TokenFault::Dead(why) => (Ended::at(self.now().await?, row.ends_at), why),
                    other => (Ended::Unclear, other.to_string()),
                };
                self.dead(account, (ended, row.generation), &why).await
            }
        }
    }

    /// Whether the person must connect it again by now, whatever the caller read before.
    async fn has_ended(&self, account: &Account) -> Result<bool, TokenProblem> {
        let found = self.store.find_account(&account.id, &account.workspace).await.map_err(later)?;
        Ok(found.is_none_or(|stored| stored.account.health != Health::Fine))
    }

    /// Ends a pair that came for an account that is gone. Nobody is left to be told of more than was said when it was disconnected.
    async fn revoke(&self, platform: &dyn Platform, account: &Account, tokens: &Tokens) {
        let all = tokens.refresh.iter().chain([&tokens.access]).filter(|_| platform.can_revoke());
        for token in all {
            if let Err(fault) = platform.revoke(token).await {
                tracing::warn!(account.id = %account.id, error = %fault, "a pair that came too late was not revoked");
            }
        }
    }

    async fn access_of_google(&self, account: &Account, wanted: Freshness) -> Result<Access, TokenProblem> {
        let Some(google) = &self.google else {
            let keys = "google.*";
            let why = say!("connect-not-configured", network = account.network.shown(), keys = keys);
            return Err(TokenProblem::Reconnect(why));
        };
        let channel = (&account.workspace, account.remote_id.as_str());
        match google.channel_access(channel, (wanted.until, wanted.after)).await {
            Ok(access) => Ok(Access { token: access.token, generation: access.generation }),
            Err(NoChannel::Later(why)) => Err(TokenProblem::Later(why)),
            Err(NoChannel::Reconnect(ended)) => {
                self.dead(account, (ended, 0), "no Google account acts as the channel").await
            }
            Err(NoChannel::NoPermission) => {
                self.dead::<()>(account, (Ended::Unpermitted, 0), "the permission to publish is not granted")
                    .await
                    .err();
                Err(TokenProblem::Reconnect(say!("youtube-permission-missing")))
            }
        }
    }

    /// Marks it and tells the person, once, however many find out. A channel of YouTube has no tokens, so none of any generation.
    async fn dead<T>(
        &self,
        account: &Account,
        (ended, generation): (Ended, i64),
        why: &str,
    ) -> Result<T, TokenProblem> {
        if !self.store.update_account_ended(&account.id, ended, generation).await.map_err(later)? {
            return Err(reconnect(account));
        }
        tracing::warn!(account.id = %account.id, error = %why, "the account must be connected again");
        let now = self.clock.now_ms();
        let (handle, network) = (&account.handle, account.network.shown());
        let what = say!("notice-ended", handle = handle, network = network, why = ended.word());
        let notice = Notice { post: None, what, created_at: now };
        self.store
            .insert_notice(&NoticeId::generate(now, self.entropy.bits()), &account.user, &notice)
            .await
            .map_err(later)?;
        Err(reconnect(account))
    }

    /// Seals a pair for an account's row.
    ///
    /// # Errors
    /// When the key store fails.
    pub async fn seal(
        &self,
        account: &Account,
        tokens: &Tokens,
        generation: i64,
    ) -> Result<StoredTokens, TokenProblem> {
        let access = self.vault.seal(&place(account, "access"), &tokens.access).await.map_err(later)?;
        let refresh = match &tokens.refresh {
            Some(refresh) => Some(self.vault.seal(&place(account, "refresh"), refresh).await.map_err(later)?),
            None => None,
        };
        let now = self.clock.now_ms();
        let expires_at = after(now, tokens.expires_in_s);
        let ends_at = match &refresh {
            None => Some(expires_at),
            Some(_) => tokens.ends_in_s.map(|life| after(now, life)),
        };
        Ok(StoredTokens { user: account.user.clone(), access, refresh, expires_at, generation, ends_at })
    }

    async fn opened(&self, account: &Account, row: &StoredTokens) -> Result<Access, TokenProblem> {
        let token = self.open(account, &row.access, "access").await?;
        Ok(Access { token, generation: row.generation })
    }

    async fn stored(&self, account: &Account) -> Result<StoredTokens, TokenProblem> {
        let found = self.store.find_tokens(&account.id).await.map_err(later)?;
        found.ok_or_else(|| gone(account))
    }

    async fn open(&self, account: &Account, sealed: &Sealed, column: &str) -> Result<SecretString, TokenProblem> {
        self.vault.open(&place(account, column), sealed).await.map_err(later)
    }

    async fn now(&self) -> Result<i64, TokenProblem> {
        self.store.now_ms().await.map_err(later)
    }
}

fn place<'a>(account: &'a Account, column: &'a str) -> Place<'a> {
    Place {
        user: &account.user,
        provider: account.network.slug(),
        provider_account: &account.remote_id,
        table: "account_token",
        column,
        row: account.id.as_str(),
    }
}

fn gone(account: &Account) -> TokenProblem {
    TokenProblem::Reconnect(say!("account-disconnected", handle = &account.handle))
}

fn reconnect(account: &Account) -> TokenProblem {
    let (handle, network) = (&account.handle, account.network.shown());
    TokenProblem::Reconnect(say!("account-needs-reconnecting", handle = handle, network = network))
}

/// When a life of so many seconds, which a network named, is over.
fn after(now: i64, life_s: i64) -> i64 {
    now.saturating_add(life_s.saturating_mul(1000))
}

fn later(error: impl std::fmt::Display) -> TokenProblem {
    TokenProblem::Later(error.to_string())
}
