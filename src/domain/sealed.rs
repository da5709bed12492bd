//! A sealed record: the only form in which a secret reaches the store. Only `vault` makes or opens one.

use super::ids::UserId;

/// Ciphertext in the record format of RELIABILITY §2. The store keeps the bytes and knows nothing else of them.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Takes the bytes of a record, as read from a row or made by the vault.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes to put into a row.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// Where a sealed record lives. Bound into it as associated data: a record moved to another place does not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<'a> {
    /// Whose key seals it.
    pub user: &'a UserId,
    /// The network's slug, or the room it belongs to (`session`, `oauth_state`).
    pub provider: &'a str,
    /// The network's own account id, or empty.
    pub provider_account: &'a str,
    /// Table.
    pub table: &'a str,
    /// Column.
    pub column: &'a str,
    /// Row id.
    pub row: &'a str,
}

/// A user's data key wrapped under the key-encryption key named by `kek_id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// Whose key.
    pub user: UserId,
    /// Version of that user's key, from 1.
    pub version: u32,
    /// First 8 bytes of the name of the key that wraps it.
    pub kek_id: [u8; 8],
    /// Nonce and ciphertext with tag.
    pub wrapped: Vec<u8>,
}

/// Where wrapped keys are kept: another file (`keys.db`) or schema than the data. Implemented by `store`, wired by `app` (DECISIONS 11).
#[async_trait::async_trait]
pub trait KeyStore: Send + Sync {
    /// The user's newest key.
    ///
    /// # Errors
    /// When the key store cannot be read.
    async fn find_newest(&self, user: &UserId) -> Result<Option<WrappedKey>, KeyStoreError>;
    /// One version of the user's key.
    ///
    /// # Errors
    /// When the key store cannot be read.
    async fn find_version(&self, user: &UserId, version: u32) -> Result<Option<WrappedKey>, KeyStoreError>;
    /// Stores a key unless that version exists; returns the key that is stored then, so that two racing makers agree.
    ///
    /// # Errors
    /// When the key store cannot be written.
    async fn insert(&self, key: &WrappedKey) -> Result<WrappedKey, KeyStoreError>;
    /// Replaces the wrapping of one key, only if it is still wrapped by `old_kek_id`. False when somebody else did it first.
    ///
    /// # Errors
    /// When the key store cannot be written.
    async fn update_wrapping(&self, key: &WrappedKey, old_kek_id: [u8; 8]) -> Result<bool, KeyStoreError>;
    /// Up to `limit` keys that are not wrapped by `kek_id`.
    ///
    /// # Errors
    /// When the key store cannot be read.
    async fn list_not_wrapped_by(&self, kek_id: [u8; 8], limit: u32) -> Result<Vec<WrappedKey>, KeyStoreError>;
    /// Destroys every key of a user. What was sealed under them cannot be opened again.
    ///
    /// # Errors
    /// When the key store cannot be written.
    async fn delete_user(&self, user: &UserId) -> Result<(), KeyStoreError>;
}

/// The key store failed; the text is for the log.
#[derive(Debug, thiserror::Error)]
#[error("the key store failed: {0}")]
pub struct KeyStoreError(pub String);
