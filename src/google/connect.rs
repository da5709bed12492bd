//! Connecting a Google account, feature by feature (a one-use state bound to person and browser, PKCE S256, a nonce), and letting it go.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use super::Google;
use super::oauth::{Asking, GrantFault, Granted, Identity};
use super::tokens::NoAccess;
use crate::domain::account::{Health, Revoked};
use crate::domain::caller::Caller;
use crate::domain::google::{Feature, GOOGLE, Login, Wish};
use crate::domain::ids::{AccountId, NoticeId, SessionId, WorkspaceId};
use crate::domain::refusal::Sentence;
use crate::domain::sealed::Place;
use crate::domain::tool::ToolError;
use crate::say;
use crate::store::accounts::OauthState;
use crate::store::disconnections::{Disconnection, Lease};
use crate::store::notices::Notice;

/// How long a person may take on Google's pages (§1.1).
const STATE_LIFE_MS: i64 = 10 * 60_000;
/// How long whoever tells Google that a grant is over may take: the call's own timeout is 20 s.
const REVOKE_LEASE_MS: i64 = 60_000;
/// How often a row that another window took is tried again.
const TRIES_MAX: usize = 5;

/// What came back with the person's browser. What else comes along is ignored (§1.2).
#[derive(Debug, Default)]
pub struct GoogleCallback {
    /// `state`.
    pub state: Option<String>,
    /// `code`.
    pub code: Option<SecretString>,
    /// `error`.
    pub error: Option<String>,
}

/// A Google account that was connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connected {
    /// The account.
    pub login: Login,
    /// What was asked for now and not granted.
    pub left_out: Vec<Feature>,
    /// The account to publish on, where it was connected for a channel.
    pub channel: Option<AccountId>,
}

/// Somebody who is back from Google with a grant that is not kept yet: for a channel it must be asked first which one it is.
pub struct Arrived {
    granted: Granted,
    refresh: SecretString,
    identity: Identity,
    scopes: String,
    wish: Wish,
}

impl Arrived {
    /// What they were asked for.
    #[must_use]
    pub fn wish(&self) -> &Wish {
        &self.wish
    }

    /// What they granted, space-separated.
    #[must_use]
    pub fn scopes(&self) -> &str {
        &self.scopes
    }

    /// For the first calls.
    #[must_use]
    pub fn access(&self) -> &SecretString {
        &self.granted.access
    }
}

/// What must be remembered until the person is back; sealed.
#[derive(Serialize, Deserialize)]
struct Travelling {
    verifier: String,
    nonce: String,
    wish: Wish,
}

impl Google {
    /// Begins: where to send the browser. A known account is hinted at, so that a missing permission is added to it and to no other.
    ///
    /// # Errors
    /// When the store or the vault fails.
    pub async fn begin(
        &self,
        caller: &Caller,
        session: &SessionId,
        redirect: &Url,
        (wish, known): (&Wish, Option<&Login>),
    ) -> Result<Url, ToolError> {
        let (state, nonce, verifier) = (self.entropy.secret(), self.entropy.secret(), self.entropy.secret());
        let (state_hash, now) = (crate::vault::token_hash(&state), self.clock.now_ms());
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
        let travelling = Travelling { verifier, nonce: nonce.clone(), wish: wish.clone() };
        let text = serde_json::to_string(&travelling).map_err(failed)?;
        let sealed =
            self.vault.seal(&state_place(caller, &state_hash), &SecretString::from(text)).await.map_err(failed)?;
        let row = OauthState { state_hash: &state_hash, user: &caller.user, session, provider: GOOGLE };
        self.store.insert_oauth_state(&row, &sealed, now, now + STATE_LIFE_MS).await?;
        let hint = known.map(|login| login.email.as_str()).filter(|email| !email.is_empty());
        Ok(self.consent_url(&Asking { redirect, state: &state, challenge: &challenge, nonce: &nonce, wish, hint }))
    }

