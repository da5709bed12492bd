//! The machine among two workers, a network that answers as it likes and late, a person and a clock: everything that may happen, in any order,
//! with the invariants of RELIABILITY §1 after every step. Pure: the row, the attempts and the network are a few vectors here.

use socrazi::domain::commit::{CommitOutcome, RefusedClass};
use socrazi::domain::delivery::{
    Answer, COMMIT_TIMEOUT_MS, Event, GRACE_MS, LEASE_MARGIN_MS, LEASE_MS, Progress, Refusal, SEND_WINDOW_MS, State,
    Step, step,
};
use socrazi::say;

mod network;
pub(super) use network::Network;
use network::{Reply, lost, refused};

pub(super) const SLOT: i64 = 1_000_000;

/// Something that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    Claim(usize),
    NotPrepared(usize, u8),
    Arm(usize),
    Send(usize, Reply),
    WriteDown(usize),
    /// The worker's process is gone.
    Dies(usize),
    Lapse,
    /// Somebody reads that a lease is over, and writes it only later.
    SeeLapse,
    WriteLapse,
    Look,
    LookBlind,
    Person(u8),
    Cancel,
    Pause,
    Resume,
    Edit,
    Reconnect,
    Disconnect,
    TimeOver,
    TakeDown,
    Pass(i64),
}

impl Move {
    /// A move from two numbers: what proptest and seeds draw.
    pub(super) fn drawn(kind: u8, how: u16) -> Self {
        let (who, part) = (usize::from(how % 2), how / 2);
        match kind {
            0..=9 => Self::Claim(who),
            10 => Self::NotPrepared(who, u8::try_from(part % 5).unwrap_or(0)),
            11..=20 => Self::Arm(who),
            21..=28 => Self::Send(who, Reply::drawn(part)),
            29..=38 => Self::WriteDown(who),
            39..=40 => Self::Dies(who),
            41..=43 => Self::Lapse,
            44..=49 => Self::Look,
            50 => Self::LookBlind,
            51..=54 => Self::Person(u8::try_from(part % 2).unwrap_or(0)),
            55 => Self::Cancel,
            56 => Self::Pause,
            57 => Self::Resume,
            58 => Self::Edit,
            59..=60 => Self::Reconnect,
            61 => Self::Disconnect,
            62 => Self::TimeOver,
            63 => Self::TakeDown,
            64..=72 => Self::Pass(i64::from(part) % 40 * 1_000),
            73..=75 => Self::SeeLapse,
            76..=78 => Self::WriteLapse,
            _ => Self::Pass(i64::from(part) % 30 * 60_000),
        }
    }

    pub(super) const KINDS: u8 = 82;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Open,
    Accepted(u32),
    /// A person says so; nobody knows its id.
    Vouched,
    Unknown,
    Over,
}

#[derive(Debug, Clone, Copy)]
struct Attempt {
    part: i64,
    container: u32,
    known: Known,
}

/// What a worker has in its hands: its epoch, and what it knows of its commit.
#[derive(Debug, Clone)]
struct Hand {
    epoch: i64,
    attempt: Option<(usize, i64)>,
    outcome: Option<CommitOutcome>,
}

/// What somebody saw who writes later.
#[derive(Debug, Clone)]
struct Seen {
    epoch: i64,
    state: State,
    progress: Progress,
    open: Option<usize>,
}

#[derive(Debug, Clone)]
struct Post {
    id: u32,
    part: i64,
    container: u32,
    visible_at: i64,
    /// Came when everybody had stopped waiting for it: it must not be there twice, but what was said of it before may be wrong.
    is_late: bool,
}

/// Everything there is.
#[derive(Debug, Clone)]
pub(super) struct World {
    state: State,
    progress: Progress,
    epoch: i64,
    next_at: Option<i64>,
    lease_until: i64,
    attempts: Vec<Attempt>,
    hands: [Option<Hand>; 2],
    seen: Option<Seen>,
    posts: Vec<Post>,
    now: i64,
    network: Network,
    /// What is prepared for the current part, kept with the row.
    container: Option<u32>,
    containers: u32,
    /// Those that can never go out any more.
    ruined: Vec<u32>,
    is_connected: bool,
    is_edited: bool,
    is_withdrawn: bool,
    is_taken_down: bool,
    left_unknown_blindly: bool,
}

