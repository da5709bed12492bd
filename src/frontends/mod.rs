//! The front ends: peers that translate between a protocol and the doors of `App`. They decide nothing and never name each other.

pub mod mcp;
