//! The wire of Search Console's search analytics: a query as JSON, and its answer read (platforms/google.md §7). Names go out in upper case, as
//! the discovery document has them. Days are Pacific.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Value, json};

use super::catalogue::{Unit, bare, nearest, unknown};
use super::filter::{Filter, Op, shown};
use super::page::{Head, Line, Marks, Page};
use super::period::Period;
use crate::domain::refusal::Sentence;
use crate::say;

/// Rows of one answer, the most there may be (§7).
pub(super) const ROWS: usize = 25_000;
/// The zone of its days (§7).
pub const ZONE: &str = "America/Los_Angeles";
/// Final figures are two to three days behind (§7).
pub(super) const BEHIND_DAYS: i64 = 3;

/// What can be asked by, with words for it.
const DIMENSIONS: [(&str, &[&str]); 6] = [
    ("date", &["day", "days", "日", "日付", "日別"]),
    (
        "query",
        &[
            "queries",
            "keyword",
            "keywords",
            "search term",
            "search terms",
            "クエリ",
            "検索語",
            "検索語句",
            "キーワード",
        ],
    ),
    ("page", &["pages", "url", "urls", "ページ"]),
    ("country", &["countries", "国", "国別"]),
    ("device", &["devices", "デバイス", "端末"]),
    ("searchAppearance", &["appearance", "検索での見え方"]),
];

/// Countries as people write them; the API wants ISO 3166-1 alpha-3 in lower case.
const COUNTRIES: [(&str, &[&str]); 24] = [
    ("jpn", &["japan", "日本", "jp"]),
    ("usa", &["united states", "us", "アメリカ", "米国"]),
    ("gbr", &["united kingdom", "uk", "gb", "イギリス", "英国"]),
    ("deu", &["germany", "de", "ドイツ"]),
    ("fra", &["france", "fr", "フランス"]),
    ("ita", &["italy", "it", "イタリア"]),
    ("esp", &["spain", "es", "スペイン"]),
    ("nld", &["netherlands", "nl", "オランダ"]),
    ("aut", &["austria", "at", "オーストリア"]),
    ("che", &["switzerland", "ch", "スイス"]),
    ("swe", &["sweden", "se", "スウェーデン"]),
    ("pol", &["poland", "pl", "ポーランド"]),
    ("can", &["canada", "ca", "カナダ"]),
    ("mex", &["mexico", "mx", "メキシコ"]),
    ("bra", &["brazil", "br", "ブラジル"]),
    ("aus", &["australia", "au", "オーストラリア"]),
    ("nzl", &["new zealand", "nz", "ニュージーランド"]),
    ("ind", &["india", "in", "インド"]),
    ("chn", &["china", "cn", "中国"]),
    ("kor", &["south korea", "korea", "kr", "韓国"]),
    ("twn", &["taiwan", "tw", "台湾"]),
    ("sgp", &["singapore", "sg", "シンガポール"]),
    ("tha", &["thailand", "th", "タイ"]),
    ("idn", &["indonesia", "id", "インドネシア"]),
];

/// A ready-made question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum SearchView {
    /// The figures of everything.
    Overview,
    /// Day by day.
    Days,
    /// What was searched for.
    Queries,
    /// What was found.
    Pages,
    /// In which countries.
    Countries,
    /// With what.
    Devices,
    /// As what it was shown.
    Appearance,
    /// Whether pages are in the index.
    Indexing,
    /// Which days are unusual.
    Changes,
}

impl SearchView {
    /// Every view.
    pub const ALL: [Self; 9] = [
        Self::Overview,
        Self::Days,
        Self::Queries,
        Self::Pages,
        Self::Countries,
        Self::Devices,
        Self::Appearance,
        Self::Indexing,
        Self::Changes,
    ];

