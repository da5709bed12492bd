//! The audit chain: who did what through which door, without content; each row carries the hash of the one before it.

use sha2::{Digest, Sha256};

use super::{Store, StoreResult, read, statements, write};
use crate::domain::ids::{UserId, WorkspaceId};
use crate::store::Statement;

statements! {
    FIND_LAST = Statement::same("SELECT no, hash FROM audit ORDER BY no DESC LIMIT 1");
    INSERT_AUDIT = Statement::same("INSERT INTO audit(no, at, workspace_id, user_id, via, what, about, previous_hash, hash) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9)");
    LIST_AUDIT = Statement::same("SELECT no, at, workspace_id, user_id, via, what, about, previous_hash, hash FROM audit WHERE no > $1 ORDER BY no LIMIT $2");
    // Of a post: itself, what was asked about it, and where it went.
    LIST_DEEDS = Statement::same("SELECT at, via, what, user_id FROM audit WHERE workspace_id=$1 AND (about=$2 OR about IN (SELECT id FROM approval WHERE post_id=$2) \
        OR about IN (SELECT approval_id FROM approval_item WHERE post_id=$2) \
        OR about IN (SELECT id FROM delivery WHERE post_id=$2)) ORDER BY no LIMIT 100");
    // PostgreSQL has many writers; the chain has one end. The lock goes with the transaction.
    LOCK_CHAIN = Statement::pair("SELECT 1", "LOCK TABLE audit IN EXCLUSIVE MODE");
}

/// Something worth keeping for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent<'a> {
    /// In which workspace.
    pub workspace: &'a WorkspaceId,
    /// Who.
    pub user: &'a UserId,
    /// Through which door.
    pub via: &'a str,
    /// What, as `room.verb`.
    pub what: &'a str,
    /// An id, never content.
    pub about: &'a str,
}

#[derive(sqlx::FromRow)]
struct AuditRow {
    no: i64,
    at: i64,
    workspace_id: String,
    user_id: String,
    via: String,
    what: String,
    about: String,
    previous_hash: String,
    hash: String,
}

fn link(previous: &str, no: i64, at: i64, event: &AuditEvent<'_>) -> String {
    let mut hash = Sha256::new();
    let (no, at) = (no.to_string(), at.to_string());
    for field in [previous, &no, &at, event.workspace.as_str(), event.user.as_str(), event.via, event.what, event.about]
    {
        hash.update((field.len() as u64).to_be_bytes());
        hash.update(field.as_bytes());
    }
    hex::encode(hash.finalize())
}

impl Store {
    /// Appends an event to the chain.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_audit(&self, event: &AuditEvent<'_>, at: i64) -> StoreResult<()> {
        write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            sqlx::query(self.text(&LOCK_CHAIN)).execute(&mut *tx).await?;
            let last: Option<(i64, String)> = sqlx::query_as(self.text(&FIND_LAST)).fetch_optional(&mut *tx).await?;
            let (no, previous) = last.map_or((1, String::new()), |(no, hash)| (no + 1, hash));
            let hash = link(&previous, no, at, event);
            sqlx::query(self.text(&INSERT_AUDIT)).bind(no).bind(at).bind(event.workspace.as_str()).bind(event.user.as_str()).bind(event.via)
                .bind(event.what).bind(event.about).bind(&previous).bind(&hash).execute(&mut *tx).await?;
            tx.commit().await?;
        });
        Ok(())
    }

    /// What was done to a post: when (Unix milliseconds), through which door, what, and by whom. Oldest first, at most 100.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_deeds(
        &self,
        workspace: &WorkspaceId,
        post: &str,
    ) -> StoreResult<Vec<(i64, String, String, String)>> {
        let rows = read!(self, p => sqlx::query_as(self.text(&LIST_DEEDS)).bind(workspace.as_str()).bind(post).fetch_all(p).await?);
        Ok(rows)
    }

    /// Walks the chain: how many rows hold, and the first that does not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn verify_audit(&self) -> StoreResult<(i64, Option<i64>)> {
        /// Rows read at once; the chain may be long.
        const PAGE: i64 = 500;
        let (mut good, mut previous) = (0, String::new());
        loop {
            let rows: Vec<AuditRow> =
                read!(self, p => sqlx::query_as(self.text(&LIST_AUDIT)).bind(good).bind(PAGE).fetch_all(p).await?);
            let is_last = i64::try_from(rows.len()).unwrap_or(PAGE) < PAGE;
            for row in rows {
                let (Ok(workspace), Ok(user)) = (row.workspace_id.parse(), row.user_id.parse()) else {
                    return Ok((good, Some(row.no)));
                };
                let event = AuditEvent {
                    workspace: &workspace,
                    user: &user,
                    via: &row.via,
                    what: &row.what,
                    about: &row.about,
                };
                let fits = row.no == good + 1
                    && row.previous_hash == previous
                    && row.hash == link(&previous, row.no, row.at, &event);
                if !fits {
                    return Ok((good, Some(row.no)));
                }
                (good, previous) = (row.no, row.hash);
            }
            if is_last {
                return Ok((good, None));
            }
        }
    }
}
