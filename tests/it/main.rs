//! Tests.
mod x;
