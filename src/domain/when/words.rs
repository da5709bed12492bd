//! The words that times are named with, English and Japanese, cut into tokens. A word that is not here makes the whole text unreadable:
//! nothing that somebody said about a time is ever ignored.

/// A piece of a text about time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// A number and how many digits it was written with (0 for words).
    Number(i32, usize),
    /// `:`
    Colon,
    /// `/`
    Slash,
    /// `-`
    Dash,
    /// "at", `T`
    At,
    /// Days from today.
    Day(i64),
    /// Monday is 0.
    Weekday(i8),
    /// An English month.
    Month(i8),
    /// "next", 次の
    Next,
    /// "last"
    Last,
    /// "this"
    This,
    /// Calendar weeks from this one.
    Week(i64),
    /// "in"
    In,
    /// "after", 後
    After,
    /// "ago", 前
    Ago,
    /// A unit of a duration.
    Unit(Unit),
    /// "half", 半
    Half,
    /// "quarter"
    Quarter,
    /// "past"
    Past,
    /// "to"
    To,
    /// "and"
    And,
    /// A part of the day.
    Part(Part),
    /// 時, "o'clock"
    Hour,
    /// 分
    Minute,
    /// 年
    YearMark,
    /// 月
    MonthMark,
    /// 日
    DayMark,
    /// "midnight"
    Midnight,
}

/// A unit of a duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Minute,
    Hour,
    Day,
    Week,
}

/// A part of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Am,
    Pm,
    /// 午後: its twelve is noon for some and midnight for others.
    Gogo,
    Morning,
    Noon,
    Afternoon,
    Evening,
    Night,
    LateNight,
}

use Token as T;

/// English words. An empty list of tokens: said, but means nothing by itself.
const ENGLISH: &[(&[&str], &[Token])] = &[
    (&["the", "on", "of", "st", "nd", "rd", "th", "by", "now"], &[]),
    (&["at", "t"], &[T::At]),
    (&["today"], &[T::Day(0)]),
    (&["tomorrow", "tmrw"], &[T::Day(1)]),
    (&["yesterday"], &[T::Day(-1)]),
    (&["tonight"], &[T::Day(0), T::Part(Part::Night)]),
    (&["monday", "mon"], &[T::Weekday(0)]),
    (&["tuesday", "tue", "tues"], &[T::Weekday(1)]),
    (&["wednesday", "wed"], &[T::Weekday(2)]),
    (&["thursday", "thu", "thur", "thurs"], &[T::Weekday(3)]),
    (&["friday", "fri"], &[T::Weekday(4)]),
    (&["saturday", "sat"], &[T::Weekday(5)]),
    (&["sunday", "sun"], &[T::Weekday(6)]),
    (&["january", "jan"], &[T::Month(1)]),
    (&["february", "feb"], &[T::Month(2)]),
    (&["march", "mar"], &[T::Month(3)]),
    (&["april", "apr"], &[T::Month(4)]),
    (&["may"], &[T::Month(5)]),
    (&["june", "jun"], &[T::Month(6)]),
    (&["july", "jul"], &[T::Month(7)]),
    (&["august", "aug"], &[T::Month(8)]),
    (&["september", "sep", "sept"], &[T::Month(9)]),
    (&["october", "oct"], &[T::Month(10)]),
    (&["november", "nov"], &[T::Month(11)]),
    (&["december", "dec"], &[T::Month(12)]),
    (&["next"], &[T::Next]),
    (&["last"], &[T::Last]),
    (&["this"], &[T::This]),
    (&["in"], &[T::In]),
    (&["after"], &[T::After]),
    (&["from"], &[T::After]),
    (&["ago"], &[T::Ago]),
    (&["minute", "minutes", "min", "mins"], &[T::Unit(Unit::Minute)]),
    (&["hour", "hours"], &[T::Unit(Unit::Hour)]),
    (&["day", "days"], &[T::Unit(Unit::Day)]),
    (&["week", "weeks"], &[T::Unit(Unit::Week)]),
    (&["half"], &[T::Half]),
    (&["quarter"], &[T::Quarter]),
    (&["past"], &[T::Past]),
    (&["to"], &[T::To]),
    (&["and"], &[T::And]),
    (&["am"], &[T::Part(Part::Am)]),
    (&["pm"], &[T::Part(Part::Pm)]),
    (&["morning"], &[T::Part(Part::Morning)]),
    (&["afternoon"], &[T::Part(Part::Afternoon)]),
    (&["evening"], &[T::Part(Part::Evening)]),
    (&["night"], &[T::Part(Part::Night)]),
    (&["noon", "midday"], &[T::Number(12, 2), T::Colon, T::Number(0, 2)]),
    (&["midnight"], &[T::Midnight]),
    (&["o'clock", "oclock", "o’clock"], &[T::Hour]),
    (&["a", "an", "one"], &[T::Number(1, 0)]),
    (&["two"], &[T::Number(2, 0)]),
    (&["three"], &[T::Number(3, 0)]),
    (&["four"], &[T::Number(4, 0)]),
    (&["five"], &[T::Number(5, 0)]),
    (&["six"], &[T::Number(6, 0)]),
    (&["seven"], &[T::Number(7, 0)]),
    (&["eight"], &[T::Number(8, 0)]),
    (&["nine"], &[T::Number(9, 0)]),
    (&["ten"], &[T::Number(10, 0)]),
    (&["eleven"], &[T::Number(11, 0)]),
    (&["twelve"], &[T::Number(12, 0)]),
    (&["fifteen"], &[T::Number(15, 0)]),
    (&["twenty"], &[T::Number(20, 0)]),
    (&["thirty"], &[T::Number(30, 0)]),
];

