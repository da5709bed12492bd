//! What Discord delivers, whichever way it came: one reading for the gateway and for HTTP, lenient and from raw JSON (dossier §5). The id
//! of the interaction or the message makes it the same thing however often it is delivered.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Discord;
use super::api::{At, How, id};
use super::handle::{Handle, Mode};
use super::modal;
use crate::app::discord::{DISCORD, discord_member};
use crate::domain::lang::Lang;
use crate::domain::place::ChatPlace;
use crate::domain::tool::ToolError;
use crate::places::inbound::{File, Inbound, Press, Sheet, Spot, Typed, What};
use crate::places::verbs::Verb;

/// The two kinds of delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// A command, a press, a form.
    Interaction,
    /// A message.
    Message,
}

/// Kinds of channels (dossier §9).
const DIRECT: i64 = 1;
const THREADS: [i64; 3] = [10, 11, 12];
/// Where a person is not in a server: with our bot, or with others.
const BOT_DM: i64 = 1;

/// What is known of somebody from what they did last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// Their language.
    pub(super) lang: Option<Lang>,
    /// Their name.
    pub(super) name: String,
    /// Their server and their roles there.
    pub(super) roles: Option<(String, Vec<String>)>,
}

/// Permissions to write: in a channel, in a thread; whoever administers may everything (dossier §11).
const SEND: u64 = 1 << 11;
const SEND_IN_THREADS: u64 = 1 << 38;
const ADMINISTRATOR: u64 = 1 << 3;

