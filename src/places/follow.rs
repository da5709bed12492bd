//! A press that stands for words: a post that did well is to be followed up. The core hears the words as if they had been written.

use super::To;
use super::inbound::{Inbound, Press, Typed, What};
use super::message::Message;
use super::talk::{answer, answer_command, conversation};
use super::verbs::Verb;
use super::work::Worker;
use crate::domain::caller::Caller;
use crate::domain::tool::ToolError;

/// A post that did well is to be followed up: said in the presser's name where they are alone with us, in the thread of what was pressed; else
/// answered as free words behind the command are.
pub(super) async fn follow_up(
    worker: &Worker,
    caller: &Caller,
    inbound: &Inbound,
    press: &Press,
    key: &str,
) -> Result<(), ToolError> {
    let post = worker.own_post(caller, inbound, &press.value).await?;
    let text = worker.app().follow_up(caller, &post.id).await?;
    if press.is_ephemeral || !press.spot.is_direct {
        return as_command(worker, caller, (inbound, press, key), text).await;
    }
    let (spot, mut words) = (press.spot.clone(), Message::new(text.clone()));
    words.exactly(text.as_str());
    let ts = worker.service.tell(&inbound.team, &To::Spot(&spot), &words).await;
    let what = What::Said { spot: spot.clone(), text, files: Vec::new() };
    let done = answer(worker, caller, &Inbound { what, ..inbound.clone() }, key, false).await;
    let about =
        worker.app().conversation_in(caller, worker.hall().place, &conversation(worker, inbound, &spot)).await?;
    worker.note_words(caller, (&inbound.team, &spot.channel, ts), about.as_ref()).await;
    done
}

/// Words that a press stands for, answered as those behind a command: seen by the presser alone.
pub(super) async fn as_command(
    worker: &Worker,
    caller: &Caller,
    (inbound, press, key): (&Inbound, &Press, &str),
    text: String,
) -> Result<(), ToolError> {
    let Some(reply) = press.reply.clone() else { return Err(worker.hall().old_button().into()) };
    let (channel, is_direct) = (press.spot.channel.clone(), press.spot.is_direct);
    let at = Typed { channel, is_direct, reply, trigger: press.trigger.clone() };
    let what = What::Command { verb: Verb::Say(text.clone()), at: at.clone() };
    answer_command(worker, caller, &Inbound { what, ..inbound.clone() }, &text, &at, key).await
}
