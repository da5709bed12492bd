//! From a question to a report: which property, which days, which columns; then the answers put beside each other.

use jiff::Timestamp;
use jiff::civil::Date;
use url::Url;

use super::assemble::Span;
use super::beside::{self, Order, ordered};
use super::cache::Request;
use super::catalogue::{self, Columns, TrafficView};
use super::filter::{Filter, Op};
use super::known::{Known, of_nothing, sure_days, unknown};
use super::page::{Head, Line, Page};
use super::period::{self, Period, Periods};
use super::report::Report;
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
pub(super) const MOVING_LIFE_MS: i64 = 3_600_000;
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
    /// There are no rows at all.
    pub(super) is_empty: bool,
    /// In which zone days are counted, by an answer that came just now.
    pub(super) zone: Option<String>,
    pub(super) made_at: i64,
}

impl Query<'_> {
    /// Whether an answer says how many rows there are.
    pub(super) const fn counts_rows(&self) -> bool {
        match &self.wire {
            // There is one page of everything of YouTube's.
            Wire::Traffic(_) | Wire::Videos(_) => true,
            Wire::Search(_) => false,
        }
    }

    /// Whether its rows have a sum: of those of YouTube that are no sum themselves nothing is added up.
    pub(super) const fn is_summed(&self) -> bool {
        match &self.wire {
            Wire::Traffic(_) => true,
            Wire::Search(asked) => asked.dimensions.is_empty(),
            Wire::Videos(asked) => asked.is_sum(),
        }
    }

    /// Of which days; none for this moment.
    const fn period(&self) -> Option<Period> {
        match &self.wire {
            Wire::Traffic(asked) => asked.period,
            Wire::Search(asked) => Some(asked.period),
            Wire::Videos(asked) => Some(asked.period),
        }
    }

    /// What it means that there are no rows at all: nothing, unless they were withheld or are not told yet or any more.
    pub(super) fn of_no_rows(&self, window: &Window, known: Known) -> Vec<Option<f64>> {
        if is_withheld(window) || !self.is_known(known) { unknown(&window.head) } else { of_nothing(&window.head) }
    }

    fn is_known(&self, known: Known) -> bool {
        self.period().is_none_or(|period| known.touches(period))
    }

    /// Rows of one answer, the most that are asked for.
    pub(super) const fn rows_max(&self) -> usize {
        match &self.wire {
            Wire::Traffic(_) => ga4::ROWS,
            Wire::Search(_) => search::ROWS,
            // It has a most of its own.
            Wire::Videos(_) => usize::MAX,
        }
    }

    pub(super) fn request(&self, begins: usize, limit: usize) -> Result<Request<'_>, ToolError> {
        let url = self.url.clone();
        let call = match &self.wire {
            Wire::Traffic(asked) => ask_call(Feature::Analytics, url, asked.body(begins, limit)?, BYTES_MAX),
            Wire::Search(asked) => ask_call(Feature::Search, url, asked.body(begins, limit), BYTES_MAX),
            Wire::Videos(asked) => read_call(Feature::Videos, asked.url(&url), BYTES_MAX),
        };
        Ok(Request { login: self.login, about: &self.source.facts.remote_id, call, life_ms: self.life_ms })
    }

    pub(super) fn read(&self, answer: &[u8], begins: usize) -> Result<Page, String> {
        match &self.wire {
            Wire::Traffic(asked) => asked.read(answer, begins),
            Wire::Search(asked) => asked.read(answer, begins),
            Wire::Videos(asked) => asked.read(answer, begins),
        }
    }

    /// The figures of a row that is not there; none when it may have been left out: by a condition on a figure, because of few people (§6.3), or
    /// because nothing is told of these days at all.
    pub(super) fn absent(&self, window: &Window, known: Known) -> Option<Vec<Option<f64>>> {
        let marks = &window.head.marks;
        let is_left_out = match &self.wire {
            Wire::Traffic(asked) => asked.filters.iter().any(|filter| matches!(filter.op, Op::More | Op::Less)),
            // Rare ones are never told (§5).
            Wire::Search(asked) => asked.dimensions.contains(&"query"),
            Wire::Videos(_) => false,
        };
        let may_be_there = is_left_out || is_withheld(window) || marks.has_other || window.has_more;
        (!may_be_there && self.is_known(known)).then(|| of_nothing(&window.head))
    }

    pub(super) fn dimensions(&self) -> Vec<&str> {
        match &self.wire {
            Wire::Traffic(asked) => asked.columns.dimensions.iter().map(String::as_str).collect(),
            Wire::Search(asked) => asked.dimensions.clone(),
            Wire::Videos(asked) => asked.names(),
        }
    }
}

