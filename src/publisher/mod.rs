//! Publishes what is due. A thin driver around the pure machine in `domain::delivery`: it claims, prepares, arms, sends, looks and
//! writes down. It decides nothing about states itself.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::{Clock, Entropy, boot_ms};
use crate::domain::account::Account;
use crate::domain::delivery::{
    COMMIT_TIMEOUT_MS, Delivery, Event, HANDED, LEASE_MARGIN_MS, LEASE_MS, SEND_WINDOW_MS, SETTLE_MS, State, Step,
    notice, step,
};
use crate::domain::ids::NoticeId;
use crate::domain::refusal::Sentence;
use crate::domain::shelf::Shelf;
use crate::platforms::{Networks, Platform};
use crate::say;
use crate::store::accounts::StoredAccount;
use crate::store::deliveries::{By, StepNotice};
use crate::store::notices::Notice;
use crate::store::{Store, StoreError};
use crate::upkeep::tokens::TokenKeeper;

mod ahead;
mod deliver;
mod left;
mod look;
mod rehearse;
mod signs;

pub use rehearse::Rehearsal;

/// How many deliveries one process works on at once: each holds one connection, and accounts are served one at a time anyway. As many as
/// share a flush of the disk in what a flush takes.
const AT_ONCE: usize = 128;
/// So many places must be free again before more is claimed, unless nothing is under way: a claim of many costs hardly more than one of one.
const FREE_MIN: usize = 32;
/// How many looks for an unknown outcome go on at once, beside the deliveries: a network that hangs must not hold up what is due.
const LOOKS_AT_ONCE: usize = 8;
/// How many rows one tick takes of each kind.
const BATCH: i64 = 128;
/// Longest sleep: another process may have scheduled something or died, and a paused machine may have slept through its timer.
const POLL_MAX: Duration = Duration::from_millis(500);
/// Shortest sleep while something is due that cannot be taken, so that a row that cannot move does not spin the processor.
const POLL_MIN: Duration = Duration::from_millis(5);
/// The longest of those: what is due belongs to an account that is at work, or to a network that refuses this server.
const POLL_IN_VAIN_MAX: Duration = Duration::from_millis(100);
/// How long to sleep while every place is taken; whoever leaves one rings.
const POLL_FULL: Duration = Duration::from_millis(50);
/// How long to sleep after a tick that failed.
const POLL_FAILED: Duration = Duration::from_millis(100);
/// Deliveries that are let go on at start: more than anybody has planned.
const LEFT_PAUSED_MAX: i64 = 100_000;
/// How often a process looks who lives: what a dead one held waits no longer than that, and a busy one asks no more often.
const SHOW_MS: i64 = 250;
/// How long one look may take before another process may look.
const LOOK_MS: i64 = 60_000;
/// Farther ahead no look lies that was planned by the clock that is.
const LOOK_FAR_MS: i64 = 5 * 60_000;

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
    /// How many ticks in a row found something due and could take nothing of it.
    in_vain: Arc<AtomicU32>,
}

/// What is under way. All of it ends with whoever runs it: when that is dropped, nothing is worked on any more.
#[derive(Clone)]
struct Work {
    tasks: TaskTracker,
    life: CancellationToken,
}

