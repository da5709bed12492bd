//! What was said in a thread before we were called there: read once, where the app may (`channels:history`, dossier §17 row 11), and never
//! waited for.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use super::api::Api;
use super::inbound::plain;
use super::known;
use crate::domain::shown;
use crate::places::inbound::{Inbound, Spot};

/// An app that is sold outside Slack's Marketplace may read once a minute (dossier §11); its answers do not wait for that.
const PATIENCE: Duration = Duration::from_secs(2);
/// What such an app gets of a thread at most; others are asked for no more than one page.
const PAGE: &str = "100";
/// The first message and the newest ones behind it.
const MESSAGES_MAX: usize = 15;
const CHARS_MAX: usize = 1_000;
/// People whose names are asked for.
const NAMES_MAX: usize = 8;

/// Who wrote what, a line each, oldest first; empty where nothing was said, or it may not be read.
pub(super) async fn before(api: &Api, inbound: &Inbound, spot: &Spot) -> String {
    // The last word of the key is the instant of the message, and the thread's that of its first.
    let asked_at = inbound.key.rsplit(' ').next().unwrap_or_default();
    if spot.is_direct || asked_at == spot.thread {
        return String::new();
    }
    let fields = [("channel", spot.channel.as_str()), ("ts", spot.thread.as_str()), ("limit", PAGE)];
    let look = api.look(&inbound.team, "conversations.replies", &fields);
    let said = match tokio::time::timeout(PATIENCE, look).await {
        Ok(Ok(found)) => earlier(&found, asked_at),
        Ok(Err(fault)) => {
            tracing::debug!(error = %fault, "a thread in Slack could not be read");
            Vec::new()
        }
        Err(_) => Vec::new(),
    };
    let people: BTreeSet<&str> = said.iter().filter(|said| said.is_person).map(|said| said.who.as_str()).collect();
    let names = futures::future::join_all(people.into_iter().take(NAMES_MAX).map(async |user| {
        let (_, name) = known(api, &inbound.team, user).await;
        (user, shown::name(&name))
    }));
    // Where Slack takes its time, ids say who is who.
    let names: BTreeMap<&str, String> =
        tokio::time::timeout(PATIENCE, names).await.unwrap_or_default().into_iter().collect();
    let line = |said: &Said| format!("{}: {}", names.get(said.who.as_str()).unwrap_or(&said.who), said.words);
    said.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What somebody wrote.
struct Said {
    who: String,
    is_person: bool,
    words: String,
}

/// The first message and the newest before an instant.
fn earlier(found: &Value, asked_at: &str) -> Vec<Said> {
    let all = found["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let earlier = all.iter().filter(|message| message["ts"].as_str().is_some_and(|ts| is_before(ts, asked_at)));
    let mut said: Vec<Said> = earlier.filter_map(said).collect();
    let newest = said.len().saturating_sub(MESSAGES_MAX).max(1);
    if said.len() > newest {
        said.drain(1..newest);
    }
    said
}

/// Instants are seconds and microseconds with a point between them: of one length they are ordered as text.
fn is_before(ts: &str, other: &str) -> bool {
    (ts.len(), ts) < (other.len(), other)
}

fn said(message: &Value) -> Option<Said> {
    let user = message["user"].as_str();
    let who = user.or_else(|| [&message["username"], &message["bot_id"]].into_iter().find_map(Value::as_str))?;
    let words: String = plain(message["text"].as_str()?.trim()).chars().take(CHARS_MAX).collect();
    (!words.is_empty()).then(|| Said { who: who.to_owned(), is_person: user.is_some(), words })
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
        let read = earlier(&json!({ "messages": all }), "17.40");
        let words: Vec<&str> = read.iter().map(|said| said.words.as_str()).collect();
        assert_eq!((words.len(), words[0], words[1], words[15]), (16, "no 10", "no 25", "no 39"));
        let alone = json!({ "messages": [{ "ts": "17.10", "user": "U2", "text": "alone" }] });
        assert_eq!(earlier(&alone, "17.40").len(), 1);
    }

    #[test]
    fn odd_threads_are_read_as_far_as_they_can_be() {
        let long = "é".repeat(5_000);
        let found = json!({ "messages": [
            { "ts": "1.1", "bot_id": "B1", "text": "built &amp; <https://a.example|shipped>" }, { "ts": "1.2" },
            { "ts": "1.3", "user": "U1", "text": " " }, { "user": "U1", "text": "when?" }, 7, { "ts": "1.4", "user": "U1", "text": long },
        ] });
        let read = earlier(&found, "1.9");
        let [bot, person] = read.as_slice() else { panic!("{}", read.len()) };
        assert_eq!((bot.who.as_str(), bot.is_person, bot.words.as_str()), ("B1", false, "built & https://a.example"));
        assert_eq!((person.who.as_str(), person.is_person, person.words.chars().count()), ("U1", true, CHARS_MAX));
        assert!(earlier(&json!({ "ok": true }), "1.9").is_empty());
    }
}
