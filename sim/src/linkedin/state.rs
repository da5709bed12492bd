//! What the simulated LinkedIn knows: tokens, uploads, posts, comments, and the journal that survives a crash.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::options::LinkedInOptions;
use super::refusal::Refusal;
use super::uploads::Upload;
use crate::ledger::{Journal, Visible};

/// A token with what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The token.
    pub value: String,
    /// Whose.
    pub member: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Since when.
    pub issued_ms: i64,
    /// Until when.
    pub expires_ms: i64,
    /// Taken back.
    pub is_revoked: bool,
    /// The refresh token beside it.
    pub refresh: Option<String>,
    /// Until when that lives; a refresh does not start it again (§1.3).
    pub refresh_expires_ms: i64,
}

/// A code that waits for its exchange.
#[derive(Clone, Debug)]
pub(super) struct Code {
    pub(super) redirect_uri: String,
    pub(super) member: String,
    pub(super) scopes: Vec<String>,
    pub(super) issued_ms: i64,
}

/// A post or a comment, with what the ledger does not say.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Post {
    pub(super) entry: Visible,
    /// Author, raw text and content: what makes a duplicate.
    pub(super) print: String,
    /// The text as it was sent.
    pub(super) raw: String,
    pub(super) content: Value,
    pub(super) lifecycle: String,
    pub(super) is_comment: bool,
    pub(super) edited_ms: i64,
    pub(super) deleted_ms: Option<i64>,
}

/// One line of the journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Record {
    Granted(Token),
    /// Every token of the member.
    Removed {
        member: String,
    },
    Revoked {
        token: String,
    },
    Uploaded(Box<Upload>),
    Posted(Box<Post>),
    Edited {
        id: String,
        raw: String,
        text: String,
        at_ms: i64,
    },
    Deleted {
        id: String,
        at_ms: i64,
    },
}

/// The state behind one lock.
#[derive(Debug)]
pub(super) struct State {
    pub(super) options: LinkedInOptions,
    pub(super) codes: HashMap<String, Code>,
    pub(super) tokens: Vec<Token>,
    pub(super) uploads: BTreeMap<String, Upload>,
    /// Bytes of uploads that are not closed, by upload and part; a crash loses them, as it loses the addresses they went to.
    pub(super) parts: BTreeMap<(String, usize), Vec<u8>>,
    pub(super) posts: Vec<Post>,
    pub(super) insights: BTreeMap<String, BTreeMap<String, u64>>,
    /// Calls of the app by UTC day.
    pub(super) calls: (i64, usize),
    last_id: u64,
    journal: Journal<Record>,
}

impl State {
    pub(super) fn open(options: LinkedInOptions) -> std::io::Result<Self> {
        let (journal, records) = Journal::open(options.ledger_file.as_deref())?;
        let mut state = Self {
            options,
            codes: HashMap::new(),
            tokens: Vec::new(),
            uploads: BTreeMap::new(),
            parts: BTreeMap::new(),
            posts: Vec::new(),
            insights: BTreeMap::new(),
            calls: (0, 0),
            // Larger than 53 bits: who reads ids as floats shall notice.
            last_id: 7_400_000_000_000_000_001,
            journal,
        };
        for record in records {
            state.apply(record);
        }
        Ok(state)
    }

    /// Makes a change durable, then visible. Nothing may be answered before this returned.
    pub(super) fn commit(&mut self, record: Record) -> Result<(), Refusal> {
        self.journal.append(&record).map_err(|_| Refusal::internal())?;
        self.apply(record);
        Ok(())
    }

    fn apply(&mut self, record: Record) {
        match record {
            Record::Granted(token) => self.tokens.push(token),
            Record::Removed { member } => {
                self.tokens.iter_mut().filter(|token| token.member == member).for_each(|token| token.is_revoked = true);
            }
            Record::Revoked { token: value } => {
                let held = |token: &&mut Token| token.value == value || token.refresh.as_ref() == Some(&value);
                self.tokens.iter_mut().filter(held).for_each(|token| token.is_revoked = true);
            }
            Record::Uploaded(upload) => {
                self.saw(&upload.urn);
                self.uploads.insert(upload.urn.clone(), *upload);
            }
            Record::Posted(post) => {
                self.saw(&post.entry.id);
                self.posts.push(*post);
            }
            Record::Edited { id, raw, text, at_ms } => {
                if let Some(post) = self.posts.iter_mut().find(|post| post.entry.id == id) {
                    let before = std::mem::replace(&mut post.entry.text, text);
                    post.entry.texts_before.push(before);
                    (post.raw, post.edited_ms) = (raw, at_ms);
                }
            }
            Record::Deleted { id, at_ms } => {
                if let Some(post) = self.posts.iter_mut().find(|post| post.entry.id == id) {
                    post.entry.deleted = true;
                    post.deleted_ms = Some(at_ms);
                }
            }
        }
    }

    /// Ids end in a decimal number, a comment's before its bracket.
    fn saw(&mut self, urn: &str) {
        let digits = urn.trim_end_matches(')').rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        self.last_id = self.last_id.max(digits.parse().unwrap_or(0));
    }

    /// Forgets uploads, posts and comments; accounts stay connected.
    pub(super) fn reset(&mut self) -> Result<(), Refusal> {
        self.journal.clear().map_err(|_| Refusal::internal())?;
        self.posts.clear();
        self.uploads.clear();
        self.parts.clear();
        self.insights.clear();
        for token in std::mem::take(&mut self.tokens) {
            self.commit(Record::Granted(token))?;
        }
        Ok(())
    }

    pub(super) fn next_id(&mut self) -> u64 {
        self.last_id += 11;
        self.last_id
    }

    pub(super) fn live(&self, id: &str) -> Option<&Post> {
        self.posts.iter().find(|post| post.entry.id == id && !post.entry.deleted)
    }

    /// What people can see, drafts left out.
    pub(super) fn visible(&self) -> Vec<Visible> {
        self.posts.iter().filter(|post| post.lifecycle == "PUBLISHED").map(|post| post.entry.clone()).collect()
    }

    /// The name behind a URN.
    pub(super) fn name_of(&self, urn: &str) -> Option<String> {
        let member =
            self.options.members.iter().find(|member| member.urn() == urn).map(super::options::SimMember::name);
        member.or_else(|| self.options.pages.iter().find(|page| page.urn() == urn).map(|page| page.name.clone()))
    }
}
