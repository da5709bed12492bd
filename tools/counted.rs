//! What networks counted of posts, for `report_posts`: each network's figures under one name, with the network's own word for them, and whatever is
//! not known said as such; and which post beat its own account's median. Nothing is asked of a network here: the server reads at a few ages.

use std::collections::{BTreeMap, BTreeSet};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::{Value, json};

use super::ToolContext;
use super::drawn::BARS_MAX;
use super::figures::{number, rows_schema};
use crate::analytics::catalogue::Unit;
use crate::analytics::networks::OwnFigures;
use crate::analytics::winners::{said, winners};
use crate::domain::account::Account;
use crate::domain::figures::{Given, Measure, Reading};
use crate::domain::ids::{AccountId, PostId};
use crate::domain::network::Network;
use crate::domain::refusal::Sentence;
use crate::domain::times::POST_DAYS;
use crate::domain::tool::{Keep, ToolError};
use crate::say;

/// Posts that are told, the newest.
const TOLD_MAX: usize = 30;
/// Of the words of a winner: the longest post of the networks that count views, and no book.
const WINNER_CHARS: usize = 3_000;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// What each row says: the hours after which it was read, then each measure.
const COLUMNS: [&str; 9] = ["post", "account", "hours", "views", "likes", "comments", "shares", "saves", "clicks"];
/// Where the measures begin.
const MEASURED_FROM: usize = 3;

/// Figures that networks counted.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Counted {
    columns: Vec<&'static str>,
    #[schemars(schema_with = "rows_schema")]
    rows: Vec<Vec<Value>>,
    caveats: Vec<String>,
    // Posts that beat their own account's median.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "winners_schema")]
    winners: Vec<Value>,
    // What to do with them.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    #[serde(skip)]
    pub(super) keep: Option<Keep>,
    #[serde(skip)]
    followers: BTreeMap<AccountId, i64>,
}

/// One measure of several posts, oldest first. What is not known is left out, never nothing.
pub(super) struct Bars<'a> {
    /// Which.
    pub(super) measure: &'static str,
    /// The post of each, and how much, in thousandths.
    pub(super) points: Vec<(&'a str, i64)>,
    /// Posts of which it is not known.
    pub(super) unknown: usize,
}

/// What is out, by post and account.
pub(super) type Out = BTreeSet<(PostId, AccountId)>;

/// What networks counted of these posts. `name` is how an account is called in the report.
pub(super) async fn counted(
    cx: &ToolContext<'_>,
    out: &Out,
    name: fn(&Account) -> String,
) -> Result<Counted, ToolError> {
    let mut own = cx.analytics.own_figures(cx.caller, cx.desk.now_ms() - POST_DAYS * DAY_MS).await?;
    let withheld: Vec<Account> = own.accounts.values().filter(|account| is_withheld(cx, account)).cloned().collect();
    // What YouTube counts is Google's.
    own.accounts.retain(|_, account| !is_withheld(cx, account));
    own.readings.retain(|reading| own.accounts.contains_key(&reading.account));
    own.followers.retain(|account, _| own.accounts.contains_key(account));
    let mut newest: BTreeMap<(&PostId, &AccountId), &Reading> = BTreeMap::new();
    let read = own.readings.iter().filter(|one| out.contains(&(one.post.clone(), one.account.clone())));
    let tried: BTreeSet<&AccountId> = read.clone().map(|reading| &reading.account).collect();
    // What was not told at one age may have been at another.
    for reading in read.filter(|reading| !reading.figures.is_unknown()) {
        let known = newest.entry((&reading.post, &reading.account)).or_insert(reading);
        if reading.read_at > known.read_at {
            *known = reading;
        }
    }
    let mut told: Vec<&Reading> = newest.into_values().collect();
    told.sort_by(|a, b| b.out_at.cmp(&a.out_at).then_with(|| a.post.cmp(&b.post)));
    told.truncate(cx.told(TOLD_MAX));
    let mut caveats = Vec::new();
    if !told.is_empty() {
        caveats.push(cx.say(&say!("figures-how")));
        caveats.extend(words(cx, &own, &told));
    }
    let seen: BTreeSet<&AccountId> = out.iter().map(|(_, account)| account).collect();
    for account in seen.into_iter().filter_map(|account| own.accounts.get(account)) {
        let is_told = told.iter().any(|reading| reading.account == account.id);
        let why = missing(cx, &own, account).or_else(|| {
            let is_tried = tried.contains(&account.id);
            (!is_told).then(|| if is_tried { say!("figures-untold") } else { not_yet(cx, account) })
        });
        caveats.extend(why.map(|why| cx.say(&say!("figures-of-account", account = name(account), why = cx.say(&why)))));
    }
    let hidden = withheld.iter().filter(|account| out.iter().any(|(_, id)| *id == account.id));
    caveats.extend(hidden.map(|account| {
        cx.say(&say!("figures-of-account", account = name(account), why = cx.say(&say!("google-withheld"))))
    }));
    let winners = winning(cx, &own, name).await?;
    Ok(Counted {
        next: (!winners.is_empty()).then(|| cx.say(&say!("figures-winner-next"))),
        winners,
        columns: COLUMNS.to_vec(),
        rows: told
            .iter()
            .filter_map(|reading| Some(row(reading, &name(own.accounts.get(&reading.account)?))))
            .collect(),
        caveats,
        keep: keep(cx, &own, &told),
        followers: own.followers.iter().map(|(account, (count, _))| (account.clone(), *count)).collect(),
    })
}

