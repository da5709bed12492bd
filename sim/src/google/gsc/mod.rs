//! The simulated Search Console: sites, search analytics, URL inspection, sitemaps (dossier google §7). What was
//! searched is shown by `/__sim/gsc/rows` as it is.

mod inspect;
mod query;
pub(super) mod world;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use self::query::{Last, Place};
use self::world::{SearchRow, TYPES, World};
use super::body;
use super::options::{GscTuning, SimSite};
use super::problem::Problem;
use super::{Caller, Google, State, zone};
use crate::clock::{self, DAY_MS};
use crate::form::Form;
use crate::lock;

const READ: [&str; 2] = ["webmasters.readonly", "webmasters"];
const WRITE: [&str; 1] = ["webmasters"];
const SERVICE: &str = "searchconsole.googleapis.com";
/// Nobody has more sites.
const SITES_MAX: usize = 1_000;

/// What Search Console knows.
#[derive(Debug)]
pub(super) struct Gsc {
    world: World,
    last: Last,
    /// By what and window: how often.
    spent: HashMap<(String, &'static str), (i64, u32)>,
    /// By site and address: when it was submitted.
    sitemaps: BTreeMap<(String, String), i64>,
}

impl Gsc {
    pub(super) fn new(seed: u64, now_ms: i64) -> Self {
        let world = World::new(seed, now_ms);
        let sitemap =
            |site: &str, host: &str| ((site.to_owned(), format!("https://{host}/sitemap.xml")), now_ms - 40 * DAY_MS);
        let sitemaps = BTreeMap::from([
            sitemap("sc-domain:acme.example", "www.acme.example"),
            sitemap("https://www.acme.example/", "www.acme.example"),
        ]);
        Self { world, last: Last::default(), spent: HashMap::new(), sitemaps }
    }

    /// What could be seen of a site on these days: also what is not final.
    pub(super) fn rows(
        &mut self,
        (site, kind): (&str, &str),
        (from, to): (&str, &str),
        now_ms: i64,
    ) -> Option<Vec<SearchRow>> {
        let kind = TYPES.iter().position(|(name, _)| *name == kind)?;
        // The truth is whole also where answers are not yet.
        let tuning = GscTuning { final_after_days: 0, ..GscTuning::default() };
        let place = Place { site, tuning: &tuning, now_ms: now_ms + 3 * DAY_MS };
        let days = zone::parse_iso(from)?..=zone::parse_iso(to)?;
        Some(days.flat_map(|day| query::visible(&mut self.world, &place, (day, kind))).collect())
    }

    /// The day on which nothing was seen.
    pub(super) fn gap(&self) -> String {
        zone::iso(self.world.gap())
    }

    pub(super) fn plant(&mut self, row: SearchRow) {
        self.last = Last::default();
        self.world.plant(row);
    }

    fn spend(&mut self, what: (&str, &'static str), window: i64, max: u32) -> Result<(), Problem> {
        let spent = self.spent.entry((what.0.to_owned(), what.1)).or_default();
        if spent.0 != window {
            *spent = (window, 0);
        }
        if spent.1 >= max {
            return Err(Problem::exhausted(format!("Quota exceeded for {}.", what.1)).reason("rateLimitExceeded"));
        }
        spent.1 += 1;
        Ok(())
    }
}

type Room = Shared<Arc<Google>>;

/// The routes of the API.
pub(super) fn routes() -> Router<Arc<Google>> {
    Router::new()
        .route("/webmasters/v3/sites", get(sites))
        .route("/webmasters/v3/sites/{site}", get(site).put(add_site).delete(remove_site))
        .route("/webmasters/v3/sites/{site}/searchAnalytics/query", post(search))
        .route("/webmasters/v3/sites/{site}/sitemaps", get(sitemaps))
        .route("/webmasters/v3/sites/{site}/sitemaps/{feed}", get(sitemap).put(submit).delete(unsubmit))
        .route("/v1/urlInspection/index:inspect", post(inspect))
}

/// The routes for tests.
pub(super) fn own_routes() -> Router<Arc<Google>> {
    Router::new().route("/__sim/gsc/rows", get(show_rows).post(plant))
}

fn permission<'a>(caller: &'a Caller, site: &str) -> Option<&'a SimSite> {
    caller.user.sites.iter().find(|known| known.url == site)
}

