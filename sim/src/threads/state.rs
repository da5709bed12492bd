//! What the simulated Threads knows: tokens, containers, posts, and the journal that survives a crash.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::options::{SimProfile, ThreadsOptions};
use crate::clock::DAY_MS;
use crate::graph::GraphError;
use crate::ledger::{Journal, LedgerEntry};

/// Containers can be published for a day (§3.2).
pub(super) const CONTAINER_LIFE_MS: i64 = DAY_MS;

/// What a container or a post is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Text,
    Image,
    Video,
    Carousel,
    Repost,
}

impl Kind {
    /// The name on the reading side (§5).
    pub(super) fn read_name(self) -> &'static str {
        match self {
            Self::Text => "TEXT_POST",
            Self::Image => "IMAGE",
            Self::Video => "VIDEO",
            Self::Carousel => "CAROUSEL_ALBUM",
            Self::Repost => "REPOST_FACADE",
        }
    }
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
    pub(super) ready_ms: i64,
    pub(super) error: Option<String>,
    pub(super) media_id: Option<String>,
}

impl Container {
    /// The word for how far it is (§3.2).
    pub(super) fn status(&self, now_ms: i64) -> &'static str {
        match self {
            Self { media_id: Some(_), .. } => "PUBLISHED",
            _ if now_ms >= self.created_ms + CONTAINER_LIFE_MS => "EXPIRED",
            _ if now_ms < self.ready_ms => "IN_PROGRESS",
            Self { error: Some(_), .. } => "ERROR",
            _ => "FINISHED",
        }
    }

    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }
}

/// A post with what the ledger does not say.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Post {
    pub(super) entry: LedgerEntry,
    pub(super) kind: Kind,
    pub(super) fields: BTreeMap<String, String>,
    pub(super) children: Vec<String>,
    pub(super) deleted_ms: Option<i64>,
}

/// A token; a long-lived one is its own refresh token (§1.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The token.
    pub value: String,
    /// Whose.
    pub user_id: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Since when.
    pub issued_ms: i64,
    /// Until when.
    pub expires_ms: i64,
    /// 60 days instead of an hour.
    pub is_long: bool,
}

/// A code that waits for its exchange.
#[derive(Clone, Debug)]
pub(super) struct Code {
    pub(super) redirect_uri: String,
    pub(super) user_id: String,
    pub(super) scopes: Vec<String>,
    pub(super) issued_ms: i64,
}

/// One line of the journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Record {
    Granted(Token),
    Removed { user_id: String },
    Contained(Container),
    Failed { container: String, error: String },
    Posted { post: Box<Post>, container: Option<String> },
    Deleted { id: String, at_ms: i64 },
}

/// The state behind one lock.
#[derive(Debug)]
pub(super) struct State {
    /// Where it listens, without the slash at the end.
    pub(super) root: String,
    pub(super) options: ThreadsOptions,
    pub(super) codes: HashMap<String, Code>,
    pub(super) tokens: Vec<Token>,
    pub(super) containers: BTreeMap<String, Container>,
    pub(super) posts: Vec<Post>,
    pub(super) insights: BTreeMap<String, BTreeMap<String, u64>>,
    last_id: u64,
    journal: Journal<Record>,
}

impl State {
    pub(super) fn open(options: ThreadsOptions) -> std::io::Result<Self> {
        let (journal, records) = Journal::open(options.ledger_file.as_deref())?;
        let mut state = Self {
            root: String::new(),
            options,
            codes: HashMap::new(),
            tokens: Vec::new(),
            containers: BTreeMap::new(),
            posts: Vec::new(),
            insights: BTreeMap::new(),
            // Larger than 53 bits: who reads ids as floats shall notice.
            last_id: 18_000_000_000_000_001,
            journal,
        };
        for record in records {
            state.apply(record);
        }
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
            Record::Removed { user_id } => self.tokens.retain(|token| token.user_id != user_id),
            Record::Contained(container) => {
                self.saw(&container.id);
                self.containers.insert(container.id.clone(), container);
            }
            Record::Failed { container, error } => {
                if let Some(container) = self.containers.get_mut(&container) {
                    container.error = Some(error);
                }
            }
            Record::Posted { post, container } => {
                self.saw(&post.entry.id);
                if let Some(container) = container.and_then(|id| self.containers.get_mut(&id)) {
                    container.media_id = Some(post.entry.id.clone());
                }
                self.posts.push(*post);
            }
            Record::Deleted { id, at_ms } => {
                if let Some(post) = self.posts.iter_mut().find(|post| post.entry.id == id) {
                    post.entry.deleted = true;
                    post.deleted_ms = Some(at_ms);
                }
            }
        }
    }

    fn saw(&mut self, id: &str) {
        self.last_id = self.last_id.max(id.parse().unwrap_or(0));
    }

    /// Forgets containers and posts; accounts stay connected.
    pub(super) fn reset(&mut self) -> Result<(), GraphError> {
        self.journal.clear().map_err(|_| GraphError::new(1, "An unknown error occurred"))?;
        self.posts.clear();
        self.containers.clear();
        self.insights.clear();
        for token in std::mem::take(&mut self.tokens) {
            self.commit(Record::Granted(token))?;
        }
        Ok(())
    }

    pub(super) fn next_id(&mut self) -> String {
        // Odd steps, so that a container's id never looks like its post's.
        self.last_id += 7;
        self.last_id.to_string()
    }

    pub(super) fn user(&self, id: &str) -> Option<&SimProfile> {
        self.options.users.iter().find(|user| user.id == id)
    }

    pub(super) fn live_post(&self, id: &str) -> Option<&Post> {
        self.posts.iter().find(|post| post.entry.id == id && !post.entry.deleted)
    }
}
