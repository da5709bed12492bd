//! When to post: from one's own posts where there are enough of them, else from when visitors come, else a rule of thumb that says that it is one.
//! Each figure is counted here once more from the visits themselves.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde_json::{Value, json};
use socrazi_sim::google::PlantedVisit;

use super::{ACME, Googled};

const HOUR_MS: i64 = 3_600_000;

/// Hours of a week from Monday's first, in the person's zone (UTC).
fn hour_of_week(at_ms: i64) -> usize {
    let at = jiff::Timestamp::from_millisecond(at_ms).unwrap().to_zoned_datetime(TimeZone::UTC);
    usize::try_from(at.weekday().to_monday_zero_offset()).unwrap() * 24 + usize::try_from(at.hour()).unwrap()
}

impl Googled {
    async fn times(&self, arguments: Value) -> Value {
        self.world.call("suggest_times", arguments).await
    }

    fn plant(&self, at_ms: i64, (source, content): (&str, &str), times: u32) {
        let visit = PlantedVisit {
            at_ms,
            source: source.into(),
            medium: "social".into(),
            content: content.into(),
            campaign: "socrazi".into(),
            times,
            ..PlantedVisit::default()
        };
        self.sim.ga4_plant(&visit).unwrap();
    }
}

#[tokio::test]
async fn without_results_it_is_a_rule_of_thumb_and_says_so() {
    let googled = Googled::new().await;
    let told = googled.times(json!({})).await;
    assert_eq!(
        (&told["basis"], &told["sample"], told["times"].as_array().unwrap().len()),
        (&json!("prior"), &json!(0), 5)
    );
    let caveats = told["caveats"].to_string();
    assert!(caveats.contains("rule of thumb") && caveats.contains("No Google account is connected"), "{caveats}");
    for time in told["times"].as_array().unwrap() {
        let at: jiff::Timestamp = time["at"].as_str().unwrap().parse().unwrap();
        assert!(at.as_millisecond() > googled.world.clock.now_ms() + 60_000, "{time}");
        assert_eq!(time["why"], "rule of thumb");
    }
    assert_eq!(googled.refused("suggest_times", json!({ "account": "@nobody" })).await, "account-not-found");
    // A property without a single visit is no result either.
    let googled_none = Googled::connected().await;
    googled_none.choose(socrazi::domain::google::SourceKind::Property, "New blog").await;
    let told = googled_none.times(json!({})).await;
    assert_eq!(told["basis"], "prior");
    assert!(told["caveats"][0].as_str().unwrap().contains("of visits 0 "), "{}", told["caveats"]);
    googled_none.world.end().await;
    googled.world.end().await;
}

#[tokio::test]
async fn with_visitors_it_goes_by_when_they_come_in_the_persons_own_zone() {
    let googled = Googled::connected().await;
    let today = jiff::Timestamp::from_millisecond(googled.world.clock.now_ms())
        .unwrap()
        .to_zoned_datetime(TimeZone::get("Europe/Rome").unwrap())
        .date();
    let span = |from: i64, to: i64| {
        (
            today.checked_sub(jiff::Span::new().days(from)).unwrap().to_string(),
            today.checked_sub(jiff::Span::new().days(to)).unwrap().to_string(),
        )
    };
    let (first, last) = span(84, 1);
    let visits = googled.sim.ga4_visits(ACME, &first, &last);
    let social = visits.iter().filter(|visit| visit.channel == "Organic Social");
    let told = googled.times(json!({})).await;
    let counted: Vec<_> = if social.clone().count() >= 200 { social.collect() } else { visits.iter().collect() };
    assert_eq!(told["basis"], if counted.len() < visits.len() { "networks" } else { "visits" });
    assert_eq!(told["sample"], json!(counted.len()));
    // Rome's clock as it stood at each of them: summer time ended within these weeks.
    let rome = TimeZone::get("Europe/Rome").unwrap();
    let mut hours = [0_u32; 168];
    for visit in &counted {
        // A visit that lasts over an hour's end was there in both.
        let at = visit.events.iter().map(|event| {
            let wall = jiff::Timestamp::from_millisecond(event.local_ms).unwrap().to_zoned_datetime(TimeZone::UTC);
            let begin = wall.date().at(wall.hour(), 0, 0, 0);
            rome.to_timestamp(begin).unwrap().as_millisecond()
        });
        for at in at.collect::<std::collections::BTreeSet<i64>>() {
            hours[hour_of_week(at)] += 1;
        }
    }
    let seen = |at: usize| (0..3).map(|more| hours[(at + more) % 168]).sum::<u32>();
    let best = (0..7).map(|day| (0..24).map(|hour| seen(day * 24 + hour)).max().unwrap()).max().unwrap();
    let first = &told["times"][0];
    let at: jiff::Timestamp = first["at"].as_str().unwrap().parse().unwrap();
    assert_eq!(seen(hour_of_week(at.as_millisecond())), best, "{first}");
    let a_week = format!("{:.1}", f64::from(best) / 12.0);
    assert!(first["why"].as_str().unwrap().starts_with(a_week.trim_end_matches(".0")), "{first}");
    assert!(told["caveats"].to_string().contains("Europe/Rome"), "{}", told["caveats"]);
    // The same as a page and a picture, in both languages.
    let page = googled.world.page("/analytics/times").await;
    assert!(page.contains("/analytics/times.png?theme=dark") && page.contains("Visits by weekday and hour"), "{page}");
    let picture = googled.world.open_page("/analytics/times.png?theme=light").await;
    assert_eq!(picture.headers()["content-type"], "image/png");
    let png = axum::body::to_bytes(picture.into_body(), 150_000).await.unwrap();
    assert!(png.starts_with(b"\x89PNG"));
    googled.world.end().await;
}

