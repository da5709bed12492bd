//! What people let programs do, and the codes and tokens of it, by hash. Each consent is one row and one family of tokens; whatever ends it
//! ends all of them, because every look at a token looks at its consent too. How long anything lives is decided elsewhere.

use std::collections::BTreeSet;

use super::{Store, StoreResult, id, read, statements, write};
use crate::domain::allowed::Allowed;
use crate::domain::ids::{AccountId, OauthGrantId, UserId};
use crate::domain::oauth::Scopes;
use crate::store::Statement;
use crate::store::oauth_clients::OauthClient;
use crate::store::users::{User, UserRow};

statements! {
    INSERT_CODE = Statement::same("INSERT INTO oauth_code(code_hash, user_id, client_id, redirect, challenge, scopes, resource, created_at, expires_at, accounts, areas) \
        VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)");
    SPEND_CODE = Statement::same("UPDATE oauth_code SET used_at=$2 WHERE code_hash=$1 AND used_at IS NULL \
        RETURNING user_id, client_id, redirect, challenge, scopes, resource, expires_at, accounts, areas");
    // Marked before anything is ended: whoever is just about to give something for it sees the mark and does not.
    MARK_REPLAYED = Statement::same("UPDATE oauth_code SET replayed_at=COALESCE(replayed_at, $2) WHERE code_hash=$1 RETURNING grant_id");
    TIE_CODE = Statement::same("UPDATE oauth_code SET grant_id=$2 WHERE code_hash=$1 AND replayed_at IS NULL AND grant_id IS NULL");
    UNTIE_CODES = Statement::same("UPDATE oauth_code SET grant_id=NULL WHERE grant_id=$1");
    FIND_SAME_GRANT = Statement::same("SELECT id FROM oauth_grant WHERE user_id=$1 AND client_id=$2 AND revoked_at IS NULL \
        ORDER BY created_at DESC, id DESC LIMIT 1");
    INSERT_GRANT = Statement::same("INSERT INTO oauth_grant(id, user_id, client_id, scopes, resource, created_at, accounts, areas) VALUES($1,$2,$3,$4,$5,$6,$7,$8)");
    RENEW_GRANT = Statement::same("UPDATE oauth_grant SET scopes=$2, resource=$3, accounts=$4, areas=$5 WHERE id=$1");
    DELETE_TOKENS = Statement::same("DELETE FROM oauth_token WHERE grant_id=$1");
    // Once: whoever asks again with the same refresh token gets the same successor.
    INSERT_TOKEN = Statement::same("INSERT INTO oauth_token(secret_hash, grant_id, kind, scopes, salt, created_at, expires_at) \
        VALUES($1,$2,$3,$4,$5,$6,$7) ON CONFLICT (secret_hash) DO NOTHING");
    MARK_CLIENT_USED = Statement::same("UPDATE oauth_client SET used_at=COALESCE(used_at, $2) WHERE id=$1");
    FIND_REFRESH = Statement::same("SELECT t.secret_hash, t.grant_id, t.salt, t.expires_at, t.spent_at, g.client_id, g.scopes, g.resource, g.revoked_at, \
        g.user_id FROM oauth_token t JOIN oauth_grant g ON g.id = t.grant_id WHERE t.secret_hash=$1 AND t.kind='refresh'");
    SPEND_REFRESH = Statement::same("UPDATE oauth_token SET spent_at=COALESCE(spent_at, $2) WHERE secret_hash=$1 \
        AND EXISTS (SELECT 1 FROM oauth_grant g WHERE g.id = oauth_token.grant_id AND g.revoked_at IS NULL)");
    // With its person in the same read: this is asked at every call of an MCP client.
    FIND_BEARER = Statement::same("SELECT g.id AS grant_id, g.client_id, t.scopes AS token_scopes, g.scopes AS grant_scopes, g.resource, g.last_used_at, g.accounts, g.areas, t.expires_at, u.id, u.lang, u.zone, \
        u.hold_ms, u.stdio_grant, u.chat_grant, m.workspace_id FROM oauth_token t JOIN oauth_grant g ON g.id = t.grant_id \
        JOIN users u ON u.id = g.user_id JOIN membership m ON m.user_id = u.id \
        WHERE t.secret_hash=$1 AND t.kind='access' AND g.revoked_at IS NULL");
    FIND_OUTSIDE = Statement::same("SELECT g.id AS grant_id, g.client_id, g.scopes AS token_scopes, g.scopes AS grant_scopes, g.resource, g.last_used_at, g.accounts, g.areas, u.id, u.lang, \
        u.zone, u.hold_ms, u.stdio_grant, u.chat_grant, m.workspace_id FROM oauth_grant g JOIN users u ON u.id = g.user_id \
        JOIN membership m ON m.user_id = u.id WHERE g.client_id=$1 AND g.subject=$2 AND g.revoked_at IS NULL");
    PUT_OUTSIDE_CLIENT = Statement::same("INSERT INTO oauth_client(id, kind, name, redirects, created_at, checked_at, used_at) VALUES($1,'outside',$2,'[]',$3,$3,$3) \
        ON CONFLICT (id) DO NOTHING");
    PUT_OUTSIDE_GRANT = Statement::same("INSERT INTO oauth_grant(id, user_id, client_id, scopes, resource, created_at, subject) VALUES($1,$2,$3,$4,$5,$6,$7) \
        ON CONFLICT DO NOTHING");
    FIND_TOKEN_CLIENT = Statement::same("SELECT t.grant_id, t.kind, g.client_id, g.user_id FROM oauth_token t JOIN oauth_grant g ON g.id = t.grant_id WHERE t.secret_hash=$1");
    DELETE_ACCESS = Statement::same("DELETE FROM oauth_token WHERE secret_hash=$1 AND kind='access'");
    TOUCH_GRANT = Statement::same("UPDATE oauth_grant SET last_used_at=$2 WHERE id=$1");
    REVOKE_GRANT = Statement::same("UPDATE oauth_grant SET revoked_at=$2 WHERE id=$1 AND revoked_at IS NULL");
    REVOKE_GRANT_OF = Statement::same("UPDATE oauth_grant SET revoked_at=$3 WHERE id=$1 AND user_id=$2 AND revoked_at IS NULL");
    LIST_GRANTS = Statement::same("SELECT g.id, g.client_id, c.name, c.redirects, g.scopes, g.created_at, g.last_used_at, g.accounts, g.areas FROM oauth_grant g \
        JOIN oauth_client c ON c.id = g.client_id WHERE g.user_id=$1 AND g.revoked_at IS NULL \
        AND (g.subject IS NOT NULL OR EXISTS (SELECT 1 FROM oauth_token t WHERE t.grant_id = g.id AND t.expires_at > $2)) ORDER BY g.created_at DESC, g.id LIMIT 200");
    DELETE_OLD_TOKENS = Statement::same("DELETE FROM oauth_token WHERE expires_at <= $1 \
        OR grant_id IN (SELECT id FROM oauth_grant WHERE revoked_at <= $1)");
    DELETE_OLD_CODES = Statement::same("DELETE FROM oauth_code WHERE expires_at <= $1");
    DELETE_OLD_GRANTS = Statement::same("DELETE FROM oauth_grant WHERE created_at <= $1 AND (subject IS NULL OR revoked_at <= $1) AND NOT EXISTS (SELECT 1 FROM oauth_token t WHERE t.grant_id = oauth_grant.id)");
}

