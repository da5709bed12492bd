//! What must not lead to a token, one attack after the other (MCP.md §6). The same with random requests is in `random.rs`.

use super::*;
use crate::databases::on_both;

on_both!(
    a_code_is_worth_something_once_and_only_to_whoever_asked_for_it,
    a_replayed_code_ends_what_the_first_use_gave,
    without_a_proof_key_nobody_is_asked,
    nobody_is_sent_to_an_address_that_was_not_registered,
    a_registration_that_cannot_be_is_refused,
    registrations_are_limited_and_whoever_nobody_lets_in_is_forgotten,
    one_place_does_not_use_up_what_all_may_register,
    a_forged_answer_to_the_consent_page_lets_nobody_in,
    a_token_for_another_server_is_none,
    every_wrong_token_gets_the_same_answer,
    a_wrong_token_costs_the_same_whatever_is_wrong_with_it,
    a_session_is_neither_somebody_elses_nor_another_programs,
    foreign_pages_and_names_get_nothing,
    no_secret_of_it_is_found_in_a_row
);

async fn a_code_is_worth_something_once_and_only_to_whoever_asked_for_it(engine: Engine) {
    let world = world(engine).await;
    let (id, other) = (program(&world).await, program(&world).await);
    let (short, padded, changed) = (&VERIFIER[..42], format!("{VERIFIER}="), format!("{}X", &VERIFIER[1..]));
    let challenge = pkce_s256(VERIFIER);
    let cases: [(&str, &str, &str); 9] = [
        ("client_id", &other, "invalid_grant"),
        ("redirect_uri", "https://app.example/callback/", "invalid_grant"),
        ("redirect_uri", "http://127.0.0.1/callback", "invalid_grant"),
        ("code_verifier", &changed, "invalid_grant"),
        ("code_verifier", short, "invalid_grant"),
        ("code_verifier", &padded, "invalid_grant"),
        ("code_verifier", "", "invalid_grant"),
        // What `plain` would take.
        ("code_verifier", &challenge, "invalid_grant"),
        ("resource", "https://other.example/mcp", "invalid_target"),
    ];
    for (name, value, fault) in cases {
        let code = code(&world, &id, &["read"]).await;
        let good = [
            ("grant_type", "authorization_code"),
            ("client_id", id.as_str()),
            ("code", &code),
            ("redirect_uri", BACK),
            ("code_verifier", VERIFIER),
        ];
        let mut fields: Vec<_> = good.into_iter().filter(|(other, _)| *other != name).collect();
        fields.push((name, value));
        let answer = form(&world, "/oauth/token", &fields).await;
        assert_eq!(answer.fault(), (400, fault.to_owned()), "{name}={value}");
        // One guess is all that anybody has: the right verifier comes too late.
        if fault == "invalid_grant" {
            assert_eq!(exchange(&world, &id, &code).await.fault(), (400, "invalid_grant".into()), "{name}={value}");
        }
    }
    for missing in ["grant_type", "code", "code_verifier", "redirect_uri"] {
        let code = code(&world, &id, &["read"]).await;
        let all = [
            ("grant_type", "authorization_code"),
            ("client_id", id.as_str()),
            ("code", &code),
            ("redirect_uri", BACK),
            ("code_verifier", VERIFIER),
        ];
        let fields: Vec<_> = all.into_iter().filter(|(name, _)| *name != missing).collect();
        assert_eq!(form(&world, "/oauth/token", &fields).await.fault(), (400, "invalid_request".into()), "{missing}");
    }
    let late = code(&world, &id, &["read"]).await;
    world.pass(60_001);
    assert_eq!(exchange(&world, &id, &late).await.fault(), (400, "invalid_grant".into()));
    assert_eq!(
        exchange(&world, "client_01ARZ3NDEKTSV4RRFFQ69G5FAV", "x").await.fault(),
        (401, "invalid_client".into())
    );
    assert_eq!(exchange(&world, "", "x").await.fault(), (401, "invalid_client".into()));
    assert!(world.app.connected_apps(&world.person).await.unwrap().is_empty());
    world.end().await;
}

