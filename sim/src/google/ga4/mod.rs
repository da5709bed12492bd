//! The simulated Analytics 4: Admin and Data API over generated visits (dossier google §6). Every figure is counted
//! from the events of those visits, which `/__sim/ga4/visits` shows as they are.

mod admin;
mod filter;
mod meta;
mod names;
mod people;
mod plan;
mod quota;
mod report;
mod request;
mod tally;
pub(super) mod world;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use self::plan::{Kind, Plan};
use self::quota::{Cost, Quota};
use self::report::Place;
use self::request::Asked;
use self::world::{Ga4Truths, PROPERTIES, PlantedVisit, Property, Visit, World};
use super::body;
use super::problem::{Answered, Problem};
use super::{Caller, Google, State, zone};
use crate::form::Form;
use crate::lock;

/// Reports of a batch.
const BATCH_MAX: usize = 5;
const READ: [&str; 2] = ["analytics.readonly", "analytics"];
const DATA: &str = "analyticsdata.googleapis.com";
const ADMIN: &str = "analyticsadmin.googleapis.com";

/// What Analytics knows.
#[derive(Debug)]
pub(super) struct Ga4 {
    world: World,
    quota: Quota,
}

impl Ga4 {
    pub(super) fn new(seed: u64, now_ms: i64) -> Self {
        Self { world: World::new(seed, now_ms), quota: Quota::default() }
    }

    pub(super) fn truths(&self) -> Ga4Truths {
        self.world.truths()
    }

    /// The visits that began on these days until now.
    pub(super) fn visits(&mut self, property: &str, (from, to): (&str, &str), now_ms: i64) -> Option<Vec<Visit>> {
        let at = report::property(property)?;
        Some(self.world.visits(at, (zone::parse_iso(from)?, zone::parse_iso(to)?), now_ms))
    }

    pub(super) fn plant(&mut self, visit: &PlantedVisit) -> Option<usize> {
        self.world.plant(visit)
    }
}

type Room = Shared<Arc<Google>>;

/// The routes of both APIs.
pub(super) fn routes() -> Router<Arc<Google>> {
    Router::new()
        .route("/v1beta/accountSummaries", get(summaries))
        .route("/v1beta/accounts", get(accounts))
        .route("/v1beta/properties", get(properties))
        .route("/v1beta/properties/{call}", get(one_property).post(call))
        .route("/v1beta/properties/{id}/metadata", get(metadata))
        .route("/v1beta/properties/{id}/{list}", get(lists))
}

/// The routes for tests.
pub(super) fn own_routes() -> Router<Arc<Google>> {
    Router::new().route("/__sim/ga4/truths", get(show_truths)).route("/__sim/ga4/visits", get(show_visits).post(plant))
}

fn pairs(query: Option<String>) -> Form {
    Form::parse(query.unwrap_or_default().as_bytes())
}

async fn summaries(Shared(google): Room, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    google.answer(&headers, (ADMIN, &READ), |_, caller| admin::summaries(&caller.user, &pairs(query)))
}

async fn accounts(Shared(google): Room, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    google.answer(&headers, (ADMIN, &READ), |_, caller| admin::accounts(&caller.user, &pairs(query)))
}

async fn properties(Shared(google): Room, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    google.answer(&headers, (ADMIN, &READ), |_, caller| admin::properties(&caller.user, &pairs(query)))
}

async fn one_property(Shared(google): Room, headers: HeaderMap, Path(id): Path<String>) -> Response {
    google.answer(&headers, (ADMIN, &READ), |state, caller| {
        Ok(admin::tuned(reachable(caller, &id)?.1, &state.options.tuning.ga4))
    })
}

