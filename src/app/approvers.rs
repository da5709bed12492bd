//! The door to others: whose something is, who else may approve it, and what wrote it.

use super::posts::Deed;
use super::{App, Verdict};
use crate::desk::view::PostView;
use crate::domain::caller::{Caller, Via};
use crate::domain::chat::Card;
use crate::domain::ids::{ApprovalId, ConversationId, NoticeId, PostId, UserId};
use crate::domain::network::Network;
use crate::domain::place::Member;
use crate::domain::schedule::Moment;
use crate::domain::shown;
use crate::domain::tool::ToolError;
use crate::say;
use crate::store::approvers::Origin;
use crate::store::notices::Notice;

impl App {
    /// What whoever owns a post is called in the team of somebody who asks; none when they are not known there.
    ///
    /// # Errors
    /// Refused when there is no such post.
    pub async fn whose_post(&self, post: &PostId, asker: &Member) -> Result<Option<String>, ToolError> {
        let owner = self.store.find_post_owner(post).await?;
        let owner = owner.ok_or_else(|| say!("post-not-found", id = post.as_str()))?;
        self.called(&owner, asker).await
    }

    /// The same for a question.
    ///
    /// # Errors
    /// Refused when there is no such question.
    pub async fn whose_approval(&self, id: &ApprovalId, asker: &Member) -> Result<Option<String>, ToolError> {
        let owner = self.store.find_approval_owner(id).await?;
        let owner = owner.ok_or_else(|| say!("approval-not-found", id = id.as_str()))?;
        self.called(&owner, asker).await
    }

