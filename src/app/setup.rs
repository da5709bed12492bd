//! What connecting each network takes of whoever runs the server: addresses to register there, permissions that people will be asked for, the steps in
//! the network's console, and what its audit or plan means. The one place of these facts: `doctor`, `setup` and the page of accounts show them.
//! They come from the configuration alone, so they can be told before anything works.

use std::collections::BTreeSet;

use url::Url;

use super::pull::is_reachable;
use crate::config::{Config, LINKEDIN_SCOPES, TIKTOK_SCOPES};
use crate::domain::google::{CHANNEL_SCOPE, Feature, GOOGLE, Service};
use crate::domain::network::Network;
use crate::domain::purpose::Purpose;
use crate::domain::refusal::Sentence;
use crate::google::IDENTITY_SCOPES;
use crate::platforms::{instagram, threads, uses, x};
use crate::say;

/// A permission that a person will be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The network's own name of it.
    pub scope: String,
    /// What works with it; empty where only the network knows.
    pub purposes: Vec<Sentence>,
}

/// One thing that the network's audit or plan means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// The sentence.
    pub what: Sentence,
    /// Whether posts are refused for it here and now, when they are checked and before they can be scheduled.
    pub is_red: bool,
}

/// What connecting a network, or Google for reports, takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// What is set up.
    pub service: Service,
    /// Whether its keys are set.
    pub has_keys: bool,
    /// The address that people come back to, to be registered there letter by letter.
    pub redirect: String,
    /// What people will be asked for.
    pub scopes: Vec<Asked>,
    /// What to do in the network's console, in order.
    pub steps: Vec<Sentence>,
    /// Addresses to register there.
    pub register: Vec<Sentence>,
    /// The settings that come from it.
    pub keys: Sentence,
    /// What audit or plan means.
    pub limits: Vec<Limit>,
    /// What it costs.
    pub cost: Sentence,
}

impl Setup {
    /// The name a person reads.
    #[must_use]
    pub const fn shown(&self) -> &'static str {
        match self.service {
            Service::Network(network) => network.shown(),
            Service::Google => "Google",
        }
    }

    /// Whether some posts would be refused here and now, whatever they say.
    #[must_use]
    pub fn is_red(&self) -> bool {
        self.limits.iter().any(|limit| limit.is_red)
    }
}

/// Everything that can be set up, the networks first.
pub fn services() -> impl Iterator<Item = Service> {
    Network::ALL.into_iter().map(Service::Network).chain([Service::Google])
}

/// What a network, or Google for reports, takes with this configuration.
#[must_use]
pub fn setup(config: &Config, service: Service) -> Setup {
    let slug = match service {
        Service::Network(network) if !network.is_of_google() => network.slug(),
        Service::Network(_) | Service::Google => GOOGLE,
    };
    let redirect = at(config, &format!("connect/{slug}/callback"));
    let mut setup = match service {
        Service::Network(Network::X) => of_x(config),
        Service::Network(Network::Threads) => of_threads(config),
        Service::Network(Network::Instagram) => of_instagram(config),
        Service::Network(Network::LinkedIn) => of_linkedin(config),
        Service::Network(Network::TikTok) => of_tiktok(config),
        Service::Network(Network::YouTube) => of_youtube(config),
        Service::Google => of_google(config),
    };
    setup.register.insert(0, say!("setup-redirect", url = &redirect));
    Setup { redirect, ..setup }
}

fn at(config: &Config, path: &str) -> String {
    config.public_url.join(path).map(String::from).unwrap_or_default()
}

fn red_if(is_red: bool, what: Sentence) -> Limit {
    Limit { what, is_red }
}

fn note(what: Sentence) -> Limit {
    Limit { what, is_red: false }
}

/// Each scope with what the network's own table says that it is for.
fn asked<'a>(network: Network, scopes: impl IntoIterator<Item = &'a str>) -> Vec<Asked> {
    let purposes = |scope: &str| {
        let of: BTreeSet<Purpose> = uses(network).iter().filter(|(one, _)| *one == scope).map(|(_, of)| *of).collect();
        of.into_iter().map(Purpose::wording).collect()
    };
    scopes.into_iter().map(|scope| Asked { scope: scope.to_owned(), purposes: purposes(scope) }).collect()
}

/// What Google is asked for whatever is connected: who it is.
fn identity() -> impl Iterator<Item = Asked> {
    let asked = |scope: &str| Asked { scope: scope.to_owned(), purposes: vec![Purpose::Profile.wording()] };
    IDENTITY_SCOPES.split(' ').map(asked)
}

fn blank(network: Network, has_keys: bool, keys: Sentence) -> Setup {
    Setup {
        service: Service::Network(network),
        has_keys,
        redirect: String::new(),
        scopes: Vec::new(),
        steps: Vec::new(),
        register: Vec::new(),
        keys,
        limits: Vec::new(),
        cost: say!("setup-cost-free"),
    }
}

fn of_x(config: &Config) -> Setup {
    Setup {
        scopes: asked(Network::X, x::oauth::SCOPES),
        steps: vec![say!("setup-x-app"), say!("setup-x-auth")],
        limits: vec![note(say!("setup-x-plan")), note(say!("setup-x-replies"))],
        cost: say!("setup-x-cost"),
        ..blank(Network::X, config.x.is_some(), say!("setup-x-keys"))
    }
}

/// Whether Meta could fetch media from this server: the rule by which posts are checked.
fn media(config: &Config, api_url: Option<&Url>) -> Limit {
    let is_reached = match api_url {
        Some(api_url) => is_reachable(&config.public_url, api_url),
        None => config.public_url.scheme() == "https",
    };
    red_if(!is_reached, if is_reached { say!("setup-media-reached") } else { say!("setup-media-unreached") })
}

