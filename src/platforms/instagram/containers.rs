//! Containers: everything that happens before a post and that nobody can see (platforms/instagram.md §3.1, §3.2). May be repeated: a container
//! that is never published costs one of 400 a day.

use std::time::Duration;

use http::Method;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::classify::{FULL_DAY_MS, for_good, is_unfetched, number_in, says_no_object};
use super::limits::{IMAGE, Kind, Shape, WRITTEN};
use super::wire::{Me, Progress, Used};
use super::{Instagram, gone};
use crate::domain::allowance::Room;
use crate::domain::commit::CallFault;
use crate::domain::post::MediaFacts;
use crate::domain::shelf::MediaFile;
use crate::platforms::meta::{Data, Made, Pace, State, Waiting, answered_at, evidence, is_id, read, unreadable};
use crate::platforms::{Part, films, pictures};
use crate::say;

/// When to ask how far a container is (§3.2): officially once a minute, and large reels take longer than the five minutes it names.
const PACE: Pace = Pace {
    after: &[Duration::from_secs(2), Duration::from_secs(5), Duration::from_secs(10), Duration::from_secs(30)],
    every: Duration::from_secs(60),
    longest: Duration::from_secs(30 * 60),
};
/// §5: made anew for what may pass, twice.
const TRIES_MAX: usize = 3;
/// §5: an address that could not be fetched is tried three times more.
const FETCHES_MAX: usize = 4;
/// Before the same address is fetched once more.
const FETCH_AGAIN: Duration = Duration::from_secs(3);