impl World {
    pub(super) fn new(parts: i64, network: Network) -> Self {
        Self {
            state: State::Scheduled,
            progress: Progress { parts, ..Progress::default() },
            epoch: 0,
            next_at: Some(SLOT),
            lease_until: 0,
            attempts: Vec::new(),
            hands: [None, None],
            seen: None,
            posts: Vec::new(),
            now: SLOT - 1_000,
            network,
            container: None,
            containers: 0,
            ruined: Vec::new(),
            is_connected: true,
            is_edited: false,
            is_withdrawn: false,
            is_taken_down: false,
            left_unknown_blindly: false,
        }
    }

    pub(super) fn is_settled(&self) -> bool {
        self.state.is_over() || matches!(self.state, State::Missed | State::Paused)
    }

    fn next(&self, event: &Event) -> Option<Step> {
        step(self.state, &self.progress, SLOT, event, self.now, 500)
    }

    /// One write, fenced as the store fences it: by the epoch, part and state that the writer saw.
    fn write(&mut self, (epoch, part): (i64, i64), from: State, next: &Step, bump: i64) -> bool {
        if self.epoch != epoch || self.progress.accepted != part || self.state != from {
            return false;
        }
        if self.state == State::Unknown && next.state != State::Unknown {
            let part = self.progress.accepted;
            let is_open = |a: &Attempt| a.part == part && matches!(a.known, Known::Open | Known::Unknown);
            // I3: whoever leaves it says how that is known, or hands it to a person.
            self.left_unknown_blindly |= self.attempts.iter().any(is_open) && next.state != State::NeedsHuman;
        }
        (self.state, self.progress, self.next_at) = (next.state, next.progress.clone(), next.next_at);
        if next.drop_handle {
            self.container = None;
        }
        self.epoch += bump;
        true
    }

    fn live(&self, part: i64) -> Option<usize> {
        self.attempts.iter().rposition(|attempt| attempt.part == part && attempt.known != Known::Over)
    }

    fn outside(&mut self, event: &Event) -> bool {
        let Some(next) = self.next(event) else { return false };
        let (seen, state) = ((self.epoch, self.progress.accepted), self.state);
        self.write(seen, state, &next, 1)
    }

    fn by_worker(&mut self, who: usize, event: &Event) {
        let Some(hand) = self.hands[who].clone() else { return };
        let holds = self.epoch == hand.epoch && self.state == State::Leased;
        if let Some(next) = self.next(event).filter(|_| holds) {
            self.write((hand.epoch, self.progress.accepted), State::Leased, &next, 0);
        }
        self.hands[who] = None;
    }

    pub(super) fn play(&mut self, happens: Move) {
        match happens {
            Move::Claim(who) => self.claim(who),
            Move::NotPrepared(who, how) => {
                let refusal = match how {
                    0 => Refusal::Later { after_ms: Some(90 * 60_000) },
                    1 => Refusal::Blocked(say!("common-failed")),
                    2 => Refusal::Permanent(say!("common-failed")),
                    3 => Refusal::Paused,
                    _ => Refusal::Unapproved,
                };
                if self.hands[who].as_ref().is_some_and(|hand| hand.attempt.is_none()) {
                    self.by_worker(who, &Event::NotPrepared(refusal));
                }
            }
            Move::Arm(who) => self.arm(who),
            Move::Send(who, reply) => self.send(who, reply),
            Move::WriteDown(who) => self.write_down(who),
            Move::Dies(who) => self.hands[who] = None,
            Move::Lapse => {
                self.see_lapse();
                self.write_lapse();
            }
            Move::SeeLapse => self.see_lapse(),
            Move::WriteLapse => self.write_lapse(),
            Move::Look => self.look(),
            Move::LookBlind => {
                if self.state == State::Unknown && self.is_due() {
                    self.outside(&Event::CouldNotRead);
                }
            }
            Move::Person(how) => self.person(how),
            Move::Cancel => {
                if self.outside(&Event::Cancel) {
                    self.is_withdrawn = true;
                }
            }
            Move::Pause => drop(self.outside(&Event::Pause)),
            Move::Resume => drop(self.outside(&Event::Resume { is_skipped: false })),
            Move::Edit => self.is_edited |= self.outside(&Event::Edited),
            Move::Reconnect => {
                self.is_connected = true;
                self.outside(&Event::Reconnected);
            }
            Move::Disconnect => {
                self.is_connected = false;
                self.outside(&Event::Disconnected);
            }
            Move::TimeOver => {
                if self.is_due() {
                    self.outside(&Event::TimeOver);
                }
            }
            Move::TakeDown => self.is_taken_down |= self.outside(&Event::TakenDown),
            Move::Pass(ms) => self.now += ms,
        }
    }

