//! `disconnect_account`: asks a person to let an account go.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::dry;
use super::{Answered, Tool, ToolContext};
use crate::desk::Asked;
use crate::domain::approval::Act;
use crate::domain::google::{GOOGLE, Login};
use crate::domain::tool::{Effect, ToolError};
use crate::say;

/// Asks the person to disconnect an account: its tokens are used no more and revoked, what is scheduled there is cancelled.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DisconnectAccount {
    /// Account id, handle, or Google address.
    account: String,
    /// Makes a repeat safe for 24 h.
    #[serde(default)]
    #[expect(dead_code, reason = "read by the toolbox")]
    idempotency_key: Option<String>,
    /// Check only.
    #[serde(default)]
    dry_run: bool,
}

/// What waits.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Waits {
    /// Where the person answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    approval_url: Option<String>,
}

impl Tool for DisconnectAccount {
    const NAME: &'static str = "disconnect_account";
    const TITLE: &'static str = "Disconnect an account";
    const EFFECT: Effect = Effect::Forgets;
    const IDEMPOTENT: bool = true;
    type Answer = Waits;

    async fn call(self, cx: &ToolContext<'_>) -> Result<Answered<Waits>, ToolError> {
        let (account, shown) = match google(cx, &self.account).await? {
            Some(login) => (login.id, login.email),
            None => {
                let account = cx.desk.find_accounts(cx.caller, &[self.account]).await?.remove(0).account;
                (account.id.clone(), format!("@{}", account.named()))
            }
        };
        if self.dry_run {
            let text = dry(cx, &format!("The person would be asked to disconnect {shown}."));
            return Ok(Answered { structured: Waits { approval_url: None }, text, waiting: Vec::new() });
        }
        match cx.desk.ask(cx.caller, Act::Disconnect { account }, None).await? {
            Asked::Waiting(id) => {
                let url = cx.approval_url(&id);
                let text = cx.say(&say!("approval-waiting", url = &url));
                Ok(Answered { structured: Waits { approval_url: Some(url) }, text, waiting: vec![id] })
            }
            Asked::Done => Err(ToolError::Failed("a standing permission covered forgetting".into())),
        }
    }
}

/// The Google account of this id or address; the word alone means the only one.
async fn google(cx: &ToolContext<'_>, given: &str) -> Result<Option<Login>, ToolError> {
    let mut logins = cx.analytics.logins(cx.caller).await?;
    let is_only = logins.len() == 1 && given.eq_ignore_ascii_case(GOOGLE);
    logins.retain(|login| is_only || login.id.as_str() == given || login.email.eq_ignore_ascii_case(given));
    Ok(logins.pop())
}