    /// The word in arguments and addresses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Days => "days",
            Self::Queries => "queries",
            Self::Pages => "pages",
            Self::Countries => "countries",
            Self::Devices => "devices",
            Self::Appearance => "appearance",
            Self::Indexing => "indexing",
            Self::Changes => "changes",
        }
    }

    /// The view with this word.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.word() == word)
    }

    const fn dimensions(self) -> &'static [&'static str] {
        match self {
            Self::Overview | Self::Indexing => &[],
            Self::Days => &["date"],
            Self::Queries => &["query"],
            Self::Pages | Self::Changes => &["page"],
            Self::Countries => &["country"],
            Self::Devices => &["device"],
            Self::Appearance => &["searchAppearance"],
        }
    }
}

/// Where somebody searched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum SearchType {
    /// Among pages.
    #[default]
    Web,
    /// Among pictures.
    Image,
    /// Among videos.
    Video,
    /// Among news.
    News,
    /// Nowhere: it was shown in Discover.
    Discover,
    /// In Google News.
    GoogleNews,
}

impl SearchType {
    const fn wire(self) -> &'static str {
        match self {
            Self::Web => "WEB",
            Self::Image => "IMAGE",
            Self::Video => "VIDEO",
            Self::News => "NEWS",
            Self::Discover => "DISCOVER",
            Self::GoogleNews => "GOOGLE_NEWS",
        }
    }

    /// Nobody typed anything there, so there is neither a query nor a place in a list (§7).
    const fn is_feed(self) -> bool {
        matches!(self, Self::Discover | Self::GoogleNews)
    }
}

/// A query, without where its rows begin.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    pub(super) dimensions: Vec<&'static str>,
    pub(super) filters: Vec<Value>,
    pub(super) kind: SearchType,
    pub(super) period: Period,
    /// Whether days that may still change are asked for, too.
    pub(super) is_fresh: bool,
}

/// The dimensions of a view, or those that were named.
///
/// # Errors
/// Refused with the nearest name when one is not known, and when they do not go together.
pub(super) fn dimensions(view: SearchView, given: &[String], kind: SearchType) -> Result<Vec<&'static str>, Sentence> {
    let mut found: Vec<&'static str> = Vec::new();
    if given.is_empty() {
        found.extend(view.dimensions());
    }
    for name in given {
        let name = dimension(name)?;
        if !found.contains(&name) {
            found.push(name);
        }
    }
    let apart = |one: &str, other: &str, instead: &str| {
        say!("report-columns-apart", one = one, other = other, instead = instead)
    };
    if found.contains(&"searchAppearance") && found.len() > 1 {
        return Err(apart(
            "searchAppearance",
            found.iter().find(|name| **name != "searchAppearance").unwrap_or(&"–"),
            "view: appearance",
        ));
    }
    if kind.is_feed() && found.contains(&"query") {
        return Err(apart("query", "discover", "page"));
    }
    Ok(found)
}

fn dimension(given: &str) -> Result<&'static str, Sentence> {
    let wanted = bare(given);
    let known =
        DIMENSIONS.iter().find(|(name, words)| wanted == bare(name) || words.iter().any(|word| wanted == bare(word)));
    known
        .map(|(name, _)| *name)
        .ok_or_else(|| unknown("dimension", given, nearest(given, DIMENSIONS.iter().map(|(name, _)| *name))))
}

/// Conditions as the API wants them.
///
/// # Errors
/// Refused when one is of something that cannot be filtered by, or cannot be put so.
pub(super) fn filters(given: &[Filter], kind: SearchType) -> Result<Vec<Value>, Sentence> {
    given
        .iter()
        .map(|filter| {
            let name = dimension(&filter.field)?;
            if name == "date" || (kind.is_feed() && name == "query") {
                return Err(say!("report-filter-wrong", given = shown(&filter.field)));
            }
            let (operator, value): (_, Cow<'_, str>) = match filter.op {
                Op::Is => ("EQUALS", filter.value.as_str().into()),
                Op::IsNot => ("NOT_EQUALS", filter.value.as_str().into()),
                Op::Contains => ("CONTAINS", filter.value.as_str().into()),
                Op::ContainsNot => ("NOT_CONTAINS", filter.value.as_str().into()),
                Op::Matches => ("INCLUDING_REGEX", filter.value.as_str().into()),
                Op::Begins => ("INCLUDING_REGEX", format!("^{}", escaped(&filter.value)).into()),
                Op::Ends => ("INCLUDING_REGEX", format!("{}$", escaped(&filter.value)).into()),
                Op::More | Op::Less => return Err(say!("report-filter-wrong", given = shown(&filter.field))),
            };
            let value = match name {
                "country" => country(&value)?.into(),
                "device" => value.to_uppercase().into(),
                _ => value,
            };
            Ok(json!({ "dimension": wire(name), "operator": operator, "expression": value }))
        })
        .collect()
}

