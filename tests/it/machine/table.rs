//! The machine's table in full: of each event in each of the sixteen states what becomes of the delivery, when somebody looks again and what a
//! person reads; and the instants at which the rules turn over, to the millisecond. Every line here is a promise, so `tests/run --only mutants`
//! finds no change of the machine that they let pass.

use socrazi::domain::commit::{CommitOutcome, RefusedClass};
use socrazi::domain::delivery::{
    ABSENT_GAP_MS, APP_STOP_MS, Answer, COMMIT_TIMEOUT_MS, Event, GRACE_MS, LEASE_MARGIN_MS, LEASE_MS,
    PROCESSING_MAX_MS, Progress, RENEW_MS, Refusal, SEND_WINDOW_MS, SETTLE_MS, SPENT_TRIES, State, Step, TRIES_MAX,
    UNKNOWN_MAX_MS, backoff_ms, due_from, next_look_ms, next_warning, notice, step,
};
use socrazi::domain::recurrence::CatchUp;
use socrazi::domain::refusal::Sentence;
use socrazi::say;

use State::{
    Armed, Blocked, Cancelled, Failed, Leased, Missed, NeedsHuman, Partial, Paused, Processing, Published, Scheduled,
    TakenDown, Unapproved, Unknown, Waiting,
};

const SLOT: i64 = 10_000_000;
/// A second after the slot, which nothing takes for late yet.
const NOW: i64 = SLOT + 1_000;
const HOUR_MS: i64 = 3_600_000;

/// One part, nothing tried.
fn fresh() -> Progress {
    Progress { parts: 1, ..Progress::default() }
}

/// A thread of three of which one is out.
fn half() -> Progress {
    Progress { parts: 3, accepted: 1, ..Progress::default() }
}

fn of(state: State, progress: &Progress, event: &Event, now: i64) -> Option<Step> {
    step(state, progress, SLOT, event, now, 500)
}

fn must(state: State, progress: &Progress, event: &Event, now: i64) -> Step {
    of(state, progress, event, now).unwrap_or_else(|| panic!("{event:?} means nothing in {state:?}"))
}

fn why(step: &Step) -> &str {
    step.reason.as_ref().map_or("", |reason| &reason.key)
}

fn refused(class: RefusedClass) -> Event {
    Event::Answered(CommitOutcome::Refused { class, evidence: "as it was said".into() })
}

fn said() -> Sentence {
    say!("common-failed")
}

fn accepted() -> Event {
    Event::Answered(CommitOutcome::Accepted { remote_id: "1".into(), permalink: "p".into() })
}

fn no_answer() -> Event {
    Event::Answered(CommitOutcome::Unknown { evidence: "reset".into() })
}

/// From where, to where, when somebody looks next, and what is said.
type Row = (Event, &'static [State], State, Option<i64>, &'static str);

