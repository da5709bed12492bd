//! TikTok's kit: its keys, how a client is made of them, and what TikTok takes of whoever runs the server (platforms/tiktok.md §1, §5).

use std::sync::Arc;

use secrecy::SecretString;
use url::Url;

use super::{TikTok, TikTokConfig, oauth};
use crate::domain::setting::{Key, Kind};
use crate::platforms::Platform;
use crate::platforms::kit::{Kit, Limit, Needs, Reading, Section, Site, Wiring};
use crate::say;

/// What is asked for where nothing else is set: every scope that this server has a use for (§1.5).
const SCOPES: &str = "user.info.basic user.info.profile user.info.stats video.list video.publish video.upload";

/// What is said of TikTok outside of this folder.
pub(in crate::platforms) static KIT: Kit = Kit {
    section: "tiktok",
    keys: &[
        Key::used("tiktok.client_key", Kind::Text, "", "Client key of your TikTok app"),
        Key::used("tiktok.client_secret", Kind::Secret, "", "its Client secret"),
        Key::used(
            "tiktok.scopes",
            Kind::Text,
            SCOPES,
            "what people are asked for: TikTok refuses all of it for one scope that your app does not have",
        ),
        Key::used(
            "tiktok.audited",
            Kind::Word(&["off", "on"]),
            "off",
            "`on`: TikTok has audited your app. Until then it takes posts for the author's eyes only, on private accounts",
        ),
        Key::used(
            "tiktok.url_verified",
            Kind::Word(&["off", "on"]),
            "off",
            "`on`: TikTok has verified `server.public_url` as a property of your app. Photos can be posted then: TikTok fetches them",
        ),
        Key::used(
            "tiktok.video_source",
            Kind::Word(&["file", "url"]),
            "file",
            "how videos get there: sent in chunks, which a cut or a crash cannot double, or fetched by TikTok, which needs `tiktok.url_verified`",
        ),
        Key::used("tiktok.auth_url", Kind::Url, "https://www.tiktok.com/v2/auth/authorize/", "TikTok's authorize page"),
        Key::used("tiktok.api_url", Kind::Url, "https://open.tiktokapis.com", "TikTok's API"),
    ],
    read,
    needs: |site| needs(None, site),
    uses: &oauth::USES,
    by_hand: |handle| say!("notice-revoke-unconfirmed-tiktok", handle = handle),
};

#[derive(Debug)]
struct TikTokSection {
    client_key: String,
    client_secret: SecretString,
    /// With one space between.
    scopes: String,
    is_audited: bool,
    is_url_verified: bool,
    pulls_videos: bool,
    auth_url: Url,
    api_url: Url,
}

fn read(reading: &mut Reading<'_>) -> Option<Box<dyn Section>> {
    if reading.is_blank() {
        return None;
    }
    let scopes = reading.names("tiktok.scopes");
    for needed in ["user.info.basic", "video.publish"] {
        if !scopes.split(' ').any(|scope| scope == needed) {
            reading.fault(&format!("tiktok.scopes: {needed} must be among them, or nobody can be connected"));
        }
    }
    let (is_url_verified, pulls_videos) =
        (reading.is("tiktok.url_verified", "on"), reading.is("tiktok.video_source", "url"));
    if pulls_videos && !is_url_verified {
        reading.fault("tiktok.video_source: url means nothing without tiktok.url_verified = \"on\"");
    }
    let client_key = reading.needed("tiktok.client_key", "the Client key of your TikTok app");
    let client_secret = reading.needed("tiktok.client_secret", "the Client secret of your TikTok app");
    Some(Box::new(TikTokSection {
        client_key: client_key?,
        client_secret: SecretString::from(client_secret?),
        scopes,
        is_audited: reading.is("tiktok.audited", "on"),
        is_url_verified,
        pulls_videos,
        auth_url: reading.url("tiktok.auth_url")?,
        api_url: reading.url("tiktok.api_url")?,
    }))
}

impl Section for TikTokSection {
    fn build(&self, wiring: &Wiring<'_>) -> Arc<dyn Platform> {
        let config = TikTokConfig {
            client_key: self.client_key.clone(),
            client_secret: self.client_secret.clone(),
            scopes: self.scopes.clone(),
            auth_url: self.auth_url.clone(),
            api_url: self.api_url.clone(),
            is_audited: self.is_audited,
            pulls_videos: self.pulls_videos,
            links: (wiring.links)(&self.api_url).filter(|_| self.is_url_verified),
            pauses: wiring.pauses.clone(),
        };
        Arc::new(TikTok::new(config, wiring.out.clone()))
    }

    fn needs(&self, site: &Site<'_>) -> Needs {
        needs(Some(self), site)
    }

    fn signing(&self) -> Option<(&str, &SecretString)> {
        Some((&self.client_key, &self.client_secret))
    }
}

fn needs(section: Option<&TikTokSection>, site: &Site<'_>) -> Needs {
    let scopes = section.map_or(SCOPES, |section| section.scopes.as_str());
    let is_audited = section.is_some_and(|section| section.is_audited);
    let is_verified = section.is_some_and(|section| section.is_url_verified);
    let audit = if is_audited { say!("setup-tiktok-audited") } else { say!("setup-tiktok-unaudited") };
    let photos = if is_verified { say!("setup-tiktok-photos") } else { say!("setup-tiktok-no-photos") };
    Needs {
        steps: vec![
            say!("setup-tiktok-app"),
            say!("setup-tiktok-scopes", scopes = scopes.replace(' ', ", ")),
            say!("setup-tiktok-audit"),
        ],
        register: vec![say!("setup-tiktok-webhook", url = site.at("tiktok/webhook"))],
        scopes: scopes.split(' ').map(str::to_owned).collect(),
        limits: vec![
            Limit::red_if(!is_audited, audit),
            Limit::red_if(!is_verified, photos),
            Limit::note(say!("setup-no-take-down")),
        ],
        ..Needs::new(say!("setup-tiktok-keys"))
    }
}
