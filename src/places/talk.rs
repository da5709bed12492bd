//! Conversation in a chat service: a thread is a conversation; the answer is written as it comes, can be stopped, and ends with its cards.
//! What needs a yes first (that words go to a model, that a channel reads along) is asked privately, and what was said waits for it.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::cut::cut;
use super::draw::Drawer;
use super::files::Brought;
use super::inbound::{Inbound, Press, Spot, Typed, What};
use super::message::{Button, Message, Span, Text};
use super::show::{STOP_AFTER, Show};
use super::verbs::Verb;
use super::work::Worker;
use super::{Finished, Hall, Running, To, Told, files, follow, google, plan};
use crate::app::places::Sent;
use crate::domain::caller::Caller;
use crate::domain::chat::{Card, Progress, Reply, TurnState, Utterance};
use crate::domain::ids::ConversationId;
use crate::domain::schedule::Moment;
use crate::domain::tool::ToolError;
use crate::say;

/// Characters of a thread's title.
const TITLE_MAX: usize = 60;
/// An answer that could not be shown is told again after these.
const TELL_AGAIN: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(10), Duration::from_secs(60)];

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
    let status = service.status(inbound, spot, &drawer.text("place-thinking"), &steps).await;
    let Brought { media, note } = files::fetch(worker, caller, inbound, spot, files).await?;
    let whole = [Some(text.clone()), note].into_iter().flatten().filter(|said| !said.trim().is_empty());
    let whole = whole.collect::<Vec<_>>().join("\n\n");
    let is_all_tables = !files.is_empty() && files.iter().all(plan::is_table) && text.trim().is_empty();
    if is_all_tables || (media.is_empty() && !files.is_empty() && whole.is_empty()) {
        // Nothing is left to answer; why is said.
        return Ok(());
    }
    let id = conversation(worker, inbound, spot);
    let is_first = hall.app.conversation_in(caller, hall.place, &id).await?.is_none();
    let others = if is_first { service.before(inbound, spot).await } else { String::new() };
    let said = Utterance {
        place: hall.place.word(),
        thread: id.clone(),
        text: whole,
        media,
        is_private: spot.is_direct,
        google: google::shown_at(worker, caller, &inbound.team, spot).await?,
        others,
    };
    let stop = hall.stop.child_token();
    let no = begin_run(hall, &id, caller, &stop);
    let done = stream(worker, caller, (inbound, spot, key), &said, stop).await;
    end_run(hall, &id, no);
    let Some(reply) = done? else { return Ok(()) };
    if is_first && spot.is_direct && !text.trim().is_empty() {
        service.entitle(team, spot, &cut(text, TITLE_MAX)).await;
    }
    drop(status);
    tracing::debug!(turn.state = reply.state.word(), "a turn in a chat service ended");
    Ok(())
}

fn begin_run(hall: &Hall, id: &str, caller: &Caller, stop: &CancellationToken) -> u64 {
    let no = hall.runs.fetch_add(1, Ordering::Relaxed);
    let run = Running { no, user: caller.user.clone(), stop: stop.clone() };
    hall.running.lock().unwrap_or_else(PoisonError::into_inner).entry(id.to_owned()).or_default().push(run);
    no
}

fn end_run(hall: &Hall, id: &str, no: u64) {
    let mut running = hall.running.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runs) = running.get_mut(id) {
        runs.retain(|run| run.no != no);
        if runs.is_empty() {
            running.remove(id);
        }
    }
}

/// Ends the answers of somebody that are under way in a thread, whichever process gives them.
///
/// # Errors
/// Refused when all of them are somebody else's.
pub(super) async fn stop(worker: &Worker, caller: &Caller, inbound: &Inbound, spot: &Spot) -> Result<(), ToolError> {
    if stop_here(worker, caller, inbound, spot)? {
        return Ok(());
    }
    let (hall, id) = (worker.hall(), conversation(worker, inbound, spot));
    hall.app.stop_thread_elsewhere(caller, hall.place.word(), &id).await
}

