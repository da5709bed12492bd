//! Pages of posts, last edited first, narrowed down where the rows are: whoever filters a page afterwards answers "none" while there are
//! some further down. What a status follows from is `desk`'s rule; a test holds both to the same states.

use super::deliveries::over;
use super::posts::PostRow;
use super::{Store, StoreResult, read, statements};
use crate::domain::ids::{AccountId, PostId, WorkspaceId};
use crate::domain::post::Post;
use crate::domain::post_status::PostStatus;
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

statements! {
    LIST_POSTS = Statement::same(concat!("SELECT id, workspace_id, revision, created_at, edited_at, withdrawn_at, paused_at, tainted_at FROM (SELECT p.*, CASE \
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
        WHERE $9 = '' OR status = $9 ORDER BY edited_at DESC, id DESC LIMIT $4"));
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
        let PostsWanted { status, account, due, after } = wanted;
        let (edited_at, id) = after.as_ref().map_or((i64::MAX, ""), |(at, id)| (*at, id.as_str()));
        let (from, until) = due.unwrap_or(NO_SPAN);
        let account = account.as_ref().map_or("", AccountId::as_str);
        let status = status.map_or("", PostStatus::word);
        let rows: Vec<PostRow> = read!(self, p => sqlx::query_as(self.text(&LIST_POSTS)).bind(workspace.as_str()).bind(edited_at).bind(id)
            .bind(limit).bind(now).bind(account).bind(from).bind(until).bind(status).fetch_all(p).await?);
        rows.into_iter().map(|row| row.read(Vec::new())).collect()
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
