//! Who and what is there from the beginning: two workspaces, three people, the app, a few channels.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The workspace where the app is installed from the start.
pub const TEAM: &str = "T0ACME";
/// A second workspace, where nothing is installed yet.
pub const TEAM_TWO: &str = "T0TWO";
/// The organisation of an org-wide install (dossier §15).
pub const ENTERPRISE: &str = "E0ORG";
/// Ana: English, New York.
pub const ANA: &str = "U0ANA";
/// Ben: Japanese, Tokyo.
pub const BEN: &str = "U0BEN";
/// Somebody in the second workspace.
pub const USER_TWO: &str = "U0TWO";
/// The app's person in the first workspace.
pub const BOT_USER: &str = "U0BOT";
/// The app's bot in the first workspace.
pub const BOT: &str = "B0BOT";
/// The app.
pub const APP: &str = "A0SOC";
/// A public channel with Ana, Ben and the app.
pub const GENERAL: &str = "C0GEN";
/// A public channel without the app.
pub const RANDOM: &str = "C0RAND";
/// A private channel without the app.
pub const PRIVATE: &str = "C0PRIV";
/// A public channel of the second workspace.
pub const GENERAL_TWO: &str = "C0TWO";
/// Ana's conversation with the app.
pub const DM_ANA: &str = "D0ANA";
/// Ben's conversation with the app.
pub const DM_BEN: &str = "D0BEN";

/// A person.
#[derive(Clone, Debug)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) team: String,
    pub(super) name: String,
    pub(super) real_name: String,
    pub(super) tz: String,
    pub(super) tz_offset: i64,
    pub(super) locale: String,
    pub(super) is_bot: bool,
}

/// What kind of conversation a channel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Public,
    Private,
    Dm,
}

/// A conversation.
#[derive(Clone, Debug)]
pub(super) struct Channel {
    pub(super) id: String,
    pub(super) team: String,
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) members: Vec<String>,
    pub(super) is_archived: bool,
    pub(super) last_us: i64,
}

/// The app's person and bot in a workspace.
pub(super) fn bot_of(team: &str) -> (String, String) {
    if team == TEAM {
        return (BOT_USER.to_owned(), BOT.to_owned());
    }
    let rest = team.trim_start_matches(['T', 'E']);
    (format!("U{rest}BOT"), format!("B{rest}BOT"))
}

/// What a workspace is called: name and domain.
pub(super) fn team_names(team: &str) -> (&'static str, &'static str) {
    match team {
        TEAM => ("Acme", "acme"),
        TEAM_TWO => ("Two", "two"),
        _ => ("Org", "org"),
    }
}

impl User {
    fn new(id: &str, team: &str, name: &str, zone: (&str, i64), locale: &str) -> Self {
        let mut letters = name.chars();
        let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        Self {
            id: id.to_owned(),
            team: team.to_owned(),
            name: name.to_owned(),
            real_name: format!("{first}{}", letters.as_str()),
            tz: zone.0.to_owned(),
            tz_offset: zone.1,
            locale: locale.to_owned(),
            is_bot: false,
        }
    }

    fn bot(team: &str) -> Self {
        let id = bot_of(team).0;
        Self { is_bot: true, ..Self::new(&id, team, "socrazi", ("America/Los_Angeles", -28_800), "en-US") }
    }

    /// As `users.info` shows it; the locale only when asked for (dossier §7).
    pub(super) fn json(&self, with_locale: bool) -> Value {
        let mut user = json!({ "id": self.id, "team_id": self.team, "name": self.name, "deleted": false, "real_name": self.real_name,
            "tz": self.tz, "tz_label": self.tz, "tz_offset": self.tz_offset, "is_bot": self.is_bot, "is_app_user": false, "is_admin": false,
            "is_owner": false, "is_restricted": false, "is_ultra_restricted": false, "updated": 1_795_000_000,
            "profile": { "real_name": self.real_name, "display_name": self.name, "real_name_normalized": self.real_name,
                "display_name_normalized": self.name, "team": self.team } });
        if with_locale {
            user["locale"] = json!(self.locale);
        }
        user
    }

