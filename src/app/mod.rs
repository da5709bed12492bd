//! Builds every part once and holds the doors that front ends may use (STYLE §3, DECISIONS 11). Each door is a file; none of them
//! decides anything that tools or pages should decide the same way (that is `desk`).

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use anyhow::Context;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::agent::Agent;
use crate::analytics::Analytics;
use crate::clock::{Clock, Entropy};
use crate::config::{Config, KekSource};
use crate::desk::Desk;
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::lang::Lang;
use crate::domain::network::Network;
use crate::domain::shelf::Storage;
use crate::http_out::{Outbound, Reach, is_here};
use crate::i18n::Words;
use crate::llm::gemini::Gemini;
use crate::llm::{ChatModel, ModelConfig, Quota};
use crate::media::{Intake, IntakeParts, Lab};
use crate::memory::Memory;
use crate::platforms::Networks;
use crate::publisher::Publisher;
use crate::store::Store;
use crate::store::keys::Keys;
use crate::tools::Toolbox;
use crate::upkeep::allowance::AllowanceKeeper;
use crate::upkeep::connect::Connector;
use crate::upkeep::profiles::ProfileKeeper;
use crate::upkeep::standing::StandingKeeper;
use crate::upkeep::tokens::TokenKeeper;
use crate::upkeep::videos::VideoKeeper;
use crate::vault::{KekRing, Vault};

mod activity;
mod ahead;
mod answering;
mod approvers;
mod authenticate;
pub mod charts;
mod connect;
mod converse;
mod counted;
mod decide;
mod deletions;
pub mod digests;
pub mod disconnect;
pub mod discord;
mod export;
pub mod figures;
mod folder;
pub mod followups;
mod forget;
mod google;
mod inbox;
mod late;
mod mcp_sessions;
mod media;
mod meta;
mod networks;
pub mod oauth;
mod pause;
pub mod pictured;
pub mod places;
pub mod plans;
mod posts;
mod profiles;
mod pull;
pub mod questions;
mod recent;
mod resources;
mod restored;
mod rush;
pub mod settings;
pub mod setup;
mod sheets;
mod shelf;
pub mod slack;
mod strange;
pub mod tables;
mod tiktok;
pub mod times;
mod urgent;
mod videos;
mod waiting;
pub mod webchat;
pub mod weekly;

pub use crate::analytics::catalogue::{TrafficView, Unit};
pub use crate::analytics::report::{Badge, change};
pub use crate::analytics::search::{SearchType, SearchView};
pub use crate::analytics::videos::VideosView;
pub use crate::analytics::{Report, Row, SearchAsk, TrafficAsk, VideosAsk};
pub use crate::desk::{BadRows, Imported};
pub use crate::domain::sheet::SHEET_BYTES_MAX;
pub use crate::google::GrantFault;
pub use crate::http_out::install_tls_provider;
pub use crate::llm::ModelFault;
pub use crate::media::Partial;
pub use crate::memory::{ConversationView, Listed, Said, Spoken};
pub use crate::platforms::TokenFault;
pub use crate::vault::VaultError;
pub use activity::Activity;
pub use answering::{Brought, Offered};
pub use authenticate::{SIGN_IN_LINK_MS, SignedIn};
pub use converse::TEXT_CHARS_MAX;
pub use decide::Verdict;
pub use export::Export;
pub use folder::{DataFolder, FolderError};
pub use forget::Forgotten;
pub use google::Question;
pub use inbox::{RENEW, Received};
pub use media::{Upload, UploadLimits};
pub use meta::{DeletionReceipt, DeletionView};
pub use posts::{Deed, PostsAfter, PostsPage};
pub use pull::INDEX_FIRST;
pub use restored::Held;
pub use sheets::fault_lines;
pub use shelf::{ShelfFault, open_shelf};
pub use waiting::ANSWER_WITHIN;

/// How long work in the background may still take when the process ends.
const GOODBYE: std::time::Duration = std::time::Duration::from_secs(5);

/// What a process is built from.
pub struct Parts {
    /// The configuration.
    pub config: Config,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Every page says that this is a simulation.
    pub is_simulation: bool,
}

