//! Programs that are called by a scheme of their own: the known ones and those that the operator named, each at its one address.

use super::*;
use crate::databases::on_both;

on_both!(
    cursor_signs_in_at_its_own_address_and_the_page_shows_all_of_it,
    the_operator_names_further_apps_and_their_addresses_are_exact,
    an_address_without_a_path_is_the_text_that_the_program_wrote,
);

const CURSOR: &str = "cursor://anysphere.cursor-mcp/oauth/callback";

async fn cursor_signs_in_at_its_own_address_and_the_page_shows_all_of_it(engine: Engine) {
    let world = world(engine).await;
    // As it registers, all at once; that it keeps a secret is not believed.
    let addresses =
        json!(["http://localhost:8787/callback", "https://www.cursor.com/agents/mcp/oauth/callback", CURSOR]);
    let metadata = json!({ "client_name": "Cursor", "redirect_uris": addresses });
    let registered = register(&world, &metadata).await;
    assert_eq!(registered.status, StatusCode::CREATED, "{}", registered.text);
    let told = registered.json();
    assert_eq!((&told["token_endpoint_auth_method"], &told["redirect_uris"]), (&json!("none"), &addresses));
    assert!(told.get("client_secret").is_none());
    let id = told["client_id"].as_str().unwrap();
    let asked = with(request(id), "redirect_uri", CURSOR);
    let page = consent_page(&world, &asked).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(page.text.contains(CURSOR) && page.text.contains("the app on this computer that opens"), "{}", page.text);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("form-action 'self' cursor:;") && policy.contains("frame-ancestors 'none'"), "{policy}");
    let no = answer(&world, &asked, "deny", &[]).await;
    assert_eq!((no.scheme(), param(&no, "error").as_deref()), ("cursor", Some("access_denied")));
    let yes = answer(&world, &asked, "allow", &["read"]).await;
    assert!(yes.as_str().starts_with(&format!("{CURSOR}?code=")), "{yes}");
    assert_eq!(param(&yes, "iss").as_deref(), Some(HERE));
    let code = param(&yes, "code").unwrap();
    let mut pairs = vec![
        ("grant_type", "authorization_code"),
        ("client_id", id),
        ("code", &code),
        ("redirect_uri", CURSOR),
        ("code_verifier", VERIFIER),
    ];
    let held = held(&form(&world, "/oauth/token", &pairs).await);
    assert_eq!(may(&world, &held.access).await, 200);
    // Whoever took the scheme has the code and not the verifier.
    let yes = answer(&world, &asked, "allow", &["read"]).await;
    let code = param(&yes, "code").unwrap();
    pairs[2] = ("code", &code);
    pairs.pop();
    assert_eq!(form(&world, "/oauth/token", &pairs).await.status, StatusCode::BAD_REQUEST);
    for wrong in
        ["cursor://anysphere.cursor-mcp/oauth/callback/x", "cursor://evil/oauth/callback", "javascript:alert(1)"]
    {
        let page = consent_page(&world, &with(request(id), "redirect_uri", wrong)).await;
        assert_eq!((page.status, page.header("location")), (StatusCode::BAD_REQUEST, ""), "{wrong}");
    }
    world.end().await;
}

async fn an_address_without_a_path_is_the_text_that_the_program_wrote(engine: Engine) {
    let world = world(engine).await;
    for address in ["https://app.example", "http://127.0.0.1:33418", "https://app.example/"] {
        let metadata = json!({ "redirect_uris": [address], "token_endpoint_auth_method": "none" });
        let registered = register(&world, &metadata).await.json();
        let id = registered["client_id"].as_str().unwrap();
        let yes = answer(&world, &with(request(id), "redirect_uri", address), "allow", &["read"]).await;
        let code = param(&yes, "code").unwrap();
        let pairs = [
            ("grant_type", "authorization_code"),
            ("client_id", id),
            ("code", &code),
            ("redirect_uri", address),
            ("code_verifier", VERIFIER),
        ];
        let answered = form(&world, "/oauth/token", &pairs).await;
        assert_eq!(answered.status, StatusCode::OK, "{address}: {}", answered.text);
    }
    world.end().await;
}

async fn the_operator_names_further_apps_and_their_addresses_are_exact(engine: Engine) {
    let settings = vec![
        ("server.public_url", HERE.to_owned()),
        ("mcp.app_redirects", "myapp://host/cb, com.example.app:/cb".to_owned()),
    ];
    let world = World::on(engine, settings).await;
    for (address, status) in [
        ("myapp://host/cb", StatusCode::CREATED),
        ("com.example.app:/cb", StatusCode::CREATED),
        (CURSOR, StatusCode::CREATED),
        ("myapp://host/cb2", StatusCode::BAD_REQUEST),
        ("other://host/cb", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(register(&world, &json!({ "redirect_uris": [address] })).await.status, status, "{address}");
    }
    let preset = |has_secret| socrazi::app::oauth::Preset {
        name: "An app".into(),
        redirects: vec!["myapp://host/cb".into()],
        has_secret,
    };
    assert!(world.app.make_oauth_preset(&preset(true)).await.is_err());
    assert!(world.app.make_oauth_preset(&preset(false)).await.is_ok());
    world.end().await;
}
