//! The simulated LinkedIn, asked over HTTP: what each test needs. The promises of a faithful fake (dossier linkedin.md §8) are below: signing
//! in, posts, uploads, reading.

#[path = "linkedin/posts.rs"]
mod posts;
#[path = "linkedin/reading.rs"]
mod reading;
#[path = "linkedin/sign_in.rs"]
mod sign_in;
#[path = "linkedin/uploads.rs"]
mod uploads;

use anyhow::Context;
use reqwest::{Client, Method, RequestBuilder, redirect};
use serde_json::{Value, json};
use socrazi_sim::SimClock;
use socrazi_sim::linkedin::{LinkedInOptions, LinkedInSim};

use crate::desk::{Seen, client};

const ANA: &str = "urn:li:person:782bbtaQ";
const BEN: &str = "urn:li:person:9kXw_Zs-1";
const PAGE: &str = "urn:li:organization:5515715";
const CALLBACK: &str = "http://127.0.0.1:9/cb";
const SELF_SERVE: [&str; 3] = ["openid", "profile", "w_member_social"];

struct Desk {
    sim: LinkedInSim,
    clock: SimClock,
    http: Client,
    token: String,
}

fn options() -> LinkedInOptions {
    LinkedInOptions { redirect_uris: vec![CALLBACK.into()], auto_consent: true, ..LinkedInOptions::default() }
}

fn partner() -> LinkedInOptions {
    LinkedInOptions { redirect_uris: vec![CALLBACK.into()], auto_consent: true, ..LinkedInOptions::partner() }
}

async fn desk_with(options: LinkedInOptions, scopes: &[&str]) -> anyhow::Result<Desk> {
    let clock = SimClock::new();
    let sim = LinkedInSim::start(options, clock.clone()).await?;
    let token = sim.grant("782bbtaQ", scopes)?.value;
    Ok(Desk { sim, clock, http: client(Client::builder().redirect(redirect::Policy::none()))?, token })
}

async fn desk() -> anyhow::Result<Desk> {
    desk_with(options(), &SELF_SERVE).await
}

fn encoded(urn: &str) -> String {
    urn.replace(':', "%3A").replace('(', "%28").replace(')', "%29").replace(',', "%2C")
}

fn text_post(text: &str) -> Value {
    json!({"author": ANA, "commentary": text, "visibility": "PUBLIC", "lifecycleState": "PUBLISHED",
        "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
        "isReshareDisabledByAuthor": false})
}

/// The same with members replaced, or taken out by null.
fn with(mut post: Value, members: Value) -> Value {
    if let (Some(post), Value::Object(members)) = (post.as_object_mut(), members) {
        for (name, value) in members {
            if value.is_null() {
                post.remove(&name);
            } else {
                post.insert(name, value);
            }
        }
    }
    post
}

impl Desk {
    fn raw(&self, method: Method, path: &str) -> anyhow::Result<RequestBuilder> {
        Ok(self.http.request(method, self.sim.url().join(path)?))
    }

    fn asking(&self, method: Method, path: &str) -> anyhow::Result<RequestBuilder> {
        let request = self.raw(method, path)?.bearer_auth(&self.token);
        Ok(request.header("LinkedIn-Version", "202609").header("X-Restli-Protocol-Version", "2.0.0"))
    }

    async fn send(&self, request: RequestBuilder) -> anyhow::Result<Seen> {
        let answer = request.send().await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Ok(Seen { status, headers, text: answer.text().await? })
    }

    async fn get(&self, path: &str) -> anyhow::Result<Seen> {
        self.send(self.asking(Method::GET, path)?).await
    }

    async fn find(&self, path: &str) -> anyhow::Result<Seen> {
        self.send(self.asking(Method::GET, path)?.header("X-RestLi-Method", "FINDER")).await
    }

    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Seen> {
        self.send(self.asking(Method::POST, path)?.json(body)).await
    }

    async fn publish(&self, body: &Value) -> anyhow::Result<String> {
        let seen = self.post("/rest/posts", body).await?;
        anyhow::ensure!(seen.status == 201 && seen.text.is_empty(), "{} {}", seen.status, seen.text);
        Ok(seen.header("x-restli-id"))
    }

    async fn control(&self, what: &str, body: &Value) -> anyhow::Result<Seen> {
        self.send(self.raw(Method::POST, &format!("/__sim/{what}"))?.json(body)).await
    }

    /// Uploads what is one file in one request.
    async fn upload(&self, resource: &str, owner: &str, bytes: Vec<u8>) -> anyhow::Result<String> {
        let path = format!("/rest/{resource}?action=initializeUpload");
        let begun = self.post(&path, &json!({"initializeUploadRequest": {"owner": owner}})).await?.json();
        let put = self.http.put(begun["value"]["uploadUrl"].as_str().context("no address")?).body(bytes).send().await?;
        anyhow::ensure!(put.status() == 201, "{}", put.status());
        let name = resource.trim_end_matches('s');
        Ok(begun["value"][name].as_str().context("no urn")?.to_owned())
    }
}
