//! `attach_media`: brings a picture or video in, from an address or through a link that a person opens.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::dry;
use super::{Answered, Tool, ToolContext};
use crate::domain::caller::{Caller, Via};
use crate::domain::ids::{MediaId, UploadId};
use crate::domain::lang::Lang;
use crate::domain::post::MediaFacts;
use crate::domain::schedule::Moment;
use crate::domain::tool::{Effect, ToolError};
use crate::media::{Owner, is_path};
use crate::say;

/// Brings in a picture, video or PDF (LinkedIn only) for drafts: give exactly one of url, upload, upload_id, media, list. With upload you get a link that the
/// person opens (also on a phone) to choose files; ask with its upload_id whether they arrived. Place and device data are taken out.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AttachMedia {
    /// A public https address of a jpeg, png, gif, webp, mp4, mov, webm or pdf; over stdio also a file's path.
    #[serde(default)]
    url: Option<String>,
    /// True: hand out an upload link.
    #[serde(default)]
    upload: bool,
    /// An upload link's id: what arrived?
    #[serde(default)]
    upload_id: Option<String>,
    /// A medium that is to get another alt: a new id for the same file.
    #[serde(default)]
    media: Option<String>,
    /// True: what is here already, the newest first. With media: what is older than that.
    #[serde(default)]
    list: bool,
    /// Text for people who cannot see it.
    #[serde(default)]
    alt: Option<String>,
    /// Makes a repeat safe for 24 h.
    #[serde(default)]
    #[expect(dead_code, reason = "read by the toolbox")]
    idempotency_key: Option<String>,
    /// Check the arguments only.
    #[serde(default)]
    dry_run: bool,
}

/// What is there now.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Attached {
    /// True when it was only checked.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
    /// Media to name in segments.
    pub media: Vec<MediumAnswer>,
    /// For the person to open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upload_url: Option<String>,
    /// Ask with it what arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upload_id: Option<String>,
    /// When the link ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

/// A medium as its bytes tell.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MediumAnswer {
    /// Its id.
    pub id: String,
    /// Its type.
    pub mime: String,
    /// Its size.
    pub bytes: i64,
    /// In pixels.
    pub width: i64,
    /// In pixels.
    pub height: i64,
    /// Of a video.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// For people who cannot see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alt: Option<String>,
    /// In so many posts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used: Option<i64>,
}

impl MediumAnswer {
    fn of(facts: MediaFacts) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a video is far shorter than 2^52 milliseconds")]
        let seconds = (facts.duration_ms > 0).then_some(facts.duration_ms as f64 / 1000.0);
        Self {
            id: facts.id.to_string(),
            mime: facts.mime,
            bytes: facts.bytes,
            width: facts.width,
            height: facts.height,
            seconds,
            alt: facts.alt,
            used: None,
        }
    }
}

enum Source {
    File(String, Option<String>),
    Url(String, Option<String>),
    Link,
    Arrived(UploadId),
    Again(MediaId, String),
    Here(Option<MediaId>),
}

impl Source {
    /// A path is a file of this machine for its own user, whose client runs with their rights; for anybody else it is refused.
    fn on_this_machine(self, caller: &Caller) -> Result<Self, ToolError> {
        match self {
            Self::Url(path, alt) if is_path(&path) => match caller.via {
                Via::McpStdio => Ok(Self::File(path, alt)),
                Via::Web(_) | Via::McpHttp(_) | Via::McpApp(_) | Via::Terminal | Via::Slack | Via::Discord => {
                    Err(say!("media-file-elsewhere").into())
                }
            },
            other => Ok(other),
        }
    }
}

impl Tool for AttachMedia {
    const NAME: &'static str = "attach_media";
    const TITLE: &'static str = "Bring in a picture or video";
    const EFFECT: Effect = Effect::Drafts;
    const IDEMPOTENT: bool = false;
    const REACHES_OUT: bool = true;
    type Answer = Attached;

