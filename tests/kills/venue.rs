//! What the matrix must know of each network: how its simulator is told to begin, where the one visible call goes, what a post there needs, and what
//! can be read of it afterwards.

use serde_json::{Value, json};
use socrazi::domain::network::Network;
use socrazi_sim::samples::{self, Film};
use url::Url;

use crate::cells::Point;

/// What a post is nothing without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wants {
    /// A text is enough.
    Nothing,
    /// A picture.
    Picture,
    /// Two of them, which the network shows as one post.
    Pictures,
    /// A film.
    Film,
    /// One that goes up in several pieces.
    LongFilm,
}

impl Wants {
    /// How many media a post shows that has any.
    pub(crate) fn count(self) -> usize {
        if self == Self::Pictures { 2 } else { 1 }
    }

    /// The bytes of each of them.
    pub(crate) fn bytes(self) -> Vec<u8> {
        let film = |bytes| samples::mp4(&Film { width: 640, height: 640, bytes, ..Film::default() });
        match self {
            Self::Nothing | Self::Picture | Self::Pictures => samples::jpeg(640, 640),
            Self::Film => film(100_000),
            Self::LongFilm => film(11_000_000),
        }
    }
}

/// What kind of post goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Shape {
    /// The network's own: a text, a picture, a film.
    Usual,
    /// Several pictures in one.
    Album,
    /// A film; of networks that have nothing else, a long one.
    Film,
    /// Photos that the network fetches.
    Photos,
}

impl Shape {
    /// The shapes that a network has beside its own.
    pub(crate) fn others(network: Network) -> &'static [Self] {
        match network {
            Network::X | Network::LinkedIn => &[Self::Film],
            Network::Threads => &[Self::Album],
            Network::Instagram => &[Self::Album, Self::Film],
            Network::TikTok => &[Self::Film, Self::Photos],
            Network::YouTube => &[],
        }
    }
}

/// The address that TikTok has verified, which leads to this machine.
pub(crate) const PUBLIC: &str = "https://media.example";

/// One network, as trials see it.
pub(crate) struct Venue {
    pub(crate) network: Network,
    /// Its simulator's name.
    pub(crate) simulator: &'static str,
    /// Words for it beside those that all understand.
    pub(crate) words: &'static [&'static str],
    /// Method and path of the call after which the world sees a post.
    pub(crate) commit: (&'static str, &'static str),
    /// So many calls that begin alike come before it.
    pub(crate) before_commit: u32,
    pub(crate) wants: Wants,
    /// Letters that are markup elsewhere; what a network refuses in its texts is none of them.
    pub(crate) odd: &'static str,
    /// What the author must choose.
    pub(crate) options: fn() -> Value,
    /// A post may have parts, one under the other.
    pub(crate) has_chains: bool,
    /// Whether it can be looked up what is out: where it cannot, a person is asked what could be seen, and rightly.
    pub(crate) can_be_read: bool,
    /// It fetches from a public address alone.
    pub(crate) is_public: bool,
    /// So that equal posts are taken again, and nothing takes the network any time.
    tuning: fn() -> Value,
}

impl Venue {
    pub(crate) fn of(network: Network, shape: Shape) -> Self {
        let usual = Self::usual(network);
        match (shape, network) {
            (Shape::Usual, _) => usual,
            (Shape::Album, _) => Self { wants: Wants::Pictures, ..usual },
            // Two pieces, and the last of them is the commit.
            (Shape::Film, Network::TikTok) => Self { wants: Wants::LongFilm, before_commit: 1, ..usual },
            (Shape::Film, Network::X | Network::LinkedIn) => Self { wants: Wants::LongFilm, ..usual },
            (Shape::Film, _) => Self { wants: Wants::Film, ..usual },
            // What TikTok was told to fetch is named by the answer alone, and whether photos are listed nobody knows (platforms/tiktok.md §6).
            (Shape::Photos, _) => Self {
                words: &[
                    "--redirect",
                    "https://media.example/connect/tiktok/callback",
                    "--verified",
                    "https://media.example/",
                ],
                commit: ("POST", "/v2/post/publish/content/init/"),
                wants: Wants::Picture,
                can_be_read: false,
                is_public: true,
                ..usual
            },
        }
    }

    fn usual(network: Network) -> Self {
        let (at_once, nothing): (fn() -> Value, &[&str]) = (|| json!({ "image_ms": 0, "video_ms": 0 }), &[]);
        let like = |commit, tuning| Self {
            network,
            simulator: network.slug(),
            words: nothing,
            commit: ("POST", commit),
            before_commit: 0,
            wants: Wants::Nothing,
            odd: "& <b>",
            options: || json!({}),
            has_chains: false,
            can_be_read: true,
            is_public: false,
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

    /// Where a process can be struck. Tokens of hours are renewed for what is sent; those of weeks ahead, while nothing is sent, and LinkedIn gives a
    /// self-serve app none to renew.
    pub(crate) fn points(network: Network) -> Vec<Point> {
        let lasts_hours = matches!(network, Network::X | Network::TikTok | Network::YouTube);
        let mut points = Point::ALL.to_vec();
        points.retain(|point| lasts_hours || *point != Point::F10);
        points
    }

    pub(crate) fn tuning(&self) -> Value {
        (self.tuning)()
    }

    /// Where media are fetched, as the network is told.
    pub(crate) fn here<'a>(&self, here: &'a str) -> &'a str {
        if self.is_public { PUBLIC } else { here }
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
            pairs.push(("url_verified", if self.is_public { "on" } else { "off" }.to_owned()));
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
