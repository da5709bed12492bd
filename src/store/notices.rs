//! What a person should know.

use super::{Store, StoreResult, json, read, statements, to_json, write};
use crate::domain::ids::{NoticeId, PostId, UserId};
use crate::domain::refusal::Sentence;
use crate::store::Statement;

statements! {
    INSERT_NOTICE = Statement::same("INSERT INTO notice(id, user_id, post_id, what, created_at) VALUES($1,$2,$3,$4,$5)");
    INSERT_ONCE = Statement::same("INSERT INTO notice(id, user_id, post_id, what, created_at) VALUES($1,$2,$3,$4,$5) ON CONFLICT(id) DO NOTHING");
    LIST_NOTICES = Statement::same("SELECT post_id, what, created_at FROM notice WHERE user_id=$1 ORDER BY created_at DESC, id DESC LIMIT CAST($2 AS BIGINT)");
    FIND_UNTOLD = Statement::same("SELECT 1 FROM notice WHERE user_id=$1 AND tool_told_at IS NULL LIMIT 1");
    TAKE_UNTOLD = Statement::same("UPDATE notice SET tool_told_at=$2 WHERE user_id=$1 AND tool_told_at IS NULL RETURNING post_id, what, created_at");
}

type NoticeRow = (Option<String>, String, i64);

fn read_notices(rows: Vec<NoticeRow>) -> StoreResult<Vec<Notice>> {
    let read = |(post, what, created_at): NoticeRow| {
        Ok(Notice { post: post.and_then(|post| post.parse().ok()), what: json("notice", &what)?, created_at })
    };
    rows.into_iter().map(read).collect()
}

/// A notice as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The post it is about.
    pub post: Option<PostId>,
    /// The sentence.
    pub what: Sentence,
    /// Unix milliseconds.
    pub created_at: i64,
}

impl Store {
    /// Stores a notice.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_notice(&self, notice_id: &NoticeId, user: &UserId, notice: &Notice) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&INSERT_NOTICE)).bind(notice_id.as_str()).bind(user.as_str())
            .bind(notice.post.as_ref().map(PostId::as_str)).bind(to_json(&notice.what)).bind(notice.created_at).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Stores a notice unless there is one with this id: for what is found again and again, and told once. Returns whether it was new.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_notice_once(&self, notice_id: &NoticeId, user: &UserId, notice: &Notice) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&INSERT_ONCE)).bind(notice_id.as_str()).bind(user.as_str())
            .bind(notice.post.as_ref().map(PostId::as_str)).bind(to_json(&notice.what)).bind(notice.created_at).execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// A person's newest notices.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_notices(&self, user: &UserId, limit: i64) -> StoreResult<Vec<Notice>> {
        read_notices(
            read!(self, p => sqlx::query_as(self.text(&LIST_NOTICES)).bind(user.as_str()).bind(limit).fetch_all(p).await?),
        )
    }

    /// Whether a person has notices that no tool's answer told yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_untold_notices(&self, user: &UserId) -> StoreResult<bool> {
        let found: Option<(i32,)> =
            read!(self, p => sqlx::query_as(self.text(&FIND_UNTOLD)).bind(user.as_str()).fetch_optional(p).await?);
        Ok(found.is_some())
    }

    /// These notices, newest first; from here they count as told, whoever else asks.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_untold_notices(&self, user: &UserId, now: i64) -> StoreResult<Vec<Notice>> {
        let rows: Vec<NoticeRow> = write!(self, p => sqlx::query_as(self.text(&TAKE_UNTOLD)).bind(user.as_str()).bind(now).fetch_all(p).await?);
        let mut notices = read_notices(rows)?;
        notices.sort_by_key(|notice| std::cmp::Reverse(notice.created_at));
        Ok(notices)
    }
}
