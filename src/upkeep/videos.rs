//! Films of accounts as they stand on their networks, and changes of them: asking the network, keeping what is asked about sealed, and writing what
//! was approved. A change is made only on what the person saw; what gave no clear answer is read back, and written again only where it is not there:
//! the same written twice is the same.

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};

use super::tokens::{Access, Freshness, TokenKeeper, TokenProblem};
use crate::clock::Clock;
use crate::domain::account::{Account, Health};
use crate::domain::approval::Approval;
use crate::domain::commit::CallFault;
use crate::domain::google::CHANNELS;
use crate::domain::ids::ApprovalId;
use crate::domain::refusal::Sentence;
use crate::domain::sealed::{Place, Sealed};
use crate::domain::shelf::{MediaFile, Shelf};
use crate::domain::tool::ToolError;
use crate::domain::video::{Edited, KeptChange, OwnVideo, VideoChange, VideoPage, VideoWords, Videos};
use crate::platforms::{Networks, OwnVideos, Platform};
use crate::say;
use crate::store::Store;
use crate::store::disconnections::Lease;
use crate::store::video_edits::VideoEdit;
use crate::vault::Vault;

/// A token that ends sooner is refreshed first.
const TOKEN_LEFT_MS: i64 = 120_000;
/// How long whoever makes a change may take: a read, a write, a read, a picture of 60 s, and the same again with a newer token.
const LEASE_MS: i64 = 300_000;
/// How long is waited after each try that came to nothing clear; an hour after the later ones.
const WAITS_MS: [i64; 4] = [60_000, 5 * 60_000, 15 * 60_000, 30 * 60_000];
const HOUR_MS: i64 = 3_600_000;
/// For how long it is tried: by then the person has looked for themselves.
const TRIED_MS: i64 = 24 * HOUR_MS;

/// Asks, keeps and writes.
pub struct VideoKeeper {
    /// The store.
    pub store: Arc<Store>,
    /// Seals.
    pub vault: Arc<Vault>,
    /// The configured networks.
    pub networks: Networks,
    /// Opens tokens.
    pub tokens: Arc<TokenKeeper>,
    /// Where pictures are.
    pub shelf: Arc<dyn Shelf>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

/// Bound to its question, sealed under the key of whoever is asked.
fn place<'a>(approval: &'a ApprovalId, user: &'a crate::domain::ids::UserId, account: &'a str) -> Place<'a> {
    let provider = CHANNELS.slug();
    Place { user, provider, provider_account: account, table: "video_edit", column: "sealed", row: approval.as_str() }
}

fn shown(fault: &CallFault, account: &Account) -> Sentence {
    match fault {
        CallFault::Refused(why) | CallFault::Blocked(why) => why.clone(),
        CallFault::Later { .. } | CallFault::Unauthorized { .. } => {
            say!("video-network-away", network = account.network.shown())
        }
    }
}

/// Whether two texts are the same to somebody who reads them: YouTube may set line ends and spaces otherwise than they were sent.
fn is_same(one: &VideoWords, other: &VideoWords) -> bool {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let plain =
        |of: &VideoWords| VideoWords { title: words(&of.title), description: words(&of.description), ..of.clone() };
    plain(one) == plain(other)
}

