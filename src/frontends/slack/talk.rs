//! Conversation in Slack: a thread is a conversation; the answer streams, can be stopped, and ends with its cards. What needs a yes first
//! (that words go to a model, that a channel reads along) is asked privately, and what was said waits for it.

use std::sync::{Arc, PoisonError};

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Slack;
use super::blocks::{Blocks, Button, Message, cut, escaped};
use super::draw::linked;
use super::inbound::{File, Inbound, Spot, What};
use super::stream::Stream;
use super::work::{To, Typed};
use crate::domain::caller::Caller;
use crate::domain::chat::{Progress, Reply, Utterance};
use crate::domain::ids::MediaId;
use crate::domain::place::ChatPlace;
use crate::domain::tool::ToolError;
use crate::say;

/// Characters of a thread's title.
const TITLE_MAX: usize = 60;

/// Answers what somebody said.
pub(super) async fn answer(
    slack: &Arc<Slack>,
    caller: &Caller,
    inbound: &Inbound,
    key: &str,
    is_again: bool,
) -> Result<(), ToolError> {
    let What::Said { spot, text, files } = &inbound.what else { return Ok(()) };
    if spot.is_direct() {
        slack.app.note_thread(&inbound.member, &spot.channel).await?;
    }
    if is_again && is_begun(slack, caller, inbound, spot, key).await? {
        return Ok(());
    }
    if let Some(question) = question(slack, caller, inbound, spot, key).await? {
        let to = if spot.is_direct() { To::Spot(spot) } else { To::Only(spot, &inbound.member.id) };
        slack.tell(&inbound.team, &to, &question).await;
        return Ok(());
    }
    status(slack, caller, &inbound.team, spot).await;
    let media = fetch(slack, caller, &inbound.team, files).await?;
    let said = Utterance {
        place: ChatPlace::Slack.word(),
        thread: thread(&inbound.team, spot),
        text: text.clone(),
        media,
        is_private: spot.is_direct(),
    };
    let (stop, id) = (slack.stop.child_token(), thread(&inbound.team, spot));
    slack.running.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), stop.clone());
    let done = stream(slack, caller, (inbound, spot, key), &said, stop).await;
    slack.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    let reply = done?;
    if spot.is_direct() {
        let title = json!({ "channel_id": spot.channel, "thread_ts": spot.thread, "title": cut(text, TITLE_MAX) });
        if !text.trim().is_empty() {
            slack.quietly(&inbound.team, "assistant.threads.setTitle", &title).await;
        }
    }
    tracing::debug!(turn.state = reply.state.word(), "a turn in Slack ended");
    Ok(())
}

/// Ends the answer that is under way in a thread.
pub(super) fn stop(slack: &Slack, team: &str, spot: &Spot) {
    let running = slack.running.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(stop) = running.get(&thread(team, spot)) {
        stop.cancel();
    }
}

/// Its process died while it was answered: what was done is in the ledger, so it is said, not done again.
async fn is_begun(
    slack: &Slack,
    caller: &Caller,
    inbound: &Inbound,
    spot: &Spot,
    key: &str,
) -> Result<bool, ToolError> {
    if !slack.app.was_said(&inbound.key).await? {
        return Ok(false);
    }
    if slack.app.sent_in_answer(key).await?.is_empty() {
        let message = slack.drawer(caller).sentence(&say!("chat-interrupted"));
        slack.tell(&inbound.team, &To::Spot(spot), &message).await;
    }
    Ok(true)
}

