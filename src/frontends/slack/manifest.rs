//! The app manifest for this server (dossier §14): pasted once at api.slack.com/apps.

use serde_json::{Value, json};
use url::Url;

use crate::app::slack::BOT_SCOPES;

/// How the app is reached and installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Socket Mode: nothing of this server needs to be reachable.
    Socket,
    /// Over HTTP, with one pasted bot token: it must not end by itself, for nobody could renew it.
    HttpOneTeam,
    /// Over HTTP, installed with `slack.client_id`: its tokens end every twelve hours and are renewed.
    HttpAnyTeam,
}

/// Where people talk with the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// As an agent: what Slack gives new apps.
    Agent,
    /// As an assistant: for teams that do not have the agents' view yet.
    Assistant,
}

/// What it is told of channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hears {
    /// What calls it.
    Mentions,
    /// What is said in channels it is in, for follow-ups without a mention (`slack.channel_messages`).
    Channels,
}

/// The manifest for a public address.
#[must_use]
pub fn manifest(public: &Url, way: Way, view: View, hears: Hears) -> Value {
    let is_socket = way == Way::Socket;
    let at = |path: &str| format!("{}/{path}", public.as_str().trim_end_matches('/'));
    let prompts = json!([
        { "title": "Draft a post", "message": "Draft a post about our latest news" },
        { "title": "下書きを作る", "message": "新機能の告知を下書きして" },
        { "title": "What is next?", "message": "What is scheduled this week?" },
    ]);
    let mut command = json!({ "command": "/socrazi", "description": "Draft, schedule and publish posts",
        "usage_hint": "[draft|schedule|publish|calendar|help] …", "should_escape": false });
    let told: &[&str] = match view {
        View::Agent => &["agent_session_stopped"],
        View::Assistant => &["assistant_thread_started", "assistant_thread_context_changed"],
    };
    let told: Vec<_> = ["app_home_opened", "app_mention", "app_uninstalled", "message.im", "tokens_revoked"]
        .iter()
        .chain(told)
        .collect();
    let mut told = told;
    let mut scopes = BOT_SCOPES.to_vec();
    if hears == Hears::Channels {
        told.extend([&"message.channels", &"message.groups"]);
        scopes.extend(["channels:history", "groups:history"]);
    }
    let mut events = json!({ "bot_events": told });
    let mut interactivity = json!({ "is_enabled": true });
    if !is_socket {
        command["url"] = at("slack/commands").into();
        events["request_url"] = at("slack/events").into();
        interactivity["request_url"] = at("slack/interactions").into();
    }
    let about = "Drafts, schedules and publishes your posts";
    let (view, shown) = match view {
        View::Agent => ("agent_view", json!({ "agent_description": about, "suggested_prompts": prompts })),
        View::Assistant => ("assistant_view", json!({ "assistant_description": about, "suggested_prompts": prompts })),
    };
    let mut manifest = json!({
        "_metadata": { "major_version": 2, "minor_version": 1 },
        "display_information": { "name": "Socrazi", "description": "Drafts, schedules and publishes your posts, exactly once",
            "background_color": "#1d2b53" },
        "features": {
            "app_home": { "home_tab_enabled": true, "messages_tab_enabled": true, "messages_tab_read_only_enabled": false },
            "bot_user": { "display_name": "Socrazi", "always_online": true },
            "slash_commands": [command],
            "shortcuts": [
                { "name": "Make a post of this", "type": "message", "callback_id": "draft_from_message", "description": "Drafts a post from this message" },
                { "name": "New post", "type": "global", "callback_id": "new_post", "description": "Drafts a post" },
            ],
        },
        "oauth_config": {
            "redirect_urls": [at("slack/oauth"), at("slack/signin/callback")],
            "scopes": { "bot": scopes },
        },
        "settings": {
            "event_subscriptions": events,
            "interactivity": interactivity,
            "org_deploy_enabled": true,
            "socket_mode_enabled": is_socket,
            "token_rotation_enabled": way == Way::HttpAnyTeam,
        },
    });
    manifest["features"][view] = shown;
    manifest
}
