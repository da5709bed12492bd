//! After a turn: a name for the conversation, and a summary in place of what does not fit any more. Both by the cheap model, both sealed,
//! both gone with what they tell of. Failing here costs nothing but the convenience.

use std::sync::Arc;

use askama::Template;

use super::{Agent, prompt};
use crate::domain::chat::MessageKind;
use crate::domain::lang::Lang;
use crate::domain::tool::ToolError;
use crate::llm::{Ask, Item, Which};
use crate::memory::{Message, OpenTurn, Past, Standing, Without};

/// A summary is due when what was said takes more than this; it then covers all but the newest part.
const SUMMARY_TOKENS: i64 = 20_000;
/// So much stays as it was said.
const RECENT_TOKENS: i64 = 8_000;
/// Longest title that is kept.
const TITLE_CHARS_MAX: usize = 80;
/// For reading everything there is.
const ALL_TOKENS: i64 = 200_000;

/// Whether a conversation that was so far this needs nothing after one more turn. What that turn adds, the next one sees.
pub(crate) fn is_settled(past: &Past) -> bool {
    past.is_named && past.tokens < SUMMARY_TOKENS / 4
}

impl Agent {
    /// Names and summarises a conversation when it is due. Returns the tokens that it cost.
    ///
    /// # Errors
    /// When the database or the vault fails; a model that does not answer is left for the next time.
    pub async fn keep_up(&self, open: &OpenTurn, lang: Lang) -> Result<i64, ToolError> {
        let Standing { is_named, tokens, generation } = self.memory.standing(open).await?;
        if is_named && tokens <= SUMMARY_TOKENS {
            return Ok(0);
        }
        let mut used = 0;
        let past = self.memory.past((&open.user, &open.conversation), (None, Without::Nothing), ALL_TOKENS).await?;
        if !is_named {
            let system = prompt::Title { language: prompt::language(lang) }.render();
            if let Some((title, cost)) = self.lite(system, &past.messages).await {
                used += cost;
                let title: String = title.lines().next().unwrap_or_default().chars().take(TITLE_CHARS_MAX).collect();
                let title = title.trim().trim_matches(['"', '“', '”', '「', '」', '.', '。']);
                if !title.is_empty() {
                    self.memory.name(open, generation, title).await?;
                }
            }
        }
        if tokens > SUMMARY_TOKENS
            && let Some(at) = boundary(&past.messages)
        {
            let system = prompt::Summary { language: prompt::language(lang) }.render();
            let mut old = past.messages;
            let upto = old[at].turn.clone();
            old.truncate(at + 1);
            if let Some(summary) = &past.summary {
                old.insert(0, Message { kind: MessageKind::Reply, body: summary.clone(), ..old[0].clone() });
            }
            if let Some((summary, cost)) = self.lite(system, &old).await {
                used += cost;
                self.memory.summarise(open, generation, (&summary, &upto)).await?;
            }
        }
        Ok(used)
    }

    /// Asks the cheap model about what was said; results of tools are left out, because some may not be kept.
    async fn lite(&self, system: askama::Result<String>, messages: &[Message]) -> Option<(String, i64)> {
        let system = system.ok()?;
        let mut text = String::new();
        // Nothing that outlasts it is made of what may only be kept for a while.
        for message in messages.iter().filter(|message| !message.is_passing) {
            let who = match message.kind {
                MessageKind::Person => "Person",
                MessageKind::Reply => "Assistant",
                // A summary is told as ours: what others wrote is no part of it.
                MessageKind::Others | MessageKind::Model | MessageKind::Results => continue,
            };
            text.push_str(&format!("{who}: {}\n", message.body));
        }
        if text.is_empty() {
            return None;
        }
        let items = vec![Item::Person { text: prompt::quoted("conversation", &text), pictures: Vec::new() }];
        let ask = Ask { which: Which::Lite, system, tools: Arc::new(Vec::new()), items };
        match self.model.say(&ask, &mut |_| {}).await {
            Ok(said) if !said.text.trim().is_empty() => Some((said.text.trim().to_owned(), said.usage.all())),
            Ok(_) => None,
            Err(fault) => {
                tracing::warn!(error = %fault, "a conversation could not be summed up; it is tried again after the next turn");
                None
            }
        }
    }
}

/// The last message of the turns that are to be summed up: everything before the newest part.
fn boundary(messages: &[Message]) -> Option<usize> {
    let (mut left, mut first_recent) = (RECENT_TOKENS, messages.len());
    for (at, message) in messages.iter().enumerate().rev() {
        left -= message.tokens;
        if left < 0 {
            break;
        }
        if at == 0 || messages[at - 1].turn != message.turn {
            first_recent = at;
        }
    }
    // The newest turn alone may be larger than the recent part: it stays whole.
    let newest = &messages.last()?.turn;
    let first_of_newest = messages.iter().position(|message| message.turn == *newest)?;
    first_recent.min(first_of_newest).checked_sub(1)
}
