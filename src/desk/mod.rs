//! The desk where posts are written, checked, approved and taken back: the rules that tools and pages share.
pub mod view;