impl VideoKeeper {
    fn network<'a>(&'a self, account: &Account) -> Result<(&'a dyn Platform, &'a dyn OwnVideos), ToolError> {
        let platform = self.networks.get(&account.network).map(AsRef::as_ref);
        let none = || say!("video-network-none", network = account.network.shown());
        let platform = platform.ok_or_else(none)?;
        Ok((platform, platform.own_videos().ok_or_else(none)?))
    }

    async fn access(
        &self,
        platform: &dyn Platform,
        account: &Account,
        refused: Option<i64>,
    ) -> Result<Access, CallFault> {
        let wanted = Freshness::until(self.clock.now_ms() + TOKEN_LEFT_MS).but_not(refused);
        self.tokens.access(platform, account, wanted).await.map_err(|problem| match problem {
            TokenProblem::Reconnect(why) => CallFault::Blocked(why),
            TokenProblem::Later(why) => CallFault::Later { after_ms: None, why },
        })
    }

    async fn listed(&self, account: &Account, page: Option<&str>) -> Result<Result<VideoPage, CallFault>, ToolError> {
        let (platform, videos) = self.network(account)?;
        let access = match self.access(platform, account, None).await {
            Ok(access) => access,
            Err(fault) => return Ok(Err(fault)),
        };
        let found = videos.list(&access.token, account, page).await;
        if !matches!(found, Err(CallFault::Unauthorized { .. })) {
            return Ok(found);
        }
        // Once: a token may have been taken back before its time.
        Ok(match self.access(platform, account, Some(access.generation)).await {
            Ok(access) => videos.list(&access.token, account, page).await,
            Err(fault) => Err(fault),
        })
    }

    async fn found(&self, account: &Account, id: &str) -> Result<Result<Option<OwnVideo>, CallFault>, ToolError> {
        let (platform, videos) = self.network(account)?;
        let access = match self.access(platform, account, None).await {
            Ok(access) => access,
            Err(fault) => return Ok(Err(fault)),
        };
        let found = videos.find(&access.token, account, id).await;
        if !matches!(found, Err(CallFault::Unauthorized { .. })) {
            return Ok(found);
        }
        Ok(match self.access(platform, account, Some(access.generation)).await {
            Ok(access) => videos.find(&access.token, account, id).await,
            Err(fault) => Err(fault),
        })
    }

    async fn opened(&self, edit: &VideoEdit) -> Option<VideoChange> {
        let sealed = edit.sealed.as_ref()?;
        let opened = self.vault.open(&place(&edit.approval, &edit.user, edit.account.as_str()), sealed).await;
        let opened = opened.inspect_err(
            |error| tracing::warn!(approval.id = %edit.approval, error = %error, "a change of a film cannot be opened"),
        );
        serde_json::from_str(opened.ok()?.expose_secret()).ok()
    }

    /// Makes an approved change, if nobody else does just now: how it stands then. `video` is the network's id of the film.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn carry_out(&self, approval: &ApprovalId, video: &str) -> Result<Option<Edited>, ToolError> {
        let now = self.store.now_ms().await?;
        let lease = Lease { owner: &self.tokens.owner, now, until: now + LEASE_MS };
        if !self.store.claim_video_edit(approval, lease).await? {
            return Ok(self.store.find_video_edit(approval).await?.and_then(|edit| edit.edited));
        }
        crate::failpoint!("F16");
        let Some(edit) = self.store.find_video_edit(approval).await? else { return Ok(None) };
        let edited = self.edited(&edit, video).await?;
        let now = self.store.now_ms().await?;
        let waits = usize::try_from(edit.tries).unwrap_or_default();
        let again = now + WAITS_MS.get(waits).copied().unwrap_or(HOUR_MS);
        let (edited, next_at) = match edited {
            Edited::Later(_) if again > edit.approved_at.unwrap_or(now) + TRIED_MS => {
                (Edited::Ended(say!("video-edit-unclear")), None)
            }
            Edited::Later(why) => (Edited::Later(why), Some(again)),
            ended => (ended, None),
        };
        self.store.update_video_edit((approval, &self.tokens.owner), &edited, next_at).await?;
        Ok(Some(edited))
    }

    async fn edited(&self, edit: &VideoEdit, video: &str) -> Result<Edited, ToolError> {
        let stored = self.store.find_account(&edit.account, &edit.workspace).await?;
        let account = stored.map(|stored| stored.account).filter(|account| account.health != Health::Disconnected);
        let (Some(account), Some(change)) = (account, self.opened(edit).await) else {
            return Ok(Edited::Ended(say!("video-edit-gone")));
        };
        let Ok((platform, videos)) = self.network(&account) else {
            return Ok(Edited::Ended(say!("video-network-none", network = account.network.shown())));
        };
        let mut refused = None;
        // Twice: the second time with a newer token, where the first was refused.
        for _ in 0..2 {
            let access = match self.access(platform, &account, refused).await {
                Ok(access) => access,
                Err(fault) => return Ok(ended_by(&fault, &account)),
            };
            let picture = match &change.thumbnail {
                Some(picture) => match self.store.find_media(&picture.medium, &edit.workspace).await? {
                    Some(facts) if facts.sha256 == picture.sha256 => Some(MediaFile::new(facts, self.shelf.clone())),
                    Some(_) | None => return Ok(Edited::Ended(say!("video-edit-gone"))),
                },
                None => None,
            };
            let done = written(videos, (&access.token, &account), video, (&change, picture)).await;
            match done {
                Ok(edited) => return Ok(edited),
                Err(CallFault::Unauthorized { .. }) if refused.is_none() => refused = Some(access.generation),
                Err(fault) => return Ok(ended_by(&fault, &account)),
            }
        }
        Ok(Edited::Later(say!("video-edit-under-way")))
    }
}

