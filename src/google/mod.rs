//! The Google account: asking for consent, feature by feature, its sealed tokens, and calls in its name. One connection for everything of
//! Google's (ARCHITECTURE, decision 55). What reports say is `analytics`; wire formats of the APIs are there, too.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use secrecy::SecretString;
use url::Url;

use crate::clock::{Clock, Entropy};
use crate::domain::google::{GOOGLE, Login};
use crate::domain::ids::AccountId;
use crate::domain::sealed::Place;
use crate::http_out::Outbound;
use crate::store::Store;
use crate::vault::Vault;

mod call;
mod connect;
mod oauth;
mod tokens;

pub use call::{ApiCall, ApiFault};
pub use connect::{Arrived, Connected, GoogleCallback};
pub use oauth::{GrantFault, IDENTITY_SCOPES};
pub use tokens::{ChannelAccess, NoChannel};

/// The OAuth client, and where Google is.
#[derive(Debug)]
pub struct GoogleConfig {
    /// The client's id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// The consent page.
    pub auth_url: Url,
    /// Where tokens are made.
    pub token_url: Url,
    /// Where they are revoked.
    pub revoke_url: Url,
    /// Who says which account it is.
    pub issuer: Url,
}

/// Google accounts.
pub struct Google {
    config: GoogleConfig,
    out: Arc<Outbound>,
    store: Arc<Store>,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    /// Names this process in lease rows.
    owner: String,
    /// One refresh at a time for each account.
    flights: Mutex<HashMap<AccountId, Arc<tokio::sync::Mutex<()>>>>,
}

/// What the house lends to it.
pub struct GoogleParts {
    /// The store.
    pub store: Arc<Store>,
    /// Seals tokens.
    pub vault: Arc<Vault>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Names this process in lease rows.
    pub owner: String,
}

impl Google {
    /// Over this client.
    #[must_use]
    pub fn new(config: GoogleConfig, out: Arc<Outbound>, parts: GoogleParts) -> Self {
        let GoogleParts { store, vault, clock, entropy, owner } = parts;
        Self { config, out, store, vault, clock, entropy, owner, flights: Mutex::default() }
    }
}

/// Where a token of an account lies.
fn token_place<'a>(login: &'a Login, column: &'a str) -> Place<'a> {
    Place {
        user: &login.user,
        provider: GOOGLE,
        provider_account: &login.subject,
        table: "google_login",
        column,
        row: login.id.as_str(),
    }
}
