//! The delivery machine: a model of everything around it with the invariants of RELIABILITY §1 after every step, and its table row by row.

use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use socrazi::clock::{Entropy, SeededEntropy};
use socrazi::domain::commit::{CommitOutcome, RefusedClass};
use socrazi::domain::delivery::{
    ABSENT_GAP_MS, Answer, Event, GRACE_MS, Progress, Refusal, SETTLE_MS, State, Step, TRIES_MAX, UNKNOWN_MAX_MS,
    backoff_ms, step,
};
use socrazi::say;

mod model;
mod table;
use model::{Move, Network, World};

/// Moves are drawn without regard to what stands; what cannot happen then, does not.
struct Anything;

impl ReferenceStateMachine for Anything {
    type State = (i64, Network);
    type Transition = (u8, u16);

    fn init_state() -> BoxedStrategy<Self::State> {
        (1_i64..4, proptest::sample::select(&Network::ALL[..])).boxed()
    }

    fn transitions(_: &Self::State) -> BoxedStrategy<Self::Transition> {
        (0..Move::KINDS, any::<u16>()).boxed()
    }

    fn apply(state: Self::State, _: &Self::Transition) -> Self::State {
        state
    }
}

struct Machine;

impl StateMachineTest for Machine {
    type SystemUnderTest = World;
    type Reference = Anything;

    fn init_test((parts, network): &(i64, Network)) -> World {
        World::new(*parts, *network)
    }

    fn apply(mut world: World, _: &(i64, Network), (kind, how): (u8, u16)) -> World {
        world.play(Move::drawn(kind, how));
        world
    }

    fn check_invariants(world: &World, _: &(i64, Network)) {
        world.check();
    }

    fn teardown(mut world: World, _: (i64, Network)) {
        world.come_to_rest();
    }
}

prop_state_machine! {
    #![proptest_config(ProptestConfig { cases: 10_000, max_shrink_iters: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_in_whatever_order_no_invariant_breaks(sequential 1..80 => Machine);
}

/// The same by seeds, which are quicker: a bug report is one number.
#[test]
fn a_hundred_thousand_seeds_break_nothing() {
    for seed in 0..seeds() {
        simulate(seed);
    }
}

fn simulate(seed: u64) {
    const STEPS: usize = 120;
    let chance = SeededEntropy::new(seed);
    let draw = || chance.bits();
    let parts = 1 + i64::try_from(draw() % 3).unwrap();
    let mut world = World::new(parts, Network::ALL[usize::try_from(draw() % 3).unwrap()]);
    let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        for _ in 0..STEPS {
            let bits = draw();
            let kind = u8::try_from(bits % u128::from(Move::KINDS)).unwrap();
            world.play(Move::drawn(kind, u16::try_from((bits >> 64) & 0xffff).unwrap()));
            world.check();
            if world.is_settled() {
                break;
            }
        }
        world.come_to_rest();
    }));
    assert!(played.is_ok(), "seed {seed}");
}

/// SOCRAZI_TEST_SEEDS asks for more.
fn seeds() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "how tests/run --nightly asks for more")]
    let asked = std::env::var("SOCRAZI_TEST_SEEDS").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or(100_000)
}

const SLOT: i64 = 1_000_000;

fn at(state: State, event: &Event, now: i64) -> Step {
    with(state, &Progress { parts: 1, ..Progress::default() }, event, now)
}

fn with(state: State, progress: &Progress, event: &Event, now: i64) -> Step {
    step(state, progress, SLOT, event, now, 500).unwrap_or_else(|| panic!("{event:?} means nothing in {state:?}"))
}

fn refused(class: RefusedClass) -> Event {
    Event::Answered(CommitOutcome::Refused { class, evidence: String::new() })
}

#[test]
fn a_lapsed_lease_is_safe_before_the_commit_and_unknown_after_it() {
    assert_eq!(at(State::Leased, &Event::LeaseLapsed, SLOT).state, State::Waiting);
    let unknown = at(State::Armed, &Event::LeaseLapsed, SLOT);
    assert_eq!((unknown.state, unknown.progress.unknown_since), (State::Unknown, Some(SLOT)));
}

