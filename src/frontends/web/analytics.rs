//! `/analytics`: a report as a page, as a picture, and as a file to take along. What is asked stands in the address, so a report can be kept as a
//! bookmark; what it says is Google's, shown as text and nothing else.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::Deserialize;

use super::followups::Winners;
use super::gate::Person;
use super::page::{Page, Refused, html};
use crate::app::charts::painted;
use crate::app::figures::{self, BETWEEN};
use crate::app::{
    App, Badge, Question, Report, Row, SearchAsk, SearchType, SearchView, SignedIn, TrafficAsk, TrafficView, Unit,
    VideosAsk, VideosView,
};
use crate::domain::account::Health;
use crate::domain::google::{Feature, Source, SourceKind};
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::pictures::Theme;

/// Rows on a page.
const ROWS: usize = 50;
/// Rows of a picture.
const ROWS_DRAWN: usize = 400;
/// Rows of a file.
const ROWS_TAKEN: usize = 50_000;
/// Comparisons that are offered: what is sent, and its sentence.
const COMPARED: [(&str, &str); 4] = [
    ("", "report-compare-none"),
    ("previous", "report-compare-previous"),
    ("same days last year", "report-compare-year"),
    ("same weekdays last year", "report-compare-weekdays"),
];
/// Periods that are offered; each sentence is one that can be read.
const PERIODS: [&str; 7] = [
    "report-period-days-7",
    "report-period-days-28",
    "report-period-week",
    "report-period-month",
    "report-period-this-month",
    "report-period-quarter",
    "report-period-year",
];

/// What is asked, as it stands in the address.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    about: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    view: String,
    #[serde(default)]
    period: String,
    #[serde(default)]
    compare: String,
    /// Lists, an item a line.
    #[serde(default)]
    dimensions: String,
    #[serde(default)]
    metrics: String,
    #[serde(default)]
    filters: String,
    #[serde(default, rename = "type")]
    kind: SearchType,
    #[serde(default)]
    video: String,
    #[serde(default)]
    from: usize,
    #[serde(default)]
    theme: String,
}

impl Asked {
    fn feature(&self) -> Feature {
        let named = Feature::ALL.into_iter().find(|feature| figures::about(*feature) == self.about);
        named.unwrap_or(Feature::Analytics)
    }

    fn question(&self) -> Question {
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let list = |text: &str| text.split(BETWEEN).filter_map(some).collect::<Vec<_>>();
        match self.feature() {
            Feature::Analytics => {
                let view = TrafficView::find(&self.view).unwrap_or(TrafficView::Days);
                let is_now = view == TrafficView::Realtime;
                let (period, compare) = (some(&self.period), some(&self.compare));
                Question::Traffic(TrafficAsk {
                    property: some(&self.source),
                    view: Some(view),
                    period: period.filter(|_| !is_now),
                    compare: compare.filter(|_| !is_now && view != TrafficView::Changes),
                    dimensions: list(&self.dimensions),
                    metrics: list(&self.metrics),
                    filters: list(&self.filters),
                })
            }
            Feature::Search => {
                let view = SearchView::find(&self.view).filter(|view| *view != SearchView::Indexing);
                let view = view.unwrap_or(SearchView::Days);
                Question::Search(SearchAsk {
                    site: some(&self.source),
                    view: Some(view),
                    period: some(&self.period),
                    compare: some(&self.compare).filter(|_| view != SearchView::Changes),
                    dimensions: list(&self.dimensions),
                    filters: list(&self.filters),
                    kind: self.kind,
                })
            }
            Feature::Videos => {
                let has_video = some(&self.video).is_some();
                let view = VideosView::find(&self.view).filter(|view| has_video || *view != VideosView::Retention);
                Question::Videos(VideosAsk {
                    channel: some(&self.source),
                    view: Some(view.unwrap_or(VideosView::Days)),
                    period: some(&self.period),
                    compare: some(&self.compare),
                    video: some(&self.video),
                })
            }
        }
    }

