//! Taking work: what is due is leased, one per account at a time; what waits for a look is claimed for that look.

use super::deliveries::{DeliveryRow, columns, is_unique_violation, read_rows};
use super::{Store, StoreError, StoreResult, json, read, statements, to_json, word, write};
use crate::domain::delivery::{Delivery, GRACE_MS, SETTLE_MS};
use crate::domain::network::Network;
use crate::domain::refusal::Sentence;
use crate::store::Statement;

/// Whether a network may be asked just now. The table is empty while all is well, so this costs nothing then.
macro_rules! not_stopped {
    () => {
        "NOT EXISTS (SELECT 1 FROM network_stop s CROSS JOIN account a \
         WHERE s.until > $3 AND a.network = s.network AND a.id = d.account_id AND d.slot >= $3 - $5)"
    };
}

/// The soonest that are due and whose account is free.
macro_rules! soonest {
    () => {
        concat!(
            "SELECT id, next_at, account_id FROM delivery d WHERE next_at <= $3 AND state IN ('scheduled','waiting') \
             AND account_id NOT IN (SELECT o.account_id FROM delivery o WHERE o.state IN ('leased','armed')) AND ",
            not_stopped!(),
            " ORDER BY next_at, id LIMIT 256"
        )
    };
}

/// When each kind of work is to be done next, Unix milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Soonest {
    /// Something to send.
    pub due: Option<i64>,
    /// An outcome to look for.
    pub look: Option<i64>,
    /// A lease, or a time to be mended in, that is over.
    pub over: Option<i64>,
}

impl Soonest {
    /// The first of them.
    #[must_use]
    pub fn any(&self) -> Option<i64> {
        [self.due, self.look, self.over].into_iter().flatten().min()
    }
}

/// A network that refuses this server as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkStop {
    /// Which.
    pub network: Network,
    /// Until when nothing of it is claimed, Unix milliseconds.
    pub until: i64,
    /// Why.
    pub why: Sentence,
}

