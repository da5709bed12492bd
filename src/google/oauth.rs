//! The wire of OAuth 2.0 with PKCE (platforms/google.md §1): the address of the consent page, and the three calls about tokens. Where tokens
//! are kept is not decided here.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use http::header::CONTENT_TYPE;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::Google;
use crate::domain::google::Wish;
use crate::http_out::{Answer, OutFault};

/// Who the person is: asked for with every feature, and not sensitive (§2).
pub const IDENTITY_SCOPES: &str = "openid email";
/// How long an access token lives when Google does not say (§1.3).
const EXPIRES_IN_S: i64 = 3_599;
/// How far clocks may be apart (§1.8).
const SKEW_S: i64 = 60;
/// How much of Google's own words is kept for the log.
const WHY_CHARS: usize = 200;
/// No id token of Google's is so long.
const ID_TOKEN_BYTES_MAX: usize = 16_384;

/// Why there are no tokens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrantFault {
    /// The code or grant is dead: the person must connect again.
    #[error("the grant is dead: {0}")]
    Dead(String),
    /// This server's client id, secret or redirect address is wrong.
    #[error("misconfigured: {0}")]
    Misconfigured(String),
    /// No clear answer; the grant is as it was.
    #[error("later: {0}")]
    Later(String),
}

/// What Google granted.
#[derive(Debug)]
pub(super) struct Granted {
    pub(super) access: SecretString,
    pub(super) refresh: Option<SecretString>,
    pub(super) expires_in_s: i64,
    /// Space-separated; may hold older grants and other spellings (§1.3).
    pub(super) scopes: Option<String>,
    /// When the grant ends by itself, for apps in testing (§1.5).
    pub(super) ends_in_s: Option<i64>,
    id_token: Option<SecretString>,
}

/// Whose account it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) subject: String,
    pub(super) email: String,
}

/// What the consent page is asked for.
pub(super) struct Asking<'a> {
    pub(super) redirect: &'a Url,
    pub(super) state: &'a str,
    pub(super) challenge: &'a str,
    pub(super) nonce: &'a str,
    pub(super) wish: &'a Wish,
    /// Who is expected, when they are known.
    pub(super) hint: Option<&'a str>,
}

impl Google {
    pub(super) fn consent_url(&self, asking: &Asking<'_>) -> Url {
        let mut url = self.config.auth_url.clone();
        let scope = format!("{IDENTITY_SCOPES} {}", asking.wish.scope());
        let mut pairs = url.query_pairs_mut();
        pairs
            .append_pair("client_id", &self.config.client_id)
            .append_pair("redirect_uri", asking.redirect.as_str())
            .append_pair("response_type", "code")
            .append_pair("scope", &scope)
            .append_pair("state", asking.state)
            .append_pair("nonce", asking.nonce)
            .append_pair("code_challenge", asking.challenge)
            .append_pair("code_challenge_method", "S256")
            .append_pair("access_type", "offline")
            // Without it a second connection gets no refresh token (§1.1).
            .append_pair("prompt", "consent")
            // What was granted before stays granted: one feature at a time (§1.6).
            .append_pair("include_granted_scopes", "true");
        if let Some(hint) = asking.hint {
            pairs.append_pair("login_hint", hint);
        }
        drop(pairs);
        url
    }

    pub(super) async fn exchange(
        &self,
        code: &SecretString,
        verifier: &str,
        redirect: &Url,
    ) -> Result<Granted, GrantFault> {
        self.token_call(&[
            ("grant_type", "authorization_code"),
            ("code", code.expose_secret()),
            ("redirect_uri", redirect.as_str()),
            ("code_verifier", verifier),
        ])
        .await
    }

    pub(super) async fn refresh(&self, refresh: &SecretString) -> Result<Granted, GrantFault> {
        self.token_call(&[("grant_type", "refresh_token"), ("refresh_token", refresh.expose_secret())]).await
    }

