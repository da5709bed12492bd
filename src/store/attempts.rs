//! Attempts: the append-only record of every commit call. Only the outcome, its instant and its evidence are ever filled in.

use super::deliveries::{By, StepNotice};
use super::{Store, StoreResult, id, read, statements};
use crate::domain::delivery::{Delivery, Step};
use crate::domain::ids::{AccountId, AttemptId, DeliveryId, WorkspaceId};
use crate::store::Statement;

statements! {
    LIST_ATTEMPTS = Statement::same("SELECT id, part, no, started_at, sent_deadline, ended_at, outcome, evidence, remote_id, permalink FROM attempt \
        WHERE delivery_id=$1 ORDER BY part, no LIMIT 500");
    LIST_CLAIMED_IDS = Statement::same("SELECT remote_id FROM attempt WHERE account_id=$1 AND remote_id IS NOT NULL AND started_at >= $2 \
        ORDER BY started_at DESC LIMIT 1000");
    LIST_OUT_SINCE = Statement::same("SELECT t.account_id, t.ended_at FROM attempt t JOIN account a ON a.id=t.account_id \
        WHERE a.workspace_id=$1 AND t.outcome='accepted' AND t.part=0 AND t.ended_at >= $2 ORDER BY t.ended_at LIMIT 10000");
    IS_SHOWN = Statement::same("SELECT COUNT(*) FROM attempt WHERE account_id=$1 AND permalink=$2 AND outcome='accepted'");
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The network accepted it.
    Accepted,
    /// Nobody knows.
    Unknown,
    /// The network refused it.
    Refused,
    /// No byte was sent.
    NotSent,
    /// It is proved, or a person said, that it is not there.
    Absent,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 5] = [Self::Accepted, Self::Unknown, Self::Refused, Self::NotSent, Self::Absent];

    /// The word in rows.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Unknown => "unknown",
            Self::Refused => "refused",
            Self::NotSent => "not_sent",
            Self::Absent => "absent",
        }
    }

    /// The outcome with this word.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.word() == word)
    }
}

/// An attempt as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Our id.
    pub id: AttemptId,
    /// Which part.
    pub part: i64,
    /// Which try of that part.
    pub no: i64,
    /// Unix milliseconds.
    pub started_at: i64,
    /// Unix milliseconds.
    pub sent_deadline: i64,
    /// Unix milliseconds.
    pub ended_at: Option<i64>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// How that is known: `answer`, `read_back`, `person`, or what was seen.
    pub evidence: Option<String>,
    /// The network's id of what became visible.
    pub remote_id: Option<String>,
    /// Where it can be seen.
    pub permalink: Option<String>,
}

/// The end of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptEnd {
    /// How.
    pub outcome: Outcome,
    /// How that is known.
    pub evidence: String,
    /// The network's id and place of what became visible.
    pub visible: Option<(String, String)>,
}

#[derive(sqlx::FromRow)]
struct AttemptRow {
    id: String,
    part: i64,
    no: i64,
    started_at: i64,
    sent_deadline: i64,
    ended_at: Option<i64>,
    outcome: Option<String>,
    evidence: Option<String>,
    remote_id: Option<String>,
    permalink: Option<String>,
}

impl Store {
    /// Ends an attempt and writes the delivery's step in one transaction, fenced. False when the row is somebody else's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_attempt(
        &self,
        attempt: (&AttemptId, &AttemptEnd, i64),
        before: &Delivery,
        step: &Step,
        by: By,
        notice: StepNotice,
    ) -> StoreResult<bool> {
        self.write_step((before, step, by), Some(attempt), notice).await
    }

    /// A delivery's attempts in order, at most 500.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_attempts(&self, delivery: &DeliveryId) -> StoreResult<Vec<Attempt>> {
        let rows: Vec<AttemptRow> =
            read!(self, p => sqlx::query_as(self.text(&LIST_ATTEMPTS)).bind(delivery.as_str()).fetch_all(p).await?);
        rows.into_iter()
            .map(|row| {
                Ok(Attempt {
                    id: id("attempt", &row.id)?,
                    part: row.part,
                    no: row.no,
                    started_at: row.started_at,
                    sent_deadline: row.sent_deadline,
                    ended_at: row.ended_at,
                    outcome: row
                        .outcome
                        .as_deref()
                        .map(|text| super::word("attempt", text, Outcome::find))
                        .transpose()?,
                    evidence: row.evidence,
                    remote_id: row.remote_id,
                    permalink: row.permalink,
                })
            })
            .collect()
    }

    /// Whether something that went out from this account is to be seen at this address already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_shown(&self, account: &AccountId, permalink: &str) -> StoreResult<bool> {
        let count: i64 = read!(self, p => sqlx::query_scalar(self.text(&IS_SHOWN)).bind(account.as_str()).bind(permalink).fetch_one(p).await?);
        Ok(count > 0)
    }

    /// On which accounts of a workspace something was first out since an instant, and when; oldest first, at most 10,000.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_out_since(&self, workspace: &WorkspaceId, since: i64) -> StoreResult<Vec<(AccountId, i64)>> {
        let rows: Vec<(String, i64)> = read!(self, p => sqlx::query_as(self.text(&LIST_OUT_SINCE)).bind(workspace.as_str()).bind(since).fetch_all(p).await?);
        rows.into_iter().map(|(account, at)| Ok((id("attempt", &account)?, at))).collect()
    }

    /// Remote ids that deliveries of this account already claim, since an instant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_claimed_remote_ids(&self, account: &AccountId, since: i64) -> StoreResult<Vec<String>> {
        Ok(
            read!(self, p => sqlx::query_scalar(self.text(&LIST_CLAIMED_IDS)).bind(account.as_str()).bind(since).fetch_all(p).await?),
        )
    }
}
