//! What an upload leaves behind so that it can go on, sealed for its delivery: whoever has it may upload in the person's name.

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;

use super::tokens::TokenKeeper;
use crate::domain::account::Account;
use crate::domain::commit::CallFault;
use crate::domain::delivery::Delivery;
use crate::domain::sealed::Place;
use crate::platforms::Notes;
use crate::store::Store;
use crate::vault::Vault;

/// The notes of one delivery.
struct UploadNotes {
    store: Arc<Store>,
    vault: Arc<Vault>,
    delivery: Delivery,
    account: Account,
}

impl TokenKeeper {
    /// Where an upload of this delivery keeps what it needs to go on.
    #[must_use]
    pub fn notes(&self, delivery: &Delivery, account: &Account) -> Arc<dyn Notes> {
        Arc::new(UploadNotes {
            store: self.store.clone(),
            vault: self.vault.clone(),
            delivery: delivery.clone(),
            account: account.clone(),
        })
    }
}

impl UploadNotes {
    fn place(&self) -> Place<'_> {
        Place {
            user: &self.account.user,
            provider: self.account.network.slug(),
            provider_account: &self.account.remote_id,
            table: "delivery",
            column: "upload",
            row: self.delivery.id.as_str(),
        }
    }
}

#[async_trait]
impl Notes for UploadNotes {
    async fn find(&self) -> Result<Option<SecretString>, CallFault> {
        let Some(sealed) = self.store.find_upload(&self.delivery).await.map_err(later)? else { return Ok(None) };
        match self.vault.open(&self.place(), &sealed).await {
            Ok(note) => Ok(Some(note)),
            // Kept by somebody who connected the account before: the upload begins anew.
            Err(error) => {
                tracing::info!(delivery.id = %self.delivery.id, error = %error, "what an upload left cannot be opened");
                Ok(None)
            }
        }
    }

    async fn keep(&self, note: &SecretString) -> Result<(), CallFault> {
        let sealed = self.vault.seal(&self.place(), note).await.map_err(later)?;
        match self.store.update_upload(&self.delivery, &sealed).await.map_err(later)? {
            true => Ok(()),
            false => Err(later("the delivery is somebody else's by now")),
        }
    }
}

fn later(error: impl std::fmt::Display) -> CallFault {
    CallFault::Later { after_ms: None, why: error.to_string() }
}
