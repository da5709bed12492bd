//! Publishes what is due. A thin driver around the pure machine in `domain::delivery`: it claims, prepares, arms, sends, looks and
//! writes down. It decides nothing about states itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::{Clock, Entropy, boot_ms};
use crate::domain::account::Account;
use crate::domain::commit::MediaBytes;
use crate::domain::delivery::{Delivery, Event, LEASE_MS, State, Step, notice, step};
use crate::domain::ids::NoticeId;
use crate::domain::post::MediaFacts;
use crate::domain::refusal::Sentence;
use crate::platforms::{Networks, Platform};
use crate::say;
use crate::store::accounts::StoredAccount;
use crate::store::deliveries::{By, StepNotice};
use crate::store::notices::Notice;
use crate::store::{Store, StoreError};
use crate::upkeep::tokens::TokenKeeper;

mod deliver;
mod look;
mod rehearse;

pub use rehearse::Rehearsal;

/// How many deliveries one process works on at once: each holds one connection, and accounts are served one at a time anyway.
const AT_ONCE: usize = 16;
/// How many looks for an unknown outcome go on at once, beside the deliveries: a network that hangs must not hold up what is due.
const LOOKS_AT_ONCE: usize = 8;
/// How many rows one tick takes of each kind.
const BATCH: i64 = 32;
/// Longest sleep: another process may have scheduled something or died, and a paused machine may have slept through its timer.
const POLL_MAX: Duration = Duration::from_millis(500);
/// Shortest sleep, so that a row that cannot move does not spin the processor.
const POLL_MIN: Duration = Duration::from_millis(5);
/// Deliveries that are let go on at start: more than anybody has planned.
const LEFT_PAUSED_MAX: i64 = 100_000;
/// How often a process looks who lives: what a dead one held waits no longer than that, and a busy one asks no more often.
const SHOW_MS: i64 = 250;
/// How long one look may take before another process may look.
const LOOK_MS: i64 = 60_000;

/// Reads the bytes of a medium.
#[async_trait::async_trait]
pub trait Shelf: Send + Sync {
    /// The bytes as stored.
    ///
    /// # Errors
    /// When they cannot be read.
    async fn bytes(&self, facts: &MediaFacts) -> std::io::Result<Arc<Vec<u8>>>;
}

/// The publisher.
pub struct Publisher {
    /// The store.
    pub store: Arc<Store>,
    /// The configured networks.
    pub networks: Networks,
    /// Access tokens.
    pub tokens: Arc<TokenKeeper>,
    /// Media.
    pub shelf: Arc<dyn Shelf>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Names this process in lease rows.
    pub owner: String,
    /// Rung when something may be due.
    pub wake: Arc<Notify>,
}

/// Room for work at once. What holds no place here is not claimed: a lease must not run out in a queue.
#[derive(Clone)]
struct Places {
    deliveries: Arc<Semaphore>,
    looks: Arc<Semaphore>,
    /// When this process last looked who lives, in milliseconds since boot.
    shown_at: Arc<AtomicI64>,
}

/// How much more may be claimed.
fn free(places: &Semaphore) -> i64 {
    i64::try_from(places.available_permits()).unwrap_or(0).min(BATCH)
}

