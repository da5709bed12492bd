//! Pictures of accounts: small, ours, and shown to whoever connected the account. Where they come from is `platforms`, how they are made `media`.

use async_trait::async_trait;

/// Fetches the picture that a network names.
#[async_trait]
pub trait Avatars: Send + Sync {
    /// It as a small JPEG. `None` when it cannot be had, or is none.
    async fn fetch(&self, url: &str) -> Option<Vec<u8>>;
}
