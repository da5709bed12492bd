//! The conversational core: one turn at a time, from a person's words through a model and its tools to a checked answer. It knows tools
//! only by their contracts, networks not at all; what a tool may do is decided where tools are called (the gates of DESIGN §4).

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use serde_json::Value;
use tokio_util::task::TaskTracker;

use crate::domain::caller::Caller;
use crate::domain::ids::MediaId;
use crate::domain::tool::{ToolError, ToolOutcome, ToolSpec};
use crate::i18n::Words;
use crate::llm::{ChatModel, Declaration, ModelFault, Picture, Quota};
use crate::memory::Memory;

mod ahead;
mod calls;
mod claims;
mod figures;
mod history;
mod outcome;
mod pages;
mod prompt;
mod quotes;
#[cfg(test)]
mod tests;
mod turn;
mod upkeep;
mod voice;

pub use ahead::{Entered, Written};
pub use pages::Page;
pub use turn::{LEASE_MS, Turn, Turned};
pub(crate) use upkeep::is_settled;
pub use voice::VoiceChange;

/// What a turn works with: the toolbox, seen from above.
#[async_trait]
pub trait Hands: Send + Sync {
    /// The tools' contracts.
    fn specs(&self) -> &[ToolSpec];

    /// Calls a tool as this caller.
    ///
    /// # Errors
    /// Refused by the tool, or when there is no such tool.
    async fn call(&self, caller: &Caller, name: &str, arguments: Value) -> Result<ToolOutcome, ToolError>;

    /// The HTML of a public page.
    ///
    /// # Errors
    /// Refused when the address may not be asked or does not deliver.
    async fn page(&self, url: &str) -> Result<Page, ToolError>;

    /// Keeps how a person wants to sound and be talked to; answers with all of it, and with who speaks from now on: their language and
    /// zone may be others. The person hears of it in the record of who did what.
    ///
    /// # Errors
    /// Refused when it is too long, or the zone is not known.
    async fn set_voice(&self, caller: &Caller, change: VoiceChange) -> Result<(Value, Caller), ToolError>;

    /// A picture for the model; `None` when it is not one, or too large to be shown.
    ///
    /// # Errors
    /// Refused when there is no such medium.
    async fn picture(&self, caller: &Caller, id: &MediaId) -> Result<Option<Picture>, ToolError>;
}

/// The core. Its pieces are shared with the rest of the process.
pub struct Agent {
    model: Arc<dyn ChatModel>,
    memory: Arc<Memory>,
    words: Arc<Words>,
    quota: Quota,
    /// Owns what ends a turn that nobody waits for.
    background: TaskTracker,
    /// What the model is told of the tools: the same in every turn.
    tools: OnceLock<Arc<Vec<Declaration>>>,
    /// Conversations with turns that are under way here.
    entered: ahead::Entries,
}

impl Agent {
    /// A core over a model, on this plan, and a memory. `background` is waited for when the process ends.
    #[must_use]
    pub fn new(
        (model, quota): (Arc<dyn ChatModel>, Quota),
        memory: Arc<Memory>,
        words: Arc<Words>,
        background: TaskTracker,
    ) -> Self {
        let entered = ahead::Entries::default();
        Self { model, memory, words, quota, background, tools: OnceLock::new(), entered }
    }

    /// Looks whether the model can be asked at all.
    ///
    /// # Errors
    /// What stands in the way.
    pub async fn check_model(&self) -> Result<(), ModelFault> {
        self.model.check().await
    }
}