/// Every event with one part of which nothing is out; what is not named means nothing in that state.
fn rows() -> Vec<Row> {
    const OPEN: &[State] = &[Scheduled, Waiting, Leased, Blocked, Paused, Unapproved, Missed];
    let grace = Some(NOW + GRACE_MS);
    vec![
        (Event::Claimed { lease_until: 77 }, &[Scheduled, Waiting], Leased, Some(77), ""),
        (Event::TooLate, &[Leased], Missed, None, "delivery-reason-late"),
        (
            Event::NotPrepared(Refusal::Later { after_ms: None }),
            &[Leased],
            Waiting,
            Some(NOW + 30_000),
            "delivery-reason-network-busy",
        ),
        (
            Event::NotPrepared(Refusal::Later { after_ms: Some(45_000) }),
            &[Leased],
            Waiting,
            Some(NOW + 45_000),
            "delivery-reason-network-busy",
        ),
        (Event::NotPrepared(Refusal::Blocked(said())), &[Leased], Blocked, grace, "common-failed"),
        (Event::NotPrepared(Refusal::Permanent(said())), &[Leased], Failed, None, "common-failed"),
        (Event::NotPrepared(Refusal::Paused), &[Leased], Paused, None, ""),
        (Event::NotPrepared(Refusal::Unapproved), &[Leased], Unapproved, Some(NOW), "delivery-reason-edited"),
        (Event::Armed { lease_until: 77 }, &[Leased], Armed, Some(77 + SETTLE_MS), ""),
        (Event::LiveAttempt, &[Leased], Unknown, Some(NOW), "delivery-reason-no-answer"),
        (accepted(), &[Armed], Published, None, ""),
        (
            Event::Answered(CommitOutcome::NotSent { why: "dns".into() }),
            &[Armed],
            Waiting,
            Some(NOW + 30_000),
            "delivery-reason-not-sent",
        ),
        (no_answer(), &[Armed], Unknown, Some(NOW), "delivery-reason-no-answer"),
        (
            refused(RefusedClass::Later { after_ms: Some(90_000) }),
            &[Armed],
            Waiting,
            Some(NOW + 90_000),
            "delivery-reason-rate-limited",
        ),
        (refused(RefusedClass::PrepareAgain), &[Armed], Waiting, Some(NOW + 30_000), "delivery-reason-media-expired"),
        (refused(RefusedClass::Spent), &[Armed], Waiting, Some(NOW + 30_000), "delivery-reason-spent"),
        (refused(RefusedClass::AppStopped(said())), &[Armed], Waiting, Some(NOW + APP_STOP_MS), "common-failed"),
        (refused(RefusedClass::Unauthorized), &[Armed], Waiting, Some(NOW), "delivery-reason-refreshing"),
        (refused(RefusedClass::Blocked(said())), &[Armed], Blocked, grace, "common-failed"),
        (refused(RefusedClass::Permanent(said())), &[Armed], Failed, None, "common-failed"),
        (refused(RefusedClass::Duplicate), &[Armed], Failed, None, "delivery-reason-duplicate"),
        (Event::LeaseLapsed, &[Leased], Waiting, Some(NOW), ""),
        (Event::LeaseLapsed, &[Armed], Unknown, Some(NOW), "delivery-reason-no-answer"),
        (Event::ProcessingDone, &[Processing], Published, None, ""),
        (
            Event::Answered(CommitOutcome::Working { evidence: "taken".into() }),
            &[Armed],
            Processing,
            Some(NOW + 5_000),
            "",
        ),
        (
            Event::ProcessingFailed(RefusedClass::Permanent(said())),
            &[Processing, Unknown],
            Failed,
            None,
            "common-failed",
        ),
        (
            Event::ProcessingFailed(RefusedClass::Blocked(said())),
            &[Processing, Unknown],
            Blocked,
            grace,
            "common-failed",
        ),
        (
            Event::ProcessingFailed(RefusedClass::PrepareAgain),
            &[Processing, Unknown],
            Waiting,
            Some(NOW + 30_000),
            "delivery-reason-network-busy",
        ),
        (
            Event::ProcessingFailed(RefusedClass::Later { after_ms: Some(90_000) }),
            &[Processing, Unknown],
            Waiting,
            Some(NOW + 90_000),
            "delivery-reason-network-busy",
        ),
        (Event::Handed, &[Processing, Unknown], Published, None, "delivery-reason-handed"),
        (Event::StillProcessing { since: NOW }, &[Processing, Unknown], Processing, Some(NOW + 30_000), ""),
        (Event::Found, &[Unknown], Published, None, ""),
        (
            Event::AbsentRead { is_proof: true, is_ruined: false },
            &[Unknown],
            Unknown,
            Some(NOW + 2_000),
            "delivery-reason-no-answer",
        ),
        (Event::AmbiguousRead, &[Unknown, Processing], NeedsHuman, None, "delivery-reason-two-candidates"),
        (Event::Unlisted, &[Unknown], Unknown, Some(NOW + 2_000), "delivery-reason-unlisted"),
        (Event::HiddenRead(said()), &[Unknown], NeedsHuman, None, "common-failed"),
        (Event::CouldNotRead, &[Unknown], Unknown, Some(NOW + 2_000), "delivery-reason-cannot-read"),
        (Event::Person(Answer::ItIsThere), &[NeedsHuman], Published, None, ""),
        (Event::Person(Answer::SendIt), &[NeedsHuman], Waiting, Some(NOW), "delivery-reason-person-send"),
        (Event::Person(Answer::DropIt), &[NeedsHuman], Cancelled, None, "delivery-reason-person-drop"),
        (Event::Person(Answer::SendRest), &[Partial], Waiting, Some(NOW), "delivery-reason-person-rest"),
        (Event::Person(Answer::Leave), &[Partial], Partial, None, "delivery-reason-left"),
        (Event::Cancel, OPEN, Cancelled, None, "delivery-reason-withdrawn"),
        (Event::Pause, &[Scheduled, Waiting, Leased, Blocked], Paused, None, ""),
        (Event::Resume { is_skipped: false }, &[Paused], Missed, None, "delivery-reason-late"),
        (Event::Resume { is_skipped: true }, &[Paused], Cancelled, None, "delivery-reason-skipped"),
        (
            Event::Edited,
            &[Scheduled, Waiting, Leased, Blocked, Paused],
            Unapproved,
            Some(NOW),
            "delivery-reason-edited",
        ),
        (Event::Reconnected, &[Blocked], Scheduled, Some(NOW), ""),
        (Event::Disconnected, OPEN, Cancelled, None, "delivery-reason-disconnected"),
        (Event::Disconnected, &[Unknown, Processing], NeedsHuman, None, "delivery-reason-disconnected-unknown"),
        (Event::TimeOver, &[Blocked, Unapproved], Missed, None, "delivery-reason-late"),
        (Event::TakenDown, &[Published, Partial], TakenDown, None, ""),
    ]
}

