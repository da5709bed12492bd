//! Where sentences end, in English and Japanese. What is made of them (claims, threads) is elsewhere.

/// Sentences with the space behind them: put together they are the text.
#[must_use]
pub fn sentences(text: &str) -> Vec<&str> {
    let (mut found, mut begin) = (Vec::new(), 0);
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if !ends(text, at, c, chars.peek().map(|(_, next)| *next)) {
            continue;
        }
        let mut end = at + c.len_utf8();
        let is_tail = |c: char| c.is_whitespace() || is_mark(c) || is_closer(c);
        while let Some((at, next)) = chars.next_if(|(_, next)| is_tail(*next)) {
            end = at + next.len_utf8();
        }
        found.push(&text[begin..end]);
        begin = end;
    }
    if begin < text.len() {
        found.push(&text[begin..]);
    }
    found
}

fn ends(text: &str, at: usize, c: char, next: Option<char>) -> bool {
    let is_over = next.is_none_or(|next| next.is_whitespace() || is_closer(next));
    match c {
        '。' | '！' | '？' | '\n' => true,
        // Not inside a number, a name of a file or an address, nor behind a shortened word ("Nov. 24", "approx. ten").
        '.' => is_over && !goes_on(&text[at + 1..]),
        '!' | '?' => is_over,
        _ => false,
    }
}

fn goes_on(rest: &str) -> bool {
    // A line of its own is a sentence of its own.
    let is_same_line = !rest.starts_with(['\n', '\r']);
    is_same_line && rest.trim_start().starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
}

/// Marks that come in rows: "?!", "！！".
fn is_mark(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '。' | '！' | '？')
}

/// What is closed behind an end belongs to it.
fn is_closer(c: char) -> bool {
    matches!(c, ')' | ']' | '"' | '\'' | '”' | '’' | '」' | '』' | '）' | '】')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sentences_end_where_people_end_them() {
        for (text, wanted) in [
            ("A. B! C?", vec!["A. ", "B! ", "C?"]),
            (
                "It is 3.5 e.g. x on Nov. 24 at a.example/b.html. Yes",
                vec!["It is 3.5 e.g. x on Nov. 24 at a.example/b.html. ", "Yes"],
            ),
            ("あ。い！！う？え", vec!["あ。", "い！！", "う？", "え"]),
            ("“Hi.” (Really?!) So", vec!["“Hi.” ", "(Really?!) ", "So"]),
            ("「はい。」と言った。", vec!["「はい。」", "と言った。"]),
            ("a line\nanother", vec!["a line\n", "another"]),
            ("…", vec!["…"]),
        ] {
            assert_eq!(sentences(text), wanted, "{text}");
        }
        assert!(sentences("").is_empty());
    }

    proptest! {
        #[test]
        fn sentences_put_together_are_the_text(text in "[a-zA-Z0-9 .!?。！？「」“”)\n、あ-ん]{0,60}") {
            prop_assert_eq!(sentences(&text).concat(), text);
        }
    }
}
