//! `socrazi kek rotate`: a fresh key-encryption key, and every user's key rewrapped with it. Records stay as they are.

use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand};

use super::{Place, Usage, process};

#[derive(Debug, Subcommand)]
pub(super) enum Kek {
    /// Adds a key to the key file and rewraps every user's key with it; may be stopped and begun again
    Rotate(Rotate),
}

#[derive(Debug, Args)]
pub(super) struct Rotate {
    /// Only say what would be done
    #[arg(long, conflicts_with = "apply")]
    plan: bool,
    /// Do it
    #[arg(long)]
    apply: bool,
}

impl Kek {
    pub(super) async fn run(self, place: &Place) -> anyhow::Result<ExitCode> {
        let Self::Rotate(rotate) = self;
        if !rotate.plan && !rotate.apply {
            bail!(Usage("kek rotate: say --plan (what would be done) or --apply (do it)".into()));
        }
        let app = process::open_here(place, "kek rotate").await?;
        let unfinished = app.vault().rotate_plan().await?.to_do;
        if rotate.plan {
            println!(
                "{unfinished} keys are not wrapped by the newest key. --apply adds a key and rewraps every user's key with it."
            );
            app.close().await;
            return Ok(ExitCode::SUCCESS);
        }
        // An earlier rotation that was stopped is finished first; only then is a new key made.
        let app = if unfinished == 0 {
            app.add_kek()?;
            app.close().await;
            process::open(place).await?
        } else {
            app
        };
        let done = app.vault().rotate_apply().await?;
        app.close().await;
        if done.to_do > 0 {
            bail!("{} keys rewrapped, {} are left: run it again", done.done, done.to_do);
        }
        println!(
            "{} keys rewrapped. Restart a running `serve`, then keep the old key file lines until old backups are gone.",
            done.done
        );
        Ok(ExitCode::SUCCESS)
    }
}
