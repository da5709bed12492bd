//! Google accounts that reports are read through, and those that act as a channel, with their sealed tokens. A lease keeps
//! refreshes single between processes, and the generation keeps an older pair from replacing a newer one.

use super::approvals::void_of_account;
use super::disconnections::{END_OF_SUBJECT, KEEP_LOGIN, Lease};
use super::late_calls::LOSE_LATE_OF_LOGIN;
use super::{Store, StoreResult, id, read, statements, word, write};
use crate::domain::account::{Ended, Health};
use crate::domain::google::{Feature, Login};
use crate::domain::ids::{AccountId, UserId, WorkspaceId};
use crate::domain::sealed::Sealed;
use crate::say;
use crate::store::Statement;

macro_rules! columns {
    () => {
        "id, workspace_id, user_id, subject, acts_as, email, wanted, scopes, health, ends_at, ended_by"
    };
}

statements! {
    UPSERT_LOGIN = Statement::same("INSERT INTO google_login(id, workspace_id, user_id, subject, email, wanted, scopes, health, access, refresh, expires_at, ends_at, \
        generation, connected_at, acts_as) VALUES($1,$2,$3,$4,$5,$6,$7,'fine',$8,$9,$10,$11,1,$12,$13) ON CONFLICT(workspace_id, subject, acts_as) DO UPDATE SET \
        user_id=excluded.user_id, email=excluded.email, wanted=excluded.wanted, scopes=excluded.scopes, health='fine', ended_by=NULL, refresh_owner=NULL, \
        refresh_until=NULL, access=excluded.access, \
        refresh=excluded.refresh, expires_at=excluded.expires_at, ends_at=excluded.ends_at, generation=google_login.generation+1, \
        connected_at=excluded.connected_at RETURNING id");
    FIND_LOGIN_BY_SUBJECT = Statement::same(concat!("SELECT ", columns!(), " FROM google_login WHERE workspace_id=$1 AND subject=$2 AND acts_as=$3"));
    FIND_LOGIN_ID = Statement::same(concat!("SELECT ", columns!(), " FROM google_login WHERE id=$1"));
    LIST_LOGINS = Statement::same(concat!("SELECT ", columns!(), " FROM google_login WHERE workspace_id=$1 AND acts_as='' ORDER BY id LIMIT 50"));
    LIST_CHANNEL_LOGINS = Statement::same(concat!("SELECT ", columns!(), " FROM google_login WHERE workspace_id=$1 AND acts_as<>'' ORDER BY id LIMIT 200"));
    // Several people may manage a channel: whoever connected it last.
    FIND_CHANNEL_LOGIN = Statement::same(concat!("SELECT ", columns!(), " FROM google_login WHERE workspace_id=$1 AND acts_as=$2 \
        ORDER BY connected_at DESC, id DESC LIMIT 1"));
    COUNT_LOGINS_OF = Statement::same("SELECT COUNT(*) FROM google_login WHERE subject=$1");
    FIND_LOGIN_TOKENS = Statement::same("SELECT user_id, access, refresh, expires_at, generation FROM google_login WHERE id=$1");
    UPDATE_LOGIN_TOKENS = Statement::same("UPDATE google_login SET access=$3, refresh=$4, expires_at=$5, scopes=$6, generation=generation+1, \
        refresh_owner=NULL, refresh_until=NULL \
        WHERE id=$1 AND generation=$2");
    UPDATE_LOGIN_ENDED = Statement::same("UPDATE google_login SET health='needs_reconnecting', ended_by=$2 WHERE id=$1 AND generation=$3 \
        AND health<>'needs_reconnecting'");
    CLAIM_LOGIN_REFRESH = Statement::same("UPDATE google_login SET refresh_owner=$2, refresh_until=$3 WHERE id=$1 AND generation=$4 \
        AND (refresh_until IS NULL OR refresh_until <= $5)");
    RELEASE_LOGIN_REFRESH = Statement::same("UPDATE google_login SET refresh_owner=NULL, refresh_until=NULL WHERE id=$1 AND refresh_owner=$2");
    // Of channels their own account tells.
    LIST_LOGINS_ENDING = Statement::same(concat!("SELECT ", columns!(), " FROM google_login WHERE acts_as='' AND health='fine' AND ends_at <= $1 \
        ORDER BY ends_at LIMIT 500"));
    DELETE_LOGIN_CACHE = Statement::same("DELETE FROM report_cache WHERE login_id=$1");
    DELETE_LOGIN_INSPECTIONS = Statement::same("DELETE FROM inspection_list WHERE login_id=$1");
    DELETE_LOGIN_SOURCES = Statement::same("DELETE FROM report_source WHERE login_id=$1");
    DELETE_LOGIN = Statement::same("DELETE FROM google_login WHERE id=$1 AND workspace_id=$2");
    // What conversations hold of its data goes with it (emptied, so that the call it answered keeps an answer).
    EMPTY_SAID_OF_LOGIN = Statement::same("UPDATE message SET body=$2, tokens=0, expires_at=0 WHERE account_ids LIKE $1 AND LENGTH(body) > 0");
}

