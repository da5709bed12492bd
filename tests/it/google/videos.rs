//! YouTube through the whole server: figures are those of the views, counted here once more; a permission of its own; nothing is kept longer than
//! YouTube lets us.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use socrazi::domain::google::{Feature, SourceKind};
use socrazi_sim::google::View;

use super::{Googled, cell, date};

const CHANNEL: &str = "UCsimAnaChannel0000000001";

impl Googled {
    /// Connected for YouTube alone.
    async fn watching() -> Self {
        let googled = Self::new().await;
        googled.connect(&[Feature::Videos]).await;
        googled
    }

    async fn videos(&self, arguments: Value) -> Value {
        self.world.call("report_videos", arguments).await
    }

    /// The views of a report's period that YouTube tells by now: the newest three days are missing.
    fn viewed(&self, report: &Value) -> Vec<View> {
        let (first, last) = date(&report["period"]);
        let zone = jiff::tz::TimeZone::get("America/Los_Angeles").unwrap();
        let now = jiff::Timestamp::from_millisecond(self.world.clock.now_ms()).unwrap();
        let told = now.to_zoned_datetime(zone).date().checked_sub(jiff::Span::new().days(3)).unwrap().to_string();
        self.sim.youtube_views(CHANNEL, &first, &last.min(told))
    }
}

fn count<'a>(views: &'a [View], key: impl Fn(&'a View) -> &'a str) -> BTreeMap<&'a str, u64> {
    let mut all = BTreeMap::new();
    for view in views {
        *all.entry(key(view)).or_default() += 1;
    }
    all
}

/// Each row's first figure by its name.
fn rows(report: &Value, figure: &str) -> BTreeMap<String, f64> {
    let all = report["rows"].as_array().unwrap();
    (0..all.len())
        .map(|no| (all[no][0].as_str().unwrap().to_owned(), cell(report, no, figure).as_f64().unwrap()))
        .collect()
}

#[tokio::test]
async fn the_figures_of_a_channel_are_those_of_its_views() {
    let googled = Googled::watching().await;
    let report = googled.videos(json!({ "period": "先月", "compare": "previous" })).await;
    assert_eq!(report["source"], format!("Ana makes things ({CHANNEL})"));
    assert!(report["period"].as_str().unwrap().ends_with("(America/Los_Angeles)"));
    let views = googled.viewed(&report);
    assert!(views.len() > 300, "{}", views.len());
    let totals = &report["totals"];
    let sum = |of: &dyn Fn(&View) -> u64| views.iter().map(of).sum::<u64>();
    assert_eq!(totals["views"], json!(views.len()));
    assert_eq!(totals["estimatedMinutesWatched"], json!(sum(&|view| view.watched_s) / 60));
    assert_eq!(totals["likes"], json!(sum(&|view| u64::from(view.liked))));
    assert_eq!(totals["subscribersGained"], json!(sum(&|view| u64::from(view.subscribed))));
    let percent = views.iter().map(|view| view.watched_s as f64 / view.duration_s as f64).sum::<f64>()
        / views.len() as f64
        * 100.0;
    assert!((totals["averageViewPercentage_percent"].as_f64().unwrap() - percent).abs() < 0.02, "{percent}");
    let (first, last) = date(&report["compared"]);
    assert_eq!(totals["views_before"], json!(googled.sim.youtube_views(CHANNEL, &first, &last).len()));
    let report = googled.videos(json!({ "view": "countries", "period": "last month" })).await;
    let wanted = count(&views, |view| &view.country);
    assert_eq!(
        rows(&report, "views"),
        wanted.iter().map(|(name, views)| ((*name).to_owned(), *views as f64)).collect()
    );
    assert_eq!(report["totals"]["views"], json!(views.len()));
    let report = googled.videos(json!({ "view": "sources", "period": "last month" })).await;
    assert_eq!(rows(&report, "views")["YT_SEARCH"], count(&views, |view| &view.source)["YT_SEARCH"] as f64);
    let report = googled.videos(json!({ "view": "searches", "period": "last month" })).await;
    let searched: Vec<View> = views.iter().filter(|view| view.source == "YT_SEARCH").cloned().collect();
    assert_eq!(
        rows(&report, "views")["acme"],
        count(&searched, |view| view.source_detail.as_deref().unwrap())["acme"] as f64
    );
    googled.world.end().await;
}

