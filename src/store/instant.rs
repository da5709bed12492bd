//! The instant that rules claims and leases. Where processes share PostgreSQL it is the server's, read a few times a second and carried on in between
//! by this machine's time since boot: nobody's wall clock takes part. Nothing else of time is here.

use std::sync::atomic::{AtomicI64, Ordering};

use super::{Db, Store, StoreResult, postgres_now};
use crate::clock::machine_boot_ms;

const POSTGRES_NOW: &str = concat!("SELECT ", postgres_now!());

/// How long a reading is carried on, in milliseconds: a step of the server's clock is seen this late, and quartz drifts by nothing in it.
const CARRIED_MS: i64 = 200;

/// The server's clock as last read.
#[derive(Debug)]
pub(in crate::store) struct Carried {
    /// How far it is ahead of this machine's time since boot, in milliseconds.
    ahead: AtomicI64,
    /// When it was read, in milliseconds since boot.
    read_at: AtomicI64,
}

impl Default for Carried {
    fn default() -> Self {
        Self { ahead: AtomicI64::new(0), read_at: AtomicI64::new(i64::MIN / 2) }
    }
}

impl Store {
    /// The instant that rules claims, Unix milliseconds: PostgreSQL's clock where processes share one, else ours. It may lag by what a round
    /// trip takes, and is never ahead: nothing is taken before its time.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn now_ms(&self) -> StoreResult<i64> {
        let pool = match &self.db {
            Db::Sqlite(_) => return Ok(self.clock.now_ms()),
            Db::Postgres(pool) => pool,
        };
        let read_at = self.instant.read_at.load(Ordering::Acquire);
        if machine_boot_ms() - read_at > CARRIED_MS {
            let now: i64 = sqlx::query_scalar(POSTGRES_NOW).fetch_one(pool).await?;
            // After the answer came: whatever the way back took, is taken off.
            let here = machine_boot_ms();
            self.instant.ahead.store(now - here, Ordering::Release);
            self.instant.read_at.store(here, Ordering::Release);
        }
        Ok(machine_boot_ms() + self.instant.ahead.load(Ordering::Acquire) + self.clock.offset_ms())
    }
}
