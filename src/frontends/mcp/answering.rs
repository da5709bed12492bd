//! A question put to whoever sits before the client (elicitation): only where the person said that they answer there themselves, as a form, or
//! as a link to the approval page where the client shows nothing but links. In the older era the client is asked while the call waits; in the
//! newer one the call ends with what is asked, and comes again with the answer. Whether an answer counts is decided in `app`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, ConstTitle, ElicitRequest, ElicitRequestParams, ElicitResult,
    ElicitationAction, ElicitationSchema, EnumSchema, InputRequest, InputRequiredResult, PrimitiveSchemaDefinition,
    ProtocolVersion, SingleSelectEnumSchema, TitledSingleSelectEnumSchema,
};
use rmcp::service::{RequestContext, RoleServer};
use serde_json::Value;
use tokio::time::Instant;

use crate::app::{App, Brought, Offered, Verdict};
use crate::desk::view::ApprovalView;
use crate::domain::caller::Caller;
use crate::domain::ids::ApprovalId;
use crate::domain::tool::{ToolError, ToolOutcome};
use crate::places::plain::Drawer;
use crate::say;

/// How long a call waits for a person (DECISIONS 19); then it is answered as it stands, with the page's address.
const WAIT: Duration = Duration::from_secs(15);
/// So much of a call's time is left for what follows from an answer.
const DECIDING: Duration = Duration::from_secs(3);
/// The name of the question among what a call needs, and of its field.
const ANSWER: &str = "answer";
/// Longest question: a client shows it in a small window.
const MESSAGE_CHARS_MAX: usize = 4_000;

/// What the client can show.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Form,
    Url,
}

/// A tool's name and arguments.
pub(super) type Call<'a> = (&'a str, &'a Value);

fn mode(context: &RequestContext<RoleServer>) -> Option<Mode> {
    let capability = context.client_capabilities()?.elicitation?;
    // A client that names neither means forms (MCP 2025-06-18).
    if capability.form.is_some() || capability.url.is_none() { Some(Mode::Form) } else { Some(Mode::Url) }
}

fn is_newer_era(context: &RequestContext<RoleServer>) -> bool {
    context.protocol_version().is_some_and(|version| version >= ProtocolVersion::V_2026_07_28)
}

