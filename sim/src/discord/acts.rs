//! What people do that needs no component: writing, files, threads, commands with their options, autocomplete, menus (dossier §5, §6).

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::World;
use super::chat;
use super::commands;
use super::content;
use super::deliver::Answer;
use super::interaction::{AUTOCOMPLETE, COMMAND};
use super::message::{Message, Pings};
use super::options;
use super::payload::{self, Deed};
use super::people::{Channel, PUBLIC_THREAD};
use super::perms;
use super::state::{State, iso};
use crate::lock;

/// What comes along with something said.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    /// The message it answers.
    pub reply_to: Option<String>,
    /// Whether the answer leaves whoever wrote that message in peace.
    pub silent_reply: bool,
    /// Files: name, type, bytes.
    pub files: Vec<(String, String, Vec<u8>)>,
}

/// The command that somebody means, as it is registered where they are.
fn find(state: &State, channel: &str, name: &str, kind: u64) -> anyhow::Result<Value> {
    let guild = state.guild_of(channel).map(|guild| guild.id.clone()).unwrap_or_default();
    let scopes = if guild.is_empty() { vec![""] } else { vec![guild.as_str(), ""] };
    let all = scopes.iter().flat_map(|scope| state.commands.get(*scope).into_iter().flatten());
    let mut found = all.into_iter().filter(|command| command["name"] == name && commands::kind(command) == kind);
    found.next().cloned().with_context(|| format!("no command {name} of type {kind} is registered here"))
}

/// Whether this person is shown the command here.
fn is_shown(state: &State, user: &str, channel: &str, command: &Value) -> anyhow::Result<()> {
    let context = payload::context(state, channel);
    let contexts: Vec<u64> = match command["contexts"].as_array() {
        Some(list) => list.iter().filter_map(Value::as_u64).collect(),
        None => vec![0, 1, 2],
    };
    if !contexts.contains(&context) {
        bail!("the command is not shown in context {context}");
    }
    let needed = command["default_member_permissions"].as_str().and_then(|digits| digits.parse::<u64>().ok());
    if let (Some(needed), Some(guild)) = (needed, state.guild_of(channel)) {
        let may = guild.permissions(user);
        if may & perms::ADMINISTRATOR == 0 && (needed == 0 || may & needed != needed) {
            bail!("the command is not shown to {user}");
        }
    }
    Ok(())
}

fn kinds(command: &Value) -> Vec<u64> {
    match command["integration_types"].as_array() {
        Some(list) => list.iter().filter_map(Value::as_u64).collect(),
        // Commands of one server belong to its installation.
        None => vec![0],
    }
}

impl World {
    /// A person's message; its id. Sessions that listen are told at once.
    ///
    /// # Errors
    /// When this person cannot write there.
    pub fn say(&self, user: &str, channel: &str, text: &str) -> anyhow::Result<String> {
        self.say_with(user, channel, text, Extras::default())
    }

    /// The same with an answered message or files.
    ///
    /// # Errors
    /// When this person cannot write there.
    pub fn say_with(&self, user: &str, channel: &str, text: &str, extras: Extras) -> anyhow::Result<String> {
        let now_ms = self.0.clock.now_ms();
        let mut state = lock(&self.0.state);
        if !state.sees(user, channel) {
            bail!("{user} does not see {channel}");
        }
        let id = state.id(now_ms);
        let mut message = Message::new(&id, channel, user, now_ms);
        text.clone_into(&mut message.content);
        let (users, roles, everyone) = content::pings(text, &Value::Null);
        let may_call = state
            .guild_of(channel)
            .is_some_and(|guild| guild.permissions(user) & (perms::MENTION_EVERYONE | perms::ADMINISTRATOR) != 0);
        message.pings = Pings {
            users: users.into_iter().filter(|id| state.users.contains_key(id)).collect(),
            roles,
            everyone: everyone && may_call,
        };
        if let Some(answered) = &extras.reply_to {
            let author = state.message(channel, answered).context("there is no such message")?.author.clone();
            message.kind = 19;
            message.replies_to = Some(answered.clone());
            if !extras.silent_reply && !message.pings.users.contains(&author) {
                message.pings.users.push(author);
            }
        }
        for (name, mime, bytes) in extras.files {
            let file = state.bring_file(channel, &name, &mime, bytes, now_ms);
            message.files.push(file);
        }
        if let Some(thread) = state.channels.get_mut(channel).filter(|channel| channel.is_thread()) {
            thread.is_archived = false;
        }
        chat::keep(&mut state, message, now_ms);
        Ok(id)
    }

    /// A person changes what they wrote.
    ///
    /// # Errors
    /// When there is no such message.
    pub fn reword(&self, channel: &str, message: &str, text: &str) -> anyhow::Result<()> {
        let mut state = lock(&self.0.state);
        let mut held = state.message(channel, message).context("there is no such message")?.clone();
        text.clone_into(&mut held.content);
        chat::replace(&mut state, held, self.0.clock.now_ms());
        Ok(())
    }

    /// Takes a message away.
    pub fn erase(&self, channel: &str, message: &str) {
        chat::remove(&mut lock(&self.0.state), channel, message);
    }

