//! Where a request came from: the connection's other end, or what a reverse proxy says of it that the operator named. What anybody else
//! writes into a header is not looked at.

use std::net::IpAddr;

/// Hops that are looked at: a chain longer than this is nobody's.
const HOPS_MAX: usize = 16;

/// Reverse proxies, as networks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies(Vec<(IpAddr, u8)>);

/// The first bits of an address, as many as fit.
fn bits(address: IpAddr, length: u8) -> u128 {
    let (whole, width) = match address {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()), 32),
        IpAddr::V6(v6) => (v6.to_bits(), 128_u32),
    };
    whole.checked_shr(width.saturating_sub(length.into())).unwrap_or(0)
}

impl Proxies {
    /// Adds one: an address, or a network as `address/length`. False when it is neither.
    pub fn add(&mut self, text: &str) -> bool {
        let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
        let Ok(address) = address.parse::<IpAddr>() else { return false };
        let width = if address.is_ipv4() { 32 } else { 128 };
        let length = length.map_or(Ok(width), str::parse::<u8>);
        let Some(length) = length.ok().filter(|length| *length <= width) else { return false };
        self.0.push((address, length));
        true
    }

    fn has(&self, address: IpAddr) -> bool {
        let holds = |(network, length): &(IpAddr, u8)| {
            network.is_ipv4() == address.is_ipv4() && bits(*network, *length) == bits(address, *length)
        };
        self.0.iter().any(holds)
    }

    /// Who is at the other end: `peer` itself, unless it is one of them; then the last address of `X-Forwarded-For` (one header's value, or
    /// several joined by commas) that is none of them.
    #[must_use]
    pub fn origin(&self, peer: IpAddr, forwarded: &str) -> IpAddr {
        let mut origin = peer.to_canonical();
        for hop in forwarded.rsplit(',').take(HOPS_MAX) {
            if !self.has(origin) {
                break;
            }
            // What cannot be read was written by somebody else than a proxy of ours: it stops there.
            let Ok(next) = hop.trim().parse::<IpAddr>() else { break };
            origin = next.to_canonical();
        }
        origin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(list: &[&str]) -> Proxies {
        let mut proxies = Proxies::default();
        assert!(list.iter().all(|text| proxies.add(text)));
        proxies
    }

    #[test]
    fn only_what_a_named_proxy_says_is_believed() {
        let (ours, direct) = (proxies(&["10.0.0.0/8", "fd00::1"]), Proxies::default());
        for (of, peer, forwarded, origin) in [
            (&direct, "203.0.113.5", "198.51.100.1", "203.0.113.5"),
            (&ours, "203.0.113.5", "198.51.100.1", "203.0.113.5"),
            (&ours, "10.1.2.3", "198.51.100.1", "198.51.100.1"),
            (&ours, "::ffff:10.1.2.3", "198.51.100.1", "198.51.100.1"),
            (&ours, "fd00::1", "6.6.6.6, 198.51.100.1, 10.9.9.9", "198.51.100.1"),
            (&ours, "fd00::2", "198.51.100.1", "fd00::2"),
            (&ours, "10.1.2.3", "", "10.1.2.3"),
            (&ours, "10.1.2.3", "198.51.100.1, unknown", "10.1.2.3"),
        ] {
            let peer: IpAddr = peer.parse().unwrap();
            assert_eq!(of.origin(peer, forwarded).to_string(), origin, "{peer} {forwarded}");
        }
        for wrong in ["", "proxy", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "fd00::/129"] {
            assert!(!Proxies::default().add(wrong), "{wrong}");
        }
        assert!(proxies(&["0.0.0.0/0"]).has("1.2.3.4".parse().unwrap()));
    }
}
