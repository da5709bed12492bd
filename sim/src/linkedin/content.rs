//! What a post on the simulated LinkedIn may carry (dossier §3.1): one kind of content, made of what the author uploaded.

use serde_json::{Map, Value, json};

use super::ask::Ask;
use super::refusal::Refusal;
use super::state::State;
use super::uploads::Kind;
use crate::ledger::VisibleMedia;

const ALT_CHARS_MAX: usize = 4_086;
const QUESTION_CHARS_MAX: usize = 140;
const OPTION_CHARS_MAX: usize = 30;
const DURATIONS: [&str; 4] = ["ONE_DAY", "THREE_DAYS", "SEVEN_DAYS", "FOURTEEN_DAYS"];

/// Content that was found good.
#[derive(Clone, Debug)]
pub(super) struct Content {
    pub(super) kind: &'static str,
    pub(super) media: Vec<VisibleMedia>,
    /// Link card, poll, titles.
    pub(super) details: Map<String, Value>,
}

impl Content {
    fn new(kind: &'static str) -> Self {
        Self { kind, media: Vec::new(), details: Map::new() }
    }

    /// Which kind of URN its post gets: a plausible split, the real one promises none (§8).
    pub(super) fn urn_kind(&self) -> &'static str {
        if matches!(self.kind, "video" | "poll") { "ugcPost" } else { "share" }
    }
}

/// Reads `content` of a post by `author`.
pub(super) fn check(state: &State, ask: &Ask, author: &str, content: &Value) -> Result<Content, Refusal> {
    let Value::Object(members) = content else {
        return if content.is_null() {
            Ok(Content::new("text"))
        } else {
            Err(Refusal::value("/content", "is no object"))
        };
    };
    let mut kinds = members.iter();
    let (Some((kind, value)), None) = (kinds.next(), kinds.next()) else {
        return Err(Refusal::value("/content", "must have exactly one member"));
    };
    let reading = Reading { state, ask, author };
    match kind.as_str() {
        "media" => reading.media(value),
        "multiImage" => reading.images(value),
        "article" => reading.article(value),
        "poll" => poll(value),
        "carousel" => Err(Refusal::value("/content/carousel", "is for sponsored posts only")),
        other => Err(Refusal::illegal(&format!("/content/{other} :: unrecognized field found but not allowed"))),
    }
}

/// Refuses members that nobody knows, as Rest.li does.
pub(super) fn only(value: &Value, at: &str, known: &[&str]) -> Result<(), Refusal> {
    let members = value.as_object().ok_or_else(|| Refusal::value(at, "is no object"))?;
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(Refusal::illegal(&format!("{at}/{name} :: unrecognized field found but not allowed"))),
        None => Ok(()),
    }
}

fn text<'a>(value: &'a Value, at: &str, name: &str, max: usize) -> Result<Option<&'a str>, Refusal> {
    let field = format!("{at}/{name}");
    match &value[name] {
        Value::Null => Ok(None),
        Value::String(text) if text.chars().count() <= max => Ok(Some(text)),
        Value::String(_) => Err(Refusal::long(&field, max)),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Err(Refusal::value(&field, "is no text"))
        }
    }
}

fn needed<'a>(value: &'a Value, at: &str, name: &str, max: usize) -> Result<&'a str, Refusal> {
    let text = text(value, at, name, max)?.filter(|text| !text.trim().is_empty());
    text.ok_or_else(|| Refusal::missing(&format!("{at}/{name}")))
}

struct Reading<'a> {
    state: &'a State,
    ask: &'a Ask,
    author: &'a str,
}

