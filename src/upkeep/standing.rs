//! Asking networks what an account may do just now, for whoever is about to plan something there. What it means for a post is each network's own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;

use super::tokens::{Freshness, TokenKeeper};
use crate::clock::Clock;
use crate::domain::account::Account;
use crate::domain::commit::CallFault;
use crate::domain::ids::AccountId;
use crate::domain::post::{Content, Finding, MediaFacts, Severity};
use crate::domain::refusal::Sentence;
use crate::domain::standing::Standings;
use crate::platforms::{Networks, Platform};

/// A person waits for the answer: what is not said by then is found out when it is due.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long an answer counts: a plan of many posts asks once.
const KNOWN_MS: i64 = 60_000;
/// Answers that are kept at all.
const KNOWN_MAX: usize = 1_000;

/// What was said of an account.
#[derive(Debug, Clone)]
enum Said {
    /// In the network's own words.
    Standing(Value),
    /// It may post nothing.
    Nothing(Sentence),
    /// No answer.
    Silence,
}

/// Asks, and remembers for a minute.
pub struct StandingKeeper {
    /// The configured networks.
    pub networks: Networks,
    /// Opens tokens.
    pub tokens: Arc<TokenKeeper>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    known: Mutex<BTreeMap<AccountId, (i64, Said)>>,
}

impl StandingKeeper {
    /// One that knows nothing yet.
    #[must_use]
    pub fn new(networks: Networks, tokens: Arc<TokenKeeper>, clock: Arc<dyn Clock>) -> Self {
        Self { networks, tokens, clock, known: Mutex::default() }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, BTreeMap<AccountId, (i64, Said)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, platform: &dyn Platform, account: &Account) -> Said {
        let wanted = Freshness::until(self.clock.now_ms() + KNOWN_MS);
        let Ok(access) = self.tokens.access(platform, account, wanted).await else { return Said::Silence };
        match platform.standing(&access.token).await {
            Ok(standing) => Said::Standing(standing),
            Err(CallFault::Refused(why) | CallFault::Blocked(why)) => Said::Nothing(why),
            Err(fault @ (CallFault::Later { .. } | CallFault::Unauthorized { .. })) => {
                tracing::info!(account.id = %account.id, error = %fault, "what the account may do was not told");
                Said::Silence
            }
        }
    }

    async fn said(&self, platform: &dyn Platform, account: &Account) -> Said {
        let now = self.clock.now_ms();
        if let Some((at, said)) = self.known().get(&account.id)
            && (0..KNOWN_MS).contains(&(now - at))
        {
            return said.clone();
        }
        let said = tokio::time::timeout(PATIENCE, self.ask(platform, account)).await.unwrap_or(Said::Silence);
        let mut known = self.known();
        if known.len() >= KNOWN_MAX {
            known.retain(|_, (at, _)| (0..KNOWN_MS).contains(&(now - *at)));
        }
        if known.len() < KNOWN_MAX {
            known.insert(account.id.clone(), (now, said.clone()));
        }
        said
    }
}

#[async_trait]
impl Standings for StandingKeeper {
    async fn check(&self, account: &Account, content: &Content, media: &[MediaFacts]) -> Vec<Finding> {
        let Some(platform) = self.networks.get(&account.network).filter(|platform| platform.has_standing(content))
        else {
            return Vec::new();
        };
        match self.said(platform.as_ref(), account).await {
            Said::Standing(standing) => platform.check_standing(&standing, content, media),
            Said::Nothing(what) => vec![Finding { severity: Severity::Error, part: None, what }],
            Said::Silence => Vec::new(),
        }
    }
}
