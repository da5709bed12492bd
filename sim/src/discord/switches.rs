//! The switches a test may move: who is where, what the app may do, how the network and the gateway behave.

use serde_json::Value;

use super::World;
use super::gateway::{Event, Out};
use super::people::{Channel, GROUP_DM, Guild, User};
use crate::faults::Fault;
use crate::lock;

impl World {
    /// A new person; their id.
    #[must_use]
    pub fn add_user(&self, username: &str, locale: &str) -> String {
        let mut state = lock(&self.0.state);
        let id = state.id(self.0.clock.now_ms());
        state.users.insert(id.clone(), User::new(&id, username, username, locale));
        id
    }

    /// A new server of this person, without the app; its id.
    #[must_use]
    pub fn add_guild(&self, owner: &str, name: &str, locale: &str) -> String {
        let mut state = lock(&self.0.state);
        let id = state.id(self.0.clock.now_ms());
        state.guilds.insert(id.clone(), Guild::new(&id, name, owner, locale));
        id
    }

    /// A new role of a server; its id.
    #[must_use]
    pub fn add_role(&self, guild: &str, name: &str, permissions: u64) -> String {
        let mut state = lock(&self.0.state);
        let id = state.id(self.0.clock.now_ms());
        if let Some(held) = state.guilds.get_mut(guild) {
            held.roles.push((id.clone(), name.to_owned(), permissions));
        }
        id
    }

    /// A new text channel of a server; its id.
    #[must_use]
    pub fn add_channel(&self, guild: &str, name: &str) -> String {
        let mut state = lock(&self.0.state);
        let id = state.id(self.0.clock.now_ms());
        let channel = Channel::text(&id, guild, name);
        let shown = state.channel_json(&channel);
        state.channels.insert(id.clone(), channel);
        if state.guilds.get(guild).is_some_and(|held| held.has_app) {
            state.dispatch(&Event::guild("CHANNEL_CREATE", shown, Some(guild)));
        }
        id
    }

    /// A conversation of these people without the app; its id.
    #[must_use]
    pub fn add_group(&self, people: &[&str]) -> String {
        let mut state = lock(&self.0.state);
        let id = state.id(self.0.clock.now_ms());
        state.channels.insert(id.clone(), Channel::private(&id, GROUP_DM, people));
        id
    }

    /// Lets somebody into a server with these roles, or changes the roles they have.
    pub fn join(&self, guild: &str, user: &str, roles: &[&str]) {
        if let Some(held) = lock(&self.0.state).guilds.get_mut(guild) {
            held.members.insert(user.to_owned(), roles.iter().map(|role| (*role).to_owned()).collect());
        }
    }

    /// Takes somebody out of a server.
    pub fn part(&self, guild: &str, user: &str) {
        if let Some(held) = lock(&self.0.state).guilds.get_mut(guild) {
            held.members.remove(user);
        }
    }

    /// Installs the app in a server.
    pub fn install(&self, guild: &str) {
        lock(&self.0.state).install(guild);
    }

    /// Takes the app out of a server.
    pub fn uninstall(&self, guild: &str) {
        lock(&self.0.state).uninstall(guild);
    }

    /// Installs the app for a person, or takes it away.
    pub fn set_user_install(&self, user: &str, is_installed: bool) {
        if let Some(held) = lock(&self.0.state).users.get_mut(user) {
            held.has_app = is_installed;
        }
    }

    /// Whether the app may write to a person.
    pub fn set_takes_dms(&self, user: &str, takes: bool) {
        if let Some(held) = lock(&self.0.state).users.get_mut(user) {
            held.takes_dms = takes;
        }
    }

    /// What language somebody's Discord speaks.
    pub fn set_locale(&self, user: &str, locale: &str) {
        if let Some(held) = lock(&self.0.state).users.get_mut(user) {
            locale.clone_into(&mut held.locale);
        }
    }

    /// What the app may do in a server (see [`super::perms`]).
    pub fn set_permissions(&self, guild: &str, permissions: u64) {
        if let Some(held) = lock(&self.0.state).guilds.get_mut(guild) {
            held.app_may = permissions;
        }
    }

    /// What the app may not do in a channel although the server lets it.
    pub fn deny(&self, channel: &str, permissions: u64) {
        if let Some(held) = lock(&self.0.state).channels.get_mut(channel) {
            held.denied = permissions;
        }
    }

