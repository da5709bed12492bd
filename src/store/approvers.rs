//! Whose a post is, who else may approve it, and what wrote it.

use super::{Store, StoreResult, id, read, statements, write};
use crate::domain::ids::{ApprovalId, ConversationId, PostId, UserId, WorkspaceId};
use crate::store::Statement;

statements! {
    FIND_POST_OWNER = Statement::same("SELECT m.user_id FROM post p JOIN membership m ON m.workspace_id = p.workspace_id WHERE p.id=$1 LIMIT 1");
    FIND_APPROVAL_OWNER = Statement::same("SELECT user_id FROM approval WHERE id=$1");
    PUT_APPROVER = Statement::same("INSERT INTO post_approver(post_id, user_id, named_by, named_at) VALUES($1,$2,$3,$4) \
        ON CONFLICT (post_id, user_id) DO NOTHING");
    DELETE_APPROVER = Statement::same("DELETE FROM post_approver WHERE post_id=$1 AND user_id=$2");
    // In whose workspace the question of a post is that somebody else named them for.
    FIND_NAMED = Statement::same("SELECT a.workspace_id FROM approval a JOIN post_approver n ON n.post_id = a.post_id AND n.user_id=$2 \
        WHERE a.id=$1 AND a.user_id <> $2");
    FIND_NAMED_POST = Statement::same("SELECT p.workspace_id FROM post p JOIN post_approver n ON n.post_id = p.id AND n.user_id=$2 WHERE p.id=$1");
    PUT_ORIGIN = Statement::same("INSERT INTO post_origin(post_id, at, via, client, model) VALUES($1,$2,$3,$4,$5) \
        ON CONFLICT (post_id, via, client, model) DO NOTHING");
    LIST_ORIGINS = Statement::same("SELECT via, client, model FROM post_origin WHERE post_id=$1 ORDER BY at LIMIT 20");
    FIND_MODEL = Statement::same("SELECT model FROM turn WHERE conversation_id=$1 AND model IS NOT NULL ORDER BY created_at DESC LIMIT 1");
    FIND_POST_OF_DELIVERY = Statement::same("SELECT post_id FROM delivery WHERE id=$1 AND workspace_id=$2");
    FIND_POST_OF_PERMALINK = Statement::same("SELECT d.post_id FROM attempt a JOIN delivery d ON d.id = a.delivery_id \
        WHERE a.permalink=$1 AND d.workspace_id=$2 LIMIT 1");
    FIND_ANY_SHOWN = Statement::same("SELECT shown FROM identity WHERE user_id=$1 AND shown <> '' AND ended_at IS NULL ORDER BY created_at LIMIT 1");
}

/// What wrote a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The door it came in by.
    pub via: String,
    /// The client's name, where it has one.
    pub client: String,
    /// The model, where one wrote.
    pub model: String,
}

impl Store {
    /// Whose a post is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_post_owner(&self, post: &PostId) -> StoreResult<Option<UserId>> {
        let row: Option<(String,)> =
            read!(self, p => sqlx::query_as(self.text(&FIND_POST_OWNER)).bind(post.as_str()).fetch_optional(p).await?);
        row.map(|(user,)| id("membership", &user)).transpose()
    }

    /// Whom a question was put to.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_approval_owner(&self, approval: &ApprovalId) -> StoreResult<Option<UserId>> {
        let row: Option<(String,)> = read!(self, p => sqlx::query_as(self.text(&FIND_APPROVAL_OWNER)).bind(approval.as_str())
            .fetch_optional(p).await?);
        row.map(|(user,)| id("approval", &user)).transpose()
    }

    /// Names somebody who may approve a post, too. False when they were named before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_approver(&self, post: &PostId, user: &UserId, by: &UserId, now: i64) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&PUT_APPROVER)).bind(post.as_str()).bind(user.as_str()).bind(by.as_str()).bind(now)
            .execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// Somebody may not approve a post any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_approver(&self, post: &PostId, user: &UserId) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_APPROVER)).bind(post.as_str()).bind(user.as_str()).execute(p).await.map(drop)?);
        Ok(())
    }

    /// The workspace of a question that somebody else named this person for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_named_approval(&self, approval: &ApprovalId, user: &UserId) -> StoreResult<Option<WorkspaceId>> {
        let row: Option<(String,)> = read!(self, p => sqlx::query_as(self.text(&FIND_NAMED)).bind(approval.as_str()).bind(user.as_str())
            .fetch_optional(p).await?);
        row.map(|(workspace,)| id("approval", &workspace)).transpose()
    }

    /// The workspace of a post that somebody else named this person for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_named_post(&self, post: &PostId, user: &UserId) -> StoreResult<Option<WorkspaceId>> {
        let row: Option<(String,)> = read!(self, p => sqlx::query_as(self.text(&FIND_NAMED_POST)).bind(post.as_str()).bind(user.as_str())
            .fetch_optional(p).await?);
        row.map(|(workspace,)| id("post", &workspace)).transpose()
    }

    /// Notes what wrote a post.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_origin(&self, post: &PostId, origin: &Origin, now: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&PUT_ORIGIN)).bind(post.as_str()).bind(now).bind(&origin.via).bind(&origin.client)
            .bind(&origin.model).execute(p).await.map(drop)?);
        Ok(())
    }

    /// What wrote a post, in order, at most 20.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_origins(&self, post: &PostId) -> StoreResult<Vec<Origin>> {
        let rows: Vec<(String, String, String)> =
            read!(self, p => sqlx::query_as(self.text(&LIST_ORIGINS)).bind(post.as_str()).fetch_all(p).await?);
        Ok(rows.into_iter().map(|(via, client, model)| Origin { via, client, model }).collect())
    }

    /// The model that answered last in a conversation.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_model_of(&self, conversation: &ConversationId) -> StoreResult<Option<String>> {
        let row: Option<(String,)> = read!(self, p => sqlx::query_as(self.text(&FIND_MODEL)).bind(conversation.as_str())
            .fetch_optional(p).await?);
        Ok(row.map(|(model,)| model))
    }

    /// The post of a delivery.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_post_of_delivery(&self, delivery: &str, workspace: &WorkspaceId) -> StoreResult<Option<PostId>> {
        let row: Option<(String,)> = read!(self, p => sqlx::query_as(self.text(&FIND_POST_OF_DELIVERY)).bind(delivery)
            .bind(workspace.as_str()).fetch_optional(p).await?);
        row.map(|(post,)| id("delivery", &post)).transpose()
    }

    /// The post that can be seen at an address.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_post_of_permalink(&self, url: &str, workspace: &WorkspaceId) -> StoreResult<Option<PostId>> {
        let row: Option<(String,)> = read!(self, p => sqlx::query_as(self.text(&FIND_POST_OF_PERMALINK)).bind(url)
            .bind(workspace.as_str()).fetch_optional(p).await?);
        row.map(|(post,)| id("delivery", &post)).transpose()
    }

    /// What a person is called anywhere.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_any_shown(&self, user: &UserId) -> StoreResult<Option<String>> {
        let row: Option<(String,)> = read!(self, p => sqlx::query_as(self.text(&FIND_ANY_SHOWN)).bind(user.as_str())
            .fetch_optional(p).await?);
        Ok(row.map(|(shown,)| shown))
    }
}
