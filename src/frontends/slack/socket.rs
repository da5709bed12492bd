//! Socket Mode: slack-morphism keeps the sockets, we read the frames (its types drop fields, dossier §17), and what they carry takes the
//! same way as over HTTP: durable, then acknowledged, then worked on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use slack_morphism::clients_manager::{SlackSocketModeClientsManager, SlackSocketModeClientsManagerFactory};
use slack_morphism::hyper_tokio::SlackHyperClient;
use slack_morphism::listener::SlackClientEventsListenerEnvironment;
use slack_morphism::socket_mode::{
    SlackClientSocketModeConfig, SlackSocketModeClientListener, SlackSocketModeWssClientId,
};
use slack_morphism::{SlackApiToken, SlackClient};
use tokio_util::sync::CancellationToken;

use super::inbound::Kind;
use super::{Ack, Slack};

/// Two, so that one is there while the other is renewed.
const SOCKETS: u32 = 2;
/// The longest pause between two tries to connect.
const PAUSE_MAX: Duration = Duration::from_secs(60);

struct Listener {
    slack: Arc<Slack>,
    manager: Arc<dyn SlackSocketModeClientsManager + Send + Sync>,
    failures: AtomicU32,
    stop: CancellationToken,
}

/// Listens until told to stop. Does nothing without `slack.app_token`.
pub(super) async fn listen(slack: Arc<Slack>, stop: CancellationToken) {
    let Some(token) = slack.hall.app.config().slack.as_ref().and_then(|section| section.app_token.as_ref()) else {
        return;
    };
    let token = SlackApiToken::new(token.expose_secret().into());
    let client: Arc<SlackHyperClient> = Arc::new(SlackClient { http_api: slack.api.client().http_api.clone() });
    let environment = Arc::new(SlackClientEventsListenerEnvironment::new(client.clone()));
    let manager = client.http_api.connector.new_clients_manager(environment);
    let listener =
        Arc::new(Listener { slack, manager: manager.clone(), failures: AtomicU32::new(0), stop: stop.clone() });
    let config =
        SlackClientSocketModeConfig::new().with_max_connections_count(SOCKETS).with_initial_backoff_in_seconds(1);
    if let Err(error) = manager.register_new_token(&config, token, listener.clone()).await {
        tracing::error!(error = %error, "Socket Mode could not be begun");
        return;
    }
    tokio::select! {
        () = manager.start() => stop.cancelled().await,
        () = stop.cancelled() => {}
    }
    manager.shutdown().await;
}

#[async_trait]
impl SlackSocketModeClientListener for Listener {
    async fn on_message(&self, id: &SlackSocketModeWssClientId, frame: String) -> Option<String> {
        let frame: Value = serde_json::from_str(&frame).ok()?;
        let kind = match frame["type"].as_str()? {
            "hello" => {
                self.failures.store(0, Ordering::Relaxed);
                return None;
            }
            "disconnect" => {
                if frame["reason"] == "link_disabled" {
                    tracing::error!(
                        "Socket Mode was switched off in the app's settings: nothing arrives from Slack any more"
                    );
                    return None;
                }
                self.reconnect(id);
                return None;
            }
            "events_api" => Kind::Event,
            "slash_commands" => Kind::Command,
            "interactive" => Kind::Interaction,
            _ => return None,
        };
        let envelope = frame["envelope_id"].as_str()?.to_owned();
        let may_answer = frame["accepts_response_payload"].as_bool().unwrap_or(false);
        let ack = match self.slack.accept(kind, frame["payload"].clone()).await {
            Ack::Empty => json!({ "envelope_id": envelope }),
            Ack::With(payload) if may_answer => json!({ "envelope_id": envelope, "payload": payload }),
            Ack::With(_) => json!({ "envelope_id": envelope }),
            // Not stored: Slack sends it again.
            Ack::Failed => return None,
        };
        Some(ack.to_string())
    }

    async fn on_error(&self, _error: Box<dyn std::error::Error + Send + Sync>) {
        // The error may carry a frame: somebody's words do not belong into a log.
        tracing::warn!("a socket to Slack failed");
    }

    async fn on_disconnect(&self, id: &SlackSocketModeWssClientId) {
        self.reconnect(id);
    }
}

impl Listener {
    /// After a pause that grows: Slack asks not to storm. Meanwhile the old socket goes on hearing.
    fn reconnect(&self, id: &SlackSocketModeWssClientId) {
        let failures = self.failures.fetch_add(1, Ordering::Relaxed).min(8);
        let pause = Duration::from_millis(250 << failures).min(PAUSE_MAX);
        let (manager, stop, id) = (Arc::clone(&self.manager), self.stop.clone(), id.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(pause) => manager.restart_client(&id).await,
            }
        });
    }
}
