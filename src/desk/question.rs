//! An approval as a person reads it: what would be done, and with what. What is not there any more is named, and cannot be agreed to.

use std::collections::BTreeMap;

use super::Desk;
use super::read::Around;
use super::view::{ApprovalLine, ApprovalView, BatchLine, ChangeLine};
use crate::domain::account::{Account, Health};
use crate::domain::approval::{Act, Approval, Decision, ForgetScope, Late, PauseScope, PublishItem, When};
use crate::domain::caller::Caller;
use crate::domain::ids::{AccountId, ConversationId, DeliveryId, PostId};
use crate::domain::post::{Content, Finding, MediaFacts, Severity, Variant};
use crate::domain::recurrence::Recurrence;
use crate::domain::refusal::Sentence;
use crate::domain::schedule::Moment;
use crate::domain::tool::ToolError;
use crate::domain::video::Edited;
use crate::say;

/// Of a text that is named in a question: enough to tell it from others.
const NAMED_CHARS: usize = 120;

/// What an act is about, in words.
struct About {
    what: Sentence,
    post: Option<PostId>,
    lines: Vec<ApprovalLine>,
    batch: Vec<BatchLine>,
    gone: Vec<Sentence>,
    changes: Vec<ChangeLine>,
    thumbnail: Option<MediaFacts>,
    outcome: Option<Sentence>,
}

impl About {
    fn just(what: Sentence) -> Self {
        let (lines, batch, gone) = (Vec::new(), Vec::new(), Vec::new());
        Self { what, post: None, lines, batch, gone, changes: Vec::new(), thumbnail: None, outcome: None }
    }

    fn of(what: Sentence, post: PostId) -> Self {
        Self { post: Some(post), ..Self::just(what) }
    }

    fn gone(what: Sentence) -> Self {
        Self { gone: vec![say!("approval-gone")], ..Self::just(what) }
    }
}

impl Desk {
    pub(super) async fn view_approval(&self, caller: &Caller, approval: Approval) -> Result<ApprovalView, ToolError> {
        let around = self.around(caller).await?;
        let about = match &approval.act {
            Act::Publish { post, items, again, .. } => {
                let is_pending = approval.decision == Decision::Pending;
                self.about_publishing(caller, (post, items), (*again, is_pending), &around).await?
            }
            Act::Batch { posts } => {
                let (what, batch) = self.about_batch(caller, &approval, posts, &around).await?;
                About { batch, ..About::just(what) }
            }
            Act::Resume { scope, late } => self.about_resuming(caller, scope, *late, &around.accounts).await?,
            Act::TakeDown { delivery } => self.about_taking_down(caller, delivery, &around.accounts).await?,
            Act::Forget { scope } => self.about_forgetting(caller, scope).await?,
            Act::EditVideo { account, video, .. } => {
                self.about_video(caller, &approval, (around.accounts.get(account), video)).await?
            }
            Act::Disconnect { account } => match around.accounts.get(account) {
                Some(account) => About::just(say!("approval-act-disconnect", handle = account.named())),
                None => self.about_google(caller, account).await?,
            },
        };
        let About { what, post, lines, batch, mut gone, changes, thumbnail, outcome } = about;
        let outcome = outcome.or_else(|| approval.reason.clone());
        if approval.decision != Decision::Pending {
            // Answered: what came of it since is no reason to answer otherwise.
            gone.clear();
        }
        Ok(ApprovalView { approval, what, lines, batch, changes, thumbnail, outcome, gone, post })
    }

    /// Not an account of a network: one of Google, if it is still there.
    async fn about_google(&self, caller: &Caller, id: &AccountId) -> Result<About, ToolError> {
        let mut logins = self.store.list_logins(&caller.workspace).await?;
        logins.retain(|login| login.id == *id);
        Ok(match logins.pop() {
            Some(login) => About::just(say!("google-act-disconnect", email = &login.email)),
            None => About::gone(say!("approval-act-disconnect", handle = "–")),
        })
    }

    /// What a change of a film comes to, and what came of it.
    async fn about_video(
        &self,
        caller: &Caller,
        approval: &Approval,
        (account, video): (Option<&Account>, &str),
    ) -> Result<About, ToolError> {
        let kept = self.videos.kept(approval).await?;
        let (change, edited) = kept.map_or((None, None), |kept| (kept.change, kept.edited));
        let outcome = edited.map(|edited| match edited {
            Edited::Done => say!("video-edit-done"),
            Edited::Later(why) | Edited::Ended(why) => why,
        });
        let account = account.filter(|account| account.health != Health::Disconnected);
        let handle = account.map_or("–", |account| account.handle.as_str());
        let title = change.as_ref().map_or("–", |change| change.before.title.as_str());
        let what = say!("approval-act-video", handle = handle, title = beginning(title), video = video);
        let (Some(_), Some(change)) = (account, change) else { return Ok(About { outcome, ..About::gone(what) }) };
        let (mut thumbnail, mut gone) = (None, Vec::new());
        if let Some(picture) = &change.thumbnail {
            let found = self.store.find_media(&picture.medium, &caller.workspace).await?;
            thumbnail = found.filter(|facts| facts.sha256 == picture.sha256);
            if thumbnail.is_none() {
                gone.push(say!("common-not-found-thing", thing = picture.medium.as_str()));
            }
        }
        Ok(About { changes: change.lines(), thumbnail, gone, outcome, ..About::just(what) })
    }

