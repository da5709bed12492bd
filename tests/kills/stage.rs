//! What a trial plays on: a folder and a database copied from a template with a connected account, a simulator in a process of its own with a
//! durable ledger, workers in theirs, and a clock that is moved.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use serde_json::{Value, json};
use socrazi::app::{App, Verdict};
use socrazi::clock::{Clock, SystemClock};
use socrazi::domain::caller::{Caller, Grant, Via};
use socrazi::domain::delivery::{Answer, Delivery};
use socrazi::domain::ids::DeliveryId;
use socrazi::domain::network::Network;
use sqlx::Connection;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::clock::StageClock;
use crate::databases::{Databases, at, sql};
use crate::venue::{PUBLIC, Shape, Venue};
use crate::worker;

/// How long anything of one process may take: two cores may be busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);

/// What every trial begins with.
pub(crate) struct Template {
    pub(crate) folder: tempfile::TempDir,
    postgres: Option<Arc<Databases>>,
    medium: String,
    network: Network,
    shape: Shape,
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

impl Template {
    /// A person with a connected account and a picture; on PostgreSQL where there is a server.
    pub(crate) async fn make(network: Network, shape: Shape, admin: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let postgres = match admin {
            Some(admin) => Some(Arc::new(Databases::make(admin).await)),
            None => None,
        };
        std::fs::create_dir(folder.path().join("data")).unwrap();
        let url = postgres.as_ref().map(|databases| databases.template());
        let venue = Venue::of(network, shape);
        let simulator = Simulator::start(folder.path(), &venue).await;
        let pages = Pages::listen().await;
        write_settings(folder.path(), &venue.settings(&simulator.url), (venue.here(&pages.here), url.as_deref()));
        let person = Person::open(folder.path(), pages, network).await;
        person.connect().await;
        let mut file = person.app.upload_begin().await.unwrap();
        file.write(&venue.wants.bytes()).await.unwrap();
        let medium = person.app.keep_media(&person.caller, file, Some("A tower".into())).await.unwrap().id.to_string();
        person.app.close().await;
        if let Some(databases) = &postgres {
            databases.keep().await;
        }
        Self { folder, postgres, medium, network, shape }
    }

    pub(crate) async fn remove(self) {
        if let Some(databases) = &self.postgres {
            databases.remove().await;
        }
    }
}

fn write_settings(folder: &Path, of_network: &[(String, String)], (here, database): (&str, Option<&str>)) {
    let mut settings = json!({ "data.dir": folder.join("data").display().to_string(), "server.public_url": here });
    for (key, value) in of_network {
        settings[key] = json!(value);
    }
    if let Some(url) = database {
        settings["database.url"] = json!(url);
    }
    std::fs::write(folder.join("settings.json"), settings.to_string()).unwrap();
}

/// Where this program's pages are fetched: by networks that fetch pictures.
pub(crate) struct Pages {
    listener: tokio::net::TcpListener,
    here: String,
}

impl Pages {
    async fn listen() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = format!("http://{}", listener.local_addr().unwrap());
        Self { listener, here }
    }
}

/// The simulated network, a process of its own: the only judge.
pub(crate) struct Simulator {
    _process: Child,
    pub(crate) url: Url,
    http: reqwest::Client,
}

impl Simulator {
    async fn start(folder: &Path, venue: &Venue) -> Self {
        let program = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().join("socrazi-sim");
        let mut process = Command::new(&program)
            .args([venue.simulator, "--bind", "127.0.0.1:0", "--auto-consent", "--any-loopback-redirect"])
            .args(venue.words)
            .arg("--ledger")
            .arg(folder.join("ledger.jsonl"))
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{} (cargo build -p socrazi-sim makes it): {error}", program.display()));
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        let url = said[venue.simulator].as_str().unwrap().parse().unwrap();
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { _process: process, url, http }
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) {
        let sent = self.http.post(self.url.join(path).unwrap()).json(body).send().await.unwrap();
        assert!(sent.status().is_success(), "{path}: {}", sent.text().await.unwrap());
    }

    /// Everything the world can see, in order.
    pub(crate) async fn ledger(&self) -> Vec<Value> {
        self.http.get(self.url.join("__sim/ledger").unwrap()).send().await.unwrap().json().await.unwrap()
    }

