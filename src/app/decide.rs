//! The door `decide`: a person's gesture, and the acts on networks that follow from one.

use super::App;
use crate::desk::Asked;
use crate::desk::view::{ApprovalView, PostView};
use crate::domain::account::Account;
use crate::domain::approval::Act;
use crate::domain::batch::Picked;
use crate::domain::caller::{Caller, Grant};
use crate::domain::commit::CallFault;
use crate::domain::delivery::{Answer, Event, step};
use crate::domain::ids::{ApprovalId, DeliveryId, PostId};
use crate::domain::purpose::Purpose;
use crate::domain::tool::ToolError;
use crate::say;
use crate::store::attempts::Outcome;
use crate::store::deliveries::By;
use crate::upkeep::tokens::{Freshness, TokenProblem};

/// A token for taking down must live this long from now.
const TAKE_DOWN_MS: i64 = 60_000;

/// A person's answer to an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Yes, exactly this.
    Approve,
    /// No.
    Decline,
}

impl App {
    /// Approvals that wait for this person.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_waiting(&self, caller: &Caller) -> Result<Vec<ApprovalView>, ToolError> {
        self.desk.list_waiting(caller).await
    }

    /// One approval.
    ///
    /// # Errors
    /// Refused when it is not this person's.
    pub async fn read_approval(&self, caller: &Caller, id: &ApprovalId) -> Result<ApprovalView, ToolError> {
        self.desk.read_approval(&self.for_approval(caller, id).await?, id).await
    }

    /// Answers an approval; `hash` is the one the page showed. Whoever's post it is answers, or whom they named. Only a signed-in browser, the local user at a
    /// terminal or a linked member's signed button may: a model never answers.
    ///
    /// # Errors
    /// Refused when somebody answered first, it expired, or what was shown is not what would be done any more.
    pub async fn decide(
        &self,
        caller: &Caller,
        id: &ApprovalId,
        hash: &str,
        verdict: Verdict,
    ) -> Result<ApprovalView, ToolError> {
        self.decide_but(caller, id, (hash, &Picked::all()), verdict).await
    }

    /// The same; a yes to a plan takes what was picked of it.
    ///
    /// # Errors
    /// As [`App::decide`], and refused when nothing is left.
    pub async fn decide_but(
        &self,
        caller: &Caller,
        id: &ApprovalId,
        (hash, picked): (&str, &Picked),
        verdict: Verdict,
    ) -> Result<ApprovalView, ToolError> {
        if caller.is_assistant() {
            return Err(say!("approval-not-by-model").into());
        }
        self.decide_as(caller, id, (hash, picked), verdict).await
    }

    /// The same, for a caller of whom it was settled that a person speaks.
    pub(super) async fn decide_as(
        &self,
        caller: &Caller,
        id: &ApprovalId,
        (hash, picked): (&str, &Picked),
        verdict: Verdict,
    ) -> Result<ApprovalView, ToolError> {
        let caller = &self.for_approval(caller, id).await?;
        match verdict {
            Verdict::Decline => self.desk.decline(caller, id, hash).await?,
            Verdict::Approve => {
                let approval = self.desk.approve(caller, id, (hash, picked)).await?;
                match &approval.act {
                    Act::Publish { .. } | Act::Batch { .. } | Act::Resume { .. } => {}
                    Act::Forget { scope } => self.forget_posts(caller, scope).await?,
                    Act::TakeDown { delivery } => {
                        if let Err(why) = self.take_down(caller, delivery).await {
                            // What is removed already counts as removed then, so the same yes can be given again; and nobody reads of
                            // an agreed removal that something is gone.
                            self.store.update_approval_reopened(&approval.id).await?;
                            self.desk.audit(caller, "approval.reopen", id.as_str()).await?;
                            return Err(why);
                        }
                    }
                    // Whoever dies here leaves it due: it is gone on with (`videos`).
                    Act::EditVideo { .. } => self.edit_video(&approval).await?,
                    Act::Disconnect { account } => {
                        // Whoever dies here leaves what the approval wrote: it is gone on with (`disconnect`).
                        crate::failpoint!("F14");
                        self.disconnect(caller, account).await?;
                    }
                }
            }
        }
        let view = self.desk.read_approval(caller, id).await?;
        if view.approval.user != caller.user {
            self.tell_owner(caller, (&view.approval.user, view.post.as_ref()), verdict).await?;
        }
        Ok(view)
    }

    /// A person's answer for a delivery in `needs_human`, with the address of what they see there, when they give it.
    ///
    /// # Errors
    /// Refused when it does not wait for a person (any more), or the address is none of a post of that account.
    pub async fn settle(
        &self,
        caller: &Caller,
        id: &DeliveryId,
        answer: (Answer, Option<&str>),
    ) -> Result<PostView, ToolError> {
        let post = self.desk.settle(caller, id, answer).await?;
        self.desk.read_post(caller, &post).await
    }

    /// Asks anew about what missed its time: now, or at another time as it was typed.
    ///
    /// # Errors
    /// Refused when it is not missed (any more), or the time cannot be read.
    pub async fn ask_missed(
        &self,
        caller: &Caller,
        id: &DeliveryId,
        at: Option<&str>,
    ) -> Result<ApprovalId, ToolError> {
        // Asked even where a standing permission would answer: exactly what would go out is shown first.
        let caller = &Caller { grant: Grant::Drafts, ..caller.clone() };
        match self.desk.ask_missed(caller, id, at).await? {
            Asked::Waiting(approval) => Ok(approval),
            Asked::Done => Err(ToolError::Failed("asked without a permission, and answered".into())),
        }
    }

    /// Lets go of what missed its time.
    ///
    /// # Errors
    /// Refused when it is not missed (any more).
    pub async fn drop_missed(&self, caller: &Caller, id: &DeliveryId) -> Result<PostId, ToolError> {
        self.desk.drop_missed(caller, id).await
    }

    async fn take_down(&self, caller: &Caller, id: &DeliveryId) -> Result<(), ToolError> {
        let found = self.store.find_delivery(id).await?.filter(|delivery| delivery.workspace == caller.workspace);
        let delivery = found.ok_or_else(|| say!("common-not-found-thing", thing = id.as_str()))?;
        let account = self.desk.get_account(caller, &delivery.account).await?.account;
        let platform = self.desk.network(account.network)?;
        self.desk.check_permission(&account, &[Purpose::TakeDown])?;
        let until = self.clock.now_ms() + TAKE_DOWN_MS;
        let tokens = &self.publisher.tokens;
        let access = tokens.access(platform.as_ref(), &account, Freshness::until(until)).await;
        let mut access = match access {
            Ok(access) => access,
            Err(problem) => return Err(no_token(&account, problem)),
        };
        let mut visible = self.store.list_attempts(id).await?;
        visible.retain(|attempt| attempt.outcome == Some(Outcome::Accepted));
        // Before anything is removed: what cannot be named cannot be removed, and half a removal helps nobody.
        let ids: Option<Vec<String>> = visible.into_iter().map(|attempt| attempt.remote_id).collect();
        let ids = ids.filter(|ids| !ids.is_empty()).ok_or_else(|| say!("take-down-no-address"))?;
        // Last part first: a thread without its end reads better than one without its beginning, should a call fail.
        for remote_id in ids.iter().rev() {
            let mut removed = platform.remove(&access.token, remote_id).await;
            if matches!(removed, Err(CallFault::Unauthorized { .. })) {
                // Once: a token may have been revoked before its time, and a new pair is all it takes.
                let newer = Freshness::until(until).but_not(Some(access.generation));
                access = match tokens.access(platform.as_ref(), &account, newer).await {
                    Ok(access) => access,
                    Err(problem) => return Err(no_token(&account, problem)),
                };
                removed = platform.remove(&access.token, remote_id).await;
            }
            match removed {
                Ok(()) => {}
                Err(CallFault::Refused(why) | CallFault::Blocked(why)) => return Err(why.into()),
                Err(fault) => return Err(later(&account, &fault.to_string())),
            }
        }
        if let Some(next) =
            step(delivery.state, &delivery.progress, delivery.slot, &Event::TakenDown, self.clock.now_ms(), 0)
        {
            self.store.update_delivery(&delivery, &next, By::Outside, None).await?;
        }
        self.desk.audit(caller, "delivery.take_down", id.as_str()).await
    }
}

/// Not all of it, as far as is known; it can be tried again. Why is for the log: it is the network's own words.
fn later(account: &Account, why: &str) -> ToolError {
    tracing::warn!(error = %why, "something was not taken down");
    say!("take-down-failed", network = account.network.shown()).into()
}

fn no_token(account: &Account, problem: TokenProblem) -> ToolError {
    match problem {
        TokenProblem::Reconnect(why) => why.into(),
        TokenProblem::Later(why) => later(account, &format!("no token: {why}")),
    }
}
