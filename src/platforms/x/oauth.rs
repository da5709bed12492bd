//! Connecting an account: OAuth 2.0 code flow with PKCE (platforms/x.md §1). Where tokens are kept is not decided here.

use std::borrow::Cow;
use std::sync::Arc;

use http::Method;
use http::header::CONTENT_TYPE;
use oauth2::basic::{BasicClient, BasicTokenResponse};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope, TokenResponse, TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::X;
use super::create::WRITE_SCOPE;
use crate::domain::purpose::{Purpose, Use};
use crate::http_out::{Answer, OutFault, Outbound};
use crate::platforms::{TokenFault, Tokens};

/// What we ask for: reading the timeline is how we find out whether a post went out (§5).
pub const SCOPES: [&str; 5] = ["tweet.read", WRITE_SCOPE, "users.read", "media.write", "offline.access"];

/// What they are for (§1, §3.2, §5, §6).
pub(super) const USES: [Use; 7] = [
    (WRITE_SCOPE, Purpose::Publish),
    ("media.write", Purpose::Media),
    ("tweet.read", Purpose::Confirm),
    ("tweet.read", Purpose::Figures),
    (WRITE_SCOPE, Purpose::TakeDown),
    ("users.read", Purpose::Profile),
    ("offline.access", Purpose::Stay),
];

/// How long an access token lives when X does not say (§1).
const EXPIRES_IN_S: i64 = 7200;
/// How much of X's own words is kept for the log.
const WHY_CHARS: usize = 200;

type Client = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

impl X {
    fn oauth(&self) -> Client {
        let client = BasicClient::new(ClientId::new(self.config.client_id.clone()))
            .set_auth_uri(AuthUrl::from_url(self.config.auth_url.clone()))
            .set_token_uri(TokenUrl::from_url(self.endpoint("/2/oauth2/token")));
        match &self.config.client_secret {
            Some(secret) => client
                .set_client_secret(ClientSecret::new(secret.expose_secret().to_owned()))
                .set_auth_type(AuthType::BasicAuth),
            None => client.set_auth_type(AuthType::RequestBody),
        }
    }

    pub(super) fn consent_url(&self, redirect: &Url, state: &str, challenge: &str) -> Url {
        let redirect = RedirectUrl::from_url(redirect.clone());
        let state = state.to_owned();
        let (mut url, _) = self
            .oauth()
            .authorize_url(move || CsrfToken::new(state))
            .add_scopes(SCOPES.map(|scope| Scope::new(scope.to_owned())))
            .set_redirect_uri(Cow::Owned(redirect))
            .add_extra_param("code_challenge", challenge)
            .add_extra_param("code_challenge_method", "S256")
            .url();
        // X wants `%20` between scopes (§1). A real plus is `%2B` here, so every `+` is a space.
        let query = url.query().map(|query| query.replace('+', "%20"));
        url.set_query(query.as_deref());
        url
    }

    pub(super) async fn exchange_code(
        &self,
        code: &str,
        verifier: &SecretString,
        redirect: &Url,
    ) -> Result<Tokens, TokenFault> {
        let client = self.oauth();
        let out = Arc::clone(&self.out);
        let call = move |request: HttpRequest| token_call(Arc::clone(&out), request);
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose_secret().to_owned()))
            .set_redirect_uri(Cow::Owned(RedirectUrl::from_url(redirect.clone())))
            .request_async(&call)
            .await;
        tokens(answer)
    }

    pub(super) async fn refresh_pair(&self, refresh: &SecretString) -> Result<Tokens, TokenFault> {
        let client = self.oauth();
        let out = Arc::clone(&self.out);
        let call = move |request: HttpRequest| token_call(Arc::clone(&out), request);
        let refresh = RefreshToken::new(refresh.expose_secret().to_owned());
        let answer = client.exchange_refresh_token(&refresh).request_async(&call).await;
        tokens(answer)
    }

    pub(super) async fn revoke_token(&self, token: &SecretString) -> Result<(), TokenFault> {
        let mut form = format!("token={}", encoded(token.expose_secret()));
        let mut call = self.out.request(Method::POST, self.endpoint("/2/oauth2/revoke"));
        match &self.config.client_secret {
            // RFC 6749 §2.3.1 wants both parts form-encoded before they are joined, as the crate does for tokens.
            Some(secret) => {
                call = call.basic_auth(encoded(&self.config.client_id), Some(encoded(secret.expose_secret())));
            }
            None => {
                form = format!("{form}&client_id={}", encoded(&self.config.client_id));
            }
        }
        let call = call.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
        let answer = self.out.send(call).await.map_err(token_lost)?;
        if answer.status == 200 {
            return Ok(());
        }
        match token_fault(&answer) {
            // A token that is dead already is what was asked for.
            TokenFault::Dead(_) => Ok(()),
            fault @ (TokenFault::Misconfigured(_) | TokenFault::Unknown(_) | TokenFault::NotSent(_)) => Err(fault),
        }
    }
}

