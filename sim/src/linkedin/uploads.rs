//! Images, documents and videos of the simulated LinkedIn (dossier §3.3 to §3.5): addresses, bytes, parts with their ETags, and how
//! processing goes on by the clock.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{OriginalUri, Path, State as Shared};
use axum::http::header::{AUTHORIZATION, ETAG};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::LinkedIn;
use super::ask::{Act, Ask, Params, key};
use super::posts::body_of;
use super::refusal::Refusal;
use super::state::{Record, State};
use crate::chance::secret;
use crate::form::Form;
use crate::ledger::VisibleMedia;
use crate::lock;
use crate::sniff::{self, FileKind};

const PART_BYTES: u64 = 4_194_304;
const PIXELS_BELOW: u64 = 36_152_320;
const GIF_FRAMES_MAX: usize = 250;
const DOCUMENT_BYTES_MAX: usize = 100 * 1024 * 1024;
const PAGES_MAX: usize = 300;
const VIDEO_BYTES: std::ops::RangeInclusive<u64> = 75 * 1024..=500 * 1024 * 1024;
const VIDEO_MS: std::ops::RangeInclusive<u64> = 3_000..=30 * 60_000;

/// What is uploaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Kind {
    Image,
    Document,
    Video,
}

impl Kind {
    fn of(resource: &str) -> Option<Self> {
        match resource {
            "images" => Some(Self::Image),
            "documents" => Some(Self::Document),
            "videos" => Some(Self::Video),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Document => "document",
            Self::Video => "video",
        }
    }
}

/// One range of a video.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    first: u64,
    /// Inclusive.
    last: u64,
    etag: Option<String>,
}

/// One upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Upload {
    pub(super) urn: String,
    pub(super) kind: Kind,
    pub(super) owner: String,
    expires_ms: i64,
    /// In the address; who does not have it uploads nothing.
    key: String,
    upload_token: String,
    parts: Vec<Part>,
    /// Captions and thumbnail, where they were asked for: whether they came.
    extras: Vec<(String, bool)>,
    /// What came, once it is whole.
    pub(super) seen: Option<VisibleMedia>,
    /// How many bytes a video was said to have.
    size: u64,
    /// When all bytes were there.
    closed_ms: Option<i64>,
    ready_ms: i64,
    failure: Option<String>,
    /// A bearer token was sent to an upload address.
    had_bearer: bool,
}

impl Upload {
    pub(super) fn status(&self, now_ms: i64) -> &'static str {
        match self {
            Self { closed_ms: None, .. } => "WAITING_UPLOAD",
            _ if now_ms < self.ready_ms => "PROCESSING",
            Self { failure: Some(_), .. } => "PROCESSING_FAILED",
            _ => "AVAILABLE",
        }
    }
}

type Room = Shared<Arc<LinkedIn>>;

/// `POST /rest/{images,documents,videos}?action=…`.
pub(super) async fn act(
    Shared(linkedin): Room,
    Path(resource): Path<String>,
    OriginalUri(uri): OriginalUri,
    (headers, body): (HeaderMap, Bytes),
) -> Response {
    linkedin.answer(&headers, |state, ask| {
        let kind = Kind::of(&resource).ok_or_else(|| Refusal::not_found(&resource))?;
        let body = body_of(&headers, &body)?;
        match (Params::of(&uri).needed("action")?.as_str(), kind) {
            ("initializeUpload", _) => begin(state, ask, kind, &body["initializeUploadRequest"]),
            ("finalizeUpload", Kind::Video) => finalize(state, ask, &body["finalizeUploadRequest"]),
            (other, _) => Err(Refusal::illegal(&format!("{other} is not an action of {resource}"))),
        }
    })
}

