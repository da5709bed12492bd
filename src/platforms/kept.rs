//! What an upload leaves behind, as JSON: enough for another process to go on with it. What stands in it is each network's own.

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Part;
use crate::domain::commit::CallFault;

/// Why an upload does not go on.
#[derive(Debug)]
pub(super) enum UploadFault {
    /// As of any call.
    Call(CallFault),
    /// The network does not know it any more, or takes nothing more for it.
    Gone(String),
}

impl From<CallFault> for UploadFault {
    fn from(fault: CallFault) -> Self {
        Self::Call(fault)
    }
}

/// Of an upload that was begun a moment ago: it begins anew, later.
impl From<UploadFault> for CallFault {
    fn from(fault: UploadFault) -> Self {
        match fault {
            UploadFault::Call(fault) => fault,
            UploadFault::Gone(why) => Self::Later { after_ms: None, why },
        }
    }
}

/// What was kept last. Nothing where nothing was, or something that is not of this shape.
pub(super) async fn find<T: DeserializeOwned>(part: &Part) -> Result<Option<T>, CallFault> {
    let Some(notes) = &part.notes else { return Ok(None) };
    let kept = notes.find().await?;
    Ok(kept.and_then(|kept| serde_json::from_str(kept.expose_secret()).ok()))
}

/// Keeps this instead: when it returns it is durable.
pub(super) async fn keep(part: &Part, note: &(impl Serialize + Sync)) -> Result<(), CallFault> {
    let Some(notes) = &part.notes else { return Ok(()) };
    let text = serde_json::to_string(note);
    let text = text.map_err(|error| CallFault::Later { after_ms: None, why: error.to_string() })?;
    notes.keep(&SecretString::from(text)).await
}

/// What came of going on with what was kept; nothing where the upload begins anew. Whatever a network has against it: nobody can see it, and a new
/// one will show whether it is the film.
pub(super) fn went_on<T>(filled: Result<T, UploadFault>) -> Result<Option<T>, CallFault> {
    let why = match filled {
        Ok(done) => return Ok(Some(done)),
        Err(UploadFault::Gone(why)) => why,
        Err(UploadFault::Call(CallFault::Refused(what))) => what.key,
        Err(UploadFault::Call(fault)) => return Err(fault),
    };
    tracing::info!(error = %why, "an upload is begun anew");
    Ok(None)
}

/// What came of an upload that was begun a moment ago. One that is gone already begins anew, later.
pub(super) async fn first_go<T>(part: &Part, filled: Result<T, UploadFault>) -> Result<T, CallFault> {
    if matches!(filled, Err(UploadFault::Gone(_))) {
        forget(part).await?;
    }
    Ok(filled?)
}

/// There is nothing any more to go on with: the next upload begins anew.
pub(super) async fn forget(part: &Part) -> Result<(), CallFault> {
    keep(part, &Value::Null).await
}
