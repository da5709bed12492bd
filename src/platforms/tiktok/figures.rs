//! Figures of the creator's own public videos, twenty in a call, and how many follow them (platforms/tiktok.md §3, §7). What is not public has no
//! id that could be asked about: of that nothing is known.

use http::Method;
use secrecy::SecretString;
use serde_json::json;

use super::TikTok;
use super::classify::{call_fault, is_ok, problem};
use super::read;
use super::wire::{Envelope, Measured, MeasuredVideo, UserInfo, is_post_id};
use crate::domain::commit::CallFault;
use crate::domain::figures::{AGES_H, Figures, Given, Measure, PostFigures, counted};
use crate::platforms::answers::Waiting;

/// The scope without which there are none (§1.5): asked for with the others, but posting does without.
const SCOPE: &str = "video.list";
/// §7: ids in one call.
const IDS_MAX: usize = 20;

/// What TikTok tells.
pub(super) const GIVEN: Given = Given {
    words: &[
        (Measure::Views, "view_count"),
        (Measure::Likes, "like_count"),
        (Measure::Comments, "comment_count"),
        (Measure::Shares, "share_count"),
    ],
    scope: Some(SCOPE),
    batch_max: IDS_MAX,
    ages_h: &AGES_H,
    keep_days: None,
};

impl TikTok {
    pub(super) async fn read_figures(
        &self,
        access: &SecretString,
        remote_ids: &[String],
    ) -> Result<Vec<PostFigures>, CallFault> {
        // What TikTok never gave an id of its own is kept under the name that it had on its way.
        let (ids, nameless): (Vec<&String>, Vec<&String>) =
            remote_ids.iter().take(IDS_MAX).partition(|id| is_post_id(id));
        let mut all: Vec<PostFigures> =
            nameless.into_iter().map(|id| PostFigures { remote_id: id.clone(), figures: Figures::default() }).collect();
        if ids.is_empty() {
            return Ok(all);
        }
        let path = "/v2/video/query/?fields=id,view_count,like_count,comment_count,share_count";
        let body = json!({ "filters": { "video_ids": ids } });
        let found: Measured = self.call(access, (Method::POST, path), Some(&body), Waiting::Queue).await?;
        all.extend(found.videos.into_iter().map(told));
        Ok(all)
    }

    /// §3: has a scope of its own, without which it is not known.
    pub(super) async fn read_followers(&self, access: &SecretString) -> Result<Option<i64>, CallFault> {
        let answer = self.ask(access, (Method::GET, "/v2/user/info/?fields=open_id,follower_count"), None).await?;
        if problem(&answer.body).is_some_and(|problem| problem.code.starts_with("scope_")) {
            return Ok(None);
        }
        if !is_ok(&answer) {
            return Err(call_fault(&answer, Waiting::Queue));
        }
        Ok(counted(read::<Envelope<UserInfo>>(&answer)?.data.user.follower_count))
    }
}

fn told(video: MeasuredVideo) -> PostFigures {
    let figures = Figures {
        views: counted(video.view_count),
        likes: counted(video.like_count),
        comments: counted(video.comment_count),
        shares: counted(video.share_count),
        ..Figures::default()
    };
    PostFigures { remote_id: video.id, figures }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_unknown_and_nothing_is_nothing() {
        let read = |body: &str| told(serde_json::from_str(body).unwrap()).figures;
        let all = read(r#"{"id":"751","view_count":5,"like_count":0,"comment_count":2,"share_count":1}"#);
        let expected =
            Figures { views: Some(5), likes: Some(0), comments: Some(2), shares: Some(1), ..Figures::default() };
        assert_eq!(all, expected);
        assert!(read(r#"{"id":"751","view_count":-1}"#).is_unknown() && read(r#"{"id":"751"}"#).is_unknown());
    }
}
