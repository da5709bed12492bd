//! "The same thing twice?": what an account said lately, or is to say, that looks like what somebody wants to send. Said before it is
//! scheduled and again where it is approved; never refused, because a person may mean it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;

use super::Desk;
use crate::domain::alike::{Shape, links};
use crate::domain::approval::{Act, PublishItem, When};
use crate::domain::batch::BatchPost;
use crate::domain::caller::Caller;
use crate::domain::ids::{AccountId, PostId};
use crate::domain::post::Content;
use crate::domain::refusal::Sentence;
use crate::domain::schedule::Moment;
use crate::domain::tool::ToolError;
use crate::store::planning::Said;

/// How far back something counts as said lately.
const LATELY_MS: i64 = 60 * 24 * 3_600_000;
/// Most findings of each kind for one account: one is enough to look.
const EACH_MAX: usize = 2;
const MINUTE_MS: i64 = 60_000;

impl Desk {
    /// What an act would say twice, account by account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn said_twice(&self, caller: &Caller, act: &Act) -> Result<Vec<Sentence>, ToolError> {
        let mut all = Vec::new();
        if let Act::Batch { posts } = act {
            return Ok(self.twice_in_batch(caller, posts).await?.into_values().flatten().collect());
        }
        for (post, item) in items(act) {
            if let Some(variant) = self.store.find_variant(&item.variant, &caller.workspace).await? {
                all.extend(self.twice(caller, post, item, &variant.content).await?);
            }
        }
        Ok(all)
    }

    /// What one item would say twice.
    pub(super) async fn twice(
        &self,
        caller: &Caller,
        post: &PostId,
        item: &PublishItem,
        content: &Content,
    ) -> Result<Vec<Sentence>, ToolError> {
        let since = self.clock.now_ms() - LATELY_MS;
        let said = self.store.list_said(&item.account, since, Some(post)).await?;
        let handle = self.get_account(caller, &item.account).await?.account.handle;
        let known: Vec<_> = said.into_iter().map(|said| Known::of(said, &caller.zone)).collect();
        Ok(compare(&whole(content), &self.instants(item), known.iter().collect(), (&handle, &caller.zone)))
    }

    /// When an item goes out.
    fn instants(&self, item: &PublishItem) -> Vec<i64> {
        match &item.when {
            When::At { at_ms, .. } => vec![*at_ms],
            When::Now => vec![self.clock.now_ms()],
            When::Every(recurrence) => recurrence.instants.clone(),
        }
    }

    /// What each post of a plan would say twice, also beside the others of it, by the post and the account. What is not there any more is
    /// left out. One look at the rows of each account, however long the plan is.
    pub(super) async fn twice_in_batch(&self, caller: &Caller, posts: &[BatchPost]) -> Result<BatchTwice, ToolError> {
        /// A post of the plan, what it says, and when.
        type Own<'a> = (&'a PostId, String, Vec<i64>);
        let mut own: BTreeMap<&AccountId, Vec<Own<'_>>> = BTreeMap::new();
        for post in posts {
            for item in &post.items {
                if let Some(variant) = self.store.find_variant(&item.variant, &caller.workspace).await? {
                    let entry = (&post.post, whole(&variant.content), self.instants(item));
                    own.entry(&item.account).or_default().push(entry);
                }
            }
        }
        let since = self.clock.now_ms() - LATELY_MS;
        let mut found = BatchTwice::new();
        for (account, own) in own {
            let Some(stored) = self.store.find_account(account, &caller.workspace).await? else { continue };
            let said = self.store.list_said(account, since, None).await?;
            let mut known: Vec<_> = said.into_iter().map(|said| Known::of(said, &caller.zone)).collect();
            for (post, text, instants) in &own {
                let planned = instants.iter().map(|slot| Known::planned(post, text, *slot, &caller.zone));
                known.extend(planned);
            }
            for (post, text, instants) in &own {
                let others = known.iter().filter(|known| known.post != **post).collect();
                let told = compare(text, instants, others, (&stored.account.handle, &caller.zone));
                found.insert(((*post).clone(), account.clone()), told);
            }
        }
        Ok(found)
    }
}

/// What posts of a plan would say twice, by post and account.
pub(super) type BatchTwice = BTreeMap<(PostId, AccountId), Vec<Sentence>>;

/// What an act would publish.
fn items(act: &Act) -> Vec<(&PostId, &PublishItem)> {
    match act {
        Act::Publish { post, items, .. } => items.iter().map(|item| (post, item)).collect(),
        Act::Batch { .. }
        | Act::Resume { .. }
        | Act::TakeDown { .. }
        | Act::Disconnect { .. }
        | Act::EditVideo { .. }
        | Act::Forget { .. } => Vec::new(),
    }
}

fn whole(content: &Content) -> String {
    content.segments.iter().map(|segment| segment.text.as_str()).collect::<Vec<_>>().join("\n")
}

