//! What networks counted of a workspace's own posts, opened: readings that `upkeep` took, and how many follow each account. What a network gives
//! at all is asked of `platforms` by whoever tells it.

use std::collections::BTreeMap;

use secrecy::ExposeSecret;

use super::Analytics;
use crate::domain::account::Account;
use crate::domain::caller::Caller;
use crate::domain::figures::{Figures, Reading, Whose, followers_row};
use crate::domain::google::Feature;
use crate::domain::ids::{AccountId, UserId};
use crate::domain::refusal::Sentence;
use crate::domain::sealed::Sealed;
use crate::domain::tool::ToolError;
use crate::store::figures::row_name;

/// What is known.
#[derive(Debug, Clone, Default)]
pub struct OwnFigures {
    /// The accounts that the caller may see.
    pub accounts: BTreeMap<AccountId, Account>,
    /// Each time that a post was read, newest posts first, the oldest age of each first.
    pub readings: Vec<Reading>,
    /// How many follow each account, and when that was read.
    pub followers: BTreeMap<AccountId, (i64, i64)>,
    /// Why an account cannot be read.
    pub refused: BTreeMap<AccountId, Sentence>,
}

impl Analytics {
    /// For how long answers may be kept, in milliseconds: figures of networks as long as those of Google.
    #[must_use]
    pub fn figures_keep_ms(&self) -> i64 {
        self.keep_ms(Feature::Analytics)
    }

    /// What networks counted of posts that were out since an instant.
    ///
    /// # Errors
    /// When the database fails. What cannot be opened any more is unknown.
    pub async fn own_figures(&self, caller: &Caller, since: i64) -> Result<OwnFigures, ToolError> {
        let accounts = self.store.list_accounts(&caller.workspace).await?.into_iter().map(|stored| stored.account);
        let accounts: BTreeMap<AccountId, Account> = accounts
            .filter(|account| caller.may_use(&account.id))
            .map(|account| (account.id.clone(), account))
            .collect();
        let mut own = OwnFigures { accounts, ..OwnFigures::default() };
        // The setting may have been shortened since.
        let oldest = self.clock.now_ms() - self.figures_keep_ms();
        for row in self.store.list_figures(&caller.workspace, since).await? {
            let Some(account) = own.accounts.get(&row.account).filter(|_| row.read_at > oldest) else { continue };
            let name = row_name(&row.attempt, row.age_h);
            let Some(figures) = self.opened::<Figures>((account, &row.user), &name, &row.body).await else { continue };
            let (post, account) = (row.post, row.account);
            own.readings.push(Reading {
                post,
                account,
                out_at: row.out_at,
                age_h: row.age_h,
                read_at: row.read_at,
                figures,
            });
        }
        for turn in self.store.list_figures_turns(&caller.workspace).await? {
            let Some(account) = own.accounts.get(&turn.account) else { continue };
            if let Some((body, read_at)) = turn.followers.filter(|(_, read_at)| *read_at > oldest) {
                let name = followers_row(&turn.account);
                let count = self.opened::<i64>((account, &turn.user), &name, &body).await;
                own.followers.extend(count.map(|count| (turn.account.clone(), (count, read_at))));
            }
            own.refused.extend(turn.why.map(|why| (turn.account, why)));
        }
        Ok(own)
    }

    async fn opened<T: serde::de::DeserializeOwned>(
        &self,
        (account, user): (&Account, &UserId),
        row: &str,
        body: &Sealed,
    ) -> Option<T> {
        let whose = Whose { user, network: account.network, remote_id: &account.remote_id };
        match self.vault.open(&whose.place(row), body).await {
            Ok(text) => serde_json::from_str(text.expose_secret()).ok(),
            Err(error) => {
                tracing::warn!(account.id = %account.id, error = %error, "figures cannot be opened");
                None
            }
        }
    }
}
