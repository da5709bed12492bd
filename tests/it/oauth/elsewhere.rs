//! What must not get out of it: a person's way to a network, and secrets in what a process writes.

use socrazi::domain::caller::Caller;
use socrazi::domain::ids::UserId;
use socrazi::domain::network::Network;

use super::*;
use crate::databases::on_both;
use crate::serving::{Hands, free_port, simulator, start, write_config_on};

on_both!(
    nobody_is_led_to_a_network_on_somebody_elses_behalf,
    a_networks_token_is_none_here_and_ours_goes_nowhere,
    no_secret_of_a_program_is_found_in_a_log_or_a_file
);

/// Our client at a network is one for all (the confused deputy): the way there begins with a signed-in person's own press, comes back to our one
/// address, and ends only with them.
async fn nobody_is_led_to_a_network_on_somebody_elses_behalf(engine: Engine) {
    let world = world(engine).await;
    let id = program(&world).await;
    let held = let_in(&world, &id, &["read", "draft", "schedule", "publish"]).await;
    // All that a program can get is the page on which its person begins.
    let link = tool(&world, &held.access, "connect_account", json!({ "network": "x" })).await.json();
    assert_eq!(link["result"]["structuredContent"]["url"], format!("{HERE}/connect/x"), "{link}");
    for method in ["GET", "POST"] {
        let request = Request::builder()
            .method(method)
            .uri("/connect/x")
            .header("authorization", format!("Bearer {}", held.access));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = ask(&world, request.body(Body::empty()).unwrap()).await;
        assert_eq!(
            (answer.status, answer.header("location").split('?').next()),
            (StatusCode::SEE_OTHER, Some("/signin")),
            "{method}"
        );
    }
    // A link on somebody's page does not press the button.
    let (status, _) = world.send_with("", "/connect/x", &[]).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let url = world.app.connect_begin(&world.person, Network::X).await.unwrap();
    assert_eq!(param(&url, "redirect_uri").as_deref(), Some(format!("{HERE}/connect/x/callback").as_str()));
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let back: Url = http.get(url).send().await.unwrap().headers()["location"].to_str().unwrap().parse().unwrap();
    let query: Vec<(String, String)> = back.query_pairs().into_owned().collect();
    // Somebody else comes back with it, or it is changed on the way.
    let thief = Caller { user: UserId::generate(1, 1), ..world.person.clone() };
    assert!(world.app.connect_finish(&thief, Network::X, &query).await.is_err());
    let other: Vec<_> = query
        .iter()
        .map(|(name, value)| (name.clone(), if name == "state" { "x".into() } else { value.clone() }))
        .collect();
    assert!(world.app.connect_finish(&world.person, Network::X, &other).await.is_err());
    world.end().await;
}

/// What a network gave us opens nothing here, and what we gave a program is sent to nobody: each side has its own tokens.
async fn a_networks_token_is_none_here_and_ours_goes_nowhere(engine: Engine) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let world = world(engine).await;
    let theirs = world.sim.grant("2244994945", &["tweet.read", "tweet.write", "users.read", "offline.access"]).unwrap();
    for token in [&theirs.access, theirs.refresh.as_ref().unwrap()] {
        assert_eq!(may(&world, token).await, 401);
    }
    let held = let_in(&world, &program(&world).await, &["publish"]).await;
    // Somebody else's server, which a program has us fetch from: it writes down what it hears.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/picture.png", listener.local_addr().unwrap());
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (mut all, mut piece) = (Vec::new(), [0; 4_096]);
        while !all.windows(4).any(|end| end == b"\r\n\r\n") {
            let length = stream.read(&mut piece).await.unwrap();
            assert_ne!(length, 0);
            all.extend_from_slice(&piece[..length]);
        }
        stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await.unwrap();
        String::from_utf8(all).unwrap().to_lowercase()
    });
    tool(&world, &held.access, "attach_media", json!({ "url": url })).await;
    let heard = heard.await.unwrap();
    assert!(
        heard.starts_with("get /picture.png") && !heard.contains("soa_") && !heard.contains("authorization"),
        "{heard}"
    );
    // A network that knows its own tokens alone takes what a program had published, so it was not sent the program's.
    let refused =
        reqwest::Client::builder().no_proxy().build().unwrap().get(world.sim.url().join("2/users/me").unwrap());
    assert_eq!(refused.bearer_auth(&held.access).send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let drafted = tool(&world, &held.access, "create_draft", json!({ "text": "in our own name" })).await.json();
    let post = drafted["result"]["structuredContent"]["post"]["id"].clone();
    tool(&world, &held.access, "publish_post", json!({ "post": post })).await;
    world.until(&post, "published", 2_000).await;
    world.end().await;
}