fn begin(state: &mut State, ask: &Ask, kind: Kind, asked: &Value) -> Result<Response, Refusal> {
    let field = "/initializeUploadRequest";
    let owner = asked["owner"].as_str().ok_or_else(|| Refusal::missing(&format!("{field}/owner")))?;
    let what = format!("{}s.ACTION-initializeUpload", kind.name());
    let act = Act {
        field: "/initializeUploadRequest/owner",
        member: &["w_member_social"],
        page: &["w_organization_social"],
        what: &what,
    };
    ask.acts_as(state, owner, &act)?;
    let size = asked["fileSizeBytes"].as_u64();
    let parts = match (kind, size) {
        (Kind::Image | Kind::Document, _) => vec![Part { first: 0, last: 0, etag: None }],
        (Kind::Video, None) => return Err(Refusal::missing(&format!("{field}/fileSizeBytes"))),
        (Kind::Video, Some(size)) if !VIDEO_BYTES.contains(&size) => {
            return Err(Refusal::value(&format!("{field}/fileSizeBytes"), "must be 75 KB to 500 MB"));
        }
        (Kind::Video, Some(size)) => (0..size.div_ceil(PART_BYTES))
            .map(|at| Part { first: at * PART_BYTES, last: ((at + 1) * PART_BYTES).min(size) - 1, etag: None })
            .collect(),
    };
    let wanted = |name: &str| kind == Kind::Video && asked[name].as_bool() == Some(true);
    let extras = [("captions", "uploadCaptions"), ("thumbnail", "uploadThumbnail")];
    let extras =
        extras.iter().filter(|(_, name)| wanted(name)).map(|(extra, _)| ((*extra).to_owned(), false)).collect();
    let tuning = &state.options.tuning;
    let (expires_ms, upload_token) = (ask.now_ms + tuning.upload_life_ms, tuning.upload_token.clone());
    let letter = if kind == Kind::Image { "C4E" } else { "C5F" };
    let urn = format!("urn:li:{}:{letter}{}", kind.name(), state.next_id());
    let upload = Upload {
        urn,
        kind,
        owner: owner.to_owned(),
        expires_ms,
        key: secret("AQ"),
        upload_token,
        parts,
        extras,
        seen: None,
        size: size.unwrap_or(0),
        closed_ms: None,
        ready_ms: 0,
        failure: None,
        had_bearer: false,
    };
    let body = addresses(&upload, &ask.root);
    state.commit(Record::Uploaded(Box::new(upload)))?;
    Ok(Json(json!({"value": body})).into_response())
}

fn addresses(upload: &Upload, root: &str) -> Value {
    let id = upload.urn.rsplit(':').next().unwrap_or_default();
    let place = |part: &str| format!("{root}/dms-uploads/sp/{}/{id}/{part}?ut={}", upload.kind.name(), upload.key);
    if upload.kind != Kind::Video {
        return json!({"uploadUrlExpiresAt": upload.expires_ms, "uploadUrl": place("0"), upload.kind.name(): upload.urn});
    }
    let parts = upload.parts.iter().enumerate();
    let parts: Vec<Value> = parts
        .map(|(at, part)| json!({"uploadUrl": place(&at.to_string()), "firstByte": part.first, "lastByte": part.last}))
        .collect();
    let mut value = json!({"video": upload.urn, "uploadUrlsExpireAt": upload.expires_ms,
        "uploadToken": upload.upload_token, "uploadInstructions": parts});
    for (extra, _) in &upload.extras {
        value[format!("{extra}UploadUrl")] = place(extra).into();
    }
    value
}

/// `PUT` to an upload address. It asks for no bearer, and notes one that comes: a video's parts must not carry it (§3.5).
pub(super) async fn put(
    Shared(linkedin): Room,
    Path((kind, id, part)): Path<(String, String, String)>,
    OriginalUri(uri): OriginalUri,
    (headers, body): (HeaderMap, Bytes),
) -> Response {
    let now_ms = linkedin.clock.now_ms();
    let mut state = lock(&linkedin.state);
    let query = Form::parse(uri.query().unwrap_or_default().as_bytes());
    let found = state.uploads.get(&format!("urn:li:{kind}:{id}")).cloned();
    let Some(mut upload) = found.filter(|upload| query.one("ut") == Some(&upload.key)) else {
        return (StatusCode::FORBIDDEN, "Invalid upload URL").into_response();
    };
    if now_ms >= upload.expires_ms {
        return (StatusCode::FORBIDDEN, "The upload URL has expired").into_response();
    }
    upload.had_bearer |= headers.contains_key(AUTHORIZATION);
    match upload.kind {
        Kind::Video => put_part(&mut state, upload, &part, body),
        Kind::Image | Kind::Document => {
            let wait_ms = state.options.tuning.image_ms;
            close(&mut upload, &body, (now_ms, wait_ms));
            commit(&mut state, upload, StatusCode::CREATED.into_response())
        }
    }
}

