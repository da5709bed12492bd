//! Asking a person: a wish becomes an approval bound to exact content, places and instants. A standing permission answers at once,
//! and its answer is an approval row too, naming the grant (DECISIONS 5).

use super::Desk;
use crate::domain::account::{Account, Health};
use crate::domain::approval::{APPROVAL_LIFE_MS, Act, Approval, Decision, PublishItem, When, act_hash};
use crate::domain::batch::Picked;
use crate::domain::caller::{Caller, Grant};
use crate::domain::delivery::{Delivery, State};
use crate::domain::ids::{ApprovalId, DeliveryId, PostId};
use crate::domain::post::{Content, Finding, MediaFacts, Post, Severity, Variant, content_hash};
use crate::domain::purpose::Purpose;
use crate::domain::schedule::read_moment;
use crate::domain::tool::ToolError;
use crate::say;
use crate::store::deliveries::DELIVERIES_MAX;

/// What somebody wants to happen with a post.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The post.
    pub post: PostId,
    /// When.
    pub when: When,
    /// Only these accounts (id or handle); all of the post's when empty.
    pub accounts: Vec<String>,
    /// Once more where it is published already. Set by a button that a person pressed, never by a tool.
    pub again: bool,
}

/// What became of a wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// It waits for a person.
    Waiting(ApprovalId),
    /// A standing permission answered.
    Done,
}

impl Desk {
    /// What a wish comes to, with everything checked and nothing stored.
    ///
    /// # Errors
    /// Refused when the post has errors, is on its way already, or an account cannot be used.
    pub async fn plan(&self, caller: &Caller, wish: &Wish) -> Result<Act, ToolError> {
        let post = self.get_post(caller, &wish.post).await?;
        let deliveries = self.store.list_deliveries(&post.id, DELIVERIES_MAX).await?;
        self.plan_post(caller, &post, wish, &deliveries).await
    }

    /// The same for a post that may not be stored yet, with the deliveries that it has.
    pub(super) async fn plan_post(
        &self,
        caller: &Caller,
        post: &Post,
        wish: &Wish,
        deliveries: &[Delivery],
    ) -> Result<Act, ToolError> {
        super::draft::check_revision(post, post.revision)?;
        let wanted = if wish.accounts.is_empty() {
            Vec::new()
        } else {
            self.find_accounts(caller, &wish.accounts).await?.into_iter().map(|stored| stored.account.id).collect()
        };
        let mut items = Vec::new();
        for variant in &post.variants {
            if wanted.is_empty() || wanted.contains(&variant.account) {
                items.push(self.plan_item(caller, variant, wish, deliveries).await?);
            }
        }
        if items.is_empty() {
            return Err(say!("post-no-variants").into());
        }
        Ok(Act::Publish { post: post.id.clone(), revision: post.revision, items, again: wish.again })
    }

    async fn plan_item(
        &self,
        caller: &Caller,
        variant: &Variant,
        wish: &Wish,
        deliveries: &[Delivery],
    ) -> Result<PublishItem, ToolError> {
        let stored = self.get_account(caller, &variant.account).await?;
        let account = &stored.account;
        match account.health {
            Health::Fine => {}
            Health::NeedsReconnecting => {
                return Err(say!(
                    "account-needs-reconnecting",
                    handle = &account.handle,
                    network = account.network.shown()
                )
                .into());
            }
            Health::Disconnected => return Err(say!("account-disconnected", handle = &account.handle).into()),
        }
        let media = self.media_of(caller, &variant.content).await?;
        // First, because it is mended elsewhere than in the text.
        self.check_permission(account, &self.network(account.network)?.purposes(&variant.content))?;
        self.check_content(account, (&variant.content, &media), &wish.when).await?;
        self.check_day(account, (&wish.post, &variant.content), &wish.when, &[]).await?;
        let (mut replaces, mut is_out, mut is_recurring) = (Vec::new(), false, false);
        for delivery in deliveries.iter().filter(|delivery| delivery.account == variant.account) {
            is_recurring |= delivery.progress.catch_up.is_some() && !delivery.state.is_over();
            match delivery.state {
                State::Leased | State::Armed | State::Processing | State::Unknown | State::NeedsHuman => {
                    return Err(self.going_out(caller, delivery).await);
                }
                State::Published | State::Partial => is_out = true,
                State::Scheduled
                | State::Waiting
                | State::Blocked
                | State::Paused
                | State::Unapproved
                | State::Missed => {
                    if let When::At { at_ms, .. } = &wish.when
                        && delivery.slot == *at_ms
                        && delivery.variant == variant.id
                        && delivery.state == State::Scheduled
                    {
                        return Err(say!("post-scheduled-already", account = &account.handle).into());
                    }
                    replaces.push((delivery.id.clone(), delivery.epoch));
                }
                State::Failed | State::Cancelled | State::TakenDown => {}
            }
        }
        // What is left of a rule may be moved; anything else that is out already is sent once more only by a person's own button.
        if is_out && !wish.again && !is_recurring {
            return Err(say!("post-published-already", account = &account.handle).into());
        }
        Ok(PublishItem {
            variant: variant.id.clone(),
            account: variant.account.clone(),
            content_hash: content_hash(&variant.account, &variant.content, &media),
            when: wish.when.clone(),
            replaces,
        })
    }

