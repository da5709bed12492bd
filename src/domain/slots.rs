//! Posting slots: the times in a week at which somebody likes to post, in their own zone, and the next of them that is free.

use jiff::civil::{Time, Weekday};
use jiff::{SignedDuration, ZonedDateTime};

use super::refusal::Sentence;
use super::schedule::Moment;
use crate::say;

/// Most slots in a week: one an hour by day.
pub const SLOTS_MAX: usize = 112;
/// How many weeks ahead a free slot is looked for.
const WEEKS: i64 = 26;
/// How soon a slot may be: a person has to approve first.
const LEAD_MS: i64 = 5 * 60_000;

/// One time in a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// The day.
    pub day: Weekday,
    /// The wall time.
    pub time: Time,
}

const DAYS: [(&str, &str, Weekday); 7] = [
    ("mon", "月", Weekday::Monday),
    ("tue", "火", Weekday::Tuesday),
    ("wed", "水", Weekday::Wednesday),
    ("thu", "木", Weekday::Thursday),
    ("fri", "金", Weekday::Friday),
    ("sat", "土", Weekday::Saturday),
    ("sun", "日", Weekday::Sunday),
];

/// Reads slots, one line (or part between `;`) for some days and their times: `mon,wed 09:00 18:30`, `fri-sun 12:00`, 「月水 9:00」,
/// `daily 08:00`. Ascending, each once.
///
/// # Errors
/// A sentence naming the part that cannot be read, or that there are too many.
pub fn read(text: &str) -> Result<Vec<Slot>, Sentence> {
    let mut slots = Vec::new();
    for line in text.split(['\n', ';']).map(str::trim).filter(|line| !line.is_empty()) {
        let refused = || say!("slots-unreadable", given = line.chars().take(60).collect::<String>());
        let split = line.find(|c: char| c.is_ascii_digit()).ok_or_else(refused)?;
        let days = read_days(&line[..split]).ok_or_else(refused)?;
        for word in line[split..].split([' ', ',', '、', '　']).filter(|word| !word.is_empty()) {
            let time = read_time(word).ok_or_else(refused)?;
            slots.extend(days.iter().map(|day| Slot { day: *day, time }));
        }
    }
    slots.sort_by_key(|slot| (slot.day.to_monday_zero_offset(), slot.time));
    slots.dedup();
    if slots.len() > SLOTS_MAX { Err(say!("slots-too-many", most = SLOTS_MAX)) } else { Ok(slots) }
}

/// Slots as [`read`] takes them, a line a day.
#[must_use]
pub fn shown(slots: &[Slot]) -> String {
    let mut lines = Vec::new();
    for (word, _, day) in DAYS {
        let times: Vec<_> =
            slots.iter().filter(|slot| slot.day == day).map(|slot| slot.time.strftime("%H:%M").to_string()).collect();
        if !times.is_empty() {
            lines.push(format!("{word} {}", times.join(" ")));
        }
    }
    lines.join("\n")
}

/// The next slot at which `is_free`, from a few minutes from now on.
#[must_use]
pub fn next_free(slots: &[Slot], now: &ZonedDateTime, is_free: impl Fn(i64) -> bool) -> Option<Moment> {
    let zone = now.time_zone();
    let from = now.timestamp().as_millisecond() + LEAD_MS;
    for ahead in 0..=WEEKS * 7 {
        let date = now.date().checked_add(SignedDuration::from_hours(24 * ahead)).ok()?;
        for slot in slots.iter().filter(|slot| slot.day == date.weekday()) {
            // A slot that clocks skip or repeat is taken as recurrences take it (DECISIONS 7).
            let Ok(at) = zone.to_ambiguous_timestamp(date.to_datetime(slot.time)).compatible() else { continue };
            let at_ms = at.as_millisecond();
            if at_ms >= from && is_free(at_ms) {
                return Some(Moment { at_ms, zone: zone.iana_name().unwrap_or("UTC").to_owned() });
            }
        }
    }
    None
}

/// Whether words ask for a free slot instead of naming a time.
#[must_use]
pub fn is_asked(words: &str) -> bool {
    const ASKED: [&str; 10] = [
        "next free slot",
        "next slot",
        "free slot",
        "next free",
        "queue",
        "空き枠",
        "次の空き枠",
        "次の枠",
        "次の空き",
        "空いている枠",
    ];
    let words = words.trim().to_lowercase();
    ASKED.contains(&words.trim_start_matches("the ").trim_start_matches("my "))
}

