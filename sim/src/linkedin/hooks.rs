//! Webhooks of the simulated LinkedIn (dossier §7): the challenge that proves a receiver, and signed deliveries. `POST /__sim/challenge`
//! and `POST /__sim/notify {…}` make them happen.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State as Shared;
use serde_json::{Value, json};

use super::LinkedIn;
use crate::chance::secret;
use crate::lock;
use crate::sign::hmac_hex;
use crate::wire::{self, Parcel};

/// The answer to a challenge must be there after this long.
const PATIENCE: Duration = Duration::from_secs(3);
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Asks the receiver to prove itself.
pub(super) async fn challenge(Shared(linkedin): Shared<Arc<LinkedIn>>) -> Json<Value> {
    let (url, key) = {
        let state = lock(&linkedin.state);
        (state.options.webhook.clone(), state.options.client_secret.clone())
    };
    let Some(mut url) = url else { return Json(json!({"proved": false, "error": "no receiver"})) };
    let code = secret("");
    url.query_pairs_mut().append_pair("challengeCode", &code).append_pair("applicationId", "1");
    match wire::fetch(url, ANSWER_BYTES_MAX, PATIENCE).await {
        Err(error) => Json(json!({"proved": false, "error": error})),
        Ok(bytes) => {
            let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            let proved =
                body["challengeCode"] == code.as_str() && body["challengeResponse"] == hmac_hex(&key, code.as_bytes());
            Json(json!({"proved": proved, "body": body}))
        }
    }
}

/// Delivers a body as it is, signed over its bytes.
pub(super) async fn notify(Shared(linkedin): Shared<Arc<LinkedIn>>, body: Bytes) -> Json<Value> {
    let (url, key) = {
        let state = lock(&linkedin.state);
        (state.options.webhook.clone(), state.options.client_secret.clone())
    };
    let Some(url) = url else { return Json(json!({"delivered": false})) };
    let signature = format!("hmacsha256={}", hmac_hex(&key, &body));
    let parcel = Parcel {
        url,
        agent: "LinkedIn-Webhooks",
        content_type: "application/json".into(),
        headers: vec![("X-LI-Signature".into(), signature)],
        body: body.to_vec(),
    };
    match wire::post(parcel, PATIENCE).await {
        Ok(got) => Json(json!({"delivered": true, "status": got.status.as_u16(), "body": got.body})),
        Err(error) => Json(json!({"delivered": false, "error": error})),
    }
}

#[cfg(test)]
mod tests {
    use super::hmac_hex;

    #[test]
    fn signatures_are_those_of_the_published_vectors() {
        let (key, code) = ("test_client_secret", "890e4665-4dfe-4ab1-b689-ed553bceeed0");
        assert_eq!(hmac_hex(key, code.as_bytes()), "2f02d4233a0396d6b4632fc7be62fd3ab68183421f688efcda0c1fcb2615273e");
        let body = br#"{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS"}"#;
        assert_eq!(hmac_hex(key, body), "62dd3f24a40246fb68c0635ebfdec953491e4828e2cfd1816e08e22bff7cdb56");
    }
}
