//! Connecting an account (platforms/linkedin.md §1): one code for one token of 60 days. A refresh token is for approved partners alone; everybody
//! else is sent through the consent again. There is no PKCE for web clients. Where tokens are kept is not decided here.

use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use url::Url;

use super::LinkedIn;
use super::wire::{Granted, Introspected, TokenProblem};
use crate::domain::purpose::{Purpose, Use};
use crate::http_out::{Answer, OutFault};
use crate::platforms::{TokenFault, Tokens};

/// The scope without which nothing can be posted (§1).
pub(super) const WRITE_SCOPE: &str = "w_member_social";
/// What scopes are for (§1, table). Reading is for approved partners alone.
pub(super) const USES: [Use; 5] = [
    (WRITE_SCOPE, Purpose::Publish),
    ("r_member_social", Purpose::Confirm),
    (WRITE_SCOPE, Purpose::TakeDown),
    ("openid", Purpose::Profile),
    ("profile", Purpose::Profile),
];
/// How long a token lives when LinkedIn does not say: 60 days (§1.3).
const EXPIRES_IN_S: i64 = 60 * 86_400;
/// No word of an error is longer.
const WORD_CHARS_MAX: usize = 60;
/// A token that nobody ever had: what LinkedIn says of it tells whether it knows who asks.
const UNKNOWN_TOKEN: &str = "socrazi-doctor-asks-whether-the-app-is-known";

impl LinkedIn {
    pub(super) fn consent_url(&self, redirect: &Url, state: &str) -> Url {
        let mut url = self.config.auth_url.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.config.client_id)
            .append_pair("redirect_uri", redirect.as_str())
            .append_pair("state", state)
            .append_pair("scope", &self.config.scopes);
        // §1.1: between scopes stands %20. A plus that means itself is written %2B.
        let query = url.query().unwrap_or_default().replace('+', "%20");
        url.set_query(Some(&query));
        url
    }

    pub(super) async fn exchange_code(&self, code: &str, redirect: &Url) -> Result<Tokens, TokenFault> {
        let form = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect.as_str())];
        Ok(self.tokens(self.token_call("accessToken", &form, Asked::Once).await?))
    }

    /// §1.3. The refresh token lives on, so that a lost answer costs nothing.
    pub(super) async fn lengthen(&self, refresh: &SecretString) -> Result<Tokens, TokenFault> {
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.expose_secret())];
        let mut tokens = self.tokens(self.token_call("accessToken", &form, Asked::AgainIfNeeded).await?);
        tokens.refresh = tokens.refresh.or_else(|| Some(refresh.clone()));
        Ok(tokens)
    }

    /// §1.4: revoking is not documented well, so it counts only when LinkedIn then says itself that the token is dead.
    pub(super) async fn end(&self, token: &SecretString) -> Result<(), TokenFault> {
        let form = [("token", token.expose_secret())];
        let answer = self.form_call("revoke", &form, Asked::AgainIfNeeded).await?;
        if answer.status != 200 {
            match token_fault(&answer, Asked::AgainIfNeeded) {
                // Dead already, or the call was not understood: LinkedIn says below which.
                TokenFault::Dead(_) => {}
                fault @ (TokenFault::Misconfigured(_) | TokenFault::Unknown(_) | TokenFault::NotSent(_)) => {
                    return Err(fault);
                }
            }
        }
        match self.token_call::<Introspected>("introspectToken", &form, Asked::AgainIfNeeded).await? {
            Introspected { active: false } => Ok(()),
            Introspected { active: true } => {
                Err(TokenFault::Unknown("LinkedIn says that the token is still good".to_owned()))
            }
        }
    }

    /// Whether LinkedIn knows the app: whoever it does not know learns nothing about tokens (§1.4).
    pub(super) async fn ask_about_a_token(&self) -> Result<(), TokenFault> {
        let form = [("token", UNKNOWN_TOKEN)];
        let answer = self.form_call("introspectToken", &form, Asked::AgainIfNeeded).await?;
        match token_fault(&answer, Asked::AgainIfNeeded) {
            _ if answer.status == 200 => Ok(()),
            TokenFault::Dead(_) => Ok(()),
            fault @ (TokenFault::Misconfigured(_) | TokenFault::Unknown(_) | TokenFault::NotSent(_)) => Err(fault),
        }
    }

    fn tokens(&self, granted: Granted) -> Tokens {
        // §1.2: commas or spaces.
        let scopes = granted.scope.unwrap_or_else(|| self.config.scopes.clone());
        let scopes: Vec<&str> = scopes.split([' ', ',']).filter(|scope| !scope.is_empty()).collect();
        Tokens {
            access: SecretString::from(granted.access_token),
            refresh: granted.refresh_token.filter(|token| !token.is_empty()).map(SecretString::from),
            expires_in_s: granted.expires_in.filter(|life| *life > 0).unwrap_or(EXPIRES_IN_S),
            ends_in_s: granted.refresh_token_expires_in.filter(|life| *life > 0),
            scopes: scopes.join(" "),
        }
    }

    async fn token_call<T: DeserializeOwned>(
        &self,
        name: &str,
        form: &[(&str, &str)],
        asked: Asked,
    ) -> Result<T, TokenFault> {
        let answer = self.form_call(name, form, asked).await?;
        if answer.status != 200 {
            return Err(token_fault(&answer, asked));
        }
        // The body may hold a token: not kept.
        serde_json::from_slice(&answer.body)
            .map_err(|_| asked.unclear("LinkedIn accepted the call, but its answer could not be read".to_owned()))
    }

    /// §1.2: the app's credentials go in the body.
    async fn form_call(&self, name: &str, form: &[(&str, &str)], asked: Asked) -> Result<Answer, TokenFault> {
        let app = [
            ("client_id", self.config.client_id.as_str()),
            ("client_secret", self.config.client_secret.expose_secret()),
        ];
        let form = [form, &app[..]].concat();
        let url = self.oauth_url(name);
        self.out.send(self.out.request(Method::POST, url).form(&form)).await.map_err(|fault| match fault {
            OutFault::NotSent(why) => TokenFault::NotSent(why),
            OutFault::Lost(why) => asked.unclear(why),
        })
    }

    /// Beside the page of the consent: LinkedIn's tokens are made on the host where it is given, not on that of the API.
    fn oauth_url(&self, name: &str) -> Url {
        let mut url = self.config.auth_url.clone();
        if let Ok(mut parts) = url.path_segments_mut() {
            parts.pop_if_empty().pop().push(name);
        }
        url.set_query(None);
        url
    }
}

