//! The handler that rmcp drives: tools listed and called through the doors, refusals as in-band errors. Resources, prompts, completions and
//! subscriptions have files of their own; here they are only hooked in.

use std::borrow::Cow;
use std::sync::Arc;

use rmcp::ServerHandler;
use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, CallToolResult, CompleteRequestParams, CompleteResult,
    ContentBlock, ErrorData, GetPromptRequestParams, GetPromptResponse, Implementation, JsonObject, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams, ProtocolVersion,
    ReadResourceRequestParams, ReadResourceResponse, ServerCapabilities, ServerConfig, SubscribeRequestParams,
    SubscriptionFilter, Tool, ToolAnnotations, UnsubscribeRequestParams,
};
use rmcp::service::{NotificationContext, RequestContext, RoleServer, SubscriptionContext};
use rmcp::transport::streamable_http_server::SessionRestoreMarker;
use tokio::time::Instant;
use url::Url;

use super::allowed;
use super::answering::{self, Asked};
use super::apps::{self, AppPage};
use super::charts;
use super::icons::Icon;
use super::resources::{Reader, cut};
use super::subscriptions::{self, Pulse, Session};
use super::waiting::{attended, server_meta};
use crate::app::oauth::Bearer;
use crate::app::{ANSWER_WITHIN, App};
use crate::domain::allowed::Allowed;
use crate::domain::caller::Caller;
use crate::domain::lang::Lang;
use crate::domain::oauth::{Scopes, needed_by};
use crate::domain::tool::{Effect, ToolError, ToolSpec};
use crate::say;

/// What a model is told of the server as a whole.
const INSTRUCTIONS: &str = "Socrazi drafts, checks, schedules and publishes posts, exactly once. Start with list_accounts. \
Write with create_draft and mend what its findings name. schedule_post and publish_post usually answer with an approval_url: give it to \
the person, because only they can approve. Tell them what happened with the wording that get_post gives; never say that something is out \
before get_post says so. Resources hold the same for reading: posts, the calendar by week, accounts, the brand voice.";

/// Longest refusal.
const REFUSAL_BYTES: usize = 8_000;

/// Built once; each request clones two pointers (rmcp calls the factory per request).
#[derive(Clone)]
pub(super) struct Handler {
    app: Arc<App>,
    tools: Arc<Shown>,
    /// Shared by every session.
    pulse: Arc<Pulse>,
    /// What this session of the older era waits for.
    session: Session,
    /// What whoever started it is shown at most.
    allowed: Allowed,
    /// Whether whoever calls without more is the local user, over a stream; over HTTP the caller comes with each request.
    is_local: bool,
}

impl Handler {
    pub(super) fn over_http(app: Arc<App>) -> Self {
        let tools = Arc::new(Shown::of(&app));
        let pulse = Pulse::new(&app);
        let allowed = app.config().mcp_allowed;
        Self { app, tools, pulse, session: Session::default(), allowed, is_local: false }
    }

    pub(super) fn for_local(&self, allowed: Allowed) -> Self {
        Self { is_local: true, allowed: self.allowed.and(allowed), ..self.clone() }
    }

    /// Looked up at every call: what a person may take back counts from the next call on, however long a client stays.
    async fn bearer(&self, context: &RequestContext<RoleServer>) -> Result<Arc<Bearer>, ErrorData> {
        let over_http =
            context.extensions.get::<http::request::Parts>().and_then(|parts| parts.extensions.get::<Arc<Bearer>>());
        match over_http {
            Some(bearer) => Ok(Arc::clone(bearer)),
            None if self.is_local => match self.app.local_caller().await {
                Ok(caller) => Ok(Arc::new(Bearer {
                    client: caller.grantee(),
                    caller,
                    scopes: Scopes::ALL,
                    allowed: Allowed::default(),
                })),
                Err(error) => {
                    tracing::error!(error = %error, "the local user could not be looked up");
                    Err(ErrorData::internal_error(self.app.words().say(Lang::En, &say!("common-failed")), None))
                }
            },
            None => Err(ErrorData::internal_error("no caller", None)),
        }
    }

    /// Whoever asks, and what they are shown.
    async fn reader(&self, context: &RequestContext<RoleServer>) -> Result<Reader, ErrorData> {
        let bearer = self.bearer(context).await?;
        Ok(Reader { app: Arc::clone(&self.app), allowed: self.allowed(context, &bearer), bearer, is_watching: false })
    }

