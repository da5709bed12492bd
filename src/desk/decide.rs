//! Carrying out a person's decision. One answer wins; what is done is what was shown, by hash.

use super::Desk;
use crate::domain::account::Account;
use crate::domain::approval::{Act, Approval, Decision, ForgetScope, Late, PauseScope, PublishItem, When, act_hash};
use crate::domain::batch::Picked;
use crate::domain::caller::Caller;
use crate::domain::delivery::{Answer, Delivery, Event, Progress, State, notice, step};
use crate::domain::ids::{ApprovalId, DeliveryId, MediaId, PostId, UserId};
use crate::domain::post::{MediaFacts, content_hash};
use crate::domain::recurrence::Recurrence;
use crate::domain::tool::ToolError;
use crate::say;
use crate::store::approvals::{ApprovedPublish, Decided};
use crate::store::attempts::{AttemptEnd, Outcome};
use crate::store::deliveries::{By, is_unique_violation};

/// How long whoever heard a yes to disconnecting has to begin with it, before others do: longer than a request takes.
const CARRY_OUT_MS: i64 = 60_000;
/// Looks for what is left to forget, a thousand conversations each: more than anybody holds. Somebody who goes on talking ends it.
const FORGET_ROUNDS_MAX: usize = 1_000;

impl Desk {
    /// Says no.
    ///
    /// # Errors
    /// Refused when somebody answered first or it expired.
    pub async fn decline(&self, caller: &Caller, id: &ApprovalId, hash: &str) -> Result<(), ToolError> {
        let approval = self.get_open(caller, id, hash).await?;
        let done =
            self.store.update_approval(&approval, Decision::Declined, caller.via.word(), self.clock.now_ms()).await?;
        self.check_decided(caller, &approval, done).await?;
        self.audit(caller, "approval.decline", id.as_str()).await
    }

    /// Says yes to exactly what was shown, of a plan to what was picked of it. Acts on networks (take down, disconnect) are carried out by `app` after this.
    ///
    /// # Errors
    /// Refused when somebody answered first, it expired, or what was shown is not what would be done any more.
    pub async fn approve(
        &self,
        caller: &Caller,
        id: &ApprovalId,
        (hash, picked): (&str, &Picked),
    ) -> Result<Approval, ToolError> {
        let approval = self.get_open(caller, id, hash).await?;
        // The hash says that the act is the one that was shown; what it names may be gone since. (Of a plan each post is looked at then.)
        let gone = self.view_approval(caller, approval.clone()).await?.gone;
        if let Some(first) = gone.into_iter().next() {
            return Err(first.into());
        }
        self.carry_out(caller, &approval, (caller.via.word(), picked)).await?;
        Ok(approval)
    }

    pub(super) async fn get_open(&self, caller: &Caller, id: &ApprovalId, hash: &str) -> Result<Approval, ToolError> {
        let found = self.store.find_approval(id, &caller.user).await?;
        let approval = found.ok_or_else(|| say!("approval-not-found", id = id.as_str()))?;
        // Whom somebody named answers for publishing, and for nothing else of theirs.
        if approval.user != caller.user && !matches!(approval.act, Act::Publish { .. }) {
            return Err(say!("approval-not-found", id = id.as_str()).into());
        }
        if approval.hash != hash || act_hash(&approval.act) != approval.hash {
            return Err(say!("approval-changed").into());
        }
        match approval.decision {
            Decision::Pending if approval.expires_at > self.clock.now_ms() => Ok(approval),
            Decision::Pending | Decision::Expired => Err(say!("approval-expired").into()),
            Decision::Superseded => Err(say!("approval-changed").into()),
            Decision::Void => Err(approval.reason.unwrap_or_else(|| say!("approval-void-account")).into()),
            Decision::Approved | Decision::Declined => {
                Err(say!("approval-decided", decision = approval.decision.word()).into())
            }
        }
    }

