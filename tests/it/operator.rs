//! The operator's commands as their own processes: what they print, with which status they end, and what they refuse to begin with.

mod setup;

use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::process::Command;

use secrecy::SecretString;
use serde_json::Value;
use socrazi::domain::sealed::Place;

use crate::serving::{beside, free_port};

/// Status, what was said for programs, what was said for people.
struct Ended {
    status: i32,
    out: String,
    err: String,
}

impl Ended {
    /// Ends with this status and says these words on stderr.
    fn says(&self, status: i32, words: &[&str]) {
        for word in words {
            assert!(self.err.contains(word), "{word:?} is not in {}", self.err);
        }
        assert_eq!(self.status, status, "{}", self.err);
        assert!(!self.err.contains("panicked") && !self.err.contains("backtrace"), "{}", self.err);
    }
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_socrazi"));
    command.args(arguments).current_dir(folder);
    command
}

fn ended(mut command: Command) -> Ended {
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ended { status: output.status.code().unwrap(), out: text(&output.stdout), err: text(&output.stderr) }
}

fn run(folder: &Path, arguments: &[&str]) -> Ended {
    ended(command(folder, arguments))
}

fn configured(more: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("[server]\nbind = \"127.0.0.1:{}\"\n{more}", free_port());
    std::fs::write(folder.path().join("socrazi.toml"), text).unwrap();
    folder
}

fn names(folder: &Path) -> Vec<String> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn wrong_usage_ends_with_status_2_and_says_what_is_allowed() {
    let folder = configured("");
    let run = |arguments: &[&str]| run(folder.path(), arguments);
    run(&["kek", "rotate"]).says(2, &["--plan", "--apply"]);
    run(&["demo", "--bind", "0.0.0.0:1", "--exit"]).says(2, &["this machine only"]);
    run(&["demo", "--bind", "nonsense", "--exit"]).says(2, &["address and port"]);
    run(&["user", "token", "--name", "x", "--user", "nonsense"]).says(2, &["--user nonsense", "user list"]);
    run(&["user", "token", "--name", "x", "--scope", "all"]).says(2, &["drafts, schedules or publishes"]);
    run(&["user", "token", "--name", ""]).says(2, &["--name", "1 to"]);
    run(&["user", "token", "--name", "a\nb"]).says(2, &["--name", "control characters"]);
    let unknown = run(&["user", "token", "--name", "x", "--user", "user_01ARZ3NDEKTSV4RRFFQ69G5FAV"]);
    unknown.says(1, &["nobody with the id user_01ARZ3NDEKTSV4RRFFQ69G5FAV", "user list"]);
    assert!(!unknown.err.contains("FOREIGN KEY"), "{}", unknown.err);
}

#[test]
fn a_command_about_a_server_makes_none_in_a_wrong_folder() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in
        [&["user", "list"][..], &["user", "token", "--name", "x"], &["kek", "rotate", "--apply"], &["audit", "verify"]]
    {
        run(folder.path(), arguments).says(1, &["no data folder here", "--data", "--config"]);
    }
    let doctor = run(folder.path(), &["doctor"]);
    assert!(doctor.status == 1 && doctor.out.contains("no data folder here"), "{}", doctor.out);
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[test]
fn faults_of_the_environment_and_the_file_are_told_with_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.toml");
    std::fs::write(&other, "[server]\nbind = \"127.0.0.1:1\"\n[x\n").unwrap();
    run(folder.path(), &["serve", "--config", other.to_str().unwrap()]).says(2, &["other.toml, line 3"]);
    let mut command = command(folder.path(), &["serve"]);
    command
        .env("SOCRAZI_X__CLIENT_SECRET", std::ffi::OsString::from_vec(vec![b'h', 0xff]))
        .env("SOCRAZI_LOG__LEVEL", "loud");
    ended(command).says(2, &["SOCRAZI_X__CLIENT_SECRET", "UTF-8", "SOCRAZI_LOG__LEVEL", "trace"]);
    let inside = configured("[vault]\nkek_file = \"data/socrazi.kek\"\n");
    run(inside.path(), &["serve"]).says(2, &["vault.kek_file", "inside the data folder"]);
    assert!(!inside.path().join("data").exists(), "a fault of the configuration made the folder");
}

#[test]
fn a_database_that_is_not_there_is_told_at_once_and_once() {
    let url = format!("postgres://socrazi:hush@127.0.0.1:{}/socrazi", free_port());
    let folder = configured(&format!("[database]\nurl = \"{url}\"\n"));
    let begun = socrazi::clock::boot_ms();
    let refused = run(folder.path(), &["migrate"]);
    assert!(socrazi::clock::boot_ms() - begun < 15_000, "it waited for a pool");
    refused.says(1, &["database.url", "onnection refused"]);
    assert!(!refused.err.contains("hush") && refused.err.matches("onnection refused").count() == 1, "{}", refused.err);
}

