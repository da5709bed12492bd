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