#[test]
fn each_event_means_this_in_these_states_and_nothing_in_the_others() {
    let rows = rows();
    for (event, _, _, _, _) in &rows {
        for state in State::ALL {
            let row = rows.iter().find(|(other, from, ..)| other == event && from.contains(&state));
            let got = of(state, &fresh(), event, NOW);
            let got = got.as_ref().map(|next| (next.state, next.next_at, why(next)));
            assert_eq!(got, row.map(|(_, _, to, next_at, reason)| (*to, *next_at, *reason)), "{event:?} in {state:?}");
        }
    }
}

#[test]
fn of_half_a_thread_what_is_out_is_never_called_missed_failed_or_withdrawn() {
    for (state, event, reason) in [
        (Leased, Event::TooLate, "delivery-reason-late"),
        (Leased, Event::NotPrepared(Refusal::Permanent(said())), "common-failed"),
        (Leased, Event::NotPrepared(Refusal::Unapproved), "delivery-reason-edited"),
        (Waiting, Event::Edited, "delivery-reason-edited"),
        (Waiting, Event::Cancel, "delivery-reason-withdrawn"),
        (Waiting, Event::Disconnected, "delivery-reason-disconnected"),
        (Paused, Event::Resume { is_skipped: true }, "delivery-reason-skipped"),
        (Paused, Event::Resume { is_skipped: false }, "delivery-reason-late"),
        (Armed, refused(RefusedClass::Permanent(said())), "common-failed"),
        (Armed, refused(RefusedClass::Duplicate), "delivery-reason-duplicate"),
        (Processing, Event::ProcessingFailed(RefusedClass::Permanent(said())), "common-failed"),
        (NeedsHuman, Event::Person(Answer::DropIt), "delivery-reason-person-drop"),
        (Blocked, Event::TimeOver, "delivery-reason-late"),
    ] {
        let next = must(state, &half(), &event, NOW);
        assert_eq!((next.state, next.next_at, why(&next)), (Partial, None, reason), "{event:?}");
        assert_eq!((next.progress.accepted, next.progress.parts), (1, 3), "{event:?}");
    }
}

#[test]
fn an_accepted_part_leaves_nothing_of_its_past_to_the_next() {
    let tired = Progress {
        tries: 3,
        refreshed: true,
        refused_generation: Some(4),
        unknown_since: Some(SLOT),
        absent_at: Some(SLOT),
        was_ambiguous: true,
        person_at: Some(SLOT + 5),
        catch_up: Some(CatchUp::Latest),
        ..half()
    };
    let kept = Progress {
        parts: 3,
        accepted: 2,
        person_at: Some(SLOT + 5),
        catch_up: Some(CatchUp::Latest),
        ..Progress::default()
    };
    let next = must(Armed, &tired, &accepted(), NOW);
    let now =
        Step { state: Leased, next_at: Some(NOW + LEASE_MS), progress: kept.clone(), reason: None, drop_handle: true };
    assert_eq!(next, now, "the worker goes on under its lease");
    for (state, event) in [(Unknown, Event::Found), (Processing, Event::ProcessingDone)] {
        let next = must(state, &tired, &event, NOW);
        let later = Step { state: Waiting, next_at: Some(NOW), ..now.clone() };
        assert_eq!(next, later, "nobody holds it: whoever comes next goes on");
    }
    let last = must(Armed, &Progress { accepted: 2, ..tired }, &accepted(), NOW);
    assert_eq!((last.state, last.next_at, last.progress.accepted), (Published, None, 3));
}