/// What a call comes to that brings the answer to a question of an earlier one.
pub(super) async fn answered(
    app: &Arc<App>,
    caller: &Caller,
    request: &CallToolRequestParams,
    (call, until): (Call<'_>, Instant),
) -> Option<Result<ToolOutcome, ToolError>> {
    let state = request.request_state.as_deref()?;
    let Ok(id) = state.parse::<ApprovalId>() else { return Some(Err(say!("answer-not-asked").into())) };
    let answer = request.input_responses.as_ref().and_then(|answers| answers.get(ANSWER)).cloned();
    let result = answer.and_then(|answer| serde_json::from_value::<ElicitResult>(answer).ok());
    Some(app.answer_here(caller, (&id, call), result.as_ref().map(brought).unwrap_or_default(), until).await)
}

/// Puts the question that a call left to the client, if it may be put there: what the call comes to then, until when it must be answered.
pub(super) async fn ask(
    app: &Arc<App>,
    caller: &Caller,
    context: &RequestContext<RoleServer>,
    (call, done, until): (Call<'_>, &Result<ToolOutcome, ToolError>, Instant),
) -> Result<Option<Asked>, ToolError> {
    let Ok(outcome) = done else { return Ok(None) };
    if outcome.waiting.is_empty() {
        return Ok(None);
    }
    let Some(mode) = mode(context) else { return Ok(None) };
    let wait = until.saturating_duration_since(Instant::now()).saturating_sub(DECIDING).min(WAIT);
    if wait.is_zero() && !is_newer_era(context) {
        return Ok(None);
    }
    let Some(view) = app.question_here(caller, outcome).await? else { return Ok(None) };
    let id = view.approval.id.clone();
    let (question, offered) = question(app, caller, &view, mode).await?;
    app.put_here(caller, call, (&id, outcome), offered).await?;
    if is_newer_era(context) {
        let request = InputRequest::Elicitation(ElicitRequest::new(question));
        let asked = BTreeMap::from([(ANSWER.to_owned(), request)]);
        return Ok(Some(Asked::Again(InputRequiredResult::new(Some(asked), Some(id.to_string())).into())));
    }
    let answer = context.peer.create_elicitation_with_timeout(question, Some(wait)).await;
    let answer = answer.inspect_err(|error| {
        tracing::info!(error = %error, "a question that was put to a client was not answered there");
    });
    let brought = answer.as_ref().map(brought).unwrap_or_default();
    Ok(Some(Asked::Now(app.answer_here(caller, (&id, call), brought, until).await)))
}

/// What became of a question.
pub(super) enum Asked {
    /// The call ends with it, and comes again with the answer.
    Again(CallToolResponse),
    /// It was put, and this is what the call comes to.
    Now(Result<ToolOutcome, ToolError>),
}

fn brought(result: &ElicitResult) -> Brought {
    Brought { verdict: verdict(result), is_accepted: result.action == ElicitationAction::Accept }
}

/// A person's answer in a form; closing it is none.
fn verdict(result: &ElicitResult) -> Option<Verdict> {
    let said = result.content.as_ref().and_then(|content| content[ANSWER].as_str());
    match (&result.action, said) {
        (ElicitationAction::Accept, Some("yes")) => Some(Verdict::Approve),
        (ElicitationAction::Accept, Some("no")) | (ElicitationAction::Decline, _) => Some(Verdict::Decline),
        // Closed, or something that no person chose among what they were offered.
        _ => None,
    }
}

/// The question, and what of its answers is offered there.
async fn question(
    app: &App,
    caller: &Caller,
    view: &ApprovalView,
    mode: Mode,
) -> Result<(ElicitRequestParams, Offered), ToolError> {
    let drawer = Drawer { app, caller: caller.clone() };
    let ask = drawer.say(&say!("answer-here-ask", name = app.assistant_name(caller).await?));
    let url = app.public_url().join(&format!("approvals/{}", view.approval.id));
    let url = url.map_err(|error| ToolError::Failed(error.to_string()))?.to_string();
    let whole = format!("{ask}\n{}", drawer.approval(view).join("\n"));
    let brief = format!("{ask}\n{}", drawer.say(&view.what));
    Ok(match mode {
        Mode::Url => {
            let elicitation_id = view.approval.id.to_string();
            let link = ElicitRequestParams::UrlElicitationParams { meta: None, message: brief, url, elicitation_id };
            (link, Offered::Page)
        }
        // What must be chosen by itself is chosen on the page.
        Mode::Form if whole.chars().count() <= MESSAGE_CHARS_MAX && view.alone().is_empty() => {
            (form(&drawer, whole, true), Offered::Both)
        }
        // What does not fit is not agreed to half-seen: it is read on the page.
        Mode::Form => {
            let page = drawer.say(&say!("answer-here-page", url = url));
            (form(&drawer, format!("{brief}\n{page}"), false), Offered::No)
        }
    })
}

/// The form: yes or no, nothing chosen before. Where not all of it could be shown there is no yes.
fn form(drawer: &Drawer<'_>, message: String, has_yes: bool) -> ElicitRequestParams {
    let mut choices = vec![ConstTitle::new("no", drawer.text("answer-here-no"))];
    if has_yes {
        choices.insert(0, ConstTitle::new("yes", drawer.text("answer-here-yes")));
    }
    let mut select = TitledSingleSelectEnumSchema::new(choices);
    select.title = Some(drawer.text("answer-here-label").into());
    let field = PrimitiveSchemaDefinition::Enum(EnumSchema::Single(SingleSelectEnumSchema::Titled(select)));
    let schema = ElicitationSchema::new(BTreeMap::from([(ANSWER.to_owned(), field)]));
    ElicitRequestParams::FormElicitationParams {
        meta: None,
        message,
        requested_schema: schema.with_required(vec![ANSWER.to_owned()]),
    }
}
