//! Channels, threads, conversations of two and servers over REST (dossier §9).

use serde_json::{Value, json};

use super::call::{Answered, Call, Caller, Reply};
use super::chat::{need, seen};
use super::gateway::Event;
use super::people::{self, APP, Channel, DM, PRIVATE_THREAD, PUBLIC_THREAD, TEXT};
use super::perms;
use super::refusal::{Form, Refusal};
use super::state::{State, id_of, iso};

/// How long a thread may stay open without being used, in minutes.
const ARCHIVE_MINUTES: [u64; 4] = [60, 1_440, 4_320, 10_080];
const NAME_MAX: usize = 100;
/// What serves for a moment of a thread's life in answers.
const MEMBER_FLAGS: u64 = 0;

impl State {
    /// A channel on the wire.
    pub(super) fn channel_json(&self, channel: &Channel) -> Value {
        let mut shown =
            json!({ "id": channel.id, "type": channel.kind, "flags": 0, "last_message_id": channel.last_message });
        let put = |shown: &mut Value, more: Value| {
            if let (Some(shown), Value::Object(more)) = (shown.as_object_mut(), more) {
                shown.extend(more);
            }
        };
        if channel.is_thread() {
            let metadata = json!({ "archived": channel.is_archived, "archive_timestamp": channel.created, "auto_archive_duration": channel.archive_minutes,
                "locked": channel.is_locked, "create_timestamp": channel.created });
            put(
                &mut shown,
                json!({ "guild_id": channel.guild, "name": channel.name, "parent_id": channel.parent, "owner_id": channel.owner,
                    "thread_metadata": metadata, "message_count": channel.message_count, "member_count": 2,
                    "total_message_sent": channel.message_count, "rate_limit_per_user": channel.slow_s,
                    "member": { "id": channel.id, "user_id": APP, "join_timestamp": channel.created, "flags": MEMBER_FLAGS } }),
            );
        } else if channel.is_private() {
            let recipients: Vec<Value> = channel.people.iter().map(|id| self.user_json(id)).collect();
            put(&mut shown, json!({ "recipients": recipients }));
            if channel.kind == people::GROUP_DM {
                put(&mut shown, json!({ "name": null, "icon": null, "owner_id": channel.people.first() }));
            }
        } else {
            put(
                &mut shown,
                json!({ "guild_id": channel.guild, "name": channel.name, "position": 0, "parent_id": null, "topic": null, "nsfw": false,
                    "rate_limit_per_user": channel.slow_s, "permission_overwrites": [] }),
            );
        }
        shown
    }

    /// Everything about a server, as the gateway tells it.
    pub(super) fn guild_create(&self, id: &str) -> Value {
        let Some(guild) = self.guilds.get(id) else { return Value::Null };
        let of_guild = self.channels.values().filter(|channel| channel.guild.as_deref() == Some(id));
        let (threads, channels): (Vec<&Channel>, Vec<&Channel>) =
            of_guild.filter(|channel| self.app_may(&channel.id) != 0).partition(|channel| channel.is_thread());
        let show = |list: Vec<&Channel>| list.into_iter().map(|channel| self.channel_json(channel)).collect::<Vec<_>>();
        let member = |user: &str| {
            let mut member = guild.member_json(user);
            member["user"] = self.user_json(user);
            member
        };
        let members: Vec<Value> = guild.members.keys().map(String::as_str).chain([APP]).map(member).collect();
        let mut shown = guild.json();
        if let (Some(shown), Value::Object(more)) = (
            shown.as_object_mut(),
            json!({ "joined_at": "2026-01-01T00:00:00.000000+00:00", "large": false, "unavailable": false, "member_count": members.len(),
                "members": members, "channels": show(channels), "threads": show(threads.into_iter().filter(|thread| !thread.is_archived).collect()),
                "presences": [], "voice_states": [], "stage_instances": [], "guild_scheduled_events": [], "soundboard_sounds": [] }),
        ) {
            shown.extend(more);
        }
        shown
    }

    /// The conversation of somebody with the app; it comes into being when it is first asked for.
    pub(super) fn dm(&mut self, user: &str, now_ms: i64) -> Option<String> {
        self.users.get(user).filter(|user| !user.is_bot)?;
        let held = self.channels.values().find(|channel| channel.kind == DM && channel.people == [user]);
        if let Some(held) = held {
            return Some(held.id.clone());
        }
        let id = self.id(now_ms);
        self.channels.insert(id.clone(), Channel::private(&id, DM, &[user]));
        Some(id)
    }

