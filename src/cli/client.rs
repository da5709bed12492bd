//! `socrazi client …`: programs that the operator makes known, so that they need not register themselves to ask people to be let in.

use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand};
use secrecy::ExposeSecret;

use super::{Place, Usage, process};
use crate::app::oauth::Preset;
use crate::domain::lang::Lang;
use crate::domain::oauth::{Scope, Scopes};
use crate::domain::tool::ToolError;

#[derive(Debug, Subcommand)]
pub(super) enum Client {
    /// Makes a program known; prints its client_id, and its secret once
    Add(Add),
    /// Lists the programs that were made known
    List,
    /// Says whom a subject of the trusted outside issuer (oidc.issuer) stands for
    Trust(Trust),
}

#[derive(Debug, Args)]
pub(super) struct Trust {
    /// The person (`socrazi user list`)
    #[arg(long)]
    user: String,
    /// The sub of the issuer's tokens
    #[arg(long)]
    subject: String,
    /// Lets its programs also schedule, or publish, without asking; history and Google's figures are never among it
    #[arg(long, value_parser = ["drafts", "schedules", "publishes"], default_value = "drafts")]
    grant: String,
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// What people are told it is called
    #[arg(long)]
    name: String,
    /// Where a browser may be sent back to: https, or http on 127.0.0.1, [::1] or localhost (any port there); may be given several times
    #[arg(long = "redirect", value_name = "URL", required = true)]
    redirects: Vec<String>,
    /// The program can keep a secret
    #[arg(long)]
    secret: bool,
}

impl Client {
    pub(super) async fn run(self, place: &Place) -> anyhow::Result<ExitCode> {
        let app = process::open_here(place, "client").await?;
        match self {
            Self::List => {
                for (id, name, redirects) in app.list_oauth_presets().await? {
                    println!("{id}  {name}  {}", redirects.join(" "));
                }
            }
            Self::Trust(Trust { user, subject, grant }) => {
                let scope = match grant.as_str() {
                    "publishes" => Scope::PostsPublish,
                    "schedules" => Scope::PostsSchedule,
                    _ => Scope::PostsDraft,
                };
                let user = user.parse().map_err(|error| Usage(format!("--user: {error}")))?;
                match app.trust_subject(&user, &subject, Scopes::NONE.with(scope)).await {
                    Ok(grant) => println!("{grant}"),
                    Err(ToolError::Refused(sentence)) => bail!(Usage(app.words().say(Lang::En, &sentence))),
                    Err(error) => return Err(error.into()),
                }
            }
            Self::Add(Add { name, redirects, secret }) => {
                match app.make_oauth_preset(&Preset { name, redirects, has_secret: secret }).await {
                    Ok((id, secret)) => {
                        println!("client_id: {id}");
                        if let Some(secret) = secret {
                            println!("client_secret: {}", secret.expose_secret());
                        }
                    }
                    Err(ToolError::Refused(sentence)) => bail!(Usage(app.words().say(Lang::En, &sentence))),
                    Err(error) => return Err(error.into()),
                }
            }
        }
        app.close().await;
        Ok(ExitCode::SUCCESS)
    }
}
