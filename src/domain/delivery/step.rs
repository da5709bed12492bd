//! The table: from a state and an event to the next state and what is to be written. Every event is matched against every
//! state, without a wildcard, so that a new state or event does not compile until somebody has thought about it.

use super::{
    ABSENT_GAP_MS, APP_STOP_MS, GRACE_MS, HANDED, PROCESSING_MAX_MS, Progress, SETTLE_MS, SPENT_TRIES, State,
    TRIES_MAX, UNKNOWN_MAX_MS, WORK_ASK_MS, WORK_FIRST_MS, backoff_ms, due_from, next_look_ms, next_warning,
};
use crate::domain::commit::{CommitOutcome, RefusedClass};
use crate::domain::recurrence::CatchUp;
use crate::domain::refusal::Sentence;
use crate::say;

/// The reason of half a thread that a person left as it is: nobody need look at it any more.
pub const LEFT: &str = "delivery-reason-left";

/// Something that happens to a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Its time has come and a worker claimed it.
    Claimed {
        /// When the lease ends.
        lease_until: i64,
    },
    /// The worker found that the slot is further away than the grace window.
    TooLate,
    /// An invisible step failed, or the token could not be had; nothing is visible.
    NotPrepared(Refusal),
    /// Preflight is good and the open attempt is being written in this transaction.
    Armed {
        /// When the lease ends.
        lease_until: i64,
    },
    /// Arming found that another commit of this part is live: somebody else took the delivery up before us.
    LiveAttempt,
    /// The commit call ended.
    Answered(CommitOutcome),
    /// The lease is over and nobody reported.
    LeaseLapsed,
    /// A network that works after accepting says: visible.
    ProcessingDone,
    /// It says: refused after all, and nothing was shown.
    ProcessingFailed(RefusedClass),
    /// It says: it lies before the person, who shows it or does not.
    Handed,
    /// It says: still working; or could not be asked.
    StillProcessing {
        /// When it was accepted.
        since: i64,
    },
    /// Reading back found exactly one match.
    Found,
    /// A complete read showed no match.
    AbsentRead {
        /// Whether absence is proof on this network (DECISIONS 4).
        is_proof: bool,
        /// Whether what was prepared can never go out any more.
        is_ruined: bool,
    },
    /// More than one candidate.
    AmbiguousRead,
    /// The network says that it is out, and does not list it.
    Unlisted,
    /// Reading back failed.
    CouldNotRead,
    /// The app may not read back at all; the sentence asks the person instead.
    HiddenRead(Sentence),
    /// A person answered.
    Person(Answer),
    /// Somebody withdraws it.
    Cancel,
    /// Publishing is paused for it.
    Pause,
    /// Publishing goes on (an approved gesture). Where everything moves later, the slot is the new one.
    Resume {
        /// What should have gone out meanwhile is left out instead of asked about.
        is_skipped: bool,
    },
    /// The post was edited.
    Edited,
    /// The account was connected again.
    Reconnected,
    /// The account was disconnected.
    Disconnected,
    /// A blocked or unapproved delivery's time is over.
    TimeOver,
    /// The network confirmed that it removed the post.
    TakenDown,
}

/// What a person says about an unknown outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// "It is there."
    ItIsThere,
    /// "It is not there, send it."
    SendIt,
    /// "Drop it."
    DropIt,
    /// Of half a thread: "Send the rest."
    SendRest,
    /// Of half a thread: "Leave it as it is."
    Leave,
}

/// Why a step before the commit call failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Try later.
    Later {
        /// How long to wait at least.
        after_ms: Option<i64>,
    },
    /// The account must be mended.
    Blocked(Sentence),
    /// The post must be changed.
    Permanent(Sentence),
    /// Publishing is paused.
    Paused,
    /// What would go out is not what was approved.
    Unapproved,
}

/// What is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The next state.
    pub state: State,
    /// When something is to be done next.
    pub next_at: Option<i64>,
    /// What to remember.
    pub progress: Progress,
    /// Why it stands there.
    pub reason: Option<Sentence>,
    /// Forget the prepared media.
    pub drop_handle: bool,
}