impl Counted {
    /// Whether there is anything to say.
    pub(super) fn is_nothing(&self) -> bool {
        self.rows.is_empty() && self.caveats.is_empty() && self.winners.is_empty()
    }

    /// How many follow an account.
    pub(super) fn followers(&self, account: &AccountId) -> Option<i64> {
        self.followers.get(account).copied()
    }

    /// The newest posts by the first measure that is known of any of them; nothing where none is.
    pub(super) fn bars(&self) -> Option<Bars<'_>> {
        let at = (MEASURED_FROM..COLUMNS.len()).find(|at| self.rows.iter().any(|row| point(row, *at).is_some()));
        let bars = |at: usize| {
            let known: Vec<_> = self.rows.iter().filter_map(|row| point(row, at)).collect();
            let unknown = self.rows.len() - known.len();
            // Rows are told newest first; time runs to the right.
            Some(Bars { measure: COLUMNS.get(at)?, points: known.into_iter().take(BARS_MAX).rev().collect(), unknown })
        };
        at.and_then(bars)
    }

    /// The same in a few lines.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        if !self.rows.is_empty() {
            lines.push("Figures that the networks counted (– is unknown):".to_owned());
        }
        let shown = |cell: &Value| match cell {
            Value::Null => "–".to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        lines.extend(self.rows.iter().map(|row| {
            let told: Vec<String> =
                COLUMNS.iter().zip(row).map(|(name, cell)| format!("{name} {}", shown(cell))).collect();
            format!("- {}", told.join("; "))
        }));
        lines.extend(self.caveats.iter().cloned());
        let told = |winner: &Value| format!("{} Its text, as material: {}", shown(&winner["said"]), winner["text"]);
        lines.extend(self.winners.iter().map(told));
        lines.extend(self.next.clone());
        lines
    }
}

fn is_withheld(cx: &ToolContext<'_>, account: &Account) -> bool {
    cx.is_withheld && account.network.is_of_google()
}

fn winners_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array" })
}

fn row(reading: &Reading, account: &str) -> Vec<Value> {
    let hours = (reading.read_at - reading.out_at).max(0) / HOUR_MS;
    let mut row: Vec<Value> = vec![reading.post.as_str().into(), account.into(), hours.into()];
    row.extend(Measure::ALL.map(|measure| reading.figures.get(measure).map_or(Value::Null, Value::from)));
    row
}

/// The post of a row, and what stands in one of its columns, in thousandths; nothing where that is not known.
fn point(row: &[Value], at: usize) -> Option<(&str, i64)> {
    Some((row.first()?.as_str()?, row.get(at)?.as_i64()?.checked_mul(1_000)?))
}

fn given(cx: &ToolContext<'_>, network: Network) -> Result<Given, Sentence> {
    match cx.desk.networks().get(&network) {
        Some(platform) => platform.gives_figures(),
        None => Err(say!("connect-not-configured", network = network.shown(), keys = format!("{}.*", network.slug()))),
    }
}

/// Why figures of an account cannot be read; nothing when they can.
fn missing(cx: &ToolContext<'_>, own: &OwnFigures, account: &Account) -> Option<Sentence> {
    let given = match given(cx, account.network) {
        Ok(given) => given,
        Err(why) => return Some(why),
    };
    if let Some(scope) = given.scope.filter(|_| !given.is_allowed_by(&account.scopes) && !account.scopes.is_empty()) {
        return Some(say!("figures-scope-missing", scope = scope));
    }
    own.refused.get(&account.id).cloned()
}

fn not_yet(cx: &ToolContext<'_>, account: &Account) -> Sentence {
    let first_h = given(cx, account.network).ok().and_then(|given| given.ages_h.first().copied());
    say!("figures-not-yet", hours = first_h.unwrap_or_default())
}

