//! The sections of networks: each network reads its own, and what is wrong in any of them is told with the rest.

use std::collections::BTreeMap;

use super::keys::find;
use crate::domain::network::Network;
use crate::domain::setting::{Faults, Values};
use crate::platforms::kit;
use crate::platforms::kit::{Reading, Section};

/// What is set of each network that this server is configured for.
pub type Sections = BTreeMap<Network, Box<dyn Section>>;

pub(super) fn sections(values: &Values, faults: &mut Faults) -> Sections {
    let read = |network: Network| {
        let kit = kit(network);
        let section = (kit.read)(&mut Reading::new(kit.section, find, (values, faults)))?;
        Some((network, section))
    };
    Network::ALL.into_iter().filter_map(read).collect()
}
