//! "What changed?": the drop that was planted in the simulated data is found, with its day, its channel and its figures, and nothing beside what the
//! stated measure says, counted here once more from the visits themselves.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Value, json};
use socrazi::domain::google::SourceKind;

use super::{ACME, Googled, cell, date};

/// The statistic, written down a second time: median, spread.
fn usual(mut weeks: Vec<f64>) -> (f64, f64) {
    let middle = |all: &mut Vec<f64>| {
        all.sort_by(f64::total_cmp);
        (all[(all.len() - 1) / 2] + all[all.len() / 2]) / 2.0
    };
    let median = middle(&mut weeks);
    let mut away: Vec<f64> = weeks.iter().map(|one| (one - median).abs()).collect();
    (median, (1.4826 * middle(&mut away)).max(median.max(1.0).sqrt()))
}

/// Unusual days by the measure that the answer states: day, what, figure, usual.
fn wanted(
    series: &BTreeMap<String, BTreeMap<Date, f64>>,
    (first, last): (Date, Date),
) -> BTreeSet<(String, String, i64, i64)> {
    let mut found = BTreeSet::new();
    for (what, days) in series {
        let of = |day: Date| days.get(&day).copied().unwrap_or_default();
        let mut day = first;
        while day <= last {
            let (median, spread) =
                usual((1..=8).map(|week: i64| of(day.checked_sub((7 * week).days()).unwrap())).collect());
            let away = of(day) - median;
            if away.abs() >= 10.0 && (away / spread).abs() >= 3.5 {
                found.insert((day.to_string(), what.clone(), of(day) as i64, (median * 100.0).round() as i64));
            }
            day = day.tomorrow().unwrap();
        }
    }
    found
}

fn told(report: &Value, metric: &str) -> BTreeSet<(String, String, i64, i64)> {
    let rows = report["rows"].as_array().unwrap();
    (0..rows.len())
        .map(|no| {
            let usual = cell(report, no, "expected").as_f64().unwrap();
            (
                rows[no][0].as_str().unwrap().into(),
                rows[no][1].as_str().unwrap().into(),
                cell(report, no, metric).as_i64().unwrap(),
                (usual * 100.0).round() as i64,
            )
        })
        .collect()
}

#[tokio::test]
async fn the_planted_drop_is_found_with_its_channel_and_nothing_else_is_claimed() {
    let googled = Googled::connected().await;
    let truths = googled.sim.ga4_truths();
    let report = googled.traffic(json!({ "view": "changes", "period": "last 28 days" })).await;
    let (first, last) = date(&report["period"]);
    let (first, last): (Date, Date) = (first.parse().unwrap(), last.parse().unwrap());
    // The last day still moves and is not judged: the answer says up to when it looked.
    let still = last.yesterday().unwrap();
    let begin = first.checked_sub(56.days()).unwrap();
    let mut series: BTreeMap<String, BTreeMap<Date, f64>> = BTreeMap::new();
    for visit in googled.sim.ga4_visits(ACME, &begin.to_string(), &last.to_string()) {
        let zone = jiff::tz::TimeZone::get("Europe/Rome").unwrap();
        let day = jiff::Timestamp::from_millisecond(visit.start_ms).unwrap().to_zoned_datetime(zone).date();
        for what in ["(all)", visit.channel.as_ref()] {
            *series.entry(what.to_owned()).or_default().entry(day).or_default() += 1.0;
        }
    }
    let wanted = wanted(&series, (first, still));
    assert_eq!(told(&report, "sessions"), wanted);
    let struck: BTreeSet<&str> =
        wanted.iter().filter(|one| one.1 == truths.drop_channel).map(|one| one.0.as_str()).collect();
    let mut day: Date = truths.drop_from.parse().unwrap();
    while day <= truths.drop_to.parse().unwrap() {
        assert!(struck.contains(day.to_string().as_str()), "{day} is not among {struck:?}");
        day = day.tomorrow().unwrap();
    }
    let rows = report["rows"].as_array().unwrap();
    let away = |no| cell(&report, no, "spreads").as_f64().unwrap().abs();
    assert!((1..rows.len()).all(|no| away(no - 1) >= away(no)), "the most unusual first");
    let caveats = report["caveats"].to_string();
    for stated in ["8 weeks", "3.5 spreads", "at least 10", "1.4826", "square root", &still.to_string()] {
        assert!(caveats.contains(stated), "{stated} is not in {caveats}");
    }
    googled.world.end().await;
}

#[tokio::test]
async fn a_page_that_rises_among_searches_is_found_by_its_address() {
    let googled = Googled::connected().await;
    googled.choose(SourceKind::Site, "acme.example").await;
    let ask = json!({ "view": "changes", "period": googled.span(1) });
    let before = told(&googled.world.call("report_search", ask.clone()).await, "clicks");
    let day = googled.month(1).0.checked_add(9.days()).unwrap().to_string();
    let mut row = googled.sim.gsc_rows("sc-domain:acme.example", "web", (&day, &day)).remove(0);
    let page = row.page.clone();
    (row.clicks, row.impressions) = (7_000, 90_000);
    googled.sim.gsc_plant(row);
    googled.world.clock.advance_ms(91 * 24 * 3_600_000);
    let report = googled.world.call("report_search", ask).await;
    let after = told(&report, "clicks");
    let new: Vec<_> = after.difference(&before).map(|one| (one.0.as_str(), one.1.as_str(), one.2 >= 7_000)).collect();
    assert_eq!(new, [(day.as_str(), "(all)", true), (day.as_str(), page.as_str(), true)]);
    googled.world.end().await;
}

#[tokio::test]
async fn what_cannot_be_judged_is_said_and_not_made_up() {
    let googled = Googled::connected().await;
    for (arguments, key) in [
        (json!({ "view": "changes", "compare": "previous" }), "report-changes-compare"),
        (json!({ "view": "changes", "metrics": ["engagementRate"] }), "report-columns-apart"),
        (json!({ "view": "changes", "metrics": ["sessions", "newUsers"] }), "report-columns-apart"),
        (json!({ "view": "changes", "dimensions": ["date"] }), "report-columns-apart"),
        (json!({ "view": "changes", "dimensions": ["country", "device"] }), "report-columns-apart"),
        (json!({ "view": "changes", "filters": ["sessions"] }), "report-filter-wrong"),
    ] {
        assert_eq!(googled.refused("report_traffic", arguments.clone()).await, key, "{arguments}");
    }
    // Nothing was ever there.
    let report = googled.traffic(json!({ "view": "changes", "property": "310003" })).await;
    assert_eq!(report["rows"], json!([]));
    let caveats = report["caveats"].to_string();
    assert!(
        caveats.contains("No day is unusual") && caveats.contains("not judged")
            || caveats.contains("so the first days are not"),
        "{caveats}"
    );
    // Where Google withholds rows, a missing one is no drop.
    googled.tune(|tuning| {
        tuning.ga4.is_thresholded = true;
        tuning.ga4.threshold_users = 30;
    });
    let report = googled.traffic(json!({ "view": "changes", "period": "last 21 days" })).await;
    for (_, what, figure, _) in told(&report, "sessions") {
        assert!(figure > 0, "{what} was withheld, not nothing");
    }
    assert!(report["badges"].to_string().contains("thresholded"));
    googled.world.end().await;
}
