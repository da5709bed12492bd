//! `GET|POST /o/oauth2/v2/auth`: the page on which a person picks an account and ticks what the app may do (dossier
//! google §1.1, §1.2, §1.6). It says on its face that it is a simulation. Tokens are `oauth`.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State as Shared};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, LOCATION};
use axum::response::{Html, IntoResponse, Response};
use url::Url;

use super::Google;
use super::options::{GoogleOptions, GoogleUser};
use super::scopes;
use super::state::{Code, State};
use crate::chance::secret;
use crate::form::{Form, callback, escaped, hidden};
use crate::lock;

/// RFC 7636 bounds of a challenge.
const CHALLENGE_CHARS: std::ops::RangeInclusive<usize> = 43..=128;

/// What Google shows on its own page instead of sending the person back: code and word.
struct Shown(u16, &'static str, String);

/// A request to sign in that passed every check.
struct Request {
    redirect: Url,
    state: Option<String>,
    asked: BTreeSet<String>,
    has_unknown_scope: bool,
    user: GoogleUser,
    channel: Option<String>,
    is_incremental: bool,
    is_silent: bool,
    code: Code,
}

/// `GET /o/oauth2/v2/auth`.
pub(super) async fn show(Shared(google): Shared<Arc<Google>>, RawQuery(query): RawQuery) -> Response {
    let query = Form::parse(query.unwrap_or_default().as_bytes());
    let mut state = lock(&google.state);
    let request = match check(&state, &query, google.clock.now_ms()) {
        Ok(request) => request,
        Err(shown) => return refused(&shown),
    };
    if let Some(error) = early_error(&state, &request) {
        return back(&request, StatusCode::FOUND, &[("error", &error)]);
    }
    if !state.options.auto_consent && !request.is_silent {
        return Html(page(&state.options, &query, &request)).into_response();
    }
    let unticked = state.options.tuning.unticked.clone();
    let ticked = request.asked.iter().filter(|scope| !unticked.contains(scope) || !is_tickable(&request, scope));
    let ticked = ticked.cloned().collect();
    grant(&mut state, request, ticked, StatusCode::FOUND)
}

/// `POST /o/oauth2/v2/auth`: the person pressed a button.
pub(super) async fn decide(Shared(google): Shared<Arc<Google>>, body: Bytes) -> Response {
    let form = Form::parse(&body);
    let mut state = lock(&google.state);
    let request = match check(&state, &form, google.clock.now_ms()) {
        Ok(request) => request,
        Err(shown) => return refused(&shown),
    };
    match form.one("decision") {
        Some("allow") => {
            let named = form.all("ticked");
            let ticked = request.asked.iter().filter(|s| !is_tickable(&request, s) || named.contains(&s.as_str()));
            let ticked = ticked.cloned().collect();
            grant(&mut state, request, ticked, StatusCode::SEE_OTHER)
        }
        Some("cancel") => back(&request, StatusCode::SEE_OTHER, &[("error", "access_denied")]),
        _ => refused(&Shown(400, "invalid_request", "The form came without a decision.".into())),
    }
}

/// With more than one scope beyond the sign-in, each of them has its box (§1.6).
fn is_tickable(request: &Request, scope: &str) -> bool {
    let beyond = request.asked.iter().filter(|scope| !scopes::is_sign_in(scope)).count();
    beyond > 1 && !scopes::is_sign_in(scope)
}

fn early_error(state: &State, request: &Request) -> Option<String> {
    if let Some(error) = &state.options.tuning.consent_error {
        return Some(error.clone());
    }
    if request.has_unknown_scope {
        return Some("invalid_scope".into());
    }
    let consented = state.consents.get(&request.user.sub);
    let is_covered = consented.is_some_and(|held| request.asked.is_subset(held));
    (request.is_silent && !is_covered).then(|| "interaction_required".into())
}

fn grant(state: &mut State, request: Request, ticked: BTreeSet<String>, status: StatusCode) -> Response {
    if ticked.is_empty() {
        return back(&request, status, &[("error", "access_denied")]);
    }
    let mut scopes = ticked;
    let held = state.consents.get(&request.user.sub);
    if let (true, Some(held)) = (request.is_incremental, held) {
        scopes.extend(held.iter().cloned());
    }
    let code = Code { scopes: scopes.clone(), channel: request.channel.clone(), ..request.code.clone() };
    let value = format!("4/0A{}", secret(""));
    let said = scopes.into_iter().collect::<Vec<_>>().join(" ");
    let mut pairs = vec![("code", value.as_str()), ("scope", &said), ("authuser", "0"), ("prompt", "consent")];
    if let Some(hd) = &request.user.hd {
        pairs.push(("hd", hd));
    }
    // Whatever Google adds one day must not hurt.
    pairs.push(("sim_unknown", "1"));
    let answer = back(&request, status, &pairs);
    state.codes.insert(value, code);
    answer
}

fn back(request: &Request, status: StatusCode, pairs: &[(&str, &str)]) -> Response {
    let mut target = request.redirect.clone();
    {
        let mut query = target.query_pairs_mut();
        if let Some(state) = &request.state {
            query.append_pair("state", state);
        }
        for (name, value) in pairs {
            query.append_pair(name, value);
        }
    }
    (status, [(LOCATION, target.to_string()), (CACHE_CONTROL, "no-store".into())]).into_response()
}

fn check(state: &State, query: &Form, now_ms: i64) -> Result<Request, Shown> {
    let options = &state.options;
    let invalid = |message: String| Shown(400, "invalid_request", message);
    let required = |name: &str| query.one(name).ok_or_else(|| invalid(format!("Missing required parameter: {name}")));
    if required("client_id")? != options.client_id {
        return Err(Shown(401, "invalid_client", "The OAuth client was not found.".into()));
    }
    let redirect_uri = required("redirect_uri")?;
    let redirect = registered(options, redirect_uri).ok_or_else(|| {
        Shown(400, "redirect_uri_mismatch", "You can't sign in because this app sent an invalid request.".into())
    })?;
    if required("response_type")? != "code" {
        return Err(Shown(400, "unsupported_response_type", "Invalid response_type".into()));
    }
    let asked: Vec<&str> = required("scope")?.split(' ').filter(|scope| !scope.is_empty()).collect();
    let has_unknown_scope = asked.iter().any(|scope| !scopes::is_known(scope));
    let asked: BTreeSet<String> = asked.into_iter().map(scopes::in_full).collect();
    let challenge = challenge(query).map_err(invalid)?;
    let user = match query.one("user").or(query.one("login_hint")) {
        None => options.users.first(),
        Some(named) => state.user(named).or_else(|| options.users.first()),
    };
    let user = user.cloned().ok_or_else(|| invalid("Nobody here has a Google account.".into()))?;
    let first = user.channels.first().map(|channel| channel.id.clone());
    let channel =
        query.one("channel").map(str::to_owned).or(first).filter(|_| asked.iter().any(|s| scopes::is_youtube(s)));
    let prompts: Vec<&str> = query.one("prompt").unwrap_or_default().split(' ').collect();
    let is_offline = query.one("access_type") == Some("offline");
    let is_first = !state.consents.contains_key(&user.sub);
    let code = Code {
        redirect_uri: redirect_uri.to_owned(),
        sub: user.sub.clone(),
        channel: None,
        scopes: BTreeSet::new(),
        challenge,
        nonce: query.one("nonce").map(str::to_owned),
        wants_refresh: is_offline && (is_first || prompts.contains(&"consent")) && !options.tuning.no_refresh_token,
        issued_ms: now_ms,
    };
    Ok(Request {
        redirect,
        state: query.one("state").map(str::to_owned),
        asked,
        has_unknown_scope,
        channel,
        user,
        is_incremental: query.one("include_granted_scopes") == Some("true"),
        is_silent: prompts.contains(&"none"),
        code,
    })
}

fn challenge(query: &Form) -> Result<Option<String>, String> {
    let Some(challenge) = query.one("code_challenge") else { return Ok(None) };
    match query.one("code_challenge_method") {
        Some("S256") if CHALLENGE_CHARS.contains(&challenge.len()) => Ok(Some(challenge.to_owned())),
        Some("S256") => Err("code_challenge has the wrong length.".into()),
        // Google knows `plain`; nobody should, and this simulation takes S256 alone.
        _ => Err("Invalid code_challenge_method".into()),
    }
}

/// Exactly as registered; `http` on this machine alone, no fragment (§1).
fn registered(options: &GoogleOptions, redirect_uri: &str) -> Option<Url> {
    let url = callback(redirect_uri, &options.redirect_uris, options.allow_any_loopback_redirect)?;
    let is_loopback = matches!(url.host_str(), Some("127.0.0.1" | "localhost"));
    let is_allowed = url.scheme() == "https" || url.scheme() == "http" && is_loopback;
    (is_allowed && url.fragment().is_none()).then_some(url)
}

fn refused(shown: &Shown) -> Response {
    let Shown(code, word, message) = shown;
    let body = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Simulated Google</title><body><h1>Access blocked: Authorization Error</h1>\
         <p>{}</p><p><strong>SIMULATION, not google.com.</strong> Error {code}: <span id=\"reason\">{word}</span></p></body></html>",
        escaped(message)
    );
    (StatusCode::from_u16(*code).unwrap_or(StatusCode::BAD_REQUEST), Html(body)).into_response()
}