    /// What whoever started it, its person and the client itself let it see at most.
    fn allowed(&self, context: &RequestContext<RoleServer>, bearer: &Bearer) -> Allowed {
        let consented = self.allowed.and(bearer.allowed);
        let over_http = context.extensions.get::<http::request::Parts>();
        over_http.map_or(consented, |parts| consented.and(allowed::of_headers(&parts.headers)))
    }
}

/// Whether a request belongs to a session, which hears of changes by itself.
fn is_session(context: &RequestContext<RoleServer>) -> bool {
    context.protocol_version().is_none_or(|version| version.as_str() < ProtocolVersion::V_2026_07_28.as_str())
}

/// The tools as they are listed, in each language; what people read is theirs, what models read is English.
struct Shown {
    en: Vec<Tool>,
    ja: Vec<Tool>,
}

impl Shown {
    fn of(app: &App) -> Self {
        let all = |lang: Lang| {
            let title =
                |spec: &ToolSpec| app.words().text(lang, &format!("tool-title-{}", spec.name.replace('_', "-")));
            app.toolbox().iter().map(|spec| tool(spec, title(spec), app.public_url())).collect()
        };
        Self { en: all(Lang::En), ja: all(Lang::Ja) }
    }

    const fn in_language(&self, lang: Lang) -> &Vec<Tool> {
        match lang {
            Lang::En => &self.en,
            Lang::Ja => &self.ja,
        }
    }
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let mut server = Implementation::new(super::NAME, env!("CARGO_PKG_VERSION"));
        server.title = Some(super::TITLE.into());
        server.icons = Some(Icon::Post.listed(self.app.public_url()));
        let capabilities = ServerCapabilities::builder()
            .enable_completions()
            .enable_extensions_with(apps::extensions())
            .enable_prompts()
            .enable_resources()
            .enable_resources_list_changed()
            .enable_resources_subscribe()
            .enable_tools()
            .build();
        let mut config = ServerConfig::new(capabilities);
        config.server_info = server;
        config.instructions = Some(INSTRUCTIONS.into());
        config
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let reader = self.reader(&context).await?;
        // Also what its person would have to allow first: what no model sees it never calls, and nobody would be asked (step-up). So the list
        // does not change with the scopes.
        let scopes = self.app.could_allow(&reader.bearer);
        let shows = |name: &str| {
            let spec = self.app.toolbox().iter().find(|spec| spec.name == name);
            spec.is_some_and(|spec| reader.allowed.shows(spec, scopes))
        };
        let tools = self.tools.in_language(reader.caller().lang).iter().filter(|tool| shows(&tool.name)).cloned();
        // What a person may see is theirs: never in a shared cache.
        let mut result =
            ListToolsResult::with_all_items(tools.collect()).with_ttl_ms(0).with_cache_scope(CacheScope::Private);
        result.meta = server_meta(&context, None);
        Ok(result)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.tools.en.iter().find(|tool| tool.name == name).cloned()
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let reader = self.reader(&context).await?;
        let cursor = request.and_then(|request| request.cursor);
        let is_first = cursor.is_none();
        let mut listed = reader.list(cursor).await?;
        // Titles are the beginnings of texts.
        let names: Vec<&str> = listed.resources.iter().map(|resource| resource.name.as_str()).collect();
        let noted = self.app.note_read(reader.caller(), &serde_json::json!(names)).await;
        noted.map_err(|error| reader.fault(error))?;
        listed.meta = server_meta(&context, listed.meta.take());
        if is_first
            && is_session(&context)
            && let Err(error) = self.session.list_seen(&listed, &reader, (&self.pulse, context.peer.clone()))
        {
            // The list is there all the same; whoever wants to be sure subscribes, and is told.
            tracing::debug!(error = %error.message, "nobody watches the list for a session");
        }
        if is_first && is_session(&context) {
            self.keep_awaited(&context, &reader).await;
        }
        Ok(listed)
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let mut templates = self.reader(&context).await?.templates();
        templates.meta = server_meta(&context, templates.meta.take());
        Ok(templates)
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let reader = self.reader(&context).await?;
        let mut read = match AppPage::find(&request.uri) {
            Some(page) => reader.app_page(page),
            None => reader.contents(&request.uri).await?,
        };
        read.meta = server_meta(&context, read.meta.take());
        Ok(read.into())
    }

    async fn subscribe(
        &self,
        request: SubscribeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let reader = self.reader(&context).await?;
        self.session.subscribe(&request.uri, &reader, (&self.pulse, context.peer.clone())).await?;
        self.keep_awaited(&context, &reader).await;
        Ok(())
    }

    async fn unsubscribe(
        &self,
        request: UnsubscribeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let reader = self.reader(&context).await?;
        self.session.unsubscribe(&request.uri);
        self.keep_awaited(&context, &reader).await;
        Ok(())
    }

    /// A session that came back from the store goes on waiting for what it waited for.
    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        let Some(SessionRestoreMarker { id, .. }) = context.extensions.get() else { return };
        let parts = context.extensions.get::<http::request::Parts>();
        let Some(parts) = parts else { return };
        let Some(bearer) = parts.extensions.get::<Arc<Bearer>>() else { return };
        let resumed = match self.app.find_mcp_awaited(bearer, id).await {
            Ok(Some(awaited)) => {
                let allowed = self.allowed.and(bearer.allowed).and(allowed::of_headers(&parts.headers));
                let (app, bearer) = (Arc::clone(&self.app), Arc::clone(bearer));
                let reader = Reader { app, bearer, allowed, is_watching: false };
                let done = self.session.resume(&awaited, &reader, (&self.pulse, context.peer.clone()));
                done.map_err(|error| error.message.to_string())
            }
            Ok(None) => Ok(()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = resumed {
            tracing::error!(error = %error, "a session does not wait on for what it had subscribed to");
        }
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        Some(subscriptions::accepted(requested))
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let reader = self.reader(context.request_context()).await?;
        subscriptions::listen(context, &self.pulse, &reader).await
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let mut prompts = self.reader(&context).await?.prompts();
        prompts.meta = server_meta(&context, prompts.meta.take());
        Ok(prompts)
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let mut prompt = self.reader(&context).await?.prompt(request).await?;
        prompt.meta = server_meta(&context, prompt.meta.take());
        Ok(prompt.into())
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let mut completed = self.reader(&context).await?.complete(&request).await?;
        completed.meta = server_meta(&context, completed.meta.take());
        Ok(completed)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let until = Instant::now() + ANSWER_WITHIN;
        let bearer = self.bearer(&context).await?;
        // An unknown tool is a fault of the protocol, not of the tool's use.
        let spec = self.app.toolbox().iter().find(|spec| spec.name == request.name);
        if !spec.is_some_and(|spec| self.allowed(&context, &bearer).has_tool(spec)) {
            let sentence = say!("common-tool-unknown", name = request.name.chars().take(60).collect::<String>());
            return Err(ErrorData::invalid_params(self.app.words().say(Lang::En, &sentence), None));
        }
        // Over HTTP that was answered with 403 already; here too, so that no form of message is a way around it.
        let asks_outcomes = request.arguments.as_ref().is_some_and(|all| all.get("outcomes") == Some(&true.into()));
        if let Some(needed) =
            spec.map(|spec| needed_by(spec, asks_outcomes)).filter(|needed| !bearer.scopes.holds(*needed))
        {
            let sentence = say!("oauth-scope-missing", tool = request.name.as_ref(), scopes = needed.text());
            return Ok(
                CallToolResult::error(vec![ContentBlock::text(self.app.words().say(Lang::En, &sentence))]).into()
            );
        }
        let arguments = request.arguments.clone().map_or(serde_json::Value::Null, serde_json::Value::Object);
        let viewer = apps::are_shown(context.client_capabilities().as_ref()).then(|| arguments.clone());
        let client = context.client_info().map(|info| info.title.unwrap_or(info.name)).unwrap_or_default();
        let call = (request.name.as_ref(), &arguments);
        let done = match self.carried_out((&bearer.caller, &client), &context, &request, (call, until)).await? {
            Asked::Again(response) => return Ok(response),
            Asked::Now(done) => done,
        };
        let mut result = match done {
            Ok(outcome) => {
                let view = match viewer {
                    Some(asked) => {
                        let reader = Reader {
                            app: Arc::clone(&self.app),
                            bearer: Arc::clone(&bearer),
                            allowed: self.allowed(&context, &bearer),
                            is_watching: false,
                        };
                        // What is only for the app ends with the call's time: it shows what the model reads then.
                        let view = reader.view(&request.name, &asked, &outcome);
                        tokio::time::timeout_at(until, view).await.unwrap_or_default()
                    }
                    None => None,
                };
                let mut content = vec![ContentBlock::text(outcome.text)];
                if let Some(chart) = outcome.chart.filter(|_| self.allowed(&context, &bearer).has_images()) {
                    content.extend(tokio::time::timeout_at(until, charts::block(chart)).await.unwrap_or_default());
                }
                let mut result = CallToolResult::success(content);
                result.structured_content = Some(outcome.structured);
                result.meta = view;
                result
            }
            Err(ToolError::Refused(sentence)) => {
                // It may quote what it refuses.
                let said = cut(&self.app.words().say(Lang::En, &sentence), REFUSAL_BYTES);
                CallToolResult::error(vec![ContentBlock::text(said)])
            }
            Err(ToolError::Failed(_)) => {
                CallToolResult::error(vec![ContentBlock::text(self.app.words().say(Lang::En, &say!("common-failed")))])
            }
        };
        result.meta = server_meta(&context, result.meta.take());
        Ok(result.into())
    }
}

