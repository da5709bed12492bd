//! The list of rooms. ARCHITECTURE.md is the map.

pub mod clock;
pub mod domain;
pub mod http_out;
pub mod platforms;
