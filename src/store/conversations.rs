//! Conversations, their turns and messages. What is said arrives here sealed and leaves sealed.

use super::lane::{Bind, Haste};
use super::{Store, StoreError, StoreResult, id, read, statements, word, write};
use crate::domain::caller::Grant;
use crate::domain::chat::{MessageKind, TurnState};
use crate::domain::ids::{ConversationId, MessageId, TurnId, UserId};
use crate::domain::sealed::Sealed;
use crate::store::Statement;

statements! {
    FIND_SOURCE = Statement::same("SELECT id FROM turn WHERE source=$1");
    FIND_THREAD = Statement::same("SELECT conversation_id FROM thread WHERE place=$1 AND thread=$2 AND user_id=$3");
    PUT_THREAD = Statement::same("INSERT INTO thread(place, thread, user_id, conversation_id) VALUES($1,$2,$3,$4) \
        ON CONFLICT (place, thread, user_id) DO UPDATE SET conversation_id = excluded.conversation_id");
    INSERT_CONVERSATION = Statement::same("INSERT INTO conversation(id, user_id, created_at, last_at) VALUES($1,$2,$3,$3)");
    FIND_CONVERSATION = Statement::same("SELECT id, title, summary, summary_upto, created_at, last_at FROM conversation WHERE id=$1 AND user_id=$2");
    LIST_CONVERSATIONS = Statement::same("SELECT id, title, summary, summary_upto, created_at, last_at FROM conversation \
        WHERE user_id=$1 ORDER BY last_at DESC, id DESC LIMIT $2");
    UPDATE_TITLE = Statement::same("UPDATE conversation SET title=$2 WHERE id=$1");
    UPDATE_SUMMARY = Statement::same("UPDATE conversation SET summary=$2, summary_upto=$3 WHERE id=$1");
    // It runs at once when no other one does or waits. What the person said is in the same step.
    BEGIN_TURN = Statement::pair(
        "INSERT INTO turn(id, conversation_id, state, owner, lease_until, tokens, created_at, source) \
            SELECT $1, $2, CASE WHEN EXISTS (SELECT 1 FROM turn AS other WHERE other.conversation_id=$2 AND other.state IN ('queued','running')) \
            THEN 'queued' ELSE 'running' END, $3, $4, 0, $5, $10 RETURNING state; \
        INSERT INTO message(id, conversation_id, turn_id, kind, body, tokens, expires_at, created_at) VALUES($6,$2,$1,$7,$8,$9,NULL,$5)",
        "WITH begun AS (INSERT INTO turn(id, conversation_id, state, owner, lease_until, tokens, created_at, source) \
            SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CASE WHEN EXISTS (SELECT 1 FROM turn AS other WHERE other.conversation_id=$2 AND other.state IN ('queued','running')) \
            THEN 'queued' ELSE 'running' END, CAST($3 AS TEXT), CAST($4 AS BIGINT), 0, CAST($5 AS BIGINT), CAST($10 AS TEXT) RETURNING state), \
        said AS (INSERT INTO message(id, conversation_id, turn_id, kind, body, tokens, expires_at, created_at) VALUES($6,$2,$1,$7,$8,$9,NULL,$5)) \
        SELECT state FROM begun",
    );
    // Whoever held these is gone: an honest mark instead of a silence.
    INTERRUPT_TURNS = Statement::same("UPDATE turn SET state='interrupted', ended_at=$2 WHERE conversation_id=$1 AND state IN ('queued','running') AND lease_until < $2");
    INTERRUPT_ALL = Statement::same("UPDATE turn SET state='interrupted', ended_at=$1 WHERE state IN ('queued','running') AND lease_until < $1");
    CLAIM_TURN = Statement::same("UPDATE turn SET state='running', lease_until=$3 WHERE id=$1 AND state='queued' \
        AND NOT EXISTS (SELECT 1 FROM turn AS other WHERE other.conversation_id=$2 AND other.id <> $1 \
            AND (other.state='running' OR (other.state='queued' AND other.id < $1)))");
    RENEW_TURN = Statement::same("UPDATE turn SET lease_until=$2 WHERE id=$1 AND state IN ('queued','running')");
    // With at most two last messages; one that is not there has no id.
    END_TURN = Statement::pair(
        "INSERT INTO message(id, conversation_id, turn_id, kind, body, tokens, expires_at, created_at) SELECT $9,$8,$1,$10,$11,$12,NULL,$3 WHERE $9 IS NOT NULL; \
        INSERT INTO message(id, conversation_id, turn_id, kind, body, tokens, expires_at, created_at) SELECT $13,$8,$1,$14,$15,$16,NULL,$3 WHERE $13 IS NOT NULL; \
        UPDATE turn SET state=$2, ended_at=$3, model=$4, tokens=$5 WHERE id=$1 AND state IN ('queued','running'); \
        UPDATE conversation SET last_at=$3 WHERE id=$8; \
        INSERT INTO model_use(user_id, month, tokens) SELECT $6,$7,$5 WHERE $5 > 0 \
            ON CONFLICT (user_id, month) DO UPDATE SET tokens = model_use.tokens + excluded.tokens",
        "WITH one AS (INSERT INTO message(id, conversation_id, turn_id, kind, body, tokens, expires_at, created_at) \
            SELECT CAST($9 AS TEXT), CAST($8 AS TEXT), CAST($1 AS TEXT), CAST($10 AS TEXT), CAST($11 AS BYTEA), CAST($12 AS BIGINT), NULL, CAST($3 AS BIGINT) \
            WHERE CAST($9 AS TEXT) IS NOT NULL), \
        two AS (INSERT INTO message(id, conversation_id, turn_id, kind, body, tokens, expires_at, created_at) \
            SELECT CAST($13 AS TEXT), CAST($8 AS TEXT), CAST($1 AS TEXT), CAST($14 AS TEXT), CAST($15 AS BYTEA), CAST($16 AS BIGINT), NULL, CAST($3 AS BIGINT) \
            WHERE CAST($13 AS TEXT) IS NOT NULL), \
        ended AS (UPDATE turn SET state=$2, ended_at=$3, model=$4, tokens=$5 WHERE id=$1 AND state IN ('queued','running')), \
        touched AS (UPDATE conversation SET last_at=$3 WHERE id=$8) \
        INSERT INTO model_use(user_id, month, tokens) SELECT CAST($6 AS TEXT), CAST($7 AS TEXT), CAST($5 AS BIGINT) WHERE CAST($5 AS BIGINT) > 0 \
            ON CONFLICT (user_id, month) DO UPDATE SET tokens = model_use.tokens + excluded.tokens",
    );
    INSERT_MESSAGE = Statement::same("INSERT INTO message(id, conversation_id, turn_id, kind, body, tokens, expires_at, created_at) VALUES($1,$2,$3,$4,$5,$6,$7,$8)");
    // Newest first: the reader stops when it has enough.
    LIST_MESSAGES = Statement::same("SELECT m.id, m.turn_id, m.kind, m.body, m.tokens, m.expires_at, m.created_at, t.state FROM message m \
        JOIN turn t ON t.id = m.turn_id WHERE m.conversation_id=$1 AND m.turn_id > $2 ORDER BY m.turn_id DESC, m.id DESC LIMIT $3");
    DELETE_EXPIRED_MESSAGES = Statement::same("DELETE FROM message WHERE expires_at <= $1");
    DELETE_MESSAGES = Statement::same("DELETE FROM message WHERE conversation_id=$1 AND created_at >= $2 AND created_at < $3");
    DELETE_EMPTY_TURNS = Statement::same("DELETE FROM turn WHERE conversation_id=$1 AND NOT EXISTS (SELECT 1 FROM message m WHERE m.turn_id = turn.id)");
    // A summary and a title tell of what was said: they go with any of it.
    CLEAR_DERIVED = Statement::same("UPDATE conversation SET title=NULL, summary=NULL, summary_upto=NULL WHERE id=$1");
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
    // Everything that decides whether and how somebody may talk, in one look.
    FIND_TALKER = Statement::same("SELECT u.chat_grant, c.given_at, m.tokens, p.body FROM users u \
        LEFT JOIN model_consent c ON c.user_id = u.id AND c.tier = $2 LEFT JOIN model_use m ON m.user_id = u.id AND m.month = $3 \
        LEFT JOIN profile p ON p.user_id = u.id WHERE u.id=$1");
    FIND_STANDING = Statement::same("SELECT CAST(CASE WHEN c.title IS NULL THEN 0 ELSE 1 END AS BIGINT), (SELECT CAST(COALESCE(SUM(m.tokens), 0) AS BIGINT) FROM message m \
        WHERE m.conversation_id = c.id AND m.turn_id > COALESCE(c.summary_upto, '')) FROM conversation c WHERE c.id=$1");
    FIND_PROFILE = Statement::same("SELECT body FROM profile WHERE user_id=$1");
    PUT_PROFILE = Statement::same("INSERT INTO profile(user_id, body) VALUES($1,$2) ON CONFLICT (user_id) DO UPDATE SET body = excluded.body");
    PUT_CONSENT = Statement::same("INSERT INTO model_consent(user_id, tier, given_at) VALUES($1,$2,$3) ON CONFLICT (user_id, tier) DO NOTHING");
    DELETE_CONSENT = Statement::same("DELETE FROM model_consent WHERE user_id=$1");
    ADD_USE = Statement::same("INSERT INTO model_use(user_id, month, tokens) VALUES($1,$2,$3) \
        ON CONFLICT (user_id, month) DO UPDATE SET tokens = model_use.tokens + excluded.tokens");
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
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub last_at: i64,
}

