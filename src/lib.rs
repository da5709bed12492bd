//! The list of rooms. ARCHITECTURE.md is the map.

pub mod agent;
pub mod analytics;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod desk;
pub mod domain;
pub mod failpoints;
pub mod frontends;
pub mod google;
pub mod http_out;
pub mod i18n;
pub mod llm;
pub mod media;
pub mod memory;
pub mod pictures;
mod places;
pub mod platforms;
pub mod publisher;
pub mod store;
// Tools are what people extend first, so they stand at the root.
#[path = "../tools/mod.rs"]
pub mod tools;
pub mod upkeep;
pub mod vault;
