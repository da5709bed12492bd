//! How Slack signs what it delivers (dossier §2).

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// HMAC-SHA-256.
pub(super) fn hmac(key: &str, message: &[u8]) -> Vec<u8> {
    // A key may have any length; the error is of the trait, not of this hash.
    Hmac::<Sha256>::new_from_slice(key.as_bytes()).map_or_else(
        |_| Vec::new(),
        |mut mac| {
            mac.update(message);
            mac.finalize().into_bytes().to_vec()
        },
    )
}

/// The value of `X-Slack-Signature` (dossier §2).
#[must_use]
pub fn sign(secret: &str, timestamp_s: i64, body: &[u8]) -> String {
    let base = [format!("v0:{timestamp_s}:").as_bytes(), body].concat();
    let mut text = "v0=".to_owned();
    for byte in hmac(secret, &base) {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
