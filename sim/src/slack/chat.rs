//! `chat.*` except streams (dossier §7): posting, updating, deleting, and messages for one person's eyes.

use serde_json::{Map, Value, json};

use super::api::{Answered, Call};
use super::blocks;
use super::message::{Ephemeral, Flow, Message};
use super::people::Kind;
use super::refusal::Refusal;
use super::state::{State, is_ts};
use super::tokens::Caller;

/// `markdown_text` holds this much.
pub(super) const MARKDOWN_CHARS_MAX: usize = 12_000;
/// `text` is cut here when posted.
pub(super) const TEXT_CHARS_MAX: usize = 40_000;
/// And refused here when updated.
const UPDATE_CHARS_MAX: usize = 4_000;

/// What a message says.
#[derive(Clone, Debug, Default)]
pub(super) struct Content {
    pub(super) text: Option<String>,
    pub(super) markdown_text: Option<String>,
    pub(super) blocks: Option<Value>,
    pub(super) attachments: Option<Value>,
    pub(super) metadata: Option<Value>,
}

impl Content {
    /// Reads and judges what a message says.
    pub(super) fn read(state: &mut State, call: &Call) -> Result<Self, Refusal> {
        let args = &call.args;
        let content = Self {
            text: args.text("text").map(str::to_owned),
            markdown_text: args.text("markdown_text").map(str::to_owned),
            blocks: args.structure("blocks")?,
            attachments: args.structure("attachments")?,
            metadata: args.structure("metadata")?,
        };
        if args.get("text").is_some_and(|text| !text.is_string()) {
            return Err(Refusal::arguments("must be a string [json-pointer:/text]"));
        }
        content.judge(state, &call.caller.team, &call.method)?;
        Ok(content)
    }

    /// The limits of a message, wherever it comes from.
    pub(super) fn judge(&self, state: &mut State, team: &str, method: &str) -> Result<(), Refusal> {
        let filled = |value: &Option<Value>| {
            value.as_ref().is_some_and(|value| value.as_array().is_some_and(|list| !list.is_empty()))
        };
        let (has_text, has_blocks) = (self.text.is_some(), filled(&self.blocks));
        if self.markdown_text.is_some() && (has_text || has_blocks) {
            return Err(Refusal::new("markdown_text_conflict"));
        }
        if !has_text && self.markdown_text.is_none() && !has_blocks && !filled(&self.attachments) {
            return Err(Refusal::new("no_text"));
        }
        if self.markdown_text.as_ref().is_some_and(|text| text.chars().count() > MARKDOWN_CHARS_MAX) {
            return Err(Refusal::new("msg_too_long"));
        }
        if filled(&self.attachments)
            && self.attachments.as_ref().is_some_and(|list| list.as_array().is_some_and(|list| list.len() > 100))
        {
            return Err(Refusal::new("too_many_attachments"));
        }
        if let Some(metadata) = &self.metadata
            && !(metadata["event_type"].is_string() && metadata["event_payload"].is_object())
        {
            return Err(Refusal::new("invalid_metadata_format"));
        }
        if let Some(blocks) = &self.blocks {
            check_blocks(state, team, blocks, "/blocks")?;
            if has_blocks && !has_text {
                state.violation(format!("{method}: blocks without text, which notifications and screen readers need"));
            }
        }
        Ok(())
    }

    /// Puts it into a message.
    pub(super) fn fill(self, state: &mut State, body: &mut Map<String, Value>) {
        let words = self.text.or_else(|| self.markdown_text.clone()).unwrap_or_default();
        body.insert("text".to_owned(), json!(words.chars().take(TEXT_CHARS_MAX).collect::<String>()));
        let blocks = match (self.blocks, self.markdown_text) {
            (_, Some(text)) => Some(json!([{ "type": "markdown", "text": text }])),
            (blocks, None) => blocks,
        };
        body.remove("blocks");
        if let Some(mut blocks) = blocks {
            settle(state, &mut blocks);
            body.insert("blocks".to_owned(), blocks);
        }
        for (name, value) in [("attachments", self.attachments), ("metadata", self.metadata)] {
            if let Some(value) = value {
                body.insert(name.to_owned(), value);
            }
        }
    }
}

