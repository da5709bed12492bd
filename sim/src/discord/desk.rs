//! The control routes of this simulator: what is there, what came, and what a person does, for scripts in other languages.

use std::sync::Arc;

use anyhow::Context;
use axum::extract::{Query, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::acts::Extras;
use super::deliver::Answer;
use super::wishes::{Asking, Making, Turning, Upload};
use super::{Discord, World};
use crate::lock;

/// The routes.
pub(super) fn routes(discord: &Arc<Discord>) -> Router {
    Router::new()
        .route("/__sim/deliver", post(deliver))
        .route("/__sim/state", get(show))
        .route("/__sim/seen", get(seen))
        .route("/__sim/recorded", get(recorded).delete(forget))
        .with_state(Arc::clone(discord))
}

async fn show(Shared(discord): Shared<Arc<Discord>>) -> Json<Value> {
    Json(World(discord).inspect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    user: String,
    channel: String,
}

async fn seen(Shared(discord): Shared<Arc<Discord>>, Query(asked): Query<Seen>) -> Json<Value> {
    Json(json!(World(discord).seen_by(&asked.user, &asked.channel)))
}

async fn recorded(Shared(discord): Shared<Arc<Discord>>) -> Json<Value> {
    Json(lock(&discord.state).recorded.iter().map(super::state::Recorded::show).collect())
}

async fn forget(Shared(discord): Shared<Arc<Discord>>) -> StatusCode {
    World(discord).forget_recorded();
    StatusCode::NO_CONTENT
}

async fn deliver(Shared(discord): Shared<Arc<Discord>>, Json(act): Json<Value>) -> Response {
    match carry_out(&World(discord), act).await {
        Ok(answer) => Json(answer).into_response(),
        Err(error) => {
            (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "error": format!("{error:#}") }))).into_response()
        }
    }
}

