//! Pages in bulk: as many as Google allows today, the rest by itself tomorrow, under one handle; the posts' own links without naming any.

use serde_json::{Value, json};
use socrazi::domain::google::SourceKind;

use super::Googled;

const HOUR_MS: i64 = 3_600_000;

impl Googled {
    fn inspected(&self) -> usize {
        self.recorder.seen().iter().filter(|seen| seen.path.ends_with("index:inspect")).count()
    }

    /// All rows of a list, over its answers.
    async fn all_rows(&self, first: Value) -> Vec<Value> {
        let (mut all, mut answer) = (Vec::new(), first);
        loop {
            all.extend(answer["rows"].as_array().unwrap().clone());
            match answer["next_cursor"].as_str() {
                Some(cursor) if !cursor.ends_with(".0") => {
                    answer = self.world.call("report_search", json!({ "cursor": cursor })).await;
                }
                _ => return all,
            }
        }
    }
}

#[tokio::test]
async fn a_long_list_of_pages_goes_on_by_itself_when_the_quota_allows() {
    let mut googled = Googled::connected().await;
    googled.choose(SourceKind::Site, "acme.example").await;
    googled.tune(|tuning| tuning.gsc.inspections_per_day = 50);
    let urls: Vec<String> = (0..75).map(|no| format!("https://www.acme.example/page/{no}")).collect();
    let ask = json!({ "view": "indexing", "urls": urls });
    let answer = googled.world.call("report_search", ask.clone()).await;
    assert_eq!((&answer["row_count"], googled.inspected()), (&json!(75), 20), "so many at once: {answer}");
    assert!(answer["caveats"].to_string().contains("20 of 75 pages were asked"), "{}", answer["caveats"]);
    let rows = googled.all_rows(answer.clone()).await;
    assert_eq!(rows.len(), 75);
    let at = answer["columns"].as_array().unwrap().iter().position(|name| name == "verdict").unwrap();
    assert_eq!(rows[0][0], urls[0].as_str());
    assert!(
        rows[..20].iter().all(|row| row[at].is_string())
            && rows.iter().filter(|row| row.get(at).is_some_and(Value::is_string)).count() == 20
    );
    // It goes on in another process until the day is used up, and the same question is the same list.
    googled.world.reopen().await;
    googled.world.app.inspect_due().await.unwrap();
    let refused_at = googled.inspected();
    assert!(
        (50..=54).contains(&refused_at),
        "what Google allows, and whoever found out that it was over: {refused_at}"
    );
    googled.world.app.inspect_due().await.unwrap();
    let answer = googled.world.call("report_search", ask.clone()).await;
    assert!(answer["caveats"].to_string().contains("50 of 75 pages were asked"), "{}", answer["caveats"]);
    assert_eq!(googled.inspected(), refused_at, "nobody asks before it is back");
    googled.world.pass(25 * HOUR_MS);
    googled.world.app.inspect_due().await.unwrap();
    let answer = googled.world.call("report_search", ask).await;
    assert!(answer["caveats"].as_array().unwrap().is_empty(), "{answer}");
    let rows = googled.all_rows(answer).await;
    assert!(rows.len() == 75 && rows.iter().all(|row| row[at].is_string()));
    assert_eq!(googled.inspected(), refused_at + 25);
    // It is sealed, and gone with the account.
    assert_eq!(googled.world.rows().await["inspection_list"].len(), 1);
    let raw = format!("{:?}", googled.world.rows().await["inspection_list"]);
    assert!(!raw.contains("acme.example/page"), "{raw}");
    let login = googled.world.app.sources(&googled.world.person).await.unwrap()[0].0.id.to_string();
    googled.world.press(&format!("/accounts/google/{login}/disconnect"), &[]).await;
    assert!(googled.world.rows().await["inspection_list"].is_empty());
    googled.world.end().await;
}

#[tokio::test]
async fn the_pages_that_posts_link_to_are_looked_at_without_naming_them() {
    let googled = Googled::connected().await;
    googled.choose(SourceKind::Site, "acme.example").await;
    let ask = json!({ "view": "indexing", "urls": ["posts"] });
    assert_eq!(googled.refused("report_search", ask.clone()).await, "report-urls-posts-none");
    // It named a site, which strangers may have named: standing permission sleeps for half an hour.
    googled.world.pass(31 * 60_000);
    for text in [
        "See https://www.acme.example/pricing",
        "And https://elsewhere.example/x",
        "Again https://www.acme.example/pricing",
    ] {
        let post = googled.world.scheduled(text).await;
        googled.world.until(&post, "published", 60_000).await;
    }
    let answer = googled.world.call("report_search", ask).await;
    let pages: Vec<&Value> = answer["rows"].as_array().unwrap().iter().map(|row| &row[0]).collect();
    assert_eq!(pages, [&json!("https://www.acme.example/pricing")], "once, and of this site alone");
    assert_eq!(googled.inspected(), 1);
    let gone = json!({ "cursor": format!("pages_{}.0", "0".repeat(20)) });
    assert_eq!(googled.refused("report_search", gone).await, "report-list-gone");
    googled.world.end().await;
}
