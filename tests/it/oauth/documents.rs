//! Programs that are known by the document at the address that is their id: what is read, how often, and what is not believed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing;

use super::*;
use crate::databases::on_both;

on_both!(
    a_program_is_known_by_its_document_which_is_read_again_before_each_question,
    a_document_that_cannot_be_believed_lets_nobody_in,
    nothing_is_fetched_for_strangers_or_from_inside
);

/// Somebody's web server, with a document that can be changed.
struct Site {
    url: Url,
    document: Arc<std::sync::Mutex<Value>>,
    hits: Arc<AtomicUsize>,
}

type Shelf = (Arc<std::sync::Mutex<Value>>, Arc<AtomicUsize>);

async fn served(State((document, hits)): State<Shelf>) -> Response {
    hits.fetch_add(1, Ordering::SeqCst);
    let text = document.lock().unwrap().to_string();
    ([("content-type", "application/json")], text).into_response()
}

impl Site {
    async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url: Url = format!("http://{}/client.json", listener.local_addr().unwrap()).parse().unwrap();
        let document = json!({ "client_id": url.as_str(), "client_name": "A known program", "redirect_uris": [BACK],
            "token_endpoint_auth_method": "none", "grant_types": ["authorization_code", "refresh_token"] });
        let shelf: Shelf = (Arc::new(std::sync::Mutex::new(document)), Arc::default());
        let router = Router::new()
            .route("/client.json", routing::get(served))
            .route("/moved.json", routing::get(|| async { Redirect::temporary("/client.json") }))
            .route("/slow.json", routing::get(std::future::pending::<&'static str>))
            .route("/page.json", routing::get(|| async { "not JSON by its type" }))
            .with_state(shelf.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, document: shelf.0, hits: shelf.1 }
    }

    fn id(&self) -> String {
        self.url.to_string()
    }

    fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }

    fn say(&self, name: &str, value: Value) {
        self.document.lock().unwrap()[name] = value;
    }
}

async fn a_program_is_known_by_its_document_which_is_read_again_before_each_question(engine: Engine) {
    let world = world(engine).await;
    let site = Site::open().await;
    let page = consent_page(&world, &request(&site.id())).await;
    assert!(page.text.contains("A known program wants") && page.text.contains(&site.id()), "{}", page.text);
    let held = let_in(&world, &site.id(), &["read"]).await;
    assert_eq!(may(&world, &held.access).await, 200);
    super::held(&refresh(&world, &site.id(), &held.refresh).await);
    assert_eq!(site.hits(), 1, "within a minute it is read once");
    // Two installations of one program do not end each other's access.
    let other = let_in(&world, &site.id(), &["read", "draft"]).await;
    assert_eq!((may(&world, &held.access).await, may(&world, &other.access).await), (200, 200));
    assert_eq!(world.app.connected_apps(&world.person).await.unwrap().len(), 2);
    // Whoever takes an address out of it takes it out here.
    site.say("redirect_uris", json!(["https://moved.example/cb"]));
    world.pass(61_000);
    assert_eq!(consent_page(&world, &request(&site.id())).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(site.hits(), 2);
    let moved = with(request(&site.id()), "redirect_uri", "https://moved.example/cb");
    assert_eq!(consent_page(&world, &moved).await.status, StatusCode::OK);
    // An answer on this machine could be anybody's there, and the page says so.
    site.say("redirect_uris", json!(["http://127.0.0.1/cb"]));
    world.pass(61_000);
    let here = consent_page(&world, &with(request(&site.id()), "redirect_uri", "http://127.0.0.1:5/cb")).await.text;
    assert!(here.contains("any program here could pretend to be it"), "{here}");
    world.end().await;
}

async fn a_document_that_cannot_be_believed_lets_nobody_in(engine: Engine) {
    let world = world(engine).await;
    let site = Site::open().await;
    let many: Vec<_> = (0..100).map(|no| format!("https://app.example/{no}")).collect();
    for (name, value) in [
        ("client_id", json!("https://other.example/client.json")),
        ("client_id", json!(format!("{}#", site.id()))),
        ("client_id", json!(null)),
        ("redirect_uris", json!(["javascript:alert(1)"])),
        ("redirect_uris", json!(["http://app.example/callback"])),
        ("redirect_uris", json!(many)),
        ("redirect_uris", json!([])),
        ("redirect_uris", json!(5)),
        ("token_endpoint_auth_method", json!("client_secret_basic")),
        ("grant_types", json!(["implicit"])),
        ("description", json!("x".repeat(10 << 20))),
    ] {
        let before = site.document.lock().unwrap().clone();
        site.say(name, value);
        let page = consent_page(&world, &request(&site.id())).await;
        assert_eq!((page.status, page.header("location")), (StatusCode::BAD_REQUEST, ""), "{name}");
        *site.document.lock().unwrap() = before;
    }
    for path in ["moved.json", "slow.json", "page.json", "missing.json"] {
        let id = site.url.join(path).unwrap().to_string();
        let page = consent_page(&world, &request(&id)).await;
        assert_eq!((page.status, page.header("location")), (StatusCode::BAD_REQUEST, ""), "{path}");
        assert!(page.text.contains("could not be used (127.0.0.1)"), "{path}: {}", page.text);
    }
    // Nothing of it was kept.
    assert_eq!(exchange(&world, &site.id(), "x").await.fault(), (401, "invalid_client".into()));
    assert_eq!(consent_page(&world, &request(&site.id())).await.status, StatusCode::OK);
    world.end().await;
}

async fn nothing_is_fetched_for_strangers_or_from_inside(engine: Engine) {
    let world = world(engine).await;
    let site = Site::open().await;
    let path = format!("/oauth/authorize?{}", query(&request(&site.id())));
    assert_eq!(get(&world, &path).await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        form(&world, "/oauth/token", &[("client_id", &site.id())]).await.fault(),
        (401, "invalid_client".into())
    );
    for id in [
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "http://10.0.0.1/client.json".to_owned(),
        format!("http://[::ffff:127.0.0.1]:{}/client.json", site.url.port().unwrap()),
        format!("http://user@127.0.0.1:{}/client.json", site.url.port().unwrap()),
        format!("http://2130706433:{}/client.json", site.url.port().unwrap()),
        site.id().replace("/client.json", "/"),
        site.id().replace("/client.json", "/x/../client.json"),
        format!("{}?x", site.id()),
        format!("{}#x", site.id()),
        "file:///etc/passwd".into(),
        "ftp://127.0.0.1/client.json".into(),
    ] {
        let page = consent_page(&world, &request(&id)).await;
        assert_eq!((page.status, page.header("location")), (StatusCode::BAD_REQUEST, ""), "{id}");
        assert!(!page.text.contains("name=\"answer\""), "{id}");
    }
    assert_eq!(site.hits(), 0);
    world.end().await;
}
