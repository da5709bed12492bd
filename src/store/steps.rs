//! Steps of the machine as the publisher writes them: many at once in one text, each with the end of its attempt and its notice, and each fenced by
//! epoch, part and state: the next part of a thread is armed under the same epoch as the one before, and is not what somebody saw armed then. A person's decisions write theirs in transactions of their own.

use serde_json::{Value, json};

use super::attempts::AttemptEnd;
use super::deliveries::{By, StepNotice};
use super::lane::Row;
use super::{Store, StoreResult, statements, to_json};
use crate::domain::delivery::{Delivery, State, Step};
use crate::domain::ids::AttemptId;
use crate::store::Statement;

/// A column of a row as SQLite reads it.
macro_rules! v {
    ($name:literal) => {
        concat!("v->>'", $name, "' AS ", $name)
    };
}

/// The rows for SQLite, each rendered once: `json_each` would do it again for every column.
macro_rules! rows {
    () => {
        "WITH r(v) AS MATERIALIZED (SELECT value FROM json_each($1)) "
    };
}

/// The rows as PostgreSQL reads them.
macro_rules! records {
    () => {
        "jsonb_to_recordset(CAST($1 AS JSONB)) AS j(id TEXT, epoch BIGINT, part BIGINT, before TEXT, state TEXT, next_at BIGINT, reason TEXT, drop_handle BIGINT, \
         accepted BIGINT, tries BIGINT, refreshed BIGINT, unknown_since BIGINT, absent_at BIGINT, was_ambiguous BIGINT, bump BIGINT, \
         refused_generation BIGINT, person_at BIGINT, account TEXT, attempt TEXT, outcome TEXT, ended_at BIGINT, evidence TEXT, remote_id TEXT, \
         permalink TEXT, notice TEXT, told TEXT, post TEXT, what TEXT, told_at BIGINT)"
    };
}

/// What a step changes. `lease_until` and `owner` are kept only where somebody works on the row.
macro_rules! changes {
    () => {
        "state=j.state, next_at=j.next_at, reason=j.reason, \
         lease_until=CASE WHEN j.state IN ('leased','armed') THEN d.lease_until ELSE NULL END, \
         owner=CASE WHEN j.state IN ('leased','armed') THEN d.owner ELSE NULL END, \
         handle=CASE WHEN j.drop_handle=1 THEN NULL ELSE d.handle END, accepted=j.accepted, tries=j.tries, refreshed=j.refreshed, \
         unknown_since=j.unknown_since, absent_at=j.absent_at, was_ambiguous=j.was_ambiguous, epoch=d.epoch+j.bump, \
         refused_generation=j.refused_generation, person_at=j.person_at"
    };
}

macro_rules! stands {
    () => {
        "EXISTS (SELECT 1 FROM delivery d WHERE d.id = j.id AND d.epoch = j.epoch AND d.accepted = j.part AND d.state = j.before)"
    };
}

/// Attempts and notices, and last the deliveries themselves: what goes with a step looks whether it stands.
macro_rules! sqlite {
    () => {
        concat!(
            rows!(), "UPDATE attempt SET outcome=j.outcome, ended_at=j.ended_at, evidence=j.evidence, remote_id=j.remote_id, permalink=j.permalink \
            FROM (SELECT ", v!("id"), ",", v!("epoch"), ",", v!("part"), ",", v!("before"), ",", v!("attempt"), ",", v!("outcome"), ",", v!("ended_at"), ",",
            v!("evidence"), ",", v!("remote_id"), ",", v!("permalink"), " FROM r) AS j \
            WHERE attempt.id = j.attempt AND (attempt.outcome IS NULL OR attempt.outcome='unknown') AND ", stands!(), "; ",
            rows!(), "INSERT INTO notice(id, user_id, post_id, what, created_at) SELECT j.notice, j.told, j.post, j.what, j.told_at \
            FROM (SELECT ", v!("id"), ",", v!("epoch"), ",", v!("part"), ",", v!("before"), ",", v!("notice"), ",", v!("told"), ",", v!("post"), ",",
            v!("what"), ",", v!("told_at"), " FROM r) AS j WHERE j.notice IS NOT NULL AND ", stands!(), "; ",
            rows!(), "UPDATE delivery AS d SET ", changes!(), " FROM (SELECT ", v!("id"), ",", v!("epoch"), ",", v!("part"), ",", v!("before"), ",", v!("state"), ",",
            v!("next_at"), ",", v!("reason"), ",", v!("drop_handle"), ",", v!("accepted"), ",", v!("tries"), ",", v!("refreshed"), ",",
            v!("unknown_since"), ",", v!("absent_at"), ",", v!("was_ambiguous"), ",", v!("bump"), ",", v!("refused_generation"), ",",
            v!("person_at"), " FROM r) AS j WHERE d.id = j.id AND d.epoch = j.epoch AND d.accepted = j.part AND d.state = j.before RETURNING id"
        )
    };
}

