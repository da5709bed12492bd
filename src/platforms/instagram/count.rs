//! How Instagram counts a caption (platforms/instagram.md §4), and where to cut one that is too long.

use unicode_segmentation::UnicodeSegmentation;

/// The length: characters, as Unicode numbers them (which unit Instagram means is not said).
#[must_use]
pub fn length(text: &str) -> usize {
    text.chars().count()
}

/// How many words begin with a mark, as `#tag` and `@name` do: not inside of another word.
#[must_use]
pub fn marks(text: &str, mark: char) -> usize {
    let mut count = 0;
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let begins = chars.peek().is_some_and(|next| next.is_alphanumeric() || *next == '_');
        count += usize::from(c == mark && begins && !before.is_alphanumeric());
        before = c;
    }
    count
}

/// The longest beginning of so many characters, between characters as a reader sees them, and the rest. `None` when all of it fits.
#[must_use]
pub fn cut(text: &str, max: usize) -> Option<(&str, &str)> {
    let mut sum = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        sum += length(grapheme);
        if sum > max {
            return Some(text.split_at(at));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_counted_where_they_begin_a_word() {
        for (text, tags, names) in [
            ("", 0, 0),
            ("#one #two,#three", 3, 0),
            ("# a#b #", 0, 0),
            ("@ana and a@b.example (@ben)", 0, 2),
            ("#日本 @あ", 1, 1),
            ("##x", 1, 0),
        ] {
            assert_eq!((marks(text, '#'), marks(text, '@')), (tags, names), "{text}");
        }
    }

    #[test]
    fn nothing_is_cut_apart() {
        assert_eq!(cut("abc", 3), None);
        assert_eq!(cut("abc", 2), Some(("ab", "c")));
        assert_eq!(cut("a👨‍👩‍👧‍👦", 5), Some(("a", "👨‍👩‍👧‍👦")));
    }
}
