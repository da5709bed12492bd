//! What a person is asked before a program is let in, and what their answer makes. Nobody is sent anywhere before they answered: a request
//! that is wrong gets a page, not a redirect. Nothing is remembered for the next time; each consent is for one program and one person.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::clients::DOCUMENT_ANSWER_MS;
use super::{App, FaultWord, OauthFault};
use crate::domain::allowed::{Allowed, Area};
use crate::domain::caller::Caller;
use crate::domain::ids::AccountId;
use crate::domain::oauth::{Redirect, Scope, Scopes, is_challenge};
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::say;
use crate::store::oauth_clients::{ClientKind, OauthClient};
use crate::store::oauth_consents::LetInBefore;
use crate::store::oauth_grants::OauthCode;
use crate::vault::token_hash;

/// How long a code can be used (OAuth 2.1 §4.1.2).
const CODE_MS: i64 = 60_000;
/// Longest `state` that is carried back.
const STATE_BYTES_MAX: usize = 2_048;

/// What a person is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentAsked {
    /// What the program calls itself.
    pub name: String,
    /// Its id: of ours, or the address of its document.
    pub client: String,
    /// How it came to be known.
    pub kind: ClientKind,
    /// Where the answer goes.
    pub redirect: Redirect,
    /// What it asks for.
    pub wanted: Scopes,
    /// Which switches are on at first. Publishing and what Google knows are only where they were before.
    pub preset: Scopes,
    /// What the person let it do before: all of that is on at first, so that asking for more takes nothing away.
    pub before: Option<LetInBefore>,
    challenge: String,
    state: Option<String>,
}

impl ConsentAsked {
    /// Whether it asks for something that it may not do yet.
    #[must_use]
    pub fn is_new(&self, scope: Scope) -> bool {
        self.before.as_ref().is_some_and(|before| self.wanted.has(scope) && !before.scopes.has(scope))
    }

    /// What of an earlier consent is on at first. Where any program of this computer could pretend to be this one, what goes furthest is turned
    /// on anew.
    fn kept(&self, before: Scopes) -> Scopes {
        let is_anybody = self.kind != ClientKind::Dynamic && (self.redirect.is_loopback() || self.redirect.is_app());
        if is_anybody { cautious(before) } else { before }
    }
}

/// What a person lets a program do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    /// By what tools need.
    pub scopes: Scopes,
    /// For these accounts; for whichever they have where there is none.
    pub accounts: Option<BTreeSet<AccountId>>,
    /// Which tools it sees at all.
    pub allowed: Allowed,
}

/// What is on without anybody's word: nothing that goes out without being asked about, now or later, and nothing that Google knows.
const fn cautious(scopes: Scopes) -> Scopes {
    scopes.without(Scope::PostsPublish).without(Scope::PostsSchedule).without(Scope::GoogleRead)
}

/// Why nobody is asked.
#[derive(Debug)]
pub enum AskFault {
    /// Nobody knows where an answer could go: it is told to the person only.
    Shown(Sentence),
    /// The request is wrong: the person is told, and may go back with the protocol's word for it.
    Told {
        /// What is wrong.
        what: Sentence,
        /// Back to the program, with the word.
        back: Box<Url>,
    },
}

impl From<OauthFault> for AskFault {
    fn from(fault: OauthFault) -> Self {
        Self::Shown(fault.what)
    }
}

/// Parameters by name; none when one stands twice.
fn once(pairs: &[(String, String)]) -> Option<BTreeMap<&str, &str>> {
    let mut map = BTreeMap::new();
    let is_once = pairs.iter().all(|(name, value)| map.insert(name.as_str(), value.as_str()).is_none());
    is_once.then_some(map)
}

/// The answer's address, with `state` as it came and `iss` always (RFC 9207).
fn back(app: &App, redirect: &Redirect, state: Option<&str>, (name, value): (&str, &str)) -> Url {
    let mut pairs = vec![(name, value)];
    pairs.extend(state.map(|state| ("state", state)));
    pairs.push(("iss", app.oauth_issuer()));
    redirect.with(&pairs)
}

/// As the client wrote it: it has to show the same text for the code (RFC 6749 §4.1.3), and a host alone is written without its slash.
fn given_redirect(pairs: &[(String, String)]) -> Option<&str> {
    pairs.iter().find(|(name, _)| name == "redirect_uri").map(|(_, value)| value.as_str())
}

/// The redirect address of a request: one of those that the program named before.
fn redirect(client: &OauthClient, given: Option<&&str>, known: &[Redirect]) -> Result<Redirect, AskFault> {
    let wrong = || AskFault::Shown(say!("oauth-redirect-other", name = &client.name));
    let given = given.and_then(|text| Redirect::read_among(text, known)).ok_or_else(wrong)?;
    let is_named =
        client.redirects.iter().filter_map(|text| Redirect::read_among(text, known)).any(|one| given.is(&one));
    if is_named { Ok(given) } else { Err(wrong()) }
}

