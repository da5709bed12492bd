//! How Threads counts a text (platforms/threads.md §4), its links and tags, and where to cut a text that is too long.
//! What is allowed besides is in `check`.

use std::collections::BTreeSet;

use unicode_segmentation::UnicodeSegmentation;

use super::limits::TEXT_MAX;

/// The length: each emoji counts its UTF-8 bytes, everything else its code points (how combining sequences that are no emoji count is
/// unverified).
#[must_use]
pub fn length(text: &str) -> usize {
    text.graphemes(true).map(weigh).sum()
}

fn weigh(grapheme: &str) -> usize {
    if is_emoji(grapheme) { grapheme.len() } else { grapheme.chars().count() }
}

/// Whether what a reader sees as one character is an emoji. A symbol that could be either counts as one, unless it asks for text: counted too
/// long a text is mended before it is approved, counted too short it is refused when it should go out.
fn is_emoji(grapheme: &str) -> bool {
    let mut chars = grapheme.chars();
    let (Some(first), second) = (chars.next(), chars.next()) else { return false };
    if matches!(first, '0'..='9' | '#' | '*') {
        return grapheme.ends_with('\u{20E3}');
    }
    match second {
        Some('\u{FE0E}') => false,
        Some('\u{FE0F}') => is_symbol(first) || matches!(first, '©' | '®' | '™'),
        Some(_) | None => is_symbol(first),
    }
}

/// Unicode's `Emoji` property without digits, `#`, `*` and the three marks that are text unless dressed.
fn is_symbol(c: char) -> bool {
    matches!(c,
        '\u{203C}' | '\u{2049}' | '\u{2139}' | '\u{2194}'..='\u{2199}' | '\u{21A9}'..='\u{21AA}' | '\u{231A}'..='\u{231B}'
        | '\u{2328}' | '\u{23CF}' | '\u{23E9}'..='\u{23F3}' | '\u{23F8}'..='\u{23FA}' | '\u{24C2}' | '\u{25AA}'..='\u{25AB}'
        | '\u{25B6}' | '\u{25C0}' | '\u{25FB}'..='\u{25FE}' | '\u{2600}'..='\u{2604}' | '\u{260E}' | '\u{2611}'
        | '\u{2614}'..='\u{2615}' | '\u{2618}' | '\u{261D}' | '\u{2620}' | '\u{2622}'..='\u{2623}' | '\u{2626}' | '\u{262A}'
        | '\u{262E}'..='\u{262F}' | '\u{2638}'..='\u{263A}' | '\u{2640}' | '\u{2642}' | '\u{2648}'..='\u{2653}'
        | '\u{265F}'..='\u{2660}' | '\u{2663}' | '\u{2665}'..='\u{2666}' | '\u{2668}' | '\u{267B}' | '\u{267E}'..='\u{267F}'
        | '\u{2692}'..='\u{2697}' | '\u{2699}' | '\u{269B}'..='\u{269C}' | '\u{26A0}'..='\u{26A1}' | '\u{26A7}'
        | '\u{26AA}'..='\u{26AB}' | '\u{26B0}'..='\u{26B1}' | '\u{26BD}'..='\u{26BE}' | '\u{26C4}'..='\u{26C5}' | '\u{26C8}'
        | '\u{26CE}'..='\u{26CF}' | '\u{26D1}' | '\u{26D3}'..='\u{26D4}' | '\u{26E9}'..='\u{26EA}' | '\u{26F0}'..='\u{26F5}'
        | '\u{26F7}'..='\u{26FA}' | '\u{26FD}' | '\u{2702}' | '\u{2705}' | '\u{2708}'..='\u{270D}' | '\u{270F}' | '\u{2712}'
        | '\u{2714}' | '\u{2716}' | '\u{271D}' | '\u{2721}' | '\u{2728}' | '\u{2733}'..='\u{2734}' | '\u{2744}' | '\u{2747}'
        | '\u{274C}' | '\u{274E}' | '\u{2753}'..='\u{2755}' | '\u{2757}' | '\u{2763}'..='\u{2764}' | '\u{2795}'..='\u{2797}'
        | '\u{27A1}' | '\u{27B0}' | '\u{27BF}' | '\u{2934}'..='\u{2935}' | '\u{2B05}'..='\u{2B07}' | '\u{2B1B}'..='\u{2B1C}'
        | '\u{2B50}' | '\u{2B55}' | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}' | '\u{1F004}' | '\u{1F0CF}'
        | '\u{1F170}'..='\u{1F171}' | '\u{1F17E}'..='\u{1F17F}' | '\u{1F18E}' | '\u{1F191}'..='\u{1F19A}'
        | '\u{1F1E6}'..='\u{1F202}' | '\u{1F21A}' | '\u{1F22F}' | '\u{1F232}'..='\u{1F23A}' | '\u{1F250}'..='\u{1F251}'
        | '\u{1F300}'..='\u{1F64F}' | '\u{1F680}'..='\u{1F6FF}' | '\u{1F7E0}'..='\u{1F7EB}' | '\u{1F7F0}'
        | '\u{1F90C}'..='\u{1F9FF}' | '\u{1FA70}'..='\u{1FAFF}'
    )
}

