//! Everything of one person goes: their rows, table by table. Each table is a step of its own, so that a run that was stopped is simply begun
//! again; the row of the person goes last. Where our messages
//! are in chat services stays, without whose they were, until they are removed there. The audit chain stays: it holds ids and no content, and a chain without a link proves nothing.

use super::{Store, StoreResult, id, read, statements, write};
use crate::domain::ids::{MediaId, UserId};
use crate::store::Statement;
use crate::store::places::Sent;

statements! {
    LIST_MEDIA_OF = Statement::same("SELECT id FROM media WHERE user_id=$1 ORDER BY id");
    FORGET_FIGURES = Statement::same("DELETE FROM post_figures WHERE user_id=$1 OR account_id IN (SELECT id FROM account WHERE user_id=$1) \
        OR attempt_id IN (SELECT x.id FROM attempt x JOIN delivery d ON d.id=x.delivery_id WHERE d.user_id=$1)");
    FORGET_FIGURES_TURN = Statement::same("DELETE FROM figures_turn WHERE user_id=$1 OR account_id IN (SELECT id FROM account WHERE user_id=$1)");
    FORGET_ATTEMPT = Statement::same("DELETE FROM attempt WHERE delivery_id IN (SELECT id FROM delivery WHERE user_id=$1)");
    FORGET_DELIVERY = Statement::same("DELETE FROM delivery WHERE user_id=$1");
    FORGET_APPROVAL_ITEM = Statement::same("DELETE FROM approval_item WHERE approval_id IN (SELECT id FROM approval WHERE user_id=$1) \
        OR post_id IN (SELECT id FROM post WHERE user_id=$1)");
    FORGET_VIDEO_EDIT = Statement::same("DELETE FROM video_edit WHERE user_id=$1 OR account_id IN (SELECT id FROM account WHERE user_id=$1)");
    FORGET_APPROVAL = Statement::same("DELETE FROM approval WHERE user_id=$1");
    FORGET_VARIANT = Statement::same("DELETE FROM variant WHERE post_id IN (SELECT id FROM post WHERE user_id=$1)");
    FORGET_TOLD = Statement::same("DELETE FROM notice_told WHERE notice_id IN (SELECT id FROM notice WHERE user_id=$1)");
    FORGET_NOTICE = Statement::same("DELETE FROM notice WHERE user_id=$1");
    FORGET_POST = Statement::same("DELETE FROM post WHERE user_id=$1");
    FORGET_MEDIA = Statement::same("DELETE FROM media WHERE user_id=$1");
    FORGET_UPLOAD = Statement::same("DELETE FROM upload_link WHERE user_id=$1");
    FORGET_ACCOUNT_TOKEN = Statement::same("DELETE FROM account_token WHERE user_id=$1");
    FORGET_DISCONNECTION = Statement::same("DELETE FROM disconnection WHERE user_id=$1");
    FORGET_AVATAR = Statement::same("DELETE FROM account_avatar WHERE account_id IN (SELECT id FROM account WHERE user_id=$1)");
    FORGET_ACCOUNT = Statement::same("DELETE FROM account WHERE user_id=$1");
    FORGET_REPORT_CACHE = Statement::same("DELETE FROM report_cache WHERE user_id=$1");
    FORGET_REPORT_SOURCE = Statement::same("DELETE FROM report_source WHERE user_id=$1 OR login_id IN (SELECT id FROM google_login WHERE user_id=$1)");
    FORGET_INSPECTIONS = Statement::same("DELETE FROM inspection_list WHERE user_id=$1 OR login_id IN (SELECT id FROM google_login WHERE user_id=$1)");
    FORGET_GOOGLE_LOGIN = Statement::same("DELETE FROM google_login WHERE user_id=$1");
    FORGET_STATE = Statement::same("DELETE FROM oauth_state WHERE user_id=$1");
    FORGET_SESSION = Statement::same("DELETE FROM session WHERE user_id=$1");
    FORGET_LINK = Statement::same("DELETE FROM sign_in_link WHERE user_id=$1");
    FORGET_ACCESS_TOKEN = Statement::same("DELETE FROM access_token WHERE user_id=$1");
    FORGET_APP_TOKEN = Statement::same("DELETE FROM oauth_token WHERE grant_id IN (SELECT id FROM oauth_grant WHERE user_id=$1)");
    FORGET_APP_CODE = Statement::same("DELETE FROM oauth_code WHERE user_id=$1");
    FORGET_APP_GRANT = Statement::same("DELETE FROM oauth_grant WHERE user_id=$1");
    FORGET_MCP_SESSION = Statement::same("DELETE FROM mcp_session WHERE user_id=$1");
    FORGET_LATE = Statement::same("DELETE FROM late_call WHERE user_id=$1");
    FORGET_KEPT = Statement::same("DELETE FROM idempotency WHERE user_id=$1");
    // Where our messages are stays known until they are gone there, too; whose they were does not.
    FORGET_SENT = Statement::same("UPDATE sent_message SET about='gone', user_id='', inbox_key=NULL, open_since=NULL WHERE user_id=$1");
    LEAVE_CARD = Statement::same("INSERT INTO sent_message(place, team, thread, ts, user_id, about, sent_at) SELECT place, team, thread, ts, '', 'gone', shown_at \
        FROM post_card WHERE user_id=$1 OR post_id IN (SELECT id FROM post WHERE user_id=$1) \
        ON CONFLICT (place, team, thread, ts) DO UPDATE SET about='gone', user_id='', inbox_key=NULL, open_since=NULL");
    FORGET_MESSAGE = Statement::same("DELETE FROM message WHERE conversation_id IN (SELECT id FROM conversation WHERE user_id=$1)");
    FORGET_TURN = Statement::same("DELETE FROM turn WHERE conversation_id IN (SELECT id FROM conversation WHERE user_id=$1)");
    FORGET_THREAD = Statement::same("DELETE FROM thread WHERE user_id=$1");
    FORGET_CONVERSATION = Statement::same("DELETE FROM conversation WHERE user_id=$1");
    FORGET_PROFILE = Statement::same("DELETE FROM profile WHERE user_id=$1");
    FORGET_CONSENT = Statement::same("DELETE FROM model_consent WHERE user_id=$1");
    FORGET_USE = Statement::same("DELETE FROM model_use WHERE user_id=$1");
    FORGET_REQUEST = Statement::same("DELETE FROM link_request WHERE user_id=$1");
    FORGET_ROOM = Statement::same("DELETE FROM place_consent WHERE user_id=$1");
    FORGET_APPROVER = Statement::same("DELETE FROM post_approver WHERE user_id=$1 OR named_by=$1");
    FORGET_CARD = Statement::same("DELETE FROM post_card WHERE user_id=$1 OR post_id IN (SELECT id FROM post WHERE user_id=$1)");
    COUNT_LEFT = Statement::same("SELECT place, COUNT(*) FROM sent_message WHERE about='gone' AND user_id='' GROUP BY place ORDER BY place");
    // Nobody is left who could be told; whoever runs the server is.
    KEEP_SENT = Statement::same("UPDATE sent_message SET about='kept' WHERE place=$1 AND team=$2 AND thread=$3 AND ts=$4 AND about='gone' AND user_id=''");
    LIST_KEPT_SENT = Statement::same("SELECT place, team, thread, ts FROM sent_message WHERE about='kept' AND user_id='' ORDER BY sent_at DESC LIMIT 100");
    FORGET_ORIGIN = Statement::same("DELETE FROM post_origin WHERE post_id IN (SELECT id FROM post WHERE user_id=$1)");
    FORGET_LIMIT = Statement::same("DELETE FROM grant_limit WHERE user_id=$1");
    FORGET_ANSWERS = Statement::same("DELETE FROM answers_here WHERE user_id=$1");
    FORGET_STRANGE = Statement::same("DELETE FROM grant_strange WHERE user_id=$1");
    FORGET_ASKED = Statement::same("DELETE FROM asked_here WHERE user_id=$1");
    FORGET_REHEARSAL = Statement::same("DELETE FROM rehearsal WHERE workspace_id IN (SELECT workspace_id FROM membership WHERE user_id=$1)");
    FORGET_TEAM = Statement::same("DELETE FROM slack_team WHERE user_id=$1");
    FORGET_IDENTITY = Statement::same("DELETE FROM identity WHERE user_id=$1");
    FORGET_MEMBERSHIP = Statement::same("DELETE FROM membership WHERE user_id=$1");
    FORGET_USER = Statement::same("DELETE FROM users WHERE id=$1");
    FORGET_EMPTY_WORKSPACES = Statement::same("DELETE FROM workspace WHERE NOT EXISTS (SELECT 1 FROM membership m WHERE m.workspace_id = workspace.id)");
}

