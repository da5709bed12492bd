//! What a day of YouTube's holds: quotas are those of this server, whoever's channel it is, and end at midnight in California.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use socrazi::domain::lang::Lang;
use socrazi::domain::refusal::Sentence;
use socrazi::domain::tool::ToolError;
use socrazi::store::planning::GrantLimit;
use socrazi_sim::samples;

use super::{BRAND, Scene, chosen, small};
use crate::databases::Engine;

impl Scene {
    /// Plans a film at an instant: why it is refused, where it is.
    async fn plan(&self, segment: &Value, account: &Value, at: Timestamp) -> Option<Sentence> {
        let arguments = json!({ "segments": [segment], "accounts": [account], "options": chosen() });
        let post = self.world.call("create_draft", arguments).await["post"]["id"].clone();
        let arguments = json!({ "post": post, "at": at.to_string() });
        match self.world.app.call_tool(&self.world.assistant, "schedule_post", arguments).await {
            Ok(done) => {
                assert_eq!(done.structured["status"], "scheduled", "{}", done.structured);
                None
            }
            Err(ToolError::Refused(why)) => Some(why),
            Err(error) => panic!("{error:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_and_units_of_a_day_are_counted_over_all_channels_until_midnight_in_california() {
    let scene = Scene::on(Engine::Sqlite).await;
    let brand = json!(scene.connect(BRAND).await.as_str());
    let (user, grantee) = (&scene.world.assistant.user, scene.world.assistant.grantee());
    let limit = GrantLimit { posts_a_day: Some(1_000), ..GrantLimit::default() };
    scene.world.app.store().save_grant_limit(user, &grantee, &limit).await.unwrap();
    let (video, picture) =
        (scene.world.keep(&small(), None).await, scene.world.keep(&samples::jpeg(1_280, 720), None).await);
    let now = Timestamp::from_millisecond(scene.world.clock.now_ms()).unwrap();
    let today = now.to_zoned_datetime(TimeZone::get("America/Los_Angeles").unwrap());
    let midnight =
        |days: i64| today.checked_add(jiff::Span::new().days(days)).unwrap().start_of_day().unwrap().timestamp();
    let minutes = |days: i64, n: i64| midnight(days) + jiff::SignedDuration::from_mins(n);
    let said = |why: &Sentence| scene.world.app.words().say(Lang::En, why);
    let plain = |n: &str| json!({ "text": format!("plain {n}"), "media": [video] });
    let pictured = |n: &str| json!({ "text": format!("pictured {n}"), "media": [video, picture] });
    for n in 0..100 {
        let account = if n % 2 == 0 { &scene.account } else { &brand };
        assert_eq!(scene.plan(&plain(&n.to_string()), account, minutes(10, n)).await, None, "{n}");
    }
    for account in [&scene.account, &brand] {
        let why = scene.plan(&plain("too many"), account, minutes(10, 23 * 60)).await.unwrap();
        assert_eq!(why.key, "post-day-full");
        assert!(said(&why).contains("at most 100 uploads a day from this server"), "{}", said(&why));
        let next = Timestamp::strftime(&midnight(11), "%H:%M").to_string();
        assert!(said(&why).contains(&next), "{next}: {}", said(&why));
    }
    assert_eq!(scene.plan(&plain("the next day"), &brand, midnight(11)).await, None);
    assert_eq!(scene.plan(&plain("the day before"), &brand, minutes(10, -1)).await, None);
    // 95 with a thumbnail take 9,975 of 10,000 units: there is no room for another, with or without one.
    for n in 0..95 {
        assert_eq!(scene.plan(&pictured(&n.to_string()), &scene.account, minutes(20, n)).await, None, "{n}");
    }
    for segment in [pictured("too many"), plain("of the units")] {
        let why = scene.plan(&segment, &brand, minutes(20, 300)).await.unwrap();
        assert!(
            said(&why).contains("10000 units a day") || said(&why).contains("10,000 units a day"),
            "{}",
            said(&why)
        );
    }
    assert_eq!(scene.begun(), 0);
    scene.end().await;
}
