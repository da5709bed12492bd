//! Programs that may ask to be let in: registered by themselves, by the operator, or known by the document at their address. Secrets are
//! kept as hashes; what a program may call itself is not decided here.

use super::{Store, StoreResult, json, read, statements, to_json, word, write};
use crate::domain::ids::OauthGrantId;
use crate::store::Statement;

statements! {
    // Counted in the same statement, so that the limit holds however many ask at once.
    INSERT_CLIENT = Statement::same("INSERT INTO oauth_client(id, kind, name, redirects, secret_hash, created_at, checked_at) \
        SELECT CAST($1 AS TEXT),CAST($2 AS TEXT),CAST($3 AS TEXT),CAST($4 AS TEXT),CAST($5 AS TEXT),CAST($6 AS BIGINT),CAST($6 AS BIGINT) \
        WHERE (SELECT COUNT(*) FROM oauth_client WHERE kind=CAST($2 AS TEXT) AND created_at > $7) < $8");
    SAVE_DOCUMENT = Statement::same("INSERT INTO oauth_client(id, kind, name, redirects, created_at, checked_at) VALUES($1,'document',$2,$3,$4,$4) \
        ON CONFLICT (id) DO UPDATE SET name=excluded.name, redirects=excluded.redirects, checked_at=excluded.checked_at");
    FIND_CLIENT = Statement::same("SELECT id, kind, name, redirects, secret_hash, created_at, checked_at FROM oauth_client \
        WHERE id=$1 AND (used_at IS NOT NULL OR kind='preset' OR checked_at > $2)");
    FIND_CLIENT_OF = Statement::same("SELECT c.id, c.kind, c.name, c.redirects, c.secret_hash, c.created_at, c.checked_at FROM oauth_client c \
        JOIN oauth_grant g ON g.client_id = c.id WHERE g.id=$1");
    LIST_PRESET = Statement::same("SELECT id, kind, name, redirects, secret_hash, created_at, checked_at FROM oauth_client \
        WHERE kind='preset' ORDER BY created_at LIMIT 1000");
    DELETE_UNUSED = Statement::same("DELETE FROM oauth_client WHERE used_at IS NULL AND kind <> 'preset' AND checked_at <= $1 \
        AND NOT EXISTS (SELECT 1 FROM oauth_code c WHERE c.client_id = oauth_client.id)");
}

/// How a program came to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientKind {
    /// It registered itself (RFC 7591): one installation.
    Dynamic,
    /// The operator made it known.
    Preset,
    /// By the document at the address that is its id: every installation of it.
    Document,
    /// The trusted outside issuer, which knows its programs itself.
    Outside,
}

impl ClientKind {
    const ALL: [Self; 4] = [Self::Dynamic, Self::Preset, Self::Document, Self::Outside];

    /// The word in rows.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Dynamic => "dynamic",
            Self::Preset => "preset",
            Self::Document => "document",
            Self::Outside => "outside",
        }
    }

    fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A program as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OauthClient {
    /// An id of ours, or the address of its document.
    pub id: String,
    /// How it came to be known.
    pub kind: ClientKind,
    /// What it calls itself: one plain line, believed by nobody.
    pub name: String,
    /// Where a browser may be sent back to.
    pub redirects: Vec<String>,
    /// Of a program that can keep a secret.
    pub secret_hash: Option<String>,
    /// Unix milliseconds.
    pub created_at: i64,
    /// When it registered, or its document was read last; Unix milliseconds.
    pub checked_at: i64,
}

#[derive(sqlx::FromRow)]
struct ClientRow {
    id: String,
    kind: String,
    name: String,
    redirects: String,
    secret_hash: Option<String>,
    created_at: i64,
    checked_at: i64,
}

impl ClientRow {
    fn read(self) -> StoreResult<OauthClient> {
        Ok(OauthClient {
            id: self.id,
            kind: word("oauth_client", &self.kind, ClientKind::find)?,
            name: self.name,
            redirects: json("oauth_client", &self.redirects)?,
            secret_hash: self.secret_hash,
            created_at: self.created_at,
            checked_at: self.checked_at,
        })
    }
}

impl Store {
    /// Stores a program; false when `max` of its kind were stored after `since` already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_oauth_client(&self, client: &OauthClient, since: i64, max: i64) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&INSERT_CLIENT)).bind(&client.id).bind(client.kind.word()).bind(&client.name)
            .bind(to_json(&client.redirects)).bind(&client.secret_hash).bind(client.created_at).bind(since).bind(max)
            .execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// Stores what a program's document says now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save_oauth_document(&self, client: &OauthClient) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&SAVE_DOCUMENT)).bind(&client.id).bind(&client.name).bind(to_json(&client.redirects))
            .bind(client.checked_at).execute(p).await.map(drop)?);
        Ok(())
    }

    /// A program, unless nobody ever let it in and it was last heard of before `unused_since`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_oauth_client(&self, id: &str, unused_since: i64) -> StoreResult<Option<OauthClient>> {
        let row: Option<ClientRow> = read!(self, p => sqlx::query_as(self.text(&FIND_CLIENT)).bind(id).bind(unused_since).fetch_optional(p).await?);
        row.map(ClientRow::read).transpose()
    }

    /// The program that holds a consent.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_oauth_client_of(&self, grant: &OauthGrantId) -> StoreResult<Option<OauthClient>> {
        let row: Option<ClientRow> =
            read!(self, p => sqlx::query_as(self.text(&FIND_CLIENT_OF)).bind(grant.as_str()).fetch_optional(p).await?);
        row.map(ClientRow::read).transpose()
    }

    /// What the operator made known.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_oauth_presets(&self) -> StoreResult<Vec<OauthClient>> {
        let rows: Vec<ClientRow> = read!(self, p => sqlx::query_as(self.text(&LIST_PRESET)).fetch_all(p).await?);
        rows.into_iter().map(ClientRow::read).collect()
    }

    /// Forgets programs that nobody ever let in and that were last heard of before then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_unused_oauth_clients(&self, before: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_UNUSED)).bind(before).execute(p).await.map(drop)?);
        Ok(())
    }
}
