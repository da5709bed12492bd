//! What every test needs: a running simulator, a client, and an answer that is easy to look at.

use anyhow::Context;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::HeaderMap;
use reqwest::{Client, RequestBuilder, Url, redirect};
use serde_json::Value;
use sha2::Sha256;
use socrazi_sim::SimClock;
use socrazi_sim::x::{Consent, XOptions, XSim};

pub(crate) const ANA: &str = "2244994945";
pub(crate) const BEN: &str = "3344556677889900112";
pub(crate) const CALLBACK: &str = "http://127.0.0.1:9/connect/x/callback";
pub(crate) const SCOPES: [&str; 5] = ["tweet.read", "tweet.write", "users.read", "media.write", "offline.access"];

/// A simulator with somebody in front of it.
pub(crate) struct Desk {
    pub(crate) sim: XSim,
    pub(crate) clock: SimClock,
    pub(crate) http: Client,
    pub(crate) token: String,
}

/// A read answer.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Seen {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    pub(crate) fn at(&self, pointer: &str) -> String {
        match self.json().pointer(pointer) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> String {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    }
}

/// A client for loopback. Whoever installed a TLS provider first has done it for all.
pub(crate) fn client(builder: reqwest::ClientBuilder) -> anyhow::Result<Client> {
    let _first_one_wins = rustls::crypto::ring::default_provider().install_default();
    Ok(builder.no_proxy().build()?)
}

/// HMAC-SHA-256 in hex, as whoever hears a simulator checks what it signed.
pub(crate) fn hmac_hex(key: &str, text: &[u8]) -> anyhow::Result<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes())?;
    mac.update(text);
    Ok(mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect())
}

pub(crate) fn options() -> XOptions {
    XOptions { redirect_uris: vec![CALLBACK.into()], consent: Consent::Auto, ..XOptions::default() }
}

pub(crate) async fn desk() -> anyhow::Result<Desk> {
    desk_with(options()).await
}

pub(crate) async fn desk_with(options: XOptions) -> anyhow::Result<Desk> {
    let clock = SimClock::new();
    let sim = XSim::start(options, clock.clone()).await?;
    let http = client(Client::builder().redirect(redirect::Policy::none()))?;
    let token = sim.grant(ANA, &SCOPES)?.access;
    Ok(Desk { sim, clock, http, token })
}

impl Desk {
    pub(crate) fn url(&self, path: &str) -> anyhow::Result<Url> {
        self.sim.url().join(path).context("a path")
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> anyhow::Result<Seen> {
        let answer = request.send().await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Ok(Seen { status, headers, text: answer.text().await? })
    }

    pub(crate) fn posting(&self, path: &str) -> anyhow::Result<RequestBuilder> {
        Ok(self.http.post(self.url(path)?).bearer_auth(&self.token))
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> anyhow::Result<Seen> {
        self.send(self.posting(path)?.json(&body)).await
    }

    pub(crate) async fn tweet(&self, body: Value) -> anyhow::Result<Seen> {
        self.post("/2/tweets", body).await
    }

    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Seen> {
        self.send(self.http.get(self.url(path)?).bearer_auth(&self.token)).await
    }
}
