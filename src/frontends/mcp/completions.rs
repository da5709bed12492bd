//! Completing what is being typed for a resource's address or a prompt's argument: posts, weeks, accounts, time zones. Kept nowhere.

use rmcp::model::{CompleteRequestParams, CompleteResult, CompletionInfo, ErrorData, Reference};
use serde_json::json;

use super::prompts;
use super::resources::Reader;
use super::uris::{
    FIGURES_TEMPLATE, Figures, PICTURE_TEMPLATE, POST_TEMPLATE, REPORT_DAYS, REPORT_TEMPLATE, WEEK_TEMPLATE,
};
use crate::domain::allowed::Area;
use crate::domain::days::Week;
use crate::domain::tool::ToolError;
use crate::say;

/// What can be completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The id of a post.
    Post,
    /// A week.
    Week,
    /// An account's handle.
    Account,
    /// A time zone.
    Zone,
    /// How many days a report spans.
    Days,
    /// Which figures of Google's.
    Report,
    /// Anything: nothing is offered.
    Free,
}

/// Longest text that is looked at.
const TYPED_CHARS_MAX: usize = 200;
/// Posts that are looked through.
const POSTS: u32 = 50;
/// Weeks offered to both sides of this one.
const WEEKS: i64 = 12;
/// Values of one answer (specification, "Completion").
const VALUES_MAX: usize = CompletionInfo::MAX_VALUES;

impl Reader {
    /// Values that fit what was typed so far.
    pub(super) async fn complete(&self, asked: &CompleteRequestParams) -> Result<CompleteResult, ErrorData> {
        let name = asked.argument.name.as_str();
        let kind = match &asked.r#ref {
            Reference::Resource(resource) => match (resource.uri.as_str(), name) {
                (POST_TEMPLATE | PICTURE_TEMPLATE, "id") => Some(Kind::Post),
                (WEEK_TEMPLATE, "week") => Some(Kind::Week),
                (REPORT_TEMPLATE | FIGURES_TEMPLATE, "days") => Some(Kind::Days),
                (FIGURES_TEMPLATE, "report") => Some(Kind::Report),
                (_, _) => None,
            },
            Reference::Prompt(prompt) => prompts::kind_of(&prompt.name, name),
            _ => None,
        };
        let Some(kind) = kind else {
            let what = say!("mcp-completion-unknown", name = super::resources::plain(name, 60));
            return Err(ErrorData::invalid_params(self.english(&what), None));
        };
        let typed: String = asked.argument.value.chars().take(TYPED_CHARS_MAX).collect::<String>().to_lowercase();
        let found = self.values(kind, typed.trim()).await.map_err(|error| self.fault(error))?;
        let total = u32::try_from(found.len()).ok();
        let has_more = found.len() > VALUES_MAX;
        let shown = found.into_iter().take(VALUES_MAX).collect();
        let info = CompletionInfo::with_pagination(shown, total, has_more);
        info.map(CompleteResult::new).map_err(|why| ErrorData::internal_error(why, None))
    }

    async fn values(&self, kind: Kind, typed: &str) -> Result<Vec<String>, ToolError> {
        Ok(match kind {
            Kind::Post if self.may_read(Area::Posts) => self.posts(typed).await?,
            Kind::Account if self.may_read(Area::Accounts) => self.accounts(typed).await?,
            // What is theirs is not offered to whoever may not read it.
            Kind::Post | Kind::Account => Vec::new(),
            Kind::Week => self.weeks(typed),
            Kind::Zone => zones(typed, &self.caller().zone),
            Kind::Days => REPORT_DAYS.iter().map(u8::to_string).filter(|days| days.starts_with(typed)).collect(),
            Kind::Report => Figures::ALL
                .map(|report| report.word().to_owned())
                .into_iter()
                .filter(|word| word.starts_with(typed))
                .collect(),
            Kind::Free => Vec::new(),
        })
    }

    /// Ids by their beginning, or by a piece of what the post says.
    async fn posts(&self, typed: &str) -> Result<Vec<String>, ToolError> {
        let answer = self.app.read_tool(self.caller(), "list_posts", json!({ "limit": POSTS })).await?;
        let fits = |post: &serde_json::Value| {
            let id = post["id"].as_str()?;
            let text = post["text"].as_str().unwrap_or_default();
            let is_meant = id.to_lowercase().starts_with(typed) || text.to_lowercase().contains(typed);
            is_meant.then(|| id.to_owned())
        };
        Ok(answer.structured["posts"].as_array().into_iter().flatten().filter_map(fits).collect())
    }

    async fn accounts(&self, typed: &str) -> Result<Vec<String>, ToolError> {
        let all = self.app.list_accounts(self.caller()).await?;
        let mut names: Vec<String> = all.iter().map(|view| format!("@{}", view.account.handle)).collect();
        names.sort();
        names.dedup();
        names.retain(|name| name.to_lowercase().contains(typed));
        Ok(names)
    }

    /// This one first, then those to come, then those before.
    fn weeks(&self, typed: &str) -> Vec<String> {
        let now = Week::of(self.app.now_ms(), &self.caller().zone);
        let order = (0..=WEEKS).chain((1..=WEEKS).map(|back| -back));
        let weeks = order.filter_map(|by| now.plus(by)).map(|week| week.to_string());
        weeks.filter(|week| week.to_lowercase().starts_with(typed)).collect()
    }
}

/// Every zone with a piece of the text in its name; the person's own one first.
fn zones(typed: &str, own: &str) -> Vec<String> {
    let piece = typed.replace(' ', "_");
    let mut all: Vec<String> = jiff::tz::db().available().map(|zone| zone.to_string()).collect();
    all.retain(|zone| zone.to_lowercase().contains(&piece));
    all.sort_by_key(|zone| (zone != own, !zone.to_lowercase().starts_with(&piece), zone.clone()));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_found_by_a_piece_of_its_name_and_ones_own_comes_first() {
        assert_eq!(zones("", "Asia/Tokyo")[0], "Asia/Tokyo");
        assert!(zones("sao paulo", "UTC").contains(&"America/Sao_Paulo".to_owned()));
        assert_eq!(zones("europe/par", "UTC"), ["Europe/Paris"]);
        assert!(zones("nowhere at all", "UTC").is_empty());
    }
}
