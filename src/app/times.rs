//! When to post, for the pages: suggestions in the person's words, and the week of hours as it is drawn. What they rest on is `analytics::times`.

use super::App;
use crate::analytics::times::why;
use crate::domain::caller::Caller;
use crate::domain::drawn::Drawn;
use crate::domain::refusal::Sentence;
use crate::domain::schedule::Moment;
use crate::domain::times::Suggestion;
use crate::domain::tool::ToolError;
use crate::tools::drawn::week;

/// Suggestions, ready to be shown.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The next time of each and why, best first.
    pub best: Vec<(String, Sentence)>,
    /// What they rest on.
    pub said: Vec<Sentence>,
    /// The week, when something is known of its hours.
    pub week: Option<Drawn>,
}

impl App {
    /// When to post.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn times(&self, caller: &Caller) -> Result<Shown, ToolError> {
        let posts = self.desk.list_out(caller, None).await?;
        let found = self.analytics.times(caller, &posts, Ok(())).await?;
        let now = Moment { at_ms: self.now_ms(), zone: caller.zone.clone() };
        let at = |one: &Suggestion| {
            let at = one.next(&now)?;
            Some((self.words.moment(caller.lang, &at, now.at_ms), why(found.basis, one)))
        };
        let best = found.best.iter().filter_map(at).collect();
        Ok(Shown { best, week: week(&self.words, caller.lang, &found), said: found.said })
    }
}
