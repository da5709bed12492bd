//! Socrazi.
fn main() {}
