//! The one test binary: each file tests one room through its public doors, `tidy` the house itself.

mod databases;
mod hostile;
mod i18n;
mod machine;
mod process;
mod serving;
mod tidy;
mod vault;
mod web;
mod x;
