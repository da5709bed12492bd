//! The gateway: serenity keeps the sockets (heartbeats, resuming, shards); what they carry takes the same way as over HTTP. Nothing is
//! worked on twice when something is told again after a resume: its id is its key.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::ExposeSecret;
use serde_json::Value;
use serenity::all::{Context, EventHandler, GatewayIntents, Guild, Interaction, Ready, UnavailableGuild};
use serenity::client::ClientBuilder;
use serenity::gateway::GatewayError;
use serenity::http::HttpBuilder;
use tokio_util::sync::CancellationToken;

use super::api::{At, Fault, How};
use super::{Ack, Discord};

/// The longest pause between two tries to connect.
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// Discord counts sessions by the day; a wait that is longer than that is none.
const RESET_MAX: Duration = Duration::from_secs(24 * 3_600);

struct Handler(Arc<Discord>);

/// How a connection ended.
enum Ended {
    /// It may be tried again.
    Again,
    /// Trying again cannot help: what is set is wrong.
    Wrong(&'static str),
}

/// Listens until told to stop.
pub(super) async fn listen(discord: Arc<Discord>) {
    let stop = discord.hall.stop.clone();
    let mut failures = 0_u32;
    while !stop.is_cancelled() {
        // It looks for the stop itself, in order to close its sessions.
        match connected(&discord, &stop).await {
            Ended::Again => {}
            Ended::Wrong(why) => {
                tracing::error!(
                    "Discord's gateway refused us for good: {why}. Nothing arrives from there until this is mended and the server restarted"
                );
                return;
            }
        }
        failures = (failures + 1).min(7);
        let pause = Duration::from_millis(500 << failures).min(PAUSE_MAX);
        stop.run_until_cancelled(tokio::time::sleep(pause)).await;
    }
}

async fn connected(discord: &Arc<Discord>, stop: &CancellationToken) -> Ended {
    let told = match stop.run_until_cancelled(discord.api.call(How::Get, At::GatewayBot, None)).await {
        None => return Ended::Again,
        Some(Ok(told)) => told,
        Some(Err(Fault::Token)) => {
            return Ended::Wrong("discord.bot_token is not valid; make a new one in the developer portal");
        }
        Some(Err(fault)) => {
            tracing::warn!(error = %fault, "Discord's gateway could not be asked for");
            return Ended::Again;
        }
    };
    let shards = told["shards"].as_u64().and_then(|shards| u32::try_from(shards).ok()).unwrap_or(1).max(1);
    let limit = &told["session_start_limit"];
    if limit["remaining"].as_u64().is_some_and(|left| left < u64::from(shards)) {
        // One more and Discord would make the token void.
        let wait = Duration::from_millis(limit["reset_after"].as_u64().unwrap_or(0)).min(RESET_MAX);
        tracing::error!(
            wait_s = wait.as_secs(),
            "no session may be begun at Discord's gateway today any more; it is waited for"
        );
        stop.run_until_cancelled(tokio::time::sleep(wait)).await;
        return Ended::Again;
    }
    let Some(section) = &discord.hall.app.config().discord else { return Ended::Wrong("discord.* is not set") };
    let Some(url) = section.gateway_url.clone().or_else(|| told["url"].as_str().map(str::to_owned)) else {
        return Ended::Again;
    };
    let http = HttpBuilder::new(section.bot_token.expose_secret())
        .proxy(discord.api.root())
        // Without this serenity forgets the proxy (dossier §13, trap 1).
        .ratelimiter_disabled(true)
        .build();
    let mut intents = GatewayIntents::GUILDS | GatewayIntents::GUILD_MESSAGES | GatewayIntents::DIRECT_MESSAGES;
    if section.reads_all {
        intents |= GatewayIntents::MESSAGE_CONTENT;
    }
    let built = ClientBuilder::new_with_http(http, intents).event_handler(Handler(Arc::clone(discord))).await;
    let Ok(mut client) = built else { return Ended::Again };
    // serenity asked on its own, and would fall back to the real host.
    *client.ws_url.lock().await = url;
    let manager = client.shard_manager.clone();
    let ended = tokio::select! {
        ended = client.start_shards(shards) => ended,
        () = stop.cancelled() => {
            manager.shutdown_all().await;
            return Ended::Again;
        }
    };
    match ended {
        Err(serenity::Error::Gateway(GatewayError::InvalidAuthentication)) => {
            Ended::Wrong("discord.bot_token is not valid; make a new one in the developer portal")
        }
        Err(serenity::Error::Gateway(GatewayError::DisallowedGatewayIntents)) => Ended::Wrong(
            "the message content intent is not allowed; switch it on in the developer portal, or set discord.message_content to off",
        ),
        Err(serenity::Error::Gateway(GatewayError::InvalidGatewayIntents)) => {
            Ended::Wrong("the intents are not known there")
        }
        Ok(()) | Err(_) => Ended::Again,
    }
}

#[async_trait]
impl EventHandler for Handler {
    async fn ready(&self, _cx: Context, ready: Ready) {
        self.0.is_me(ready.user.id.get());
        tracing::info!(discord.shard = ready.shard.map_or(0, |shard| shard.id.0), "connected to Discord");
    }

    async fn message(&self, _cx: Context, message: serenity::all::Message) {
        match serde_json::to_value(&message) {
            Ok(payload) => self.0.accept_message(payload).await,
            Err(error) => tracing::warn!(error = %error, "a message of Discord's could not be read"),
        }
    }

    async fn interaction_create(&self, _cx: Context, interaction: Interaction) {
        let mut payload: Value = match serde_json::to_value(&interaction) {
            Ok(payload) => payload,
            Err(error) => {
                tracing::warn!(error = %error, "an interaction of Discord's could not be read");
                return;
            }
        };
        // serenity tells kinds apart by its types and leaves the number out.
        payload["type"] = u8::from(interaction.kind()).into();
        let token = payload["token"].as_str().unwrap_or_default().to_owned();
        // Here whoever stored it answers: what was delivered before was answered then.
        if let Ack::With { body, work } = self.0.accept_interaction(payload).await {
            let answered = self.0.api.call(How::Post, At::Callback(interaction.id().get(), &token), Some(&body)).await;
            if let Err(fault) = answered {
                // The work is done all the same; its answer finds another way.
                tracing::warn!(error = %fault, "an interaction of Discord's could not be acknowledged");
            }
            self.0.begin(work);
        }
    }

    async fn guild_create(&self, _cx: Context, guild: Guild, _is_new: Option<bool>) {
        if let Err(error) = self.0.hall.app.discord_guild_seen(&guild.id.to_string(), &guild.name).await {
            tracing::error!(error = %error, "a server of Discord's could not be kept");
        }
    }

    async fn guild_delete(&self, _cx: Context, gone: UnavailableGuild, _full: Option<Guild>) {
        // Unavailable is an outage, not the end.
        if gone.unavailable {
            return;
        }
        if let Err(error) = self.0.hall.app.discord_guild_ended(&gone.id.to_string()).await {
            tracing::error!(error = %error, "the end of a server of Discord's could not be kept");
        }
    }
}
