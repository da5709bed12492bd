//! YouTube: the reports that its Analytics API is known to make, asked as it wants them and read by their headers (platforms/google.md §5), and what
//! videos are called. Nothing is put together freely here: other combinations are refused there. Days are Pacific.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;
use url::Url;
use url::form_urlencoded::Serializer;

use super::ask::{self, Query, Wire};
use super::assemble::Span;
use super::cache::Request;
use super::catalogue::Unit;
use super::page::{Head, Line, Marks, Page};
use super::period::Period;
use super::report::{Badge, Column, Report};
use super::search::ZONE;
use super::{Analytics, DAY_MS, below, filter, read_call};
use crate::domain::caller::Caller;
use crate::domain::google::{Feature, Login, Source, SourceKind};
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::say;

/// The last two to three days are missing or partial (§5).
pub(super) const BEHIND_DAYS: i64 = 3;
/// Videos of one report, the most (§5).
const VIDEOS_MAX: usize = 200;
/// Searches of one report, the most (§5).
const DETAILS_MAX: usize = 25;
/// Videos whose names are asked for at once (§4.3).
const NAMES_AT_ONCE: usize = 50;
/// A video may get another name: known ones are good for a day.
const NAMES_LIFE_MS: i64 = DAY_MS;
/// Fifty names are far smaller.
const NAMES_BYTES_MAX: usize = 2 * 1024 * 1024;
/// YouTube's own limit of a title.
const TITLE_CHARS_MAX: usize = 100;
/// Letters of a video's id.
const ID_CHARS: usize = 11;

use Unit::{Count, Mean, Ratio, Seconds};

type Metric = (&'static str, Unit);

const CORE: &[Metric] = &[
    ("views", Count),
    ("estimatedMinutesWatched", Count),
    ("averageViewDuration", Seconds),
    ("averageViewPercentage", Ratio),
    ("likes", Count),
    ("comments", Count),
    ("shares", Count),
    ("subscribersGained", Count),
    ("subscribersLost", Count),
];
const DAILY: &[Metric] = &[
    ("views", Count),
    ("estimatedMinutesWatched", Count),
    ("likes", Count),
    ("subscribersGained", Count),
    ("subscribersLost", Count),
];
const OF_VIDEOS: &[Metric] = &[
    ("views", Count),
    ("estimatedMinutesWatched", Count),
    ("averageViewDuration", Seconds),
    ("averageViewPercentage", Ratio),
    ("likes", Count),
    ("subscribersGained", Count),
];
const WATCHED: &[Metric] = &[("views", Count), ("estimatedMinutesWatched", Count), ("averageViewDuration", Seconds)];
const OF_PEOPLE: &[Metric] = &[("viewerPercentage", Ratio)];
const STAYED: &[Metric] = &[("audienceWatchRatio", Ratio), ("relativeRetentionPerformance", Mean)];
/// Those that come as parts of a hundred.
const OF_A_HUNDRED: [&str; 2] = ["averageViewPercentage", "viewerPercentage"];

/// A ready-made question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum VideosView {
    /// The figures of everything.
    Overview,
    /// Day by day.
    Days,
    /// Which videos.
    Videos,
    /// From which countries.
    Countries,
    /// With what.
    Devices,
    /// How people came to it.
    Sources,
    /// What was searched for on YouTube.
    Searches,
    /// By whom.
    Audience,
    /// Shorts, videos, streams.
    Formats,
    /// How long people stayed, of one video.
    Retention,
}

impl VideosView {
    /// Every view.
    pub const ALL: [Self; 10] = [
        Self::Overview,
        Self::Days,
        Self::Videos,
        Self::Countries,
        Self::Devices,
        Self::Sources,
        Self::Searches,
        Self::Audience,
        Self::Formats,
        Self::Retention,
    ];