/// Whether a token call spends what it is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// A code works once.
    Once,
    /// A token stays what it was.
    AgainIfNeeded,
}

impl Asked {
    fn unclear(self, why: String) -> TokenFault {
        match self {
            Self::Once => TokenFault::Unknown(why),
            Self::AgainIfNeeded => TokenFault::NotSent(why),
        }
    }
}

/// What an answer other than 200 to a token call means (§1, table). The words that LinkedIn adds may repeat what was asked with: not kept.
fn token_fault(answer: &Answer, asked: Asked) -> TokenFault {
    let problem: TokenProblem = serde_json::from_slice(&answer.body).unwrap_or_default();
    let error: String = problem.error.chars().take(WORD_CHARS_MAX).collect();
    let why = format!("HTTP {} {error}", answer.status);
    match (answer.status, error.as_str()) {
        (429, _) => TokenFault::NotSent(why),
        (
            400..=499,
            "invalid_client"
            | "unauthorized_client"
            | "unsupported_grant_type"
            | "invalid_redirect_uri"
            | "access_denied",
        ) => TokenFault::Misconfigured(why),
        // The code or the refresh token will never work (again).
        (400 | 401, "invalid_request" | "invalid_grant") => TokenFault::Dead(why),
        (401, _) => TokenFault::Misconfigured(why),
        _ => asked.unclear(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;

    #[test]
    fn token_faults() {
        let error = |word: &str| format!(r#"{{"error":"{word}","error_description":"canary AQTcode was refused"}}"#);
        let rows = [
            (400, error("invalid_request"), "dead", "dead"),
            (400, error("invalid_grant"), "dead", "dead"),
            (401, error("invalid_client"), "misconfigured", "misconfigured"),
            (401, String::new(), "misconfigured", "misconfigured"),
            (400, error("invalid_redirect_uri"), "misconfigured", "misconfigured"),
            (400, error("something_new"), "unknown", "not sent"),
            (400, "<html>".into(), "unknown", "not sent"),
            (403, "<html>".into(), "unknown", "not sent"),
            (429, String::new(), "not sent", "not sent"),
            (500, error("server_error"), "unknown", "not sent"),
            (503, "<html>".into(), "unknown", "not sent"),
        ];
        let word = |fault: &TokenFault| match fault {
            TokenFault::Dead(_) => "dead",
            TokenFault::Misconfigured(_) => "misconfigured",
            TokenFault::Unknown(_) => "unknown",
            TokenFault::NotSent(_) => "not sent",
        };
        for (status, body, once, again) in rows {
            let answer = Answer { status, headers: HeaderMap::new(), body: body.clone().into() };
            let (first, second) = (token_fault(&answer, Asked::Once), token_fault(&answer, Asked::AgainIfNeeded));
            assert_eq!((word(&first), word(&second)), (once, again), "{status} {body}");
            assert!(!first.to_string().contains("canary"), "{first}");
        }
    }
}