fn read_days(text: &str) -> Option<Vec<Weekday>> {
    let given = text.trim();
    let text = given.trim_end_matches([':', '：', '曜', '日']).to_lowercase();
    let whole = text.trim();
    match whole {
        "daily" | "every day" | "毎" => return Some(DAYS.iter().map(|day| day.2).collect()),
        "weekdays" | "平" => return Some(DAYS[..5].iter().map(|day| day.2).collect()),
        "weekends" | "週末" => return Some(DAYS[5..].iter().map(|day| day.2).collect()),
        // Only the character for Sunday was there; a time without a day is none.
        "" => return given.contains('日').then(|| vec![Weekday::Sunday]),
        _ => {}
    }
    let mut days = Vec::new();
    for word in whole.split([' ', ',', '、', '・', '　']).filter(|word| !word.is_empty()) {
        if let Some((first, last)) = word.split_once(['-', '–', '~', '〜']) {
            let (first, last) = (read_day(first)?, read_day(last)?);
            let mut day = first;
            // At most once around the week.
            for _ in 0..7 {
                days.push(day);
                if day == last {
                    break;
                }
                day = day.next();
            }
        } else if let Some(day) = read_day(word) {
            days.push(day);
        } else {
            for letter in word.chars() {
                days.push(read_day(letter.to_string().as_str())?);
            }
        }
    }
    Some(days)
}

fn read_day(word: &str) -> Option<Weekday> {
    let word = word.trim().trim_end_matches(['日', '曜', '.']);
    if word.is_empty() {
        return None;
    }
    DAYS.iter().find(|(en, ja, _)| word == *ja || (word.len() >= 3 && is_ascii_prefix(word, en))).map(|day| day.2)
}

/// `mon`, `monday` and `mondays` are Monday; `month` is not.
fn is_ascii_prefix(word: &str, en: &str) -> bool {
    let rest = match en {
        "mon" => "mondays",
        "tue" => "tuesdays",
        "wed" => "wednesdays",
        "thu" => "thursdays",
        "fri" => "fridays",
        "sat" => "saturdays",
        _ => "sundays",
    };
    rest.starts_with(word)
}

fn read_time(word: &str) -> Option<Time> {
    let word = word.trim_end_matches('時');
    let (hour, minute) = match word.split_once([':', '：', '時']) {
        Some((hour, minute)) => (hour, minute.trim_end_matches('分')),
        None => (word, "0"),
    };
    if minute.len() > 2 || hour.len() > 2 {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> String {
        read(text).unwrap_err().key
    }

    #[test]
    fn slots_are_read_as_people_write_them() {
        assert_eq!(
            shown(&read("Mon, Wed 9:00 18:30\nfri-sun 12:00").unwrap()),
            "mon 09:00 18:30\nwed 09:00 18:30\nfri 12:00\nsat 12:00\nsun 12:00"
        );
        assert_eq!(
            shown(&read("月水 9:00、土曜日 18時30分".split('、').collect::<Vec<_>>().join("\n").as_str()).unwrap()),
            "mon 09:00\nwed 09:00\nsat 18:30"
        );
        assert_eq!(read("weekdays 8:00").unwrap().len(), 5);
        assert_eq!(read("daily 8, 20").unwrap().len(), 14);
        assert_eq!(shown(&read("日曜日 7:00; sunday 7:00").unwrap()), "sun 07:00");
        assert!(read(" \n ").unwrap().is_empty());
        for wrong in ["9:00", "：9:00", "month 9:00", "mon", "mon 25:00", "mon 9:00am", "noday 9:00", "mon 9:000"] {
            assert_eq!(key(wrong), "slots-unreadable", "{wrong}");
        }
        let many = "daily ".to_owned() + &(0..17).map(|hour| format!("{hour}:00 ")).collect::<String>();
        assert_eq!(key(&many), "slots-too-many");
        let slots = read("tue-thu 09:15; sun 23:59").unwrap();
        assert_eq!(read(&shown(&slots)).unwrap(), slots);
    }

    #[test]
    fn the_next_free_slot_is_in_their_zone_and_never_at_once() {
        let now: ZonedDateTime = "2026-11-23T08:57:00[Asia/Tokyo]".parse().unwrap();
        let slots = read("mon,tue 9:00").unwrap();
        let next = |taken: &[i64]| next_free(&slots, &now, |at| !taken.contains(&at)).unwrap();
        // Monday's is three minutes away: a person could not approve it in time.
        let first = next(&[]);
        assert_eq!(first.rfc3339(), "2026-11-24T09:00:00+09:00");
        assert_eq!(next(&[first.at_ms]).rfc3339(), "2026-11-30T09:00:00+09:00");
        assert!(next_free(&slots, &now, |_| false).is_none() && next_free(&[], &now, |_| true).is_none());
        assert!(is_asked(" The next free slot ") && is_asked("次の空き枠") && !is_asked("tomorrow at 9"));
    }
}
