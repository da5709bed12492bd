//! What an upload that is not done leaves behind, one for each delivery. It opens the upload for whoever has it, so only its seal is seen here.

use super::{Store, StoreResult, read, statements, write};
use crate::domain::delivery::Delivery;
use crate::domain::sealed::Sealed;
use crate::store::Statement;

statements! {
    FIND_UPLOAD = Statement::same("SELECT upload FROM delivery WHERE id=$1 AND upload IS NOT NULL");
    SAVE_UPLOAD = Statement::same("UPDATE delivery SET upload=$4 WHERE id=$1 AND epoch=$2 AND state=$3 AND state IN ('leased','scheduled')");
}

impl Store {
    /// What an upload of this delivery left.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_upload(&self, delivery: &Delivery) -> StoreResult<Option<Sealed>> {
        let row: Option<(Vec<u8>,)> = read!(self, p => sqlx::query_as(self.text(&FIND_UPLOAD)).bind(delivery.id.as_str()).fetch_optional(p).await?);
        Ok(row.map(|(bytes,)| Sealed::from_bytes(bytes)))
    }

    /// Keeps what an upload of this delivery needs to go on. False when the row is somebody else's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_upload(&self, before: &Delivery, note: &Sealed) -> StoreResult<bool> {
        let done = write!(self, p => sqlx::query(self.text(&SAVE_UPLOAD)).bind(before.id.as_str()).bind(before.epoch)
            .bind(before.state.word()).bind(note.as_bytes()).execute(p).await?.rows_affected());
        Ok(done == 1)
    }
}
