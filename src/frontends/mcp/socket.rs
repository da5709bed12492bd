//! MCP over the Unix socket in the data folder. `serve` listens; `socrazi mcp` is a pipe between its own stdin and stdout and that
//! socket, so that pages answer and posts go out also after the client has closed. The caller is the local user (DECISIONS 18).

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use rmcp::ServiceExt;
use tokio::io::{AsyncWriteExt, copy};
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::handler::Handler;
use crate::app::App;

/// Connections at once: one per client window, and nobody has a hundred.
const CONNECTIONS_MAX: usize = 64;

/// Listens until told to stop. Only processes of the same operating-system user are answered.
///
/// # Errors
/// When the socket cannot be made.
pub async fn listen(app: Arc<App>, path: &Path, stop: CancellationToken) -> std::io::Result<()> {
    // The data folder is locked by us, so a socket left there belongs to nobody.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    let (handler, tasks) = (Handler::over_http(Arc::clone(&app)), TaskTracker::new());
    loop {
        let stream = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(error = %error, "a connection to the socket failed");
                    continue;
                }
            },
        };
        if tasks.len() >= CONNECTIONS_MAX || !is_same_user(&stream) {
            tracing::warn!("a connection to the socket was refused");
            continue;
        }
        // A child: rmcp cancels the token it was given when its client goes, and only that client is to end.
        let (app, handler, stop) = (Arc::clone(&app), handler.clone(), stop.child_token());
        tasks.spawn(async move {
            if let Err(error) = serve_one(&app, &handler, stream, stop).await {
                tracing::debug!(error = %error, "a client over the socket ended");
            }
        });
    }
    tasks.close();
    tasks.wait().await;
    let _gone_either_way = std::fs::remove_file(path);
    Ok(())
}

async fn serve_one(
    app: &App,
    handler: &Handler,
    stream: UnixStream,
    stop: CancellationToken,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let _talk = app.activity().talk(app.now_ms());
    let caller = app.local_caller().await?;
    let (read, write) = stream.into_split();
    let service = handler.for_local(caller).serve_with_ct((read, write), stop).await?;
    service.waiting().await?;
    Ok(())
}

fn is_same_user(stream: &UnixStream) -> bool {
    stream.peer_cred().is_ok_and(|peer| peer.uid() == rustix::process::geteuid().as_raw())
}

/// Pipes this process's stdin and stdout to the socket until either side ends.
///
/// # Errors
/// When the socket cannot be reached or breaks.
pub async fn bridge(path: &Path) -> std::io::Result<()> {
    let stream = UnixStream::connect(path).await?;
    let (mut from, mut to) = stream.into_split();
    let upward = async {
        copy(&mut tokio::io::stdin(), &mut to).await?;
        to.shutdown().await
    };
    let downward = async {
        let mut out = tokio::io::stdout();
        copy(&mut from, &mut out).await?;
        out.flush().await
    };
    // The client closing its side ends the talk once every answer is written; the server closing ends it at once.
    tokio::pin!(upward, downward);
    tokio::select! {
        done = &mut downward => done,
        done = &mut upward => {
            done?;
            downward.await
        }
    }
}