/// A valid key file of another installation: everything would start, and no token could be opened.
#[tokio::test(flavor = "multi_thread")]
async fn another_key_file_stops_the_start_and_doctor_says_which_to_put_back() {
    let folder = configured(&format!("[data]\ndir = \"{}\"\n", "data"));
    let config = std::fs::read_to_string(folder.path().join("socrazi.toml")).unwrap();
    let absolute = config.replace("\"data\"", &format!("\"{}\"", folder.path().join("data").display()));
    std::fs::write(folder.path().join("socrazi.toml"), absolute).unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let app = beside(folder.path()).await;
    let user = app.local_user().await.unwrap().id;
    let place = Place { user: &user, provider: "x", provider_account: "1", table: "t", column: "c", row: "r" };
    let sealed = app.vault().seal(&place, &SecretString::from("canary")).await.unwrap();
    app.close().await;
    let kek = folder.path().join("socrazi.kek");
    let old = std::fs::read_to_string(&kek).unwrap();
    // Of the same shape, of another key.
    let new = format!("socrazi-kek-1 {}=\n", "A".repeat(43));
    std::fs::write(&kek, &new).unwrap();
    run(folder.path(), &["serve"])
        .says(1, &["socrazi.kek does not hold key-encryption key", "put the old key file back"]);
    let doctor = run(folder.path(), &["doctor", "--json"]);
    let report: Value = serde_json::from_str(&doctor.out).unwrap();
    let bad = report["checks"].as_array().unwrap().iter().find(|check| check["mark"] == "bad").unwrap();
    assert_eq!((doctor.status, bad["fix"].as_str()), (1, Some("put the old key file back")), "{bad}");
    assert!(!doctor.out.contains(new.trim()) && !doctor.err.contains(old.trim()));
    // Above the new key the old one still opens.
    std::fs::write(&kek, format!("{old}{new}")).unwrap();
    let app = beside(folder.path()).await;
    app.vault().open(&place, &sealed).await.unwrap();
    app.close().await;
    assert_eq!(run(folder.path(), &["doctor"]).status, 0);
}

#[test]
fn doctor_shows_every_network_with_its_fix_and_ends_by_what_it_found() {
    let folder = configured("");
    let bare = run(folder.path(), &["doctor", "--json"]);
    let report: Value = serde_json::from_str(&bare.out).unwrap();
    let x = &report["networks"][0];
    assert_eq!(
        (x["network"].as_str(), x["keys"].as_str(), x["public_url"].as_str()),
        (Some("X"), Some("note"), Some("note"))
    );
    let redirect = x["redirect_address"].as_str().unwrap();
    assert!(redirect.starts_with("http://127.0.0.1:") && redirect.ends_with("/connect/x/callback"), "{x}");
    assert!(
        x["audit_or_plan"].as_str().unwrap().contains("plan") && x["cost"].as_str().unwrap().contains("USD"),
        "{x}"
    );
    assert!(x["fix"][0].as_str().unwrap().contains("x.client_id") && x["fix"][1].as_str().unwrap().contains(redirect));
    assert_eq!(bare.status, 0, "what is not set up is no fault: {}", bare.out);
    for what in ["data folder", "database", "key-encryption key", "keys", "clock"] {
        let check = report["checks"].as_array().unwrap().iter().find(|check| check["what"] == what);
        assert_eq!(check.map(|check| &check["mark"]), Some(&Value::from("good")), "{what}: {}", bare.out);
    }
    let text = run(folder.path(), &["doctor"]).out;
    for word in ["network", "keys", "redirect address", "public URL", "cost", "→ Set x.client_id", redirect] {
        assert!(text.contains(word), "{word:?} is not in {text}");
    }

    let nowhere = format!("http://127.0.0.1:{}", free_port());
    let open = configured(&format!(
        "public_url = \"http://post.example\"\n[x]\nclient_id = \"id\"\nclient_secret = \"hush\"\napi_url = \"{nowhere}\"\n"
    ));
    let open = run(open.path(), &["doctor", "--json"]);
    let report: Value = serde_json::from_str(&open.out).unwrap();
    assert_eq!(report["networks"][0]["keys"], "good");
    assert_eq!(report["networks"][0]["fix"].as_array().map(Vec::len), Some(1), "only the redirect address is left");
    let bad = report["checks"].as_array().unwrap().iter().find(|check| check["mark"] == "bad").unwrap();
    assert!(bad["found"].as_str().unwrap().contains("not encrypted") && bad["fix"].as_str().unwrap().contains("https"));
    assert_eq!(open.status, 1);
    assert!(!open.out.contains("hush"));
}

