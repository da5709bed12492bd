//! The simulated TikTok, asked over HTTP: what each test needs. The promises of a faithful fake (dossier tiktok.md §8) are below: signing in,
//! posting, uploads, reading and webhooks.

#[path = "tiktok/posting.rs"]
mod posting;
#[path = "tiktok/reading.rs"]
mod reading;
#[path = "tiktok/sign_in.rs"]
mod sign_in;
#[path = "tiktok/uploads.rs"]
mod uploads;

use reqwest::{Client, Method, RequestBuilder, redirect};
use serde_json::{Value, json};
use socrazi_sim::SimClock;
use socrazi_sim::pull::Detour;
use socrazi_sim::samples::{self, Film};
use socrazi_sim::tiktok::{SCOPES, TikTokOptions, TikTokSim};

use crate::desk::{Seen, client};
use crate::files::Files;

const ANA: &str = "723f24d7-e717-40f8-a2b6-cb8464cd23b4";
const BEN: &str = "9a1c55e0-0b1d-4a53-8a3c-111111111111";
const CALLBACK: &str = "http://127.0.0.1:9/cb";
const VIDEO: &str = "/v2/post/publish/video/init/";
const INBOX: &str = "/v2/post/publish/inbox/video/init/";
const CONTENT: &str = "/v2/post/publish/content/init/";
const STATUS: &str = "/v2/post/publish/status/fetch/";
const CREATOR: &str = "/v2/post/publish/creator_info/query/";

struct Desk {
    sim: TikTokSim,
    clock: SimClock,
    http: Client,
    token: String,
    _files: Files,
}

fn options() -> TikTokOptions {
    TikTokOptions { redirect_uris: vec![CALLBACK.into()], auto_consent: true, ..TikTokOptions::default() }
}

async fn desk_with(options: TikTokOptions) -> anyhow::Result<Desk> {
    let files = Files::serve(vec![
        ("a.jpg", "image/jpeg", samples::jpeg(1_080, 1_920)),
        ("v.mp4", "video/mp4", samples::mp4(&Film::default())),
    ])
    .await?;
    let clock = SimClock::new();
    let sim = TikTokSim::start(options, clock.clone()).await?;
    sim.set_detours(vec![Detour { from: "https://media.example/".into(), to: files.root.parse()? }]);
    let token = sim.grant(ANA, &SCOPES)?.access;
    Ok(Desk { sim, clock, http: client(Client::builder().redirect(redirect::Policy::none()))?, token, _files: files })
}

async fn desk() -> anyhow::Result<Desk> {
    desk_with(options()).await
}

/// A direct post's body; `title` and more are put into `post_info`.
fn direct(info: Value, source: Value) -> Value {
    let mut post_info = json!({"title": "t", "privacy_level": "PUBLIC_TO_EVERYONE", "disable_duet": false,
        "disable_comment": false, "disable_stitch": false});
    if let (Some(post_info), Value::Object(info)) = (post_info.as_object_mut(), info) {
        post_info.extend(info);
    }
    json!({"post_info": post_info, "source_info": source})
}

fn file(size: u64, chunk: u64, count: u64) -> Value {
    json!({"source": "FILE_UPLOAD", "video_size": size, "chunk_size": chunk, "total_chunk_count": count})
}

fn url(address: &str) -> Value {
    json!({"source": "PULL_FROM_URL", "video_url": address})
}

impl Desk {
    fn raw(&self, method: Method, path: &str) -> anyhow::Result<RequestBuilder> {
        Ok(self.http.request(method, self.sim.url().join(path)?))
    }

    async fn send(&self, request: RequestBuilder) -> anyhow::Result<Seen> {
        let answer = request.send().await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Ok(Seen { status, headers, text: answer.text().await? })
    }

    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Seen> {
        self.send(self.raw(Method::POST, path)?.bearer_auth(&self.token).json(body)).await
    }

    /// HTTP status and code; the code of a good answer is `ok`.
    async fn code(&self, path: &str, body: &Value) -> anyhow::Result<(u16, String)> {
        let seen = self.post(path, body).await?;
        Ok((seen.status, seen.at("/error/code")))
    }

    async fn control(&self, what: &str, body: &Value) -> anyhow::Result<Seen> {
        self.send(self.raw(Method::POST, &format!("/__sim/{what}"))?.json(body)).await
    }

    async fn status(&self, publish: &str) -> anyhow::Result<Value> {
        let seen = self.post(STATUS, &json!({"publish_id": publish})).await?;
        anyhow::ensure!(seen.status == 200, "{} {}", seen.status, seen.text);
        Ok(seen.json()["data"].clone())
    }

    /// The clock moves, and what was being pulled has come or not: bounded by the turns that loopback takes.
    async fn settled(&self, publish: &str) -> anyhow::Result<(String, String)> {
        for _ in 0..5_000 {
            let seen = self.status(publish).await?;
            let text = |name: &str| seen[name].as_str().unwrap_or_default().to_owned();
            if !text("status").starts_with("PROCESSING") {
                return Ok((text("status"), text("fail_reason")));
            }
            self.clock.advance_ms(3_000);
        }
        anyhow::bail!("it never settled")
    }

    async fn put(&self, address: &str, (first, total): (usize, usize), bytes: &[u8]) -> anyhow::Result<(u16, String)> {
        let last = (first + bytes.len()).saturating_sub(1);
        let request = self.http.put(address).header("Content-Type", "video/mp4");
        let request = request.header("Content-Range", format!("bytes {first}-{last}/{total}")).body(bytes.to_vec());
        let seen = self.send(request).await?;
        Ok((seen.status, seen.header("content-range")))
    }

    /// A film in one chunk, whole.
    async fn film(&self, info: Value) -> anyhow::Result<String> {
        let film = samples::mp4(&Film::default());
        let size = film.len() as u64;
        let begun = self.post(VIDEO, &direct(info, file(size, size, 1))).await?;
        anyhow::ensure!(begun.status == 200, "{} {}", begun.status, begun.text);
        let sent = self.put(&begun.at("/data/upload_url"), (0, film.len()), &film).await?;
        anyhow::ensure!(sent.0 == 201, "{sent:?}");
        Ok(begun.at("/data/publish_id"))
    }
}
