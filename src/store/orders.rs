//! What it takes to work on claimed deliveries, read for all of them in one statement. Which of it is missing is not said here.

use std::collections::HashMap;

use super::accounts::{AccountRow, StoredTokens};
use super::{Store, StoreResult, id, json, read, statements};
use crate::domain::account::Account;
use crate::domain::delivery::Delivery;
use crate::domain::ids::DeliveryId;
use crate::domain::post::Variant;
use crate::domain::sealed::Sealed;
use crate::store::Statement;

macro_rules! of {
    ($ids:literal) => {
        concat!(
            "SELECT d.id AS delivery_id, v.id AS variant_id, v.account_id AS variant_account, v.content, \
             t.user_id AS token_user, t.access, t.refresh, t.expires_at, t.generation, t.ends_at, \
             a.id, a.workspace_id, a.user_id, a.network, a.remote_id, a.handle, a.name, a.scopes, a.health, a.paused_at, a.avatar_at \
             FROM delivery d JOIN variant v ON v.id = d.variant_id AND v.workspace_id = d.workspace_id \
             JOIN account a ON a.id = d.account_id AND a.workspace_id = d.workspace_id \
             LEFT JOIN account_token t ON t.account_id = a.id WHERE d.id ",
            $ids
        )
    };
}

statements! {
    FIND_ORDERS = Statement::pair(
        of!("IN (SELECT value FROM json_each($1))"),
        of!("= ANY(ARRAY(SELECT jsonb_array_elements_text(CAST($1 AS JSONB))))"),
    );
}

/// What it takes to work on one delivery.
#[derive(Debug, Clone)]
pub struct Order {
    /// Where it goes.
    pub account: Account,
    /// With what; none where a Google account has them, or there are none any more.
    pub tokens: Option<StoredTokens>,
    /// What it shows.
    pub variant: Variant,
}

#[derive(sqlx::FromRow)]
struct OrderRow {
    delivery_id: String,
    variant_id: String,
    variant_account: String,
    content: String,
    token_user: Option<String>,
    access: Option<Vec<u8>>,
    refresh: Option<Vec<u8>>,
    expires_at: Option<i64>,
    generation: Option<i64>,
    ends_at: Option<i64>,
    #[sqlx(flatten)]
    account: AccountRow,
}

impl OrderRow {
    fn read(self) -> StoreResult<(DeliveryId, Order)> {
        let tokens = match (self.token_user, self.access, self.expires_at, self.generation) {
            (Some(user), Some(access), Some(expires_at), Some(generation)) => Some(StoredTokens {
                user: id("account_token", &user)?,
                access: Sealed::from_bytes(access),
                refresh: self.refresh.map(Sealed::from_bytes),
                expires_at,
                generation,
                ends_at: self.ends_at,
            }),
            _ => None,
        };
        let order = Order {
            account: self.account.read()?.account,
            tokens,
            variant: Variant {
                id: id("variant", &self.variant_id)?,
                account: id("variant", &self.variant_account)?,
                content: json("variant", &self.content)?,
            },
        };
        Ok((id("delivery", &self.delivery_id)?, order))
    }
}

impl Store {
    /// The orders of these deliveries. One of which the account or the content is gone has none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_orders(&self, deliveries: &[Delivery]) -> StoreResult<HashMap<DeliveryId, Order>> {
        let ids: Vec<&str> = deliveries.iter().map(|delivery| delivery.id.as_str()).collect();
        let ids = super::to_json(&ids);
        let rows: Vec<OrderRow> =
            read!(self, p => sqlx::query_as(self.text(&FIND_ORDERS)).bind(ids).fetch_all(p).await?);
        rows.into_iter().map(OrderRow::read).collect()
    }
}