impl App {
    /// Reads a request to be let in, as a signed-in person's browser brought it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn oauth_ask(&self, caller: &Caller, pairs: &[(String, String)]) -> Result<ConsentAsked, AskFault> {
        let mut asked = self.read_ask(pairs, Self::document_fresh_ms()).await?;
        let now = self.clock.now_ms();
        let before = self.store.find_let_in_before(&caller.user, &asked.client, now).await.map_err(OauthFault::from)?;
        if let Some(before) = &before {
            asked.preset = asked.preset.or(asked.kept(before.scopes));
        }
        Ok(ConsentAsked { before, ..asked })
    }

    async fn read_ask(&self, pairs: &[(String, String)], fresh_ms: i64) -> Result<ConsentAsked, AskFault> {
        let given = once(pairs).ok_or_else(|| AskFault::Shown(say!("oauth-request-twice")))?;
        let id = given.get("client_id").copied().unwrap_or_default();
        let client = self.find_oauth_client(id, fresh_ms).await?;
        let client = client.ok_or_else(|| AskFault::Shown(say!("oauth-client-unknown")))?;
        let redirect = redirect(&client, given.get("redirect_uri"), &self.config.app_redirects)?;
        let state = given.get("state").copied().filter(|state| !state.is_empty());
        let told = |word: FaultWord, what: Sentence| AskFault::Told {
            what,
            back: back(self, &redirect, state.filter(|state| state.len() <= STATE_BYTES_MAX), ("error", word.word()))
                .into(),
        };
        if state.is_some_and(|state| state.len() > STATE_BYTES_MAX) {
            return Err(told(FaultWord::InvalidRequest, say!("oauth-state-long", max = STATE_BYTES_MAX)));
        }
        if given.get("response_type") != Some(&"code") {
            return Err(told(FaultWord::UnsupportedResponseType, say!("oauth-only-codes")));
        }
        let challenge = given.get("code_challenge").copied().unwrap_or_default();
        if given.get("code_challenge_method") != Some(&"S256") || !is_challenge(challenge) {
            return Err(told(FaultWord::InvalidRequest, say!("oauth-pkce-wrong")));
        }
        // There is one server here, so whoever names none means it.
        if given.get("resource").is_some_and(|resource| !self.is_oauth_resource(resource)) {
            return Err(told(FaultWord::InvalidTarget, say!("oauth-resource-wrong", url = self.oauth_resource())));
        }
        let wanted = Scopes::read(given.get("scope").copied().unwrap_or_default());
        let wanted = if wanted == Scopes::NONE { Scopes::LEAST } else { wanted };
        Ok(ConsentAsked {
            name: client.name.clone(),
            client: client.id.clone(),
            kind: client.kind,
            preset: cautious(wanted),
            wanted,
            before: None,
            challenge: challenge.to_owned(),
            state: state.map(str::to_owned),
            redirect,
        })
    }

    /// A person's yes: where their browser goes with the code.
    ///
    /// # Errors
    /// What is wrong with the request, read once more; or that nothing was left.
    pub async fn oauth_allow(
        &self,
        caller: &Caller,
        pairs: &[(String, String)],
        Agreed { scopes, accounts, allowed }: Agreed,
    ) -> Result<Url, AskFault> {
        let asked = self.read_ask(pairs, DOCUMENT_ANSWER_MS).await?;
        if scopes == Scopes::NONE {
            return Err(AskFault::Shown(say!("oauth-nothing-allowed")));
        }
        if Area::ALL.into_iter().all(|area| !allowed.has(area)) {
            return Err(AskFault::Shown(say!("oauth-no-area")));
        }
        if let Some(accounts) = &accounts {
            let known = self.desk.list_accounts(caller).await.map_err(OauthFault::from)?;
            let is_known = |id: &AccountId| known.iter().any(|view| view.account.id == *id);
            if accounts.is_empty() || !accounts.iter().all(is_known) {
                return Err(AskFault::Shown(say!("oauth-no-account")));
            }
        }
        let (now, code) = (self.clock.now_ms(), self.entropy.secret());
        let kept = OauthCode {
            user: caller.user.clone(),
            client: asked.client,
            redirect: given_redirect(pairs).unwrap_or(asked.redirect.url().as_str()).to_owned(),
            challenge: asked.challenge,
            scopes,
            resource: self.oauth_resource(),
            accounts,
            allowed,
            expires_at: now + CODE_MS,
        };
        let stored = async {
            self.store.insert_oauth_code(&kept, &token_hash(&code), now).await?;
            self.desk.audit(caller, "app.connect", &kept.client).await
        };
        stored.await.map_err(|error: ToolError| AskFault::from(OauthFault::from(error)))?;
        Ok(back(self, &asked.redirect, asked.state.as_deref(), ("code", &code)))
    }

    /// A person's no: where their browser goes with it.
    ///
    /// # Errors
    /// What is wrong with the request, read once more.
    pub async fn oauth_deny(&self, pairs: &[(String, String)]) -> Result<Url, AskFault> {
        let asked = self.read_ask(pairs, DOCUMENT_ANSWER_MS).await?;
        Ok(back(self, &asked.redirect, asked.state.as_deref(), ("error", FaultWord::AccessDenied.word())))
    }
}
