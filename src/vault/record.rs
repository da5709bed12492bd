//! The sealed record (RELIABILITY §2), pure: `01 | suite 1 | key version u32 big-endian | salt 32 | commit 32 | nonce 12 | ciphertext | tag 16`.
//! A key per record is derived from the user's key; `commit` binds the record to that key and its place, so that no record opens
//! under two keys. It is compared first, in constant time.

use zeroize::Zeroizing;

use super::VaultError;
use super::primitives::{aead_open, aead_seal, equal, hkdf_sha256};
use crate::domain::sealed::Place;

/// Version of the format.
const FORMAT: u8 = 1;
/// HKDF-SHA256 with AES-256-GCM.
const SUITE: u8 = 1;
const SALT: std::ops::Range<usize> = 6..38;
const COMMIT: std::ops::Range<usize> = 38..70;
const NONCE: std::ops::Range<usize> = 70..82;
/// Bytes before the ciphertext.
pub const HEADER: usize = 82;
const TAG: usize = 16;

/// Chance for one record.
pub struct Fresh {
    /// Salt of the record's own key.
    pub salt: [u8; 32],
    /// Nonce.
    pub nonce: [u8; 12],
}

/// Everything a record is bound to, each part with its length before it, so that no two places give the same bytes.
fn associated(place: &Place<'_>, version: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let version = version.to_be_bytes();
    let parts: [&[u8]; 8] = [
        &[SUITE],
        &version,
        place.user.as_str().as_bytes(),
        place.provider.as_bytes(),
        place.provider_account.as_bytes(),
        place.table.as_bytes(),
        place.column.as_bytes(),
        place.row.as_bytes(),
    ];
    for part in parts {
        bytes.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

/// The record's own key and commitment.
fn derive(user_key: &[u8; 32], salt: &[u8], associated: &[u8]) -> Zeroizing<[u8; 64]> {
    let mut out = Zeroizing::new([0; 64]);
    let info = [b"socrazi/record/v1", associated].concat();
    // 64 bytes are two hashes, far below HKDF's limit.
    let _is_short_enough = hkdf_sha256(user_key, salt, &info, out.as_mut_slice());
    out
}

fn halves(keys: &[u8; 64]) -> (Zeroizing<[u8; 32]>, [u8; 32]) {
    let (mut key, mut commit) = (Zeroizing::new([0; 32]), [0; 32]);
    key.copy_from_slice(&keys[..32]);
    commit.copy_from_slice(&keys[32..]);
    (key, commit)
}

/// Seals bytes for a place under a version of the user's key.
///
/// # Errors
/// Only for texts beyond AES-GCM's limit.
pub fn seal(
    user_key: &[u8; 32],
    version: u32,
    place: &Place<'_>,
    fresh: &Fresh,
    plain: &[u8],
) -> Result<Vec<u8>, VaultError> {
    let associated = associated(place, version);
    let (key, commit) = halves(&derive(user_key, &fresh.salt, &associated));
    let sealed = aead_seal(&key, &fresh.nonce, &associated, plain).map_err(|_| VaultError::TooLong)?;
    let mut record = Vec::with_capacity(HEADER + sealed.len());
    record.extend_from_slice(&[FORMAT, SUITE]);
    record.extend_from_slice(&version.to_be_bytes());
    record.extend_from_slice(&fresh.salt);
    record.extend_from_slice(&commit);
    record.extend_from_slice(&fresh.nonce);
    record.extend_from_slice(&sealed);
    Ok(record)
}

/// The key version a record says it was sealed under.
///
/// # Errors
/// When it is no record of a known format.
pub fn version(record: &[u8]) -> Result<u32, VaultError> {
    if record.len() < HEADER + TAG {
        return Err(VaultError::Truncated);
    }
    if record[0] != FORMAT || record[1] != SUITE {
        return Err(VaultError::UnknownFormat);
    }
    Ok(u32::from_be_bytes([record[2], record[3], record[4], record[5]]))
}

/// Opens a record.
///
/// # Errors
/// When it was sealed for another place, under another key, or was changed.
pub fn open(user_key: &[u8; 32], place: &Place<'_>, record: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let associated = associated(place, version(record)?);
    let (key, commit) = halves(&derive(user_key, &record[SALT], &associated));
    if !equal(&commit, &record[COMMIT]) {
        return Err(VaultError::WrongPlace);
    }
    let mut nonce = [0; 12];
    nonce.copy_from_slice(&record[NONCE]);
    aead_open(&key, &nonce, &associated, &record[HEADER..]).map_err(|_| VaultError::Changed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::UserId;

    fn fresh() -> Fresh {
        Fresh { salt: [7; 32], nonce: [9; 12] }
    }

    #[test]
    fn a_record_opens_only_at_its_place() {
        let (ana, ben) = (UserId::generate(1, 1), UserId::generate(1, 2));
        let place = Place {
            user: &ana,
            provider: "x",
            provider_account: "1",
            table: "account_token",
            column: "access",
            row: "r",
        };
        let record = seal(&[1; 32], 1, &place, &fresh(), b"canary").unwrap();
        assert_eq!(open(&[1; 32], &place, &record).unwrap().as_slice(), b"canary");
        let others = [
            Place { user: &ben, ..place.clone() },
            Place { provider: "y", ..place.clone() },
            Place { provider_account: "2", ..place.clone() },
            Place { table: "t", ..place.clone() },
            Place { column: "refresh", ..place.clone() },
            Place { row: "s", ..place.clone() },
            // The same bytes cut elsewhere: the lengths keep them apart.
            Place { table: "account_tokena", column: "ccess", ..place.clone() },
        ];
        for other in &others {
            assert_eq!(open(&[1; 32], other, &record).unwrap_err(), VaultError::WrongPlace, "{other:?}");
        }
        assert_eq!(open(&[2; 32], &place, &record).unwrap_err(), VaultError::WrongPlace);
    }

    #[test]
    fn no_byte_of_a_record_can_be_changed() {
        let ana = UserId::generate(1, 1);
        let place = Place { user: &ana, provider: "x", provider_account: "1", table: "t", column: "c", row: "r" };
        let record = seal(&[1; 32], 1, &place, &fresh(), b"canary").unwrap();
        for at in 0..record.len() {
            for bit in 0..8 {
                let mut changed = record.clone();
                changed[at] ^= 1 << bit;
                assert!(open(&[1; 32], &place, &changed).is_err(), "byte {at} bit {bit}");
            }
        }
        for end in 0..record.len() {
            assert!(open(&[1; 32], &place, &record[..end]).is_err(), "cut at {end}");
        }
    }

    /// A record that carries the commitment of another key is refused before anything is decrypted: one ciphertext cannot be made
    /// to open under two keys.
    #[test]
    fn the_commitment_ties_a_record_to_one_key() {
        let ana = UserId::generate(1, 1);
        let place = Place { user: &ana, provider: "x", provider_account: "1", table: "t", column: "c", row: "r" };
        let one = seal(&[1; 32], 1, &place, &fresh(), b"canary").unwrap();
        let two = seal(&[2; 32], 1, &place, &fresh(), b"canary").unwrap();
        let mut mixed = one.clone();
        mixed[COMMIT].copy_from_slice(&two[COMMIT]);
        assert_eq!(open(&[1; 32], &place, &mixed).unwrap_err(), VaultError::WrongPlace);
        assert_eq!(open(&[2; 32], &place, &mixed).unwrap_err(), VaultError::Changed);
    }
}
