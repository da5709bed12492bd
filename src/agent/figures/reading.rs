//! Reads figures in a text: their value with what multiplies it, how exact they are, and whether they tell a time. Judges nothing.

/// A figure.
pub(super) struct Figure<'a> {
    /// As it stands there, with what multiplies it.
    pub(super) written: &'a str,
    pub(super) value: f64,
    /// Half of its last digit: what rounding may take away.
    pub(super) half_step: f64,
    /// It has decimals.
    pub(super) is_precise: bool,
    /// Percent stands behind it.
    pub(super) is_share: bool,
    /// What it counts stands behind it.
    pub(super) is_counted: bool,
    /// It is part of a date, a time, a span of days, or the number of a line.
    pub(super) is_moment: bool,
}

/// What multiplies the figure before it; longer words first.
const MULTIPLIERS: [(&str, f64); 12] = [
    (" thousand", 1e3),
    (" million", 1e6),
    (" billion", 1e9),
    ("千", 1e3),
    ("万", 1e4),
    ("億", 1e8),
    ("bn", 1e9),
    ("k", 1e3),
    ("K", 1e3),
    ("m", 1e6),
    ("M", 1e6),
    ("B", 1e9),
];
/// Makes the zeros at the end of the figure behind it round.
const HEDGES: [&str; 14] = [
    "about",
    "around",
    "roughly",
    "nearly",
    "almost",
    "over",
    "approximately",
    "some",
    "約",
    "およそ",
    "ほぼ",
    "~",
    "≈",
    "〜",
];
/// What is counted, in English in its plural and singular.
const COUNTED: [&str; 46] = [
    "post",
    "posts",
    "draft",
    "drafts",
    "like",
    "likes",
    "view",
    "views",
    "follower",
    "followers",
    "subscriber",
    "subscribers",
    "comment",
    "comments",
    "share",
    "shares",
    "repost",
    "reposts",
    "retweet",
    "retweets",
    "reply",
    "replies",
    "impression",
    "impressions",
    "click",
    "clicks",
    "visit",
    "visits",
    "visitor",
    "visitors",
    "account",
    "accounts",
    "people",
    "user",
    "users",
    "person",
    "minute",
    "minutes",
    "second",
    "seconds",
    "dollar",
    "dollars",
    "character",
    "characters",
    "video",
    "videos",
];
/// What is counted, in Japanese.
const COUNTED_JA: [&str; 12] =
    ["回", "件", "人", "本", "円", "名", "個", "いいね", "ドル", "文字", "再生", "フォロワー"];
/// Behind the number of a moment or a span of days.
const MOMENT: [&str; 19] = [
    "am", "pm", "a.m", "p.m", "o'clock", "st", "nd", "rd", "th", "hour", "hours", "day", "days", "week", "weeks",
    "month", "months", "year", "years",
];
const MOMENT_JA: [&str; 14] =
    ["年", "月", "日", "時", "分", "秒", "週", "世紀", "か月", "ヶ月", "カ月", "代", "曜", "泊"];
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Every figure of a text, in order. Parts of words, ids and addresses are none.
pub(super) fn figures(text: &str) -> impl Iterator<Item = Figure<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let begin = at + text.get(at..)?.find(is_digit)?;
            let end = begin + run(&text[begin..]);
            at = end;
            // Part of a word, an id or an address is no figure.
            let is_word = text[..begin].ends_with(|c: char| c.is_ascii_alphabetic() || "_/#@".contains(c))
                && !is_date(text, begin, end);
            if let Some(figure) = read(text, begin, end).filter(|_| !is_word) {
                at = begin + figure.written.len();
                return Some(figure);
            }
        }
    })
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || ('０'..='９').contains(&c)
}

