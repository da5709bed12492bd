//! Lengths in UTF-16 units, as several networks count: an emoji beyond the first plane has two. What is counted, and up to where, each network
//! says itself.

use unicode_segmentation::UnicodeSegmentation;

/// How many units a text has.
pub(super) fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The longest beginning of so many units that cuts no character in two, and the rest; `None` when all of it fits.
pub(super) fn cut(text: &str, max: usize) -> Option<(&str, &str)> {
    let mut sum = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        sum += length(grapheme);
        if sum > max {
            return Some(text.split_at(at));
        }
    }
    None
}
