//! Words that a person does not want in their posts. They warn; the person decides.

use async_trait::async_trait;
use unicode_normalization::UnicodeNormalization;

use super::ids::UserId;
use super::post::{Content, Finding, Severity};
use super::tool::ToolError;
use crate::say;

/// Who knows the words.
#[async_trait]
pub trait BannedWords: Send + Sync {
    /// The words of a person.
    ///
    /// # Errors
    /// When they cannot be read.
    async fn banned_words(&self, user: &UserId) -> Result<Vec<String>, ToolError>;
}

/// A warning for each word that a segment holds, however it is written: full or half width, large or small.
#[must_use]
pub fn findings(content: &Content, words: &[String]) -> Vec<Finding> {
    let mut found = Vec::new();
    for (part, segment) in content.segments.iter().enumerate() {
        let text = folded(&segment.text);
        for word in words {
            if holds(&text, &folded(word.trim())) {
                let what = say!("draft-banned-word", word = word.trim());
                found.push(Finding { severity: Severity::Warning, part: Some(part), what });
            }
        }
    }
    found
}

fn folded(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).nfkc().collect()
}

/// Words with letters between spaces stand alone: "cheap" is not in "cheapskate". Japanese has no such borders.
fn holds(text: &str, word: &str) -> bool {
    let is_spaced = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && !is_japanese(c));
    let goes_on = |inner: Option<char>, outer: Option<char>| is_spaced(inner) && is_spaced(outer);
    !word.is_empty()
        && text.match_indices(word).any(|(at, _)| {
            let (before, after) = (text[..at].chars().next_back(), text[at + word.len()..].chars().next());
            !goes_on(word.chars().next(), before) && !goes_on(word.chars().next_back(), after)
        })
}

fn is_japanese(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::post::Segment;

    fn found(text: &str, words: &[&str]) -> usize {
        let content =
            Content { segments: vec![Segment { text: text.into(), ..Segment::default() }], ..Content::default() };
        findings(&content, &words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()).len()
    }

    #[test]
    fn a_word_is_found_however_it_is_written() {
        for (text, word) in [
            ("So CHEAP!", "cheap"),
            ("ｃｈｅａｐ bread", "Cheap"),
            ("最安値です", "安値"),
            ("ﾊﾞｶみたい", "バカ"),
            ("GROSSE STRAẞE", "straße"),
            ("not-cheap", "cheap"),
            ("安いcheap品", "cheap"),
            ("a game changer", " game changer "),
        ] {
            assert_eq!(found(text, &[word]), 1, "{text}");
        }
        for (text, word) in [("cheapskate", "cheap"), ("a b", ""), ("fine", "cheap"), ("ascheap", "cheap")] {
            assert_eq!(found(text, &[word]), 0, "{text}");
        }
        assert_eq!(found("cheap and best", &["cheap", "best", "worst"]), 2);
    }
}