    /// A thread that begins; its id.
    pub(super) fn open_thread(&mut self, thread: Channel, from: Option<&str>) -> Value {
        let parent = thread.parent.clone().unwrap_or_default();
        if let Some(message) = from.and_then(|id| self.message_mut(&parent, id)) {
            message.thread = Some(thread.id.clone());
        }
        let mut shown = self.channel_json(&thread);
        self.channels.insert(thread.id.clone(), thread.clone());
        let mut told = shown.clone();
        told["newly_created"] = json!(true);
        let event = Event::guild("THREAD_CREATE", told, thread.guild.as_deref());
        self.dispatch(&event);
        if let Some(fields) = shown.as_object_mut() {
            fields.remove("newly_created");
        }
        shown
    }
}

/// `GET /channels/{channel_id}`.
pub(super) fn get(state: &mut State, call: &Call) -> Answered {
    seen(state, call.param("channel_id"))?;
    let channel = state.channels.get(call.param("channel_id")).ok_or_else(|| Refusal::new(10003))?;
    Ok(Reply::ok(state.channel_json(channel)))
}

/// `PATCH /channels/{channel_id}`: threads alone.
pub(super) fn edit(state: &mut State, call: &Call) -> Answered {
    let may = seen(state, call.param("channel_id"))?;
    let body = call.json().clone();
    let channel = state.channels.get_mut(call.param("channel_id")).ok_or_else(|| Refusal::new(10003))?;
    if !channel.is_thread() {
        return Err(Refusal::new(50013));
    }
    let manages = may & perms::MANAGE_THREADS != 0;
    if !manages && (channel.owner != APP || body["locked"].is_boolean()) {
        return Err(Refusal::new(50013));
    }
    let mut form = Form::default();
    if let Some(name) = body["name"].as_str() {
        if !(1..=NAME_MAX).contains(&name.chars().count()) {
            form.bad_length("name", 1, NAME_MAX);
        }
        name.clone_into(&mut channel.name);
    }
    form.verdict()?;
    channel.is_archived = body["archived"].as_bool().unwrap_or(channel.is_archived);
    channel.is_locked = body["locked"].as_bool().unwrap_or(channel.is_locked);
    let channel = channel.clone();
    let shown = state.channel_json(&channel);
    let event = Event::guild("THREAD_UPDATE", shown.clone(), channel.guild.as_deref());
    state.dispatch(&event);
    Ok(Reply::ok(shown))
}

/// `POST /channels/{channel_id}/typing`.
pub(super) fn typing(state: &mut State, call: &Call) -> Answered {
    let channel = call.param("channel_id").to_owned();
    let is_thread = state.channels.get(&channel).is_some_and(Channel::is_thread);
    need(state, &channel, if is_thread { perms::SEND_MESSAGES_IN_THREADS } else { perms::SEND_MESSAGES })?;
    state.typings.push((channel, call.now_ms));
    Ok(Reply::empty())
}

/// `POST /channels/{channel_id}/messages/{message_id}/threads` and `POST /channels/{channel_id}/threads`.
pub(super) fn start_thread(state: &mut State, call: &Call) -> Answered {
    let parent = call.param("channel_id").to_owned();
    let from = call.params.get("message_id").cloned();
    let may = seen(state, &parent)?;
    let known = state.channels.get(&parent).cloned().ok_or_else(|| Refusal::new(10003))?;
    if known.is_private() || known.kind != TEXT {
        return Err(Refusal::new(50024));
    }
    let body = call.json();
    let mut form = Form::default();
    let name = body["name"].as_str().unwrap_or_default().trim().to_owned();
    if body["name"].is_null() {
        form.required("name");
    } else if !(1..=NAME_MAX).contains(&name.chars().count()) {
        form.bad_length("name", 1, NAME_MAX);
    }
    let minutes =
        if body["auto_archive_duration"].is_null() { Some(1_440) } else { body["auto_archive_duration"].as_u64() };
    let minutes = minutes.filter(|minutes| ARCHIVE_MINUTES.contains(minutes));
    if minutes.is_none() {
        form.choice("auto_archive_duration", "60, 1440, 4320, 10080");
    }
    let kind = match (&from, body["type"].as_u64()) {
        (Some(_), _) | (None, Some(11)) => PUBLIC_THREAD,
        // Without a type Discord begins a private one.
        (None, None | Some(12)) => PRIVATE_THREAD,
        (None, Some(_)) => {
            form.choice("type", "10, 11, 12");
            PUBLIC_THREAD
        }
    };
    form.verdict()?;
    let needed = if kind == PUBLIC_THREAD { perms::CREATE_PUBLIC_THREADS } else { perms::CREATE_PRIVATE_THREADS };
    if may & needed == 0 {
        return Err(Refusal::new(50013));
    }
    if let Some(message) = &from {
        let held = state.message(&parent, message).filter(|held| held.only_for.is_none());
        if held.ok_or_else(|| Refusal::new(10008))?.thread.is_some() {
            return Err(Refusal::new(160_004));
        }
    }
    let id = from.clone().unwrap_or_else(|| state.id(call.now_ms));
    let guild = known.guild.clone().unwrap_or_default();
    let thread = Channel {
        kind,
        parent: Some(parent),
        owner: APP.to_owned(),
        archive_minutes: minutes.unwrap_or(1_440),
        created: iso(call.now_ms),
        people: vec![APP.to_owned()],
        ..Channel::text(&id, &guild, &name)
    };
    Ok(Reply::created(state.open_thread(thread, from.as_deref())))
}