fn commit(state: &mut State, upload: Upload, answer: Response) -> Response {
    state.commit(Record::Uploaded(Box::new(upload))).map_or_else(IntoResponse::into_response, |()| answer)
}

fn put_part(state: &mut State, mut upload: Upload, part: &str, body: Bytes) -> Response {
    let wrong = |why: &str| (StatusCode::BAD_REQUEST, why.to_owned()).into_response();
    if let Some((name, is_there)) = upload.extras.iter_mut().find(|(name, _)| name == part) {
        let is_fine = match name.as_str() {
            "captions" => String::from_utf8_lossy(&body).contains(" --> "),
            _ => matches!(sniff::look(&body).kind, FileKind::Jpeg | FileKind::Png),
        };
        *is_there = is_fine;
        let answer =
            if is_fine { StatusCode::CREATED.into_response() } else { wrong("not of the kind that was asked for") };
        return commit(state, upload, answer);
    }
    let at = part.parse::<usize>().unwrap_or(usize::MAX);
    if upload.closed_ms.is_some() {
        return wrong("the upload is finalized");
    }
    let Some(range) = upload.parts.get_mut(at) else { return wrong("no such part") };
    if body.len() as u64 != range.last - range.first + 1 {
        return wrong("the part must be exactly the bytes of its range");
    }
    let etag = format!("/ambry-video/signedId/{at}/{}", sniff::sha256(&body));
    range.etag = Some(etag.clone());
    state.parts.insert((upload.urn.clone(), at), body.to_vec());
    let mut answer = StatusCode::OK.into_response();
    if let Ok(value) = etag.parse() {
        answer.headers_mut().insert(ETAG, value);
    }
    commit(state, upload, answer)
}

fn finalize(state: &mut State, ask: &Ask, asked: &Value) -> Result<Response, Refusal> {
    let field = "/finalizeUploadRequest";
    let urn = asked["video"].as_str().ok_or_else(|| Refusal::missing(&format!("{field}/video")))?;
    let token = asked["uploadToken"].as_str().ok_or_else(|| Refusal::missing(&format!("{field}/uploadToken")))?;
    let given = asked["uploadedPartIds"].as_array();
    let given = given.ok_or_else(|| Refusal::missing(&format!("{field}/uploadedPartIds")))?;
    let mut upload = state.uploads.get(urn).cloned().ok_or_else(|| Refusal::not_found(urn))?;
    let act = Act {
        field: "/finalizeUploadRequest/video",
        member: &["w_member_social"],
        page: &["w_organization_social"],
        what: "videos.ACTION-finalizeUpload",
    };
    ask.acts_as(state, &upload.owner, &act)?;
    if upload.closed_ms.is_some() {
        return Err(Refusal::illegal("the upload is finalized already"));
    }
    if token != upload.upload_token {
        return Err(Refusal::value(&format!("{field}/uploadToken"), "is not the one that was given"));
    }
    let given: Vec<&str> = given.iter().map(|id| id.as_str().unwrap_or_default().trim_matches('"')).collect();
    let wanted: Vec<&str> = upload.parts.iter().map(|part| part.etag.as_deref().unwrap_or_default()).collect();
    let is_whole = (0..wanted.len()).all(|at| state.parts.contains_key(&(urn.to_owned(), at)));
    if given != wanted || !is_whole {
        let why = "must name the ETag of every part, in the order of the instructions";
        return Err(Refusal::value(&format!("{field}/uploadedPartIds"), why));
    }
    let mut bytes = Vec::new();
    for at in 0..wanted.len() {
        bytes.extend(state.parts.remove(&(urn.to_owned(), at)).unwrap_or_default());
    }
    close(&mut upload, &bytes, (ask.now_ms, state.options.tuning.video_ms));
    state.commit(Record::Uploaded(Box::new(upload)))?;
    Ok(StatusCode::OK.into_response())
}

