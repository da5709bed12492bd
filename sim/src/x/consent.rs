//! `GET|POST /i/oauth2/authorize`: the page on which a person lets the app in. It says on its face that
//! it is a simulation.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{OriginalUri, State as Shared};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, LOCATION};
use axum::response::{Html, IntoResponse, Response};
use url::Url;

use super::X;
use super::oauth::Code;
use super::options::{Consent, SimUser, XOptions};
use super::query::Query;
use super::state::secret;
use crate::form::{callback, escaped, hidden};
use crate::lock;

/// The scopes that X knows.
const SCOPES: [&str; 23] = [
    "tweet.read",
    "tweet.write",
    "tweet.moderate.write",
    "users.read",
    "users.email",
    "follows.read",
    "follows.write",
    "offline.access",
    "space.read",
    "mute.read",
    "mute.write",
    "like.read",
    "like.write",
    "list.read",
    "list.write",
    "block.read",
    "block.write",
    "bookmark.read",
    "bookmark.write",
    "media.write",
    "dm.read",
    "dm.write",
    "timeline.read",
];
/// X's limit.
const STATE_CHARS_MAX: usize = 500;
/// RFC 7636 bounds of a challenge.
const CHALLENGE_CHARS: std::ops::RangeInclusive<usize> = 43..=128;

/// A request to sign in that passed every check.
struct Request {
    redirect: Url,
    state: String,
    code: Code,
}

/// `GET /i/oauth2/authorize`.
pub(crate) async fn show(Shared(x): Shared<Arc<X>>, OriginalUri(uri): OriginalUri) -> Response {
    let query = Query::of(&uri);
    let mut state = lock(&x.state);
    let request = match check(&state.options, &query, x.clock.now_ms()) {
        Ok(request) => request,
        Err(reason) => return refused(&reason),
    };
    match state.options.consent {
        Consent::Page => Html(page(&state.options, &query, &request)).into_response(),
        Consent::Auto => {
            let code = secret("sim-x-code-");
            let target = with_code(&request, &code);
            state.codes.insert(code, request.code);
            redirect(StatusCode::FOUND, &target)
        }
    }
}

/// `POST /i/oauth2/authorize`: the person pressed a button.
pub(crate) async fn decide(Shared(x): Shared<Arc<X>>, body: Bytes) -> Response {
    let form = Query::parse(&body);
    let mut state = lock(&x.state);
    let request = match check(&state.options, &form, x.clock.now_ms()) {
        Ok(request) => request,
        Err(reason) => return refused(&reason),
    };
    let target = match form.one("decision") {
        Some("allow") => {
            let code = secret("sim-x-code-");
            let target = with_code(&request, &code);
            state.codes.insert(code, request.code);
            target
        }
        Some("cancel") => {
            let mut target = request.redirect;
            target.query_pairs_mut().append_pair("error", "access_denied").append_pair("state", &request.state);
            target
        }
        _ => return refused("The form came without a decision."),
    };
    redirect(StatusCode::SEE_OTHER, &target)
}

fn with_code(request: &Request, code: &str) -> Url {
    let mut target = request.redirect.clone();
    target.query_pairs_mut().append_pair("state", &request.state).append_pair("code", code);
    target
}

fn redirect(status: StatusCode, target: &Url) -> Response {
    (status, [(LOCATION, target.to_string()), (CACHE_CONTROL, "no-store".into())]).into_response()
}