    pub(super) async fn carry_out(
        &self,
        caller: &Caller,
        approval: &Approval,
        (via, picked): (&str, &Picked),
    ) -> Result<(), ToolError> {
        let now = self.store.now_ms().await?;
        let done = match &approval.act {
            Act::Publish { post, revision, items, again: _ } => {
                let publish = self.approved((caller, &approval.user), (post, *revision), items, now).await?;
                self.store.update_approval_published(approval, via, now, &caller.workspace, &publish).await?
            }
            Act::Batch { posts } => self.carry_out_batch(caller, approval, (via, now), (posts, picked)).await?,
            Act::Resume { scope, late } => {
                let done = self.store.update_approval(approval, Decision::Approved, via, now).await?;
                if done == Decided::Yes {
                    self.resume(caller, scope, *late, now).await?;
                }
                done
            }
            Act::Forget { scope } => {
                // Said before the answer is used up: it can be given again a minute later.
                if let ForgetScope::Post { id } = scope
                    && self.store.is_going_out(id).await?
                {
                    return Err(say!("forget-post-going-out").into());
                }
                if let ForgetScope::Medium { id } = scope {
                    self.check_unused(caller, id).await?;
                }
                let done = self.store.update_approval(approval, Decision::Approved, via, now).await?;
                if done == Decided::Yes {
                    self.forget(caller, scope).await?;
                }
                done
            }
            Act::TakeDown { .. } => self.store.update_approval(approval, Decision::Approved, via, now).await?,
            Act::EditVideo { .. } => {
                let later = now + CARRY_OUT_MS;
                self.store.update_approval_editing(approval, via, (now, later)).await?
            }
            Act::Disconnect { account } => {
                let later = now + CARRY_OUT_MS;
                self.store.update_approval_disconnecting(approval, account, via, (now, later)).await?
            }
        };
        self.wake.notify_one();
        // Whoever was slower did nothing, and the chain says nothing of them.
        self.check_decided(caller, approval, done).await?;
        self.audit(caller, "approval.approve", approval.id.as_str()).await
    }

    /// What a post uses stays as long as the post.
    ///
    /// # Errors
    /// Refused when there is no such medium, or a draft or post uses it.
    pub async fn check_unused(&self, caller: &Caller, id: &MediaId) -> Result<MediaFacts, ToolError> {
        let found = self.store.find_media(id, &caller.workspace).await?;
        let found = found.ok_or_else(|| say!("media-not-found", id = id.as_str()))?;
        match self.store.count_uses(id, &caller.workspace).await? {
            0 => Ok(found),
            count => Err(say!("media-used", count = count).into()),
        }
    }

    /// Deletes what was said; what lay in SQLite's log goes too. Begun again it goes on where it stopped.
    async fn forget(&self, caller: &Caller, scope: &ForgetScope) -> Result<(), ToolError> {
        let (from, until) = match scope {
            // With files: `app` does that after this.
            ForgetScope::Post { .. } | ForgetScope::Medium { .. } | ForgetScope::Posts { .. } => return Ok(()),
            ForgetScope::Conversation { .. } | ForgetScope::All => (i64::MIN, i64::MAX),
            ForgetScope::Span { from_ms, until_ms } => (*from_ms, *until_ms),
        };
        if let ForgetScope::Conversation { id } = scope {
            if self.store.find_conversation(id, &caller.user).await?.is_none() {
                return Err(say!("conversation-not-found", id = id.as_str()).into());
            }
            self.store.delete_said(id, from, until).await?;
        } else {
            self.forget_span(caller, from, until).await?;
        }
        Ok(self.store.checkpoint().await?)
    }

    /// Whatever was said in a span, conversation by conversation.
    async fn forget_span(&self, caller: &Caller, from: i64, until: i64) -> Result<(), ToolError> {
        for _ in 0..FORGET_ROUNDS_MAX {
            let found = self.store.list_conversations_in(&caller.user, from, until).await?;
            if found.is_empty() {
                return Ok(());
            }
            for id in found {
                self.store.delete_said(&id, from, until).await?;
            }
        }
        Err(ToolError::Failed(
            "conversations kept coming while they were forgotten; what is left can be forgotten again".into(),
        ))
    }

    async fn check_decided(&self, caller: &Caller, approval: &Approval, done: Decided) -> Result<(), ToolError> {
        match done {
            Decided::Yes => Ok(()),
            Decided::Changed => Err(say!("approval-changed").into()),
            Decided::TooLate => {
                let now = self.store.find_approval(&approval.id, &caller.user).await?;
                let word = now.map_or("expired", |approval| approval.decision.word());
                Err(say!("approval-decided", decision = word).into())
            }
        }
    }

