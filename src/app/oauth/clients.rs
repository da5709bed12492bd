//! Who may ask to be let in: programs that register themselves (RFC 7591), programs that the operator made known, and programs that are
//! known by the document at the address that is their id (client ID metadata documents). Their names are shown, never believed.

use std::net::IpAddr;
use std::sync::PoisonError;
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::{App, FaultWord, OauthFault};
use crate::domain::ids::OauthClientId;
use crate::domain::oauth::Redirect;
use crate::domain::shown;
use crate::domain::tool::ToolError;
use crate::say;
use crate::store::oauth_clients::{ClientKind, OauthClient};
use crate::vault::{equal, token_hash};

/// Addresses that one program may be sent back to.
const REDIRECTS_MAX: usize = 10;
/// Programs that register themselves within an hour, all of them together: a person lets in a few a year.
const REGISTERED_AN_HOUR_MAX: i64 = 200;
const HOUR_MS: i64 = 3_600_000;
/// Whoever nobody lets in within a day is forgotten (RELIABILITY §3).
pub(super) const UNUSED_MS: i64 = 24 * HOUR_MS;
/// Programs that the operator makes known.
const PRESETS_MAX: i64 = 1_000;
/// Largest document (the draft advises 5 KB).
const DOCUMENT_BYTES_MAX: usize = 8 * 1024;
/// How long its server may take: a person waits.
const DOCUMENT_TIMEOUT: Duration = Duration::from_secs(5);
/// A document that was read so lately is not fetched again for another look at the question.
const DOCUMENT_FRESH_MS: i64 = 60_000;
/// So long an answer may follow the question without another fetch.
pub(super) const DOCUMENT_ANSWER_MS: i64 = 15 * 60_000;
/// Longest id.
const ID_BYTES_MAX: usize = 1_024;

/// What a program says of itself, in a registration or in its document. What is not named here is not looked at: no logo is ever loaded.
#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    redirect_uris: Vec<String>,
    #[serde(default)]
    client_name: Option<String>,
    #[serde(default)]
    client_id: Option<String>,
    #[serde(default)]
    token_endpoint_auth_method: Option<String>,
    #[serde(default)]
    grant_types: Option<Vec<String>>,
    #[serde(default)]
    response_types: Option<Vec<String>>,
}

/// A program that the operator makes known.
#[derive(Debug, Clone)]
pub struct Preset {
    /// What it is called.
    pub name: String,
    /// Where a browser may be sent back to.
    pub redirects: Vec<String>,
    /// Whether it can keep a secret.
    pub has_secret: bool,
}

fn no(word: FaultWord, what: crate::domain::refusal::Sentence) -> OauthFault {
    OauthFault { word, what }
}

/// Whether a text could be an id of a program: of ours, or an address. Nothing else is looked up (PostgreSQL refuses some texts outright).
fn may_be_id(text: &str) -> bool {
    text.len() <= ID_BYTES_MAX && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// What fits, or what does not.
fn checked(said: &Said, known: &[Redirect]) -> Result<(String, Vec<Redirect>), OauthFault> {
    let texts = &said.redirect_uris;
    if texts.is_empty() || texts.len() > REDIRECTS_MAX {
        return Err(no(FaultWord::InvalidRedirectUri, say!("oauth-redirects-count", max = REDIRECTS_MAX)));
    }
    let redirects = texts.iter().map(|text| {
        let shown = || text.chars().take(80).collect::<String>();
        Redirect::read_among(text, known)
            .ok_or_else(|| no(FaultWord::InvalidRedirectUri, say!("oauth-redirect-wrong", given = shown())))
    });
    let redirects = redirects.collect::<Result<Vec<_>, _>>()?;
    let has = |list: &Option<Vec<String>>, word: &str| list.as_ref().is_none_or(|list| list.iter().any(|w| w == word));
    if !has(&said.grant_types, "authorization_code") || !has(&said.response_types, "code") {
        return Err(no(FaultWord::InvalidClientMetadata, say!("oauth-only-codes")));
    }
    let name = said.client_name.as_deref().map(shown::name).filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| redirects.first().map(|first| first.host().to_owned()).unwrap_or_default());
    Ok((name, redirects))
}

