//! Group commit: small writes that many make at once share one transaction and its one flush. Each is a text and what is bound to it, so a
//! batch that fails can be run again one by one, and whoever was at fault is told alone.
//!
//! PostgreSQL groups commits by itself, so there a write is simply one round trip.

use std::collections::HashMap;
use std::sync::Arc;

use sqlx::{AssertSqlSafe, PgPool, SqlitePool};
use tokio::sync::{mpsc, oneshot};

use super::{Statement, Store, StoreError, StoreResult};

/// What is bound to a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) enum Bind {
    Text(Option<String>),
    Int(Option<i64>),
    Bytes(Option<Vec<u8>>),
}

impl From<&str> for Bind {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<Option<&str>> for Bind {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }
}

impl From<String> for Bind {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<String>> for Bind {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

impl From<Option<i64>> for Bind {
    fn from(number: Option<i64>) -> Self {
        Self::Int(number)
    }
}

impl From<i64> for Bind {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}

/// Who waits: a person for the write itself, or nobody in particular.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Haste {
    /// Somebody waits for an answer that this write stands before.
    Now,
    /// The answer is out already.
    Soon,
}

pub(in crate::store) struct Job {
    text: &'static str,
    binds: Vec<Bind>,
    done: oneshot::Sender<StoreResult<Option<String>>>,
}

/// The way to the database for small writes.
pub(in crate::store) enum Lane {
    /// To the one writer of SQLite, in batches.
    Sqlite { now: mpsc::Sender<Job>, soon: mpsc::Sender<Job> },
    /// Each for itself.
    Postgres(PgPool),
}

/// Jobs that may wait to be taken up; more callers than that wait at the door.
const WAITING_MAX: usize = 1024;
/// Jobs in one transaction: each holds the others up for about a fiftieth of a millisecond.
const BATCH_MAX: usize = 64;
/// Jobs that nobody waits for, in a batch with some that somebody does.
const SOON_MAX: usize = 4;

/// Binds everything, runs every statement of the text, and answers with the first column of the last row.
macro_rules! run {
    ($text:expr, $binds:expr, $on:expr) => {{
        let mut query = sqlx::query_as::<_, (String,)>($text);
        for bind in $binds {
            query = match bind {
                Bind::Text(text) => query.bind(text),
                Bind::Int(number) => query.bind(number),
                Bind::Bytes(bytes) => query.bind(bytes),
            };
        }
        let rows = query.fetch_all($on).await;
        rows.map(|mut rows| rows.pop().map(|(word,)| word))
    }};
}

impl Lane {
    /// Begins to carry jobs to the writer; ends when the store is dropped.
    pub(in crate::store) fn sqlite(writer: SqlitePool) -> Self {
        let (now, nows) = mpsc::channel(WAITING_MAX);
        let (soon, soons) = mpsc::channel(WAITING_MAX);
        tokio::spawn(carry(writer, nows, soons));
        Self::Sqlite { now, soon }
    }
}

impl Store {
    /// Writes together with whoever else writes now. Durable when this returns; the answer is the first column of the last row.
    ///
    /// # Errors
    /// When the database fails or refuses this very write.
    pub(in crate::store) async fn together(
        &self,
        haste: Haste,
        statement: &Statement,
        binds: Vec<Bind>,
    ) -> StoreResult<Option<String>> {
        let text = self.text(statement);
        let way = match (&self.lane, haste) {
            (Lane::Sqlite { now, .. }, Haste::Now) => now,
            (Lane::Sqlite { soon, .. }, Haste::Soon) => soon,
            (Lane::Postgres(pool), _) => return Ok(run!(text, binds, pool)?),
        };
        let (done, answer) = oneshot::channel();
        way.send(Job { text, binds, done }).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

fn closed() -> StoreError {
    StoreError::Database(sqlx::Error::PoolClosed)
}

/// Every text that was written alone, as a whole transaction.
type Wholes = HashMap<&'static str, Arc<str>>;

async fn carry(writer: SqlitePool, mut now: mpsc::Receiver<Job>, mut soon: mpsc::Receiver<Job>) {
    let mut wholes = Wholes::new();
    loop {
        let first = tokio::select! {
            biased;
            Some(job) = now.recv() => job,
            Some(job) = soon.recv() => job,
            else => return,
        };
        let mut batch = vec![first];
        while let Some(job) = (batch.len() < BATCH_MAX).then(|| now.try_recv().ok()).flatten() {
            batch.push(job);
        }
        for _ in 0..SOON_MAX {
            batch.extend(soon.try_recv().ok());
        }
        commit(&writer, &mut wholes, batch).await;
    }
}

async fn commit(writer: &SqlitePool, wholes: &mut Wholes, batch: Vec<Job>) {
    let done = match batch.as_slice() {
        [job] => alone(writer, wholes, job).await.map(|answer| vec![answer]),
        batch => all(writer, batch).await,
    };
    match done {
        Ok(answers) => {
            for (job, answer) in batch.into_iter().zip(answers) {
                // Whoever waited may be gone; the write stands.
                let _gone = job.done.send(Ok(answer));
            }
        }
        // One of them is at fault: whoever's it is, is told alone.
        Err(_) => {
            for job in batch {
                let answer = all(writer, std::slice::from_ref(&job)).await;
                let answer = answer.map(|mut answers| answers.pop().flatten()).map_err(StoreError::Database);
                let _gone = job.done.send(answer);
            }
        }
    }
}

/// A write for itself: begin, the text and commit go to the connection's thread in one piece, where three would each be waited for.
async fn alone(writer: &SqlitePool, wholes: &mut Wholes, job: &Job) -> sqlx::Result<Option<String>> {
    let whole =
        wholes.entry(job.text).or_insert_with(|| format!("BEGIN IMMEDIATE; {}; COMMIT", job.text).into()).clone();
    let mut connection = writer.acquire().await?;
    let answer = run!(AssertSqlSafe(whole), job.binds.iter().cloned(), &mut *connection);
    if answer.is_err() {
        // What failed in the middle left its transaction open; where the commit itself failed, there may be none any more. The driver knows
        // of neither, so this connection is not used again.
        let _may_be_over = sqlx::query("ROLLBACK").execute(&mut *connection).await;
        connection.close_on_drop();
    }
    answer
}

/// All of them, or none.
async fn all(writer: &SqlitePool, batch: &[Job]) -> sqlx::Result<Vec<Option<String>>> {
    let mut tx = writer.begin_with("BEGIN IMMEDIATE").await?;
    let mut answers = Vec::with_capacity(batch.len());
    for job in batch {
        answers.push(run!(job.text, job.binds.iter().cloned(), &mut *tx)?);
    }
    tx.commit().await?;
    Ok(answers)
}
