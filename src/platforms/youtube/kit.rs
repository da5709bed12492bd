//! YouTube's kit: how a client is made of Google's section, and what YouTube takes of whoever runs the server (platforms/google.md §2, §4). The keys
//! are Google's: reports read the same section, and its client is the one that channels are connected by.

use std::sync::Arc;

use url::Url;

use super::{USES, YouTube, YouTubeConfig};
use crate::domain::google::CHANNEL_SCOPE;
use crate::platforms::Platform;
use crate::platforms::kit::{Kit, Limit, Needs, Reading, Section, Site, Wiring};
use crate::say;

/// What is said of YouTube outside of this folder.
pub(in crate::platforms) static KIT: Kit = Kit {
    section: "google",
    keys: &[],
    read,
    needs: |_| needs(false),
    uses: &USES,
    by_hand: |handle| say!("notice-revoke-unconfirmed-youtube", handle = handle),
};

#[derive(Debug)]
struct YouTubeSection {
    api_url: Url,
    upload_url: Url,
    /// Without it YouTube locks every upload to private (§4.4).
    is_audited: bool,
}

fn read(reading: &mut Reading<'_>) -> Option<Box<dyn Section>> {
    if reading.is_blank() {
        return None;
    }
    Some(Box::new(YouTubeSection {
        api_url: reading.url("google.youtube_url")?,
        upload_url: reading.url("google.youtube_upload_url")?,
        is_audited: reading.is("google.youtube_audit", "passed"),
    }))
}

impl Section for YouTubeSection {
    fn build(&self, wiring: &Wiring<'_>) -> Arc<dyn Platform> {
        let config = YouTubeConfig {
            api_url: self.api_url.clone(),
            upload_url: self.upload_url.clone(),
            is_audited: self.is_audited,
            pauses: wiring.pauses.clone(),
            darkroom: wiring.darkroom.clone(),
        };
        Arc::new(YouTube::new(config, wiring.out.clone()))
    }

    fn needs(&self, _: &Site<'_>) -> Needs {
        needs(self.is_audited)
    }
}

fn needs(is_audited: bool) -> Needs {
    let audit = if is_audited { say!("setup-youtube-audited") } else { say!("setup-youtube-unaudited") };
    Needs {
        scopes: vec![CHANNEL_SCOPE.to_owned()],
        steps: vec![
            say!("setup-google-project", apis = "YouTube Data API v3"),
            say!("setup-google-consent", scopes = CHANNEL_SCOPE),
            say!("setup-google-client"),
            say!("setup-youtube-audit"),
        ],
        limits: vec![
            Limit::red_if(!is_audited, audit),
            Limit::note(say!("setup-youtube-quota")),
            Limit::note(say!("setup-google-testing")),
        ],
        ..Needs::new(say!("setup-google-keys"))
    }
}
