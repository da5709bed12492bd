//! What is shown of posts, accounts and approvals, read from ledger rows. Tools turn it into English answers, pages into HTML in the
//! reader's language; nobody else words the state of a post. Plain data, no wording of its own.

use std::collections::BTreeSet;

use crate::domain::account::Account;
use crate::domain::approval::Approval;
use crate::domain::batch::BatchOutcome;
use crate::domain::delivery::{LEFT, State};
use crate::domain::ids::{ApprovalId, DeliveryId, PostId, VariantId};
use crate::domain::network::Network;
use crate::domain::post::{Content, Finding, MediaFacts, Preview};
pub use crate::domain::post_status::PostStatus;
use crate::domain::recurrence::Recurrence;
use crate::domain::refusal::Sentence;
use crate::domain::schedule::Moment;
pub use crate::domain::video::ChangeLine;

/// One visible part of a delivery and how that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Which part, from 0.
    pub part: i64,
    /// Where it can be seen, when known.
    pub permalink: Option<String>,
    /// How it is known: `receipt-answered`, `receipt-read-back` or `receipt-person`.
    pub how: Sentence,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

/// One occurrence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryView {
    /// Our id.
    pub id: DeliveryId,
    /// The account's handle.
    pub account: Account,
    /// Where it stands; `state.wording()` is what people read.
    pub state: State,
    /// Why, when there is a reason.
    pub reason: Option<Sentence>,
    /// Its slot.
    pub when: Moment,
    /// Parts accepted and parts in all.
    pub parts: (i64, i64),
    /// What is visible.
    pub receipts: Vec<Receipt>,
}

impl DeliveryView {
    /// Nothing of it is out or on its way: it comes, and can still be stopped.
    #[must_use]
    pub fn is_to_come(&self) -> bool {
        matches!(self.state, State::Scheduled | State::Waiting | State::Paused | State::Blocked | State::Unapproved)
    }

    /// A person has to do something, and has not said that it stays as it is.
    #[must_use]
    pub fn needs_attention(&self) -> bool {
        self.state.needs_attention() && self.reason.as_ref().is_none_or(|reason| reason.key != LEFT)
    }
}

/// A post's form for one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariantView {
    /// Our id.
    pub id: VariantId,
    /// The account.
    pub account: Account,
    /// What it shows.
    pub content: Content,
    /// As the network would show it.
    pub preview: Preview,
    /// What is wrong or worth knowing.
    pub findings: Vec<Finding>,
}

/// A post with everything known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostView {
    /// Our id.
    pub id: PostId,
    /// The current revision.
    pub revision: i64,
    /// Where it stands as a whole.
    pub status: PostStatus,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub edited_at: i64,
    /// The current revision's variants.
    pub variants: Vec<VariantView>,
    /// Every delivery, newest slot first.
    pub deliveries: Vec<DeliveryView>,
    /// An approval that waits for a person.
    pub waiting: Option<ApprovalId>,
    /// Whether publishing of this post is paused by itself.
    pub is_paused: bool,
    /// Whether somebody else's words were in sight when it was written: what it says may be theirs.
    pub is_third_party: bool,
}

/// Occurrences to come that are shown of each account; the rest is counted.
const TO_COME_SHOWN: usize = 3;
/// Other deliveries that are shown: what needs somebody or is the newest.
const OTHERS_SHOWN: usize = 20;

impl PostView {
    /// What comes next of it, of a rule's times the soonest.
    #[must_use]
    pub fn next(&self) -> Option<&DeliveryView> {
        self.deliveries.iter().filter(|delivery| delivery.is_to_come()).min_by_key(|delivery| delivery.when.at_ms)
    }

    /// The deliveries worth showing, and how many more are to come: first what needs somebody, then what comes next, then what was, the newest
    /// first. A rule's fifty-two would drown the one that matters.
    #[must_use]
    pub fn shown_deliveries(&self) -> (Vec<&DeliveryView>, usize) {
        let mut of_account: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
        let (to_come, others): (Vec<_>, Vec<_>) =
            self.deliveries.iter().rev().partition(|delivery| delivery.is_to_come());
        let all = to_come.len();
        let next = to_come.into_iter().filter(|delivery| {
            let count = of_account.entry(delivery.account.id.as_str()).or_default();
            *count += 1;
            *count <= TO_COME_SHOWN
        });
        let next: Vec<_> = next.collect();
        let more = all - next.len();
        let (mut shown, past): (Vec<_>, Vec<_>) = others.into_iter().rev().partition(|other| other.needs_attention());
        let room = OTHERS_SHOWN.saturating_sub(shown.len());
        shown.extend(next);
        shown.extend(past.into_iter().take(room));
        (shown, more)
    }
}

