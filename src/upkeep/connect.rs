//! Connecting an account (OAuth code + PKCE S256, one-use state bound to person, browser session and network), and what
//! a network says of its own accord. Disconnecting is `disconnect`.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use url::Url;

use super::tokens::TokenKeeper;
use crate::clock::{Clock, Entropy};
use crate::domain::account::{Account, Ended, Health, Profile};
use crate::domain::caller::Caller;
use crate::domain::commit::CallFault;
use crate::domain::delivery::{Event, notice, step};
use crate::domain::google::CHANNELS;
use crate::domain::ids::{AccountId, NoticeId, SessionId, WorkspaceId};
use crate::domain::network::Network;
use crate::domain::sealed::Place;
use crate::domain::tool::ToolError;
use crate::platforms::{Platform, TokenFault, Tokens};
use crate::say;
use crate::store::Store;
use crate::store::accounts::OauthState;
use crate::store::deliveries::By;
use crate::store::notices::Notice;
use crate::vault::Vault;

/// How long a person may take on the network's page.
const STATE_LIFE_MS: i64 = 10 * 60_000;
/// How often a write that lost against a worker is tried again.
const TRIES_MAX: usize = 5;

/// Connects and disconnects accounts.
pub struct Connector {
    /// The store.
    pub store: Arc<Store>,
    /// Seals what travels.
    pub vault: Arc<Vault>,
    /// Seals and opens tokens.
    pub tokens: Arc<TokenKeeper>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
}

/// What came back with the person's browser.
#[derive(Debug, Default)]
pub struct Callback {
    /// `state`.
    pub state: Option<String>,
    /// `code`.
    pub code: Option<SecretString>,
    /// `error`.
    pub error: Option<String>,
}

/// What was connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connected {
    /// The account.
    pub account: AccountId,
    /// Where its picture can be fetched just now.
    pub avatar_url: Option<String>,
}

