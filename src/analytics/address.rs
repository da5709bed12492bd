//! A question as it stands in an address of the pages: a report can be kept as a bookmark, and a tool can hand its person the same one as a file. The
//! pages read it back.

use url::form_urlencoded::Serializer;

use super::{SearchAsk, TrafficAsk, VideosAsk};
use crate::domain::google::{Feature, Source};

/// Between conditions: none of them has a line end.
pub const BETWEEN: char = '\n';

/// The word of a feature.
#[must_use]
pub const fn about(feature: Feature) -> &'static str {
    match feature {
        Feature::Analytics => "traffic",
        Feature::Search => "search",
        Feature::Videos => "videos",
    }
}

/// A question of Google Analytics.
#[must_use]
pub fn traffic(ask: &TrafficAsk, source: &Source) -> String {
    let TrafficAsk { property: _, view, period, compare, dimensions, metrics, filters } = ask;
    let lists = [("dimensions", dimensions), ("metrics", metrics), ("filters", filters)];
    written((Feature::Analytics, source), (view.map(super::catalogue::TrafficView::word), period, compare), &lists, &[])
}

/// A question of Search Console.
#[must_use]
pub fn search(ask: &SearchAsk, source: &Source) -> String {
    let SearchAsk { site: _, view, period, compare, dimensions, filters, kind } = ask;
    let lists = [("dimensions", dimensions), ("filters", filters)];
    let kind = serde_json::to_value(kind).ok().and_then(|kind| kind.as_str().map(str::to_owned)).unwrap_or_default();
    written(
        (Feature::Search, source),
        (view.map(super::search::SearchView::word), period, compare),
        &lists,
        &[("type", &kind)],
    )
}

/// A question of YouTube.
#[must_use]
pub fn videos(ask: &VideosAsk, source: &Source) -> String {
    let VideosAsk { channel: _, view, period, compare, video } = ask;
    let video = video.clone().unwrap_or_default();
    written(
        (Feature::Videos, source),
        (view.map(super::videos::VideosView::word), period, compare),
        &[],
        &[("video", &video)],
    )
}

/// Words of a page that is asked no report.
#[must_use]
pub fn words(pairs: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn written(
    (feature, source): (Feature, &Source),
    (view, period, compare): (Option<&'static str>, &Option<String>, &Option<String>),
    lists: &[(&str, &Vec<String>)],
    more: &[(&str, &str)],
) -> String {
    let mut query = Serializer::new(String::new());
    // What is meant without a view is the sum of everything, here and there.
    query
        .append_pair("about", about(feature))
        .append_pair("source", &source.key)
        .append_pair("view", view.unwrap_or("overview"));
    for (name, value) in [("period", period), ("compare", compare)] {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    for (name, list) in lists.iter().filter(|(_, list)| !list.is_empty()) {
        query.append_pair(name, &list.join(&BETWEEN.to_string()));
    }
    for (name, value) in more.iter().filter(|(_, value)| !value.is_empty()) {
        query.append_pair(name, value);
    }
    query.finish()
}
