//! X's kit: its keys, how a client is made of them, and what X takes of whoever runs the server (platforms/x.md §1).

use std::sync::Arc;

use secrecy::SecretString;
use url::Url;

use super::{X, XConfig, oauth};
use crate::domain::setting::{Key, Kind};
use crate::platforms::Platform;
use crate::platforms::kit::{Kit, Limit, Needs, Reading, Section, Site, Wiring};
use crate::say;

/// What is said of X outside of this folder.
pub(in crate::platforms) static KIT: Kit = Kit {
    section: "x",
    keys: &[
        Key::used("x.client_id", Kind::Text, "", "client id of your X app (OAuth 2.0)"),
        Key::used("x.client_secret", Kind::Secret, "", "its secret; leave out for a public client"),
        Key::used("x.auth_url", Kind::Url, "https://x.com/i/oauth2/authorize", "X's authorize page"),
        Key::used("x.api_url", Kind::Url, "https://api.x.com", "X's API"),
    ],
    read,
    needs,
    uses: &oauth::USES,
    by_hand: |handle| say!("notice-revoke-unconfirmed-x", handle = handle),
};

#[derive(Debug)]
struct XSection {
    client_id: String,
    /// Without it the app is a public client.
    client_secret: Option<SecretString>,
    auth_url: Url,
    api_url: Url,
}

fn read(reading: &mut Reading<'_>) -> Option<Box<dyn Section>> {
    if reading.is_blank() {
        return None;
    }
    let client_id = reading.needed("x.client_id", "the client id of your X app");
    Some(Box::new(XSection {
        client_id: client_id?,
        client_secret: reading.value("x.client_secret").map(SecretString::from),
        auth_url: reading.url("x.auth_url")?,
        api_url: reading.url("x.api_url")?,
    }))
}

impl Section for XSection {
    fn build(&self, wiring: &Wiring<'_>) -> Arc<dyn Platform> {
        let config = XConfig {
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
            auth_url: self.auth_url.clone(),
            api_url: self.api_url.clone(),
            absence_is_proof: false,
            pauses: wiring.pauses.clone(),
            darkroom: wiring.darkroom.clone(),
        };
        Arc::new(X::new(config, wiring.out.clone()))
    }

    fn needs(&self, site: &Site<'_>) -> Needs {
        needs(site)
    }
}

fn needs(_: &Site<'_>) -> Needs {
    Needs {
        scopes: oauth::SCOPES.map(str::to_owned).into(),
        steps: vec![say!("setup-x-app"), say!("setup-x-auth")],
        limits: vec![Limit::note(say!("setup-x-plan")), Limit::note(say!("setup-x-replies"))],
        cost: say!("setup-x-cost"),
        ..Needs::new(say!("setup-x-keys"))
    }
}
