//! How fast a chat service is acknowledged: what `slack_ack` and `discord_ack` share. Signed deliveries at c=8, each several times in random
//! order, while 100 posts a minute go out; against the reference `/store` of `bench/queue/ack` (HMAC, group-committed insert), in turns in
//! one run. Counts what was lost and what was done twice, and ends with status 1 when a bar is missed. The server is another process (the
//! same program again), so is the reference. What a delivery of a service looks like is in its own file.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
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

/// Callers at once.
const WORKERS: usize = 8;
/// Distinct deliveries in all.
pub(crate) const DELIVERIES: usize = 10_000;
/// Each so often.
pub(crate) const TIMES: usize = 3;
/// Ours and the reference, in turns.
const PAIRS: usize = 5;
/// The bars: p99 at most so many times the reference's, and below this.
const RATIO_MAX: f64 = 3.0;
const P99_MAX_US: f64 = 100_000.0;
/// The reference's own fixed signature needs its own fixed time.
const REFERENCE_TIME: &str = "1700000000";
/// Tells the program that it is the server; its value is where the service would be.
const SERVE: &str = "ACK_SERVE";

/// How often each was answered, by whatever name the service's file gave it.
pub(crate) type Answers = Arc<Mutex<HashMap<String, usize>>>;

/// Counts an answer.
pub(crate) fn count(told: &Answers, name: String) {
    *told.lock().unwrap().entry(name).or_default() += 1;
}

/// A request to make.
pub(crate) struct Job {
    pub(crate) path: String,
    pub(crate) body: String,
    pub(crate) headers: Vec<(&'static str, String)>,
}

/// A chat service, as far as its deliveries are measured.
pub(crate) trait Chat {
    /// Which one.
    const PLACE: ChatPlace;

