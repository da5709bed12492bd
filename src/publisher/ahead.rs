//! Work before its time: on networks where that is seen by nobody, what takes long (a film) is brought there early enough to be ready when it is due.
//! Nothing is sent from here that anybody could see, no delivery is moved, and whoever works gives way when it is claimed, changed or stopped.
//! What becomes of it where the post does not go out is `left`.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Publisher;
use super::signs::while_signing;
use crate::domain::account::{Account, Health};
use crate::domain::commit::CallFault;
use crate::domain::delivery::{Delivery, LEASE_MS};
use crate::domain::post::{MediaFacts, Variant, content_hash};
use crate::domain::refusal::{Arg, Sentence};
use crate::platforms::Platform;
use crate::store::StoreError;
use crate::upkeep::tokens::Freshness;

/// How far ahead anything is prepared: the largest film over a slow line takes no longer, and what was approved may still change.
const AHEAD_MAX_MS: i64 = 24 * 3_600_000;
/// How often it is looked for something to prepare.
const LOOK: Duration = Duration::from_secs(5);
/// How many one process prepares at once: each fills a line, and they share it.
const AT_ONCE: usize = 2;
/// How long whoever prepares is taken to live without a sign of it.
const HOLD_MS: i64 = 15_000;
/// How often they give one, and see whether they must stop.
const SIGN: Duration = Duration::from_millis(1_000);
/// When something that may pass is tried again, unless the network names a longer wait.
const AGAIN_MS: i64 = 5 * 60_000;
/// How long whoever delivers waits at most for the one who prepares to stop: some signs' time.
const GIVES_WAY: u32 = 12;
/// Between two looks whether they did.
const GIVES_WAY_LOOK: Duration = Duration::from_millis(250);

/// When a refusal is over, where it says so itself: in how many hours at the most.
fn over_by(why: &Sentence, now: i64) -> Option<i64> {
    why.args.iter().find_map(|(name, value)| match value {
        Arg::Number(hours) if *name == "hours" => Some(now.saturating_add(hours.saturating_mul(3_600_000))),
        Arg::Number(_) | Arg::Text(_) | Arg::At(_) => None,
    })
}