/// The whole server behind its doors.
pub struct App {
    store: Arc<Store>,
    keys: Arc<Keys>,
    vault: Arc<Vault>,
    desk: Desk,
    media: Arc<Intake>,
    shelf: Arc<dyn Storage>,
    profiles: Arc<ProfileKeeper>,
    videos: Arc<VideoKeeper>,
    memory: Arc<Memory>,
    analytics: Analytics,
    agent: Option<Arc<Agent>>,
    public: Arc<Outbound>,
    background: TaskTracker,
    toolbox: Toolbox,
    words: Arc<Words>,
    connector: Connector,
    publisher: Arc<Publisher>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    config: Config,
    is_simulation: bool,
    wake: Arc<Notify>,
    /// Somebody may listen who was let in by what is no more.
    taken_back: Notify,
    activity: Arc<Activity>,
    /// `retention.conversation_days` as it was read last.
    conversation_days: watch::Sender<Option<i64>>,
    /// Conversations that are being named or summed up.
    kept_up: Arc<Mutex<HashSet<ConversationId>>>,
    /// What chat services delivered lately.
    recent: recent::Recent,
    /// How much they deliver at this moment.
    pub(crate) rush: rush::Rush,
    /// Names this process in leases.
    owner: String,
    house: std::sync::OnceLock<UserId>,
    looks: urgent::Looks,
    outside: Arc<oauth::OutsideKeys>,
    registering: std::sync::Mutex<oauth::Places>,
}

