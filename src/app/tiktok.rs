//! What TikTok tells by its webhook (platforms/tiktok.md §7): that somebody removed our app, or how far a post is. Anybody may call; only what is
//! signed with the app's secret, and lately, is heard. It comes at least once, so hearing it again changes nothing. What it says of a post is never
//! believed by itself: it only makes us look sooner.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::App;
use crate::domain::account::Account;
use crate::domain::delivery::State;
use crate::domain::network::Network;
use crate::domain::tool::ToolError;
use crate::store::attempts::Outcome;
use crate::vault::primitives::{equal, hmac_sha256};

/// How far the instant of a signature may be from ours, seconds (§7 leaves it to us).
const AGE_S_MAX: i64 = 300;
/// A header with an instant and a hash.
const SIGNATURE_BYTES_MAX: usize = 200;
/// §1.2: a UUID; longer ones are believed a while.
const OPEN_ID_CHARS_MAX: usize = 100;
/// §4.1.
const PUBLISH_ID_CHARS_MAX: usize = 64;
/// §7: what begins so is about a post.
const OF_A_POST: &str = "post.publish.";

/// Something that TikTok said of one of its people.
#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Told {
    client_key: String,
    event: String,
    /// Unix seconds.
    create_time: i64,
    user_openid: String,
    /// JSON inside of a string.
    #[serde(default)]
    content: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OfPost {
    publish_id: String,
}

impl App {
    /// TikTok told something, with the header `TikTok-Signature` beside it. What is not known is taken without a word. `None` when nobody whom we
    /// believe said it.
    ///
    /// # Errors
    /// When the database fails; TikTok tells it again then.
    pub async fn tiktok_told(&self, signature: &str, body: &[u8]) -> Result<Option<()>, ToolError> {
        let section = self.config.networks.get(&Network::TikTok);
        let Some((client_key, secret)) = section.and_then(|section| section.signing()) else { return Ok(None) };
        let now = self.clock.now_ms();
        let Some(told) = read_told(signature, body, (secret, now)) else { return Ok(None) };
        if told.client_key != client_key {
            return Ok(None);
        }
        // The whole second is meant, as with everybody who counts in seconds.
        let at = told.create_time.saturating_mul(1000).saturating_add(999).min(now);
        match told.event.as_str() {
            "authorization.removed" => self.removed_there((Network::TikTok, &told.user_openid), at).await?,
            event if event.starts_with(OF_A_POST) => {
                let of: OfPost = serde_json::from_str(&told.content).unwrap_or_default();
                let is_name = (1..=PUBLISH_ID_CHARS_MAX).contains(&of.publish_id.chars().count());
                for account in self.store.list_accounts_remote(Network::TikTok, &told.user_openid, now).await? {
                    if is_name {
                        self.look_sooner(&account, &of.publish_id).await?;
                    }
                }
            }
            _ => tracing::info!("TikTok told something that means nothing here"),
        }
        Ok(Some(()))
    }

    /// Looks at once for what waits for a look and may be what the network calls by this name.
    async fn look_sooner(&self, account: &Account, name: &str) -> Result<(), ToolError> {
        let Some(platform) = self.desk.networks.get(&account.network) else { return Ok(()) };
        for delivery in self.store.list_open_of_account(&account.id).await? {
            if !matches!(delivery.state, State::Processing | State::Unknown) {
                continue;
            }
            let attempts = self.store.list_attempts(&delivery.id).await?;
            let is_open = |outcome: Option<Outcome>| outcome.is_none_or(|outcome| outcome == Outcome::Unknown);
            let open = attempts.into_iter().rev().find(|attempt| is_open(attempt.outcome));
            let said = open.and_then(|attempt| attempt.evidence).unwrap_or_default();
            if platform.is_called(name, delivery.handle.as_ref(), &said)
                && self.store.update_look_now(&delivery, self.store.now_ms().await?).await?
            {
                tracing::info!(delivery.id = %delivery.id, "the network says that something happened; it is looked for now");
                self.wake();
            }
        }
        Ok(())
    }
}

