//! Everything of a person in plain form, for them: what they wrote, decided and said. Never a secret: no token, no hash of one, no key.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::App;
use crate::domain::caller::{Grant, Via};
use crate::domain::google::GOOGLE;
use crate::domain::ids::{MediaId, PostId, UserId};
use crate::domain::schedule::Moment;
use crate::domain::tool::ToolError;
use crate::say;
use crate::store::deliveries::DELIVERIES_MAX;
use crate::store::post_lists::PostsWanted;
use crate::store::users::User;

/// Posts read at once.
const PAGE: i64 = 100;
/// Pages of them.
const PAGES_MAX: usize = 100_000;
/// Notices that are kept at all are fewer.
const NOTICES_MAX: i64 = 100_000;

/// What a person takes along.
#[derive(Debug)]
pub struct Export {
    /// File name → its lines.
    pub lines: Vec<(&'static str, Vec<Value>)>,
    /// Files of media, by their ids.
    pub media: Vec<MediaId>,
}

impl App {
    /// Gathers it.
    ///
    /// # Errors
    /// Refused when there is no such person.
    pub async fn export_user(&self, id: &UserId) -> Result<Export, ToolError> {
        let found = self.store.find_user(id).await?;
        let user = found.ok_or_else(|| say!("common-not-found-thing", thing = id.as_str()))?;
        let (profile, linked) = (self.memory.profile(id).await?, self.store.list_linked(id).await?);
        let linked = linked.into_iter().map(|link| {
            json!({ "place": link.place, "id": link.subject, "name": link.shown, "since": self.at(link.created_at, &user) })
        });
        let apps = self.store.list_connected_apps(id, self.clock.now_ms()).await?.into_iter().map(|app| {
            json!({ "name": app.name, "client": app.client, "scopes": app.scopes.text(), "since": self.at(app.created_at, &user) })
        });
        let person = json!({ "id": user.id.as_str(), "language": user.lang.tag(), "zone": user.zone,
            "voice": profile.voice, "banned_words": profile.banned_words, "hashtags": profile.hashtags,
            "linked": linked.collect::<Vec<_>>(), "connected_apps": apps.collect::<Vec<_>>(), "hold_ms": user.hold_ms, "stdio_grant": user.stdio_grant, "chat_grant": user.chat_grant, "slots": self.store.find_slots(id).await?, "links_tagged": self.store.find_links_tagged(id).await? });
        let accounts = self.export_accounts(&user).await?;
        let logins = self.analytics.logins(&super::authenticate::caller(&user, Grant::Drafts, Via::Terminal)).await?;
        let logins = logins.into_iter().map(|login| {
            json!({ "id": login.id.as_str(), "network": GOOGLE, "handle": login.email, "wanted": login.wanted, "health": login.health.word() })
        });
        let (media, facts) = self.export_media(&user).await?;
        let notices = self.store.list_notices(id, NOTICES_MAX).await?;
        let notices = notices.into_iter().map(|notice| {
            json!({ "at": self.at(notice.created_at, &user), "text": self.words.say(user.lang, &notice.what),
                "post": notice.post.map(|post| post.to_string()) })
        });
        let lines = vec![
            ("person.jsonl", vec![person]),
            ("accounts.jsonl", accounts.into_iter().chain(logins).collect()),
            ("posts.jsonl", self.export_posts(&user).await?),
            ("media.jsonl", facts),
            ("notices.jsonl", notices.collect()),
            ("conversations.jsonl", self.export_conversations(&user).await?),
        ];
        Ok(Export { lines, media })
    }

    /// Accounts of networks, each with its picture, which is small.
    async fn export_accounts(&self, user: &User) -> Result<Vec<Value>, ToolError> {
        let mut accounts = Vec::new();
        for stored in self.store.list_accounts(&user.workspace).await? {
            let account = stored.account;
            let avatar = self.store.find_avatar(&account.id, &user.workspace).await?;
            accounts.push(json!({ "id": account.id.as_str(), "network": account.network, "handle": account.handle, "name": account.name,
                "health": account.health.word(), "picture_jpeg_base64": avatar.map(|bytes| STANDARD.encode(bytes)) }));
        }
        Ok(accounts)
    }

