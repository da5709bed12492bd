//! How Slack signs what it delivers (dossier §2).

use crate::sign::hmac_hex;

/// The value of `X-Slack-Signature` (dossier §2).
#[must_use]
pub fn sign(secret: &str, timestamp_s: i64, body: &[u8]) -> String {
    let base = [format!("v0:{timestamp_s}:").as_bytes(), body].concat();
    format!("v0={}", hmac_hex(secret, &base))
}