    /// The word in arguments and addresses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Days => "days",
            Self::Videos => "videos",
            Self::Countries => "countries",
            Self::Devices => "devices",
            Self::Sources => "sources",
            Self::Searches => "searches",
            Self::Audience => "audience",
            Self::Formats => "formats",
            Self::Retention => "retention",
        }
    }

    /// The view with this word.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.word() == word)
    }

    /// Its dimensions and metrics.
    const fn columns(self) -> (&'static [&'static str], &'static [Metric]) {
        match self {
            Self::Overview => (&[], CORE),
            Self::Days => (&["day"], DAILY),
            Self::Videos => (&["video"], OF_VIDEOS),
            Self::Countries => (&["country"], WATCHED),
            Self::Devices => (&["deviceType"], WATCHED),
            Self::Sources => (&["insightTrafficSourceType"], WATCHED),
            Self::Searches => (&["insightTrafficSourceDetail"], WATCHED),
            Self::Audience => (&["ageGroup", "gender"], OF_PEOPLE),
            Self::Formats => (&["creatorContentType"], WATCHED),
            Self::Retention => (&["elapsedVideoTimeRatio"], STAYED),
        }
    }

    /// Whether everything can be asked for with the same metrics, because rows do not add up to it.
    const fn has_sum(self) -> bool {
        match self {
            Self::Days | Self::Videos | Self::Countries | Self::Devices | Self::Sources | Self::Formats => true,
            Self::Overview | Self::Searches | Self::Audience | Self::Retention => false,
        }
    }
}

/// A question about a channel.
#[derive(Debug, Clone, Default)]
pub struct VideosAsk {
    /// Which channel, by id or name; the chosen one without.
    pub channel: Option<String>,
    /// Which ready-made question.
    pub view: Option<VideosView>,
    /// Which days, in words.
    pub period: Option<String>,
    /// Compared with what, in words.
    pub compare: Option<String>,
    /// One video only: its id or address.
    pub video: Option<String>,
}

/// A report as it is asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    channel: String,
    dimensions: &'static [&'static str],
    metrics: &'static [Metric],
    video: Option<String>,
    pub(super) period: Period,
}

impl Asked {
    /// Whether it asks for one row, of everything.
    pub(super) const fn is_sum(&self) -> bool {
        self.dimensions.is_empty()
    }

    /// The address of the report.
    pub(super) fn url(&self, base: &Url) -> Url {
        let mut query = Serializer::new(String::new());
        query
            .append_pair("ids", &format!("channel=={}", self.channel))
            .append_pair("startDate", &self.period.first.to_string())
            .append_pair("endDate", &self.period.last.to_string())
            .append_pair("metrics", &self.metrics.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(","));
        let mut filters: Vec<String> = self.video.iter().map(|video| format!("video=={video}")).collect();
        if !self.dimensions.is_empty() {
            query.append_pair("dimensions", &self.dimensions.join(","));
        }
        match self.dimensions {
            ["day"] => _ = query.append_pair("sort", "day"),
            ["elapsedVideoTimeRatio"] => _ = query.append_pair("sort", "elapsedVideoTimeRatio"),
            [] => {}
            _ => _ = query.append_pair("sort", &format!("-{}", self.metrics.first().map_or("views", |(name, _)| name))),
        }
        if let Some(most) = self.most() {
            query.append_pair("maxResults", &most.to_string());
        }
        if self.dimensions == ["insightTrafficSourceDetail"] {
            filters.push("insightTrafficSourceType==YT_SEARCH".to_owned());
        }
        if !filters.is_empty() {
            query.append_pair("filters", &filters.join(";"));
        }
        let mut url = base.clone();
        url.set_query(Some(&query.finish()));
        url
    }

    /// The most rows that such a report has.
    fn most(&self) -> Option<usize> {
        match self.dimensions {
            ["video"] => Some(VIDEOS_MAX),
            ["insightTrafficSourceDetail"] => Some(DETAILS_MAX),
            _ => None,
        }
    }

