//! Conversation in a chat service: a thread is a conversation; the answer is written as it comes, can be stopped, and ends with its cards.
//! What needs a yes first (that words go to a model, that a channel reads along) is asked privately, and what was said waits for it.

use std::sync::PoisonError;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::cut::cut;
use super::inbound::{File, Inbound, Spot, Typed, What};
use super::message::{Button, Message, Span, Text};
use super::verbs::Verb;
use super::work::Worker;
use super::{Hall, Service, To, Writer};
use crate::app::places::Sent;
use crate::domain::caller::Caller;
use crate::domain::chat::{Progress, Reply, Utterance};
use crate::domain::ids::MediaId;
use crate::domain::tool::ToolError;
use crate::say;

/// Characters of a thread's title.
const TITLE_MAX: usize = 60;

/// Answers what somebody said.
pub(super) async fn answer(
    worker: &Worker,
    caller: &Caller,
    inbound: &Inbound,
    key: &str,
    is_again: bool,
) -> Result<(), ToolError> {
    let What::Said { spot, text, files } = &inbound.what else { return Ok(()) };
    let (hall, service, team) = (worker.hall(), &worker.service, inbound.team.as_str());
    worker.note_direct(inbound).await?;
    if is_again && is_begun(worker, caller, inbound, spot, key).await? {
        return Ok(());
    }
    if let Some(question) = question(worker, caller, inbound, spot, key).await? {
        let to = if spot.is_direct { To::Spot(spot) } else { To::Only(spot, &inbound.member.id) };
        service.tell(team, &to, &question).await;
        return Ok(());
    }
    let spot = &service.settle_in(inbound, spot).await;
    let drawer = worker.drawer(caller);
    let steps = [drawer.text("chat-step-reads"), drawer.text("chat-step-drafts")];
    let status = service.status(team, spot, &drawer.text("place-thinking"), &steps).await;
    let media = fetch(worker, caller, team, files).await?;
    let said = Utterance {
        place: hall.place.word(),
        thread: thread(team, spot),
        text: text.clone(),
        media,
        is_private: spot.is_direct,
    };
    let (stop, id) = (hall.stop.child_token(), thread(team, spot));
    hall.running.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), stop.clone());
    let done = stream(worker, caller, (inbound, spot, key), &said, stop).await;
    hall.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    drop(status);
    let reply = done?;
    if spot.is_direct && !text.trim().is_empty() {
        service.entitle(team, spot, &cut(text, TITLE_MAX)).await;
    }
    tracing::debug!(turn.state = reply.state.word(), "a turn in a chat service ended");
    Ok(())
}

/// Ends the answer that is under way in a thread.
pub(super) fn stop(hall: &Hall, team: &str, spot: &Spot) {
    let running = hall.running.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(stop) = running.get(&thread(team, spot)) {
        stop.cancel();
    }
}

/// Its process died while it was answered: what was done is in the ledger, so it is said, not done again.
async fn is_begun(
    worker: &Worker,
    caller: &Caller,
    inbound: &Inbound,
    spot: &Spot,
    key: &str,
) -> Result<bool, ToolError> {
    let app = &worker.hall().app;
    if !app.was_said(&inbound.key).await? {
        return Ok(false);
    }
    if app.sent_in_answer(key).await?.is_empty() {
        let spot = worker.service.settle_in(inbound, spot).await;
        let message = worker.drawer(caller).sentence(&say!("chat-interrupted"));
        worker.service.tell(&inbound.team, &To::Spot(&spot), &message).await;
    }
    Ok(true)
}

/// What must be agreed to first, as a message with its buttons.
async fn question(
    worker: &Worker,
    caller: &Caller,
    inbound: &Inbound,
    spot: &Spot,
    key: &str,
) -> Result<Option<Message>, ToolError> {
    let (drawer, hall) = (worker.drawer(caller), worker.hall());
    if let Some(why) = hall.app.conversation_off(caller).await? {
        return Ok(Some(drawer.sentence(&why)));
    }
    if let Some(asked) = hall.app.consent_asked(caller).await? {
        hall.hold(key, inbound.clone(), key);
        let text = drawer.say(&asked);
        let mut message = drawer.begin(text.clone());
        message.line(text);
        message.buttons(vec![
            Button::primary("consent", drawer.text("place-agree"), key),
            Button::plain("dismiss", drawer.text("place-no"), key),
        ]);
        return Ok(Some(message));
    }
    if !spot.is_direct && !hall.app.may_be_read_in(caller, hall.place, &room(&inbound.team, spot)).await? {
        hall.hold(key, inbound.clone(), key);
        let text = drawer.text("place-audience");
        let mut message = drawer.begin(text.clone());
        message.line(Text(vec![Span::Channel(spot.channel.clone())]));
        message.line(text);
        message.buttons(vec![
            Button::primary("audience", drawer.text("place-audience-yes"), key),
            Button::plain("private", drawer.text("place-audience-no"), key),
        ]);
        return Ok(Some(message));
    }
    Ok(None)
}

