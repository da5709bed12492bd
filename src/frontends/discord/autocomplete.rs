//! Completing what is being typed: drafts, accounts, zones, times. Answered at once and kept nowhere.

use serde_json::{Value, json};

use super::Discord;
use super::markup::units;
use crate::desk::view::PostStatus;
use crate::domain::caller::Caller;
use crate::domain::lang::Lang;
use crate::domain::schedule::{Moment, choices};
use crate::domain::tool::ToolError;
use crate::places::cut::cut_by;
use crate::places::said::name;

/// Choices that Discord shows.
const CHOICES_MAX: usize = 25;
/// Characters of a choice.
const CHOICE_MAX: usize = 100;
/// Zones offered before anything is typed.
const ZONES: [&str; 10] = [
    "Asia/Tokyo",
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "Asia/Seoul",
    "Asia/Singapore",
    "Australia/Sydney",
];
/// Times offered before anything is typed, and behind words that are not a time yet.
const TIMES: [&str; 4] = ["discord-time-1", "discord-time-2", "discord-time-3", "discord-time-4"];

/// The answer to a word that is being typed; nothing for strangers.
pub(super) async fn answer(discord: &Discord, payload: &Value) -> Value {
    let choices = match choices_for(discord, payload).await {
        Ok(choices) => choices,
        Err(error) => {
            tracing::warn!(error = %error, "a word could not be completed in Discord");
            Vec::new()
        }
    };
    let choice = |(shown, value): (String, String)| {
        let value = if units(&value) <= CHOICE_MAX { value } else { return None };
        Some(json!({ "name": cut_by(&shown, CHOICE_MAX, units), "value": value }))
    };
    let choices: Vec<_> = choices.into_iter().filter_map(choice).take(CHOICES_MAX).collect();
    json!({ "type": 8, "data": { "choices": choices } })
}

async fn choices_for(discord: &Discord, payload: &Value) -> Result<Vec<(String, String)>, ToolError> {
    let Some(caller) = discord.caller(payload).await? else { return Ok(Vec::new()) };
    let options = payload["data"]["options"][0]["options"].as_array().map(Vec::as_slice).unwrap_or_default();
    let Some(typed) = options.iter().find(|option| option["focused"] == true) else { return Ok(Vec::new()) };
    let words = typed["value"].as_str().unwrap_or_default().trim().to_lowercase();
    let verb = payload["data"]["options"][0]["name"].as_str().unwrap_or_default();
    match typed["name"].as_str().unwrap_or_default() {
        "post" => posts(discord, &caller, &words, verb).await,
        "account" => {
            let all = discord.hall.app.list_accounts(&caller).await?;
            let all = all.iter().map(|view| (name(&view.account), view.account.id.as_str().to_owned()));
            Ok(all.filter(|(shown, _)| shown.to_lowercase().contains(&words)).collect())
        }
        "zone" => Ok(zones(&words)),
        "language" => {
            let all = [Lang::En, Lang::Ja].map(|lang| (lang.own_name().to_owned(), lang.tag().to_owned()));
            Ok(all
                .into_iter()
                .filter(|(shown, tag)| shown.to_lowercase().contains(&words) || tag.contains(&words))
                .collect())
        }
        "when" => Ok(times(discord, &caller, typed["value"].as_str().unwrap_or_default().trim())),
        _ => Ok(Vec::new()),
    }
}

/// Posts that the verb can do something with, last edited first.
async fn posts(
    discord: &Discord,
    caller: &Caller,
    words: &str,
    verb: &str,
) -> Result<Vec<(String, String)>, ToolError> {
    let all = discord.hall.app.list_posts(caller).await?;
    let fits = |status: PostStatus| match status {
        PostStatus::Draft | PostStatus::WaitingForYou | PostStatus::Scheduled => true,
        PostStatus::NeedsAttention | PostStatus::Published | PostStatus::Withdrawn => verb == "why",
    };
    let shown = all.iter().filter(|post| fits(post.status)).map(|post| {
        let first = post.variants.first().and_then(|variant| variant.preview.segments.first());
        let text = first.map_or("", |segment| segment.text.as_str()).replace('\n', " ");
        let status = discord.hall.app.words().say(caller.lang, &post.status.wording());
        (format!("{status} · {text}"), post.id.as_str().to_owned())
    });
    Ok(shown.filter(|(shown, id)| shown.to_lowercase().contains(words) || id.contains(words)).collect())
}

fn zones(words: &str) -> Vec<(String, String)> {
    let fits = |zone: &&&str| words.is_empty() || zone.to_lowercase().contains(&words.replace(' ', "_"));
    let mut all: Vec<String> = ZONES.iter().filter(fits).map(|zone| (*zone).to_owned()).collect();
    if !words.is_empty() {
        let known = jiff::tz::db().available().map(|zone| zone.to_string());
        let mut others: Vec<_> = known.filter(|zone| fits(&&zone.as_str()) && !all.contains(zone)).collect();
        others.sort();
        all.extend(others);
    }
    all.into_iter().map(|zone| (zone.clone(), zone)).collect()
}

/// What was typed as the time it means, in words; when it means two, both; when it means none, times to begin with.
fn times(discord: &Discord, caller: &Caller, typed: &str) -> Vec<(String, String)> {
    let app = &discord.hall.app;
    let shown = |moment: &Moment| app.words().moment(caller.lang, moment, app.now_ms());
    let read = |words: &str| match app.read_time(caller, words) {
        Ok(moment) => vec![(shown(&moment), words.to_owned())],
        Err(ToolError::Refused(why)) => {
            choices(&why).iter().map(|moment| (shown(moment), moment.rfc3339())).collect::<Vec<_>>()
        }
        Err(ToolError::Failed(_)) => Vec::new(),
    };
    let own = if typed.is_empty() { Vec::new() } else { read(typed) };
    if !own.is_empty() {
        return own;
    }
    let begin = TIMES.map(|key| app.words().text(caller.lang, key));
    let offered = begin
        .iter()
        .flat_map(|words| read(words).into_iter().map(move |(shown, value)| (format!("{words} · {shown}"), value)));
    // What they typed is never lost: it can be sent as it stands, and is refused with its reason.
    let as_is = (!typed.is_empty()).then(|| (typed.to_owned(), typed.to_owned()));
    as_is.into_iter().chain(offered).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_zone_is_found_by_a_part_of_its_name() {
        let found = |words: &str| zones(words).into_iter().map(|(_, zone)| zone).collect::<Vec<_>>();
        assert!(found("europe/par").contains(&"Europe/Paris".to_owned()));
        assert!(found("sao paulo").contains(&"America/Sao_Paulo".to_owned()));
        assert_eq!(found("").len(), ZONES.len());
        assert_eq!(found("tok")[0], "Asia/Tokyo", "the usual ones come first");
        assert!(found("nowhere at all").is_empty());
    }
}