/// One line of an approval: what would happen where and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalLine {
    /// The account.
    pub account: Account,
    /// What would be shown there.
    pub preview: Preview,
    /// When; `None` means as soon as the hold window is over.
    pub when: Option<Moment>,
    /// The rule it comes again by; `when` is its first time then.
    pub every: Option<Recurrence>,
    /// What it would say twice (`twice-*`).
    pub twice: Vec<Sentence>,
    /// Disclosure and audience choices, as sentences.
    pub options: Vec<Sentence>,
    /// Warnings worth knowing before saying yes.
    pub findings: Vec<Finding>,
}

impl ApprovalLine {
    /// How often it would go out.
    #[must_use]
    pub fn times(&self) -> usize {
        self.every.as_ref().map_or(1, |every| every.instants.len())
    }
}

/// One post of a plan: what would happen with it, or what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchLine {
    /// Its number, from 1.
    pub no: usize,
    /// The post.
    pub post: PostId,
    /// What would go out of it where and when. Empty when that is not there any more.
    pub lines: Vec<ApprovalLine>,
    /// Why it cannot go along as it was asked, while the question is open.
    pub problem: Option<Sentence>,
    /// What became of it, once that is known.
    pub outcome: Option<BatchOutcome>,
    /// The network that wants it chosen by itself: a yes to all of them does not take it along.
    pub alone: Option<Network>,
}

impl BatchLine {
    /// Whether a yes would take it along.
    #[must_use]
    pub fn can_go(&self) -> bool {
        self.problem.is_none() && self.outcome.is_none()
    }

    /// When its first one goes out.
    #[must_use]
    pub fn when(&self) -> Option<&Moment> {
        self.lines.iter().filter_map(|line| line.when.as_ref()).min_by_key(|moment| moment.at_ms)
    }

    /// What is worth knowing of it before a yes.
    #[must_use]
    pub fn warnings(&self) -> usize {
        self.lines.iter().map(|line| line.twice.len() + line.findings.len()).sum()
    }
}

impl ApprovalView {
    /// Whether it is about this post, by itself or among others.
    #[must_use]
    pub fn is_about(&self, post: &PostId) -> bool {
        self.post.as_ref() == Some(post) || self.batch.iter().any(|item| item.post == *post)
    }

    /// How many posts of a plan a yes would take along.
    #[must_use]
    pub fn ready(&self) -> usize {
        self.batch.iter().filter(|line| line.can_go()).count()
    }

    /// Numbers of the posts of a plan that must be chosen each by itself.
    #[must_use]
    pub fn alone(&self) -> BTreeSet<usize> {
        self.batch.iter().filter(|line| line.alone.is_some()).map(|line| line.no).collect()
    }

    /// How many posts of a plan ended so: scheduled, left out, refused.
    #[must_use]
    pub fn ended(&self) -> (usize, usize, usize) {
        let count = |word: &str| {
            self.batch.iter().filter(|line| line.outcome.as_ref().is_some_and(|outcome| outcome.word() == word)).count()
        };
        (count("scheduled"), count("left"), count("refused"))
    }
}

/// An approval as a person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalView {
    /// The row.
    pub approval: Approval,
    /// What it would do, in one sentence (`approval-act-*`).
    pub what: Sentence,
    /// Its lines; empty for acts that send nothing.
    pub lines: Vec<ApprovalLine>,
    /// Of a question about several posts each of them; empty for any other.
    pub batch: Vec<BatchLine>,
    /// What it would change of a film, before and after; empty for any other.
    pub changes: Vec<ChangeLine>,
    /// The picture that would stand for that film.
    pub thumbnail: Option<MediaFacts>,
    /// What came of a yes that is carried out after it, where there is more to say than that.
    pub outcome: Option<Sentence>,
    /// What is not there any more of what was asked: then nobody can agree to it.
    pub gone: Vec<Sentence>,
    /// The post it is about.
    pub post: Option<PostId>,
}

/// An account with what a person needs to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountView {
    /// The account.
    pub account: Account,
    /// Its health in one sentence (`account-health-*`).
    pub health: Sentence,
    /// What does not work because a permission was not granted.
    pub lacks: Vec<Sentence>,
    /// Whether publishing on it is paused.
    pub paused: bool,
}

/// Something a person should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeView {
    /// The sentence.
    pub what: Sentence,
    /// The post it is about.
    pub post: Option<PostId>,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}
