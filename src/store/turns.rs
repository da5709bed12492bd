//! Turns and the messages in them. What is said arrives here sealed and leaves sealed; conversations themselves are in `conversations`.

use super::lane::{Bind, Haste};
use super::{Store, StoreError, StoreResult, id, read, statements, word, write};
use crate::domain::chat::{MessageKind, TurnState};
use crate::domain::ids::{ConversationId, MessageId, TurnId, UserId};
use crate::domain::sealed::Sealed;
use crate::store::Statement;

statements! {
    FIND_SOURCE = Statement::same("SELECT t.id, t.conversation_id FROM turn t JOIN conversation c ON c.id = t.conversation_id WHERE t.source=$1 AND c.user_id=$2");
    // It runs at once when no other one does or waits. What the person said is in the same step.
    BEGIN_TURN = Statement::pair(
        "INSERT INTO turn(id, conversation_id, state, owner, lease_until, tokens, created_at, source) \
            SELECT $1, $2, CASE WHEN EXISTS (SELECT 1 FROM turn AS other WHERE other.conversation_id=$2 AND other.state IN ('queued','running')) \
            THEN 'queued' ELSE 'running' END, $3, $4, 0, $5, $10 RETURNING state; \
        INSERT INTO message(id, conversation_id, turn_id, kind, body, tokens, media_ids, created_at) VALUES($6,$2,$1,$7,$8,$9,$11,$5)",
        "WITH begun AS (INSERT INTO turn(id, conversation_id, state, owner, lease_until, tokens, created_at, source) \
            SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CASE WHEN EXISTS (SELECT 1 FROM turn AS other WHERE other.conversation_id=$2 AND other.state IN ('queued','running')) \
            THEN 'queued' ELSE 'running' END, CAST($3 AS TEXT), CAST($4 AS BIGINT), 0, CAST($5 AS BIGINT), CAST($10 AS TEXT) RETURNING state), \
        said AS (INSERT INTO message(id, conversation_id, turn_id, kind, body, tokens, media_ids, created_at) VALUES($6,$2,$1,$7,$8,$9,$11,$5)) \
        SELECT state FROM begun",
    );
    // Whoever held these is gone: an honest mark instead of a silence.
    INTERRUPT_TURNS = Statement::same("UPDATE turn SET state='interrupted', ended_at=$2 WHERE conversation_id=$1 AND state IN ('queued','running') AND lease_until < $2");
    INTERRUPT_ALL = Statement::same("UPDATE turn SET state='interrupted', ended_at=$1 WHERE state IN ('queued','running') AND lease_until < $1");
    // Nobody who lives is before it: worth a write.
    MAY_CLAIM = Statement::same("SELECT id FROM turn WHERE id=$1 AND state='queued' AND NOT EXISTS (SELECT 1 FROM turn AS other \
        WHERE other.conversation_id=$2 AND other.id <> $1 AND other.lease_until >= $3 \
            AND (other.state='running' OR (other.state='queued' AND other.id < $1)))");
    CLAIM_TURN = Statement::same("UPDATE turn SET state='running', lease_until=$3 WHERE id=$1 AND state='queued' \
        AND NOT EXISTS (SELECT 1 FROM turn AS other WHERE other.conversation_id=$2 AND other.id <> $1 \
            AND (other.state='running' OR (other.state='queued' AND other.id < $1)))");
    ASK_STOP = Statement::same("UPDATE turn SET stop_asked_at=$3 WHERE conversation_id=$1 AND state='running' AND stop_asked_at IS NULL \
        AND EXISTS (SELECT 1 FROM conversation WHERE id=$1 AND user_id=$2)");
    FIND_STOPPED = Statement::same("SELECT id FROM turn WHERE id=$1 AND stop_asked_at IS NOT NULL");
    RENEW_TURN = Statement::same("UPDATE turn SET lease_until=$2 WHERE id=$1 AND state IN ('queued','running')");
    // With at most two last messages; one that is not there has no id. Whoever was given up meanwhile says nothing more, but what it cost counts.
    END_TURN = Statement::pair(
        "INSERT INTO message(id, conversation_id, turn_id, kind, body, tokens, expires_at, account_ids, created_at) SELECT $9,$8,$1,$10,$11,$12,$17,$18,$3 \
            WHERE $9 IS NOT NULL AND EXISTS (SELECT 1 FROM turn WHERE id=$1 AND state IN ('queued','running')); \
        INSERT INTO message(id, conversation_id, turn_id, kind, body, tokens, expires_at, account_ids, created_at) SELECT $13,$8,$1,$14,$15,$16,$17,$18,$3 \
            WHERE $13 IS NOT NULL AND EXISTS (SELECT 1 FROM turn WHERE id=$1 AND state IN ('queued','running')); \
        UPDATE turn SET state=$2, ended_at=$3, model=$4, tokens=$5 WHERE id=$1 AND state IN ('queued','running'); \
        UPDATE conversation SET last_at=$3 WHERE id=$8; \
        INSERT INTO model_use(user_id, month, tokens) SELECT $6,$7,$5 WHERE $5 > 0 \
            ON CONFLICT (user_id, month) DO UPDATE SET tokens = model_use.tokens + excluded.tokens",
        "WITH open AS (SELECT id FROM turn WHERE id=$1 AND state IN ('queued','running')), \
        one AS (INSERT INTO message(id, conversation_id, turn_id, kind, body, tokens, expires_at, account_ids, created_at) \
            SELECT CAST($9 AS TEXT), CAST($8 AS TEXT), CAST($1 AS TEXT), CAST($10 AS TEXT), CAST($11 AS BYTEA), CAST($12 AS BIGINT), CAST($17 AS BIGINT), \
            CAST($18 AS TEXT), CAST($3 AS BIGINT) FROM open WHERE CAST($9 AS TEXT) IS NOT NULL), \
        two AS (INSERT INTO message(id, conversation_id, turn_id, kind, body, tokens, expires_at, account_ids, created_at) \
            SELECT CAST($13 AS TEXT), CAST($8 AS TEXT), CAST($1 AS TEXT), CAST($14 AS TEXT), CAST($15 AS BYTEA), CAST($16 AS BIGINT), CAST($17 AS BIGINT), \
            CAST($18 AS TEXT), CAST($3 AS BIGINT) FROM open WHERE CAST($13 AS TEXT) IS NOT NULL), \
        ended AS (UPDATE turn SET state=$2, ended_at=$3, model=$4, tokens=$5 WHERE id=$1 AND state IN ('queued','running')), \
        touched AS (UPDATE conversation SET last_at=$3 WHERE id=$8) \
        INSERT INTO model_use(user_id, month, tokens) SELECT CAST($6 AS TEXT), CAST($7 AS TEXT), CAST($5 AS BIGINT) WHERE CAST($5 AS BIGINT) > 0 \
            ON CONFLICT (user_id, month) DO UPDATE SET tokens = model_use.tokens + excluded.tokens",
    );
    NOTE_GOOGLE = Statement::same("UPDATE turn SET google_at=$2 WHERE id=$1 AND google_at IS NULL");
    INSERT_MESSAGE = Statement::same("INSERT INTO message(id, conversation_id, turn_id, kind, body, tokens, expires_at, created_at, account_ids) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9)");
    // Newest first: the reader stops when it has enough. A turn whose lease is over reads as interrupted, whether or not somebody came by
    // to mark it.
    LIST_MESSAGES = Statement::same("SELECT m.id, m.turn_id, m.kind, m.body, m.tokens, m.expires_at, m.media_ids, m.created_at, t.google_at IS NOT NULL AS is_of_google, \
        CASE WHEN t.state IN ('queued','running') AND t.lease_until < $4 THEN 'interrupted' ELSE t.state END AS state FROM message m \
        JOIN turn t ON t.id = m.turn_id WHERE m.conversation_id=$1 AND m.turn_id < $2 AND m.kind <> $5 AND m.kind <> $6 ORDER BY m.turn_id DESC, m.id DESC LIMIT CAST($3 AS BIGINT)");
    // What a conversation was and what was said since its summary, of one instant: nothing that was forgotten between two looks is in it.
    READ_PAST = Statement::same("SELECT c.title IS NOT NULL AS is_named, c.summary, c.tainted_at, \
        EXISTS (SELECT 1 FROM turn AS summed WHERE summed.conversation_id = c.id AND summed.google_at IS NOT NULL AND summed.id <= COALESCE(c.summary_upto, '')) \
        AS is_summary_of_google, t.google_at IS NOT NULL AS is_of_google, m.id, m.turn_id, m.kind, m.body, m.tokens, m.expires_at, \
        m.media_ids, m.created_at, CASE WHEN t.state IN ('queued','running') AND t.lease_until < $4 THEN 'interrupted' ELSE t.state END AS state \
        FROM conversation c LEFT JOIN message m ON m.conversation_id = c.id AND m.turn_id > COALESCE(c.summary_upto, '') AND m.kind <> $5 AND m.kind <> $6 \
        LEFT JOIN turn t ON t.id = m.turn_id WHERE c.id=$1 AND c.user_id=$2 ORDER BY m.turn_id DESC, m.id DESC LIMIT CAST($3 AS BIGINT)");
    // Emptied, not deleted: the call that it answered keeps an answer, which says why there is nothing.
    EMPTY_EXPIRED = Statement::same("UPDATE message SET body=$2, tokens=0 WHERE expires_at <= $1 AND LENGTH(body) > 0");
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
    /// Whether its turn holds figures of Google's; only read.
    pub is_of_google: bool,
    /// How much of a model's window it takes, about.
    pub tokens: i64,
    /// When it must be gone, for data that may only be kept so long.
    pub expires_at: Option<i64>,
    /// The accounts whose data it holds, with spaces between; only written.
    pub account_ids: Option<String>,
    /// The media that were shown with it, with spaces between.
    pub media_ids: Option<String>,
    /// Unix milliseconds.
    pub created_at: i64,
}

