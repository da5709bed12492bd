//! Containers: everything that happens before a post and that nobody can see (platforms/threads.md §3.1, §3.2). May be repeated.

use std::time::Duration;

use http::Method;
use secrecy::SecretString;
use serde_json::{Map, Value, json};

use super::check::reply_control;
use super::classify::{is_gone, is_published_already, is_unfetched, named};
use super::limits::{IMAGE, Kind, WRITTEN};
use super::wire::Progress;
use super::{Threads, gone};
use crate::domain::commit::CallFault;
use crate::domain::refusal::Sentence;
use crate::domain::shelf::MediaFile;
use crate::platforms::meta::{Made, Pace, State, Waiting, answered_at, evidence, is_id, read, unreadable};
use crate::platforms::{Part, films, pictures};
use crate::say;

/// When to ask how far a container is (§3.2); then each minute, officially for up to five. After that a new container is made, later.
const PACE: Pace = Pace {
    after: &[
        Duration::from_secs(1),
        Duration::from_secs(2),
        Duration::from_secs(5),
        Duration::from_secs(10),
        Duration::from_secs(30),
    ],
    every: Duration::from_secs(60),
    longest: Duration::from_secs(300),
};
/// §3.2: publishing in the instant of FINISHED is the commonest cause of "Media Not Found".
const SETTLE: Duration = Duration::from_secs(2);
/// §3.2 and §4: one more container, one more fetch, for faults that may pass.
const TRIES_MAX: usize = 2;
/// Before the same address is fetched once more.
const FETCH_AGAIN: Duration = Duration::from_secs(3);
/// §3.3: a chain goes by the id of the post before, never by a container's.
const REPLY_TO: &str = "reply_to_id";
/// Faults of a file that another container cannot mend begin so (§3.2: `INVALID_ASPEC_RATIO` and its like).
const FOR_GOOD: &str = "INVALID_";
/// §3.2: what was fetched from here did not arrive.
const UNFETCHED: &str = "FAILED_DOWNLOADING_VIDEO";

