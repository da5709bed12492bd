//! What the service refuses (dossier gemini.md §8): the shape of a conversation, signatures, settings that exclude each other.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::problem::Problem;
use super::request::{list, parts, turn};

/// Stands for a signature that was lost; taken only when the switch says so.
const SKIP: &str = "skip_thought_signature_validator";

/// The signatures that were handed out, with the part each belongs to.
#[derive(Debug, Default)]
pub(super) struct Signatures {
    issued: BTreeMap<String, Value>,
}

impl Signatures {
    /// Signs a part: valid standard base64, which the official Python client insists on.
    pub(super) fn sign(&mut self, part: &mut Value) {
        let signature = STANDARD.encode(format!("sim-signature-{:08}", self.issued.len()));
        self.issued.insert(signature.clone(), identity(part));
        part["thoughtSignature"] = signature.into();
    }

    fn check(&self, part: &Value, takes_skip: bool) -> Result<(), Problem> {
        let Some(signature) = part.get("thoughtSignature") else { return Ok(()) };
        let word = signature.as_str().unwrap_or_default();
        if takes_skip && word == SKIP {
            return Ok(());
        }
        match self.issued.get(word) {
            Some(known) if *known == identity(part) => Ok(()),
            _ => Err(Problem::invalid("Thought signature is not valid")),
        }
    }
}

/// What a signature vouches for: the call, or that it was a text.
fn identity(part: &Value) -> Value {
    part.get("functionCall").cloned().unwrap_or(json!("text"))
}

/// Judges a request whose names are known.
///
/// # Errors
/// The service's refusal.
pub(super) fn judge(body: &Value, signatures: &Signatures, takes_skip: bool) -> Result<(), Problem> {
    let contents = list(body, "contents");
    settings(body)?;
    declarations(body)?;
    let Some(last) = contents.last() else {
        return Err(Problem::invalid("* GenerateContentRequest.contents: contents is not specified"));
    };
    for (no, content) in contents.iter().enumerate() {
        shape(no, content)?;
    }
    if last["role"] == "model" {
        return Err(Problem::invalid("Requests ending with a model turn are not supported."));
    }
    for pair in 0..contents.len() {
        neighbours(contents, pair)?;
    }
    for part in contents.iter().flat_map(parts) {
        signatures.check(part, takes_skip)?;
    }
    for (no, content) in contents.iter().enumerate().skip(turn(contents)) {
        let first = parts(content).iter().find(|part| part.get("functionCall").is_some());
        if let Some(first) = first.filter(|part| part.get("thoughtSignature").is_none()) {
            let name = first["functionCall"]["name"].as_str().unwrap_or_default();
            return Err(Problem::invalid(format!(
                "Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, \
                 and missing thought_signature may lead to degraded model performance. Additional data, function call \
                 `default_api:{name}` , position {}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more \
                 details.",
                no + 1
            )));
        }
    }
    Ok(())
}

fn shape(no: usize, content: &Value) -> Result<(), Problem> {
    match content.get("role").map(|role| role.as_str().unwrap_or_default()) {
        None | Some("user" | "model") => {}
        Some(_) => return Err(Problem::invalid("Please use a valid role: user, model.")),
    }
    if parts(content).is_empty() {
        return Err(Problem::invalid(format!(
            "* GenerateContentRequest.contents[{no}].parts: contents.parts must not be empty."
        )));
    }
    for part in parts(content) {
        let kinds = ["text", "inlineData", "fileData", "functionCall", "functionResponse"];
        if kinds.iter().filter(|kind| part.get(**kind).is_some()).count() != 1 {
            return Err(Problem::invalid(format!(
                "* GenerateContentRequest.contents[{no}].parts[0].data: required oneof field 'data' must have one initialized field"
            )));
        }
        if part.get("functionResponse").is_some_and(|response| !response["response"].is_object()) {
            return Err(Problem::invalid(
                "Invalid value at 'function_response.response' (type.googleapis.com/google.protobuf.Struct)",
            ));
        }
    }
    Ok(())
}

/// Each call has exactly one response, right behind it, under its id and name.
fn neighbours(contents: &[Value], no: usize) -> Result<(), Problem> {
    let calls: Vec<_> = of(contents.get(no), "functionCall");
    let here: Vec<_> = of(contents.get(no), "functionResponse");
    let before = no.checked_sub(1).and_then(|before| contents.get(before));
    if !calls.is_empty() {
        if before.is_none_or(|before| before["role"] == "model") {
            return Err(Problem::invalid(
                "Please ensure that function call turn comes immediately after a user turn or after a function response turn.",
            ));
        }
        let answers = of(contents.get(no + 1), "functionResponse");
        if answers.len() != calls.len() {
            return Err(Problem::invalid(
                "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.",
            ));
        }
        for (call, answer) in calls.iter().zip(answers) {
            // Google's own Python client leaves the id out when it carries calls out by itself: then the order counts.
            let is_other = answer.get("id").is_some_and(|id| Some(id) != call.get("id"));
            if call["name"] != answer["name"] || is_other {
                return Err(Problem::invalid("Function response does not match the id and name of its function call."));
            }
        }
    }
    if !here.is_empty() && of(before, "functionCall").is_empty() {
        return Err(Problem::invalid(
            "Please ensure that function response turn comes immediately after a function call turn.",
        ));
    }
    Ok(())
}

fn of<'a>(content: Option<&'a Value>, kind: &str) -> Vec<&'a Value> {
    content.map(parts).unwrap_or_default().iter().filter_map(|part| part.get(kind)).collect()
}

fn settings(body: &Value) -> Result<(), Problem> {
    let generation = &body["generationConfig"];
    for name in ["temperature", "topP", "topK"] {
        if generation.get(name).is_some() {
            return Err(Problem::invalid(format!("generationConfig.{name} is not supported by this model.")));
        }
    }
    let thinking = &generation["thinkingConfig"];
    if thinking.get("thinkingLevel").is_some() && thinking.get("thinkingBudget").is_some() {
        return Err(Problem::invalid("You can only set one of thinking_budget and thinking_level."));
    }
    if let Some(level) = thinking.get("thinkingLevel").and_then(Value::as_str)
        && !["low", "medium", "high"].contains(&level.to_lowercase().as_str())
    {
        return Err(Problem::invalid(format!("Thinking level {level} is not supported for this model.")));
    }
    if generation.get("responseSchema").is_some() && generation.get("responseJsonSchema").is_some() {
        return Err(Problem::invalid("Only one of response_schema and response_json_schema may be set."));
    }
    Ok(())
}

fn declarations(body: &Value) -> Result<(), Problem> {
    for tool in list(body, "tools").iter().flat_map(|tool| list(tool, "functionDeclarations")) {
        let name = tool["name"].as_str().unwrap_or_default();
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.len() <= 128
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte));
        if !is_name {
            return Err(Problem::invalid(format!("Invalid function name: {name}.")));
        }
        if tool.get("parameters").is_some() && tool.get("parametersJsonSchema").is_some() {
            return Err(Problem::invalid(format!(
                "Function {name}: only one of parameters and parameters_json_schema may be set."
            )));
        }
    }
    Ok(())
}
