//! The rehearsal of the coming day: each hour everything that is due within it is gone through as if it were sent, up to the step before the
//! network could show anything. A person hears of it when something needs them, and again only when that changes.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::Publisher;
use crate::domain::account::Health;
use crate::domain::allowance::{Allowance, Room};
use crate::domain::delivery::{Delivery, LEASE_MS, State};
use crate::domain::ids::{AccountId, NoticeId, WorkspaceId};
use crate::domain::post::{Severity, content_hash};
use crate::domain::purpose::first_lacking;
use crate::domain::refusal::Sentence;
use crate::domain::shelf::MediaFile;
use crate::say;
use crate::store::StoreError;
use crate::store::accounts::StoredAccount;
use crate::store::notices::Notice;
use crate::upkeep::tokens::{Freshness, TokenProblem};

/// A medium is read this much at a time.
const PIECE: usize = 1 << 20;
/// How far ahead is rehearsed.
const AHEAD_MS: i64 = 24 * 3_600_000;
/// How often one workspace is rehearsed.
const EVERY_MS: i64 = 3_600_000;
/// How often it is looked for workspaces that are due: several processes share them.
const LOOK: Duration = Duration::from_secs(300);
/// Most notices of single posts in one go; the rest is in the count, and on the page of today.
const TOLD_MAX: usize = 5;

/// What the rehearsal of one workspace came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rehearsal {
    /// Deliveries that would go out.
    pub ready: usize,
    /// Deliveries that would not, with the reason.
    pub needs: Vec<(Delivery, Sentence)>,
}

/// What a network still takes of one account.
struct Left {
    posts: i64,
    replies: Option<i64>,
}

impl Left {
    fn of(said: Allowance) -> Self {
        Self { posts: said.posts.left(), replies: said.replies.map(Room::left) }
    }

    /// Takes what a delivery uses up; whether there was not enough.
    fn take(&mut self, delivery: &Delivery) -> bool {
        let begins = i64::from(delivery.progress.accepted == 0);
        self.posts -= begins;
        let replies = self.replies.as_mut().map(|left| {
            *left -= delivery.progress.parts - delivery.progress.accepted - begins;
            *left
        });
        (begins == 1 && self.posts < 0) || replies.is_some_and(|left| left < 0)
    }
}