/// The different addresses in a text (§4: equal ones count once). With a scheme or `www.`; which others Threads takes for links is unverified.
#[must_use]
pub fn links(text: &str) -> BTreeSet<&str> {
    // ASCII alone changes case, so every position stays.
    let lower = text.to_ascii_lowercase();
    let mut found = BTreeSet::new();
    let mut at = 0;
    while let Some(start) = next_link(&lower, at) {
        found.insert(link_at(text, start));
        at = start + whole_link(text, start).len();
    }
    found
}

/// The first address in a text: its page becomes the card (§3.1).
#[must_use]
pub(super) fn first_link(text: &str) -> Option<&str> {
    next_link(&text.to_ascii_lowercase(), 0).map(|start| link_at(text, start))
}

fn link_at(text: &str, start: usize) -> &str {
    whole_link(text, start).trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'', '"'])
}

fn whole_link(text: &str, start: usize) -> &str {
    let len: usize = text[start..].chars().take_while(|c| is_of_link(*c)).map(char::len_utf8).sum();
    &text[start..start + len]
}

/// Where the next address begins. Each is looked for once: what was found behind the first one is not kept.
fn next_link(lower: &str, from: usize) -> Option<usize> {
    let is_start = |at: usize| {
        let begins = ["http://", "https://"].iter().any(|scheme| lower[at..].starts_with(scheme));
        let is_inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '/');
        begins || (lower[at..].starts_with("www.") && !lower[..at].ends_with(is_inside))
    };
    let may_be = |(at, c): (usize, char)| matches!(c, 'h' | 'w').then_some(from + at);
    lower[from..].char_indices().filter_map(may_be).find(|at| is_start(*at))
}

fn is_of_link(c: char) -> bool {
    c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"')
}

/// How many `#tags` stand in a text: the first one becomes the topic (§3.1).
#[must_use]
pub fn tags(text: &str) -> usize {
    let is_tag = |word: &str| {
        let rest = word.strip_prefix(['#', '＃']);
        rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    };
    text.split_whitespace().filter(|word| is_tag(word)).count()
}

/// A text in two: what fits, and what must go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut<'a> {
    /// The longest beginning that fits.
    pub fits: &'a str,
    /// The rest. Both together are the text.
    pub cut: &'a str,
}

/// Cuts a text to the longest beginning that Threads takes, between characters as a reader sees them. `None` when the whole text fits.
#[must_use]
pub fn cut(text: &str) -> Option<Cut<'_>> {
    let mut sum = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        sum += weigh(grapheme);
        if sum > TEXT_MAX {
            return Some(Cut { fits: &text[..at], cut: &text[at..] });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_lengths() {
        for (text, expected) in [
            ("", 0),
            ("plain", 5),
            ("日本", 2),
            ("か\u{3099}", 2),
            ("😀", 4),
            ("👍🏽", 8),
            ("👨‍👩‍👧‍👦", 25),
            ("🇯🇵🇺🇸", 16),
            ("1️⃣", 7),
            ("1", 1),
            ("❤️", 6),
            ("❤", 3),
            ("❤\u{FE0E}", 2),
            ("©", 1),
            ("©️", 5),
            ("a😀b", 6),
            ("→", 1),
        ] {
            assert_eq!(length(text), expected, "{text}");
        }
    }

    #[test]
    fn the_longest_beginning_that_fits_is_kept_and_nothing_is_cut_apart() {
        let whole = "字".repeat(500);
        assert_eq!(cut(&whole), None);
        let text = format!("{whole}ろ");
        assert_eq!(cut(&text), Some(Cut { fits: &whole, cut: "ろ" }));
        let text = format!("{}👨‍👩‍👧‍👦end", "x".repeat(476));
        assert_eq!(cut(&text).unwrap().cut, "👨‍👩‍👧‍👦end");
        assert_eq!(cut(&format!("{}👨‍👩‍👧‍👦", "x".repeat(475))), None);
    }

    #[test]
    fn links_are_counted_once_each() {
        let found = |text| links(text).into_iter().collect::<Vec<_>>();
        assert_eq!(
            found("see https://a.example, https://a.example (HTTP://b.example/x?y=1)!"),
            ["HTTP://b.example/x?y=1", "https://a.example"]
        );
        assert_eq!(found("見てhttps://a.example/日本"), ["https://a.example/"]);
        assert_eq!(found("www.c.example and notwww.example"), ["www.c.example"]);
        assert_eq!(found("https://www.d.example"), ["https://www.d.example"]);
        assert!(found("plain.example, a@b.example, http").is_empty());
        assert_eq!(tags("#one two #three ＃四 # 5 a#b"), 3);
    }

    proptest::proptest! {
        #[test]
        fn a_cut_loses_nothing_and_fits(text in "([あ漢a$ \n。]|🇯🇵|👨‍👩‍👧‍👦|か\u{3099}|https://a\\.example){100,700}") {
            match cut(&text) {
                Some(Cut { fits, cut }) => {
                    proptest::prop_assert_eq!(format!("{fits}{cut}"), text.clone());
                    proptest::prop_assert!(length(fits) <= TEXT_MAX && length(fits) > TEXT_MAX - 26);
                }
                None => proptest::prop_assert!(length(&text) <= TEXT_MAX),
            }
        }
    }
}