/// Messages that a reader has no use for: they are neither read nor opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Without {
    /// All are of use.
    Nothing,
    /// What people were shown is the model's own text again, or ours about a fault.
    Replies,
    /// What models say and are answered, people read elsewhere.
    Workings,
}

impl Without {
    fn words(self) -> [&'static str; 2] {
        match self {
            Self::Nothing => ["", ""],
            Self::Replies => [MessageKind::Reply.word(), ""],
            Self::Workings => [MessageKind::Model.word(), MessageKind::Results.word()],
        }
    }
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
            .bind($message.account_ids.as_deref())
    };
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
    media_ids: Option<String>,
    created_at: i64,
    is_of_google: bool,
}

impl MessageRow {
    fn read(self) -> StoreResult<StoredMessage> {
        Ok(StoredMessage {
            id: id("message", &self.id)?,
            turn: id("message", &self.turn_id)?,
            turn_state: word("turn", &self.state, TurnState::find)?,
            kind: word("message", &self.kind, MessageKind::find)?,
            body: Sealed::from_bytes(self.body),
            tokens: self.tokens,
            expires_at: self.expires_at,
            account_ids: None,
            is_of_google: self.is_of_google,
            media_ids: self.media_ids,
            created_at: self.created_at,
        })
    }
}

/// What a conversation was, and what was said since its summary.
#[derive(Debug)]
pub struct StoredPast {
    /// Whether it has a title.
    pub is_named: bool,
    /// What came before, in short, sealed.
    pub summary: Option<Sealed>,
    /// Since when somebody else's words are in it, if they are.
    pub tainted_at: Option<i64>,
    /// Whether figures of Google's may be in the summary.
    pub is_summary_of_google: bool,
    /// Newest first.
    pub messages: Vec<StoredMessage>,
}

