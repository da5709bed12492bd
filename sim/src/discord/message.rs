//! A message: what is kept of it, how it looks on the wire, and how it comes to be from a good draft. Routes are in `chat`.

use axum::body::Bytes;
use serde_json::{Value, json};

use super::body::Part;
use super::components::shape;
use super::content::{self, Before, Draft, NewFile};
use super::people::APP;
use super::state::{File, State, iso};

/// How long a file's address is good (dossier §8: signed, and it expires).
pub(super) const FILE_LIFE_MS: i64 = 24 * 3_600_000;

/// Who is called by a message.
#[derive(Clone, Debug, Default)]
pub(super) struct Pings {
    pub(super) users: Vec<String>,
    pub(super) roles: Vec<String>,
    pub(super) everyone: bool,
}

/// A message.
#[derive(Clone, Debug, Default)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) channel: String,
    pub(super) author: String,
    pub(super) content: String,
    pub(super) created_ms: i64,
    pub(super) edited_ms: Option<i64>,
    pub(super) embeds: Vec<Value>,
    pub(super) components: Vec<Value>,
    pub(super) files: Vec<String>,
    pub(super) flags: u64,
    /// 0, 19 for a reply, 20 and 23 for answers to commands.
    pub(super) kind: u8,
    pub(super) pings: Pings,
    /// The message it answers.
    pub(super) replies_to: Option<String>,
    pub(super) nonce: Option<Value>,
    /// `interaction_metadata`, for what came through an interaction.
    pub(super) interaction: Option<Value>,
    /// The name of the command, for the older field.
    pub(super) command: Option<String>,
    /// The only person who sees it.
    pub(super) only_for: Option<String>,
    pub(super) thread: Option<String>,
    /// Emoji, and who put it there.
    pub(super) reactions: Vec<(String, String)>,
    pub(super) is_deleted: bool,
    /// When it was edited and to which text, oldest first.
    pub(super) edits: Vec<(i64, String)>,
}

impl Message {
    pub(super) fn new(id: &str, channel: &str, author: &str, now_ms: i64) -> Self {
        Self {
            id: id.to_owned(),
            channel: channel.to_owned(),
            author: author.to_owned(),
            created_ms: now_ms,
            ..Self::default()
        }
    }

    /// Everything it shows as text, for searches in tests: text, embeds, components.
    fn words(&self) -> String {
        let mut words = vec![self.content.clone()];
        for embed in &self.embeds {
            for name in ["title", "description"] {
                words.extend(embed[name].as_str().map(str::to_owned));
            }
            for field in embed["fields"].as_array().into_iter().flatten() {
                for name in ["name", "value"] {
                    words.extend(field[name].as_str().map(str::to_owned));
                }
            }
        }
        for component in &self.components {
            shape::walk(component, &mut |seen| {
                for name in ["content", "label"] {
                    words.extend(seen[name].as_str().map(str::to_owned));
                }
            });
        }
        words.retain(|word| !word.is_empty());
        words.join("\n")
    }
}

impl File {
    /// The attachment object.
    pub(super) fn json(&self, root: &str, now_ms: i64) -> Value {
        let until = u64::try_from((now_ms + FILE_LIFE_MS) / 1_000).unwrap_or(0);
        let url =
            format!("{root}attachments/{}/{}/{}?ex={until:x}&is=0&hm=sim", self.channel, self.id, encoded(&self.name));
        let mut shown = json!({ "id": self.id, "filename": self.name, "size": self.bytes.len(), "url": url, "proxy_url": url,
            "content_type": self.mime });
        if let Some(description) = &self.description {
            shown["description"] = json!(description);
        }
        if self.is_ephemeral {
            shown["ephemeral"] = json!(true);
        }
        shown
    }

    /// The same, as media of a component.
    fn media(&self, root: &str, now_ms: i64) -> Value {
        let shown = self.json(root, now_ms);
        json!({ "id": self.id, "attachment_id": self.id, "url": shown["url"], "proxy_url": shown["url"], "width": null, "height": null,
            "content_type": self.mime, "name": self.name, "size": self.bytes.len() })
    }
}

fn encoded(name: &str) -> String {
    let mut url = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url
}

impl State {
    /// A message on the wire, with the one it answers.
    pub(super) fn message_json(&self, message: &Message, now_ms: i64) -> Value {
        let mut shown = self.bare_json(message, now_ms);
        if let Some(id) = &message.replies_to {
            let mut reference = json!({ "type": 0, "channel_id": message.channel, "message_id": id });
            if let Some(guild) = self.guild_of(&message.channel) {
                reference["guild_id"] = json!(guild.id);
            }
            shown["message_reference"] = reference;
            let answered = self.message(&message.channel, id);
            shown["referenced_message"] = answered.map(|held| self.bare_json(held, now_ms)).unwrap_or_default();
        }
        shown
    }

