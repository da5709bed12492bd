//! Chance: unguessable strings for tokens and codes. Nothing here is for real secrets.

use std::hash::{BuildHasher, Hasher, RandomState};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// An unguessable string. The standard library's hash seeds come from the operating system; that is
/// enough for a simulator and spares it a dependency.
pub(crate) fn secret(prefix: &str) -> String {
    let mut digest = Sha256::new();
    for _ in 0..4 {
        digest.update(RandomState::new().build_hasher().finish().to_le_bytes());
    }
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(digest.finalize()))
}

/// Sixteen hexadecimal digits of it, where a service's own strings are short.
pub(crate) fn digits() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}
