//! What is shown of posts, accounts and approvals, read from ledger rows. Tools turn it into English answers, pages into HTML in the
//! reader's language; nobody else words the state of a post. Plain data, no wording of its own.

use crate::domain::account::Account;
use crate::domain::approval::Approval;
use crate::domain::delivery::State;
use crate::domain::ids::{ApprovalId, DeliveryId, PostId, VariantId};
use crate::domain::post::{Content, Finding, Preview};
pub use crate::domain::post_status::PostStatus;
use crate::domain::refusal::Sentence;
use crate::domain::schedule::Moment;

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
    /// Disclosure and audience choices, as sentences.
    pub options: Vec<Sentence>,
    /// Warnings worth knowing before saying yes.
    pub findings: Vec<Finding>,
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
