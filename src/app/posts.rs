//! The doors `toolbox` and `call_tool`, and the typed reads behind the pages.

use std::collections::BTreeMap;

use serde_json::Value;

use super::App;
use crate::desk::Withdrawn;
use crate::desk::view::{AccountView, NoticeView, PostStatus, PostView};
use crate::domain::account::Account;
use crate::domain::approval::PauseScope;
use crate::domain::caller::Caller;
use crate::domain::google::names_things;
use crate::domain::ids::PostId;
use crate::domain::lang::Lang;
use crate::domain::schedule::Moment;
use crate::domain::tool::{Effect, ToolError, ToolOutcome, ToolSpec};
use crate::store::post_lists::PostsWanted;
use crate::tools::ToolContext;

/// Posts on one page.
const POSTS_MAX: i64 = 100;
/// Posts of each status that somebody must see, however old.
const OPEN_MAX: i64 = 500;
/// Notices on one page.
const NOTICES_MAX: usize = 20;
/// So many are read for them.
const NOTICES_READ: i64 = 100;

impl App {
    /// The tools' contracts, in fixed order.
    #[must_use]
    pub fn toolbox(&self) -> &[ToolSpec] {
        self.toolbox.specs()
    }

    /// Calls a tool.
    ///
    /// # Errors
    /// Refused by the tool, or when there is no such tool.
    pub async fn call_tool(&self, caller: &Caller, name: &str, arguments: Value) -> Result<ToolOutcome, ToolError> {
        self.call_tool_from(caller, "", (name, arguments)).await
    }

    /// The same for a client that says its name; a client with a token of its own goes by the name that its person gave it.
    ///
    /// # Errors
    /// As [`App::call_tool`].
    pub async fn call_tool_from(
        &self,
        caller: &Caller,
        client: &str,
        (name, arguments): (&str, Value),
    ) -> Result<ToolOutcome, ToolError> {
        let spec = self.toolbox.specs().iter().find(|spec| spec.name == name);
        let caller = &self.sobered(caller, spec.map_or(Effect::Reads, |spec| spec.effect)).await?;
        let asked = if caller.is_assistant() { arguments.clone() } else { Value::Null };
        let cx = self.tool_context(caller, Lang::En);
        let mut outcome = self.toolbox.call(&cx, name, arguments).await;
        if let Ok(done) = &outcome
            && caller.is_assistant()
            && ["create_draft", "update_draft"].contains(&name)
            && let Some(post) = done.structured["post"]["id"].as_str().and_then(|id| id.parse().ok())
        {
            self.note_client(caller, client, &post).await?;
        }
        if let (Ok(done), Some(spec)) = (&outcome, spec) {
            // Before it is answered: whoever reads it must not be able to act on it first.
            self.note_strange(caller, (spec, &asked), done).await?;
        }
        if let Err(ToolError::Refused(why)) = &outcome
            && (spec.is_some_and(|spec| spec.is_provider_data) || names_things(&why.key))
        {
            // A refusal names what can be chosen, in the words of whoever named it.
            self.note_words(caller).await?;
        }
        if let Ok(done) = &outcome
            && let Err(error) = self.tell_questions(caller, &done.waiting).await
        {
            // The call was done all the same, and its question stands on the pages.
            tracing::error!(error = %error, "a question could not be brought to its person");
        }
        if let Ok(done) = &mut outcome {
            match self.urgent(caller).await {
                Ok(Some(line)) => done.text = format!("{}\n\n{line}", done.text),
                Ok(None) => {}
                // The call was done all the same.
                Err(error) => tracing::error!(error = %error, "what needs a person could not be told"),
            }
        }
        if let Err(ToolError::Failed(why)) = &outcome {
            tracing::error!(tool.name = name, error = %why, "a tool failed");
        }
        outcome
    }

    /// Whether data of Google accounts must not reach whoever calls: a program that its person did not let see them, or a conversation of ours on unpaid quota, which Google may use and people may read.
    fn withholds(&self, caller: &Caller) -> bool {
        let is_paid = self.config.gemini.as_ref().is_none_or(|gemini| gemini.is_paid);
        !caller.sees_google || (!caller.is_assistant() && !is_paid)
    }

    /// What a tool works with, for this caller.
    pub(super) fn tool_context<'a>(&'a self, caller: &'a Caller, lang: Lang) -> ToolContext<'a> {
        ToolContext {
            desk: self.desk.for_tools(),
            media: &self.media,
            memory: &self.memory,
            analytics: &self.analytics,
            is_withheld: self.withholds(caller),
            rows_max: None,
            words: &self.words,
            lang,
            caller,
            public_url: &self.config.public_url,
        }
    }

