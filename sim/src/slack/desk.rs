//! The control routes of this simulator: what is there, and what a person does, for scripts in other languages.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::deliver::Answer;
use super::{Slack, World};

/// Who presses what where.
#[derive(Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
enum Act {
    Command {
        user: String,
        channel: String,
        text: String,
    },
    Event {
        team: String,
        event: Value,
    },
    EventTimes {
        team: String,
        event: Value,
        times: u32,
    },
    Raw {
        body: Value,
    },
    Say {
        user: String,
        channel: String,
        text: String,
        #[serde(default)]
        thread_ts: Option<String>,
    },
    File {
        user: String,
        channel: String,
        text: String,
        name: String,
        mime: String,
        content: String,
    },
    Press {
        user: String,
        channel: String,
        ts: String,
        action_id: String,
    },
    Choose {
        user: String,
        channel: String,
        ts: String,
        action_id: String,
        value: Value,
    },
    PressEphemeral {
        user: String,
        index: usize,
        action_id: String,
    },
    PressInHome {
        user: String,
        action_id: String,
    },
    ChooseInHome {
        user: String,
        action_id: String,
        value: Value,
    },
    PressInView {
        user: String,
        view_id: String,
        action_id: String,
    },
    ChooseInView {
        user: String,
        view_id: String,
        action_id: String,
        value: Value,
    },
    Submit {
        user: String,
        view_id: String,
        values: Vec<(String, String, Value)>,
    },
    CloseView {
        user: String,
        view_id: String,
    },
    Shortcut {
        user: String,
        callback_id: String,
    },
    MessageShortcut {
        user: String,
        channel: String,
        ts: String,
        callback_id: String,
    },
    OpenHome {
        user: String,
        tab: String,
    },
    Stop {
        user: String,
        channel: String,
        thread_ts: String,
    },
    Uninstall {
        team: String,
    },
    RevokeTokens {
        team: String,
    },
    Disconnect {
        reason: String,
    },
    DeliverTo {
        url: url::Url,
    },
}

/// The routes.
pub(super) fn routes(slack: &Arc<Slack>) -> Router {
    Router::new().route("/__sim/deliver", post(deliver)).route("/__sim/state", get(show)).with_state(Arc::clone(slack))
}

async fn show(Shared(slack): Shared<Arc<Slack>>) -> Json<Value> {
    Json(World(slack).inspect())
}

async fn deliver(Shared(slack): Shared<Arc<Slack>>, Json(act): Json<Act>) -> Response {
    match carry_out(&World(slack), act).await {
        Ok(answers) => Json(answers).into_response(),
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "error": error.to_string() }))).into_response(),
    }
}

async fn carry_out(world: &World, act: Act) -> anyhow::Result<Value> {
    let several = |answers: Vec<Answer>| json!(answers.iter().map(Answer::show).collect::<Vec<_>>());
    let answer = match act {
        Act::Command { user, channel, text } => world.command(&user, &channel, &text).await,
        Act::Event { team, event } => world.event(&team, event).await,
        Act::EventTimes { team, event, times } => {
            let body = world.wrapped(&team, &event);
            return Ok(several(world.deliver_event_times(&[body], times, false).await));
        }
        Act::Raw { body } => world.deliver_event(&body).await,
        Act::Say { user, channel, text, thread_ts } => {
            let (ts, answer) = world.say(&user, &channel, &text, thread_ts.as_deref()).await;
            let mut shown = answer.show();
            shown["ts"] = json!(ts);
            return Ok(shown);
        }
        Act::File { user, channel, text, name, mime, content } => {
            let (event, answer) =
                world.say_with_file(&user, &channel, &text, (&name, &mime, content.into_bytes())).await;
            let mut shown = answer.show();
            shown["event"] = event;
            return Ok(shown);
        }
        Act::Press { user, channel, ts, action_id } => world.press(&user, &channel, &ts, &action_id).await?,
        Act::Choose { user, channel, ts, action_id, value } => {
            world.choose(&user, (&channel, &ts), &action_id, value).await?
        }
        Act::PressEphemeral { user, index, action_id } => world.press_ephemeral(&user, index, &action_id).await?,
        Act::PressInHome { user, action_id } => world.press_in_home(&user, &action_id).await?,
        Act::ChooseInHome { user, action_id, value } => world.choose_in_home(&user, &action_id, value).await?,
        Act::PressInView { user, view_id, action_id } => world.press_in_view(&user, &view_id, &action_id).await?,
        Act::ChooseInView { user, view_id, action_id, value } => {
            world.choose_in_view(&user, &view_id, &action_id, value).await?
        }
        Act::Submit { user, view_id, values } => {
            let values: Vec<(&str, &str, Value)> =
                values.iter().map(|(block, action, value)| (block.as_str(), action.as_str(), value.clone())).collect();
            world.submit(&user, &view_id, &values).await?
        }
        Act::CloseView { user, view_id } => world.close_view(&user, &view_id).await?,
        Act::Shortcut { user, callback_id } => world.shortcut(&user, &callback_id).await,
        Act::MessageShortcut { user, channel, ts, callback_id } => {
            world.message_shortcut(&user, &channel, &ts, &callback_id).await?
        }
        Act::OpenHome { user, tab } => world.open_home(&user, &tab).await,
        Act::Stop { user, channel, thread_ts } => world.stop(&user, &channel, &thread_ts).await,
        Act::Uninstall { team } => return Ok(several(world.uninstall(&team).await)),
        Act::RevokeTokens { team } => return Ok(several(world.revoke_tokens(&team).await)),
        Act::Disconnect { reason } => {
            world.socket_disconnect(&reason);
            Answer::nothing()
        }
        Act::DeliverTo { url } => {
            world.deliver_to(url);
            Answer::nothing()
        }
    };
    Ok(answer.show())
}