statements! {
    // By state and due time, never by time alone (DECISIONS 1): a lapsed lease in `armed` is not due again. The choice reads indexes alone, and of
    // those no more than the soonest: a thousand that are due are not sorted for each handful that is taken. Accounts that are at work are left
    // out before, so one with a pile of its own holds up nobody for longer than a tick. The limit is written out, because PostgreSQL plans a claim
    // once only where it knows how little that is. Nothing of a network that refuses this server is taken, but for what is too late anyway.
    CLAIM_DUE = Statement::pair(
        concat!("UPDATE delivery SET state='leased', epoch=epoch+1, owner=$1, lease_until=$2, next_at=$2 WHERE id IN ( \
            SELECT id FROM (SELECT id, next_at, ROW_NUMBER() OVER (PARTITION BY account_id ORDER BY next_at, id) AS place FROM (", soonest!(), ")) \
            WHERE place = 1 ORDER BY next_at, id LIMIT CAST($4 AS BIGINT)) RETURNING ", columns!()),
        concat!("WITH near AS MATERIALIZED (", soonest!(), "), \
            first AS MATERIALIZED (SELECT DISTINCT ON (account_id) id FROM near ORDER BY account_id, next_at, id), \
            picked AS MATERIALIZED (SELECT d.id FROM delivery d WHERE d.id = ANY(ARRAY(SELECT id FROM first)) \
            AND d.state IN ('scheduled','waiting') ORDER BY d.next_at, d.id LIMIT $4 FOR UPDATE OF d SKIP LOCKED) \
            UPDATE delivery SET state='leased', epoch=epoch+1, owner=$1, lease_until=$2, next_at=$2 \
            WHERE id = ANY(ARRAY(SELECT id FROM picked)) RETURNING ", columns!()),
    );
    LIST_TIMED_OUT = Statement::same(concat!("SELECT ", columns!(), " FROM delivery WHERE next_at <= $1 AND state IN \
        ('leased','armed','blocked','unapproved') ORDER BY next_at, id LIMIT $2"));
    CLAIM_LOOKS = Statement::same(concat!("UPDATE delivery SET epoch=epoch+1, next_at=$1 WHERE id IN (SELECT id FROM delivery \
        WHERE next_at <= $2 AND state IN ('unknown','processing') ORDER BY next_at, id LIMIT $3) AND next_at <= $2 \
        AND state IN ('unknown','processing') RETURNING ", columns!()));
    // The epoch, too: a look that is under way began by the clock that was.
    NEARER_LOOKS = Statement::same("UPDATE delivery SET next_at=$1, unknown_since=CASE WHEN unknown_since > $2 THEN $2 ELSE unknown_since END, \
        absent_at=NULL, epoch=epoch+1 WHERE next_at > $3 AND state IN ('unknown','processing')");
    // Not before it has had its time to settle, and not between the two reads that prove together.
    LOOK_NOW = Statement::same("UPDATE delivery SET next_at=$3 WHERE id=$1 AND epoch=$2 AND next_at > $3 AND (state='processing' \
        OR (state='unknown' AND absent_at IS NULL AND unknown_since <= $4))");
    LIST_ORPHANS = Statement::same(concat!("SELECT ", columns!(), " FROM delivery WHERE state IN ('leased','armed') ORDER BY id LIMIT $1"));
    LIST_LEFT_PAUSED = Statement::same(concat!("SELECT ", columns!(), " FROM delivery WHERE state='paused' \
        AND workspace_id IN (SELECT id FROM workspace WHERE paused_at IS NULL) AND account_id IN (SELECT id FROM account WHERE paused_at IS NULL) \
        AND post_id IN (SELECT id FROM post WHERE paused_at IS NULL) ORDER BY slot, id LIMIT $1"));
    FIND_SOONEST = Statement::same("SELECT (SELECT MIN(next_at) FROM delivery WHERE state IN ('scheduled','waiting')), \
        (SELECT MIN(next_at) FROM delivery WHERE state IN ('unknown','processing')), \
        (SELECT MIN(next_at) FROM delivery WHERE state IN ('leased','armed','blocked','unapproved'))");
    STOP_NETWORK = Statement::same("INSERT INTO network_stop(network, until, why, stopped_at) VALUES($1,$2,$3,$4) \
        ON CONFLICT(network) DO UPDATE SET until=excluded.until, why=excluded.why, \
        stopped_at=CASE WHEN network_stop.until > $5 THEN network_stop.stopped_at ELSE excluded.stopped_at END RETURNING stopped_at");
    LIST_STOPS = Statement::same("SELECT network, until, why FROM network_stop WHERE until > $1 ORDER BY network LIMIT 50");
}

impl Store {
    /// Leases up to `limit` deliveries that are due, at most one per account. On a race between processes nothing is taken;
    /// the next tick tries again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_due(&self, owner: &str, now: i64, lease_until: i64, limit: i64) -> StoreResult<Vec<Delivery>> {
        let claimed: Result<Vec<DeliveryRow>, StoreError> = async {
            Ok(write!(self, p => sqlx::query_as(self.text(&CLAIM_DUE)).bind(owner).bind(lease_until).bind(now).bind(limit).bind(GRACE_MS)
                .fetch_all(p).await?))
        }
        .await;
        match claimed {
            Ok(rows) => read_rows(rows),
            Err(error) if is_unique_violation(&error) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Deliveries whose lease is over, or whose time to be mended is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_timed_out(&self, now: i64, limit: i64) -> StoreResult<Vec<Delivery>> {
        read_rows(
            read!(self, p => sqlx::query_as(self.text(&LIST_TIMED_OUT)).bind(now).bind(limit).fetch_all(p).await?),
        )
    }

    /// Takes unknown and processing deliveries for one look; nobody else looks before `until`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_looks(&self, now: i64, until: i64, limit: i64) -> StoreResult<Vec<Delivery>> {
        read_rows(
            write!(self, p => sqlx::query_as(self.text(&CLAIM_LOOKS)).bind(until).bind(now).bind(limit).fetch_all(p).await?),
        )
    }

