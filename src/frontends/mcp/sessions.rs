//! Sessions of the older protocol era. The store has all of them, memory only those in use: the others leave it, and come back when their
//! client does, as after a restart. rmcp runs the ones in memory; whose a session is has been settled in `http.rs` before it gets here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures::{Stream, StreamExt};
use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::WorkerTransport;
use rmcp::transport::streamable_http_server::session::local::{
    LocalSessionManager, LocalSessionManagerError, LocalSessionWorker, SessionConfig,
};
use rmcp::transport::streamable_http_server::session::{
    RestoreOutcome, ServerSseMessage, SessionId, SessionManager, SessionState, SessionStore, SessionStoreError,
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::app::oauth::Bearer;

/// In memory at once, beside those that a connection waits on: each costs some tens of kilobytes (bench/README.md has the figure).
pub(super) const LIVE_MAX: usize = 256;
/// Who says nothing for so long, and listens to nothing, leaves memory.
const QUIET: Duration = Duration::from_secs(300);
/// How often that is looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(30);
/// Requests for sessions that are not in memory wait for each other only if they fall on the same lock.
const LOCKS: usize = 64;

tokio::task_local! {
    /// The request that rmcp is busy with: it hands its own traits an id and nothing else.
    pub(super) static ENTERING: Entering;
}

/// What a request brings along for its session.
pub(super) struct Entering {
    bearer: Arc<Bearer>,
    /// What its client said when it opened the session, if it names one.
    opened: Option<String>,
    /// Sessions that came into memory for it stay there until it is answered.
    holds: Mutex<Vec<Hold>>,
}

impl Entering {
    pub(super) fn new(bearer: Arc<Bearer>, opened: Option<String>) -> Self {
        Self { bearer, opened, holds: Mutex::default() }
    }
}

struct Place {
    used_at: Instant,
    holds: usize,
    /// Whether the store has it, so that its absence there means its end.
    is_kept: bool,
}

#[derive(Default)]
struct Places {
    live: HashMap<SessionId, Place>,
    /// Told to end; rmcp closes each of them once more when its worker has ended, and that is not its successor's end.
    leaving: HashMap<SessionId, usize>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Places {
    fn has_left(&mut self, id: &SessionId) -> bool {
        let Some(count) = self.leaving.get_mut(id) else { return false };
        *count -= 1;
        if *count == 0 {
            self.leaving.remove(id);
        }
        true
    }
}

/// Keeps a session in memory.
struct Hold {
    places: Arc<Mutex<Places>>,
    id: SessionId,
}

impl Drop for Hold {
    fn drop(&mut self) {
        if let Some(place) = locked(&self.places).live.get_mut(&self.id) {
            place.holds = place.holds.saturating_sub(1);
            place.used_at = Instant::now();
        }
    }
}

/// A request that goes to a session: it stays in memory meanwhile, or comes back there for this request alone.
pub(super) struct Entered<'a> {
    _hold: Option<Hold>,
    _alone: Option<tokio::sync::MutexGuard<'a, ()>>,
}

/// Every session that this process has in memory.
pub(super) struct Sessions {
    app: Arc<App>,
    local: LocalSessionManager,
    places: Arc<Mutex<Places>>,
    locks: [tokio::sync::Mutex<()>; LOCKS],
}

impl Sessions {
    pub(super) fn new(app: Arc<App>) -> Self {
        let mut config = SessionConfig::default();
        // Who leaves when is decided here: rmcp would also end those that somebody listens to.
        config.keep_alive = None;
        let mut local = LocalSessionManager::default();
        local.session_config = config;
        Self { app, local, places: Arc::default(), locks: std::array::from_fn(|_| tokio::sync::Mutex::new(())) }
    }

    pub(super) async fn enter(&self, id: &str) -> Entered<'_> {
        let id = SessionId::from(id);
        if let Some(hold) = self.hold(&id) {
            return Entered { _hold: Some(hold), _alone: None };
        }
        let alone = self.lock_of(&id).lock().await;
        match self.hold(&id) {
            Some(hold) => Entered { _hold: Some(hold), _alone: None },
            None => Entered { _hold: None, _alone: Some(alone) },
        }
    }

    /// Lets those leave memory that nobody has used for a while, and ends those that were taken back, until told to stop.
    pub(super) async fn sweep_until(&self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(SWEEP_EVERY) => {}
                () = self.app.mcp_sessions_taken_back() => {}
            }
            self.sweep().await;
            self.end_taken_back().await;
        }
    }

    /// Whatever let a session in may have been taken back, here or by another process: nobody goes on listening.
    async fn end_taken_back(&self) {
        let kept: Vec<_> = {
            let places = locked(&self.places);
            places.live.iter().filter(|(_, place)| place.is_kept).map(|(id, _)| Arc::clone(id)).collect()
        };
        for id in kept {
            match self.app.has_mcp_session(&id).await {
                Ok(true) => {}
                Ok(false) => {
                    locked(&self.places).live.remove(&id);
                    self.end(&id).await;
                }
                Err(error) => {
                    tracing::error!(error = %error, "sessions could not be looked up; it is tried again");
                    return;
                }
            }
        }
    }

    async fn sweep(&self) {
        let quiet: Vec<_> = {
            let places = locked(&self.places);
            let is_quiet = |place: &Place| place.holds == 0 && place.used_at.elapsed() >= QUIET;
            places.live.iter().filter(|(_, place)| is_quiet(place)).map(|(id, _)| Arc::clone(id)).collect()
        };
        for id in quiet {
            self.let_go(&id).await;
        }
    }

    /// The longest unused leave, so that one more fits.
    async fn make_room(&self) {
        let going: Vec<_> = {
            let places = locked(&self.places);
            let too_many = (places.live.len() + 1).saturating_sub(LIVE_MAX);
            if too_many == 0 {
                return;
            }
            let mut free: Vec<_> = places.live.iter().filter(|(_, place)| place.holds == 0).collect();
            free.sort_by_key(|(_, place)| place.used_at);
            free.into_iter().take(too_many).map(|(id, _)| Arc::clone(id)).collect()
        };
        for id in going {
            self.let_go(&id).await;
        }
    }

    /// Ends a session in memory, unless somebody has come back to it.
    async fn let_go(&self, id: &SessionId) {
        let Ok(_alone) = self.lock_of(id).try_lock() else { return };
        {
            let mut places = locked(&self.places);
            if places.live.get(id).is_none_or(|place| place.holds > 0) {
                return;
            }
            places.live.remove(id);
        }
        self.end(id).await;
    }

    async fn end(&self, id: &SessionId) {
        *locked(&self.places).leaving.entry(Arc::clone(id)).or_default() += 1;
        let handle = self.local.sessions.write().await.remove(id);
        let is_told = match handle {
            Some(handle) => handle.close().await.is_ok(),
            None => false,
        };
        if !is_told {
            locked(&self.places).has_left(id);
        }
    }

    /// A session has come into memory, for the request of this task.
    fn arrived(&self, id: &SessionId, is_kept: bool) {
        let place = Place { used_at: Instant::now(), holds: 0, is_kept };
        locked(&self.places).live.insert(Arc::clone(id), place);
        if let Some(hold) = self.hold(id) {
            let _is_known = ENTERING.try_with(|entering| locked(&entering.holds).push(hold));
        }
    }

    fn hold(&self, id: &SessionId) -> Option<Hold> {
        let mut places = locked(&self.places);
        let place = places.live.get_mut(id)?;
        place.holds += 1;
        place.used_at = Instant::now();
        Some(Hold { places: Arc::clone(&self.places), id: Arc::clone(id) })
    }

    fn lock_of(&self, id: &SessionId) -> &tokio::sync::Mutex<()> {
        let sum: usize = id.bytes().map(usize::from).sum();
        &self.locks[sum % LOCKS]
    }

    /// The same stream, whose session stays in memory as long as it is listened to.
    fn listened<S>(&self, id: &SessionId, stream: S) -> impl Stream<Item = ServerSseMessage> + Send + Sync + 'static
    where
        S: Stream<Item = ServerSseMessage> + Send + Sync + 'static,
    {
        let hold = self.hold(id);
        stream.map(move |message| {
            let _held = &hold;
            message
        })
    }
}