async fn lists(
    Shared(google): Room,
    headers: HeaderMap,
    Path((id, list)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    google.answer(&headers, (ADMIN, &READ), |_, caller| {
        let (_, property) = reachable(caller, &id)?;
        match list.as_str() {
            "dataStreams" => admin::streams(property, &pairs(query)),
            "keyEvents" | "conversionEvents" => admin::key_events(property, &pairs(query)),
            _ => Err(Problem::missing("Requested entity was not found.")),
        }
    })
}

async fn metadata(Shared(google): Room, headers: HeaderMap, Path(id): Path<String>) -> Response {
    google.answer(&headers, (DATA, &READ), |state, caller| {
        if id != "0" {
            reachable(caller, &id)?;
        }
        Ok(meta::metadata(&id, &state.options.tuning.ga4))
    })
}

/// A property that is gone and one that is somebody else's read alike (§6.2).
fn reachable(caller: &Caller, id: &str) -> Result<(usize, &'static Property), Problem> {
    let known = PROPERTIES.iter().enumerate().find(|(_, property)| property.id == id);
    let known = known.filter(|(_, property)| caller.user.ga4_accounts.iter().any(|held| held == property.account));
    known.ok_or_else(|| {
        Problem::denied("User does not have sufficient permissions for this property. To learn more about Property ID, see https://developers.google.com/analytics/devguides/reporting/data/v1/property-id.")
    })
}

async fn call(Shared(google): Room, headers: HeaderMap, Path(call): Path<String>, raw: Bytes) -> Response {
    google.answer(&headers, (DATA, &READ), |state, caller| {
        let (id, method) = call.split_once(':').unwrap_or((&call, ""));
        let wanted: Value = if raw.is_empty() {
            json!({})
        } else {
            serde_json::from_slice(&raw)
                .map_err(|_| Problem::invalid("Invalid JSON payload received. Unexpected token."))?
        };
        let kind = match method {
            "runRealtimeReport" => Kind::Realtime,
            "runReport" | "batchRunReports" | "checkCompatibility" => Kind::Core,
            _ => return Err(Problem::missing("Method not found.")),
        };
        let (at, property) = reachable(caller, id)?;
        let tuning = state.options.tuning.ga4.clone();
        let place = Place { at, property, tuning: &tuning, now_ms: caller.now_ms };
        fail_if_told(state, place, kind)?;
        match method {
            "batchRunReports" => batch(&mut state.ga4, place, wanted),
            "checkCompatibility" => meta::compatibility(&body::read(wanted)?, &tuning),
            _ => one(&mut state.ga4, place, (kind, &body::read(wanted)?)),
        }
    })
}

fn purse(place: Place<'_>, kind: Kind) -> quota::Purse {
    let name = match kind {
        Kind::Core => "Core",
        Kind::Realtime => "Realtime",
    };
    (place.at, name)
}

/// The switch for server errors, which burn a quota of their own.
fn fail_if_told(state: &mut State, place: Place<'_>, kind: Kind) -> Result<(), Problem> {
    state.ga4.quota.admit(purse(place, kind), place.tuning, place.now_ms)?;
    let left = &mut state.options.tuning.ga4.server_errors;
    if *left == 0 {
        return Ok(());
    }
    *left -= 1;
    state.ga4.quota.count_error(purse(place, kind), place.now_ms);
    Err(Problem::internal())
}

fn one(ga4: &mut Ga4, place: Place<'_>, (kind, asked): (Kind, &Asked)) -> Answered {
    let path = format!("properties/{}", place.property.id);
    if asked.property.as_ref().is_some_and(|named| !named.is_empty() && *named != path) {
        return Err(Problem::invalid("The property of the request differs from that of the path."));
    }
    if !asked.compatibility_filter.is_empty() {
        return Err(Problem::unknown_field("compatibilityFilter"));
    }
    if !asked.currency_code.is_empty() && asked.currency_code != place.property.currency {
        return Err(Problem::invalid("This simulation converts no currencies."));
    }
    let zone = place.tuning.moved_to.as_deref().map_or_else(|| ga4.world.zone(place.at), zone::zone);
    let today = zone::day_at(place.now_ms, &zone);
    let plan = Plan::new(kind, asked, today)?;
    let purse = purse(place, kind);
    ga4.quota.admit(purse, place.tuning, place.now_ms)?;
    let is_thresholded = place.tuning.is_thresholded || plan.is_about_persons();
    let cost = Cost { tokens: plan.tokens(), is_thresholded };
    let left = ga4.quota.charge(purse, cost, place.tuning, place.now_ms)?;
    let mut answer = report::make(&mut ga4.world, place, &plan);
    if plan.wants_quota {
        answer["propertyQuota"] = left;
    }
    Ok(answer)
}

fn batch(ga4: &mut Ga4, place: Place<'_>, wanted: Value) -> Answered {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Batch {
        #[serde(default)]
        requests: Vec<Asked>,
    }
    let batch: Batch = body::read(wanted)?;
    if batch.requests.is_empty() || batch.requests.len() > BATCH_MAX {
        let count = batch.requests.len();
        return Err(Problem::invalid(format!(
            "Batch requests are limited to {BATCH_MAX} requests. This batch has {count}."
        )));
    }
    // One bad request fails all: nothing is charged for the others.
    let today = zone::day_at(place.now_ms, &ga4.world.zone(place.at));
    for asked in &batch.requests {
        Plan::new(Kind::Core, asked, today)?;
    }
    let reports = batch.requests.iter().map(|asked| one(ga4, place, (Kind::Core, asked)));
    let reports = reports.collect::<Result<Vec<Value>, Problem>>()?;
    Ok(json!({"reports": reports, "kind": "analyticsData#batchRunReports"}))
}

async fn show_truths(Shared(google): Room) -> Json<Value> {
    let properties: Vec<Value> = PROPERTIES.iter().map(admin::property).collect();
    Json(json!({"truths": lock(&google.state).ga4.truths(), "properties": properties}))
}

async fn show_visits(Shared(google): Room, RawQuery(query): RawQuery) -> Response {
    let query = pairs(query);
    let now_ms = google.clock.now_ms();
    let asked = |name: &str| query.one(name).unwrap_or_default().to_owned();
    let visits = lock(&google.state).ga4.visits(&asked("property"), (&asked("from"), &asked("to")), now_ms);
    visits.map_or_else(|| StatusCode::NOT_FOUND.into_response(), |visits| Json(visits).into_response())
}

async fn plant(Shared(google): Room, Json(visit): Json<PlantedVisit>) -> Response {
    let planted = lock(&google.state).ga4.plant(&visit);
    planted.map_or_else(|| StatusCode::NOT_FOUND.into_response(), |all| Json(json!({"planted": all})).into_response())
}
