//! Sentences about actions are checked against what was done: a model that says "scheduled" when nothing was is corrected before a person
//! relies on it (DESIGN §4). Words are compared, not meanings: a missed claim is caught by the cards below the text, which are drawn
//! from ledger rows; a sentence taken for a claim by mistake costs one sentence.

/// Something that can be claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Act {
    Drafted,
    Scheduled,
    Published,
    Withdrawn,
    Connected,
    Paused,
    Forgotten,
}

/// English forms that say that it is done, and what each says. Looked for as whole words in lower case.
const ENGLISH: [(&str, Act); 26] = [
    ("drafted", Act::Drafted),
    ("saved a draft", Act::Drafted),
    ("saved the draft", Act::Drafted),
    ("created a draft", Act::Drafted),
    ("scheduled", Act::Scheduled),
    ("rescheduled", Act::Scheduled),
    ("will go out", Act::Scheduled),
    ("published", Act::Published),
    ("posted", Act::Published),
    ("is live", Act::Published),
    ("went out", Act::Published),
    ("gone out", Act::Published),
    ("sent it out", Act::Published),
    ("withdrawn", Act::Withdrawn),
    ("withdrew", Act::Withdrawn),
    ("cancelled", Act::Withdrawn),
    ("canceled", Act::Withdrawn),
    ("taken down", Act::Withdrawn),
    ("took down", Act::Withdrawn),
    ("connected", Act::Connected),
    ("disconnected", Act::Forgotten),
    ("paused", Act::Paused),
    ("deleted", Act::Forgotten),
    ("erased", Act::Forgotten),
    ("forgotten", Act::Forgotten),
    ("removed your", Act::Forgotten),
];

/// English words that make a sentence something else than a report: a wish, a condition, a question, a denial.
const ENGLISH_OPEN: [&str; 27] = [
    "not",
    "n't",
    "never",
    "no",
    "if",
    "once",
    "when",
    "until",
    "unless",
    "before",
    "would",
    "could",
    "can",
    "may",
    "might",
    "should",
    "shall",
    "want",
    "like",
    "to be",
    "ready",
    "waiting",
    "waits",
    "needs",
    "approve",
    "after you",
    "nothing",
];

/// The same in Japanese, looked for anywhere.
const JAPANESE: [(&str, Act); 24] = [
    ("下書きを作成しました", Act::Drafted),
    ("下書きを作りました", Act::Drafted),
    ("下書きを保存しました", Act::Drafted),
    ("下書きしました", Act::Drafted),
    ("予約しました", Act::Scheduled),
    ("予約済みです", Act::Scheduled),
    ("予約が完了", Act::Scheduled),
    ("予約いたしました", Act::Scheduled),
    ("スケジュールしました", Act::Scheduled),
    ("公開しました", Act::Published),
    ("公開いたしました", Act::Published),
    ("公開されました", Act::Published),
    ("投稿しました", Act::Published),
    ("投稿いたしました", Act::Published),
    ("投稿されました", Act::Published),
    ("投稿が完了", Act::Published),
    ("取り下げました", Act::Withdrawn),
    ("取り消しました", Act::Withdrawn),
    ("接続しました", Act::Connected),
    ("連携しました", Act::Connected),
    ("一時停止しました", Act::Paused),
    ("停止しました", Act::Paused),
    ("削除しました", Act::Forgotten),
    ("消去しました", Act::Forgotten),
];

/// Japanese endings after a claim's words that take it back: 「投稿しましたら」, 「予約しましたか」.
const JAPANESE_OPEN: [&str; 3] = ["しましたら", "ましたか", "ましたら"];

/// The text with every sentence replaced that claims what was not done; `None` when all of it holds.
pub(super) fn checked(text: &str, done: &[Act], correction: &str) -> Option<String> {
    let (mut out, mut is_changed) = (String::new(), false);
    for sentence in sentences(text) {
        if claims(sentence).iter().all(|act| holds(*act, done)) {
            out.push_str(sentence);
        } else {
            is_changed = true;
            let body = sentence.trim_end();
            // Said once, however many sentences claimed it.
            if !out.contains(correction) {
                out.push_str(correction);
            }
            out.push_str(&sentence[body.len()..]);
        }
    }
    is_changed.then_some(out)
}

