//! A place where files lie that networks pull: each path with its status, its type and its bytes, and one that never answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::response::{IntoResponse, Response};
use tokio::task::JoinHandle;

type Shelf = Arc<BTreeMap<&'static str, (&'static str, Vec<u8>)>>;

/// Files on a port of this machine.
pub(crate) struct Files {
    pub(crate) root: String,
    server: JoinHandle<()>,
}

impl Drop for Files {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Files {
    /// Serves `name → (type, bytes)`; besides, `moved` redirects to the first and `slow` never comes.
    pub(crate) async fn serve(files: Vec<(&'static str, &'static str, Vec<u8>)>) -> anyhow::Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let root = format!("http://{}/", listener.local_addr()?);
        let shelf: Shelf = Arc::new(files.into_iter().map(|(name, kind, bytes)| (name, (kind, bytes))).collect());
        let router = axum::Router::new().route("/{name}", axum::routing::get(fetch)).with_state(shelf);
        let server = tokio::spawn(async move {
            let _ended = axum::serve(listener, router).await;
        });
        Ok(Self { root, server })
    }

    pub(crate) fn url(&self, name: &str) -> String {
        format!("{}{name}", self.root)
    }
}

async fn fetch(State(shelf): State<Shelf>, Path(name): Path<String>) -> Response {
    match (name.as_str(), shelf.get(name.as_str())) {
        (_, Some((kind, bytes))) => ([(CONTENT_TYPE, *kind)], bytes.clone()).into_response(),
        ("moved", None) => {
            let first = shelf.keys().next().copied().unwrap_or_default();
            (StatusCode::FOUND, [(LOCATION, format!("/{first}"))]).into_response()
        }
        ("slow", None) => std::future::pending().await,
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}
