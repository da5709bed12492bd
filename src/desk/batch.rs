//! Several posts under one question: planning them, asking, and carrying out what a person left ticked. Each post keeps its own checks; one
//! that changed since it was asked about is refused by itself, and the rest goes on.

use std::collections::{BTreeMap, BTreeSet};

use super::day::Beside;
use super::read::Around;
use super::view::BatchLine;
use super::{Asked, Desk, Wish};
use crate::domain::approval::{Act, Approval, Decision, When};
use crate::domain::batch::{BATCH_DELIVERIES_MAX, BATCH_POSTS_MAX, BatchOutcome, BatchPost, Picked};
use crate::domain::caller::Caller;
use crate::domain::ids::{ApprovalId, PostId};
use crate::domain::network::Network;
use crate::domain::post::Post;
use crate::domain::refusal::{Arg, Sentence};
use crate::domain::schedule::{Moment, read_moment};
use crate::domain::tool::ToolError;
use crate::domain::{sheet, slots};
use crate::say;
use crate::store::approvals::Decided;
use crate::store::batches::{BatchItem, BatchStep, DecidedBatch};

/// How often a yes looks again when somebody changed a post of the plan between its look and its write.
const LOOKS_MAX: usize = 3;

/// What somebody wants of one post of a plan.
#[derive(Debug, Clone)]
pub struct BatchWish {
    /// The post.
    pub post: PostId,
    /// When: an instant, a wall time, words, or "next free slot".
    pub at: String,
    /// The zone of a wall time.
    pub zone: Option<String>,
    /// Only these accounts (id or handle); all of the post's when empty.
    pub accounts: Vec<String>,
}

impl Desk {
    /// What the posts of a plan come to, each with everything checked and nothing stored. "Next free slot" gives each of them another one.
    ///
    /// # Errors
    /// Refused as a whole when they are too many; each by itself as by [`Desk::plan`], or when it is named twice.
    pub async fn plan_batch(
        &self,
        caller: &Caller,
        wishes: &[BatchWish],
    ) -> Result<Vec<Result<BatchPost, Sentence>>, ToolError> {
        check_count(wishes.len())?;
        let (mut planned, mut seen, mut kept, mut beside) = (Vec::new(), BTreeSet::new(), Vec::new(), Vec::new());
        for wish in wishes {
            let post = if seen.insert(wish.post.clone()) {
                self.plan_one(caller, wish, (&mut kept, &mut beside)).await
            } else {
                Err(say!("batch-post-twice", id = wish.post.as_str()).into())
            };
            planned.push(match post {
                Ok(post) => Ok(post),
                Err(ToolError::Refused(why)) => Err(why),
                Err(error) => return Err(error),
            });
        }
        Ok(planned)
    }

    async fn plan_one(
        &self,
        caller: &Caller,
        wish: &BatchWish,
        (kept, beside): (&mut Vec<i64>, &mut Vec<Beside>),
    ) -> Result<BatchPost, ToolError> {
        let moment = if slots::is_asked(&wish.at) {
            self.next_slot(caller, &wish.post, (&wish.accounts, kept)).await?
        } else {
            read_moment(&wish.at, wish.zone.as_deref(), &caller.zone, self.clock.now_ms())?
        };
        kept.push(moment.at_ms);
        let when = When::At { at_ms: moment.at_ms, zone: moment.zone };
        let wish = Wish { post: wish.post.clone(), when, accounts: wish.accounts.clone(), again: false };
        let planned = part(self.plan(caller, &wish).await?)?;
        self.check_beside(caller, (&self.get_post(caller, &wish.post).await?, &planned), beside).await?;
        Ok(planned)
    }

    /// Stores a plan as one question, or lets a standing permission answer it.
    ///
    /// # Errors
    /// Refused when there is nothing in it or too much.
    pub async fn ask_batch(&self, caller: &Caller, posts: Vec<BatchPost>) -> Result<Asked, ToolError> {
        check(&posts)?;
        self.ask(caller, Act::Batch { posts }, None).await
    }

    /// Stores new posts and one question about all of them: both or neither. A person is asked whatever standing permission there is.
    pub(super) async fn ask_new(
        &self,
        caller: &Caller,
        new: &[Post],
        posts: Vec<BatchPost>,
    ) -> Result<ApprovalId, ToolError> {
        check(&posts)?;
        let approval = self.question(caller, Act::Batch { posts }, self.clock.now_ms());
        self.store_batch(&approval, (new, None)).await?;
        self.audit(caller, "plan.import", approval.id.as_str()).await?;
        Ok(approval.id)
    }

