//! What connecting each network takes of whoever runs the server: addresses to register there, permissions that people will be asked for, the steps in
//! the network's console, and what its audit or plan means. Each network's folder says its own (`platforms::kit`), Google's for reports are here:
//! `doctor`, `setup` and the page of accounts show them. They come from the configuration alone, so they can be told before anything works.

use std::collections::BTreeSet;

use crate::config::Config;
use crate::domain::google::{Feature, GOOGLE, Service};
use crate::domain::network::Network;
use crate::domain::purpose::Purpose;
use crate::domain::refusal::Sentence;
use crate::google::IDENTITY_SCOPES;
use crate::platforms::kit;
pub use crate::platforms::kit::Limit;
use crate::platforms::kit::{Needs, Site};
use crate::say;

/// A permission that a person will be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The network's own name of it.
    pub scope: String,
    /// What works with it; empty where only the network knows.
    pub purposes: Vec<Sentence>,
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
    let (slug, has_keys, scopes, needs) = match service {
        Service::Network(network) => of_network(config, network),
        Service::Google => of_google(config),
    };
    let site = Site { public_url: &config.public_url };
    let redirect = site.at(&format!("connect/{slug}/callback"));
    let Needs { steps, mut register, keys, limits, cost, .. } = needs;
    register.insert(0, say!("setup-redirect", url = &redirect));
    Setup { service, has_keys, redirect, scopes, steps, register, keys, limits, cost }
}

/// Whose callback people come back to, whether its keys are set, what people are asked for, and the rest.
type Found = (&'static str, bool, Vec<Asked>, Needs);

fn of_network(config: &Config, network: Network) -> Found {
    let (kit, section) = (kit(network), config.networks.get(&network));
    let site = Site { public_url: &config.public_url };
    let needs = section.map_or_else(|| (kit.needs)(&site), |section| section.needs(&site));
    let purposes = |scope: &str| -> Vec<Sentence> {
        let of: BTreeSet<Purpose> = kit.uses.iter().filter(|(one, _)| *one == scope).map(|(_, of)| *of).collect();
        of.into_iter().map(Purpose::wording).collect()
    };
    let asked = needs.scopes.iter().map(|scope| Asked { scope: scope.clone(), purposes: purposes(scope) });
    let (slug, scopes) = match network.is_of_google() {
        true => (GOOGLE, identity().chain(asked).collect()),
        false => (network.slug(), asked.collect()),
    };
    (slug, section.is_some(), scopes, needs)
}

/// What Google is asked for whatever is connected: who it is.
fn identity() -> impl Iterator<Item = Asked> {
    let asked = |scope: &str| Asked { scope: scope.to_owned(), purposes: vec![Purpose::Profile.wording()] };
    IDENTITY_SCOPES.split(' ').map(asked)
}

/// The APIs that reports read.
const REPORT_APIS: &str = "Google Analytics Data API, Google Analytics Admin API, Google Search Console API, YouTube Data API v3, YouTube Analytics API";

fn of_google(config: &Config) -> Found {
    let of = |feature: Feature| {
        let asked = |scope: &str| Asked {
            scope: scope.to_owned(),
            purposes: vec![say!("setup-google-reports", feature = feature.shown())],
        };
        feature.scope().split(' ').map(asked).collect::<Vec<_>>()
    };
    let named: Vec<String> = Feature::ALL.into_iter().map(Feature::scope).collect();
    let needs = Needs {
        steps: vec![
            say!("setup-google-project", apis = REPORT_APIS),
            say!("setup-google-consent", scopes = named.join(" ").replace(' ', ", ")),
            say!("setup-google-client"),
        ],
        limits: vec![Limit::note(say!("setup-google-unverified")), Limit::note(say!("setup-google-testing"))],
        ..Needs::new(say!("setup-google-keys"))
    };
    let scopes = identity().chain(Feature::ALL.into_iter().flat_map(of)).collect();
    (GOOGLE, config.google.is_some(), scopes, needs)
}
