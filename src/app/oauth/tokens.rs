//! What programs get for a code or a refresh token, how they give it back, and what it is worth at each call. Tokens are opaque and kept as
//! hashes. A refresh token is spent by its first use and its successor follows from it, so that a program which lost the answer, or asked
//! fifty times at once, gets the same one again for a moment; any later use means that two hold it, and ends the family (OAuth 2.1 §4.3.1).

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::super::authenticate::{TOUCH_MS, caller};
use super::{App, FaultWord, OauthFault};
use crate::domain::allowed::Allowed;
use crate::domain::caller::{Caller, Via};
use crate::domain::ids::OauthGrantId;
use crate::domain::oauth::{Scope, Scopes, is_verifier};
use crate::domain::tool::ToolError;
use crate::say;
use crate::store::oauth_clients::{ClientKind, OauthClient};
use crate::store::oauth_grants::{NewGrant, NewToken, OauthBearer, Refresh, SpentCode};
use crate::vault::{equal, hmac_sha256, pkce_s256, token_hash};

/// How long an access token can be used: what leaks is worth little, and refreshing costs a client little.
const ACCESS_MS: i64 = 3_600_000;
/// A program that did not come back for so long asks the person again.
const REFRESH_MS: i64 = 90 * 24 * 3_600_000;
/// For so long a spent refresh token still gives its one successor: longer than any client waits before it tries again.
const GRACE_MS: i64 = 60_000;
/// How our tokens begin, so that they are recognised when they leak.
const ACCESS_PREFIX: &str = "soa_";
const REFRESH_PREFIX: &str = "sor_";

/// Whoever a bearer token stands for, and what it lets them call.
#[derive(Debug, Clone)]
pub struct Bearer {
    /// Who.
    pub caller: Caller,
    /// The program that the token was given to; of a personal token, that token.
    pub client: String,
    /// Which tools, by what they need.
    pub scopes: Scopes,
    /// Which tools its person lets it see at all.
    pub allowed: Allowed,
}

/// What a program sent to the token endpoint: each parameter once.
struct Asked<'a> {
    given: BTreeMap<&'a str, &'a str>,
    client: OauthClient,
}

fn no(word: FaultWord, what: crate::domain::refusal::Sentence) -> OauthFault {
    OauthFault { word, what }
}

fn dead() -> OauthFault {
    no(FaultWord::InvalidGrant, say!("oauth-grant-dead"))
}

impl App {
    /// Gives tokens for a code or a refresh token. `basic` are id and secret of an `Authorization: Basic` header.
    ///
    /// # Errors
    /// Why not, in the protocol's words.
    pub async fn oauth_token(
        &self,
        pairs: &[(String, String)],
        basic: Option<(String, String)>,
    ) -> Result<Value, OauthFault> {
        let asked = self.read_asked(pairs, basic).await?;
        if asked.given.get("resource").is_some_and(|resource| !self.is_oauth_resource(resource)) {
            return Err(no(FaultWord::InvalidTarget, say!("oauth-resource-wrong", url = self.oauth_resource())));
        }
        match asked.given.get("grant_type").copied() {
            Some("authorization_code") => self.for_code(&asked).await,
            Some("refresh_token") => self.for_refresh(&asked).await,
            Some(_) => Err(no(FaultWord::UnsupportedGrantType, say!("oauth-only-codes"))),
            None => Err(no(FaultWord::InvalidRequest, say!("oauth-parameter-missing", name = "grant_type"))),
        }
    }

