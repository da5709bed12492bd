//! The consent of the simulated LinkedIn (dossier §1.1): what is refused on a page, what is sent back, and the page itself.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{OriginalUri, State as Shared};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{Html, IntoResponse, Response};
use url::Url;

use super::LinkedIn;
use super::options::LinkedInOptions;
use super::state::Code;
use crate::chance::secret;
use crate::form::{Form, callback, escaped, hidden};
use crate::lock;

const FIELDS: [&str; 5] = ["response_type", "client_id", "redirect_uri", "scope", "state"];

/// `GET|POST /oauth/v2/authorization`; the page posts what it was asked with.
pub(super) async fn authorize(
    Shared(linkedin): Shared<Arc<LinkedIn>>,
    OriginalUri(uri): OriginalUri,
    body: Bytes,
) -> Response {
    let form =
        if body.is_empty() { Form::parse(uri.query().unwrap_or_default().as_bytes()) } else { Form::parse(&body) };
    let now_ms = linkedin.clock.now_ms();
    let mut state = lock(&linkedin.state);
    let mut target = match target(&state.options, &form) {
        Ok(target) => target,
        Err(why) => return refused(why),
    };
    let decision = form.one("decision").or(state.options.auto_consent.then_some("allow"));
    let answer = match (asked(&state.options, &form, now_ms), decision) {
        (Err((error, why)), _) => Err((error, why)),
        (Ok(_), Some("cancel")) => {
            Err(("user_cancelled_authorize", "The user cancelled LinkedIn authorization".to_owned()))
        }
        (Ok(_), Some("leave")) => Err(("user_cancelled_login", "The user cancelled LinkedIn login".to_owned())),
        (Ok(code), None) => return Html(page(&state.options, &form, &code)).into_response(),
        (Ok(code), Some("allow")) => Ok(code),
        (Ok(_), Some(_)) => return refused("The form came without a decision."),
    };
    {
        let mut pairs = target.query_pairs_mut();
        match answer {
            Ok(code) => {
                let value = secret("AQT");
                pairs.append_pair("code", &value);
                state.codes.insert(value, code);
            }
            Err((error, why)) => {
                pairs.append_pair("error", error).append_pair("error_description", &why);
            }
        }
        if let Some(value) = form.one("state") {
            pairs.append_pair("state", value);
        }
    }
    (StatusCode::FOUND, [(LOCATION, target.to_string())]).into_response()
}

/// Where the browser goes back to. What is wrong here is shown to the person and sent nowhere.
fn target(options: &LinkedInOptions, form: &Form) -> Result<Url, &'static str> {
    if form.one("client_id") != Some(&options.client_id) {
        return Err("The passed in client_id is invalid");
    }
    let given = form.one("redirect_uri").ok_or("You need to pass the \"redirect_uri\" parameter")?;
    let url = callback(given, &options.redirect_uris, options.allow_any_loopback_redirect);
    url.filter(|url| url.fragment().is_none()).ok_or("The redirect_uri does not match the registered value")
}

fn asked(options: &LinkedInOptions, form: &Form, now_ms: i64) -> Result<Code, (&'static str, String)> {
    if form.one("response_type") != Some("code") {
        return Err(("unsupported_response_type", "The response type must be code".into()));
    }
    let scope = form.one("scope").ok_or(("invalid_request", "You need to pass the \"scope\" parameter".to_owned()))?;
    let scopes: Vec<String> = scope.split([' ', ',']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
    // One scope without its product fails them all.
    if let Some(unknown) = scopes.iter().find(|scope| !options.scopes.contains(scope)) {
        let why = format!("Scope \"{unknown}\" is not authorized for your application");
        return Err(("unauthorized_scope_error", why));
    }
    let member = match form.one("user") {
        None => options.members.first(),
        Some(named) => options.members.iter().find(|member| member.sub == named),
    };
    let member = member.ok_or(("invalid_request", "Nobody here has that account".to_owned()))?.sub.clone();
    Ok(Code {
        redirect_uri: form.one("redirect_uri").unwrap_or_default().to_owned(),
        member,
        scopes,
        issued_ms: now_ms,
    })
}

fn refused(why: &str) -> Response {
    let body = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Simulated LinkedIn</title><h1>Bummer, something went wrong.</h1>\
         <p><strong>SIMULATION, not linkedin.com.</strong> <span id=\"reason\">{}</span></p></html>",
        escaped(why)
    );
    (StatusCode::BAD_REQUEST, Html(body)).into_response()
}

fn page(options: &LinkedInOptions, form: &Form, code: &Code) -> String {
    let kept = form.pairs().iter().filter(|(name, _)| FIELDS.contains(&name.as_str()));
    let hidden = hidden(kept.map(|(name, value)| (name, value)));
    let people: String = options
        .members
        .iter()
        .map(|member| {
            let chosen = if member.sub == code.member { " selected" } else { "" };
            format!(r#"<option value="{}"{chosen}>{}</option>"#, escaped(&member.sub), escaped(&member.name()))
        })
        .collect();
    let scopes = escaped(&code.scopes.join(", "));
    format!(
        r#"<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Simulated LinkedIn: authorize an app</title>
<p><strong>SIMULATION.</strong> This is not linkedin.com. No real account is involved and nothing is published anywhere.</p>
<h1>An app would like to</h1><p>{scopes}</p><form method="post" action="/oauth/v2/authorization">{hidden}<p><label>Sign in as <select name="user">{people}</select></label></p>
<button name="decision" value="allow">Allow</button> <button name="decision" value="cancel">Cancel</button> <button name="decision" value="leave">Do not sign in</button></form></html>"#
    )
}
