//! Whether an account's day has room: networks take so many posts in any 24 hours (platforms/threads.md §4, platforms/instagram.md §4). What this server
//! planned itself beyond that is refused; what the network says is used already is said before it is scheduled and again where it is approved.

use super::Desk;
use crate::domain::account::Account;
use crate::domain::allowance::DAY_MS;
use crate::domain::approval::{Act, PublishItem, When};
use crate::domain::caller::Caller;
use crate::domain::ids::PostId;
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::say;

/// From which tenth of a day on it is said that it fills up.
const NEAR_TENTHS: i64 = 9;

impl Desk {
    /// Refuses one more post of an account where as many as the network takes are planned here already, in the day before or after.
    pub(super) async fn check_day(&self, account: &Account, post: &PostId, when: &When) -> Result<(), ToolError> {
        let (Some(most), Some(at)) = (self.posts_a_day(account), self.begins_at(when)) else { return Ok(()) };
        if self.planned_around(account, post, at).await? >= most {
            return Err(say!("post-day-full", network = account.network.shown(), max = most).into());
        }
        Ok(())
    }

    /// What of an act may find no room, account by account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn full_days(&self, caller: &Caller, act: &Act) -> Result<Vec<Sentence>, ToolError> {
        let items: Vec<(&PostId, &PublishItem)> = match act {
            Act::Publish { post, items, .. } => items.iter().map(|item| (post, item)).collect(),
            Act::Batch { posts } => {
                posts.iter().flat_map(|post| post.items.iter().map(|item| (&post.post, item))).collect()
            }
            Act::Resume { .. } | Act::TakeDown { .. } | Act::Disconnect { .. } | Act::Forget { .. } => Vec::new(),
        };
        let mut found: Vec<Sentence> = Vec::new();
        for (post, item) in items {
            let account = self.get_account(caller, &item.account).await?.account;
            found.extend(self.full_day(&account, post, &item.when).await?);
        }
        Ok(found)
    }

    /// What is said of the day that one post would be in, when it is nearly full or over.
    pub(super) async fn full_day(
        &self,
        account: &Account,
        post: &PostId,
        when: &When,
    ) -> Result<Option<Sentence>, ToolError> {
        let (Some(most), Some(at)) = (self.posts_a_day(account), self.begins_at(when)) else { return Ok(None) };
        let now = self.clock.now_ms();
        // Of a later day nobody but this server knows anything yet.
        let said = if at - now < DAY_MS { self.allowances.allowance(account).await } else { None };
        let (before, most) = match said {
            Some(said) => {
                let to_come = self.store.count_around(&account.id, (now, at), post).await?;
                (said.posts.used + to_come, said.posts.most)
            }
            None => (self.planned_around(account, post, at).await?, most),
        };
        let number = before + 1;
        let key = match number {
            over if over > most => "finding-day-over",
            near if near * 10 > most * NEAR_TENTHS => "finding-day-near",
            _ => return Ok(None),
        };
        let what = Sentence::new(key).with("network", account.network.shown()).with("handle", &account.handle);
        Ok(Some(what.with("number", number).with("most", most)))
    }

    fn posts_a_day(&self, account: &Account) -> Option<i64> {
        self.network(account.network).ok()?.posts_a_day()
    }

    /// When the first of it would go out. One of a rule's times at a time: no rule fills a day by itself.
    fn begins_at(&self, when: &When) -> Option<i64> {
        match when {
            When::At { at_ms, .. } => Some(*at_ms),
            When::Now => Some(self.clock.now_ms()),
            When::Every(recurrence) => recurrence.instants.first().copied(),
        }
    }

    /// How many other posts of the account are planned here in a day that this one would be in: the fuller of the two.
    async fn planned_around(&self, account: &Account, post: &PostId, at: i64) -> Result<i64, ToolError> {
        let before = self.store.count_around(&account.id, (at - DAY_MS, at), post).await?;
        let after = self.store.count_around(&account.id, (at, at + DAY_MS), post).await?;
        Ok(before.max(after))
    }
}
