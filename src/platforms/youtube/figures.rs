//! Figures of the channel's own videos, fifty in a call of one unit, and how many subscribe to it (platforms/google.md §4.2, §4.3). What YouTube
//! tells may be kept for thirty days (§4.5). Figures by day and source are YouTube Analytics', which room `analytics` asks.

use secrecy::SecretString;

use super::YouTube;
use super::wire::{Counted, List, Statistics, Subscribed, is_video};
use crate::domain::commit::CallFault;
use crate::domain::figures::{AGES_H, Figures, Given, Measure, PostFigures};
use crate::platforms::answers::Waiting;

/// §4.3: ids in one call.
const IDS_MAX: usize = 50;
/// §4.5.
const KEEP_DAYS: i64 = 30;

/// What YouTube tells. The scope without which nothing can be posted is enough for it.
pub(super) const GIVEN: Given = Given {
    words: &[(Measure::Views, "viewCount"), (Measure::Likes, "likeCount"), (Measure::Comments, "commentCount")],
    scope: None,
    batch_max: IDS_MAX,
    ages_h: &AGES_H,
    keep_days: Some(KEEP_DAYS),
};

impl YouTube {
    /// What is deleted, or somebody else's secret by now, is silently missing (§4.3).
    pub(super) async fn read_figures(
        &self,
        access: &SecretString,
        remote_ids: &[String],
    ) -> Result<Vec<PostFigures>, CallFault> {
        let ids: Vec<&str> = remote_ids.iter().map(String::as_str).filter(|id| is_video(id)).take(IDS_MAX).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let url = self.endpoint("/youtube/v3/videos", &[("part", "statistics"), ("id", &*ids.join(","))]);
        let found: List<Counted> = self.get(access, url, Waiting::Queue).await?;
        Ok(found.items.into_iter().map(told).collect())
    }

    /// §4.2: rounded by YouTube, and not told at all where the channel hides it.
    pub(super) async fn read_followers(&self, access: &SecretString) -> Result<Option<i64>, CallFault> {
        let url = self.endpoint("/youtube/v3/channels", &[("part", "statistics"), ("mine", "true")]);
        let found: List<Subscribed> = self.get(access, url, Waiting::Queue).await?;
        let statistics = found.items.into_iter().next().map(|channel| channel.statistics).unwrap_or_default();
        Ok(if statistics.hidden_subscriber_count { None } else { number(&statistics.subscriber_count) })
    }
}

fn told(video: Counted) -> PostFigures {
    let Statistics { view_count, like_count, comment_count } = &video.statistics;
    let figures = Figures {
        views: number(view_count),
        likes: number(like_count),
        comments: number(comment_count),
        ..Figures::default()
    };
    PostFigures { remote_id: video.id, figures }
}

/// Counts are texts; one that is not told is missing, and so unknown.
fn number(text: &str) -> Option<i64> {
    text.parse().ok().filter(|count| *count >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_texts_and_what_is_hidden_is_unknown() {
        let read = |body: &str| told(serde_json::from_str(body).unwrap()).figures;
        let all = read(
            r#"{"id":"dQw4w9WgXcQ","statistics":{"viewCount":"9007199254740993","likeCount":"0","favoriteCount":"0","commentCount":"7"}}"#,
        );
        let expected =
            Figures { views: Some(9_007_199_254_740_993), likes: Some(0), comments: Some(7), ..Figures::default() };
        assert_eq!(all, expected);
        let some = read(r#"{"id":"dQw4w9WgXcQ","statistics":{"viewCount":"1","likeCount":"x","commentCount":"-1"}}"#);
        assert_eq!(some, Figures { views: Some(1), ..Figures::default() });
        assert!(read(r#"{"id":"dQw4w9WgXcQ"}"#).is_unknown());
    }
}
