//! From what is to be said to the bytes of an answer: whole, as an event stream, or as the trickled array without `alt=sse`.

use serde_json::{Map, Value, json};

use super::play::{Cut, Ending, Piece, Said};
use super::police::Signatures;
use super::problem::Problem;

/// Letters in one event of a streamed text.
const TEXT_CHARS: usize = 24;

/// What every event of one answer repeats.
pub(super) struct Frame {
    pub(super) model: String,
    pub(super) id: String,
    pub(super) input_tokens: usize,
}

/// The parts of an answer, signed where the service signs.
pub(super) fn parts(said: &Said, signatures: &mut Signatures, first_id: usize) -> Vec<Value> {
    let mut parts = Vec::new();
    let mut is_first_call = true;
    for piece in &said.pieces {
        let part = match piece {
            Piece::Text(text) => json!({ "text": text }),
            Piece::Thought(text) => json!({ "text": text, "thought": true }),
            Piece::Other(part) => part.clone(),
            Piece::Call { name, args } => {
                let mut call = json!({ "id": format!("sim-call-{}", first_id + parts.len()), "name": name });
                if let Some(args) = args {
                    call["args"] = args.clone();
                }
                let mut part = json!({ "functionCall": call });
                if std::mem::take(&mut is_first_call) {
                    signatures.sign(&mut part);
                }
                part
            }
        };
        parts.push(part);
    }
    // Without a call the last text is signed, or an empty one behind it.
    let ends_in_text = parts.last().is_some_and(|part| part.get("text").is_some() && part.get("thought").is_none());
    if is_first_call && ends_in_text {
        if said.trailing_signature {
            parts.push(json!({ "text": "" }));
        }
        if let Some(last) = parts.last_mut() {
            signatures.sign(last);
        }
    }
    parts
}

/// The body of `generateContent`.
pub(super) fn whole(said: &Said, parts: Vec<Value>, frame: &Frame) -> Value {
    let counts = usage(&parts, frame);
    let mut candidate = json!({ "finishReason": finish(said), "index": 0 });
    if !parts.is_empty() {
        candidate["content"] = json!({ "role": "model", "parts": parts });
    }
    framed(json!({ "candidates": [candidate], "usageMetadata": counts }), frame)
}

/// The events of `streamGenerateContent`.
pub(super) fn events(said: &Said, parts: Vec<Value>, frame: &Frame) -> Vec<Value> {
    let counts = usage(&parts, frame);
    let mut events = Vec::new();
    for part in parts {
        let split = split(&part);
        for part in split {
            events.push(json!({ "candidates": [{ "content": { "role": "model", "parts": [part] }, "index": 0 }] }));
        }
    }
    if said.ending == Ending::Whole {
        match events.last_mut() {
            Some(last) => last["candidates"][0]["finishReason"] = finish(said).into(),
            None => events.push(json!({ "candidates": [{ "finishReason": finish(said), "index": 0 }] })),
        }
        match events.last_mut() {
            Some(last) if !said.counts_alone => last["usageMetadata"] = counts,
            _ => events.push(json!({ "usageMetadata": counts })),
        }
    }
    let mut events: Vec<Value> = events.into_iter().map(|event| framed(event, frame)).collect();
    if let Ending::Error(status) = said.ending {
        events.push(json!({ "error": Problem::of(status, "INTERNAL", "An internal error has occurred.").error() }));
    }
    events
}

/// A text in several pieces; the signature stays with the last one.
fn split(part: &Value) -> Vec<Value> {
    let Some(text) = part.get("text").and_then(Value::as_str) else { return vec![part.clone()] };
    let letters: Vec<char> = text.chars().collect();
    let mut pieces: Vec<Value> = letters
        .chunks(TEXT_CHARS)
        .map(|letters| {
            let mut piece = json!({ "text": letters.iter().collect::<String>() });
            if part.get("thought").is_some() {
                piece["thought"] = true.into();
            }
            piece
        })
        .collect();
    match (pieces.last_mut(), part.get("thoughtSignature")) {
        (Some(last), Some(signature)) => last["thoughtSignature"] = signature.clone(),
        (None, _) => pieces.push(part.clone()),
        (Some(_), None) => {}
    }
    pieces
}

fn framed(mut event: Value, frame: &Frame) -> Value {
    event["modelVersion"] = frame.model.as_str().into();
    event["responseId"] = frame.id.as_str().into();
    event
}

fn finish(said: &Said) -> &str {
    said.finish.as_deref().unwrap_or("STOP")
}

/// Counts as the service gives them: a field that is zero is not there.
fn usage(parts: &[Value], frame: &Frame) -> Value {
    let tokens = |is_thought: bool| -> usize {
        let of = parts.iter().filter(|part| part.get("thought").is_some() == is_thought);
        of.map(|part| part.to_string().len() / 4).sum()
    };
    let (said, thought) = (tokens(false), tokens(true));
    let counts = [
        ("promptTokenCount", frame.input_tokens),
        ("candidatesTokenCount", said),
        ("thoughtsTokenCount", thought),
        ("totalTokenCount", frame.input_tokens + said + thought),
    ];
    let present = counts.iter().filter(|(_, count)| *count > 0);
    Value::Object(present.map(|(name, count)| ((*name).to_owned(), (*count).into())).collect::<Map<_, _>>())
}

/// The pieces of bytes in which events travel.
pub(super) fn bytes(said: &Said, events: &[Value], is_sse: bool) -> Vec<Vec<u8>> {
    let newline = if said.crlf { "\r\n" } else { "\n" };
    let last = events.len().saturating_sub(1);
    let pieces = events.iter().enumerate().map(|(no, event)| {
        if is_sse {
            let comment = if said.comments { format!(": keep-alive{newline}{newline}") } else { String::new() };
            format!("{comment}data: {event}{newline}{newline}").into_bytes()
        } else {
            let begin = if no == 0 { "[" } else { "," };
            let end = if no == last { "]" } else { "" };
            format!("{begin}{event}{newline}{end}").into_bytes()
        }
    });
    match said.cut {
        Cut::Events => pieces.collect(),
        Cut::Bytes(size) => pieces.flatten().collect::<Vec<u8>>().chunks(size.max(1)).map(<[u8]>::to_vec).collect(),
    }
}
