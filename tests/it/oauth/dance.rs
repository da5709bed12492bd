//! The way it should go, and what people see of it.

use super::*;
use crate::databases::on_both;
use socrazi::app::oauth::Preset;
use socrazi::domain::lang::Lang;

on_both!(
    a_program_registers_is_let_in_calls_tools_and_refreshes,
    what_a_client_is_told_leads_it_to_the_consent_page,
    publishing_is_off_until_a_person_turns_it_on_and_a_tool_beyond_its_scopes_is_403,
    the_page_says_who_asks_and_where_the_answer_goes_in_both_languages,
    a_program_with_a_secret_must_show_it,
    connected_apps_show_their_last_use_and_removing_one_ends_all_its_tokens,
    the_next_consent_of_one_installation_takes_the_place_of_the_last
);

async fn a_program_registers_is_let_in_calls_tools_and_refreshes(engine: Engine) {
    let world = world(engine).await;
    let id = program(&world).await;
    let to = answer(&world, &request(&id), "allow", &["read", "draft"]).await;
    assert!(to.as_str().starts_with("https://app.example/callback?code="), "{to}");
    assert_eq!(param(&to, "state").as_deref(), Some("st&te é"));
    assert_eq!(param(&to, "iss").as_deref(), Some(HERE));
    let answer = exchange(&world, &id, &param(&to, "code").unwrap()).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let first = held(&answer);
    assert_eq!(first.scope, "posts:read posts:draft");
    let drafted = tool(&world, &first.access, "create_draft", json!({ "text": "hello" })).await;
    let post = drafted.json()["result"]["structuredContent"]["post"]["id"].clone();
    assert!(post.is_string(), "{}", drafted.text);
    // Without a standing permission it asks the person, as a token made on the settings page does.
    let asked = tool(&world, &first.access, "publish_post", json!({ "post": post })).await;
    let asked = asked.json()["result"]["structuredContent"].clone();
    assert!(asked["approval_url"].as_str().is_some_and(|url| url.starts_with(HERE)), "{asked}");
    let second = held(&refresh(&world, &id, &first.refresh).await);
    assert_ne!((&second.access, &second.refresh), (&first.access, &first.refresh));
    assert_eq!((may(&world, &second.access).await, second.scope.as_str()), (200, "posts:read posts:draft"));
    // A program says what it no longer needs: the access token alone, then all of it.
    let revoke =
        async |token: &str| form(&world, "/oauth/revoke", &[("client_id", &id), ("token", token)]).await.status;
    assert_eq!((revoke(&first.access).await, may(&world, &first.access).await), (StatusCode::OK, 401));
    assert_eq!(may(&world, &second.access).await, 200);
    assert_eq!((revoke(&second.refresh).await, may(&world, &second.access).await), (StatusCode::OK, 401));
    assert_eq!(refresh(&world, &id, &second.refresh).await.fault(), (400, "invalid_grant".into()));
    assert_eq!(revoke("sor_nobody").await, StatusCode::OK);
    world.end().await;
}

