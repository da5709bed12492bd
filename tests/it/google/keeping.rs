//! What is kept of Google's answers: sealed, for a while, once.

use std::sync::Arc;

use serde_json::json;

use super::{BOTH, Googled};

#[tokio::test]
async fn the_same_question_by_several_at_once_is_asked_once_and_again_only_when_it_may_have_changed() {
    let googled = Googled::connected().await;
    let period = googled.span(1);
    let app = &googled.world.app;
    let asks = (0..8).map(|_| {
        let (app, caller) = (Arc::clone(app), googled.world.assistant.clone());
        tokio::spawn(async move {
            app.call_tool(&caller, "report_traffic", json!({ "period": "last month", "view": "countries" })).await
        })
    });
    let mut answers = Vec::new();
    for ask in asks.collect::<Vec<_>>() {
        answers.push(ask.await.unwrap().unwrap().structured);
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(googled.asked(), 1);
    // What is settled is good for months, what still moves for an hour.
    googled.world.clock.advance_ms(30 * 24 * 3_600_000);
    let before = googled.asked();
    googled.traffic(json!({ "period": period, "view": "countries" })).await;
    let after = googled.asked();
    googled.world.clock.advance_ms(20 * 24 * 3_600_000);
    googled.traffic(json!({ "period": period, "view": "countries" })).await;
    assert_eq!(googled.asked(), after, "{before}");
    googled.traffic(json!({ "period": "yesterday" })).await;
    googled.traffic(json!({ "period": "yesterday" })).await;
    assert_eq!(googled.asked(), after + 1);
    googled.world.clock.advance_ms(61 * 60_000);
    googled.traffic(json!({ "period": "yesterday" })).await;
    assert_eq!(googled.asked(), after + 2);
    googled.world.end().await;
}

#[tokio::test]
async fn an_answer_ends_with_its_time_and_a_shorter_setting_counts_at_once() {
    let googled = Googled::connected().await;
    let ask = json!({ "period": googled.span(2), "view": "devices" });
    googled.traffic(ask.clone()).await;
    googled.world.clock.advance_ms(10 * 24 * 3_600_000);
    googled.traffic(ask.clone()).await;
    assert_eq!(googled.asked(), 1);
    googled.world.app.set_report_days((7, 7));
    googled.traffic(ask.clone()).await;
    assert_eq!(googled.asked(), 2, "ten days are more than seven");
    googled.world.clock.advance_ms(8 * 24 * 3_600_000);
    googled.sweep().await;
    assert!(googled.world.rows().await["report_cache"].is_empty());
    googled.world.end().await;
}

impl Googled {
    /// The hourly sweep, once.
    async fn sweep(&self) {
        let stop = tokio_util::sync::CancellationToken::new();
        let app = Arc::clone(&self.world.app);
        let swept = tokio::spawn({
            let stop = stop.clone();
            async move { app.sweep_until(stop).await }
        });
        for _ in 0..100 {
            if self.world.rows().await["report_cache"].is_empty() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        stop.cancel();
        swept.await.unwrap();
    }
}

#[tokio::test]
async fn nothing_of_googles_lies_open_in_the_database() {
    let googled = Googled::new().await;
    let login = googled.connect(&BOTH).await;
    googled.traffic(json!({ "property": "Acme Shop", "view": "sources", "period": "last month" })).await;
    let rows = googled.world.rows().await;
    assert!(!rows["report_cache"].is_empty());
    let all = rows.values().flatten().cloned().collect::<Vec<_>>().join("\n");
    for open in ["Acme Shop", "310002", "Organic Search", "ya29", "1//"] {
        assert!(!all.contains(open), "{open} lies open");
    }
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert!(!all.to_lowercase().contains(&hex("Organic Search")), "as bytes");
    assert!(all.contains(&login.email), "the test looks at the right rows");
    googled.world.end().await;
}

#[tokio::test]
async fn a_deleted_person_leaves_no_grant_and_no_row() {
    let googled = Googled::connected().await;
    googled.traffic(json!({ "period": "last week" })).await;
    let user = googled.world.person.user.clone();
    let export = googled.world.app.export_user(&user).await.unwrap();
    let accounts = &export.lines.iter().find(|(name, _)| *name == "accounts.jsonl").unwrap().1;
    assert!(accounts.iter().any(|account| account["network"] == "google" && account["handle"] == "ana@example.test"));
    let forgotten = googled.world.app.delete_user(&user).await.unwrap();
    assert!(forgotten.unconfirmed.is_empty(), "{:?}", forgotten.unconfirmed);
    assert!(googled.recorder.seen().iter().any(|seen| seen.path == "/revoke"));
    let rows = googled.world.rows().await;
    for table in ["google_login", "report_cache", "report_source"] {
        assert!(rows[table].is_empty(), "{table}");
    }
    googled.world.app.close().await;
}
