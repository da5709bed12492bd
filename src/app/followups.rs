//! A post that beat its own account's median, and what a person says to have three drafts that follow it up: words to the core like any others, which
//! writes them with the ordinary tool. Without a core nothing is written here, and that is said.

use super::App;
use crate::analytics::winners::{called, said, winners};
use crate::domain::caller::Caller;
use crate::domain::compared::Winner;
use crate::domain::ids::PostId;
use crate::domain::refusal::Sentence;
use crate::domain::times::POST_DAYS;
use crate::domain::tool::ToolError;
use crate::say;

const DAY_MS: i64 = 24 * 3_600_000;
/// The beginning of a text that tells posts apart.
const TEXT_CHARS: usize = 60;

/// A post that beat its own account's median.
#[derive(Debug, Clone, PartialEq)]
pub struct Winning {
    /// Which, and by how much.
    pub winner: Winner,
    /// The same in a sentence.
    pub said: Sentence,
    /// How its text begins.
    pub begins: String,
    /// The network's name.
    pub network: &'static str,
}

impl App {
    /// The posts that beat the median of their own account as networks counted, the one that did by the most first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn winners(&self, caller: &Caller) -> Result<Vec<Winning>, ToolError> {
        let own = self.analytics.own_figures(caller, self.now_ms() - POST_DAYS * DAY_MS).await?;
        let mut all = Vec::new();
        for winner in winners(&own) {
            let Some(account) = own.accounts.get(&winner.account) else { continue };
            let sent = self.desk.find_sent(caller, &winner.post).await?;
            let Some(sent) = sent.into_iter().find(|one| one.account == winner.account) else { continue };
            let (said, network) = (said(&winner, &called(account)), account.network.shown());
            all.push(Winning { winner, said, begins: begins(&sent.text), network });
        }
        Ok(all)
    }

    /// What somebody says to the core to have three follow-ups to a post drafted, in their language, with the figures that are the reason.
    ///
    /// # Errors
    /// Refused when there is no such post of theirs.
    pub async fn follow_up(&self, caller: &Caller, post: &PostId) -> Result<String, ToolError> {
        self.desk.read_post(caller, post).await?;
        let counted = self.winners(caller).await?.into_iter().find(|one| one.winner.post == *post);
        let why = match counted {
            Some(one) => Some(one.said),
            None => self.visited_most(caller).await?.filter(|(id, _)| id == post).map(|(_, why)| why),
        };
        let wish = self.words.say(caller.lang, &say!("followups-wish", post = post.as_str()));
        Ok(match why {
            Some(why) => format!("{wish} {}", self.words.say(caller.lang, &why)),
            None => wish,
        })
    }
}

/// How a text begins, on one line.
pub(super) fn begins(text: &str) -> String {
    text.chars().take(TEXT_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
