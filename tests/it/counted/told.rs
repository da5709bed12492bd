//! What is told of figures: the same as the network counted, unknown as unknown, a winner within its own account, times that did well.

use serde_json::{Value, json};
use socrazi::domain::network::Network;
use socrazi_sim::growth;

use super::{DAY_MS, HOUR_MS, SEED, Scene};
use crate::databases::{Engine, on_both};

on_both!(
    a_post_is_read_at_each_age_once_and_told_as_the_network_counted_it,
    a_winner_is_one_of_its_own_account_and_at_the_same_age
);

async fn a_post_is_read_at_each_age_once_and_told_as_the_network_counted_it(engine: Engine) {
    let scene = Scene::on(engine).await;
    let (post, id) = scene.out("What grows").await;
    scene.after(0).await;
    scene.after(23 * HOUR_MS).await;
    assert_eq!(scene.asked(), 0, "each reading of X is billed: nothing before a day");
    let report = scene.report().await;
    let caveats = report["figures"]["caveats"].to_string();
    assert!(caveats.contains("No figures yet") && caveats.contains("24 hours"), "{caveats}");
    assert_eq!(report["figures"]["rows"], json!([]));
    let out_at = scene.world.sim.ledger()[0].created_at_ms;
    let young = scene.world.clock.now_ms() + HOUR_MS - out_at;
    scene.after(HOUR_MS).await;
    let old = scene.world.clock.now_ms() - out_at;
    assert_eq!(scene.asked(), 1);
    for _ in 0..3 {
        scene.after(10 * 60_000).await;
    }
    assert_eq!(scene.asked(), 1, "once at this age");
    let report = scene.report().await;
    let row = &report["figures"]["rows"][0];
    assert_eq!((&row[0], &row[2]), (&post, &json!(24)), "{report}");
    let within = |column: usize, names: &[&str]| {
        let at = |age: i64| names.iter().map(|name| growth::figure(SEED, (&id, name), age)).sum::<u64>();
        let told = row[column].as_u64().unwrap();
        assert!((at(young)..=at(old)).contains(&told), "{names:?}: {told} is not within {}..={}", at(young), at(old));
    };
    within(3, &["impression_count"]);
    within(4, &["like_count"]);
    within(5, &["reply_count"]);
    within(6, &["retweet_count", "quote_count"]);
    within(7, &["bookmark_count"]);
    within(8, &["url_link_clicks"]);
    assert!(report["figures"]["caveats"].to_string().contains("shares = retweet_count + quote_count"));
    assert_eq!(report["accounts"][0]["followers"], 10);
    // A week and four weeks later: the newest is told, each is kept.
    scene.after(6 * DAY_MS).await;
    scene.after(21 * DAY_MS).await;
    assert_eq!((scene.asked(), scene.rows("post_figures").await), (3, 3));
    let before = row[3].as_u64().unwrap();
    let report = scene.world.call("report_posts", json!({ "days": 28 })).await;
    assert_eq!(report["published"], json!([]), "it is older than the report");
    let (lines, _) = exported(&scene).await;
    let figures = lines[0]["figures"].as_array().unwrap();
    assert_eq!(figures.len(), 3, "{lines:?}");
    let views: Vec<u64> = figures.iter().map(|one| one["figures"]["views"].as_u64().unwrap()).collect();
    assert!(views.contains(&before) && views.iter().max() > Some(&before), "{views:?}");
    // Nothing more is ever asked of it, and what is old goes.
    scene.after(20 * DAY_MS).await;
    assert_eq!(scene.asked(), 3);
    scene.after(90 * DAY_MS).await;
    assert_eq!(scene.rows("post_figures").await, 0, "kept as long as whoever runs the server allows");
    scene.world.end().await;
}