/// Reads what was told, where it is signed, and lately.
fn read_told(signature: &str, body: &[u8], (secret, now): (&SecretString, i64)) -> Option<Told> {
    if signature.len() > SIGNATURE_BYTES_MAX || secret.expose_secret().is_empty() {
        return None;
    }
    let part = |name: &str| signature.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
    let (at, given) = (part("t")?, part("s")?);
    let at_s = at.parse::<i64>().ok().filter(|_| at.bytes().all(|byte| byte.is_ascii_digit()))?;
    let message = [at.as_bytes(), b".", body].concat();
    if !equal(hex::encode(hmac_sha256(secret.expose_secret().as_bytes(), &message)).as_bytes(), given.as_bytes()) {
        return None;
    }
    let told: Told = serde_json::from_slice(body).ok()?;
    let is_person = (1..=OPEN_ID_CHARS_MAX).contains(&told.user_openid.len()) && told.user_openid.is_ascii();
    let is_lately = (at_s - now.div_euclid(1000)).abs() <= AGE_S_MAX;
    (is_person && is_lately && told.create_time > 0).then_some(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published vector (§7).
    const SECRET: &str = "test_client_secret";
    const AT: i64 = 1_795_430_400;
    const BODY: &str = r#"{"client_key":"ck_test","event":"post.publish.complete","create_time":1795430400,"user_openid":"open-1","content":"{\"publish_id\":\"v_pub_file~v2-1.1\",\"publish_type\":\"DIRECT_POST\"}"}"#;
    const HASH: &str = "611360f6eb4a597b45ff0f20a87a0b0da05aae3193dcafe90aa58a4e677386ee";

    fn read(signature: &str, body: &str, now_s: i64) -> Option<Told> {
        read_told(signature, body.as_bytes(), (&SecretString::from(SECRET), now_s * 1000))
    }

    fn signed(at: &str, body: &str) -> String {
        format!("t={at},s={}", hex::encode(hmac_sha256(SECRET.as_bytes(), format!("{at}.{body}").as_bytes())))
    }

    #[test]
    fn what_is_signed_lately_is_read_and_nothing_else() {
        let vector = format!("t={AT},s={HASH}");
        let told = read(&vector, BODY, AT).unwrap();
        assert_eq!((told.event.as_str(), told.user_openid.as_str()), ("post.publish.complete", "open-1"));
        assert_eq!(serde_json::from_str::<OfPost>(&told.content).unwrap().publish_id, "v_pub_file~v2-1.1");
        assert!(read(&format!("s={HASH}, t={AT}"), BODY, AT).is_some(), "in either order");
        // Five minutes are as old as it may be, and as young.
        for (now, is_heard) in [(AT + 300, true), (AT + 301, false), (AT - 300, true), (AT - 301, false)] {
            assert_eq!(read(&vector, BODY, now).is_some(), is_heard, "{now}");
        }
        let other = BODY.replace("open-1", "open-2");
        let (long, late) = (format!("t={AT},s={}", "0".repeat(300)), format!("t={},s={HASH}", AT + 1));
        for (wrong, body) in [
            ("", BODY),
            (&*format!("t={AT}"), BODY),
            (&*format!("s={HASH}"), BODY),
            (&*format!("t={AT},s="), BODY),
            (&*format!("t={AT},s={}", &HASH[..63]), BODY),
            (&*format!("t={AT},s={}", HASH.to_uppercase()), BODY),
            (&*format!("t=+{AT},s={HASH}"), BODY),
            (&*late, BODY),
            (&*long, BODY),
            (&*vector, &*other),
            (&*vector, ""),
            (&*signed(&AT.to_string(), "[]"), "[]"),
            (&*signed(&AT.to_string(), ""), ""),
            (&*signed(&format!("+{AT}"), BODY), BODY),
        ] {
            assert_eq!(read(wrong, body, AT), None, "{wrong} {body}");
        }
        let nobody = BODY.replace("open-1", "");
        assert_eq!(read(&signed(&AT.to_string(), &nobody), &nobody, AT), None);
        assert!(read_told(&vector, BODY.as_bytes(), (&SecretString::from(""), AT * 1000)).is_none());
    }
}
