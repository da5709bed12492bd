//! What people are told without asking: what happened to their posts, that a new place was linked. Each notice once, in their direct thread
//! with us. And what a forgotten conversation left in the service is removed there.

use std::sync::Arc;
use std::time::Duration;

use super::inbound::Spot;
use super::message::{Button, Message};
use super::{Removed, Service, To};
use crate::app::places::Untold;
use crate::domain::place::Member;
use crate::domain::tool::ToolError;

/// How often is looked.
const EVERY: Duration = Duration::from_secs(2);

/// Tells until told to stop.
pub(super) async fn tell(service: &Arc<dyn Service>) {
    let hall = service.hall();
    while !hall.stop.is_cancelled() {
        let round = async {
            for untold in hall.app.untold(hall.place).await? {
                one(service.as_ref(), &untold).await?;
            }
            clean(service.as_ref()).await
        };
        if let Err(error) = round.await {
            tracing::error!(place = hall.place.word(), error = %error, "news could not be told");
        }
        tokio::select! {
            () = hall.stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

async fn one(service: &dyn Service, untold: &Untold) -> Result<(), ToolError> {
    let hall = service.hall();
    // Told before it is known to have arrived: news twice is worse than news once on the pages.
    hall.app.note_told(&untold.notice, hall.place).await?;
    let Some((team, user)) = untold.subject.split_once(':') else { return Ok(()) };
    let spot = if untold.thread.is_empty() {
        match service.direct(team, user).await {
            Ok(spot) => {
                let member = Member { place: hall.place, team: team.to_owned(), id: user.to_owned() };
                hall.app.note_thread(&member, &spot.channel).await?;
                spot
            }
            Err(error) => {
                tracing::warn!(error = %error, "somebody has no direct thread; the news stands on the pages");
                return Ok(());
            }
        }
    } else {
        Spot { channel: untold.thread.clone(), thread: String::new(), is_direct: true }
    };
    let words = hall.app.words();
    let said = words.say(untold.lang, &untold.what);
    let mut message = Message::sentence(&said);
    if let Some(post) = &untold.post {
        let url = format!("{}/posts/{post}", hall.app.public_url().as_str().trim_end_matches('/'));
        message.buttons(vec![
            Button::plain("look", words.text(untold.lang, "place-look"), post),
            Button::link(words.text(untold.lang, "post-open"), url),
        ]);
    }
    service.tell(team, &To::Spot(&spot), &message).await;
    Ok(())
}

/// Removes what shows forgotten conversations; what the service keeps is named to the person.
async fn clean(service: &dyn Service) -> Result<(), ToolError> {
    let hall = service.hall();
    for (sent, user) in hall.app.left_behind(hall.place).await? {
        match service.remove(&sent).await {
            Removed::Gone => hall.app.note_gone(hall.place, &sent).await?,
            Removed::Kept => hall.app.note_kept(hall.place, &user, &sent).await?,
            // The service is not there: the next look tries again.
            Removed::Later => return Ok(()),
        }
    }
    Ok(())
}