/// Reads one family of acts; `None` when the act belongs to another.
fn read<T: DeserializeOwned>(act: &Value) -> anyhow::Result<Option<T>> {
    match T::deserialize(act) {
        Ok(act) => Ok(Some(act)),
        Err(error) if error.to_string().starts_with("unknown variant") => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn carry_out(world: &World, act: Value) -> anyhow::Result<Value> {
    if let Some(asking) = read(&act)? {
        return Ok(ask(world, asking).await?.show());
    }
    if let Some(making) = read(&act)? {
        return Ok(json!({ "id": make(world, making)? }));
    }
    let turning = read(&act)?.with_context(|| format!("nobody knows the act {}", act["act"]))?;
    turn(world, turning).await
}

fn taken(file: Upload) -> anyhow::Result<(String, String, Vec<u8>)> {
    let bytes = STANDARD.decode(&file.base64)?;
    Ok((file.name, file.mime, bytes))
}

fn strings(list: &[String]) -> Vec<&str> {
    list.iter().map(String::as_str).collect()
}

async fn ask(world: &World, asking: Asking) -> anyhow::Result<Answer> {
    match asking {
        Asking::Command { user, channel, path, options } => world.command(&user, &channel, &path, options).await,
        Asking::Autocomplete { user, channel, path, option, text, options } => {
            world.autocomplete(&user, &channel, &path, (&option, &text), options).await
        }
        Asking::MessageCommand { user, channel, message, name } => {
            world.message_command(&user, &channel, &message, &name).await
        }
        Asking::UserCommand { user, channel, target, name } => {
            world.user_command(&user, &channel, &target, &name).await
        }
        Asking::Press { user, channel, message, custom_id } => world.press(&user, &channel, &message, &custom_id).await,
        Asking::PressLabelled { user, channel, message, label } => {
            world.press_labelled(&user, &channel, &message, &label).await
        }
        Asking::Choose { user, channel, message, custom_id, values } => {
            world.choose(&user, (&channel, &message), &custom_id, &strings(&values)).await
        }
        Asking::Submit { user, modal, values } => {
            let values: Vec<(&str, Value)> =
                values.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
            world.submit(&user, &modal, &values).await
        }
    }
}

fn make(world: &World, making: Making) -> anyhow::Result<String> {
    Ok(match making {
        Making::Say { user, channel, text, reply_to, silent_reply, files } => {
            let files = files.into_iter().map(taken).collect::<anyhow::Result<Vec<_>>>()?;
            world.say_with(&user, &channel, &text, Extras { reply_to, silent_reply, files })?
        }
        Making::Thread { user, channel, message, name } => {
            world.begin_thread(&user, &channel, message.as_deref(), &name)?
        }
        Making::Upload { channel, file } => {
            let (name, mime, bytes) = taken(file)?;
            world.upload(&channel, &name, &mime, bytes)
        }
        Making::AddUser { username, locale } => world.add_user(&username, &locale),
        Making::AddGuild { owner, name, locale } => world.add_guild(&owner, &name, &locale),
        Making::AddRole { guild, name, permissions } => world.add_role(&guild, &name, permissions),
        Making::AddChannel { guild, name } => world.add_channel(&guild, &name),
        Making::AddGroup { people } => world.add_group(&strings(&people)),
        Making::Dm { user } => world.dm(&user).context("nobody has this id")?,
    })
}

async fn turn(world: &World, turning: Turning) -> anyhow::Result<Value> {
    match turning {
        Turning::Reword { channel, message, text } => world.reword(&channel, &message, &text)?,
        Turning::Erase { channel, message } => world.erase(&channel, &message),
        Turning::Dismiss { modal } => world.dismiss(&modal),
        Turning::Redeliver { interaction } => return Ok(json!({ "heard": world.redeliver(&interaction) })),
        Turning::Retell { channel, message } => return Ok(json!({ "heard": world.retell(&channel, &message) })),
        Turning::Join { guild, user, roles } => world.join(&guild, &user, &strings(&roles)),
        Turning::Part { guild, user } => world.part(&guild, &user),
        Turning::Install { guild } => world.install(&guild),
        Turning::Uninstall { guild } => world.uninstall(&guild),
        Turning::UserInstall { user, is_installed } => world.set_user_install(&user, is_installed),
        Turning::TakesDms { user, takes } => world.set_takes_dms(&user, takes),
        Turning::Locale { user, locale } => world.set_locale(&user, &locale),
        Turning::Permissions { guild, permissions } => world.set_permissions(&guild, permissions),
        Turning::Deny { channel, permissions } => world.deny(&channel, permissions),
        Turning::Slowmode { channel, seconds } => world.set_slowmode(&channel, seconds),
        Turning::Archive { thread, locked } => world.archive(&thread, locked),
        Turning::Intents { privileged } => world.set_privileged_intents(privileged),
        Turning::AckMs { ms } => world.set_ack_ms(ms),
        Turning::EnforceRates { enforces } => world.set_enforce_rates(enforces),
        Turning::Copies { copies } => world.set_copies(copies),
        Turning::ResumeOverlap { events } => world.set_resume_overlap(events),
        Turning::HeartbeatMs { ms } => world.set_heartbeat_ms(ms),
        Turning::AcksHeartbeats { acks } => world.set_acks_heartbeats(acks),
        Turning::StartsLeft { starts } => world.set_starts_left(starts),
        Turning::Shards { shards } => world.set_shards(shards),
        Turning::ResetToken { token } => world.reset_token(&token),
        Turning::Reconnect => world.gateway_reconnect(),
        Turning::Invalidate { can_resume } => world.gateway_invalidate(can_resume),
        Turning::AskHeartbeat => world.gateway_ask_heartbeat(),
        Turning::Close { code } => world.gateway_close(code),
        Turning::Cut => world.gateway_cut(),
        Turning::ForgetSessions => world.gateway_forget(),
        Turning::Endpoint { url } => world.set_endpoint(url),
        Turning::SaveEndpoint { url } => world.save_endpoint(url).await?,
        Turning::ProbeEndpoint => world.probe_endpoint().await?,
        Turning::Forgive => world.forgive(),
    }
    Ok(json!({}))
}
