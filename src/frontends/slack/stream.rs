//! A streamed answer, as Slack lets one live (dossier §8.1): begun with the first text, flushed in pieces that break no markup, rolled over
//! before Slack cuts it, continued in a new message when Slack did, and ended once.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use tokio::time::Instant;

use super::Slack;
use super::api::{Api, Fault};
use super::blocks::{Files, Shown, harmless, shown, shown_as};
use super::figures::{Step, charts};
use crate::places::cut::safe_cut;
use crate::places::inbound::Spot;
use crate::places::message::Message;
use crate::places::{Finished, To, Writer, Written};

/// So much text is worth a call.
const FLUSH_CHARS: usize = 256;
/// Text waits no longer than this.
const FLUSH_AFTER: Duration = Duration::from_millis(800);
/// Edits, where streaming is not to be had.
const EDIT_AFTER: Duration = Duration::from_millis(1_300);
/// Slack ends streams after about five minutes, without saying so.
const LIFE_MAX_MS: i64 = 270_000;
/// A message is begun anew before it is too long.
const MESSAGE_CHARS_MAX: usize = 9_000;
/// Tries to end a stream, and the pause after one that found nobody; longer each time.
const STOPS_MAX: u32 = 3;
const STOP_PAUSE: Duration = Duration::from_millis(400);
/// Text that offers no place to cut is sent anyway.
const HELD_MAX: usize = 2_000;

/// How the message stands that is being written.
enum Open {
    /// None is.
    Nothing,
    /// Slack streams it.
    Stream { ts: String, begun_ms: i64 },
    /// It is edited instead.
    Edited { ts: String },
}

/// An answer on its way.
pub(super) struct Stream<'a> {
    slack: &'a Slack,
    api: &'a Api,
    team: &'a str,
    spot: &'a Spot,
    recipient: (&'a str, &'a str),
    open: Open,
    /// What the open message says.
    said: String,
    /// What messages before it say.
    closed: String,
    waiting: String,
    last: Instant,
    can_stream: bool,
    is_stopped: bool,
    sent: Vec<String>,
}

impl<'a> Stream<'a> {
    /// Nothing is shown yet. `recipient` is the person and their team: Slack asks for both outside direct messages.
    pub(super) fn new(slack: &'a Slack, team: &'a str, spot: &'a Spot, recipient: (&'a str, &'a str)) -> Self {
        Self {
            slack,
            api: &slack.api,
            team,
            spot,
            recipient,
            open: Open::Nothing,
            said: String::new(),
            closed: String::new(),
            waiting: String::new(),
            last: Instant::now(),
            can_stream: true,
            is_stopped: false,
            sent: Vec::new(),
        }
    }

    async fn send(&mut self, piece: &str) {
        let is_old = matches!(&self.open, Open::Stream { begun_ms, .. } if self.api.now_ms() - begun_ms > LIFE_MAX_MS);
        if is_old || self.said.chars().count() + piece.chars().count() > MESSAGE_CHARS_MAX {
            self.close().await;
        }
        match &self.open {
            Open::Nothing => self.begin(piece).await,
            Open::Stream { ts, .. } => {
                let call = json!({ "channel": self.spot.channel, "ts": ts, "markdown_text": harmless(piece) });
                match self.api.call(self.team, "chat.appendStream", &call).await {
                    Ok(_) => self.said.push_str(piece),
                    Err(fault) if fault.is("stopped_by_user") => self.is_stopped = true,
                    // Slack ended it: what stands there is kept as an ordinary message, and a new one goes on.
                    Err(fault) => {
                        tracing::info!(error = %fault, "a stream in Slack ended early; a new message continues it");
                        self.rescue(&fault).await;
                        self.begin(piece).await;
                    }
                }
            }
            Open::Edited { ts } => {
                let text = format!("{}{piece}", self.said);
                let call = json!({ "channel": self.spot.channel, "ts": ts, "markdown_text": harmless(&text) });
                if let Err(fault) = self.api.call(self.team, "chat.update", &call).await {
                    tracing::info!(error = %fault, "an answer in Slack could not be edited; the last edit shows all of it");
                }
                self.said = text;
            }
        }
    }

