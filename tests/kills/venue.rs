//! What the matrix must know of each network: how its simulator is told to begin, where the one visible call goes, what a post there needs, and what
//! can be read of it afterwards.

use serde_json::{Value, json};
use socrazi::domain::network::Network;
use url::Url;

use crate::cells::Point;

/// What a post is nothing without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wants {
    /// A text is enough.
    Nothing,
    /// A picture.
    Picture,
    /// A film.
    Film,
}

/// One network, as trials see it.
pub(crate) struct Venue {
    pub(crate) network: Network,
    /// Its simulator's name.
    pub(crate) simulator: &'static str,
    /// Words for it beside those that all understand.
    pub(crate) words: &'static [&'static str],
    /// Method and path of the call after which the world sees a post.
    pub(crate) commit: (&'static str, &'static str),
    pub(crate) wants: Wants,
    /// Letters that are markup elsewhere; what a network refuses in its texts is none of them.
    pub(crate) odd: &'static str,
    /// What the author must choose.
    pub(crate) options: fn() -> Value,
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
            simulator: network.slug(),
            words: nothing,
            commit: ("POST", commit),
            wants: Wants::Nothing,
            odd: "& <b>",
            options: || json!({}),
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
                Self { wants: Wants::Picture, ..like("/v25.0/17841400000000011/media_publish", at_once) }
            }
            Network::LinkedIn => Self {
                can_be_read: false,
                ..like("/rest/posts", || json!({ "image_ms": 0, "video_ms": 0, "duplicate_ms": 0 }))
            },
            Network::TikTok => Self {
                // Of a file the last piece.
                commit: ("PUT", "/video/"),
                wants: Wants::Film,
                options: || json!({ "tiktok": { "privacy": "public" } }),
                ..like("", || json!({ "process_ms": 0, "moderation_ms": 0, "posts_max": 1_000, "counts_calls": false }))
            },
            Network::YouTube => Self {
                simulator: "google",
                // One change of the status shows what was uploaded.
                commit: ("PUT", "/youtube/v3/videos"),
                wants: Wants::Film,
                odd: "& *b*",
                options: || json!({ "youtube": { "for_kids": false } }),
                ..like("", || json!({ "youtube": { "processing_ms": 0 } }))
            },
        }
    }

    /// Where a process can be struck: what only X has is left out elsewhere. Other tokens are renewed ahead, while nothing is sent.
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
        let key = if self.network == Network::TikTok { "client_key" } else { "client_id" };
        let (id, secret, consent) = match self.network {
            Network::X => ("sim-x-client", "sim-x-secret", "i/oauth2/authorize"),
            Network::Threads => ("7000000000000001", "sim-threads-secret", "oauth/authorize"),
            Network::Instagram => ("9000000000000001", "sim-instagram-secret", "oauth/authorize"),
            Network::LinkedIn => ("86simclientid", "sim-linkedin-secret", "oauth/v2/authorization"),
            Network::TikTok => ("awsimclientkey", "sim-tiktok-secret", "v2/auth/authorize/"),
            Network::YouTube => return of_google(at),
        };
        let mut pairs = vec![
            (key, id.to_owned()),
            ("client_secret", secret.to_owned()),
            ("auth_url", at.join(consent).unwrap().to_string()),
            ("api_url", at.to_string()),
        ];
        if self.network == Network::Instagram {
            pairs.push(("graph_url", at.to_string()));
        }
        if self.network == Network::TikTok {
            pairs.push(("audited", "on".to_owned()));
        }
        pairs.into_iter().map(|(key, value)| (format!("{}.{key}", self.network.slug()), value)).collect()
    }
}

/// A channel's tokens are its Google account's.
fn of_google(at: &Url) -> Vec<(String, String)> {
    let options = socrazi_sim::google::GoogleOptions::default();
    let mut pairs = vec![
        ("client_id", options.client_id),
        ("client_secret", options.client_secret),
        ("youtube_audit", "passed".to_owned()),
    ];
    for (key, path) in [("auth_url", "o/oauth2/v2/auth"), ("token_url", "token"), ("revoke_url", "revoke")] {
        pairs.push((key, at.join(path).unwrap().to_string()));
    }
    for key in ["youtube_url", "youtube_upload_url"] {
        pairs.push((key, at.to_string()));
    }
    pairs.into_iter().map(|(key, value)| (format!("google.{key}"), value)).collect()
}
