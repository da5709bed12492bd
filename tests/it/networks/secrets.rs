//! Six networks connected at once, uploads left half-way, and then the program dies: no token, no code and no address of an upload is in what the
//! person takes along, in a backup, in what the program said while it died, in a row or in a file, that of a medium included.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use reqwest::multipart::{Form, Part};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use socrazi_sim::clock::SimClock;
use socrazi_sim::google::{GoogleOptions, GoogleSim};
use socrazi_sim::instagram::{InstagramOptions, InstagramSim};
use socrazi_sim::linkedin::{LinkedInOptions, LinkedInSim};
use socrazi_sim::samples::{Film, mp4};
use socrazi_sim::threads::{ThreadsOptions, ThreadsSim};
use socrazi_sim::tiktok::{App, TikTokOptions, TikTokSim};
use socrazi_sim::x::XSim;
use socrazi_sim::{Fault, FaultKind};

use crate::databases::{Engine, on_both};
use crate::serving::{
    Hands, add_network, beside, files, free_port, left_behind, nowhere, shown, simulator, start, until, write_config_on,
};

on_both!(no_token_of_any_network_is_taken_along_backed_up_or_said_by_a_program_that_dies);

/// What tokens, codes and keys of uploads begin with, by the file of the simulator that handed them out.
const KINDS: [(&str, &[&str]); 6] = [
    ("ledger", &["sim-x-at-", "sim-x-rt-"]),
    ("threads", &["THAA"]),
    ("instagram", &["IGAA"]),
    // The last of them is the key of an upload.
    ("linkedin", &["AQX", "AQW", "AQ"]),
    ("tiktok", &["act.", "rft."]),
    ("google", &["ya29.", "1//0"]),
];

/// The six of them, each with a file that knows all that it handed out.
struct Six {
    x: XSim,
    threads: ThreadsSim,
    instagram: InstagramSim,
    linkedin: LinkedInSim,
    tiktok: TikTokSim,
    google: GoogleSim,
}

impl Six {
    async fn start(folder: &Path) -> Self {
        let file = |name: &str| Some(folder.join(format!("{name}.jsonl")));
        let threads = ThreadsOptions {
            allow_any_loopback_redirect: true,
            auto_consent: true,
            ledger_file: file("threads"),
            ..ThreadsOptions::default()
        };
        let instagram = InstagramOptions {
            allow_any_loopback_redirect: true,
            auto_consent: true,
            ledger_file: file("instagram"),
            ..InstagramOptions::default()
        };
        let linkedin = LinkedInOptions {
            allow_any_loopback_redirect: true,
            auto_consent: true,
            ledger_file: file("linkedin"),
            ..LinkedInOptions::partner()
        };
        let tiktok = TikTokOptions {
            app: App::Desktop,
            auto_consent: true,
            ledger_file: file("tiktok"),
            ..TikTokOptions::default()
        };
        let google = GoogleOptions {
            allow_any_loopback_redirect: true,
            auto_consent: true,
            ledger_file: file("google"),
            ..GoogleOptions::default()
        };
        Self {
            x: simulator(folder).await,
            threads: ThreadsSim::start(threads, SimClock::new()).await.unwrap(),
            instagram: InstagramSim::start(instagram, SimClock::new()).await.unwrap(),
            linkedin: LinkedInSim::start(linkedin, SimClock::new()).await.unwrap(),
            tiktok: TikTokSim::start(tiktok, SimClock::new()).await.unwrap(),
            google: GoogleSim::start(google, SimClock::new()).await.unwrap(),
        }
    }

    fn configure(&self, folder: &Path) {
        let google =
            [crate::google::settings_for(&self.google.url()), vec![("google.youtube_audit", "passed".to_owned())]];
        add_network(folder, "threads", crate::threads::settings(&self.threads));
        add_network(folder, "instagram", crate::instagram::settings(&self.instagram));
        add_network(folder, "linkedin", crate::linkedin::settings(&self.linkedin));
        add_network(folder, "tiktok", crate::tiktok::settings(&self.tiktok));
        add_network(folder, "google", google.concat());
    }

    /// No upload gets through.
    fn cut_uploads(&self) {
        self.tiktok.set_faults(vec![Fault::once("PUT", "/video/", FaultKind::ResetBefore).times(1_000)]);
        self.linkedin.set_faults(vec![Fault::once("PUT", "/dms-uploads/", FaultKind::ResetBefore).times(1_000)]);
        let gone = FaultKind::Status { status: 404, body: String::new(), headers: Default::default() };
        self.google.set_faults(vec![Fault::once("PUT", "/upload/youtube/v3/videos", gone).times(1_000)]);
    }
}

/// A film that goes up in several pieces.
async fn film(hands: &Hands) -> Value {
    let bytes = mp4(&Film { duration_ms: 4_000, bytes: 11_000_000, ..Film::default() });
    let asked = hands.call("attach_media", json!({ "upload": true })).await;
    let form = Form::new().part("file", Part::bytes(bytes).file_name("a.mp4"));
    let sent = hands.http.post(asked["upload_url"].as_str().unwrap()).multipart(form).send().await.unwrap();
    assert_eq!(sent.status(), 303);
    hands.call("attach_media", json!({ "upload_id": asked["upload_id"] })).await["media"][0]["id"].clone()
}