    async fn begin(&mut self, piece: &str) {
        if self.can_stream {
            let (user, team) = self.recipient;
            let call = json!({ "channel": self.spot.channel, "thread_ts": self.spot.thread, "recipient_user_id": user,
                "recipient_team_id": team, "markdown_text": harmless(piece) });
            // Slack counts from when it began, which is before we hear of it.
            let begun_ms = self.api.now_ms();
            match self.api.call(self.team, "chat.startStream", &call).await {
                Ok(answer) => {
                    let ts = answer["ts"].as_str().unwrap_or_default().to_owned();
                    self.sent.push(ts.clone());
                    self.open = Open::Stream { ts, begun_ms };
                    piece.clone_into(&mut self.said);
                    return;
                }
                Err(fault) => {
                    tracing::info!(error = %fault, "Slack does not stream here; the answer is edited instead");
                    self.can_stream = false;
                }
            }
        }
        let call =
            json!({ "channel": self.spot.channel, "thread_ts": self.spot.thread, "markdown_text": harmless(piece) });
        match self.api.call(self.team, "chat.postMessage", &call).await {
            Ok(answer) => {
                let ts = answer["ts"].as_str().unwrap_or_default().to_owned();
                self.sent.push(ts.clone());
                self.open = Open::Edited { ts };
                piece.clone_into(&mut self.said);
            }
            // Nothing is lost: the end of the turn says everything that is not shown.
            Err(fault) => tracing::warn!(error = %fault, "an answer could not be shown in Slack"),
        }
    }

    /// Makes an ordinary message of a stream that cannot go on: ended first, should it still be open, then shown as far as it was confirmed.
    async fn rescue(&mut self, fault: &Fault) {
        if let Open::Stream { ts, .. } = std::mem::replace(&mut self.open, Open::Nothing) {
            if !fault.is("message_not_in_streaming_state")
                && let Err(fault) = self.stop(&ts).await
            {
                tracing::info!(error = %fault, "a stream in Slack could not be ended");
            }
            let call = json!({ "channel": self.spot.channel, "ts": ts, "markdown_text": harmless(&self.said) });
            if let Err(fault) = self.api.call(self.team, "chat.update", &call).await {
                tracing::info!(error = %fault, "a broken stream in Slack could not be mended");
            }
        }
        self.closed.push_str(&std::mem::take(&mut self.said));
    }

    /// Ends a stream, more than once where Slack is not there: one that is left open cannot be edited either.
    async fn stop(&self, ts: &str) -> Result<(), Fault> {
        let call = json!({ "channel": self.spot.channel, "ts": ts });
        for no in 1..STOPS_MAX {
            match self.api.call(self.team, "chat.stopStream", &call).await {
                Err(Fault::Unreachable(_)) => tokio::time::sleep(STOP_PAUSE * no).await,
                done => return done.map(drop),
            }
        }
        self.api.call(self.team, "chat.stopStream", &call).await.map(drop)
    }

    /// Ends the open message.
    async fn close(&mut self) {
        match &self.open {
            Open::Nothing => {}
            Open::Stream { ts, .. } => {
                if let Err(fault) = self.stop(ts).await {
                    tracing::info!(error = %fault, "a stream in Slack could not be ended; it is edited instead");
                    self.rescue(&fault).await;
                }
            }
            Open::Edited { ts } => {
                let blocks = json!([{ "type": "markdown", "text": harmless(&self.said) }]);
                let call =
                    json!({ "channel": self.spot.channel, "ts": ts, "text": fallback(&self.said), "blocks": blocks });
                if let Err(fault) = self.api.call(self.team, "chat.update", &call).await {
                    tracing::info!(error = %fault, "the last edit of an answer failed");
                }
            }
        }
        self.open = Open::Nothing;
        self.closed.push_str(&std::mem::take(&mut self.said));
    }

    /// More text behind a stream that the person stopped: only an edit can add it.
    async fn add_by_edit(&mut self, rest: &str) {
        if let Open::Stream { ts, .. } = &self.open {
            self.open = Open::Edited { ts: ts.clone() };
        }
        self.send(rest).await;
    }

    /// The words of an answer of which nothing is shown yet.
    async fn post_text(&mut self, text: &str, whole: &Message) {
        let mut words = Message { more: whole.more.clone(), ..Message::new(text) };
        words.markdown(text);
        if !words.parts.is_empty() {
            self.post(&shown(&words)).await.ok();
        }
    }

    async fn post(&mut self, whole: &Shown) -> Result<(), Fault> {
        let mut call = whole.body();
        call["channel"] = self.spot.channel.as_str().into();
        call["thread_ts"] = self.spot.thread.as_str().into();
        match self.api.say_surely(self.team, "chat.postMessage", &call).await {
            Ok(answer) => {
                self.sent.extend(answer["ts"].as_str().map(str::to_owned));
                Ok(())
            }
            Err(fault) => {
                tracing::error!(error = %fault, "an answer could not be posted in Slack");
                Err(fault)
            }
        }
    }