async fn a_replayed_code_ends_what_the_first_use_gave(engine: Engine) {
    let world = world(engine).await;
    let id = program(&world).await;
    let code = code(&world, &id, &["read"]).await;
    let first = held(&exchange(&world, &id, &code).await);
    assert_eq!(may(&world, &first.access).await, 200);
    assert_eq!(exchange(&world, &id, &code).await.fault(), (400, "invalid_grant".into()));
    assert_eq!(may(&world, &first.access).await, 401);
    assert_eq!(refresh(&world, &id, &first.refresh).await.fault(), (400, "invalid_grant".into()));
    // Twenty at once: one gets tokens, and they are worth nothing, or nobody gets any.
    let code = super::code(&world, &id, &["read"]).await;
    let answers = futures::future::join_all((0..20).map(|_| exchange(&world, &id, &code))).await;
    let good: Vec<_> = answers.iter().filter(|answer| answer.status == StatusCode::OK).collect();
    assert!(good.len() <= 1, "a code was spent {} times", good.len());
    for answer in good {
        assert_eq!(may(&world, &held(answer).access).await, 401);
    }
    world.end().await;
}

async fn without_a_proof_key_nobody_is_asked(engine: Engine) {
    let world = world(engine).await;
    let id = program(&world).await;
    let good = request(&id);
    let cases = [
        without(good.clone(), "code_challenge"),
        without(good.clone(), "code_challenge_method"),
        without(without(good.clone(), "code_challenge"), "code_challenge_method"),
        with(with(good.clone(), "code_challenge_method", "plain"), "code_challenge", VERIFIER),
        with(good.clone(), "code_challenge_method", "plain"),
        with(good.clone(), "code_challenge_method", "s256"),
        with(good.clone(), "code_challenge", "short"),
        with(good.clone(), "code_challenge", &format!("{}=", pkce_s256(VERIFIER))),
        with(good.clone(), "code_challenge", ""),
        with(good.clone(), "response_type", "token"),
        without(good.clone(), "response_type"),
        with(good.clone(), "resource", "https://other.example/mcp"),
        with(good.clone(), "resource", &format!("{HERE}/mcp/../evil")),
        with(good.clone(), "resource", &format!("{HERE}/mcp#x")),
        with(good.clone(), "state", &"s".repeat(2_049)),
    ];
    for pairs in cases {
        let page = consent_page(&world, &pairs).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{pairs:?}");
        assert_eq!(page.header("location"), "", "{pairs:?}");
        // The person may go back with the protocol's word for it; nobody is sent without them.
        assert!(page.text.contains("href=\"https://app.example/callback?error="), "{}", page.text);
        assert!(page.text.contains("iss=http%3A%2F%2F127.0.0.1%3A8787"), "{}", page.text);
        // And a form that carries it is judged the same.
        let (status, text) =
            world.send("/oauth/authorize", &[("request", &query(&pairs)), ("answer", "allow"), ("read", "on")]).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{text}");
    }
    // A code whose request had a key is worth nothing without it: see the exchange of a code. Upper-case host and scheme are the same server.
    let same = with(good.clone(), "resource", &format!("{}/mcp", HERE.replace("http", "HTTP")));
    assert_eq!(consent_page(&world, &same).await.status, StatusCode::OK);
    assert_eq!(consent_page(&world, &without(good.clone(), "resource")).await.status, StatusCode::OK);
    let no = answer(&world, &good, "deny", &["read", "publish"]).await;
    assert_eq!((param(&no, "error").as_deref(), param(&no, "code")), (Some("access_denied"), None));
    assert_eq!((param(&no, "iss").as_deref(), param(&no, "state").as_deref()), (Some(HERE), Some("st&te é")));
    world.end().await;
}

