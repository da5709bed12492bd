//! Films that are on a network already: listed, and a change of one planned and asked about. Always asked: no standing permission changes what stands
//! in public under somebody's name. What a yes does is `upkeep`'s.

use super::{Asked, Desk};
use crate::domain::account::{Account, Health};
use crate::domain::approval::Act;
use crate::domain::caller::Caller;
use crate::domain::post::{Finding, Severity};
use crate::domain::purpose::Purpose;
use crate::domain::tool::ToolError;
use crate::domain::video::{NewThumbnail, OwnVideo, VideoChange, VideoPage, VideoWish};
use crate::say;

/// A change that could be asked about.
#[derive(Debug, Clone)]
pub struct VideoPlan {
    /// Whose film it is.
    pub account: Account,
    /// The network's id of it.
    pub video: String,
    /// What stands there, and what would.
    pub change: VideoChange,
    /// What is worth knowing of it.
    pub findings: Vec<Finding>,
}

impl Desk {
    /// The account whose films are meant: the one that is named, or the only one that has any.
    async fn films_of(&self, caller: &Caller, given: Option<&str>) -> Result<Account, ToolError> {
        let account = match given {
            Some(given) => self.find_accounts(caller, &[given.to_owned()]).await?.remove(0).account,
            None => {
                let all = self.store.list_accounts(&caller.workspace).await?.into_iter().map(|stored| stored.account);
                let has_films = |account: &Account| {
                    account.health != Health::Disconnected
                        && caller.may_use(&account.id)
                        && self.networks.get(&account.network).is_some_and(|network| network.own_videos().is_some())
                };
                let mut all: Vec<Account> = all.filter(has_films).collect();
                match (all.len(), all.pop()) {
                    (1, Some(only)) => only,
                    (0, _) | (_, None) => return Err(say!("video-account-none").into()),
                    (_, Some(last)) => {
                        all.push(last);
                        let choices = all.iter().map(|account| format!("@{} ({})", account.handle, account.id));
                        let choices = choices.collect::<Vec<_>>().join("; ");
                        return Err(say!("account-ambiguous", given = "–", choices = choices).into());
                    }
                }
            }
        };
        if self.network(account.network)?.own_videos().is_none() {
            return Err(say!("video-network-none", network = account.network.shown()).into());
        }
        if account.health == Health::NeedsReconnecting {
            let (handle, network) = (&account.handle, account.network.shown());
            return Err(say!("account-needs-reconnecting", handle = handle, network = network).into());
        }
        Ok(account)
    }

    /// Some of an account's films, the newest first.
    ///
    /// # Errors
    /// Refused when no account has any, or the network refuses.
    pub async fn list_videos(
        &self,
        caller: &Caller,
        account: Option<&str>,
        page: Option<&str>,
    ) -> Result<(Account, VideoPage), ToolError> {
        let account = self.films_of(caller, account).await?;
        let page = self.videos.list(&account, page).await?;
        Ok((account, page))
    }

    /// One of them, by its id or address.
    ///
    /// # Errors
    /// As [`Desk::list_videos`]; refused when it is not there.
    pub async fn find_video(
        &self,
        caller: &Caller,
        account: Option<&str>,
        given: &str,
    ) -> Result<(Account, OwnVideo), ToolError> {
        let account = self.films_of(caller, account).await?;
        let given = given.trim();
        let id =
            self.network(account.network)?.read_link(&account, given).map_or_else(|| given.to_owned(), |(id, _)| id);
        let found = self.videos.find(&account, &id).await?;
        let cut = given.chars().take(60).collect::<String>();
        let found = found.ok_or_else(|| say!("video-not-found", given = cut, handle = &account.handle))?;
        Ok((account, found))
    }

    /// What a wish comes to, with everything checked and nothing stored.
    ///
    /// # Errors
    /// Refused when the film is not there, nothing would change, or the network would refuse it.
    pub async fn plan_video(
        &self,
        caller: &Caller,
        (account, given): (Option<&str>, &str),
        wish: &VideoWish,
    ) -> Result<VideoPlan, ToolError> {
        let (account, found) = self.find_video(caller, account, given).await?;
        self.check_permission(&account, &[Purpose::Publish])?;
        let network = self.network(account.network)?;
        let videos =
            network.own_videos().ok_or_else(|| say!("video-network-none", network = account.network.shown()))?;
        let after = wish.on(&found.words);
        let mut findings = if after == found.words { Vec::new() } else { videos.check_words(&after) };
        let mut thumbnail = None;
        if let Some(medium) = &wish.thumbnail {
            let facts = self.store.find_media(medium, &caller.workspace).await?;
            let facts = facts.ok_or_else(|| say!("media-not-found", id = medium.as_str()))?;
            findings.extend(videos.check_thumbnail(&facts));
            thumbnail = Some(NewThumbnail { medium: facts.id, sha256: facts.sha256 });
        }
        if let Some(wrong) = findings.iter().find(|finding| finding.severity == Severity::Error) {
            return Err(wrong.what.clone().into());
        }
        let change = VideoChange { before: found.words, etag: found.etag, after, thumbnail };
        if change.is_nothing() {
            return Err(say!("video-edit-nothing").into());
        }
        Ok(VideoPlan { account, video: found.id, change, findings })
    }

    /// Asks about it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ask_video(&self, caller: &Caller, plan: &VideoPlan) -> Result<Asked, ToolError> {
        let VideoPlan { account, video, change, findings: _ } = plan;
        let (seen, becomes) = (change.seen(), change.becomes());
        let act = Act::EditVideo { account: account.id.clone(), video: video.clone(), seen, becomes };
        let approval = self.question(caller, act, self.clock.now_ms());
        // First what it is about: a question without that could not be read.
        self.videos.keep(&approval, account, change).await?;
        self.store.insert_approval(&approval, None).await?;
        self.audit(caller, "approval.ask", approval.id.as_str()).await?;
        Ok(Asked::Waiting(approval.id))
    }
}
