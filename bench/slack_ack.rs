//! How fast Slack is acknowledged: signed commands and events at c=8, each delivered three times in random order, while 100 posts a minute
//! go out; against the reference `/store` of `bench/queue/ack` (HMAC, group-committed insert), interleaved in one run. Beside commands and
//! events drafts are made, and people write directly and in channels (told twice there, as a mention and as a message). Counts what was lost
//! and what was done twice, and ends with status 1 when a bar is missed. The server is another process (this program again), so is the
//! reference.
//!
//!     cargo build --release -p socrazi-sim
//!     ACK_REFERENCE=…/ack-bench cargo bench --features bench --bench slack_ack
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measurement stops at the first surprise, and measures time"
)]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{any, post};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use socrazi::app::{App, Parts};
use socrazi::clock::{SystemClock, SystemEntropy};
use socrazi::config::{Config, Overrides};
use socrazi::domain::caller::{Caller, Grant, Via};
use socrazi::domain::network::Network;
use socrazi::domain::place::{ChatPlace, Member};
use tokio_util::sync::CancellationToken;

const SECRET: &str = "bench-signing-secret";
/// Callers at once.
const WORKERS: usize = 8;
/// Distinct deliveries in all; half commands, half events.
const DELIVERIES: usize = 10_000;
/// Each so often.
const TIMES: usize = 3;
/// Ours and the reference, in turns.
const PAIRS: usize = 5;
/// The bars: p99 at most so many times the reference's, and below this.
const RATIO_MAX: f64 = 3.0;
const P99_MAX_US: f64 = 100_000.0;
/// The reference's own fixed signature needs its own fixed time.
const REFERENCE_TIME: &str = "1700000000";

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _may_be_gone = self.0.kill();
        let _may_be_gone = self.0.wait();
    }
}

fn program(name: &str) -> PathBuf {
    std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join(name)
}

/// The server's side: one linked member, one connected account, posts that go out.
async fn serve(slack: &str) {
    socrazi::app::install_tls_provider();
    let mut x = Command::new(program("socrazi-sim"))
        .args(["x", "--auto-consent", "--any-loopback-redirect"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(x.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let x = (Process(x), serde_json::from_str::<Value>(&line).unwrap());
    let x_url: url::Url = x.1["x"].as_str().unwrap().parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let settings = [
        ("data.dir", folder.path().join("data").display().to_string()),
        ("x.client_id", "sim-x-client".to_owned()),
        ("x.client_secret", "sim-x-secret".to_owned()),
        ("x.auth_url", x_url.join("i/oauth2/authorize").unwrap().to_string()),
        ("x.api_url", x_url.to_string()),
        ("slack.signing_secret", SECRET.to_owned()),
        ("slack.bot_token", "xoxb-bench".to_owned()),
        ("slack.api_url", slack.to_owned()),
    ];
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let config = Config::read("", &std::collections::BTreeMap::new(), &Overrides(settings.into()), None).unwrap();
    let parts = Parts { config, clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy), is_simulation: true };
    let app = Arc::new(App::open(parts).await.unwrap());
    let user = app.local_user().await.unwrap();
    let member = Member { place: ChatPlace::Slack, team: "T1".into(), id: "U1".into() };
    app.link(&user.id, &member, "Bench").await.unwrap();
    let poster = poster(&app).await;
    let stop = CancellationToken::new();
    let doors = socrazi::frontends::Doors::open(&app, &stop).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(doors.run());
    tokio::spawn(socrazi::frontends::serve_http(listener, doors.router, stop.clone()));
    let publisher = app.clone();
    tokio::spawn(async move { publisher.publish_until(CancellationToken::new()).await });
    let poster = poster.map(|caller| tokio::spawn(posts(app.clone(), caller)));
    println!("{}", json!({ "port": port, "publishes": poster.is_some() }));
    let app_for_counts = app.clone();
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        for _line in std::io::stdin().lock().lines() {
            let (all, done) = runtime.block_on(app_for_counts.store().count_received("slack")).unwrap();
            println!("{}", json!({ "all": all, "done": done }));
        }
    })
    .await
    .unwrap();
}

