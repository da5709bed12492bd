//! Files in three steps, and reading them back with the bearer (dossier §9).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Path, Request, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Value, json};

use super::Slack;
use super::api::{self, Answered, Call};
use super::chat::{self, Content, check_blocks, thread, writable};
use super::refusal::Refusal;
use super::state::{File, State, secret};
use crate::lock;

const ALT_CHARS_MAX: usize = 1_000;

/// A file, as a test wants to see it.
#[derive(Clone, Debug)]
pub struct SlackFile {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its kind.
    pub mime: String,
    /// What somebody reads who cannot see it.
    pub alt_txt: Option<String>,
    /// What is in it.
    pub bytes: Bytes,
    /// Where it was shared.
    pub channels: Vec<String>,
    /// Whether the upload was completed.
    pub is_complete: bool,
    /// Whether it was deleted.
    pub is_deleted: bool,
}

impl File {
    /// As the API shows it.
    pub(super) fn json(&self, root: &str) -> Value {
        let link = format!("{root}files/{}", self.id);
        json!({ "id": self.id, "created": self.created_s, "timestamp": self.created_s, "name": self.name, "title": self.title,
            "mimetype": self.mime, "filetype": self.name.rsplit('.').next(), "pretty_type": self.mime, "user": self.user,
            "user_team": self.team, "size": self.length, "mode": "hosted", "is_external": false, "is_public": !self.channels.is_empty(),
            "url_private": link, "url_private_download": format!("{link}/download"), "alt_txt": self.alt_txt,
            "permalink": format!("https://acme.slack.com/files/{}/{}", self.user, self.id),
            "channels": self.channels, "shares": self.shares, "file_access": "visible" })
    }

    /// As a test wants to see it.
    pub(super) fn inspect(&self) -> SlackFile {
        SlackFile {
            id: self.id.clone(),
            name: self.name.clone(),
            title: self.title.clone(),
            mime: self.mime.clone(),
            alt_txt: self.alt_txt.clone(),
            bytes: self.bytes.clone().unwrap_or_default(),
            channels: self.channels.clone(),
            is_complete: self.is_complete,
            is_deleted: self.is_deleted,
        }
    }
}

/// What a name says about its content.
fn mime_of(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "mp4" => "video/mp4",
        "pdf" => "application/pdf",
        "csv" => "text/csv",
        "txt" | "md" => "text/plain",
        _ => "application/octet-stream",
    }
}

/// `files.getUploadURLExternal`.
pub(super) fn upload_url(state: &mut State, call: &Call) -> Answered {
    let (name, length) = (call.args.text("filename"), call.args.number("length"));
    let (Some(name), Some(length)) =
        (name, length.and_then(|length| usize::try_from(length).ok()).filter(|length| *length > 0))
    else {
        return Err(Refusal::new("missing_argument"));
    };
    if call.args.word("alt_txt").chars().count() > ALT_CHARS_MAX {
        return Err(Refusal::new("alt_txt_too_large"));
    }
    let id = state.id("F");
    let file = File {
        id: id.clone(),
        team: call.caller.team.clone(),
        user: call.caller.bot().0,
        name: name.to_owned(),
        title: name.to_owned(),
        mime: mime_of(name).to_owned(),
        alt_txt: call.args.text("alt_txt").map(str::to_owned),
        length,
        bytes: None,
        is_complete: false,
        is_deleted: false,
        created_s: call.now_ms / 1_000,
        channels: Vec::new(),
        shares: json!({}),
    };
    let door = format!("{}{}", secret(), secret());
    let url = format!("{}upload/{door}", state.root);
    state.files.insert(id.clone(), file);
    state.uploads.insert(door, id.clone());
    Ok(json!({ "upload_url": url, "file_id": id }))
}

/// `POST /upload/{door}`: the bytes, raw or as a form.
pub(super) async fn upload(Shared(slack): Shared<Arc<Slack>>, Path(door): Path<String>, request: Request) -> Response {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_form = kind.starts_with("multipart/form-data");
    if request.headers().contains_key(header::AUTHORIZATION) {
        tracing::debug!("an upload came with a bearer, which nobody asked for");
    }
    let bytes = if is_form { in_form(request).await } else { Bytes::from_request(request, &()).await.ok() };
    let Some(bytes) = bytes else { return (StatusCode::BAD_REQUEST, "no_file_data").into_response() };
    let mut state = lock(&slack.state);
    let Some(id) = state.uploads.get(&door).cloned() else {
        return (StatusCode::NOT_FOUND, "upload not found").into_response();
    };
    let Some(file) = state.files.get_mut(&id) else { return StatusCode::NOT_FOUND.into_response() };
    let (wanted, length) = (file.length, bytes.len());
    if file.is_complete || wanted != length {
        state.violation(format!("upload: {length} bytes came where {wanted} were announced"));
        return (StatusCode::BAD_REQUEST, "length_mismatch").into_response();
    }
    file.bytes = Some(bytes);
    (StatusCode::OK, format!("OK - {length}")).into_response()
}

async fn in_form(request: Request) -> Option<Bytes> {
    let mut form = Multipart::from_request(request, &()).await.ok()?;
    while let Some(field) = form.next_field().await.ok()? {
        if field.file_name().is_some() || field.name() == Some("file") {
            return field.bytes().await.ok();
        }
    }
    None
}

/// Puts a file under a message.
fn share(state: &mut State, file: &str, channel: &str, ts: &str) {
    let is_public = state.kind(channel) == super::people::Kind::Public;
    if let Some(file) = state.files.get_mut(file) {
        file.channels.push(channel.to_owned());
        file.shares[if is_public { "public" } else { "private" }][channel] = json!([{ "ts": ts }]);
    }
}