impl App {
    /// Takes a program's registration (RFC 7591) from this place; the answer is what it must know.
    ///
    /// # Errors
    /// What is wrong with it, or that too many registered.
    pub async fn oauth_register(&self, body: &[u8], origin: Option<IpAddr>) -> Result<Value, OauthFault> {
        let said: Said = serde_json::from_slice(body)
            .map_err(|_| no(FaultWord::InvalidClientMetadata, say!("oauth-metadata-unreadable")))?;
        let (name, redirects) = checked(&said, &self.config.app_redirects)?;
        // RFC 7591 §2: whoever says nothing wants Basic. An app that is called by its scheme runs where no secret can be kept, so it is told
        // that it has none (RFC 8252 §8.5).
        let method = match said.token_endpoint_auth_method.as_deref() {
            _ if redirects.iter().any(Redirect::is_app) => "none",
            given => given.unwrap_or("client_secret_basic"),
        };
        let secret = match method {
            "none" => None,
            "client_secret_basic" | "client_secret_post" => Some(format!("sok_{}", self.entropy.secret())),
            _ => return Err(no(FaultWord::InvalidClientMetadata, say!("oauth-auth-method-wrong"))),
        };
        let now = self.clock.now_ms();
        let count = |origin| self.registering.lock().unwrap_or_else(PoisonError::into_inner).count(origin, now);
        if !origin.is_none_or(count) {
            return Err(no(FaultWord::SlowDown, say!("oauth-too-many")));
        }
        let client = OauthClient {
            id: OauthClientId::generate(now, self.entropy.bits()).into(),
            kind: ClientKind::Dynamic,
            name,
            redirects: said.redirect_uris.clone(),
            secret_hash: secret.as_deref().map(token_hash),
            created_at: now,
            checked_at: now,
        };
        if !self.store.insert_oauth_client(&client, now - HOUR_MS, REGISTERED_AN_HOUR_MAX).await? {
            return Err(no(FaultWord::SlowDown, say!("oauth-too-many")));
        }
        tracing::info!(oauth_client.id = client.id, redirects = redirects.len(), "a program registered");
        let mut answer = json!({
            "client_id": client.id,
            "client_id_issued_at": now / 1000,
            "client_name": client.name,
            "redirect_uris": client.redirects,
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": method,
        });
        if let Some(secret) = secret {
            answer["client_secret"] = secret.into();
            answer["client_secret_expires_at"] = 0.into();
        }
        Ok(answer)
    }

    /// Makes a program known: its id, and its secret, which is shown once.
    ///
    /// # Errors
    /// Refused when a redirect address cannot be.
    pub async fn make_oauth_preset(&self, preset: &Preset) -> Result<(String, Option<SecretString>), ToolError> {
        let said = Said {
            redirect_uris: preset.redirects.clone(),
            client_name: Some(preset.name.clone()),
            client_id: None,
            token_endpoint_auth_method: None,
            grant_types: None,
            response_types: None,
        };
        let checked = checked(&said, &self.config.app_redirects);
        let (name, redirects) = checked.map_err(|fault| ToolError::Refused(fault.what))?;
        if preset.has_secret && redirects.iter().any(Redirect::is_app) {
            return Err(say!("oauth-app-secret").into());
        }
        let (now, secret) = (self.clock.now_ms(), preset.has_secret.then(|| format!("sok_{}", self.entropy.secret())));
        let client = OauthClient {
            id: OauthClientId::generate(now, self.entropy.bits()).into(),
            kind: ClientKind::Preset,
            name,
            redirects: said.redirect_uris,
            secret_hash: secret.as_deref().map(token_hash),
            created_at: now,
            checked_at: now,
        };
        if !self.store.insert_oauth_client(&client, 0, PRESETS_MAX).await? {
            return Err(say!("oauth-too-many").into());
        }
        Ok((client.id, secret.map(SecretString::from)))
    }

