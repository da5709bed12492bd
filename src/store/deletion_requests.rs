//! What a network tells of its people (platforms/instagram.md §8): that they removed our app, and that they want deleted what came from their
//! account. Deleting a person of ours with everything they wrote is in `forget`.

use super::accounts::AccountRow;
use super::late_calls::LOSE_LATE;
use super::{Store, StoreResult, read, statements, word, write};
use crate::domain::account::{Account, Ended, Health};
use crate::domain::ids::AccountId;
use crate::domain::network::Network;
use crate::store::Statement;

/// The name of an account whose name was deleted.
const NAMELESS: &str = "deleted";

statements! {
    INSERT_REQUEST = Statement::same("INSERT INTO deletion_request(code, network, remote_id, asked_at) VALUES($1,$2,$3,$4) ON CONFLICT(code) DO NOTHING");
    FIND_REQUEST = Statement::same("SELECT asked_at, done_at FROM deletion_request WHERE code=$1");
    LIST_REQUESTS = Statement::same("SELECT code, network, remote_id, asked_at FROM deletion_request WHERE done_at IS NULL AND remote_id IS NOT NULL \
        ORDER BY asked_at, code LIMIT 100");
    END_REQUEST = Statement::same("UPDATE deletion_request SET done_at=$2, remote_id=NULL WHERE code=$1 AND done_at IS NULL");
    DELETE_REQUESTS = Statement::same("DELETE FROM deletion_request WHERE done_at < $1");
    // Whoever connected again since then wants to be here.
    LIST_REMOTE = Statement::same("SELECT id, workspace_id, user_id, network, remote_id, handle, name, scopes, health, paused_at, avatar_at FROM account \
        WHERE network=$1 AND COALESCE(scoped_id, remote_id)=$2 AND connected_at <= $3 ORDER BY id LIMIT 200");
    DEAUTHORIZE = Statement::same("UPDATE account SET health=$3, ended_by=$4, scopes='' WHERE id=$1 AND health <> 'disconnected' AND connected_at <= $2");
    DESTROY_TOKEN = Statement::same("DELETE FROM account_token WHERE account_id=$1");
    // What is going out, or may be out, still needs its ids: it is over within the hour.
    UNNAME_ACCOUNT = Statement::same("UPDATE account SET remote_id=id, scoped_id=NULL, handle=$3, name='' WHERE id=$1 AND health='disconnected' AND connected_at <= $2 \
        AND NOT EXISTS(SELECT 1 FROM delivery d WHERE d.account_id=account.id AND d.state IN ('leased', 'armed', 'processing', 'unknown'))");
    UNNAME_ATTEMPTS = Statement::same("UPDATE attempt SET remote_id=NULL, permalink=NULL, evidence=NULL WHERE account_id=$1");
    UNNAME_DELIVERIES = Statement::same("UPDATE delivery SET handle=NULL, reason=CASE WHEN reason LIKE $2 ESCAPE '!' THEN NULL ELSE reason END \
        WHERE account_id=$1");
    // An answer that is gone stays an answer: the call is not made again.
    UNNAME_ANSWERS = Statement::same("UPDATE idempotency SET answer='' WHERE user_id=$1 AND answer LIKE $2 ESCAPE '!'");
    UNNAME_TOLD = Statement::same("DELETE FROM notice_told WHERE notice_id IN (SELECT id FROM notice WHERE user_id=$1 AND what LIKE $2 ESCAPE '!')");
    UNNAME_NOTICES = Statement::same("DELETE FROM notice WHERE user_id=$1 AND what LIKE $2 ESCAPE '!'");
}

/// A wish that is not fulfilled yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletionRequest {
    /// Its code.
    pub code: String,
    /// Where it was said.
    pub network: Network,
    /// The network's id of the account.
    pub remote_id: String,
    /// When, Unix milliseconds.
    pub asked_at: i64,
}

