//! Every sentence in two languages: Fluent files compiled in, rendered here. What is said is decided elsewhere; this room only words it.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::langid;

use crate::domain::lang::Lang;
use crate::domain::network::for_each_network;
use crate::domain::recurrence::{Recurrence, describe};
use crate::domain::refusal::{Arg, Sentence};
use crate::domain::schedule::Moment;
use crate::say;

/// The files of each language, one per room.
const FILES: [(Lang, &[&str]); 2] = [
    (
        Lang::En,
        &[
            include_str!("../../locales/en/batch.ftl"),
            include_str!("../../locales/en/chat.ftl"),
            include_str!("../../locales/en/common.ftl"),
            include_str!("../../locales/en/discord.ftl"),
            include_str!("../../locales/en/figures.ftl"),
            include_str!("../../locales/en/google.ftl"),
            include_str!("../../locales/en/mcp.ftl"),
            include_str!("../../locales/en/media.ftl"),
            include_str!("../../locales/en/model.ftl"),
            include_str!("../../locales/en/oauth.ftl"),
            include_str!("../../locales/en/pages.ftl"),
            include_str!("../../locales/en/plans.ftl"),
            include_str!("../../locales/en/posts.ftl"),
            include_str!("../../locales/en/setup.ftl"),
            include_str!("../../locales/en/slack.ftl"),
            include_str!("../../locales/en/time.ftl"),
            include_str!("../../locales/en/videos.ftl"),
        ],
    ),
    (
        Lang::Ja,
        &[
            include_str!("../../locales/ja/batch.ftl"),
            include_str!("../../locales/ja/chat.ftl"),
            include_str!("../../locales/ja/common.ftl"),
            include_str!("../../locales/ja/discord.ftl"),
            include_str!("../../locales/ja/figures.ftl"),
            include_str!("../../locales/ja/google.ftl"),
            include_str!("../../locales/ja/mcp.ftl"),
            include_str!("../../locales/ja/media.ftl"),
            include_str!("../../locales/ja/model.ftl"),
            include_str!("../../locales/ja/oauth.ftl"),
            include_str!("../../locales/ja/pages.ftl"),
            include_str!("../../locales/ja/plans.ftl"),
            include_str!("../../locales/ja/posts.ftl"),
            include_str!("../../locales/ja/setup.ftl"),
            include_str!("../../locales/ja/slack.ftl"),
            include_str!("../../locales/ja/time.ftl"),
            include_str!("../../locales/ja/videos.ftl"),
        ],
    ),
];

