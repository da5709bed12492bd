//! What Meta tells of its people (platforms/threads.md §7, instagram.md §8): they removed our app, or want deleted what came from their account.
//! Anybody may call; only what is signed with an app's secret is heard, and hearing it again changes nothing.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::App;
use crate::domain::account::{Account, Health};
use crate::domain::ids::NoticeId;
use crate::domain::network::Network;
use crate::domain::tool::ToolError;
use crate::say;
use crate::store::deletion_requests::DeletionRequest;
use crate::store::notices::Notice;
use crate::vault::primitives::{equal, hmac_sha256, token_hash};

/// Meta's are a few hundred bytes.
const SIGNED_BYTES_MAX: usize = 4_096;
/// Enough of a hash that nobody comes upon somebody else's code.
const CODE_CHARS: usize = 32;
/// How long somebody can look up that it was done.
pub(super) const DELETIONS_KEPT_MS: i64 = 365 * 86_400_000;

/// What the network is answered to a wish (instagram.md §8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletionReceipt {
    /// Where its state can be read, by whoever has the address.
    pub url: Url,
    /// Its code.
    pub code: String,
}

/// What a wish's page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeletionView {
    /// When it was said, Unix milliseconds.
    pub asked_at: i64,
    /// When it was fulfilled.
    pub done_at: Option<i64>,
}

/// Something that Meta said of one of its people.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    network: Network,
    /// As the network names them to this app.
    remote_id: String,
    /// As it was signed, Unix seconds.
    issued_at: i64,
    /// Unix milliseconds; what was connected later is not meant.
    at: i64,
}

impl App {
    /// A person removed our app there. Their tokens are destroyed here, what is scheduled there is cancelled, and who published with them hears of it.
    /// `None` when nobody whom we believe said so.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn meta_deauthorized(&self, signed: &str) -> Result<Option<()>, ToolError> {
        let Some(said) = self.said_by_meta(signed) else { return Ok(None) };
        self.removed_there((said.network, &said.remote_id), said.at).await?;
        Ok(Some(()))
    }

    /// A person removed our app at a network, by an instant in Unix milliseconds: what was connected later is not meant.
    pub(super) async fn removed_there(&self, (network, remote_id): (Network, &str), at: i64) -> Result<(), ToolError> {
        for account in self.store.list_accounts_remote(network, remote_id, at).await? {
            if let Some(count) = self.connector.deauthorized(&account, at).await? {
                tracing::info!(account.id = %account.id, "the person removed this app at the network");
                self.audit_at(&account, "account.deauthorized").await?;
                let (handle, network) = (&account.handle, account.network.shown());
                let what = say!("notice-deauthorized", handle = handle, network = network, count = count);
                self.tell_of_account(&account, what).await?;
            }
        }
        Ok(())
    }

    /// A person wants deleted what came from their account there. It is done now, or when what is going out is over; the receipt says where to
    /// look. `None` when nobody whom we believe said so.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn meta_deletion_asked(&self, signed: &str) -> Result<Option<DeletionReceipt>, ToolError> {
        let Some(Said { network, remote_id, issued_at, at }) = self.said_by_meta(signed) else { return Ok(None) };
        // The same wish has the same code, which tells nothing of whose it is.
        let whole = format!("deletion {} {remote_id} {issued_at}", network.slug());
        let signature = self.vault.sign_link(&whole);
        let signature = signature.ok_or_else(|| ToolError::Failed("no key to make a code with".into()))?;
        let code: String = token_hash(&signature).chars().take(CODE_CHARS).collect();
        let request = DeletionRequest { code: code.clone(), network, remote_id, asked_at: at };
        self.store.insert_deletion_request(&request).await?;
        self.delete_asked().await?;
        let url = self.config.public_url.join(&format!("meta/data-deletion/{code}"));
        let url = url.map_err(|error| ToolError::Failed(error.to_string()))?;
        Ok(Some(DeletionReceipt { url, code }))
    }

    /// How far a wish is. `None` when there is none of this code.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn meta_deletion(&self, code: &str) -> Result<Option<DeletionView>, ToolError> {
        // Whatever else stands in an address is not brought before a database.
        if code.len() != CODE_CHARS || !code.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(None);
        }
        let found = self.store.find_deletion_request(code).await?;
        Ok(found.map(|(asked_at, done_at)| DeletionView { asked_at, done_at }))
    }

    /// Fulfils what can be fulfilled by now of the wishes that are written down.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_asked(&self) -> Result<(), ToolError> {
        for request in self.store.list_deletion_requests().await? {
            let DeletionRequest { code, network, remote_id, asked_at } = request;
            let mut is_done = true;
            for account in self.store.list_accounts_remote(network, &remote_id, asked_at).await? {
                is_done &= self.delete_account(&account, asked_at).await?;
            }
            if is_done {
                self.store.update_deletion_done(&code, self.clock.now_ms()).await?;
            }
        }
        self.store.checkpoint().await?;
        Ok(())
    }

    async fn delete_account(&self, account: &Account, asked_at: i64) -> Result<bool, ToolError> {
        if account.health != Health::Disconnected {
            self.connector.let_go(account).await?;
            self.audit_at(account, "account.deletion_asked").await?;
            self.tell_of_account(account, say!("notice-deleted-at-network", network = account.network.shown())).await?;
        }
        Ok(self.store.erase_account_names(account, asked_at).await?)
    }

    async fn tell_of_account(
        &self,
        account: &Account,
        what: crate::domain::refusal::Sentence,
    ) -> Result<(), ToolError> {
        let now = self.clock.now_ms();
        let notice = Notice { post: None, what, created_at: now };
        let id = NoticeId::generate(now, self.entropy.bits());
        Ok(self.store.insert_notice(&id, &account.user, &notice).await?)
    }

    pub(super) async fn audit_at(&self, account: &Account, what: &str) -> Result<(), ToolError> {
        let event = crate::store::audit::AuditEvent {
            workspace: &account.workspace,
            user: &account.user,
            via: account.network.slug(),
            what,
            about: account.id.as_str(),
        };
        Ok(self.store.insert_audit(&event, self.clock.now_ms()).await?)
    }

    /// Which of the apps' secrets signed it says where it was said.
    fn said_by_meta(&self, signed: &str) -> Option<Said> {
        let now = self.clock.now_ms();
        [Network::Threads, Network::Instagram].into_iter().find_map(|network| {
            let (_, secret) = self.config.networks.get(&network)?.signing()?;
            let Signed { user_id, issued_at } = read_signed(signed, secret, now)?;
            let at = issued_at.checked_mul(1000)?.checked_add(999)?.min(now);
            Some(Said { network, remote_id: user_id, issued_at, at })
        })
    }
}

