//! One trial: a post falls due, a process is struck at its point, whoever is left goes on, a person answers what they are asked; then the ledger
//! says what the world saw.

use std::collections::BTreeMap;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};
use socrazi::domain::delivery::{Answer, LEASE_MS, SETTLE_MS, State};
use socrazi::domain::ids::DeliveryId;
use socrazi::domain::network::Network;

use crate::cells::{Cell, Fate, Point, Program, Topology};
use crate::stage::{PATIENCE, Person, Plan, Stage, Template};
use crate::venue::{Shape, Wants};

/// Looks at a delivery before it is called stuck: about an hour of its time, or a minute of ours.
const LOOKS_MAX: usize = 2_000;
/// Between two looks.
const LOOK: Duration = Duration::from_millis(15);
/// How long a process that works on something may stand still before more time passes: a busy machine is no slow network.
const STILL: Duration = Duration::from_millis(450);
/// And then after each time that passed: else an hour has gone by, and the post is missed, before such a machine lets a process see a minute of it.
const MOMENT: Duration = Duration::from_millis(150);
/// Further ahead than any next look: somebody looks just now.
const LOOK_AHEAD_MS: i64 = 31_000;
const HOUR_MS: i64 = 3_600_000;

/// What came of a trial.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Outcome {
    pub(crate) end: String,
    /// Posts the world saw beyond the first of each part.
    pub(crate) duplicates: i64,
    /// Neither out nor asked about.
    pub(crate) lost: bool,
    /// Called published, and not there.
    pub(crate) false_published: bool,
    /// Called failed or withdrawn, and there.
    pub(crate) false_failed: bool,
    /// A person was asked what became of it.
    pub(crate) asked: bool,
    /// Why they were asked.
    pub(crate) why: String,
    /// A person was asked though it could be seen: a fault.
    pub(crate) asked_in_vain: bool,
    /// How long the outcome was unknown, on the simulated clock.
    pub(crate) unknown_ms: Option<i64>,
    /// How late it came, on the simulated clock.
    pub(crate) late_ms: Option<i64>,
    /// The point was never reached: the trial shows nothing.
    pub(crate) missed_point: bool,
    /// The rows of one that broke the promise, as they stood in the end.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) rows: String,
}

impl Outcome {
    /// Whether the promise was broken.
    pub(crate) fn is_bad(&self) -> bool {
        self.duplicates > 0
            || self.lost
            || self.false_published
            || self.false_failed
            || self.asked_in_vain
            || self.missed_point
    }
}

/// A number from a seed: SplitMix64.
fn draw(seed: &mut u64, below: u64) -> u64 {
    *seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *seed;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (z ^ (z >> 31)) % below
}

/// How the network answers the first commit in this trial.
fn answers(cell: Cell, seed: &mut u64) -> Value {
    let venue = cell.venue();
    let ((method, path), skip) = (venue.commit, venue.before_commit);
    let fault = |kind: Value| json!([{ "method": method, "path_prefix": path, "kind": kind, "skip": skip }]);
    match cell.point {
        // Long enough that it can be struck meanwhile.
        Point::F6 if cell.fate != Fate::Panic => fault(json!({ "slow_after_ms": 900 })),
        Point::F6 => json!([]),
        Point::F9 => fault(json!("reset_after")),
        _ => match draw(seed, 10) {
            0 => fault(json!("reset_after")),
            1 => fault(json!({ "status_after": { "status": 500 } })),
            2 => fault(json!("broken_body_after")),
            3 => fault(json!({ "status": { "status": 429, "headers": { "retry-after": "7" } } })),
            4 => fault(json!("reset_before")),
            _ => json!([]),
        },
    }
}

fn plan(cell: Cell, seed: &mut u64) -> Plan {
    let number = draw(seed, 1 << 40);
    let venue = cell.venue();
    let parts = if draw(seed, 4) == 0 && venue.has_chains { 2 } else { 1 };
    Plan {
        texts: (0..parts).map(|part| format!("trial {number:x} part {part} おはよう {}", venue.odd)).collect(),
        has_medium: cell.point == Point::F2 || draw(seed, 8) == 0 || venue.wants != Wants::Nothing,
        // So far that the access token must be refreshed.
        ahead_ms: if cell.point == Point::F10 { 4 * HOUR_MS } else { HOUR_MS / 2 },
    }
}