/// Somebody with a connected account and a standing permission.
async fn poster(app: &Arc<App>) -> Option<Caller> {
    let user = app.local_user().await.unwrap();
    let link = app.make_sign_in_link(&user.id).await.unwrap();
    let secret = secrecy::ExposeSecret::expose_secret(&link).split_once("link=")?.1.to_owned();
    let cookie = app.redeem_sign_in_link(&secret, "bench").await.unwrap();
    let person = app.find_signed_in(secrecy::ExposeSecret::expose_secret(&cookie)).await.unwrap()?.caller;
    let url = app.connect_begin(&person, Network::X).await.unwrap();
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = http.get(url).send().await.unwrap();
    let back: url::Url = answer.headers().get("location")?.to_str().ok()?.parse().ok()?;
    let query: Vec<(String, String)> = back.query_pairs().into_owned().collect();
    app.connect_finish(&person, Network::X, &query).await.ok()?;
    Some(Caller { grant: Grant::Publishes, via: Via::McpStdio, ..person })
}

/// A hundred a minute.
async fn posts(app: Arc<App>, caller: Caller) {
    for no in 0.. {
        let draft =
            app.call_tool(&caller, "create_draft", json!({ "text": format!("Post number {no} of the bench") })).await;
        if let Ok(draft) = draft {
            let at = jiff::Timestamp::from_millisecond(app.now_ms() + 2_000).unwrap().to_string();
            let asked = json!({ "post": draft.structured["post"]["id"], "at": at });
            if let Err(error) = app.call_tool(&caller, "schedule_post", asked).await {
                eprintln!("not scheduled: {error:?}");
            }
        }
        tokio::time::sleep(Duration::from_millis(600)).await;
    }
}

struct Server {
    _process: Process,
    ask: ChildStdin,
    lines: BufReader<std::process::ChildStdout>,
    url: String,
    publishes: bool,
}

impl Server {
    fn start(slack: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .env("SLACK_ACK_SERVE", slack)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (ask, mut lines) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        let url = format!("http://127.0.0.1:{}", said["port"]);
        Self { _process: Process(child), ask, lines, url, publishes: said["publishes"] == true }
    }

    fn counts(&mut self) -> (i64, i64) {
        writeln!(self.ask).unwrap();
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        (said["all"].as_i64().unwrap(), said["done"].as_i64().unwrap())
    }
}

/// How often each was answered: commands by their hook, people by their channel.
type Answers = Arc<Mutex<HashMap<String, usize>>>;

/// What answers where Slack would: counts what each command was told.
async fn hooks(State(told): State<Answers>, Path(id): Path<String>) -> &'static str {
    *told.lock().unwrap().entry(id).or_default() += 1;
    "ok"
}

/// The Web API: counts what each channel was told.
async fn api(State(told): State<Answers>, Path(method): Path<String>, body: axum::body::Bytes) -> axum::Json<Value> {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    if let (true, Some(channel)) = (method.starts_with("chat.post"), body["channel"].as_str()) {
        *told.lock().unwrap().entry(channel.to_owned()).or_default() += 1;
    }
    axum::Json(json!({ "ok": true, "ts": "1.1", "channel": body["channel"] }))
}

/// What a delivery is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Help,
    Draft,
    Stop,
    Direct,
    Mention,
}

/// People write so often each: Slack takes about a hundred answers a minute, so more would only wait for it.
const PEOPLE: usize = 40;

fn kind(no: usize) -> Kind {
    match no % 10 {
        _ if no < PEOPLE => Kind::Direct,
        _ if no < 2 * PEOPLE => Kind::Mention,
        0..4 => Kind::Help,
        4 => Kind::Draft,
        _ => Kind::Stop,
    }
}

fn sign(secret: &[u8], at: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(format!("v0:{at}:{body}").as_bytes());
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("v0={hex}")
}

