//! Creating and deleting posts: every rule that X applies between a well-formed body and a new id.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use unicode_normalization::UnicodeNormalization;

use super::body::{self, NewPost};
use super::limits::Endpoint;
use super::media::{self, MediaKind};
use super::options::SimUser;
use super::problem::{self, Problem};
use super::render::{self, respell};
use super::state::{Post, Record, State};
use super::{Caller, X, count};
use crate::ledger::LedgerEntry;

/// Long posts of paying accounts.
const PREMIUM_CHARS_MAX: usize = 25_000;

/// `POST /2/tweets`.
pub(crate) async fn create(Shared(x): Shared<Arc<X>>, headers: HeaderMap, raw: Bytes) -> Response {
    x.answer(&headers, Endpoint::CreatePost, |state, caller| {
        let new = body::parse(&raw)?;
        let kinds = check(state, caller, &new)?;
        let post = publish(state, &caller.user, new, Place { kinds, now_ms: caller.now_ms })?;
        let rendered = render::render(&post, &state.options);
        let id = &post.entry.id;
        let mut answer = json!({"data": {"id": id, "text": rendered.text, "edit_history_tweet_ids": [id]}});
        respell(&mut answer, state.options.spelling);
        Ok((StatusCode::CREATED, Json(answer)).into_response())
    })
}

/// `DELETE /2/tweets/{id}`.
pub(crate) async fn delete(Shared(x): Shared<Arc<X>>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    x.answer(&headers, Endpoint::DeletePost, |state, caller| {
        if !body::is_id(&id) {
            let message = format!("The `id` query parameter value [{id}] is not valid");
            return Err(Problem::invalid(&message, "id", &id));
        }
        let post = state.live_post(&id).ok_or_else(|| Problem::not_found("tweet", "id", &id))?;
        if post.entry.user_id != caller.user.id {
            return Err(Problem::forbidden("You are not authorized to delete this Tweet."));
        }
        state.commit(Record::Deleted { id: id.clone(), at_ms: caller.now_ms })?;
        Ok(Json(json!({"data": {"deleted": true}})).into_response())
    })
}

fn check(state: &State, caller: &Caller, new: &NewPost) -> Result<Vec<MediaKind>, Problem> {
    if new.quotes || new.edits {
        return Err(Problem::forbidden(problem::FEATURE));
    }
    if new.text.trim().is_empty() && new.media_ids.is_empty() {
        return Err(Problem::invalid("$.text: text is required unless media is given", "", ""));
    }
    let kinds = media::attach(state, caller, &new.media_ids)?;
    check_text(&caller.user, &new.text)?;
    if let Some(parent) = &new.reply_to {
        check_reply(state, &caller.user, parent)?;
    }
    check_duplicate(state, caller, &new.text)?;
    Ok(kinds)
}

fn check_text(user: &SimUser, text: &str) -> Result<(), Problem> {
    if text.is_empty() {
        return Ok(());
    }
    let weighed = count::weigh(text);
    let long_enough_a_purse = user.is_premium() && text.chars().count() <= PREMIUM_CHARS_MAX;
    let forbidden = text.chars().any(|c| matches!(c, '\u{FFFE}' | '\u{FEFF}' | '\u{FFFF}'));
    if forbidden || (weighed.weight > count::WEIGHT_MAX && !long_enough_a_purse) {
        return Err(Problem::forbidden(problem::NOT_PERMITTED));
    }
    if render::cashtags(text).len() > 1 {
        return Err(Problem::forbidden(problem::CASHTAGS));
    }
    Ok(())
}

/// Replies: to those who mentioned the account; to oneself by a switch, since nobody knows.
fn check_reply(state: &State, user: &SimUser, parent: &str) -> Result<(), Problem> {
    let refused = || Problem::forbidden(problem::NOT_PERMITTED);
    let parent = state.live_post(parent).ok_or_else(refused)?;
    let own = parent.entry.user_id == user.id;
    let summoned = render::mentions(&parent.entry.text).iter().any(|name| name.eq_ignore_ascii_case(&user.username));
    if (own && state.options.self_replies_allowed) || (!own && summoned) {
        return Ok(());
    }
    Err(refused())
}

fn check_duplicate(state: &State, caller: &Caller, text: &str) -> Result<(), Problem> {
    let wanted = comparable(text);
    if wanted.is_empty() {
        return Ok(());
    }
    let since_ms = caller.now_ms - state.options.duplicate_window_ms;
    let same = state.posts.iter().any(|post| {
        let entry = &post.entry;
        !entry.deleted
            && entry.user_id == caller.user.id
            && entry.created_at_ms > since_ms
            && comparable(&entry.text) == wanted
    });
    if same { Err(Problem::forbidden(problem::DUPLICATE)) } else { Ok(()) }
}

/// The duplicate rule looks at text: composed, and without white space at the ends.
fn comparable(text: &str) -> String {
    text.nfc().collect::<String>().trim().to_owned()
}

struct Place {
    kinds: Vec<MediaKind>,
    now_ms: i64,
}

fn publish(state: &mut State, user: &SimUser, new: NewPost, place: Place) -> Result<Post, Problem> {
    let id = state.next_id(place.now_ms);
    let parent = new.reply_to.as_deref().and_then(|parent| state.live_post(parent));
    let conversation_id = parent.map_or_else(|| id.clone(), |parent| parent.conversation_id.clone());
    let entry = LedgerEntry {
        id,
        user_id: user.id.clone(),
        username: user.username.clone(),
        text: new.text,
        media_ids: new.media_ids,
        in_reply_to: new.reply_to,
        poll: new.poll,
        made_with_ai: new.made_with_ai,
        created_at_ms: place.now_ms,
        deleted: false,
    };
    let reply_settings = new.reply_settings;
    let post = Post { entry, media: place.kinds, conversation_id, reply_settings, deleted_at_ms: None };
    state.commit(Record::Posted(post.clone()))?;
    Ok(post)
}

/// A post by anybody, past all rules.
pub(crate) fn publish_unchecked(
    state: &mut State,
    user_id: &str,
    text: &str,
    now_ms: i64,
) -> Result<LedgerEntry, Problem> {
    let user = state.user(user_id).cloned().ok_or_else(|| Problem::not_found("user", "id", user_id))?;
    let new = NewPost { text: text.to_owned(), ..NewPost::default() };
    publish(state, &user, new, Place { kinds: Vec::new(), now_ms }).map(|post| post.entry)
}