fn forbidden(site: &str) -> Problem {
    Problem::denied(format!(
        "User does not have sufficient permission for site '{site}'. See also: https://support.google.com/webmasters/answer/2451999."
    ))
    .reason("forbidden")
}

/// The site, if its data may be read: not for those who never proved that it is theirs.
fn readable<'a>(caller: &'a Caller, site: &str) -> Result<&'a SimSite, Problem> {
    permission(caller, site).filter(|known| known.permission != "siteUnverifiedUser").ok_or_else(|| forbidden(site))
}

/// The site, if it may be changed.
fn writable<'a>(caller: &'a Caller, site: &str) -> Result<&'a SimSite, Problem> {
    readable(caller, site)?;
    permission(caller, site)
        .filter(|known| matches!(known.permission.as_str(), "siteOwner" | "siteFullUser"))
        .ok_or_else(|| forbidden(site))
}

fn entry(site: &SimSite, tuning: &GscTuning) -> Value {
    let level = match (site.permission.as_str(), tuning.upper_case) {
        ("siteOwner", true) => "SITE_OWNER",
        ("siteFullUser", true) => "SITE_FULL_USER",
        ("siteRestrictedUser", true) => "SITE_RESTRICTED_USER",
        ("siteUnverifiedUser", true) => "SITE_UNVERIFIED_USER",
        (level, _) => level,
    };
    json!({"siteUrl": site.url, "permissionLevel": level})
}

async fn sites(Shared(google): Room, headers: HeaderMap) -> Response {
    google.answer(&headers, (SERVICE, &READ), |state, caller| {
        let entries: Vec<Value> = caller.user.sites.iter().map(|site| entry(site, &state.options.tuning.gsc)).collect();
        Ok(if entries.is_empty() { json!({}) } else { json!({"siteEntry": entries}) })
    })
}

async fn site(Shared(google): Room, headers: HeaderMap, Path(site): Path<String>) -> Response {
    google.answer(&headers, (SERVICE, &READ), |state, caller| {
        let known = permission(caller, &site).ok_or_else(|| forbidden(&site))?;
        Ok(entry(known, &state.options.tuning.gsc))
    })
}

