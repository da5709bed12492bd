//! One turn: from a person's words to a checked answer, in bounded rounds. Whatever happens, the turn ends with a row that says how.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use askama::Template;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::ahead::Written;
use super::claims::{self, Evidence};
use super::figures::Known;
use super::{Agent, Hands, calls, history, outcome, prompt};
use crate::domain::caller::Caller;
use crate::domain::chat::{Card, MessageKind, Progress, TurnState};
use crate::domain::ids::{ConversationId, MediaId, UserId};
use crate::domain::lang::Lang;
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::llm::{Ask, Delta, Finish, Item, ModelFault, Picture, Said, Usage, Which};
use crate::memory::{Keeping, Last, Memory, OpenTurn, Past, Profile, Without};
use crate::say;

/// Questions to the model in one turn.
const ROUNDS_MAX: usize = 8;
/// A turn is given up after this, counted from when it is its turn: nobody still waits.
const DEADLINE: Duration = Duration::from_secs(180);
/// So long it may wait for the turns before it: a handful of the longest.
const QUEUE_DEADLINE: Duration = Duration::from_secs(900);
/// A turn whose process did not say for this long that it lives is dead; whoever writes next waits for it at most so long.
pub const LEASE_MS: i64 = 15_000;
/// How often it looks whether a person asked another process to stop it.
const LOOK_STOP: Duration = Duration::from_secs(1);
/// At every how many of these looks it says that it lives.
const RENEW_LOOKS: u64 = 5;
/// How often a queued turn looks whether it may begin; a look only reads.
const LOOK: Duration = Duration::from_millis(100);
/// The window for what was said before; the service takes far more, people pay for it.
const PAST_TOKENS: i64 = 24_000;
/// Pictures shown to the model at once.
const PICTURES_MAX: usize = 4;

/// A turn to be answered.
pub struct Turn<'a> {
    /// Who speaks; their grant is what their front end may do on its own.
    pub caller: &'a Caller,
    /// What was begun with their words.
    pub open: &'a OpenTurn,
    /// Where its message is still being written: whether it runs is known only then.
    pub written: Option<Written>,
    /// Their words.
    pub text: &'a str,
    /// What others wrote in the thread before, where it was read.
    pub others: &'a str,
    /// Media they showed.
    pub media: &'a [MediaId],
    /// How they want to sound.
    pub profile: &'a Profile,
    /// The instant as they read it.
    pub now: &'a str,
    /// The tools.
    pub hands: &'a dyn Hands,
    /// What their conversations may use in a month, in tokens.
    pub tokens_max: i64,
    /// What was said before, where that is known already.
    pub past: Option<&'a Past>,
    /// Whether nobody else reads along where they speak.
    pub is_private: bool,
    /// Whether figures of Google's may be shown there.
    pub shows_google: bool,
    /// Ends the turn when the person stops it or goes away.
    pub stop: CancellationToken,
}

/// How a turn ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turned {
    /// Its text for the person, in their language, with claims checked.
    pub text: String,
    /// What is drawn below it.
    pub cards: Vec<Card>,
    /// How it ended.
    pub state: TurnState,
}

/// Why the rounds ended early.
pub(super) enum Ended {
    Model(ModelFault),
    Stopped,
    Late,
    Failed(ToolError),
}

impl From<ToolError> for Ended {
    fn from(error: ToolError) -> Self {
        Self::Failed(error)
    }
}

