//! Tokens of Meta's networks: a short-lived one is exchanged for a long-lived one, which is its own refresh token and lives on when it is
//! refreshed. Which calls those are, and what is granted, each network says itself.

use http::Method;
use secrecy::SecretString;
use url::Url;

use super::graph::Graph;
use super::said::problem;
use super::wire::Granted;
use crate::http_out::{Answer, OutFault};
use crate::platforms::{TokenFault, Tokens};

/// How long a long-lived token lives when the network does not say: 60 days.
const EXPIRES_IN_S: i64 = 60 * 86_400;
/// How much of the network's own words is kept for the log.
const WHY_CHARS: usize = 200;
/// No token, code or secret of Meta's is shorter.
const SECRET_CHARS_MIN: usize = 16;
/// A short-lived token may be exchanged again when the answer was lost; the code may not.
const LENGTHEN_TRIES: usize = 3;

/// Whether a token call spends what it is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::platforms) enum Asked {
    /// A code works once.
    Once,
    /// A token stays what it was.
    AgainIfNeeded,
}

impl Asked {
    /// What an answer is that says nothing either way.
    fn unclear(self, why: String) -> TokenFault {
        match self {
            Self::Once => TokenFault::Unknown(why),
            Self::AgainIfNeeded => TokenFault::NotSent(why),
        }
    }
}

impl Graph {
    /// Makes a token call; its answer is a 200, whose body may hold a token and is not kept.
    pub(in crate::platforms) async fn answered(
        &self,
        call: reqwest::RequestBuilder,
        asked: Asked,
    ) -> Result<Answer, TokenFault> {
        let answer = self.out.send(call).await.map_err(|fault| match (fault, asked) {
            (OutFault::NotSent(why), _) | (OutFault::Lost(why), Asked::AgainIfNeeded) => TokenFault::NotSent(why),
            (OutFault::Lost(why), Asked::Once) => TokenFault::Unknown(why),
        })?;
        if answer.status == 200 { Ok(answer) } else { Err(token_fault(&answer, asked)) }
    }

    /// Makes a token call and reads the token.
    pub(in crate::platforms) async fn granted(
        &self,
        call: reqwest::RequestBuilder,
        asked: Asked,
    ) -> Result<Granted, TokenFault> {
        let answer = self.answered(call, asked).await?;
        serde_json::from_slice(&answer.body).map_err(|_| asked.unread())
    }

    /// The long-lived token that an address gives for a short-lived one: asked again where no answer came.
    pub(in crate::platforms) async fn lengthened(&self, address: &Url) -> Result<Granted, TokenFault> {
        let mut tries = 0;
        loop {
            tries += 1;
            let call = self.out.request(Method::GET, address.clone());
            match self.granted(call, Asked::AgainIfNeeded).await {
                Err(TokenFault::Unknown(_) | TokenFault::NotSent(_)) if tries < LENGTHEN_TRIES => {}
                ended => return ended,
            }
        }
    }
}

impl Asked {
    /// A 200 that could not be read.
    pub(in crate::platforms) fn unread(self) -> TokenFault {
        self.unclear("the call was accepted, but its answer could not be read".to_owned())
    }
}

impl Granted {
    /// The token as both of a pair.
    pub(in crate::platforms) fn tokens(self, scopes: String) -> Tokens {
        let access = SecretString::from(self.access_token);
        let expires_in_s = self.expires_in.filter(|life| *life > 0).unwrap_or(EXPIRES_IN_S);
        // It is its own refresh token: what is not renewed by its end never will be.
        Tokens { refresh: Some(access.clone()), access, expires_in_s, ends_in_s: Some(expires_in_s), scopes }
    }
}

/// What an answer other than 200 to a token call means.
fn token_fault(answer: &Answer, asked: Asked) -> TokenFault {
    let (status, body) = (answer.status, &answer.body);
    let Some((code, subcode, message)) = words_of(body) else {
        return asked.unclear(format!("HTTP {status}"));
    };
    // The words may repeat what was asked with; no word of a sentence is as long as a token.
    let words: Vec<_> = message.split_whitespace().filter(|word| word.len() < SECRET_CHARS_MIN).collect();
    let why: String = format!("HTTP {status} code {code} {}", words.join(" ")).chars().take(WHY_CHARS).collect();
    let says = |text: &str| message.to_lowercase().contains(text);
    match (code, subcode) {
        (4 | 17 | 32 | 613, _) => TokenFault::NotSent(why),
        (1 | 400, _) if says("client secret") => TokenFault::Misconfigured(why),
        _ if status >= 500 => asked.unclear(why),
        (1 | 2, _) => asked.unclear(why),
        // The redirect address is not the registered one, the app is not known, or it is the Facebook App ID.
        (100, 36_008) | (101 | 191 | 4_476_002, _) => TokenFault::Misconfigured(why),
        (100 | 400, _)
            if says("redirect_uri") || says("client_id") || says("client_secret") || says("platform app") =>
        {
            TokenFault::Misconfigured(why)
        }
        // 10: younger than a day and refused all the same, or the basic permission was taken back: only connecting again helps.
        (10 | 100 | 190 | 400 | 452, _) => TokenFault::Dead(why),
        // Nothing that a table names: an account is not given up for it.
        _ => asked.unclear(why),
    }
}

/// Code, subcode and words: in Graph's envelope, or flat as the exchange of a code on Instagram answers (instagram.md §1.2).
fn words_of(body: &[u8]) -> Option<(i64, i64, String)> {
    #[derive(serde::Deserialize)]
    struct Flat {
        code: i64,
        error_message: String,
    }
    if let Some(problem) = problem(body) {
        return Some((problem.code, problem.error_subcode, problem.message));
    }
    serde_json::from_slice::<Flat>(body).ok().map(|flat| (flat.code, 0, flat.error_message))
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
        let flat =
            |message: &str| format!(r#"{{"error_type":"OAuthException","code":400,"error_message":"{message}"}}"#);
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
            (400, flat("Invalid authorization code"), "dead", "dead"),
            (400, flat("Invalid platform app"), "misconfigured", "misconfigured"),
            (400, flat("Error validating client secret."), "misconfigured", "misconfigured"),
            (400, flat("make sure your redirect_uri is identical"), "misconfigured", "misconfigured"),
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
