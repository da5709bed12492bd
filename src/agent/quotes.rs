//! What a text quotes is a draft, a candidate or a translation: it claims nothing and tells no figures, and is masked before either is looked for.

/// Pairs that quote. Straight ones open and close alike; single ones are apostrophes more often than not.
const PAIRS: [(char, char); 4] = [('“', '”'), ('「', '」'), ('『', '』'), ('"', '"')];
/// Shorter English quotations are words in scare quotes, and claim what they say.
const WORDS_MIN: usize = 3;
/// Stands for a byte of what is quoted.
const MASK: char = '\u{1}';

/// The text with what it quotes masked; every byte that is left stands where it stood.
pub(super) fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut is_line_start = true;
    while let Some(c) = rest.chars().next() {
        let span = match c {
            '`' => code(rest),
            '>' if is_line_start => Some(rest.find('\n').unwrap_or(rest.len())),
            _ => PAIRS.iter().find(|(open, _)| *open == c).and_then(|(open, close)| quotation(rest, *open, *close)),
        };
        let length = span.unwrap_or(c.len_utf8());
        match span {
            Some(_) => out.extend(std::iter::repeat_n(MASK, length)),
            None => out.push(c),
        }
        is_line_start = c == '\n' || (is_line_start && c.is_whitespace());
        rest = &rest[length..];
    }
    out
}

/// Code between one or three marks.
fn code(rest: &str) -> Option<usize> {
    let mark = if rest.starts_with("```") { "```" } else { "`" };
    let inside = &rest[mark.len()..];
    let end = inside.find(mark)?;
    // A mark alone on its line closes nothing on another one.
    (mark.len() == 3 || !inside[..end].contains('\n')).then_some(end + 2 * mark.len())
}

/// A quotation with its marks; one that is never closed is none, or it would hide the rest of the text.
fn quotation(rest: &str, open: char, close: char) -> Option<usize> {
    /// Longer than any post.
    const LENGTH_MAX: usize = 40_000;
    let inside = &rest[open.len_utf8()..];
    let (mut depth, mut end) = (1, None);
    for (at, c) in inside.char_indices().take_while(|(at, _)| *at < LENGTH_MAX) {
        if c == close {
            depth -= 1;
            if depth == 0 {
                end = Some(at);
                break;
            }
        } else if c == open {
            depth += 1;
        }
    }
    let quoted = &inside[..end?];
    let is_straight = open == close;
    let is_broken = is_straight && quoted.contains('\n');
    let is_word = quoted.is_ascii() && quoted.split_whitespace().count() < WORDS_MIN;
    (!is_broken && !is_word).then_some(open.len_utf8() + quoted.len() + close.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_quoted_is_masked_and_every_byte_keeps_its_place() {
        let shown = |text: &str| {
            let masked = masked(text);
            assert_eq!(masked.len(), text.len());
            masked.replace(MASK, "")
        };
        for (text, left) in [
            ("Say “We have it now.” and go", "Say  and go"),
            ("訳は「新しいメニュー。「中」も」です。", "訳はです。"),
            ("I have “published” it", "I have “published” it"),
            ("never “closed at all, I posted it", "never “closed at all, I posted it"),
            ("a \"b c d\" e \"f\ng h i\" j", "a  e \"f\ng h i\" j"),
            ("`posted it now` ```\nx. y\n``` z", "  z"),
            ("> quoted line\nmine\n > too", "\nmine\n "),
        ] {
            assert_eq!(shown(text), left, "{text}");
        }
    }
}
