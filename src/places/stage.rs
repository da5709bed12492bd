//! A chat service of nobody's, for tests of what services share: what it is told is kept, and it is as slow or as absent as a test wants.
#![cfg(test)]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::inbound::{Inbound, Press, Spot, Typed, What};
use super::message::{Form, Message, Part};
use super::verbs::Verb;
use super::work::Worker;
use super::{Finished, Hall, Removed, Service, Status, To, Told, Writer};
use crate::app::places::Sent;
use crate::app::{App, Parts, Received};
use crate::clock::{SystemClock, SystemEntropy};
use crate::config::{Config, Overrides};
use crate::domain::lang::Lang;
use crate::domain::place::{ChatPlace, Member};
use crate::domain::tool::ToolError;

/// The service.
pub(crate) struct Stage {
    hall: Hall,
    /// Everything that was told.
    pub(crate) told: Mutex<Vec<Message>>,
    /// How long telling takes, milliseconds.
    pub(crate) slow_ms: AtomicU64,
    _folder: tempfile::TempDir,
}

impl Stage {
    /// With one person who is one of ours, in this language; without a model.
    pub(crate) async fn open(lang: Lang) -> Arc<Self> {
        Self::with(lang, Vec::new()).await
    }

    /// With these settings.
    pub(crate) async fn with(lang: Lang, settings: Vec<(&'static str, String)>) -> Arc<Self> {
        crate::app::install_tls_provider();
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let usual = [("data.dir", data.display().to_string())];
        let overrides = Overrides(usual.into_iter().chain(settings).collect());
        let config = Config::read("", &BTreeMap::new(), &overrides, None).unwrap();
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let app = Arc::new(App::open(Parts { config, clock, entropy, is_simulation: true }).await.unwrap());
        app.join_member(&member(), "Ana", lang).await.unwrap();
        let hall = Hall::new(ChatPlace::Slack, &app, CancellationToken::new());
        Arc::new(Self { hall, told: Mutex::default(), slow_ms: AtomicU64::new(0), _folder: folder })
    }

    pub(super) fn worker(self: &Arc<Self>) -> Worker {
        Worker { service: self.clone(), can_share: false }
    }

    pub(crate) fn app(&self) -> &Arc<App> {
        &self.hall.app
    }

    /// All words that were told, one message a line.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).iter().map(words).collect()
    }

    /// Delivers something; its row is stored, and work on it begins.
    pub(crate) async fn deliver(self: &Arc<Self>, kind: &str, no: usize) {
        let body = serde_json::json!({ "kind": kind, "no": no }).to_string();
        let received = Received { key: format!("{kind} {no}"), event_id: None, body, tries: 1 };
        assert!(self.hall.app.receive(ChatPlace::Slack, &received).await.unwrap());
        let service: Arc<dyn Service> = self.clone();
        super::begin(&service, received);
    }
}

/// Who does everything here.
pub(crate) fn member() -> Member {
    Member { place: ChatPlace::Slack, team: "T1".into(), id: "U1".into() }
}

/// Somebody typed this behind the command.
pub(crate) fn typed(verb: Verb) -> Inbound {
    let at = Typed { channel: "C1".into(), is_direct: false, reply: "reply".into(), trigger: "trigger".into() };
    Inbound { key: "k".into(), event_id: None, team: "T1".into(), member: member(), what: What::Command { verb, at } }
}

fn words(message: &Message) -> String {
    let of = |part: &Part| match part {
        Part::Heading(text) | Part::Exactly(text) | Part::Markdown(text) => text.clone(),
        Part::Line(text) | Part::Small(text) => format!("{text:?}"),
        Part::Buttons(buttons) | Part::Deciding(buttons) => format!("{buttons:?}"),
        Part::Choice(choice) => choice.label.clone(),
        Part::Person(person) => person.label.clone(),
        Part::Table(table) => table.lines(),
        Part::Chart(chart) => chart.table().lines(),
        Part::Picture(picture) => picture.alt.clone(),
        Part::Divider => String::new(),
    };
    format!("{} {}", message.text, message.parts.iter().map(of).collect::<Vec<_>>().join(" "))
}

