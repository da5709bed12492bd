//! "The next free slot": the first of a person's posting slots at which none of a post's accounts has anything, nor is asked to.

use std::collections::BTreeSet;

use super::Desk;
use crate::domain::approval::{Act, When};
use crate::domain::caller::Caller;
use crate::domain::delivery::State;
use crate::domain::ids::{AccountId, PostId};
use crate::domain::post::Post;
use crate::domain::schedule::Moment;
use crate::domain::slots;
use crate::domain::tool::ToolError;
use crate::say;

const MINUTE_MS: i64 = 60_000;

impl Desk {
    /// The next slot that is free on every account the post would go out on, and is none of the instants in `kept` for other posts of a
    /// plan (Unix milliseconds).
    ///
    /// # Errors
    /// Refused when the person has no slots, or none is free within half a year.
    pub async fn next_slot(
        &self,
        caller: &Caller,
        post: &PostId,
        (accounts, kept): (&[String], &[i64]),
    ) -> Result<Moment, ToolError> {
        let post = self.get_post(caller, post).await?;
        self.free_slot(caller, &post, (accounts, kept)).await
    }

    /// The same for a post that may not be stored yet.
    pub(super) async fn free_slot(
        &self,
        caller: &Caller,
        post: &Post,
        (accounts, kept): (&[String], &[i64]),
    ) -> Result<Moment, ToolError> {
        let slots = slots::read(&self.store.find_slots(&caller.user).await?)?;
        if slots.is_empty() {
            return Err(say!("slots-none").into());
        }
        let wanted: BTreeSet<AccountId> = if accounts.is_empty() {
            post.variants.iter().map(|variant| variant.account.clone()).collect()
        } else {
            self.find_accounts(caller, accounts).await?.into_iter().map(|stored| stored.account.id).collect()
        };
        let mut taken: BTreeSet<i64> = kept.iter().map(|at| at.div_euclid(MINUTE_MS)).collect();
        for account in &wanted {
            let open = self.store.list_open_of_account(account).await?;
            let others = open.iter().filter(|delivery| delivery.post != post.id && delivery.state != State::Missed);
            taken.extend(others.map(|delivery| delivery.slot.div_euclid(MINUTE_MS)));
        }
        // What waits for a yes has its slot too, or three posts in a row would all be told the same one.
        for waiting in self.store.list_waiting_approvals(&caller.user, self.clock.now_ms()).await? {
            let items: Vec<_> = match &waiting.act {
                Act::Publish { post: other, items, .. } if *other != post.id => items.iter().collect(),
                Act::Batch { posts } => {
                    posts.iter().filter(|other| other.post != post.id).flat_map(|other| &other.items).collect()
                }
                Act::Publish { .. }
                | Act::Resume { .. }
                | Act::TakeDown { .. }
                | Act::Disconnect { .. }
                | Act::EditVideo { .. }
                | Act::Forget { .. } => continue,
            };
            for item in items.into_iter().filter(|item| wanted.contains(&item.account)) {
                match &item.when {
                    When::At { at_ms, .. } => {
                        taken.insert(at_ms.div_euclid(MINUTE_MS));
                    }
                    When::Every(recurrence) => {
                        taken.extend(recurrence.instants.iter().map(|at| at.div_euclid(MINUTE_MS)))
                    }
                    When::Now => {}
                }
            }
        }
        let now = Moment { at_ms: self.clock.now_ms(), zone: caller.zone.clone() }.zoned();
        let free = slots::next_free(&slots, &now, |at| !taken.contains(&at.div_euclid(MINUTE_MS)));
        free.ok_or_else(|| say!("slots-full").into())
    }
}
