//! How posts and people look to a reader: the default fields, those asked for, expansions, and the
//! entries in `errors` for what the reader may not see.

use serde_json::{Map, Value, json};

use super::Caller;
use super::media::MediaKind;
use super::options::SimUser;
use super::problem::Problem;
use super::query::Query;
use super::render;
use super::state::{Post, State};
use crate::clock::{DAY_MS, rfc3339};

/// Metrics that only the owner sees are kept this long.
const OWNER_METRICS_MS: i64 = 30 * DAY_MS;
const POST_FIELDS: [&str; 34] = [
    "article",
    "article_title",
    "attachments",
    "author_id",
    "card_uri",
    "community_id",
    "context_annotations",
    "conversation_id",
    "created_at",
    "display_text_range",
    "edit_controls",
    "edit_history_post_ids",
    "edit_history_tweet_ids",
    "entities",
    "geo",
    "id",
    "in_reply_to_user_id",
    "lang",
    "media_metadata",
    "non_public_metrics",
    "note_post",
    "note_tweet",
    "organic_metrics",
    "paid_partnership",
    "possibly_sensitive",
    "promoted_metrics",
    "public_metrics",
    "referenced_posts",
    "referenced_tweets",
    "reply_settings",
    "scopes",
    "source",
    "text",
    "withheld",
];
/// Fields of users that X knows.
pub(crate) const USER_FIELDS: [&str; 24] = [
    "affiliation",
    "confirmed_email",
    "connection_status",
    "created_at",
    "description",
    "entities",
    "id",
    "is_identity_verified",
    "location",
    "most_recent_tweet_id",
    "name",
    "parody",
    "pinned_tweet_id",
    "profile_banner_url",
    "profile_image_url",
    "protected",
    "public_metrics",
    "receives_your_dm",
    "subscription",
    "subscription_type",
    "url",
    "username",
    "verified",
    "verified_type",
];
const EXPANSIONS: [&str; 10] = [
    "article.cover_media",
    "attachments.media_keys",
    "attachments.poll_ids",
    "author_id",
    "edit_history_tweet_ids",
    "entities.mentions.username",
    "geo.place_id",
    "in_reply_to_user_id",
    "referenced_tweets.id",
    "referenced_tweets.id.author_id",
];

/// Which fields and expansions are asked for.
pub(crate) struct Wanted {
    fields: Vec<String>,
    expansions: Vec<String>,
    media_fields: Vec<String>,
}

impl Wanted {
    pub(crate) fn read(query: &Query) -> Result<Self, Problem> {
        let owned = |values: Vec<&str>| values.into_iter().map(str::to_owned).collect::<Vec<String>>();
        let mut fields = owned(query.list_of("tweet.fields", &POST_FIELDS)?);
        fields.extend(owned(query.list_of("post.fields", &POST_FIELDS)?));
        let expansions = owned(query.list_of("expansions", &EXPANSIONS)?);
        Ok(Self { fields, expansions, media_fields: owned(query.list("media.fields")) })
    }

    fn has(&self, field: &str) -> bool {
        self.fields.iter().any(|wanted| wanted == field)
    }

    fn expands(&self, field: &str) -> bool {
        self.expansions.iter().any(|wanted| wanted == field)
    }
}

/// One read: what it sees, for whom, and what went wrong on the way.
pub(crate) struct Reading<'a> {
    pub(crate) state: &'a State,
    pub(crate) caller: &'a Caller,
    pub(crate) wanted: Wanted,
    pub(crate) errors: Vec<Value>,
}

