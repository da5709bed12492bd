//! The desk as tools have it: everything but a person's answers. What a tool is handed cannot approve, decline, settle or write rows, so
//! an effect beyond drafting always goes through [`Desk::ask`], which looks at the caller's grant.

use super::view::{AccountView, PostView};
use super::{Asked, BadRows, BatchWish, Desk, Draft, Imported, Sent, VideoPlan, Wish, Withdrawn};
use crate::domain::account::Account;
use crate::domain::approval::{Act, ForgetScope, Late, PauseScope};
use crate::domain::batch::BatchPost;
use crate::domain::caller::Caller;
use crate::domain::ids::{AccountId, MediaId, PostId};
use crate::domain::network::Network;
use crate::domain::post::{MediaFacts, Post};
use crate::domain::refusal::Sentence;
use crate::domain::schedule::Moment;
use crate::domain::sheet::{RowMedia, Sheet};
use crate::domain::times::OutPost;
use crate::domain::tool::ToolError;
use crate::domain::video::{OwnVideo, VideoPage, VideoWish};
use crate::platforms::Networks;
use crate::store::StoreResult;
use crate::store::accounts::StoredAccount;
use crate::store::idempotency::FirstCall;
use crate::store::post_lists::{PostBrief, PostsWanted};

/// The desk without a person's gestures.
#[derive(Clone, Copy)]
pub struct ToolDesk<'a>(&'a Desk);

/// What is known of a key of repeated calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repeated {
    /// Nobody had it: the call may run.
    First,
    /// Its first call had other arguments.
    Other,
    /// The same call was made before.
    Same(FirstCall),
}

impl Desk {
    /// What tools are handed.
    #[must_use]
    pub fn for_tools(&self) -> ToolDesk<'_> {
        ToolDesk(self)
    }
}

