//! "Which posts brought sign-ups last month?": posts, visits and searches in one answer, each figure that of what was planted.

use serde_json::{Value, json};
use socrazi::domain::google::SourceKind;
use socrazi_sim::google::PlantedVisit;

use super::Googled;

const DAY_MS: i64 = 24 * 3_600_000;

struct Brought<'a> {
    post: &'a Value,
    source: &'a str,
    event: Option<&'a str>,
    times: u32,
}

impl Googled {
    fn bring(&self, at_ms: i64, brought: &Brought<'_>) {
        let visit = PlantedVisit {
            at_ms,
            source: brought.source.into(),
            medium: "social".into(),
            campaign: "socrazi".into(),
            content: brought.post.as_str().unwrap().into(),
            path: "/pricing".into(),
            key_event: brought.event.map(str::to_owned),
            times: brought.times,
            ..PlantedVisit::default()
        };
        self.sim.ga4_plant(&visit).unwrap();
    }

    /// A post that is out now.
    async fn out(&self, text: &str) -> Value {
        let post = self.world.scheduled(text).await;
        self.world.until(&post, "published", 60_000).await;
        post
    }

    async fn outcomes(&self, period: &str) -> Value {
        self.world.call("report_posts", json!({ "outcomes": true, "period": period })).await["outcomes"].clone()
    }
}

#[tokio::test]
async fn posts_visits_sign_ups_and_searches_stand_in_one_answer() {
    let googled = Googled::connected().await;
    googled.choose(SourceKind::Site, "acme.example").await;
    let mut posts = Vec::new();
    for no in 0..5 {
        posts.push(googled.out(&format!("Number {no}: https://www.acme.example/pricing?n={no}")).await);
    }
    let untagged = googled.out("Without a link").await;
    let now = googled.world.clock.now_ms();
    for (no, post) in posts.iter().enumerate() {
        googled.bring(now, &Brought { post, source: "x", event: None, times: [2, 3, 4, 3, 30][no] });
    }
    googled.bring(now, &Brought { post: &posts[1], source: "x", event: Some("sign_up"), times: 4 });
    googled.bring(now, &Brought { post: &posts[4], source: "x", event: Some("newsletter_join"), times: 1 });
    // Tags that name no post of theirs, or a network where it is not: never told as a post's.
    googled
        .bring(now, &Brought { post: &json!("post_01ARZ3NDEKTSV4RRFFQ69G5FAA"), source: "x", event: None, times: 90 });
    googled.bring(now, &Brought { post: &posts[0], source: "newsletter", event: Some("sign_up"), times: 70 });
    googled.world.pass(5 * DAY_MS);
    // Too young to be held against the others, and without a share in their median.
    let young = googled.out("Number 9: https://www.acme.example/pricing?n=9").await;
    googled.bring(googled.world.clock.now_ms(), &Brought { post: &young, source: "x", event: None, times: 99 });
    googled.world.pass(DAY_MS);
    let mut told = googled.outcomes("last 7 days").await;
    let rows = told["rows"].as_array_mut().unwrap();
    let place = rows.iter().position(|row| row[0] == young).unwrap();
    assert_eq!(rows.remove(place)[2], json!(99));
    let at = |no: usize, name: &str| super::cell(&told, no, name).clone();
    let rows: Vec<(Value, i64, Value)> = (0..told["rows"].as_array().unwrap().len())
        .map(|no| (at(no, "post"), at(no, "visits").as_i64().unwrap(), at(no, "key_events")))
        .collect();
    assert_eq!(
        rows,
        [
            (posts[1].clone(), 7, json!({ "sign_up": 4 })),
            (posts[4].clone(), 31, json!({ "newsletter_join": 1 })),
            (posts[2].clone(), 4, json!({})),
            (posts[3].clone(), 3, json!({})),
            (posts[0].clone(), 2, json!({})),
        ],
        "{told}"
    );
    assert_eq!((at(0, "pages"), at(0, "network")), (json!(["/pricing"]), json!("x")));
    let (first, last) = super::date(&told["period"]);
    let searched = googled.sim.gsc_rows("sc-domain:acme.example", "web", (&first, &last));
    // Each link has its own query, which Search Console does not know: the page with it was never found.
    assert_eq!(at(0, "search_clicks"), json!(0));
    assert!(searched.iter().any(|row| row.clicks > 0));
    let caveats = told["caveats"].to_string();
    assert!(caveats.contains("31 visits: 7.8 times the median (4) of 5 posts"), "{caveats}");
    assert!(
        caveats.contains("three follow-ups") && caveats.contains("1 post of this period has no tagged links"),
        "{caveats}"
    );
    assert!(!told["rows"].to_string().contains(untagged.as_str().unwrap()));
    assert_eq!(told["badges"], json!(["fresh"]));
    googled.world.end().await;
}

