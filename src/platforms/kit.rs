//! What a network's folder tells the rest of the house of it, as one [`Kit`]: its keys, how a client is made of them, what its permissions are for,
//! what it takes of whoever runs the server. Whoever goes over all networks asks here, and names none.

use std::sync::Arc;

use secrecy::SecretString;
use url::{Host, Url};

use super::{MediaLinks, Pauses, Platform};
use crate::domain::picture::Darkroom;
use crate::domain::purpose::Use;
use crate::domain::refusal::Sentence;
use crate::domain::setting::{Faults, Key, Values};
use crate::http_out::{Outbound, is_here, is_public_address};
use crate::say;

/// All that is said of a network outside of its folder.
pub struct Kit {
    /// The section of the configuration that it reads.
    pub section: &'static str,
    /// The keys of that section, for the list of all keys.
    pub keys: &'static [Key],
    /// Reads the section; `None` where nothing of it is set, or something is wrong with it.
    pub read: fn(&mut Reading<'_>) -> Option<Box<dyn Section>>,
    /// What it takes of whoever runs the server, as long as nothing of the section is set.
    pub needs: fn(&Site<'_>) -> Needs,
    /// What its scopes are for.
    pub uses: &'static [Use],
    /// That the network may still hold the grant of the account with this handle, and where its person ends it there.
    pub by_hand: fn(&str) -> Sentence,
}

/// A network's section of the configuration, read and checked.
pub trait Section: std::fmt::Debug + Send + Sync {
    /// A client of the network.
    fn build(&self, wiring: &Wiring<'_>) -> Arc<dyn Platform>;

    /// What the network takes of whoever runs the server.
    fn needs(&self, site: &Site<'_>) -> Needs;

    /// The app's id and the secret by which is known that the network itself said something, where it tells this server of its people.
    fn signing(&self) -> Option<(&str, &SecretString)> {
        None
    }
}

/// What clients of networks are made with, beside what is set.
pub struct Wiring<'a> {
    /// The guarded way out.
    pub out: Arc<Outbound>,
    /// How they wait while a network works.
    pub pauses: Arc<dyn Pauses>,
    /// Makes pictures as a network takes them.
    pub darkroom: Arc<dyn Darkroom>,
    /// Addresses under which the network with its API there can fetch media. `None` where it could not reach this server.
    pub links: &'a dyn Fn(&Url) -> Option<Arc<dyn MediaLinks>>,
}

/// A section while it is read: what is set, and what is wrong with it.
pub struct Reading<'a> {
    section: &'static str,
    find: fn(&str) -> Option<&'static Key>,
    values: &'a Values,
    faults: &'a mut Faults,
}

impl<'a> Reading<'a> {
    /// Of this section, among all values; `find` knows every key.
    pub fn new(
        section: &'static str,
        find: fn(&str) -> Option<&'static Key>,
        (values, faults): (&'a Values, &'a mut Faults),
    ) -> Self {
        Self { section, find, values, faults }
    }

    /// Whether nothing of the section is set.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        let is_ours = |key: &str| key.strip_prefix(self.section).is_some_and(|rest| rest.starts_with('.'));
        !self.values.keys().any(|key| is_ours(key))
    }

    /// What is set.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<String> {
        self.values.get(key).cloned()
    }

    /// What is set, or else the key's default.
    #[must_use]
    pub fn text(&self, key: &str) -> String {
        self.value(key).unwrap_or_else(|| (self.find)(key).map_or("", |key| key.default).to_owned())
    }

    /// The same as an address. A value that is none was reported when it was gathered.
    #[must_use]
    pub fn url(&self, key: &str) -> Option<Url> {
        self.text(key).parse().ok()
    }