    async fn read_asked<'a>(
        &self,
        pairs: &'a [(String, String)],
        basic: Option<(String, String)>,
    ) -> Result<Asked<'a>, OauthFault> {
        let mut given = BTreeMap::new();
        if !pairs.iter().all(|(name, value)| given.insert(name.as_str(), value.as_str()).is_none()) {
            return Err(no(FaultWord::InvalidRequest, say!("oauth-request-twice")));
        }
        let (id, secret) = match &basic {
            Some((id, secret)) => {
                // One way of proving it, and one id (RFC 6749 §2.3).
                let is_other = given.get("client_id").is_some_and(|other| other != id);
                if is_other || given.contains_key("client_secret") {
                    return Err(no(FaultWord::InvalidRequest, say!("oauth-request-twice")));
                }
                (id.as_str(), Some(secret.as_str()))
            }
            None => (given.get("client_id").copied().unwrap_or_default(), given.get("client_secret").copied()),
        };
        let client = self.authenticate_oauth_client(id, secret).await?;
        Ok(Asked { given, client })
    }

    async fn for_code(&self, asked: &Asked<'_>) -> Result<Value, OauthFault> {
        let given = |name: &'static str| {
            let missing = || no(FaultWord::InvalidRequest, say!("oauth-parameter-missing", name = name));
            asked.given.get(name).copied().ok_or_else(missing)
        };
        let (code, verifier, redirect) = (given("code")?, given("code_verifier")?, given("redirect_uri")?);
        let (now, code_hash) = (self.clock.now_ms(), token_hash(code));
        // Spent whatever comes of it: one guess is all that anybody has.
        let code = match self.store.claim_oauth_code(&code_hash, now).await? {
            SpentCode::Now(code) => code,
            SpentCode::Before(grant) => {
                if let Some(grant) = grant {
                    self.store.update_oauth_grant_revoked(&grant, now).await?;
                    tracing::warn!(oauth_grant.id = grant.as_str(), "a code was used twice: {grant} was ended");
                }
                return Err(dead());
            }
            SpentCode::Unknown => return Err(dead()),
        };
        let is_proved = is_verifier(verifier) && equal(pkce_s256(verifier).as_bytes(), code.challenge.as_bytes());
        let is_same = code.client == asked.client.id && code.redirect == redirect;
        if !is_proved || !is_same || code.expires_at <= now || code.resource != self.oauth_resource() {
            return Err(dead());
        }
        let (access, refresh) =
            (format!("{ACCESS_PREFIX}{}", self.entropy.secret()), format!("{REFRESH_PREFIX}{}", self.entropy.secret()));
        let new = NewGrant {
            id: OauthGrantId::generate(now, self.entropy.bits()),
            code: &code,
            code_hash: &code_hash,
            takes_over: asked.client.kind == ClientKind::Dynamic,
            tokens: [self.access(&access, code.scopes, now), self.refresh(&refresh, code.scopes, now)],
        };
        match self.store.insert_oauth_grant(&new).await? {
            Some(_) => Ok(answer(&access, &refresh, code.scopes, ACCESS_MS)),
            None => Err(dead()),
        }
    }

    async fn for_refresh(&self, asked: &Asked<'_>) -> Result<Value, OauthFault> {
        let missing = || no(FaultWord::InvalidRequest, say!("oauth-parameter-missing", name = "refresh_token"));
        let presented = asked.given.get("refresh_token").copied().ok_or_else(missing)?;
        let (now, hash) = (self.clock.now_ms(), token_hash(presented));
        let found = self.store.find_oauth_refresh(&hash).await?;
        let held = found.filter(|held| held.client == asked.client.id).ok_or_else(dead)?;
        if held.revoked_at.is_some() || held.expires_at <= now || held.resource != self.oauth_resource() {
            return Err(dead());
        }
        let scopes = match asked.given.get("scope").copied().filter(|text| !text.is_empty()) {
            Some(text) => Scopes::read(text),
            None => held.scopes,
        };
        if scopes == Scopes::NONE || !held.scopes.holds(scopes) {
            return Err(no(FaultWord::InvalidScope, say!("oauth-scope-wider", scopes = held.scopes.text())));
        }
        let next = |what: &str| {
            let made = hmac_sha256(held.salt.as_bytes(), format!("{what} {presented}").as_bytes());
            URL_SAFE_NO_PAD.encode(made)
        };
        let access = format!("{ACCESS_PREFIX}{}", next(&format!("access {}", scopes.text())));
        let refresh = format!("{REFRESH_PREFIX}{}", next("refresh"));
        if let Some(spent_at) = held.spent_at
            && self.is_reused(&held, spent_at, &refresh).await?
        {
            self.store.update_oauth_grant_revoked(&held.grant, now).await?;
            tracing::warn!(
                oauth_grant.id = held.grant.as_str(),
                "a refresh token was used twice: {} was ended",
                held.grant
            );
            return Err(dead());
        }
        let tokens = [self.access(&access, scopes, now), self.refresh(&refresh, held.scopes, now)];
        if !self.store.update_oauth_refreshed(&hash, &held.grant, &tokens).await? {
            return Err(dead());
        }
        let left = ACCESS_MS - held.spent_at.map_or(0, |spent_at| now - spent_at);
        Ok(answer(&access, &refresh, scopes, left))
    }

    /// Whether a spent refresh token shows that two hold it: too late, or its successor was used already.
    async fn is_reused(&self, held: &Refresh, spent_at: i64, successor: &str) -> Result<bool, OauthFault> {
        if self.clock.now_ms() - spent_at > GRACE_MS {
            return Ok(true);
        }
        let next = self.store.find_oauth_refresh(&token_hash(successor)).await?;
        Ok(next.is_none_or(|next| next.spent_at.is_some() || next.grant != held.grant))
    }

    fn access(&self, secret: &str, scopes: Scopes, now: i64) -> NewToken {
        NewToken { secret_hash: token_hash(secret), scopes, salt: None, created_at: now, expires_at: now + ACCESS_MS }
    }

    fn refresh(&self, secret: &str, scopes: Scopes, now: i64) -> NewToken {
        let salt = Some(self.entropy.secret());
        NewToken { secret_hash: token_hash(secret), scopes, salt, created_at: now, expires_at: now + REFRESH_MS }
    }

    /// Takes a token back (RFC 7009): an access token alone, a refresh token with its whole family. Whoever nobody knows is gone already.
    ///
    /// # Errors
    /// When the program is not known, or the token is another's.
    pub async fn oauth_revoke(
        &self,
        pairs: &[(String, String)],
        basic: Option<(String, String)>,
    ) -> Result<(), OauthFault> {
        let asked = self.read_asked(pairs, basic).await?;
        let missing = || no(FaultWord::InvalidRequest, say!("oauth-parameter-missing", name = "token"));
        let hash = token_hash(asked.given.get("token").copied().ok_or_else(missing)?);
        let Some(found) = self.store.find_oauth_token(&hash).await? else { return Ok(()) };
        if found.client != asked.client.id {
            return Err(no(FaultWord::UnauthorizedClient, say!("oauth-grant-dead")));
        }
        if found.is_refresh {
            self.store.update_oauth_grant_revoked(&found.grant, self.clock.now_ms()).await?;
            self.take_back_mcp_sessions(&found.user, found.grant.as_str()).await?;
        } else {
            self.store.delete_oauth_access(&hash).await?;
        }
        Ok(())
    }

    /// What its person could still allow: of a program of ours anything, of the outside issuer's what its token says, because that issuer
    /// decides.
    #[must_use]
    pub fn could_allow(&self, bearer: &Bearer) -> Scopes {
        let is_outside = self.config.oidc.as_ref().is_some_and(|outside| outside.issuer == bearer.client);
        if is_outside { bearer.scopes } else { Scopes::ALL }
    }

    /// Whoever a bearer token stands for, asked anew at every call: what was taken back now is refused at the next one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_bearer(&self, token: &str) -> Result<Option<Bearer>, ToolError> {
        if !token.starts_with(ACCESS_PREFIX) {
            let caller = self.find_personal(token).await?;
            if caller.is_none() && token.contains('.') {
                return self.find_outside(token).await;
            }
            return Ok(caller.map(|caller| Bearer {
                client: caller.grantee(),
                caller,
                scopes: Scopes::ALL,
                allowed: Allowed::default(),
            }));
        }
        let now = self.clock.now_ms();
        let Some(found) = self.store.find_oauth_bearer(&token_hash(token), now).await? else { return Ok(None) };
        if found.resource != self.oauth_resource() {
            return Ok(None);
        }
        if found.last_used_at.is_none_or(|at| now - at > TOUCH_MS) {
            self.store.update_oauth_grant_used(&found.grant, now).await?;
        }
        let scopes = found.scopes;
        Ok(Some(let_in(found, scopes)))
    }
}

/// A program that was let in, with what it may do just now.
pub(super) fn let_in(found: OauthBearer, scopes: Scopes) -> Bearer {
    let caller = caller(&found.user, scopes.grant(), Via::McpApp(found.grant));
    // Whoever may not read posts knows of no account either, whatever else they may call.
    let accounts = if scopes.has(Scope::PostsRead) { found.accounts } else { Some(BTreeSet::new()) };
    let caller = Caller { accounts, sees_google: scopes.has(Scope::GoogleRead), ..caller };
    Bearer { caller, client: found.client, scopes, allowed: found.allowed }
}

fn answer(access: &str, refresh: &str, scopes: Scopes, left_ms: i64) -> Value {
    json!({
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": left_ms / 1000,
        "refresh_token": refresh,
        "scope": scopes.text(),
    })
}