fn is_withheld(window: &Window) -> bool {
    let marks = &window.head.marks;
    marks.is_thresholded || marks.is_cut || marks.empty_reason.is_some()
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
        let own = if view == TrafficView::Realtime { None } else { Some(self.with_own_names(caller, ask).await?) };
        let ask = own.as_ref().unwrap_or(ask);
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
        ga4::Asked { columns: columns.clone(), filters: filters.clone(), period: None }.body(0, ga4::ROWS)?;
        let (login, mut source) = self.pick(caller, SourceKind::Property, ask.property.as_deref()).await?;
        let mut report = self.traffic_once(&login, &source, (ask, &columns, &filters), (from, rows_max)).await?;
        // The property's clock is another one than was known: its days are others.
        if self.take_zone(&login, &mut source, report.zone.as_deref()).await? {
            report = self.traffic_once(&login, &source, (ask, &columns, &filters), (from, rows_max)).await?;
        }
        if source.facts.is_zone_assumed {
            report.caveats.push(say!("report-caveat-zone", zone = &source.facts.zone));
        }
        Ok(report)
    }

    async fn traffic_once(
        &self,
        login: &Login,
        source: &Source,
        (ask, columns, filters): (&TrafficAsk, &Columns, &Vec<Filter>),
        rows: (usize, usize),
    ) -> Result<Report, ToolError> {
        let today = self.today(&source.facts.zone);
        let is_now = ask.view == Some(TrafficView::Realtime);
        let (periods, order) = if is_now {
            (None, None)
        } else {
            let (periods, order) = periods(ask.period.as_deref(), ask.compare.as_deref(), today)?;
            (Some(periods), order)
        };
        if let Some(why) = beside::unaligned(&columns.dimensions, periods) {
            return Err(why.into());
        }
        let query = |period| self.traffic_query((login, source), (columns.clone(), filters.clone()), (period, today));
        let now = query(periods.map(|periods| periods.now))?;
        let before = periods.and_then(|periods| periods.before).map(|period| query(Some(period))).transpose()?;
        let span = Span { feature: Feature::Analytics, periods, order, today };
        self.assemble(&(now, before), None, span, rows).await
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
            life_ms: period.map_or(REALTIME_LIFE_MS, |period| self.life_ms((period, today), Feature::Analytics)),
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
        let (periods, order) = periods(ask.period.as_deref(), ask.compare.as_deref(), today)?;
        let (login, source) = self.pick(caller, SourceKind::Site, ask.site.as_deref()).await?;
        let query = |period: Period, dimensions: &[&'static str]| {
            self.search_query((&login, &source), (dimensions.to_vec(), filters.clone(), ask.kind), (period, today))
        };
        let of_before =
            |dimensions: &[&'static str]| periods.before.map(|period| query(period, dimensions)).transpose();
        let (now, before) = (query(periods.now, &dimensions)?, of_before(&dimensions)?);
        // Rows do not add up to everything: anonymous queries are in none (§7).
        let sums = if dimensions.is_empty() { None } else { Some((query(periods.now, &[])?, of_before(&[])?)) };
        let span = Span { feature: Feature::Search, periods: Some(periods), order, today };
        self.assemble(&(now, before), sums, span, (from, rows_max)).await
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
        // As long as figures may not be final; then those that are not are marked.
        let is_fresh = days_ago(period.last, today) < sure_days(Feature::Search);
        Ok(Query {
            login,
            source,
            url: below(&urls.search, &path)?,
            wire: Wire::Search(search::Asked { dimensions, filters, kind, period, is_fresh }),
            life_ms: self.life_ms((period, today), Feature::Search),
        })
    }

    pub(super) fn today(&self, zone: &str) -> Date {
        let now = Timestamp::from_millisecond(self.clock.now_ms()).unwrap_or(Timestamp::UNIX_EPOCH);
        now.to_zoned_datetime(find_zone(zone).unwrap_or(jiff::tz::TimeZone::UTC)).date()
    }

    pub(super) fn life_ms(&self, (period, today): (Period, Date), feature: Feature) -> i64 {
        if days_ago(period.last, today) >= sure_days(feature) { self.keep_ms(feature) } else { MOVING_LIFE_MS }
    }
}

/// The days that are meant, and in which order compared rows stand.
pub(super) fn periods(
    period: Option<&str>,
    compare: Option<&str>,
    today: Date,
) -> Result<(Periods, Option<Order>), ToolError> {
    let text = period.filter(|text| !text.trim().is_empty()).unwrap_or(PERIOD);
    let (text, order) = ordered(text);
    let (compare, order) = match compare.map(ordered) {
        Some((compare, of_compare)) => (Some(compare), order.or(of_compare)),
        None => (None, order),
    };
    // An order alone means the period before.
    let compare = compare.filter(|compare| order.is_none() || !compare.is_empty());
    let read = |compare| {
        period::read(text, compare, today).ok_or_else(|| {
            let given = compare.map_or_else(|| text.to_owned(), |compare| format!("{text} / {compare}"));
            ToolError::from(say!("report-period-wrong", given = filter::shown(&given)))
        })
    };
    let periods = read(compare)?;
    let is_alone = order.is_some() && periods.before.is_none();
    Ok((if is_alone { read(Some("previous"))? } else { periods }, order))
}

fn days_ago(day: Date, today: Date) -> i64 {
    i64::from((today - day).get_days())
}
