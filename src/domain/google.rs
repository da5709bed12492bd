//! A Google account as reports are read through it: which features a person agreed to, and the properties and sites that can be seen. It is
//! no network (ARCHITECTURE, decision 55); one that acts as a channel is where a YouTube account's tokens come from. Plain data; scopes are those
//! of platforms/google.md §2.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::account::{Ended, Health};
use super::ids::{AccountId, UserId, WorkspaceId};
use super::network::Network;
use super::refusal::Sentence;
use super::schedule::Moment;
use crate::say;

/// What a person may let us read, each with scopes of its own: asked for one by one, so that nobody gives more than they want.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Feature {
    /// Google Analytics 4, reading.
    Analytics,
    /// Search Console, reading.
    Search,
    /// YouTube's own figures, reading.
    Videos,
}

/// Whether a sentence repeats names that anybody may have given (a property is shared with whom one likes), or Google's own words.
#[must_use]
pub fn names_things(key: &str) -> bool {
    matches!(key, "report-source-choose" | "google-not-understood")
}

impl Feature {
    /// Every feature.
    pub const ALL: [Self; 3] = [Self::Analytics, Self::Search, Self::Videos];

    /// The word in rows, forms and addresses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Analytics => "analytics",
            Self::Search => "search",
            Self::Videos => "videos",
        }
    }

    /// The feature with this word.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feature| feature.word() == word)
    }

    /// The name that Google gives its product.
    #[must_use]
    pub const fn shown(self) -> &'static str {
        match self {
            Self::Analytics => "Google Analytics",
            Self::Search => "Search Console",
            Self::Videos => "YouTube",
        }
    }

    /// What it takes (§2): of each list one scope is enough. The first only reads and is the one that is asked for; the others contain it, and what a
    /// person granted elsewhere counts as well. YouTube's figures are one thing, what its videos are called another.
    const fn needed(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::Analytics => {
                &[&["https://www.googleapis.com/auth/analytics.readonly", "https://www.googleapis.com/auth/analytics"]]
            }
            Self::Search => &[&[
                "https://www.googleapis.com/auth/webmasters.readonly",
                "https://www.googleapis.com/auth/webmasters",
            ]],
            Self::Videos => &[
                &[
                    "https://www.googleapis.com/auth/yt-analytics.readonly",
                    "https://www.googleapis.com/auth/yt-analytics-monetary.readonly",
                ],
                &[
                    "https://www.googleapis.com/auth/youtube.readonly",
                    "https://www.googleapis.com/auth/youtube",
                    "https://www.googleapis.com/auth/youtube.force-ssl",
                ],
            ],
        }
    }

    /// The scopes that are asked for, space-separated.
    #[must_use]
    pub fn scope(self) -> String {
        self.needed().iter().filter_map(|scopes| scopes.first().copied()).collect::<Vec<_>>().join(" ")
    }

    /// Whether these scopes, space-separated in any order, let us (§1.3: compare as sets).
    #[must_use]
    pub fn is_in(self, scopes: &str) -> bool {
        self.needed().iter().all(|enough| scopes.split_whitespace().any(|scope| enough.contains(&scope)))
    }

    /// The features named in a row, space-separated.
    #[must_use]
    pub fn read_all(words: &str) -> Vec<Self> {
        Self::ALL.into_iter().filter(|feature| words.split(' ').any(|word| word == feature.word())).collect()
    }

    /// The same as a row keeps them.
    #[must_use]
    pub fn write_all(features: &[Self]) -> String {
        let named = Self::ALL.into_iter().filter(|feature| features.contains(feature));
        named.map(Self::word).collect::<Vec<_>>().join(" ")
    }
}

/// The network whose accounts are channels that a Google account acts as: with its tokens, for as long as it is connected.
pub const CHANNELS: Network = Network::YouTube;

/// What publishing on a channel takes (§2): it uploads, changes, removes and reads the channel's videos, and contains `youtube.upload`, which could not
/// make one visible afterwards. One scope: there is no part of it that a person could leave unticked.
pub const CHANNEL_SCOPE: &str = "https://www.googleapis.com/auth/youtube";

/// Whether these scopes, space-separated in any order, let us publish on a channel.
#[must_use]
pub fn may_publish(scopes: &str) -> bool {
    scopes.split_whitespace().any(|scope| scope == CHANNEL_SCOPE)
}

