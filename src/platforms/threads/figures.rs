//! Figures of the account's own posts, one call each, and how many follow it (platforms/threads.md §6).

use secrecy::SecretString;

use super::Threads;
use crate::domain::commit::CallFault;
use crate::domain::figures::{AGES_H, Figures, Given, Measure, PostFigures, sum_known};
use crate::platforms::meta::{Insights, Waiting, read};

/// The scope without which there are none (§1): asked for with the others, but posting does without.
const SCOPE: &str = "threads_manage_insights";
/// Posts of one turn: each is a call.
const BATCH_MAX: usize = 10;
const METRICS: &str = "views,likes,replies,reposts,quotes,shares";

/// What Threads tells.
pub(super) const GIVEN: Given = Given {
    words: &[
        (Measure::Views, "views"),
        (Measure::Likes, "likes"),
        (Measure::Comments, "replies"),
        (Measure::Shares, "reposts + quotes + shares"),
    ],
    scope: Some(SCOPE),
    batch_max: BATCH_MAX,
    ages_h: &AGES_H,
    keep_days: None,
};

impl Threads {
    pub(super) async fn read_figures(
        &self,
        access: &SecretString,
        remote_ids: &[String],
    ) -> Result<Vec<PostFigures>, CallFault> {
        let mut all = Vec::new();
        for kept in remote_ids.iter().take(BATCH_MAX) {
            let figures = match self.media_id(access, kept).await? {
                Some(id) => self.of_post(access, &id).await?,
                None => Figures::default(),
            };
            all.push(PostFigures { remote_id: kept.clone(), figures });
        }
        Ok(all)
    }

    async fn of_post(&self, access: &SecretString, id: &str) -> Result<Figures, CallFault> {
        let mut url = self.graph.endpoint(&format!("/{id}/insights"));
        url.query_pairs_mut().append_pair("metric", METRICS);
        let told: Insights = match self.graph.get(access, url, Waiting::Queue).await {
            Ok(answer) => read(&answer)?,
            // Of this post nothing is known. That it is gone Graph also says, now and then, of what is there.
            Err(CallFault::Refused(what)) => {
                tracing::info!(error = %what.key, "Threads gives no figures of a post");
                return Ok(Figures::default());
            }
            Err(fault) => return Err(fault),
        };
        Ok(Figures {
            views: told.figure("views"),
            likes: told.figure("likes"),
            comments: told.figure("replies"),
            shares: sum_known(&["reposts", "quotes", "shares"].map(|name| told.figure(name))),
            saves: None,
            clicks: None,
        })
    }

    /// §2: no field of the profile.
    pub(super) async fn read_followers(&self, access: &SecretString) -> Result<Option<i64>, CallFault> {
        let mut url = self.graph.endpoint("/me/threads_insights");
        url.query_pairs_mut().append_pair("metric", "followers_count");
        let told: Insights = read(&self.graph.get(access, url, Waiting::Queue).await?)?;
        Ok(told.figure("followers_count"))
    }
}