type Fields = Vec<(&'static str, String)>;

impl Threads {
    /// Makes the container of a part and waits until it can be published. The handle is its id.
    pub(super) async fn contain(&self, access: &SecretString, part: &Part) -> Result<Value, CallFault> {
        let fields = match part.media.as_slice() {
            [] => text_fields(part),
            [medium] => self.medium_fields(medium)?,
            media => {
                let children = self.children(access, media).await?;
                vec![("media_type", "CAROUSEL".to_owned()), ("children", children.join(","))]
            }
        };
        let fields = [fields, self.shared_fields(access, part).await?].concat();
        let id = self.container(access, &fields).await?;
        crate::failpoint!("F2");
        let id = self.finished(access, &fields, id).await?;
        self.config.pauses.pause(SETTLE).await;
        Ok(json!({ "container": id }))
    }

    /// What every kind of part carries.
    async fn shared_fields(&self, access: &SecretString, part: &Part) -> Result<Fields, CallFault> {
        let mut fields = Fields::new();
        if !part.segment.text.trim().is_empty() {
            fields.push(("text", part.segment.text.clone()));
        }
        match &part.reply_to {
            Some(kept) => {
                let id = self.media_id(access, kept).await?;
                fields.push((REPLY_TO, id.ok_or_else(|| CallFault::Refused(gone()))?));
            }
            // Without it the part would stand alone.
            None if part.no > 0 => return Err(CallFault::Refused(say!("delivery-reason-no-parent"))),
            // The first part decides for the whole conversation.
            None => {
                let control = part.options.repliers.map(reply_control);
                if control == Some(None) {
                    return Err(CallFault::Refused(say!("threads-repliers")));
                }
                fields.extend(control.flatten().map(|word| ("reply_control", word.to_owned())));
            }
        }
        Ok(fields)
    }

    fn medium_fields(&self, medium: &MediaFile) -> Result<Fields, CallFault> {
        let facts = &medium.facts;
        let kind = Kind::of(&facts.mime).ok_or_else(|| {
            CallFault::Refused(say!("threads-media-kind", media = facts.id.as_str(), mime = &facts.mime))
        })?;
        let links = self.config.links.as_ref();
        let link = match kind {
            Kind::Image => pictures::link(links, &IMAGE, facts),
            Kind::Video => films::link(links, &WRITTEN, facts),
        };
        let link = link.ok_or_else(|| CallFault::Refused(say!("threads-media-unreachable")))?;
        let address = match kind {
            Kind::Image => "image_url",
            Kind::Video => "video_url",
        };
        let mut fields = vec![("media_type", kind.word().to_owned()), (address, link.into())];
        if let Some(alt) = facts.alt.as_deref().filter(|alt| !alt.trim().is_empty()) {
            fields.push(("alt_text", alt.to_owned()));
        }
        Ok(fields)
    }

    /// The children of a carousel, in order and all finished. Begun together: Threads works on them while they are waited for.
    async fn children(&self, access: &SecretString, media: &[MediaFile]) -> Result<Vec<String>, CallFault> {
        let mut begun = Vec::new();
        for medium in media {
            let fields = [self.medium_fields(medium)?, vec![("is_carousel_item", "true".to_owned())]].concat();
            let id = self.container(access, &fields).await?;
            begun.push((fields, id));
        }
        let mut finished = Vec::new();
        for (fields, id) in begun {
            finished.push(self.finished(access, &fields, id).await?);
        }
        Ok(finished)
    }

    /// Makes one container.
    async fn container(&self, access: &SecretString, fields: &Fields) -> Result<String, CallFault> {
        let mut tries = 0;
        loop {
            tries += 1;
            // §3: `/me`, because writing through a stale numeric id was answered with "Media Not Found".
            let to = (Method::POST, self.graph.endpoint("/me/threads"));
            match self.graph.call(access, to, Some(fields), Waiting::Queue).await {
                Ok(answer) => {
                    let made: Made = read(&answer)?;
                    return if is_id(&made.id.0) { Ok(made.id.0) } else { Err(unreadable(&answer)) };
                }
                Err(CallFault::Refused(what)) if is_unfetched(&what) && tries < TRIES_MAX => {
                    self.config.pauses.pause(FETCH_AGAIN).await;
                }
                // The part before was published a moment ago, and not every server of Threads knows it yet.
                Err(CallFault::Refused(what)) if is_gone(&what) && fields.iter().any(|(name, _)| *name == REPLY_TO) => {
                    return Err(CallFault::Later {
                        after_ms: None,
                        why: "the part before is not found yet".to_owned(),
                    });
                }
                Err(fault) => return Err(fault),
            }
        }
    }

    /// Waits until a container is finished; where Threads failed at what may pass, makes one more.
    async fn finished(&self, access: &SecretString, fields: &Fields, id: String) -> Result<String, CallFault> {
        let mut id = id;
        let mut tries = 0;
        loop {
            tries += 1;
            let word = match self.settled(access, &id).await? {
                State::Failed(word) => word,
                State::Finished | State::Published | State::InProgress => return Ok(id),
            };
            if word.starts_with(FOR_GOOD) || tries >= TRIES_MAX {
                return Err(CallFault::Refused(named(&word).unwrap_or_else(|| failed(word, fields))));
            }
            id = self.container(access, fields).await?;
        }
    }

    /// Waits until Threads has ended its work on a container.
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

    /// How far a container is (§3.2, §5).
    pub(super) async fn state(&self, access: &SecretString, id: &str) -> Result<State, CallFault> {
        Ok(self.dated_state(access, id).await?.0)
    }

    /// The same, with the time at which the network says that it answered.
    pub(super) async fn dated_state(&self, access: &SecretString, id: &str) -> Result<(State, Option<i64>), CallFault> {
        let url = self.graph.fields(&format!("/{id}"), "id,status,error_message");
        let answer = self.graph.ask(access, (Method::GET, url), None).await?;
        let at = answered_at(&answer.headers);
        if answer.status != 200 {
            if is_published_already(&answer) {
                return Ok((State::Published, at));
            }
            return Err(match self.graph.fault(&answer) {
                // instagram.md §5, §10: reads of what is there are answered so now and then, and never show that it is not.
                CallFault::Refused(what) if is_gone(&what) => {
                    CallFault::Later { after_ms: None, why: evidence(answer.status, &answer.body) }
                }
                fault => fault,
            });
        }
        let progress: Progress = read(&answer)?;
        let state = match progress.status.as_str() {
            "IN_PROGRESS" => State::InProgress,
            "FINISHED" => State::Finished,
            "PUBLISHED" => State::Published,
            "ERROR" if progress.error_message.is_empty() => State::Failed("UNKNOWN".to_owned()),
            "ERROR" => State::Failed(progress.error_message.chars().take(100).collect()),
            "EXPIRED" => State::Failed(String::new()),
            _ => return Err(unreadable(&answer)),
        };
        Ok((state, at))
    }
}

/// Threads gave a container up.
fn failed(word: String, fields: &Fields) -> Sentence {
    let detail = if word.is_empty() { "EXPIRED".to_owned() } else { word };
    if fields.contains(&("media_type", "TEXT".to_owned())) {
        say!("threads-refused", detail = detail)
    } else if detail == UNFETCHED {
        say!("threads-media-unfetched")
    } else if detail.starts_with(FOR_GOOD) {
        say!("threads-media-failed", detail = detail)
    } else {
        say!("threads-media-unprocessed", detail = detail)
    }
}

fn text_fields(part: &Part) -> Fields {
    let mut fields = vec![("media_type", "TEXT".to_owned())];
    if let Some(poll) = &part.segment.poll {
        let names = ["option_a", "option_b", "option_c", "option_d"];
        let options = names.iter().zip(&poll.options);
        let options: Map<_, _> = options.map(|(name, option)| ((*name).to_owned(), json!(option))).collect();
        fields.push(("poll_attachment", Value::Object(options).to_string()));
    }
    fields
}
