//! The toolbox: one file per tool, the contract every tool keeps, and the one place where arguments are read, repeated calls are
//! answered once, and refusals are made. `answer.rs` holds the shapes that several tools answer with.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use url::Url;

use crate::analytics::Analytics;
use crate::desk::{Repeated, ToolDesk};
use crate::domain::caller::Caller;
use crate::domain::drawn::Drawn;
use crate::domain::ids::ApprovalId;
use crate::domain::lang::Lang;
use crate::domain::post::digest;
use crate::domain::refusal::Sentence;
use crate::domain::tool::{Effect, Keep, ToolError, ToolOutcome, ToolSpec};
use crate::i18n::Words;
use crate::media::Intake;
use crate::memory::Memory;
use crate::say;
use crate::store::idempotency::{FirstCall, RENEW_MS};

pub mod answer;
pub mod attach_media;
pub mod connect_account;
mod counted;
pub mod create_draft;
pub mod disconnect_account;
pub mod drawn;
pub mod figures;
pub mod forget_history;
pub mod get_post;
pub mod list_accounts;
pub mod list_conversations;
pub mod list_posts;
mod outcomes;
pub mod pause_publishing;
pub mod publish_post;
pub mod report_posts;
pub mod report_search;
pub mod report_traffic;
pub mod report_videos;
pub mod schedule_post;
pub mod suggest_times;
pub mod take_down_post;
pub mod update_draft;
pub mod withdraw_post;

/// What a tool works with.
pub struct ToolContext<'a> {
    /// Posts and accounts, and asking a person; it cannot answer for one.
    pub desk: ToolDesk<'a>,
    /// Pictures and videos.
    pub media: &'a Intake,
    /// Conversations.
    pub memory: &'a Memory,
    /// Reports of Google.
    pub analytics: &'a Analytics,
    /// Whoever calls must not see data of Google accounts.
    pub is_withheld: bool,
    /// Rows of a list at most, where the answer is for a file and not for a model's context.
    pub rows_max: Option<usize>,
    /// Sentences.
    pub words: &'a Words,
    /// Tools speak English, because their readers are models; what a person is shown of them is in that person's language.
    pub lang: Lang,
    /// Who is asking.
    pub caller: &'a Caller,
    /// Links are made from it.
    pub public_url: &'a Url,
}

impl ToolContext<'_> {
    /// A sentence.
    #[must_use]
    pub fn say(&self, sentence: &Sentence) -> String {
        self.words.say(self.lang, sentence)
    }

    /// How many rows of a list are told, where so many fit a client's context.
    #[must_use]
    pub fn told(&self, usual: usize) -> usize {
        self.rows_max.unwrap_or(usual)
    }

    /// Where a person answers an approval.
    #[must_use]
    pub fn approval_url(&self, id: &ApprovalId) -> String {
        self.link(&format!("approvals/{id}"))
    }

    /// A page of this server.
    #[must_use]
    pub fn link(&self, path: &str) -> String {
        format!("{}/{path}", self.public_url.as_str().trim_end_matches('/'))
    }
}

/// What a tool answers with.
pub struct Answered<T> {
    /// Fits the output schema.
    pub structured: T,
    /// The same in a few lines.
    pub text: String,
    /// The approvals that now wait for a person.
    pub waiting: Vec<ApprovalId>,
}

