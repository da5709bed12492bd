//! Lists of pages whose index state is asked for in bulk: as many as the quota allows now, the rest by itself when it allows more. A list goes by a
//! handle, the same for the same question, and its pages are sealed. One page is `inspect`.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::inspect::Inspected;
use super::{Analytics, DAY_MS};
use crate::domain::caller::Caller;
use crate::domain::google::{Feature, GOOGLE, Login, Source, SourceKind};
use crate::domain::post::digest;
use crate::domain::refusal::{Arg, Sentence};
use crate::domain::sealed::Place;
use crate::domain::tool::ToolError;
use crate::say;
use crate::store::inspections::StoredList;

/// Pages of one list: what a site has in a day.
pub const LIST_MAX: usize = 2_000;
/// What handles begin with.
const HANDLE: &str = "pages_";
/// Letters of a handle behind that: 80 bits.
const HANDLE_CHARS: usize = 20;
/// Pages that are asked for before somebody is answered, and in one go by itself.
const AT_ONCE: usize = 20;
/// Goes of one list in a row.
const GOES_MAX: usize = 30;
/// A list is done, or not worth finishing, after this.
const LIFE_MS: i64 = 7 * DAY_MS;
/// Whoever goes on with a list has it for so long.
const CLAIM_MS: i64 = 10 * 60_000;
/// When Google does not answer, it is tried again after this.
const AGAIN_MS: i64 = 15 * 60_000;

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Item {
    url: String,
    /// It was asked for, or can never be.
    is_asked: bool,
    /// What Google says, by name.
    said: Vec<(String, String)>,
    /// Why there is no answer.
    problem: Option<Sentence>,
}

/// What is sealed of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Body {
    /// The key of the site.
    source: String,
    language: String,
    pages: Vec<Item>,
}

/// A list as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// What it is asked for by.
    pub handle: String,
    /// Of which site.
    pub source: Source,
    /// Through which account.
    pub login: crate::domain::ids::AccountId,
    /// Its pages in their order; what was not asked yet has neither words nor a problem.
    pub pages: Vec<Inspected>,
    /// How many were not asked yet.
    pub waiting: usize,
    /// When it goes on, Unix milliseconds.
    pub next_at: i64,
    /// Until when it may be kept.
    pub until: i64,
}

impl Analytics {
    /// Begins a list, or goes on with the same one: as many pages as are asked at once now, the rest by itself.
    ///
    /// # Errors
    /// Refused when there are too many, or one is none.
    pub async fn inspect_list(
        &self,
        caller: &Caller,
        site: Option<&str>,
        urls: &[String],
        language: &str,
    ) -> Result<Listed, ToolError> {
        if urls.is_empty() || urls.len() > LIST_MAX {
            return Err(say!("report-urls-count", max = LIST_MAX).into());
        }
        super::inspect::check(urls)?;
        let (login, source) = self.pick(caller, SourceKind::Site, site).await?;
        let mut all: Vec<&String> = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        all.extend(urls.iter().filter(|url| seen.insert(url.as_str())));
        let handle = handle(&login, &source, &all);
        let now = self.clock.now_ms();
        let stored = match self.store.find_inspections(&handle, now).await? {
            Some(stored) => stored,
            None => {
                let item =
                    |url: &&String| Item { url: (*url).clone(), is_asked: false, said: Vec::new(), problem: None };
                let pages = all.iter().map(item).collect();
                let body = Body { source: source.key.clone(), language: language.to_owned(), pages };
                let waiting = i64::try_from(all.len()).unwrap_or(i64::MAX);
                let expires_at = now + LIFE_MS.min(self.keep_ms(Feature::Search));
                let body = self.seal_list(&login, &handle, &body).await?;
                let (user, id) = (login.user.clone(), login.id.clone());
                let list =
                    StoredList { handle, user, login: id, body, waiting, next_at: now, made_at: now, expires_at };
                self.store.put_inspections(&list).await?;
                list
            }
        };
        if stored.waiting > 0 && stored.next_at <= now && self.store.claim_inspections(&stored, now + CLAIM_MS).await? {
            self.go_on(&login, stored.clone(), 1).await?;
        }
        self.listed(caller, &stored.handle).await
    }

    /// The site that somebody means.
    ///
    /// # Errors
    /// Refused when there is none, or it must be chosen.
    pub async fn site(&self, caller: &Caller, given: Option<&str>) -> Result<Source, ToolError> {
        Ok(self.pick(caller, SourceKind::Site, given).await?.1)
    }

    /// A list of somebody's by its handle.
    ///
    /// # Errors
    /// Refused when there is none any more.
    pub async fn listed(&self, caller: &Caller, handle: &str) -> Result<Listed, ToolError> {
        let gone = || ToolError::from(say!("report-list-gone"));
        let now = self.clock.now_ms();
        let stored = self.store.find_inspections(handle, now).await?.ok_or_else(gone)?;
        let login = self.find_login(caller, &stored.login).await?.ok_or_else(gone)?;
        let body = self.open_list(&login, &stored).await?;
        let (_, source) = self.pick(caller, SourceKind::Site, Some(&body.source)).await?;
        let waiting = body.pages.iter().filter(|page| !page.is_asked).count();
        let inspected =
            |page: Item| Inspected { url: page.url, said: super::inspect::named(page.said), problem: page.problem };
        Ok(Listed {
            handle: stored.handle,
            source,
            login: login.id,
            pages: body.pages.into_iter().map(inspected).collect(),
            waiting,
            next_at: stored.next_at,
            until: stored.expires_at,
        })
    }

