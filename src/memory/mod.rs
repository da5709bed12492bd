//! What was said, sealed under the key of the person whose it is, and forgotten when they say so. Opens and seals; decides nothing about
//! what is said.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::clock::{Clock, Entropy};
use crate::domain::caller::Caller;
use crate::domain::chat::{ConversationNames, MessageKind, TurnState};
use crate::domain::ids::{AccountId, ConversationId, MediaId, MessageId, PostId, TurnId, UserId};
use crate::domain::sealed::{Place, Sealed};
use crate::domain::tool::ToolError;
use crate::say;
use crate::store::Store;
use crate::store::conversations::StoredConversation;
use crate::store::talkers::StoredTalker;
pub use crate::store::turns::Without;
use crate::store::turns::{StoredMessage, TurnEnd};
use crate::vault::{Vault, VaultError};

mod facts;
mod profile;
mod read;

pub use facts::{Answer, ConversationView, Keeping, Last, Message, OpenTurn, Past, Sealing, Spoken, Standing, Talker};
pub use profile::Profile;
pub use read::{Listed, Said};

/// Characters that make about one token; too many tokens is the safe side. Japanese takes about one token a character.
const BYTES_PER_TOKEN: usize = 3;
/// Messages read at once: more than any window holds.
const MESSAGES_MAX: i64 = 400;

/// Where conversations are kept.
pub struct Memory {
    store: Arc<Store>,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    owner: String,
    last_ms: AtomicI64,
}

#[async_trait]
impl ConversationNames for Memory {
    async fn conversation_name(&self, user: &UserId, id: &ConversationId) -> Result<Option<(String, i64)>, ToolError> {
        self.named(user, id).await
    }
}

impl Memory {
    /// A memory; `owner` names this process in leases.
    pub fn new(
        store: Arc<Store>,
        vault: Arc<Vault>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        owner: String,
    ) -> Self {
        Self { store, vault, clock, entropy, owner, last_ms: AtomicI64::new(0) }
    }

