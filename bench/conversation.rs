//! How much a turn costs beside the model: time to the first piece of text through the whole core (history loaded, the message sealed and
//! durable) against the same request sent straight to the same simulator, in turns in one run; and what a thousand conversations that stream
//! at once need. Prints JSON, and ends with status 1 when a bar of the issue is missed. The simulator is another process, so memory is ours
//! alone.
//!
//!     cargo build --release -p socrazi-sim && cargo bench --features bench --bench conversation
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measurement stops at the first surprise, and measures time"
)]

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};
use socrazi::app::{App, Parts};
use socrazi::clock::{SystemClock, SystemEntropy};
use socrazi::config::{Config, Overrides};
use socrazi::domain::caller::Caller;
use socrazi::domain::chat::{Progress, TurnState, Utterance};
use tokio_util::sync::CancellationToken;
use url::Url;

const KEY: &str = "AQ.sim-gemini-key-0123456789abcdef";
const MODEL: &str = "gemini-3.8-flash";
/// Conversations that talk at the same time.
const WORKERS: usize = 8;
/// Turns in all, each beside a direct call.
const TURNS: usize = 1_000;
/// How long the paced model takes before its first byte: as long as a quick one does.
const THINK_MS: u64 = 300;
/// A conversation is begun anew after so many turns, so that history is typical.
const TURNS_EACH: usize = 10;
/// Streams at once.
const STREAMS: usize = 1_000;
/// The bars: what the core may add to the first piece of text (eight at a time, the model takes its time as real ones do), and memory while
/// all stream.
const P50_US_MAX: f64 = 1_000.0;
const P99_US_MAX: f64 = 5_000.0;
const RSS_KIB_MAX: u64 = 150 * 1024;

struct Simulator(Child);

impl Drop for Simulator {
    fn drop(&mut self) {
        let _may_be_gone = self.0.kill();
        let _may_be_gone = self.0.wait();
    }
}

fn simulator() -> (Simulator, Url) {
    let here = std::env::current_exe().unwrap();
    let program: PathBuf = here.ancestors().nth(2).unwrap().join("socrazi-sim");
    let mut child = Command::new(&program).arg("gemini").stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address: Value = serde_json::from_str(&line).unwrap();
    (Simulator(child), address["gemini"].as_str().unwrap().parse().unwrap())
}

async fn server(folder: &std::path::Path, model: &Url) -> (Arc<App>, Caller) {
    socrazi::app::install_tls_provider();
    let settings = [
        ("data.dir", folder.display().to_string()),
        ("gemini.api_key", KEY.to_owned()),
        ("gemini.base_url", model.to_string()),
        ("gemini.monthly_tokens_max", "9000000000".to_owned()),
    ];
    let config = Config::read("", &std::collections::BTreeMap::new(), &Overrides(settings.into()), None).unwrap();
    let parts = Parts { config, clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy), is_simulation: true };
    let app = Arc::new(App::open(parts).await.unwrap());
    let caller = app.terminal_caller().await.unwrap();
    app.set_consent(&caller, true).await.unwrap();
    (app, caller)
}

/// Microseconds until the first piece of text.
async fn through(app: &App, caller: &Caller, thread: &str) -> f64 {
    let said = Utterance::alone("chat", thread, "Good morning, Socrazi.");
    let (begun, mut first) = (Instant::now(), None);
    let mut tell = |progress: Progress| {
        if matches!(progress, Progress::Text(_)) && first.is_none() {
            first = Some(begun.elapsed());
        }
    };
    let reply = app.converse(caller, &said, CancellationToken::new(), &mut tell).await.unwrap();
    assert_eq!(reply.state, TurnState::Done);
    first.unwrap().as_secs_f64() * 1e6
}

/// The same, straight to the simulator.
async fn direct(http: &reqwest::Client, model: &Url, body: &Value) -> f64 {
    let url = model.join(&format!("v1beta/models/{MODEL}:streamGenerateContent?alt=sse")).unwrap();
    let begun = Instant::now();
    let mut answer = http.post(url).header("x-goog-api-key", KEY).json(body).send().await.unwrap();
    answer.chunk().await.unwrap().unwrap();
    let first = begun.elapsed();
    while answer.chunk().await.unwrap().is_some() {}
    first.as_secs_f64() * 1e6
}

fn at(sorted: &[f64], share: f64) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index"
    )]
    let index = ((sorted.len() - 1) as f64 * share).round() as usize;
    sorted[index]
}

