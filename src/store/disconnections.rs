//! Disconnections that are not over: approved and not carried out yet, or carried out here while the network still has to be told. What revoking
//! takes lies here sealed as it was, for a bounded time; nothing that publishes reads it.

use super::{Store, StoreResult, id, read, statements, write};
use crate::domain::account::Revoked;
use crate::domain::ids::{AccountId, UserId, WorkspaceId};
use crate::domain::sealed::Sealed;
use crate::store::Statement;

/// For how long a network that gives no clear answer is asked: what revoking takes is destroyed then at the latest.
const KEEP_MS: i64 = 24 * HOUR_MS;
/// How long is waited after each try; an hour after the later ones.
const WAITS_MS: [i64; 3] = [60_000, 5 * 60_000, 15 * 60_000];
/// Milliseconds.
const HOUR_MS: i64 = 3_600_000;

macro_rules! columns {
    () => {
        "account_id, workspace_id, user_id, network, remote_id, acts_as, handle, access, refresh, withdrawn, gone_at, tries"
    };
}

/// What was approved before becomes what was carried out now; what it says already stays.
macro_rules! carried_out {
    () => {
        " ON CONFLICT(account_id) DO UPDATE SET user_id=excluded.user_id, network=excluded.network, remote_id=excluded.remote_id, \
         acts_as=excluded.acts_as, handle=excluded.handle, access=COALESCE(excluded.access, disconnection.access), \
         refresh=COALESCE(excluded.refresh, disconnection.refresh), gone_at=COALESCE(disconnection.gone_at, excluded.gone_at), \
         owner=excluded.owner, lease_until=excluded.lease_until"
    };
}

statements! {
    ASK = Statement::same("INSERT INTO disconnection(account_id, workspace_id, user_id, network, remote_id, acts_as, handle, withdrawn, asked_at, tries, next_at) \
        VALUES($1,$2,$3,'','','','',0,$4,0,$5) ON CONFLICT(account_id) DO NOTHING");
    KEEP_ACCOUNT = Statement::same(concat!("INSERT INTO disconnection(account_id, workspace_id, user_id, network, remote_id, acts_as, handle, access, refresh, withdrawn, \
        asked_at, gone_at, tries, next_at, owner, lease_until) SELECT a.id, a.workspace_id, a.user_id, a.network, a.remote_id, '', a.handle, t.access, t.refresh, 0, \
        $2, $2, 0, $2, $3, $4 FROM account a LEFT JOIN account_token t ON t.account_id=a.id WHERE a.id=$1", carried_out!()));
    KEEP_LOGIN = Statement::same(concat!("INSERT INTO disconnection(account_id, workspace_id, user_id, network, remote_id, acts_as, handle, access, refresh, withdrawn, \
        asked_at, gone_at, tries, next_at, owner, lease_until) SELECT g.id, g.workspace_id, g.user_id, 'google', g.subject, g.acts_as, g.email, NULL, g.refresh, 0, \
        $2, $2, 0, $2, $3, $4 FROM google_login g WHERE g.id=$1", carried_out!()));
    FIND_DISCONNECTION = Statement::same(concat!("SELECT ", columns!(), " FROM disconnection WHERE account_id=$1"));
    LIST_OF_CHANNEL = Statement::same(concat!("SELECT ", columns!(), " FROM disconnection WHERE network='google' AND workspace_id=$1 AND acts_as=$2 \
        ORDER BY account_id LIMIT 200"));
    LIST_DUE = Statement::same(concat!("SELECT ", columns!(), " FROM disconnection WHERE next_at <= $1 AND (lease_until IS NULL OR lease_until <= $1) \
        ORDER BY next_at, account_id LIMIT 50"));
    CLAIM = Statement::same("UPDATE disconnection SET owner=$2, lease_until=$4 WHERE account_id=$1 AND (lease_until IS NULL OR lease_until <= $3 OR owner=$2)");
    COUNT_WITHDRAWN = Statement::same("UPDATE disconnection SET withdrawn=withdrawn+$2 WHERE account_id=$1");
    PUT_OFF = Statement::same("UPDATE disconnection SET tries=tries+1, next_at=$2, owner=NULL, lease_until=NULL WHERE account_id=$1");
    END = Statement::same("DELETE FROM disconnection WHERE account_id=$1");
    // Telling the network now would end what was granted since.
    END_OF_SUBJECT = Statement::same("DELETE FROM disconnection WHERE network='google' AND remote_id=$1");
    LEAVE_ALL = Statement::same("UPDATE disconnection SET owner=NULL, lease_until=NULL, next_at=CASE WHEN tries=0 THEN 0 ELSE next_at END");
}

