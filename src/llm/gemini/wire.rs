//! The request (dossier §3). Stable text first and what changes last, so that the service can use its cache; `store: false` always.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::llm::{Ask, Declaration, Item, Which};

/// Thinking counts against it too: less gives empty answers (dossier §3.3).
const OUTPUT_TOKENS_MAX: u32 = 16_384;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    system_instruction: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    tools: Option<[Tools<'a>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_config: Option<Value>,
    contents: Vec<Content<'a>>,
    generation_config: Value,
    store: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tools<'a> {
    function_declarations: Vec<Function<'a>>,
}

/// Borrowed: the schemas are large, and sent with every request.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Function<'a> {
    name: &'a str,
    description: &'a str,
    parameters_json_schema: &'a RawValue,
}

impl<'a> Function<'a> {
    fn of(tool: &'a Declaration) -> Self {
        Self { name: &tool.name, description: &tool.description, parameters_json_schema: tool.parameters() }
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Ours(Value),
    /// The model's own, as it came.
    Theirs(&'a RawValue),
}

/// The body of a request. History that is no JSON any more is left out: the rest still makes sense.
pub(super) fn body(ask: &Ask) -> Bytes {
    let tools = [Tools { function_declarations: ask.tools.iter().map(Function::of).collect() }];
    let has_tools = !ask.tools.is_empty();
    // Titles and summaries need no thought; conversation needs a little. Levels below "low" are refused by some models.
    let generation = match ask.which {
        Which::Main => json!({
            "maxOutputTokens": OUTPUT_TOKENS_MAX,
            "thinkingConfig": { "thinkingLevel": "low", "includeThoughts": true },
        }),
        Which::Lite => json!({ "maxOutputTokens": OUTPUT_TOKENS_MAX }),
    };
    let body = Body {
        system_instruction: json!({ "parts": [{ "text": ask.system }] }),
        tools: has_tools.then_some(tools),
        // Text, or calls that fit their schemas: the service itself keeps the arguments in shape (dossier §3).
        tool_config: has_tools.then(|| json!({ "functionCallingConfig": { "mode": "VALIDATED" } })),
        contents: ask.items.iter().filter_map(content).collect(),
        generation_config: generation,
        store: false,
    };
    serde_json::to_vec(&body).unwrap_or_default().into()
}

fn content(item: &Item) -> Option<Content<'_>> {
    match item {
        Item::Person { text, pictures } => {
            let shown = pictures.iter().map(|picture| {
                json!({ "inlineData": { "mimeType": picture.mime, "data": STANDARD.encode(&picture.bytes) } })
            });
            let parts: Vec<Value> = shown.chain([json!({ "text": text })]).collect();
            Some(Content::Ours(json!({ "role": "user", "parts": parts })))
        }
        Item::Model(raw) => serde_json::from_str(raw).ok().map(Content::Theirs),
        Item::Results(results) => {
            let parts: Vec<Value> = results
                .iter()
                .map(|result| {
                    let mut response = json!({ "name": result.name, "response": result.response });
                    if let Some(id) = &result.id {
                        response["id"] = id.as_str().into();
                    }
                    json!({ "functionResponse": response })
                })
                .collect();
            Some(Content::Ours(json!({ "role": "user", "parts": parts })))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::llm::{CallResult, Declaration};

    #[test]
    fn what_the_model_said_goes_back_byte_for_byte() {
        let said = r#"{"role":"model","parts":[{"functionCall":{"name":"f","args":{"b":1.0,"a":2}},"thoughtSignature":"A+/="}]}"#;
        let ask = Ask {
            which: Which::Main,
            system: "s".into(),
            tools: Arc::new(vec![Declaration::new("f", "d", &json!({ "type": "object" }))]),
            items: vec![
                Item::Person { text: "hi".into(), pictures: vec![] },
                Item::Model(said.into()),
                Item::Results(vec![CallResult {
                    id: Some("c".into()),
                    name: "f".into(),
                    response: json!({ "output": 1 }),
                }]),
            ],
        };
        let text = String::from_utf8(body(&ask).to_vec()).unwrap();
        assert!(text.contains(said), "{text}");
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["store"], json!(false));
        assert_eq!(value["toolConfig"]["functionCallingConfig"]["mode"], "VALIDATED");
        let talk = Ask { tools: Arc::default(), ..ask };
        let talk: Value = serde_json::from_slice(&body(&talk)).unwrap();
        assert!(talk.get("toolConfig").is_none() && talk.get("tools").is_none(), "{talk}");
        assert_eq!(value["contents"][2]["parts"][0]["functionResponse"]["id"], json!("c"));
        assert_eq!(value["tools"][0]["functionDeclarations"][0]["parametersJsonSchema"], json!({ "type": "object" }));
    }
}
