//! Calls that take longer than their client waits, by the hash of the handle that was given for them. Their answers are sealed elsewhere; what
//! nobody works on any more, because its process died, is lost, and says so.

use super::presence::gone;
use super::{Store, StoreResult, read, statements, write};
use crate::domain::ids::UserId;
use crate::domain::sealed::Sealed;
use crate::store::Statement;

statements! {
    // Only so many at once: whoever has more hears that they end.
    INSERT_LATE = Statement::same("INSERT INTO late_call(handle_hash, user_id, bound, tool_call, owner, state, created_at, expires_at) \
        SELECT $1,$2,$3,$4,$5,'running',$6,$7 WHERE (SELECT COUNT(*) FROM late_call WHERE user_id=$2 AND state='running' AND created_at > $8) < $9");
    // On SQLite there is one process: whatever is another one's is a dead one's.
    FIND_LATE = Statement::pair(
        "SELECT bound, tool_call, CASE WHEN state='running' AND owner <> $4 THEN 'lost' ELSE state END AS state, answer \
         FROM late_call WHERE handle_hash=$1 AND user_id=$2 AND expires_at > $3",
        concat!("SELECT bound, tool_call, CASE WHEN state='running' AND owner <> $4 AND ", gone!("late_call.owner"), " THEN 'lost' ELSE state END AS state, answer \
         FROM late_call WHERE handle_hash=$1 AND user_id=$2 AND expires_at > $3"),
    );
    // What was taken back meanwhile stays taken back.
    ANSWER_LATE = Statement::same("UPDATE late_call SET state='answered', answer=$2, expires_at=$3 WHERE handle_hash=$1 AND state='running'");
    DELETE_OLD_LATE = Statement::same("DELETE FROM late_call WHERE expires_at <= $1");
    // Sealed, so nobody can tell which of them name what is taken away: all of that person's are.
    LOSE_LATE = Statement::same("UPDATE late_call SET state='lost', answer=NULL WHERE user_id=$1");
    LOSE_LATE_OF_POST = Statement::same("UPDATE late_call SET state='lost', answer=NULL WHERE user_id IN (SELECT m.user_id FROM membership m \
        JOIN post p ON p.workspace_id = m.workspace_id WHERE p.id=$1)");
    LOSE_LATE_OF_LOGIN = Statement::same("UPDATE late_call SET state='lost', answer=NULL WHERE user_id IN (SELECT m.user_id FROM membership m \
        JOIN google_login l ON l.workspace_id = m.workspace_id WHERE l.id=$1)");
}

/// A call as it is stored when its client is told to ask again.
#[derive(Debug, Clone, Copy)]
pub struct NewLateCall<'a> {
    /// Hash of the handle.
    pub handle_hash: &'a str,
    /// Whose.
    pub user: &'a UserId,
    /// To whom it is bound, as a hash.
    pub bound: &'a str,
    /// The call itself, as a hash.
    pub tool_call: &'a str,
    /// The process that works on it.
    pub owner: &'a str,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Gone from then on.
    pub expires_at: i64,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Late {
    /// It goes on.
    Running,
    /// Nobody will answer any more.
    Lost,
    /// Its answer.
    Answered(Sealed),
}

/// A call as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateCall {
    /// To whom it is bound, as a hash.
    pub bound: String,
    /// The call itself, as a hash.
    pub tool_call: String,
    /// How it stands.
    pub state: Late,
}

impl Store {
    /// Notes a call whose client is told to ask again; false when that person has `most` of them under way that began after `since`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_late_call(&self, new: &NewLateCall<'_>, (most, since): (i64, i64)) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&INSERT_LATE)).bind(new.handle_hash).bind(new.user.as_str()).bind(new.bound)
            .bind(new.tool_call).bind(new.owner).bind(new.created_at).bind(new.expires_at).bind(since).bind(most).execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// One of a person's calls, as it stands for the process that asks.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_late_call(
        &self,
        handle_hash: &str,
        user: &UserId,
        (owner, now): (&str, i64),
    ) -> StoreResult<Option<LateCall>> {
        let row: Option<(String, String, String, Option<Vec<u8>>)> = read!(self, p => sqlx::query_as(self.text(&FIND_LATE)).bind(handle_hash)
            .bind(user.as_str()).bind(now).bind(owner).fetch_optional(p).await?);
        Ok(row.map(|(bound, tool_call, state, answer)| LateCall {
            bound,
            tool_call,
            state: match (state.as_str(), answer) {
                ("answered", Some(answer)) => Late::Answered(Sealed::from_bytes(answer)),
                ("running", _) => Late::Running,
                _ => Late::Lost,
            },
        }))
    }

    /// Keeps the answer of such a call, unless it was taken back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_late_answered(&self, handle_hash: &str, answer: &Sealed, expires_at: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&ANSWER_LATE)).bind(handle_hash).bind(answer.as_bytes()).bind(expires_at).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Forgets such calls whose time is over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_old_late_calls(&self, now: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_OLD_LATE)).bind(now).execute(p).await.map(drop)?);
        Ok(())
    }
}
