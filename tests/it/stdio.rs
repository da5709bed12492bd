//! `socrazi mcp`: clients over stdio, and the server that they find or start.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::databases::Engine;
use crate::serving::{Hands, beside, free_port, simulator, start, write_config_on};

/// Ends the server that clients started in this folder, whatever happens.
struct Ended<'a>(&'a Path);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        let Ok(name) = std::fs::read_to_string(self.0.join("socrazi.lock")) else { return };
        if let Some(pid) = name.trim().parse().ok().and_then(rustix::process::Pid::from_raw) {
            let _may_be_gone = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
    }
}

fn client(data: &Path, port: u16) -> Child {
    client_with(data, port, &[])
}

fn client_with(data: &Path, port: u16, options: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_socrazi"))
        .args(["mcp", "--bind", &format!("127.0.0.1:{port}"), "--data"])
        .arg(data)
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn greeting() -> Vec<Value> {
    vec![
        json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": { "protocolVersion": "2025-06-18",
            "capabilities": {}, "clientInfo": { "name": "t", "version": "0" } } }),
        json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }),
    ]
}

fn call(id: u32, tool: &str, arguments: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": { "name": tool, "arguments": arguments } })
}

/// Says these lines, closes its side, and gives back what was answered.
fn talk(mut client: Child, lines: &[Vec<u8>]) -> String {
    let mut stdin = client.stdin.take().unwrap();
    for line in lines {
        stdin.write_all(line).unwrap();
        stdin.write_all(b"\n").unwrap();
    }
    drop(stdin);
    let output = client.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.lines().all(|line| line.starts_with('{')), "stdout belongs to the protocol: {said}");
    said
}

fn list_accounts() -> Vec<Vec<u8>> {
    let lines = greeting().into_iter().chain([call(2, "list_accounts", json!({}))]);
    lines.map(|line| line.to_string().into_bytes()).collect()
}

/// A client over stdio finds no server: one is started for it, answers, and outlives it.
#[test]
fn an_assistant_over_stdio_gets_a_server_that_outlives_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let _ended = Ended(&data);
    let said = talk(client(&data, free_port()), &list_accounts());
    assert!(said.contains("connect_account gives a link"), "{said}");
    // It runs on, locked and named; the test that started it ends it.
    let pid: i32 = std::fs::read_to_string(data.join("socrazi.lock")).unwrap().trim().parse().unwrap();
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::test_kill_process(pid).unwrap();
    assert!(
        !std::fs::read_to_string(data.join("serve.log")).unwrap().contains("link="),
        "a way in was written to a log"
    );
}

/// The real program over its pipe: a path is a file of the machine, from the person's own folder on, too.
#[test]
fn an_assistant_over_stdio_brings_in_a_file_of_the_machine() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let _ended = Ended(&data);
    std::fs::write(folder.path().join("tower.jpg"), crate::media::geotagged()).unwrap();
    let whole = folder.path().join("tower.jpg").to_str().unwrap().to_owned();
    let calls = [
        call(2, "attach_media", json!({ "url": whole })),
        call(3, "attach_media", json!({ "url": "~/tower.jpg" })),
        call(4, "attach_media", json!({ "url": "tower.jpg" })),
    ];
    let lines = greeting().into_iter().chain(calls);
    let lines: Vec<Vec<u8>> = lines.map(|line| line.to_string().into_bytes()).collect();
    let client = Command::new(env!("CARGO_BIN_EXE_socrazi"))
        .args(["mcp", "--bind", &format!("127.0.0.1:{}", free_port()), "--data"])
        .arg(&data)
        .env("HOME", folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let said = talk(client, &lines);
    let answers: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |id: u32| answers.iter().find(|answer| answer["id"] == id).unwrap().clone();
    for id in [2, 3] {
        assert_eq!(of(id)["result"]["structuredContent"]["media"][0]["width"], 96, "{said}");
    }
    assert_eq!(of(4)["result"]["isError"], true, "{said}");
}

