//! Accounts, their sealed tokens with the lease that keeps refreshes single, and connections begun but not finished.

use super::approvals::void_of_account;
use super::disconnections::{END, KEEP_ACCOUNT, Lease};
use super::figures::{DELETE_FIGURES_OF_ACCOUNT, DELETE_TURN_OF_ACCOUNT};
use super::video_edits::END_EDITS_OF_ACCOUNT;
use super::{Store, StoreResult, id, read, statements, word, write};
use crate::domain::account::{Account, Ended, Health};
use crate::domain::ids::{AccountId, SessionId, UserId, WorkspaceId};
use crate::domain::network::Network;
use crate::domain::sealed::Sealed;
use crate::say;
use crate::store::Statement;

/// When an account's grant ends unless something renews it, and whether there is something to renew it with. A channel's is that of the Google
/// account that acts as it.
macro_rules! grant {
    () => {
        "COALESCE((SELECT t.ends_at FROM account_token t WHERE t.account_id=account.id), (SELECT g.ends_at FROM google_login g \
         WHERE g.workspace_id=account.workspace_id AND g.acts_as=account.remote_id AND account.network='youtube' \
         ORDER BY g.connected_at DESC, g.id DESC LIMIT 1)) AS ends_at, \
         CASE WHEN EXISTS(SELECT 1 FROM account_token t WHERE t.account_id=account.id AND t.refresh IS NOT NULL) THEN 1 ELSE 0 END AS refreshes"
    };
}

