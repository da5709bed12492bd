//! An answer that is shown while it comes: its writer, the messages that show it in our rows, signs of life, and a button that stops it.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::inbound::{Inbound, Spot};
use super::message::Button;
use super::talk::conversation;
use super::work::Worker;
use super::{Removed, To, Writer, Written};
use crate::app::places::Sent;
use crate::domain::caller::Caller;
use crate::domain::chat::Progress;
use crate::domain::tool::{Effect, ToolError};

/// After this a person is offered to stop it, where the service does not.
pub(super) const STOP_AFTER: Duration = Duration::from_secs(3);
/// A status is said again after this: services let it go after about two minutes.
const STATUS_AGAIN: Duration = Duration::from_secs(75);
/// Another status is not said sooner than this after the last one.
const STATUS_APART: Duration = Duration::from_secs(5);

/// An answer that is shown while it comes.
pub(super) struct Show<'a> {
    worker: &'a Worker,
    caller: &'a Caller,
    inbound: &'a Inbound,
    spot: &'a Spot,
    key: &'a str,
    /// Messages of it that are in our rows.
    noted: Vec<Written>,
    /// The conversation it belongs to, once known.
    about: Option<String>,
    /// Our own button that stops it.
    own_stop: Option<Sent>,
}

impl<'a> Show<'a> {
    /// Nothing is shown yet.
    pub(super) const fn new(
        worker: &'a Worker,
        caller: &'a Caller,
        (inbound, spot, key): (&'a Inbound, &'a Spot, &'a str),
    ) -> Self {
        Self { worker, caller, inbound, spot, key, noted: Vec::new(), about: None, own_stop: None }
    }

    /// Writes what comes until the turn is over. What fails on the way here does not end it: the whole answer is told in the end.
    pub(super) async fn until_over(
        &mut self,
        heard: &mut mpsc::UnboundedReceiver<Progress>,
        stop: &CancellationToken,
    ) -> Box<dyn Writer + 'a> {
        let service = self.worker.service.as_ref();
        let mut writer = service.writer(self.inbound, self.spot, self.caller.lang);
        let (begun, mut stepped) = (Instant::now(), (Instant::now(), "place-thinking"));
        loop {
            let stop_due = (!service.has_own_stop(&self.inbound.team, self.spot) && self.own_stop.is_none())
                .then(|| begun + STOP_AFTER);
            // While text comes it is sign of life enough, and the status would be said beside it.
            let status_due = writer.written().is_empty().then(|| stepped.0 + STATUS_AGAIN);
            let progress = tokio::select! {
                progress = heard.recv() => progress,
                () = at(writer.due()) => {
                    writer.flush().await;
                    self.note(writer.written()).await;
                    continue;
                }
                () = at(stop_due) => {
                    self.offer_stop().await;
                    continue;
                }
                () = at(status_due) => {
                    stepped.0 = Instant::now();
                    service.step(&self.inbound.team, self.spot, &self.worker.drawer(self.caller).text(stepped.1)).await;
                    continue;
                }
            };
            match progress {
                None => return writer,
                Some(Progress::Text(text)) => writer.text(&text).await,
                Some(Progress::Again) => writer.again().await,
                Some(Progress::Tool { effect, .. }) => {
                    let now = step_of(effect);
                    let is_time = stepped.0.elapsed() >= STATUS_APART && writer.written().is_empty();
                    if now != stepped.1 && is_time {
                        stepped = (Instant::now(), now);
                        service.step(&self.inbound.team, self.spot, &self.worker.drawer(self.caller).text(now)).await;
                    }
                }
                Some(Progress::Queued | Progress::Thinking) => {}
            }
            self.note(writer.written()).await;
            if writer.is_stopped() {
                stop.cancel();
            }
        }
    }

    /// Notes the messages that show it, as soon as they are there: should the process die, they are found.
    async fn note(&mut self, written: Vec<Written>) {
        if written == self.noted {
            return;
        }
        let noted = std::mem::replace(&mut self.noted, written.clone());
        for one in written.iter().filter(|one| !noted.contains(one)) {
            let sent = Sent { team: self.inbound.team.clone(), thread: self.channel(), ts: one.ts.clone() };
            self.note_one(&sent, one.is_open).await;
        }
    }

    /// Where its messages are.
    fn channel(&self) -> String {
        self.worker.service.channel_of(self.spot).to_owned()
    }

    /// What cannot be noted is noted with the whole answer, unless the process dies before.
    async fn note_one(&mut self, sent: &Sent, is_open: bool) {
        if let Err(error) = self.try_note(sent, is_open).await {
            tracing::error!(error = %error, "a message of an answer could not be noted");
        }
    }

    async fn try_note(&mut self, sent: &Sent, is_open: bool) -> Result<(), ToolError> {
        let (app, place) = (&self.worker.hall().app, self.worker.hall().place);
        if self.about.is_none() {
            let id = conversation(self.worker, self.inbound, self.spot);
            self.about = app.conversation_in(self.caller, place, &id).await?.map(|id| id.as_str().to_owned());
        }
        let about = self.about.as_deref().unwrap_or_default();
        if is_open {
            return app.note_open(place, sent, &self.caller.user, (about, self.key)).await;
        }
        app.note_sent(place, sent, &self.caller.user, (about, Some(self.key))).await
    }

    /// A button of ours where the service shows none of its own.
    async fn offer_stop(&mut self) {
        let drawer = self.worker.drawer(self.caller);
        let mut message = drawer.begin(drawer.text("place-working"));
        message.small(drawer.text("place-working"));
        message.buttons(vec![Button::plain("stop", drawer.text("place-stop"), "stop")]);
        let ts = self.worker.service.tell(&self.inbound.team, &To::Spot(self.spot), &message).await;
        let sent = Sent { team: self.inbound.team.clone(), thread: self.channel(), ts: ts.clone().unwrap_or_default() };
        if ts.is_some() {
            self.note_one(&sent, true).await;
        }
        self.own_stop = Some(sent);
    }

    /// Takes our own button away again.
    pub(super) async fn remove_own_stop(&mut self) {
        let Some(sent) = self.own_stop.take().filter(|sent| !sent.ts.is_empty()) else { return };
        let (app, place) = (&self.worker.hall().app, self.worker.hall().place);
        if self.worker.service.remove(&sent).await == Removed::Gone
            && let Err(error) = app.note_gone(place, &sent).await
        {
            tracing::warn!(error = %error, "a button that is gone is still in our rows");
        }
    }
}

/// Until an instant; for ever without one.
async fn at(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// What a person reads while a tool runs.
const fn step_of(effect: Effect) -> &'static str {
    match effect {
        Effect::Reads => "place-step-reads",
        Effect::Drafts => "place-step-drafts",
        Effect::Schedules => "place-step-schedules",
        Effect::Publishes => "place-step-publishes",
        Effect::Connects => "place-step-connects",
        Effect::Forgets => "place-step-forgets",
    }
}
