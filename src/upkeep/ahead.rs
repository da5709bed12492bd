//! Looking ahead: tokens that can only be refreshed while they live are, although nobody needs them just now (platforms/threads.md §1.4), and whoever
//! must connect an account again because its token cannot be refreshed is told in time (platforms/linkedin.md §1.3).

use sha2::{Digest, Sha256};

use super::tokens::{Freshness, TokenKeeper, TokenProblem};
use crate::domain::account::Account;
use crate::domain::ids::NoticeId;
use crate::platforms::Networks;
use crate::say;
use crate::store::StoreError;
use crate::store::accounts::ShownAccount;
use crate::store::notices::Notice;

/// Days before its end on which is told that a token ends, the last one first.
const TOLD_DAYS: [i64; 3] = [1, 7, 14];
/// Milliseconds.
const DAY_MS: i64 = 86_400_000;

impl TokenKeeper {
    /// Refreshes every token that its network wants refreshed by now. What cannot be had just now is tried again by the next call.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn refresh_ahead(&self, networks: &Networks) -> Result<(), StoreError> {
        for (network, platform) in networks {
            let Some(left_s) = platform.refresh_ahead_s() else { continue };
            let until = self.store.now_ms().await? + left_s * 1000;
            for account in self.store.list_accounts_ending(*network, until).await? {
                match self.access(platform.as_ref(), &account, Freshness::until(until)).await {
                    Ok(_) => {}
                    // The person hears of it from the keeper.
                    Err(TokenProblem::Reconnect(why)) => {
                        tracing::warn!(account.id = %account.id, error = %why.key, "a token could not be refreshed ahead");
                    }
                    Err(TokenProblem::Later(why)) => {
                        tracing::info!(account.id = %account.id, error = %why, "a token is refreshed ahead later");
                    }
                }
            }
        }
        self.tell_of_ends(networks).await
    }

    /// Tells whose token ends soon, once for each of the days, and marks what has ended.
    async fn tell_of_ends(&self, networks: &Networks) -> Result<(), StoreError> {
        for (network, platform) in networks.iter().filter(|(_, platform)| platform.tokens_end()) {
            let now = self.store.now_ms().await?;
            let [.., farthest] = TOLD_DAYS;
            for ShownAccount { stored, ends_at, .. } in
                self.store.list_unrenewable(*network, now + farthest * DAY_MS).await?
            {
                let Some(ends_at) = ends_at else { continue };
                if ends_at <= now {
                    // The keeper finds that there is no other, marks the account and tells its person.
                    let dead = self.access(platform.as_ref(), &stored.account, Freshness::until(now)).await;
                    tracing::info!(account.id = %stored.account.id, is_dead = dead.is_err(), "a token has ended");
                    continue;
                }
                self.tell_of_end(&stored.account, ends_at, now).await?;
            }
        }
        Ok(())
    }

    async fn tell_of_end(&self, account: &Account, ends_at: i64, now: i64) -> Result<(), StoreError> {
        let Some(days) = TOLD_DAYS.into_iter().find(|days| ends_at - now <= days * DAY_MS) else { return Ok(()) };
        // The same id for the same end and day: found each hour, told once.
        let hash = Sha256::digest(format!("ends {} {ends_at} {days}", account.id).as_bytes());
        let bits = hash.iter().take(10).fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
        let id = NoticeId::generate(ends_at - days * DAY_MS, bits);
        let what = say!("notice-ends-soon", handle = &account.handle, network = account.network.shown(), days = days);
        self.store.insert_notice_once(&id, &account.user, &Notice { post: None, what, created_at: now }).await?;
        Ok(())
    }
}
