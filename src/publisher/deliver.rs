//! From a claim to an outcome: preflight, invisible steps, arm, commit, write down; then the next part of a thread under the same lease.

use std::time::Duration;

use secrecy::SecretString;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Publisher;
use crate::clock::boot_ms;
use crate::domain::account::{Account, Health};
use crate::domain::commit::{Armed, CallFault, CommitOutcome};
use crate::domain::delivery::{
    COMMIT_TIMEOUT_MS, Delivery, Event, GRACE_MS, LEASE_MARGIN_MS, LEASE_MS, Refusal, SEND_WINDOW_MS, State,
};
use crate::domain::ids::{AttemptId, MediaId};
use crate::domain::post::{MediaFacts, Variant, content_hash};
use crate::platforms::{Part, Platform};
use crate::say;
use crate::store::StoreError;
use crate::store::arm::NewAttempt;
use crate::store::attempts::{AttemptEnd, Outcome};
use crate::store::deliveries::By;
use crate::upkeep::tokens::{Freshness, TokenProblem};

/// The most evidence kept of one attempt, in characters: a status line and the first of a body.
const EVIDENCE_CHARS_MAX: usize = 2_500;

/// Everything one part needs before it may be sent.
struct Ready<'a> {
    platform: &'a dyn Platform,
    account: Account,
    access: SecretString,
    part: Part,
    handle: Value,
    content_hash: String,
}

