//! Pages of posts, last edited first, narrowed down where the rows are: whoever filters a page afterwards answers "none" while there are
//! some further down. What a status follows from is `desk`'s rule; a test holds both to the same states.

use std::collections::BTreeMap;

use super::deliveries::over;
use super::posts::PostRow;
use super::{Store, StoreResult, id, json, read, statements, word};
use crate::domain::ids::{AccountId, PostId, WorkspaceId};
use crate::domain::post::{Content, Post};
use crate::domain::post_status::PostStatus;
use crate::domain::schedule::Moment;
use crate::store::Statement;

/// States in which a delivery needs a person.
macro_rules! needs_attention {
    () => {
        "'blocked','unapproved','needs_human','missed','partial','failed'"
    };
}

/// Half a thread that a person left as it is.
macro_rules! left {
    () => {
        "d.state='partial' AND COALESCE(d.reason, '') LIKE '%\"delivery-reason-left\"%'"
    };
}

/// The posts that are wanted, with their status: `$1` to `$9` are what [`PostsWanted`] says, the instant and the number.
macro_rules! found {
    () => {
        concat!("(SELECT p.*, CASE \
        WHEN p.withdrawn_at IS NOT NULL THEN 'withdrawn' \
        WHEN EXISTS(SELECT 1 FROM delivery d WHERE d.post_id=p.id AND d.state IN (", needs_attention!(), ") AND NOT (", left!(), ")) THEN 'needs_attention' \
        WHEN EXISTS(SELECT 1 FROM approval a WHERE a.post_id=p.id AND a.decision='pending' AND a.expires_at > $5) \
            OR EXISTS(SELECT 1 FROM approval_item i JOIN approval a ON a.id=i.approval_id WHERE i.post_id=p.id AND i.outcome IS NULL \
            AND a.decision='pending' AND a.expires_at > $5) THEN 'waiting_for_you' \
        WHEN EXISTS(SELECT 1 FROM delivery d WHERE d.post_id=p.id AND d.state NOT IN (", over!(), ")) THEN 'scheduled' \
        WHEN EXISTS(SELECT 1 FROM delivery d WHERE d.post_id=p.id AND (d.state='published' OR (", left!(), "))) THEN 'published' \
        ELSE 'draft' END AS status FROM post p \
        WHERE p.workspace_id=$1 AND (p.edited_at < $2 OR (p.edited_at = $2 AND p.id < $3)) \
        AND ($6 = '' OR EXISTS(SELECT 1 FROM variant v WHERE v.post_id=p.id AND v.revision=p.revision AND v.account_id=$6)) \
        AND (CAST($7 AS BIGINT) > CAST($8 AS BIGINT) OR EXISTS(SELECT 1 FROM delivery d WHERE d.post_id=p.id AND d.state <> 'cancelled' \
            AND d.slot >= $7 AND d.slot < $8))) AS found \
        WHERE $9 = '' OR status = $9 ORDER BY edited_at DESC, id DESC LIMIT CAST($4 AS BIGINT)")
    };
}

statements! {
    LIST_POSTS = Statement::same(concat!(
        "SELECT id, workspace_id, revision, created_at, edited_at, withdrawn_at, paused_at, tainted_at FROM ", found!()));
    // A bare number behind LIMIT has SQLite prepare the statement anew at each call, so it is cast. A row for each variant of each post: what
    // goes to an account that is not there any more has no handle.
    LIST_BRIEFS = Statement::same(concat!("SELECT page.id, page.revision, page.edited_at, page.tainted_at, page.status, page.slot, page.zone, \
        v.content, a.handle FROM (SELECT id, workspace_id, revision, edited_at, tainted_at, status, \
        (SELECT d.slot FROM delivery d WHERE d.post_id=found.id ORDER BY d.slot DESC, d.id LIMIT 1) AS slot, \
        (SELECT d.zone FROM delivery d WHERE d.post_id=found.id ORDER BY d.slot DESC, d.id LIMIT 1) AS zone FROM ", found!(), ") AS page \
        LEFT JOIN variant v ON v.post_id=page.id AND v.revision=page.revision \
        LEFT JOIN account a ON a.id=v.account_id AND a.workspace_id=page.workspace_id \
        ORDER BY page.edited_at DESC, page.id DESC, v.id"));
    COUNT_POSTS = Statement::same(concat!("SELECT status, COUNT(*) FROM (SELECT status FROM ", found!(), ") AS page GROUP BY status"));
}

/// A post as a list tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostBrief {
    /// Our id.
    pub id: PostId,
    /// Goes up by one with every edit.
    pub revision: i64,
    /// Unix milliseconds.
    pub edited_at: i64,
    /// Where it stands.
    pub status: PostStatus,
    /// It holds somebody else's words.
    pub is_third_party: bool,
    /// The first text of its first variant.
    pub text: String,
    /// Handles of the accounts it is for, by variant.
    pub handles: Vec<String>,
    /// When its last delivery is or was due.
    pub due: Option<Moment>,
}

