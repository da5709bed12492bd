//! What the front ends of chat services share: the verbs, the cards as parts, what a press or a form does, conversation with its questions,
//! and the news. How a service looks, is asked and answers is its own front end's ([`Service`]); what is decided is behind the doors of
//! `App`.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::app::places::Sent;
use crate::app::{App, Received};
use crate::domain::ids::UserId;
use crate::domain::lang::Lang;
use crate::domain::place::ChatPlace;
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::say;

mod ask;
mod change;
pub(crate) mod cut;
mod digest;
pub(crate) mod draw;
mod files;
mod follow;
pub(crate) mod form;
mod google;
pub(crate) mod home;
pub(crate) mod inbound;
mod lists;
pub(crate) mod live;
pub(crate) mod message;
pub(crate) mod news;
mod noted;
#[cfg(test)]
pub(crate) mod odd;
pub(crate) mod plain;
mod plan;
mod press;
pub(crate) mod repair;
mod report;
pub(crate) mod said;
mod show;
#[cfg(test)]
pub(crate) mod stage;
pub(crate) mod talk;
pub(crate) mod verbs;
mod why;
mod work;
#[cfg(test)]
mod work_tests;

use inbound::{Inbound, Press, Spot};
use message::{Form, Message};

/// How often work that nobody does any more is looked for.
const TAKE_OVER: Duration = Duration::from_secs(5);
/// Presses, forms and commands worked on at once.
const ACTS: usize = 64;
/// Conversations at once: they wait for a model most of their time, and nothing else waits behind them.
const TURNS: usize = if cfg!(test) { 3 } else { 64 };
/// Looks for work left behind in a row: each takes over at most 32 things.
const TAKE_OVERS_MAX: usize = 1_000;
/// How long work may still take when the process ends.
const GOODBYE: Duration = Duration::from_secs(5);
/// How long a message may wait for a yes that it needs.
const PENDING_MAX: Duration = Duration::from_secs(15 * 60);
/// How many do.
const PENDING_COUNT_MAX: usize = 1_000;