#[test]
fn what_is_armed_answers_going_out_to_a_cancel() {
    let one = Progress { parts: 1, ..Progress::default() };
    for event in [Event::Cancel, Event::Pause, Event::Edited] {
        assert_eq!(step(State::Armed, &one, SLOT, &event, SLOT, 0), None);
    }
}

#[test]
fn a_rate_limit_waits_as_long_as_the_network_says() {
    let next = at(State::Armed, &refused(RefusedClass::Later { after_ms: Some(900_000) }), SLOT);
    assert_eq!((next.state, next.next_at), (State::Waiting, Some(SLOT + 900_000)));
}

#[test]
fn one_refused_token_is_refreshed_and_a_second_blocks() {
    let first = at(State::Armed, &refused(RefusedClass::Unauthorized), SLOT);
    assert_eq!((first.state, first.progress.refreshed), (State::Waiting, true));
    let second = with(State::Armed, &first.progress, &refused(RefusedClass::Unauthorized), SLOT);
    assert_eq!(second.state, State::Blocked);
    assert_eq!(with(State::Blocked, &second.progress, &Event::Reconnected, SLOT + 1).state, State::Scheduled);
    assert_eq!(with(State::Blocked, &second.progress, &Event::TimeOver, SLOT + GRACE_MS).state, State::Missed);
}

#[test]
fn a_duplicate_is_a_refusal_at_first_and_evidence_after_an_ambiguous_try() {
    assert_eq!(at(State::Armed, &refused(RefusedClass::Duplicate), SLOT).state, State::Failed);
    let ambiguous = Progress { parts: 1, was_ambiguous: true, ..Progress::default() };
    assert_eq!(with(State::Armed, &ambiguous, &refused(RefusedClass::Duplicate), SLOT).state, State::Unknown);
}

#[test]
fn absence_needs_the_settle_time_and_two_reads_apart_and_is_proof_only_where_it_is() {
    let unknown = at(State::Armed, &Event::Answered(CommitOutcome::Unknown { evidence: String::new() }), SLOT);
    let early = with(
        State::Unknown,
        &unknown.progress,
        &Event::AbsentRead { is_proof: true, is_ruined: false },
        SLOT + SETTLE_MS - 1,
    );
    assert_eq!((early.state, early.progress.absent_at), (State::Unknown, None));
    let first = with(
        State::Unknown,
        &early.progress,
        &Event::AbsentRead { is_proof: true, is_ruined: false },
        SLOT + SETTLE_MS,
    );
    assert_eq!((first.state, first.progress.absent_at), (State::Unknown, Some(SLOT + SETTLE_MS)));
    let close = with(
        State::Unknown,
        &first.progress,
        &Event::AbsentRead { is_proof: true, is_ruined: false },
        SLOT + SETTLE_MS + ABSENT_GAP_MS - 1,
    );
    assert_eq!(close.state, State::Unknown);
    let later = SLOT + SETTLE_MS + ABSENT_GAP_MS;
    assert_eq!(
        with(State::Unknown, &close.progress, &Event::AbsentRead { is_proof: true, is_ruined: false }, later).state,
        State::Waiting
    );
    assert_eq!(
        with(State::Unknown, &close.progress, &Event::AbsentRead { is_proof: false, is_ruined: false }, later).state,
        State::NeedsHuman
    );
}

#[test]
fn after_half_an_hour_without_an_answer_a_person_looks() {
    let unknown = Progress { parts: 1, unknown_since: Some(SLOT), ..Progress::default() };
    assert_eq!(with(State::Unknown, &unknown, &Event::CouldNotRead, SLOT + UNKNOWN_MAX_MS - 1).state, State::Unknown);
    assert_eq!(with(State::Unknown, &unknown, &Event::CouldNotRead, SLOT + UNKNOWN_MAX_MS).state, State::NeedsHuman);
}