impl App {
    /// Opens the databases and the vault and builds every part. The data folder must be locked by the caller.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub async fn open(parts: Parts) -> anyhow::Result<Self> {
        let Parts { config, clock, entropy, is_simulation } = parts;
        let (store, keys) = open_databases(&config, &clock).await?;
        let ring = open_ring(&config, &keys, entropy.as_ref()).await?;
        let (store, keys) = (Arc::new(store), Arc::new(keys));
        let vault = Arc::new(Vault::new(ring, keys.clone(), clock.clone(), entropy.clone()));
        let out = Arc::new(Outbound::new(Reach::Public)?);
        let lab = Lab::default();
        let networks = networks::networks(&config, &out, &vault, &clock, &lab);
        let owner = format!("{}-{:x}", std::process::id(), entropy.bits());
        let analytics = google::analytics(&config, &out, (&store, &vault), (&clock, &entropy, owner.as_str()))?;
        store.be_present(&owner).await.context("this process cannot show the database that it lives")?;
        let tokens = TokenKeeper::new(store.clone(), vault.clone(), clock.clone(), entropy.clone(), owner.clone());
        let tokens = Arc::new(tokens.with_google(analytics.google().cloned()));
        let wake = Arc::new(Notify::new());
        let shelf = shelf::over(&config, out.clone())?;
        let publisher = Arc::new(Publisher {
            store: store.clone(),
            networks: networks.clone(),
            tokens: tokens.clone(),
            shelf: shelf.clone(),
            clock: clock.clone(),
            entropy: entropy.clone(),
            owner: owner.clone(),
            wake: wake.clone(),
        });
        let connector = Connector {
            store: store.clone(),
            vault: vault.clone(),
            tokens: tokens.clone(),
            clock: clock.clone(),
            entropy: entropy.clone(),
        };
        let words = Arc::new(Words::load());
        // "Nothing leaves this machine" is said on every page of a simulation.
        let public = if is_simulation { Arc::new(Outbound::new(Reach::Loopback)?) } else { out.clone() };
        let background = TaskTracker::new();
        let parts = IntakeParts {
            store: store.clone(),
            shelf: shelf.clone(),
            out: public.clone(),
            clock: clock.clone(),
            entropy: entropy.clone(),
            background: background.clone(),
            lab,
            bytes_max: config.media_bytes_max,
            home: config.home.clone(),
        };
        let spool = shelf::spool(&config);
        let media = Intake::open(parts, spool.clone());
        let media = Arc::new(media.with_context(|| format!("{} cannot be used", spool.display()))?);
        let (profiles, allowances, standings) = keepers((&store, &networks), (&tokens, &clock), media.clone());
        let videos = Arc::new(VideoKeeper {
            store: store.clone(),
            vault: vault.clone(),
            networks: networks.clone(),
            tokens: tokens.clone(),
            shelf: shelf.clone(),
            clock: clock.clone(),
        });
        let memory = Arc::new(Memory::new(store.clone(), vault.clone(), clock.clone(), entropy.clone(), owner.clone()));
        // The operator names its address, in a demo too.
        let model = gemini(&config, out, &entropy)?;
        let desk = Desk {
            store: store.clone(),
            networks,
            clock: clock.clone(),
            entropy: entropy.clone(),
            banned: memory.clone(),
            conversations: memory.clone(),
            allowances,
            standings,
            videos: videos.clone(),
            wake: wake.clone(),
        };
        let quota =
            if config.gemini.as_ref().is_some_and(|gemini| gemini.is_paid) { Quota::Paid } else { Quota::Unpaid };
        let agent =
            model.map(|model| Arc::new(Agent::new((model, quota), memory.clone(), words.clone(), background.clone())));
        Ok(Self {
            memory,
            analytics,
            agent,
            public,
            background,
            store,
            keys,
            vault,
            desk,
            media,
            shelf,
            profiles,
            videos,
            toolbox: Toolbox::default(),
            words,
            connector,
            publisher,
            clock,
            entropy,
            conversation_days: watch::Sender::new(config.conversation_days),
            config,
            is_simulation,
            wake,
            taken_back: Notify::new(),
            activity: Arc::new(Activity::default()),
            kept_up: Arc::default(),
            recent: recent::Recent::default(),
            rush: rush::Rush::default(),
            owner,
            house: std::sync::OnceLock::new(),
            looks: urgent::Looks::default(),
            outside: Arc::default(),
            registering: std::sync::Mutex::default(),
        })
    }

    /// Publishes what is due, and rehearses the coming day, until told to stop.
    pub async fn publish_until(&self, stop: CancellationToken) {
        let ahead = Arc::clone(&self.publisher).prepare_ahead_until(stop.clone());
        tokio::join!(Arc::clone(&self.publisher).run(stop.clone()), self.publisher.rehearse_until(stop), ahead);
    }

    /// Whether anything of publishing is under way in this process.
    #[must_use]
    pub fn is_publishing(&self) -> bool {
        Arc::strong_count(&self.publisher) > 1
    }

    /// Rehearses the coming day of everybody who was not rehearsed within the hour.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rehearse_all(&self) -> Result<(), crate::domain::tool::ToolError> {
        Ok(self.publisher.rehearse_all().await?)
    }

    /// Sweeps what has expired, hourly, until told to stop.
    pub async fn sweep_until(&self, stop: CancellationToken) {
        /// Nothing that is swept is ever usable past its time; the sweep only frees space.
        const EVERY: std::time::Duration = std::time::Duration::from_secs(3600);
        /// So long somebody may still ask what came through a link that has ended.
        const UPLOAD_KEPT_MS: i64 = 24 * 3_600_000;
        const DAY_MS: i64 = 24 * 3_600_000;
        /// No service delivers anything again after so long.
        const RECEIVED_KEPT_MS: i64 = 7 * DAY_MS;
        /// Buttons of old messages work that long.
        const OFFERED_KEPT_MS: i64 = 90 * DAY_MS;
        /// What is older is found on the pages.
        const CARDS_KEPT_MS: i64 = 90 * DAY_MS;
        let mut retention = self.conversation_days.subscribe();
        while !stop.is_cancelled() {
            let now = self.clock.now_ms();
            let conversation_days = *retention.borrow_and_update();
            let sweeps = async {
                self.store.delete_expired_sessions(now).await?;
                self.store.delete_expired_oauth_states(now).await?;
                self.store.delete_expired_upload_links(now - UPLOAD_KEPT_MS).await?;
                self.store.empty_expired_messages(now).await?;
                self.store.delete_expired_link_requests(now).await?;
                self.store.delete_old_received(now - RECEIVED_KEPT_MS).await?;
                self.store.delete_old_told(now - RECEIVED_KEPT_MS).await?;
                self.store.delete_old_offered(now - OFFERED_KEPT_MS).await?;
                self.store.delete_old_deletion_requests(now - meta::DELETIONS_KEPT_MS).await?;
                self.store.delete_old_greetings(now - RECEIVED_KEPT_MS).await?;
                self.store.delete_old_cards(now - CARDS_KEPT_MS).await?;
                self.store.delete_old_video_edits(now).await?;
                self.sweep_oauth(now).await?;
                self.sweep_mcp_sessions(now).await?;
                self.store.interrupt_dead_turns(now).await?;
                if let Some(days) = conversation_days {
                    for old in
                        self.store.list_conversations_before(now.saturating_sub(days.saturating_mul(DAY_MS))).await?
                    {
                        self.store.delete_said(&old, i64::MIN, i64::MAX).await?;
                    }
                }
                self.store.delete_old_late_calls(now).await?;
                self.store.delete_old_idempotency_keys(now).await
            };
            let refreshed = tokio::select! {
                () = stop.cancelled() => Ok(()),
                refreshed = async {
                    self.refresh_ahead().await?;
                    self.refresh_profiles().await
                } => refreshed,
            };
            if let Err(error) = refreshed {
                tracing::error!(error = %error, "tokens and profiles could not be refreshed ahead; it is tried again in an hour");
            }
            if let Err(error) = self.delete_asked().await {
                tracing::error!(error = %error, "what came from an account could not be deleted; it is tried again in an hour");
            }
            if let Err(error) = self.media.sweep_partials(None).await {
                tracing::error!(error = %error, "files that came in part could not be swept; it is tried again in an hour");
            }
            if let Err(error) = self.erase_forgotten_media().await {
                tracing::error!(error = %error, "media of forgotten posts could not be deleted; it is tried again in an hour");
            }
            if let Err(error) = self.analytics.sweep().await {
                tracing::error!(error = %error, "kept answers of Google could not be swept; it is tried again in an hour");
            }
            if let Err(error) = sweeps.await {
                tracing::error!(error = %error, "sweeping failed; it is tried again in an hour");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(EVERY) => {}
                // Never an error: the sender is ours.
                _changed = retention.changed() => {}
            }
        }
    }

    /// Refreshes tokens that would otherwise die unused.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn refresh_ahead(&self) -> Result<(), crate::domain::tool::ToolError> {
        Ok(self.publisher.tokens.refresh_ahead(&self.desk.networks).await?)
    }

    /// For how many days conversations are kept from now on; what is older is swept at once.
    pub fn set_conversation_days(&self, days: Option<i64>) {
        self.conversation_days.send_if_modified(|kept| std::mem::replace(kept, days) != days);
    }

    /// Asks every configured network whether it knows this server's app; Google is asked by itself.
    pub async fn check_networks(&self) -> Vec<(Network, Result<(), TokenFault>)> {
        let mut found = Vec::new();
        for (network, platform) in self.desk.networks.iter().filter(|(network, _)| !network.is_of_google()) {
            found.push((*network, platform.check_app().await));
        }
        found
    }

    /// Waits for what runs in the background, then closes the databases.
    pub async fn close(&self) {
        self.background.close();
        let _some_was_left = tokio::time::timeout(GOODBYE, self.background.wait()).await;
        self.store.close().await;
        self.keys.close().await;
    }

    /// Whether anybody uses this server.
    #[must_use]
    pub fn activity(&self) -> &Arc<Activity> {
        &self.activity
    }

    /// Looks at once whether something is due: the clock was moved.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Sentences.
    #[must_use]
    pub fn words(&self) -> &Arc<Words> {
        &self.words
    }

    /// The configuration, for `doctor`.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The vault, for `kek rotate`.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Adds a fresh key-encryption key to the key file; a vault opened after this wraps with it.
    ///
    /// # Errors
    /// When the key is not kept in a file, or the file cannot be written.
    pub fn add_kek(&self) -> anyhow::Result<()> {
        match &self.config.kek {
            KekSource::File { path, .. } => Ok(crate::vault::add_key(path, self.entropy.as_ref())?),
            KekSource::Value(_) => anyhow::bail!("vault.kek is given as a value: move to vault.kek_file to rotate"),
        }
    }

    /// The store, for the operator's commands.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Networks that are configured, so that they can be connected.
    #[must_use]
    pub fn networks(&self) -> Vec<Network> {
        self.desk.networks.keys().copied().collect()
    }

    /// Language to use before anybody is signed in.
    #[must_use]
    pub fn lang_of_stranger(&self, accept_language: Option<&str>) -> Lang {
        accept_language.and_then(Lang::preferred).unwrap_or(Lang::En)
    }

    /// `server.public_url`.
    #[must_use]
    pub fn public_url(&self) -> &Url {
        &self.config.public_url
    }

    /// True in `socrazi demo`: every page says that it is a simulation.
    #[must_use]
    pub fn is_simulation(&self) -> bool {
        self.is_simulation
    }

    /// Whether what is said in a conversation leaves this machine.
    #[must_use]
    pub fn talks_outside(&self) -> bool {
        self.config.gemini.as_ref().is_some_and(|gemini| !is_here(&gemini.base_url))
    }

    /// The time now, Unix milliseconds, for distances.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Ready to serve: the database answers.
    pub async fn is_ready(&self) -> bool {
        self.store.is_ready().await
    }
}

