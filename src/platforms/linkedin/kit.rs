//! LinkedIn's kit: its keys, how a client is made of them, and what LinkedIn takes of whoever runs the server (platforms/linkedin.md §1, §3).

use std::sync::Arc;

use secrecy::SecretString;
use url::Url;

use super::{LinkedIn, LinkedInConfig, oauth};
use crate::domain::setting::{Key, Kind};
use crate::platforms::Platform;
use crate::platforms::kit::{Kit, Limit, Needs, Reading, Section, Site, Wiring};
use crate::say;

/// What is asked for where nothing else is set: what LinkedIn's two self-serve products allow (§1).
const SCOPES: &str = "openid profile w_member_social";

/// What is said of LinkedIn outside of this folder.
pub(in crate::platforms) static KIT: Kit = Kit {
    section: "linkedin",
    keys: &[
        Key::used("linkedin.client_id", Kind::Text, "", "Client ID of your LinkedIn app"),
        Key::used("linkedin.client_secret", Kind::Secret, "", "its Primary Client Secret"),
        Key::used(
            "linkedin.scopes",
            Kind::Text,
            SCOPES,
            "what members are asked for: LinkedIn refuses all of it for one scope that your app's products do not hold, and a change ends the tokens there are",
        ),
        // The version that this server was made with, which is answered until about 2027-09-15 (§3).
        Key::used(
            "linkedin.version",
            Kind::Text,
            "202609",
            "the version of LinkedIn's API, a year and a month; each lives about a year",
        ),
        Key::used(
            "linkedin.auth_url",
            Kind::Url,
            "https://www.linkedin.com/oauth/v2/authorization",
            "LinkedIn's authorize page",
        ),
        Key::used("linkedin.api_url", Kind::Url, "https://api.linkedin.com", "LinkedIn's API"),
    ],
    read,
    needs: |_| needs(SCOPES),
    uses: &oauth::USES,
    by_hand: |handle| say!("notice-revoke-unconfirmed-linkedin", handle = handle),
};

#[derive(Debug)]
struct LinkedInSection {
    client_id: String,
    client_secret: SecretString,
    /// With one space between.
    scopes: String,
    version: String,
    auth_url: Url,
    api_url: Url,
}

fn read(reading: &mut Reading<'_>) -> Option<Box<dyn Section>> {
    if reading.is_blank() {
        return None;
    }
    let scopes = reading.names("linkedin.scopes");
    for needed in ["openid", oauth::WRITE_SCOPE] {
        if !scopes.split(' ').any(|scope| scope == needed) {
            reading.fault(&format!("linkedin.scopes: {needed} must be among them, or nobody can be connected"));
        }
    }
    let version = reading.text("linkedin.version");
    if version.len() != 6 || !version.bytes().all(|byte| byte.is_ascii_digit()) {
        reading.fault("linkedin.version: must be a year and a month, like 202609");
    }
    let client_id = reading.needed("linkedin.client_id", "the Client ID of your LinkedIn app");
    let client_secret = reading.needed("linkedin.client_secret", "the Primary Client Secret of your LinkedIn app");
    Some(Box::new(LinkedInSection {
        client_id: client_id?,
        client_secret: SecretString::from(client_secret?),
        scopes,
        version,
        auth_url: reading.url("linkedin.auth_url")?,
        api_url: reading.url("linkedin.api_url")?,
    }))
}

impl Section for LinkedInSection {
    fn build(&self, wiring: &Wiring<'_>) -> Arc<dyn Platform> {
        let config = LinkedInConfig {
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
            scopes: self.scopes.clone(),
            version: self.version.clone(),
            auth_url: self.auth_url.clone(),
            api_url: self.api_url.clone(),
            pauses: wiring.pauses.clone(),
            darkroom: wiring.darkroom.clone(),
        };
        Arc::new(LinkedIn::new(config, wiring.out.clone()))
    }

    fn needs(&self, _: &Site<'_>) -> Needs {
        needs(&self.scopes)
    }
}

fn needs(scopes: &str) -> Needs {
    Needs {
        scopes: scopes.split(' ').map(str::to_owned).collect(),
        steps: vec![say!("setup-linkedin-app"), say!("setup-linkedin-products")],
        limits: vec![Limit::note(say!("setup-linkedin-self-serve")), Limit::note(say!("setup-linkedin-partners"))],
        ..Needs::new(say!("setup-linkedin-keys"))
    }
}