impl Publisher {
    /// Prepares ahead until told to stop.
    pub async fn prepare_ahead_until(self: Arc<Self>, stop: CancellationToken) {
        let lane = |this: Arc<Self>, stop: CancellationToken| async move {
            while !stop.is_cancelled() {
                let has_worked = tokio::select! {
                    () = stop.cancelled() => return,
                    worked = this.prepare_next() => worked.unwrap_or_else(|error| {
                        tracing::error!(error = %error, "nothing could be prepared ahead; it is tried again");
                        false
                    }),
                };
                if !has_worked {
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = tokio::time::sleep(LOOK) => {}
                    }
                }
            }
        };
        // Who is dropped works on nothing any more.
        let life = CancellationToken::new();
        let _ends_with_this = life.clone().drop_guard();
        let lanes = (0..AT_ONCE)
            .map(|_| tokio::spawn(life.clone().run_until_cancelled_owned(lane(Arc::clone(&self), stop.clone()))));
        for lane in lanes.collect::<Vec<_>>() {
            if let Err(error) = lane.await {
                tracing::error!(error = %error, "preparing ahead broke down; everything is prepared when it is due");
            }
        }
    }

    /// Prepares the next thing whose time for that has come: whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prepare_next(&self) -> Result<bool, StoreError> {
        for (network, platform) in &self.networks {
            if !platform.prepares_ahead() {
                continue;
            }
            let now = self.store.now_ms().await?;
            for delivery in self.store.list_ahead(*network, (now, now + AHEAD_MAX_MS)).await? {
                let Some((account, variant, facts)) = self.ready_ahead(&delivery).await? else { continue };
                let lead = platform.lead_ms(&variant.content, &facts).min(AHEAD_MAX_MS);
                if lead <= 0 || delivery.slot - lead > now {
                    continue;
                }
                let held = now + HOLD_MS;
                if self.store.hold_ahead(&delivery, now, held).await? {
                    self.work_ahead((&delivery, held), (platform.as_ref(), &account), (&variant, facts)).await?;
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Account and content, where nothing stands in the way of what was approved.
    async fn ready_ahead(
        &self,
        delivery: &Delivery,
    ) -> Result<Option<(Account, Variant, Vec<MediaFacts>)>, StoreError> {
        let stored = self.find_account(delivery).await?;
        let Some(account) = stored.map(|stored| stored.account).filter(|account| account.health == Health::Fine) else {
            return Ok(None);
        };
        let Some((variant, facts)) = self.content(delivery).await? else { return Ok(None) };
        let is_approved = content_hash(&delivery.account, &variant.content, &facts) == delivery.content_hash;
        Ok(is_approved.then_some((account, variant, facts)))
    }

    async fn work_ahead(
        &self,
        (delivery, held): (&Delivery, i64),
        (platform, account): (&dyn Platform, &Account),
        (variant, facts): (&Variant, Vec<MediaFacts>),
    ) -> Result<(), StoreError> {
        let now = self.store.now_ms().await?;
        let Some(mut part) = self.part(delivery, variant, facts).await? else { return Ok(()) };
        part.notes = Some(self.tokens.notes(delivery, account));
        let Ok(access) = self.tokens.access(platform, account, Freshness::until(now + LEASE_MS)).await else {
            return self.store.release_ahead(delivery, held, Some(now + AGAIN_MS)).await;
        };
        tracing::info!(delivery.id = %delivery.id, "prepared ahead of its time");
        let held_until = AtomicI64::new(held);
        let renew = || async {
            let (now, held) = (self.store.now_ms().await?, held_until.load(Ordering::Relaxed));
            let is_ours = self.store.renew_ahead(delivery, held, (now, now + HOLD_MS)).await?;
            if is_ours {
                held_until.store(now + HOLD_MS, Ordering::Relaxed);
            }
            Ok(is_ours)
        };
        let prepared = while_signing(platform.prepare(&access.token, &part), SIGN, renew).await?;
        let held = held_until.into_inner();
        let Some(prepared) = prepared else {
            tracing::info!(delivery.id = %delivery.id, "preparing ahead gives way");
            return self.store.release_ahead(delivery, held, None).await;
        };
        let now = self.store.now_ms().await?;
        match prepared {
            Ok(handle) => {
                if !self.store.update_handle_ahead(delivery, &handle).await? {
                    self.store.release_ahead(delivery, held, None).await?;
                }
                Ok(())
            }
            // What is over before it is due fails for nobody: a day's quota.
            Err(CallFault::Refused(why)) if over_by(&why, now).is_some_and(|over| over < delivery.slot) => {
                self.store.release_ahead(delivery, held, over_by(&why, now)).await
            }
            // What it will fail for when it is due its person hears while there is time.
            Err(CallFault::Refused(why)) => {
                self.store.release_ahead(delivery, held, Some(delivery.slot)).await?;
                self.notify(delivery, why).await?;
                self.tell_left(delivery, (platform, &access.token), &part).await
            }
            Err(CallFault::Later { after_ms, .. }) => {
                let wait = after_ms.unwrap_or(0).max(AGAIN_MS);
                self.store.release_ahead(delivery, held, Some(now + wait)).await
            }
            // What to do about these is decided when it is due, and said by the rehearsal before.
            Err(CallFault::Unauthorized { .. } | CallFault::Blocked(_)) => {
                self.store.release_ahead(delivery, held, Some(now + AGAIN_MS)).await
            }
        }
    }

    /// Waits until nobody prepares a delivery ahead any more that was claimed just now: two must not drive one upload.
    pub(super) async fn wait_given_way(&self, delivery: &Delivery) -> Result<(), StoreError> {
        for _ in 0..GIVES_WAY {
            let now = self.store.now_ms().await?;
            // Later than that is when it may be tried again, and earlier nobody lives any more: no sign of life either.
            match self.store.find_ahead_until(delivery).await? {
                Some(until) if (now..=now + HOLD_MS).contains(&until) => tokio::time::sleep(GIVES_WAY_LOOK).await,
                Some(_) | None => return Ok(()),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::say;

    #[test]
    fn a_refusal_that_ends_before_the_post_is_due_is_no_refusal_of_it() {
        let hour = 3_600_000;
        assert_eq!(over_by(&say!("youtube-quota-day", hours = 5), 7 * hour), Some(12 * hour));
        assert_eq!(over_by(&say!("youtube-video-none"), 7 * hour), None);
        assert_eq!(over_by(&say!("youtube-quota-day", hours = i64::MAX), 1), Some(i64::MAX));
    }
}
