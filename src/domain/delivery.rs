//! The delivery state machine as pure functions (RELIABILITY §1, completed as DECISIONS 3 asks). It decides; `publisher` and
//! `desk` carry out. No I/O, no clock, no chance: the instant and the jitter are arguments. The table itself is in `step.rs`.

use serde::{Deserialize, Serialize};

use super::ids::{AccountId, DeliveryId, PostId, UserId, VariantId, WorkspaceId};
use super::recurrence::CatchUp;
use super::refusal::Sentence;

mod step;
pub use step::{Answer, Event, LEFT, Refusal, Step, step};

/// How long one commit call may take, start to end. X answers in a second or two; 30 s is what a slow edge still takes.
pub const COMMIT_TIMEOUT_MS: i64 = 30_000;
/// Time between arming and the first byte: DNS, connect and TLS must fit.
pub const SEND_WINDOW_MS: i64 = 15_000;
/// Time kept free at the end of a lease, so that the outcome is written while we still own the row.
pub const LEASE_MARGIN_MS: i64 = 15_000;
/// How long a claim lasts unless renewed: send window + commit timeout + margin, doubled for uploads in between.
pub const LEASE_MS: i64 = 2 * (SEND_WINDOW_MS + COMMIT_TIMEOUT_MS + LEASE_MARGIN_MS);
/// A lease of which so much has passed is renewed while invisible steps go on: four signs of life to a lease.
pub const RENEW_MS: i64 = LEASE_MS / 4;
/// How long after a lapsed lease the network may still be working on a request that we no longer watch (timeout + 30 s).
pub const SETTLE_MS: i64 = COMMIT_TIMEOUT_MS + 30_000;
/// How late a post may still go out without asking the person. DESIGN's default of 60 minutes.
pub const GRACE_MS: i64 = 60 * 60_000;
/// How long we look for an unknown outcome before a person must look.
pub const UNKNOWN_MAX_MS: i64 = 30 * 60_000;
/// Two complete reads without a match must be at least this far apart to count as absence.
pub const ABSENT_GAP_MS: i64 = 60_000;
/// How long a network may say "processing" before a person must look.
pub const PROCESSING_MAX_MS: i64 = 6 * 3_600_000;
/// When a network that works on it is asked first (platforms/tiktok.md §4.6), and how often after that.
const WORK_FIRST_MS: i64 = 5_000;
const WORK_ASK_MS: i64 = 30_000;
/// The reason of what lies before the person at the network: it went out, and the world does not see it yet.
pub const HANDED: &str = "delivery-reason-handed";
/// How often a retryable rejection is retried: with doubling waits from 30 s this spans the grace window.
pub const TRIES_MAX: i64 = 8;
/// How often what a network does not find is tried again as it is, before it is prepared anew (platforms/threads.md §4).
pub const SPENT_TRIES: i64 = 3;
/// First wait before a retry.
const BACKOFF_FIRST_MS: i64 = 30_000;
/// Longest wait before a retry.
const BACKOFF_MAX_MS: i64 = 15 * 60_000;
/// How long everything waits after an app-wide stop (credits used up): an operator needs minutes, not seconds.
pub const APP_STOP_MS: i64 = 10 * 60_000;

/// Where a delivery stands. Each has one wording per language (`delivery-state-*`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum State {
    /// Approved; goes out at its slot.
    Scheduled,
    /// A worker prepares it; nothing is visible.
    Leased,
    /// The commit call is out or about to be. Nobody can stop it now.
    Armed,
    /// Accepted; the network is still working on it.
    Processing,
    /// Will be tried again; nothing is visible of this part.
    Waiting,
    /// Nobody knows yet whether it went out. We are looking.
    Unknown,
    /// The account must be mended first.
    Blocked,
    /// Publishing is paused.
    Paused,
    /// Edited after approval: will not go out until approved again.
    Unapproved,
    /// A person must look.
    NeedsHuman,
    /// Its time passed; the person is asked.
    Missed,
    /// Every part was accepted.
    Published,
    /// Some parts are visible, the rest will not follow by themselves.
    Partial,
    /// The network refused it for good; nothing is visible.
    Failed,
    /// Withdrawn before it went out.
    Cancelled,
    /// Was published and then removed.
    TakenDown,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 16] = [
        Self::Scheduled,
        Self::Leased,
        Self::Armed,
        Self::Processing,
        Self::Waiting,
        Self::Unknown,
        Self::Blocked,
        Self::Paused,
        Self::Unapproved,
        Self::NeedsHuman,
        Self::Missed,
        Self::Published,
        Self::Partial,
        Self::Failed,
        Self::Cancelled,
        Self::TakenDown,
    ];

    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Leased => "leased",
            Self::Armed => "armed",
            Self::Processing => "processing",
            Self::Waiting => "waiting",
            Self::Unknown => "unknown",
            Self::Blocked => "blocked",
            Self::Paused => "paused",
            Self::Unapproved => "unapproved",
            Self::NeedsHuman => "needs_human",
            Self::Missed => "missed",
            Self::Published => "published",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::TakenDown => "taken_down",
        }
    }

    /// The state with this word.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Nothing more happens by itself and nobody is waited for.
    #[must_use]
    pub const fn is_over(self) -> bool {
        match self {
            Self::Published | Self::Partial | Self::Failed | Self::Cancelled | Self::TakenDown => true,
            Self::Scheduled
            | Self::Leased
            | Self::Armed
            | Self::Processing
            | Self::Waiting
            | Self::Unknown
            | Self::Blocked
            | Self::Paused
            | Self::Unapproved
            | Self::NeedsHuman
            | Self::Missed => false,
        }
    }

    /// A person has to do something.
    #[must_use]
    pub const fn needs_attention(self) -> bool {
        match self {
            Self::Blocked | Self::Unapproved | Self::NeedsHuman | Self::Missed | Self::Partial | Self::Failed => true,
            Self::Scheduled
            | Self::Leased
            | Self::Armed
            | Self::Processing
            | Self::Waiting
            | Self::Unknown
            | Self::Paused
            | Self::Published
            | Self::Cancelled
            | Self::TakenDown => false,
        }
    }

    /// The sentence a person reads for this state.
    #[must_use]
    pub fn wording(self) -> Sentence {
        Sentence::new(&format!("delivery-state-{}", self.word().replace('_', "-")))
    }
}

