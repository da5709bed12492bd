//! Telling clients that something changed, in both eras: `resources/subscribe` with notices on the session's stream, and `subscriptions/listen`.
//! One task asks the database each second whether anything was written by whatever process; only then does each listener read what it
//! waits for and compare. What is read, and who may read it, is in `resources.rs`.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use rmcp::model::{ErrorData, ListResourcesResult, Resource, ResourceUpdatedNotificationParam, SubscriptionFilter};
use rmcp::service::{Peer, RoleServer, SubscriptionContext, SubscriptionSink};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Instant;

use super::resources::Reader;
use super::uris::Thing;
use crate::app::App;
use crate::domain::tool::ToolError;
use crate::say;

/// How often the database is asked whether anything was written.
const EVERY: Duration = Duration::from_secs(1);
/// So often everything is compared even so: questions lapse without a write.
const AT_LEAST_EVERY: u32 = 30;
/// Listeners of one process; each is a stream that somebody holds open.
const LISTENERS_MAX: usize = 1_000;
/// Resources that one listener waits for.
const URIS_MAX: usize = 100;
/// Listeners that read at once: the rest of the server is not to wait for them.
const READING_AT_ONCE: usize = 2;
/// A listener rests so many times as long as it read.
const REST: u32 = 9;

/// What all listeners of a process share.
pub(super) struct Pulse {
    app: Weak<App>,
    beat: Mutex<Weak<watch::Sender<u64>>>,
    listeners: Arc<Semaphore>,
    reading: Semaphore,
}

impl Pulse {
    pub(super) fn new(app: &Arc<App>) -> Arc<Self> {
        let listeners = Arc::new(Semaphore::new(LISTENERS_MAX));
        Arc::new(Self {
            app: Arc::downgrade(app),
            beat: Mutex::default(),
            listeners,
            reading: Semaphore::new(READING_AT_ONCE),
        })
    }

    /// Beats when something may have changed. The task behind it ends with the last listener.
    fn beats(&self) -> watch::Receiver<u64> {
        let mut beat = self.beat.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = beat.upgrade().filter(|sender| sender.receiver_count() > 0) {
            return sender.subscribe();
        }
        let (sender, receiver) = watch::channel(0);
        let sender = Arc::new(sender);
        *beat = Arc::downgrade(&sender);
        tokio::spawn(watch_database(self.app.clone(), sender));
        receiver
    }
}