type Fields = Vec<(&'static str, String)>;

impl Instagram {
    /// Makes the container of a part and waits until it can be published. The handle is its id, and what it shows. A comment has none.
    pub(super) async fn contain(&self, access: &SecretString, part: &Part) -> Result<Value, CallFault> {
        if part.no > 0 {
            let Some(kept) = part.reply_to.as_deref() else {
                return Err(CallFault::Refused(say!("delivery-reason-no-parent")));
            };
            if is_id(kept) {
                return Ok(Value::Null);
            }
            // A person's link names the post by its short code.
            let post = self.media_id(access, "me", kept).await?;
            return Ok(json!({ "post": post.ok_or_else(|| CallFault::Refused(gone()))? }));
        }
        let user = self.user_id(access).await?;
        if self.room(access, &user).await.is_ok_and(|room| room.left() == 0) {
            let why = "Instagram takes no more posts of this account today".to_owned();
            return Err(CallFault::Later { after_ms: Some(FULL_DAY_MS), why });
        }
        let is_story = part.options.instagram.story;
        let kinds: Vec<Kind> = part.media.iter().map(|medium| kind_of(&medium.facts)).collect::<Result<_, _>>()?;
        let wrong = || {
            CallFault::Refused(if kinds.is_empty() {
                say!("instagram-media-none")
            } else {
                say!("instagram-story-one")
            })
        };
        let shape = Shape::of(&kinds, is_story).ok_or_else(wrong)?;
        let fields = match (shape, part.media.as_slice()) {
            (Shape::Carousel, media) => {
                let children = self.children(access, &user, media).await?;
                vec![("media_type", "CAROUSEL".to_owned()), ("children", children.join(","))]
            }
            (_, [medium, ..]) => self.medium_fields(&medium.facts, shape)?,
            (_, []) => return Err(wrong()),
        };
        let fields = [fields, shared_fields(part, shape)].concat();
        let id = self.container(access, &user, &fields).await?;
        crate::failpoint!("F2");
        let id = self.finished(access, &user, (&fields, id)).await?;
        Ok(json!({ "container": id, "shape": shape.word() }))
    }

    /// The id for all paths (§2); the one from the exchange is good within the app alone.
    async fn user_id(&self, access: &SecretString) -> Result<String, CallFault> {
        let answer = self.graph.get(access, self.graph.fields("/me", "user_id"), Waiting::Queue).await?;
        let me: Me = read(&answer)?;
        if is_id(&me.user_id.0) { Ok(me.user_id.0) } else { Err(unreadable(&answer)) }
    }

    /// How many posts Instagram takes of the account in a day, and has taken (§4).
    pub(super) async fn room(&self, access: &SecretString, user: &str) -> Result<Room, CallFault> {
        let url = self.graph.fields(&format!("/{user}/content_publishing_limit"), "config,quota_usage");
        let answer = self.graph.get(access, url, Waiting::Queue).await?;
        let used: Data<Vec<Used>> = read(&answer)?;
        let used = used.data.first().ok_or_else(|| unreadable(&answer))?;
        Ok(Room { used: used.quota_usage, most: used.config.quota_total })
    }

    fn medium_fields(&self, facts: &MediaFacts, shape: Shape) -> Result<Fields, CallFault> {
        let is_video = kind_of(facts)? == Kind::Video;
        let links = self.config.links.as_ref();
        let link = if is_video { films::link(links, &WRITTEN, facts) } else { pictures::link(links, &IMAGE, facts) };
        let link = link.ok_or_else(|| CallFault::Refused(say!("instagram-media-unreachable")))?;
        let mut fields = vec![(if is_video { "video_url" } else { "image_url" }, link.into())];
        // Without a type it is a picture on the profile.
        let word = match shape {
            Shape::Image => None,
            Shape::Reel => Some("REELS"),
            Shape::Carousel => is_video.then_some("VIDEO"),
            Shape::ImageStory | Shape::VideoStory => Some("STORIES"),
        };
        fields.extend(word.map(|word| ("media_type", word.to_owned())));
        let alt = facts.alt.as_deref().filter(|alt| !alt.trim().is_empty() && !is_video && !shape.is_story());
        fields.extend(alt.map(|alt| ("alt_text", alt.to_owned())));
        Ok(fields)
    }

    /// The children of a carousel, in order and all finished. Begun together: Instagram works on them while they are waited for.
    async fn children(&self, access: &SecretString, user: &str, media: &[MediaFile]) -> Result<Vec<String>, CallFault> {
        let mut begun = Vec::new();
        for medium in media {
            let own = self.medium_fields(&medium.facts, Shape::Carousel)?;
            let fields = [own, vec![("is_carousel_item", "true".to_owned())]].concat();
            let id = self.container(access, user, &fields).await?;
            begun.push((fields, id));
        }
        let mut finished = Vec::new();
        for (fields, id) in begun {
            finished.push(self.finished(access, user, (&fields, id)).await?);
        }
        Ok(finished)
    }

    /// Makes one container.
    async fn container(&self, access: &SecretString, user: &str, fields: &Fields) -> Result<String, CallFault> {
        let mut fetches = 0;
        loop {
            fetches += 1;
            let to = (Method::POST, self.graph.endpoint(&format!("/{user}/media")));
            match self.graph.call(access, to, Some(fields), Waiting::Queue).await {
                Ok(answer) => {
                    let made: Made = read(&answer)?;
                    return if is_id(&made.id.0) { Ok(made.id.0) } else { Err(unreadable(&answer)) };
                }
                Err(CallFault::Refused(what)) if is_unfetched(&what) && fetches < FETCHES_MAX => {
                    self.config.pauses.pause(FETCH_AGAIN).await;
                }
                Err(fault) => return Err(fault),
            }
        }
    }

    /// Waits until a container is finished; where Instagram failed at what may pass, makes it anew.
    async fn finished(
        &self,
        access: &SecretString,
        user: &str,
        (fields, id): (&Fields, String),
    ) -> Result<String, CallFault> {
        let mut id = id;
        let mut tries = 0;
        loop {
            tries += 1;
            let state = self.settled(access, &id).await?;
            let said = match state {
                State::Failed(said) => said,
                State::Finished | State::Published | State::InProgress => return Ok(id),
            };
            let number = number_in(&said);
            if let Some(what) = number.and_then(for_good) {
                return Err(CallFault::Refused(what));
            }
            if tries >= TRIES_MAX {
                let detail = number.map_or_else(|| said.chars().take(100).collect(), |number| number.to_string());
                return Err(CallFault::Refused(say!("instagram-media-unprocessed", detail = detail)));
            }
            id = self.container(access, user, fields).await?;
        }
    }

    /// Waits until Instagram has ended its work on a container.
    async fn settled(&self, access: &SecretString, id: &str) -> Result<State, CallFault> {
        for pause in PACE.pauses() {
            self.config.pauses.pause(pause).await;
            match self.state(access, id).await {
                // A look that fails shows nothing: the next one asks again.
                Ok(State::InProgress) | Err(CallFault::Later { after_ms: None, .. }) => {}
                Ok(ended @ (State::Finished | State::Published | State::Failed(_))) => return Ok(ended),
                Err(fault) => return Err(fault),
            }
        }
        Err(PACE.over(id))
    }

    /// How far a container is (§3.2, §6).
    pub(super) async fn state(&self, access: &SecretString, id: &str) -> Result<State, CallFault> {
        Ok(self.dated_state(access, id).await?.0)
    }

    /// The same, with the time at which the network says that it answered.
    pub(super) async fn dated_state(&self, access: &SecretString, id: &str) -> Result<(State, Option<i64>), CallFault> {
        let url = self.graph.fields(&format!("/{id}"), "status_code,status");
        let answer = self.graph.ask(access, (Method::GET, url), None).await?;
        let at = answered_at(&answer.headers);
        if answer.status != 200 {
            if says_no_object(&answer) {
                return Err(CallFault::Later { after_ms: None, why: evidence(answer.status, &answer.body) });
            }
            return Err(self.graph.fault(&answer));
        }
        let progress: Progress = read(&answer)?;
        let state = match progress.status_code.as_str() {
            "IN_PROGRESS" => State::InProgress,
            "FINISHED" => State::Finished,
            "PUBLISHED" => State::Published,
            "ERROR" | "EXPIRED" => State::Failed(progress.status),
            _ => return Err(unreadable(&answer)),
        };
        Ok((state, at))
    }
}

fn kind_of(facts: &MediaFacts) -> Result<Kind, CallFault> {
    let wrong = || CallFault::Refused(say!("instagram-media-kind", media = facts.id.as_str(), mime = &facts.mime));
    Kind::of(&facts.mime).ok_or_else(wrong)
}

/// What a post carries as a whole, whatever its media (§3.1).
fn shared_fields(part: &Part, shape: Shape) -> Fields {
    let mut fields = Fields::new();
    if !part.segment.text.trim().is_empty() && !shape.is_story() {
        fields.push(("caption", part.segment.text.clone()));
    }
    if part.options.made_with_ai {
        fields.push(("is_ai_generated", "true".to_owned()));
    }
    let own = &part.options.instagram;
    let handles: Vec<&str> = own.collaborators.iter().map(|handle| handle.trim_start_matches('@')).collect();
    if !handles.is_empty() {
        fields.push(("collaborators", json!(handles).to_string()));
    }
    fields.extend(own.location.iter().map(|id| ("location_id", id.clone())));
    fields
}

/// The shape that `contain` kept.
pub(super) fn shape_of(handle: &Value) -> Option<Shape> {
    handle["shape"].as_str().and_then(Shape::find)
}
