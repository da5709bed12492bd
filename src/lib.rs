//! The list of rooms. ARCHITECTURE.md is the map.

pub mod app;
pub mod clock;
pub mod config;
pub mod desk;
pub mod domain;
pub mod platforms;
pub mod store;
