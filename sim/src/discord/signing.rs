//! How Discord signs interactions that it posts (dossier §4): Ed25519 over the timestamp and the raw body.

use std::fmt::Write;

use ring::signature::Ed25519KeyPair;

/// The simulated app's public key, which goes with the seed below (the dossier's test vector).
pub const PUBLIC_KEY: &str = "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c";
const SEED: [u8; 32] = [1; 32];
/// Somebody else's key.
const OTHER_SEED: [u8; 32] = [2; 32];

/// Whose key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Own,
    Other,
}

/// The value of `X-Signature-Ed25519`.
#[must_use]
pub fn sign(timestamp: &str, body: &[u8]) -> String {
    sign_with(Key::Own, timestamp, body)
}

/// The same with a key of choice.
pub(super) fn sign_with(key: Key, timestamp: &str, body: &[u8]) -> String {
    let seed = if key == Key::Own { SEED } else { OTHER_SEED };
    let mut text = String::new();
    // A seed has one length and it is this one; without a key pair the signature is empty, which nobody takes.
    if let Ok(pair) = Ed25519KeyPair::from_seed_unchecked(&seed) {
        for byte in pair.sign(&[timestamp.as_bytes(), body].concat()).as_ref() {
            // Writing into a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_dossiers_vector_comes_out() {
        let body = br#"{"id":"1","application_id":"2","type":1,"token":"t","version":1}"#;
        assert_eq!(
            super::sign("1795000000", body),
            "37e10f28f86ab79b8a3be4cb76a3c78b916fcd9b75fde926487d83cdb86221c0c87668ec61e8c4c065db0215001d8fbd5d96f52438bce10267cb16ab3e8de90e"
        );
    }
}