/// The next step, or `None` when the event means nothing in that state (a late worker, a doubled click): nothing is written then.
#[must_use]
pub fn step(
    state: State,
    progress: &Progress,
    slot: i64,
    event: &Event,
    now: i64,
    jitter_permille: i64,
) -> Option<Step> {
    let at = Here { progress, slot, now, jitter_permille };
    let is_looked_for = matches!(state, State::Processing | State::Unknown);
    match event {
        Event::Claimed { lease_until } => match state {
            State::Scheduled | State::Waiting => Some(at.to(State::Leased, Some(*lease_until))),
            State::Leased
            | State::Armed
            | State::Processing
            | State::Unknown
            | State::Blocked
            | State::Paused
            | State::Unapproved
            | State::NeedsHuman
            | State::Missed
            | State::Published
            | State::Partial
            | State::Failed
            | State::Cancelled
            | State::TakenDown => None,
        },
        Event::TooLate => (state == State::Leased).then(|| at.missed()),
        Event::NotPrepared(refusal) => (state == State::Leased).then(|| at.not_prepared(refusal)),
        Event::Armed { lease_until } => {
            (state == State::Leased).then(|| at.to(State::Armed, Some(*lease_until + SETTLE_MS)))
        }
        // Whether that one went out is not known here, so it is looked for and not sent.
        Event::LiveAttempt => (state == State::Leased).then(|| at.unknown()),
        Event::Answered(outcome) => (state == State::Armed).then(|| at.answered(outcome)),
        Event::LeaseLapsed => match state {
            // The old epoch cannot arm any more, so nothing went out: safe to take up again.
            State::Leased => Some(at.to(State::Waiting, Some(now))),
            State::Armed => Some(at.unknown()),
            State::Scheduled
            | State::Processing
            | State::Waiting
            | State::Unknown
            | State::Blocked
            | State::Paused
            | State::Unapproved
            | State::NeedsHuman
            | State::Missed
            | State::Published
            | State::Partial
            | State::Failed
            | State::Cancelled
            | State::TakenDown => None,
        },
        Event::ProcessingDone => (state == State::Processing).then(|| at.part_accepted(Follow::Later)),
        Event::ProcessingFailed(class) => is_looked_for.then(|| at.rejected(class)),
        Event::Handed => is_looked_for.then(|| at.handed()),
        Event::StillProcessing { since } => is_looked_for.then(|| {
            if now - since > PROCESSING_MAX_MS {
                at.needs_human(say!("delivery-reason-processing-long"))
            } else {
                at.processing(WORK_ASK_MS)
            }
        }),
        Event::Found => (state == State::Unknown).then(|| at.part_accepted(Follow::Later)),
        Event::AbsentRead { is_proof, is_ruined } => {
            (state == State::Unknown).then(|| at.absent(*is_proof, *is_ruined))
        }
        Event::AmbiguousRead => is_looked_for.then(|| at.needs_human(say!("delivery-reason-two-candidates"))),
        Event::HiddenRead(ask) => (state == State::Unknown).then(|| at.needs_human(ask.clone())),
        Event::Unlisted => (state == State::Unknown).then(|| at.look_again(say!("delivery-reason-unlisted"))),
        Event::CouldNotRead => (state == State::Unknown).then(|| at.look_again(say!("delivery-reason-cannot-read"))),
        Event::Person(answer) => {
            matches!(state, State::NeedsHuman | State::Partial).then(|| at.person(state, *answer)).flatten()
        }
        Event::Cancel => match state {
            State::Scheduled
            | State::Waiting
            | State::Leased
            | State::Blocked
            | State::Paused
            | State::Unapproved
            | State::Missed => Some(at.dropped(say!("delivery-reason-withdrawn"))),
            State::Armed
            | State::Processing
            | State::Unknown
            | State::NeedsHuman
            | State::Published
            | State::Partial
            | State::Failed
            | State::Cancelled
            | State::TakenDown => None,
        },
        Event::Pause => match state {
            State::Scheduled | State::Waiting | State::Leased | State::Blocked => Some(at.to(State::Paused, None)),
            State::Armed
            | State::Processing
            | State::Unknown
            | State::Paused
            | State::Unapproved
            | State::NeedsHuman
            | State::Missed
            | State::Published
            | State::Partial
            | State::Failed
            | State::Cancelled
            | State::TakenDown => None,
        },
        Event::Resume { is_skipped } => (state == State::Paused).then(|| match (now > slot, is_skipped) {
            (false, _) => at.to(State::Scheduled, Some(slot)),
            (true, true) => at.dropped(say!("delivery-reason-skipped")),
            (true, false) => at.missed(),
        }),
        Event::Edited => match state {
            State::Scheduled | State::Waiting | State::Leased | State::Blocked | State::Paused => Some(at.unapproved()),
            State::Armed
            | State::Processing
            | State::Unknown
            | State::Unapproved
            | State::NeedsHuman
            | State::Missed
            | State::Published
            | State::Partial
            | State::Failed
            | State::Cancelled
            | State::TakenDown => None,
        },
        Event::Reconnected => (state == State::Blocked)
            .then(|| if now - due_from(slot, progress) > GRACE_MS { at.missed() } else { at.reconnected() }),
        Event::Disconnected => match state {
            State::Scheduled
            | State::Waiting
            | State::Leased
            | State::Blocked
            | State::Paused
            | State::Unapproved
            | State::Missed => Some(at.dropped(say!("delivery-reason-disconnected"))),
            // Nobody can read back any more: a person has to look.
            State::Unknown | State::Processing => Some(at.needs_human(say!("delivery-reason-disconnected-unknown"))),
            State::Armed
            | State::NeedsHuman
            | State::Published
            | State::Partial
            | State::Failed
            | State::Cancelled
            | State::TakenDown => None,
        },
        Event::TimeOver => match state {
            // Told again that it will not go out by itself; at its slot it is missed.
            State::Unapproved if now < slot => Some(at.unapproved()),
            State::Blocked | State::Unapproved => Some(at.missed()),
            State::Scheduled
            | State::Leased
            | State::Armed
            | State::Processing
            | State::Waiting
            | State::Unknown
            | State::Paused
            | State::NeedsHuman
            | State::Missed
            | State::Published
            | State::Partial
            | State::Failed
            | State::Cancelled
            | State::TakenDown => None,
        },
        Event::TakenDown => match state {
            State::Published | State::Partial => Some(at.to(State::TakenDown, None)),
            State::Scheduled
            | State::Leased
            | State::Armed
            | State::Processing
            | State::Waiting
            | State::Unknown
            | State::Blocked
            | State::Paused
            | State::Unapproved
            | State::NeedsHuman
            | State::Missed
            | State::Failed
            | State::Cancelled
            | State::TakenDown => None,
        },
    }
}

