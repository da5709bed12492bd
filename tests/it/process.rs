//! The real program as its own process: killed in the worst moment, asked for what it must refuse.

use std::process::Command;

use serde_json::json;
use socrazi::domain::post::digest;
use socrazi_sim::{Fault, FaultKind};

use crate::databases::{Engine, on_both};
use crate::serving::{Hands, beside, free_port, simulator, start, until, write_config, write_config_on};

on_both!(
    a_post_goes_out_once_even_if_the_server_is_killed_before_the_answer_is_stored,
    a_call_that_died_before_its_answer_is_not_run_again,
);

/// The promise of the house: the request is sent, the network accepts, and the process dies before the answer is stored.
async fn a_post_goes_out_once_even_if_the_server_is_killed_before_the_answer_is_stored(engine: Engine) {
    socrazi::app::install_tls_provider();
    let folder = tempfile::tempdir().unwrap();
    let sim = simulator(folder.path()).await;
    let port = free_port();
    write_config_on(engine, folder.path(), port, &sim.url()).await;
    let mut server = start(folder.path(), port);
    let hands = Hands::new(&server, folder.path()).await;
    hands.connect_x().await;
    // Accepted, and then silence: the answer never comes.
    sim.set_faults(vec![Fault::once("POST", "/2/tweets", FaultKind::HangAfter)]);
    let draft =
        hands.call("create_draft", json!({ "text": "おはよう, exactly once https://example.com/a?b=1&c=2" })).await;
    let post = draft["post"]["id"].clone();
    hands.call("publish_post", json!({ "post": post })).await;
    until("the network's acceptance", async || (sim.ledger().len() == 1).then_some(())).await;

    server.child.kill().unwrap();
    server.child.wait().unwrap();
    drop(server);
    let server = start(folder.path(), port);
    let hands = Hands { web: server.web.clone(), ..hands };
    let read = until("the outcome", async || {
        let read = hands.call("get_post", json!({ "post": post })).await;
        (read["post"]["deliveries"][0]["state"] == "published").then_some(read)
    })
    .await;
    let receipt = &read["post"]["deliveries"][0]["receipts"][0];
    assert!(receipt["how"].as_str().unwrap().contains("own posts show it"), "{receipt}");
    let ledger = sim.ledger();
    assert_eq!(ledger.len(), 1, "{ledger:?}");
    assert!(receipt["permalink"].as_str().unwrap().ends_with(&ledger[0].id), "{receipt} {ledger:?}");
    let sent = sim
        .calls()
        .iter()
        .filter(|call| call.method == "POST" && call.path == "/2/tweets")
        .map(|call| call.arrived)
        .sum::<u64>();
    assert_eq!(sent, 1, "the request was sent again");
}

/// A call dies between taking its key and answering: what it did is not known, and it is never run again.
async fn a_call_that_died_before_its_answer_is_not_run_again(engine: Engine) {
    socrazi::app::install_tls_provider();
    let folder = tempfile::tempdir().unwrap();
    let sim = simulator(folder.path()).await;
    let port = free_port();
    write_config_on(engine, folder.path(), port, &sim.url()).await;
    let mut server = start(folder.path(), port);
    let hands = Hands::new(&server, folder.path()).await;
    hands.connect_x().await;
    let arguments = json!({ "text": "once at most", "idempotency_key": "k" });
    // As the server does it; nothing in between can be stopped from outside.
    let app = beside(folder.path()).await;
    let (user, hash) = (app.local_user().await.unwrap().id, digest(&json!(["create_draft", arguments])));
    let is_long_ago = engine == Engine::Postgres;
    let begun = app.now_ms() - if is_long_ago { 60_000 } else { 0 };
    assert!(app.store().claim_idempotency_key(&user, "k", &hash, begun).await.unwrap());
    app.close().await;
    if !is_long_ago {
        let running = hands.refused("create_draft", arguments.clone()).await;
        assert!(running.contains("still running"), "{running}");
    }
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    drop(server);
    let server = start(folder.path(), port);
    let hands = Hands { web: server.web.clone(), ..hands };
    for _ in 0..2 {
        let lost = hands.refused("create_draft", arguments.clone()).await;
        assert!(lost.contains("not known") && lost.contains("list_posts") && lost.contains("another key"), "{lost}");
    }
    assert_eq!(hands.call("list_posts", json!({})).await["posts"], json!([]));
}