/// The crate's HTTP client: our guarded one. Everything but a 200 is judged here, where the status is known.
async fn token_call(out: Arc<Outbound>, request: HttpRequest) -> Result<HttpResponse, TokenFault> {
    let (head, body) = request.into_parts();
    let url = Url::parse(&head.uri.to_string()).map_err(|e| TokenFault::NotSent(e.to_string()))?;
    let call = out.request(head.method, url).headers(head.headers).body(body);
    let answer = out.send(call).await.map_err(token_lost)?;
    if answer.status != 200 {
        return Err(token_fault(&answer));
    }
    let mut response = HttpResponse::new(answer.body.to_vec());
    *response.headers_mut() = answer.headers;
    Ok(response)
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn token_lost(fault: OutFault) -> TokenFault {
    match fault {
        OutFault::NotSent(why) => TokenFault::NotSent(why),
        OutFault::Lost(why) => TokenFault::Unknown(why),
    }
}

type TokenAnswer<TE> = Result<BasicTokenResponse, RequestTokenError<TokenFault, TE>>;

fn tokens<TE: oauth2::ErrorResponse + 'static>(answer: TokenAnswer<TE>) -> Result<Tokens, TokenFault> {
    let pair = answer.map_err(|error| match error {
        RequestTokenError::Request(fault) => fault,
        // A 200 that we cannot read: the grant is used up, and its fruit is lost. The body may hold tokens: not kept.
        RequestTokenError::ServerResponse(_) | RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            TokenFault::Unknown("X accepted the call, but its answer could not be read".to_owned())
        }
    })?;
    let scopes = pair.scopes().map_or_else(
        || SCOPES.join(" "),
        |granted| granted.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" "),
    );
    Ok(Tokens {
        access: SecretString::from(pair.access_token().secret().to_owned()),
        refresh: pair.refresh_token().map(|token| SecretString::from(token.secret().to_owned())),
        expires_in_s: pair
            .expires_in()
            .map_or(EXPIRES_IN_S, |life| i64::try_from(life.as_secs()).unwrap_or(EXPIRES_IN_S)),
        // §1: about half a year without use, which X does not say.
        ends_in_s: None,
        scopes,
    })
}

/// What an answer other than 200 to a token call means (§1, table). 4xx answers leave the grant as it was.
fn token_fault(answer: &Answer) -> TokenFault {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    let field = |name: &str| body[name].as_str().unwrap_or("");
    let (error, description) = (field("error"), field("error_description"));
    let words = format!("{error} {description} {} {}", field("title"), field("detail"));
    let why: String = format!("HTTP {} {}", answer.status, words.trim()).chars().take(WHY_CHARS).collect();
    let says = |text: &str| words.to_lowercase().contains(text);
    match answer.status {
        401 | 403 => TokenFault::Misconfigured(why),
        // Not looked at by X: try again later.
        429 => TokenFault::NotSent(why),
        400 => match error {
            "invalid_client" | "unauthorized_client" | "unsupported_grant_type" | "invalid_scope" => {
                TokenFault::Misconfigured(why)
            }
            "invalid_grant" => TokenFault::Dead(why),
            _ if says("redirect") || says("authorization header") || says("client_id") || says("client id") => {
                TokenFault::Misconfigured(why)
            }
            // "Value passed for the token was invalid", the code, the verifier: this grant will never work.
            "invalid_request" => TokenFault::Dead(why),
            _ => TokenFault::Unknown(why),
        },
        404 | 405 | 415 => TokenFault::Misconfigured(why),
        _ => TokenFault::Unknown(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;

    #[test]
    fn pkce_vector_of_rfc_7636() {
        let verifier = PkceCodeVerifier::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into());
        let challenge = oauth2::PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        assert_eq!(challenge.as_str(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn token_faults() {
        let rows = [
            (
                400,
                r#"{"error":"invalid_request","error_description":"Value passed for the token was invalid."}"#,
                "dead",
            ),
            (400, r#"{"error":"invalid_grant"}"#, "dead"),
            (
                400,
                r#"{"error":"invalid_request","error_description":"Value passed for the code verifier did not match the code challenge."}"#,
                "dead",
            ),
            (
                400,
                r#"{"error":"invalid_request","error_description":"Value passed for the authorization code was invalid."}"#,
                "dead",
            ),
            (
                400,
                r#"{"error":"invalid_request","error_description":"Value passed for the redirect uri did not match the uri of the authorization code."}"#,
                "misconfigured",
            ),
            (
                400,
                r#"{"error":"invalid_request","error_description":"Missing required parameter [client_id]."}"#,
                "misconfigured",
            ),
            (400, r#"{"error":"invalid_client"}"#, "misconfigured"),
            (400, "<html>", "unknown"),
            (
                401,
                r#"{"error":"unauthorized_client","error_description":"Missing valid authorization header"}"#,
                "misconfigured",
            ),
            (403, r#"{"title":"Client Forbidden","reason":"client-not-enrolled"}"#, "misconfigured"),
            (404, "", "misconfigured"),
            (429, "Too Many Requests", "not sent"),
            (302, "", "unknown"),
            (500, r#"{"error":"server_error"}"#, "unknown"),
            (503, "", "unknown"),
        ];
        for (status, body, expected) in rows {
            let fault = token_fault(&Answer { status, headers: HeaderMap::new(), body: body.into() });
            let got = match fault {
                TokenFault::Dead(_) => "dead",
                TokenFault::Misconfigured(_) => "misconfigured",
                TokenFault::Unknown(_) => "unknown",
                TokenFault::NotSent(_) => "not sent",
            };
            assert_eq!(got, expected, "{status} {body}");
        }
    }
}