    /// Refuses what the network would refuse: by its rules, and by what it says of the account just now.
    async fn check_content(
        &self,
        account: &Account,
        (content, media): (&Content, &[MediaFacts]),
        when: &When,
    ) -> Result<(), ToolError> {
        let platform = self.network(account.network)?;
        if platform.asks_each_time() && matches!(when, When::Every(_)) {
            return Err(say!("post-asked-each-time", network = account.network.shown()).into());
        }
        let is_error = |finding: &Finding| finding.severity == Severity::Error;
        let mut errors: Vec<_> = platform.check(content, media).into_iter().filter(is_error).collect();
        if errors.is_empty() {
            errors.extend(self.standings.check(account, content, media).await.into_iter().filter(is_error));
        }
        // The finding itself says what to change; the count says that there may be more.
        match errors.as_slice() {
            [] => Ok(()),
            [only] => Err(only.what.clone().into()),
            several => Err(say!("post-has-errors", count = several.len()).into()),
        }
    }

    /// Stores an act as a question, or lets a standing permission answer it.
    ///
    /// # Errors
    /// As [`Desk::approve`] when a permission answers.
    pub async fn ask(&self, caller: &Caller, act: Act, post: Option<&PostId>) -> Result<Asked, ToolError> {
        let now = self.clock.now_ms();
        // What was written beside somebody else's words goes out when a person has read it, wherever the wish was heard.
        let is_strange = match &act {
            Act::Publish { post, .. } => self.store.is_post_tainted(post, &caller.workspace).await?,
            Act::Batch { posts } => self.is_batch_strange(caller, posts).await?,
            Act::TakeDown { delivery } => {
                self.check_take_down(caller, delivery).await?;
                false
            }
            Act::Resume { .. } | Act::Disconnect { .. } | Act::EditVideo { .. } | Act::Forget { .. } => false,
        };
        let is_covered = match grant_for(&act).filter(|_| !is_strange) {
            Some(needed) if caller.grant >= needed => {
                self.is_within_limit(caller, &act, now).await? && !self.is_asked_each_time(caller, &act).await?
            }
            Some(_) | None => false,
        };
        let approval = self.question(caller, act, now);
        match &approval.act {
            Act::Batch { posts } => {
                let posts: Vec<_> = posts.iter().map(|post| &post.post).collect();
                self.store.insert_batch(&approval, &posts, (&[], None)).await?;
            }
            Act::Publish { .. }
            | Act::Resume { .. }
            | Act::TakeDown { .. }
            | Act::Disconnect { .. }
            | Act::EditVideo { .. }
            | Act::Forget { .. } => self.store.insert_approval(&approval, post).await?,
        }
        self.audit(caller, "approval.ask", approval.id.as_str()).await?;
        if is_covered {
            self.carry_out(caller, &approval, (&caller.granted(), &Picked::all())).await?;
            return Ok(Asked::Done);
        }
        Ok(Asked::Waiting(approval.id))
    }