async fn watch_database(app: Weak<App>, beat: Arc<watch::Sender<u64>>) {
    let (mut last, mut since) = (None, 0);
    loop {
        let Some(app) = app.upgrade() else { return };
        match app.change_mark().await {
            Ok(mark) if last == Some(mark) && since < AT_LEAST_EVERY => since += 1,
            Ok(mark) => {
                (last, since) = (Some(mark), 0);
                beat.send_modify(|beat| *beat += 1);
            }
            Err(error) => tracing::debug!(error = %error, "nobody knows whether anything changed"),
        }
        drop(app);
        tokio::select! {
            () = beat.closed() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Whom a notice goes to.
enum Ear {
    /// A session of the older era.
    Session(Peer<RoleServer>),
    /// One long answer of the newer era.
    Stream(SubscriptionSink),
}

impl Ear {
    /// Whether it still listens.
    async fn updated(&self, uri: &str) -> bool {
        match self {
            Self::Session(peer) => {
                peer.notify_resource_updated(ResourceUpdatedNotificationParam::new(uri)).await.is_ok()
            }
            Self::Stream(sink) => sink.notify_resource_updated(uri).await.is_ok(),
        }
    }

    async fn list_changed(&self) -> bool {
        match self {
            Self::Session(peer) => peer.notify_resource_list_changed().await.is_ok(),
            Self::Stream(sink) => sink.notify_resource_list_changed().await.is_ok(),
        }
    }

    fn is_closed(&self) -> bool {
        match self {
            Self::Session(peer) => peer.is_transport_closed(),
            Self::Stream(_) => false,
        }
    }
}

/// What somebody waits for, each with what it looked like last.
#[derive(Default)]
struct Awaited {
    /// By address; `None` before the first look.
    things: BTreeMap<String, Option<u64>>,
    /// The list of resources, when it is waited for.
    list: Option<Option<u64>>,
    /// Whether somebody looks.
    is_watched: bool,
}

/// What is kept of it: how each looked when its client began to wait. What looks otherwise when the session comes back is told once.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    things: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    list: Option<String>,
}

/// What one session of the older era waits for. A copy of a handler is another session's, and begins with nothing.
#[derive(Default)]
pub(super) struct Session(Arc<Mutex<Awaited>>, Mutex<Kept>);

impl Clone for Session {
    fn clone(&self) -> Self {
        Self::default()
    }
}

fn lock(awaited: &Mutex<Awaited>) -> MutexGuard<'_, Awaited> {
    awaited.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What of a wish can be had: addresses that something can lie behind, as many as anybody needs.
pub(super) fn accepted(requested: &SubscriptionFilter) -> SubscriptionFilter {
    let mut filter = SubscriptionFilter::new();
    filter.resources_list_changed = requested.resources_list_changed;
    let known = requested
        .resource_subscriptions
        .iter()
        .flatten()
        .filter(|uri| Thing::read(uri).is_some_and(|thing| thing.may_be_awaited()));
    filter.resource_subscriptions = Some(known.take(URIS_MAX).cloned().collect());
    filter
}

impl Session {
    /// From now on the session hears of changes of this resource.
    pub(super) async fn subscribe(
        &self,
        uri: &str,
        reader: &Reader,
        watching: (&Arc<Pulse>, Peer<RoleServer>),
    ) -> Result<(), ErrorData> {
        let Some(thing) = Thing::read(uri) else {
            let what = say!("mcp-resource-not-found", uri = uri.chars().take(200).collect::<String>());
            return Err(ErrorData::resource_not_found(reader.english(&what), None));
        };
        if !thing.may_be_awaited() {
            let what = say!("mcp-resource-not-awaited", uri = thing.to_string());
            return Err(ErrorData::invalid_params(reader.english(&what), None));
        }
        if !reader.may_see(&thing) {
            return reader.read(&thing).await.map(drop).map_err(|error| reader.fault(error));
        }
        // Before the answer: what changes after it is told.
        let seen = reader.fingerprint(&thing).await.map_err(|error| reader.fault(error))?;
        {
            let mut awaited = lock(&self.0);
            if awaited.things.len() >= URIS_MAX && !awaited.things.contains_key(uri) {
                return Err(ErrorData::invalid_params(
                    reader.english(&say!("mcp-subscriptions-many", max = URIS_MAX)),
                    None,
                ));
            }
            awaited.things.insert(uri.to_owned(), Some(seen));
        }
        self.watch(reader, watching)
    }

    /// No more of that.
    pub(super) fn unsubscribe(&self, uri: &str) {
        lock(&self.0).things.remove(uri);
    }

    /// What is to be kept of it in the store; nothing where that is there already. `None` inside where it waits for nothing.
    pub(super) fn to_keep(&self) -> Option<Option<String>> {
        let mut kept = self.1.lock().unwrap_or_else(PoisonError::into_inner);
        let awaited = lock(&self.0);
        let known = |uri: &str, now: Option<u64>| {
            // As it looked when the client began: what was told since is told once more at most.
            kept.things.get(uri).cloned().or_else(|| now.map(|now| now.to_string()))
        };
        let things: BTreeMap<_, _> =
            awaited.things.iter().filter_map(|(uri, now)| known(uri, *now).map(|now| (uri.clone(), now))).collect();
        let list = awaited.list.flatten().map(|now| now.to_string());
        drop(awaited);
        if things == kept.things && list == kept.list {
            return None;
        }
        *kept = Kept { things, list };
        let is_empty = kept.things.is_empty() && kept.list.is_none();
        Some(if is_empty { None } else { serde_json::to_string(&*kept).ok() })
    }

    /// Waits on for what an earlier process kept.
    pub(super) fn resume(
        &self,
        text: &str,
        reader: &Reader,
        watching: (&Arc<Pulse>, Peer<RoleServer>),
    ) -> Result<(), ErrorData> {
        let kept: Kept = serde_json::from_str(text).unwrap_or_default();
        {
            let mut awaited = lock(&self.0);
            let things = kept.things.iter().filter(|(uri, _)| Thing::read(uri).is_some()).take(URIS_MAX);
            awaited.things = things.map(|(uri, seen)| (uri.clone(), seen.parse().ok())).collect();
            awaited.list = kept.list.as_ref().map(|seen| seen.parse().ok());
            if awaited.things.is_empty() && awaited.list.is_none() {
                return Ok(());
            }
        }
        *self.1.lock().unwrap_or_else(PoisonError::into_inner) = kept;
        self.watch(reader, watching)
    }

    /// Whoever has seen the list hears when it becomes another one.
    pub(super) fn list_seen(
        &self,
        listed: &ListResourcesResult,
        reader: &Reader,
        watching: (&Arc<Pulse>, Peer<RoleServer>),
    ) -> Result<(), ErrorData> {
        lock(&self.0).list = Some(Some(list_number(listed)));
        self.watch(reader, watching)
    }

    fn watch(&self, reader: &Reader, (pulse, peer): (&Arc<Pulse>, Peer<RoleServer>)) -> Result<(), ErrorData> {
        let mut awaited = lock(&self.0);
        if std::mem::replace(&mut awaited.is_watched, true) {
            return Ok(());
        }
        drop(awaited);
        let Some(listening) = begin(pulse, reader, Ear::Session(peer), Arc::clone(&self.0)) else {
            lock(&self.0).is_watched = false;
            return Err(too_many(reader));
        };
        tokio::spawn(listening.run());
        Ok(())
    }
}

/// Runs one subscription of the newer era to its end: until the client goes, or the person took back what let it in.
pub(super) async fn listen(context: SubscriptionContext, pulse: &Arc<Pulse>, reader: &Reader) -> Result<(), ErrorData> {
    let accepted = context.accepted();
    let uris = accepted.resource_subscriptions.iter().flatten();
    let awaited = Awaited {
        things: uris.map(|uri| (uri.clone(), None)).collect(),
        list: accepted.resources_list_changed.filter(|wanted| *wanted).map(|_| None),
        is_watched: true,
    };
    let ear = Ear::Stream(context.sink().clone());
    let Some(listening) = begin(pulse, reader, ear, Arc::new(Mutex::new(awaited))) else {
        return Err(too_many(reader));
    };
    tokio::select! {
        () = context.cancelled() => {}
        () = listening.run() => {}
    }
    Ok(())
}

fn too_many(reader: &Reader) -> ErrorData {
    ErrorData::internal_error(reader.english(&say!("mcp-listeners-many", max = LISTENERS_MAX)), None)
}

/// Somebody who waits.
struct Listening {
    pulse: Arc<Pulse>,
    beats: watch::Receiver<u64>,
    reader: Reader,
    ear: Ear,
    awaited: Arc<Mutex<Awaited>>,
    _place: OwnedSemaphorePermit,
}

fn begin(pulse: &Arc<Pulse>, reader: &Reader, ear: Ear, awaited: Arc<Mutex<Awaited>>) -> Option<Listening> {
    let place = Arc::clone(&pulse.listeners).try_acquire_owned().ok()?;
    let (pulse, reader) = (Arc::clone(pulse), reader.clone());
    let mut beats = pulse.beats();
    // Whatever was written while it began is looked at.
    beats.mark_changed();
    Some(Listening { beats, pulse, reader, ear, awaited, _place: place })
}

impl Listening {
    async fn run(mut self) {
        while self.beats.changed().await.is_ok() {
            if self.ear.is_closed() {
                break;
            }
            // What a person took back counts from now on, however long a stream stays open.
            match self.reader.app.scopes_now(&self.reader.bearer).await {
                Ok(scopes) if scopes.holds(self.reader.bearer.scopes) => {}
                Ok(_) => break,
                Err(_) => continue,
            }
            let Ok(reading) = self.pulse.reading.acquire().await else { break };
            let begun = Instant::now();
            let (changed, list) = self.look().await;
            drop(reading);
            let took = begun.elapsed();
            for uri in changed {
                if !self.ear.updated(&uri).await {
                    return;
                }
            }
            if list && !self.ear.list_changed().await {
                return;
            }
            tokio::time::sleep(took.saturating_mul(REST)).await;
        }
        lock(&self.awaited).is_watched = false;
    }

    /// Reads everything that is waited for: what looks different from last time, and whether the list does.
    async fn look(&self) -> (Vec<String>, bool) {
        let (uris, wants_list): (Vec<String>, bool) = {
            let awaited = lock(&self.awaited);
            (awaited.things.keys().cloned().collect(), awaited.list.is_some())
        };
        let mut changed = Vec::new();
        for uri in uris {
            let Some(thing) = Thing::read(&uri) else { continue };
            let Ok(now) = self.reader.fingerprint(&thing).await else { continue };
            let mut awaited = lock(&self.awaited);
            // Nothing is told to who has unsubscribed meanwhile.
            let Some(seen) = awaited.things.get_mut(&uri) else { continue };
            if seen.replace(now).is_some_and(|before| before != now) {
                changed.push(uri);
            }
        }
        let mut list = false;
        if wants_list && let Ok(now) = self.reader.list_fingerprint().await {
            let before = lock(&self.awaited).list.replace(Some(now)).flatten();
            list = before.is_some_and(|before| before != now);
        }
        (changed, list)
    }
}

impl Reader {
    /// A number that stands for how a resource looks. What cannot be read looks like nothing.
    async fn fingerprint(&self, thing: &Thing) -> Result<u64, ToolError> {
        let watching = Self { is_watching: true, ..self.clone() };
        match watching.read(thing).await {
            Ok(read) => {
                // How far away a time is changes by itself.
                let mut value: Value = serde_json::from_str(&read.text).unwrap_or(Value::String(read.text));
                without_distances(&mut value);
                Ok(number(&value.to_string()))
            }
            Err(ToolError::Refused(why)) => Ok(number(&why.key)),
            Err(error) => Err(error),
        }
    }

    async fn list_fingerprint(&self) -> Result<u64, ToolError> {
        let listed = self.list(None).await.map_err(|error| ToolError::Failed(error.to_string()))?;
        Ok(list_number(&listed))
    }
}

/// A number that stands for what is listed. In which order it stands says only what was edited last.
fn list_number(listed: &ListResourcesResult) -> u64 {
    let line = |resource: &Resource| format!("{} {}", resource.uri, resource.title.as_deref().unwrap_or_default());
    let mut lines: Vec<String> = listed.resources.iter().map(line).collect();
    lines.sort_unstable();
    number(&lines.join("\n"))
}

fn without_distances(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.remove("shown_at");
            map.values_mut().for_each(without_distances);
        }
        Value::Array(all) => all.iter_mut().for_each(without_distances),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn number(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
