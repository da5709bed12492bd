//! The only cryptography: a key per user, wrapped by a key-encryption key, and sealed records under it. Knows no network and no SQL;
//! wrapped keys come through `domain::sealed::KeyStore`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::clock::{Clock, Entropy};
use crate::domain::ids::UserId;
use crate::domain::sealed::{KeyStore, KeyStoreError, Place, Sealed, WrappedKey};

pub mod jwt;
pub mod kek;
mod links;
pub mod primitives;
pub mod record;

pub use kek::{KekRing, add_key};
use primitives::{aead_open, aead_seal};
pub use primitives::{equal, hmac_sha256, pkce_s256, token_hash};

/// How many opened user keys are kept at hand.
const CACHE_MAX: usize = 1_000;
/// For how long, milliseconds: a deleted user's key is gone from every process within this time.
const CACHE_MS: i64 = 5 * 60_000;
/// Keys rewrapped between two looks at the store.
const ROTATE_BATCH: u32 = 200;
/// Looks at the store in one rotation: two million keys. With more, or when others go on adding old ones, it says what is left.
const ROTATE_ROUNDS_MAX: usize = 10_000;

/// Something is wrong with a key or a record. Carries neither keys nor texts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// Shorter than any record.
    #[error("the record is cut short")]
    Truncated,
    /// Made by a version we do not know.
    #[error("the record's format is not known to this version")]
    UnknownFormat,
    /// Sealed for another user, account, table, column or row, or under another key.
    #[error("the record was not sealed for this place under this key")]
    WrongPlace,
    /// Its ciphertext was changed.
    #[error("the record was changed")]
    Changed,
    /// Not text.
    #[error("the record does not hold text")]
    NotText,
    /// Longer than the cipher takes.
    #[error("the text is too long to be sealed")]
    TooLong,
    /// The user's key is gone: what was sealed under it cannot be opened any more.
    #[error("the user's key is gone")]
    KeyGone,
    /// The user's key is wrapped by a key-encryption key that is not in the ring.
    #[error("key-encryption key {id} is missing: put the key file back that held it (vault.kek_file)")]
    KekMissing {
        /// Its name, hexadecimal.
        id: String,
    },
    /// The ring is of another installation, or of another time.
    #[error(
        "{place} does not hold key-encryption key {id}, and users' keys are wrapped by it, so their tokens and conversations cannot be opened: put the old key file back, or add its lines above those of the new one"
    )]
    WrongRing {
        /// File or setting.
        place: String,
        /// Its name, hexadecimal.
        id: String,
    },
    /// The key file is not there.
    #[error(
        "{path} is missing, and there are keys that need it: put it back (a new one could open nothing), or point vault.kek_file to it"
    )]
    Missing {
        /// Where it was looked for.
        path: String,
    },
    /// Others can read the key file.
    #[error("{path} can be read by others (mode {mode:o}): run `chmod 600` on it")]
    TooOpen {
        /// Where.
        path: String,
        /// Its mode.
        mode: u32,
    },
    /// The key file lies in the data folder.
    #[error(
        "{path} lies inside the data folder, so every copy of the data would carry its key: move it beside the folder and set vault.kek_file"
    )]
    InsideData {
        /// Where.
        path: String,
    },
    /// Not a key file.
    #[error("{place}, line {line}: not a key; lines must look like `socrazi-kek-1 <base64 of 32 bytes>`")]
    Malformed {
        /// File or setting.
        place: String,
        /// From 1.
        line: usize,
    },
    /// The key file cannot be read or written.
    #[error("{path}: {why}")]
    File {
        /// Where.
        path: String,
        /// The system's words.
        why: String,
    },
    /// The key store failed.
    #[error("{0}")]
    Store(String),
}

impl From<KeyStoreError> for VaultError {
    fn from(error: KeyStoreError) -> Self {
        Self::Store(error.to_string())
    }
}

/// What a rotation found or did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rotation {
    /// Keys that are not wrapped by the newest key-encryption key.
    pub to_do: usize,
    /// Keys rewrapped by this call.
    pub done: usize,
}

type UserKey = Arc<Zeroizing<[u8; 32]>>;

struct Cached {
    key: UserKey,
    until: i64,
}

/// Seals and opens.
pub struct Vault {
    ring: KekRing,
    keys: Arc<dyn KeyStore>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    cache: Mutex<HashMap<(UserId, u32), Cached>>,
}

impl Vault {
    /// A vault over a ring of key-encryption keys and a store of wrapped keys.
    #[must_use]
    pub fn new(ring: KekRing, keys: Arc<dyn KeyStore>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { ring, keys, clock, entropy, cache: Mutex::new(HashMap::new()) }
    }

    /// Seals a text for a place.
    ///
    /// # Errors
    /// When the key store fails or the user's key cannot be unwrapped.
    pub async fn seal(&self, place: &Place<'_>, secret: &SecretString) -> Result<Sealed, VaultError> {
        let (version, key) = match self.newest_cached(place.user) {
            Some(cached) => cached,
            None => {
                let wrapped = match self.keys.find_newest(place.user).await? {
                    Some(wrapped) => wrapped,
                    None => self.make_key(place.user).await?,
                };
                (wrapped.version, self.unwrapped(&wrapped)?)
            }
        };
        let mut fresh = record::Fresh { salt: [0; 32], nonce: [0; 12] };
        self.entropy.fill(&mut fresh.salt);
        self.entropy.fill(&mut fresh.nonce);
        record::seal(&key, version, place, &fresh, secret.expose_secret().as_bytes()).map(Sealed::from_bytes)
    }

