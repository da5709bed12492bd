//! Conversations: their threads, titles, summaries, and how they are forgotten. What is said arrives here sealed and leaves sealed. Turns and
//! messages are in `turns`.

use super::lane::Haste;
use super::{Store, StoreResult, id, read, statements, write};
use crate::domain::ids::{ConversationId, TurnId, UserId};
use crate::domain::sealed::Sealed;
use crate::store::Statement;

statements! {
    FIND_THREAD = Statement::same("SELECT conversation_id FROM thread WHERE place=$1 AND thread=$2 AND user_id=$3");
    PUT_THREAD = Statement::same("INSERT INTO thread(place, thread, user_id, conversation_id) VALUES($1,$2,$3,$4) \
        ON CONFLICT (place, thread, user_id) DO UPDATE SET conversation_id = excluded.conversation_id");
    // With the thread that it is held in, and only when that is tied to none: whoever is faster begins it.
    INSERT_CONVERSATION = Statement::pair(
        "INSERT INTO conversation(id, user_id, created_at, last_at) SELECT $1,$2,$3,$3 \
            WHERE NOT EXISTS (SELECT 1 FROM thread WHERE place=$4 AND thread=$5 AND user_id=$2); \
        INSERT INTO thread(place, thread, user_id, conversation_id) SELECT $4,$5,$2,id FROM conversation WHERE id=$1 RETURNING conversation_id",
        "WITH tied AS (INSERT INTO thread(place, thread, user_id, conversation_id) VALUES($4,$5,$2,$1) ON CONFLICT DO NOTHING RETURNING conversation_id) \
        INSERT INTO conversation(id, user_id, created_at, last_at) SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS BIGINT), CAST($3 AS BIGINT) FROM tied RETURNING id",
    );
    FIND_CONVERSATION = Statement::same("SELECT id, title, summary, summary_upto, tainted_at, created_at, last_at FROM conversation WHERE id=$1 AND user_id=$2");
    LIST_CONVERSATIONS = Statement::same("SELECT id, title, summary, summary_upto, tainted_at, created_at, last_at FROM conversation \
        WHERE user_id=$1 AND EXISTS (SELECT 1 FROM message m WHERE m.conversation_id = conversation.id) \
        AND (last_at < $3 OR (last_at = $3 AND id < $4)) ORDER BY last_at DESC, id DESC LIMIT CAST($2 AS BIGINT)");
    UPDATE_TITLE = Statement::same("UPDATE conversation SET title=$2 WHERE id=$1 AND generation=$3");
    UPDATE_SUMMARY = Statement::same("UPDATE conversation SET summary=$2, summary_upto=$3 WHERE id=$1 AND generation=$4");
    DELETE_MESSAGES = Statement::same("DELETE FROM message WHERE conversation_id=$1 AND created_at >= $2 AND created_at < $3");
    DELETE_EMPTY_TURNS = Statement::same("DELETE FROM turn WHERE conversation_id=$1 AND NOT EXISTS (SELECT 1 FROM message m WHERE m.turn_id = turn.id)");
    // A summary and a title tell of what was said: they go with any of it.
    // Somebody else's words are gone when nothing is left since they came in.
    CLEAR_DERIVED = Statement::same("UPDATE conversation SET title=NULL, summary=NULL, summary_upto=NULL, generation=generation+1, \
        tainted_at = CASE WHEN EXISTS (SELECT 1 FROM message m WHERE m.conversation_id=conversation.id AND m.created_at >= conversation.tainted_at) \
            THEN tainted_at END WHERE id=$1");
    TAINT = Statement::same("UPDATE conversation SET tainted_at = COALESCE(tainted_at, $2) WHERE id=$1");
    // What shows it elsewhere is to go there, too.
    FORGET_SENT = Statement::same("UPDATE sent_message SET about='gone' WHERE about=$1 AND sent_at >= $2 AND sent_at < $3");
    // One in which nothing was said (yet) goes with any of the others.
    LIST_TOUCHED = Statement::same("SELECT c.id FROM conversation c WHERE c.user_id=$1 AND (\
        NOT EXISTS (SELECT 1 FROM message m WHERE m.conversation_id = c.id) \
        OR EXISTS (SELECT 1 FROM message m WHERE m.conversation_id = c.id AND m.created_at >= $2 AND m.created_at < $3)) LIMIT 1000");
    IS_EMPTY = Statement::same("SELECT COUNT(*) FROM message WHERE conversation_id=$1");
    DELETE_THREADS = Statement::same("DELETE FROM thread WHERE conversation_id=$1");
    DELETE_TURNS = Statement::same("DELETE FROM turn WHERE conversation_id=$1");
    DELETE_CONVERSATION = Statement::same("DELETE FROM conversation WHERE id=$1");
    LIST_OLD = Statement::same("SELECT id FROM conversation WHERE last_at < $1 ORDER BY last_at LIMIT 100");
    FIND_STANDING = Statement::same("SELECT CAST(CASE WHEN c.title IS NULL THEN 0 ELSE 1 END AS BIGINT), c.generation, (SELECT CAST(COALESCE(SUM(m.tokens), 0) AS BIGINT) FROM message m \
        WHERE m.conversation_id = c.id AND m.turn_id > COALESCE(c.summary_upto, '')) FROM conversation c WHERE c.id=$1");
    CHECKPOINT = Statement::pair("PRAGMA wal_checkpoint(TRUNCATE)", "SELECT 1");
}

