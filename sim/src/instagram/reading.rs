//! Reading the simulated Instagram: who somebody is, media, lists with cursors, what Facebook Login reads besides (dossier §1b, §2, §6).
//! Numbers are `insights`.

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::containers::{describe, nonexisting};
use super::oauth::{Grant, Need, account, bearer, caller, issue, may, reached};
use super::options::SimProfile;
use super::refusal::missing;
use super::state::{Kind, Login, Medium, Record, State, Token};
use crate::clock::{DAY_MS, rfc3339};
use crate::graph::{Call, GraphError};

const PAGE_MAX: i64 = 100;
const PAGE_DEFAULT: i64 = 25;

/// `GET /{v}/{id}`: an account, a person, a container or a medium.
pub(super) fn node(state: &State, (id, root): (&str, &str), call: &Call, now_ms: i64) -> Result<Response, GraphError> {
    let token = bearer(state, call, now_ms)?;
    if id == "me" && token.login == Login::Facebook {
        return Ok(Json(json!({"id": token.holder, "name": "Simulated Person"})).into_response());
    }
    let token = may(state, call, now_ms, Need::Basic)?;
    if let Ok(profile) = account(state, &token, id) {
        return Ok(Json(show_profile(state, (&profile, &token), call, root)?).into_response());
    }
    if let Some(container) = state.containers.get(id) {
        account(state, &token, &container.owner).map_err(|_| missing(id))?;
        return Ok(Json(describe(state, container, call, now_ms)?).into_response());
    }
    let medium = state.live(id).ok_or_else(|| missing(id))?;
    account(state, &token, &medium.entry.account_id).map_err(|_| missing(id))?;
    Ok(Json(show(state, medium, (&call.list("fields"), &inner(call, "children")))?).into_response())
}

fn show_profile(
    state: &State,
    (profile, token): (&SimProfile, &Token),
    call: &Call,
    root: &str,
) -> Result<Value, GraphError> {
    let by_instagram = token.login == Login::Instagram;
    // By Instagram Login `id` is the app-scoped one, and `user_id` the one for paths.
    let id = if by_instagram { &profile.scoped_id } else { &profile.id };
    let mut shown = json!({"id": id});
    let media = state.media.iter().filter(|medium| medium.entry.account_id == profile.id && !medium.entry.deleted);
    for field in call.list("fields") {
        let value: Value = match field.as_str() {
            "id" => id.as_str().into(),
            "user_id" | "account_type" if !by_instagram => return Err(nonexisting(&field)),
            "user_id" => profile.id.as_str().into(),
            "account_type" => profile.account_type.as_str().into(),
            "username" => profile.username.as_str().into(),
            "name" => profile.name.as_str().into(),
            "profile_picture_url" => format!("{root}/pictures/{}.png", profile.username).into(),
            "followers_count" => profile.followers.into(),
            "follows_count" => 0.into(),
            "media_count" => {
                media.clone().filter(|medium| medium.kind.is_some_and(|kind| !kind.is_story())).count().into()
            }
            "biography" => profile.biography.as_str().into(),
            "website" => profile.website.as_str().into(),
            other => return Err(nonexisting(other)),
        };
        // What somebody did not fill in is left out.
        if value != "" {
            shown[&field] = value;
        }
    }
    Ok(shown)
}

