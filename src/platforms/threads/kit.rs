//! Threads' kit: its keys, how a client is made of them, and what Threads takes of whoever runs the server (platforms/threads.md §1).

use std::sync::Arc;

use secrecy::SecretString;
use url::Url;

use super::{Threads, ThreadsConfig, oauth};
use crate::domain::setting::{Key, Kind};
use crate::platforms::kit::{Kit, Limit, Needs, Reading, Section, Site, Wiring};
use crate::platforms::{Platform, meta};
use crate::say;

/// What is said of Threads outside of this folder.
pub(in crate::platforms) static KIT: Kit = Kit {
    section: "threads",
    keys: &[
        Key::used("threads.client_id", Kind::Text, "", "Threads App ID of your Meta app (not the Facebook App ID)"),
        Key::used("threads.client_secret", Kind::Secret, "", "its Threads App Secret"),
        Key::used("threads.auth_url", Kind::Url, "https://threads.net/oauth/authorize", "Threads' authorize page"),
        Key::used("threads.api_url", Kind::Url, "https://graph.threads.net", "Threads' API"),
    ],
    read,
    needs: |site| needs(None, site),
    uses: &oauth::USES,
    by_hand: |handle| say!("notice-revoke-unconfirmed-threads", handle = handle),
};

#[derive(Debug)]
struct ThreadsSection {
    client_id: String,
    client_secret: SecretString,
    auth_url: Url,
    api_url: Url,
}

fn read(reading: &mut Reading<'_>) -> Option<Box<dyn Section>> {
    if reading.is_blank() {
        return None;
    }
    let client_id = reading.needed("threads.client_id", "the Threads App ID of your Meta app");
    let client_secret = reading.needed("threads.client_secret", "the Threads App Secret of your Meta app");
    Some(Box::new(ThreadsSection {
        client_id: client_id?,
        client_secret: SecretString::from(client_secret?),
        auth_url: reading.url("threads.auth_url")?,
        api_url: reading.url("threads.api_url")?,
    }))
}

impl Section for ThreadsSection {
    fn build(&self, wiring: &Wiring<'_>) -> Arc<dyn Platform> {
        let config = ThreadsConfig {
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
            auth_url: self.auth_url.clone(),
            api_url: self.api_url.clone(),
            links: (wiring.links)(&self.api_url),
            pauses: wiring.pauses.clone(),
        };
        Arc::new(Threads::new(config, wiring.out.clone()))
    }

    fn needs(&self, site: &Site<'_>) -> Needs {
        needs(Some(self), site)
    }

    fn signing(&self) -> Option<(&str, &SecretString)> {
        Some((&self.client_id, &self.client_secret))
    }
}

fn needs(section: Option<&ThreadsSection>, site: &Site<'_>) -> Needs {
    let scopes = oauth::SCOPES;
    Needs {
        steps: vec![
            say!("setup-threads-app"),
            say!("setup-meta-permissions", scopes = scopes.join(", ")),
            say!("setup-threads-people"),
        ],
        register: vec![say!(
            "setup-threads-callbacks",
            removed = site.at("meta/deauthorize"),
            delete = site.at("meta/data-deletion")
        )],
        scopes: scopes.map(str::to_owned).into(),
        limits: vec![
            Limit::note(say!("setup-meta-review")),
            meta::media(site, section.map(|section| &section.api_url)),
            Limit::note(say!("setup-meta-lasts")),
        ],
        ..Needs::new(say!("setup-threads-keys"))
    }
}