impl Store {
    /// Writes a wish down; the same one twice is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_deletion_request(&self, request: &DeletionRequest) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&INSERT_REQUEST)).bind(&request.code).bind(request.network.slug()).bind(&request.remote_id)
            .bind(request.asked_at).execute(p).await.map(drop)?);
        Ok(())
    }

    /// When a wish was said and when it was fulfilled.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_deletion_request(&self, code: &str) -> StoreResult<Option<(i64, Option<i64>)>> {
        Ok(read!(self, p => sqlx::query_as(self.text(&FIND_REQUEST)).bind(code).fetch_optional(p).await?))
    }

    /// Wishes that are not fulfilled, the oldest hundred.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_deletion_requests(&self) -> StoreResult<Vec<DeletionRequest>> {
        let rows: Vec<(String, String, String, i64)> =
            read!(self, p => sqlx::query_as(self.text(&LIST_REQUESTS)).fetch_all(p).await?);
        let read = |(code, network, remote_id, asked_at): (String, String, String, i64)| {
            Ok(DeletionRequest {
                code,
                network: word("deletion_request", &network, Network::find)?,
                remote_id,
                asked_at,
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// A wish is fulfilled: whose it was is deleted, too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_deletion_done(&self, code: &str, now: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&END_REQUEST)).bind(code).bind(now).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Fulfilled wishes from before an instant are forgotten.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_old_deletion_requests(&self, before: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_REQUESTS)).bind(before).execute(p).await.map(drop)?);
        Ok(())
    }

    /// The accounts of whatever workspace that are this one of the network, as it was connected by an instant; at most 200.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_accounts_remote(&self, network: Network, remote_id: &str, by: i64) -> StoreResult<Vec<Account>> {
        let rows: Vec<AccountRow> = read!(self, p => sqlx::query_as(self.text(&LIST_REMOTE)).bind(network.slug()).bind(remote_id).bind(by)
            .fetch_all(p).await?);
        rows.into_iter().map(|row| Ok(row.read()?.account)).collect()
    }

    /// Destroys an account's tokens and marks it to be connected again: whether there were any. `None` where it was connected again since, or let go.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_account_deauthorized(&self, account: &AccountId, by: i64) -> StoreResult<Option<bool>> {
        let (counts, had) = write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            let counts = sqlx::query(self.text(&DEAUTHORIZE)).bind(account.as_str()).bind(by).bind(Health::NeedsReconnecting.word())
                .bind(Ended::Revoked.word()).execute(&mut *tx)
                .await?.rows_affected();
            let had = match counts {
                1 => sqlx::query(self.text(&DESTROY_TOKEN)).bind(account.as_str()).execute(&mut *tx).await?.rows_affected(),
                _ => 0,
            };
            tx.commit().await?;
            (counts, had)
        });
        Ok((counts == 1).then_some(had == 1))
    }

    /// Takes everything that came from the network out of a disconnected account: whose it is, what its posts are called there, what was answered.
    /// False when it cannot be done yet, because something of it may still be going out, or it was connected again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn erase_account_names(&self, account: &Account, by: i64) -> StoreResult<bool> {
        // As it stands between quotes in a sentence's arguments.
        let handle = literally(&account.handle);
        let (named, anywhere) = (format!("%\"{handle}\"%"), format!("%{handle}%"));
        // Notices name the network, too.
        let in_full = format!("%\"{}\"%", literally(&account.named()));
        let done = write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            let done = sqlx::query(self.text(&UNNAME_ACCOUNT)).bind(account.id.as_str()).bind(by).bind(NAMELESS).execute(&mut *tx).await?
                .rows_affected();
            if done == 1 {
                sqlx::query(self.text(&UNNAME_ATTEMPTS)).bind(account.id.as_str()).execute(&mut *tx).await?;
                sqlx::query(self.text(&UNNAME_DELIVERIES)).bind(account.id.as_str()).bind(&named).execute(&mut *tx).await?;
                sqlx::query(self.text(&UNNAME_ANSWERS)).bind(account.user.as_str()).bind(&anywhere).execute(&mut *tx).await?;
                sqlx::query(self.text(&LOSE_LATE)).bind(account.user.as_str()).execute(&mut *tx).await?;
                for named in [&named, &in_full] {
                    sqlx::query(self.text(&UNNAME_TOLD)).bind(account.user.as_str()).bind(named).execute(&mut *tx).await?;
                    sqlx::query(self.text(&UNNAME_NOTICES)).bind(account.user.as_str()).bind(named).execute(&mut *tx).await?;
                }
            }
            tx.commit().await?;
            done
        });
        Ok(done == 1)
    }
}

/// A text as `LIKE … ESCAPE '!'` takes it: handles are full of `_`.
fn literally(text: &str) -> String {
    text.chars().flat_map(|c| matches!(c, '!' | '%' | '_').then_some('!').into_iter().chain([c])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_stands_for_itself_alone() {
        assert_eq!(literally("ana_b%c!"), "ana!_b!%c!!");
        assert_eq!(literally("ana"), "ana");
    }
}