    /// Cards are a message of their own: pressing something on one changes it, and the answer above stays.
    async fn post_cards(&mut self, cards: &Message) -> bool {
        if cards.parts.is_empty() {
            return true;
        }
        if !charts(cards).is_empty() {
            // Each step down that figures need: what comes of it is the message.
            return match self.slack.send(self.team, cards, &To::Spot(self.spot)).await {
                Ok(ts) => {
                    self.sent.extend(ts);
                    true
                }
                Err(fault) => {
                    tracing::error!(error = %fault, "the figures of an answer could not be posted in Slack");
                    false
                }
            };
        }
        let files = Files { of_posts: self.slack.pictures(self.team, cards).await, ..Files::default() };
        match self.post(&shown_as(cards, Step::default(), &files)).await {
            // A picture that Slack does not take: the words are whole without it.
            Err(fault) if fault.is("invalid_blocks") && files.of_posts.iter().any(Option::is_some) => {
                self.post(&shown(cards)).await.is_ok()
            }
            done => done.is_ok(),
        }
    }
}

#[async_trait]
impl Writer for Stream<'_> {
    /// The person pressed Slack's own stop button.
    fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    /// When the next flush is due, for text that waits.
    fn due(&self) -> Option<Instant> {
        let after = if matches!(self.open, Open::Edited { .. }) { EDIT_AFTER } else { FLUSH_AFTER };
        (!self.waiting.is_empty()).then(|| self.last + after)
    }

    /// More text.
    async fn text(&mut self, piece: &str) {
        if self.waiting.is_empty() && self.said.is_empty() {
            self.last = Instant::now();
        }
        self.waiting.push_str(piece);
        let is_much = self.waiting.chars().count() >= FLUSH_CHARS && !matches!(self.open, Open::Edited { .. });
        if is_much || self.due().is_some_and(|due| due <= Instant::now()) {
            self.flush().await;
        }
    }

    /// Sends what can be cut off now.
    async fn flush(&mut self) {
        self.last = Instant::now();
        let whole = format!("{}{}", self.said, self.waiting);
        let at = safe_cut(&whole, self.said.len());
        if at <= self.said.len() && self.waiting.len() < HELD_MAX {
            return;
        }
        let at = if at <= self.said.len() { whole.len() } else { at };
        let (piece, rest) = (whole[self.said.len()..at].to_owned(), whole[at..].to_owned());
        self.waiting = rest;
        self.send(&piece).await;
    }

    /// What was shown is taken back: it will be said anew.
    async fn again(&mut self) {
        self.waiting.clear();
        self.close().await;
        for ts in std::mem::take(&mut self.sent) {
            let call = json!({ "channel": self.spot.channel, "ts": ts });
            if let Err(fault) = self.api.call(self.team, "chat.delete", &call).await {
                tracing::info!(error = %fault, "a message of ours could not be removed");
            }
        }
        self.closed.clear();
    }

    fn written(&self) -> Vec<Written> {
        let open = match &self.open {
            Open::Nothing => None,
            Open::Stream { ts, .. } | Open::Edited { ts } => Some(ts),
        };
        self.sent.iter().map(|ts| Written { ts: ts.clone(), is_open: Some(ts) == open }).collect()
    }

    fn heard(&self) -> String {
        format!("{}{}", self.closed, self.said)
    }

    async fn finish(mut self: Box<Self>, text: &str, whole: &Message, cards: &Message) -> Finished {
        let seen = self.heard();
        match text.trim_end().strip_prefix(seen.trim_end()) {
            Some(_) if seen.is_empty() => self.post_text(text, whole).await,
            Some(rest) => {
                // What was said ends where the shown text ends, blanks and all.
                let rest = rest.to_owned();
                self.waiting.clear();
                if !rest.trim().is_empty() {
                    if !self.is_stopped {
                        self.send(&rest).await;
                    }
                    if self.is_stopped {
                        self.add_by_edit(&rest).await;
                    }
                }
                let heard = self.heard();
                self.close().await;
                // No message took the end of it: it is one of its own.
                let missing = text.trim_end().strip_prefix(heard.trim_end()).unwrap_or_default();
                if !missing.trim().is_empty() {
                    self.post_text(missing, whole).await;
                }
            }
            // Something else was true in the end: what streamed goes, the true text stays.
            None => {
                self.again().await;
                self.post_text(text, whole).await;
            }
        }
        // Cards alone would look like all of it: where no text is there, the whole is told another way.
        let has_text = !self.sent.is_empty() || text.trim().is_empty();
        let before = self.sent.len();
        let lacks_cards = has_text && !self.post_cards(cards).await;
        let cards = self.sent.get(before).cloned();
        Finished { sent: self.sent, cards, lacks_cards }
    }
}

fn fallback(text: &str) -> String {
    text.chars().take(3_000).collect()
}
