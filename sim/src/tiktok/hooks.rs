//! Webhooks of the simulated TikTok (dossier §7): what is due by the clock, signed, sent at least once. `POST /__sim/deliver` sends what
//! nobody took yet, with `{"again": true}` everything once more.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State as Shared;
use serde::Deserialize;
use serde_json::{Value, json};

use super::TikTok;
use super::state::State;
use crate::lock;
use crate::sign::hmac_hex;
use crate::wire::{self, Parcel};

const PATIENCE: Duration = Duration::from_secs(10);

/// The value of `TikTok-Signature`.
fn signature(key: &str, at_s: i64, body: &str) -> String {
    format!("t={at_s},s={}", hmac_hex(key, format!("{at_s}.{body}").as_bytes()))
}

/// Something that happened: when, what, whose, and what is told.
struct Event {
    at_ms: i64,
    name: &'static str,
    open_id: String,
    content: Value,
}

fn due(state: &State, now_ms: i64) -> Vec<Event> {
    let mut events = Vec::new();
    let mut note = |at_ms: Option<i64>, name: &'static str, open_id: &str, content: Value| {
        if let Some(at_ms) = at_ms.filter(|at| *at <= now_ms) {
            events.push(Event { at_ms, name, open_id: open_id.to_owned(), content });
        }
    };
    for publish in &state.publishes {
        let kind = if publish.is_direct { "DIRECT_POST" } else { "INBOX_SHARE" };
        let told = json!({"publish_id": publish.id, "publish_type": kind});
        if let Some(reason) = &publish.failure {
            let told = json!({"publish_id": publish.id, "reason": reason, "publish_type": kind});
            note(Some(publish.failed_ms), "post.publish.failed", &publish.open_id, told);
            continue;
        }
        if !publish.is_direct {
            let delivered = publish.arrived_ms.map(|at| at + publish.waits_ms.0);
            note(delivered, "post.publish.inbox_delivered", &publish.open_id, told.clone());
        }
        note(publish.out_ms(), "post.publish.complete", &publish.open_id, told);
        let public = json!({"publish_id": publish.id, "post_id": publish.post_id.to_string(), "publish_type": kind});
        note(publish.public_ms(), "post.publish.publicly_available", &publish.open_id, public);
    }
    for (open_id, at_ms, reason) in &state.removals {
        note(Some(*at_ms), "authorization.removed", open_id, json!({"reason": reason}));
    }
    events.sort_by_key(|event| event.at_ms);
    events
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Which {
    again: bool,
}

/// Sends what is due; what is not answered 200 stays due.
pub(super) async fn deliver(Shared(tiktok): Shared<Arc<TikTok>>, Json(which): Json<Which>) -> Json<Vec<Value>> {
    let now_ms = tiktok.clock.now_ms();
    let (url, client, key, pending) = {
        let state = lock(&tiktok.state);
        // With its instant: whoever removes the app twice is told of twice.
        let name = |event: &Event| format!("{} {} {} {}", event.at_ms, event.name, event.open_id, event.content);
        let all = due(&state, now_ms).into_iter().map(|event| (name(&event), event));
        let pending: Vec<_> = all.filter(|(name, _)| which.again || !state.delivered.contains(name)).collect();
        let options = &state.options;
        (options.webhook.clone(), options.client_key.clone(), options.client_secret.clone(), pending)
    };
    let mut told = Vec::new();
    for (name, event) in pending {
        let Some(url) = url.clone() else { break };
        // The content is JSON inside of a string.
        let body = json!({"client_key": client, "event": event.name, "create_time": event.at_ms / 1_000,
            "user_openid": event.open_id, "content": event.content.to_string()})
        .to_string();
        let headers = vec![("TikTok-Signature".to_owned(), signature(&key, now_ms / 1_000, &body))];
        let parcel = Parcel {
            url,
            agent: "TikTok-Webhook",
            content_type: "application/json".into(),
            headers,
            body: body.into(),
        };
        let status = wire::post(parcel, PATIENCE).await.map_or(0, |got| got.status.as_u16());
        if status == 200 {
            lock(&tiktok.state).delivered.push(name);
        }
        told.push(json!({"event": event.name, "status": status}));
    }
    Json(told)
}

#[cfg(test)]
mod tests {
    use super::signature;

    #[test]
    fn the_signature_is_that_of_the_published_vector() {
        let body = r#"{"client_key":"ck_test","event":"post.publish.complete","create_time":1795430400,"user_openid":"open-1","content":"{\"publish_id\":\"v_pub_file~v2-1.1\",\"publish_type\":\"DIRECT_POST\"}"}"#;
        let wanted = "t=1795430400,s=611360f6eb4a597b45ff0f20a87a0b0da05aae3193dcafe90aa58a4e677386ee";
        assert_eq!(signature("test_client_secret", 1_795_430_400, body), wanted);
    }
}
