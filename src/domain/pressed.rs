//! What of a text readers can press: links, mentions, tags, as a preview colours them. Near enough to every network for that; what a network makes
//! of it is counted and refused in its own folder.

use std::ops::Range;

use super::utm::next_link;

/// Pieces that are looked for: more are no text any more.
const PIECES_MAX: usize = 200;

/// The places in a text, in bytes and in order.
#[must_use]
pub fn pressed(text: &str) -> Vec<Range<usize>> {
    let (mut found, mut rest, mut at) = (Vec::new(), text, 0);
    while let Some((before, link, after)) = next_link(rest).filter(|_| found.len() < PIECES_MAX) {
        names(before, at, &mut found);
        let from = at + before.len();
        found.push(from..from + link.len());
        (rest, at) = (after, from + link.len());
    }
    names(rest, at, &mut found);
    found.truncate(PIECES_MAX);
    found
}

/// Mentions and tags in a piece without links that begins at `from`.
fn names(text: &str, from: usize, found: &mut Vec<Range<usize>>) {
    let mut before = None;
    let mut end = 0;
    for (at, c) in text.char_indices() {
        let begins = at >= end && !before.is_some_and(|c: char| c.is_alphanumeric() || matches!(c, '_' | '&' | '/'));
        if begins && matches!(c, '@' | '＠' | '#' | '＃') {
            let len = name(&text[at + c.len_utf8()..], c);
            if len > 0 {
                end = at + c.len_utf8() + len;
                found.push(from + at..from + end);
            }
        }
        before = Some(c);
    }
}

/// How long the name of a tag, or of somebody, is, by what stands before it.
fn name(rest: &str, lead: char) -> usize {
    let is_tag = matches!(lead, '#' | '＃');
    let is_of = |c: char| {
        if is_tag {
            c.is_alphanumeric() || matches!(c, '_' | 'ー')
        } else {
            c.is_ascii_alphanumeric() || matches!(c, '_' | '.')
        }
    };
    let name = &rest[..rest.find(|c: char| !is_of(c)).unwrap_or(rest.len())];
    let name = name.trim_end_matches('.');
    // A number is no tag.
    if is_tag && name.chars().all(|c| c.is_numeric()) { 0 } else { name.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<&str> {
        pressed(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn links_mentions_and_tags_are_found_in_order() {
        let text = "Hi @ana.bakes. See https://example.com/a?b=#c (and #パン祭り2026, ＃sale)";
        assert_eq!(of(text), ["@ana.bakes", "https://example.com/a?b=#c", "#パン祭り2026", "＃sale"]);
        assert_eq!(of("mail ana@example.com, no #1, &#39; a#b @ #"), Vec::<&str>::new());
        assert_eq!(of("新作。https://example.jp/パン、どうぞ"), ["https://example.jp/パン"]);
    }

    #[test]
    fn a_text_of_nothing_else_ends() {
        assert_eq!(pressed(&"@a ".repeat(5_000)).len(), PIECES_MAX);
        assert_eq!(pressed(&"https://a.b ".repeat(5_000)).len(), PIECES_MAX);
        assert_eq!(pressed(&"#".repeat(50_000)).len(), 0);
    }
}
