//! The contracts that outside programs and readers rely on: every tool as a golden in `tests/golden/tools/`, what a client pays to list
//! them, which shapes strict clients can read, and README's generated tables. `SOCRAZI_TEST_ACCEPT=1` (`tests/run --accept`) writes goldens
//! and tables anew; look at the difference before you commit it. What tools do is tested elsewhere.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use socrazi::domain::tool::{Effect, ToolSpec};
use socrazi::tools::Toolbox;

/// The most tools a model still chooses among well (DESIGN §4).
const TOOLS_MAX: usize = 20;
/// What a client pays in every conversation for names, texts, inputs and hints, at 4 bytes a token (DECISIONS 25).
const LIST_TOKENS_MAX: usize = 5_000;
/// The output schemas, counted apart (DECISIONS 25).
const OUTPUT_TOKENS_MAX: usize = 4_000;
/// Bytes to a token of JSON, on the safe side.
const BYTES_PER_TOKEN: usize = 4;

fn specs() -> Vec<ToolSpec> {
    Toolbox::default().specs().to_vec()
}

fn top() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[expect(clippy::disallowed_methods, reason = "a switch of the test run, not of the server")]
pub(crate) fn is_accepting() -> bool {
    std::env::var_os("SOCRAZI_TEST_ACCEPT").is_some_and(|value| value == "1")
}

/// Compares a file with what it should hold, or writes it when the run accepts. Says what differs.
fn keep(path: &Path, wanted: &str) -> Option<String> {
    let found = std::fs::read_to_string(path).unwrap_or_default();
    if found == wanted {
        return None;
    }
    let name = path.strip_prefix(top()).unwrap_or(path).display().to_string();
    if is_accepting() {
        return write(path, wanted).err().map(|error| format!("{name}: {error}"));
    }
    let line = found.lines().zip(wanted.lines()).take_while(|(a, b)| a == b).count();
    let show = |text: &str| text.lines().nth(line).unwrap_or("(its end)").trim().chars().take(160).collect::<String>();
    Some(format!("{name}:{}: holds `{}`, should hold `{}`", line + 1, show(&found), show(wanted)))
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text)
}

fn judge(findings: &[String], what_to_do: &str) {
    assert!(findings.is_empty(), "\n{}\n{} found. {what_to_do}\n", findings.join("\n"), findings.len());
}

// ---- goldens ------------------------------------------------------------------------------------------------------------

fn golden(spec: &ToolSpec) -> String {
    let contract = json!({
        "name": spec.name,
        "title": spec.title,
        "description": spec.description,
        "effect": spec.effect,
        "idempotent": spec.idempotent,
        "reaches_out": spec.reaches_out,
        "takes_away": spec.takes_away,
        "input_schema": spec.input_schema,
        "output_schema": spec.output_schema,
    });
    format!("{contract:#}\n")
}

#[test]
fn every_tool_keeps_the_contract_that_was_accepted() {
    let folder = top().join("tests/golden/tools");
    let specs = specs();
    let mut findings: Vec<String> =
        specs.iter().filter_map(|spec| keep(&folder.join(format!("{}.json", spec.name)), &golden(spec))).collect();
    let names: BTreeSet<String> = specs.iter().map(|spec| format!("{}.json", spec.name)).collect();
    for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !names.contains(&name) {
            findings.push(format!("tests/golden/tools/{name}: no tool has this name"));
        }
    }
    judge(
        &findings,
        "Was it meant? Then `tests/run --accept` and read the difference; a shipped name is never reused.",
    );
}

// ---- what a client pays -------------------------------------------------------------------------------------------------

/// A tool as `tools/list` names it, without its output schema. Clients put this into every conversation.
fn listed(spec: &ToolSpec) -> Value {
    let reads = spec.effect == Effect::Reads;
    json!({
        "name": spec.name,
        "title": spec.title,
        "description": spec.description,
        "inputSchema": spec.input_schema,
        "annotations": {
            "readOnlyHint": reads,
            "destructiveHint": spec.takes_away,
            "idempotentHint": spec.idempotent,
            "openWorldHint": spec.reaches_out,
        },
    })
}

/// Tokens of each tool's part of the list, dearest first, and of all together.
fn cost(part: impl Fn(&ToolSpec) -> Value) -> (usize, String) {
    let specs = specs();
    let mut each: Vec<(usize, &str)> =
        specs.iter().map(|spec| (part(spec).to_string().len() / BYTES_PER_TOKEN, spec.name)).collect();
    each.sort_unstable_by(|a, b| b.cmp(a));
    let all = Value::Array(specs.iter().map(&part).collect()).to_string().len() / BYTES_PER_TOKEN;
    let lines: Vec<String> = each.iter().map(|(tokens, name)| format!("{tokens:>6} {name}")).collect();
    (all, lines.join("\n"))
}

