//! The door `connect`: accounts come in through a signed-in browser.

use url::Url;

use super::App;
use crate::domain::account::Account;
use crate::domain::caller::{Caller, Via};
use crate::domain::ids::{AccountId, SessionId};
use crate::domain::network::Network;
use crate::domain::tool::ToolError;
use crate::say;
use crate::upkeep::connect::Callback;
use crate::upkeep::tokens::{Freshness, TokenProblem};

impl App {
    /// Begins connecting: where to send the browser.
    ///
    /// # Errors
    /// Refused when this server is not configured for the network, or nobody is signed in.
    pub async fn connect_begin(&self, caller: &Caller, network: Network) -> Result<Url, ToolError> {
        let session = session(caller)?;
        let platform = self.desk.network(network)?;
        if network.is_of_google() {
            return self.channel_begin(caller).await;
        }
        self.connector.begin(caller, session, platform.as_ref(), &self.redirect(network)?).await
    }

    /// Finishes connecting from the callback's query parameters.
    ///
    /// # Errors
    /// Refused when the state is not this browser's, the person said no, or the network refused.
    pub async fn connect_finish(
        &self,
        caller: &Caller,
        network: Network,
        query: &[(String, String)],
    ) -> Result<AccountId, ToolError> {
        let session = session(caller)?;
        let platform = self.desk.network(network)?;
        if network.is_of_google() {
            let connected = self.google_finish(caller, query).await?;
            return connected.channel.ok_or_else(|| say!("connect-state-dead").into());
        }
        let find = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let callback = Callback { state: find("state"), code: find("code").map(Into::into), error: find("error") };
        let redirect = self.redirect(network)?;
        let connected = self.connector.finish(caller, session, platform.as_ref(), &redirect, callback).await?;
        let account = connected.account.clone();
        self.fetch_avatar(connected);
        self.desk.audit(caller, "account.connect", account.as_str()).await?;
        self.wake();
        Ok(account)
    }

    /// Sees to it that an account's access token is good until an instant, Unix milliseconds, as whoever acts at its network does before: which
    /// generation of its tokens that is. The token is handed to nobody.
    ///
    /// # Errors
    /// When the person must connect the account again, or there is none just now.
    pub async fn hold_token(&self, account: &Account, until: i64) -> Result<i64, TokenProblem> {
        let Some(platform) = self.desk.networks.get(&account.network) else {
            return Err(TokenProblem::Later(format!("{} is not configured", account.network.slug())));
        };
        let access = self.publisher.tokens.access(platform.as_ref(), account, Freshness::until(until)).await?;
        Ok(access.generation)
    }

    /// The redirect address to register at the network.
    ///
    /// # Errors
    /// When `server.public_url` cannot carry a path.
    pub fn redirect(&self, network: Network) -> Result<Url, ToolError> {
        if network.is_of_google() {
            return self.google_redirect();
        }
        let path = format!("connect/{}/callback", network.slug());
        self.config.public_url.join(&path).map_err(|error| ToolError::Failed(error.to_string()))
    }
}

pub(super) fn session(caller: &Caller) -> Result<&SessionId, ToolError> {
    match &caller.via {
        Via::Web(session) => Ok(session),
        Via::McpHttp(_) | Via::McpApp(_) | Via::McpStdio | Via::Terminal | Via::Slack | Via::Discord => {
            Err(say!("signin-needed").into())
        }
    }
}