#[test]
fn what_is_prepared_is_kept_unless_it_is_used_up_or_too_old() {
    let forgets = |state, event: Event, now| must(state, &fresh(), &event, now).drop_handle;
    assert!(forgets(Armed, refused(RefusedClass::PrepareAgain), NOW));
    assert!(forgets(Armed, accepted(), NOW));
    assert!(forgets(NeedsHuman, Event::Person(Answer::SendIt), NOW));
    for class in [RefusedClass::PrepareAgain, RefusedClass::Blocked(said()), RefusedClass::Later { after_ms: None }] {
        assert!(forgets(Processing, Event::ProcessingFailed(class), NOW), "the network had it");
    }
    assert!(!forgets(Processing, Event::StillProcessing { since: NOW }, NOW));
    assert!(!forgets(Armed, refused(RefusedClass::Later { after_ms: None }), NOW));
    assert!(!forgets(Leased, Event::LeaseLapsed, NOW));
    assert!(!forgets(Armed, no_answer(), NOW));
    // What is not found is tried again as it is, some times.
    for tries in 0..=SPENT_TRIES {
        let next = must(Armed, &Progress { tries, ..fresh() }, &refused(RefusedClass::Spent), NOW);
        assert_eq!((next.state, next.drop_handle), (Waiting, tries == SPENT_TRIES));
    }
    // Proved to be absent it goes out with what was prepared for the first try, which may still be on its way.
    let looked = Progress { unknown_since: Some(NOW - 600_000), absent_at: Some(NOW - 300_000), ..fresh() };
    let again = must(Unknown, &looked, &Event::AbsentRead { is_proof: true, is_ruined: false }, NOW);
    assert_eq!((again.state, again.drop_handle), (Waiting, false));
}

#[test]
fn what_a_network_says_it_has_is_not_unknown_any_more() {
    let lost = Progress { unknown_since: Some(SLOT), absent_at: Some(SLOT), was_ambiguous: true, ..fresh() };
    let working = Event::Answered(CommitOutcome::Working { evidence: "taken".into() });
    for (state, event) in [
        (Armed, working),
        (Unknown, Event::StillProcessing { since: NOW }),
        (Unknown, Event::ProcessingFailed(RefusedClass::PrepareAgain)),
    ] {
        let next = must(state, &lost, &event, NOW).progress;
        assert_eq!((next.unknown_since, next.absent_at), (None, None), "{event:?}");
    }
    // Of a part that is not the last one nothing is said to be before the person: the rest follows.
    let half = must(Processing, &half(), &Event::Handed, NOW);
    assert_eq!((half.state, half.reason), (Waiting, None));
}

#[test]
fn what_became_unknown_begins_to_be_looked_for_now() {
    let before = Progress { absent_at: Some(SLOT), unknown_since: Some(SLOT - 9), ..fresh() };
    for (state, event) in [(Armed, no_answer()), (Armed, Event::LeaseLapsed), (Leased, Event::LiveAttempt)] {
        let next = must(state, &before, &event, NOW).progress;
        assert_eq!((next.unknown_since, next.absent_at, next.was_ambiguous), (Some(NOW), None, true), "{event:?}");
    }
    let ambiguous = Progress { was_ambiguous: true, ..fresh() };
    for class in [RefusedClass::Duplicate, RefusedClass::Spent] {
        let again = must(Armed, &ambiguous, &refused(class), NOW);
        assert_eq!((again.state, again.progress.unknown_since, again.drop_handle), (Unknown, Some(NOW), false));
    }
}