    /// Takes in who comes back: exchanges the code. [`Google::keep`] ends it.
    ///
    /// # Errors
    /// Refused when the state is not this person's and browser's or was used, when Google says no, or when nothing was granted that could be used.
    pub async fn arrive(
        &self,
        caller: &Caller,
        session: &SessionId,
        redirect: &Url,
        callback: GoogleCallback,
    ) -> Result<Arrived, ToolError> {
        let state_hash = crate::vault::token_hash(callback.state.as_deref().unwrap_or_default());
        let row = OauthState { state_hash: &state_hash, user: &caller.user, session, provider: GOOGLE };
        let claimed = self.store.claim_oauth_state(&row, self.clock.now_ms()).await?;
        let sealed = claimed.ok_or_else(|| say!("connect-state-dead"))?;
        match callback.error.as_deref() {
            None => {}
            Some("access_denied") => return Err(say!("connect-denied", network = "Google").into()),
            Some("admin_policy_enforced" | "org_internal") => return Err(say!("google-not-allowed").into()),
            Some(_) => return Err(refused("Google's page reported a fault")),
        }
        let code = callback.code.ok_or_else(|| refused("no code"))?;
        let text = self.vault.open(&state_place(caller, &state_hash), &sealed).await.map_err(failed)?;
        let travelling: Travelling = serde_json::from_str(text.expose_secret()).map_err(failed)?;
        let granted = self.exchange(&code, &travelling.verifier, redirect).await.map_err(|fault| {
            tracing::warn!(error = %fault, "a Google account could not be connected");
            refused(fault_word(&fault))
        })?;
        let now = self.clock.now_ms();
        let identity = self.identity(&granted, &travelling.nonce, now).map_err(|why| refused(&why))?;
        // Without one the connection would be over in an hour (§1.3).
        let refresh = granted.refresh.clone().ok_or_else(|| refused("Google gave no lasting permission"))?;
        let scopes = granted.scopes.clone().unwrap_or_default();
        if !travelling.wish.is_in(&scopes) {
            return Err(say!("google-nothing-granted").into());
        }
        Ok(Arrived { granted, refresh, identity, scopes, wish: travelling.wish })
    }

    /// Stores the account with its sealed tokens, as one that acts as a channel, or as none.
    ///
    /// # Errors
    /// When the store or the vault fails.
    pub async fn keep(&self, caller: &Caller, arrived: &Arrived, acts_as: &str) -> Result<Connected, ToolError> {
        let Arrived { granted, refresh, identity, scopes, wish } = arrived;
        let now = self.clock.now_ms();
        for _ in 0..TRIES_MAX {
            let known = self.store.find_login_of(&caller.workspace, (&identity.subject, acts_as)).await?;
            let before = known.as_ref().map(|login| login.wanted.clone()).unwrap_or_default();
            let wanted = Feature::ALL.into_iter();
            let wanted = wanted.filter(|feature| before.contains(feature) || wish.features().contains(feature));
            let login = Login {
                id: known.map_or_else(|| AccountId::generate(now, self.entropy.bits()), |login| login.id),
                workspace: caller.workspace.clone(),
                user: caller.user.clone(),
                subject: identity.subject.clone(),
                acts_as: acts_as.to_owned(),
                email: identity.email.clone(),
                wanted: wanted.collect(),
                scopes: scopes.clone(),
                health: Health::Fine,
                ends_at: granted.ends_in_s.map(|life| now.saturating_add(life.saturating_mul(1000))),
                ended_by: None,
            };
            let tokens = self.seal(&login, granted, (None, refresh)).await.map_err(no_access)?;
            if self.store.insert_login(&login, &tokens, now).await? {
                let left_out = wish.features().iter().copied().filter(|feature| !login.has(*feature)).collect();
                return Ok(Connected { login, left_out, channel: None });
            }
        }
        Err(ToolError::Failed("the account's row kept changing".into()))
    }

