//! Connecting an account (platforms/threads.md §1): a code for a short-lived token, that one for a long-lived one, which is its own refresh
//! token. There is no PKCE and no revocation. Where tokens are kept is not decided here.

use http::Method;
use http::header::AUTHORIZATION;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::Threads;
use super::classify::problem;
use super::wire::{Data, Debugged, Granted};
use crate::http_out::{Answer, OutFault, bearer};
use crate::platforms::{TokenFault, Tokens};

/// The scope without which nothing can be posted (§1).
pub(super) const WRITE_SCOPE: &str = "threads_content_publish";
/// What we ask for (§1); `threads_delete` for taking down (§3.3).
pub const SCOPES: [&str; 6] = [
    "threads_basic",
    WRITE_SCOPE,
    "threads_manage_insights",
    "threads_manage_replies",
    "threads_read_replies",
    "threads_delete",
];

/// How long a long-lived token lives when Threads does not say: 60 days (§1.3).
const EXPIRES_IN_S: i64 = 60 * 86_400;
/// How much of Threads' own words is kept for the log.
const WHY_CHARS: usize = 200;
/// No token, code or secret of Meta's is shorter.
const SECRET_CHARS_MIN: usize = 16;
/// A short-lived token may be exchanged again when the answer was lost; the code may not.
const LENGTHEN_TRIES: usize = 3;

impl Threads {
    pub(super) fn consent_url(&self, redirect: &Url, state: &str) -> Url {
        let mut url = self.config.auth_url.clone();
        url.query_pairs_mut()
            .append_pair("client_id", &self.config.client_id)
            .append_pair("redirect_uri", redirect.as_str())
            .append_pair("scope", &SCOPES.join(","))
            .append_pair("response_type", "code")
            .append_pair("state", state);
        url
    }

    pub(super) async fn exchange_code(&self, code: &str, redirect: &Url) -> Result<Tokens, TokenFault> {
        // §1.1: Meta puts `#_` behind its redirects, and some clients take it for the code's end.
        let code = code.strip_suffix("#_").unwrap_or(code);
        let form = [
            ("client_id", self.config.client_id.as_str()),
            ("client_secret", self.config.client_secret.expose_secret()),
            ("grant_type", "authorization_code"),
            ("redirect_uri", redirect.as_str()),
            ("code", code),
        ];
        let call = self.out.request(Method::POST, self.bare("/oauth/access_token")).form(&form);
        let short = self.granted(call, Asked::Once).await?;
        let short = SecretString::from(short.access_token);
        let mut long = self.lengthen(&short).await;
        for _ in 1..LENGTHEN_TRIES {
            if !matches!(long, Err(TokenFault::Unknown(_) | TokenFault::NotSent(_))) {
                break;
            }
            long = self.lengthen(&short).await;
        }
        let mut tokens = long?;
        if let Some(scopes) = self.granted_scopes(&tokens.access).await {
            tokens.scopes = scopes;
        }
        Ok(tokens)
    }

    /// §1.3.
    async fn lengthen(&self, short: &SecretString) -> Result<Tokens, TokenFault> {
        let mut url = self.bare("/access_token");
        url.query_pairs_mut()
            .append_pair("grant_type", "th_exchange_token")
            .append_pair("client_secret", self.config.client_secret.expose_secret())
            .append_pair("access_token", short.expose_secret());
        Ok(tokens(self.granted(self.out.request(Method::GET, url), Asked::AgainIfNeeded).await?))
    }

    /// §1.4. The token that is refreshed lives on, so that a lost answer costs nothing: it is asked again.
    pub(super) async fn lengthen_again(&self, long: &SecretString) -> Result<Tokens, TokenFault> {
        let mut url = self.bare("/refresh_access_token");
        url.query_pairs_mut()
            .append_pair("grant_type", "th_refresh_token")
            .append_pair("access_token", long.expose_secret());
        Ok(tokens(self.granted(self.out.request(Method::GET, url), Asked::AgainIfNeeded).await?))
    }

    /// §1.5: an app that is known gets a token of its own, which is thrown away.
    pub(super) async fn ask_for_the_apps_token(&self) -> Result<(), TokenFault> {
        let form = [
            ("client_id", self.config.client_id.as_str()),
            ("client_secret", self.config.client_secret.expose_secret()),
            ("grant_type", "client_credentials"),
        ];
        let call = self.out.request(Method::POST, self.bare("/oauth/access_token")).form(&form);
        self.granted(call, Asked::AgainIfNeeded).await.map(drop)
    }

    /// What the person allowed (§1.6). Only the debug call says it; without an answer what was asked for counts.
    async fn granted_scopes(&self, token: &SecretString) -> Option<String> {
        let mut url = self.endpoint("/debug_token");
        url.query_pairs_mut().append_pair("input_token", token.expose_secret());
        let call = self.out.request(Method::GET, url).header(AUTHORIZATION, bearer(token)?);
        let answer = self.out.send(call).await.ok().filter(|answer| answer.status == 200)?;
        let debugged: Data<Debugged> = serde_json::from_slice(&answer.body).ok()?;
        let scopes = debugged.data.scopes;
        (!scopes.is_empty()).then(|| scopes.join(" "))
    }

