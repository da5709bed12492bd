//! From a question to a report: which property, which days, which columns; then the answers put beside each other.

use jiff::Timestamp;
use jiff::civil::Date;
use url::Url;

use super::cache::{Kept, Request};
use super::catalogue::{self, Columns, TrafficView};
use super::filter::{Filter, Op};
use super::page::{Head, Line, PART_ROWS, Page};
use super::period::{self, Period, Periods};
use super::report::{self, Column, Report, Row, SETTLED_DAYS, Seen};
use super::search::{self, SearchType, SearchView};
use super::{Analytics, ask_call, below, filter, ga4, read_call, segment, videos};
use crate::domain::caller::Caller;
use crate::domain::google::{Feature, Login, Source, SourceKind};
use crate::domain::schedule::find_zone;
use crate::domain::tool::ToolError;
use crate::say;

/// What is asked about when no days are named.
const PERIOD: &str = "last 28 days";
/// Figures that still change are good for an hour (§6.2).
const MOVING_LIFE_MS: i64 = 3_600_000;
/// And those of this moment for a minute.
const REALTIME_LIFE_MS: i64 = 60_000;
/// Of answers with 25,000 rows: addresses and search terms, with room.
const BYTES_MAX: usize = 16 * 1024 * 1024;
/// Rows that are ever handed out at once: an export.
pub(super) const ROWS_MAX: usize = 50_000;

/// A question to Google Analytics.
#[derive(Debug, Clone, Default)]
pub struct TrafficAsk {
    /// Which property, by id or name; the chosen one without.
    pub property: Option<String>,
    /// Which ready-made question.
    pub view: Option<TrafficView>,
    /// Which days, in words.
    pub period: Option<String>,
    /// Compared with what, in words.
    pub compare: Option<String>,
    /// By what, in place of the view's own.
    pub dimensions: Vec<String>,
    /// Which figures, in place of the view's own.
    pub metrics: Vec<String>,
    /// Conditions.
    pub filters: Vec<String>,
}

/// A question to Search Console.
#[derive(Debug, Clone, Default)]
pub struct SearchAsk {
    /// Which site, by address or name; the chosen one without.
    pub site: Option<String>,
    /// Which ready-made question.
    pub view: Option<SearchView>,
    /// Which days, in words.
    pub period: Option<String>,
    /// Compared with what, in words.
    pub compare: Option<String>,
    /// By what, in place of the view's own.
    pub dimensions: Vec<String>,
    /// Conditions.
    pub filters: Vec<String>,
    /// Where people searched.
    pub kind: SearchType,
}

/// One question as it is sent.
pub(super) struct Query<'a> {
    pub(super) login: &'a Login,
    pub(super) source: &'a Source,
    pub(super) url: Url,
    pub(super) wire: Wire,
    pub(super) life_ms: i64,
}

pub(super) enum Wire {
    Traffic(ga4::Asked),
    Search(search::Asked),
    Videos(videos::Asked),
}

/// Rows from somewhere, with what was said of all.
pub(super) struct Window {
    pub(super) head: Head,
    pub(super) rows: Vec<Line>,
    pub(super) has_more: bool,
    pub(super) made_at: i64,
}