    /// Brings looks that lie past `far` to `at`, and begins their time anew where it would begin later than now: the clock that made them was ahead
    /// of this one. How many that were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_looks_nearer(&self, now: i64, (at, far): (i64, i64)) -> StoreResult<u64> {
        let done = write!(self, p => sqlx::query(self.text(&NEARER_LOOKS)).bind(at).bind(now).bind(far).execute(p).await?.rows_affected());
        Ok(done)
    }

    /// Has an outcome looked for now that would be looked for later. False when it may not be hurried, or somebody else changed the row.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_look_now(&self, delivery: &Delivery, now: i64) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&LOOK_NOW)).bind(delivery.id.as_str()).bind(delivery.epoch).bind(now)
            .bind(now - SETTLE_MS).execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// What a dead process left leased or armed. Only meaningful where no other process can be alive (SQLite).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_orphans(&self, limit: i64) -> StoreResult<Vec<Delivery>> {
        read_rows(read!(self, p => sqlx::query_as(self.text(&LIST_ORPHANS)).bind(limit).fetch_all(p).await?))
    }

    /// What is paused although nothing is paused that covers it: whoever let it go on died half way.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_left_paused(&self, limit: i64) -> StoreResult<Vec<Delivery>> {
        read_rows(read!(self, p => sqlx::query_as(self.text(&LIST_LEFT_PAUSED)).bind(limit).fetch_all(p).await?))
    }

    /// When something is to be done next: one look at the first entries of three indexes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_soonest(&self) -> StoreResult<Soonest> {
        let (due, look, over): (Option<i64>, Option<i64>, Option<i64>) =
            read!(self, p => sqlx::query_as(self.text(&FIND_SOONEST)).fetch_one(p).await?);
        Ok(Soonest { due, look, over })
    }

    /// Nothing of this network is claimed until then. True when that is news: nobody stopped it a moment ago.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_network_stop(
        &self,
        network: Network,
        now: i64,
        until: i64,
        why: &Sentence,
    ) -> StoreResult<bool> {
        // Work that was under way when the first of it was refused ends a little later.
        let (recently, why) = (now - (until - now), to_json(why));
        let since: i64 = write!(self, p => sqlx::query_scalar(self.text(&STOP_NETWORK)).bind(network.slug()).bind(until).bind(why).bind(now)
            .bind(recently).fetch_one(p).await?);
        Ok(since == now)
    }

    /// Networks of which nothing is claimed just now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_network_stops(&self, now: i64) -> StoreResult<Vec<NetworkStop>> {
        let rows: Vec<(String, i64, String)> =
            read!(self, p => sqlx::query_as(self.text(&LIST_STOPS)).bind(now).fetch_all(p).await?);
        rows.into_iter()
            .map(|(network, until, why)| {
                let network = word("network_stop", &network, Network::find)?;
                Ok(NetworkStop { network, until, why: json("network_stop", &why)? })
            })
            .collect()
    }

    /// How the database would answer each question of the publisher. For the test that keeps claims from reading what is not due.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn explain_claims(&self, now: i64) -> StoreResult<Vec<(&'static str, String)>> {
        let mut plans = Vec::new();
        for (name, statement) in [
            ("CLAIM_DUE", CLAIM_DUE),
            ("CLAIM_LOOKS", CLAIM_LOOKS),
            ("LIST_TIMED_OUT", LIST_TIMED_OUT),
            ("FIND_SOONEST", FIND_SOONEST),
        ] {
            let explain = if self.is_shared() { "EXPLAIN" } else { "EXPLAIN QUERY PLAN" };
            let text = sqlx::AssertSqlSafe(format!("{explain} {}", self.text(&statement)));
            let lines: Vec<String> = write!(self, p => {
                let query = sqlx::query(text);
                let query = match name {
                    "CLAIM_DUE" => query.bind("nobody").bind(now).bind(now).bind(16_i64).bind(GRACE_MS),
                    "CLAIM_LOOKS" => query.bind(now).bind(now).bind(16_i64),
                    "LIST_TIMED_OUT" => query.bind(now).bind(16_i64),
                    _ => query,
                };
                let rows = query.fetch_all(p).await?;
                // SQLite's line is the last column, PostgreSQL's the only one.
                rows.iter().map(|row| sqlx::Row::try_get(row, sqlx::Row::len(row) - 1)).collect::<sqlx::Result<_>>()?
            });
            plans.push((name, lines.join("\n")));
        }
        Ok(plans)
    }
}
