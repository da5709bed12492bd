//! How long a client of the door `call_tool` waits: clients give up after a minute, some sooner, so every call is answered well before that, or goes
//! on and can be asked for (MCP.md §5.9). A client that goes away before takes with it what reads, and what only drafts and has no key.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::App;
use super::late::HANDLE;
use crate::domain::caller::Caller;
use crate::domain::refusal::Sentence;
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
        let until = Instant::now() + within;
        let key = arguments.get("idempotency_key").and_then(Value::as_str);
        if let Some(handle) = key.filter(|key| key.starts_with(HANDLE)) {
            return self.late_answer(caller, (name, &arguments), (handle, until)).await;
        }
        let effect =
            self.toolbox.specs().iter().find(|spec| spec.name == name).map_or(Effect::Reads, |spec| spec.effect);
        // Where a key counts (`Toolbox::call`), the answer can be asked for by it.
        let counts = effect != Effect::Reads && arguments.get("dry_run") != Some(&Value::Bool(true));
        let key = key.filter(|_| counts).map(str::to_owned);
        let ends_with_client = match effect {
            Effect::Reads => true,
            // With a key somebody may ask for the answer later; it would be lost.
            Effect::Drafts => key.is_none(),
            Effect::Schedules | Effect::Publishes | Effect::Connects | Effect::Forgets => false,
        };
        let call = (name, &arguments, effect);
        let work = {
            let (app, caller, client) = (Arc::clone(self), caller.clone(), client.to_owned());
            let (name, arguments) = (name.to_owned(), arguments.clone());
            async move { app.call_tool_from(&caller, &client, (&name, arguments)).await }
        };
        if ends_with_client {
            let mut work = Box::pin(work);
            return match tokio::time::timeout_at(until, &mut work).await {
                Ok(answered) => answered,
                Err(_late) => Err(match self.go_on_late(caller, call, work).await {
                    Ok(handle) => say!("mcp-tool-goes-on-key", key = handle),
                    Err(_ended) => say!("mcp-tool-ended-late", seconds = within.as_secs().to_string()),
                }
                .into()),
            };
        }
        let mut going_on = self.background.spawn(work);
        match tokio::time::timeout_at(until, &mut going_on).await {
            Ok(Ok(answered)) => answered,
            Ok(Err(broken)) => Err(ToolError::Failed(broken.to_string())),
            Err(_late) => Err(self.goes_on(caller, call, (key, going_on)).await.into()),
        }
    }

    /// What is said of a call that goes on whatever its client does.
    async fn goes_on(
        self: &Arc<Self>,
        caller: &Caller,
        call: (&str, &Value, Effect),
        (key, going_on): (Option<String>, JoinHandle<Result<ToolOutcome, ToolError>>),
    ) -> Sentence {
        if let Some(key) = key {
            return say!("mcp-tool-goes-on-key", key = key);
        }
        let rest = async move { going_on.await.unwrap_or_else(|broken| Err(ToolError::Failed(broken.to_string()))) };
        match self.go_on_late(caller, call, rest).await {
            Ok(handle) => say!("mcp-tool-goes-on-key", key = handle),
            Err(_unheard) => say!("mcp-tool-goes-on"),
        }
    }
}