    /// What rows are about: days are called as in other reports.
    pub(super) fn names(&self) -> Vec<&'static str> {
        self.dimensions.iter().map(|name| if *name == "day" { "date" } else { *name }).collect()
    }

    /// The answer, read.
    ///
    /// # Errors
    /// When it is none.
    pub(super) fn read(&self, answer: &[u8], begins: usize) -> Result<Page, String> {
        let answer: Answer = serde_json::from_slice(answer).map_err(|error| error.to_string())?;
        // By name, not by place (§5).
        let place = |name: &str| answer.column_headers.iter().position(|header| header.name == name);
        let keys: Vec<_> = self.dimensions.iter().map(|name| place(name)).collect();
        let figures: Vec<_> = self.metrics.iter().map(|(name, _)| (*name, place(name))).collect();
        let cell = |row: &[Value], at: Option<usize>| at.and_then(|at| row.get(at)).cloned().unwrap_or_default();
        let key = |value: Value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        let figure = |name: &str, value: &Value| {
            let figure = value.as_f64().filter(|figure| figure.is_finite())?;
            Some(if OF_A_HUNDRED.contains(&name) { figure / 100.0 } else { figure })
        };
        let line = |row: &Vec<Value>| {
            let keys = keys.iter().map(|at| key(cell(row, *at))).collect();
            Line(keys, figures.iter().map(|(name, at)| figure(name, &cell(row, *at))).collect())
        };
        let rows: Vec<Line> = answer.rows.unwrap_or_default().iter().map(line).collect();
        let is_cut = self.most().is_some_and(|most| rows.len() >= most);
        let head = Head {
            dimensions: self.names().into_iter().map(str::to_owned).collect(),
            metrics: self.metrics.iter().map(|(name, unit)| ((*name).to_owned(), *unit)).collect(),
            totals: None,
            row_count: Some(rows.len()),
            rows_here: rows.len(),
            begins,
            has_more: false,
            marks: Marks { is_cut, ..Marks::default() },
        };
        Ok(Page { head, rows })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(default)]
    column_headers: Vec<Header>,
    #[serde(default)]
    rows: Option<Vec<Vec<Value>>>,
}

#[derive(Deserialize)]
struct Header {
    #[serde(default)]
    name: String,
}

/// A video's id, from itself or an address of it.
fn video_id(given: &str) -> Result<String, Sentence> {
    let given = given.trim();
    let of_address = || {
        let url = Url::parse(given).ok()?;
        let host = url.host_str()?.trim_start_matches("www.").trim_start_matches("m.").to_owned();
        let mut path = url.path_segments()?;
        match (host.as_str(), path.next()?) {
            ("youtube.com", "watch") => url.query_pairs().find(|(name, _)| name == "v").map(|(_, id)| id.into_owned()),
            ("youtube.com", "shorts" | "live" | "embed") => path.next().map(str::to_owned),
            ("youtu.be", id) => Some(id.to_owned()),
            _ => None,
        }
    };
    let id = of_address().unwrap_or_else(|| given.to_owned());
    let is_id = id.len() == ID_CHARS && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if is_id { Ok(id) } else { Err(say!("report-video-wrong", given = filter::shown(given))) }
}

