//! Looking whether a post went out (platforms/threads.md §5): the container says whether, the account's own lists say which post it is.

use secrecy::SecretString;

use super::classify::Waiting;
use super::containers::State;
use super::link::{code_of, coded};
use super::publish::{container_of, shown_at};
use super::wire::{Item, Page, is_id};
use super::{Threads, read};
use crate::domain::commit::{CallFault, Search, Sighting};

/// What the comparison needs (§5).
const FIELDS: &str = "id,text,permalink,timestamp,media_type,shortcode,replied_to";
/// A page of a list.
const PAGE_POSTS: &str = "50";
/// 250 posts and 1,000 replies a day are the most there can be (§4).
const PAGES_MAX: usize = 25;
/// §5: Threads' clock and ours may differ by this much.
const BEFORE_MS: i64 = 60_000;
/// Clocks that differ by more than this are no longer covered by the margin.
const CLOCKS_DIFFER_MS: i64 = 30_000;

/// How far a list is read.
#[derive(Clone, Copy)]
enum Until<'a> {
    /// To what was made at this time, Unix seconds.
    Made(i64),
    /// To the post with this short code.
    Seen(&'a str),
}

impl Threads {
    pub(super) async fn look(&self, access: &SecretString, search: &Search) -> Result<Sighting, CallFault> {
        let Some(container) = search.prepared.as_ref().and_then(container_of) else {
            return Err(unsure("the container of this try is not known"));
        };
        let (state, answered_at) = self.dated_state(access, container).await?;
        let is_ruined = match state {
            // It can still be published: it was not.
            State::Finished => return Ok(Sighting::Absent { is_ruined: false }),
            State::InProgress => return Err(unsure("Threads is at work on the container")),
            State::Published => false,
            State::Failed(_) => true,
        };
        let wrong = answered_at.map_or(0, |at| at - search.now);
        // Whether this machine's clock was wrong already when the post was sent is not known, so the earlier of both hours counts.
        let earlier = if wrong.abs() > CLOCKS_DIFFER_MS { wrong.min(0) } else { 0 };
        let since = search.started_at + earlier - BEFORE_MS;
        let parent = match &search.reply_to {
            Some(kept) => self.media_id(access, kept).await?,
            None => None,
        };
        let list = if search.reply_to.is_some() { "replies" } else { "threads" };
        let posts = self.list(access, (list, FIELDS), Until::Made(since.div_euclid(1000))).await?;
        let matches: Vec<Item> =
            posts.into_iter().filter(|item| is_match(item, search, (parent.as_deref(), since))).collect();
        let ids = |posts: &[Item]| posts.iter().map(|item| item.id.0.clone()).collect();
        match matches.as_slice() {
            // §5: it was not published, and never will be.
            [] if is_ruined => Ok(Sighting::Absent { is_ruined }),
            // The list says otherwise: a person must say which of the two is right.
            several if is_ruined => Ok(Sighting::Ambiguous { remote_ids: ids(several) }),
            [] => Ok(Sighting::Unlisted),
            [one] => Ok(Sighting::Found {
                remote_id: one.id.0.clone(),
                permalink: shown_at(&search.handle, one.permalink.clone()),
            }),
            // §5: identical texts posted on purpose. Which of them is this one, a person must say.
            several => Ok(Sighting::Ambiguous { remote_ids: ids(several) }),
        }
    }

    /// The account's own posts or replies, newest first, to the end or to what is looked for.
    async fn list(
        &self,
        access: &SecretString,
        (list, fields): (&str, &str),
        until: Until<'_>,
    ) -> Result<Vec<Item>, CallFault> {
        let mut found = Vec::new();
        let mut after = String::new();
        for _ in 0..PAGES_MAX {
            let mut url = self.endpoint(&format!("/me/{list}"));
            url.query_pairs_mut().append_pair("fields", fields).append_pair("limit", PAGE_POSTS);
            if let Until::Made(since) = until {
                url.query_pairs_mut().append_pair("since", &since.to_string());
            }
            if !after.is_empty() {
                url.query_pairs_mut().append_pair("after", &after);
            }
            let page: Page = read(&self.get(access, url, Waiting::Queue).await?)?;
            found.extend(page.data);
            if matches!(until, Until::Seen(code) if found.iter().any(|item| item.shortcode == code)) {
                return Ok(found);
            }
            // The next page is asked for by its cursor: `next` is an address, and may carry the token.
            if page.paging.next.is_empty() || page.paging.cursors.after.is_empty() {
                return Ok(found);
            }
            after = page.paging.cursors.after;
        }
        Err(unsure("the list did not end"))
    }

