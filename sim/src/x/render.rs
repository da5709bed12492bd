//! How X shows a text: links wrapped in t.co, `& < >` escaped, a t.co for media at the end, and the
//! `entities` that say where all that is. A client that compares texts naively must fail here.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::count::{self, WEIGHT_MAX};
use super::links;
use super::options::{Spelling, XOptions};
use super::state::Post;

/// Characters of a long post that its `text` still shows; the whole is in `note_tweet`.
const NOTE_PREVIEW_CHARS: usize = 270;

/// A shown post.
pub(crate) struct Rendered {
    /// What `text` says.
    pub(crate) text: String,
    /// What `entities` says.
    pub(crate) entities: Map<String, Value>,
    /// The whole of a long post, in the same dress.
    pub(crate) note: Option<Value>,
}

pub(crate) fn render(post: &Post, options: &XOptions) -> Rendered {
    let whole = &post.entry.text;
    if count::weigh(whole).weight <= WEIGHT_MAX {
        let (text, entities) = dress(post, whole, options);
        return Rendered { text, entities, note: None };
    }
    let preview: String = whole.chars().take(NOTE_PREVIEW_CHARS).chain(['…']).collect();
    let (text, entities) = dress(post, &preview, options);
    let (note_text, note_entities) = dress(post, whole, options);
    Rendered { text, entities, note: Some(json!({"text": note_text, "entities": note_entities})) }
}

/// Writes text while it keeps both counts: as answered, and as if nothing were escaped.
#[derive(Default)]
struct Pen {
    out: String,
    escaped: usize,
    plain: usize,
}

impl Pen {
    fn write(&mut self, c: char) {
        let before = self.out.len();
        match c {
            '&' => self.out.push_str("&amp;"),
            '<' => self.out.push_str("&lt;"),
            '>' => self.out.push_str("&gt;"),
            _ => self.out.push(c),
        }
        let bytes = self.out.len() - before;
        self.escaped += if matches!(c, '&' | '<' | '>') { bytes } else { 1 };
        self.plain += 1;
    }

    fn write_all(&mut self, text: &str) {
        text.chars().for_each(|c| self.write(c));
    }

    fn at(&self, options: &XOptions) -> usize {
        if options.entity_offsets_unescaped { self.plain } else { self.escaped }
    }
}

fn dress(post: &Post, text: &str, options: &XOptions) -> (String, Map<String, Value>) {
    let chars: Vec<char> = text.chars().collect();
    let found = links::find_links(&chars);
    let tags = tags_of(&chars);
    let mut pen = Pen::default();
    let mut urls = Vec::new();
    let mut tag_values: Vec<(Tag, Value)> = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if let Some(link) = found.iter().find(|link| link.start == at) {
            let written: String = chars[link.clone()].iter().collect();
            urls.push(link_entity(&mut pen, post, &written, options, urls.len()));
            at = link.end;
            continue;
        }
        let tag = tags.iter().find(|(_, span)| span.start == at);
        let end = tag.map_or(at + 1, |(_, span)| span.end);
        let start = pen.at(options);
        chars[at..end].iter().for_each(|c| pen.write(*c));
        if let Some((kind, span)) = tag {
            let word: String = chars[span.start + 1..span.end].iter().collect();
            let key = if *kind == Tag::Mention { "username" } else { "tag" };
            tag_values.push((*kind, json!({"start": start, "end": pen.at(options), key: word})));
        }
        at = end;
    }
    media_links(&mut pen, post, options, &mut urls);
    let mut entities = Map::new();
    for (name, kind) in [("mentions", Tag::Mention), ("hashtags", Tag::Hash), ("cashtags", Tag::Cash)] {
        let of_kind: Vec<Value> = tag_values.iter().filter(|(k, _)| *k == kind).map(|(_, v)| v.clone()).collect();
        if !of_kind.is_empty() {
            entities.insert(name.to_owned(), of_kind.into());
        }
    }
    if !urls.is_empty() {
        entities.insert("urls".to_owned(), urls.into());
    }
    (pen.out, entities)
}

