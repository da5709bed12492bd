//! `socrazi user …`: the operator's side of people's ways in.

use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand};
use secrecy::ExposeSecret;

use super::{Place, Usage, process};
use crate::app::Forgotten;
use crate::domain::caller::Grant;
use crate::domain::ids::UserId;
use crate::domain::lang::Lang;
use crate::domain::tool::ToolError;

/// People listed at once.
const LIST_MAX: i64 = 1_000;

#[derive(Debug, Subcommand)]
pub(super) enum User {
    /// Lists people by id
    List,
    /// Prints a single-use sign-in link (10 minutes)
    Link(Whose),
    /// Deletes a person with everything of theirs, for good; cancels what is scheduled and revokes access to networks
    Delete {
        /// Whose; `socrazi user list` shows the ids
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Writes everything of a person in plain form into a folder: JSON Lines, media, a manifest; no secrets
    Export {
        /// Whose; `socrazi user list` shows the ids
        #[arg(value_name = "ID")]
        id: String,
        /// A folder that is not there yet, or empty
        #[arg(value_name = "DIR")]
        folder: std::path::PathBuf,
    },
    /// Prints a personal access token for MCP over HTTP, once
    Token(Token),
}

#[derive(Debug, Args)]
pub(super) struct Whose {
    /// Whose; the first user without it
    #[arg(long, value_name = "ID")]
    user: Option<String>,
}

impl Whose {
    fn read(&self) -> Result<Option<UserId>, Usage> {
        let read = |text: &String| {
            text.parse().map_err(|_| Usage(format!("--user {text}: no id of a person; `socrazi user list` shows them")))
        };
        self.user.as_ref().map(read).transpose()
    }
}

#[derive(Debug, Args)]
pub(super) struct Token {
    #[command(flatten)]
    whose: Whose,
    /// A name to recognise it by on the settings page
    #[arg(long)]
    name: String,
    /// How far it may go without asking: drafts, schedules or publishes
    #[arg(long, default_value = "drafts")]
    scope: String,
}

impl User {
    pub(super) async fn run(self, place: &Place) -> anyhow::Result<ExitCode> {
        // A link is a way in: it is shown to a person at a terminal, not to a program that reads our output.
        if matches!(self, Self::Link(_)) && !(std::io::stdin().is_terminal() && std::io::stdout().is_terminal()) {
            bail!("`user link` shows a way in, so it wants a terminal");
        }
        let grant = match &self {
            Self::Token(token) => match Grant::find(&token.scope) {
                Some(grant) => grant,
                None => bail!(Usage(format!("--scope {}: must be drafts, schedules or publishes", token.scope))),
            },
            Self::List | Self::Link(_) | Self::Delete { .. } | Self::Export { .. } => Grant::Drafts,
        };
        let named = match &self {
            Self::Token(Token { whose, .. }) | Self::Link(whose) => whose.read()?,
            Self::Delete { id } | Self::Export { id, .. } => Whose { user: Some(id.clone()) }.read()?,
            Self::List => None,
        };
        let app = process::open_here(place, "user").await?;
        let whose = match named {
            Some(id) => match app.store().find_user(&id).await? {
                Some(user) => user.id,
                None => bail!("there is nobody with the id {id} here; `socrazi user list` shows who there is"),
            },
            None => app.local_user().await?.id,
        };
        match &self {
            Self::List => {
                for user in app.store().list_users(LIST_MAX).await? {
                    println!("{}  {}  {}", user.id, user.lang.tag(), user.zone);
                }
            }
            Self::Export { folder, .. } => match app.export_user(&whose).await {
                Ok(export) => {
                    let count = super::backup::write_export(&app, folder, &export).await?;
                    println!("{count} files are in {}.", folder.display());
                }
                Err(ToolError::Refused(sentence)) => bail!("{}", app.words().say(Lang::En, &sentence)),
                Err(error) => return Err(error.into()),
            },
            Self::Delete { .. } => match app.delete_user(&whose).await {
                Ok(Forgotten { rows, files, unconfirmed, to_remove, teams, kept }) => {
                    println!("{whose} is gone: {rows} rows and {files} files, and the key of what was sealed.");
                    for handle in unconfirmed {
                        println!("The network did not confirm for @{handle}: remove Socrazi among its connected apps.");
                    }
                    for (place, count) in to_remove {
                        println!(
                            "{count} of our messages in {place} are removed there by the running server; `socrazi doctor` lists those that {place} keeps."
                        );
                    }
                    for (team, is_sure) in teams {
                        let how = if is_sure { "was taken out of" } else { "could not be taken out of" };
                        println!("The app {how} the Slack team {team}, which they had installed it in.");
                    }
                    if kept > 0 {
                        println!("{kept} of our messages in these teams stay: Slack did not remove them.");
                    }
                    println!("Backups that you made still hold it, and the audit chain keeps the id.");
                }
                Err(ToolError::Refused(sentence)) => bail!("{}", app.words().say(Lang::En, &sentence)),
                Err(error) => return Err(error.into()),
            },
            Self::Link(_) => println!("{}", app.make_sign_in_link(&whose).await?.expose_secret()),
            Self::Token(token) => match app.make_token_for(&whose, &token.name, grant).await {
                Ok(secret) => println!("{}", secret.expose_secret()),
                Err(ToolError::Refused(sentence)) => {
                    bail!(Usage(format!("--name: {}", app.words().say(Lang::En, &sentence))))
                }
                Err(error) => return Err(error.into()),
            },
        }
        app.close().await;
        Ok(ExitCode::SUCCESS)
    }
}
