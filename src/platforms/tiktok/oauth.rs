//! Connecting an account (platforms/tiktok.md §1): a code for a pair, of which each refresh spends the older one. A web app needs no PKCE; a desktop
//! app, the only one that may lead back to this machine, has a scheme of its own. Where tokens are kept is not decided here.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::TikTok;
use super::wire::Granted;
use crate::domain::purpose::{Purpose, Use};
use crate::http_out::{Answer, OutFault, is_here};
use crate::platforms::{TokenFault, Tokens};

/// The scope without which nothing can be posted (§1.5).
pub(super) const WRITE_SCOPE: &str = "video.publish";
/// What scopes are for (§1.5).
pub(super) const USES: [Use; 6] = [
    (WRITE_SCOPE, Purpose::Publish),
    ("video.upload", Purpose::Inbox),
    ("video.list", Purpose::Figures),
    ("user.info.stats", Purpose::Followers),
    ("user.info.basic", Purpose::Profile),
    ("user.info.profile", Purpose::Profile),
];
/// How long an access token lives when TikTok does not say: two hours, the shortest that it ever said (§1.2).
const EXPIRES_IN_S: i64 = 7_200;
/// No word of an error is longer.
const WORD_CHARS_MAX: usize = 60;

impl TikTok {
    pub(super) fn consent_url(&self, redirect: &Url, state: &str, challenge: &str) -> Url {
        let mut url = self.config.auth_url.clone();
        let scopes = self.config.scopes.replace(' ', ",");
        url.query_pairs_mut()
            .append_pair("client_key", &self.config.client_key)
            .append_pair("response_type", "code")
            .append_pair("scope", &scopes)
            .append_pair("redirect_uri", redirect.as_str())
            .append_pair("state", state)
            // Whoever is signed in there would be connected unasked, and never a second account.
            .append_pair("disable_auto_auth", "1");
        if let Some(challenge) = hexadecimal(challenge).filter(|_| is_here(redirect)) {
            url.query_pairs_mut()
                .append_pair("code_challenge", &challenge)
                .append_pair("code_challenge_method", "S256");
        }
        url
    }

    pub(super) async fn exchange_code(
        &self,
        code: &str,
        verifier: &SecretString,
        redirect: &Url,
    ) -> Result<Tokens, TokenFault> {
        let mut form = vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect.as_str())];
        if is_here(redirect) {
            form.push(("code_verifier", verifier.expose_secret()));
        }
        self.tokens(&self.form_call("token", &form).await?)
    }

    /// §1.2. The refresh token that is sent is dead at once, whether or not the answer arrives.
    pub(super) async fn rotate(&self, refresh: &SecretString) -> Result<Tokens, TokenFault> {
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.expose_secret())];
        self.tokens(&self.form_call("token", &form).await?)
    }

    /// §1.3: only an access token that lives can end its grant. One that has ended is told from a refresh token by using it as one: then it
    /// gives a pair that can.
    pub(super) async fn end(&self, token: &SecretString) -> Result<(), TokenFault> {
        let Err(fault) = self.revoked(token).await else { return Ok(()) };
        match fault {
            TokenFault::Dead(_) => match self.rotate(token).await {
                Ok(pair) => self.revoked(&pair.access).await,
                // Neither is known there any more.
                Err(TokenFault::Dead(_)) => Ok(()),
                Err(fault @ (TokenFault::Misconfigured(_) | TokenFault::Unknown(_) | TokenFault::NotSent(_))) => {
                    Err(fault)
                }
            },
            TokenFault::Misconfigured(_) | TokenFault::Unknown(_) | TokenFault::NotSent(_) => Err(fault),
        }
    }

    async fn revoked(&self, access: &SecretString) -> Result<(), TokenFault> {
        let answer = self.form_call("revoke", &[("token", access.expose_secret())]).await?;
        // §1.3: nothing, or an object that names no error.
        let said: Option<Granted> = serde_json::from_slice(&answer.body).ok();
        let is_fine = answer.status == 200 && said.is_none_or(|said| said.error.is_empty());
        let is_fine = is_fine && (answer.body.is_empty() || answer.body.starts_with(b"{"));
        if is_fine { Ok(()) } else { Err(token_fault(&answer)) }
    }

    /// §1.2: what is in the body counts, whatever the status.
    fn tokens(&self, answer: &Answer) -> Result<Tokens, TokenFault> {
        let granted: Granted = serde_json::from_slice(&answer.body).map_err(|_| token_fault(answer))?;
        let Granted { access_token, expires_in, refresh_token, refresh_expires_in, scope, error } = granted;
        if !error.is_empty() || access_token.is_empty() || !(200..300).contains(&answer.status) {
            return Err(token_fault(answer));
        }
        let scopes = if scope.is_empty() { self.config.scopes.clone() } else { scope };
        let scopes: Vec<&str> = scopes.split([',', ' ']).filter(|scope| !scope.is_empty()).collect();
        Ok(Tokens {
            access: SecretString::from(access_token),
            refresh: Some(refresh_token).filter(|token| !token.is_empty()).map(SecretString::from),
            expires_in_s: if expires_in > 0 { expires_in } else { EXPIRES_IN_S },
            ends_in_s: Some(refresh_expires_in).filter(|life| *life > 0),
            scopes: scopes.join(" "),
        })
    }

    async fn form_call(&self, name: &str, form: &[(&str, &str)]) -> Result<Answer, TokenFault> {
        let app = [
            ("client_key", self.config.client_key.as_str()),
            ("client_secret", self.config.client_secret.expose_secret()),
        ];
        let form = [app.as_slice(), form].concat();
        // The slash at the end matters (§1.2).
        let call = self.out.request(Method::POST, self.endpoint(&format!("/v2/oauth/{name}/"))).form(&form);
        self.out.send(call).await.map_err(|fault| match fault {
            OutFault::NotSent(why) => TokenFault::NotSent(why),
            OutFault::Lost(why) => TokenFault::Unknown(why),
        })
    }
}