/// What has happened in a turn so far.
#[derive(Default)]
pub(super) struct Ledger {
    /// Of the answers that are over.
    usage: Usage,
    /// Of the one that streams, as far as it was told.
    streaming: Usage,
    /// Both together, for whoever must end the turn from outside.
    spent: Arc<AtomicI64>,
    model: String,
    pub(super) evidence: Evidence,
    pub(super) cards: Vec<Card>,
    /// Reading calls since anything was changed, and calls that change something.
    pub(super) reads: BTreeSet<String>,
    pub(super) acts: BTreeSet<String>,
    /// Calls of each tool.
    pub(super) counts: BTreeMap<String, usize>,
    /// Answers of the model in which each tool refused, and what it said in the one at hand.
    pub(super) refusals: BTreeMap<String, usize>,
    pub(super) refused: BTreeMap<String, Sentence>,
    pub(super) problem: Option<Sentence>,
    /// The figures that this turn's tools told.
    pub(super) known: Known,
    /// What the model said last, when nothing followed from it.
    last: String,
    /// Somebody else's words entered the turn: standing permission does not count any more (DESIGN §4).
    pub(super) is_tainted: bool,
    /// Figures of Google's entered the turn: where they are not to be shown it is not told of later.
    pub(super) is_of_google: bool,
    /// How long what follows from the results may be kept.
    pub(super) keeping: Keeping,
    /// Pictures that calls brought in, not shown to the model yet.
    pub(super) brought: Vec<MediaId>,
    /// Who speaks, once they changed their language or zone in this turn.
    pub(super) changed: Option<Caller>,
}

impl Ledger {
    /// Who speaks, as they are by now.
    pub(super) fn caller<'a>(&'a self, turn: &'a Turn<'_>) -> &'a Caller {
        self.changed.as_ref().unwrap_or(turn.caller)
    }

    /// Figures of an answer that come from nowhere: not from this turn's tools, the person's words, or what the model was told.
    fn strangers(&mut self, text: &str, system: &str, said: &[String]) -> Vec<String> {
        self.known.text(system);
        said.iter().for_each(|text| self.known.text(text));
        self.known.strangers(text)
    }

    /// What streams has cost so much by now.
    fn stream(&mut self, usage: Usage) {
        self.streaming = usage;
        self.spent.store(self.tokens(), Ordering::SeqCst);
    }

    /// What streamed is over, well or not.
    fn settle(&mut self, usage: Usage) {
        self.usage = self.usage.plus(usage);
        self.stream(Usage::default());
    }

    fn tokens(&self) -> i64 {
        self.usage.plus(self.streaming).all()
    }
}

/// Ends the turn when its future is dropped: nobody hears the answer any more, and whoever writes next should not wait for it.
struct Leaving {
    memory: Arc<Memory>,
    open: OpenTurn,
    written: Option<Written>,
    spent: Arc<AtomicI64>,
    background: TaskTracker,
    is_over: bool,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        let (false, Ok(runtime)) = (self.is_over, tokio::runtime::Handle::try_current()) else { return };
        let (memory, open, tokens) = (self.memory.clone(), self.open.clone(), self.spent.load(Ordering::SeqCst));
        let written = self.written.take();
        let end = async move {
            // What is on its way to the disk arrives, and must be there to be ended.
            if let Some(written) = written {
                let _ended_either_way = written.is_running().await;
            }
            if let Err(error) = memory.end(&open, TurnState::Interrupted, (None, tokens), Last::default()).await {
                tracing::warn!(turn = %open.turn, error = %error, "a turn that nobody waits for could not be ended; its lease will");
            }
        };
        self.background.spawn_on(end, &runtime);
    }
}

/// A turn's first question.
pub(super) struct Question {
    pub(super) ask: Ask,
    /// The person's own words in the conversation.
    said: Vec<String>,
    is_tainted: bool,
    /// Whether figures of Google's are in what was said before.
    is_of_google: bool,
    /// Whether the turn before it died.
    is_after_interruption: bool,
}

/// Hears what happens in a turn.
pub(super) type Tell<'a> = &'a mut (dyn FnMut(Progress) + Send);