async fn what_a_client_is_told_leads_it_to_the_consent_page(engine: Engine) {
    let world = world(engine).await;
    let refused = tool(&world, "", "list_posts", json!({})).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    let challenge = refused.header("www-authenticate").to_owned();
    let named = format!("resource_metadata=\"{HERE}/.well-known/oauth-protected-resource/mcp\"");
    assert!(challenge.contains(&named) && challenge.contains("scope=\"posts:read posts:draft\""), "{challenge}");
    let wrong = tool(&world, "soa_wrong", "list_posts", json!({})).await;
    assert!(wrong.header("www-authenticate").contains("error=\"invalid_token\""));
    let resource = get(&world, "/.well-known/oauth-protected-resource/mcp").await;
    let known = resource.json();
    assert_eq!(known["resource"], format!("{HERE}/mcp"));
    assert_eq!(known["authorization_servers"], json!([HERE]));
    assert_eq!(known["scopes_supported"], json!(["posts:read", "posts:draft"]));
    assert_eq!(get(&world, "/.well-known/oauth-protected-resource").await.text, resource.text);
    let server = get(&world, "/.well-known/oauth-authorization-server").await;
    assert_eq!(get(&world, "/.well-known/oauth-authorization-server/mcp").await.text, server.text);
    assert!(server.header("content-type").starts_with("application/json"));
    let server = server.json();
    assert_eq!(server["issuer"], HERE);
    assert_eq!(server["code_challenge_methods_supported"], json!(["S256"]));
    assert!(server["token_endpoint_auth_methods_supported"].as_array().unwrap().contains(&json!("none")));
    for flag in ["authorization_response_iss_parameter_supported", "client_id_metadata_document_supported"] {
        assert_eq!(server[flag], true, "{flag}");
    }
    for place in ["authorization_endpoint", "token_endpoint", "registration_endpoint", "revocation_endpoint"] {
        let path = server[place].as_str().unwrap().strip_prefix(HERE).unwrap().to_owned();
        let there = ask(&world, Request::put(&path).body(Body::empty()).unwrap()).await;
        assert_eq!(there.status, StatusCode::METHOD_NOT_ALLOWED, "{path} is no page of ours");
    }
    // What the request says of itself changes nothing: every address is made from server.public_url.
    let request = Request::get("/.well-known/oauth-authorization-server").header("host", "evil.example");
    let request = request.header("x-forwarded-host", "evil.example").header("x-forwarded-proto", "https");
    let answer = ask(&world, request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.json(), server);
    world.end().await;
}

async fn publishing_is_off_until_a_person_turns_it_on_and_a_tool_beyond_its_scopes_is_403(engine: Engine) {
    let world = world(engine).await;
    let id = program(&world).await;
    let all = "posts:read google:read history:read posts:draft posts:schedule posts:publish offline_access";
    let page = consent_page(&world, &with(request(&id), "scope", all)).await.text;
    for (name, is_on) in
        [("read", true), ("google", false), ("history", true), ("draft", true), ("schedule", false), ("publish", false)]
    {
        let on = format!("name=\"{name}\" value=\"on\" checked>");
        let off = format!("name=\"{name}\" value=\"on\">");
        assert_eq!((page.contains(&on), page.contains(&off)), (is_on, !is_on), "{name}: {page}");
    }
    let reader = let_in(&world, &id, &["read"]).await;
    assert_eq!((reader.scope.as_str(), may(&world, &reader.access).await), ("posts:read", 200));
    for (name, arguments, scope) in [
        ("create_draft", json!({ "text": "no" }), "posts:read posts:draft"),
        ("publish_post", json!({ "post": "post_01ARZ3NDEKTSV4RRFFQ69G5FAV" }), "posts:read posts:draft"),
        ("list_conversations", json!({}), "posts:read history:read"),
        ("report_traffic", json!({}), "posts:read google:read"),
        ("forget_history", json!({ "all": true }), "posts:read history:read posts:draft"),
    ] {
        let refused = tool(&world, &reader.access, name, arguments).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{name}: {}", refused.text);
        let challenge = refused.header("www-authenticate").to_owned();
        assert!(challenge.contains("error=\"insufficient_scope\""), "{name}: {challenge}");
        assert!(challenge.contains(&format!("scope=\"{scope}\"")), "{name}: {challenge}");
        assert!(challenge.contains("/.well-known/oauth-protected-resource/mcp"), "{name}: {challenge}");
    }
    // A message that the gate cannot read in one way and rmcp in another still does nothing.
    let twice = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"method\":\"tools/call\",\"params\":{\"name\":\"list_posts\",\
        \"name\":\"create_draft\",\"arguments\":{\"text\":\"smuggled\"}}}";
    for body in [twice.to_owned(), format!("[{twice}]")] {
        let request = Request::post("/mcp").header("host", "127.0.0.1:8787").header("content-type", "application/json");
        let request = request.header("authorization", format!("Bearer {}", reader.access));
        let request = request.header("accept", "application/json, text/event-stream");
        ask(&world, request.body(Body::from(body)).unwrap()).await;
    }
    assert_eq!(world.call("list_posts", json!({})).await["posts"], json!([]));
    let publisher = let_in(&world, &id, &["publish"]).await;
    assert_eq!(publisher.scope, "posts:read posts:draft posts:schedule posts:publish");
    let drafted = tool(&world, &publisher.access, "create_draft", json!({ "text": "out" })).await;
    let post = drafted.json()["result"]["structuredContent"]["post"]["id"].clone();
    let done = tool(&world, &publisher.access, "publish_post", json!({ "post": post })).await.json();
    assert_eq!(done["result"]["structuredContent"]["status"], "going_out", "{done}");
    assert!(world.page("/settings").await.contains("Publish posts at once without asking you"));
    world.until(&post, "published", 2_000).await;
    world.end().await;
}