/// A tool. Its doc comment is what models read; its fields' doc comments describe the arguments.
pub trait Tool: DeserializeOwned + JsonSchema + Send + 'static {
    /// `verb_noun`, the same in file, golden and story.
    const NAME: &'static str;
    /// For people, in English.
    const TITLE: &'static str;
    /// What it does to the world.
    const EFFECT: Effect;
    /// Whether the same call twice changes nothing more.
    const IDEMPOTENT: bool;
    /// Whether it deals with somebody outside.
    const REACHES_OUT: bool = Self::EFFECT.reaches_out();
    /// Whether it writes over something or takes it away.
    const TAKES_AWAY: bool = Self::EFFECT.takes_away();
    /// Whether it answers with data of a connected provider that a model on an unpaid plan must not see.
    const IS_PROVIDER_DATA: bool = false;
    /// The shape of its answer.
    type Answer: Serialize + JsonSchema;

    /// How long an answer may be kept, when its provider sets a limit.
    fn keep(_answer: &Self::Answer) -> Option<Keep> {
        None
    }

    /// An answer as a chart, where that was asked for.
    fn chart(_answer: &Self::Answer) -> Option<Drawn> {
        None
    }

    /// Whether an answer holds somebody else's words: in the rest of the turn no standing permission counts then (DESIGN §4).
    fn is_strange(_answer: &Self::Answer) -> bool {
        Self::IS_PROVIDER_DATA
    }

    /// Does the work.
    fn call(self, cx: &ToolContext<'_>) -> impl Future<Output = Result<Answered<Self::Answer>, ToolError>> + Send;
}

type Running<'a> = Pin<Box<dyn Future<Output = Result<ToolOutcome, ToolError>> + Send + 'a>>;

struct Entry {
    spec: ToolSpec,
    run: for<'a> fn(&'a ToolContext<'a>, Value) -> Running<'a>,
}

/// Every tool, in the order in which clients see them.
pub struct Toolbox {
    entries: Vec<Entry>,
    specs: Vec<ToolSpec>,
}

fn entries() -> Vec<Entry> {
    vec![
        entry::<list_accounts::ListAccounts>(),
        entry::<connect_account::ConnectAccount>(),
        entry::<disconnect_account::DisconnectAccount>(),
        entry::<attach_media::AttachMedia>(),
        entry::<create_draft::CreateDraft>(),
        entry::<update_draft::UpdateDraft>(),
        entry::<get_post::GetPost>(),
        entry::<list_posts::ListPosts>(),
        entry::<report_posts::ReportPosts>(),
        entry::<withdraw_post::WithdrawPost>(),
        entry::<suggest_times::SuggestTimes>(),
        entry::<schedule_post::SchedulePost>(),
        entry::<publish_post::PublishPost>(),
        entry::<take_down_post::TakeDownPost>(),
        entry::<pause_publishing::PausePublishing>(),
        entry::<report_traffic::ReportTraffic>(),
        entry::<report_search::ReportSearch>(),
        entry::<report_videos::ReportVideos>(),
        entry::<list_conversations::ListConversations>(),
        entry::<forget_history::ForgetHistory>(),
    ]
}

impl Default for Toolbox {
    fn default() -> Self {
        let mut entries = entries();
        let (mut inputs, mut outputs) = (BTreeSet::new(), BTreeSet::new());
        for Entry { spec, .. } in &mut entries {
            say_first(&mut spec.input_schema, &mut inputs);
            say_first(&mut spec.output_schema, &mut outputs);
        }
        let specs = entries.iter().map(|entry| entry.spec.clone()).collect();
        Self { entries, specs }
    }
}

fn entry<T: Tool>() -> Entry {
    let mut input = schema::<T>(SchemaSettings::draft2020_12().for_deserialize());
    let description = input.remove("description").and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default();
    say_once(&mut input);
    let mut output = schema::<T::Answer>(SchemaSettings::draft2020_12().for_serialize());
    output.remove("description");
    output.values_mut().for_each(|part| lessen(part, true));
    input.values_mut().for_each(|part| lessen(part, false));
    if T::EFFECT == Effect::Reads && T::REACHES_OUT {
        offer_key(&mut input);
    }
    // That nothing else is taken is said once, of the whole; inside it is so, too.
    input.values_mut().chain(output.values_mut()).for_each(unclose);
    Entry {
        spec: ToolSpec {
            name: T::NAME,
            title: T::TITLE,
            // Doc comments are wrapped for people; models do not need the line ends.
            description: description.split_whitespace().collect::<Vec<_>>().join(" "),
            effect: T::EFFECT,
            idempotent: T::IDEMPOTENT,
            reaches_out: T::REACHES_OUT,
            takes_away: T::TAKES_AWAY,
            is_provider_data: T::IS_PROVIDER_DATA,
            input_schema: Value::Object(input),
            output_schema: Value::Object(output),
        },
        run: |cx, arguments| Box::pin(run::<T>(cx, arguments)),
    }
}

