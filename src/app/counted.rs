//! What networks count of posts: reading it in the background, by itself, and for whoever takes their data along. When a post is read is decided in
//! `upkeep`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::App;
use crate::domain::caller::Caller;
use crate::domain::figures::Reading;
use crate::domain::ids::PostId;
use crate::domain::schedule::Moment;
use crate::domain::tool::ToolError;
use crate::upkeep::figures::FigureKeeper;

/// A post is read within this of being old enough: an eighth of the youngest age.
const EVERY: Duration = Duration::from_secs(450);

impl App {
    /// Reads what is old enough, again and again, until told to stop.
    pub async fn count_until(&self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let counted = tokio::select! {
                () = stop.cancelled() => Ok(()),
                counted = self.count_due() => counted,
            };
            if let Err(error) = self.inspect_due().await {
                tracing::error!(error = %error, "lists of pages could not go on; it is tried again");
            }
            if let Err(error) = counted {
                tracing::error!(error = %error, "figures of posts could not be read; it is tried again");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// Deletes what may be kept no longer, then reads what is old enough by now, one batch an account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_due(&self) -> Result<(), ToolError> {
        let (store, vault, tokens) = (self.store.clone(), self.vault.clone(), self.publisher.tokens.clone());
        let keeper = FigureKeeper { store, vault, tokens };
        keeper.sweep(&self.desk.networks, self.analytics.figures_keep_ms()).await?;
        Ok(keeper.read_due(&self.desk.networks).await?)
    }

    /// Every reading of a person's posts, by post.
    pub(super) async fn export_figures(&self, caller: &Caller) -> Result<BTreeMap<PostId, Vec<Value>>, ToolError> {
        let mut by_post: BTreeMap<PostId, Vec<Value>> = BTreeMap::new();
        for Reading { post, account, read_at, figures, .. } in self.analytics.own_figures(caller, 0).await?.readings {
            let at = Moment { at_ms: read_at, zone: caller.zone.clone() };
            let told = json!({ "account": account.as_str(), "read_at": at.rfc3339(), "figures": figures });
            by_post.entry(post).or_default().push(told);
        }
        Ok(by_post)
    }
}
