//! Letting an account go: our copies of its tokens are destroyed at once, what is scheduled there is withdrawn, and the network is told. What that
//! last call takes is kept sealed in a row of its own until the network confirms, a day at most, so that neither a process that dies nor a network
//! that is away leaves a grant that nobody ends.

use secrecy::SecretString;
use sha2::{Digest, Sha256};

use super::connect::Connector;
use crate::domain::account::{Account, Health, Revoked};
use crate::domain::delivery::Event;
use crate::domain::ids::NoticeId;
use crate::domain::network::Network;
use crate::domain::refusal::Sentence;
use crate::domain::sealed::{Place, Sealed};
use crate::domain::tool::ToolError;
use crate::platforms::{Platform, TokenFault, kit};
use crate::say;
use crate::store::disconnections::{Disconnection, Lease};
use crate::store::notices::Notice;

/// How long whoever works on one may take: two tokens, of which each may take three calls of 20 s.
pub const LEASE_MS: i64 = 150_000;

/// What disconnecting came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disconnected {
    /// Whether the network confirmed.
    pub revoked: Revoked,
    /// Deliveries that were withdrawn.
    pub withdrawn: i64,
}

impl Connector {
    /// Disconnects: destroys the tokens at once, cancels what is scheduled there, and tells the network to forget us. The person is told what it
    /// came to. Whoever dies meanwhile leaves behind what [`Connector::go_on`] goes on with.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn disconnect(
        &self,
        account: &Account,
        platform: Option<&dyn Platform>,
    ) -> Result<Disconnected, ToolError> {
        let now = self.store.now_ms().await?;
        let lease = Lease { owner: &self.tokens.owner, now, until: now + LEASE_MS };
        let closed = self.store.update_account_disconnected(&account.id, &account.workspace, Some(lease)).await?;
        crate::failpoint!("F15");
        let kept = self.store.find_disconnection(&account.id).await?;
        let kept = kept.ok_or_else(|| ToolError::Failed("somebody else disconnected it at the same time".into()))?;
        if closed > 0 {
            let (handle, network) = (&account.handle, account.network.shown());
            let count = i64::try_from(closed).unwrap_or(i64::MAX);
            self.tell_once(&kept, say!("notice-approvals-void", handle = handle, network = network, count = count))
                .await?;
        }
        self.go_on(&kept, platform).await
    }

    /// Goes on with a disconnection that was carried out here.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn go_on(
        &self,
        kept: &Disconnection,
        platform: Option<&dyn Platform>,
    ) -> Result<Disconnected, ToolError> {
        let stored = self.store.find_account(&kept.account, &kept.workspace).await?;
        let gone = stored.map(|stored| stored.account).filter(|account| account.health == Health::Disconnected);
        let moved = match &gone {
            Some(account) => self.move_deliveries(account, &Event::Disconnected).await?,
            None => 0,
        };
        let moved = i64::try_from(moved).unwrap_or(i64::MAX);
        self.store.update_disconnection_withdrawn(&kept.account, moved).await?;
        let done = Disconnected { revoked: self.revoke(kept, platform).await?, withdrawn: kept.withdrawn + moved };
        self.tell_disconnected(kept, done).await?;
        let now = self.store.now_ms().await?;
        match kept.again_at(done.revoked, now) {
            Some(at) => self.store.update_disconnection_put_off(&kept.account, at).await?,
            None => self.store.delete_disconnection(&kept.account).await?,
        }
        Ok(done)
    }

    async fn revoke(&self, kept: &Disconnection, platform: Option<&dyn Platform>) -> Result<Revoked, ToolError> {
        if Network::find(&kept.network).is_some_and(Network::is_of_google) {
            return match &self.tokens.google {
                Some(google) => google.disconnect_channel(&kept.workspace, &kept.remote_id).await,
                None => Ok(Revoked::No),
            };
        }
        let Some(platform) = platform.filter(|platform| platform.can_revoke()) else { return Ok(Revoked::No) };
        let mut revoked = if kept.access.is_none() { Revoked::No } else { Revoked::Yes };
        for (sealed, column) in [(&kept.access, "access"), (&kept.refresh, "refresh")] {
            let Some(sealed) = sealed else { continue };
            let one = match self.opened(kept, (sealed, column)).await {
                Some(token) => said(kept, platform.revoke(&token).await),
                None => Revoked::No,
            };
            revoked = revoked.and(one);
        }
        Ok(revoked)
    }

    /// Sealed as it lay in the account's own row.
    async fn opened(&self, kept: &Disconnection, (sealed, column): (&Sealed, &str)) -> Option<SecretString> {
        let place = Place {
            user: &kept.user,
            provider: &kept.network,
            provider_account: &kept.remote_id,
            table: "account_token",
            column,
            row: kept.account.as_str(),
        };
        let opened = self.vault.open(&place, sealed).await;
        opened.inspect_err(|error| tracing::warn!(account.id = %kept.account, error = %error, "what revoking takes cannot be opened")).ok()
    }

    /// Each thing once, however often it is begun again.
    async fn tell_disconnected(&self, kept: &Disconnection, done: Disconnected) -> Result<(), ToolError> {
        let Some(network) = Network::find(&kept.network) else { return Ok(()) };
        let Disconnected { revoked, withdrawn } = done;
        let (handle, shown) = (&kept.handle, network.shown());
        let what =
            say!("notice-disconnected", handle = handle, network = shown, count = withdrawn, revoked = revoked.word());
        self.tell_once(kept, what).await?;
        match revoked {
            Revoked::Yes if kept.tries > 0 => {
                self.tell_once(kept, say!("notice-revoke-confirmed", handle = handle, network = shown)).await
            }
            Revoked::Yes => Ok(()),
            Revoked::No | Revoked::Later => self.tell_once(kept, (kit(network).by_hand)(handle)).await,
        }
    }

    async fn tell_once(&self, kept: &Disconnection, what: Sentence) -> Result<(), ToolError> {
        let gone_at = kept.gone_at.unwrap_or_default();
        let hash = Sha256::digest(format!("{} {} {gone_at}", what.key, kept.account).as_bytes());
        let bits = hash.iter().take(10).fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
        let notice = Notice { post: None, what, created_at: self.clock.now_ms() };
        self.store.insert_notice_once(&NoticeId::generate(gone_at, bits), &kept.user, &notice).await?;
        Ok(())
    }
}

fn said(kept: &Disconnection, answer: Result<(), TokenFault>) -> Revoked {
    let Err(fault) = answer else { return Revoked::Yes };
    tracing::warn!(account.id = %kept.account, error = %fault, "the network did not confirm the revocation");
    match fault {
        TokenFault::NotSent(_) | TokenFault::Unknown(_) => Revoked::Later,
        TokenFault::Misconfigured(_) | TokenFault::Dead(_) => Revoked::No,
    }
}