/// Posts of an export, and everything else of it.
async fn exported(scene: &Scene) -> (Vec<Value>, Vec<Value>) {
    let export = scene.world.app.export_user(&scene.world.person.user).await.unwrap();
    let (posts, others): (Vec<_>, Vec<_>) = export.lines.into_iter().partition(|(name, _)| *name == "posts.jsonl");
    let flat = |all: Vec<(&'static str, Vec<Value>)>| all.into_iter().flat_map(|(_, lines)| lines).collect();
    (flat(posts), flat(others))
}

async fn a_winner_is_one_of_its_own_account_and_at_the_same_age(engine: Engine) {
    let scene = Scene::on(engine).await;
    let mut posts = Vec::new();
    for no in 0..4_u64 {
        let (post, id) = scene.out(&format!("Usual {no}")).await;
        scene.set(&id, &[("impression_count", 100 + no)]);
        posts.push(post);
    }
    scene.after(25 * HOUR_MS).await;
    let told = scene.report().await["figures"].to_string();
    assert!(!told.contains("median"), "four are too few: {told}");
    let (best, id) = scene.out("Unusual: why the tower leans").await;
    scene.set(&id, &[("impression_count", 306)]);
    scene.after(25 * HOUR_MS).await;
    let report = scene.report().await;
    let winners = report["figures"]["winners"].as_array().unwrap();
    assert_eq!(winners.len(), 1, "{winners:?}");
    let winner = &winners[0];
    // 306 beside 100, 101, 102, 103 and itself.
    let said = ["306 views", "24 hours", "3 times the median (102) of 5 posts", best.as_str().unwrap()];
    assert!(said.iter().all(|words| winner["said"].as_str().unwrap().contains(words)), "{winner}");
    let figures = ["post", "measure", "figure", "hours", "median", "posts", "text"].map(|name| winner[name].clone());
    let wanted =
        [best, json!("views"), json!(306), json!(24), json!(102), json!(5), json!("Unusual: why the tower leans")];
    assert_eq!(figures, wanted);
    let next = report["figures"]["next"].as_str().unwrap();
    assert!(next.contains("three follow-ups as drafts") && next.contains("wrote none of them"), "{next}");
    let weekly = scene.world.app.weekly(&scene.world.person).await.unwrap();
    let next = weekly.next.iter().find(|thing| thing.said.key == "weekly-do-most-seen").unwrap();
    let told = scene.world.app.words().say(socrazi::domain::lang::Lang::Ja, &next.said);
    assert!(told.contains("306") && told.contains("why the tower leans"), "{told}");
    // At another age it is another figure: a week later the others have more, and it is no winner any more.
    for post in scene.world.sim.ledger() {
        scene.set(&post.id, &[("impression_count", 400)]);
    }
    scene.after(6 * DAY_MS).await;
    assert_eq!(scene.rows("post_figures").await, 10);
    let told = scene.report().await["figures"].to_string();
    assert!(!told.contains("median"), "{told}");
    scene.world.end().await;
}

#[tokio::test]
async fn times_go_by_what_networks_counted_where_no_visits_are_known() {
    let scene = Scene::on(Engine::Sqlite).await;
    let told = scene.world.call("suggest_times", json!({})).await;
    assert_eq!(told["basis"], "prior");
    assert!(told["caveats"].to_string().contains("compared for 0 of"), "{told}");
    let every = 7 * DAY_MS;
    for no in 0..12_i64 {
        // Six at one hour of a weekday, six at another one of another day, where they are seen twice as often.
        let now = scene.world.clock.now_ms();
        let hour = if no % 2 == 0 { 9 } else { 57 } * HOUR_MS;
        let at = now - now.rem_euclid(every) + hour;
        let at = if at <= now + 60_000 { at + every } else { at };
        let text = format!("Number {no}");
        let post = scene.world.draft(&text).await;
        let when = jiff::Timestamp::from_millisecond(at).unwrap().to_string();
        scene.world.call("schedule_post", json!({ "post": post, "at": when })).await;
        scene.world.pass(at - scene.world.clock.now_ms());
        scene.world.until(&post, "published", 2_000).await;
        let id = scene.world.sim.ledger().into_iter().find(|entry| entry.text == text).unwrap().id;
        scene.set(&id, &[("impression_count", if no % 2 == 0 { 100 } else { 200 })]);
        scene.after(25 * HOUR_MS).await;
    }
    let told = scene.world.call("suggest_times", json!({})).await;
    assert_eq!((&told["basis"], &told["sample"]), (&json!("views"), &json!(12)), "{told}");
    let times = told["times"].as_array().unwrap();
    assert_eq!(times.len(), 1, "{times:?}");
    // The median of six times 100 and six times 200 is 150.
    assert_eq!(times[0]["why"], "6 posts, 1.3 times the usual each, 1.2 after the pull");
    let at: jiff::Timestamp = times[0]["at"].as_str().unwrap().parse().unwrap();
    assert_eq!(at.as_millisecond().rem_euclid(every) / HOUR_MS, 57);
    let nobody = scene.world.call("suggest_times", json!({ "account": "@socrazi_demo" })).await;
    assert_eq!(nobody["basis"], "views");
    scene.world.end().await;
}

#[tokio::test]
async fn times_of_one_account_go_by_its_own_posts_alone() {
    let scene = Scene::on(Engine::Sqlite).await;
    scene.world.connect_to(Network::X, "socrazi_second").await;
    let accounts = scene.world.accounts_on(Network::X).await;
    let handles: Vec<String> = accounts.iter().map(|account| format!("@{}", account.handle)).collect();
    assert_eq!(handles.len(), 2);
    let every = 7 * DAY_MS;
    for no in 0..12_i64 {
        let now = scene.world.clock.now_ms();
        let hour = if no % 2 == 0 { 9 } else { 57 } * HOUR_MS;
        let at = now - now.rem_euclid(every) + hour;
        let at = if at <= now + 60_000 { at + every } else { at };
        let text = format!("Number {no}");
        let others = format!("{text}, too");
        let variants = json!([{ "account": handles[1], "segments": [{ "text": others }] }]);
        let draft = json!({ "text": text, "accounts": handles, "variants": variants });
        let post = scene.world.call("create_draft", draft).await["post"]["id"].clone();
        let when = jiff::Timestamp::from_millisecond(at).unwrap().to_string();
        scene.world.call("schedule_post", json!({ "post": post, "at": when })).await;
        scene.world.pass(at - scene.world.clock.now_ms());
        for _ in 0..400 {
            let read = scene.world.call("get_post", json!({ "post": post })).await;
            if read["post"]["deliveries"].as_array().unwrap().iter().all(|one| one["state"] == "published") {
                break;
            }
            scene.world.pass(2_000);
            tokio::time::sleep(std::time::Duration::from_millis(15)).await;
        }
        // One is read twice as much at the second hour, the other at the first.
        for entry in scene.world.sim.ledger().into_iter().filter(|entry| entry.text == text || entry.text == others) {
            let is_first = entry.user_id == accounts[0].remote_id;
            scene.set(&entry.id, &[("impression_count", if (no % 2 == 0) == is_first { 100 } else { 200 })]);
        }
        // An account's turn comes every few minutes.
        scene.after(25 * HOUR_MS).await;
        for _ in 0..4 {
            scene.after(10 * 60_000).await;
        }
    }
    for (handle, hour) in [(&handles[0], 57), (&handles[1], 9)] {
        let told = scene.world.call("suggest_times", json!({ "account": handle })).await;
        assert_eq!((&told["basis"], &told["sample"]), (&json!("views"), &json!(12)), "{handle}: {told}");
        let at: jiff::Timestamp = told["times"][0]["at"].as_str().unwrap().parse().unwrap();
        assert_eq!(at.as_millisecond().rem_euclid(every) / HOUR_MS, hour, "{handle}: {told}");
    }
    // Together they cancel each other out, and that is said of all of them.
    let all = scene.world.call("suggest_times", json!({})).await;
    assert!(all["basis"] == "prior" && all["caveats"].to_string().contains("compared for 24 of"), "{all}");
    scene.world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_posts_come_as_bars_of_what_is_known_of_them_from_the_oldest_to_the_newest() {
    let scene = Scene::on(Engine::Sqlite).await;
    let wanted = json!({ "days": 28, "chart": true });
    let chart =
        async || scene.world.app.call_tool(&scene.world.assistant, "report_posts", wanted.clone()).await.unwrap();
    for (text, views) in [("First of all", 40), ("Second", 70)] {
        let (_, id) = scene.out(text).await;
        scene.set(&id, &[("impression_count", views)]);
        scene.world.pass(60_000);
    }
    // Before anything was counted: what went out on each day.
    let out = chart().await.chart.unwrap();
    assert_eq!((out.title.as_str(), out.series.len(), out.categories.len()), ("Posts that went out, by day", 1, 28));
    assert_eq!(out.series[0].1.iter().sum::<i64>(), 2_000);
    scene.after(25 * HOUR_MS).await;
    let outcome = chart().await;
    let views = outcome.chart.unwrap();
    assert_eq!(views.title, "Views of the newest posts");
    assert_eq!(views.series, [("Views".to_owned(), vec![40_000, 70_000])]);
    assert!(views.categories[0].ends_with("First of all") && views.categories[1].ends_with("Second"), "{views:?}");
    assert!(outcome.text.contains(&views.told) && views.told.contains(": 70"), "{}", outcome.text);
    let without = scene.world.app.call_tool(&scene.world.assistant, "report_posts", json!({ "days": 28 })).await;
    assert!(without.unwrap().chart.is_none(), "not asked for");
    scene.world.end().await;
}