    /// An access token, for programs that keep none.
    pub(crate) async fn token(&self) -> String {
        let verifier = "v".repeat(43);
        let challenge = {
            use sha2::Digest;
            base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, sha2::Sha256::digest(&verifier))
        };
        let redirect = "http://127.0.0.1:1/callback";
        let mut there = self.url.join("i/oauth2/authorize").unwrap();
        there.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", "sim-x-client"),
            ("redirect_uri", redirect),
            ("scope", "tweet.read tweet.write users.read offline.access"),
            ("state", "s"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        let back = self.http.get(there).send().await.unwrap();
        let back: Url = back.headers()["location"].to_str().unwrap().parse().unwrap();
        let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", redirect),
            ("code_verifier", &verifier),
        ];
        let call =
            self.http.post(self.url.join("2/oauth2/token").unwrap()).basic_auth("sim-x-client", Some("sim-x-secret"));
        let answer: Value = call.form(&form).send().await.unwrap().json().await.unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }
}

/// The person whose post it is; also looks at how things stand.
pub(crate) struct Person {
    pub(crate) app: Arc<App>,
    pub(crate) caller: Caller,
    network: Network,
    /// The pages of this program, for as long as the person is there.
    _pages: tokio_util::task::AbortOnDropHandle<()>,
}

impl Person {
    async fn open(folder: &Path, pages: Pages, network: Network) -> Self {
        let app = Arc::new(worker::open(folder, Arc::new(StageClock::of_person(folder))).await);
        let router = socrazi::frontends::Doors::open(&app, &CancellationToken::new()).unwrap().router;
        let serving = tokio::spawn(async move { axum::serve(pages.listener, router).await.unwrap() });
        let user = app.local_user().await.unwrap();
        let link = app.make_sign_in_link(&user.id).await.unwrap();
        let secret = secrecy::ExposeSecret::expose_secret(&link).split_once("link=").unwrap().1.to_owned();
        let cookie = app.redeem_sign_in_link(&secret, "kills").await.unwrap();
        let caller = app.find_signed_in(secrecy::ExposeSecret::expose_secret(&cookie)).await.unwrap().unwrap().caller;
        Self { app, caller, network, _pages: tokio_util::task::AbortOnDropHandle::new(serving) }
    }

    /// Connects the account, again if need be.
    pub(crate) async fn connect(&self) {
        let url = self.app.connect_begin(&self.caller, self.network).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let back: Url = http.get(url).send().await.unwrap().headers()["location"].to_str().unwrap().parse().unwrap();
        let query: Vec<(String, String)> = back.query_pairs().into_owned().collect();
        self.app.connect_finish(&self.caller, self.network, &query).await.unwrap();
    }

    /// Says yes to what no standing permission covers.
    async fn approve(&self, url: &str) {
        let id = url.rsplit('/').next().unwrap().parse().unwrap();
        let hash = self.app.read_approval(&self.caller, &id).await.unwrap().approval.hash;
        self.app.decide(&self.caller, &id, &hash, Verdict::Approve).await.unwrap();
    }

    async fn call(&self, tool: &str, arguments: Value) -> Value {
        let assistant = Caller { grant: Grant::Publishes, via: Via::McpStdio, ..self.caller.clone() };
        self.app.call_tool(&assistant, tool, arguments).await.unwrap_or_else(|e| panic!("{tool}: {e:?}")).structured
    }

    /// How the delivery stands; nothing while the database is away.
    pub(crate) async fn delivery(&self, id: &DeliveryId) -> Option<Delivery> {
        self.app.store().find_delivery(id).await.ok().flatten()
    }

    /// The ids that are claimed to be visible.
    pub(crate) async fn receipts(&self, id: &DeliveryId) -> Vec<String> {
        let attempts = self.app.store().list_attempts(id).await.unwrap();
        attempts.into_iter().filter_map(|attempt| attempt.remote_id).collect()
    }

    pub(crate) async fn settle(&self, id: &DeliveryId, answer: Answer) {
        self.app.settle(&self.caller, id, (answer, None)).await.ok();
    }
}

/// A worker's process.
pub(crate) struct Worker {
    pub(crate) process: Child,
}

impl Worker {
    fn pid(&self) -> Option<u32> {
        self.process.id()
    }
}

/// One trial's world.
pub(crate) struct Stage {
    folder: tempfile::TempDir,
    pub(crate) simulator: Simulator,
    pub(crate) venue: Venue,
    /// Until the person comes.
    pages: Option<Pages>,
    /// The database of this trial: its address, and its name among the others.
    postgres: Option<(String, String, Arc<Databases>)>,
    pub(crate) workers: Vec<Worker>,
    role: Vec<String>,
    passed: i64,
    /// How wrong the clock is that rules the rows: the one worker's on SQLite, never PostgreSQL's.
    wrong: i64,
    medium: String,
}