/// Japanese words; where several fit, the longest counts.
const JAPANESE: &[(&[&str], &[Token])] = &[
    (&["の", "に", "ごろ", "頃", "、", "。"], &[]),
    (&["今日", "きょう", "本日"], &[T::Day(0)]),
    (&["明日", "あした", "あす"], &[T::Day(1)]),
    (&["明後日", "あさって"], &[T::Day(2)]),
    (&["明々後日", "しあさって"], &[T::Day(3)]),
    (&["昨日", "きのう"], &[T::Day(-1)]),
    (&["一昨日", "おととい"], &[T::Day(-2)]),
    (&["今朝"], &[T::Day(0), T::Part(Part::Morning)]),
    (&["明朝"], &[T::Day(1), T::Part(Part::Morning)]),
    (&["今夜", "今晩"], &[T::Day(0), T::Part(Part::Night)]),
    (&["明晩"], &[T::Day(1), T::Part(Part::Night)]),
    (&["月曜日", "月曜"], &[T::Weekday(0)]),
    (&["火曜日", "火曜"], &[T::Weekday(1)]),
    (&["水曜日", "水曜"], &[T::Weekday(2)]),
    (&["木曜日", "木曜"], &[T::Weekday(3)]),
    (&["金曜日", "金曜"], &[T::Weekday(4)]),
    (&["土曜日", "土曜"], &[T::Weekday(5)]),
    (&["日曜日", "日曜"], &[T::Weekday(6)]),
    (&["今週"], &[T::Week(0)]),
    (&["先週"], &[T::Week(-1)]),
    (&["先々週"], &[T::Week(-2)]),
    (&["来週"], &[T::Week(1)]),
    (&["再来週"], &[T::Week(2)]),
    (&["次の", "今度の"], &[T::Next]),
    (&["後"], &[T::After]),
    (&["前"], &[T::Ago]),
    (&["時間"], &[T::Unit(Unit::Hour)]),
    (&["分間"], &[T::Unit(Unit::Minute)]),
    (&["日間"], &[T::Unit(Unit::Day)]),
    (&["週間"], &[T::Unit(Unit::Week)]),
    (&["半"], &[T::Half]),
    (&["午前"], &[T::Part(Part::Am)]),
    (&["午後"], &[T::Part(Part::Gogo)]),
    (&["朝"], &[T::Part(Part::Morning)]),
    (&["昼", "お昼"], &[T::Part(Part::Noon)]),
    (&["夕方"], &[T::Part(Part::Evening)]),
    (&["夜", "晩"], &[T::Part(Part::Night)]),
    (&["深夜", "夜中", "真夜中"], &[T::Part(Part::LateNight)]),
    (&["正午"], &[T::Number(12, 2), T::Colon, T::Number(0, 2)]),
    (&["時"], &[T::Hour]),
    (&["分"], &[T::Minute]),
    (&["年"], &[T::YearMark]),
    (&["月"], &[T::MonthMark]),
    (&["日"], &[T::DayMark]),
    (&["零"], &[T::Number(0, 0)]),
];