/// What a person is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wish {
    /// Reading reports.
    Reports(Vec<Feature>),
    /// Publishing on a channel, which they choose on Google's page.
    Channel,
}

impl Wish {
    /// The scopes that are asked for, space-separated.
    #[must_use]
    pub fn scope(&self) -> String {
        match self {
            Self::Reports(features) => features.iter().map(|feature| feature.scope()).collect::<Vec<_>>().join(" "),
            Self::Channel => CHANNEL_SCOPE.to_owned(),
        }
    }

    /// The features among it.
    #[must_use]
    pub fn features(&self) -> &[Feature] {
        match self {
            Self::Reports(features) => features,
            Self::Channel => &[],
        }
    }

    /// Whether anything of what it is about is in these scopes.
    #[must_use]
    pub fn is_in(&self, scopes: &str) -> bool {
        match self {
            Self::Reports(_) => Feature::ALL.iter().any(|feature| feature.is_in(scopes)),
            Self::Channel => may_publish(scopes),
        }
    }
}

/// A Google account that somebody connected. Its id is of the same kind as an account's: what is kept of its data goes by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// Our id.
    pub id: AccountId,
    /// Whose workspace it belongs to.
    pub workspace: WorkspaceId,
    /// Who connected it: their key seals its tokens and what is read through it.
    pub user: UserId,
    /// Google's own id of the person (`sub`): the only stable one (§1.8).
    pub subject: String,
    /// The YouTube channel that its tokens act as, where it was connected to publish there; empty where reports are read.
    pub acts_as: String,
    /// Their address, for people to know it by.
    pub email: String,
    /// What they wanted to use it for.
    pub wanted: Vec<Feature>,
    /// The scopes that Google granted, space-separated.
    pub scopes: String,
    /// Whether it can be used.
    pub health: Health,
    /// When Google ends the grant by itself, if it said so (§1.3), Unix milliseconds.
    pub ends_at: Option<i64>,
    /// Why it must be connected again.
    pub ended_by: Option<Ended>,
}

impl Login {
    /// Whether a feature was granted.
    #[must_use]
    pub fn has(&self, feature: Feature) -> bool {
        feature.is_in(&self.scopes)
    }

    /// How it is, in one sentence; times are shown in this zone.
    #[must_use]
    pub fn wording(&self, zone: &str) -> Sentence {
        match (self.health, self.ended_by, self.ends_at) {
            (Health::NeedsReconnecting, Some(ended), _) => say!("google-health-ended", why = ended.word()),
            (Health::NeedsReconnecting | Health::Disconnected, _, _) => say!("google-health-reconnect"),
            (Health::Fine, _, Some(at_ms)) => {
                say!("google-health-ends", at = Moment { at_ms, zone: zone.to_owned() })
            }
            (Health::Fine, _, None) if self.missing().is_empty() => say!("google-health-fine"),
            (Health::Fine, _, None) => say!("google-health-missing"),
        }
    }

    /// What was wanted and is not granted: people may untick (§1.6).
    #[must_use]
    pub fn missing(&self) -> Vec<Feature> {
        self.wanted.iter().copied().filter(|feature| !self.has(*feature)).collect()
    }
}

/// Where figures come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// A property of Google Analytics.
    Property,
    /// A site of Search Console.
    Site,
    /// A channel of YouTube.
    Channel,
}

impl SourceKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Property, Self::Site, Self::Channel];

    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Property => "property",
            Self::Site => "site",
            Self::Channel => "channel",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The feature that reads it.
    #[must_use]
    pub const fn feature(self) -> Feature {
        match self {
            Self::Property => Feature::Analytics,
            Self::Site => Feature::Search,
            Self::Channel => Feature::Videos,
        }
    }
}

/// What is known of a property, site or channel; sealed in its row, because most of it is Google's data.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SourceFacts {
    /// `properties/1234`, a site's address as Search Console writes it, or a channel's id.
    pub remote_id: String,
    /// What its owner calls it.
    pub name: String,
    /// What this person calls it, when they gave it a name of their own.
    #[serde(default)]
    pub called: String,
    /// Its time zone (IANA); empty until it was asked for.
    #[serde(default)]
    pub zone: String,
    /// Google told none that is known here: this one was taken in its place, for now.
    #[serde(skip)]
    pub is_zone_assumed: bool,
    /// Its currency; empty until it was asked for.
    #[serde(default)]
    pub currency: String,
    /// What the person may do there, in Search Console's words.
    #[serde(default)]
    pub permission: String,
}

