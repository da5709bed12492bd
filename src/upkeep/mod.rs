//! Keeping accounts usable: connecting, refreshing tokens, disconnecting. Talks to networks, never publishes.

mod ahead;
pub mod allowance;
pub mod connect;
mod notes;
pub mod profiles;
pub mod tokens;
