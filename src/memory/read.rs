//! What was said, page by page, as people read it and take it along.

use super::facts::{EXPIRED, OTHERS};
use super::{ConversationView, MESSAGES_MAX, Memory, Spoken, Without, is_gone, place};
use crate::domain::chat::{MessageKind, TurnState};
use crate::domain::ids::{ConversationId, TurnId, UserId};
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::say;
use crate::store::conversations::StoredConversation;

/// Conversations on one page.
const CONVERSATIONS_MAX: usize = 50;
/// Things that were said on one page; a turn stays whole.
const SPOKEN_MAX: usize = 200;
/// Where somebody takes all of it along.
const ALL_MAX: i64 = 1_000_000;

/// Conversations, last held first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// At most 50.
    pub views: Vec<ConversationView>,
    /// Where older ones begin, when there are any.
    pub next: Option<String>,
}

/// What was said in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// About 200 things, oldest first.
    pub spoken: Vec<Spoken>,
    /// Where what was said before it begins, when there is any.
    pub next: Option<String>,
}

impl Memory {
    /// A person's conversations, last held first, from the beginning or from another page's `next`.
    ///
    /// # Errors
    /// Refused when the cursor is none; when the database or the vault fails.
    pub async fn list(&self, user: &UserId, cursor: Option<&str>) -> Result<Listed, ToolError> {
        let after = match cursor {
            Some(given) => Some(position(given).ok_or_else(no_cursor)?),
            None => None,
        };
        let after = after.as_ref().map(|(at, id)| (*at, id.as_str()));
        // One more tells whether there are more.
        let most = i64::try_from(CONVERSATIONS_MAX + 1).unwrap_or(i64::MAX);
        let mut found = self.store.list_conversations(user, after, most).await?;
        let has_more = found.len() > CONVERSATIONS_MAX;
        found.truncate(CONVERSATIONS_MAX);
        let views = self.views(user, found).await?;
        let next = views.last().filter(|_| has_more).map(|last| format!("{}-{}", last.last_at, last.id));
        Ok(Listed { views, next })
    }

    /// All of them, for the person to take along.
    ///
    /// # Errors
    /// When the database or the vault fails.
    pub async fn list_all(&self, user: &UserId) -> Result<Vec<ConversationView>, ToolError> {
        let found = self.store.list_conversations(user, None, ALL_MAX).await?;
        self.views(user, found).await
    }

    async fn views(&self, user: &UserId, found: Vec<StoredConversation>) -> Result<Vec<ConversationView>, ToolError> {
        let mut views = Vec::with_capacity(found.len());
        for one in found {
            let title = self.title(user, &one).await?;
            views.push(ConversationView { id: one.id, title, created_at: one.created_at, last_at: one.last_at });
        }
        Ok(views)
    }

    async fn title(&self, user: &UserId, found: &StoredConversation) -> Result<Option<String>, ToolError> {
        let Some(sealed) = &found.title else { return Ok(None) };
        self.open_sealed(&place(user, "conversation", "title", found.id.as_str()), sealed).await.map(Some)
    }

    /// One conversation as it stands in a list.
    ///
    /// # Errors
    /// Refused when the person has no such conversation.
    pub async fn view(&self, user: &UserId, id: &ConversationId) -> Result<ConversationView, ToolError> {
        let found = self.get(user, id).await?;
        let title = self.title(user, &found).await?;
        Ok(ConversationView { id: found.id, title, created_at: found.created_at, last_at: found.last_at })
    }

    /// What one conversation is called, or begins with, and when something was said in it last.
    pub(super) async fn named(&self, user: &UserId, id: &ConversationId) -> Result<Option<(String, i64)>, ToolError> {
        let Some(found) = self.store.find_conversation(id, user).await? else { return Ok(None) };
        let name = match self.title(user, &found).await? {
            Some(title) => title,
            None => {
                let said = self.spoken(user, id, None).await?.spoken;
                said.into_iter().find(|spoken| spoken.by_person).map_or_else(|| "–".to_owned(), |first| first.text)
            }
        };
        Ok(Some((name, found.last_at)))
    }

