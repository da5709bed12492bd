//! Wrong, foreign, stale, huge and forged input against the real program: each gets a sentence or a status that says what to do, and
//! nothing is changed.

use http::StatusCode;
use serde_json::{Value, json};
use socrazi::clock::{Entropy, SystemClock, SystemEntropy};
use socrazi::domain::caller::Grant;
use socrazi::domain::ids::{UserId, WorkspaceId};
use socrazi::domain::lang::Lang;
use socrazi::store::users::User;

use crate::databases::{Engine, on_both};
use crate::serving::{Hands, Server, beside, free_port, in_days, simulator, start, write_config_on};

on_both!(
    wrong_arguments_get_a_sentence_and_change_nothing,
    what_belongs_to_somebody_else_is_not_there,
    the_same_key_gives_the_same_answer_and_refuses_other_arguments,
    the_door_for_assistants_is_shut_to_the_wrong_callers,
    pages_refuse_forged_forms_and_show_nothing_to_strangers,
    a_revoked_token_is_refused_at_its_next_call
);

struct Scene {
    _folder: tempfile::TempDir,
    _sim: socrazi_sim::x::XSim,
    _server: Server,
    ana: Hands,
    /// A token of somebody else on the same server.
    ben: String,
}

async fn scene(engine: Engine) -> Scene {
    socrazi::app::install_tls_provider();
    let folder = tempfile::tempdir().unwrap();
    let sim = simulator(folder.path()).await;
    let port = free_port();
    write_config_on(engine, folder.path(), port, &sim.url()).await;
    let server = start(folder.path(), port);
    let ana = Hands::new(&server, folder.path()).await;
    ana.connect_x().await;
    let ben = second_user(folder.path()).await;
    Scene { _folder: folder, _sim: sim, _server: server, ana, ben }
}

/// The first version makes one user; the schema holds many. A second one comes straight into the store.
async fn second_user(folder: &std::path::Path) -> String {
    let app = beside(folder).await;
    let ben = User {
        id: UserId::generate(1, SystemEntropy.bits()),
        workspace: WorkspaceId::generate(1, SystemEntropy.bits()),
        lang: Lang::En,
        zone: "UTC".into(),
        hold_ms: 0,
        stdio_grant: Grant::Drafts,
        chat_grant: Grant::Drafts,
    };
    app.store().insert_user(&ben, "local", "ben", 1).await.unwrap();
    let token = app.make_token_for(&ben.id, "ben", Grant::Publishes).await.unwrap();
    app.close().await;
    secrecy::ExposeSecret::expose_secret(&token).to_owned()
}

fn says(sentence: &str, words: &[&str]) {
    for word in words {
        assert!(sentence.contains(word), "{word:?} is not in {sentence:?}");
    }
}

