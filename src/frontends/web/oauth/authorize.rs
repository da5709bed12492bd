//! `/oauth/authorize`: who wants in, where the answer goes, and a switch for each thing it may do. Publishing without asking is off until the
//! person turns it on. The request travels through the form as it came and is judged again with the answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::CONTENT_SECURITY_POLICY;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;

use super::super::form::{Posted, decoded};
use super::super::gate::{Person, stranger};
use super::super::page::{Page, Refused, html};
use super::areas::{self, AreaSwitch};
use super::scope_key;
use crate::app::oauth::{Agreed, AskFault, ClientKind, ConsentAsked, LetInBefore};
use crate::app::{App, SignedIn};
use crate::desk::view::AccountView;
use crate::domain::allowed::Allowed;
use crate::domain::ids::AccountId;
use crate::domain::oauth::{self, Scope, Scopes};
use crate::domain::refusal::Sentence;
use crate::domain::schedule::Moment;
use crate::say;

/// Longest request that is looked at.
const QUERY_BYTES_MAX: usize = 8 * 1024;

/// One switch of the page.
struct Switch {
    name: &'static str,
    label: Sentence,
    is_on: bool,
    is_new: bool,
}

/// An account, whether it is ticked at first.
struct Ticked {
    id: AccountId,
    name: String,
    is_on: bool,
}

#[derive(Template)]
#[template(path = "consent.html")]
struct Consent {
    page: Page,
    asked: ConsentAsked,
    who: String,
    switches: Vec<Switch>,
    accounts: Vec<Ticked>,
    areas: Vec<AreaSwitch>,
    allowed: Allowed,
    request: String,
}

impl Consent {
    fn wants(&self) -> Sentence {
        say!("oauth-wants", name = &self.asked.name)
    }

    fn goes_to(&self) -> Sentence {
        if self.asked.redirect.is_app() {
            say!("oauth-goes-app", address = self.asked.redirect.shown())
        } else if self.asked.redirect.is_loopback() {
            say!("oauth-goes-here", host = self.asked.redirect.host())
        } else {
            say!("oauth-goes-to", host = self.asked.redirect.host())
        }
    }

    /// That it was let in before, and when.
    fn again(&self, before: &LetInBefore) -> Sentence {
        say!("oauth-again", at = Moment { at_ms: before.created_at, zone: self.page.zone.clone() })
    }

    /// Whether it is for some accounts only at first.
    fn is_for_some(&self) -> bool {
        self.asked.before.as_ref().is_some_and(|before| before.accounts.is_some())
    }

    /// How much its name is worth.
    fn known(&self) -> Sentence {
        match self.asked.kind {
            ClientKind::Dynamic => say!("oauth-known-dynamic"),
            ClientKind::Preset | ClientKind::Outside => say!("oauth-known-preset"),
            ClientKind::Document if self.asked.redirect.is_loopback() || self.asked.redirect.is_app() => {
                say!("oauth-known-document-here", client = &self.asked.client)
            }
            ClientKind::Document => say!("oauth-known-document", client = &self.asked.client),
        }
    }
}

/// A request that is wrong, with a way back to whoever sent it.
#[derive(Template)]
#[template(path = "consent_wrong.html")]
struct Wrong {
    page: Page,
    what: Sentence,
    back: Option<String>,
}

const fn field(scope: Scope) -> &'static str {
    match scope {
        Scope::PostsRead => "read",
        Scope::GoogleRead => "google",
        Scope::HistoryRead => "history",
        Scope::PostsDraft => "draft",
        Scope::PostsSchedule => "schedule",
        Scope::PostsPublish => "publish",
    }
}

/// The form's fields: a switch that is off is not sent. What is left over can only be accounts, and is looked up.
#[derive(Deserialize)]
pub(super) struct Answer {
    request: String,
    answer: Verdict,
    #[serde(default)]
    read: Option<On>,
    #[serde(default)]
    google: Option<On>,
    #[serde(default)]
    history: Option<On>,
    #[serde(default)]
    draft: Option<On>,
    #[serde(default)]
    schedule: Option<On>,
    #[serde(default)]
    publish: Option<On>,
    #[serde(default)]
    which: Which,
    #[serde(default)]
    areas: Which,
    #[serde(default)]
    reading: Option<On>,
    #[serde(flatten)]
    accounts: BTreeMap<String, On>,
}

/// Whether it is let in for every account, or for those that are ticked.
#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(in crate::frontends::web) enum Which {
    #[default]
    All,
    Only,
}

/// The button.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Allow,
    Deny,
}

/// What a switch that is on sends.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::frontends::web) enum On {
    On,
}

impl Answer {
    fn scopes(&self) -> Scopes {
        let all = [
            (&self.read, Scope::PostsRead),
            (&self.google, Scope::GoogleRead),
            (&self.history, Scope::HistoryRead),
            (&self.draft, Scope::PostsDraft),
            (&self.schedule, Scope::PostsSchedule),
            (&self.publish, Scope::PostsPublish),
        ];
        let on = all.into_iter().filter(|(switch, _)| matches!(switch, Some(On::On)));
        on.fold(Scopes::NONE, |scopes, (_, scope)| scopes.with(scope))
    }