#[test]
fn listing_the_tools_stays_cheap() {
    let (tokens, each) = cost(listed);
    println!("names, texts, inputs, hints: {tokens} of {LIST_TOKENS_MAX} tokens\n{each}");
    assert!(tokens <= LIST_TOKENS_MAX, "the list costs {tokens} tokens, at most {LIST_TOKENS_MAX}:\n{each}");
}

#[test]
fn the_shapes_of_answers_stay_cheap() {
    let (tokens, each) = cost(|spec| spec.output_schema.clone());
    println!("output schemas: {tokens} of {OUTPUT_TOKENS_MAX} tokens\n{each}");
    assert!(tokens <= OUTPUT_TOKENS_MAX, "output schemas cost {tokens} tokens, at most {OUTPUT_TOKENS_MAX}:\n{each}");
}

// ---- shapes that strict clients can read --------------------------------------------------------------------------------

/// Every schema inside a schema with its place: the values of `properties`, `items` and the choices.
fn each_schema<'a>(at: &str, schema: &'a Value, found: &mut Vec<(String, &'a Value)>) {
    found.push((at.to_owned(), schema));
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        each_schema(&format!("{at}.{name}"), inner, found);
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = schema.get(key).filter(|inner| inner.is_object()) {
            each_schema(&format!("{at}.{key}"), inner, found);
        }
    }
    for key in ["anyOf", "oneOf", "allOf", "prefixItems"] {
        for inner in schema[key].as_array().into_iter().flatten() {
            each_schema(&format!("{at}.{key}"), inner, found);
        }
    }
}

