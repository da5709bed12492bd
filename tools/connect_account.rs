//! `connect_account`: a link for the person to open; never a credential.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::dry;
use super::{Answered, Tool, ToolContext};
use crate::domain::google::Service;
use crate::domain::tool::{Effect, ToolError};
use crate::say;

/// Gives a link that the person opens to connect (or reconnect) an account. You never see a credential; ask list_accounts afterwards.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectAccount {
    /// Which network; google is for reports.
    network: Service,
    /// Makes a repeat safe for 24 h.
    #[serde(default)]
    #[expect(dead_code, reason = "read by the toolbox")]
    idempotency_key: Option<String>,
    /// Check only.
    #[serde(default)]
    dry_run: bool,
}

/// The link.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Link {
    /// For the person to open in their browser.
    url: String,
}

impl Tool for ConnectAccount {
    const NAME: &'static str = "connect_account";
    const TITLE: &'static str = "Connect an account";
    const EFFECT: Effect = Effect::Connects;
    const IDEMPOTENT: bool = true;
    type Answer = Link;

    async fn call(self, cx: &ToolContext<'_>) -> Result<Answered<Link>, ToolError> {
        match self.network {
            Service::Network(network) => cx.desk.check_network(network)?,
            Service::Google if cx.analytics.google().is_some() => {}
            Service::Google => return Err(say!("connect-not-configured", network = "Google", keys = "google.*").into()),
        }
        let url = cx.link(&format!("connect/{}", self.network.slug()));
        let text = format!("Ask the person to open {url} and confirm there. It needs their signed-in browser.");
        // A link alone stores nothing: it begins when the person opens it.
        let text = if self.dry_run { dry(cx, &text) } else { text };
        Ok(Answered { structured: Link { url }, text, waiting: Vec::new() })
    }
}
