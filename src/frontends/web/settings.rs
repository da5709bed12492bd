//! `/settings`: the person's choices, their browsers, the tokens they gave out, and the switch that stops everything.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::form::{Id, Posted, Pressed};
use super::gate::Person;
use super::oauth::areas::{self, AreaSwitch};
use super::oauth::authorize::{On, Which};
use super::oauth::scope_key;
use super::page::{Page, Refused, html};
use super::signin::signed_out;
use crate::app::discord::Guild;
use crate::app::oauth::ConnectedApp;
use crate::app::places::{GoogleRoom, Linked};
use crate::app::plans::GrantLimit;
use crate::app::settings::{SettingsChange, SettingsView};
use crate::app::slack::Team;
use crate::app::{App, SignedIn};
use crate::domain::account::Account;
use crate::domain::allowed::Area;
use crate::domain::approval::{Late, PauseScope};
use crate::domain::caller::{Grant, Via};
use crate::domain::digest::Digest;
use crate::domain::ids::{AccessTokenId, OauthGrantId, SessionId};
use crate::domain::lang::Lang;
use crate::domain::oauth::Scope;
use crate::domain::place::{ChatPlace, Joins, Member};
use crate::domain::tool::ToolError;
use crate::say;

/// Zones offered while typing; any other IANA name is taken too.
const ZONES: [&str; 12] = [
    "Asia/Tokyo",
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Paris",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Asia/Seoul",
    "Asia/Singapore",
    "Australia/Sydney",
];

/// What the page answers to what was just done.
enum Said {
    /// Nothing.
    Nothing,
    /// The choices were saved.
    Saved,
    /// A new token.
    Token(String),
}

#[derive(Template)]
#[template(path = "settings.html")]
struct Settings {
    page: Page,
    view: SettingsView,
    paused: bool,
    said: Said,
    zones: [&'static str; 12],
    grants: [Grant; 3],
    links: Vec<Linked>,
    google_rooms: Vec<GoogleRoom>,
    digests: Vec<DigestChoice>,
    teams: Vec<Team>,
    joins_all: [Joins; 3],
    has_slack: bool,
    has_slack_client: bool,
    has_slack_install: bool,
    guilds: Vec<Guild>,
    has_discord: bool,
    has_discord_sign_in: bool,
    held_up: usize,
    lates: [Late; 3],
    slots: String,
    is_tagged: bool,
    limits: Vec<Limit>,
    answers: Vec<Answers>,
    accounts: Vec<Account>,
    apps: Vec<ConnectedApp>,
    mcp: String,
}

impl Settings {
    fn apps_none(&self) -> String {
        self.page.say(say!("oauth-apps-none", url = &self.mcp))
    }

    /// Who a connected app is, beside the name that it gave itself.
    fn app_place(&self, app: &ConnectedApp) -> String {
        let first = app.redirects.first().and_then(|text| text.parse::<url::Url>().ok());
        let host = first.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
        if app.client.starts_with("client_") { host } else { app.client.clone() }
    }

    /// The switches for which tools it sees.
    fn app_areas(&self, app: &ConnectedApp) -> Vec<AreaSwitch> {
        areas::switches(app.allowed)
    }

