//! The front ends: peers that translate between a protocol and the doors of `App`. They decide nothing and never name each other.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use tokio_util::sync::CancellationToken;

use crate::app::App;

mod listen;
pub mod mcp;
pub mod terminal;
mod web;

pub use listen::serve_http;

/// Everything that answers over HTTP.
pub fn router(app: &Arc<App>, stop: CancellationToken) -> Router {
    let router = mcp::router(Arc::clone(app), stop).merge(web::router(Arc::clone(app)));
    router.layer(from_fn_with_state(Arc::clone(app), touch))
}

/// Somebody asked for something.
async fn touch(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    app.activity().touch(app.now_ms());
    next.run(request).await
}
