//! What the suite's tools, resources and prompts answer when nothing is asked back, as JSON. The words are the suite's.

use serde_json::{Value, json};

/// One red pixel.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==";
/// No sound at all.
const WAV: &str = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

fn none() -> Value {
    json!({ "type": "object", "properties": {} })
}

fn text(name: &str) -> Value {
    json!({ "type": "object", "properties": { name: { "type": "string" } }, "required": [name] })
}

fn schema_2020_12() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": { "address": { "$anchor": "addressDef", "type": "object",
            "properties": { "street": { "type": "string" }, "city": { "type": "string" } } } },
        "properties": {
            "name": { "type": "string" },
            "address": { "$ref": "#/$defs/address" },
            "contactMethod": { "type": "string", "enum": ["phone", "email"] },
            "phone": { "type": "string" },
            "email": { "type": "string" },
        },
        "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
        "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
        "then": { "required": ["phone"] },
        "else": { "required": ["email"] },
        "additionalProperties": false,
    })
}

/// Every tool of the suite, in fixed order.
pub(crate) fn tools() -> Vec<(&'static str, Value)> {
    let header =
        json!({ "type": "object", "properties": { "region": { "type": "string", "x-mcp-header": "Region" } } });
    let mut tools = vec![
        ("json_schema_2020_12_tool", schema_2020_12()),
        ("test_x_mcp_header", header),
        ("test_sampling", text("prompt")),
        ("test_elicitation", text("message")),
    ];
    let plain = [
        "test_simple_text",
        "test_image_content",
        "test_audio_content",
        "test_embedded_resource",
        "test_multiple_content_types",
        "test_error_handling",
        "test_tool_with_logging",
        "test_tool_with_progress",
        "test_reconnection",
        "test_elicitation_sep1034_defaults",
        "test_elicitation_sep1330_enums",
        "test_missing_capability",
        "test_streaming_elicitation",
        "test_logging_tool",
        "test_trigger_tool_change",
        "test_trigger_prompt_change",
        "test_input_required_result_elicitation",
        "test_input_required_result_sampling",
        "test_input_required_result_list_roots",
        "test_input_required_result_request_state",
        "test_input_required_result_multiple_inputs",
        "test_input_required_result_multi_round",
        "test_input_required_result_tampered_state",
        "test_input_required_result_capabilities",
    ];
    tools.extend(plain.map(|name| (name, none())));
    tools
}

/// A result of one text.
pub(crate) fn said(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }] })
}

/// The answer of a tool that asks nobody.
pub(crate) fn tool(name: &str) -> Option<Value> {
    let image = json!({ "type": "image", "data": PNG, "mimeType": "image/png" });
    Some(match name {
        "test_simple_text" => said("This is a simple text response for testing."),
        "test_image_content" => json!({ "content": [image] }),
        "test_audio_content" => json!({ "content": [{ "type": "audio", "data": WAV, "mimeType": "audio/wav" }] }),
        "test_embedded_resource" => json!({ "content": [{ "type": "resource", "resource": {
            "uri": "test://embedded-resource", "mimeType": "text/plain", "text": "This is an embedded resource content." } }] }),
        "test_multiple_content_types" => json!({ "content": [
            { "type": "text", "text": "Multiple content types test:" },
            image,
            { "type": "resource", "resource": { "uri": "test://mixed-content-resource", "mimeType": "application/json",
                "text": "{\"test\":\"data\",\"value\":123}" } },
        ] }),
        "test_error_handling" => json!({ "isError": true,
            "content": [{ "type": "text", "text": "This tool intentionally returns an error for testing" }] }),
        "test_x_mcp_header" | "json_schema_2020_12_tool" => said("ok"),
        _ => return None,
    })
}

pub(crate) fn resources() -> Value {
    json!({ "resources": [
        { "uri": "test://static-text", "name": "Static text", "description": "A text.", "mimeType": "text/plain" },
        { "uri": "test://static-binary", "name": "Static binary", "description": "A picture.", "mimeType": "image/png" },
        { "uri": "test://watched-resource", "name": "Watched", "description": "One to subscribe to.", "mimeType": "text/plain" },
    ] })
}

pub(crate) fn templates() -> Value {
    json!({ "resourceTemplates": [{ "uriTemplate": "test://template/{id}/data", "name": "Template",
        "description": "Data for an id.", "mimeType": "application/json" }] })
}

pub(crate) fn resource(uri: &str) -> Option<Value> {
    let contents = match uri {
        "test://static-text" => {
            json!({ "uri": uri, "mimeType": "text/plain", "text": "This is the content of the static text resource." })
        }
        "test://static-binary" => json!({ "uri": uri, "mimeType": "image/png", "blob": PNG }),
        "test://watched-resource" => json!({ "uri": uri, "mimeType": "text/plain", "text": "Watched." }),
        _ => {
            let id = uri.strip_prefix("test://template/")?.strip_suffix("/data")?;
            let text = json!({ "id": id, "templateTest": true, "data": format!("Data for ID: {id}") }).to_string();
            json!({ "uri": uri, "mimeType": "application/json", "text": text })
        }
    };
    Some(json!({ "contents": [contents] }))
}

pub(crate) fn prompts() -> Value {
    let argument = |name: &str| json!({ "name": name, "description": "An argument.", "required": true });
    json!({ "prompts": [
        { "name": "test_simple_prompt", "description": "No arguments." },
        { "name": "test_prompt_with_arguments", "description": "Two arguments.", "arguments": [argument("arg1"), argument("arg2")] },
        { "name": "test_prompt_with_embedded_resource", "description": "A resource.", "arguments": [argument("resourceUri")] },
        { "name": "test_prompt_with_image", "description": "A picture." },
        { "name": "test_input_required_result_prompt", "description": "Asks back." },
    ] })
}

/// A prompt with its arguments; nothing when it is another's, or asks back.
pub(crate) fn prompt(name: &str, arguments: &Value) -> Option<Value> {
    let given = |name: &str| arguments[name].as_str().unwrap_or_default().to_owned();
    let user = |content: Value| json!({ "role": "user", "content": content });
    let line = |text: String| user(json!({ "type": "text", "text": text }));
    let messages = match name {
        "test_simple_prompt" => vec![line("This is a simple prompt for testing.".into())],
        "test_prompt_with_arguments" => {
            vec![line(format!("Prompt with arguments: arg1='{}', arg2='{}'", given("arg1"), given("arg2")))]
        }
        "test_prompt_with_embedded_resource" => vec![
            user(json!({ "type": "resource", "resource": { "uri": given("resourceUri"), "mimeType": "text/plain",
                "text": "Embedded resource content for testing." } })),
            line("Please process the embedded resource above.".into()),
        ],
        "test_prompt_with_image" => vec![
            user(json!({ "type": "image", "data": PNG, "mimeType": "image/png" })),
            line("Please analyze the image above.".into()),
        ],
        _ => return None,
    };
    Some(json!({ "messages": messages }))
}
