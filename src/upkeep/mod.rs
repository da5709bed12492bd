//! Keeping accounts usable: connecting, refreshing tokens, disconnecting. Talks to networks, never publishes.

pub mod connect;
pub mod tokens;