/// What is out was scheduled and drafted before; what was taken down or forgotten may be told in either word.
fn holds(act: Act, done: &[Act]) -> bool {
    done.iter().any(|have| {
        *have == act
            || match act {
                Act::Drafted => matches!(have, Act::Scheduled | Act::Published),
                Act::Scheduled => *have == Act::Published,
                Act::Withdrawn => *have == Act::Forgotten,
                Act::Forgotten => *have == Act::Withdrawn,
                Act::Published | Act::Connected | Act::Paused => false,
            }
    })
}

fn claims(sentence: &str) -> Vec<Act> {
    let mut found = Vec::new();
    for (words, act) in JAPANESE {
        let is_open = sentence.contains('？') || JAPANESE_OPEN.iter().any(|open| sentence.contains(open));
        if sentence.contains(words) && !is_open {
            found.push(act);
        }
    }
    let lower = sentence.to_lowercase();
    let is_open = lower.contains('?') || ENGLISH_OPEN.iter().any(|open| has_words(&lower, open));
    for (words, act) in ENGLISH {
        if has_words(&lower, words) && !is_open {
            found.push(act);
        }
    }
    found
}

/// Whether the words stand in a text by themselves, not inside a longer word or an address (`n't` only needs none behind it).
fn has_words(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let mut behind = text[at + words.len()..].chars();
        let (after, second) = (behind.next(), behind.next());
        let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let is_inside = |c: Option<char>| is_letter(c) || c.is_some_and(|c| "/@#-_".contains(c));
        let is_dotted = after == Some('.') && is_letter(second);
        (words.starts_with("n'") || !is_inside(before)) && !is_inside(after) && !is_dotted
    })
}

/// Sentences with the space behind them.
fn sentences(text: &str) -> Vec<&str> {
    let (mut found, mut begin) = (Vec::new(), 0);
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let goes_on =
            || text[at + 1..].trim_start().starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
        let is_end = match c {
            '。' | '！' | '？' | '\n' => true,
            // Not inside a number, a name of a file or an address, nor behind a shortened word ("Nov. 24", "approx. ten").
            '.' => next.is_none_or(char::is_whitespace) && !goes_on(),
            '!' | '?' => next.is_none_or(char::is_whitespace),
            _ => false,
        };
        if is_end {
            let mut end = at + c.len_utf8();
            while let Some((at, space)) = chars.next_if(|(_, space)| space.is_whitespace()) {
                end = at + space.len_utf8();
            }
            found.push(&text[begin..end]);
            begin = end;
        }
    }
    if begin < text.len() {
        found.push(&text[begin..]);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, done: &[Act]) -> Option<String> {
        checked(text, done, "[not done]")
    }

    #[test]
    fn a_claim_without_a_deed_is_replaced_and_the_rest_stays() {
        assert_eq!(
            check("I wrote it. I have scheduled it for 9:00 on Nov. 24. Anything else?", &[Act::Drafted]),
            Some("I wrote it. [not done] Anything else?".into())
        );
        assert_eq!(
            check("下書きです。明日の9時に予約しました。ほかにありますか？", &[]),
            Some("下書きです。[not done]ほかにありますか？".into())
        );
        assert_eq!(check("Published! Also deleted the old one.", &[]), Some("[not done] ".into()));
    }

    #[test]
    fn what_was_done_may_be_said() {
        assert_eq!(check("I have scheduled it.", &[Act::Scheduled]), None);
        assert_eq!(check("It was published on @ana.", &[Act::Published]), None);
        assert_eq!(check("It was scheduled and published.", &[Act::Published]), None);
        assert_eq!(check("予約しました。", &[Act::Scheduled]), None);
        assert!(check("It is published.", &[Act::Scheduled]).is_some());
    }

    #[test]
    fn wishes_conditions_questions_and_denials_are_no_claims() {
        for text in [
            "It is not scheduled yet.",
            "It hasn't been published.",
            "Once you approve, it will go out at nine.",
            "Shall I have it published?",
            "It is ready to be published when you approve it.",
            "It waits for your approval before it is posted.",
            "Would you like it scheduled for Monday?",
            "Nothing was deleted.",
            "You can see what was published on the calendar.",
            "承認すると投稿されます。",
            "まだ投稿していません。",
            "投稿しましたら、お知らせします。",
            "予約しましたか？",
            "Compost is disposted weekly on example.com/posted.html",
        ] {
            assert_eq!(check(text, &[]), None, "{text}");
        }
    }

    #[test]
    fn sentences_put_together_are_the_text() {
        for text in ["", "a", "A. B! C?\n\nD 3.5 e.g. x", "あ。い！\n う？え", "…"] {
            assert_eq!(sentences(text).concat(), text);
        }
    }
}