/// Letters in a text about time; longer ones are about something else too.
const CHARS_MAX: usize = 120;

/// The tokens, and whether any of it is Japanese. None when a word is not known.
pub(super) fn tokens(text: &str) -> Option<(Vec<Token>, bool)> {
    if text.chars().count() > CHARS_MAX {
        return None;
    }
    let text: String = text.chars().map(folded).collect::<String>().to_lowercase();
    let text = text.replace("a.m.", "am").replace("p.m.", "pm");
    let (mut rest, mut found, mut is_japanese) = (text.as_str(), Vec::new(), false);
    while let Some(c) = rest.chars().next() {
        let length = |holds: fn(char) -> bool| rest.find(|c| !holds(c)).unwrap_or(rest.len());
        let cut = if c.is_whitespace() || matches!(c, ',' | '.' | '!' | '?') {
            c.len_utf8()
        } else if c.is_ascii_digit() {
            let end = length(|c| c.is_ascii_digit());
            found.push(T::Number(rest[..end].parse().ok()?, end));
            end
        } else if c.is_ascii_alphabetic() {
            let end = length(|c| c.is_ascii_alphabetic() || c == '\'' || c == '’');
            found.extend(of(ENGLISH, &rest[..end])?);
            end
        } else if let Some(mark) = mark(c) {
            found.push(mark);
            1
        } else if let Some((number, end)) = kanji(rest)
            // 一昨日 begins with a number and is none.
            && longest(rest).is_none_or(|(word, _)| word.len() <= end)
        {
            is_japanese = true;
            found.push(T::Number(number, 0));
            end
        } else {
            is_japanese = true;
            let (word, means) = longest(rest)?;
            found.extend(means);
            word.len()
        };
        rest = &rest[cut..];
    }
    Some((found, is_japanese))
}

/// Full-width letters, digits and signs as ASCII.
fn folded(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => u32::from(c).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(c),
        _ => c,
    }
}

fn mark(c: char) -> Option<Token> {
    match c {
        ':' => Some(T::Colon),
        '/' => Some(T::Slash),
        '-' => Some(T::Dash),
        _ => None,
    }
}

fn of(words: &[(&[&str], &'static [Token])], word: &str) -> Option<&'static [Token]> {
    words.iter().find(|(spellings, _)| spellings.contains(&word)).map(|(_, means)| *means)
}

fn longest(text: &str) -> Option<(&'static str, &'static [Token])> {
    let all = JAPANESE.iter().flat_map(|(spellings, means)| spellings.iter().map(move |word| (*word, *means)));
    all.filter(|(word, _)| text.starts_with(word)).max_by_key(|(word, _)| word.len())
}

/// A number below a hundred in kanji, and how many bytes it takes.
fn kanji(text: &str) -> Option<(i32, usize)> {
    const DIGITS: [char; 9] = ['一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let (mut tens, mut ones, mut bytes) = (None, None, 0);
    for c in text.chars() {
        match (DIGITS.iter().position(|digit| *digit == c), c) {
            (Some(at), _) if ones.is_none() => ones = i32::try_from(at + 1).ok(),
            (None, '十') if tens.is_none() => tens = Some(ones.take().unwrap_or(1)),
            _ => break,
        }
        bytes += c.len_utf8();
    }
    (bytes > 0).then(|| (tens.unwrap_or(0) * 10 + ones.unwrap_or(0), bytes))
}