    /// The same as names that may be written with commas or spaces between: with one space between.
    #[must_use]
    pub fn names(&self, key: &str) -> String {
        let text = self.text(key);
        text.split([' ', ',']).filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// Whether it is set to this word.
    #[must_use]
    pub fn is(&self, key: &str, word: &str) -> bool {
        self.values.get(key).is_some_and(|value| value == word)
    }

    /// What is set where it must be; a fault else, which says what it is.
    pub fn needed(&mut self, key: &str, what: &str) -> Option<String> {
        let value = self.value(key);
        if value.is_none() {
            let section = self.section;
            self.faults.push(format!("{key} is missing: with any other {section}.* key set it must be {what}"));
        }
        value
    }

    /// Something is wrong.
    pub fn fault(&mut self, fault: &str) {
        self.faults.push(fault.to_owned());
    }
}

/// Where this server is, for what is told of it to whoever runs it.
pub struct Site<'a> {
    /// `server.public_url`.
    pub public_url: &'a Url,
}

impl Site<'_> {
    /// An address of ours.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        self.public_url.join(path).map(String::from).unwrap_or_default()
    }
}

/// What connecting a network takes of whoever runs the server, but for the redirect address, which all have.
#[derive(Debug)]
pub struct Needs {
    /// The permissions that people will be asked for, by the network's own names.
    pub scopes: Vec<String>,
    /// What to do in the network's console, in order.
    pub steps: Vec<Sentence>,
    /// More addresses to register there.
    pub register: Vec<Sentence>,
    /// The settings that come from it.
    pub keys: Sentence,
    /// What audit or plan means.
    pub limits: Vec<Limit>,
    /// What it costs.
    pub cost: Sentence,
}

impl Needs {
    /// No more than these settings.
    #[must_use]
    pub fn new(keys: Sentence) -> Self {
        let cost = say!("setup-cost-free");
        Self { scopes: Vec::new(), steps: Vec::new(), register: Vec::new(), keys, limits: Vec::new(), cost }
    }
}

/// One thing that the network's audit or plan means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// The sentence.
    pub what: Sentence,
    /// Whether posts are refused for it here and now, when they are checked and before they can be scheduled.
    pub is_red: bool,
}

impl Limit {
    /// Good to know.
    #[must_use]
    pub const fn note(what: Sentence) -> Self {
        Self { what, is_red: false }
    }

    /// Posts are refused for it, if it is so.
    #[must_use]
    pub const fn red_if(is_red: bool, what: Sentence) -> Self {
        Self { what, is_red }
    }
}

/// Whether a network whose API is at `api` could fetch from us: over https from anywhere, or from this machine when it is here itself. A name
/// is believed; only the network can look it up as the world does.
#[must_use]
pub fn is_reachable(public_url: &Url, api: &Url) -> bool {
    if is_here(api) {
        return is_here(public_url) || public_url.scheme() == "https";
    }
    let is_outside = match public_url.host() {
        Some(Host::Domain(name)) => name.contains('.') && !name.ends_with(".local") && !name.ends_with(".internal"),
        Some(Host::Ipv4(ip)) => is_public_address(ip.into()),
        Some(Host::Ipv6(ip)) => is_public_address(ip.into()),
        None => false,
    };
    public_url.scheme() == "https" && is_outside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_network_can_reach_is_named_to_it() {
        let outside = "https://graph.threads.net";
        for (public, api, expected) in [
            ("https://posts.example.com", outside, true),
            ("https://8.8.8.8", outside, true),
            ("http://posts.example.com", outside, false),
            ("http://127.0.0.1:8787", outside, false),
            ("https://127.0.0.1", outside, false),
            ("https://192.168.1.4", outside, false),
            ("https://[::1]", outside, false),
            ("https://localhost", outside, false),
            ("https://server", outside, false),
            ("https://server.local", outside, false),
            ("http://127.0.0.1:8787", "http://127.0.0.1:9000", true),
            ("http://192.168.1.4", "http://127.0.0.1:9000", false),
        ] {
            let found = is_reachable(&Url::parse(public).unwrap(), &Url::parse(api).unwrap());
            assert_eq!(found, expected, "{public} for {api}");
        }
    }
}