    /// A person begins a thread, from a message or without; its id.
    ///
    /// # Errors
    /// When this is no place for one.
    pub fn begin_thread(&self, user: &str, channel: &str, message: Option<&str>, name: &str) -> anyhow::Result<String> {
        let now_ms = self.0.clock.now_ms();
        let mut state = lock(&self.0.state);
        let guild = state.guild_of(channel).context("threads are in servers")?.id.clone();
        let id = message.map_or_else(|| state.id(now_ms), str::to_owned);
        let thread = Channel {
            kind: PUBLIC_THREAD,
            parent: Some(channel.to_owned()),
            owner: user.to_owned(),
            created: iso(now_ms),
            ..Channel::text(&id, &guild, name)
        };
        state.open_thread(thread, message);
        Ok(id)
    }

    /// A file that a person picks for a command or a modal; its id, to be given as a value.
    pub fn upload(&self, channel: &str, name: &str, mime: &str, bytes: Vec<u8>) -> String {
        lock(&self.0.state).bring_file(channel, name, mime, bytes, self.0.clock.now_ms())
    }

    /// A slash command: `path` is its name and those of its subcommand, `options` an object from names to values.
    ///
    /// # Errors
    /// When this person could not send it: it is not registered, not shown here, or the options do not fit.
    pub async fn command(&self, user: &str, channel: &str, path: &str, options: Value) -> anyhow::Result<Answer> {
        let id = self.typed(user, channel, path, options::Typed { values: &options, focused: None })?;
        Ok(self.0.interact(&id).await)
    }

    /// What is proposed while somebody types `text` into an option; the choices are in the answer's callback.
    ///
    /// # Errors
    /// When this person could not type that.
    pub async fn autocomplete(
        &self,
        user: &str,
        channel: &str,
        path: &str,
        typing: (&str, &str),
        options: Value,
    ) -> anyhow::Result<Answer> {
        let id = self.typed(user, channel, path, options::Typed { values: &options, focused: Some(typing) })?;
        Ok(self.0.interact(&id).await)
    }

    fn typed(&self, user: &str, channel: &str, path: &str, typed: options::Typed<'_>) -> anyhow::Result<String> {
        let now_ms = self.0.clock.now_ms();
        let mut state = lock(&self.0.state);
        let mut words = path.split_whitespace();
        let name = words.next().unwrap_or_default();
        let command = find(&state, channel, name, 1)?;
        is_shown(&state, user, channel, &command)?;
        let built = options::build(&command, &words.collect::<Vec<_>>(), &typed)?;
        let mut data = json!({ "id": command["id"], "name": command["name"], "type": 1, "options": built.list });
        if command["guild_id"].is_string() {
            data["guild_id"] = command["guild_id"].clone();
        }
        let resolved = payload::resolve(&state, channel, &built.named, now_ms)?;
        if resolved.as_object().is_some_and(|found| !found.is_empty()) {
            data["resolved"] = resolved;
        }
        let owners = payload::owners(&state, user, channel, &kinds(&command))?;
        let kind = if typed.focused.is_some() { AUTOCOMPLETE } else { COMMAND };
        let deed =
            Deed { user, channel, kind, data, owners, message: None, command: Some(path.to_owned()), from: None };
        payload::make(&mut state, deed, now_ms)
    }

    /// A command from a message's menu.
    ///
    /// # Errors
    /// When it is not shown there, or there is no such message.
    pub async fn message_command(
        &self,
        user: &str,
        channel: &str,
        message: &str,
        name: &str,
    ) -> anyhow::Result<Answer> {
        let now_ms = self.0.clock.now_ms();
        let shown = {
            let state = lock(&self.0.state);
            let held = state.message(channel, message).context("there is no such message")?;
            state.message_json(held, now_ms)
        };
        let resolved = json!({ "messages": { message: shown } });
        let id = self.chosen(user, channel, (3, name), (message, resolved))?;
        Ok(self.0.interact(&id).await)
    }

    /// A command from a person's menu.
    ///
    /// # Errors
    /// When it is not shown there, or there is no such person.
    pub async fn user_command(&self, user: &str, channel: &str, target: &str, name: &str) -> anyhow::Result<Answer> {
        let now_ms = self.0.clock.now_ms();
        let resolved = payload::resolve(&lock(&self.0.state), channel, &[("user", target.to_owned())], now_ms)?;
        let id = self.chosen(user, channel, (2, name), (target, resolved))?;
        Ok(self.0.interact(&id).await)
    }

    fn chosen(&self, user: &str, channel: &str, what: (u64, &str), target: (&str, Value)) -> anyhow::Result<String> {
        let mut state = lock(&self.0.state);
        let command = find(&state, channel, what.1, what.0)?;
        is_shown(&state, user, channel, &command)?;
        let data = json!({ "id": command["id"], "name": command["name"], "type": what.0, "target_id": target.0,
            "resolved": target.1 });
        let owners = payload::owners(&state, user, channel, &kinds(&command))?;
        let deed = Deed {
            user,
            channel,
            kind: COMMAND,
            data,
            owners,
            message: None,
            command: Some(what.1.to_owned()),
            from: None,
        };
        payload::make(&mut state, deed, self.0.clock.now_ms())
    }
}
