//! The role every network plays, and what each says of itself ([`mod@kit`]). What only one network knows stays in its folder.
//! A network is handed opened tokens and bytes; it names nothing of ours but `domain` and `http_out`.

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use crate::domain::account::{Account, Profile};
use crate::domain::allowance::Allowance;
use crate::domain::commit::{Armed, CallFault, CommitOutcome, GivenUp, Search, Sighting};
use crate::domain::day_limit::DayLimit;
use crate::domain::figures::{Given, PostFigures};
use crate::domain::ids::MediaId;
use crate::domain::network::{Network, for_each_network};
use crate::domain::picture::Making;
use crate::domain::post::{Content, Finding, MediaFacts, Options, Preview, Segment};
use crate::domain::purpose::{Purpose, Use};
use crate::domain::refusal::Sentence;
use crate::domain::shelf::MediaFile;
use crate::domain::video::{OwnVideo, VideoPage, VideoWords};
use crate::say;

mod answers;
mod films;
mod findings;
pub mod instagram;
mod kept;
pub mod kit;
pub mod linkedin;
mod meta;
mod pictures;
pub mod threads;
pub mod tiktok;
mod utf16;
pub mod x;
pub mod youtube;

/// The networks this server is configured for.
pub type Networks = std::collections::BTreeMap<Network, Arc<dyn Platform>>;

/// A token pair as a network gave it.
#[derive(Debug)]
pub struct Tokens {
    /// For calls.
    pub access: SecretString,
    /// For the next pair, where the network gives one.
    pub refresh: Option<SecretString>,
    /// How long the access token lives, seconds.
    pub expires_in_s: i64,
    /// How long it can be renewed, seconds, where the network says so. What cannot be renewed at all ends with the access token.
    pub ends_in_s: Option<i64>,
    /// What was granted, space-separated.
    pub scopes: String,
}

/// A token call failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// The grant is dead: the person must connect again.
    #[error("the grant is dead: {0}")]
    Dead(String),
    /// Our client id or secret is wrong: the operator must mend the configuration.
    #[error("the app's credentials were refused: {0}")]
    Misconfigured(String),
    /// Whether the network acted is not known (RELIABILITY §3, refresh race): reconnect rather than loop.
    #[error("the answer never came: {0}")]
    Unknown(String),
    /// Nothing was sent; try later.
    #[error("could not be reached: {0}")]
    NotSent(String),
}

macro_rules! kits {
    ($($(#[$about:meta])* $network:ident $slug:ident $shown:literal $tokens:ident,)*) => {
        /// What a network's folder tells of it, whether or not this server is set up for it.
        #[must_use]
        pub fn kit(network: Network) -> &'static kit::Kit {
            match network {
                $(Network::$network => &$slug::kit::KIT,)*
            }
        }
    };
}
for_each_network!(kits);

/// One part of a delivery, ready to be prepared and sent.
#[derive(Debug, Clone)]
pub struct Part {
    /// Which, from 0.
    pub no: usize,
    /// What it shows.
    pub segment: Segment,
    /// Choices of the variant.
    pub options: Options,
    /// Its media, in order.
    pub media: Vec<MediaFile>,
    /// The network's id of the part before it.
    pub reply_to: Option<String>,
    /// What an upload leaves behind until it is done.
    pub notes: Option<Arc<dyn Notes>>,
}

/// Keeps what is needed to go on with an upload that was cut, for a later process too. Some of it opens the upload for whoever has it, so it is
/// sealed, never shown, and kept for this one delivery.
#[async_trait]
pub trait Notes: Send + Sync {
    /// What was kept last.
    ///
    /// # Errors
    /// When it cannot be read just now.
    async fn find(&self) -> Result<Option<SecretString>, CallFault>;

    /// Keeps this instead.
    ///
    /// # Errors
    /// When it cannot be kept, or the delivery is somebody else's by now: then nothing may be begun that it was to remember.
    async fn keep(&self, note: &SecretString) -> Result<(), CallFault>;
}

impl std::fmt::Debug for dyn Notes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Notes")
    }
}

/// Makes addresses under which a network may fetch a medium for a while: for networks that pull (platforms/threads.md §3.1).
pub trait MediaLinks: Send + Sync {
    /// The address. `None` when there is none that the network could reach.
    fn link(&self, medium: &MediaId) -> Option<Url>;

    /// The address of a JPEG of a picture, made of the stored bytes whenever it is asked for, for networks that would not take it as it is.
    fn jpeg(&self, medium: &MediaId, making: Making) -> Option<Url>;

    /// The address of a video whose index stands before its pictures there, for networks that take no other.
    fn index_first(&self, medium: &MediaId) -> Option<Url>;
}

/// Lets time pass by the house's clock (DECISIONS 11), while a network works on something.
#[async_trait]
pub trait Pauses: Send + Sync {
    /// Returns when so much time has passed.
    async fn pause(&self, time: std::time::Duration);
}

