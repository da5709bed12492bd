//! `disconnect_account`: asks a person to let an account go.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::dry;
use super::{Answered, Tool, ToolContext};
use crate::desk::Asked;
use crate::domain::approval::Act;
use crate::domain::tool::{Effect, ToolError};
use crate::say;

/// Asks the person to disconnect an account: its tokens are revoked and destroyed, what is scheduled there is cancelled.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DisconnectAccount {
    /// Account id or handle.
    account: String,
    /// Same key and arguments: same answer for 24 h.
    #[serde(default)]
    #[expect(dead_code, reason = "read by the toolbox")]
    idempotency_key: Option<String>,
    /// Check only, store nothing.
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
        let account = cx.desk.find_accounts(cx.caller, &[self.account]).await?.remove(0).account;
        if self.dry_run {
            let text = dry(cx, &format!("The person would be asked to disconnect @{}.", account.handle));
            return Ok(Answered { structured: Waits { approval_url: None }, text, waiting: Vec::new() });
        }
        match cx.desk.ask(cx.caller, Act::Disconnect { account: account.id }, None).await? {
            Asked::Waiting(id) => {
                let url = cx.approval_url(&id);
                let text = cx.say(&say!("approval-waiting", url = &url));
                Ok(Answered { structured: Waits { approval_url: Some(url) }, text, waiting: vec![id] })
            }
            Asked::Done => Err(ToolError::Failed("a standing permission covered forgetting".into())),
        }
    }
}