    async fn export_media(&self, user: &User) -> Result<(Vec<MediaId>, Vec<Value>), ToolError> {
        let (media, mut facts) = (self.store.list_media_of(&user.id).await?, Vec::new());
        for id in &media {
            if let Some(medium) = self.store.find_media(id, &user.workspace).await? {
                facts.push(json!({ "id": id.as_str(), "mime": medium.mime, "bytes": medium.bytes, "alt": medium.alt }));
            }
        }
        Ok((media, facts))
    }

    async fn export_posts(&self, user: &User) -> Result<Vec<Value>, ToolError> {
        let (mut posts, mut wanted) = (Vec::new(), PostsWanted::default());
        for _ in 0..PAGES_MAX {
            let page = self.store.list_posts(&user.workspace, &wanted, self.clock.now_ms(), PAGE).await?;
            let Some(last) = page.last() else { return Ok(posts) };
            wanted.after = Some((last.edited_at, last.id.clone()));
            for post in page {
                posts.push(self.export_post(user, &post.id).await?);
            }
        }
        Err(ToolError::Failed("more posts than can be exported".into()))
    }

    async fn export_post(&self, user: &User, id: &PostId) -> Result<Value, ToolError> {
        let found = self.store.find_post(id, &user.workspace).await?;
        let post = found.ok_or_else(|| say!("post-not-found", id = id.as_str()))?;
        let variants = post
            .variants
            .iter()
            .map(|variant| json!({ "account": variant.account.as_str(), "content": variant.content }));
        let mut deliveries = Vec::new();
        for delivery in self.store.list_deliveries(id, DELIVERIES_MAX).await? {
            let attempts = self.store.list_attempts(&delivery.id).await?;
            let links: Vec<_> = attempts.into_iter().filter_map(|attempt| attempt.permalink).collect();
            let at = Moment { at_ms: delivery.slot, zone: delivery.zone.clone() };
            deliveries.push(json!({ "account": delivery.account.as_str(), "at": at.rfc3339(), "zone": delivery.zone,
                "state": delivery.state, "permalinks": links }));
        }
        let deeds = self.store.list_deeds(&user.workspace, id.as_str()).await?;
        let deeds =
            deeds.into_iter().map(|(at, via, what, _)| json!({ "at": self.at(at, user), "via": via, "what": what }));
        Ok(json!({ "id": id.as_str(), "revision": post.revision, "created_at": self.at(post.created_at, user),
            "edited_at": self.at(post.edited_at, user), "withdrawn_at": post.withdrawn_at.map(|at| self.at(at, user)),
            "variants": variants.collect::<Vec<_>>(), "deliveries": deliveries, "deeds": deeds.collect::<Vec<_>>() }))
    }

    async fn export_conversations(&self, user: &User) -> Result<Vec<Value>, ToolError> {
        let mut lines = Vec::new();
        for view in self.memory.list_all(&user.id).await? {
            let spoken = self.memory.spoken_all(&user.id, &view.id).await?;
            let said = spoken.into_iter().map(|one| {
                let by = match (one.by_person, one.is_by_others()) {
                    (true, _) => "person",
                    (false, true) => "others",
                    (false, false) => "socrazi",
                };
                json!({ "at": self.at(one.at_ms, user), "by": by, "text": one.text })
            });
            lines.push(
                json!({ "id": view.id.as_str(), "title": view.title, "created_at": self.at(view.created_at, user),
                "said": said.collect::<Vec<_>>() }),
            );
        }
        Ok(lines)
    }

    fn at(&self, at_ms: i64, user: &User) -> String {
        Moment { at_ms, zone: user.zone.clone() }.rfc3339()
    }
}
