//! Personal access tokens for MCP, kept by their hash.

use super::{Store, StoreResult, id, read, statements, word, write};
use crate::domain::caller::Grant;
use crate::domain::ids::{AccessTokenId, UserId};
use crate::store::Statement;
use crate::store::users::{User, UserRow};

statements! {
    INSERT_TOKEN = Statement::same("INSERT INTO access_token(id, user_id, name, secret_hash, grant_word, created_at) VALUES($1,$2,$3,$4,$5,$6)");
    // With its person in the same read: this is asked at every call of an MCP client.
    FIND_TOKEN = Statement::same("SELECT t.id AS token_id, t.grant_word, t.last_used_at, u.id, u.lang, u.zone, u.hold_ms, u.stdio_grant, \
        u.chat_grant, m.workspace_id FROM access_token t JOIN users u ON u.id = t.user_id JOIN membership m ON m.user_id = u.id \
        WHERE t.secret_hash=$1 AND t.revoked_at IS NULL");
    LIST_TOKENS = Statement::same("SELECT id, user_id, name, grant_word, created_at, last_used_at FROM access_token \
        WHERE user_id=$1 AND revoked_at IS NULL ORDER BY created_at DESC LIMIT 100");
    TOUCH_TOKEN = Statement::same("UPDATE access_token SET last_used_at=$2 WHERE id=$1");
    REVOKE_TOKEN = Statement::same("UPDATE access_token SET revoked_at=$3 WHERE id=$1 AND user_id=$2 AND revoked_at IS NULL");
}

/// A token as stored; the secret itself is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// Our id.
    pub id: AccessTokenId,
    /// Whose.
    pub user: UserId,
    /// The name its owner gave it.
    pub name: String,
    /// How far it may go on its own.
    pub grant: Grant,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub last_used_at: Option<i64>,
}

/// A token found by its secret, with its person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// Our id.
    pub token: AccessTokenId,
    /// How far it may go on its own.
    pub grant: Grant,
    /// Unix milliseconds.
    pub last_used_at: Option<i64>,
    /// Whose.
    pub user: User,
}

#[derive(sqlx::FromRow)]
struct BearerRow {
    token_id: String,
    grant_word: String,
    last_used_at: Option<i64>,
    #[sqlx(flatten)]
    user: UserRow,
}

#[derive(sqlx::FromRow)]
struct TokenRow {
    id: String,
    user_id: String,
    name: String,
    grant_word: String,
    created_at: i64,
    last_used_at: Option<i64>,
}

impl TokenRow {
    fn read(self) -> StoreResult<AccessToken> {
        Ok(AccessToken {
            id: id("access_token", &self.id)?,
            user: id("access_token", &self.user_id)?,
            name: self.name,
            grant: word("access_token", &self.grant_word, Grant::find)?,
            created_at: self.created_at,
            last_used_at: self.last_used_at,
        })
    }
}

impl Store {
    /// Stores a token by the hash of its secret.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_access_token(&self, token: &AccessToken, secret_hash: &str) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&INSERT_TOKEN)).bind(token.id.as_str()).bind(token.user.as_str()).bind(&token.name)
            .bind(secret_hash).bind(token.grant.word()).bind(token.created_at).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Whose token this is, unless revoked. Asked at every call, so that a revoked token is refused at its next one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_bearer(&self, secret_hash: &str) -> StoreResult<Option<Bearer>> {
        self.bearers.find_or(&self.log_index, secret_hash, self.read_bearer(secret_hash)).await
    }

    async fn read_bearer(&self, secret_hash: &str) -> StoreResult<Option<Bearer>> {
        let row: Option<BearerRow> =
            read!(self, p => sqlx::query_as(self.text(&FIND_TOKEN)).bind(secret_hash).fetch_optional(p).await?);
        row.map(|row| {
            Ok(Bearer {
                token: id("access_token", &row.token_id)?,
                grant: word("access_token", &row.grant_word, Grant::find)?,
                last_used_at: row.last_used_at,
                user: row.user.read()?,
            })
        })
        .transpose()
    }

    /// A person's tokens, newest first, at most 100.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_access_tokens(&self, user: &UserId) -> StoreResult<Vec<AccessToken>> {
        let rows: Vec<TokenRow> =
            read!(self, p => sqlx::query_as(self.text(&LIST_TOKENS)).bind(user.as_str()).fetch_all(p).await?);
        rows.into_iter().map(TokenRow::read).collect()
    }

    /// Notes that a token was used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_access_token_used(&self, token: &AccessTokenId, now: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&TOUCH_TOKEN)).bind(token.as_str()).bind(now).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Revokes one of a person's tokens; false when there is no such token.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_access_token_revoked(
        &self,
        token: &AccessTokenId,
        user: &UserId,
        now: i64,
    ) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&REVOKE_TOKEN)).bind(token.as_str()).bind(user.as_str()).bind(now)
            .execute(p).await?.rows_affected());
        Ok(done == 1)
    }
}
