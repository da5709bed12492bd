//! What people do with blocks: pressing and choosing, in messages, on home tabs and in views (dossier §5.1).

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::World;
use super::acts::{team_of, whence};
use super::deliver::{Answer, Lane};
use super::hooks::{self, Hook, Original};
use super::message::Choices;
use super::state::State;
use super::values::{self, given, state_values};
use crate::lock;

/// Where blocks stand that somebody uses.
#[derive(Clone, Debug)]
pub(super) enum Place {
    Message(String, String),
    Ephemeral(String),
    Home(String),
    View(String),
}

impl Place {
    fn blocks(&self, state: &State) -> anyhow::Result<Value> {
        let blocks = match self {
            Self::Message(channel, ts) => {
                let message = state.message(channel, ts);
                message.with_context(|| format!("there is no message {ts} in {channel}"))?.body.get("blocks")
            }
            Self::Ephemeral(id) => {
                let seen = state.ephemerals.iter().find(|seen| seen.id == *id && !seen.is_deleted);
                seen.context("it is gone")?.body.get("blocks")
            }
            Self::Home(user) => state.homes.get(user).context("this person has no home tab")?.body.get("blocks"),
            Self::View(id) => {
                let view = state.views.get(id).filter(|view| view.is_open);
                view.with_context(|| format!("no view {id} is open"))?.body.get("blocks")
            }
        };
        Ok(blocks.cloned().unwrap_or_else(|| json!([])))
    }

    fn choices<'a>(&self, state: &'a mut State) -> Option<&'a mut Choices> {
        match self {
            Self::Message(channel, ts) => state.message_mut(channel, ts).map(|message| &mut message.choices),
            Self::Ephemeral(id) => {
                state.ephemerals.iter_mut().find(|seen| seen.id == *id).map(|seen| &mut seen.choices)
            }
            Self::Home(user) => state.homes.get_mut(user).map(|view| &mut view.choices),
            Self::View(id) => state.views.get_mut(id).map(|view| &mut view.choices),
        }
    }
}

