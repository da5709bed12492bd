//! The publisher's work before the time of a post, one step at a time. When it runs by itself is in `publish_until`.

use tokio_util::sync::CancellationToken;

use super::App;
use crate::domain::tool::ToolError;

impl App {
    /// Prepares the next thing that is brought to its network before its time: whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prepare_next(&self) -> Result<bool, ToolError> {
        Ok(self.publisher.prepare_next().await?)
    }

    /// Clears away what lies at networks for what was stopped.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn give_up_left(&self) -> Result<(), ToolError> {
        Ok(self.publisher.give_up_left(&CancellationToken::new()).await?)
    }
}