/// Whether the next part of a thread can follow under the same lease.
enum Follow {
    /// The worker holds the lease: go on at once.
    Now,
    /// Nobody holds it: wait for a worker.
    Later,
}

/// The facts a step is taken from.
struct Here<'a> {
    progress: &'a Progress,
    slot: i64,
    now: i64,
    jitter_permille: i64,
}

impl Here<'_> {
    fn to(&self, state: State, next_at: Option<i64>) -> Step {
        Step { state, next_at, progress: self.progress.clone(), reason: None, drop_handle: false }
    }

    fn because(&self, state: State, next_at: Option<i64>, reason: Sentence) -> Step {
        Step { reason: Some(reason), ..self.to(state, next_at) }
    }

    /// Its time is over: ask the person, or settle for what is visible of a thread.
    fn missed(&self) -> Step {
        if self.progress.accepted > 0 {
            return self.partial(say!("delivery-reason-late"));
        }
        match self.progress.catch_up {
            // The next one comes; nobody is asked about each that did not, and none of them goes out in a burst.
            Some(CatchUp::Skip | CatchUp::Latest) => self.dropped(say!("delivery-reason-skipped")),
            Some(CatchUp::Ask) | None => self.because(State::Missed, None, say!("delivery-reason-late")),
        }
    }

    fn partial(&self, reason: Sentence) -> Step {
        self.because(State::Partial, None, reason)
    }

    /// What a person set going: late is counted from now on.
    fn sent_by_person(&self, mut next: Step) -> Step {
        next.progress.person_at = Some(self.now);
        next.progress.tries = 0;
        next
    }

    fn dropped(&self, reason: Sentence) -> Step {
        if self.progress.accepted > 0 { self.partial(reason) } else { self.because(State::Cancelled, None, reason) }
    }

    fn refused_for_good(&self, reason: Sentence) -> Step {
        if self.progress.accepted > 0 { self.partial(reason) } else { self.because(State::Failed, None, reason) }
    }

    fn unapproved(&self) -> Step {
        if self.progress.accepted > 0 {
            return self.partial(say!("delivery-reason-edited"));
        }
        // At its slot it becomes `missed`, so that an edited post is never simply forgotten.
        self.because(State::Unapproved, Some(next_warning(self.slot, self.now)), say!("delivery-reason-edited"))
    }

    fn blocked(&self, reason: Sentence) -> Step {
        self.because(State::Blocked, Some(self.slot.max(self.now) + GRACE_MS), reason)
    }

    /// New tokens have refused nothing yet.
    fn reconnected(&self) -> Step {
        let mut next = self.to(State::Scheduled, Some(self.slot.max(self.now)));
        (next.progress.refreshed, next.progress.refused_generation) = (false, None);
        next
    }

    fn needs_human(&self, reason: Sentence) -> Step {
        self.because(State::NeedsHuman, None, reason)
    }

    fn not_prepared(&self, refusal: &Refusal) -> Step {
        match refusal {
            Refusal::Later { after_ms } => self.retry(*after_ms, say!("delivery-reason-network-busy")),
            Refusal::Blocked(why) => self.blocked(why.clone()),
            Refusal::Permanent(why) => self.refused_for_good(why.clone()),
            Refusal::Paused => self.to(State::Paused, None),
            Refusal::Unapproved => self.unapproved(),
        }
    }

    /// Waits for another try, or gives up when there were enough.
    fn retry(&self, after_ms: Option<i64>, reason: Sentence) -> Step {
        let tries = self.progress.tries + 1;
        if tries > TRIES_MAX {
            return self.refused_for_good(say!("delivery-reason-gave-up", tries = TRIES_MAX));
        }
        let wait = backoff_ms(tries, self.jitter_permille).max(after_ms.unwrap_or(0));
        let mut next = self.wait_until(self.now + wait, reason);
        next.progress.tries = tries;
        next
    }

    /// Waits, but no longer than the grace window: what cannot be tried again in time is told to the person in time.
    fn wait_until(&self, at: i64, reason: Sentence) -> Step {
        let last = (due_from(self.slot, self.progress) + GRACE_MS + 1).max(self.now);
        self.because(State::Waiting, Some(at.min(last)), reason)
    }

    fn unknown(&self) -> Step {
        let mut next = self.because(State::Unknown, Some(self.now), say!("delivery-reason-no-answer"));
        next.progress.unknown_since = Some(self.now);
        next.progress.absent_at = None;
        next.progress.was_ambiguous = true;
        next
    }

    fn answered(&self, outcome: &CommitOutcome) -> Step {
        match outcome {
            CommitOutcome::Accepted { .. } => self.part_accepted(Follow::Now),
            CommitOutcome::Working { .. } => self.processing(WORK_FIRST_MS),
            CommitOutcome::NotSent { .. } => self.retry(None, say!("delivery-reason-not-sent")),
            CommitOutcome::Unknown { .. } => self.unknown(),
            CommitOutcome::Refused { class, .. } => match class {
                RefusedClass::Later { after_ms } => self.retry(*after_ms, say!("delivery-reason-rate-limited")),
                RefusedClass::Spent if self.progress.was_ambiguous => self.unknown(),
                RefusedClass::PrepareAgain => {
                    Step { drop_handle: true, ..self.retry(None, say!("delivery-reason-media-expired")) }
                }
                RefusedClass::Spent => {
                    let drop_handle = self.progress.tries >= SPENT_TRIES;
                    Step { drop_handle, ..self.retry(None, say!("delivery-reason-spent")) }
                }
                // Not counted as a try: an operator may need longer than eight tries, the grace window ends it.
                RefusedClass::AppStopped(why) => self.wait_until(self.now + APP_STOP_MS, why.clone()),
                RefusedClass::Unauthorized if self.progress.refreshed => {
                    self.blocked(say!("delivery-reason-reconnect"))
                }
                RefusedClass::Unauthorized => {
                    let mut next = self.because(State::Waiting, Some(self.now), say!("delivery-reason-refreshing"));
                    next.progress.refreshed = true;
                    next
                }
                RefusedClass::Blocked(why) => self.blocked(why.clone()),
                RefusedClass::Permanent(why) => self.refused_for_good(why.clone()),
                RefusedClass::Duplicate if self.progress.was_ambiguous => self.unknown(),
                RefusedClass::Duplicate => self.refused_for_good(say!("delivery-reason-duplicate")),
            },
        }
    }

    /// The network has it: what was not known is known.
    fn processing(&self, ask_ms: i64) -> Step {
        let mut next = self.to(State::Processing, Some(self.now + ask_ms));
        (next.progress.unknown_since, next.progress.absent_at) = (None, None);
        next
    }

    /// The network had it and shows nothing of it: what was prepared is used up.
    fn rejected(&self, class: &RefusedClass) -> Step {
        let busy = say!("delivery-reason-network-busy");
        let mut next = match class {
            RefusedClass::Permanent(why) => self.refused_for_good(why.clone()),
            RefusedClass::Blocked(why) => self.blocked(why.clone()),
            RefusedClass::Later { after_ms } => self.retry(*after_ms, busy),
            RefusedClass::PrepareAgain
            | RefusedClass::Spent
            | RefusedClass::AppStopped(_)
            | RefusedClass::Unauthorized
            | RefusedClass::Duplicate => self.retry(None, busy),
        };
        (next.progress.unknown_since, next.progress.absent_at) = (None, None);
        Step { drop_handle: true, ..next }
    }

    /// As far as it goes from here; what is left is the person's.
    fn handed(&self) -> Step {
        let next = self.part_accepted(Follow::Later);
        let reason = (next.state == State::Published).then(|| Sentence::new(HANDED));
        Step { reason, ..next }
    }

    /// One more part is visible; the rest follows, or the delivery is done.
    fn part_accepted(&self, follow: Follow) -> Step {
        let accepted = self.progress.accepted + 1;
        let Progress { parts, catch_up, person_at, .. } = *self.progress;
        let progress = Progress { parts, accepted, catch_up, person_at, ..Progress::default() };
        let (state, next_at) = match follow {
            _ if accepted >= progress.parts => (State::Published, None),
            Follow::Now => (State::Leased, Some(self.now + super::LEASE_MS)),
            Follow::Later => (State::Waiting, Some(self.now)),
        };
        Step { state, next_at, progress, reason: None, drop_handle: true }
    }

    /// Sends the current part again, prepared anew: a person said so.
    fn send_again(&self, reason: Sentence) -> Step {
        let mut next = self.because(State::Waiting, Some(self.now), reason);
        next.progress.unknown_since = None;
        next.progress.absent_at = None;
        next.drop_handle = true;
        next
    }

    /// Sends the current part again with what was prepared for the first try: where that can go out only once, a request that is still on its
    /// way cannot become a second post. Counted as a try: a network that swallows every request is not asked for ever.
    fn send_as_prepared(&self, is_ruined: bool) -> Step {
        let tries = self.progress.tries + 1;
        if tries > TRIES_MAX {
            return self.refused_for_good(say!("delivery-reason-gave-up", tries = TRIES_MAX));
        }
        // The first time at once: the looks took their minutes already.
        let wait = if tries == 1 { 0 } else { backoff_ms(tries, self.jitter_permille) };
        let mut next = self.wait_until(self.now + wait, say!("delivery-reason-absent"));
        (next.progress.unknown_since, next.progress.absent_at, next.progress.tries) = (None, None, tries);
        next.drop_handle = is_ruined;
        next
    }

    fn person(&self, state: State, answer: Answer) -> Option<Step> {
        let is_half = state == State::Partial;
        match answer {
            Answer::ItIsThere if !is_half => Some(self.sent_by_person(self.part_accepted(Follow::Later))),
            // Whatever they see: the network may still be working on the request, and show it in a moment.
            Answer::SendIt | Answer::DropIt if is_half || self.may_still_come() => None,
            Answer::SendIt => Some(self.sent_by_person(self.send_again(say!("delivery-reason-person-send")))),
            Answer::DropIt => Some(self.dropped(say!("delivery-reason-person-drop"))),
            Answer::SendRest if is_half && self.progress.accepted < self.progress.parts => {
                let rest = self.because(State::Waiting, Some(self.now), say!("delivery-reason-person-rest"));
                Some(self.sent_by_person(rest))
            }
            Answer::Leave if is_half => Some(self.partial(Sentence::new(LEFT))),
            Answer::ItIsThere | Answer::SendRest | Answer::Leave => None,
        }
    }

    /// A clock that went back since shows nothing, and must not keep a person waiting for as long as it was wrong.
    fn may_still_come(&self) -> bool {
        self.progress.unknown_since.is_some_and(|since| (0..SETTLE_MS).contains(&(self.now - since)))
    }

    /// Until the settle time is over, the network may still be working on the request: absence shows nothing yet.
    fn is_settled(&self) -> bool {
        self.progress.unknown_since.is_none_or(|since| self.now - since >= SETTLE_MS)
    }

    fn absent(&self, is_proof: bool, is_ruined: bool) -> Step {
        if !self.is_settled() {
            return self.look_again(say!("delivery-reason-no-answer"));
        }
        match self.progress.absent_at {
            Some(first) if self.now - first >= ABSENT_GAP_MS => {
                if is_proof {
                    self.send_as_prepared(is_ruined)
                } else {
                    self.needs_human(say!("delivery-reason-not-seen"))
                }
            }
            Some(_) => self.look_again(say!("delivery-reason-no-answer")),
            None => {
                let mut next = self.look_again(say!("delivery-reason-no-answer"));
                next.progress.absent_at = Some(self.now);
                next
            }
        }
    }

    fn look_again(&self, reason: Sentence) -> Step {
        let since = self.progress.unknown_since.unwrap_or(self.now);
        if self.now - since >= UNKNOWN_MAX_MS {
            return self.needs_human(reason);
        }
        self.because(State::Unknown, Some(self.now + next_look_ms(self.now - since)), reason)
    }
}
