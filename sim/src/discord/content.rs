//! What a message may carry (dossier §7.2, §8): reads a body, judges it together with what the message already is, and says what would
//! come out. Nothing is kept here.

use serde_json::{Value, json};
use url::Url;

use super::body::Part;
use super::components;
use super::embeds;
use super::message::Message;
use super::refusal::{Form, Refusal};
use super::state::id_of;

/// Characters of a message's text.
const CONTENT_MAX: usize = 2_000;
/// Files of a message.
const FILES_MAX: usize = 10;
/// Bytes of a file, and of all files of a request.
pub(super) const FILE_BYTES_MAX: usize = 10 * 1024 * 1024;
const REQUEST_BYTES_MAX: usize = 25 * 1024 * 1024;
/// Characters of a file's description.
const ALT_MAX: usize = 1_024;

/// `SUPPRESS_EMBEDS`.
pub(super) const SUPPRESS_EMBEDS: u64 = 1 << 2;
/// `EPHEMERAL`.
pub(super) const EPHEMERAL: u64 = 1 << 6;
/// `LOADING`: the app is thinking.
pub(super) const LOADING: u64 = 1 << 7;
/// `SUPPRESS_NOTIFICATIONS`.
pub(super) const SILENT: u64 = 1 << 12;
/// `IS_COMPONENTS_V2`.
pub(super) const V2: u64 = 1 << 15;

/// How Discord counts a text (dossier §8: in UTF-16 code units nothing can be wrong).
pub(super) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Whether it is an address of the web.
pub(super) fn is_web(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// A file that comes along, as it will be kept.
#[derive(Clone, Debug)]
pub(super) struct NewFile {
    pub(super) name: String,
    pub(super) mime: String,
    pub(super) description: Option<String>,
    pub(super) part: usize,
}

/// What a body says; `None` where it says nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) content: Option<String>,
    pub(super) embeds: Option<Vec<Value>>,
    pub(super) components: Option<Vec<Value>>,
    pub(super) flags: Option<u64>,
    pub(super) allowed: Value,
    /// Files from before that stay.
    pub(super) kept: Vec<String>,
    pub(super) files: Vec<NewFile>,
}

/// What a message is before, as far as it matters here.
#[derive(Clone, Debug, Default)]
pub(super) struct Before {
    content: String,
    embeds: usize,
    components: usize,
    flags: u64,
    /// Ids and names.
    files: Vec<(String, String)>,
}

impl Before {
    pub(super) fn of(message: &Message, files: Vec<(String, String)>) -> Self {
        Self {
            content: message.content.clone(),
            embeds: message.embeds.len(),
            components: message.components.len(),
            flags: message.flags,
            files,
        }
    }
}

/// Reads and judges.
pub(super) fn read(body: &Value, parts: &[Part], before: &Before) -> Result<Draft, Refusal> {
    let mut form = Form::default();
    let mut draft = Draft::default();
    if !body.is_object() && !body.is_null() {
        return Err(Form::one("", "BASE_TYPE_BAD_TYPE", "The body must be an object."));
    }
    sizes(parts)?;
    attached(body, parts, before, (&mut form, &mut draft));
    let names: Vec<String> = {
        let kept = before.files.iter().filter(|(id, _)| draft.kept.contains(id)).map(|(_, name)| name.clone());
        kept.chain(draft.files.iter().map(|file| file.name.clone())).collect()
    };
    draft.flags = match body.get("flags") {
        None | Some(Value::Null) => None,
        Some(flags) if flags.is_u64() => flags.as_u64(),
        Some(_) => {
            form.wrong_type("flags", "an integer");
            None
        }
    };
    let is_v2 = (before.flags | draft.flags.unwrap_or(0)) & V2 != 0;
    if before.flags & V2 != 0 && draft.flags.is_some_and(|flags| flags & V2 == 0) {
        form.fault("flags", "MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG", "IS_COMPONENTS_V2 cannot be removed");
    }
    match body.get("content") {
        None => {}
        Some(Value::Null) => draft.content = Some(String::new()),
        Some(Value::String(text)) => {
            if units(text) > CONTENT_MAX {
                form.too_long("content", CONTENT_MAX);
            }
            draft.content = Some(text.trim().to_owned());
        }
        Some(_) => form.wrong_type("content", "a string"),
    }
    match body.get("embeds") {
        None => {}
        Some(Value::Null) => draft.embeds = Some(Vec::new()),
        Some(list) => draft.embeds = Some(embeds::judge(&mut form, list, &names)),
    }
    match body.get("components") {
        None => {}
        Some(Value::Null) => draft.components = Some(Vec::new()),
        Some(list) => draft.components = Some(components::judge_message(&mut form, list, is_v2, &names)),
    }
    for name in ["poll", "sticker_ids"] {
        if body.get(name).is_some_and(|value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()))
        {
            form.fault(name, "SIM_UNKNOWN", "The simulated Discord has no polls and no stickers.");
        }
    }
    draft.allowed = body.get("allowed_mentions").cloned().unwrap_or_default();
    allowed(&mut form, &draft.allowed);
    legacy_in_v2(is_v2, before, &draft, &mut form);
    form.verdict()?;
    emptiness(is_v2, before, &draft)?;
    Ok(draft)
}