    /// Programs that the operator made known: id, name, redirect addresses.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_oauth_presets(&self) -> Result<Vec<(String, String, Vec<String>)>, ToolError> {
        let all = self.store.list_oauth_presets().await?;
        Ok(all.into_iter().map(|client| (client.id, client.name, client.redirects)).collect())
    }

    /// The program with this id, as it stands now. A document is read again unless it was read within `fresh_ms`.
    pub(super) async fn find_oauth_client(&self, id: &str, fresh_ms: i64) -> Result<Option<OauthClient>, OauthFault> {
        let now = self.clock.now_ms();
        if !may_be_id(id) {
            return Ok(None);
        }
        let Some(address) = self.document_address(id) else {
            let found = self.store.find_oauth_client(id, now - UNUSED_MS).await?;
            return Ok(found.filter(|client| matches!(client.kind, ClientKind::Dynamic | ClientKind::Preset)));
        };
        if let Some(kept) = self.store.find_oauth_client(id, now - UNUSED_MS).await?
            && now - kept.checked_at < fresh_ms
        {
            return Ok(Some(kept));
        }
        let read = self.read_document(id, &address).await?;
        self.store.save_oauth_document(&read).await?;
        Ok(Some(read))
    }

    /// How long a document counts as read when a person is about to be asked.
    pub(super) const fn document_fresh_ms() -> i64 {
        DOCUMENT_FRESH_MS
    }

    /// The address that an id is, if it is one: a public one with a path, in its one usual form.
    fn document_address(&self, id: &str) -> Option<Url> {
        let url = Url::parse(id).ok().filter(|url| url.as_str() == id)?;
        let is_plain = url.fragment().is_none() && url.query().is_none() && url.path() != "/";
        (is_plain && self.public.check_public(&url).is_ok()).then_some(url)
    }

    /// Fetches a document: no redirects, nothing inside our own network, small and soon; and it must say that it is the one at its address.
    async fn read_document(&self, id: &str, address: &Url) -> Result<OauthClient, OauthFault> {
        let host = address.host_str().unwrap_or_default().to_owned();
        let failed = |(why, status): (&str, u16)| {
            let why = say!("oauth-document-failed", host = &host, why = why, status = i64::from(status));
            no(FaultWord::InvalidClient, why)
        };
        let fetch = self.public.fetch_unmoved(address, DOCUMENT_BYTES_MAX, &["application/json"]);
        let fetched = tokio::time::timeout(DOCUMENT_TIMEOUT, fetch).await;
        let fetched = fetched.map_err(|_| failed(("late", 0)))?;
        let fetched = fetched.map_err(|fault| failed(fault.word()))?;
        let said: Said = serde_json::from_slice(&fetched.bytes).map_err(|_| failed(("unreadable", 0)))?;
        if said.client_id.as_deref() != Some(id) {
            return Err(failed(("other", 0)));
        }
        // A document is public, so a secret in it or agreed by it is none.
        if said.token_endpoint_auth_method.as_deref().is_some_and(|method| method != "none") {
            return Err(failed(("method", 0)));
        }
        let (name, _) = checked(&said, &self.config.app_redirects)?;
        let now = self.clock.now_ms();
        Ok(OauthClient {
            id: id.to_owned(),
            kind: ClientKind::Document,
            name,
            redirects: said.redirect_uris,
            secret_hash: None,
            created_at: now,
            checked_at: now,
        })
    }

    /// The program that presents itself at the token endpoint, if it is who it says: one with a secret must show it.
    pub(super) async fn authenticate_oauth_client(
        &self,
        id: &str,
        secret: Option<&str>,
    ) -> Result<OauthClient, OauthFault> {
        let unknown = || no(FaultWord::InvalidClient, say!("oauth-client-unknown"));
        if !may_be_id(id) {
            return Err(unknown());
        }
        // A document is not read again here: what the person agreed to is bound to the code.
        let found = self.store.find_oauth_client(id, self.clock.now_ms() - UNUSED_MS).await?;
        let client = found.ok_or_else(unknown)?;
        let is_proved = match (&client.secret_hash, secret) {
            (Some(hash), Some(secret)) => equal(hash.as_bytes(), token_hash(secret).as_bytes()),
            // Some clients send an empty secret when they have none.
            (None, secret) => secret.is_none_or(str::is_empty),
            (Some(_), None) => false,
        };
        if is_proved { Ok(client) } else { Err(unknown()) }
    }
}
