//! Reading: posts, accounts and approvals as views, from ledger rows.

use std::collections::BTreeMap;

use super::Desk;
use super::view::{
    AccountView, ApprovalLine, ApprovalView, DeliveryView, NoticeView, PostStatus, PostView, Receipt, VariantView,
};
use crate::domain::account::Account;
use crate::domain::approval::{Act, Approval, Decision, ForgetScope, Late, PauseScope, When};
use crate::domain::banned;
use crate::domain::caller::Caller;
use crate::domain::delivery::{Delivery, State};
use crate::domain::ids::{AccountId, ApprovalId, PostId};
use crate::domain::post::{Options, Post, Repliers, Severity, Variant};
use crate::domain::recurrence::Recurrence;
use crate::domain::refusal::Sentence;
use crate::domain::schedule::Moment;
use crate::domain::tool::ToolError;
use crate::say;
use crate::store::attempts::Outcome;

/// What every view of a person's posts needs.
struct Around {
    accounts: BTreeMap<AccountId, Account>,
    /// Words they do not want in their posts.
    banned: Vec<String>,
}

impl Desk {
    /// One post with everything known of it.
    ///
    /// # Errors
    /// Refused when there is none.
    pub async fn read_post(&self, caller: &Caller, id: &PostId) -> Result<PostView, ToolError> {
        let post = self.get_post(caller, id).await?;
        let around = self.around(caller).await?;
        self.view_post(caller, post, &around).await
    }

