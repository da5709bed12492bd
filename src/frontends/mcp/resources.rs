//! Resources: drafts and posts, the calendar by week, accounts, how the person's posts sound, what went out. Each is read through the same doors
//! and tools as everything else, with what the caller may see; texts are JSON or Markdown for models, titles are for people in their language.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rmcp::model::{
    CacheScope, ErrorData, ListResourceTemplatesResult, ListResourcesResult, MetaObject, ReadResourceResult, Resource,
    ResourceContents, ResourceTemplate,
};
use serde_json::{Value, json};

use super::icons::Icon;
use super::uris::{
    FIGURES_TEMPLATE, Figures, PICTURE_TEMPLATE, POST_TEMPLATE, REPORT_DAYS, REPORT_TEMPLATE, Thing, WEEK_TEMPLATE,
};
use crate::app::App;
use crate::app::oauth::Bearer;
use crate::app::pictured::told;
use crate::desk::view::{PostStatus, PostView, VariantView};
use crate::domain::allowed::{Allowed, Area};
use crate::domain::caller::Caller;
use crate::domain::days::{Week, day_of};
use crate::domain::google::Feature;
use crate::domain::ids::PostId;
use crate::domain::lang::Lang;
use crate::domain::oauth::Scope;
use crate::domain::refusal::Sentence;
use crate::domain::schedule::Moment;
use crate::domain::tool::ToolError;
use crate::pictures::Theme;
use crate::say;

/// What one resource is at most: 10,000 tokens at four bytes each, which every client takes (MCP.md §5.2).
pub(super) const BYTES_MAX: usize = 40_000;
/// Pictures that one answer holds, and their bytes together: a client keeps what it is answered.
const PICTURES_MAX: usize = 4;
const PICTURE_BYTES_MAX: usize = 600_000;
/// Posts of one page of the list.
const LISTED: u32 = 20;
/// Posts with a time in one week that are shown.
const WEEK_POSTS_MAX: i64 = 200;
/// Longest beginning of a text that stands for it.
const TITLE_CHARS: usize = 80;
/// Says in `_meta` that somebody else's words may be inside.
const THIRD_PARTY: &str = "socrazi/third-party-text";

/// Whoever reads, and what they may.
#[derive(Clone)]
pub(super) struct Reader {
    /// The doors.
    pub(super) app: Arc<App>,
    /// Who.
    pub(super) bearer: Arc<Bearer>,
    /// What they are shown.
    pub(super) allowed: Allowed,
    /// It only looks whether something changed: what it reads goes to nobody.
    pub(super) is_watching: bool,
}

/// What was read.
pub(super) struct Read {
    /// Its text.
    pub(super) text: String,
    /// Whether it holds what somebody else wrote.
    pub(super) is_third_party: bool,
}

impl Reader {
    pub(super) fn caller(&self) -> &Caller {
        &self.bearer.caller
    }

    /// In the person's language.
    fn text(&self, sentence: &Sentence) -> String {
        self.app.words().say(self.caller().lang, sentence)
    }

    /// For models and programs.
    pub(super) fn english(&self, sentence: &Sentence) -> String {
        self.app.words().say(Lang::En, sentence)
    }

    /// Whether this area is there, and the person let the caller read.
    pub(super) fn may_read(&self, area: Area) -> bool {
        self.allowed.has(area) && self.bearer.scopes.has(Scope::PostsRead)
    }

    /// The same of one thing.
    pub(super) fn may_see(&self, thing: &Thing) -> bool {
        self.allowed.has(thing.area()) && self.bearer.scopes.holds(thing.scopes())
    }

    /// The error that a failed reading is.
    pub(super) fn fault(&self, error: ToolError) -> ErrorData {
        match error {
            ToolError::Refused(sentence) => ErrorData::invalid_params(self.english(&sentence), None),
            ToolError::Failed(why) => {
                tracing::error!(error = %why, "something could not be read for an assistant");
                ErrorData::internal_error(self.english(&say!("common-failed")), None)
            }
        }
    }

    fn icon(&self, icon: Icon) -> Vec<rmcp::model::Icon> {
        icon.listed(self.app.public_url())
    }

