//! The handler that rmcp drives: tools listed and called through the doors, refusals as in-band errors.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use rmcp::ServerHandler;
use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData, Implementation,
    JsonObject, ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool, ToolAnnotations,
};
use rmcp::service::{RequestContext, RoleServer};

use super::answering::{self, Asked};
use super::waiting::{attended, server_meta};
use crate::app::oauth::Bearer;
use crate::app::{ANSWER_WITHIN, App};
use crate::domain::lang::Lang;
use crate::domain::oauth::{Scopes, needed};
use crate::domain::tool::{Effect, ToolError, ToolSpec};
use crate::say;

/// What a model is told of the server as a whole.
const INSTRUCTIONS: &str = "Socrazi drafts, checks, schedules and publishes posts, exactly once. Start with list_accounts. \
Write with create_draft and mend what its findings name. schedule_post and publish_post usually answer with an approval_url: give it to \
the person, because only they can approve. Tell them what happened with the wording that get_post gives; never say that something is out \
before get_post says so.";

/// A call that took longer has no time left to wait for a person as well; its question stands on the page.
const ASK_WITHIN: Duration = Duration::from_secs(4);

/// Built once; each request clones two pointers (rmcp calls the factory per request).
#[derive(Clone)]
pub(super) struct Handler {
    app: Arc<App>,
    tools: Arc<Vec<Tool>>,
    /// Whether whoever calls without more is the local user, over a stream; over HTTP the caller comes with each request.
    is_local: bool,
}

impl Handler {
    pub(super) fn over_http(app: Arc<App>) -> Self {
        let tools = Arc::new(app.toolbox().iter().map(tool).collect());
        Self { app, tools, is_local: false }
    }

    pub(super) fn for_local(&self) -> Self {
        Self { is_local: true, ..self.clone() }
    }

    /// Looked up at every call: what a person may take back counts from the next call on, however long a client stays.
    async fn bearer(&self, context: &RequestContext<RoleServer>) -> Result<Arc<Bearer>, ErrorData> {
        let over_http =
            context.extensions.get::<http::request::Parts>().and_then(|parts| parts.extensions.get::<Arc<Bearer>>());
        match over_http {
            Some(bearer) => Ok(Arc::clone(bearer)),
            None if self.is_local => match self.app.local_caller().await {
                Ok(caller) => Ok(Arc::new(Bearer { client: caller.grantee(), caller, scopes: Scopes::ALL })),
                Err(error) => {
                    tracing::error!(error = %error, "the local user could not be looked up");
                    Err(ErrorData::internal_error(self.app.words().say(Lang::En, &say!("common-failed")), None))
                }
            },
            None => Err(ErrorData::internal_error("no caller", None)),
        }
    }
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let mut server = Implementation::new(super::NAME, env!("CARGO_PKG_VERSION"));
        server.title = Some(super::TITLE.into());
        let mut config = ServerConfig::new(ServerCapabilities::builder().enable_tools().build());
        config.server_info = server;
        config.instructions = Some(INSTRUCTIONS.into());
        config
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        // The same for everybody today, but what a person may see is theirs: never in a shared cache.
        let mut result = ListToolsResult::with_all_items(self.tools.as_ref().clone())
            .with_ttl_ms(0)
            .with_cache_scope(CacheScope::Private);
        result.meta = server_meta(&context, result.meta.take());
        Ok(result)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.tools.iter().find(|tool| tool.name == name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let bearer = self.bearer(&context).await?;
        // An unknown tool is a fault of the protocol, not of the tool's use.
        if !self.tools.iter().any(|tool| tool.name == request.name) {
            let sentence = say!("common-tool-unknown", name = request.name.chars().take(60).collect::<String>());
            return Err(ErrorData::invalid_params(self.app.words().say(Lang::En, &sentence), None));
        }
        // Over HTTP that was answered with 403 already; here too, so that no form of message is a way around it.
        let spec = self.app.toolbox().iter().find(|spec| spec.name == request.name);
        if let Some(needed) = spec.map(needed).filter(|needed| !bearer.scopes.holds(*needed)) {
            let sentence = say!("oauth-scope-missing", tool = request.name.as_ref(), scopes = needed.text());
            return Ok(
                CallToolResult::error(vec![ContentBlock::text(self.app.words().say(Lang::En, &sentence))]).into()
            );
        }
        let arguments = request.arguments.clone().map_or(serde_json::Value::Null, serde_json::Value::Object);
        let client = context.client_info().map(|info| info.title.unwrap_or(info.name)).unwrap_or_default();
        let call = (request.name.as_ref(), &arguments);
        let done = match answering::answered(&self.app, &bearer.caller, &request, call).await {
            Some(done) => done,
            None => {
                let begun = tokio::time::Instant::now();
                let again = (call.0, arguments.clone());
                let work = self.app.call_tool_within(&bearer.caller, &client, again, ANSWER_WITHIN);
                let done = attended(&context, work).await?;
                match &done {
                    Ok(outcome) if begun.elapsed() < ASK_WITHIN => {
                        match answering::ask(&self.app, &bearer.caller, &context, (call, outcome)).await {
                            Ok(Some(Asked::Again(response))) => return Ok(response),
                            Ok(Some(Asked::Now(answer))) => answer,
                            Ok(None) => done,
                            Err(error) => {
                                // The call was done all the same, and its question stands on the pages.
                                tracing::error!(error = %error, "a question could not be put to a client");
                                done
                            }
                        }
                    }
                    Ok(_) | Err(_) => done,
                }
            }
        };
        let mut result = match done {
            Ok(outcome) => {
                let mut result = CallToolResult::success(vec![ContentBlock::text(outcome.text)]);
                result.structured_content = Some(outcome.structured);
                result
            }
            Err(ToolError::Refused(sentence)) => {
                CallToolResult::error(vec![ContentBlock::text(self.app.words().say(Lang::En, &sentence))])
            }
            Err(ToolError::Failed(_)) => {
                CallToolResult::error(vec![ContentBlock::text(self.app.words().say(Lang::En, &say!("common-failed")))])
            }
        };
        result.meta = server_meta(&context, result.meta.take());
        Ok(result.into())
    }
}

/// A tool's contract in MCP's words. All four hints are always set: a missing `destructiveHint` means true.
fn tool(spec: &ToolSpec) -> Tool {
    let mut tool =
        Tool::new(Cow::Borrowed(spec.name), Cow::Owned(spec.description.clone()), object(&spec.input_schema));
    tool.title = Some(spec.title.to_owned());
    tool.output_schema = Some(object(&spec.output_schema));
    let (reads, destroys, outside) = match spec.effect {
        Effect::Reads => (true, false, false),
        Effect::Drafts => (false, false, false),
        Effect::Schedules | Effect::Publishes | Effect::Connects => (false, false, true),
        Effect::Forgets => (false, true, true),
    };
    tool.annotations =
        Some(ToolAnnotations::from_raw(None, Some(reads), Some(destroys), Some(spec.idempotent), Some(outside)));
    tool
}

fn object(schema: &serde_json::Value) -> Arc<JsonObject> {
    Arc::new(schema.as_object().cloned().unwrap_or_default())
}
