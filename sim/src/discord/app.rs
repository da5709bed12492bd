//! What the app learns about itself and about the gateway over REST.

use serde_json::{Value, json};

use super::call::{Answered, Call, Reply};
use super::people::APP;
use super::perms;
use super::signing::PUBLIC_KEY;
use super::state::State;

/// `GATEWAY_MESSAGE_CONTENT` and its like in an app's flags, by privileged intent: presences, members, content.
const FLAGS: [(u64, u64); 3] = [(1 << 8, 1 << 12), (1 << 1, 1 << 14), (1 << 15, 1 << 18)];

impl State {
    /// The app's flags: which privileged intents are on in the portal.
    pub(super) fn app_flags(&self) -> u64 {
        FLAGS.iter().filter(|(intent, _)| self.settings.privileged & intent != 0).fold(0, |all, (_, flag)| all | flag)
    }
}

/// `GET /applications/@me` and `GET /oauth2/applications/@me`.
pub(super) fn me(state: &mut State, _call: &Call) -> Answered {
    let params = json!({ "scopes": ["bot", "applications.commands"], "permissions": perms::ASKED_FOR.to_string() });
    let all = json!({ "0": { "oauth2_install_params": params.clone() },
        "1": { "oauth2_install_params": { "scopes": ["applications.commands"], "permissions": "0" } } });
    let config: serde_json::Map<String, Value> = (0..2)
        .filter(|kind| state.settings.integration_types.contains(kind))
        .map(|kind| (kind.to_string(), all[kind.to_string()].clone()))
        .collect();
    let installed = state.guilds.values().filter(|guild| guild.has_app).count();
    let users = state.users.values().filter(|user| user.has_app).count();
    let flags = state.app_flags();
    Ok(Reply::ok(
        json!({ "id": APP, "name": "Socrazi", "icon": null, "description": "SIMULATION", "summary": "", "type": null,
        "bot": state.user_json(APP), "bot_public": true, "bot_require_code_grant": false, "verify_key": PUBLIC_KEY, "flags": flags,
        "flags_new": flags.to_string(), "owner": state.user_json(super::people::ANA), "team": null, "tags": [], "rpc_origins": [],
        "redirect_uris": state.settings.redirect_uris, "interactions_endpoint_url": state.gateway.endpoint.as_ref().map(ToString::to_string),
        "role_connections_verification_url": null, "install_params": params, "integration_types_config": config,
        "approximate_guild_count": installed, "approximate_user_install_count": users, "approximate_user_authorization_count": 0,
        "event_webhooks_url": null, "event_webhooks_status": 1, "event_webhooks_types": [], "explicit_content_filter": 0,
        "eligible_oauth2_scopes": ["identify", "email", "guilds"] }),
    ))
}

/// `GET /gateway`.
pub(super) fn gateway(state: &mut State, _call: &Call) -> Answered {
    Ok(Reply::ok(json!({ "url": state.gateway_url() })))
}

/// `GET /gateway/bot`.
pub(super) fn gateway_bot(state: &mut State, _call: &Call) -> Answered {
    let settings = &state.settings;
    Ok(Reply::ok(json!({ "url": state.gateway_url(), "shards": settings.shards,
        "session_start_limit": { "total": settings.starts_total, "remaining": settings.starts_left, "reset_after": 14_400_000,
            "max_concurrency": 1 } })))
}
