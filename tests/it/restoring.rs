//! A backup that comes back, older than what happened since: nothing goes out twice, nobody who was deleted is back, and what a running
//! server does not know yet is named.

use std::path::Path;
use std::process::Command;

use secrecy::SecretString;
use serde_json::{Value, json};
use socrazi::domain::sealed::Place;
use socrazi::vault::VaultError;

use crate::databases::{Engine, on_both};
use crate::serving::{Hands, Server, beside, free_port, simulator, start, until, write_config};
use crate::world::World;

on_both!(what_comes_back_is_held_until_its_person_lets_it_go_on,);

fn run(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_socrazi")).args(arguments).current_dir(folder).output().unwrap();
    let said = [done.stdout, done.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (done.status.code().unwrap(), said)
}

fn end(mut server: Server) {
    server.child.kill().unwrap();
    server.child.wait().unwrap();
}

/// The audit's own case: scheduled, backed up, published, restored. The restored row says "scheduled", and its time has just passed.
#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_went_out_after_the_backup_does_not_go_out_again() {
    socrazi::app::install_tls_provider();
    let folder = tempfile::tempdir().unwrap();
    let sim = simulator(folder.path()).await;
    let port = free_port();
    write_config(folder.path(), port, &sim.url());
    let server = start(folder.path(), port);
    let hands = Hands::new(&server, folder.path()).await;
    hands.connect_x().await;
    let soon = jiff::Timestamp::from_millisecond(beside(folder.path()).await.now_ms() + 6_000).unwrap().to_string();
    let drafts = [
        hands.call("create_draft", json!({ "text": "once" })).await,
        hands.call("create_draft", json!({ "text": "far" })).await,
    ];
    let [once, far] = drafts.map(|draft| draft["post"]["id"].clone());
    hands.call("schedule_post", json!({ "post": once, "at": soon })).await;
    hands.call("schedule_post", json!({ "post": far, "at": crate::serving::in_days(30), "zone": "UTC" })).await;
    let (status, said) = run(folder.path(), &["backup", "copy"]);
    assert_eq!(status, 0, "{said}");
    until("the post to go out", async || (sim.ledger().len() == 1).then_some(())).await;
    end(server);

    std::fs::rename(folder.path().join("data"), folder.path().join("lost")).unwrap();
    let (status, said) = run(folder.path(), &["restore", "copy"]);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("1 posts wait") && said.contains("1 whose time is over"), "{said}");
    let server = start(folder.path(), port);
    let hands = Hands { web: server.web.clone(), ..hands };
    // Its person is told, and what is overdue is asked about instead of being sent; nothing moves by itself.
    let state = async |post: &Value| {
        hands.call("get_post", json!({ "post": post })).await["post"]["deliveries"][0]["state"].clone()
    };
    assert_eq!((state(&once).await, state(&far).await), (json!("missed"), json!("paused")));
    let today = hands.page("").await;
    assert!(today.contains("brought back from a backup"), "{today}");
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert_eq!(sim.ledger().len(), 1, "{:?}", sim.ledger());
    let sent = sim.calls().iter().filter(|call| call.path == "/2/tweets").map(|call| call.arrived).sum::<u64>();
    assert_eq!(sent, 1, "a second commit call was made");
    end(server);
}

/// Whatever was open is held, in every state, and one yes of the person lets what lies ahead go on.
async fn what_comes_back_is_held_until_its_person_lets_it_go_on(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let (ahead, late) = (world.scheduled("ahead").await, world.draft("late").await);
    let soon = jiff::Timestamp::from_millisecond(world.clock.now_ms() + 60_000).unwrap().to_string();
    // Paused by its person before: it is overdue when it comes back.
    world.call("schedule_post", json!({ "post": late, "at": soon })).await;
    world.call("pause_publishing", json!({ "post": late })).await;
    world.pass(120_000);
    let held = world.app.hold_restored(Some(world.clock.now_ms())).await.unwrap();
    assert_eq!((held.paused, held.missed), (1, 1));
    assert_eq!(world.delivery(&late).await["state"], "missed");
    world.pass(3_600_000);
    assert_eq!(world.delivery(&ahead).await["state"], "paused");
    assert_eq!(world.sent(), 0);
    // Begun again it finds nothing more to hold; its time is over by now.
    let again = world.app.hold_restored(None).await.unwrap();
    assert_eq!((again.paused, again.missed), (0, 1));
    world.end().await;
}

