//! Whether pages are in Google's index (platforms/google.md §7). What Google says in prose is shown and never branched on.

use futures::future::join_all;
use serde_json::{Value, json};
use url::Url;

use super::cache::{Kept, Request};
use super::catalogue::Unit;
use super::page::{Head, Line, Page};
use super::{Analytics, ask_call, below};
use crate::domain::caller::Caller;
use crate::domain::google::{Feature, Login, Source, SourceKind};
use crate::domain::ids::AccountId;
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::say;

/// Addresses of one question: a site has 2,000 a day (§7).
pub const URLS_MAX: usize = 20;
/// Longer addresses are none of a page.
const URL_CHARS_MAX: usize = 2_000;
/// What is in the index changes within days, not minutes.
const LIFE_MS: i64 = 6 * 3_600_000;
/// One answer; referring pages make it long.
const BYTES_MAX: usize = 256 * 1024;
/// What is kept of an answer, in the order in which it is told.
const FIELDS: [(&str, &str); 10] = [
    ("verdict", "/indexStatusResult/verdict"),
    ("coverage", "/indexStatusResult/coverageState"),
    ("indexing", "/indexStatusResult/indexingState"),
    ("robots", "/indexStatusResult/robotsTxtState"),
    ("fetch", "/indexStatusResult/pageFetchState"),
    ("last_crawl", "/indexStatusResult/lastCrawlTime"),
    ("crawled_as", "/indexStatusResult/crawledAs"),
    ("google_canonical", "/indexStatusResult/googleCanonical"),
    ("user_canonical", "/indexStatusResult/userCanonical"),
    ("rich_results", "/richResultsResult/verdict"),
];

/// One page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    /// Its address, as it was asked.
    pub url: String,
    /// What Google says, by name; nothing where it was refused.
    pub said: Vec<(&'static str, String)>,
    /// Why there is no answer.
    pub problem: Option<Sentence>,
}

/// What was answered of a page.
type Answered = Result<Kept, ToolError>;
/// What Google says of a page by name, or why it says nothing.
pub(super) type Told = Result<Vec<(String, String)>, Sentence>;

/// Several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspections {
    /// Through which account.
    pub login: AccountId,
    /// Of which site.
    pub source: Source,
    /// The pages, as they were asked.
    pub pages: Vec<Inspected>,
    /// Until when it may be kept.
    pub until: i64,
}

impl Analytics {
    /// Asks whether pages are in the index.
    ///
    /// # Errors
    /// Refused when an address is none, or there are too many; when no page could be asked about at all, for that reason.
    pub async fn inspect(
        &self,
        caller: &Caller,
        site: Option<&str>,
        urls: &[String],
        language: &str,
    ) -> Result<Inspections, ToolError> {
        if urls.is_empty() || urls.len() > URLS_MAX {
            return Err(say!("report-urls-count", max = URLS_MAX).into());
        }
        check(urls)?;
        let (login, source) = self.pick(caller, SourceKind::Site, site).await?;
        let answers = self.asked_pages(&login, &source, urls, language).await?;
        let mut pages = Vec::new();
        let (mut first, mut oldest) = (None, self.clock.now_ms());
        for (url, answer) in urls.iter().zip(answers) {
            let (said, problem) = match answer {
                Ok(kept) => {
                    oldest = oldest.min(kept.made_at);
                    (told(kept.page), None)
                }
                Err(ToolError::Refused(why)) => {
                    first.get_or_insert_with(|| why.clone());
                    (Vec::new(), Some(why))
                }
                Err(failed @ ToolError::Failed(_)) => return Err(failed),
            };
            pages.push(Inspected { url: url.clone(), said, problem });
        }
        match first {
            Some(why) if pages.iter().all(|page| page.problem.is_some()) => Err(why.into()),
            _ => Ok(Inspections { login: login.id, source, pages, until: oldest + self.keep_ms(Feature::Search) }),
        }
    }

    /// What was answered of each page: kept, or from Google.
    async fn asked_pages(
        &self,
        login: &Login,
        source: &Source,
        urls: &[String],
        language: &str,
    ) -> Result<Vec<Answered>, ToolError> {
        let (_, urls_of) = self.ready()?;
        let url = below(&urls_of.search, "v1/urlInspection/index:inspect")?;
        let asked = urls.iter().map(|page| {
            let body = json!({ "inspectionUrl": page, "siteUrl": source.facts.remote_id, "languageCode": language });
            let call = ask_call(Feature::Search, url.clone(), body, BYTES_MAX);
            Request { login, about: &source.facts.remote_id, call, life_ms: LIFE_MS }
        });
        let asked: Vec<Request<'_>> = asked.collect();
        Ok(join_all(asked.iter().map(|request| self.answered(request, 0, read))).await)
    }

