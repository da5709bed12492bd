//! Signatures on addresses of ours that open something without signing in, for a while. What is signed is the caller's; nothing is kept.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::Vault;
use super::kek::Kek;
use super::primitives::{equal, hkdf_sha256, hmac_sha256};

impl Vault {
    /// The signature of a text, made with a key of its own that comes from the newest key-encryption key: every process of an installation makes
    /// and takes the same.
    #[must_use]
    pub fn sign_link(&self, text: &str) -> Option<String> {
        sign(self.ring.newest(), text)
    }

    /// Whether this installation signed the text, also before its keys were rotated.
    #[must_use]
    pub fn is_signed_link(&self, text: &str, signature: &str) -> bool {
        self.ring.all().any(|kek| sign(kek, text).is_some_and(|ours| equal(ours.as_bytes(), signature.as_bytes())))
    }
}

/// `None` when no key can be derived: then nothing is signed, rather than by a key that everybody knows.
fn sign(kek: &Kek, text: &str) -> Option<String> {
    let mut key = Zeroizing::new([0; 32]);
    let is_derived = hkdf_sha256(kek.key(), &[], b"socrazi/links", key.as_mut_slice());
    is_derived.then(|| URL_SAFE_NO_PAD.encode(hmac_sha256(key.as_slice(), text.as_bytes())))
}
