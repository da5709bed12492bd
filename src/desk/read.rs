//! Reading: posts, accounts and approvals as views, from ledger rows.

use std::collections::BTreeMap;

use super::view::{AccountView, ApprovalView, DeliveryView, NoticeView, PostStatus, PostView, Receipt, VariantView};
use super::{Desk, is_in_reach, permission};
use crate::domain::account::Account;
use crate::domain::banned;
use crate::domain::caller::Caller;
use crate::domain::delivery::{Delivery, State};
use crate::domain::ids::{AccountId, ApprovalId, PostId};
use crate::domain::post::{Post, Variant};
use crate::domain::refusal::Sentence;
use crate::domain::schedule::Moment;
use crate::domain::tool::ToolError;
use crate::say;
use crate::store::accounts::ShownAccount;
use crate::store::attempts::Outcome;
use crate::store::post_lists::{PostBrief, PostsWanted};

/// What every view of a person's posts needs.
pub(super) struct Around {
    pub(super) accounts: BTreeMap<AccountId, Account>,
    /// Words they do not want in their posts.
    banned: Vec<String>,
}

/// Deliveries of a post in its view.
const DELIVERIES_SHOWN_MAX: i64 = 200;

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

    /// The posts that are wanted, last edited first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_posts(
        &self,
        caller: &Caller,
        wanted: &PostsWanted,
        limit: i64,
    ) -> Result<Vec<PostView>, ToolError> {
        let around = self.around(caller).await?;
        let (mut views, mut wanted) = (Vec::new(), wanted.clone());
        let limit_reached = |views: &Vec<PostView>| i64::try_from(views.len()).unwrap_or(i64::MAX) >= limit;
        // Once, but for callers who may not see all: then until there are enough, or no more.
        loop {
            let page = self.store.list_posts(&caller.workspace, &wanted, self.clock.now_ms(), limit).await?;
            let is_last = i64::try_from(page.len()).unwrap_or(i64::MAX) < limit;
            for post in page {
                wanted.after = Some((post.edited_at, post.id.clone()));
                let post = self.store.fill_post(post).await?;
                if is_in_reach(caller, &post) {
                    views.push(self.view_post(caller, post, &around).await?);
                }
                if limit_reached(&views) {
                    return Ok(views);
                }
            }
            if is_last {
                return Ok(views);
            }
        }
    }

    /// The same, told as a list tells them: read for the whole page at once, and nothing checked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_briefs(
        &self,
        caller: &Caller,
        wanted: &PostsWanted,
        limit: i64,
    ) -> Result<Vec<PostBrief>, ToolError> {
        // What a post comes to follows from all its deliveries; whoever may see some accounts only is told of those alone.
        if caller.accounts.is_some() {
            return Ok(self.list_posts(caller, wanted, limit).await?.iter().map(brief).collect());
        }
        Ok(self.store.list_briefs(&caller.workspace, wanted, self.clock.now_ms(), limit).await?)
    }

    /// Accounts with their health; disconnected ones are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_accounts(&self, caller: &Caller) -> Result<Vec<AccountView>, ToolError> {
        let now = self.store.now_ms().await?;
        let all = self.store.list_accounts_shown(&caller.workspace, now).await?;
        let view = |shown: ShownAccount| AccountView {
            health: self.health(&shown, (&caller.zone, now)),
            lacks: self.lacks(&shown.stored.account),
            paused: shown.stored.paused_at.is_some(),
            account: shown.stored.account,
        };
        Ok(all.into_iter().filter(|shown| caller.may_use(&shown.stored.account.id)).map(view).collect())
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

    pub(super) async fn around(&self, caller: &Caller) -> Result<Around, ToolError> {
        let all = self.store.list_accounts(&caller.workspace).await?;
        let within = all.into_iter().filter(|stored| caller.may_use(&stored.account.id));
        let accounts = within.map(|stored| (stored.account.id.clone(), stored.account)).collect();
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
        let mut stored = self.store.list_deliveries(&post.id, DELIVERIES_SHOWN_MAX).await?;
        stored.sort_by_key(|delivery| std::cmp::Reverse(delivery.slot));
        for delivery in stored {
            if let Some(account) = around.accounts.get(&delivery.account) {
                deliveries.push(self.view_delivery(delivery, account).await?);
            }
        }
        let waiting = self.store.find_waiting_approval(&post.id, self.clock.now_ms()).await?;
        Ok(PostView {
            status: status(&post, &deliveries, waiting.is_some()),
            revision: post.revision,
            created_at: post.created_at,
            edited_at: post.edited_at,
            variants,
            deliveries,
            waiting,
            is_paused: post.paused_at.is_some(),
            is_third_party: post.tainted_at.is_some(),
            id: post.id,
        })
    }

    pub(super) async fn view_variant(
        &self,
        caller: &Caller,
        variant: &Variant,
        (account, around): (&Account, &Around),
    ) -> Result<VariantView, ToolError> {
        let platform = self.network(account.network)?;
        let media = self.media_of(caller, &variant.content).await?;
        let mut findings = platform.check(&variant.content, &media);
        findings.extend(permission::finding(platform.as_ref(), account, &variant.content));
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
}

/// A post as a list tells it.
pub(super) fn brief(view: &PostView) -> PostBrief {
    let first = view.variants.first().and_then(|variant| variant.content.segments.first());
    PostBrief {
        id: view.id.clone(),
        revision: view.revision,
        edited_at: view.edited_at,
        status: view.status,
        is_third_party: view.is_third_party,
        text: first.map(|segment| segment.text.clone()).unwrap_or_default(),
        handles: view.variants.iter().map(|variant| variant.account.handle.clone()).collect(),
        due: view.deliveries.first().map(|delivery| delivery.when.clone()),
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