    /// What there is at all times, before the posts.
    async fn standing(&self) -> Vec<Resource> {
        let week = Week::of(self.app.now_ms(), &self.caller().zone);
        let weeks = [Some(week), week.plus(1)].into_iter().flatten().map(|week| {
            let title = say!("mcp-resource-week", week = week.to_string());
            (Thing::Week(week), Icon::Calendar, title, say!("mcp-resource-week-about"))
        });
        let reports = REPORT_DAYS.into_iter().map(|days| {
            let title = say!("mcp-resource-report", days = i64::from(days));
            (Thing::Report(days), Icon::Report, title, say!("mcp-resource-report-about"))
        });
        let figures = self.figures_there().await.into_iter().map(|report| {
            let days = REPORT_DAYS[1];
            let title = self.text(&figures_title(report));
            let title = say!("mcp-resource-figures", report = title, days = i64::from(days));
            (Thing::Figures(report, days), Icon::Report, title, say!("mcp-resource-figures-about"))
        });
        let single = [
            (Thing::Accounts, Icon::Account, say!("mcp-resource-accounts"), say!("mcp-resource-accounts-about")),
            (Thing::Voice, Icon::Voice, say!("mcp-resource-voice"), say!("mcp-resource-voice-about")),
        ];
        let all = single.into_iter().chain(weeks).chain(reports).chain(figures);
        let all = all.filter(|(thing, ..)| self.may_see(thing));
        let listed = |(thing, icon, title, about): (Thing, Icon, Sentence, Sentence)| {
            let uri = thing.to_string();
            let name = uri.trim_start_matches("socrazi://").to_owned();
            Resource::new(uri, name)
                .with_title(self.text(&title))
                .with_description(self.text(&about))
                .with_mime_type(thing.mime_type())
                .with_icons(self.icon(icon))
        };
        all.map(listed).collect()
    }

    /// Which figures of Google's can be had; of what cannot be looked up, none.
    async fn figures_there(&self) -> Vec<Figures> {
        if !self.may_see(&Thing::Figures(Figures::Traffic, REPORT_DAYS[1])) {
            return Vec::new();
        }
        let features = self.app.google_features(self.caller()).await.unwrap_or_default();
        Figures::ALL.into_iter().filter(|report| features.contains(&feature(*report))).collect()
    }

    /// A page of the list: what there is at all times, then posts, last edited first.
    pub(super) async fn list(&self, cursor: Option<String>) -> Result<ListResourcesResult, ErrorData> {
        let mut found = if cursor.is_none() { self.standing().await } else { Vec::new() };
        let mut next = None;
        if self.may_read(Area::Posts) {
            let mut asked = json!({ "limit": LISTED });
            if let Some(cursor) = cursor {
                asked["cursor"] = cursor.into();
            }
            let answer =
                self.app.read_tool(self.caller(), "list_posts", asked).await.map_err(|error| self.fault(error))?;
            next = answer.structured["next_cursor"].as_str().map(str::to_owned);
            found.extend(
                answer.structured["posts"].as_array().into_iter().flatten().filter_map(|post| self.listed_post(post)),
            );
        } else if cursor.is_some() {
            return Err(ErrorData::invalid_params(self.english(&say!("mcp-cursor-wrong")), None));
        }
        let mut result =
            ListResourcesResult::with_all_items(found).with_ttl_ms(0).with_cache_scope(CacheScope::Private);
        result.next_cursor = next;
        Ok(result)
    }

    fn listed_post(&self, post: &Value) -> Option<Resource> {
        let id = post["id"].as_str()?;
        let status: PostStatus = serde_json::from_value(post["status"].clone()).ok()?;
        let said = plain(post["text"].as_str().unwrap_or_default(), TITLE_CHARS);
        let title = if said.is_empty() { self.text(&say!("mcp-resource-post")) } else { said };
        let at = post["at"].as_str().and_then(|at| Moment::at(at, &self.caller().zone));
        let mut about = self.text(&status.wording());
        if let Some(at) = at {
            about = format!("{about} {}", self.app.words().moment(self.caller().lang, &at, self.app.now_ms()));
        }
        let resource = Resource::new(format!("socrazi://posts/{id}"), id).with_title(title).with_description(about);
        Some(resource.with_mime_type("application/json").with_icons(self.icon(Icon::Post)))
    }

