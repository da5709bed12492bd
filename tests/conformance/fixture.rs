//! The suite's fixture as a handler of rmcp: what it says of itself, and which answer belongs to which request.

use std::sync::Arc;
use std::time::Duration;

use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ClientCapabilities, CompleteRequestParams, CompleteResult,
    ErrorData, GetPromptRequestParams, GetPromptResponse, GetPromptResult, Implementation, InputRequiredResult,
    ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
    ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, ServerConfig, ServerNotification,
    ServerRequest, SubscribeRequestParams, SubscriptionFilter, Tool, UnsubscribeRequestParams,
};
use rmcp::service::{RequestContext, RoleServer, SubscriptionContext};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::broadcast;

use super::answers;
use super::rounds::{self, Sent};

/// Between two signs of life of a tool that sends some: as the suite says.
const PAUSE: Duration = Duration::from_millis(50);

#[derive(Debug, Clone, Copy)]
enum Change {
    Tools,
    Prompts,
}

/// The fixture. Each request gets a copy; the changes are shared.
#[derive(Clone)]
pub(crate) struct Fixture {
    tools: Arc<Vec<Tool>>,
    changes: broadcast::Sender<Change>,
}

impl Default for Fixture {
    fn default() -> Self {
        let tool = |(name, schema): (&'static str, Value)| {
            let schema = schema.as_object().cloned().unwrap_or_default();
            Tool::new(name, format!("{name} of the conformance suite."), Arc::new(schema))
        };
        Self { tools: Arc::new(answers::tools().into_iter().map(tool).collect()), changes: broadcast::Sender::new(16) }
    }
}

type Context = RequestContext<RoleServer>;

fn read<T: DeserializeOwned>(value: Value) -> Result<T, ErrorData> {
    serde_json::from_value(value).map_err(|error| ErrorData::internal_error(error.to_string(), None))
}

/// A result of the newer era says that it is whole; rmcp takes that out for older clients.
fn complete<T: DeserializeOwned>(mut value: Value) -> Result<T, ErrorData> {
    value["resultType"] = json!("complete");
    read(value)
}

fn is_asking(value: &Value) -> bool {
    value["resultType"] == "input_required"
}

fn sent(context: &Context, answers: Option<impl serde::Serialize>, state: Option<String>) -> Sent {
    let can = serde_json::to_value(context.client_capabilities()).unwrap_or_default();
    Sent { answers: answers.and_then(|answers| serde_json::to_value(answers).ok()), state, can }
}

impl Fixture {
    async fn notify(context: &Context, notification: Value) -> Result<(), ErrorData> {
        let notification: ServerNotification = read(notification)?;
        context
            .peer
            .send_notification(notification)
            .await
            .map_err(|error| ErrorData::internal_error(error.to_string(), None))
    }

    async fn log(context: &Context, text: &str) -> Result<(), ErrorData> {
        let params = json!({ "level": "info", "logger": "conformance", "data": text });
        Self::notify(context, json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": params })).await
    }

    /// Tools that do something while they run.
    async fn busy(&self, name: &str, context: &Context) -> Result<Option<Value>, ErrorData> {
        match name {
            "test_tool_with_logging" => {
                for (at, text) in
                    ["Tool execution started", "Tool processing data", "Tool execution completed"].iter().enumerate()
                {
                    if at > 0 {
                        tokio::time::sleep(PAUSE).await;
                    }
                    Self::log(context, text).await?;
                }
            }
            "test_tool_with_progress" => {
                for progress in [0, 50, 100] {
                    if progress > 0 {
                        tokio::time::sleep(PAUSE).await;
                    }
                    if let Some(token) = context.meta.get_progress_token() {
                        let params = json!({ "progressToken": token, "progress": progress, "total": 100 });
                        Self::notify(
                            context,
                            json!({ "jsonrpc": "2.0", "method": "notifications/progress", "params": params }),
                        )
                        .await?;
                    }
                }
            }
            "test_logging_tool" => {
                if context.meta.contains_key("io.modelcontextprotocol/logLevel") {
                    Self::log(context, "Asked for").await?;
                }
            }
            "test_trigger_tool_change" => drop(self.changes.send(Change::Tools)),
            "test_trigger_prompt_change" => drop(self.changes.send(Change::Prompts)),
            "test_reconnection" => tokio::time::sleep(PAUSE).await,
            "test_missing_capability" => {
                let can = serde_json::to_value(context.client_capabilities()).unwrap_or_default();
                if !can["sampling"].is_object() {
                    let needed: ClientCapabilities = read(json!({ "sampling": {} }))?;
                    return Err(ErrorData::missing_required_client_capability(needed));
                }
            }
            _ => return Ok(None),
        }
        Ok(Some(answers::said("done")))
    }

    async fn live(context: &Context, (request, tell): (Value, fn(&Value) -> String)) -> Result<Value, ErrorData> {
        let request: ServerRequest = read(request)?;
        let answer = context.peer.send_request(request).await;
        let answer = answer.map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        Ok(answers::said(&tell(&serde_json::to_value(answer).unwrap_or_default())))
    }
}

impl ServerHandler for Fixture {
    fn get_info(&self) -> ServerConfig {
        let capabilities = json!({
            "tools": { "listChanged": true }, "prompts": { "listChanged": true },
            "resources": { "subscribe": true, "listChanged": true }, "completions": {}, "logging": {},
        });
        let mut config = ServerConfig::new(serde_json::from_value(capabilities).unwrap_or_default());
        config.server_info = Implementation::new("socrazi-conformance", env!("CARGO_PKG_VERSION"));
        config
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.tools.iter().find(|tool| tool.name == name).cloned()
    }

