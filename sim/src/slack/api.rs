//! `/api/{method}`: which methods there are, what each needs, and the frame around every call (dossier §1, §18).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State as Shared};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::args::Args;
use super::rates::{SPECIAL, TIER_1, TIER_2, TIER_3, TIER_4, Tier};
use super::refusal::{Refusal, api_json};
use super::state::{Asked, State};
use super::tokens::{Caller, TokenKind};
use super::{Slack, chat, conversations, files, oauth, openid, socket, stream, threads, views};
use crate::lock;

/// What a method answers beside `ok`.
pub(super) type Answered = Result<Value, Refusal>;

/// One call.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: String,
    pub(super) args: Args,
    pub(super) caller: Caller,
    pub(super) authorization: Option<String>,
    pub(super) now_ms: i64,
}

/// Which token a method takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wants {
    Nothing,
    Any,
    Bot,
    App,
}

/// What a method needs.
#[derive(Clone, Copy)]
struct Spec {
    work: fn(&mut State, &Call) -> Answered,
    tier: Tier,
    wants: Wants,
    scopes: &'static [&'static str],
    needs: &'static [&'static str],
    /// Takes forms and addresses, but reads no JSON; may be asked with GET.
    is_reading: bool,
}

const WRITE: &[&str] = &["chat:write"];
const DM: &[&str] = &["im:write", "channels:manage", "groups:write", "mpim:write"];
const ASSIST: &[&str] = &["assistant:write"];
const REACT: &[&str] = &["reactions:write"];
const FILES: &[&str] = &["files:write"];

const fn spec(work: fn(&mut State, &Call) -> Answered, tier: Tier) -> Spec {
    Spec { work, tier, wants: Wants::Any, scopes: &[], needs: &[], is_reading: false }
}

impl Spec {
    const fn bot(self, scopes: &'static [&'static str], needs: &'static [&'static str]) -> Self {
        Self { wants: Wants::Bot, scopes, needs, ..self }
    }

    const fn of(self, wants: Wants) -> Self {
        Self { wants, ..self }
    }

    const fn reading(self) -> Self {
        Self { is_reading: true, ..self }
    }
}

fn find(method: &str) -> Option<Spec> {
    let found = match method {
        "api.test" => spec(|_, call| Ok(json!({ "args": call.args.all() })), SPECIAL).of(Wants::Nothing),
        "auth.test" => spec(oauth::test, SPECIAL),
        "auth.revoke" => spec(oauth::revoke, TIER_3).reading(),
        "oauth.v2.access" => spec(oauth::access, SPECIAL).of(Wants::Nothing).reading(),
        "openid.connect.token" => spec(openid::token, TIER_4).of(Wants::Nothing).reading(),
        "openid.connect.userInfo" => spec(openid::user_info, TIER_3),
        "apps.uninstall" => spec(oauth::uninstall, TIER_1).reading(),
        "apps.connections.open" => spec(socket::open, TIER_3).of(Wants::App),
        "chat.postMessage" => spec(chat::post, Tier::Posting).bot(WRITE, &["channel"]),
        "chat.update" => spec(chat::update, TIER_3).bot(WRITE, &["channel", "ts"]),
        "chat.delete" => spec(chat::delete, TIER_3).bot(WRITE, &["channel", "ts"]),
        "chat.postEphemeral" => spec(chat::post_ephemeral, TIER_4).bot(WRITE, &["channel", "user"]),
        "chat.getPermalink" => spec(chat::permalink, SPECIAL).bot(&[], &["channel", "message_ts"]).reading(),
        "chat.startStream" => spec(stream::start, TIER_2).bot(WRITE, &["channel"]),
        "chat.appendStream" => spec(stream::append, TIER_4).bot(WRITE, &["channel", "ts"]),
        "chat.stopStream" => spec(stream::stop, TIER_2).bot(WRITE, &["channel", "ts"]),
        "views.open" => spec(views::open, TIER_4).bot(&[], &["trigger_id", "view"]),
        "views.push" => spec(views::push, TIER_4).bot(&[], &["trigger_id", "view"]),
        "views.update" => spec(views::update, TIER_4).bot(&[], &["view"]),
        "views.publish" => spec(views::publish, TIER_4).bot(&[], &["user_id", "view"]),
        "conversations.open" => spec(conversations::open, TIER_3).bot(DM, &[]),
        "conversations.info" => spec(conversations::info, TIER_3).bot(&[], &["channel"]).reading(),
        "conversations.replies" => spec(conversations::replies, TIER_3).bot(&[], &["channel", "ts"]).reading(),
        "conversations.history" => spec(conversations::history, TIER_3).bot(&[], &["channel"]).reading(),
        "conversations.members" => spec(conversations::members, TIER_4).bot(&[], &["channel"]).reading(),
        "users.info" => spec(conversations::user, TIER_4).bot(&["users:read"], &["user"]).reading(),
        "team.info" => spec(conversations::team, TIER_3).bot(&["team:read"], &[]).reading(),
        "reactions.add" => spec(threads::react, TIER_3).bot(REACT, &["channel", "name", "timestamp"]),
        "reactions.remove" => spec(threads::unreact, TIER_2).bot(REACT, &["channel", "name", "timestamp"]),
        "assistant.threads.setStatus" => spec(threads::set_status, SPECIAL).bot(WRITE, &["channel_id", "thread_ts"]),
        "assistant.threads.setSuggestedPrompts" => {
            spec(threads::set_prompts, TIER_4).bot(ASSIST, &["channel_id", "prompts"])
        }
        "assistant.threads.setTitle" => {
            spec(threads::set_title, TIER_4).bot(ASSIST, &["channel_id", "thread_ts", "title"])
        }
        "agents.sessions.setStatus" => {
            spec(threads::set_session, TIER_3).bot(WRITE, &["channel_id", "thread_ts", "status"])
        }
        "agents.sessions.rename" => {
            spec(threads::rename_session, TIER_3).bot(WRITE, &["channel_id", "thread_ts", "title"])
        }
        "files.getUploadURLExternal" => spec(files::upload_url, TIER_4).bot(FILES, &[]).reading(),
        "files.completeUploadExternal" => spec(files::complete, TIER_4).bot(FILES, &["files"]),
        "files.info" => spec(files::info, TIER_4).bot(&["files:read"], &["file"]).reading(),
        "files.delete" => spec(files::delete, TIER_3).bot(FILES, &["file"]),
        _ => return None,
    };
    Some(found)
}

