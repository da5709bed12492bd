//! Thin functions over the AEAD and hash crates. Everything cryptographic in the house goes through them, so that the published
//! vectors (tests/it/vault.rs) run through our own code. Nothing here knows what it protects.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The ciphertext was not made with this key, nonce and associated data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAuthentic;

/// AES-256-GCM: ciphertext followed by its 16-byte tag.
///
/// # Errors
/// Only for texts beyond AES-GCM's 64 GiB.
pub fn aead_seal(key: &[u8; 32], nonce: &[u8; 12], associated: &[u8], plain: &[u8]) -> Result<Vec<u8>, NotAuthentic> {
    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key));
    cipher.encrypt(&Nonce::from(*nonce), Payload { msg: plain, aad: associated }).map_err(|_| NotAuthentic)
}

/// Opens what [`aead_seal`] made.
///
/// # Errors
/// When key, nonce, associated data or ciphertext are not the ones it was made with.
pub fn aead_open(
    key: &[u8; 32],
    nonce: &[u8; 12],
    associated: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, NotAuthentic> {
    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key));
    cipher
        .decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: associated })
        .map(Zeroizing::new)
        .map_err(|_| NotAuthentic)
}

/// HKDF-SHA256 (RFC 5869) into `out`. False when `out` is longer than 255 hashes.
#[must_use]
pub fn hkdf_sha256(key: &[u8], salt: &[u8], info: &[u8], out: &mut [u8]) -> bool {
    Hkdf::<Sha256>::new(Some(salt), key).expand(info, out).is_ok()
}

/// HMAC-SHA256 (RFC 2104).
#[must_use]
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    // A key of any length is taken; the fallback cannot be reached and would only fail to verify.
    let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key) else { return [0; 32] };
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// Ed25519 (RFC 8032), strictly: no small-order keys, no second form of a signature.
#[must_use]
pub fn ed25519_verify(public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let signature = ed25519_dalek::Signature::from_bytes(signature);
    ed25519_dalek::VerifyingKey::from_bytes(public).is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
}

/// Compares without telling by its timing where two texts differ. Different lengths differ at once.
#[must_use]
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// The form in which random 256-bit secrets (links, cookies, access tokens, states) are kept and looked up: SHA-256, hexadecimal.
/// A fast hash is right here because the secret cannot be guessed.
#[must_use]
pub fn token_hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

/// The S256 challenge of a verifier (RFC 7636 §4.2).
#[must_use]
pub fn pkce_s256(verifier: &str) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, Sha256::digest(verifier.as_bytes()))
}
