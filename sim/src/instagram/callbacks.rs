//! What Meta sends on its own (dossier §8): the two signed callbacks when somebody removes the app or wants their data deleted, and
//! webhooks with their verification. `POST /__sim/deauthorize|delete_data|verify_webhook|notify` make them happen.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State as Shared;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::Instagram;
use super::state::Record;
use crate::chance::secret;
use crate::graph::signed_request;
use crate::lock;
use crate::sign::hmac_hex;
use crate::wire::{self, Parcel};

const PATIENCE: Duration = Duration::from_secs(10);
const ANSWER_BYTES_MAX: usize = 64 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Whom {
    /// The account's id for paths; by Facebook Login the person's.
    user_id: String,
}

/// Somebody removes the app: their tokens die, then the callback goes out.
pub(super) async fn deauthorize(Shared(instagram): Shared<Arc<Instagram>>, Json(whom): Json<Whom>) -> Json<Value> {
    let to = {
        let mut state = lock(&instagram.state);
        let record = Record::Died { holder: whom.user_id.clone(), subcode: 458 };
        if state.commit(record).is_err() {
            return Json(json!({"delivered": false}));
        }
        state.options.deauthorize_callback.clone()
    };
    deliver(&instagram, to, &whom.user_id).await
}

/// Somebody asks for deletion.
pub(super) async fn delete_data(Shared(instagram): Shared<Arc<Instagram>>, Json(whom): Json<Whom>) -> Json<Value> {
    let to = lock(&instagram.state).options.deletion_callback.clone();
    deliver(&instagram, to, &whom.user_id).await
}

/// Sends the form and tells what came back, and whether a deletion's answer has the two members it must have.
async fn deliver(instagram: &Instagram, to: Option<Url>, user_id: &str) -> Json<Value> {
    let Some(url) = to else { return Json(json!({"delivered": false})) };
    let (key, scoped) = {
        let state = lock(&instagram.state);
        // By Instagram Login the Instagram secret signs, by Facebook Login Meta's.
        let by_instagram = state.user(user_id).map(|user| user.scoped_id.clone());
        let options = &state.options;
        match by_instagram {
            Some(scoped) => (options.client_secret.clone(), scoped),
            None => (options.meta_secret.clone(), user_id.to_owned()),
        }
    };
    let signed = signed_request(&key, &scoped, instagram.clock.now_ms() / 1_000);
    let form = url::form_urlencoded::Serializer::new(String::new()).append_pair("signed_request", &signed).finish();
    let parcel = Parcel {
        url,
        agent: "facebookexternalua",
        content_type: "application/x-www-form-urlencoded".into(),
        headers: Vec::new(),
        body: form.into(),
    };
    match wire::post(parcel, PATIENCE).await {
        Ok(got) => {
            let body: Value = serde_json::from_str(&got.body).unwrap_or_default();
            let has_receipt = body["url"].is_string() && body["confirmation_code"].is_string();
            Json(
                json!({"delivered": true, "status": got.status.as_u16(), "body": got.body, "has_receipt": has_receipt}),
            )
        }
        Err(error) => Json(json!({"delivered": false, "error": error})),
    }
}

/// Asks the receiver of webhooks to prove itself.
pub(super) async fn verify(Shared(instagram): Shared<Arc<Instagram>>) -> Json<Value> {
    let Some((mut url, word)) = lock(&instagram.state).options.webhook.clone() else {
        return Json(json!({"proved": false, "error": "no receiver"}));
    };
    let challenge = secret("");
    url.query_pairs_mut()
        .append_pair("hub.mode", "subscribe")
        .append_pair("hub.challenge", &challenge)
        .append_pair("hub.verify_token", &word);
    match wire::fetch(url, ANSWER_BYTES_MAX, PATIENCE).await {
        Ok(bytes) => Json(json!({"proved": bytes == challenge.as_bytes()})),
        Err(error) => Json(json!({"proved": false, "error": error})),
    }
}

/// Everything but ASCII escaped with `\u` and four lower-case hex digits, as Meta writes it before signing.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            out.push_str(&format!("\\u{unit:04x}"));
        }
    }
    out
}

fn signature(key: &str, body: &[u8]) -> String {
    format!("sha256={}", hmac_hex(key, body))
}

/// Delivers one webhook.
pub(super) async fn notify(Shared(instagram): Shared<Arc<Instagram>>, body: String) -> Json<Value> {
    let (webhook, key) = {
        let state = lock(&instagram.state);
        (state.options.webhook.clone(), state.options.client_secret.clone())
    };
    let Some((url, _)) = webhook else { return Json(json!({"delivered": false})) };
    let body = escaped(&body).into_bytes();
    let headers = vec![("X-Hub-Signature-256".into(), signature(&key, &body))];
    let parcel = Parcel { url, agent: "facebookexternalua", content_type: "application/json".into(), headers, body };
    match wire::post(parcel, PATIENCE).await {
        Ok(got) => Json(json!({"delivered": true, "status": got.status.as_u16()})),
        Err(error) => Json(json!({"delivered": false, "error": error})),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_published_vector() {
        let wanted = "sha256=4c166c139fb15bf4adbda063a21a4c7d870270ce3473257f03812313995045bd";
        assert_eq!(signature("test_app_secret", br#"{"object":"instagram","entry":[]}"#), wanted);
        assert_eq!(escaped("a ä 😀"), "a \\u00e4 \\ud83d\\ude00");
    }
}