impl Publisher {
    /// Works on a claimed delivery until it is out, waits, or is somebody else's.
    pub(super) async fn deliver(&self, mut delivery: Delivery) -> Result<(), StoreError> {
        // Bounded by the number of parts: each round ends the delivery or accepts one part.
        for _ in 0..=delivery.progress.parts {
            let Some(ready) = self.prepare(&mut delivery).await? else { return Ok(()) };
            let Some((attempt, armed)) = self.arm(&delivery, &ready).await? else {
                return self.not_armed(&delivery).await;
            };
            delivery.state = State::Armed;
            let outcome = self.commit(armed, &ready).await;
            if !self.write_down(&delivery, &attempt, &ready, outcome).await? {
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
    async fn prepare(&self, delivery: &mut Delivery) -> Result<Option<Ready<'_>>, StoreError> {
        let now = self.store.now_ms().await?;
        if now - delivery.slot > GRACE_MS {
            self.move_on(delivery, &Event::TooLate).await?;
            return Ok(None);
        }
        let Some(stored) = self.find_account(delivery).await? else {
            return self.refuse(delivery, Refusal::Permanent(say!("delivery-reason-disconnected"))).await;
        };
        let account = stored.account;
        let Some(platform) = self.platform(&account) else {
            let why = say!(
                "connect-not-configured",
                network = account.network.shown(),
                keys = format!("{}.*", account.network.slug())
            );
            return self.refuse(delivery, Refusal::Blocked(why)).await;
        };
        let Some((variant, facts)) = self.content(delivery).await? else {
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
        let wanted = if delivery.progress.refreshed
            && delivery.progress.tries == 0
            && delivery.reason == Some(say!("delivery-reason-refreshing"))
        {
            Freshness::Renewed
        } else {
            Freshness::Until(now + LEASE_MS)
        };
        let access = match self.tokens.access(platform, &account, wanted).await {
            Ok(access) => access,
            Err(TokenProblem::Reconnect(why)) => return self.refuse(delivery, Refusal::Blocked(why)).await,
            Err(TokenProblem::Later(why)) => {
                tracing::warn!(delivery.id = %delivery.id, error = %why, "no token just now");
                return self.refuse(delivery, Refusal::Later { after_ms: None }).await;
            }
        };
        let Some(part) = self.part(delivery, &variant, facts).await? else { return Ok(None) };
        let Some(handle) = self.handle(delivery, platform, &access, &part).await? else { return Ok(None) };
        Ok(Some(Ready { platform, account, access, part, handle, content_hash: hash }))
    }

    async fn content(&self, delivery: &Delivery) -> Result<Option<(Variant, Vec<MediaFacts>)>, StoreError> {
        let Some(variant) = self.store.find_variant(&delivery.variant, &delivery.workspace).await? else {
            return Ok(None);
        };
        let mut facts = Vec::new();
        for id in variant.content.segments.iter().flat_map(|segment| &segment.media) {
            match self.store.find_media(id, &delivery.workspace).await? {
                Some(found) => facts.push(found),
                None => return Ok(None),
            }
        }
        Ok(Some((variant, facts)))
    }

    /// The next part: the first that the network has not accepted.
    async fn part(
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
        let wanted = segment.media.iter().filter_map(of).collect();
        match self.media(delivery, wanted).await {
            Ok(media) => Ok(Some(Part { no, segment, options: variant.content.options.clone(), media, reply_to })),
            Err(error) => {
                tracing::error!(delivery.id = %delivery.id, error = %error, "media cannot be read");
                self.refuse(delivery, Refusal::Later { after_ms: None }).await
            }
        }
    }

    async fn handle(
        &self,
        delivery: &mut Delivery,
        platform: &dyn Platform,
        access: &SecretString,
        part: &Part,
    ) -> Result<Option<Value>, StoreError> {
        if let Some(handle) = &delivery.handle {
            return Ok(Some(handle.clone()));
        }
        match platform.prepare(access, part).await {
            Ok(handle) => {
                let lease_until = self.store.now_ms().await? + LEASE_MS;
                if !self.store.update_handle(delivery, &handle, lease_until).await? {
                    return Ok(None);
                }
                delivery.handle = Some(handle.clone());
                Ok(Some(handle))
            }
            Err(fault) => {
                let refusal = match fault {
                    CallFault::Later { after_ms, why } => {
                        tracing::info!(delivery.id = %delivery.id, error = %why, "an invisible step failed");
                        Refusal::Later { after_ms }
                    }
                    CallFault::Unauthorized { .. } => Refusal::Blocked(say!("delivery-reason-reconnect")),
                    CallFault::Refused(why) => Refusal::Permanent(why),
                };
                self.refuse(delivery, refusal).await
            }
        }
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
        let armed = self.store.arm(delivery, &attempt).await?;
        Ok(armed.map(|armed| (id, armed)))
    }

    async fn commit(&self, armed: Armed, ready: &Ready<'_>) -> CommitOutcome {
        let limit = Duration::from_millis(u64::try_from(SEND_WINDOW_MS + COMMIT_TIMEOUT_MS).unwrap_or(0));
        let call = ready.platform.commit(armed, &ready.access, &ready.account, &ready.part, &ready.handle);
        match tokio::time::timeout(limit, call).await {
            Ok(outcome) => outcome,
            Err(_) => CommitOutcome::Unknown { evidence: "no answer within the time limit".into() },
        }
    }

    /// Writes the outcome. False when somebody else owns the row by now.
    async fn write_down(
        &self,
        delivery: &Delivery,
        attempt: &AttemptId,
        ready: &Ready<'_>,
        outcome: CommitOutcome,
    ) -> Result<bool, StoreError> {
        let now = self.store.now_ms().await?;
        let Some(next) = self.step(delivery, &Event::Answered(outcome.clone()), now) else { return Ok(false) };
        tracing::info!(delivery.id = %delivery.id, delivery.state = next.state.word(), part = ready.part.no, "commit call ended");
        let end = end_of(outcome);
        let notice = self.notice_for(delivery, &next).await?;
        let written = self.store.end_attempt((attempt, &end, now), delivery, &next, By::Worker, notice).await;
        match written {
            Ok(written) => Ok(written),
            Err(error) if crate::store::deliveries::is_unique_violation(&error) => {
                // The network named an id that another delivery claims: nothing is sure then, so a look decides.
                let outcome =
                    CommitOutcome::Unknown { evidence: "the network named an id that another delivery has".into() };
                let Some(next) = self.step(delivery, &Event::Answered(outcome.clone()), now) else { return Ok(false) };
                self.store.end_attempt((attempt, &end_of(outcome), now), delivery, &next, By::Worker, None).await
            }
            Err(error) => Err(error),
        }
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
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn end_of(outcome: CommitOutcome) -> AttemptEnd {
    let cut = |text: String| text.chars().take(EVIDENCE_CHARS_MAX).collect::<String>();
    match outcome {
        CommitOutcome::Accepted { remote_id, permalink } => {
            AttemptEnd { outcome: Outcome::Accepted, evidence: "answer".into(), visible: Some((remote_id, permalink)) }
        }
        CommitOutcome::NotSent { why } => AttemptEnd { outcome: Outcome::NotSent, evidence: cut(why), visible: None },
        CommitOutcome::Refused { evidence, .. } => {
            AttemptEnd { outcome: Outcome::Refused, evidence: cut(evidence), visible: None }
        }
        CommitOutcome::Unknown { evidence } => {
            AttemptEnd { outcome: Outcome::Unknown, evidence: cut(evidence), visible: None }
        }
    }
}