    /// Goes on with whatever may.
    ///
    /// # Errors
    /// When the store fails; one list that does is told and left for later.
    pub async fn inspect_due(&self) -> Result<(), ToolError> {
        if self.google.is_none() {
            return Ok(());
        }
        let now = self.clock.now_ms();
        for stored in self.store.list_waiting_inspections(now).await? {
            if !self.store.claim_inspections(&stored, now + CLAIM_MS).await? {
                continue;
            }
            let login = self.store.find_login(&stored.login).await?;
            let Some(login) = login else { continue };
            if let Err(error) = self.go_on(&login, stored, GOES_MAX).await {
                tracing::warn!(error = %error, "a list of pages could not go on; it is tried again");
            }
        }
        Ok(())
    }

    /// So many goes: each is noted, so that a process that dies loses one at most.
    async fn go_on(&self, login: &Login, mut stored: StoredList, goes: usize) -> Result<(), ToolError> {
        let mut body = self.open_list(login, &stored).await?;
        let sources = self.sources_of(login).await?;
        let source = sources
            .into_iter()
            .map(|(source, _)| source)
            .find(|source| source.kind == SourceKind::Site && source.key == body.source);
        let Some(source) = source else { return Ok(()) };
        for _ in 0..goes {
            let at: Vec<usize> = body
                .pages
                .iter()
                .enumerate()
                .filter(|(_, page)| !page.is_asked)
                .map(|(no, _)| no)
                .take(AT_ONCE)
                .collect();
            let urls: Vec<String> = at.iter().map(|no| body.pages[*no].url.clone()).collect();
            if urls.is_empty() {
                break;
            }
            let mut pause = None;
            let answers = self.inspect_pages(login, &source, &urls, &body.language).await?;
            for (no, answer) in at.into_iter().zip(answers) {
                let page = &mut body.pages[no];
                match answer {
                    Ok(said) => {
                        page.said = said;
                        page.is_asked = true;
                        page.problem = None;
                    }
                    Err(why) => match self.may_pass(&why) {
                        Some(until) => pause = pause.max(Some(until)),
                        None => {
                            page.is_asked = true;
                            page.problem = Some(why);
                        }
                    },
                }
            }
            let now = self.clock.now_ms();
            stored.waiting = i64::try_from(body.pages.iter().filter(|page| !page.is_asked).count()).unwrap_or(i64::MAX);
            stored.next_at = pause.unwrap_or(now);
            stored.body = self.seal_list(login, &stored.handle, &body).await?;
            self.store.put_inspections(&stored).await?;
            if pause.is_some() || stored.waiting == 0 {
                break;
            }
        }
        Ok(())
    }

    /// When a page that was refused for this can be asked again; none when never.
    fn may_pass(&self, why: &Sentence) -> Option<i64> {
        let now = self.clock.now_ms();
        match why.key.as_str() {
            "google-quota-until" => why.args.iter().find_map(|(_, arg)| match arg {
                Arg::At(at) => Some(at.at_ms),
                Arg::Number(_) | Arg::Text(_) => None,
            }),
            "google-quota-day"
            | "google-quota-hour"
            | "google-unavailable"
            | "google-reconnect"
            | "google-permission-missing"
            | "google-api-off" => Some(now + AGAIN_MS),
            _ => None,
        }
    }

    async fn seal_list(
        &self,
        login: &Login,
        handle: &str,
        body: &Body,
    ) -> Result<crate::domain::sealed::Sealed, ToolError> {
        let text = serde_json::to_string(body).map_err(failed)?;
        self.vault.seal(&place(login, handle), &SecretString::from(text)).await.map_err(failed)
    }

    async fn open_list(&self, login: &Login, stored: &StoredList) -> Result<Body, ToolError> {
        let text = self.vault.open(&place(login, &stored.handle), &stored.body).await.map_err(failed)?;
        serde_json::from_str(text.expose_secret()).map_err(failed)
    }
}

fn handle(login: &Login, source: &Source, urls: &[&String]) -> String {
    let hash = digest(&serde_json::json!([login.id.as_str(), source.key, urls]));
    format!("{HANDLE}{}", hash.chars().take(HANDLE_CHARS).collect::<String>())
}

/// Whether a cursor is of a list: its handle, and from which row on.
#[must_use]
pub fn cursor_of(cursor: &str) -> Option<(&str, usize)> {
    let (handle, from) = cursor.split_once('.').unwrap_or((cursor, "0"));
    let is_handle = handle
        .strip_prefix(HANDLE)
        .is_some_and(|rest| rest.len() == HANDLE_CHARS && rest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    is_handle.then_some((handle, from.parse().ok()?))
}

fn place<'a>(login: &'a Login, row: &'a str) -> Place<'a> {
    Place {
        user: &login.user,
        provider: GOOGLE,
        provider_account: &login.subject,
        table: "inspection_list",
        column: "body",
        row,
    }
}

fn failed(error: impl std::fmt::Display) -> ToolError {
    ToolError::Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_of_a_list_is_told_from_others() {
        let handle = format!("{HANDLE}{}", "0a".repeat(10));
        assert_eq!(cursor_of(&format!("{handle}.40")), Some((handle.as_str(), 40)));
        assert_eq!(cursor_of(&handle), Some((handle.as_str(), 0)));
        for other in ["400.abc", "pages_.1", "pages_0a0a.1", &format!("{handle}.x")] {
            assert_eq!(cursor_of(other), None, "{other}");
        }
    }
}
