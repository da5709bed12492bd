//! Something that happened in a chat service, whichever it is and whichever way it came.

use std::collections::BTreeMap;

use super::message::About;
use super::verbs::Verb;
use crate::domain::place::Member;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Inbound {
    /// What makes it the same thing, however often and under whatever id it is delivered.
    pub(crate) key: String,
    /// The service's id of the delivery.
    pub(crate) event_id: Option<String>,
    /// The team whose token answers it.
    pub(crate) team: String,
    /// Who did it.
    pub(crate) member: Member,
    /// What they did.
    pub(crate) what: What,
}

/// Where a conversation is held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Spot {
    /// The channel.
    pub(crate) channel: String,
    /// The thread in it.
    pub(crate) thread: String,
    /// Only one person and we are there.
    pub(crate) is_direct: bool,
}

/// A file somebody dropped into the conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    /// What it is called.
    pub(crate) name: String,
    /// Where it is.
    pub(crate) url: String,
    /// Text for people who cannot see it.
    pub(crate) alt: Option<String>,
}

/// Where a command was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Typed {
    /// The channel.
    pub(crate) channel: String,
    /// Nobody else is there.
    pub(crate) is_direct: bool,
    /// How it is answered; the service's own way.
    pub(crate) reply: String,
    /// What opens a form; the service's own.
    pub(crate) trigger: String,
}

/// A press of something on a message or a view.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Press {
    /// What was pressed.
    pub(crate) action: String,
    /// What it carries: its value, the chosen option, date or time.
    pub(crate) value: String,
    /// Where its message is.
    pub(crate) spot: Spot,
    /// Its message.
    pub(crate) ts: String,
    /// How it is answered; the service's own way.
    pub(crate) reply: Option<String>,
    /// What opens a form.
    pub(crate) trigger: String,
    /// Only the presser sees the message.
    pub(crate) is_ephemeral: bool,
    /// It was on a page of the service's that is nobody's message (Slack's App Home).
    pub(crate) is_home: bool,
    /// The presser may not write where it was, as far as the service says: what they choose must not make us say it there for them.
    pub(crate) is_muted: bool,
    /// The window it was in, when it was in one that is no message (Slack's modals).
    pub(crate) view: String,
}

/// A form that was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sheet {
    /// Which one.
    pub(crate) form: String,
    /// What it is about.
    pub(crate) about: About,
    /// What was filled in, by field.
    pub(crate) values: BTreeMap<String, String>,
    /// How it is answered, when not by a message.
    pub(crate) reply: Option<String>,
}

/// What somebody did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// `/socrazi …`.
    Command { verb: Verb, at: Typed },
    /// Said something to us.
    Said { spot: Spot, text: String, files: Vec<File> },
    /// Pressed something.
    Pressed(Press),
    /// Sent a form.
    Submitted(Sheet),
    /// Wants to write a post, perhaps from a message's text.
    New { trigger: String, text: String, reply: Option<String> },
    /// Looks at the page that is theirs in the service.
    Home,
    /// A conversation with us is opened.
    Opened(Spot),
    /// Wants the answer in this thread to stop.
    Stopped(Spot),
    /// We are gone from the team.
    Uninstalled,
    /// We were taken out of the team at an instant (Unix milliseconds); what was installed after that stays.
    Gone { at_ms: i64 },
}

impl Inbound {
    /// How only the one who did it is answered, when the service gave a way.
    pub(crate) fn reply(&self) -> Option<&str> {
        match &self.what {
            What::Command { at, .. } => Some(&at.reply),
            What::Pressed(press) => press.reply.as_deref(),
            What::Submitted(sheet) => sheet.reply.as_deref(),
            What::New { reply, .. } => reply.as_deref(),
            What::Said { .. }
            | What::Home
            | What::Opened(_)
            | What::Stopped(_)
            | What::Uninstalled
            | What::Gone { .. } => None,
        }
    }

    /// Where it was said, when it was.
    pub(crate) fn spot(&self) -> Option<&Spot> {
        match &self.what {
            What::Said { spot, .. } | What::Opened(spot) => Some(spot),
            What::Command { .. }
            | What::Pressed(_)
            | What::Submitted(_)
            | What::New { .. }
            | What::Home
            | What::Stopped(_)
            | What::Uninstalled
            | What::Gone { .. } => None,
        }
    }
}
