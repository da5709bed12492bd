//! The simulated networks of the demo, Google among them: started on one clock, and named to the server as the real ones would be.

use socrazi_sim::clock::SimClock;
use socrazi_sim::google::{GoogleOptions, GoogleSim};
use socrazi_sim::instagram::{InstagramOptions, InstagramSim};
use socrazi_sim::linkedin::{LinkedInOptions, LinkedInSim};
use socrazi_sim::threads::{ThreadsOptions, ThreadsSim};
use socrazi_sim::tiktok::{TikTokOptions, TikTokSim};
use socrazi_sim::x::{Consent, XOptions, XSim};
use url::Url;

/// Everything that is simulated but the model.
pub(super) struct Simulated {
    pub(super) x: XSim,
    threads: ThreadsSim,
    instagram: InstagramSim,
    linkedin: LinkedInSim,
    tiktok: TikTokSim,
    google: GoogleSim,
}

impl Simulated {
    /// Starts them; Meta's tell this server at `web` what its people do there.
    pub(super) async fn start(clock: &SimClock, web: &Url) -> anyhow::Result<Self> {
        let told = |path: &str| web.join(path).ok();
        let x = XOptions {
            allow_any_loopback_redirect: true,
            consent: Consent::Auto,
            self_replies_allowed: true,
            ..XOptions::default()
        };
        let threads = ThreadsOptions {
            allow_any_loopback_redirect: true,
            auto_consent: true,
            uninstall_callback: told("meta/deauthorize"),
            delete_callback: told("meta/data-deletion"),
            ..ThreadsOptions::default()
        };
        let instagram = InstagramOptions {
            allow_any_loopback_redirect: true,
            auto_consent: true,
            deauthorize_callback: told("meta/deauthorize"),
            deletion_callback: told("meta/data-deletion"),
            ..InstagramOptions::default()
        };
        let linkedin =
            LinkedInOptions { allow_any_loopback_redirect: true, auto_consent: true, ..LinkedInOptions::default() };
        let tiktok =
            TikTokOptions { allow_any_loopback_redirect: true, auto_consent: true, ..TikTokOptions::default() };
        let google =
            GoogleOptions { allow_any_loopback_redirect: true, auto_consent: true, ..GoogleOptions::default() };
        Ok(Self {
            x: XSim::start(x, clock.clone()).await?,
            threads: ThreadsSim::start(threads, clock.clone()).await?,
            instagram: InstagramSim::start(instagram, clock.clone()).await?,
            linkedin: LinkedInSim::start(linkedin, clock.clone()).await?,
            tiktok: TikTokSim::start(tiktok, clock.clone()).await?,
            google: GoogleSim::start(google, clock.clone()).await?,
        })
    }

    /// What a server needs to use them instead of the real ones.
    pub(super) fn settings(&self) -> anyhow::Result<Vec<(&'static str, String)>> {
        let (threads, instagram, linkedin) = (self.threads.url(), self.instagram.url(), self.linkedin.url());
        let (tiktok, google) = (self.tiktok.url(), self.google.url());
        let (of_threads, of_instagram) = (ThreadsOptions::default(), InstagramOptions::default());
        let (of_linkedin, of_tiktok) = (LinkedInOptions::default(), TikTokOptions::default());
        let of_google = GoogleOptions::default();
        Ok(vec![
            ("threads.client_id", of_threads.client_id),
            ("threads.client_secret", of_threads.client_secret),
            ("threads.auth_url", threads.join("oauth/authorize")?.into()),
            ("threads.api_url", threads.into()),
            ("instagram.client_id", of_instagram.client_id),
            ("instagram.client_secret", of_instagram.client_secret),
            ("instagram.auth_url", instagram.join("oauth/authorize")?.into()),
            ("instagram.api_url", instagram.to_string()),
            ("instagram.graph_url", instagram.into()),
            ("linkedin.client_id", of_linkedin.client_id),
            ("linkedin.client_secret", of_linkedin.client_secret),
            ("linkedin.auth_url", linkedin.join("oauth/v2/authorization")?.into()),
            ("linkedin.api_url", linkedin.into()),
            ("tiktok.client_key", of_tiktok.client_key),
            ("tiktok.client_secret", of_tiktok.client_secret),
            ("tiktok.audited", "on".to_owned()),
            ("tiktok.auth_url", tiktok.join("v2/auth/authorize/")?.into()),
            ("tiktok.api_url", tiktok.into()),
            ("google.client_id", of_google.client_id),
            ("google.client_secret", of_google.client_secret),
            ("google.auth_url", google.join("o/oauth2/v2/auth")?.into()),
            ("google.token_url", google.join("token")?.into()),
            ("google.revoke_url", google.join("revoke")?.into()),
            ("google.analytics_data_url", google.to_string()),
            ("google.analytics_admin_url", google.to_string()),
            ("google.search_console_url", google.to_string()),
            ("google.youtube_url", google.to_string()),
            ("google.youtube_upload_url", google.to_string()),
            ("google.youtube_audit", "passed".to_owned()),
            ("google.youtube_analytics_url", google.into()),
        ])
    }

    /// Where each shows what the world can see.
    pub(super) fn ledgers(&self) -> [(&'static str, Url); 6] {
        [
            ("X", self.x.url()),
            ("Threads", self.threads.url()),
            ("Instagram", self.instagram.url()),
            ("LinkedIn", self.linkedin.url()),
            ("TikTok", self.tiktok.url()),
            ("YouTube", self.google.url()),
        ]
    }

    /// Every post that the world can see: network, handle, text.
    pub(super) fn seen(&self) -> Vec<(&'static str, String, String)> {
        let of = |network: &'static str, posts: Vec<(String, String)>| {
            posts.into_iter().map(move |(handle, text)| (network, handle, text))
        };
        let x = self.x.ledger().into_iter().map(|post| (post.username, post.text)).collect();
        let threads = self.threads.ledger().into_iter().map(|post| (post.username, post.text)).collect();
        let instagram = self.instagram.ledger().into_iter().map(|post| (post.account_name, post.text)).collect();
        let linkedin = self.linkedin.ledger().into_iter().map(|post| (post.account_name, post.text)).collect();
        let tiktok = self.tiktok.ledger().into_iter().map(|post| (post.account_name, post.text)).collect();
        let youtube = self.google.ledger().into_iter().map(|post| (post.username, post.text)).collect();
        of("X", x)
            .chain(of("Threads", threads))
            .chain(of("Instagram", instagram))
            .chain(of("LinkedIn", linkedin))
            .chain(of("TikTok", tiktok))
            .chain(of("YouTube", youtube))
            .collect()
    }
}