#[test]
fn a_refused_token_is_refreshed_once_and_new_ones_have_refused_nothing() {
    let first = must(Armed, &fresh(), &refused(RefusedClass::Unauthorized), NOW);
    assert!(first.progress.refreshed && first.progress.tries == 0);
    let second = must(Armed, &first.progress, &refused(RefusedClass::Unauthorized), NOW);
    assert_eq!(
        (second.state, second.next_at, why(&second)),
        (Blocked, Some(NOW + GRACE_MS), "delivery-reason-reconnect")
    );
    let stuck = Progress { refused_generation: Some(3), ..second.progress };
    let mended = must(Blocked, &stuck, &Event::Reconnected, NOW).progress;
    assert_eq!((mended.refreshed, mended.refused_generation), (false, None));
}

#[test]
fn a_blocked_delivery_has_until_the_grace_window_is_over_and_goes_out_at_its_slot() {
    let blocked = |now| must(Leased, &fresh(), &Event::NotPrepared(Refusal::Blocked(said())), now).next_at;
    assert_eq!((blocked(SLOT - 5), blocked(SLOT + 5)), (Some(SLOT + GRACE_MS), Some(SLOT + 5 + GRACE_MS)));
    let mended = |progress: &Progress, now| {
        let next = must(Blocked, progress, &Event::Reconnected, now);
        (next.state, next.next_at)
    };
    assert_eq!(mended(&fresh(), SLOT - 5), (Scheduled, Some(SLOT)));
    assert_eq!(mended(&fresh(), SLOT + GRACE_MS), (Scheduled, Some(SLOT + GRACE_MS)));
    assert_eq!(mended(&fresh(), SLOT + GRACE_MS + 1), (Missed, None));
    // A person sent it on its way later: late is counted from then.
    let sent = Progress { person_at: Some(SLOT + HOUR_MS), ..fresh() };
    assert_eq!(mended(&sent, SLOT + HOUR_MS + GRACE_MS), (Scheduled, Some(SLOT + HOUR_MS + GRACE_MS)));
    assert_eq!(mended(&sent, SLOT + HOUR_MS + GRACE_MS + 1), (Missed, None));
}

#[test]
fn what_an_occurrence_missed_is_left_out_unless_its_rule_asks() {
    for (rule, state) in [
        (None, Missed),
        (Some(CatchUp::Ask), Missed),
        (Some(CatchUp::Skip), Cancelled),
        (Some(CatchUp::Latest), Cancelled),
    ] {
        let progress = Progress { catch_up: rule, ..fresh() };
        let next = must(Leased, &progress, &Event::TooLate, NOW);
        let reason = if state == Missed { "delivery-reason-late" } else { "delivery-reason-skipped" };
        assert_eq!((next.state, next.next_at, why(&next)), (state, None, reason), "{rule:?}");
    }
}

#[test]
fn after_a_pause_the_slot_itself_is_still_in_time() {
    for is_skipped in [false, true] {
        let next = |now| must(Paused, &fresh(), &Event::Resume { is_skipped }, now);
        assert_eq!((next(SLOT).state, next(SLOT).next_at), (Scheduled, Some(SLOT)));
        assert_eq!(next(SLOT + 1).state, if is_skipped { Cancelled } else { Missed });
    }
}

#[test]
fn an_edited_post_is_told_of_a_day_and_an_hour_before_and_missed_at_its_slot() {
    let told = |now| must(Unapproved, &fresh(), &Event::TimeOver, now);
    let early = told(SLOT - 1);
    assert_eq!((early.state, early.next_at, why(&early)), (Unapproved, Some(SLOT), "delivery-reason-edited"));
    assert_eq!(told(SLOT).state, Missed);
    const DAY_MS: i64 = 24 * HOUR_MS;
    let slot = 100 * DAY_MS;
    for (now, at) in [
        (slot - DAY_MS - 1, slot - DAY_MS),
        (slot - DAY_MS, slot - HOUR_MS),
        (slot - HOUR_MS - 1, slot - HOUR_MS),
        (slot - HOUR_MS, slot),
        (slot - 1, slot),
        (slot + 7, slot + 7),
    ] {
        assert_eq!(next_warning(slot, now), at, "{}", slot - now);
    }
}

