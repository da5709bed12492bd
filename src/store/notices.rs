//! What a person should know.

use super::{Store, StoreResult, json, read, statements, write};
use crate::domain::ids::{NoticeId, PostId, UserId};
use crate::domain::refusal::Sentence;
use crate::store::Statement;

pub(in crate::store) const INSERT_NOTICE_TEXT: &str =
    "INSERT INTO notice(id, user_id, post_id, what, created_at) VALUES($1,$2,$3,$4,$5)";

/// Stores a notice inside a transaction.
macro_rules! insert_notice {
    ($tx:expr, $id:expr, $user:expr, $notice:expr) => {
        sqlx::query($crate::store::notices::INSERT_NOTICE_TEXT)
            .bind($id.as_str())
            .bind($user.as_str())
            .bind($notice.post.as_ref().map($crate::domain::ids::PostId::as_str))
            .bind($crate::store::to_json(&$notice.what))
            .bind($notice.created_at)
            .execute($tx)
            .await?
    };
}
pub(in crate::store) use insert_notice;

statements! {
    INSERT_NOTICE = Statement::same(INSERT_NOTICE_TEXT);
    LIST_NOTICES = Statement::same("SELECT post_id, what, created_at FROM notice WHERE user_id=$1 ORDER BY created_at DESC, id DESC LIMIT $2");
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
        write!(self, p => { insert_notice!(p, notice_id, user, notice); });
        Ok(())
    }

    /// A person's newest notices.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_notices(&self, user: &UserId, limit: i64) -> StoreResult<Vec<Notice>> {
        let rows: Vec<(Option<String>, String, i64)> = read!(self, p => sqlx::query_as(self.text(&LIST_NOTICES)).bind(user.as_str()).bind(limit).fetch_all(p).await?);
        rows.into_iter()
            .map(|(post, what, created_at)| {
                Ok(Notice { post: post.and_then(|post| post.parse().ok()), what: json("notice", &what)?, created_at })
            })
            .collect()
    }
}
