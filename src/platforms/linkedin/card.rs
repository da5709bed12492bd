//! Link cards (platforms/linkedin.md §3.1): LinkedIn does not look at the page behind a link, so its title and description are read here, as any
//! network would read them. What a page says is its author's words: it goes onto the card and nowhere else.

use serde_json::{Value, json};
use url::Url;

use super::LinkedIn;
use super::limits::{CARD_DESCRIPTION_CHARS_MAX, CARD_TITLE_CHARS_MAX};
use crate::domain::charset::decoded;

/// Heads of pages end long before this.
const PAGE_BYTES_MAX: usize = 2 * 1024 * 1024;
/// What may be a page with a head.
const PAGES: [&str; 2] = ["text/html", "application/xhtml+xml"];
/// No name or value of a tag that is of use is longer.
const TAG_BYTES_MAX: usize = 4_096;
/// Tags that are looked at: what stands behind so many is no head.
const TAGS_MAX: usize = 2_000;
/// The longest name or number of a character that is known.
const ENTITY_BYTES_MAX: usize = 10;
/// What stands before the first good link is no long list of bad ones.
const LINKS_TRIED_MAX: usize = 20;

/// What a card says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Card {
    pub(super) title: String,
    pub(super) description: String,
}

impl LinkedIn {
    /// The card of a text's first link, as it is kept with the part; `Null` without a link. A page that cannot be read costs nothing: its host
    /// is the title then.
    pub(super) async fn card(&self, text: &str) -> Value {
        let Some(link) = first_link(text) else { return Value::Null };
        let page = self.out.fetch_public(&link, PAGE_BYTES_MAX, &PAGES).await;
        let mut card = page.map(|page| read(&decoded(&page.bytes, page.charset.as_deref()))).unwrap_or_default();
        if card.title.is_empty() {
            card.title = link.host_str().unwrap_or_default().chars().take(CARD_TITLE_CHARS_MAX).collect();
        }
        let mut kept = json!({ "source": link.as_str(), "title": card.title });
        if !card.description.is_empty() {
            kept["description"] = card.description.into();
        }
        kept
    }
}

/// The first address in a text, with its scheme.
pub(super) fn first_link(text: &str) -> Option<Url> {
    // ASCII alone changes case, so every position stays.
    let lower = text.to_ascii_lowercase();
    let starts = ["http://", "https://"].iter().flat_map(|scheme| lower.match_indices(scheme).map(|(at, _)| at));
    let mut starts: Vec<usize> = starts.collect();
    starts.sort_unstable();
    starts.truncate(LINKS_TRIED_MAX);
    starts.into_iter().find_map(|at| {
        let end = text[at..].find(|c: char| !c.is_ascii_graphic() || matches!(c, '<' | '>' | '"'));
        let link = &text[at..end.map_or(text.len(), |end| at + end)];
        let mut link = link.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'']);
        // A bracket that the address opened belongs to it.
        let open = link.matches('(').count();
        let mut closed = link.matches(')').count();
        while link.ends_with(')') && open < closed {
            link = &link[..link.len() - 1];
            closed -= 1;
        }
        Url::parse(link)
            .ok()
            .filter(|url| url.host_str().is_some_and(|host| host.contains('.')) && url.username().is_empty())
    })
}

/// Title and description of a page: Open Graph's, else the page's own.
fn read(html: &str) -> Card {
    let (mut title, mut own_title) = (String::new(), String::new());
    let (mut description, mut own_description) = (String::new(), String::new());
    let mut rest = html;
    for _ in 0..TAGS_MAX {
        let Some(at) = rest.find('<') else { break };
        rest = &rest[at + 1..];
        let Some(end) = rest.find('>') else { break };
        let (tag, after) = (&rest[..end], &rest[end + 1..]);
        if is_named(tag, "body") {
            break;
        }
        if is_named(tag, "title") && own_title.is_empty() {
            own_title = plain(&after[..after.find('<').unwrap_or(0)], CARD_TITLE_CHARS_MAX);
        }
        if is_named(tag, "meta") && tag.len() <= TAG_BYTES_MAX {
            let (name, content) = meta(tag);
            match name.as_str() {
                "og:title" if title.is_empty() => title = plain(&content, CARD_TITLE_CHARS_MAX),
                "og:description" if description.is_empty() => {
                    description = plain(&content, CARD_DESCRIPTION_CHARS_MAX);
                }
                "description" if own_description.is_empty() => {
                    own_description = plain(&content, CARD_DESCRIPTION_CHARS_MAX);
                }
                _ => {}
            }
        }
        rest = after;
    }
    let or = |first: String, second: String| if first.is_empty() { second } else { first };
    Card { title: or(title, own_title), description: or(description, own_description) }
}

