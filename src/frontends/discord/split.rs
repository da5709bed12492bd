//! A long answer in several messages, cut at sense: between paragraphs, lines, sentences, words, in this order; code fences are closed and
//! opened again. Nothing is lost: joined without the fences and the blanks at the cuts it is the same text.

use unicode_segmentation::UnicodeSegmentation;

use super::markup::units;

/// A language behind a fence may be that long.
const FENCE_MAX: usize = 24;

/// The pieces, each at most `max` units.
pub(super) fn split(text: &str, max: usize) -> Vec<String> {
    let (mut pieces, mut rest, mut open): (Vec<String>, &str, Option<String>) = (Vec::new(), text.trim(), None);
    while !rest.is_empty() {
        let begin = open.as_ref().map_or(String::new(), |fence| format!("{fence}\n"));
        let room = max.saturating_sub(units(&begin)).max(1);
        let within = |room: usize| if units(rest) <= room { rest.len() } else { place(rest, room) };
        let mut at = within(room);
        if fence_after(&rest[..at], open.clone()).is_some() {
            // The fence is closed at the end of the piece.
            at = within(room.saturating_sub("\n```".len()).max(1));
        }
        let (piece, after) = rest.split_at(at);
        open = fence_after(piece, open);
        let end = if open.is_some() { "\n```" } else { "" };
        let piece = piece.trim_end_matches('\n');
        pieces.push(format!("{begin}{piece}{end}"));
        rest = if open.is_some() { after.strip_prefix('\n').unwrap_or(after) } else { after.trim_start() };
    }
    pieces
}

/// Where to cut within so many units: the best end that is not in the first half, else the best there is.
fn place(text: &str, room: usize) -> usize {
    let limit = prefix(text, room);
    let fits = &text[..limit];
    let blank = fits.char_indices().rev().find(|(_, c)| matches!(c, ' ' | '\u{3000}'));
    let ends = [
        fits.rfind("\n\n").map(|at| at + 2),
        fits.rfind('\n').map(|at| at + 1),
        sentence(fits),
        blank.map(|(at, c)| at + c.len_utf8()),
    ];
    let found = ends.into_iter().flatten().find(|at| *at > limit / 2);
    found.or_else(|| ends.into_iter().flatten().max()).filter(|at| *at > 0).unwrap_or(limit)
}

/// Behind the last sentence.
fn sentence(text: &str) -> Option<usize> {
    let ends = ["。", "！", "？", ". ", "! ", "? "];
    ends.iter().filter_map(|end| text.rfind(end).map(|at| at + end.len())).max()
}

/// Bytes of the longest beginning with at most so many units that ends between characters.
fn prefix(text: &str, room: usize) -> usize {
    let (mut held, mut end) = (0, 0);
    for (at, grapheme) in text.grapheme_indices(true) {
        held += units(grapheme);
        if held > room {
            break;
        }
        end = at + grapheme.len();
    }
    if end > 0 {
        return end;
    }
    // What pretends to be one character is cut anywhere.
    let mut held = 0;
    let long = text.char_indices().find(|(_, c)| {
        held += c.len_utf16();
        held > room
    });
    long.map_or(text.len(), |(at, _)| at).max(text.chars().next().map_or(0, char::len_utf8))
}

/// The fence that is open behind a piece.
fn fence_after(piece: &str, mut open: Option<String>) -> Option<String> {
    for line in piece.lines().filter(|line| line.trim_start().starts_with("```")) {
        let fence: String = line.trim().chars().take(FENCE_MAX).collect();
        // A fence that ends where it begins opens nothing.
        let is_whole = fence.len() > 3 && line.trim()[3..].contains("```");
        open = match (open, is_whole) {
            (open, true) => open,
            (Some(_), false) => None,
            (None, false) => Some(fence),
        };
    }
    open
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_is_where_a_reader_would_make_it() {
        assert_eq!(split("First part.\n\nSecond part is longer.", 24), ["First part.", "Second part is longer."]);
        assert_eq!(split("今日は晴れ。明日は雨です。", 12), ["今日は晴れ。", "明日は雨です。"]);
        assert_eq!(split("one two three four", 15), ["one two three ", "four"]);
        assert_eq!(split("short", 2000), ["short"]);
        assert!(split("", 10).is_empty());
    }

    #[test]
    fn code_goes_on_as_code() {
        let text = format!("Look:\n```rust\n{}\n```\nDone.", "let a = 1;\n".repeat(30));
        let pieces = split(&text, 120);
        assert!(pieces.len() > 2);
        for piece in &pieces {
            assert!(units(piece) <= 120, "{piece}");
            assert!(piece.matches("```").count().is_multiple_of(2), "{piece}");
        }
        assert!(pieces[1].starts_with("```rust\n"));
        assert_eq!(pieces.iter().map(|piece| piece.matches("let a").count()).sum::<usize>(), 30);
    }

    #[test]
    fn nothing_is_lost_and_no_character_is_split() {
        let words = ["word ", "\u{3000}", "👨‍👩‍👧‍👦", "長い文章です。", "\n", "\n\n", "a. ", "𝒳", "e\u{301}", "x"];
        let mut seed = 7_u64;
        for _ in 0..2_000 {
            let mut text = String::new();
            for _ in 0..40 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.push_str(words[usize::try_from(seed >> 33).unwrap() % words.len()]);
            }
            let pieces = split(&text, 30);
            assert!(pieces.iter().all(|piece| units(piece) <= 30 && !piece.is_empty()), "{text:?}");
            let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            assert_eq!(bare(&pieces.concat()), bare(&text));
        }
    }
}