    /// A post that is not stored, as it would be shown.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn preview_post(&self, caller: &Caller, post: Post) -> Result<PostView, ToolError> {
        let around = self.around(caller).await?;
        self.view_post(caller, post, &around).await
    }

    /// Posts edited at or before `before`, last edited first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_posts(&self, caller: &Caller, before: i64, limit: i64) -> Result<Vec<PostView>, ToolError> {
        let around = self.around(caller).await?;
        let mut views = Vec::new();
        for post in self.store.list_posts(&caller.workspace, before, limit).await? {
            if let Some(post) = self.store.find_post(&post.id, &caller.workspace).await? {
                views.push(self.view_post(caller, post, &around).await?);
            }
        }
        Ok(views)
    }

    /// Accounts with their health; disconnected ones are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_accounts(&self, caller: &Caller) -> Result<Vec<AccountView>, ToolError> {
        use crate::domain::account::Health;
        let all = self.store.list_accounts(&caller.workspace).await?;
        let stops = self.store.list_network_stops(self.store.now_ms().await?).await?;
        let is_stopped = |account: &Account| {
            account.health == Health::Fine && stops.iter().any(|stop| stop.network == account.network)
        };
        Ok(all
            .into_iter()
            .filter(|stored| stored.account.health != Health::Disconnected)
            .map(|stored| AccountView {
                health: if is_stopped(&stored.account) {
                    say!("account-health-stopped")
                } else {
                    Sentence::new(&format!("account-health-{}", stored.account.health.word().replace('_', "-")))
                },
                paused: stored.paused_at.is_some(),
                account: stored.account,
            })
            .collect())
    }

    /// What the person should know, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn notices(&self, caller: &Caller, limit: i64) -> Result<Vec<NoticeView>, ToolError> {
        let rows = self.store.list_notices(&caller.user, limit).await?;
        Ok(rows.into_iter().map(|row| NoticeView { what: row.what, post: row.post, at_ms: row.created_at }).collect())
    }

    /// Approvals that wait for this person.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_waiting(&self, caller: &Caller) -> Result<Vec<ApprovalView>, ToolError> {
        let mut views = Vec::new();
        for approval in self.store.list_waiting_approvals(&caller.user, self.clock.now_ms()).await? {
            views.push(self.view_approval(caller, approval).await?);
        }
        Ok(views)
    }

    /// One approval.
    ///
    /// # Errors
    /// Refused when it is not this person's.
    pub async fn read_approval(&self, caller: &Caller, id: &ApprovalId) -> Result<ApprovalView, ToolError> {
        let found = self.store.find_approval(id, &caller.user).await?;
        let approval = found.ok_or_else(|| say!("approval-not-found", id = id.as_str()))?;
        self.view_approval(caller, approval).await
    }

    async fn around(&self, caller: &Caller) -> Result<Around, ToolError> {
        let all = self.store.list_accounts(&caller.workspace).await?;
        let accounts = all.into_iter().map(|stored| (stored.account.id.clone(), stored.account)).collect();
        Ok(Around { accounts, banned: self.banned.banned_words(&caller.user).await? })
    }

    async fn view_post(&self, caller: &Caller, post: Post, around: &Around) -> Result<PostView, ToolError> {
        let mut variants = Vec::new();
        for variant in &post.variants {
            if let Some(account) = around.accounts.get(&variant.account) {
                variants.push(self.view_variant(caller, variant, (account, around)).await?);
            }
        }
        let mut deliveries = Vec::new();
        for delivery in self.store.list_deliveries(&post.id).await? {
            if let Some(account) = around.accounts.get(&delivery.account) {
                deliveries.push(self.view_delivery(delivery, account).await?);
            }
        }
        let waiting = self.store.find_waiting_approval(&post.id, self.clock.now_ms()).await?;
        Ok(PostView {
            status: status(&post, &deliveries, waiting.is_some()),
            id: post.id,
            revision: post.revision,
            created_at: post.created_at,
            edited_at: post.edited_at,
            variants,
            deliveries,
            waiting,
        })
    }

    async fn view_variant(
        &self,
        caller: &Caller,
        variant: &Variant,
        (account, around): (&Account, &Around),
    ) -> Result<VariantView, ToolError> {
        let platform = self.network(account.network)?;
        let media = self.media_of(caller, &variant.content).await?;
        let mut findings = platform.check(&variant.content, &media);
        findings.extend(banned::findings(&variant.content, &around.banned));
        Ok(VariantView {
            id: variant.id.clone(),
            account: account.clone(),
            preview: platform.preview(&variant.content, &media),
            findings,
            content: variant.content.clone(),
        })
    }

    async fn view_delivery(&self, delivery: Delivery, account: &Account) -> Result<DeliveryView, ToolError> {
        let attempts = self.store.list_attempts(&delivery.id).await?;
        let receipts = attempts
            .into_iter()
            .filter(|attempt| attempt.outcome == Some(Outcome::Accepted))
            .map(|attempt| Receipt {
                part: attempt.part,
                permalink: attempt.permalink,
                how: how_known(attempt.evidence.as_deref().unwrap_or_default()),
                at_ms: attempt.ended_at.unwrap_or(attempt.started_at),
            })
            .collect();
        Ok(DeliveryView {
            id: delivery.id,
            account: account.clone(),
            state: delivery.state,
            reason: delivery.reason,
            when: Moment { at_ms: delivery.slot, zone: delivery.zone },
            parts: (delivery.progress.accepted, delivery.progress.parts),
            receipts,
        })
    }

    pub(super) async fn view_approval(&self, caller: &Caller, approval: Approval) -> Result<ApprovalView, ToolError> {
        let around = self.around(caller).await?;
        let handle = |id: &AccountId| around.accounts.get(id).map(|a| a.handle.clone()).unwrap_or_default();
        let mut lines = Vec::new();
        let (what, post) = match &approval.act {
            Act::Publish { post, items, again, .. } => {
                for item in items {
                    let variant = self.store.find_variant(&item.variant, &caller.workspace).await?;
                    let (Some(variant), Some(account)) = (variant, around.accounts.get(&item.account)) else {
                        continue;
                    };
                    let shown = self.view_variant(caller, &variant, (account, &around)).await?;
                    lines.push(ApprovalLine {
                        options: options(&variant.content.options),
                        account: shown.account,
                        preview: shown.preview,
                        when: match &item.when {
                            When::At { at_ms, zone } => Some(Moment { at_ms: *at_ms, zone: zone.clone() }),
                            When::Every(Recurrence { instants, zone, .. }) => {
                                instants.first().map(|at| Moment { at_ms: *at, zone: zone.clone() })
                            }
                            When::Now => None,
                        },
                        every: match &item.when {
                            When::Every(recurrence) => Some(recurrence.clone()),
                            When::At { .. } | When::Now => None,
                        },
                        twice: if approval.decision == Decision::Pending {
                            self.twice(caller, post, item, &variant.content).await?
                        } else {
                            Vec::new()
                        },
                        findings: shown.findings.into_iter().filter(|f| f.severity == Severity::Warning).collect(),
                    });
                }
                let accounts =
                    lines.iter().map(|line| format!("@{}", line.account.handle)).collect::<Vec<_>>().join(", ");
                let is_now = items.iter().all(|item| item.when == When::Now);
                let what = if *again {
                    say!("approval-act-again", accounts = accounts)
                } else if is_now {
                    say!("approval-act-publish-now", accounts = accounts)
                } else {
                    say!("approval-act-schedule", accounts = accounts)
                };
                (what, Some(post.clone()))
            }
            Act::Resume { scope, late } => (
                match late {
                    Late::Ask => say!("approval-act-resume"),
                    Late::Skip => say!("approval-act-resume-skip"),
                    Late::Shift => say!("approval-act-resume-shift"),
                },
                match scope {
                    PauseScope::Post(post) => Some(post.clone()),
                    PauseScope::Workspace | PauseScope::Account(_) => None,
                },
            ),
            Act::TakeDown { delivery } => match self.store.find_delivery(delivery).await? {
                Some(delivery) => {
                    (say!("approval-act-take-down", handle = handle(&delivery.account)), Some(delivery.post))
                }
                None => (say!("approval-act-take-down", handle = ""), None),
            },
            Act::Forget { scope } => (
                match scope {
                    ForgetScope::Conversation { .. } => say!("approval-act-forget-one"),
                    ForgetScope::All => say!("approval-act-forget-all"),
                    ForgetScope::Post { id } => self.forgetting(caller, id).await?,
                    ForgetScope::Posts { from_ms, until_ms } => {
                        let span = (from_ms.unwrap_or(i64::MIN), *until_ms);
                        let count = self.store.count_posts_in(&caller.workspace, span).await?;
                        let shown = |at_ms: i64| Moment { at_ms, zone: caller.zone.clone() }.rfc3339();
                        let until = shown(*until_ms);
                        match from_ms {
                            Some(from) => {
                                say!("approval-act-forget-posts", count = count, from = shown(*from), until = until)
                            }
                            None => say!("approval-act-forget-posts-all", count = count, until = until),
                        }
                    }
                    ForgetScope::Span { from_ms, until_ms } => {
                        let shown = |at_ms: i64| Moment { at_ms, zone: caller.zone.clone() }.rfc3339();
                        say!("approval-act-forget-span", from = shown(*from_ms), until = shown(*until_ms))
                    }
                },
                None,
            ),
            Act::Disconnect { account } => (say!("approval-act-disconnect", handle = handle(account)), None),
        };
        Ok(ApprovalView { approval, what, lines, post })
    }
}

