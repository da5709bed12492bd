//! A request as the service reads it: names in either spelling, unknown ones refused.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::problem::Problem;

/// A request that passed.
#[derive(Clone, Debug)]
pub struct Request {
    /// The model that was asked, after re-routing.
    pub model: String,
    /// The body, names in camelCase.
    pub body: Arc<Value>,
}

impl Request {
    /// The names of the tools it declares.
    #[must_use]
    pub fn tools(&self) -> Vec<&str> {
        let tools = list(&self.body, "tools");
        let declared = tools.iter().flat_map(|tool| list(tool, "functionDeclarations"));
        declared.filter_map(|tool| tool["name"].as_str()).collect()
    }

    /// Everything said so far.
    #[must_use]
    pub fn contents(&self) -> &[Value] {
        list(&self.body, "contents")
    }

    /// What stands above it.
    #[must_use]
    pub fn system(&self) -> &str {
        self.body["systemInstruction"]["parts"][0]["text"].as_str().unwrap_or_default()
    }

    /// Where the current turn begins: the last content of a person.
    #[must_use]
    pub fn turn(&self) -> usize {
        turn(self.contents())
    }

    /// The person's last words.
    #[must_use]
    pub fn person(&self) -> String {
        self.contents().get(self.turn()).map(text).unwrap_or_default()
    }

    /// The calls of the current turn with their results, oldest first: name, arguments, result.
    #[must_use]
    pub fn done(&self) -> Vec<(String, Value, Value)> {
        let parts = self.contents().iter().skip(self.turn()).flat_map(parts);
        let (mut calls, mut results) = (Vec::new(), Vec::new());
        for part in parts {
            if let Some(call) = part.get("functionCall") {
                calls.push((call["name"].as_str().unwrap_or_default().to_owned(), call["args"].clone()));
            } else if let Some(response) = part.get("functionResponse") {
                results.push(response["response"].clone());
            }
        }
        calls.into_iter().zip(results).map(|((name, args), result)| (name, args, result)).collect()
    }
}

/// The array under a name; empty when there is none.
pub(super) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The parts of a content.
pub(super) fn parts(content: &Value) -> &[Value] {
    list(content, "parts")
}

/// The text of a content, thoughts left out.
pub(super) fn text(content: &Value) -> String {
    let said = parts(content).iter().filter(|part| part.get("thought") != Some(&Value::Bool(true)));
    said.filter_map(|part| part["text"].as_str()).collect()
}

/// The last content of a person that holds more than results of calls.
pub(super) fn turn(contents: &[Value]) -> usize {
    let is_person = |content: &Value| {
        content["role"] != "model" && parts(content).iter().any(|part| part.get("functionResponse").is_none())
    };
    contents.iter().rposition(is_person).unwrap_or(0)
}

/// Objects whose names are free: nothing below them is ours to judge.
const FREE: [&str; 7] =
    ["args", "response", "parameters", "parametersJsonSchema", "responseSchema", "responseJsonSchema", "partMetadata"];

/// Names each object may have, by the name it stands under.
fn names(under: &str) -> Option<&'static [&'static str]> {
    Some(match under {
        "" => &[
            "model",
            "contents",
            "systemInstruction",
            "tools",
            "toolConfig",
            "safetySettings",
            "generationConfig",
            "cachedContent",
            "store",
            "serviceTier",
        ],
        "contents" | "systemInstruction" => &["role", "parts"],
        "parts" => &[
            "text",
            "thought",
            "thoughtSignature",
            "inlineData",
            "fileData",
            "functionCall",
            "functionResponse",
            "partMetadata",
        ],
        "inlineData" => &["mimeType", "data"],
        "fileData" => &["mimeType", "fileUri"],
        "functionCall" => &["id", "name", "args"],
        "functionResponse" => &["id", "name", "response", "willContinue", "scheduling"],
        "tools" => &["functionDeclarations", "googleSearch", "codeExecution", "urlContext"],
        "functionDeclarations" => {
            &["name", "description", "parameters", "parametersJsonSchema", "response", "responseJsonSchema", "behavior"]
        }
        "toolConfig" => &["functionCallingConfig"],
        "functionCallingConfig" => &["mode", "allowedFunctionNames"],
        "safetySettings" => &["category", "threshold"],
        "generationConfig" => &[
            "maxOutputTokens",
            "thinkingConfig",
            "temperature",
            "topP",
            "topK",
            "stopSequences",
            "candidateCount",
            "responseMimeType",
            "responseSchema",
            "responseJsonSchema",
            "seed",
            "responseModalities",
            "imageConfig",
        ],
        "thinkingConfig" => &["thinkingLevel", "thinkingBudget", "includeThoughts"],
        _ => return None,
    })
}

/// The body with all names in camelCase.
///
/// # Errors
/// The service's refusal of a name that it does not know.
pub(super) fn read(body: Value) -> Result<Value, Problem> {
    if !body.is_object() {
        return Err(Problem::invalid(
            "Invalid JSON payload received. Unknown name \"\": Root element must be a message.",
        ));
    }
    respell(body, "", "")
}

fn respell(value: Value, under: &str, at: &str) -> Result<Value, Problem> {
    match value {
        Value::Object(map) => {
            let known = names(under);
            let mut out = Map::new();
            for (name, inner) in map {
                let camel = if name.contains('_') { camel(&name) } else { name.clone() };
                if known.is_some_and(|known| !known.contains(&camel.as_str())) {
                    let place = if at.is_empty() { String::new() } else { format!(" at '{at}'") };
                    return Err(Problem::invalid(format!(
                        "Invalid JSON payload received. Unknown name \"{name}\"{place}: Cannot find field."
                    )));
                }
                let below = if at.is_empty() { camel.clone() } else { format!("{at}.{camel}") };
                let inner = if FREE.contains(&camel.as_str()) { inner } else { respell(inner, &camel, &below)? };
                out.insert(camel, inner);
            }
            Ok(Value::Object(out))
        }
        Value::Array(items) => {
            let items = items.into_iter().enumerate();
            items
                .map(|(no, item)| respell(item, under, &format!("{at}[{no}]")))
                .collect::<Result<_, _>>()
                .map(Value::Array)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(value),
    }
}

fn camel(name: &str) -> String {
    let mut out = String::new();
    let mut is_next_upper = false;
    for c in name.chars() {
        match c {
            '_' => is_next_upper = true,
            _ if std::mem::take(&mut is_next_upper) => out.extend(c.to_uppercase()),
            _ => out.push(c),
        }
    }
    out
}