/// What a person agreed to, until the program comes for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OauthCode {
    /// Who agreed.
    pub user: UserId,
    /// To which program.
    pub client: String,
    /// Where its answer went.
    pub redirect: String,
    /// The S256 challenge.
    pub challenge: String,
    /// What it may do.
    pub scopes: Scopes,
    /// The server the tokens are for.
    pub resource: String,
    /// The accounts it may see and use; all of them where there is none.
    pub accounts: Option<BTreeSet<AccountId>>,
    /// Which tools it sees at all.
    pub allowed: Allowed,
    /// Unix milliseconds.
    pub expires_at: i64,
}

#[derive(sqlx::FromRow)]
struct CodeRow {
    accounts: Option<String>,
    areas: Option<String>,
    user_id: String,
    client_id: String,
    redirect: String,
    challenge: String,
    scopes: String,
    resource: String,
    expires_at: i64,
}

/// What came of presenting a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpentCode {
    /// For the first time.
    Now(OauthCode),
    /// Once more; what was given for it, if anything.
    Before(Option<OauthGrantId>),
    /// Nobody knows it.
    Unknown,
}

/// A token to be stored, by its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// Hash of the token.
    pub secret_hash: String,
    /// What it may do.
    pub scopes: Scopes,
    /// Of a refresh token: what its successor is made with.
    pub salt: Option<String>,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub expires_at: i64,
}

