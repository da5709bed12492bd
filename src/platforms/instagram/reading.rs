//! Looking whether a post went out (platforms/instagram.md §6): the container says whether, the account's own lists say which post it is. A comment
//! has no container: only that it is found proves anything.

use secrecy::SecretString;

use super::Instagram;
use super::classify::is_spam_like;
use super::containers::shape_of;
use super::limits::Shape;
use super::publish::shown_at;
use super::wire::{Comment, Item};
use crate::domain::commit::{CallFault, Search, Sighting};
use crate::platforms::meta::{State, Until, code_of, coded, container_of, is_id, made_at, since, unsure};

/// What the comparison needs (§6).
const FIELDS: &str = "id,caption,permalink,timestamp,media_type,media_product_type,shortcode";
/// A page of a list.
const PAGE_POSTS: &str = "25";

impl Instagram {
    pub(super) async fn look(&self, access: &SecretString, search: &Search) -> Result<Sighting, CallFault> {
        if let Some(post) = &search.reply_to {
            return self.look_below(access, post, search).await;
        }
        let prepared = search.prepared.as_ref();
        let (Some(container), Some(shape)) = (prepared.and_then(container_of), prepared.and_then(shape_of)) else {
            return Err(unsure("the container of this try is not known"));
        };
        let (state, answered_at) = self.dated_state(access, container).await?;
        let is_ruined = match state {
            // §5: taken for spam, and seen live all the same. Sent again by itself it would look like more of it: a person is asked.
            State::Finished if is_spam_like(&search.said) => return Err(unsure("Instagram took it for spam")),
            // It can still be published: it was not.
            State::Finished => return Ok(Sighting::Absent { is_ruined: false }),
            State::InProgress => return Err(unsure("Instagram is at work on the container")),
            State::Published => false,
            State::Failed(_) => true,
        };
        let since = since(search, answered_at);
        let list = if shape.is_story() { "stories" } else { "media" };
        let posts = self.list(access, (&search.account_remote_id, list), Until::Made(since.div_euclid(1000))).await?;
        let matches: Vec<Item> = posts.into_iter().filter(|item| is_match(item, search, (shape, since))).collect();
        let ids = |posts: &[Item]| posts.iter().map(|item| item.id.0.clone()).collect();
        match matches.as_slice() {
            // §6: it was not published, and never will be.
            [] if is_ruined => Ok(Sighting::Absent { is_ruined }),
            // The list says otherwise: a person must say which of the two is right.
            several if is_ruined => Ok(Sighting::Ambiguous { remote_ids: ids(several) }),
            [] => Ok(Sighting::Unlisted),
            [one] => Ok(Sighting::Found {
                remote_id: one.id.0.clone(),
                permalink: shown_at(&search.handle, one.permalink.clone()),
            }),
            // §6: never the newest one blindly. Which of them is this one, a person must say.
            several => Ok(Sighting::Ambiguous { remote_ids: ids(several) }),
        }
    }

    /// Looks for the comment among those below a post.
    async fn look_below(&self, access: &SecretString, kept: &str, search: &Search) -> Result<Sighting, CallFault> {
        let Some(post) = self.media_id(access, &search.account_remote_id, kept).await? else {
            return Err(unsure("the post above is not found"));
        };
        let mut url = self.graph.fields(&format!("/{post}/comments"), "id,text,timestamp,username");
        url.query_pairs_mut().append_pair("limit", PAGE_POSTS);
        let comments: Vec<Comment> = self.graph.list(access, url, |_| false).await?;
        let since = since(search, None);
        let matches: Vec<String> =
            comments.into_iter().filter(|comment| is_comment(comment, search, since)).map(|found| found.id.0).collect();
        match matches.as_slice() {
            [] => Err(unsure("the comment is not below the post, which proves nothing")),
            [one] => {
                let permalink = self.permalink(access, &search.handle, &post).await;
                Ok(Sighting::Found { remote_id: one.clone(), permalink })
            }
            _ => Ok(Sighting::Ambiguous { remote_ids: matches }),
        }
    }

    /// The account's own posts or stories, newest first, to the end or to what is looked for.
    async fn list(
        &self,
        access: &SecretString,
        (user, list): (&str, &str),
        until: Until<'_>,
    ) -> Result<Vec<Item>, CallFault> {
        let mut url = self.graph.fields(&format!("/{user}/{list}"), FIELDS);
        url.query_pairs_mut().append_pair("limit", PAGE_POSTS);
        if let Until::Made(since) = until {
            url.query_pairs_mut().append_pair("since", &since.to_string());
        }
        let is_enough = |found: &[Item]| match until {
            Until::Made(_) => false,
            Until::Seen(code) => found.iter().any(|item| is_named(item, code)),
        };
        self.graph.list(access, url, is_enough).await
    }