impl Agent {
    /// What a turn that begins meanwhile is told of what was said before; none where another turn is not over yet.
    ///
    /// # Errors
    /// When the database or the vault fails.
    pub async fn recall(&self, user: &UserId, conversation: &ConversationId) -> Result<Option<Past>, ToolError> {
        let past = self.memory.past((user, conversation), (None, Without::Replies), PAST_TOKENS).await?;
        Ok(Some(past).filter(|past| !past.is_moving))
    }

    /// Answers a turn. It waits until the turns before it are over; it ends with a row in any case.
    ///
    /// # Errors
    /// When the database or the vault fails.
    pub async fn answer(&self, turn: &Turn<'_>, tell: Tell<'_>) -> Result<Turned, ToolError> {
        let mut ledger = Ledger::default();
        let (memory, open, spent) = (self.memory.clone(), turn.open.clone(), ledger.spent.clone());
        let (background, written) = (self.background.clone(), turn.written.clone());
        let mut leaving = Leaving { memory, open, written, spent, background, is_over: false };
        let ended = self.race(turn, &mut ledger, tell).await;
        let lang = ledger.caller(turn).lang;
        let (mut text, state) = match ended {
            Ok((text, finish)) => self.finished(text, &finish, lang),
            Err(Ended::Stopped) => (self.words.say(lang, &say!("chat-stopped")), TurnState::Stopped),
            Err(Ended::Late) => (self.words.say(lang, &say!("chat-late")), TurnState::Failed),
            Err(Ended::Model(fault)) => {
                let state =
                    if matches!(fault, ModelFault::Blocked(_)) { TurnState::Blocked } else { TurnState::Failed };
                (self.words.say(lang, &fault.wording()), state)
            }
            Err(Ended::Failed(error)) => {
                self.memory.end(turn.open, TurnState::Failed, (None, ledger.tokens()), Last::default()).await?;
                leaving.is_over = true;
                return Err(error);
            }
        };
        if let Some(checked) = self.corrected(turn, &text, &ledger) {
            text = checked;
        }
        if let Some(problem) = ledger.problem.take() {
            outcome::add(&mut ledger.cards, Card::Problem(problem));
        }
        let model = Some(ledger.model.as_str()).filter(|model| !model.is_empty());
        let raw = Some(ledger.last.as_str()).filter(|raw| !raw.is_empty());
        let last = Last { model: raw, reply: Some(&text), keeping: ledger.keeping.clone() };
        self.memory.end(turn.open, state, (model, ledger.tokens()), last).await?;
        leaving.is_over = true;
        Ok(Turned { text, cards: ledger.cards, state })
    }

    /// The text without claims of what was not done; none when there are none.
    fn corrected(&self, turn: &Turn<'_>, text: &str, ledger: &Ledger) -> Option<String> {
        let correction = self.words.say(ledger.caller(turn).lang, &say!("chat-not-done"));
        let checked = claims::checked(text, &ledger.evidence, &correction);
        if checked.is_some() {
            tracing::warn!(turn = %turn.open.turn, "the model claimed what was not done; it was corrected");
        }
        checked
    }

    fn finished(&self, text: String, finish: &Finish, lang: Lang) -> (String, TurnState) {
        let with = |sentence: Sentence| {
            let note = self.words.say(lang, &sentence);
            if text.trim().is_empty() { note } else { format!("{}\n\n{note}", text.trim_end()) }
        };
        match finish {
            Finish::Done if text.trim().is_empty() => (with(say!("chat-nothing-said")), TurnState::Done),
            Finish::Done => (text.trim().to_owned(), TurnState::Done),
            Finish::Length => (with(say!("chat-length")), TurnState::Done),
            Finish::Broken => (with(say!("model-cut")), TurnState::Failed),
            Finish::Blocked(_) => (with(say!("model-blocked")), TurnState::Blocked),
        }
    }

