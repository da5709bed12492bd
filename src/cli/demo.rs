//! placeholder
use clap::Args;
use std::process::ExitCode;
#[derive(Debug, Args)]
pub(super) struct Demo {}
impl Demo { pub(super) async fn run(self, _p: &super::Place) -> anyhow::Result<ExitCode> { Ok(ExitCode::SUCCESS) } }
