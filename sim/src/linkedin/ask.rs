//! One call to the REST side of the simulated LinkedIn (dossier §3): who asks, in which version, and the Rest.li way of writing keys and
//! queries, in which brackets, commas and colons of the syntax are raw and those of a URN are encoded.

use std::sync::Arc;

use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};

use super::LinkedIn;
use super::oauth::bearer;
use super::options::SimMember;
use super::refusal::Refusal;
use super::state::State;
use crate::clock::DAY_MS;
use crate::lock;

/// Who asks, and how.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) member: SimMember,
    pub(super) scopes: Vec<String>,
    pub(super) version: String,
    /// `X-RestLi-Method`, in capitals.
    pub(super) method: String,
    pub(super) now_ms: i64,
    pub(super) root: String,
}

impl Ask {
    pub(super) fn may(&self, scopes: &[&str]) -> bool {
        self.scopes.iter().any(|held| scopes.contains(&held.as_str()))
    }

    /// 403 when none of the scopes is held.
    pub(super) fn needs(&self, scopes: &[&str], what: &str) -> Result<(), Refusal> {
        if self.may(scopes) { Ok(()) } else { Err(self.denied(what)) }
    }

    pub(super) fn denied(&self, what: &str) -> Refusal {
        Refusal::denied(what, self.version.get(..6).unwrap_or_default())
    }

    /// Whether the caller may act as this person or page.
    pub(super) fn acts_as(&self, state: &State, urn: &str, act: &Act<'_>) -> Result<(), Refusal> {
        if urn.starts_with("urn:li:person:") {
            self.needs(act.member, act.what)?;
            return if urn == self.member.urn() { Ok(()) } else { Err(Refusal::not_owner(act.field)) };
        }
        if urn.starts_with("urn:li:organization:") {
            self.needs(act.page, act.what)?;
            let page = state.options.pages.iter().find(|page| page.urn() == urn);
            let is_admin = page.is_some_and(|page| page.admins.contains(&self.member.sub));
            return if is_admin { Ok(()) } else { Err(Refusal::not_owner(act.field)) };
        }
        let message = format!("{} :: {urn} is not a person or an organization", act.field);
        Err(Refusal::new(400, if urn.starts_with("urn:li:") { "INVALID_URN_TYPE" } else { "INVALID_URN_ID" }, &message))
    }
}

/// What is to be done in somebody's name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Act<'a> {
    pub(super) field: &'a str,
    /// Scopes of which a member needs one.
    pub(super) member: &'a [&'a str],
    /// Scopes of which a page needs one.
    pub(super) page: &'a [&'a str],
    pub(super) what: &'a str,
}

impl LinkedIn {
    /// Answers a call after what every call is asked for.
    pub(super) fn answer(
        self: &Arc<Self>,
        headers: &HeaderMap,
        work: impl FnOnce(&mut State, &Ask) -> Result<Response, Refusal>,
    ) -> Response {
        let mut state = lock(&self.state);
        let asked = self.ask(&mut state, headers);
        asked.and_then(|ask| work(&mut state, &ask)).unwrap_or_else(IntoResponse::into_response)
    }

    fn ask(&self, state: &mut State, headers: &HeaderMap) -> Result<Ask, Refusal> {
        let now_ms = self.clock.now_ms();
        let (member, scopes) = bearer(state, headers, now_ms)?;
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let version = header("linkedin-version").to_owned();
        if version.is_empty() {
            let why = "A version must be present. Please specify a version by adding the LinkedIn-Version header.";
            return Err(Refusal::new(400, "VERSION_MISSING", why));
        }
        if !state.options.tuning.versions.iter().any(|live| Some(live.as_str()) == version.split('.').next()) {
            return Err(Refusal::new(
                426,
                "NONEXISTENT_VERSION",
                &format!("Requested version {version} is not active"),
            ));
        }
        if header("x-restli-protocol-version") != "2.0.0" {
            return Err(Refusal::illegal("X-Restli-Protocol-Version :: 2.0.0 is needed"));
        }
        let today = now_ms.div_euclid(DAY_MS);
        state.calls = if state.calls.0 == today { (today, state.calls.1 + 1) } else { (today, 1) };
        if state.calls.1 > state.options.tuning.app_calls_max {
            return Err(Refusal::throttled());
        }
        let method = header("x-restli-method").to_uppercase();
        Ok(Ask { member, scopes, version, method, now_ms, root: self.root() })
    }
}

