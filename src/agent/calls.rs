//! The calls of a model's answer: carried out in their order, bounded, gated and noted down. What a turn is made of is in `turn`.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};

use super::turn::{Ledger, Tell, Turn};
use super::{Agent, Hands, outcome, pages, voice};
use crate::domain::caller::{Caller, Grant};
use crate::domain::chat::{Card, Progress};
use crate::domain::lang::Lang;
use crate::domain::post::digest;
use crate::domain::refusal::Sentence;
use crate::domain::schedule::choices;
use crate::domain::tool::{Effect, ToolError, ToolOutcome};
use crate::i18n::Words;
use crate::llm::{Call, CallResult, Declaration, Item, Said};

/// Calls that are carried out of one answer; more than this is a loop.
const CALLS_MAX: usize = 8;
/// A tool is given up after this; what it may have done is in the ledger.
const TOOL_DEADLINE: Duration = Duration::from_secs(30);
/// A refusal is handed back to the model; after this many the person is told.
const REFUSALS_MAX: usize = 3;

impl Agent {
    /// Carries calls out in their order; neighbours that only read run together.
    pub(super) async fn carry_out(
        &self,
        turn: &Turn<'_>,
        answer: &Said,
        said: &[String],
        ledger: &mut Ledger,
        tell: Tell<'_>,
    ) -> Vec<CallResult> {
        let mut results = Vec::new();
        let mut calls = answer.calls.iter().enumerate().peekable();
        while let Some((no, call)) = calls.next() {
            if no >= CALLS_MAX {
                results.push(result(
                    call,
                    json!({ "error": format!("at most {CALLS_MAX} calls at once: call it again") }),
                ));
                continue;
            }
            let mut group = vec![call];
            if reads(turn.hands, &call.name) {
                while let Some((_, next)) = calls.next_if(|(no, next)| *no < CALLS_MAX && reads(turn.hands, &next.name))
                {
                    group.push(next);
                }
            }
            for call in &group {
                tell(Progress::Tool { name: call.name.clone(), effect: effect(turn.hands, &call.name) });
            }
            // Decided before the group runs: what comes in with it counts for what follows.
            let grant = if ledger.is_tainted { Grant::Drafts } else { turn.caller.grant };
            let caller = &Caller { grant, ..turn.caller.clone() };
            let fresh: Vec<bool> = group.iter().map(|call| ledger.seen.insert(identity(call))).collect();
            let is_tainted = ledger.is_tainted;
            let running = group.iter().zip(&fresh).map(|(call, is_fresh)| async move {
                if *is_fresh { self.one(turn, caller, call, said, is_tainted).await } else { Done::Repeated }
            });
            for (call, done) in group.iter().zip(join_all(running).await) {
                results.push(note(call, done, ledger, &self.words));
            }
        }
        results
    }

    async fn one(&self, turn: &Turn<'_>, caller: &Caller, call: &Call, said: &[String], is_tainted: bool) -> Done {
        let work = async {
            match call.name.as_str() {
                pages::READ_PAGE => {
                    let Some(url) = pages::allowed(&call.arguments, said) else { return Ok(Done::NotGiven) };
                    turn.hands.page(url).await.map(|html| Done::Page(pages::result(url, &html)))
                }
                // Whatever tool it is: an address that the person did not write is never asked, not even for a picture.
                _ if pages::names_an_address(&call.arguments) && pages::allowed(&call.arguments, said).is_none() => {
                    Ok(Done::NotGiven)
                }
                voice::SET_VOICE if is_tainted => Ok(Done::Tainted),
                voice::SET_VOICE => voice::set(&self.memory, &caller.user, &call.arguments).await.map(Done::Voice),
                name => turn.hands.call(caller, name, call.arguments.clone()).await.map(Done::Tool),
            }
        };
        match tokio::time::timeout(TOOL_DEADLINE, work).await {
            Ok(Ok(done)) => done,
            Ok(Err(ToolError::Refused(what))) => Done::Refused(what, call.name.clone()),
            Ok(Err(ToolError::Failed(_))) => Done::Failed,
            Err(_) => Done::Late,
        }
    }
}

pub(super) fn declarations(hands: &dyn Hands) -> Vec<Declaration> {
    let tools = hands.specs().iter().map(|spec| Declaration {
        name: spec.name.to_owned(),
        description: spec.description.clone(),
        parameters: spec.input_schema.clone(),
    });
    tools.chain([pages::declaration(), voice::declaration()]).collect()
}

/// Somebody else's text from an earlier turn is read again with the history.
pub(super) fn holds_page(item: &Item) -> bool {
    matches!(item, Item::Results(results) if results.iter().any(|result| result.name == pages::READ_PAGE))
}

/// A tool that is not there reads: it can do nothing.
fn effect(hands: &dyn Hands, name: &str) -> Effect {
    if name == voice::SET_VOICE {
        return Effect::Drafts;
    }
    hands.specs().iter().find(|spec| spec.name == name).map_or(Effect::Reads, |spec| spec.effect)
}

fn reads(hands: &dyn Hands, name: &str) -> bool {
    effect(hands, name) == Effect::Reads
}

fn identity(call: &Call) -> String {
    digest(&json!([call.name, call.arguments]))
}

fn result(call: &Call, response: Value) -> CallResult {
    CallResult { id: call.id.clone(), name: call.name.clone(), response }
}

/// What one call came to.
enum Done {
    Tool(ToolOutcome),
    Page(Value),
    Voice(Value),
    Tainted,
    Repeated,
    NotGiven,
    Refused(Sentence, String),
    Failed,
    Late,
}

fn note(call: &Call, done: Done, ledger: &mut Ledger, words: &Words) -> CallResult {
    let response = match done {
        Done::Tool(outcome) => {
            ledger.evidence.done.extend(outcome::done(call, &outcome));
            ledger.evidence.read.extend(outcome::read(call, &outcome));
            if let Some(card) = outcome::card(&call.name, &outcome) {
                outcome::add(&mut ledger.cards, card);
            }
            json!({ "output": outcome.structured, "said": outcome.text })
        }
        Done::Page(page) => {
            ledger.is_tainted = true;
            page
        }
        Done::Voice(profile) => profile,
        Done::Tainted => {
            json!({ "error": "somebody else's text is in sight: this is only kept when the person says it in a conversation without any" })
        }
        Done::Repeated => json!({ "error": "this very call was made in this turn already: use its answer" }),
        Done::NotGiven => json!({ "error": "only an address that the person gave in this conversation can be opened" }),
        Done::Refused(what, tool) => {
            let count = ledger.refusals.entry(tool).and_modify(|count| *count += 1).or_insert(1);
            if *count >= REFUSALS_MAX {
                ledger.problem = Some(what.clone());
            }
            let times = choices(&what);
            if !times.is_empty() {
                outcome::add(&mut ledger.cards, Card::Times(times));
            }
            json!({ "error": words.say(Lang::En, &what) })
        }
        // Logged where tools are called; a model cannot mend it.
        Done::Failed => json!({ "error": "this failed on our side and was logged: tell the person, do not try again" }),
        Done::Late => {
            json!({ "error": "no answer in time: whether it was done is not known; read before you try again" })
        }
    };
    // What it answered may be said, and so may the figures of the model's own drafts.
    ledger.known.answer(&response);
    if matches!(call.name.as_str(), "create_draft" | "update_draft") {
        ledger.known.answer(&call.arguments);
    }
    let calls = ledger.counts.entry(call.name.clone()).and_modify(|count| *count += 1).or_insert(1);
    ledger.known.count(*calls);
    result(call, response)
}