/// All bytes are there: processing begins, and is known to end well or not.
fn close(upload: &mut Upload, bytes: &[u8], (now_ms, wait_ms): (i64, i64)) {
    let seen = sniff::look(bytes);
    upload.seen = Some(VisibleMedia::of(&upload.urn, bytes, None));
    (upload.closed_ms, upload.ready_ms) = (Some(now_ms), now_ms + wait_ms);
    let failure = match upload.kind {
        Kind::Image => match seen.kind {
            FileKind::Jpeg | FileKind::Png | FileKind::Gif => {
                let pixels = u64::from(seen.width) * u64::from(seen.height);
                let is_fine = (1..PIXELS_BELOW).contains(&pixels) && seen.frames <= GIF_FRAMES_MAX;
                (!is_fine).then_some("IMAGE_TOO_LARGE")
            }
            _ => Some("UNSUPPORTED_FORMAT"),
        },
        Kind::Document => match seen.kind {
            FileKind::Pdf | FileKind::Office if bytes.len() > DOCUMENT_BYTES_MAX => Some("DOCUMENT_TOO_LARGE"),
            FileKind::Pdf if seen.frames > PAGES_MAX => Some("TOO_MANY_PAGES"),
            FileKind::Pdf | FileKind::Office => None,
            _ => Some("UNSUPPORTED_FORMAT"),
        },
        Kind::Video if seen.kind != FileKind::Mp4 => Some("UNSUPPORTED_FORMAT"),
        Kind::Video => (!VIDEO_MS.contains(&seen.duration_ms)).then_some("INVALID_DURATION"),
    };
    upload.failure = failure.map(str::to_owned);
}

/// `GET /rest/{images,documents,videos}/{urn}`. A member's own scope does not show a member's images and documents (§3.3).
pub(super) async fn show(
    Shared(linkedin): Room,
    Path((resource, _)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    linkedin.answer(&headers, |state, ask| {
        let kind = Kind::of(&resource).ok_or_else(|| Refusal::not_found(&resource))?;
        let urn = key(&uri)?;
        let upload = state.uploads.get(&urn).filter(|upload| upload.kind == kind);
        let upload = upload.ok_or_else(|| Refusal::not_found(&urn))?;
        let member: &[&str] =
            if kind == Kind::Video { &["w_member_social", "r_member_social"] } else { &["r_member_social"] };
        let what = format!("{resource}.GET");
        let page = &["r_organization_social", "w_organization_social"];
        ask.acts_as(state, &upload.owner, &Act { field: "/owner", member, page, what: &what })?;
        let status = upload.status(ask.now_ms);
        let mut body = json!({"id": upload.urn, "owner": upload.owner, "status": status});
        if status == "AVAILABLE" {
            body["downloadUrl"] =
                format!("{}/dms/image/{}", ask.root, upload.urn.rsplit(':').next().unwrap_or_default()).into();
        }
        if let Some(failure) = upload.failure.as_ref().filter(|_| status == "PROCESSING_FAILED") {
            body["processingFailureReason"] = failure.as_str().into();
        }
        Ok(Json(body).into_response())
    })
}

/// `GET /__sim/uploads`.
pub(super) async fn inspect(Shared(linkedin): Room) -> Json<Vec<Value>> {
    let now_ms = linkedin.clock.now_ms();
    let state = lock(&linkedin.state);
    let shown = state.uploads.values().map(|upload| {
        let parts = upload.parts.iter().filter(|part| part.etag.is_some()).count();
        let extras: Vec<&str> = upload.extras.iter().filter(|(_, came)| *came).map(|(name, _)| name.as_str()).collect();
        json!({"urn": upload.urn, "owner": upload.owner, "status": upload.status(now_ms), "sha256": upload.seen.as_ref().map(|seen| seen.sha256.as_str()),
            "bytes": upload.seen.as_ref().map_or(upload.size, |seen| seen.bytes), "parts": parts, "extras": extras, "had_bearer": upload.had_bearer})
    });
    Json(shown.collect())
}

/// The name of the header that carries a new thing's id.
pub(super) const ID_HEADER: HeaderName = HeaderName::from_static("x-restli-id");
