//! What the matrix must know of each network: how its simulator is told to begin, where the one visible call goes, what a post there needs, and what
//! can be read of it afterwards.

use serde_json::{Value, json};
use socrazi::domain::network::Network;
use url::Url;

use crate::cells::Point;

/// The networks that trials know. Not TikTok: each post there wants a film and a person's yes, which no trial has; `tests/it/tiktok/trouble.rs` lets a
/// process die at each of its steps.
pub(crate) const PLAYED: [Network; 4] = [Network::X, Network::Threads, Network::Instagram, Network::LinkedIn];

/// One network, as trials see it.
pub(crate) struct Venue {
    pub(crate) network: Network,
    /// Words for its simulator beside those that all understand.
    pub(crate) words: &'static [&'static str],
    /// The path of the call after which the world sees a post.
    pub(crate) commit: &'static str,
    /// A post is nothing without a picture.
    pub(crate) wants_picture: bool,
    /// A post may have parts, one under the other.
    pub(crate) has_chains: bool,
    /// Whether it can be looked up what is out: where it cannot, a person is asked what could be seen, and rightly.
    pub(crate) can_be_read: bool,
    /// So that equal posts are taken again, and nothing takes the network any time.
    tuning: fn() -> Value,
}

impl Venue {
    pub(crate) fn of(network: Network) -> Self {
        let (at_once, nothing): (fn() -> Value, &[&str]) = (|| json!({ "image_ms": 0, "video_ms": 0 }), &[]);
        let like = |commit, tuning| Self {
            network,
            words: nothing,
            commit,
            wants_picture: false,
            has_chains: false,
            can_be_read: true,
            tuning,
        };
        match network {
            Network::X => Self {
                words: &["--self-replies-allowed"],
                has_chains: true,
                ..like("/2/tweets", || json!({ "duplicate_window_ms": 0 }))
            },
            Network::Threads => Self {
                has_chains: true,
                ..like(
                    "/v1.0/me/threads_publish",
                    || json!({ "text_ms": 0, "image_ms": 0, "video_ms": 0, "list_lag_ms": 0 }),
                )
            },
            Network::Instagram => {
                Self { wants_picture: true, ..like("/v25.0/17841400000000011/media_publish", at_once) }
            }
            Network::LinkedIn => Self {
                can_be_read: false,
                ..like("/rest/posts", || json!({ "image_ms": 0, "video_ms": 0, "duplicate_ms": 0 }))
            },
            Network::TikTok | Network::YouTube => unreachable!("no trial knows {}", network.shown()),
        }
    }

    /// Where a process can be struck: what only X has is left out elsewhere. Other tokens are renewed weeks ahead, while nothing is sent.
    pub(crate) fn points(network: Network) -> Vec<Point> {
        let mut points = Point::ALL.to_vec();
        points.retain(|point| network == Network::X || *point != Point::F10);
        points
    }

    pub(crate) fn tuning(&self) -> Value {
        (self.tuning)()
    }

    /// Keys for the server: its app at the network, and where the network fetches pictures.
    pub(crate) fn settings(&self, at: &Url) -> Vec<(String, String)> {
        let (id, secret, consent) = match self.network {
            Network::X => ("sim-x-client", "sim-x-secret", "i/oauth2/authorize"),
            Network::Threads => ("7000000000000001", "sim-threads-secret", "oauth/authorize"),
            Network::Instagram => ("9000000000000001", "sim-instagram-secret", "oauth/authorize"),
            Network::LinkedIn => ("86simclientid", "sim-linkedin-secret", "oauth/v2/authorization"),
            Network::TikTok | Network::YouTube => unreachable!("no trial knows {}", self.network.shown()),
        };
        let mut pairs = vec![
            ("client_id", id.to_owned()),
            ("client_secret", secret.to_owned()),
            ("auth_url", at.join(consent).unwrap().to_string()),
            ("api_url", at.to_string()),
        ];
        if self.network == Network::Instagram {
            pairs.push(("graph_url", at.to_string()));
        }
        pairs.into_iter().map(|(key, value)| (format!("{}.{key}", self.network.slug()), value)).collect()
    }
}
