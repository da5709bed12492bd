//! `GET /attachments/…`: the bytes of files, at addresses that expire (dossier §8).

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State as Shared};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Discord;
use crate::lock;

/// A file, while its address is good.
pub(super) async fn download(
    Shared(discord): Shared<Arc<Discord>>,
    Path((channel, id, name)): Path<(String, String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let until = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "ex");
    let until = until.and_then(|(_, hex)| i64::from_str_radix(&hex, 16).ok()).unwrap_or(0);
    let state = lock(&discord.state);
    let file = state.files.get(&id).filter(|file| file.channel == channel && file.name == name);
    match file.filter(|_| discord.clock.now_ms() / 1_000 <= until) {
        Some(file) => ([(header::CONTENT_TYPE, file.mime.clone())], file.bytes.clone()).into_response(),
        None => (StatusCode::NOT_FOUND, "This content is no longer available.").into_response(),
    }
}