fn of_threads(config: &Config) -> Setup {
    let scopes = threads::oauth::SCOPES;
    Setup {
        steps: vec![
            say!("setup-threads-app"),
            say!("setup-meta-permissions", scopes = scopes.join(", ")),
            say!("setup-threads-people"),
        ],
        register: vec![say!(
            "setup-threads-callbacks",
            removed = at(config, "meta/deauthorize"),
            delete = at(config, "meta/data-deletion")
        )],
        scopes: asked(Network::Threads, scopes),
        limits: vec![
            note(say!("setup-meta-review")),
            media(config, config.threads.as_ref().map(|section| &section.api_url)),
            note(say!("setup-meta-lasts")),
        ],
        ..blank(Network::Threads, config.threads.is_some(), say!("setup-threads-keys"))
    }
}

fn of_instagram(config: &Config) -> Setup {
    let section = config.instagram.as_ref();
    let delete = section.and_then(|section| section.delete_scope.as_deref());
    let scopes: Vec<&str> = instagram::oauth::SCOPES.into_iter().chain(delete).collect();
    let down = if delete.is_some() { None } else { Some(note(say!("setup-no-take-down"))) };
    Setup {
        steps: vec![
            say!("setup-instagram-account"),
            say!("setup-instagram-app"),
            say!("setup-meta-permissions", scopes = scopes.join(", ")),
        ],
        register: vec![say!(
            "setup-instagram-callbacks",
            removed = at(config, "meta/deauthorize"),
            delete = at(config, "meta/data-deletion")
        )],
        scopes: asked(Network::Instagram, scopes),
        limits: [
            note(say!("setup-instagram-professional")),
            note(say!("setup-meta-review")),
            media(config, section.map(|section| &section.graph_url)),
            note(say!("setup-meta-lasts")),
        ]
        .into_iter()
        .chain(down)
        .collect(),
        ..blank(Network::Instagram, section.is_some(), say!("setup-instagram-keys"))
    }
}

fn of_linkedin(config: &Config) -> Setup {
    let scopes = config.linkedin.as_ref().map_or(LINKEDIN_SCOPES, |section| section.scopes.as_str());
    Setup {
        scopes: asked(Network::LinkedIn, scopes.split(' ')),
        steps: vec![say!("setup-linkedin-app"), say!("setup-linkedin-products")],
        limits: vec![note(say!("setup-linkedin-self-serve")), note(say!("setup-linkedin-partners"))],
        ..blank(Network::LinkedIn, config.linkedin.is_some(), say!("setup-linkedin-keys"))
    }
}

fn of_tiktok(config: &Config) -> Setup {
    let section = config.tiktok.as_ref();
    let scopes = section.map_or(TIKTOK_SCOPES, |section| section.scopes.as_str());
    let is_audited = section.is_some_and(|section| section.is_audited);
    let is_verified = section.is_some_and(|section| section.is_url_verified);
    Setup {
        steps: vec![
            say!("setup-tiktok-app"),
            say!("setup-tiktok-scopes", scopes = scopes.replace(' ', ", ")),
            say!("setup-tiktok-audit"),
        ],
        register: vec![say!("setup-tiktok-webhook", url = at(config, "tiktok/webhook"))],
        scopes: asked(Network::TikTok, scopes.split(' ')),
        limits: vec![
            red_if(!is_audited, if is_audited { say!("setup-tiktok-audited") } else { say!("setup-tiktok-unaudited") }),
            red_if(
                !is_verified,
                if is_verified { say!("setup-tiktok-photos") } else { say!("setup-tiktok-no-photos") },
            ),
            note(say!("setup-no-take-down")),
        ],
        ..blank(Network::TikTok, section.is_some(), say!("setup-tiktok-keys"))
    }
}

fn of_youtube(config: &Config) -> Setup {
    let is_audited = config.google.as_ref().is_some_and(|section| section.is_youtube_audited);
    Setup {
        scopes: identity().chain(asked(Network::YouTube, [CHANNEL_SCOPE])).collect(),
        steps: vec![
            say!("setup-google-project", apis = "YouTube Data API v3"),
            say!("setup-google-consent", scopes = CHANNEL_SCOPE),
            say!("setup-google-client"),
            say!("setup-youtube-audit"),
        ],
        limits: vec![
            red_if(
                !is_audited,
                if is_audited { say!("setup-youtube-audited") } else { say!("setup-youtube-unaudited") },
            ),
            note(say!("setup-youtube-quota")),
            note(say!("setup-google-testing")),
        ],
        ..blank(Network::YouTube, config.google.is_some(), say!("setup-google-keys"))
    }
}

/// The APIs that reports read.
const REPORT_APIS: &str = "Google Analytics Data API, Google Analytics Admin API, Google Search Console API, YouTube Data API v3, YouTube Analytics API";

fn of_google(config: &Config) -> Setup {
    let of = |feature: Feature| {
        let asked = |scope: &str| Asked {
            scope: scope.to_owned(),
            purposes: vec![say!("setup-google-reports", feature = feature.shown())],
        };
        feature.scope().split(' ').map(asked).collect::<Vec<_>>()
    };
    let named: Vec<String> = Feature::ALL.into_iter().map(Feature::scope).collect();
    Setup {
        service: Service::Google,
        scopes: identity().chain(Feature::ALL.into_iter().flat_map(of)).collect(),
        steps: vec![
            say!("setup-google-project", apis = REPORT_APIS),
            say!("setup-google-consent", scopes = named.join(" ").replace(' ', ", ")),
            say!("setup-google-client"),
        ],
        limits: vec![note(say!("setup-google-unverified")), note(say!("setup-google-testing"))],
        ..blank(Network::YouTube, config.google.is_some(), say!("setup-google-keys"))
    }
}
