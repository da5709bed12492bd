//! The networks that this server is configured for: each is built here from its keys, and nowhere named again.

use std::sync::Arc;

use url::Url;

use super::{pause, pull};
use crate::clock::Clock;
use crate::config::{
    Config, GoogleSection, InstagramSection, LinkedInSection, ThreadsSection, TikTokSection, XSection,
};
use crate::domain::network::Network;
use crate::domain::picture::Darkroom;
use crate::http_out::Outbound;
use crate::media::Lab;
use crate::platforms::instagram::{Instagram, InstagramConfig};
use crate::platforms::linkedin::{LinkedIn, LinkedInConfig};
use crate::platforms::threads::{Threads, ThreadsConfig};
use crate::platforms::tiktok::{TikTok, TikTokConfig};
use crate::platforms::x::{X, XConfig};
use crate::platforms::youtube::{YouTube, YouTubeConfig};
use crate::platforms::{MediaLinks, Networks, Pauses, Platform};
use crate::vault::Vault;

pub(super) fn networks(
    config: &Config,
    out: &Arc<Outbound>,
    vault: &Arc<Vault>,
    clock: &Arc<dyn Clock>,
    lab: &Lab,
) -> anyhow::Result<Networks> {
    let mut networks = Networks::new();
    let pauses: Arc<dyn Pauses> = Arc::new(pause::ClockPauses(clock.clone()));
    let darkroom: Arc<dyn Darkroom> = Arc::new(lab.clone());
    let links = |api: &Url| {
        let (vault, clock, public_url) = (vault.clone(), clock.clone(), config.public_url.clone());
        pull::is_reachable(&public_url, api)
            .then(|| Arc::new(pull::SignedLinks { vault, clock, public_url }) as Arc<dyn MediaLinks>)
    };
    if let Some(XSection { client_id, client_secret, auth_url, api_url }) = &config.x {
        let x = X::new(
            XConfig {
                client_id: client_id.clone(),
                client_secret: client_secret.clone(),
                auth_url: auth_url.clone(),
                api_url: api_url.clone(),
                absence_is_proof: false,
                pauses: pauses.clone(),
                darkroom: darkroom.clone(),
            },
            out.clone(),
        );
        networks.insert(Network::X, Arc::new(x) as Arc<dyn Platform>);
    }
    if let Some(ThreadsSection { client_id, client_secret, auth_url, api_url }) = &config.threads {
        let threads = ThreadsConfig {
            client_id: client_id.clone(),
            client_secret: client_secret.clone(),
            auth_url: auth_url.clone(),
            api_url: api_url.clone(),
            links: links(api_url),
            pauses: pauses.clone(),
        };
        let threads = Threads::new(threads, out.clone());
        networks.insert(Network::Threads, Arc::new(threads) as Arc<dyn Platform>);
    }
    if let Some(InstagramSection { client_id, client_secret, auth_url, api_url, graph_url, delete_scope }) =
        &config.instagram
    {
        let instagram = InstagramConfig {
            client_id: client_id.clone(),
            client_secret: client_secret.clone(),
            auth_url: auth_url.clone(),
            api_url: api_url.clone(),
            graph_url: graph_url.clone(),
            delete_scope: delete_scope.clone(),
            links: links(graph_url),
            pauses: pauses.clone(),
        };
        let instagram = Instagram::new(instagram, out.clone());
        networks.insert(Network::Instagram, Arc::new(instagram) as Arc<dyn Platform>);
    }
    if let Some(LinkedInSection { client_id, client_secret, scopes, version, auth_url, api_url }) = &config.linkedin {
        let linkedin = LinkedInConfig {
            client_id: client_id.clone(),
            client_secret: client_secret.clone(),
            scopes: scopes.clone(),
            version: version.clone(),
            auth_url: auth_url.clone(),
            api_url: api_url.clone(),
            pauses: pauses.clone(),
            darkroom: darkroom.clone(),
        };
        let linkedin = LinkedIn::new(linkedin, out.clone());
        networks.insert(Network::LinkedIn, Arc::new(linkedin) as Arc<dyn Platform>);
    }
    if let Some(GoogleSection { youtube_url, youtube_upload_url, is_youtube_audited, .. }) = &config.google {
        let youtube = YouTubeConfig {
            api_url: youtube_url.clone(),
            upload_url: youtube_upload_url.clone(),
            is_audited: *is_youtube_audited,
            pauses: pauses.clone(),
            darkroom: darkroom.clone(),
        };
        let youtube = YouTube::new(youtube, out.clone());
        networks.insert(Network::YouTube, Arc::new(youtube) as Arc<dyn Platform>);
    }
    if let Some(section) = &config.tiktok {
        let TikTokSection { client_key, client_secret, scopes, auth_url, api_url, .. } = section;
        let tiktok = TikTokConfig {
            client_key: client_key.clone(),
            client_secret: client_secret.clone(),
            scopes: scopes.clone(),
            auth_url: auth_url.clone(),
            api_url: api_url.clone(),
            is_audited: section.is_audited,
            pulls_videos: section.pulls_videos,
            links: links(api_url).filter(|_| section.is_url_verified),
            pauses: pauses.clone(),
        };
        let tiktok = TikTok::new(tiktok, out.clone());
        networks.insert(Network::TikTok, Arc::new(tiktok) as Arc<dyn Platform>);
    }
    Ok(networks)
}
