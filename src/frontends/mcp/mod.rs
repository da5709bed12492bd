//! MCP: the toolbox over Streamable HTTP (both protocol eras on one address) and over a stream (stdio, through the socket in the
//! data folder). What tools do is not here; approval is never answered here.

mod answering;
mod handler;
mod http;
mod inbound;
mod socket;

pub use http::router;
pub use socket::{bridge, listen};