    /// Asks anew about a plan with its posts as they are by now, at the times that were asked about or at other ones (by number), in place of
    /// the old question. What was withdrawn, is asked about elsewhere by now, or has missed its time is left out; the rest keeps its order.
    /// With the new question come the numbers that its posts had in the old one.
    ///
    /// # Errors
    /// Refused when the question is answered or not theirs, nothing of it is left, or a time cannot be read.
    pub async fn ask_batch_again(
        &self,
        caller: &Caller,
        id: &ApprovalId,
        times: &BTreeMap<usize, String>,
    ) -> Result<(ApprovalId, Vec<usize>), ToolError> {
        let found = self.store.find_approval(id, &caller.user).await?;
        let old = found.ok_or_else(|| say!("approval-not-found", id = id.as_str()))?;
        let approval = self.get_open(caller, id, &old.hash).await?;
        let Act::Batch { posts } = &approval.act else { return Err(say!("approval-changed").into()) };
        let items = self.store.list_batch_items(id).await?;
        let (mut kept, mut numbers, now) = (Vec::new(), Vec::new(), self.clock.now_ms());
        let mut beside = Vec::new();
        for (no, old) in numbered(posts) {
            let is_elsewhere = closed_because(&items, no).is_some_and(|why| why.key == "batch-item-asked-anew");
            let at = times.get(&no);
            let is_past = old.items.iter().any(|item| matches!(item.when, When::At { at_ms, .. } if at_ms <= now));
            if is_elsewhere || (is_past && at.is_none()) {
                continue;
            }
            match self.plan_again(caller, (old, at), &mut beside).await {
                Ok(post) => {
                    kept.push(post);
                    numbers.push(no);
                }
                // What the person just asked for is not dropped without a word.
                Err(ToolError::Refused(_)) if at.is_none() => {}
                Err(error) => return Err(error),
            }
        }
        check(&kept)?;
        let new = self.question(caller, Act::Batch { posts: kept }, now);
        if !self.store_batch(&new, (&[], Some(id))).await? {
            return Err(say!("approval-changed").into());
        }
        self.audit(caller, "approval.ask", new.id.as_str()).await?;
        Ok((new.id, numbers))
    }

    async fn plan_again(
        &self,
        caller: &Caller,
        (old, at): (&BatchPost, Option<&String>),
        beside: &mut Vec<Beside>,
    ) -> Result<BatchPost, ToolError> {
        let mut when = old.items.first().map(|item| item.when.clone()).ok_or_else(|| say!("post-no-variants"))?;
        if let Some(at) = at {
            // Without a zone it is meant in the one that it was asked about in.
            let zone = match &when {
                When::At { zone, .. } => zone.clone(),
                When::Every(every) => every.zone.clone(),
                When::Now => caller.zone.clone(),
            };
            let moment = read_moment(&sheet::wall_time(at), Some(&zone), &caller.zone, self.clock.now_ms())?;
            when = When::At { at_ms: moment.at_ms, zone: moment.zone };
        }
        let accounts = old.items.iter().map(|item| item.account.to_string()).collect();
        let planned = part(self.plan(caller, &Wish { post: old.post.clone(), when, accounts, again: false }).await?)?;
        self.check_beside(caller, (&self.get_post(caller, &old.post).await?, &planned), beside).await?;
        Ok(planned)
    }

    async fn store_batch(
        &self,
        approval: &Approval,
        around: (&[Post], Option<&ApprovalId>),
    ) -> Result<bool, ToolError> {
        let Act::Batch { posts } = &approval.act else {
            return Err(ToolError::Failed("a question about several posts is about none".into()));
        };
        let posts: Vec<_> = posts.iter().map(|post| &post.post).collect();
        Ok(self.store.insert_batch(approval, &posts, around).await?)
    }

