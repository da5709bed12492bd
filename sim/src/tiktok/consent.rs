//! The consent of the simulated TikTok (dossier §1.1), where a person may leave out single scopes.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{OriginalUri, State as Shared};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{Html, IntoResponse, Response};
use url::Url;

use super::TikTok;
use super::options::{App, TikTokOptions};
use super::state::Code;
use crate::chance::secret;
use crate::form::{Form, callback, escaped, hidden};
use crate::lock;

const FIELDS: [&str; 8] = [
    "client_key",
    "response_type",
    "scope",
    "redirect_uri",
    "state",
    "code_challenge",
    "code_challenge_method",
    "disable_auto_auth",
];

/// `GET|POST /v2/auth/authorize/`.
pub(super) async fn authorize(
    Shared(tiktok): Shared<Arc<TikTok>>,
    OriginalUri(uri): OriginalUri,
    body: Bytes,
) -> Response {
    let form =
        if body.is_empty() { Form::parse(uri.query().unwrap_or_default().as_bytes()) } else { Form::parse(&body) };
    let now_ms = tiktok.clock.now_ms();
    let mut state = lock(&tiktok.state);
    let (mut target, mut code) = match check(&state.options, &form, now_ms) {
        Ok(checked) => checked,
        Err(why) => return refused(&why),
    };
    let decision = form.one("decision").or(state.options.auto_consent.then_some("allow"));
    match decision {
        None => return Html(page(&state.options, &form, &code)).into_response(),
        Some("allow") => {
            let declined: Vec<&str> = form.one("declined").unwrap_or_default().split(',').collect();
            code.scopes.retain(|scope| !declined.contains(&scope.as_str()));
            // Real codes hold characters that come percent-encoded and want to be decoded once.
            let value = secret("") + "*v!4839.va";
            target.query_pairs_mut().append_pair("code", &value).append_pair("scopes", &code.scopes.join(","));
            state.codes.insert(value, code);
        }
        Some(_) => {
            let mut pairs = target.query_pairs_mut();
            pairs.append_pair("error", "access_denied").append_pair("errCode", "-2");
            pairs.append_pair("error_description", "User denied access");
        }
    }
    if let Some(value) = form.one("state") {
        target.query_pairs_mut().append_pair("state", value);
    }
    (StatusCode::FOUND, [(LOCATION, target.to_string())]).into_response()
}

fn check(options: &TikTokOptions, form: &Form, now_ms: i64) -> Result<(Url, Code), String> {
    if form.one("client_key") != Some(&options.client_key) {
        return Err("client_key".into());
    }
    let given = form.one("redirect_uri").ok_or("redirect_uri")?;
    let url =
        callback(given, &options.redirect_uris, options.allow_any_loopback_redirect || options.app == App::Desktop);
    let url = url
        .filter(|url| url.query().is_none() && url.fragment().is_none() && given.len() < 512)
        .ok_or("redirect_uri")?;
    if form.one("response_type") != Some("code") {
        return Err("response_type".into());
    }
    let scopes = form.one("scope").unwrap_or_default().split(',').map(str::to_owned).collect::<Vec<_>>();
    if scopes.iter().any(|scope| !options.scopes.contains(scope)) {
        return Err("scope".into());
    }
    let challenge = match options.app {
        App::Web => None,
        App::Desktop => {
            let is_hex = |text: &&str| {
                text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
            };
            let challenge =
                form.one("code_challenge").filter(is_hex).filter(|_| form.one("code_challenge_method") == Some("S256"));
            Some(challenge.ok_or("code_challenge")?.to_owned())
        }
    };
    let creator = match form.one("user") {
        None => options.creators.first(),
        Some(named) => options.creators.iter().find(|creator| creator.open_id == named || creator.username == named),
    };
    let open_id = creator.ok_or("user")?.open_id.clone();
    Ok((url, Code { redirect_uri: given.to_owned(), open_id, scopes, challenge, issued_ms: now_ms }))
}

fn refused(what: &str) -> Response {
    let body = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Simulated TikTok</title><h1>Something went wrong</h1><p><strong>SIMULATION.</strong> We couldn't log in with TikTok. This may be due to specific app settings: <span id=\"reason\">{}</span></p></html>",
        escaped(what)
    );
    (StatusCode::BAD_REQUEST, Html(body)).into_response()
}

fn page(options: &TikTokOptions, form: &Form, code: &Code) -> String {
    let kept = form.pairs().iter().filter(|(name, _)| FIELDS.contains(&name.as_str()));
    let hidden = hidden(kept.map(|(name, value)| (name, value)));
    let people: String = options
        .creators
        .iter()
        .map(|creator| {
            format!(r#"<option value="{}">{}</option>"#, escaped(&creator.open_id), escaped(&creator.display_name))
        })
        .collect();
    let scopes = escaped(&code.scopes.join(", "));
    format!(
        r#"<!doctype html><html lang="en"><meta charset="utf-8"><title>Simulated TikTok: authorize an app</title><p><strong>SIMULATION.</strong> This is not tiktok.com. No real account is involved and nothing is published anywhere.</p><h1>An app asks for access</h1><p>{scopes}</p><form method="post" action="/v2/auth/authorize/">{hidden}<p><label>Sign in as <select name="user">{people}</select></label></p><button name="decision" value="allow">Continue</button> <button name="decision" value="cancel">Cancel</button></form></html>"#
    )
}