/// RE2 takes a backslash before any mark as that mark.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        if letter.is_ascii_punctuation() {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

fn country(given: &str) -> Result<String, Sentence> {
    let wanted = bare(given);
    if let Some((code, _)) = COUNTRIES.iter().find(|(_, names)| names.iter().any(|name| bare(name) == wanted)) {
        return Ok((*code).to_owned());
    }
    let is_code = wanted.len() == 3 && wanted.bytes().all(|b| b.is_ascii_lowercase());
    if is_code { Ok(wanted) } else { Err(say!("report-country-wrong", given = shown(given))) }
}

fn wire(name: &str) -> &'static str {
    match name {
        "date" => "DATE",
        "query" => "QUERY",
        "page" => "PAGE",
        "country" => "COUNTRY",
        "device" => "DEVICE",
        _ => "SEARCH_APPEARANCE",
    }
}

impl Asked {
    /// The request's body for so many rows from `begins`.
    pub(super) fn body(&self, begins: usize, limit: usize) -> Value {
        let mut body = json!({
            "startDate": self.period.first.to_string(),
            "endDate": self.period.last.to_string(),
            "type": self.kind.wire(),
            "dataState": if self.is_fresh { "ALL" } else { "FINAL" },
            "rowLimit": limit,
            "startRow": begins,
        });
        if !self.dimensions.is_empty() {
            body["dimensions"] = self.dimensions.iter().map(|name| wire(name)).collect();
        }
        if !self.filters.is_empty() {
            body["dimensionFilterGroups"] = json!([{ "groupType": "AND", "filters": self.filters }]);
        }
        body
    }

    /// There is no count, and only an empty answer ends rows (§7): one that is short may have more behind it. By one dimension of these, or none,
    /// there are never so many.
    fn may_have_more(&self, rows: usize) -> bool {
        let is_short = matches!(self.dimensions[..], [] | ["date" | "country" | "device" | "searchAppearance"]);
        rows > 0 && (!is_short || rows >= ROWS)
    }

    fn metrics(&self) -> Vec<(String, Unit)> {
        let mut metrics = vec![("clicks", Unit::Count), ("impressions", Unit::Count), ("ctr", Unit::Ratio)];
        if !self.kind.is_feed() {
            metrics.push(("position", Unit::Mean));
        }
        metrics.into_iter().map(|(name, unit)| (name.to_owned(), unit)).collect()
    }

