//! MCP: the toolbox over Streamable HTTP (both protocol eras on one address) and over a stream (stdio, through the socket in the
//! data folder). What tools do is not here; approval is never answered here.

mod answering;
mod handler;
mod http;
mod inbound;
mod sessions;
mod socket;
mod waiting;

/// What this server is called, by programs and by people.
const NAME: &str = "socrazi";
const TITLE: &str = "Socrazi";

pub use http::Mcp;
pub use socket::{bridge, listen};
