//! What people do: commands, messages, shortcuts, the home tab, Stop, files, taking the app away (dossier §3, §4, §8.4).

use axum::body::Bytes;
use serde_json::{Value, json};

use super::World;
use super::deliver::{Answer, Lane};
use super::files;
use super::hooks::{self, Hook};
use super::message::{Flow, Message};
use super::oauth;
use super::people::{self, APP, ENTERPRISE, Kind, bot_of, team_names};
use super::state::{State, is_ts};
use crate::lock;

/// The workspace, organisation and person of an interaction (dossier §5.1).
pub(super) fn whence(state: &State, user: &str) -> Value {
    let known = state.user(user);
    let team = known.map_or(people::TEAM, |known| &known.team);
    let name = known.map_or(user, |known| &known.name);
    let org = state.is_org_install;
    json!({ "api_app_id": APP, "token": "sim-verification-token",
        "team": if org { Value::Null } else { json!({ "id": team, "domain": team_names(team).1 }) },
        "enterprise": if org { json!({ "id": ENTERPRISE, "name": team_names(ENTERPRISE).0 }) } else { Value::Null },
        "is_enterprise_install": org, "user": { "id": user, "username": name, "name": name, "team_id": team } })
}

/// What a person typed as Slack keeps it (dossier §16): addresses are marked, and one without its beginning gets one.
fn marked(text: &str) -> String {
    let word = |word: &str| {
        let end = word.trim_end_matches(['.', ',', '!', '?', ')']);
        let behind = &word[end.len()..];
        let name = end.split('/').next().unwrap_or_default();
        let is_bare = end.contains('/')
            && name.contains('.')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
        match end {
            _ if end.starts_with("https://") || end.starts_with("http://") => format!("<{end}>{behind}"),
            _ if is_bare => format!("<http://{end}|{end}>{behind}"),
            _ => word.to_owned(),
        }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// Somebody's workspace.
pub(super) fn team_of(state: &State, user: &str) -> String {
    state.user(user).map_or_else(|| people::TEAM.to_owned(), |known| known.team.clone())
}

impl World {
    /// A slash command; what the product answers is shown as Slack shows it (dossier §4).
    pub async fn command(&self, user: &str, channel: &str, text: &str) -> Answer {
        let now_ms = self.0.clock.now_ms();
        let (payload, mut hook) = {
            let mut state = lock(&self.0.state);
            let team = team_of(&state, user);
            let (channel, shown) =
                state.channel(channel).map_or_else(Default::default, |c| (c.id.clone(), c.shown_name().to_owned()));
            let hook = Hook::new(&team, &channel, user, now_ms);
            let response_url = hooks::open(&mut state, hook.clone());
            let trigger_id = state.trigger(&team, user, None, now_ms);
            let name = state.user(user).map(|known| known.name.clone());
            let mut payload = json!({ "token": "sim-verification-token", "team_id": team, "team_domain": team_names(&team).1,
                "channel_id": channel, "channel_name": shown, "user_id": user, "user_name": name, "command": "/socrazi", "text": text,
                "api_app_id": APP, "is_enterprise_install": state.is_org_install.to_string(), "response_url": response_url,
                "trigger_id": trigger_id });
            if state.is_org_install {
                payload["enterprise_id"] = json!(ENTERPRISE);
                payload["enterprise_name"] = json!(team_names(ENTERPRISE).0);
            }
            (payload, hook)
        };
        let answer = self.0.deliver(Lane::Commands, &payload, None).await;
        self.0.judge("command", &answer);
        let mut state = lock(&self.0.state);
        let id = payload["response_url"].as_str().and_then(|url| url.rsplit('/').next()).unwrap_or_default();
        if answer.status != 200 {
            let word = if answer.error.as_deref().is_some_and(|word| word.contains("timeout")) {
                "operation_timeout"
            } else {
                "dispatch_failed"
            };
            let said = json!({ "text": format!("/socrazi failed with the error \"{word}\"") });
            let _ = hooks::take(&mut state, &mut hook, &said, now_ms);
            return answer;
        }
        // The answer may come later than what was sent to the response_url meanwhile.
        if let Some(held) = state.hooks.get(id) {
            hook = held.clone();
        }
        let said = match answer.json() {
            Value::Object(said) if said.is_empty() => None,
            said @ Value::Object(_) => Some(said),
            _ if answer.body.trim().is_empty() => None,
            _ => Some(json!({ "text": answer.body })),
        };
        if let Some(said) = said {
            if said["response_type"] == "in_channel" {
                let ts = state.next_ts(&hook.channel, now_ms);
                let mut typed = Message::new(&hook.channel, &ts, None, user);
                typed.body.insert("text".to_owned(), json!(format!("/socrazi {text}")));
                super::chat::keep(&mut state, typed);
            }
            if let Err(refusal) = hooks::take(&mut state, &mut hook, &said, now_ms) {
                state.violation(refusal.line("command"));
            }
            state.hooks.insert(id.to_owned(), hook);
        }
        answer
    }

    /// A person's message; its `ts`, and what the product answered to the event that matters: `message` in a conversation with the app,
    /// `app_mention` in a channel, `message` there too when the app listens.
    pub async fn say(&self, user: &str, channel: &str, text: &str, thread_ts: Option<&str>) -> (String, Answer) {
        let event = self.write(user, channel, text, thread_ts, &[]);
        let ts = event["ts"].as_str().unwrap_or_default().to_owned();
        (ts, self.told(event).await)
    }

    /// A person's message with a file.
    pub async fn say_with_file(
        &self,
        user: &str,
        channel: &str,
        text: &str,
        file: (&str, &str, Vec<u8>),
    ) -> (Value, Answer) {
        let id = self.brought(user, file.0, file.1, file.2);
        let event = self.write(user, channel, text, None, &[id]);
        (event.clone(), self.told(event).await)
    }

    /// A file that a person shares; the message event, not delivered yet: hand it to `event`, or use `say_with_file`.
    pub fn upload_by_user(&self, user: &str, channel: &str, name: &str, mime: &str, bytes: Vec<u8>) -> Value {
        let id = self.brought(user, name, mime, bytes);
        self.write(user, channel, "", None, &[id])
    }

    fn brought(&self, user: &str, name: &str, mime: &str, bytes: Vec<u8>) -> String {
        let mut state = lock(&self.0.state);
        let team = team_of(&state, user);
        files::bring(&mut state, (&team, user), (name, mime), Bytes::from(bytes), self.0.clock.now_ms())
    }

    /// Keeps a person's message; its event.
    fn write(&self, user: &str, channel: &str, text: &str, thread_ts: Option<&str>, with: &[String]) -> Value {
        let now_ms = self.0.clock.now_ms();
        let mut state = lock(&self.0.state);
        let team = team_of(&state, user);
        let (channel, kind) = state.channel(channel).map_or_else(Default::default, |c| (c.id.clone(), c.type_name()));
        let ts = state.next_ts(&channel, now_ms);
        let mut message = Message::new(&channel, &ts, thread_ts, user);
        let rich = json!([{ "type": "rich_text", "block_id": state.id("b"), "elements": [{ "type": "rich_text_section",
            "elements": [{ "type": "text", "text": text }] }] }]);
        let id = format!("{}-{}", super::state::secret(), super::state::secret());
        for (name, value) in
            [("text", json!(marked(text))), ("team", json!(team)), ("client_msg_id", json!(id)), ("blocks", rich)]
        {
            message.body.insert(name.to_owned(), value);
        }
        if !with.is_empty() {
            let shown: Vec<Value> = with.iter().map(|id| files::shared(&mut state, id, &channel, &ts)).collect();
            message.body.insert("subtype".to_owned(), json!("file_share"));
            message.body.insert("upload".to_owned(), json!(false));
            message.body.insert("files".to_owned(), json!(shown));
        }
        let mut event = message.json();
        for (name, value) in [("channel", json!(channel)), ("event_ts", json!(ts)), ("channel_type", json!(kind))] {
            event[name] = value;
        }
        state.messages.entry(channel).or_default().push(message);
        event
    }

    /// Tells the product of a person's message, as far as it hears it.
    async fn told(&self, event: Value) -> Answer {
        let channel = event["channel"].as_str().unwrap_or_default().to_owned();
        let text = event["text"].as_str().unwrap_or_default();
        let (team, kind, is_member, hears, mention) = {
            let state = lock(&self.0.state);
            let Some(known) = state.channels.get(&channel) else { return Answer::nothing() };
            let bot = bot_of(&known.team).0;
            let mention = text.contains(&format!("<@{bot}>")) || text.contains(&format!("<@{bot}|"));
            (known.team.clone(), known.kind, known.has(&bot), state.hears_channels, mention)
        };
        if kind == Kind::Dm {
            return self.event(&team, event).await;
        }
        let mut answer = Answer::nothing();
        if is_member && hears {
            answer = self.event(&team, event.clone()).await;
        }
        if is_member && mention {
            let mut mentioned = event;
            mentioned["type"] = json!("app_mention");
            if let Some(fields) = mentioned.as_object_mut() {
                fields.remove("channel_type");
            }
            answer = self.event(&team, mentioned).await;
        }
        answer
    }

    /// Keeps messages and threads that an event brings, so that they can be answered.
    pub(super) fn remember(&self, team: &str, event: &Value) {
        let mut state = lock(&self.0.state);
        let word = |value: &Value| value.as_str().map(str::to_owned);
        let (channel, mut known) = match event["type"].as_str() {
            Some("message" | "app_mention") if event["subtype"].is_null() || event["subtype"] == "file_share" => (
                word(&event["channel"]),
                vec![(word(&event["thread_ts"]), None), (word(&event["ts"]), word(&event["thread_ts"]))],
            ),
            Some("assistant_thread_started") => {
                let thread = &event["assistant_thread"];
                (word(&thread["channel_id"]), vec![(word(&thread["thread_ts"]), None)])
            }
            _ => return,
        };
        let Some(channel) = channel.and_then(|id| state.channel(&id).map(|channel| channel.id.clone())) else { return };
        let user = event["user"].as_str().unwrap_or_default();
        for (ts, root) in known.drain(..) {
            let Some(ts) = ts.filter(|ts| is_ts(ts)) else { continue };
            let held = state.messages.entry(channel.clone()).or_default();
            if held.iter().any(|message| message.ts == ts) {
                continue;
            }
            let mut message = Message::new(&channel, &ts, root.as_deref().filter(|root| *root != ts), user);
            for name in ["text", "blocks", "files", "subtype"] {
                if let Some(value) = event.get(name) {
                    message.body.insert(name.to_owned(), value.clone());
                }
            }
            message.body.insert("team".to_owned(), json!(team));
            held.push(message);
        }
    }

    /// Opens the home tab (`home`) or the conversation (`messages`).
    pub async fn open_home(&self, user: &str, tab: &str) -> Answer {
        let (team, event) = {
            let mut state = lock(&self.0.state);
            let ts = state.next_ts("", self.0.clock.now_ms());
            let channel = state.channel(user).map(|channel| channel.id.clone());
            let mut event =
                json!({ "type": "app_home_opened", "user": user, "channel": channel, "tab": tab, "event_ts": ts });
            if let Some(view) = state.homes.get(user).filter(|_| tab == "home") {
                event["view"] = view.json();
            }
            (team_of(&state, user), event)
        };
        self.event(&team, event).await
    }

    /// Presses Stop in a thread: streams there end, and the product hears of it (dossier §8.4).
    pub async fn stop(&self, user: &str, channel: &str, thread_ts: &str) -> Answer {
        let now_ms = self.0.clock.now_ms();
        let (team, event) = {
            let mut state = lock(&self.0.state);
            let mut stopped = Vec::new();
            for message in state.messages.entry(channel.to_owned()).or_default() {
                let is_here = message.thread_ts.as_deref() == Some(thread_ts) || message.ts == thread_ts;
                if let Some(stream) =
                    message.stream.as_mut().filter(|stream| is_here && stream.flow(now_ms) == Flow::Open)
                {
                    stream.flow = Flow::StoppedByUser;
                    stopped.push(message.ts.clone());
                }
            }
            let ts = state.next_ts(channel, now_ms);
            let event = json!({ "type": "agent_session_stopped", "channel": channel, "thread_ts": thread_ts, "streaming_message_ts": stopped,
                "user": user, "event_ts": ts });
            (team_of(&state, user), event)
        };
        self.event(&team, event).await
    }

    /// Takes the app out of a workspace: its tokens die, and it is told twice.
    pub async fn uninstall(&self, team: &str) -> Vec<Answer> {
        oauth::remove(&mut lock(&self.0.state), team);
        self.empty_outbox().await
    }

    /// Kills the tokens of a workspace and tells of it.
    pub async fn revoke_tokens(&self, team: &str) -> Vec<Answer> {
        {
            let mut state = lock(&self.0.state);
            for held in
                state.tokens.iter_mut().filter(|held| held.team == team && held.kind != super::tokens::TokenKind::App)
            {
                held.is_revoked = true;
            }
            let event = json!({ "type": "tokens_revoked", "tokens": { "oauth": [], "bot": [bot_of(team).0] } });
            state.outbox.push((team.to_owned(), event));
        }
        self.empty_outbox().await
    }

    async fn empty_outbox(&self) -> Vec<Answer> {
        let waiting = std::mem::take(&mut lock(&self.0.state).outbox);
        let mut answers = Vec::new();
        for (team, event) in waiting {
            answers.push(self.event(&team, event).await);
        }
        answers
    }

    /// A shortcut from the search bar: it names no channel (dossier §5.2).
    pub async fn shortcut(&self, user: &str, callback_id: &str) -> Answer {
        let payload = {
            let mut state = lock(&self.0.state);
            let now_ms = self.0.clock.now_ms();
            let team = team_of(&state, user);
            let mut payload = whence(&state, user);
            payload["type"] = json!("shortcut");
            payload["callback_id"] = json!(callback_id);
            payload["action_ts"] = json!(state.next_ts("", now_ms));
            payload["trigger_id"] = json!(state.trigger(&team, user, None, now_ms));
            payload
        };
        let answer = self.0.deliver(Lane::Interactions, &payload, None).await;
        self.0.judge("shortcut", &answer);
        answer
    }

    /// A shortcut from a message's menu.
    ///
    /// # Errors
    /// When there is no such message.
    pub async fn message_shortcut(
        &self,
        user: &str,
        channel: &str,
        ts: &str,
        callback_id: &str,
    ) -> anyhow::Result<Answer> {
        let payload = {
            let mut state = lock(&self.0.state);
            let now_ms = self.0.clock.now_ms();
            let message = state.message(channel, ts).map(Message::json);
            let message = message.ok_or_else(|| anyhow::anyhow!("there is no message {ts} in {channel}"))?;
            let team = team_of(&state, user);
            let name = state.channels.get(channel).map(|known| known.shown_name().to_owned());
            let mut hook = Hook::new(&team, channel, user, now_ms);
            hook.thread_ts = message["thread_ts"].as_str().map(str::to_owned);
            let mut payload = whence(&state, user);
            let response_url = hooks::open(&mut state, hook);
            for (name, value) in [
                ("type", json!("message_action")),
                ("callback_id", json!(callback_id)),
                ("action_ts", json!(state.next_ts("", now_ms))),
                ("trigger_id", json!(state.trigger(&team, user, None, now_ms))),
                ("message_ts", json!(ts)),
                ("channel", json!({ "id": channel, "name": name })),
                ("message", message),
                ("response_url", json!(response_url)),
            ] {
                payload[name] = value;
            }
            payload
        };
        let answer = self.0.deliver(Lane::Interactions, &payload, None).await;
        self.0.judge("message_action", &answer);
        Ok(answer)
    }
}