fn is_named(tag: &str, name: &str) -> bool {
    let begins = tag.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name));
    begins && tag[name.len()..].chars().next().is_none_or(|c| c.is_ascii_whitespace() || c == '/')
}

/// `property` (or `name`) and `content` of a `meta`.
fn meta(tag: &str) -> (String, String) {
    let (mut name, mut content) = (String::new(), String::new());
    let mut rest = tag.get(4..).unwrap_or_default();
    while let Some((key, after)) = rest.split_once('=') {
        let key = key.rsplit(|c: char| c.is_ascii_whitespace()).find(|word| !word.is_empty()).unwrap_or_default();
        let after = after.trim_start();
        let (value, next) = match after.chars().next() {
            Some(quote @ ('"' | '\'')) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
            Some(_) | None => after.split_at(after.find(|c: char| c.is_ascii_whitespace()).unwrap_or(after.len())),
        };
        match key.to_ascii_lowercase().as_str() {
            "property" | "name" if name.is_empty() => name = value.to_ascii_lowercase(),
            "content" if content.is_empty() => value.clone_into(&mut content),
            _ => {}
        }
        rest = next;
    }
    (name, content)
}

/// A value as text in one line: entities read, what cannot be seen taken out, and cut.
fn plain(value: &str, chars_max: usize) -> String {
    let mut text = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('&') {
        text.push_str(before);
        let end = after.bytes().take(ENTITY_BYTES_MAX + 1).position(|byte| byte == b';');
        let entity = end.map(|end| (&after[..end], &after[end + 1..]));
        match entity.and_then(|(name, next)| entity_char(name).map(|c| (c, next))) {
            Some((c, next)) => {
                text.push(c);
                rest = next;
            }
            None => {
                text.push('&');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    let shown: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).filter(|c| !is_hidden(*c)).collect();
    let line = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(chars_max).collect()
}

/// Marks that turn or hide what is read.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

fn entity_char(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_link_is_found_whole() {
        for (text, expected) in [
            ("see https://a.example/x?y=1#z, and https://b.example", Some("https://a.example/x?y=1#z")),
            ("（HTTPS://a.example/x）", Some("https://a.example/x")),
            ("(https://a.example/x_(y))", Some("https://a.example/x_(y)")),
            ("日本https://a.example/日本", Some("https://a.example/")),
            ("http:// https://a.example", Some("https://a.example/")),
            ("https://me:pw@a.example https://localhost", None),
            ("www.a.example a.example", None),
            (&format!("https://{}", ")".repeat(30_000)), None),
            (&"https://".repeat(3_750), None),
        ] {
            assert_eq!(first_link(text).as_ref().map(Url::as_str), expected, "{text}");
        }
    }

    #[test]
    fn titles_are_read_from_heads_and_hostile_pages_end() {
        let html = r#"<html><HEAD><title>Own &amp; plain</title><META content='A "story"' Property="OG:Title"/>
            <meta name=description content="own"><meta property="og:description" content="first&#10;second &#x65e5;&bogus; &"></head>"#;
        let card = read(html);
        assert_eq!((card.title.as_str(), card.description.as_str()), ("A \"story\"", "first second 日&bogus; &"));
        assert_eq!(read("<title>Own &amp; plain\n</title><meta name='description' content='d'>").title, "Own & plain");
        assert_eq!(read("<body><title>late</title>"), Card::default());
        assert_eq!(read(&format!("<title>{}</title>", "あ".repeat(5000))).title.chars().count(), CARD_TITLE_CHARS_MAX);
        assert_eq!(read("<title>a\u{202E}b\u{0}c</title>").title, "ab c");
        for hostile in [
            "<",
            "<meta",
            "<meta content=",
            "<meta =\"",
            "<title>",
            "&#xFFFFFFFF;",
            &"<".repeat(100_000),
            &"<meta ".repeat(50_000),
            &"<>".repeat(100_000),
            &format!("<title>{}<", "&".repeat(2_000_000)),
        ] {
            assert_eq!(read(hostile).description, "", "{}", &hostile[..hostile.len().min(20)]);
        }
    }
}
