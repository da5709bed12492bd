//! What is looked at before rmcp reads a message, the same over HTTP and over a stream: its size, that it is text, that it is JSON, and that
//! a tool's arguments are an object. rmcp drops or misnames these; here each gets a JSON-RPC error with a sentence. What a good message
//! means is not decided here.

use rmcp::model::ErrorCode;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::domain::lang::Lang;
use crate::domain::refusal::Sentence;
use crate::i18n::Words;
use crate::say;

/// RELIABILITY §3: counted while reading, over HTTP and over a stream.
pub(super) const MESSAGE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What a client says of itself when it begins is kept in memory and in the store, so it is short.
const INITIALIZE_BYTES_MAX: usize = 64 * 1024;

/// Longest arguments in which it is looked for what they ask: a report's are a line. What is longer is judged when the tool is called.
const ARGUMENTS_BYTES_MAX: usize = 16 * 1024;

/// Why a message is not handed on.
#[derive(Debug)]
pub(super) struct Faulty {
    id: Value,
    code: ErrorCode,
    what: Sentence,
}

impl Faulty {
    /// Larger than anything a client has to say.
    pub(super) fn too_large() -> Self {
        let max = format!("{} MiB", MESSAGE_BYTES_MAX >> 20);
        Self { id: Value::Null, code: ErrorCode::PARSE_ERROR, what: say!("mcp-message-too-large", max = max) }
    }

    fn not_read(what: Sentence) -> Self {
        Self { id: Value::Null, code: ErrorCode::PARSE_ERROR, what }
    }

    /// Whether it was not even read to its end.
    pub(super) fn is_too_large(&self) -> bool {
        self.what.key == "mcp-message-too-large"
    }

    /// Whether nothing of it could be read; else only its arguments are wrong.
    pub(super) fn is_unread(&self) -> bool {
        self.code == ErrorCode::PARSE_ERROR
    }

    /// In English, because the reader is a client or a model.
    pub(super) fn sentence(&self, words: &Words) -> String {
        words.say(Lang::En, &self.what)
    }

    /// As a JSON-RPC error.
    pub(super) fn answer(&self, words: &Words) -> Value {
        json!({ "jsonrpc": "2.0", "id": self.id, "error": { "code": self.code.0, "message": self.sentence(words) } })
    }
}

/// The parts that are looked at; the rest is only walked over.
#[derive(Deserialize)]
struct Glance<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(default)]
    method: Option<&'a RawValue>,
    #[serde(default)]
    params: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Params<'a> {
    #[serde(borrow, default)]
    name: Option<&'a RawValue>,
    #[serde(default)]
    arguments: Option<&'a RawValue>,
}

/// A call of a tool, as far as it matters for what may be called.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Called {
    pub(super) name: String,
    /// Whether it asks what came of posts.
    pub(super) asks_outcomes: bool,
}

impl Params<'_> {
    fn called(&self) -> Option<Called> {
        let name = read(self.name?)?;
        // Read whole only where it could matter: arguments may be long.
        let arguments = self.arguments.filter(|arguments| arguments.get().len() <= ARGUMENTS_BYTES_MAX);
        let arguments: Option<Value> = arguments.and_then(|arguments| serde_json::from_str(arguments.get()).ok());
        Some(Called { name, asks_outcomes: arguments.is_some_and(|arguments| arguments["outcomes"] == true) })
    }
}

/// A word: read, not compared, because JSON has many ways of writing one.
fn read(word: &RawValue) -> Option<String> {
    serde_json::from_str(word.get()).ok()
}

