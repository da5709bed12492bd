//! The delivery machine: random walks with the invariants of RELIABILITY §1 after every step, and its table row by row.

use proptest::prelude::*;
use socrazi::domain::commit::{CommitOutcome, RefusedClass};
use socrazi::domain::delivery::{
    ABSENT_GAP_MS, Answer, Event, GRACE_MS, LEASE_MS, Progress, Refusal, SETTLE_MS, State, Step, TRIES_MAX,
    UNKNOWN_MAX_MS, backoff_ms, step,
};
use socrazi::say;

fn outcome() -> impl Strategy<Value = CommitOutcome> {
    let refused = |class| CommitOutcome::Refused { class, evidence: "e".into() };
    prop_oneof![
        Just(CommitOutcome::Accepted { remote_id: "1".into(), permalink: "p".into() }),
        Just(CommitOutcome::NotSent { why: "w".into() }),
        Just(CommitOutcome::Unknown { evidence: "e".into() }),
        Just(refused(RefusedClass::Later { after_ms: Some(5_000) })),
        Just(refused(RefusedClass::PrepareAgain)),
        Just(refused(RefusedClass::AppStopped(say!("common-failed")))),
        Just(refused(RefusedClass::Unauthorized)),
        Just(refused(RefusedClass::Blocked(say!("common-failed")))),
        Just(refused(RefusedClass::Permanent(say!("common-failed")))),
        Just(refused(RefusedClass::Duplicate)),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let refusal = prop_oneof![
        Just(Refusal::Later { after_ms: None }),
        Just(Refusal::Blocked(say!("common-failed"))),
        Just(Refusal::Permanent(say!("common-failed"))),
        Just(Refusal::Paused),
        Just(Refusal::Unapproved),
    ];
    prop_oneof![
        6 => Just(Event::Claimed { lease_until: 0 }),
        6 => Just(Event::Armed { lease_until: 0 }),
        8 => outcome().prop_map(Event::Answered),
        1 => Just(Event::TooLate),
        2 => refusal.prop_map(Event::NotPrepared),
        3 => Just(Event::LeaseLapsed),
        2 => Just(Event::Found),
        3 => any::<bool>().prop_map(|is_proof| Event::AbsentRead { is_proof }),
        1 => Just(Event::AmbiguousRead),
        2 => Just(Event::CouldNotRead),
        2 => prop_oneof![Just(Answer::ItIsThere), Just(Answer::SendIt), Just(Answer::DropIt)].prop_map(Event::Person),
        1 => Just(Event::Cancel),
        1 => Just(Event::Pause),
        1 => Just(Event::Resume),
        1 => Just(Event::Edited),
        1 => Just(Event::Reconnected),
        1 => Just(Event::Disconnected),
        1 => Just(Event::TimeOver),
        1 => Just(Event::TakenDown),
        1 => Just(Event::ProcessingDone),
    ]
}

/// What must hold after every step (RELIABILITY §1, I3 to I8).
fn check(before: State, was: &Progress, event: &Event, after: &Step, is_cancelled: bool) {
    let told = format!("{before:?} + {event:?} -> {after:?}");
    let now = &after.progress;
    if after.state == State::Armed {
        assert_eq!(before, State::Leased, "armed only from a lease: {told}");
        assert!(!is_cancelled, "I8, no attempt after an acknowledged cancel: {told}");
    }
    if before == State::Unknown && after.state != State::Unknown {
        let has_evidence = matches!(
            event,
            Event::Found | Event::AbsentRead { .. } | Event::AmbiguousRead | Event::CouldNotRead | Event::Disconnected
        );
        assert!(has_evidence, "I3, unknown is left only with evidence: {told}");
    }
    if before == State::Unknown && after.state == State::Waiting {
        assert!(
            matches!(event, Event::AbsentRead { is_proof: true } | Event::Found),
            "sent again only where absence is proved: {told}"
        );
    }
    if after.state == State::Published {
        assert_eq!(now.accepted, now.parts, "I4, published means every part: {told}");
    }
    assert!(now.accepted >= was.accepted && now.accepted <= now.parts, "parts never get lost: {told}");
    if now.accepted > was.accepted {
        let is_known = matches!(
            event,
            Event::Answered(CommitOutcome::Accepted { .. })
                | Event::Found
                | Event::ProcessingDone
                | Event::Person(Answer::ItIsThere)
        );
        assert!(is_known, "a part counts only when that is known: {told}");
    }
    let waits_by_itself = matches!(
        after.state,
        State::Scheduled
            | State::Leased
            | State::Armed
            | State::Waiting
            | State::Unknown
            | State::Processing
            | State::Blocked
            | State::Unapproved
    );
    assert_eq!(waits_by_itself, after.next_at.is_some(), "I5, nothing is stuck and nothing over wakes up: {told}");
    assert!(now.tries <= TRIES_MAX, "retries are bounded: {told}");
    if before.is_over() {
        assert!(
            after.state == State::TakenDown && matches!(before, State::Published | State::Partial),
            "what is over stays over: {told}"
        );
    }
    if after.state == State::Failed {
        let is_ambiguous =
            matches!(event, Event::Answered(CommitOutcome::Unknown { .. }) | Event::CouldNotRead | Event::LeaseLapsed);
        assert!(!is_ambiguous, "an unknown outcome is never called failed: {told}");
        assert_eq!(now.accepted, 0, "failed means that nothing is visible: {told}");
    }
    if matches!(after.state, State::Cancelled | State::Missed) {
        assert_eq!(now.accepted, 0, "half a thread is partial, not withdrawn or missed: {told}");
    }
    if before == State::Armed {
        assert!(
            !matches!(event, Event::Cancel | Event::Pause | Event::Edited),
            "what is armed cannot be stopped: {told}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_walk_breaks_an_invariant(parts in 1_i64..4, walk in prop::collection::vec((event(), 0_i64..200_000), 1..60)) {
        let slot = 1_000_000;
        let (mut state, mut progress, mut now) = (State::Scheduled, Progress { parts, ..Progress::default() }, slot);
        let mut is_cancelled = false;
        for (event, passed) in walk {
            now += passed;
            let event = match event {
                Event::Claimed { .. } => Event::Claimed { lease_until: now + LEASE_MS },
                Event::Armed { .. } => Event::Armed { lease_until: now + LEASE_MS },
                other => other,
            };
            let Some(next) = step(state, &progress, slot, &event, now, 500) else { continue };
            check(state, &progress, &event, &next, is_cancelled);
            is_cancelled |= next.state == State::Cancelled;
            (state, progress) = (next.state, next.progress);
        }
    }
}

/// At least 10,000 walks; SOCRAZI_TEST_SEEDS asks for more.
fn cases() -> u32 {
    #[expect(clippy::disallowed_methods, reason = "how tests/run --nightly asks for more")]
    let asked = std::env::var("SOCRAZI_TEST_SEEDS").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or(10_000)
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
    let early = with(State::Unknown, &unknown.progress, &Event::AbsentRead { is_proof: true }, SLOT + SETTLE_MS - 1);
    assert_eq!((early.state, early.progress.absent_at), (State::Unknown, None));
    let first = with(State::Unknown, &early.progress, &Event::AbsentRead { is_proof: true }, SLOT + SETTLE_MS);
    assert_eq!((first.state, first.progress.absent_at), (State::Unknown, Some(SLOT + SETTLE_MS)));
    let close = with(
        State::Unknown,
        &first.progress,
        &Event::AbsentRead { is_proof: true },
        SLOT + SETTLE_MS + ABSENT_GAP_MS - 1,
    );
    assert_eq!(close.state, State::Unknown);
    let later = SLOT + SETTLE_MS + ABSENT_GAP_MS;
    assert_eq!(
        with(State::Unknown, &close.progress, &Event::AbsentRead { is_proof: true }, later).state,
        State::Waiting
    );
    assert_eq!(
        with(State::Unknown, &close.progress, &Event::AbsentRead { is_proof: false }, later).state,
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
    assert_eq!(at(State::Paused, &Event::Resume, SLOT - 1).state, State::Scheduled);
    assert_eq!(at(State::Paused, &Event::Resume, SLOT + 1).state, State::Missed);
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
