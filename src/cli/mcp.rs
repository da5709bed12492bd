//! `socrazi mcp`: a pipe to the `serve` of the data folder, which is started in the background when there is none.

use std::process::ExitCode;

use anyhow::Context;

use super::{Place, background, process};
use crate::frontends::mcp::bridge;

pub(super) async fn run(place: &Place) -> anyhow::Result<ExitCode> {
    let config = place.load()?;
    process::log(&config);
    background::ensure(place, &config, "mcp").await?;
    bridge(&config.data_dir.join("socrazi.sock")).await.context("the talk with the server broke off")?;
    Ok(ExitCode::SUCCESS)
}
