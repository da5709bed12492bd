//! The body of `POST /2/tweets`, read as strictly as X's schema: unknown fields, nulls and wrong types
//! are refused before anything is thought about.

use serde_json::{Map, Value};

use super::problem::Problem;
use crate::ledger::LedgerPoll;

/// A well-formed request for a new post.
#[derive(Clone, Debug, Default)]
pub(crate) struct NewPost {
    pub(crate) text: String,
    pub(crate) media_ids: Vec<String>,
    pub(crate) poll: Option<LedgerPoll>,
    pub(crate) reply_to: Option<String>,
    pub(crate) quotes: bool,
    pub(crate) edits: bool,
    pub(crate) made_with_ai: Option<bool>,
    pub(crate) reply_settings: Option<String>,
}

const FIELDS: [&str; 16] = [
    "card_uri",
    "community_id",
    "direct_message_deep_link",
    "edit_options",
    "for_super_followers_only",
    "geo",
    "made_with_ai",
    "media",
    "nullcast",
    "paid_partnership",
    "poll",
    "quote_tweet_id",
    "reply",
    "reply_settings",
    "share_with_followers",
    "text",
];
const REPLY_SETTINGS: [&str; 4] = ["following", "mentionedUsers", "subscribers", "verified"];
const MEDIA_FIELDS: [&str; 6] =
    ["call_to_actions", "embeddable", "media_ids", "preview_media_id", "tagged_user_ids", "title"];
const EXCLUSIVE: [&str; 4] = ["media", "poll", "quote_tweet_id", "card_uri"];

pub(crate) fn parse(raw: &[u8]) -> Result<NewPost, Problem> {
    let value: Value =
        serde_json::from_slice(raw).map_err(|_| Problem::invalid("Invalid JSON in request body.", "", ""))?;
    let root = Shape::of(&value, "$", &FIELDS)?;
    for flag in ["for_super_followers_only", "nullcast", "paid_partnership", "share_with_followers"] {
        root.boolean(flag)?;
    }
    for text in ["card_uri", "direct_message_deep_link"] {
        root.string(text)?;
    }
    root.id("community_id")?;
    if let Some(geo) = root.object("geo", &["place_id"])? {
        geo.needed("place_id")?;
        geo.string("place_id")?;
    }
    if let Some(edit) = root.object("edit_options", &["previous_post_id"])? {
        edit.needed("previous_post_id")?;
        edit.id("previous_post_id")?;
    }
    let set: Vec<&str> = EXCLUSIVE.into_iter().filter(|field| root.has(field)).collect();
    if set.len() > 1 {
        let message = format!("$: [{}] are mutually exclusive", set.join(", "));
        return Err(Problem::invalid(&message, "", ""));
    }
    Ok(NewPost {
        text: root.string("text")?.unwrap_or_default().to_owned(),
        media_ids: media(&root)?,
        poll: poll(&root)?,
        reply_to: reply(&root)?,
        quotes: root.id("quote_tweet_id")?.is_some(),
        edits: root.has("edit_options"),
        made_with_ai: root.boolean("made_with_ai")?,
        reply_settings: root.one_of("reply_settings", &REPLY_SETTINGS)?,
    })
}

fn media(root: &Shape<'_>) -> Result<Vec<String>, Problem> {
    let Some(media) = root.object("media", &MEDIA_FIELDS)? else {
        return Ok(Vec::new());
    };
    media.needed("media_ids")?;
    media.boolean("embeddable")?;
    media.string("title")?;
    media.id("preview_media_id")?;
    media.ids("tagged_user_ids", 0..=10)?;
    media.ids("media_ids", 1..=4)
}

fn reply(root: &Shape<'_>) -> Result<Option<String>, Problem> {
    let known = ["auto_populate_reply_metadata", "exclude_reply_user_ids", "in_reply_to_tweet_id"];
    let Some(reply) = root.object("reply", &known)? else {
        return Ok(None);
    };
    reply.needed("in_reply_to_tweet_id")?;
    reply.boolean("auto_populate_reply_metadata")?;
    reply.ids("exclude_reply_user_ids", 0..=usize::MAX)?;
    reply.id("in_reply_to_tweet_id")
}

fn poll(root: &Shape<'_>) -> Result<Option<LedgerPoll>, Problem> {
    let Some(poll) = root.object("poll", &["options", "duration_minutes", "reply_settings"])? else {
        return Ok(None);
    };
    poll.needed("options")?;
    poll.needed("duration_minutes")?;
    poll.one_of("reply_settings", &REPLY_SETTINGS)?;
    let minutes = poll.map.get("duration_minutes").and_then(Value::as_u64).filter(|m| (5..=10_080).contains(m));
    let minutes = minutes.and_then(|m| u32::try_from(m).ok());
    let minutes = minutes.ok_or_else(|| poll.wrong("duration_minutes", "must be an integer between 5 and 10080"))?;
    let options = poll.strings("options", 2..=4)?;
    if options.iter().any(|option| !(1..=25).contains(&option.chars().count())) {
        return Err(poll.wrong("options", "each option must be 1 to 25 characters long"));
    }
    Ok(Some(LedgerPoll { options, duration_minutes: minutes }))
}