impl Query<'_> {
    const fn rows_each(&self) -> usize {
        match &self.wire {
            Wire::Traffic(_) => ga4::ROWS,
            Wire::Search(_) => search::ROWS,
            // There is one page of everything.
            Wire::Videos(_) => usize::MAX,
        }
    }

    fn request(&self, begins: usize) -> Result<Request<'_>, ToolError> {
        let url = self.url.clone();
        let call = match &self.wire {
            Wire::Traffic(asked) => ask_call(Feature::Analytics, url, asked.body(begins)?, BYTES_MAX),
            Wire::Search(asked) => ask_call(Feature::Search, url, asked.body(begins), BYTES_MAX),
            Wire::Videos(asked) => read_call(Feature::Videos, asked.url(&url), BYTES_MAX),
        };
        Ok(Request { login: self.login, about: &self.source.facts.remote_id, call, life_ms: self.life_ms })
    }

    fn read(&self, answer: &[u8], begins: usize) -> Result<Page, String> {
        match &self.wire {
            Wire::Traffic(asked) => asked.read(answer, begins),
            Wire::Search(asked) => asked.read(answer, begins),
            Wire::Videos(asked) => asked.read(answer, begins),
        }
    }

    /// The figures of a row that is not there; none when it may have been left out: by a condition on a figure, or because of few people (§6.3).
    pub(super) fn absent(&self, head: &Head) -> Option<Vec<Option<f64>>> {
        let is_left_out = match &self.wire {
            Wire::Traffic(asked) => asked.filters.iter().any(|filter| matches!(filter.op, Op::More | Op::Less)),
            // Rare ones are never told (§5).
            Wire::Search(asked) => asked.dimensions.contains(&"query"),
            Wire::Videos(_) => head.marks.is_cut,
        };
        let may_be_there = is_left_out || head.marks.is_thresholded || head.marks.has_other || head.has_more;
        (!may_be_there).then(|| head.metrics.iter().map(|(_, unit)| ga4::nothing(*unit)).collect())
    }

    fn dimensions(&self) -> Vec<&str> {
        match &self.wire {
            Wire::Traffic(asked) => asked.columns.dimensions.iter().map(String::as_str).collect(),
            Wire::Search(asked) => asked.dimensions.clone(),
            Wire::Videos(asked) => asked.names(),
        }
    }
}

impl Analytics {
    /// A report of Google Analytics: at most so many rows from one on.
    ///
    /// # Errors
    /// Refused before anything is sent when the question cannot be answered; refused when Google refuses.
    pub async fn report_traffic(
        &self,
        caller: &Caller,
        ask: &TrafficAsk,
        (from, rows_max): (usize, usize),
    ) -> Result<Report, ToolError> {
        let view = ask.view.unwrap_or(TrafficView::Overview);
        if view == TrafficView::Changes {
            return self.traffic_changes(caller, ask, (from, rows_max)).await;
        }
        // Everything that can be wrong with the question itself comes first.
        let columns = catalogue::columns(view, &ask.dimensions, &ask.metrics)?;
        let filters = filter::read(&ask.filters)?;
        let is_now = view == TrafficView::Realtime;
        if is_now && (ask.period.is_some() || ask.compare.is_some()) {
            return Err(say!("report-realtime-period").into());
        }
        ga4::Asked { columns: columns.clone(), filters: filters.clone(), period: None }.body(0)?;
        let (login, source) = self.pick(caller, SourceKind::Property, ask.property.as_deref()).await?;
        let today = self.today(&source.facts.zone);
        let periods = if is_now { None } else { Some(periods(ask.period.as_deref(), ask.compare.as_deref(), today)?) };
        let query = |period| self.traffic_query((&login, &source), (columns.clone(), filters.clone()), (period, today));
        let now = query(periods.map(|periods| periods.now))?;
        let before = periods.and_then(|periods| periods.before).map(|period| query(Some(period))).transpose()?;
        self.assemble(&now, before.as_ref(), None, (Feature::Analytics, periods, today), (from, rows_max)).await
    }

