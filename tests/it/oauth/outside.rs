//! An outside issuer whose tokens are taken: signed, for us, now, and for somebody whom the operator named; nothing else.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::routing::get as route;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use socrazi::domain::oauth::{Scope, Scopes};
use socrazi::domain::tool::ToolError;

use super::{HERE, get, may, tool};
use crate::databases::{Engine, on_both};
use crate::world::World;

on_both!(
    a_token_of_the_trusted_issuer_is_taken_for_whom_the_operator_named,
    a_token_that_is_not_signed_for_us_and_now_is_none,
    an_issuer_that_changes_its_keys_is_asked_again_and_not_for_every_token,
    an_issuer_that_is_down_is_not_asked_for_every_token,
);

/// An issuer with one key at a time.
struct Issuer {
    url: String,
    key: Arc<Mutex<(String, EcdsaKeyPair)>>,
    fetched: Arc<AtomicUsize>,
    _server: tokio::task::JoinHandle<()>,
}

fn key() -> EcdsaKeyPair {
    let chance = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &chance).unwrap();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &chance).unwrap()
}

impl Issuer {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/realms/team", listener.local_addr().unwrap());
        let held = Arc::new(Mutex::new(("first".to_owned(), key())));
        let fetched = Arc::new(AtomicUsize::new(0));
        let (discovery, keys, count) =
            (json!({ "issuer": url, "jwks_uri": format!("{url}/keys") }), Arc::clone(&held), Arc::clone(&fetched));
        let set = move || {
            count.fetch_add(1, Ordering::SeqCst);
            let (name, key) = &*keys.lock().unwrap();
            let point = key.public_key().as_ref();
            let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..65]));
            let strange = json!({ "kty": "oct", "k": "c2VjcmV0" });
            let own = json!({ "kty": "EC", "crv": "P-256", "kid": name, "use": "sig", "x": x, "y": y });
            Json(json!({ "keys": [strange, 7, own] }))
        };
        let router = Router::new()
            .route("/realms/team/.well-known/openid-configuration", route(move || async move { Json(discovery) }))
            .route("/realms/team/keys", route(move || async move { set() }));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, key: held, fetched, _server: server }
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let text = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", text(header), text(claims));
        let signature = self.key.lock().unwrap().1.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn header(&self) -> Value {
        json!({ "alg": "ES256", "typ": "at+jwt", "kid": self.key.lock().unwrap().0 })
    }

    /// What a good token says.
    fn claims(&self, world: &World) -> Value {
        let now = world.clock.now_ms() / 1000;
        json!({ "iss": self.url, "sub": "ana", "aud": ["other", format!("{HERE}/mcp")], "iat": now, "exp": now + 600,
            "scope": "openid posts:publish", "client_id": "some-client" })
    }

    fn token(&self, world: &World) -> String {
        self.sign(&self.header(), &self.claims(world))
    }
}

async fn world(engine: Engine, issuer: &Issuer) -> World {
    World::on(engine, vec![("server.public_url", HERE.to_owned()), ("oidc.issuer", issuer.url.clone())]).await
}

async fn a_token_of_the_trusted_issuer_is_taken_for_whom_the_operator_named(engine: Engine) {
    let issuer = Issuer::start().await;
    let world = world(engine, &issuer).await;
    let metadata = get(&world, "/.well-known/oauth-protected-resource/mcp").await.json();
    assert_eq!(metadata["authorization_servers"], json!([issuer.url]));
    let token = issuer.token(&world);
    assert_eq!(may(&world, &token).await, 401, "nobody said whom it stands for");
    let user = world.person.user.clone();
    let drafts = Scopes::NONE.with(Scope::PostsDraft);
    world.app.trust_subject(&user, "ana", drafts).await.unwrap();
    assert_eq!(may(&world, &token).await, 200);
    for wrong in ["", "ana", "a\u{0}b"] {
        let refused = world.app.trust_subject(&user, wrong, drafts).await;
        assert!(matches!(refused, Err(ToolError::Refused(_))), "{wrong}: {refused:?}");
    }
    // It says publishing, and its person allowed drafting: the question stands.
    let drafted = tool(&world, &token, "create_draft", json!({ "text": "hello" })).await.json();
    let post = drafted["result"]["structuredContent"]["post"]["id"].clone();
    let asked = tool(&world, &token, "publish_post", json!({ "post": post })).await.json();
    assert_eq!(asked["result"]["structuredContent"]["status"], "waiting_for_approval", "{asked}");
    assert_eq!(tool(&world, &token, "list_conversations", json!({})).await.status, StatusCode::FORBIDDEN);
    // And it may say less.
    let mut less = issuer.claims(&world);
    less["scope"] = json!("posts:read");
    let reader = issuer.sign(&issuer.header(), &less);
    assert_eq!(tool(&world, &reader, "create_draft", json!({ "text": "no" })).await.status, StatusCode::FORBIDDEN);
    // It is a connected app like any other, in use, and removing it counts from the next call on.
    let app = world.app.connected_apps(&world.person).await.unwrap().remove(0);
    assert!(app.last_used_at.is_some() && world.page("/settings").await.contains(&issuer.url));
    world.press(&format!("/settings/apps/{}/remove", app.grant), &[]).await;
    assert_eq!(may(&world, &token).await, 401);
    world.app.trust_subject(&user, "ana", drafts).await.unwrap();
    assert_eq!(may(&world, &token).await, 200);
    world.end().await;
}

