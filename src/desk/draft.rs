//! Writing and editing drafts. A draft with errors can be kept (work is never lost), but not scheduled.

use std::collections::BTreeSet;

use super::Desk;
use super::view::PostView;
use crate::domain::caller::Caller;
use crate::domain::delivery::{Delivery, Event, State, Step, step};
use crate::domain::google::Feature;
use crate::domain::ids::{PostId, VariantId};
use crate::domain::post::{Content, Options, Post, Segment, Variant};
use crate::domain::tool::ToolError;
use crate::domain::utm;
use crate::platforms::Platform;
use crate::say;
use crate::store::accounts::StoredAccount;
use crate::store::deliveries::DELIVERIES_MAX;

/// Most accounts one post may have variants for: more is a list, not a post.
const VARIANTS_MAX: usize = 20;
/// Most segments of a thread; also a bound on how long one delivery may hold an account.
const SEGMENTS_MAX: usize = 25;
/// Longest text of one segment that is kept at all. Far above every network's limit, so that long drafts can be cut down here.
const TEXT_CHARS_MAX: usize = 30_000;

/// What one account is to show, where it differs from the rest.
#[derive(Debug, Clone)]
pub struct VariantDraft {
    /// Account id or handle.
    pub account: String,
    /// Its segments.
    pub segments: Vec<Segment>,
    /// Its options; the draft's when left out.
    pub options: Option<Options>,
}

/// A draft as somebody writes it.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// What every account shows that has no variant of its own.
    pub segments: Vec<Segment>,
    /// Account ids or handles; those of the variants count too.
    pub accounts: Vec<String>,
    /// Variants of single accounts.
    pub variants: Vec<VariantDraft>,
    /// Options of every account that has none of its own.
    pub options: Options,
    /// Texts that are too long for an account become threads there, cut at the ends of sentences.
    pub is_split: bool,
    /// Links stay as they are written, whatever is usual.
    pub is_plain: bool,
}

impl Desk {
    /// Builds a post from a draft without storing anything.
    ///
    /// # Errors
    /// Refused when accounts or media are not there, or there is nothing to say.
    pub async fn compose(&self, caller: &Caller, draft: &Draft) -> Result<Post, ToolError> {
        let id = PostId::generate(self.clock.now_ms(), self.entropy.bits());
        self.compose_as(caller, draft, (id, &BTreeSet::new())).await
    }

    /// The same for a post that has an id already: it stands in the links, but for those that stay plain.
    async fn compose_as(
        &self,
        caller: &Caller,
        draft: &Draft,
        (id, plain): (PostId, &BTreeSet<String>),
    ) -> Result<Post, ToolError> {
        check_sizes(draft)?;
        let now = self.clock.now_ms();
        let is_tagged = !draft.is_plain && self.tags_links(caller).await?;
        let mut contents: Vec<(StoredAccount, Content)> = Vec::new();
        for variant in &draft.variants {
            let account = self.find_accounts(caller, std::slice::from_ref(&variant.account)).await?.remove(0);
            let options = variant.options.clone().unwrap_or_else(|| draft.options.clone());
            contents.retain(|(other, _)| other.account.id != account.account.id);
            contents.push((account, Content { segments: variant.segments.clone(), options }));
        }
        if !draft.segments.is_empty() && (!draft.accounts.is_empty() || draft.variants.is_empty()) {
            for account in self.find_accounts(caller, &draft.accounts).await? {
                if contents.iter().all(|(other, _)| other.account.id != account.account.id) {
                    contents
                        .push((account, Content { segments: draft.segments.clone(), options: draft.options.clone() }));
                }
            }
        }
        if contents.is_empty() {
            return Err(say!("post-no-variants").into());
        }
        if contents.len() > VARIANTS_MAX {
            return Err(say!("post-too-many-variants", max = VARIANTS_MAX).into());
        }
        let mut variants = Vec::new();
        for (account, mut content) in contents {
            if is_tagged {
                for segment in &mut content.segments {
                    segment.text = utm::tagged(&segment.text, (account.account.network, id.as_str()), plain);
                }
            }
            content.options = content.options.of(account.account.network);
            if draft.is_split {
                content.segments = split(self.network(account.account.network)?.as_ref(), content.segments);
                check_count(content.segments.len())?;
            }
            self.media_of(caller, &content).await?;
            variants.push(Variant {
                id: VariantId::generate(now, self.entropy.bits()),
                account: account.account.id,
                content,
            });
        }
        Ok(Post {
            id,
            workspace: caller.workspace.clone(),
            revision: 1,
            variants,
            created_at: now,
            edited_at: now,
            withdrawn_at: None,
            paused_at: None,
            tainted_at: caller.is_tainted.then_some(now),
        })
    }

    /// Whether links get tags: by default, once there is an account of Google Analytics through which they are read.
    async fn tags_links(&self, caller: &Caller) -> Result<bool, ToolError> {
        let logins = self.store.list_logins(&caller.workspace).await?;
        let is_read = logins.iter().any(|login| login.has(Feature::Analytics));
        Ok(is_read && self.store.find_links_tagged(&caller.user).await?)
    }

    /// Stores a new draft.
    ///
    /// # Errors
    /// As [`Desk::compose`].
    pub async fn create_draft(&self, caller: &Caller, draft: &Draft) -> Result<PostView, ToolError> {
        let post = self.compose(caller, draft).await?;
        self.store.insert_post(&post, &caller.user).await?;
        self.audit(caller, "post.create", post.id.as_str()).await?;
        self.read_post(caller, &post.id).await
    }

