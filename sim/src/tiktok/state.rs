//! What the simulated TikTok knows: tokens, posts on their way and out, and the journal that survives a crash.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::options::{SimCreator, TikTokOptions};
use super::refusal::Refusal;
use crate::ledger::{Journal, Visible, VisibleMedia};

/// One pair of tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The access token.
    pub access: String,
    /// When it dies.
    pub access_expires_ms: i64,
    /// The refresh token.
    pub refresh: String,
    /// When that dies.
    pub refresh_expires_ms: i64,
    /// Whose.
    pub open_id: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// The refresh token was spent: it is good once (§1.2).
    pub is_spent: bool,
    /// Taken back.
    pub is_revoked: bool,
}

/// A code that waits for its exchange.
#[derive(Clone, Debug)]
pub(super) struct Code {
    pub(super) redirect_uri: String,
    pub(super) open_id: String,
    pub(super) scopes: Vec<String>,
    pub(super) challenge: Option<String>,
    pub(super) issued_ms: i64,
}

/// Where a post comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Source {
    File,
    Url,
}

/// How a file comes in parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Plan {
    pub(super) size: u64,
    pub(super) chunk: u64,
    pub(super) count: u64,
    /// In the address; who does not have it uploads nothing.
    pub(super) key: String,
    pub(super) expires_ms: i64,
}

/// One accepted init: a post, unless it fails. Nothing makes two of them one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Publish {
    pub(super) id: String,
    pub(super) open_id: String,
    pub(super) is_photo: bool,
    /// Posted at once, or laid into the inbox.
    pub(super) is_direct: bool,
    pub(super) source: Source,
    pub(super) plan: Option<Plan>,
    pub(super) info: Value,
    pub(super) begun_ms: i64,
    /// How much has come.
    pub(super) bytes: u64,
    /// When all of it was there, and what it was.
    pub(super) arrived_ms: Option<i64>,
    pub(super) media: Vec<VisibleMedia>,
    /// What its waiting was at that time.
    pub(super) waits_ms: (i64, i64),
    pub(super) failure: Option<String>,
    pub(super) failed_ms: i64,
    /// When the creator posted it out of the inbox.
    pub(super) finished_ms: Option<i64>,
    pub(super) post_id: u64,
}

impl Publish {
    /// When it is out, if it will be.
    pub(super) fn out_ms(&self) -> Option<i64> {
        let processed = self.arrived_ms? + self.waits_ms.0;
        match (&self.failure, self.is_direct) {
            (Some(_), _) => None,
            (None, true) => Some(processed),
            (None, false) => self.finished_ms,
        }
    }

    /// When everybody sees it: public and moderated.
    pub(super) fn public_ms(&self) -> Option<i64> {
        let is_public = self.audience() == "PUBLIC_TO_EVERYONE";
        self.out_ms().filter(|_| is_public).map(|out| out + self.waits_ms.1)
    }

    pub(super) fn audience(&self) -> &str {
        self.info["privacy_level"].as_str().unwrap_or(if self.is_direct { "" } else { "SELF_ONLY" })
    }

    /// The word of the status call (§4.6).
    pub(super) fn status(&self, now_ms: i64) -> &'static str {
        let is_processed = self.arrived_ms.is_some_and(|at| now_ms >= at + self.waits_ms.0);
        match self {
            Self { failure: Some(_), .. } if now_ms >= self.failed_ms => "FAILED",
            _ if self.out_ms().is_some_and(|out| now_ms >= out) => "PUBLISH_COMPLETE",
            Self { is_direct: false, .. } if is_processed => "SEND_TO_USER_INBOX",
            Self { source: Source::File, .. } => "PROCESSING_UPLOAD",
            Self { source: Source::Url, .. } => "PROCESSING_DOWNLOAD",
        }
    }

    pub(super) fn is_final(&self, now_ms: i64) -> bool {
        matches!(self.status(now_ms), "FAILED" | "PUBLISH_COMPLETE" | "SEND_TO_USER_INBOX")
    }
}

/// One line of the journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Record {
    Granted(Token),
    Spent {
        refresh: String,
    },
    /// Everything that a creator gave.
    Removed {
        open_id: String,
        at_ms: i64,
    },
    Begun(Box<Publish>),
    Arrived {
        id: String,
        media: Vec<VisibleMedia>,
        waits_ms: (i64, i64),
        at_ms: i64,
    },
    Failed {
        id: String,
        reason: String,
        at_ms: i64,
    },
    Finished {
        id: String,
        info: Value,
        at_ms: i64,
    },
}

