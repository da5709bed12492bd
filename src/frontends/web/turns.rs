//! Turns that this process runs for somebody on a page: what was said in them so far, how they are stopped, and which cards the newest
//! answers came with. Nothing of it outlives the process: what was said is in memory's rows, and posts and approvals have their own pages.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, VecDeque};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::App;
use crate::domain::caller::Caller;
use crate::domain::chat::{Card, Progress, Reply, Utterance};
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::refusal::Sentence;
use crate::domain::tool::{Effect, ToolError};
use crate::say;

/// Messages of one person that are answered or wait at once; more are typed by nobody.
const TURNS_MAX: usize = 8;
/// Answers whose cards are kept, over all people: a few ids each.
const KEPT_MAX: usize = 1_000;
/// By so much an answer's row may be ahead of its cards.
const CARDS_LATE: Duration = Duration::from_secs(1);
const CARDS_LOOK: Duration = Duration::from_millis(10);
/// How long turns may still take to end when the process does.
const GOODBYE: Duration = Duration::from_secs(5);

/// A piece of an answer as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Text, growing while it is the last piece.
    Text(String),
    /// A tool that does this runs.
    Step(Effect),
    /// What was said so far is said anew.
    Again,
    /// The answer before it comes first.
    Queued,
}

/// How a turn ended.
#[derive(Debug, Clone)]
pub(super) enum End {
    /// With an answer.
    Reply(Reply),
    /// Without one.
    Broken(Sentence),
}

/// What was heard of a turn.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// In order; only ever appended to.
    pub(super) pieces: Vec<Piece>,
    /// The end, once it is over.
    pub(super) end: Option<End>,
    /// Whether the message is durable and its turn was begun.
    is_begun: bool,
}

impl Heard {
    /// Whether there is anything new to read.
    pub(super) fn hear(&mut self, progress: Progress) -> bool {
        self.is_begun = true;
        match (progress, self.pieces.last_mut()) {
            (Progress::Text(more), Some(Piece::Text(text))) => text.push_str(&more),
            (Progress::Text(text), Some(Piece::Step(_) | Piece::Again | Piece::Queued) | None) => {
                self.pieces.push(Piece::Text(text));
            }
            (Progress::Tool { effect, .. }, _) => self.pieces.push(Piece::Step(effect)),
            (Progress::Again, _) => self.pieces.push(Piece::Again),
            (Progress::Queued, _) => self.pieces.push(Piece::Queued),
            (Progress::Thinking, _) => return false,
        }
        true
    }

    /// What the person has read of the answer itself: what came behind the last step.
    pub(super) fn said(&self) -> &str {
        match self.pieces.last() {
            Some(Piece::Text(text)) => text.trim(),
            Some(Piece::Step(_) | Piece::Again | Piece::Queued) | None => "",
        }
    }
}

/// A turn under way.
struct Turn {
    user: UserId,
    said: String,
    stop: CancellationToken,
    heard: watch::Sender<Heard>,
}

/// The cards of a conversation's newest answer.
struct Latest {
    conversation: ConversationId,
    /// Tells the answer they belong to; its words are not kept here.
    text: u64,
    cards: Vec<Card>,
}

#[derive(Default)]
struct Table {
    running: HashMap<ConversationId, Vec<Arc<Turn>>>,
    /// How many each person has, placed or not.
    counts: HashMap<UserId, usize>,
    latest: VecDeque<Latest>,
}

/// What became of a message.
pub(super) enum Begun {
    /// It is kept, and is being answered in this conversation.
    Running(ConversationId),
    /// It was answered without a turn.
    Answered(Reply),
    /// Nothing became of it.
    Refused(ToolError),
}

/// Every turn that was begun on a page.
pub(super) struct Turns {
    stop: CancellationToken,
    work: TaskTracker,
    table: Mutex<Table>,
}

impl Turns {
    /// Nothing runs yet; `stop` ends all of them.
    pub(super) fn new(stop: CancellationToken) -> Self {
        Self { stop, work: TaskTracker::new(), table: Mutex::default() }
    }

