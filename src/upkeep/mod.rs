//! Keeping accounts usable: connecting, refreshing tokens, disconnecting; and reading what networks count of posts. Talks to networks, never publishes.

mod ahead;
pub mod allowance;
pub mod connect;
pub mod disconnect;
pub mod figures;
mod notes;
pub mod profiles;
pub mod standing;
pub mod tokens;
pub mod videos;