/// A message as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMessage {
    /// Our id.
    pub id: MessageId,
    /// The turn it belongs to.
    pub turn: TurnId,
    /// How that turn stands.
    pub turn_state: TurnState,
    /// What it is.
    pub kind: MessageKind,
    /// What it says, sealed.
    pub body: Sealed,
    /// How much of a model's window it takes, about.
    pub tokens: i64,
    /// When it must be gone, for data that may only be kept so long.
    pub expires_at: Option<i64>,
    /// Unix milliseconds.
    pub created_at: i64,
}

/// How a turn ends.
#[derive(Debug)]
pub struct TurnEnd<'a> {
    /// Which.
    pub turn: &'a TurnId,
    /// Its conversation.
    pub conversation: &'a ConversationId,
    /// Whose.
    pub user: &'a UserId,
    /// How.
    pub state: TurnState,
    /// The model that answered.
    pub model: Option<&'a str>,
    /// What it cost.
    pub tokens: i64,
    /// In which month (`2026-11`) that counts.
    pub month: &'a str,
    /// Unix milliseconds.
    pub now: i64,
}

/// What decides whether and how somebody may talk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTalker {
    /// What a conversation may do on its own.
    pub grant: Grant,
    /// Whether they agreed to the tier that was asked for.
    pub has_agreed: bool,
    /// Tokens used in the month that was asked for.
    pub used: i64,
    /// Their profile, sealed.
    pub profile: Option<Sealed>,
}