/// Nothing of it was written before this, or what was is known to stand there.
fn ended_by(fault: &CallFault, account: &Account) -> Edited {
    match fault {
        CallFault::Refused(why) | CallFault::Blocked(why) => Edited::Ended(why.clone()),
        CallFault::Later { why, .. } | CallFault::Unauthorized { why } => {
            tracing::info!(account.id = %account.id, error = %why, "a change of a film gave no clear answer; it is tried again");
            Edited::Later(say!("video-edit-under-way"))
        }
    }
}

/// Writes what is not there yet, on what was seen and nothing else.
async fn written(
    videos: &dyn OwnVideos,
    (access, account): (&SecretString, &Account),
    video: &str,
    (change, picture): (&VideoChange, Option<MediaFile>),
) -> Result<Edited, CallFault> {
    let Some(seen) = videos.find(access, account, video).await? else {
        return Ok(Edited::Ended(say!("video-edit-not-there")));
    };
    // Where the words stay, whatever stands there is no matter of this change.
    let has_words = change.before != change.after;
    if has_words && !is_same(&seen.words, &change.after) {
        if !is_same(&seen.words, &change.before) {
            return Ok(Edited::Ended(say!("video-edit-changed")));
        }
        crate::failpoint!("F17");
        match videos.write(access, video, &change.after).await {
            Ok(()) => {}
            Err(CallFault::Later { why, .. }) => {
                tracing::info!(account.id = %account.id, error = %why, "a change of a film gave no clear answer; it is looked whether it is there");
                let now = videos.find(access, account, video).await?;
                if !now.is_some_and(|now| is_same(&now.words, &change.after)) {
                    return Ok(Edited::Later(say!("video-edit-not-yet")));
                }
            }
            Err(fault) => return Err(fault),
        }
    }
    let Some(picture) = picture else { return Ok(Edited::Done) };
    match videos.set_picture(access, video, &picture).await {
        Ok(()) => Ok(Edited::Done),
        // The words stand there by now, and are said to.
        Err(CallFault::Refused(why) | CallFault::Blocked(why)) if has_words => Ok(Edited::Ended(half(&why))),
        Err(fault) => Err(fault),
    }
}

/// A picture was refused after the words had been written: why, with its arguments, in a sentence that says so.
fn half(why: &Sentence) -> Sentence {
    match why.key.as_str() {
        "youtube-edit-thumbnail-unverified" => say!("video-edit-half-unverified"),
        _ => say!("video-edit-half"),
    }
}

#[async_trait]
impl Videos for VideoKeeper {
    async fn list(&self, account: &Account, page: Option<&str>) -> Result<VideoPage, ToolError> {
        self.listed(account, page).await?.map_err(|fault| shown(&fault, account).into())
    }

    async fn find(&self, account: &Account, id: &str) -> Result<Option<OwnVideo>, ToolError> {
        self.found(account, id).await?.map_err(|fault| shown(&fault, account).into())
    }

    async fn keep(&self, approval: &Approval, account: &Account, change: &VideoChange) -> Result<(), ToolError> {
        let text = serde_json::to_string(change).map_err(|error| ToolError::Failed(error.to_string()))?;
        let place = place(&approval.id, &approval.user, account.id.as_str());
        let sealed: Sealed = self
            .vault
            .seal(&place, &SecretString::from(text))
            .await
            .map_err(|error| ToolError::Failed(error.to_string()))?;
        Ok(self.store.insert_video_edit(approval, &account.id, &sealed).await?)
    }

    async fn kept(&self, approval: &Approval) -> Result<Option<KeptChange>, ToolError> {
        let Some(edit) = self.store.find_video_edit(&approval.id).await? else { return Ok(None) };
        Ok(Some(KeptChange { change: self.opened(&edit).await, edited: edit.edited }))
    }
}
