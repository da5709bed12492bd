//! "The same thing twice?": what an account said lately, or is to say, that looks like what somebody wants to send. Said before it is
//! scheduled and again where it is approved; never refused, because a person may mean it.

use super::Desk;
use crate::domain::alike::{are_alike, links};
use crate::domain::approval::{Act, PublishItem, When};
use crate::domain::caller::Caller;
use crate::domain::ids::PostId;
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
        let now = self.clock.now_ms();
        let said = self.store.list_said(&item.account, now - LATELY_MS, post).await?;
        let handle = self.get_account(caller, &item.account).await?.account.handle;
        let instants = match &item.when {
            When::At { at_ms, .. } => vec![*at_ms],
            When::Now => vec![now],
            When::Every(recurrence) => recurrence.instants.clone(),
        };
        Ok(compare(&whole(content), &instants, &said, &handle, &caller.zone))
    }
}

/// What an act would publish.
fn items(act: &Act) -> Vec<(&PostId, &PublishItem)> {
    match act {
        Act::Publish { post, items, .. } => items.iter().map(|item| (post, item)).collect(),
        Act::Resume { .. } | Act::TakeDown { .. } | Act::Disconnect { .. } | Act::Forget { .. } => Vec::new(),
    }
}

fn whole(content: &Content) -> String {
    content.segments.iter().map(|segment| segment.text.as_str()).collect::<Vec<_>>().join("\n")
}

fn compare(text: &str, instants: &[i64], said: &[Said], handle: &str, zone: &str) -> Vec<Sentence> {
    let mut found = Vec::new();
    let moment = |at_ms: i64| Moment { at_ms, zone: zone.to_owned() };
    let day = |at_ms: i64| moment(at_ms).zoned().date();
    let told = |key: &str, said: &Said| {
        let at = moment(said.slot).zoned().strftime("%Y-%m-%d %H:%M").to_string();
        Sentence::new(key).with("handle", handle).with("at", at).with("post", said.post.as_str())
    };
    // The nearest in time, and a rule's post once.
    let mut said: Vec<&Said> = said.iter().collect();
    said.sort_by_key(|said| instants.iter().map(|at| at.abs_diff(said.slot)).min());
    let mut named = std::collections::BTreeSet::new();
    let alike = said.iter().filter(|said| are_alike(text, &whole(&said.content)) && named.insert(said.post.as_str()));
    found.extend(alike.take(EACH_MAX).map(|said| told("twice-alike", said)));
    let days: std::collections::BTreeSet<_> = instants.iter().map(|at| day(*at)).collect();
    let own = links(text);
    let linked = said.iter().filter(|said| days.contains(&day(said.slot)));
    for said in linked {
        if let Some(link) = links(&whole(&said.content)).into_iter().find(|link| own.contains(link)) {
            found.push(told("twice-link", said).with("link", link));
            if found.len() >= 2 * EACH_MAX {
                break;
            }
        }
    }
    let minutes: std::collections::BTreeSet<_> = instants.iter().map(|at| at.div_euclid(MINUTE_MS)).collect();
    let crowded = said.iter().filter(|said| minutes.contains(&said.slot.div_euclid(MINUTE_MS)));
    found.extend(crowded.take(EACH_MAX).map(|said| told("twice-minute", said)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::post::Segment;

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
