//! What a tool's answer means for the conversation: what may be claimed, and which card is drawn from the ledger.

use serde_json::Value;

use super::claims::Act;
use crate::domain::chat::Card;
use crate::domain::ids::PostId;
use crate::domain::tool::ToolOutcome;

/// What may be said to be done after this answer.
pub(super) fn done(tool: &str, outcome: &ToolOutcome) -> Vec<Act> {
    let answer = &outcome.structured;
    if answer["dry_run"] == Value::Bool(true) || answer["status"] == "dry_run" {
        return Vec::new();
    }
    let mut acts = Vec::new();
    match tool {
        "create_draft" | "update_draft" => acts.push(Act::Drafted),
        "withdraw_post" => acts.push(Act::Withdrawn),
        "pause_publishing" if outcome.waiting.is_none() => acts.push(Act::Paused),
        // Whoever has connected accounts may be told so.
        "list_accounts" => acts.push(Act::Connected),
        _ => {}
    }
    statuses(answer, 0, &mut acts);
    acts
}

/// Every status that the answer shows of a post or a delivery.
fn statuses(value: &Value, depth: usize, acts: &mut Vec<Act>) {
    /// Answers are a handful deep.
    const DEPTH_MAX: usize = 12;
    if depth > DEPTH_MAX {
        return;
    }
    match value {
        Value::Object(map) => {
            for key in ["status", "state"] {
                match map.get(key).and_then(Value::as_str) {
                    Some("draft") => acts.push(Act::Drafted),
                    Some("scheduled") => acts.push(Act::Scheduled),
                    Some("published") => acts.push(Act::Published),
                    Some("withdrawn" | "cancelled" | "taken_down") => acts.push(Act::Withdrawn),
                    Some("paused") => acts.push(Act::Paused),
                    _ => {}
                }
            }
            map.values().for_each(|inner| statuses(inner, depth + 1, acts));
        }
        Value::Array(items) => items.iter().for_each(|inner| statuses(inner, depth + 1, acts)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What is drawn below the answer because of this call.
pub(super) fn card(tool: &str, outcome: &ToolOutcome) -> Option<Card> {
    let answer = &outcome.structured;
    if let Some(id) = &outcome.waiting {
        return Some(Card::Approval(id.clone()));
    }
    let post = || answer["post"]["id"].as_str().and_then(|id| id.parse::<PostId>().ok());
    match tool {
        "create_draft" | "update_draft" if answer["dry_run"] != Value::Bool(true) => post().map(Card::Draft),
        "schedule_post" | "publish_post" if answer["status"] != "dry_run" => post().map(Card::Post),
        "connect_account" => {
            answer["url"].as_str().or(answer["connect_url"].as_str()).map(|url| Card::Link { url: url.into() })
        }
        "attach_media" => answer["upload_url"].as_str().map(|url| Card::Link { url: url.into() }),
        _ => None,
    }
}

/// Puts a card to the others: of one post only the last, and no draft beside the question that shows it.
pub(super) fn add(cards: &mut Vec<Card>, card: Card) {
    cards.retain(|other| match (other, &card) {
        (Card::Draft(a) | Card::Post(a), Card::Draft(b) | Card::Post(b)) => a != b,
        (Card::Draft(_), Card::Approval(_)) => false,
        // Once a time was understood, the question is answered.
        (Card::Times(_), Card::Times(_) | Card::Approval(_) | Card::Post(_)) => false,
        (other, card) => other != card,
    });
    cards.push(card);
}