/// Looks at one message: the tool that it calls, if it calls one.
///
/// # Errors
/// What is wrong with it.
pub(super) fn look(message: &[u8]) -> Result<Option<Called>, Faulty> {
    if message.len() > MESSAGE_BYTES_MAX {
        return Err(Faulty::too_large());
    }
    let text = std::str::from_utf8(message)
        .map_err(|error| Faulty::not_read(say!("mcp-message-not-text", at = error.valid_up_to())))?;
    let text = text.trim_start_matches('\u{feff}').trim();
    let glance = if text.starts_with('{') {
        serde_json::from_str::<Glance<'_>>(text)
    } else {
        // Several at once, or no message at all: only whether it is JSON.
        serde_json::from_str::<&RawValue>(text).map(|_| Glance { id: None, method: None, params: None })
    };
    let glance = glance.map_err(|error| Faulty::not_read(say!("mcp-message-not-json", why = error.to_string())))?;
    let method = glance.method.and_then(read);
    if text.len() > INITIALIZE_BYTES_MAX && method.as_deref() == Some("initialize") {
        let max = format!("{} KiB", INITIALIZE_BYTES_MAX >> 10);
        let id = glance.id.and_then(|id| serde_json::from_str(id.get()).ok()).unwrap_or_default();
        let what = say!("mcp-initialize-too-large", max = max);
        return Err(Faulty { id, code: ErrorCode::INVALID_PARAMS, what });
    }
    let params =
        glance.params.filter(|params| method.as_deref() == Some("tools/call") && params.get().starts_with('{'));
    let Some(params) = params.and_then(|params| serde_json::from_str::<Params<'_>>(params.get()).ok()) else {
        return Ok(None);
    };
    if params.arguments.is_some_and(|arguments| !arguments.get().starts_with('{') && arguments.get() != "null") {
        let id = glance.id.and_then(|id| serde_json::from_str(id.get()).ok()).unwrap_or_default();
        return Err(Faulty { id, code: ErrorCode::INVALID_PARAMS, what: say!("mcp-arguments-not-object") });
    }
    Ok(params.called())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(message: &[u8]) -> (i32, Value, String) {
        let answer = look(message).unwrap_err().answer(&Words::load());
        (answer["error"]["code"].as_i64().unwrap() as i32, answer["id"].clone(), answer["error"]["message"].to_string())
    }

    #[test]
    fn good_messages_pass_whatever_they_ask() {
        for good in [
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"b":[1]}}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":null}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
            r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#,
            "\u{feff} {\"id\":1} ",
        ] {
            assert!(look(good.as_bytes()).is_ok(), "{good}");
        }
    }

    #[test]
    fn the_tool_that_is_called_is_known_however_it_is_written() {
        let called =
            |message: &str| look(message.as_bytes()).unwrap().map(|called| (called.name, called.asks_outcomes));
        let call =
            r#"{"id":1,"method":"tools\/call","params":{"arguments":{"outcomes":true},"name":"report_\u0070osts"}}"#;
        assert_eq!(called(call), Some(("report_posts".into(), true)));
        assert_eq!(called(r#"{"id":1,"method":"tools/call","params":{"name":"a"}}"#), Some(("a".into(), false)));
        for other in [
            r#"{"id":1,"method":"tools/list","params":{"name":"a"}}"#,
            r#"{"id":1,"method":"tools/call","params":{"name":7}}"#,
            r#"{"id":1,"method":"tools/call","params":["a"]}"#,
            r#"{"id":1,"method":"tools/call"}"#,
            r#"[{"id":1,"method":"tools/call","params":{"name":"a"}}]"#,
        ] {
            assert_eq!(called(other), None, "{other}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_reason() {
        let (code, id, said) = fault(b"{\"id\":1,\xff}");
        assert!((code, &id) == (-32700, &Value::Null) && said.contains("UTF-8") && said.contains('8'), "{said}");
        let (code, _, said) = fault(b"{\"id\":1,");
        assert!(code == -32700 && said.contains("JSON"), "{said}");
        assert!(fault(&vec![b' '; MESSAGE_BYTES_MAX + 1]).2.contains("4 MiB"));
        for method in ["initialize", "initi\\u0061lize"] {
            let long =
                format!(r#"{{"id":3,"method":"{method}","params":{{"a":"{}"}}}}"#, "x".repeat(INITIALIZE_BYTES_MAX));
            let (code, id, said) = fault(long.as_bytes());
            assert!((code, id) == (-32602, Value::from(3)) && said.contains("64 KiB"), "{method}: {said}");
        }
        for wrong in ["[]", "[\"a\"]", "\"a\"", "5", "true"] {
            let call = format!(r#"{{"id":"x7","method":"tools/call","params":{{"arguments":{wrong}}}}}"#);
            let (code, id, said) = fault(call.as_bytes());
            assert!((code, id) == (-32602, Value::from("x7")) && said.contains("object"), "{wrong}: {said}");
        }
    }
}
