//! What was said in a thread before we were called there: read once, where the app may (`channels:history`, dossier §17 row 11), and never
//! waited for.

use std::time::Duration;

use serde_json::Value;

use super::api::Api;
use super::inbound::plain;
use crate::places::inbound::{Inbound, Spot};

/// An app that is sold outside Slack's Marketplace may read once a minute (dossier §11); its answers do not wait for that.
const PATIENCE: Duration = Duration::from_secs(2);
/// What such an app gets of a thread at most; others are asked for no more than one page.
const PAGE: &str = "100";
/// The first message and the newest ones behind it.
const MESSAGES_MAX: usize = 15;
const CHARS_MAX: usize = 1_000;

/// Who wrote what, a line each, oldest first; empty where nothing was said, or it may not be read.
pub(super) async fn before(api: &Api, inbound: &Inbound, spot: &Spot) -> String {
    // The last word of the key is the instant of the message, and the thread's that of its first.
    let asked_at = inbound.key.rsplit(' ').next().unwrap_or_default();
    if spot.is_direct || asked_at == spot.thread {
        return String::new();
    }
    let fields = [("channel", spot.channel.as_str()), ("ts", spot.thread.as_str()), ("limit", PAGE)];
    let look = api.look(&inbound.team, "conversations.replies", &fields);
    match tokio::time::timeout(PATIENCE, look).await {
        Ok(Ok(found)) => lines(&found, asked_at),
        Ok(Err(fault)) => {
            tracing::debug!(error = %fault, "a thread in Slack could not be read");
            String::new()
        }
        Err(_) => String::new(),
    }
}

fn lines(found: &Value, asked_at: &str) -> String {
    let all = found["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let earlier = all.iter().filter(|message| message["ts"].as_str().is_some_and(|ts| is_before(ts, asked_at)));
    let said: Vec<String> = earlier.filter_map(line).collect();
    let newest = said.len().saturating_sub(MESSAGES_MAX).max(1);
    let kept = said.iter().enumerate().filter(|(at, _)| *at == 0 || *at >= newest);
    kept.map(|(_, line)| line.as_str()).collect::<Vec<_>>().join("\n")
}

/// Instants are seconds and microseconds with a point between them: of one length they are ordered as text.
fn is_before(ts: &str, other: &str) -> bool {
    (ts.len(), ts) < (other.len(), other)
}

fn line(message: &Value) -> Option<String> {
    let who = [&message["user"], &message["username"], &message["bot_id"]].into_iter().find_map(Value::as_str)?;
    let words = plain(message["text"].as_str()?.trim());
    let words: String = words.chars().take(CHARS_MAX).collect();
    (!words.is_empty()).then(|| format!("{who}: {words}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_and_the_newest_before_the_question_are_read() {
        let mut all: Vec<Value> =
            (10..40).map(|no| json!({ "ts": format!("17.{no}"), "user": "U2", "text": format!("no {no}") })).collect();
        all.push(json!({ "ts": "17.40", "user": "U1", "text": "<@U0BOT> the question" }));
        all.push(json!({ "ts": "17.41", "user": "U2", "text": "later" }));
        let read = lines(&json!({ "messages": all }), "17.40");
        let read: Vec<&str> = read.lines().collect();
        assert_eq!((read.len(), read[0], read[1], read[15]), (16, "U2: no 10", "U2: no 25", "U2: no 39"));
    }

    #[test]
    fn odd_threads_are_read_as_far_as_they_can_be() {
        let long = "é".repeat(5_000);
        let found = json!({ "messages": [
            { "ts": "1.1", "bot_id": "B1", "text": "built &amp; <https://a.example|shipped>" }, { "ts": "1.2" },
            { "ts": "1.3", "user": "U1", "text": " " }, { "user": "U1", "text": "when?" }, 7, { "ts": "1.4", "user": "U1", "text": long },
        ] });
        let read = lines(&found, "1.9");
        assert!(read.starts_with("B1: built & https://a.example\n"), "{read}");
        assert_eq!((read.lines().count(), read.chars().filter(|c| *c == 'é').count()), (2, CHARS_MAX));
        assert_eq!(lines(&json!({ "ok": true }), "1.9"), "");
    }
}