#[derive(sqlx::FromRow)]
struct LoginRow {
    id: String,
    workspace_id: String,
    user_id: String,
    subject: String,
    acts_as: String,
    email: String,
    wanted: String,
    scopes: String,
    health: String,
    ends_at: Option<i64>,
    ended_by: Option<String>,
}

impl LoginRow {
    fn read(self) -> StoreResult<Login> {
        Ok(Login {
            id: id("google_login", &self.id)?,
            workspace: id("google_login", &self.workspace_id)?,
            user: id("google_login", &self.user_id)?,
            subject: self.subject,
            acts_as: self.acts_as,
            email: self.email,
            wanted: Feature::read_all(&self.wanted),
            scopes: self.scopes,
            health: word("google_login", &self.health, Health::find)?,
            ends_at: self.ends_at,
            // A reason of a newer version is none that could be told.
            ended_by: self.ended_by.as_deref().and_then(Ended::find),
        })
    }
}

/// Sealed tokens of a Google account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginTokens {
    /// Whose key seals them.
    pub user: UserId,
    /// Sealed access token.
    pub access: Sealed,
    /// Sealed refresh token.
    pub refresh: Sealed,
    /// When the access token ends, Unix milliseconds.
    pub expires_at: i64,
    /// Goes up with each new pair.
    pub generation: i64,
}

type TokenRow = (String, Vec<u8>, Vec<u8>, i64, i64);

