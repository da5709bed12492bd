//! What people do with components: pressing, choosing, filling modals in and closing them (dossier §5.1, §7).

use anyhow::{Context, bail};
use serde_json::{Map, Value, json};

use super::World;
use super::components::{kind, shape};
use super::content::LOADING;
use super::deliver::Answer;
use super::interaction::{COMPONENT, SUBMIT};
use super::message::Message;
use super::payload::{self, Deed};
use super::state::State;
use super::submit;
use crate::lock;

/// A message that this person sees.
fn seen<'a>(state: &'a State, user: &str, channel: &str, message: &str) -> anyhow::Result<&'a Message> {
    let held = state.message(channel, message).context("there is no such message")?;
    if held.only_for.as_deref().is_some_and(|only| only != user) {
        bail!("{user} does not see this message");
    }
    if held.flags & LOADING != 0 {
        bail!("the app is still thinking");
    }
    Ok(held)
}

/// Installations of a message's own interaction, or those of the place.
fn owners(state: &State, user: &str, held: &Message) -> anyhow::Result<Map<String, Value>> {
    let own = held.interaction.as_ref().and_then(|metadata| metadata["authorizing_integration_owners"].as_object());
    own.cloned().map_or_else(|| payload::owners(state, user, &held.channel, &[0, 1]), Ok)
}

impl World {
    /// Presses a button under a message.
    ///
    /// # Errors
    /// When this person sees no such button, or could not press it.
    pub async fn press(&self, user: &str, channel: &str, message: &str, custom_id: &str) -> anyhow::Result<Answer> {
        let id = {
            let mut state = lock(&self.0.state);
            let held = seen(&state, user, channel, message)?;
            let button = shape::find(&held.components, custom_id).context("there is no such button")?;
            if button["type"] != kind::BUTTON {
                bail!("it is not pressed: choose a value");
            }
            used(&mut state, (user, channel, message), &button, json!({}), self.0.clock.now_ms())?
        };
        Ok(self.0.interact(&id).await)
    }

    /// Presses the button with this label.
    ///
    /// # Errors
    /// When this person sees no such button, or could not press it.
    pub async fn press_labelled(
        &self,
        user: &str,
        channel: &str,
        message: &str,
        label: &str,
    ) -> anyhow::Result<Answer> {
        let found = {
            let state = lock(&self.0.state);
            let held = seen(&state, user, channel, message)?;
            let mut found = None;
            for component in &held.components {
                shape::walk(component, &mut |seen| {
                    if seen["type"] == kind::BUTTON && seen["label"] == label && seen["custom_id"].is_string() {
                        found = seen["custom_id"].as_str().map(str::to_owned);
                    }
                });
            }
            found.with_context(|| format!("there is no button {label}"))?
        };
        self.press(user, channel, message, &found).await
    }

    /// Chooses these values in a select under a message.
    ///
    /// # Errors
    /// When this person could not choose them there.
    pub async fn choose(
        &self,
        user: &str,
        at: (&str, &str),
        custom_id: &str,
        values: &[&str],
    ) -> anyhow::Result<Answer> {
        let id = {
            let now_ms = self.0.clock.now_ms();
            let mut state = lock(&self.0.state);
            let held = seen(&state, user, at.0, at.1)?;
            let select = shape::find(&held.components, custom_id).context("there is no such select")?;
            let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
            let named = submit::chosen(&state, at.0, &select, &values)?;
            let mut more = json!({ "values": values });
            let resolved = payload::resolve(&state, at.0, &named, now_ms)?;
            if resolved.as_object().is_some_and(|found| !found.is_empty()) {
                more["resolved"] = resolved;
            }
            used(&mut state, (user, at.0, at.1), &select, more, now_ms)?
        };
        Ok(self.0.interact(&id).await)
    }

    /// Submits a modal: values by `custom_id`. What is not named stays as it was filled in before.
    ///
    /// # Errors
    /// When the modal is closed, or Discord's client would not let it go.
    pub async fn submit(&self, user: &str, modal: &str, values: &[(&str, Value)]) -> anyhow::Result<Answer> {
        let id = {
            let now_ms = self.0.clock.now_ms();
            let mut state = lock(&self.0.state);
            let found = state.modals.iter().find(|held| held.id == modal && held.is_open && held.user == user);
            let held = found.context("this modal is not open")?.clone();
            let filled = submit::fill(&state, &held, values)?;
            let mut data = json!({ "custom_id": held.data["custom_id"], "components": filled.components });
            let resolved = payload::resolve(&state, &held.channel, &filled.named, now_ms)?;
            if resolved.as_object().is_some_and(|found| !found.is_empty()) {
                data["resolved"] = resolved;
            }
            let owners = held.from["authorizing_integration_owners"].as_object().cloned().unwrap_or_default();
            let deed = Deed {
                user,
                channel: &held.channel,
                kind: SUBMIT,
                data,
                owners,
                message: held.message.clone(),
                command: None,
                from: Some(held.from.clone()),
            };
            payload::make(&mut state, deed, now_ms)?
        };
        let answer = self.0.interact(&id).await;
        if answer.is_ok() {
            self.dismiss(modal);
        }
        Ok(answer)
    }

    /// Closes a modal; the app is not told.
    pub fn dismiss(&self, modal: &str) {
        for held in lock(&self.0.state).modals.iter_mut().filter(|held| held.id == modal) {
            held.is_open = false;
        }
    }
}

/// Makes the interaction of a component.
fn used(
    state: &mut State,
    at: (&str, &str, &str),
    component: &Value,
    more: Value,
    now_ms: i64,
) -> anyhow::Result<String> {
    let (user, channel, message) = at;
    if component["disabled"] == true {
        bail!("it is disabled");
    }
    let held = seen(state, user, channel, message)?;
    let owners = owners(state, user, held)?;
    let mut data =
        json!({ "custom_id": component["custom_id"], "component_type": component["type"], "id": component["id"] });
    if let (Some(data), Value::Object(more)) = (data.as_object_mut(), more) {
        data.extend(more);
    }
    let deed = Deed {
        user,
        channel,
        kind: COMPONENT,
        data,
        owners,
        message: Some(message.to_owned()),
        command: None,
        from: None,
    };
    payload::make(state, deed, now_ms)
}
