//! What the simulated Google knows about people and tokens, and the journal that survives a crash. What a service
//! knows beyond that lives in the service's folder.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::ga4::Ga4;
use super::gsc::Gsc;
use super::options::{GoogleOptions, GoogleUser};
use super::problem::Problem;
use super::youtube::{Video, Youtube};
use crate::ledger::Journal;

/// So many refresh tokens live per person and client; the oldest dies silently (§1.5).
pub(super) const REFRESH_TOKENS_MAX: usize = 100;

/// One consent's tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Whose.
    pub sub: String,
    /// The channel that the tokens act as, where YouTube was asked for.
    pub channel: Option<String>,
    /// What it may do.
    pub scopes: Vec<String>,
    /// The newest access token.
    pub access: String,
    /// When that dies.
    pub access_expires_ms: i64,
    /// The refresh token, if one was given.
    pub refresh: Option<String>,
    /// When that dies, for grants that are limited in time.
    pub refresh_expires_ms: Option<i64>,
}

/// A code that waits for its exchange.
#[derive(Clone, Debug)]
pub(super) struct Code {
    pub(super) redirect_uri: String,
    pub(super) sub: String,
    pub(super) channel: Option<String>,
    pub(super) scopes: BTreeSet<String>,
    pub(super) challenge: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) wants_refresh: bool,
    pub(super) issued_ms: i64,
}

/// An access token.
#[derive(Clone, Debug)]
pub(super) struct Access {
    pub(super) sub: String,
    pub(super) channel: Option<String>,
    pub(super) scopes: Vec<String>,
    pub(super) expires_ms: i64,
}

/// One line of the journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Record {
    /// Tokens were given, or given anew for the same refresh token.
    Granted(Grant),
    /// All that this person had granted is gone.
    Revoked { sub: String },
    /// A refresh token died alone.
    Spent { refresh: String },
    /// A video came, or changed.
    Video(Box<Video>),
}

/// The state behind one lock.
#[derive(Debug)]
pub(super) struct State {
    pub(super) options: GoogleOptions,
    pub(super) codes: HashMap<String, Code>,
    /// By refresh token, or by access token where there is none; in order of age.
    pub(super) grants: Vec<Grant>,
    pub(super) accesses: HashMap<String, Access>,
    /// What each person consented to, as incremental consent adds it up.
    pub(super) consents: BTreeMap<String, BTreeSet<String>>,
    pub(super) ga4: Ga4,
    pub(super) gsc: Gsc,
    pub(super) youtube: Youtube,
    journal: Journal<Record>,
}

impl State {
    pub(super) fn open(options: GoogleOptions, now_ms: i64) -> std::io::Result<Self> {
        let (journal, records) = Journal::open(options.ledger_file.as_deref())?;
        let ga4 = Ga4::new(options.seed, now_ms);
        let gsc = Gsc::new(options.seed, now_ms);
        let youtube = Youtube::new(&options, now_ms);
        let mut state = Self {
            options,
            codes: HashMap::new(),
            grants: Vec::new(),
            accesses: HashMap::new(),
            consents: BTreeMap::new(),
            ga4,
            gsc,
            youtube,
            journal,
        };
        for record in records {
            state.apply(record);
        }
        Ok(state)
    }

    /// Makes a change durable, then visible. Nothing may be answered before this returned.
    pub(super) fn commit(&mut self, record: Record) -> Result<(), Problem> {
        self.journal.append(&record).map_err(|_| Problem::internal())?;
        self.apply(record);
        Ok(())
    }

    fn apply(&mut self, record: Record) {
        match record {
            Record::Granted(grant) => self.keep(grant),
            Record::Revoked { sub } => {
                self.grants.retain(|grant| grant.sub != sub);
                self.accesses.retain(|_, access| access.sub != sub);
                self.consents.remove(&sub);
            }
            Record::Video(video) => self.youtube.keep(*video),
            Record::Spent { refresh } => self.grants.retain(|grant| grant.refresh.as_deref() != Some(&refresh)),
        }
    }

    fn keep(&mut self, grant: Grant) {
        let access = Access {
            sub: grant.sub.clone(),
            channel: grant.channel.clone(),
            scopes: grant.scopes.clone(),
            expires_ms: grant.access_expires_ms,
        };
        self.accesses.insert(grant.access.clone(), access);
        self.consents.entry(grant.sub.clone()).or_default().extend(grant.scopes.iter().cloned());
        let known = self.grants.iter_mut().find(|known| known.refresh.is_some() && known.refresh == grant.refresh);
        if let Some(known) = known {
            *known = grant;
            return;
        }
        let sub = grant.sub.clone();
        self.grants.push(grant);
        let of_user = |grant: &Grant| grant.sub == sub && grant.refresh.is_some();
        if self.grants.iter().filter(|grant| of_user(grant)).count() > REFRESH_TOKENS_MAX
            && let Some(oldest) = self.grants.iter().position(of_user)
        {
            self.grants.remove(oldest);
        }
    }

    /// Forgets what the services were told; people stay connected.
    pub(super) fn reset(&mut self, now_ms: i64) -> Result<(), Problem> {
        self.journal.clear().map_err(|_| Problem::internal())?;
        self.ga4 = Ga4::new(self.options.seed, now_ms);
        self.gsc = Gsc::new(self.options.seed, now_ms);
        self.youtube = Youtube::new(&self.options, now_ms);
        for grant in std::mem::take(&mut self.grants) {
            self.commit(Record::Granted(grant))?;
        }
        Ok(())
    }

    pub(super) fn user(&self, name: &str) -> Option<&GoogleUser> {
        self.options.users.iter().find(|user| user.sub == name || user.email == name)
    }
}