impl Connector {
    /// Begins: where to send the browser.
    ///
    /// # Errors
    /// When the store or the vault fails.
    pub async fn begin(
        &self,
        caller: &Caller,
        session: &SessionId,
        platform: &dyn Platform,
        redirect: &Url,
    ) -> Result<Url, ToolError> {
        let (state, verifier) = (self.entropy.secret(), SecretString::from(self.entropy.secret()));
        let state_hash = hash(&state);
        let now = self.clock.now_ms();
        let sealed = self
            .vault
            .seal(&verifier_place(caller, platform.network(), &state_hash), &verifier)
            .await
            .map_err(failed)?;
        let row =
            OauthState { state_hash: &state_hash, user: &caller.user, session, provider: platform.network().slug() };
        self.store.insert_oauth_state(&row, &sealed, now, now + STATE_LIFE_MS).await?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose_secret().as_bytes()));
        Ok(platform.authorize_url(redirect, &state, &challenge))
    }

    /// Finishes: exchanges the code at once (X's codes live 30 seconds) and stores the account with its sealed tokens.
    ///
    /// # Errors
    /// Refused when the state is not this person's, browser's and network's, was used, or the network says no.
    pub async fn finish(
        &self,
        caller: &Caller,
        session: &SessionId,
        platform: &dyn Platform,
        redirect: &Url,
        callback: Callback,
    ) -> Result<Connected, ToolError> {
        let network = platform.network();
        let state_hash = hash(callback.state.as_deref().unwrap_or_default());
        let row = OauthState { state_hash: &state_hash, user: &caller.user, session, provider: network.slug() };
        let claimed = self.store.claim_oauth_state(&row, self.clock.now_ms()).await?;
        let sealed = claimed.ok_or_else(|| say!("connect-state-dead"))?;
        match callback.error.as_deref() {
            None => {}
            // Not the person's no: the operator's app asked for what it may not have (platforms/linkedin.md §1.1; the others are OAuth's own words).
            Some("unauthorized_scope_error" | "invalid_scope" | "unauthorized_client") => {
                return Err(say!("connect-scopes-refused", network = network.shown()).into());
            }
            Some(_) => return Err(say!("connect-denied", network = network.shown()).into()),
        }
        let code = callback.code.ok_or_else(|| say!("connect-failed", network = network.shown(), why = "no_code"))?;
        let verifier = self.vault.open(&verifier_place(caller, network, &state_hash), &sealed).await.map_err(failed)?;
        let refused = |why: &str| say!("connect-failed", network = network.shown(), why = why);
        let tokens = platform
            .exchange(code.expose_secret(), &verifier, redirect)
            .await
            .map_err(|fault| refused(fault_word(&fault)))?;
        let profile = self.whose(platform, &tokens.access).await?;
        self.keep(caller, network, (profile, tokens.scopes.as_str()), Some(&tokens)).await
    }

    /// Whose token it is.
    ///
    /// # Errors
    /// Refused when the network does not say it.
    pub async fn whose(&self, platform: &dyn Platform, access: &SecretString) -> Result<Profile, ToolError> {
        platform.profile(access).await.map_err(|fault| match fault {
            CallFault::Refused(why) | CallFault::Blocked(why) => why.into(),
            fault @ (CallFault::Later { .. } | CallFault::Unauthorized { .. }) => {
                tracing::warn!(error = %fault, "whose account it is could not be read");
                let network = platform.network().shown();
                say!("connect-failed", network = network, why = "unclear").into()
            }
        })
    }

    /// Stores an account, and lets go on what waited for it. A channel for which a Google account was kept just now has no tokens of its own.
    ///
    /// # Errors
    /// When the store or the vault fails.
    pub async fn keep(
        &self,
        caller: &Caller,
        network: Network,
        (profile, scopes): (Profile, &str),
        tokens: Option<&Tokens>,
    ) -> Result<Connected, ToolError> {
        for _ in 0..TRIES_MAX {
            let now = self.clock.now_ms();
            let id = match self.store.find_account_id(&caller.workspace, network, &profile.remote_id).await? {
                Some(id) => id,
                None => AccountId::generate(now, self.entropy.bits()),
            };
            let account = Account {
                id,
                workspace: caller.workspace.clone(),
                user: caller.user.clone(),
                network,
                remote_id: profile.remote_id.clone(),
                handle: profile.handle.clone(),
                name: profile.name.clone(),
                scopes: scopes.to_owned(),
                health: Health::Fine,
                avatar_at: None,
            };
            let sealed = match tokens {
                Some(tokens) => Some(self.tokens.seal(&account, tokens, 1).await.map_err(failed)?),
                None => None,
            };
            if self.store.insert_account(&account, sealed.as_ref(), now).await? {
                self.store.update_account_profile(&account.id, &profile, now).await?;
                self.move_deliveries(&account, &Event::Reconnected).await?;
                return Ok(Connected { account: account.id, avatar_url: profile.avatar_url });
            }
        }
        Err(ToolError::Failed("the account's row kept changing".into()))
    }

    /// The Google account that acted as a channel was let go: nothing goes out there until the channel is connected again, and nothing of it is
    /// lost.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn channel_ended(&self, workspace: &WorkspaceId, channel: &str) -> Result<(), ToolError> {
        let network = CHANNELS;
        let Some(id) = self.store.find_account_id(workspace, network, channel).await? else { return Ok(()) };
        let Some(stored) = self.store.find_account(&id, workspace).await? else { return Ok(()) };
        self.store.update_account_ended(&id, Ended::LetGo, 0).await?; // a channel has no tokens of its own
        // What YouTube counted goes with the right to read it (platforms/google.md §4.5).
        self.store.delete_figures_of_account(&id).await?;
        let now = self.clock.now_ms();
        let what = say!("notice-channel-ended", handle = &stored.account.handle);
        let notice = Notice { post: None, what, created_at: now };
        let notice_id = NoticeId::generate(now, self.entropy.bits());
        Ok(self.store.insert_notice(&notice_id, &stored.account.user, &notice).await?)
    }

    /// The person took our right back at the network: our copies of it are destroyed and what is scheduled there is cancelled. How many deliveries
    /// that touched; `None` when it is no news.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn deauthorized(&self, account: &Account, by: i64) -> Result<Option<usize>, ToolError> {
        let Some(is_news) = self.store.update_account_deauthorized(&account.id, by).await? else { return Ok(None) };
        // Also when it was heard before: whoever heard it may have died in between.
        let moved = self.move_deliveries(account, &Event::Disconnected).await?;
        Ok((is_news || moved > 0).then_some(moved))
    }

    /// The half of disconnecting that is ours, where the network needs no telling: destroys the tokens at once and cancels what is scheduled there.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn let_go(&self, account: &Account) -> Result<(), ToolError> {
        let _closed = self.store.update_account_disconnected(&account.id, &account.workspace, None).await?;
        self.move_deliveries(account, &Event::Disconnected).await.map(drop)
    }

    /// Lets every open delivery of an account hear of something; how many it moved.
    pub(super) async fn move_deliveries(&self, account: &Account, event: &Event) -> Result<usize, ToolError> {
        let mut moved = 0;
        for _ in 0..TRIES_MAX {
            let mut is_settled = true;
            for delivery in self.store.list_open_of_account(&account.id).await? {
                let now = self.clock.now_ms();
                let Some(next) = step(delivery.state, &delivery.progress, delivery.slot, event, now, 0) else {
                    continue;
                };
                let what = notice(next.state, &account.handle, &next.progress);
                let notice = what.map(|what| {
                    let row = Notice { post: Some(delivery.post.clone()), what, created_at: now };
                    (NoticeId::generate(now, self.entropy.bits()), row)
                });
                let is_moved = self.store.update_delivery(&delivery, &next, By::Outside, notice).await?;
                is_settled &= is_moved;
                moved += usize::from(is_moved);
            }
            if is_settled {
                return Ok(moved);
            }
        }
        Err(ToolError::Failed("a delivery kept moving".into()))
    }
}

fn verifier_place<'a>(caller: &'a Caller, network: Network, state_hash: &'a str) -> Place<'a> {
    Place {
        user: &caller.user,
        provider: network.slug(),
        provider_account: "",
        table: "oauth_state",
        column: "verifier",
        row: state_hash,
    }
}

fn hash(secret: &str) -> String {
    crate::vault::token_hash(secret)
}

fn failed(error: impl std::fmt::Display) -> ToolError {
    ToolError::Failed(error.to_string())
}

/// What a person is told of a fault at the token endpoint: its kind, never the network's raw text.
fn fault_word(fault: &TokenFault) -> &'static str {
    match fault {
        TokenFault::Dead(_) => "code",
        TokenFault::Misconfigured(_) => "app",
        TokenFault::Unknown(_) => "unclear",
        TokenFault::NotSent(_) => "unreached",
    }
}
