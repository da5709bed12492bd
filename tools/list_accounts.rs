//! `list_accounts`: connected accounts and what each can do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Answered, Tool, ToolContext};
use crate::domain::network::Network;
use crate::domain::tool::{Effect, ToolError};

/// Lists the connected accounts with their health. Call it first to learn which accounts there are. `detail: "rules"` adds each
/// network's limits and options as data, so that a text fits the first time.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListAccounts {
    /// How much to say.
    #[serde(default)]
    detail: Option<Detail>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Detail {
    Brief,
    Rules,
}

/// The accounts.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Accounts {
    accounts: Vec<One>,
    /// Limits and options by network.
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<std::collections::BTreeMap<String, Value>>,
    /// Networks that can be connected here.
    networks: Vec<Network>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct One {
    id: String,
    network: Network,
    handle: String,
    name: String,
    health: String,
    paused: bool,
}

impl Tool for ListAccounts {
    const NAME: &'static str = "list_accounts";
    const TITLE: &'static str = "List accounts";
    const EFFECT: Effect = Effect::Reads;
    const IDEMPOTENT: bool = true;
    type Answer = Accounts;

    async fn call(self, cx: &ToolContext<'_>) -> Result<Answered<Accounts>, ToolError> {
        let accounts: Vec<One> = cx
            .desk
            .list_accounts(cx.caller)
            .await?
            .into_iter()
            .map(|view| One {
                id: view.account.id.to_string(),
                network: view.account.network,
                handle: view.account.handle,
                name: view.account.name,
                health: cx.say(&view.health),
                paused: view.paused,
            })
            .collect();
        let rules = (self.detail == Some(Detail::Rules)).then(|| {
            cx.desk.networks().iter().map(|(network, platform)| (network.slug().to_owned(), platform.rules())).collect()
        });
        let mut text: Vec<String> = accounts
            .iter()
            .map(|a| {
                format!(
                    "@{} on {} ({}): {}{}",
                    a.handle,
                    a.network.shown(),
                    a.id,
                    a.health,
                    if a.paused { " Paused." } else { "" }
                )
            })
            .collect();
        if text.is_empty() {
            text.push("No account is connected. connect_account gives a link for the person to open.".to_owned());
        }
        let networks = cx.desk.networks().keys().copied().collect();
        Ok(Answered { structured: Accounts { accounts, rules, networks }, text: text.join("\n"), waiting: Vec::new() })
    }
}
