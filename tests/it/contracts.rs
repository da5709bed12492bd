//! What outside programs rely on: every tool's contract as a golden, the budget of the tool list, and the README's generated tables.
//! `tests/run --accept` (SOCRAZI_ACCEPT=1) rewrites goldens and tables; look at the difference before committing it.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use socrazi::domain::tool::{Effect, ToolSpec};
use socrazi::tools::Toolbox;

fn top() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn accepts() -> bool {
    #[expect(clippy::disallowed_methods, reason = "how tests/run --accept asks")]
    std::env::var("SOCRAZI_ACCEPT").is_ok_and(|value| value == "1")
}

fn compare(path: &Path, text: &str) {
    if accepts() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(kept == text, "{} differs: look at the change, then tests/run --accept\n{text}", path.display());
}

fn golden(spec: &ToolSpec) -> String {
    let value = json!({
        "name": spec.name, "title": spec.title, "description": spec.description, "effect": spec.effect,
        "idempotent": spec.idempotent, "input_schema": spec.input_schema, "output_schema": spec.output_schema,
    });
    serde_json::to_string_pretty(&value).unwrap() + "\n"
}

#[test]
fn every_tool_keeps_its_contract() {
    let toolbox = Toolbox::default();
    let folder = top().join("tests/golden/tools");
    for spec in toolbox.specs() {
        compare(&folder.join(format!("{}.json", spec.name)), &golden(spec));
    }
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let is_known = toolbox.specs().iter().any(|spec| format!("{}.json", spec.name) == name);
        assert!(is_known, "{name} is the golden of no tool; a shipped name is never reused");
    }
}

/// DECISIONS 25. Counted as bytes / 4.
#[test]
fn the_tool_list_fits_its_budget() {
    let toolbox = Toolbox::default();
    let list: Vec<Value> = toolbox
        .specs()
        .iter()
        .map(|spec| {
            json!({ "name": spec.name, "title": spec.title, "description": spec.description, "inputSchema": spec.input_schema,
                "annotations": { "readOnlyHint": true, "destructiveHint": true, "idempotentHint": true, "openWorldHint": true } })
        })
        .collect();
    let inputs = json!({ "tools": list }).to_string().len() / 4;
    let outputs: usize = toolbox.specs().iter().map(|spec| spec.output_schema.to_string().len() / 4).sum();
    println!(
        "tools/list: {inputs} tokens for names, texts and inputs, {outputs} for outputs (bytes / 4), {} tools",
        list.len()
    );
    assert!(list.len() <= 20);
    assert!(inputs <= 5_000, "{inputs}");
    assert!(outputs <= 4_000, "{outputs}");
}

fn walk(value: &Value, path: &str, look: &mut impl FnMut(&str, &Value)) {
    look(path, value);
    match value {
        Value::Object(map) => map.iter().for_each(|(key, inner)| walk(inner, &format!("{path}/{key}"), look)),
        Value::Array(items) => items.iter().for_each(|inner| walk(inner, path, look)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn schemas_can_be_read_by_strict_clients() {
    for spec in Toolbox::default().specs() {
        for schema in [&spec.input_schema, &spec.output_schema] {
            assert_eq!(schema["type"], "object", "{}", spec.name);
            walk(schema, spec.name, &mut |path, value| {
                assert!(value.get("$ref").is_none(), "{path} holds $ref, which strict clients drop");
                assert!(!value.get("type").is_some_and(Value::is_array), "{path} offers several types");
            });
        }
        assert_eq!(spec.input_schema["additionalProperties"], json!(false), "{} takes unknown arguments", spec.name);
    }
}

#[test]
fn writing_tools_can_be_tried_and_repeated_and_none_lets_a_model_confirm() {
    for spec in Toolbox::default().specs() {
        let arguments = spec.input_schema["properties"].as_object().unwrap();
        let has = |name: &str| arguments.contains_key(name);
        assert_eq!(has("dry_run") && has("idempotency_key"), spec.effect != Effect::Reads, "{}", spec.name);
        for banned in ["confirm", "confirmed", "approve", "approved", "force", "yes"] {
            assert!(!has(banned), "{}: a model never supplies a confirmation", spec.name);
        }
        assert!(
            spec.name.split_once('_').is_some_and(|(verb, noun)| !verb.is_empty() && !noun.is_empty()),
            "{}",
            spec.name
        );
        assert!(spec.description.len() > 40, "{} says too little", spec.name);
    }
}

fn between(text: &str, name: &str, table: &str) -> String {
    let (begin, end) = (format!("<!-- {name}:begin -->"), format!("<!-- {name}:end -->"));
    let (before, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("README.md has no {begin}"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("README.md has no {end}"));
    format!("{before}{begin}\n{table}\n{end}{after}")
}

#[test]
fn the_readme_s_tables_are_the_program_s() {
    let mut tools = vec!["| tool | effect | what |".to_owned(), "| --- | --- | --- |".to_owned()];
    for spec in Toolbox::default().specs() {
        let effect = serde_json::to_value(spec.effect).unwrap();
        let first = spec.description.split_once(". ").map_or(spec.description.as_str(), |(first, _)| first);
        tools.push(format!("| `{}` | {} | {}. |", spec.name, effect.as_str().unwrap(), first.trim_end_matches('.')));
    }
    let path = top().join("README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let wanted = between(&between(&text, "tools", &tools.join("\n")), "config", &socrazi::config::table());
    compare(&path, &wanted);
}