/// It asks with a token that nobody ever had, so nothing can come of it but an answer.
#[tokio::test(flavor = "multi_thread")]
async fn doctor_asks_x_whether_it_knows_the_app() {
    let sim = socrazi_sim::x::XSim::start(Default::default(), socrazi_sim::clock::SimClock::new()).await.unwrap();
    let asked = async |secret: &str, url: &str| {
        let text = format!("[x]\nclient_id = \"sim-x-client\"\nclient_secret = \"{secret}\"\napi_url = \"{url}\"\n");
        let folder = configured(&text);
        let doctor = tokio::task::spawn_blocking(move || run(folder.path(), &["doctor", "--json"])).await.unwrap();
        let report: Value = serde_json::from_str(&doctor.out).unwrap();
        let check = report["checks"].as_array().unwrap().iter().find(|check| check["what"] == "X app").unwrap().clone();
        assert!(!doctor.out.contains(secret) && !doctor.err.contains(secret), "{}", doctor.out);
        (doctor.status, check)
    };
    let (status, good) = asked("sim-x-secret", sim.url().as_str()).await;
    assert_eq!((status, good["mark"].as_str()), (0, Some("good")), "{good}");
    let (status, wrong) = asked("another-secret", sim.url().as_str()).await;
    assert_eq!((status, wrong["mark"].as_str()), (1, Some("bad")), "{wrong}");
    assert!(wrong["fix"].as_str().unwrap().contains("x.client_secret"), "{wrong}");
    let (status, gone) = asked("sim-x-secret", &format!("http://127.0.0.1:{}", free_port())).await;
    assert_eq!((status, gone["mark"].as_str()), (1, Some("bad")), "{gone}");
    assert!(gone["fix"].as_str().unwrap().contains("x.api_url"), "{gone}");
    assert!(sim.ledger().is_empty() && sim.calls().iter().all(|call| call.path == "/2/oauth2/token"));
}

/// The first thing a newcomer runs: the whole story, and a status that means something.
#[test]
fn the_demo_ends_well_only_with_each_post_once() {
    let folder = tempfile::tempdir().unwrap();
    let demo = run(folder.path(), &["demo", "--exit"]);
    assert_eq!(demo.status, 0, "{}{}", demo.out, demo.err);
    let networks = [
        "threads.net/@",
        "instagram.com/p/",
        "linkedin.com/feed/update/",
        "tiktok.com/@",
        "youtube.com/watch?v=",
        "⚙ report_traffic ",
    ];
    let words = ["281 of 280", "waiting_for_approval", "has begun: 20% off", "(7 posts)", "Out exactly once."];
    for word in words.into_iter().chain(networks) {
        assert!(demo.out.contains(word), "{word:?} is not in {}", demo.out);
    }
    assert_eq!(names(folder.path()), Vec::<String>::new(), "a demo leaves nothing behind");
}

/// How often bytes stand in the files below a folder.
fn count(folder: &Path, needle: &[u8]) -> usize {
    let mut found = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found += count(&path, needle);
        } else if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            found += bytes.windows(needle.len()).filter(|window| *window == needle).count();
        }
    }
    found
}

/// Somebody who wrote and sealed something, in a data folder of their own: the folder, their id.
async fn somebody(folder: &Path) -> socrazi::domain::ids::UserId {
    std::fs::create_dir(folder.join("data")).unwrap();
    let app = beside(folder).await;
    let user = app.local_user().await.unwrap();
    let place = Place { user: &user.id, provider: "x", provider_account: "1", table: "t", column: "c", row: "r" };
    app.vault().seal(&place, &SecretString::from("x")).await.unwrap();
    let medium = socrazi::domain::post::MediaFacts {
        id: socrazi::domain::ids::MediaId::generate(1, 7),
        mime: "image/png".into(),
        bytes: 17,
        sha256: String::new(),
        width: 1,
        height: 1,
        duration_ms: 0,
        alt: Some("canary-of-the-alt".into()),
        inside: socrazi::domain::post::Inside::default(),
    };
    app.store().insert_media(&medium, &user.workspace, &user.id, Default::default(), 1).await.unwrap();
    std::fs::write(folder.join("data/media").join(medium.id.as_str()), b"canary-of-a-photo").unwrap();
    let post = socrazi::domain::post::Post {
        id: socrazi::domain::ids::PostId::generate(1, 8),
        workspace: user.workspace.clone(),
        revision: 1,
        variants: Vec::new(),
        created_at: 1,
        edited_at: 1,
        withdrawn_at: None,
        paused_at: None,
        tainted_at: None,
    };
    app.store().insert_post(&post, &user.id).await.unwrap();
    let person = app.local_caller().await.unwrap();
    app.set_voice(&person, "canary-of-a-voice", vec!["cheap".into()], "").await.unwrap();
    app.make_token_for(&user.id, "canary-of-a-name", socrazi::domain::caller::Grant::Drafts).await.unwrap();
    app.close().await;
    user.id
}

