//! Whatever reduces publishing runs at once: withdrawing and pausing. Resuming asks a person.

use super::Desk;
use super::view::PostView;
use crate::domain::approval::{Act, Late, PauseScope};
use crate::domain::caller::Caller;
use crate::domain::delivery::{Delivery, Event, State, Step, step};
use crate::domain::ids::{DeliveryId, PostId};
use crate::domain::post::Post;
use crate::domain::tool::ToolError;
use crate::say;
use crate::store::deliveries::{By, DELIVERIES_MAX};

/// For how long a withdrawn post can be brought back (DESIGN §4).
const RESTORE_MS: i64 = 30 * 24 * 3_600_000;
/// How often a write that lost against a worker is tried again: each loss means that the worker moved on by a step.
const TRIES_MAX: usize = 5;

/// What withdrawing came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawn {
    /// The post after it.
    pub post: PostView,
    /// Deliveries that were stopped.
    pub stopped: usize,
    /// Where it was too late, with the state it is in.
    pub too_late: Vec<(String, State)>,
}

/// What withdrawing a post means at this moment.
struct Stopping {
    post: Post,
    steps: Vec<(Delivery, Step)>,
    too_late: Vec<(String, State)>,
    is_visible: bool,
}

impl Desk {
    /// Takes a draft, or what is scheduled of a post, out of the way at once.
    ///
    /// # Errors
    /// Refused when there is nothing to withdraw.
    pub async fn withdraw(&self, caller: &Caller, id: &PostId) -> Result<Withdrawn, ToolError> {
        for _ in 0..TRIES_MAX {
            let Stopping { post, steps, too_late, is_visible } = self.stopping(caller, id).await?;
            let stopped = steps.len();
            let written = if too_late.is_empty() && !is_visible {
                self.store.update_post_withdrawn(&post, &steps, self.clock.now_ms()).await?
            } else {
                self.stop_each(&steps).await?
            };
            if written {
                self.audit(caller, "post.withdraw", id.as_str()).await?;
                let post = self.read_post(caller, id).await?;
                return Ok(Withdrawn { post, stopped, too_late });
            }
        }
        Err(ToolError::Failed("a delivery kept moving while it was withdrawn".into()))
    }

    /// What [`Desk::withdraw`] would come to just now; nothing stored.
    ///
    /// # Errors
    /// As [`Desk::withdraw`].
    pub async fn preview_withdraw(&self, caller: &Caller, id: &PostId) -> Result<Withdrawn, ToolError> {
        let found = self.stopping(caller, id).await?;
        let post = self.read_post(caller, id).await?;
        Ok(Withdrawn { post, stopped: found.steps.len(), too_late: found.too_late })
    }

    async fn stopping(&self, caller: &Caller, id: &PostId) -> Result<Stopping, ToolError> {
        let post = self.get_post(caller, id).await?;
        let now = self.clock.now_ms();
        let (mut steps, mut too_late, mut is_visible) = (Vec::new(), Vec::new(), false);
        for delivery in self.store.list_deliveries(id, DELIVERIES_MAX).await? {
            if let Some(next) = cancel(&delivery, now) {
                steps.push((delivery, next));
            } else if !delivery.state.is_over() {
                let handle = self.get_account(caller, &delivery.account).await?.account.handle;
                too_late.push((handle, delivery.state));
            } else if matches!(delivery.state, State::Published | State::Partial) {
                is_visible = true;
            }
        }
        if post.withdrawn_at.is_some() || (steps.is_empty() && too_late.is_empty() && is_visible) {
            return Err(say!("post-nothing-to-withdraw").into());
        }
        Ok(Stopping { post, steps, too_late, is_visible })
    }