/// Whoever starts the pipe may leave things out; what is left out is neither listed nor done, and the next client has all of it again.
#[test]
fn a_client_over_stdio_is_shown_what_its_starter_left_in() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let _ended = Ended(&data);
    let port = free_port();
    let list = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list" });
    let lines: Vec<Vec<u8>> = greeting()
        .into_iter()
        .chain([list, call(3, "create_draft", json!({ "text": "no" })), call(4, "list_posts", json!({}))])
        .map(|line| line.to_string().into_bytes())
        .collect();
    let names = |said: &str| {
        let answers: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let of = |id: u32| answers.iter().find(|answer| answer["id"] == id).unwrap().clone();
        let tools = of(2)["result"]["tools"].as_array().unwrap().clone();
        let names: Vec<String> = tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect();
        (names, of(3).get("error").is_some(), of(4).get("error").is_some())
    };
    let some = talk(client_with(&data, port, &["--toolsets", "posts, reports", "--read-only"]), &lines);
    let reports = ["report_posts", "suggest_times", "report_traffic", "report_search", "report_videos"];
    let shown = [&["get_post", "list_posts"][..], &reports].concat();
    assert_eq!(names(&some), (shown.into_iter().map(str::to_owned).collect(), true, false));
    let (all, draft, list) = names(&talk(client(&data, port), &lines));
    assert!(all.len() > 10 && !draft && !list, "{all:?}");
    let wrong = client_with(&data, port, &["--toolsets", "postz"]).wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(wrong.status.code() == Some(2) && said.contains("postz") && said.contains("publishing"), "{said}");
}

/// What wrote a post is told with the name that the client gives itself, whatever it puts in there.
#[tokio::test(flavor = "multi_thread")]
async fn what_wrote_a_post_over_stdio_is_known_by_its_name() {
    socrazi::app::install_tls_provider();
    let folder = tempfile::tempdir().unwrap();
    let sim = simulator(folder.path()).await;
    let port = free_port();
    write_config_on(Engine::Sqlite, folder.path(), port, &sim.url()).await;
    let server = start(folder.path(), port);
    Hands::new(&server, folder.path()).await.connect_x().await;
    let mut greeting = greeting();
    greeting[0]["params"]["clientInfo"]["name"] = json!("Scribe\u{202e}\nby Ana");
    let lines = greeting.into_iter().chain([call(2, "create_draft", json!({ "text": "Written over stdio" }))]);
    let lines: Vec<Vec<u8>> = lines.map(|line| line.to_string().into_bytes()).collect();
    let client = client(&folder.path().join("data"), port);
    let said = tokio::task::spawn_blocking(move || talk(client, &lines)).await.unwrap();
    let answer = said.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).find(|line| line["id"] == 2);
    let post = answer.unwrap()["result"]["structuredContent"]["post"]["id"].as_str().unwrap().parse().unwrap();
    let app = beside(folder.path()).await;
    let origins = app.origins(&post).await.unwrap();
    assert_eq!(origins.iter().map(|origin| origin.client.as_str()).collect::<Vec<_>>(), ["Scribeby Ana"]);
    app.close().await;
}

/// An editor opens its windows all at once: one server is started, and every client talks to it.
#[test]
fn five_clients_at_once_share_one_server() {
    let folder = tempfile::tempdir().unwrap();
    let (data, port) = (folder.path().join("data"), free_port());
    let _ended = Ended(&data);
    let clients: Vec<_> = (0..5).map(|_| client(&data, port)).collect();
    for client in clients {
        let said = talk(client, &list_accounts());
        assert!(said.contains("connect_account gives a link"), "{said}");
    }
    let log = std::fs::read_to_string(data.join("serve.log")).unwrap();
    assert_eq!(log.matches("started by `socrazi mcp`").count(), 1, "{log}");
}