    /// What is to come or needs somebody, and the 100 posts edited last; last edited first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_posts(&self, caller: &Caller) -> Result<Vec<PostView>, ToolError> {
        Ok(self.page_posts(caller, None).await?.posts)
    }

    /// The same with where older posts begin; or the 100 posts behind such a place, last edited first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn page_posts(&self, caller: &Caller, after: Option<PostsAfter>) -> Result<PostsPage, ToolError> {
        let is_first = after.is_none();
        let wanted = PostsWanted { after, ..PostsWanted::default() };
        let mut posts = self.desk.list_posts(caller, &wanted, POSTS_MAX + 1).await?;
        let most = usize::try_from(POSTS_MAX).unwrap_or(usize::MAX);
        if posts.len() <= most {
            return Ok(PostsPage { posts, older: None });
        }
        posts.truncate(most);
        let older = posts.last().map(|last| (last.edited_at, last.id.clone()));
        if is_first {
            self.add_open(caller, &mut posts).await?;
        }
        Ok(PostsPage { posts, older })
    }

    /// However long ago it was written: what somebody must see does not sink below newer drafts.
    async fn add_open(&self, caller: &Caller, posts: &mut Vec<PostView>) -> Result<(), ToolError> {
        for status in [PostStatus::NeedsAttention, PostStatus::WaitingForYou, PostStatus::Scheduled] {
            let wanted = PostsWanted { status: Some(status), ..PostsWanted::default() };
            for post in self.desk.list_posts(caller, &wanted, OPEN_MAX).await? {
                if posts.iter().all(|known| known.id != post.id) {
                    posts.push(post);
                }
            }
        }
        posts.sort_by(|a, b| (b.edited_at, &b.id).cmp(&(a.edited_at, &a.id)));
        Ok(())
    }

    /// How many posts of a person's stand where, all of them counted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_posts(&self, caller: &Caller) -> Result<BTreeMap<PostStatus, i64>, ToolError> {
        Ok(self.store.count_posts(&caller.workspace, self.clock.now_ms()).await?)
    }

    /// What is out since an instant (Unix milliseconds): on which account, and when it was first there; oldest first, at most 10,000.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_out_since(&self, caller: &Caller, since: i64) -> Result<Vec<(Account, i64)>, ToolError> {
        let stored = self.store.list_accounts(&caller.workspace).await?;
        let accounts: BTreeMap<_, _> = stored.into_iter().map(|one| (one.account.id.clone(), one.account)).collect();
        let out = self.store.list_out_since(&caller.workspace, since).await?;
        Ok(out.into_iter().filter_map(|(account, at)| Some((accounts.get(&account)?.clone(), at))).collect())
    }

    /// One post.
    ///
    /// # Errors
    /// Refused when there is none.
    pub async fn read_post(&self, caller: &Caller, id: &PostId) -> Result<PostView, ToolError> {
        self.desk.read_post(caller, id).await
    }

    /// Connected accounts.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_accounts(&self, caller: &Caller) -> Result<Vec<AccountView>, ToolError> {
        self.desk.list_accounts(caller).await
    }

    /// What the person should know, newest first, at most 20.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn notices(&self, caller: &Caller) -> Result<Vec<NoticeView>, ToolError> {
        let mut notices = self.desk.notices(caller, NOTICES_READ).await?;
        // A question stands where it waits, and once it is answered it is no news.
        notices.retain(|notice| !super::questions::is_question(&notice.what.key));
        notices.truncate(NOTICES_MAX);
        Ok(notices)
    }

    /// Withdraws a post (button; reduces publishing, so at once), and says where that came too late.
    ///
    /// # Errors
    /// Refused when there is nothing to withdraw.
    pub async fn withdraw(&self, caller: &Caller, id: &PostId) -> Result<Withdrawn, ToolError> {
        self.desk.withdraw(caller, id).await
    }

    /// Pauses everything at once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pause_all(&self, caller: &Caller) -> Result<(), ToolError> {
        self.desk.pause(caller, &PauseScope::Workspace).await.map(drop)
    }

    /// Whether the whole workspace is paused.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_paused(&self, caller: &Caller) -> Result<bool, ToolError> {
        Ok(self.store.find_workspace_pause(&caller.workspace).await?.is_some())
    }
}

/// Behind which post a page begins: when that was edited, and its id.
pub type PostsAfter = (i64, PostId);

/// Posts on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostsPage {
    /// The posts, last edited first.
    pub posts: Vec<PostView>,
    /// Where older ones begin, if there are any.
    pub older: Option<PostsAfter>,
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// When.
    pub when: Moment,
    /// Through which door (`web`, `slack`, `mcp-stdio`, …).
    pub via: String,
    /// What, as `room.verb`.
    pub what: String,
    /// By whom, when it was not the asker: what they are called, as far as that is known.
    pub who: Option<String>,
}
