//! What assistants read beside their tools' answers: the reading tools without their side effects, a span of the calendar, how somebody's posts
//! sound; and for whoever waits for a change, whether there was one and whether they may still hear of it.

use serde_json::Value;

use super::App;
use super::oauth::Bearer;
use crate::desk::view::PostView;
use crate::domain::caller::{Caller, Via};
use crate::domain::lang::Lang;
use crate::domain::oauth::Scopes;
use crate::domain::tool::{Effect, ToolError, ToolOutcome};
use crate::memory::Profile;
use crate::say;
use crate::store::post_lists::PostsWanted;

impl App {
    /// Calls a tool that only reads. Nothing is told beside its answer, because nobody may look at it.
    ///
    /// # Errors
    /// Refused by the tool, or when there is none that only reads.
    pub async fn read_tool(&self, caller: &Caller, name: &str, arguments: Value) -> Result<ToolOutcome, ToolError> {
        self.read_tool_in(caller, Lang::En, (name, arguments)).await
    }

    /// The same in a language: what a person reads of it is no model's.
    ///
    /// # Errors
    /// As [`App::read_tool`].
    pub async fn read_tool_in(
        &self,
        caller: &Caller,
        lang: Lang,
        (name, arguments): (&str, Value),
    ) -> Result<ToolOutcome, ToolError> {
        let outcome = self.peek_tool_in(caller, lang, (name, arguments)).await?;
        if outcome.is_strange {
            self.note_words(caller).await?;
        }
        Ok(outcome)
    }

    /// The same for whoever only compares what is there with what was: nobody reads it.
    ///
    /// # Errors
    /// As [`App::read_tool`].
    pub async fn peek_tool_in(
        &self,
        caller: &Caller,
        lang: Lang,
        (name, arguments): (&str, Value),
    ) -> Result<ToolOutcome, ToolError> {
        if !self.toolbox().iter().any(|spec| spec.name == name && spec.effect == Effect::Reads) {
            return Err(say!("common-tool-unknown", name = name).into());
        }
        let cx = self.tool_context(caller, lang);
        self.toolbox.call(&cx, name, arguments).await
    }

    /// Posts with a time in a span (Unix milliseconds), last edited first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_due(&self, caller: &Caller, span: (i64, i64), limit: i64) -> Result<Vec<PostView>, ToolError> {
        let wanted = PostsWanted { due: Some(span), ..PostsWanted::default() };
        self.desk.list_posts(caller, &wanted, limit).await
    }

    /// How somebody's posts sound, as they told.
    ///
    /// # Errors
    /// When the database or the vault fails.
    pub async fn voice(&self, caller: &Caller) -> Result<Profile, ToolError> {
        self.memory.profile(&caller.user).await
    }

    /// A number that is another one once anything was written since, by whatever process.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change_mark(&self) -> Result<i64, ToolError> {
        Ok(self.store.find_change_mark().await?)
    }

    /// What a caller who came in by a token or consent may do by now: nothing once it was taken back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn scopes_now(&self, bearer: &Bearer) -> Result<Scopes, ToolError> {
        let caller = &bearer.caller;
        Ok(match &caller.via {
            Via::McpHttp(id) => {
                let tokens = self.store.list_access_tokens(&caller.user).await?;
                if tokens.iter().any(|token| token.id == *id) { Scopes::ALL } else { Scopes::NONE }
            }
            Via::McpApp(id) => {
                let apps = self.connected_apps(caller).await?;
                // For other accounts or fewer tools than before it is another permission: whoever waits under the old one begins anew.
                let app = apps.iter().find(|app| {
                    app.grant == *id && app.accounts == caller.accounts && app.allowed.covers(bearer.allowed)
                });
                app.map_or(Scopes::NONE, |app| app.scopes)
            }
            Via::McpStdio => Scopes::ALL,
            Via::Web(_) | Via::Terminal | Via::Slack | Via::Discord => Scopes::NONE,
        })
    }
}