fn decoded(raw: &str) -> String {
    // A plus is itself in paths and Rest.li queries.
    let pairs = format!("k={}", raw.replace('+', "%2B"));
    url::form_urlencoded::parse(pairs.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn plain(raw: &str) -> Result<String, Refusal> {
    if raw.contains([':', '(', ')', ',']) {
        return Err(Refusal::illegal(&format!("{raw} :: URNs in paths and queries must be percent-encoded")));
    }
    Ok(decoded(raw))
}

/// The key in a path: the segment after `/rest/resource/`.
pub(super) fn key(uri: &Uri) -> Result<String, Refusal> {
    plain(uri.path().split('/').nth(3).unwrap_or_default())
}

/// A query in the Rest.li way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Params<'a>(&'a str);

impl<'a> Params<'a> {
    pub(super) fn of(uri: &'a Uri) -> Self {
        Self(uri.query().unwrap_or_default())
    }

    fn raw(self, name: &str) -> Option<&'a str> {
        self.0.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// A plain value.
    pub(super) fn one(self, name: &str) -> Result<Option<String>, Refusal> {
        self.raw(name).map(plain).transpose()
    }

    /// A plain value that must be there.
    pub(super) fn needed(self, name: &str) -> Result<String, Refusal> {
        let missing = || Refusal::new(400, "MISSING_FIELD", &format!("query parameter {name} is required"));
        self.one(name)?.ok_or_else(missing)
    }

    /// A whole number.
    pub(super) fn number(self, name: &str, default: usize) -> Result<usize, Refusal> {
        let wrong = |_| Refusal::value(name, "is no number");
        self.one(name)?.map_or(Ok(default), |text| text.parse().map_err(wrong))
    }

    /// `List(a,b)`.
    pub(super) fn list(self, name: &str) -> Result<Vec<String>, Refusal> {
        let Some(raw) = self.raw(name) else { return Ok(Vec::new()) };
        let inner = raw.strip_prefix("List(").and_then(|rest| rest.strip_suffix(')'));
        let inner = inner.ok_or_else(|| Refusal::illegal("Invalid query parameters passed to request"))?;
        inner.split(',').filter(|part| !part.is_empty()).map(plain).collect()
    }

    /// `(kind:value)`.
    pub(super) fn union(self, name: &str) -> Result<(String, String), Refusal> {
        let wrong = || Refusal::illegal("Invalid query parameters passed to request");
        let inner = self.raw(name).and_then(|raw| raw.strip_prefix('(')).and_then(|raw| raw.strip_suffix(')'));
        let (kind, value) = inner.and_then(|inner| inner.split_once(':')).ok_or_else(wrong)?;
        Ok((kind.to_owned(), plain(value)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syntax_is_raw_and_urns_are_encoded() -> anyhow::Result<()> {
        let uri: Uri = "/rest/posts/urn%3Ali%3Ashare%3A7?q=author&author=urn%3Ali%3Aperson%3Aa&l=List(urn%3Ax,urn%3Ay)&e=(share:urn%3Az)&bad=%28share%3Aurn%3Az%29".parse()?;
        let params = Params::of(&uri);
        assert_eq!(key(&uri), Ok("urn:li:share:7".into()));
        assert_eq!(params.one("author"), Ok(Some("urn:li:person:a".into())));
        assert_eq!(params.list("l"), Ok(vec!["urn:x".to_owned(), "urn:y".to_owned()]));
        assert_eq!(params.union("e"), Ok(("share".to_owned(), "urn:z".to_owned())));
        assert!(params.union("bad").is_err());
        assert!(key(&"/rest/posts/urn:li:share:7".parse()?).is_err());
        Ok(())
    }
}
