//! Unknown outcomes: a lapsed lease becomes one, and reading back decides it. Nothing is sent from here.

use super::Publisher;
use crate::domain::account::{Account, Ended};
use crate::domain::commit::{CallFault, Search, Sighting};
use crate::domain::delivery::{COMMIT_TIMEOUT_MS, Delivery, Event, LEASE_MS, State};
use crate::platforms::Platform;
use crate::store::StoreError;
use crate::store::attempts::{Attempt, AttemptEnd, Outcome};
use crate::store::deliveries::{By, is_unique_violation};
use crate::upkeep::tokens::Freshness;

/// How long the network may take to show what it accepted at the very end of the call.
const SHOW_LATE_MS: i64 = 120_000;

impl Publisher {
    /// A lease is over. From `leased` nothing went out; from `armed` nobody knows.
    pub(super) async fn lapse(&self, delivery: &Delivery, now: i64) -> Result<(), StoreError> {
        let Some(next) = self.step(delivery, &Event::LeaseLapsed, now) else { return Ok(()) };
        match (delivery.state, self.open_attempt(delivery).await?) {
            (State::Armed, Some(attempt)) => {
                let end = AttemptEnd {
                    outcome: Outcome::Unknown,
                    evidence: "no report from the worker".into(),
                    visible: None,
                };
                self.store.end_attempt((&attempt.id, &end, now), delivery, &next, By::Outside, None).await?;
            }
            _ => {
                self.store.update_delivery(delivery, &next, By::Outside, None).await?;
            }
        }
        Ok(())
    }

    /// Looks once for an unknown outcome.
    pub(super) async fn look(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let Some(attempt) = self.open_attempt(delivery).await? else {
            // Nothing was ever sent that could be looked for: only a person can say what this is.
            tracing::error!(delivery.id = %delivery.id, "an unknown outcome without an open attempt");
            return self.write_look(delivery, &Event::CouldNotRead, None).await;
        };
        let sighting = match self.find_account(delivery).await? {
            Some(stored) => match self.platform(&stored.account) {
                Some(platform) => self.read_back(delivery, &attempt, platform, &stored.account).await?,
                None => None,
            },
            None => None,
        };
        crate::failpoint!("F9");
        match sighting {
            // It said that it has it: whatever else a look shows, it is asked again.
            Some(
                Sighting::Absent { .. } | Sighting::Unlisted | Sighting::Ambiguous { .. } | Sighting::Hidden { .. },
            )
            | None
                if delivery.state == State::Processing =>
            {
                self.still_processing(delivery, &attempt).await
            }
            Some(sighting) => self.judge(delivery, &attempt, sighting).await,
            None => self.write_look(delivery, &Event::CouldNotRead, None).await,
        }
    }

    async fn judge(&self, delivery: &Delivery, attempt: &Attempt, sighting: Sighting) -> Result<(), StoreError> {
        match sighting {
            Sighting::Found { remote_id, permalink } => {
                let (event, evidence) = if delivery.state == State::Processing {
                    (Event::ProcessingDone, "answer: its work on it is done")
                } else {
                    (Event::Found, "read_back: the account's own posts show it")
                };
                self.write_found(delivery, &event, (attempt, evidence, (remote_id, permalink))).await
            }
            Sighting::Handed { remote_id, permalink } => {
                let seen = (attempt, "answer: it lies before the person", (remote_id, permalink));
                self.write_found(delivery, &Event::Handed, seen).await
            }
            Sighting::Rejected { class, evidence } => {
                let refused = AttemptEnd { outcome: Outcome::Refused, evidence, visible: None };
                self.write_look(delivery, &Event::ProcessingFailed(class), Some((attempt, &refused))).await
            }
            Sighting::Working => self.still_processing(delivery, attempt).await,
            Sighting::Absent { is_ruined } => self.write_absent(delivery, attempt, is_ruined).await,
            Sighting::Unlisted => self.write_look(delivery, &Event::Unlisted, None).await,
            Sighting::Ambiguous { remote_ids } => {
                tracing::info!(delivery.id = %delivery.id, candidates = remote_ids.len(), "more than one post fits");
                self.write_look(delivery, &Event::AmbiguousRead, None).await
            }
            Sighting::Hidden { ask } => self.write_look(delivery, &Event::HiddenRead(ask), None).await,
        }
    }

    async fn still_processing(&self, delivery: &Delivery, attempt: &Attempt) -> Result<(), StoreError> {
        self.write_look(delivery, &Event::StillProcessing { since: attempt.started_at }, None).await
    }

    async fn write_absent(&self, delivery: &Delivery, attempt: &Attempt, is_ruined: bool) -> Result<(), StoreError> {
        let now = self.store.now_ms().await?;
        let is_proof = match self.find_account(delivery).await? {
            Some(stored) => self.platform(&stored.account).is_some_and(Platform::absence_is_proof),
            None => false,
        };
        let event = Event::AbsentRead { is_proof, is_ruined };
        // The attempt is closed as absent only where that is proved, also by the last try; otherwise it stays unknown for the person.
        let next = self.step(delivery, &event, now);
        let is_proved = next.is_some_and(|next| matches!(next.state, State::Waiting | State::Failed | State::Partial));
        let absent = AttemptEnd {
            outcome: Outcome::Absent,
            evidence: "read_back: two complete reads without it".into(),
            visible: None,
        };
        self.write_look(delivery, &event, is_proved.then_some((attempt, &absent))).await
    }

