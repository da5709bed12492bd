//! Rows of words with what they mean, and texts made of nothing but surprises.

use proptest::prelude::*;

use super::*;

/// Tuesday, half past ten, in Tokyo.
const NOW: &str = "2026-11-24T10:30:00[Asia/Tokyo]";

fn shown(text: &str, now: &str) -> String {
    let now: ZonedDateTime = now.parse().unwrap();
    told(read(text, &now), &now)
}

fn told(reading: Reading, now: &ZonedDateTime) -> String {
    let short = |at: &DateTime| at.strftime("%Y-%m-%d %H:%M").to_string();
    match reading {
        Reading::One(at) => short(&at),
        Reading::Several(all) => all.iter().map(short).collect::<Vec<_>>().join(" | "),
        Reading::Instant(at) => format!("={}", short(&at.to_zoned_datetime(now.time_zone().clone()).datetime())),
        Reading::NoTime(day) => format!("{day} ?"),
        Reading::Past(at) => format!("past {}", short(&at)),
        Reading::Unknown => "unknown".into(),
    }
}

#[test]
fn words_mean_what_people_mean() {
    let rows = include_str!("rows.txt");
    let mut wrong = Vec::new();
    for row in rows.lines().filter(|row| !row.is_empty() && !row.starts_with('#')) {
        let (text, wanted) = row.split_once(" => ").unwrap();
        let (text, now) =
            text.split_once(" @ ").map_or((text, NOW.to_owned()), |(text, now)| (text, format!("{now}[Asia/Tokyo]")));
        let got = shown(text, &now);
        if got != wanted {
            wrong.push(format!("{text}: {got}, not {wanted}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Tuesday, half past ten, in Tokyo: the same words about what has been.
#[test]
fn words_about_the_past_mean_the_newest_such_time() {
    let now: ZonedDateTime = NOW.parse().unwrap();
    for (text, wanted) in [
        ("yesterday at 9", "2026-11-23 09:00"),
        ("yesterday", "2026-11-23 ?"),
        ("today", "2026-11-24 ?"),
        ("today at 18:30", "unknown"),
        ("09:00", "2026-11-24 09:00"),
        ("23:00", "2026-11-23 23:00"),
        ("at 5", "2026-11-23 17:00 | 2026-11-24 05:00"),
        ("friday", "2026-11-20 ?"),
        ("tuesday", "2026-11-24 ?"),
        ("last tuesday", "2026-11-17 ?"),
        ("last monday at 10:00", "2026-11-16 10:00 | 2026-11-23 10:00"),
        ("last week friday", "2026-11-20 ?"),
        ("two hours ago", "=2026-11-24 08:30"),
        ("3 days ago", "2026-11-21 ?"),
        ("3 days ago at 21:00", "2026-11-21 21:00"),
        ("november 3", "2026-11-03 ?"),
        ("december 5", "2025-12-05 ?"),
        ("2026-11-01 08:00", "2026-11-01 08:00"),
        ("tomorrow", "unknown"),
        ("next friday", "unknown"),
        ("in two hours", "unknown"),
        ("yesterday evening", "unknown"),
        ("昨日の朝9時", "2026-11-23 09:00"),
        ("一昨日", "2026-11-22 ?"),
        ("先週の金曜", "2026-11-20 ?"),
        ("3日前", "2026-11-21 ?"),
        ("2時間前", "=2026-11-24 08:30"),
        ("11月3日21時", "2026-11-03 21:00"),
        ("明日", "unknown"),
        ("", "unknown"),
    ] {
        assert_eq!(told(read_back(text, &now), &now), wanted, "{text}");
    }
}

fn is_sound(text: &str) -> Result<(), TestCaseError> {
    let now: ZonedDateTime = NOW.parse().unwrap();
    match read(text, &now) {
        Reading::One(at) => prop_assert!(at > now.datetime(), "{text}: {at}"),
        Reading::Several(all) => {
            prop_assert!((2..=4).contains(&all.len()) && all.is_sorted() && all[0] > now.datetime(), "{text}: {all:?}");
        }
        Reading::Past(at) => prop_assert!(at <= now.datetime(), "{text}: {at}"),
        Reading::Instant(_) | Reading::NoTime(_) | Reading::Unknown => {}
    }
    match read_back(text, &now) {
        Reading::One(at) => prop_assert!(at <= now.datetime(), "{text}: {at}"),
        Reading::Several(all) => {
            prop_assert!(all.len() >= 2 && all.is_sorted() && all[all.len() - 1] <= now.datetime(), "{text}: {all:?}");
        }
        Reading::Instant(at) => prop_assert!(at <= now.timestamp(), "{text}: {at}"),
        Reading::NoTime(day) => prop_assert!(day <= now.date(), "{text}: {day}"),
        Reading::Past(at) => prop_assert!(false, "{text}: {at}"),
        Reading::Unknown => {}
    }
    Ok(())
}

proptest! {
    #[test]
    fn no_text_confuses_it(text in ".{0,60}") {
        is_sound(&text)?;
    }

    #[test]
    fn no_order_of_its_own_words_confuses_it(words in prop::collection::vec(prop::sample::select(vec![
        "tomorrow", "yesterday", "last", "ago", "at", "9", "12", "5", "31", "2026", ":", "/", "-", "30", "next", "friday", "week", "in", "hours", "half", "past", "to",
        "quarter", "midnight", "noon", "pm", "am", "night", "feb", "29", "明日", "来週", "月曜", "の", "午後", "時", "分", "半", "後", "日", "月",
        "年", "深夜", "二十五", "a", "and", "day", "after", "99999999999", "２５",
    ]), 0..8), gap in prop::sample::select(vec!["", " "])) {
        is_sound(&words.join(gap))?;
    }
}
