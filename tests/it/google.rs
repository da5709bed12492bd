//! Google accounts and reports, through the whole server: the simulated Google judges what is asked, a recorder between them notes every
//! request down, and a test reads them against Google's own descriptions of its APIs.

mod changes;
mod connecting;
mod contract;
mod figures;
mod files;
mod honest;
mod inspections;
mod keeping;
mod links;
mod outcomes;
mod own;
mod pages;
mod questions;
mod quotas;
pub(crate) mod recorder;
mod search;
mod shown;
mod times;
mod unwell;
mod videos;
mod weekly;

use serde_json::{Value, json};
use socrazi::domain::google::{Feature, Login, SourceKind};
use socrazi_sim::google::{GoogleOptions, GoogleSim, GoogleTuning};

use crate::world::World;
use recorder::Recorder;

/// What the reports of this test may be asked by.
const BOTH: [Feature; 2] = [Feature::Analytics, Feature::Search];
/// The property in Rome.
const ACME: &str = "310001";

/// The server with a simulated Google behind a recorder.
struct Googled {
    world: World,
    sim: GoogleSim,
    recorder: Recorder,
}

impl Googled {
    /// Nobody is connected yet.
    async fn new() -> Self {
        Self::with(Vec::new()).await
    }

    /// With these settings beside the usual ones.
    async fn with(settings: Vec<(&'static str, String)>) -> Self {
        Self::on(crate::databases::Engine::Sqlite, settings).await
    }

    /// The same on this database.
    async fn on(engine: crate::databases::Engine, mut settings: Vec<(&'static str, String)>) -> Self {
        let recorder = Recorder::start().await;
        settings.extend(settings_for(&recorder.url));
        let world = World::on(engine, settings).await;
        let options =
            GoogleOptions { allow_any_loopback_redirect: true, auto_consent: true, ..GoogleOptions::default() };
        let sim = GoogleSim::start(options, world.clock.clone()).await.unwrap();
        recorder.aim(sim.url());
        Self { world, sim, recorder }
    }

    /// Connected for both features, with the property in Rome and the site of its domain chosen.
    async fn connected() -> Self {
        let googled = Self::new().await;
        googled.connect(&BOTH).await;
        googled.choose(SourceKind::Property, "acme.example").await;
        googled
    }

    fn tune(&self, tune: impl FnOnce(&mut GoogleTuning)) {
        let mut tuning = GoogleTuning::default();
        tune(&mut tuning);
        self.sim.tune(tuning);
    }

    /// The way to Google and back, as a browser takes it; the query of the way back.
    async fn way(&self, features: &[Feature]) -> Vec<(String, String)> {
        self.through(self.world.app.google_begin(&self.world.person, features, None).await.unwrap()).await
    }

    /// The same from this address on.
    async fn through(&self, url: url::Url) -> Vec<(String, String)> {
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let back = http.get(url).send().await.unwrap().headers()["location"].to_str().unwrap().to_owned();
        back.parse::<url::Url>().unwrap().query_pairs().into_owned().collect()
    }

    async fn connect(&self, features: &[Feature]) -> Login {
        let query = self.way(features).await;
        self.world.app.google_finish(&self.world.person, &query).await.unwrap().login
    }

    async fn choose(&self, kind: SourceKind, name: &str) {
        let app = &self.world.app;
        for (login, sources) in app.sources(&self.world.person).await.unwrap() {
            if let Some(source) = sources.iter().find(|source| source.kind == kind && source.facts.name == name) {
                app.choose_source(&self.world.person, (&login.id, kind, &source.key), None).await.unwrap();
                return;
            }
        }
        panic!("no {name}");
    }

    async fn traffic(&self, arguments: Value) -> Value {
        self.world.call("report_traffic", arguments).await
    }

    async fn refused(&self, tool: &str, arguments: Value) -> String {
        self.world.refused(tool, arguments).await
    }

    /// A month that is over, from its first day to its last, however the clock is moved afterwards.
    fn month(&self, ago: i64) -> (jiff::civil::Date, jiff::civil::Date) {
        let now = jiff::Timestamp::from_millisecond(self.world.clock.now_ms()).unwrap();
        let first = now.to_zoned_datetime(jiff::tz::TimeZone::UTC).date().first_of_month();
        let first = first.checked_sub(jiff::Span::new().months(ago)).unwrap();
        (first, first.last_of_month())
    }

    /// The same as a period.
    fn span(&self, ago: i64) -> String {
        let (first, last) = self.month(ago);
        format!("{first}..{last}")
    }

    /// How many requests for reports arrived at Google.
    fn asked(&self) -> usize {
        self.recorder.seen().iter().filter(|seen| seen.path.ends_with(":runReport")).count()
    }
}

/// A simulated Google for a server that was started with [`settings_for`] this recorder, and its person's account there.
pub(crate) async fn join(world: &World, recorder: &Recorder) -> GoogleSim {
    let options = GoogleOptions { allow_any_loopback_redirect: true, auto_consent: true, ..GoogleOptions::default() };
    let sim = GoogleSim::start(options, world.clock.clone()).await.unwrap();
    recorder.aim(sim.url());
    let url = world.app.google_begin(&world.person, &BOTH, None).await.unwrap();
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let back = http.get(url).send().await.unwrap().headers()["location"].to_str().unwrap().to_owned();
    let query: Vec<(String, String)> = back.parse::<url::Url>().unwrap().query_pairs().into_owned().collect();
    let login = world.app.google_finish(&world.person, &query).await.unwrap().login;
    for kind in [SourceKind::Property, SourceKind::Site] {
        let all = world.app.sources(&world.person).await.unwrap();
        let key = all
            .iter()
            .flat_map(|(_, sources)| sources)
            .find(|source| source.kind == kind && source.facts.name == "acme.example");
        let key = key.unwrap().key.clone();
        world.app.choose_source(&world.person, (&login.id, kind, &key), None).await.unwrap();
    }
    sim
}

/// What a server needs to use the simulated Google there.
pub(crate) fn settings_for(url: &url::Url) -> Vec<(&'static str, String)> {
    let at = |path: &str| url.join(path).unwrap().to_string();
    let options = GoogleOptions::default();
    vec![
        ("google.client_id", options.client_id),
        ("google.client_secret", options.client_secret),
        ("google.auth_url", at("o/oauth2/v2/auth")),
        ("google.token_url", at("token")),
        ("google.revoke_url", at("revoke")),
        ("google.analytics_data_url", at("")),
        ("google.analytics_admin_url", at("")),
        ("google.search_console_url", at("")),
        ("google.youtube_url", at("")),
        ("google.youtube_upload_url", at("")),
        ("google.youtube_analytics_url", at("")),
    ]
}

/// The days of the property's last week, as its visits are asked for.
fn date(value: &Value) -> (String, String) {
    let text = value.as_str().unwrap();
    let mut words = text.split(' ');
    let first = words.next().unwrap().to_owned();
    (first, words.nth(1).unwrap().to_owned())
}

/// A cell of a row by the name of its column.
fn cell<'a>(report: &'a Value, row: usize, column: &str) -> &'a Value {
    let at = report["columns"].as_array().unwrap().iter().position(|name| name == column);
    &report["rows"][row][at.unwrap_or_else(|| panic!("no {column} in {}", report["columns"]))]
}

fn all(arguments: Value) -> Value {
    json!({ "view": "overview", "period": arguments })
}
