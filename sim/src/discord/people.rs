//! Who and what is there from the beginning: two servers, four people, the app, a few channels; and how each of them looks on the wire.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::perms;

/// The app; its bot has the same id.
pub const APP: &str = "1010000000000000001";
/// A server where the app is installed from the start.
pub const ACME: &str = "1020000000000000001";
/// A server where the app is not installed.
pub const OTHER: &str = "1020000000000000002";
/// A role of the first server, which Ana has.
pub const EDITORS: &str = "1025000000000000001";
/// A channel that the app and all members see.
pub const GENERAL: &str = "1030000000000000001";
/// A channel that the app does not see.
pub const HIDDEN: &str = "1030000000000000002";
/// A channel of the second server.
pub const OTHER_GENERAL: &str = "1030000000000000003";
/// A conversation between Ana and Ben, where the app is not.
pub const GROUP: &str = "1030000000000000004";
/// Ana: English, owner of the first server, editor.
pub const ANA: &str = "1040000000000000001";
/// Ben: Japanese, a member.
pub const BEN: &str = "1040000000000000002";
/// Cleo: a member whom nobody knows.
pub const CLEO: &str = "1040000000000000003";
/// Dan: owner of the second server.
pub const DAN: &str = "1040000000000000004";
/// Ana's conversation with the app.
pub const DM_ANA: &str = "1050000000000000001";
/// Ben's conversation with the app.
pub const DM_BEN: &str = "1050000000000000002";

/// A text channel.
pub(super) const TEXT: u8 = 0;
/// A conversation of two.
pub(super) const DM: u8 = 1;
/// A conversation of several.
pub(super) const GROUP_DM: u8 = 3;
/// A thread that everybody in its channel sees.
pub(super) const PUBLIC_THREAD: u8 = 11;
/// A thread for some.
pub(super) const PRIVATE_THREAD: u8 = 12;
/// When everybody joined.
const JOINED: &str = "2026-01-01T00:00:00.000000+00:00";

/// What these servers have none of.
const NOTHING: [&str; 17] = [
    "icon",
    "icon_hash",
    "splash",
    "discovery_splash",
    "description",
    "home_header",
    "afk_channel_id",
    "application_id",
    "system_channel_id",
    "rules_channel_id",
    "max_presences",
    "vanity_url_code",
    "banner",
    "public_updates_channel_id",
    "safety_alerts_channel_id",
    "widget_channel_id",
    "incidents_data",
];

/// A person, or the app's bot.
#[derive(Clone, Debug)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) username: String,
    pub(super) global_name: Option<String>,
    pub(super) locale: String,
    pub(super) is_bot: bool,
    /// Whether the app may write to this person.
    pub(super) takes_dms: bool,
    /// Whether this person installed the app for themselves.
    pub(super) has_app: bool,
}

impl User {
    pub(super) fn new(id: &str, username: &str, global_name: &str, locale: &str) -> Self {
        Self {
            id: id.to_owned(),
            username: username.to_owned(),
            global_name: Some(global_name.to_owned()),
            locale: locale.to_owned(),
            is_bot: false,
            takes_dms: true,
            has_app: false,
        }
    }

    /// As others see them.
    pub(super) fn json(&self) -> Value {
        let discriminator = if self.is_bot { "4821" } else { "0" };
        let mut user = json!({ "id": self.id, "username": self.username, "discriminator": discriminator, "global_name": self.global_name,
            "avatar": null, "avatar_decoration_data": null, "banner": null, "accent_color": null, "collectibles": null,
            "primary_guild": null, "public_flags": 0, "flags": 0 });
        if self.is_bot {
            user["bot"] = json!(true);
        }
        user
    }

    /// As they see themselves.
    pub(super) fn own_json(&self) -> Value {
        let mut user = self.json();
        for (name, value) in [
            ("mfa_enabled", json!(self.is_bot)),
            ("verified", json!(true)),
            ("email", Value::Null),
            ("locale", json!(self.locale)),
        ] {
            user[name] = value;
        }
        user
    }
}

/// A server.
#[derive(Clone, Debug)]
pub(super) struct Guild {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) owner: String,
    pub(super) locale: String,
    /// Whether the app is installed.
    pub(super) has_app: bool,
    /// What the app may do here.
    pub(super) app_may: u64,
    /// Roles beside `@everyone`: id, name, permissions.
    pub(super) roles: Vec<(String, String, u64)>,
    /// People, and which roles they have.
    pub(super) members: BTreeMap<String, Vec<String>>,
}

