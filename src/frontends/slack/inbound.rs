//! What Slack delivers, whichever way it came: one type for HTTP and Socket Mode, parsed leniently from raw JSON (dossier §§3–5, §17).
//! `key` makes it the same thing however often and under whatever id it is delivered.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::blocks::action_of;
use super::modal;
use crate::domain::place::{ChatPlace, Member};
use crate::places::inbound::{File, Inbound, Press, Sheet, Spot, Typed, What};
use crate::places::verbs::Verb;

/// The three kinds of delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// A slash command.
    Command,
    /// An event.
    Event,
    /// A button, a modal, a shortcut.
    Interaction,
}

/// Reads a delivery; none when it is nothing for us: our own messages, edits, joins, other apps.
pub(super) fn read(kind: Kind, payload: &Value) -> Option<Inbound> {
    match kind {
        Kind::Command => command(payload),
        Kind::Event => event(payload),
        Kind::Interaction => interaction(payload),
    }
}

fn spot(channel: String, thread: String) -> Spot {
    let is_direct = channel.starts_with('D');
    Spot { channel, thread, is_direct }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn optional(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// On Enterprise Grid people are people of the organisation.
fn member(enterprise: &Value, team: &str, user: &Value) -> Option<Member> {
    let team = optional(enterprise).unwrap_or_else(|| team.to_owned());
    Some(Member { place: ChatPlace::Slack, team, id: optional(user)? })
}

fn command(payload: &Value) -> Option<Inbound> {
    let enterprise = &payload["enterprise_id"];
    let team = optional(&payload["team_id"]).or_else(|| optional(enterprise))?;
    let trigger = optional(&payload["trigger_id"])?;
    Some(Inbound {
        key: format!("slack command {team} {trigger}"),
        event_id: None,
        member: member(enterprise, &team, &payload["user_id"])?,
        team,
        what: What::Command {
            verb: Verb::read(&plain(payload["text"].as_str().unwrap_or_default())),
            at: Typed {
                channel: text(&payload["channel_id"]),
                is_direct: payload["channel_id"].as_str().is_some_and(|channel| channel.starts_with('D')),
                reply: text(&payload["response_url"]),
                trigger,
            },
        },
    })
}

/// What a person wrote, without Slack's own marks (dossier §16): links, people, channels and dates as they are read, and the three
/// characters that Slack escapes.
pub(super) fn plain(marked: &str) -> String {
    let (mut plain, mut rest) = (String::with_capacity(marked.len()), marked);
    while let Some((before, behind)) = rest.split_once('<') {
        plain.push_str(before);
        let Some((mark, after)) = behind.split_once('>') else {
            plain.push('<');
            rest = behind;
            continue;
        };
        plain.push_str(&read_mark(mark));
        rest = after;
    }
    plain.push_str(rest);
    plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// What stands between `<` and `>`. An address that was typed without its beginning is kept whole: it is what is opened.
fn read_mark(mark: &str) -> String {
    let (what, label) = mark.split_once('|').map_or((mark, None), |(what, label)| (what, Some(label)));
    let label = label.filter(|label| !label.is_empty());
    match what.as_bytes().first() {
        Some(b'@') => format!("@{}", label.unwrap_or(&what[1..]).trim_start_matches('@')),
        Some(b'#') => format!("#{}", label.unwrap_or(&what[1..]).trim_start_matches('#')),
        Some(b'!') => match label {
            Some(label) => label.to_owned(),
            // `<!here>` calls people; `<!subteam^S1>` is one of their groups.
            None => format!("@{}", what[1..].split('^').next().unwrap_or_default()),
        },
        Some(_) => what.strip_prefix("mailto:").or_else(|| what.strip_prefix("tel:")).unwrap_or(what).to_owned(),
        None => String::new(),
    }
}

fn event(payload: &Value) -> Option<Inbound> {
    let event = &payload["event"];
    let enterprise = &payload["enterprise_id"];
    let team = optional(&payload["team_id"]).or_else(|| optional(enterprise))?;
    let event_id = optional(&payload["event_id"]);
    let authorized = &payload["authorizations"][0];
    let by_id = |what: &str| event_id.as_ref().map(|id| format!("slack {what} {team} {id}"));
    let (user, key, what) = match event["type"].as_str()? {
        "app_mention" | "message" => {
            let (spot, key, said) = message(payload, authorized, &team)?;
            // Told twice, as a mention and as a message: the same thing.
            (event["user"].clone(), format!("slack said {team} {} {key}", spot.channel), said)
        }
        "app_home_opened" => match event["tab"].as_str() {
            Some("messages") => {
                let spot = spot(text(&event["channel"]), String::new());
                (event["user"].clone(), by_id("opened")?, What::Opened(spot))
            }
            _ => (event["user"].clone(), by_id("home")?, What::Home),
        },
        "assistant_thread_started" => {
            let thread = &event["assistant_thread"];
            let spot = spot(text(&thread["channel_id"]), text(&thread["thread_ts"]));
            (thread["user_id"].clone(), by_id("opened")?, What::Opened(spot))
        }
        "agent_session_stopped" => {
            let spot = spot(text(&event["channel"]), text(&event["thread_ts"]));
            (event["user"].clone(), by_id("stopped")?, What::Stopped(spot))
        }
        "app_uninstalled" => ("-".into(), by_id("gone")?, gone(payload)),
        "tokens_revoked" if event["tokens"]["bot"].as_array().is_some_and(|bots| !bots.is_empty()) => {
            ("-".into(), by_id("gone")?, gone(payload))
        }
        _ => return None,
    };
    let member = member(enterprise, &team, &user)?;
    // What was installed for a whole organisation ends with it.
    let is_org = matches!(what, What::Uninstalled | What::Gone { .. }) && authorized["is_enterprise_install"] == true;
    let team = if is_org { member.team.clone() } else { team };
    Some(Inbound { key, event_id, team, member, what })
}

/// The app was taken out, to the second; told late or again, it does not end what was installed since.
fn gone(payload: &Value) -> What {
    const TO_THE_END_OF_THE_SECOND: i64 = 999;
    let at_ms = |at: i64| at.saturating_mul(1000).saturating_add(TO_THE_END_OF_THE_SECOND);
    payload["event_time"].as_i64().map_or(What::Uninstalled, |at| What::Gone { at_ms: at_ms(at) })
}

/// Whether somebody is of another company (Slack Connect). Teams of one organisation are no strangers to each other: where Slack says that
/// a channel is shared with nobody outside, whoever speaks there belongs to it.
fn is_foreign(payload: &Value, team: &str) -> bool {
    let event = &payload["event"];
    let enterprise = payload["enterprise_id"].as_str();
    let is_other = |other: &Value| other.as_str().is_some_and(|other| other != team && Some(other) != enterprise);
    let is_inside = enterprise.is_some() && payload["is_ext_shared_channel"] == false;
    !is_inside && [&event["user_team"], &event["source_team"]].into_iter().any(is_other)
}

/// A person's message to us; everything else in channels is not ours to read (dossier §3.4).
fn message(payload: &Value, authorized: &Value, team: &str) -> Option<(Spot, String, What)> {
    let event = &payload["event"];
    let is_mention = event["type"] == "app_mention";
    let is_ours = event["bot_id"].is_string() || (event["user"].is_string() && event["user"] == authorized["user_id"]);
    let is_plain = matches!(event["subtype"].as_str(), None | Some("file_share" | "thread_broadcast"));
    let is_direct =
        event["channel_type"] == "im" || event["channel"].as_str().is_some_and(|channel| channel.starts_with('D'));
    let bot = authorized["user_id"].as_str().unwrap_or_default();
    let words = event["text"].as_str().unwrap_or_default();
    let calls_us = is_mention || (!bot.is_empty() && words.contains(&format!("<@{bot}>")));
    let ts = optional(&event["ts"])?;
    // Whether a thread is one of ours is asked before anything is kept ([`is_overheard`]).
    let is_follow_up = optional(&event["thread_ts"]).is_some_and(|thread| thread != ts);
    if is_ours || !is_plain || is_foreign(payload, team) || !(is_direct || calls_us || is_follow_up) {
        return None;
    }
    let thread = optional(&event["thread_ts"]).unwrap_or_else(|| ts.clone());
    let spot = spot(text(&event["channel"]), thread);
    let words = if bot.is_empty() { without_first_mention(words) } else { words.replace(&format!("<@{bot}>"), " ") };
    let files = event["files"].as_array().map(Vec::as_slice).unwrap_or_default();
    let files = files.iter().filter_map(|file| {
        let (name, alt) = (text(&file["name"]), optional(&file["alt_txt"]));
        Some(File { name, url: optional(&file["url_private_download"])?, alt })
    });
    let said = What::Said { spot: spot.clone(), text: plain(words.trim()), files: files.collect() };
    Some((spot, ts, said))
}

/// Whether it was said in a thread of a channel without calling us: ours only where its speaker talks with us already.
pub(super) fn is_overheard(kind: Kind, payload: &Value) -> bool {
    let event = &payload["event"];
    let bot = payload["authorizations"][0]["user_id"].as_str().unwrap_or_default();
    let is_direct =
        event["channel_type"] == "im" || event["channel"].as_str().is_some_and(|channel| channel.starts_with('D'));
    let words = event["text"].as_str().unwrap_or_default();
    let calls_us = !bot.is_empty() && words.contains(&format!("<@{bot}>"));
    matches!(kind, Kind::Event) && event["type"] == "message" && !is_direct && !calls_us
}

/// A mention begins with who is called, when nobody told us who we are.
fn without_first_mention(words: &str) -> String {
    match (words.find("<@"), words.find('>')) {
        (Some(from), Some(to)) if from < to => format!("{} {}", &words[..from], &words[to + 1..]),
        _ => words.to_owned(),
    }
}

fn interaction(payload: &Value) -> Option<Inbound> {
    let enterprise = [&payload["enterprise"]["id"], &payload["user"]["enterprise_id"]];
    let enterprise = enterprise.into_iter().find(|id| id.is_string()).cloned().unwrap_or_default();
    // Null for some org-wide installs.
    let team = [&payload["team"]["id"], &payload["user"]["team_id"], &enterprise].into_iter().find_map(optional)?;
    let member = member(&enterprise, &team, &payload["user"]["id"])?;
    let kind = payload["type"].as_str()?;
    let trigger = text(&payload["trigger_id"]);
    let (id, what) = match kind {
        "block_actions" => {
            let press = press(payload, trigger.clone())?;
            let at = &payload["actions"][0]["action_ts"];
            (if trigger.is_empty() { text(at) } else { trigger }, What::Pressed(press))
        }
        "view_submission" => {
            let view = &payload["view"];
            let id = format!("{} {} {trigger}", text(&view["id"]), text(&view["hash"]));
            let about = serde_json::from_str(view["private_metadata"].as_str().unwrap_or_default());
            let sheet = Sheet {
                form: text(&view["callback_id"]),
                about: about.unwrap_or_default(),
                values: modal::values(&view["state"]["values"]),
                reply: None,
            };
            (id, What::Submitted(sheet))
        }
        "shortcut" => (trigger.clone(), What::New { trigger, text: String::new(), reply: None }),
        "message_action" => {
            let words = plain(payload["message"]["text"].as_str().unwrap_or_default());
            (trigger.clone(), What::New { trigger, text: words, reply: None })
        }
        _ => return None,
    };
    Some(Inbound { key: format!("slack {kind} {team} {id}"), event_id: None, team, member, what })
}

fn press(payload: &Value, trigger: String) -> Option<Press> {
    let action = &payload["actions"][0];
    let container = &payload["container"];
    let chosen = [
        &action["value"],
        &action["selected_option"]["value"],
        &action["selected_date"],
        &action["selected_time"],
        &action["selected_user"],
    ];
    let value = chosen
        .into_iter()
        .find_map(optional)
        .or_else(|| action["selected_date_time"].as_i64().map(|at| at.to_string()));
    // A menu of people has no value of its own: what it is about is behind its name.
    let value = match (action["action_id"].as_str().and_then(|id| id.split_once('#')), &action["selected_user"]) {
        (Some((_, about)), Value::String(user)) => Some(format!("{about} {user}")),
        _ => value,
    };
    let ts = text(&container["message_ts"]);
    let thread = [&container["thread_ts"], &payload["message"]["thread_ts"]].into_iter().find_map(optional);
    let channel = [&container["channel_id"], &payload["channel"]["id"]].into_iter().find_map(optional);
    Some(Press {
        action: action_of(action["action_id"].as_str()?).to_owned(),
        value: value.unwrap_or_default(),
        spot: spot(channel.unwrap_or_default(), thread.unwrap_or_else(|| ts.clone())),
        ts,
        reply: optional(&payload["response_url"]),
        trigger,
        is_ephemeral: container["is_ephemeral"].as_bool().unwrap_or(false),
        is_home: container["type"] == "view" && payload["view"]["type"] == "home",
        is_muted: false,
        view: if payload["view"]["type"] == "modal" { text(&payload["view"]["id"]) } else { String::new() },
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn envelope(event: &Value) -> Value {
        json!({ "team_id": "T1", "event_id": "Ev1", "authorizations": [{ "user_id": "UBOT" }], "event": event })
    }

    #[test]
    fn a_mention_told_twice_is_one_thing() {
        let base = json!({ "user": "U1", "text": "<@UBOT> hi &amp; bye", "ts": "1.1", "channel": "C1" });
        let with = |kind: &str| {
            let mut event = base.clone();
            event["type"] = kind.into();
            read(Kind::Event, &envelope(&event)).unwrap()
        };
        let (a, b) = (with("app_mention"), with("message"));
        assert_eq!(a.key, b.key);
        let What::Said { spot, text, .. } = a.what else { panic!() };
        assert_eq!((text.as_str(), spot.thread.as_str()), ("hi & bye", "1.1"));
    }

    #[test]
    fn what_slack_marks_is_read_as_it_was_written() {
        let rows = [
            ("See <https://example.com|our blog> &amp; more", "See https://example.com & more"),
            ("<https://a.b/c?d=e&amp;f=g>", "https://a.b/c?d=e&f=g"),
            ("<http://example.com/a|example.com/a>!", "http://example.com/a!"),
            ("ask <@U1|ben> or <@U2>", "ask @ben or @U2"),
            ("in <#C1|general> <#C2|>", "in #general #C2"),
            ("<!here> <!subteam^S1|@team> <!date^1^{date}|today>", "@here @team today"),
            ("<mailto:a@b.c|a@b.c>", "a@b.c"),
            ("1 &lt; 2 &gt; 1", "1 < 2 > 1"),
            ("no end <of it", "no end <of it"),
        ];
        for (marked, read) in rows {
            assert_eq!(plain(marked), read, "{marked}");
        }
    }

    #[test]
    fn our_own_words_edits_and_strangers_of_shared_channels_are_not_for_us() {
        let quiet = [
            json!({ "type": "message", "channel_type": "im", "user": "UBOT", "ts": "1", "channel": "D1", "text": "x" }),
            json!({ "type": "message", "channel_type": "im", "bot_id": "B", "ts": "1", "channel": "D1", "text": "x" }),
            json!({ "type": "message", "channel_type": "im", "subtype": "message_changed", "ts": "1", "channel": "D1" }),
            json!({ "type": "message", "user": "U1", "ts": "1", "channel": "C1", "text": "nothing to do with us" }),
            json!({ "type": "app_mention", "user": "U1", "user_team": "T9", "ts": "1", "channel": "C1", "text": "<@UBOT>" }),
            json!({ "type": "reaction_added", "user": "U1" }),
        ];
        for event in quiet {
            assert_eq!(read(Kind::Event, &envelope(&event)), None, "{event}");
        }
    }

    #[test]
    fn presses_of_org_wide_installs_without_a_team_are_read() {
        let payload = json!({ "type": "block_actions", "team": null, "enterprise": { "id": "E1" }, "user": { "id": "W1", "team_id": "T1" },
            "trigger_id": "t", "container": { "type": "message", "message_ts": "2", "channel_id": "C1" },
            "actions": [{ "action_id": "a", "type": "datetimepicker", "selected_date_time": 5 }] });
        let inbound = read(Kind::Interaction, &payload).unwrap();
        assert_eq!((inbound.team.as_str(), inbound.member.subject().as_str()), ("T1", "E1:W1"));
        let What::Pressed(press) = inbound.what else { panic!() };
        assert_eq!((press.value.as_str(), press.spot.thread.as_str()), ("5", "2"));
    }
}
