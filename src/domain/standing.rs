//! What a network says that an account may do just now, for networks that say so themselves: asked before something is planned there, so that it is
//! not found out when it is due. Asking is `upkeep`, judging by it the network's own, refusing `desk`.

use async_trait::async_trait;

use super::account::Account;
use super::post::{Content, Finding, MediaFacts};

/// Whoever can ask a network.
#[async_trait]
pub trait Standings: Send + Sync {
    /// What it would refuse of this by what it says of the account just now. Nothing where it says nothing, or not just now.
    async fn check(&self, account: &Account, content: &Content, media: &[MediaFacts]) -> Vec<Finding>;
}