    /// The same question in an address.
    fn address(&self, path: &str, more: &[(&str, &str)]) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("about", &self.about),
            ("source", &self.source),
            ("view", &self.view),
            ("period", &self.period),
            ("compare", &self.compare),
            ("dimensions", &self.dimensions),
            ("metrics", &self.metrics),
            ("filters", &self.filters),
            ("video", &self.video),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        if self.kind != SearchType::Web {
            let kind = serde_json::to_value(self.kind).unwrap_or_default();
            query.append_pair("type", kind.as_str().unwrap_or_default());
        }
        for (name, value) in more {
            query.append_pair(name, value);
        }
        format!("{path}?{}", query.finish())
    }
}

#[derive(Template)]
#[template(path = "analytics.html")]
struct Analytics {
    page: Page,
    asked: Asked,
    sources: Vec<Source>,
    is_connected: bool,
    winners: Winners,
    result: Option<Result<Box<Shown>, Sentence>>,
}

/// A report, ready to be shown.
struct Shown {
    report: Report,
    title: String,
    alt: Option<String>,
    totals: Vec<Figure>,
    head: Vec<String>,
    rows: Vec<Vec<Figure>>,
}

/// A figure with what it was.
struct Figure {
    name: String,
    shown: String,
    before: Option<String>,
    changed: Option<String>,
}

impl Analytics {
    fn features(&self) -> [(Feature, &'static str); 3] {
        Feature::ALL.map(|feature| (feature, figures::about(feature)))
    }

    fn about(&self) -> &'static str {
        figures::about(self.asked.feature())
    }

    fn is_about(&self, feature: &Feature) -> bool {
        self.asked.feature() == *feature
    }

    /// Views by their words, with whether it is the one.
    fn views(&self) -> Vec<(&'static str, String, bool)> {
        let (words, now): (Vec<&'static str>, &str) = match self.asked.question() {
            Question::Traffic(ask) => {
                (TrafficView::ALL.iter().map(|view| view.word()).collect(), ask.view.map_or("", TrafficView::word))
            }
            Question::Search(ask) => {
                let all = SearchView::ALL.into_iter().filter(|view| *view != SearchView::Indexing);
                (all.map(SearchView::word).collect(), ask.view.map_or("", SearchView::word))
            }
            Question::Videos(ask) => {
                let all = VideosView::ALL.into_iter().filter(|view| *view != VideosView::Retention);
                (all.map(VideosView::word).collect(), ask.view.map_or("", VideosView::word))
            }
        };
        let named =
            |word: &'static str| (word, self.page.t(&format!("report-view-{}", word.replace('_', "-"))), word == now);
        words.into_iter().map(named).collect()
    }

    fn compares(&self) -> Vec<(&'static str, String, bool)> {
        COMPARED.iter().map(|(sent, key)| (*sent, self.page.t(key), *sent == self.asked.compare)).collect()
    }

    fn periods(&self) -> Vec<String> {
        PERIODS.iter().map(|key| self.page.t(key)).collect()
    }

    fn is_source(&self, source: &Source) -> bool {
        self.asked.source == source.key
    }

    fn badge(&self, badge: &Badge) -> String {
        self.page.t(&format!("report-badge-{}", badge.word()))
    }

    /// The days of a report, and what it is compared with.
    fn days(&self, report: &Report) -> String {
        use crate::say;
        let zone = &report.source.facts.zone;
        match report.periods {
            None => self.page.t("report-days-now"),
            Some(periods) => {
                let now = say!(
                    "report-days",
                    first = periods.now.first.to_string(),
                    last = periods.now.last.to_string(),
                    zone = zone
                );
                let now = self.page.say(now);
                match periods.before {
                    None => now,
                    Some(before) => {
                        let other = say!(
                            "report-days-compared",
                            first = before.first.to_string(),
                            last = before.last.to_string()
                        );
                        format!("{now} {}", self.page.say(other))
                    }
                }
            }
        }
    }