/// Files that were dropped in become media of the person; what is no medium is refused with its reason.
async fn fetch(worker: &Worker, caller: &Caller, team: &str, files: &[File]) -> Result<Vec<MediaId>, ToolError> {
    let (mut media, app) = (Vec::new(), &worker.hall().app);
    for file in files {
        let wrong = || say!("media-url-wrong", url = &file.url);
        let url = url::Url::parse(&file.url).map_err(|_| wrong())?;
        let token = worker.service.may_fetch(team, &url).await?;
        let arrived = app.fetch_file(&url, token.as_ref()).await?;
        media.push(app.keep_media(caller, arrived, file.alt.clone()).await?.id);
    }
    Ok(media)
}

/// Runs the turn and shows it as it comes.
async fn stream(
    worker: &Worker,
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
    let (service, app) = (worker.service.as_ref(), &worker.hall().app);
    let shown = show(service, caller, (inbound, spot), &mut heard, &stop);
    let turn = async {
        let reply = app.converse_once(caller, said, &inbound.key, stop.clone(), &mut tell).await;
        drop(tell);
        reply
    };
    let (mut writer, reply) = tokio::join!(shown, turn);
    let reply = match reply {
        Ok(reply) => reply,
        Err(error) => {
            writer.again().await;
            return Err(error);
        }
    };
    let drawer = worker.drawer(caller);
    let whole = drawer.reply(&reply.text, &reply.cards).await?;
    let cards = drawer.reply("", &reply.cards).await?;
    let sent = writer.finish(&reply.text, &whole, &cards).await;
    let (team, about) = (&inbound.team, (reply.conversation.as_str(), Some(key)));
    for ts in sent {
        let sent = Sent { team: team.clone(), thread: service.channel_of(spot).to_owned(), ts };
        app.note_sent(worker.hall().place, &sent, &caller.user, about).await?;
    }
    Ok(reply)
}

/// Writes what comes until the turn is over.
async fn show<'a>(
    service: &'a dyn Service,
    caller: &Caller,
    (inbound, spot): (&'a Inbound, &'a Spot),
    heard: &mut mpsc::UnboundedReceiver<Progress>,
    stop: &CancellationToken,
) -> Box<dyn Writer + 'a> {
    let mut writer = service.writer(inbound, spot, caller.lang);
    loop {
        let due = writer.due();
        let wait = async {
            match due {
                Some(due) => tokio::time::sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        let progress = tokio::select! {
            progress = heard.recv() => progress,
            () = wait => {
                writer.flush().await;
                continue;
            }
        };
        match progress {
            None => return writer,
            Some(Progress::Text(text)) => writer.text(&text).await,
            Some(Progress::Again) => writer.again().await,
            Some(Progress::Queued | Progress::Thinking | Progress::Tool { .. }) => {}
        }
        if writer.is_stopped() {
            stop.cancel();
        }
    }
}

/// Free words behind the command: answered once, seen by the asker alone.
pub(super) async fn answer_command(
    worker: &Worker,
    caller: &Caller,
    inbound: &Inbound,
    text: &str,
    at: &Typed,
    key: &str,
) -> Result<(), ToolError> {
    let spot = Spot { channel: at.channel.clone(), thread: "command".into(), is_direct: true };
    let (team, hall) = (&inbound.team, worker.hall());
    let message = match question(worker, caller, inbound, &spot, key).await? {
        Some(question) => question,
        None => {
            let thread = format!("{} {}", thread(team, &spot), inbound.member.id);
            let said = Utterance {
                place: hall.place.word(),
                thread,
                text: text.to_owned(),
                media: Vec::new(),
                is_private: true,
            };
            let stop = hall.stop.child_token();
            let reply = hall.app.converse_once(caller, &said, &inbound.key, stop, &mut |_| {}).await?;
            worker.drawer(caller).reply(&reply.text, &reply.cards).await?
        }
    };
    worker.service.tell(team, &To::Replacing(&at.reply), &message).await;
    Ok(())
}

/// Says something for somebody who pressed it: a time they chose.
pub(super) async fn say_for(
    worker: &Worker,
    caller: &Caller,
    inbound: &Inbound,
    spot: Spot,
    text: String,
    key: &str,
) -> Result<(), ToolError> {
    let what = What::Said { spot, text, files: Vec::new() };
    answer(worker, caller, &Inbound { what, ..inbound.clone() }, key, false).await
}

/// Everybody where it was said may read the answer.
pub(super) async fn agree_to_readers(worker: &Worker, caller: &Caller, held: &str) -> Result<(), ToolError> {
    let hall = worker.hall();
    let Some((team, spot)) = hall.spot_of(held) else { return Ok(()) };
    hall.app.agree_to_readers(caller, hall.place, &room(&team, &spot)).await
}

/// What waited for a yes is done now; after a restart it has to be said again.
pub(super) async fn go_on(worker: &Worker, caller: &Caller, held: &str) -> Result<Option<Message>, ToolError> {
    let Some((inbound, key)) = worker.hall().held(held) else {
        return Ok(Some(worker.drawer(caller).sentence(&say!("place-say-again"))));
    };
    match &inbound.what {
        What::Command { verb: Verb::Say(text), at } => {
            answer_command(worker, caller, &inbound, text, at, &key).await?;
        }
        _ => answer(worker, caller, &inbound, &key, false).await?,
    }
    Ok(None)
}

/// A conversation's name in our rows.
fn thread(team: &str, spot: &Spot) -> String {
    format!("{team}/{}/{}", spot.channel, spot.thread)
}

/// A channel's name in our rows.
fn room(team: &str, spot: &Spot) -> String {
    format!("{team}/{}", spot.channel)
}
