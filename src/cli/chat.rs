//! `socrazi chat`: the conversational core in this terminal, beside the `serve` that publishes.

use std::process::ExitCode;

use clap::Args;

use super::{Place, background, process};
use crate::frontends::terminal::{Wish, talk};

#[derive(Debug, Args)]
pub(super) struct Chat {
    /// Send this one message, print the answer and end; questions are left open, with their address
    #[arg(long, value_name = "TEXT")]
    once: Option<String>,
    /// Go on with the conversation that was held last
    #[arg(long = "continue")]
    is_continued: bool,
}

impl Chat {
    pub(super) async fn run(self, place: &Place) -> anyhow::Result<ExitCode> {
        let mut config = place.load()?;
        // Warnings belong into the server's log, not between somebody's sentences.
        config.log_level = "error".into();
        process::log(&config);
        background::ensure(place, &config, "chat").await?;
        let app = process::open_with(config).await?;
        let caller = app.terminal_caller().await?;
        let is_answered = talk(&app, &caller, Wish { once: self.once, is_continued: self.is_continued }).await?;
        app.close().await;
        Ok(if is_answered { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}
