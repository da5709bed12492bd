//! Pictures that a network would not take as they are: said before anything is sent, and made when it is. What a network takes is data in its `limits`.

use std::sync::Arc;

use url::Url;

use super::MediaLinks;
use super::findings::Findings;
use crate::domain::commit::CallFault;
use crate::domain::network::Network;
use crate::domain::picture::{Darkroom, Fit, MADE, PictureLimits, Unfit};
use crate::domain::post::{Inside, MediaFacts};
use crate::domain::shelf::MediaFile;
use crate::say;

/// Says what will be made of a picture, if anything is. Why it cannot go out, where nothing can be made of it: that each network says itself.
pub(super) fn check(
    network: Network,
    limits: &PictureLimits,
    facts: &MediaFacts,
    of: &mut Findings<'_>,
) -> Option<Unfit> {
    let (why, making) = match limits.fit(facts) {
        Fit::AsIs => return None,
        Fit::Never(why) => return Some(why),
        Fit::Made(why, making) => (why, making),
    };
    let (network, media) = (network.shown(), facts.id.as_str());
    let made = format!("{}x{}", making.width, making.height);
    of.warning(match why {
        Unfit::Type => say!("picture-made-type", network = network, media = media, mime = &facts.mime, made = made),
        Unfit::Size => {
            let size = format!("{}x{}", facts.width, facts.height);
            say!("picture-made-size", network = network, media = media, size = size, made = made)
        }
        Unfit::Bytes => {
            let (megabytes, max) = (megabytes(facts.bytes), limits.bytes_max.unwrap_or(0) / 1_000_000);
            say!("picture-made-bytes", network = network, media = media, megabytes = megabytes, max = max, made = made)
        }
    });
    None
}

/// Rounded up: what is too much never looks as if it were not.
fn megabytes(bytes: i64) -> String {
    let tenths = bytes.saturating_add(99_999) / 100_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// The picture as the network takes it, for networks that are sent bytes.
pub(super) async fn fitted(
    darkroom: &Arc<dyn Darkroom>,
    network: Network,
    limits: &PictureLimits,
    picture: &MediaFile,
) -> Result<MediaFile, CallFault> {
    let Fit::Made(_, making) = limits.fit(&picture.facts) else { return Ok(picture.clone()) };
    let unreadable =
        || CallFault::Refused(say!("picture-unreadable", media = picture.facts.id.as_str(), network = network.shown()));
    let made = darkroom.develop(picture, making).await?.ok_or_else(unreadable)?;
    let facts = MediaFacts {
        mime: MADE.to_owned(),
        bytes: i64::try_from(made.len()).unwrap_or(i64::MAX),
        width: making.width.into(),
        height: making.height.into(),
        inside: Inside::default(),
        ..picture.facts.clone()
    };
    Ok(MediaFile::new(facts, Arc::new(made)))
}

/// Where the network fetches a medium as it takes it, for networks that pull.
pub(super) fn link(links: Option<&Arc<dyn MediaLinks>>, limits: &PictureLimits, facts: &MediaFacts) -> Option<Url> {
    let links = links?;
    match limits.fit(facts) {
        Fit::Made(_, making) => links.jpeg(&facts.id, making),
        Fit::AsIs | Fit::Never(_) => links.link(&facts.id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_looks_like_too_much() {
        assert_eq!((megabytes(5_000_001), megabytes(5_100_000)), ("5.1".into(), "5.1".into()));
        assert_eq!((megabytes(2_097_153), megabytes(12_345_678)), ("2.1".into(), "12.4".into()));
    }
}
