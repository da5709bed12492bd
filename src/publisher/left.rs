//! What lies at a network for what did not go out: a film that was brought there before its time, where nobody but its owner sees it. However a post
//! ends (stopped, missed, failed, a person asked, its account let go, forgotten), it is removed where it is ours alone and nobody had a hand in it,
//! and else named to its person with its place.

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::Publisher;
use crate::domain::account::{Account, Health};
use crate::domain::commit::{CallFault, GivenUp};
use crate::domain::delivery::{Delivery, LEASE_MS, State};
use crate::domain::ids::{NoticeId, PostId};
use crate::domain::network::Network;
use crate::domain::refusal::{Arg, Sentence};
use crate::platforms::{Notes, Part, Platform};
use crate::say;
use crate::store::StoreError;
use crate::store::deliveries::DELIVERIES_MAX;
use crate::store::notices::Notice;
use crate::upkeep::tokens::{Freshness, TokenProblem};

/// What ended longer ago is left to its person.
const LEFT_MS: i64 = 30 * 24 * 3_600_000;
/// Pages of a hundred that one round looks through: what waits for its network holds up nobody behind it.
const PAGES_MAX: usize = 20;
/// For so long after its time it is waited for an account that must be connected again; then the place is named as far as it is known.
const RECONNECT_MS: i64 = 24 * 3_600_000;

/// The note of an upload as it was before its delivery's row went.
struct Held(Option<SecretString>);

#[async_trait]
impl Notes for Held {
    async fn find(&self) -> Result<Option<SecretString>, CallFault> {
        Ok(self.0.as_ref().map(|note| SecretString::from(note.expose_secret().to_owned())))
    }

    async fn keep(&self, _note: &SecretString) -> Result<(), CallFault> {
        Err(CallFault::Later { after_ms: None, why: "the delivery is gone".into() })
    }
}

/// Something that may lie at a network, with all that it takes to see to it.
pub struct Left {
    network: Network,
    account: Account,
    delivery: Delivery,
    part: Part,
}

/// What is done about it.
enum Fate {
    /// Nothing lies there, or nobody knows of anything.
    Nothing,
    /// It is dealt with once its person has read this.
    Told(Sentence),
    /// Not known just now.
    Later,
}

impl Publisher {
    /// Says where something lies that was brought to the network for what will not go out, where it does.
    pub(super) async fn tell_left(
        &self,
        delivery: &Delivery,
        (platform, access): (&dyn Platform, &SecretString),
        part: &Part,
    ) -> Result<(), StoreError> {
        match platform.find_left(access, part, delivery.handle.as_ref()).await {
            Ok(Some(link)) => self.tell_place(delivery, &link, say!("notice-left-private", link = &link)).await,
            Ok(None) => Ok(()),
            Err(fault) => {
                tracing::info!(delivery.id = %delivery.id, error = %fault, "what is left at the network could not be read");
                Ok(())
            }
        }
    }

    /// The same for a delivery whose outcome a person must tell: where they look.
    pub(super) async fn tell_asked(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let Some(left) = self.left_of(delivery).await? else { return Ok(()) };
        let Some(platform) = self.networks.get(&left.network) else { return Ok(()) };
        let now = self.store.now_ms().await?;
        let access = self.tokens.access(platform.as_ref(), &left.account, Freshness::until(now + LEASE_MS)).await;
        if let Ok(access) = access {
            match platform.find_left(&access.token, &left.part, delivery.handle.as_ref()).await {
                Ok(Some(link)) => {
                    return self.tell_place(delivery, &link, say!("notice-left-private", link = &link)).await;
                }
                Ok(None) => return Ok(()),
                // As far as it is known without reading it.
                Err(_) => {}
            }
        }
        match platform.name_left(&left.part, delivery.handle.as_ref()).await {
            Ok(Some(link)) => self.tell_place(delivery, &link, unseen(&left.account, &link)).await,
            Ok(None) | Err(_) => Ok(()),
        }
    }

