//! The networks Socrazi publishes on: one line for each, from which everything that goes over all of them is written.

use serde::{Deserialize, Serialize};

/// The table of networks; `for_each_network!(then)` hands it to a macro of the caller's. In a line: what it is, its variant, its slug (which is also
/// the name of its folder in `platforms`), the name a person reads, and whose its tokens are: its accounts' `own`, or the `google` account's.
macro_rules! for_each_network {
    ($then:ident) => {
        $then! {
            /// x.com.
            X x "X" own,
            /// threads.net, Meta's.
            Threads threads "Threads" own,
            /// instagram.com, professional accounts.
            Instagram instagram "Instagram" own,
            /// linkedin.com.
            LinkedIn linkedin "LinkedIn" own,
            /// tiktok.com.
            TikTok tiktok "TikTok" own,
            /// youtube.com; its accounts are channels, connected through Google.
            YouTube youtube "YouTube" google,
        }
    };
}
pub(crate) use for_each_network;

macro_rules! is_of_google {
    (own) => {
        false
    };
    (google) => {
        true
    };
}

macro_rules! network {
    ($($(#[$about:meta])* $network:ident $slug:ident $shown:literal $tokens:ident,)*) => {
        /// A network.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "lowercase")]
        pub enum Network {
            $($(#[$about])* $network,)*
        }

        impl Network {
            /// Every network this build knows.
            pub const ALL: [Self; [$(stringify!($slug)),*].len()] = [$(Self::$network),*];

            /// The name in routes, rows and tool arguments.
            #[must_use]
            pub const fn slug(self) -> &'static str {
                match self {
                    $(Self::$network => stringify!($slug),)*
                }
            }

            /// The name a person reads.
            #[must_use]
            pub const fn shown(self) -> &'static str {
                match self {
                    $(Self::$network => $shown,)*
                }
            }

            /// Whether its accounts have no tokens of their own: they are handed out by the Google account that stands for them (ARCHITECTURE,
            /// decision 55).
            #[must_use]
            pub const fn is_of_google(self) -> bool {
                match self {
                    $(Self::$network => is_of_google!($tokens),)*
                }
            }
        }
    };
}
for_each_network!(network);

impl Network {
    /// The network with this slug.
    #[must_use]
    pub fn find(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|network| network.slug() == slug)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slug_is_the_word_in_json() {
        for network in Network::ALL {
            assert_eq!(serde_json::to_value(network).unwrap(), network.slug());
        }
    }
}