#[tokio::test]
async fn videos_have_their_names_and_one_can_be_looked_at_alone() {
    let googled = Googled::watching().await;
    let report = googled.videos(json!({ "view": "videos", "period": "last month" })).await;
    let views = googled.viewed(&report);
    let of_video = count(&views, |view| &view.video);
    assert_eq!(
        rows(&report, "views"),
        of_video.iter().map(|(name, views)| ((*name).to_owned(), *views as f64)).collect()
    );
    let titles = report["rows"].as_array().unwrap().iter().map(|row| row[1].as_str().unwrap());
    assert!(
        titles.clone().count() > 3
            && titles.clone().all(|title| title.starts_with("Episode ") || title.starts_with("Short "))
    );
    let asked = || googled.recorder.seen().iter().filter(|seen| seen.path == "/youtube/v3/videos").count();
    assert_eq!(asked(), 1, "fifty names are one call");
    let best = report["rows"][0][0].as_str().unwrap().to_owned();
    let address = format!("https://youtu.be/{best}?si=abc");
    let report = googled.videos(json!({ "view": "retention", "video": address, "period": "last month" })).await;
    let of_best: Vec<&View> = views.iter().filter(|view| view.video == best).collect();
    let half = of_best.iter().filter(|view| view.watched_s * 100 >= view.duration_s * 50).count() as f64
        / of_best.len() as f64;
    assert_eq!(report["rows"].as_array().unwrap().len(), 100);
    assert!((cell(&report, 49, "audienceWatchRatio_percent").as_f64().unwrap() - half * 100.0).abs() < 0.02, "{half}");
    let report = googled.videos(json!({ "video": best, "period": "last month" })).await;
    assert_eq!(report["totals"]["views"], json!(of_best.len()));
    for (arguments, key) in [
        (json!({ "view": "retention" }), "report-video-needed"),
        (json!({ "video": "https://evil.example/x" }), "report-video-wrong"),
        (json!({ "channel": "nobody's" }), "report-source-choose"),
        (json!({ "period": "soonish" }), "report-period-wrong"),
    ] {
        assert_eq!(googled.refused("report_videos", arguments).await, key);
    }
    googled.world.end().await;
}

#[tokio::test]
async fn days_that_are_not_there_yet_and_people_that_are_too_few_are_said() {
    let googled = Googled::watching().await;
    let report = googled.videos(json!({ "view": "days", "period": "last 7 days" })).await;
    assert_eq!(report["badges"], json!(["fresh"]));
    let last = report["rows"].as_array().unwrap().last().unwrap()[0].as_str().unwrap().to_owned();
    assert!(last < date(&report["period"]).1, "{last}: days that are missing are no zeros");
    let views = googled.viewed(&report);
    let by_day = count(&views, |view| &view.date);
    for (day, figure) in rows(&report, "views") {
        assert_eq!(figure, by_day.get(day.as_str()).copied().unwrap_or_default() as f64, "{day}");
    }
    let report = googled.videos(json!({ "view": "audience", "period": "last month" })).await;
    let known: Vec<View> =
        googled.viewed(&report).into_iter().filter(|view| view.age.is_some() && view.gender.is_some()).collect();
    let women = known
        .iter()
        .filter(|view| view.age.as_deref() == Some("age25-34") && view.gender.as_deref() == Some("female"))
        .count();
    let wanted = women as f64 / known.len() as f64 * 100.0;
    let rows = report["rows"].as_array().unwrap();
    let at = rows.iter().position(|row| row[0] == "age25-34" && row[1] == "female").unwrap();
    assert!((cell(&report, at, "viewerPercentage_percent").as_f64().unwrap() - wanted).abs() < 0.06, "{wanted}");
    googled.tune(|tuning| tuning.youtube.demographics_views_min = 1_000_000);
    let report = googled.videos(json!({ "view": "audience", "period": googled.span(2) })).await;
    assert_eq!((&report["rows"], &report["badges"]), (&json!([]), &json!(["thresholded"])));
    assert!(report["caveats"].to_string().contains("too few viewers"), "{}", report["caveats"]);
    googled.world.end().await;
}

