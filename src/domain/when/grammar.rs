//! From tokens to what was named: a day, a time of day, a part of the day, or a duration. Each at most once; what fits nowhere makes
//! the text unreadable.

use super::words::{Part, Token as T, Unit};

/// What a text names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) day: Option<Day>,
    /// Calendar weeks from this one, to go with a weekday.
    pub(super) week: Option<i64>,
    pub(super) time: Option<Time>,
    pub(super) part: Option<Part>,
    /// Minutes from now.
    pub(super) minutes: Option<i64>,
}

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Day {
    /// Days from today.
    Ahead(i64),
    /// The next such day.
    Coming(i8),
    /// "next Friday": people differ.
    Next(i8),
    /// "last Friday": people differ here, too.
    Last(i8),
    /// A date, perhaps without its year.
    Date(Option<i16>, i8, i8),
    /// A day of this month or the next.
    OfMonth(i8),
    /// "12/5": month and day in either order.
    Either(Option<i16>, i8, i8),
}

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Time {
    /// As written.
    Clock {
        /// 0 to 29.
        hour: i8,
        /// 0 to 59.
        minute: i8,
        /// Written so that only the 24-hour clock is meant: `09:00`, `21:00`.
        is_exact: bool,
    },
    /// Midnight: of which day, people differ.
    Midnight,
}

/// Reads all tokens, or nothing.
pub(super) fn named(tokens: &[T], is_japanese: bool) -> Option<Named> {
    let (mut named, mut rest) = (Named::default(), tokens);
    while !rest.is_empty() {
        let taken = step(rest, &mut named, is_japanese)?;
        rest = rest.get(taken..)?;
    }
    Some(named)
}

/// Puts a value into its place; none when there is one already.
fn put<V>(place: &mut Option<V>, value: V) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

fn step(tokens: &[T], named: &mut Named, is_japanese: bool) -> Option<usize> {
    if let Some((amount, taken)) = duration(tokens) {
        match amount {
            Amount::Minutes(minutes) => put(&mut named.minutes, minutes)?,
            Amount::Days(days) => put(&mut named.day, Day::Ahead(days))?,
        }
        return Some(taken);
    }
    if let Some((day, taken)) = date(tokens, is_japanese) {
        put(&mut named.day, day)?;
        return Some(taken);
    }
    if let Some((time, taken)) = time(tokens) {
        put(&mut named.time, time)?;
        return Some(taken);
    }
    match tokens {
        [T::Unit(Unit::Day), T::After, T::Day(1), ..] => put(&mut named.day, Day::Ahead(2)).map(|()| 3),
        [T::Day(days), ..] => put(&mut named.day, Day::Ahead(*days)).map(|()| 1),
        [T::Next, T::Unit(Unit::Week), ..] => put(&mut named.week, 1).map(|()| 2),
        [T::Last, T::Unit(Unit::Week), ..] => put(&mut named.week, -1).map(|()| 2),
        [T::Last, T::Weekday(day), ..] => put(&mut named.day, Day::Last(*day)).map(|()| 2),
        [T::This, T::Unit(Unit::Week), ..] => put(&mut named.week, 0).map(|()| 2),
        [T::Week(weeks), ..] => put(&mut named.week, *weeks).map(|()| 1),
        [T::Next, T::Weekday(day), ..] => put(&mut named.day, Day::Next(*day)).map(|()| 2),
        [T::This, T::Weekday(day), ..] => put(&mut named.day, Day::Coming(*day)).map(|()| 2),
        [T::Weekday(day), ..] => put(&mut named.day, Day::Coming(*day)).map(|()| 1),
        // "this evening", "in the morning", "at night"
        [T::This, T::Part(part), ..] => {
            put(&mut named.day, Day::Ahead(0))?;
            put(&mut named.part, *part).map(|()| 2)
        }
        [T::In | T::At, T::Part(part), ..] => put(&mut named.part, *part).map(|()| 2),
        [T::Part(part), ..] => put(&mut named.part, *part).map(|()| 1),
        // "at" before something that says itself what it is.
        [T::At, next, ..] if *next != T::At => Some(1),
        _ => None,
    }
}

enum Amount {
    Minutes(i64),
    Days(i64),
}

/// "in two hours and a half", 「2日後」, 「1時間半後」
fn duration(tokens: &[T]) -> Option<(Amount, usize)> {
    let begun = usize::from(tokens.first() == Some(&T::In));
    let (mut minutes, mut days, mut at) = (None, None, begun);
    loop {
        let rest = tokens.get(at..)?;
        let rest = if begun == 1 && rest.first() == Some(&T::And) && at > begun { rest.get(1..)? } else { rest };
        let skipped = tokens.len() - at - rest.len();
        let (unit, amount, taken) = match rest {
            [T::Half, T::Number(1, 0), T::Unit(Unit::Hour), ..] => (Unit::Minute, 30, 3),
            [T::Number(count, _), T::Unit(Unit::Hour), T::Half, ..] => (Unit::Minute, i64::from(*count) * 60 + 30, 3),
            [T::Number(1, 0), T::Half, ..] if minutes.is_some() => (Unit::Minute, 30, 2),
            [T::Number(count, _), T::Unit(unit), ..] => (*unit, i64::from(*count), 2),
            [T::Number(count, _), T::Minute, T::After | T::Ago, ..] => (Unit::Minute, i64::from(*count), 2),
            [T::Number(count, _), T::DayMark, T::After | T::Ago, ..] => (Unit::Day, i64::from(*count), 2),
            _ => break,
        };
        match unit {
            Unit::Minute => minutes = Some(minutes.unwrap_or(0) + amount),
            Unit::Hour => minutes = Some(minutes.unwrap_or(0) + amount * 60),
            Unit::Day => days = Some(days.unwrap_or(0) + amount),
            Unit::Week => days = Some(days.unwrap_or(0) + amount * 7),
        }
        at += skipped + taken;
    }
    // "in" stands before it, or "from now" and 後, "ago" and 前 behind it.
    let (sign, end) = match tokens.get(at) {
        Some(T::After) if begun == 0 => (1, at + 1),
        Some(T::Ago) if begun == 0 => (-1, at + 1),
        _ if begun == 0 => return None,
        _ => (1, at),
    };
    match (minutes, days) {
        (Some(minutes), None) => Some((Amount::Minutes(minutes * sign), end)),
        (None, Some(days)) => Some((Amount::Days(days * sign), end)),
        (Some(_), Some(_)) | (None, None) => None,
    }
}