/// Templates by what [`Cell::template`] names.
pub(crate) type Templates = BTreeMap<(Network, Shape, bool), Template>;

pub(crate) async fn play(templates: &Templates, program: Program, cell: Cell, seed: u64) -> Outcome {
    let template = &templates[&cell.template()];
    let mut stage = Stage::set(template).await;
    let outcome = match program {
        Program::Socrazi => ours(&mut stage, cell, seed).await,
        Program::Retrying => control(&mut stage, cell, seed, "retrying").await,
        Program::Once => control(&mut stage, cell, seed, "once").await,
    };
    stage.end().await;
    outcome
}

fn point_of(cell: Cell) -> String {
    match cell.point {
        // Struck from outside, when the world sees it; a panic can only come from inside, a moment later.
        Point::F6 if cell.fate == Fate::Panic => "F6-answered".into(),
        Point::F6 => "outside".into(),
        point => format!("{point:?}"),
    }
}

async fn ours(stage: &mut Stage, cell: Cell, mut seed: u64) -> Outcome {
    let plan = plan(cell, &mut seed);
    let person = stage.person().await;
    let (id, slot) = stage.schedule(&person, &plan).await;
    stage.simulator.post("__sim/faults", &answers(cell, &mut seed)).await;
    stage.start(cell.topology.workers(), &["worker", &point_of(cell)]).await;
    stage.pass(slot - stage.now() + 5).await;
    let mut outcome = Outcome::default();
    let mut watch = Watch::default();
    if !until_the_point(stage, cell, Some((&person, &id, &mut watch))).await {
        outcome.missed_point = true;
    }
    strike(stage, cell, Some((&person, &id))).await;
    drive(stage, &person, &id, &plan, &mut watch, &mut outcome).await;
    judge(stage, &person, &id, (&plan, slot), cell, &mut outcome).await;
    outcome.unknown_ms = watch.longest;
    person.app.close().await;
    outcome
}

/// When an outcome became unknown, and for how long.
#[derive(Default)]
struct Watch {
    since: Option<i64>,
    longest: Option<i64>,
}

impl Watch {
    fn see(&mut self, state: State, now: i64) {
        match (state, self.since) {
            (State::Unknown, None) => self.since = Some(now),
            (State::Unknown, Some(_)) | (_, None) => {}
            (_, Some(since)) => {
                self.longest = self.longest.max(Some(now - since));
                self.since = None;
            }
        }
    }
}

/// Waits until a process stands at the point. A look needs an outcome that is unknown first, and a moment more.
async fn until_the_point(
    stage: &mut Stage,
    cell: Cell,
    mut watched: Option<(&Person, &DeliveryId, &mut Watch)>,
) -> bool {
    let mut waited = Duration::ZERO;
    while waited < PATIENCE {
        if cell.point == Point::F6 && cell.fate != Fate::Panic {
            if !stage.simulator.ledger().await.is_empty() {
                return true;
            }
        } else if stage.is_struck() {
            return true;
        }
        tokio::time::sleep(LOOK).await;
        waited += LOOK;
        if let Some((person, id, watch)) = watched.as_mut()
            && let Some(delivery) = person.delivery(id).await
        {
            watch.see(delivery.state, stage.now());
            // A retry or a look that lies ahead: the point may come only then.
            if matches!(delivery.state, State::Waiting | State::Unknown)
                && let Some(next_at) = delivery.next_at
                && next_at > stage.now()
            {
                stage.pass((next_at - stage.now() + 5).min(5_000)).await;
            }
            if delivery.state == State::NeedsHuman || delivery.state.is_over() {
                // Some points come only when it is over.
                tokio::time::sleep(STILL).await;
                return stage.is_struck();
            }
        }
    }
    false
}

/// Waits until nobody moves the delivery any more: time that flies must not fly past work under way, or a network that answers within a moment
/// seems to take minutes.
async fn until_still(person: &Person, id: &DeliveryId) {
    const ENOUGH: Duration = Duration::from_millis(300);
    let (mut before, mut still, mut waited) = (None, Duration::ZERO, Duration::ZERO);
    while still < ENOUGH && waited < ENOUGH * 10 {
        let now = person.delivery(id).await.map(|delivery| (delivery.state, delivery.epoch));
        still = if now == before { still + LOOK } else { Duration::ZERO };
        before = now;
        tokio::time::sleep(LOOK).await;
        waited += LOOK;
    }
}

