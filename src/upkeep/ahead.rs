//! Looking ahead: tokens that can only be refreshed while they live are, although nobody needs them just now (platforms/threads.md §1.4), and whoever
//! must connect an account again because its grant ends, or has not been renewed for weeks, is told in time (platforms/linkedin.md §1.3, google.md §1.5).

use sha2::{Digest, Sha256};

use super::tokens::{Freshness, TokenKeeper, TokenProblem};
use crate::domain::ids::{AccountId, NoticeId, UserId};
use crate::domain::refusal::Sentence;
use crate::platforms::Networks;
use crate::say;
use crate::store::StoreError;
use crate::store::accounts::ShownAccount;
use crate::store::notices::Notice;

/// Days before its end on which is told that a token ends, the last one first.
const TOLD_DAYS: [i64; 3] = [1, 7, 14];
/// The same where an app in testing at Google has seven in all (platforms/google.md §1.5).
const GOOGLE_TOLD_DAYS: [i64; 2] = [1, 3];
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

    /// Tells whose grant ends soon, once for each of the days, and marks what has ended.
    async fn tell_of_ends(&self, networks: &Networks) -> Result<(), StoreError> {
        let [.., farthest] = TOLD_DAYS;
        for (network, platform) in networks {
            let now = self.store.now_ms().await?;
            for ShownAccount { stored, ends_at, .. } in
                self.store.list_grants_ending(*network, now + farthest * DAY_MS).await?
            {
                let Some(ends_at) = ends_at else { continue };
                let account = &stored.account;
                if ends_at <= now {
                    // The keeper finds that there is no other, marks the account and tells its person.
                    let dead = self.access(platform.as_ref(), account, Freshness::until(now)).await;
                    tracing::info!(account.id = %account.id, is_dead = dead.is_err(), "a grant has ended");
                    continue;
                }
                let told = if network.is_of_google() { &GOOGLE_TOLD_DAYS[..] } else { &TOLD_DAYS };
                let Some(days) = due(told, ends_at - now) else { continue };
                let (handle, network) = (&account.handle, network.shown());
                let what = say!("notice-ends-soon", handle = handle, network = network, days = days);
                self.tell_of_end((&account.id, &account.user), (ends_at, days), what).await?;
            }
        }
        self.tell_of_logins().await
    }

    /// The same of Google accounts that reports are read through.
    async fn tell_of_logins(&self) -> Result<(), StoreError> {
        let Some(google) = &self.google else { return Ok(()) };
        let now = self.store.now_ms().await?;
        let [.., farthest] = GOOGLE_TOLD_DAYS;
        for login in self.store.list_logins_ending(now + farthest * DAY_MS).await? {
            let Some(ends_at) = login.ends_at else { continue };
            if ends_at <= now {
                google.find_ended(&login).await;
                continue;
            }
            let Some(days) = due(&GOOGLE_TOLD_DAYS, ends_at - now) else { continue };
            let what = say!("notice-google-ends-soon", email = &login.email, days = days);
            self.tell_of_end((&login.id, &login.user), (ends_at, days), what).await?;
        }
        Ok(())
    }

    async fn tell_of_end(
        &self,
        (of, user): (&AccountId, &UserId),
        (ends_at, days): (i64, i64),
        what: Sentence,
    ) -> Result<(), StoreError> {
        // The same id for the same end and day: found each hour, told once.
        let hash = Sha256::digest(format!("ends {of} {ends_at} {days}").as_bytes());
        let bits = hash.iter().take(10).fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
        let id = NoticeId::generate(ends_at - days * DAY_MS, bits);
        let notice = Notice { post: None, what, created_at: self.store.now_ms().await? };
        self.store.insert_notice_once(&id, user, &notice).await?;
        Ok(())
    }
}

/// Of which of these days it is time to tell, when so much is left.
fn due(days: &[i64], left_ms: i64) -> Option<i64> {
    days.iter().copied().find(|days| left_ms <= days * DAY_MS)
}