impl Analytics {
    /// A report of a YouTube channel: at most so many rows from one on.
    ///
    /// # Errors
    /// As [`Analytics::report_traffic`].
    pub async fn report_videos(
        &self,
        caller: &Caller,
        ask: &VideosAsk,
        (from, rows_max): (usize, usize),
    ) -> Result<Report, ToolError> {
        let view = ask.view.unwrap_or(VideosView::Overview);
        let video = ask.video.as_deref().map(video_id).transpose()?;
        if view == VideosView::Retention && video.is_none() {
            return Err(say!("report-video-needed").into());
        }
        let today = self.today(ZONE);
        let (periods, order) = ask::periods(ask.period.as_deref(), ask.compare.as_deref(), today)?;
        let (login, source) = self.pick(caller, SourceKind::Channel, ask.channel.as_deref()).await?;
        let (dimensions, metrics) = view.columns();
        let query = |period: Period, dimensions: &'static [&'static str]| {
            let channel = source.facts.remote_id.clone();
            let asked = Asked { channel, dimensions, metrics, video: video.clone(), period };
            self.videos_query((&login, &source), asked, today)
        };
        let (now, before) =
            (query(periods.now, dimensions)?, periods.before.map(|period| query(period, dimensions)).transpose()?);
        let sums = if view.has_sum() {
            Some((query(periods.now, &[])?, periods.before.map(|period| query(period, &[])).transpose()?))
        } else {
            None
        };
        let span = Span { feature: Feature::Videos, periods: Some(periods), order, today };
        let mut report = self.assemble(&(now, before), sums, span, (from, rows_max)).await?;
        if view == VideosView::Audience && report.rows.is_empty() {
            report.badges.push(Badge::Thresholded);
            report.caveats.push(say!("report-caveat-few-viewers"));
        }
        if view == VideosView::Videos {
            self.name_videos(&login, &source, &mut report).await?;
        }
        // The channel's name is YouTube's, too, and may be older than the figures.
        report.until = report.until.min(source.seen_at + self.keep_ms(Feature::Videos));
        Ok(report)
    }

    fn videos_query<'a>(
        &self,
        (login, source): (&'a Login, &'a Source),
        asked: Asked,
        today: jiff::civil::Date,
    ) -> Result<Query<'a>, ToolError> {
        let (_, urls) = self.ready()?;
        let life_ms = self.life_ms((asked.period, today), Feature::Videos);
        Ok(Query {
            login,
            source,
            url: below(&urls.youtube_analytics, "v2/reports")?,
            wire: Wire::Videos(asked),
            life_ms,
        })
    }

    /// Puts the names of videos beside their ids; without them where YouTube does not tell.
    async fn name_videos(&self, login: &Login, source: &Source, report: &mut Report) -> Result<(), ToolError> {
        let ids: Vec<String> = report.rows.iter().filter_map(|row| row.keys.first().cloned()).collect();
        let (names, named_at) = match self.video_names(login, source, &ids).await {
            Ok(named) => named,
            Err(ToolError::Refused(_)) => (HashMap::new(), i64::MAX),
            Err(failed @ ToolError::Failed(_)) => return Err(failed),
        };
        // None of it is kept longer than the oldest of it.
        report.until = report.until.min(named_at.saturating_add(self.keep_ms(Feature::Videos)));
        report.columns.insert(1, Column { name: "title".to_owned(), unit: None });
        for row in &mut report.rows {
            let name = row.keys.first().and_then(|id| names.get(id)).cloned().unwrap_or_default();
            row.keys.push(name);
        }
        Ok(())
    }

    async fn video_names(
        &self,
        login: &Login,
        source: &Source,
        ids: &[String],
    ) -> Result<(HashMap<String, String>, i64), ToolError> {
        let (_, urls) = self.ready()?;
        let (mut names, mut oldest) = (HashMap::new(), i64::MAX);
        for ids in ids.chunks(NAMES_AT_ONCE) {
            let mut url = below(&urls.youtube, "youtube/v3/videos")?;
            url.query_pairs_mut()
                .append_pair("part", "snippet")
                .append_pair("id", &ids.join(","))
                .append_pair("maxResults", &NAMES_AT_ONCE.to_string())
                .append_pair("fields", "items(id,snippet(title))");
            let call = read_call(Feature::Videos, url, NAMES_BYTES_MAX);
            let request = Request { login, about: &source.facts.remote_id, call, life_ms: NAMES_LIFE_MS };
            let kept = self.answered(&request, 0, read_names).await?;
            oldest = oldest.min(kept.made_at);
            names.extend(
                kept.page
                    .rows
                    .into_iter()
                    .filter_map(|Line(mut keys, _)| Some((keys.pop()?, keys.pop()?)))
                    .map(|(title, id)| (id, title)),
            );
        }
        Ok((names, oldest))
    }
}

