//! Reading what networks counted of posts, at a few ages of each, sealed and kept for a while (platforms/x.md §6, threads.md §6, instagram.md §7).
//! A turn is one account and one batch: one process at a time takes it, and what a network puts off or refuses waits. Nothing is asked that a
//! person must look at: posting does not depend on it. What figures say is not decided here.

use std::sync::Arc;

use secrecy::SecretString;

use super::tokens::{Freshness, TokenKeeper, TokenProblem};
use crate::domain::account::Account;
use crate::domain::commit::CallFault;
use crate::domain::figures::{Figures, Given, PostFigures, Whose, followers_row};
use crate::domain::refusal::Sentence;
use crate::domain::sealed::Sealed;
use crate::platforms::{Networks, Platform};
use crate::store::figures::{OutAttempt, row_name};
use crate::store::{Store, StoreError};
use crate::vault::Vault;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Older posts are not asked about: X tells its owner's figures for thirty days (platforms/x.md §6).
const WINDOW_MS: i64 = 30 * DAY_MS;
/// How long one turn may take until another may begin: ten posts of two calls each, twenty seconds a call at the worst.
const TURN_MS: i64 = 7 * 60_000;
/// Between two turns of an account.
const BETWEEN_MS: i64 = 5 * 60_000;
/// When something that may pass is tried again, unless the network names a longer wait.
const AGAIN_MS: i64 = 30 * 60_000;
/// When a refusal is tried again: somebody may have mended what it was about.
const REFUSED_MS: i64 = 6 * HOUR_MS;

/// Reads figures.
pub struct FigureKeeper {
    /// The store.
    pub store: Arc<Store>,
    /// Seals what is read.
    pub vault: Arc<Vault>,
    /// Access tokens.
    pub tokens: Arc<TokenKeeper>,
}

/// Whether the network is asked on for others.
enum Turned {
    On,
    /// It put this one off, and would put off the others.
    Off,
}