/// Path and body of a delivery; `round` says which of several.
fn delivery(no: usize, round: usize, slack: &str) -> (&'static str, String) {
    let command = |text: &str| {
        let hook = format!("{slack}/hooks/{no}");
        let fields = [
            ("team_id", "T1"),
            ("user_id", "U1"),
            ("channel_id", "C1"),
            ("command", "/socrazi"),
            ("text", text),
            ("trigger_id", &format!("1.{no}.x")),
            ("response_url", &hook),
        ];
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        ("/slack/commands", body)
    };
    let event = |id: String, event: Value| {
        let body = json!({ "type": "event_callback", "team_id": "T1", "event_id": id, "authorizations": [{ "user_id": "UBOT" }],
            "event": event });
        ("/slack/events", body.to_string())
    };
    match kind(no) {
        Kind::Help => command("help"),
        Kind::Draft => command(&format!("draft Number {no} of the bench")),
        Kind::Stop => event(
            format!("Ev{no}"),
            json!({ "type": "agent_session_stopped", "channel": "D1", "thread_ts": format!("{no}.1"), "user": "U1" }),
        ),
        Kind::Direct => event(
            format!("Ev{no}"),
            json!({ "type": "message", "channel_type": "im", "user": "U1", "text": "hello", "channel": format!("D{no}"), "ts": format!("{no}.1") }),
        ),
        // One mention has two events with ids of their own.
        Kind::Mention => {
            let (id, kind) = if round.is_multiple_of(2) { ("m", "app_mention") } else { ("c", "message") };
            let said = json!({ "type": kind, "user": "U1", "text": "<@UBOT> hello", "channel": format!("C{no}"), "ts": format!("{no}.1") });
            event(format!("Ev{no}{id}"), said)
        }
    }
}

/// Microseconds of each acknowledgement.
async fn load(base: &str, jobs: Vec<(String, String, String, String)>) -> Vec<f64> {
    let (next, jobs) = (Arc::new(AtomicUsize::new(0)), Arc::new(jobs));
    let workers = (0..WORKERS).map(|_| {
        let (next, jobs, base) = (next.clone(), jobs.clone(), base.to_owned());
        tokio::spawn(async move {
            let http = reqwest::Client::builder().no_proxy().build().unwrap();
            let mut times = Vec::new();
            while let Some((path, body, at, signature)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                let kind = if body.starts_with('{') { "application/json" } else { "application/x-www-form-urlencoded" };
                let request = http.post(format!("{base}{path}")).header("content-type", kind).body(body.clone());
                let request = request.header("x-slack-request-timestamp", at).header("x-slack-signature", signature);
                let begun = Instant::now();
                let answer = request.send().await.unwrap();
                assert!(answer.status().is_success(), "{}", answer.status());
                answer.bytes().await.unwrap();
                times.push(begun.elapsed().as_secs_f64() * 1e6);
            }
            times
        })
    });
    futures::future::join_all(workers).await.into_iter().flat_map(Result::unwrap).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "an index")]
fn at(times: &mut [f64], share: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    times[((times.len() - 1) as f64 * share).round() as usize]
}

/// A fixed shuffle: the same order in every run.
fn shuffle<T>(list: &mut [T]) {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    for at in (1..list.len()).rev() {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        list.swap(at, usize::try_from(seed % (at as u64 + 1)).unwrap());
    }
}