statements! {
    INSERT_STATE = Statement::same("INSERT INTO oauth_state(state_hash, user_id, session_id, network, verifier, created_at, expires_at) \
        VALUES($1,$2,$3,$4,$5,$6,$7)");
    CLAIM_STATE = Statement::same("DELETE FROM oauth_state WHERE state_hash=$1 AND user_id=$2 AND session_id=$3 AND network=$4 AND expires_at > $5 \
        RETURNING verifier");
    DELETE_STATES = Statement::same("DELETE FROM oauth_state WHERE expires_at <= $1");
    UPSERT_ACCOUNT = Statement::same("INSERT INTO account(id, workspace_id, user_id, network, remote_id, handle, name, scopes, health, connected_at) \
        VALUES($1,$2,$3,$4,$5,$6,$7,$8,'fine',$9) ON CONFLICT(workspace_id, network, remote_id) DO UPDATE SET handle=excluded.handle, \
        name=excluded.name, scopes=excluded.scopes, health='fine', ended_by=NULL, user_id=excluded.user_id, connected_at=excluded.connected_at RETURNING id");
    FIND_ACCOUNT_ID = Statement::same("SELECT id FROM account WHERE workspace_id=$1 AND network=$2 AND remote_id=$3");
    UPSERT_TOKEN = Statement::same("INSERT INTO account_token(account_id, user_id, access, refresh, expires_at, generation, ends_at) VALUES($1,$2,$3,$4,$5,1,$6) \
        ON CONFLICT(account_id) DO UPDATE SET user_id=excluded.user_id, access=excluded.access, refresh=excluded.refresh, \
        expires_at=excluded.expires_at, ends_at=excluded.ends_at, generation=account_token.generation+1, refresh_owner=NULL, refresh_until=NULL");
    FIND_ACCOUNT = Statement::same("SELECT id, workspace_id, user_id, network, remote_id, handle, name, scopes, health, paused_at, avatar_at FROM account \
        WHERE id=$1 AND workspace_id=$2");
    LIST_ACCOUNTS = Statement::same("SELECT id, workspace_id, user_id, network, remote_id, handle, name, scopes, health, paused_at, avatar_at FROM account \
        WHERE workspace_id=$1 ORDER BY id LIMIT 200");
    // One question for what every list of accounts shows.
    LIST_SHOWN = Statement::same(concat!("SELECT id, workspace_id, user_id, network, remote_id, handle, name, scopes, health, paused_at, avatar_at, \
        CASE WHEN EXISTS(SELECT 1 FROM network_stop s WHERE s.network=account.network AND s.until > $2) THEN 1 ELSE 0 END AS stopped, \
        ", grant!(), ", ended_by FROM account WHERE workspace_id=$1 AND health <> 'disconnected' ORDER BY id LIMIT 200"));
    LIST_ENDING = Statement::same("SELECT a.id, a.workspace_id, a.user_id, a.network, a.remote_id, a.handle, a.name, a.scopes, a.health, a.paused_at, a.avatar_at \
        FROM account_token t JOIN account a ON a.id=t.account_id WHERE a.network=$1 AND a.health='fine' AND t.expires_at <= $2 \
        ORDER BY t.expires_at LIMIT 500");
    FIND_GRANT_END = Statement::same(concat!("SELECT ", grant!(), " FROM account WHERE id=$1"));
    // Of a channel the grant is that of whoever connected it last.
    LIST_CHANNELS_ENDING = Statement::same("SELECT a.id, a.workspace_id, a.user_id, a.network, a.remote_id, a.handle, a.name, a.scopes, a.health, a.paused_at, a.avatar_at, \
        0 AS stopped, g.ends_at, a.ended_by, 0 AS refreshes FROM google_login g JOIN account a ON a.workspace_id=g.workspace_id AND a.remote_id=g.acts_as \
        WHERE a.network=$1 AND a.health='fine' AND g.ends_at <= $2 AND NOT EXISTS(SELECT 1 FROM google_login n WHERE n.workspace_id=g.workspace_id \
        AND n.acts_as=g.acts_as AND (n.connected_at > g.connected_at OR (n.connected_at = g.connected_at AND n.id > g.id))) ORDER BY g.ends_at LIMIT 500");
    LIST_GRANTS_ENDING = Statement::same("SELECT a.id, a.workspace_id, a.user_id, a.network, a.remote_id, a.handle, a.name, a.scopes, a.health, a.paused_at, a.avatar_at, \
        0 AS stopped, t.ends_at, a.ended_by, CASE WHEN t.refresh IS NULL THEN 0 ELSE 1 END AS refreshes FROM account_token t JOIN account a ON a.id=t.account_id \
        WHERE a.network=$1 AND a.health='fine' AND t.ends_at <= $2 ORDER BY t.ends_at LIMIT 500");
    // The first who finds out says why; whoever connected again meanwhile has tokens that nobody refused.
    UPDATE_ENDED = Statement::same("UPDATE account SET health='needs_reconnecting', ended_by=$2 WHERE id=$1 \
        AND (health='fine' OR (health='needs_reconnecting' AND ended_by IS NULL)) \
        AND NOT EXISTS(SELECT 1 FROM account_token t WHERE t.account_id=$1 AND t.generation > $3)");
    UPDATE_PAUSE = Statement::same("UPDATE account SET paused_at=$3 WHERE id=$1 AND workspace_id=$2");
    DISCONNECT = Statement::same("UPDATE account SET health='disconnected', ended_by=NULL, scopes='', avatar_at=NULL WHERE id=$1 AND workspace_id=$2");
    // What conversations hold of its data goes with it (emptied, so that the call it answered keeps an answer).
    EMPTY_SAID = Statement::same("UPDATE message SET body=$2, tokens=0, expires_at=0 WHERE account_ids LIKE $1 AND LENGTH(body) > 0");
    DELETE_AVATAR_OF = Statement::same("DELETE FROM account_avatar WHERE account_id=$1");
    DELETE_TOKEN = Statement::same("DELETE FROM account_token WHERE account_id=$1");
    FIND_TOKEN = Statement::same("SELECT user_id, access, refresh, expires_at, generation, ends_at FROM account_token WHERE account_id=$1");
    CLAIM_REFRESH = Statement::same("UPDATE account_token SET refresh_owner=$2, refresh_until=$3 WHERE account_id=$1 AND generation=$4 \
        AND (refresh_until IS NULL OR refresh_until <= $5)");
    UPDATE_TOKEN = Statement::same("UPDATE account_token SET access=$3, refresh=$4, expires_at=$5, ends_at=$6, generation=generation+1, refresh_owner=NULL, \
        refresh_until=NULL WHERE account_id=$1 AND generation=$2");
    RELEASE_REFRESH = Statement::same("UPDATE account_token SET refresh_owner=NULL, refresh_until=NULL WHERE account_id=$1 AND refresh_owner=$2");
}

/// An account with what only the store knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAccount {
    /// The account.
    pub account: Account,
    /// Since when publishing on it is paused.
    pub paused_at: Option<i64>,
}