#[tokio::test]
async fn it_is_a_permission_of_its_own_and_needs_both_halves() {
    let googled = Googled::connected().await;
    assert_eq!(googled.refused("report_videos", json!({})).await, "google-permission-missing");
    let halves: Vec<String> = Feature::Videos.scope().split(' ').map(str::to_owned).collect();
    assert!(halves.len() == 2 && halves.iter().all(|scope| scope.ends_with(".readonly")), "{halves:?}");
    for half in &halves {
        let other = Googled::new().await;
        other.tune(|tuning| tuning.unticked = vec![half.clone()]);
        let query = other.way(&[Feature::Videos, Feature::Search]).await;
        let connected = other.world.app.google_finish(&other.world.person, &query).await.unwrap();
        assert_eq!(connected.left_out, [Feature::Videos], "{half}");
        assert_eq!(other.refused("report_videos", json!({})).await, "google-permission-missing");
        other.world.end().await;
    }
    let login = googled.connect(&[Feature::Videos]).await;
    assert!(login.has(Feature::Videos) && login.has(Feature::Analytics), "what was granted before stays");
    googled.videos(json!({ "period": "last month" })).await;
    googled.traffic(json!({ "period": "last month" })).await;
    let page = googled.world.page("/connect/google").await;
    assert!(page.contains("name=\"videos\""));
    let (_, page) = googled.world.send("/connect/google", &[("videos", "on")]).await;
    assert!(
        page.contains("yt-analytics.readonly") && page.contains("youtube.readonly") && !page.contains("webmasters"),
        "{page}"
    );
    let page = googled.world.page("/analytics?about=videos&view=videos&period=last+month").await;
    assert!(
        page.contains("Ana makes things")
            && page.contains("Episode")
            && page.contains("/analytics/chart.png?about=videos"),
        "{page}"
    );
    googled.world.end().await;
}

#[tokio::test]
async fn what_is_switched_off_is_told_and_names_that_are_used_up_take_no_figure_away() {
    let googled = Googled::watching().await;
    googled.videos(json!({ "period": "last month" })).await;
    googled.tune(|tuning| tuning.disabled_services = vec!["youtubeanalytics.googleapis.com".into()]);
    assert_eq!(googled.refused("report_videos", json!({ "period": "last quarter" })).await, "google-api-off");
    // Names that are not told take no figure away.
    googled.tune(|tuning| tuning.youtube.units_per_day = 0);
    let report = googled.videos(json!({ "view": "videos", "period": "last quarter" })).await;
    assert!(report["rows"][0][1] == "" && report["rows"][0][2].as_u64().unwrap() > 0, "{}", report["rows"][0]);
    googled.world.end().await;
}

#[tokio::test]
async fn an_account_without_a_channel_says_so() {
    let googled = Googled::new().await;
    let mut url = googled.world.app.google_begin(&googled.world.person, &[Feature::Videos], None).await.unwrap();
    url.query_pairs_mut().append_pair("user", "ben@example.test");
    let query = googled.through(url).await;
    let connected = googled.world.app.google_finish(&googled.world.person, &query).await.unwrap();
    assert_eq!((connected.login.email.as_str(), connected.left_out.len()), ("ben@example.test", 0));
    assert_eq!(googled.refused("report_videos", json!({})).await, "report-source-none");
    googled.world.end().await;
}

#[tokio::test]
async fn nothing_of_youtube_is_kept_longer_than_thirty_days_whatever_else_may_be() {
    let googled = Googled::new().await;
    googled.connect(&[Feature::Videos, Feature::Analytics]).await;
    googled.choose(SourceKind::Property, "acme.example").await;
    let asked = || googled.recorder.seen().iter().filter(|seen| seen.path == "/v2/reports").count();
    let (videos, traffic) =
        (json!({ "view": "overview", "period": googled.span(2) }), json!({ "period": googled.span(2) }));
    googled.videos(videos.clone()).await;
    googled.traffic(traffic.clone()).await;
    googled.world.clock.advance_ms(29 * 24 * 3_600_000);
    googled.videos(videos.clone()).await;
    assert_eq!((asked(), googled.asked()), (1, 1));
    googled.world.app.set_report_days((90, 10));
    googled.videos(videos.clone()).await;
    assert_eq!(asked(), 2, "a shorter setting counts at once");
    googled.world.app.set_report_days((90, 30));
    googled.world.clock.advance_ms(31 * 24 * 3_600_000);
    googled.world.app.sweep_reports().await.unwrap();
    let rows = googled.world.rows().await;
    assert_eq!(rows["report_cache"].len(), 1, "Analytics' is still there");
    assert!(rows["report_source"].iter().all(|row| !row.contains("channel")), "{:?}", rows["report_source"]);
    googled.videos(videos).await;
    googled.traffic(traffic).await;
    assert_eq!((asked(), googled.asked()), (3, 1));
    googled.world.end().await;
}
