//! The front ends: peers that translate between a protocol and the doors of `App`. They decide nothing and never name each other.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use tokio_util::sync::CancellationToken;

use crate::app::App;

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
        let router = router.layer(from_fn_with_state(Arc::clone(app), touch));
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

/// Somebody asked for something.
async fn touch(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    app.activity().touch(app.now_ms());
    next.run(request).await
}
