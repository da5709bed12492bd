//! The real program, killed with SIGKILL between acknowledging something and doing it: the next one does it, once. On SQLite, and on
//! PostgreSQL where `tests/run` provides one.

use std::path::Path;

use secrecy::ExposeSecret;
use socrazi::app::{App, Parts};
use socrazi::clock::{SystemClock, SystemEntropy};
use socrazi::config::{Config, Overrides};
use socrazi::domain::network::Network;
use socrazi_sim::slack::{Fault, FaultKind};

use super::*;
use crate::databases::fresh_postgres;
use crate::serving::{Server, free_port, simulator, start};

/// Where answers go.
const ANSWERS: &str = "/hooks";

/// A folder in which Ana is one of our people, a Slack, a model, and the program.
struct Killed {
    folder: tempfile::TempDir,
    slack: SlackSim,
    model: GeminiSim,
    port: u16,
    server: Option<Server>,
    _x: socrazi_sim::x::XSim,
}

impl Killed {
    async fn new(postgres: Option<&str>) -> Self {
        socrazi::app::install_tls_provider();
        let folder = tempfile::tempdir().unwrap();
        let x = simulator(folder.path()).await;
        let slack = SlackSim::start(SlackOptions::default()).await.unwrap();
        let model = GeminiSim::start(GeminiOptions::default()).await.unwrap();
        let port = free_port();
        crate::serving::write_config(folder.path(), port, &x.url());
        let mut text = std::fs::read_to_string(folder.path().join("socrazi.toml")).unwrap();
        text.push_str(&format!(
            "[slack]\napi_url = \"{}\"\nsigning_secret = \"{}\"\nbot_token = \"{}\"\n[gemini]\napi_key = \"{API_KEY}\"\nbase_url = \"{}\"\n",
            slack.api_url(),
            socrazi_sim::slack::SIGNING_SECRET,
            socrazi_sim::slack::BOT_TOKEN,
            model.url(),
        ));
        if let Some(url) = postgres {
            text.push_str(&format!("[database]\nurl = \"{url}\"\n"));
        }
        std::fs::write(folder.path().join("socrazi.toml"), text).unwrap();
        Self::people(folder.path()).await;
        slack.deliver_to(format!("http://127.0.0.1:{port}/").parse().unwrap());
        let mut killed = Self { folder, slack, model, port, server: None, _x: x };
        killed.start();
        killed
    }

    /// Ana, before any server runs.
    async fn people(folder: &Path) {
        let text = std::fs::read_to_string(folder.join("socrazi.toml")).unwrap();
        std::fs::create_dir_all(folder.join("data")).unwrap();
        let config = Config::read(&text, &std::collections::BTreeMap::new(), &Overrides::default(), None).unwrap();
        let kek = folder.join("socrazi.kek");
        let config = Config { kek: socrazi::config::KekSource::File { path: kek, may_create: true }, ..config };
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let app = App::open(Parts { config, clock, entropy, is_simulation: false }).await.unwrap();
        let ana = app.local_user().await.unwrap().id;
        app.link(&ana, &member(ANA), "Ana").await.unwrap();
        let caller = app.find_member(&member(ANA)).await.unwrap().unwrap();
        app.set_consent(&caller, true).await.unwrap();
        // With an account to write for.
        let link = app.make_sign_in_link(&ana).await.unwrap();
        let secret = link.expose_secret().split_once("link=").unwrap().1.to_owned();
        let cookie = app.redeem_sign_in_link(&secret, "test").await.unwrap();
        let person = app.find_signed_in(cookie.expose_secret()).await.unwrap().unwrap().caller;
        let url = app.connect_begin(&person, Network::X).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let back = http.get(url).send().await.unwrap().headers()["location"].to_str().unwrap().to_owned();
        let back: url::Url = back.parse().unwrap();
        let query: Vec<(String, String)> = back.query_pairs().into_owned().collect();
        app.connect_finish(&person, Network::X, &query).await.unwrap();
        std::fs::write(folder.join("signed-in"), "").unwrap();
        app.close().await;
    }

    fn start(&mut self) {
        self.server = Some(start(self.folder.path(), self.port));
    }

    fn kill(&mut self) {
        let mut server = self.server.take().unwrap();
        server.child.kill().unwrap();
        server.child.wait().unwrap();
    }

    /// How many answers have reached Slack, held or not.
    fn answers(&self) -> u64 {
        let calls = self.slack.calls();
        calls.iter().filter(|call| call.path.starts_with(ANSWERS)).map(|call| call.arrived).sum()
    }

    /// Does something whose answer is held until the process is gone, and kills it when the answer is on its way.
    async fn kill_over(&mut self, act: impl AsyncFnOnce(&SlackSim) -> bool) {
        let before = self.answers();
        self.slack.set_faults(vec![Fault::once("POST", ANSWERS, FaultKind::HangBefore)]);
        assert!(act(&self.slack).await, "it was not acknowledged");
        later("the work to begin", || (self.answers() > before).then_some(())).await;
        self.kill();
        self.start();
    }
}

async fn done_once_after_a_kill(postgres: Option<&str>) {
    let mut killed = Killed::new(postgres).await;
    // A command.
    killed.kill_over(async |slack| slack.command(ANA, GENERAL, "draft Made once").await.is_ok()).await;
    let draft = later("the draft", || killed.slack.ephemerals().last().cloned()).await;
    assert!(words(&draft).contains("Made once"), "{draft:#}");
    // A press.
    let publish = action(&draft, "publish");
    killed
        .kill_over(async |slack| slack.press_ephemeral(ANA, 0, &publish).await.is_ok_and(|answer| answer.is_ok()))
        .await;
    later("the question", || killed.slack.ephemerals().into_iter().find(|seen| words(seen).contains("approve#"))).await;
    // Something said: killed while the answer is being written.
    let slow = Said { pieces: vec![Piece::Text("word ".repeat(900))], between_ms: 400, ..Said::default() };
    killed.model.play([Step { model: Some(MODEL.into()), play: slow.into() }]);
    killed.slack.say(ANA, DM, "Talk for long", None).await;
    later("it begins", || {
        killed.slack.replies(DM).iter().any(|message| message["streaming_state"] == "in_progress").then_some(())
    })
    .await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    killed.kill();
    killed.start();
    later("it is ended, and says so", || {
        let all = killed.slack.replies(DM);
        let is_open = all.iter().any(|message| message["streaming_state"] == "in_progress");
        let says = all.iter().any(|message| words(message).contains("interrupted"));
        (!is_open && says).then_some(())
    })
    .await;
    let asked = killed.model.asked().iter().filter(|request| request.model == MODEL).count();
    assert_eq!(asked, 1, "not asked again");
    assert_eq!(killed.slack.ephemerals().len(), 1, "one draft: {:#?}", killed.slack.ephemerals());
    let server = killed.server.take().unwrap();
    drop(server);
}

/// As [`until`], for a program that has to start first.
async fn later<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    for _ in 0..1_500 {
        if let Some(found) = look() {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    panic!("never came: {what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_done_once_when_the_program_is_killed_before_it_was() {
    done_once_after_a_kill(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn and_so_it_is_on_postgresql() {
    let Some(url) = fresh_postgres().await else { return };
    done_once_after_a_kill(Some(&url)).await;
}
