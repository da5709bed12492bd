//! How many posts a network takes from one account in any 24 hours, as it says itself. Judging by it is `desk` and `publisher`.

use async_trait::async_trait;

use super::account::Account;

/// The time that such limits count in.
pub const DAY_MS: i64 = 86_400_000;

/// How much of something is used, and how much there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// In the last 24 hours.
    pub used: i64,
    /// In all.
    pub most: i64,
}

impl Room {
    /// How much is left.
    #[must_use]
    pub fn left(self) -> i64 {
        (self.most - self.used).max(0)
    }
}

/// What a network says of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Posts that stand alone, or begin a thread.
    pub posts: Room,
    /// Posts that follow another one, where they are counted.
    pub replies: Option<Room>,
}

/// Whoever can ask a network.
#[async_trait]
pub trait Allowances: Send + Sync {
    /// What it says. `None` where it says nothing, or not just now.
    async fn allowance(&self, account: &Account) -> Option<Allowance>;
}