#[tokio::test]
async fn with_enough_posts_it_goes_by_what_they_brought() {
    let googled = Googled::connected().await;
    let mut sent: Vec<(i64, u32)> = Vec::new();
    let mut last = googled.world.clock.now_ms();
    for no in 0..12_u32 {
        // Six at one hour of a weekday, six at another one of another day.
        let every = 7 * 24 * HOUR_MS;
        let at = last - last.rem_euclid(every) + every + if no % 2 == 0 { 9 * HOUR_MS } else { 57 * HOUR_MS };
        let at = if at <= last { at + every } else { at };
        if no % 2 == 1 {
            last = at;
        }
        let post = googled.world.draft(&format!("Number {no}: https://www.acme.example/p/{no}")).await;
        let when = jiff::Timestamp::from_millisecond(at).unwrap().to_string();
        let asked = googled.world.call("schedule_post", json!({ "post": post, "at": when })).await;
        assert_eq!(asked["status"], "scheduled");
        sent.push((at, if no % 2 == 0 { 10 + no } else { 2 }));
        googled.world.pass(at - googled.world.clock.now_ms());
        googled.world.until(&post, "published", 2_000).await;
        let visits = sent.last().unwrap().1;
        googled.plant(at + HOUR_MS, ("x", post.as_str().unwrap()), visits);
        // Somebody else's, and of a network it was not sent to: neither counts.
        googled.plant(at + HOUR_MS, ("threads", post.as_str().unwrap()), 50);
    }
    googled.world.pass(3 * 24 * HOUR_MS);
    let told = googled.times(json!({})).await;
    assert_eq!((&told["basis"], &told["sample"]), (&json!("posts"), &json!(12)), "{told}");
    let mut parts: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    for (at, visits) in &sent {
        parts.entry(hour_of_week(*at)).or_default().push(*visits);
    }
    let mean = |all: &[u32]| f64::from(all.iter().sum::<u32>()) / all.len() as f64;
    let (hour, best) = parts.iter().max_by(|a, b| mean(a.1).total_cmp(&mean(b.1))).unwrap();
    let average = mean(&sent.iter().map(|one| one.1).collect::<Vec<_>>());
    let estimate = (f64::from(best.iter().sum::<u32>()) + 3.0 * average) / (best.len() as f64 + 3.0);
    let times = told["times"].as_array().unwrap();
    assert_eq!(times.len(), 1, "what is below the average is not suggested: {times:?}");
    let at: jiff::Timestamp = times[0]["at"].as_str().unwrap().parse().unwrap();
    assert_eq!(hour_of_week(at.as_millisecond()), *hour);
    let short = |figure: f64| format!("{figure:.1}").trim_end_matches(".0").to_owned();
    assert_eq!(
        times[0]["why"],
        format!("6 posts, {} visits each, {} after the pull", short(mean(best)), short(estimate))
    );
    assert!(told["caveats"][0].as_str().unwrap().contains("12 of your own posts"));
    googled.world.end().await;
}
