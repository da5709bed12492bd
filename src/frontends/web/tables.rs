//! `/analytics/posts`, `/analytics/outcomes` and `/analytics/indexing`: reports that are tables of our own, each as a page and as files to take along. What
//! is asked stands in the address.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::analytics::file;
use super::followups::Winners;
use super::gate::Person;
use super::page::{Page, Refused, html};
use crate::app::tables::{Asked, Table, shown};
use crate::app::{App, SignedIn};
use crate::domain::google::{Source, SourceKind};
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::say;

/// Rows on a page; a file has all of them.
const ROWS: usize = 200;

/// The column with the id of a post.
const POST: &str = "post";
/// What is longer than this stands on several lines.
const NARROW_CHARS: usize = 28;

/// One cell as it is read.
struct Cell {
    name: String,
    text: String,
    link: Option<String>,
    is_figure: bool,
    is_long: bool,
}

/// Which table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Posts,
    Outcomes,
    Indexing,
}

impl Which {
    const ALL: [Self; 3] = [Self::Posts, Self::Outcomes, Self::Indexing];

    /// The word in addresses and keys of sentences.
    const fn word(self) -> &'static str {
        match self {
            Self::Posts => "posts",
            Self::Outcomes => "outcomes",
            Self::Indexing => "indexing",
        }
    }
}

/// What is asked, as it stands in the address.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    days: String,
    #[serde(default)]
    period: String,
    #[serde(default)]
    source: String,
    /// An address a line.
    #[serde(default)]
    urls: String,
}

impl Wanted {
    fn asked(&self, which: Which) -> Asked {
        match which {
            Which::Posts => Asked::Posts(if self.days == "7" { 7 } else { 28 }),
            Which::Outcomes if self.period.trim().is_empty() => Asked::Outcomes("last 28 days".to_owned()),
            Which::Outcomes => Asked::Outcomes(self.period.trim().to_owned()),
            Which::Indexing => Asked::Indexing {
                site: Some(self.source.clone()).filter(|source| !source.is_empty()),
                urls: self.urls.split_whitespace().map(str::to_owned).collect(),
            },
        }
    }

    /// The same question in an address.
    fn address(&self, path: &str) -> String {
        let all = [("days", &self.days), ("period", &self.period), ("source", &self.source), ("urls", &self.urls)];
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in all.iter().filter(|(_, value)| !value.trim().is_empty()) {
            query.append_pair(name, value);
        }
        format!("{path}?{}", query.finish())
    }
}

#[derive(Template)]
#[template(path = "table.html")]
struct Tabled {
    page: Page,
    which: Which,
    wanted: Wanted,
    sources: Vec<Source>,
    winners: Option<Winners>,
    result: Option<Result<Table, Sentence>>,
}

impl Tabled {
    fn title(&self) -> String {
        self.page.t(&format!("table-{}", self.which.word()))
    }

    fn others(&self) -> Vec<(&'static str, String, bool)> {
        let named = |which: Which| (which.word(), self.page.t(&format!("table-{}", which.word())), which == self.which);
        Which::ALL.into_iter().map(named).collect()
    }

    fn column(&self, name: &str) -> String {
        self.page.t(&format!("table-column-{}", name.replace('_', "-")))
    }

    fn badge(&self, badge: &str) -> String {
        self.page.t(&format!("report-badge-{badge}"))
    }

    /// What people read: a post is opened from its text, so its id is left to the files.
    fn columns(&self, table: &Table) -> Vec<String> {
        table.columns.iter().filter(|name| *name != POST).map(|name| self.column(name)).collect()
    }

    fn rows(&self, table: &Table) -> Vec<Vec<Cell>> {
        let post = table.columns.iter().position(|name| name == POST);
        let row = |row: &Vec<Value>| {
            let post = post.and_then(|at| row.get(at)).and_then(Value::as_str);
            let named = table.columns.iter().zip(row).filter(|(name, _)| *name != POST);
            named.map(|(name, value)| self.cell(name, value, post)).collect()
        };
        table.rows.iter().take(ROWS).map(row).collect()
    }

