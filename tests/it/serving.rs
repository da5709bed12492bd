//! A real server process with a simulated X, a browser and an assistant to use it: what tests of the whole program share.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use socrazi::app::{App, Parts};
use socrazi::clock::{SystemClock, SystemEntropy};
use socrazi::config::{Config, Overrides};
use socrazi_sim::clock::SimClock;
use socrazi_sim::x::{Consent, XOptions, XSim};
use url::Url;

use crate::databases::{Engine, rows};

/// How long anything here may take: generous, because two cores may be busy with other tests.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server process that is killed when the test ends, whatever happens.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) web: Url,
    pub(crate) link: String,
    pub(crate) log: std::sync::Arc<std::sync::Mutex<String>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _may_be_gone = self.child.kill();
        let _may_be_gone = self.child.wait();
    }
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

pub(crate) fn write_config(folder: &Path, port: u16, sim: &Url) {
    let text = format!(
        "[server]\nbind = \"127.0.0.1:{port}\"\n[data]\ndir = \"{data}\"\n[x]\nclient_id = \"sim-x-client\"\nclient_secret = \"{secret}\"\n\
         auth_url = \"{sim}i/oauth2/authorize\"\napi_url = \"{sim}\"\n[log]\nlevel = \"{level}\"\n",
        data = folder.join("data").display(),
        secret = "sim-x-secret",
        level = "trace,hyper=trace,hyper_util=trace,reqwest=trace,rustls=trace,sqlx=trace,rmcp=trace",
    );
    std::fs::write(folder.join("socrazi.toml"), text).unwrap();
}

/// The same on a database of one's own; its address, when it has one.
pub(crate) async fn write_config_on(engine: Engine, folder: &Path, port: u16, sim: &Url) -> Option<String> {
    write_config(folder, port, sim);
    let url = engine.fresh().await?;
    let mut text = std::fs::read_to_string(folder.join("socrazi.toml")).unwrap();
    text.push_str(&format!("[database]\nurl = \"{url}\"\n"));
    std::fs::write(folder.join("socrazi.toml"), text).unwrap();
    Some(url)
}

/// Nine in the morning so many days from now, as wall time: what tests name as a time must not one day be past.
pub(crate) fn in_days(days: i64) -> String {
    use socrazi::clock::Clock;
    let now =
        jiff::Timestamp::from_millisecond(SystemClock.now_ms()).unwrap().to_zoned_datetime(jiff::tz::TimeZone::UTC);
    let day = now.date().checked_add(jiff::Span::new().days(days)).unwrap();
    format!("{day}T09:00")
}

/// The App behind a folder that `write_config` wrote to, beside its server.
pub(crate) async fn beside(folder: &Path) -> App {
    let config = Config::load(Some(&folder.join("socrazi.toml")), &Overrides::default()).unwrap();
    let parts = Parts { config, clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy), is_simulation: false };
    App::open(parts).await.unwrap()
}

pub(crate) fn start(folder: &Path, port: u16) -> Server {
    let mut child = Command::new(env!("CARGO_BIN_EXE_socrazi"))
        .arg("serve")
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let log = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let (tell, heard) = std::sync::mpsc::channel();
    let (into, pipe) = (log.clone(), child.stderr.take().unwrap());
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if line.starts_with("Sign in") || line.starts_with("Socrazi ") {
                let _nobody_listens_later = tell.send(line.clone());
            }
            into.lock().unwrap().push_str(&(line + "\n"));
        }
    });
    let web: Url = format!("http://127.0.0.1:{port}").parse().unwrap();
    let mut link = String::new();
    while let Ok(line) = heard.recv_timeout(Duration::from_millis(if link.is_empty() { 20_000 } else { 10 })) {
        if let Some((_, url)) = line.split_once("): ") {
            link = url.to_owned();
        } else if folder.join("signed-in").exists() {
            break;
        }
    }
    Server { child, web, link, log }
}

/// A browser and an assistant in one.
pub(crate) struct Hands {
    pub(crate) http: reqwest::Client,
    pub(crate) web: Url,
    pub(crate) cookie: String,
    pub(crate) token: String,
}

