//! Looking how far a post is (platforms/tiktok.md §4.6, §6): what TikTok calls it on its way says it all. Where that is not known, because the answer
//! that names it was lost, only the account's public posts are left, and that it is not among them proves nothing.

use http::Method;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::TikTok;
use super::classify::{State, call_fault, is_ok, problem, state};
use super::limits::Kind;
use super::link::{self, is_handle, permalink};
use super::uploads::Prepared;
use super::wire::{Envelope, Page, Status, Video, is_post_id, is_publish_id};
use super::{read, unreadable};
use crate::domain::commit::{CallFault, Search, Sighting};
use crate::http_out::Answer;
use crate::platforms::answers::{Waiting, evidence};
use crate::say;

/// In front of the id in evidence, where it is found again.
const NAMED: &str = "publish ";
/// What is public gets its id when TikTok has looked at it, about a minute later (§4.6). For so long it is waited for.
const LOOKED_AT_MS: i64 = 5 * 60_000;
/// TikTok's clock and ours may differ by this much.
const BEFORE_MS: i64 = 60_000;
/// §7: the most on a page.
const PAGE_POSTS: usize = 20;
/// Pages that are read: a day has 15 posts (§5).
const PAGES_MAX: usize = 3;
/// The title in a list is the beginning of the text, of which at least so much must fit.
const TITLE_CHARS_MIN: usize = 10;

impl TikTok {
    pub(super) async fn look(&self, access: &SecretString, search: &Search) -> Result<Sighting, CallFault> {
        let prepared = search.prepared.clone().and_then(|handle| serde_json::from_value(handle).ok());
        let (publish, size, public) = match &prepared {
            Some(Prepared::File { publish, size, public, .. }) => (Some(publish.as_str()), *size, *public),
            Some(Prepared::Pull { public, .. }) => (named_in(&search.said), 0, *public),
            None => return Err(unsure("what was prepared is not known")),
        };
        let Some(publish) = publish.filter(|id| is_publish_id(id)) else {
            return self.look_among(access, search, public).await;
        };
        let (state, evidence) = self.state(access, publish, size).await?;
        let found = |remote_id: String, permalink| Ok(Sighting::Found { remote_id, permalink });
        match state {
            State::Incomplete => Ok(Sighting::Absent { is_ruined: false }),
            State::Working => Ok(Sighting::Working),
            State::Inbox => {
                Ok(Sighting::Handed { remote_id: publish.to_owned(), permalink: place_of(&search.handle, None) })
            }
            State::Out(None) if public && search.now - search.started_at < LOOKED_AT_MS => Ok(Sighting::Working),
            State::Out(None) => found(publish.to_owned(), place_of(&search.handle, None)),
            State::Out(Some(id)) => {
                let kind = if publish.starts_with("p_") { Kind::Photo } else { Kind::Video };
                let place = place_of(&search.handle, Some((kind, &id)));
                found(id, place)
            }
            State::Failed(class) => Ok(Sighting::Rejected { class, evidence }),
        }
    }

    /// How far a post is, with what was said.
    pub(super) async fn state(
        &self,
        access: &SecretString,
        publish: &str,
        size: u64,
    ) -> Result<(State, String), CallFault> {
        let (status, answer) = self.status(access, publish).await?;
        let state = state(&status, size).ok_or_else(|| unreadable(&answer))?;
        Ok((state, evidence(answer.status, &answer.body)))
    }

    /// What TikTok says of a post.
    pub(super) async fn status(&self, access: &SecretString, publish: &str) -> Result<(Status, Answer), CallFault> {
        let to = (Method::POST, "/v2/post/publish/status/fetch/");
        let answer = self.ask(access, to, Some(&json!({ "publish_id": publish }))).await?;
        if !is_ok(&answer) {
            return Err(call_fault(&answer, Waiting::Queue));
        }
        let status: Envelope<Status> = read(&answer)?;
        Ok((status.data, answer))
    }

    /// Looks for it among the account's public posts.
    async fn look_among(&self, access: &SecretString, search: &Search, public: bool) -> Result<Sighting, CallFault> {
        // §6: what is not public is in no list.
        let hidden = || Sighting::Hidden { ask: say!("tiktok-look", link = place_of(&search.handle, None)) };
        if !public {
            return Ok(hidden());
        }
        let since = search.started_at - BEFORE_MS;
        let (mut found, mut cursor) = (Vec::new(), None);
        for _ in 0..PAGES_MAX {
            let mut body = json!({ "max_count": PAGE_POSTS });
            if let Some(cursor) = cursor {
                body["cursor"] = cursor;
            }
            let path = "/v2/video/list/?fields=id,create_time,title,video_description,share_url";
            let answer = self.ask(access, (Method::POST, path), Some(&body)).await?;
            if problem(&answer.body).is_some_and(|problem| problem.code.starts_with("scope_")) {
                return Ok(hidden());
            }
            if !is_ok(&answer) {
                return Err(call_fault(&answer, Waiting::Queue));
            }
            let Page { videos, cursor: next, has_more } = read::<Envelope<Page>>(&answer)?.data;
            let is_past = videos.last().is_none_or(|video| video.create_time < since.div_euclid(1000));
            found.extend(videos.into_iter().filter(|video| is_match(video, search, since)));
            if is_past || !has_more {
                break;
            }
            cursor = Some(json!(next));
        }
        match found.as_slice() {
            [] => Err(unsure("it is not among the public posts, which proves nothing")),
            [one] => {
                let shown = link::read(&search.handle, &one.share_url).map(|(_, place)| place);
                let permalink = shown.unwrap_or_else(|| place_of(&search.handle, Some((Kind::Video, &one.id))));
                Ok(Sighting::Found { remote_id: one.id.clone(), permalink })
            }
            // Which of them is this one, a person must say.
            several => Ok(Sighting::Ambiguous { remote_ids: several.iter().map(|video| video.id.clone()).collect() }),
        }
    }
}

