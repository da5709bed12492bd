//! Puts the pieces of a streamed answer together (dossier §3.1, §3.2). A part with a signature stays exactly the part it came as: the
//! service checks that it gets it back there. Only unsigned neighbouring texts of one kind are joined.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::llm::{Call, Delta, Finish, ModelFault, Said, Usage};

/// One `data` of the stream. Everything may be missing, everything unknown is let through.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Chunk<'a> {
    #[serde(borrow, default)]
    candidates: Vec<Candidate<'a>>,
    #[serde(default)]
    prompt_feedback: Option<Feedback>,
    #[serde(default)]
    usage_metadata: Option<Counts>,
    #[serde(default)]
    model_version: Option<String>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate<'a> {
    #[serde(borrow, default)]
    content: Option<Content<'a>>,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Content<'a> {
    #[serde(borrow, default)]
    parts: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    #[serde(default)]
    block_reason: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
#[expect(clippy::struct_field_names, reason = "the service's names")]
struct Counts {
    prompt_token_count: i64,
    candidates_token_count: i64,
    thoughts_token_count: i64,
    cached_content_token_count: i64,
}

enum Part {
    /// Text that may grow.
    Text { text: String, is_thought: bool },
    /// Anything else, as it came.
    Raw(String),
}

/// An answer that is coming in.
#[derive(Default)]
pub(super) struct Gathering {
    parts: Vec<Part>,
    text: String,
    calls: Vec<Call>,
    finish: Option<String>,
    blocked: Option<String>,
    usage: Usage,
    model: String,
}

impl Gathering {
    /// Takes the next event.
    pub(super) fn take(&mut self, data: &str, tell: &mut (dyn FnMut(Delta) + Send)) -> Result<(), ModelFault> {
        let chunk: Chunk<'_> =
            serde_json::from_str(data).map_err(|error| ModelFault::Cut(format!("an event is no JSON: {error}")))?;
        if let Some(error) = chunk.error {
            return Err(super::fault::in_stream(&error));
        }
        if let Some(reason) = chunk.prompt_feedback.and_then(|feedback| feedback.block_reason) {
            self.blocked = Some(reason);
        }
        if let Some(counts) = chunk.usage_metadata {
            self.usage = Usage {
                input: counts.prompt_token_count,
                output: counts.candidates_token_count,
                thought: counts.thoughts_token_count,
                cached: counts.cached_content_token_count,
            };
            tell(Delta::Usage(self.usage));
        }
        if let Some(model) = chunk.model_version {
            self.model = model;
        }
        if let Some(candidate) = chunk.candidates.into_iter().next() {
            for part in candidate.content.map(|content| content.parts).unwrap_or_default() {
                self.part(part, tell);
            }
            self.finish = candidate.finish_reason.or(self.finish.take());
        }
        Ok(())
    }

    fn part(&mut self, raw: &RawValue, tell: &mut (dyn FnMut(Delta) + Send)) {
        // A part that is no object is kept and means nothing.
        let part: Map<String, Value> = serde_json::from_str(raw.get()).unwrap_or_default();
        let is_thought = part.get("thought") == Some(&Value::Bool(true));
        let text = part.get("text").and_then(Value::as_str);
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            if is_thought {
                tell(Delta::Thought(text.to_owned()));
            } else {
                self.text.push_str(text);
                tell(Delta::Text(text.to_owned()));
            }
        }
        if let Some(call) = part.get("functionCall").and_then(Value::as_object) {
            self.calls.push(Call {
                id: call.get("id").and_then(Value::as_str).map(str::to_owned),
                name: call.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
                arguments: call.get("args").cloned().unwrap_or_else(|| Value::Object(Map::new())),
            });
        }
        let is_plain = part.keys().all(|key| key == "text" || key == "thought");
        match (text, self.parts.last_mut()) {
            (Some(text), Some(Part::Text { text: before, is_thought: kind })) if is_plain && *kind == is_thought => {
                before.push_str(text);
            }
            (Some(text), _) if is_plain => self.parts.push(Part::Text { text: text.to_owned(), is_thought }),
            _ => self.parts.push(Part::Raw(raw.get().to_owned())),
        }
    }

    /// Whether anything was told already.
    pub(super) fn is_begun(&self) -> bool {
        !self.parts.is_empty()
    }

    /// The whole answer.
    pub(super) fn end(self) -> Result<Said, ModelFault> {
        if let Some(reason) = self.blocked {
            return Err(ModelFault::Blocked(reason));
        }
        let Some(word) = self.finish else {
            return Err(ModelFault::Cut("the stream ended without a finish reason".into()));
        };
        let is_empty = self.parts.is_empty();
        let parts: Vec<String> = self
            .parts
            .into_iter()
            .map(|part| match part {
                Part::Raw(raw) => raw,
                Part::Text { text, is_thought: true } => {
                    serde_json::json!({ "text": text, "thought": true }).to_string()
                }
                Part::Text { text, is_thought: false } => serde_json::json!({ "text": text }).to_string(),
            })
            .collect();
        Ok(Said {
            raw: format!("{{\"role\":\"model\",\"parts\":[{}]}}", parts.join(",")),
            text: self.text,
            finish: finish(&word, is_empty),
            calls: self.calls,
            usage: self.usage,
            model: self.model,
        })
    }
}

