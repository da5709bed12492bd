//! Registers the commands: asked first, replaced only when they changed, for Discord counts new ones (dossier §6).

use std::sync::Arc;

use super::api::{Api, At, Fault, How};
use super::commands::{definitions, is_same};
use crate::app::App;

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// They were the same already.
    Same,
    /// They were replaced.
    Replaced,
}

/// Why commands are not registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// Discord is not configured.
    #[error("discord.bot_token is not set")]
    NotConfigured,
    /// The system's certificates cannot be read.
    #[error("the system's certificates cannot be read: {0}")]
    Certificates(#[source] std::io::Error),
    /// Discord refused, or could not be reached.
    #[error("{0}")]
    Discord(String),
}

/// Registers the commands everywhere, or in one server, where they are there at once.
///
/// # Errors
/// When Discord is not configured, refuses or cannot be reached.
pub async fn register(app: &Arc<App>, guild: Option<u64>) -> Result<Registered, RegisterError> {
    let api = Api::open(app).map_err(RegisterError::Certificates)?.ok_or(RegisterError::NotConfigured)?;
    let failed = |fault: Fault| RegisterError::Discord(fault.to_string());
    let at = At::Commands(api.application().await.map_err(failed)?, guild);
    let wanted = definitions(app.words(), guild.is_none());
    let found = api.call_with(How::Get, at, (None, &[]), &[("with_localizations", "true")]).await.map_err(failed)?;
    if is_same(&wanted, &found) {
        return Ok(Registered::Same);
    }
    api.call(How::Put, at, Some(&wanted)).await.map_err(failed)?;
    Ok(Registered::Replaced)
}

/// What the bot does in a server: sees channels, writes there and in threads that it begins, shows cards and files, and reads what it
/// answers (dossier §11).
const PERMISSIONS: u64 = 1 << 10 | 1 << 11 | 1 << 14 | 1 << 15 | 1 << 16 | 1 << 35 | 1 << 38;

/// Where a person invites the bot into a server.
///
/// # Errors
/// As [`register`].
pub async fn invitation(app: &Arc<App>) -> Result<String, RegisterError> {
    let api = Api::open(app).map_err(RegisterError::Certificates)?.ok_or(RegisterError::NotConfigured)?;
    let id = api.application().await.map_err(|fault| RegisterError::Discord(fault.to_string()))?;
    let root = api.root();
    Ok(format!("{root}/oauth2/authorize?client_id={id}&scope=bot+applications.commands&permissions={PERMISSIONS}"))
}

/// Whether Discord takes the token: for `doctor`.
///
/// # Errors
/// As [`register`].
pub async fn check(app: &Arc<App>) -> Result<String, RegisterError> {
    let api = Api::open(app).map_err(RegisterError::Certificates)?.ok_or(RegisterError::NotConfigured)?;
    let answer = api.call(How::Get, At::Application, None).await;
    let answer = answer.map_err(|fault| RegisterError::Discord(fault.to_string()))?;
    Ok(answer["name"].as_str().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_bot_asks_for_no_more_than_the_documents_say() {
        assert_eq!(super::PERMISSIONS, 309_237_763_072);
    }
}