async fn open_databases(config: &Config, clock: &Arc<dyn Clock>) -> anyhow::Result<(Store, Keys)> {
    use secrecy::ExposeSecret;
    match &config.database_url {
        Some(url) => {
            let url = url.expose_secret();
            let store =
                Store::open_postgres(url, clock.clone()).await.context("database.url: PostgreSQL cannot be used")?;
            let keys = Keys::open_postgres(url).await.context("database.url: the schema for keys cannot be used")?;
            Ok((store, keys))
        }
        None => {
            let store = Store::open_sqlite(&config.data_dir.join("socrazi.db"), clock.clone()).await;
            let store =
                store.with_context(|| format!("the database in {} cannot be used", config.data_dir.display()))?;
            let keys = Keys::open_sqlite(&config.data_dir.join("keys.db")).await.context("keys.db cannot be used")?;
            Ok((store, keys))
        }
    }
}

async fn open_ring(config: &Config, keys: &Keys, entropy: &dyn Entropy) -> anyhow::Result<KekRing> {
    let (ring, place) = match &config.kek {
        KekSource::Value(value) => {
            tracing::warn!("vault.kek is set as a value; a file (vault.kek_file) is safer");
            (KekRing::from_value(value)?, "vault.kek".to_owned())
        }
        KekSource::File { path, may_create } => {
            // With keys in the store a fresh key file could open nothing: say so instead of hiding it.
            let may_create = *may_create && keys.count().await? == 0;
            (KekRing::load(path, &config.data_dir, may_create, entropy)?, path.display().to_string())
        }
    };
    ring.check_holds(&keys.list_kek_ids().await?, &place)?;
    Ok(ring)
}