/// Sealed tokens of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTokens {
    /// Whose key seals them.
    pub user: UserId,
    /// Sealed access token.
    pub access: Sealed,
    /// Sealed refresh token.
    pub refresh: Option<Sealed>,
    /// When the access token ends, Unix milliseconds.
    pub expires_at: i64,
    /// Goes up with each rotation.
    pub generation: i64,
    /// When all of it ends unless something renews it, Unix milliseconds, where that is known.
    pub ends_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
pub(in crate::store) struct AccountRow {
    id: String,
    workspace_id: String,
    user_id: String,
    network: String,
    remote_id: String,
    handle: String,
    name: String,
    scopes: String,
    health: String,
    paused_at: Option<i64>,
    avatar_at: Option<i64>,
}

impl AccountRow {
    pub(in crate::store) fn read(self) -> StoreResult<StoredAccount> {
        Ok(StoredAccount {
            account: Account {
                id: id("account", &self.id)?,
                workspace: id("account", &self.workspace_id)?,
                user: id("account", &self.user_id)?,
                network: word("account", &self.network, Network::find)?,
                remote_id: self.remote_id,
                handle: self.handle,
                name: self.name,
                scopes: self.scopes,
                health: word("account", &self.health, Health::find)?,
                avatar_at: self.avatar_at,
            },
            paused_at: self.paused_at,
        })
    }
}

#[derive(sqlx::FromRow)]
struct ShownRow {
    #[sqlx(flatten)]
    account: AccountRow,
    stopped: i32,
    ends_at: Option<i64>,
    ended_by: Option<String>,
    refreshes: i32,
}

impl ShownRow {
    fn read(self) -> StoreResult<ShownAccount> {
        Ok(ShownAccount {
            stored: self.account.read()?,
            is_stopped: self.stopped != 0,
            ends_at: self.ends_at,
            // A reason of a newer version is none that could be told.
            ended_by: self.ended_by.as_deref().and_then(Ended::find),
            has_refresh: self.refreshes != 0,
        })
    }
}

/// An account with what else a list of accounts says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownAccount {
    /// The account.
    pub stored: StoredAccount,
    /// Its network refuses this server as a whole.
    pub is_stopped: bool,
    /// When its grant ends unless something renews it, where that is known; Unix milliseconds.
    pub ends_at: Option<i64>,
    /// Why it must be connected again.
    pub ended_by: Option<Ended>,
    /// Whether there is something to renew it with.
    pub has_refresh: bool,
}

/// When a grant ends unless something renews it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrantEnd {
    /// Unix milliseconds.
    pub at: i64,
    /// Whether there is something to renew it with.
    pub has_refresh: bool,
}

type TokenRow = (String, Vec<u8>, Option<Vec<u8>>, i64, i64, Option<i64>);

/// A connection that was begun: everything it is bound to.
#[derive(Debug)]
pub struct OauthState<'a> {
    /// Hash of the state that travels.
    pub state_hash: &'a str,
    /// Who began.
    pub user: &'a UserId,
    /// In which browser session.
    pub session: &'a SessionId,
    /// With whom: a network's slug, or Google's.
    pub provider: &'a str,
}

