//! The pages on which a person lets the app in, or signs in with Slack. They say on their face that they are a simulation (dossier §11).

use std::sync::Arc;

use axum::extract::{RawQuery, State as Shared};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, LOCATION};
use axum::response::{Html, IntoResponse, Response};
use url::Url;

use super::Slack;
use super::args::Args;
use super::people::ANA;
use super::state::{State, secret};
use super::tokens::Code;
use crate::form::{escaped, hidden};
use crate::lock;

/// `GET /oauth/v2/authorize`.
pub(super) async fn install(Shared(slack): Shared<Arc<Slack>>, RawQuery(query): RawQuery) -> Response {
    page(&slack, query.as_deref(), false)
}

/// `GET /openid/connect/authorize`.
pub(super) async fn sign_in(Shared(slack): Shared<Arc<Slack>>, RawQuery(query): RawQuery) -> Response {
    page(&slack, query.as_deref(), true)
}

fn page(slack: &Slack, query: Option<&str>, is_openid: bool) -> Response {
    let now_ms = slack.clock.now_ms();
    let mut state = lock(&slack.state);
    let Ok(args) = Args::read(query, &axum::http::HeaderMap::new(), &[], false) else {
        return refused("The address cannot be read.");
    };
    let (redirect, code) = match check(&state, &args, is_openid, now_ms) {
        Ok(checked) => checked,
        Err(reason) => {
            state.violation(format!("authorize: {reason}"));
            return refused(&reason);
        }
    };
    if args.text("state").is_none() {
        state.violation("authorize: without state anybody could finish what somebody began");
    }
    let mut target = redirect;
    match args.text("approve") {
        None => return Html(asked(&state, query.unwrap_or_default(), &code)).into_response(),
        Some("1") => {
            let name = format!("{}.{}.{}", code.issued_ms, state.codes.len() + 1, secret());
            target.query_pairs_mut().append_pair("code", &name);
            state.codes.insert(name, code);
        }
        Some(_) => {
            target.query_pairs_mut().append_pair("error", "access_denied");
        }
    }
    target.query_pairs_mut().append_pair("state", args.word("state"));
    (StatusCode::FOUND, [(LOCATION, target.to_string()), (CACHE_CONTROL, "no-store".to_owned())]).into_response()
}

fn check(state: &State, args: &Args, is_openid: bool, now_ms: i64) -> Result<(Url, Code), String> {
    if args.text("client_id") != Some(&state.client_id) {
        return Err("invalid_client_id".to_owned());
    }
    let given = args.text("redirect_uri").ok_or("bad_redirect_uri: none was given")?;
    let redirect = Url::parse(given).map_err(|_| "bad_redirect_uri: no address")?;
    let known = &state.redirect_uris;
    if !known.is_empty() && !known.iter().any(|prefix| given.starts_with(prefix.as_str())) {
        return Err("bad_redirect_uri: it is not registered".to_owned());
    }
    let list = |name: &str| -> Vec<String> {
        args.word(name).split([',', ' ']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
    };
    let (scopes, user_scopes) = (list("scope"), list("user_scope"));
    if is_openid {
        if args.text("response_type") != Some("code") {
            return Err("response_type must be code".to_owned());
        }
        if !scopes.iter().any(|scope| scope == "openid")
            || scopes.iter().any(|scope| !["openid", "email", "profile"].contains(&scope.as_str()))
        {
            return Err("invalid_scope: openid is needed, and only email and profile go with it".to_owned());
        }
    } else if scopes.is_empty() && user_scopes.is_empty() {
        return Err("invalid_scope: none was asked for".to_owned());
    }
    let user = state.user(args.text("as").unwrap_or(ANA)).filter(|user| !user.is_bot).ok_or("nobody has this id")?;
    if args.text("team").is_some_and(|team| team != user.team) {
        return Err("this person is not in the workspace that was asked for".to_owned());
    }
    if args.has("code_challenge") && args.text("code_challenge_method") != Some("S256") {
        return Err("code_challenge_method must be S256".to_owned());
    }
    let code = Code {
        redirect_uri: given.to_owned(),
        team: user.team.clone(),
        user: user.id.clone(),
        scopes,
        user_scopes,
        issued_ms: now_ms,
        is_used: false,
        is_openid,
        nonce: args.text("nonce").map(str::to_owned),
        challenge: args.text("code_challenge").map(str::to_owned),
    };
    Ok((redirect, code))
}

fn refused(reason: &str) -> Response {
    let body = format!(
        "<!doctype html><title>Simulated Slack</title><h1>Something went wrong</h1><p><strong>SIMULATION, not slack.com.</strong> \
         <span id=\"reason\">{}</span></p>",
        escaped(reason)
    );
    (StatusCode::BAD_REQUEST, Html(body)).into_response()
}

fn asked(state: &State, query: &str, code: &Code) -> String {
    let hidden = hidden(url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "as"));
    let people: String = state
        .users
        .iter()
        .filter(|user| !user.is_bot)
        .map(|user| {
            let chosen = if user.id == code.user { " selected" } else { "" };
            format!("<option value=\"{}\"{chosen}>{} ({})</option>", user.id, escaped(&user.real_name), user.team)
        })
        .collect();
    let scopes: String =
        code.scopes.iter().chain(&code.user_scopes).map(|scope| format!("<li>{}</li>", escaped(scope))).collect();
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Simulated Slack: let an app in</title>\
         <p><strong>SIMULATION.</strong> This is not slack.com; no real workspace is involved.</p>\
         <h1>Socrazi asks for access</h1><ul>{scopes}</ul><form method=\"get\">{hidden}\
         <p><label>Go on as <select name=\"as\">{people}</select></label></p>\
         <button name=\"approve\" value=\"1\">Allow</button> <button name=\"approve\" value=\"0\">Cancel</button></form></html>"
    )
}
