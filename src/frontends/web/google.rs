//! `/connect/google` and `/accounts/google/…`: which permissions a Google account is asked for, what can be seen through it, and which of that
//! is meant when none is named. Reports are `/analytics`.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::form::{Id, Posted, Pressed};
use super::gate::Person;
use super::page::{Page, Refused, html};
use crate::app::{App, SignedIn};
use crate::domain::account::Health;
use crate::domain::google::{Feature, Login, Source, SourceKind};
use crate::domain::ids::AccountId;
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::say;

/// Properties and sites on one page.
const SOURCES_MAX: usize = 100;

/// A Google account with what can be seen through it.
pub(super) struct Reading {
    pub(super) login: Login,
    pub(super) sources: Vec<Source>,
}

impl Reading {
    pub(super) fn of((login, sources): (Login, Vec<Source>)) -> Self {
        Self { login, sources }
    }

    pub(super) fn dot(&self) -> &'static str {
        match (self.login.health, self.login.missing().is_empty()) {
            (Health::Fine, true) => "published",
            (Health::Fine, false) => "waiting_for_you",
            (Health::NeedsReconnecting, _) => "needs_attention",
            (Health::Disconnected, _) => "withdrawn",
        }
    }

    /// Each feature with what is granted of it.
    pub(super) fn features(&self) -> Vec<(Feature, &'static str)> {
        let key = |feature: Feature| match (self.login.has(feature), self.login.wanted.contains(&feature)) {
            (true, _) => "google-feature-granted",
            (false, true) => "google-feature-missing",
            (false, false) => "google-feature-unasked",
        };
        Feature::ALL.into_iter().map(|feature| (feature, key(feature))).collect()
    }

    /// What the way back to Google is called.
    pub(super) fn again(&self) -> &'static str {
        let has_all = Feature::ALL.iter().all(|feature| self.login.has(*feature));
        match self.login.health {
            Health::Fine if !has_all => "google-add",
            Health::Fine | Health::NeedsReconnecting | Health::Disconnected => "accounts-reconnect",
        }
    }
}

#[derive(Template)]
#[template(path = "google_connect.html")]
struct Connect {
    page: Page,
    login: Option<AccountId>,
    features: Vec<(Feature, bool)>,
}

impl Connect {
    fn about(&self, feature: &Feature) -> &'static str {
        match feature {
            Feature::Analytics => "google-analytics-about",
            Feature::Search => "google-search-about",
            Feature::Videos => "google-videos-about",
        }
    }
}

#[derive(Template)]
#[template(path = "away_place.html")]
struct Away {
    page: Page,
    url: String,
    place: &'static str,
}

#[derive(Template)]
#[template(path = "google.html")]
struct Sources {
    page: Page,
    reading: Reading,
    left_out: Vec<Feature>,
    /// What Google still allows, by the key of what it is about.
    quotas: BTreeMap<String, Vec<Sentence>>,
}

impl Sources {
    fn shown(&self) -> impl Iterator<Item = &Source> {
        self.reading.sources.iter().take(SOURCES_MAX)
    }

    fn quotas(&self, source: &Source) -> &[Sentence] {
        self.quotas.get(&source.key).map_or(&[], Vec::as_slice)
    }

    fn more(&self) -> usize {
        self.reading.sources.len().saturating_sub(SOURCES_MAX)
    }

    /// The one that is meant when none is named: the newest choice among this account's.
    fn is_chosen(&self, source: &Source) -> bool {
        let of_kind = self.reading.sources.iter().filter(|other| other.kind == source.kind);
        source.chosen_at.is_some() && of_kind.map(|other| other.chosen_at).max() == Some(source.chosen_at)
    }
}

#[derive(Template)]
#[template(path = "google_disconnect.html")]
struct Disconnect {
    page: Page,
    login: Login,
}

/// What an address may carry.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    login: Option<String>,
}

pub(super) async fn ask(
    State(app): State<Arc<App>>,
    Person(person): Person,
    query: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let asked = query.map(|Query(asked)| asked).unwrap_or_default();
    let id = asked.login.and_then(|id| id.parse::<AccountId>().ok());
    let known = match &id {
        Some(id) => find(&app, &person, id).await.ok(),
        None => None,
    };
    // What is there already stays ticked: leaving it out would look like taking it away.
    let features = Feature::ALL.map(|feature| (feature, true)).to_vec();
    html(&Connect { page: Page::of(&app, &person, "accounts"), login: known.map(|reading| reading.login.id), features })
}

