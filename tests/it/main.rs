//! The one test binary: each file tests one room through its public doors, `tidy` the house itself.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise, helpers included")]

mod asked;
mod batch;
mod canary;
mod claims;
mod contracts;
mod conversing;
mod databases;
mod discord;
mod effects;
mod engine;
mod erasing;
mod hostile;
mod i18n;
mod injections;
mod killed;
mod machine;
mod media;
mod migrations;
mod operator;
mod pictures;
mod planning;
mod process;
mod publishing;
mod restoring;
mod serving;
mod slack;
mod stdio;
mod tidy;
mod urgent;
mod vault;
mod web;
mod webchat;
mod whole;
mod world;
mod x;