    /// What can be asked for by name.
    pub(super) fn templates(&self) -> ListResourceTemplatesResult {
        let all = [
            (
                POST_TEMPLATE,
                "post",
                Icon::Post,
                say!("mcp-resource-post"),
                say!("mcp-resource-post-about"),
                Area::Posts,
            ),
            (
                PICTURE_TEMPLATE,
                "picture",
                Icon::Post,
                say!("mcp-resource-picture"),
                say!("mcp-resource-picture-about"),
                Area::Posts,
            ),
            (
                WEEK_TEMPLATE,
                "week",
                Icon::Calendar,
                say!("mcp-resource-any-week"),
                say!("mcp-resource-week-about"),
                Area::Posts,
            ),
            (
                REPORT_TEMPLATE,
                "report",
                Icon::Report,
                say!("mcp-resource-any-report"),
                say!("mcp-resource-report-about"),
                Area::Reports,
            ),
            (
                FIGURES_TEMPLATE,
                "figures",
                Icon::Report,
                say!("mcp-resource-any-figures"),
                say!("mcp-resource-figures-about"),
                Area::Reports,
            ),
        ];
        let may = |uri: &str, area: Area| match uri {
            FIGURES_TEMPLATE => self.may_see(&Thing::Figures(Figures::Traffic, REPORT_DAYS[0])),
            _ => self.may_read(area),
        };
        let all =
            all.into_iter().filter(|(uri, .., area)| may(uri, *area)).map(|(uri, name, icon, title, about, _)| {
                ResourceTemplate::new(uri, name)
                    .with_title(self.text(&title))
                    .with_description(self.text(&about))
                    .with_mime_type(if uri == PICTURE_TEMPLATE { "image/png" } else { "application/json" })
                    .with_icons(self.icon(icon))
            });
        ListResourceTemplatesResult::with_all_items(all.collect()).with_ttl_ms(0).with_cache_scope(CacheScope::Private)
    }

    /// The text behind an address. Somebody else's post is not there, like one that never was.
    pub(super) async fn read(&self, thing: &Thing) -> Result<Read, ToolError> {
        if !self.may_see(thing) {
            return Err(
                say!("mcp-resource-not-allowed", uri = thing.to_string(), scopes = thing.scopes().text()).into()
            );
        }
        let value = match thing {
            Thing::Accounts => self.tool("list_accounts", json!({ "detail": "rules" })).await?,
            Thing::Voice => return Ok(Read { text: self.voice().await?, is_third_party: false }),
            Thing::Week(week) => self.week(*week).await?,
            // Whoever waits for another picture waits for another post.
            Thing::Post(id) | Thing::Picture(id) => self.tool("get_post", json!({ "post": id.as_str() })).await?,
            Thing::Report(days) => self.tool("report_posts", json!({ "days": days })).await?,
            Thing::Figures(report, days) => {
                self.tool(report.tool(), json!({ "period": format!("last {days} days"), "compare": "previous" }))
                    .await?
            }
        };
        // Names and terms in Google's rows were given by whoever came by.
        let is_third_party = has_third_party(&value) || matches!(thing, Thing::Figures(..));
        Ok(Read { text: capped(value), is_third_party })
    }

    async fn tool(&self, name: &str, arguments: Value) -> Result<Value, ToolError> {
        let outcome = if self.is_watching {
            self.app.peek_tool_in(self.caller(), Lang::En, (name, arguments)).await?
        } else {
            self.app.read_tool(self.caller(), name, arguments).await?
        };
        Ok(outcome.structured)
    }

    /// As the protocol has it.
    pub(super) async fn contents(&self, uri: &str) -> Result<ReadResourceResult, ErrorData> {
        let not_found = || {
            let what = say!("mcp-resource-not-found", uri = uri.chars().take(200).collect::<String>());
            ErrorData::resource_not_found(self.english(&what), Some(json!({ "uri": uri })))
        };
        let thing = Thing::read(uri).ok_or_else(not_found)?;
        let read = match self.read(&thing).await {
            Ok(read) => read,
            Err(ToolError::Refused(why)) if why.key == "post-not-found" => return Err(not_found()),
            Err(error) => return Err(self.fault(error)),
        };
        self.noted(&read).await?;
        let contents = match &thing {
            Thing::Picture(id) => self.pictures(id).await.map_err(|error| self.fault(error))?,
            Thing::Accounts
            | Thing::Voice
            | Thing::Week(_)
            | Thing::Post(_)
            | Thing::Report(_)
            | Thing::Figures(..) => {
                vec![ResourceContents::text(read.text, uri)]
            }
        };
        let meta = read.is_third_party.then(third_party);
        let whole = |contents: ResourceContents| {
            let contents = contents.with_mime_type(thing.mime_type());
            meta.clone().into_iter().fold(contents, ResourceContents::with_meta)
        };
        Ok(ReadResourceResult::new(contents.into_iter().map(whole).collect())
            .with_ttl_ms(0)
            .with_cache_scope(CacheScope::Private))
    }

