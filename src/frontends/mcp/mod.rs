//! MCP: the toolbox, resources and prompts over Streamable HTTP (both protocol eras on one address) and over a stream (stdio, through the socket in
//! the data folder). What tools do is not here; approval is never answered here.

use std::sync::Arc;

use axum::Router;
use tokio_util::sync::CancellationToken;

use crate::app::App;

mod allowed;
mod apps;
mod completions;
mod handler;
mod http;
mod icons;
mod inbound;
mod prompts;
mod resources;
mod socket;
mod subscriptions;
mod uris;

pub use socket::{Reading, bridge, listen};

/// Everything of it that answers over HTTP.
pub fn router(app: Arc<App>, stop: CancellationToken) -> Router {
    http::router(app, stop).merge(icons::router())
}
