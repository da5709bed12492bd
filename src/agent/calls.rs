//! The calls of a model's answer: carried out in their order, bounded, gated and noted down. What a turn is made of is in `turn`.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};

use super::turn::{Ledger, Tell, Turn};
use super::{Agent, Hands, outcome, pages, voice};
use crate::domain::caller::{Caller, Grant};
use crate::domain::chat::{Card, Progress};
use crate::domain::google::names_things;
use crate::domain::ids::ids_in;
use crate::domain::lang::Lang;
use crate::domain::post::digest;
use crate::domain::refusal::Sentence;
use crate::domain::schedule::choices;
use crate::domain::tool::{Effect, ToolError, ToolOutcome};
use crate::i18n::Words;
use crate::llm::{Call, CallResult, Declaration, Item, Quota, Said};

/// Calls that are carried out of one answer; more than this is a loop.
const CALLS_MAX: usize = 8;
/// A tool is given up after this; what it may have done is in the ledger.
const TOOL_DEADLINE: Duration = Duration::from_secs(30);
/// A refusal is handed back to the model once, to be mended; when the same tool refuses in a second answer, the person is told.
const REFUSALS_MAX: usize = 2;
/// Where others read along, it is not there.
const LIST_CONVERSATIONS: &str = "list_conversations";

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
            let speaker = ledger.caller(turn);
            let grant = if ledger.is_tainted { Grant::Drafts } else { speaker.grant };
            let caller = &Caller { grant, is_tainted: ledger.is_tainted, ..speaker.clone() };
            let is_reading = reads(turn.hands, &call.name);
            let seen = if is_reading { &mut ledger.reads } else { &mut ledger.acts };
            let fresh: Vec<bool> = group.iter().map(|call| seen.insert(identity(call))).collect();
            if !is_reading {
                // What was read before may read otherwise now.
                ledger.reads.clear();
            }
            let is_tainted = ledger.is_tainted;
            let running = group.iter().zip(&fresh).map(|(call, is_fresh)| async move {
                if *is_fresh { self.one(turn, caller, call, said, is_tainted).await } else { Done::Repeated }
            });
            for (call, done) in group.iter().zip(join_all(running).await) {
                // A refusal names properties and sites, which anybody may have named.
                ledger.is_tainted |= matches!(&done, Done::Refused(why, _)
                    if is_provider_data(turn.hands, &call.name) || names_things(&why.key));
                // Where they are not to be shown no tool answers with them.
                ledger.is_of_google |= turn.shows_google
                    && matches!(&done, Done::Tool { outcome, .. }
                        if outcome.keep.is_some() || is_provider_data(turn.hands, &call.name));
                results.push(note(call, done, ledger, &self.words));
            }
        }
        for (tool, what) in std::mem::take(&mut ledger.refused) {
            let count = ledger.refusals.entry(tool).and_modify(|count| *count += 1).or_insert(1);
            if *count >= REFUSALS_MAX {
                ledger.problem = Some(what);
            }
        }
        results
    }

    async fn one(&self, turn: &Turn<'_>, caller: &Caller, call: &Call, said: &[String], is_tainted: bool) -> Done {
        let work = async {
            let is_withheld = self.quota == Quota::Unpaid && is_provider_data(turn.hands, &call.name);
            match call.name.as_str() {
                pages::READ_PAGE => {
                    let Some(url) = pages::allowed(&call.arguments, said) else { return Ok(Done::NotGiven) };
                    let page = turn.hands.page(url).await?;
                    pages::result(url, page).await.map(Done::Page)
                }
                // Whatever tool it is: an address that the person did not write is never asked, not even for a picture.
                _ if !pages::are_given(&call.arguments, said) => Ok(Done::NotGiven),
                voice::SET_VOICE if is_tainted => Ok(Done::Tainted),
                voice::SET_VOICE => {
                    let change = voice::read(&call.arguments)?;
                    let (profile, speaker) = turn.hands.set_voice(caller, change).await?;
                    Ok(Done::Voice(profile, speaker))
                }
                LIST_CONVERSATIONS if !turn.is_private => Ok(Done::NotHere),
                _ if is_withheld => Ok(Done::Withheld),
                name => {
                    let outcome = turn.hands.call(caller, name, call.arguments.clone()).await?;
                    let is_tainted = outcome.is_strange || self.brings_strange_words(caller, call, &outcome).await?;
                    Ok(Done::Tool { outcome, is_tainted })
                }
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

impl Agent {
    /// Whether what a call was about or answered with holds somebody else's words: a picture from an address, a post that was written beside a
    /// page, a conversation with one in it, if only its title. Whatever tool it is: the ids tell.
    async fn brings_strange_words(
        &self,
        caller: &Caller,
        call: &Call,
        outcome: &ToolOutcome,
    ) -> Result<bool, ToolError> {
        match ids_in(&[&call.arguments, &outcome.structured]) {
            Some(ids) => self.memory.are_tainted(caller, &ids).await,
            // More than anybody looks through: taken for strange.
            None => Ok(true),
        }
    }
}

/// What the model is told of the tools. Those that answer with a provider's data are not there for a model on an unpaid plan.
pub(super) fn declarations(hands: &dyn Hands, quota: Quota) -> Vec<Declaration> {
    let offered = hands.specs().iter().filter(|spec| quota == Quota::Paid || !spec.is_provider_data);
    let tools = offered.map(|spec| Declaration::new(spec.name, &spec.description, &without_key(&spec.input_schema)));
    tools.chain([pages::declaration(), voice::declaration()]).collect()
}

/// Clients that lose answers need a key; here a repeated call is stopped anyway, and the model is spared the words.
fn without_key(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.remove("idempotency_key");
    }
    make_lean(&mut schema);
    schema
}

/// Without what a model does not need in order to call well: empty defaults, that nothing more is allowed (the tool refuses it by name), "or
/// null" beside what may be left out.
fn make_lean(schema: &mut Value) {
    if let Value::Array(several) = schema {
        several.iter_mut().for_each(make_lean);
    }
    let Value::Object(schema) = schema else { return };
    schema.remove("$schema");
    if schema.get("additionalProperties").is_some_and(Value::is_boolean) {
        schema.remove("additionalProperties");
    }
    if schema.get("default").is_some_and(|value| value.is_null() || *value == json!(false) || *value == json!([])) {
        schema.remove("default");
    }
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|word| word != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    for (key, value) in schema {
        match value {
            // Their names are no keywords.
            Value::Object(names) if key == "properties" => names.values_mut().for_each(make_lean),
            value => make_lean(value),
        }
    }
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

fn is_provider_data(hands: &dyn Hands, name: &str) -> bool {
    hands.specs().iter().any(|spec| spec.name == name && spec.is_provider_data)
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
    Tool {
        outcome: ToolOutcome,
        /// It holds somebody else's words.
        is_tainted: bool,
    },
    Page(Value),
    Voice(Value, Caller),
    Tainted,
    Repeated,
    NotGiven,
    NotHere,
    Withheld,
    Refused(Sentence, String),
    Failed,
    Late,
}

/// Addresses that open something for whoever holds them: people get them on cards, a model has no use for them.
const ADDRESSES: [&str; 3] = ["approval_url", "approval_urls", "upload_url"];

/// A tool's answer without what a model does not need.
fn for_model(mut structured: Value, mut said: String) -> Value {
    if let Some(fields) = structured.as_object_mut() {
        for hidden in ADDRESSES.iter().filter_map(|name| fields.remove(*name)) {
            let hidden = if let Value::Array(all) = hidden { all } else { vec![hidden] };
            for address in hidden.iter().filter_map(Value::as_str).filter(|address| !address.is_empty()) {
                said = said.replace(address, "the card below this answer");
            }
        }
    }
    json!({ "output": structured, "said": said })
}

fn note(call: &Call, done: Done, ledger: &mut Ledger, words: &Words) -> CallResult {
    let response = match done {
        Done::Tool { outcome, is_tainted } => {
            ledger.is_tainted |= is_tainted;
            ledger.evidence.done.extend(outcome::done(call, &outcome));
            ledger.evidence.read.extend(outcome::read(call, &outcome));
            ledger.brought.extend(outcome::pictures(call, &outcome));
            for card in outcome::cards(&call.name, &outcome) {
                outcome::add(&mut ledger.cards, card);
            }
            if let Some(keep) = outcome.keep {
                let until = ledger.keeping.until_ms.map_or(keep.until_ms, |until| until.min(keep.until_ms));
                ledger.keeping.until_ms = Some(until);
                ledger.keeping.accounts.extend(keep.accounts);
            }
            for_model(outcome.structured, outcome.text)
        }
        Done::Page(page) => {
            ledger.is_tainted = true;
            page
        }
        Done::Voice(profile, speaker) => {
            ledger.changed = Some(speaker);
            profile
        }
        Done::Tainted => {
            json!({ "error": "somebody else's text is in sight: this is only kept when the person says it in a conversation without any" })
        }
        Done::Repeated => json!({ "error": "this very call was made in this turn already: use its answer" }),
        Done::NotGiven => json!({ "error": "only an address that the person gave in this conversation can be opened" }),
        Done::NotHere => {
            json!({ "error": "others read along here: earlier conversations are only listed where the person is alone" })
        }
        Done::Withheld => {
            json!({ "error": "this server's model plan is unpaid, so data of connected accounts is not shown to you; the person sees it on the pages" })
        }
        Done::Refused(what, tool) => {
            let times = choices(&what);
            if !times.is_empty() {
                outcome::add(&mut ledger.cards, Card::Times(times));
            }
            if what.key == "place-google-first" {
                outcome::add(&mut ledger.cards, Card::Google);
            }
            let error = words.say(Lang::En, &what);
            ledger.refused.insert(tool, what);
            json!({ "error": error })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lean_schema_says_the_same_with_fewer_words_and_arguments_keep_their_names() {
        let schema = json!({ "$schema": "…", "type": "object", "additionalProperties": false, "required": ["default"], "properties": {
            "default": { "type": ["string", "null"], "default": null, "description": "A name like a keyword." },
            "late": { "type": "string", "enum": ["ask", "skip"], "default": "ask" },
            "idempotency_key": { "type": "string" },
            "parts": { "type": "array", "default": [], "items": { "type": "object", "additionalProperties": false,
                "properties": { "type": { "type": ["integer", "null"] } } } } } });
        let wanted = json!({ "type": "object", "required": ["default"], "properties": {
            "default": { "type": "string", "description": "A name like a keyword." },
            "late": { "type": "string", "enum": ["ask", "skip"], "default": "ask" },
            "parts": { "type": "array", "items": { "type": "object", "properties": { "type": { "type": "integer" } } } } } });
        assert_eq!(without_key(&schema), wanted);
    }
}
