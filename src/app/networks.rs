//! The networks that this server is configured for: each is built by its own folder, of what is set, and named nowhere here.

use std::sync::Arc;

use url::Url;

use super::{pause, pull};
use crate::clock::Clock;
use crate::config::Config;
use crate::http_out::Outbound;
use crate::media::Lab;
use crate::platforms::kit::{Wiring, is_reachable};
use crate::platforms::{MediaLinks, Networks};
use crate::vault::Vault;

pub(super) fn networks(
    config: &Config,
    out: &Arc<Outbound>,
    vault: &Arc<Vault>,
    clock: &Arc<dyn Clock>,
    lab: &Lab,
) -> Networks {
    let links = |api: &Url| {
        let (vault, clock, public_url) = (vault.clone(), clock.clone(), config.public_url.clone());
        is_reachable(&public_url, api)
            .then(|| Arc::new(pull::SignedLinks { vault, clock, public_url }) as Arc<dyn MediaLinks>)
    };
    let wiring = Wiring {
        out: out.clone(),
        pauses: Arc::new(pause::ClockPauses(clock.clone())),
        darkroom: Arc::new(lab.clone()),
        links: &links,
    };
    config.networks.iter().map(|(network, section)| (*network, section.build(&wiring))).collect()
}
