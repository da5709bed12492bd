//! What Discord answered, in the words of the room of places; and what makes a message the same one.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::api::Fault;
use crate::places::Told;

/// Discord's words for a way back that is gone (dossier §12): unknown webhook, interaction or message, a token that is too old.
const GONE: [u64; 4] = [10_015, 10_062, 10_008, 50_027];

/// What makes a message the same one to Discord, however often it is sent; it takes 25 characters.
pub(super) fn nonce(what: &str) -> Value {
    let digest = Sha256::digest(what);
    digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

/// What became of something that was told.
pub(super) fn heard(done: Result<Option<u64>, Fault>) -> Told {
    match done {
        Ok(id) => Told::Here(id.map(|id| id.to_string())),
        Err(fault) => {
            tracing::warn!(error = %fault, "somebody could not be told something in Discord");
            match fault {
                Fault::Refused { .. } => Told::Refused,
                Fault::Token | Fault::Busy | Fault::Unreachable(_) => Told::Later,
            }
        }
    }
}

/// Whether an interaction cannot be answered any more.
pub(super) fn is_gone(fault: &Fault) -> bool {
    fault.is(&GONE) || matches!(fault, Fault::Refused { status: 401 | 404, .. })
}

/// Whether Discord refused the form of a message.
pub(super) fn is_form(fault: &Fault) -> bool {
    fault.is(&[50_035])
}
