//! Readings of what networks counted of posts, sealed, and each account's turn to be read: which posts are old enough, who reads, and why not.
//! At which ages posts are read is decided in `upkeep`.

use super::accounts::{AccountRow, StoredAccount};
use super::{Store, StoreResult, id, json, read, statements, to_json, write};
use crate::domain::ids::{AccountId, AttemptId, PostId, UserId, WorkspaceId};
use crate::domain::network::Network;
use crate::domain::refusal::Sentence;
use crate::domain::sealed::Sealed;
use crate::store::Statement;

statements! {
    LIST_FIGURES_ACCOUNTS = Statement::same("SELECT a.id, a.workspace_id, a.user_id, a.network, a.remote_id, a.handle, a.name, a.scopes, a.health, a.paused_at, a.avatar_at \
        FROM account a LEFT JOIN figures_turn t ON t.account_id=a.id WHERE a.network=$1 AND a.health='fine' AND (t.next_at IS NULL OR t.next_at <= $2) \
        AND NOT EXISTS (SELECT 1 FROM network_stop s WHERE s.network=a.network AND s.until > $2) \
        AND EXISTS (SELECT 1 FROM attempt x WHERE x.account_id=a.id AND x.part=0 AND x.outcome='accepted' AND x.ended_at > $3) ORDER BY a.id LIMIT 200");
    LIST_FIGURES_POSTS = Statement::same("SELECT x.id, d.post_id, x.remote_id, x.ended_at, (SELECT MAX(f.age_h) FROM post_figures f WHERE f.attempt_id=x.id) AS read_h \
        FROM attempt x JOIN delivery d ON d.id=x.delivery_id WHERE x.account_id=$1 AND x.part=0 AND x.outcome='accepted' AND x.remote_id IS NOT NULL \
        AND x.ended_at > $2 AND d.state <> 'taken_down' ORDER BY x.ended_at DESC, x.id LIMIT 1000");
    // Of several who come at once one reads.
    CLAIM_FIGURES = Statement::same("INSERT INTO figures_turn(account_id, user_id, next_at) SELECT id, user_id, $2 FROM account WHERE id=$1 AND health='fine' \
        ON CONFLICT(account_id) DO UPDATE SET next_at=excluded.next_at, user_id=excluded.user_id WHERE figures_turn.next_at <= $3");
    END_FIGURES = Statement::same("UPDATE figures_turn SET next_at=$2, why=$3 WHERE account_id=$1");
    // Who let the account go meanwhile, or took the post down, keeps none of it.
    UPSERT_FIGURES = Statement::same("INSERT INTO post_figures(attempt_id, age_h, account_id, user_id, post_id, body, read_at) \
        SELECT x.id, $2, a.id, a.user_id, d.post_id, $3, $4 FROM attempt x JOIN delivery d ON d.id=x.delivery_id JOIN account a ON a.id=x.account_id \
        WHERE x.id=$1 AND a.user_id=$5 AND a.health <> 'disconnected' AND d.state <> 'taken_down' \
        ON CONFLICT(attempt_id, age_h) DO UPDATE SET body=excluded.body, read_at=excluded.read_at, user_id=excluded.user_id");
    DELETE_FIGURES_OF = Statement::same("DELETE FROM post_figures WHERE attempt_id=$1");
    UPDATE_FOLLOWERS = Statement::same("UPDATE figures_turn SET followers=$2, followers_at=$3 WHERE account_id=$1 \
        AND EXISTS (SELECT 1 FROM account a WHERE a.id=$1 AND a.health <> 'disconnected')");
    FIND_FOLLOWERS_AT = Statement::same("SELECT followers_at FROM figures_turn WHERE account_id=$1");
    LIST_TURNS = Statement::same("SELECT t.account_id, t.user_id, t.why, t.followers, t.followers_at FROM figures_turn t JOIN account a ON a.id=t.account_id \
        WHERE a.workspace_id=$1 ORDER BY t.account_id LIMIT 500");
    LIST_FIGURES = Statement::same("SELECT f.attempt_id, f.age_h, f.account_id, f.user_id, f.post_id, f.body, f.read_at, x.ended_at FROM post_figures f \
        JOIN attempt x ON x.id=f.attempt_id JOIN account a ON a.id=f.account_id WHERE a.workspace_id=$1 AND x.ended_at >= $2 ORDER BY x.ended_at DESC, f.age_h DESC LIMIT 20000");
    DELETE_OLD_FIGURES = Statement::same("DELETE FROM post_figures WHERE read_at <= $1");
    DELETE_OLD_FIGURES_ON = Statement::same("DELETE FROM post_figures WHERE read_at <= $2 AND account_id IN (SELECT id FROM account WHERE network=$1)");
    DELETE_TAKEN_DOWN = Statement::same("DELETE FROM post_figures WHERE attempt_id IN \
        (SELECT x.id FROM attempt x JOIN delivery d ON d.id=x.delivery_id WHERE d.state='taken_down')");
    // With an account goes what was read through it.
    DELETE_FIGURES_OF_ACCOUNT = Statement::same("DELETE FROM post_figures WHERE account_id=$1");
    DELETE_TURN_OF_ACCOUNT = Statement::same("DELETE FROM figures_turn WHERE account_id=$1");
}