    fn is_due(&self) -> bool {
        self.next_at.is_some_and(|at| at <= self.now)
    }

    fn claim(&mut self, who: usize) {
        let lease_until = self.now + LEASE_MS;
        let event = Event::Claimed { lease_until };
        if self.is_due() && matches!(self.state, State::Scheduled | State::Waiting) && self.outside(&event) {
            self.lease_until = lease_until;
            self.hands[who] = Some(Hand { epoch: self.epoch, attempt: None, outcome: None });
        }
    }

    /// Preflight and the arming transaction.
    fn arm(&mut self, who: usize) {
        let Some(hand) = self.hands[who].clone().filter(|hand| hand.attempt.is_none()) else { return };
        if self.now - SLOT > GRACE_MS {
            return self.by_worker(who, &Event::TooLate);
        }
        if !self.is_connected {
            return self.by_worker(who, &Event::NotPrepared(Refusal::Blocked(say!("common-failed"))));
        }
        if self.is_edited {
            return self.by_worker(who, &Event::NotPrepared(Refusal::Unapproved));
        }
        let part = self.progress.accepted;
        if self.epoch != hand.epoch || self.state != State::Leased {
            self.hands[who] = None;
            return;
        }
        if self.live(part).is_some() {
            return self.by_worker(who, &Event::LiveAttempt);
        }
        let lease_until = self.now + SEND_WINDOW_MS + COMMIT_TIMEOUT_MS + LEASE_MARGIN_MS;
        let next = self.next(&Event::Armed { lease_until }).unwrap();
        assert!(self.write((hand.epoch, part), State::Leased, &next, 0));
        self.lease_until = lease_until;
        assert!(!self.is_withdrawn, "I8: armed after an acknowledged withdrawal");
        assert!(!self.is_edited, "I7: armed with another text than was approved");
        assert!(self.is_connected, "I9: armed with a disconnected account");
        assert!(self.now - SLOT <= GRACE_MS, "armed later than anybody agreed to");
        let container = self.container.unwrap_or_else(|| {
            self.containers += 1;
            self.containers
        });
        self.container = Some(container);
        self.attempts.push(Attempt { part, container, known: Known::Open });
        let attempt = Some((self.attempts.len() - 1, self.now + SEND_WINDOW_MS));
        self.hands[who] = Some(Hand { attempt, ..hand });
    }

    fn send(&mut self, who: usize, reply: Reply) {
        let Some(mut hand) = self.hands[who].clone() else { return };
        let Some((attempt, deadline)) = hand.attempt.filter(|_| hand.outcome.is_none()) else { return };
        let outcome = match reply {
            // The gate in front of the first byte.
            _ if self.now > deadline => CommitOutcome::NotSent { why: String::new() },
            Reply::NotSent => CommitOutcome::NotSent { why: String::new() },
            // Not told from one that is lost: it is refused, whatever was drawn.
            Reply::Accepts if self.is_spent(attempt) => refused(RefusedClass::Spent),
            Reply::Accepts => {
                let id = self.show(attempt, 0);
                CommitOutcome::Accepted { remote_id: id.to_string(), permalink: String::new() }
            }
            Reply::LosesAnswer => {
                self.show(attempt, 0);
                lost()
            }
            Reply::Lags(ms) => {
                self.show(attempt, ms);
                lost()
            }
            Reply::LosesAll => lost(),
            Reply::Refuses(how) => refused(self.refusal(attempt, how)),
        };
        hand.outcome = Some(outcome);
        self.hands[who] = Some(hand);
    }