    fn app_may(&self, app: &ConnectedApp) -> String {
        let labels = Scope::ALL.into_iter().filter(|scope| app.scopes.has(*scope));
        let mut may: Vec<_> = labels.map(|scope| self.page.t(scope_key(scope))).collect();
        if let Some(only) = &app.accounts {
            // One that was disconnected since is named by nothing any more.
            let names = self.accounts.iter().filter(|account| only.contains(&account.id));
            let names = names.map(|account| format!("@{} ({})", account.handle, account.network.shown()));
            may.push(self.page.say(say!("oauth-apps-only", accounts = names.collect::<Vec<_>>().join(", "))));
        }
        if !app.allowed.is_every_area() {
            let names = Area::ALL.into_iter().filter(|area| app.allowed.has(*area));
            let names: Vec<_> = names.map(|area| self.page.t(areas::key(area))).collect();
            may.push(self.page.say(say!("oauth-apps-areas", areas = names.join(", "))));
        }
        if !app.allowed.writes() {
            may.push(self.page.t("oauth-apps-reading"));
        }
        may.join(" · ")
    }
}

/// Where somebody may hear what is going on, and how often they want to.
struct DigestChoice {
    place: String,
    subject: String,
    name: String,
    options: Vec<(&'static str, String, bool)>,
}

/// The pages have the week; each place where they are linked has every rhythm.
async fn digests(app: &App, person: &SignedIn, links: &[Linked]) -> Result<Vec<DigestChoice>, ToolError> {
    let page = Page::of(app, person, "settings");
    let options = |all: &[Digest], chosen: Digest| {
        let option = |digest: &Digest| {
            let word = if *digest == Digest::Never { "never" } else { digest.word() };
            (word, page.t(&format!("place-digest-{word}")), *digest == chosen)
        };
        all.iter().map(option).collect::<Vec<_>>()
    };
    let on_pages = if app.wants_week(&person.caller).await? { Digest::Monday } else { Digest::Never };
    let mut all = vec![DigestChoice {
        place: "web".to_owned(),
        subject: String::new(),
        name: page.t("digests-pages"),
        options: options(&[Digest::Never, Digest::Monday], on_pages),
    }];
    for link in links {
        let Some(place) = ChatPlace::find(&link.place) else { continue };
        let Some((team, id)) = link.subject.split_once(':') else { continue };
        let member = Member { place, team: team.to_owned(), id: id.to_owned() };
        all.push(DigestChoice {
            place: link.place.clone(),
            subject: link.subject.clone(),
            name: format!("{} · {}", place.shown(), link.shown),
            options: options(&Digest::ALL, app.digest_of(&member).await?),
        });
    }
    Ok(all)
}

/// How far one standing permission goes, as the form shows it.
struct Limit {
    grantee: String,
    name: String,
    posts_a_day: String,
    from: String,
    until: String,
}

impl Limit {
    fn of(grantee: &str, name: String, limit: &GrantLimit) -> Self {
        let time = |minutes: i64| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        Self {
            grantee: grantee.to_owned(),
            name,
            posts_a_day: limit.posts_a_day.map(|posts| posts.to_string()).unwrap_or_default(),
            from: limit.quiet.map(|(from, _)| time(from)).unwrap_or_default(),
            until: limit.quiet.map(|(_, until)| time(until)).unwrap_or_default(),
        }
    }
}

/// The permissions that go further than drafting, with their limits.
async fn limits(
    app: &App,
    person: &SignedIn,
    view: &SettingsView,
    apps: &[ConnectedApp],
) -> Result<Vec<Limit>, ToolError> {
    let page = Page::of(app, person, "settings");
    let mut all = Vec::new();
    let own = [("chat", view.chat_grant, "settings-chat"), ("mcp-stdio", view.stdio_grant, "settings-stdio")];
    let own = own.map(|(grantee, grant, key)| (grantee.to_owned(), grant, page.t(key)));
    let tokens = view.tokens.iter().map(|token| (token.id.to_string(), token.grant, token.name.clone()));
    let apps = apps.iter().map(|app| (app.grant.to_string(), app.scopes.grant(), app.name.clone()));
    for (grantee, grant, name) in own.into_iter().chain(tokens).chain(apps) {
        if grant != Grant::Drafts {
            all.push(Limit::of(&grantee, name, &app.grant_limit(&person.caller, &grantee).await?));
        }
    }
    Ok(all)
}

/// An assistant before which a person may say that they sit themselves.
struct Answers {
    grantee: String,
    name: String,
    is_on: bool,
}

async fn answers(
    app: &App,
    person: &SignedIn,
    view: &SettingsView,
    apps: &[ConnectedApp],
) -> Result<Vec<Answers>, ToolError> {
    let on = app.answering(&person.caller).await?;
    let stdio = ("mcp-stdio".to_owned(), Page::of(app, person, "settings").t("settings-stdio-name"));
    let tokens = view.tokens.iter().map(|token| (token.id.to_string(), token.name.clone()));
    let apps = apps.iter().map(|app| (app.grant.to_string(), app.name.clone()));
    let all = std::iter::once(stdio).chain(tokens).chain(apps);
    Ok(all.map(|(grantee, name)| Answers { is_on: on.contains(&grantee), grantee, name }).collect())
}

/// The form of one such assistant; a box that is not ticked is not sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswersHere {
    grantee: String,
    #[serde(default)]
    here: Option<Here>,
}

/// What a ticked box sends.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Here {
    On,
}

pub(super) async fn set_answers(
    State(app): State<Arc<App>>,
    Posted { person, fields }: Posted<AnswersHere>,
) -> Response {
    let is_on = matches!(fields.here, Some(Here::On));
    let done = app.set_answering(&person.caller, &fields.grantee, is_on).await;
    back(&app, &person, done, "/settings#answers")
}