/// What names another row goes before that row.
const STEPS: [Statement; 53] = [
    LEAVE_CARD,
    FORGET_CARD,
    FORGET_FIGURES,
    FORGET_FIGURES_TURN,
    FORGET_ATTEMPT,
    FORGET_DELIVERY,
    FORGET_APPROVAL_ITEM,
    FORGET_VIDEO_EDIT,
    FORGET_APPROVAL,
    FORGET_VARIANT,
    FORGET_TOLD,
    FORGET_NOTICE,
    FORGET_ORIGIN,
    FORGET_POST,
    FORGET_MEDIA,
    FORGET_UPLOAD,
    FORGET_ACCOUNT_TOKEN,
    FORGET_DISCONNECTION,
    FORGET_AVATAR,
    FORGET_ACCOUNT,
    FORGET_REPORT_CACHE,
    FORGET_REPORT_SOURCE,
    FORGET_INSPECTIONS,
    FORGET_GOOGLE_LOGIN,
    FORGET_STATE,
    FORGET_SESSION,
    FORGET_LINK,
    FORGET_ACCESS_TOKEN,
    FORGET_APP_TOKEN,
    FORGET_APP_CODE,
    FORGET_APP_GRANT,
    FORGET_MCP_SESSION,
    FORGET_LATE,
    FORGET_KEPT,
    FORGET_SENT,
    FORGET_MESSAGE,
    FORGET_TURN,
    FORGET_THREAD,
    FORGET_CONVERSATION,
    FORGET_PROFILE,
    FORGET_CONSENT,
    FORGET_USE,
    FORGET_REQUEST,
    FORGET_ROOM,
    FORGET_APPROVER,
    FORGET_LIMIT,
    FORGET_ANSWERS,
    FORGET_STRANGE,
    FORGET_ASKED,
    FORGET_REHEARSAL,
    FORGET_TEAM,
    FORGET_IDENTITY,
    FORGET_MEMBERSHIP,
];

