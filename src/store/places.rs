//! Who our people are in other places, how they prove it, where our own messages are there, and what they were told.

use super::{Store, StoreResult, id, json, read, statements, word, write};
use crate::domain::ids::UserId;
use crate::domain::lang::Lang;
use crate::domain::refusal::Sentence;
use crate::store::Statement;

statements! {
    INSERT_LINKED = Statement::same("INSERT INTO identity(provider, subject, user_id, created_at, shown) VALUES($1,$2,$3,$4,$5) \
        ON CONFLICT (provider, subject) DO UPDATE SET user_id=excluded.user_id, created_at=excluded.created_at, shown=excluded.shown");
    LIST_LINKED = Statement::same("SELECT provider, subject, shown, thread, created_at FROM identity WHERE user_id=$1 AND provider <> 'local' \
        ORDER BY created_at, subject LIMIT 50");
    DELETE_LINKED = Statement::same("DELETE FROM identity WHERE provider=$1 AND subject=$2 AND user_id=$3");
    DELETE_LINKED_TEAM = Statement::same("DELETE FROM identity WHERE provider=$1 AND substr(subject, 1, length($2)) = $2");
    UPDATE_THREAD_OF = Statement::same("UPDATE identity SET thread=$3 WHERE provider=$1 AND subject=$2");
    INSERT_REQUEST = Statement::same("INSERT INTO link_request(secret_hash, place, subject, shown, tries, created_at, expires_at) \
        VALUES($1,$2,$3,$4,0,$5,$6)");
    FIND_REQUEST = Statement::same("SELECT place, subject, shown FROM link_request WHERE secret_hash=$1 AND used_at IS NULL AND expires_at > $2");
    CONFIRM_REQUEST = Statement::same("UPDATE link_request SET user_id=$2, code_hash=$3, tries=0 WHERE secret_hash=$1 AND used_at IS NULL AND expires_at > $4");
    // One winner; a wrong code costs one of five tries.
    REDEEM_REQUEST = Statement::same("UPDATE link_request SET used_at=$4 WHERE place=$1 AND subject=$2 AND code_hash=$3 AND used_at IS NULL \
        AND expires_at > $4 AND tries < 5 RETURNING user_id, shown");
    MISS_REQUEST = Statement::same("UPDATE link_request SET tries=tries+1 WHERE place=$1 AND subject=$2 AND used_at IS NULL AND expires_at > $3");
    DELETE_REQUESTS = Statement::same("DELETE FROM link_request WHERE expires_at <= $1");
    INSERT_SENT = Statement::same("INSERT INTO sent_message(place, team, thread, ts, user_id, about, inbox_key, sent_at) VALUES($1,$2,$3,$4,$5,$6,$7,$8) \
        ON CONFLICT (place, team, thread, ts) DO NOTHING");
    FIND_SENT = Statement::same("SELECT team, thread, ts FROM sent_message WHERE inbox_key=$1 ORDER BY sent_at LIMIT 20");
    DELETE_SENT = Statement::same("DELETE FROM sent_message WHERE place=$1 AND team=$2 AND thread=$3 AND ts=$4");
    // Newest first would tell yesterday's news last; a day is as long as a notice is news.
    LIST_UNTOLD = Statement::same("SELECT n.id, n.user_id, u.lang, n.post_id, n.what, i.subject, i.thread FROM notice n JOIN users u ON u.id = n.user_id \
        JOIN identity i ON i.user_id = n.user_id AND i.provider=$1 WHERE n.created_at > $2 AND n.created_at >= i.created_at \
        AND NOT EXISTS (SELECT 1 FROM notice_told t WHERE t.notice_id = n.id AND t.place = $1) ORDER BY n.created_at, n.id LIMIT 50");
    INSERT_TOLD = Statement::same("INSERT INTO notice_told(notice_id, place, told_at) VALUES($1,$2,$3) ON CONFLICT (notice_id, place) DO NOTHING");
    PUT_ROOM = Statement::same("INSERT INTO place_consent(user_id, place, room, given_at) VALUES($1,$2,$3,$4) ON CONFLICT (user_id, place, room) DO NOTHING");
    FIND_ROOM = Statement::same("SELECT given_at FROM place_consent WHERE user_id=$1 AND place=$2 AND room=$3");
    // What a forgotten conversation left elsewhere (marked where it is forgotten).
    LIST_LEFT = Statement::same("SELECT team, thread, ts, user_id FROM sent_message WHERE about='gone' AND place=$1 ORDER BY sent_at LIMIT 50");
    DELETE_TOLD = Statement::same("DELETE FROM notice_told WHERE told_at < $1");
}

