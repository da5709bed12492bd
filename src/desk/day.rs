//! Whether a day has room: networks take so much of one account, or of this server as a whole (`DayLimit`, as data beside each network's other
//! limits). What is planned here beyond that is refused with the next time that has room; what a network itself says is used already is said
//! before something is scheduled and again where it is approved.

use super::Desk;
use crate::domain::account::Account;
use crate::domain::allowance::DAY_MS;
use crate::domain::approval::{Act, PublishItem, When};
use crate::domain::batch::BatchPost;
use crate::domain::caller::Caller;
use crate::domain::day_limit::{CountedOf, DayLimit, DaySpan, Planned};
use crate::domain::ids::PostId;
use crate::domain::post::{Content, Post};
use crate::domain::refusal::Sentence;
use crate::domain::schedule::Moment;
use crate::domain::tool::ToolError;
use crate::say;

/// From which tenth of a day on it is said that it fills up.
const NEAR_TENTHS: i64 = 9;

/// What another post of the same plan comes to, which is in no row yet.
pub(super) struct Beside {
    account: Account,
    content: Content,
    instants: Vec<i64>,
}

impl Desk {
    /// Refuses what finds no room beside what is planned here already, and beside the rest of the same plan.
    pub(super) async fn check_day(
        &self,
        account: &Account,
        (post, content): (&PostId, &Content),
        when: &When,
        beside: &[Beside],
    ) -> Result<(), ToolError> {
        for limit in self.network(account.network)?.day_limits() {
            let cost = (limit.cost)(content);
            let instants = self.times_of(when);
            let (Some(first), Some(last)) = (instants.first(), instants.last()) else { return Ok(()) };
            if cost == 0 {
                continue;
            }
            let mut planned = self.planned(limit, account, post, (*first, *last)).await?;
            planned.extend(beside.iter().filter(|other| is_counted(limit, account, &other.account)).flat_map(
                |other| {
                    let cost = (limit.cost)(&other.content);
                    other.instants.iter().map(move |at| (*at, cost))
                },
            ));
            // One of a rule's times after another: some of them fill a day together.
            for at in instants {
                if !limit.has_room(&planned, (at, cost)) {
                    return Err(full(account, limit, zone_of(when), limit.next_room(&planned, (at, cost))).into());
                }
                planned.push((at, cost));
            }
        }
        Ok(())
    }

    /// The same for what is planned of one post of a plan, beside the ones before it, to which it is added.
    pub(super) async fn check_beside(
        &self,
        caller: &Caller,
        (post, planned): (&Post, &BatchPost),
        beside: &mut Vec<Beside>,
    ) -> Result<(), ToolError> {
        let mut new = Vec::new();
        for item in &planned.items {
            let account = self.get_account(caller, &item.account).await?.account;
            if self.network(account.network)?.day_limits().is_empty() {
                continue;
            }
            let Some(variant) = post.variants.iter().find(|variant| variant.id == item.variant) else { continue };
            if !beside.is_empty() {
                self.check_day(&account, (&post.id, &variant.content), &item.when, beside).await?;
            }
            new.push(Beside { account, content: variant.content.clone(), instants: self.times_of(&item.when) });
        }
        beside.extend(new);
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
            Act::Resume { .. }
            | Act::TakeDown { .. }
            | Act::Disconnect { .. }
            | Act::EditVideo { .. }
            | Act::Forget { .. } => Vec::new(),
        };
        let mut found: Vec<Sentence> = Vec::new();
        for (post, item) in items {
            let account = self.get_account(caller, &item.account).await?.account;
            if let Some(variant) = self.store.find_variant(&item.variant, &caller.workspace).await? {
                found.extend(self.full_day(&account, (post, &variant.content), &item.when).await?);
            }
        }
        Ok(found)
    }

    /// What is said of the day that one post would be in, when it is nearly full or over: of its first time, where a rule has several.
    pub(super) async fn full_day(
        &self,
        account: &Account,
        (post, content): (&PostId, &Content),
        when: &When,
    ) -> Result<Option<Sentence>, ToolError> {
        let Ok(platform) = self.network(account.network) else { return Ok(None) };
        let Some(at) = self.times_of(when).first().copied() else { return Ok(None) };
        let now = self.clock.now_ms();
        for limit in platform.day_limits() {
            let cost = (limit.cost)(content);
            if cost == 0 {
                continue;
            }
            // Of a later day nobody but this server knows anything yet.
            let is_asked = limit.of == CountedOf::Account && limit.span == DaySpan::Any24Hours && at - now < DAY_MS;
            let said = if is_asked { self.allowances.allowance(account).await } else { None };
            let (number, most) = match said {
                Some(said) => {
                    let to_come = self.store.count_around(&account.id, (now, at), post).await?;
                    (said.posts.used + to_come + cost, said.posts.most)
                }
                None => (limit.filled(&self.planned(limit, account, post, (at, at)).await?, (at, cost)), limit.most),
            };
            let key = match number {
                over if over > most => "finding-day-over",
                near if near * 10 > most * NEAR_TENTHS => "finding-day-near",
                _ => continue,
            };
            let what = Sentence::new(key).with("network", account.network.shown()).with("handle", &account.handle);
            return Ok(Some(what.with("what", limit.what).with("number", number).with("most", most)));
        }
        Ok(None)
    }

    /// What others have planned that a limit counts together with a post of this account, around these instants.
    async fn planned(
        &self,
        limit: &DayLimit,
        account: &Account,
        but: &PostId,
        (first, last): (i64, i64),
    ) -> Result<Vec<Planned>, ToolError> {
        let within = (DayLimit::horizon(first).0, DayLimit::horizon(last).1);
        let said = match limit.of {
            CountedOf::Account => self.store.list_planned(&account.id, within, but).await?,
            CountedOf::Server => self.store.list_planned_on(account.network, within, but).await?,
        };
        Ok(said.into_iter().map(|(slot, content)| (slot, (limit.cost)(&content))).collect())
    }

    /// When it would go out, in order.
    fn times_of(&self, when: &When) -> Vec<i64> {
        match when {
            When::At { at_ms, .. } => vec![*at_ms],
            When::Now => vec![self.clock.now_ms()],
            When::Every(recurrence) => recurrence.instants.clone(),
        }
    }
}

fn is_counted(limit: &DayLimit, account: &Account, other: &Account) -> bool {
    match limit.of {
        CountedOf::Account => account.id == other.id,
        CountedOf::Server => account.network == other.network,
    }
}

/// In which zone a time is told.
fn zone_of(when: &When) -> &str {
    match when {
        When::At { zone, .. } => zone,
        When::Every(recurrence) => &recurrence.zone,
        When::Now => "UTC",
    }
}

fn full(account: &Account, limit: &DayLimit, zone: &str, next: Option<i64>) -> Sentence {
    let network = account.network.shown();
    match next {
        Some(at_ms) => {
            let next = Moment { at_ms, zone: zone.to_owned() };
            say!("post-day-full", network = network, what = limit.what, max = limit.most, next = next)
        }
        None => say!("post-day-full-long", network = network, what = limit.what, max = limit.most),
    }
}
