//! What people are told without asking: what happened to their posts, that a new place was linked. Each notice once, in their direct thread
//! with us. And what a forgotten conversation left in Slack is removed there.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::Slack;
use super::api::Fault;
use super::blocks::{Blocks, Button, escaped};
use super::inbound::Spot;
use super::work::To;
use crate::app::places::Untold;
use crate::domain::place::{ChatPlace, Member};
use crate::domain::tool::ToolError;

/// How often is looked.
const EVERY: Duration = Duration::from_secs(2);

/// Tells until told to stop.
pub(super) async fn tell(slack: &Arc<Slack>, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        let round = async {
            for untold in slack.app.untold(ChatPlace::Slack).await? {
                one(slack, &untold).await?;
            }
            clean(slack).await
        };
        if let Err(error) = round.await {
            tracing::error!(error = %error, "news could not be told in Slack");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

async fn one(slack: &Arc<Slack>, untold: &Untold) -> Result<(), ToolError> {
    // Told before it is known to have arrived: news twice is worse than news once on the pages.
    slack.app.note_told(&untold.notice, ChatPlace::Slack).await?;
    let Some((team, user)) = untold.subject.split_once(':') else { return Ok(()) };
    let spot = if untold.thread.is_empty() {
        match slack.direct(team, user).await {
            Ok(spot) => {
                let member = Member { place: ChatPlace::Slack, team: team.to_owned(), id: user.to_owned() };
                slack.app.note_thread(&member, &spot.channel).await?;
                spot
            }
            Err(fault) => {
                tracing::warn!(error = %fault, "somebody has no direct thread in Slack; the news stands on the pages");
                return Ok(());
            }
        }
    } else {
        Spot { channel: untold.thread.clone(), thread: String::new() }
    };
    let words = slack.app.words();
    let said = words.say(untold.lang, &untold.what);
    let mut blocks = Blocks::message();
    blocks.line(&escaped(&said));
    if let Some(post) = &untold.post {
        let url = format!("{}/posts/{post}", slack.app.public_url().as_str().trim_end_matches('/'));
        blocks.buttons(&[
            Button::plain("look", words.text(untold.lang, "slack-look"), post),
            Button::link(words.text(untold.lang, "post-open"), url),
        ]);
    }
    slack.tell(team, &To::Spot(&spot), &blocks.finish(&said, "")).await;
    Ok(())
}

/// Removes what shows forgotten conversations; what Slack keeps is named to the person.
async fn clean(slack: &Arc<Slack>) -> Result<(), ToolError> {
    for (sent, user) in slack.app.left_behind(ChatPlace::Slack).await? {
        let gone = slack.api.call(&sent.team, "chat.delete", &json!({ "channel": sent.thread, "ts": sent.ts })).await;
        match gone {
            Ok(_) => slack.app.note_gone(ChatPlace::Slack, &sent).await?,
            Err(fault) if fault.is("message_not_found") => slack.app.note_gone(ChatPlace::Slack, &sent).await?,
            // Slack is not there: the next look tries again.
            Err(Fault::Unreachable(_)) => return Ok(()),
            Err(_) => slack.app.note_kept(ChatPlace::Slack, &user, &sent).await?,
        }
    }
    Ok(())
}