async fn the_page_says_who_asks_and_where_the_answer_goes_in_both_languages(engine: Engine) {
    let world = world(engine).await;
    let metadata = json!({ "client_name": "<b>Claude</b>\u{202e}\n", "redirect_uris": [BACK, "http://127.0.0.1/cb"],
        "token_endpoint_auth_method": "none", "logo_uri": "https://evil.example/logo.png" });
    let id = register(&world, &metadata).await.json()["client_id"].as_str().unwrap().to_owned();
    let page = consent_page(&world, &request(&id)).await;
    for text in ["app.example", "nobody has checked it", "You are signed in as", world.person.user.as_str()] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    assert!(page.text.contains("&#60;b&#62;Claude&#60;/b&#62; wants to use Socrazi"), "{}", page.text);
    for never in ["<script", "evil.example", "<b>Claude", "\u{202e}"] {
        assert!(!page.text.contains(never), "{never}");
    }
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("script-src"), "{policy}");
    assert_eq!((page.header("x-frame-options"), page.header("cache-control")), ("DENY", "no-store"));
    let here = consent_page(&world, &with(request(&id), "redirect_uri", "http://127.0.0.1:41999/cb")).await.text;
    assert!(here.contains("a program on this computer (127.0.0.1)"), "{here}");
    let change = socrazi::app::settings::SettingsChange { lang: Some(Lang::Ja), ..Default::default() };
    world.app.change_settings(&world.person, change).await.unwrap();
    let page = consent_page(&world, &request(&id)).await.text;
    for text in
        ["答えは app.example に送られます", "誰も確認していません", "許可しない", "あなたに尋ねずにすぐ公開する"]
    {
        assert!(page.contains(text), "{text}: {page}");
    }
    let empty = world.page("/settings").await;
    assert!(empty.contains("接続中のプログラム") && empty.contains(&format!("{HERE}/mcp")), "{empty}");
    world.end().await;
}

async fn a_program_with_a_secret_must_show_it(engine: Engine) {
    let world = world(engine).await;
    let preset = Preset { name: "Ours".into(), redirects: vec![BACK.into()], has_secret: true };
    let (id, secret) = world.app.make_oauth_preset(&preset).await.unwrap();
    let secret = secrecy::ExposeSecret::expose_secret(&secret.unwrap()).to_owned();
    let page = consent_page(&world, &request(&id)).await.text;
    assert!(page.contains("The operator of this server made it known"), "{page}");
    let code = code(&world, &id, &["read"]).await;
    let fields =
        [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", BACK), ("code_verifier", VERIFIER)];
    let basic = async |secret: &str, fields: &[(&str, &str)]| {
        let coded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("{id}:{secret}"));
        let request = Request::post("/oauth/token").header("content-type", "application/x-www-form-urlencoded");
        let request = request.header("authorization", format!("Basic {coded}"));
        ask(&world, request.body(Body::from(encoded(fields))).unwrap()).await
    };
    let wrong = basic("sok_wrong", &fields).await;
    assert_eq!(wrong.fault(), (401, "invalid_client".into()));
    assert!(wrong.header("www-authenticate").starts_with("Basic"));
    let posted = [&fields[..], &[("client_id", id.as_str()), ("client_secret", "wrong")]].concat();
    assert_eq!(form(&world, "/oauth/token", &posted).await.fault(), (401, "invalid_client".into()));
    let none = [&fields[..], &[("client_id", id.as_str())]].concat();
    assert_eq!(form(&world, "/oauth/token", &none).await.fault(), (401, "invalid_client".into()));
    let both = [&fields[..], &[("client_secret", secret.as_str())]].concat();
    assert_eq!(basic(&secret, &both).await.fault(), (400, "invalid_request".into()));
    // None of these came as far as the code.
    let first = held(&basic(&secret, &fields).await);
    let next = [("grant_type", "refresh_token"), ("refresh_token", first.refresh.as_str())];
    assert_eq!(refresh(&world, &id, &first.refresh).await.fault(), (401, "invalid_client".into()));
    let posted = [&next[..], &[("client_id", id.as_str()), ("client_secret", secret.as_str())]].concat();
    held(&form(&world, "/oauth/token", &posted).await);
    // A registration that says nothing of it gets a secret (RFC 7591 §2), which is kept as a hash.
    let made = register(&world, &json!({ "redirect_uris": [BACK] })).await.json();
    assert_eq!(
        (&made["token_endpoint_auth_method"], &made["client_name"]),
        (&json!("client_secret_basic"), &json!("app.example"))
    );
    let secret = made["client_secret"].as_str().unwrap();
    assert!(!format!("{:?}", world.rows().await).contains(secret));
    world.end().await;
}

