//! Where our messages are that carry a person's words: they are removed there with what they show (its post, its conversation, the link, the
//! person). What only its reader sees has no id and is the service's to remove.

use super::inbound::Inbound;
use super::message::Message;
use super::work::Worker;
use super::{Service, Told};
use crate::app::places::Sent;
use crate::domain::caller::Caller;
use crate::domain::ids::{ConversationId, PostId};

/// Notes one of our messages in a channel, when it is one that stays. What cannot be noted is there all the same.
pub(super) async fn note(
    service: &dyn Service,
    caller: &Caller,
    (team, channel, told): (&str, &str, Option<String>),
    about: &str,
) {
    let Some(ts) = told else { return };
    let sent = Sent { team: team.to_owned(), thread: channel.to_owned(), ts };
    let hall = service.hall();
    if let Err(error) = hall.app.note_sent(hall.place, &sent, &caller.user, (about, None)).await {
        tracing::error!(error = %error, "a message of ours could not be noted");
    }
}

impl Worker {
    /// Notes what somebody was answered in a channel, with the post that it shows. Strangers have nothing of theirs here.
    pub(super) async fn note_answer(
        &self,
        inbound: &Inbound,
        (channel, told): (&str, Option<String>),
        shows: &Message,
    ) {
        if told.is_none() {
            return;
        }
        let about = shows.about.as_ref().map_or("", PostId::as_str);
        match self.app().find_member(&inbound.member).await {
            Ok(Some(caller)) => note(self.service.as_ref(), &caller, (&inbound.team, channel, told), about).await,
            Ok(None) => {}
            Err(error) => tracing::error!(error = %error, "a message of ours could not be noted"),
        }
    }

    /// The same for what was told to somebody alone: a service without such messages tells it in their direct channel.
    pub(super) async fn note_alone(&self, inbound: &Inbound, told: Told, shows: &Message) {
        let Some(ts) = told.ts() else { return };
        if let Ok(direct) = self.service.direct(&inbound.team, &inbound.member.id).await {
            self.note_answer(inbound, (&direct.channel, Some(ts)), shows).await;
        }
    }

    /// Their own words, which an answer elsewhere began with, belong to its conversation.
    pub(super) async fn note_words(
        &self,
        caller: &Caller,
        (team, channel, told): (&str, &str, Option<String>),
        conversation: Option<&ConversationId>,
    ) {
        let about = conversation.map_or("", ConversationId::as_str);
        note(self.service.as_ref(), caller, (team, channel, told), about).await;
    }
}
