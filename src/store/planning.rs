//! What planning looks up: somebody's posting slots, what an account said lately, how far a standing permission goes, what was last told of
//! the coming day.

use super::deliveries::{columns, read_rows};
use super::{Store, StoreResult, id, json, read, statements, write};
use crate::domain::delivery::Delivery;
use crate::domain::ids::{AccountId, PostId, UserId, WorkspaceId};
use crate::domain::network::Network;
use crate::domain::post::Content;
use crate::store::Statement;

/// The word of somebody who wants no tags on links.
const PLAIN: &str = "plain";

statements! {
    FIND_SLOTS = Statement::same("SELECT slots FROM users WHERE id=$1");
    FIND_LINKS = Statement::same("SELECT links FROM users WHERE id=$1");
    UPDATE_LINKS = Statement::same("UPDATE users SET links=$2 WHERE id=$1");
    UPDATE_SLOTS = Statement::same("UPDATE users SET slots=$2 WHERE id=$1");
    LIST_RECENT = Statement::same("SELECT d.post_id, d.slot, v.content FROM delivery d JOIN variant v ON v.id = d.variant_id \
        WHERE d.account_id=$1 AND d.slot >= $2 AND d.post_id <> $3 AND d.state NOT IN ('cancelled','failed','taken_down','missed') \
        ORDER BY d.slot DESC, d.id LIMIT 500");
    LIST_PLANNED = Statement::same("SELECT d.slot, v.content FROM delivery d JOIN variant v ON v.id = d.variant_id \
        WHERE d.account_id=$1 AND d.slot > $2 AND d.slot <= $3 AND d.post_id <> $4 AND d.state NOT IN ('cancelled','failed','missed') \
        ORDER BY d.slot, d.id LIMIT 5000");
    LIST_PLANNED_ON = Statement::same("SELECT d.slot, v.content FROM account a JOIN delivery d ON d.account_id = a.id JOIN variant v ON v.id = d.variant_id \
        WHERE a.network=$1 AND d.slot > $2 AND d.slot <= $3 AND d.post_id <> $4 AND d.state NOT IN ('cancelled','failed','missed') \
        ORDER BY d.slot, d.id LIMIT 5000");
    // What was taken down again still counts for the network.
    COUNT_AROUND = Statement::same("SELECT COUNT(*) FROM delivery WHERE account_id=$1 AND slot > $2 AND slot <= $3 AND post_id <> $4 \
        AND state NOT IN ('cancelled','failed','missed')");
    FIND_LIMIT = Statement::same("SELECT posts_a_day, quiet_from, quiet_until FROM grant_limit WHERE user_id=$1 AND grantee=$2");
    SAVE_LIMIT = Statement::same("INSERT INTO grant_limit(user_id, grantee, posts_a_day, quiet_from, quiet_until) VALUES($1,$2,$3,$4,$5) \
        ON CONFLICT(user_id, grantee) DO UPDATE SET posts_a_day=excluded.posts_a_day, quiet_from=excluded.quiet_from, quiet_until=excluded.quiet_until");
    COUNT_GRANTED = Statement::same("SELECT COUNT(*) FROM delivery d JOIN approval a ON a.id = d.approval_id \
        WHERE a.user_id=$1 AND a.decided_via=$2 AND a.decided_at > $3");
    LIST_WORKSPACES_DUE = Statement::same("SELECT DISTINCT workspace_id FROM delivery WHERE state IN ('scheduled','waiting','blocked','unapproved') \
        AND slot > $1 AND slot <= $2 ORDER BY workspace_id LIMIT 1000");
    LIST_DUE_SOON = Statement::same(concat!("SELECT ", columns!(), " FROM delivery WHERE workspace_id=$1 \
        AND state IN ('scheduled','waiting','blocked','unapproved') AND slot > $2 AND slot <= $3 ORDER BY slot, id LIMIT 500"));
    CLAIM_REHEARSAL = Statement::same("INSERT INTO rehearsal(workspace_id, told, at) VALUES($1,'',$2) \
        ON CONFLICT(workspace_id) DO UPDATE SET at=excluded.at WHERE rehearsal.at <= $3 RETURNING told");
    SAVE_TOLD = Statement::same("INSERT INTO rehearsal(workspace_id, told, at) VALUES($1,$2,$3) \
        ON CONFLICT(workspace_id) DO UPDATE SET told=excluded.told, at=excluded.at");
}

/// Something an account said, or is to say.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// The post.
    pub post: PostId,
    /// When, Unix milliseconds.
    pub slot: i64,
    /// What.
    pub content: Content,
}

/// How far a standing permission goes. What is `None` is not limited.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GrantLimit {
    /// How many posts in 24 hours.
    pub posts_a_day: Option<i64>,
    /// Minutes of the day in the person's zone between which it approves nothing; over midnight when the first is the later.
    pub quiet: Option<(i64, i64)>,
}