/// Judges blocks, and that files they show are there.
pub(super) fn check_blocks(state: &State, team: &str, value: &Value, path: &str) -> Result<(), Refusal> {
    let found = blocks::judge(value, path).map_err(|verdict| Refusal::telling(verdict.error, &verdict.messages))?;
    // What an organisation's token brought is there for its teams; the dossier says nothing of it, so it is taken.
    let is_of = |owner: &str| owner == team || state.is_org_install;
    let is_there =
        |id: &String| state.files.get(id).is_some_and(|file| file.is_complete && !file.is_deleted && is_of(&file.team));
    match found.files.iter().find(|id| !is_there(id)) {
        Some(id) => {
            Err(Refusal::telling("invalid_blocks", &[format!("[ERROR] invalid slack file {id} [json-pointer:{path}]")]))
        }
        None => Ok(()),
    }
}

/// Gives every block and every element the id that Slack makes up when a client names none.
pub(super) fn settle(state: &mut State, blocks: &mut Value) {
    match blocks {
        Value::Array(items) => items.iter_mut().for_each(|item| settle(state, item)),
        Value::Object(fields) => {
            for name in ["elements", "accessory", "element", "actions", "child_blocks", "blocks"] {
                if let Some(inner) = fields.get_mut(name) {
                    settle(state, inner);
                }
            }
            let kind = fields.get("type").and_then(Value::as_str).unwrap_or_default();
            let is_element = kind.ends_with("button")
                || kind.ends_with("buttons")
                || kind.ends_with("select")
                || kind.ends_with("_input")
                || kind.ends_with("picker")
                || matches!(kind, "overflow" | "checkboxes");
            let is_inner =
                matches!(kind, "plain_text" | "mrkdwn" | "text" | "link" | "emoji") || kind.starts_with("rich_text_");
            if is_element && !fields.contains_key("action_id") {
                let id = state.id("a");
                fields.insert("action_id".to_owned(), json!(id));
            } else if !is_element && !is_inner && !fields.contains_key("block_id") {
                let id = state.id("b");
                fields.insert("block_id".to_owned(), json!(id));
            }
        }
        _ => {}
    }
}

/// The channel that a call names, when the app may write there; a person's id means the conversation with them.
pub(super) fn writable(state: &mut State, caller: &Caller, id: &str) -> Result<String, Refusal> {
    let bot = caller.bot().0;
    let team = caller.team.clone();
    let is_org = caller.team.starts_with('E');
    let channel = state.channel(id).ok_or_else(|| Refusal::new("channel_not_found"))?;
    let is_member = channel.has(&bot) || is_org && channel.kind != Kind::Private;
    if !is_org && channel.team != team || channel.kind == Kind::Private && !is_member {
        return Err(Refusal::new("channel_not_found"));
    }
    if channel.is_archived {
        return Err(Refusal::new("is_archived"));
    }
    if !is_member {
        return Err(Refusal::new("not_in_channel"));
    }
    Ok(channel.id.clone())
}

/// The root of the thread that `thread_ts` names.
pub(super) fn thread(
    state: &mut State,
    method: &str,
    channel: &str,
    thread_ts: Option<&str>,
) -> Result<Option<String>, Refusal> {
    let Some(thread_ts) = thread_ts else { return Ok(None) };
    if !is_ts(thread_ts) {
        return Err(Refusal::new("invalid_thread_ts"));
    }
    let known = state.messages.get(channel).and_then(|list| list.iter().find(|message| message.ts == thread_ts));
    match known.map(|message| (message.thread_ts.clone(), message.is_deleted)) {
        None => Err(Refusal::new("cannot_reply_to_message")),
        Some((Some(root), _)) if root != thread_ts => {
            state.violation(format!("{method}: thread_ts {thread_ts} is a reply, not the root of a thread"));
            Ok(Some(root))
        }
        Some((_, true)) => Err(Refusal::new("cannot_reply_to_message").excused()),
        Some(_) => Ok(Some(thread_ts.to_owned())),
    }
}

