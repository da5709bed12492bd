//! What an interaction says (dossier §5.1): who, where, with which rights, through which installation.

use anyhow::{Context, bail};
use serde_json::{Map, Value, json};

use super::content::FILE_BYTES_MAX;
use super::interaction::Interaction;
use super::people::{APP, DM};
use super::perms;
use super::state::{State, secret};

/// Where somebody is: 0 a server, 1 with the app alone, 2 with others.
pub(super) fn context(state: &State, channel: &str) -> u64 {
    match state.channels.get(channel) {
        Some(held) if held.guild.is_some() => 0,
        Some(held) if held.kind == DM => 1,
        _ => 2,
    }
}

/// Through which installations the app is here for this person.
pub(super) fn owners(state: &State, user: &str, channel: &str, kinds: &[u64]) -> anyhow::Result<Map<String, Value>> {
    let mut owners = Map::new();
    if kinds.contains(&0) {
        match (context(state, channel), state.guild_of(channel)) {
            (0, Some(guild)) if guild.has_app => {
                owners.insert("0".to_owned(), json!(guild.id));
            }
            (1, _) => {
                owners.insert("0".to_owned(), json!("0"));
            }
            _ => {}
        }
    }
    if kinds.contains(&1) && state.users.get(user).is_some_and(|user| user.has_app) {
        owners.insert("1".to_owned(), json!(user));
    }
    if owners.is_empty() {
        bail!("the app is not installed where {user} is");
    }
    Ok(owners)
}

/// Whose doing it is, where, and what they do.
pub(super) struct Deed<'a> {
    pub(super) user: &'a str,
    pub(super) channel: &'a str,
    pub(super) kind: u64,
    pub(super) data: Value,
    pub(super) owners: Map<String, Value>,
    /// The message whose component is used.
    pub(super) message: Option<String>,
    pub(super) command: Option<String>,
    /// The metadata of what opened the modal.
    pub(super) from: Option<Value>,
}

/// Makes an interaction; its id.
pub(super) fn make(state: &mut State, deed: Deed<'_>, now_ms: i64) -> anyhow::Result<String> {
    if !state.sees(deed.user, deed.channel) {
        bail!("{} does not see {}", deed.user, deed.channel);
    }
    let id = state.id(now_ms);
    let token = format!("aW50ZXJhY3Rpb246{id}{}{}", secret(), secret());
    let user = state.users.get(deed.user).context("nobody has this id")?.clone();
    let channel = state.channels.get(deed.channel).context("there is no such channel")?.clone();
    let may = state.app_may(deed.channel);
    // Where the app is not, it may at least answer with what an answer can carry.
    let app_permissions = if may == 0 { perms::EMBED_LINKS | perms::ATTACH_FILES } else { may };
    let mut place = state.channel_json(&channel);
    let mut payload = json!({ "id": id, "application_id": APP, "type": deed.kind, "token": token, "version": 1, "data": deed.data,
        "channel_id": deed.channel, "locale": user.locale, "app_permissions": app_permissions.to_string(), "entitlements": [],
        "entitlement_sku_ids": [], "attachment_size_limit": FILE_BYTES_MAX, "authorizing_integration_owners": deed.owners,
        "context": context(state, deed.channel) });
    match state.guild_of(deed.channel) {
        Some(guild) => {
            let permissions = guild.permissions(deed.user);
            place["permissions"] = json!(permissions.to_string());
            let mut member = guild.member_json(deed.user);
            member["user"] = user.json();
            member["permissions"] = json!(permissions.to_string());
            payload["member"] = member;
            payload["guild_id"] = json!(guild.id);
            payload["guild"] = json!({ "id": guild.id, "locale": guild.locale, "features": [] });
            payload["guild_locale"] = json!(guild.locale);
        }
        None => {
            place["permissions"] = json!(perms::MEMBER.to_string());
            payload["user"] = user.json();
        }
    }
    payload["channel"] = place;
    if let Some(message) = deed.message.as_deref().and_then(|id| state.message(deed.channel, id)) {
        payload["message"] = state.message_json(message, now_ms);
    }
    let mut metadata =
        json!({ "id": id, "type": deed.kind, "user": user.json(), "authorizing_integration_owners": deed.owners });
    match (&deed.from, &deed.message) {
        (Some(from), _) => metadata["triggering_interaction_metadata"] = from.clone(),
        (None, Some(message)) => metadata["interacted_message_id"] = json!(message),
        (None, None) => {}
    }
    let interaction = Interaction {
        id: id.clone(),
        token,
        kind: deed.kind,
        user: deed.user.to_owned(),
        channel: deed.channel.to_owned(),
        message: deed.message,
        issued_ms: now_ms,
        answered: None,
        original: None,
        followups: Vec::new(),
        is_user_only: !deed.owners.contains_key("0"),
        metadata,
        payload,
        command: deed.command,
        is_dead: false,
        tell: None,
    };
    state.interactions.insert(id.clone(), interaction);
    Ok(id)
}

/// People, roles, channels and files that are named by id (dossier §5.1).
pub(super) fn resolve(state: &State, channel: &str, ids: &[(&str, String)], now_ms: i64) -> anyhow::Result<Value> {
    let mut resolved = json!({});
    for (what, id) in ids {
        match *what {
            "user" => {
                let user = state.users.get(id).context("nobody has this id")?;
                resolved["users"][id] = user.json();
                if let Some(guild) = state.guild_of(channel).filter(|guild| guild.members.contains_key(id)) {
                    let mut member = guild.member_json(id);
                    member["permissions"] = json!(guild.permissions(id).to_string());
                    resolved["members"][id] = member;
                }
            }
            "role" => {
                let guild = state.guild_of(channel).context("there are no roles here")?;
                let role = guild.roles_json().into_iter().find(|role| role["id"] == *id);
                resolved["roles"][id] = role.context("no role has this id")?;
            }
            "channel" => {
                let held = state.channels.get(id).context("no channel has this id")?;
                let mut shown = state.channel_json(held);
                shown["permissions"] = json!(perms::MEMBER.to_string());
                resolved["channels"][id] = shown;
            }
            _ => {
                let file = state.files.get(id).context("no file has this id")?;
                let mut shown = file.json(&state.root, now_ms);
                shown["ephemeral"] = json!(true);
                resolved["attachments"][id] = shown;
            }
        }
    }
    Ok(resolved)
}