    async fn list_tools(&self, _: Option<PaginatedRequestParams>, _: Context) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.tools.as_ref().clone()))
    }

    async fn call_tool(&self, request: CallToolRequestParams, context: Context) -> Result<CallToolResponse, ErrorData> {
        let arguments = request.arguments.clone().map_or(Value::Null, Value::Object);
        let sent = sent(&context, request.input_responses, request.request_state);
        let result = if let Some(result) = answers::tool(&request.name) {
            result
        } else if let Some(result) = self.busy(&request.name, &context).await? {
            result
        } else if let Some(asked) = rounds::live(&request.name, &arguments) {
            Self::live(&context, asked).await?
        } else {
            let round = rounds::tool(&request.name, &sent);
            let round = round.map_err(|_| ErrorData::invalid_params("requestState is not ours", None))?;
            round.ok_or_else(|| ErrorData::invalid_params("unknown tool", None))?
        };
        if is_asking(&result) {
            return Ok(read::<InputRequiredResult>(result)?.into());
        }
        Ok(complete::<CallToolResult>(result)?.into())
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: Context,
    ) -> Result<ListResourcesResult, ErrorData> {
        complete(answers::resources())
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: Context,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        complete(answers::templates())
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: Context,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let unknown = || ErrorData::resource_not_found("Resource not found", Some(json!({ "uri": request.uri })));
        let found = answers::resource(&request.uri).ok_or_else(unknown)?;
        Ok(complete::<ReadResourceResult>(found)?.into())
    }

    async fn subscribe(&self, _: SubscribeRequestParams, _: Context) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn unsubscribe(&self, _: UnsubscribeRequestParams, _: Context) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: Context,
    ) -> Result<ListPromptsResult, ErrorData> {
        complete(answers::prompts())
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: Context,
    ) -> Result<GetPromptResponse, ErrorData> {
        let arguments = request.arguments.clone().map_or(Value::Null, Value::Object);
        let sent = sent(&context, request.input_responses, request.request_state);
        let found = answers::prompt(&request.name, &arguments).or_else(|| rounds::prompt(&request.name, &sent));
        let result = found.ok_or_else(|| ErrorData::invalid_params("unknown prompt", None))?;
        if is_asking(&result) {
            return Ok(read::<InputRequiredResult>(result)?.into());
        }
        Ok(complete::<GetPromptResult>(result)?.into())
    }

    async fn complete(&self, _: CompleteRequestParams, _: Context) -> Result<CompleteResult, ErrorData> {
        complete(json!({ "completion": { "values": ["test", "testing"], "total": 2, "hasMore": false } }))
    }

    #[expect(deprecated, reason = "older clients may still ask, and the suite does")]
    async fn set_level(&self, _: rmcp::model::SetLevelRequestParams, _: Context) -> Result<(), ErrorData> {
        Ok(())
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        Some(requested.clone())
    }

    async fn listen(&self, subscription: SubscriptionContext) -> Result<(), ErrorData> {
        let mut changes = self.changes.subscribe();
        loop {
            let change = tokio::select! {
                () = subscription.cancelled() => return Ok(()),
                change = changes.recv() => change,
            };
            // What it did not ask for is refused by the sink.
            let _not_wanted = match change {
                Ok(Change::Tools) => subscription.sink().notify_tool_list_changed().await,
                Ok(Change::Prompts) => subscription.sink().notify_prompt_list_changed().await,
                Err(_behind) => continue,
            };
        }
    }
}