    /// What Google says of each page, by name, or why it says nothing.
    pub(super) async fn inspect_pages(
        &self,
        login: &Login,
        source: &Source,
        urls: &[String],
        language: &str,
    ) -> Result<Vec<Told>, ToolError> {
        let mut pages = Vec::new();
        for answer in self.asked_pages(login, source, urls, language).await? {
            pages.push(match answer {
                Ok(kept) => Ok(told(kept.page).into_iter().map(|(name, text)| (name.to_owned(), text)).collect()),
                Err(ToolError::Refused(why)) => Err(why),
                Err(failed @ ToolError::Failed(_)) => return Err(failed),
            });
        }
        Ok(pages)
    }
}

/// Whether all of these are addresses of pages.
///
/// # Errors
/// Refused with the first that is none.
pub(super) fn check(urls: &[String]) -> Result<(), ToolError> {
    for given in urls {
        let is_page = Url::parse(given).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if !is_page || given.chars().count() > URL_CHARS_MAX {
            return Err(say!("report-url-wrong", given = super::filter::shown(given)).into());
        }
    }
    Ok(())
}

/// Fields by their names, as they were kept elsewhere.
pub(super) fn named(said: Vec<(String, String)>) -> Vec<(&'static str, String)> {
    let name = |known: &str| FIELDS.iter().map(|(name, _)| *name).chain(["rich_types"]).find(|name| *name == known);
    said.into_iter().filter_map(|(known, text)| Some((name(&known)?, text))).collect()
}

/// Kept in the shape of reports: one row of texts.
fn read(answer: &[u8]) -> Result<Page, String> {
    let answer: Value = serde_json::from_slice(answer).map_err(|error| error.to_string())?;
    let result = answer.get("inspectionResult").ok_or("no result")?;
    let text = |at: &str| result.pointer(at).and_then(Value::as_str).unwrap_or_default();
    let clean =
        |text: &str| text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(URL_CHARS_MAX).collect::<String>();
    let mut told: Vec<String> = FIELDS.iter().map(|(_, at)| clean(text(at))).collect();
    let kinds = result.pointer("/richResultsResult/detectedItems").and_then(Value::as_array).into_iter().flatten();
    let kinds: Vec<String> = kinds.filter_map(|item| item["richResultType"].as_str().map(clean)).collect();
    told.push(kinds.join(", "));
    let dimensions = FIELDS.iter().map(|(name, _)| *name).chain(["rich_types"]).map(str::to_owned).collect();
    let metrics: Vec<(String, Unit)> = Vec::new();
    let head = Head { dimensions, metrics, rows_here: 1, row_count: Some(1), ..Head::default() };
    Ok(Page { head, rows: vec![Line(told, Vec::new())] })
}

fn told(page: Page) -> Vec<(&'static str, String)> {
    let row = page.rows.into_iter().next().map(|Line(told, _)| told).unwrap_or_default();
    let names = FIELDS.iter().map(|(name, _)| *name).chain(["rich_types"]);
    names.zip(row).filter(|(_, text)| !text.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inspection_is_told_field_by_field() {
        // The dossier's own example (§7), with rich results.
        let answer = br#"{"inspectionResult":{"inspectionResultLink":"x","indexStatusResult":{"verdict":"PASS","coverageState":"Submitted and\nindexed",
            "robotsTxtState":"ALLOWED","indexingState":"INDEXING_ALLOWED","lastCrawlTime":"2026-11-18T07:01:22Z","pageFetchState":"SUCCESSFUL",
            "googleCanonical":"https://www.example.com/a","crawledAs":"MOBILE"},"richResultsResult":{"verdict":"PASS","detectedItems":[{"richResultType":"Breadcrumbs"},{"richResultType":"FAQ"}]}}}"#;
        let said = told(read(answer).unwrap());
        let of = |name: &str| said.iter().find(|(known, _)| *known == name).map(|(_, text)| text.as_str());
        assert_eq!(
            (of("verdict"), of("coverage"), of("user_canonical")),
            (Some("PASS"), Some("Submitted and indexed"), None)
        );
        assert_eq!(of("rich_types"), Some("Breadcrumbs, FAQ"));
        assert!(read(b"{}").is_err() && read(b"<html>").is_err());
    }
}