/// Where an answer goes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum To<'a> {
    /// To the asker alone, the way the service gave.
    Reply(&'a str),
    /// The same, in place of what stands there.
    Replacing(&'a str),
    /// The same, beside what was said in answer already: never in its place.
    Beside(&'a str),
    /// The way the service gave, for everybody in the channel.
    ForAll(&'a str),
    /// A message in a thread.
    Spot(&'a Spot),
    /// A message in a thread that only one member sees.
    Only(&'a Spot, &'a str),
    /// In place of a message of ours.
    Update(&'a str, &'a str),
}

/// What became of a message of ours that should go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Removed {
    /// It is gone.
    Gone,
    /// The service keeps it.
    Kept,
    /// The service could not be asked.
    Later,
}

/// How telling somebody something went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    /// It is there; its id, for messages that stay.
    Here(Option<String>),
    /// The service does not take it: not this way, not this text.
    Refused,
    /// The service could not be asked.
    Later,
}

impl Told {
    /// Whether it is there.
    pub(crate) fn is_here(&self) -> bool {
        matches!(self, Self::Here(_))
    }

    /// Its id, for messages that stay.
    pub(crate) fn ts(self) -> Option<String> {
        match self {
            Self::Here(ts) => ts,
            Self::Refused | Self::Later => None,
        }
    }
}

/// A message of an answer that is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    /// Its id.
    pub(crate) ts: String,
    /// More may come.
    pub(crate) is_open: bool,
}

/// A chat service as the house sees it.
#[async_trait]
pub(crate) trait Service: Send + Sync + 'static {
    /// What is shared.
    fn hall(&self) -> &Hall;

    /// Reads a stored delivery again.
    async fn read(&self, stored: &Value) -> Result<Option<Inbound>, ToolError>;

    /// Sends a message; a failure is logged, for there is nobody to tell. The new message's id, for messages that stay.
    async fn tell(&self, team: &str, to: &To<'_>, message: &Message) -> Option<String>;

    /// Puts a message where the pressed one is.
    async fn replace(&self, team: &str, press: &Press, message: &Message);

    /// The same as [`Service::tell`], and how it went: for whoever tells it another way then.
    async fn told(&self, team: &str, to: &To<'_>, message: &Message) -> Told {
        Told::Here(self.tell(team, to, message).await)
    }

    /// The same as [`Service::replace`], and how it went.
    async fn replaced(&self, team: &str, press: &Press, message: &Message) -> Told {
        self.replace(team, press, message).await;
        Told::Here(None)
    }

    /// How often a message that only its reader sees may be changed while something happens to what it shows. Slack lets one be changed
    /// five times; one was the press itself, one is kept for the next.
    fn private_redraws_max(&self) -> usize {
        3
    }

    /// Whether a message for everybody in a channel is better posted there, where we may: only so is its id known.
    fn shares_by_posting(&self) -> bool {
        false
    }

    /// A message that was being written when its process died: it is ended, and says so.
    async fn end_broken(&self, sent: &Sent, said: &str) {
        let message = Message::sentence(said);
        self.tell(&sent.team, &To::Update(&sent.thread, &sent.ts), &message).await;
    }

    /// Shows that a step of an answer is done now, where the service shows that.
    async fn step(&self, _team: &str, _spot: &Spot, _status: &str) {}

    /// Opens a form from where something was pressed.
    async fn open_from(&self, team: &str, press: &Press, form: &Form) -> Result<(), ToolError> {
        self.open(team, &press.trigger, form).await
    }

    /// Whether a person can stop an answer there with something of the service's own.
    fn has_own_stop(&self, _team: &str, _spot: &Spot) -> bool {
        true
    }

    /// Opens a form. Refused when the service gave too little time.
    async fn open(&self, team: &str, trigger: &str, form: &Form) -> Result<(), ToolError>;

    /// Shows a card beside what was pressed, to the presser alone.
    async fn show(&self, team: &str, press: &Press, message: &Message, lang: Lang) -> Result<(), ToolError>;

    /// Shows somebody their page in the service, where it has one.
    async fn show_home(&self, team: &str, user: &str, message: &Message);

    /// The conversation in a direct channel that begins at a message of ours; where the whole channel is one, that.
    fn begun_at(&self, direct: &Spot, _ts: &str) -> Spot {
        direct.clone()
    }

    /// The direct channel with a member.
    async fn direct(&self, team: &str, user: &str) -> Result<Spot, ToolError>;

    /// What the service knows of a member: language and name.
    async fn about(&self, inbound: &Inbound) -> (Lang, String);

    /// What somebody can begin with, where the service shows that: titles with messages.
    async fn suggest(&self, team: &str, spot: &Spot, prompts: &[(String, String)]);

    /// Says that an answer to something said is being made: the status in words, and what the steps are called. The returned value ends it
    /// when dropped.
    async fn status(&self, inbound: &Inbound, spot: &Spot, status: &str, steps: &[String]) -> Status;

    /// Gives a conversation a title, where the service shows one.
    async fn entitle(&self, team: &str, spot: &Spot, title: &str);

    /// What others wrote in the thread before we were called there, where that may be read; empty for nothing.
    async fn before(&self, _inbound: &Inbound, _spot: &Spot) -> String {
        String::new()
    }

    /// Where an answer to something said goes, when not to where it was said: a thread of its own.
    async fn settle_in(&self, inbound: &Inbound, spot: &Spot) -> Spot;

    /// Which conversation of a channel a member has at a spot.
    fn conversation_of(&self, _member: &str, spot: &Spot) -> String {
        spot.thread.clone()
    }

    /// The channel in which messages of a spot are, as the service names it when they are removed.
    fn channel_of<'a>(&self, spot: &'a Spot) -> &'a str {
        &spot.channel
    }

    /// An answer that is written as it comes.
    fn writer<'a>(&'a self, inbound: &'a Inbound, spot: &'a Spot, lang: Lang) -> Box<dyn Writer + 'a>;

    /// Whether an address of a file is the service's own, and what must be shown to get it.
    async fn may_fetch(&self, team: &str, url: &Url) -> Result<Option<SecretString>, ToolError>;

    /// Removes a message of ours.
    async fn remove(&self, sent: &Sent) -> Removed;

    /// Where a person finds a message of ours, to remove it themselves.
    async fn address_of(&self, _sent: &Sent) -> Option<String> {
        None
    }

    /// The page to sign in with the service, when that is possible.
    fn sign_in_page(&self) -> Option<String>;

    /// Whether a stranger may become one of our people without leaving the service.
    async fn may_join(&self, inbound: &Inbound) -> Result<bool, ToolError>;

    /// Whether somebody who is none of our people is answered where this was said.
    fn answers_strangers_at(&self, _spot: &Spot) -> bool {
        true
    }

    /// A team that we belong to another one (an organisation), as something delivered shows.
    fn belongs(&self, _team: &str, _organisation: &str) {}

    /// We are gone from a team.
    async fn ended(&self, team: &str) -> Result<(), ToolError>;

    /// We were taken out of a team at an instant: what was installed after that stays.
    async fn ended_at(&self, team: &str, _at_ms: i64) -> Result<(), ToolError> {
        self.ended(team).await
    }
}