async fn nobody_is_sent_to_an_address_that_was_not_registered(engine: Engine) {
    let world = world(engine).await;
    let id = program(&world).await;
    for bad in [
        "https://app.example/callback/",
        "https://app.example/callbackx",
        "https://app.example/Callback",
        "https://app.example/callback?x=1",
        "https://app.example/callback#x",
        "https://app.example/./callback",
        "https://app.example/x/../callback",
        "https://app.example/%63allback",
        "https://app.example:8443/callback",
        "https://app.example.evil.example/callback",
        "https://evil.example/callback",
        "https://app.example@evil.example/callback",
        "http://app.example/callback",
        "http://127.0.0.1:5/other",
        "http://localhost:5/callback",
        "http://2130706433/callback",
        "javascript:alert(1)",
        "//app.example/callback",
        "",
    ] {
        let page = consent_page(&world, &with(request(&id), "redirect_uri", bad)).await;
        assert_eq!((page.status, page.header("location")), (StatusCode::BAD_REQUEST, ""), "{bad}");
        assert!(!page.text.contains("callback") && !page.text.contains("name=\"answer\""), "{bad}: {}", page.text);
    }
    // Twice, none, and a program that nobody knows.
    let twice = [request(&id), vec![("redirect_uri".into(), "https://evil.example/".into())]].concat();
    for pairs in [
        twice,
        without(request(&id), "redirect_uri"),
        without(request(&id), "client_id"),
        request("client_01ARZ3NDEKTSV4RRFFQ69G5FAV"),
        request("' OR 1=1 --"),
        request(&"x".repeat(3_000)),
    ] {
        let page = consent_page(&world, &pairs).await;
        assert_eq!((page.status, page.header("location")), (StatusCode::BAD_REQUEST, ""), "{pairs:?}");
        assert!(!page.text.contains("evil.example"), "{}", page.text);
    }
    // The port of this machine is the program's to choose.
    let here = with(request(&id), "redirect_uri", "http://127.0.0.1:41999/callback");
    let to = answer(&world, &here, "allow", &["read"]).await;
    assert_eq!((to.port(), to.path()), (Some(41_999), "/callback"));
    world.end().await;
}

async fn a_registration_that_cannot_be_is_refused(engine: Engine) {
    let world = world(engine).await;
    let many: Vec<_> = (0..100).map(|no| format!("https://app.example/{no}")).collect();
    for (redirects, fault) in [
        (json!(["http://app.example/cb"]), "invalid_redirect_uri"),
        (json!(["javascript:alert(1)"]), "invalid_redirect_uri"),
        (json!(["app://*/cb"]), "invalid_redirect_uri"),
        (json!(["app://host/cb"]), "invalid_redirect_uri"),
        (json!(["cursor://anysphere.cursor-mcp/oauth/callback/.."]), "invalid_redirect_uri"),
        (json!(["cursor://evil/oauth/callback"]), "invalid_redirect_uri"),
        (json!(["https://app.example/cb#x"]), "invalid_redirect_uri"),
        (json!(["https://user:pw@app.example/cb"]), "invalid_redirect_uri"),
        (json!(["https://169.254.169.254/cb"]), "invalid_redirect_uri"),
        (json!(["http://0x7f.0.0.1/cb"]), "invalid_redirect_uri"),
        (json!([BACK, "https://app.example/../cb"]), "invalid_redirect_uri"),
        (json!([]), "invalid_redirect_uri"),
        (json!(many), "invalid_redirect_uri"),
        (json!("https://app.example/cb"), "invalid_client_metadata"),
        (json!(null), "invalid_client_metadata"),
        (json!([["https://app.example/cb"]]), "invalid_client_metadata"),
    ] {
        let answer =
            register(&world, &json!({ "redirect_uris": redirects, "token_endpoint_auth_method": "none" })).await;
        assert_eq!(answer.fault(), (400, fault.to_owned()), "{redirects}");
    }
    for (name, value) in [
        ("token_endpoint_auth_method", json!("private_key_jwt")),
        ("grant_types", json!(["client_credentials"])),
        ("grant_types", json!(["implicit"])),
        ("response_types", json!(["token"])),
    ] {
        let answer = register(&world, &json!({ "redirect_uris": [BACK], name: value })).await;
        assert_eq!(answer.fault(), (400, "invalid_client_metadata".into()), "{name}");
    }
    let huge = json!({ "redirect_uris": [BACK], "client_name": "x".repeat(1 << 20) });
    assert_eq!(register(&world, &huge).await.fault(), (400, "invalid_client_metadata".into()));
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    for body in [deep.as_str(), "", "[]", "null", "{", "\u{feff}{}"] {
        let request = Request::post("/oauth/register").header("content-type", "application/json");
        let answer = ask(&world, request.body(Body::from(body.to_owned())).unwrap()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body:.20}");
    }
    let request = Request::post("/oauth/register").header("content-type", "text/plain");
    let simple = request.body(Body::from(json!({ "redirect_uris": [BACK] }).to_string())).unwrap();
    assert_eq!(ask(&world, simple).await.status, StatusCode::BAD_REQUEST);
    let rows = world.rows().await;
    assert!(rows.iter().filter(|(table, _)| *table == "oauth_client").all(|(_, rows)| rows.is_empty()), "{rows:?}");
    world.end().await;
}

