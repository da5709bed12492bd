//! Keeping accounts usable: connecting, refreshing tokens, disconnecting; and reading what networks count of posts. Talks to networks, never publishes.

mod ahead;
pub mod connect;
pub mod figures;
pub mod tokens;
