//! `socrazi migrate`: opening the database brings its schema up to date.

use std::process::ExitCode;

use super::{Place, process};

pub(super) async fn run(place: &Place) -> anyhow::Result<ExitCode> {
    let app = process::open(place).await?;
    app.close().await;
    println!("The database is up to date.");
    Ok(ExitCode::SUCCESS)
}
