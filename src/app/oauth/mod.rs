//! The door `authorize_client`: our own OAuth 2.1 authorization server (MCP.md §2). What it says of itself is here; `clients.rs` is who may
//! ask, `consent.rs` what a person is asked and what their answer makes, `tokens.rs` what programs get for it, `apps.rs` what people see of it
//! afterwards. Every address is made from `server.public_url`, never from a request.

use serde_json::{Value, json};

use super::App;
use crate::domain::oauth::{Scope, Scopes};
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::store::StoreError;
pub use crate::store::oauth_clients::ClientKind;
pub use crate::store::oauth_consents::LetInBefore;

mod apps;
mod clients;
mod consent;
mod outside;
mod peers;
mod reached;
mod tokens;

pub use apps::ConnectedApp;
pub use clients::Preset;
pub use consent::{Agreed, AskFault, ConsentAsked};
pub(super) use outside::OutsideKeys;
pub(super) use peers::Places;
pub use reached::{PROBE_END, PROBE_PATH, PROBED, Reached};
pub use tokens::Bearer;

/// Why a program gets no for an answer, in the words that its protocol has for it (RFC 6749 §5.2, RFC 7591 §3.2.2, RFC 8707 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultWord {
    /// Something is missing, twice or unreadable.
    InvalidRequest,
    /// Nobody knows this program, or it did not prove to be it.
    InvalidClient,
    /// A code or refresh token that gives nothing (any more).
    InvalidGrant,
    /// The program may not do this.
    UnauthorizedClient,
    /// Neither a code nor a refresh token.
    UnsupportedGrantType,
    /// Anything but a code was asked for.
    UnsupportedResponseType,
    /// More than the person let it do.
    InvalidScope,
    /// For another server than this one.
    InvalidTarget,
    /// An address that nobody is sent back to.
    InvalidRedirectUri,
    /// Something else that a program says of itself cannot be.
    InvalidClientMetadata,
    /// Too many at once.
    SlowDown,
    /// The person said no.
    AccessDenied,
    /// Our own fault.
    ServerError,
}

impl FaultWord {
    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::InvalidRedirectUri => "invalid_redirect_uri",
            Self::InvalidClientMetadata => "invalid_client_metadata",
            Self::SlowDown => "temporarily_unavailable",
            Self::AccessDenied => "access_denied",
            Self::ServerError => "server_error",
        }
    }
}

/// A no to a program, with a sentence for whoever builds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OauthFault {
    /// The protocol's word.
    pub word: FaultWord,
    /// What to do about it.
    pub what: Sentence,
}

impl OauthFault {
    fn new(word: FaultWord, what: Sentence) -> Self {
        Self { word, what }
    }
}

impl From<StoreError> for OauthFault {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = %error, "the authorization server failed");
        Self::new(FaultWord::ServerError, crate::say!("common-failed"))
    }
}

impl From<ToolError> for OauthFault {
    fn from(error: ToolError) -> Self {
        match error {
            ToolError::Refused(what) => Self::new(FaultWord::InvalidRequest, what),
            ToolError::Failed(why) => {
                tracing::error!(error = %why, "the authorization server failed");
                Self::new(FaultWord::ServerError, crate::say!("common-failed"))
            }
        }
    }
}

impl App {
    /// The issuer: `server.public_url` without a slash at its end, the same wherever it stands (RFC 8414 §2, RFC 9207).
    #[must_use]
    pub fn oauth_issuer(&self) -> &str {
        self.config.public_url.as_str().trim_end_matches('/')
    }

    /// The one server that tokens are for (RFC 8707), without a slash at its end.
    #[must_use]
    pub fn oauth_resource(&self) -> String {
        format!("{}/mcp", self.oauth_issuer())
    }

    /// Where a client finds out whom to ask for a token (RFC 9728 §5.1).
    #[must_use]
    pub fn oauth_resource_metadata_url(&self) -> String {
        format!("{}/.well-known/oauth-protected-resource/mcp", self.oauth_issuer())
    }

    /// What the authorization server says of itself (RFC 8414). Without `code_challenge_methods_supported` clients refuse; `none` is what
    /// makes some choose a client ID metadata document (MCP.md §2).
    #[must_use]
    pub fn oauth_metadata(&self) -> Value {
        let issuer = self.oauth_issuer();
        let at = |name: &str| format!("{issuer}/oauth/{name}");
        let methods = ["none", "client_secret_basic", "client_secret_post"];
        json!({
            "issuer": issuer,
            "authorization_endpoint": at("authorize"),
            "token_endpoint": at("token"),
            "registration_endpoint": at("register"),
            "revocation_endpoint": at("revoke"),
            "scopes_supported": Scope::ALL.map(Scope::word),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_methods_supported": methods,
            "authorization_response_iss_parameter_supported": true,
            "client_id_metadata_document_supported": true,
            "ui_locales_supported": ["en", "ja"],
            "op_policy_uri": format!("{issuer}/privacy"),
            "op_tos_uri": format!("{issuer}/terms"),
        })
    }

    /// What `/mcp` says of itself (RFC 9728): whom to ask, and the least that is of use.
    #[must_use]
    pub fn oauth_resource_metadata(&self) -> Value {
        json!({
            "resource": self.oauth_resource(),
            "authorization_servers": [self.config.oidc.as_ref().map_or(self.oauth_issuer(), |outside| &outside.issuer)],
            "scopes_supported": Scopes::LEAST.text().split(' ').collect::<Vec<_>>(),
            "bearer_methods_supported": ["header"],
            "resource_name": "Socrazi",
            "resource_policy_uri": format!("{}/privacy", self.oauth_issuer()),
            "resource_tos_uri": format!("{}/terms", self.oauth_issuer()),
        })
    }

    /// Whether a text names the server that tokens are for: the same address, however its scheme and host are written (RFC 8707 §2).
    pub(super) fn is_oauth_resource(&self, text: &str) -> bool {
        let is_whole = !text.contains(['#', '?', '\\', '\t', '\n', '\r']) && !text.contains("/.");
        is_whole && url::Url::parse(text).is_ok_and(|url| url.as_str() == self.oauth_resource())
    }

    /// Whether a request that carries this `Origin` comes from a page of ours.
    #[must_use]
    pub fn is_own_origin(&self, origin: &[u8]) -> bool {
        origin == self.config.public_url.origin().ascii_serialization().as_bytes()
    }

    /// Whether a request under this `Host` means this server: a browser can be led to any address under a name of somebody else's.
    #[must_use]
    pub fn is_own_host(&self, host: &str) -> bool {
        let own = self.config.public_url.host_str().unwrap_or("127.0.0.1");
        let names = [own, "localhost", "127.0.0.1", "[::1]"];
        // As nearly everybody writes it; what is written otherwise is read as an address.
        let name = host
            .rsplit_once(':')
            .filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
            .map_or(host, |(name, _)| name);
        if names.contains(&name) {
            return true;
        }
        let Ok(url) = url::Url::parse(&format!("http://{host}/")) else { return false };
        url.path() == "/" && url.username().is_empty() && url.host_str().is_some_and(|name| names.contains(&name))
    }
}
