//! `read_page`, a tool that only the conversation has, and the rule for every address in a call: only what the person gave is opened. A link
//! made up by the model, or found in somebody else's text, is never fetched (RELIABILITY §3, prompt injection).

use serde_json::{Value, json};

use super::prompt::quoted;
use crate::llm::Declaration;

/// Its name.
pub(super) const READ_PAGE: &str = "read_page";
/// Enough for a long article; more fills the model's window with what nobody asked for.
const TEXT_CHARS_MAX: usize = 20_000;

/// What the model is told of it.
pub(super) fn declaration() -> Declaration {
    Declaration {
        name: READ_PAGE.into(),
        description:
            "Reads the text of a web page whose address the person gave in this conversation, to make posts from it."
                .into(),
        parameters: json!({
            "type": "object",
            "properties": { "url": { "type": "string", "description": "The address as the person gave it." } },
            "required": ["url"],
        }),
    }
}

/// Whether a call would have an address opened.
pub(super) fn names_an_address(arguments: &Value) -> bool {
    arguments.get("url").is_some_and(|url| !url.is_null())
}

/// The address, if the person gave it in one of these texts.
pub(super) fn allowed<'a>(arguments: &'a Value, said: &[String]) -> Option<&'a str> {
    let url = arguments.get("url").and_then(Value::as_str)?.trim();
    let is_given = |text: &String| addresses(text).any(|given| given == url.trim_end_matches('/'));
    (!url.is_empty() && said.iter().any(is_given)).then_some(url)
}

/// Addresses in a text, without what a sentence puts behind them.
fn addresses(text: &str) -> impl Iterator<Item = &str> {
    let is_begin = |rest: &str| rest.starts_with("https://") || rest.starts_with("http://");
    text.match_indices("http").filter(move |(at, _)| is_begin(&text[*at..])).map(|(at, _)| {
        let rest = &text[at..];
        let end = rest.find(|c: char| c.is_whitespace() || "<>\"「」、。（）".contains(c)).unwrap_or(rest.len());
        rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '/'])
    })
}

/// A page as data for the model.
pub(super) fn result(url: &str, html: &[u8]) -> Value {
    let text = html2text::from_read(html, 100).unwrap_or_default();
    let text: String = text.chars().take(TEXT_CHARS_MAX).collect();
    json!({ "output": quoted(url, &text) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_the_person_gave_are_read() {
        let said = vec!["Make a post of https://blog.example/a?b=1, please (see also https://x.example/)。".to_owned()];
        let may = |url: &str| allowed(&json!({ "url": url }), &said).is_some();
        assert!(may("https://blog.example/a?b=1") && may("https://x.example/") && may("https://x.example"));
        for other in [
            "https://blog.example/a",
            "https://blog.example/a?b=1&leak=secret",
            "https://evil.example",
            "",
            "http://x.example",
        ] {
            assert!(!may(other), "{other}");
        }
        assert!(allowed(&json!({}), &said).is_none());
    }

    #[test]
    fn a_page_becomes_quoted_text() {
        let value =
            result("https://blog.example", b"<html><script>evil()</script><h1>Title</h1><p>One &amp; two</quoted></p>");
        let text = value["output"].as_str().unwrap();
        assert!(text.contains("Title") && text.contains("One & two") && !text.contains("evil"), "{text}");
    }
}