fn hidden<'a>(page: &'a str, name: &str) -> &'a str {
    page.split_once(&format!("name=\"{name}\" value=\"")).unwrap().1.split_once('"').unwrap().0
}

/// The real process at its most talkative: every secret of the dance, good and wrong ones, looked for in its log and in every file.
async fn no_secret_of_a_program_is_found_in_a_log_or_a_file(engine: Engine) {
    socrazi::app::install_tls_provider();
    let folder = tempfile::tempdir().unwrap();
    let sim = simulator(folder.path()).await;
    let port = free_port();
    let database = write_config_on(engine, folder.path(), port, &sim.url()).await;
    let mut server = start(folder.path(), port);
    let hands = Hands::new(&server, folder.path()).await;
    let at = |path: &str| server.web.join(path).unwrap();
    let metadata = json!({ "client_name": "An assistant", "redirect_uris": [BACK] });
    let made: Value = hands.http.post(at("oauth/register")).json(&metadata).send().await.unwrap().json().await.unwrap();
    let (id, secret) = (made["client_id"].as_str().unwrap(), made["client_secret"].as_str().unwrap());
    let resource = at("mcp").to_string();
    let asked = with(request(id), "resource", &resource);
    let page = hands.page(&format!("oauth/authorize?{}", query(&asked))).await;
    let (csrf, carried) = (hidden(&page, "csrf").to_owned(), carried(&page));
    let fields = [("csrf", csrf.as_str()), ("request", carried.as_str()), ("answer", "allow"), ("read", "on")];
    let sent =
        hands.http.post(at("oauth/authorize")).header("cookie", &hands.cookie).form(&fields).send().await.unwrap();
    let code = param(&sent.headers()["location"].to_str().unwrap().parse().unwrap(), "code").unwrap();
    let token = async |pairs: &[(&str, &str)]| {
        let sent = hands.http.post(at("oauth/token")).basic_auth(id, Some(secret)).form(pairs).send().await.unwrap();
        sent.json::<Value>().await.unwrap()
    };
    let exchange = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ];
    let first = token(&exchange).await;
    let text = |answer: &Value, name: &str| answer[name].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
    let (access, refresh) = (text(&first, "access_token"), text(&first, "refresh_token"));
    let second = token(&[("grant_type", "refresh_token"), ("refresh_token", &refresh)]).await;
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": { "protocolVersion": "2025-11-25",
        "capabilities": {}, "clientInfo": { "name": "t", "version": "0" } } });
    let ask = async |token: &str| {
        let sent = hands
            .http
            .post(at("mcp"))
            .bearer_auth(token)
            .json(&call)
            .header("accept", "application/json, text/event-stream");
        sent.send().await.unwrap()
    };
    let opened = ask(&text(&second, "access_token")).await;
    let session = opened.headers()["mcp-session-id"].to_str().unwrap().to_owned();
    // What goes wrong is told without it, too.
    assert_eq!(ask("soa_wrong-canary-token").await.status(), 401);
    assert_eq!(token(&exchange).await["error"], "invalid_grant");
    let wrong = hands.http.post(at("oauth/token")).basic_auth(id, Some("sok_wrong-canary-secret")).form(&exchange);
    assert_eq!(wrong.send().await.unwrap().status(), 401);
    let rows = crate::databases::rows(database.as_deref(), &folder.path().join("data")).await;
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let log = server.log.lock().unwrap().clone();
    assert!(log.contains("POST") || log.len() > 10_000, "the log is not at its most talkative: {} bytes", log.len());
    let second = (text(&second, "access_token"), text(&second, "refresh_token"));
    let all = [
        secret,
        &code,
        VERIFIER,
        &access,
        &refresh,
        &second.0,
        &second.1,
        "wrong-canary-token",
        "wrong-canary-secret",
        &hands.token,
    ];
    for what in all.map(|what| what.get(4..).filter(|_| what.as_bytes()[3] == b'_').unwrap_or(what)) {
        assert!(!log.contains(what), "{what} is in the log");
        assert!(!format!("{rows:?}").contains(what), "{what} is in a row");
    }
    assert!(!format!("{rows:?}").contains(&session) && !log.contains(&session), "the session is in a row or the log");
}