    async fn read_back(
        &self,
        delivery: &Delivery,
        attempt: &Attempt,
        platform: &dyn Platform,
        account: &Account,
    ) -> Result<Option<Sighting>, StoreError> {
        let now = self.store.now_ms().await?;
        let Some(variant) = self.store.find_variant(&delivery.variant, &delivery.workspace).await? else {
            return Ok(None);
        };
        let at = usize::try_from(delivery.progress.accepted).unwrap_or(0);
        let Some(segment) = variant.content.segments.get(at) else { return Ok(None) };
        let fresh = Freshness::until(now + LEASE_MS);
        let Ok(access) = self.tokens.access(platform, account, fresh).await else { return Ok(None) };
        let attempts = self.store.list_attempts(&delivery.id).await?;
        let part = delivery.progress.accepted;
        // From the first try on: a later one that was refused as a duplicate says that an earlier one went out.
        let started_at = attempts.iter().filter(|a| a.part == part).map(|a| a.started_at).min();
        let started_at = started_at.unwrap_or(attempt.started_at);
        let parent = attempts.into_iter().find(|a| a.part == part - 1 && a.outcome == Some(Outcome::Accepted));
        let search = Search {
            account_remote_id: account.remote_id.clone(),
            handle: account.handle.clone(),
            text: segment.text.clone(),
            media: segment.media.len(),
            prepared: delivery.handle.clone(),
            reply_to: parent.and_then(|attempt| attempt.remote_id),
            started_at,
            ended_by: attempt.sent_deadline + COMMIT_TIMEOUT_MS + SHOW_LATE_MS,
            now,
            said: attempt.evidence.clone().unwrap_or_default(),
            claimed: self.store.list_claimed_remote_ids(&account.id, started_at - 24 * 3_600_000).await?,
        };
        let mut seen = platform.find(&access.token, &search).await;
        if matches!(seen, Err(CallFault::Unauthorized { .. })) {
            // Once: a new pair may be all it takes. The keeper says so by itself when the account must be connected again.
            let newer = fresh.but_not(Some(access.generation));
            let Ok(access) = self.tokens.access(platform, account, newer).await else { return Ok(None) };
            seen = platform.find(&access.token, &search).await;
            if matches!(seen, Err(CallFault::Unauthorized { .. })) {
                self.store.update_account_ended(&account.id, Ended::Refused, access.generation).await?;
            }
        }
        match seen {
            Ok(sighting) => Ok(Some(sighting)),
            Err(fault) => {
                tracing::info!(delivery.id = %delivery.id, error = %fault, "reading back failed; that shows nothing either way");
                Ok(None)
            }
        }
    }

    /// Writes down what became visible, and where.
    async fn write_found(
        &self,
        delivery: &Delivery,
        event: &Event,
        (attempt, evidence, visible): (&Attempt, &str, (String, String)),
    ) -> Result<(), StoreError> {
        let found = AttemptEnd { outcome: Outcome::Accepted, evidence: evidence.into(), visible: Some(visible) };
        match self.write_look(delivery, event, Some((attempt, &found))).await {
            // Another delivery claimed the same post between our read and our write.
            Err(error) if is_unique_violation(&error) => self.write_look(delivery, &Event::AmbiguousRead, None).await,
            other => other,
        }
    }

    async fn write_look(
        &self,
        delivery: &Delivery,
        event: &Event,
        end: Option<(&Attempt, &AttemptEnd)>,
    ) -> Result<(), StoreError> {
        let now = self.store.now_ms().await?;
        let Some(next) = self.step(delivery, event, now) else { return Ok(()) };
        if next.state != delivery.state {
            tracing::info!(delivery.id = %delivery.id, delivery.state = next.state.word(), "an unknown outcome is settled");
        }
        let notice = self.notice_for(delivery, &next).await?;
        let is_written = match end {
            Some((attempt, end)) => {
                self.store.end_attempt((&attempt.id, end, now), delivery, &next, By::Outside, notice).await?
            }
            None => self.store.update_delivery(delivery, &next, By::Outside, notice).await?,
        };
        if is_written && next.state == State::NeedsHuman {
            self.tell_asked(delivery).await?;
        }
        Ok(())
    }

    async fn open_attempt(&self, delivery: &Delivery) -> Result<Option<Attempt>, StoreError> {
        let attempts = self.store.list_attempts(&delivery.id).await?;
        Ok(attempts.into_iter().rev().find(|attempt| {
            attempt.part == delivery.progress.accepted
                && attempt.outcome.is_none_or(|outcome| outcome == Outcome::Unknown)
        }))
    }
}
