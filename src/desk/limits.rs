//! How far a standing permission goes: posts in 24 hours, and hours in which it sleeps. Past that a person is asked, as without it.

use super::Desk;
use crate::domain::approval::{Act, When};
use crate::domain::caller::Caller;
use crate::domain::schedule::Moment;
use crate::domain::tool::ToolError;
use crate::store::planning::GrantLimit;

/// Posts a day that a standing permission covers when the person chose nothing else.
const POSTS_A_DAY: i64 = 20;
const DAY_MS: i64 = 24 * 3_600_000;

impl Desk {
    /// Whether a caller's standing permission may answer for an act just now.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn is_within_limit(&self, caller: &Caller, act: &Act, now: i64) -> Result<bool, ToolError> {
        let items: Vec<_> = match act {
            Act::Publish { items, .. } => items.iter().collect(),
            Act::Batch { posts } => posts.iter().flat_map(|post| &post.items).collect(),
            Act::Resume { .. }
            | Act::TakeDown { .. }
            | Act::Disconnect { .. }
            | Act::EditVideo { .. }
            | Act::Forget { .. } => return Ok(true),
        };
        let limit = self.store.find_grant_limit(&caller.user, &caller.grantee()).await?;
        let mut instants = Vec::new();
        for item in items {
            match &item.when {
                When::At { at_ms, .. } => instants.push(*at_ms),
                When::Now => instants.push(now),
                When::Every(recurrence) => instants.extend(&recurrence.instants),
            }
        }
        if instants.iter().any(|at| is_quiet(&limit, *at, &caller.zone)) {
            return Ok(false);
        }
        let granted = self.store.count_granted(&caller.user, &caller.granted(), now - DAY_MS).await?;
        let most = limit.posts_a_day.unwrap_or(POSTS_A_DAY);
        Ok(granted + i64::try_from(instants.len()).unwrap_or(i64::MAX) <= most)
    }
}

fn is_quiet(limit: &GrantLimit, at_ms: i64, zone: &str) -> bool {
    let Some((from, until)) = limit.quiet else { return false };
    let time = Moment { at_ms, zone: zone.to_owned() }.zoned().time();
    let minute = i64::from(time.hour()) * 60 + i64::from(time.minute());
    if from <= until { (from..until).contains(&minute) } else { minute >= from || minute < until }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_are_in_the_persons_zone_and_go_over_midnight() {
        let limit =
            |from: i64, until: i64| GrantLimit { quiet: Some((from * 60, until * 60)), ..GrantLimit::default() };
        let noon = 1_795_435_200_000; // 2026-11-23T12:00:00Z, nine in the evening in Tokyo
        assert!(is_quiet(&limit(21, 7), noon, "Asia/Tokyo") && !is_quiet(&limit(21, 7), noon, "UTC"));
        assert!(is_quiet(&limit(12, 13), noon, "UTC") && !is_quiet(&limit(13, 12), noon, "UTC"));
        assert!(!is_quiet(&limit(12, 12), noon, "UTC") && !is_quiet(&GrantLimit::default(), noon, "UTC"));
    }
}