/// A disconnection that is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disconnection {
    /// The account, or the Google account.
    pub account: AccountId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Whose key seals what is kept.
    pub user: UserId,
    /// The network's slug, or Google's; empty until it was carried out here.
    pub network: String,
    /// The network's own id of the account.
    pub remote_id: String,
    /// The channel that a Google account acted as; else empty.
    pub acts_as: String,
    /// What people know it by.
    pub handle: String,
    /// The access token, sealed as it lay in its own row.
    pub access: Option<Sealed>,
    /// The refresh token, the same.
    pub refresh: Option<Sealed>,
    /// Deliveries that it withdrew.
    pub withdrawn: i64,
    /// When it was carried out here, Unix milliseconds; `None` while it is approved and nothing more.
    pub gone_at: Option<i64>,
    /// How often the network was asked.
    pub tries: i64,
}

impl Disconnection {
    /// When the network is asked again, after it gave this answer now; `None` when that is over.
    #[must_use]
    pub fn again_at(&self, revoked: Revoked, now: i64) -> Option<i64> {
        match revoked {
            Revoked::Yes | Revoked::No => None,
            Revoked::Later => {
                let tries = usize::try_from(self.tries).unwrap_or_default();
                let wait = WAITS_MS.get(tries).copied().unwrap_or(HOUR_MS);
                Some(now + wait).filter(|at| *at <= self.gone_at.unwrap_or(now) + KEEP_MS)
            }
        }
    }
}

/// Who works on one, from when until when; Unix milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Lease<'a> {
    /// The process.
    pub owner: &'a str,
    /// From.
    pub now: i64,
    /// Until.
    pub until: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    account_id: String,
    workspace_id: String,
    user_id: String,
    network: String,
    remote_id: String,
    acts_as: String,
    handle: String,
    access: Option<Vec<u8>>,
    refresh: Option<Vec<u8>>,
    withdrawn: i64,
    gone_at: Option<i64>,
    tries: i64,
}

impl Row {
    fn read(self) -> StoreResult<Disconnection> {
        Ok(Disconnection {
            account: id("disconnection", &self.account_id)?,
            workspace: id("disconnection", &self.workspace_id)?,
            user: id("disconnection", &self.user_id)?,
            network: self.network,
            remote_id: self.remote_id,
            acts_as: self.acts_as,
            handle: self.handle,
            access: self.access.map(Sealed::from_bytes),
            refresh: self.refresh.map(Sealed::from_bytes),
            withdrawn: self.withdrawn,
            gone_at: self.gone_at,
            tries: self.tries,
        })
    }
}

impl Store {
    /// The one of an account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_disconnection(&self, account: &AccountId) -> StoreResult<Option<Disconnection>> {
        let row: Option<Row> = write!(self, p => sqlx::query_as(self.text(&FIND_DISCONNECTION)).bind(account.as_str()).fetch_optional(p).await?);
        row.map(Row::read).transpose()
    }

    /// Those of Google accounts that acted as a channel, at most 200.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_disconnections_of_channel(
        &self,
        workspace: &WorkspaceId,
        channel: &str,
    ) -> StoreResult<Vec<Disconnection>> {
        let rows: Vec<Row> = write!(self, p => sqlx::query_as(self.text(&LIST_OF_CHANNEL)).bind(workspace.as_str()).bind(channel).fetch_all(p).await?);
        rows.into_iter().map(Row::read).collect()
    }

    /// Those to go on with that nobody works on, at most 50.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_disconnections_due(&self, now: i64) -> StoreResult<Vec<Disconnection>> {
        let rows: Vec<Row> = read!(self, p => sqlx::query_as(self.text(&LIST_DUE)).bind(now).fetch_all(p).await?);
        rows.into_iter().map(Row::read).collect()
    }

    /// Takes the right to go on with one. One process wins; the lease lapses if it dies.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_disconnection(&self, account: &AccountId, lease: Lease<'_>) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&CLAIM)).bind(account.as_str()).bind(lease.owner).bind(lease.now).bind(lease.until)
            .execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// Adds deliveries that it withdrew.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_disconnection_withdrawn(&self, account: &AccountId, more: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&COUNT_WITHDRAWN)).bind(account.as_str()).bind(more).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Puts one off until an instant: it did not come to its end.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_disconnection_put_off(&self, account: &AccountId, next_at: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&PUT_OFF)).bind(account.as_str()).bind(next_at).execute(p).await.map(drop)?);
        Ok(())
    }

    /// It is over: what it kept is destroyed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_disconnection(&self, account: &AccountId) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&END)).bind(account.as_str()).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Where this process is alone, nobody works on any: all that were never tried are due at once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release_disconnections(&self) -> StoreResult<()> {
        if !self.is_shared() {
            write!(self, p => sqlx::query(self.text(&LEAVE_ALL)).execute(p).await.map(drop)?);
        }
        Ok(())
    }
}