macro_rules! of_networks {
    ($($(#[$about:meta])* $network:ident $slug:ident $shown:literal $tokens:ident,)*) => {
        /// The same of each network, which lie in its own folder.
        const OF_NETWORKS: [(Lang, &[&str]); 2] = [
            (Lang::En, &[$(include_str!(concat!("../platforms/", stringify!($slug), "/en.ftl"))),*]),
            (Lang::Ja, &[$(include_str!(concat!("../platforms/", stringify!($slug), "/ja.ftl"))),*]),
        ];
    };
}
for_each_network!(of_networks);

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Every sentence in both languages.
pub struct Words {
    en: FluentBundle<FluentResource>,
    ja: FluentBundle<FluentResource>,
}

impl Words {
    /// Reads the compiled-in files. A faulty file is caught by the test of this room; here it is logged and skipped.
    #[must_use]
    pub fn load() -> Self {
        Self { en: bundle(Lang::En), ja: bundle(Lang::Ja) }
    }

    /// A sentence with its arguments.
    #[must_use]
    pub fn say(&self, lang: Lang, sentence: &Sentence) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in &sentence.args {
            let value = match value {
                // As text: thousands separators would make ids and revisions unreadable.
                Arg::Number(number) => FluentValue::from(*number),
                Arg::Text(text) => FluentValue::from(text.as_str()),
                Arg::At(moment) => FluentValue::from(self.at(lang, moment)),
            };
            args.set(name.as_str(), value);
        }
        self.render(lang, &sentence.key, &args)
    }

    /// The same for a person: a sentence that names tools to a model has a variant without them, `KEY-for-people`.
    #[must_use]
    pub fn tell(&self, lang: Lang, sentence: &Sentence) -> String {
        let key = format!("{}-for-people", sentence.key);
        if self.bundle(lang).has_message(&key) {
            return self.say(lang, &Sentence { key, args: sentence.args.clone() });
        }
        self.say(lang, sentence)
    }

    /// A sentence without arguments.
    #[must_use]
    pub fn text(&self, lang: Lang, key: &str) -> String {
        self.render(lang, key, &FluentArgs::new())
    }

    const fn bundle(&self, lang: Lang) -> &FluentBundle<FluentResource> {
        match lang {
            Lang::En => &self.en,
            Lang::Ja => &self.ja,
        }
    }

    fn render(&self, lang: Lang, key: &str, args: &FluentArgs<'_>) -> String {
        let bundle = self.bundle(lang);
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            tracing::error!(i18n.key = key, "there is no such sentence");
            return key.to_owned();
        };
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(args), &mut errors).into_owned();
        if !errors.is_empty() {
            tracing::error!(i18n.key = key, errors = errors.len(), "a sentence lacks an argument");
        }
        text
    }

    /// An instant as a person reads it: weekday, date, time, zone with offset, and how far away it is.
    #[must_use]
    pub fn moment(&self, lang: Lang, moment: &Moment, now_ms: i64) -> String {
        let at = self.at(lang, moment);
        self.say(lang, &say!("time-moment", at = at, distance = self.distance(lang, moment.at_ms - now_ms)))
    }

    /// The same in a sentence that stays: without how far away it is.
    #[must_use]
    fn at(&self, lang: Lang, moment: &Moment) -> String {
        let zone = match moment.zone.as_str() {
            "UTC" => "UTC".to_owned(),
            zone if zone.starts_with(['+', '-']) => moment.offset(),
            zone => self.say(lang, &say!("time-zone", zone = zone, offset = moment.offset())),
        };
        let clock = moment.zoned().datetime().strftime("%H:%M").to_string();
        self.say(lang, &self.dated(lang, say!("time-at", clock = clock, zone = zone), moment))
    }

    /// The same for lists: without the zone, which the page names once.
    #[must_use]
    pub fn short(&self, lang: Lang, moment: &Moment, now_ms: i64) -> String {
        let sentence = say!(
            "time-short",
            clock = moment.zoned().datetime().strftime("%H:%M").to_string(),
            distance = self.distance(lang, moment.at_ms - now_ms)
        );
        self.say(lang, &self.dated(lang, sentence, moment))
    }

    /// The day of an instant in its zone.
    #[must_use]
    pub fn day(&self, lang: Lang, moment: &Moment) -> String {
        self.say(lang, &self.dated(lang, say!("time-day"), moment))
    }

    /// A rule as a person reads it: "every 2 weeks on Mon and Thu, 8 times, the last on …".
    #[must_use]
    pub fn recurrence(&self, lang: Lang, every: &Recurrence, now_ms: i64) -> String {
        let last = every.instants.last().copied().unwrap_or_default();
        let last = self.short(lang, &Moment { at_ms: last, zone: every.zone.clone() }, now_ms);
        let rule = self.rule(lang, &every.rule);
        let (times, catch_up) = (every.instants.len(), format!("recurrence-catch-up-{}", every.catch_up.word()));
        self.say(lang, &say!("recurrence", rule = rule, times = times, last = last, late = self.text(lang, &catch_up)))
    }

    fn rule(&self, lang: Lang, rule: &str) -> String {
        let Some(said) = describe(rule).filter(|said| !said.has_more) else { return rule.to_owned() };
        let day = |(day, no): &(u8, Option<i16>)| {
            let day = self.text(lang, &format!("time-weekday-{day}"));
            match no {
                None => day,
                Some(-1) => self.say(lang, &say!("recurrence-last-day", day = day)),
                Some(no) => self.say(lang, &say!("recurrence-nth-day", no = i64::from(*no), day = day)),
            }
        };
        let month_day = |day: &i8| match *day {
            -1 => self.text(lang, "recurrence-month-end"),
            day => self.say(lang, &say!("recurrence-month-day", day = i64::from(day))),
        };
        let days: Vec<_> = said.days.iter().map(day).chain(said.month_days.iter().map(month_day)).collect();
        let base = say!("recurrence-every", every = said.every, interval = i64::from(said.interval));
        let base = self.say(lang, &base);
        if days.is_empty() {
            return base;
        }
        self.say(lang, &say!("time-rule-on", base = base, days = days.join(&self.text(lang, "recurrence-comma"))))
    }

    fn dated(&self, lang: Lang, sentence: Sentence, moment: &Moment) -> Sentence {
        let date = moment.zoned().date();
        let weekday = date.weekday().to_monday_one_offset();
        sentence
            .with("weekday", self.text(lang, &format!("time-weekday-{weekday}")))
            .with("month", self.text(lang, &format!("time-month-{}", date.month())))
            .with("day", i64::from(date.day()).to_string())
            .with("year", i64::from(date.year()).to_string())
    }

    fn distance(&self, lang: Lang, ms: i64) -> String {
        if ms.abs() < 1000 {
            return self.text(lang, "time-now");
        }
        let span = self.say(lang, &span(ms.abs()));
        let sentence = if ms > 0 { say!("time-in", span = span) } else { say!("time-ago", span = span) };
        self.say(lang, &sentence)
    }

    /// What going out so many times costs, each time in millionths of a US dollar.
    #[must_use]
    pub fn cost(&self, lang: Lang, usd_micros: i64, times: usize) -> String {
        let each = self.money(usd_micros);
        if times < 2 || usd_micros == 0 {
            return each;
        }
        let all = usd_micros.saturating_mul(i64::try_from(times).unwrap_or(i64::MAX));
        self.say(lang, &say!("approval-cost-each", each = each, all = self.money(all)))
    }

    /// Millionths of a US dollar as an amount.
    #[must_use]
    pub fn money(&self, usd_micros: i64) -> String {
        format!("US${}.{:03}", usd_micros / 1_000_000, usd_micros % 1_000_000 / 1_000)
    }
}