/// Something an account says, with what is compared of it.
#[derive(Clone)]
struct Known {
    post: PostId,
    slot: i64,
    day: Date,
    shape: Arc<Shape>,
    links: Arc<BTreeSet<String>>,
}

impl Known {
    fn of(said: Said, zone: &str) -> Self {
        Self::planned(&said.post, &whole(&said.content), said.slot, zone)
    }

    fn planned(post: &PostId, text: &str, slot: i64, zone: &str) -> Self {
        let (shape, links) = (Arc::new(Shape::of(text)), Arc::new(links(text)));
        Self { post: post.clone(), slot, day: day(slot, zone), shape, links }
    }
}

fn day(at_ms: i64, zone: &str) -> Date {
    Moment { at_ms, zone: zone.to_owned() }.zoned().date()
}

fn compare(text: &str, instants: &[i64], mut said: Vec<&Known>, (handle, zone): (&str, &str)) -> Vec<Sentence> {
    let mut found = Vec::new();
    let told = |key: &str, said: &Known| {
        let moment = Moment { at_ms: said.slot, zone: zone.to_owned() };
        let at = moment.zoned().strftime("%Y-%m-%d %H:%M").to_string();
        Sentence::new(key).with("handle", handle).with("at", at).with("post", said.post.as_str())
    };
    // The nearest in time, and a rule's post once.
    said.sort_by_key(|said| instants.iter().map(|at| at.abs_diff(said.slot)).min());
    let (shape, mut named) = (Shape::of(text), BTreeSet::new());
    let alike = said.iter().filter(|said| shape.is_like(&said.shape) && named.insert(said.post.as_str()));
    found.extend(alike.take(EACH_MAX).map(|said| told("twice-alike", said)));
    let days: BTreeSet<_> = instants.iter().map(|at| day(*at, zone)).collect();
    let own = links(text);
    let linked = said.iter().filter(|said| days.contains(&said.day));
    for said in linked {
        if let Some(link) = said.links.iter().find(|link| own.contains(*link)) {
            found.push(told("twice-link", said).with("link", link));
            if found.len() >= 2 * EACH_MAX {
                break;
            }
        }
    }
    let minutes: BTreeSet<_> = instants.iter().map(|at| at.div_euclid(MINUTE_MS)).collect();
    let crowded = said.iter().filter(|said| minutes.contains(&said.slot.div_euclid(MINUTE_MS)));
    found.extend(crowded.take(EACH_MAX).map(|said| told("twice-minute", said)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::post::Segment;

    fn compare(text: &str, instants: &[i64], said: &[Said], handle: &str, zone: &str) -> Vec<Sentence> {
        let known: Vec<_> = said.iter().cloned().map(|said| Known::of(said, zone)).collect();
        super::compare(text, instants, known.iter().collect(), (handle, zone))
    }

    #[test]
    fn alike_the_same_link_that_day_and_the_same_minute_are_told_apart() {
        let said = |chance, slot: i64, text: &str| Said {
            post: PostId::generate(1, chance),
            slot,
            content: Content {
                segments: vec![Segment { text: text.into(), ..Segment::default() }],
                ..Content::default()
            },
        };
        let noon = 1_795_435_200_000; // 2026-11-23T12:00:00Z
        let text = "Our autumn menu is here: pumpkin, chestnuts and mushrooms. https://example.com/menu?utm_source=x";
        let all = [
            said(1, noon - 9 * 24 * 3_600_000, "Our autumn menu is here: pumpkin, chestnuts, and mushrooms!"),
            said(2, noon + 3_600_000, "What people say of it: https://example.com/menu"),
            said(3, noon + 30_000, "Something else entirely"),
            said(4, noon + 24 * 3_600_000, "Tomorrow again https://example.com/menu"),
        ];
        let keys: Vec<_> = compare(text, &[noon], &all, "bakery", "UTC").into_iter().map(|found| found.key).collect();
        assert_eq!(keys, ["twice-alike", "twice-link", "twice-minute"]);
        // Of a post that comes again the time that is nearest, once.
        let weekly = [4, 1, 2, 3].map(|weeks| said(1, noon + weeks * 7 * 24 * 3_600_000, text));
        let found = compare(text, &[noon], &weekly, "bakery", "UTC");
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(format!("{:?}", found[0].args).contains("2026-11-30"), "{found:?}");
        // In Tokyo noon UTC is nine in the evening; four hours later is another day there.
        let late = [said(2, noon + 4 * 3_600_000, "https://example.com/menu")];
        assert!(compare(text, &[noon], &late, "bakery", "Asia/Tokyo").is_empty());
        assert_eq!(compare(text, &[noon], &late, "bakery", "UTC").len(), 1);
        assert!(compare("", &[noon], &[], "bakery", "UTC").is_empty());
    }
}
