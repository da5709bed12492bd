//! Files of the machine itself: for the client of its own user over stdio, and for nobody else.

use serde_json::{Value, json};
use socrazi::domain::caller::{Caller, Via};
use socrazi::domain::ids::{AccessTokenId, OauthGrantId, SessionId};
use socrazi::domain::refusal::Sentence;
use socrazi::domain::tool::ToolError;

use crate::databases::{Engine, on_both};
use crate::media::geotagged;
use crate::world::World;

on_both!(a_file_of_the_machine_comes_in_over_stdio_and_over_nothing_else);

async fn refused(world: &World, caller: &Caller, arguments: Value) -> Sentence {
    match world.app.call_tool(caller, "attach_media", arguments).await {
        Err(ToolError::Refused(what)) => what,
        other => panic!("{:?}", other.map(|outcome| outcome.text)),
    }
}

async fn a_file_of_the_machine_comes_in_over_stdio_and_over_nothing_else(engine: Engine) {
    let world = World::on(engine, Vec::new()).await;
    let folder = world.folder.path().join("pictures of ana");
    std::fs::create_dir(&folder).unwrap();
    let path = folder.join("../pictures of ana/<IMG> 1.mp4");
    std::fs::write(&path, geotagged()).unwrap();
    let path = path.to_str().unwrap().to_owned();
    let address = url::Url::from_file_path(std::fs::canonicalize(&path).unwrap()).unwrap().to_string();
    for named in [&path, &address] {
        let checked = world.call("attach_media", json!({ "url": named, "dry_run": true })).await;
        assert_eq!(checked["media"], json!([]));
        let found = world.call("attach_media", json!({ "url": named, "alt": "A tower" })).await;
        // What it is its bytes say, and nothing repeats its name.
        let medium = &found["media"][0];
        assert_eq!(
            (&medium["mime"], &medium["width"], &medium["alt"]),
            (&json!("image/jpeg"), &json!(96), &json!("A tower"))
        );
        assert!(!found.to_string().contains("IMG"), "{found}");
        let kept = world.folder.path().join("data/media").join(medium["id"].as_str().unwrap());
        let kept = std::fs::read(kept).unwrap();
        assert!(!kept.windows(6).any(|window| window == b"canary"), "it is freed of its place like any other");
    }
    assert!(
        std::fs::read(&path).unwrap().windows(6).any(|window| window == b"canary"),
        "the person's own is untouched"
    );
    // Everybody else is refused, whether it is there or not, before anything is looked at.
    let doors = [
        Via::McpHttp(AccessTokenId::generate(1, 1)),
        Via::McpApp(OauthGrantId::generate(1, 1)),
        Via::Web(SessionId::generate(1, 1)),
        Via::Terminal,
        Via::Slack,
        Via::Discord,
    ];
    for via in doors {
        let caller = Caller { via, ..world.assistant.clone() };
        for named in [path.as_str(), address.as_str(), "~/a.png", "/nothing/here", "../a.png", "FILE:///etc/passwd"] {
            for dry_run in [true, false] {
                let why = refused(&world, &caller, json!({ "url": named, "dry_run": dry_run })).await;
                assert_eq!(why.key, "media-file-elsewhere", "{named} by {:?}", caller.via);
            }
        }
    }
    assert_eq!(std::fs::read_dir(world.folder.path().join("data/media")).unwrap().count(), 2);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_ordinary_file_of_a_kind_that_is_taken_in_is_refused_and_leaves_nothing() {
    let world = World::with(Vec::new()).await;
    let folder = world.folder.path().join("odd");
    std::fs::create_dir(&folder).unwrap();
    let at = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    assert!(std::process::Command::new("mkfifo").arg(at("pipe.png")).status().unwrap().success());
    std::fs::write(at("empty.png"), b"").unwrap();
    std::fs::write(at("key.png"), b"-----BEGIN OPENSSH PRIVATE KEY----- secret").unwrap();
    std::fs::write(at("page.jpg"), b"<html>".repeat(1_000_000)).unwrap();
    let large = std::fs::File::create(at("large.mp4")).unwrap();
    large.set_len((1 << 30) + 1).unwrap();
    for (named, key) in [
        (at("pipe.png"), "media-file-wrong"),
        (at("empty.png"), "media-file-wrong"),
        (at("nothing.png"), "media-file-wrong"),
        (at(""), "media-file-wrong"),
        ("/dev/zero".into(), "media-file-wrong"),
        ("/proc/self/environ".into(), "media-file-wrong"),
        ("./odd/key.png".into(), "media-file-wrong"),
        ("file://elsewhere/key.png".into(), "media-file-wrong"),
        (at("key.png"), "media-kind-wrong"),
        (at("page.jpg"), "media-kind-wrong"),
        (at("large.mp4"), "media-too-large"),
    ] {
        let why = refused(&world, &world.assistant, json!({ "url": named })).await;
        assert_eq!(why.key, key, "{named}");
        let said = world.app.words().say(socrazi::domain::lang::Lang::En, &why);
        assert!(!said.contains("secret"), "{said}");
    }
    assert_eq!(std::fs::read_dir(world.folder.path().join("data/media")).unwrap().count(), 0);
    world.end().await;
}
