//! Keeping accounts usable: connecting, refreshing tokens, disconnecting. Talks to networks, never publishes.

mod ahead;
pub mod connect;
pub mod tokens;
