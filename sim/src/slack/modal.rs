//! Submitting and closing modals, and what the product's answer does to them (dossier §5.2).

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::World;
use super::acts::{team_of, whence};
use super::deliver::{Answer, Lane};
use super::state::State;
use super::values::{elements, given, is_empty, state_values};
use super::views;
use crate::lock;

/// Fills a view in; its payload.
fn fill(
    state: &mut State,
    user: &str,
    view_id: &str,
    values: &[(&str, &str, Value)],
    now_ms: i64,
) -> anyhow::Result<Value> {
    let view = state.views.get(view_id).filter(|view| view.is_open && view.user == user);
    let view = view.with_context(|| format!("{user} sees no open view {view_id}"))?.clone();
    ensure!(
        state.stacks.get(user).and_then(|stack| stack.last()).is_some_and(|top| top == view_id),
        "another view is above it"
    );
    ensure!(view.body.get("submit").is_some_and(|submit| !submit.is_null()), "this view has no button to submit");
    let blocks = view.body.get("blocks").cloned().unwrap_or_default();
    let mut choices = view.choices.clone();
    for (block, action, value) in values {
        let found = elements(&blocks, Some(action));
        let found = found.iter().find(|(_, stands_in)| stands_in == block);
        let (element, _) = found.with_context(|| format!("there is no {action} in {block}"))?;
        choices.insert(((*block).to_owned(), (*action).to_owned()), given(element, value)?);
    }
    let said = state_values(&blocks, &choices);
    for block in blocks.as_array().into_iter().flatten().filter(|block| block["type"] == "input") {
        let (id, action) = (
            block["block_id"].as_str().unwrap_or_default(),
            block["element"]["action_id"].as_str().unwrap_or_default(),
        );
        ensure!(block["optional"] == true || !is_empty(&said[id][action]), "{id} must be filled in");
    }
    if let Some(held) = state.views.get_mut(view_id) {
        held.choices = choices;
    }
    let mut shown = view.json();
    shown["state"] = json!({ "values": said });
    let team = team_of(state, user);
    let mut payload = whence(state, user);
    for (name, value) in [
        ("type", json!("view_submission")),
        ("trigger_id", json!(state.trigger(&team, user, Some(view_id), now_ms))),
        ("view", shown),
        ("response_urls", json!([])),
    ] {
        payload[name] = value;
    }
    Ok(payload)
}

/// Carries a `response_action` out.
fn obey(state: &mut State, user: &str, view_id: &str, answer: &Value, now_ms: i64) -> Result<(), String> {
    let judged = |state: &State, view: &Value| {
        views::judged(state, view, "modal").map_err(|refusal| refusal.line("view_submission"))
    };
    match answer["response_action"].as_str() {
        Some("clear") => views::close(state, user, true),
        Some("errors") => {
            let errors = answer["errors"].as_object().filter(|errors| !errors.is_empty());
            let errors = errors.ok_or("view_submission: errors must name blocks")?;
            let blocks = state.views.get(view_id).and_then(|view| view.body.get("blocks")).cloned().unwrap_or_default();
            let is_input = |id: &str| {
                blocks.as_array().into_iter().flatten().any(|block| block["type"] == "input" && block["block_id"] == id)
            };
            if let Some((id, _)) = errors.iter().find(|(id, text)| !is_input(id) || !text.is_string()) {
                return Err(format!("view_submission: there is no input block {id} for an error"));
            }
        }
        Some("update") => {
            let external = state.views.get_mut(view_id).and_then(|view| view.body.remove("external_id"));
            let verdict = judged(state, &answer["view"]);
            if let (Some(external), Some(view)) = (external, state.views.get_mut(view_id)) {
                view.body.insert("external_id".to_owned(), external);
            }
            verdict?;
            views::replace(state, view_id, &answer["view"], now_ms)
                .map_err(|refusal| refusal.line("view_submission"))?;
        }
        Some("push") => {
            judged(state, &answer["view"])?;
            let below = state.views.get(view_id).cloned().ok_or("view_submission: the view is gone")?;
            let view = views::build(state, &answer["view"], (&below.team, user), Some(&below), now_ms);
            views::push_on(state, view).map_err(|refusal| refusal.line("view_submission"))?;
        }
        _ => return Err(format!("view_submission: Slack does not understand {answer}")),
    }
    Ok(())
}

impl World {
    /// Fills the view on top in and submits it; what the product answers happens to the view.
    ///
    /// # Errors
    /// When a person could not do that: the view is closed, a field is not there, something required is empty.
    pub async fn submit(&self, user: &str, view_id: &str, values: &[(&str, &str, Value)]) -> anyhow::Result<Answer> {
        let now_ms = self.0.clock.now_ms();
        let payload = fill(&mut lock(&self.0.state), user, view_id, values, now_ms)?;
        let answer = self.0.deliver(Lane::Interactions, &payload, None).await;
        self.0.judge("view_submission", &answer);
        if answer.status != 200 {
            return Ok(answer);
        }
        let mut state = lock(&self.0.state);
        if answer.body.trim().is_empty() || answer.json() == json!({}) {
            // What the product opened meanwhile is not what was submitted.
            if state.stacks.get(user).and_then(|stack| stack.last()).is_some_and(|top| top == view_id) {
                let clears =
                    state.views.get(view_id).is_some_and(|view| view.body.get("clear_on_close") == Some(&json!(true)));
                views::close(&mut state, user, clears);
            }
        } else if let Err(why) = obey(&mut state, user, view_id, &answer.json(), self.0.clock.now_ms()) {
            state.violation(why);
        }
        Ok(answer)
    }

    /// Closes the view on top; the product hears of it when it asked to.
    ///
    /// # Errors
    /// When the view is not open.
    pub async fn close_view(&self, user: &str, view_id: &str) -> anyhow::Result<Answer> {
        let payload = {
            let mut state = lock(&self.0.state);
            let view = state.views.get(view_id).filter(|view| view.is_open && view.user == user);
            let view = view.with_context(|| format!("{user} sees no open view {view_id}"))?.clone();
            let clears = view.body.get("clear_on_close") == Some(&json!(true));
            views::close(&mut state, user, clears);
            if view.body.get("notify_on_close") != Some(&json!(true)) {
                return Ok(Answer::nothing());
            }
            let mut payload = whence(&state, user);
            let blocks = view.body.get("blocks").cloned().unwrap_or_default();
            let mut shown = view.json();
            shown["state"] = json!({ "values": state_values(&blocks, &view.choices) });
            payload["type"] = json!("view_closed");
            payload["view"] = shown;
            payload["is_cleared"] = json!(clears);
            payload
        };
        let answer = self.0.deliver(Lane::Interactions, &payload, None).await;
        self.0.judge("view_closed", &answer);
        Ok(answer)
    }
}