impl Reading<'_> {
    /// One upload of the author, ready to be shown.
    fn upload(&self, at: &str, urn: &str, alt: Option<&str>) -> Result<(Kind, VisibleMedia), Refusal> {
        if !["urn:li:image:", "urn:li:video:", "urn:li:document:"].iter().any(|start| urn.starts_with(start)) {
            let code = if urn.starts_with("urn:li:") { "INVALID_URN_TYPE" } else { "INVALID_URN_ID" };
            return Err(Refusal::new(400, code, &format!("{at}/id :: {urn} is not an image, a video or a document")));
        }
        let upload = self.state.uploads.get(urn);
        let unknown = || Refusal::new(400, "INVALID_URN_ID", &format!("{at}/id :: {urn} does not exist"));
        let upload = upload.ok_or_else(unknown)?;
        if upload.owner != self.author {
            return Err(Refusal::not_owner(&format!("{at}/id")));
        }
        match upload.status(self.ask.now_ms) {
            "PROCESSING_FAILED" => {
                return Err(Refusal::unprocessable(&format!("{at}/id :: {urn} could not be processed")));
            }
            "AVAILABLE" => {}
            "PROCESSING" if self.state.options.tuning.takes_unready => {}
            _ => return Err(Refusal::illegal(&format!("{at}/id :: the media asset {urn} is not ready"))),
        }
        let seen = upload.seen.clone().ok_or_else(unknown)?;
        Ok((upload.kind, VisibleMedia { alt_text: alt.map(str::to_owned), ..seen }))
    }

    fn media(&self, value: &Value) -> Result<Content, Refusal> {
        let at = "/content/media";
        only(value, at, &["id", "title", "altText"])?;
        let alt = text(value, at, "altText", ALT_CHARS_MAX)?;
        let (kind, media) = self.upload(at, needed(value, at, "id", usize::MAX)?, alt)?;
        if alt.is_some() && kind != Kind::Image {
            return Err(Refusal::value(&format!("{at}/altText"), "is for images only"));
        }
        let mut content = Content::new(match kind {
            Kind::Image => "image",
            Kind::Video => "video",
            Kind::Document => {
                needed(value, at, "title", usize::MAX)?;
                "document"
            }
        });
        content.media.push(media);
        if let Some(title) = text(value, at, "title", usize::MAX)? {
            content.details.insert("title".into(), title.into());
        }
        Ok(content)
    }

    fn images(&self, value: &Value) -> Result<Content, Refusal> {
        let at = "/content/multiImage/images";
        only(value, "/content/multiImage", &["images", "altText"])?;
        let images = value["images"].as_array().ok_or_else(|| Refusal::missing(at))?;
        if !(2..=20).contains(&images.len()) {
            return Err(Refusal::value(at, "must have 2 to 20 images"));
        }
        let mut content = Content::new("multiImage");
        for image in images {
            only(image, at, &["id", "altText"])?;
            let alt = text(image, at, "altText", ALT_CHARS_MAX)?;
            let (kind, media) = self.upload(at, needed(image, at, "id", usize::MAX)?, alt)?;
            if kind != Kind::Image {
                return Err(Refusal::new(400, "INVALID_URN_TYPE", &format!("{at}/id :: must be an image")));
            }
            content.media.push(media);
        }
        Ok(content)
    }

    fn article(&self, value: &Value) -> Result<Content, Refusal> {
        let at = "/content/article";
        only(value, at, &["source", "title", "description", "thumbnail", "thumbnailAltText"])?;
        let source = needed(value, at, "source", usize::MAX)?;
        let is_link = url::Url::parse(source).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if !is_link {
            return Err(Refusal::value(&format!("{at}/source"), "is no address"));
        }
        let title = needed(value, at, "title", usize::MAX)?;
        let description = text(value, at, "description", usize::MAX)?;
        let mut content = Content::new("article");
        if let Some(urn) = text(value, at, "thumbnail", usize::MAX)? {
            let (kind, media) = self.upload(&format!("{at}/thumbnail"), urn, None)?;
            if kind != Kind::Image {
                return Err(Refusal::new(400, "INVALID_URN_TYPE", &format!("{at}/thumbnail :: must be an image")));
            }
            content.media.push(media);
        }
        content.details.insert("article".into(), json!({"source": source, "title": title, "description": description}));
        Ok(content)
    }
}

fn poll(value: &Value) -> Result<Content, Refusal> {
    let at = "/content/poll";
    only(value, at, &["question", "options", "settings"])?;
    let question = needed(value, at, "question", QUESTION_CHARS_MAX)?;
    let options = value["options"].as_array().ok_or_else(|| Refusal::missing(&format!("{at}/options")))?;
    if !(2..=4).contains(&options.len()) {
        return Err(Refusal::value(&format!("{at}/options"), "must have 2 to 4 options"));
    }
    let field = format!("{at}/options");
    let options: Vec<&str> =
        options.iter().map(|option| needed(option, &field, "text", OPTION_CHARS_MAX)).collect::<Result<_, _>>()?;
    let duration = value["settings"]["duration"].as_str();
    let duration = duration.ok_or_else(|| Refusal::missing(&format!("{at}/settings/duration")))?;
    if !DURATIONS.contains(&duration) {
        return Err(Refusal::value(&format!("{at}/settings/duration"), "is not one of the four"));
    }
    let mut content = Content::new("poll");
    content.details.insert("poll".into(), json!({"question": question, "options": options, "duration": duration}));
    Ok(content)
}