#[derive(sqlx::FromRow)]
struct BriefRow {
    id: String,
    revision: i64,
    edited_at: i64,
    tainted_at: Option<i64>,
    status: String,
    slot: Option<i64>,
    zone: Option<String>,
    content: Option<String>,
    handle: Option<String>,
}

/// Which posts are wanted; all of them by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostsWanted {
    /// Only what stands here.
    pub status: Option<PostStatus>,
    /// Only what has a variant for this account.
    pub account: Option<AccountId>,
    /// Only what is or was due from this instant on and before that one, Unix milliseconds.
    pub due: Option<(i64, i64)>,
    /// Only what comes behind this post, with the instant it was edited at.
    pub after: Option<(i64, PostId)>,
}

/// A span that nothing is asked of: it ends before it begins.
const NO_SPAN: (i64, i64) = (1, 0);

/// Asks one of the lists above.
macro_rules! list {
    ($store:expr, $p:ident, $statement:expr, ($workspace:expr, $wanted:expr, $now:expr, $limit:expr)) => {{
        let PostsWanted { status, account, due, after } = $wanted;
        let (edited_at, id) = after.as_ref().map_or((i64::MAX, ""), |(at, id)| (*at, id.as_str()));
        let (from, until) = due.unwrap_or(NO_SPAN);
        sqlx::query_as($store.text($statement))
            .bind($workspace.as_str())
            .bind(edited_at)
            .bind(id)
            .bind($limit)
            .bind($now)
            .bind(account.as_ref().map_or("", AccountId::as_str))
            .bind(from)
            .bind(until)
            .bind(status.map_or("", PostStatus::word))
            .fetch_all($p)
            .await?
    }};
}

impl Store {
    /// Posts of a workspace without their variants, last edited first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_posts(
        &self,
        workspace: &WorkspaceId,
        wanted: &PostsWanted,
        now: i64,
        limit: i64,
    ) -> StoreResult<Vec<Post>> {
        let rows: Vec<PostRow> = read!(self, p => list!(self, p, &LIST_POSTS, (workspace, wanted, now, limit)));
        rows.into_iter().map(|row| row.read(Vec::new())).collect()
    }
}

impl Store {
    /// A page of posts as a list tells them, last edited first: one question, however many they are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_briefs(
        &self,
        workspace: &WorkspaceId,
        wanted: &PostsWanted,
        now: i64,
        limit: i64,
    ) -> StoreResult<Vec<PostBrief>> {
        let rows: Vec<BriefRow> = read!(self, p => list!(self, p, &LIST_BRIEFS, (workspace, wanted, now, limit)));
        let mut briefs: Vec<PostBrief> = Vec::new();
        for mut row in rows {
            let variant = row.content.take().zip(row.handle.take());
            if briefs.last().is_none_or(|last| last.id.as_str() != row.id) {
                briefs.push(row.read()?);
            }
            let (Some(brief), Some((content, handle))) = (briefs.last_mut(), variant) else { continue };
            if brief.handles.is_empty() {
                let content: Content = json("variant", &content)?;
                brief.text = content.segments.into_iter().next().map(|segment| segment.text).unwrap_or_default();
            }
            brief.handles.push(handle);
        }
        Ok(briefs)
    }
}

impl Store {
    /// How many posts of a workspace stand where.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_posts(&self, workspace: &WorkspaceId, now: i64) -> StoreResult<BTreeMap<PostStatus, i64>> {
        let all = PostsWanted::default();
        let rows: Vec<(String, i64)> = read!(self, p => list!(self, p, &COUNT_POSTS, (workspace, &all, now, i64::MAX)));
        rows.into_iter().map(|(text, count)| Ok((status(&text)?, count))).collect()
    }
}

fn status(text: &str) -> StoreResult<PostStatus> {
    word("post", text, |text| PostStatus::ALL.into_iter().find(|status| status.word() == text))
}

impl BriefRow {
    fn read(self) -> StoreResult<PostBrief> {
        let due = self.slot.zip(self.zone).map(|(at_ms, zone)| Moment { at_ms, zone });
        Ok(PostBrief {
            id: id("post", &self.id)?,
            revision: self.revision,
            edited_at: self.edited_at,
            status: status(&self.status)?,
            is_third_party: self.tainted_at.is_some(),
            text: String::new(),
            handles: Vec::new(),
            due,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::over;
    use crate::domain::delivery::{LEFT, State};

    #[test]
    fn the_states_in_the_statement_are_those_of_the_machine() {
        for state in State::ALL {
            let is_in = |list: &str| list.split(',').any(|word| word == format!("'{}'", state.word()));
            assert_eq!(is_in(needs_attention!()), state.needs_attention(), "{state:?}");
            assert_eq!(is_in(over!()), state.is_over(), "{state:?}");
        }
        assert!(left!().contains(&format!("\"{LEFT}\"")));
    }
}
