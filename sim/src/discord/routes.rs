//! Which routes there are, who may call each, and which bucket it counts in. The frame around every call is in `api`.

use axum::http::Method;

use super::call::{Answered, Call};
use super::rates::Bucket;
use super::state::State;
use super::{app, channels, chat, commands, followup, interaction, oauth};

/// Who a route lets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wants {
    /// Anybody; a token in the path may say more.
    Nothing,
    Bot,
    /// The bot, or the app for a person.
    Any,
    /// The app for a person.
    Person,
    /// The app's id and secret.
    Client,
}

/// A route.
#[derive(Clone, Copy, Debug)]
pub(super) struct Route {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) work: fn(&mut State, &Call) -> Answered,
    pub(super) wants: Wants,
    pub(super) bucket: Bucket,
}

impl Route {
    pub(super) fn is(&self, method: &Method) -> bool {
        self.method == method.as_str()
    }

    const fn of(self, wants: Wants) -> Self {
        Self { wants, ..self }
    }
}

/// The channel, server or webhook that has a counter of its own.
pub(super) const MAJOR: [&str; 4] = ["channel_id", "guild_id", "webhook_id", "webhook_token"];

const POST_MESSAGE: Bucket = Bucket::new("message-create", 5, 5_000);
const EDIT_MESSAGE: Bucket = Bucket::new("message-edit", 5, 5_000);
const DELETE_MESSAGE: Bucket = Bucket::new("message-delete", 5, 1_000);
const REACT: Bucket = Bucket::new("reaction", 1, 250);
const TYPING: Bucket = Bucket::new("typing", 5, 5_000);
const THREADS: Bucket = Bucket::new("threads", 50, 300_000);
const DMS: Bucket = Bucket::new("dms", 10, 10_000);
const COMMANDS: Bucket = Bucket::new("commands", 5, 20_000);
const READING: Bucket = Bucket::new("reading", 50, 1_000);
const CALLBACK: Bucket = Bucket::new("callback", 50, 1_000).beside_global();
const FOLLOWUP: Bucket = Bucket::new("webhook", 5, 2_000).beside_global();
const OAUTH: Bucket = Bucket::new("oauth2", 50, 1_000).beside_global();

const fn route(
    method: &'static str,
    path: &'static str,
    work: fn(&mut State, &Call) -> Answered,
    bucket: Bucket,
) -> Route {
    Route { method, path, work, wants: Wants::Bot, bucket }
}

/// All routes below `/api/v10`, named as in Discord's own description.
pub(super) const ROUTES: &[Route] = &[
    route("GET", "/gateway", app::gateway, READING).of(Wants::Nothing),
    route("GET", "/gateway/bot", app::gateway_bot, READING),
    route("GET", "/applications/@me", app::me, READING),
    route("GET", "/oauth2/applications/@me", app::me, READING),
    route("GET", "/applications/{application_id}/commands", commands::list, READING),
    route("PUT", "/applications/{application_id}/commands", commands::replace, COMMANDS),
    route("POST", "/applications/{application_id}/commands", commands::create, COMMANDS),
    route("GET", "/applications/{application_id}/commands/{command_id}", commands::get, READING),
    route("DELETE", "/applications/{application_id}/commands/{command_id}", commands::delete, COMMANDS),
    route("GET", "/applications/{application_id}/guilds/{guild_id}/commands", commands::list, READING),
    route("PUT", "/applications/{application_id}/guilds/{guild_id}/commands", commands::replace, COMMANDS),
    route("POST", "/applications/{application_id}/guilds/{guild_id}/commands", commands::create, COMMANDS),
    route("GET", "/applications/{application_id}/guilds/{guild_id}/commands/{command_id}", commands::get, READING),
    route(
        "DELETE",
        "/applications/{application_id}/guilds/{guild_id}/commands/{command_id}",
        commands::delete,
        COMMANDS,
    ),
    route("GET", "/users/@me", channels::me, READING).of(Wants::Any),
    route("GET", "/users/@me/guilds", channels::my_guilds, READING),
    route("DELETE", "/users/@me/guilds/{guild_id}", channels::leave, READING),
    route("POST", "/users/@me/channels", channels::open_dm, DMS),
    route("GET", "/users/{user_id}", channels::user, READING),
    route("GET", "/guilds/{guild_id}", channels::get_guild, READING),
    route("GET", "/guilds/{guild_id}/channels", channels::guild_channels, READING),
    route("GET", "/guilds/{guild_id}/roles", channels::roles, READING),
    route("GET", "/guilds/{guild_id}/members/{user_id}", channels::member, READING),
    route("GET", "/channels/{channel_id}", channels::get, READING),
    route("PATCH", "/channels/{channel_id}", channels::edit, THREADS),
    route("POST", "/channels/{channel_id}/typing", channels::typing, TYPING),
    route("GET", "/channels/{channel_id}/messages", chat::list, READING),
    route("POST", "/channels/{channel_id}/messages", chat::create, POST_MESSAGE),
    route("GET", "/channels/{channel_id}/messages/{message_id}", chat::get, READING),
    route("PATCH", "/channels/{channel_id}/messages/{message_id}", chat::edit, EDIT_MESSAGE),
    route("DELETE", "/channels/{channel_id}/messages/{message_id}", chat::delete, DELETE_MESSAGE),
    route("PUT", "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me", chat::react, REACT),
    route("DELETE", "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me", chat::unreact, REACT),
    route("POST", "/channels/{channel_id}/messages/{message_id}/threads", channels::start_thread, THREADS),
    route("POST", "/channels/{channel_id}/threads", channels::start_thread, THREADS),
    route("PUT", "/channels/{channel_id}/thread-members/@me", channels::join_thread, THREADS),
    route("POST", "/interactions/{interaction_id}/{interaction_token}/callback", interaction::callback, CALLBACK)
        .of(Wants::Nothing),
    route("POST", "/webhooks/{webhook_id}/{webhook_token}", followup::create, FOLLOWUP).of(Wants::Nothing),
    route("GET", "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}", followup::get, FOLLOWUP)
        .of(Wants::Nothing),
    route("PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}", followup::edit, FOLLOWUP)
        .of(Wants::Nothing),
    route("DELETE", "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}", followup::delete, FOLLOWUP)
        .of(Wants::Nothing),
    route("POST", "/oauth2/token", oauth::token, OAUTH).of(Wants::Client),
    route("POST", "/oauth2/token/revoke", oauth::revoke, OAUTH).of(Wants::Client),
    route("GET", "/oauth2/@me", oauth::me, OAUTH).of(Wants::Person),
];