/// The role of a network whose accounts have films there that are listed and changed by themselves, without a post of ours.
#[async_trait]
pub trait OwnVideos: Send + Sync {
    /// Some of the account's own, the newest first.
    ///
    /// # Errors
    /// When the call fails.
    async fn list(&self, access: &SecretString, account: &Account, page: Option<&str>) -> Result<VideoPage, CallFault>;

    /// One of them; `None` when it is not there, or another account's.
    ///
    /// # Errors
    /// When the call fails.
    async fn find(&self, access: &SecretString, account: &Account, id: &str) -> Result<Option<OwnVideo>, CallFault>;

    /// What the network would refuse of what is to stand there. Pure.
    fn check_words(&self, words: &VideoWords) -> Vec<Finding>;

    /// The same of a picture. Pure.
    fn check_thumbnail(&self, facts: &MediaFacts) -> Vec<Finding>;

    /// Writes all that is said of one. Written again it is the same.
    ///
    /// # Errors
    /// `Refused` and `Blocked` when the network said no; else it may stand there or not.
    async fn write(&self, access: &SecretString, id: &str, words: &VideoWords) -> Result<(), CallFault>;

    /// Has a picture stand for one. Sent again it is the same.
    ///
    /// # Errors
    /// As [`OwnVideos::write`].
    async fn set_picture(&self, access: &SecretString, id: &str, picture: &MediaFile) -> Result<(), CallFault>;
}

/// The network's limits and options as data, for `list_accounts` with `detail: "rules"`.
pub type Rules = Value;

/// A network.
#[async_trait]
pub trait Platform: Send + Sync {
    /// Which one.
    fn network(&self) -> Network;

    /// Limits and options as data.
    fn rules(&self) -> Rules;

    /// Everything the network would refuse or the author should know. Pure.
    fn check(&self, content: &Content, media: &[MediaFacts]) -> Vec<Finding>;

    /// What a reader would see and what it costs. Pure.
    fn preview(&self, content: &Content, media: &[MediaFacts]) -> Preview;

    /// Whether a person must see what they choose before each post, whatever permission they gave somebody else for the rest.
    fn asks_each_time(&self) -> bool {
        false
    }

    /// Whether the network says of an account what it may do just now, as far as it matters for this content ([`Platform::standing`]).
    fn has_standing(&self, _content: &Content) -> bool {
        false
    }

    /// What the network says that the account may do just now, for [`Platform::check_standing`] alone.
    ///
    /// # Errors
    /// When the call fails. `Refused` or `Blocked` says that the account may post nothing at all.
    async fn standing(&self, _access: &SecretString) -> Result<Value, CallFault> {
        Ok(Value::Null)
    }

    /// What that forbids of a post. Pure.
    fn check_standing(&self, _standing: &Value, _content: &Content, _media: &[MediaFacts]) -> Vec<Finding> {
        Vec::new()
    }