impl FigureKeeper {
    /// Reads what is old enough by now, one batch an account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read_due(&self, networks: &Networks) -> Result<(), StoreError> {
        for (network, platform) in networks {
            let Ok(given) = platform.gives_figures() else { continue };
            let now = self.store.now_ms().await?;
            for stored in self.store.list_figures_accounts(*network, (now, now - WINDOW_MS)).await? {
                // Reports say what to do about it.
                if !given.is_allowed_by(&stored.account.scopes) {
                    continue;
                }
                match self.read_account(platform.as_ref(), &given, &stored.account).await? {
                    Turned::On => {}
                    Turned::Off => break,
                }
            }
        }
        Ok(())
    }

    /// Deletes what may be kept no longer: `keep_ms` as whoever runs the server set it, or less where a network demands it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sweep(&self, networks: &Networks, keep_ms: i64) -> Result<(), StoreError> {
        let now = self.store.now_ms().await?;
        for (network, platform) in networks {
            if let Some(days) = platform.gives_figures().ok().and_then(|given| given.keep_days) {
                self.store.delete_old_figures_on(*network, now - days * DAY_MS).await?;
            }
        }
        self.store.delete_old_figures(now - keep_ms).await
    }

    async fn read_account(
        &self,
        platform: &dyn Platform,
        given: &Given,
        account: &Account,
    ) -> Result<Turned, StoreError> {
        let now = self.store.now_ms().await?;
        let posts = self.store.list_figures_posts(&account.id, now - WINDOW_MS).await?;
        let mut due: Vec<(OutAttempt, i64)> =
            posts.into_iter().filter_map(|post| due(given, &post, now).map(|age_h| (post, age_h))).collect();
        due.truncate(given.batch_max);
        if due.is_empty() || !self.store.claim_figures(&account.id, (now, now + TURN_MS)).await? {
            return Ok(Turned::On);
        }
        let ids: Vec<String> = due.iter().map(|(post, _)| post.remote_id.clone()).collect();
        let (answer, access) = match self.ask(platform, account, &ids).await {
            Ok(asked) => asked,
            Err(fault) => return self.put_off(account, fault).await,
        };
        for (post, age_h) in &due {
            self.keep(account, (post, *age_h), &answer).await?;
        }
        tracing::info!(account.id = %account.id, posts = due.len(), "figures read");
        self.count_followers(platform, account, &access).await?;
        let now = self.store.now_ms().await?;
        self.store.update_figures_turn(&account.id, now + BETWEEN_MS, None).await?;
        Ok(Turned::On)
    }

    /// The batch; with another token once when the first is refused.
    async fn ask(
        &self,
        platform: &dyn Platform,
        account: &Account,
        ids: &[String],
    ) -> Result<(Vec<PostFigures>, SecretString), CallFault> {
        let mut refused = None;
        loop {
            let until = self.store.now_ms().await.map_err(later)? + TURN_MS;
            let fresh = Freshness::until(until).but_not(refused);
            let access = self.tokens.access(platform, account, fresh).await.map_err(|problem| match problem {
                // The person hears of it from the keeper.
                TokenProblem::Reconnect(why) => CallFault::Blocked(why),
                TokenProblem::Later(why) => CallFault::Later { after_ms: None, why },
            })?;
            match platform.figures(&access.token, ids).await {
                Err(CallFault::Unauthorized { .. }) if refused.is_none() => refused = Some(access.generation),
                answer => return answer.map(|figures| (figures, access.token)),
            }
        }
    }

    /// Keeps what was said of a post; of one that its network does not show any more everything goes (platforms/x.md §7).
    async fn keep(
        &self,
        account: &Account,
        (post, age_h): (&OutAttempt, i64),
        answer: &[PostFigures],
    ) -> Result<(), StoreError> {
        let said = answer.iter().find(|one| one.remote_id == post.remote_id);
        if said.is_none() {
            self.store.delete_figures_of(&post.attempt).await?;
        }
        // Unknown is kept, too: it is not asked again at this age.
        let figures = said.map_or_else(Figures::default, |one| one.figures);
        let row = row_name(&post.attempt, age_h);
        let Some(body) = self.seal(account, &row, &figures).await else { return Ok(()) };
        let read_at = self.store.now_ms().await?;
        self.store.upsert_figures((&post.attempt, age_h), (&account.user, &body), read_at).await
    }

    /// How many follow the account, once a day while something of it is read. That it is not known holds up nothing.
    async fn count_followers(
        &self,
        platform: &dyn Platform,
        account: &Account,
        access: &SecretString,
    ) -> Result<(), StoreError> {
        let (now, last) = (self.store.now_ms().await?, self.store.find_followers_at(&account.id).await?);
        if last.is_some_and(|last| now - last < DAY_MS) {
            return Ok(());
        }
        match platform.followers(access).await {
            Ok(Some(count)) => {
                if let Some(body) = self.seal(account, &followers_row(&account.id), &count).await {
                    self.store.update_followers(&account.id, &body, now).await?;
                }
            }
            Ok(None) => {}
            Err(fault) => {
                tracing::info!(account.id = %account.id, error = %fault, "followers are counted another time")
            }
        }
        Ok(())
    }

    async fn seal(&self, account: &Account, row: &str, what: &impl serde::Serialize) -> Option<Sealed> {
        let whose = Whose { user: &account.user, network: account.network, remote_id: &account.remote_id };
        let text = SecretString::from(serde_json::to_string(what).ok()?);
        match self.vault.seal(&whose.place(row), &text).await {
            Ok(body) => Some(body),
            Err(error) => {
                tracing::error!(account.id = %account.id, error = %error, "figures cannot be sealed and are not kept");
                None
            }
        }
    }

    async fn put_off(&self, account: &Account, fault: CallFault) -> Result<Turned, StoreError> {
        tracing::info!(account.id = %account.id, error = %fault, "figures are read another time");
        let (wait_ms, why, turned): (i64, Option<Sentence>, Turned) = match fault {
            CallFault::Later { after_ms, .. } => (after_ms.unwrap_or(0).max(AGAIN_MS), None, Turned::Off),
            CallFault::Unauthorized { .. } => (REFUSED_MS, None, Turned::On),
            CallFault::Blocked(why) | CallFault::Refused(why) => (REFUSED_MS, Some(why), Turned::On),
        };
        let now = self.store.now_ms().await?;
        self.store.update_figures_turn(&account.id, now + wait_ms, why.as_ref()).await?;
        Ok(turned)
    }
}

/// The age at which a post is due to be read, if it is: the oldest that it has reached and was not read at. What is late by half is another figure.
fn due(given: &Given, post: &OutAttempt, now: i64) -> Option<i64> {
    let old = now - post.out_at;
    let age_h = *given.ages_h.iter().rev().find(|age_h| **age_h * HOUR_MS <= old)?;
    let is_new = post.read_h.is_none_or(|read_h| read_h < age_h);
    (is_new && old < age_h * HOUR_MS * 3 / 2).then_some(age_h)
}

fn later(error: impl std::fmt::Display) -> CallFault {
    CallFault::Later { after_ms: None, why: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::figures::AGES_H;
    use crate::domain::ids::{AttemptId, PostId};

    #[test]
    fn a_post_is_read_once_at_each_age_and_never_late() {
        let given = Given { words: &[], scope: None, batch_max: 1, ages_h: &AGES_H, keep_days: None };
        let at = |hours: f64, read_h: Option<i64>| {
            let post = OutAttempt {
                attempt: AttemptId::generate(0, 1),
                post: PostId::generate(0, 1),
                remote_id: "1".into(),
                out_at: 0,
                read_h,
            };
            #[expect(clippy::cast_possible_truncation, reason = "hours of a test")]
            let now = (hours * 3_600_000.0) as i64;
            due(&given, &post, now)
        };
        assert_eq!([at(0.99, None), at(1.0, None), at(1.2, Some(1)), at(1.5, None)], [None, Some(1), None, None]);
        assert_eq!([at(24.0, Some(1)), at(24.0, None), at(36.0, Some(1))], [Some(24), Some(24), None]);
        assert_eq!([at(72.0, Some(24)), at(168.0, Some(24)), at(252.0, None)], [Some(72), Some(168), None]);
        assert_eq!([at(672.0, Some(168)), at(700.0, Some(672))], [Some(672), None]);
    }
}
