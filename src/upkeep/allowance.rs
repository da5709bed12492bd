//! Asking networks how much of an account's day is used, for whoever is about to agree to a post. Judging by it is `desk`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::tokens::{Freshness, TokenKeeper};
use crate::clock::Clock;
use crate::domain::account::Account;
use crate::domain::allowance::{Allowance, Allowances};
use crate::domain::ids::AccountId;
use crate::platforms::Networks;

/// A person waits for the page: what is not said by then is not shown.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long an answer counts: a page is drawn again after each press.
const KNOWN_MS: i64 = 60_000;
/// Answers that are kept at all.
const KNOWN_MAX: usize = 1_000;

/// Asks, and remembers for a minute.
pub struct AllowanceKeeper {
    /// The configured networks.
    pub networks: Networks,
    /// Opens tokens.
    pub tokens: Arc<TokenKeeper>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// What was said of whom, and when.
    pub known: Mutex<BTreeMap<AccountId, (i64, Option<Allowance>)>>,
}

impl AllowanceKeeper {
    fn known(&self) -> std::sync::MutexGuard<'_, BTreeMap<AccountId, (i64, Option<Allowance>)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, account: &Account) -> Option<Allowance> {
        let platform = self.networks.get(&account.network)?;
        if !platform.tells_allowance() {
            return None;
        }
        let wanted = Freshness::until(self.clock.now_ms() + KNOWN_MS);
        let access = self.tokens.access(platform.as_ref(), account, wanted).await.ok()?;
        let said = platform.allowance(&access.token, account).await;
        said.inspect_err(|fault| {
            tracing::info!(account.id = %account.id, error = %fault, "what is left of the day was not told");
        })
        .ok()?
    }
}

#[async_trait]
impl Allowances for AllowanceKeeper {
    async fn allowance(&self, account: &Account) -> Option<Allowance> {
        let now = self.clock.now_ms();
        if let Some((at, said)) = self.known().get(&account.id)
            && (0..KNOWN_MS).contains(&(now - at))
        {
            return *said;
        }
        let said = tokio::time::timeout(PATIENCE, self.ask(account)).await.ok().flatten();
        let mut known = self.known();
        if known.len() >= KNOWN_MAX {
            known.retain(|_, (at, _)| (0..KNOWN_MS).contains(&(now - *at)));
        }
        if known.len() < KNOWN_MAX {
            known.insert(account.id.clone(), (now, said));
        }
        said
    }
}