/// A refresh token as found, with its consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refresh {
    /// The consent.
    pub grant: OauthGrantId,
    /// Whose consent.
    pub user: UserId,
    /// The program it was given to.
    pub client: String,
    /// What the person let it do.
    pub scopes: Scopes,
    /// The server the tokens are for.
    pub resource: String,
    /// What its successor is made with.
    pub salt: String,
    /// Unix milliseconds.
    pub expires_at: i64,
    /// When it was used, Unix milliseconds.
    pub spent_at: Option<i64>,
    /// When the consent ended, Unix milliseconds.
    pub revoked_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct RefreshRow {
    grant_id: String,
    user_id: String,
    client_id: String,
    scopes: String,
    resource: String,
    salt: Option<String>,
    expires_at: i64,
    spent_at: Option<i64>,
    revoked_at: Option<i64>,
}

/// Whose a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenOwner {
    /// The consent.
    pub grant: OauthGrantId,
    /// Whose consent.
    pub user: UserId,
    /// The program it was given to.
    pub client: String,
    /// Whether it is a refresh token.
    pub is_refresh: bool,
}

/// An access token that may be used now, with its person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OauthBearer {
    /// The consent.
    pub grant: OauthGrantId,
    /// The program.
    pub client: String,
    /// What both the token and the consent allow.
    pub scopes: Scopes,
    /// The server it is for.
    pub resource: String,
    /// When the consent was last used, Unix milliseconds.
    pub last_used_at: Option<i64>,
    /// The accounts it may see and use; all of them where there is none.
    pub accounts: Option<BTreeSet<AccountId>>,
    /// Which tools it sees at all.
    pub allowed: Allowed,
    /// When the token ends, Unix milliseconds; the issuer's own business where the token is not ours.
    pub expires_at: Option<i64>,
    /// Whose.
    pub user: User,
}

#[derive(sqlx::FromRow)]
struct BearerRow {
    grant_id: String,
    client_id: String,
    token_scopes: String,
    grant_scopes: String,
    resource: String,
    last_used_at: Option<i64>,
    accounts: Option<String>,
    areas: Option<String>,
    #[sqlx(default)]
    expires_at: Option<i64>,
    #[sqlx(flatten)]
    user: UserRow,
}

impl BearerRow {
    fn read(self) -> StoreResult<OauthBearer> {
        Ok(OauthBearer {
            grant: id("oauth_grant", &self.grant_id)?,
            client: self.client_id,
            scopes: Scopes::read(&self.token_scopes).and(Scopes::read(&self.grant_scopes)),
            resource: self.resource,
            last_used_at: self.last_used_at,
            accounts: accounts(self.accounts.as_deref())?,
            allowed: Allowed::of_text(self.areas.as_deref()),
            expires_at: self.expires_at,
            user: self.user.read()?,
        })
    }
}

/// A program that somebody let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectedApp {
    /// The consent.
    pub grant: OauthGrantId,
    /// What the program calls itself.
    pub name: String,
    /// Its id: of ours, or the address of its document.
    pub client: String,
    /// Where its answers go.
    pub redirects: Vec<String>,
    /// What it may do.
    pub scopes: Scopes,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub last_used_at: Option<i64>,
    /// The accounts it may see and use; all of them where there is none.
    pub accounts: Option<BTreeSet<AccountId>>,
    /// Which tools it sees at all.
    pub allowed: Allowed,
}

