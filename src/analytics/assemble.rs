//! Answers put beside each other: the rows of a question, what they are compared with, sums, and what must be said of all of it.

use jiff::civil::Date;

use super::Analytics;
use super::ask::{Query, ROWS_MAX, Window};
use super::beside::{self, Before, Order};
use super::known::{self, Known};
use super::page::Line;
use super::period::Periods;
use super::report::{self, Column, Report, Row, Seen};
use crate::domain::google::Feature;
use crate::domain::tool::ToolError;

/// Rows of the other period that are looked at.
const BEFORE_MAX: usize = 25_000;

/// Of which days, and in which order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) feature: Feature,
    /// None for this moment.
    pub(super) periods: Option<Periods>,
    pub(super) order: Option<Order>,
    pub(super) today: Date,
}

/// A question and the same of the period before.
pub(super) type Pair<'a> = (Query<'a>, Option<Query<'a>>);
/// Sums as far as they are known.
type Sums = Option<Vec<Option<f64>>>;

impl Analytics {
    /// The report that these questions make; `sums` ask for those of everything where rows do not add up to it.
    pub(super) async fn assemble(
        &self,
        (now, before): &Pair<'_>,
        sums: Option<Pair<'_>>,
        span: Span,
        (from, rows_max): (usize, usize),
    ) -> Result<Report, ToolError> {
        let Span { feature, periods, order, today } = span;
        let known = Known::of(feature, today);
        let rows_max = rows_max.min(ROWS_MAX);
        let is_by_day = now.dimensions() == ["date"];
        // Days are put where they belong, and what was there only before is looked for: all rows are read.
        let is_whole = is_by_day || (before.is_some() && from.saturating_add(rows_max) <= ROWS_MAX);
        let (begin, most) = if is_whole { (0, ROWS_MAX) } else { (from, rows_max) };
        let mut window = self.window(now, begin, most).await?;
        let other = match before {
            Some(query) => Some(self.window(query, 0, BEFORE_MAX).await?),
            None => None,
        };
        let (totals, totals_before, summed_at) = match sums {
            Some(sums) => self.sums(&sums, known).await?,
            None => {
                let of_before = before.as_ref().zip(other.as_ref()).and_then(|(query, other)| sum(query, other, known));
                (sum(now, &window, known), of_before, i64::MAX)
            }
        };
        let absent = now.absent(&window, known);
        let mut told_until =
            periods.filter(|_| window.is_empty).and_then(|periods| known.ends_before(periods.now.last));
        if let Some(periods) = periods.filter(|_| is_by_day) {
            told_until = known::fill(&mut window, periods.now, known, absent.as_deref());
            window.head.row_count = Some(window.rows.len());
        }
        let named = named(&window, (totals.as_deref(), begin));
        let is_before_cut = other.as_ref().is_some_and(|other| other.has_more);
        let made_at = other.as_ref().map_or(i64::MAX, |other| other.made_at).min(window.made_at).min(summed_at);
        let (zone, mut head, mut has_more) = (window.zone.clone(), window.head.clone(), window.has_more);
        let (mut rows, gone) = match (before, other) {
            (Some(query), Some(other)) => {
                head.marks.join(&other.head.marks);
                let absent_before = query.absent(&other, known);
                beside::beside(window, Before { window: other, absent: absent_before, known }, periods, absent)
            }
            _ => (window.rows.into_iter().map(|Line(keys, figures)| Row { keys, figures, before: None }).collect(), 0),
        };
        let mut row_count = head.row_count;
        if is_whole {
            if let Some(order) = order {
                beside::sort(&mut rows, order);
            }
            if !has_more {
                row_count = Some(rows.len());
            }
            has_more |= from.saturating_add(rows_max) < rows.len();
            rows = rows.into_iter().skip(from).take(rows_max).collect();
        }
        let next = from + rows.len();
        let seen = Seen { feature, head: &head, today, periods, named, is_before_cut, told_until, gone };
        let (badges, mut caveats) = report::caveats(&seen);
        caveats.extend(self.quota_caveat(now.source).await?);
        let columns = head.dimensions.iter().map(|name| Column { name: name.clone(), unit: None });
        let figures = head.metrics.iter().map(|(name, unit)| Column { name: name.clone(), unit: Some(*unit) });
        Ok(Report {
            login: now.login.id.clone(),
            source: now.source.clone(),
            feature,
            periods,
            columns: columns.chain(figures).collect(),
            row_count: row_count.or_else(|| (!has_more).then_some(next)),
            next: has_more.then_some(next),
            rows,
            totals,
            totals_before,
            from,
            badges,
            caveats,
            currency: head.marks.currency,
            made_at,
            until: made_at + self.keep_ms(feature),
            zone,
        })
    }
}

impl Analytics {
    /// Sums of everything that are asked for apart, and when the older of them was made.
    async fn sums(&self, (now, before): &Pair<'_>, known: Known) -> Result<(Sums, Sums, i64), ToolError> {
        let of_now = self.window(now, 0, 1).await?;
        let (of_before, made_at) = match before {
            Some(query) => {
                let window = self.window(query, 0, 1).await?;
                (sum(query, &window, known), window.made_at)
            }
            None => (None, i64::MAX),
        };
        Ok((sum(now, &of_now, known), of_before, made_at.min(of_now.made_at)))
    }
}

/// Google's own sums: beside the rows, or the one row there is. Of no rows they are what these mean.
fn sum(query: &Query<'_>, window: &Window, known: Known) -> Sums {
    let head = &window.head;
    let of_row = || window.rows.first().filter(|_| head.dimensions.is_empty()).map(|Line(_, figures)| figures.clone());
    let of_none = || (window.is_empty && query.is_summed()).then(|| query.of_no_rows(window, known));
    head.totals.clone().or_else(of_row).or_else(of_none)
}

/// Clicks of all rows and of everything, where queries are asked for and all rows are here.
fn named(window: &Window, (totals, from): (Option<&[Option<f64>]>, usize)) -> Option<(f64, f64)> {
    let is_all = from == 0 && !window.has_more && window.head.dimensions.iter().any(|name| name == "query");
    let of = totals?.first().copied().flatten().filter(|_| is_all)?;
    Some((window.rows.iter().filter_map(|Line(_, figures)| figures.first().copied().flatten()).sum(), of))
}