    /// The conversation of a thread, when there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, user: &UserId, place: &str, thread: &str) -> Result<Option<ConversationId>, ToolError> {
        Ok(self.store.find_thread(place, thread, user).await?)
    }

    /// Begins a conversation in a thread; the one that is there when somebody else was faster.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open(&self, user: &UserId, place: &str, thread: &str) -> Result<ConversationId, ToolError> {
        let now = self.clock.now_ms();
        let id = ConversationId::generate(now, self.entropy.bits());
        if self.store.insert_conversation(&id, user, (place, thread), now).await? {
            return Ok(id);
        }
        let there = self.find(user, place, thread).await?;
        there.ok_or_else(|| ToolError::Failed("a thread was tied and forgotten at once".into()))
    }

    /// Continues a conversation in a thread: from here both are the same.
    ///
    /// # Errors
    /// Refused when the person has no such conversation.
    pub async fn tie(
        &self,
        user: &UserId,
        conversation: &ConversationId,
        thread: (&str, &str),
    ) -> Result<(), ToolError> {
        self.get(user, conversation).await?;
        Ok(self.store.update_thread(conversation, user, thread).await?)
    }

    async fn get(&self, user: &UserId, id: &ConversationId) -> Result<StoredConversation, ToolError> {
        let found = self.store.find_conversation(id, user).await?;
        found.ok_or_else(|| say!("conversation-not-found", id = id.as_str()).into())
    }

    /// Begins a turn with what a person said; durable when this returns. `source` names the delivery it answers: no second turn does.
    ///
    /// # Errors
    /// When the database or the vault fails.
    pub async fn begin(
        &self,
        user: &UserId,
        (conversation, source): (&ConversationId, Option<&str>),
        (text, media): (&str, &[MediaId]),
        lease_ms: i64,
    ) -> Result<OpenTurn, ToolError> {
        let sealing = self.prepare(user, (conversation, source), (text, media, "")).await?;
        let mut open = sealing.open.clone();
        open.is_running = self.write(sealing, lease_ms).await?;
        Ok(open)
    }

    /// Gives a turn its id and seals what a person said, and what others wrote before that; nothing is written yet.
    ///
    /// # Errors
    /// When the vault fails.
    pub async fn prepare(
        &self,
        user: &UserId,
        (conversation, source): (&ConversationId, Option<&str>),
        (text, media, others): (&str, &[MediaId], &str),
    ) -> Result<Sealing, ToolError> {
        let turn = TurnId::generate(self.order_ms(self.clock.now_ms()), self.entropy.bits());
        let open = OpenTurn { user: user.clone(), conversation: conversation.clone(), turn, is_running: false };
        let others = match others {
            "" => None,
            others => Some(self.message(&open, MessageKind::Others, others, &Keeping::default()).await?),
        };
        let mut message = self.message(&open, MessageKind::Person, text, &Keeping::default()).await?;
        message.media_ids = joined(media.iter().map(MediaId::as_str));
        Ok(Sealing { open, message, others, source: source.map(str::to_owned) })
    }

    /// Writes what was sealed; durable when this returns. Whether the turn runs already.
    ///
    /// # Errors
    /// When the database fails, or a turn answers the same delivery already.
    pub async fn write(&self, sealing: Sealing, lease_ms: i64) -> Result<bool, ToolError> {
        let Sealing { open, message, others, source } = sealing;
        let lease = (&open.turn, self.owner.as_str(), self.clock.now_ms() + lease_ms);
        let is_running = self.store.insert_turn(lease, (&open.conversation, source.as_deref()), &message).await?;
        if let Some(others) = others {
            // No tool is called before this returns: a conversation that read them never counts as the person's words alone.
            self.taint(&open).await?;
            self.store.insert_message(&open.conversation, &others).await?;
        }
        Ok(is_running)
    }

    /// Makes it the running turn, when the ones before it are over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim(&self, open: &OpenTurn, lease_ms: i64) -> Result<bool, ToolError> {
        let now = self.clock.now_ms();
        Ok(self.store.claim_turn(&open.turn, &open.conversation, now, now + lease_ms).await?)
    }

    /// Says that its process still lives; false when it was forgotten or given up meanwhile.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renew(&self, open: &OpenTurn, lease_ms: i64) -> Result<bool, ToolError> {
        Ok(self.store.renew_turn(&open.turn, self.clock.now_ms() + lease_ms).await?)
    }

    /// Whether somebody asked another process to end this turn; never where there is only one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_stop_asked(&self, open: &OpenTurn) -> Result<bool, ToolError> {
        Ok(self.store.is_shared() && self.store.is_stop_asked(&open.turn).await?)
    }

    /// Keeps something that was said in a turn, for as long as it may be kept.
    ///
    /// # Errors
    /// When the database or the vault fails, or the conversation was forgotten meanwhile.
    pub async fn keep(
        &self,
        open: &OpenTurn,
        kind: MessageKind,
        text: &str,
        keeping: &Keeping,
    ) -> Result<(), ToolError> {
        let message = self.message(open, kind, text, keeping).await?;
        Ok(self.store.insert_message(&open.conversation, &message).await?)
    }

    /// Ends a turn with the last things said in it.
    ///
    /// # Errors
    /// When the database or the vault fails, or the conversation was forgotten meanwhile.
    pub async fn end(
        &self,
        open: &OpenTurn,
        state: TurnState,
        (model, tokens): (Option<&str>, i64),
        last: Last<'_>,
    ) -> Result<(), ToolError> {
        let (mut first, mut second) = (None, None);
        let said = [(MessageKind::Model, last.model), (MessageKind::Reply, last.reply)];
        for (slot, (kind, text)) in [&mut first, &mut second].into_iter().zip(said) {
            if let Some(text) = text {
                *slot = Some(self.message(open, kind, text, &last.keeping).await?);
            }
        }
        let month = self.month();
        let end = TurnEnd {
            turn: &open.turn,
            conversation: &open.conversation,
            user: &open.user,
            state,
            model,
            tokens,
            month: &month,
            now: self.clock.now_ms(),
        };
        Ok(self.store.end_turn(&end, [first.as_ref(), second.as_ref()]).await?)
    }

    /// Whether and how somebody may talk, and which conversation a thread (place and name) is tied to; none when there is no such person.
    ///
    /// # Errors
    /// When the database or the vault fails.
    pub async fn talker(
        &self,
        user: &UserId,
        tier: &str,
        thread: Option<(&str, &str)>,
    ) -> Result<Option<Talker>, ToolError> {
        let Some(stored) = self.store.find_talker(user, (tier, &self.month()), thread).await? else { return Ok(None) };
        let profile = self.open_profile(user, stored.profile).await?;
        let StoredTalker { grant, lang, zone, has_agreed, used, conversation, .. } = stored;
        Ok(Some(Talker { grant, lang, zone, has_agreed, used, profile, conversation }))
    }

    /// What a conversation needs after a turn.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn standing(&self, open: &OpenTurn) -> Result<Standing, ToolError> {
        let found = self.store.find_standing(&open.conversation).await?;
        // Forgotten meanwhile: nothing is due.
        let (is_named, generation, tokens) = found.unwrap_or((true, 0, 0));
        Ok(Standing { is_named, tokens, generation })
    }

    /// Tokens that a person's conversations used this month.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn used(&self, user: &UserId) -> Result<i64, ToolError> {
        Ok(self.store.find_model_use(user, &self.month()).await?)
    }

    /// Marks that somebody else's words are in a conversation. It stays so until they are forgotten.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn taint(&self, open: &OpenTurn) -> Result<(), ToolError> {
        Ok(self.store.update_tainted(&open.conversation, self.clock.now_ms()).await?)
    }

    /// Marks that figures of Google's are in a turn.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_google(&self, open: &OpenTurn) -> Result<(), ToolError> {
        Ok(self.store.update_turn_of_google(&open.turn, self.clock.now_ms()).await?)
    }

    /// Whether somebody else's words are in a person's conversation; no when they have no such conversation.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_tainted(&self, user: &UserId, id: &ConversationId) -> Result<bool, ToolError> {
        let found = self.store.find_conversation(id, user).await?;
        Ok(found.is_some_and(|found| found.tainted_at.is_some()))
    }

    /// Whether any of these ids is of a post, a medium or a conversation that holds somebody else's words. Ids of other things say nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn are_tainted(&self, caller: &Caller, ids: &BTreeSet<String>) -> Result<bool, ToolError> {
        for id in ids {
            let is_tainted = if let Ok(post) = id.parse::<PostId>() {
                self.store.is_post_tainted(&post, &caller.workspace).await?
            } else if let Ok(medium) = id.parse::<MediaId>() {
                self.store.is_medium_tainted(&medium, &caller.workspace).await?
            } else if let Ok(conversation) = id.parse::<ConversationId>() {
                self.is_tainted(&caller.user, &conversation).await?
            } else {
                false
            };
            if is_tainted {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Ids tell the order of what was said, so no two of this process share a millisecond.
    fn order_ms(&self, now: i64) -> i64 {
        let next = |last: i64| Some(now.max(last + 1));
        self.last_ms.fetch_update(Ordering::SeqCst, Ordering::SeqCst, next).map_or(now, |last| now.max(last + 1))
    }

    /// The month that use is counted in, `2026-11`.
    #[must_use]
    pub fn month(&self) -> String {
        let now = jiff::Timestamp::from_millisecond(self.clock.now_ms()).unwrap_or_default();
        now.strftime("%Y-%m").to_string()
    }

    async fn message(
        &self,
        open: &OpenTurn,
        kind: MessageKind,
        text: &str,
        keeping: &Keeping,
    ) -> Result<StoredMessage, ToolError> {
        let now = self.clock.now_ms();
        let id = MessageId::generate(self.order_ms(now), self.entropy.bits());
        Ok(StoredMessage {
            body: self.seal(&place(&open.user, "message", "body", id.as_str()), text).await?,
            turn: open.turn.clone(),
            turn_state: TurnState::Queued,
            kind,
            tokens: i64::try_from(text.len() / BYTES_PER_TOKEN + 1).unwrap_or(i64::MAX),
            expires_at: keeping.until_ms,
            is_of_google: false,
            account_ids: joined(keeping.accounts.iter().map(AccountId::as_str)),
            media_ids: None,
            created_at: now,
            id,
        })
    }

    /// What a model is to remember: the summary and the newest messages that fit into `tokens`, whole turns only. Turns that the
    /// service blocked, data past its time and the turn `but` are left out.
    ///
    /// # Errors
    /// When the database or the vault fails.
    pub async fn past(
        &self,
        (user, conversation): (&UserId, &ConversationId),
        (but, without): (Option<&TurnId>, Without),
        tokens: i64,
    ) -> Result<Past, ToolError> {
        let now = self.clock.now_ms();
        let found = self.store.read_past((user, conversation), without, (now, MESSAGES_MAX)).await?;
        let found = found.ok_or_else(|| say!("conversation-not-found", id = conversation.as_str()))?;
        let summary = match found.summary {
            Some(sealed) => {
                let at = place(user, "conversation", "summary", conversation.as_str());
                Some(self.open_sealed(&at, &sealed).await?)
            }
            None => None,
        };
        let stored = found.messages;
        let mut is_cut = stored.len() == usize::try_from(MESSAGES_MAX).unwrap_or(usize::MAX);
        let (mut left, mut kept, mut last_turn, mut is_moving) = (tokens, Vec::new(), None, false);
        for message in stored {
            if but == Some(&message.turn) || message.turn_state == TurnState::Blocked {
                continue;
            }
            is_moving |= matches!(message.turn_state, TurnState::Queued | TurnState::Running);
            left -= message.tokens;
            // A turn is kept whole or not at all: half of one misleads, and calls without results are refused.
            if left < 0 && last_turn.as_ref() != Some(&message.turn) {
                is_cut = true;
                break;
            }
            last_turn = Some(message.turn.clone());
            kept.push(if is_gone(&message, now) { expired(message) } else { self.read(user, message).await? });
        }
        kept.reverse();
        let is_tainted = found.tainted_at.is_some();
        Ok(Past {
            summary,
            messages: kept,
            is_cut,
            is_tainted,
            is_summary_of_google: found.is_summary_of_google,
            is_moving,
            is_named: found.is_named,
            tokens: tokens - left,
        })
    }

    async fn read(&self, user: &UserId, message: StoredMessage) -> Result<Message, ToolError> {
        let body = self.open_sealed(&place(user, "message", "body", message.id.as_str()), &message.body).await?;
        Ok(with_body(message, body))
    }

    /// Replaces what came up to a turn by a summary, unless anything was forgotten since this generation.
    ///
    /// # Errors
    /// When the database or the vault fails.
    pub async fn summarise(
        &self,
        open: &OpenTurn,
        generation: i64,
        (summary, upto): (&str, &TurnId),
    ) -> Result<(), ToolError> {
        let at = place(&open.user, "conversation", "summary", open.conversation.as_str());
        let sealed = self.seal(&at, summary).await?;
        Ok(self.store.update_summary(&open.conversation, generation, (&sealed, upto)).await?)
    }

    /// Names a conversation, unless anything was forgotten since this generation.
    ///
    /// # Errors
    /// When the database or the vault fails.
    pub async fn name(&self, open: &OpenTurn, generation: i64, title: &str) -> Result<(), ToolError> {
        let at = place(&open.user, "conversation", "title", open.conversation.as_str());
        let sealed = self.seal(&at, title).await?;
        Ok(self.store.update_title(&open.conversation, generation, &sealed).await?)
    }

    /// What was answered to a delivery: none when no turn answers it, no text when its turn did not come to an answer.
    ///
    /// # Errors
    /// When the database or the vault fails.
    pub async fn answer_to(&self, user: &UserId, source: &str) -> Result<Option<Answer>, ToolError> {
        let Some((turn, conversation)) = self.store.find_turn_of(source, user).await? else { return Ok(None) };
        let mut answer = Answer { conversation, text: None };
        let now = self.clock.now_ms();
        let stored = self.store.list_messages(&answer.conversation, None, Without::Workings, (now, MESSAGES_MAX));
        for message in stored.await? {
            if message.turn == turn && message.kind == MessageKind::Reply && !is_gone(&message, now) {
                answer.text = Some(self.read(user, message).await?.body);
                break;
            }
        }
        Ok(Some(answer))
    }

    async fn seal(&self, at: &Place<'_>, text: &str) -> Result<Sealed, ToolError> {
        self.vault.seal(at, &SecretString::from(text)).await.map_err(|error| vault_failed(&error))
    }

    async fn open_sealed(&self, at: &Place<'_>, sealed: &Sealed) -> Result<String, ToolError> {
        let opened = self.vault.open(at, sealed).await.map_err(|error| vault_failed(&error))?;
        Ok(opened.expose_secret().to_owned())
    }
}

fn place<'a>(user: &'a UserId, table: &'a str, column: &'a str, row: &'a str) -> Place<'a> {
    Place { user, provider: "memory", provider_account: "", table, column, row }
}

fn with_body(message: StoredMessage, body: String) -> Message {
    let media = message.media_ids.as_deref().unwrap_or_default().split_whitespace();
    let media = media.filter_map(|id| id.parse().ok()).collect();
    let is_passing = message.expires_at.is_some();
    let StoredMessage { id, turn, turn_state, kind, is_of_google, tokens, created_at, .. } = message;
    Message { id, turn, turn_state, kind, body, media, is_passing, is_of_google, tokens, created_at }
}

/// Past its time, or emptied already.
fn is_gone(message: &StoredMessage, now: i64) -> bool {
    message.expires_at.is_some_and(|at| at <= now) || message.body.as_bytes().is_empty()
}

/// The place of something that may not be kept any longer; the call it answered still needs an answer.
fn expired(message: StoredMessage) -> Message {
    with_body(message, Value::Null.to_string())
}

fn joined<'a>(ids: impl Iterator<Item = &'a str>) -> Option<String> {
    let ids: Vec<&str> = ids.collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

fn vault_failed(error: &VaultError) -> ToolError {
    ToolError::Failed(format!("memory: {error}"))
}
