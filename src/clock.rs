//! Time and chance as arguments: the only file that may ask the machine for either.
#![expect(clippy::disallowed_methods, reason = "this is where the machine is asked")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// What time it is. One clock per process (DECISIONS 8): in demo and tests it follows the simulator.
pub trait Clock: Send + Sync {
    /// Unix milliseconds.
    fn now_ms(&self) -> i64;
    /// How far this clock is ahead of the machine's, in milliseconds; added to the database's clock where that one rules.
    fn offset_ms(&self) -> i64;
}

/// Where chance comes from.
pub trait Entropy: Send + Sync {
    /// Fills the buffer with bytes nobody can predict.
    fn fill(&self, bytes: &mut [u8]);

    /// 128 bits, of which ids use 80.
    fn bits(&self) -> u128 {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        u128::from_le_bytes(bytes)
    }

    /// 32 bytes in URL-safe base 64: a 256-bit secret.
    fn secret(&self) -> String {
        let mut bytes = [0; 32];
        self.fill(&mut bytes);
        base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, bytes)
    }
}

/// The machine's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        machine_ms()
    }
    fn offset_ms(&self) -> i64 {
        0
    }
}

/// The machine's clock moved by an offset that demo and tests set.
#[derive(Debug, Default, Clone)]
pub struct ShiftedClock(Arc<AtomicI64>);

impl ShiftedClock {
    /// Sets how far it is ahead of the machine's clock.
    pub fn set_offset_ms(&self, offset_ms: i64) {
        self.0.store(offset_ms, Ordering::SeqCst);
    }
}

impl Clock for ShiftedClock {
    fn now_ms(&self) -> i64 {
        machine_ms() + self.offset_ms()
    }
    fn offset_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// The operating system's generator.
#[derive(Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        // Without randomness no secret is safe: stop rather than go on with a weak one.
        if let Err(error) = getrandom::fill(bytes) {
            tracing::error!(error = %error, "the operating system gives no randomness");
            std::process::abort();
        }
    }
}

/// Repeatable chance for tests.
#[derive(Debug, Default)]
pub struct SeededEntropy(AtomicU64);

impl SeededEntropy {
    /// Starts from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        // SplitMix64 (public domain constants): enough for tests, never used by `serve`.
        for chunk in bytes.chunks_mut(8) {
            let mut z = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst).wrapping_add(0x9E37_79B9_7F4A_7C15);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^= z >> 31;
            chunk.copy_from_slice(&z.to_le_bytes()[..chunk.len()]);
        }
    }
}

fn machine_ms() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Milliseconds since boot, suspend included (`Instant` skips suspend). Deadlines of commit calls are kept in it.
#[must_use]
pub fn boot_ms() -> i64 {
    #[cfg(feature = "failpoints")]
    let ahead = BOOT_AHEAD.get().map_or(0, |ahead| ahead());
    #[cfg(not(feature = "failpoints"))]
    let ahead = 0;
    machine_boot_ms() + ahead
}

/// The same without simulated time: how long something really took.
#[must_use]
pub fn machine_boot_ms() -> i64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    now.tv_sec * 1000 + now.tv_nsec / 1_000_000
}

/// How much simulated time has passed beside the machine's: in the kill matrix a process sleeps for an hour in a moment.
#[cfg(feature = "failpoints")]
pub static BOOT_AHEAD: std::sync::OnceLock<fn() -> i64> = std::sync::OnceLock::new();
