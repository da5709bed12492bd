//! What Google still allows: remembered as it said, counted where it does not say, told when it is little, and nothing sent that it would refuse.

use serde_json::json;
use socrazi::domain::google::SourceKind;

use super::{BOTH, Feature, Googled};

const HOUR_MS: i64 = 3_600_000;

impl Googled {
    /// The page of the first account, which says what is left.
    async fn account(&self) -> String {
        let sources = self.world.app.sources(&self.world.person).await.unwrap();
        self.world.page(&format!("/accounts/google/{}", sources[0].0.id)).await
    }
}

#[tokio::test]
async fn what_cannot_be_had_is_refused_before_it_is_sent_with_when_it_can() {
    let mut googled = Googled::connected().await;
    // Early in an hour, so that it is over by our moving the clock alone.
    let now = googled.world.clock.now_ms();
    googled.world.pass(HOUR_MS - now.rem_euclid(HOUR_MS) + 60_000);
    let listed =
        async |googled: &Googled| googled.world.call("list_accounts", json!({})).await["google"][0]["quota"].clone();
    assert_eq!(listed(&googled).await, json!(null), "all is well");
    assert_eq!(googled.world.app.low_quotas().await.unwrap(), []);
    googled.tune(|tuning| tuning.ga4.tokens_per_hour = 8);
    let days = |no: usize| json!({ "view": "days", "period": format!("2026-0{no}-01..2026-0{no}-28") });
    let mut answered = 0;
    let refused = loop {
        let caller = googled.world.assistant.clone();
        match googled.world.app.call_tool(&caller, "report_traffic", days(answered + 1)).await {
            Ok(report) => {
                answered += 1;
                assert!(answered < 9, "the quota is never used up");
                assert!(
                    report.structured["caveats"].to_string().contains("Little is left of Google's quota"),
                    "{}",
                    report.text
                );
            }
            Err(error) => break error,
        }
    };
    let socrazi::domain::tool::ToolError::Refused(why) = refused else { panic!("{refused:?}") };
    assert_eq!(why.key, "google-quota-until");
    let said = googled.world.app.words().say(socrazi::domain::lang::Lang::En, &why);
    assert!(said.contains("tokens of this hour") && said.contains("back"), "{said}");
    assert!(answered > 0, "some were answered");
    assert_eq!(googled.asked(), answered, "what is not there is not asked for");
    // Told before, it is still answered; another purse is another quota; the page says what is left.
    googled.traffic(days(1)).await;
    googled.traffic(json!({ "view": "realtime" })).await;
    assert_eq!(googled.asked(), answered);
    let page = googled.account().await;
    assert!(page.contains("What Google still allows") && page.contains("tokens of this hour"), "{page}");
    // Whoever lists accounts hears it, and whoever runs the server, without names.
    let low = listed(&googled).await;
    assert!(low.to_string().contains("acme.example") && low.to_string().contains("tokens of this hour"), "{low}");
    let low = googled.world.app.low_quotas().await.unwrap();
    assert!(low.iter().any(|left| left.key == "google-quota-left"), "{low:?}");
    // Another process knows it, too, and an hour later all is there again.
    googled.world.reopen().await;
    assert_eq!(googled.refused("report_traffic", days(9)).await, "google-quota-until");
    assert_eq!(googled.asked(), answered);
    googled.world.pass(HOUR_MS);
    googled.traffic(days(9)).await;
    assert_eq!(googled.asked(), answered + 1);
    googled.world.end().await;
}

#[tokio::test]
async fn pages_to_inspect_and_units_of_youtube_are_counted_by_us() {
    let googled = Googled::new().await;
    googled.connect(&[BOTH[0], BOTH[1], Feature::Videos]).await;
    googled.choose(SourceKind::Site, "acme.example").await;
    googled.choose(SourceKind::Property, "acme.example").await;
    let inspect = |no: u32| json!({ "view": "indexing", "urls": [format!("https://www.acme.example/{no}")] });
    for no in 0..3 {
        googled.world.call("report_search", inspect(no)).await;
    }
    let page = googled.account().await;
    assert!(page.replace(',', "").contains("1997 of 2000"), "{page}");
    // Somebody else used up the rest: Google says so once, and is not asked again that day.
    googled.tune(|tuning| tuning.gsc.inspections_per_day = 3);
    let said = googled.refused("report_search", inspect(4)).await;
    assert!(said.starts_with("google-quota-"), "{said}");
    let before = googled.recorder.seen().len();
    assert_eq!(googled.refused("report_search", inspect(5)).await, "google-quota-until");
    assert_eq!(googled.recorder.seen().len(), before);
    googled.world.pass(25 * HOUR_MS);
    googled.world.call("report_search", inspect(5)).await;
    googled.world.call("report_videos", json!({ "view": "videos", "period": "last month" })).await;
    let page = googled.account().await;
    assert!(page.contains("units of YouTube today"), "{page}");
    googled.world.end().await;
}

#[tokio::test]
async fn a_load_that_was_too_much_waits_a_quarter_of_an_hour_and_then_for_the_day() {
    let googled = Googled::connected().await;
    googled.choose(SourceKind::Site, "acme.example").await;
    // Noon in California, where the day of a quota ends at midnight: whenever this runs, all of it is one day.
    googled.world.pass((20 * HOUR_MS - googled.world.clock.now_ms()).rem_euclid(24 * HOUR_MS));
    let heavy = json!({ "dimensions": ["query", "page"], "period": "last year" });
    googled.tune(|tuning| tuning.gsc.is_loaded = true);
    assert_eq!(googled.refused("report_search", heavy.clone()).await, "google-quota-day");
    assert_eq!(googled.refused("report_search", heavy.clone()).await, "google-quota-until");
    googled.world.pass(16 * 60_000);
    assert_eq!(googled.refused("report_search", heavy.clone()).await, "google-quota-day", "asked once more");
    googled.tune(|_| {});
    googled.world.pass(16 * 60_000);
    assert_eq!(
        googled.refused("report_search", heavy.clone()).await,
        "google-quota-until",
        "refused twice, it is of the day"
    );
    googled.world.pass(25 * HOUR_MS);
    googled.world.call("report_search", heavy).await;
    googled.world.end().await;
}