#[derive(sqlx::FromRow)]
struct GrantRow {
    accounts: Option<String>,
    areas: Option<String>,
    id: String,
    client_id: String,
    name: String,
    redirects: String,
    scopes: String,
    created_at: i64,
    last_used_at: Option<i64>,
}

/// What is stored when a code is spent well.
#[derive(Debug)]
pub struct NewGrant<'a> {
    /// Its id, unless the program's older consent goes on.
    pub id: OauthGrantId,
    /// What was agreed to.
    pub code: &'a OauthCode,
    /// Hash of the code.
    pub code_hash: &'a str,
    /// Whether the program is one installation, so that its older consent is this one's.
    pub takes_over: bool,
    /// The access token and the refresh token.
    pub tokens: [NewToken; 2],
}

/// As accounts stand in rows.
fn accounts_text(accounts: Option<&BTreeSet<AccountId>>) -> Option<String> {
    accounts.map(|all| all.iter().map(AccountId::as_str).collect::<Vec<_>>().join(" "))
}

pub(in crate::store) fn accounts(text: Option<&str>) -> StoreResult<Option<BTreeSet<AccountId>>> {
    let read =
        |text: &str| text.split_whitespace().map(|one| id("oauth_grant", one)).collect::<StoreResult<BTreeSet<_>>>();
    text.map(read).transpose()
}

/// One token of a consent, inside a transaction.
macro_rules! insert_token {
    ($store:expr, $tx:expr, $grant:expr, $token:expr) => {
        sqlx::query($store.text(&INSERT_TOKEN))
            .bind(&$token.secret_hash)
            .bind($grant)
            .bind(if $token.salt.is_some() { "refresh" } else { "access" })
            .bind($token.scopes.text())
            .bind(&$token.salt)
            .bind($token.created_at)
            .bind($token.expires_at)
            .execute(&mut *$tx)
            .await?
    };
}

impl Store {
    /// Stores what a person agreed to, by the hash of its code.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_oauth_code(&self, code: &OauthCode, code_hash: &str, now: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&INSERT_CODE)).bind(code_hash).bind(code.user.as_str()).bind(&code.client).bind(&code.redirect)
            .bind(&code.challenge).bind(code.scopes.text()).bind(&code.resource).bind(now).bind(code.expires_at).bind(accounts_text(code.accounts.as_ref()))
            .bind(code.allowed.text()).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Spends a code. Of any number of callers at once exactly one is the first; any other marks it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_oauth_code(&self, code_hash: &str, now: i64) -> StoreResult<SpentCode> {
        let row: Option<CodeRow> = write!(self, p => sqlx::query_as(self.text(&SPEND_CODE)).bind(code_hash).bind(now).fetch_optional(p).await?);
        if let Some(row) = row {
            return Ok(SpentCode::Now(OauthCode {
                user: id("oauth_code", &row.user_id)?,
                client: row.client_id,
                redirect: row.redirect,
                challenge: row.challenge,
                scopes: Scopes::read(&row.scopes),
                resource: row.resource,
                expires_at: row.expires_at,
                accounts: accounts(row.accounts.as_deref())?,
                allowed: Allowed::of_text(row.areas.as_deref()),
            }));
        }
        let row: Option<(Option<String>,)> = write!(self, p => sqlx::query_as(self.text(&MARK_REPLAYED)).bind(code_hash).bind(now).fetch_optional(p).await?);
        match row {
            Some((grant,)) => Ok(SpentCode::Before(grant.map(|grant| id("oauth_code", &grant)).transpose()?)),
            None => Ok(SpentCode::Unknown),
        }
    }

