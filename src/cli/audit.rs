//! `socrazi audit verify`: walks the chain.

use std::process::ExitCode;

use clap::Subcommand;

use super::{Place, process};

#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Checks that no row was changed, taken out or put in
    Verify,
}

impl Audit {
    pub(super) async fn run(self, place: &Place) -> anyhow::Result<ExitCode> {
        let Self::Verify = self;
        let app = process::open_here(place, "audit verify").await?;
        let (good, broken) = app.store().verify_audit().await?;
        app.close().await;
        match broken {
            None => {
                println!("The audit chain holds: {good} rows.");
                Ok(ExitCode::SUCCESS)
            }
            Some(no) => {
                println!("The audit chain is broken at row {no}; the {good} rows before it hold.");
                Ok(ExitCode::FAILURE)
            }
        }
    }
}
