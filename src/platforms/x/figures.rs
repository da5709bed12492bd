//! Figures of the account's own posts (platforms/x.md §6). What only the owner sees is told for thirty days; asking for it later may drop the post
//! from the answer, so such posts are asked about again without it. Each read post is billed once a day (§3.4), which is why they are read seldom.

use secrecy::SecretString;
use url::Url;

use super::classify::Waiting;
use super::wire::{Data, Measured, MeasuredPost, Person, is_id};
use super::{X, unreadable};
use crate::domain::commit::CallFault;
use crate::domain::figures::{Figures, Given, Measure, PostFigures, counted, sum_known};

/// §6.
const IDS_MAX: usize = 100;
/// A day, a week, four weeks: each time costs as much as reading the post does. The last is within the thirty days.
const AGES_H: [i64; 3] = [24, 168, 672];
/// What everybody may see.
const PUBLIC: &str = "public_metrics";
/// And what only the owner may.
const OWN: &str = "public_metrics,non_public_metrics";
/// How X says that a post is too old for that, or somebody else's.
const NOT_FOR_FIELD: &str = "not-authorized-for-field";

/// What X tells.
pub(super) const GIVEN: Given = Given {
    words: &[
        (Measure::Views, "impression_count"),
        (Measure::Likes, "like_count"),
        (Measure::Comments, "reply_count"),
        (Measure::Shares, "retweet_count + quote_count"),
        (Measure::Saves, "bookmark_count"),
        (Measure::Clicks, "url_link_clicks"),
    ],
    scope: None,
    batch_max: IDS_MAX,
    ages_h: &AGES_H,
    keep_days: None,
};

impl X {
    pub(super) async fn read_figures(
        &self,
        access: &SecretString,
        remote_ids: &[String],
    ) -> Result<Vec<PostFigures>, CallFault> {
        let ids: Vec<&str> = remote_ids.iter().map(String::as_str).filter(|id| is_id(id)).take(IDS_MAX).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut read = self.measured(access, &ids, OWN).await?;
        let dropped: Vec<&str> = ids
            .into_iter()
            .filter(|id| !read.data.iter().any(|post| post.id == *id))
            .filter(|id| {
                read.errors.iter().any(|error| error.resource_id == *id && error.kind.ends_with(NOT_FOR_FIELD))
            })
            .collect();
        if !dropped.is_empty() {
            read.data.extend(self.measured(access, &dropped, PUBLIC).await?.data);
        }
        Ok(read.data.into_iter().map(told).collect())
    }

    async fn measured(&self, access: &SecretString, ids: &[&str], fields: &str) -> Result<Measured, CallFault> {
        let mut url = self.endpoint("/2/tweets");
        url.query_pairs_mut().append_pair("ids", &ids.join(",")).append_pair("tweet.fields", fields);
        let answer = self.get(access, url, Waiting::Queue).await?;
        let read: Measured = serde_json::from_slice(&answer.body).map_err(|_| unreadable(&answer))?;
        // Neither posts nor a word about them is no answer: that they are all gone would be said.
        if read.data.is_empty() && read.errors.is_empty() { Err(unreadable(&answer)) } else { Ok(read) }
    }

    pub(super) async fn read_followers(&self, access: &SecretString) -> Result<Option<i64>, CallFault> {
        let mut url: Url = self.endpoint("/2/users/me");
        url.query_pairs_mut().append_pair("user.fields", PUBLIC);
        let answer = self.get(access, url, Waiting::Queue).await?;
        let me: Data<Person> = serde_json::from_slice(&answer.body).map_err(|_| unreadable(&answer))?;
        Ok(counted(me.data.public_metrics.followers_count))
    }
}

fn told(post: MeasuredPost) -> PostFigures {
    let public = post.public_metrics;
    let figures = Figures {
        views: counted(public.impression_count),
        likes: counted(public.like_count),
        comments: counted(public.reply_count),
        shares: sum_known(&[counted(public.retweet_count), counted(public.quote_count)]),
        saves: counted(public.bookmark_count),
        clicks: counted(post.non_public_metrics.url_link_clicks),
    };
    PostFigures { remote_id: post.id, figures }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_read_and_what_is_not_said_is_unknown() {
        let read = |body: &str| told(serde_json::from_str(body).unwrap()).figures;
        let all = read(
            r#"{"id":"1","public_metrics":{"repost_count":2,"reply_count":3,"like_count":4,"quote_count":1,"bookmark_count":5,"impression_count":60},
            "non_public_metrics":{"url_link_clicks":7,"impression_count":60}}"#,
        );
        let known = |n| Some(n);
        assert_eq!(
            all,
            Figures {
                views: known(60),
                likes: known(4),
                comments: known(3),
                shares: known(3),
                saves: known(5),
                clicks: known(7)
            }
        );
        let some = read(r#"{"id":"1","public_metrics":{"retweet_count":0,"like_count":-1}}"#);
        assert_eq!(some, Figures { shares: known(0), ..Figures::default() });
        assert!(read(r#"{"id":"1"}"#).is_unknown());
    }
}