    async fn granted(&self, call: reqwest::RequestBuilder, asked: Asked) -> Result<Granted, TokenFault> {
        let answer = self.out.send(call).await.map_err(|fault| match (fault, asked) {
            (OutFault::NotSent(why), _) | (OutFault::Lost(why), Asked::AgainIfNeeded) => TokenFault::NotSent(why),
            (OutFault::Lost(why), Asked::Once) => TokenFault::Unknown(why),
        })?;
        if answer.status != 200 {
            return Err(token_fault(&answer, asked));
        }
        // The body may hold a token: not kept.
        serde_json::from_slice(&answer.body).map_err(|_| {
            let why = "Threads accepted the call, but its answer could not be read".to_owned();
            match asked {
                Asked::Once => TokenFault::Unknown(why),
                Asked::AgainIfNeeded => TokenFault::NotSent(why),
            }
        })
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

fn tokens(granted: Granted) -> Tokens {
    let access = SecretString::from(granted.access_token);
    Tokens {
        refresh: Some(access.clone()),
        access,
        expires_in_s: granted.expires_in.filter(|life| *life > 0).unwrap_or(EXPIRES_IN_S),
        scopes: SCOPES.join(" "),
    }
}

/// What an answer other than 200 to a token call means (§1, §4).
fn token_fault(answer: &Answer, asked: Asked) -> TokenFault {
    let unclear = |why: String| match asked {
        Asked::Once => TokenFault::Unknown(why),
        Asked::AgainIfNeeded => TokenFault::NotSent(why),
    };
    let Some(problem) = problem(&answer.body) else {
        return unclear(format!("HTTP {}", answer.status));
    };
    // The words may repeat what was asked with; no word of a sentence is as long as a token.
    let words: Vec<_> = problem.message.split_whitespace().filter(|word| word.len() < SECRET_CHARS_MIN).collect();
    let why = format!("HTTP {} code {} {}", answer.status, problem.code, words.join(" "));
    let why: String = why.chars().take(WHY_CHARS).collect();
    let says = |text: &str| problem.message.to_lowercase().contains(text);
    match (problem.code, problem.error_subcode) {
        (4 | 17 | 32 | 613, _) => TokenFault::NotSent(why),
        (1, _) if says("client secret") => TokenFault::Misconfigured(why),
        _ if answer.status >= 500 => unclear(why),
        (1 | 2, _) => unclear(why),
        // The redirect address is not the registered one, the app is not known, or it is the Facebook App ID.
        (100, 36_008) | (101 | 191 | 4_476_002, _) => TokenFault::Misconfigured(why),
        (100, _) if says("redirect_uri") || says("client_id") || says("client_secret") => {
            TokenFault::Misconfigured(why)
        }
        // 10: younger than a day and refused all the same, or `threads_basic` was taken back: only connecting again helps.
        (10 | 100 | 190 | 452, _) => TokenFault::Dead(why),
        // Nothing that a table names: an account is not given up for it.
        _ => unclear(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;

    #[test]
    fn token_faults() {
        let error = |code: i64, subcode: i64, message: &str| {
            format!(r#"{{"error":{{"message":"{message}","code":{code},"error_subcode":{subcode}}}}}"#)
        };
        let rows = [
            (400, error(100, 36_009, "This authorization code has been used."), "dead", "dead"),
            (400, error(100, 36_008, "make sure your redirect_uri is identical"), "misconfigured", "misconfigured"),
            (400, error(101, 0, "Error validating application."), "misconfigured", "misconfigured"),
            (400, error(1, 0, "Error validating client secret."), "misconfigured", "misconfigured"),
            (400, error(4_476_002, 0, "No app ID was sent"), "misconfigured", "misconfigured"),
            (401, error(190, 463, "Session has expired"), "dead", "dead"),
            (400, error(10, 0, "at least 24 hours old"), "dead", "dead"),
            (400, error(452, 0, "Session key invalid"), "dead", "dead"),
            (400, error(368, 0, "temporarily blocked"), "unknown", "not sent"),
            (400, error(4, 0, "limit reached"), "not sent", "not sent"),
            (400, error(2, 0, "try again"), "unknown", "not sent"),
            (500, error(1, 0, "x"), "unknown", "not sent"),
            (503, "<html>".into(), "unknown", "not sent"),
            (400, "<html>".into(), "unknown", "not sent"),
        ];
        let word = |fault| match fault {
            TokenFault::Dead(_) => "dead",
            TokenFault::Misconfigured(_) => "misconfigured",
            TokenFault::Unknown(_) => "unknown",
            TokenFault::NotSent(_) => "not sent",
        };
        for (status, body, once, again) in rows {
            let answer = Answer { status, headers: HeaderMap::new(), body: body.clone().into() };
            let got = (word(token_fault(&answer, Asked::Once)), word(token_fault(&answer, Asked::AgainIfNeeded)));
            assert_eq!(got, (once, again), "{status} {body}");
        }
        let body = error(190, 0, "Error validating access token THAAcanary-0123456789");
        let fault = token_fault(&Answer { status: 401, headers: HeaderMap::new(), body: body.into() }, Asked::Once);
        assert_eq!(fault, TokenFault::Dead("HTTP 401 code 190 Error validating access token".into()));
    }
}