async fn strike(stage: &mut Stage, cell: Cell, watched: Option<(&Person, &DeliveryId)>) {
    let pid = stage.victim().await;
    if cell.topology == Topology::Forced {
        stage.force_again().await;
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
    let no = pid.and_then(|pid| stage.no_of(pid));
    let (Some(pid), Some(no)) = (pid, no) else {
        stage.go("on");
        return;
    };
    match cell.fate {
        Fate::Kill => {
            stage.signal(pid, Signal::KILL);
            stage.replace(no).await;
            stage.go("on");
        }
        Fate::Stop => {
            stage.signal(pid, Signal::STOP);
            stage.go("on");
            // Past every lease, and a look or two of somebody else.
            for _ in 0..4 {
                if let Some((person, id)) = watched {
                    until_still(person, id).await;
                }
                stage.pass((LEASE_MS + SETTLE_MS) / 3).await;
            }
            stage.signal(pid, Signal::CONT);
        }
        Fate::Panic => stage.go("panic"),
        Fate::Restart => {
            stage.set_open(false).await;
            stage.cut().await;
            stage.go("on");
            tokio::time::sleep(Duration::from_millis(700)).await;
            stage.set_open(true).await;
        }
        Fate::Cut => {
            stage.cut().await;
            stage.go("on");
        }
        Fate::Full => {
            stage.set_disk(pid, true).await;
            stage.go("on");
            tokio::time::sleep(Duration::from_millis(700)).await;
            stage.pass(20_000).await;
            tokio::time::sleep(Duration::from_millis(200)).await;
            stage.set_disk(pid, false).await;
        }
        Fate::Ahead | Fate::Behind => {
            stage.set_skew(no, if cell.fate == Fate::Ahead { HOUR_MS } else { -HOUR_MS });
            stage.go("on");
        }
        Fate::Term => {
            stage.signal(pid, Signal::TERM);
            stage.go("on");
            stage.replace(no).await;
        }
        Fate::Nothing => stage.go("on"),
    }
}

/// Lets time pass until it is over; the person answers what they are asked.
async fn drive(
    stage: &mut Stage,
    person: &Person,
    id: &DeliveryId,
    plan: &Plan,
    watch: &mut Watch,
    outcome: &mut Outcome,
) {
    let (mut before, mut still) = (None, Duration::ZERO);
    for _ in 0..LOOKS_MAX {
        tokio::time::sleep(LOOK).await;
        let Some(delivery) = person.delivery(id).await else { continue };
        watch.see(delivery.state, stage.now());
        if before != Some((delivery.state, delivery.epoch)) {
            (before, still) = (Some((delivery.state, delivery.epoch)), Duration::ZERO);
        }
        still += LOOK;
        match delivery.state {
            State::Published | State::Partial | State::Failed | State::Cancelled | State::Missed | State::TakenDown => {
                return;
            }
            State::NeedsHuman => {
                outcome.asked = true;
                outcome.why = delivery.reason.as_ref().map(|reason| reason.key.clone()).unwrap_or_default();
                let part = usize::try_from(delivery.progress.accepted).unwrap();
                let ledger = stage.simulator.ledger().await;
                let is_there = ledger.iter().any(|entry| entry["text"] == plan.texts[part]);
                outcome.asked_in_vain |= is_there && stage.venue.can_be_read;
                let answer = if is_there { Answer::ItIsThere } else { Answer::SendIt };
                person.settle(id, answer).await;
                stage.pass(1_000).await;
            }
            State::Blocked => person.connect().await,
            State::Leased | State::Armed if still < STILL => {}
            State::Leased | State::Armed => {
                stage.pass(10_000).await;
                still = STILL - MOMENT;
            }
            State::Scheduled
            | State::Waiting
            | State::Unknown
            | State::Processing
            | State::Paused
            | State::Unapproved => {
                let ahead = delivery.next_at.map_or(2_000, |next_at| stage.until_instant(next_at));
                // What is due is not hurried: somebody has to come and take it.
                let is_being_looked_at = delivery.state == State::Unknown && ahead > LOOK_AHEAD_MS;
                if is_being_looked_at && still < STILL {
                    continue;
                }
                if ahead > 0 {
                    // A clock that went back an hour has all of it ahead.
                    stage.pass(ahead.clamp(200, if ahead > HOUR_MS / 4 { HOUR_MS / 8 } else { 10_000 })).await;
                } else if still > STILL {
                    stage.pass(2_000).await;
                    still = STILL - MOMENT;
                }
            }
        }
    }
}

async fn judge(
    stage: &Stage,
    person: &Person,
    id: &DeliveryId,
    (plan, slot): (&Plan, i64),
    cell: Cell,
    outcome: &mut Outcome,
) {
    let ledger = stage.simulator.ledger().await;
    let seen: Vec<usize> =
        plan.texts.iter().map(|text| ledger.iter().filter(|entry| entry["text"] == **text).count()).collect();
    let delivery = person.delivery(id).await.unwrap();
    outcome.end = delivery.state.word().to_owned();
    outcome.duplicates = seen.iter().map(|count| i64::try_from(count.saturating_sub(1)).unwrap()).sum();
    let receipts = person.receipts(id).await;
    // LinkedIn may say yes without a name; then the post has none here, and nothing false is claimed.
    let is_there = |receipt: &String| ledger.iter().any(|entry| entry["id"] == **receipt);
    let are_there = receipts.iter().all(|receipt| receipt.starts_with("unnamed:") || is_there(receipt));
    match delivery.state {
        State::Published => outcome.false_published = seen.contains(&0) || !are_there,
        State::Failed | State::Cancelled => {
            outcome.false_failed = seen.iter().any(|count| *count > 0);
            // Nobody refused it for good.
            outcome.lost = true;
        }
        // A machine whose clock is an hour ahead finds everything too late, and asks; nobody else may.
        State::Missed | State::Partial => {
            let shown = seen.iter().filter(|count| **count > 0).count();
            let is_told_truly = usize::try_from(delivery.progress.accepted).is_ok_and(|accepted| accepted == shown);
            outcome.lost = cell.fate != Fate::Ahead || !is_told_truly || !are_there;
        }
        _ => outcome.lost = true,
    }
    let first = ledger.iter().find(|entry| entry["text"] == plan.texts[0]);
    outcome.late_ms = first.and_then(|entry| entry["created_at_ms"].as_i64()).map(|at| at - slot);
    if outcome.is_bad() {
        outcome.rows = format!("{delivery:?} {:?}", person.app.store().list_attempts(id).await.unwrap());
    }
}

/// The same for a worker that is not ours.
async fn control(stage: &mut Stage, cell: Cell, mut seed: u64, role: &str) -> Outcome {
    let plan = Plan { has_medium: false, ..plan(cell, &mut seed) };
    let text = &plan.texts[0];
    std::fs::write(stage.file("token"), stage.simulator.token().await).unwrap();
    let slot = stage.now() + HOUR_MS / 2;
    let mut db = crate::control::open(stage.path()).await;
    let insert = "INSERT INTO job(text, due, state, tries) VALUES($1,$2,'queued',0)";
    sqlx::query(insert).bind(text).bind(slot).execute(&mut db).await.unwrap();
    stage.simulator.post("__sim/faults", &answers(cell, &mut seed)).await;
    stage.start(1, &["control", &point_of(cell), role]).await;
    stage.pass(slot - stage.now() + 5).await;
    let mut outcome = Outcome { missed_point: !until_the_point(stage, cell, None).await, ..Outcome::default() };
    strike(stage, cell, None).await;
    let mut state = String::new();
    for look in 0..LOOKS_MAX {
        tokio::time::sleep(LOOK).await;
        let found: (String,) = sqlx::query_as("SELECT state FROM job").fetch_one(&mut db).await.unwrap();
        state = found.0;
        let may_end = state == "done" || state == "failed";
        if may_end || (state == "sent" && look > 200) {
            break;
        }
        if state == "queued" || look > 40 {
            stage.pass(1_000).await;
        }
    }
    let ledger = stage.simulator.ledger().await;
    let seen = ledger.iter().filter(|entry| entry["text"] == **text).count();
    outcome.duplicates = i64::try_from(seen.saturating_sub(1)).unwrap();
    outcome.false_published = state == "done" && seen == 0;
    outcome.false_failed = state == "failed" && seen > 0;
    outcome.lost = seen == 0;
    outcome.end = state;
    outcome
}