fn check(options: &XOptions, query: &Query, now_ms: i64) -> Result<Request, String> {
    let required = |name: &str| query.one(name).ok_or_else(|| format!("The parameter {name} is missing."));
    if required("response_type")? != "code" {
        return Err("response_type must be code.".into());
    }
    let client_id = required("client_id")?;
    if client_id != options.client_id && client_id != options.public_client_id {
        return Err("No app has this client_id.".into());
    }
    let redirect_uri = required("redirect_uri")?;
    let redirect = callback(redirect_uri, &options.redirect_uris, options.allow_any_loopback_redirect);
    let redirect = redirect.ok_or("This redirect_uri is not registered for the app.")?;
    let scopes: Vec<String> = required("scope")?.split(' ').filter(|s| !s.is_empty()).map(str::to_owned).collect();
    if scopes.is_empty() {
        return Err("No scope was asked for.".into());
    }
    if let Some(unknown) = scopes.iter().find(|scope| !SCOPES.contains(&scope.as_str())) {
        return Err(format!("The scope {unknown} does not exist."));
    }
    let state = required("state")?;
    if state.is_empty() || state.chars().count() > STATE_CHARS_MAX {
        return Err(format!("state must have 1 to {STATE_CHARS_MAX} characters."));
    }
    let challenge = required("code_challenge")?;
    let plain = match required("code_challenge_method")? {
        // In any case: twitter-api-v2, in wide use, writes `s256`.
        method if method.eq_ignore_ascii_case("S256") => false,
        "plain" => true,
        other => return Err(format!("The code_challenge_method {other} does not exist.")),
    };
    if !plain && !CHALLENGE_CHARS.contains(&challenge.len()) || challenge.is_empty() {
        return Err("code_challenge has the wrong length.".into());
    }
    let user = pick(options, query.one("user")).ok_or("Nobody here has that account.")?;
    let code = Code {
        client_id: client_id.to_owned(),
        redirect_uri: redirect_uri.to_owned(),
        user_id: user.id.clone(),
        scopes,
        challenge: challenge.to_owned(),
        plain,
        issued_ms: now_ms,
    };
    Ok(Request { redirect, state: state.to_owned(), code })
}

/// Who signs in: the one named by id or handle, else the first.
fn pick<'a>(options: &'a XOptions, wanted: Option<&str>) -> Option<&'a SimUser> {
    match wanted.filter(|name| !name.is_empty()) {
        None => options.users.first(),
        Some(name) => options.users.iter().find(|user| user.id == name || user.username == name),
    }
}

fn refused(reason: &str) -> Response {
    let body = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Simulated X</title><body><h1>Something went wrong</h1>\
         <p>You weren’t able to give access to the app. Go back and try logging in again.</p>\
         <p><strong>SIMULATION, not x.com.</strong> Reason: <span id=\"reason\">{}</span></p></body></html>",
        escaped(reason)
    );
    (StatusCode::BAD_REQUEST, Html(body)).into_response()
}

fn page(options: &XOptions, query: &Query, request: &Request) -> String {
    let kept = query.pairs().iter().filter(|(name, _)| name != "user" && name != "decision");
    let hidden = hidden(kept.map(|(name, value)| (name, value)));
    let people: String = options
        .users
        .iter()
        .map(|user| {
            let chosen = if user.id == request.code.user_id { " selected" } else { "" };
            let (id, name, handle) = (escaped(&user.id), escaped(&user.name), escaped(&user.username));
            format!("<option value=\"{id}\"{chosen}>{name} (@{handle})</option>")
        })
        .collect();
    let scopes: String = request.code.scopes.iter().map(|scope| format!("<li>{}</li>", escaped(scope))).collect();
    format!(
        r#"<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Simulated X: authorize an app</title>
<style>body{{font:16px/1.5 sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem}}
.note{{background:#fff3c4;border:2px solid #b58900;padding:.75rem}}button{{font:inherit;padding:.5rem 1.5rem;margin-right:1rem}}</style></head>
<body>
<p class="note"><strong>SIMULATION.</strong> This is not x.com. It runs on your own machine, no real account is involved and nothing is published anywhere.</p>
<h1>{client} wants to access a simulated X account</h1>
<form method="post" action="/i/oauth2/authorize">
{hidden}<p><label>Sign in as <select name="user">{people}</select></label></p>
<p>It asks to:</p><ul>{scopes}</ul>
<button type="submit" name="decision" value="allow">Allow</button>
<button type="submit" name="decision" value="cancel">Cancel</button>
</form>
</body></html>
"#,
        client = escaped(&request.code.client_id)
    )
}