async fn wrong_arguments_get_a_sentence_and_change_nothing(engine: Engine) {
    let scene = scene(engine).await;
    let ana = &scene.ana;
    let post = ana.call("create_draft", json!({ "text": "hello" })).await["post"]["id"].clone();
    let before = ana.call("get_post", json!({ "post": post })).await;
    let edited = ana.call("create_draft", json!({ "text": "first" })).await["post"]["id"].clone();
    ana.call("update_draft", json!({ "post": edited, "revision": 1, "text": "second" })).await;
    let far = format!("{}:00+09:00", in_days(30));
    // The hour that clocks go over next in New York.
    let zone = jiff::tz::TimeZone::get("America/New_York").unwrap();
    let now = jiff::Timestamp::from_millisecond(socrazi::clock::Clock::now_ms(&SystemClock)).unwrap();
    let forward = zone.following(now).find(|change| change.dst().is_dst()).unwrap();
    let skipped = format!("{}T02:30", forward.timestamp().to_zoned_datetime(zone.clone()).date());
    let cases: Vec<(&str, Value, Vec<&str>)> = vec![
        ("create_draft", json!({ "text": "x", "colour": "red" }), vec!["colour", "text"]),
        ("create_draft", json!({}), vec!["text is missing", "segments"]),
        ("create_draft", json!({ "text": 5 }), vec!["text", "string"]),
        ("create_draft", json!({ "text": "あ".repeat(30_001) }), vec!["30000", "Cut"]),
        ("create_draft", json!({ "text": " \n " }), vec!["nothing to say"]),
        ("create_draft", json!({ "text": "x", "segments": [{ "text": "y" }] }), vec!["either text or segments"]),
        ("create_draft", json!({ "text": "x", "accounts": ["@nobody"] }), vec!["nobody", "list_accounts"]),
        ("create_draft", json!({ "segments": vec![json!({ "text": "x" }); 26] }), vec!["25"]),
        (
            "create_draft",
            json!({ "segments": [{ "text": "x", "media": ["med_01ARZ3NDEKTSV4RRFFQ69G5FAV"] }] }),
            vec!["no med_"],
        ),
        ("update_draft", json!({ "post": post, "revision": 7, "text": "y" }), vec!["Revision 7", "at 1"]),
        ("update_draft", json!({ "post": edited, "revision": 1, "text": "y" }), vec!["at 2", "get_post"]),
        ("get_post", json!({ "post": "post_01ARZ3NDEKTSV4RRFFQ69G5FAV" }), vec!["no post", "list_posts"]),
        ("get_post", json!({ "post": "'; DROP TABLE post; --" }), vec!["no post"]),
        ("get_post", json!({}), vec!["post"]),
        ("schedule_post", json!({ "post": post, "at": in_days(30) }), vec!["zone"]),
        ("schedule_post", json!({ "post": post, "at": "2020-01-01T00:00:00Z" }), vec!["past", "now"]),
        ("schedule_post", json!({ "post": post, "at": &in_days(30)[..10], "zone": "Asia/Tokyo" }), vec!["what time"]),
        ("schedule_post", json!({ "post": post, "at": "soon", "zone": "Asia/Tokyo" }), vec!["cannot be read"]),
        (
            "schedule_post",
            json!({ "post": post, "at": skipped, "zone": "America/New_York" }),
            vec!["01:30:00-05:00", "03:30:00-04:00"],
        ),
        (
            "schedule_post",
            json!({ "post": post, "at": far, "zone": "Mars/Olympus" }),
            vec!["Mars/Olympus", "Asia/Tokyo"],
        ),
        ("list_posts", json!({ "limit": 5000 }), vec!["1 to 50"]),
        ("list_posts", json!({ "cursor": "1 OR 1=1" }), vec!["cursor"]),
        ("take_down_post", json!({ "post": post }), vec!["Nothing"]),
        ("pause_publishing", json!({ "account": "x", "post": post }), vec!["not both"]),
    ];
    for (tool, arguments, words) in cases {
        says(&ana.refused(tool, arguments).await, &words);
    }
    assert_eq!(ana.call("get_post", json!({ "post": post })).await, before);
}

async fn what_belongs_to_somebody_else_is_not_there(engine: Engine) {
    let scene = scene(engine).await;
    let post = scene.ana.call("create_draft", json!({ "text": "mine" })).await["post"]["id"].clone();
    let asked =
        scene.ana.call("schedule_post", json!({ "post": post, "at": in_days(200), "zone": "Asia/Tokyo" })).await;
    assert_eq!(asked["status"], "scheduled", "the token may publish: {asked}");
    let ben = Hands {
        token: scene.ben.clone(),
        http: scene.ana.http.clone(),
        web: scene.ana.web.clone(),
        cookie: String::new(),
    };
    for (tool, arguments) in [
        ("get_post", json!({ "post": post })),
        ("update_draft", json!({ "post": post, "revision": 1, "text": "his" })),
        ("publish_post", json!({ "post": post })),
        ("withdraw_post", json!({ "post": post })),
        ("pause_publishing", json!({ "post": post })),
        ("take_down_post", json!({ "post": post })),
    ] {
        says(&ben.refused(tool, arguments).await, &["no post"]);
    }
    assert_eq!(ben.call("list_posts", json!({})).await["posts"], json!([]));
    assert_eq!(ben.call("list_accounts", json!({})).await["accounts"], json!([]));
    says(
        &ben.refused("create_draft", json!({ "text": "x", "accounts": ["socrazi_demo"] })).await,
        &["no connected account"],
    );
    let after = scene.ana.call("get_post", json!({ "post": post })).await;
    assert_eq!(after["post"]["deliveries"][0]["state"], "scheduled");
}