async fn connected_apps_show_their_last_use_and_removing_one_ends_all_its_tokens(engine: Engine) {
    let world = world(engine).await;
    let (id, other) = (program(&world).await, program(&world).await);
    let first = let_in(&world, &id, &["read", "draft"]).await;
    let kept = let_in(&world, &other, &["read"]).await;
    let second = held(&refresh(&world, &id, &first.refresh).await);
    assert!(world.page("/settings").await.contains("never"));
    assert_eq!((may(&world, &first.access).await, may(&world, &second.access).await), (200, 200));
    let apps = world.app.connected_apps(&world.person).await.unwrap();
    let app = apps.iter().find(|app| app.client == id).unwrap();
    assert_eq!((apps.len(), app.last_used_at.is_some()), (2, true));
    let page = world.page("/settings").await;
    assert!(page.contains("An assistant") && page.contains("app.example"), "{page}");
    // Nobody else's button takes it away, and a forged form does not either.
    let path = format!("/settings/apps/{}/remove", app.grant);
    assert_eq!(world.send_with("wrong", &path, &[]).await.0, StatusCode::FORBIDDEN);
    assert_eq!(may(&world, &second.access).await, 200);
    assert_eq!(world.press(&path, &[]).await, "/settings#apps");
    assert_eq!((may(&world, &first.access).await, may(&world, &second.access).await), (401, 401));
    assert_eq!(refresh(&world, &id, &second.refresh).await.fault(), (400, "invalid_grant".into()));
    assert_eq!(may(&world, &kept.access).await, 200);
    assert_eq!(world.app.connected_apps(&world.person).await.unwrap().len(), 1);
    assert_eq!(world.send(&path, &[]).await.0, StatusCode::NOT_FOUND);
    world.end().await;
}

async fn the_next_consent_of_one_installation_takes_the_place_of_the_last(engine: Engine) {
    let world = world(engine).await;
    let id = program(&world).await;
    let first = let_in(&world, &id, &["publish"]).await;
    let grant = world.app.connected_apps(&world.person).await.unwrap().remove(0).grant;
    world.app.set_grant_limit(&world.person, grant.as_str(), "1", ("", "")).await.unwrap();
    assert!(world.page("/settings").await.contains(&format!("value=\"{grant}\"")));
    let second = let_in(&world, &id, &["read", "schedule"]).await;
    let apps = world.app.connected_apps(&world.person).await.unwrap();
    // The limit that the person set goes on; the tokens of before do not.
    assert_eq!((apps.len(), &apps[0].grant), (1, &grant));
    assert_eq!(apps[0].scopes.text(), "posts:read posts:draft posts:schedule");
    assert_eq!((may(&world, &first.access).await, may(&world, &second.access).await), (401, 200));
    assert_eq!(refresh(&world, &id, &first.refresh).await.fault(), (400, "invalid_grant".into()));
    held(&refresh(&world, &id, &second.refresh).await);
    world.end().await;
}
