//! What a tool answered, as a file for its person: the same question with all its columns and conditions, as CSV that no spreadsheet runs and as JSON.

use serde_json::{Value, json};
use socrazi::domain::google::SourceKind;

use super::{BOTH, Feature, Googled};

impl Googled {
    /// The file behind an answer's address, as its person opens it.
    pub(super) async fn file(&self, answer: &Value, name: &str) -> String {
        let url: url::Url = answer["csv_url"].as_str().unwrap().parse().unwrap();
        let path = format!("/analytics/{name}?{}", url.query().unwrap());
        let response = self.world.open_page(&path).await;
        assert_eq!(response.status().as_u16(), 200, "{path}");
        assert!(response.headers()["content-disposition"].to_str().unwrap().contains(name));
        let body = axum::body::to_bytes(response.into_body(), 20_000_000).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }
}

/// The cells of a line of a file without quotes in it.
fn cells(line: &str) -> Vec<String> {
    line.split(',').map(|cell| cell.trim_matches('"').to_owned()).collect()
}

#[tokio::test]
async fn an_answer_can_be_taken_along_as_it_was_asked() {
    let googled = Googled::new().await;
    googled.connect(&[BOTH[0], BOTH[1], Feature::Videos]).await;
    googled.choose(SourceKind::Property, "acme.example").await;
    googled.choose(SourceKind::Site, "acme.example").await;
    let asks = [
        (
            "report_traffic",
            json!({ "period": "last month", "compare": "previous", "dimensions": ["country", "device"], "metrics": ["sessions"], "filters": ["country != Italy", "device = mobile"] }),
        ),
        ("report_traffic", json!({ "view": "changes", "period": "last 28 days" })),
        (
            "report_search",
            json!({ "view": "pages", "type": "image", "period": "last month", "filters": ["country = Japan"] }),
        ),
        ("report_videos", json!({ "view": "videos", "period": "last month" })),
    ];
    for (tool, ask) in asks {
        let answer = googled.world.call(tool, ask.clone()).await;
        let csv = googled.file(&answer, "report.csv").await;
        let lines: Vec<&str> = csv.trim_start_matches('\u{feff}').trim_end().split("\r\n").collect();
        let rows = answer["rows"].as_array().unwrap();
        assert_eq!(lines.len() - 1, rows.len(), "{ask}");
        assert!(rows.len() > 2, "{ask}");
        let named = answer["columns"].as_array().unwrap();
        assert_eq!(cells(lines[0])[0], named[0], "{ask}");
        for (line, row) in lines[1..].iter().zip(rows) {
            assert_eq!(cells(line)[0], row[0].as_str().unwrap(), "{ask}");
        }
        // The first figure of the first row, whatever stands before it.
        let at =
            named.iter().position(|name| ["sessions", "clicks", "views"].iter().any(|known| name == known)).unwrap();
        assert_eq!(cells(lines[1])[at].parse::<f64>().unwrap(), rows[0][at].as_f64().unwrap(), "{ask}");
        let file: Value = serde_json::from_str(&googled.file(&answer, "report.json").await).unwrap();
        assert_eq!(file["rows"].as_array().unwrap().len(), rows.len());
        assert_eq!(file["caveats"].as_array().unwrap().len(), answer["caveats"].as_array().unwrap().len());
        let page = googled
            .world
            .page(&format!("/analytics?{}", answer["csv_url"].as_str().unwrap().split_once('?').unwrap().1))
            .await;
        assert!(page.contains("/analytics/report.csv?about="), "{page}");
    }
    let now = googled.world.call("report_traffic", json!({ "view": "realtime" })).await;
    assert!(now.get("csv_url").is_none(), "this moment is over when a file is opened");
    googled.world.end().await;
}

#[tokio::test]
async fn no_cell_of_a_file_from_a_tool_is_a_formula() {
    let googled = Googled::connected().await;
    googled.choose(SourceKind::Site, "acme.example").await;
    let day = googled.month(1).0.to_string();
    let mut row = googled.sim.gsc_rows("sc-domain:acme.example", "web", (&day, &day)).remove(0);
    (row.query, row.clicks, row.impressions) = (Some("=HYPERLINK(\"http://evil\",\"x\")".into()), 90_000, 100_000);
    googled.sim.gsc_plant(row);
    let answer =
        googled.world.call("report_search", json!({ "view": "queries", "period": format!("{day}..{day}") })).await;
    assert_eq!(answer["rows"][0][0], "=HYPERLINK(\"http://evil\",\"x\")", "a model gets it as it is");
    let csv = googled.file(&answer, "report.csv").await;
    assert!(csv.contains("\r\n\"'=HYPERLINK(\"\"http://evil\"\",\"\"x\"\")\","), "{}", &csv[..300]);
    googled.world.end().await;
}

#[tokio::test]
async fn posts_what_they_brought_and_pages_in_the_index_can_be_taken_along() {
    let googled = Googled::connected().await;
    googled.choose(SourceKind::Site, "acme.example").await;
    for text in ["=1+1 https://www.acme.example/pricing", "Plain, with a comma"] {
        let post = googled.world.scheduled(text).await;
        googled.world.until(&post, "published", 60_000).await;
    }
    googled.world.pass(4 * 24 * 3_600_000);
    let posts = googled.world.call("report_posts", json!({ "days": 28 })).await;
    let outcomes = googled.world.call("report_posts", json!({ "outcomes": true, "period": "last 7 days" })).await;
    let urls = ["https://www.acme.example/", "https://www.acme.example/pricing"];
    let indexing = googled.world.call("report_search", json!({ "view": "indexing", "urls": urls })).await;
    for (answer, word, first, rows) in
        [(&posts, "posts", "at", 2), (&outcomes["outcomes"], "outcomes", "post", 1), (&indexing, "indexing", "url", 2)]
    {
        let csv = googled.file(answer, &format!("{word}.csv")).await;
        let lines: Vec<&str> = csv.trim_start_matches('\u{feff}').trim_end().split("\r\n").collect();
        assert_eq!((lines.len() - 1, cells(lines[0])[0].as_str()), (rows, first), "{csv}");
        let file: Value = serde_json::from_str(&googled.file(answer, &format!("{word}.json")).await).unwrap();
        assert_eq!(file["rows"].as_array().unwrap().len(), rows, "{file}");
        let query = answer["csv_url"].as_str().unwrap().split_once('?').unwrap().1;
        let page = googled.world.page(&format!("/analytics/{word}?{query}")).await;
        for kind in ["csv", "json"] {
            assert!(page.contains(&format!("href=\"/analytics/{word}.{kind}?")), "{page}");
        }
        assert_eq!(page.matches("<tr>").count(), rows + 1, "{page}");
    }
    let csv = googled.file(&posts, "posts.csv").await;
    assert!(
        csv.contains(",\"'=1+1 https://www.acme.example/pricing") && csv.contains(",\"Plain, with a comma\","),
        "{csv}"
    );
    let (status, _) = googled.world.send("/analytics/week/seen", &[]).await;
    assert_eq!(status, http::StatusCode::SEE_OTHER);
    for wrong in ["posts.pdf", "nothing.csv", "x"] {
        assert_eq!(
            googled.world.open_page(&format!("/analytics/{wrong}")).await.status(),
            http::StatusCode::NOT_FOUND,
            "{wrong}"
        );
    }
    googled.world.end().await;
}