fn show(state: &State, medium: &Medium, (fields, inner): (&[String], &[String])) -> Result<Value, GraphError> {
    let entry = &medium.entry;
    let kind = medium.kind.ok_or_else(|| missing(&entry.id))?;
    let (media_type, product) = kind.names();
    let shortcode = format!("D{:x}", entry.id.parse::<u64>().unwrap_or(0));
    let place = match product {
        "REELS" => "reel".to_owned(),
        "STORY" => format!("stories/{}", entry.account_name),
        _ => "p".to_owned(),
    };
    let count = |name: &str| state.insights.get(&entry.id).and_then(|set| set.get(name)).copied().unwrap_or(0);
    let given = |name: &str| medium.fields.get(name).map(|value| Value::from(value.as_str()));
    let comments =
        state.media.iter().filter(|other| other.entry.parent.as_deref() == Some(&entry.id) && !other.entry.deleted);
    let mut shown = json!({"id": entry.id});
    for field in fields {
        let value = match field.as_str() {
            "id" => Some(entry.id.as_str().into()),
            "caption" => (!entry.text.is_empty()).then(|| entry.text.as_str().into()),
            "media_type" => Some(media_type.into()),
            "media_product_type" => Some(product.into()),
            "permalink" => Some(format!("https://www.instagram.com/{place}/{shortcode}/").into()),
            "shortcode" => Some(shortcode.as_str().into()),
            "timestamp" => Some(stamp(entry.created_at_ms).into()),
            "username" => Some(entry.account_name.as_str().into()),
            "owner" => Some(json!({"id": entry.account_id})),
            "media_url" => given("image_url").or_else(|| given("video_url")),
            "alt_text" => given("alt_text"),
            "thumbnail_url" => given("cover_url").filter(|_| kind.is_film()),
            "is_comment_enabled" => Some(true.into()),
            "is_shared_to_feed" => {
                (kind == Kind::Reel).then(|| (medium.fields.get("share_to_feed").is_none_or(|v| v == "true")).into())
            }
            "comments_count" => Some(comments.clone().count().into()),
            "like_count" => Some(count("likes").into()),
            "view_count" => Some(count("views").into()),
            "saved_count" => Some(count("saved").into()),
            "shares_count" => Some(count("shares").into()),
            "reposts_count" => Some(count("reposts").into()),
            "children" => (!medium.children.is_empty()).then(|| json!({"data": children(state, medium, inner)})),
            "ig_id" | "legacy_instagram_media_id" => Some(entry.id.as_str().into()),
            other => return Err(nonexisting(other)),
        };
        if let Some(value) = value {
            shown[field] = value;
        }
    }
    Ok(shown)
}

/// What stands in braces behind a field.
fn inner(call: &Call, field: &str) -> Vec<String> {
    let all = call.one("fields").unwrap_or_default();
    let inside = all.split_once(&format!("{field}{{")).and_then(|(_, rest)| rest.split_once('}'));
    inside.map(|(inside, _)| inside.split(',').map(str::to_owned).collect()).unwrap_or_default()
}

/// The items of a carousel, as far as they are asked for.
fn children(state: &State, medium: &Medium, fields: &[String]) -> Vec<Value> {
    let items = medium.children.iter().filter_map(|id| state.containers.get(id));
    items
        .map(|item| {
            let mut shown = json!({"id": item.id});
            for field in fields {
                match field.as_str() {
                    "media_type" => shown["media_type"] = item.kind.names().0.into(),
                    "media_url" => {
                        shown["media_url"] = item.field("image_url").or_else(|| item.field("video_url")).into()
                    }
                    "alt_text" => shown["alt_text"] = item.field("alt_text").into(),
                    "timestamp" => shown["timestamp"] = stamp(medium.entry.created_at_ms).into(),
                    "username" => shown["username"] = medium.entry.account_name.as_str().into(),
                    _ => {}
                }
            }
            shown
        })
        .collect()
}

/// `2026-11-27T08:00:00+0000`.
pub(super) fn stamp(at_ms: i64) -> String {
    format!("{}+0000", rfc3339(at_ms).get(..19).unwrap_or_default())
}

/// `GET /{v}/{media}/children`.
pub(super) fn items(state: &State, id: &str, call: &Call, now_ms: i64) -> Result<Response, GraphError> {
    let token = may(state, call, now_ms, Need::Basic)?;
    let medium = state.live(id).ok_or_else(|| missing(id))?;
    account(state, &token, &medium.entry.account_id)?;
    Ok(Json(json!({"data": children(state, medium, &call.list("fields"))})).into_response())
}

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Media,
    /// Of the last 24 hours.
    Stories,
    /// Below a medium.
    Comments,
}

impl List {
    /// The last word of its address.
    fn path(self) -> &'static str {
        match self {
            Self::Media => "media",
            Self::Stories => "stories",
            Self::Comments => "comments",
        }
    }
}

