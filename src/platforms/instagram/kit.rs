//! Instagram's kit: its keys, how a client is made of them, and what Instagram takes of whoever runs the server (platforms/instagram.md §0, §1).

use std::sync::Arc;

use secrecy::SecretString;
use url::Url;

use super::{Instagram, InstagramConfig, oauth};
use crate::domain::setting::{Key, Kind};
use crate::platforms::kit::{Kit, Limit, Needs, Reading, Section, Site, Wiring};
use crate::platforms::{Platform, meta};
use crate::say;

/// What is said of Instagram outside of this folder.
pub(in crate::platforms) static KIT: Kit = Kit {
    section: "instagram",
    keys: &[
        Key::used("instagram.client_id", Kind::Text, "", "Instagram App ID of your Meta app (not the Facebook App ID)"),
        Key::used("instagram.client_secret", Kind::Secret, "", "its Instagram App Secret"),
        Key::used(
            "instagram.auth_url",
            Kind::Url,
            "https://www.instagram.com/oauth/authorize",
            "Instagram's authorize page",
        ),
        Key::used("instagram.api_url", Kind::Url, "https://api.instagram.com", "where it exchanges codes for tokens"),
        Key::used("instagram.graph_url", Kind::Url, "https://graph.instagram.com", "Instagram's API"),
        Key::used(
            "instagram.delete_scope",
            Kind::Text,
            "",
            "the permission by which posts can be taken down, once Meta has one for Instagram Login and your app has it",
        ),
    ],
    read,
    needs: |site| needs(None, site),
    uses: &oauth::USES,
    by_hand: |handle| say!("notice-revoke-unconfirmed-instagram", handle = handle),
};

#[derive(Debug)]
struct InstagramSection {
    client_id: String,
    client_secret: SecretString,
    auth_url: Url,
    api_url: Url,
    graph_url: Url,
    delete_scope: Option<String>,
}

fn read(reading: &mut Reading<'_>) -> Option<Box<dyn Section>> {
    if reading.is_blank() {
        return None;
    }
    let client_id = reading.needed("instagram.client_id", "the Instagram App ID of your Meta app");
    let client_secret = reading.needed("instagram.client_secret", "the Instagram App Secret of your Meta app");
    Some(Box::new(InstagramSection {
        client_id: client_id?,
        client_secret: SecretString::from(client_secret?),
        auth_url: reading.url("instagram.auth_url")?,
        api_url: reading.url("instagram.api_url")?,
        graph_url: reading.url("instagram.graph_url")?,
        delete_scope: reading.value("instagram.delete_scope"),
    }))
}

impl Section for InstagramSection {
    fn build(&self, wiring: &Wiring<'_>) -> Arc<dyn Platform> {
        let config = InstagramConfig {
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
            auth_url: self.auth_url.clone(),
            api_url: self.api_url.clone(),
            graph_url: self.graph_url.clone(),
            delete_scope: self.delete_scope.clone(),
            links: (wiring.links)(&self.graph_url),
            pauses: wiring.pauses.clone(),
        };
        Arc::new(Instagram::new(config, wiring.out.clone()))
    }

    fn needs(&self, site: &Site<'_>) -> Needs {
        needs(Some(self), site)
    }

    fn signing(&self) -> Option<(&str, &SecretString)> {
        Some((&self.client_id, &self.client_secret))
    }
}

fn needs(section: Option<&InstagramSection>, site: &Site<'_>) -> Needs {
    let delete = section.and_then(|section| section.delete_scope.as_deref());
    let scopes: Vec<String> = oauth::SCOPES.into_iter().chain(delete).map(str::to_owned).collect();
    let down = if delete.is_some() { None } else { Some(Limit::note(say!("setup-no-take-down"))) };
    Needs {
        steps: vec![
            say!("setup-instagram-account"),
            say!("setup-instagram-app"),
            say!("setup-meta-permissions", scopes = scopes.join(", ")),
        ],
        register: vec![say!(
            "setup-instagram-callbacks",
            removed = site.at("meta/deauthorize"),
            delete = site.at("meta/data-deletion")
        )],
        scopes,
        limits: [
            Limit::note(say!("setup-instagram-professional")),
            Limit::note(say!("setup-meta-review")),
            meta::media(site, section.map(|section| &section.graph_url)),
            Limit::note(say!("setup-meta-lasts")),
        ]
        .into_iter()
        .chain(down)
        .collect(),
        ..Needs::new(say!("setup-instagram-keys"))
    }
}
