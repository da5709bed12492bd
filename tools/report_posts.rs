//! `report_posts`: what went out lately, and what did not.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::is_false;
use super::counted::{self, Counted};
use super::drawn::{of_series, shortened};
use super::outcomes::{CameOf, came_of};
use super::{Answered, Tool, ToolContext};
use crate::analytics::winners::called;
use crate::desk::view::{DeliveryView, PostView};
use crate::domain::days::{day_of, last_days};
use crate::domain::delivery::State;
use crate::domain::drawn::{Drawn, Shape};
use crate::domain::ids::AccountId;
use crate::domain::schedule::Moment;
use crate::domain::tool::{Effect, Keep, ToolError};
use crate::say;
use crate::store::post_lists::PostsWanted;

/// What went out in the last days, and what did not and why; views, likes and more as networks counted them; with outcomes: which posts brought visits
/// and key events (sign-ups).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportPosts {
    /// 7 (when left out) or 28 days, today included.
    #[serde(default)]
    days: Option<i64>,
    /// Adds visits and key events from Google Analytics, and search clicks.
    #[serde(default)]
    outcomes: bool,
    /// Of outcomes, in the person's words; else last 28 days.
    #[serde(default)]
    period: Option<String>,
    /// Adds a picture.
    #[serde(default)]
    chart: Option<bool>,
}

