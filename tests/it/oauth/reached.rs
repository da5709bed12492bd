//! What `socrazi doctor` finds when it looks at this server as a client would, through a proxy that is set up well, or wrong in one way.

use axum::response::IntoResponse;
use socrazi::app::oauth::Reached;
use socrazi::domain::lang::Lang;
use socrazi::i18n::Words;
use tokio_util::sync::CancellationToken;

use super::*;

/// One way in which a proxy is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// Leaves a request's header out.
    Drops(&'static str),
    /// Passes requests on under a name of its own.
    Renames,
    /// Leaves out what an answer says of signing in.
    Unchallenged,
    /// Waits for the end of an answer.
    Holds,
    /// Knows only of `/mcp`.
    OnlyMcp,
    /// Leads to another address.
    Moves,
    /// Shows a sign-in page of its own.
    Wall,
    /// Sends one more `Origin` of its own in place of the page's.
    OwnOrigin,
    /// Is down behind its name.
    BadGateway,
    /// Leads to another server of the same kind.
    Other,
}

async fn passed(router: axum::Router, mut request: Request<Body>, fault: Fault, here: String) -> http::Response<Body> {
    let path = request.uri().path().to_owned();
    match fault {
        Fault::Drops(name) => {
            request.headers_mut().remove(name);
        }
        Fault::Renames => {
            request.headers_mut().insert("host", "upstream:8787".parse().unwrap());
        }
        Fault::OwnOrigin if request.headers().contains_key("origin") => {
            request.headers_mut().insert("origin", here.parse().unwrap());
        }
        Fault::OnlyMcp if !path.starts_with("/mcp") => return StatusCode::NOT_FOUND.into_response(),
        Fault::Moves => {
            let to = format!("https://www.post.example{path}");
            return (StatusCode::PERMANENT_REDIRECT, [("location", to)]).into_response();
        }
        Fault::Wall => return (StatusCode::OK, [("content-type", "text/html")], "<h1>Sign in</h1>").into_response(),
        Fault::BadGateway => return StatusCode::BAD_GATEWAY.into_response(),
        _ => {}
    }
    let (mut parts, mut body) = router.oneshot(request).await.unwrap().into_parts();
    if fault == Fault::Unchallenged {
        parts.headers.remove("www-authenticate");
    }
    if fault == Fault::Holds || (fault == Fault::Other && path.starts_with("/.well-known")) {
        let bytes = axum::body::to_bytes(body, 1_000_000).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let text = if fault == Fault::Other { text.replace(&here, "https://other.example") } else { text };
        parts.headers.remove("content-length");
        body = Body::from(text);
    }
    http::Response::from_parts(parts, body)
}

/// What is found through a proxy with this fault.
async fn found(fault: Fault) -> Vec<Reached> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = format!("http://{}", listener.local_addr().unwrap());
    let world = World::on(Engine::Sqlite, vec![("server.public_url", here.clone())]).await;
    let router = world.router.clone();
    let front = axum::Router::new()
        .fallback(move |request: Request<Body>| passed(router.clone(), request, fault, here.clone()));
    let stop = CancellationToken::new();
    let serving = tokio::spawn(socrazi::frontends::serve_http(listener, front, stop.clone()));
    let found = world.app.check_reached().await;
    stop.cancel();
    serving.await.unwrap();
    world.end().await;
    found
}

