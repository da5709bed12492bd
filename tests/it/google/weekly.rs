//! The week in figures, and three things to do: each figure that of what was planted, each thing with the figure it comes from.

use serde_json::json;
use socrazi::domain::google::{Feature, SourceKind};
use socrazi::domain::lang::Lang;
use socrazi::domain::refusal::{Arg, Sentence};
use socrazi_sim::google::PlantedVisit;

use super::{ACME, Googled};

const DAY_MS: i64 = 24 * 3_600_000;

fn arg(sentence: &Sentence, name: &str) -> String {
    match sentence.args.iter().find(|(known, _)| known == name) {
        Some((_, Arg::Number(number))) => number.to_string(),
        Some((_, Arg::Text(text))) => text.clone(),
        Some((_, Arg::At(_))) | None => panic!("no {name} in {sentence:?}"),
    }
}

#[tokio::test]
async fn the_week_is_told_in_figures_that_can_be_looked_up() {
    let googled = Googled::new().await;
    googled.connect(&[Feature::Analytics, Feature::Search, Feature::Videos]).await;
    googled.choose(SourceKind::Property, "acme.example").await;
    googled.choose(SourceKind::Site, "acme.example").await;
    let weekly = googled.world.app.weekly(&googled.world.person).await.unwrap();
    let (figures, caveats): (Vec<&str>, Vec<&str>) =
        weekly.figures.iter().map(|figure| figure.key.as_str()).partition(|key| key.starts_with("weekly-"));
    assert_eq!(figures, ["weekly-visits", "weekly-key-events", "weekly-clicks", "weekly-views"]);
    assert!(caveats.contains(&"report-caveat-moving"), "what still changes is said: {caveats:?}");
    let days = |figure: &Sentence| (arg(figure, "first"), arg(figure, "last"));
    let (first, last) = days(&weekly.figures[0]);
    let visits = googled.sim.ga4_visits(ACME, &first, &last);
    assert_eq!(arg(&weekly.figures[0], "now"), visits.len().to_string());
    let first: jiff::civil::Date = first.parse().unwrap();
    let (before, until) = (first.checked_sub(jiff::Span::new().days(7)).unwrap(), first.yesterday().unwrap());
    let prior = googled.sim.ga4_visits(ACME, &before.to_string(), &until.to_string()).len();
    assert_eq!(arg(&weekly.figures[0], "before"), prior.to_string());
    let percent = (visits.len() as f64 - prior as f64) / prior as f64 * 100.0;
    assert_eq!(arg(&weekly.figures[0], "percent"), format!("{percent:+.0} %"));
    let events = ["sign_up", "newsletter_join", "purchase"];
    let happened =
        visits.iter().flat_map(|visit| &visit.events).filter(|event| events.contains(&event.name.as_ref())).count();
    assert_eq!(arg(&weekly.figures[1], "now"), happened.to_string());
    let (first, last) = days(&weekly.figures[2]);
    let clicks: u64 = googled
        .sim
        .gsc_rows("sc-domain:acme.example", "web", (&first, &last))
        .iter()
        .map(|row| u64::from(row.clicks))
        .sum();
    assert_eq!(arg(&weekly.figures[2], "now"), clicks.to_string());
    let (first, last) = days(&weekly.figures[3]);
    assert_eq!(
        arg(&weekly.figures[3], "now"),
        googled.sim.youtube_views("UCsimAnaChannel0000000001", &first, &last).len().to_string()
    );
    // The drop that was planted, and whatever else: three things, each with a figure, in both languages.
    assert_eq!(weekly.next.len(), 3);
    assert_eq!(weekly.next[0].said.key, "weekly-do-changed");
    // Each thing names the page on which its figure stands.
    for thing in &weekly.next {
        let page = googled.world.page(&format!("/{}", thing.page)).await;
        let figure =
            ["figure", "shown", "count"].iter().find(|name| thing.said.args.iter().any(|(known, _)| known == *name));
        if let Some(name) = figure.filter(|_| thing.page.starts_with("analytics?")) {
            assert!(
                page.replace(',', "").contains(&arg(&thing.said, name)),
                "{:?} is not on {}",
                thing.said,
                thing.page
            );
        }
    }
    let truths = googled.sim.ga4_truths();
    let day = arg(&weekly.next[0].said, "day");
    assert!(truths.drop_from <= day && day <= truths.drop_to, "{day}");
    for lang in Lang::ALL {
        for thing in weekly.next.iter().map(|thing| &thing.said).chain(&weekly.figures[..4]) {
            let said = googled.world.app.words().say(lang, thing);
            assert!(said.chars().any(|c| c.is_ascii_digit()), "{said}");
        }
    }
    googled.world.end().await;
}

