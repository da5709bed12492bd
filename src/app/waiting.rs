//! How long a client of the door `call_tool` waits: clients give up after a minute, some sooner, so every call is answered well before that
//! (MCP.md §5.9). What reads, and what only drafts and has no key to be asked for by, ends with its client; everything else goes on.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::App;
use crate::domain::caller::Caller;
use crate::domain::tool::{Effect, ToolError, ToolOutcome};
use crate::say;

/// Below twenty seconds with what the way there and back takes.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(18);

impl App {
    /// Calls a tool for a client that does not wait for ever. Dropped before its end, the call ends with it where that is safe, down to what
    /// it asks of the network; elsewhere it goes on.
    ///
    /// # Errors
    /// As [`App::call_tool`]; refused with how to ask again when it takes too long.
    pub async fn call_tool_within(
        self: &Arc<Self>,
        caller: &Caller,
        client: &str,
        (name, arguments): (&str, Value),
        within: Duration,
    ) -> Result<ToolOutcome, ToolError> {
        let effect = self.toolbox.specs().iter().find(|spec| spec.name == name).map(|spec| spec.effect);
        let key = arguments.get("idempotency_key").and_then(Value::as_str).map(str::to_owned);
        let ends_with_client = match effect {
            None | Some(Effect::Reads) => true,
            // With a key somebody may ask for the answer later; it would be lost.
            Some(Effect::Drafts) => key.is_none(),
            Some(Effect::Schedules | Effect::Publishes | Effect::Connects | Effect::Forgets) => false,
        };
        if ends_with_client {
            let call = self.call_tool_from(caller, client, (name, arguments));
            return match tokio::time::timeout(within, call).await {
                Ok(answered) => answered,
                Err(_late) => Err(say!("mcp-tool-ended-late", seconds = within.as_secs().to_string()).into()),
            };
        }
        let (app, caller, client, name) = (Arc::clone(self), caller.clone(), client.to_owned(), name.to_owned());
        let going_on =
            self.background.spawn(async move { app.call_tool_from(&caller, &client, (&name, arguments)).await });
        match tokio::time::timeout(within, going_on).await {
            Ok(Ok(answered)) => answered,
            Ok(Err(broken)) => Err(ToolError::Failed(broken.to_string())),
            Err(_late) => Err(match key {
                Some(key) => say!("mcp-tool-goes-on-key", key = key),
                None => say!("mcp-tool-goes-on"),
            }
            .into()),
        }
    }
}
