//! Lists of pages whose index state is asked for bit by bit: sealed, each with its own end, gone with the account they are asked through.

use super::{Store, StoreResult, id, read, statements, write};
use crate::domain::ids::{AccountId, UserId};
use crate::domain::sealed::Sealed;
use crate::store::Statement;

statements! {
    PUT_LIST = Statement::same("INSERT INTO inspection_list(handle, user_id, login_id, body, waiting, next_at, made_at, expires_at) SELECT $1,$2,id,$4,$5,$6,$7,$8 \
        FROM google_login WHERE id=$3 ON CONFLICT (handle) DO UPDATE SET body=excluded.body, waiting=excluded.waiting, next_at=excluded.next_at");
    FIND_LIST = Statement::same("SELECT handle, user_id, login_id, body, waiting, next_at, made_at, expires_at FROM inspection_list WHERE handle=$1 AND expires_at > $2");
    LIST_WAITING = Statement::same("SELECT handle, user_id, login_id, body, waiting, next_at, made_at, expires_at FROM inspection_list \
        WHERE waiting > 0 AND next_at <= $1 AND expires_at > $1 ORDER BY next_at, handle LIMIT 10");
    CLAIM_LIST = Statement::same("UPDATE inspection_list SET next_at=$3 WHERE handle=$1 AND next_at=$2 AND waiting > 0");
    DELETE_LISTS = Statement::same("DELETE FROM inspection_list WHERE expires_at <= $1 OR made_at <= $2");
}

/// A list as its row keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredList {
    /// What it is called.
    pub handle: String,
    /// Whose.
    pub user: UserId,
    /// Through which account it is asked.
    pub login: AccountId,
    /// The pages with what is known of them.
    pub body: Sealed,
    /// How many were not asked yet.
    pub waiting: i64,
    /// When it goes on, Unix milliseconds.
    pub next_at: i64,
    /// When it was begun.
    pub made_at: i64,
    /// From when on it is gone.
    pub expires_at: i64,
}

type Row = (String, String, String, Vec<u8>, i64, i64, i64, i64);

fn list((handle, user, login, body, waiting, next_at, made_at, expires_at): Row) -> StoreResult<StoredList> {
    Ok(StoredList {
        handle,
        user: id("inspection_list", &user)?,
        login: id("inspection_list", &login)?,
        body: Sealed::from_bytes(body),
        waiting,
        next_at,
        made_at,
        expires_at,
    })
}

impl Store {
    /// Stores a list, or how far it is; nothing when its account is gone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_inspections(&self, list: &StoredList) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&PUT_LIST)).bind(&list.handle).bind(list.user.as_str()).bind(list.login.as_str())
            .bind(list.body.as_bytes()).bind(list.waiting).bind(list.next_at).bind(list.made_at).bind(list.expires_at).execute(p)
            .await.map(drop)?);
        Ok(())
    }

    /// One, unless its time is over. Whose it is is for whoever asks to see.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_inspections(&self, handle: &str, now: i64) -> StoreResult<Option<StoredList>> {
        let row: Option<Row> = read!(self, p => sqlx::query_as(self.text(&FIND_LIST)).bind(handle).bind(now)
            .fetch_optional(p).await?);
        row.map(list).transpose()
    }

    /// Those that may go on, at most ten.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_waiting_inspections(&self, now: i64) -> StoreResult<Vec<StoredList>> {
        let rows: Vec<Row> = read!(self, p => sqlx::query_as(self.text(&LIST_WAITING)).bind(now).fetch_all(p).await?);
        rows.into_iter().map(list).collect()
    }

    /// It goes on here until an instant: true for one process of several.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_inspections(&self, list: &StoredList, until: i64) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&CLAIM_LIST)).bind(&list.handle).bind(list.next_at).bind(until)
            .execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// Deletes those whose time is over, and what is older than may be kept.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_old_inspections(&self, now: i64, oldest: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_LISTS)).bind(now).bind(oldest).execute(p).await.map(drop)?);
        Ok(())
    }
}