    fn about_of(&self, feature: &Feature) -> String {
        Asked {
            about: figures::about(*feature).to_owned(),
            period: self.asked.period.clone(),
            compare: self.asked.compare.clone(),
            ..Asked::default()
        }
        .address("/analytics", &[])
    }

    fn file(&self, path: &str) -> String {
        self.asked.address(path, &[])
    }

    fn chart(&self, theme: &str) -> String {
        self.asked.address("/analytics/chart.png", &[("theme", theme)])
    }

    fn next(&self, report: &Report) -> Option<String> {
        report.next.map(|next| self.asked.address("/analytics", &[("from", &next.to_string())]))
    }
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Person(person): Person,
    query: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let Ok(Query(asked)) = query else { return Redirect::to("/analytics").into_response() };
    let page = Page::of(&app, &person, "analytics");
    let all = match app.sources(&person.caller).await {
        Ok(all) => all,
        Err(error) => return Refused::for_person(&app, &person, error).into_response(),
    };
    let is_connected = !all.is_empty();
    let winners = match Winners::of(&app, &person.caller).await {
        Ok(winners) => winners,
        Err(error) => return Refused::for_person(&app, &person, error).into_response(),
    };
    let kind = match asked.feature() {
        Feature::Analytics => SourceKind::Property,
        Feature::Search => SourceKind::Site,
        Feature::Videos => SourceKind::Channel,
    };
    let usable = all.into_iter().filter(|(login, _)| login.health == Health::Fine);
    let mut sources: Vec<Source> =
        usable.flat_map(|(_, sources)| sources).filter(|source| source.kind == kind).collect();
    sources.sort_by_key(|source| std::cmp::Reverse(source.chosen_at));
    let asked = with_source(asked, &sources);
    let mut status = StatusCode::OK;
    let result = if is_connected {
        match app.report(&person.caller, &asked.question(), (asked.from, ROWS)).await {
            Ok(report) => Some(Ok(Box::new(shown(&page, &app, report)))),
            Err(ToolError::Refused(why)) => {
                status = StatusCode::UNPROCESSABLE_ENTITY;
                Some(Err(why))
            }
            Err(failed @ ToolError::Failed(_)) => return Refused::for_person(&app, &person, failed).into_response(),
        }
    } else {
        None
    };
    (status, html(&Analytics { page, asked, sources, is_connected, winners, result })).into_response()
}

/// Without a source the first is meant: the chosen one, or whichever there is. What nobody looked at is fine to look at here.
fn with_source(asked: Asked, sources: &[Source]) -> Asked {
    let is_there = sources.iter().any(|source| source.key == asked.source);
    match sources.first() {
        Some(first) if !is_there => Asked { source: first.key.clone(), ..asked },
        Some(_) | None => asked,
    }
}

fn shown(page: &Page, app: &App, report: Report) -> Shown {
    let (words, lang) = (app.words(), page.lang);
    let name = |api: &str| figures::name(words, lang, api);
    let figure = |(no, (api, unit)): (usize, (&str, Unit)), now: &[Option<f64>], before: Option<&[Option<f64>]>| {
        let now = now.get(no).copied().flatten();
        let before = before.and_then(|before| before.get(no).copied().flatten());
        Figure {
            name: name(api),
            shown: figures::shown(lang, now, (unit, &report.currency)),
            before: before.map(|before| figures::shown(lang, Some(before), (unit, &report.currency))),
            changed: figures::changed(lang, unit, now, before),
        }
    };
    let totals = report.totals.as_ref().map(|totals| {
        report.metrics().enumerate().map(|metric| figure(metric, totals, report.totals_before.as_deref())).collect()
    });
    let row = |row: &Row| {
        report.metrics().enumerate().map(|metric| figure(metric, &row.figures, row.before.as_deref())).collect()
    };
    Shown {
        title: figures::title(words, lang, &report),
        alt: figures::drawn(words, lang, &report).map(|drawn| drawn.told),
        totals: totals.unwrap_or_default(),
        head: report.columns.iter().map(|column| name(&column.name)).collect(),
        rows: report.rows.iter().map(row).collect(),
        report,
    }
}

