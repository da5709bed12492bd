//! The commands as Discord knows them (dossier §6): one command with a subcommand for each verb, and one in the menu of every message; in
//! English and Japanese.

use serde_json::{Value, json};

use crate::domain::lang::Lang;
use crate::i18n::Words;

/// Discord's own tags of our languages; English is the default and stands under its own tags, too.
const LOCALES: [(&str, Lang); 3] = [("ja", Lang::Ja), ("en-US", Lang::En), ("en-GB", Lang::En)];
/// Kinds of options.
const SUB_COMMAND: u8 = 1;
const STRING: u8 = 3;
/// Kinds of commands.
const SLASH: u8 = 1;
const MESSAGE: u8 = 3;

/// An option of a verb: name, what it is for, whether it must be there, whether it is completed, the longest value.
struct Option {
    name: &'static str,
    called: &'static str,
    about: &'static str,
    is_needed: bool,
    is_completed: bool,
    chars_max: u32,
}

const fn option(name: &'static str, called: &'static str, about: &'static str) -> Option {
    Option { name, called, about, is_needed: false, is_completed: true, chars_max: 100 }
}

const POST: Option = option("post", "discord-option-post", "discord-option-post-about");
const TEXT: Option = Option {
    is_completed: false,
    chars_max: 4_000,
    ..option("text", "discord-option-text", "discord-option-text-about")
};

/// Name, sentence keys of name and meaning, options.
const VERBS: [(&str, &str, &str, &[Option]); 15] = [
    ("help", "discord-verb-help", "discord-about-help", &[]),
    (
        "draft",
        "discord-verb-draft",
        "discord-about-draft",
        &[TEXT, option("account", "discord-option-account", "discord-option-account-about")],
    ),
    (
        "schedule",
        "discord-verb-schedule",
        "discord-about-schedule",
        &[option("when", "discord-option-when", "discord-option-when-about"), POST],
    ),
    ("publish", "discord-verb-publish", "discord-about-publish", &[POST]),
    ("calendar", "discord-verb-calendar", "discord-about-calendar", &[]),
    ("report", "discord-verb-report", "discord-about-report", &[]),
    ("accounts", "discord-verb-accounts", "discord-about-accounts", &[]),
    ("history", "discord-verb-history", "discord-about-history", &[]),
    ("forget", "discord-verb-forget", "discord-about-forget", &[]),
    (
        "settings",
        "discord-verb-settings",
        "discord-about-settings",
        &[
            option("language", "discord-option-language", "discord-option-language-about"),
            option("zone", "discord-option-zone", "discord-option-zone-about"),
        ],
    ),
    ("pause", "discord-verb-pause", "discord-about-pause", &[]),
    ("resume", "discord-verb-resume", "discord-about-resume", &[]),
    ("why", "discord-verb-why", "discord-about-why", &[POST]),
    (
        "link",
        "discord-verb-link",
        "discord-about-link",
        &[Option {
            is_needed: true,
            is_completed: false,
            chars_max: 20,
            ..option("code", "discord-option-code", "discord-option-code-about")
        }],
    ),
    ("ask", "discord-verb-ask", "discord-about-ask", &[Option { is_needed: true, ..TEXT }]),
];

/// Everything that is registered. In one server commands have no contexts: those are for commands known everywhere.
pub(super) fn definitions(words: &Words, is_global: bool) -> Value {
    let subcommands: Vec<_> = VERBS.iter().map(|verb| subcommand(words, verb)).collect();
    let mut slash = json!({ "name": "socrazi", "type": SLASH, "options": subcommands });
    describe(words, "discord-about", &mut slash);
    let menu = words.text(Lang::En, "discord-menu");
    let mut message = json!({ "name": menu, "type": MESSAGE });
    name(words, "discord-menu", &mut message);
    if is_global {
        for command in [&mut slash, &mut message] {
            command["integration_types"] = json!([0, 1]);
            command["contexts"] = json!([0, 1, 2]);
        }
    }
    json!([slash, message])
}