#[tokio::test]
async fn search_clicks_are_those_of_the_pages_a_post_links_to() {
    let googled = Googled::connected().await;
    googled.choose(SourceKind::Site, "acme.example").await;
    let post = googled.out("Read https://www.acme.example/pricing").await;
    googled
        .bring(googled.world.clock.now_ms(), &Brought { post: &post, source: "x", event: Some("sign_up"), times: 2 });
    let out = jiff::Timestamp::from_millisecond(googled.world.clock.now_ms()).unwrap();
    let day = out.to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    let span = jiff::Span::new().days(8);
    let (first, last) = (day.checked_sub(span).unwrap().to_string(), day.checked_add(span).unwrap().to_string());
    // Everything in it is final.
    googled.world.pass(35 * DAY_MS);
    let told = googled.outcomes(&format!("{first}..{last}")).await;
    let rows = googled.sim.gsc_rows("sc-domain:acme.example", "web", (&first, &last));
    let clicks: i64 =
        rows.iter().filter(|row| row.page == "https://www.acme.example/pricing").map(|row| i64::from(row.clicks)).sum();
    assert!(clicks > 0);
    assert_eq!(super::cell(&told, 0, "search_clicks"), &json!(clicks));
    googled.world.end().await;
}

#[tokio::test]
async fn what_is_missing_is_said_and_nothing_is_made_up() {
    let googled = Googled::new().await;
    assert_eq!(googled.refused("report_posts", json!({ "outcomes": true })).await, "google-none-connected");
    let googled_only = Googled::new().await;
    googled_only.connect(&[super::Feature::Analytics]).await;
    googled_only.choose(SourceKind::Property, "acme.example").await;
    let post = googled_only.out("See https://www.acme.example/").await;
    googled_only.world.pass(4 * DAY_MS);
    let told = googled_only.outcomes("last 7 days").await;
    assert_eq!((super::cell(&told, 0, "post"), super::cell(&told, 0, "visits")), (&post, &json!(0)), "{told}");
    assert_eq!(super::cell(&told, 0, "search_clicks"), &Value::Null);
    assert!(told["caveats"].to_string().contains("does not let us read Search Console"), "{}", told["caveats"]);
    googled_only.tune(|tuning| tuning.ga4.sampled_percent = Some(40));
    assert_eq!(googled_only.outcomes("last 14 days").await["badges"], json!(["fresh", "sampled"]));
    let yesterday = googled_only.world.clock.now_ms() - DAY_MS;
    googled_only.bring(yesterday, &Brought { post: &post, source: "x", event: None, times: 2 });
    googled_only.tune(|tuning| tuning.ga4.is_thresholded = true);
    let told = googled_only.outcomes("last 13 days").await;
    assert_eq!(told["badges"], json!(["fresh", "thresholded"]));
    assert_eq!(super::cell(&told, 0, "visits"), &Value::Null, "what was withheld is not nothing: {told}");
    assert_eq!(
        googled_only.refused("report_posts", json!({ "outcomes": true, "period": "soonish" })).await,
        "report-period-wrong"
    );
    googled_only.world.end().await;
    googled.world.end().await;
}