    fn bare_json(&self, message: &Message, now_ms: i64) -> Value {
        let users = |ids: &[String]| ids.iter().map(|id| self.user_json(id)).collect::<Vec<_>>();
        let files = message.files.iter().filter_map(|id| self.files.get(id));
        let attachments: Vec<Value> = files.map(|file| file.json(&self.root, now_ms)).collect();
        let mut shown = json!({ "id": message.id, "channel_id": message.channel, "author": self.user_json(&message.author),
            "content": message.content, "timestamp": iso(message.created_ms), "edited_timestamp": message.edited_ms.map(iso),
            "tts": false, "mention_everyone": message.pings.everyone, "mentions": users(&message.pings.users),
            "mention_roles": message.pings.roles, "attachments": attachments, "embeds": message.embeds,
            "components": message.components, "pinned": false, "type": message.kind, "flags": message.flags });
        if let Some(nonce) = &message.nonce {
            shown["nonce"] = nonce.clone();
        }
        if let Some(metadata) = &message.interaction {
            shown["application_id"] = json!(APP);
            shown["webhook_id"] = json!(APP);
            shown["interaction_metadata"] = metadata.clone();
            if let Some(name) = &message.command {
                shown["interaction"] =
                    json!({ "id": metadata["id"], "type": metadata["type"], "name": name, "user": metadata["user"] });
            }
        }
        if let Some(thread) = message.thread.as_deref().and_then(|id| self.channels.get(id)) {
            shown["thread"] = self.channel_json(thread);
        }
        if !message.reactions.is_empty() {
            let mut counts: Vec<(String, usize, bool)> = Vec::new();
            for (emoji, user) in &message.reactions {
                match counts.iter_mut().find(|(known, ..)| known == emoji) {
                    Some((_, count, me)) => (*count, *me) = (*count + 1, *me || user == APP),
                    None => counts.push((emoji.clone(), 1, user == APP)),
                }
            }
            let list = counts.into_iter().map(|(emoji, count, me)| {
                json!({ "emoji": { "id": null, "name": emoji }, "count": count, "me": me, "me_burst": false, "burst_colors": [],
                    "count_details": { "burst": 0, "normal": count } })
            });
            shown["reactions"] = list.collect();
        }
        shown
    }

    /// A message for a test: as on the wire, with who sees it, who was called, what it reads like, and how it was edited.
    pub(super) fn inspect_message(&self, message: &Message, now_ms: i64) -> Value {
        let mut shown = self.message_json(message, now_ms);
        shown["only_for"] = json!(message.only_for);
        shown["words"] = json!(message.words());
        shown["is_thinking"] = json!(message.flags & content::LOADING != 0);
        shown["pings"] =
            json!({ "users": message.pings.users, "roles": message.pings.roles, "everyone": message.pings.everyone });
        shown["edits"] = message.edits.iter().map(|(at_ms, text)| json!({ "at_ms": at_ms, "content": text })).collect();
        shown
    }

    /// What a message is before an edit.
    pub(super) fn before(&self, message: &Message) -> Before {
        let files = message.files.iter().filter_map(|id| self.files.get(id));
        Before::of(message, files.map(|file| (file.id.clone(), file.name.clone())).collect())
    }

    /// Keeps a new file.
    pub(super) fn keep_file(&mut self, file: &NewFile, part: &Part, place: (&str, bool), now_ms: i64) -> String {
        let id = self.id(now_ms);
        let kept = File {
            id: id.clone(),
            channel: place.0.to_owned(),
            name: file.name.clone(),
            mime: file.mime.clone(),
            description: file.description.clone(),
            bytes: part.bytes.clone(),
            is_ephemeral: place.1,
        };
        self.files.insert(id.clone(), kept);
        id
    }

    /// A file that a person brought.
    pub(super) fn bring_file(&mut self, channel: &str, name: &str, mime: &str, bytes: Vec<u8>, now_ms: i64) -> String {
        let part =
            Part { field: String::new(), name: name.to_owned(), mime: mime.to_owned(), bytes: Bytes::from(bytes) };
        let file = NewFile { name: content::tidy_name(name), mime: mime.to_owned(), description: None, part: 0 };
        self.keep_file(&file, &part, (channel, false), now_ms)
    }

    /// Lets a good draft become part of a message.
    pub(super) fn apply(&mut self, message: &mut Message, draft: Draft, parts: &[Part], now_ms: i64) {
        message.files.retain(|id| draft.kept.contains(id));
        for file in &draft.files {
            if let Some(part) = parts.get(file.part) {
                let place = (message.channel.clone(), message.only_for.is_some());
                let id = self.keep_file(file, part, (&place.0, place.1), now_ms);
                message.files.push(id);
            }
        }
        if let Some(text) = draft.content {
            message.content = text;
        }
        if let Some(embeds) = draft.embeds {
            message.embeds = embeds;
        }
        if let Some(components) = draft.components {
            message.components = components;
        }
        let files: Vec<File> = message.files.iter().filter_map(|id| self.files.get(id)).cloned().collect();
        let named = |name: &str| files.iter().find(|file| file.name == name);
        shape::resolve(&mut message.components, &|name| named(name).map(|file| file.media(&self.root, now_ms)));
        for embed in &mut message.embeds {
            for name in ["image", "thumbnail"] {
                let url = embed[name]["url"].as_str().unwrap_or_default();
                if let Some(file) = url.strip_prefix("attachment://").and_then(named) {
                    let url = file.json(&self.root, now_ms)["url"].clone();
                    embed[name] = json!({ "url": url, "proxy_url": url, "width": 0, "height": 0 });
                }
            }
        }
        let text = message.words();
        let (users, roles, everyone) = content::pings(&text, &draft.allowed);
        let known = users.into_iter().filter(|id| self.users.contains_key(id)).collect();
        message.pings = Pings { users: known, roles, everyone };
        if let Some(answered) = message.replies_to.as_deref().and_then(|id| self.message(&message.channel, id)) {
            let calls = match &draft.allowed["replied_user"] {
                Value::Bool(calls) => *calls,
                _ => draft.allowed.is_null(),
            };
            if calls && !message.pings.users.contains(&answered.author) {
                message.pings.users.push(answered.author.clone());
            }
        }
    }
}