pub(super) async fn show(State(app): State<Arc<App>>, Person(person): Person, RawQuery(query): RawQuery) -> Response {
    let said = if query.as_deref() == Some("saved=1") { Said::Saved } else { Said::Nothing };
    render(&app, &person, said).await
}

async fn render(app: &App, person: &SignedIn, said: Said) -> Response {
    let caller = &person.caller;
    let found = async {
        let (view, paused) = (app.settings(caller).await?, app.is_paused(caller).await?);
        let (teams, guilds) = (app.slack_teams(caller).await?, app.discord_guilds(caller).await?);
        let apps = app.connected_apps(caller).await?;
        let lines = (app.slots(caller).await?, app.links_tagged(caller).await?);
        let plans = (app.held_up(caller).await?, lines, limits(app, person, &view, &apps).await?);
        let answers = (answers(app, person, &view, &apps).await?, app.list_accounts(caller).await?);
        let links = app.links(caller).await?;
        let links = (digests(app, person, &links).await?, links, app.google_rooms(caller).await?);
        Ok::<_, ToolError>((view, paused, links, (teams, guilds), plans, (apps, answers)))
    };
    match found.await {
        Ok((
            view,
            paused,
            (digests, links, google_rooms),
            (teams, guilds),
            (held_up, (slots, is_tagged), limits),
            (apps, (answers, accounts)),
        )) => {
            let slack = app.config().slack.as_ref();
            html(&Settings {
                page: Page::of(app, person, "settings"),
                view,
                paused,
                said,
                zones: ZONES,
                grants: Grant::ALL,
                links,
                google_rooms,
                digests,
                teams,
                joins_all: Joins::ALL,
                has_slack: slack.is_some(),
                has_slack_client: slack.is_some_and(|section| section.client.is_some()),
                has_slack_install: slack.is_some_and(|section| section.client.is_some() && section.bot_token.is_none()),
                guilds,
                has_discord: app.config().discord.is_some(),
                has_discord_sign_in: app.has_discord_sign_in(),
                held_up,
                lates: Late::ALL,
                slots,
                is_tagged,
                limits,
                answers,
                accounts: accounts.into_iter().map(|view| view.account).collect(),
                apps,
                mcp: app.oauth_resource(),
            })
        }
        Err(error) => Refused::for_person(app, person, error).into_response(),
    }
}

/// The form of the person's own choices.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    lang: Lang,
    zone: String,
    hold_s: String,
    stdio_grant: Grant,
    chat_grant: Grant,
}

pub(super) async fn change(State(app): State<Arc<App>>, Posted { person, fields }: Posted<Change>) -> Response {
    let change = SettingsChange {
        lang: Some(fields.lang),
        zone: Some(fields.zone),
        // What is no number is outside the allowed seconds, and refused with them.
        hold_s: Some(fields.hold_s.trim().parse().unwrap_or(-1)),
        stdio_grant: Some(fields.stdio_grant),
        chat_grant: Some(fields.chat_grant),
    };
    let done = app.change_settings(&person.caller, change).await;
    back(&app, &person, done, "/settings?saved=1")
}

fn back(app: &App, person: &SignedIn, done: Result<(), ToolError>, to: &str) -> Response {
    match done {
        Ok(()) => Redirect::to(to).into_response(),
        Err(error) => Refused::for_person(app, person, error).into_response(),
    }
}

/// The form of how posts sound; words are separated by commas.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Voice {
    voice: String,
    banned_words: String,
    hashtags: String,
}

pub(super) async fn voice(State(app): State<Arc<App>>, Posted { person, fields }: Posted<Voice>) -> Response {
    let words = fields.banned_words.split([',', '、', '\n']).map(str::trim).filter(|word| !word.is_empty());
    let words = words.map(str::to_owned).collect();
    let done = app.set_voice(&person.caller, fields.voice.trim(), words, fields.hashtags.trim()).await;
    back(&app, &person, done, "/settings?saved=1")
}

/// Agreeing that what is said goes to the model's service, or taking that back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Consent {
    agrees: Agrees,
}

/// The word on the button: fields of a form are texts.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Agrees {
    True,
    False,
}

pub(super) async fn consent(State(app): State<Arc<App>>, Posted { person, fields }: Posted<Consent>) -> Response {
    let agrees = match fields.agrees {
        Agrees::True => true,
        Agrees::False => false,
    };
    let done = app.set_consent(&person.caller, agrees).await;
    back(&app, &person, done, "/settings#conversation")
}

/// The form of a new token.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewToken {
    name: String,
}

