//! What Meta's networks share (platforms/threads.md, platforms/instagram.md): calls to a Graph, its envelope of errors, long-lived tokens,
//! containers that are waited for, lists that are read to their end. What an answer means on one network stays in that network's folder.

mod codes;
mod containers;
mod graph;
mod insights;
mod needs;
mod reading;
mod said;
mod tokens;
mod wire;

pub(super) use super::answers::answered_at;
pub(super) use codes::{code_of, coded, is_code};
pub(super) use containers::{Pace, State, after_not_found, container_of};
pub(super) use graph::{Graph, Tongue, at, read, unreadable};
pub(super) use insights::Insights;
pub(super) use needs::media;
pub(super) use reading::{Until, made_at, since, unsure};
pub(super) use said::{Verdict, Waiting, evidence, problem, verdict, wait_ms};
pub(super) use tokens::Asked;
pub(super) use wire::{Data, Made, Problem, Quota, RemoteId, is_id};
