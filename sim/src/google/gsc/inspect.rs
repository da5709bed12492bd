//! URL inspection: what is known of an address, and how often it may be asked (dossier google §7).

use serde::Deserialize;
use serde_json::{Value, json};

use super::query::is_of_site;
use super::world::{page_text, pages};
use crate::clock::{self, DAY_MS};
use crate::google::problem::{Answered, Problem};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Asked {
    inspection_url: String,
    pub(super) site_url: String,
    language_code: String,
}

/// Answers an inspection.
pub(super) fn answer(asked: &Asked, now_ms: i64) -> Answered {
    let page = url::Url::parse(&asked.inspection_url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    if page.is_none() {
        return Err(Problem::invalid("Invalid value at 'inspection_url': it must be an absolute URL."));
    }
    if !is_of_site(&asked.site_url, &asked.inspection_url) {
        return Err(Problem::denied("You do not own this site, or the inspected URL is not part of this property."));
    }
    let no = (0..pages()).find(|no| page_text(*no) == asked.inspection_url);
    let status = match no {
        None => json!({"verdict": "NEUTRAL", "coverageState": said(&asked.language_code, 0),
            "robotsTxtState": "ROBOTS_TXT_STATE_UNSPECIFIED", "indexingState": "INDEXING_STATE_UNSPECIFIED",
            "pageFetchState": "PAGE_FETCH_STATE_UNSPECIFIED"}),
        Some(no) => known(no, asked, now_ms),
    };
    let link = format!("https://search.google.com/search-console/inspect?resource_id={}&id=sim", asked.site_url);
    let mut result = json!({"inspectionResultLink": link, "indexStatusResult": status,
        "mobileUsabilityResult": {"verdict": "VERDICT_UNSPECIFIED"}});
    if no.is_some_and(|no| no % 4 == 1) {
        result["richResultsResult"] = json!({"verdict": "PASS", "detectedItems": [{"richResultType": "Review snippets",
            "items": [{"name": "Unnamed item"}]}]});
    }
    Ok(json!({"inspectionResult": result}))
}

/// Most pages are indexed; some were crawled and left out, some are gone, one is forbidden by robots.txt.
fn known(no: u64, asked: &Asked, now_ms: i64) -> Value {
    let page = &asked.inspection_url;
    let (verdict, prose, fetch, robots) = match no {
        39 => ("FAIL", 4, "BLOCKED_ROBOTS_TXT", "DISALLOWED"),
        _ if no % 10 == 7 => ("NEUTRAL", 2, "SUCCESSFUL", "ALLOWED"),
        _ if no % 10 == 8 => ("FAIL", 3, "NOT_FOUND", "ALLOWED"),
        _ => ("PASS", 1, "SUCCESSFUL", "ALLOWED"),
    };
    let crawled_ms = now_ms - DAY_MS * i64::try_from(no % 9 + 1).unwrap_or(1);
    let crawled = clock::rfc3339(crawled_ms).replace(".000Z", "Z");
    let crawled = format!("{}Z", crawled.split(['.', 'Z']).next().unwrap_or_default());
    let mut status = json!({"verdict": verdict, "coverageState": said(&asked.language_code, prose),
        "robotsTxtState": robots, "indexingState": "INDEXING_ALLOWED", "pageFetchState": fetch,
        "lastCrawlTime": crawled, "crawledAs": if no.is_multiple_of(3) { "DESKTOP" } else { "MOBILE" }});
    if verdict == "PASS" {
        status["googleCanonical"] = page.as_str().into();
        status["userCanonical"] = page.as_str().into();
        status["sitemap"] = json!(["https://www.acme.example/sitemap.xml"]);
        status["referringUrls"] = json!(["https://www.acme.example/"]);
    }
    status
}

/// Prose, in the language that was asked for: nobody should branch on it.
fn said(language: &str, no: usize) -> &'static str {
    const ENGLISH: [&str; 5] = [
        "URL is unknown to Google",
        "Submitted and indexed",
        "Crawled - currently not indexed",
        "Not found (404)",
        "Blocked by robots.txt",
    ];
    const ITALIAN: [&str; 5] = [
        "URL sconosciuto a Google",
        "Pagina inviata e indicizzata",
        "Pagina scansionata, ma attualmente non indicizzata",
        "Pagina non trovata (404)",
        "Bloccata da robots.txt",
    ];
    const JAPANESE: [&str; 5] = [
        "URL が Google に認識されていません",
        "送信して登録されました",
        "クロール済み - インデックス未登録",
        "見つかりませんでした（404）",
        "robots.txt によりブロックされました",
    ];
    let prose = match language.split('-').next() {
        Some("it") => ITALIAN,
        Some("ja") => JAPANESE,
        _ => ENGLISH,
    };
    prose.get(no).copied().unwrap_or_default()
}
