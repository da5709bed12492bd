//! How figures of posts grow with time: known beforehand from a seed, the post and the figure's name, never falling, half of it within twelve hours.
//! What a test sets for a post comes before; without a seed nothing grows.

use sha2::{Digest, Sha256};

/// Half of what comes has come by then.
const HALF_MS: i64 = 12 * 3_600_000;
/// Views that a post gets in the end: at least so many, and up to ten times as many.
const VIEWS_MIN: u64 = 500;

/// A figure of a post at an age.
#[must_use]
pub fn figure(seed: u64, (post, name): (&str, &str), age_ms: i64) -> u64 {
    let digest = Sha256::digest(format!("{seed}/{post}"));
    let chance = digest.iter().take(4).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let views = VIEWS_MIN + chance % (VIEWS_MIN * 9);
    let age = u64::try_from(age_ms.max(0)).unwrap_or(0);
    let half = u64::try_from(HALF_MS).unwrap_or(1);
    let in_the_end = views * per_mille(name) / 1_000;
    in_the_end * age / (age + half)
}

/// How many of a thousand viewers do it, by the names of all networks.
fn per_mille(name: &str) -> u64 {
    match name {
        "views" | "impression_count" => 1_000,
        "reach" => 800,
        "engagements" | "total_interactions" => 80,
        "likes" | "like_count" => 40,
        "url_link_clicks" => 20,
        "saved" | "bookmark_count" => 12,
        "reposts" | "retweet_count" | "user_profile_clicks" | "profile_visits" => 10,
        "replies" | "reply_count" | "comments" => 8,
        "shares" => 6,
        "quotes" | "quote_count" => 3,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_grow_never_fall_and_are_the_same_again() {
        let at = |hours: i64| figure(7, ("1", "views"), hours * 3_600_000);
        assert_eq!((at(0), at(-5)), (0, 0));
        assert!((1..60).all(|hours| at(hours) >= at(hours - 1)) && at(24) > at(1));
        assert_eq!(at(24), figure(7, ("1", "views"), 24 * 3_600_000));
        assert_ne!(
            (at(24), figure(7, ("2", "views"), 24 * 3_600_000)),
            (figure(8, ("1", "views"), 24 * 3_600_000), at(24))
        );
        assert!(figure(7, ("1", "likes"), HALF_MS) < figure(7, ("1", "views"), HALF_MS));
        assert_eq!(figure(7, ("1", "navigation"), HALF_MS), 0);
    }
}
