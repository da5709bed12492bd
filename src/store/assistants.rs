//! What is kept for each assistant of a person, by whose standing permission it acts under: whether they answer there themselves, when somebody
//! else's words last went to it, and the questions that were put to it. What follows from any of it is decided elsewhere.

use super::{Store, StoreResult, read, statements, write};
use crate::domain::caller::Caller;
use crate::domain::ids::{ApprovalId, UserId};
use crate::store::Statement;

statements! {
    MARK_ANSWERS = Statement::same("INSERT INTO answers_here(user_id, grantee, since) VALUES($1,$2,$3) ON CONFLICT (user_id, grantee) DO NOTHING");
    UNMARK_ANSWERS = Statement::same("DELETE FROM answers_here WHERE user_id=$1 AND grantee=$2");
    LIST_ANSWERS = Statement::same("SELECT grantee FROM answers_here WHERE user_id=$1 ORDER BY grantee");
    HAS_ANSWERS = Statement::same("SELECT COUNT(*) FROM answers_here WHERE user_id=$1 AND grantee=$2");
    MARK_STRANGE = Statement::same("INSERT INTO grant_strange(user_id, grantee, at) VALUES($1,$2,$3) \
        ON CONFLICT (user_id, grantee) DO UPDATE SET at=excluded.at WHERE grant_strange.at < excluded.at");
    FIND_STRANGE = Statement::same("SELECT at FROM grant_strange WHERE user_id=$1 AND grantee=$2");
    HAS_STRANGE = Statement::same("SELECT CASE WHEN EXISTS (SELECT 1 FROM post WHERE workspace_id=$1 AND tainted_at IS NOT NULL) \
        OR EXISTS (SELECT 1 FROM media WHERE workspace_id=$1 AND tainted_at IS NOT NULL) \
        OR EXISTS (SELECT 1 FROM conversation WHERE user_id=$2 AND tainted_at IS NOT NULL) THEN 1 ELSE 0 END");
    // A question is put once at a time: the newest form of it counts, and is not answered yet.
    PUT_ASKED = Statement::same("INSERT INTO asked_here(approval_id, user_id, grantee, tool_call, answer, expires_at) VALUES($1,$2,$3,$4,$5,$6) \
        ON CONFLICT (approval_id) DO UPDATE SET grantee=excluded.grantee, tool_call=excluded.tool_call, answer=excluded.answer, expires_at=excluded.expires_at, \
        answered_at=NULL");
    // Taken with the look, so that of any number of answers at once one is looked at.
    TAKE_ASKED = Statement::same("UPDATE asked_here SET answered_at=$5 WHERE approval_id=$1 AND user_id=$2 AND grantee=$3 AND tool_call=$4 AND expires_at > $5 \
        AND answered_at IS NULL RETURNING answer");
    FIND_ANSWERED = Statement::same("SELECT answer FROM asked_here WHERE approval_id=$1 AND user_id=$2 AND grantee=$3 AND tool_call=$4 AND expires_at > $5 \
        AND answered_at IS NOT NULL");
    DELETE_OLD_ASKED = Statement::same("DELETE FROM asked_here WHERE expires_at <= $1");
}

/// A question that was put to a client, and what its call is answered with once it is over.
#[derive(Debug)]
pub struct AskedHere<'a> {
    /// The question.
    pub approval: &'a ApprovalId,
    /// Hash of the call that left it: an answer comes with the same call.
    pub call: &'a str,
    /// What the call answered.
    pub answer: &'a str,
    /// Unix milliseconds.
    pub expires_at: i64,
}

/// What became of a question that was put to a client, with what its call answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// This answer is the first.
    Now(String),
    /// It was answered before.
    Before(String),
    /// It was not put to this caller with this call, or too long ago.
    Never,
}

impl Store {
    /// Notes whether a person answers for themselves before this assistant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_answers_here(&self, user: &UserId, grantee: &str, since: Option<i64>) -> StoreResult<()> {
        match since {
            Some(since) => {
                write!(self, p => sqlx::query(self.text(&MARK_ANSWERS)).bind(user.as_str()).bind(grantee).bind(since).execute(p).await.map(drop)?);
            }
            None => {
                write!(self, p => sqlx::query(self.text(&UNMARK_ANSWERS)).bind(user.as_str()).bind(grantee).execute(p).await.map(drop)?);
            }
        }
        Ok(())
    }

    /// The assistants before which a person answers for themselves.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_answers_here(&self, user: &UserId) -> StoreResult<Vec<String>> {
        Ok(read!(self, p => sqlx::query_scalar(self.text(&LIST_ANSWERS)).bind(user.as_str()).fetch_all(p).await?))
    }

    /// Whether a person answers for themselves before this assistant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_answers_here(&self, user: &UserId, grantee: &str) -> StoreResult<bool> {
        let count: i64 = read!(self, p => sqlx::query_scalar(self.text(&HAS_ANSWERS)).bind(user.as_str()).bind(grantee).fetch_one(p).await?);
        Ok(count > 0)
    }

    /// Notes that somebody else's words went to an assistant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save_strange(&self, user: &UserId, grantee: &str, now: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&MARK_STRANGE)).bind(user.as_str()).bind(grantee).bind(now).execute(p).await.map(drop)?);
        Ok(())
    }

    /// When somebody else's words last went to an assistant, Unix milliseconds.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_strange(&self, user: &UserId, grantee: &str) -> StoreResult<Option<i64>> {
        // From the writer's side: what was just written must be seen by the next call.
        Ok(
            write!(self, p => sqlx::query_scalar(self.text(&FIND_STRANGE)).bind(user.as_str()).bind(grantee).fetch_optional(p).await?),
        )
    }

    /// Whether anything at all that this caller could see was written beside somebody else's words.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_strange(&self, caller: &Caller) -> StoreResult<bool> {
        let found: i32 = read!(self, p => sqlx::query_scalar(self.text(&HAS_STRANGE)).bind(caller.workspace.as_str()).bind(caller.user.as_str())
            .fetch_one(p).await?);
        Ok(found == 1)
    }

    /// Notes a question that is put to the caller's client.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save_asked_here(&self, caller: &Caller, asked: &AskedHere<'_>) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&PUT_ASKED)).bind(asked.approval.as_str()).bind(caller.user.as_str()).bind(caller.grantee())
            .bind(asked.call).bind(asked.answer).bind(asked.expires_at).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Marks such a question as answered.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_asked_here(
        &self,
        caller: &Caller,
        approval: &ApprovalId,
        call: &str,
        now: i64,
    ) -> StoreResult<Taken> {
        let taken: Option<String> = write!(self, p => sqlx::query_scalar(self.text(&TAKE_ASKED)).bind(approval.as_str()).bind(caller.user.as_str())
            .bind(caller.grantee()).bind(call).bind(now).fetch_optional(p).await?);
        if let Some(answer) = taken {
            return Ok(Taken::Now(answer));
        }
        // From the writer's side: the other answer may just have been taken.
        let before: Option<String> = write!(self, p => sqlx::query_scalar(self.text(&FIND_ANSWERED)).bind(approval.as_str()).bind(caller.user.as_str())
            .bind(caller.grantee()).bind(call).bind(now).fetch_optional(p).await?);
        Ok(before.map_or(Taken::Never, Taken::Before))
    }

    /// Removes questions that nobody can answer there any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_old_asked_here(&self, now: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_OLD_ASKED)).bind(now).execute(p).await.map(drop)?);
        Ok(())
    }
}
