//! Connecting an account by Instagram Login (platforms/instagram.md §1): a code for a short-lived token, that one for a long-lived one, which is
//! its own refresh token. There is no PKCE and no revocation. Where tokens are kept is not decided here.

use http::Method;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::Instagram;
use super::wire::Exchanged;
use crate::domain::purpose::{Purpose, Use};
use crate::platforms::meta::{Asked, at};
use crate::platforms::{TokenFault, Tokens};

/// The scope without which nothing can be posted (§1).
pub(super) const WRITE_SCOPE: &str = "instagram_business_content_publish";
/// What we ask for (§1): comments for the first one under a post. What would take posts down is not documented for this login (§3.3), and a
/// scope that Meta does not know fails the whole consent: the operator names it once there is one.
pub const SCOPES: [&str; 4] = [
    "instagram_business_basic",
    WRITE_SCOPE,
    "instagram_business_manage_insights",
    "instagram_business_manage_comments",
];
/// What they are for (§1, §6, §7). Taking down takes what the operator names, and only where they do.
pub(super) const USES: [Use; 4] = [
    (WRITE_SCOPE, Purpose::Publish),
    ("instagram_business_manage_comments", Purpose::FirstComment),
    ("instagram_business_manage_insights", Purpose::Figures),
    ("instagram_business_basic", Purpose::Profile),
];
/// A code that nobody ever had.
const MADE_UP: &str = "socrazi-doctor-asks-whether-the-app-is-known";

impl Instagram {
    pub(super) fn asked(&self) -> Vec<&str> {
        SCOPES.into_iter().chain(self.config.delete_scope.as_deref()).collect()
    }

    pub(super) fn consent_url(&self, redirect: &Url, state: &str) -> Url {
        let mut url = self.config.auth_url.clone();
        url.query_pairs_mut()
            .append_pair("client_id", &self.config.client_id)
            .append_pair("redirect_uri", redirect.as_str())
            .append_pair("response_type", "code")
            .append_pair("scope", &self.asked().join(","))
            .append_pair("state", state);
        url
    }

    fn exchange_call(&self, code: &str, redirect: &str) -> reqwest::RequestBuilder {
        let form = [
            ("client_id", self.config.client_id.as_str()),
            ("client_secret", self.config.client_secret.expose_secret()),
            ("grant_type", "authorization_code"),
            ("redirect_uri", redirect),
            ("code", code),
        ];
        self.graph.out.request(Method::POST, at(&self.config.api_url, "/oauth/access_token")).form(&form)
    }

    pub(super) async fn exchange_code(&self, code: &str, redirect: &Url) -> Result<Tokens, TokenFault> {
        // §1.1: Meta puts `#_` behind its redirects, and some clients take it for the code's end.
        let code = code.strip_suffix("#_").unwrap_or(code);
        let answer = self.graph.answered(self.exchange_call(code, redirect.as_str()), Asked::Once).await?;
        let short = serde_json::from_slice::<Exchanged>(&answer.body).ok().and_then(Exchanged::token);
        let short = short.ok_or_else(|| Asked::Once.unread())?;
        let scopes = short.permissions.scopes();
        // What was asked for counts where Instagram does not say what was granted.
        let scopes = if scopes.is_empty() { self.asked().join(" ") } else { scopes };
        let short = SecretString::from(short.access_token);
        Ok(self.graph.lengthened(&self.lengthening(&short)).await?.tokens(scopes))
    }

    /// §1.3.
    fn lengthening(&self, short: &SecretString) -> Url {
        let mut url = self.graph.bare("/access_token");
        url.query_pairs_mut()
            .append_pair("grant_type", "ig_exchange_token")
            .append_pair("client_secret", self.config.client_secret.expose_secret())
            .append_pair("access_token", short.expose_secret());
        url
    }

    /// §1.4. That the refreshed token lives on is not said; it is what Threads' does, and a lost answer leaves nothing else to ask with.
    pub(super) async fn lengthen_again(&self, long: &SecretString) -> Result<Tokens, TokenFault> {
        let mut url = self.graph.bare("/refresh_access_token");
        url.query_pairs_mut()
            .append_pair("grant_type", "ig_refresh_token")
            .append_pair("access_token", long.expose_secret());
        let granted = self.graph.granted(self.graph.out.request(Method::GET, url), Asked::AgainIfNeeded).await?;
        Ok(granted.tokens(self.asked().join(" ")))
    }

    /// There is no token of the app's own here: a code that nobody had is refused either way, and the refusal says whether it was for the app.
    pub(super) async fn ask_with_a_made_up_code(&self) -> Result<(), TokenFault> {
        let asked = self.graph.answered(self.exchange_call(MADE_UP, "https://localhost/"), Asked::AgainIfNeeded).await;
        match asked {
            Ok(_) | Err(TokenFault::Dead(_)) => Ok(()),
            // The made-up address is not registered: that says nothing against the app.
            Err(TokenFault::Misconfigured(why)) if why.contains("redirect") => Ok(()),
            Err(fault @ (TokenFault::Misconfigured(_) | TokenFault::Unknown(_) | TokenFault::NotSent(_))) => Err(fault),
        }
    }
}