/// The length of a run of digits with their groups and decimals: `1,234.5`, `１２`.
fn run(tail: &str) -> usize {
    let (mut end, mut chars) = (0, tail.char_indices().peekable());
    while let Some((at, c)) = chars.next() {
        let is_inside = matches!(c, ',' | '.' | '，' | '．') && chars.peek().is_some_and(|(_, next)| is_digit(*next));
        if !(is_digit(c) || is_inside) {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

fn read(text: &str, begin: usize, end: usize) -> Option<Figure<'_>> {
    let digits: String = text[begin..end].chars().filter_map(narrow).collect();
    let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let behind = &text[end..];
    let (length, factor) = multiplier(behind);
    let mut half_step = 0.5 * 10f64.powi(-i32::try_from(decimals).ok()?) * factor;
    if factor == 1.0 && is_hedged(&text[..begin]) {
        let zeros = digits.bytes().rev().take_while(|byte| *byte == b'0').count();
        half_step = half_step.max(0.5 * 10f64.powi(i32::try_from(zeros).ok()?));
    }
    let (written, behind) = (&text[begin..end + length], &behind[length..]);
    let unit = behind.strip_prefix('-').unwrap_or(behind).trim_start();
    let is_share = unit.starts_with(['%', '％']) || unit.starts_with("percent") || unit.starts_with("パーセント");
    let is_counted =
        COUNTED.contains(&first_word(unit).as_str()) || COUNTED_JA.iter().any(|word| unit.starts_with(word));
    let value = digits.parse::<f64>().ok()? * factor;
    let is_plain = factor == 1.0 && !is_share;
    Some(Figure {
        written,
        value,
        half_step,
        is_precise: decimals > 0,
        is_share,
        is_counted,
        is_moment: is_plain && is_moment(text, (begin, end), is_counted),
    })
}

/// A digit or point in its usual width; nothing for what groups digits.
fn narrow(c: char) -> Option<char> {
    match c {
        ',' | '，' => None,
        '．' => Some('.'),
        c if c.is_ascii() => Some(c),
        c => char::from_digit(u32::from(c).checked_sub(u32::from('０'))?, 10),
    }
}

fn multiplier(behind: &str) -> (usize, f64) {
    let fits = |word: &str| {
        behind.strip_prefix(word).is_some_and(|rest| {
            // "12k", but not "12kg" nor "12 m".
            !word.is_ascii() || !rest.starts_with(|c: char| c.is_ascii_alphanumeric())
        })
    };
    MULTIPLIERS.iter().find(|(word, _)| fits(word)).map_or((0, 1.0), |(word, factor)| (word.len(), *factor))
}

fn is_hedged(before: &str) -> bool {
    let before = before.trim_end().to_lowercase();
    HEDGES.iter().any(|hedge| before.ends_with(hedge))
}

fn first_word(text: &str) -> String {
    let is_inside = |c: char| c.is_ascii_alphabetic() || c == '\'' || c == '.';
    let end = text.find(|c: char| !is_inside(c)).unwrap_or(text.len());
    text[..end].trim_end_matches('.').to_lowercase()
}

fn is_date(text: &str, begin: usize, end: usize) -> bool {
    // "11/24" and "2026/11/24", but not "250/280".
    let digits = |part: &str| part.chars().filter(|c| is_digit(*c)).count();
    let left =
        text[..begin].strip_suffix('/').map_or("", |before| before.rsplit(|c: char| !is_digit(c)).next().unwrap_or(""));
    let right =
        text[end..].strip_prefix('/').map_or("", |rest| rest.split(|c: char| !is_digit(c)).next().unwrap_or(""));
    let here = digits(&text[begin..end]);
    let is_part = |count: usize| count <= 2 || count == 4;
    (!left.is_empty() || !right.is_empty()) && is_part(here) && is_part(digits(left)) && is_part(digits(right)) && {
        here <= 2 || digits(left).max(digits(right)) <= 2
    }
}

fn is_moment(text: &str, (begin, end): (usize, usize), is_counted: bool) -> bool {
    let (before, behind) = (&text[..begin], &text[end..]);
    let is_clock = |c: char| c == ':' || c == '：';
    let is_timed = behind.strip_prefix(is_clock).is_some_and(|rest| rest.starts_with(is_digit))
        || before.strip_suffix(is_clock).is_some_and(|rest| rest.ends_with(is_digit));
    let is_iso = |rest: &str| rest.strip_prefix('-').is_some_and(|rest| rest.starts_with(is_digit));
    let is_dashed = is_iso(behind) || before.strip_suffix('-').is_some_and(|rest| rest.ends_with(is_digit));
    let next = first_word(behind.trim_start().trim_start_matches('-'));
    let last =
        before.trim_end().rsplit(|c: char| !c.is_ascii_alphabetic() && c != '.').next().unwrap_or("").to_lowercase();
    let last = last.trim_end_matches('.');
    let is_month = |word: &str| MONTHS.iter().any(|month| word.len() >= 3 && word.starts_with(month));
    let plain = &text[begin..end];
    let is_year = plain.len() == 4 && (plain.starts_with("19") || plain.starts_with("20")) && !is_counted;
    let is_line =
        before.rsplit('\n').next().is_some_and(|line| line.trim().is_empty()) && behind.starts_with([')', '.']);
    let is_hour = last == "at" && !is_counted && plain.parse::<u8>().is_ok_and(|hour| hour <= 24);
    is_timed
        || is_dashed
        || is_date(text, begin, end)
        || MOMENT.contains(&next.as_str())
        || MOMENT_JA.iter().any(|word| behind.trim_start().starts_with(word))
        || is_month(last)
        || is_month(&next)
        || is_year
        || is_line
        || is_hour
        || before.ends_with('第')
}
