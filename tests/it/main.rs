//! Tests.
mod tidy;
