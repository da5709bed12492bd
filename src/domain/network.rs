//! The networks Socrazi publishes on, and their limits as data.

use serde::{Deserialize, Serialize};

/// A network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Network {
    /// x.com.
    X,
    /// threads.net, Meta's.
    Threads,
    /// instagram.com, professional accounts.
    Instagram,
    /// linkedin.com.
    LinkedIn,
    /// tiktok.com.
    TikTok,
    /// youtube.com; its accounts are channels, connected through Google.
    YouTube,
}

impl Network {
    /// Every network this build knows.
    pub const ALL: [Self; 6] = [Self::X, Self::Threads, Self::Instagram, Self::LinkedIn, Self::TikTok, Self::YouTube];

    /// The name in routes, rows and tool arguments.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::X => "x",
            Self::Threads => "threads",
            Self::Instagram => "instagram",
            Self::LinkedIn => "linkedin",
            Self::YouTube => "youtube",
            Self::TikTok => "tiktok",
        }
    }

    /// The name a person reads.
    #[must_use]
    pub const fn shown(self) -> &'static str {
        match self {
            Self::X => "X",
            Self::Threads => "Threads",
            Self::Instagram => "Instagram",
            Self::LinkedIn => "LinkedIn",
            Self::YouTube => "YouTube",
            Self::TikTok => "TikTok",
        }
    }

    /// Whether its accounts have no tokens of their own: they are handed out by the Google account that stands for them (ARCHITECTURE, decision 55).
    #[must_use]
    pub const fn is_of_google(self) -> bool {
        match self {
            Self::YouTube => true,
            Self::X | Self::Threads | Self::Instagram | Self::LinkedIn | Self::TikTok => false,
        }
    }

    /// The network with this slug.
    #[must_use]
    pub fn find(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|network| network.slug() == slug)
    }
}
