//! `socrazi slack manifest`: the Slack app for this public address.

use std::process::ExitCode;

use clap::Subcommand;

use super::Place;
use crate::frontends::slack::manifest::manifest;

#[derive(Debug, Subcommand)]
pub(super) enum Slack {
    /// Prints the app manifest to paste at api.slack.com/apps
    Manifest {
        /// For Socket Mode: nothing of this server needs to be reachable from outside
        #[arg(long)]
        socket: bool,
    },
}

impl Slack {
    pub(super) fn run(&self, place: &Place) -> anyhow::Result<ExitCode> {
        let Self::Manifest { socket } = self;
        println!("{}", serde_json::to_string_pretty(&manifest(&place.load()?.public_url, *socket))?);
        Ok(ExitCode::SUCCESS)
    }
}
