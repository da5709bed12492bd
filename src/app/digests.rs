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

    /// Whether somebody wants their week on the page Today.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn wants_week(&self, caller: &Caller) -> Result<bool, ToolError> {
        Ok(self.store.find_week_seen(&caller.user).await?.is_some())
    }

    /// They want it there from the next Monday on, or not any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn choose_week(&self, caller: &Caller, digest: Digest) -> Result<(), ToolError> {
        let seen_at = match digest {
            Digest::Monday => Some(self.clock.now_ms()),
            Digest::Never | Digest::Morning | Digest::Noon | Digest::Evening => None,
        };
        self.store.update_week_seen(&caller.user, seen_at).await?;
        self.desk.audit(caller, "settings.week", digest.word()).await
    }

    /// They have seen the one that is there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_week_seen(&self, caller: &Caller) -> Result<(), ToolError> {
        if self.wants_week(caller).await? {
            self.store.update_week_seen(&caller.user, Some(self.clock.now_ms())).await?;
        }
        Ok(())
    }

    /// Whether there is one that they have not seen.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_week_new(&self, caller: &Caller) -> Result<bool, ToolError> {
        let Some(seen_at) = self.store.find_week_seen(&caller.user).await? else { return Ok(false) };
        let due = Digest::Monday.last_due_at(self.clock.now_ms(), &caller.zone);
        Ok(due.is_some_and(|due| due > seen_at))
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