impl Guild {
    pub(super) fn new(id: &str, name: &str, owner: &str, locale: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            owner: owner.to_owned(),
            locale: locale.to_owned(),
            has_app: false,
            app_may: perms::ASKED_FOR | perms::USE_APPLICATION_COMMANDS,
            roles: Vec::new(),
            members: BTreeMap::from([(owner.to_owned(), Vec::new())]),
        }
    }

    /// What a member may do.
    pub(super) fn permissions(&self, user: &str) -> u64 {
        if user == APP {
            return self.app_may;
        }
        if user == self.owner {
            return perms::MEMBER | perms::ADMINISTRATOR | perms::MANAGE_MESSAGES | perms::MANAGE_THREADS;
        }
        let held = self.members.get(user).map(Vec::as_slice).unwrap_or_default();
        let of_roles = self.roles.iter().filter(|role| held.contains(&role.0)).fold(0, |all, role| all | role.2);
        perms::MEMBER | of_roles
    }

    /// A member without the user in it.
    pub(super) fn member_json(&self, user: &str) -> Value {
        let roles = self.members.get(user).cloned().unwrap_or_default();
        json!({ "roles": roles, "joined_at": JOINED, "deaf": false, "mute": false, "flags": 0, "nick": null, "avatar": null, "banner": null,
            "pending": false, "premium_since": null, "communication_disabled_until": null })
    }

    pub(super) fn roles_json(&self) -> Vec<Value> {
        let everyone = (self.id.clone(), "@everyone".to_owned(), perms::MEMBER);
        let all = std::iter::once(&everyone).chain(&self.roles).enumerate();
        all.map(|(position, (id, name, permissions))| {
            json!({ "id": id, "name": name, "color": 0, "colors": { "primary_color": 0, "secondary_color": null, "tertiary_color": null },
                "hoist": false, "icon": null, "unicode_emoji": null, "description": null, "position": position,
                "permissions": permissions.to_string(), "managed": false, "mentionable": true, "flags": 0 })
        })
        .collect()
    }

    /// The server alone.
    pub(super) fn json(&self) -> Value {
        let mut shown = json!({ "id": self.id, "name": self.name, "owner_id": self.owner, "region": "deprecated", "afk_timeout": 300,
            "verification_level": 0, "default_message_notifications": 0, "explicit_content_filter": 0, "roles": self.roles_json(),
            "emojis": [], "stickers": [], "features": [], "mfa_level": 0, "system_channel_flags": 0, "max_members": 500_000,
            "premium_tier": 0, "premium_subscription_count": 0, "preferred_locale": self.locale, "max_video_channel_users": 25,
            "max_stage_video_channel_users": 50, "nsfw": false, "nsfw_level": 0, "premium_progress_bar_enabled": false,
            "widget_enabled": false });
        for name in NOTHING {
            shown[name] = Value::Null;
        }
        shown
    }
}

/// Where messages stand.
#[derive(Clone, Debug)]
pub(super) struct Channel {
    pub(super) id: String,
    pub(super) kind: u8,
    pub(super) guild: Option<String>,
    pub(super) name: String,
    /// The channel a thread hangs from.
    pub(super) parent: Option<String>,
    pub(super) owner: String,
    /// Who is in a conversation that belongs to no server, or in a private thread.
    pub(super) people: Vec<String>,
    /// What the app may not do here although the server lets it.
    pub(super) denied: u64,
    pub(super) is_archived: bool,
    pub(super) is_locked: bool,
    pub(super) archive_minutes: u64,
    pub(super) slow_s: u64,
    pub(super) last_message: Option<String>,
    pub(super) message_count: u64,
    pub(super) created: String,
}

impl Channel {
    pub(super) fn text(id: &str, guild: &str, name: &str) -> Self {
        Self {
            id: id.to_owned(),
            kind: TEXT,
            guild: Some(guild.to_owned()),
            name: name.to_owned(),
            parent: None,
            owner: String::new(),
            people: Vec::new(),
            denied: 0,
            is_archived: false,
            is_locked: false,
            archive_minutes: 1440,
            slow_s: 0,
            last_message: None,
            message_count: 0,
            created: JOINED.to_owned(),
        }
    }

    pub(super) fn private(id: &str, kind: u8, people: &[&str]) -> Self {
        let people = people.iter().map(|id| (*id).to_owned()).collect();
        Self { kind, guild: None, people, ..Self::text(id, "", "") }
    }

    pub(super) fn is_thread(&self) -> bool {
        self.parent.is_some()
    }

    /// Belongs to no server.
    pub(super) fn is_private(&self) -> bool {
        self.guild.is_none()
    }
}

/// The people of the beginning.
pub(super) fn users() -> BTreeMap<String, User> {
    let bot = User { global_name: None, is_bot: true, ..User::new(APP, "socrazi", "", "en-US") };
    let people = [
        User::new(ANA, "ana", "Ana", "en-US"),
        User::new(BEN, "ben", "Ben", "ja"),
        User::new(CLEO, "cleo", "Cleo", "en-GB"),
        User::new(DAN, "dan", "Dan", "en-US"),
    ];
    people.into_iter().chain([bot]).map(|user| (user.id.clone(), user)).collect()
}

/// The servers of the beginning.
pub(super) fn guilds() -> BTreeMap<String, Guild> {
    let mut acme = Guild { has_app: true, ..Guild::new(ACME, "Acme", ANA, "ja") };
    acme.roles.push((EDITORS.to_owned(), "Editors".to_owned(), 0));
    acme.members.insert(ANA.to_owned(), vec![EDITORS.to_owned()]);
    acme.members.insert(BEN.to_owned(), Vec::new());
    acme.members.insert(CLEO.to_owned(), Vec::new());
    let mut other = Guild::new(OTHER, "Other", DAN, "en-US");
    other.members.insert(ANA.to_owned(), Vec::new());
    [acme, other].into_iter().map(|guild| (guild.id.clone(), guild)).collect()
}

/// The channels of the beginning.
pub(super) fn channels() -> BTreeMap<String, Channel> {
    let hidden = Channel { denied: perms::VIEW_CHANNEL, ..Channel::text(HIDDEN, ACME, "hidden") };
    let all = [
        Channel::text(GENERAL, ACME, "general"),
        hidden,
        Channel::text(OTHER_GENERAL, OTHER, "general"),
        Channel::private(GROUP, GROUP_DM, &[ANA, BEN]),
        Channel::private(DM_ANA, DM, &[ANA]),
        Channel::private(DM_BEN, DM, &[BEN]),
    ];
    all.into_iter().map(|channel| (channel.id.clone(), channel)).collect()
}
