//! Figures of the account's own posts, and how many follow it (platforms/instagram.md §7). One name that a kind of post does not have fails the
//! whole call, so its kind is asked for first.

use http::Method;
use secrecy::SecretString;

use super::Instagram;
use super::classify::says_no_object;
use super::wire::{Followed, Item};
use crate::domain::commit::CallFault;
use crate::domain::figures::{AGES_H, Figures, Given, Measure, PostFigures, counted, sum_known};
use crate::http_out::Answer;
use crate::platforms::meta::{Insights, Waiting, problem, read};

/// The scope without which there are none (§1): asked for with the others, but posting does without.
const SCOPE: &str = "instagram_business_manage_insights";
/// Posts of one turn: each is two calls.
const BATCH_MAX: usize = 10;
/// Of pictures, carousels and reels.
const POST_METRICS: &str = "views,likes,comments,shares,reposts,saved";
/// A story has fewer, and only for its day.
const STORY_METRICS: &str = "views,replies,shares";
/// How Instagram says that fewer than five people saw a story: the code is that of a missing permission.
const TOO_FEW: &str = "not enough viewers";

/// What Instagram tells.
pub(super) const GIVEN: Given = Given {
    words: &[
        (Measure::Views, "views"),
        (Measure::Likes, "likes"),
        (Measure::Comments, "comments"),
        (Measure::Shares, "shares + reposts"),
        (Measure::Saves, "saved"),
    ],
    scope: Some(SCOPE),
    batch_max: BATCH_MAX,
    ages_h: &AGES_H,
    keep_days: None,
};

impl Instagram {
    pub(super) async fn read_figures(
        &self,
        access: &SecretString,
        remote_ids: &[String],
    ) -> Result<Vec<PostFigures>, CallFault> {
        let mut all = Vec::new();
        for kept in remote_ids.iter().take(BATCH_MAX) {
            let figures = match self.media_id(access, "me", kept).await? {
                Some(id) => self.of_post(access, &id).await?,
                None => None,
            };
            all.push(PostFigures { remote_id: kept.clone(), figures: figures.unwrap_or_default() });
        }
        Ok(all)
    }

    /// `None` where Instagram says nothing of it: fewer than five saw it, its day is over, or it is not there just now (§5).
    async fn of_post(&self, access: &SecretString, id: &str) -> Result<Option<Figures>, CallFault> {
        let url = self.graph.fields(&format!("/{id}"), "id,media_type,media_product_type");
        let Some(answer) = self.told(access, url).await? else { return Ok(None) };
        let is_story = read::<Item>(&answer)?.media_product_type == "STORY";
        let mut url = self.graph.endpoint(&format!("/{id}/insights"));
        url.query_pairs_mut().append_pair("metric", if is_story { STORY_METRICS } else { POST_METRICS });
        let Some(answer) = self.told(access, url).await? else { return Ok(None) };
        let told: Insights = read(&answer)?;
        Ok(Some(Figures {
            views: told.figure("views"),
            likes: told.figure("likes"),
            comments: told.figure(if is_story { "replies" } else { "comments" }),
            shares: sum_known(&["shares", "reposts"].map(|name| told.figure(name))),
            saves: told.figure("saved"),
            clicks: None,
        }))
    }

    async fn told(&self, access: &SecretString, url: url::Url) -> Result<Option<Answer>, CallFault> {
        let answer = self.graph.ask(access, (Method::GET, url), None).await?;
        match answer.status {
            200 => Ok(Some(answer)),
            _ if says_no_object(&answer) || says_too_few(&answer) => Ok(None),
            _ => match self.graph.fault(&answer) {
                CallFault::Refused(what) => {
                    tracing::info!(error = %what.key, "Instagram gives no figures of a post");
                    Ok(None)
                }
                fault @ (CallFault::Later { .. } | CallFault::Unauthorized { .. } | CallFault::Blocked(_)) => {
                    Err(fault)
                }
            },
        }
    }

    /// §2.
    pub(super) async fn read_followers(&self, access: &SecretString) -> Result<Option<i64>, CallFault> {
        let url = self.graph.fields("/me", "user_id,followers_count");
        let me: Followed = read(&self.graph.get(access, url, Waiting::Queue).await?)?;
        Ok(counted(me.followers_count))
    }
}

fn says_too_few(answer: &Answer) -> bool {
    problem(&answer.body).is_some_and(|problem| problem.message.to_lowercase().contains(TOO_FEW))
}