#[test]
fn a_network_may_work_on_it_for_six_hours() {
    let since = NOW - 6 * HOUR_MS;
    let at = |since| must(Processing, &fresh(), &Event::StillProcessing { since }, NOW);
    assert_eq!((at(since).state, at(since).next_at), (Processing, Some(NOW + 30_000)));
    let long = at(since - 1);
    assert_eq!((long.state, long.next_at, why(&long)), (NeedsHuman, None, "delivery-reason-processing-long"));
}

#[test]
fn it_is_tried_again_eight_times_and_no_longer_than_the_grace_window() {
    let busy = Event::NotPrepared(Refusal::Later { after_ms: None });
    let seventh = must(Leased, &Progress { tries: TRIES_MAX - 1, ..fresh() }, &busy, NOW);
    assert_eq!((seventh.state, seventh.progress.tries), (Waiting, TRIES_MAX));
    let spent = must(Leased, &seventh.progress, &busy, NOW);
    assert_eq!((spent.state, spent.next_at, why(&spent)), (Failed, None, "delivery-reason-gave-up"));
    assert_eq!(must(Leased, &fresh(), &busy, NOW).progress.tries, 1);
    // The network's word where it is longer than ours, ours where that is longer.
    let later =
        |after_ms| must(Leased, &fresh(), &Event::NotPrepared(Refusal::Later { after_ms: Some(after_ms) }), NOW);
    assert_eq!((later(29_999).next_at, later(30_001).next_at), (Some(NOW + 30_000), Some(NOW + 30_001)));
    let last = SLOT + GRACE_MS + 1;
    assert_eq!(later(GRACE_MS - 1_000).next_at, Some(last - 1));
    assert_eq!(later(GRACE_MS + 5_000).next_at, Some(last));
    let stopped = refused(RefusedClass::AppStopped(said()));
    let stop = |progress: &Progress, now| must(Armed, progress, &stopped, now);
    assert_eq!(stop(&fresh(), NOW).progress.tries, 0, "an operator may need longer than eight tries");
    assert_eq!(stop(&fresh(), SLOT + GRACE_MS).next_at, Some(last));
    assert_eq!(stop(&fresh(), last + 9).next_at, Some(last + 9));
    let sent = Progress { person_at: Some(SLOT + HOUR_MS), ..fresh() };
    assert_eq!(stop(&sent, SLOT + HOUR_MS + GRACE_MS).next_at, Some(last + HOUR_MS));
}

#[test]
fn waits_double_from_half_a_minute_to_a_quarter_of_an_hour_give_or_take_a_quarter() {
    let middle: Vec<i64> = (0..=8).map(|tries| backoff_ms(tries, 500) / 1_000).collect();
    assert_eq!(middle, [30, 30, 60, 120, 240, 480, 900, 900, 900]);
    assert_eq!((backoff_ms(1, 0), backoff_ms(1, 1_000)), (22_500, 37_500));
    assert_eq!((backoff_ms(1, -5), backoff_ms(1, 9_999)), (22_500, 37_500));
    assert_eq!((backoff_ms(2, 0), backoff_ms(2, 250), backoff_ms(99, 1_000)), (45_000, 52_500, 1_125_000));
}

#[test]
fn it_is_looked_for_at_once_then_every_ten_seconds_then_every_half_minute() {
    for (unknown_for, wait) in [(0, 2_000), (4_999, 2_000), (5_000, 10_000), (59_999, 10_000), (60_000, 30_000)] {
        assert_eq!(next_look_ms(unknown_for), wait, "{unknown_for}");
        let since = Progress { unknown_since: Some(NOW), ..fresh() };
        let next = must(Unknown, &since, &Event::CouldNotRead, NOW + unknown_for);
        assert_eq!(next.next_at, Some(NOW + unknown_for + wait));
        assert_eq!(next.progress, since, "a look that shows nothing changes nothing");
    }
}

