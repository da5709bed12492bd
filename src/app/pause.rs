//! Waiting by the house's clock, for networks that are waited for. Where a simulator moves the clock, a minute passes as soon as it says so.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::clock::Clock;
use crate::platforms::Pauses;

/// How often it is looked whether the time has passed: nothing that is waited for here is in a hurry.
const LOOK: Duration = Duration::from_millis(50);

/// Waits by a clock.
pub(super) struct ClockPauses(pub(super) Arc<dyn Clock>);

#[async_trait]
impl Pauses for ClockPauses {
    async fn pause(&self, time: Duration) {
        let until = self.0.now_ms().saturating_add(i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
        // A clock that is set back makes nobody wait longer than the time itself.
        let latest = tokio::time::Instant::now() + time;
        while self.0.now_ms() < until {
            let left = latest.saturating_duration_since(tokio::time::Instant::now());
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(LOOK)).await;
        }
    }
}
