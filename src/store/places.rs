//! Who our people are in other places, how they prove it, where our own messages are there, and what they were told.

use super::{Store, StoreResult, id, json, read, statements, word, write};
use crate::domain::ids::{ConversationId, PostId, UserId};
use crate::domain::lang::Lang;
use crate::domain::refusal::Sentence;
use crate::store::Statement;

statements! {
    INSERT_LINKED = Statement::same("INSERT INTO identity(provider, subject, user_id, created_at, shown) VALUES($1,$2,$3,$4,$5) \
        ON CONFLICT (provider, subject) DO UPDATE SET user_id=excluded.user_id, created_at=excluded.created_at, shown=excluded.shown, ended_at=NULL, news='', digest=''");
    LIST_LINKED = Statement::same("SELECT provider, subject, shown, thread, created_at FROM identity WHERE user_id=$1 AND provider <> 'local' AND ended_at IS NULL \
        ORDER BY created_at, subject LIMIT 50");
    DELETE_LINKED = Statement::same("DELETE FROM identity WHERE provider=$1 AND subject=$2 AND user_id=$3");
    REVIVE_LINKED_TEAM = Statement::same("UPDATE identity SET ended_at=NULL WHERE provider=$1 AND substr(subject, 1, length($2)) = $2 AND ended_at IS NOT NULL");
    FIND_SHOWN = Statement::same("SELECT shown FROM identity WHERE provider=$1 AND user_id=$2 AND ended_at IS NULL \
        AND substr(subject, 1, length($3)) = $3 ORDER BY created_at LIMIT 1");
    // At most once within a span; the row that was written says who may greet.
    GREET = Statement::same("INSERT INTO greeting(place, subject, greeted_at) VALUES($1,$2,$3) ON CONFLICT (place, subject) DO UPDATE \
        SET greeted_at=excluded.greeted_at WHERE greeting.greeted_at < $4 RETURNING subject");
    DELETE_GREETINGS = Statement::same("DELETE FROM greeting WHERE greeted_at < $1");
    COUNT_REQUESTS = Statement::same("SELECT COUNT(*) FROM link_request WHERE place=$1 AND subject=$2 AND expires_at > $3");
    UPDATE_THREAD_OF = Statement::same("UPDATE identity SET thread=$3 WHERE provider=$1 AND subject=$2");
    UPDATE_NEWS_OF = Statement::same("UPDATE identity SET news=$3 WHERE provider=$1 AND subject=$2");
    FIND_NEWS_OF = Statement::same("SELECT news FROM identity WHERE provider=$1 AND subject=$2");
    INSERT_REQUEST = Statement::same("INSERT INTO link_request(secret_hash, place, subject, shown, tries, created_at, expires_at) \
        VALUES($1,$2,$3,$4,0,$5,$6)");
    FIND_REQUEST = Statement::same("SELECT place, subject, shown FROM link_request WHERE secret_hash=$1 AND used_at IS NULL AND expires_at > $2");
    CONFIRM_REQUEST = Statement::same("UPDATE link_request SET user_id=$2, code_hash=$3, tries=0 WHERE secret_hash=$1 AND used_at IS NULL AND expires_at > $4");
    // One winner; a wrong code costs one of five tries.
    REDEEM_REQUEST = Statement::same("UPDATE link_request SET used_at=$4 WHERE place=$1 AND subject=$2 AND code_hash=$3 AND used_at IS NULL \
        AND expires_at > $4 AND tries < 5 RETURNING user_id, shown");
    MISS_REQUEST = Statement::same("UPDATE link_request SET tries=tries+1 WHERE place=$1 AND subject=$2 AND used_at IS NULL AND expires_at > $3");
    DELETE_REQUESTS = Statement::same("DELETE FROM link_request WHERE expires_at <= $1");
    // What was on its way when its conversation was forgotten or its person's link ended is to go as soon as it is known of.
    INSERT_SENT = Statement::same("INSERT INTO sent_message(place, team, thread, ts, user_id, about, inbox_key, sent_at, open_since) \
        VALUES($1,$2,$3,$4,COALESCE((SELECT id FROM users WHERE id=$5), ''),CASE WHEN $10 AND NOT EXISTS (SELECT 1 FROM conversation WHERE id=$6) \
        OR NOT EXISTS (SELECT 1 FROM identity i WHERE i.provider=$1 AND i.user_id=$5) THEN 'gone' ELSE $6 END,$7,$8,$9) ON CONFLICT (place, team, thread, ts) DO UPDATE SET open_since=excluded.open_since, \
        about=CASE WHEN sent_message.about='gone' THEN 'gone' ELSE excluded.about END");
    FIND_OPEN_SENT = Statement::same("SELECT team, thread, ts FROM sent_message WHERE inbox_key=$1 AND open_since IS NOT NULL ORDER BY sent_at LIMIT 20");
    CLOSE_SENT = Statement::same("UPDATE sent_message SET open_since=NULL WHERE place=$1 AND team=$2 AND thread=$3 AND ts=$4");
    PUT_CARD = Statement::same("INSERT INTO post_card(place, team, thread, ts, post_id, user_id, shown_at) SELECT $1,$2,$3,$4,$5,$6,$7 \
        WHERE EXISTS (SELECT 1 FROM identity i WHERE i.provider=$1 AND i.user_id=$6) ON CONFLICT (place, team, thread, ts) DO UPDATE SET post_id=excluded.post_id, shown_at=excluded.shown_at");
    LIST_CARDS = Statement::same("SELECT c.team, c.thread, c.ts, c.shown_at, c.user_id FROM post_card c \
        WHERE c.place=$1 AND c.post_id=$2 ORDER BY c.shown_at DESC LIMIT 10");
    DELETE_CARD = Statement::same("DELETE FROM post_card WHERE place=$1 AND team=$2 AND thread=$3 AND ts=$4");
    // What is not drawn anew any more still goes with its post and its person.
    KEEP_OLD_CARDS = Statement::same("INSERT INTO sent_message(place, team, thread, ts, user_id, about, sent_at) \
        SELECT place, team, thread, ts, user_id, post_id, shown_at FROM post_card WHERE shown_at < $1 ON CONFLICT (place, team, thread, ts) DO NOTHING");
    DELETE_OLD_CARDS = Statement::same("DELETE FROM post_card WHERE shown_at < $1");
    FIND_SENT = Statement::same("SELECT team, thread, ts FROM sent_message WHERE inbox_key=$1 ORDER BY sent_at LIMIT 20");
    DELETE_SENT = Statement::same("DELETE FROM sent_message WHERE place=$1 AND team=$2 AND thread=$3 AND ts=$4");
    // Newest first would tell yesterday's news last; a day is as long as a notice is news.
    LIST_UNTOLD = Statement::same("SELECT n.id, n.user_id, u.lang, n.post_id, n.what, n.created_at, i.subject, i.thread, i.news FROM notice n JOIN users u ON u.id = n.user_id \
        JOIN identity i ON i.user_id = n.user_id AND i.provider=$1 WHERE n.created_at > $2 AND n.created_at >= i.created_at AND i.ended_at IS NULL \
        AND NOT EXISTS (SELECT 1 FROM notice_told t WHERE t.notice_id = n.id AND t.place = $1 || ' ' || i.subject) ORDER BY n.created_at, n.id LIMIT 50");
    // Whoever writes the row tells; of several processes it is one.
    INSERT_TOLD = Statement::same("INSERT INTO notice_told(notice_id, place, told_at) VALUES($1,$2,$3) ON CONFLICT (notice_id, place) DO NOTHING \
        RETURNING notice_id");
    UNTELL = Statement::same("DELETE FROM notice_told WHERE notice_id=$1 AND place=$2");
    // What a forgotten conversation left elsewhere (marked where it is forgotten).
    LIST_LEFT = Statement::same("SELECT team, thread, ts, user_id FROM sent_message WHERE about='gone' AND place=$1 ORDER BY sent_at LIMIT 50");
    DELETE_TOLD = Statement::same("DELETE FROM notice_told WHERE told_at < $1");
    // What is to be removed may be many; whoever asks for it waits.
    LIST_SENT_OF = Statement::same("SELECT team, thread, ts FROM sent_message WHERE place=$1 AND team=$2 AND user_id=$3 \
        UNION SELECT team, thread, ts FROM post_card WHERE place=$1 AND team=$2 AND user_id=$3 LIMIT 500");
    LIST_USERS_OF_TEAM = Statement::same("SELECT DISTINCT user_id FROM identity WHERE provider=$1 AND substr(subject, 1, length($2)) = $2 AND ended_at IS NULL LIMIT 1000");
    // Of somebody who is linked nowhere else in the place every message; else those of the team.
    LEAVE_SENT = Statement::same("UPDATE sent_message SET about='gone' WHERE place=$1 AND user_id=$3 AND (team=$2 OR NOT EXISTS (\
        SELECT 1 FROM identity i WHERE i.provider=$1 AND i.user_id=$3))");
    LEAVE_CARDS = Statement::same("INSERT INTO sent_message(place, team, thread, ts, user_id, about, sent_at) SELECT place, team, thread, ts, user_id, 'gone', shown_at \
        FROM post_card WHERE place=$1 AND user_id=$3 AND (team=$2 OR NOT EXISTS (SELECT 1 FROM identity i WHERE i.provider=$1 AND i.user_id=$3)) \
        ON CONFLICT (place, team, thread, ts) DO UPDATE SET about='gone'");
    DELETE_CARDS_LEFT = Statement::same("DELETE FROM post_card WHERE place=$1 AND user_id=$2 AND EXISTS (SELECT 1 FROM sent_message s WHERE s.place=post_card.place \
        AND s.team=post_card.team AND s.thread=post_card.thread AND s.ts=post_card.ts AND s.about='gone')");
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

/// A message elsewhere that shows a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownCard {
    /// Where.
    pub at: Sent,
    /// To whom.
    pub user: UserId,
    /// Unix milliseconds.
    pub shown_at: i64,
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
    /// Unix milliseconds.
    pub created_at: i64,
    /// Who they are there.
    pub subject: String,
    /// Their direct thread with us.
    pub thread: String,
    /// The channel they chose for news of their posts; empty when they chose none.
    pub news: String,
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

    /// A team is back (`<team>:` begins its people's subjects), and they are who they were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_linked_team_revived(&self, place: &str, prefix: &str) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&REVIVE_LINKED_TEAM)).bind(place).bind(prefix).execute(p).await.map(drop)?);
        Ok(())
    }

    /// What a person is called in a team.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_shown(&self, place: &str, user: &UserId, prefix: &str) -> StoreResult<Option<String>> {
        let row: Option<(String,)> = read!(self, p => sqlx::query_as(self.text(&FIND_SHOWN)).bind(place).bind(user.as_str())
            .bind(prefix).fetch_optional(p).await?);
        Ok(row.map(|(shown,)| shown))
    }

    /// Notes that a stranger is greeted now; false when they were since an instant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_greeting(&self, place: &str, subject: &str, now: i64, since: i64) -> StoreResult<bool> {
        let row: Option<(String,)> = write!(self, p => sqlx::query_as(self.text(&GREET)).bind(place).bind(subject).bind(now).bind(since)
            .fetch_optional(p).await?);
        Ok(row.is_some())
    }

    /// Forgets who was greeted before an instant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_old_greetings(&self, before: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_GREETINGS)).bind(before).execute(p).await.map(drop)?);
        Ok(())
    }

    /// How many pages somebody has open who wants to be linked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_link_requests(&self, place: &str, subject: &str, now: i64) -> StoreResult<i64> {
        let (count,): (i64,) = read!(self, p => sqlx::query_as(self.text(&COUNT_REQUESTS)).bind(place).bind(subject).bind(now)
            .fetch_one(p).await?);
        Ok(count)
    }

    /// Notes where somebody's direct thread with us is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_linked_thread(&self, place: &str, subject: &str, thread: &str) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&UPDATE_THREAD_OF)).bind(place).bind(subject).bind(thread).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Notes in which channel somebody hears news of their posts; empty: directly.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_linked_news(&self, place: &str, subject: &str, channel: &str) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&UPDATE_NEWS_OF)).bind(place).bind(subject).bind(channel).execute(p).await.map(drop)?);
        Ok(())
    }

    /// The channel in which somebody hears news of their posts, when they chose one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_linked_news(&self, place: &str, subject: &str) -> StoreResult<Option<String>> {
        let row: Option<(String,)> = read!(self, p => sqlx::query_as(self.text(&FIND_NEWS_OF)).bind(place).bind(subject)
            .fetch_optional(p).await?);
        Ok(row.map(|(channel,)| channel).filter(|channel| !channel.is_empty()))
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
        (now, open_since): (i64, Option<i64>),
    ) -> StoreResult<()> {
        let is_of_conversation = about.parse::<ConversationId>().is_ok();
        write!(self, p => sqlx::query(self.text(&INSERT_SENT)).bind(place).bind(&sent.team).bind(&sent.thread).bind(&sent.ts)
            .bind(user.as_str()).bind(about).bind(inbox_key).bind(now).bind(open_since).bind(is_of_conversation).execute(p).await.map(drop)?);
        Ok(())
    }

    /// What was still being written in answer to something delivered, at most 20.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_open_sent(&self, inbox_key: &str) -> StoreResult<Vec<Sent>> {
        let rows: Vec<(String, String, String)> =
            read!(self, p => sqlx::query_as(self.text(&FIND_OPEN_SENT)).bind(inbox_key).fetch_all(p).await?);
        Ok(rows.into_iter().map(|(team, thread, ts)| Sent { team, thread, ts }).collect())
    }

    /// A message is whole.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_sent_closed(&self, place: &str, sent: &Sent) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&CLOSE_SENT)).bind(place).bind(&sent.team).bind(&sent.thread).bind(&sent.ts)
            .execute(p).await.map(drop)?);
        Ok(())
    }

    /// Notes a message that shows a post; when its person is not linked any more, as one that is to go.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_card(
        &self,
        place: &str,
        card: &Sent,
        post: &PostId,
        user: &UserId,
        now: i64,
    ) -> StoreResult<()> {
        let noted = write!(self, p => sqlx::query(self.text(&PUT_CARD)).bind(place).bind(&card.team).bind(&card.thread).bind(&card.ts)
            .bind(post.as_str()).bind(user.as_str()).bind(now).execute(p).await.map(|done| done.rows_affected())?);
        if noted == 0 {
            self.insert_sent(place, card, user, (post.as_str(), None), (now, None)).await?;
        }
        Ok(())
    }

    /// Messages that show a post, newest first, at most 10.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_cards(&self, place: &str, post: &str) -> StoreResult<Vec<ShownCard>> {
        let rows: Vec<(String, String, String, i64, String)> =
            read!(self, p => sqlx::query_as(self.text(&LIST_CARDS)).bind(place).bind(post).fetch_all(p).await?);
        let card = |(team, thread, ts, shown_at, user): (String, String, String, i64, String)| {
            Ok(ShownCard { at: Sent { team, thread, ts }, user: id("post_card", &user)?, shown_at })
        };
        rows.into_iter().map(card).collect()
    }

    /// A message does not show a post any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_card(&self, place: &str, card: &Sent) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&DELETE_CARD)).bind(place).bind(&card.team).bind(&card.thread).bind(&card.ts)
            .execute(p).await.map(drop)?);
        Ok(())
    }

    /// Messages that showed a post before an instant are cards no more: only where they are stays known.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_old_cards(&self, before: i64) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&KEEP_OLD_CARDS)).bind(before).execute(p).await.map(drop)?);
        write!(self, p => sqlx::query(self.text(&DELETE_OLD_CARDS)).bind(before).execute(p).await.map(drop)?);
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
        type Row = (String, String, String, Option<String>, String, i64, String, String, String);
        let rows: Vec<Row> =
            read!(self, p => sqlx::query_as(self.text(&LIST_UNTOLD)).bind(place).bind(since).fetch_all(p).await?);
        rows.into_iter()
            .map(|(notice, user, lang, post, what, created_at, subject, thread, news)| {
                Ok(Untold {
                    notice,
                    user: id("notice", &user)?,
                    lang: word("users", &lang, Lang::find)?,
                    post,
                    what: json("notice", &what)?,
                    created_at,
                    subject,
                    thread,
                    news,
                })
            })
            .collect()
    }

    /// Somebody is told now, by whoever hears true: one process of several.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_told(&self, notice: &str, place: &str, now: i64) -> StoreResult<bool> {
        let row: Option<(String,)> = write!(self, p => sqlx::query_as(self.text(&INSERT_TOLD)).bind(notice).bind(place).bind(now)
            .fetch_optional(p).await?);
        Ok(row.is_some())
    }

    /// They could not be told: the next look tries again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_told(&self, notice: &str, place: &str) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&UNTELL)).bind(notice).bind(place).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Messages of ours for somebody in a team, at most 500.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_sent_of(&self, place: &str, team: &str, user: &UserId) -> StoreResult<Vec<Sent>> {
        let rows: Vec<(String, String, String)> = read!(self, p => sqlx::query_as(self.text(&LIST_SENT_OF)).bind(place).bind(team)
            .bind(user.as_str()).fetch_all(p).await?);
        Ok(rows.into_iter().map(|(team, thread, ts)| Sent { team, thread, ts }).collect())
    }

    /// Our people in a team (`<team>:` begins their subjects), at most 1,000.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_users_of_team(&self, place: &str, prefix: &str) -> StoreResult<Vec<UserId>> {
        let rows: Vec<(String,)> = read!(self, p => sqlx::query_as(self.text(&LIST_USERS_OF_TEAM)).bind(place).bind(prefix).fetch_all(p).await?);
        rows.iter().map(|(user,)| id("identity", user)).collect()
    }

    /// What shows somebody's conversations and posts in a team is to go there: they are not linked to it any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_sent_left(&self, place: &str, team: &str, user: &UserId) -> StoreResult<()> {
        for statement in [&LEAVE_SENT, &LEAVE_CARDS] {
            write!(self, p => sqlx::query(self.text(statement)).bind(place).bind(team).bind(user.as_str()).execute(p).await.map(drop)?);
        }
        write!(self, p => sqlx::query(self.text(&DELETE_CARDS_LEFT)).bind(place).bind(user.as_str()).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Messages of ours that are to go, with whose they are; of whoever is gone from here nobody is known. At most 50.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_left(&self, place: &str) -> StoreResult<Vec<(Sent, Option<UserId>)>> {
        let rows: Vec<(String, String, String, String)> =
            read!(self, p => sqlx::query_as(self.text(&LIST_LEFT)).bind(place).fetch_all(p).await?);
        rows.into_iter()
            .map(|(team, thread, ts, user)| {
                let user = if user.is_empty() { None } else { Some(id("sent_message", &user)?) };
                Ok((Sent { team, thread, ts }, user))
            })
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
