//! The one test binary: each file tests one room through its public doors, `tidy` the house itself.

mod i18n;
mod tidy;
mod web;
mod x;