fn sizes(parts: &[Part]) -> Result<(), Refusal> {
    let total: usize = parts.iter().map(|part| part.bytes.len()).sum();
    if total > REQUEST_BYTES_MAX || parts.iter().any(|part| part.bytes.len() > FILE_BYTES_MAX) {
        return Err(Refusal::new(40005));
    }
    Ok(())
}

/// A name as it is kept: spaces become underscores, what has no place in an address goes.
pub(super) fn tidy_name(name: &str) -> String {
    let kept = name.chars().filter_map(|c| match c {
        ' ' => Some('_'),
        c if c.is_alphanumeric() || "-_.".contains(c) => Some(c),
        _ => None,
    });
    let kept: String = kept.collect();
    if kept.is_empty() { "unknown".to_owned() } else { kept }
}

fn attached(body: &Value, parts: &[Part], before: &Before, out: (&mut Form, &mut Draft)) {
    let (form, draft) = out;
    let listed = body.get("attachments").filter(|list| !list.is_null());
    let entries = match listed {
        None => {
            draft.kept = before.files.iter().map(|(id, _)| id.clone()).collect();
            &[][..]
        }
        Some(list) => match list.as_array() {
            Some(list) => list.as_slice(),
            None => return form.wrong_type("attachments", "an array"),
        },
    };
    let mut of_part = vec![Value::Null; parts.len()];
    for (at, entry) in entries.iter().enumerate() {
        let path = format!("attachments.{at}");
        let Some(id) = id_of(&entry["id"]) else {
            form.required(&format!("{path}.id"));
            continue;
        };
        if let Some(text) = entry["description"].as_str()
            && units(text) > ALT_MAX
        {
            form.too_long(&format!("{path}.description"), ALT_MAX);
        }
        if before.files.iter().any(|(known, _)| *known == id) {
            draft.kept.push(id);
        } else if let Some(slot) =
            parts.iter().position(|part| part.number().as_deref() == Some(&id)).and_then(|at| of_part.get_mut(at))
        {
            *slot = entry.clone();
        } else {
            form.fault(&path, "ATTACHMENT_NOT_FOUND", format!("Attachment data {id} not found."));
        }
    }
    for (at, (part, entry)) in parts.iter().zip(&of_part).enumerate() {
        draft.files.push(NewFile {
            name: tidy_name(entry["filename"].as_str().unwrap_or(&part.name)),
            mime: part.mime.clone(),
            description: entry["description"].as_str().map(str::to_owned),
            part: at,
        });
    }
    if draft.files.len() + draft.kept.len() > FILES_MAX {
        form.fault("attachments", "BASE_TYPE_MAX_LENGTH", format!("Must be {FILES_MAX} or fewer in length."));
    }
}