    /// The server's settings, for a service at `root`.
    fn settings(root: &str) -> Vec<(&'static str, String)>;

    /// Whoever does everything that is delivered.
    fn member() -> Member;

    /// What must be there before anything is delivered.
    async fn prepare(app: &App);

    /// What answers where the service would, and counts.
    fn router(told: Answers) -> Router;

    /// How often a delivery comes.
    fn times(no: usize) -> usize;

    /// A delivery, signed as of `now` (Unix seconds); `round` says which of several.
    fn job(no: usize, round: usize, now: &str, root: &str) -> Job;

    /// What kind of thing it is, and the name its answers are counted by; none when nobody answers it.
    fn counted(no: usize) -> Option<(&'static str, String)>;
}

/// The program: the server's side when it was started as that, else the measurement.
pub(crate) fn run<C: Chat>() {
    socrazi::app::install_tls_provider();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if let Ok(root) = std::env::var(SERVE) {
        runtime.block_on(serve::<C>(&root));
        return;
    }
    let Ok(reference) = std::env::var("ACK_REFERENCE") else {
        println!("skipped: ACK_REFERENCE does not name the reference program (bench/README.md)");
        return;
    };
    let measured = runtime.block_on(measure::<C>(reference.as_ref()));
    println!("{measured:#}");
    if measured["bars_hold"] != true {
        eprintln!(
            "a bar is missed: p99 at most {RATIO_MAX} times the reference and below {P99_MAX_US} µs, none lost, none done twice"
        );
        std::process::exit(1);
    }
}

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
async fn serve<C: Chat>(root: &str) {
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
    let mut settings = C::settings(root);
    settings.extend([
        ("data.dir", folder.path().join("data").display().to_string()),
        ("x.client_id", "sim-x-client".to_owned()),
        ("x.client_secret", "sim-x-secret".to_owned()),
        ("x.auth_url", x_url.join("i/oauth2/authorize").unwrap().to_string()),
        ("x.api_url", x_url.to_string()),
    ]);
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let overrides = Overrides(settings.into_iter().collect());
    let config = Config::read("", &BTreeMap::new(), &overrides, None).unwrap();
    let parts = Parts { config, clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy), is_simulation: true };
    let app = Arc::new(App::open(parts).await.unwrap());
    let user = app.local_user().await.unwrap();
    app.link(&user.id, &C::member(), "Bench").await.unwrap();
    C::prepare(&app).await;
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
            let counted = app_for_counts.store().count_received(C::PLACE.word());
            let (all, done) = runtime.block_on(counted).unwrap();
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
    fn start(root: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .env(SERVE, root)
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

/// As Slack signs, and the reference checks.
pub(crate) fn sign(secret: &[u8], at: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(format!("v0:{at}:{body}").as_bytes());
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("v0={hex}")
}

/// What the reference is asked, the same each time.
fn reference_job() -> Job {
    let body = "token=x&team_id=T1&channel_id=C1&user_id=U1&command=%2Fpost&text=help".to_owned();
    let signature = sign(b"not-a-real-signing-secret", REFERENCE_TIME, &body);
    let headers = vec![
        ("content-type", "application/x-www-form-urlencoded".to_owned()),
        ("x-slack-request-timestamp", REFERENCE_TIME.to_owned()),
        ("x-slack-signature", signature),
    ];
    Job { path: "/store".into(), body, headers }
}

/// Microseconds of each acknowledgement.
async fn load(base: &str, jobs: Vec<Job>) -> Vec<f64> {
    let (next, jobs) = (Arc::new(AtomicUsize::new(0)), Arc::new(jobs));
    let workers = (0..WORKERS).map(|_| {
        let (next, jobs, base) = (next.clone(), jobs.clone(), base.to_owned());
        tokio::spawn(async move {
            let http = reqwest::Client::builder().no_proxy().build().unwrap();
            let mut times = Vec::new();
            while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                let mut request = http.post(format!("{base}{}", job.path)).body(job.body.clone());
                for (name, value) in &job.headers {
                    request = request.header(*name, value);
                }
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

/// The reference, once it can be asked.
async fn reference(program: &std::path::Path, folder: &std::path::Path) -> (Process, String) {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let child =
        Command::new(program).arg("serve").arg(port.to_string()).arg(folder.join("reference.db")).spawn().unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    (Process(child), format!("http://127.0.0.1:{port}"))
}

async fn measure<C: Chat>(program: &std::path::Path) -> Value {
    let told: Answers = Arc::default();
    let router = C::router(told.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut server = Server::start(&root);
    let folder = tempfile::tempdir().unwrap();
    let (_reference, reference_url) = reference(program, folder.path()).await;

    let mut order: Vec<(usize, usize)> =
        (0..DELIVERIES).flat_map(|no| (0..C::times(no)).map(move |round| (no, round))).collect();
    shuffle(&mut order);
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for chunk in order.chunks(order.len() / PAIRS) {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs().to_string();
        let jobs = chunk.iter().map(|(no, round)| C::job(*no, *round, &now, &root)).collect();
        let mut a = load(&server.url, jobs).await;
        eprintln!("ours: {} acknowledged", a.len());
        // What is left of our work must not slow the reference down.
        while {
            let (all, done) = server.counts();
            all != done
        } {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let mut b = load(&reference_url, chunk.iter().map(|_| reference_job()).collect()).await;
        ratios.push(at(&mut a, 0.99) / at(&mut b, 0.99));
        ours.extend(a);
        theirs.extend(b);
    }
    let (all, done) = server.counts();
    let (answered, lost, twice) = tally::<C>(&told);
    let ratio = at(&mut ratios.clone(), 0.5);
    let p99 = at(&mut ours, 0.99);
    let holds = ratio <= RATIO_MAX && p99 < P99_MAX_US && lost == 0 && twice == 0 && all == done;
    json!({
        "requests": ours.len(), "concurrency": WORKERS, "while_publishing": server.publishes,
        "ours": { "p50_us": at(&mut ours, 0.5), "p99_us": p99 },
        "reference": { "p50_us": at(&mut theirs, 0.5), "p99_us": at(&mut theirs, 0.99) },
        "p99_ratio_median": ratio, "p99_ratios": ratios,
        "distinct": DELIVERIES, "stored": all, "done": done,
        "answered": answered, "lost": lost, "done_twice": twice, "bars_hold": holds,
    })
}

/// How many deliveries somebody answers, by kind; how many of them nobody answered, and how many were answered more than once.
fn tally<C: Chat>(told: &Answers) -> (BTreeMap<&'static str, usize>, usize, usize) {
    let told = told.lock().unwrap();
    let (mut answered, mut lost, mut twice) = (BTreeMap::new(), 0, 0);
    for (kind, name) in (0..DELIVERIES).filter_map(C::counted) {
        *answered.entry(kind).or_default() += 1;
        match told.get(&name).copied().unwrap_or(0) {
            0 => lost += 1,
            1 => {}
            _ => twice += 1,
        }
    }
    (answered, lost, twice)
}