    /// The id of a post: what is kept is it already, or the short code from a link that a person gave. `None` when it is not there.
    pub(super) async fn media_id(
        &self,
        access: &SecretString,
        user: &str,
        kept: &str,
    ) -> Result<Option<String>, CallFault> {
        if is_id(kept) {
            return Ok(Some(kept.to_owned()));
        }
        let Some(code) = code_of(kept) else { return Ok(None) };
        let mut unread = None;
        for list in ["media", "stories"] {
            match self.list(access, (user, list), Until::Seen(code)).await {
                Ok(posts) => {
                    if let Some(item) = posts.into_iter().find(|item| is_named(item, code) && is_id(&item.id.0)) {
                        return Ok(Some(item.id.0));
                    }
                }
                // It may be in the other one.
                Err(fault) => unread = Some(fault),
            }
        }
        unread.map_or(Ok(None), Err)
    }
}

/// Whether a short code names this post: its own, or the last word of its address, as stories have it.
fn is_named(item: &Item, code: &str) -> bool {
    item.shortcode == code || item.permalink.trim_end_matches('/').rsplit('/').next() == Some(code)
}

/// Whether a post can be the one that is looked for: unclaimed, same caption and kind, made since.
fn is_match(item: &Item, search: &Search, (shape, since): (Shape, i64)) -> bool {
    let is_claimed = search.claimed.iter().any(|kept| {
        *kept == item.id.0 || *kept == coded(&item.shortcode) || code_of(kept).is_some_and(|code| is_named(item, code))
    });
    is_id(&item.id.0)
        && !is_claimed
        && item.media_type == shape.read_as()
        && (item.media_product_type == "STORY") == shape.is_story()
        && (shape.is_story() || plain(&item.caption) == plain(&search.text))
        && is_since(&item.timestamp, since)
}

fn is_comment(comment: &Comment, search: &Search, since: i64) -> bool {
    is_id(&comment.id.0)
        && !search.claimed.contains(&comment.id.0)
        && comment.username.eq_ignore_ascii_case(&search.handle)
        && plain(&comment.text) == plain(&search.text)
        && is_since(&comment.timestamp, since)
}

fn is_since(timestamp: &str, since: i64) -> bool {
    made_at(timestamp).is_some_and(|at| at >= since.div_euclid(1000) * 1000)
}

/// Ends of lines and of the text are nobody's meaning.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const AT: i64 = 1_700_000_000_000;

    fn search(text: &str) -> Search {
        Search {
            account_remote_id: "1".into(),
            handle: "ana".into(),
            text: text.into(),
            media: 1,
            prepared: None,
            reply_to: None,
            started_at: AT,
            ended_by: AT + 20_000,
            now: AT + 20_000,
            said: String::new(),
            claimed: vec!["8".into(), "code:Dtaken".into()],
        }
    }

    fn with(change: serde_json::Value) -> serde_json::Value {
        let mut whole = json!({"id": "9", "caption": "one\r\ntwo", "text": "one\r\ntwo", "username": "Ana", "media_type": "IMAGE",
            "media_product_type": "FEED", "timestamp": "2023-11-14T22:13:25+0000"});
        whole.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        whole
    }

    #[test]
    fn only_what_can_be_this_post_fits() {
        let search = search("one\ntwo ");
        let since = since(&search, None);
        let fits = |change, shape| is_match(&serde_json::from_value(with(change)).unwrap(), &search, (shape, since));
        assert!(fits(json!({}), Shape::Image));
        assert!(fits(json!({"timestamp": "2023-11-14T22:12:20+0000"}), Shape::Image), "a minute is between two clocks");
        for (why, change) in [
            ("another text", json!({"caption": "one\ntwo."})),
            ("claimed by another delivery", json!({"id": "8"})),
            ("claimed by its link", json!({"shortcode": "Dtaken"})),
            ("claimed by its address", json!({"permalink": "https://www.instagram.com/p/Dtaken/"})),
            ("another kind", json!({"media_type": "VIDEO"})),
            ("a story", json!({"media_product_type": "STORY"})),
            ("older", json!({"timestamp": "2023-11-14T22:12:19+0000"})),
            ("undated", json!({"timestamp": ""})),
            ("no id", json!({"id": "../9"})),
        ] {
            assert!(!fits(change, Shape::Image), "{why}");
        }
        assert!(fits(json!({"media_type": "VIDEO", "media_product_type": "REELS"}), Shape::Reel));
        assert!(fits(json!({"media_type": "CAROUSEL_ALBUM"}), Shape::Carousel));
        assert!(fits(json!({"media_product_type": "STORY", "caption": ""}), Shape::ImageStory), "stories have no text");
        assert!(!fits(json!({}), Shape::ImageStory));
    }

    #[test]
    fn only_ones_own_comment_fits() {
        let search = search("one\ntwo ");
        let since = since(&search, None);
        let fits = |change| is_comment(&serde_json::from_value(with(change)).unwrap(), &search, since);
        assert!(fits(json!({})));
        for (why, change) in [
            ("somebody else's", json!({"username": "ben"})),
            ("another text", json!({"text": "one"})),
            ("claimed", json!({"id": "8"})),
            ("older", json!({"timestamp": "2023-11-14T22:12:19+0000"})),
        ] {
            assert!(!fits(change), "{why}");
        }
    }
}
