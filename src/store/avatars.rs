//! What accounts are called and look like: profiles as they were read last, and small pictures. Tokens and connections are in `accounts`.

use super::accounts::AccountRow;
use super::{Store, StoreResult, read, statements, write};
use crate::domain::account::{Account, Profile};
use crate::domain::ids::{AccountId, UserId, WorkspaceId};
use crate::domain::network::Network;
use crate::store::Statement;

/// Profiles of one network that are read again in one go: a few hundred a day and network cost nobody anything.
const LOOKS_MAX: i64 = 20;

statements! {
    // Only the same account: what was connected as another one is another row.
    UPDATE_PROFILE = Statement::same("UPDATE account SET handle=$3, name=$4, scoped_id=COALESCE($5, scoped_id), looked_at=$6 \
        WHERE id=$1 AND remote_id=$2 AND health <> 'disconnected'");
    LIST_UNSEEN = Statement::same("SELECT id, workspace_id, user_id, network, remote_id, handle, name, scopes, health, paused_at, avatar_at FROM account \
        WHERE network=$1 AND health='fine' AND COALESCE(looked_at, 0) <= $2 ORDER BY COALESCE(looked_at, 0), id LIMIT $3");
    CLAIM_LOOK = Statement::same("UPDATE account SET looked_at=$3 WHERE id=$1 AND COALESCE(looked_at, 0) <= $2");
    MARK_AVATAR = Statement::same("UPDATE account SET avatar_at=$2 WHERE id=$1 AND health <> 'disconnected'");
    SAVE_AVATAR = Statement::same("INSERT INTO account_avatar(account_id, bytes) VALUES($1,$2) ON CONFLICT(account_id) DO UPDATE SET bytes=excluded.bytes");
    UNMARK_AVATAR = Statement::same("UPDATE account SET avatar_at=NULL WHERE id=$1");
    DELETE_AVATAR = Statement::same("DELETE FROM account_avatar WHERE account_id=$1");
    FIND_AVATAR = Statement::same("SELECT p.bytes FROM account_avatar p JOIN account a ON a.id=p.account_id WHERE a.id=$1 AND a.workspace_id=$2");
    FIND_NAMED_AVATAR = Statement::same("SELECT f.bytes FROM account_avatar f JOIN account a ON a.id=f.account_id \
        WHERE a.id=$1 AND EXISTS(SELECT 1 FROM post_approver n JOIN post p ON p.id=n.post_id \
        JOIN variant v ON v.post_id=p.id AND v.revision=p.revision \
        WHERE n.user_id=$2 AND p.workspace_id=a.workspace_id AND v.account_id=a.id)");
}

impl Store {
    /// Writes what a network says of an account. False when it is disconnected, or the profile is somebody else's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_account_profile(&self, account: &AccountId, profile: &Profile, now: i64) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&UPDATE_PROFILE)).bind(account.as_str()).bind(&profile.remote_id).bind(&profile.handle)
            .bind(&profile.name).bind(&profile.scoped_id).bind(now).execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// Accounts of a network that can be used and were not looked at since an instant, the longest ago first, at most 20.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_accounts_unseen(&self, network: Network, since: i64) -> StoreResult<Vec<Account>> {
        let rows: Vec<AccountRow> = read!(self, p => sqlx::query_as(self.text(&LIST_UNSEEN)).bind(network.slug()).bind(since).bind(LOOKS_MAX)
            .fetch_all(p).await?);
        rows.into_iter().map(|row| Ok(row.read()?.account)).collect()
    }

    /// Takes the look at an account that nobody took since an instant. One process wins; `next` is what counts as the last look until it is known
    /// how this one ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_look(&self, account: &AccountId, since: i64, next: i64) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&CLAIM_LOOK)).bind(account.as_str()).bind(since).bind(next).execute(p).await?
            .rows_affected());
        Ok(done == 1)
    }

    /// Keeps an account's picture, unless it was disconnected meanwhile.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save_avatar(&self, account: &AccountId, bytes: &[u8], now: i64) -> StoreResult<()> {
        write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            let done = sqlx::query(self.text(&MARK_AVATAR)).bind(account.as_str()).bind(now).execute(&mut *tx).await?.rows_affected();
            if done == 1 {
                sqlx::query(self.text(&SAVE_AVATAR)).bind(account.as_str()).bind(bytes).execute(&mut *tx).await?;
            }
            tx.commit().await?;
        });
        Ok(())
    }

    /// An account has no picture any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_avatar(&self, account: &AccountId) -> StoreResult<()> {
        write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            sqlx::query(self.text(&UNMARK_AVATAR)).bind(account.as_str()).execute(&mut *tx).await?;
            sqlx::query(self.text(&DELETE_AVATAR)).bind(account.as_str()).execute(&mut *tx).await?;
            tx.commit().await?;
        });
        Ok(())
    }

    /// The picture of an account of this workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_avatar(&self, account: &AccountId, workspace: &WorkspaceId) -> StoreResult<Option<Vec<u8>>> {
        Ok(
            read!(self, p => sqlx::query_scalar(self.text(&FIND_AVATAR)).bind(account.as_str()).bind(workspace.as_str()).fetch_optional(p).await?),
        )
    }

    /// The picture of an account that shows a post which somebody else named this person for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_named_avatar(&self, account: &AccountId, user: &UserId) -> StoreResult<Option<Vec<u8>>> {
        Ok(
            read!(self, p => sqlx::query_scalar(self.text(&FIND_NAMED_AVATAR)).bind(account.as_str()).bind(user.as_str()).fetch_optional(p).await?),
        )
    }
}