/// The report.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    zone: String,
    // Oldest first.
    days: Vec<String>,
    accounts: Vec<PerDay>,
    /// Newest first.
    published: Vec<Out>,
    not_published: Vec<NotOut>,
    // Posts of those days are left out.
    #[serde(skip_serializing_if = "is_false")]
    has_more: bool,
    csv_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    figures: Option<Counted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcomes: Option<CameOf>,
    #[serde(skip)]
    chart: Option<Drawn>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct PerDay {
    account: String,
    // How many on each day.
    published: Vec<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    followers: Option<i64>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct Out {
    post: String,
    account: String,
    at: String,
    // The beginning of it.
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    permalink: Option<String>,
    #[serde(skip_serializing_if = "is_false")]
    third_party_text: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct NotOut {
    post: String,
    account: String,
    at: String,
    wording: String,
}

/// Posts that are looked at: ten a day for four weeks.
const POSTS_MAX: i64 = 280;
/// Of each list, so that the answer fits any client's context.
const LISTED_MAX: usize = 30;
/// Accounts of a chart: more colours are not told apart.
const SERIES_MAX: usize = 6;
/// The beginning of a text that tells posts apart.
const TEXT_CHARS: usize = 80;

impl Tool for ReportPosts {
    const NAME: &'static str = "report_posts";
    const TITLE: &'static str = "Report on posts";
    const EFFECT: Effect = Effect::Reads;
    const IDEMPOTENT: bool = true;
    const REACHES_OUT: bool = true;
    type Answer = Report;

    fn keep(answer: &Report) -> Option<Keep> {
        let of_networks = answer.figures.as_ref().and_then(|figures| figures.keep.clone());
        match (answer.outcomes.as_ref().and_then(|outcomes| outcomes.keep.clone()), of_networks) {
            (Some(mut keep), Some(other)) => {
                keep.until_ms = keep.until_ms.min(other.until_ms);
                keep.accounts.extend(other.accounts);
                Some(keep)
            }
            (one, other) => one.or(other),
        }
    }

    fn chart(answer: &Report) -> Option<Drawn> {
        answer.chart.clone()
    }

    fn is_strange(answer: &Report) -> bool {
        answer.outcomes.is_some()
    }

    async fn call(self, cx: &ToolContext<'_>) -> Result<Answered<Report>, ToolError> {
        let count = self.days.unwrap_or(7);
        if ![7, 28].contains(&count) {
            return Err(say!("common-argument-wrong", what = "days must be 7 or 28").into());
        }
        let now = cx.desk.now_ms();
        let days = last_days(now, &cx.caller.zone, count);
        let from = days.first().map_or(now, |(_, begin)| *begin);
        let wanted = PostsWanted { due: Some((from, now + 1)), ..PostsWanted::default() };
        let mut posts = cx.desk.list_posts(cx.caller, &wanted, POSTS_MAX + 1).await?;
        let mut has_more = posts.len() > usize::try_from(POSTS_MAX).unwrap_or(usize::MAX);
        posts.truncate(usize::try_from(POSTS_MAX).unwrap_or(usize::MAX));
        let all: Vec<_> =
            posts.iter().flat_map(|post| post.deliveries.iter().map(move |delivery| (post, delivery))).collect();
        let all = all.into_iter().filter(|(_, delivery)| (from..=now).contains(&delivery.when.at_ms));
        let (mut out, mut not_out) = (Vec::new(), Vec::new());
        let (mut accounts, mut on): (BTreeMap<Named, Vec<u32>>, counted::Out) = (BTreeMap::new(), counted::Out::new());
        for (post, delivery) in all {
            let account = called(&delivery.account);
            match delivery.receipts.first() {
                Some(receipt) => {
                    let day = day_of(receipt.at_ms, &cx.caller.zone);
                    let id = delivery.account.id.clone();
                    on.insert((post.id.clone(), id.clone()));
                    let counts = accounts.entry((account.clone(), id)).or_insert_with(|| vec![0; days.len()]);
                    if let Some(no) = days.iter().position(|(known, _)| *known == day) {
                        counts[no] += 1;
                    }
                    let out_at = at(cx, receipt.at_ms);
                    out.push((receipt.at_ms, out_of(post, account, out_at, receipt.permalink.clone())));
                }
                None if is_news(delivery) => not_out.push((delivery.when.at_ms, not_out_of(cx, post, delivery))),
                None => {}
            }
        }
        let mut text = text(&accounts, not_out.len(), count);
        let figures = counted::counted(cx, &on, called).await?;
        let outcomes = if self.outcomes { Some(came_of(cx, self.period.as_deref()).await?) } else { None };
        for line in figures.lines().into_iter().chain(outcomes.iter().flat_map(CameOf::lines)) {
            text.push('\n');
            text.push_str(&line);
        }
        has_more |= out.len() > cx.told(LISTED_MAX) || not_out.len() > cx.told(LISTED_MAX);
        let mut report = Report {
            zone: cx.caller.zone.clone(),
            days: days.iter().map(|(day, _)| day.to_string()).collect(),
            accounts: accounts
                .into_iter()
                .map(|((account, id), published)| PerDay { account, published, followers: figures.followers(&id) })
                .collect(),
            published: newest(cx, out),
            not_published: newest(cx, not_out),
            has_more,
            csv_url: cx.link(&format!("analytics/posts.csv?days={count}")),
            figures: Some(figures).filter(|figures| !figures.is_nothing()),
            outcomes,
            chart: None,
        };
        if self.chart == Some(true) {
            report.chart = chart(cx, &report);
            text.push('\n');
            text.push_str(&report.chart.as_ref().map_or_else(
                || "No chart: nothing went out.".to_owned(),
                |chart| format!("The chart shows: {}", chart.told),
            ));
        }
        Ok(Answered { structured: report, text, waiting: Vec::new() })
    }
}

/// What networks counted of the newest posts, as bars from the oldest to the newest; where nothing is known of them, what went out on each day.
fn chart(cx: &ToolContext<'_>, report: &Report) -> Option<Drawn> {
    let (words, lang) = (cx.words, cx.caller.lang);
    if let Some(bars) = report.figures.as_ref().and_then(Counted::bars) {
        let figure = words.text(lang, &format!("table-column-{}", bars.measure));
        let title = words.say(lang, &say!("report-posts-chart", figure = &figure));
        let label = |post: &str| {
            let out = report.published.iter().find(|out| out.post == post);
            out.map_or_else(|| post.to_owned(), |out| format!("{} {}", out.at.get(5..10).unwrap_or_default(), out.text))
        };
        let (labels, points) = bars.points.iter().map(|(post, point)| (shortened(&label(post)), *point)).unzip();
        let mut chart = of_series(title, Shape::Bar, labels, vec![(figure, points)]);
        if bars.unknown > 0 {
            chart.told.push(' ');
            chart.told.push_str(&words.say(lang, &say!("report-posts-chart-unknown", count = bars.unknown)));
        }
        return Some(chart);
    }
    if report.accounts.is_empty() {
        return None;
    }
    let days = report.days.iter().map(|day| day.get(5..).unwrap_or(day).to_owned()).collect();
    let of =
        |one: &PerDay| (one.account.clone(), one.published.iter().map(|count| i64::from(*count) * 1_000).collect());
    let series = report.accounts.iter().take(SERIES_MAX).map(of).collect();
    Some(of_series(words.text(lang, "report-posts-chart-days"), Shape::Bar, days, series))
}

/// An account as it is told, and which it is.
type Named = (String, AccountId);

fn newest<T>(cx: &ToolContext<'_>, mut all: Vec<(i64, T)>) -> Vec<T> {
    all.sort_by_key(|(at_ms, _)| std::cmp::Reverse(*at_ms));
    all.into_iter().take(cx.told(LISTED_MAX)).map(|(_, one)| one).collect()
}

fn at(cx: &ToolContext<'_>, at_ms: i64) -> String {
    Moment { at_ms, zone: cx.caller.zone.clone() }.rfc3339()
}

/// What was withdrawn on purpose did not fail to go out.
fn is_news(delivery: &DeliveryView) -> bool {
    delivery.state != State::Cancelled
}

fn not_out_of(cx: &ToolContext<'_>, post: &PostView, delivery: &DeliveryView) -> NotOut {
    let mut wording = cx.say(&delivery.state.wording());
    if let Some(reason) = &delivery.reason {
        wording = format!("{wording} {}", cx.say(reason));
    }
    NotOut { post: post.id.to_string(), account: called(&delivery.account), at: at(cx, delivery.when.at_ms), wording }
}

fn out_of(post: &PostView, account: String, at: String, permalink: Option<String>) -> Out {
    Out {
        post: post.id.to_string(),
        account,
        at,
        text: beginning(post),
        permalink,
        third_party_text: post.is_third_party,
    }
}

fn beginning(post: &PostView) -> String {
    let first = post.variants.first().and_then(|variant| variant.content.segments.first());
    first.map(|segment| segment.text.chars().take(TEXT_CHARS).collect()).unwrap_or_default()
}

fn text(accounts: &BTreeMap<Named, Vec<u32>>, not_out: usize, days: i64) -> String {
    let each: Vec<String> =
        accounts.iter().map(|((account, _), counts)| format!("{account}: {}", counts.iter().sum::<u32>())).collect();
    let out = if each.is_empty() { "nothing went out".to_owned() } else { format!("went out {}", each.join(", ")) };
    format!("In the last {days} days {out}; not out: {not_out}.")
}