impl Store {
    /// Stores a Google account with its tokens, or connects it again. False when another row took its place meanwhile (the tokens were sealed for
    /// this id, so they are not stored).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_login(&self, login: &Login, tokens: &LoginTokens, now: i64) -> StoreResult<bool> {
        write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            let stored: String = sqlx::query_scalar(self.text(&UPSERT_LOGIN)).bind(login.id.as_str()).bind(login.workspace.as_str())
                .bind(login.user.as_str()).bind(&login.subject).bind(&login.email).bind(Feature::write_all(&login.wanted)).bind(&login.scopes)
                .bind(tokens.access.as_bytes()).bind(tokens.refresh.as_bytes()).bind(tokens.expires_at).bind(login.ends_at).bind(now).bind(&login.acts_as)
                .fetch_one(&mut *tx).await?;
            if stored != login.id.as_str() {
                return Ok(false);
            }
            // Whoever connects again wants it to last: revoking what was let go would end it, too (§1.7).
            sqlx::query(self.text(&END_OF_SUBJECT)).bind(&login.subject).execute(&mut *tx).await?;
            tx.commit().await?;
        });
        Ok(true)
    }

    /// The Google account of this person at Google that acts as this channel, or as none, if the workspace has it already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_login_of(
        &self,
        workspace: &WorkspaceId,
        (subject, acts_as): (&str, &str),
    ) -> StoreResult<Option<Login>> {
        let row: Option<LoginRow> = read!(self, p => sqlx::query_as(self.text(&FIND_LOGIN_BY_SUBJECT)).bind(workspace.as_str()).bind(subject)
            .bind(acts_as).fetch_optional(p).await?);
        row.map(LoginRow::read).transpose()
    }

    /// The one that acts as this channel.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_channel_login(&self, workspace: &WorkspaceId, channel: &str) -> StoreResult<Option<Login>> {
        let row: Option<LoginRow> = read!(self, p => sqlx::query_as(self.text(&FIND_CHANNEL_LOGIN)).bind(workspace.as_str()).bind(channel)
            .fetch_optional(p).await?);
        row.map(LoginRow::read).transpose()
    }

    /// All of a workspace that act as a channel, at most 200.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_channel_logins(&self, workspace: &WorkspaceId) -> StoreResult<Vec<Login>> {
        let rows: Vec<LoginRow> = read!(self, p => sqlx::query_as(self.text(&LIST_CHANNEL_LOGINS)).bind(workspace.as_str()).fetch_all(p).await?);
        rows.into_iter().map(LoginRow::read).collect()
    }

    /// How many connections of this person at Google there are, in all workspaces: ending one at Google ends them all (§1.7).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_logins_of(&self, subject: &str) -> StoreResult<i64> {
        Ok(read!(self, p => sqlx::query_scalar(self.text(&COUNT_LOGINS_OF)).bind(subject).fetch_one(p).await?))
    }

    /// One account, whosever it is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_login(&self, login: &AccountId) -> StoreResult<Option<Login>> {
        let row: Option<LoginRow> =
            read!(self, p => sqlx::query_as(self.text(&FIND_LOGIN_ID)).bind(login.as_str()).fetch_optional(p).await?);
        row.map(LoginRow::read).transpose()
    }

    /// The Google accounts through which a workspace reads reports, at most 50.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_logins(&self, workspace: &WorkspaceId) -> StoreResult<Vec<Login>> {
        let rows: Vec<LoginRow> =
            read!(self, p => sqlx::query_as(self.text(&LIST_LOGINS)).bind(workspace.as_str()).fetch_all(p).await?);
        rows.into_iter().map(LoginRow::read).collect()
    }

    /// A Google account's sealed tokens.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_login_tokens(&self, login: &AccountId) -> StoreResult<Option<LoginTokens>> {
        let row: Option<TokenRow> = read!(self, p => sqlx::query_as(self.text(&FIND_LOGIN_TOKENS)).bind(login.as_str()).fetch_optional(p).await?);
        row.map(|(user, access, refresh, expires_at, generation)| {
            Ok(LoginTokens {
                user: id("google_login", &user)?,
                access: Sealed::from_bytes(access),
                refresh: Sealed::from_bytes(refresh),
                expires_at,
                generation,
            })
        })
        .transpose()
    }

    /// Stores a new access token as the next generation, with the scopes that it has. False when somebody else was faster.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_login_tokens(
        &self,
        login: &AccountId,
        tokens: &LoginTokens,
        scopes: &str,
    ) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&UPDATE_LOGIN_TOKENS)).bind(login.as_str()).bind(tokens.generation)
            .bind(tokens.access.as_bytes()).bind(tokens.refresh.as_bytes()).bind(tokens.expires_at).bind(scopes).execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// Marks a Google account to be connected again, and why, unless it has newer tokens by now. Whether it was written.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_login_ended(&self, login: &AccountId, ended: Ended, generation: i64) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&UPDATE_LOGIN_ENDED)).bind(login.as_str()).bind(ended.word()).bind(generation)
            .execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// Takes the right to refresh this generation, for an owner from now until an instant. One process wins; the lease lapses if it dies.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_login_refresh(
        &self,
        login: &AccountId,
        generation: i64,
        (owner, now, until): (&str, i64, i64),
    ) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&CLAIM_LOGIN_REFRESH)).bind(login.as_str()).bind(owner).bind(until).bind(generation)
            .bind(now).execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// Gives the right to refresh back after nothing came of it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_login_refresh_released(&self, login: &AccountId, owner: &str) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&RELEASE_LOGIN_REFRESH)).bind(login.as_str()).bind(owner).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Google accounts for reports that can be used and whose grant ends by an instant, at most 500, the first to end first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_logins_ending(&self, by: i64) -> StoreResult<Vec<Login>> {
        let rows: Vec<LoginRow> =
            read!(self, p => sqlx::query_as(self.text(&LIST_LOGINS_ENDING)).bind(by).fetch_all(p).await?);
        rows.into_iter().map(LoginRow::read).collect()
    }

    /// Destroys a Google account's tokens with everything that was read through it, in one transaction; where somebody goes on with it, what revoking
    /// takes is kept for them in the same.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_login(
        &self,
        login: &AccountId,
        workspace: &WorkspaceId,
        keep: Option<Lease<'_>>,
    ) -> StoreResult<()> {
        let now = self.now_ms().await?;
        write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            if let Some(lease) = keep {
                sqlx::query(self.text(&KEEP_LOGIN)).bind(login.as_str()).bind(lease.now).bind(lease.owner).bind(lease.until)
                    .execute(&mut *tx).await?;
            }
            sqlx::query(self.text(&LOSE_LATE_OF_LOGIN)).bind(login.as_str()).execute(&mut *tx).await?;
            sqlx::query(self.text(&DELETE_LOGIN_CACHE)).bind(login.as_str()).execute(&mut *tx).await?;
            sqlx::query(self.text(&DELETE_LOGIN_INSPECTIONS)).bind(login.as_str()).execute(&mut *tx).await?;
            sqlx::query(self.text(&DELETE_LOGIN_SOURCES)).bind(login.as_str()).execute(&mut *tx).await?;
            let gone = sqlx::query(self.text(&DELETE_LOGIN)).bind(login.as_str()).bind(workspace.as_str()).execute(&mut *tx).await?.rows_affected();
            if gone == 1 {
                let (id, empty): (_, &[u8]) = (format!("%{login}%"), &[]);
                sqlx::query(self.text(&EMPTY_SAID_OF_LOGIN)).bind(id).bind(empty).execute(&mut *tx).await?;
                let _closed = void_of_account!(self, tx, (login, workspace), &say!("approval-void-account"), now);
                tx.commit().await?;
            }
        });
        Ok(())
    }
}