fn span(ms: i64) -> Sentence {
    let (days, hours, minutes) = (ms / DAY_MS, ms % DAY_MS / HOUR_MS, ms % HOUR_MS / MINUTE_MS);
    match (days, hours, minutes) {
        (0, 0, 0) => say!("time-span-seconds", seconds = ms / 1000),
        (0, 0, minutes) => say!("time-span-minutes", minutes = minutes),
        (0, hours, 0) => say!("time-span-hours-even", hours = hours),
        (0, hours, minutes) => say!("time-span-hours", hours = hours, minutes = minutes),
        (days, 0, _) => say!("time-span-days-even", days = days),
        (days, hours, _) => say!("time-span-days", days = days, hours = hours),
    }
}

fn bundle(lang: Lang) -> FluentBundle<FluentResource> {
    let tag = match lang {
        Lang::En => langid!("en"),
        Lang::Ja => langid!("ja"),
    };
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // Isolation marks would end up in posts and chats.
    bundle.set_use_isolating(false);
    for (of, files) in FILES.into_iter().chain(OF_NETWORKS) {
        for text in files.iter().filter(|_| of == lang) {
            let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(resource, errors)| {
                tracing::error!(errors = errors.len(), "a file of sentences cannot be read");
                resource
            });
            if bundle.add_resource(resource).is_err() {
                tracing::error!("a sentence is there twice");
            }
        }
    }
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-23T08:20:00Z.
    const NOW: i64 = 1_795_422_000_000;

    #[test]
    fn an_instant_is_echoed_as_weekday_date_zone_and_distance() {
        let words = Words::load();
        let moment = Moment { at_ms: NOW + 15 * HOUR_MS + 40 * MINUTE_MS, zone: "Asia/Tokyo".into() };
        assert_eq!(
            words.moment(Lang::En, &moment, NOW),
            "Tue 24 Nov 2026, 09:00 (Asia/Tokyo, UTC+09:00), in 15 h 40 min"
        );
        assert_eq!(
            words.moment(Lang::Ja, &moment, NOW),
            "2026年11月24日（火）09:00（Asia/Tokyo、UTC+09:00）、15時間40分後"
        );
        let past = Moment { at_ms: NOW - 2 * DAY_MS, zone: "-03:30".into() };
        assert_eq!(words.moment(Lang::En, &past, NOW), "Sat 21 Nov 2026, 04:50 (UTC-03:30), 2 d ago");
    }

    #[test]
    fn amounts_are_shown_to_a_tenth_of_a_cent() {
        assert_eq!(Words::load().money(215_000), "US$0.215");
    }

    #[test]
    fn rules_are_said_in_words_and_what_all_their_times_cost() {
        let words = Words::load();
        let rows = [
            ("FREQ=DAILY;COUNT=2", "every day", "毎日"),
            ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;COUNT=4", "every 2 weeks on Mon, Thu", "2週間ごと（月・木）"),
            ("FREQ=MONTHLY;BYDAY=2TU;COUNT=3", "every month on the second Tue", "毎月（第2火曜）"),
            ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=3", "every month on the last Fri", "毎月（最終金曜）"),
            ("FREQ=MONTHLY;BYMONTHDAY=15,-1;COUNT=3", "every month on day 15, the last day", "毎月（15日・月末）"),
            ("FREQ=YEARLY;BYMONTH=5;COUNT=2", "FREQ=YEARLY;BYMONTH=5;COUNT=2", "FREQ=YEARLY;BYMONTH=5;COUNT=2"),
        ];
        for (rule, en, ja) in rows {
            assert_eq!((words.rule(Lang::En, rule).as_str(), words.rule(Lang::Ja, rule).as_str()), (en, ja));
        }
        assert_eq!(words.cost(Lang::En, 15_000, 8), "US$0.015 each time, US$0.120 in all");
        assert_eq!(
            (words.cost(Lang::En, 15_000, 1), words.cost(Lang::Ja, 0, 8)),
            ("US$0.015".into(), "US$0.000".into())
        );
    }
}