    /// What was said in a conversation, as people read it, oldest first: the newest of it, or what came before another page.
    ///
    /// # Errors
    /// Refused when the person has no such conversation, or the cursor is none.
    pub async fn spoken(&self, user: &UserId, id: &ConversationId, cursor: Option<&str>) -> Result<Said, ToolError> {
        self.spoken_within(user, id, (cursor, usize::MAX)).await
    }

    /// The same, ending with the turn in which so many bytes were reached.
    ///
    /// # Errors
    /// As [`Memory::spoken`].
    pub async fn spoken_within(
        &self,
        user: &UserId,
        id: &ConversationId,
        (cursor, bytes): (Option<&str>, usize),
    ) -> Result<Said, ToolError> {
        let before = cursor.map(|given| given.parse::<TurnId>().map_err(|_| no_cursor())).transpose()?;
        self.spoken_some(user, (id, before.as_ref()), (MESSAGES_MAX, SPOKEN_MAX, bytes)).await
    }

    /// All of it, for the person to take along.
    ///
    /// # Errors
    /// As [`Memory::spoken`].
    pub async fn spoken_all(&self, user: &UserId, id: &ConversationId) -> Result<Vec<Spoken>, ToolError> {
        Ok(self.spoken_some(user, (id, None), (ALL_MAX, usize::MAX, usize::MAX)).await?.spoken)
    }

    async fn spoken_some(
        &self,
        user: &UserId,
        (id, before): (&ConversationId, Option<&TurnId>),
        (messages_max, spoken_max, bytes_max): (i64, usize, usize),
    ) -> Result<Said, ToolError> {
        self.get(user, id).await?;
        let now = self.clock.now_ms();
        let stored = self.store.list_messages(id, before, Without::Workings, (now, messages_max)).await?;
        // Of the oldest turn that was read only the end may be there: it begins the next page.
        let is_cut = i64::try_from(stored.len()).is_ok_and(|found| found == messages_max);
        let in_part = stored.last().filter(|_| is_cut).map(|message| message.turn.clone());
        let (mut spoken, mut next, mut answered, mut turn) = (Vec::new(), None, None, None::<TurnId>);
        for message in stored {
            let is_of_google = message.is_of_google;
            if turn.as_ref() != Some(&message.turn) {
                let bytes: usize = spoken.iter().map(|spoken: &Spoken| spoken.text.len()).sum();
                let is_long = spoken.len() >= spoken_max || bytes >= bytes_max;
                let is_full = is_long || in_part.as_ref() == Some(&message.turn);
                if let Some(last) = turn.replace(message.turn.clone()).filter(|_| is_full) {
                    next = Some(last.to_string());
                    break;
                }
            }
            let by_person = match message.kind {
                MessageKind::Person => true,
                MessageKind::Reply => false,
                MessageKind::Others => {
                    let message = self.read(user, message).await?;
                    let (turn, at_ms) = (OTHERS.to_owned(), message.created_at);
                    spoken.push(Spoken { by_person: false, text: message.body, turn, at_ms, is_of_google });
                    continue;
                }
                MessageKind::Model | MessageKind::Results => continue,
            };
            let (state, at_ms) = (message.turn_state, message.created_at);
            if by_person && state == TurnState::Interrupted && answered.as_ref() != Some(&message.turn) {
                let (text, turn) = (String::new(), state.word().to_owned());
                spoken.push(Spoken { by_person: false, text, turn, at_ms, is_of_google });
            }
            answered = Some(message.turn.clone());
            if is_gone(&message, now) {
                spoken.push(Spoken { by_person, text: String::new(), turn: EXPIRED.to_owned(), at_ms, is_of_google });
            } else {
                let message = self.read(user, message).await?;
                let turn = state.word().to_owned();
                spoken.push(Spoken { by_person, text: message.body, turn, at_ms, is_of_google });
            }
        }
        spoken.reverse();
        Ok(Said { spoken, next })
    }
}

/// Where a cursor points: behind this conversation, as it was held last then.
fn position(cursor: &str) -> Option<(i64, ConversationId)> {
    let (at, id) = cursor.split_once('-')?;
    Some((at.parse().ok()?, id.parse().ok()?))
}

fn no_cursor() -> Sentence {
    say!("common-argument-wrong", what = "cursor must be a next_cursor of list_conversations")
}
