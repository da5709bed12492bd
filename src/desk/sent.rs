//! What is out: each post on each network apart, with its text and when it went out. What came of it is `analytics`.

use std::collections::{BTreeMap, BTreeSet};

use super::Desk;
use super::view::{DeliveryView, PostView};
use crate::domain::caller::Caller;
use crate::domain::ids::{AccountId, PostId};
use crate::domain::network::Network;
use crate::domain::times::{OutPost, POST_DAYS};
use crate::domain::tool::ToolError;
use crate::domain::utm;
use crate::store::post_lists::PostsWanted;

/// Posts that are looked at: ten a day for a month and a half, or five for three.
const SENT_MAX: i64 = 450;
const DAY_MS: i64 = 24 * 3_600_000;

/// A post on one network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Which.
    pub post: PostId,
    /// Where.
    pub network: Network,
    /// On which account.
    pub account: AccountId,
    /// All of its text.
    pub text: String,
    /// When it was first out there, Unix milliseconds.
    pub at_ms: i64,
}

impl Sent {
    /// Whether visits of it can be told at all: tags that somebody wrote themselves name other things.
    #[must_use]
    pub fn is_tagged(&self) -> bool {
        utm::names(&self.text, (self.network, self.post.as_str()))
    }
}

impl Desk {
    /// What was due in a span (Unix milliseconds) and is out; and whether there were more posts than are looked at.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_sent(&self, caller: &Caller, due: (i64, i64)) -> Result<(Vec<Sent>, bool), ToolError> {
        let wanted = PostsWanted { due: Some(due), ..PostsWanted::default() };
        let mut posts = self.list_posts(caller, &wanted, SENT_MAX + 1).await?;
        let most = usize::try_from(SENT_MAX).unwrap_or(usize::MAX);
        let is_cut = posts.len() > most;
        posts.truncate(most);
        Ok((posts.iter().flat_map(sent).collect(), is_cut))
    }

    /// One post where it is out; nothing when it is none of the caller's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_sent(&self, caller: &Caller, post: &PostId) -> Result<Vec<Sent>, ToolError> {
        match self.read_post(caller, post).await {
            Ok(post) => Ok(sent(&post)),
            Err(ToolError::Refused(_)) => Ok(Vec::new()),
            Err(failed @ ToolError::Failed(_)) => Err(failed),
        }
    }

    /// When posts of the last [`POST_DAYS`] days went out, of one account or all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_out(&self, caller: &Caller, account: Option<AccountId>) -> Result<Vec<OutPost>, ToolError> {
        let now = self.clock.now_ms();
        let wanted = PostsWanted { due: Some((now - POST_DAYS * DAY_MS, now + 1)), ..PostsWanted::default() };
        let posts = self.list_posts(caller, &wanted, SENT_MAX).await?;
        let out = |post: &PostView| {
            let accounts_of = |network: Network| {
                let there = post.deliveries.iter().filter(|one| is_out_on(one, account.as_ref()));
                let there = there.filter(|one| one.account.network == network).map(|one| one.account.id.clone());
                there.collect::<BTreeSet<_>>().into_iter().collect()
            };
            let one = |one: Sent| OutPost {
                is_tagged: one.is_tagged(),
                id: one.post,
                network: one.network,
                accounts: accounts_of(one.network),
                at_ms: one.at_ms,
            };
            sent_by(post, account.as_ref()).into_iter().map(one).collect::<Vec<_>>()
        };
        Ok(posts.iter().flat_map(out).collect())
    }
}

/// Whether something of a delivery is out, on this account or on any.
fn is_out_on(delivery: &DeliveryView, only: Option<&AccountId>) -> bool {
    !delivery.receipts.is_empty() && only.is_none_or(|only| *only == delivery.account.id)
}

fn sent(post: &PostView) -> Vec<Sent> {
    sent_by(post, None)
}

/// Once a network, where tags are the same on every account of it: by this account, or by whichever was first.
fn sent_by(post: &PostView, only: Option<&AccountId>) -> Vec<Sent> {
    let mut all: BTreeMap<Network, Sent> = BTreeMap::new();
    for delivery in post.deliveries.iter().filter(|delivery| is_out_on(delivery, only)) {
        let Some(receipt) = delivery.receipts.first() else { continue };
        let (network, account) = (delivery.account.network, &delivery.account.id);
        let variant = post.variants.iter().find(|variant| variant.account.id == *account);
        let texts = variant.map(|variant| &variant.content.segments).into_iter().flatten();
        let text = texts.map(|segment| segment.text.as_str()).collect::<Vec<_>>().join("\n");
        let one = Sent { post: post.id.clone(), network, account: account.clone(), text, at_ms: receipt.at_ms };
        let known = all.entry(network).or_insert_with(|| one.clone());
        if one.at_ms < known.at_ms {
            *known = one;
        }
    }
    all.into_values().collect()
}
