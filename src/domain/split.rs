//! A text that is too long for one post, cut into the parts of a thread: at the ends of sentences, else of clauses, else of words, else
//! between what a reader sees as characters. Who counts is handed in; nothing is written anew, only space at a cut is lost.

use unicode_segmentation::UnicodeSegmentation;

use super::sentences::sentences;

/// The parts, in order; a text that fits is its only part.
pub fn split(text: &str, fits: impl Fn(&str) -> bool) -> Vec<String> {
    let (mut parts, mut rest) = (Vec::new(), text.trim());
    while !rest.is_empty() {
        let cut = if fits(rest) { rest.len() } else { cut(rest, &fits) };
        parts.push(rest[..cut].trim_end().to_owned());
        rest = rest[cut..].trim_start();
    }
    parts
}

/// Where to cut a text that does not fit; always behind at least one character.
fn cut(text: &str, fits: &impl Fn(&str) -> bool) -> usize {
    let sentence_ends = sentences(text).into_iter().scan(0, |end, sentence| {
        *end += sentence.len();
        Some(*end)
    });
    let clause_ends = ends_of(text, |c| matches!(c, '、' | '，' | ',' | ';' | '；' | ':' | '：' | '—' | '…'));
    let word_ends = ends_of(text, char::is_whitespace);
    last_that_fits(text, sentence_ends, fits)
        .or_else(|| last_that_fits(text, clause_ends, fits))
        .or_else(|| last_that_fits(text, word_ends, fits))
        .unwrap_or_else(|| between_characters(text, fits))
}

/// Behind each of these characters; a mark only where a clause ends with it, not inside a number or an address.
fn ends_of(text: &str, is_end: impl Fn(char) -> bool) -> impl Iterator<Item = usize> {
    text.char_indices().filter_map(move |(at, c)| {
        let end = at + c.len_utf8();
        let is_free = !c.is_ascii() || c.is_whitespace() || text[end..].starts_with(char::is_whitespace);
        (is_end(c) && is_free).then_some(end)
    })
}

fn last_that_fits(text: &str, ends: impl Iterator<Item = usize>, fits: &impl Fn(&str) -> bool) -> Option<usize> {
    let does_fit = |end: &usize| fits(text[..*end].trim_end());
    ends.take_while(does_fit).last().filter(|end| !text[..*end].trim().is_empty())
}

/// As late as it fits, but no part begins with what belongs to the character before it.
fn between_characters(text: &str, fits: &impl Fn(&str) -> bool) -> usize {
    const NEVER_FIRST: &str = "、。，．！？!?）)」』】’”ー〜ぁぃぅぇぉっゃゅょァィゥェォッャュョ…";
    let graphemes: Vec<(usize, &str)> = text.grapheme_indices(true).collect();
    let mut last = graphemes.first().map_or(text.len(), |(_, first)| first.len());
    for pair in graphemes.windows(2) {
        let (end, next) = pair[1];
        if !fits(&text[..end]) {
            break;
        }
        if !next.chars().all(|c| NEVER_FIRST.contains(c)) {
            last = end;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str, max: usize) -> Vec<String> {
        split(text, |part| part.graphemes(true).count() <= max)
    }

    #[test]
    fn threads_are_cut_where_sentences_end() {
        assert_eq!(at("One. Two is here! Three?", 17), ["One. Two is here!", "Three?"]);
        assert_eq!(at("一つ目です。二つ目です！三つ目？", 12), ["一つ目です。二つ目です！", "三つ目？"]);
        assert_eq!(at("It costs 3.50 on Nov. 24. Come!", 26), ["It costs 3.50 on Nov. 24.", "Come!"]);
        assert_eq!(at("A line\n\nAnother line", 12), ["A line", "Another line"]);
        assert_eq!(at("fits", 4), ["fits"]);
        assert!(at("  ", 4).is_empty());
    }

    #[test]
    fn long_sentences_are_cut_at_clauses_words_and_characters() {
        assert_eq!(at("first of all, then and again", 14), ["first of all,", "then and again"]);
        assert_eq!(at("朝は、パンを焼いて、夜は寝る。", 10), ["朝は、パンを焼いて、", "夜は寝る。"]);
        assert_eq!(at("1,234,567 loaves", 9), ["1,234,567", "loaves"]);
        assert_eq!(at("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(at("あいうっえ。お", 3), ["あい", "うっ", "え。お"]);
        assert_eq!(at("👩‍🚀👩‍🚀👩‍🚀", 2), ["👩‍🚀👩‍🚀", "👩‍🚀"]);
        // Whoever says that nothing fits gets one character at a time.
        assert_eq!(split("ab", |_| false), ["a", "b"]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_added_or_turned_around(text in "[a-zA-Z .!?,\n。、！？「」あ-んー0-9👩🚀\u{200d}]{0,120}", max in 1usize..40) {
            let parts = at(&text, max);
            let bare = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(bare(&parts.concat()), bare(&text));
            for part in &parts {
                prop_assert!(part.graphemes(true).count() <= max && part.trim() == part && !part.is_empty(), "{:?}", parts);
            }
            // At a cut only space is lost: each part stands in the text as it is.
            let mut rest = text.as_str();
            for part in &parts {
                rest = rest.trim_start();
                prop_assert!(rest.starts_with(part.as_str()));
                rest = &rest[part.len()..];
            }
            prop_assert!(rest.trim().is_empty());
        }
    }
}