    /// Stores a consent with its first tokens. None, without a trace, when the code was used once more meanwhile.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_oauth_grant(&self, new: &NewGrant<'_>) -> StoreResult<Option<OauthGrantId>> {
        let (code, now) = (new.code, new.tokens[0].created_at);
        let kept = write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            let old: Option<String> = sqlx::query_scalar(self.text(&FIND_SAME_GRANT)).bind(code.user.as_str()).bind(&code.client)
                .fetch_optional(&mut *tx).await?;
            let old = old.filter(|_| new.takes_over);
            match &old {
                Some(old) => {
                    sqlx::query(self.text(&DELETE_TOKENS)).bind(old).execute(&mut *tx).await?;
                    sqlx::query(self.text(&UNTIE_CODES)).bind(old).execute(&mut *tx).await?;
                    sqlx::query(self.text(&RENEW_GRANT)).bind(old).bind(code.scopes.text()).bind(&code.resource).bind(accounts_text(code.accounts.as_ref()))
                        .bind(code.allowed.text()).execute(&mut *tx).await?;
                }
                None => {
                    sqlx::query(self.text(&INSERT_GRANT)).bind(new.id.as_str()).bind(code.user.as_str()).bind(&code.client)
                        .bind(code.scopes.text()).bind(&code.resource).bind(now).bind(accounts_text(code.accounts.as_ref()))
                        .bind(code.allowed.text()).execute(&mut *tx).await?;
                }
            }
            let kept = old.unwrap_or_else(|| new.id.as_str().to_owned());
            let tied = sqlx::query(self.text(&TIE_CODE)).bind(new.code_hash).bind(&kept).execute(&mut *tx).await?;
            if tied.rows_affected() != 1 {
                return Ok(None);
            }
            for token in &new.tokens {
                insert_token!(self, tx, &kept, token);
            }
            sqlx::query(self.text(&MARK_CLIENT_USED)).bind(&code.client).bind(now).execute(&mut *tx).await?;
            tx.commit().await?;
            kept
        });
        Ok(Some(id("oauth_grant", &kept)?))
    }

    /// A refresh token, however it stands with it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_oauth_refresh(&self, secret_hash: &str) -> StoreResult<Option<Refresh>> {
        // From the writer's side: on SQLite a reader could still see it unspent.
        let row: Option<RefreshRow> =
            write!(self, p => sqlx::query_as(self.text(&FIND_REFRESH)).bind(secret_hash).fetch_optional(p).await?);
        row.map(|row| {
            Ok(Refresh {
                grant: id("oauth_token", &row.grant_id)?,
                user: id("oauth_grant", &row.user_id)?,
                client: row.client_id,
                scopes: Scopes::read(&row.scopes),
                resource: row.resource,
                salt: row.salt.unwrap_or_default(),
                expires_at: row.expires_at,
                spent_at: row.spent_at,
                revoked_at: row.revoked_at,
            })
        })
        .transpose()
    }

    /// Spends a refresh token and stores what follows it, if that is not there yet. False when its consent ended meanwhile.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_oauth_refreshed(
        &self,
        spent_hash: &str,
        grant: &OauthGrantId,
        tokens: &[NewToken; 2],
    ) -> StoreResult<bool> {
        let now = tokens[0].created_at;
        write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            let spent = sqlx::query(self.text(&SPEND_REFRESH)).bind(spent_hash).bind(now).execute(&mut *tx).await?;
            if spent.rows_affected() != 1 {
                return Ok(false);
            }
            for token in tokens {
                insert_token!(self, tx, grant.as_str(), token);
            }
            tx.commit().await?;
        });
        Ok(true)
    }

    /// Whose access token this is, if it may be used now. Asked at every call, so that what was taken back is refused at the next one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_oauth_bearer(&self, secret_hash: &str, now: i64) -> StoreResult<Option<OauthBearer>> {
        let lives = |found: &OauthBearer| found.expires_at.is_none_or(|ends| ends > now);
        // What has ended is not kept: a wrong token takes as long whatever is wrong with it.
        let ask = async { StoreResult::Ok(self.read_oauth_bearer(secret_hash).await?.filter(lives)) };
        let found = self.oauth_bearers.find_or(&self.log_index, secret_hash, ask).await?;
        Ok(found.filter(lives))
    }

    async fn read_oauth_bearer(&self, secret_hash: &str) -> StoreResult<Option<OauthBearer>> {
        let row: Option<BearerRow> =
            read!(self, p => sqlx::query_as(self.text(&FIND_BEARER)).bind(secret_hash).fetch_optional(p).await?);
        row.map(BearerRow::read).transpose()
    }

    /// Whom a subject of the trusted issuer stands for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_outside_grant(&self, issuer: &str, subject: &str) -> StoreResult<Option<OauthBearer>> {
        let row: Option<BearerRow> = read!(self, p => sqlx::query_as(self.text(&FIND_OUTSIDE)).bind(issuer).bind(subject).fetch_optional(p).await?);
        row.map(BearerRow::read).transpose()
    }

    /// Notes whom a subject of the trusted issuer stands for; false when it stands for somebody already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_outside_grant(
        &self,
        issuer: &OauthClient,
        (grant, user, subject): (&OauthGrantId, &UserId, &str),
        (scopes, resource): (Scopes, &str),
        now: i64,
    ) -> StoreResult<bool> {
        let made = write!(self, p => {
            let mut tx = p.begin_with(self.begin()).await?;
            sqlx::query(self.text(&PUT_OUTSIDE_CLIENT)).bind(&issuer.id).bind(&issuer.name).bind(now).execute(&mut *tx).await?;
            let made = sqlx::query(self.text(&PUT_OUTSIDE_GRANT)).bind(grant.as_str()).bind(user.as_str()).bind(&issuer.id).bind(scopes.text())
                .bind(resource).bind(now).bind(subject).execute(&mut *tx).await?.rows_affected();
            tx.commit().await?;
            made
        });
        Ok(made == 1)
    }

    /// Whose a token of either kind is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_oauth_token(&self, secret_hash: &str) -> StoreResult<Option<TokenOwner>> {
        let row: Option<(String, String, String, String)> =
            read!(self, p => sqlx::query_as(self.text(&FIND_TOKEN_CLIENT)).bind(secret_hash).fetch_optional(p).await?);
        row.map(|(grant, kind, client, user)| {
            let (grant, user) = (id("oauth_grant", &grant)?, id("oauth_grant", &user)?);
            Ok(TokenOwner { grant, user, client, is_refresh: kind == "refresh" })
        })
        .transpose()
    }

    /// Ends one access token.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_oauth_access(&self, secret_hash: &str) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_ACCESS)).bind(secret_hash).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Notes that a consent was used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_oauth_grant_used(&self, grant: &OauthGrantId, now: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&TOUCH_GRANT)).bind(grant.as_str()).bind(now).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Ends a consent, and with it every token of it; false when there was none to end.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_oauth_grant_revoked(&self, grant: &OauthGrantId, now: i64) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&REVOKE_GRANT)).bind(grant.as_str()).bind(now).execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// The same, if it is this person's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_oauth_grant_revoked_by(
        &self,
        grant: &OauthGrantId,
        user: &UserId,
        now: i64,
    ) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&REVOKE_GRANT_OF)).bind(grant.as_str()).bind(user.as_str()).bind(now)
            .execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// The programs that a person let in and that can still do something, newest first, at most 200.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_connected_apps(&self, user: &UserId, now: i64) -> StoreResult<Vec<ConnectedApp>> {
        let rows: Vec<GrantRow> =
            read!(self, p => sqlx::query_as(self.text(&LIST_GRANTS)).bind(user.as_str()).bind(now).fetch_all(p).await?);
        let app = |row: GrantRow| {
            Ok(ConnectedApp {
                grant: id("oauth_grant", &row.id)?,
                name: row.name,
                client: row.client_id,
                redirects: super::json("oauth_client", &row.redirects)?,
                scopes: Scopes::read(&row.scopes),
                created_at: row.created_at,
                last_used_at: row.last_used_at,
                accounts: accounts(row.accounts.as_deref())?,
                allowed: Allowed::of_text(row.areas.as_deref()),
            })
        };
        rows.into_iter().map(app).collect()
    }

    /// Removes codes, tokens and consents that could not be used since then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_old_oauth(&self, before: i64) -> StoreResult<()> {
        write!(self, p => {
            sqlx::query(self.text(&DELETE_OLD_TOKENS)).bind(before).execute(p).await?;
            sqlx::query(self.text(&DELETE_OLD_CODES)).bind(before).execute(p).await?;
            sqlx::query(self.text(&DELETE_OLD_GRANTS)).bind(before).execute(p).await?;
        });
        Ok(())
    }
}