async fn measure(reference: &std::path::Path) -> Value {
    let told: Answers = Arc::default();
    let router =
        Router::new().route("/hooks/{id}", post(hooks)).route("/api/{method}", any(api)).with_state(told.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let slack = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut server = Server::start(&format!("{slack}/api"));
    let folder = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let reference = Command::new(reference)
        .arg("serve")
        .arg(port.to_string())
        .arg(folder.path().join("reference.db"))
        .spawn()
        .unwrap();
    let _reference = Process(reference);
    let reference_url = format!("http://127.0.0.1:{port}");
    tokio::time::sleep(Duration::from_millis(500)).await;

    let times = |no| if kind(no) == Kind::Mention { 2 * TIMES } else { TIMES };
    let mut order: Vec<(usize, usize)> =
        (0..DELIVERIES).flat_map(|no| (0..times(no)).map(move |round| (no, round))).collect();
    shuffle(&mut order);
    let reference_body = "token=x&team_id=T1&channel_id=C1&user_id=U1&command=%2Fpost&text=help".to_owned();
    let reference_signature = sign(b"not-a-real-signing-secret", REFERENCE_TIME, &reference_body);
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for chunk in order.chunks(order.len() / PAIRS) {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs().to_string();
        let jobs = chunk.iter().map(|(no, round)| {
            let (path, body) = delivery(*no, *round, &slack);
            let signature = sign(SECRET.as_bytes(), &now, &body);
            (path.to_owned(), body, now.clone(), signature)
        });
        let mut a = load(&server.url, jobs.collect()).await;
        eprintln!("ours: {} acknowledged", a.len());
        // What is left of our work must not slow the reference down.
        while {
            let (all, done) = server.counts();
            all != done
        } {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let jobs = chunk.iter().map(|_| {
            ("/store".to_owned(), reference_body.clone(), REFERENCE_TIME.to_owned(), reference_signature.clone())
        });
        let mut b = load(&reference_url, jobs.collect()).await;
        ratios.push(at(&mut a, 0.99) / at(&mut b, 0.99));
        ours.extend(a);
        theirs.extend(b);
    }
    let (all, done) = server.counts();
    let told = told.lock().unwrap();
    let answered = |wanted: &[Kind]| -> Vec<usize> {
        let name = |no: usize| match kind(no) {
            Kind::Direct => format!("D{no}"),
            Kind::Mention => format!("C{no}"),
            Kind::Help | Kind::Draft | Kind::Stop => no.to_string(),
        };
        let of = (0..DELIVERIES).filter(|no| wanted.contains(&kind(*no)));
        of.map(|no| told.get(&name(no)).copied().unwrap_or(0)).collect()
    };
    let commands = answered(&[Kind::Help, Kind::Draft]);
    let people = answered(&[Kind::Direct, Kind::Mention]);
    let count = |list: &[usize], fits: fn(usize) -> bool| list.iter().filter(|times| fits(**times)).count();
    let ratio = at(&mut ratios.clone(), 0.5);
    let p99 = at(&mut ours, 0.99);
    let lost = count(&commands, |times| times == 0) + count(&people, |times| times == 0);
    let twice = count(&commands, |times| times > 1) + count(&people, |times| times > 1);
    let holds = ratio <= RATIO_MAX && p99 < P99_MAX_US && lost == 0 && twice == 0 && all == done;
    json!({
        "requests": ours.len(), "concurrency": WORKERS, "while_publishing": server.publishes,
        "ours": { "p50_us": at(&mut ours, 0.5), "p99_us": p99 },
        "reference": { "p50_us": at(&mut theirs, 0.5), "p99_us": at(&mut theirs, 0.99) },
        "p99_ratio_median": ratio, "p99_ratios": ratios,
        "distinct": DELIVERIES, "stored": all, "done": done,
        "commands": commands.len(), "people": people.len(), "lost": lost, "done_twice": twice, "bars_hold": holds,
    })
}

fn main() {
    socrazi::app::install_tls_provider();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if let Ok(slack) = std::env::var("SLACK_ACK_SERVE") {
        runtime.block_on(serve(&slack));
        return;
    }
    let Ok(reference) = std::env::var("ACK_REFERENCE") else {
        println!("skipped: ACK_REFERENCE does not name the reference program (bench/README.md)");
        return;
    };
    let measured = runtime.block_on(measure(reference.as_ref()));
    println!("{measured:#}");
    if measured["bars_hold"] != true {
        eprintln!(
            "a bar is missed: p99 at most {RATIO_MAX} times the reference and below {P99_MAX_US} µs, none lost, none done twice"
        );
        std::process::exit(1);
    }
}