/// Whatever a client writes, the next message is answered, and it is told what was wrong with this one.
#[test]
fn what_is_no_message_is_answered_with_a_sentence_and_the_talk_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let _ended = Ended(&data);
    let mut lines: Vec<Vec<u8>> = greeting().into_iter().map(|line| line.to_string().into_bytes()).collect();
    let wrong = json!({ "jsonrpc": "2.0", "id": 8, "method": "tools/call", "params": { "name": "list_posts", "arguments": ["a"] } });
    lines.extend([
        b"{\"jsonrpc\":\"2.0\",\"id\":7,\xff\xfe}".to_vec(),
        vec![b'a'; 4 * 1024 * 1024 + 1],
        b"{nonsense".to_vec(),
        Vec::new(),
        wrong.to_string().into_bytes(),
        call(9, "list_accounts", json!({})).to_string().into_bytes(),
    ]);
    let said = talk(client(&data, free_port()), &lines);
    let answers: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let errors: Vec<(i64, &str)> = answers
        .iter()
        .filter(|answer| answer.get("error").is_some())
        .map(|answer| (answer["error"]["code"].as_i64().unwrap(), answer["error"]["message"].as_str().unwrap()))
        .collect();
    assert_eq!(errors.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [-32700, -32700, -32700, -32602], "{said}");
    for ((_, message), word) in errors.iter().zip(["UTF-8", "4 MiB", "not JSON", "object"]) {
        assert!(message.contains(word), "{word:?} is not in {message}");
    }
    assert!(answers.iter().any(|answer| answer["id"] == 9 && answer["result"]["isError"] != true), "{said}");
}

/// A client stays for days; what the person changes on their settings page counts from its next call on.
#[tokio::test(flavor = "multi_thread")]
async fn a_permission_taken_back_and_a_changed_zone_count_from_the_next_call_on() {
    use socrazi::app::settings::SettingsChange;
    use socrazi::domain::caller::Grant;
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

    let world = crate::world::World::new().await;
    let grant = async |grant, zone: &str| {
        let zone = Some(zone.to_owned());
        let change = SettingsChange { stdio_grant: Some(grant), zone, ..SettingsChange::default() };
        world.app.change_settings(&world.person, change).await.unwrap();
    };
    let (path, stop) = (world.folder.path().join("s"), tokio_util::sync::CancellationToken::new());
    let (app, at, until) = (world.app.clone(), path.clone(), stop.clone());
    let listening = tokio::spawn(async move { socrazi::frontends::mcp::listen(app, &at, until).await });
    let stream = crate::serving::until("the socket", async || tokio::net::UnixStream::connect(&path).await.ok()).await;
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut say = async |message: Value| {
        write.write_all(format!("{message}\n").as_bytes()).await.unwrap();
        if message["id"].is_null() {
            return Value::Null;
        }
        serde_json::from_str::<Value>(&lines.next_line().await.unwrap().unwrap()).unwrap()["result"].clone()
    };
    for message in greeting() {
        say(message).await;
    }
    grant(Grant::Publishes, "Asia/Tokyo").await;
    let post = world.draft("Out at once").await;
    let held = say(call(2, "publish_post", json!({ "post": post }))).await;
    assert_eq!(held["structuredContent"]["status"], "going_out", "{held}");
    grant(Grant::Drafts, "America/Lima").await;
    let post = world.draft("Not without a yes").await;
    let asked = say(call(3, "publish_post", json!({ "post": post }))).await;
    assert_eq!(asked["structuredContent"]["status"], "waiting_for_approval", "{asked}");
    let read = say(call(4, "schedule_post", json!({ "post": post, "at": "tomorrow 9am", "dry_run": true }))).await;
    assert!(read.to_string().contains("T09:00:00-05:00"), "{read}");
    stop.cancel();
    listening.await.unwrap().unwrap();
    world.end().await;
}
