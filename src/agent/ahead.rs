//! The first question of a turn goes out while the person's message is made durable: a disk's flush is over long before a model has said a word.
//! Nothing of the answer is heard before, and nothing follows from it; where it is not this turn's turn yet, the call is dropped and asked anew.
//! That happens only between processes: here one turn of a conversation at most goes ahead.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use tokio::sync::OwnedMutexGuard;

use super::turn::{Ended, Ledger, Question, Tell, Turn};
use super::{Agent, turn};
use crate::domain::chat::Progress;
use crate::domain::ids::ConversationId;
use crate::domain::tool::ToolError;
use crate::llm::{Delta, ModelFault, Said};

/// Whether a turn runs, known once its message is durable.
#[derive(Clone)]
pub struct Written(Shared<BoxFuture<'static, Result<bool, String>>>);

impl Written {
    /// Of what goes on by itself, whoever waits for it.
    #[must_use]
    pub fn of(writing: tokio::task::JoinHandle<Result<bool, ToolError>>) -> Self {
        let written = async move {
            match writing.await {
                Ok(Ok(is_running)) => Ok(is_running),
                Ok(Err(error)) => Err(error.to_string()),
                Err(error) => Err(error.to_string()),
            }
        };
        Self(written.boxed().shared())
    }

    /// Waits until it is durable.
    ///
    /// # Errors
    /// When it could not be written.
    pub async fn is_running(&self) -> Result<bool, ToolError> {
        self.0.clone().await.map_err(ToolError::Failed)
    }
}

/// The turns that are under way in each conversation here: how many, and who of them writes.
pub(super) type Entries = Arc<Mutex<HashMap<ConversationId, (usize, Arc<Writing>)>>>;

/// Held while a turn's message is written: the one that is there first writes first.
type Writing = tokio::sync::Mutex<()>;

/// A turn that is under way in a conversation, until this is dropped.
pub struct Entered {
    entries: Entries,
    conversation: ConversationId,
    writing: Arc<Writing>,
    first: Option<OwnedMutexGuard<()>>,
    /// Whether it is the only one here: of several that come at once, one alone may ask ahead, or most answers would be paid for in vain.
    pub is_alone: bool,
}

impl Entered {
    /// Writes its message behind those of the turns that were there before: of one message that comes twice, the one that asks ahead counts.
    pub fn write(
        &mut self,
        write: impl Future<Output = Result<bool, ToolError>> + Send + 'static,
    ) -> impl Future<Output = Result<bool, ToolError>> + Send + 'static {
        let (first, writing) = (self.first.take(), Arc::clone(&self.writing));
        async move {
            let _held = match first {
                Some(held) => held,
                None => writing.lock_owned().await,
            };
            write.await
        }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((count, _)) = entries.get_mut(&self.conversation) {
            *count -= 1;
            if *count == 0 {
                entries.remove(&self.conversation);
            }
        }
    }
}

/// What is said before anybody may hear it.
struct Held<'a> {
    ledger: &'a mut Ledger,
    tell: Tell<'a>,
    pieces: Option<Vec<Delta>>,
}

impl Held<'_> {
    fn hear(&mut self, piece: Delta) {
        match &mut self.pieces {
            Some(pieces) => pieces.push(piece),
            None => turn::pass(piece, self.ledger, self.tell),
        }
    }

    fn let_go(&mut self) {
        (self.tell)(Progress::Thinking);
        for piece in self.pieces.take().unwrap_or_default() {
            self.hear(piece);
        }
    }
}

impl Agent {
    /// Enters a conversation with a turn.
    #[must_use]
    pub fn enter(&self, conversation: &ConversationId) -> Entered {
        let mut entries = self.entered.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, writing) = entries.entry(conversation.clone()).or_default();
        *count += 1;
        let (is_alone, writing) = (*count == 1, Arc::clone(writing));
        let first = if is_alone { Arc::clone(&writing).try_lock_owned().ok() } else { None };
        Entered { entries: Arc::clone(&self.entered), conversation: conversation.clone(), writing, first, is_alone }
    }

    /// The first question and the model's answer to it, asked while the message is written. None when the turn must wait for others.
    pub(super) async fn ahead(
        &self,
        turn: &Turn<'_>,
        written: &Written,
        ledger: &mut Ledger,
        tell: Tell<'_>,
    ) -> Result<Option<(Question, Result<Said, ModelFault>)>, Ended> {
        let question = self.ask(turn, turn.past).await?;
        let answer = self.held(&question, written, Held { ledger, tell, pieces: Some(Vec::new()) }).await?;
        Ok(answer.map(|answer| (question, answer)))
    }

    async fn held(
        &self,
        question: &Question,
        written: &Written,
        held: Held<'_>,
    ) -> Result<Option<Result<Said, ModelFault>>, Ended> {
        let held = Mutex::new(held);
        let of_it = || held.lock().unwrap_or_else(PoisonError::into_inner);
        let mut hear = |piece: Delta| of_it().hear(piece);
        let saying = self.model.say(&question.ask, &mut hear);
        tokio::pin!(saying);
        let durable = written.is_running();
        tokio::pin!(durable);
        let mut said = None;
        let is_running = loop {
            tokio::select! {
                biased;
                is_running = &mut durable => break is_running?,
                answer = &mut saying, if said.is_none() => said = Some(answer),
            }
        };
        if !is_running {
            return Ok(None);
        }
        of_it().let_go();
        Ok(Some(match said {
            Some(answer) => answer,
            None => saying.await,
        }))
    }
}
