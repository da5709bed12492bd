//! Looking whether a post went out: the account's timeline, read and compared (platforms/x.md §5).

use secrecy::SecretString;

use super::X;
use super::classify::{Waiting, answered_at, evidence};
use super::create::permalink;
use super::reading::{normal, read_text};
use super::wire::{Timeline, Tweet, is_id};
use crate::domain::commit::{CallFault, Search, Sighting};

/// What the comparison needs (§5). The `tweet` spelling is what servers are known to take.
const FIELDS: &str =
    "created_at,text,note_tweet,entities,attachments,conversation_id,referenced_tweets,edit_history_tweet_ids";
/// §5: a few minutes of one account; each read post is billed.
const PAGE_POSTS: &str = "20";
/// 500 posts in the window of one attempt are not one account's work: X allows 100 per 15 minutes (§4.2).
const PAGES_MAX: usize = 25;
/// §5: X's clock and ours may differ by this much.
const BEFORE_MS: i64 = 60_000;
/// Clocks that differ by more than this are no longer covered by the margins: the window is widened to where the network's clock has it.
const CLOCKS_DIFFER_MS: i64 = 30_000;
/// The same after the attempt, and the time X may take to write it down.
const AFTER_MS: i64 = 120_000;

impl X {
    pub(super) async fn look(&self, access: &SecretString, search: &Search) -> Result<Sighting, CallFault> {
        let (first, answered_at) = self.timeline(access, search, None).await?;
        let wrong = answered_at.map_or(0, |at| at - search.now);
        // A machine whose clock is an hour wrong would look for its post in the wrong hour, and find that it is not there. Whether it was wrong
        // already when the post was sent is not known, so both hours are looked at.
        let is_wrong = wrong.abs() > CLOCKS_DIFFER_MS;
        let moved;
        let search = if is_wrong {
            tracing::warn!(clock.wrong_ms = wrong, "this machine's clock and the network's differ");
            moved = Search {
                started_at: search.started_at.min(search.started_at + wrong),
                ended_by: search.ended_by.max(search.ended_by + wrong),
                now: search.now + wrong,
                ..search.clone()
            };
            &moved
        } else {
            search
        };
        let mut matches = Vec::new();
        let mut page = None;
        let mut next = (!is_wrong).then_some(first);
        for _ in 0..PAGES_MAX {
            let timeline = match next.take() {
                Some(first) => first,
                None => self.timeline(access, search, page.as_deref()).await?.0,
            };
            matches.extend(timeline.data.iter().filter_map(|tweet| matching(tweet, search)));
            page = timeline.meta.and_then(|meta| meta.next_token).filter(|token| !token.is_empty());
            if page.is_none() {
                return Ok(sighting(matches, &search.handle));
            }
        }
        let why = format!("the timeline did not end after {PAGES_MAX} pages");
        Err(CallFault::Later { after_ms: None, why })
    }

    async fn timeline(
        &self,
        access: &SecretString,
        search: &Search,
        page: Option<&str>,
    ) -> Result<(Timeline, Option<i64>), CallFault> {
        if !is_id(&search.account_remote_id) {
            return Err(unreadable("the account has no id of X's form".to_owned()));
        }
        let start_s = (search.started_at - BEFORE_MS).div_euclid(1000);
        let start = jiff::Timestamp::from_second(start_s).map_err(|e| unreadable(e.to_string()))?;
        let mut url = self.endpoint(&format!("/2/users/{}/tweets", search.account_remote_id));
        url.query_pairs_mut()
            .append_pair("max_results", PAGE_POSTS)
            .append_pair("start_time", &start.to_string())
            .append_pair("tweet.fields", FIELDS);
        if let Some(token) = page {
            url.query_pairs_mut().append_pair("pagination_token", token);
        }
        let answer = self.get(access, url, Waiting::Queue).await?;
        let broken = || unreadable(format!("unreadable timeline: {}", evidence(answer.status, &answer.body)));
        let timeline: Timeline = serde_json::from_slice(&answer.body).map_err(|_| broken())?;
        // A page is whole when it counts its posts, or names some and no trouble. Errors beside counted posts are
        // about things those posts refer to (§4.3 c).
        let whole = timeline.meta.is_some() || (!timeline.data.is_empty() && timeline.errors.is_empty());
        if whole { Ok((timeline, answered_at(&answer.headers))) } else { Err(broken()) }
    }
}