    /// The address that Sign in with Slack tells.
    pub(super) fn email(&self) -> String {
        format!("{}@{}.example", self.name, team_names(&self.team).1)
    }
}

impl Channel {
    fn new(id: &str, team: &str, name: &str, kind: Kind, members: &[&str]) -> Self {
        Self {
            id: id.to_owned(),
            team: team.to_owned(),
            name: name.to_owned(),
            kind,
            members: members.iter().map(|member| (*member).to_owned()).collect(),
            is_archived: false,
            last_us: 0,
        }
    }

    /// The conversation of somebody with the app.
    pub(super) fn dm(user: &User) -> Self {
        let bot = bot_of(&user.team).0;
        Self::new(&dm_id(&user.id), &user.team, "directmessage", Kind::Dm, &[&user.id, &bot])
    }

    /// Whether somebody is in it.
    pub(super) fn has(&self, user: &str) -> bool {
        self.members.iter().any(|member| member == user)
    }

    /// Its name in commands and interactions (dossier §4).
    pub(super) fn shown_name(&self) -> &str {
        match self.kind {
            Kind::Public => &self.name,
            Kind::Private => "privategroup",
            Kind::Dm => "directmessage",
        }
    }

    /// `channel_type` of message events.
    pub(super) fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Public => "channel",
            Kind::Private => "group",
            Kind::Dm => "im",
        }
    }

    /// As `conversations.info` shows it.
    pub(super) fn json(&self) -> Value {
        let (bot, _) = bot_of(&self.team);
        match self.kind {
            Kind::Dm => {
                let other = self.members.iter().find(|member| **member != bot);
                json!({ "id": self.id, "created": 1_795_000_000, "is_im": true, "is_org_shared": false, "user": other,
                    "is_archived": false, "is_user_deleted": false, "context_team_id": self.team })
            }
            kind => json!({ "id": self.id, "name": self.name, "name_normalized": self.name, "created": 1_795_000_000,
                "is_channel": kind == Kind::Public, "is_group": kind == Kind::Private, "is_im": false, "is_mpim": false,
                "is_private": kind == Kind::Private, "is_archived": self.is_archived, "is_general": false, "is_shared": false,
                "is_member": self.has(&bot), "context_team_id": self.team, "topic": { "value": "" }, "purpose": { "value": "" } }),
        }
    }
}

/// The id of somebody's conversation with the app.
pub(super) fn dm_id(user: &str) -> String {
    format!("D{}", user.get(1..).unwrap_or_default())
}

/// Everybody.
pub(super) fn users() -> Vec<User> {
    vec![
        User::new(ANA, TEAM, "ana", ("America/New_York", -18_000), "en-US"),
        User::new(BEN, TEAM, "ben", ("Asia/Tokyo", 32_400), "ja-JP"),
        User::bot(TEAM),
        User::new(USER_TWO, TEAM_TWO, "tia", ("Europe/Berlin", 3_600), "en-GB"),
        User::bot(TEAM_TWO),
    ]
}

/// The channels; conversations with the app come when they are first used.
pub(super) fn channels() -> BTreeMap<String, Channel> {
    let two = bot_of(TEAM_TWO).0;
    [
        Channel::new(GENERAL, TEAM, "general", Kind::Public, &[ANA, BEN, BOT_USER]),
        Channel::new(RANDOM, TEAM, "random", Kind::Public, &[ANA, BEN]),
        Channel::new(PRIVATE, TEAM, "private", Kind::Private, &[ANA]),
        Channel::new(GENERAL_TWO, TEAM_TWO, "general", Kind::Public, &[USER_TWO, &two]),
    ]
    .into_iter()
    .map(|channel| (channel.id.clone(), channel))
    .collect()
}
