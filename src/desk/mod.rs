//! The desk where posts are written, checked, approved and taken back: the rules that tools and pages share.
//! It never talks to a network (that is `publisher` and `upkeep`) and never words an answer (that is `i18n`).

use std::sync::Arc;

use tokio::sync::Notify;

use crate::clock::{Clock, Entropy};
use crate::domain::account::Health;
use crate::domain::allowance::Allowances;
use crate::domain::banned::BannedWords;
use crate::domain::caller::Caller;
use crate::domain::chat::ConversationNames;
use crate::domain::ids::{AccountId, MediaId, NoticeId, PostId};
use crate::domain::network::Network;
use crate::domain::post::{Content, MediaFacts, Post};
use crate::domain::refusal::Sentence;
use crate::domain::standing::Standings;
use crate::domain::tool::ToolError;
use crate::domain::video::Videos;
use crate::platforms::{Networks, Platform};
use crate::say;
use crate::store::Store;
use crate::store::accounts::StoredAccount;
use crate::store::audit::AuditEvent;
use crate::store::notices::Notice;

mod ask;
mod batch;
mod day;
mod decide;
mod draft;
mod import;
mod limits;
mod permission;
mod question;
mod read;
mod sent;
mod slots;
mod stop;
mod tool_desk;
mod twice;
mod videos;
pub mod view;

pub use ask::{Asked, Wish};
pub use batch::BatchWish;
pub use draft::{Draft, VariantDraft};
pub use import::{BadRows, Imported};
pub use sent::Sent;
pub use stop::Withdrawn;
pub use tool_desk::{Repeated, ToolDesk};
pub use videos::VideoPlan;

/// The desk.
pub struct Desk {
    /// The store.
    pub store: Arc<Store>,
    /// The configured networks.
    pub networks: Networks,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Words that people do not want in their posts.
    pub banned: Arc<dyn BannedWords>,
    /// What people's conversations are called.
    pub conversations: Arc<dyn ConversationNames>,
    /// What networks say of how much of a day is used.
    pub allowances: Arc<dyn Allowances>,
    /// What networks say that accounts may do just now.
    pub standings: Arc<dyn Standings>,
    /// Films that are on networks already, and changes of them.
    pub videos: Arc<dyn Videos>,
    /// Tells the publisher that something may be due.
    pub wake: Arc<Notify>,
}

/// Media shown at once: each is looked for in every post.
const LIBRARY_PAGE: i64 = 20;

impl Desk {
    /// A post of the caller's workspace.
    ///
    /// # Errors
    /// Refused when there is none.
    pub async fn get_post(&self, caller: &Caller, id: &PostId) -> Result<Post, ToolError> {
        let found = self.store.find_post(id, &caller.workspace).await?.filter(|post| is_in_reach(caller, post));
        found.ok_or_else(|| say!("post-not-found", id = id.as_str()).into())
    }

    /// An account of the caller's workspace.
    ///
    /// # Errors
    /// Refused when there is none.
    pub async fn get_account(&self, caller: &Caller, id: &AccountId) -> Result<StoredAccount, ToolError> {
        let found = self.store.find_account(id, &caller.workspace).await?.filter(|_| caller.may_use(id));
        found.ok_or_else(|| say!("account-not-found", id = id.as_str()).into())
    }

    /// The network of an account.
    ///
    /// # Errors
    /// Refused when this server is no longer configured for it.
    pub fn network(&self, network: Network) -> Result<&Arc<dyn Platform>, ToolError> {
        self.networks.get(&network).ok_or_else(|| {
            say!("connect-not-configured", network = network.shown(), keys = format!("{}.*", network.slug())).into()
        })
    }

    /// Media of the workspace, the newest first, behind an id; each with how many drafts and posts use it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn library(
        &self,
        caller: &Caller,
        before: Option<&MediaId>,
    ) -> Result<Vec<(MediaFacts, i64)>, ToolError> {
        let mut found = Vec::new();
        for medium in self.store.list_library(&caller.workspace, before, LIBRARY_PAGE).await? {
            let uses = self.store.count_uses(&medium.id, &caller.workspace).await?;
            found.push((medium, uses));
        }
        Ok(found)
    }

    /// What is known of every medium a content names.
    ///
    /// # Errors
    /// Refused when one is not there.
    pub async fn media_of(&self, caller: &Caller, content: &Content) -> Result<Vec<MediaFacts>, ToolError> {
        let mut facts = Vec::new();
        for id in content.segments.iter().flat_map(|segment| &segment.media) {
            let found = self.store.find_media(id, &caller.workspace).await?;
            facts.push(found.ok_or_else(|| say!("common-not-found-thing", thing = id.as_str()))?);
        }
        Ok(facts)
    }

    /// Finds accounts by id or handle; without any, the one that is connected.
    ///
    /// # Errors
    /// Refused when one is not there, not usable, or it is not clear which is meant.
    pub async fn find_accounts(&self, caller: &Caller, wanted: &[String]) -> Result<Vec<StoredAccount>, ToolError> {
        let all = self.store.list_accounts(&caller.workspace).await?;
        let may = |a: &StoredAccount| a.account.health != Health::Disconnected && caller.may_use(&a.account.id);
        let connected: Vec<_> = all.into_iter().filter(may).collect();
        if wanted.is_empty() {
            return match connected.len() {
                0 => Err(say!("account-none-connected").into()),
                1 => Ok(connected),
                _ => Err(say!("account-ambiguous", given = "–", choices = choices(&connected)).into()),
            };
        }
        let mut found: Vec<StoredAccount> = Vec::new();
        for given in wanted {
            let account = pick(&connected, given)?;
            if found.iter().all(|other| other.account.id != account.account.id) {
                found.push(account);
            }
        }
        Ok(found)
    }

    /// Keeps what was done in the audit chain.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit(&self, caller: &Caller, what: &str, about: &str) -> Result<(), ToolError> {
        let event =
            AuditEvent { workspace: &caller.workspace, user: &caller.user, via: caller.via.word(), what, about };
        Ok(self.store.insert_audit(&event, self.clock.now_ms()).await?)
    }

    fn notice(&self, what: Option<Sentence>, post: &PostId) -> Option<(NoticeId, Notice)> {
        let now = self.clock.now_ms();
        what.map(|what| {
            (NoticeId::generate(now, self.entropy.bits()), Notice { post: Some(post.clone()), what, created_at: now })
        })
    }
}

/// Whether a caller may see a post at all: one that is for any account outside their reach is not there for them.
fn is_in_reach(caller: &Caller, post: &Post) -> bool {
    post.variants.iter().all(|variant| caller.may_use(&variant.account))
}

fn choices(accounts: &[StoredAccount]) -> String {
    let shown =
        accounts.iter().map(|a| format!("@{} ({}, {})", a.account.handle, a.account.network.shown(), a.account.id));
    shown.collect::<Vec<_>>().join("; ")
}

fn pick(connected: &[StoredAccount], given: &str) -> Result<StoredAccount, Sentence> {
    let handle = given.trim().trim_start_matches('@');
    let fits: Vec<_> = connected
        .iter()
        .filter(|a| {
            a.account.id.as_str() == given
                || a.account.handle.eq_ignore_ascii_case(handle)
                || a.account.network.slug() == given
        })
        .collect();
    match fits.as_slice() {
        [one] => Ok((*one).clone()),
        [] => Err(say!("account-not-found", id = given.chars().take(60).collect::<String>())),
        _ => Err(say!(
            "account-ambiguous",
            given = given.chars().take(60).collect::<String>(),
            choices = choices(connected)
        )),
    }
}