/// Kept in the shape of reports: a row a video.
fn read_names(answer: &[u8]) -> Result<Page, String> {
    let answer: Value = serde_json::from_slice(answer).map_err(|error| error.to_string())?;
    let items = answer["items"].as_array().into_iter().flatten();
    let rows: Vec<Line> = items
        .filter_map(|item| {
            let title = item["snippet"]["title"].as_str().unwrap_or_default();
            let title = title.chars().filter(|c| !c.is_control()).take(TITLE_CHARS_MAX).collect();
            Some(Line(vec![item["id"].as_str()?.to_owned(), title], Vec::new()))
        })
        .collect();
    let head = Head { dimensions: vec!["video".into(), "title".into()], rows_here: rows.len(), ..Head::default() };
    Ok(Page { head, rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(view: VideosView, video: Option<&str>) -> Asked {
        let (dimensions, metrics) = view.columns();
        let period = Period::new("2026-10-01".parse().unwrap(), "2026-10-31".parse().unwrap()).unwrap();
        Asked { channel: "UCabc".into(), dimensions, metrics, video: video.map(str::to_owned), period }
    }

    fn pair(view: VideosView, video: Option<&str>, name: &str) -> Option<String> {
        let base: Url = "https://youtubeanalytics.googleapis.com/v2/reports".parse().unwrap();
        let url = asked(view, video).url(&base);
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    #[test]
    fn a_report_is_asked_as_youtube_wants_it() {
        assert_eq!(pair(VideosView::Days, None, "ids").as_deref(), Some("channel==UCabc"));
        assert_eq!(pair(VideosView::Days, None, "sort").as_deref(), Some("day"));
        assert_eq!(pair(VideosView::Overview, None, "dimensions"), None);
        assert_eq!(pair(VideosView::Videos, None, "sort").as_deref(), Some("-views"));
        assert_eq!(pair(VideosView::Videos, None, "maxResults").as_deref(), Some("200"));
        assert_eq!(pair(VideosView::Audience, None, "metrics").as_deref(), Some("viewerPercentage"));
        assert_eq!(
            pair(VideosView::Searches, Some("abcdefghijk"), "filters").as_deref(),
            Some("video==abcdefghijk;insightTrafficSourceType==YT_SEARCH")
        );
        let base: Url = "https://youtubeanalytics.googleapis.com/v2/reports".parse().unwrap();
        assert!(
            asked(VideosView::Retention, Some("abcdefghijk"))
                .url(&base)
                .as_str()
                .contains("filters=video%3D%3Dabcdefghijk")
        );
    }

    #[test]
    fn an_answer_is_read_by_its_headers_and_none_is_nothing() {
        let answer = br#"{"kind":"youtubeAnalytics#resultTable","columnHeaders":[{"name":"views"},{"name":"day"},{"name":"likes"}],
            "rows":[[120,"2026-10-01",3],["x","2026-10-02",null]]}"#;
        let page = asked(VideosView::Days, None).read(answer, 0).unwrap();
        assert_eq!(page.head.dimensions, ["date"]);
        assert_eq!(page.rows[0], Line(vec!["2026-10-01".into()], vec![Some(120.0), None, Some(3.0), None, None]));
        assert_eq!(page.rows[1].1[0], None);
        let answer = br#"{"columnHeaders":[{"name":"ageGroup"},{"name":"gender"},{"name":"viewerPercentage"}],"rows":[["age25-34","female",12.5]]}"#;
        assert_eq!(asked(VideosView::Audience, None).read(answer, 0).unwrap().rows[0].1, [Some(0.125)]);
        assert_eq!(asked(VideosView::Days, None).read(b"{}", 0).unwrap().rows, []);
        assert_eq!(asked(VideosView::Days, None).read(br#"{"rows":null}"#, 0).unwrap().rows, []);
        assert!(asked(VideosView::Days, None).read(b"<html>", 0).is_err());
    }

    #[test]
    fn a_video_is_named_by_its_id_or_any_address_of_it() {
        for given in [
            "abcdefghi-_",
            "https://www.youtube.com/watch?v=abcdefghi-_&t=3",
            "https://youtu.be/abcdefghi-_?si=x",
            "https://youtube.com/shorts/abcdefghi-_",
            "https://m.youtube.com/live/abcdefghi-_",
        ] {
            assert_eq!(video_id(given).unwrap(), "abcdefghi-_", "{given}");
        }
        for given in [
            "",
            "abc",
            "abcdefghij;",
            "video==abcdefghi",
            "https://evil.example/watch?v=abcdefghi-_",
            "https://youtube.com/watch",
        ] {
            assert_eq!(video_id(given).unwrap_err().key, "report-video-wrong", "{given}");
        }
    }
}