    fn write_down(&mut self, who: usize) {
        let Some(mut hand) = self.hands[who].clone() else { return };
        let (Some((attempt, _)), Some(outcome)) = (hand.attempt, hand.outcome.take()) else { return };
        self.hands[who] = None;
        if self.epoch != hand.epoch || self.state != State::Armed {
            return;
        }
        let next = self.next(&Event::Answered(outcome.clone())).unwrap();
        assert!(self.write((hand.epoch, self.progress.accepted), State::Armed, &next, 0));
        self.attempts[attempt].known = match outcome {
            CommitOutcome::Accepted { remote_id, .. } => Known::Accepted(remote_id.parse().unwrap()),
            CommitOutcome::Unknown { .. } | CommitOutcome::Working { .. } => Known::Unknown,
            CommitOutcome::Refused { .. } if next.state == State::Unknown => Known::Unknown,
            CommitOutcome::Refused { .. } | CommitOutcome::NotSent { .. } => Known::Over,
        };
        if next.state == State::Leased {
            self.lease_until = self.now + LEASE_MS;
            self.hands[who] = Some(Hand { attempt: None, ..hand });
        }
    }

    /// Its lease is over, or nobody lives who holds it.
    fn see_lapse(&mut self) {
        let is_held = self.hands.iter().flatten().any(|hand| hand.epoch == self.epoch);
        if (is_held && !self.is_due()) || !matches!(self.state, State::Leased | State::Armed) {
            return;
        }
        let (progress, open) = (self.progress.clone(), self.live(self.progress.accepted));
        self.seen = Some(Seen { epoch: self.epoch, state: self.state, progress, open });
    }

    fn write_lapse(&mut self) {
        let Some(Seen { epoch, state, progress, open }) = self.seen.take() else { return };
        let next = step(state, &progress, SLOT, &Event::LeaseLapsed, self.now, 500).unwrap();
        if self.write((epoch, progress.accepted), state, &next, 1) && state == State::Armed {
            self.attempts[open.unwrap()].known = Known::Unknown;
        }
    }

    fn look(&mut self) {
        if self.state != State::Unknown || !self.is_due() || !self.is_connected {
            return;
        }
        let part = self.progress.accepted;
        let Some(open) = self.live(part) else { panic!("I3: unknown, and nothing stands open to look for\n{self:#?}") };
        let is_once = self.network == Network::Contains;
        assert!(!is_once || self.container.is_some(), "unknown, and nothing is kept that could tell\n{self:#?}");
        let is_proof = self.network != Network::ReadsBadly;
        let is_ruined = self.container.is_some_and(|container| self.ruined.contains(&container));
        let claimed: Vec<u32> = self
            .attempts
            .iter()
            .filter_map(|a| if let Known::Accepted(id) = a.known { Some(id) } else { None })
            .collect();
        let seen: Vec<u32> = self
            .posts
            .iter()
            .filter(|post| post.part == part && post.visible_at <= self.now && !claimed.contains(&post.id))
            // Only of what is kept does it tell.
            .filter(|post| !is_once || Some(post.container) == self.container)
            .map(|post| post.id)
            .collect();
        let event = match seen.len() {
            0 => Event::AbsentRead { is_proof, is_ruined },
            1 => Event::Found,
            _ => Event::AmbiguousRead,
        };
        let next = self.next(&event).unwrap();
        match next.state {
            State::Waiting | State::Published if event == Event::Found => {
                self.attempts[open].known = Known::Accepted(seen[0])
            }
            State::Waiting | State::Failed | State::Partial => self.attempts[open].known = Known::Over,
            _ => {}
        }
        assert!(self.write((self.epoch, part), self.state, &next, 1));
    }