    fn cell(&self, name: &str, value: &Value, post: Option<&str>) -> Cell {
        let (mut text, mut link) = (shown(value), None);
        match name {
            "at" | "last_crawl" => {
                let at = text.parse::<jiff::Timestamp>().ok();
                text = at.map_or(text, |at| self.page.short_at(at.as_millisecond()));
            }
            "text" => link = post.map(|post| format!("/posts/{post}")),
            "state" if text == "published" => text = self.page.t("delivery-state-published"),
            // Google's own words for machines.
            "verdict" | "indexing" | "robots" | "fetch" | "crawled_as" | "rich_results" => {
                text = if text.ends_with("_UNSPECIFIED") || text.is_empty() {
                    String::new()
                } else {
                    self.page.say(say!("table-indexing-said", column = name, said = text))
                };
            }
            "permalink" => {
                if let Some(url) = url::Url::parse(&text).ok().filter(|url| url.scheme() == "https") {
                    text = url.host_str().unwrap_or_default().trim_start_matches("www.").to_owned();
                    link = Some(url.into());
                }
            }
            _ => {}
        }
        let is_long = text.chars().count() > NARROW_CHARS;
        Cell { name: self.column(name), text, link, is_figure: value.is_number(), is_long }
    }

    fn is_cut(&self, table: &Table) -> bool {
        table.rows.len() > ROWS
    }

    fn is_source(&self, source: &Source) -> bool {
        self.wanted.source == source.key
    }

    fn file(&self, kind: &str) -> String {
        self.wanted.address(&format!("/analytics/{}.{kind}", self.which.word()))
    }
}

pub(super) async fn posts(State(app): State<Arc<App>>, Person(person): Person, query: Read) -> Response {
    show(&app, &person, Which::Posts, query).await
}

pub(super) async fn outcomes(State(app): State<Arc<App>>, Person(person): Person, query: Read) -> Response {
    show(&app, &person, Which::Outcomes, query).await
}

pub(super) async fn indexing(State(app): State<Arc<App>>, Person(person): Person, query: Read) -> Response {
    show(&app, &person, Which::Indexing, query).await
}

type Read = Result<Query<Wanted>, QueryRejection>;

async fn show(app: &App, person: &SignedIn, which: Which, query: Read) -> Response {
    let Ok(Query(wanted)) = query else { return Redirect::to("/analytics").into_response() };
    match tabled(app, person, which, wanted).await {
        Ok((status, page)) => (status, html(&page)).into_response(),
        Err(error) => Refused::for_person(app, person, error).into_response(),
    }
}

async fn tabled(app: &App, person: &SignedIn, which: Which, wanted: Wanted) -> Result<(StatusCode, Tabled), ToolError> {
    let caller = &person.caller;
    let sources = match which {
        Which::Indexing => {
            let all = app.sources(caller).await?.into_iter().flat_map(|(_, sources)| sources);
            let mut sites: Vec<Source> = all.filter(|source| source.kind == SourceKind::Site).collect();
            sites.sort_by_key(|source| std::cmp::Reverse(source.chosen_at));
            sites
        }
        Which::Posts | Which::Outcomes => Vec::new(),
    };
    let winners = match which {
        Which::Posts => Some(Winners::of(app, caller).await?),
        Which::Outcomes | Which::Indexing => None,
    };
    // Which pages is the question: without any there is only the form.
    let is_asked = which != Which::Indexing || !wanted.urls.trim().is_empty();
    let (mut status, mut result) = (StatusCode::OK, None);
    if is_asked {
        result = Some(match app.table(caller, &wanted.asked(which)).await {
            Ok(table) => Ok(table),
            Err(ToolError::Refused(why)) => {
                status = StatusCode::UNPROCESSABLE_ENTITY;
                Err(why)
            }
            Err(failed @ ToolError::Failed(_)) => return Err(failed),
        });
    }
    Ok((status, Tabled { page: Page::of(app, person, "analytics"), which, wanted, sources, winners, result }))
}

/// The same as a file: `posts.csv` and its like.
pub(super) async fn taken(
    State(app): State<Arc<App>>,
    Person(person): Person,
    Path(name): Path<String>,
    query: Read,
) -> Response {
    let lang = person.caller.lang;
    let (Ok(Query(wanted)), Some((word, kind))) = (query, name.split_once('.')) else {
        return Refused::missing(&app, lang).into_response();
    };
    let Some(which) = Which::ALL.into_iter().find(|which| which.word() == word) else {
        return Refused::missing(&app, lang).into_response();
    };
    let table = match app.table(&person.caller, &wanted.asked(which)).await {
        Ok(table) => table,
        Err(error) => return Refused::for_person(&app, &person, error).into_response(),
    };
    match kind {
        "csv" => file("text/csv; charset=utf-8", &name, table.csv()),
        "json" => file("application/json", &name, table.json().to_string()),
        _ => Refused::missing(&app, lang).into_response(),
    }
}