fn page(options: &GoogleOptions, query: &Form, request: &Request) -> String {
    let own = ["user", "login_hint", "channel", "ticked", "decision"];
    let kept = query.pairs().iter().filter(|(name, _)| !own.contains(&name.as_str()));
    let hidden = hidden(kept.map(|(name, value)| (name, value)));
    let option = |value: &str, text: &str, is_chosen: bool| {
        let chosen = if is_chosen { " selected" } else { "" };
        format!("<option value=\"{}\"{chosen}>{}</option>", escaped(value), escaped(text))
    };
    let people: String =
        options.users.iter().map(|user| option(&user.sub, &user.email, user.sub == request.user.sub)).collect();
    let channels: String = request
        .user
        .channels
        .iter()
        .map(|c| option(&c.id, &c.title, Some(&c.id) == request.channel.as_ref()))
        .collect();
    let channels = match &request.channel {
        Some(_) => format!("<p><label>Channel <select name=\"channel\">{channels}</select></label></p>"),
        None => String::new(),
    };
    let boxes: String = request
        .asked
        .iter()
        .map(|scope| {
            let scope = scope.as_str();
            let shown = escaped(scope);
            if is_tickable(request, scope) {
                format!("<li><label><input type=\"checkbox\" name=\"ticked\" value=\"{shown}\"> {shown}</label></li>")
            } else {
                format!("<li>{shown}</li>")
            }
        })
        .collect();
    format!(
        r#"<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Simulated Google: sign in</title>
<style>body{{font:16px/1.5 sans-serif;max-width:38rem;margin:2rem auto;padding:0 1rem}}
.note{{background:#fff3c4;border:2px solid #b58900;padding:.75rem}}button{{font:inherit;padding:.5rem 1.5rem;margin-right:1rem}}</style></head>
<body>
<p class="note"><strong>SIMULATION.</strong> This is not google.com. It runs on your own machine and no real account is involved.</p>
<h1>The app wants access to a simulated Google account</h1>
<form method="post" action="/o/oauth2/v2/auth">
{hidden}<p><label>Account <select name="user">{people}</select></label></p>
{channels}<p>Select what the app can access:</p><ul>{boxes}</ul>
<button type="submit" name="decision" value="allow">Continue</button>
<button type="submit" name="decision" value="cancel">Cancel</button>
</form>
</body></html>
"#
    )
}