fn subcommand(words: &Words, (id, called, about, options): &(&str, &str, &str, &[Option])) -> Value {
    let options: Vec<_> = options.iter().map(|option| drawn(words, option)).collect();
    let mut command = json!({ "name": id, "type": SUB_COMMAND, "options": options });
    name(words, called, &mut command);
    describe(words, about, &mut command);
    command
}

fn drawn(words: &Words, option: &Option) -> Value {
    let mut drawn =
        json!({ "name": option.name, "type": STRING, "required": option.is_needed, "max_length": option.chars_max });
    if option.is_completed {
        drawn["autocomplete"] = true.into();
    }
    name(words, option.called, &mut drawn);
    describe(words, option.about, &mut drawn);
    drawn
}

fn name(words: &Words, key: &str, command: &mut Value) {
    for (locale, lang) in LOCALES {
        command["name_localizations"][locale] = words.text(lang, key).into();
    }
}

fn describe(words: &Words, key: &str, command: &mut Value) {
    command["description"] = words.text(Lang::En, key).into();
    for (locale, lang) in LOCALES {
        command["description_localizations"][locale] = words.text(lang, key).into();
    }
}

/// Whether what is registered means the same: Discord adds fields of its own, and leaves out what is as always.
pub(super) fn is_same(wanted: &Value, found: &Value) -> bool {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => {
            wanted.iter().all(|(key, value)| found.get(key).map_or(is_default(value), |found| is_same(value, found)))
        }
        (Value::Array(wanted), Value::Array(found)) => {
            wanted.len() == found.len()
                && wanted.iter().all(|one| {
                    // Commands come in any order, options in ours.
                    found.iter().any(|other| {
                        one["name"] == other["name"] && one["type"] == other["type"] && is_same(one, other)
                    })
                })
        }
        (wanted, found) => wanted == found,
    }
}

fn is_default(value: &Value) -> bool {
    matches!(value, Value::Null | Value::Bool(false)) || value.as_array().is_some_and(Vec::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn longest(value: &Value) -> usize {
        let here = ["name", "description", "value"].iter().map(|key| {
            let own = value[*key].as_str().unwrap_or_default().chars().count();
            let localized = value[format!("{key}_localizations")].as_object().into_iter().flatten();
            localized.map(|(_, text)| text.as_str().unwrap_or_default().chars().count()).chain([own]).max().unwrap_or(0)
        });
        here.sum::<usize>() + value["options"].as_array().into_iter().flatten().map(longest).sum::<usize>()
    }

    #[test]
    fn commands_are_within_discords_limits_in_both_languages() {
        let words = Words::load();
        let all = definitions(&words, true);
        for command in all.as_array().unwrap() {
            assert!(longest(command) <= 8_000);
            for sub in command["options"].as_array().into_iter().flatten() {
                for one in sub["options"].as_array().into_iter().flatten().chain([sub]) {
                    let names = one["name_localizations"].as_object().unwrap().values().chain([&one["name"]]);
                    for name in names.map(|name| name.as_str().unwrap()) {
                        assert!((1..=32).contains(&name.chars().count()) && !name.contains(' '), "{name}");
                        assert_eq!(name, name.to_lowercase());
                    }
                    let texts = one["description_localizations"].as_object().unwrap().values();
                    assert!(
                        texts
                            .map(|text| text.as_str().unwrap().chars().count())
                            .all(|length| (1..=100).contains(&length))
                    );
                }
            }
        }
    }

    #[test]
    fn what_discord_adds_is_no_change_and_what_we_change_is() {
        let words = Words::load();
        let wanted = definitions(&words, true);
        let mut found = wanted.clone();
        for command in found.as_array_mut().unwrap() {
            command["id"] = "1".into();
            command["version"] = "2".into();
        }
        found[0]["options"][0].as_object_mut().unwrap().remove("options");
        assert!(is_same(&wanted, &found));
        found[0]["options"][1]["description"] = "other".into();
        assert!(!is_same(&wanted, &found));
        found.as_array_mut().unwrap().pop();
        assert!(!is_same(&wanted, &found));
    }
}