/// A new message of the app.
pub(super) fn write(state: &mut State, call: &Call, channel: &str, thread_ts: Option<&str>) -> Message {
    let (user, bot) = call.caller.bot();
    let ts = state.next_ts(channel, call.now_ms);
    Message::new(channel, &ts, thread_ts, &user).ours(&bot, &call.caller.team)
}

/// Keeps a message, and tells those who listen (dossier §3.4).
pub(super) fn keep(state: &mut State, message: Message) -> Value {
    let shown = message.json();
    let channel = message.channel.clone();
    let mut event = shown.clone();
    event["channel"] = json!(channel);
    event["event_ts"] = json!(message.ts);
    tell(state, &channel, event);
    state.messages.entry(channel).or_default().push(message);
    shown
}

/// Puts a message event into the post, when somebody hears what happens in this channel.
fn tell(state: &mut State, channel: &str, mut event: Value) {
    let Some(known) = state.channels.get(channel) else { return };
    if state.echoes && (known.kind == Kind::Dm || state.hears_channels) {
        event["channel_type"] = json!(known.type_name());
        state.outbox.push((known.team.clone(), event));
    }
}

/// Tells that a message was changed: our own changes come back to us too.
pub(super) fn tell_changed(state: &mut State, channel: &str, before: &Value, after: &Value, now_ms: i64) {
    let ts = format!("{}.{:06}", now_ms / 1_000, now_ms % 1_000 * 1_000);
    let event = json!({ "type": "message", "subtype": "message_changed", "hidden": true, "channel": channel, "message": after,
        "previous_message": before, "ts": ts, "event_ts": ts });
    tell(state, channel, event);
}

/// `chat.postMessage`.
pub(super) fn post(state: &mut State, call: &Call) -> Answered {
    let channel = writable(state, &call.caller, call.args.word("channel"))?;
    if call.args.has("username") || call.args.has("icon_emoji") || call.args.has("icon_url") {
        call.caller.need(&["chat:write.customize"])?;
    }
    let content = Content::read(state, call)?;
    let thread_ts = thread(state, &call.method, &channel, call.args.text("thread_ts"))?;
    let mut message = write(state, call, &channel, thread_ts.as_deref());
    message.markdown_text.clone_from(&content.markdown_text);
    content.fill(state, &mut message.body);
    for name in ["username", "icons", "unfurl_links", "unfurl_media", "mrkdwn", "reply_broadcast"] {
        if let Some(value) = call.args.get(name) {
            message.body.insert(name.to_owned(), value.clone());
        }
    }
    let ts = message.ts.clone();
    let shown = keep(state, message);
    Ok(json!({ "channel": channel, "ts": ts, "message": shown }))
}

/// The app's own message that a call names.
fn own<'a>(state: &'a mut State, call: &Call, channel: &str, cannot: &str) -> Result<&'a mut Message, Refusal> {
    let ts = call.args.word("ts");
    let bot = call.caller.bot().0;
    if !is_ts(ts) {
        return Err(Refusal::arguments("must be a message timestamp [json-pointer:/ts]"));
    }
    let was_ephemeral = state.ephemerals.iter().any(|seen| seen.channel == channel && seen.ts == ts);
    match state.message_mut(channel, ts) {
        None if was_ephemeral => Err(Refusal { is_excused: false, ..Refusal::new("message_not_found") }),
        None => Err(Refusal::new("message_not_found")),
        Some(message) if !message.is_ours || message.author != bot => Err(Refusal::new(cannot)),
        Some(message) => Ok(message),
    }
}