    pub(super) async fn approved<'a>(
        &self,
        (caller, owner): (&Caller, &UserId),
        (post, revision): (&'a PostId, i64),
        items: &[PublishItem],
        now: i64,
    ) -> Result<ApprovedPublish<'a>, ToolError> {
        let hold_ms = self.store.find_user(owner).await?.map_or(0, |user| user.hold_ms);
        let mut publish = ApprovedPublish { post: (post, revision), new: Vec::new(), replaced: Vec::new() };
        for item in items {
            let (slots, zone, catch_up) = match &item.when {
                When::At { at_ms, .. } if *at_ms <= now => return Err(say!("approval-time-passed").into()),
                When::At { at_ms, zone } => (vec![*at_ms], zone.clone(), None),
                When::Now => (vec![now + hold_ms], caller.zone.clone(), None),
                When::Every(Recurrence { instants, zone, catch_up, .. }) => {
                    // What passed while the question was open is not to come any more; the rest is what was shown.
                    let to_come: Vec<_> = instants.iter().copied().filter(|at| *at > now).collect();
                    if to_come.is_empty() {
                        return Err(say!("approval-time-passed").into());
                    }
                    (to_come, zone.clone(), Some(*catch_up))
                }
            };
            let variant = self.store.find_variant(&item.variant, &caller.workspace).await?;
            let variant = variant.ok_or_else(|| say!("approval-changed"))?;
            let media = self.media_of(caller, &variant.content).await?;
            if content_hash(&item.account, &variant.content, &media) != item.content_hash {
                return Err(say!("approval-changed").into());
            }
            for (id, epoch) in &item.replaces {
                publish.replaced.push(self.replaced(id, *epoch, now).await?);
            }
            publish.new.extend(slots.into_iter().map(|slot| Delivery {
                id: DeliveryId::generate(now, self.entropy.bits()),
                workspace: caller.workspace.clone(),
                user: owner.clone(),
                post: post.clone(),
                variant: item.variant.clone(),
                account: item.account.clone(),
                slot,
                zone: zone.clone(),
                state: State::Scheduled,
                epoch: 0,
                next_at: Some(slot),
                lease_until: None,
                handle: None,
                content_hash: item.content_hash.clone(),
                reason: None,
                progress: Progress {
                    parts: i64::try_from(variant.content.segments.len()).unwrap_or(1),
                    catch_up,
                    ..Progress::default()
                },
            }));
        }
        Ok(publish)
    }

    /// The delivery that a new one takes the place of, if it still stands as it stood when the question was asked. A retry in
    /// between changes its epoch too: then the person is asked again rather than surprised.
    async fn replaced(
        &self,
        id: &DeliveryId,
        epoch: i64,
        now: i64,
    ) -> Result<(Delivery, crate::domain::delivery::Step), ToolError> {
        let found = self.store.find_delivery(id).await?;
        let delivery = found.filter(|delivery| delivery.epoch == epoch).ok_or_else(|| say!("approval-changed"))?;
        let mut next = step(delivery.state, &delivery.progress, delivery.slot, &Event::Cancel, now, 0)
            .ok_or_else(|| say!("approval-changed"))?;
        next.reason = Some(say!("delivery-reason-moved"));
        Ok((delivery, next))
    }

    async fn resume(&self, caller: &Caller, scope: &PauseScope, late: Late, now: i64) -> Result<(), ToolError> {
        let later_by = match late {
            Late::Shift => self.paused_at(caller, scope).await?.map_or(0, |since| now - since),
            Late::Ask | Late::Skip => 0,
        };
        self.set_pause(caller, scope, None).await?;
        // The last first: where everything moves later, each finds the place of the next one free.
        for delivery in self.in_scope(caller, scope).await?.into_iter().rev() {
            if self.is_paused_elsewhere(caller, &delivery).await? {
                continue;
            }
            // Everything that was held keeps its distance to the others.
            let slot = delivery.slot + later_by;
            let event = Event::Resume { is_skipped: late == Late::Skip };
            let Some(next) = step(delivery.state, &delivery.progress, slot, &event, now, 0) else { continue };
            let handle = self.get_account(caller, &delivery.account).await?.account.handle;
            let notice = self.notice(notice(next.state, &handle, &next.progress), &delivery.post);
            if later_by > 0 && next.state == State::Scheduled {
                match self.store.update_delivery_moved(&delivery, &next, slot).await {
                    // Another delivery of the post stands there: this one stays where it was, and is asked about when that is over.
                    Err(error) if is_unique_violation(&error) => {}
                    other => {
                        other?;
                        continue;
                    }
                }
            }
            let event = Event::Resume { is_skipped: late == Late::Skip };
            let next = step(delivery.state, &delivery.progress, delivery.slot, &event, now, 0).unwrap_or(next);
            self.store.update_delivery(&delivery, &next, By::Outside, notice).await?;
        }
        Ok(())
    }

    /// A person's answer about an unknown outcome, with the address of what they see there, when they give it.
    ///
    /// # Errors
    /// Refused when the delivery does not wait for a person (any more), or the address is none of a post of that account.
    pub async fn settle(
        &self,
        caller: &Caller,
        id: &DeliveryId,
        (answer, link): (Answer, Option<&str>),
    ) -> Result<PostId, ToolError> {
        let found = self.store.find_delivery(id).await?.filter(|delivery| delivery.workspace == caller.workspace);
        let delivery = found.ok_or_else(|| say!("common-not-found-thing", thing = id.as_str()))?;
        let now = self.clock.now_ms();
        let next = step(delivery.state, &delivery.progress, delivery.slot, &Event::Person(answer), now, 0).ok_or_else(
            || match delivery.state {
                State::NeedsHuman => say!("settle-too-early"),
                state => say!("settle-too-late", state = state.word()),
            },
        )?;
        let attempts = self.store.list_attempts(id).await?;
        let open = attempts.iter().rev().find(|attempt| {
            attempt.part == delivery.progress.accepted && attempt.outcome.is_none_or(|o| o == Outcome::Unknown)
        });
        let account = self.get_account(caller, &delivery.account).await?.account;
        let visible = match (answer, link.map(str::trim).filter(|link| !link.is_empty())) {
            (Answer::ItIsThere, Some(link)) => {
                let (remote_id, permalink) = self.read_link(&account, link)?;
                // The id may be spelt in two ways (`code:…` on Threads); the address is one.
                if self.store.is_shown(&account.id, &permalink).await? {
                    return Err(say!("settle-link-taken").into());
                }
                Some((remote_id, permalink))
            }
            (Answer::ItIsThere | Answer::SendIt | Answer::DropIt | Answer::SendRest | Answer::Leave, _) => None,
        };
        let told =
            if next.state == delivery.state { None } else { notice(next.state, &account.handle, &next.progress) };
        let notice = self.notice(told, &delivery.post);
        let written = match open.filter(|_| delivery.state == State::NeedsHuman) {
            Some(attempt) => {
                let end = AttemptEnd {
                    outcome: match answer {
                        Answer::ItIsThere => Outcome::Accepted,
                        Answer::SendIt | Answer::DropIt | Answer::SendRest | Answer::Leave => Outcome::Absent,
                    },
                    evidence: format!("person:{} via {}", caller.user, caller.via.word()),
                    visible,
                };
                match self.store.end_attempt((&attempt.id, &end, now), &delivery, &next, By::Outside, notice).await {
                    Err(error) if is_unique_violation(&error) => return Err(say!("settle-link-taken").into()),
                    written => written?,
                }
            }
            // Nothing stands open that could be called published: nobody's word alone makes it so.
            None if answer == Answer::ItIsThere => false,
            None => self.store.update_delivery(&delivery, &next, By::Outside, notice).await?,
        };
        if !written {
            return Err(say!("settle-too-late", state = delivery.state.word()).into());
        }
        self.audit(caller, "delivery.settle", id.as_str()).await?;
        self.wake.notify_one();
        Ok(delivery.post)
    }

    /// The network's id and place of a post, from an address that a person gives.
    fn read_link(&self, account: &Account, link: &str) -> Result<(String, String), ToolError> {
        self.network(account.network)?.read_link(account, link).ok_or_else(|| {
            let given = link.chars().take(200).collect::<String>();
            say!("settle-link-wrong", given = given, handle = &account.handle, network = account.network.shown()).into()
        })
    }
}
