//! What somebody agreed to in which room of a chat service, or said no to. What is asked there is not decided here.

use super::{Store, StoreResult, read, statements, write};
use crate::domain::ids::UserId;
use crate::store::Statement;

statements! {
    PUT_ROOM = Statement::same("INSERT INTO place_consent(user_id, place, room, kind, given_at) VALUES($1,$2,$3,$4,$5) \
        ON CONFLICT (user_id, place, room, kind) DO NOTHING");
    FIND_ROOM = Statement::same("SELECT given_at FROM place_consent WHERE user_id=$1 AND place=$2 AND room=$3 AND kind=$4");
    LIST_ROOMS = Statement::same("SELECT place, room, kind FROM place_consent WHERE user_id=$1 ORDER BY given_at DESC, place, room, kind LIMIT $2");
    DELETE_ROOM = Statement::same("DELETE FROM place_consent WHERE user_id=$1 AND place=$2 AND room=$3 AND kind=$4");
}

/// One of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomConsent {
    /// The service.
    pub place: String,
    /// `<team>/<channel>`.
    pub room: String,
    /// To what.
    pub kind: String,
}

impl Store {
    /// A person agrees to something in a room.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_room_consent(
        &self,
        user: &UserId,
        (place, room): (&str, &str),
        kind: &str,
        now: i64,
    ) -> StoreResult<()> {
        write!(self, p => sqlx::query(self.text(&PUT_ROOM)).bind(user.as_str()).bind(place).bind(room).bind(kind).bind(now)
            .execute(p).await.map(drop)?);
        Ok(())
    }

    /// Whether they did.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_room_consent(&self, user: &UserId, (place, room): (&str, &str), kind: &str) -> StoreResult<bool> {
        let row: Option<(i64,)> = read!(self, p => sqlx::query_as(self.text(&FIND_ROOM)).bind(user.as_str()).bind(place).bind(room).bind(kind)
            .fetch_optional(p).await?);
        Ok(row.is_some())
    }

    /// What somebody agreed to in which rooms, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_room_consents(&self, user: &UserId, limit: i64) -> StoreResult<Vec<RoomConsent>> {
        let rows: Vec<(String, String, String)> = read!(self, p => sqlx::query_as(self.text(&LIST_ROOMS)).bind(user.as_str()).bind(limit)
            .fetch_all(p).await?);
        Ok(rows.into_iter().map(|(place, room, kind)| RoomConsent { place, room, kind }).collect())
    }

    /// They take it back, or are to be asked again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_room_consents(
        &self,
        user: &UserId,
        (place, room): (&str, &str),
        kinds: &[&str],
    ) -> StoreResult<()> {
        for kind in kinds {
            write!(self, p => sqlx::query(self.text(&DELETE_ROOM)).bind(user.as_str()).bind(place).bind(room).bind(kind)
                .execute(p).await.map(drop)?);
        }
        Ok(())
    }
}