/// What must be agreed to first, as a message with its buttons.
async fn question(
    slack: &Arc<Slack>,
    caller: &Caller,
    inbound: &Inbound,
    spot: &Spot,
    key: &str,
) -> Result<Option<Message>, ToolError> {
    let drawer = slack.drawer(caller);
    if let Some(why) = slack.app.conversation_off(caller).await? {
        return Ok(Some(drawer.sentence(&why)));
    }
    let mut blocks = Blocks::message();
    if let Some(asked) = slack.app.consent_asked(caller).await? {
        slack.hold(key, inbound.clone(), key);
        let text = drawer.say(&asked);
        blocks.line(&escaped(&text));
        blocks.buttons(&[
            Button::primary("consent", drawer.text("slack-agree"), key),
            Button::plain("dismiss", drawer.text("slack-no"), key),
        ]);
        return Ok(Some(drawer.finish(blocks, &text)));
    }
    if !spot.is_direct() && !slack.app.may_be_read_in(caller, ChatPlace::Slack, &room(&inbound.team, spot)).await? {
        slack.hold(key, inbound.clone(), key);
        let text = drawer.text("slack-audience");
        blocks.line(&format!("<#{}>", spot.channel));
        blocks.line(&escaped(&text));
        blocks.buttons(&[
            Button::primary("audience", drawer.text("slack-audience-yes"), key),
            Button::plain("private", drawer.text("slack-audience-no"), key),
        ]);
        return Ok(Some(drawer.finish(blocks, &text)));
    }
    Ok(None)
}

/// "Thinking" where Slack shows it, else an eye on the message.
async fn status(slack: &Slack, caller: &Caller, team: &str, spot: &Spot) {
    let drawer = slack.drawer(caller);
    let steps = [drawer.text("chat-step-reads"), drawer.text("chat-step-drafts")];
    let call = json!({ "channel_id": spot.channel, "thread_ts": spot.thread, "status": drawer.text("slack-thinking"), "loading_messages": steps });
    if slack.api.call(team, "assistant.threads.setStatus", &call).await.is_err() {
        let call = json!({ "channel": spot.channel, "timestamp": spot.thread, "name": "eyes" });
        slack.quietly(team, "reactions.add", &call).await;
    }
}

/// Files that were dropped in become media of the person; what is no medium is refused with its reason.
async fn fetch(slack: &Slack, caller: &Caller, team: &str, files: &[File]) -> Result<Vec<MediaId>, ToolError> {
    let mut media = Vec::new();
    for file in files {
        let url = url::Url::parse(&file.url).ok().filter(|url| slack.api.is_slacks(url));
        let Some(url) = url else { return Err(say!("media-url-wrong", url = &file.url).into()) };
        let token = slack.api.token(team).await.map_err(|fault| ToolError::Failed(fault.to_string()))?;
        let arrived = slack.app.fetch_file(&url, &token).await?;
        media.push(slack.app.keep_media(caller, arrived, file.alt.clone()).await?.id);
    }
    Ok(media)
}

/// Runs the turn and shows it as it comes.
async fn stream(
    slack: &Arc<Slack>,
    caller: &Caller,
    (inbound, spot, key): (&Inbound, &Spot, &str),
    said: &Utterance,
    stop: CancellationToken,
) -> Result<Reply, ToolError> {
    let (send, mut heard) = mpsc::unbounded_channel();
    let mut tell = move |progress: Progress| {
        // Nobody hears it any more: the turn goes on, its end is shown.
        let _gone = send.send(progress);
    };
    let shown = show(slack, inbound, spot, &mut heard, &stop);
    let turn = async {
        let reply = slack.app.converse_once(caller, said, &inbound.key, stop.clone(), &mut tell).await;
        drop(tell);
        reply
    };
    let (mut stream, reply) = tokio::join!(shown, turn);
    let reply = match reply {
        Ok(reply) => reply,
        Err(error) => {
            stream.again().await;
            return Err(error);
        }
    };
    let drawer = slack.drawer(caller);
    let whole = drawer.reply(&reply.text, &reply.cards).await?;
    let cards = Value::from(drawer.reply("", &reply.cards).await?.blocks);
    let sent = stream.finish(&reply.text, &whole, &cards).await;
    slack.note_sent(caller, &inbound.team, &spot.channel, &sent, (reply.conversation.as_str(), Some(key))).await?;
    Ok(reply)
}