/// A property or site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Through which account it is seen.
    pub login: AccountId,
    /// What it is.
    pub kind: SourceKind,
    /// Names it in forms and rows without saying what it is.
    pub key: String,
    /// What is known of it.
    pub facts: SourceFacts,
    /// When a person chose it as the one that is meant when none is named, Unix milliseconds; the newest choice counts.
    pub chosen_at: Option<i64>,
    /// When Google named it last, Unix milliseconds.
    pub seen_at: i64,
}

impl Source {
    /// What people know it by.
    #[must_use]
    pub fn shown(&self) -> &str {
        [&self.facts.called, &self.facts.name, &self.facts.remote_id]
            .into_iter()
            .find(|name| !name.is_empty())
            .map_or("–", String::as_str)
    }

    /// Whether its person looked at it: they chose it or gave it a name. Anybody can share a property with anybody, and name it as they like.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.chosen_at.is_some() || !self.facts.called.is_empty()
    }
}

/// What can be connected: the networks, and Google.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// A network to publish on.
    Network(Network),
    /// A Google account to read reports through.
    Google,
}

/// Google's word beside the networks'.
pub const GOOGLE: &str = "google";

impl Service {
    /// The name in routes and tool arguments.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Network(network) => network.slug(),
            Self::Google => GOOGLE,
        }
    }

    /// The service with this name.
    #[must_use]
    pub fn find(slug: &str) -> Option<Self> {
        if slug == GOOGLE { Some(Self::Google) } else { Network::find(slug).map(Self::Network) }
    }
}

impl Serialize for Service {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.slug())
    }
}

impl<'de> Deserialize<'de> for Service {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Self::find(&word).ok_or_else(|| serde::de::Error::custom(format!("must be one of: {}", slugs().join(", "))))
    }
}

fn slugs() -> Vec<&'static str> {
    Network::ALL.iter().map(|network| network.slug()).chain([GOOGLE]).collect()
}

impl JsonSchema for Service {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Service".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": slugs() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_compared_as_sets_and_wider_ones_count() {
        let granted =
            "openid https://www.googleapis.com/auth/webmasters https://www.googleapis.com/auth/userinfo.email";
        assert!(Feature::Search.is_in(granted) && !Feature::Analytics.is_in(granted));
        assert!(!Feature::Search.is_in("https://www.googleapis.com/auth/webmasters.readonly.not"));
        let half = "https://www.googleapis.com/auth/yt-analytics.readonly";
        assert!(!Feature::Videos.is_in(half));
        assert!(Feature::Videos.is_in(&format!("{half} https://www.googleapis.com/auth/youtube")));
        assert_eq!(Feature::read_all("search analytics junk"), [Feature::Analytics, Feature::Search]);
        assert_eq!(Feature::write_all(&[Feature::Search, Feature::Analytics]), "analytics search");
        assert_eq!(Feature::read_all(""), []);
    }

    #[test]
    fn a_channel_takes_its_own_scope_and_reports_any_of_theirs() {
        let upload =
            "openid https://www.googleapis.com/auth/youtube.upload https://www.googleapis.com/auth/youtube.readonly";
        assert!(!Wish::Channel.is_in(upload), "it could upload, and show nothing");
        assert!(Wish::Channel.is_in(&format!("{upload} {CHANNEL_SCOPE}")) && !Wish::Channel.is_in("openid"));
        let reports = Wish::Reports(vec![Feature::Analytics, Feature::Search]);
        assert!(!reports.is_in(CHANNEL_SCOPE) && reports.is_in(&Feature::Search.scope()));
        assert_eq!(reports.scope(), [Feature::Analytics, Feature::Search].map(Feature::scope).join(" "));
        assert_eq!((Wish::Channel.scope().as_str(), Wish::Channel.features()), (CHANNEL_SCOPE, [].as_slice()));
    }

    #[test]
    fn a_service_is_one_word_among_those_that_can_be_connected() {
        assert_eq!(serde_json::from_str::<Service>("\"google\"").unwrap(), Service::Google);
        assert_eq!(serde_json::from_str::<Service>("\"x\"").unwrap(), Service::Network(Network::X));
        let refused = serde_json::from_str::<Service>("\"myspace\"").unwrap_err().to_string();
        assert!(refused.contains("google"), "{refused}");
    }
}