/// What is wrong, by what was looked at and what was found.
fn faults(found: &[Reached]) -> Vec<(&str, &str)> {
    let wrong = found.iter().filter(|reached| reached.fix.is_some());
    wrong.map(|reached| (reached.what.key.as_str(), reached.found.key.as_str())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_good_proxy_everything_is_good_and_said_in_both_languages() {
    let found = found(Fault::None).await;
    assert_eq!(faults(&found), [] as [(&str, &str); 0], "{found:?}");
    let looked: Vec<&str> = found.iter().map(|reached| reached.what.key.as_str()).collect();
    let wanted = [
        "doctor-reach",
        "doctor-headers",
        "doctor-streaming",
        "doctor-document",
        "doctor-document",
        "doctor-document",
        "doctor-endpoints",
        "doctor-challenge",
    ];
    assert_eq!(looked, wanted);
    let words = Words::load();
    for reached in &found {
        for sentence in [&reached.what, &reached.found] {
            let (en, ja) = (words.tell(Lang::En, sentence), words.tell(Lang::Ja, sentence));
            assert!(!en.is_empty() && en != ja && !ja.contains("doctor-") && !en.contains("doctor-"), "{en} {ja}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_of_a_proxy_is_named_with_what_to_do() {
    let table: [(Fault, &[(&str, &str)]); 12] = [
        (Fault::Drops("mcp-name"), &[("doctor-headers", "doctor-headers-missing")]),
        (
            Fault::Drops("origin"),
            &[("doctor-headers", "doctor-headers-missing"), ("doctor-challenge", "doctor-origin-open")],
        ),
        (
            Fault::Drops("authorization"),
            &[("doctor-headers", "doctor-headers-missing"), ("doctor-challenge", "doctor-headers-missing")],
        ),
        (
            Fault::Renames,
            &[
                ("doctor-reach", "doctor-host-other"),
                ("doctor-endpoints", "doctor-reach-not-ours"),
                ("doctor-challenge", "doctor-reach-not-ours"),
            ],
        ),
        (Fault::Unchallenged, &[("doctor-challenge", "doctor-challenge-stripped")]),
        (Fault::Holds, &[("doctor-streaming", "doctor-streaming-held")]),
        (
            Fault::OnlyMcp,
            &[
                ("doctor-document", "doctor-reach-missing"),
                ("doctor-document", "doctor-reach-missing"),
                ("doctor-document", "doctor-reach-missing"),
                ("doctor-endpoints", "doctor-reach-missing"),
            ],
        ),
        (Fault::OwnOrigin, &[("doctor-challenge", "doctor-origin-open")]),
        (
            Fault::Other,
            &[
                ("doctor-document", "doctor-document-other"),
                ("doctor-document", "doctor-document-other"),
                ("doctor-document", "doctor-document-other"),
            ],
        ),
        (Fault::Moves, &[("doctor-reach", "doctor-reach-moved")]),
        (Fault::Wall, &[("doctor-reach", "doctor-reach-not-ours")]),
        (Fault::BadGateway, &[("doctor-reach", "doctor-reach-not-ours")]),
    ];
    for (fault, wanted) in table {
        let found = found(fault).await;
        let faults = faults(&found);
        match fault {
            // Nothing else can be right then, either: what is said first is what counts.
            Fault::Moves | Fault::Wall | Fault::BadGateway => {
                assert_eq!(faults.first(), wanted.first(), "{fault:?}: {found:?}")
            }
            _ => assert_eq!(faults, wanted, "{fault:?}: {found:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_answers_it_is_said_once() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let world = World::on(Engine::Sqlite, vec![("server.public_url", here)]).await;
    let found = world.app.check_reached().await;
    assert_eq!(faults(&found), [("doctor-reach", "doctor-reach-nobody")], "{found:?}");
    assert_eq!(found.len(), 1);
    world.end().await;
}

/// Whoever asks learns of their own request alone, and only so many at once.
#[tokio::test(flavor = "multi_thread")]
async fn the_probe_tells_nothing_but_which_headers_came() {
    let world = world(Engine::Sqlite).await;
    let probe = |headers: &[(&str, &str)]| {
        let mut request = Request::post("/mcp/probe").header("host", "127.0.0.1:8787");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        ask(&world, request.body(Body::from("{}")).unwrap())
    };
    let answer = probe(&[("authorization", "Bearer very-secret"), ("cookie", "a=b"), ("x-other", "c")]).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("x-accel-buffering"), "no");
    assert!(
        answer.text.starts_with("data: {\"came\":[\"authorization\"],\"is_own_host\":true}\n\n"),
        "{}",
        answer.text
    );
    assert!(!answer.text.contains("secret"), "{}", answer.text);
    let many = futures::future::join_all((0..40).map(|_| {
        let request = Request::post("/mcp/probe").header("host", "evil.example").body(Body::empty()).unwrap();
        ask(&world, request)
    }));
    let (mut done, mut refused) = (0, 0);
    for answer in many.await {
        match answer.status {
            StatusCode::OK => {
                assert!(answer.text.contains("\"is_own_host\":false"), "{}", answer.text);
                done += 1;
            }
            status => {
                assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
                refused += 1;
            }
        }
    }
    assert_eq!((done, refused), (16, 24));
    world.end().await;
}