/// `allowed_mentions`: known words, no contradiction.
fn allowed(form: &mut Form, allowed: &Value) {
    if allowed.is_null() {
        return;
    }
    if !allowed.is_object() {
        return form.wrong_type("allowed_mentions", "an object");
    }
    let words: Vec<&str> = allowed["parse"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if let Some(at) = words.iter().position(|word| !["users", "roles", "everyone"].contains(word)) {
        form.choice(&format!("allowed_mentions.parse.{at}"), "'roles', 'users', 'everyone'");
    }
    for name in ["users", "roles"] {
        let list = allowed[name].as_array().map(Vec::as_slice).unwrap_or_default();
        if list.len() > 100 {
            form.fault(&format!("allowed_mentions.{name}"), "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer in length.");
        }
        if let Some(at) = list.iter().position(|id| id_of(id).is_none()) {
            form.wrong_type(&format!("allowed_mentions.{name}.{at}"), "a snowflake");
        }
        if !list.is_empty() && words.contains(&name) {
            form.fault(
                "allowed_mentions",
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                format!("parse:[\"{name}\"] and {name}: [ids...] are mutually exclusive."),
            );
        }
    }
}

fn legacy_in_v2(is_v2: bool, before: &Before, draft: &Draft, form: &mut Form) {
    if !is_v2 {
        return;
    }
    let content = draft.content.as_ref().unwrap_or(&before.content);
    let embeds = draft.embeds.as_ref().map_or(before.embeds, Vec::len);
    for (name, is_used) in [("content", !content.is_empty()), ("embeds", embeds > 0)] {
        if is_used {
            form.fault(
                name,
                "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                format!("The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"),
            );
        }
    }
}

fn emptiness(is_v2: bool, before: &Before, draft: &Draft) -> Result<(), Refusal> {
    let components = draft.components.as_ref().map_or(before.components, Vec::len);
    let embeds = draft.embeds.as_ref().map_or(before.embeds, Vec::len);
    let content = draft.content.as_ref().unwrap_or(&before.content);
    let files = draft.files.len() + draft.kept.len();
    let is_empty = components == 0 && (is_v2 || (content.is_empty() && embeds == 0 && files == 0));
    if is_empty { Err(Refusal::new(50006)) } else { Ok(()) }
}

/// Whether Discord would take this as the body of a new message, with files of these names.
///
/// # Errors
/// Discord's error document.
pub fn check_message(body: &Value, files: &[&str]) -> Result<(), Value> {
    let part = |(at, name): (usize, &&str)| Part {
        field: format!("files[{at}]"),
        name: (*name).to_owned(),
        mime: "application/octet-stream".to_owned(),
        bytes: axum::body::Bytes::new(),
    };
    let parts: Vec<Part> = files.iter().enumerate().map(part).collect();
    read(body, &parts, &Before::default()).map(|_| ()).map_err(|refusal| refusal.json())
}

/// Whether Discord would open this modal.
///
/// # Errors
/// Discord's error document.
pub fn check_modal(data: &Value) -> Result<(), Value> {
    components::modal::judge(data).map_err(|refusal| refusal.json())
}

/// What is pinged by a text, under `allowed_mentions` (dossier §8): people, roles, everybody.
pub(super) fn pings(text: &str, allowed: &Value) -> (Vec<String>, Vec<String>, bool) {
    let parses =
        |word: &str| allowed.is_null() || allowed["parse"].as_array().into_iter().flatten().any(|value| value == word);
    let listed = |name: &str, id: &str| {
        allowed[name].as_array().into_iter().flatten().any(|value| id_of(value).as_deref() == Some(id))
    };
    let (mut users, mut roles) = (Vec::new(), Vec::new());
    for piece in text.split("<@").skip(1) {
        let Some((inside, _)) = piece.split_once('>') else { continue };
        let (list, name, id) = match inside.strip_prefix('&') {
            Some(role) => (&mut roles, "roles", role),
            None => (&mut users, "users", inside.trim_start_matches('!')),
        };
        let is_new = !list.iter().any(|known: &String| known == id);
        if super::state::is_id(id) && is_new && (parses(name) || listed(name, id)) {
            list.push(id.to_owned());
        }
    }
    let everyone = (text.contains("@everyone") || text.contains("@here")) && parses("everyone");
    (users, roles, everyone)
}

/// The flags of a deferred answer, which may have nothing else (dossier §5.2).
pub(super) fn only_flags(data: &Value) -> Result<u64, Refusal> {
    let mut form = Form::default();
    let is_nothing = |value: &Value| value.is_null() || *value == json!([]) || *value == json!(false);
    for (name, value) in data.as_object().into_iter().flatten() {
        if !["flags", "allowed_mentions"].contains(&name.as_str()) && !is_nothing(value) {
            form.fault(&format!("data.{name}"), "BASE_TYPE_FORBIDDEN", "A deferred answer has flags only.");
        }
    }
    let flags = match &data["flags"] {
        Value::Null => 0,
        flags => flags.as_u64().unwrap_or(u64::MAX),
    };
    if flags & !EPHEMERAL != 0 {
        form.fault("data.flags", "BASE_TYPE_CHOICES", "Only EPHEMERAL may be set on a deferred answer.");
    }
    form.verdict()?;
    Ok(flags)
}