/// A keyword anywhere, whatever it stands in.
fn names_keyword(schema: &Value, keyword: &str) -> bool {
    match schema {
        Value::Object(map) => map.iter().any(|(key, inner)| key == keyword || names_keyword(inner, keyword)),
        Value::Array(items) => items.iter().any(|inner| names_keyword(inner, keyword)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// One plain type, a list of words, or a constant: never "this or null", never a choice that a strict client cannot hold.
fn is_plain(schema: &Value) -> bool {
    schema["type"].is_string() || schema["enum"].is_array() || schema.get("const").is_some()
}

/// What is wrong with one side of a contract for a strict client.
fn not_for_strict_clients(name: &str, schema: &Value) -> Vec<String> {
    let mut findings = Vec::new();
    for keyword in ["$ref", "$defs", "definitions"] {
        if names_keyword(schema, keyword) {
            findings.push(format!("{name}: has `{keyword}`"));
        }
    }
    if schema["type"] != "object" {
        findings.push(format!("{name}: is no object"));
    }
    let mut all = Vec::new();
    each_schema(name, schema, &mut all);
    // A schema without any keyword takes anything: a rules map holds each network's own data.
    let is_open = |schema: &Value| schema.as_bool() == Some(true) || schema.as_object().is_some_and(|m| m.is_empty());
    findings.extend(
        all.iter()
            .filter(|(_, inner)| !is_plain(inner) && !is_open(inner))
            .map(|(at, _)| format!("{at}: no plain type")),
    );
    findings
}

#[test]
fn every_schema_can_be_read_by_strict_clients() {
    let object = |inner: Value| json!({ "type": "object", "properties": { "a": inner } });
    for bad in [
        object(json!({ "$ref": "#/$defs/A" })),
        object(json!({ "type": ["string", "null"] })),
        object(json!({ "anyOf": [{ "type": "string" }, { "type": "integer" }] })),
        object(json!({ "type": "array", "items": { "oneOf": [] } })),
        json!({ "type": "array" }),
    ] {
        assert!(!not_for_strict_clients("bad", &bad).is_empty(), "the rule is blind to {bad}");
    }
    let good = object(json!({ "type": "array", "items": { "type": "string", "enum": ["b"] } }));
    assert_eq!(not_for_strict_clients("good", &good), Vec::<String>::new());
    let findings: Vec<String> = specs()
        .iter()
        .flat_map(|spec| {
            let input = not_for_strict_clients(&format!("{} input", spec.name), &spec.input_schema);
            [input, not_for_strict_clients(&format!("{} output", spec.name), &spec.output_schema)].concat()
        })
        .collect();
    judge(&findings, "Inline it, and give every property one plain type or a list of words (tools/mod.rs, `lighten`).");
}

// ---- names, arguments, words --------------------------------------------------------------------------------------------

fn arguments(spec: &ToolSpec) -> BTreeSet<String> {
    spec.input_schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
}

fn is_verb_noun(name: &str) -> bool {
    let words: Vec<&str> = name.split('_').collect();
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    (2..=3).contains(&words.len()) && words.iter().all(is_word)
}

#[test]
fn tools_are_few_and_named_verb_noun() {
    assert!(!is_verb_noun("publish") && !is_verb_noun("publishPost") && !is_verb_noun("post__now"));
    let specs = specs();
    let names: BTreeSet<&str> = specs.iter().map(|spec| spec.name).collect();
    assert_eq!(names.len(), specs.len(), "two tools share a name");
    assert!(specs.len() <= TOOLS_MAX, "{} tools, at most {TOOLS_MAX}", specs.len());
    let wrong: Vec<&str> = names.into_iter().filter(|name| !is_verb_noun(name)).collect();
    assert!(wrong.is_empty(), "not verb_noun: {wrong:?}");
}

#[test]
fn every_tool_says_what_it_is_for() {
    let mut findings = Vec::new();
    for spec in specs() {
        if spec.title.is_empty() || spec.description.len() < 20 {
            findings.push(format!("{}: no title or no description", spec.name));
        }
        if spec.input_schema["additionalProperties"] != Value::Bool(false) {
            findings.push(format!("{}: takes arguments that it does not know", spec.name));
        }
    }
    judge(&findings, "The doc comments are what models read (STYLE §5).");
}

#[test]
fn every_writing_tool_can_be_repeated_and_tried_and_reading_ones_need_neither() {
    let mut findings = Vec::new();
    for spec in specs() {
        let (writes, has) = (spec.effect != Effect::Reads, arguments(&spec));
        // What reads elsewhere may be late, and is asked for again by the handle that it got.
        for (name, wants) in [("idempotency_key", writes || spec.reaches_out), ("dry_run", writes)] {
            if wants != has.contains(name) {
                findings.push(format!("{}: `{name}` is {}", spec.name, if wants { "missing" } else { "too much" }));
            }
        }
    }
    judge(&findings, "DESIGN §4: both on every writing tool; a key where others are asked.");
}

#[test]
fn no_tool_lets_a_model_confirm() {
    let is_gesture = |name: &str| {
        let words = ["confirm", "approve", "approval", "consent", "force", "sure"];
        words.iter().any(|word| name.contains(word))
    };
    let mut findings = Vec::new();
    for spec in specs() {
        let mut all = Vec::new();
        each_schema(spec.name, &spec.input_schema, &mut all);
        findings.extend(all.into_iter().map(|(at, _)| at).filter(|at| {
            let name = at.rsplit('.').next().unwrap_or(at);
            at.contains('.') && is_gesture(name)
        }));
        if is_gesture(spec.name) {
            findings.push(spec.name.to_owned());
        }
    }
    judge(&findings, "Only a signed-in browser approves; a model never supplies a confirmation (DESIGN §4).");
}

// ---- README -------------------------------------------------------------------------------------------------------------

/// Name, effect, and the first sentence of the description.
fn tool_table() -> String {
    let mut lines = vec!["| tool | effect | what |".to_owned(), "| --- | --- | --- |".to_owned()];
    lines.extend(specs().iter().map(|spec| {
        let effect = json!(spec.effect);
        format!("| `{}` | {} | {} |", spec.name, effect.as_str().unwrap_or_default(), first_sentence(&spec.description))
    }));
    lines.join("\n")
}

fn first_sentence(text: &str) -> &str {
    text.find(". ").map_or(text, |end| &text[..=end])
}

/// The text with what stands between `<!-- name:begin -->` and `<!-- name:end -->` replaced.
fn with_table(text: &str, name: &str, table: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- {name}:begin -->"), format!("<!-- {name}:end -->"));
    let (before, rest) = text.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n{table}\n{end}{after}"))
}

#[test]
fn the_tables_in_the_readme_are_what_the_code_says() {
    assert_eq!(
        with_table("a<!-- t:begin -->old<!-- t:end -->b", "t", "new").as_deref(),
        Some("a<!-- t:begin -->\nnew\n<!-- t:end -->b")
    );
    let path = top().join("README.md");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let wanted = with_table(&text, "config", &socrazi::config::table())
        .and_then(|text| with_table(&text, "tools", &tool_table()));
    let findings = match wanted {
        Some(wanted) => keep(&path, &wanted).into_iter().collect(),
        None => {
            vec!["README.md: the markers config:begin, config:end, tools:begin, tools:end are not all there".to_owned()]
        }
    };
    judge(&findings, "The tables are generated: `tests/run --accept`.");
}