/// Ends a status when it is dropped.
pub(crate) type Status = Option<tokio_util::sync::DropGuard>;

/// What became of an answer in the end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Finished {
    /// The messages that show it now.
    pub(crate) sent: Vec<String>,
    /// The one with its cards.
    pub(crate) cards: Option<String>,
    /// Its cards are not among them: whoever has to decide would wait for them.
    pub(crate) lacks_cards: bool,
}

/// An answer on its way to where it is read.
#[async_trait]
pub(crate) trait Writer: Send {
    /// The person stopped it where it is read.
    fn is_stopped(&self) -> bool;

    /// When the next flush is due, for text that waits.
    fn due(&self) -> Option<Instant>;

    /// The messages that show it so far, so that none is lost with the process.
    fn written(&self) -> Vec<Written> {
        Vec::new()
    }

    /// What the person has heard so far: it stays when they stop the answer.
    fn heard(&self) -> String {
        String::new()
    }

    /// More text.
    async fn text(&mut self, piece: &str);

    /// Shows what can be shown now.
    async fn flush(&mut self);

    /// What was shown is taken back: it will be said anew.
    async fn again(&mut self);

    /// The reply has the last word over what was shown: `whole` is all of it as one message, `cards` what stands below the text.
    async fn finish(self: Box<Self>, text: &str, whole: &Message, cards: &Message) -> Finished;
}

/// An answer under way.
struct Running {
    no: u64,
    user: UserId,
    stop: CancellationToken,
}

/// Something said that waits for the person's yes.
struct Pending {
    inbound: Inbound,
    key: String,
    since: Instant,
}

/// What the front end of a service works with.
pub(crate) struct Hall {
    /// Which service.
    pub(crate) place: ChatPlace,
    /// The doors.
    pub(crate) app: Arc<App>,
    /// Ends everything.
    pub(crate) stop: CancellationToken,
    /// Answers under way, by thread: what a press of Stop ends.
    running: Mutex<HashMap<String, Vec<Running>>>,
    runs: AtomicU64,
    pending: Mutex<HashMap<String, Pending>>,
    /// Keys of what is worked on here.
    busy: Mutex<HashSet<String>>,
    /// Cards that are drawn anew while something happens, or were until just now, by message.
    followed: Mutex<HashMap<String, CancellationToken>>,
    work: TaskTracker,
    acts: Semaphore,
    turns: Semaphore,
}

impl Hall {
    /// Nothing runs yet.
    pub(crate) fn new(place: ChatPlace, app: &Arc<App>, stop: CancellationToken) -> Self {
        let (acts, turns) = (Semaphore::new(ACTS), Semaphore::new(TURNS));
        Self {
            place,
            app: Arc::clone(app),
            stop,
            running: Mutex::default(),
            runs: AtomicU64::new(0),
            pending: Mutex::default(),
            busy: Mutex::default(),
            followed: Mutex::default(),
            work: TaskTracker::new(),
            acts,
            turns,
        }
    }