macro_rules! postgres {
    ($also:literal) => {
        concat!("WITH step AS (UPDATE delivery AS d SET ", changes!(), " FROM ", records!(), " \
            WHERE d.id = j.id AND d.epoch = j.epoch AND d.accepted = j.part AND d.state = j.before RETURNING d.id, j.state, j.account, j.attempt, j.outcome, j.ended_at, j.evidence, \
            j.remote_id, j.permalink, j.notice, j.told, j.post, j.what, j.told_at), \
            ended AS (UPDATE attempt a SET outcome=s.outcome, ended_at=s.ended_at, evidence=s.evidence, remote_id=s.remote_id, permalink=s.permalink \
            FROM step s WHERE a.id = s.attempt AND (a.outcome IS NULL OR a.outcome='unknown')), ", $also, "\
            told AS (INSERT INTO notice(id, user_id, post_id, what, created_at) SELECT s.notice, s.told, s.post, s.what, s.told_at FROM step s \
            WHERE s.notice IS NOT NULL) SELECT id FROM step")
    };
}

statements! {
    WRITE_STEPS = Statement::pair(sqlite!(), postgres!(""));
    // Only a network's refusal leads from a commit to `blocked`: whatever else goes out on that account would run into the same. It is rare, and
    // has a text of its own.
    WRITE_BLOCKING_STEPS = Statement::pair(
        concat!(rows!(), "UPDATE account SET health='needs_reconnecting', ended_by='blocked' FROM (SELECT ", v!("id"), ",", v!("epoch"), ",", v!("part"), ",", v!("before"), ",", v!("account"),
            " FROM r) AS j WHERE account.id = j.account AND account.health='fine' AND ", stands!(), "; ", sqlite!()),
        postgres!("blocked AS (UPDATE account a SET health='needs_reconnecting', ended_by='blocked' FROM step s WHERE a.id = s.account AND a.health='fine'), "),
    );
}

impl Store {
    /// Writes one step with what goes with it. True when it was written; nothing at all was when the row is somebody else's.
    pub(in crate::store) async fn write_step(
        &self,
        (before, step, by): (&Delivery, &Step, By),
        attempt: Option<(&AttemptId, &AttemptEnd, i64)>,
        notice: StepNotice,
    ) -> StoreResult<bool> {
        let progress = &step.progress;
        let mut row = json!({
            "id": before.id,
            "epoch": before.epoch,
            "part": before.progress.accepted,
            "before": before.state.word(),
            "state": step.state.word(),
            "next_at": step.next_at,
            "reason": step.reason.as_ref().map(to_json),
            "drop_handle": i64::from(step.drop_handle),
            "accepted": progress.accepted,
            "tries": progress.tries,
            "refreshed": i64::from(progress.refreshed),
            "unknown_since": progress.unknown_since,
            "absent_at": progress.absent_at,
            "was_ambiguous": i64::from(progress.was_ambiguous),
            "bump": by.bump(),
            "refused_generation": progress.refused_generation,
            "person_at": progress.person_at,
        });
        if let Some((id, end, now)) = attempt {
            let (remote_id, permalink) = end.visible.clone().unzip();
            row["account"] = json!(before.account);
            row["attempt"] = json!(id);
            row["outcome"] = json!(end.outcome.word());
            row["ended_at"] = json!(now);
            row["evidence"] = json!(without_nul(&end.evidence));
            row["remote_id"] = json!(remote_id);
            row["permalink"] = json!(permalink);
        }
        if let Some((id, notice)) = &notice {
            row["notice"] = json!(id);
            row["told"] = json!(before.user);
            row["post"] = json!(notice.post);
            row["what"] = Value::String(to_json(&notice.what));
            row["told_at"] = json!(notice.created_at);
        }
        let statement =
            if attempt.is_some() && step.state == State::Blocked { &WRITE_BLOCKING_STEPS } else { &WRITE_STEPS };
        self.among(statement, Row { key: before.id.to_string(), json: row.to_string() }).await
    }
}

/// Neither database keeps the character NUL in a text, and what a network answers may hold one.
fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