/// One JSON object on its way through the schema.
pub(crate) struct Shape<'a> {
    path: String,
    map: &'a Map<String, Value>,
}

impl<'a> Shape<'a> {
    pub(crate) fn of(value: &'a Value, path: &str, known: &[&str]) -> Result<Self, Problem> {
        let map = value.as_object().ok_or_else(|| mismatch(path, value, "object"))?;
        if let Some(extra) = map.keys().find(|key| !known.contains(&key.as_str())) {
            let message = format!(
                "{path}.{extra}: is not defined in the schema and the schema does not allow additional properties"
            );
            return Err(Problem::invalid(&message, "", ""));
        }
        Ok(Self { path: path.to_owned(), map })
    }

    pub(crate) fn has(&self, field: &str) -> bool {
        self.map.contains_key(field)
    }

    pub(crate) fn needed(&self, field: &str) -> Result<(), Problem> {
        if self.has(field) {
            return Ok(());
        }
        Err(Problem::invalid(&format!("{}.{field}: is missing but it is required", self.path), "", ""))
    }

    pub(crate) fn value(&self, field: &str) -> Option<&'a Value> {
        self.map.get(field)
    }

    fn wrong(&self, field: &str, rule: &str) -> Problem {
        Problem::invalid(&format!("{}.{field}: {rule}", self.path), "", "")
    }

    fn typed<T>(&self, field: &str, kind: &str, read: impl Fn(&'a Value) -> Option<T>) -> Result<Option<T>, Problem> {
        let Some(value) = self.map.get(field) else {
            return Ok(None);
        };
        read(value).map(Some).ok_or_else(|| mismatch(&format!("{}.{field}", self.path), value, kind))
    }

    pub(crate) fn string(&self, field: &str) -> Result<Option<&'a str>, Problem> {
        self.typed(field, "string", Value::as_str)
    }

    pub(crate) fn boolean(&self, field: &str) -> Result<Option<bool>, Problem> {
        self.typed(field, "boolean", Value::as_bool)
    }

    pub(crate) fn object(&self, field: &str, known: &[&str]) -> Result<Option<Shape<'a>>, Problem> {
        let Some(value) = self.map.get(field) else {
            return Ok(None);
        };
        Shape::of(value, &format!("{}.{field}", self.path), known).map(Some)
    }

    pub(crate) fn id(&self, field: &str) -> Result<Option<String>, Problem> {
        let Some(id) = self.string(field)? else { return Ok(None) };
        if is_id(id) {
            return Ok(Some(id.to_owned()));
        }
        Err(self.wrong(field, "does not match the regex pattern ^[0-9]{1,19}$"))
    }

    pub(crate) fn one_of(&self, field: &str, known: &[&str]) -> Result<Option<String>, Problem> {
        match self.string(field)? {
            Some(value) if !known.contains(&value) => {
                Err(self.wrong(field, &format!("does not have a value in the enumeration [{}]", known.join(", "))))
            }
            other => Ok(other.map(str::to_owned)),
        }
    }

    fn strings(&self, field: &str, count: std::ops::RangeInclusive<usize>) -> Result<Vec<String>, Problem> {
        let items = self.typed(field, "array", Value::as_array)?.map(Vec::as_slice).unwrap_or_default();
        if self.has(field) && items.len() > *count.end() {
            return Err(self.wrong(field, &format!("there must be a maximum of {} items in the array", count.end())));
        }
        if self.has(field) && items.len() < *count.start() {
            return Err(self.wrong(field, &format!("there must be a minimum of {} items in the array", count.start())));
        }
        let read = |item: &Value| item.as_str().map(str::to_owned);
        let all: Option<Vec<String>> = items.iter().map(read).collect();
        all.ok_or_else(|| self.wrong(field, "every item must be a string"))
    }

    pub(crate) fn ids(&self, field: &str, count: std::ops::RangeInclusive<usize>) -> Result<Vec<String>, Problem> {
        let all = self.strings(field, count)?;
        if all.iter().all(|id| is_id(id)) {
            return Ok(all);
        }
        Err(self.wrong(field, "does not match the regex pattern ^[0-9]{1,19}$"))
    }
}

/// Whether this could be one of X's ids.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=19).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

fn mismatch(path: &str, value: &Value, kind: &str) -> Problem {
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    Problem::invalid(&format!("{path}: {found} found, {kind} expected"), "", "")
}
