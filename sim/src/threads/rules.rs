//! What a container's parameters must be (dossier §3.1 and §4). What is fetched is `containers`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::state::Kind;
use crate::emoji::emoji_chars;
use crate::graph::{Call, GraphError};
use crate::sniff::{FileKind, Look};

const TEXT_MAX: usize = 500;
const LONG_TEXT_MAX: usize = 10_000;
const ALT_CHARS_MAX: usize = 1_000;
const LINKS_MAX: usize = 5;
const REPLY_CONTROLS: [&str; 5] =
    ["everyone", "accounts_you_follow", "mentioned_only", "parent_post_author_only", "followers_only"];
/// Parameters that TEXT alone takes.
const TEXT_ONLY: [&str; 5] =
    ["link_attachment", "poll_attachment", "text_attachment", "gif_attachment", "auto_publish_text"];

/// How much a text counts: an emoji its UTF-8 bytes, everything else its code points (§4).
#[must_use]
pub fn weigh(text: &str) -> usize {
    let chars: Vec<char> = text.chars().collect();
    let (mut at, mut weight) = (0, 0);
    while let Some(rest) = chars.get(at..).filter(|rest| !rest.is_empty()) {
        let emoji = emoji_chars(rest);
        weight += if emoji > 0 { rest.iter().take(emoji).map(|c| c.len_utf8()).sum() } else { 1 };
        at += emoji.max(1);
    }
    weight
}

/// A film's bytes: the `error_message` that they end with, if they do (§3.2, §4).
pub(super) fn film(look: &Look) -> Result<(), &'static str> {
    let is_readable = matches!(look.kind, FileKind::Mp4 | FileKind::Mov)
        && look.is_index_first
        && matches!(&look.codec, b"avc1" | b"hvc1" | b"hev1");
    if !is_readable {
        return Err("FAILED_PROCESSING_VIDEO");
    }
    if !(1..=300_000).contains(&look.duration_ms) {
        return Err("INVALID_DURATION");
    }
    if !(23_000..=60_000).contains(&look.fps_milli) {
        return Err("INVALID_FRAME_RATE");
    }
    let is_fine = (1..=1_920).contains(&look.width) && (10..=10_000).contains(&look.ratio_milli());
    if is_fine { Ok(()) } else { Err("INVALID_ASPEC_RATIO") }
}

/// Refuses what the real one refuses; else which kind it is.
pub(super) fn check(call: &Call) -> Result<Kind, GraphError> {
    let kind = match call.needed("media_type")? {
        "TEXT" => Kind::Text,
        "IMAGE" => Kind::Image,
        "VIDEO" => Kind::Video,
        "CAROUSEL" => Kind::Carousel,
        other => {
            return Err(GraphError::param(&format!(
                "Param media_type must be one of {{TEXT, IMAGE, VIDEO, CAROUSEL}}, got {other}"
            )));
        }
    };
    text(call, kind)?;
    attachments(call, kind)?;
    let is_item = call.flag("is_carousel_item");
    if is_item && !matches!(kind, Kind::Image | Kind::Video) {
        return Err(GraphError::param("Carousel items must be IMAGE or VIDEO"));
    }
    if let Some(control) = call.one("reply_control").filter(|control| !REPLY_CONTROLS.contains(control)) {
        return Err(GraphError::param(&format!("Param reply_control has the unknown value {control}")));
    }
    if let Some(alt) = call.one("alt_text") {
        if !matches!(kind, Kind::Image | Kind::Video) {
            return Err(GraphError::param("Param alt_text is supported for IMAGE and VIDEO only"));
        }
        if alt.chars().count() > ALT_CHARS_MAX {
            return Err(GraphError::param("Param alt_text must be at most 1000 characters long"));
        }
    }
    if let Some(tag) = call.one("topic_tag") {
        let fits = (1..=50).contains(&tag.chars().count()) && !tag.contains(['.', '&']);
        if !fits {
            return Err(GraphError::param("Param topic_tag must have 1 to 50 characters, without . and &"));
        }
    }
    Ok(kind)
}

fn text(call: &Call, kind: Kind) -> Result<(), GraphError> {
    let text = call.one("text").unwrap_or_default();
    let has_more = ["text_attachment", "poll_attachment", "gif_attachment", "link_attachment"]
        .iter()
        .any(|name| call.one(name).is_some());
    if kind == Kind::Text && text.trim().is_empty() && !has_more {
        return Err(GraphError::param("The parameter text is required."));
    }
    if weigh(text) > TEXT_MAX {
        return Err(GraphError::param("Param text must be at most 500 characters long."));
    }
    let link = call.one("link_attachment");
    if links(text).into_iter().chain(link).collect::<BTreeSet<_>>().len() > LINKS_MAX {
        return Err(GraphError::param("THREADS_API__LINK_LIMIT_EXCEEDED"));
    }
    Ok(())
}

fn links(text: &str) -> Vec<&str> {
    let words = text.split_whitespace().map(|word| word.trim_matches(|c: char| "()<>\"',;.!?".contains(c)));
    words
        .filter(|word| word.starts_with("http://") || word.starts_with("https://") || word.starts_with("www."))
        .collect()
}

fn attachments(call: &Call, kind: Kind) -> Result<(), GraphError> {
    if let Some(name) = TEXT_ONLY.iter().find(|name| call.one(name).is_some()).filter(|_| kind != Kind::Text) {
        return Err(GraphError::param(&format!("Param {name} is supported for TEXT only")));
    }
    let object = |name: &str| -> Result<Option<Value>, GraphError> {
        let read = |raw: &str| serde_json::from_str(raw).ok().filter(Value::is_object);
        call.one(name)
            .map(|raw| read(raw).ok_or_else(|| GraphError::param(&format!("Param {name} must be an object."))))
            .transpose()
    };
    if let Some(poll) = object("poll_attachment")? {
        poll_options(&poll)?;
    }
    if let Some(gif) = object("gif_attachment")?
        && (gif["gif_id"].as_str().is_none() || gif["provider"].as_str().is_none())
    {
        return Err(GraphError::param("Param gif_attachment needs gif_id and provider"));
    }
    if let Some(long) = object("text_attachment")? {
        let plain = long["plaintext"].as_str().unwrap_or_default();
        if plain.is_empty() || plain.chars().count() > LONG_TEXT_MAX {
            return Err(GraphError::param("Param text_attachment must have 1 to 10000 characters"));
        }
    }
    Ok(())
}

/// The choices of a poll: 2 to 4, each 1 to 25 characters, without gaps.
pub(super) fn poll_options(poll: &Value) -> Result<Vec<String>, GraphError> {
    let wrong = || GraphError::param("Param poll_attachment must have 2 to 4 options of at most 25 characters");
    let mut options = Vec::new();
    let names = ["option_a", "option_b", "option_c", "option_d"];
    for (at, name) in names.iter().enumerate() {
        match &poll[*name] {
            Value::Null => {}
            Value::String(option) if at == options.len() && (1..=25).contains(&option.chars().count()) => {
                options.push(option.clone());
            }
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                return Err(wrong());
            }
        }
    }
    if options.len() < 2 { Err(wrong()) } else { Ok(options) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emoji_counts_its_bytes_and_the_rest_its_characters() {
        assert_eq!(weigh("plain"), 5);
        assert_eq!(weigh("日本"), 2);
        assert_eq!(weigh("😀"), 4);
        assert_eq!(weigh("a👨‍👩‍👧b"), 2 + "👨‍👩‍👧".len());
    }

    #[test]
    fn links_count_once_each() {
        assert_eq!(links("see https://a.example, (https://b.example) and www.c.example!").len(), 3);
    }
}