    /// How many seconds lie between two messages of somebody in a channel.
    pub fn set_slowmode(&self, channel: &str, seconds: u64) {
        if let Some(held) = lock(&self.0.state).channels.get_mut(channel) {
            held.slow_s = seconds;
        }
    }

    /// Archives a thread; a locked one does not wake up when somebody writes.
    pub fn archive(&self, thread: &str, locked: bool) {
        if let Some(held) = lock(&self.0.state).channels.get_mut(thread) {
            (held.is_archived, held.is_locked) = (true, locked);
        }
    }

    /// Which privileged intents are on in the portal.
    pub fn set_privileged_intents(&self, intents: u64) {
        lock(&self.0.state).settings.privileged = intents;
    }

    /// Replaces the bot's token, as somebody does in the portal; open sockets are closed with 4004.
    pub fn reset_token(&self, token: &str) {
        let mut state = lock(&self.0.state);
        token.clone_into(&mut state.token);
        state.gateway.to_all(|| Out::Close(4004));
    }

    /// How long an interaction waits for its answer; 3,000 in the real world.
    pub fn set_ack_ms(&self, ms: u64) {
        lock(&self.0.state).settings.ack_ms = ms;
    }

    /// Whether rate limits are enforced.
    pub fn set_enforce_rates(&self, enforces: bool) {
        lock(&self.0.state).settings.enforces_rates = enforces;
    }

    /// How often everything that a person does is delivered; once in the real world.
    pub fn set_copies(&self, copies: u32) {
        lock(&self.0.state).settings.copies = copies;
    }

    /// How many events from before are told again after a resume.
    pub fn set_resume_overlap(&self, events: usize) {
        lock(&self.0.state).settings.overlap = events;
    }

    /// Whether heartbeats are acknowledged; without, a connection is a zombie.
    pub fn set_acks_heartbeats(&self, acks: bool) {
        lock(&self.0.state).settings.acks_heartbeats = acks;
    }

    /// How often heartbeats are asked for on sockets that open from now on.
    pub fn set_heartbeat_ms(&self, ms: u64) {
        lock(&self.0.state).settings.heartbeat_ms = ms;
    }

    /// How many session starts are left today.
    pub fn set_starts_left(&self, starts: u32) {
        lock(&self.0.state).settings.starts_left = starts;
    }

    /// How many shards are needed at least.
    pub fn set_shards(&self, shards: u64) {
        lock(&self.0.state).settings.shards = shards;
    }

    /// Op 7 on every socket: reconnect and resume.
    pub fn gateway_reconnect(&self) {
        let frame = serde_json::json!({ "op": 7, "d": null, "s": null, "t": null }).to_string();
        lock(&self.0.state).gateway.to_all(|| Out::Text(frame.clone()));
    }

    /// Op 9 on every socket; whether the sessions may be resumed.
    pub fn gateway_invalidate(&self, can_resume: bool) {
        lock(&self.0.state).gateway.to_all(|| Out::Invalid(can_resume));
    }

    /// Op 1 on every socket: a heartbeat is wanted at once.
    pub fn gateway_ask_heartbeat(&self) {
        let frame = serde_json::json!({ "op": 1, "d": null, "s": null, "t": null }).to_string();
        lock(&self.0.state).gateway.to_all(|| Out::Text(frame.clone()));
    }

    /// Closes every socket with this code.
    pub fn gateway_close(&self, code: u16) {
        lock(&self.0.state).gateway.to_all(|| Out::Close(code));
    }

    /// Cuts every socket without a word.
    pub fn gateway_cut(&self) {
        lock(&self.0.state).gateway.to_all(|| Out::Cut);
    }

    /// Forgets all sessions, so that no resume succeeds.
    pub fn gateway_forget(&self) {
        lock(&self.0.state).gateway.sessions.clear();
    }

    /// Tells every session something of a test's own making.
    pub fn gateway_tell(&self, name: &'static str, data: Value) -> usize {
        lock(&self.0.state).dispatch(&Event::raw(name, data))
    }

    /// Replaces the planned faults; [`super::limited`] makes a 429.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.0.control.set_faults(faults);
    }

    /// Moves the simulated clock on.
    pub fn advance(&self, by_ms: i64) {
        self.0.clock.advance_ms(by_ms);
    }

    /// Forgets the violations so far.
    pub fn forgive(&self) {
        lock(&self.0.state).violations.clear();
    }

    /// Forgets the calls so far.
    pub fn forget_recorded(&self) {
        lock(&self.0.state).recorded.clear();
    }
}
