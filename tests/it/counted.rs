//! What networks count of posts, through the whole server: read at a few ages and at no other, told with each network's own words, compared within
//! one account. The simulated X says what was asked of it. What Threads and Instagram add is with their own tests.

mod followed;
mod told;
mod trouble;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use socrazi_sim::x::Switches;

use crate::databases::Engine;
use crate::world::World;

pub(super) const HOUR_MS: i64 = 3_600_000;
pub(super) const DAY_MS: i64 = 24 * HOUR_MS;
/// The one that did well.
pub(crate) const UNUSUAL: &str = "Unusual: why the tower leans";
/// The seed of what grows.
const SEED: u64 = 7;

/// Five posts on X, of which the last beat their median when they are a day old: 306 views, where 102 are the median of five.
pub(crate) async fn plant_winner(world: &World) -> Value {
    world.sim.set_switches(&Switches { growth: Some(SEED), ..Switches::default() });
    let mut last = json!(null);
    for (text, views) in [("Usual 0", 100), ("Usual 1", 101), ("Usual 2", 102), ("Usual 3", 103), (UNUSUAL, 306)] {
        last = world.draft(text).await;
        world.call("publish_post", json!({ "post": last })).await;
        world.until(&last, "published", 2_000).await;
        let id = world.sim.ledger().into_iter().find(|entry| entry.text == text).unwrap().id;
        let figures = BTreeMap::from([("impression_count".to_owned(), views)]);
        world.sim.set_insights(BTreeMap::from([(id, figures)]));
    }
    world.pass(25 * HOUR_MS);
    world.app.count_due().await.unwrap();
    last
}

/// A server on X alone, where figures grow.
pub(super) struct Scene {
    pub(super) world: World,
}

impl Scene {
    pub(super) async fn on(engine: Engine) -> Self {
        let world = World::on(engine, Vec::new()).await;
        world.sim.set_switches(&Switches { growth: Some(SEED), ..Switches::default() });
        Self { world }
    }

    /// Something that is out, and X's id of it.
    pub(super) async fn out(&self, text: &str) -> (Value, String) {
        let post = self.world.draft(text).await;
        self.world.call("publish_post", json!({ "post": post })).await;
        self.world.until(&post, "published", 2_000).await;
        let entry = self.world.sim.ledger().into_iter().find(|entry| entry.text == text).unwrap();
        (post, entry.id)
    }

    /// Lets time pass and has the server look whether something is old enough.
    pub(super) async fn after(&self, ms: i64) {
        self.world.pass(ms);
        self.world.app.count_due().await.unwrap();
    }

    /// How often posts were looked up.
    pub(super) fn asked(&self) -> u64 {
        self.world
            .sim
            .calls()
            .iter()
            .filter(|call| call.method == "GET" && call.path == "/2/tweets")
            .map(|call| call.arrived)
            .sum()
    }

    pub(super) fn set(&self, id: &str, figures: &[(&str, u64)]) {
        let figures: BTreeMap<String, u64> = figures.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        self.world.sim.set_insights(BTreeMap::from([(id.to_owned(), figures)]));
    }

    pub(super) async fn report(&self) -> Value {
        self.world.call("report_posts", json!({ "days": 28 })).await
    }

    /// Rows of a table.
    pub(super) async fn rows(&self, table: &str) -> usize {
        self.world.rows().await.get(table).map_or(0, Vec::len)
    }
}
