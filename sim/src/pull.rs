//! Media that a network pulls from where it was told to. The real ones want public https; in its place stands an address on this machine,
//! or a public one with a detour that says where on this machine it leads.

use std::time::Duration;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::wire;

/// Where the addresses that begin with `from` lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detour {
    /// The beginning of public addresses, like `https://media.example/`.
    pub from: String,
    /// What stands in its place, like `http://127.0.0.1:8787/`.
    pub to: Url,
}

/// Why nothing was pulled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missed {
    /// Nothing public, or no address.
    Nowhere,
    /// A redirect, which nobody follows here.
    Redirected,
    Refused,
    TooLarge,
    TimedOut,
}

/// What may be pulled at most, and how long that may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    pub(crate) bytes_max: usize,
    pub(crate) wait: Duration,
}

/// Where an address leads on this machine.
pub(crate) fn place(address: &str, detours: &[Detour]) -> Option<Url> {
    if !address.is_ascii() {
        return None;
    }
    for detour in detours {
        if let Some(rest) = address.strip_prefix(&detour.from) {
            return Url::parse(&format!("{}{rest}", detour.to)).ok();
        }
    }
    let url = Url::parse(address).ok()?;
    matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]")).then_some(url)
}

/// Pulls one file: its content type and its bytes.
pub(crate) async fn pull(address: &str, detours: &[Detour], patience: Patience) -> Result<(String, Vec<u8>), Missed> {
    let url = place(address, detours).ok_or(Missed::Nowhere)?;
    match wire::get(url, patience.bytes_max, patience.wait).await {
        Ok(answer) if answer.status == StatusCode::OK => Ok((answer.content_type, answer.bytes)),
        Ok(answer) if answer.status.is_redirection() => Err(Missed::Redirected),
        Ok(_) => Err(Missed::Refused),
        Err("too_large") => Err(Missed::TooLarge),
        Err("http_timeout") => Err(Missed::TimedOut),
        Err(_) => Err(Missed::Nowhere),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lead_to_this_machine_or_nowhere() -> anyhow::Result<()> {
        let detours = [Detour { from: "https://media.example/".into(), to: Url::parse("http://127.0.0.1:9/m/")? }];
        let lead = |address: &str| place(address, &detours).map(|url| url.to_string());
        assert_eq!(lead("https://media.example/a?b=1"), Some("http://127.0.0.1:9/m/a?b=1".into()));
        assert_eq!(lead("http://127.0.0.1:9/a"), Some("http://127.0.0.1:9/a".into()));
        for nowhere in ["https://media.example.evil/a", "https://other.example/a", "https://media.example/ä", "a", ""]
        {
            assert_eq!(lead(nowhere), None, "{nowhere}");
        }
        Ok(())
    }
}
