//! What went out lately, from our own rows: as a chart, and what is being done as a table. Figures of the networks and of Google come with
//! reports of their own.

use std::collections::BTreeMap;

use super::digest::follow_up;
use super::message::{Chart, Message, Table};
use super::work::Worker;
use crate::desk::view::{PostStatus, PostView};
use crate::domain::caller::Caller;
use crate::domain::days::last_days;
use crate::domain::tool::ToolError;
use crate::pictures::Shape;

/// Days that are shown.
const DAYS: i64 = 7;
/// Accounts that are shown: more are no picture any more.
const ACCOUNTS_MAX: usize = 6;
/// A figure is kept in thousandths.
const ONE: i64 = 1_000;

/// The last days as their own person sees them: with the posts that beat the median of their account, and the way to follow one up. What networks counted
/// is not shown to others.
pub(super) async fn draw_own(worker: &Worker, caller: &Caller) -> Result<Message, ToolError> {
    let mut message = draw(worker, caller).await?;
    let winners = worker.hall().app.winners(caller).await?;
    let drawer = worker.drawer(caller);
    for winning in &winners {
        message.line(drawer.say(&winning.said));
    }
    follow_up(&drawer, winners.first().map(|winning| &winning.winner.post), &mut message).await?;
    Ok(message)
}

/// The last days.
pub(super) async fn draw(worker: &Worker, caller: &Caller) -> Result<Message, ToolError> {
    let drawer = worker.drawer(caller);
    let posts = worker.hall().app.list_posts(caller).await?;
    let title = drawer.text("place-report");
    let mut message = drawer.begin(title.clone());
    message.header(title.clone());
    message.owner = Some(caller.user.clone());
    let series = out_by_day(&posts, &days(worker.hall().app.now_ms(), &caller.zone));
    if series.iter().all(|(_, figures)| figures.iter().all(|figure| *figure == 0)) {
        message.line(drawer.text("place-report-none"));
    } else {
        let categories = days(worker.hall().app.now_ms(), &caller.zone).into_iter().map(|(day, _)| day).collect();
        let shape = if series.len() == 1 { Shape::Line } else { Shape::Bar };
        let shares: Vec<_> = series.iter().map(|(name, figures)| (name.clone(), figures.iter().sum::<i64>())).collect();
        message.chart(Chart { title, shape, categories, series, png: None }.with_picture().await);
        let (names, sums): (Vec<_>, Vec<_>) = shares.into_iter().filter(|(_, sum)| *sum > 0).unzip();
        if names.len() > 1 {
            let title = drawer.text("place-report-shares");
            let series = vec![(title.clone(), sums)];
            let chart = Chart { title, shape: Shape::Pie, categories: names, series, png: None };
            message.chart(chart.with_picture().await);
        }
    }
    message.table(standing(&drawer, &posts));
    message.small(drawer.text("place-no-report"));
    message.buttons(drawer.share("report").into_iter().collect());
    Ok(message)
}

/// The last days as they are written, with where each begins (Unix milliseconds), oldest first.
fn days(now_ms: i64, zone: &str) -> Vec<(String, i64)> {
    last_days(now_ms, zone, DAYS).into_iter().map(|(day, begin)| (day.strftime("%m-%d").to_string(), begin)).collect()
}

/// For each account how many of its posts went out on each day, in thousandths.
fn out_by_day(posts: &[PostView], days: &[(String, i64)]) -> Vec<(String, Vec<i64>)> {
    let mut all: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for delivery in posts.iter().flat_map(|post| &post.deliveries) {
        let Some(receipt) = delivery.receipts.first() else { continue };
        let Some(day) = days.iter().rposition(|(_, begin)| *begin <= receipt.at_ms) else { continue };
        let name = format!("@{}", delivery.account.handle);
        if all.len() >= ACCOUNTS_MAX && !all.contains_key(&name) {
            continue;
        }
        all.entry(name).or_insert_with(|| vec![0; days.len()])[day] += ONE;
    }
    all.into_iter().collect()
}

/// How many posts stand where.
fn standing(drawer: &super::draw::Drawer<'_>, posts: &[PostView]) -> Table {
    let row = |status: PostStatus| {
        let count = posts.iter().filter(|post| post.status == status).count();
        vec![drawer.say(&status.wording()), count.to_string()]
    };
    let head = vec![drawer.text("place-report-standing"), drawer.text("place-report-posts")];
    Table { head, rows: PostStatus::ALL.into_iter().map(row).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_where_the_person_is() {
        // 2026-11-23T20:00Z is the morning of the 24th in Tokyo.
        let days = days(1_795_464_000_000, "Asia/Tokyo");
        assert_eq!(days.len(), 7);
        assert_eq!(days.last().map(|(day, _)| day.as_str()), Some("11-24"));
        assert_eq!(days.last().map(|(_, begin)| 1_795_464_000_000 - begin), Some(5 * 3_600_000));
    }
}