async fn a_token_that_is_not_signed_for_us_and_now_is_none(engine: Engine) {
    let issuer = Issuer::start().await;
    let world = world(engine, &issuer).await;
    world.app.trust_subject(&world.person.user, "ana", Scopes::ALL).await.unwrap();
    let now = world.clock.now_ms() / 1000;
    assert_eq!(may(&world, &issuer.token(&world)).await, 200);
    let with = |name: &str, value: Value| {
        let mut claims = issuer.claims(&world);
        claims[name] = value;
        issuer.sign(&issuer.header(), &claims)
    };
    let good = issuer.token(&world);
    let (message, _) = good.rsplit_once('.').unwrap();
    let tokens = [
        ("another issuer", with("iss", json!("https://evil.example"))),
        ("the issuer with a slash", with("iss", json!(format!("{}/", issuer.url)))),
        ("another audience", with("aud", json!("https://other.example/mcp"))),
        ("no audience", with("aud", json!([]))),
        ("our host without the path", with("aud", json!(HERE))),
        ("over", with("exp", json!(now - 61))),
        ("not yet", with("nbf", json!(now + 120))),
        ("nobody", with("sub", json!(""))),
        ("somebody else", with("sub", json!("ben"))),
        ("no end", with("exp", json!(null))),
        ("no signature", format!("{message}.")),
        ("a signature of zeros", format!("{message}.{}", URL_SAFE_NO_PAD.encode([0; 64]))),
        ("alg none", issuer.sign(&json!({ "alg": "none" }), &issuer.claims(&world))),
        ("a secret", issuer.sign(&json!({ "alg": "HS256", "kid": "first" }), &issuer.claims(&world))),
        ("another key's name", issuer.sign(&json!({ "alg": "ES256", "kid": "second" }), &issuer.claims(&world))),
        ("another's key", Issuer::start().await.sign(&issuer.header(), &issuer.claims(&world))),
    ];
    for (what, token) in tokens {
        assert_eq!(may(&world, &token).await, 401, "{what}");
    }
    world.pass(700_000);
    assert_eq!(may(&world, &good).await, 401, "it ended meanwhile");
    world.end().await;
}

async fn an_issuer_that_changes_its_keys_is_asked_again_and_not_for_every_token(engine: Engine) {
    let issuer = Issuer::start().await;
    let world = world(engine, &issuer).await;
    world.app.trust_subject(&world.person.user, "ana", Scopes::ALL).await.unwrap();
    let token = issuer.token(&world);
    let all = (0..20).map(|_| may(&world, &token));
    assert!(futures::future::join_all(all).await.into_iter().all(|status| status == 200));
    assert_eq!(issuer.fetched.load(Ordering::SeqCst), 1);
    *issuer.key.lock().unwrap() = ("second".to_owned(), key());
    // Within the minute nobody can make us ask: an unknown key's name costs nothing.
    for _ in 0..5 {
        assert_eq!(may(&world, &issuer.token(&world)).await, 401);
    }
    assert_eq!(issuer.fetched.load(Ordering::SeqCst), 1);
    world.end().await;
}

async fn an_issuer_that_is_down_is_not_asked_for_every_token(engine: Engine) {
    // It takes connections, and never answers: each attempt costs all the time that there is for one.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dead = format!("http://{}/realms/team", listener.local_addr().unwrap());
    let (asked, count) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&asked);
    let _silent = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            held.push(stream);
        }
    });
    let issuer = Issuer::start().await;
    let world = World::on(engine, vec![("server.public_url", HERE.to_owned()), ("oidc.issuer", dead.clone())]).await;
    let token = issuer.token(&world);
    // What is no token costs nobody a look.
    for garbage in ["a.b.c", "....", "eyJ.eyJ.sig"] {
        assert_eq!(may(&world, garbage).await, 401, "{garbage}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    let all = (0..20).map(|_| async {
        let status = may(&world, &token).await;
        count.fetch_add(usize::from(status == 503), Ordering::SeqCst);
    });
    futures::future::join_all(all).await;
    // Once for all of them, and not again for those who come after.
    assert_eq!(may(&world, &token).await, 503);
    assert_eq!((count.load(Ordering::SeqCst), asked.load(Ordering::SeqCst)), (20, 1));
    world.end().await;
}