/// Each says what the desk's own method of the name says, and fails as that does.
#[expect(clippy::missing_errors_doc, reason = "as the desk's own methods")]
impl ToolDesk<'_> {
    /// The time, Unix milliseconds.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.0.clock.now_ms()
    }

    /// The configured networks.
    #[must_use]
    pub fn networks(&self) -> &Networks {
        &self.0.networks
    }

    /// Refused when this server is not configured for the network.
    pub fn check_network(&self, network: Network) -> Result<(), ToolError> {
        self.0.network(network).map(drop)
    }

    /// [`Desk::get_post`].
    pub async fn get_post(&self, caller: &Caller, id: &PostId) -> Result<Post, ToolError> {
        self.0.get_post(caller, id).await
    }

    /// [`Desk::read_post`].
    pub async fn read_post(&self, caller: &Caller, id: &PostId) -> Result<PostView, ToolError> {
        self.0.read_post(caller, id).await
    }

    /// [`Desk::list_posts`].
    pub async fn list_posts(
        &self,
        caller: &Caller,
        wanted: &PostsWanted,
        limit: i64,
    ) -> Result<Vec<PostView>, ToolError> {
        self.0.list_posts(caller, wanted, limit).await
    }

    /// [`Desk::list_briefs`].
    pub async fn list_briefs(
        &self,
        caller: &Caller,
        wanted: &PostsWanted,
        limit: i64,
    ) -> Result<Vec<PostBrief>, ToolError> {
        self.0.list_briefs(caller, wanted, limit).await
    }

    /// [`Desk::list_accounts`].
    pub async fn list_accounts(&self, caller: &Caller) -> Result<Vec<AccountView>, ToolError> {
        self.0.list_accounts(caller).await
    }

    /// [`Desk::find_accounts`].
    pub async fn find_accounts(&self, caller: &Caller, wanted: &[String]) -> Result<Vec<StoredAccount>, ToolError> {
        self.0.find_accounts(caller, wanted).await
    }

    /// [`Desk::list_sent`].
    pub async fn list_sent(&self, caller: &Caller, due: (i64, i64)) -> Result<(Vec<Sent>, bool), ToolError> {
        self.0.list_sent(caller, due).await
    }

    /// [`Desk::find_sent`].
    pub async fn find_sent(&self, caller: &Caller, post: &PostId) -> Result<Vec<Sent>, ToolError> {
        self.0.find_sent(caller, post).await
    }

    /// [`Desk::list_out`].
    pub async fn list_out(&self, caller: &Caller, account: Option<AccountId>) -> Result<Vec<OutPost>, ToolError> {
        self.0.list_out(caller, account).await
    }

    /// [`Desk::compose`].
    pub async fn compose(&self, caller: &Caller, draft: &Draft) -> Result<Post, ToolError> {
        self.0.compose(caller, draft).await
    }

    /// [`Desk::preview_post`].
    pub async fn preview_post(&self, caller: &Caller, post: Post) -> Result<PostView, ToolError> {
        self.0.preview_post(caller, post).await
    }

    /// [`Desk::create_draft`].
    pub async fn create_draft(&self, caller: &Caller, draft: &Draft) -> Result<PostView, ToolError> {
        self.0.create_draft(caller, draft).await
    }

    /// [`Desk::update_draft`].
    pub async fn update_draft(
        &self,
        caller: &Caller,
        id: &PostId,
        revision: i64,
        draft: &Draft,
    ) -> Result<PostView, ToolError> {
        self.0.update_draft(caller, id, revision, draft).await
    }

    /// [`Desk::preview_update`].
    pub async fn preview_update(
        &self,
        caller: &Caller,
        id: &PostId,
        revision: i64,
        draft: &Draft,
    ) -> Result<PostView, ToolError> {
        self.0.preview_update(caller, id, revision, draft).await
    }

    /// [`Desk::plan`].
    pub async fn plan(&self, caller: &Caller, wish: &Wish) -> Result<Act, ToolError> {
        self.0.plan(caller, wish).await
    }

    /// [`Desk::ask`]: the one way to anything beyond drafting.
    pub async fn ask(&self, caller: &Caller, act: Act, post: Option<&PostId>) -> Result<Asked, ToolError> {
        self.0.ask(caller, act, post).await
    }

    /// [`Desk::ask_to_resume`].
    pub async fn ask_to_resume(&self, caller: &Caller, scope: PauseScope, late: Late) -> Result<Asked, ToolError> {
        self.0.ask_to_resume(caller, scope, late).await
    }

    /// [`Desk::said_twice`].
    pub async fn said_twice(&self, caller: &Caller, act: &Act) -> Result<Vec<Sentence>, ToolError> {
        self.0.said_twice(caller, act).await
    }

    /// [`Desk::full_days`].
    pub async fn full_days(&self, caller: &Caller, act: &Act) -> Result<Vec<Sentence>, ToolError> {
        self.0.full_days(caller, act).await
    }

    /// [`Desk::next_slot`].
    pub async fn next_slot(&self, caller: &Caller, post: &PostId, accounts: &[String]) -> Result<Moment, ToolError> {
        self.0.next_slot(caller, post, (accounts, &[])).await
    }

    /// [`Desk::plan_batch`].
    pub async fn plan_batch(
        &self,
        caller: &Caller,
        wishes: &[BatchWish],
    ) -> Result<Vec<Result<BatchPost, Sentence>>, ToolError> {
        self.0.plan_batch(caller, wishes).await
    }

    /// [`Desk::ask_batch`].
    pub async fn ask_batch(&self, caller: &Caller, posts: Vec<BatchPost>) -> Result<Asked, ToolError> {
        self.0.ask_batch(caller, posts).await
    }

    /// [`Desk::import`]; with a mistake in any row nothing is made.
    pub async fn import(&self, caller: &Caller, sheet: &Sheet, media: &RowMedia) -> Result<Imported, ToolError> {
        self.0.import(caller, sheet, (media, BadRows::Stop)).await
    }

    /// [`Desk::preview_import`].
    pub async fn preview_import(&self, caller: &Caller, sheet: &Sheet) -> Result<Imported, ToolError> {
        self.0.preview_import(caller, sheet).await
    }

    /// [`Desk::withdraw`].
    pub async fn withdraw(&self, caller: &Caller, id: &PostId) -> Result<Withdrawn, ToolError> {
        self.0.withdraw(caller, id).await
    }

    /// [`Desk::preview_withdraw`].
    pub async fn preview_withdraw(&self, caller: &Caller, id: &PostId) -> Result<Withdrawn, ToolError> {
        self.0.preview_withdraw(caller, id).await
    }

    /// [`Desk::restore`].
    pub async fn restore(&self, caller: &Caller, id: &PostId) -> Result<PostView, ToolError> {
        self.0.restore(caller, id).await
    }

    /// [`Desk::preview_restore`].
    pub async fn preview_restore(&self, caller: &Caller, id: &PostId) -> Result<PostView, ToolError> {
        self.0.preview_restore(caller, id).await
    }

    /// Whether a medium is there and no post uses it.
    pub async fn check_unused(&self, caller: &Caller, id: &MediaId) -> Result<(), ToolError> {
        self.0.check_unused(caller, id).await.map(drop)
    }

    /// Media of the workspace, the newest first, each with how many posts use it.
    pub async fn library(
        &self,
        caller: &Caller,
        before: Option<&MediaId>,
    ) -> Result<Vec<(MediaFacts, i64)>, ToolError> {
        self.0.library(caller, before).await
    }

    /// [`Desk::describe_forgetting`].
    pub async fn describe_forgetting(&self, caller: &Caller, scope: &ForgetScope) -> Result<Sentence, ToolError> {
        self.0.describe_forgetting(caller, scope).await
    }

    /// [`Desk::everything`].
    pub async fn everything(&self, caller: &Caller) -> Result<PauseScope, ToolError> {
        self.0.everything(caller).await
    }

    /// [`Desk::pause`].
    pub async fn pause(&self, caller: &Caller, scope: &PauseScope) -> Result<usize, ToolError> {
        self.0.pause(caller, scope).await
    }

    /// [`Desk::preview_pause`].
    pub async fn preview_pause(&self, caller: &Caller, scope: &PauseScope) -> Result<usize, ToolError> {
        self.0.preview_pause(caller, scope).await
    }

    /// [`Desk::list_videos`].
    pub async fn list_videos(
        &self,
        caller: &Caller,
        account: Option<&str>,
        page: Option<&str>,
    ) -> Result<(Account, VideoPage), ToolError> {
        self.0.list_videos(caller, account, page).await
    }

    /// [`Desk::find_video`].
    pub async fn find_video(
        &self,
        caller: &Caller,
        account: Option<&str>,
        given: &str,
    ) -> Result<(Account, OwnVideo), ToolError> {
        self.0.find_video(caller, account, given).await
    }

    /// [`Desk::plan_video`].
    pub async fn plan_video(
        &self,
        caller: &Caller,
        named: (Option<&str>, &str),
        wish: &VideoWish,
    ) -> Result<VideoPlan, ToolError> {
        self.0.plan_video(caller, named, wish).await
    }

    /// [`Desk::ask_video`]: a person is always asked.
    pub async fn ask_video(&self, caller: &Caller, plan: &VideoPlan) -> Result<Asked, ToolError> {
        self.0.ask_video(caller, plan).await
    }

    /// Takes the key of a repeated call, or says what became of the first one.
    pub async fn claim_key(&self, caller: &Caller, key: &str, hash: &str) -> StoreResult<Repeated> {
        let (store, now) = (&self.0.store, self.now_ms());
        if store.claim_idempotency_key(&caller.user, key, hash, now).await? {
            return Ok(Repeated::First);
        }
        Ok(match store.find_idempotency_key(&caller.user, key, now).await? {
            Some(kept) if kept.arguments_hash != hash => Repeated::Other,
            Some(kept) => Repeated::Same(kept.call),
            // Gone in between: whoever had it gave it back just now.
            None => Repeated::Same(FirstCall::Running),
        })
    }

    /// Says that a call with a key still runs. Where that cannot be written, it is tried again.
    pub async fn renew_key(&self, caller: &Caller, key: &str) {
        let renewed = self.0.store.renew_idempotency_key(&caller.user, key, self.now_ms()).await;
        renewed.unwrap_or_else(|error| tracing::warn!(error = %error, "that a call still runs could not be noted"));
    }

    /// Keeps the answer of a call with a key, or gives the key back when there was none.
    pub async fn keep_answer(&self, caller: &Caller, key: &str, answer: Option<&str>) -> StoreResult<()> {
        self.0.store.update_idempotency_answer(&caller.user, key, answer).await
    }
}