#[async_trait]
impl Service for Stage {
    fn hall(&self) -> &Hall {
        &self.hall
    }

    async fn read(&self, stored: &Value) -> Result<Option<Inbound>, ToolError> {
        let no = stored["no"].to_string();
        let spot = Spot { channel: "D1".into(), thread: no.clone(), is_direct: true };
        let press =
            |action: &str| Press { action: action.into(), value: "all".into(), ts: no.clone(), ..Press::default() };
        let what = match stored["kind"].as_str() {
            Some("said") => What::Said { spot, text: "hello".into(), files: Vec::new() },
            Some("press") => What::Pressed(press("pause")),
            _ => return Ok(None),
        };
        Ok(Some(Inbound { key: no, event_id: None, team: "T1".into(), member: member(), what }))
    }

    async fn tell(&self, _team: &str, _to: &To<'_>, message: &Message) -> Option<String> {
        tokio::time::sleep(Duration::from_millis(self.slow_ms.load(Ordering::Relaxed))).await;
        self.told.lock().unwrap_or_else(PoisonError::into_inner).push(message.clone());
        Some("1".into())
    }

    async fn replace(&self, _team: &str, _press: &Press, message: &Message) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).push(message.clone());
    }

    async fn replaced(&self, team: &str, press: &Press, message: &Message) -> Told {
        self.replace(team, press, message).await;
        Told::Here(None)
    }

    async fn open(&self, _team: &str, _trigger: &str, form: &Form) -> Result<(), ToolError> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).push(Message::new(form.title.clone()));
        Ok(())
    }

    async fn show(&self, team: &str, press: &Press, message: &Message, _lang: Lang) -> Result<(), ToolError> {
        self.replace(team, press, message).await;
        Ok(())
    }

    async fn show_home(&self, _team: &str, _user: &str, message: &Message) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).push(message.clone());
    }

    async fn direct(&self, _team: &str, _user: &str) -> Result<Spot, ToolError> {
        Ok(Spot { channel: "D1".into(), thread: String::new(), is_direct: true })
    }

    async fn about(&self, _inbound: &Inbound) -> (Lang, String) {
        (Lang::En, "Ana".into())
    }

    async fn suggest(&self, _team: &str, _spot: &Spot, _prompts: &[(String, String)]) {}

    async fn status(&self, _inbound: &Inbound, _spot: &Spot, _status: &str, _steps: &[String]) -> Status {
        None
    }

    async fn entitle(&self, _team: &str, _spot: &Spot, _title: &str) {}

    async fn settle_in(&self, _inbound: &Inbound, spot: &Spot) -> Spot {
        spot.clone()
    }

    fn writer<'a>(&'a self, _inbound: &'a Inbound, _spot: &'a Spot, _lang: Lang) -> Box<dyn Writer + 'a> {
        Box::new(Silent)
    }

    async fn may_fetch(&self, _team: &str, _url: &Url) -> Result<Option<SecretString>, ToolError> {
        Ok(None)
    }

    async fn remove(&self, _sent: &Sent) -> Removed {
        Removed::Gone
    }

    fn sign_in_page(&self) -> Option<String> {
        None
    }

    async fn may_join(&self, _inbound: &Inbound) -> Result<bool, ToolError> {
        Ok(false)
    }

    async fn ended(&self, _team: &str) -> Result<(), ToolError> {
        Ok(())
    }
}

/// Writes nothing.
struct Silent;

#[async_trait]
impl Writer for Silent {
    fn is_stopped(&self) -> bool {
        false
    }

    fn due(&self) -> Option<Instant> {
        None
    }

    async fn text(&mut self, _piece: &str) {}

    async fn flush(&mut self) {}

    async fn again(&mut self) {}

    async fn finish(self: Box<Self>, _text: &str, _whole: &Message, _cards: &Message) -> Finished {
        Finished::default()
    }
}
