//! What needs a person is said with the next answer of a tool to an assistant (DESIGN §4), once: whoever works there may look at no page for days.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use super::App;
use crate::clock::boot_ms;
use crate::desk::view::PostStatus;
use crate::domain::caller::Caller;
use crate::domain::ids::UserId;
use crate::domain::lang::Lang;
use crate::domain::refusal::Arg;
use crate::domain::tool::ToolError;
use crate::say;
use crate::store::notices::Notice;

/// A person's notices are looked at no more often: most calls ask no database for it.
const LOOK_MS: i64 = 1_000;
/// What is older was told in other ways, or is over.
const FRESH_MS: i64 = 14 * 24 * 3_600_000;
/// So many are named; of the rest only how many there are.
const NAMED_MAX: usize = 3;
/// People whose last look is kept in mind.
const PEOPLE_MAX: usize = 10_000;
/// Notices after which nobody has to do anything, or that an assistant gave rise to.
const IDLE: [&str; 4] =
    ["notice-published", "notice-network-stopped", super::questions::ASKED, super::questions::ASKED_BY];

/// When each person's notices were looked at last, in milliseconds since boot.
#[derive(Default)]
pub(super) struct Looks(Mutex<HashMap<UserId, i64>>);

impl Looks {
    fn is_due(&self, user: &UserId) -> bool {
        let now = boot_ms();
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if looks.get(user).is_some_and(|last| now - last < LOOK_MS) {
            return false;
        }
        if looks.len() >= PEOPLE_MAX {
            looks.clear();
        }
        looks.insert(user.clone(), now);
        true
    }
}

impl App {
    /// One line about what came up since the last answer, for a caller that has no chat of ours to be told in.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn urgent(&self, caller: &Caller) -> Result<Option<String>, ToolError> {
        // Notices name posts and accounts: a program that may not see all of them is told of none, and they stay untold for the others.
        if !caller.is_assistant()
            || caller.accounts.is_some()
            || !self.looks.is_due(&caller.user)
            || !self.store.has_untold_notices(&caller.user).await?
        {
            return Ok(None);
        }
        let now = self.clock.now_ms();
        let (mut said, mut seen) = (Vec::new(), BTreeSet::new());
        for notice in self.store.take_untold_notices(&caller.user, now).await? {
            // The newest first: of a post it says how things stand.
            let is_news = notice.post.as_ref().is_none_or(|post| seen.insert(post.clone()));
            if is_news && notice.created_at > now - FRESH_MS && self.is_urgent(caller, &notice).await {
                said.push(self.words.say(Lang::En, &notice.what));
            }
        }
        if said.is_empty() {
            return Ok(None);
        }
        let more = said.len().saturating_sub(NAMED_MAX);
        said.truncate(NAMED_MAX);
        let url = self.config.public_url.as_str();
        Ok(Some(self.words.say(Lang::En, &say!("common-also", what = said.join(" "), more = more, url = url))))
    }

    /// Whether somebody still has to do something about it.
    async fn is_urgent(&self, caller: &Caller, notice: &Notice) -> bool {
        let Some(post) = notice.post.as_ref().filter(|_| needs_somebody(notice)) else { return needs_somebody(notice) };
        match self.desk.read_post(caller, post).await {
            Ok(view) => matches!(view.status, PostStatus::NeedsAttention | PostStatus::WaitingForYou),
            // Forgotten meanwhile.
            Err(ToolError::Refused(_)) => false,
            // It counts as told already: better once too often than never.
            Err(ToolError::Failed(_)) => true,
        }
    }
}

fn needs_somebody(notice: &Notice) -> bool {
    let what = &notice.what;
    let is_all_ready = what.key == "notice-rehearsal"
        && what.args.iter().any(|(name, value)| name == "needs" && *value == Arg::Number(0));
    !is_all_ready && !IDLE.contains(&what.key.as_str())
}