fn link_entity(pen: &mut Pen, post: &Post, written: &str, options: &XOptions, nth: usize) -> Value {
    let wrapped = short_link(&post.entry.id, nth);
    let start = pen.at(options);
    pen.write_all(&wrapped);
    let expanded = links::expanded(written);
    let shown = expanded.split_once("://").map_or(expanded.as_str(), |(_, rest)| rest);
    let shown: String = match shown.chars().count() {
        0..=26 => shown.to_owned(),
        _ => shown.chars().take(26).chain(['…']).collect(),
    };
    json!({"start": start, "end": pen.at(options), "url": wrapped, "expanded_url": expanded, "display_url": shown})
}

/// One t.co for all media, with an entity for each.
fn media_links(pen: &mut Pen, post: &Post, options: &XOptions, urls: &mut Vec<Value>) {
    if post.media.is_empty() {
        return;
    }
    if !pen.out.is_empty() {
        pen.write(' ');
    }
    let wrapped = short_link(&post.entry.id, 1_000);
    let start = pen.at(options);
    pen.write_all(&wrapped);
    for (kind, id) in post.media.iter().zip(&post.entry.media_ids) {
        let place = kind.place();
        let expanded = format!("https://x.com/{}/status/{}/{place}/1", post.entry.username, post.entry.id);
        urls.push(json!({
            "start": start, "end": pen.at(options), "url": wrapped, "expanded_url": expanded,
            "display_url": format!("pic.x.com/{}", wrapped.trim_start_matches("https://t.co/")),
            "media_key": kind.key(id),
        }));
    }
}

/// X makes a new short link for each post, even for the same address.
fn short_link(post_id: &str, nth: usize) -> String {
    let digest = STANDARD.encode(Sha256::digest(format!("{post_id}/{nth}")));
    let slug: String = digest.chars().filter(char::is_ascii_alphanumeric).take(10).collect();
    format!("https://t.co/{slug}")
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Mention,
    Hash,
    Cash,
}

fn tags_of(chars: &[char]) -> Vec<(Tag, std::ops::Range<usize>)> {
    let mut tags = Vec::new();
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| chars.get(before));
        let glued = before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '@' | '#' | '$' | '&' | '/'));
        let rest = &chars[at + 1..];
        let run = |fits: fn(char) -> bool| rest.iter().take_while(|c| fits(**c)).count();
        let (kind, length) = match c {
            '@' => (Tag::Mention, run(|c| c.is_ascii_alphanumeric() || c == '_')),
            '#' => (Tag::Hash, run(|c| c.is_alphanumeric() || c == '_')),
            '$' => (Tag::Cash, run(|c| c.is_ascii_alphabetic())),
            _ => continue,
        };
        let after_letter = rest.get(length).is_some_and(|c| c.is_alphanumeric());
        let sound = match kind {
            Tag::Mention => (1..=15).contains(&length),
            Tag::Hash => rest.iter().take(length).any(|c| c.is_alphabetic()),
            Tag::Cash => (1..=6).contains(&length) && !after_letter && before.is_none_or(|c| c.is_whitespace()),
        };
        if sound && !glued {
            tags.push((kind, at..at + 1 + length));
        }
    }
    tags
}

fn tagged(text: &str, wanted: Tag) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let tags = tags_of(&chars).into_iter().filter(|(kind, _)| *kind == wanted);
    tags.map(|(_, span)| chars[span.start + 1..span.end].iter().collect()).collect()
}

/// The handles that a text mentions.
pub(crate) fn mentions(text: &str) -> Vec<String> {
    tagged(text, Tag::Mention)
}

/// The cashtags in a text.
pub(crate) fn cashtags(text: &str) -> Vec<String> {
    tagged(text, Tag::Cash)
}

const SPELLINGS: [(&str, &str); 8] = [
    ("edit_history_tweet_ids", "edit_history_post_ids"),
    ("referenced_tweets", "referenced_posts"),
    ("note_tweet", "note_post"),
    ("retweet_count", "repost_count"),
    ("tweet_count", "post_count"),
    ("pinned_tweet_id", "pinned_post_id"),
    ("most_recent_tweet_id", "most_recent_post_id"),
    ("tweets", "posts"),
];

/// Rewrites field names to the spelling that the switch asks for.
pub(crate) fn respell(value: &mut Value, spelling: Spelling) {
    if spelling == Spelling::Tweet {
        return;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| respell(item, spelling)),
        Value::Object(map) => {
            for (old, new) in SPELLINGS {
                if let Some(moved) = map.remove(old) {
                    map.insert(new.to_owned(), moved);
                }
            }
            map.values_mut().for_each(|item| respell(item, spelling));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