    /// Lets an account go: our copies are destroyed first, then Google is told. Revoking ends the whole grant of that person for this server, with
    /// all its features and channels (§1.7). The person is told what it came to.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn disconnect(&self, login: &Login) -> Result<Revoked, ToolError> {
        let now = self.store.now_ms().await?;
        let lease = Lease { owner: &self.owner, now, until: now + REVOKE_LEASE_MS };
        self.store.delete_login(&login.id, &login.workspace, Some(lease)).await?;
        match self.store.find_disconnection(&login.id).await? {
            Some(kept) => self.go_on(&kept).await,
            None => Ok(Revoked::No),
        }
    }

    /// Lets a channel go: our copies are destroyed, and Google is told unless that would end other connections of the same person, too (§1.7).
    /// Returns whether nothing is left at Google, as far as it confirmed. Begun again it goes on with what is left.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn disconnect_channel(&self, workspace: &WorkspaceId, channel: &str) -> Result<Revoked, ToolError> {
        let now = self.store.now_ms().await?;
        let lease = Lease { owner: &self.owner, now, until: now + REVOKE_LEASE_MS };
        let logins = self.store.list_channel_logins(workspace).await?;
        for login in logins.into_iter().filter(|login| login.acts_as == channel) {
            self.store.delete_login(&login.id, &login.workspace, Some(lease)).await?;
        }
        let mut revoked = Revoked::Yes;
        for kept in self.store.list_disconnections_of_channel(workspace, channel).await? {
            let one = match self.store.claim_disconnection(&kept.account, lease).await? {
                true => self.go_on(&kept).await?,
                // Another process is at it.
                false => Revoked::Later,
            };
            revoked = revoked.and(one);
        }
        Ok(revoked)
    }

    /// Goes on with letting a Google account go: tells Google, unless what it would end is shared with what stays connected.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn go_on(&self, kept: &Disconnection) -> Result<Revoked, ToolError> {
        let is_of_channel = !kept.acts_as.is_empty();
        let revoked = if is_of_channel && self.store.count_logins_of(&kept.remote_id).await? > 0 {
            Revoked::No
        } else {
            self.revoke_kept(kept).await
        };
        // Of a channel its own account tells.
        if !is_of_channel {
            self.tell_disconnected(kept, revoked).await?;
        }
        let now = self.store.now_ms().await?;
        match kept.again_at(revoked, now) {
            Some(at) => self.store.update_disconnection_put_off(&kept.account, at).await?,
            None => self.store.delete_disconnection(&kept.account).await?,
        }
        Ok(revoked)
    }

    async fn revoke_kept(&self, kept: &Disconnection) -> Revoked {
        let Some(sealed) = &kept.refresh else { return Revoked::No };
        let place = Place {
            user: &kept.user,
            provider: GOOGLE,
            provider_account: &kept.remote_id,
            table: "google_login",
            column: "refresh",
            row: kept.account.as_str(),
        };
        let Ok(refresh) = self.vault.open(&place, sealed).await else { return Revoked::No };
        let Err(fault) = self.revoke(&refresh).await else { return Revoked::Yes };
        tracing::warn!(account.id = %kept.account, error = %fault, "Google did not confirm the revocation");
        match fault {
            GrantFault::Later(_) => Revoked::Later,
            GrantFault::Dead(_) | GrantFault::Misconfigured(_) => Revoked::No,
        }
    }

    /// Each thing once, however often it is begun again.
    async fn tell_disconnected(&self, kept: &Disconnection, revoked: Revoked) -> Result<(), ToolError> {
        let email = &kept.handle;
        let mut told = vec![say!("notice-google-disconnected", email = email, revoked = revoked.word())];
        match revoked {
            Revoked::Yes if kept.tries > 0 => told.push(say!("notice-google-revoke-confirmed", email = email)),
            // What else there is to do is said in the same breath.
            Revoked::Yes | Revoked::No | Revoked::Later => {}
        }
        let (gone_at, now) = (kept.gone_at.unwrap_or_default(), self.clock.now_ms());
        for what in told {
            let hash = Sha256::digest(format!("{} {} {gone_at}", what.key, kept.account).as_bytes());
            let bits = hash.iter().take(10).fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
            let notice = Notice { post: None, what, created_at: now };
            self.store.insert_notice_once(&NoticeId::generate(gone_at, bits), &kept.user, &notice).await?;
        }
        Ok(())
    }

    /// Asks Google whether it knows this server's client, with a token that nobody ever had: it is refused either way.
    ///
    /// # Errors
    /// When the client is not known, or there is no clear answer.
    pub async fn check(&self) -> Result<(), GrantFault> {
        match self.refresh(&SecretString::from("socrazi-doctor-asks-whether-the-app-is-known")).await {
            Ok(_) | Err(GrantFault::Dead(_)) => Ok(()),
            Err(fault @ (GrantFault::Misconfigured(_) | GrantFault::Later(_))) => Err(fault),
        }
    }
}

fn state_place<'a>(caller: &'a Caller, state_hash: &'a str) -> Place<'a> {
    Place {
        user: &caller.user,
        provider: GOOGLE,
        provider_account: "",
        table: "oauth_state",
        column: "verifier",
        row: state_hash,
    }
}

fn refused(why: &str) -> ToolError {
    let sentence: Sentence = say!("connect-failed", network = "Google", why = why);
    sentence.into()
}

/// What a person is told of a fault: its kind, never Google's raw text.
fn fault_word(fault: &GrantFault) -> &'static str {
    match fault {
        GrantFault::Dead(_) => "code",
        GrantFault::Misconfigured(_) => "app",
        GrantFault::Later(_) => "unclear",
    }
}

fn no_access(why: NoAccess) -> ToolError {
    match why {
        NoAccess::Reconnect(_) => ToolError::Failed("a new account asks to be connected again".into()),
        NoAccess::Later(why) => ToolError::Failed(why),
    }
}

fn failed(error: impl std::fmt::Display) -> ToolError {
    ToolError::Failed(error.to_string())
}
