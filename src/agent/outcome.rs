//! What a tool's answer means for the conversation: what may be claimed, and which card is drawn from the ledger.

use serde_json::Value;

use super::claims::Act;
use crate::domain::chat::Card;
use crate::domain::ids::{MediaId, PostId};
use crate::domain::tool::ToolOutcome;
use crate::llm::Call;

/// What may be said to be done after this answer of a tool that acts, by tool and status alone.
pub(super) fn done(call: &Call, outcome: &ToolOutcome) -> Option<Act> {
    let is_set = |name: &str| call.arguments.get(name) == Some(&Value::Bool(true));
    if is_set("dry_run") || !outcome.waiting.is_empty() {
        return None;
    }
    match call.name.as_str() {
        "create_draft" | "update_draft" => Some(Act::Drafted),
        "schedule_post" if outcome.structured["status"] == "scheduled" => Some(Act::Scheduled),
        // It is on its way after the hold window; that it is out is for a later look.
        "publish_post" if outcome.structured["status"] == "going_out" => Some(Act::Scheduled),
        "withdraw_post" if is_set("restore") => Some(Act::Drafted),
        "withdraw_post" => Some(Act::Withdrawn),
        "pause_publishing" if !is_set("resume") => Some(Act::Paused),
        _ => None,
    }
}

/// How posts, deliveries and accounts stand that a reading tool showed: enough for "it was published", never for "I have published it".
pub(super) fn read(call: &Call, outcome: &ToolOutcome) -> Vec<Act> {
    let mut acts = Vec::new();
    match call.name.as_str() {
        "get_post" | "list_posts" => statuses(&outcome.structured, 0, &mut acts),
        "list_accounts" if outcome.structured["accounts"].as_array().is_some_and(|all| !all.is_empty()) => {
            acts.push(Act::Connected);
        }
        _ => {}
    }
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

/// Pictures that a call brought in: the model is to see what it describes.
pub(super) fn pictures(call: &Call, outcome: &ToolOutcome) -> Vec<MediaId> {
    if call.name != "attach_media" {
        return Vec::new();
    }
    let media = outcome.structured["media"].as_array().map(Vec::as_slice).unwrap_or_default();
    let pictures = media.iter().filter(|medium| medium["mime"].as_str().is_some_and(|mime| mime.starts_with("image/")));
    pictures.filter_map(|medium| medium["id"].as_str()?.parse().ok()).collect()
}

/// Charts below one answer: more are asked for one by one.
const CHARTS_MAX: usize = 3;

/// What is drawn below the answer because of this call: every question that it asks, or what it shows; and the chart that the model wanted with it.
pub(super) fn cards(tool: &str, outcome: &ToolOutcome) -> Vec<Card> {
    if outcome.waiting.is_empty() {
        let chart = outcome.chart.clone().map(|chart| Card::Chart(Box::new(chart)));
        return card(tool, outcome).into_iter().chain(chart).collect();
    }
    outcome.waiting.iter().cloned().map(Card::Approval).collect()
}

fn card(tool: &str, outcome: &ToolOutcome) -> Option<Card> {
    let answer = &outcome.structured;
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
    let charts = cards.iter().filter(|other| matches!(other, Card::Chart(_))).count();
    if charts < CHARTS_MAX || !matches!(card, Card::Chart(_)) {
        cards.push(card);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ApprovalId;

    #[test]
    fn every_question_that_a_call_asks_is_a_card_of_its_own() {
        let asked: Vec<_> = (0..3).map(|chance| ApprovalId::generate(1, chance)).collect();
        let outcome = ToolOutcome {
            structured: Value::Null,
            text: String::new(),
            waiting: asked.clone(),
            keep: None,
            is_strange: false,
            chart: None,
        };
        let mut drawn = Vec::new();
        for card in cards("take_down_post", &outcome) {
            add(&mut drawn, card);
        }
        assert_eq!(drawn, asked.into_iter().map(Card::Approval).collect::<Vec<_>>());
    }
}
