//! `socrazi mcp`: a pipe to the `serve` of the data folder, which is started in the background when there is none.

use std::process::ExitCode;

use anyhow::Context;

use super::{Place, Usage, background, process};
use crate::domain::allowed::Allowed;
use crate::frontends::mcp::{Reading, bridge};

/// Options of `socrazi mcp`: each only narrows what the operator allows.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Mcp {
    /// Only these toolsets, separated by commas: accounts, posts, publishing, reports, history; with read-only among them, only what reads; with no-images, links in place of pictures
    #[arg(long, value_name = "NAMES", default_value = "", hide_default_value = true)]
    toolsets: String,
    /// Only what reads
    #[arg(long)]
    read_only: bool,
}

pub(super) async fn run(place: &Place, options: &Mcp) -> anyhow::Result<ExitCode> {
    let config = place.load()?;
    process::log(&config);
    Allowed::read(&options.toolsets, options.read_only).map_err(|unknown| Usage(format!("--toolsets: {unknown}")))?;
    background::ensure(place, &config, "mcp").await?;
    let reading = if options.read_only { Reading::Only } else { Reading::AndWriting };
    let socket = config.data_dir.join("socrazi.sock");
    let toolsets: String = options.toolsets.split_whitespace().collect();
    bridge(&socket, &toolsets, reading).await.context("the talk with the server broke off")?;
    Ok(ExitCode::SUCCESS)
}