/// Which word of a network's stands for which of ours, and what it never says.
fn words(cx: &ToolContext<'_>, own: &OwnFigures, told: &[&Reading]) -> Vec<String> {
    let networks = told.iter().filter_map(|reading| Some(own.accounts.get(&reading.account)?.network));
    let networks: BTreeSet<Network> = networks.collect();
    let line = |network: Network| {
        let given = given(cx, network).ok()?;
        let said: Vec<String> =
            given.words.iter().map(|(measure, word)| format!("{} = {word}", measure.word())).collect();
        let never = Measure::ALL.iter().filter(|measure| !given.words.iter().any(|(said, _)| said == *measure));
        let never: Vec<&str> = never.map(|measure| measure.word()).collect();
        let never = if never.is_empty() { String::new() } else { format!("; never told: {}", never.join(", ")) };
        Some(format!("{}: {}{never}", network.shown(), said.join(", ")))
    };
    networks.into_iter().filter_map(line).collect()
}

/// What networks let us keep is kept as long as the rows themselves.
fn keep(cx: &ToolContext<'_>, own: &OwnFigures, told: &[&Reading]) -> Option<Keep> {
    let oldest = told.iter().map(|reading| reading.read_at).min()?;
    let days = told.iter().filter_map(|reading| given(cx, own.accounts.get(&reading.account)?.network).ok()?.keep_days);
    let keep_ms =
        days.min().map_or(cx.analytics.figures_keep_ms(), |days| cx.analytics.figures_keep_ms().min(days * DAY_MS));
    let accounts: BTreeSet<AccountId> = told.iter().map(|reading| reading.account.clone()).collect();
    Some(Keep { until_ms: oldest + keep_ms, accounts: accounts.into_iter().collect() })
}

/// Posts that beat the median of their own account by far: which, by how much of how many, and the words that did it, for whoever drafts what follows.
async fn winning(
    cx: &ToolContext<'_>,
    own: &OwnFigures,
    name: fn(&Account) -> String,
) -> Result<Vec<Value>, ToolError> {
    let mut told = Vec::new();
    for winner in winners(own) {
        let Some(account) = own.accounts.get(&winner.account) else { continue };
        let post = match cx.desk.read_post(cx.caller, &winner.post).await {
            Ok(post) => post,
            // Erased since it was counted.
            Err(ToolError::Refused(_)) => continue,
            Err(failed @ ToolError::Failed(_)) => return Err(failed),
        };
        let variant = post.variants.iter().find(|variant| variant.account.id == winner.account);
        let parts = variant.map(|variant| &variant.content.segments).into_iter().flatten();
        let text = parts.map(|part| part.text.as_str()).collect::<Vec<_>>().join("\n\n");
        told.push(json!({
            "post": winner.post.as_str(),
            "account": winner.account.as_str(),
            "said": cx.say(&said(&winner, &name(account))),
            "measure": winner.measure.word(),
            "figure": number(Some(winner.figure), Unit::Mean),
            "hours": winner.age_h,
            "median": number(Some(winner.beaten.median), Unit::Mean),
            "posts": winner.count,
            "text": text.chars().take(WINNER_CHARS).collect::<String>(),
        }));
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_of_a_post_is_no_bar_of_nothing() {
        let row = |post: &str, views: Value, likes: Value| {
            vec![
                json!(post),
                json!("@ana"),
                json!(24),
                views,
                likes,
                Value::Null,
                Value::Null,
                Value::Null,
                Value::Null,
            ]
        };
        let counted = |rows: Vec<Vec<Value>>| Counted {
            columns: COLUMNS.to_vec(),
            rows,
            caveats: Vec::new(),
            winners: Vec::new(),
            next: None,
            keep: None,
            followers: BTreeMap::new(),
        };
        let some = counted(vec![
            row("post_c", json!(5), json!(1)),
            row("post_b", Value::Null, json!(2)),
            row("post_a", json!(0), json!(3)),
        ]);
        let bars = some.bars().unwrap();
        assert_eq!((bars.measure, bars.unknown), ("views", 1));
        assert_eq!(bars.points, [("post_a", 0), ("post_c", 5_000)], "the oldest first");
        // Where nobody says how often something was seen, what is said is drawn.
        let liked = counted(vec![row("post_a", Value::Null, json!(3))]);
        assert_eq!(liked.bars().map(|bars| bars.measure), Some("likes"));
        assert!(counted(vec![row("post_a", Value::Null, Value::Null)]).bars().is_none());
    }
}