/// The conversation of a row; a message when there is one.
#[derive(sqlx::FromRow)]
struct PastRow {
    is_named: bool,
    summary: Option<Vec<u8>>,
    tainted_at: Option<i64>,
    is_summary_of_google: bool,
    #[sqlx(flatten)]
    message: Said,
}

/// The message of a row that has one.
struct Said(Option<MessageRow>);

impl<'r, R: sqlx::Row> sqlx::FromRow<'r, R> for Said
where
    MessageRow: sqlx::FromRow<'r, R>,
    &'static str: sqlx::ColumnIndex<R>,
    Option<String>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        let id: Option<String> = row.try_get("id")?;
        Ok(Self(id.is_some().then(|| MessageRow::from_row(row)).transpose()?))
    }
}

impl Store {
    /// The turn of a person that answers this delivery, and its conversation.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_turn_of(&self, source: &str, user: &UserId) -> StoreResult<Option<(TurnId, ConversationId)>> {
        let row: Option<(String, String)> = read!(self, p => sqlx::query_as(self.text(&FIND_SOURCE)).bind(source).bind(user.as_str()).fetch_optional(p).await?);
        row.map(|(turn, conversation)| Ok((id("turn", &turn)?, id("turn", &conversation)?))).transpose()
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
            message.media_ids.as_deref().into(),
        ];
        let state = self.together(Haste::Now, &BEGIN_TURN, binds).await?.unwrap_or_default();
        Ok(word("turn", &state, TurnState::find)? == TurnState::Running)
    }

    /// Marks that figures of Google's are in a turn, since the first time they were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_turn_of_google(&self, turn: &TurnId, now: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&NOTE_GOOGLE)).bind(turn.as_str()).bind(now).execute(p).await.map(drop)?);
        Ok(())
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
        let row: Option<(String,)> = read!(self, p => sqlx::query_as(self.text(&MAY_CLAIM)).bind(turn.as_str()).bind(conversation.as_str()).bind(now)
            .fetch_optional(p).await?);
        if row.is_none() {
            return Ok(false);
        }
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

    /// Asks whoever gives the running answer of somebody's conversation to end it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ask_stop(&self, conversation: &ConversationId, user: &UserId, now: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&ASK_STOP)).bind(conversation.as_str()).bind(user.as_str()).bind(now).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Whether somebody asked that this turn ends.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_stop_asked(&self, turn: &TurnId) -> StoreResult<bool> {
        let found: Option<(String,)> =
            read!(self, p => sqlx::query_as(self.text(&FIND_STOPPED)).bind(turn.as_str()).fetch_optional(p).await?);
        Ok(found.is_some())
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
        // Both are of the same turn, so they may be kept as long as each other.
        let kept = last[1].or(last[0]);
        binds.push(Bind::Int(kept.and_then(|message| message.expires_at)));
        binds.push(kept.and_then(|message| message.account_ids.as_deref()).into());
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

    /// The newest messages of the turns before another one (all without it), newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_messages(
        &self,
        conversation: &ConversationId,
        before: Option<&TurnId>,
        but: Without,
        (now, limit): (i64, i64),
    ) -> StoreResult<Vec<StoredMessage>> {
        let [one, other] = but.words();
        // No id is greater than this, in any collation.
        let before = before.map_or("zzzz", TurnId::as_str);
        let rows: Vec<MessageRow> = read!(self, p => sqlx::query_as(self.text(&LIST_MESSAGES)).bind(conversation.as_str()).bind(before).bind(limit).bind(now)
            .bind(one).bind(other).fetch_all(p).await?);
        rows.into_iter().map(MessageRow::read).collect()
    }

    /// A person's conversation with the newest messages since its summary; none when they have no such conversation.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read_past(
        &self,
        (user, conversation): (&UserId, &ConversationId),
        but: Without,
        (now, limit): (i64, i64),
    ) -> StoreResult<Option<StoredPast>> {
        let [one, other] = but.words();
        let rows: Vec<PastRow> = read!(self, p => sqlx::query_as(self.text(&READ_PAST)).bind(conversation.as_str()).bind(user.as_str()).bind(limit).bind(now)
            .bind(one).bind(other).fetch_all(p).await?);
        let mut past = None;
        for PastRow { is_named, summary, tainted_at, is_summary_of_google, message } in rows {
            let begin = || StoredPast {
                is_named,
                summary: summary.map(Sealed::from_bytes),
                tainted_at,
                is_summary_of_google,
                messages: Vec::new(),
            };
            let past: &mut StoredPast = past.get_or_insert_with(begin);
            past.messages.extend(message.0.map(MessageRow::read).transpose()?);
        }
        Ok(past)
    }

    /// Empties messages that may not be kept any longer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn empty_expired_messages(&self, now: i64) -> StoreResult<()> {
        let empty: &[u8] = &[];
        write!(self, p => sqlx::query(self.text(&EMPTY_EXPIRED)).bind(now).bind(empty).execute(p).await.map(drop)?);
        Ok(())
    }
}