fn unreadable(why: String) -> CallFault {
    CallFault::Later { after_ms: None, why }
}

/// A post that could be ours.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Candidate {
    /// Made in the window of the attempt.
    Dated(String),
    /// X did not say when it was made: a person must look.
    Undated(String),
}

fn sighting(mut matches: Vec<Candidate>, handle: &str) -> Sighting {
    match (matches.pop(), matches.is_empty()) {
        (None, _) => Sighting::Absent { is_ruined: false },
        (Some(Candidate::Dated(id)), true) => Sighting::Found { permalink: permalink(handle, &id), remote_id: id },
        (Some(last), _) => {
            matches.push(last);
            let ids = matches.into_iter().map(|found| match found {
                Candidate::Dated(id) | Candidate::Undated(id) => id,
            });
            Sighting::Ambiguous { remote_ids: ids.collect() }
        }
    }
}

fn matching(tweet: &Tweet, search: &Search) -> Option<Candidate> {
    if !is_id(&tweet.id) || search.claimed.contains(&tweet.id) {
        return None;
    }
    let parent = tweet.referenced_tweets.iter().find(|reference| reference.kind == "replied_to");
    if parent.map(|parent| parent.id.as_str()) != search.reply_to.as_deref() {
        return None;
    }
    if tweet.attachments.media_keys.len() != search.media || !same_text(tweet, search) {
        return None;
    }
    let Some(created_at) = tweet.created_at.as_deref() else {
        return Some(Candidate::Undated(tweet.id.clone()));
    };
    let Ok(at) = created_at.parse::<jiff::Timestamp>() else {
        return Some(Candidate::Undated(tweet.id.clone()));
    };
    let window = search.started_at - BEFORE_MS..=search.ended_by + AFTER_MS;
    window.contains(&at.as_millisecond()).then(|| Candidate::Dated(tweet.id.clone()))
}

