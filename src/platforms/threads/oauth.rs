//! Connecting an account (platforms/threads.md §1): a code for a short-lived token, that one for a long-lived one, which is its own refresh
//! token. There is no PKCE and no revocation. Where tokens are kept is not decided here.

use http::Method;
use http::header::AUTHORIZATION;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::Threads;
use super::wire::Debugged;
use crate::domain::purpose::{Purpose, Use};
use crate::http_out::bearer;
use crate::platforms::meta::{Asked, Data};
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
/// What they are for (§1, §3.3, §5, §6).
pub(super) const USES: [Use; 6] = [
    (WRITE_SCOPE, Purpose::Publish),
    ("threads_manage_replies", Purpose::Parts),
    ("threads_read_replies", Purpose::Confirm),
    ("threads_manage_insights", Purpose::Figures),
    ("threads_delete", Purpose::TakeDown),
    ("threads_basic", Purpose::Profile),
];

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
        let call = self.graph.out.request(Method::POST, self.graph.bare("/oauth/access_token")).form(&form);
        let short = self.graph.granted(call, Asked::Once).await?;
        let short = SecretString::from(short.access_token);
        let long = self.graph.lengthened(&self.lengthening(&short)).await?;
        let mut tokens = long.tokens(SCOPES.join(" "));
        if let Some(scopes) = self.granted_scopes(&tokens.access).await {
            tokens.scopes = scopes;
        }
        Ok(tokens)
    }

    /// §1.3.
    fn lengthening(&self, short: &SecretString) -> Url {
        let mut url = self.graph.bare("/access_token");
        url.query_pairs_mut()
            .append_pair("grant_type", "th_exchange_token")
            .append_pair("client_secret", self.config.client_secret.expose_secret())
            .append_pair("access_token", short.expose_secret());
        url
    }

    /// §1.4. The token that is refreshed lives on, so that a lost answer costs nothing: it is asked again.
    pub(super) async fn lengthen_again(&self, long: &SecretString) -> Result<Tokens, TokenFault> {
        let mut url = self.graph.bare("/refresh_access_token");
        url.query_pairs_mut()
            .append_pair("grant_type", "th_refresh_token")
            .append_pair("access_token", long.expose_secret());
        let granted = self.graph.granted(self.graph.out.request(Method::GET, url), Asked::AgainIfNeeded).await?;
        Ok(granted.tokens(SCOPES.join(" ")))
    }

    /// §1.5: an app that is known gets a token of its own, which is thrown away.
    pub(super) async fn ask_for_the_apps_token(&self) -> Result<(), TokenFault> {
        let form = [
            ("client_id", self.config.client_id.as_str()),
            ("client_secret", self.config.client_secret.expose_secret()),
            ("grant_type", "client_credentials"),
        ];
        let call = self.graph.out.request(Method::POST, self.graph.bare("/oauth/access_token")).form(&form);
        self.graph.answered(call, Asked::AgainIfNeeded).await.map(drop)
    }

    /// What the person allowed (§1.6). Only the debug call says it; without an answer what was asked for counts.
    async fn granted_scopes(&self, token: &SecretString) -> Option<String> {
        let mut url = self.graph.endpoint("/debug_token");
        url.query_pairs_mut().append_pair("input_token", token.expose_secret());
        let call = self.graph.out.request(Method::GET, url).header(AUTHORIZATION, bearer(token)?);
        let answer = self.graph.out.send(call).await.ok().filter(|answer| answer.status == 200)?;
        let debugged: Data<Debugged> = serde_json::from_slice(&answer.body).ok()?;
        let scopes = debugged.data.scopes;
        (!scopes.is_empty()).then(|| scopes.join(" "))
    }
}