/// A post of an account that is out, as far as reading its figures goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutAttempt {
    /// The try that brought it out.
    pub attempt: AttemptId,
    /// The post.
    pub post: PostId,
    /// The network's id.
    pub remote_id: String,
    /// When it was out, Unix milliseconds.
    pub out_at: i64,
    /// The oldest age at which it was read, in hours.
    pub read_h: Option<i64>,
}

/// A reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The try that brought the post out.
    pub attempt: AttemptId,
    /// At which age it was due, in hours.
    pub age_h: i64,
    /// The account.
    pub account: AccountId,
    /// Whose key seals it.
    pub user: UserId,
    /// The post.
    pub post: PostId,
    /// Sealed.
    pub body: Sealed,
    /// When it was read, Unix milliseconds.
    pub read_at: i64,
    /// When the post was out.
    pub out_at: i64,
}

/// What is known of reading an account's figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The account.
    pub account: AccountId,
    /// Whose key seals it.
    pub user: UserId,
    /// Why they cannot be read.
    pub why: Option<Sentence>,
    /// How many follow it, sealed, and when that was read.
    pub followers: Option<(Sealed, i64)>,
}

type OutRow = (String, String, String, i64, Option<i64>);
type ReadingRow = (String, i64, String, String, String, Vec<u8>, i64, i64);
type TurnRow = (String, String, Option<String>, Option<Vec<u8>>, Option<i64>);

/// The name of a reading's row, to which it is sealed.
#[must_use]
pub fn row_name(attempt: &AttemptId, age_h: i64) -> String {
    format!("{attempt}:{age_h}")
}