async fn add_site(Shared(google): Room, headers: HeaderMap, Path(site): Path<String>) -> Response {
    google.answer_bare(&headers, (SERVICE, &WRITE), |state, caller| {
        let is_site =
            site.starts_with("sc-domain:") || url::Url::parse(&site).is_ok_and(|url| url.scheme().starts_with("http"));
        if !is_site || caller.user.sites.len() >= SITES_MAX {
            return Err(Problem::bad("invalidParameter", format!("'{site}' is not a valid Search Console site URL.")));
        }
        let sites = sites_of(state, caller);
        if sites.iter().all(|known| known.url != site) {
            sites.push(SimSite { url: site, permission: "siteUnverifiedUser".into() });
        }
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

async fn remove_site(Shared(google): Room, headers: HeaderMap, Path(site): Path<String>) -> Response {
    google.answer_bare(&headers, (SERVICE, &WRITE), |state, caller| {
        permission(caller, &site).ok_or_else(|| forbidden(&site))?;
        sites_of(state, caller).retain(|known| known.url != site);
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

fn sites_of<'a>(state: &'a mut State, caller: &Caller) -> &'a mut Vec<SimSite> {
    let at = state.options.users.iter().position(|user| user.sub == caller.user.sub).unwrap_or(0);
    &mut state.options.users[at].sites
}

async fn search(Shared(google): Room, headers: HeaderMap, Path(site): Path<String>, body: Bytes) -> Response {
    google.answer(&headers, (SERVICE, &READ), |state, caller| {
        readable(caller, &site)?;
        let body = json_body(&body)?;
        let tuning = state.options.tuning.gsc.clone();
        let gsc = &mut state.gsc;
        gsc.spend((&site, "queries per minute"), caller.now_ms / 60_000, tuning.queries_per_minute)?;
        let place = Place { site: &site, tuning: &tuning, now_ms: caller.now_ms };
        query::answer(&mut gsc.world, &mut gsc.last, &place, &body)
    })
}

fn json_body(body: &Bytes) -> Result<Value, Problem> {
    serde_json::from_slice(body).map_err(|_| Problem::bad("parseError", "Parse Error"))
}

async fn inspect(Shared(google): Room, headers: HeaderMap, raw: Bytes) -> Response {
    google.answer(&headers, (SERVICE, &READ), |state, caller| {
        let asked: inspect::Asked = body::read(json_body(&raw)?)?;
        readable(caller, &asked.site_url)?;
        let tuning = state.options.tuning.gsc.clone();
        let day = zone::day_at(caller.now_ms, &zone::zone(zone::PACIFIC));
        let gsc = &mut state.gsc;
        gsc.spend((&asked.site_url, "inspections per minute"), caller.now_ms / 60_000, tuning.inspections_per_minute)?;
        gsc.spend((&asked.site_url, "inspections per day"), day, tuning.inspections_per_day)?;
        inspect::answer(&asked, caller.now_ms)
    })
}

fn described(path: &str, submitted_ms: i64, now_ms: i64) -> Value {
    let at = |ms: i64| format!("{}Z", clock::rfc3339(ms).split('.').next().unwrap_or_default());
    let is_pending = now_ms - submitted_ms < 3_600_000;
    let mut value = json!({"path": path, "lastSubmitted": at(submitted_ms), "isPending": is_pending,
        "isSitemapsIndex": false, "type": "SITEMAP", "warnings": "0", "errors": "0"});
    if !is_pending {
        value["lastDownloaded"] = at(submitted_ms + 3_600_000).into();
        value["contents"] = json!([{"type": "WEB", "submitted": "52", "indexed": "0"}]);
    }
    value
}

async fn sitemaps(Shared(google): Room, headers: HeaderMap, Path(site): Path<String>) -> Response {
    google.answer(&headers, (SERVICE, &READ), |state, caller| {
        readable(caller, &site)?;
        let mine = state.gsc.sitemaps.iter().filter(|((of, _), _)| *of == site);
        let all: Vec<Value> = mine.map(|((_, path), at_ms)| described(path, *at_ms, caller.now_ms)).collect();
        Ok(if all.is_empty() { json!({}) } else { json!({"sitemap": all}) })
    })
}

async fn sitemap(Shared(google): Room, headers: HeaderMap, Path((site, feed)): Path<(String, String)>) -> Response {
    google.answer(&headers, (SERVICE, &READ), |state, caller| {
        readable(caller, &site)?;
        let key = (site, feed);
        let at_ms = state.gsc.sitemaps.get(&key);
        let at_ms = at_ms.ok_or_else(|| Problem::missing(format!("'{}' was not found.", key.1)).reason("notFound"))?;
        Ok(described(&key.1, *at_ms, caller.now_ms))
    })
}

async fn submit(Shared(google): Room, headers: HeaderMap, Path((site, feed)): Path<(String, String)>) -> Response {
    google.answer_bare(&headers, (SERVICE, &WRITE), |state, caller| {
        writable(caller, &site)?;
        if !query::is_of_site(&site, &feed) {
            return Err(Problem::bad(
                "invalidParameter",
                format!("'{feed}' is not a valid sitemap address of this site."),
            ));
        }
        state.gsc.sitemaps.insert((site, feed), caller.now_ms);
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

async fn unsubmit(Shared(google): Room, headers: HeaderMap, Path((site, feed)): Path<(String, String)>) -> Response {
    google.answer_bare(&headers, (SERVICE, &WRITE), |state, caller| {
        writable(caller, &site)?;
        match state.gsc.sitemaps.remove(&(site, feed)) {
            Some(_) => Ok(StatusCode::NO_CONTENT.into_response()),
            None => Err(Problem::missing("The sitemap was not found.").reason("notFound")),
        }
    })
}

async fn show_rows(Shared(google): Room, RawQuery(asked): RawQuery) -> Response {
    let asked = Form::parse(asked.unwrap_or_default().as_bytes());
    let one = |name: &str, other: &'static str| asked.one(name).unwrap_or(other).to_owned();
    let (site, kind) = (one("site", "sc-domain:acme.example"), one("type", "web"));
    let rows = lock(&google.state).gsc.rows((&site, &kind), (&one("from", ""), &one("to", "")), google.clock.now_ms());
    rows.map_or_else(|| StatusCode::NOT_FOUND.into_response(), |rows| Json(rows).into_response())
}

async fn plant(Shared(google): Room, Json(row): Json<SearchRow>) -> StatusCode {
    lock(&google.state).gsc.plant(row);
    StatusCode::NO_CONTENT
}