    /// What one of our people is called where they were chosen.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn whose_member(&self, member: &Member, user: &UserId) -> Result<Option<String>, ToolError> {
        self.called(user, member).await
    }

    async fn called(&self, user: &UserId, asker: &Member) -> Result<Option<String>, ToolError> {
        // Somebody of another team learns nothing of who is who here.
        let shown = self.store.find_shown(asker.place.word(), user, &format!("{}:", asker.team)).await?;
        Ok(shown.filter(|shown| !shown.trim().is_empty()))
    }

    /// Somebody else may approve a post of this person's from now on. False when they could before.
    ///
    /// # Errors
    /// Refused when the post is not theirs.
    pub async fn name_approver(&self, caller: &Caller, post: &PostId, other: &UserId) -> Result<bool, ToolError> {
        self.read_post(caller, post).await?;
        let is_new = self.store.insert_approver(post, other, &caller.user, self.clock.now_ms()).await?;
        self.desk.audit(caller, "approver.name", post.as_str()).await?;
        Ok(is_new)
    }

    /// They may not any more: they could not be told.
    ///
    /// # Errors
    /// Refused when the post is not theirs.
    pub async fn drop_approver(&self, caller: &Caller, post: &PostId, other: &UserId) -> Result<(), ToolError> {
        self.read_post(caller, post).await?;
        self.store.delete_approver(post, other).await?;
        self.desk.audit(caller, "approver.drop", post.as_str()).await
    }

    /// A caller as they may look at a question and answer it: as themselves, or for whoever named them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn for_approval(&self, caller: &Caller, id: &ApprovalId) -> Result<Caller, ToolError> {
        let named = self.store.find_named_approval(id, &caller.user).await?;
        Ok(named.map_or_else(|| caller.clone(), |workspace| Caller { workspace, ..caller.clone() }))
    }

    /// A caller as they may look at a post: as themselves, or for whoever named them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn for_post(&self, caller: &Caller, post: &PostId) -> Result<Caller, ToolError> {
        let named = self.store.find_named_post(post, &caller.user).await?;
        Ok(named.map_or_else(|| caller.clone(), |workspace| Caller { workspace, ..caller.clone() }))
    }

    /// A post as somebody may look at it, and whether it is somebody else's, who named them for it.
    ///
    /// # Errors
    /// Refused when there is none that they may see.
    pub async fn find_shown_post(&self, caller: &Caller, id: &PostId) -> Result<(PostView, bool), ToolError> {
        let acting = self.for_post(caller, id).await?;
        Ok((self.read_post(&acting, id).await?, acting.workspace != caller.workspace))
    }

    /// Whoever's question it was hears what the one they named has answered.
    pub(super) async fn tell_owner(
        &self,
        by: &Caller,
        (owner, post): (&UserId, Option<&PostId>),
        verdict: Verdict,
    ) -> Result<(), ToolError> {
        let now = self.clock.now_ms();
        let name = self.store.find_any_shown(&by.user).await?.unwrap_or_else(|| "–".into());
        let what = match verdict {
            Verdict::Approve => say!("approval-by-approved", name = name),
            Verdict::Decline => say!("approval-by-declined", name = name),
        };
        let notice = Notice { post: post.cloned(), what, created_at: now };
        Ok(self.store.insert_notice(&NoticeId::generate(now, self.entropy.bits()), owner, &notice).await?)
    }

    /// How long something that goes out "now" can still be undone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hold_ms(&self, caller: &Caller) -> Result<i64, ToolError> {
        Ok(self.store.find_user(&caller.user).await?.map_or(0, |user| user.hold_ms))
    }

    /// Whether a network lets what is out be taken down.
    #[must_use]
    pub fn can_take_down(&self, network: Network) -> bool {
        self.desk.networks.get(&network).is_some_and(|platform| platform.can_take_down())
    }

    /// Notes which model wrote what a conversation's answer shows.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_model(
        &self,
        caller: &Caller,
        cards: &[Card],
        conversation: &ConversationId,
    ) -> Result<(), ToolError> {
        let post = |card: &Card| match card {
            Card::Draft(post) => Some(post.clone()),
            Card::Approval(_)
            | Card::Post(_)
            | Card::Times(_)
            | Card::Link { .. }
            | Card::Chart(_)
            | Card::Google
            | Card::Problem(_) => None,
        };
        let posts: Vec<_> = cards.iter().filter_map(post).collect();
        if posts.is_empty() {
            return Ok(());
        }
        let model = self.store.find_model_of(conversation).await?.unwrap_or_default();
        let origin = Origin { via: caller.via.word().into(), client: String::new(), model };
        for post in posts {
            self.store.insert_origin(&post, &origin, self.clock.now_ms()).await?;
        }
        Ok(())
    }

    /// Notes which client wrote a post; one without a token of its own says what it is called.
    pub(super) async fn note_client(&self, caller: &Caller, said: &str, post: &PostId) -> Result<(), ToolError> {
        if !caller.is_assistant() {
            return Ok(());
        }
        let name = self.assistant_name(caller).await?;
        let client = if caller.via == Via::McpStdio { shown::name(said) } else { name };
        let origin = Origin { via: caller.via.word().into(), client, model: String::new() };
        Ok(self.store.insert_origin(post, &origin, self.clock.now_ms()).await?)
    }

    /// What an assistant is called: as its person named its token, or as it named itself when it was let in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn assistant_name(&self, caller: &Caller) -> Result<String, ToolError> {
        Ok(match &caller.via {
            Via::McpHttp(token) => {
                let tokens = self.store.list_access_tokens(&caller.user).await?;
                tokens.into_iter().find(|held| held.id == *token).map(|held| held.name).unwrap_or_default()
            }
            Via::McpApp(grant) => {
                self.store.find_oauth_client_of(grant).await?.map(|client| client.name).unwrap_or_default()
            }
            Via::McpStdio => "MCP (stdio)".to_owned(),
            Via::Web(_) | Via::Terminal | Via::Slack | Via::Discord => String::new(),
        })
    }

    /// What wrote a post, where that is known: door, client, model.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn origins(&self, post: &PostId) -> Result<Vec<Origin>, ToolError> {
        Ok(self.store.list_origins(post).await?)
    }

    /// The post that somebody means by its id, the id of a delivery, or the address it can be seen at; none when it is none of theirs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_post_named(&self, caller: &Caller, named: &str) -> Result<Option<PostId>, ToolError> {
        if let Ok(post) = named.parse::<PostId>() {
            return match self.read_post(caller, &post).await {
                Ok(_) => Ok(Some(post)),
                Err(ToolError::Refused(_)) => Ok(None),
                Err(error) => Err(error),
            };
        }
        if named.starts_with("https://") || named.starts_with("http://") {
            return Ok(self.store.find_post_of_permalink(named, &caller.workspace).await?);
        }
        Ok(self.store.find_post_of_delivery(named, &caller.workspace).await?)
    }

    /// Who did what to a post, and through which door.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn deeds(&self, caller: &Caller, post: &PostId) -> Result<Vec<Deed>, ToolError> {
        let mut deeds = Vec::new();
        for (at_ms, via, what, user) in self.store.list_deeds(&caller.workspace, post.as_str()).await? {
            let who = match user.parse::<UserId>() {
                Ok(user) if user != caller.user => self.store.find_any_shown(&user).await?.or(Some(String::new())),
                Ok(_) | Err(_) => None,
            };
            deeds.push(Deed { when: Moment { at_ms, zone: caller.zone.clone() }, via, what, who });
        }
        Ok(deeds)
    }
}