/// Dossier §3.5. Words are compared as text: the service adds some every few weeks.
fn finish(word: &str, is_empty: bool) -> Finish {
    match word {
        "STOP" if is_empty => Finish::Broken,
        "STOP" => Finish::Done,
        "MAX_TOKENS" | "CONTINUATION" => Finish::Length,
        "MALFORMED_FUNCTION_CALL" | "UNEXPECTED_TOOL_CALL" | "MALFORMED_RESPONSE" => Finish::Broken,
        word => Finish::Blocked(word.chars().take(60).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gather(chunks: &[&str]) -> (Result<Said, ModelFault>, Vec<Delta>) {
        let (mut gathering, mut told) = (Gathering::default(), Vec::new());
        for chunk in chunks {
            let mut tell = |delta: Delta| {
                // Counts are looked at in the whole answer.
                if !matches!(delta, Delta::Usage(_)) {
                    told.push(delta);
                }
            };
            if let Err(fault) = gathering.take(chunk, &mut tell) {
                return (Err(fault), told);
            }
        }
        (gathering.end(), told)
    }

    fn chunk(parts: &str) -> String {
        format!("{{\"candidates\":[{{\"content\":{{\"role\":\"model\",\"parts\":[{parts}]}}}}]}}")
    }

    const STOP: &str = r#"{"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":9,"thoughtsTokenCount":2},"modelVersion":"m-1"}"#;

    #[test]
    fn unsigned_texts_are_joined_and_signed_parts_stay_what_they_are() {
        let signed = r#"{"functionCall":{"name":"f","id":"c1","args":{"n":1.0}},"thoughtSignature":"AA=="}"#;
        let (said, told) = gather(&[
            &chunk(r#"{"text":"hm","thought":true}"#),
            &chunk(r#"{"text":"Hel"}"#),
            &chunk(r#"{"text":"lo"}"#),
            &chunk(signed),
            &chunk(r#"{"functionCall":{"name":"g"}}"#),
            &chunk(r#"{"text":"","thoughtSignature":"BB=="}"#),
            STOP,
        ]);
        let said = said.unwrap();
        assert_eq!(
            said.raw,
            format!(
                r#"{{"role":"model","parts":[{{"text":"hm","thought":true}},{{"text":"Hello"}},{signed},{{"functionCall":{{"name":"g"}}}},{{"text":"","thoughtSignature":"BB=="}}]}}"#
            )
        );
        assert_eq!((said.text.as_str(), said.calls.len(), said.finish), ("Hello", 2, Finish::Done));
        assert_eq!((said.calls[1].id.as_deref(), &said.calls[1].arguments), (None, &serde_json::json!({})));
        assert_eq!((said.usage.input, said.usage.thought, said.model.as_str()), (9, 2, "m-1"));
        assert_eq!(told, [Delta::Thought("hm".into()), Delta::Text("Hel".into()), Delta::Text("lo".into())]);
    }

    #[test]
    fn ends_are_told_apart() {
        let ended = |word: &str| {
            let last =
                format!(r#"{{"candidates":[{{"content":{{"parts":[{{"text":"a"}}]}},"finishReason":"{word}"}}]}}"#);
            gather(&[&last]).0.map(|said| said.finish)
        };
        assert_eq!(ended("STOP"), Ok(Finish::Done));
        assert_eq!(ended("MAX_TOKENS"), Ok(Finish::Length));
        assert_eq!(ended("MALFORMED_FUNCTION_CALL"), Ok(Finish::Broken));
        assert_eq!(ended("SAFETY"), Ok(Finish::Blocked("SAFETY".into())));
        assert_eq!(ended("A_WORD_OF_NEXT_MONTH"), Ok(Finish::Blocked("A_WORD_OF_NEXT_MONTH".into())));
        assert_eq!(gather(&[STOP]).0.map(|said| said.finish), Ok(Finish::Broken));
        assert!(matches!(gather(&[&chunk(r#"{"text":"a"}"#)]).0, Err(ModelFault::Cut(_))));
        assert_eq!(
            gather(&[r#"{"promptFeedback":{"blockReason":"OTHER"}}"#]).0,
            Err(ModelFault::Blocked("OTHER".into()))
        );
        let broken = r#"{"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}"#;
        assert!(matches!(gather(&[broken]).0, Err(ModelFault::Busy(_))));
        assert!(matches!(gather(&["<html>"]).0, Err(ModelFault::Cut(_))));
        let odd = chunk(r#"7,{"holodeck":{"scene":1}},{"text":"a"}"#);
        assert_eq!(
            gather(&[&odd, STOP]).0.unwrap().raw,
            r#"{"role":"model","parts":[7,{"holodeck":{"scene":1}},{"text":"a"}]}"#
        );
    }
}