async fn the_same_key_gives_the_same_answer_and_refuses_other_arguments(engine: Engine) {
    let scene = scene(engine).await;
    let ana = &scene.ana;
    let first = ana.call("create_draft", json!({ "text": "once", "idempotency_key": "k1" })).await;
    let again = ana.call("create_draft", json!({ "text": "once", "idempotency_key": "k1" })).await;
    assert_eq!(first, again);
    says(
        &ana.refused("create_draft", json!({ "text": "other", "idempotency_key": "k1" })).await,
        &["k1", "another key"],
    );
    assert_eq!(ana.call("list_posts", json!({})).await["posts"].as_array().map(Vec::len), Some(1));
    ana.call("create_draft", json!({ "text": "dry", "dry_run": true })).await;
    assert_eq!(ana.call("list_posts", json!({})).await["posts"].as_array().map(Vec::len), Some(1));
    // A refused call gives its key back.
    ana.refused("create_draft", json!({ "text": " ", "idempotency_key": "k2" })).await;
    ana.call("create_draft", json!({ "text": "good", "idempotency_key": "k2" })).await;
}

async fn the_door_for_assistants_is_shut_to_the_wrong_callers(engine: Engine) {
    let scene = scene(engine).await;
    let ana = &scene.ana;
    let url = ana.web.join("mcp").unwrap();
    let post = |token: &str| {
        ana.http.post(url.clone()).bearer_auth(token).header("accept", "application/json, text/event-stream")
    };
    let initialize = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "t", "version": "0" } } });

    let evil = post(&ana.token).header("origin", "https://evil.example").json(&initialize).send().await.unwrap();
    assert_eq!(evil.status(), StatusCode::FORBIDDEN);
    says(&evil.text().await.unwrap(), &["Origin", "server.public_url", ana.web.as_str()]);
    let rebound = post(&ana.token).header("host", "evil.example").json(&initialize).send().await.unwrap();
    assert_eq!(rebound.status(), StatusCode::FORBIDDEN);
    says(&rebound.text().await.unwrap(), &["Host", "server.public_url", ana.web.as_str()]);
    for wrong in ["soc_wrong", "", "Bearer", &ana.token[..ana.token.len() - 1]] {
        let refused = post(wrong).json(&initialize).send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{wrong}");
        assert!(refused.headers().contains_key("www-authenticate"));
    }
    let mut in_query = url.clone();
    in_query.set_query(Some(&format!("access_token={}", ana.token)));
    assert_eq!(ana.http.post(in_query).json(&initialize).send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let send = async |body: Vec<u8>| {
        let sent =
            post(&ana.token).header("content-type", "application/json").header("mcp-protocol-version", "2025-06-18");
        let answer = sent.body(body).send().await.unwrap();
        (answer.status(), answer.json::<Value>().await.unwrap()["error"].clone())
    };
    let (status, error) = send(vec![b'{', 0xff, 0xfe, b'}']).await;
    assert_eq!((status, &error["code"]), (StatusCode::BAD_REQUEST, &json!(-32700)));
    says(error["message"].as_str().unwrap(), &["UTF-8", "byte 1", "send it again"]);
    let (status, error) = send(b"{nonsense".to_vec()).await;
    assert_eq!((status, &error["code"]), (StatusCode::BAD_REQUEST, &json!(-32700)));
    says(error["message"].as_str().unwrap(), &["not JSON"]);
    let list = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": { "name": "list_posts", "arguments": [] } });
    let (_, error) = send(list.to_string().into_bytes()).await;
    assert_eq!(error["code"], json!(-32602));
    says(error["message"].as_str().unwrap(), &["object", "tools/list"]);
    for bytes in [4 * 1024 * 1024 + 1, 10_000_000] {
        let (status, error) = send(vec![b' '; bytes]).await;
        assert_eq!((status, &error["code"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!(-32700)));
        says(error["message"].as_str().unwrap(), &["4 MiB", "attach_media", "link"]);
    }

    // A session of the older era belongs to whoever made it.
    let made = post(&ana.token).json(&initialize).send().await.unwrap();
    assert_eq!(made.status(), StatusCode::OK);
    let session = made.headers()["mcp-session-id"].clone();
    let ping = json!({ "jsonrpc": "2.0", "id": 2, "method": "ping" });
    let own = post(&ana.token).header("mcp-session-id", &session).json(&ping).send().await.unwrap();
    assert_eq!(own.status(), StatusCode::OK);
    let foreign = post(&scene.ben).header("mcp-session-id", &session).json(&ping).send().await.unwrap();
    assert_eq!(foreign.status(), StatusCode::NOT_FOUND);
    let guessed = post(&ana.token)
        .header("mcp-session-id", "00000000-0000-0000-0000-000000000000")
        .json(&ping)
        .send()
        .await
        .unwrap();
    assert_eq!(guessed.status(), StatusCode::NOT_FOUND);
}

async fn pages_refuse_forged_forms_and_show_nothing_to_strangers(engine: Engine) {
    let scene = scene(engine).await;
    let ana = &scene.ana;
    let stranger = ana.http.get(ana.web.join("settings").unwrap()).send().await.unwrap();
    assert_eq!(stranger.status(), StatusCode::SEE_OTHER);
    assert_eq!(stranger.headers()["location"], "/signin?next=%2Fsettings");
    let page = ana.http.get(ana.web.join("settings").unwrap()).header("cookie", &ana.cookie).send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    says(&policy, &["default-src 'none'", "frame-ancestors 'none'"]);
    let text = page.text().await.unwrap();
    let csrf = text.split_once("name=\"csrf\" value=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
    let pause = |csrf: &str| {
        ana.http.post(ana.web.join("pause").unwrap()).header("cookie", &ana.cookie).form(&[("csrf", csrf)])
    };
    assert_eq!(pause("wrong").send().await.unwrap().status(), StatusCode::FORBIDDEN);
    assert_eq!(
        pause(&csrf).header("origin", "https://evil.example").send().await.unwrap().status(),
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        pause(&csrf).header("sec-fetch-site", "cross-site").send().await.unwrap().status(),
        StatusCode::FORBIDDEN
    );
    assert!(!ana.page("").await.contains("Publishing is paused"), "a forged form paused publishing");
    assert_eq!(pause(&csrf).send().await.unwrap().status(), StatusCode::SEE_OTHER);
    assert!(ana.page("").await.contains("Publishing is paused"));
    let garbage = ana.http.post(ana.web.join("settings/tokens").unwrap()).header("cookie", &ana.cookie);
    let garbage = garbage.header("content-type", "application/x-www-form-urlencoded");
    let garbage = garbage.body(format!("csrf={csrf}&name=a%ff")).send().await.unwrap();
    assert_eq!(garbage.status(), StatusCode::BAD_REQUEST);
    for path in ["posts/nonsense", "approvals/appr_01ARZ3NDEKTSV4RRFFQ69G5FAV", "nothing/here", "connect/myspace"] {
        let missing = ana.http.get(ana.web.join(path).unwrap()).header("cookie", &ana.cookie).send().await.unwrap();
        assert_eq!(missing.status(), StatusCode::NOT_FOUND, "{path}");
    }
    let replayed = ana.http.get(ana.web.join("connect/x/callback?state=made-up&code=made-up").unwrap());
    let replayed = replayed.header("cookie", &ana.cookie).send().await.unwrap();
    assert_eq!(replayed.status(), StatusCode::GONE);
    says(&replayed.text().await.unwrap(), &["another browser"]);
    let outward = ana.http.get(ana.web.join("signin?next=https://evil.example").unwrap()).send().await.unwrap();
    assert!(!outward.text().await.unwrap().contains("evil.example"));
}

async fn a_revoked_token_is_refused_at_its_next_call(engine: Engine) {
    let scene = scene(engine).await;
    let ana = &scene.ana;
    ana.call("list_accounts", json!({})).await;
    let page = ana.page("settings").await;
    let csrf = page.split_once("name=\"csrf\" value=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
    let action = page.split_once("action=\"/settings/tokens/pat_").unwrap().1.split_once('"').unwrap().0.to_owned();
    let revoke = ana.web.join(&format!("settings/tokens/pat_{action}")).unwrap();
    let done = ana.http.post(revoke).header("cookie", &ana.cookie).form(&[("csrf", csrf)]).send().await.unwrap();
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    let url = ana.web.join("mcp").unwrap();
    let after = ana.http.post(url).bearer_auth(&ana.token).json(&json!({})).send().await.unwrap();
    assert_eq!(after.status(), StatusCode::UNAUTHORIZED);
}