/// `think_ms`: how long the model takes before its first byte. With 0 eight callers, the core and the simulator keep two cores busy without a
/// pause, so that what is measured is the queue before them: told, too, and not judged, for no real model answers at once.
async fn overhead(
    app: &Arc<App>,
    caller: &Caller,
    model: &Url,
    (workers, turns, think_ms): (usize, usize, u64),
) -> Value {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    if think_ms > 0 {
        let say = json!({ "pieces": [{ "text": "Good morning. What shall we publish today?" }], "first_ms": think_ms });
        let step = json!({ "model": MODEL, "play": { "say": say } });
        let steps: Vec<_> = std::iter::repeat_n(step, 2 * turns + 2).collect();
        let sent = http.post(model.join("__sim/script").unwrap()).json(&steps).send().await.unwrap();
        assert!(sent.status().is_success());
    }
    through(app, caller, "warm").await;
    through(app, caller, "warm").await;
    let asked: Value = http.get(model.join("__sim/asked").unwrap()).send().await.unwrap().json().await.unwrap();
    let body =
        asked["asked"].as_array().unwrap().iter().rfind(|request| request["model"] == MODEL).unwrap()["body"].clone();
    let running = (0..workers).map(|worker| {
        let (app, caller, http, model, body) = (app.clone(), caller.clone(), http.clone(), model.clone(), body.clone());
        tokio::spawn(async move {
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            for turn in 0..turns / workers {
                // Each at a pace of its own: calls that wait equally long for the model would go on in step, eight at one instant.
                if think_ms > 0 {
                    let pause = (turn * 7_919 + worker * 104_729) as u64 % think_ms;
                    tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
                }
                theirs.push(direct(&http, &model, &body).await);
                ours.push(
                    through(&app, &caller, &format!("{think_ms}-{workers}-{worker}-{}", turn / TURNS_EACH)).await,
                );
            }
            (ours, theirs)
        })
    });
    let (mut ours, mut theirs, mut over) = (Vec::new(), Vec::new(), Vec::new());
    for done in futures::future::join_all(running).await {
        let (a, b) = done.unwrap();
        over.extend(a.iter().zip(&b).map(|(a, b)| a - b));
        ours.extend(a);
        theirs.extend(b);
    }
    for list in [&mut ours, &mut theirs, &mut over] {
        list.sort_by(f64::total_cmp);
    }
    let row = |list: &[f64]| json!({ "p50_us": at(list, 0.5), "p99_us": at(list, 0.99) });
    json!({ "turns": ours.len(), "concurrency": workers, "model_thinks_ms": think_ms, "ours": row(&ours), "direct": row(&theirs), "overhead": row(&over),
        "p50_difference_us": at(&ours, 0.5) - at(&theirs, 0.5), "p99_difference_us": at(&ours, 0.99) - at(&theirs, 0.99) })
}

/// Kibibytes of this process, now and at most.
fn memory() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let of = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    (of("VmRSS:"), of("VmHWM:"))
}

async fn streams(app: &Arc<App>, caller: &Caller, model: &Url) -> Value {
    let text = "A sentence that comes slowly, piece by piece. ".repeat(8);
    let step = json!({ "model": MODEL, "play": { "say": { "pieces": [{ "text": text }], "between_ms": 400 } } });
    let steps: Vec<_> = std::iter::repeat_n(step, STREAMS).collect();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let sent = http.post(model.join("__sim/script").unwrap()).json(&steps).send().await.unwrap();
    assert!(sent.status().is_success());
    let begun = Instant::now();
    let turns = (0..STREAMS).map(|no| {
        let (app, caller) = (app.clone(), caller.clone());
        tokio::spawn(async move {
            let said = Utterance::alone("chat", format!("s{no}"), "Go on.");
            app.converse(&caller, &said, CancellationToken::new(), &mut |_| {}).await
        })
    });
    let turns: Vec<_> = turns.collect();
    let (mut done, mut lost) = (0, 0);
    for turn in turns {
        match turn.await.unwrap() {
            Ok(reply) if reply.state == TurnState::Done && reply.text == text.trim() => done += 1,
            Ok(_) | Err(_) => lost += 1,
        }
    }
    let (rss, most) = memory();
    json!({ "streams": STREAMS, "done": done, "lost": lost, "seconds": begun.elapsed().as_secs_f64(), "rss_kib": rss, "most_rss_kib": most })
}

/// Every bar that was missed, in words.
fn missed(first_token: &Value, streams: &Value) -> Vec<String> {
    let over = &first_token["overhead"];
    let us = |name: &str| over[name].as_f64().unwrap();
    let (lost, rss) = (streams["lost"].as_u64().unwrap(), streams["most_rss_kib"].as_u64().unwrap());
    let bars = [
        (us("p50_us") > P50_US_MAX, format!("p50 of the overhead is {:.0} µs, at most {P50_US_MAX} µs", us("p50_us"))),
        (us("p99_us") > P99_US_MAX, format!("p99 of the overhead is {:.0} µs, at most {P99_US_MAX} µs", us("p99_us"))),
        (rss > RSS_KIB_MAX, format!("{rss} KiB of memory, at most {RSS_KIB_MAX} KiB")),
        (lost > 0, format!("{lost} turns were lost")),
    ];
    bars.into_iter().filter(|(is_missed, _)| *is_missed).map(|(_, words)| words).collect()
}

fn main() -> std::process::ExitCode {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    runtime.block_on(async {
        let (_simulator, model) = simulator();
        let (app, caller) = server(folder.path(), &model).await;
        let idle = memory().0;
        let streams = streams(&app, &caller, &model).await;
        let alone = overhead(&app, &caller, &model, (1, TURNS / 4, 0)).await;
        let busy = overhead(&app, &caller, &model, (WORKERS, TURNS, 0)).await;
        let paced = overhead(&app, &caller, &model, (WORKERS, TURNS, THINK_MS)).await;
        println!(
            "{:#}",
            json!({ "idle_rss_kib": idle, "first_token": &paced, "first_token_at_once": busy, "first_token_alone": alone, "streaming": &streams })
        );
        app.close().await;
        let missed = missed(&paced, &streams);
        for bar in &missed {
            eprintln!("missed: {bar}");
        }
        if missed.is_empty() { std::process::ExitCode::SUCCESS } else { std::process::ExitCode::FAILURE }
    })
}