impl Store {
    /// The media of a person, whose files go before their rows.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_media_of(&self, user: &UserId) -> StoreResult<Vec<MediaId>> {
        let rows: Vec<String> =
            read!(self, p => sqlx::query_scalar(self.text(&LIST_MEDIA_OF)).bind(user.as_str()).fetch_all(p).await?);
        rows.iter().map(|text| id("media", text)).collect()
    }

    /// Messages of ours whose people are gone and that are still to be removed, by place.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_left(&self) -> StoreResult<Vec<(String, i64)>> {
        Ok(read!(self, p => sqlx::query_as(self.text(&COUNT_LEFT)).fetch_all(p).await?))
    }

    /// A message of ours about somebody who is gone from here stays where it is: the service does not let us remove it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_sent_kept(&self, place: &str, sent: &Sent) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&KEEP_SENT)).bind(place).bind(&sent.team).bind(&sent.thread).bind(&sent.ts).execute(p).await.map(drop)?);
        Ok(())
    }

    /// Messages of ours about people who are gone from here that a service kept, by place; the newest hundred.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_sent_kept(&self) -> StoreResult<Vec<(String, Sent)>> {
        let rows: Vec<(String, String, String, String)> =
            read!(self, p => sqlx::query_as(self.text(&LIST_KEPT_SENT)).fetch_all(p).await?);
        Ok(rows.into_iter().map(|(place, team, thread, ts)| (place, Sent { team, thread, ts })).collect())
    }

    /// Deletes every row of a person but those of the audit chain. Begun again it goes on where it stopped. Returns how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_user_rows(&self, user: &UserId) -> StoreResult<u64> {
        let mut gone = 0;
        for step in &STEPS {
            gone +=
                write!(self, p => sqlx::query(self.text(step)).bind(user.as_str()).execute(p).await?.rows_affected());
        }
        gone += write!(self, p => sqlx::query(self.text(&FORGET_EMPTY_WORKSPACES)).execute(p).await?.rows_affected());
        gone += write!(self, p => sqlx::query(self.text(&FORGET_USER)).bind(user.as_str()).execute(p).await?.rows_affected());
        Ok(gone)
    }
}