impl Hands {
    pub(crate) async fn new(server: &Server, folder: &Path) -> Self {
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let secret = server.link.split_once("link=").unwrap().1;
        let signed = http.post(server.web.join("signin").unwrap()).form(&[("link", secret)]).send().await.unwrap();
        let cookie = signed.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        std::fs::write(folder.join("signed-in"), "").unwrap();
        let made = Command::new(env!("CARGO_BIN_EXE_socrazi"))
            .args(["user", "token", "--name", "test", "--scope", "publishes"])
            .current_dir(folder)
            .env("SOCRAZI_LOG__LEVEL", "error")
            .output()
            .unwrap();
        let token = String::from_utf8(made.stdout).unwrap().trim().to_owned();
        assert!(token.starts_with("soc_"), "{token} {}", String::from_utf8_lossy(&made.stderr));
        Self { http, web: server.web.clone(), cookie, token }
    }

    pub(crate) async fn page(&self, path: &str) -> String {
        let url = self.web.join(path).unwrap();
        self.http.get(url).header("cookie", &self.cookie).send().await.unwrap().text().await.unwrap()
    }

    pub(crate) async fn connect_x(&self) {
        let (_, done) = self.way_back_from_x().await;
        assert_eq!(done.status(), 303, "{}", done.text().await.unwrap());
    }

    /// Goes to X, agrees there and comes back: the code that was brought along, and what our page answered.
    pub(crate) async fn way_back_from_x(&self) -> (String, reqwest::Response) {
        self.way_back("x").await
    }

    /// The same with another network.
    pub(crate) async fn connect_to(&self, network: &str) -> String {
        let (code, done) = self.way_back(network).await;
        assert_eq!(done.status(), 303, "{}", done.text().await.unwrap());
        code
    }

    /// The page that answers when a network says no to what came back.
    pub(crate) async fn failed_to_connect(&self, network: &str) -> String {
        let (_, done) = self.way_back(network).await;
        assert_ne!(done.status(), 303);
        done.text().await.unwrap()
    }

    async fn way_back(&self, network: &str) -> (String, reqwest::Response) {
        let page = self.page("accounts").await;
        let csrf = csrf(&page);
        let away = self.http.post(self.web.join(&format!("connect/{network}")).unwrap()).header("cookie", &self.cookie);
        let away = away.form(&[("csrf", csrf)]).send().await.unwrap().text().await.unwrap();
        let there = away.split_once("content=\"0;url=").unwrap().1.split_once('"').unwrap().0.replace("&#38;", "&");
        let consent = self.http.get(there).send().await.unwrap();
        let mut back: Url = consent.headers()["location"].to_str().unwrap().parse().unwrap();
        // Some networks put one there, which browsers keep to themselves.
        back.set_fragment(None);
        let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
        (code, self.http.get(back).header("cookie", &self.cookie).send().await.unwrap())
    }

    /// Says yes on the page of a question.
    pub(crate) async fn approve(&self, question: &str) {
        let page = self.http.get(question).header("cookie", &self.cookie).send().await.unwrap().text().await.unwrap();
        let hash = page.split_once("name=\"hash\" value=\"").unwrap().1.split_once('"').unwrap().0;
        let csrf = csrf(&page);
        let form = [("csrf", csrf.as_str()), ("hash", hash), ("verdict", "approve")];
        let sent = self.http.post(question).header("cookie", &self.cookie).form(&form).send().await.unwrap();
        assert_eq!(sent.status(), 303, "{}", sent.text().await.unwrap());
    }

    /// Nothing is held before it goes out.
    pub(crate) async fn send_at_once(&self) {
        let csrf = csrf(&self.page("settings").await);
        let form = [
            ("csrf", csrf.as_str()),
            ("lang", "en"),
            ("zone", "UTC"),
            ("hold_s", "0"),
            ("stdio_grant", "drafts"),
            ("chat_grant", "drafts"),
        ];
        let sent = self.http.post(self.web.join("settings").unwrap()).header("cookie", &self.cookie);
        assert_eq!(sent.form(&form).send().await.unwrap().status(), 303);
    }

    /// Calls a tool that must answer.
    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Value {
        let result = self.result(tool, arguments).await;
        assert_ne!(result["isError"], json!(true), "{tool}: {result}");
        result["structuredContent"].clone()
    }