/// `GET /{v}/{user}/media` and `/stories`, `/{v}/{media}/comments`, newest first.
pub(super) fn list(state: &State, (id, which): (&str, List), call: &Call, now_ms: i64) -> Result<Response, GraphError> {
    let owner = if which == List::Comments {
        let token = may(state, call, now_ms, Need::Comments)?;
        let medium = state.live(id).ok_or_else(|| missing(id))?;
        account(state, &token, &medium.entry.account_id)?.id
    } else {
        caller(state, (id, call), now_ms, Need::Basic)?.id
    };
    let limit = call.number("limit")?.unwrap_or(PAGE_DEFAULT);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(GraphError::param("Param limit must be between 1 and 100"));
    }
    let limit = usize::try_from(limit).unwrap_or(1);
    let (since, until) = (call.number("since")?, call.number("until")?);
    let cursor = |name: &str| {
        let wrong = || GraphError::param(&format!("Invalid cursor in {name}"));
        let read = |raw: &str| raw.strip_prefix("QVFI").and_then(|rest| rest.parse::<u64>().ok());
        call.one(name).map(|raw| read(raw).ok_or_else(wrong)).transpose()
    };
    let (after, before) = (cursor("after")?, cursor("before")?);
    let visible_ms = now_ms - state.options.tuning.list_lag_ms;
    let number = |medium: &Medium| medium.entry.id.parse::<u64>().unwrap_or(0);
    let fits = |medium: &&Medium| {
        let entry = &medium.entry;
        let is_listed = match which {
            List::Media => medium.kind.is_some_and(|kind| !kind.is_story()) && entry.account_id == owner,
            List::Stories => {
                medium.kind.is_some_and(Kind::is_story)
                    && entry.account_id == owner
                    && entry.created_at_ms > now_ms - DAY_MS
            }
            List::Comments => medium.kind.is_none() && entry.parent.as_deref() == Some(id),
        };
        is_listed
            && !entry.deleted
            && entry.created_at_ms <= visible_ms
            && since.is_none_or(|since| entry.created_at_ms / 1_000 >= since)
            && until.is_none_or(|until| entry.created_at_ms / 1_000 <= until)
            && after.is_none_or(|after| number(medium) < after)
            && before.is_none_or(|before| number(medium) > before)
    };
    let all: Vec<&Medium> = state.media.iter().rev().filter(fits).collect();
    let page: Vec<&Medium> = all.iter().take(limit).copied().collect();
    let fields = call.list("fields");
    let inside = inner(call, "children");
    let shown: Result<Vec<Value>, GraphError> =
        page.iter().map(|medium| one_of(state, medium, (&fields, &inside), which)).collect();
    let mut body = json!({"data": shown?});
    if let (Some(first), Some(last)) = (page.first(), page.last()) {
        let (first, last) = (format!("QVFI{}", number(first)), format!("QVFI{}", number(last)));
        body["paging"] = json!({"cursors": {"before": first, "after": last}});
        if all.len() > page.len() {
            let path = which.path();
            let fields = call.one("fields").unwrap_or_default();
            body["paging"]["next"] =
                format!("https://graph.instagram.com/v25.0/{id}/{path}?fields={fields}&limit={limit}&after={last}")
                    .into();
        }
    }
    Ok(Json(body).into_response())
}

fn one_of(state: &State, medium: &Medium, fields: (&[String], &[String]), which: List) -> Result<Value, GraphError> {
    if which != List::Comments {
        return show(state, medium, fields);
    }
    let entry = &medium.entry;
    Ok(
        json!({"id": entry.id, "text": entry.text, "timestamp": stamp(entry.created_at_ms), "username": entry.account_name}),
    )
}