/// The state behind one lock.
#[derive(Debug)]
pub(super) struct State {
    pub(super) options: TikTokOptions,
    pub(super) codes: HashMap<String, Code>,
    pub(super) tokens: Vec<Token>,
    pub(super) publishes: Vec<Publish>,
    /// Bytes of files that are not whole; a crash loses them, as it loses the addresses they went to.
    pub(super) parts: BTreeMap<String, Vec<u8>>,
    pub(super) insights: BTreeMap<String, BTreeMap<String, u64>>,
    /// Instants of calls within the last minute, by who calls and what.
    pub(super) calls: BTreeMap<(String, &'static str), Vec<i64>>,
    /// Webhooks that nobody took yet are those of `hooks::due` that are not in here.
    pub(super) delivered: Vec<String>,
    /// Who removed the app, when, and why.
    pub(super) removals: Vec<(String, i64, u8)>,
    last_id: u64,
    journal: Journal<Record>,
}

impl State {
    pub(super) fn open(options: TikTokOptions) -> std::io::Result<Self> {
        let (journal, records) = Journal::open(options.ledger_file.as_deref())?;
        let mut state = Self {
            options,
            codes: HashMap::new(),
            tokens: Vec::new(),
            publishes: Vec::new(),
            parts: BTreeMap::new(),
            insights: BTreeMap::new(),
            calls: BTreeMap::new(),
            delivered: Vec::new(),
            removals: Vec::new(),
            // Larger than 53 bits: who reads ids as floats shall notice.
            last_id: 7_512_345_678_901_234_567,
            journal,
        };
        for record in records {
            state.apply(record);
        }
        // Whoever was pulling is gone.
        for publish in state.publishes.iter_mut().filter(|publish| publish.source == Source::Url) {
            if publish.arrived_ms.is_none() && publish.failure.is_none() {
                (publish.failure, publish.failed_ms) = (Some("internal".into()), publish.begun_ms);
            }
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
            Record::Spent { refresh } => {
                self.tokens.iter_mut().filter(|token| token.refresh == refresh).for_each(|token| token.is_spent = true);
            }
            Record::Removed { open_id, at_ms } => {
                self.tokens
                    .iter_mut()
                    .filter(|token| token.open_id == open_id)
                    .for_each(|token| token.is_revoked = true);
                for publish in self.publishes.iter_mut().filter(|publish| publish.open_id == open_id) {
                    if !publish.is_final(at_ms) {
                        (publish.failure, publish.failed_ms) = (Some("auth_removed".into()), at_ms);
                    }
                }
            }
            Record::Begun(publish) => {
                self.last_id = self.last_id.max(publish.post_id);
                self.publishes.push(*publish);
            }
            Record::Arrived { id, media, waits_ms, at_ms } => {
                if let Some(publish) = self.publish_mut(&id).filter(|publish| publish.failure.is_none()) {
                    publish.bytes = media.iter().map(|one| one.bytes).sum();
                    (publish.media, publish.waits_ms, publish.arrived_ms) = (media, waits_ms, Some(at_ms));
                }
            }
            Record::Failed { id, reason, at_ms } => {
                if let Some(publish) = self.publish_mut(&id).filter(|publish| publish.failure.is_none()) {
                    (publish.failure, publish.failed_ms) = (Some(reason), at_ms);
                }
            }
            Record::Finished { id, info, at_ms } => {
                if let Some(publish) = self.publish_mut(&id) {
                    (publish.info, publish.finished_ms) = (info, Some(at_ms));
                }
            }
        }
    }

    fn publish_mut(&mut self, id: &str) -> Option<&mut Publish> {
        self.publishes.iter_mut().find(|publish| publish.id == id)
    }

    /// Forgets posts; accounts stay connected.
    pub(super) fn reset(&mut self) -> Result<(), Refusal> {
        self.journal.clear().map_err(|_| Refusal::internal())?;
        self.publishes.clear();
        self.parts.clear();
        self.insights.clear();
        self.calls.clear();
        self.delivered.clear();
        self.removals.clear();
        for token in std::mem::take(&mut self.tokens) {
            self.commit(Record::Granted(token))?;
        }
        Ok(())
    }

    pub(super) fn next_id(&mut self) -> u64 {
        self.last_id += 13;
        self.last_id
    }

    pub(super) fn creator(&self, open_id: &str) -> Option<&SimCreator> {
        self.options.creators.iter().find(|creator| creator.open_id == open_id)
    }

    /// What people can see by now.
    pub(super) fn visible(&self, now_ms: i64) -> Vec<Visible> {
        let out = self.publishes.iter().filter_map(|publish| Some((publish, publish.out_ms()?)));
        let mut out: Vec<(&Publish, i64)> = out.filter(|(_, at)| *at <= now_ms).collect();
        out.sort_by_key(|(publish, at)| (*at, publish.post_id));
        out.into_iter().map(|(publish, at)| self.entry(publish, at)).collect()
    }

    fn entry(&self, publish: &Publish, created_at_ms: i64) -> Visible {
        let text = |name: &str| publish.info[name].as_str().unwrap_or_default().to_owned();
        let mut details = publish.info.clone();
        details["publish_id"] = json!(publish.id);
        Visible {
            id: publish.post_id.to_string(),
            account_name: self.creator(&publish.open_id).map(|creator| creator.username.clone()).unwrap_or_default(),
            account_id: publish.open_id.clone(),
            kind: if publish.is_photo { "photo" } else { "video" }.into(),
            text: if publish.is_photo { text("description") } else { text("title") },
            texts_before: Vec::new(),
            media: publish.media.clone(),
            audience: publish.audience().to_owned(),
            parent: None,
            details,
            created_at_ms,
            deleted: false,
        }
    }
}