/// A conversation as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredConversation {
    /// Our id.
    pub id: ConversationId,
    /// Its title, sealed.
    pub title: Option<Sealed>,
    /// What came before, in short, sealed; with the last turn it tells of.
    pub summary: Option<(Sealed, TurnId)>,
    /// Since when somebody else's words are in it, if they are.
    pub tainted_at: Option<i64>,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub last_at: i64,
}

#[derive(sqlx::FromRow)]
struct ConversationRow {
    id: String,
    title: Option<Vec<u8>>,
    summary: Option<Vec<u8>>,
    summary_upto: Option<String>,
    tainted_at: Option<i64>,
    created_at: i64,
    last_at: i64,
}

impl ConversationRow {
    fn read(self) -> StoreResult<StoredConversation> {
        let upto = self.summary_upto.map(|upto| id("conversation", &upto)).transpose()?;
        Ok(StoredConversation {
            id: id("conversation", &self.id)?,
            title: self.title.map(Sealed::from_bytes),
            summary: self.summary.map(Sealed::from_bytes).zip(upto),
            tainted_at: self.tainted_at,
            created_at: self.created_at,
            last_at: self.last_at,
        })
    }
}

impl Store {
    /// The conversation a thread is tied to.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_thread(&self, place: &str, thread: &str, user: &UserId) -> StoreResult<Option<ConversationId>> {
        let row: Option<(String,)> = read!(self, p => sqlx::query_as(self.text(&FIND_THREAD)).bind(place).bind(thread).bind(user.as_str()).fetch_optional(p).await?);
        row.map(|(found,)| id("thread", &found)).transpose()
    }

    /// Begins a conversation and ties a thread to it; false, and nothing is begun, when the thread is tied to one by now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_conversation(
        &self,
        conversation: &ConversationId,
        user: &UserId,
        thread: (&str, &str),
        now: i64,
    ) -> StoreResult<bool> {
        let binds =
            vec![conversation.as_str().into(), user.as_str().into(), now.into(), thread.0.into(), thread.1.into()];
        Ok(self.together(Haste::Now, &INSERT_CONVERSATION, binds).await?.is_some())
    }

    /// Ties a thread to another conversation.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_thread(
        &self,
        conversation: &ConversationId,
        user: &UserId,
        thread: (&str, &str),
    ) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&PUT_THREAD)).bind(thread.0).bind(thread.1).bind(user.as_str()).bind(conversation.as_str())
            .execute(p).await.map(drop)?);
        Ok(())
    }

    /// A person's conversation.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_conversation(
        &self,
        conversation: &ConversationId,
        user: &UserId,
    ) -> StoreResult<Option<StoredConversation>> {
        let row: Option<ConversationRow> = read!(self, p => sqlx::query_as(self.text(&FIND_CONVERSATION)).bind(conversation.as_str()).bind(user.as_str()).fetch_optional(p).await?);
        row.map(ConversationRow::read).transpose()
    }

    /// A person's conversations, last held first, behind one that was held last at an instant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_conversations(
        &self,
        user: &UserId,
        after: Option<(i64, &str)>,
        limit: i64,
    ) -> StoreResult<Vec<StoredConversation>> {
        let (last_at, id) = after.unwrap_or((i64::MAX, ""));
        let rows: Vec<ConversationRow> = read!(self, p => sqlx::query_as(self.text(&LIST_CONVERSATIONS)).bind(user.as_str()).bind(limit).bind(last_at).bind(id)
            .fetch_all(p).await?);
        rows.into_iter().map(ConversationRow::read).collect()
    }

    /// Stores a title; nothing when anything was forgotten since this generation.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_title(
        &self,
        conversation: &ConversationId,
        generation: i64,
        title: &Sealed,
    ) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&UPDATE_TITLE)).bind(conversation.as_str()).bind(title.as_bytes()).bind(generation)
            .execute(p).await.map(drop)?);
        Ok(())
    }

    /// Stores a summary of everything up to a turn; nothing when anything was forgotten since this generation.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_summary(
        &self,
        conversation: &ConversationId,
        generation: i64,
        (summary, upto): (&Sealed, &TurnId),
    ) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&UPDATE_SUMMARY)).bind(conversation.as_str()).bind(summary.as_bytes()).bind(upto.as_str())
            .bind(generation).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Marks that somebody else's words are in a conversation, since the first time they were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_tainted(&self, conversation: &ConversationId, now: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&TAINT)).bind(conversation.as_str()).bind(now).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Conversations of a person in which something was said in a span of time, at most 1,000.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_conversations_in(
        &self,
        user: &UserId,
        from: i64,
        until: i64,
    ) -> StoreResult<Vec<ConversationId>> {
        let rows: Vec<(String,)> = read!(self, p => sqlx::query_as(self.text(&LIST_TOUCHED)).bind(user.as_str()).bind(from).bind(until).fetch_all(p).await?);
        rows.into_iter().map(|(row,)| id("conversation", &row)).collect()
    }

    /// Conversations in which nothing was said since an instant, at most 100.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_conversations_before(&self, before: i64) -> StoreResult<Vec<ConversationId>> {
        let rows: Vec<(String,)> =
            read!(self, p => sqlx::query_as(self.text(&LIST_OLD)).bind(before).fetch_all(p).await?);
        rows.into_iter().map(|(row,)| id("conversation", &row)).collect()
    }

    /// Deletes what was said in a conversation in a span of time, with everything that tells of it; the conversation too when nothing
    /// is left.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_said(&self, conversation: &ConversationId, from: i64, until: i64) -> StoreResult<()> {
        write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            sqlx::query(self.text(&DELETE_MESSAGES)).bind(conversation.as_str()).bind(from).bind(until).execute(&mut *tx).await?;
            sqlx::query(self.text(&FORGET_SENT)).bind(conversation.as_str()).bind(from).bind(until).execute(&mut *tx).await?;
            sqlx::query(self.text(&CLEAR_DERIVED)).bind(conversation.as_str()).execute(&mut *tx).await?;
            let left: i64 = sqlx::query_scalar(self.text(&IS_EMPTY)).bind(conversation.as_str()).fetch_one(&mut *tx).await?;
            if left == 0 {
                for statement in [&DELETE_THREADS, &DELETE_TURNS, &DELETE_CONVERSATION] {
                    sqlx::query(self.text(statement)).bind(conversation.as_str()).execute(&mut *tx).await?;
                }
            } else {
                sqlx::query(self.text(&DELETE_EMPTY_TURNS)).bind(conversation.as_str()).execute(&mut *tx).await?;
            }
            tx.commit().await?;
        });
        Ok(())
    }

    /// Folds SQLite's log into the file, so that what was deleted is not left in it. Nothing to do on PostgreSQL (docs/SECURITY).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn checkpoint(&self) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&CHECKPOINT)).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Whether a conversation has a name, its generation, and how many tokens were said in it since its summary.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_standing(&self, conversation: &ConversationId) -> StoreResult<Option<(bool, i64, i64)>> {
        let row: Option<(i64, i64, i64)> = read!(self, p => sqlx::query_as(self.text(&FIND_STANDING)).bind(conversation.as_str()).fetch_optional(p).await?);
        Ok(row.map(|(named, generation, tokens)| (named == 1, generation, tokens)))
    }
}