/// Whether somebody may not write where they pressed something. In a server it is said; elsewhere there is nobody to say it.
fn is_muted(payload: &Value) -> bool {
    let may = payload["member"]["permissions"].as_str().and_then(|bits| bits.parse::<u64>().ok()).unwrap_or(0);
    let is_thread = payload["channel"]["type"].as_i64().is_some_and(|kind| THREADS.contains(&kind));
    let needed = ADMINISTRATOR | if is_thread { SEND_IN_THREADS } else { SEND };
    may & needed == 0
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// What a message says, without Discord's own marks: people and channels by their names, emoji of a server by theirs (dossier §8).
fn unmarked(message: &Value) -> String {
    let marked = message["content"].as_str().unwrap_or_default();
    let (mut plain, mut rest) = (String::with_capacity(marked.len()), marked);
    while let Some((before, behind)) = rest.split_once('<') {
        plain.push_str(before);
        let read = behind.split_once('>').and_then(|(mark, after)| Some((read_mark(mark, message)?, after)));
        match read {
            Some((read, after)) => {
                plain.push_str(&read);
                rest = after;
            }
            None => {
                plain.push('<');
                rest = behind;
            }
        }
    }
    plain.push_str(rest);
    plain
}

/// What stands between `<` and `>`; none when it is no mark.
fn read_mark(mark: &str, message: &Value) -> Option<String> {
    if let Some(name) = mark.strip_prefix("a:").or_else(|| mark.strip_prefix(':')) {
        let (name, number) = name.split_once(':')?;
        return number.parse::<u64>().ok().map(|_| format!(":{name}:"));
    }
    if mark.starts_with("https://") || mark.starts_with("http://") {
        // Written so that nothing is shown of what is behind it.
        return Some(mark.to_owned());
    }
    let named = |list_name: &str, number: &str, keys: [&str; 2]| {
        let found = list(&message[list_name]).iter().find(|one| one["id"] == number);
        let name = keys.into_iter().find_map(|key| found?[key].as_str().filter(|name| !name.is_empty()));
        name.unwrap_or(number).to_owned()
    };
    let number = mark.trim_start_matches(['@', '!', '&', '#']);
    number.parse::<u64>().ok()?;
    match mark.as_bytes() {
        [b'@', b'&', ..] => Some(format!("@{number}")),
        [b'@', ..] => Some(format!("@{}", named("mentions", number, ["global_name", "username"]))),
        [b'#', ..] => Some(format!("#{}", named("mention_channels", number, ["name", "name"]))),
        _ => None,
    }
}

/// Who did an interaction.
pub(super) fn user_of(payload: &Value) -> Option<&Value> {
    [&payload["member"]["user"], &payload["user"], &payload["author"]]
        .into_iter()
        .find(|user| id(&user["id"]).is_some())
}

/// What a delivery says of who did it.
pub(super) fn known(payload: &Value) -> Known {
    let user = user_of(payload).cloned().unwrap_or_default();
    let names = [&payload["member"]["nick"], &user["global_name"], &user["username"]];
    let name = names.into_iter().find_map(|name| name.as_str().filter(|name| !name.is_empty()));
    let guild = payload["guild_id"].as_str().filter(|_| payload["member"].is_object());
    let roles = guild.map(|guild| (guild.to_owned(), list(&payload["member"]["roles"]).iter().map(text).collect()));
    let lang = match payload["locale"].as_str() {
        Some(locale) => Lang::find(locale),
        // Messages carry no language; kana are only ever Japanese.
        None => payload["content"].as_str().filter(|words| words.contains(is_kana)).map(|_| Lang::Ja),
    };
    Known { lang, name: name.unwrap_or_default().to_owned(), roles }
}

fn is_kana(c: char) -> bool {
    ('\u{3041}'..='\u{30ff}').contains(&c)
}

impl Discord {
    /// Reads a delivery; none when it is nothing for us. `me` is who we were when it came.
    pub(super) async fn inbound(
        &self,
        kind: Kind,
        payload: &Value,
        (at, me): (i64, Option<u64>),
    ) -> Result<Option<Inbound>, ToolError> {
        if let Some(user) = user_of(payload) {
            self.meet(&text(&user["id"]), known(payload));
        }
        match kind {
            Kind::Interaction => self.interaction(payload, at).await,
            Kind::Message => self.message(payload, me).await,
        }
    }

    async fn interaction(&self, payload: &Value, at: i64) -> Result<Option<Inbound>, ToolError> {
        let found = id(&payload["id"]).zip(id(&payload["application_id"])).zip(user_of(payload));
        let Some(((interaction, application), user)) = found else { return Ok(None) };
        let user = text(&user["id"]);
        let data = &payload["data"];
        let way =
            |mode: Mode| Handle { mode, user: user.clone(), at, application, token: text(&payload["token"]) }.text();
        let what = match payload["type"].as_i64() {
            Some(2) if data["type"].as_i64() == Some(3) => {
                let message = &data["resolved"]["messages"][text(&data["target_id"])];
                let words = unmarked(message);
                What::New { trigger: String::new(), text: words, reply: Some(way(Mode::Thinking)) }
            }
            Some(2) => {
                let Some(verb) = verb(data) else { return Ok(None) };
                let spot = spot(payload);
                let (channel, is_direct) = (spot.channel, spot.is_direct);
                let reply = way(if is_direct { Mode::Direct } else { Mode::Thinking });
                What::Command { verb, at: Typed { channel, is_direct, reply, trigger: String::new() } }
            }
            Some(3) => {
                let Some((action, kept)) = self.meaning(&data["custom_id"]).await? else { return Ok(None) };
                let chosen = list(&data["values"]).first().and_then(Value::as_str);
                let message = &payload["message"];
                What::Pressed(Press {
                    action,
                    value: match chosen {
                        Some(chosen) if kept.is_empty() => chosen.to_owned(),
                        Some(chosen) => format!("{kept} {chosen}"),
                        None => kept,
                    },
                    spot: spot(payload),
                    ts: text(&message["id"]),
                    reply: Some(way(Mode::Quiet)),
                    trigger: String::new(),
                    view: String::new(),
                    is_ephemeral: message["flags"]
                        .as_u64()
                        .is_some_and(|flags| flags & super::components::EPHEMERAL != 0),
                    is_home: false,
                    is_muted: is_muted(payload),
                })
            }
            Some(5) => {
                let found = self.meaning(&data["custom_id"]).await?;
                let Some((form, about)) = found.and_then(|(action, value)| modal::form_of(&action, &value)) else {
                    return Ok(None);
                };
                // From a card: the card changes. From a command: the answer is a message of its own.
                let mode = if payload["message"].is_object() { Mode::Quiet } else { Mode::Thinking };
                What::Submitted(Sheet {
                    form,
                    about,
                    values: modal::values(&data["components"]),
                    reply: Some(way(mode)),
                })
            }
            _ => return Ok(None),
        };
        Ok(Some(Inbound {
            key: format!("discord interaction {interaction}"),
            event_id: None,
            team: team(payload),
            member: discord_member(&user),
            what,
        }))
    }

    /// What a button or a form stands for.
    async fn meaning(&self, custom_id: &Value) -> Result<Option<(String, String)>, ToolError> {
        let custom_id = custom_id.as_str().unwrap_or_default();
        let offered = custom_id.split_once('~').map_or(custom_id, |(offered, _)| offered);
        self.hall.app.offered(ChatPlace::Discord, offered).await
    }

    /// A person's message to us; everything else in servers is not ours to read.
    async fn message(&self, payload: &Value, me: Option<u64>) -> Result<Option<Inbound>, ToolError> {
        let author = &payload["author"];
        let is_persons = author["bot"] != true
            && payload["webhook_id"].is_null()
            && matches!(payload["type"].as_i64(), Some(0 | 19));
        let found = id(&payload["id"]).zip(id(&payload["channel_id"])).zip(id(&author["id"]));
        let Some(((message, channel), user)) = found.filter(|_| is_persons) else { return Ok(None) };
        let calls_us = list(&payload["mentions"]).iter().any(|mentioned| id(&mentioned["id"]) == me && me.is_some());
        let spot = if payload["guild_id"].is_null() {
            Spot { channel: channel.to_string(), thread: String::new(), is_direct: true }
        } else {
            let thread = self.thread(channel).await;
            // Without a mention only in a conversation that is ours, and only when we may read there.
            let is_ours = self.reads_all && thread.as_ref().is_some_and(|(_, owner)| Some(*owner) == me);
            if !calls_us && !is_ours {
                return Ok(None);
            }
            match thread {
                Some((parent, _)) => {
                    Spot { channel: parent.to_string(), thread: channel.to_string(), is_direct: false }
                }
                // The thread that begins at a message has its id.
                None => Spot { channel: channel.to_string(), thread: message.to_string(), is_direct: false },
            }
        };
        let words = text(&payload["content"]);
        let words = match me {
            Some(me) => words.replace(&format!("<@{me}>"), " ").replace(&format!("<@!{me}>"), " "),
            None => words,
        };
        let file = |attached: &Value| {
            let alt = attached["description"].as_str().filter(|alt| !alt.is_empty()).map(str::to_owned);
            Some(File { name: text(&attached["filename"]), url: attached["url"].as_str()?.to_owned(), alt })
        };
        let files = list(&payload["attachments"]).iter().filter_map(file).collect();
        Ok(Some(Inbound {
            key: format!("discord said {channel} {message}"),
            event_id: None,
            team: team(payload),
            member: discord_member(&user.to_string()),
            what: What::Said { spot, text: words.trim().to_owned(), files },
        }))
    }

    /// The channel that a thread belongs to, and whose the thread is; nothing when the channel is no thread. Asked once.
    async fn thread(&self, channel: u64) -> Option<(u64, u64)> {
        if let Some(known) = self.threads.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get(&channel) {
            return *known;
        }
        let asked = self.api.call(How::Get, At::Channel(channel), None).await;
        let told = match asked {
            Ok(told) => told,
            Err(fault) => {
                tracing::info!(error = %fault, "a channel of Discord could not be looked at; it is taken for no thread");
                return None;
            }
        };
        let is_thread = told["type"].as_i64().is_some_and(|kind| THREADS.contains(&kind));
        let found =
            id(&told["parent_id"]).filter(|_| is_thread).map(|parent| (parent, id(&told["owner_id"]).unwrap_or(0)));
        let mut threads = self.threads.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if threads.len() >= super::KNOWN_MAX {
            threads.clear();
        }
        threads.insert(channel, found);
        found
    }
}

/// Where somebody is; people are the same everywhere, so outside servers it is Discord itself.
fn team(payload: &Value) -> String {
    payload["guild_id"].as_str().map_or_else(|| DISCORD.to_owned(), str::to_owned)
}

/// Where an interaction happened.
fn spot(payload: &Value) -> Spot {
    let channel = &payload["channel"];
    let here = text(&payload["channel_id"]);
    let kind = channel["type"].as_i64();
    let is_direct = payload["guild_id"].is_null()
        && (kind == Some(DIRECT) || kind.is_none())
        && payload["context"].as_i64().is_none_or(|context| context == BOT_DM);
    match id(&channel["parent_id"]).filter(|_| kind.is_some_and(|kind| THREADS.contains(&kind))) {
        Some(parent) => Spot { channel: parent.to_string(), thread: here, is_direct },
        None => Spot { channel: here, thread: String::new(), is_direct },
    }
}

/// What a command means: its subcommand with the options.
fn verb(data: &Value) -> Option<Verb> {
    let sub = list(&data["options"]).first()?;
    let option = |name: &str| {
        let found = list(&sub["options"]).iter().find(|option| option["name"] == name);
        found.and_then(|option| option["value"].as_str()).map(str::trim).filter(|value| !value.is_empty())
    };
    let owned = |name: &str| option(name).map(str::to_owned);
    Some(match sub["name"].as_str()? {
        "draft" => Verb::Draft {
            text: owned("text").unwrap_or_default(),
            accounts: option("account").into_iter().map(str::to_owned).collect(),
        },
        "schedule" => Verb::Schedule { post: owned("post"), when: owned("when").unwrap_or_default() },
        "publish" => Verb::Publish(owned("post")),
        "calendar" => Verb::Calendar,
        "report" => Verb::Report,
        "accounts" => Verb::Accounts,
        "history" => Verb::History,
        "forget" => Verb::Forget,
        "pause" => Verb::Pause,
        "resume" => Verb::Resume,
        "why" => Verb::Why(owned("post")),
        "link" => Verb::Link(owned("code").unwrap_or_default()),
        "ask" => Verb::Say(owned("text").unwrap_or_default()),
        "settings" => match (option("language").and_then(Lang::find), owned("zone")) {
            (None, None) => Verb::Settings,
            (lang, zone) => Verb::Set { lang, zone },
        },
        _ => Verb::Help,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn subcommands_are_verbs() {
        let data = |name: &str, options: Value| json!({ "name": "socrazi", "options": [{ "name": name, "type": 1, "options": options }] });
        let rows = [
            (data("draft", json!([])), Verb::Draft { text: String::new(), accounts: Vec::new() }),
            (
                data(
                    "draft",
                    json!([{ "name": "text", "value": "We are live" }, { "name": "account", "value": "acc_1" }]),
                ),
                Verb::Draft { text: "We are live".into(), accounts: vec!["acc_1".into()] },
            ),
            (
                data("schedule", json!([{ "name": "when", "value": "明日の朝9時" }])),
                Verb::Schedule { post: None, when: "明日の朝9時".into() },
            ),
            (
                data("settings", json!([{ "name": "language", "value": "ja" }])),
                Verb::Set { lang: Some(Lang::Ja), zone: None },
            ),
            (data("settings", json!([])), Verb::Settings),
            (data("nonsense", json!([])), Verb::Help),
        ];
        for (data, expected) in rows {
            assert_eq!(verb(&data), Some(expected), "{data}");
        }
        assert_eq!(verb(&json!({})), None);
    }

    #[test]
    fn what_discord_marks_is_read_as_it_was_written() {
        let message = json!({ "content": "Hi <@300>, <:wave:1> <a:dance:2> in <#7>: <https://example.com/a> 1 < 2 <3 <@!301>",
            "mentions": [{ "id": "300", "username": "ana", "global_name": "Ana" }] });
        assert_eq!(unmarked(&message), "Hi @Ana, :wave: :dance: in #7: https://example.com/a 1 < 2 <3 @301");
    }

    #[test]
    fn a_press_in_a_thread_belongs_to_its_conversation() {
        let payload = json!({ "guild_id": "7", "channel_id": "9", "channel": { "id": "9", "type": 11, "parent_id": "2" }, "context": 0 });
        assert_eq!(spot(&payload), Spot { channel: "2".into(), thread: "9".into(), is_direct: false });
        let direct = json!({ "channel_id": "5", "channel": { "id": "5", "type": 1 }, "context": 1 });
        assert!(spot(&direct).is_direct);
        let group = json!({ "channel_id": "5", "channel": { "id": "5", "type": 3 }, "context": 2 });
        assert!(!spot(&group).is_direct, "others read along");
    }

    #[test]
    fn whoever_may_not_write_somewhere_has_nothing_said_there() {
        let payload =
            |may: u64, kind: u64| json!({ "member": { "permissions": may.to_string() }, "channel": { "type": kind } });
        assert!(!is_muted(&payload(SEND | 1, 0)) && !is_muted(&payload(ADMINISTRATOR, 0)));
        assert!(is_muted(&payload(SEND_IN_THREADS, 0)), "in threads alone");
        assert!(is_muted(&payload(SEND, 11)) && !is_muted(&payload(SEND_IN_THREADS, 11)));
        assert!(is_muted(&json!({ "user": { "id": "300" } })), "outside servers nobody says so");
    }

    #[test]
    fn who_somebody_is_comes_from_the_delivery_itself() {
        let payload = json!({ "guild_id": "7", "locale": "ja", "member": { "nick": null, "roles": ["70"],
            "user": { "id": "300", "username": "alice", "global_name": "Alice" } } });
        let found = known(&payload);
        assert_eq!((found.lang, found.name.as_str()), (Some(Lang::Ja), "Alice"));
        assert_eq!(found.roles, Some(("7".into(), vec!["70".into()])));
        assert_eq!(
            known(&json!({ "author": { "id": "1", "username": "b" }, "content": "こんにちは" })).lang,
            Some(Lang::Ja)
        );
    }
}