    /// The id of a post: what is kept is it already, or the short code from a link that a person gave. `None` when it is not there.
    pub(super) async fn media_id(&self, access: &SecretString, kept: &str) -> Result<Option<String>, CallFault> {
        if is_id(kept) {
            return Ok(Some(kept.to_owned()));
        }
        let Some(code) = code_of(kept) else { return Ok(None) };
        let mut unread = None;
        for list in ["threads", "replies"] {
            match self.list(access, (list, "id,shortcode"), Until::Seen(code)).await {
                Ok(posts) => {
                    if let Some(item) = posts.into_iter().find(|item| item.shortcode == code && is_id(&item.id.0)) {
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

fn unsure(why: &str) -> CallFault {
    CallFault::Later { after_ms: None, why: why.to_owned() }
}

/// Whether a post can be the one that is looked for: unclaimed, same text and kind, same parent, made since.
fn is_match(item: &Item, search: &Search, (parent, since): (Option<&str>, i64)) -> bool {
    let is_claimed = search.claimed.iter().any(|kept| *kept == item.id.0 || *kept == coded(&item.shortcode));
    let kind = match search.media {
        0 => ["TEXT_POST"].as_slice(),
        1 => ["IMAGE", "VIDEO"].as_slice(),
        _ => ["CAROUSEL_ALBUM"].as_slice(),
    };
    is_id(&item.id.0)
        && !is_claimed
        && kind.contains(&item.media_type.as_str())
        && item.replied_to.as_ref().map(|reply| reply.id.0.as_str()) == parent
        && plain(&item.text) == plain(&search.text)
        && made_at(&item.timestamp).is_some_and(|at| at >= since.div_euclid(1000) * 1000)
}

/// Threads returns the text as it stored it (§5); ends of lines and of the text are nobody's meaning. The mark of a topic (§3.1) is shown by its
/// colour alone in Threads; whether the API returns it is unverified.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").replace(['#', '＃'], "").trim().to_owned()
}

/// `2026-11-23T17:00:00+0000`.
fn made_at(timestamp: &str) -> Option<i64> {
    timestamp.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const AT: i64 = 1_700_000_000_000;

    fn search(media: usize) -> Search {
        Search {
            account_remote_id: "1".into(),
            handle: "ana".into(),
            text: "one\ntwo ".into(),
            media,
            prepared: None,
            reply_to: None,
            started_at: AT,
            ended_by: AT + 20_000,
            now: AT + 20_000,
            claimed: vec!["8".into(), "code:Dtaken".into()],
        }
    }

    fn item(change: serde_json::Value) -> Item {
        let mut whole = json!({"id": "9", "text": "one\r\ntwo", "media_type": "TEXT_POST", "timestamp": "2023-11-14T22:13:25+0000"});
        whole.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        serde_json::from_value(whole).unwrap()
    }

    #[test]
    fn only_what_can_be_this_post_fits() {
        let since = AT - BEFORE_MS;
        let fits = |change, search: &Search, parent| is_match(&item(change), search, (parent, since));
        assert!(fits(json!({}), &search(0), None));
        assert!(
            fits(json!({"timestamp": "2023-11-14T22:12:20+0000"}), &search(0), None),
            "a minute is between two clocks"
        );
        for (why, change) in [
            ("another text", json!({"text": "one\ntwo."})),
            ("claimed by another delivery", json!({"id": "8"})),
            ("claimed by its link", json!({"shortcode": "Dtaken"})),
            ("another kind", json!({"media_type": "IMAGE"})),
            ("a repost", json!({"media_type": "REPOST_FACADE"})),
            ("a reply", json!({"replied_to": {"id": "7"}})),
            ("older", json!({"timestamp": "2023-11-14T22:12:19+0000"})),
            ("undated", json!({"timestamp": ""})),
            ("no id", json!({"id": "../9"})),
        ] {
            assert!(!fits(change, &search(0), None), "{why}");
        }
        assert!(fits(json!({"media_type": "VIDEO"}), &search(1), None));
        assert!(fits(json!({"media_type": "CAROUSEL_ALBUM"}), &search(2), None));
        assert!(fits(json!({"replied_to": {"id": "7"}}), &search(0), Some("7")));
        assert!(!fits(json!({}), &search(0), Some("7")));
    }
}