/// `PUT /channels/{channel_id}/thread-members/@me`.
pub(super) fn join_thread(state: &mut State, call: &Call) -> Answered {
    seen(state, call.param("channel_id"))?;
    Ok(Reply::empty())
}

/// `POST /users/@me/channels`.
pub(super) fn open_dm(state: &mut State, call: &Call) -> Answered {
    let user = id_of(&call.json()["recipient_id"])
        .ok_or_else(|| Form::one("recipient_id", "BASE_TYPE_REQUIRED", "This field is required"))?;
    if user == APP {
        return Err(Refusal::new(50007));
    }
    let id = state.dm(&user, call.now_ms).ok_or_else(|| Refusal::new(10013))?;
    let channel = state.channels.get(&id).ok_or_else(|| Refusal::new(10003))?;
    Ok(Reply::ok(state.channel_json(channel)))
}

/// `GET /users/@me`: for the bot, or for a person with the scope.
pub(super) fn me(state: &mut State, call: &Call) -> Answered {
    let id = match &call.caller {
        Caller::Bot => APP.to_owned(),
        Caller::Person { user, scopes } if scopes.iter().any(|scope| scope == "identify") => user.clone(),
        Caller::Person { .. } | Caller::Nobody => {
            return Err(Refusal::status(axum::http::StatusCode::UNAUTHORIZED));
        }
    };
    Ok(Reply::ok(state.users.get(&id).map(people::User::own_json).unwrap_or_default()))
}

/// `GET /users/{user_id}`.
pub(super) fn user(state: &mut State, call: &Call) -> Answered {
    let user = state.users.get(call.param("user_id")).ok_or_else(|| Refusal::new(10013))?;
    Ok(Reply::ok(user.json()))
}

/// `GET /users/@me/guilds`.
pub(super) fn my_guilds(state: &mut State, _call: &Call) -> Answered {
    let mine = state.guilds.values().filter(|guild| guild.has_app);
    let shown: Vec<Value> = mine
        .map(|guild| {
            json!({ "id": guild.id, "name": guild.name, "icon": null, "banner": null, "owner": false,
                "permissions": guild.app_may.to_string(), "features": [] })
        })
        .collect();
    Ok(Reply::ok(json!(shown)))
}

/// `DELETE /users/@me/guilds/{guild_id}`: the app leaves.
pub(super) fn leave(state: &mut State, call: &Call) -> Answered {
    let id = call.param("guild_id").to_owned();
    guild(state, &id)?;
    state.uninstall(&id);
    Ok(Reply::empty())
}

fn guild<'a>(state: &'a State, id: &str) -> Result<&'a people::Guild, Refusal> {
    let guild = state.guilds.get(id).ok_or_else(|| Refusal::new(10004))?;
    if guild.has_app { Ok(guild) } else { Err(Refusal::new(50001)) }
}

/// `GET /guilds/{guild_id}`.
pub(super) fn get_guild(state: &mut State, call: &Call) -> Answered {
    Ok(Reply::ok(guild(state, call.param("guild_id"))?.json()))
}

/// `GET /guilds/{guild_id}/channels`.
pub(super) fn guild_channels(state: &mut State, call: &Call) -> Answered {
    let id = guild(state, call.param("guild_id"))?.id.clone();
    let here = state.channels.values().filter(|channel| channel.guild.as_deref() == Some(&id) && !channel.is_thread());
    Ok(Reply::ok(here.map(|channel| state.channel_json(channel)).collect()))
}

/// `GET /guilds/{guild_id}/roles`.
pub(super) fn roles(state: &mut State, call: &Call) -> Answered {
    Ok(Reply::ok(json!(guild(state, call.param("guild_id"))?.roles_json())))
}

/// `GET /guilds/{guild_id}/members/{user_id}`.
pub(super) fn member(state: &mut State, call: &Call) -> Answered {
    let guild = guild(state, call.param("guild_id"))?;
    let user = call.param("user_id");
    if user != APP && !guild.members.contains_key(user) {
        return Err(Refusal::new(10007));
    }
    let mut member = guild.member_json(user);
    member["user"] = state.user_json(user);
    Ok(Reply::ok(member))
}