/// What keeps profiles fresh, and what asks how much of a day is used and what an account may do.
fn keepers(
    (store, networks): (&Arc<Store>, &Networks),
    (tokens, clock): (&Arc<TokenKeeper>, &Arc<dyn Clock>),
    avatars: Arc<Intake>,
) -> (Arc<ProfileKeeper>, Arc<AllowanceKeeper>, Arc<StandingKeeper>) {
    let (tokens, clock) = (tokens.clone(), clock.clone());
    let profiles = ProfileKeeper { store: store.clone(), tokens: tokens.clone(), clock: clock.clone(), avatars };
    let standings = StandingKeeper::new(networks.clone(), tokens.clone(), clock.clone());
    let allowances = AllowanceKeeper { networks: networks.clone(), tokens, clock, known: Mutex::default() };
    (Arc::new(profiles), Arc::new(allowances), Arc::new(standings))
}

/// The model, when there is a key.
fn gemini(
    config: &Config,
    out: Arc<Outbound>,
    entropy: &Arc<dyn Entropy>,
) -> anyhow::Result<Option<Arc<dyn ChatModel>>> {
    let Some(gemini) = &config.gemini else { return Ok(None) };
    let model = ModelConfig {
        api_key: gemini.api_key.clone(),
        base_url: gemini.base_url.clone(),
        api_version: gemini.api_version.clone(),
        model: gemini.model.clone(),
        lite_model: gemini.lite_model.clone(),
    };
    Ok(Some(Arc::new(Gemini::new(model, out, entropy.clone())?)))
}