/// A second process must not publish from the same folder, and says who has it.
#[test]
fn a_second_server_on_the_same_folder_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let (port, other) = (free_port(), free_port());
    std::fs::write(folder.path().join("socrazi.toml"), format!("[server]\nbind = \"127.0.0.1:{port}\"\n")).unwrap();
    let server = start(folder.path(), port);
    let second = Command::new(env!("CARGO_BIN_EXE_socrazi"))
        .args(["serve", "--bind", &format!("127.0.0.1:{other}")])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(said.contains(&format!("process {}", server.child.id())), "{said}");
}

/// Wrong usage and configuration are told apart from failure, every fault at once.
#[test]
fn faults_of_the_configuration_end_with_status_2_and_are_all_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("socrazi.toml"),
        "[server]\nbind = \"x\"\nnope = 1\n[x]\nclient_secret = \"hush\"\n",
    )
    .unwrap();
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_socrazi")).args(arguments).current_dir(folder.path()).output().unwrap()
    };
    let faults = run(&["doctor"]);
    let said = String::from_utf8_lossy(&faults.stderr).into_owned();
    assert_eq!(faults.status.code(), Some(2), "{said}");
    for wanted in ["server.bind", "server.nope", "x.client_id"] {
        assert!(said.contains(wanted), "{wanted} is not in {said}");
    }
    assert!(!said.contains("hush"));
    assert_eq!(run(&["serve", "--nonsense"]).status.code(), Some(2));
}

/// A program that reads our output is no person at a terminal (DECISIONS 18).
#[test]
fn a_sign_in_link_is_not_shown_to_a_program() {
    let folder = tempfile::tempdir().unwrap();
    let run =
        Command::new(env!("CARGO_BIN_EXE_socrazi")).args(["user", "link"]).current_dir(folder.path()).output().unwrap();
    assert_eq!(run.status.code(), Some(1));
    assert!(run.stdout.is_empty());
}

/// A conversation whose process is killed in the middle of an answer holds nobody up for long, and says what happened.
#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "how long a person waits is real time")]
async fn whoever_writes_after_a_killed_answer_is_told_of_it_within_seconds() {
    use socrazi_sim::gemini::{API_KEY, Ending, GeminiOptions, GeminiSim, Play, Said, Step};
    /// The lease of a turn, and time for two programs to start on a busy machine.
    const WAIT_S_MAX: u64 = 30;
    socrazi::app::install_tls_provider();
    let (folder, sim_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let sim = simulator(sim_folder.path()).await;
    let model = GeminiSim::start(GeminiOptions::default()).await.unwrap();
    let port = free_port();
    write_config(folder.path(), port, &sim.url());
    let file = folder.path().join("socrazi.toml");
    let mut config = std::fs::read_to_string(&file).unwrap();
    config.push_str(&format!("[gemini]\napi_key = \"{API_KEY}\"\nbase_url = \"{}\"\n", model.url()));
    config.push_str("[operator]\ncountry = \"JP\"\n");
    std::fs::write(&file, config).unwrap();
    let server = start(folder.path(), port);
    let hands = Hands::new(&server, folder.path()).await;
    let page = hands.page("settings").await;
    let csrf = page.split_once("name=\"csrf\" value=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
    let agree = hands.http.post(server.web.join("settings/consent").unwrap()).header("cookie", &hands.cookie);
    let agreed = agree.form(&[("csrf", csrf.as_str()), ("agrees", "true")]).send().await.unwrap();
    assert_eq!(agreed.status(), 303);

    let chat = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_socrazi"));
        command.arg("chat").args(arguments).current_dir(folder.path());
        command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::piped());
        command
    };
    let say = |said: Said| model.play([Step { model: Some("gemini-3.8-flash".into()), play: Play::from(said) }]);
    say(Said { ending: Ending::Silence, ..Said::text("On and on") });
    let mut dying = chat(&["--once", "my first question"]).spawn().unwrap();
    until("the first question", async || (!model.asked().is_empty()).then_some(())).await;
    // The model is asked while the question is written down: what was never written, nobody can go on with.
    let is_written = async || {
        let listed = hands.call("list_conversations", json!({})).await;
        listed["conversations"].as_array().is_some_and(|all| !all.is_empty()).then_some(())
    };
    until("the question's row", is_written).await;
    dying.kill().unwrap();
    dying.wait().unwrap();

    say(Said::text("Here I am."));
    let begun = std::time::Instant::now();
    let answered = chat(&["--continue", "--once", "still there?"]).output().unwrap();
    let (waited, said) = (begun.elapsed().as_secs(), String::from_utf8_lossy(&answered.stdout).into_owned());
    println!("answered after {waited} s");
    assert!(answered.status.success() && said.contains("Here I am."), "{said}");
    assert!(said.contains("before this one was interrupted"), "{said}");
    assert!(waited <= WAIT_S_MAX, "{waited} s");
}