#[tokio::test]
async fn a_winner_among_posts_comes_before_everything_but_what_went_wrong() {
    let googled = Googled::connected().await;
    let mut last = json!(null);
    for no in 0..5_u32 {
        let post = googled.world.scheduled(&format!("Number {no}: https://www.acme.example/{no}")).await;
        googled.world.until(&post, "published", 60_000).await;
        let visit = PlantedVisit {
            at_ms: googled.world.clock.now_ms(),
            source: "x".into(),
            medium: "social".into(),
            content: post.as_str().unwrap().into(),
            times: if no == 3 { 24 } else { 4 },
            ..PlantedVisit::default()
        };
        googled.sim.ga4_plant(&visit).unwrap();
        last = post;
    }
    assert!(last.is_string());
    googled.world.pass(4 * DAY_MS);
    let weekly = googled.world.app.weekly(&googled.world.person).await.unwrap();
    let winner = &weekly.next[0].said;
    assert_eq!(winner.key, "weekly-do-winner", "{:?}", weekly.next);
    assert!(arg(winner, "text").starts_with("Number 3"));
    assert_eq!(
        (arg(winner, "visits"), arg(winner, "median"), arg(winner, "times"), arg(winner, "count")),
        ("24".into(), "4".into(), "6".into(), "5".into())
    );
    googled.world.end().await;
}

#[tokio::test]
async fn with_nothing_connected_there_are_still_three_things_from_ones_own_rows() {
    let googled = Googled::new().await;
    let weekly = googled.world.app.weekly(&googled.world.person).await.unwrap();
    assert_eq!(weekly.figures, []);
    let keys: Vec<&str> = weekly.next.iter().map(|thing| thing.said.key.as_str()).collect();
    assert_eq!(keys, ["weekly-do-nothing-scheduled", "weekly-do-time", "weekly-do-no-drafts"]);
    googled.world.draft("One").await;
    googled.world.scheduled("Two").await;
    let weekly = googled.world.app.weekly(&googled.world.person).await.unwrap();
    let told: Vec<(&str, Option<String>)> = weekly
        .next
        .iter()
        .map(|thing| {
            (
                thing.said.key.as_str(),
                thing.said.args.iter().any(|(name, _)| name == "count").then(|| arg(&thing.said, "count")),
            )
        })
        .collect();
    assert_eq!(
        told,
        [("weekly-do-time", None), ("weekly-do-drafts", Some("1".into())), ("weekly-do-look", Some("1".into()))]
    );
    googled.world.end().await;
}

#[tokio::test]
async fn whoever_wants_it_finds_the_week_on_the_pages_each_monday() {
    let googled = Googled::new().await;
    let world = &googled.world;
    let (hour, day) = (3_600_000, DAY_MS);
    let to_monday = || (4 * day + 8 * hour + 60_000 - world.app.now_ms()).rem_euclid(7 * day);
    assert!(!world.page("/").await.contains("/analytics/week"), "nobody asked for it");
    assert!(world.page("/settings").await.contains("On the pages"));
    assert_eq!(world.press("/settings/digests", &[("place", "web"), ("digest", "monday")]).await, "/settings#digests");
    assert!(world.page("/settings").await.contains("<option value=\"monday\" selected>"));
    assert!(!world.page("/").await.contains("/analytics/week"), "from the next Monday on");
    world.pass(to_monday());
    assert!(world.page("/").await.contains("href=\"/analytics/week\""));
    let week = world.page("/analytics/week").await;
    assert!(week.contains("Three things to do next") && week.matches("See the figure").count() == 3, "{week}");
    assert_eq!(world.press("/analytics/week/seen", &[]).await, "/");
    assert!(!world.page("/").await.contains("/analytics/week"), "once seen it is gone");
    world.pass(7 * day);
    assert!(world.page("/").await.contains("href=\"/analytics/week\""));
    world.press("/settings/digests", &[("place", "web"), ("digest", "never")]).await;
    assert!(!world.page("/").await.contains("/analytics/week"));
    let (status, _) =
        world.send("/settings/digests", &[("place", "slack"), ("subject", "T1:U1"), ("digest", "monday")]).await;
    assert!(status.is_client_error(), "a place of nobody's: {status}");
    googled.world.end().await;
}
