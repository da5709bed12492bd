//! X's weighted length (platforms/x.md §4.1) and where to cut a text that is too long. Proved on the official vectors
//! in `tests/it/x.rs`. What is allowed besides length is in `check`.

use twitter_text::extractor::{Extract, Extractor};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// The most X takes on accounts without a subscription (§4.1). Longer posts through the API are unverified.
pub const LENGTH_MAX: usize = 280;

/// What every link weighs, whatever its length (§4.1).
pub const LINK_LENGTH: usize = 23;

/// The weighted length by configuration v3: links weigh 23, everything else is weighed by what a reader sees as one
/// character.
///
/// The crate alone is not enough: it weighs a link without a scheme by its letters, and takes kana before a flag, or two
/// flags in a row, for one unknown emoji and weighs its code points. Links found and graphemes weighed one by one give
/// what X's own JavaScript gives; the official vectors hold either way.
#[must_use]
pub fn length(text: &str) -> usize {
    let text: String = text.nfc().collect();
    let (mut sum, mut from) = (0, 0);
    for (start, end) in link_ranges(&text) {
        sum += weigh(&text[from..start]) + LINK_LENGTH;
        from = end;
    }
    sum + weigh(&text[from..])
}

/// The weight of a text without links.
fn weigh(text: &str) -> usize {
    let config = twitter_text_config::config_v3();
    let one = |grapheme: &str| {
        if grapheme.is_ascii() {
            return grapheme.len();
        }
        usize::try_from(twitter_text::parse(grapheme, config, false).weighted_length).unwrap_or(0)
    };
    text.graphemes(true).map(one).sum()
}

/// Links as X finds them, also those without a scheme.
#[must_use]
pub fn links(text: &str) -> Vec<String> {
    Extractor::new().extract_urls(text)
}

/// Cashtags (`$ABC`).
#[must_use]
pub fn cashtags(text: &str) -> Vec<String> {
    Extractor::new().extract_cashtags(text)
}

/// A text in two: what fits, and what must go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut<'a> {
    /// The longest beginning that fits.
    pub fits: &'a str,
    /// The rest. Both together are the text.
    pub cut: &'a str,
}

/// Cuts a text to the longest beginning that X would take, between characters as a reader sees them and never inside a
/// link. `None` when the whole text fits.
#[must_use]
pub fn cut(text: &str) -> Option<Cut<'_>> {
    if length(text) <= LENGTH_MAX {
        return None;
    }
    let at = boundaries(text).into_iter().rev().find(|at| length(&text[..*at]) <= LENGTH_MAX).unwrap_or(0);
    Some(Cut { fits: &text[..at], cut: &text[at..] })
}

/// Byte positions where the text may be cut, up to the first that cannot fit: outside links everything a reader sees as
/// one character weighs at least 1, so there are at most a few hundred of them however long the text is. They are tried
/// from the end because a prefix can weigh more than a longer one (`foo.com` is a link, `foo.comx` is not).
fn boundaries(text: &str) -> Vec<usize> {
    let links = link_ranges(text);
    let (mut found, mut least, mut next_link) = (Vec::new(), 0, 0);
    for (start, grapheme) in text.grapheme_indices(true) {
        let end = start + grapheme.len();
        while links.get(next_link).is_some_and(|link| link.1 <= start) {
            next_link += 1;
        }
        match links.get(next_link) {
            Some(link) if link.0 < end && end < link.1 => continue,
            Some(link) if link.0 < end => least += LINK_LENGTH,
            Some(_) | None => least += 1,
        }
        if least > LENGTH_MAX {
            break;
        }
        found.push(end);
    }
    found
}

/// Byte ranges of links, in order. The crate counts in UTF-16 units.
fn link_ranges(text: &str) -> Vec<(usize, usize)> {
    let (mut units, mut at) = (0, 0);
    let mut byte_at = |wanted: i32| {
        for c in text[at..].chars() {
            if units >= wanted {
                break;
            }
            units += if c.len_utf16() == 2 { 2 } else { 1 };
            at += c.len_utf8();
        }
        at
    };
    let entities = Extractor::new().extract_urls_with_indices(text);
    entities.iter().map(|entity| (byte_at(entity.get_start()), byte_at(entity.get_end()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_lengths() {
        for (text, expected) in [
            ("", 0),
            ("Hi http://test.co", 26),
            ("Hello, world! 👋", 16),
            ("example.com", 23),
            ("ana@example.com", 15),
            ("見てexample.com", 27),
            ("“—”…", 5),
            ("👨‍👩‍👧‍👦🇯🇵1️⃣", 6),
            ("です🇯🇵", 6),
            ("🇯🇵🇺🇸", 4),
            ("👋🏽👋🏽", 4),
            ("か\u{3099}", 2),
            ("example.com と https://example.com/日本", 54),
        ] {
            assert_eq!(length(text), expected, "{text}");
        }
        assert_eq!(length(&"字".repeat(140)), 280);
        assert_eq!(length(&"字".repeat(141)), 282);
    }

    #[test]
    fn japanese_is_cut_at_the_hundred_and_fortieth_character() {
        let text = format!("{}いろは", "字".repeat(140));
        assert_eq!(cut(&text), Some(Cut { fits: &"字".repeat(140), cut: "いろは" }));
        assert_eq!(cut(&"字".repeat(140)), None);
    }

    #[test]
    fn a_link_is_never_cut_in_two() {
        let link = "https://example.com/a/very/long/path?with=query";
        let text = format!("{} {link} end", "x".repeat(260));
        let got = cut(&text).unwrap();
        assert_eq!((got.fits, got.cut), (&*format!("{} ", "x".repeat(260)), &*format!("{link} end")));
        let text = format!("😀{} {link} end", "x".repeat(252));
        assert_eq!(cut(&text).unwrap().cut, "nd");
    }

    #[test]
    fn a_family_is_never_cut_apart() {
        let text = format!("x{}👨‍👩‍👧‍👦e\u{301}", "x".repeat(278));
        assert_eq!(cut(&text).unwrap().cut, "👨‍👩‍👧‍👦e\u{301}");
    }

    #[test]
    fn the_longest_beginning_wins_even_when_a_shorter_one_is_heavier() {
        let text = format!("{} foo.comx{}", "x".repeat(262), "y".repeat(20));
        let got = cut(&text).unwrap();
        assert_eq!(length(got.fits), LENGTH_MAX);
        assert_eq!(format!("{}{}", got.fits, got.cut), text);
    }

    #[test]
    fn a_huge_text_is_cut_quickly() {
        let text = "見てexample.com 。".repeat(20_000);
        let got = cut(&text).unwrap();
        assert!(length(got.fits) <= LENGTH_MAX && length(got.fits) > LENGTH_MAX - 30);
    }

    proptest::proptest! {
        #[test]
        fn a_cut_loses_nothing_and_fits(text in "([あ漢a$ \n。]|🇯🇵|👨‍👩‍👧‍👦|か\u{3099}|e\u{301}|https://example\\.com/[a-z]{0,9}|example\\.com){100,400}") {
            if let Some(Cut { fits, cut }) = cut(&text) {
                proptest::prop_assert_eq!(format!("{fits}{cut}"), text.clone());
                proptest::prop_assert!(length(fits) <= LENGTH_MAX && length(fits) > LENGTH_MAX - 2 * LINK_LENGTH);
            } else {
                proptest::prop_assert!(length(&text) <= LENGTH_MAX);
            }
        }
    }
}