/// The token is shown on the answer itself: it exists nowhere else and must not stand in an address.
pub(super) async fn make_token(State(app): State<Arc<App>>, Posted { person, fields }: Posted<NewToken>) -> Response {
    match app.make_token(&person.caller, &fields.name).await {
        Ok(token) => render(&app, &person, Said::Token(token.expose_secret().to_owned())).await,
        Err(error) => Refused::for_person(&app, &person, error).into_response(),
    }
}

pub(super) async fn revoke_token(
    State(app): State<Arc<App>>,
    Id(id): Id<AccessTokenId>,
    Posted { person, fields: Pressed {} }: Posted<Pressed>,
) -> Response {
    let done = app.revoke_token(&person.caller, &id).await;
    back(&app, &person, done, "/settings#tokens")
}

pub(super) async fn remove_app(
    State(app): State<Arc<App>>,
    Id(id): Id<OauthGrantId>,
    Posted { person, fields: Pressed {} }: Posted<Pressed>,
) -> Response {
    let done = app.remove_app(&person.caller, &id).await;
    back(&app, &person, done, "/settings#apps")
}

/// The form of which tools a program sees.
#[derive(Deserialize)]
pub(super) struct Seen {
    areas: Which,
    #[serde(default)]
    reading: Option<On>,
    #[serde(flatten)]
    ticked: BTreeMap<String, On>,
}

pub(super) async fn narrow_app(
    State(app): State<Arc<App>>,
    Id(id): Id<OauthGrantId>,
    Posted { person, fields }: Posted<Seen>,
) -> Response {
    if fields.ticked.keys().any(|field| areas::of_field(field).is_none()) {
        return Refused::unreadable(&app, person.caller.lang, StatusCode::BAD_REQUEST).into_response();
    }
    let ticked = fields.ticked.keys().map(String::as_str);
    let allowed = areas::read(fields.areas, fields.reading.is_some(), ticked);
    let done = app.narrow_app(&person.caller, &id, allowed).await;
    back(&app, &person, done, "/settings#apps")
}

pub(super) async fn end_session(
    State(app): State<Arc<App>>,
    Id(id): Id<SessionId>,
    Posted { person, fields: Pressed {} }: Posted<Pressed>,
) -> Response {
    let done = app.end_session(&person.caller, &id).await;
    if done.is_ok() && is_own(&person, &id) {
        signed_out(&app)
    } else {
        back(&app, &person, done, "/settings#browsers")
    }
}

fn is_own(person: &SignedIn, session: &SessionId) -> bool {
    match &person.caller.via {
        Via::Web(own) => own == session,
        Via::McpHttp(_) | Via::McpApp(_) | Via::McpStdio | Via::Terminal | Via::Slack | Via::Discord => false,
    }
}

pub(super) async fn pause(
    State(app): State<Arc<App>>,
    Posted { person, fields: Pressed {} }: Posted<Pressed>,
) -> Response {
    let done = app.pause_all(&person.caller).await;
    back(&app, &person, done, "/settings#publishing")
}

pub(super) async fn resume(State(app): State<Arc<App>>, Posted { person, fields }: Posted<Resume>) -> Response {
    let done = app.resume(&person.caller, PauseScope::Workspace, fields.late).await;
    back(&app, &person, done, "/settings#publishing")
}

/// What happens to what the pause held up.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Resume {
    late: Late,
}

/// Posting slots as somebody wrote them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Slots {
    slots: String,
}

pub(super) async fn slots(State(app): State<Arc<App>>, Posted { person, fields }: Posted<Slots>) -> Response {
    let done = app.set_slots(&person.caller, &fields.slots).await;
    back(&app, &person, done, "/settings?saved=1#slots")
}

/// Whether links get tags: a box that is not ticked is not sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Links {
    #[serde(default)]
    tagged: Option<String>,
}

pub(super) async fn links(State(app): State<Arc<App>>, Posted { person, fields }: Posted<Links>) -> Response {
    let done = app.set_links_tagged(&person.caller, fields.tagged.is_some()).await;
    back(&app, &person, done, "/settings?saved=1#links")
}

/// How far one standing permission goes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitForm {
    grantee: String,
    posts_a_day: String,
    quiet_from: String,
    quiet_until: String,
}

pub(super) async fn limit(State(app): State<Arc<App>>, Posted { person, fields }: Posted<LimitForm>) -> Response {
    let quiet = (fields.quiet_from.as_str(), fields.quiet_until.as_str());
    let done = app.set_grant_limit(&person.caller, &fields.grantee, &fields.posts_a_day, quiet).await;
    back(&app, &person, done, "/settings?saved=1#limits")
}