    pub(super) async fn notify(&self, delivery: &Delivery, what: Sentence) -> Result<(), StoreError> {
        let created_at = self.clock.now_ms();
        let notice = Notice { post: Some(delivery.post.clone()), what, created_at };
        self.store.insert_notice(&NoticeId::generate(created_at, self.entropy.bits()), &delivery.user, &notice).await
    }

    /// Names a place once for each delivery, whichever way it is come upon.
    async fn tell_place(&self, delivery: &Delivery, link: &str, what: Sentence) -> Result<(), StoreError> {
        let hash = Sha256::digest(format!("left {} {link}", delivery.id).as_bytes());
        let bits = hash.iter().take(10).fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
        let notice = Notice { post: Some(delivery.post.clone()), what, created_at: self.clock.now_ms() };
        let id = NoticeId::generate(delivery.slot, bits);
        self.store.insert_notice_once(&id, &delivery.user, &notice).await.map(drop)
    }

    /// Sees to what lies at networks for deliveries that ended without going out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn give_up_left(&self, stop: &CancellationToken) -> Result<(), StoreError> {
        for (network, platform) in &self.networks {
            if !platform.prepares_ahead() {
                continue;
            }
            let now = self.store.now_ms().await?;
            let mut last: Option<(i64, String)> = None;
            for _ in 0..PAGES_MAX {
                let after = last.as_ref().map_or((now - LEFT_MS, ""), |(slot, id)| (*slot, id.as_str()));
                let found = self.store.list_left_at(*network, after).await?;
                let Some(end) = found.last() else { break };
                last = Some((end.slot, end.id.to_string()));
                for delivery in &found {
                    // Between two, not within one: a token that is being refreshed would be lost.
                    if stop.is_cancelled() {
                        return Ok(());
                    }
                    self.give_up(delivery, platform.as_ref(), now).await?;
                }
            }
        }
        Ok(())
    }

    async fn give_up(&self, delivery: &Delivery, platform: &dyn Platform, now: i64) -> Result<(), StoreError> {
        let Some(left) = self.left_of(delivery).await? else { return Ok(()) };
        // Listed a while ago: what was scheduled again since takes up what lies there.
        let row = self.store.find_delivery(&delivery.id).await?;
        if row.is_none_or(|row| row.epoch != delivery.epoch || row.state != delivery.state) {
            return Ok(());
        }
        let fate = self.fate(&left, platform, now).await;
        match fate {
            Fate::Later => Ok(()),
            Fate::Nothing => self.store.update_left_gone(delivery).await.map(drop),
            // Told first: whoever dies in between tells it once all the same.
            Fate::Told(what) => {
                let link = what.args.iter().find(|(name, _)| name == "link").map(|(_, value)| value.clone());
                let link = match link {
                    Some(Arg::Text(link)) => link,
                    Some(Arg::Number(_) | Arg::At(_)) | None => String::new(),
                };
                self.tell_place(delivery, &link, what).await?;
                self.store.update_left_gone(delivery).await.map(drop)
            }
        }
    }

    async fn left_of(&self, delivery: &Delivery) -> Result<Option<Left>, StoreError> {
        let Some(stored) = self.find_account(delivery).await? else { return Ok(None) };
        let account = stored.account;
        if !self.networks.get(&account.network).is_some_and(|platform| platform.prepares_ahead()) {
            return Ok(None);
        }
        let Some((variant, facts)) = self.content(delivery).await? else { return Ok(None) };
        let Some(mut part) = self.part(delivery, &variant, facts).await? else { return Ok(None) };
        part.notes = Some(self.tokens.notes(delivery, &account));
        Ok(Some(Left { network: account.network, account, delivery: delivery.clone(), part }))
    }

    async fn fate(&self, left: &Left, platform: &dyn Platform, now: i64) -> Fate {
        let Left { account, delivery, part, .. } = left;
        let handle = delivery.handle.as_ref();
        let access = match account.health {
            Health::Disconnected => None,
            Health::NeedsReconnecting if now < delivery.slot + RECONNECT_MS => return Fate::Later,
            Health::NeedsReconnecting => None,
            Health::Fine => match self.tokens.access(platform, account, Freshness::until(now + LEASE_MS)).await {
                Ok(access) => Some(access),
                Err(TokenProblem::Later(_)) => return Fate::Later,
                Err(TokenProblem::Reconnect(_)) => None,
            },
        };
        let Some(access) = access else {
            return match platform.name_left(part, handle).await {
                Ok(Some(link)) => Fate::Told(unseen(account, &link)),
                Ok(None) => Fate::Nothing,
                Err(_) => Fate::Later,
            };
        };
        let found = match delivery.state {
            // Its person wants it gone.
            State::Cancelled | State::Scheduled => platform.give_up(&access.token, part, handle).await,
            // They may want it all the same: it is theirs to say.
            State::Leased
            | State::Armed
            | State::Processing
            | State::Unknown
            | State::Waiting
            | State::Blocked
            | State::Paused
            | State::Unapproved
            | State::Missed
            | State::NeedsHuman
            | State::Published
            | State::Partial
            | State::Failed
            | State::TakenDown => match platform.find_left(&access.token, part, handle).await {
                Ok(Some(link)) => Ok(GivenUp::Kept { link }),
                Ok(None) => Ok(GivenUp::Nothing),
                Err(fault) => Err(fault),
            },
        };
        match found {
            Ok(GivenUp::Nothing) => Fate::Nothing,
            Ok(GivenUp::Removed) => Fate::Told(say!("notice-left-removed", handle = &account.handle)),
            Ok(GivenUp::Kept { link }) => Fate::Told(say!("notice-left-private", link = link)),
            // Another time.
            Err(fault) => {
                tracing::info!(delivery.id = %delivery.id, error = %fault, "what lies at the network could not be seen to");
                Fate::Later
            }
        }
    }

    /// What may lie at networks for a post that is about to be forgotten, so that it can be seen to when the rows are gone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_left_of(&self, post: &PostId) -> Result<Vec<Left>, StoreError> {
        let mut all = Vec::new();
        for mut delivery in self.store.list_deliveries(post, DELIVERIES_MAX).await? {
            if matches!(delivery.state, State::Published | State::Partial | State::TakenDown) {
                continue;
            }
            let Some(mut left) = self.left_of(&delivery).await? else { continue };
            let note = match &left.part.notes {
                Some(notes) => notes.find().await.ok().flatten(),
                None => None,
            };
            if delivery.handle.is_none() && note.is_none() {
                continue;
            }
            left.part.notes = Some(Arc::new(Held(note)));
            // Forgetting is a wish to have it gone.
            delivery.state = State::Cancelled;
            left.delivery = delivery;
            all.push(left);
        }
        Ok(all)
    }

    /// Sees to it when the post is forgotten. What cannot be removed just now is named, as far as it is known: nobody remembers it any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn give_up_forgotten(&self, all: Vec<Left>) -> Result<(), StoreError> {
        let now = self.store.now_ms().await?;
        for left in all {
            let Some(platform) = self.networks.get(&left.network) else { continue };
            let what = match self.fate(&left, platform.as_ref(), now).await {
                Fate::Nothing => continue,
                Fate::Told(what) => what,
                Fate::Later => match platform.name_left(&left.part, left.delivery.handle.as_ref()).await {
                    Ok(Some(link)) => unseen(&left.account, &link),
                    Ok(None) | Err(_) => continue,
                },
            };
            let created_at = self.clock.now_ms();
            let id = NoticeId::generate(created_at, self.entropy.bits());
            let notice = Notice { post: None, what, created_at };
            self.store.insert_notice(&id, &left.delivery.user, &notice).await?;
        }
        Ok(())
    }
}

/// It could not be looked up.
fn unseen(account: &Account, link: &str) -> Sentence {
    say!("notice-left-unseen", handle = &account.handle, network = account.network.shown(), link = link)
}
