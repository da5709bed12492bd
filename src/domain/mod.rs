//! The words of the trade: plain types and pure rules. No I/O, no clock, no database, nothing of ours below it.

pub mod account;
pub mod alike;
pub mod approval;
pub mod banned;
pub mod caller;
pub mod chat;
pub mod commit;
pub mod delivery;
pub mod digest;
pub mod ids;
pub mod lang;
pub mod network;
pub mod place;
pub mod post;
pub mod post_status;
pub mod recurrence;
pub mod refusal;
pub mod region;
pub mod schedule;
pub mod sealed;
pub mod sentences;
pub mod slots;
pub mod split;
pub mod tool;
pub mod when;
