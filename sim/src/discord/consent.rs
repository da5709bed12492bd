//! The page on which a person lets the app in or signs in. It says on its face that it is a simulation (dossier §11).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{RawQuery, State as Shared};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, LOCATION};
use axum::response::{Html, IntoResponse, Response};
use url::Url;

use super::Discord;
use super::oauth::Code;
use super::people::{ANA, APP};
use super::state::{State, secret};
use crate::form::{escaped, hidden};
use crate::lock;

/// Scopes that the simulated Discord knows.
const SCOPES: [&str; 5] = ["identify", "email", "guilds", "bot", "applications.commands"];

type Words = BTreeMap<String, String>;

/// `GET /oauth2/authorize`.
pub(super) async fn page(Shared(discord): Shared<Arc<Discord>>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let words: Words = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let now_ms = discord.clock.now_ms();
    let mut state = lock(&discord.state);
    let (redirect, code) = match check(&state, &words, now_ms) {
        Ok(checked) => checked,
        Err(reason) => {
            state.violation(format!("authorize: {reason}"));
            return refused(&reason);
        }
    };
    let answer = match words.get("approve").map(String::as_str) {
        None => return Html(asked(&state, &words, &code)).into_response(),
        Some(word) => word == "1",
    };
    if answer {
        install(&mut state, &words, &code);
    }
    let Some(mut target) = redirect else {
        return Html("<!doctype html><title>Simulated Discord</title><p>SIMULATION. Authorized.</p>").into_response();
    };
    if !words.contains_key("state") {
        state.violation("authorize: without state anybody could finish what somebody began");
    }
    if answer {
        let name = format!("{}{}", secret(), secret());
        target.query_pairs_mut().append_pair("code", &name);
        state.codes.insert(name, code);
    } else {
        target
            .query_pairs_mut()
            .append_pair("error", "access_denied")
            .append_pair("error_description", "The resource owner or authorization server denied the request");
    }
    if let Some(word) = words.get("state") {
        target.query_pairs_mut().append_pair("state", word);
    }
    (StatusCode::FOUND, [(LOCATION, target.to_string()), (CACHE_CONTROL, "no-store".to_owned())]).into_response()
}

/// Lets the app into a server, or to a person.
fn install(state: &mut State, words: &Words, code: &Code) {
    let has = |scope: &str| code.scopes.iter().any(|held| held == scope);
    if let Some(guild) = words.get("guild_id").filter(|_| has("bot")) {
        state.install(guild);
    } else if has("applications.commands")
        && words.get("integration_type").is_some_and(|kind| kind == "1")
        && let Some(user) = state.users.get_mut(&code.user)
    {
        user.has_app = true;
    }
}

fn check(state: &State, words: &Words, now_ms: i64) -> Result<(Option<Url>, Code), String> {
    let word = |name: &str| words.get(name).map(String::as_str).filter(|word| !word.is_empty());
    if word("client_id") != Some(APP) {
        return Err("unknown application".to_owned());
    }
    let scopes: Vec<String> =
        word("scope").unwrap_or("bot applications.commands").split(' ').map(str::to_owned).collect();
    if let Some(odd) = scopes.iter().find(|scope| !SCOPES.contains(&scope.as_str())) {
        return Err(format!("invalid scope {odd}"));
    }
    let signs_in = scopes.iter().any(|scope| ["identify", "email", "guilds"].contains(&scope.as_str()));
    let given = word("redirect_uri").unwrap_or_default();
    let redirect = match word("redirect_uri") {
        None if signs_in => return Err("redirect_uri is missing".to_owned()),
        None => None,
        Some(given) => {
            let known = &state.settings.redirect_uris;
            if !known.is_empty() && !known.iter().any(|uri| uri == given) {
                return Err("redirect_uri is not registered".to_owned());
            }
            Some(Url::parse(given).map_err(|_| "redirect_uri is no address")?)
        }
    };
    if redirect.is_some() && word("response_type") != Some("code") {
        return Err("response_type must be code".to_owned());
    }
    if word("code_challenge").is_some() && word("code_challenge_method") != Some("S256") {
        return Err("code_challenge_method must be S256".to_owned());
    }
    let user = state.users.get(word("as").unwrap_or(ANA)).filter(|user| !user.is_bot).ok_or("nobody has this id")?;
    let code = Code {
        user: user.id.clone(),
        redirect_uri: given.to_owned(),
        scopes,
        challenge: word("code_challenge").map(str::to_owned),
        issued_ms: now_ms,
        is_used: false,
    };
    Ok((redirect, code))
}

fn refused(reason: &str) -> Response {
    let body = format!(
        "<!doctype html><title>Simulated Discord</title><h1>Something went wrong</h1><p><strong>SIMULATION, not discord.com.</strong> \
         <span id=\"reason\">{}</span></p>",
        escaped(reason)
    );
    (StatusCode::BAD_REQUEST, Html(body)).into_response()
}

fn asked(state: &State, words: &Words, code: &Code) -> String {
    let hidden = hidden(words.iter().filter(|(name, _)| *name != "as"));
    let people: String = state
        .users
        .values()
        .filter(|user| !user.is_bot)
        .map(|user| {
            let chosen = if user.id == code.user { " selected" } else { "" };
            format!("<option value=\"{}\"{chosen}>{}</option>", user.id, escaped(&user.username))
        })
        .collect();
    let scopes: String = code.scopes.iter().map(|scope| format!("<li>{}</li>", escaped(scope))).collect();
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Simulated Discord: let an app in</title>\
         <p><strong>SIMULATION.</strong> This is not discord.com; no real account is involved.</p>\
         <h1>Socrazi asks for access</h1><ul>{scopes}</ul><form method=\"get\">{hidden}\
         <p><label>Go on as <select name=\"as\">{people}</select></label></p>\
         <button name=\"approve\" value=\"1\">Authorize</button> <button name=\"approve\" value=\"0\">Cancel</button></form></html>"
    )
}