#[test]
fn absence_counts_from_the_settle_time_on_and_twice_a_minute_apart() {
    let look = |absent_at, is_proof, now| {
        let progress = Progress { unknown_since: Some(SLOT), absent_at, was_ambiguous: true, ..fresh() };
        must(Unknown, &progress, &Event::AbsentRead { is_proof, is_ruined: false }, now)
    };
    let settled = SLOT + SETTLE_MS;
    let early = look(None, true, settled - 1);
    assert_eq!((early.state, early.progress.absent_at, why(&early)), (Unknown, None, "delivery-reason-no-answer"));
    let first = look(None, true, settled);
    assert_eq!(
        (first.state, first.progress.absent_at, why(&first)),
        (Unknown, Some(settled), "delivery-reason-no-answer")
    );
    assert_eq!(first.next_at, Some(settled + 30_000));
    let close = look(Some(settled), true, settled + ABSENT_GAP_MS - 1);
    assert_eq!((close.state, close.progress.absent_at), (Unknown, Some(settled)));
    let proved = look(Some(settled), true, settled + ABSENT_GAP_MS);
    assert_eq!(
        (proved.state, proved.next_at, why(&proved)),
        (Waiting, Some(settled + ABSENT_GAP_MS), "delivery-reason-absent")
    );
    // With what was prepared for the first try: a request that is still on its way cannot make two of it.
    assert_eq!((proved.progress.unknown_since, proved.progress.absent_at, proved.drop_handle), (None, None, false));
    let looked = Progress { unknown_since: Some(SLOT), absent_at: Some(settled), was_ambiguous: true, ..fresh() };
    let of = |tries, is_ruined| {
        let progress = Progress { tries, ..looked.clone() };
        must(Unknown, &progress, &Event::AbsentRead { is_proof: true, is_ruined }, settled + ABSENT_GAP_MS)
    };
    let ruined = of(0, true);
    assert_eq!((ruined.state, ruined.drop_handle), (Waiting, true), "what can never go out is prepared anew");
    // Each counts as a try: at once, then later and later, then never.
    assert_eq!((proved.progress.tries, of(1, false).progress.tries), (1, 2));
    assert!(of(1, false).next_at.unwrap() > proved.next_at.unwrap() + 20_000);
    let enough = of(TRIES_MAX, false);
    assert_eq!((enough.state, why(&enough)), (Failed, "delivery-reason-gave-up"));
    // Nothing was out of it, but something may have been: a duplicate is evidence from here on.
    assert!(proved.progress.was_ambiguous && proved.progress.person_at.is_none());
    let shown = look(Some(settled), false, settled + ABSENT_GAP_MS);
    assert_eq!((shown.state, shown.next_at, why(&shown)), (NeedsHuman, None, "delivery-reason-not-seen"));
    let long = look(None, true, SLOT + UNKNOWN_MAX_MS);
    assert_eq!((long.state, why(&long)), (NeedsHuman, "delivery-reason-no-answer"));
}

#[test]
fn half_an_hour_without_a_look_that_shows_anything_is_for_a_person() {
    let unknown = Progress { unknown_since: Some(SLOT), ..fresh() };
    let look = |ms| must(Unknown, &unknown, &Event::CouldNotRead, SLOT + ms);
    assert_eq!(look(UNKNOWN_MAX_MS - 1).state, Unknown);
    let over = look(UNKNOWN_MAX_MS);
    assert_eq!((over.state, over.next_at, why(&over)), (NeedsHuman, None, "delivery-reason-cannot-read"));
}

#[test]
fn what_a_person_sends_on_its_way_counts_as_new_from_then() {
    let spent = Progress { tries: TRIES_MAX, unknown_since: Some(SLOT), absent_at: Some(SLOT), ..fresh() };
    let now = SLOT + 2 * HOUR_MS;
    let again = must(NeedsHuman, &spent, &Event::Person(Answer::SendIt), now);
    assert_eq!((again.progress.person_at, again.progress.tries), (Some(now), 0));
    assert_eq!((again.progress.unknown_since, again.progress.absent_at), (None, None));
    let three = Progress { tries: 4, ..half() };
    let rest = must(Partial, &three, &Event::Person(Answer::SendRest), now);
    assert_eq!(
        (rest.state, rest.next_at, rest.progress.person_at, rest.progress.tries),
        (Waiting, Some(now), Some(now), 0)
    );
    let there = must(NeedsHuman, &three, &Event::Person(Answer::ItIsThere), now);
    assert_eq!((there.state, there.progress.accepted, there.progress.person_at), (Waiting, 2, Some(now)));
    assert_eq!((due_from(SLOT, &fresh()), due_from(SLOT, &there.progress)), (SLOT, now));
    assert_eq!(due_from(SLOT, &Progress { person_at: Some(SLOT - 9), ..fresh() }), SLOT);
}

