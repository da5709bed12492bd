//! `suggest_times`: when to post, and what that rests on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::drawn::week;
use super::{Answered, Tool, ToolContext};
use crate::analytics::times::{Basis, Times, why};
use crate::domain::drawn::Drawn;
use crate::domain::google::names_things;
use crate::domain::schedule::Moment;
use crate::domain::times::Suggestion;
use crate::domain::tool::{Effect, Keep, ToolError};
use crate::say;

/// Suggests times to post from the person's own results, with evidence and sample size; says so when it is only a rule of thumb.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SuggestTimes {
    /// Only posts of this account: id or handle.
    #[serde(default)]
    account: Option<String>,
    /// Adds a picture.
    #[serde(default)]
    chart: Option<bool>,
}

/// The suggestions.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Suggested {
    basis: Basis,
    /// Posts or visits that were counted.
    sample: usize,
    /// Best first.
    times: Vec<When>,
    /// Tell these with the times.
    caveats: Vec<String>,
    #[serde(skip)]
    is_strange: bool,
    #[serde(skip)]
    keep: Option<Keep>,
    #[serde(skip)]
    chart: Option<Drawn>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct When {
    at: String,
    shown_at: String,
    why: String,
}

impl Tool for SuggestTimes {
    const NAME: &'static str = "suggest_times";
    const TITLE: &'static str = "Suggest times";
    const EFFECT: Effect = Effect::Reads;
    const IDEMPOTENT: bool = true;
    const REACHES_OUT: bool = true;
    type Answer = Suggested;

    fn keep(answer: &Suggested) -> Option<Keep> {
        answer.keep.clone()
    }

    fn chart(answer: &Suggested) -> Option<Drawn> {
        answer.chart.clone()
    }

    fn is_strange(answer: &Suggested) -> bool {
        answer.is_strange
    }

    async fn call(self, cx: &ToolContext<'_>) -> Result<Answered<Suggested>, ToolError> {
        let account = match &self.account {
            Some(given) => cx.desk.find_accounts(cx.caller, std::slice::from_ref(given)).await?.pop(),
            None => None,
        };
        let posts = cx.desk.list_out(cx.caller, account.map(|stored| stored.account.id)).await?;
        let may_ask = if cx.is_withheld { Err(say!("times-withheld")) } else { Ok(()) };
        let found = cx.analytics.times(cx.caller, &posts, may_ask).await?;
        let times = found.best.iter().filter_map(|one| when(cx, &found, one)).collect::<Vec<_>>();
        let caveats: Vec<String> = found.said.iter().map(|sentence| cx.say(sentence)).collect();
        let mut lines: Vec<String> = times.iter().map(|one| format!("- {}: {}", one.shown_at, one.why)).collect();
        lines.extend(caveats.iter().cloned());
        let is_wanted = self.chart == Some(true);
        let chart = week(cx.words, cx.caller.lang, &found).filter(|_| is_wanted);
        if is_wanted {
            lines.push(chart.as_ref().map_or_else(
                || "No chart: the hours in which visitors come are not known.".to_owned(),
                |chart| format!("The chart shows: {}", chart.told),
            ));
        }
        let keep = found.keep.map(|(accounts, until_ms)| Keep { until_ms, accounts });
        let is_strange = found.said.iter().any(|sentence| names_things(&sentence.key));
        let structured =
            Suggested { basis: found.basis, sample: found.sample, times, caveats, is_strange, keep, chart };
        Ok(Answered { structured, text: lines.join("\n"), waiting: Vec::new() })
    }
}

/// One suggestion as it is told.
fn when(cx: &ToolContext<'_>, found: &Times, one: &Suggestion) -> Option<When> {
    let now = Moment { at_ms: cx.desk.now_ms(), zone: cx.caller.zone.clone() };
    let at = one.next(&now)?;
    Some(When {
        shown_at: cx.words.moment(cx.lang, &at, now.at_ms),
        at: at.rfc3339(),
        why: cx.say(&why(found.basis, one)),
    })
}
