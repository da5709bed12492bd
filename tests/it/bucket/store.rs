//! A store that speaks as much of S3 as media need, and fails on demand. It judges no signature: moto does (`tests/clients/bucket_check.py`).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode};

/// What goes wrong, until it is set otherwise: for this method, where the query has this in it.
#[derive(Clone, Copy)]
pub(crate) struct Fault {
    pub(crate) method: &'static str,
    pub(crate) query: &'static str,
    pub(crate) what: What,
}

#[derive(Clone, Copy)]
pub(crate) enum What {
    /// Refused, with S3's code.
    Refuse(u16, &'static str),
    /// Done, it says, and it is not.
    Lie,
    /// The answer never comes.
    Hang,
}

#[derive(Default)]
pub(crate) struct Inside {
    pub(crate) objects: BTreeMap<String, Vec<u8>>,
    /// Uploads that were neither completed nor aborted.
    pub(crate) uploads: BTreeMap<String, BTreeMap<u32, Vec<u8>>>,
    pub(crate) fault: Option<Fault>,
    /// The length of every answer to a GET.
    pub(crate) read: Vec<usize>,
    made: u32,
}

/// The store, on a port of its own. Its bucket is `shelf`.
pub(crate) struct Store {
    pub(crate) inside: Arc<Mutex<Inside>>,
    pub(crate) url: String,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for Store {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Store {
    pub(crate) async fn start() -> Self {
        Self::on(tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap(), Arc::default())
    }

    fn on(listener: tokio::net::TcpListener, inside: Arc<Mutex<Inside>>) -> Self {
        let router = Router::new().route("/shelf/{*key}", axum::routing::any(answer)).fallback(nowhere);
        let router = router.layer(DefaultBodyLimit::disable()).with_state(Arc::clone(&inside));
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { inside, url, serving }
    }

    /// What media need to be kept here.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("media.store", "s3://shelf/films".into()),
            ("media.s3_endpoint", self.url.clone()),
            ("media.s3_access_key_id", "canary-of-a-key-id".into()),
            ("media.s3_secret_access_key", "canary-of-a-secret".into()),
        ]
    }

    pub(crate) fn fail(&self, method: &'static str, query: &'static str, what: What) {
        self.inside.lock().unwrap().fault = Some(Fault { method, query, what });
    }

    pub(crate) fn heal(&self) {
        self.inside.lock().unwrap().fault = None;
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        self.inside.lock().unwrap().objects.keys().cloned().collect()
    }

    /// Nobody listens any more.
    pub(crate) async fn stop(&mut self) {
        self.serving.abort();
        let _cancelled = (&mut self.serving).await;
    }

    /// Somebody listens again, with everything that was there.
    pub(crate) async fn come_back(&mut self) {
        let listener = tokio::net::TcpListener::bind(self.url.trim_start_matches("http://")).await.unwrap();
        *self = Self::on(listener, Arc::clone(&self.inside));
    }
}

async fn nowhere() -> Response {
    refused(404, "NoSuchBucket")
}

fn refused(status: u16, code: &str) -> Response {
    // Real ones repeat the key's name and what was signed.
    let text = format!(
        "<Error><Code>{code}</Code><Message>canary-of-a-message</Message><AWSAccessKeyId>canary-of-a-key-id</AWSAccessKeyId></Error>"
    );
    (StatusCode::from_u16(status).unwrap(), text).into_response()
}

fn argument(query: &str, name: &str) -> Option<String> {
    url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

async fn answer(
    State(inside): State<Arc<Mutex<Inside>>>,
    method: Method,
    (Path(key), RawQuery(query)): (Path<String>, RawQuery),
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let query = query.unwrap_or_default();
    let fault = inside.lock().unwrap().fault.filter(|fault| method == fault.method && query.contains(fault.query));
    assert!(headers["authorization"].to_str().unwrap().contains("Credential=canary-of-a-key-id/"));
    match fault.map(|fault| fault.what) {
        Some(What::Refuse(status, code)) => return refused(status, code),
        Some(What::Lie) => return ([("etag", "\"lie\"")], "<R><ETag>lie</ETag></R>").into_response(),
        Some(What::Hang) => std::future::pending().await,
        None => {}
    }
    let mut inside = inside.lock().unwrap();
    match (method.as_str(), argument(&query, "uploadId")) {
        ("POST", None) => {
            inside.made += 1;
            let upload = format!("upload{}", inside.made);
            inside.uploads.insert(upload.clone(), BTreeMap::new());
            let text =
                format!("<InitiateMultipartUploadResult><UploadId>{upload}</UploadId></InitiateMultipartUploadResult>");
            text.into_response()
        }
        ("PUT", Some(upload)) => {
            let part = argument(&query, "partNumber").unwrap().parse().unwrap();
            inside.uploads.get_mut(&upload).unwrap().insert(part, body.to_vec());
            ([("etag", format!("\"{part}\""))], "").into_response()
        }
        ("POST", Some(upload)) => {
            let parts = inside.uploads.remove(&upload).unwrap();
            let sizes: Vec<_> = parts.values().map(Vec::len).collect();
            // R2's rule, on which it insists.
            assert!(sizes.iter().rev().skip(1).all(|size| *size == 5 << 20), "{sizes:?}");
            inside.objects.insert(key, parts.into_values().flatten().collect());
            "<CompleteMultipartUploadResult><ETag>\"whole\"</ETag></CompleteMultipartUploadResult>".into_response()
        }
        ("DELETE", Some(upload)) => {
            inside.uploads.remove(&upload);
            StatusCode::NO_CONTENT.into_response()
        }
        ("PUT", None) => {
            let copied = headers.get("x-amz-copy-source").map(|from| {
                let from = from.to_str().unwrap().trim_start_matches('/').trim_start_matches("shelf/").to_owned();
                inside.objects.get(&from).cloned()
            });
            match copied {
                Some(None) => return refused(404, "NoSuchKey"),
                Some(Some(bytes)) => inside.objects.insert(key, bytes),
                None => inside.objects.insert(key, body.to_vec()),
            };
            ([("etag", "\"one\"")], "<CopyObjectResult><ETag>\"one\"</ETag></CopyObjectResult>").into_response()
        }
        ("DELETE", None) => {
            inside.objects.remove(&key);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => given(&mut inside, &key, &method, &headers),
    }
}

fn given(inside: &mut Inside, key: &str, method: &Method, headers: &HeaderMap) -> Response {
    let Some(bytes) = inside.objects.get(key).cloned() else { return refused(404, "NoSuchKey") };
    let kept = [("etag", "\"one\"".to_owned()), ("last-modified", "Fri, 27 Nov 2026 18:00:00 GMT".to_owned())];
    if method == Method::HEAD {
        let length = [("content-length", bytes.len().to_string())];
        return (kept, length, Body::empty()).into_response();
    }
    let range = headers["range"].to_str().unwrap().trim_start_matches("bytes=").split_once('-').unwrap();
    let (from, to): (usize, usize) = (range.0.parse().unwrap(), range.1.parse().unwrap());
    if from >= bytes.len() {
        return refused(416, "InvalidRange");
    }
    let part = bytes[from..(to + 1).min(bytes.len())].to_vec();
    inside.read.push(part.len());
    let place = [("content-range", format!("bytes {from}-{}/{}", from + part.len() - 1, bytes.len()))];
    (StatusCode::PARTIAL_CONTENT, kept, place, part).into_response()
}