    /// What its scopes are for.
    fn uses(&self) -> &'static [Use] {
        kit(self.network()).uses
    }

    /// The scopes that a person is asked for.
    fn asked_scopes(&self) -> Vec<&str>;

    /// What publishing this takes, the first thing first. Pure.
    fn purposes(&self, _content: &Content) -> Vec<Purpose> {
        vec![Purpose::Publish]
    }

    /// Where to send the person's browser (OAuth code + PKCE S256).
    fn authorize_url(&self, redirect: &Url, state: &str, challenge: &str) -> Url;

    /// Code → tokens.
    ///
    /// # Errors
    /// When the network refuses or cannot be reached.
    async fn exchange(&self, code: &str, verifier: &SecretString, redirect: &Url) -> Result<Tokens, TokenFault>;

    /// Refresh token → new pair. The old refresh token may be dead at once.
    ///
    /// # Errors
    /// When the network refuses, or the outcome is not known.
    async fn refresh(&self, refresh: &SecretString) -> Result<Tokens, TokenFault>;

    /// How much of a token's life must be left, in seconds, so that it is not refreshed although nobody needs it just now. For networks whose
    /// tokens can only be refreshed while they live; `None` where a refresh token waits as long as it takes.
    fn refresh_ahead_s(&self) -> Option<i64> {
        None
    }

    /// Whether grants may end on a day that renewing does not move, so that only connecting again helps (platforms/linkedin.md §1.3).
    fn tokens_end(&self) -> bool {
        false
    }

    /// What the network takes at most in a day; empty where no such limit is documented.
    fn day_limits(&self) -> &'static [DayLimit] {
        &[]
    }

    /// Whether the network says how much of a day an account has used ([`Platform::allowance`]).
    fn tells_allowance(&self) -> bool {
        false
    }

    /// How much of that an account has used. `None` where the network does not say.
    ///
    /// # Errors
    /// When the call fails; it may be repeated.
    async fn allowance(&self, _access: &SecretString, _account: &Account) -> Result<Option<Allowance>, CallFault> {
        Ok(None)
    }

    /// Whether the network knows this server's app. Asked with a token that nobody ever had: it is refused either way, and the refusal says it.
    ///
    /// # Errors
    /// When the app's credentials are refused, or the network cannot be reached.
    async fn check_app(&self) -> Result<(), TokenFault> {
        match self.refresh(&SecretString::from("socrazi-doctor-asks-whether-the-app-is-known")).await {
            Ok(_) | Err(TokenFault::Dead(_)) => Ok(()),
            Err(fault @ (TokenFault::Misconfigured(_) | TokenFault::Unknown(_) | TokenFault::NotSent(_))) => Err(fault),
        }
    }

    /// Whether [`Platform::revoke`] can do that at all.
    fn can_revoke(&self) -> bool {
        true
    }

    /// Tells the network to forget a token.
    ///
    /// # Errors
    /// When the network refuses or cannot be reached.
    async fn revoke(&self, token: &SecretString) -> Result<(), TokenFault>;

    /// Whose token this is.
    ///
    /// # Errors
    /// When the call fails.
    async fn profile(&self, access: &SecretString) -> Result<Profile, CallFault>;

    /// Invisible steps (uploads, containers): may repeat. Returns the handle that `commit` needs, to be saved before it; `null` where there was
    /// nothing to prepare, which needs no saving.
    ///
    /// # Errors
    /// When a step fails; nothing is visible then.
    async fn prepare(&self, access: &SecretString, part: &Part) -> Result<Value, CallFault>;

    /// Whether what is prepared is seen by nobody, keeps, and can be given up: then it may be begun before its time.
    fn prepares_ahead(&self) -> bool {
        false
    }

    /// How long before its time something is prepared, milliseconds; 0 where that takes no time to speak of. Pure.
    fn lead_ms(&self, _content: &Content, _media: &[MediaFacts]) -> i64 {
        0
    }

    /// Where something lies that was brought there for a part, seen by its owner alone. `handle` is what `prepare` left, if it came so far.
    ///
    /// # Errors
    /// When reading fails.
    async fn find_left(
        &self,
        _access: &SecretString,
        _part: &Part,
        _handle: Option<&Value>,
    ) -> Result<Option<String>, CallFault> {
        Ok(None)
    }

    /// Where that lies as far as it can be said without a token, of an account that was let go.
    async fn name_left(&self, _part: &Part, _handle: Option<&Value>) -> Result<Option<String>, CallFault> {
        Ok(None)
    }

    /// Removes that, where it is certain that it is ours and as we left it.
    ///
    /// # Errors
    /// When the network cannot be reached, or not just now; it may be repeated.
    async fn give_up(
        &self,
        _access: &SecretString,
        _part: &Part,
        _handle: Option<&Value>,
    ) -> Result<GivenUp, CallFault> {
        Ok(GivenUp::Nothing)
    }

    /// The one call after which the world can see the part. Never repeated by this code; the proof is used up.
    async fn commit(
        &self,
        armed: Armed,
        access: &SecretString,
        account: &Account,
        part: &Part,
        handle: &Value,
    ) -> CommitOutcome;

    /// Looks whether a part went out.
    ///
    /// # Errors
    /// When reading fails; that shows nothing either way.
    async fn find(&self, access: &SecretString, search: &Search) -> Result<Sighting, CallFault>;

    /// Whether what the network calls by this name, on its way, can be what was prepared, or what the evidence of the open try says. Pure.
    fn is_called(&self, _name: &str, _prepared: Option<&Value>, _said: &str) -> bool {
        false
    }

    /// Whether two complete reads without a match prove that nothing went out. Only where a dossier says so (DECISIONS 4).
    fn absence_is_proof(&self) -> bool;

    /// The network's id and place of a post of this account, read from an address that a person copied; `None` when it is none. Pure.
    fn read_link(&self, account: &Account, link: &str) -> Option<(String, String)>;

    /// Removes something published. What is not there any more is removed: a removal that was interrupted can be begun again.
    ///
    /// # Errors
    /// When the network refuses or cannot be reached.
    async fn remove(&self, access: &SecretString, remote_id: &str) -> Result<(), CallFault>;

    /// Whether [`Platform::remove`] can do that at all.
    fn can_take_down(&self) -> bool {
        true
    }

    /// What the network tells of an account's own posts, or why it tells nothing.
    ///
    /// # Errors
    /// The sentence that says why not.
    fn gives_figures(&self) -> Result<Given, Sentence> {
        Err(say!("figures-not-given", network = self.network().shown()))
    }

    /// Figures of posts of this account, at most [`Given::batch_max`] of them. A post of which the network says nothing is missing, or without the
    /// figures that it keeps to itself.
    ///
    /// # Errors
    /// When the network refuses or cannot be reached; what was read of other posts by then is read again.
    async fn figures(&self, _access: &SecretString, _remote_ids: &[String]) -> Result<Vec<PostFigures>, CallFault> {
        Ok(Vec::new())
    }

    /// Films that are there, where the network lets an app list and change them.
    fn own_videos(&self) -> Option<&dyn OwnVideos> {
        None
    }

    /// How many follow the account, where the network says so.
    ///
    /// # Errors
    /// When the network refuses or cannot be reached.
    async fn followers(&self, _access: &SecretString) -> Result<Option<i64>, CallFault> {
        Ok(None)
    }
}
