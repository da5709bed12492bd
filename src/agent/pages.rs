//! `read_page`, a tool that only the conversation has, and the rule for every address in a call: only what the person gave is opened. A link
//! made up by the model, or found in somebody else's text, is never fetched (RELIABILITY §3, prompt injection).

use serde_json::{Value, json};

use super::prompt::quoted;
use crate::domain::charset::decoded;
use crate::domain::tool::ToolError;
use crate::llm::Declaration;

/// Its name.
pub(super) const READ_PAGE: &str = "read_page";
/// Enough for a long article; more fills the model's window with what nobody asked for.
const TEXT_CHARS_MAX: usize = 20_000;

/// What the model is told of it.
pub(super) fn declaration() -> Declaration {
    Declaration::new(
        READ_PAGE,
        "Reads the text of a web page whose address the person gave in this conversation, to make posts from it.",
        &json!({
            "type": "object",
            "properties": { "url": { "type": "string", "description": "The address as the person gave it." } },
            "required": ["url"],
        }),
    )
}

/// Whether the person gave every address that a call would have opened: its own, and those in the cells of a table.
pub(super) fn are_given(arguments: &Value, said: &[String]) -> bool {
    let is_url = arguments.get("url").is_none_or(Value::is_null) || allowed(arguments, said).is_some();
    let table = arguments.get("csv").and_then(Value::as_str).unwrap_or_default();
    let given: Vec<&str> = said.iter().flat_map(|text| addresses(text)).collect();
    is_url && addresses(table).into_iter().all(|url| given.contains(&url))
}

/// The address, if the person gave it in one of these texts.
pub(super) fn allowed<'a>(arguments: &'a Value, said: &[String]) -> Option<&'a str> {
    let url = arguments.get("url").and_then(Value::as_str)?.trim();
    let is_given = |text: &String| addresses(text).iter().any(|given| *given == url.trim_end_matches('/'));
    (!url.is_empty() && said.iter().any(is_given)).then_some(url)
}

/// Addresses in a text, without what a sentence puts behind them. Where Japanese follows without a space it may belong to the address or
/// not: both readings are what the person wrote.
fn addresses(text: &str) -> Vec<&str> {
    let is_begin = |rest: &str| rest.starts_with("https://") || rest.starts_with("http://");
    let begins = text.match_indices("http").filter(|(at, _)| is_begin(&text[*at..]));
    let runs = begins.map(|(at, _)| {
        let rest = &text[at..];
        let is_end = |c: char| c.is_whitespace() || "<>\"“”「」『』【】、。（），！？".contains(c);
        &rest[..rest.find(is_end).unwrap_or(rest.len())]
    });
    let both = |run| {
        let ascii = run_of_ascii(run);
        [(run != ascii).then_some(run), Some(ascii)]
    };
    runs.flat_map(both).flatten().map(without_tail).collect()
}

fn run_of_ascii(run: &str) -> &str {
    &run[..run.find(|c: char| !c.is_ascii()).unwrap_or(run.len())]
}

/// Without marks of the sentence; a bracket belongs to the address when it was opened in it.
fn without_tail(mut run: &str) -> &str {
    while let Some(last) = run.chars().next_back() {
        let is_tail = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '/' => true,
            ')' => run.matches('(').count() < run.matches(')').count(),
            ']' => run.matches('[').count() < run.matches(']').count(),
            _ => false,
        };
        if !is_tail {
            break;
        }
        run = &run[..run.len() - last.len_utf8()];
    }
    run
}

/// A page as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// How they are written, when the server says.
    pub charset: Option<String>,
}

/// A page as data for the model. Reading it takes a moment and must not hold up others.
///
/// # Errors
/// When the reader fails.
pub(super) async fn result(url: &str, page: Page) -> Result<Value, ToolError> {
    let text = tokio::task::spawn_blocking(move || text(&page)).await;
    let text = text.map_err(|error| ToolError::Failed(format!("a page could not be read: {error}")))?;
    Ok(json!({ "output": quoted(url, &text) }))
}

fn text(page: &Page) -> String {
    let html = decoded(&page.bytes, page.charset.as_deref());
    let text = if is_deep(&html) {
        without_tags(&html)
    } else {
        html2text::from_read(html.as_bytes(), 100).unwrap_or_default()
    };
    text.chars().take(TEXT_CHARS_MAX).collect()
}

/// Whether elements are nested deeper than any page for people: readers of HTML go down into each.
fn is_deep(html: &str) -> bool {
    const NESTING_MAX: usize = 256;
    let mut open: Vec<&str> = Vec::new();
    for (at, _) in html.match_indices('<') {
        let rest = &html[at + 1..];
        let is_end = rest.starts_with('/');
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        let name = &rest[..rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len())];
        match (is_end, open.iter().rposition(|other| other.eq_ignore_ascii_case(name))) {
            (true, Some(at)) => open.truncate(at),
            (true, None) => {}
            (false, _) if name.is_empty() || is_single(name) => {}
            (false, _) => open.push(name),
        }
        if open.len() > NESTING_MAX {
            return true;
        }
    }
    false
}

