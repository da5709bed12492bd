//! The simulated Instagram, asked over HTTP: what each test needs. The promises of a faithful fake (dossier instagram.md §9) are below:
//! signing in both ways, containers, publishing, reading, what Meta sends on its own.

#[path = "instagram/callbacks.rs"]
mod callbacks;
#[path = "instagram/containers.rs"]
mod containers;
#[path = "instagram/publishing.rs"]
mod publishing;
#[path = "instagram/reading.rs"]
mod reading;
#[path = "instagram/sign_in.rs"]
mod sign_in;

use anyhow::Context;
use reqwest::{Client, Method, redirect};
use serde_json::Value;
use socrazi_sim::SimClock;
use socrazi_sim::instagram::{InstagramOptions, InstagramSim, Login};
use socrazi_sim::samples::{self, Film};

use crate::desk::client;
use crate::files::Files;

const ANA: &str = "17841400000000011";
const BEN: &str = "17841400000000012";
const PERSON: &str = "10200000000000001";
const CALLBACK: &str = "http://127.0.0.1:9/cb";
const SCOPES: [&str; 5] = [
    "instagram_business_basic",
    "instagram_business_content_publish",
    "instagram_business_manage_insights",
    "instagram_business_manage_comments",
    "instagram_business_manage_contents",
];
const FACEBOOK_SCOPES: [&str; 3] = ["instagram_basic", "instagram_content_publish", "pages_show_list"];

struct Desk {
    sim: InstagramSim,
    clock: SimClock,
    http: Client,
    token: String,
    files: Files,
}

type Pairs<'a> = &'a [(&'a str, &'a str)];

fn options() -> InstagramOptions {
    InstagramOptions { redirect_uris: vec![CALLBACK.into()], auto_consent: true, ..InstagramOptions::default() }
}

async fn desk_with(options: InstagramOptions) -> anyhow::Result<Desk> {
    let files = Files::serve(vec![
        ("a.jpg", "image/jpeg", samples::jpeg(1_080, 1_080)),
        ("b.jpg", "image/jpeg", samples::jpeg(1_080, 1_350)),
        ("v.mp4", "video/mp4", samples::mp4(&Film::default())),
    ])
    .await?;
    let clock = SimClock::new();
    let sim = InstagramSim::start(options, clock.clone()).await?;
    let token = sim.grant(Login::Instagram, ANA, &SCOPES)?.value;
    Ok(Desk { sim, clock, http: client(Client::builder().redirect(redirect::Policy::none()))?, token, files })
}

async fn desk() -> anyhow::Result<Desk> {
    desk_with(options()).await
}

/// Code and subcode of a refusal; zeros when there is none.
fn codes(body: &Value) -> (i64, i64) {
    let number = |name: &str| body["error"][name].as_i64().unwrap_or(0);
    (number("code"), number("error_subcode"))
}

impl Desk {
    async fn call(&self, method: Method, path: &str, pairs: Pairs<'_>) -> anyhow::Result<(u16, Value)> {
        let mut pairs = pairs.to_vec();
        if !pairs.iter().any(|(name, _)| *name == "access_token") {
            pairs.push(("access_token", &self.token));
        }
        let answer = self.http.request(method, self.sim.url().join(path)?).query(&pairs).send().await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }

    async fn get(&self, path: &str, pairs: Pairs<'_>) -> anyhow::Result<(u16, Value)> {
        self.call(Method::GET, path, pairs).await
    }

    async fn post(&self, path: &str, pairs: Pairs<'_>) -> anyhow::Result<(u16, Value)> {
        self.call(Method::POST, path, pairs).await
    }

    async fn contain(&self, pairs: Pairs<'_>) -> anyhow::Result<(u16, Value)> {
        self.post(&format!("/v25.0/{ANA}/media"), pairs).await
    }

    async fn container(&self, pairs: Pairs<'_>) -> anyhow::Result<String> {
        let (status, body) = self.contain(pairs).await?;
        anyhow::ensure!(status == 200, "{status} {body}");
        Ok(body["id"].as_str().context("no id")?.to_owned())
    }

    async fn image(&self, caption: &str) -> anyhow::Result<String> {
        self.container(&[("image_url", &self.files.url("a.jpg")), ("caption", caption)]).await
    }

    /// `status_code`, once the bytes that are on their way have come.
    async fn status(&self, container: &str) -> anyhow::Result<(String, String)> {
        let (_, body) = self.get(&format!("/v25.0/{container}"), &[("fields", "status_code,status")]).await?;
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        Ok((text("status_code"), text("status")))
    }

    /// The clock moves, and what was being fetched has come or not: bounded by the turns that loopback takes.
    async fn settled(&self, container: &str) -> anyhow::Result<(String, String)> {
        let mut seen = self.status(container).await?;
        for _ in 0..5_000 {
            if seen.0 != "IN_PROGRESS" {
                break;
            }
            self.clock.advance_ms(1_000);
            seen = self.status(container).await?;
        }
        Ok(seen)
    }

    async fn publish(&self, container: &str) -> anyhow::Result<(u16, Value)> {
        self.post(&format!("/v25.0/{ANA}/media_publish"), &[("creation_id", container)]).await
    }

    async fn posted(&self, container: &str) -> anyhow::Result<String> {
        let seen = self.settled(container).await?;
        let (status, body) = self.publish(container).await?;
        anyhow::ensure!(status == 200, "{status} {body} {seen:?}");
        Ok(body["id"].as_str().context("no id")?.to_owned())
    }
}