impl Publisher {
    /// Rehearses until told to stop.
    pub async fn rehearse_until(&self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.give_up_left(&stop).await {
                tracing::error!(error = %error, "what was stopped could not be cleared away; it is tried again");
            }
            if let Err(error) = self.rehearse_all().await {
                tracing::error!(error = %error, "the coming day could not be rehearsed; it is tried again");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Rehearses every workspace that has something due soon and was not rehearsed within the hour.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rehearse_all(&self) -> Result<(), StoreError> {
        let now = self.store.now_ms().await?;
        for workspace in self.store.list_workspaces_due(now, now + AHEAD_MS).await? {
            // One process does it, and once an hour.
            let Some(told) = self.store.claim_rehearsal(&workspace, now, now - EVERY_MS).await? else { continue };
            let found = self.rehearse(&workspace, now).await?;
            let digest = digest(&found);
            if !found.needs.is_empty() && digest != told {
                self.tell(&found).await?;
            }
            if digest != told {
                self.store.save_rehearsal(&workspace, &digest, now).await?;
            }
        }
        Ok(())
    }

    /// Goes through what is due in a workspace within a day. Nothing is sent and no row is changed but a token that is refreshed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rehearse(&self, workspace: &WorkspaceId, now: i64) -> Result<Rehearsal, StoreError> {
        let (mut found, mut left) = (Rehearsal::default(), BTreeMap::new());
        for delivery in self.store.list_due_soon(workspace, now, now + AHEAD_MS).await? {
            let problem = match self.problem(&delivery, now).await? {
                None => self.no_room(&delivery, now, &mut left).await?,
                problem => problem,
            };
            match problem {
                None => found.ready += 1,
                Some(why) => found.needs.push((delivery, why)),
            }
        }
        Ok(found)
    }

    /// Why a delivery would not go out if it were sent now.
    async fn problem(&self, delivery: &Delivery, now: i64) -> Result<Option<Sentence>, StoreError> {
        if matches!(delivery.state, State::Blocked | State::Unapproved) {
            return Ok(Some(delivery.reason.clone().unwrap_or_else(|| delivery.state.wording())));
        }
        let Some(stored) = self.find_account(delivery).await? else {
            return Ok(Some(say!("delivery-reason-disconnected")));
        };
        let account = stored.account;
        if account.health != Health::Fine {
            return Ok(Some(say!("delivery-reason-reconnect")));
        }
        let Some(platform) = self.platform(&account) else {
            let keys = format!("{}.*", account.network.slug());
            return Ok(Some(say!("connect-not-configured", network = account.network.shown(), keys = keys)));
        };
        let stops = self.store.list_network_stops(now).await?;
        if let Some(stop) = stops.into_iter().find(|stop| stop.network == account.network && stop.until > delivery.slot)
        {
            return Ok(Some(stop.why));
        }
        let Some((variant, facts)) = self.content(delivery).await? else {
            return Ok(Some(say!("delivery-reason-edited")));
        };
        let purposes = platform.purposes(&variant.content);
        if let Some((scope, _)) = first_lacking(platform.uses(), &purposes, &account.scopes) {
            return Ok(Some(say!("rehearsal-scope", scope = scope)));
        }
        if content_hash(&delivery.account, &variant.content, &facts) != delivery.content_hash {
            return Ok(Some(say!("delivery-reason-edited")));
        }
        // The rules may have changed with a new version of this server since the post was approved.
        let findings = platform.check(&variant.content, &facts);
        if let Some(error) = findings.into_iter().find(|finding| finding.severity == Severity::Error) {
            return Ok(Some(error.what));
        }
        for medium in &facts {
            if !is_whole(&MediaFile::new(medium.clone(), self.shelf.clone())).await {
                return Ok(Some(say!("rehearsal-media", id = medium.id.as_str())));
            }
        }
        Ok(match self.tokens.access(platform, &account, Freshness::until(now + LEASE_MS)).await {
            Ok(_) => None,
            Err(TokenProblem::Reconnect(why)) => Some(why),
            // The network is out of reach just now; that says nothing of tomorrow.
            Err(TokenProblem::Later(_)) => None,
        })
    }

    /// Why the network might not take one more post of this account by then: what it says is left, less what goes out before. What it cannot say
    /// just now says nothing of tomorrow.
    async fn no_room(
        &self,
        delivery: &Delivery,
        now: i64,
        left: &mut BTreeMap<AccountId, Option<Left>>,
    ) -> Result<Option<Sentence>, StoreError> {
        let Some(StoredAccount { account, .. }) = self.find_account(delivery).await? else { return Ok(None) };
        let Some(platform) = self.platform(&account).filter(|platform| platform.tells_allowance()) else {
            return Ok(None);
        };
        if !left.contains_key(&delivery.account) {
            let says = match self.tokens.access(platform, &account, Freshness::until(now + LEASE_MS)).await {
                Ok(access) => platform.allowance(&access.token, &account).await.ok().flatten(),
                Err(_) => None,
            };
            left.insert(delivery.account.clone(), says.map(Left::of));
        }
        let Some(Some(left)) = left.get_mut(&delivery.account) else { return Ok(None) };
        let is_over = left.take(delivery);
        Ok(is_over.then(|| say!("rehearsal-allowance", handle = &account.handle, network = account.network.shown())))
    }

    async fn tell(&self, found: &Rehearsal) -> Result<(), StoreError> {
        let now = self.clock.now_ms();
        let Some((first, _)) = found.needs.first() else { return Ok(()) };
        let summary = say!("notice-rehearsal", ready = found.ready, needs = found.needs.len());
        let mut notices = vec![(&first.user, Notice { post: None, what: summary, created_at: now })];
        for (delivery, why) in found.needs.iter().take(TOLD_MAX) {
            // Told already where it stands so: this is for what nobody has seen yet.
            if !matches!(delivery.state, State::Blocked | State::Unapproved) {
                let post = Some(delivery.post.clone());
                notices.push((&delivery.user, Notice { post, what: why.clone(), created_at: now }));
            }
        }
        for (user, notice) in notices {
            self.store.insert_notice(&NoticeId::generate(now, self.entropy.bits()), user, &notice).await?;
        }
        Ok(())
    }
}

/// Whether its bytes are those that were approved. Of one that lies elsewhere only the end is looked at: reading films from a store every hour
/// costs its operator more than the store's own sums leave to be found.
async fn is_whole(medium: &MediaFile) -> bool {
    if medium.is_far() {
        return match medium.range(medium.len().saturating_sub(1), 1).await {
            Ok(_) => true,
            // A store that is away says nothing of tomorrow.
            Err(error) => !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::UnexpectedEof),
        };
    }
    let mut hash = Sha256::new();
    for from in (0..medium.len()).step_by(PIECE) {
        match medium.range(from, PIECE).await {
            Ok(bytes) => hash.update(&bytes),
            Err(_) => return false,
        }
    }
    hex::encode(hash.finalize()) == medium.facts.sha256
}

/// What tells one result from another: which deliveries need somebody, and why. How many are ready changes by itself.
fn digest(found: &Rehearsal) -> String {
    let needs: Vec<_> = found.needs.iter().map(|(delivery, why)| format!("{} {}", delivery.id, why.key)).collect();
    needs.join("\n")
}