    /// The answer, read. No rows is an answer, too: nothing more, or nothing at all.
    ///
    /// # Errors
    /// When it is none.
    pub(super) fn read(&self, answer: &[u8], begins: usize) -> Result<Page, String> {
        let answer: Answer = serde_json::from_slice(answer).map_err(|error| error.to_string())?;
        let metrics = self.metrics();
        let has_place = metrics.len() > 3;
        let width = self.dimensions.len();
        let rows: Vec<Line> = answer
            .rows
            .into_iter()
            .map(|mut row| {
                row.keys.resize(width, String::new());
                let mut figures = vec![Some(row.clicks), Some(row.impressions), row.ctr];
                if has_place {
                    figures.push(row.position.filter(|place| *place > 0.0));
                }
                Line(row.keys, figures)
            })
            .collect();
        let marks = Marks { first_incomplete: answer.metadata.first_incomplete_date, ..Marks::default() };
        let head = Head {
            dimensions: self.dimensions.iter().map(|name| (*name).to_owned()).collect(),
            metrics,
            totals: None,
            row_count: None,
            rows_here: rows.len(),
            begins,
            has_more: self.may_have_more(rows.len()),
            marks,
        };
        Ok(Page { head, rows })
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    rows: Vec<Row>,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Row {
    #[serde(default)]
    keys: Vec<String>,
    #[serde(default)]
    clicks: f64,
    #[serde(default)]
    impressions: f64,
    #[serde(default)]
    ctr: Option<f64>,
    #[serde(default)]
    position: Option<f64>,
}

/// Both spellings (§7).
#[derive(Deserialize, Default)]
struct Metadata {
    #[serde(default, rename = "firstIncompleteDate", alias = "first_incomplete_date")]
    first_incomplete_date: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::super::filter;
    use super::*;

    fn asked(view: SearchView, filters: &[&str], kind: SearchType) -> Result<Asked, Sentence> {
        let given: Vec<String> = filters.iter().map(|text| (*text).to_owned()).collect();
        let period = Period::new("2026-10-20".parse().unwrap(), "2026-11-19".parse().unwrap()).unwrap();
        Ok(Asked {
            dimensions: dimensions(view, &[], kind)?,
            filters: self::filters(&filter::read(&given)?, kind)?,
            kind,
            period,
            is_fresh: false,
        })
    }

    #[test]
    fn a_query_is_asked_as_search_console_wants_it() {
        let body = asked(
            SearchView::Queries,
            &["国 = 日本", "page begins with https://a.example/b?c", "device = mobile"],
            SearchType::Web,
        )
        .unwrap()
        .body(25_000, ROWS);
        assert_eq!(
            (&body["startRow"], &body["rowLimit"], &body["dataState"]),
            (&json!(25_000), &json!(25_000), &json!("FINAL"))
        );
        let filters = &body["dimensionFilterGroups"][0]["filters"];
        assert_eq!(filters[0], json!({ "dimension": "COUNTRY", "operator": "EQUALS", "expression": "jpn" }));
        assert_eq!(filters[1]["expression"], r"^https\:\/\/a\.example\/b\?c");
        assert_eq!(filters[2]["expression"], "MOBILE");
        assert!(asked(SearchView::Overview, &[], SearchType::Web).unwrap().body(0, ROWS).get("dimensions").is_none());
        assert_eq!(asked(SearchView::Queries, &[], SearchType::Discover).unwrap_err().key, "report-columns-apart");
        assert_eq!(
            asked(SearchView::Pages, &["country = Narnia"], SearchType::Web).unwrap_err().key,
            "report-country-wrong"
        );
        assert_eq!(asked(SearchView::Pages, &["clicks > 3"], SearchType::Web).unwrap_err().key, "report-name-unknown");
        let given = ["query".to_owned(), "appearance".to_owned()];
        assert_eq!(dimensions(SearchView::Pages, &given, SearchType::Web).unwrap_err().key, "report-columns-apart");
        assert_eq!(
            dimensions(SearchView::Pages, &["キーワード".into(), "quries".into()], SearchType::Web).unwrap_err().key,
            "report-name-unknown"
        );
    }

    #[test]
    fn an_answer_is_read_and_an_empty_one_ends_it() {
        let pages = asked(SearchView::Pages, &[], SearchType::Web).unwrap();
        // The dossier's own example (§7), with one key.
        let answer = br#"{"rows":[{"keys":["https://www.example.com/a"],"clicks":12.0,"impressions":340.0,"ctr":0.035294117647058823,"position":7.2}],
            "responseAggregationType":"byPage","metadata":{"first_incomplete_date":"2026-11-18"}}"#;
        let page = pages.read(answer, 0).unwrap();
        assert_eq!(page.rows[0].1, [Some(12.0), Some(340.0), Some(0.035_294_117_647_058_82), Some(7.2)]);
        assert_eq!(page.head.marks.first_incomplete.as_deref(), Some("2026-11-18"));
        assert!(page.head.has_more, "only an empty answer is the end");
        let end = pages.read(b"{}", 25_000).unwrap();
        assert!(end.rows.is_empty() && !end.head.has_more);
        let days = asked(SearchView::Days, &[], SearchType::Web).unwrap();
        assert!(!days.read(answer, 0).unwrap().head.has_more, "there are not so many days");
        assert!(pages.read(b"no", 0).is_err());
    }
}
