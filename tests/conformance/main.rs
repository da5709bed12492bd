//! The server that the official conformance suite wants to meet: its fixture's tools, resources and prompts behind our own router, gate,
//! sessions and bearer check (`tests/run --only conformance`). The suite has no way to send a token, so the loopback listener adds one; nothing
//! else is left out. Never in what is shipped: an example that needs the feature `conformance`.
//!
//!     conformance --data FOLDER --port PORT

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use axum::extract::Request;
use axum::middleware::map_request;
use clap::Parser;
use http::HeaderValue;
use http::header::AUTHORIZATION;
use secrecy::ExposeSecret;
use socrazi::app::{App, Parts};
use socrazi::clock::{SystemClock, SystemEntropy};
use socrazi::config::{Config, Overrides};
use socrazi::domain::caller::Grant;
use socrazi::frontends::mcp::Mcp;
use socrazi::frontends::serve_http;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::fixture::Fixture;

mod answers;
mod fixture;
mod rounds;

#[derive(Parser)]
struct Arguments {
    /// An empty folder.
    #[arg(long)]
    data: PathBuf,
    /// Where it listens.
    #[arg(long)]
    port: u16,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { data, port } = Arguments::parse();
    socrazi::app::install_tls_provider();
    let settings = [
        ("data.dir", data.display().to_string()),
        ("server.bind", format!("127.0.0.1:{port}")),
        ("server.public_url", format!("http://127.0.0.1:{port}")),
    ];
    let overrides = Overrides(settings.into_iter().collect());
    let config = Config::read("", &std::collections::BTreeMap::new(), &overrides, None)
        .map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
    let parts = Parts { config, clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy), is_simulation: true };
    let app = Arc::new(App::open(parts).await?);
    let user = app.local_user().await?;
    let token = app.make_token_for(&user.id, "conformance", Grant::Drafts).await?;
    let bearer = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))?;
    let stop = CancellationToken::new();
    let mcp = Mcp::open_for(&app, Fixture::default(), &stop);
    let router = mcp.router.clone().layer(map_request(move |mut request: Request| {
        let bearer = bearer.clone();
        async move {
            request.headers_mut().entry(AUTHORIZATION).or_insert(bearer);
            request
        }
    }));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.context("the port is taken")?;
    let ends = stop.clone();
    tokio::spawn(async move {
        let _asked = tokio::signal::ctrl_c().await;
        ends.cancel();
    });
    println!("ready");
    tokio::join!(serve_http(listener, router, stop.clone()), mcp.run(stop.clone()));
    app.close().await;
    Ok(())
}
