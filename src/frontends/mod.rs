//! The front ends: peers that translate between a protocol and the doors of `App`. They decide nothing and never name each other.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::domain::lang::Lang;
use crate::say;

pub mod discord;
mod listen;
pub mod mcp;
pub mod slack;
pub mod terminal;
mod web;

pub use listen::serve_http;

/// Every front end that is there while the server runs.
pub struct Doors {
    /// Everything that answers over HTTP.
    pub router: Router,
    mcp: mcp::Mcp,
    web: web::Web,
    stop: CancellationToken,
    slack: Option<Arc<slack::Slack>>,
    discord: Option<Arc<discord::Discord>>,
}

impl Doors {
    /// Opens them; nothing runs before [`Doors::run`].
    ///
    /// # Errors
    /// When the system's certificates cannot be read.
    pub fn open(app: &Arc<App>, stop: &CancellationToken) -> std::io::Result<Self> {
        let slack = slack::Slack::open(app, stop.clone())?;
        let web = web::Web::open(stop.clone());
        let mcp = mcp::Mcp::open(app, stop);
        let mut router = mcp.router.clone().merge(web.router(Arc::clone(app)));
        if let Some(slack) = &slack {
            router = router.merge(slack.router());
        }
        let discord = discord::Discord::open(app, stop.clone())?;
        if let Some(discord) = &discord {
            router = router.merge(discord.router());
        }
        let router = router.layer(from_fn_with_state(Arc::clone(app), first_look));
        Ok(Self { router, mcp, web, stop: stop.clone(), slack, discord })
    }

    /// What front ends do beside answering, until told to stop.
    pub fn run(&self) -> impl Future<Output = ()> + Send + 'static {
        let (web, slack, discord) = (self.web.run(), self.slack.clone(), self.discord.clone());
        let mcp = self.mcp.run(self.stop.clone());
        async move {
            let slack = async {
                if let Some(slack) = slack {
                    slack.run().await;
                }
            };
            let discord = async {
                if let Some(discord) = discord {
                    discord.run().await;
                }
            };
            tokio::join!(mcp, web, slack, discord);
        }
    }
}

/// What says who asks, from where, or for what. Where one stands twice, whoever stands in front may have judged the other one.
const ONCE: [&str; 10] = [
    "authorization",
    "content-type",
    "host",
    "origin",
    "sec-fetch-site",
    "last-event-id",
    "mcp-session-id",
    "mcp-protocol-version",
    "mcp-method",
    "mcp-name",
];

/// Somebody asked for something; what can be read in two ways is not read at all.
async fn first_look(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    app.activity().touch(app.now_ms());
    let twice = twice(request.headers());
    if let Some(name) = twice {
        let what = say!("common-header-twice", name = name);
        return (StatusCode::BAD_REQUEST, app.words().say(Lang::En, &what)).into_response();
    }
    next.run(request).await
}

/// The header that stands there twice.
fn twice(headers: &HeaderMap) -> Option<&'static str> {
    ONCE.into_iter().find(|name| headers.get_all(*name).iter().nth(1).is_some())
}
