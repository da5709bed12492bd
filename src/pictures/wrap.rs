//! Where lines break: between words, between the characters of Japanese, and not where Japanese forbids it (kinsoku, JIS X 4051): no mark that
//! closes begins a line, none that opens ends one.

use std::ops::Range;

use super::letters::{Letter, Shape};

/// What does not begin a line.
const NOT_FIRST: &str = "、。，．,.・:;：；?!？！‐゠–〜～ー々ゝゞヽヾ〻)]}）］｝〕〉》」』】〙〗〟’”»…‥％%℃ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ｡､｣･ｰﾞﾟ";
/// What does not end one.
const NOT_LAST: &str = "([{（［｛〔〈《「『【〘〖〝‘“«￥¥＄$＃#＠@｢";
/// A line gives up so many letters at the most to keep the rules; a row of marks is broken anyway.
const BACK_MAX: usize = 8;

/// The lines of a text in so much room; what a line's end is, is in none of them.
pub(super) fn lines(letters: &[Letter], room: f64) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while from < letters.len() {
        let (end, next) = line(letters, from, room);
        found.push(from..end);
        from = next;
    }
    // Empty lines at the end are not seen.
    while found.pop_if(|line| letters[line.clone()].iter().all(|letter| letter.shape == Shape::Blank)).is_some() {}
    found
}

/// Where a line that begins at `from` ends, and where the next one begins.
fn line(letters: &[Letter], from: usize, room: f64) -> (usize, usize) {
    let (mut left, mut may_break) = (room, None);
    for (at, letter) in letters.iter().enumerate().skip(from) {
        if letter.shape == Shape::End {
            return (at, at + 1);
        }
        if at > from && is_break(&letters[at - 1], letter) {
            may_break = Some(at);
        }
        left -= letter.width;
        // A blank hangs over the edge.
        if left < 0.0 && letter.shape != Shape::Blank && at > from {
            let end = may_break.filter(|end| is_fair(letters, (*end, at))).unwrap_or(at);
            return (end, end);
        }
    }
    (letters.len(), letters.len())
}

/// Whether breaking at `end` instead of `at` costs a word, and not a row of marks.
fn is_fair(letters: &[Letter], (end, at): (usize, usize)) -> bool {
    at - end <= BACK_MAX || !letters[end..at].iter().any(|letter| is_wide(letter.char()))
}

fn is_break(before: &Letter, after: &Letter) -> bool {
    match (&before.shape, &after.shape) {
        (_, Shape::Blank | Shape::End) => false,
        (Shape::Blank, _) => true,
        _ => {
            let (one, other) = (before.char(), after.char());
            let is_between = is_wide(one) || is_wide(other) || one == '-' && other.is_alphabetic();
            is_between && !NOT_LAST.contains(one) && !NOT_FIRST.contains(other)
        }
    }
}

/// Written without blanks between words: a line may end beside it.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{a4cf}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::super::letters::{letters, width};
    use super::*;

    /// The lines of a text in room for so many full-width letters.
    fn broken(text: &str, ems: f64) -> Vec<String> {
        let all = letters(text, 10.0, &[]);
        let said = |line: Range<usize>| all[line].iter().map(Letter::char).collect::<String>().trim_end().to_owned();
        lines(&all, ems * 10.0).into_iter().map(said).collect()
    }

    #[test]
    fn words_stay_whole_where_they_can() {
        assert_eq!(broken("one two three", 4.0), ["one two", "three"]);
        assert_eq!(broken("a well-known word", 3.2), ["a well-", "known", "word"]);
        let long = broken("https://example.com/a/very/long/address", 6.0);
        assert!(long.len() > 2 && long.concat() == "https://example.com/a/very/long/address", "{long:?}");
        assert_eq!(broken("a\n\nb\n\n", 9.0), ["a", "", "b"]);
        assert_eq!(broken("", 9.0), Vec::<String>::new());
    }

    #[test]
    fn no_line_of_japanese_begins_or_ends_with_what_may_not() {
        assert_eq!(broken("今日は晴れ。明日も", 5.0), ["今日は晴", "れ。明日も"]);
        assert_eq!(broken("彼は「はい」と言った", 3.0), ["彼は", "「は", "い」と", "言った"]);
        assert_eq!(broken("キャラメルマッチャ", 5.0), ["キャラメル", "マッチャ"]);
        assert_eq!(broken("コーヒーとパン", 3.0), ["コー", "ヒーと", "パン"]);
        let text = "「パン（ベーカリー）」の新作、クロワッサンは、バター60％。ぜひ、どうぞ！」「はい…」と。ーっゃ、それから『本』を。";
        for ems in 3..24 {
            for line in broken(text, f64::from(ems)).iter().filter(|line| line.chars().count() > 1) {
                let (first, last) = (line.chars().next().unwrap(), line.chars().next_back().unwrap());
                assert!(ems < 6 || !NOT_FIRST.contains(first), "{ems}: {line}");
                assert!(ems < 6 || !NOT_LAST.contains(last), "{ems}: {line}");
            }
        }
    }

    #[test]
    fn no_line_is_wider_than_its_room_and_nothing_is_lost() {
        for text in ["。".repeat(200), "「".repeat(200), "a".repeat(200), "あ。a 「🥐」".repeat(40), " ".repeat(200)]
        {
            let all = letters(&text, 10.0, &[]);
            let found = lines(&all, 55.0);
            for line in &found {
                let seen = &all[line.clone()];
                let end = seen.iter().rposition(|letter| letter.shape != Shape::Blank).map_or(0, |at| at + 1);
                assert!(width(&seen[..end]) <= 55.0, "{text:.20}");
            }
            let said: usize = found.iter().map(ExactSizeIterator::len).sum();
            assert!(said == all.len() || text.trim().is_empty(), "{text:.20}");
        }
    }
}
