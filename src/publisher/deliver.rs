//! From a claim to an outcome: preflight, invisible steps, arm, commit, write down; then the next part of a thread under the same lease.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Publisher;
use super::signs::while_signing;
use crate::clock::boot_ms;
use crate::domain::account::{Account, Ended, Health};
use crate::domain::commit::{Armed, CallFault, CommitOutcome, RefusedClass};
use crate::domain::delivery::{
    APP_STOP_MS, COMMIT_TIMEOUT_MS, Delivery, Event, GRACE_MS, LEASE_MARGIN_MS, LEASE_MS, RENEW_MS, Refusal,
    SEND_WINDOW_MS, State, Step, due_from,
};
use crate::domain::ids::{AttemptId, MediaId, NoticeId};
use crate::domain::post::{MediaFacts, Variant, content_hash};
use crate::domain::recurrence::CatchUp;
use crate::domain::shelf::MediaFile;
use crate::platforms::{Part, Platform};
use crate::say;
use crate::store::StoreError;
use crate::store::arm::NewAttempt;
use crate::store::attempts::{AttemptEnd, Outcome};
use crate::store::deliveries::{By, is_unique_violation};
use crate::store::notices::Notice;
use crate::store::orders::Order;
use crate::upkeep::tokens::{Access, Freshness, TokenProblem};

/// The most evidence kept of one attempt, in characters: a status line and the first of a body.
const EVIDENCE_CHARS_MAX: usize = 2_500;

/// How often work on invisible steps looks whether its lease is to be renewed: often enough that a clock that jumps is noticed.
const RENEW_LOOK: Duration = Duration::from_millis(500);

/// Where a delivery goes.
struct At<'a> {
    platform: &'a dyn Platform,
    account: &'a Account,
}

/// Everything one part needs before it may be sent.
struct Ready<'a> {
    platform: &'a dyn Platform,
    account: Account,
    access: Access,
    part: Part,
    handle: Value,
    content_hash: String,
}

impl Publisher {
    /// Works on a claimed delivery until it is out, waits, or is somebody else's. `order` is what was read with the claim.
    pub(super) async fn deliver(&self, mut delivery: Delivery, mut order: Option<Order>) -> Result<(), StoreError> {
        crate::failpoint!("F1");
        // Bounded by the number of parts: each round ends the delivery or accepts one part.
        for _ in 0..=delivery.progress.parts {
            let Some(ready) = self.prepare(&mut delivery, order.take()).await? else { return Ok(()) };
            let Some((attempt, armed)) = self.arm(&delivery, &ready).await? else {
                return self.not_armed(&delivery).await;
            };
            delivery.state = State::Armed;
            crate::failpoint!("F5");
            let outcome = self.commit(armed, &ready).await;
            crate::failpoint!("F7");
            let written = self.write_down(&delivery, &attempt, &ready, outcome).await?;
            crate::failpoint!("F8");
            if written != Some(State::Leased) {
                return Ok(());
            }
            match self.store.find_delivery(&delivery.id).await? {
                Some(next) if next.state == State::Leased && next.epoch == delivery.epoch => delivery = next,
                Some(_) | None => return Ok(()),
            }
        }
        Ok(())
    }