impl Stage {
    pub(crate) async fn set(template: &Template) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(template.folder.path(), folder.path());
        let mut postgres = None;
        if let Some(databases) = &template.postgres {
            let name = databases.take().await;
            postgres = Some((at(databases.admin(), &name), name, databases.clone()));
        }
        let venue = Venue::of(template.network, template.shape);
        let simulator = Simulator::start(folder.path(), &venue).await;
        let pages = Pages::listen().await;
        let database = postgres.as_ref().map(|(url, ..)| &**url);
        write_settings(folder.path(), &venue.settings(&simulator.url), (venue.here(&pages.here), database));
        if venue.is_public {
            let detour = json!([{ "from": format!("{PUBLIC}/"), "to": pages.here }]);
            simulator.post("__sim/detours", &detour).await;
        }
        // Equal text is taken again: nothing but the house itself stands between a second call and a second post.
        simulator.post("__sim/options", &venue.tuning()).await;
        Self {
            folder,
            simulator,
            venue,
            pages: Some(pages),
            postgres,
            workers: Vec::new(),
            role: Vec::new(),
            passed: 0,
            wrong: 0,
            medium: template.medium.clone(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn now(&self) -> i64 {
        SystemClock.now_ms() + self.passed
    }

    /// How far ahead an instant in a row lies.
    pub(crate) fn until_instant(&self, at: i64) -> i64 {
        at - self.now() - self.wrong
    }

    pub(crate) async fn person(&mut self) -> Person {
        let pages = self.pages.take().unwrap();
        Person::open(self.path(), pages, self.venue.network).await
    }

    /// Schedules a post and says its delivery, its texts and its instant.
    pub(crate) async fn schedule(&self, person: &Person, plan: &Plan) -> (DeliveryId, i64) {
        let segments: Vec<Value> = plan
            .texts
            .iter()
            .map(|text| {
                if !plan.has_medium {
                    return json!({ "text": text });
                }
                json!({ "text": text, "media": vec![&self.medium; self.venue.wants.count()] })
            })
            .collect();
        let draft =
            person.call("create_draft", json!({ "segments": segments, "options": (self.venue.options)() })).await;
        let slot = self.now() + plan.ahead_ms;
        let when = jiff::Timestamp::from_millisecond(slot).unwrap().to_string();
        let post = draft["post"]["id"].clone();
        let asked = person.call("schedule_post", json!({ "post": post, "at": when })).await;
        if let Some(url) = asked["approval_url"].as_str() {
            person.approve(url).await;
        }
        let read = person.call("get_post", json!({ "post": post })).await;
        assert_eq!(read["post"]["status"], "scheduled", "{read}");
        (read["post"]["deliveries"][0]["id"].as_str().unwrap().parse().unwrap(), slot)
    }

    /// Starts processes of this program in a role, and waits until they work.
    pub(crate) async fn start(&mut self, count: usize, role: &[&str]) {
        self.role = role.iter().map(|word| (*word).to_owned()).collect();
        for no in 0..count {
            let worker = self.spawn(no);
            self.workers.push(worker);
        }
        for no in 0..count {
            self.until_ready(no).await;
        }
    }

    fn spawn(&self, no: usize) -> Worker {
        std::fs::remove_file(self.path().join(format!("ready-{no}"))).ok();
        // A full disk answers a write with an error; a file size limit would end the process instead, unless its signal is ignored.
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(std::env::current_exe().unwrap());
        command.args(&self.role[..1]).arg(self.path()).arg(no.to_string()).args(&self.role[1..]);
        let log = std::env::var_os("SOCRAZI_KILLS_LOG");
        command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
        // Through a pipe: a full disk is no reason to say nothing.
        command.stderr(if log.is_some() { Stdio::piped() } else { Stdio::null() });
        let mut process = command.spawn().unwrap();
        if let (Some(log), Some(mut said)) = (log, process.stderr.take()) {
            tokio::spawn(async move {
                let file = tokio::fs::File::options().append(true).create(true).open(log).await;
                tokio::io::copy(&mut said, &mut file.unwrap()).await.ok();
            });
        }
        Worker { process }
    }

    async fn until_ready(&self, no: usize) {
        let file = self.path().join(format!("ready-{no}"));
        self.until("a worker", async || file.exists()).await;
    }

    pub(crate) async fn until(&self, what: &str, mut look: impl AsyncFnMut() -> bool) -> bool {
        let mut waited = Duration::ZERO;
        while waited < PATIENCE {
            if look().await {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
            waited += Duration::from_millis(5);
        }
        eprintln!("{what} did not come");
        false
    }

    /// Lets time pass for everybody, the network included.
    pub(crate) async fn pass(&mut self, ms: i64) {
        self.passed += ms;
        StageClock::set_passed(self.path(), self.passed);
        self.simulator.post("__sim/clock", &json!({ "offset_ms": self.passed })).await;
    }

    /// Whose turn it is to suffer: whoever waits at the point, or whoever holds the claim.
    pub(crate) async fn victim(&self) -> Option<u32> {
        if let Ok(pid) = std::fs::read_to_string(self.path().join("struck")) {
            return pid.trim().parse().ok();
        }
        let Some((url, ..)) = &self.postgres else { return self.workers[0].pid() };
        let mut connection = sqlx::PgConnection::connect(url).await.ok()?;
        let owner: Option<String> = sqlx::query_scalar("SELECT owner FROM delivery WHERE owner IS NOT NULL")
            .fetch_optional(&mut connection)
            .await
            .ok()?;
        owner?.split('-').next()?.parse().ok()
    }

    pub(crate) fn go(&self, word: &str) {
        std::fs::write(self.path().join("going"), word).unwrap();
        std::fs::rename(self.path().join("going"), self.path().join("go")).unwrap();
    }

    pub(crate) fn signal(&self, pid: u32, signal: Signal) {
        if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
            kill_process(pid, signal).ok();
        }
    }

    pub(crate) fn no_of(&self, pid: u32) -> Option<usize> {
        self.workers.iter().position(|worker| worker.pid() == Some(pid))
    }

    /// Waits for the end of a process and starts it again.
    pub(crate) async fn replace(&mut self, no: usize) {
        let ended = tokio::time::timeout(PATIENCE, self.workers[no].process.wait()).await;
        if ended.is_err() {
            eprintln!("a worker did not end");
            self.workers[no].process.kill().await.ok();
        }
        self.workers[no] = self.spawn(no);
        self.until_ready(no).await;
    }

    /// From now on every write to a file fails in that process, or works again.
    pub(crate) async fn set_disk(&self, pid: u32, is_full: bool) {
        if let Some((url, ..)) = &self.postgres {
            let full = "CREATE OR REPLACE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$";
            let statements = if is_full {
                let on = |table: &str| {
                    format!(
                        "CREATE TRIGGER no_space BEFORE INSERT OR UPDATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION no_space()"
                    )
                };
                vec!["SET lock_timeout='2s'".to_owned(), full.to_owned(), on("delivery"), on("attempt")]
            } else {
                ["delivery", "attempt"].map(|table| format!("DROP TRIGGER IF EXISTS no_space ON {table}")).to_vec()
            };
            sql(url, &statements).await.unwrap();
            return;
        }
        let limit = Rlimit { current: is_full.then_some(0), maximum: None };
        if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
            prlimit(Some(pid), Resource::Fsize, limit).unwrap();
        }
    }

    /// Cuts every connection to the database of this trial.
    pub(crate) async fn cut(&self) {
        if let Some((_, name, databases)) = &self.postgres {
            let cut = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname='{name}'");
            sql(databases.admin(), &[cut]).await.unwrap();
        }
    }

    /// Nobody can connect, as while a server restarts.
    pub(crate) async fn set_open(&self, is_open: bool) {
        if let Some((_, name, databases)) = &self.postgres {
            let open = format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS {is_open}");
            sql(databases.admin(), &[open]).await.unwrap();
        }
    }

    /// A hand or a bug makes a second worker take up what a first one works on.
    pub(crate) async fn force_again(&self) {
        let Some((url, ..)) = &self.postgres else { return };
        let forced = format!(
            "UPDATE delivery SET state='waiting', owner=NULL, lease_until=NULL, epoch=epoch+1, next_at={} WHERE state IN ('leased','armed')",
            self.now()
        );
        sql(url, &["SET lock_timeout='1s'".to_owned(), forced]).await.ok();
    }

    pub(crate) async fn end(mut self) {
        for worker in &mut self.workers {
            worker.process.start_kill().ok();
        }
        for worker in &mut self.workers {
            worker.process.wait().await.ok();
        }
        if let Some((_, name, databases)) = self.postgres {
            databases.give_back(name);
        }
    }

    pub(crate) fn set_skew(&mut self, no: usize, ms: i64) {
        self.wrong = if self.postgres.is_none() { ms } else { 0 };
        StageClock::set_skew(self.path(), no, ms);
    }

    pub(crate) fn is_struck(&self) -> bool {
        self.path().join("struck").exists()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }
}

/// What goes out in a trial.
pub(crate) struct Plan {
    pub(crate) texts: Vec<String>,
    pub(crate) has_medium: bool,
    pub(crate) ahead_ms: i64,
}
