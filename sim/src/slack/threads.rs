//! Assistant threads and agent sessions (dossier §8.2–8.4), and reactions.

use serde_json::{Value, json};

use super::api::{Answered, Call};
use super::chat::{thread, writable};
use super::refusal::Refusal;
use super::state::State;

/// What a session may be.
pub(super) const SESSION_STATES: [&str; 4] = ["active", "processing", "suspended", "closed"];
const PROMPTS_MAX: usize = 4;
const LOADING_MAX: usize = 10;

/// The thread that a call is about.
fn place(state: &mut State, call: &Call) -> Result<(String, Option<String>), Refusal> {
    let channel = writable(state, &call.caller, call.args.word("channel_id"))?;
    let root = thread(state, &call.method, &channel, call.args.text("thread_ts"))
        .map_err(|refusal| Refusal { error: "invalid_thread_ts".to_owned(), ..refusal })?;
    Ok((channel, root))
}

/// `assistant.threads.setStatus`.
pub(super) fn set_status(state: &mut State, call: &Call) -> Answered {
    let (channel, root) = place(state, call)?;
    let Some(status) = call.args.get("status").and_then(Value::as_str) else {
        return Err(Refusal::arguments("missing required field: status"));
    };
    let loading = call.args.structure("loading_messages")?.unwrap_or_else(|| json!([]));
    if !loading.as_array().is_some_and(|list| list.len() <= LOADING_MAX && list.iter().all(Value::is_string)) {
        return Err(Refusal::arguments(&format!(
            "no more than {LOADING_MAX} texts allowed [json-pointer:/loading_messages]"
        )));
    }
    let is_streaming = state.messages.get(&channel).is_some_and(|list| {
        list.iter().any(|message| {
            message.thread_ts == root
                && message.stream.as_ref().is_some_and(|stream| stream.flow(call.now_ms) == super::message::Flow::Open)
        })
    });
    state
        .statuses
        .push(json!({ "channel_id": channel, "thread_ts": root, "status": status, "loading_messages": loading,
        "at_ms": call.now_ms, "is_streaming": is_streaming }));
    Ok(json!({}))
}

/// `assistant.threads.setSuggestedPrompts`.
pub(super) fn set_prompts(state: &mut State, call: &Call) -> Answered {
    let (channel, root) = place(state, call)?;
    let prompts = call.args.structure("prompts")?.unwrap_or_default();
    let is_prompt = |prompt: &Value| {
        let filled = |name: &str| prompt[name].as_str().is_some_and(|text| !text.is_empty());
        filled("title") && filled("message")
    };
    if !prompts
        .as_array()
        .is_some_and(|list| list.len() <= PROMPTS_MAX && !list.is_empty() && list.iter().all(is_prompt))
    {
        return Err(Refusal::arguments("between 1 and 4 prompts with title and message [json-pointer:/prompts]"));
    }
    state.prompts.push(
        json!({ "channel_id": channel, "thread_ts": root, "title": call.args.text("title"), "prompts": prompts }),
    );
    Ok(json!({}))
}

/// `assistant.threads.setTitle`.
pub(super) fn set_title(state: &mut State, call: &Call) -> Answered {
    let (channel, root) = place(state, call)?;
    state.titles.push(json!({ "channel_id": channel, "thread_ts": root, "title": call.args.word("title") }));
    Ok(json!({}))
}

/// Notes where a session stands, when there is one or one begins.
pub(super) fn mark(state: &mut State, channel: &str, root: &str, status: &str) {
    let key = (channel.to_owned(), root.to_owned());
    let session =
        state.sessions.entry(key).or_insert_with(|| json!({ "channel_id": channel, "thread_ts": root, "title": null }));
    session["status"] = json!(status);
}

/// `agents.sessions.setStatus`.
pub(super) fn set_session(state: &mut State, call: &Call) -> Answered {
    let (channel, root) = place(state, call)?;
    let root = root.ok_or_else(|| Refusal::arguments("missing required field: thread_ts"))?;
    let status = call.args.word("status");
    if !SESSION_STATES.contains(&status) {
        return Err(Refusal::arguments("must be active, processing, suspended or closed [json-pointer:/status]"));
    }
    let title = call.args.text("title");
    if title.is_some_and(|title| title.chars().count() > 200) {
        return Err(Refusal::arguments("must be less than 201 characters [json-pointer:/title]"));
    }
    let is_new = !state.sessions.contains_key(&(channel.clone(), root.clone()));
    mark(state, &channel, &root, status);
    let session = state.sessions.entry((channel, root)).or_default();
    if let (true, Some(title)) = (is_new, title) {
        session["title"] = json!(title);
    }
    Ok(json!({ "status": status, "agent_status": status, "title": session["title"] }))
}

/// `agents.sessions.rename`.
pub(super) fn rename_session(state: &mut State, call: &Call) -> Answered {
    let (channel, root) = place(state, call)?;
    let title = call.args.word("title");
    if title.is_empty() || title.chars().count() > 200 {
        return Err(Refusal::arguments("must be between 1 and 200 characters [json-pointer:/title]"));
    }
    let session = root.and_then(|root| state.sessions.get_mut(&(channel, root)));
    let session = session.ok_or_else(|| Refusal::new("session_not_found"))?;
    session["title"] = json!(title);
    Ok(json!({ "title": title }))
}

/// `reactions.add`.
pub(super) fn react(state: &mut State, call: &Call) -> Answered {
    reaction(state, call, true)
}

/// `reactions.remove`.
pub(super) fn unreact(state: &mut State, call: &Call) -> Answered {
    reaction(state, call, false)
}

fn reaction(state: &mut State, call: &Call, is_there: bool) -> Answered {
    let channel = writable(state, &call.caller, call.args.word("channel"))?;
    let name = call.args.word("name").to_owned();
    if name.contains(':')
        || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-+'".contains(&byte))
    {
        return Err(Refusal::new("invalid_name"));
    }
    let ts = call.args.word("timestamp").to_owned();
    if !super::state::is_ts(&ts) {
        return Err(Refusal::new("bad_timestamp"));
    }
    let mark = (name, call.caller.bot().0);
    let message = state.message_mut(&channel, &ts).ok_or_else(|| Refusal::new("message_not_found"))?;
    let known = message.reactions.iter().position(|held| *held == mark);
    match (known, is_there) {
        (Some(_), true) => return Err(Refusal::new("already_reacted")),
        (None, false) => return Err(Refusal::new("no_reaction")),
        (None, true) => message.reactions.push(mark),
        (Some(at), false) => {
            message.reactions.remove(at);
        }
    }
    Ok(json!({}))
}