    async fn stop_each(&self, steps: &[(Delivery, Step)]) -> Result<bool, ToolError> {
        for (delivery, next) in steps {
            if !self.store.update_delivery(delivery, next, By::Outside, None).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Lets go of what missed its time; the rest of its post stays as it is.
    ///
    /// # Errors
    /// Refused when it is not missed (any more).
    pub async fn drop_missed(&self, caller: &Caller, id: &DeliveryId) -> Result<PostId, ToolError> {
        let delivery = self.get_missed(caller, id).await?;
        let next = cancel(&delivery, self.clock.now_ms());
        let too_late = || say!("settle-too-late", state = delivery.state.word());
        if !self.store.update_delivery(&delivery, &next.ok_or_else(too_late)?, By::Outside, None).await? {
            return Err(too_late().into());
        }
        self.audit(caller, "delivery.drop", id.as_str()).await?;
        Ok(delivery.post)
    }

    /// Brings a withdrawn post back as a draft.
    ///
    /// # Errors
    /// Refused when it was not withdrawn, or too long ago.
    pub async fn restore(&self, caller: &Caller, id: &PostId) -> Result<PostView, ToolError> {
        self.get_post(caller, id).await?;
        let now = self.clock.now_ms();
        if !self.store.update_post_restored(id, &caller.workspace, now, now - RESTORE_MS).await? {
            return Err(say!("post-nothing-to-restore").into());
        }
        self.audit(caller, "post.restore", id.as_str()).await?;
        self.read_post(caller, id).await
    }

    /// The post that [`Desk::restore`] would bring back; nothing stored.
    ///
    /// # Errors
    /// As [`Desk::restore`].
    pub async fn preview_restore(&self, caller: &Caller, id: &PostId) -> Result<PostView, ToolError> {
        let withdrawn_at = self.get_post(caller, id).await?.withdrawn_at;
        if withdrawn_at.is_none_or(|at| at < self.clock.now_ms() - RESTORE_MS) {
            return Err(say!("post-nothing-to-restore").into());
        }
        self.read_post(caller, id).await
    }

    /// How many deliveries [`Desk::pause`] would stop; nothing stored.
    ///
    /// # Errors
    /// As [`Desk::pause`].
    pub async fn preview_pause(&self, caller: &Caller, scope: &PauseScope) -> Result<usize, ToolError> {
        let (now, all) = (self.clock.now_ms(), self.in_scope(caller, scope).await?);
        let is_stopped = |delivery: &&Delivery| {
            step(delivery.state, &delivery.progress, delivery.slot, &Event::Pause, now, 0).is_some()
        };
        Ok(all.iter().filter(is_stopped).count())
    }

    /// Stops publishing of a scope at once. Returns how many deliveries were stopped.
    ///
    /// # Errors
    /// Refused when account or post are not there.
    pub async fn pause(&self, caller: &Caller, scope: &PauseScope) -> Result<usize, ToolError> {
        let now = self.clock.now_ms();
        // First the mark, which the arm transaction looks at: from here nothing new goes out.
        self.set_pause(caller, scope, Some(now)).await?;
        let mut stopped = 0;
        for delivery in self.in_scope(caller, scope).await? {
            if let Some(next) = step(delivery.state, &delivery.progress, delivery.slot, &Event::Pause, now, 0)
                && self.store.update_delivery(&delivery, &next, By::Outside, None).await?
            {
                stopped += 1;
            }
        }
        self.audit(caller, "publishing.pause", scope_word(scope)).await?;
        Ok(stopped)
    }

    /// Asks to let publishing go on.
    ///
    /// # Errors
    /// Refused when account or post are not there.
    pub async fn ask_to_resume(
        &self,
        caller: &Caller,
        scope: PauseScope,
        late: Late,
    ) -> Result<super::Asked, ToolError> {
        self.in_scope(caller, &scope).await?;
        // Not tied to a post: an edit must not take the way back from a pause.
        self.ask(caller, Act::Resume { scope, late }, None).await
    }

    /// Since when a scope is paused.
    pub(super) async fn paused_at(&self, caller: &Caller, scope: &PauseScope) -> Result<Option<i64>, ToolError> {
        Ok(match scope {
            PauseScope::Workspace => self.store.find_workspace_pause(&caller.workspace).await?,
            PauseScope::Account(account) => self.get_account(caller, account).await?.paused_at,
            PauseScope::Post(post) => self.store.find_post_pause(post).await?,
        })
    }

    /// What "everything" is to a caller: for one that may use some accounts only, nothing beyond them.
    ///
    /// # Errors
    /// Refused when these are several, with which they are.
    pub async fn everything(&self, caller: &Caller) -> Result<PauseScope, ToolError> {
        if caller.accounts.is_none() {
            return Ok(PauseScope::Workspace);
        }
        match self.list_accounts(caller).await?.as_slice() {
            [] => Err(say!("account-none-connected").into()),
            [one] => Ok(PauseScope::Account(one.account.id.clone())),
            several => {
                let shown = several.iter().map(|view| format!("@{} ({})", view.account.handle, view.account.id));
                Err(say!("pause-which", accounts = shown.collect::<Vec<_>>().join("; ")).into())
            }
        }
    }

    pub(super) async fn set_pause(
        &self,
        caller: &Caller,
        scope: &PauseScope,
        paused_at: Option<i64>,
    ) -> Result<(), ToolError> {
        match scope {
            PauseScope::Workspace if caller.accounts.is_some() => return Err(say!("pause-beyond").into()),
            PauseScope::Workspace => self.store.update_workspace_pause(&caller.workspace, paused_at).await?,
            PauseScope::Account(account) => {
                self.get_account(caller, account).await?;
                self.store.update_account_pause(account, &caller.workspace, paused_at).await?;
            }
            PauseScope::Post(post) => {
                self.get_post(caller, post).await?;
                self.store.update_post_pause(post, &caller.workspace, paused_at).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn in_scope(&self, caller: &Caller, scope: &PauseScope) -> Result<Vec<Delivery>, ToolError> {
        match scope {
            PauseScope::Workspace if caller.accounts.is_some() => Err(say!("pause-beyond").into()),
            PauseScope::Workspace => Ok(self.store.list_open_of_workspace(&caller.workspace).await?),
            PauseScope::Account(account) => {
                self.get_account(caller, account).await?;
                Ok(self.store.list_open_of_account(account).await?)
            }
            PauseScope::Post(post) => {
                self.get_post(caller, post).await?;
                Ok(self.store.list_deliveries(post, DELIVERIES_MAX).await?)
            }
        }
    }

    /// Whether another pause still covers a delivery.
    pub(super) async fn is_paused_elsewhere(&self, caller: &Caller, delivery: &Delivery) -> Result<bool, ToolError> {
        let workspace = self.store.find_workspace_pause(&caller.workspace).await?.is_some();
        let account = self.get_account(caller, &delivery.account).await?.paused_at.is_some();
        let post = self.store.find_post_pause(&delivery.post).await?.is_some();
        Ok(workspace || account || post)
    }
}

fn cancel(delivery: &Delivery, now: i64) -> Option<Step> {
    step(delivery.state, &delivery.progress, delivery.slot, &Event::Cancel, now, 0)
}

fn scope_word(scope: &PauseScope) -> &str {
    match scope {
        PauseScope::Workspace => "workspace",
        PauseScope::Account(account) => account.as_str(),
        PauseScope::Post(post) => post.as_str(),
    }
}
