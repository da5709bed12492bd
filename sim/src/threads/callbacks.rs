//! The two signed callbacks (dossier §7, instagram.md §8): a person removes the app, or asks that their
//! data be deleted. `POST /__sim/uninstall|delete_data {"user_id"}` makes them happen.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::Threads;
use super::state::Record;
use crate::graph::signed_request;
use crate::lock;
use crate::wire::{self, Parcel};

const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Whom {
    user_id: String,
}

/// The person removes the app: their tokens die, then the callback goes out.
pub(super) async fn uninstall(Shared(threads): Shared<Arc<Threads>>, Json(whom): Json<Whom>) -> Response {
    let to = {
        let mut state = lock(&threads.state);
        if let Err(error) = state.commit(Record::Removed { user_id: whom.user_id.clone() }) {
            return error.into_response();
        }
        state.options.uninstall_callback.clone()
    };
    deliver(&threads, to, &whom.user_id).await
}

/// The person asks for deletion.
pub(super) async fn delete_data(Shared(threads): Shared<Arc<Threads>>, Json(whom): Json<Whom>) -> Response {
    let to = lock(&threads.state).options.delete_callback.clone();
    deliver(&threads, to, &whom.user_id).await
}

/// Sends the form and tells what came back, and whether a deletion's answer has the two members it must have.
async fn deliver(threads: &Threads, to: Option<Url>, user_id: &str) -> Response {
    let Some(url) = to else { return Json(json!({"delivered": false})).into_response() };
    let key = lock(&threads.state).options.client_secret.clone();
    let signed = signed_request(&key, user_id, threads.clock.now_ms() / 1000);
    let parcel = Parcel {
        url,
        agent: "facebookexternalua",
        content_type: "application/x-www-form-urlencoded".into(),
        headers: Vec::new(),
        body: url::form_urlencoded::Serializer::new(String::new())
            .append_pair("signed_request", &signed)
            .finish()
            .into(),
    };
    match wire::post(parcel, PATIENCE).await {
        Ok(got) => {
            let body: Value = serde_json::from_str(&got.body).unwrap_or_default();
            let has_receipt = body["url"].is_string() && body["confirmation_code"].is_string();
            Json(
                json!({"delivered": true, "status": got.status.as_u16(), "body": got.body, "has_receipt": has_receipt}),
            )
            .into_response()
        }
        Err(error) => (StatusCode::BAD_GATEWAY, Json(json!({"delivered": false, "error": error}))).into_response(),
    }
}