    /// A post as its accounts would show it, each a picture with its words; none where it cannot be drawn.
    async fn pictures(&self, id: &PostId) -> Result<Vec<ResourceContents>, ToolError> {
        let pictures = self.drawn(&self.app.read_post(self.caller(), id).await?).await;
        let uri = Thing::Picture(id.clone()).to_string();
        Ok(pictures.into_iter().flatten().map(|(png, _)| ResourceContents::blob(png, &uri)).collect())
    }

    /// Pictures of a post's accounts in Base64, in order, with what they show in words; none for those that are too many, too large, or not drawn.
    pub(super) async fn drawn(&self, post: &PostView) -> Vec<Option<(String, String)>> {
        let lang = self.caller().lang;
        let (mut drawn, mut bytes) = (Vec::new(), 0);
        for VariantView { account, preview, .. } in post.variants.iter().take(PICTURES_MAX) {
            let png = self.app.picture(lang, (account, preview), Theme::Light).await;
            let png = png.filter(|png| bytes + png.len() <= PICTURE_BYTES_MAX);
            bytes += png.as_ref().map_or(0, Vec::len);
            let told = || told(self.app.words(), lang, (account, preview));
            drawn.push(png.map(|png| (BASE64_STANDARD.encode(png), told())));
        }
        drawn
    }

    /// Before it is answered: a model that reads somebody else's words must not be able to act on them with a standing permission.
    pub(super) async fn noted(&self, read: &Read) -> Result<(), ErrorData> {
        let value = serde_json::from_str(&read.text).unwrap_or_default();
        self.app.note_read(self.caller(), &value).await.map_err(|error| self.fault(error))
    }

    async fn voice(&self) -> Result<String, ToolError> {
        let profile = self.app.voice(self.caller()).await?;
        let mut text = "# Brand voice\n".to_owned();
        if !profile.voice.is_empty() {
            text = format!("{text}\nHow the person's posts sound: {}\n", profile.voice);
        }
        if !profile.banned_words.is_empty() {
            text = format!("{text}\nWords that must not appear in a post: {}\n", profile.banned_words.join(", "));
        }
        if !profile.hashtags.is_empty() {
            text = format!("{text}\nHashtags: {}\n", profile.hashtags);
        }
        if profile.voice.is_empty() && profile.banned_words.is_empty() && profile.hashtags.is_empty() {
            text.push_str("\nNothing is set. The person can say how their posts should sound on the settings page.\n");
        }
        Ok(cut(&text, BYTES_MAX))
    }

    /// One week, day by day.
    async fn week(&self, week: Week) -> Result<Value, ToolError> {
        let (caller, now) = (self.caller(), self.app.now_ms());
        let span = week.span(&caller.zone);
        let mut posts = self.app.list_due(caller, span, WEEK_POSTS_MAX + 1).await?;
        let has_more = posts.len() > usize::try_from(WEEK_POSTS_MAX).unwrap_or(usize::MAX);
        posts.truncate(usize::try_from(WEEK_POSTS_MAX).unwrap_or(usize::MAX));
        let rows = posts.iter().flat_map(|post| post.deliveries.iter().map(move |delivery| (post, delivery)));
        let mut rows: Vec<_> = rows.filter(|(_, delivery)| (span.0..span.1).contains(&delivery.when.at_ms)).collect();
        rows.sort_by_key(|(post, delivery)| (delivery.when.at_ms, post.id.clone()));
        let row = |(post, delivery): &(&PostView, &crate::desk::view::DeliveryView)| {
            let when = Moment { at_ms: delivery.when.at_ms, zone: caller.zone.clone() };
            let mut row = json!({
                "at": when.rfc3339(),
                "post": post.id.as_str(),
                "account": format!("@{}", delivery.account.handle),
                "network": delivery.account.network,
                "state": delivery.state,
                "wording": self.english(&delivery.state.wording()),
                "text": beginning(post),
            });
            if post.is_third_party {
                row["third_party_text"] = true.into();
            }
            row
        };
        let days: Vec<Value> = week
            .days()
            .into_iter()
            .map(|day| {
                let of_day = rows.iter().filter(|(_, delivery)| day_of(delivery.when.at_ms, &caller.zone) == day);
                json!({ "date": day.to_string(), "posts": of_day.map(row).collect::<Vec<_>>() })
            })
            .collect();
        let today = day_of(now, &caller.zone).to_string();
        let mut value = json!({ "week": week.to_string(), "zone": caller.zone, "today": today, "days": days });
        if has_more {
            value["has_more"] = true.into();
        }
        Ok(value)
    }
}

