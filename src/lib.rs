//! The list of rooms. ARCHITECTURE.md is the map.

pub mod app;
pub mod clock;
pub mod desk;
pub mod domain;
pub mod store;