impl Handler {
    /// Keeps what a session waits for beyond this process. Without a session there is nothing to be kept.
    async fn keep_awaited(&self, context: &RequestContext<RoleServer>, reader: &Reader) {
        let parts = context.extensions.get::<http::request::Parts>();
        let id = parts.and_then(|parts| parts.headers.get("mcp-session-id")).and_then(|id| id.to_str().ok());
        let Some(id) = id.filter(|_| is_session(context)) else { return };
        let Some(awaited) = self.session.to_keep() else { return };
        if let Err(error) = self.app.keep_mcp_awaited(&reader.bearer, id, awaited.as_deref()).await {
            // It hears as long as this process lives.
            tracing::error!(error = %error, "what a session waits for could not be kept");
        }
    }

    /// Carries a call out, puts the question that it leaves to whoever sits before the client where that is wanted, or takes their answer.
    async fn carried_out(
        &self,
        (caller, client): (&Caller, &str),
        context: &RequestContext<RoleServer>,
        request: &CallToolRequestParams,
        (call, until): (answering::Call<'_>, Instant),
    ) -> Result<Asked, ErrorData> {
        if let Some(done) = attended(context, answering::answered(&self.app, caller, request, (call, until))).await? {
            return Ok(Asked::Now(done));
        }
        let left = until.saturating_duration_since(Instant::now());
        let work = self.app.call_tool_within(caller, client, (call.0, call.1.clone()), left);
        let done = match attended(context, work).await? {
            Ok(outcome) => self.app.as_decided(caller, call, outcome).await,
            Err(error) => Err(error),
        };
        Ok(match answering::ask(&self.app, caller, context, (call, &done, until)).await {
            Ok(Some(asked)) => asked,
            Ok(None) => Asked::Now(done),
            Err(error) => {
                // The call was done all the same, and its question stands on the pages.
                tracing::error!(error = %error, "a question could not be put to a client");
                Asked::Now(done)
            }
        })
    }
}

/// A tool's contract in MCP's words. All four hints are always set: a missing `destructiveHint` means true.
fn tool(spec: &ToolSpec, title: String, public_url: &Url) -> Tool {
    let mut tool =
        Tool::new(Cow::Borrowed(spec.name), Cow::Owned(spec.description.clone()), object(&spec.input_schema));
    tool.title = Some(title);
    tool.icons = Some(Icon::of_tool(spec.name).listed(public_url));
    tool.meta = Some(apps::meta(spec)).filter(|meta| !meta.0.is_empty());
    tool.output_schema = Some(object(&spec.output_schema));
    tool.annotations = Some(ToolAnnotations::from_raw(
        None,
        Some(spec.effect == Effect::Reads),
        Some(spec.takes_away),
        Some(spec.idempotent),
        Some(spec.reaches_out),
    ));
    tool
}

fn object(schema: &serde_json::Value) -> Arc<JsonObject> {
    Arc::new(schema.as_object().cloned().unwrap_or_default())
}