fn date(tokens: &[T], is_japanese: bool) -> Option<(Day, usize)> {
    let small = |number: i32, max: i8| i8::try_from(number).ok().filter(|small| (1..=max).contains(small));
    let year = |number: i32, digits: usize| i16::try_from(number).ok().filter(|_| digits == 4);
    Some(match tokens {
        [T::Number(y, 4), T::Dash, T::Number(m, _), T::Dash, T::Number(d, _), ..]
        | [T::Number(y, 4), T::Slash, T::Number(m, _), T::Slash, T::Number(d, _), ..] => {
            (Day::Date(year(*y, 4), small(*m, 12)?, small(*d, 31)?), 5)
        }
        [T::Number(y, 4), T::YearMark, T::Number(m, _), T::MonthMark, T::Number(d, _), T::DayMark, ..] => {
            (Day::Date(year(*y, 4), small(*m, 12)?, small(*d, 31)?), 6)
        }
        [T::Number(m, _), T::MonthMark, T::Number(d, _), T::DayMark, ..] => {
            (Day::Date(None, small(*m, 12)?, small(*d, 31)?), 4)
        }
        [T::Number(a, _), T::Slash, T::Number(b, _), T::Slash, T::Number(y, 4), ..] => {
            (Day::Either(year(*y, 4), small(*a, 31)?, small(*b, 31)?), 5)
        }
        [T::Number(m, _), T::Slash, T::Number(d, _), ..] if is_japanese => {
            (Day::Date(None, small(*m, 12)?, small(*d, 31)?), 3)
        }
        [T::Number(a, _), T::Slash, T::Number(b, _), ..] => (Day::Either(None, small(*a, 31)?, small(*b, 31)?), 3),
        [T::Month(m), T::Number(d, _), T::Number(y, 4), ..] | [T::Number(d, _), T::Month(m), T::Number(y, 4), ..] => {
            (Day::Date(year(*y, 4), *m, small(*d, 31)?), 3)
        }
        [T::Month(m), T::Number(d, _), ..] | [T::Number(d, _), T::Month(m), ..] => {
            (Day::Date(None, *m, small(*d, 31)?), 2)
        }
        [T::Number(d, _), T::DayMark, ..] => (Day::OfMonth(small(*d, 31)?), 2),
        _ => return None,
    })
}

fn time(tokens: &[T]) -> Option<(Time, usize)> {
    // Japanese broadcasting counts on to 29.
    let hour = |number: i32| i8::try_from(number).ok().filter(|hour| (0..=29).contains(hour));
    let minute = |number: i32| i8::try_from(number).ok().filter(|minute| (0..60).contains(minute));
    let clock = |hour, minute, is_exact| Time::Clock { hour, minute, is_exact };
    Some(match tokens {
        [T::At, rest @ ..] => {
            let (time, taken) = time(rest)?;
            (time, taken + 1)
        }
        [T::Midnight, ..] => (Time::Midnight, 1),
        [T::Number(h, digits), T::Colon, T::Number(m, 2), T::Colon, T::Number(0, 2), ..] => {
            (clock(hour(*h)?, minute(*m)?, *digits == 2), 5)
        }
        [T::Number(h, digits), T::Colon, T::Number(m, 2), ..] => (clock(hour(*h)?, minute(*m)?, *digits == 2), 3),
        [T::Number(h, _), T::Hour, T::Number(m, _), T::Minute, ..] => (clock(hour(*h)?, minute(*m)?, false), 4),
        [T::Number(h, _), T::Hour, T::Half, ..] => (clock(hour(*h)?, 30, false), 3),
        [T::Number(h, _), T::Hour, ..] => (clock(hour(*h)?, 0, false), 2),
        [T::Half, T::Past, T::Number(h, _), ..] => (clock(hour(*h)?, 30, false), 3),
        [T::Number(1, 0), T::Quarter, rest @ ..] | [T::Quarter, rest @ ..] => {
            let taken = tokens.len() - rest.len() + 2;
            match rest {
                [T::Past, T::Number(h, _), ..] => (clock(hour(*h)?, 15, false), taken),
                [T::To, T::Number(h @ 1.., _), ..] => (clock(hour(*h - 1)?, 45, false), taken),
                _ => return None,
            }
        }
        // A number alone is an hour only when nothing follows that would make it something else.
        [T::Number(h, 0..=2), rest @ ..]
            if !matches!(rest.first(), Some(T::Unit(_) | T::Slash | T::Dash | T::Number(..) | T::Minute)) =>
        {
            (clock(hour(*h)?, 0, false), 1)
        }
        _ => return None,
    })
}