/// Deleted, and back with a backup from before: gone again before anybody is served, key included.
#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_was_deleted_does_not_come_back_with_a_backup() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    write_config(folder.path(), port, &format!("http://127.0.0.1:{}", free_port()).parse().unwrap());
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let app = beside(folder.path()).await;
    let user = app.local_user().await.unwrap().id;
    let place = Place { user: &user, provider: "x", provider_account: "1", table: "t", column: "c", row: "r" };
    let sealed = app.vault().seal(&place, &SecretString::from("canary")).await.unwrap();
    app.close().await;
    let copy_of_data = |to: &str| {
        let (status, said) = run(folder.path(), &["backup", to]);
        assert_eq!(status, 0, "{said}");
    };
    copy_of_data("copy");
    let (status, said) = run(folder.path(), &["user", "delete", user.as_str()]);
    assert_eq!(status, 0, "{said}");
    let list = folder.path().join("socrazi.deleted");
    assert!(std::fs::read_to_string(&list).unwrap().starts_with(user.as_str()));

    let is_gone = async |when: &str| {
        let app = beside(folder.path()).await;
        assert!(app.store().find_user(&user).await.unwrap().is_none(), "{when}: the person is back");
        let opened = app.vault().open(&place, &sealed).await.map(drop);
        assert_eq!(opened, Err(VaultError::KeyGone), "{when}: their key is back");
        app.close().await;
    };
    let lose = |to: &str| std::fs::rename(folder.path().join("data"), folder.path().join(to)).unwrap();
    lose("lost");
    let (status, said) = run(folder.path(), &["restore", "copy"]);
    assert!(status == 0 && said.contains("1 people"), "{said}");
    is_gone("restored").await;

    // Brought back by hand, file by file: `serve` looks before it serves.
    lose("lost-again");
    std::fs::create_dir(folder.path().join("data")).unwrap();
    for file in ["socrazi.db", "keys.db"] {
        std::fs::copy(folder.path().join("copy").join(file), folder.path().join("data").join(file)).unwrap();
    }
    let app = beside(folder.path()).await;
    assert!(
        app.store().find_user(&user).await.unwrap().is_some(),
        "the copy does not hold them, so this proves nothing"
    );
    app.close().await;
    end(start(folder.path(), port));
    is_gone("served").await;

    // The list was lost with the machine, but kept elsewhere; half a line of a crash names nobody.
    lose("lost-thrice");
    std::fs::rename(&list, folder.path().join("kept")).unwrap();
    let text = std::fs::read_to_string(folder.path().join("kept")).unwrap();
    std::fs::write(folder.path().join("kept"), format!("# kept\n{text}user_01K")).unwrap();
    let (status, said) = run(folder.path(), &["restore", "copy", "--deleted", "kept"]);
    assert!(status == 0 && said.contains("1 people"), "{said}");
    is_gone("restored with a list from elsewhere").await;
}

/// `doctor` beside a running server names what was changed since its start, and `SIGHUP` takes up what it can.
#[tokio::test(flavor = "multi_thread")]
async fn doctor_says_which_settings_need_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    write_config(folder.path(), port, &format!("http://127.0.0.1:{}", free_port()).parse().unwrap());
    let file = folder.path().join("socrazi.toml");
    let begun_with = std::fs::read_to_string(&file).unwrap();
    let begun_with = begun_with.split_once("[log]").unwrap().0.to_owned() + "[log]\nlevel = \"info\"\n";
    std::fs::write(&file, &begun_with).unwrap();
    let server = start(folder.path(), port);
    let found = || {
        let (_, said) = run(folder.path(), &["doctor", "--json"]);
        // Behind the report may come what was logged.
        let report: Value = serde_json::from_str(&format!("{}\n}}", said.split_once("\n}").unwrap().0)).unwrap();
        report["checks"].as_array().unwrap().iter().find(|check| check["what"] == "running settings").unwrap().clone()
    };
    assert_eq!(found()["mark"], "good");
    // It also looks at the server from where clients are, in the operator's language.
    let (status, said) = run(folder.path(), &["doctor", "--lang", "ja"]);
    for line in
        ["good  少しずつ届く応答: ", "good  トークンのない呼び出し: ", "/.well-known/oauth-authorization-server の文書"]
    {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert!(!said.contains("bad   アシスタント") && !said.contains("bad   トークン"), "{status} {said}");
    let changed = begun_with.replace("sim-x-secret", "another-secret").replace("\"info\"", "\"warn,socrazi=info\"");
    std::fs::write(&file, changed + "[retention]\nconversation_days = 7\n").unwrap();
    let check = found();
    let said = check["found"].as_str().unwrap();
    assert!(said.contains("needs a restart: x.client_secret;"), "{check}");
    assert!(said.contains("SIGHUP: log.level, retention.conversation_days"), "{check}");
    // What it noted down are marks: neither the secret nor a hash that could be tried at home.
    let noted = std::fs::read_to_string(folder.path().join("data/socrazi.settings")).unwrap();
    assert!(!noted.contains("sim-x") && noted.contains("x.client_secret"), "{noted}");
    let signalled = Command::new("kill").args(["-HUP", &server.child.id().to_string()]).status().unwrap();
    assert!(signalled.success());
    let log = server.log.clone();
    until("the settings to be read anew", async || log.lock().unwrap().contains("7 days) read anew").then_some(()))
        .await;
    let check = found();
    let said = check["found"].as_str().unwrap();
    assert!(said.contains("x.client_secret") && !said.contains("SIGHUP"), "{check}");
    end(server);
}
