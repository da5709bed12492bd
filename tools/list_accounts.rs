//! `list_accounts`: connected accounts and what each can do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::figures::named;
use super::{Answered, Tool, ToolContext};
use crate::domain::google::{Feature, Login, Service, Source};
use crate::domain::network::Network;
use crate::domain::tool::{Effect, ToolError};

/// Lists the connected accounts with their health, and what Google reports can be about. Call it first to learn which accounts there are. `detail: "rules"` adds each
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
    /// What can be connected here.
    networks: Vec<Service>,
    /// Google accounts for reports.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    google: Vec<Reading>,
    #[serde(skip)]
    is_strange: bool,
}

/// A Google account.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct Reading {
    id: String,
    email: String,
    health: String,
    /// Permissions to ask for again: connect_account.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<Feature>,
    /// Properties and sites; the chosen ones first.
    sources: Vec<String>,
    // Of Google's limits what is nearly or wholly used up.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    quota: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct One {
    id: String,
    // One of `networks`: the list of them is paid for once.
    #[schemars(with = "String")]
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
                health: [&view.health]
                    .into_iter()
                    .chain(&view.lacks)
                    .map(|one| cx.say(one))
                    .collect::<Vec<_>>()
                    .join(" "),
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
        let (google, is_strange) = reading(cx).await?;
        text.extend(google.iter().map(|one| {
            let said = [one.sources.join("; "), one.quota.join(" ")].join(" ");
            format!("Google {} ({}): {} {}", one.email, one.id, one.health, said.trim_end())
        }));
        if text.is_empty() {
            text.push("No account is connected. connect_account gives a link for the person to open.".to_owned());
        }
        let networks = cx.desk.networks().keys().copied().map(Service::Network);
        let networks = networks.chain(cx.analytics.google().map(|_| Service::Google)).collect();
        let structured = Accounts { accounts, rules, networks, google, is_strange };
        Ok(Answered { structured, text: text.join("\n"), waiting: Vec::new() })
    }

    fn is_strange(answer: &Accounts) -> bool {
        answer.is_strange
    }
}

/// Properties and sites that are named of one account.
const SOURCES_MAX: usize = 30;

/// Google accounts with what can be seen through them; and whether any of the names is one that its person never looked at, for anybody can share a
/// property with anybody and name it as they like.
async fn reading(cx: &ToolContext<'_>) -> Result<(Vec<Reading>, bool), ToolError> {
    if cx.analytics.google().is_none() {
        return Ok((Vec::new(), false));
    }
    let (mut all, mut is_strange) = (Vec::new(), false);
    for (login, mut sources) in cx.analytics.sources(cx.caller).await? {
        sources.sort_by_key(|source| std::cmp::Reverse(source.chosen_at));
        let login = if cx.is_withheld {
            sources.clear();
            Login { email: String::new(), ..login }
        } else {
            login
        };
        is_strange |= sources.iter().take(SOURCES_MAX).any(|source| !source.is_known());
        let low = cx.analytics.low_quotas(&sources).await?;
        let quota = low.iter().map(|(source, left)| {
            let left = cx.say(&left.wording(&cx.caller.zone));
            format!("{} {}: {left}", source.kind.word(), source.shown())
        });
        let quota = quota.collect();
        all.push(Reading { quota, ..one(cx, &login, &sources) });
    }
    Ok((all, is_strange))
}

fn one(cx: &ToolContext<'_>, login: &Login, sources: &[Source]) -> Reading {
    let mut named: Vec<String> =
        sources.iter().take(SOURCES_MAX).map(|source| format!("{} {}", source.kind.word(), named(source))).collect();
    if sources.len() > SOURCES_MAX {
        named.push(format!("and {} more", sources.len() - SOURCES_MAX));
    }
    Reading {
        id: login.id.to_string(),
        email: login.email.clone(),
        health: cx.say(&login.wording(&cx.caller.zone)),
        missing: login.missing(),
        sources: named,
        quota: Vec::new(),
    }
}
