//! What an account was connected without: said where accounts are shown, and refused before anything is asked or scheduled that would fail by it.

use super::Desk;
use crate::domain::account::{Account, Ended, Health};
use crate::domain::post::{Content, Finding, Severity};
use crate::domain::purpose::{Purpose, first_lacking, lacking};
use crate::domain::refusal::Sentence;
use crate::domain::schedule::Moment;
use crate::domain::tool::ToolError;
use crate::platforms::Platform;
use crate::say;
use crate::store::accounts::ShownAccount;

/// Days before the end of a grant that renewing should have moved long ago from which on that is said: renewing has failed for weeks then.
const UNRENEWED_MS: i64 = 14 * 86_400_000;

impl Desk {
    /// Nothing that these things take is missing on an account.
    ///
    /// # Errors
    /// Refused with the permission that is missing, and the nearest fix.
    pub fn check_permission(&self, account: &Account, purposes: &[Purpose]) -> Result<(), ToolError> {
        let platform = self.network(account.network)?;
        missing(platform.as_ref(), account, purposes).map_or(Ok(()), |what| Err(what.into()))
    }

    /// How an account is, in one sentence.
    pub(super) fn health(&self, shown: &ShownAccount, (zone, now): (&str, i64)) -> Sentence {
        let ShownAccount { stored, is_stopped, ends_at, ended_by, has_refresh } = shown;
        let network = stored.account.network;
        let at = |at_ms| Moment { at_ms, zone: zone.to_owned() };
        match stored.account.health {
            Health::Fine if *is_stopped => say!("account-health-stopped"),
            Health::Fine => {
                let is_final = !has_refresh || self.networks.get(&network).is_some_and(|network| network.tokens_end());
                match *ends_at {
                    Some(at_ms) if is_final => say!("account-health-ends", at = at(at_ms)),
                    Some(at_ms) if at_ms - now <= UNRENEWED_MS => say!("account-health-unrenewed", at = at(at_ms)),
                    Some(_) | None => say!("account-health-fine"),
                }
            }
            Health::NeedsReconnecting => ended(*ended_by),
            Health::Disconnected => say!("account-health-disconnected"),
        }
    }

    /// What does not work on an account because a permission was not granted.
    pub(super) fn lacks(&self, account: &Account) -> Vec<Sentence> {
        let Some(platform) = self.networks.get(&account.network).filter(|_| account.health == Health::Fine) else {
            return Vec::new();
        };
        let lacking = lacking(platform.uses(), &platform.asked_scopes(), &account.scopes).into_iter();
        lacking.map(|(scope, what)| say!("account-lacks", scope = scope, what = what.word())).collect()
    }
}

/// Why an account must be connected again, as far as that is known.
fn ended(by: Option<Ended>) -> Sentence {
    match by {
        Some(ended) => say!("account-health-ended", why = ended.word()),
        None => say!("account-health-needs-reconnecting"),
    }
}

/// What a post cannot go out for on an account, as a finding.
pub(super) fn finding(platform: &dyn Platform, account: &Account, content: &Content) -> Option<Finding> {
    let what = missing(platform, account, &platform.purposes(content))?;
    Some(Finding { severity: Severity::Error, part: None, what })
}

fn missing(platform: &dyn Platform, account: &Account, purposes: &[Purpose]) -> Option<Sentence> {
    let (scope, what) = first_lacking(platform.uses(), purposes, &account.scopes)?;
    let (handle, network) = (&account.handle, account.network.shown());
    let what = what.word();
    Some(if platform.asked_scopes().contains(&scope) {
        say!("account-permission", handle = handle, network = network, scope = scope, what = what)
    } else {
        say!("account-permission-unasked", handle = handle, network = network, scope = scope, what = what)
    })
}
