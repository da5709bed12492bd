//! What a client hears, and can do, while it waits for an answer: progress if it asked for it, and an end when it goes away or takes its
//! request back. How long it waits at most is not decided here.

use std::time::Duration;

use rmcp::model::{ErrorCode, ErrorData, MetaObject, ProgressNotificationParam, ProtocolVersion};
use rmcp::service::{RequestContext, RoleServer};
use serde_json::json;

/// Calls that are answered sooner say nothing in between.
const FIRST: Duration = Duration::from_secs(2);
/// Often enough for clients that start their clock anew with each sign of life.
const EVERY: Duration = Duration::from_secs(5);
/// No call is waited for longer; the bound of the loop.
const SIGNS_MAX: u32 = 12;

/// Does the work while its client waits. A client that goes away, or cancels, ends it: the future is dropped, and with it what it asks of
/// the network.
pub(super) async fn attended<T>(
    context: &RequestContext<RoleServer>,
    work: impl Future<Output = T>,
) -> Result<T, ErrorData> {
    let gone = || ErrorData::new(ErrorCode::INTERNAL_ERROR, "cancelled", None);
    tokio::select! {
        biased;
        done = work => Ok(done),
        () = context.ct.cancelled() => Err(gone()),
        () = tell(context) => Err(gone()),
    }
}

/// Signs of life as long as they are wanted; never ends by itself.
async fn tell(context: &RequestContext<RoleServer>) {
    if let Some(token) = context.meta.get_progress_token() {
        tokio::time::sleep(FIRST).await;
        for sign in 1..=SIGNS_MAX {
            let param = ProgressNotificationParam::new(token.clone(), f64::from(sign));
            if context.peer.notify_progress(param).await.is_err() {
                break;
            }
            tokio::time::sleep(EVERY).await;
        }
    }
    std::future::pending().await
}

/// Who answers, beside what a result carries anyway: every result of the newer era says it; older clients were told when they began.
pub(super) fn server_meta(context: &RequestContext<RoleServer>, own: Option<MetaObject>) -> Option<MetaObject> {
    let is_newer = context.protocol_version().is_some_and(|version| version >= ProtocolVersion::V_2026_07_28);
    if !is_newer {
        return own;
    }
    let mut meta = own.unwrap_or_default();
    let server = json!({ "name": super::NAME, "title": super::TITLE, "version": env!("CARGO_PKG_VERSION") });
    meta.insert("io.modelcontextprotocol/serverInfo".to_owned(), server);
    Some(meta)
}