/// What reads may also take longer than its client waits, where somebody else is asked: the handle that it is given then comes back as the key
/// of whatever writes does. Everywhere else it is taken, too; nobody is told, because nobody gets one.
fn offer_key(input: &mut Map<String, Value>) {
    let key = serde_json::json!({ "type": "string", "description": KEY });
    if let Some(Value::Object(properties)) = input.get_mut("properties") {
        properties.insert("idempotency_key".to_owned(), key);
    }
}

/// As the tools that write say it.
const KEY: &str = "Makes a repeat safe for 24 h.";

/// A schema without `$ref`, `$schema` and titles: some clients cannot read the first and all pay for the others (MCP.md §5.12).
fn schema<T: JsonSchema>(settings: SchemaSettings) -> Map<String, Value> {
    let settings = settings.with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let schema: Schema = settings.into_generator().into_root_schema_for::<T>();
    let mut value = schema.to_value();
    lighten(&mut value);
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// What an argument is for is said where it stands first: the same within another one (a thread for one account) goes without words.
fn say_once(schema: &mut Map<String, Value>) {
    let Some(Value::Object(arguments)) = schema.get_mut("properties") else { return };
    let outer: Vec<(String, Value)> = arguments.iter().map(|(name, schema)| (name.clone(), bare(schema))).collect();
    for argument in arguments.values_mut() {
        hush(argument, &outer);
    }
}

/// Takes the words from whatever stands already among the arguments.
fn hush(schema: &mut Value, outer: &[(String, Value)]) {
    match schema {
        Value::Object(map) => {
            for (key, inner) in map.iter_mut() {
                match inner {
                    Value::Object(properties) if key == "properties" => {
                        for (name, inner) in properties.iter_mut() {
                            let plain = bare(inner);
                            if outer.iter().any(|(known, schema)| known == name && *schema == plain) {
                                *inner = plain;
                            } else {
                                hush(inner, outer);
                            }
                        }
                    }
                    inner => hush(inner, outer),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| hush(item, outer)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A schema without words.
fn bare(schema: &Value) -> Value {
    match schema {
        Value::Object(map) => {
            let without = |(key, inner): (&String, &Value)| match (key.as_str(), inner) {
                // As a keyword it is a text; as a property's name it holds a schema.
                ("description", Value::String(_)) => None,
                _ => Some((key.clone(), bare(inner))),
            };
            Value::Object(map.iter().filter_map(without).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(bare).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => schema.clone(),
    }
}

/// What a property is for is said by the first tool that has it: the very same in a later one goes without words. Tools are listed all together, and
/// every word is paid for in every conversation.
fn say_first(schema: &mut Value, said: &mut BTreeSet<String>) {
    let whole = schema.clone();
    hush_said(schema, said);
    note_said(&whole, said);
}

fn named(name: &str, schema: &Value) -> String {
    format!("{name}: {schema}")
}

fn hush_said(schema: &mut Value, said: &BTreeSet<String>) {
    match schema {
        Value::Object(map) => {
            for (key, inner) in map.iter_mut() {
                match inner {
                    Value::Object(properties) if key == "properties" => {
                        for (name, inner) in properties.iter_mut() {
                            if said.contains(&named(name, inner)) {
                                *inner = bare(inner);
                            } else {
                                hush_said(inner, said);
                            }
                        }
                    }
                    inner => hush_said(inner, said),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| hush_said(item, said)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn note_said(schema: &Value, said: &mut BTreeSet<String>) {
    match schema {
        Value::Object(map) => {
            for (key, inner) in map {
                if let Value::Object(properties) = inner
                    && key == "properties"
                {
                    said.extend(properties.iter().map(|(name, inner)| named(name, inner)));
                    properties.values().for_each(|inner| note_said(inner, said));
                } else {
                    note_said(inner, said);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| note_said(item, said)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Takes "nothing else" from the objects inside.
fn unclose(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if map.get("additionalProperties") == Some(&Value::Bool(false)) {
                map.remove("additionalProperties");
            }
            map.values_mut().for_each(unclose);
        }
        Value::Array(items) => items.iter_mut().for_each(unclose),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Takes away what only repeats a name: the texts of a list's members, whose list has its own, and in answers those of whole objects and word lists.
fn lessen(value: &mut Value, is_answer: bool) {
    match value {
        Value::Object(map) => {
            let is_whole = map.get("type") == Some(&Value::from("object")) || map.contains_key("enum");
            if is_answer && is_whole && map.get("description").is_some_and(Value::is_string) {
                map.remove("description");
            }
            if let Some(Value::Object(member)) = map.get_mut("items")
                && member.get("description").is_some_and(Value::is_string)
            {
                member.remove("description");
            }
            map.values_mut().for_each(|inner| lessen(inner, is_answer));
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| lessen(inner, is_answer)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn lighten(value: &mut Value) {
    match value {
        Value::Object(map) => {
            // `title` as a keyword holds a text; as a property's name it holds a schema.
            if map.get("title").is_some_and(Value::is_string) {
                map.remove("title");
            }
            map.remove("format");
            map.remove("minimum");
            // What is left out is nothing, whatever nothing looks like: clients need not be told.
            let is_nothing =
                |value: &Value| value.is_null() || *value == false || *value == "" || *value == serde_json::json!([]);
            if map.get("default").is_some_and(is_nothing) {
                map.remove("default");
            }
            // The list says what its items are.
            if map.contains_key("description")
                && let Some(Value::Object(items)) = map.get_mut("items")
            {
                items.remove("description");
            }
            // An argument left out is enough: `null` is not offered, so that strict clients find one plain type.
            if let Some(Value::Array(types)) = map.get("type").cloned() {
                let kept: Vec<_> = types.into_iter().filter(|kind| kind != "null").collect();
                if let [one] = kept.as_slice() {
                    map.insert("type".into(), one.clone());
                }
            }
            if let Some(Value::Array(choices)) = map.get("anyOf").cloned() {
                let kept: Vec<_> =
                    choices.into_iter().filter(|choice| choice.get("type") != Some(&Value::from("null"))).collect();
                if let [Value::Object(one)] = kept.as_slice() {
                    map.remove("anyOf");
                    for (key, inner) in one {
                        map.entry(key.clone()).or_insert_with(|| inner.clone());
                    }
                }
            }
            // Words with texts of their own come as a choice of constants; one plain list is what strict clients can hold.
            if let Some(Value::Array(choices)) = map.get("oneOf") {
                let words: Vec<Value> = choices
                    .iter()
                    .flat_map(|choice| {
                        choice.get("enum").and_then(Value::as_array).into_iter().flatten().chain(choice.get("const"))
                    })
                    .cloned()
                    .collect();
                if words.len() >= choices.len() && words.iter().all(Value::is_string) {
                    map.remove("oneOf");
                    map.insert("type".into(), "string".into());
                    map.insert("enum".into(), words.into());
                }
            }
            for inner in map.values_mut() {
                lighten(inner);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(lighten),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

async fn run<T: Tool>(cx: &ToolContext<'_>, arguments: Value) -> Result<ToolOutcome, ToolError> {
    let tool: T = serde_path_to_error::deserialize(arguments)
        .map_err(|error| say!("common-argument-wrong", what = error.to_string()))?;
    let answered = tool.call(cx).await?;
    let (keep, is_strange) = (T::keep(&answered.structured), T::is_strange(&answered.structured));
    let chart = T::chart(&answered.structured);
    let structured = serde_json::to_value(answered.structured).map_err(|error| ToolError::Failed(error.to_string()))?;
    Ok(ToolOutcome { structured, text: answered.text, waiting: answered.waiting, keep, is_strange, chart })
}

impl Toolbox {
    /// The tools' contracts, in fixed order.
    #[must_use]
    pub fn specs(&self) -> &[ToolSpec] {
        &self.specs
    }

    /// Calls a tool. A call with an `idempotency_key` runs once a day for the same arguments.
    ///
    /// # Errors
    /// Refused when the tool is not known, the arguments do not fit, or the tool itself refuses.
    pub async fn call(&self, cx: &ToolContext<'_>, name: &str, arguments: Value) -> Result<ToolOutcome, ToolError> {
        let Some(entry) = self.entries.iter().find(|entry| entry.spec.name == name) else {
            return Err(say!("common-tool-unknown", name = name.chars().take(60).collect::<String>()).into());
        };
        let arguments = match arguments {
            Value::Null => Value::Object(Map::new()),
            Value::Object(_) => arguments,
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                return Err(say!("common-argument-wrong", what = "the arguments must be an object").into());
            }
        };
        let mut arguments = arguments;
        if entry.spec.effect == Effect::Reads
            && let Value::Object(all) = &mut arguments
        {
            // What reads is asked again without harm; only whoever waits for a late answer says which.
            all.remove("idempotency_key");
        }
        let is_dry = arguments.get("dry_run") == Some(&Value::Bool(true));
        match arguments.get("idempotency_key").and_then(Value::as_str).map(str::to_owned) {
            Some(key) if entry.spec.effect != Effect::Reads && !is_dry => {
                self.call_once(cx, entry, arguments, &key).await
            }
            Some(_) | None => (entry.run)(cx, arguments).await,
        }
    }

    async fn call_once(
        &self,
        cx: &ToolContext<'_>,
        entry: &Entry,
        arguments: Value,
        key: &str,
    ) -> Result<ToolOutcome, ToolError> {
        /// Long enough for any generated key, short enough to be one.
        const KEY_CHARS_MAX: usize = 200;
        if key.is_empty() || key.chars().count() > KEY_CHARS_MAX {
            return Err(say!("common-argument-wrong", what = "idempotency_key must have 1 to 200 characters").into());
        }
        let hash = digest(&serde_json::json!([entry.spec.name, arguments]));
        match cx.desk.claim_key(cx.caller, key, &hash).await? {
            Repeated::First => {}
            Repeated::Other => return Err(say!("common-idempotency-conflict", key = key).into()),
            Repeated::Same(FirstCall::Running) => return Err(say!("common-idempotency-running", key = key).into()),
            Repeated::Same(FirstCall::Lost) => return Err(say!("common-idempotency-lost", key = key).into()),
            Repeated::Same(FirstCall::Answered(answer)) => {
                return serde_json::from_str::<Kept>(&answer)
                    .map(|kept| {
                        let Kept { structured, text, asked, keep } = kept;
                        ToolOutcome { structured, text, waiting: asked, keep, is_strange: false, chart: None }
                    })
                    .map_err(|error| ToolError::Failed(error.to_string()));
            }
        }
        let work = (entry.run)(cx, arguments);
        tokio::pin!(work);
        let outcome = loop {
            tokio::select! {
                outcome = &mut work => break outcome,
                () = tokio::time::sleep(Duration::from_millis(RENEW_MS)) => cx.desk.renew_key(cx.caller, key).await,
            }
        };
        let kept = outcome.as_ref().ok().map(|outcome| Kept {
            structured: outcome.structured.clone(),
            text: outcome.text.clone(),
            asked: outcome.waiting.clone(),
            keep: outcome.keep.clone(),
        });
        let kept = kept.map(|kept| serde_json::to_string(&kept).unwrap_or_default());
        cx.desk.keep_answer(cx.caller, key, kept.as_deref()).await?;
        outcome
    }
}

/// An answer as kept for repeated calls.
#[derive(serde::Serialize, serde::Deserialize)]
struct Kept {
    structured: Value,
    text: String,
    #[serde(default)]
    asked: Vec<ApprovalId>,
    #[serde(default)]
    keep: Option<Keep>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Before words that were said are taken out.
    #[test]
    fn every_argument_says_what_it_is_for() {
        for Entry { spec, .. } in entries() {
            for (name, argument) in spec.input_schema["properties"].as_object().into_iter().flatten() {
                let words = argument["description"].as_str().unwrap_or_default();
                assert!(!words.is_empty(), "{}.{name}: no description", spec.name);
            }
        }
    }
}