/// `files.completeUploadExternal`.
pub(super) fn complete(state: &mut State, call: &Call) -> Answered {
    let files = call.args.structure("files")?.unwrap_or_default();
    let files = files
        .as_array()
        .filter(|list| !list.is_empty())
        .ok_or_else(|| Refusal::arguments("missing required field: files"))?;
    for wanted in files {
        let held =
            wanted["id"].as_str().and_then(|id| state.files.get(id)).filter(|file| file.team == call.caller.team);
        let held = held.filter(|file| file.bytes.is_some() && !file.is_complete && !file.is_deleted);
        held.ok_or_else(|| Refusal::new("file_not_found"))?;
    }
    let named = call.args.text("channel_id").map(str::to_owned).into_iter();
    let named: Vec<String> =
        named.chain(call.args.word("channels").split(',').filter(|id| !id.is_empty()).map(str::to_owned)).collect();
    let mut channels = Vec::new();
    for id in named {
        channels.push(writable(state, &call.caller, &id)?);
    }
    let blocks = call.args.structure("blocks")?;
    if let Some(blocks) = &blocks {
        check_blocks(state, &call.caller.team, blocks, "/blocks")?;
        if blocks.as_array().is_some_and(|list| list.iter().any(|block| block["type"] == "markdown")) {
            return Err(Refusal { is_excused: false, ..Refusal::new("internal_error") });
        }
    }
    let mut ids = Vec::new();
    for wanted in files {
        if let Some(file) = wanted["id"].as_str().and_then(|id| state.files.get_mut(id)) {
            file.is_complete = true;
            if let Some(title) = wanted["title"].as_str() {
                title.clone_into(&mut file.title);
            }
            ids.push(file.id.clone());
        }
    }
    for channel in channels {
        let root = thread(state, &call.method, &channel, call.args.text("thread_ts"))?;
        let mut message = chat::write(state, call, &channel, root.as_deref());
        let comment = call.args.text("initial_comment").map(str::to_owned);
        let blocks = blocks.clone().filter(|_| comment.is_none());
        Content { text: comment, blocks, ..Content::default() }.fill(state, &mut message.body);
        for id in &ids {
            share(state, id, &channel, &message.ts);
        }
        let shown: Vec<Value> =
            ids.iter().filter_map(|id| state.files.get(id)).map(|file| file.json(&state.root)).collect();
        message.body.insert("files".to_owned(), json!(shown));
        chat::keep(state, message);
    }
    let shown: Vec<Value> =
        ids.iter().filter_map(|id| state.files.get(id)).map(|file| file.json(&state.root)).collect();
    Ok(json!({ "files": shown }))
}

fn held<'a>(state: &'a mut State, call: &Call) -> Result<&'a mut File, Refusal> {
    let file =
        state.files.get_mut(call.args.word("file")).filter(|file| file.team == call.caller.team && file.is_complete);
    let file = file.ok_or_else(|| Refusal::new("file_not_found"))?;
    if file.is_deleted { Err(Refusal::new("file_deleted")) } else { Ok(file) }
}

/// `files.info`.
pub(super) fn info(state: &mut State, call: &Call) -> Answered {
    let file = held(state, call)?.clone();
    Ok(json!({ "file": file.json(&state.root), "comments": [], "response_metadata": { "next_cursor": "" } }))
}

/// `files.delete`: own files only.
pub(super) fn delete(state: &mut State, call: &Call) -> Answered {
    let bot = call.caller.bot().0;
    let file = held(state, call)?;
    if file.user != bot {
        return Err(Refusal::new("cant_delete_file"));
    }
    file.is_deleted = true;
    Ok(json!({}))
}

/// A file that a person brought.
pub(super) fn bring(state: &mut State, user: (&str, &str), name: (&str, &str), bytes: Bytes, now_ms: i64) -> String {
    let id = state.id("F");
    let file = File {
        id: id.clone(),
        team: user.0.to_owned(),
        user: user.1.to_owned(),
        name: name.0.to_owned(),
        title: name.0.to_owned(),
        mime: name.1.to_owned(),
        alt_txt: None,
        length: bytes.len(),
        bytes: Some(bytes),
        is_complete: true,
        is_deleted: false,
        created_s: now_ms / 1_000,
        channels: Vec::new(),
        shares: json!({}),
    };
    state.files.insert(id.clone(), file);
    id
}

/// Notes where a person shared it, and shows it.
pub(super) fn shared(state: &mut State, id: &str, channel: &str, ts: &str) -> Value {
    share(state, id, channel, ts);
    state.files.get(id).map(|file| file.json(&state.root)).unwrap_or_default()
}

/// `GET /files/{id}`: with the bearer the bytes; without one Slack shows a page to sign in, with status 200 after a redirect.
pub(super) async fn download(
    Shared(slack): Shared<Arc<Slack>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let now_ms = slack.clock.now_ms();
    let state = lock(&slack.state);
    let may_read = |caller: &super::tokens::Caller| caller.need(&["files:read"]).is_ok();
    let Some(caller) = state.caller(api::bearer(&headers).as_deref(), now_ms).ok().filter(may_read) else {
        return (StatusCode::FOUND, [(header::LOCATION, format!("{}signin?redir=%2Ffiles%2F{id}", state.root))])
            .into_response();
    };
    let file = state.files.get(&id).filter(|file| file.team == caller.team && file.is_complete && !file.is_deleted);
    match file.and_then(|file| file.bytes.clone().map(|bytes| (file.mime.clone(), bytes))) {
        Some((mime, bytes)) => ([(header::CONTENT_TYPE, mime)], bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The page that a client without a bearer gets instead of a file.
pub(super) async fn sign_in_page() -> Html<&'static str> {
    Html("<!doctype html><title>Simulated Slack</title><p>SIMULATION. Sign in to your workspace.</p>")
}