impl Shown {
    /// Rows with their keys.
    fn lines(&self) -> impl Iterator<Item = (&Vec<String>, &Vec<Figure>)> {
        self.report.rows.iter().map(|row| &row.keys).zip(&self.rows)
    }
}

async fn found(app: &App, person: &SignedIn, asked: &Asked, rows_max: usize) -> Result<Report, Response> {
    let report = app.report(&person.caller, &asked.question(), (0, rows_max)).await;
    report.map_err(|error| Refused::for_person(app, person, error).into_response())
}

pub(super) async fn chart(
    State(app): State<Arc<App>>,
    Person(person): Person,
    query: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let lang = person.caller.lang;
    let Ok(Query(asked)) = query else { return Refused::missing(&app, lang).into_response() };
    let report = match found(&app, &person, &asked, ROWS_DRAWN).await {
        Ok(report) => report,
        Err(refused) => return refused,
    };
    let Some(drawn) = figures::drawn(app.words(), lang, &report) else {
        return Refused::missing(&app, lang).into_response();
    };
    let theme = if asked.theme == "dark" { Theme::Dark } else { Theme::Light };
    picture(painted(drawn, theme).await)
}

/// A picture, or that there is none; why is in the log.
pub(super) fn picture(png: Option<Vec<u8>>) -> Response {
    match png {
        Some(png) => ([(CONTENT_TYPE, "image/png")], png).into_response(),
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

pub(super) async fn csv(
    State(app): State<Arc<App>>,
    Person(person): Person,
    query: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let Ok(Query(asked)) = query else { return Refused::missing(&app, person.caller.lang).into_response() };
    match found(&app, &person, &asked, ROWS_TAKEN).await {
        Ok(report) => file("text/csv; charset=utf-8", "report.csv", figures::csv(&report)),
        Err(refused) => refused,
    }
}

pub(super) async fn json(
    State(app): State<Arc<App>>,
    Person(person): Person,
    query: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let Ok(Query(asked)) = query else { return Refused::missing(&app, person.caller.lang).into_response() };
    match found(&app, &person, &asked, ROWS_TAKEN).await {
        Ok(report) => {
            file("application/json", "report.json", figures::json(app.words(), person.caller.lang, &report).to_string())
        }
        Err(refused) => refused,
    }
}

/// A file to take along.
pub(super) fn file(kind: &'static str, name: &str, body: String) -> Response {
    ([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))], body)
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::lang::Lang;

    #[test]
    fn every_period_and_comparison_that_is_offered_can_be_read() {
        let today = "2026-11-27".parse().unwrap();
        for lang in Lang::ALL {
            let page = Page::sample(lang);
            for key in PERIODS {
                let period = page.t(key);
                for (compare, _) in COMPARED {
                    let compare = Some(compare).filter(|compare| !compare.is_empty());
                    assert!(crate::analytics::period::read(&period, compare, today).is_some(), "{period} {compare:?}");
                }
            }
        }
    }

    #[test]
    fn a_question_stands_in_the_address_as_it_was_asked() {
        let asked = Asked {
            about: "search".into(),
            view: "queries".into(),
            period: "先月&x=1".into(),
            from: 50,
            ..Asked::default()
        };
        let address = asked.address("/analytics", &[("from", "100")]);
        assert_eq!(address, "/analytics?about=search&view=queries&period=%E5%85%88%E6%9C%88%26x%3D1&from=100");
        assert!(
            matches!(asked.question(), Question::Search(ask) if ask.view == Some(SearchView::Queries) && ask.period.as_deref() == Some("先月&x=1"))
        );
        let now = Asked { view: "realtime".into(), period: "today".into(), ..Asked::default() };
        assert!(matches!(now.question(), Question::Traffic(ask) if ask.period.is_none()));
    }
}