    /// Edits a draft. What was approved and has not gone out will not go out until it is approved again.
    ///
    /// # Errors
    /// Refused when the revision is stale, the post was withdrawn, it is not known yet whether it is out, or as [`Desk::compose`].
    pub async fn update_draft(
        &self,
        caller: &Caller,
        id: &PostId,
        revision: i64,
        draft: &Draft,
    ) -> Result<PostView, ToolError> {
        let (post, steps) = self.edited(caller, id, revision, draft).await?;
        let now = self.clock.now_ms();
        if !self.store.update_post(&post, &steps, now).await? {
            let newest = self.get_post(caller, id).await?;
            return Err(say!("post-revision-stale", given = revision, current = newest.revision).into());
        }
        self.audit(caller, "post.edit", id.as_str()).await?;
        self.wake.notify_one();
        self.read_post(caller, id).await
    }
}

impl Desk {
    /// The post as an edit would leave it, and what becomes of its deliveries; nothing stored.
    async fn edited(
        &self,
        caller: &Caller,
        id: &PostId,
        revision: i64,
        draft: &Draft,
    ) -> Result<(Post, Vec<(Delivery, Step)>), ToolError> {
        let current = self.get_post(caller, id).await?;
        check_revision(&current, revision)?;
        // A link that a person left without tags is not tagged behind their back.
        let texts = current.variants.iter().flat_map(|variant| &variant.content.segments);
        let plain: BTreeSet<String> = texts.flat_map(|segment| utm::plain_links(&segment.text)).collect();
        let composed = self.compose_as(caller, draft, (id.clone(), &plain)).await?;
        let now = self.clock.now_ms();
        let mut steps = Vec::new();
        for delivery in self.store.list_deliveries(id, DELIVERIES_MAX).await? {
            if matches!(delivery.state, State::Armed | State::Processing) {
                return Err(self.going_out(caller, &delivery).await);
            }
            if matches!(delivery.state, State::Unknown | State::NeedsHuman) {
                // Whatever the answer is, it is about the text as it is now; and "send it" sends that.
                let handle = self.get_account(caller, &delivery.account).await?.account.handle;
                return Err(say!("post-edit-unsettled", handle = handle).into());
            }
            if let Some(next) = step(delivery.state, &delivery.progress, delivery.slot, &Event::Edited, now, 0) {
                steps.push((delivery, next));
            }
        }
        let tainted_at = current.tainted_at.or(composed.tainted_at);
        Ok((Post { variants: composed.variants, tainted_at, ..current }, steps))
    }

    /// What [`Desk::update_draft`] would leave, with the same refusals; nothing stored.
    ///
    /// # Errors
    /// As [`Desk::update_draft`].
    pub async fn preview_update(
        &self,
        caller: &Caller,
        id: &PostId,
        revision: i64,
        draft: &Draft,
    ) -> Result<PostView, ToolError> {
        let (post, _) = self.edited(caller, id, revision, draft).await?;
        self.preview_post(caller, post).await
    }
}

pub(super) fn check_revision(post: &Post, given: i64) -> Result<(), ToolError> {
    if post.withdrawn_at.is_some() {
        return Err(say!("post-withdrawn", id = post.id.as_str()).into());
    }
    if given > post.revision {
        return Err(say!("post-revision-ahead", given = given, current = post.revision).into());
    }
    if post.revision != given {
        return Err(say!("post-revision-stale", given = given, current = post.revision).into());
    }
    Ok(())
}

fn check_sizes(draft: &Draft) -> Result<(), ToolError> {
    if draft.segments.is_empty() && draft.variants.is_empty() {
        return Err(say!("post-text-missing").into());
    }
    let all = draft.segments.iter().chain(draft.variants.iter().flat_map(|variant| &variant.segments));
    if all.clone().any(|segment| segment.text.chars().count() > TEXT_CHARS_MAX) {
        return Err(say!("post-too-long-any", max = TEXT_CHARS_MAX).into());
    }
    if all.clone().any(|segment| segment.text.trim().is_empty() && segment.media.is_empty()) {
        return Err(say!("post-empty").into());
    }
    let longest = draft.variants.iter().map(|variant| variant.segments.len()).chain([draft.segments.len()]).max();
    check_count(longest.unwrap_or(0))?;
    if draft.variants.iter().any(|variant| variant.segments.is_empty()) {
        return Err(say!("post-empty").into());
    }
    Ok(())
}

fn check_count(segments: usize) -> Result<(), ToolError> {
    if segments > SEGMENTS_MAX {
        return Err(say!("post-too-many-segments", max = SEGMENTS_MAX).into());
    }
    Ok(())
}

/// Segments that the network would find too long, as several. Media stay with the first part, a poll with the last.
fn split(platform: &dyn Platform, segments: Vec<Segment>) -> Vec<Segment> {
    let fits = |text: &str| {
        let alone = Segment { text: text.to_owned(), ..Segment::default() };
        let preview = platform.preview(&Content { segments: vec![alone], ..Content::default() }, &[]);
        preview.segments.iter().all(|segment| segment.length <= segment.length_max)
    };
    let mut all = Vec::new();
    for segment in segments {
        if fits(&segment.text) {
            all.push(segment);
            continue;
        }
        let texts = crate::domain::split::split(&segment.text, fits);
        let last = texts.len().saturating_sub(1);
        let Segment { mut media, mut poll, .. } = segment;
        all.extend(texts.into_iter().enumerate().map(|(no, text)| Segment {
            text,
            media: std::mem::take(&mut media),
            poll: if no == last { poll.take() } else { None },
        }));
    }
    all
}