    /// A person who looks, and says what they see.
    fn person(&mut self, how: u8) {
        if self.state != State::NeedsHuman {
            return;
        }
        let part = self.progress.accepted;
        if self.posts.iter().any(|post| post.part == part && post.is_late && post.visible_at > self.now) {
            // Nobody could tell; they look again.
            return;
        }
        let is_there = self.posts.iter().any(|post| post.part == part && post.visible_at <= self.now);
        let answer = match (is_there, how) {
            (true, _) => Answer::ItIsThere,
            (false, 0) => Answer::SendIt,
            (false, _) => Answer::DropIt,
        };
        let open = self.live(part);
        if self.outside(&Event::Person(answer))
            && let Some(open) = open
        {
            self.attempts[open].known = if is_there { Known::Vouched } else { Known::Over };
        }
    }

    /// What must hold after every step (RELIABILITY §1).
    pub(super) fn check(&self) {
        for part in 0..self.progress.parts {
            let live = self.attempts.iter().filter(|a| a.part == part && a.known != Known::Over).count();
            assert!(live <= 1, "I1: {live} live commits of part {part}\n{self:#?}");
            let out = self.posts.iter().filter(|post| post.part == part).count();
            let tried = self.attempts.iter().filter(|a| a.part == part).count();
            assert!(out <= 1, "out twice: part {part}\n{self:#?}");
            assert!(out <= tried, "I2: out without an attempt\n{self:#?}");
        }
        assert!(!self.left_unknown_blindly, "I3: left unknown without evidence\n{self:#?}");
        let known = |attempt: &&Attempt| matches!(attempt.known, Known::Accepted(_) | Known::Vouched);
        let accepted = i64::try_from(self.attempts.iter().filter(known).count()).unwrap();
        assert_eq!(accepted, self.progress.accepted, "I4: parts count as their attempts say\n{self:#?}");
        let is_whole = accepted == self.progress.parts;
        assert_eq!(matches!(self.state, State::Published) || self.is_taken_down && is_whole, is_whole, "I4: {self:#?}");
        let waits_by_itself = matches!(
            self.state,
            State::Scheduled
                | State::Leased
                | State::Armed
                | State::Waiting
                | State::Unknown
                | State::Blocked
                | State::Unapproved
        );
        assert_eq!(waits_by_itself, self.next_at.is_some(), "I5: stuck, or over and not asleep\n{self:#?}");
        let mut ids: Vec<u32> = self
            .attempts
            .iter()
            .filter_map(|a| if let Known::Accepted(id) = a.known { Some(id) } else { None })
            .collect();
        ids.sort_unstable();
        assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "I10: one post claimed twice\n{self:#?}");
        if matches!(self.state, State::Failed | State::Cancelled | State::Missed) {
            assert!(self.posts.iter().all(|post| post.is_late), "called {:?}, and it is out\n{self:#?}", self.state);
        }
        if self.state == State::Partial && self.posts.iter().all(|post| !post.is_late) {
            let out = i64::try_from(self.posts.len()).unwrap();
            assert_eq!(out, self.progress.accepted, "half a thread is another half than is said\n{self:#?}");
        }
    }

    /// From now on all goes well: whatever happened before, it must come to an end.
    pub(super) fn come_to_rest(&mut self) {
        const STEPS_MAX: usize = 600;
        self.is_connected = true;
        for _ in 0..STEPS_MAX {
            if self.is_settled() {
                return;
            }
            // A person who is asked has all the time there is.
            self.now = self.now.max(self.next_at.unwrap_or(self.now + 30_000));
            for happens in [
                Move::Lapse,
                Move::Claim(0),
                Move::Arm(0),
                Move::Send(0, Reply::Accepts),
                Move::WriteDown(0),
                Move::Look,
                Move::Person(0),
                Move::TimeOver,
                // Somebody else's turn: what was on its way arrives before the next try.
                Move::Pass(61_000),
            ] {
                self.play(happens);
                self.check();
            }
        }
        panic!("I5: it never ends\n{self:#?}");
    }
}
