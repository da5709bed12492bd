//! What the simulated Instagram knows: tokens, containers, media, comments, and the journal that survives a crash.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::options::{InstagramOptions, SimProfile};
use crate::clock::DAY_MS;
use crate::graph::GraphError;
use crate::ledger::{Journal, Visible, VisibleMedia};

/// What a container or a medium is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Image,
    Reel,
    /// A film inside of a carousel.
    Video,
    Carousel,
    ImageStory,
    VideoStory,
}

impl Kind {
    /// `media_type` and `media_product_type` on the reading side.
    pub(super) fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Image => ("IMAGE", "FEED"),
            Self::Reel => ("VIDEO", "REELS"),
            Self::Video => ("VIDEO", "FEED"),
            Self::Carousel => ("CAROUSEL_ALBUM", "FEED"),
            Self::ImageStory => ("IMAGE", "STORY"),
            Self::VideoStory => ("VIDEO", "STORY"),
        }
    }

    pub(super) fn is_film(self) -> bool {
        matches!(self, Self::Reel | Self::Video | Self::VideoStory)
    }

    pub(super) fn is_story(self) -> bool {
        matches!(self, Self::ImageStory | Self::VideoStory)
    }
}

/// How far the bytes of a container are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Bytes {
    /// None of its own: a carousel.
    None,
    /// On their way.
    Coming,
    There(VisibleMedia),
    /// The number in `status`.
    Failed(i64),
}

/// Something that waits to be published.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Container {
    pub(super) id: String,
    pub(super) owner: String,
    pub(super) kind: Kind,
    pub(super) fields: BTreeMap<String, String>,
    pub(super) children: Vec<String>,
    pub(super) is_item: bool,
    pub(super) created_ms: i64,
    /// How long it takes once the bytes are there.
    pub(super) wait_ms: i64,
    pub(super) ready_ms: i64,
    pub(super) bytes: Bytes,
    pub(super) media_id: Option<String>,
}

impl Container {
    /// `status_code` (§3.2).
    pub(super) fn status(&self, now_ms: i64) -> &'static str {
        match self {
            Self { media_id: Some(_), .. } => "PUBLISHED",
            _ if now_ms >= self.created_ms + DAY_MS => "EXPIRED",
            Self { bytes: Bytes::Coming, .. } => "IN_PROGRESS",
            _ if now_ms < self.ready_ms => "IN_PROGRESS",
            Self { bytes: Bytes::Failed(_), .. } => "ERROR",
            _ => "FINISHED",
        }
    }

    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }
}

/// A published medium with what the ledger does not say.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Medium {
    pub(super) entry: Visible,
    /// Absent for comments.
    pub(super) kind: Option<Kind>,
    pub(super) fields: BTreeMap<String, String>,
    pub(super) children: Vec<String>,
}

/// Who a token was given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Login {
    /// A professional account, by Instagram Login.
    Instagram,
    /// A person, by Facebook Login.
    Facebook,
    /// A page of such a person.
    Page,
}

/// A token with what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The token.
    pub value: String,
    /// By which way.
    pub login: Login,
    /// The account, person or page.
    pub holder: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// What was asked for and declined.
    #[serde(default)]
    pub declined: Vec<String>,
    /// Since when.
    pub issued_ms: i64,
    /// Until when; a page's does not end.
    pub expires_ms: Option<i64>,
    /// 60 days instead of an hour.
    pub is_long: bool,
    /// The subcode of its death.
    pub death: Option<i64>,
}

/// A code that waits for its exchange.
#[derive(Clone, Debug)]
pub(super) struct Code {
    pub(super) login: Login,
    pub(super) redirect_uri: String,
    pub(super) holder: String,
    pub(super) scopes: Vec<String>,
    pub(super) declined: Vec<String>,
    pub(super) issued_ms: i64,
}

/// One line of the journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Record {
    Granted(Token),
    /// Every token of an account or person dies.
    Died {
        holder: String,
        subcode: i64,
    },
    Contained(Box<Container>),
    Arrived {
        container: String,
        bytes: Bytes,
        at_ms: i64,
    },
    Posted {
        medium: Box<Medium>,
        container: Option<String>,
    },
    Deleted {
        id: String,
    },
}