impl Desk {
    /// Which post it is that would go for good, by how it begins.
    async fn forgetting(&self, caller: &Caller, id: &PostId) -> Result<Sentence, ToolError> {
        /// Enough to recognise it by.
        const CHARS: usize = 60;
        let Some(post) = self.store.find_post(id, &caller.workspace).await? else {
            return Ok(say!("approval-act-forget-post-gone"));
        };
        let text = post.variants.first().and_then(|variant| variant.content.segments.first()).map(|first| &first.text);
        let mut shown: String = text.into_iter().flat_map(|text| text.chars()).take(CHARS).collect();
        if text.is_some_and(|text| text.chars().count() > CHARS) {
            shown.push('…');
        }
        Ok(say!("approval-act-forget-post", text = shown))
    }
}

/// How an accepted attempt is known to be accepted: its evidence begins with the word.
fn how_known(evidence: &str) -> Sentence {
    match evidence.split([':', ' ']).next() {
        Some("read_back") => say!("receipt-read-back"),
        Some("person") => say!("receipt-person"),
        Some(_) | None => say!("receipt-answered"),
    }
}

fn options(options: &Options) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    match options.repliers {
        Some(Repliers::Following) => sentences.push(say!("approval-option-repliers-following")),
        Some(Repliers::Mentioned) => sentences.push(say!("approval-option-repliers-mentioned")),
        Some(Repliers::Subscribers) => sentences.push(say!("approval-option-repliers-subscribers")),
        Some(Repliers::Verified) => sentences.push(say!("approval-option-repliers-verified")),
        None => {}
    }
    if options.made_with_ai {
        sentences.push(say!("approval-option-made-with-ai"));
    }
    if options.paid_partnership {
        sentences.push(say!("approval-option-paid-partnership"));
    }
    sentences
}

fn status(post: &Post, deliveries: &[DeliveryView], is_waiting: bool) -> PostStatus {
    if post.withdrawn_at.is_some() {
        return PostStatus::Withdrawn;
    }
    if deliveries.iter().any(DeliveryView::needs_attention) {
        return PostStatus::NeedsAttention;
    }
    if is_waiting {
        return PostStatus::WaitingForYou;
    }
    if deliveries.iter().any(|d| !d.state.is_over()) {
        return PostStatus::Scheduled;
    }
    if deliveries.iter().any(|d| matches!(d.state, State::Published | State::Partial)) {
        return PostStatus::Published;
    }
    PostStatus::Draft
}