    async fn token_call(&self, fields: &[(&str, &str)]) -> Result<Granted, GrantFault> {
        let secret = self.config.client_secret.expose_secret();
        let own = [("client_id", self.config.client_id.as_str()), ("client_secret", secret)];
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).extend_pairs(own).finish();
        let call = self.out.request(Method::POST, self.config.token_url.clone());
        let call = call.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        let answer = self.out.send(call).await.map_err(lost)?;
        if answer.status != 200 {
            return Err(fault(&answer));
        }
        read(&answer)
    }

    /// Tells Google to forget the grant, with all its scopes (§1.7). What is dead already counts as forgotten.
    pub(super) async fn revoke(&self, token: &SecretString) -> Result<(), GrantFault> {
        let body = form_urlencoded::Serializer::new(String::new()).append_pair("token", token.expose_secret()).finish();
        let call = self.out.request(Method::POST, self.config.revoke_url.clone());
        let call = call.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        let answer = self.out.send(call).await.map_err(lost)?;
        let error = error_word(&answer);
        if answer.status == 200 || (answer.status == 400 && error == "invalid_token") {
            return Ok(());
        }
        Err(fault(&answer))
    }

    /// Whose tokens these are, from the id token. It came from Google's token endpoint over TLS, which stands for its signature (OpenID Connect
    /// Core §3.1.3.7, 6); it only says how the connection is called, and signs nobody in. Everything else is checked (§1.8).
    pub(super) fn identity(&self, granted: &Granted, nonce: &str, now_ms: i64) -> Result<Identity, String> {
        let token = granted.id_token.as_ref().ok_or("there is no id token")?.expose_secret();
        if token.len() > ID_TOKEN_BYTES_MAX {
            return Err("the id token is too long".into());
        }
        let payload = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
        let claims: Value =
            payload.and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or("the id token cannot be read")?;
        let issuer = self.config.issuer.as_str().trim_end_matches('/');
        let bare = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
        let text = |name: &str| claims[name].as_str().unwrap_or_default();
        if ![issuer, bare].contains(&text("iss").trim_end_matches('/')) {
            return Err("the id token is from somebody else".into());
        }
        let is_ours = match &claims["aud"] {
            Value::Array(several) => several.iter().any(|one| one.as_str() == Some(&self.config.client_id)),
            one => one.as_str() == Some(&self.config.client_id),
        };
        if !is_ours || claims.get("azp").is_some_and(|azp| azp.as_str() != Some(&self.config.client_id)) {
            return Err("the id token is for somebody else".into());
        }
        if claims["exp"].as_i64().is_none_or(|exp| exp <= now_ms / 1000 - SKEW_S) {
            return Err("the id token is too old".into());
        }
        if text("nonce") != nonce {
            return Err("the id token answers another question".into());
        }
        let subject = text("sub");
        if subject.is_empty() || subject.len() > 255 {
            return Err("the id token names nobody".into());
        }
        let email: String = text("email").chars().filter(|c| !c.is_control()).take(254).collect();
        Ok(Identity { subject: subject.to_owned(), email })
    }
}

fn lost(fault: OutFault) -> GrantFault {
    match fault {
        OutFault::NotSent(why) | OutFault::Lost(why) => GrantFault::Later(why),
    }
}

fn read(answer: &Answer) -> Result<Granted, GrantFault> {
    // The body may hold tokens: nothing of it is told.
    let unreadable = || GrantFault::Later("Google accepted the call, but its answer could not be read".into());
    let body: Value = serde_json::from_slice(&answer.body).map_err(|_| unreadable())?;
    let text = |name: &str| body[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    Ok(Granted {
        access: text("access_token").map(SecretString::from).ok_or_else(unreadable)?,
        refresh: text("refresh_token").map(SecretString::from),
        expires_in_s: body["expires_in"].as_i64().filter(|life| *life > 0).unwrap_or(EXPIRES_IN_S),
        scopes: text("scope"),
        ends_in_s: body["refresh_token_expires_in"].as_i64().filter(|life| *life > 0),
        id_token: text("id_token").map(SecretString::from),
    })
}

fn error_word(answer: &Answer) -> String {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    body["error"].as_str().unwrap_or_default().to_owned()
}

/// What a refusal of the token endpoint means (§1.5): by its word alone, the description is prose.
fn fault(answer: &Answer) -> GrantFault {
    let error = error_word(answer);
    let why: String = format!("HTTP {} {error}", answer.status).chars().take(WHY_CHARS).collect();
    match (answer.status, error.as_str()) {
        (_, "invalid_grant" | "invalid_rapt") => GrantFault::Dead(why),
        (429 | 500..=599, _) => GrantFault::Later(why),
        (
            _,
            "invalid_client"
            | "redirect_uri_mismatch"
            | "unauthorized_client"
            | "unsupported_grant_type"
            | "invalid_request"
            | "invalid_scope"
            | "deleted_client",
        )
        | (401 | 403 | 404, _) => GrantFault::Misconfigured(why),
        _ => GrantFault::Later(why),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, headers: HeaderMap::new(), body: body.to_owned().into() }
    }

    #[test]
    fn what_a_refusal_means_is_read_from_its_word() {
        let rows = [
            (400, r#"{"error":"invalid_grant","error_description":"Token has been expired or revoked."}"#, "dead"),
            (403, r#"{"error":"invalid_rapt"}"#, "dead"),
            (401, r#"{"error":"invalid_client"}"#, "misconfigured"),
            (400, r#"{"error":"redirect_uri_mismatch"}"#, "misconfigured"),
            (400, r#"{"error":"invalid_request"}"#, "misconfigured"),
            (404, "<html>", "misconfigured"),
            (400, "<html>", "later"),
            (429, "", "later"),
            (502, "<html>bad gateway</html>", "later"),
            (302, "", "later"),
        ];
        for (status, body, wanted) in rows {
            let got = match fault(&answer(status, body)) {
                GrantFault::Dead(_) => "dead",
                GrantFault::Misconfigured(_) => "misconfigured",
                GrantFault::Later(_) => "later",
            };
            assert_eq!(got, wanted, "{status} {body}");
        }
    }

    #[test]
    fn an_answer_without_a_token_is_none_and_says_nothing_of_what_it_held() {
        let said = read(&answer(200, r#"{"refresh_token":"1//0gcanary"}"#)).unwrap_err();
        assert!(matches!(&said, GrantFault::Later(why) if !why.contains("canary")), "{said}");
        let granted =
            read(&answer(200, r#"{"access_token":"ya29.a","expires_in":3599,"refresh_token_expires_in":604799}"#))
                .unwrap();
        assert_eq!((granted.expires_in_s, granted.ends_in_s, granted.refresh.is_none()), (3_599, Some(604_799), true));
        assert!(!format!("{granted:?}").contains("ya29"));
    }
}