    /// Waits for the end, and then for the turns.
    pub(super) async fn run(&self) {
        self.stop.cancelled().await;
        self.work.close();
        let _some_were_left = tokio::time::timeout(GOODBYE, self.work.wait()).await;
    }

    /// Whether the process is about to end: nothing is begun any more.
    pub(super) fn is_ending(&self) -> bool {
        self.stop.is_cancelled()
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to answer what somebody said; returns when it is durable, or as soon as nothing became of it. The answer goes on whether
    /// or not anybody waits for it.
    pub(super) async fn begin(
        self: &Arc<Self>,
        app: &Arc<App>,
        caller: &Caller,
        said: Utterance,
        source: String,
    ) -> Begun {
        if !self.take_seat(&caller.user) {
            return Begun::Refused(say!("chat-too-many", max = TURNS_MAX).into());
        }
        let (send, begun) = oneshot::channel();
        let (turns, app, caller) = (Arc::clone(self), Arc::clone(app), caller.clone());
        self.work.spawn(async move {
            turns.answer(&app, &caller, (&said, &source), send).await;
        });
        begun.await.unwrap_or_else(|_| Begun::Refused(ToolError::Failed("a turn ended without a word".into())))
    }

    async fn answer(
        &self,
        app: &App,
        caller: &Caller,
        (said, source): (&Utterance, &str),
        send: oneshot::Sender<Begun>,
    ) {
        let turn = Arc::new(Turn {
            user: caller.user.clone(),
            said: said.text.trim().to_owned(),
            stop: self.stop.child_token(),
            heard: watch::Sender::new(Heard::default()),
        });
        let (first, heard) = oneshot::channel();
        let (mut first, mut send) = (Some(first), Some(send));
        let mut tell = |progress: Progress| {
            turn.heard.send_if_modified(|heard| heard.hear(progress));
            if let Some(first) = first.take() {
                let _nobody_waits = first.send(());
            }
        };
        let ended = {
            let answering = app.converse_once(caller, said, source, turn.stop.clone(), &mut tell);
            tokio::pin!(answering);
            let early = tokio::select! {
                ended = &mut answering => Some(ended),
                _told = heard => None,
            };
            match early {
                Some(ended) => ended,
                None => {
                    let placed = async {
                        if let Some(id) = self.place(app, caller, said, &turn).await {
                            told(&mut send, Begun::Running(id));
                        }
                    };
                    // Both at once: an answer that stood still meanwhile could hold the connection that placing it waits for.
                    tokio::join!(answering, placed).0
                }
            }
        };
        self.end(app, caller, &turn, ended, &mut send).await;
    }

    /// Puts a turn where whoever looks at its conversation finds it.
    async fn place(&self, app: &App, caller: &Caller, said: &Utterance, turn: &Arc<Turn>) -> Option<ConversationId> {
        match app.conversation_here(caller, &said.thread).await {
            Ok(Some(id)) => {
                self.table().running.entry(id.clone()).or_default().push(Arc::clone(turn));
                Some(id)
            }
            Ok(None) => None,
            Err(error) => {
                tracing::warn!(error = %error, "an answer is not shown while it comes");
                None
            }
        }
    }

    async fn end(
        &self,
        app: &App,
        caller: &Caller,
        turn: &Arc<Turn>,
        ended: Result<Reply, ToolError>,
        send: &mut Option<oneshot::Sender<Begun>>,
    ) {
        let is_begun = turn.heard.borrow().is_begun;
        let end = match ended {
            Ok(reply) if is_begun => {
                if let Err(error) = app.note_model(caller, &reply.cards, &reply.conversation).await {
                    tracing::warn!(error = %error, "which model wrote a draft could not be noted");
                }
                self.keep(&reply);
                told(send, Begun::Running(reply.conversation.clone()));
                End::Reply(reply)
            }
            Ok(reply) => {
                told(send, Begun::Answered(reply.clone()));
                End::Reply(reply)
            }
            Err(error) => {
                let why = match &error {
                    ToolError::Refused(why) => why.clone(),
                    ToolError::Failed(why) => {
                        tracing::error!(error = why, "an answer on a page broke off");
                        say!("chat-broke-off")
                    }
                };
                told(send, Begun::Refused(error));
                End::Broken(why)
            }
        };
        self.leave(turn);
        turn.heard.send_modify(|heard| heard.end = Some(end));
    }

    /// Takes a turn away before its end is told: whoever looks next finds the one behind it.
    fn leave(&self, turn: &Arc<Turn>) {
        let mut table = self.table();
        table.running.retain(|_, turns| {
            turns.retain(|other| !Arc::ptr_eq(other, turn));
            !turns.is_empty()
        });
        let left = table.counts.get_mut(&turn.user).map_or(0, |count| {
            *count = count.saturating_sub(1);
            *count
        });
        if left == 0 {
            table.counts.remove(&turn.user);
        }
    }

    fn take_seat(&self, user: &UserId) -> bool {
        let mut table = self.table();
        let count = table.counts.entry(user.clone()).or_default();
        let is_free = *count < TURNS_MAX;
        *count += usize::from(is_free);
        is_free
    }

    fn keep(&self, reply: &Reply) {
        let mut table = self.table();
        table.latest.retain(|latest| latest.conversation != reply.conversation);
        table.latest.push_back(Latest {
            conversation: reply.conversation.clone(),
            text: hash(&reply.text),
            cards: reply.cards.clone(),
        });
        if table.latest.len() > KEPT_MAX {
            table.latest.pop_front();
        }
    }

    /// The cards of a conversation's newest answer, if that is what it says; none when another process gave it, or it was long ago.
    pub(super) fn cards(&self, conversation: &ConversationId, text: &str) -> Option<Vec<Card>> {
        let table = self.table();
        let found = table.latest.iter().find(|latest| latest.conversation == *conversation);
        found.filter(|latest| latest.text == hash(text)).map(|latest| latest.cards.clone())
    }

    /// The same of an answer that has just ended: the rows may say so a moment before this process knows with which cards.
    pub(super) async fn cards_soon(&self, conversation: &ConversationId, text: &str) -> Option<Vec<Card>> {
        let until = tokio::time::Instant::now() + CARDS_LATE;
        loop {
            let is_ending = self.table().running.contains_key(conversation);
            let found = self.cards(conversation, text);
            if found.is_some() || !is_ending || tokio::time::Instant::now() >= until {
                return found;
            }
            tokio::time::sleep(CARDS_LOOK).await;
        }
    }

    /// The turn that answers these words of somebody here, if this process runs it.
    pub(super) fn find(
        &self,
        user: &UserId,
        conversation: &ConversationId,
        said: &str,
    ) -> Option<watch::Receiver<Heard>> {
        let table = self.table();
        let turns = table.running.get(conversation)?;
        let found = turns.iter().find(|turn| turn.user == *user && turn.said == said.trim());
        found.map(|turn| turn.heard.subscribe())
    }

    /// Ends the answer that comes in a conversation of somebody's; what waits behind it goes on. False when none comes from here.
    pub(super) fn stop(&self, user: &UserId, conversation: &ConversationId) -> bool {
        let table = self.table();
        // The oldest is the one that comes; pressed twice, it does not reach the next.
        let first = table.running.get(conversation).and_then(|turns| turns.first());
        let own = first.filter(|turn| turn.user == *user);
        own.inspect(|turn| turn.stop.cancel()).is_some()
    }
}

/// Tells whoever waits what became of it, once.
fn told(send: &mut Option<oneshot::Sender<Begun>>, begun: Begun) {
    if let Some(send) = send.take() {
        let _they_left = send.send(begun);
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_grows_and_what_comes_between_begins_it_anew() {
        let mut heard = Heard::default();
        let text = |text: &str| Progress::Text(text.into());
        let step = Progress::Tool { name: "list_posts".into(), effect: Effect::Reads };
        for progress in [Progress::Queued, Progress::Thinking, text("One "), text("two"), step, text("Three ")] {
            heard.hear(progress);
        }
        let pieces =
            [Piece::Queued, Piece::Text("One two".into()), Piece::Step(Effect::Reads), Piece::Text("Three ".into())];
        assert_eq!((heard.pieces.as_slice(), heard.said()), (&pieces[..], "Three"));
        heard.hear(Progress::Again);
        assert_eq!(heard.said(), "");
    }
}