    /// Opens what was sealed for exactly this place.
    ///
    /// # Errors
    /// When it was sealed for another place, was changed, or the user's key is gone.
    pub async fn open(&self, place: &Place<'_>, sealed: &Sealed) -> Result<SecretString, VaultError> {
        let version = record::version(sealed.as_bytes())?;
        let key = match self.cached(place.user, version) {
            Some(key) => key,
            None => {
                let wrapped = self.keys.find_version(place.user, version).await?.ok_or(VaultError::KeyGone)?;
                self.unwrapped(&wrapped)?
            }
        };
        let plain = record::open(&key, place, sealed.as_bytes())?;
        let text = std::str::from_utf8(&plain).map_err(|_| VaultError::NotText)?;
        Ok(SecretString::from(text))
    }

    /// Destroys a user's keys: nothing sealed under them can be opened again.
    ///
    /// # Errors
    /// When the key store fails.
    pub async fn forget_user(&self, user: &UserId) -> Result<(), VaultError> {
        self.keys.delete_user(user).await?;
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).retain(|(owner, _), _| owner != user);
        Ok(())
    }

    /// How many keys a rotation would rewrap (counted up to 10,000).
    ///
    /// # Errors
    /// When the key store fails.
    pub async fn rotate_plan(&self) -> Result<Rotation, VaultError> {
        let found = self.keys.list_not_wrapped_by(self.ring.newest().id(), 10_000).await?;
        Ok(Rotation { to_do: found.len(), done: 0 })
    }

    /// Rewraps every user's key with the newest key-encryption key. Records stay as they are. May be stopped and begun again, and
    /// run beside `serve`: each key is replaced only if it is still wrapped as it was read.
    ///
    /// # Errors
    /// When the key store fails, or a key needs a key-encryption key that is missing.
    pub async fn rotate_apply(&self) -> Result<Rotation, VaultError> {
        let mut done = 0;
        for _ in 0..ROTATE_ROUNDS_MAX {
            let batch = self.keys.list_not_wrapped_by(self.ring.newest().id(), ROTATE_BATCH).await?;
            if batch.is_empty() {
                return Ok(Rotation { to_do: 0, done });
            }
            for old in batch {
                let key = self.unwrap_key(&old)?;
                let new = self.wrap(&old.user, old.version, &key)?;
                if self.keys.update_wrapping(&new, old.kek_id).await? {
                    done += 1;
                }
            }
        }
        Ok(Rotation { done, ..self.rotate_plan().await? })
    }

    async fn make_key(&self, user: &UserId) -> Result<WrappedKey, VaultError> {
        let mut key = Zeroizing::new([0; 32]);
        self.entropy.fill(key.as_mut_slice());
        let wrapped = self.wrap(user, 1, &key)?;
        // Two makers at once: the store says whose key it is, and both use that one.
        Ok(self.keys.insert(&wrapped).await?)
    }

    fn wrap(&self, user: &UserId, version: u32, key: &Zeroizing<[u8; 32]>) -> Result<WrappedKey, VaultError> {
        let kek = self.ring.newest();
        let mut nonce = [0; 12];
        self.entropy.fill(&mut nonce);
        let associated = wrap_associated(user, version, kek.id());
        let sealed = aead_seal(kek.key(), &nonce, &associated, key.as_slice()).map_err(|_| VaultError::TooLong)?;
        Ok(WrappedKey { user: user.clone(), version, kek_id: kek.id(), wrapped: [&nonce[..], &sealed].concat() })
    }

    fn unwrap_key(&self, wrapped: &WrappedKey) -> Result<Zeroizing<[u8; 32]>, VaultError> {
        let missing = || VaultError::KekMissing { id: kek::shown(&wrapped.kek_id) };
        let kek = self.ring.find(wrapped.kek_id).ok_or_else(missing)?;
        let (nonce, sealed) = wrapped.wrapped.split_first_chunk::<12>().ok_or(VaultError::Truncated)?;
        let associated = wrap_associated(&wrapped.user, wrapped.version, wrapped.kek_id);
        let plain = aead_open(kek.key(), nonce, &associated, sealed).map_err(|_| VaultError::Changed)?;
        let mut key = Zeroizing::new([0; 32]);
        if plain.len() != 32 {
            return Err(VaultError::Truncated);
        }
        key.copy_from_slice(&plain);
        Ok(key)
    }

    fn unwrapped(&self, wrapped: &WrappedKey) -> Result<UserKey, VaultError> {
        if let Some(key) = self.cached(&wrapped.user, wrapped.version) {
            return Ok(key);
        }
        let key = Arc::new(self.unwrap_key(wrapped)?);
        let now = self.clock.now_ms();
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        cache.retain(|_, cached| cached.until > now);
        if cache.len() >= CACHE_MAX {
            cache.clear();
        }
        cache.insert((wrapped.user.clone(), wrapped.version), Cached { key: Arc::clone(&key), until: now + CACHE_MS });
        Ok(key)
    }

    fn newest_cached(&self, user: &UserId) -> Option<(u32, UserKey)> {
        let cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now_ms();
        let own = cache.iter().filter(|((owner, _), cached)| owner == user && cached.until > now);
        own.max_by_key(|((_, version), _)| *version).map(|((_, version), cached)| (*version, Arc::clone(&cached.key)))
    }

    fn cached(&self, user: &UserId, version: u32) -> Option<UserKey> {
        let cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let cached = cache.get(&(user.clone(), version))?;
        (cached.until > self.clock.now_ms()).then(|| Arc::clone(&cached.key))
    }
}

/// A wrapped key is bound to its user, version and wrapping key: it cannot be put under another name.
fn wrap_associated(user: &UserId, version: u32, kek_id: [u8; 8]) -> Vec<u8> {
    let user = user.as_str().as_bytes();
    let length = u32::try_from(user.len()).unwrap_or(u32::MAX).to_be_bytes();
    [&length[..], user, &version.to_be_bytes(), &kek_id].concat()
}