/// What people call them.
fn figures_title(report: Figures) -> Sentence {
    match report {
        Figures::Traffic => say!("mcp-resource-figures-traffic"),
        Figures::Search => say!("mcp-resource-figures-search"),
        Figures::Videos => say!("mcp-resource-figures-videos"),
    }
}

const fn feature(report: Figures) -> Feature {
    match report {
        Figures::Traffic => Feature::Analytics,
        Figures::Search => Feature::Search,
        Figures::Videos => Feature::Videos,
    }
}

/// The mark of what somebody else wrote: data, never a wish.
pub(super) fn third_party() -> MetaObject {
    let mut meta = MetaObject::default();
    meta.0.insert(THIRD_PARTY.into(), true.into());
    meta
}

/// Whether anything in an answer is marked as somebody else's words.
pub(super) fn has_third_party(value: &Value) -> bool {
    match value {
        Value::Object(map) => {
            map.iter().any(|(key, inner)| (key == "third_party_text" && *inner == true) || has_third_party(inner))
        }
        Value::Array(all) => all.iter().any(has_third_party),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

pub(super) fn beginning(post: &PostView) -> String {
    let first = post.variants.first().and_then(|variant| variant.content.segments.first());
    plain(first.map_or("", |segment| segment.text.as_str()), TITLE_CHARS)
}

/// A text on one line, without what could lay out anything else anew, cut.
pub(super) fn plain(text: &str, chars: usize) -> String {
    let hides = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let words: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !hides(*c)).collect();
    let mut line = words.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if line.chars().count() > chars {
        line = line.chars().take(chars.saturating_sub(1)).chain(['…']).collect();
    }
    line
}

/// A text that is no longer than this, and shows when it was.
pub(super) fn cut(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        return text.to_owned();
    }
    let end = (0..=bytes - 3).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}…", &text[..end])
}

/// JSON that fits: first long texts are cut, then long lists, and it says so.
pub(super) fn capped(mut value: Value) -> String {
    let mut text = value.to_string();
    for (chars, items) in [(2_000, 100), (500, 50), (200, 20), (80, 10), (40, 5), (20, 2)] {
        if text.len() <= BYTES_MAX {
            break;
        }
        shorten(&mut value, chars, items);
        if let Value::Object(map) = &mut value {
            map.insert("cut".into(), true.into());
        }
        text = value.to_string();
    }
    text
}

fn shorten(value: &mut Value, chars: usize, items: usize) {
    match value {
        Value::String(text) if text.chars().count() > chars => {
            *text = text.chars().take(chars - 1).chain(['…']).collect()
        }
        Value::Array(all) => {
            all.truncate(items);
            all.iter_mut().for_each(|inner| shorten(inner, chars, items));
        }
        Value::Object(map) => map.values_mut().for_each(|inner| shorten(inner, chars, items)),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_read_fits_and_says_that_it_was_cut() {
        let post = json!({ "text": "あ".repeat(3_000), "id": "post_1" });
        let whole = json!({ "posts": [post] });
        assert_eq!(capped(whole.clone()), whole.to_string());
        let huge = json!({ "posts": vec![post; 5_000], "deep": { "text": "x".repeat(1_000_000) } });
        let text = capped(huge);
        let read: Value = serde_json::from_str(&text).unwrap_or_default();
        assert!(text.len() <= BYTES_MAX, "{}", text.len());
        assert_eq!((&read["cut"], &read["posts"][0]["id"]), (&json!(true), &json!("post_1")));
        assert!(cut(&"あ".repeat(20_000), BYTES_MAX).len() <= BYTES_MAX);
    }

    #[test]
    fn a_title_is_one_line_that_lays_out_nothing_else() {
        assert_eq!(plain("a\n\n b\t\u{202e}c\u{0}", 10), "a b c");
        assert_eq!(plain(&"あ".repeat(100), 5), "ああああ…");
    }
}
