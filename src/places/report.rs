//! What went out lately, from our own rows: as a chart, and what is being done as a table. Figures of the networks and of Google come with
//! reports of their own.

use std::collections::BTreeMap;

use super::digest::follow_up;
use super::draw::Drawer;
use super::message::{Chart, Message, Table};
use super::said::name;
use super::work::Worker;
use crate::desk::view::PostStatus;
use crate::domain::account::Account;
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
    let app = &worker.hall().app;
    let title = drawer.text("place-report");
    let mut message = drawer.begin(title.clone());
    message.header(title.clone());
    message.owner = Some(caller.user.clone());
    let days = days(app.now_ms(), &caller.zone);
    let since = days.first().map_or(i64::MAX, |(_, begin)| *begin);
    let series = out_by_day(&app.list_out_since(caller, since).await?, &days);
    if series.iter().all(|(_, figures)| figures.iter().all(|figure| *figure == 0)) {
        message.line(drawer.text("place-report-none"));
    } else {
        let categories = days.into_iter().map(|(day, _)| day).collect();
        let shape = if series.len() == 1 { Shape::Line } else { Shape::Bar };
        let shares: Vec<_> = series.iter().map(|(name, figures)| (name.clone(), figures.iter().sum::<i64>())).collect();
        message.chart(Chart { title, shape: Some(shape), categories, series, ..Chart::default() }.with_picture().await);
        let (names, sums): (Vec<_>, Vec<_>) = shares.into_iter().filter(|(_, sum)| *sum > 0).unzip();
        if names.len() > 1 {
            let title = drawer.text("place-report-shares");
            let series = vec![(title.clone(), sums)];
            let chart = Chart { title, shape: Some(Shape::Pie), categories: names, series, ..Chart::default() };
            message.chart(chart.with_picture().await);
        }
    }
    message.table(standing(&drawer, &app.count_posts(caller).await?));
    message.small(drawer.text("place-no-report"));
    message.buttons(drawer.share("report").into_iter().collect());
    Ok(message)
}

/// The last days as they are written, with where each begins (Unix milliseconds), oldest first.
fn days(now_ms: i64, zone: &str) -> Vec<(String, i64)> {
    last_days(now_ms, zone, DAYS).into_iter().map(|(day, begin)| (day.strftime("%m-%d").to_string(), begin)).collect()
}

/// For each account how many of its posts went out on each day, in thousandths.
fn out_by_day(out: &[(Account, i64)], days: &[(String, i64)]) -> Vec<(String, Vec<i64>)> {
    let mut all: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for (account, at_ms) in out {
        let Some(day) = days.iter().rposition(|(_, begin)| begin <= at_ms) else { continue };
        // With its network: handles are the same on several.
        let name = name(account);
        if all.len() >= ACCOUNTS_MAX && !all.contains_key(&name) {
            continue;
        }
        all.entry(name).or_insert_with(|| vec![0; days.len()])[day] += ONE;
    }
    all.into_iter().collect()
}

/// How many posts stand where.
fn standing(drawer: &Drawer<'_>, posts: &BTreeMap<PostStatus, i64>) -> Table {
    let row = |status: PostStatus| {
        let count = posts.get(&status).copied().unwrap_or_default();
        vec![drawer.say(&status.wording()), count.to_string()]
    };
    let head = vec![drawer.text("place-report-standing"), drawer.text("place-report-posts")];
    Table { head, rows: PostStatus::ALL.into_iter().map(row).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::Health;
    use crate::domain::ids::{AccountId, UserId, WorkspaceId};
    use crate::domain::network::Network;

    #[test]
    fn each_account_has_its_own_line_also_where_handles_are_the_same() {
        let on = |network: Network| Account {
            id: AccountId::generate(1, 1),
            workspace: WorkspaceId::generate(1, 1),
            user: UserId::generate(1, 1),
            network,
            remote_id: "1".into(),
            handle: "ana".into(),
            name: "Ana".into(),
            scopes: String::new(),
            health: Health::Fine,
            avatar_at: None,
        };
        let days = [("11-23".to_owned(), 100), ("11-24".to_owned(), 200)];
        let out = [(on(Network::X), 100), (on(Network::Threads), 150), (on(Network::X), 250), (on(Network::X), 99)];
        let told = out_by_day(&out, &days);
        assert_eq!(told, [("Threads · @ana".to_owned(), vec![ONE, 0]), ("X · @ana".to_owned(), vec![ONE, ONE])]);
    }

    #[test]
    fn days_begin_where_the_person_is() {
        // 2026-11-23T20:00Z is the morning of the 24th in Tokyo.
        let days = days(1_795_464_000_000, "Asia/Tokyo");
        assert_eq!(days.len(), 7);
        assert_eq!(days.last().map(|(day, _)| day.as_str()), Some("11-24"));
        assert_eq!(days.last().map(|(_, begin)| 1_795_464_000_000 - begin), Some(5 * 3_600_000));
    }
}