async fn registrations_are_limited_and_whoever_nobody_lets_in_is_forgotten(engine: Engine) {
    let mut world = world(engine).await;
    let (used, unused) = (program(&world).await, program(&world).await);
    let held = let_in(&world, &used, &["read"]).await;
    let metadata = json!({ "redirect_uris": [BACK], "token_endpoint_auth_method": "none" });
    let mut made = 2;
    let refused = loop {
        let answer = register(&world, &metadata).await;
        match answer.status {
            StatusCode::CREATED => made += 1,
            _ => break answer,
        }
        assert!(made <= 1_000, "there is no limit");
    };
    assert_eq!((made, refused.status), (200, StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(refused.header("retry-after"), "3600");
    world.pass(3_600_001);
    assert_eq!(register(&world, &metadata).await.status, StatusCode::CREATED);
    assert_eq!(consent_page(&world, &request(&unused)).await.status, StatusCode::OK);
    // A day later, and in another process: whoever was let in is still known.
    world.pass(24 * 3_600_000);
    world.reopen().await;
    assert_eq!(consent_page(&world, &request(&unused)).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(exchange(&world, &unused, "x").await.fault(), (401, "invalid_client".into()));
    assert_eq!(refresh(&world, &used, &held.refresh).await.status, StatusCode::OK);
    world.end().await;
}

async fn one_place_does_not_use_up_what_all_may_register(engine: Engine) {
    let world = World::on(
        engine,
        vec![("server.public_url", HERE.to_owned()), ("server.trusted_proxies", "10.0.0.0/8, 192.0.2.1".to_owned())],
    )
    .await;
    let metadata = json!({ "redirect_uris": [BACK], "token_endpoint_auth_method": "none" }).to_string();
    let from = async |peer: &str, forwarded: Option<&str>| {
        let peer: std::net::SocketAddr = peer.parse().unwrap();
        let request = Request::post("/oauth/register").header("content-type", "application/json");
        let request = forwarded.into_iter().fold(request, |request, text| request.header("x-forwarded-for", text));
        let request = request.extension(axum::extract::ConnectInfo(peer)).body(Body::from(metadata.clone())).unwrap();
        ask(&world, request).await
    };
    // Whatever it writes into a header: it is one place.
    let mut made = 0;
    let refused = loop {
        let answer = from("203.0.113.5:4000", Some(&format!("198.51.100.{made}"))).await;
        if answer.status != StatusCode::CREATED {
            break answer;
        }
        made += 1;
    };
    assert_eq!((made, refused.status), (20, StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(from("203.0.113.6:4000", None).await.status, StatusCode::CREATED);
    // What a proxy of ours says of where it came from is believed, and nothing before that.
    let behind = async |forwarded: &str| from("192.0.2.1:4000", Some(forwarded)).await.status;
    assert_eq!(behind("203.0.113.5, 10.0.0.7").await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(behind("203.0.113.5, 198.51.100.9").await, StatusCode::CREATED);
    world.end().await;
}

async fn a_forged_answer_to_the_consent_page_lets_nobody_in(engine: Engine) {
    let world = world(engine).await;
    let id = program(&world).await;
    let page = consent_page(&world, &request(&id)).await;
    let carried = carried(&page.text);
    let fields = [("request", carried.as_str()), ("answer", "allow"), ("read", "on"), ("publish", "on")];
    let csrf = page.text.split_once("name=\"csrf\" value=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
    assert_eq!(world.send_with("", "/oauth/authorize", &fields).await.0, StatusCode::FORBIDDEN);
    assert_eq!(world.send_with(&"0".repeat(csrf.len()), "/oauth/authorize", &fields).await.0, StatusCode::FORBIDDEN);
    // Without the session the right token is worth nothing, and a program that asks for the page gets no page.
    let all = [&[("csrf", csrf.as_str())], &fields[..]].concat();
    let stranger = form(&world, "/oauth/authorize", &all).await;
    assert_eq!((stranger.status, stranger.header("location")), (StatusCode::SEE_OTHER, "/signin"));
    let path = format!("/oauth/authorize?{}", query(&request(&id)));
    let stranger = get(&world, &path).await;
    assert_eq!(stranger.status, StatusCode::SEE_OTHER);
    let there = format!("{HERE}{}", stranger.header("location")).parse::<Url>().unwrap();
    assert_eq!((there.path(), param(&there, "next")), ("/signin", Some(path)), "they do not come back to the question");
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let request = Request::post("/oauth/authorize").header("content-type", "application/x-www-form-urlencoded");
        let answer = ask(&world, request.header(name, value).body(Body::from(encoded(&all))).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    for strange in [
        vec![("request", carried.as_str()), ("answer", "maybe"), ("read", "on")],
        vec![("request", carried.as_str()), ("read", "on")],
        vec![("request", carried.as_str()), ("answer", "allow"), ("read", "yes")],
        vec![("request", carried.as_str()), ("answer", "allow"), ("read", "on"), ("admin", "on")],
        vec![("request", carried.as_str()), ("answer", "allow"), ("answer", "deny"), ("read", "on")],
        vec![("answer", "allow"), ("read", "on")],
        vec![("request", "%ff"), ("answer", "allow"), ("read", "on")],
        vec![("request", carried.as_str()), ("answer", "allow")],
    ] {
        let (status, text) = world.send("/oauth/authorize", &strange).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{strange:?}: {text}");
    }
    // Nothing of an earlier yes is remembered: the next request is asked again.
    answer(&world, &request(&id), "allow", &["read"]).await;
    assert!(consent_page(&world, &request(&id)).await.text.contains("name=\"answer\""));
    assert!(world.app.connected_apps(&world.person).await.unwrap().is_empty());
    world.end().await;
}

async fn a_token_for_another_server_is_none(engine: Engine) {
    let mut world = world(engine).await;
    let id = program(&world).await;
    let held = let_in(&world, &id, &["read"]).await;
    assert_eq!(may(&world, &held.access).await, 200);
    let waiting = code(&world, &id, &["read"]).await;
    // The same database under another name is another server.
    world.set("server.public_url", "http://localhost:8787".into());
    world.reopen().await;
    assert_eq!(may(&world, &held.access).await, 401);
    assert_eq!(refresh(&world, &id, &held.refresh).await.fault(), (400, "invalid_grant".into()));
    assert_eq!(exchange(&world, &id, &waiting).await.fault(), (400, "invalid_grant".into()));
    world.set("server.public_url", HERE.into());
    world.reopen().await;
    assert_eq!(may(&world, &held.access).await, 200);
    world.end().await;
}

async fn every_wrong_token_gets_the_same_answer(engine: Engine) {
    let world = world(engine).await;
    let id = program(&world).await;
    let good = let_in(&world, &id, &["read"]).await;
    let code = code(&world, &id, &["read"]).await;
    let cut = &good.access[..good.access.len() - 1];
    let first = tool(&world, "soa_nobody", "list_posts", json!({})).await;
    for token in
        [cut, &good.refresh, &code, "soa_", "soc_nobody", &good.access.to_uppercase(), &format!("{} x", good.access)]
    {
        let answer = tool(&world, token, "list_posts", json!({})).await;
        assert_eq!((answer.status, &answer.text), (StatusCode::UNAUTHORIZED, &first.text), "{token}");
        assert_eq!(answer.headers, first.headers, "{token}");
    }
    let request = Request::post(format!("/mcp?access_token={}", good.access)).header("host", "127.0.0.1:8787");
    assert_eq!(ask(&world, request.body(Body::from("{}")).unwrap()).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(may(&world, &good.access).await, 200);
    world.pass(3_600_001);
    assert_eq!(may(&world, &good.access).await, 401);
    held(&refresh(&world, &id, &good.refresh).await);
    world.end().await;
}

/// Each is one look at the same index, every time, so how long it takes says nothing of whether a token ever was one.
async fn a_wrong_token_costs_the_same_whatever_is_wrong_with_it(engine: Engine) {
    let world = world(engine).await;
    let id = program(&world).await;
    let expired = let_in(&world, &id, &["read"]).await.access;
    world.pass(3_600_001);
    let revoked = let_in(&world, &program(&world).await, &["read"]).await;
    let app = world.app.connected_apps(&world.person).await.unwrap().remove(0);
    world.app.remove_app(&world.person, &app.grant).await.unwrap();
    let never = format!("soa_{}", "x".repeat(revoked.access.len() - 4));
    let looks = || world.app.store().bearer_looks();
    for round in 0..3 {
        for token in [never.as_str(), &expired, &revoked.access] {
            let before = looks();
            assert_eq!(may(&world, token).await, 401, "{token}");
            assert_eq!(looks() - before, 1, "round {round}: {token}");
        }
    }
    // A good one is looked up, too; where nothing is written meanwhile it is known the next time.
    let good = let_in(&world, &program(&world).await, &["read"]).await.access;
    assert_eq!(may(&world, &good).await, 200);
    let before = looks();
    assert_eq!((may(&world, &good).await, may(&world, &good).await), (200, 200));
    assert!(looks() - before <= 2, "{}", looks() - before);
    world.end().await;
}

async fn a_session_is_neither_somebody_elses_nor_another_programs(engine: Engine) {
    let world = world(engine).await;
    let (id, other) = (program(&world).await, program(&world).await);
    let (first, second) = (let_in(&world, &id, &["read"]).await, let_in(&world, &other, &["read"]).await);
    let send = async |token: &str, session: Option<&str>, body: Value| {
        let mut request = Request::post("/mcp")
            .header("host", "127.0.0.1:8787")
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream");
        if let Some(session) = session {
            request = request.header("mcp-session-id", session);
        }
        ask(&world, request.body(Body::from(body.to_string())).unwrap()).await
    };
    let initialize = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "t", "version": "0" } } });
    let made = send(&first.access, None, initialize).await;
    let session = made.header("mcp-session-id").to_owned();
    assert!(!session.is_empty(), "{}", made.text);
    let ping = json!({ "jsonrpc": "2.0", "id": 2, "method": "ping" });
    assert_eq!(send(&first.access, Some(&session), ping.clone()).await.status, StatusCode::OK);
    assert_eq!(send(&second.access, Some(&session), ping.clone()).await.status, StatusCode::NOT_FOUND);
    // The same program with its next token goes on.
    let next = held(&refresh(&world, &id, &first.refresh).await);
    assert_eq!(send(&next.access, Some(&session), ping).await.status, StatusCode::OK);
    world.end().await;
}

async fn foreign_pages_and_names_get_nothing(engine: Engine) {
    let world = world(engine).await;
    let id = program(&world).await;
    let code = code(&world, &id, &["read"]).await;
    let body = encoded(&[
        ("grant_type", "authorization_code"),
        ("client_id", &id),
        ("code", &code),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ]);
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("host", "evil.example"),
        ("host", "127.0.0.1.evil.example:8787"),
        ("host", "evil.example@127.0.0.1"),
        ("host", "127.0.0.1/evil"),
    ] {
        for path in ["/oauth/token", "/oauth/revoke", "/oauth/register", "/oauth/authorize"] {
            let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
            let answer = ask(&world, request.header(name, value).body(Body::from(body.clone())).unwrap()).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {name}: {value}");
            assert_eq!(answer.header("access-control-allow-origin"), "");
        }
    }
    // None of them reached the code.
    held(&exchange(&world, &id, &code).await);
    world.end().await;
}

async fn no_secret_of_it_is_found_in_a_row(engine: Engine) {
    let world = world(engine).await;
    let id = program(&world).await;
    let code = code(&world, &id, &["read"]).await;
    let first = held(&exchange(&world, &id, &code).await);
    let second = held(&refresh(&world, &id, &first.refresh).await);
    let rows = format!("{:?}", world.rows().await);
    assert!(rows.contains(&id), "the rows were not read");
    for secret in [&code, &first.access, &first.refresh, &second.access, &second.refresh] {
        let bare =
            secret.split_once('_').filter(|(prefix, _)| prefix.len() == 3).map_or(secret.as_str(), |(_, bare)| bare);
        assert!(!rows.contains(bare), "{secret}");
    }
    assert!(!rows.contains(VERIFIER));
    world.end().await;
}