#[test]
fn of_half_a_thread_a_person_can_send_the_rest_or_leave_it_and_of_an_unknown_one_say_what_they_see() {
    let says =
        |state, progress: &Progress, answer| of(state, progress, &Event::Person(answer), NOW).map(|next| next.state);
    for answer in [Answer::ItIsThere, Answer::SendIt, Answer::DropIt] {
        assert_eq!(says(Partial, &half(), answer), None, "{answer:?}");
    }
    for answer in [Answer::SendRest, Answer::Leave] {
        assert_eq!(says(NeedsHuman, &half(), answer), None, "{answer:?}");
    }
    assert_eq!(says(Partial, &half(), Answer::SendRest), Some(Waiting));
    assert_eq!(says(Partial, &half(), Answer::Leave), Some(Partial));
    // Nothing of it is missing.
    assert_eq!(says(Partial, &Progress { accepted: 3, ..half() }, Answer::SendRest), None);
}

#[test]
fn while_the_network_may_still_be_at_it_only_what_is_seen_can_be_said() {
    let unknown = Progress { unknown_since: Some(SLOT), ..fresh() };
    for answer in [Answer::SendIt, Answer::DropIt] {
        let may = |ms| of(NeedsHuman, &unknown, &Event::Person(answer), SLOT + ms).is_some();
        assert_eq!([may(-1), may(0), may(SETTLE_MS - 1), may(SETTLE_MS)], [true, false, false, true], "{answer:?}");
    }
}

/// What RELIABILITY and DESIGN name, and what follows from it: whoever changes one of these changes what a person was promised.
#[test]
fn the_times_are_these() {
    let times =
        [COMMIT_TIMEOUT_MS, SEND_WINDOW_MS, LEASE_MARGIN_MS, LEASE_MS, RENEW_MS, SETTLE_MS].map(|ms| ms / 1_000);
    assert_eq!(times, [30, 15, 15, 120, 30, 60]);
    let times = [GRACE_MS, UNKNOWN_MAX_MS, ABSENT_GAP_MS, PROCESSING_MAX_MS, APP_STOP_MS].map(|ms| ms / 60_000);
    assert_eq!(times, [60, 30, 1, 360, 10]);
    // A commit call and what is written after it fit into what arming leaves of a lease.
    const { assert!(SEND_WINDOW_MS + COMMIT_TIMEOUT_MS + LEASE_MARGIN_MS < LEASE_MS) };
}

#[test]
fn every_state_has_its_word_its_sentence_and_its_place_in_the_lists() {
    // The word, whether nothing more happens, whether somebody must do something, and the notice.
    for (state, word, is_over, needs, told) in [
        (Scheduled, "scheduled", false, false, ""),
        (Leased, "leased", false, false, ""),
        (Armed, "armed", false, false, ""),
        (Processing, "processing", false, false, ""),
        (Waiting, "waiting", false, false, ""),
        (Unknown, "unknown", false, false, ""),
        (Blocked, "blocked", false, true, "notice-blocked"),
        (Paused, "paused", false, false, ""),
        (Unapproved, "unapproved", false, true, "notice-unapproved"),
        (NeedsHuman, "needs_human", false, true, "notice-needs-human"),
        (Missed, "missed", false, true, "notice-missed"),
        (Published, "published", true, false, "notice-published"),
        (Partial, "partial", true, true, "notice-partial"),
        (Failed, "failed", true, true, "notice-failed"),
        (Cancelled, "cancelled", true, false, ""),
        (TakenDown, "taken_down", true, false, ""),
    ] {
        assert_eq!((state.word(), State::find(word)), (word, Some(state)));
        assert_eq!((state.is_over(), state.needs_attention()), (is_over, needs), "{word}");
        assert_eq!(state.wording(), Sentence::new(&format!("delivery-state-{}", word.replace('_', "-"))));
        let notice = notice(state, "@her", &half());
        assert_eq!(notice.as_ref().map_or("", |notice| &notice.key), told, "{word}");
    }
    assert_eq!(State::find("nothing of ours"), None);
    let partial = say!("notice-partial", handle = "@her", done = 1_i64, of = 3_i64);
    assert_eq!(notice(Partial, "@her", &half()), Some(partial));
}
