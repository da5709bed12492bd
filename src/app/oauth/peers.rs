//! How often one place registers programs: so that nobody uses up what all together may register. Kept in memory, because only a flood is meant
//! and a restart forgives it.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};

/// Programs that one place may register in an hour: a household or an office sets up a few, and somebody who tries again some more.
const PLACE_AN_HOUR_MAX: u32 = 20;
const HOUR_MS: i64 = 3_600_000;
/// Places that are remembered at once; a flood from more of them meets the limit for all.
const PLACES_MAX: usize = 10_000;

/// What each place registered within its hour.
#[derive(Debug, Default)]
pub(in crate::app) struct Places(BTreeMap<IpAddr, (i64, u32)>);

/// One address, or the network that one IPv6 connection is given. None for what is near: behind a proxy that nobody named, everybody is.
fn place(origin: IpAddr) -> Option<IpAddr> {
    match origin {
        IpAddr::V4(v4) if v4.is_loopback() || v4.is_private() || v4.is_link_local() => None,
        IpAddr::V4(v4) => Some(v4.into()),
        IpAddr::V6(v6) if v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local() => None,
        IpAddr::V6(v6) => Some(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into()),
    }
}

impl Places {
    /// Counts one more from there; false when that is too many.
    pub(super) fn count(&mut self, origin: IpAddr, now: i64) -> bool {
        let Some(place) = place(origin) else { return true };
        if self.0.len() >= PLACES_MAX {
            self.0.retain(|_, (since, _)| now - *since < HOUR_MS);
        }
        if self.0.len() >= PLACES_MAX && !self.0.contains_key(&place) {
            return true;
        }
        let (since, count) = self.0.entry(place).or_insert((now, 0));
        if now - *since >= HOUR_MS {
            (*since, *count) = (now, 0);
        }
        *count += 1;
        *count <= PLACE_AN_HOUR_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_does_not_use_up_what_all_may_register() {
        let mut places = Places::default();
        let at = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!((0..20).all(|_| places.count(at("203.0.113.5"), 0)));
        assert!(!places.count(at("203.0.113.5"), HOUR_MS - 1));
        assert!(places.count(at("203.0.113.6"), 0));
        assert!(places.count(at("203.0.113.5"), HOUR_MS), "an hour later");
        // All of an IPv6 network is one place.
        assert!((0..20).all(|no| places.count(at(&format!("2001:db8::{no}")), 0)));
        assert!(!places.count(at("2001:db8::ffff"), 0) && places.count(at("2001:db8:0:1::1"), 0));
        // Whoever is near, or behind a proxy that nobody named, meets the limit for all alone.
        assert!((0..100).all(|_| places.count(at("127.0.0.1"), 0) && places.count(at("10.0.0.7"), 0)));
        for no in 0..PLACES_MAX * 2 {
            places.count(IpAddr::from(u32::try_from(no).unwrap().wrapping_mul(7).to_be_bytes()), 0);
        }
        assert!(places.0.len() <= PLACES_MAX);
    }
}