/// Writes what comes until the turn is over.
async fn show<'a>(
    slack: &'a Slack,
    inbound: &'a Inbound,
    spot: &'a Spot,
    heard: &mut mpsc::UnboundedReceiver<Progress>,
    stop: &CancellationToken,
) -> Stream<'a> {
    let mut stream = Stream::new(&slack.api, &inbound.team, spot, (&inbound.member.id, &inbound.team));
    loop {
        let due = stream.due();
        let wait = async {
            match due {
                Some(due) => tokio::time::sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        let progress = tokio::select! {
            progress = heard.recv() => progress,
            () = wait => {
                stream.flush().await;
                continue;
            }
        };
        match progress {
            None => return stream,
            Some(Progress::Text(text)) => stream.text(&text).await,
            Some(Progress::Again) => stream.again().await,
            Some(Progress::Queued | Progress::Thinking | Progress::Tool { .. }) => {}
        }
        if stream.is_stopped() {
            stop.cancel();
        }
    }
}

/// Free words behind the command: answered once, seen by the asker alone.
pub(super) async fn answer_command(
    slack: &Arc<Slack>,
    caller: &Caller,
    inbound: &Inbound,
    text: &str,
    at: &Typed<'_>,
) -> Result<(), ToolError> {
    let spot = Spot { channel: at.channel.to_owned(), thread: "command".into() };
    let private = Spot { channel: "D".into(), thread: String::new() };
    let message = match question(slack, caller, inbound, &private, at.key).await? {
        Some(question) => question,
        None => {
            let thread = format!("{} {}", thread(&inbound.team, &spot), inbound.member.id);
            let said = Utterance {
                place: ChatPlace::Slack.word(),
                thread,
                text: text.to_owned(),
                media: Vec::new(),
                is_private: true,
            };
            let stop = slack.stop.child_token();
            let reply = slack.app.converse_once(caller, &said, &inbound.key, stop, &mut |_| {}).await?;
            slack.drawer(caller).reply(&reply.text, &reply.cards).await?
        }
    };
    slack.tell(&inbound.team, &To::UrlReplacing(at.response_url), &message).await;
    Ok(())
}

/// Says something for somebody who pressed it: a time they chose.
pub(super) async fn say_for(
    slack: &Arc<Slack>,
    caller: &Caller,
    inbound: &Inbound,
    spot: Spot,
    text: String,
    key: &str,
) -> Result<(), ToolError> {
    let what = What::Said { spot, text, files: Vec::new() };
    answer(slack, caller, &Inbound { what, ..inbound.clone() }, key, false).await
}

/// What waited for a yes is done now; after a restart it has to be said again.
pub(super) async fn go_on(slack: &Arc<Slack>, caller: &Caller, held: &str) -> Result<Option<Message>, ToolError> {
    let Some((inbound, key)) = slack.held(held) else {
        return Ok(Some(slack.drawer(caller).sentence(&say!("slack-say-again"))));
    };
    match &inbound.what {
        What::Command { text, channel, response_url, trigger } => {
            let at = Typed { channel, response_url, trigger, key: &key };
            answer_command(slack, caller, &inbound, text, &at).await?;
        }
        _ => answer(slack, caller, &inbound, &key, false).await?,
    }
    Ok(None)
}

/// A conversation's name in our rows.
fn thread(team: &str, spot: &Spot) -> String {
    format!("{team}/{}/{}", spot.channel, spot.thread)
}

/// A channel's name in our rows.
pub(super) fn room(team: &str, spot: &Spot) -> String {
    format!("{team}/{}", spot.channel)
}

/// A sentence as a message of its own.
pub(super) fn note(text: &str) -> Message {
    let mut blocks = Blocks::message();
    blocks.line(&linked(text));
    blocks.finish(text, "")
}