    /// One question to the Data API; without a period about the last half hour.
    pub(super) fn traffic_query<'a>(
        &self,
        (login, source): (&'a Login, &'a Source),
        (columns, filters): (Columns, Vec<Filter>),
        (period, today): (Option<Period>, Date),
    ) -> Result<Query<'a>, ToolError> {
        let (_, urls) = self.ready()?;
        let verb = if period.is_none() { "runRealtimeReport" } else { "runReport" };
        let number = source.facts.remote_id.trim_start_matches("properties/");
        Ok(Query {
            login,
            source,
            url: below(&urls.data, &format!("v1beta/properties/{}:{verb}", segment(number)))?,
            wire: Wire::Traffic(ga4::Asked { columns, filters, period }),
            life_ms: period
                .map_or(REALTIME_LIFE_MS, |period| self.life_ms((period, today), SETTLED_DAYS, Feature::Analytics)),
        })
    }

    /// A report of Search Console: at most so many rows from one on, also behind the first 25,000.
    ///
    /// # Errors
    /// As [`Analytics::report_traffic`].
    pub async fn report_search(
        &self,
        caller: &Caller,
        ask: &SearchAsk,
        (from, rows_max): (usize, usize),
    ) -> Result<Report, ToolError> {
        let view = ask.view.unwrap_or(SearchView::Overview);
        if view == SearchView::Changes {
            return self.search_changes(caller, ask, (from, rows_max)).await;
        }
        let dimensions = search::dimensions(view, &ask.dimensions, ask.kind)?;
        let filters = search::filters(&filter::read(&ask.filters)?, ask.kind)?;
        let today = self.today(search::ZONE);
        let periods = periods(ask.period.as_deref(), ask.compare.as_deref(), today)?;
        let (login, source) = self.pick(caller, SourceKind::Site, ask.site.as_deref()).await?;
        let query = |period: Period, dimensions: &[&'static str]| {
            self.search_query((&login, &source), (dimensions.to_vec(), filters.clone(), ask.kind), (period, today))
        };
        let of_before =
            |dimensions: &[&'static str]| periods.before.map(|period| query(period, dimensions)).transpose();
        let (now, before) = (query(periods.now, &dimensions)?, of_before(&dimensions)?);
        // Rows do not add up to everything: anonymous queries are in none (§7).
        let sums = if dimensions.is_empty() { None } else { Some((query(periods.now, &[])?, of_before(&[])?)) };
        self.assemble(&now, before.as_ref(), sums, (Feature::Search, Some(periods), today), (from, rows_max)).await
    }

    /// One question to Search Console.
    pub(super) fn search_query<'a>(
        &self,
        (login, source): (&'a Login, &'a Source),
        (dimensions, filters, kind): (Vec<&'static str>, Vec<serde_json::Value>, SearchType),
        (period, today): (Period, Date),
    ) -> Result<Query<'a>, ToolError> {
        let (_, urls) = self.ready()?;
        let path = format!("webmasters/v3/sites/{}/searchAnalytics/query", segment(&source.facts.remote_id));
        let is_fresh = days_ago(period.last, today) <= search::BEHIND_DAYS;
        Ok(Query {
            login,
            source,
            url: below(&urls.search, &path)?,
            wire: Wire::Search(search::Asked { dimensions, filters, kind, period, is_fresh }),
            life_ms: self.life_ms((period, today), search::BEHIND_DAYS + 1, Feature::Search),
        })
    }

    pub(super) fn today(&self, zone: &str) -> Date {
        let now = Timestamp::from_millisecond(self.clock.now_ms()).unwrap_or(Timestamp::UNIX_EPOCH);
        now.to_zoned_datetime(find_zone(zone).unwrap_or(jiff::tz::TimeZone::UTC)).date()
    }

    pub(super) fn life_ms(&self, (period, today): (Period, Date), settled: i64, feature: Feature) -> i64 {
        if days_ago(period.last, today) >= settled { self.keep_ms(feature) } else { MOVING_LIFE_MS }
    }

    pub(super) async fn window(&self, query: &Query<'_>, from: usize, rows_max: usize) -> Result<Window, ToolError> {
        let mut window = Window { head: Head::default(), rows: Vec::new(), has_more: false, made_at: i64::MAX };
        let mut at = from;
        loop {
            let begins = at / query.rows_each() * query.rows_each();
            let within = at - begins;
            let Kept { page, made_at } =
                self.answered(&query.request(begins)?, within, |answer| query.read(answer, begins)).await?;
            window.made_at = window.made_at.min(made_at);
            let got = page.rows.into_iter().skip(within % PART_ROWS).take(rows_max - window.rows.len());
            let count = window.rows.len();
            window.rows.extend(got);
            let more = window.rows.len() - count;
            at += more;
            window.has_more = at < begins + page.head.rows_here || page.head.has_more;
            window.head = page.head;
            if more == 0 || window.rows.len() >= rows_max || !window.has_more {
                return Ok(window);
            }
        }
    }

    async fn sum(&self, query: &Query<'_>) -> Result<Option<Vec<Option<f64>>>, ToolError> {
        let window = self.window(query, 0, 1).await?;
        Ok(Some(match window.rows.into_iter().next() {
            Some(Line(_, figures)) => figures,
            None => window.head.metrics.iter().map(|(_, unit)| ga4::nothing(*unit)).collect(),
        }))
    }

    pub(super) async fn assemble(
        &self,
        now: &Query<'_>,
        before: Option<&Query<'_>>,
        sums: Option<(Query<'_>, Option<Query<'_>>)>,
        (feature, periods, today): (Feature, Option<Periods>, Date),
        (from, rows_max): (usize, usize),
    ) -> Result<Report, ToolError> {
        let is_by_day = now.dimensions() == ["date"];
        let rows_max = rows_max.min(ROWS_MAX);
        // A day without anything has no row: they are all read, and put where they belong.
        let mut window =
            if is_by_day { self.window(now, 0, ROWS_MAX).await? } else { self.window(now, from, rows_max).await? };
        let whole_before = match before {
            Some(query) => Some(self.answered_whole(&query.request(0)?, |answer| query.read(answer, 0)).await?),
            None => None,
        };
        let (totals, totals_before) = match &sums {
            Some((now, before)) => {
                let before = match before {
                    Some(query) => self.sum(query).await?,
                    None => None,
                };
                (self.sum(now).await?, before)
            }
            None => {
                let of_row = |rows: &[Line]| rows.first().map(|Line(_, figures)| figures.clone());
                let of = |head: &Head, rows: &[Line]| head.totals.clone().or_else(|| of_row(rows));
                (
                    of(&window.head, &window.rows),
                    whole_before.as_ref().and_then(|kept| of(&kept.page.head, &kept.page.rows)),
                )
            }
        };
        let made_at = whole_before.as_ref().map_or(window.made_at, |kept| kept.made_at.min(window.made_at));
        let is_before_cut = whole_before.as_ref().is_some_and(|kept| kept.page.head.has_more);
        if let Some(periods) = periods.filter(|_| is_by_day) {
            let absent = now.absent(&window.head);
            fill(&mut window, periods.now, (feature, today), absent.as_deref());
            let all = std::mem::take(&mut window.rows);
            window.head.row_count = Some(all.len());
            window.has_more = from + rows_max < all.len();
            window.rows = all.into_iter().skip(from).take(rows_max).collect();
        }
        let named = self.named(&window, (totals.as_deref(), from));
        if self.clock.now_ms() - made_at > MOVING_LIFE_MS {
            // Of the hour in which it was asked: it has been filled up since.
            window.head.marks.quota_percent = None;
        }
        let seen = Seen { feature, head: &window.head, today, periods, named, is_before_cut };
        let (badges, caveats) = report::caveats(&seen);
        let absent = before.zip(whole_before.as_ref()).and_then(|(query, kept)| query.absent(&kept.page.head));
        let rows = beside(window.rows, whole_before.map(|kept| kept.page), absent, periods.filter(|_| is_by_day));
        let next = from + rows.len();
        let columns = window.head.dimensions.iter().map(|name| Column { name: name.clone(), unit: None });
        let figures = window.head.metrics.iter().map(|(name, unit)| Column { name: name.clone(), unit: Some(*unit) });
        Ok(Report {
            login: now.login.id.clone(),
            source: now.source.clone(),
            feature,
            periods,
            columns: columns.chain(figures).collect(),
            row_count: window.head.row_count.or_else(|| (!window.has_more).then_some(next)),
            next: window.has_more.then_some(next),
            rows,
            totals,
            totals_before,
            from,
            badges,
            caveats,
            currency: window.head.marks.currency,
            made_at,
            until: made_at + self.keep_ms(feature),
        })
    }

    /// Clicks of all rows and of everything, where queries are asked for and all rows are here.
    fn named(&self, window: &Window, (totals, from): (Option<&[Option<f64>]>, usize)) -> Option<(f64, f64)> {
        let is_all = from == 0 && !window.has_more && window.head.dimensions.iter().any(|name| name == "query");
        let of = totals?.first().copied().flatten().filter(|_| is_all)?;
        Some((window.rows.iter().filter_map(|Line(_, figures)| figures.first().copied().flatten()).sum(), of))
    }
}