impl Store {
    /// Stores a connection that was begun, with its sealed PKCE verifier.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_oauth_state(
        &self,
        state: &OauthState<'_>,
        verifier: &Sealed,
        now: i64,
        expires_at: i64,
    ) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&INSERT_STATE)).bind(state.state_hash).bind(state.user.as_str()).bind(state.session.as_str())
            .bind(state.provider).bind(verifier.as_bytes()).bind(now).bind(expires_at).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Spends a state: its verifier, if state, user, session and network all fit and it is not too late. One caller wins.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_oauth_state(&self, state: &OauthState<'_>, now: i64) -> StoreResult<Option<Sealed>> {
        let row: Option<(Vec<u8>,)> = write!(self, p => sqlx::query_as(self.text(&CLAIM_STATE)).bind(state.state_hash).bind(state.user.as_str())
            .bind(state.session.as_str()).bind(state.provider).bind(now).fetch_optional(p).await?);
        Ok(row.map(|(verifier,)| Sealed::from_bytes(verifier)))
    }

    /// Forgets connections that were never finished.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_expired_oauth_states(&self, now: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_STATES)).bind(now).execute(p).await.map(drop)?);
        Ok(())
    }

    /// The id an account of this network has here already, connected or not: its tokens are sealed for that row.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_account_id(
        &self,
        workspace: &WorkspaceId,
        network: Network,
        remote_id: &str,
    ) -> StoreResult<Option<AccountId>> {
        let row: Option<(String,)> = read!(self, p => sqlx::query_as(self.text(&FIND_ACCOUNT_ID)).bind(workspace.as_str()).bind(network.slug())
            .bind(remote_id).fetch_optional(p).await?);
        row.map(|(account,)| id("account", &account)).transpose()
    }

    /// Stores an account with its tokens, or connects it again; without any where a Google account has them. False when another row took its place meanwhile
    /// (the tokens were sealed for this id, so they are not stored).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_account(
        &self,
        account: &Account,
        tokens: Option<&StoredTokens>,
        now: i64,
    ) -> StoreResult<bool> {
        write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            let stored: String = sqlx::query_scalar(self.text(&UPSERT_ACCOUNT)).bind(account.id.as_str()).bind(account.workspace.as_str())
                .bind(account.user.as_str()).bind(account.network.slug()).bind(&account.remote_id).bind(&account.handle).bind(&account.name)
                .bind(&account.scopes).bind(now).fetch_one(&mut *tx).await?;
            if stored != account.id.as_str() {
                return Ok(false);
            }
            // Telling the network now would end what is connected here.
            sqlx::query(self.text(&END)).bind(account.id.as_str()).execute(&mut *tx).await?;
            if let Some(tokens) = tokens {
                sqlx::query(self.text(&UPSERT_TOKEN)).bind(account.id.as_str()).bind(tokens.user.as_str()).bind(tokens.access.as_bytes())
                    .bind(tokens.refresh.as_ref().map(Sealed::as_bytes)).bind(tokens.expires_at).bind(tokens.ends_at).execute(&mut *tx).await?;
            }
            tx.commit().await?;
        });
        Ok(true)
    }

    /// An account of this workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_account(
        &self,
        account: &AccountId,
        workspace: &WorkspaceId,
    ) -> StoreResult<Option<StoredAccount>> {
        let row: Option<AccountRow> = read!(self, p => sqlx::query_as(self.text(&FIND_ACCOUNT)).bind(account.as_str()).bind(workspace.as_str())
            .fetch_optional(p).await?);
        row.map(AccountRow::read).transpose()
    }

    /// The accounts of a workspace, disconnected ones too, at most 200.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_accounts(&self, workspace: &WorkspaceId) -> StoreResult<Vec<StoredAccount>> {
        let rows: Vec<AccountRow> =
            read!(self, p => sqlx::query_as(self.text(&LIST_ACCOUNTS)).bind(workspace.as_str()).fetch_all(p).await?);
        rows.into_iter().map(AccountRow::read).collect()
    }

    /// The accounts that are connected, at most 200, each with what else a list says of it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_accounts_shown(&self, workspace: &WorkspaceId, now: i64) -> StoreResult<Vec<ShownAccount>> {
        let rows: Vec<ShownRow> = read!(self, p => sqlx::query_as(self.text(&LIST_SHOWN)).bind(workspace.as_str()).bind(now).fetch_all(p).await?);
        rows.into_iter().map(ShownRow::read).collect()
    }

    /// Accounts of a network that can be used and whose grant ends by an instant unless something renews it, at most 500, the first to end first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_grants_ending(&self, network: Network, by: i64) -> StoreResult<Vec<ShownAccount>> {
        let text = if network.is_of_google() { &LIST_CHANNELS_ENDING } else { &LIST_GRANTS_ENDING };
        let rows: Vec<ShownRow> =
            read!(self, p => sqlx::query_as(self.text(text)).bind(network.slug()).bind(by).fetch_all(p).await?);
        rows.into_iter().map(ShownRow::read).collect()
    }

    /// When an account's grant ends, where that is known.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_grant_end(&self, account: &AccountId) -> StoreResult<Option<GrantEnd>> {
        let row: Option<(Option<i64>, i32)> = read!(self, p => sqlx::query_as(self.text(&FIND_GRANT_END)).bind(account.as_str()).fetch_optional(p).await?);
        Ok(row.and_then(|(at, refreshes)| Some(GrantEnd { at: at?, has_refresh: refreshes != 0 })))
    }

    /// Accounts of a network that can be used and whose token ends by an instant, at most 500, the first to end first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_accounts_ending(&self, network: Network, by: i64) -> StoreResult<Vec<Account>> {
        let rows: Vec<AccountRow> =
            read!(self, p => sqlx::query_as(self.text(&LIST_ENDING)).bind(network.slug()).bind(by).fetch_all(p).await?);
        rows.into_iter().map(|row| Ok(row.read()?.account)).collect()
    }

    /// Marks an account to be connected again, and why. False where somebody had found out before, it was disconnected, or it has tokens of a later
    /// generation than the one that shows it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_account_ended(&self, account: &AccountId, ended: Ended, generation: i64) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&UPDATE_ENDED)).bind(account.as_str()).bind(ended.word()).bind(generation)
            .execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// Pauses an account or lets it go on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_account_pause(
        &self,
        account: &AccountId,
        workspace: &WorkspaceId,
        paused_at: Option<i64>,
    ) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&UPDATE_PAUSE)).bind(account.as_str()).bind(workspace.as_str()).bind(paused_at).execute(p)
            .await.map(drop)?);
        Ok(())
    }

    /// Destroys an account's tokens, figures and picture, marks it disconnected and closes the questions that wait about it, in one transaction; where
    /// somebody goes on with it, what revoking takes is kept for them in the same. How many questions that closed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_account_disconnected(
        &self,
        account: &AccountId,
        workspace: &WorkspaceId,
        keep: Option<Lease<'_>>,
    ) -> StoreResult<u64> {
        let (mut closed, now) = (0, self.now_ms().await?);
        write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            let done = sqlx::query(self.text(&DISCONNECT)).bind(account.as_str()).bind(workspace.as_str()).execute(&mut *tx).await?.rows_affected();
            if done == 1 {
                if let Some(lease) = keep {
                    sqlx::query(self.text(&KEEP_ACCOUNT)).bind(account.as_str()).bind(lease.now).bind(lease.owner).bind(lease.until)
                        .execute(&mut *tx).await?;
                }
                for gone in [&DELETE_TOKEN, &DELETE_FIGURES_OF_ACCOUNT, &DELETE_TURN_OF_ACCOUNT, &DELETE_AVATAR_OF] {
                    sqlx::query(self.text(gone)).bind(account.as_str()).execute(&mut *tx).await?;
                }
                let (id, empty): (_, &[u8]) = (format!("%{account}%"), &[]);
                sqlx::query(self.text(&EMPTY_SAID)).bind(id).bind(empty).execute(&mut *tx).await?;
                // What waits for an answer about it can come to nothing any more.
                let why = say!("approval-void-account");
                closed = void_of_account!(self, tx, (account, workspace), &why, now);
                sqlx::query(self.text(&END_EDITS_OF_ACCOUNT)).bind(account.as_str()).bind(super::to_json(&say!("video-edit-gone")))
                    .execute(&mut *tx).await?;
            }
            tx.commit().await?;
        });
        Ok(closed)
    }

    /// An account's sealed tokens.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_tokens(&self, account: &AccountId) -> StoreResult<Option<StoredTokens>> {
        let row: Option<TokenRow> =
            read!(self, p => sqlx::query_as(self.text(&FIND_TOKEN)).bind(account.as_str()).fetch_optional(p).await?);
        row.map(|(user, access, refresh, expires_at, generation, ends_at)| {
            Ok(StoredTokens {
                user: id("account_token", &user)?,
                access: Sealed::from_bytes(access),
                refresh: refresh.map(Sealed::from_bytes),
                expires_at,
                generation,
                ends_at,
            })
        })
        .transpose()
    }

    /// Takes the right to refresh this generation until `until`. One process wins; the lease lapses if it dies.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_refresh(
        &self,
        account: &AccountId,
        owner: &str,
        generation: i64,
        now: i64,
        until: i64,
    ) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&CLAIM_REFRESH)).bind(account.as_str()).bind(owner).bind(until).bind(generation)
            .bind(now).execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// Stores a rotated pair as the next generation, before anybody uses it. False when somebody else rotated first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_tokens(&self, account: &AccountId, tokens: &StoredTokens) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&UPDATE_TOKEN)).bind(account.as_str()).bind(tokens.generation)
            .bind(tokens.access.as_bytes()).bind(tokens.refresh.as_ref().map(Sealed::as_bytes)).bind(tokens.expires_at)
            .bind(tokens.ends_at).execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// Gives the right to refresh back after nothing was sent.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_refresh_released(&self, account: &AccountId, owner: &str) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&RELEASE_REFRESH)).bind(account.as_str()).bind(owner).execute(p).await.map(drop)?);
        Ok(())
    }
}
