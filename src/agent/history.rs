//! A conversation as a model reads it again: what it said goes back as it said it, and every call has an answer.

use serde::Deserialize;
use serde_json::{Value, json};

use super::prompt;
use crate::domain::chat::MessageKind;
use crate::llm::{CallResult, Item};
use crate::memory::{Message, Past};

/// Stands where something may not be kept any longer.
const GONE: &str = "null";

/// The items of what was said before, and the person's own texts among them.
pub(super) fn items(past: &Past) -> (Vec<Item>, Vec<String>) {
    let (mut items, mut said) = (Vec::new(), Vec::new());
    let mut is_lost = false;
    for message in &past.messages {
        match message.kind {
            MessageKind::Person => {
                said.push(message.body.clone());
                items.push(Item::Person { text: prompt::shown(&message.body, &message.media), pictures: Vec::new() });
            }
            MessageKind::Others => {
                items.push(Item::Person { text: prompt::others(&message.body), pictures: Vec::new() });
            }
            // What the model said about data past its time is gone with it; results of calls in there have nothing to answer.
            MessageKind::Model if message.body == GONE => is_lost = true,
            MessageKind::Model => {
                is_lost = false;
                items.push(Item::Model(message.body.clone()));
            }
            MessageKind::Results if is_lost => {}
            MessageKind::Results => items.push(results(message)),
            // What the person was shown is the model's text again, or our own words about a fault.
            MessageKind::Reply => {}
        }
    }
    answer_open_calls(&mut items);
    (items, said)
}

fn results(message: &Message) -> Item {
    Item::Results(serde_json::from_str(&message.body).unwrap_or_default())
}

/// A turn that died between a call and its result left a call open, and data past its time left a result empty: both are answered
/// here, because the service refuses a history in which a call has no answer.
fn answer_open_calls(items: &mut Vec<Item>) {
    let mut at = 0;
    while at < items.len() {
        if let Item::Model(raw) = &items[at] {
            let calls = calls_of(raw);
            match items.get_mut(at + 1) {
                Some(Item::Results(results)) if results.is_empty() => {
                    *results = answers(calls, "this data may not be kept any longer; ask again for fresh data");
                }
                Some(Item::Results(_)) => {}
                Some(Item::Person { .. } | Item::Model(_)) | None => {
                    if !calls.is_empty() {
                        let lost = "interrupted: whether it was done is not known; read before you try again";
                        items.insert(at + 1, Item::Results(answers(calls, lost)));
                    }
                }
            }
        }
        at += 1;
    }
    // Results whose call was cut away with an older turn cannot stand first.
    while matches!(items.first(), Some(Item::Results(_) | Item::Model(_))) {
        items.remove(0);
    }
}

fn answers(calls: Vec<(Option<String>, String)>, error: &str) -> Vec<CallResult> {
    calls.into_iter().map(|(id, name)| CallResult { id, name, response: json!({ "error": error }) }).collect()
}

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    parts: Vec<Value>,
}

/// Names and ids of the calls in what a model said.
fn calls_of(raw: &str) -> Vec<(Option<String>, String)> {
    let said: Said = serde_json::from_str(raw).unwrap_or(Said { parts: Vec::new() });
    let calls = said.parts.iter().filter_map(|part| part.get("functionCall"));
    calls
        .map(|call| {
            let text = |key: &str| call.get(key).and_then(Value::as_str).map(str::to_owned);
            (text("id"), text("name").unwrap_or_default())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::chat::TurnState;
    use crate::domain::ids::{MessageId, TurnId};

    fn message(no: i64, kind: MessageKind, body: &str) -> Message {
        Message {
            id: MessageId::generate(no, 0),
            turn: TurnId::generate(1, 0),
            turn_state: TurnState::Done,
            kind,
            body: body.into(),
            media: Vec::new(),
            is_passing: false,
            is_of_google: false,
            tokens: 1,
            created_at: no,
        }
    }

    const CALL: &str =
        r#"{"role":"model","parts":[{"functionCall":{"id":"c1","name":"f"},"thoughtSignature":"AA=="}]}"#;

    #[test]
    fn what_is_past_its_time_is_left_out_and_said_to_be() {
        let past = Past {
            messages: vec![
                message(1, MessageKind::Person, "views?"),
                message(2, MessageKind::Model, CALL),
                message(3, MessageKind::Results, "null"),
                message(4, MessageKind::Model, "null"),
                message(5, MessageKind::Results, "null"),
                message(6, MessageKind::Model, "null"),
                message(7, MessageKind::Reply, "null"),
                message(8, MessageKind::Person, "and now?"),
            ],
            ..Past::default()
        };
        let (items, _) = items(&past);
        let [Item::Person { .. }, Item::Model(raw), Item::Results(results), Item::Person { .. }] = &items[..] else {
            panic!("{items:?}")
        };
        assert_eq!(raw, CALL);
        assert!(results[0].response["error"].as_str().unwrap().contains("may not be kept"), "{results:?}");
    }

    #[test]
    fn every_call_has_an_answer_and_nothing_else_is_touched() {
        let past = Past {
            messages: vec![
                message(1, MessageKind::Model, CALL),
                message(2, MessageKind::Results, "[]"),
                message(3, MessageKind::Person, "a"),
                message(4, MessageKind::Model, CALL),
                message(5, MessageKind::Results, "null"),
                message(6, MessageKind::Person, "b"),
                message(7, MessageKind::Model, CALL),
                message(8, MessageKind::Person, "c"),
                message(9, MessageKind::Reply, "shown"),
            ],
            ..Past::default()
        };
        let (items, said) = items(&past);
        assert_eq!(said, ["a", "b", "c"]);
        let kinds: Vec<_> = items
            .iter()
            .map(|item| match item {
                Item::Person { text, .. } => text.clone(),
                Item::Model(raw) => {
                    assert_eq!(raw, CALL);
                    "call".into()
                }
                Item::Results(results) => results[0].response["error"].as_str().unwrap()[..4].to_owned(),
            })
            .collect();
        assert_eq!(kinds, ["a", "call", "this", "b", "call", "inte", "c"]);
    }
}