    /// The rounds, against the clock, the person's stop, and the lease.
    async fn race(&self, turn: &Turn<'_>, ledger: &mut Ledger, tell: Tell<'_>) -> Result<(String, Finish), Ended> {
        let alive = async {
            for look in 1_u64.. {
                tokio::time::sleep(LOOK_STOP).await;
                let goes_on = match self.memory.is_stop_asked(turn.open).await {
                    Ok(false) if look.is_multiple_of(RENEW_LOOKS) => self.memory.renew(turn.open, LEASE_MS).await,
                    Ok(is_asked) => Ok(!is_asked),
                    Err(error) => Err(error),
                };
                match goes_on {
                    Ok(true) => {}
                    // Stopped in another process, forgotten, or given up by others: nothing more may follow from it.
                    Ok(false) => return Ended::Stopped,
                    Err(error) => return Ended::Failed(error),
                }
            }
            Ended::Late
        };
        tokio::select! {
            biased;
            () = turn.stop.cancelled() => Err(Ended::Stopped),
            ended = alive => Err(ended),
            ended = self.in_time(turn, ledger, tell) => ended,
        }
    }

    /// The queue, and then the rounds, each with its own limit.
    async fn in_time(&self, turn: &Turn<'_>, ledger: &mut Ledger, tell: Tell<'_>) -> Result<(String, Finish), Ended> {
        let deadline = tokio::time::Instant::now() + DEADLINE;
        if let (Some(written), Some(_)) = (&turn.written, turn.past) {
            let ahead = tokio::time::timeout_at(deadline, self.ahead(turn, written, ledger, tell));
            if let Some(first) = ahead.await.map_err(|_| Ended::Late)?? {
                let rounds = self.rounds(turn, Some(first), ledger, tell);
                return tokio::time::timeout_at(deadline, rounds).await.map_err(|_| Ended::Late)?;
            }
            ledger.settle(ledger.streaming);
        }
        tokio::time::timeout(QUEUE_DEADLINE, self.queue(turn, tell)).await.map_err(|_| Ended::Late)??;
        tokio::time::timeout(DEADLINE, self.rounds(turn, None, ledger, tell)).await.map_err(|_| Ended::Late)?
    }