/// §1.4: not the challenge of RFC 7636, but the same digest in lower-case hexadecimal.
fn hexadecimal(challenge: &str) -> Option<String> {
    let digest = URL_SAFE_NO_PAD.decode(challenge).ok()?;
    Some(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What a refusal of a token call means (§1.2, table), whatever its status. The words that TikTok adds may repeat what was asked with: not kept.
fn token_fault(answer: &Answer) -> TokenFault {
    let said: Granted = serde_json::from_slice(&answer.body).unwrap_or_default();
    let error: String = said.error.chars().take(WORD_CHARS_MAX).collect();
    let why = format!("HTTP {} {error}", answer.status);
    match (answer.status, error.as_str()) {
        (_, "invalid_grant" | "invalid_request" | "access_denied") => TokenFault::Dead(why),
        (_, "invalid_client" | "unauthorized_client" | "unsupported_grant_type" | "invalid_scope") => {
            TokenFault::Misconfigured(why)
        }
        (429, _) | (_, "temporarily_unavailable" | "rate_limit_exceeded") => TokenFault::NotSent(why),
        // Whether it acted before it failed is not said.
        _ => TokenFault::Unknown(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;

    #[test]
    fn token_faults_are_told_by_the_body_alone() {
        let error =
            |word: &str| format!(r#"{{"error":"{word}","error_description":"canary rft.token","log_id":"2026"}}"#);
        let rows = [
            (error("invalid_grant"), "dead"),
            (error("invalid_request"), "dead"),
            (error("access_denied"), "dead"),
            (error("invalid_client"), "misconfigured"),
            (error("unauthorized_client"), "misconfigured"),
            (error("invalid_scope"), "misconfigured"),
            (error("temporarily_unavailable"), "not sent"),
            (error("server_error"), "unknown"),
            (error("something_new"), "unknown"),
            ("<html>".to_owned(), "unknown"),
            (String::new(), "unknown"),
        ];
        for (body, expected) in rows {
            for status in [200, 400, 401, 500] {
                let fault = token_fault(&Answer { status, headers: HeaderMap::new(), body: body.clone().into() });
                let word = match &fault {
                    TokenFault::Dead(_) => "dead",
                    TokenFault::Misconfigured(_) => "misconfigured",
                    TokenFault::Unknown(_) => "unknown",
                    TokenFault::NotSent(_) => "not sent",
                };
                assert_eq!(word, expected, "{status} {body}");
                assert!(!fault.to_string().contains("canary"), "{fault}");
            }
        }
    }

    #[test]
    fn the_challenge_is_tiktok_s_own() {
        let standard = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        let expected = "13d31e961a1ad8ec2f16b10c4c982e0876a878ad6df144566ee1894acb70f9c3";
        assert_eq!(hexadecimal(standard).as_deref(), Some(expected));
        assert_eq!(hexadecimal("?"), None);
    }
}
