//! Between the server and the simulated Google: hands everything on and notes it down.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse, Response};
use url::Url;

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) body: String,
}

#[derive(Clone, Default)]
struct Noted {
    target: Arc<Mutex<Option<Url>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// It ends with the test.
pub(crate) struct Recorder {
    pub(crate) url: Url,
    noted: Noted,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.task.abort();
        // Whatever a test made the server ask, it must be a request that Google describes.
        if !std::thread::panicking() {
            let findings = super::contract::findings(&self.seen());
            assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
        }
    }
}

impl Recorder {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let noted = Noted::default();
        let router = Router::new().fallback(hand_on).with_state(noted.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, noted, task }
    }

    /// Where it hands requests on.
    pub(crate) fn aim(&self, target: Url) {
        *self.noted.target.lock().unwrap() = Some(target);
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.noted.seen.lock().unwrap().clone()
    }
}

async fn hand_on(State(noted): State<Noted>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let target = noted.target.lock().unwrap().clone().unwrap();
    noted.seen.lock().unwrap().push(Seen {
        method: method.to_string(),
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let url = format!("{}{path}", target.as_str().trim_end_matches('/'));
    let mut call = http.request(method, url).body(body);
    for (name, value) in &headers {
        if !matches!(name.as_str(), "host" | "content-length" | "connection") {
            call = call.header(name, value);
        }
    }
    // It broke off, or is not there at all.
    let Ok(answer) = call.send().await else { return axum::http::StatusCode::BAD_GATEWAY.into_response() };
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut response = (status, answer.bytes().await.unwrap()).into_response();
    for (name, value) in &headers {
        if !matches!(name.as_str(), "content-length" | "transfer-encoding" | "connection") {
            response.headers_mut().insert(name.clone(), value.clone());
        }
    }
    response
}