    /// Calls a tool that must refuse: the sentence.
    pub(crate) async fn refused(&self, tool: &str, arguments: Value) -> String {
        let result = self.result(tool, arguments).await;
        assert_eq!(result["isError"], json!(true), "{tool} did not refuse: {result}");
        result["content"][0]["text"].as_str().unwrap().to_owned()
    }

    /// Whatever a tool answers.
    pub(crate) async fn result(&self, tool: &str, arguments: Value) -> Value {
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "0" },
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": { "name": tool, "arguments": arguments, "_meta": meta } });
        let sent = self.http.post(self.web.join("mcp").unwrap()).bearer_auth(&self.token).json(&body);
        let sent =
            sent.header("accept", "application/json, text/event-stream").header("mcp-protocol-version", "2026-07-28");
        let text = sent
            .header("mcp-method", "tools/call")
            .header("mcp-name", tool)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{tool}: {text}"));
        answer["result"].clone()
    }
}

fn csrf(page: &str) -> String {
    page.split_once("name=\"csrf\" value=\"").unwrap().1.split_once('"').unwrap().0.to_owned()
}

/// Every file below a folder, with its bytes.
pub(crate) fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.is_file() {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
}

/// Adds a network to what `write_config` wrote.
pub(crate) fn add_network(folder: &Path, network: &str, settings: Vec<(&'static str, String)>) {
    let config = folder.join("socrazi.toml");
    let mut text = std::fs::read_to_string(&config).unwrap() + &format!("[{network}]\n");
    for (key, value) in settings {
        text.push_str(&format!("{} = \"{value}\"\n", key.split_once('.').unwrap().1));
    }
    std::fs::write(config, text).unwrap();
}

/// Ends a server; every place where a secret could have been left: the usual pages, an answer, the log, each file, each row.
pub(crate) async fn everywhere(
    mut server: Server,
    hands: &Hands,
    (url, folder): (Option<&str>, &Path),
) -> Vec<(String, Vec<u8>)> {
    let mut places = shown(hands).await;
    server.child.kill().unwrap();
    places.extend(left_behind(server, (url, folder)).await);
    places
}

/// The usual pages and an answer.
pub(crate) async fn shown(hands: &Hands) -> Vec<(String, Vec<u8>)> {
    let mut places = Vec::new();
    for path in ["", "accounts", "calendar", "settings"] {
        places.push((format!("the page /{path}"), hands.page(path).await.into_bytes()));
    }
    let listed = hands.result("list_accounts", json!({ "detail": "rules" })).await;
    places.push(("what list_accounts answered".into(), listed.to_string().into_bytes()));
    places
}

/// What is left of a server that was told to end, one way or another: all that it said, each file, each row.
pub(crate) async fn left_behind(mut server: Server, (url, folder): (Option<&str>, &Path)) -> Vec<(String, Vec<u8>)> {
    let mut places = Vec::new();
    server.child.wait().unwrap();
    let log = server.log.lock().unwrap().clone();
    assert!(
        log.contains("TRACE") && log.contains("commit call ended"),
        "the log is not at trace, so it proves nothing"
    );
    places.push(("the log".to_owned(), log.into_bytes()));
    files(&folder.join("data"), &mut places);
    for (table, rows) in rows(url, &folder.join("data")).await {
        places.push((format!("the table {table}"), rows.join("\n").into_bytes()));
    }
    places
}

/// Fails where one of these stands, as it is or in hexadecimal.
pub(crate) fn nowhere(secrets: &std::collections::BTreeSet<String>, places: &[(String, Vec<u8>)]) {
    for (place, bytes) in places {
        let text = String::from_utf8_lossy(bytes);
        let hex = |secret: &str| secret.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
        for secret in secrets {
            assert!(!text.contains(secret.as_str()) && !text.contains(&hex(secret)), "{place} holds {}…", &secret[..6]);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "how long another process may take is real time")]
pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what} did not happen within {PATIENCE:?}");
}

pub(crate) async fn simulator(folder: &Path) -> XSim {
    let options = XOptions {
        allow_any_loopback_redirect: true,
        consent: Consent::Auto,
        ledger_file: Some(folder.join("ledger.jsonl")),
        ..XOptions::default()
    };
    XSim::start(options, SimClock::new()).await.unwrap()
}
