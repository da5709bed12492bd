//! Faithful, stateful stand-ins for the remote services that Socrazi talks to.
//!
//! Each simulator listens on its own loopback root URL, refuses what the real service would
//! refuse, and keeps a ledger of what the outside world can see. Tests start one in-process; the
//! binary `socrazi-sim` runs one as its own process with a durable ledger, the judge of crash tests.
//! What one service does lives in its folder; everything beside those folders serves them all.

mod chance;
pub mod cli;
pub mod clock;
pub mod control;
pub mod discord;
mod emoji;
pub mod faults;
mod form;
pub mod gemini;
pub mod google;
pub mod graph;
pub mod growth;
pub mod instagram;
pub mod ledger;
pub mod linkedin;
pub mod net;
pub mod pull;
pub mod samples;
mod sign;
pub mod slack;
mod sniff;
pub mod threads;
pub mod tiktok;
mod wire;
pub mod x;

pub use clock::SimClock;
pub use faults::{Fault, FaultKind, RateBody};
pub use ledger::{LedgerEntry, LedgerPoll, Visible, VisibleMedia};

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, and goes on with the value when another thread panicked while it held the lock: a
/// simulator that judges a crash test must not fall over because one request did.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
