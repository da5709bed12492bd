//! Group commit: small writes that many make at once share one transaction and its one flush. Each is a text and what is bound to it, so a
//! batch that fails can be run again one by one, and whoever was at fault is told alone.
//!
//! Two shapes. A statement is run for itself, beside others in its transaction. A row is one of many that a single text writes: it is handed over
//! as JSON, and the text answers with the keys of those that it wrote. PostgreSQL groups the commits of statements by itself, so there only rows
//! are gathered here, over a connection that waits for no lock longer than a moment: whoever holds one stops their own row, and nobody else's.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
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

/// One of many that a text writes.
#[derive(Debug, Clone)]
pub(in crate::store) struct Row {
    /// What the text answers with when it wrote this one.
    pub(in crate::store) key: String,
    /// Its columns, a JSON object.
    pub(in crate::store) json: String,
}

/// What is to be written.
enum What {
    /// A statement for itself: the answer is the first column of its last row.
    Alone(Vec<Bind>),
    /// A row among others of the same text: the answer is its key, where it was written.
    Among(Row),
}

pub(in crate::store) struct Job {
    text: &'static str,
    what: What,
    done: oneshot::Sender<StoreResult<Option<String>>>,
}

/// The way to the database for small writes.
pub(in crate::store) enum Lane {
    /// To the one writer of SQLite, in batches.
    Sqlite { now: mpsc::Sender<Job>, soon: mpsc::Sender<Job> },
    /// Statements each for themselves; rows gathered, by text.
    Postgres { pool: PgPool, hasty: PgPool, rows: Mutex<HashMap<&'static str, mpsc::Sender<Job>>> },
}

/// Jobs that may wait to be taken up; more callers than that wait at the door.
const WAITING_MAX: usize = 1024;
/// Jobs in one transaction: each holds the others up for about a fiftieth of a millisecond.
const BATCH_MAX: usize = 128;
/// Jobs that nobody waits for, in a batch with some that somebody does.
const SOON_MAX: usize = 4;
/// How long a batch on PostgreSQL waits for a lock; then each of its rows goes for itself.
const LOCK_WAIT: &str = "100ms";
/// Connections for batches: one that writes, and one that is being made ready or waits for a lock.
const HASTY_CONNECTIONS: u32 = 2;

/// Binds everything, runs every statement of the text, and answers with the first column of each row.
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
        rows.map(|rows| rows.into_iter().map(|(word,)| word).collect::<Vec<String>>())
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

    /// Beside the pool, connections for batches, which are made when there is one.
    pub(in crate::store) fn postgres(pool: PgPool, options: &PgConnectOptions) -> Self {
        let options = options.clone().options([("lock_timeout", LOCK_WAIT)]);
        let hasty = PgPoolOptions::new().max_connections(HASTY_CONNECTIONS).connect_lazy_with(options);
        Self::Postgres { pool, hasty, rows: Mutex::default() }
    }

    /// Closes the connections that are this lane's own.
    pub(in crate::store) async fn close(&self) {
        match self {
            Self::Sqlite { .. } => {}
            Self::Postgres { hasty, .. } => hasty.close().await,
        }
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
            (Lane::Postgres { pool, .. }, _) => return Ok(run!(text, binds, pool)?.pop()),
        };
        sent(way, text, What::Alone(binds)).await
    }

    /// Writes a row in one statement with others of its kind. Durable when this returns; false when the text did not write it.
    ///
    /// # Errors
    /// When the database fails or refuses this very row.
    pub(in crate::store) async fn among(&self, statement: &Statement, row: Row) -> StoreResult<bool> {
        let text = self.text(statement);
        let way = match &self.lane {
            Lane::Sqlite { now, .. } => now.clone(),
            Lane::Postgres { pool, hasty, rows } => {
                let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
                let begin = || {
                    let (way, jobs) = mpsc::channel(WAITING_MAX);
                    tokio::spawn(gather((pool.clone(), hasty.clone()), text, jobs));
                    way
                };
                rows.entry(text).or_insert_with(begin).clone()
            }
        };
        Ok(sent(&way, text, What::Among(row)).await?.is_some())
    }
}

async fn sent(way: &mpsc::Sender<Job>, text: &'static str, what: What) -> StoreResult<Option<String>> {
    let (done, answer) = oneshot::channel();
    way.send(Job { text, what, done }).await.map_err(|_| closed())?;
    answer.await.map_err(|_| closed())?
}

fn closed() -> StoreError {
    StoreError::Database(sqlx::Error::PoolClosed)
}

