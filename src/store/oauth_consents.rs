//! What a person agreed to before, and what they change of it on the settings page. Codes, tokens and the consents themselves are in
//! `oauth_grants.rs`.

use std::collections::BTreeSet;

use super::oauth_grants::accounts;
use super::{Store, StoreResult, read, statements, write};
use crate::domain::allowed::Allowed;
use crate::domain::ids::{AccountId, OauthGrantId, UserId};
use crate::domain::oauth::Scopes;
use crate::store::Statement;

statements! {
    // The newest that its program can still use.
    FIND_BEFORE = Statement::same("SELECT g.scopes, g.accounts, g.areas, g.created_at FROM oauth_grant g WHERE g.user_id=$1 AND g.client_id=$2 \
        AND g.revoked_at IS NULL AND EXISTS (SELECT 1 FROM oauth_token t WHERE t.grant_id = g.id AND t.expires_at > $3) \
        ORDER BY g.created_at DESC, g.id DESC LIMIT 1");
    SET_AREAS = Statement::same("UPDATE oauth_grant SET areas=$3 WHERE id=$1 AND user_id=$2 AND revoked_at IS NULL");
}

/// What a person let a program do before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetInBefore {
    /// What it may do.
    pub scopes: Scopes,
    /// The accounts it may see and use; all of them where there is none.
    pub accounts: Option<BTreeSet<AccountId>>,
    /// Which tools it sees at all.
    pub allowed: Allowed,
    /// Unix milliseconds.
    pub created_at: i64,
}

impl Store {
    /// How often this process looked a bearer token up in the database.
    #[must_use]
    pub fn bearer_looks(&self) -> u64 {
        self.bearers.asked() + self.oauth_bearers.asked()
    }

    /// What a person let this program do before, if it can still use it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_let_in_before(&self, user: &UserId, client: &str, now: i64) -> StoreResult<Option<LetInBefore>> {
        type Row = (String, Option<String>, Option<String>, i64);
        let row: Option<Row> = read!(self, p => sqlx::query_as(self.text(&FIND_BEFORE)).bind(user.as_str()).bind(client).bind(now)
            .fetch_optional(p).await?);
        let before = |(scopes, of, areas, created_at): Row| {
            Ok(LetInBefore {
                scopes: Scopes::read(&scopes),
                accounts: accounts(of.as_deref())?,
                allowed: Allowed::of_text(areas.as_deref()),
                created_at,
            })
        };
        row.map(before).transpose()
    }

    /// Changes which tools a program of this person's sees at all; false when there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_oauth_areas(&self, grant: &OauthGrantId, user: &UserId, allowed: Allowed) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&SET_AREAS)).bind(grant.as_str()).bind(user.as_str()).bind(allowed.text())
            .execute(p).await?.rows_affected());
        Ok(done == 1)
    }
}