/// Whether TikTok's name for a post is that of what was prepared. Of what it fetches the name is in its answer: where that was lost, any may be its
/// (§6).
pub(super) fn is_called(name: &str, prepared: Option<&Value>, said: &str) -> bool {
    match prepared.cloned().map(serde_json::from_value) {
        Some(Ok(Prepared::File { publish, .. })) => publish == name,
        Some(Ok(Prepared::Pull { .. })) => named_in(said).is_none_or(|known| known == name),
        Some(Err(_)) | None => false,
    }
}

fn unsure(why: &str) -> CallFault {
    CallFault::Later { after_ms: None, why: why.to_owned() }
}

/// Evidence by which a post on its way is found again.
pub(super) fn named(publish: &str, said: &str) -> String {
    format!("{NAMED}{publish} {said}")
}

/// What the evidence of a try calls it.
fn named_in(said: &str) -> Option<&str> {
    said.strip_prefix(NAMED)?.split(' ').next().filter(|id| is_publish_id(id))
}

/// Where it can be seen; somewhere on the profile, where TikTok does not say under which id.
fn place_of(handle: &str, post: Option<(Kind, &str)>) -> String {
    match post {
        _ if !is_handle(handle) => "https://www.tiktok.com/".to_owned(),
        Some((kind, id)) => permalink(handle, kind.word(), id),
        None => link::profile(handle),
    }
}

/// Whether a video can be the one that is looked for: unclaimed, made since, with the same text.
fn is_match(video: &Video, search: &Search, since: i64) -> bool {
    is_post_id(&video.id)
        && !search.claimed.contains(&video.id)
        && video.create_time >= since.div_euclid(1000)
        && is_same_text(video, search.text.trim())
}

fn is_same_text(video: &Video, text: &str) -> bool {
    let (whole, title) = (video.video_description.trim(), video.title.trim());
    whole == text || (title.chars().count() >= TITLE_CHARS_MIN && text.starts_with(title) && whole.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: i64 = 1_700_000_000_000;

    fn search() -> Search {
        Search {
            account_remote_id: "723f".into(),
            handle: "ana".into(),
            text: "a walk in the park ".into(),
            media: 1,
            prepared: None,
            reply_to: None,
            started_at: AT,
            ended_by: AT + 20_000,
            now: AT + 20_000,
            said: String::new(),
            claimed: vec!["8".into()],
        }
    }

    #[test]
    fn only_what_can_be_this_post_fits() {
        let video = |change: serde_json::Value| -> Video {
            let mut whole =
                json!({ "id": "9", "create_time": AT / 1000 + 5, "video_description": "a walk in the park" });
            whole.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            serde_json::from_value(whole).unwrap()
        };
        let (search, since) = (search(), AT - BEFORE_MS);
        let fits = |change| is_match(&video(change), &search, since);
        assert!(fits(json!({})) && fits(json!({ "create_time": AT / 1000 - 60 })), "a minute is between two clocks");
        assert!(fits(json!({ "video_description": "", "title": "a walk in the" })));
        for (why, change) in [
            ("another text", json!({ "video_description": "a walk" })),
            ("hardly a title", json!({ "video_description": "", "title": "a walk" })),
            ("no text", json!({ "video_description": "", "title": "" })),
            ("claimed", json!({ "id": "8" })),
            ("older", json!({ "create_time": AT / 1000 - 61 })),
            ("undated", json!({ "create_time": 0 })),
            ("no id", json!({ "id": "../9" })),
        ] {
            assert!(!fits(change), "{why}");
        }
    }

    #[test]
    fn a_name_is_that_of_one_post_or_of_one_whose_answer_was_lost() {
        let file = json!({ "way": "file", "publish": "v_pub_file~v2-1.7", "upload_url": "https://u.example/", "size": 7, "public": true });
        let pull = json!({ "way": "pull", "closed": {}, "public": true });
        let of = |name: &str, prepared: &Value, said: &str| is_called(name, Some(prepared), said);
        assert!(of("v_pub_file~v2-1.7", &file, "") && !of("v_pub_file~v2-1.8", &file, ""));
        let said = named("p_pub_url~v2-1.7", "HTTP 200");
        assert!(of("p_pub_url~v2-1.7", &pull, &said) && !of("p_pub_url~v2-1.8", &pull, &said));
        assert!(of("p_pub_url~v2-1.8", &pull, "the connection was reset"), "nobody knows what it is called");
        assert!(!is_called("v_pub_file~v2-1.7", None, "") && !of("v_pub_file~v2-1.7", &json!({ "x": 1 }), ""));
    }

    #[test]
    fn what_a_try_was_called_is_found_in_its_evidence() {
        assert_eq!(named_in(&named("p_pub_url~v2-1.7", "HTTP 200 {}")), Some("p_pub_url~v2-1.7"));
        for other in ["", "publish ", "publish x", "HTTP 200 publish p~1", "publish a~\"b HTTP"] {
            assert_eq!(named_in(other), None, "{other}");
        }
        assert_eq!(place_of("ana", Some((Kind::Photo, "7"))), "https://www.tiktok.com/@ana/photo/7");
        assert_eq!(place_of("Ana Li", Some((Kind::Video, "7"))), "https://www.tiktok.com/", "no handle is known");
    }
}