impl SessionManager for Sessions {
    type Error = LocalSessionManagerError;
    type Transport = WorkerTransport<LocalSessionWorker>;

    async fn create_session(&self) -> Result<(SessionId, Self::Transport), Self::Error> {
        self.make_room().await;
        let (id, transport) = self.local.create_session().await?;
        self.arrived(&id, false);
        Ok((id, transport))
    }

    async fn initialize_session(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<ServerJsonRpcMessage, Self::Error> {
        self.local.initialize_session(id, message).await
    }

    async fn has_session(&self, id: &SessionId) -> Result<bool, Self::Error> {
        Ok(locked(&self.places).live.contains_key(id))
    }

    async fn close_session(&self, id: &SessionId) -> Result<(), Self::Error> {
        {
            let mut places = locked(&self.places);
            if places.has_left(id) {
                return Ok(());
            }
            places.live.remove(id);
        }
        self.end(id).await;
        Ok(())
    }

    async fn create_stream(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        Ok(self.listened(id, self.local.create_stream(id, message).await?))
    }

    async fn accept_message(&self, id: &SessionId, message: ClientJsonRpcMessage) -> Result<(), Self::Error> {
        self.local.accept_message(id, message).await
    }

    async fn create_standalone_stream(
        &self,
        id: &SessionId,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        Ok(self.listened(id, self.local.create_standalone_stream(id).await?))
    }

    async fn resume(
        &self,
        id: &SessionId,
        last_event_id: String,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        Ok(self.listened(id, self.local.resume(id, last_event_id).await?))
    }

    async fn restore_session(&self, id: SessionId) -> Result<RestoreOutcome<Self::Transport>, Self::Error> {
        self.make_room().await;
        let outcome = self.local.restore_session(Arc::clone(&id)).await?;
        if matches!(outcome, RestoreOutcome::Restored(_)) {
            self.arrived(&id, true);
        }
        Ok(outcome)
    }
}

/// Without rmcp's `EventStore`: with one it would let a modern call go on after its client has gone. Streams are resumed from memory.
#[async_trait]
impl SessionStore for Sessions {
    async fn load(&self, _: &str) -> Result<Option<SessionState>, SessionStoreError> {
        let Some(opened) = ENTERING.try_with(|entering| entering.opened.clone()).ok().flatten() else {
            return Ok(None);
        };
        match serde_json::from_str(&opened) {
            Ok(params) => Ok(Some(SessionState::new(params))),
            // Of another version of this server: its client begins anew.
            Err(error) => {
                tracing::warn!(error = %error, "a stored session cannot be read");
                Ok(None)
            }
        }
    }

    async fn store(&self, id: &str, state: &SessionState) -> Result<(), SessionStoreError> {
        let bearer = ENTERING.try_with(|entering| Arc::clone(&entering.bearer))?;
        let opened = serde_json::to_string(&state.initialize_params)?;
        self.app.open_mcp_session(&bearer, id, opened).await?;
        if let Some(place) = locked(&self.places).live.get_mut(id) {
            place.is_kept = true;
        }
        Ok(())
    }

    async fn delete(&self, id: &str) -> Result<(), SessionStoreError> {
        Ok(self.app.close_mcp_session(id).await?)
    }
}
