//! An answer that grows by edits (dossier §8): begun with the first text, edited no faster than Discord likes, continued in another message
//! before one is full, and told whole in the end whatever was shown before.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::Discord;
use super::api::{At, How, snowflake};
use super::components::lone_button;
use super::markup::{harmless, markup, units};
use super::send::nonce;
use super::split::split;
use crate::domain::lang::Lang;
use crate::domain::place::ChatPlace;
use crate::places::inbound::{Inbound, Spot};
use crate::places::message::{Button, Message, Text};
use crate::places::{Finished, Service, Writer, Written};

/// An edit each (dossier §16, 7).
const EDIT_AFTER: Duration = Duration::from_millis(1_300);
/// Units of a message: Discord takes 2,000; the mark that more comes has its place.
const MESSAGE_MAX: usize = 1_900;
/// What shows that more comes.
pub(super) const MORE_COMES: &str = " ▌";
/// Messages of one answer; what is longer is on the page.
const MESSAGES_MAX: usize = 8;

/// A message of the answer.
struct Sent {
    id: u64,
    shows: String,
    has_stop: bool,
}

/// An answer on its way.
pub(super) struct Stream<'a> {
    discord: &'a Discord,
    inbound: &'a Inbound,
    spot: &'a Spot,
    lang: Lang,
    said: String,
    shown: Vec<Sent>,
    last: Instant,
    is_new: bool,
}

impl<'a> Stream<'a> {
    /// Nothing is shown yet.
    pub(super) fn new(discord: &'a Discord, inbound: &'a Inbound, spot: &'a Spot, lang: Lang) -> Self {
        let last = Instant::now();
        Self { discord, inbound, spot, lang, said: String::new(), shown: Vec::new(), last, is_new: false }
    }

    /// Brings the messages to these texts. What is not last has no mark and no button any more.
    async fn show(&mut self, texts: &[String], is_whole: bool) {
        for (no, text) in texts.iter().take(MESSAGES_MAX).enumerate() {
            let is_growing = !is_whole && no + 1 == texts.len();
            let text = if is_growing { format!("{text}{MORE_COMES}") } else { text.clone() };
            match self.shown.get(no) {
                Some(sent) if sent.shows == text && sent.has_stop == is_growing => {}
                Some(_) => self.edit(no, text, is_growing).await,
                None => {
                    if !self.post(no, text, is_growing).await {
                        return;
                    }
                }
            }
        }
        let extra = self.shown.split_off(texts.len().min(self.shown.len()));
        for sent in extra {
            self.delete(sent.id).await;
        }
    }

    async fn body(&self, text: &str, has_stop: bool) -> Value {
        let mut components = json!([]);
        if has_stop {
            let label = self.discord.hall.app.words().text(self.lang, "discord-stop");
            let (row, offered) = lone_button(&Button::plain("stop", label, "stop"));
            match self.discord.hall.app.offer(ChatPlace::Discord, &[offered]).await {
                Ok(()) => components = json!([row]),
                Err(error) => tracing::warn!(error = %error, "an answer has no button to stop it"),
            }
        }
        json!({ "content": text, "components": components, "allowed_mentions": { "parse": [] } })
    }

    async fn edit(&mut self, no: usize, text: String, has_stop: bool) {
        let body = self.body(&text, has_stop).await;
        let Some(sent) = self.shown.get_mut(no) else { return };
        let Ok(channel) = snowflake(self.discord.channel_of(self.spot)) else { return };
        match self.discord.api.call(How::Patch, At::Message(channel, sent.id), Some(&body)).await {
            Ok(_) => (sent.shows, sent.has_stop) = (text, has_stop),
            Err(fault) => {
                tracing::info!(error = %fault, "an answer in Discord could not be edited; its end shows all of it")
            }
        }
    }

    async fn post(&mut self, no: usize, text: String, has_stop: bool) -> bool {
        let mut body = self.body(&text, has_stop).await;
        // The same answer begun again by another process is the same message to Discord, for some minutes.
        body["nonce"] = nonce(&format!("{} {no}", self.inbound.key));
        body["enforce_nonce"] = true.into();
        match self.discord.post(self.spot, body).await {
            Ok(id) => {
                self.shown.push(Sent { id, shows: text, has_stop });
                true
            }
            Err(fault) => {
                tracing::warn!(error = %fault, "an answer could not be shown in Discord");
                false
            }
        }
    }

    async fn delete(&self, message: u64) {
        let Ok(channel) = snowflake(self.discord.channel_of(self.spot)) else { return };
        if let Err(fault) = self.discord.api.call(How::Delete, At::Message(channel, message), None).await {
            tracing::info!(error = %fault, "a message of ours in Discord could not be removed");
        }
    }
}

#[async_trait]
impl Writer for Stream<'_> {
    /// Stopping is pressing a button of ours.
    fn is_stopped(&self) -> bool {
        false
    }

    fn due(&self) -> Option<Instant> {
        let after = if self.shown.is_empty() { Duration::from_millis(400) } else { EDIT_AFTER };
        self.is_new.then(|| self.last + after)
    }

    fn written(&self) -> Vec<Written> {
        self.shown.iter().map(|sent| Written { ts: sent.id.to_string(), is_open: sent.has_stop }).collect()
    }

    fn heard(&self) -> String {
        self.said.clone()
    }

    async fn text(&mut self, piece: &str) {
        self.said.push_str(piece);
        self.is_new = true;
        if self.due().is_some_and(|due| due <= Instant::now()) {
            self.flush().await;
        }
    }

    async fn flush(&mut self) {
        self.is_new = false;
        let texts = split(&harmless(&self.said), MESSAGE_MAX);
        if !texts.is_empty() {
            self.show(&texts, false).await;
        }
        self.last = Instant::now();
    }

    /// It is said anew soon: what stands there is written over, so that nothing flickers; when nothing comes, the end removes it.
    async fn again(&mut self) {
        self.said.clear();
        self.is_new = false;
    }

    async fn finish(mut self: Box<Self>, text: &str, whole: &Message, cards: &Message) -> Finished {
        let mut texts = split(&harmless(text), MESSAGE_MAX);
        if texts.len() > MESSAGES_MAX {
            texts.truncate(MESSAGES_MAX);
            // Where the rest is read.
            let more = markup(&Text::linked(&whole.more));
            if let Some(last) = texts.last_mut() {
                let kept = crate::places::cut::cut_by(last, MESSAGE_MAX - units(&more) - 2, units);
                *last = format!("{kept}\n{more}");
            }
        }
        self.show(&texts, true).await;
        if self.shown.is_empty() && !texts.is_empty() {
            // Cards alone would look like all of it: the whole is told another way.
            return Finished::default();
        }
        let mut sent: Vec<String> = self.shown.iter().map(|sent| sent.id.to_string()).collect();
        let (mut lacks_cards, mut shows_cards) = (false, None);
        if !cards.parts.is_empty() {
            match self.discord.send(self.spot, &self.discord.drawn(cards).await).await {
                Ok(id) => {
                    shows_cards = Some(id.to_string());
                    sent.push(id.to_string());
                }
                Err(fault) => {
                    tracing::warn!(error = %fault, "the cards of an answer could not be shown in Discord");
                    lacks_cards = true;
                }
            }
        }
        Finished { sent, cards: shows_cards, lacks_cards }
    }
}