    /// Nobody is asked about what could not be done.
    async fn check_take_down(&self, caller: &Caller, delivery: &DeliveryId) -> Result<(), ToolError> {
        let Some(delivery) = self.store.find_delivery(delivery).await? else { return Ok(()) };
        let stored = self.get_account(caller, &delivery.account).await?;
        self.check_permission(&stored.account, &[Purpose::TakeDown])
    }

    /// Whether it goes to a network whose choices no standing permission covers (`Platform::asks_each_time`).
    async fn is_asked_each_time(&self, caller: &Caller, act: &Act) -> Result<bool, ToolError> {
        let items: Vec<&PublishItem> = match act {
            Act::Publish { items, .. } => items.iter().collect(),
            Act::Batch { posts } => posts.iter().flat_map(|post| &post.items).collect(),
            Act::Resume { .. }
            | Act::TakeDown { .. }
            | Act::Disconnect { .. }
            | Act::EditVideo { .. }
            | Act::Forget { .. } => Vec::new(),
        };
        for item in items {
            let stored = self.get_account(caller, &item.account).await?;
            if self.network(stored.account.network)?.asks_each_time() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A question as it is stored first.
    pub(super) fn question(&self, caller: &Caller, act: Act, now: i64) -> Approval {
        Approval {
            id: ApprovalId::generate(now, self.entropy.bits()),
            workspace: caller.workspace.clone(),
            user: caller.user.clone(),
            hash: act_hash(&act),
            act,
            decision: Decision::Pending,
            created_at: now,
            expires_at: now + APPROVAL_LIFE_MS,
            decided_at: None,
            decided_via: None,
            reason: None,
        }
    }

    /// Asks anew about what missed its time, for that account alone: now, or at another time as it was typed.
    ///
    /// # Errors
    /// Refused when it is not missed (any more), the time cannot be read, or as [`Desk::plan`].
    pub async fn ask_missed(&self, caller: &Caller, id: &DeliveryId, at: Option<&str>) -> Result<Asked, ToolError> {
        let delivery = self.get_missed(caller, id).await?;
        let when = match at {
            Some(at) => {
                let moment = read_moment(at, Some(&caller.zone), &caller.zone, self.clock.now_ms())?;
                When::At { at_ms: moment.at_ms, zone: moment.zone }
            }
            None => When::Now,
        };
        let wish = Wish { post: delivery.post, when, accounts: vec![delivery.account.to_string()], again: false };
        let act = self.plan(caller, &wish).await?;
        self.ask(caller, act, Some(&wish.post)).await
    }

    /// What missed its time and waits for a person.
    pub(super) async fn get_missed(&self, caller: &Caller, id: &DeliveryId) -> Result<Delivery, ToolError> {
        let found = self.store.find_delivery(id).await?.filter(|delivery| delivery.workspace == caller.workspace);
        let delivery = found.ok_or_else(|| say!("common-not-found-thing", thing = id.as_str()))?;
        match delivery.state {
            State::Missed => Ok(delivery),
            state => Err(say!("settle-too-late", state = state.word()).into()),
        }
    }

    pub(super) async fn going_out(&self, caller: &Caller, delivery: &Delivery) -> ToolError {
        match self.get_account(caller, &delivery.account).await {
            Ok(stored) => say!("post-already-going-out", account = stored.account.handle).into(),
            Err(error) => error,
        }
    }
}

/// The standing permission that covers an act; nothing covers forgetting or resuming (DESIGN §4, DECISIONS 5).
fn grant_for(act: &Act) -> Option<Grant> {
    match act {
        // "Again" is a human's button.
        Act::Publish { again: true, .. } => None,
        Act::Publish { items, .. } if items.iter().all(|item| item.when != When::Now) => Some(Grant::Schedules),
        Act::Publish { .. } => Some(Grant::Publishes),
        Act::Batch { posts } => {
            let is_later = posts.iter().flat_map(|post| &post.items).all(|item| item.when != When::Now);
            Some(if is_later { Grant::Schedules } else { Grant::Publishes })
        }
        Act::Resume { .. }
        | Act::TakeDown { .. }
        | Act::Disconnect { .. }
        | Act::EditVideo { .. }
        | Act::Forget { .. } => None,
    }
}
