//! The doors to a Google account and to reports: connecting feature by feature, or a channel to publish on, choosing what is meant, letting go, and reports for the pages.

use std::sync::Arc;

use url::Url;

use super::App;
use super::connect::session;
use crate::analytics::{Analytics, ApiUrls, Report, SearchAsk, TrafficAsk, VideosAsk};
use crate::clock::{Clock, Entropy};
use crate::config::Config;
use crate::domain::account::Revoked;
use crate::domain::caller::Caller;
use crate::domain::google::{CHANNELS, Feature, GOOGLE, Login, Source, SourceKind, Wish};
use crate::domain::ids::AccountId;
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::google::{Arrived, Connected, Google, GoogleCallback, GoogleConfig, GoogleParts, GrantFault};
use crate::http_out::Outbound;
use crate::say;
use crate::store::Store;
use crate::vault::Vault;

/// What somebody wants to know.
#[derive(Debug, Clone)]
pub enum Question {
    /// Of Google Analytics.
    Traffic(TrafficAsk),
    /// Of Search Console.
    Search(SearchAsk),
    /// Of YouTube.
    Videos(VideosAsk),
}

impl App {
    /// Whether this server is set up for Google.
    #[must_use]
    pub fn has_google(&self) -> bool {
        self.analytics.google().is_some()
    }

    /// Begins connecting for these features: where to send the browser.
    ///
    /// # Errors
    /// Refused when this server is not set up for Google, nobody is signed in, or no feature is named.
    pub async fn google_begin(
        &self,
        caller: &Caller,
        features: &[Feature],
        known: Option<&AccountId>,
    ) -> Result<Url, ToolError> {
        session(caller)?;
        if features.is_empty() {
            return Err(say!("google-no-feature").into());
        }
        let known = match known {
            Some(id) => self.analytics.find_login(caller, id).await?,
            None => None,
        };
        self.google_leave(caller, (&Wish::Reports(features.to_vec()), known.as_ref())).await
    }

    /// Begins connecting a channel: the person chooses it on Google's page.
    pub(super) async fn channel_begin(&self, caller: &Caller) -> Result<Url, ToolError> {
        self.google_leave(caller, (&Wish::Channel, None)).await
    }

    async fn google_leave(&self, caller: &Caller, wish: (&Wish, Option<&Login>)) -> Result<Url, ToolError> {
        let session = session(caller)?;
        let Some(google) = self.analytics.google() else {
            return Err(say!("connect-not-configured", network = "Google", keys = "google.*").into());
        };
        google.begin(caller, session, &self.google_redirect()?, wish).await
    }

    /// Finishes connecting from the callback's query parameters, and looks at once what can be seen.
    ///
    /// # Errors
    /// Refused when the state is not this browser's, the person said no, or Google refused.
    pub async fn google_finish(&self, caller: &Caller, query: &[(String, String)]) -> Result<Connected, ToolError> {
        let session = session(caller)?;
        let Some(google) = self.analytics.google() else {
            return Err(say!("connect-not-configured", network = "Google", keys = "google.*").into());
        };
        let find = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let callback =
            GoogleCallback { state: find("state"), code: find("code").map(Into::into), error: find("error") };
        let arrived = google.arrive(caller, session, &self.google_redirect()?, callback).await?;
        if *arrived.wish() == Wish::Channel {
            return self.keep_channel(caller, google, &arrived).await;
        }
        let connected = google.keep(caller, &arrived, "").await?;
        self.desk.audit(caller, "google.connect", connected.login.id.as_str()).await?;
        if let Err(why) = self.analytics.look(&connected.login).await {
            // It is connected all the same; a report looks again.
            tracing::warn!(account.id = %connected.login.id, error = %why, "properties and sites could not be looked up");
        }
        Ok(connected)
    }

    /// Which channel the tokens act as, YouTube says; then both are kept.
    async fn keep_channel(&self, caller: &Caller, google: &Google, arrived: &Arrived) -> Result<Connected, ToolError> {
        let network = CHANNELS;
        let platform = self.desk.network(network)?;
        let profile = self.connector.whose(platform.as_ref(), arrived.access()).await?;
        let connected = google.keep(caller, arrived, &profile.remote_id).await?;
        let kept = self.connector.keep(caller, network, (profile, arrived.scopes()), None).await?;
        let account = kept.account.clone();
        self.fetch_avatar(kept);
        self.desk.audit(caller, "account.connect", account.as_str()).await?;
        self.wake();
        Ok(Connected { channel: Some(account), ..connected })
    }

    /// The redirect address to register at Google.
    ///
    /// # Errors
    /// When `server.public_url` cannot carry a path.
    pub fn google_redirect(&self) -> Result<Url, ToolError> {
        let path = format!("connect/{GOOGLE}/callback");
        self.config.public_url.join(&path).map_err(|error| ToolError::Failed(error.to_string()))
    }

    /// The person's Google accounts with what can be seen through each.
    ///
    /// # Errors
    /// When the database or the vault fails.
    pub async fn sources(&self, caller: &Caller) -> Result<Vec<(Login, Vec<Source>)>, ToolError> {
        self.analytics.sources(caller).await
    }