    /// Where a person sees what was done and what is to come.
    pub(crate) fn today(&self) -> String {
        format!("{}/", self.app.public_url().as_str().trim_end_matches('/'))
    }

    /// Something failed here.
    pub(crate) fn failed(&self) -> Sentence {
        say!("place-failed", url = self.today())
    }

    /// What was pressed means nothing any more.
    pub(crate) fn old_button(&self) -> Sentence {
        say!("place-old-button", url = self.today())
    }

    /// Runs something beside the work; the front end waits for it when it ends.
    pub(crate) fn aside(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.work.spawn(task);
    }

    /// Keeps what was said until the person agrees to what it needs.
    fn hold(&self, id: &str, inbound: Inbound, key: &str) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.retain(|_, held| held.since.elapsed() < PENDING_MAX);
        if pending.len() < PENDING_COUNT_MAX {
            pending.insert(id.to_owned(), Pending { inbound, key: key.to_owned(), since: Instant::now() });
        }
    }

    /// Where something that waits was said.
    fn spot_of(&self, id: &str) -> Option<(String, Spot)> {
        let pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let inbound = &pending.get(id)?.inbound;
        inbound.spot().map(|spot| (inbound.team.clone(), spot.clone()))
    }

    fn held(&self, id: &str) -> Option<(Inbound, String)> {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.remove(id).filter(|held| held.since.elapsed() < PENDING_MAX).map(|held| (held.inbound, held.key))
    }
}

/// Whether something delivered is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is stored; [`begin`] works on it.
    New,
    /// It was delivered before.
    Before,
    /// It could not be stored: it must come again.
    Failed,
}

/// Stores something delivered; durable when this returns.
pub(crate) async fn take(hall: &Hall, received: &Received) -> Taken {
    match hall.app.receive(hall.place, received).await {
        Ok(true) => Taken::New,
        Ok(false) => Taken::Before,
        Err(error) => {
            tracing::error!(place = hall.place.word(), error = %error, "what was delivered could not be stored");
            Taken::Failed
        }
    }
}

/// Works on something stored, unless this process does already.
pub(crate) fn begin(service: &Arc<dyn Service>, received: Received) {
    let hall = service.hall();
    if !hall.busy.lock().unwrap_or_else(PoisonError::into_inner).insert(received.key.clone()) {
        return;
    }
    let worker = Arc::clone(service);
    hall.work.spawn(async move {
        let key = received.key.clone();
        work::carry_out(&worker, received).await;
        worker.hall().busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
    });
}

/// Takes over what was left undone and tells the news, until told to stop; then lets work end.
pub(crate) async fn run(service: Arc<dyn Service>) {
    tokio::join!(take_over(&service), news::tell(&service));
    let hall = service.hall();
    hall.work.close();
    // What does not end stays open in its row: the next process takes it over.
    let _some_were_left = tokio::time::timeout(GOODBYE, hall.work.wait()).await;
}

async fn take_over(service: &Arc<dyn Service>) {
    let (mut is_first, hall) = (true, service.hall());
    while !hall.stop.is_cancelled() {
        for _ in 0..TAKE_OVERS_MAX {
            match hall.app.take_over_received(hall.place, is_first).await {
                Ok(left) => {
                    is_first = false;
                    // What is taken over is ours now, so the next look finds others, or nothing.
                    if left.is_empty() {
                        break;
                    }
                    left.into_iter().for_each(|received| begin(service, received));
                }
                Err(error) => {
                    tracing::error!(place = hall.place.word(), error = %error, "what was delivered could not be taken over");
                    break;
                }
            }
        }
        tokio::select! {
            () = hall.stop.cancelled() => {}
            () = tokio::time::sleep(TAKE_OVER) => {}
        }
    }
}