    pub(super) async fn is_batch_strange(&self, caller: &Caller, posts: &[BatchPost]) -> Result<bool, ToolError> {
        for post in posts {
            if self.store.is_post_tainted(&post.post, &caller.workspace).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Writes a yes: what was left out, what cannot go any more and why, and the deliveries of the rest, in one transaction.
    pub(super) async fn carry_out_batch(
        &self,
        caller: &Caller,
        approval: &Approval,
        (via, now): (&str, i64),
        (posts, picked): (&[BatchPost], &Picked),
    ) -> Result<Decided, ToolError> {
        if (1..=posts.len()).all(|no| picked.leaves(no)) {
            return Err(say!("batch-nothing-chosen").into());
        }
        for _ in 0..LOOKS_MAX {
            let items = self.store.list_batch_items(&approval.id).await?;
            let (around, mut steps) = (self.around(caller).await?, Vec::new());
            for (no, post) in numbered(posts) {
                let step = if picked.leaves(no) {
                    BatchStep::End(BatchOutcome::Left)
                } else if let Some(network) = self.chosen_alone(post, &around).filter(|_| !picked.names(no)) {
                    // A press for all of them is no choice of this one's privacy and disclosure (platforms/tiktok.md §9).
                    BatchStep::End(BatchOutcome::Refused(say!("batch-item-not-chosen", network = network.shown())))
                } else {
                    match self.batch_step(caller, approval, (no, post), (&items, &around, now)).await {
                        Ok(step) => step,
                        Err(ToolError::Refused(why)) => BatchStep::End(BatchOutcome::Refused(why)),
                        Err(error) => return Err(error),
                    }
                };
                steps.push((no, &post.post, step));
            }
            let why = steps.iter().find_map(|(_, _, step)| match step {
                BatchStep::End(BatchOutcome::Refused(why)) => Some(why.clone()),
                BatchStep::End(BatchOutcome::Scheduled | BatchOutcome::Left) | BatchStep::Publish(_) => None,
            });
            match self.store.update_approval_batch(approval, (via, now), &caller.workspace, steps).await? {
                DecidedBatch::Yes(_) => return Ok(Decided::Yes),
                DecidedBatch::TooLate => return Ok(Decided::TooLate),
                // All of it was refused: the person is told why of the first, and the question stays open. Where each changed between the
                // look and the write the reason is known at the next look.
                DecidedBatch::Nothing => {
                    if let Some(why) = why {
                        return Err(why.into());
                    }
                }
            }
        }
        Ok(Decided::Changed)
    }

    /// The network that wants this post chosen by itself, where one does.
    fn chosen_alone(&self, post: &BatchPost, around: &Around) -> Option<Network> {
        let networks = post.items.iter().filter_map(|item| around.accounts.get(&item.account)).map(|a| a.network);
        networks
            .into_iter()
            .find(|network| self.networks.get(network).is_some_and(|platform| platform.asks_each_time()))
    }

    async fn batch_step<'a>(
        &self,
        caller: &Caller,
        approval: &Approval,
        (no, post): (usize, &'a BatchPost),
        (items, around, now): (&[BatchItem], &Around, i64),
    ) -> Result<BatchStep<'a>, ToolError> {
        if let Some(why) = self.batch_problem(caller, (no, post), (items, now)).await? {
            return Err(why.into());
        }
        for item in &post.items {
            self.line(caller, item, around).await??;
        }
        let publish = self.approved((caller, &approval.user), (&post.post, post.revision), &post.items, now).await?;
        Ok(BatchStep::Publish(Box::new(publish)))
    }

    /// Why a post of an open question cannot go along as it was asked about, when it cannot.
    async fn batch_problem(
        &self,
        caller: &Caller,
        (no, asked): (usize, &BatchPost),
        (items, now): (&[BatchItem], i64),
    ) -> Result<Option<Sentence>, ToolError> {
        if let Some(why) = closed_because(items, no) {
            return Ok(Some(why.clone()));
        }
        let is_there = items.iter().any(|(item, ..)| *item == no);
        let Some(post) = self.store.find_post(&asked.post, &caller.workspace).await?.filter(|_| is_there) else {
            return Ok(Some(say!("approval-gone")));
        };
        if post.withdrawn_at.is_some() {
            return Ok(Some(say!("batch-item-withdrawn")));
        }
        if post.revision != asked.revision {
            return Ok(Some(say!("batch-item-edited")));
        }
        let is_past = |when: &When| matches!(when, When::At { at_ms, .. } if *at_ms <= now);
        Ok(asked.items.iter().any(|item| is_past(&item.when)).then(|| say!("approval-time-passed")))
    }

    /// A plan in words: what it would do, and each post of it with all that is worth knowing before a yes.
    pub(super) async fn about_batch(
        &self,
        caller: &Caller,
        approval: &Approval,
        posts: &[BatchPost],
        around: &Around,
    ) -> Result<(Sentence, Vec<BatchLine>), ToolError> {
        let items = self.store.list_batch_items(&approval.id).await?;
        let (is_open, now) = (approval.decision == Decision::Pending, self.clock.now_ms());
        let mut twice =
            if is_open { self.twice_in_batch(caller, posts).await? } else { super::twice::BatchTwice::new() };
        let mut batch = Vec::new();
        for (no, post) in numbered(posts) {
            let mut problem = if is_open { self.batch_problem(caller, (no, post), (&items, now)).await? } else { None };
            let mut lines = Vec::new();
            for item in &post.items {
                match self.line(caller, item, around).await? {
                    Ok((mut line, content)) => {
                        let key = (post.post.clone(), item.account.clone());
                        let found = twice.remove(&key).unwrap_or_default();
                        line.twice = found.into_iter().map(|found| by_number(found, posts)).collect();
                        if is_open {
                            line.findings
                                .extend(self.about_the_day(&line.account, (&post.post, &content), item).await?);
                        }
                        lines.push(line);
                    }
                    Err(why) if is_open => problem = problem.or(Some(why)),
                    Err(_) => {}
                }
            }
            let outcome = items.iter().find(|(item, ..)| *item == no).and_then(|(_, _, outcome)| outcome.clone());
            // While the question is open, what ended already is why it cannot go along.
            let outcome = outcome.filter(|_| approval.decision == Decision::Approved);
            let alone = self.chosen_alone(post, around);
            batch.push(BatchLine { no, post: post.post.clone(), lines, problem, outcome, alone });
        }
        let instants = posts.iter().flat_map(|post| &post.items).filter_map(|item| match &item.when {
            When::At { at_ms, .. } => Some(*at_ms),
            When::Every(every) => every.instants.first().copied(),
            When::Now => None,
        });
        let (from, until) = instants.fold((i64::MAX, i64::MIN), |(from, until), at| (from.min(at), until.max(at)));
        // Short: each post says its own time in full.
        let shown = |at_ms: i64| {
            let moment = Moment { at_ms, zone: caller.zone.clone() };
            moment.zoned().strftime("%Y-%m-%d %H:%M").to_string()
        };
        let what = match from <= until {
            true => say!("approval-act-batch", count = posts.len(), from = shown(from), until = shown(until)),
            false => say!("approval-act-batch-now", count = posts.len()),
        };
        Ok((what, batch))
    }
}

/// The posts of a plan by their numbers.
fn numbered(posts: &[BatchPost]) -> impl Iterator<Item = (usize, &BatchPost)> {
    posts.iter().enumerate().map(|(at, post)| (at + 1, post))
}

/// What is said of another post of the same plan names it by its number, as the page shows it.
fn by_number(mut found: Sentence, posts: &[BatchPost]) -> Sentence {
    for (name, value) in &mut found.args {
        if name == "post"
            && let Arg::Text(id) = value
            && let Some((no, _)) = numbered(posts).find(|(_, post)| post.post.as_str() == id)
        {
            *value = format!("#{no}").into();
        }
    }
    found
}

/// Why a post's part of the question ended before the answer, when it did.
fn closed_because(items: &[BatchItem], no: usize) -> Option<&Sentence> {
    items.iter().find(|(item, ..)| *item == no).and_then(|(_, _, outcome)| match outcome {
        Some(BatchOutcome::Refused(why)) => Some(why),
        Some(BatchOutcome::Scheduled | BatchOutcome::Left) | None => None,
    })
}

/// What a question of its own would ask, as part of one about several.
pub(super) fn part(act: Act) -> Result<BatchPost, ToolError> {
    match act {
        Act::Publish { post, revision, items, again: false } => Ok(BatchPost { post, revision, items }),
        Act::Publish { .. }
        | Act::Batch { .. }
        | Act::Resume { .. }
        | Act::TakeDown { .. }
        | Act::Disconnect { .. }
        | Act::EditVideo { .. }
        | Act::Forget { .. } => Err(ToolError::Failed("a plan holds nothing but posts to schedule".into())),
    }
}

fn check_count(posts: usize) -> Result<(), ToolError> {
    match posts {
        0 => Err(say!("batch-empty").into()),
        1..=BATCH_POSTS_MAX => Ok(()),
        _ => Err(say!("batch-too-many", count = posts, max = BATCH_POSTS_MAX).into()),
    }
}

fn check(posts: &[BatchPost]) -> Result<(), ToolError> {
    check_count(posts.len())?;
    let deliveries = posts.iter().flat_map(|post| &post.items).map(|item| match &item.when {
        When::At { .. } | When::Now => 1,
        When::Every(every) => every.instants.len(),
    });
    let count: usize = deliveries.sum();
    if count > BATCH_DELIVERIES_MAX {
        return Err(say!("batch-too-many-deliveries", count = count, max = BATCH_DELIVERIES_MAX).into());
    }
    Ok(())
}