    async fn call(self, cx: &ToolContext<'_>) -> Result<Answered<Attached>, ToolError> {
        let source = source((self.url, self.alt), (self.upload, self.list), self.upload_id, self.media)?;
        let source = source.on_this_machine(cx.caller)?;
        let (workspace, user) = (cx.caller.workspace.clone(), cx.caller.user.clone());
        let owner = Owner { workspace, user, upload: None, is_tainted: cx.caller.is_tainted };
        if self.dry_run {
            check(cx, &source, &owner).await?;
            let structured = Attached { dry_run: true, ..Attached::default() };
            return Ok(Answered { structured, text: dry(cx, &cx.say(&say!("media-dry-run"))), waiting: Vec::new() });
        }
        match source {
            Source::Url(url, alt) => Ok(brought(cx, cx.media.fetch(&url, alt, &owner).await?)),
            Source::File(path, alt) => Ok(brought(cx, cx.media.take_file(&path, alt, &owner).await?)),
            Source::Again(id, alt) => Ok(brought(cx, cx.media.describe(&id, alt, &owner).await?)),
            Source::Here(before) => {
                let found = cx.desk.library(cx.caller, before.as_ref()).await?;
                let text = cx.say(&say!("media-here", count = found.len()));
                let media =
                    found.into_iter().map(|(facts, used)| MediumAnswer { used: Some(used), ..MediumAnswer::of(facts) });
                let structured = Attached { media: media.collect(), ..Attached::default() };
                Ok(Answered { structured, text, waiting: Vec::new() })
            }
            Source::Link => {
                let (link, secret) = cx.media.open_link(&owner).await?;
                let url = cx.link(&format!("upload/{secret}"));
                let megabytes = cx.media.bytes_max() >> 20;
                let text = cx.say(&say!("upload-link", url = &url, id = link.id.as_str(), max = megabytes.to_string()));
                let structured = Attached {
                    upload_url: Some(url),
                    upload_id: Some(link.id.to_string()),
                    expires: Some(ends(cx, link.expires_at)),
                    ..Attached::default()
                };
                Ok(Answered { structured, text, waiting: Vec::new() })
            }
            Source::Arrived(id) => {
                let (link, files) = cx.media.arrived(&id, &owner).await?;
                let is_over = link.expires_at <= cx.desk.now_ms();
                let text = match (files.len(), is_over) {
                    (0, true) => say!("upload-nothing-over"),
                    (0, false) => say!("upload-nothing-yet"),
                    (count, _) => say!("upload-arrived", count = count, ids = ids(&files)),
                };
                let structured = Attached {
                    media: files.into_iter().map(MediumAnswer::of).collect(),
                    upload_id: Some(link.id.to_string()),
                    expires: Some(ends(cx, link.expires_at)),
                    ..Attached::default()
                };
                Ok(Answered { structured, text: cx.say(&text), waiting: Vec::new() })
            }
        }
    }
}

/// Refuses what the call would refuse, as far as that is known without fetching or storing anything.
async fn check(cx: &ToolContext<'_>, source: &Source, owner: &Owner) -> Result<(), ToolError> {
    match source {
        Source::Url(url, alt) => cx.media.check_fetch(url, alt.clone()).map(drop),
        Source::File(path, alt) => cx.media.check_file(path, alt.clone()).await,
        Source::Link | Source::Here(_) => Ok(()),
        Source::Arrived(id) => cx.media.arrived(id, owner).await.map(drop),
        Source::Again(id, alt) => cx.media.check_describe(id, alt.clone(), owner).await.map(drop),
    }
}

fn ends(cx: &ToolContext<'_>, at_ms: i64) -> String {
    let moment = Moment { at_ms, zone: cx.caller.zone.clone() };
    cx.words.moment(Lang::En, &moment, cx.desk.now_ms())
}

fn ids(files: &[MediaFacts]) -> String {
    files.iter().map(|facts| facts.id.as_str()).collect::<Vec<_>>().join(", ")
}

fn brought(cx: &ToolContext<'_>, facts: MediaFacts) -> Answered<Attached> {
    let size = format!("{}x{}", facts.width, facts.height);
    let text = cx.say(&say!("media-stored", id = facts.id.as_str(), mime = &facts.mime, size = size));
    Answered {
        structured: Attached { media: vec![MediumAnswer::of(facts)], ..Attached::default() },
        text,
        waiting: Vec::new(),
    }
}

fn source(
    (url, alt): (Option<String>, Option<String>),
    (upload, list): (bool, bool),
    upload_id: Option<String>,
    media: Option<String>,
) -> Result<Source, ToolError> {
    let wrong = |what: String| ToolError::from(say!("common-argument-wrong", what = what));
    if list {
        let is_alone = url.is_none() && alt.is_none() && !upload && upload_id.is_none();
        let before = media.map(|id| id.parse().map_err(|e| wrong(format!("media: {e}")))).transpose()?;
        return if is_alone { Ok(Source::Here(before)) } else { Err(wrong("list goes with media alone".into())) };
    }
    match (url, upload, upload_id, media) {
        (Some(url), false, None, None) => Ok(Source::Url(url, alt)),
        (None, true, None, None) => Ok(Source::Link),
        (None, false, Some(id), None) => id.parse().map(Source::Arrived).map_err(|e| wrong(format!("upload_id: {e}"))),
        (None, false, None, Some(id)) => {
            let id: MediaId = id.parse().map_err(|e| wrong(format!("media: {e}")))?;
            alt.map(|alt| Source::Again(id, alt)).ok_or_else(|| wrong("media needs alt".into()))
        }
        _ => Err(wrong("give exactly one of url, upload, upload_id, media, list".into())),
    }
}