/// The state behind one lock.
#[derive(Debug)]
pub(super) struct State {
    pub(super) options: InstagramOptions,
    pub(super) codes: HashMap<String, Code>,
    pub(super) tokens: Vec<Token>,
    pub(super) containers: BTreeMap<String, Container>,
    /// What came of resumable uploads so far.
    pub(super) uploads: BTreeMap<String, Vec<u8>>,
    pub(super) media: Vec<Medium>,
    pub(super) insights: BTreeMap<String, BTreeMap<String, u64>>,
    /// Instants of calls by account, within the last day.
    pub(super) calls: BTreeMap<String, Vec<i64>>,
    last_id: u64,
    journal: Journal<Record>,
}

impl State {
    pub(super) fn open(options: InstagramOptions) -> std::io::Result<Self> {
        let (journal, records) = Journal::open(options.ledger_file.as_deref())?;
        let mut state = Self {
            options,
            codes: HashMap::new(),
            tokens: Vec::new(),
            containers: BTreeMap::new(),
            uploads: BTreeMap::new(),
            media: Vec::new(),
            insights: BTreeMap::new(),
            calls: BTreeMap::new(),
            // Larger than 53 bits: who reads ids as floats shall notice.
            last_id: 17_900_000_000_000_001,
            journal,
        };
        for record in records {
            state.apply(record);
        }
        // Whoever was fetching is gone.
        let lost = state.containers.values_mut().filter(|container| container.bytes == Bytes::Coming);
        lost.for_each(|container| container.bytes = Bytes::Failed(2_207_032));
        Ok(state)
    }

    /// Makes a change durable, then visible. Nothing may be answered before this returned.
    pub(super) fn commit(&mut self, record: Record) -> Result<(), GraphError> {
        self.journal.append(&record).map_err(|_| GraphError::new(1, "An unknown error occurred"))?;
        self.apply(record);
        Ok(())
    }

    fn apply(&mut self, record: Record) {
        match record {
            Record::Granted(token) => self.tokens.push(token),
            Record::Died { holder, subcode } => {
                let theirs = self.options.users.iter().filter(|user| user.person_id == holder);
                let pages: Vec<String> = theirs.filter_map(|user| user.page_id.clone()).collect();
                let held = |token: &&mut Token| token.holder == holder || pages.contains(&token.holder);
                self.tokens.iter_mut().filter(held).for_each(|token| token.death = Some(subcode));
            }
            Record::Contained(container) => {
                self.saw(&container.id);
                self.containers.insert(container.id.clone(), *container);
            }
            Record::Arrived { container, bytes, at_ms } => {
                if let Some(container) = self.containers.get_mut(&container) {
                    container.ready_ms = container.ready_ms.max(at_ms + container.wait_ms);
                    container.bytes = bytes;
                }
            }
            Record::Posted { medium, container } => {
                self.saw(&medium.entry.id);
                if let Some(container) = container.and_then(|id| self.containers.get_mut(&id)) {
                    container.media_id = Some(medium.entry.id.clone());
                }
                self.media.push(*medium);
            }
            Record::Deleted { id } => {
                if let Some(medium) = self.media.iter_mut().find(|medium| medium.entry.id == id) {
                    medium.entry.deleted = true;
                }
            }
        }
    }

    fn saw(&mut self, id: &str) {
        self.last_id = self.last_id.max(id.parse().unwrap_or(0));
    }

    /// Forgets containers and media; accounts stay connected.
    pub(super) fn reset(&mut self) -> Result<(), GraphError> {
        self.journal.clear().map_err(|_| GraphError::new(1, "An unknown error occurred"))?;
        self.media.clear();
        self.containers.clear();
        self.uploads.clear();
        self.insights.clear();
        self.calls.clear();
        for token in std::mem::take(&mut self.tokens) {
            self.commit(Record::Granted(token))?;
        }
        Ok(())
    }

    pub(super) fn next_id(&mut self) -> String {
        // Odd steps, so that a container's id never looks like its medium's.
        self.last_id += 7;
        self.last_id.to_string()
    }

    pub(super) fn user(&self, id: &str) -> Option<&SimProfile> {
        self.options.users.iter().find(|user| user.id == id)
    }

    /// The accounts of a Facebook person, or the one account itself.
    pub(super) fn profiles_of(&self, holder: &str) -> Vec<SimProfile> {
        let is_theirs = |user: &&SimProfile| user.id == holder || user.person_id == holder && user.page_id.is_some();
        self.options.users.iter().filter(is_theirs).cloned().collect()
    }

    pub(super) fn live(&self, id: &str) -> Option<&Medium> {
        self.media.iter().find(|medium| medium.entry.id == id && !medium.entry.deleted)
    }
}
