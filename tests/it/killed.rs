//! The real program as a chat service's server, killed with SIGKILL whenever a test says so: what the tests of each service share.

use secrecy::ExposeSecret;
use socrazi::app::App;
use socrazi::domain::caller::Caller;
use socrazi::domain::network::Network;
use socrazi::domain::place::Member;
use socrazi_sim::gemini::{API_KEY, GeminiOptions, GeminiSim};
use sqlx::Connection;

use crate::databases::Engine;
use crate::serving::{Server, beside, free_port, simulator, start, write_config_on};

/// A folder in which Ana is one of our people and has an account to write for, a model, and the program.
pub(crate) struct Killed {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) model: GeminiSim,
    pub(crate) port: u16,
    server: Option<Server>,
    /// PostgreSQL's address; nothing for SQLite.
    database: Option<String>,
    _x: socrazi_sim::x::XSim,
}

impl Killed {
    /// With the service's part of the configuration; nothing runs yet.
    pub(crate) async fn new(engine: Engine, service: &str, ana: &Member) -> Self {
        socrazi::app::install_tls_provider();
        let folder = tempfile::tempdir().unwrap();
        let x = simulator(folder.path()).await;
        let model = GeminiSim::start(GeminiOptions::default()).await.unwrap();
        let port = free_port();
        let database = write_config_on(engine, folder.path(), port, &x.url()).await;
        let file = folder.path().join("socrazi.toml");
        let mut text = std::fs::read_to_string(&file).unwrap();
        text.push_str(&format!("{service}\n[gemini]\napi_key = \"{API_KEY}\"\nbase_url = \"{}\"\n", model.url()));
        std::fs::write(&file, text).unwrap();
        std::fs::create_dir_all(folder.path().join("data")).unwrap();
        let killed = Self { folder, model, port, server: None, database, _x: x };
        let app = killed.app().await;
        people(&app, ana).await;
        app.close().await;
        std::fs::write(killed.folder.path().join("signed-in"), "").unwrap();
        killed
    }

    /// The App behind the folder.
    pub(crate) async fn app(&self) -> App {
        beside(self.folder.path()).await
    }

    pub(crate) fn start(&mut self) {
        self.server = Some(start(self.folder.path(), self.port));
    }

    /// Where processes share a database, what a dead one was doing is taken up when its lease is over: a minute passes in the rows alone.
    pub(crate) async fn kill(&mut self) {
        let mut server = self.server.take().unwrap();
        server.child.kill().unwrap();
        server.child.wait().unwrap();
        let Some(url) = &self.database else { return };
        let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
        let sooner = "UPDATE inbox SET lease_until=0 WHERE done_at IS NULL";
        sqlx::query(sooner).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    /// How often the model was asked for an answer.
    pub(crate) fn asked(&self, model: &str) -> usize {
        self.model.asked().iter().filter(|request| request.model == model).count()
    }
}

/// Ana, before any server runs.
async fn people(app: &App, member: &Member) {
    let ana = app.local_user().await.unwrap().id;
    app.link(&ana, member, "Ana").await.unwrap();
    let caller = app.find_member(member).await.unwrap().unwrap();
    app.set_consent(&caller, true).await.unwrap();
    let person = signed_in(app).await;
    let url = app.connect_begin(&person, Network::X).await.unwrap();
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let back = http.get(url).send().await.unwrap().headers()["location"].to_str().unwrap().to_owned();
    let back: url::Url = back.parse().unwrap();
    let query: Vec<(String, String)> = back.query_pairs().into_owned().collect();
    app.connect_finish(&person, Network::X, &query).await.unwrap();
}

async fn signed_in(app: &App) -> Caller {
    let ana = app.local_user().await.unwrap().id;
    let link = app.make_sign_in_link(&ana).await.unwrap();
    let secret = link.expose_secret().split_once("link=").unwrap().1.to_owned();
    let cookie = app.redeem_sign_in_link(&secret, "test").await.unwrap();
    app.find_signed_in(cookie.expose_secret()).await.unwrap().unwrap().caller
}

/// Looks until it is there: for a program that has to start first, and for leases of a dead one.
pub(crate) async fn later<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    for _ in 0..1_500 {
        if let Some(found) = look() {
            return found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(60)).await;
    }
    panic!("never came: {what}");
}