impl Publisher {
    /// Works until cancelled, then waits for what is under way.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        if let Err(error) = self.recover().await {
            tracing::error!(error = %error, "could not take up what an earlier process left");
        }
        let places = Places {
            deliveries: Arc::new(Semaphore::new(AT_ONCE)),
            looks: Arc::new(Semaphore::new(LOOKS_AT_ONCE)),
            shown_at: Arc::new(AtomicI64::new(i64::MIN / 2)),
        };
        let tasks = TaskTracker::new();
        while !stop.is_cancelled() {
            // In a task of its own: a panic ends that tick, and not publishing.
            let (this, places, under_way) = (Arc::clone(&self), places.clone(), tasks.clone());
            match tasks.spawn(async move { this.tick(&places, &under_way).await }).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!(error = %error, "a tick failed; the next one tries again"),
                Err(error) => tracing::error!(error = %error, "a tick broke down; the next one tries again"),
            }
            let nap = self.nap().await;
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.wake.notified() => {}
                () = tokio::time::sleep(nap) => {}
            }
        }
        tasks.close();
        tasks.wait().await;
    }

    /// Until the next thing is due, within bounds.
    async fn nap(&self) -> Duration {
        let (Ok(now), Ok(next)) = (self.store.now_ms().await, self.store.find_next_at().await) else { return POLL_MAX };
        let wait = next.map_or(POLL_MAX, |at| Duration::from_millis(u64::try_from(at - now).unwrap_or(0)));
        wait.clamp(POLL_MIN, POLL_MAX)
    }

    /// On SQLite no other process can hold a claim, so what is leased or armed at start was left by a dead one: it need not
    /// lapse first. What was armed becomes unknown and is looked for; it is never sent again unseen.
    async fn recover(&self) -> Result<(), StoreError> {
        let now = self.store.now_ms().await?;
        for delivery in self.store.list_left_paused(LEFT_PAUSED_MAX).await? {
            self.logged(&delivery, self.let_go_on(&delivery, now).await);
        }
        if self.store.is_shared() {
            return Ok(());
        }
        for delivery in self.store.list_orphans(1000).await? {
            tracing::info!(delivery.id = %delivery.id, delivery.state = delivery.state.word(), "taken up from an earlier process");
            self.lapse(&delivery, now).await?;
        }
        Ok(())
    }

    /// What a process that died had not come to when a person let publishing go on: to its own time, and asked about where that is over.
    async fn let_go_on(&self, delivery: &Delivery, now: i64) -> Result<(), StoreError> {
        let Some(next) = self.step(delivery, &Event::Resume { is_skipped: false }, now) else { return Ok(()) };
        let notice = self.notice_for(delivery, &next).await?;
        self.store.update_delivery(delivery, &next, By::Outside, notice).await.map(drop)
    }

    async fn tick(self: &Arc<Self>, places: &Places, tasks: &TaskTracker) -> Result<(), StoreError> {
        let now = self.store.now_ms().await?;
        if boot_ms() - places.shown_at.load(Ordering::SeqCst) >= SHOW_MS {
            // Others take over what is claimed by a process that does not show itself, as we take over from them.
            self.store.be_present(&self.owner).await?;
            self.take_over(now).await?;
            places.shown_at.store(boot_ms(), Ordering::SeqCst);
        }
        for delivery in self.store.list_timed_out(now, BATCH).await? {
            // One that cannot be written holds nobody else up.
            self.logged(&delivery, self.time_out(&delivery, now).await);
        }
        let looks = free(&places.looks);
        let claimed = if looks > 0 { self.store.claim_looks(now, now + LOOK_MS, looks).await? } else { Vec::new() };
        for delivery in claimed {
            let this = Arc::clone(self);
            let Ok(place) = Arc::clone(&places.looks).acquire_owned().await else { return Ok(()) };
            tasks.spawn(async move {
                this.logged(&delivery, this.look(&delivery).await);
                drop(place);
                this.wake.notify_one();
            });
        }
        let due = free(&places.deliveries);
        if due == 0 {
            return Ok(());
        }
        crate::failpoint!("F0");
        for delivery in self.store.claim_due(&self.owner, now, now + LEASE_MS, due).await? {
            let this = Arc::clone(self);
            let Ok(place) = Arc::clone(&places.deliveries).acquire_owned().await else { return Ok(()) };
            tasks.spawn(async move {
                let id = delivery.clone();
                this.logged(&id, this.deliver(delivery).await);
                drop(place);
                this.wake.notify_one();
            });
        }
        Ok(())
    }

    /// What a process that died had claimed: from `leased` nothing went out, from `armed` nobody knows. Whoever is taken for dead and is not
    /// finds its epoch stale.
    async fn take_over(&self, now: i64) -> Result<(), StoreError> {
        for delivery in self.store.list_left_behind(&self.owner, BATCH).await? {
            tracing::info!(delivery.id = %delivery.id, delivery.state = delivery.state.word(), "taken over from a process that is gone");
            self.logged(&delivery, self.lapse(&delivery, now).await);
        }
        self.store.release_left_behind(&self.owner).await
    }

    fn logged(&self, delivery: &Delivery, result: Result<(), StoreError>) {
        if let Err(error) = result {
            tracing::error!(delivery.id = %delivery.id, error = %error, "left as it is; its lease lapses");
        }
    }

    async fn time_out(&self, delivery: &Delivery, now: i64) -> Result<(), StoreError> {
        match delivery.state {
            State::Leased | State::Armed => self.lapse(delivery, now).await,
            State::Blocked | State::Unapproved => {
                if let Some(next) = self.step(delivery, &Event::TimeOver, now) {
                    let notice = self.notice_for(delivery, &next).await?;
                    self.store.update_delivery(delivery, &next, By::Outside, notice).await?;
                }
                Ok(())
            }
            State::Scheduled
            | State::Processing
            | State::Waiting
            | State::Unknown
            | State::Paused
            | State::NeedsHuman
            | State::Missed
            | State::Published
            | State::Partial
            | State::Failed
            | State::Cancelled
            | State::TakenDown => Ok(()),
        }
    }

    fn step(&self, delivery: &Delivery, event: &Event, now: i64) -> Option<Step> {
        let jitter = i64::try_from(self.entropy.bits() % 1000).unwrap_or(500);
        step(delivery.state, &delivery.progress, delivery.slot, event, now, jitter)
    }

    async fn find_account(&self, delivery: &Delivery) -> Result<Option<StoredAccount>, StoreError> {
        self.store.find_account(&delivery.account, &delivery.workspace).await
    }

    fn platform(&self, account: &Account) -> Option<&dyn Platform> {
        self.networks.get(&account.network).map(AsRef::as_ref)
    }

    async fn notice_for(&self, delivery: &Delivery, next: &Step) -> Result<StepNotice, StoreError> {
        let handle = self.find_account(delivery).await?.map(|stored| stored.account.handle).unwrap_or_default();
        let what: Option<Sentence> = match (next.state == delivery.state, next.state) {
            (false, state) => notice(state, &handle, &next.progress),
            // Edited and not approved again: told once more before its time.
            (true, State::Unapproved) => Some(say!("notice-unapproved-soon", handle = handle)),
            (true, _) => None,
        };
        let now = self.clock.now_ms();
        Ok(what.map(|what| {
            let row = Notice { post: Some(delivery.post.clone()), what, created_at: now };
            (NoticeId::generate(now, self.entropy.bits()), row)
        }))
    }

    async fn media(&self, delivery: &Delivery, facts: Vec<MediaFacts>) -> Result<Vec<MediaBytes>, std::io::Error> {
        let mut media = Vec::new();
        for facts in facts {
            let bytes = self.shelf.bytes(&facts).await?;
            tracing::debug!(delivery.id = %delivery.id, media.bytes = bytes.len(), "media read");
            media.push(MediaBytes { facts, bytes });
        }
        Ok(media)
    }
}