fn with_data() -> tempfile::TempDir {
    let folder = configured("");
    let file = folder.path().join("socrazi.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(file, format!("{text}[data]\ndir = \"{}\"\n", folder.path().join("data").display())).unwrap();
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_can_be_deleted_and_no_byte_of_theirs_is_left() {
    let folder = with_data();
    let user = somebody(folder.path()).await;
    let data = folder.path().join("data");
    let canaries = [&b"canary-of-the-alt"[..], b"canary-of-a-photo", b"canary-of-a-name"];
    for canary in canaries {
        assert!(count(&data, canary) > 0, "{canary:?} is not there to be forgotten");
    }
    // First they take along what is theirs, without a secret.
    let taken = folder.path().join("taken");
    let export = run(folder.path(), &["user", "export", user.as_str(), taken.to_str().unwrap()]);
    assert!(export.status == 0 && export.out.contains("7 files"), "{}{}", export.out, export.err);
    assert_eq!((count(&taken, b"canary-of-a-photo"), count(&taken, b"canary-of-the-alt")), (1, 1));
    assert_eq!(count(&taken, b"soc_") + count(&taken, b"socrazi-kek"), 0, "a secret");
    let person = std::fs::read_to_string(taken.join("person.jsonl")).unwrap();
    assert!(person.contains("canary-of-a-voice") && person.contains("cheap"), "{person}");
    let post = std::fs::read_to_string(taken.join("posts.jsonl")).unwrap();
    assert!(post.lines().count() == 1 && post.contains("\"revision\":1"), "{post}");
    assert!(std::fs::read_to_string(taken.join("manifest.json")).unwrap().contains("posts.jsonl"));
    run(folder.path(), &["user", "export", user.as_str(), taken.to_str().unwrap()]).says(1, &["not empty"]);
    let unknown = run(folder.path(), &["user", "delete", "user_01ARZ3NDEKTSV4RRFFQ69G5FAV"]);
    unknown.says(1, &["nobody with the id"]);
    run(folder.path(), &["user", "delete", "nonsense"]).says(2, &["user list"]);
    let gone = run(folder.path(), &["user", "delete", user.as_str()]);
    assert!(
        gone.status == 0 && gone.out.contains("1 files") && gone.out.contains("Backups"),
        "{}{}",
        gone.out,
        gone.err
    );
    for canary in canaries {
        assert_eq!(count(&data, canary), 0, "{} is left", String::from_utf8_lossy(canary));
    }
    assert!(!run(folder.path(), &["user", "list"]).out.contains(user.as_str()));
    run(folder.path(), &["user", "delete", user.as_str()]).says(1, &["nobody"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_comes_back_whole_or_not_at_all() {
    let folder = with_data();
    let user = somebody(folder.path()).await;
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
    let copied = copy.to_str().unwrap();
    run(folder.path(), &["backup", data.join("in").to_str().unwrap()]).says(2, &["outside"]);
    let made = run(folder.path(), &["backup", copied]);
    assert!(
        made.status == 0 && made.out.contains("3 files") && made.out.contains("key file"),
        "{}{}",
        made.out,
        made.err
    );
    assert_eq!(count(&copy, b"socrazi-kek-1"), 0);
    run(folder.path(), &["backup", copied]).says(1, &["not empty"]);
    run(folder.path(), &["restore", copied]).says(1, &["data is not empty"]);
    // A changed byte, a missing manifest, a path that leads elsewhere.
    let medium = copy.join("media").join(names(&copy.join("media")).remove(0));
    std::fs::rename(&data, folder.path().join("lost")).unwrap();
    std::fs::write(&medium, b"canary-of-a-ph0to").unwrap();
    run(folder.path(), &["restore", copied]).says(1, &["is not what it was", "nothing was restored"]);
    std::fs::write(&medium, b"canary-of-a-photo").unwrap();
    let manifest = copy.join("manifest.json");
    let good = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, good.replace("media/med_", "media/../../med_")).unwrap();
    run(folder.path(), &["restore", copied]).says(1, &["which no backup holds"]);
    assert!(!data.exists(), "a refused backup left something");
    std::fs::write(&manifest, good).unwrap();
    let back = run(folder.path(), &["restore", copied]);
    assert!(back.status == 0 && back.out.contains("3 files"), "{}{}", back.out, back.err);
    assert!(run(folder.path(), &["user", "list"]).out.contains(user.as_str()));
    assert_eq!(count(&data, b"canary-of-a-photo"), 1);
    let pg = configured("[database]\nurl = \"postgres://a@127.0.0.1:1/b\"\n");
    run(pg.path(), &["backup", copied]).says(1, &["pg_dump", "socrazi_keys"]);
}