/// The rows as one JSON array.
fn array<'a>(rows: impl Iterator<Item = &'a Row>) -> Vec<Bind> {
    let rows: Vec<&str> = rows.map(|row| row.json.as_str()).collect();
    vec![Bind::Text(Some(format!("[{}]", rows.join(","))))]
}

impl Job {
    /// Its key, where it is one row of many.
    fn key(&self) -> Option<&str> {
        match &self.what {
            What::Among(row) => Some(&row.key),
            What::Alone(_) => None,
        }
    }

    fn binds(&self) -> Vec<Bind> {
        match &self.what {
            What::Alone(binds) => binds.clone(),
            What::Among(row) => array(std::iter::once(row)),
        }
    }

    /// What it is told of the rows that its own run answered with.
    fn answer(&self, mut found: Vec<String>) -> Option<String> {
        match self.key() {
            Some(key) => found.into_iter().find(|found| found == key),
            None => found.pop(),
        }
    }
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
    let answer = run!(AssertSqlSafe(whole), job.binds(), &mut *connection);
    if answer.is_err() {
        // What failed in the middle left its transaction open; where the commit itself failed, there may be none any more. The driver knows
        // of neither, so this connection is not used again.
        let _may_be_over = sqlx::query("ROLLBACK").execute(&mut *connection).await;
        connection.close_on_drop();
    }
    answer.map(|found| job.answer(found))
}

/// All of them, or none: statements one by one, rows of a text at once.
async fn all(writer: &SqlitePool, batch: &[Job]) -> sqlx::Result<Vec<Option<String>>> {
    let mut tx = writer.begin_with("BEGIN IMMEDIATE").await?;
    let mut written: HashMap<&'static str, HashSet<String>> = HashMap::new();
    let mut answers = Vec::with_capacity(batch.len());
    for (at, job) in batch.iter().enumerate() {
        if job.key().is_none() || is_repeated(batch, at) {
            answers.push(job.answer(run!(job.text, job.binds(), &mut *tx)?));
            continue;
        }
        if !written.contains_key(job.text) {
            let found = run!(job.text, rows_of(batch, job.text), &mut *tx)?;
            written.insert(job.text, found.into_iter().collect());
        }
        answers.push(written.get(job.text).and_then(|found| found.get(job.key()?).cloned()));
    }
    tx.commit().await?;
    Ok(answers)
}

/// Whether an earlier job of the batch writes the same row: of two that both were right before, one alone may be told that it was written.
fn is_repeated(batch: &[Job], at: usize) -> bool {
    let (before, job) = (batch.iter().take(at), batch.get(at));
    let same = |job: &Job, other: &Job| other.text == job.text && other.key().is_some() && other.key() == job.key();
    job.is_some_and(|job| before.into_iter().any(|other| same(job, other)))
}

/// The rows of a text in a batch, each key once.
fn rows_of(batch: &[Job], text: &str) -> Vec<Bind> {
    let of_text = batch.iter().enumerate().filter(|(at, job)| job.text == text && !is_repeated(batch, *at));
    array(of_text.filter_map(|(_, job)| match &job.what {
        What::Among(row) => Some(row),
        What::Alone(_) => None,
    }))
}

/// Gathers the rows of one text: whatever came while the last statement ran goes in the next.
async fn gather((pool, hasty): (PgPool, PgPool), text: &'static str, mut jobs: mpsc::Receiver<Job>) {
    while let Some(first) = jobs.recv().await {
        let mut batch = vec![first];
        while let Some(job) = (batch.len() < BATCH_MAX).then(|| jobs.try_recv().ok()).flatten() {
            batch.push(job);
        }
        let repeated: Vec<bool> = (0..batch.len()).map(|at| is_repeated(&batch, at)).collect();
        let written = run!(text, rows_of(&batch, text), &hasty).map(|found| found.into_iter().collect::<HashSet<_>>());
        for (job, is_repeated) in batch.into_iter().zip(repeated) {
            match (&written, job.key()) {
                (Ok(found), Some(key)) if !is_repeated => {
                    let answer = found.get(key).cloned();
                    // Whoever waited may be gone; the write stands.
                    let _gone = job.done.send(Ok(answer));
                }
                // One of them is at fault, or waits for somebody's lock: each for itself, and none behind another.
                _ => drop(tokio::spawn(by_itself(pool.clone(), text, job))),
            }
        }
    }
}

async fn by_itself(pool: PgPool, text: &'static str, job: Job) {
    let answer = run!(text, job.binds(), &pool);
    let answer = answer.map(|found| job.answer(found)).map_err(StoreError::Database);
    let _gone = job.done.send(answer);
}