/// The token in the header.
pub(super) fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ").map(|token| token.trim().to_owned())
}

/// `/api/{method}`, GET or POST.
pub(super) async fn answer(
    Shared(slack): Shared<Arc<Slack>>,
    Path(method): Path<String>,
    RawQuery(query): RawQuery,
    verb: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let now_ms = slack.clock.now_ms();
    let mut state = lock(&slack.state);
    let mut asked = Asked { method: method.clone(), args: Value::Null, at_ms: now_ms, error: None };
    let mut scopes = String::new();
    let request = Came { verb, query, headers, body };
    let worked = work(&mut state, request, (&mut asked, &mut scopes));
    let mut answer = match worked {
        Ok(fields) => api_json(&fields),
        Err(refusal) => {
            asked.error = Some(refusal.error.clone());
            if !refusal.is_excused {
                state.violation(refusal.line(&method));
            }
            refusal.into_response()
        }
    };
    state.note(asked);
    drop(state);
    slack.send_outbox();
    if let Ok(value) = HeaderValue::from_str(&scopes)
        && !scopes.is_empty()
    {
        answer.headers_mut().insert(HeaderName::from_static("x-oauth-scopes"), value);
    }
    answer
}

/// A request as it came.
struct Came {
    verb: Method,
    query: Option<String>,
    headers: HeaderMap,
    body: Bytes,
}

fn work(state: &mut State, came: Came, notes: (&mut Asked, &mut String)) -> Answered {
    let (asked, scopes) = notes;
    let method = asked.method.clone();
    let spec = find(&method).ok_or_else(|| Refusal::new("unknown_method").with("req_method", json!(method)))?;
    let args = Args::read(came.query.as_deref(), &came.headers, &came.body, spec.is_reading)?;
    asked.args = args.all();
    if came.verb == Method::GET
        && !spec.is_reading
        && !["auth.test", "openid.connect.userInfo", "api.test"].contains(&method.as_str())
    {
        return Err(Refusal::arguments("this method writes: POST it"));
    }
    let in_address = came.query.as_deref().unwrap_or_default().split('&').any(|pair| pair.starts_with("token="));
    if in_address {
        state.violation(format!("{method}: the token is in an address"));
        return Err(Refusal::new("invalid_auth"));
    }
    let token = bearer(&came.headers).or_else(|| args.text("token").map(str::to_owned));
    let caller = match spec.wants {
        Wants::Nothing => nobody(),
        Wants::Any | Wants::Bot | Wants::App => state.caller(token.as_deref(), asked.at_ms)?,
    };
    *scopes = caller.scopes.join(",");
    let fits = match spec.wants {
        Wants::Bot => caller.kind == TokenKind::Bot,
        Wants::App => caller.kind == TokenKind::App,
        Wants::Any => caller.kind != TokenKind::App,
        Wants::Nothing => true,
    };
    if !fits {
        return Err(Refusal::new("not_allowed_token_type"));
    }
    caller.need(spec.scopes)?;
    let missing: Vec<String> = spec
        .needs
        .iter()
        .filter(|name| !args.has(name))
        .map(|name| format!("[ERROR] missing required field: {name}"))
        .collect();
    if !missing.is_empty() {
        return Err(Refusal::telling("invalid_arguments", &missing));
    }
    if state.enforces_rates {
        let key = (method.as_str(), caller.team.as_str());
        state.windows.take(spec.tier, key, args.word("channel"), asked.at_ms).map_err(Refusal::limited)?;
    }
    let authorization = came.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let call = Call { method, args, caller, authorization: authorization.map(str::to_owned), now_ms: asked.at_ms };
    let mut fields = (spec.work)(state, &call)?;
    fields["ok"] = json!(true);
    warn(&mut fields, &came.headers);
    Ok(fields)
}

fn nobody() -> Caller {
    Caller { token: String::new(), kind: TokenKind::User, team: String::new(), user: String::new(), scopes: Vec::new() }
}

/// JSON without a charset is taken, and remarked upon.
fn warn(fields: &mut Value, headers: &HeaderMap) {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("application/json") && !kind.contains("charset") {
        fields["warning"] = json!("missing_charset");
        fields["response_metadata"]["warnings"] = json!(["missing_charset"]);
    }
}
