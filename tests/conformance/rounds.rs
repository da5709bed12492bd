//! The suite's tools that ask back: in the newer era with a result that asks (SEP-2322), whose state is signed, in the older one with a request
//! on the stream of the call.

use serde_json::{Value, json};
use socrazi::vault::{equal, hmac_sha256};

use super::answers::said;

/// What a client sent with the call: its answers, and the state it was handed.
pub(crate) struct Sent {
    pub(crate) answers: Option<Value>,
    pub(crate) state: Option<String>,
    /// What the client says it can do.
    pub(crate) can: Value,
}

/// Why a call is refused as a whole.
pub(crate) struct Tampered;

fn signed(state: &str) -> String {
    let mac: String = hmac_sha256(b"conformance", state.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{state}.{mac}")
}

impl Sent {
    fn answer(&self, key: &str) -> Option<&Value> {
        self.answers.as_ref()?.get(key).filter(|answer| answer.is_object())
    }

    /// The state, if it is one of ours.
    fn state(&self) -> Result<Option<&str>, Tampered> {
        let Some(given) = &self.state else { return Ok(None) };
        let (state, _) = given.split_once('.').ok_or(Tampered)?;
        if equal(signed(state).as_bytes(), given.as_bytes()) { Ok(Some(state)) } else { Err(Tampered) }
    }
}

pub(crate) fn form(message: &str, properties: Value, required: &[&str]) -> Value {
    json!({ "method": "elicitation/create", "params": { "mode": "form", "message": message,
        "requestedSchema": { "type": "object", "properties": properties, "required": required } } })
}

pub(crate) fn sampling(prompt: &str, tokens: u32) -> Value {
    json!({ "method": "sampling/createMessage", "params": {
        "messages": [{ "role": "user", "content": { "type": "text", "text": prompt } }], "maxTokens": tokens } })
}

fn asks(requests: Value, state: Option<&str>) -> Value {
    let mut result = json!({ "resultType": "input_required", "inputRequests": requests });
    if let Some(state) = state {
        result["requestState"] = json!(signed(state));
    }
    result
}

fn name_form(message: &str) -> Value {
    form(message, json!({ "name": { "type": "string" } }), &["name"])
}

fn ok_form() -> Value {
    form("Please confirm", json!({ "ok": { "type": "boolean" } }), &["ok"])
}

fn roots() -> Value {
    json!({ "method": "roots/list", "params": {} })
}

/// The next round of a tool that asks back; nothing when it is none.
pub(crate) fn tool(name: &str, sent: &Sent) -> Result<Option<Value>, Tampered> {
    let state = sent.state()?;
    let kind = if name == "test_streaming_elicitation" {
        Some("elicitation")
    } else {
        name.strip_prefix("test_input_required_result_")
    };
    Ok(Some(match kind {
        Some("elicitation") => match sent.answer("user_name").and_then(|answer| answer["content"]["name"].as_str()) {
            Some(name) => said(&format!("Hello, {name}!")),
            None => asks(json!({ "user_name": name_form("What is your name?") }), None),
        },
        Some("sampling") => match sent.answer("capital_question") {
            Some(answer) => said(answer["content"]["text"].as_str().unwrap_or("nothing")),
            None => asks(json!({ "capital_question": sampling("What is the capital of France?", 100) }), None),
        },
        Some("list_roots") => match sent.answer("client_roots") {
            Some(answer) => said(&format!("Roots: {}", answer["roots"])),
            None => asks(json!({ "client_roots": roots() }), None),
        },
        Some("request_state" | "tampered_state") => match (sent.answer("confirm"), state) {
            (Some(_), Some("confirm")) => said("state-ok"),
            _ => asks(json!({ "confirm": ok_form() }), Some("confirm")),
        },
        Some("multiple_inputs") => {
            let keys = ["user_name", "greeting", "client_roots"];
            if state.is_some() && keys.iter().all(|key| sent.answer(key).is_some()) {
                said("All three are answered.")
            } else {
                let greeting = sampling("Generate a greeting", 50);
                let all = json!({ "user_name": name_form("What is your name?"), "greeting": greeting, "client_roots": roots() });
                asks(all, Some("multiple"))
            }
        }
        Some("multi_round") => match (state, sent.answer("step1"), sent.answer("step2")) {
            (Some("round-2"), _, Some(_)) => said("Both steps are done."),
            (Some("round-1"), Some(_), _) => {
                let color =
                    form("Step 2: What is your favorite color?", json!({ "color": { "type": "string" } }), &["color"]);
                asks(json!({ "step2": color }), Some("round-2"))
            }
            _ => asks(json!({ "step1": name_form("Step 1: What is your name?") }), Some("round-1")),
        },
        Some("capabilities") => {
            let mut requests = json!({});
            if sent.can["sampling"].is_object() {
                requests["greeting"] = sampling("Generate a greeting", 50);
            }
            if sent.can["elicitation"].is_object() {
                requests["user_name"] = name_form("What is your name?");
            }
            if sent.answers.is_some() { said("ok") } else { asks(requests, None) }
        }
        _ => return Ok(None),
    }))
}

pub(crate) fn prompt(name: &str, sent: &Sent) -> Option<Value> {
    (name == "test_input_required_result_prompt").then(|| match sent.answer("user_context") {
        Some(answer) => {
            let text = format!("Context: {}", answer["content"]["context"].as_str().unwrap_or_default());
            json!({ "messages": [{ "role": "user", "content": { "type": "text", "text": text } }] })
        }
        None => {
            let context =
                form("What context should the prompt use?", json!({ "context": { "type": "string" } }), &["context"]);
            asks(json!({ "user_context": context }), None)
        }
    })
}

/// How an answer is told.
pub(crate) type Told = fn(&Value) -> String;

/// What a tool of the older era asks on its stream, and how its answer is told.
pub(crate) fn live(name: &str, arguments: &Value) -> Option<(Value, Told)> {
    fn completed(answer: &Value) -> String {
        format!(
            "Elicitation completed: action={}, content={}",
            answer["action"].as_str().unwrap_or("none"),
            answer["content"]
        )
    }
    Some(match name {
        "test_sampling" => (sampling(arguments["prompt"].as_str().unwrap_or_default(), 100), |answer| {
            format!("LLM response: {}", answer["content"]["text"].as_str().unwrap_or_default())
        }),
        "test_elicitation" => {
            let text = |about: &str| json!({ "type": "string", "description": about });
            let properties = json!({ "username": text("User's response"), "email": text("User's email address") });
            let message = arguments["message"].as_str().unwrap_or_default();
            (form(message, properties, &["username", "email"]), |answer| {
                format!(
                    "User response: action={}, content={}",
                    answer["action"].as_str().unwrap_or("none"),
                    answer["content"]
                )
            })
        }
        "test_elicitation_sep1034_defaults" => {
            let properties = json!({
                "name": { "type": "string", "default": "John Doe" },
                "age": { "type": "integer", "default": 30 },
                "score": { "type": "number", "default": 95.5 },
                "status": { "type": "string", "enum": ["active", "inactive", "pending"], "default": "active" },
                "verified": { "type": "boolean", "default": true },
            });
            (form("Please look at these defaults", properties, &[]), completed)
        }
        "test_elicitation_sep1330_enums" => {
            let named = |first: &str, rest: &[(&str, &str)]| {
                let all = rest.iter().map(|(value, title)| json!({ "const": value, "title": title }));
                json!({ first: all.collect::<Vec<_>>() })
            };
            let ways = [("value1", "First Option"), ("value2", "Second Option"), ("value3", "Third Option")];
            let choices = [("value1", "First Choice"), ("value2", "Second Choice"), ("value3", "Third Choice")];
            let mut titled = named("oneOf", &ways);
            titled["type"] = json!("string");
            let properties = json!({
                "untitledSingle": { "type": "string", "enum": ["option1", "option2", "option3"] },
                "titledSingle": titled,
                "legacyEnum": { "type": "string", "enum": ["opt1", "opt2", "opt3"],
                    "enumNames": ["Option One", "Option Two", "Option Three"] },
                "untitledMulti": { "type": "array", "items": { "type": "string", "enum": ["option1", "option2", "option3"] } },
                "titledMulti": { "type": "array", "items": named("anyOf", &choices) },
            });
            (form("Please choose", properties, &[]), completed)
        }
        _ => return None,
    })
}