/// Somebody of ours in another place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// The place (`slack`).
    pub place: String,
    /// Who they are there.
    pub subject: String,
    /// What they are called there.
    pub shown: String,
    /// Their direct thread with us, when it is known.
    pub thread: String,
    /// Unix milliseconds.
    pub created_at: i64,
}

/// Somebody's wish to be linked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRequest {
    /// The place.
    pub place: String,
    /// Who they are there.
    pub subject: String,
    /// What they are called there.
    pub shown: String,
}

/// A message of ours somewhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The team there.
    pub team: String,
    /// The thread there.
    pub thread: String,
    /// The message's id there.
    pub ts: String,
}

/// A notice that somebody was not told in a place yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untold {
    /// Its id.
    pub notice: String,
    /// Whose.
    pub user: UserId,
    /// Their language.
    pub lang: Lang,
    /// The post it is about.
    pub post: Option<String>,
    /// The sentence.
    pub what: Sentence,
    /// Who they are there.
    pub subject: String,
    /// Their direct thread with us.
    pub thread: String,
}

impl Store {
    /// Links somebody in another place to a person; whoever they were before there, they are this person now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_linked(
        &self,
        (place, subject, shown): (&str, &str, &str),
        user: &UserId,
        now: i64,
    ) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&INSERT_LINKED)).bind(place).bind(subject).bind(user.as_str()).bind(now).bind(shown)
            .execute(p).await.map(drop)?);
        Ok(())
    }

    /// Where a person is linked, at most 50.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_linked(&self, user: &UserId) -> StoreResult<Vec<Linked>> {
        type Row = (String, String, String, String, i64);
        let rows: Vec<Row> =
            read!(self, p => sqlx::query_as(self.text(&LIST_LINKED)).bind(user.as_str()).fetch_all(p).await?);
        let linked = |(place, subject, shown, thread, created_at)| Linked { place, subject, shown, thread, created_at };
        Ok(rows.into_iter().map(linked).collect())
    }

    /// Ends one of a person's links; false when there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_linked(&self, place: &str, subject: &str, user: &UserId) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&DELETE_LINKED)).bind(place).bind(subject).bind(user.as_str())
            .execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// Ends every link of a team that is gone (`<team>:` begins their subjects).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_linked_team(&self, place: &str, prefix: &str) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_LINKED_TEAM)).bind(place).bind(prefix).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Notes where somebody's direct thread with us is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_linked_thread(&self, place: &str, subject: &str, thread: &str) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&UPDATE_THREAD_OF)).bind(place).bind(subject).bind(thread).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Stores somebody's wish to be linked, by the hash of the page's secret.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_link_request(
        &self,
        secret_hash: &str,
        asked: &LinkRequest,
        now: i64,
        expires_at: i64,
    ) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&INSERT_REQUEST)).bind(secret_hash).bind(&asked.place).bind(&asked.subject)
            .bind(&asked.shown).bind(now).bind(expires_at).execute(p).await.map(drop)?);
        Ok(())
    }

    /// A wish that can still be granted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_link_request(&self, secret_hash: &str, now: i64) -> StoreResult<Option<LinkRequest>> {
        let row: Option<(String, String, String)> = read!(self, p => sqlx::query_as(self.text(&FIND_REQUEST)).bind(secret_hash).bind(now).fetch_optional(p).await?);
        Ok(row.map(|(place, subject, shown)| LinkRequest { place, subject, shown }))
    }

    /// A signed-in person says that it is them: from now on the code counts. False when it is too late.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn confirm_link_request(
        &self,
        secret_hash: &str,
        user: &UserId,
        code_hash: &str,
        now: i64,
    ) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&CONFIRM_REQUEST)).bind(secret_hash).bind(user.as_str()).bind(code_hash)
            .bind(now).execute(p).await?.rows_affected());
        Ok(done == 1)
    }

    /// Spends a code typed back by the one who asked: whose it is, and what the asker is called. A wrong code costs a try.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn redeem_link_request(
        &self,
        place: &str,
        subject: &str,
        code_hash: &str,
        now: i64,
    ) -> StoreResult<Option<(UserId, String)>> {
        let row: Option<(String, String)> = write!(self, p => sqlx::query_as(self.text(&REDEEM_REQUEST)).bind(place).bind(subject)
            .bind(code_hash).bind(now).fetch_optional(p).await?);
        if row.is_none() {
            write!(self, p => sqlx::query(self.text(&MISS_REQUEST)).bind(place).bind(subject).bind(now).execute(p).await.map(drop)?);
        }
        row.map(|(user, shown)| Ok((id("link_request", &user)?, shown))).transpose()
    }

    /// Deletes wishes that nobody granted in time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_expired_link_requests(&self, now: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_REQUESTS)).bind(now).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Notes a message of ours in another place. `about` names what it shows (a conversation, a post), `inbox_key` what it answers.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_sent(
        &self,
        place: &str,
        sent: &Sent,
        user: &UserId,
        (about, inbox_key): (&str, Option<&str>),
        now: i64,
    ) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&INSERT_SENT)).bind(place).bind(&sent.team).bind(&sent.thread).bind(&sent.ts)
            .bind(user.as_str()).bind(about).bind(inbox_key).bind(now).execute(p).await.map(drop)?);
        Ok(())
    }

    /// What was sent in answer to something delivered, at most 20.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_sent(&self, inbox_key: &str) -> StoreResult<Vec<Sent>> {
        let rows: Vec<(String, String, String)> =
            read!(self, p => sqlx::query_as(self.text(&FIND_SENT)).bind(inbox_key).fetch_all(p).await?);
        Ok(rows.into_iter().map(|(team, thread, ts)| Sent { team, thread, ts }).collect())
    }

    /// A message is gone there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_sent(&self, place: &str, sent: &Sent) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_SENT)).bind(place).bind(&sent.team).bind(&sent.thread).bind(&sent.ts)
            .execute(p).await.map(drop)?);
        Ok(())
    }

    /// Notices since an instant that their people were not told in a place, oldest first, at most 50.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_untold(&self, place: &str, since: i64) -> StoreResult<Vec<Untold>> {
        type Row = (String, String, String, Option<String>, String, String, String);
        let rows: Vec<Row> =
            read!(self, p => sqlx::query_as(self.text(&LIST_UNTOLD)).bind(place).bind(since).fetch_all(p).await?);
        rows.into_iter()
            .map(|(notice, user, lang, post, what, subject, thread)| {
                Ok(Untold {
                    notice,
                    user: id("notice", &user)?,
                    lang: word("users", &lang, Lang::find)?,
                    post,
                    what: json("notice", &what)?,
                    subject,
                    thread,
                })
            })
            .collect()
    }

    /// Somebody was told, or could not be.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_told(&self, notice: &str, place: &str, now: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&INSERT_TOLD)).bind(notice).bind(place).bind(now).execute(p).await.map(drop)?);
        Ok(())
    }

    /// A person agrees that everybody in a room may read along.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_room_consent(&self, user: &UserId, place: &str, room: &str, now: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&PUT_ROOM)).bind(user.as_str()).bind(place).bind(room).bind(now).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Whether they did.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_room_consent(&self, user: &UserId, place: &str, room: &str) -> StoreResult<bool> {
        let row: Option<(i64,)> = read!(self, p => sqlx::query_as(self.text(&FIND_ROOM)).bind(user.as_str()).bind(place).bind(room)
            .fetch_optional(p).await?);
        Ok(row.is_some())
    }

    /// Messages of ours that show conversations which were forgotten, with whose they were; at most 50.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_left(&self, place: &str) -> StoreResult<Vec<(Sent, UserId)>> {
        let rows: Vec<(String, String, String, String)> =
            read!(self, p => sqlx::query_as(self.text(&LIST_LEFT)).bind(place).fetch_all(p).await?);
        rows.into_iter()
            .map(|(team, thread, ts, user)| Ok((Sent { team, thread, ts }, id("sent_message", &user)?)))
            .collect()
    }

    /// Forgets what was told before an instant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_old_told(&self, before: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_TOLD)).bind(before).execute(p).await.map(drop)?);
        Ok(())
    }
}