#[derive(Debug)]
struct Signed {
    user_id: String,
    issued_at: i64,
}

/// Reads a `signed_request`: two parts in base64url without padding, of which the first is the HMAC of the second as it stands there.
fn read_signed(text: &str, secret: &SecretString, now: i64) -> Option<Signed> {
    #[derive(Deserialize)]
    struct Body {
        algorithm: String,
        user_id: Value,
        issued_at: i64,
        #[serde(default)]
        expires: i64,
    }
    if text.len() > SIGNED_BYTES_MAX || secret.expose_secret().is_empty() {
        return None;
    }
    let (signature, body) = text.split_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    if !equal(&hmac_sha256(secret.expose_secret().as_bytes(), body.as_bytes()), &signature) {
        return None;
    }
    let body: Body = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).ok()?).ok()?;
    let user_id = match body.user_id {
        Value::String(id) => id,
        Value::Number(id) => id.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let is_id = (1..=20).contains(&user_id.len()) && user_id.bytes().all(|byte| byte.is_ascii_digit());
    let is_alive = body.expires == 0 || body.expires.saturating_mul(1000) > now;
    let is_fine = is_id && is_alive && body.algorithm == "HMAC-SHA256" && body.issued_at > 0;
    is_fine.then_some(Signed { user_id, issued_at: body.issued_at })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "test_app_secret";
    /// The published vector (instagram.md §8).
    const VECTOR: &str = "GearJCnHj-vaLz0LKcPIFYLbuT4TdJI486Aw_KtdlrA.eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImlzc3VlZF9hdCI6MTc5NTQzMDQwMCwidXNlcl9pZCI6IjE3ODQxNDAwMDAwMDAwMDAxIn0";

    fn signed(body: &str) -> String {
        let body = URL_SAFE_NO_PAD.encode(body);
        format!("{}.{body}", URL_SAFE_NO_PAD.encode(hmac_sha256(SECRET.as_bytes(), body.as_bytes())))
    }

    fn read(text: &str) -> Option<(String, i64)> {
        read_signed(text, &SecretString::from(SECRET), 1_795_430_400_000).map(|said| (said.user_id, said.issued_at))
    }

    #[test]
    fn what_is_signed_is_read_and_nothing_else() {
        let expected = Some(("17841400000000001".to_owned(), 1_795_430_400));
        assert_eq!(read(VECTOR), expected);
        assert_eq!(
            read(&signed(
                r#"{"algorithm":"HMAC-SHA256","user_id":17841400000000001,"issued_at":1795430400,"expires":0,"oauth_token":"x"}"#
            )),
            expected
        );
        let (signature, body) = VECTOR.split_once('.').unwrap();
        let other = URL_SAFE_NO_PAD
            .encode(r#"{"algorithm":"HMAC-SHA256","issued_at":1795430400,"user_id":"17841400000000002"}"#);
        for wrong in [
            String::new(),
            ".".to_owned(),
            body.to_owned(),
            format!(".{body}"),
            format!("{signature}."),
            format!("{signature}.{other}"),
            format!("{}.{body}", &signature[..42]),
            format!("{signature}=.{body}"),
            format!("{signature}.{body}="),
            format!("{signature}.{body}.{body}"),
            format!("{VECTOR}{}", "A".repeat(5_000)),
            signed(r#"{"algorithm":"none","user_id":"17841400000000001","issued_at":1795430400}"#),
            signed(r#"{"algorithm":"hmac-sha256","user_id":"17841400000000001","issued_at":1795430400}"#),
            signed(r#"{"user_id":"17841400000000001","issued_at":1795430400}"#),
            signed(r#"{"algorithm":"HMAC-SHA256","user_id":"%","issued_at":1795430400}"#),
            signed(r#"{"algorithm":"HMAC-SHA256","user_id":["17841400000000001"],"issued_at":1795430400}"#),
            signed(r#"{"algorithm":"HMAC-SHA256","user_id":"17841400000000001"}"#),
            signed(
                r#"{"algorithm":"HMAC-SHA256","user_id":"17841400000000001","issued_at":1795430400,"expires":1795430399}"#,
            ),
            signed("[]"),
            signed(""),
        ] {
            assert_eq!(read(&wrong), None, "{wrong}");
        }
        assert!(read_signed(VECTOR, &SecretString::from("another"), 0).is_none());
        let unkeyed = format!("{}.{body}", URL_SAFE_NO_PAD.encode(hmac_sha256(b"", body.as_bytes())));
        assert!(read_signed(&unkeyed, &SecretString::from(""), 0).is_none(), "no secret signs nothing");
    }
}
