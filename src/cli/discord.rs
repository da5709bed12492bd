//! `socrazi discord register`: the commands, as Discord shows them.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Subcommand;

use super::{Place, process};
use crate::app::{App, Parts};
use crate::clock::{SystemClock, SystemEntropy};
use crate::frontends::discord::register::{Registered, invitation, register};

#[derive(Debug, Subcommand)]
pub(super) enum Discord {
    /// Registers the commands, when they changed since
    Register {
        /// In this server alone, where they are there at once; without it everywhere
        #[arg(long, value_name = "ID", value_parser = clap::value_parser!(u64).range(1..))]
        guild: Option<u64>,
    },
}

impl Discord {
    pub(super) async fn run(&self, place: &Place) -> anyhow::Result<ExitCode> {
        let Self::Register { guild } = self;
        let config = place.load()?;
        process::log(&config);
        let parts =
            Parts { config, clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy), is_simulation: false };
        let app = Arc::new(App::open(parts).await?);
        let done = register(&app, *guild).await;
        let invitation = invitation(&app).await;
        app.close().await;
        match done? {
            Registered::Same => println!("The commands are registered already; nothing was changed."),
            Registered::Replaced if guild.is_some() => println!("The commands are registered in that server."),
            Registered::Replaced => println!("The commands are registered. Clients show new ones within minutes."),
        }
        println!("To invite the bot into a server, open {}", invitation?);
        Ok(ExitCode::SUCCESS)
    }
}