    /// What the person's Google accounts were connected for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn google_features(&self, caller: &Caller) -> Result<Vec<Feature>, ToolError> {
        let logins = self.analytics.logins(caller).await?;
        Ok(Feature::ALL.into_iter().filter(|feature| logins.iter().any(|login| login.has(*feature))).collect())
    }

    /// Asks Google anew what can be seen through an account.
    ///
    /// # Errors
    /// Refused when there is no such account, or Google does not answer.
    pub async fn look_sources(&self, caller: &Caller, id: &AccountId) -> Result<(), ToolError> {
        let login = self.analytics.find_login(caller, id).await?;
        self.analytics.look(&login.ok_or_else(|| say!("account-not-found", id = id.as_str()))?).await
    }

    /// What Google still allows for a property, site or channel, as far as it is known.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn quotas(&self, caller: &Caller, source: &Source) -> Result<Vec<Sentence>, ToolError> {
        // Of limits that Google does not name only the end is known, and only once they are over.
        let all = self.analytics.quotas(source).await?.into_iter();
        let known = all.filter(|left| left.most > 1 || left.is_spent());
        Ok(known.map(|left| left.wording(&caller.zone)).collect())
    }

    /// What of Google's limits is low or used up here, for whoever runs this server: nobody's names; nothing when all is well.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn low_quotas(&self) -> Result<Vec<Sentence>, ToolError> {
        Ok(self.analytics.low_quotas_here().await?.iter().map(|left| left.wording("UTC")).collect())
    }

    /// Chooses what is meant when no property or site is named, and what the person calls it.
    ///
    /// # Errors
    /// Refused when it is not there.
    pub async fn choose_source(
        &self,
        caller: &Caller,
        source: (&AccountId, SourceKind, &str),
        called: Option<&str>,
    ) -> Result<(), ToolError> {
        self.analytics.choose(caller, source, called).await?;
        self.desk.audit(caller, "report.choose", source.0.as_str()).await
    }

    /// Lets a Google account go. None when there is no such account; else what Google said.
    pub(super) async fn disconnect_google(
        &self,
        caller: &Caller,
        id: &AccountId,
    ) -> Result<Option<Revoked>, ToolError> {
        let Some(login) = self.analytics.find_login(caller, id).await? else { return Ok(None) };
        // Google ends all that the person granted to this server (§1.7), so the channels are let go with it.
        let mut channels = self.store.list_channel_logins(&caller.workspace).await?;
        channels.retain(|channel| channel.subject == login.subject);
        for channel in channels {
            self.store.delete_login(&channel.id, &channel.workspace, None).await?;
            self.connector.channel_ended(&channel.workspace, &channel.acts_as).await?;
        }
        let revoked = self.analytics.disconnect(&login).await?;
        self.desk.audit(caller, "google.disconnect", id.as_str()).await?;
        Ok(Some(revoked))
    }

    /// A report: at most so many rows from one on.
    ///
    /// # Errors
    /// Refused when it cannot be asked, or Google refuses.
    pub async fn report(
        &self,
        caller: &Caller,
        question: &Question,
        rows: (usize, usize),
    ) -> Result<Report, ToolError> {
        match question {
            Question::Traffic(ask) => self.analytics.report_traffic(caller, ask, rows).await,
            Question::Search(ask) => self.analytics.report_search(caller, ask, rows).await,
            Question::Videos(ask) => self.analytics.report_videos(caller, ask, rows).await,
        }
    }

    /// For how many days answers of Google (and those of YouTube) are kept from now on; what is older is swept within the hour and not used before.
    pub fn set_report_days(&self, days: (i64, i64)) {
        self.analytics.set_days(days);
    }

    /// Goes on with lists of pages whose index state is asked for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn inspect_due(&self) -> Result<(), ToolError> {
        self.analytics.inspect_due().await
    }

    /// Deletes kept answers whose time is over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sweep_reports(&self) -> Result<(), ToolError> {
        self.analytics.sweep().await
    }

    /// How old the oldest answer of Google's is that is kept, in milliseconds; none when none is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn oldest_report_ms(&self) -> Result<Option<i64>, ToolError> {
        self.analytics.oldest_kept_ms().await
    }

    /// Asks Google whether it knows this server's client; none when there is none.
    pub async fn check_google(&self) -> Option<Result<(), GrantFault>> {
        match self.analytics.google() {
            Some(google) => Some(google.check().await),
            None => None,
        }
    }
}

/// Reports, with the way to Google when this server has a client there.
pub(super) fn analytics(
    config: &Config,
    out: &Arc<Outbound>,
    (store, vault): (&Arc<Store>, &Arc<Vault>),
    (clock, entropy, owner): (&Arc<dyn Clock>, &Arc<dyn Entropy>, &str),
) -> anyhow::Result<Analytics> {
    let google = match config.google.clone() {
        None => None,
        Some(section) => {
            let urls = ApiUrls {
                data: section.analytics_data_url,
                admin: section.analytics_admin_url,
                search: section.search_console_url,
                youtube: section.youtube_url,
                youtube_analytics: section.youtube_analytics_url,
            };
            let parts = GoogleParts {
                store: store.clone(),
                vault: vault.clone(),
                clock: clock.clone(),
                entropy: entropy.clone(),
                owner: owner.to_owned(),
            };
            let client = GoogleConfig {
                client_id: section.client_id,
                client_secret: section.client_secret,
                auth_url: section.auth_url,
                token_url: section.token_url,
                revoke_url: section.revoke_url,
                issuer: section.issuer,
            };
            Some((Arc::new(Google::new(client, out.clone(), parts)), urls))
        }
    };
    let days = (config.analytics_days, config.youtube_days);
    Ok(Analytics::new(google, (store.clone(), vault.clone()), clock.clone(), days))
}
