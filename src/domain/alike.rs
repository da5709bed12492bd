//! Whether two posts say nearly the same, for "the same thing twice?": the share of character trigrams that both have, which works for
//! languages with and without spaces. Links and case do not count. Pure and small: a list of a person's recent posts is short.

use std::collections::BTreeSet;

/// From this share of common trigrams on, in percent, two texts are nearly the same: a changed word or two, not another post on a theme.
pub const ALIKE_PERCENT: usize = 80;
/// Texts shorter than this (letters and digits) are alike only when equal: "Good morning" is no repetition worth a warning otherwise.
const SHORT: usize = 20;

/// Whether two texts say nearly the same.
#[must_use]
pub fn are_alike(one: &str, other: &str) -> bool {
    Shape::of(one).is_like(&Shape::of(other))
}

/// What of a text is compared, worked out once for many comparisons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    plain: Vec<char>,
    /// Sorted, each once.
    trigrams: Vec<[char; 3]>,
}

impl Shape {
    /// Of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let plain = plain(text);
        let trigrams = trigrams(&plain);
        Self { plain, trigrams }
    }

    /// Whether the texts say nearly the same.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        if self.plain.is_empty() || other.plain.is_empty() {
            return false;
        }
        if self.plain.len() < SHORT || other.plain.len() < SHORT {
            return self.plain == other.plain;
        }
        let (few, many) =
            (self.trigrams.len().min(other.trigrams.len()), self.trigrams.len().max(other.trigrams.len()));
        // They cannot have more in common than the shorter one has.
        if few * 100 < ALIKE_PERCENT * many {
            return false;
        }
        let both = common(&self.trigrams, &other.trigrams);
        both * 100 >= ALIKE_PERCENT * (few + many - both)
    }
}

/// How many two sorted lists have in common.
fn common(one: &[[char; 3]], other: &[[char; 3]]) -> usize {
    let (mut a, mut b, mut both) = (0, 0, 0);
    while let (Some(left), Some(right)) = (one.get(a), other.get(b)) {
        match left.cmp(right) {
            std::cmp::Ordering::Less => a += 1,
            std::cmp::Ordering::Greater => b += 1,
            std::cmp::Ordering::Equal => (a, b, both) = (a + 1, b + 1, both + 1),
        }
    }
    both
}

/// The links of a text, each once, without what only tracks (`utm_*`) and without their fragment.
#[must_use]
pub fn links(text: &str) -> BTreeSet<String> {
    words(text).filter_map(link).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || "<>()「」『』（）".contains(c)).filter(|word| !word.is_empty())
}

fn link(word: &str) -> Option<String> {
    let start = word.find("https://").or_else(|| word.find("http://"))?;
    let word = word[start..].trim_end_matches(['.', ',', '!', '?', ';', ':', '、', '。', '"', '\'']);
    let mut url: url::Url = word.parse().ok()?;
    url.host_str()?;
    url.set_fragment(None);
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(key, _)| !key.starts_with("utm_"))
        .map(|(k, v)| (k.into_owned(), v.into_owned()))
        .collect();
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
    }
    Some(url.as_str().trim_end_matches('/').to_owned())
}

fn plain(text: &str) -> Vec<char> {
    let said = words(text).filter(|word| link(word).is_none());
    said.flat_map(str::chars).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn trigrams(text: &[char]) -> Vec<[char; 3]> {
    let all: BTreeSet<[char; 3]> = text.windows(3).filter_map(|three| three.try_into().ok()).collect();
    all.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_word_is_the_same_post_and_another_thought_is_not() {
        let one =
            "We are open again from Monday: fresh bread, new coffee and the same old smiles. https://example.com/a";
        assert!(are_alike(
            one,
            "We are OPEN again from Monday - fresh bread, new coffee, and the same old smiles! https://example.com/b"
        ));
        assert!(are_alike(one, "We are open again from Tuesday: fresh bread, new coffee and the same old smiles."));
        assert!(!are_alike(one, "Our new opening hours: Monday to Friday, nine to five. Bread until it is gone."));
        assert!(are_alike(
            "新しいブログ記事を公開しました。今週のテーマは秋の味覚と旅です。",
            "新しいブログ記事を公開しました！今週のテーマは、秋の味覚と旅です。"
        ));
        assert!(!are_alike(
            "新しいブログ記事を公開しました。今週のテーマは秋の味覚です。",
            "来週のイベントは雨天のため中止になりました。次回をお楽しみに。"
        ));
        assert!(are_alike("Good morning!", "good morning") && !are_alike("Good morning!", "Good evening!"));
        assert!(!are_alike("https://example.com/a", "https://example.com/a"));
    }

    #[test]
    fn links_are_compared_without_tracking_and_punctuation() {
        let found = links("Read https://Example.com/post?utm_source=x&id=7#top, or (https://example.com/other/).");
        assert_eq!(
            found.into_iter().collect::<Vec<_>>(),
            ["https://example.com/other", "https://example.com/post?id=7"]
        );
        assert!(links("no link: example.com, https:// nor http://").is_empty());
        assert_eq!(links("詳しくは「https://example.jp/記事」をご覧ください").len(), 1);
    }
}
