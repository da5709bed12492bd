//! What the simulated X knows: people, tokens, posts, media, and the journal that survives a crash.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::limits::Windows;
use super::media::{Media, MediaKind};
use super::oauth::{Code, Grant};
use super::options::{SimUser, XOptions};
use super::problem::Problem;
pub(crate) use crate::chance::secret;
use crate::ledger::{Journal, LedgerEntry};

/// Instant zero of X's ids.
const EPOCH_MS: i64 = 1_288_834_974_657;

/// A post with what the ledger does not say.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Post {
    pub(crate) entry: LedgerEntry,
    pub(crate) media: Vec<MediaKind>,
    pub(crate) conversation_id: String,
    #[serde(default)]
    pub(crate) reply_settings: Option<String>,
    #[serde(default)]
    pub(crate) deleted_at_ms: Option<i64>,
}

/// One line of the journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Record {
    Posted(Post),
    Deleted { id: String, at_ms: i64 },
    Granted(Grant),
    RefreshSpent { refresh: String },
    Revoked { family: String },
}

/// The state behind one lock.
#[derive(Debug)]
pub(crate) struct State {
    /// Where it listens, without the slash at the end.
    pub(crate) root: String,
    pub(crate) options: XOptions,
    pub(crate) codes: HashMap<String, Code>,
    pub(crate) grants: Vec<Grant>,
    pub(crate) posts: Vec<Post>,
    pub(crate) media: BTreeMap<String, Media>,
    pub(crate) windows: Windows,
    last_id: i64,
    journal: Journal<Record>,
}

impl State {
    pub(crate) fn open(options: XOptions) -> std::io::Result<Self> {
        let (journal, records) = Journal::open(options.ledger_file.as_deref())?;
        let mut state = Self {
            root: String::new(),
            options,
            codes: HashMap::new(),
            grants: Vec::new(),
            posts: Vec::new(),
            media: BTreeMap::new(),
            windows: Windows::default(),
            last_id: 0,
            journal,
        };
        for record in records {
            state.apply(record);
        }
        Ok(state)
    }

    /// Makes a change durable, then visible. Nothing may be answered before this returned.
    pub(crate) fn commit(&mut self, record: Record) -> Result<(), Problem> {
        self.journal.append(&record).map_err(|_| Problem::internal())?;
        self.apply(record);
        Ok(())
    }

    fn apply(&mut self, record: Record) {
        match record {
            Record::Posted(post) => {
                self.last_id = self.last_id.max(post.entry.id.parse().unwrap_or(0));
                self.posts.push(post);
            }
            Record::Deleted { id, at_ms } => {
                if let Some(post) = self.posts.iter_mut().find(|post| post.entry.id == id) {
                    post.entry.deleted = true;
                    post.deleted_at_ms = Some(at_ms);
                }
            }
            Record::Granted(grant) => self.grants.push(grant),
            Record::RefreshSpent { refresh } => {
                for grant in &mut self.grants {
                    grant.refresh.take_if(|held| *held == refresh);
                }
            }
            Record::Revoked { family } => self.grants.retain(|grant| grant.family != family),
        }
    }

    /// Forgets posts, media and rate windows; accounts stay connected.
    pub(crate) fn reset(&mut self) -> Result<(), Problem> {
        self.journal.clear().map_err(|_| Problem::internal())?;
        (self.posts, self.windows) = (Vec::new(), Windows::default());
        self.media.clear();
        for grant in std::mem::take(&mut self.grants) {
            self.commit(Record::Granted(grant))?;
        }
        Ok(())
    }

    /// A new id that sorts by time, as X's do, even when the clock was turned back.
    pub(crate) fn next_id(&mut self, now_ms: i64) -> String {
        let from_clock = (now_ms - EPOCH_MS).max(1) << 22;
        self.last_id = from_clock.max(self.last_id + 1);
        self.last_id.to_string()
    }

    pub(crate) fn user(&self, id: &str) -> Option<&SimUser> {
        self.options.users.iter().find(|user| user.id == id)
    }

    pub(crate) fn live_post(&self, id: &str) -> Option<&Post> {
        self.posts.iter().find(|post| post.entry.id == id && !post.entry.deleted)
    }
}