    /// Which tools it sees at all.
    fn allowed(&self) -> Allowed {
        areas::read(self.areas, self.reading.is_some(), self.accounts.keys().map(String::as_str))
    }

    /// The accounts that are ticked, where it is let in for those alone; none when a field is neither an account nor an area.
    fn accounts(&self) -> Option<Option<BTreeSet<AccountId>>> {
        let others = self.accounts.keys().filter(|key| areas::of_field(key).is_none());
        let ticked: Option<BTreeSet<AccountId>> = others.map(|key| key.parse().ok()).collect();
        match self.which {
            Which::All => ticked.map(|_| None),
            Which::Only => ticked.map(Some),
        }
    }
}

/// The request's parameters; none when they cannot be read.
fn read(query: &str) -> Option<Vec<(String, String)>> {
    (query.len() <= QUERY_BYTES_MAX).then(|| decoded(query.as_bytes())).flatten()
}

pub(super) async fn ask(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    person: Result<Person, Response>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let Some(pairs) = read(&query) else {
        return Refused::unreadable(&app, stranger(&app, &headers), StatusCode::BAD_REQUEST).into_response();
    };
    // Before anything is fetched or told: only for somebody who is signed in.
    let Person(person) = match person {
        Ok(person) => person,
        Err(response) => return response,
    };
    match app.oauth_ask(&person.caller, &pairs).await {
        Ok(asked) => consent(&app, &person, asked, query).await,
        Err(fault) => wrong(&app, &person, fault),
    }
}

async fn consent(app: &App, person: &SignedIn, asked: ConsentAsked, request: String) -> Response {
    let accounts = match app.list_accounts(&person.caller).await {
        Ok(accounts) => accounts,
        Err(error) => return Refused::for_person(app, person, error).into_response(),
    };
    let shown = |view: AccountView| {
        let account = view.account;
        let name = format!("@{} ({})", account.handle, account.network.shown());
        let is_ticked = |before: &BTreeSet<AccountId>| before.contains(&account.id);
        let is_on = asked.before.as_ref().and_then(|before| before.accounts.as_ref()).is_none_or(is_ticked);
        Ticked { id: account.id, name, is_on }
    };
    let accounts = accounts.into_iter().map(shown).collect::<Vec<_>>();
    let label = |scope| match scope {
        // Whoever turns it on reads who gets it.
        Scope::GoogleRead => say!("oauth-scope-google-to", name = &asked.name, host = asked.redirect.shown()),
        other => Sentence::new(scope_key(other)),
    };
    let switch = |scope| Switch {
        name: field(scope),
        label: label(scope),
        is_on: asked.preset.has(scope),
        is_new: asked.is_new(scope),
    };
    let switches = Scope::ALL.into_iter().map(switch).collect();
    let policy = policy(&asked.redirect);
    let who = person.caller.user.to_string();
    let allowed = asked.before.as_ref().map(|before| before.allowed).unwrap_or_default();
    let (page, areas) = (Page::of(app, person, ""), areas::switches(allowed));
    let mut response = html(&Consent { page, asked, who, switches, accounts, areas, allowed, request });
    // A scheme has no character that a header could not carry.
    let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    response
}

/// The answer is a redirect after a form, to which Chromium applies `form-action`; wherever the program's own page leads from there is not
/// known here. On this one page, which shows nothing unescaped, any https address may therefore follow, and this machine or the one app
/// where it is meant.
fn policy(redirect: &oauth::Redirect) -> String {
    let follows = if redirect.is_app() {
        format!("{}:", redirect.url().scheme())
    } else if redirect.is_loopback() {
        "https: http:".to_owned()
    } else {
        "https:".to_owned()
    };
    format!(
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self' {follows}; base-uri 'none'; frame-ancestors 'none'"
    )
}

pub(super) async fn answer(State(app): State<Arc<App>>, Posted { person, fields }: Posted<Answer>) -> Response {
    let Some(pairs) = read(&fields.request) else {
        return Refused::unreadable(&app, person.caller.lang, StatusCode::BAD_REQUEST).into_response();
    };
    let Some(accounts) = fields.accounts() else {
        return Refused::unreadable(&app, person.caller.lang, StatusCode::BAD_REQUEST).into_response();
    };
    let done = match fields.answer {
        Verdict::Allow => {
            let agreed = Agreed { scopes: fields.scopes(), accounts, allowed: fields.allowed() };
            app.oauth_allow(&person.caller, &pairs, agreed).await
        }
        Verdict::Deny => app.oauth_deny(&pairs).await,
    };
    match done {
        Ok(url) => Redirect::to(url.as_str()).into_response(),
        Err(fault) => wrong(&app, &person, fault),
    }
}

fn wrong(app: &App, person: &SignedIn, fault: AskFault) -> Response {
    let (what, back) = match fault {
        AskFault::Shown(what) => (what, None),
        AskFault::Told { what, back } => (what, Some(back.to_string())),
    };
    let status = if what.key == "common-failed" { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::BAD_REQUEST };
    let mut response = html(&Wrong { page: Page::of(app, person, ""), what, back });
    *response.status_mut() = status;
    response
}