/// The action that Slack tells of: what the element says, and which it is.
fn action(found: &[values::Found<'_>], value: Option<&Value>, action_id: &str) -> anyhow::Result<(Value, bool)> {
    let mut why = anyhow::anyhow!("there is nothing with the action_id {action_id}");
    for (element, block) in found {
        let kind = element["type"].as_str().unwrap_or_default();
        let said = match kind {
            "button" | "icon_button" | "workflow_button" => {
                if value.is_some_and(|wanted| element["value"] != *wanted) {
                    why = anyhow::anyhow!("no button {action_id} has the value that was asked for");
                    continue;
                }
                let mut said = json!({ "type": kind });
                for name in ["text", "value", "style", "url"] {
                    if let Some(held) = element.get(name) {
                        said[name] = held.clone();
                    }
                }
                Ok(said)
            }
            "feedback_buttons" => {
                let wanted = value.unwrap_or(&element["positive_button"]["value"]);
                let button = ["positive_button", "negative_button"].into_iter().map(|name| &element[name]);
                let button = button.into_iter().find(|button| button["value"] == *wanted);
                match button {
                    Some(button) => Ok(json!({ "type": kind, "text": button["text"], "value": button["value"] })),
                    None => Err(anyhow::anyhow!("no feedback button has this value")),
                }
            }
            _ => match value {
                Some(value) => given(element, value),
                None => Err(anyhow::anyhow!("a {kind} is not pressed: choose a value")),
            },
        };
        match said {
            Ok(mut said) => {
                said["action_id"] = json!(action_id);
                said["block_id"] = json!(block);
                for name in ["placeholder", "confirm"] {
                    if let Some(held) = element.get(name).filter(|_| kind != "button") {
                        said[name] = held.clone();
                    }
                }
                return Ok((said, values::initial(element).is_some()));
            }
            Err(error) => why = error,
        }
    }
    Err(why)
}

/// The payload of `block_actions`.
fn payload(
    state: &mut State,
    user: &str,
    place: &Place,
    at: (&str, Option<&Value>),
    now_ms: i64,
) -> anyhow::Result<Value> {
    let blocks = place.blocks(state)?;
    let (mut said, keeps) = action(&values::elements(&blocks, Some(at.0)), at.1, at.0)?;
    let team = team_of(state, user);
    if keeps && let Some(choices) = place.choices(state) {
        let mut kept = said.clone();
        if let Some(fields) = kept.as_object_mut() {
            fields.retain(|name, _| !["action_id", "block_id", "placeholder", "confirm"].contains(&name.as_str()));
        }
        let word = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
        choices.insert((word("block_id"), word("action_id")), kept);
    }
    let values = place.choices(state).map(|choices| state_values(&blocks, choices)).unwrap_or_default();
    said["action_ts"] = json!(state.next_ts("", now_ms));
    let mut payload = whence(state, user);
    payload["type"] = json!("block_actions");
    payload["actions"] = json!([said]);
    let (view, hook) = match place {
        Place::Home(user) => (state.homes.get(user).map(|view| view.id.clone()), None),
        Place::View(id) => (Some(id.clone()), None),
        Place::Message(channel, ts) => {
            let message = state.message(channel, ts).map(super::message::Message::json).unwrap_or_default();
            payload["container"] =
                json!({ "type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": false });
            let thread_ts = message["thread_ts"].as_str().map(str::to_owned);
            payload["message"] = message;
            (None, Some((channel.clone(), thread_ts, Original::Message(ts.clone()))))
        }
        Place::Ephemeral(id) => {
            let seen = state.ephemerals.iter().find(|seen| seen.id == *id).context("it is gone")?;
            if seen.user != user {
                bail!("only {} sees this", seen.user);
            }
            payload["container"] =
                json!({ "type": "message", "message_ts": seen.ts, "channel_id": seen.channel, "is_ephemeral": true });
            (None, Some((seen.channel.clone(), seen.thread_ts.clone(), Original::Ephemeral(id.clone()))))
        }
    };
    if let Some((channel, thread_ts, original)) = hook {
        let name = state.channels.get(&channel).map(|known| known.shown_name().to_owned());
        if let Some(thread_ts) = &thread_ts {
            payload["container"]["thread_ts"] = json!(thread_ts);
        }
        payload["channel"] = json!({ "id": channel, "name": name });
        payload["state"] = json!({ "values": values });
        let hook = Hook { thread_ts, original, ..Hook::new(&team, &channel, user, now_ms) };
        payload["response_url"] = json!(hooks::open(state, hook));
    } else if let Some(id) = &view {
        let known = state.views.get(id).or_else(|| state.homes.get(user));
        let mut shown = known.map(super::views::View::json).unwrap_or_default();
        shown["state"] = json!({ "values": values });
        payload["container"] = json!({ "type": "view", "view_id": id });
        payload["view"] = shown;
    }
    let from = view.filter(|id| state.views.contains_key(id));
    payload["trigger_id"] = json!(state.trigger(&team, user, from.as_deref(), now_ms));
    Ok(payload)
}

impl World {
    async fn act(&self, user: &str, place: Place, at: (&str, Option<&Value>)) -> anyhow::Result<Answer> {
        let payload = payload(&mut lock(&self.0.state), user, &place, at, self.0.clock.now_ms())?;
        let answer = self.0.deliver(Lane::Interactions, &payload, None).await;
        self.0.judge("block_actions", &answer);
        Ok(answer)
    }

    /// Presses a button under a message.
    ///
    /// # Errors
    /// When there is no such button.
    pub async fn press(&self, user: &str, channel: &str, ts: &str, action_id: &str) -> anyhow::Result<Answer> {
        self.act(user, Place::Message(channel.to_owned(), ts.to_owned()), (action_id, None)).await
    }

    /// Chooses in a menu or picker under a message; or presses the button that carries this value.
    ///
    /// # Errors
    /// When nobody could choose that there.
    pub async fn choose(
        &self,
        user: &str,
        at: (&str, &str),
        action_id: &str,
        value: impl Into<Value>,
    ) -> anyhow::Result<Answer> {
        let value = value.into();
        self.act(user, Place::Message(at.0.to_owned(), at.1.to_owned()), (action_id, Some(&value))).await
    }

    /// Presses a button of a message that only this person sees: `index` counts in `ephemerals()`.
    ///
    /// # Errors
    /// When there is no such message or button.
    pub async fn press_ephemeral(&self, user: &str, index: usize, action_id: &str) -> anyhow::Result<Answer> {
        let id = {
            let state = lock(&self.0.state);
            let mut seen = state.ephemerals.iter().filter(|seen| !seen.is_deleted);
            seen.nth(index).map(|seen| seen.id.clone())
        };
        self.act(user, Place::Ephemeral(id.context("there is no such message")?), (action_id, None)).await
    }

    /// Presses a button on the home tab.
    ///
    /// # Errors
    /// When there is no such button.
    pub async fn press_in_home(&self, user: &str, action_id: &str) -> anyhow::Result<Answer> {
        self.act(user, Place::Home(user.to_owned()), (action_id, None)).await
    }

    /// Chooses on the home tab; or presses the button that carries this value.
    ///
    /// # Errors
    /// When nobody could choose that there.
    pub async fn choose_in_home(&self, user: &str, action_id: &str, value: impl Into<Value>) -> anyhow::Result<Answer> {
        self.act(user, Place::Home(user.to_owned()), (action_id, Some(&value.into()))).await
    }

    /// Presses a button in a modal.
    ///
    /// # Errors
    /// When there is no such button, or the modal is closed.
    pub async fn press_in_view(&self, user: &str, view_id: &str, action_id: &str) -> anyhow::Result<Answer> {
        self.act(user, Place::View(view_id.to_owned()), (action_id, None)).await
    }

    /// Chooses in a modal.
    ///
    /// # Errors
    /// When nobody could choose that there.
    pub async fn choose_in_view(
        &self,
        user: &str,
        view_id: &str,
        action_id: &str,
        value: impl Into<Value>,
    ) -> anyhow::Result<Answer> {
        self.act(user, Place::View(view_id.to_owned()), (action_id, Some(&value.into()))).await
    }
}