impl Reading<'_> {
    /// `data`, `includes` and `errors`; each is absent when empty.
    pub(crate) fn list(&mut self, posts: &[&Post]) -> Value {
        let data: Vec<Value> = posts.iter().map(|post| self.post(post)).collect();
        let mut body = Map::new();
        if !data.is_empty() {
            body.insert("data".into(), data.into());
        }
        let includes = self.includes(posts);
        if !includes.is_empty() {
            body.insert("includes".into(), includes.into());
        }
        if !self.errors.is_empty() {
            body.insert("errors".into(), std::mem::take(&mut self.errors).into());
        }
        body.into()
    }

    fn post(&mut self, post: &Post) -> Value {
        let shown = render::render(post, &self.state.options);
        let entry = &post.entry;
        let mut out = json!({"id": entry.id, "text": shown.text, "edit_history_tweet_ids": [entry.id]});
        let mut put = |field: &str, value: Option<Value>| {
            let alias = field.replace("tweet", "post");
            if let (true, Some(value)) = (self.wanted.has(field) || self.wanted.has(&alias), value) {
                out[field] = value;
            }
        };
        put("created_at", Some(rfc3339(entry.created_at_ms).into()));
        put("author_id", Some(entry.user_id.as_str().into()));
        put("conversation_id", Some(post.conversation_id.as_str().into()));
        put("lang", Some("en".into()));
        put("possibly_sensitive", Some(false.into()));
        put("source", Some("Socrazi (simulated)".into()));
        put("reply_settings", Some(post.reply_settings.as_deref().unwrap_or("everyone").into()));
        put("note_tweet", shown.note);
        put("entities", (!shown.entities.is_empty()).then(|| shown.entities.into()));
        put("attachments", attachments(post));
        put("referenced_tweets", entry.in_reply_to.as_ref().map(|id| json!([{"type": "replied_to", "id": id}])));
        let parent = entry.in_reply_to.as_ref().and_then(|id| self.state.posts.iter().find(|p| p.entry.id == *id));
        put("in_reply_to_user_id", parent.map(|parent| parent.entry.user_id.as_str().into()));
        put("public_metrics", Some(public_metrics()));
        for field in ["non_public_metrics", "organic_metrics"] {
            if self.wanted.has(field) {
                match self.owner_metrics(post, field) {
                    Ok(metrics) => out[field] = metrics,
                    Err(problem) => self.errors.push(problem),
                }
            }
        }
        out
    }

    fn owner_metrics(&self, post: &Post, field: &str) -> Result<Value, Value> {
        let own = post.entry.user_id == self.caller.user.id;
        let fresh = self.caller.now_ms - post.entry.created_at_ms < OWNER_METRICS_MS;
        if own && fresh {
            return Ok(
                json!({"impression_count": 0, "url_link_clicks": 0, "user_profile_clicks": 0, "engagements": 0}),
            );
        }
        Err(json!({
            "resource_id": post.entry.id, "parameter": "tweet.fields", "resource_type": "tweet", "section": "data",
            "title": "Field Authorization Error", "field": field, "value": field,
            "detail": format!("Sorry, you are not authorized to access '{field}' on the Tweet with ids : [{}].", post.entry.id),
            "type": "https://api.x.com/2/problems/not-authorized-for-field",
        }))
    }

    fn includes(&self, posts: &[&Post]) -> Map<String, Value> {
        let mut includes = Map::new();
        let mut put = |name: &str, values: Vec<Value>| {
            if !values.is_empty() {
                includes.insert(name.to_owned(), values.into());
            }
        };
        if self.wanted.expands("attachments.media_keys") {
            let each = |post: &&Post| {
                let pairs: Vec<_> = post.media.iter().copied().zip(post.entry.media_ids.clone()).collect();
                pairs.into_iter().map(|(kind, id)| self.media(kind, &id)).collect::<Vec<_>>()
            };
            put("media", posts.iter().flat_map(each).collect());
        }
        if self.wanted.expands("attachments.poll_ids") {
            let each = |post: &&Post| {
                let options = post.entry.poll.as_ref()?.options.iter().enumerate();
                let options: Vec<Value> =
                    options.map(|(at, label)| json!({"position": at + 1, "label": label, "votes": 0})).collect();
                Some(json!({"id": poll_id(post), "options": options}))
            };
            put("polls", posts.iter().filter_map(each).collect());
        }
        if self.wanted.expands("author_id") {
            let mut ids: Vec<&str> = posts.iter().map(|post| post.entry.user_id.as_str()).collect();
            ids.dedup();
            let users = ids.iter().filter_map(|id| self.state.user(id));
            put("users", users.map(|user| user_json(self.state, user, &[])).collect());
        }
        includes
    }

    fn media(&self, kind: MediaKind, id: &str) -> Value {
        let mut out = json!({"media_key": kind.key(id), "type": kind.type_name()});
        let alt = self.state.media.get(id).and_then(|media| media.alt_text.clone());
        if let (true, Some(alt)) = (self.wanted.media_fields.iter().any(|field| field == "alt_text"), alt) {
            out["alt_text"] = alt.into();
        }
        out
    }
}

fn attachments(post: &Post) -> Option<Value> {
    if post.entry.poll.is_some() {
        return Some(json!({"poll_ids": [poll_id(post)]}));
    }
    let keys: Vec<String> = post.media.iter().zip(&post.entry.media_ids).map(|(kind, id)| kind.key(id)).collect();
    (!keys.is_empty()).then(|| json!({"media_keys": keys}))
}

fn poll_id(post: &Post) -> String {
    // Polls have ids of their own; the last digit differs so that nobody mixes them up.
    format!("{}7", post.entry.id.get(..18).unwrap_or(&post.entry.id))
}

fn public_metrics() -> Value {
    json!({
        "retweet_count": 0, "reply_count": 0, "like_count": 0, "quote_count": 0, "bookmark_count": 0,
        "impression_count": 0,
    })
}

/// A user object with the default fields and those asked for.
pub(crate) fn user_json(state: &State, user: &SimUser, fields: &[&str]) -> Value {
    let mut out = json!({"id": user.id, "name": user.name, "username": user.username});
    let written = state.posts.iter().filter(|post| post.entry.user_id == user.id && !post.entry.deleted).count();
    let all = [
        ("created_at", json!("2020-01-02T03:04:05.000Z")),
        ("description", json!("A simulated account.")),
        ("verified", json!(user.is_premium())),
        ("verified_type", json!(if user.is_premium() { "blue" } else { "none" })),
        ("protected", json!(false)),
        ("subscription_type", json!(user.subscription_type)),
        ("profile_image_url", json!(format!("{}/profile_images/{}_normal.png", state.root, user.username))),
        (
            "public_metrics",
            json!({"followers_count": 10, "following_count": 5, "tweet_count": written, "listed_count": 0}),
        ),
    ];
    for (field, value) in all {
        if fields.contains(&field) {
            out[field] = value;
        }
    }
    out
}
