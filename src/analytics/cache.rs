//! Answers that are kept for a while: sealed under their person's key, found by the exact request, each with its own end. The same request by
//! several at once is sent once.

use std::sync::{Arc, PoisonError};

use secrecy::{ExposeSecret, SecretString};

use super::Analytics;
use super::page::{PART_ROWS, Page};
use super::quota::Purse;
use crate::domain::google::{Feature, GOOGLE, Login};
use crate::domain::post::digest;
use crate::domain::sealed::Place;
use crate::domain::tool::ToolError;
use crate::google::ApiCall;
use crate::store::reports::{CacheKey, CachedPart, OF_VIDEOS};

/// How answers are read: what was kept when they were read otherwise is asked for anew.
const FORM: u32 = 2;

/// A request, as far as keeping its answer goes.
pub(super) struct Request<'a> {
    /// Through which account.
    pub(super) login: &'a Login,
    /// Whose figures: calls about the same wait for each other.
    pub(super) about: &'a str,
    /// The call.
    pub(super) call: ApiCall,
    /// How long its answer is good for, in milliseconds.
    pub(super) life_ms: i64,
}

/// An answer, or the part of it that was wanted.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) page: Page,
    /// When Google answered.
    pub(super) made_at: i64,
    /// It did so just now.
    pub(super) is_new: bool,
}

impl Analytics {
    /// The part of an answer in which a row stands (counted from the answer's first), from the cache or from Google.
    pub(super) async fn answered(
        &self,
        request: &Request<'_>,
        row: usize,
        read: impl Fn(&[u8]) -> Result<Page, String> + Send + Sync,
    ) -> Result<Kept, ToolError> {
        let (hash, part) = (hash(request), row / PART_ROWS);
        if let Some(kept) = self.kept(request, &hash, part).await? {
            return Ok(kept);
        }
        let flight = {
            let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
            // Whoever holds one besides this table waits for it.
            flights.retain(|_, flight| Arc::strong_count(flight) > 1);
            Arc::clone(flights.entry(format!("{}:{hash}", request.login.user)).or_default())
        };
        let mut failed = flight.lock().await;
        // Asking again what just failed would only use up what Google allows of failures, once for each who waited (platforms/google.md §6.2).
        if let Some(failed) = &*failed {
            return Err(failed.clone());
        }
        if let Some(kept) = self.kept(request, &hash, part).await? {
            return Ok(kept);
        }
        let page = match self.asked(request, read).await {
            Ok(page) => page,
            Err(why) => {
                *failed = Some(why.clone());
                return Err(why);
            }
        };
        let made_at = self.clock.now_ms();
        let parts = page.parts();
        self.keep(request, &hash, (&parts, made_at)).await?;
        let page = part_of(parts, part);
        Ok(Kept { page, made_at, is_new: true })
    }

    async fn asked(
        &self,
        request: &Request<'_>,
        read: impl Fn(&[u8]) -> Result<Page, String>,
    ) -> Result<Page, ToolError> {
        let answer = self.fetch(request.login, request.about, &request.call).await?;
        let page =
            read(&answer).map_err(|why| ToolError::Failed(format!("an answer of Google's cannot be read: {why}")))?;
        if let Some(purse) = Purse::of(&request.call, request.about) {
            self.note_left(&purse, &page.head.marks.left).await?;
        }
        Ok(page)
    }

    async fn keep(&self, request: &Request<'_>, hash: &str, (parts, made_at): (&[Page], i64)) -> Result<(), ToolError> {
        let login = request.login;
        let expires_at = made_at + request.life_ms.min(self.keep_ms(request.call.feature));
        let mut sealed = Vec::with_capacity(parts.len());
        for (no, part) in parts.iter().enumerate() {
            let text = serde_json::to_string(part).map_err(|error| ToolError::Failed(error.to_string()))?;
            let row = row_name(hash, no);
            let body = self.vault.seal(&place(login, &row), &SecretString::from(text)).await.map_err(failed)?;
            sealed.push(CachedPart { body, made_at, expires_at });
        }
        Ok(self.store.insert_cached(CacheKey { user: &login.user, request: hash }, &login.id, &sealed).await?)
    }

    async fn kept(&self, request: &Request<'_>, hash: &str, part: usize) -> Result<Option<Kept>, ToolError> {
        let login = request.login;
        let now = self.clock.now_ms();
        let key = CacheKey { user: &login.user, request: hash };
        let no = i64::try_from(part).unwrap_or(i64::MAX);
        let mut found = self.store.find_cached(key, no, now).await?;
        let mut is_end = false;
        if found.is_none() && part > 0 {
            // Behind the last row there is nothing; but only a kept answer says so.
            found = self.store.find_cached(key, 0, now).await?;
            is_end = true;
        }
        let Some(CachedPart { body, made_at, .. }) = found else { return Ok(None) };
        // The setting may have been shortened since.
        if made_at + self.keep_ms(request.call.feature) <= now {
            return Ok(None);
        }
        let row = row_name(hash, if is_end { 0 } else { part });
        let text = self.vault.open(&place(login, &row), &body).await.map_err(failed)?;
        let mut page: Page = serde_json::from_str(text.expose_secret()).map_err(failed)?;
        if is_end {
            if part * PART_ROWS < page.head.rows_here {
                return Ok(None);
            }
            page.rows.clear();
        }
        Ok(Some(Kept { page, made_at, is_new: false }))
    }
}

fn part_of(parts: Vec<Page>, no: usize) -> Page {
    let head = parts.first().map(|part| part.head.clone()).unwrap_or_default();
    parts.into_iter().nth(no).unwrap_or(Page { head, rows: Vec::new() })
}

fn hash(request: &Request<'_>) -> String {
    let call = &request.call;
    let hash = digest(&serde_json::json!([FORM, request.login.id.as_str(), call.url.as_str(), call.body]));
    match request.call.feature {
        Feature::Analytics | Feature::Search => hash,
        // Rows of YouTube's must be told apart from others: they may be kept for a shorter time.
        Feature::Videos => format!("{OF_VIDEOS}{hash}"),
    }
}

/// A part is a row of its own: one cannot be put in another's place.
fn row_name(hash: &str, part: usize) -> String {
    format!("{hash}:{part}")
}

fn place<'a>(login: &'a Login, row: &'a str) -> Place<'a> {
    Place {
        user: &login.user,
        provider: GOOGLE,
        provider_account: &login.subject,
        table: "report_cache",
        column: "body",
        row,
    }
}

fn failed(error: impl std::fmt::Display) -> ToolError {
    ToolError::Failed(error.to_string())
}