/// Elements that hold nothing, or that the next of their kind ends.
fn is_single(name: &str) -> bool {
    const SINGLE: [&str; 22] = [
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
        "p", "li", "dt", "dd", "tr", "td", "th", "option",
    ];
    SINGLE.iter().any(|single| name.eq_ignore_ascii_case(single))
}

fn without_tags(html: &str) -> String {
    let mut text = String::new();
    for piece in html.split('<') {
        let behind = piece.split_once('>').map_or(piece, |(_, behind)| behind);
        if !behind.trim().is_empty() {
            text.push_str(behind.trim());
            text.push(' ');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(said: &str, url: &str) -> bool {
        allowed(&json!({ "url": url }), &[said.to_owned()]).is_some()
    }

    #[test]
    fn only_addresses_that_the_person_gave_are_opened() {
        let said = "Make a post of https://blog.example/a?b=1, please (see also https://x.example/)。";
        assert!(
            may(said, "https://blog.example/a?b=1")
                && may(said, "https://x.example/")
                && may(said, "https://x.example")
        );
        for other in [
            "https://blog.example/a",
            "https://blog.example/a?b=1&leak=secret",
            "https://evil.example",
            "",
            "http://x.example",
        ] {
            assert!(!may(said, other), "{other}");
        }
        assert!(allowed(&json!({}), &[said.to_owned()]).is_none());
        let are = |arguments: Value| are_given(&arguments, &[said.to_owned()]);
        assert!(are(json!({})) && are(json!({ "csv": "text,media\nHi,https://x.example/\n" })));
        assert!(are(json!({ "url": "https://x.example" })) && !are(json!({ "url": "https://evil.example" })));
        assert!(!are(json!({ "csv": "text,media\nHi,https://x.example/?leak=secret\n" })));
    }

    #[test]
    fn an_address_ends_where_the_sentence_goes_on() {
        for (said, url) in [
            ("https://a.example/postsを読んで投稿を作って", "https://a.example/posts"),
            ("https://a.example/新着 をまとめて", "https://a.example/新着"),
            ("「https://a.example/b」の要約", "https://a.example/b"),
            ("see https://a.example/Rust_(language)", "https://a.example/Rust_(language)"),
            ("(see https://a.example/Rust_(language).)", "https://a.example/Rust_(language)"),
            ("(https://a.example/b)", "https://a.example/b"),
            ("[x](https://a.example/b)!", "https://a.example/b"),
            ("https://a.example/b！", "https://a.example/b"),
        ] {
            assert!(may(said, url), "{said}: {:?}", addresses(said));
        }
        assert!(!may("https://a.example/postsを", "https://a.example/post"));
    }

    fn read(bytes: &[u8], charset: Option<&str>) -> String {
        text(&Page { bytes: bytes.to_vec(), charset: charset.map(str::to_owned) })
    }

    #[tokio::test]
    async fn a_page_becomes_quoted_text() {
        let html = b"<html><script>evil()</script><h1>Title</h1><p>One &amp; two</quoted></p>";
        let value = result("https://blog.example", Page { bytes: html.to_vec(), charset: None }).await.unwrap();
        let text = value["output"].as_str().unwrap();
        assert!(text.contains("Title") && text.contains("One & two") && !text.contains("evil"), "{text}");
    }

    #[test]
    fn pages_are_read_as_they_are_written() {
        let (sjis, euc) =
            (encoding_rs::SHIFT_JIS.encode("<p>新刊の案内</p>").0, encoding_rs::EUC_JP.encode("<p>新刊の案内</p>").0);
        assert!(read(&sjis, Some("Shift_JIS")).contains("新刊の案内"));
        assert!(read(&euc, Some("euc-jp")).contains("新刊の案内"));
        let meta =
            [b"<meta http-equiv=\"content-type\" content=\"text/html; charset=Shift_JIS\">".as_slice(), &sjis].concat();
        assert!(read(&meta, None).contains("新刊の案内"));
        assert!(read("<meta charset='utf-8'><p>新刊</p>".as_bytes(), None).contains("新刊"));
        assert!(read("<p>新刊</p>".as_bytes(), Some("no-such")).contains("新刊"));
    }

    #[test]
    fn deep_pages_are_read_without_going_down() {
        for open in ["<div>", "<b></i>", "<blockquote><table><tr><td>"] {
            let html = format!("{}deep words", open.repeat(100_000));
            assert!(read(html.as_bytes(), None).contains("deep words"), "{open}");
        }
        assert!(!is_deep(&"<ul><li>a<li>b</ul><p>c<br>".repeat(1_000)));
    }
}
