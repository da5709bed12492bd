//! Files that were dropped into a conversation.

use super::cut::cut;
use super::inbound::{File, Inbound, Spot};
use super::message::{Button, Message};
use super::work::Worker;
use super::{To, plan};
use crate::app::UploadLimits;
use crate::domain::caller::Caller;
use crate::domain::ids::MediaId;
use crate::domain::tool::ToolError;
use crate::say;

/// Characters of a file's name.
const NAME_MAX: usize = 60;

/// What came of the files that were dropped in.
#[derive(Default)]
pub(super) struct Brought {
    /// Those that are media of the person now.
    pub(super) media: Vec<MediaId>,
    /// What the model has to know of the others, for when the person says that they came the other way.
    pub(super) note: Option<String>,
}

/// Files that were dropped in become media of the person. What does not is said to them alone, with another way for it; the others and the
/// words are answered.
pub(super) async fn fetch(
    worker: &Worker,
    caller: &Caller,
    inbound: &Inbound,
    spot: &Spot,
    files: &[File],
) -> Result<Brought, ToolError> {
    let (mut media, mut refused) = (Vec::new(), Vec::new());
    let drawer = worker.drawer(caller);
    let mut tables = Vec::new();
    for file in files {
        if plan::is_table(file) {
            tables.extend(plan::bring(worker, caller, (inbound, spot), file).await?.note);
            continue;
        }
        match fetch_one(worker, caller, &inbound.team, file).await {
            Ok(id) => media.push(id),
            Err(ToolError::Refused(why)) => {
                let name = cut(&file.name, NAME_MAX);
                refused.push(match why.key.as_str() {
                    "media-url-failed" | "media-url-wrong" => drawer.say(&say!("place-file-failed", name = name)),
                    _ => drawer.say(&say!("place-file-refused", name = name, why = drawer.say(&why))),
                });
            }
            Err(error) => return Err(error),
        }
    }
    if refused.is_empty() {
        return Ok(Brought { media, note: joined(tables) });
    }
    let mut message = Message::sentence(&refused.join("\n"));
    let made = worker.hall().app.call_tool(caller, "attach_media", serde_json::json!({ "upload": true })).await?;
    if let Some(url) = made.structured["upload_url"].as_str() {
        let UploadLimits { picture_mib, video_mib, minutes } = worker.hall().app.upload_limits();
        let how = say!("place-upload-how", picture = picture_mib, video = video_mib, minutes = minutes);
        message.small(drawer.say(&how));
        message.buttons(vec![Button::link(drawer.text("place-upload"), url)]);
    }
    let to = if spot.is_direct { To::Spot(spot) } else { To::Only(spot, &inbound.member.id) };
    worker.service.tell(&inbound.team, &to, &message).await;
    let note = made.structured["upload_id"].as_str();
    tables.extend(note.map(|id| drawer.say(&say!("place-upload-note", files = refused.join(" "), id = id))));
    Ok(Brought { media, note: joined(tables) })
}

fn joined(notes: Vec<String>) -> Option<String> {
    (!notes.is_empty()).then(|| notes.join("\n"))
}

async fn fetch_one(worker: &Worker, caller: &Caller, team: &str, file: &File) -> Result<MediaId, ToolError> {
    let app = &worker.hall().app;
    let url = url::Url::parse(&file.url).map_err(|_| say!("media-url-wrong", url = &file.url))?;
    let token = worker.service.may_fetch(team, &url).await?;
    let arrived = app.fetch_file(&url, token.as_ref()).await?;
    Ok(app.keep_media(caller, arrived, file.alt.clone()).await?.id)
}
