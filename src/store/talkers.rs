//! Who may talk to the core and how: consent, what they used, their profile (sealed).

use super::{Store, StoreResult, id, read, statements, word, write};
use crate::domain::caller::Grant;
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::lang::Lang;
use crate::domain::sealed::Sealed;
use crate::store::Statement;

statements! {
    // Everything that decides whether and how somebody may talk, in one look.
    FIND_TALKER = Statement::same("SELECT u.chat_grant, u.lang, u.zone, c.given_at, m.tokens, p.body, t.conversation_id FROM users u \
        LEFT JOIN model_consent c ON c.user_id = u.id AND c.tier = $2 LEFT JOIN model_use m ON m.user_id = u.id AND m.month = $3 \
        LEFT JOIN profile p ON p.user_id = u.id LEFT JOIN thread t ON t.user_id = u.id AND t.place = $4 AND t.thread = $5 WHERE u.id=$1");
    FIND_USE = Statement::same("SELECT tokens FROM model_use WHERE user_id=$1 AND month=$2");
    FIND_PROFILE = Statement::same("SELECT body FROM profile WHERE user_id=$1");
    PUT_PROFILE = Statement::same("INSERT INTO profile(user_id, body) VALUES($1,$2) ON CONFLICT (user_id) DO UPDATE SET body = excluded.body");
    PUT_CONSENT = Statement::same("INSERT INTO model_consent(user_id, tier, given_at) VALUES($1,$2,$3) ON CONFLICT (user_id, tier) DO NOTHING");
    DELETE_CONSENT = Statement::same("DELETE FROM model_consent WHERE user_id=$1");
    ADD_USE = Statement::same("INSERT INTO model_use(user_id, month, tokens) VALUES($1,$2,$3) \
        ON CONFLICT (user_id, month) DO UPDATE SET tokens = model_use.tokens + excluded.tokens");
}

/// What decides whether and how somebody may talk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTalker {
    /// What a conversation may do on its own.
    pub grant: Grant,
    /// The language they are talked to in.
    pub lang: Lang,
    /// Their IANA time zone.
    pub zone: String,
    /// Whether they agreed to the tier that was asked for.
    pub has_agreed: bool,
    /// Tokens used in the month that was asked for.
    pub used: i64,
    /// Their profile, sealed.
    pub profile: Option<Sealed>,
    /// The conversation that the thread is tied to.
    pub conversation: Option<ConversationId>,
}

impl Store {
    /// What decides whether and how somebody may talk, and in which conversation, where they do so in a thread (place and name); none when
    /// there is no such person.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_talker(
        &self,
        user: &UserId,
        (tier, month): (&str, &str),
        thread: Option<(&str, &str)>,
    ) -> StoreResult<Option<StoredTalker>> {
        type Row = (String, String, String, Option<i64>, Option<i64>, Option<Vec<u8>>, Option<String>);
        let (place, thread) = thread.unwrap_or_default();
        let row: Option<Row> = read!(self, p => sqlx::query_as(self.text(&FIND_TALKER)).bind(user.as_str()).bind(tier).bind(month).bind(place).bind(thread)
            .fetch_optional(p).await?);
        row.map(|(grant, lang, zone, agreed_at, used, profile, conversation)| {
            Ok(StoredTalker {
                grant: word("users", &grant, Grant::find)?,
                lang: word("users", &lang, Lang::find)?,
                zone,
                has_agreed: agreed_at.is_some(),
                used: used.unwrap_or(0),
                profile: profile.map(Sealed::from_bytes),
                conversation: conversation.map(|found| id("thread", &found)).transpose()?,
            })
        })
        .transpose()
    }

    /// A person's profile, sealed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_profile(&self, user: &UserId) -> StoreResult<Option<Sealed>> {
        let row: Option<(Vec<u8>,)> =
            read!(self, p => sqlx::query_as(self.text(&FIND_PROFILE)).bind(user.as_str()).fetch_optional(p).await?);
        Ok(row.map(|(body,)| Sealed::from_bytes(body)))
    }

    /// Stores a person's profile.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_profile(&self, user: &UserId, body: &Sealed) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&PUT_PROFILE)).bind(user.as_str()).bind(body.as_bytes()).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Stores that they agreed, or takes every agreement back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_consent(&self, user: &UserId, tier: Option<&str>, now: i64) -> StoreResult<()> {
        write!(self, p => match tier {
            Some(tier) => sqlx::query(self.text(&PUT_CONSENT)).bind(user.as_str()).bind(tier).bind(now).execute(p).await.map(drop)?,
            None => sqlx::query(self.text(&DELETE_CONSENT)).bind(user.as_str()).execute(p).await.map(drop)?,
        });
        Ok(())
    }

    /// What a person used in a month (`2026-11`).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_model_use(&self, user: &UserId, month: &str) -> StoreResult<i64> {
        let row: Option<(i64,)> = read!(self, p => sqlx::query_as(self.text(&FIND_USE)).bind(user.as_str()).bind(month).fetch_optional(p).await?);
        Ok(row.map_or(0, |(tokens,)| tokens))
    }

    /// Adds to what a person used in a month (`2026-11`).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_model_use(&self, user: &UserId, month: &str, tokens: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&ADD_USE)).bind(user.as_str()).bind(month).bind(tokens).execute(p).await.map(drop)?);
        Ok(())
    }
}