/// The statement that stores a message, with everything bound.
macro_rules! message {
    ($store:expr, $conversation:expr, $message:expr) => {
        sqlx::query($store.text(&INSERT_MESSAGE))
            .bind($message.id.as_str())
            .bind($conversation.as_str())
            .bind($message.turn.as_str())
            .bind($message.kind.word())
            .bind($message.body.as_bytes())
            .bind($message.tokens)
            .bind($message.expires_at)
            .bind($message.created_at)
    };
}

#[derive(sqlx::FromRow)]
struct ConversationRow {
    id: String,
    title: Option<Vec<u8>>,
    summary: Option<Vec<u8>>,
    summary_upto: Option<String>,
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
            created_at: self.created_at,
            last_at: self.last_at,
        })
    }
}

#[derive(sqlx::FromRow)]
struct MessageRow {
    id: String,
    turn_id: String,
    state: String,
    kind: String,
    body: Vec<u8>,
    tokens: i64,
    expires_at: Option<i64>,
    created_at: i64,
}

impl Store {
    /// Whether a turn answers this delivery.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_turn_of(&self, source: &str) -> StoreResult<bool> {
        let row: Option<(String,)> =
            read!(self, p => sqlx::query_as(self.text(&FIND_SOURCE)).bind(source).fetch_optional(p).await?);
        Ok(row.is_some())
    }

    /// The conversation a thread is tied to.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_thread(&self, place: &str, thread: &str, user: &UserId) -> StoreResult<Option<ConversationId>> {
        let row: Option<(String,)> = read!(self, p => sqlx::query_as(self.text(&FIND_THREAD)).bind(place).bind(thread).bind(user.as_str()).fetch_optional(p).await?);
        row.map(|(found,)| id("thread", &found)).transpose()
    }

    /// Begins a conversation and ties a thread to it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_conversation(
        &self,
        conversation: &ConversationId,
        user: &UserId,
        thread: (&str, &str),
        now: i64,
    ) -> StoreResult<()> {
        write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            sqlx::query(self.text(&INSERT_CONVERSATION)).bind(conversation.as_str()).bind(user.as_str()).bind(now).execute(&mut *tx).await?;
            sqlx::query(self.text(&PUT_THREAD)).bind(thread.0).bind(thread.1).bind(user.as_str()).bind(conversation.as_str()).execute(&mut *tx).await?;
            tx.commit().await?;
        });
        Ok(())
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

    /// A person's conversations, last held first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_conversations(&self, user: &UserId, limit: i64) -> StoreResult<Vec<StoredConversation>> {
        let rows: Vec<ConversationRow> = read!(self, p => sqlx::query_as(self.text(&LIST_CONVERSATIONS)).bind(user.as_str()).bind(limit).fetch_all(p).await?);
        rows.into_iter().map(ConversationRow::read).collect()
    }

    /// Stores a title.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_title(&self, conversation: &ConversationId, title: &Sealed) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&UPDATE_TITLE)).bind(conversation.as_str()).bind(title.as_bytes()).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Stores a summary of everything up to a turn.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_summary(
        &self,
        conversation: &ConversationId,
        summary: &Sealed,
        upto: &TurnId,
    ) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&UPDATE_SUMMARY)).bind(conversation.as_str()).bind(summary.as_bytes()).bind(upto.as_str())
            .execute(p).await.map(drop)?);
        Ok(())
    }

    /// Stores a turn with the message that begins it, in one step: what a person said is durable before anything follows from it. True when
    /// it runs already, false when it waits for another one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_turn(
        &self,
        turn: (&TurnId, &str, i64),
        (conversation, source): (&ConversationId, Option<&str>),
        message: &StoredMessage,
    ) -> StoreResult<bool> {
        match self.try_insert_turn(turn, (conversation, source), message).await {
            // Another process was faster, as the index says; now it can be seen.
            Err(StoreError::Database(sqlx::Error::Database(error))) if error.is_unique_violation() => {
                self.try_insert_turn(turn, (conversation, source), message).await
            }
            done => done,
        }
    }

    async fn try_insert_turn(
        &self,
        turn: (&TurnId, &str, i64),
        (conversation, source): (&ConversationId, Option<&str>),
        message: &StoredMessage,
    ) -> StoreResult<bool> {
        let (turn, owner, lease_until) = turn;
        let binds = vec![
            turn.as_str().into(),
            conversation.as_str().into(),
            owner.into(),
            lease_until.into(),
            message.created_at.into(),
            message.id.as_str().into(),
            message.kind.word().into(),
            Bind::Bytes(Some(message.body.as_bytes().to_vec())),
            message.tokens.into(),
            source.into(),
        ];
        let state = self.together(Haste::Now, &BEGIN_TURN, binds).await?.unwrap_or_default();
        Ok(word("turn", &state, TurnState::find)? == TurnState::Running)
    }

    /// Makes a queued turn the running one, when it is its turn.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_turn(
        &self,
        turn: &TurnId,
        conversation: &ConversationId,
        now: i64,
        lease_until: i64,
    ) -> StoreResult<bool> {
        write!(self, p => {
            sqlx::query(self.text(&INTERRUPT_TURNS)).bind(conversation.as_str()).bind(now).execute(p).await?;
            let done = sqlx::query(self.text(&CLAIM_TURN)).bind(turn.as_str()).bind(conversation.as_str()).bind(lease_until).execute(p).await;
            match done {
                Ok(done) => Ok(done.rows_affected() == 1),
                // Another process was faster: the index says so.
                Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(false),
                Err(error) => Err(error.into()),
            }
        })
    }

    /// Says that a turn's process still lives. False when the turn is over for everybody else.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renew_turn(&self, turn: &TurnId, lease_until: i64) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&RENEW_TURN)).bind(turn.as_str()).bind(lease_until).execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// Ends a turn with its last messages, at most two, in one step, and counts what it cost.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_turn(&self, end: &TurnEnd<'_>, last: [Option<&StoredMessage>; 2]) -> StoreResult<()> {
        let mut binds: Vec<Bind> = vec![
            end.turn.as_str().into(),
            end.state.word().into(),
            end.now.into(),
            end.model.into(),
            end.tokens.into(),
            end.user.as_str().into(),
            end.month.into(),
            end.conversation.as_str().into(),
        ];
        for message in last {
            binds.push(message.map(|message| message.id.as_str()).into());
            binds.push(message.map(|message| message.kind.word()).into());
            binds.push(Bind::Bytes(message.map(|message| message.body.as_bytes().to_vec())));
            binds.push(Bind::Int(message.map(|message| message.tokens)));
        }
        self.together(Haste::Soon, &END_TURN, binds).await.map(drop)
    }

    /// Marks every turn whose process is gone. Returns how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn interrupt_dead_turns(&self, now: i64) -> StoreResult<u64> {
        Ok(write!(self, p => sqlx::query(self.text(&INTERRUPT_ALL)).bind(now).execute(p).await?.rows_affected()))
    }

    /// Appends a message to a turn.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_message(&self, conversation: &ConversationId, message: &StoredMessage) -> StoreResult<()> {
        write!(self, p => message!(self, conversation, message).execute(p).await.map(drop)?);
        Ok(())
    }

    /// The newest messages of the turns after `after` (all when `None`), newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_messages(
        &self,
        conversation: &ConversationId,
        after: Option<&TurnId>,
        limit: i64,
    ) -> StoreResult<Vec<StoredMessage>> {
        let after = after.map_or("", TurnId::as_str);
        let rows: Vec<MessageRow> = read!(self, p => sqlx::query_as(self.text(&LIST_MESSAGES)).bind(conversation.as_str()).bind(after).bind(limit).fetch_all(p).await?);
        rows.into_iter()
            .map(|row| {
                Ok(StoredMessage {
                    id: id("message", &row.id)?,
                    turn: id("message", &row.turn_id)?,
                    turn_state: word("turn", &row.state, TurnState::find)?,
                    kind: word("message", &row.kind, MessageKind::find)?,
                    body: Sealed::from_bytes(row.body),
                    tokens: row.tokens,
                    expires_at: row.expires_at,
                    created_at: row.created_at,
                })
            })
            .collect()
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

    /// Deletes messages that may not be kept any longer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_expired_messages(&self, now: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_EXPIRED_MESSAGES)).bind(now).execute(p).await.map(drop)?);
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

    /// What decides whether and how somebody may talk; none when there is no such person.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_talker(&self, user: &UserId, tier: &str, month: &str) -> StoreResult<Option<StoredTalker>> {
        type Row = (String, Option<i64>, Option<i64>, Option<Vec<u8>>);
        let row: Option<Row> = read!(self, p => sqlx::query_as(self.text(&FIND_TALKER)).bind(user.as_str()).bind(tier).bind(month)
            .fetch_optional(p).await?);
        row.map(|(grant, agreed_at, used, profile)| {
            Ok(StoredTalker {
                grant: word("users", &grant, Grant::find)?,
                has_agreed: agreed_at.is_some(),
                used: used.unwrap_or(0),
                profile: profile.map(Sealed::from_bytes),
            })
        })
        .transpose()
    }

    /// Whether a conversation has a name, and how many tokens were said in it since its summary.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_standing(&self, conversation: &ConversationId) -> StoreResult<Option<(bool, i64)>> {
        let row: Option<(i64, i64)> = read!(self, p => sqlx::query_as(self.text(&FIND_STANDING)).bind(conversation.as_str()).fetch_optional(p).await?);
        Ok(row.map(|(named, tokens)| (named == 1, tokens)))
    }

    /// A person's profile, sealed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_profile(&self, user: &UserId) -> StoreResult<Option<Sealed>> {
        let row: Option<(Vec<u8>,)> =
            read!(self, p => sqlx::query_as(self.text(&FIND_PROFILE)).bind(user.as_str()).fetch_optional(p).await?);
        Ok(row.map(|(body,)| Sealed::from_bytes(body)))
    }

    /// Stores a person's profile.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_profile(&self, user: &UserId, body: &Sealed) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&PUT_PROFILE)).bind(user.as_str()).bind(body.as_bytes()).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Stores that they agreed, or takes every agreement back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_consent(&self, user: &UserId, tier: Option<&str>, now: i64) -> StoreResult<()> {
        write!(self, p => match tier {
            Some(tier) => sqlx::query(self.text(&PUT_CONSENT)).bind(user.as_str()).bind(tier).bind(now).execute(p).await.map(drop)?,
            None => sqlx::query(self.text(&DELETE_CONSENT)).bind(user.as_str()).execute(p).await.map(drop)?,
        });
        Ok(())
    }

    /// Adds to what a person used in a month (`2026-11`).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_model_use(&self, user: &UserId, month: &str, tokens: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&ADD_USE)).bind(user.as_str()).bind(month).bind(tokens).execute(p).await.map(drop)?);
        Ok(())
    }
}