    async fn queue(&self, turn: &Turn<'_>, tell: Tell<'_>) -> Result<(), ToolError> {
        let is_running = match &turn.written {
            Some(written) => written.is_running().await?,
            None => turn.open.is_running,
        };
        let mut was_queued = false;
        while !is_running && !self.memory.claim(turn.open, LEASE_MS).await? {
            if !std::mem::replace(&mut was_queued, true) {
                tell(Progress::Queued);
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    async fn rounds(
        &self,
        turn: &Turn<'_>,
        first: Option<(Question, Result<Said, ModelFault>)>,
        ledger: &mut Ledger,
        tell: Tell<'_>,
    ) -> Result<(String, Finish), Ended> {
        let (question, mut first) = match first {
            Some((question, answer)) => (question, Some(answer)),
            None => {
                // Whoever waits learns at once that it was begun.
                tell(Progress::Thinking);
                // What was read while another turn went on lacks its end.
                let past = turn.past.filter(|_| turn.written.is_none());
                (self.ask(turn, past).await?, None)
            }
        };
        let Question { mut ask, said, is_tainted, is_of_google, is_after_interruption } = question;
        (ledger.is_tainted, ledger.is_of_google) = (is_tainted, is_of_google);
        if is_of_google {
            // Before anything is said that may repeat them.
            self.memory.note_google(turn.open).await?;
        }
        if is_after_interruption {
            ledger.cards.push(Card::Problem(say!("chat-before-interrupted")));
        }
        let (mut is_retried, mut is_corrected) = (false, false);
        for round in 0..ROUNDS_MAX {
            if round > 0
                && let Some(why) = self.spent(turn, ledger).await?
            {
                return Ok((self.words.say(ledger.caller(turn).lang, &why), Finish::Done));
            }
            let answer = match first.take() {
                Some(answer) => settled(answer, ledger)?,
                None => self.hear(&ask, ledger, tell).await?,
            };
            if is_worth_another_try(&answer) && !std::mem::replace(&mut is_retried, true) {
                tell(Progress::Again);
                continue;
            }
            if !answer.calls.is_empty() && answer.finish != Finish::Done {
                // Calls of an answer that did not end as it should may be cut or refused by the service itself: none is carried out, and
                // the answer is not replayed, because its calls would have no results.
                let finish = if answer.finish == Finish::Length { Finish::Broken } else { answer.finish };
                return Ok((answer.text, finish));
            }
            if answer.calls.is_empty() {
                ledger.known.text(turn.others);
                let strangers = ledger.strangers(&answer.text, &ask.system, &said);
                if strangers.is_empty() {
                    ledger.last = answer.raw;
                    return Ok((answer.text, answer.finish));
                }
                tracing::warn!(turn = %turn.open.turn, figures = strangers.len(), "the model said figures that no tool had told");
                if std::mem::replace(&mut is_corrected, true) {
                    ledger.last = answer.raw;
                    let note = say!("chat-figures", figures = strangers.join(", "));
                    let text =
                        format!("{}\n\n{}", answer.text.trim_end(), self.words.say(ledger.caller(turn).lang, &note));
                    return Ok((text, answer.finish));
                }
                tell(Progress::Again);
                ask.items.push(Item::Model(answer.raw));
                ask.items.push(Item::Person { text: prompt::wrong_figures(&strangers), pictures: Vec::new() });
                continue;
            }
            self.follow(turn, answer, (&mut ask, &said), ledger, tell).await?;
            if let Some(problem) = &ledger.problem {
                return Ok((self.words.tell(ledger.caller(turn).lang, problem), Finish::Done));
            }
        }
        Ok((self.words.say(ledger.caller(turn).lang, &say!("chat-rounds", max = ROUNDS_MAX)), Finish::Done))
    }

    /// One answer of the model. What it cost is counted as it comes, so that a stopped or broken one counts, too.
    async fn hear(&self, ask: &Ask, ledger: &mut Ledger, tell: Tell<'_>) -> Result<Said, Ended> {
        let mut heard = |piece: Delta| pass(piece, ledger, tell);
        let answer = self.model.say(ask, &mut heard).await;
        settled(answer, ledger)
    }

    /// Why there is no further round: the month's tokens are used up.
    async fn spent(&self, turn: &Turn<'_>, ledger: &Ledger) -> Result<Option<Sentence>, ToolError> {
        let used = self.memory.used(&turn.caller.user).await? + ledger.tokens();
        let max = turn.tokens_max;
        Ok((used >= max).then(|| say!("chat-cap", used = used, max = max)))
    }

    /// Carries out what an answer calls for, keeps both, and puts them to the question.
    async fn follow(
        &self,
        turn: &Turn<'_>,
        answer: Said,
        (ask, said): (&mut Ask, &[String]),
        ledger: &mut Ledger,
        tell: Tell<'_>,
    ) -> Result<(), ToolError> {
        self.memory.keep(turn.open, MessageKind::Model, &answer.raw, &ledger.keeping).await?;
        let (was_tainted, was_of_google) = (ledger.is_tainted, ledger.is_of_google);
        let results = self.carry_out(turn, &answer, said, ledger, tell).await;
        if ledger.is_tainted && !was_tainted {
            // Before the words themselves: whatever dies in between, no conversation holds them unmarked.
            self.memory.taint(turn.open).await?;
        }
        if ledger.is_of_google && !was_of_google {
            self.memory.note_google(turn.open).await?;
        }
        // What it said beside its calls was on the screen already; the calls may have made it true.
        if let Some(checked) = self.corrected(turn, &answer.text, ledger) {
            tell(Progress::Again);
            tell(Progress::Text(checked));
        }
        let kept = serde_json::to_string(&results).unwrap_or_default();
        self.memory.keep(turn.open, MessageKind::Results, &kept, &ledger.keeping).await?;
        ask.items.push(Item::Model(answer.raw));
        ask.items.push(Item::Results(results));
        let brought = std::mem::take(&mut ledger.brought);
        let pictures = self.pictures(turn, &brought).await?;
        if !pictures.is_empty() {
            ask.items.push(Item::Person { text: prompt::brought(&brought), pictures });
        }
        Ok(())
    }

    async fn pictures(&self, turn: &Turn<'_>, media: &[MediaId]) -> Result<Vec<Picture>, ToolError> {
        let mut pictures = Vec::new();
        for id in media.iter().take(PICTURES_MAX) {
            pictures.extend(turn.hands.picture(turn.caller, id).await?);
        }
        Ok(pictures)
    }

    /// `past` is what was said before, where it is known.
    pub(super) async fn ask(&self, turn: &Turn<'_>, past: Option<&Past>) -> Result<Question, ToolError> {
        let fetched;
        let past = match past {
            Some(past) => past,
            None => {
                let OpenTurn { user, conversation, turn, .. } = turn.open;
                fetched = self.memory.past((user, conversation), (Some(turn), Without::Replies), PAST_TOKENS).await?;
                &fetched
            }
        };
        let withheld;
        let is_left_out = !turn.shows_google && past.holds_google();
        let past = if is_left_out {
            withheld = past.clone().without_google();
            &withheld
        } else {
            past
        };
        let system = prompt::System {
            language: prompt::language(turn.caller.lang),
            zone: &turn.caller.zone,
            profile: turn.profile,
            summary: past.summary.as_deref(),
            now: turn.now,
        };
        let system = system.render().map_err(|error| ToolError::Failed(error.to_string()))?;
        let (mut items, mut said) = history::items(past);
        if is_left_out {
            items.insert(0, Item::Person { text: prompt::LEFT_OUT.to_owned(), pictures: Vec::new() });
        }
        let pictures = self.pictures(turn, turn.media).await?;
        if !turn.others.is_empty() {
            items.push(Item::Person { text: prompt::others(turn.others), pictures: Vec::new() });
        }
        items.push(Item::Person { text: prompt::shown(turn.text, turn.media), pictures });
        said.push(turn.text.to_owned());
        let tools = self.tools.get_or_init(|| Arc::new(calls::declarations(turn.hands, self.quota))).clone();
        let is_tainted = past.is_tainted || !turn.others.is_empty() || items.iter().any(calls::holds_page);
        let is_after_interruption =
            past.messages.last().is_some_and(|message| message.turn_state == TurnState::Interrupted);
        let ask = Ask { which: Which::Main, system, tools, items };
        Ok(Question { ask, said, is_tainted, is_of_google: past.holds_google(), is_after_interruption })
    }
}

/// A piece of an answer, to whoever waits for it.
pub(super) fn pass(piece: Delta, ledger: &mut Ledger, tell: Tell<'_>) {
    match piece {
        Delta::Thought(_) => tell(Progress::Thinking),
        Delta::Text(text) => tell(Progress::Text(text)),
        Delta::Usage(usage) => ledger.stream(usage),
    }
}

/// The whole answer, with its cost counted.
fn settled(answer: Result<Said, ModelFault>, ledger: &mut Ledger) -> Result<Said, Ended> {
    match answer {
        Ok(answer) => {
            ledger.settle(answer.usage);
            ledger.model.clone_from(&answer.model);
            Ok(answer)
        }
        Err(fault) => {
            ledger.settle(ledger.streaming);
            Err(Ended::Model(fault))
        }
    }
}

/// Broken by the service's own word, or cut in the middle of its calls.
fn is_worth_another_try(answer: &Said) -> bool {
    match answer.finish {
        Finish::Broken => true,
        Finish::Length => !answer.calls.is_empty(),
        Finish::Done | Finish::Blocked(_) => false,
    }
}
