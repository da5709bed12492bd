//! Both consents of the simulated Instagram (dossier §1, §1b): Instagram's own, and Facebook's, where single permissions can be declined.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{Html, IntoResponse, Response};
use url::Url;

use super::Instagram;
use super::oauth::respond;
use super::options::InstagramOptions;
use super::state::{Code, Login};
use crate::chance::secret;
use crate::form::{callback, escaped, hidden};
use crate::graph::{Call, GraphError};
use crate::lock;

/// The names of before 2025 are dead.
const SCOPES: [&str; 6] = [
    "instagram_business_basic",
    "instagram_business_content_publish",
    "instagram_business_manage_insights",
    "instagram_business_manage_comments",
    "instagram_business_manage_messages",
    "instagram_business_manage_contents",
];
const FACEBOOK_SCOPES: [&str; 10] = [
    "instagram_basic",
    "instagram_content_publish",
    "instagram_manage_insights",
    "instagram_manage_comments",
    "instagram_manage_contents",
    "pages_show_list",
    "pages_read_engagement",
    "business_management",
    "public_profile",
    "email",
];
const FIELDS: [&str; 6] = ["client_id", "redirect_uri", "scope", "response_type", "state", "user"];

/// `GET|POST /oauth/authorize`.
pub(super) async fn instagram(Shared(instagram): Shared<Arc<Instagram>>, call: Call) -> Response {
    ask(&instagram, &call, Login::Instagram)
}

/// `GET|POST /{v}/dialog/oauth`.
pub(super) async fn facebook(Shared(instagram): Shared<Arc<Instagram>>, call: Call) -> Response {
    ask(&instagram, &call, Login::Facebook)
}

fn ask(instagram: &Instagram, call: &Call, login: Login) -> Response {
    let now_ms = instagram.clock.now_ms();
    let mut state = lock(&instagram.state);
    let (mut target, mut code) = match check(&state.options, call, (login, now_ms)) {
        Ok(checked) => checked,
        Err(error) => return respond(Err(error)),
    };
    let decision = call.one("decision").or(state.options.auto_consent.then_some("allow"));
    match decision {
        None => return Html(page(call, &code)).into_response(),
        Some("allow") => {
            let named = call.list("declined");
            let is_declined = |scope: &String| login == Login::Facebook && named.contains(scope);
            (code.declined, code.scopes) = std::mem::take(&mut code.scopes).into_iter().partition(is_declined);
            let value = secret("AQsim");
            target.query_pairs_mut().append_pair("code", &value);
            state.codes.insert(value, code);
        }
        Some(_) => {
            let mut pairs = target.query_pairs_mut();
            pairs.append_pair("error", "access_denied").append_pair("error_reason", "user_denied");
            pairs.append_pair("error_description", "The user denied your request.");
        }
    }
    if let Some(value) = call.one("state") {
        target.query_pairs_mut().append_pair("state", value);
    }
    // Meta puts this behind its redirects; clients strip it.
    target.set_fragment(Some("_"));
    (StatusCode::FOUND, [(LOCATION, target.to_string())]).into_response()
}

fn check(options: &InstagramOptions, call: &Call, (login, now_ms): (Login, i64)) -> Result<(Url, Code), GraphError> {
    let (wanted, known) = match login {
        Login::Instagram => (&options.client_id, &SCOPES[..]),
        Login::Facebook | Login::Page => (&options.meta_id, &FACEBOOK_SCOPES[..]),
    };
    if call.needed("client_id")? != wanted {
        return Err(GraphError::new(101, "Invalid platform app"));
    }
    // Facebook's dialog means a code where nothing else is said.
    if !matches!((call.one("response_type"), login), (Some("code"), _) | (None, Login::Facebook)) {
        return Err(GraphError::param("Invalid response_type"));
    }
    let redirect = call.needed("redirect_uri")?;
    let url = callback(redirect, &options.redirect_uris, options.allow_any_loopback_redirect);
    let url = url.ok_or_else(|| GraphError::new(191, "URL Blocked: this redirect URI is not in the app's settings"))?;
    let scopes: Vec<String> =
        call.needed("scope")?.split([',', ' ']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
    if let Some(unknown) = scopes.iter().find(|scope| !known.contains(&scope.as_str())) {
        return Err(GraphError::param(&format!("Invalid Scopes: {unknown}")));
    }
    let user = match call.one("user") {
        None => options.users.first(),
        Some(named) => options.users.iter().find(|user| user.id == named || user.username == named),
    };
    let user = user.ok_or_else(|| GraphError::param("Nobody here has that account"))?;
    let holder = if login == Login::Instagram { &user.id } else { &user.person_id };
    let code = Code {
        login,
        redirect_uri: redirect.to_owned(),
        holder: holder.clone(),
        scopes,
        declined: Vec::new(),
        issued_ms: now_ms,
    };
    Ok((url, code))
}

fn page(call: &Call, code: &Code) -> String {
    let hidden = hidden(FIELDS.iter().filter_map(|name| Some((name, call.one(name)?))));
    let scopes = escaped(&code.scopes.join(", "));
    format!(
        r#"<!doctype html><html lang="en"><meta charset="utf-8"><title>Simulated Instagram</title><h1>Simulated Instagram</h1><p><strong>SIMULATION.</strong> No real account is involved and nothing is published anywhere. The app asks for: {scopes}</p><form method="post">{hidden}<button name="decision" value="allow">Allow</button> <button name="decision" value="cancel">Cancel</button></form></html>"#
    )
}