    async fn about_publishing(
        &self,
        caller: &Caller,
        (post, items): (&PostId, &[PublishItem]),
        (is_again, is_pending): (bool, bool),
        around: &Around,
    ) -> Result<About, ToolError> {
        let (mut lines, mut gone) = (Vec::new(), Vec::new());
        for item in items {
            match self.line(caller, item, around).await? {
                Ok((mut line, content)) => {
                    if is_pending {
                        line.findings.extend(self.about_the_day(&line.account, (post, &content), item).await?);
                    }
                    let twice = if is_pending { self.twice(caller, post, item, &content).await? } else { Vec::new() };
                    lines.push(ApprovalLine { twice, ..line });
                }
                Err(why) => gone.push(why),
            }
        }
        // With their networks: one person has the same handle in several places.
        let named = |item: &PublishItem| around.accounts.get(&item.account).map_or("–".to_owned(), Account::named);
        let accounts = items.iter().map(|item| format!("@{}", named(item))).collect::<Vec<_>>().join(", ");
        let is_now = items.iter().all(|item| item.when == When::Now);
        let what = if is_again {
            say!("approval-act-again", accounts = accounts)
        } else if is_now {
            say!("approval-act-publish-now", accounts = accounts)
        } else {
            say!("approval-act-schedule", accounts = accounts)
        };
        Ok(About { lines, gone, ..About::of(what, post.clone()) })
    }

    /// That a day is nearly full or over, as a finding.
    pub(super) async fn about_the_day(
        &self,
        account: &Account,
        about: (&PostId, &Content),
        item: &PublishItem,
    ) -> Result<Option<Finding>, ToolError> {
        let what = self.full_day(account, about, &item.when).await?;
        Ok(what.map(|what| Finding { severity: Severity::Warning, part: None, what }))
    }

    /// What one item would show, with its content; the sentence when that is not there any more. What it says twice is left to the caller.
    pub(super) async fn line(
        &self,
        caller: &Caller,
        item: &PublishItem,
        around: &Around,
    ) -> Result<Result<(ApprovalLine, Content), Sentence>, ToolError> {
        let account = around.accounts.get(&item.account);
        let Some(account) = account.filter(|account| account.health != Health::Disconnected) else {
            let handle = account.map_or("–", |account| account.handle.as_str());
            return Ok(Err(say!("approval-gone-account", handle = handle)));
        };
        let Some(variant) = self.store.find_variant(&item.variant, &caller.workspace).await? else {
            return Ok(Err(say!("approval-gone-text", handle = &account.handle)));
        };
        let shown = self.view_variant(caller, &variant, (account, around)).await?;
        let mut findings: Vec<_> = shown.findings.into_iter().filter(|f| f.severity == Severity::Warning).collect();
        findings.extend(self.ends_before(caller, account, &item.when).await?);
        let line = ApprovalLine {
            options: variant.content.options.wordings(),
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
            twice: Vec::new(),
            findings,
        };
        Ok(Ok((line, variant.content)))
    }

    /// That the account must be connected again before this can go out, where nothing but that makes its token good for longer.
    async fn ends_before(&self, caller: &Caller, account: &Account, when: &When) -> Result<Option<Finding>, ToolError> {
        let last = match when {
            When::At { at_ms, .. } => Some(*at_ms),
            When::Every(recurrence) => recurrence.instants.last().copied(),
            When::Now => None,
        };
        let Some(last) = last else { return Ok(None) };
        let tokens_end = self.network(account.network).is_ok_and(|network| network.tokens_end());
        let grant = self.store.find_grant_end(&account.id).await?;
        let ends_at = grant.filter(|end| (tokens_end || !end.has_refresh) && end.at <= last).map(|end| end.at);
        Ok(ends_at.map(|at_ms| {
            let at = Moment { at_ms, zone: caller.zone.clone() };
            let what = say!("account-ends-before", handle = &account.handle, at = at);
            Finding { severity: Severity::Warning, part: None, what }
        }))
    }