impl Store {
    /// Accounts of a network that may be read now and have something out since an instant, at most 200.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_figures_accounts(
        &self,
        network: Network,
        (now, since): (i64, i64),
    ) -> StoreResult<Vec<StoredAccount>> {
        let rows: Vec<AccountRow> = read!(self, p => sqlx::query_as(self.text(&LIST_FIGURES_ACCOUNTS)).bind(network.slug()).bind(now).bind(since)
            .fetch_all(p).await?);
        rows.into_iter().map(AccountRow::read).collect()
    }

    /// What an account has out since an instant, newest first, at most 1,000.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_figures_posts(&self, account: &AccountId, since: i64) -> StoreResult<Vec<OutAttempt>> {
        let rows: Vec<OutRow> = read!(self, p => sqlx::query_as(self.text(&LIST_FIGURES_POSTS)).bind(account.as_str()).bind(since).fetch_all(p).await?);
        rows.into_iter()
            .map(|(attempt, post, remote_id, out_at, read_h)| {
                let (attempt, post) = (id("attempt", &attempt)?, id("delivery", &post)?);
                Ok(OutAttempt { attempt, post, remote_id, out_at, read_h })
            })
            .collect()
    }

    /// Takes an account's turn until an instant. Whether it was free.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_figures(&self, account: &AccountId, (now, until): (i64, i64)) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&CLAIM_FIGURES)).bind(account.as_str()).bind(until).bind(now).execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// Ends a turn: when the next may begin, and why nothing can be read, if so.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_figures_turn(
        &self,
        account: &AccountId,
        next_at: i64,
        why: Option<&Sentence>,
    ) -> StoreResult<()> {
        let why = why.map(to_json);
        write!(self, p => sqlx::query(self.text(&END_FIGURES)).bind(account.as_str()).bind(next_at).bind(why).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Keeps a reading; nothing when the account was let go or connected by somebody else meanwhile, or the post taken down.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn upsert_figures(
        &self,
        (attempt, age_h): (&AttemptId, i64),
        (user, body): (&UserId, &Sealed),
        read_at: i64,
    ) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&UPSERT_FIGURES)).bind(attempt.as_str()).bind(age_h).bind(body.as_bytes()).bind(read_at)
            .bind(user.as_str()).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Deletes every reading of a post that its network does not show any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_figures_of(&self, attempt: &AttemptId) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_FIGURES_OF)).bind(attempt.as_str()).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Deletes every reading of an account's posts.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_figures_of_account(&self, account: &AccountId) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_FIGURES_OF_ACCOUNT)).bind(account.as_str()).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Keeps how many follow an account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_followers(&self, account: &AccountId, followers: &Sealed, read_at: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&UPDATE_FOLLOWERS)).bind(account.as_str()).bind(followers.as_bytes()).bind(read_at)
            .execute(p).await.map(drop)?);
        Ok(())
    }

    /// When was read how many follow an account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_followers_at(&self, account: &AccountId) -> StoreResult<Option<i64>> {
        let row: Option<(Option<i64>,)> = read!(self, p => sqlx::query_as(self.text(&FIND_FOLLOWERS_AT)).bind(account.as_str()).fetch_optional(p).await?);
        Ok(row.and_then(|(at,)| at))
    }

    /// What is known of reading each account of a workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_figures_turns(&self, workspace: &WorkspaceId) -> StoreResult<Vec<Turn>> {
        let rows: Vec<TurnRow> =
            read!(self, p => sqlx::query_as(self.text(&LIST_TURNS)).bind(workspace.as_str()).fetch_all(p).await?);
        rows.into_iter()
            .map(|(account, user, why, followers, at)| {
                Ok(Turn {
                    account: id("figures_turn", &account)?,
                    user: id("figures_turn", &user)?,
                    why: why.map(|why| json("figures_turn", &why)).transpose()?,
                    followers: followers.map(Sealed::from_bytes).zip(at),
                })
            })
            .collect()
    }

    /// Readings of a workspace's posts that were out since an instant, newest posts first, the oldest age of each first; at most 20,000.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_figures(&self, workspace: &WorkspaceId, since: i64) -> StoreResult<Vec<Reading>> {
        let rows: Vec<ReadingRow> = read!(self, p => sqlx::query_as(self.text(&LIST_FIGURES)).bind(workspace.as_str()).bind(since).fetch_all(p).await?);
        rows.into_iter()
            .map(|(attempt, age_h, account, user, post, body, read_at, out_at)| {
                let of = "post_figures";
                let (attempt, account, user, post) =
                    (id(of, &attempt)?, id(of, &account)?, id(of, &user)?, id(of, &post)?);
                Ok(Reading { attempt, age_h, account, user, post, body: Sealed::from_bytes(body), read_at, out_at })
            })
            .collect()
    }

    /// Deletes readings of posts that were taken down, and whatever was read before an instant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_old_figures(&self, before: i64) -> StoreResult<()> {
        write!(self, p => {
            sqlx::query(self.text(&DELETE_OLD_FIGURES)).bind(before).execute(p).await?;
            sqlx::query(self.text(&DELETE_TAKEN_DOWN)).execute(p).await.map(drop)?;
        });
        Ok(())
    }

    /// Deletes what was read on one network before an instant: some let figures be kept for a shorter time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_old_figures_on(&self, network: Network, before: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_OLD_FIGURES_ON)).bind(network.slug()).bind(before).execute(p).await.map(drop)?);
        Ok(())
    }
}
