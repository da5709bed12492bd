//! Somebody else's words on their way to an assistant (DESIGN §4: third-party text). What its model reads there may tell it what to do, so its
//! standing permission does not count for a while after, and what it writes then is marked. In our own conversations the turn knows itself.

use std::collections::BTreeSet;

use serde_json::Value;

use super::App;
use crate::domain::caller::{Caller, Grant};
use crate::domain::ids::{ConversationId, MediaId, PostId, ids_in};
use crate::domain::tool::{Effect, ToolError, ToolOutcome, ToolSpec};

/// Beside what only reads: whose answers show words that the caller did not bring along.
const SHOWING: [&str; 2] = ["update_draft", "attach_media"];
/// So long a standing permission does not count after somebody else's words.
const SLEEP_MS: i64 = 30 * 60_000;
/// Noted at most so often: a page of lists is read in a row.
const NOTE_MS: i64 = 60_000;

/// Whether what has this id can hold somebody else's words.
fn may_be_strange(id: &str) -> bool {
    id.parse::<PostId>().is_ok() || id.parse::<MediaId>().is_ok() || id.parse::<ConversationId>().is_ok()
}

impl App {
    /// An assistant as it may act just now.
    pub(super) async fn sobered(&self, caller: &Caller, effect: Effect) -> Result<Caller, ToolError> {
        // What only reads is not looked up: nothing of it depends on a permission.
        if effect == Effect::Reads || !caller.is_assistant() {
            return Ok(caller.clone());
        }
        let since = self.store.find_strange(&caller.user, &caller.grantee()).await?;
        let is_near = since.is_some_and(|at| self.clock.now_ms() - at < SLEEP_MS);
        let grant = if is_near { Grant::Drafts } else { caller.grant };
        Ok(Caller { grant, is_tainted: caller.is_tainted || is_near, ..caller.clone() })
    }

    /// Notes it when an answer, or what it is about, holds somebody else's words.
    pub(super) async fn note_strange(
        &self,
        caller: &Caller,
        (spec, arguments): (&ToolSpec, &Value),
        outcome: &ToolOutcome,
    ) -> Result<(), ToolError> {
        if !caller.is_assistant() || (spec.effect != Effect::Reads && !SHOWING.contains(&spec.name)) {
            return Ok(());
        }
        if outcome.is_strange
            || spec.is_provider_data
            || self.is_strange(caller, &[arguments, &outcome.structured]).await?
        {
            self.keep_strange(caller).await?;
        }
        Ok(())
    }

    /// The same of what an assistant reads beside its tools' answers.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_read(&self, caller: &Caller, read: &Value) -> Result<(), ToolError> {
        if caller.is_assistant() && self.is_strange(caller, &[read]).await? {
            self.keep_strange(caller).await?;
        }
        Ok(())
    }

    async fn is_strange(&self, caller: &Caller, values: &[&Value]) -> Result<bool, ToolError> {
        let ids = ids_in(values).map(|mut ids| {
            ids.retain(|id| may_be_strange(id));
            ids
        });
        // Most answers are about nothing that could hold a stranger's words.
        if ids.as_ref().is_some_and(BTreeSet::is_empty) || !self.store.has_strange(caller).await? {
            return Ok(false);
        }
        match ids {
            Some(ids) => self.memory.are_tainted(caller, &ids).await,
            // More than anybody looks through.
            None => Ok(true),
        }
    }

    /// The same of what is known to hold them.
    pub(super) async fn note_words(&self, caller: &Caller) -> Result<(), ToolError> {
        if caller.is_assistant() { self.keep_strange(caller).await } else { Ok(()) }
    }

    async fn keep_strange(&self, caller: &Caller) -> Result<(), ToolError> {
        let (now, grantee) = (self.clock.now_ms(), caller.grantee());
        let noted = self.store.find_strange(&caller.user, &grantee).await?;
        if noted.is_none_or(|at| now - at > NOTE_MS) {
            self.store.save_strange(&caller.user, &grantee, now).await?;
        }
        Ok(())
    }
}
