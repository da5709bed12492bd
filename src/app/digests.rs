//! Hearing what is going on without asking: who wants it, and whose time it is.

use super::App;
use crate::domain::caller::Caller;
use crate::domain::digest::Digest;
use crate::domain::ids::UserId;
use crate::domain::place::{ChatPlace, Member};
use crate::domain::tool::ToolError;

/// Nobody has two within this; so long ago nobody needs to be looked at.
const APART_MS: i64 = 6 * 3_600_000;
/// One that is later than this is left out: the next one tells it.
const LATE_MAX_MS: i64 = 6 * 3_600_000;

/// Somebody whose time it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Who they are in the place.
    pub subject: String,
    /// Who they are here.
    pub user: UserId,
    /// Their direct thread with us, when it is known.
    pub thread: String,
    /// Since when it tells, Unix milliseconds.
    pub since_ms: i64,
    /// Whether it is about a week.
    pub is_weekly: bool,
    due_at: i64,
    told_at: i64,
    is_late: bool,
}

impl App {
    /// How often a member wants to hear what is going on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn digest_of(&self, member: &Member) -> Result<Digest, ToolError> {
        let word = self.store.find_digest(member.place.word(), &member.subject()).await?;
        Ok(word.as_deref().map(Digest::find).unwrap_or_default())
    }

    /// Chooses that; what was due before is taken as told, so that the first is the next one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn choose_digest(&self, caller: &Caller, member: &Member, digest: Digest) -> Result<(), ToolError> {
        let now = self.clock.now_ms();
        let told_at = digest.last_due_at(now, &caller.zone).unwrap_or(now);
        self.store.update_digest(member.place.word(), &member.subject(), digest.word(), told_at).await?;
        self.desk.audit(caller, "place.digest", digest.word()).await
    }

    /// Whose time it is in a place.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn digests_due(&self, place: ChatPlace) -> Result<Vec<Due>, ToolError> {
        let now = self.clock.now_ms();
        let all = self.store.list_digests(place.word(), now - APART_MS).await?;
        let due = all.into_iter().filter_map(|stored| {
            let digest = Digest::find(&stored.digest);
            let at = digest.last_due_at(now, &stored.zone).filter(|at| *at > stored.told_at)?;
            Some(Due {
                subject: stored.subject,
                user: stored.user,
                thread: stored.thread,
                since_ms: at - digest.days() * 24 * 3_600_000,
                is_weekly: digest.days() == 7,
                due_at: at,
                told_at: stored.told_at,
                is_late: now - at > LATE_MAX_MS,
            })
        });
        Ok(due.collect())
    }

    /// It is told now: true for one process of several, and not for one that is far too late.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_digest(&self, place: ChatPlace, due: &Due) -> Result<bool, ToolError> {
        let is_claimed = self.store.claim_digest(place.word(), &due.subject, due.told_at, due.due_at).await?;
        Ok(is_claimed && !due.is_late)
    }
}