impl Work {
    /// Begins something that nobody waits for.
    fn begin(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(self.life.clone().run_until_cancelled_owned(work));
    }
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
            in_vain: Arc::new(AtomicU32::new(0)),
        };
        let work = Work { tasks: TaskTracker::new(), life: CancellationToken::new() };
        let _ends_with_this = work.life.clone().drop_guard();
        while !stop.is_cancelled() {
            // In a task of its own: a panic ends that tick, and not publishing.
            let (this, places, under_way) = (Arc::clone(&self), places.clone(), work.clone());
            let tick = async move { this.tick(&places, &under_way).await };
            let nap = match work.tasks.spawn(work.life.clone().run_until_cancelled_owned(tick)).await {
                Ok(Some(Ok(nap))) => nap,
                Ok(None) => break,
                Ok(Some(Err(error))) => {
                    tracing::error!(error = %error, "a tick failed; the next one tries again");
                    POLL_FAILED
                }
                Err(error) => {
                    tracing::error!(error = %error, "a tick broke down; the next one tries again");
                    POLL_FAILED
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.wake.notified() => {}
                () = tokio::time::sleep(nap) => {}
            }
        }
        work.tasks.close();
        // What is under way ends by itself; a network that never answers must not keep a server from stopping.
        let longest = u64::try_from(SEND_WINDOW_MS + COMMIT_TIMEOUT_MS + LEASE_MARGIN_MS).unwrap_or(0);
        let _what_is_left_lapses = tokio::time::timeout(Duration::from_millis(longest), work.tasks.wait()).await;
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

    /// Does what is to be done now, and says how long to sleep.
    async fn tick(self: &Arc<Self>, places: &Places, work: &Work) -> Result<Duration, StoreError> {
        let now = self.store.now_ms().await?;
        if boot_ms() - places.shown_at.load(Ordering::SeqCst) >= SHOW_MS {
            // Others take over what is claimed by a process that does not show itself, as we take over from them.
            self.store.be_present(&self.owner).await?;
            self.take_over(now).await?;
            places.shown_at.store(boot_ms(), Ordering::SeqCst);
        }
        // One look says which of the questions below need asking.
        let soonest = self.store.find_soonest().await?;
        let is_now = |at: Option<i64>| at.is_some_and(|at| at <= now);
        if is_now(soonest.over) {
            for delivery in self.store.list_timed_out(now, BATCH).await? {
                // One that cannot be written holds nobody else up.
                self.logged(&delivery, self.time_out(&delivery, now).await);
            }
        }
        if soonest.look.is_some_and(|at| at > now + LOOK_FAR_MS) {
            // Nobody would look for so long, and a person would wait for as long as the clock was wrong.
            let count = self.store.update_looks_nearer(now, (now + SETTLE_MS, now + LOOK_FAR_MS)).await?;
            tracing::warn!(count, "the clock went back; unknown outcomes are looked for by the one that is");
        }
        if is_now(soonest.look) {
            self.begin_looks(places, work, now).await?;
        }
        let until = |at: Option<i64>| {
            let ms = at.map_or(POLL_MAX, |at| Duration::from_millis(u64::try_from(at - now).unwrap_or(0)));
            ms.clamp(POLL_MIN, POLL_MAX)
        };
        let others = until(soonest.look).min(until(soonest.over));
        if !is_now(soonest.due) {
            return Ok(others.min(until(soonest.due)));
        }
        let room = free(&places.deliveries);
        if room == 0 {
            return Ok(others.min(POLL_FULL));
        }
        crate::failpoint!("F0");
        let begun = self.begin_deliveries(places, work, (now, room)).await?;
        if begun > 0 {
            places.in_vain.store(0, Ordering::Relaxed);
            // Where more is due than there was room for, a few that end meanwhile make room for a claim of several.
            return Ok(if begun < room { Duration::ZERO } else { POLL_MIN });
        }
        let in_vain = places.in_vain.fetch_add(1, Ordering::Relaxed);
        Ok(others.min((POLL_MIN * 2_u32.saturating_pow(in_vain.min(5))).min(POLL_IN_VAIN_MAX)))
    }

    async fn begin_looks(self: &Arc<Self>, places: &Places, work: &Work, now: i64) -> Result<(), StoreError> {
        let looks = free(&places.looks);
        let claimed = if looks > 0 { self.store.claim_looks(now, now + LOOK_MS, looks).await? } else { Vec::new() };
        for delivery in claimed {
            let this = Arc::clone(self);
            let Ok(place) = Arc::clone(&places.looks).acquire_owned().await else { return Ok(()) };
            work.begin(async move {
                this.logged(&delivery, this.look(&delivery).await);
                drop(place);
                this.wake.notify_one();
            });
        }
        Ok(())
    }

    /// Claims as many as there is room for, reads what it takes to work on them, and begins. How many that were.
    async fn begin_deliveries(
        self: &Arc<Self>,
        places: &Places,
        work: &Work,
        (now, room): (i64, i64),
    ) -> Result<i64, StoreError> {
        let claimed = self.store.claim_due(&self.owner, now, now + LEASE_MS, room).await?;
        if claimed.is_empty() {
            return Ok(0);
        }
        // What is claimed is begun whatever happens here: each reads its own again.
        let orders = self.store.find_orders(&claimed).await;
        let mut orders = orders.unwrap_or_else(|error| {
            tracing::error!(error = %error, "orders could not be read at once");
            HashMap::new()
        });
        let count = i64::try_from(claimed.len()).unwrap_or(room);
        for delivery in claimed {
            let (this, room) = (Arc::clone(self), Arc::clone(&places.deliveries));
            let Ok(place) = Arc::clone(&room).acquire_owned().await else { return Ok(count) };
            let order = orders.remove(&delivery.id);
            work.begin(async move {
                let id = delivery.clone();
                this.logged(&id, this.deliver(delivery, order).await);
                drop(place);
                let free = room.available_permits();
                if free % FREE_MIN == 0 || free == AT_ONCE {
                    this.wake.notify_one();
                }
            });
        }
        Ok(count)
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
        let handle = self.find_account(delivery).await?.map(|stored| stored.account.named()).unwrap_or_default();
        Ok(self.notice_of(delivery, next, &handle))
    }

    fn notice_of(&self, delivery: &Delivery, next: &Step, handle: &str) -> StepNotice {
        let what: Option<Sentence> = match (next.state == delivery.state, next.state) {
            (false, State::Published) if next.reason.as_ref().is_some_and(|why| why.key == HANDED) => {
                Some(say!("notice-handed", handle = handle))
            }
            (false, state) => notice(state, handle, &next.progress),
            // Edited and not approved again: told once more before its time.
            (true, State::Unapproved) => Some(say!("notice-unapproved-soon", handle = handle)),
            (true, _) => None,
        };
        let now = self.clock.now_ms();
        what.map(|what| {
            let row = Notice { post: Some(delivery.post.clone()), what, created_at: now };
            (NoticeId::generate(now, self.entropy.bits()), row)
        })
    }
}
