//! MCP: the toolbox, resources and prompts over Streamable HTTP (both protocol eras on one address) and over a stream (stdio, through the socket in
//! the data folder). What tools do is not here; approval is never answered here.

mod allowed;
mod answering;
mod apps;
mod charts;
mod completions;
mod handler;
mod http;
mod icons;
mod inbound;
mod prompts;
mod resources;
mod sessions;
mod socket;
mod subscriptions;
mod uris;
mod waiting;

/// What this server is called, by programs and by people.
const NAME: &str = "socrazi";
const TITLE: &str = "Socrazi";

pub use http::Mcp;
pub use socket::{Reading, bridge, listen};