    /// Preflight and invisible steps. `None` when the delivery was moved elsewhere instead.
    async fn prepare(&self, delivery: &mut Delivery, order: Option<Order>) -> Result<Option<Ready<'_>>, StoreError> {
        let now = self.store.now_ms().await?;
        if self.is_too_late(delivery, now).await? {
            self.move_on(delivery, &Event::TooLate).await?;
            return Ok(None);
        }
        let order = match order {
            Some(order) => order,
            None => match self.store.find_orders(std::slice::from_ref(delivery)).await?.remove(&delivery.id) {
                Some(order) => order,
                None => return self.no_order(delivery).await,
            },
        };
        let (account, variant) = (order.account, order.variant);
        let Some(platform) = self.platform(&account) else {
            let why = say!(
                "connect-not-configured",
                network = account.network.shown(),
                keys = format!("{}.*", account.network.slug())
            );
            return self.refuse(delivery, Refusal::Blocked(why)).await;
        };
        let Some(facts) = self.facts(delivery, &variant).await? else {
            return self.refuse(delivery, Refusal::Unapproved).await;
        };
        let hash = content_hash(&delivery.account, &variant.content, &facts);
        if hash != delivery.content_hash {
            tracing::warn!(delivery.id = %delivery.id, "what would go out is not what was approved; it stays here");
            return self.refuse(delivery, Refusal::Unapproved).await;
        }
        match account.health {
            Health::Fine => {}
            Health::NeedsReconnecting => {
                return self.refuse(delivery, Refusal::Blocked(say!("delivery-reason-reconnect"))).await;
            }
            Health::Disconnected => {
                self.move_on(delivery, &Event::Disconnected).await?;
                return Ok(None);
            }
        }
        let at = At { platform, account: &account };
        let wanted = Freshness::until(now + LEASE_MS).but_not(delivery.progress.refused_generation);
        let access = match &order.tokens {
            Some(tokens) => self.tokens.access_of(platform, &account, (tokens, wanted)).await,
            None => self.tokens.access(platform, &account, wanted).await,
        };
        let Some(access) = self.or_refused(delivery, access).await? else { return Ok(None) };
        let Some(mut part) = self.part(delivery, &variant, facts).await? else { return Ok(None) };
        part.notes = Some(self.tokens.notes(delivery, &account));
        let Some((access, handle)) = self.handle(delivery, &at, access, &part).await? else { return Ok(None) };
        Ok(Some(Ready { platform, account, access, part, handle, content_hash: hash }))
    }

    /// The account or the content is gone: which, so that the person reads the reason.
    async fn no_order<T>(&self, delivery: &Delivery) -> Result<Option<T>, StoreError> {
        let Some(stored) = self.find_account(delivery).await? else {
            return self.refuse(delivery, Refusal::Permanent(say!("delivery-reason-disconnected"))).await;
        };
        if stored.account.health == Health::Disconnected {
            self.move_on(delivery, &Event::Disconnected).await?;
            return Ok(None);
        }
        if self.store.find_variant(&delivery.variant, &delivery.workspace).await?.is_none() {
            return self.refuse(delivery, Refusal::Unapproved).await;
        }
        let why = say!("account-disconnected", handle = &stored.account.handle);
        self.refuse(delivery, Refusal::Blocked(why)).await
    }

    /// A token that outlives the lease, and is not the one that the network refused. `None` when the delivery was moved elsewhere instead.
    async fn access(
        &self,
        delivery: &Delivery,
        at: &At<'_>,
        refused: Option<i64>,
    ) -> Result<Option<Access>, StoreError> {
        let wanted = Freshness::until(self.store.now_ms().await? + LEASE_MS).but_not(refused);
        let access = self.tokens.access(at.platform, at.account, wanted).await;
        self.or_refused(delivery, access).await
    }

    async fn or_refused(
        &self,
        delivery: &Delivery,
        access: Result<Access, TokenProblem>,
    ) -> Result<Option<Access>, StoreError> {
        match access {
            Ok(access) => Ok(Some(access)),
            Err(TokenProblem::Reconnect(why)) => self.refuse(delivery, Refusal::Blocked(why)).await,
            Err(TokenProblem::Later(why)) => {
                tracing::warn!(delivery.id = %delivery.id, error = %why, "no token just now");
                self.refuse(delivery, Refusal::Later { after_ms: None }).await
            }
        }
    }

    /// Whether the grace window is over, and it is not the one late occurrence that its rule lets go out all the same.
    async fn is_too_late(&self, delivery: &Delivery, now: i64) -> Result<bool, StoreError> {
        if now - due_from(delivery.slot, &delivery.progress) <= GRACE_MS {
            return Ok(false);
        }
        Ok(delivery.progress.catch_up != Some(CatchUp::Latest) || self.store.has_later_due(delivery, now).await?)
    }

    pub(super) async fn content(&self, delivery: &Delivery) -> Result<Option<(Variant, Vec<MediaFacts>)>, StoreError> {
        let Some(variant) = self.store.find_variant(&delivery.variant, &delivery.workspace).await? else {
            return Ok(None);
        };
        Ok(self.facts(delivery, &variant).await?.map(|facts| (variant, facts)))
    }

    /// Facts of every medium it shows; `None` when one is gone.
    async fn facts(&self, delivery: &Delivery, variant: &Variant) -> Result<Option<Vec<MediaFacts>>, StoreError> {
        let mut facts = Vec::new();
        for id in variant.content.segments.iter().flat_map(|segment| &segment.media) {
            match self.store.find_media(id, &delivery.workspace).await? {
                Some(found) => facts.push(found),
                None => return Ok(None),
            }
        }
        Ok(Some(facts))
    }

    /// The next part: the first that the network has not accepted.
    pub(super) async fn part(
        &self,
        delivery: &Delivery,
        variant: &Variant,
        facts: Vec<MediaFacts>,
    ) -> Result<Option<Part>, StoreError> {
        let no = usize::try_from(delivery.progress.accepted).unwrap_or(0);
        let Some(segment) = variant.content.segments.get(no).cloned() else {
            return self.refuse(delivery, Refusal::Permanent(say!("delivery-reason-no-part"))).await;
        };
        let reply_to = if no == 0 {
            None
        } else {
            let attempts = self.store.list_attempts(&delivery.id).await?;
            let before = attempts
                .into_iter()
                .rev()
                .find(|a| a.part == delivery.progress.accepted - 1 && a.outcome == Some(Outcome::Accepted));
            let Some(id) = before.and_then(|attempt| attempt.remote_id) else {
                return self.refuse(delivery, Refusal::Permanent(say!("delivery-reason-no-parent"))).await;
            };
            Some(id)
        };
        // One for each that the part names, in its order: a picture that several parts show stands in `facts` once for each of them.
        let of = |id: &MediaId| facts.iter().find(|facts| facts.id == *id).cloned();
        let file = |facts| MediaFile::new(facts, self.shelf.clone());
        let media = segment.media.iter().filter_map(of).map(file).collect();
        Ok(Some(Part { no, segment, options: variant.content.options.clone(), media, reply_to, notes: None }))
    }

    /// The prepared media, and a token that is still good when they are there. `None` when the delivery was moved elsewhere instead.
    async fn handle(
        &self,
        delivery: &mut Delivery,
        at: &At<'_>,
        mut access: Access,
        part: &Part,
    ) -> Result<Option<(Access, Value)>, StoreError> {
        if let Some(handle) = &delivery.handle {
            return Ok(Some((access, handle.clone())));
        }
        if at.platform.prepares_ahead() {
            self.wait_given_way(delivery).await?;
        }
        let Some(mut prepared) = self.prepare_part(delivery, at, &access, part).await? else { return Ok(None) };
        if matches!(prepared, Err(CallFault::Unauthorized { .. })) {
            // Once: a token may have been revoked before its time, and a new pair is all it takes.
            let Some(newer) = self.access(delivery, at, Some(access.generation)).await? else { return Ok(None) };
            access = newer;
            let Some(again) = self.prepare_part(delivery, at, &access, part).await? else { return Ok(None) };
            prepared = again;
        }
        let fault = match prepared {
            Ok(handle) => {
                crate::failpoint!("F3");
                if handle.is_null() {
                    // There was nothing to prepare, so there is nothing to keep.
                    return Ok(Some((access, handle)));
                }
                let now = self.store.now_ms().await?;
                if !self.store.update_handle(delivery, &handle, now + LEASE_MS).await? {
                    return Ok(None);
                }
                delivery.handle = Some(handle.clone());
                // It may have taken longer than what was left of the grace window.
                if self.is_too_late(delivery, now).await? {
                    self.move_on(delivery, &Event::TooLate).await?;
                    return Ok(None);
                }
                // An upload may take longer than what was left of the token.
                let Some(access) = self.access(delivery, at, delivery.progress.refused_generation).await? else {
                    return Ok(None);
                };
                return Ok(Some((access, handle)));
            }
            Err(fault) => fault,
        };
        let refusal = match fault {
            CallFault::Later { after_ms, why } => {
                tracing::info!(delivery.id = %delivery.id, error = %why, "an invisible step failed");
                Refusal::Later { after_ms }
            }
            CallFault::Unauthorized { .. } => {
                self.store.update_account_ended(&at.account.id, Ended::Refused, access.generation).await?;
                Refusal::Blocked(say!("delivery-reason-reconnect"))
            }
            CallFault::Blocked(why) => {
                self.store.update_account_ended(&at.account.id, Ended::Blocked, access.generation).await?;
                Refusal::Blocked(why)
            }
            CallFault::Refused(why) => {
                self.tell_left(delivery, (at.platform, &access.token), part).await?;
                Refusal::Permanent(why)
            }
        };
        self.refuse(delivery, refusal).await
    }

    /// The network's invisible steps, with signs of life while they go on. `None` when the row is somebody else's by now.
    async fn prepare_part(
        &self,
        delivery: &Delivery,
        at: &At<'_>,
        access: &Access,
        part: &Part,
    ) -> Result<Option<Result<Value, CallFault>>, StoreError> {
        let renewed_at = AtomicI64::new(self.store.now_ms().await?);
        let renew = || async {
            let now = self.store.now_ms().await?;
            if now - renewed_at.load(Ordering::Relaxed) < RENEW_MS {
                return Ok(true);
            }
            renewed_at.store(now, Ordering::Relaxed);
            self.store.renew_lease(delivery, now + LEASE_MS).await
        };
        while_signing(at.platform.prepare(&access.token, part), RENEW_LOOK, renew).await
    }

    async fn arm(&self, delivery: &Delivery, ready: &Ready<'_>) -> Result<Option<(AttemptId, Armed)>, StoreError> {
        // The boot clock first: whatever the database takes is taken from the window, never added to it.
        let deadline = boot_ms() + SEND_WINDOW_MS;
        let now = self.store.now_ms().await?;
        let id = AttemptId::generate(now, self.entropy.bits());
        let attempt = NewAttempt {
            id: &id,
            content_hash: &ready.content_hash,
            fingerprint: &fingerprint(&ready.part.segment.text),
            now,
            sent_deadline: now + SEND_WINDOW_MS,
            sent_deadline_boot_ms: deadline,
            lease_until: now + SEND_WINDOW_MS + COMMIT_TIMEOUT_MS + LEASE_MARGIN_MS,
        };
        match self.store.arm(delivery, &attempt).await {
            Ok(armed) => Ok(armed.map(|armed| (id, armed))),
            // Another commit of this part is live: whatever made us its second worker, it is looked for and not sent.
            Err(error) if is_unique_violation(&error) => {
                tracing::error!(delivery.id = %delivery.id, "another commit of this part is live; nothing was sent");
                self.move_on(delivery, &Event::LiveAttempt).await?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn commit(&self, armed: Armed, ready: &Ready<'_>) -> CommitOutcome {
        let limit = Duration::from_millis(u64::try_from(SEND_WINDOW_MS + COMMIT_TIMEOUT_MS).unwrap_or(0));
        let call = ready.platform.commit(armed, &ready.access.token, &ready.account, &ready.part, &ready.handle);
        match tokio::time::timeout(limit, call).await {
            Ok(outcome) => outcome,
            Err(_) => CommitOutcome::Unknown { evidence: "no answer within the time limit".into() },
        }
    }

    /// Writes the outcome, and says where the delivery stands. `None` when somebody else owns the row by now.
    async fn write_down(
        &self,
        delivery: &Delivery,
        attempt: &AttemptId,
        ready: &Ready<'_>,
        outcome: CommitOutcome,
    ) -> Result<Option<State>, StoreError> {
        let now = self.store.now_ms().await?;
        let Some(mut next) = self.step(delivery, &Event::Answered(outcome.clone()), now) else { return Ok(None) };
        if is_refused_token(&outcome) {
            next.progress.refused_generation = Some(ready.access.generation);
        }
        tracing::info!(delivery.id = %delivery.id, delivery.state = next.state.word(), part = ready.part.no, "commit call ended");
        self.stop_network(delivery, ready, &outcome, now).await?;
        let end = end_of(outcome, &next);
        let notice = self.notice_of(delivery, &next, &ready.account.named());
        let written = self.store.end_attempt((attempt, &end, now), delivery, &next, By::Worker, notice).await;
        match written {
            Ok(is_written) => {
                // Where the reason names the place already it is not said twice.
                let is_told = next.reason.as_ref().is_some_and(|why| why.args.iter().any(|(name, _)| name == "link"));
                if is_written && next.state == State::Failed {
                    if !is_told {
                        self.tell_left(delivery, (ready.platform, &ready.access.token), &ready.part).await?;
                    }
                    self.store.update_left_told(&delivery.id).await?;
                }
                Ok(is_written.then_some(next.state))
            }
            Err(error) if is_unique_violation(&error) => {
                // The network named an id that another delivery claims: nothing is sure then, so a look decides.
                let outcome =
                    CommitOutcome::Unknown { evidence: "the network named an id that another delivery has".into() };
                let Some(next) = self.step(delivery, &Event::Answered(outcome.clone()), now) else { return Ok(None) };
                let end = end_of(outcome, &next);
                let written = self.store.end_attempt((attempt, &end, now), delivery, &next, By::Worker, None).await?;
                Ok(written.then_some(next.state))
            }
            Err(error) => Err(error),
        }
    }

    /// The network refuses this server as a whole: nothing else of it is claimed for a while, and whoever waits is told once.
    async fn stop_network(
        &self,
        delivery: &Delivery,
        ready: &Ready<'_>,
        outcome: &CommitOutcome,
        now: i64,
    ) -> Result<(), StoreError> {
        let CommitOutcome::Refused { class: RefusedClass::AppStopped(why), .. } = outcome else { return Ok(()) };
        let network = ready.account.network;
        tracing::error!(network = network.slug(), error = %why.key, "the network refuses this server; nothing goes out there for now");
        if self.store.update_network_stop(network, now, now + APP_STOP_MS, why).await? {
            let what = say!("notice-network-stopped", network = network.shown());
            let notice = Notice { post: Some(delivery.post.clone()), what, created_at: self.clock.now_ms() };
            let id = NoticeId::generate(notice.created_at, self.entropy.bits());
            self.store.insert_notice(&id, &delivery.user, &notice).await?;
        }
        Ok(())
    }

    /// The arm transaction said no: find out why, so that the person reads the reason.
    async fn not_armed(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let Some(current) = self.store.find_delivery(&delivery.id).await? else { return Ok(()) };
        if current.epoch != delivery.epoch || current.state != State::Leased {
            return Ok(());
        }
        let healthy = self.find_account(&current).await?.is_some_and(|stored| stored.account.health == Health::Fine);
        let refusal = if healthy { Refusal::Paused } else { Refusal::Blocked(say!("delivery-reason-reconnect")) };
        self.refuse::<()>(&current, refusal).await.map(drop)
    }

    async fn refuse<T>(&self, delivery: &Delivery, refusal: Refusal) -> Result<Option<T>, StoreError> {
        self.move_on(delivery, &Event::NotPrepared(refusal)).await?;
        Ok(None)
    }

    pub(super) async fn move_on(&self, delivery: &Delivery, event: &Event) -> Result<bool, StoreError> {
        let now = self.store.now_ms().await?;
        let Some(next) = self.step(delivery, event, now) else { return Ok(false) };
        tracing::info!(delivery.id = %delivery.id, delivery.state = next.state.word(), "moved on");
        let notice = self.notice_for(delivery, &next).await?;
        self.store.update_delivery(delivery, &next, By::Worker, notice).await
    }
}

fn fingerprint(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

fn is_refused_token(outcome: &CommitOutcome) -> bool {
    matches!(outcome, CommitOutcome::Refused { class: RefusedClass::Unauthorized, .. })
}

/// The attempt stays open where the delivery's outcome is unknown: a duplicate refusal after an unclear try is no refusal.
fn end_of(outcome: CommitOutcome, next: &Step) -> AttemptEnd {
    let cut = |text: String| text.chars().take(EVIDENCE_CHARS_MAX).collect::<String>();
    match outcome {
        CommitOutcome::Refused { evidence, .. } if next.state == State::Unknown => {
            AttemptEnd { outcome: Outcome::Unknown, evidence: cut(evidence), visible: None }
        }
        CommitOutcome::Accepted { remote_id, permalink } => {
            AttemptEnd { outcome: Outcome::Accepted, evidence: "answer".into(), visible: Some((remote_id, permalink)) }
        }
        CommitOutcome::NotSent { why } => AttemptEnd { outcome: Outcome::NotSent, evidence: cut(why), visible: None },
        CommitOutcome::Refused { evidence, .. } => {
            AttemptEnd { outcome: Outcome::Refused, evidence: cut(evidence), visible: None }
        }
        // What the network works on is as open as what nobody knows: no second commit goes beside it.
        CommitOutcome::Working { evidence } | CommitOutcome::Unknown { evidence } => {
            AttemptEnd { outcome: Outcome::Unknown, evidence: cut(evidence), visible: None }
        }
    }
}