#[test]
fn a_person_settles_it_three_ways() {
    for (answer, state) in
        [(Answer::ItIsThere, State::Published), (Answer::SendIt, State::Waiting), (Answer::DropIt, State::Cancelled)]
    {
        assert_eq!(at(State::NeedsHuman, &Event::Person(answer), SLOT).state, state);
        // Until the network must have shown it, "not there" is not to be believed; what is there, is. A clock set back keeps nobody waiting.
        let unknown = Progress { parts: 1, unknown_since: Some(SLOT), ..Progress::default() };
        let later =
            |ms| step(State::NeedsHuman, &unknown, SLOT, &Event::Person(answer), SLOT + ms, 0).map(|next| next.state);
        let early = (answer == Answer::ItIsThere).then_some(state);
        assert_eq!((later(SETTLE_MS - 1), later(SETTLE_MS), later(-3_600_000)), (early, Some(state), Some(state)));
    }
}

#[test]
fn a_thread_goes_on_under_its_lease_and_half_of_one_is_partial() {
    let three = Progress { parts: 3, ..Progress::default() };
    let accepted = Event::Answered(CommitOutcome::Accepted { remote_id: "1".into(), permalink: "p".into() });
    let first = with(State::Armed, &three, &accepted, SLOT);
    assert_eq!((first.state, first.progress.accepted), (State::Leased, 1));
    for event in [Event::Cancel, Event::TooLate, Event::NotPrepared(Refusal::Permanent(say!("common-failed")))] {
        assert_eq!(with(State::Leased, &first.progress, &event, SLOT).state, State::Partial, "{event:?}");
    }
    let found = with(State::Unknown, &first.progress, &Event::Found, SLOT);
    assert_eq!((found.state, found.progress.accepted), (State::Waiting, 2));
}

#[test]
fn what_is_overdue_after_a_pause_is_asked_about_not_sent() {
    assert_eq!(at(State::Paused, &Event::Resume { is_skipped: false }, SLOT - 1).state, State::Scheduled);
    assert_eq!(at(State::Paused, &Event::Resume { is_skipped: false }, SLOT + 1).state, State::Missed);
    assert_eq!(at(State::Paused, &Event::Resume { is_skipped: true }, SLOT + 1).state, State::Cancelled);
}

#[test]
fn retries_wait_longer_each_time_within_bounds_and_end() {
    for tries in 1..=TRIES_MAX {
        for jitter in [0, 500, 1000] {
            assert!((20_000..=20 * 60_000).contains(&backoff_ms(tries, jitter)), "{tries} {jitter}");
        }
    }
    assert!(backoff_ms(3, 500) > backoff_ms(2, 500));
    let tired = Progress { parts: 1, tries: TRIES_MAX, ..Progress::default() };
    assert_eq!(
        with(State::Armed, &tired, &Event::Answered(CommitOutcome::NotSent { why: String::new() }), SLOT).state,
        State::Failed
    );
}

#[test]
fn nobody_can_say_that_it_is_not_there_before_the_network_must_have_shown_it() {
    let fresh = Progress { parts: 1, unknown_since: Some(SLOT), ..Progress::default() };
    let says =
        |answer, now| step(State::NeedsHuman, &fresh, SLOT, &Event::Person(answer), now, 0).map(|next| next.state);
    for answer in [Answer::SendIt, Answer::DropIt] {
        assert_eq!(says(answer, SLOT + SETTLE_MS - 1), None);
        assert!(says(answer, SLOT + SETTLE_MS).is_some());
    }
    assert_eq!(says(Answer::ItIsThere, SLOT), Some(State::Published));
    // The clock was wrong then, and is right now.
    assert_eq!(says(Answer::SendIt, SLOT - 3_600_000), Some(State::Waiting));
}

#[test]
fn what_cannot_be_tried_again_in_time_waits_no_longer_than_the_grace_window() {
    let day = refused(RefusedClass::Later { after_ms: Some(24 * 3_600_000) });
    let next = at(State::Armed, &day, SLOT);
    assert_eq!((next.state, next.next_at), (State::Waiting, Some(SLOT + GRACE_MS + 1)));
    let late = SLOT + GRACE_MS + 60_000;
    assert_eq!(at(State::Armed, &day, late).next_at, Some(late));
}

#[test]
fn a_second_worker_that_finds_a_live_commit_looks() {
    assert_eq!(at(State::Leased, &Event::LiveAttempt, SLOT).state, State::Unknown);
    assert_eq!(step(State::Armed, &Progress::default(), SLOT, &Event::LiveAttempt, SLOT, 0), None);
}