/// Whether there was one here.
fn stop_here(worker: &Worker, caller: &Caller, inbound: &Inbound, spot: &Spot) -> Result<bool, ToolError> {
    let running = worker.hall().running.lock().unwrap_or_else(PoisonError::into_inner);
    let id = conversation(worker, inbound, spot);
    let Some(runs) = running.get(&id).filter(|runs| !runs.is_empty()) else {
        // Where conversations are told apart by who talks, a presser's own may be none.
        let is_shared = id != thread(&inbound.team, spot);
        let of_channel = format!("{}/{}/", inbound.team, spot.channel);
        if is_shared && running.keys().any(|other| other.starts_with(&of_channel)) {
            return Err(say!("place-not-your-answer").into());
        }
        return Ok(false);
    };
    let mut own = runs.iter().filter(|run| run.user == caller.user).peekable();
    if own.peek().is_none() {
        return Err(say!("place-not-your-answer").into());
    }
    own.for_each(|run| run.stop.cancel());
    Ok(true)
}

/// Its process died while it was answered: what was done is in the ledger, so it is said, not done again; what was still being written
/// is ended. An answer that was there but not shown is shown.
async fn is_begun(
    worker: &Worker,
    caller: &Caller,
    inbound: &Inbound,
    spot: &Spot,
    key: &str,
) -> Result<bool, ToolError> {
    let (app, place) = (&worker.hall().app, worker.hall().place);
    let Some(answer) = app.answer_to(caller, &inbound.key).await? else { return Ok(false) };
    let drawer = worker.drawer(caller);
    let (broken, to_say) = match &answer.text {
        Some(text) => (
            say!("chat-whole-below"),
            drawer.reply(text, &[], &format!("conversations/{}", answer.conversation)).await?,
        ),
        None => (say!("chat-interrupted"), drawer.sentence(&say!("chat-interrupted"))),
    };
    let open = app.left_open(key).await?;
    for sent in &open {
        worker.service.end_broken(sent, &drawer.say(&broken)).await;
        app.note_whole(place, sent).await?;
    }
    if app.sent_in_answer(key).await?.is_empty() || (answer.text.is_some() && !open.is_empty()) {
        let spot = worker.service.settle_in(inbound, spot).await;
        let sent = tell_answer(worker, &inbound.team, &spot, &to_say).await?;
        note_all(worker, caller, (inbound, &spot, key), (Some(&answer.conversation), sent)).await?;
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
    let room = room(&inbound.team, spot);
    if !spot.is_direct && !hall.app.may_be_read_in(caller, hall.place, &room).await? {
        hall.hold(key, inbound.clone(), key);
        let value = format!("{room} {key}");
        let text = drawer.text("place-audience");
        let mut message = drawer.begin(text.clone());
        message.line(Text(vec![Span::Channel(spot.channel.clone())]));
        message.line(text);
        message.buttons(vec![
            Button::primary("audience", drawer.text("place-audience-yes"), &value),
            Button::plain("private", drawer.text("place-audience-no"), &value),
        ]);
        return Ok(Some(message));
    }
    Ok(None)
}

/// Runs the turn and shows it as it comes.
async fn stream(
    worker: &Worker,
    caller: &Caller,
    (inbound, spot, key): (&Inbound, &Spot, &str),
    said: &Utterance,
    stop: CancellationToken,
) -> Result<Option<Reply>, ToolError> {
    let (send, mut heard) = mpsc::unbounded_channel();
    let mut tell = move |progress: Progress| {
        // Nobody hears it any more: the turn goes on, its end is shown.
        let _gone = send.send(progress);
    };
    let app = &worker.hall().app;
    let mut show = Show::new(worker, caller, (inbound, spot, key));
    let shown = show.until_over(&mut heard, &stop);
    let turn = async {
        let reply = app.converse_once(caller, said, &inbound.key, stop.clone(), &mut tell).await;
        drop(tell);
        reply
    };
    let (writer, reply) = tokio::join!(shown, turn);
    show.remove_own_stop().await;
    let mut reply = match reply {
        Ok(reply) => reply,
        // Nothing is seen of it: the refusal is said like any other.
        Err(error) if writer.written().is_empty() => return Err(error),
        Err(error) => {
            let why = match error {
                ToolError::Refused(why) => why,
                ToolError::Failed(why) => {
                    tracing::error!(place = worker.hall().place.word(), error = why, "an answer broke off");
                    worker.hall().failed()
                }
            };
            let drawer = worker.drawer(caller);
            let text = kept(worker, caller, &writer.heard(), &drawer.say(&why));
            let whole = drawer.reply(&text, &[], "").await?;
            let Finished { sent, .. } = writer.finish(&text, &whole, &Message::default()).await;
            let id = conversation(worker, inbound, spot);
            let about = app.conversation_in(caller, worker.hall().place, &id).await?;
            note_all(worker, caller, (inbound, spot, key), (about.as_ref(), sent)).await?;
            return Ok(None);
        }
    };
    if reply.state == TurnState::Stopped {
        reply.text = kept(worker, caller, &writer.heard(), &reply.text);
    }
    let drawer = worker.drawer(caller);
    // A link of theirs works for whoever has it.
    let is_own = |card: &Card| !spot.is_direct && matches!(card, Card::Link { .. });
    if reply.cards.contains(&Card::Google) {
        google::ask(worker, caller, inbound, spot).await;
    }
    let (alone, shared): (Vec<_>, Vec<_>) = reply.cards.iter().cloned().partition(is_own);
    if !alone.is_empty() {
        let links = drawer.cards(&alone).await?;
        worker.service.tell(&inbound.team, &To::Only(spot, &inbound.member.id), &links).await;
    }
    let whole = drawer.reply(&reply.text, &shared, &page_of(&reply)).await?;
    if !spot.is_direct && is_failed(reply.state) && writer.written().is_empty() {
        // Why there is no answer is for nobody else.
        worker.service.tell(&inbound.team, &To::Only(spot, &inbound.member.id), &whole).await;
        return Ok(Some(reply));
    }
    let cards = drawer.cards(&shared).await?;
    let Finished { mut sent, cards: card, lacks_cards } = writer.finish(&reply.text, &whole, &cards).await;
    // A card of one post stays true: it is drawn anew when something happens to it.
    if let ([Card::Draft(post) | Card::Post(post)], Some(ts)) = (shared.as_slice(), card) {
        let card = Sent { team: inbound.team.clone(), thread: worker.service.channel_of(spot).to_owned(), ts };
        app.note_card(caller, worker.hall().place, &card, post).await?;
    }
    let told = match (sent.is_empty(), lacks_cards) {
        (true, _) => tell_answer(worker, &inbound.team, spot, &whole).await,
        (false, true) => tell_answer(worker, &inbound.team, spot, &cards).await,
        (false, false) => Ok(Vec::new()),
    };
    let lost = told.map(|more| sent.extend(more));
    app.note_model(caller, &reply.cards, &reply.conversation).await?;
    note_all(worker, caller, (inbound, spot, key), (Some(&reply.conversation), sent)).await?;
    lost.map(|()| Some(reply))
}

/// Tells an answer, or its cards, that could not be shown as it came, for as long as somebody may still wait for it. The ids of its messages.
///
/// # Errors
/// When the service takes none of it.
async fn tell_answer(worker: &Worker, team: &str, spot: &Spot, whole: &Message) -> Result<Vec<String>, ToolError> {
    let mut pauses = TELL_AGAIN.iter();
    loop {
        match (worker.service.told(team, &To::Spot(spot), whole).await, pauses.next()) {
            (Told::Here(ts), _) => return Ok(ts.into_iter().collect()),
            (Told::Later, Some(pause)) => tokio::time::sleep(*pause).await,
            (Told::Later | Told::Refused, _) => return Err(ToolError::Failed("an answer could not be shown".into())),
        }
    }
}

/// Whether a turn ended without an answer, and nobody wanted that.
const fn is_failed(state: TurnState) -> bool {
    match state {
        TurnState::Failed | TurnState::Blocked | TurnState::Interrupted => true,
        TurnState::Queued | TurnState::Running | TurnState::Done | TurnState::Stopped => false,
    }
}

/// Where all of an answer is read.
fn page_of(reply: &Reply) -> String {
    format!("conversations/{}", reply.conversation)
}

/// Notes the messages that show an answer: they go with its conversation.
async fn note_all(
    worker: &Worker,
    caller: &Caller,
    (inbound, spot, key): (&Inbound, &Spot, &str),
    (conversation, sent): (Option<&ConversationId>, Vec<String>),
) -> Result<(), ToolError> {
    let (app, place) = (&worker.hall().app, worker.hall().place);
    let about = conversation.map(ConversationId::as_str).unwrap_or_default();
    for ts in sent {
        let sent = Sent { team: inbound.team.clone(), thread: worker.service.channel_of(spot).to_owned(), ts };
        app.note_sent(place, &sent, &caller.user, (about, Some(key))).await?;
    }
    Ok(())
}

/// What an answer that was stopped says: what was heard stays.
fn kept(worker: &Worker, caller: &Caller, heard: &str, said: &str) -> String {
    let heard = heard.trim_end();
    // The process ends: nobody stopped it.
    let interrupted = worker.drawer(caller).text("chat-interrupted");
    let note = if worker.hall().stop.is_cancelled() { interrupted.as_str() } else { said };
    if heard.is_empty() || note.starts_with(heard) { note.to_owned() } else { format!("{heard}\n\n{note}") }
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
    let (mut cards, mut about) = (Message::default(), String::new());
    let message = match question(worker, caller, inbound, &spot, key).await? {
        Some(question) => question,
        None => {
            let thread = format!("{} {}", thread(team, &spot), inbound.member.id);
            let said = Utterance::alone(hall.place.word(), thread, text);
            let reply = command_turn(worker, caller, inbound, &said, (at, key)).await?;
            hall.app.note_model(caller, &reply.cards, &reply.conversation).await?;
            reply.conversation.as_str().clone_into(&mut about);
            let drawer = Drawer { is_command: true, ..worker.drawer(caller) };
            if reply.text.trim().is_empty() {
                drawer.cards(&reply.cards).await?
            } else {
                cards = drawer.cards(&reply.cards).await?;
                drawer.reply(&reply.text, &[], &page_of(&reply)).await?
            }
        }
    };
    let mut told = vec![worker.say_back(inbound, &To::Replacing(&at.reply), &message).await];
    // Cards are a message of their own: pressing something on one changes it, and the answer stays.
    if !cards.parts.is_empty() {
        told.push(worker.say_back(inbound, &To::Beside(&at.reply), &cards).await);
    }
    // Where nobody else is it is an ordinary message, which goes with its conversation.
    for ts in told.into_iter().flatten().filter(|_| at.is_direct) {
        let sent = Sent { team: team.clone(), thread: at.channel.clone(), ts };
        hall.app.note_sent(hall.place, &sent, &caller.user, (&about, Some(key))).await?;
    }
    Ok(())
}

/// The turn behind a command. When it takes long a button to stop it stands where the answer will.
async fn command_turn(
    worker: &Worker,
    caller: &Caller,
    inbound: &Inbound,
    said: &Utterance,
    (at, key): (&Typed, &str),
) -> Result<Reply, ToolError> {
    let (hall, drawer) = (worker.hall(), worker.drawer(caller));
    let (stop, over) = (hall.stop.child_token(), CancellationToken::new());
    let id = run_of_command(key);
    let no = begin_run(hall, &id, caller, &stop);
    let offer = async {
        tokio::select! {
            () = over.cancelled() => return,
            () = tokio::time::sleep(STOP_AFTER) => {}
        }
        let mut message = Message::sentence(&drawer.text("place-working"));
        message.buttons(vec![Button::plain("stop-command", drawer.text("place-stop"), key)]);
        // Waited for even when the answer is there: it must not come over it.
        worker.service.told(&inbound.team, &To::Replacing(&at.reply), &message).await;
    };
    let turn = async {
        let reply = hall.app.converse_once(caller, said, &inbound.key, stop.clone(), &mut |_| {}).await;
        over.cancel();
        reply
    };
    let ((), reply) = tokio::join!(offer, turn);
    end_run(hall, &id, no);
    reply
}

/// The name of a command's answer among those under way.
fn run_of_command(key: &str) -> String {
    format!("command {key}")
}

/// Ends the answer to a command of somebody's, whichever process gives it.
///
/// # Errors
/// When the database fails.
pub(super) async fn stop_command(worker: &Worker, caller: &Caller, key: &str) -> Result<(), ToolError> {
    let hall = worker.hall();
    let is_here = {
        let running = hall.running.lock().unwrap_or_else(PoisonError::into_inner);
        let runs = running.get(&run_of_command(key)).into_iter().flatten();
        runs.filter(|run| run.user == caller.user).map(|run| run.stop.cancel()).count() > 0
    };
    if is_here { Ok(()) } else { hall.app.stop_answer_elsewhere(caller, key).await }
}

/// A time that somebody chose, said where they were asked: in the conversation of the thread, or in the private one of commands.
pub(super) async fn choose_time(
    worker: &Worker,
    caller: &Caller,
    inbound: &Inbound,
    press: &Press,
    key: &str,
) -> Result<(), ToolError> {
    let text = press.value.clone();
    let shown = Moment::at(&text, &caller.zone).map_or_else(|| text.clone(), |at| worker.drawer(caller).moment(&at));
    worker.replace(inbound, press, &Message::sentence(&shown)).await;
    if press.action == "time" {
        let what = What::Said { spot: press.spot.clone(), text, files: Vec::new() };
        return answer(worker, caller, &Inbound { what, ..inbound.clone() }, key, false).await;
    }
    follow::as_command(worker, caller, (inbound, press, key), text).await
}

/// Everybody where it was said may read the answer. The button names the channel: the process that asked may be another one, or gone.
pub(super) async fn agree_to_readers(worker: &Worker, caller: &Caller, value: &str) -> Result<(), ToolError> {
    let hall = worker.hall();
    match split(value) {
        (Some(room), _) => hall.app.agree_to_readers(caller, hall.place, room).await,
        // A button of before rooms were named.
        (None, held) => match hall.spot_of(held) {
            Some((team, spot)) => hall.app.agree_to_readers(caller, hall.place, &room(&team, &spot)).await,
            None => Ok(()),
        },
    }
}

/// The channel and the name of what waits, in a button that asks for a yes.
fn split(value: &str) -> (Option<&str>, &str) {
    match value.split_once(' ') {
        Some((room, held)) if room.contains('/') => (Some(room), held),
        Some(_) | None => (None, value),
    }
}

/// What was said where others read is answered in the direct channel, beginning with the words themselves.
pub(super) async fn answer_directly(
    worker: &Worker,
    caller: &Caller,
    inbound: &Inbound,
    held: &str,
) -> Result<(), ToolError> {
    let (service, drawer) = (&worker.service, worker.drawer(caller));
    let direct = service.direct(&inbound.team, &inbound.member.id).await?;
    let mut message = drawer.sentence(&say!("place-here"));
    let Some((said, key)) = worker.hall().held(split(held).1) else {
        message.line(drawer.text("place-say-again"));
        service.tell(&inbound.team, &To::Spot(&direct), &message).await;
        return Ok(());
    };
    let What::Said { text, files, .. } = &said.what else { return Ok(()) };
    message.exactly(text.as_str());
    let ts = service.tell(&inbound.team, &To::Spot(&direct), &message).await;
    // Should the process die over the answer they still go with the person.
    worker.note_words(caller, (&inbound.team, &direct.channel, ts.clone()), None).await;
    let spot = service.begun_at(&direct, ts.as_deref().unwrap_or_default());
    let what = What::Said { spot: spot.clone(), text: text.clone(), files: files.clone() };
    let done = answer(worker, caller, &Inbound { what, ..said.clone() }, &key, false).await;
    let id = conversation(worker, &said, &spot);
    let about = worker.app().conversation_in(caller, worker.hall().place, &id).await?;
    worker.note_words(caller, (&inbound.team, &direct.channel, ts), about.as_ref()).await;
    done
}

/// What waited for a yes is done now; after a restart it has to be said again.
pub(super) async fn go_on(worker: &Worker, caller: &Caller, held: &str) -> Result<Option<Message>, ToolError> {
    let Some((inbound, key)) = worker.hall().held(split(held).1) else {
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

/// The name in our rows of the conversation that somebody has at a spot.
pub(super) fn conversation(worker: &Worker, inbound: &Inbound, spot: &Spot) -> String {
    let of_member = worker.service.conversation_of(&inbound.member.id, spot);
    format!("{}/{}/{of_member}", inbound.team, spot.channel)
}

/// A conversation's name in our rows.
fn thread(team: &str, spot: &Spot) -> String {
    format!("{team}/{}/{}", spot.channel, spot.thread)
}

/// A channel's name in our rows.
pub(super) fn room(team: &str, spot: &Spot) -> String {
    format!("{team}/{}", spot.channel)
}
