//! What several networks ask of how a video is written, checked before anything is sent. What a network takes is data in its `limits`.

use std::sync::Arc;

use url::Url;

use super::MediaLinks;
use super::findings::Findings;
use crate::domain::network::Network;
use crate::domain::post::{Inside, MediaFacts};
use crate::say;

/// A network's limits for how a video is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FilmLimits {
    /// How its pictures may be written; anything where there is none.
    pub(super) codecs: &'static [&'static str],
    /// Fewest and most pictures a second.
    pub(super) fps: (i64, i64),
    /// Its index stands first, and is put there on its way.
    pub(super) index_first: bool,
}

/// Says what the network would refuse, and what is done with it on its way.
pub(super) fn check(network: Network, limits: &FilmLimits, facts: &MediaFacts, of: &mut Findings<'_>) {
    let (network, media, inside) = (network.shown(), facts.id.as_str(), &facts.inside);
    if let Some(codec) = inside.other_video(limits.codecs) {
        let codecs = limits.codecs.join(", ");
        of.error(say!("film-codec", network = network, media = media, codec = codec, codecs = codecs));
    }
    let (min, max) = limits.fps;
    if let Some(fps) = inside.other_fps(min, max) {
        of.error(say!("film-fps", network = network, media = media, fps = fps, min = min, max = max));
    }
    if is_moved(limits, inside) {
        of.warning(say!("film-index", network = network, media = media));
    }
}

/// Where the network fetches a video as it takes it.
pub(super) fn link(links: Option<&Arc<dyn MediaLinks>>, limits: &FilmLimits, facts: &MediaFacts) -> Option<Url> {
    let links = links?;
    if is_moved(limits, &facts.inside) { links.index_first(&facts.id) } else { links.link(&facts.id) }
}

fn is_moved(limits: &FilmLimits, inside: &Inside) -> bool {
    limits.index_first && inside.index_first == Some(false)
}