/// What the machine must remember of a delivery between steps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many parts it has (a thread of three has 3).
    pub parts: i64,
    /// How many of them the network accepted, in order from the first.
    pub accepted: i64,
    /// Retries of the current part so far.
    pub tries: i64,
    /// The token was refreshed because of a 401 on the current part; a second 401 blocks.
    pub refreshed: bool,
    /// Which generation of tokens the network refused: only a newer one is tried again, however long refreshing takes.
    pub refused_generation: Option<i64>,
    /// Since when the current part's outcome is unknown, Unix milliseconds.
    pub unknown_since: Option<i64>,
    /// When the first complete read after the settle time showed nothing.
    pub absent_at: Option<i64>,
    /// An earlier try of the current part ended without a clear answer.
    pub was_ambiguous: bool,
    /// When a person last sent it on its way themselves: from then on the grace window counts anew, Unix milliseconds.
    pub person_at: Option<i64>,
    /// It is an occurrence of a rule: what happens when its time passes. A post with one time is asked about.
    pub catch_up: Option<CatchUp>,
}

/// A delivery as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Our id.
    pub id: DeliveryId,
    /// Whose workspace.
    pub workspace: WorkspaceId,
    /// Who approved it: their notices.
    pub user: UserId,
    /// The post.
    pub post: PostId,
    /// The variant that goes out; immutable once approved.
    pub variant: VariantId,
    /// The account it goes out on.
    pub account: AccountId,
    /// The occurrence's instant, Unix milliseconds.
    pub slot: i64,
    /// The zone that instant was named in.
    pub zone: String,
    /// Where it stands.
    pub state: State,
    /// Fencing number: goes up with every claim and every change from outside.
    pub epoch: i64,
    /// When something is to be done about it, Unix milliseconds.
    pub next_at: Option<i64>,
    /// When the lease ends, Unix milliseconds.
    pub lease_until: Option<i64>,
    /// What the network gave for prepared media of the current part.
    pub handle: Option<serde_json::Value>,
    /// Hash of what was approved.
    pub content_hash: String,
    /// Why it stands where it stands.
    pub reason: Option<Sentence>,
    /// What the machine remembers.
    pub progress: Progress,
}

/// From when on a delivery counts as late: its slot, or the moment a person sent it on its way themselves.
#[must_use]
pub fn due_from(slot: i64, progress: &Progress) -> i64 {
    progress.person_at.map_or(slot, |at| at.max(slot))
}

/// When a person is next told that an edited post will not go out: a day before its slot, an hour before, and at it.
#[must_use]
pub fn next_warning(slot: i64, now: i64) -> i64 {
    const BEFORE_MS: [i64; 2] = [24 * 3_600_000, 3_600_000];
    BEFORE_MS.into_iter().map(|before| slot - before).find(|at| *at > now).unwrap_or_else(|| slot.max(now))
}

/// The wait before try number `tries` (from 1), with jitter in thousandths (0..1000) spreading it over ±25 %.
#[must_use]
pub fn backoff_ms(tries: i64, jitter_permille: i64) -> i64 {
    let doublings = u32::try_from((tries - 1).clamp(0, 10)).unwrap_or(0);
    let wait = BACKOFF_FIRST_MS.saturating_mul(1 << doublings).min(BACKOFF_MAX_MS);
    wait - wait / 4 + wait / 2 * jitter_permille.clamp(0, 1000) / 1000
}

/// When to look again for an unknown outcome: soon at first, because most answers are a second late, then every half minute.
#[must_use]
pub fn next_look_ms(unknown_for_ms: i64) -> i64 {
    match unknown_for_ms {
        ms if ms < 5_000 => 2_000,
        ms if ms < 60_000 => 10_000,
        _ => 30_000,
    }
}

/// The notice a person gets when a delivery comes to stand somewhere new, if it is worth one.
#[must_use]
pub fn notice(state: State, handle: &str, progress: &Progress) -> Option<Sentence> {
    use crate::say;
    match state {
        State::Published => Some(say!("notice-published", handle = handle)),
        State::Partial => Some(say!("notice-partial", handle = handle, done = progress.accepted, of = progress.parts)),
        State::Failed => Some(say!("notice-failed", handle = handle)),
        State::NeedsHuman => Some(say!("notice-needs-human", handle = handle)),
        State::Missed => Some(say!("notice-missed", handle = handle)),
        State::Blocked => Some(say!("notice-blocked", handle = handle)),
        State::Unapproved => Some(say!("notice-unapproved")),
        State::Scheduled
        | State::Leased
        | State::Armed
        | State::Processing
        | State::Waiting
        | State::Unknown
        | State::Paused
        | State::Cancelled
        | State::TakenDown => None,
    }
}
