//! The door `inbox`: what a chat service delivers is stored before it is acknowledged, and worked on once (DECISIONS 11).

use secrecy::{ExposeSecret, SecretString};

use super::App;
use crate::domain::ids::UserId;
use crate::domain::place::ChatPlace;
use crate::domain::sealed::Place;
use crate::domain::tool::ToolError;

/// How long work may go on without a sign of life; what another process left is taken up that much later where several share a database.
const LEASE_MS: i64 = 15_000;
/// How often work that goes on says so.
pub const RENEW: std::time::Duration = std::time::Duration::from_secs(5);

/// Something delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// What makes it the same thing however often and under whatever id it comes.
    pub key: String,
    /// The service's own id of the delivery, when it has one.
    pub event_id: Option<String>,
    /// What was delivered.
    pub body: String,
    /// How often work on it was begun; more than once when a process ended before it was done.
    pub tries: i64,
}

impl App {
    /// Stores something delivered; durable when this returns. True when it is new: then the caller works on it and calls
    /// [`App::finish_received`].
    ///
    /// # Errors
    /// When the database or the vault fails: it must not be acknowledged then.
    pub async fn receive(&self, place: ChatPlace, received: &Received) -> Result<bool, ToolError> {
        self.rush.note();
        if self.recent.has(&received.key) {
            return Ok(false);
        }
        let house = self.house().await?;
        let body = SecretString::from(received.body.as_str());
        let sealed = self.vault.seal(&at(&house, place.word(), &received.key), &body).await.map_err(failed)?;
        let now = self.clock.now_ms();
        let ids = (received.key.as_str(), received.event_id.as_deref(), place.word());
        let is_new = self.store.insert_received(ids, &sealed, (&self.owner, LEASE_MS), now).await?;
        self.recent.note(&received.key);
        Ok(is_new)
    }

    /// Takes over what another process left undone. `is_first` at the start of this one.
    ///
    /// # Errors
    /// When the database or the vault fails.
    pub async fn take_over_received(&self, place: ChatPlace, is_first: bool) -> Result<Vec<Received>, ToolError> {
        if is_first && !self.store.is_shared() {
            self.store.release_received(&self.owner).await?;
        }
        let (house, mut left) = (self.house().await?, Vec::new());
        for stored in self.store.claim_received(place.word(), &self.owner, LEASE_MS).await? {
            // One that cannot be opened keeps nobody else's work waiting.
            match self.vault.open(&at(&house, place.word(), &stored.key), &stored.body).await {
                Ok(opened) => {
                    let body = opened.expose_secret().to_owned();
                    left.push(Received { key: stored.key, event_id: None, body, tries: stored.tries });
                }
                Err(error) => tracing::error!(error = %error, "something delivered cannot be opened"),
            }
        }
        Ok(left)
    }

    /// Says that the work goes on; false when it is over for this process.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renew_received(&self, key: &str) -> Result<bool, ToolError> {
        Ok(self.store.renew_received(key, &self.owner, LEASE_MS).await?)
    }

    /// The work is done; what was delivered is gone from here.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish_received(&self, key: &str) -> Result<(), ToolError> {
        Ok(self.store.finish_received(key, self.clock.now_ms()).await?)
    }

    /// Whose key seals what is not yet known to be anybody's: the owner of this installation.
    async fn house(&self) -> Result<UserId, ToolError> {
        if let Some(user) = self.house.get() {
            return Ok(user.clone());
        }
        let user = self.local_user().await?.id;
        Ok(self.house.get_or_init(|| user).clone())
    }
}

fn at<'a>(house: &'a UserId, place: &'a str, key: &'a str) -> Place<'a> {
    Place { user: house, provider: place, provider_account: "", table: "inbox", column: "body", row: key }
}

fn failed(error: crate::vault::VaultError) -> ToolError {
    ToolError::Failed(error.to_string())
}