/// Leaves a film half-way at a network; where the upload goes is kept by then.
async fn left_half_way(hands: &Hands, network: &str, film: &Value) {
    let accounts = hands.call("list_accounts", json!({})).await["accounts"].clone();
    let account = accounts.as_array().unwrap().iter().find(|one| one["network"] == network).unwrap()["id"].clone();
    let options = match network {
        "tiktok" => json!({ "tiktok": { "privacy": "only_me" } }),
        "youtube" => json!({ "youtube": { "for_kids": false } }),
        _ => json!({}),
    };
    let segment = json!({ "text": format!("Half-way to {network}"), "media": [film] });
    let draft =
        hands.call("create_draft", json!({ "segments": [segment], "accounts": [account], "options": options })).await;
    let post = draft["post"]["id"].clone();
    let asked = hands.call("publish_post", json!({ "post": post })).await;
    if let Some(question) = asked["approval_url"].as_str() {
        hands.approve(question).await;
    }
    until(network, async || {
        let read = hands.call("get_post", json!({ "post": post })).await;
        (read["post"]["deliveries"][0]["state"] == "waiting").then_some(())
    })
    .await;
}

/// All that the simulators handed out.
fn handed(folder: &Path) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (file, kinds) in KINDS {
        let ledger = std::fs::read_to_string(folder.join(format!("{file}.jsonl"))).unwrap();
        for kind in kinds {
            let found: Vec<_> = ledger.split('"').filter(|word| word.starts_with(kind) && word.len() > 20).collect();
            assert!(!found.is_empty(), "{file} handed out nothing that begins with {kind}");
            all.extend(found.into_iter().map(str::to_owned));
        }
    }
    // TikTok's keys of uploads begin with nothing.
    let ledger = std::fs::read_to_string(folder.join("tiktok.jsonl")).unwrap();
    let keys: Vec<_> = ledger.split("\"key\":\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(!keys.is_empty(), "no upload was begun at TikTok");
    all.extend(keys.into_iter().map(str::to_owned));
    all
}

/// What a command of the operator says and leaves.
fn said(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(env!("CARGO_BIN_EXE_socrazi")).args(arguments).current_dir(folder).output().unwrap();
    [output.stdout, output.stderr].concat()
}

async fn no_token_of_any_network_is_taken_along_backed_up_or_said_by_a_program_that_dies(engine: Engine) {
    socrazi::app::install_tls_provider();
    let (folder, sim_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let six = Six::start(sim_folder.path()).await;
    let port = free_port();
    let url = write_config_on(engine, folder.path(), port, &six.x.url()).await;
    six.configure(folder.path());
    let server = start(folder.path(), port);
    let hands = Hands::new(&server, folder.path()).await;
    hands.send_at_once().await;
    let mut secrets = BTreeSet::new();
    for network in ["x", "threads", "instagram", "linkedin", "tiktok", "youtube"] {
        secrets.insert(hands.connect_to(network).await);
    }
    let accounts = hands.call("list_accounts", json!({})).await["accounts"].clone();
    let x = accounts.as_array().unwrap().iter().find(|one| one["network"] == "x").unwrap()["id"].clone();
    let draft = hands.call("create_draft", json!({ "text": "goes out", "accounts": [x] })).await;
    hands.call("publish_post", json!({ "post": draft["post"]["id"] })).await;
    until("the post", async || (!six.x.ledger().is_empty()).then_some(())).await;
    six.cut_uploads();
    let film = film(&hands).await;
    for network in ["linkedin", "tiktok", "youtube"] {
        left_half_way(&hands, network, &film).await;
    }
    let mut places = shown(&hands).await;
    // It is killed where it stands.
    kill_process(Pid::from_child(&server.child), Signal::ABORT).unwrap();
    places.extend(left_behind(server, (url.as_deref(), folder.path())).await);
    // What the person takes along, and the operator.
    let app = beside(folder.path()).await;
    let user = app.local_user().await.unwrap().id;
    app.close().await;
    let (taken, backup) = (folder.path().join("taken"), folder.path().join("backup"));
    let exported = said(folder.path(), &["user", "export", user.as_str(), taken.to_str().unwrap()]);
    places.push(("what the export said".into(), exported));
    places.push(("what the backup said".into(), said(folder.path(), &["backup", backup.to_str().unwrap()])));
    places.push(("what doctor said".into(), said(folder.path(), &["doctor"])));
    let before = places.len();
    files(&taken, &mut places);
    let accounts = std::fs::read_to_string(taken.join("accounts.jsonl")).unwrap();
    for network in ["x", "threads", "instagram", "linkedin", "tiktok", "youtube"] {
        assert!(accounts.contains(&format!("\"network\":\"{network}\"")), "{network} is not in the export: {accounts}");
    }
    assert!(places[before..].iter().any(|(_, bytes)| bytes.len() > 10_000_000), "the film is in the export");
    // A backup is made of SQLite alone.
    assert_eq!(backup.exists(), url.is_none());
    if url.is_none() {
        files(&backup, &mut places);
    }
    assert!(places.iter().any(|(place, _)| place.contains("data/media/")), "no film was stored");
    secrets.extend(handed(sim_folder.path()));
    let apps =
        ["sim-x-secret", "sim-threads-secret", "sim-instagram-secret", "sim-linkedin-secret", "sim-tiktok-secret"];
    secrets.extend(apps.map(str::to_owned));
    secrets.extend(["ABsim-".to_owned(), GoogleOptions::default().client_secret]);
    nowhere(&secrets, &places);
}