impl Store {
    /// Somebody's posting slots, as `domain::slots` reads them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_slots(&self, user: &UserId) -> StoreResult<String> {
        let row: Option<(String,)> =
            read!(self, p => sqlx::query_as(self.text(&FIND_SLOTS)).bind(user.as_str()).fetch_optional(p).await?);
        Ok(row.map(|(slots,)| slots).unwrap_or_default())
    }

    /// Whether somebody wants tags on the links in their posts.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_links_tagged(&self, user: &UserId) -> StoreResult<bool> {
        let row: Option<(String,)> =
            read!(self, p => sqlx::query_as(self.text(&FIND_LINKS)).bind(user.as_str()).fetch_optional(p).await?);
        Ok(row.is_none_or(|(links,)| links != PLAIN))
    }

    /// Writes whether they do.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_links_tagged(&self, user: &UserId, is_tagged: bool) -> StoreResult<()> {
        let word = if is_tagged { "" } else { PLAIN };
        write!(self, p => sqlx::query(self.text(&UPDATE_LINKS)).bind(user.as_str()).bind(word).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Writes somebody's posting slots.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_slots(&self, user: &UserId, slots: &str) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&UPDATE_SLOTS)).bind(user.as_str()).bind(slots).execute(p).await.map(drop)?);
        Ok(())
    }

    /// What an account said since an instant and is to say, but for one post where one is named; newest first, at most 500.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_said(&self, account: &AccountId, since: i64, but: Option<&PostId>) -> StoreResult<Vec<Said>> {
        let rows: Vec<(String, i64, String)> = read!(self, p => sqlx::query_as(self.text(&LIST_RECENT)).bind(account.as_str()).bind(since)
            .bind(but.map_or("", PostId::as_str)).fetch_all(p).await?);
        let said = |(post, slot, content): (String, i64, String)| {
            Ok(Said { post: id("delivery", &post)?, slot, content: json("variant", &content)? })
        };
        rows.into_iter().map(said).collect()
    }

    /// How far a standing permission goes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_grant_limit(&self, user: &UserId, grantee: &str) -> StoreResult<GrantLimit> {
        type Row = (Option<i64>, Option<i64>, Option<i64>);
        let row: Option<Row> = read!(self, p => sqlx::query_as(self.text(&FIND_LIMIT)).bind(user.as_str()).bind(grantee).fetch_optional(p).await?);
        Ok(row.map_or_else(GrantLimit::default, |(posts_a_day, from, until)| GrantLimit {
            posts_a_day,
            quiet: from.zip(until),
        }))
    }

    /// Writes how far a standing permission goes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save_grant_limit(&self, user: &UserId, grantee: &str, limit: &GrantLimit) -> StoreResult<()> {
        let (from, until) = limit.quiet.unzip();
        write!(self, p => sqlx::query(self.text(&SAVE_LIMIT)).bind(user.as_str()).bind(grantee).bind(limit.posts_a_day).bind(from)
            .bind(until).execute(p).await.map(drop)?);
        Ok(())
    }

    /// How many deliveries a standing permission approved since an instant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_granted(&self, user: &UserId, via: &str, since: i64) -> StoreResult<i64> {
        let count: (i64,) = write!(self, p => sqlx::query_as(self.text(&COUNT_GRANTED)).bind(user.as_str()).bind(via).bind(since).fetch_one(p).await?);
        Ok(count.0)
    }

    /// Workspaces with something due between two instants, at most 1,000.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_workspaces_due(&self, from: i64, until: i64) -> StoreResult<Vec<WorkspaceId>> {
        let rows: Vec<(String,)> = read!(self, p => sqlx::query_as(self.text(&LIST_WORKSPACES_DUE)).bind(from).bind(until).fetch_all(p).await?);
        rows.into_iter().map(|(workspace,)| id("delivery", &workspace)).collect()
    }

    /// What is due in a workspace between two instants, at most 500.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_due_soon(&self, workspace: &WorkspaceId, from: i64, until: i64) -> StoreResult<Vec<Delivery>> {
        read_rows(
            read!(self, p => sqlx::query_as(self.text(&LIST_DUE_SOON)).bind(workspace.as_str()).bind(from).bind(until)
            .fetch_all(p).await?),
        )
    }

    /// How many deliveries of other posts an account has in a time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_around(&self, account: &AccountId, (from, until): (i64, i64), but: &PostId) -> StoreResult<i64> {
        Ok(
            read!(self, p => sqlx::query_scalar(self.text(&COUNT_AROUND)).bind(account.as_str()).bind(from).bind(until).bind(but.as_str())
            .fetch_one(p).await?),
        )
    }

    /// What other posts of an account there are in a time: when each goes out or went, and what it says; the soonest 5,000.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_planned(
        &self,
        account: &AccountId,
        (from, until): (i64, i64),
        but: &PostId,
    ) -> StoreResult<Vec<(i64, Content)>> {
        let rows: Vec<(i64, String)> = read!(self, p => sqlx::query_as(self.text(&LIST_PLANNED)).bind(account.as_str()).bind(from)
            .bind(until).bind(but.as_str()).fetch_all(p).await?);
        rows.into_iter().map(|(slot, content)| Ok((slot, json("variant", &content)?))).collect()
    }

    /// The same of every account of this server on a network.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_planned_on(
        &self,
        network: Network,
        (from, until): (i64, i64),
        but: &PostId,
    ) -> StoreResult<Vec<(i64, Content)>> {
        let rows: Vec<(i64, String)> = read!(self, p => sqlx::query_as(self.text(&LIST_PLANNED_ON)).bind(network.slug()).bind(from)
            .bind(until).bind(but.as_str()).fetch_all(p).await?);
        rows.into_iter().map(|(slot, content)| Ok((slot, json("variant", &content)?))).collect()
    }

    /// Takes a workspace's rehearsal unless one was taken after `before`: what was last told, when it is ours.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_rehearsal(&self, workspace: &WorkspaceId, now: i64, before: i64) -> StoreResult<Option<String>> {
        let row: Option<(String,)> = write!(self, p => sqlx::query_as(self.text(&CLAIM_REHEARSAL)).bind(workspace.as_str()).bind(now)
            .bind(before).fetch_optional(p).await?);
        Ok(row.map(|(told,)| told))
    }

    /// Remembers what was told of a workspace's coming day.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save_rehearsal(&self, workspace: &WorkspaceId, told: &str, now: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&SAVE_TOLD)).bind(workspace.as_str()).bind(told).bind(now).execute(p).await.map(drop)?);
        Ok(())
    }
}
