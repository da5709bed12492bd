//! Names of a property's own: asked by the words they have there, refused with the nearest, looked up once a day.

use std::collections::BTreeMap;

use serde_json::json;

use super::{ACME, Googled};

impl Googled {
    fn looked_up(&self) -> usize {
        self.recorder.seen().iter().filter(|seen| seen.path.ends_with("/metadata")).count()
    }
}

#[tokio::test]
async fn a_definition_of_the_propertys_own_is_asked_by_its_word() {
    let googled = Googled::connected().await;
    let month = googled.month(1);
    let ask = |name: &str| json!({ "dimensions": [name], "metrics": ["sessions"], "period": googled.span(1) });
    let mut truth: BTreeMap<String, u64> = BTreeMap::new();
    for visit in googled.sim.ga4_visits(ACME, &month.0.to_string(), &month.1.to_string()) {
        *truth.entry(visit.plan.to_string()).or_default() += 1;
    }
    assert!(truth.len() > 1, "{truth:?}");
    for name in ["Plan", "plan", "customUser:plan"] {
        let report = googled.traffic(ask(name)).await;
        assert_eq!(report["columns"][0], "customUser:plan");
        let told: BTreeMap<String, u64> = report["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row[0].as_str().unwrap().to_owned(), row[1].as_u64().unwrap()))
            .collect();
        assert_eq!(told, truth, "{name}");
    }
    assert_eq!((googled.looked_up(), googled.asked()), (1, 1), "the same question, and names are kept for a day");
    // A condition by such a word, too.
    let some = truth.iter().max_by_key(|(_, count)| **count).unwrap();
    let filters = json!({ "period": googled.span(1), "filters": [format!("plan = {}", some.0)] });
    assert_eq!(googled.traffic(filters).await["totals"]["sessions"], json!(some.1));
    let before = googled.asked();
    for (name, nearest) in
        [("customUser:plam", "customUser:plan"), ("Authr", "customEvent:author"), ("contry", "country")]
    {
        let caller = &googled.world.assistant;
        let refused = googled.world.app.call_tool(caller, "report_traffic", ask(name)).await;
        let Err(socrazi::domain::tool::ToolError::Refused(why)) = refused else { panic!("{name}: {refused:?}") };
        let said = googled.world.app.words().say(socrazi::domain::lang::Lang::En, &why);
        assert!(why.key == "report-name-unknown" && said.contains(nearest), "{name}: {said}");
    }
    googled.tune(|tuning| tuning.ga4.revenue_blocked = true);
    googled.world.pass(25 * 3_600_000);
    let paid = json!({ "metrics": ["revenue"], "period": "yesterday" });
    assert_eq!(googled.refused("report_traffic", paid).await, "report-name-blocked");
    assert_eq!(googled.asked(), before, "nothing of it was sent");
    googled.world.end().await;
}