/// What is ticked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ticked {
    #[serde(default)]
    login: Option<AccountId>,
    #[serde(default)]
    analytics: Option<String>,
    #[serde(default)]
    search: Option<String>,
    #[serde(default)]
    videos: Option<String>,
}

pub(super) async fn begin(State(app): State<Arc<App>>, Posted { person, fields }: Posted<Ticked>) -> Response {
    let Ticked { login, analytics, search, videos } = fields;
    let ticked = [(Feature::Analytics, analytics), (Feature::Search, search), (Feature::Videos, videos)];
    let features: Vec<Feature> = ticked.into_iter().filter_map(|(feature, on)| on.map(|_| feature)).collect();
    match app.google_begin(&person.caller, &features, login.as_ref()).await {
        Ok(url) => html(&Away { page: Page::of(&app, &person, "accounts"), url: url.into(), place: "Google" }),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

pub(super) async fn finish(
    State(app): State<Arc<App>>,
    Person(person): Person,
    query: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Response {
    let Ok(Query(query)) = query else { return Refused::missing(&app, person.caller.lang).into_response() };
    match app.google_finish(&person.caller, &query).await {
        Ok(connected) if connected.channel.is_some() => Redirect::to("/accounts").into_response(),
        Ok(connected) => {
            let left: Vec<&str> = connected.left_out.iter().map(|feature| feature.word()).collect();
            let mark = if left.is_empty() { String::new() } else { format!("?left={}", left.join("-")) };
            Redirect::to(&format!("/accounts/google/{}{mark}", connected.login.id)).into_response()
        }
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

/// What was not granted just now.
#[derive(Default, Deserialize)]
pub(super) struct Left {
    left: Option<String>,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Person(person): Person,
    Id(id): Id<AccountId>,
    query: Result<Query<Left>, QueryRejection>,
) -> Response {
    let left = query.map(|Query(left)| left.left.unwrap_or_default()).unwrap_or_default();
    match find(&app, &person, &id).await {
        Ok(reading) => {
            let left_out = left.split('-').filter_map(Feature::find).filter(|feature| !reading.login.has(*feature));
            let left_out = left_out.collect();
            let mut quotas = BTreeMap::new();
            for source in reading.sources.iter().take(SOURCES_MAX) {
                match app.quotas(&person.caller, source).await {
                    Ok(left) => quotas.insert(source.key.clone(), left),
                    Err(error) => return Refused::for_person(&app, &person, error).into_response(),
                };
            }
            html(&Sources { page: Page::of(&app, &person, "accounts"), left_out, reading, quotas })
        }
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

async fn find(app: &App, person: &SignedIn, id: &AccountId) -> Result<Reading, ToolError> {
    let found = app.sources(&person.caller).await?.into_iter().find(|(login, _)| login.id == *id);
    found.map(Reading::of).ok_or_else(|| say!("account-not-found", id = id.as_str()).into())
}

pub(super) async fn look(
    State(app): State<Arc<App>>,
    Id(id): Id<AccountId>,
    Posted { person, fields: Pressed {} }: Posted<Pressed>,
) -> Response {
    match app.look_sources(&person.caller, &id).await {
        Ok(()) => Redirect::to(&format!("/accounts/google/{id}")).into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

/// What is chosen, and what the person calls it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Chosen {
    kind: SourceKind,
    key: String,
    called: String,
}

pub(super) async fn choose(
    State(app): State<Arc<App>>,
    Id(id): Id<AccountId>,
    Posted { person, fields }: Posted<Chosen>,
) -> Response {
    let Chosen { kind, key, called } = fields;
    match app.choose_source(&person.caller, (&id, kind, &key), Some(&called)).await {
        Ok(()) => Redirect::to(&format!("/accounts/google/{id}")).into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

pub(super) async fn disconnect_ask(
    State(app): State<Arc<App>>,
    Person(person): Person,
    Id(id): Id<AccountId>,
) -> Response {
    match find(&app, &person, &id).await {
        Ok(reading) => html(&Disconnect { page: Page::of(&app, &person, "accounts"), login: reading.login }),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

pub(super) async fn disconnect(
    State(app): State<Arc<App>>,
    Id(id): Id<AccountId>,
    Posted { person, fields: Pressed {} }: Posted<Pressed>,
) -> Response {
    match app.disconnect(&person.caller, &id).await {
        // What it came to is a notice, shown there.
        Ok(_) => Redirect::to("/accounts?told=1").into_response(),
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}