/// `chat.update`.
pub(super) fn update(state: &mut State, call: &Call) -> Answered {
    let channel = writable(state, &call.caller, call.args.word("channel"))?;
    let message = own(state, call, &channel, "cant_update_message")?;
    if message.stream.as_ref().is_some_and(|stream| stream.flow(call.now_ms) == Flow::Open) {
        return Err(Refusal::new("streaming_state_conflict"));
    }
    let had_blocks = message.markdown_text.is_none()
        && message.body.get("blocks").and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    let before = message.json();
    let content = Content::read(state, call)?;
    if content.text.as_ref().is_some_and(|text| text.chars().count() > UPDATE_CHARS_MAX) {
        return Err(Refusal::new("msg_too_long"));
    }
    if had_blocks && content.blocks.is_none() && content.markdown_text.is_none() {
        state.violation("chat.update: text alone for a message with blocks; both must be sent");
    }
    let markdown_text = content.markdown_text.clone();
    let mut body = own(state, call, &channel, "cant_update_message")?.body.clone();
    content.fill(state, &mut body);
    body.insert(
        "edited".to_owned(),
        json!({ "user": call.caller.bot().0, "ts": format!("{}.000000", call.now_ms / 1_000) }),
    );
    let message = own(state, call, &channel, "cant_update_message")?;
    message.body = body;
    message.markdown_text = markdown_text;
    message.choices.clear();
    let (ts, after) = (message.ts.clone(), message.json());
    tell_changed(state, &channel, &before, &after, call.now_ms);
    Ok(json!({ "channel": channel, "ts": ts, "text": after["text"], "message": after }))
}

/// `chat.delete`.
pub(super) fn delete(state: &mut State, call: &Call) -> Answered {
    let channel = writable(state, &call.caller, call.args.word("channel"))?;
    let message = own(state, call, &channel, "cant_delete_message")?;
    message.is_deleted = true;
    let (ts, before) = (message.ts.clone(), message.json());
    let event = json!({ "type": "message", "subtype": "message_deleted", "hidden": true, "channel": channel, "deleted_ts": ts,
        "previous_message": before, "ts": ts, "event_ts": ts });
    tell(state, &channel, event);
    Ok(json!({ "channel": channel, "ts": ts }))
}

/// `chat.postEphemeral`.
pub(super) fn post_ephemeral(state: &mut State, call: &Call) -> Answered {
    let channel = writable(state, &call.caller, call.args.word("channel"))?;
    let user = call.args.word("user").to_owned();
    if !state.channels.get(&channel).is_some_and(|known| known.has(&user)) {
        return Err(Refusal::new("user_not_in_channel"));
    }
    let content = Content::read(state, call)?;
    let thread_ts = thread(state, &call.method, &channel, call.args.text("thread_ts"))?;
    let ts = whisper(state, (&channel, &user), thread_ts.as_deref(), content, call.now_ms).1;
    Ok(json!({ "message_ts": ts }))
}

/// Shows something to one person only; its id here and its `ts`.
pub(super) fn whisper(
    state: &mut State,
    to: (&str, &str),
    thread_ts: Option<&str>,
    content: Content,
    now_ms: i64,
) -> (String, String) {
    let (id, ts) = (state.id("e"), state.next_ts(to.0, now_ms));
    let mut body = Map::new();
    content.fill(state, &mut body);
    state.ephemerals.push(Ephemeral {
        id: id.clone(),
        channel: to.0.to_owned(),
        user: to.1.to_owned(),
        ts: ts.clone(),
        thread_ts: thread_ts.map(str::to_owned),
        body,
        is_deleted: false,
        choices: super::message::Choices::new(),
    });
    (id, ts)
}

/// `chat.getPermalink`.
pub(super) fn permalink(state: &mut State, call: &Call) -> Answered {
    let channel = call.args.word("channel").to_owned();
    let ts = call.args.word("message_ts");
    let message = state.message(&channel, ts).ok_or_else(|| Refusal::new("message_not_found"))?;
    let thread = message.thread_ts.as_ref().map_or_else(String::new, |root| format!("?thread_ts={root}&cid={channel}"));
    let link = format!("https://acme.slack.com/archives/{channel}/p{}{thread}", ts.replace('.', ""));
    Ok(json!({ "channel": channel, "permalink": link }))
}