/// `GET /{v}/me/accounts`: the pages of a person, each with a token of its own and the account linked with it.
pub(super) fn pages(state: &mut State, call: &Call, now_ms: i64) -> Result<Response, GraphError> {
    let token = bearer(state, call, now_ms)?;
    let may_list = token.login == Login::Facebook && token.scopes.iter().any(|scope| scope == "pages_show_list");
    if !may_list {
        return Err(GraphError::new(10, "(#10) pages_show_list is missing"));
    }
    let limit = usize::try_from(call.number("limit")?.unwrap_or(PAGE_DEFAULT).max(1)).unwrap_or(1);
    let after: usize =
        call.one("after").and_then(|raw| raw.strip_prefix("QVFI")).and_then(|raw| raw.parse().ok()).unwrap_or(0);
    let all = reached(state, &token);
    let wants = |name: &str| call.one("fields").is_some_and(|fields| fields.contains(name));
    let may_see = token.scopes.iter().any(|scope| scope == "instagram_basic");
    let mut data = Vec::new();
    for profile in all.iter().skip(after).take(limit) {
        let page = profile.page_id.clone().unwrap_or_default();
        let grant = Grant { login: Login::Page, holder: &page, scopes: &token.scopes, declined: &[], is_long: true };
        let page_token = issue(state, &grant, now_ms)?.value;
        let mut shown = json!({"id": page, "name": profile.name});
        if wants("access_token") {
            shown["access_token"] = page_token.into();
        }
        if wants("instagram_business_account") && may_see {
            shown["instagram_business_account"] = json!({"id": profile.id, "username": profile.username});
        }
        data.push(shown);
    }
    let mut body = json!({"data": data});
    let end = after.saturating_add(limit);
    if end < all.len() {
        let next = format!("QVFI{end}");
        body["paging"] = json!({"cursors": {"before": "QVFI0", "after": next},
            "next": format!("https://graph.facebook.com/v25.0/me/accounts?limit={limit}&after={next}")});
    }
    Ok(Json(body).into_response())
}

/// The Facebook person behind a call: permissions are a matter of Facebook's alone (§1.5).
fn person(state: &State, call: &Call, now_ms: i64) -> Result<Token, GraphError> {
    let token = bearer(state, call, now_ms)?;
    if token.login == Login::Facebook { Ok(token) } else { Err(missing("me")) }
}

/// `GET /{v}/me/permissions`.
pub(super) fn permissions(state: &State, call: &Call, now_ms: i64) -> Result<Response, GraphError> {
    let token = person(state, call, now_ms)?;
    let told = |scopes: &[String], status: &str| -> Vec<Value> {
        scopes.iter().map(|scope| json!({"permission": scope, "status": status})).collect()
    };
    let data = [told(&token.scopes, "granted"), told(&token.declined, "declined")].concat();
    Ok(Json(json!({"data": data})).into_response())
}

/// `DELETE /{v}/me/permissions`: the person takes everything back.
pub(super) fn end_permissions(state: &mut State, call: &Call, now_ms: i64) -> Result<Response, GraphError> {
    let token = person(state, call, now_ms)?;
    state.commit(Record::Died { holder: token.holder, subcode: 458 })?;
    Ok(Json(json!({"success": true})).into_response())
}

/// `GET /{v}/debug_token`: asked with the app's own token (§1b.5).
pub(super) fn debug(state: &State, call: &Call, now_ms: i64) -> Result<Response, GraphError> {
    let options = &state.options;
    if call.token() != Some(&format!("{}|{}", options.meta_id, options.meta_secret)) {
        return Err(GraphError::new(190, "Invalid OAuth access token signature."));
    }
    let input = call.needed("input_token")?;
    let known = state.tokens.iter().find(|token| token.value == input);
    let data = known.map_or_else(
        || json!({"is_valid": false, "error": {"code": 190, "message": "Malformed access token"}}),
        |token| {
            let is_alive = token.death.is_none() && token.expires_ms.is_none_or(|end| now_ms < end);
            json!({"app_id": options.meta_id, "is_valid": is_alive, "type": if token.login == Login::Page { "PAGE" } else { "USER" },
                "expires_at": token.expires_ms.unwrap_or(0) / 1_000, "issued_at": token.issued_ms / 1_000,
                "data_access_expires_at": (token.issued_ms + 90 * DAY_MS) / 1_000, "scopes": token.scopes, "user_id": token.holder})
        },
    );
    Ok(Json(json!({"data": data})).into_response())
}