pub(super) fn periods(period: Option<&str>, compare: Option<&str>, today: Date) -> Result<Periods, ToolError> {
    let text = period.filter(|text| !text.trim().is_empty()).unwrap_or(PERIOD);
    period::read(text, compare, today).ok_or_else(|| {
        let given = compare.map_or_else(|| text.to_owned(), |compare| format!("{text} / {compare}"));
        say!("report-period-wrong", given = filter::shown(&given)).into()
    })
}

fn days_ago(day: Date, today: Date) -> i64 {
    i64::from((today - day).get_days())
}

/// A day as both APIs write it.
pub(super) fn day_of(key: &str) -> Option<Date> {
    if key.len() == 8 && key.bytes().all(|b| b.is_ascii_digit()) {
        return format!("{}-{}-{}", &key[..4], &key[4..6], &key[6..]).parse().ok();
    }
    key.parse().ok()
}

/// Every day of a period has its row: those that nobody told of are days on which nothing happened (unless they may have been left out), as far as
/// figures can be there at all.
fn fill(window: &mut Window, period: Period, (feature, today): (Feature, Date), absent: Option<&[Option<f64>]>) {
    let absent = absent.map_or_else(|| vec![None; window.head.metrics.len()], <[_]>::to_vec);
    let mut told: std::collections::BTreeMap<Date, Vec<Option<f64>>> =
        window.rows.drain(..).filter_map(|Line(keys, figures)| Some((day_of(keys.first()?)?, figures))).collect();
    let known_until = match feature {
        Feature::Analytics => today,
        Feature::Search => today.checked_sub(jiff::Span::new().days(search::BEHIND_DAYS)).unwrap_or(today),
        Feature::Videos => today.checked_sub(jiff::Span::new().days(videos::BEHIND_DAYS)).unwrap_or(today),
    };
    let last = told.keys().next_back().copied().map_or(known_until, |day| day.max(known_until)).min(period.last);
    let mut day = period.first;
    while day <= last {
        let figures = told.remove(&day).unwrap_or_else(|| absent.clone());
        window.rows.push(Line(vec![day.to_string()], figures));
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
}

/// Rows with the same of the period before: by name, or the same day of it; where it was not there, what that means.
fn beside(
    rows: Vec<Line>,
    before: Option<Page>,
    absent: Option<Vec<Option<f64>>>,
    by_day: Option<Periods>,
) -> Vec<Row> {
    let Some(page) = before else {
        return rows.into_iter().map(|Line(keys, figures)| Row { keys, figures, before: None }).collect();
    };
    let is_sum = page.head.dimensions.is_empty();
    let shift = by_day.and_then(|periods| {
        let before = periods.before?;
        Some((periods.now.first, before))
    });
    let mut found = page.by_key();
    if let Some((first, before)) = shift {
        let by_date: std::collections::HashMap<Date, Vec<Option<f64>>> =
            found.drain().filter_map(|(keys, figures)| Some((day_of(keys.first()?)?, figures))).collect();
        return rows
            .into_iter()
            .map(|Line(keys, figures)| {
                let day =
                    keys.first().and_then(|key| day_of(key)).and_then(|day| before.first.checked_add(day - first).ok());
                // Months are not of one length: a day that the other has not has nothing beside it.
                let day = day.filter(|day| *day <= before.last);
                let before = day.and_then(|day| by_date.get(&day).cloned().or_else(|| absent.clone()));
                Row { keys, figures, before }
            })
            .collect();
    }
    rows.into_iter()
        .map(|Line(keys, figures)| {
            let before = found.remove(&keys).or_else(|| absent.clone().filter(|_| !is_sum));
            Row { keys, figures, before }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::Unit;
    use super::*;

    fn window(rows: Vec<Line>) -> Window {
        let head = Head {
            dimensions: vec!["date".into()],
            metrics: vec![("clicks".into(), Unit::Count), ("ctr".into(), Unit::Ratio)],
            ..Head::default()
        };
        Window { head, rows, has_more: false, made_at: 0 }
    }

    #[test]
    fn days_without_anything_are_filled_as_far_as_figures_can_be_there() {
        let row = |day: &str, clicks: f64| Line(vec![day.into()], vec![Some(clicks), Some(0.5)]);
        let mut found = window(vec![row("20261121", 3.0), row("2026-11-24", 5.0)]);
        let period = Period::new("2026-11-20".parse().unwrap(), "2026-11-27".parse().unwrap()).unwrap();
        fill(&mut found, period, (Feature::Search, "2026-11-27".parse().unwrap()), Some(&[Some(0.0), None]));
        let told: Vec<_> =
            found.rows.iter().map(|Line(keys, figures)| (keys[0].as_str(), figures[0], figures[1])).collect();
        assert_eq!(
            told,
            [
                ("2026-11-20", Some(0.0), None),
                ("2026-11-21", Some(3.0), Some(0.5)),
                ("2026-11-22", Some(0.0), None),
                ("2026-11-23", Some(0.0), None),
                ("2026-11-24", Some(5.0), Some(0.5)),
            ]
        );
        let mut found = window(vec![row("20261121", 3.0)]);
        fill(&mut found, period, (Feature::Analytics, "2026-11-21".parse().unwrap()), None);
        let told: Vec<_> = found.rows.iter().map(|Line(_, figures)| figures[0]).collect();
        assert_eq!(told, [None, Some(3.0)], "what may have been left out is no zero");
    }

    #[test]
    fn a_row_stands_beside_itself_and_what_was_not_looked_at_is_not_nothing() {
        let line = |key: &str, clicks: f64| Line(vec![key.to_owned()], vec![Some(clicks)]);
        let head =
            Head { dimensions: vec!["query".into()], metrics: vec![("clicks".into(), Unit::Count)], ..Head::default() };
        let before = || Some(Page { head: head.clone(), rows: vec![line("b", 7.0)] });
        let rows = beside(vec![line("a", 1.0), line("b", 2.0)], before(), Some(vec![Some(0.0)]), None);
        assert_eq!((rows[0].before.clone(), rows[1].before.clone()), (Some(vec![Some(0.0)]), Some(vec![Some(7.0)])));
        let rows = beside(vec![line("a", 1.0)], before(), None, None);
        assert_eq!(rows[0].before, None);
    }

    #[test]
    fn a_day_stands_beside_the_same_day_of_the_other_period() {
        let of = |first: &str, last: &str| Period::new(first.parse().unwrap(), last.parse().unwrap()).unwrap();
        let periods = Periods { now: of("2026-03-01", "2026-03-31"), before: Some(of("2026-02-01", "2026-02-28")) };
        let line = |key: &str, clicks: f64| Line(vec![key.to_owned()], vec![Some(clicks)]);
        let head =
            Head { dimensions: vec!["date".into()], metrics: vec![("clicks".into(), Unit::Count)], ..Head::default() };
        let before = Page { head, rows: vec![line("20260201", 4.0)] };
        let rows = beside(
            vec![line("2026-03-01", 1.0), line("2026-03-02", 1.0), line("2026-03-29", 1.0)],
            Some(before),
            Some(vec![Some(0.0)]),
            Some(periods),
        );
        let told: Vec<_> = rows.into_iter().map(|row| row.before).collect();
        assert_eq!(told, [Some(vec![Some(4.0)]), Some(vec![Some(0.0)]), None]);
    }
}