    async fn about_resuming(
        &self,
        caller: &Caller,
        scope: &PauseScope,
        late: Late,
        accounts: &BTreeMap<AccountId, Account>,
    ) -> Result<About, ToolError> {
        let late = late.word();
        Ok(match scope {
            PauseScope::Workspace => About::just(say!("approval-act-resume", late = late)),
            PauseScope::Account(id) => {
                let account = accounts.get(id).filter(|account| account.health != Health::Disconnected);
                let (handle, network) = account.map_or(("–", "–"), |a| (a.handle.as_str(), a.network.shown()));
                let what = say!("approval-act-resume-account", handle = handle, network = network, late = late);
                if account.is_some() { About::just(what) } else { About::gone(what) }
            }
            PauseScope::Post(id) => match self.store.find_post(id, &caller.workspace).await? {
                Some(post) => {
                    let text = post.variants.first().map(named).unwrap_or_default();
                    About::of(say!("approval-act-resume-post", text = text, late = late), id.clone())
                }
                None => About::gone(say!("approval-act-resume-post", text = "–", late = late)),
            },
        })
    }

    async fn about_taking_down(
        &self,
        caller: &Caller,
        delivery: &DeliveryId,
        accounts: &BTreeMap<AccountId, Account>,
    ) -> Result<About, ToolError> {
        let say = |handle: &str, network: &str, text: &str| {
            say!("approval-act-take-down", handle = handle, network = network, text = text)
        };
        let Some(delivery) = self.store.find_delivery(delivery).await? else {
            return Ok(About::gone(say("–", "–", "–")));
        };
        let variant = self.store.find_variant(&delivery.variant, &caller.workspace).await?;
        let text = variant.as_ref().map_or_else(|| "–".to_owned(), named);
        let account = accounts.get(&delivery.account);
        let (handle, network) = account.map_or(("–", "–"), |a| (a.handle.as_str(), a.network.shown()));
        Ok(About::of(say(handle, network, &text), delivery.post))
    }

    async fn about_forgetting(&self, caller: &Caller, scope: &ForgetScope) -> Result<About, ToolError> {
        Ok(match scope {
            ForgetScope::Conversation { id } => self.about_forgetting_one(caller, id).await?,
            ForgetScope::All => About::just(say!("approval-act-forget-all")),
            ForgetScope::Post { id } => match self.store.find_post(id, &caller.workspace).await? {
                Some(post) => {
                    let text = post.variants.first().map(named).unwrap_or_default();
                    About::just(say!("approval-act-forget-post", text = text))
                }
                None => About::gone(say!("approval-act-forget-post-gone")),
            },
            ForgetScope::Medium { id } => match self.store.find_media(id, &caller.workspace).await? {
                Some(medium) => About::just(say!("approval-act-forget-medium", what = described(&medium))),
                None => About::gone(say!("approval-act-forget-medium-gone")),
            },
            ForgetScope::Posts { from_ms, until_ms } => {
                let span = (from_ms.unwrap_or(i64::MIN), *until_ms);
                let count = self.store.count_posts_in(&caller.workspace, span).await?;
                let shown = |at_ms: i64| Moment { at_ms, zone: caller.zone.clone() };
                let until = shown(*until_ms);
                About::just(match from_ms {
                    Some(from) => say!("approval-act-forget-posts", count = count, from = shown(*from), until = until),
                    None => say!("approval-act-forget-posts-all", count = count, until = until),
                })
            }
            ForgetScope::Span { from_ms, until_ms } => {
                let shown = |at_ms: i64| Moment { at_ms, zone: caller.zone.clone() };
                About::just(say!("approval-act-forget-span", from = shown(*from_ms), until = shown(*until_ms)))
            }
        })
    }

    /// What forgetting would come to, as the question about it says.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn describe_forgetting(&self, caller: &Caller, scope: &ForgetScope) -> Result<Sentence, ToolError> {
        Ok(self.about_forgetting(caller, scope).await?.what)
    }

    async fn about_forgetting_one(&self, caller: &Caller, id: &ConversationId) -> Result<About, ToolError> {
        let Some((name, last_at)) = self.conversations.conversation_name(&caller.user, id).await? else {
            return Ok(About::gone(say!("approval-act-forget-gone")));
        };
        let last = Moment { at_ms: last_at, zone: caller.zone.clone() };
        Ok(About::just(say!("approval-act-forget-one", name = beginning(&name), at = last)))
    }
}

/// A medium by its text for those who cannot see it, or by its kind; its id in any case, for whoever compares.
fn described(medium: &MediaFacts) -> String {
    let text = medium.alt.as_deref().map(beginning).unwrap_or_else(|| medium.mime.clone());
    format!("{text} ({})", medium.id)
}

/// A variant by the beginning of its text.
fn named(variant: &Variant) -> String {
    beginning(variant.content.segments.first().map_or("–", |segment| segment.text.as_str()))
}

/// On one line, cut where it is long enough.
fn beginning(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut cut: String = line.chars().take(NAMED_CHARS).collect();
    if cut.len() < line.len() {
        cut.push('…');
    }
    cut
}
