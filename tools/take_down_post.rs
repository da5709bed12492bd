//! `take_down_post`: asks a person to remove something published.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::dry;
use super::{Answered, Tool, ToolContext};
use crate::desk::Asked;
use crate::domain::approval::Act;
use crate::domain::delivery::State;
use crate::domain::ids::PostId;
use crate::domain::tool::{Effect, ToolError};
use crate::say;

/// Asks the person to remove a published post from its network. It cannot be undone.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeDownPost {
    /// The post.
    post: String,
    /// Which account's, when it is out on several.
    #[serde(default)]
    account: Option<String>,
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
pub struct TakeDown {
    /// Where the person answers, one each.
    approval_urls: Vec<String>,
}

impl Tool for TakeDownPost {
    const NAME: &'static str = "take_down_post";
    const TITLE: &'static str = "Take a published post down";
    const EFFECT: Effect = Effect::Forgets;
    const IDEMPOTENT: bool = true;
    type Answer = TakeDown;

    async fn call(self, cx: &ToolContext<'_>) -> Result<Answered<TakeDown>, ToolError> {
        let id: PostId = self
            .post
            .parse()
            .map_err(|_| say!("post-not-found", id = self.post.chars().take(60).collect::<String>()))?;
        let account = match self.account {
            Some(given) => Some(cx.desk.find_accounts(cx.caller, &[given]).await?.remove(0).account.id),
            None => None,
        };
        let view = cx.desk.read_post(cx.caller, &id).await?;
        let visible: Vec<_> = view
            .deliveries
            .iter()
            .filter(|d| matches!(d.state, State::Published | State::Partial))
            .filter(|d| account.as_ref().is_none_or(|id| d.account.id == *id))
            .collect();
        let can = |network| cx.desk.networks().get(&network).is_some_and(|network| network.can_take_down());
        let (visible, fixed): (Vec<_>, Vec<_>) = visible.into_iter().partition(|d| can(d.account.network));
        let mut fixed: Vec<_> = fixed.iter().map(|d| d.account.network).collect();
        fixed.dedup();
        let fixed = fixed.into_iter().map(|network| say!("place-cannot-take-down", network = network.shown()));
        let fixed: Vec<_> = fixed.collect();
        if visible.is_empty() {
            return Err(fixed.into_iter().next().unwrap_or_else(|| say!("take-down-nothing")).into());
        }
        if self.dry_run {
            let handles: Vec<_> = visible.iter().map(|delivery| format!("@{}", delivery.account.named())).collect();
            let would = format!("The person would be asked to take it down from {}.", handles.join(", "));
            return Ok(Answered {
                structured: TakeDown { approval_urls: Vec::new() },
                text: dry(cx, &would),
                waiting: Vec::new(),
            });
        }
        let (mut approval_urls, mut waiting) = (Vec::new(), Vec::new());
        for delivery in visible {
            if let Asked::Waiting(approval) =
                cx.desk.ask(cx.caller, Act::TakeDown { delivery: delivery.id.clone() }, None).await?
            {
                approval_urls.push(cx.approval_url(&approval));
                waiting.push(approval);
            }
        }
        let asked = approval_urls.iter().map(|url| cx.say(&say!("approval-waiting", url = url)));
        let text: Vec<_> = asked.chain(fixed.iter().map(|what| cx.say(what))).collect();
        Ok(Answered { structured: TakeDown { approval_urls }, text: text.join("\n"), waiting })
    }
}
