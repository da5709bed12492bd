//! `socrazi slack manifest`: the Slack app for this public address.

use std::process::ExitCode;

use clap::Subcommand;

use super::Place;
use crate::frontends::slack::manifest::{Hears, View, Way, manifest};

#[derive(Debug, Subcommand)]
pub(super) enum Slack {
    /// Prints the app manifest to paste at api.slack.com/apps
    Manifest {
        /// For Socket Mode: nothing of this server needs to be reachable from outside
        #[arg(long)]
        socket: bool,
        /// For teams that have Slack's older assistant view, and not the agents' one yet
        #[arg(long)]
        assistant_view: bool,
        /// With slack.channel_messages = "on": what is said in its channels is told to it, too
        #[arg(long)]
        channel_messages: bool,
    },
}

impl Slack {
    pub(super) fn run(&self, place: &Place) -> anyhow::Result<ExitCode> {
        let Self::Manifest { socket, assistant_view, channel_messages } = self;
        let hears = if *channel_messages { Hears::Channels } else { Hears::Mentions };
        let view = if *assistant_view { View::Assistant } else { View::Agent };
        let config = place.load()?;
        let has_client = config.slack.as_ref().is_some_and(|slack| slack.client.is_some() && slack.bot_token.is_none());
        let way = match (socket, has_client) {
            (true, _) => Way::Socket,
            (false, true) => Way::HttpAnyTeam,
            (false, false) => Way::HttpOneTeam,
        };
        println!("{}", serde_json::to_string_pretty(&manifest(&config.public_url, way, view, hears))?);
        Ok(ExitCode::SUCCESS)
    }
}
