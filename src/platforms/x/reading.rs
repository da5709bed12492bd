//! Reading a post back as its author wrote it: X wraps links, escapes HTML and adds a link to media (platforms/x.md §5).
//! Whether two posts are the same one is decided in `timeline`, where this is tested.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;
use url::Url;

use super::count;
use super::wire::{Tweet, UrlEntity};

/// What the author wrote, from what X shows: `&amp;` and its like undone, t.co links led back, the link to the media
/// taken off. Links are led back by their own text, not by position: X counts positions differently in different places.
pub(super) fn read_text(tweet: &Tweet) -> String {
    let note = tweet.note_tweet.as_ref().filter(|note| !note.text.is_empty());
    let shown = unescape(note.map_or(&tweet.text, |note| &note.text));
    let urls: HashMap<&str, &UrlEntity> = note
        .into_iter()
        .flat_map(|note| &note.entities.urls)
        .chain(&tweet.entities.urls)
        .map(|entity| (entity.url.as_str(), entity))
        .collect();
    let has_media = !tweet.attachments.media_keys.is_empty();
    let mut shown = shown.trim_end();
    if has_media {
        let tail = shown.rfind("https://t.co/").map(|at| (at, &shown[at..]));
        // The last link of a post with media is X's own, unless X says that it leads elsewhere.
        if let Some((at, _)) = tail.filter(|(_, link)| is_short(link) && urls.get(link).is_none_or(|e| is_media(e))) {
            shown = shown[..at].trim_end();
        }
    }
    expand(shown, &urls)
}

fn is_short(link: &str) -> bool {
    link.strip_prefix("https://t.co/")
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
}

fn is_media(entity: &UrlEntity) -> bool {
    entity.media_key.is_some() || ["/photo/", "/video/"].iter().any(|part| entity.expanded_url.contains(part))
}

fn expand(text: &str, urls: &HashMap<&str, &UrlEntity>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("https://t.co/") {
        let from = &rest[at..];
        let slug = from["https://t.co/".len()..].bytes().take_while(u8::is_ascii_alphanumeric).count();
        let link = &from[..("https://t.co/".len() + slug)];
        out.push_str(&rest[..at]);
        out.push_str(urls.get(link).map_or(link, |entity| &entity.expanded_url));
        rest = &from[link.len()..];
    }
    out.push_str(rest);
    out
}

/// One pass, so that `&amp;lt;` becomes `&lt;` and stays so.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        let known = [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>')].into_iter().find(|(code, _)| tail.starts_with(code));
        let (taken, c) = known.map_or((1, '&'), |(code, c)| (code.len(), c));
        out.push(c);
        rest = &tail[taken..];
    }
    out.push_str(rest);
    out
}

/// One form for both sides: NFC, plain line ends, trimmed, and every link as host, path and query.
pub(super) fn normal(text: &str) -> String {
    let text: String = text.replace("\r\n", "\n").nfc().collect();
    let mut out = String::new();
    let mut rest = text.trim();
    for link in count::links(rest) {
        let Some(at) = rest.find(&link) else { continue };
        out.push_str(&rest[..at]);
        out.push_str(&canonical(&link));
        rest = &rest[at + link.len()..];
    }
    out.push_str(rest);
    out
}

/// X adds a scheme, a slash, punycode: what is left is what the author meant.
fn canonical(link: &str) -> String {
    let lower = link.to_ascii_lowercase();
    let bare = if lower.starts_with("https://") {
        &link[8..]
    } else if lower.starts_with("http://") {
        &link[7..]
    } else {
        link
    };
    let read =
        Url::parse(&format!("https://{bare}")).map_or_else(|_| bare.to_owned(), |url| url.as_str()[8..].to_owned());
    read.strip_suffix('/').unwrap_or(&read).to_owned()
}