fn same_text(tweet: &Tweet, search: &Search) -> bool {
    let ours = normal(&search.text);
    let theirs = read_text(tweet);
    // X may put our own handle before a reply to ourselves (§4.1).
    let mention = format!("@{} ", search.handle);
    normal(&theirs) == ours
        || (search.reply_to.is_some() && theirs.strip_prefix(&mention).is_some_and(|rest| normal(rest) == ours))
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
            media: 0,
            prepared: None,
            reply_to: None,
            started_at: AT,
            ended_by: AT + 20_000,
            now: AT + 20_000,
            said: String::new(),
            claimed: Vec::new(),
        }
    }

    fn tweet(value: serde_json::Value) -> Tweet {
        let mut whole = json!({"id": "9", "created_at": "2023-11-14T22:13:25.000Z"});
        whole.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
        serde_json::from_value(whole).unwrap()
    }

    fn link(short: &str, expanded: &str) -> serde_json::Value {
        json!({"url": short, "expanded_url": expanded, "start": 0, "end": 1})
    }

    #[test]
    fn what_x_changes_is_undone() {
        let media = json!({"media_keys": ["3_1"]});
        let own = link("https://t.co/m1", "https://x.com/ana/status/9/photo/1");
        let rows = [
            ("plain", json!({"text": "plain"}), 0),
            (" trimmed \r\n", json!({"text": "trimmed"}), 0),
            ("a < b && c > d", json!({"text": "a &lt; b &amp;&amp; c &gt; d"}), 0),
            ("write &lt; for <", json!({"text": "write &amp;lt; for &lt;"}), 0),
            ("か\u{3099}", json!({"text": "が"}), 0),
            (
                "見て https://example.com/a",
                json!({"text": "見て https://t.co/a1", "entities": {"urls": [link("https://t.co/a1", "https://example.com/a")]}}),
                0,
            ),
            (
                "見てexample.com",
                json!({"text": "見てhttps://t.co/a1", "entities": {"urls": [link("https://t.co/a1", "http://example.com/")]}}),
                0,
            ),
            (
                "https://Example.com?a=1&b=2 x",
                json!({"text": "https://t.co/a1 x", "entities": {"urls": [link("https://t.co/a1", "https://example.com/?a=1&b=2")]}}),
                0,
            ),
            (
                "a.com/1 b.com/2",
                json!({"text": "https://t.co/a1 https://t.co/a10", "entities": {"urls": [link("https://t.co/a1", "http://a.com/1"), link("https://t.co/a10", "http://b.com/2")]}}),
                0,
            ),
            (
                "picture",
                json!({"text": "picture https://t.co/m1", "attachments": media, "entities": {"urls": [own]}}),
                1,
            ),
            ("picture", json!({"text": "picture https://t.co/m1", "attachments": media}), 1),
            ("", json!({"text": "https://t.co/m1", "attachments": media}), 1),
            (
                "see a.com",
                json!({"text": "see https://t.co/a1 https://t.co/m1", "attachments": media, "entities": {"urls": [link("https://t.co/a1", "http://a.com"), own]}}),
                1,
            ),
            (
                "see a.com",
                json!({"text": "see https://t.co/a1", "attachments": media, "entities": {"urls": [link("https://t.co/a1", "http://a.com")]}}),
                1,
            ),
            ("long long", json!({"text": "long…", "note_tweet": {"text": "long long"}}), 0),
            ("long long", json!({"text": "long…", "note_post": {"text": "long long"}}), 0),
        ];
        for (ours, theirs, media) in rows {
            let search = Search { media, ..search(ours) };
            let got = matching(&tweet(theirs.clone()), &search);
            assert_eq!(got, Some(Candidate::Dated("9".into())), "{ours} {theirs}");
        }
    }

    #[test]
    fn what_differs_does_not_match() {
        let rows = [
            json!({"text": "other"}),
            json!({"text": "mine", "attachments": {"media_keys": ["3_1"]}}),
            json!({"text": "mine", "created_at": "2023-11-14T22:12:19Z"}),
            json!({"text": "mine", "created_at": "2023-11-14T22:15:41Z"}),
            json!({"text": "mine", "referenced_tweets": [{"type": "replied_to", "id": "5"}]}),
            json!({"text": "mine", "id": "8"}),
            json!({"text": "mine", "id": "../8"}),
        ];
        let search = Search { claimed: vec!["8".into()], ..search("mine") };
        assert!(matching(&tweet(json!({"text": "mine"})), &search).is_some());
        for theirs in rows {
            assert_eq!(matching(&tweet(theirs.clone()), &search), None, "{theirs}");
        }
    }

    #[test]
    fn a_part_of_a_thread_is_known_by_its_parent_in_both_spellings() {
        let search = Search { reply_to: Some("5".into()), ..search("two") };
        for name in ["referenced_tweets", "referenced_posts"] {
            for text in ["two", "@ana two"] {
                let theirs = tweet(
                    json!({"text": text, name: [{"type": "quoted", "id": "4"}, {"type": "replied_to", "id": "5"}]}),
                );
                assert!(matching(&theirs, &search).is_some(), "{name} {text}");
            }
        }
        assert_eq!(matching(&tweet(json!({"text": "two"})), &search), None);
    }

    #[test]
    fn one_dated_match_is_found_and_anything_less_certain_is_for_a_person() {
        let dated = |id: &str| Candidate::Dated(id.to_owned());
        assert_eq!(sighting(vec![], "ana"), Sighting::Absent { is_ruined: false });
        let found = Sighting::Found { remote_id: "9".into(), permalink: "https://x.com/ana/status/9".into() };
        assert_eq!(sighting(vec![dated("9")], "ana"), found);
        let two = Sighting::Ambiguous { remote_ids: vec!["8".into(), "9".into()] };
        assert_eq!(sighting(vec![dated("8"), dated("9")], "ana"), two);
        let one = Sighting::Ambiguous { remote_ids: vec!["9".into()] };
        assert_eq!(sighting(vec![Candidate::Undated("9".into())], "ana"), one);
    }
}
