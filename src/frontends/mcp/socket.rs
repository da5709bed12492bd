//! MCP over the Unix socket in the data folder. `serve` listens; `socrazi mcp` is a pipe between its own stdin and stdout and that
//! socket, so that pages answer and posts go out also after the client has closed. The caller is the local user (DECISIONS 18).

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use rmcp::ServiceExt;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, copy, duplex};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::handler::Handler;
use super::inbound::{self, Faulty, MESSAGE_BYTES_MAX};
use crate::app::App;
use crate::domain::allowed::Allowed;
use crate::i18n::Words;

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
    let (read, write) = stream.into_split();
    let write = Arc::new(Mutex::new(write));
    let ((to_rmcp, from_client), (from_rmcp, to_client)) = (duplex(PIPE_BYTES), duplex(PIPE_BYTES));
    let mut read = BufReader::new(read);
    let allowed = tokio::select! {
        () = stop.cancelled() => return Ok(()),
        allowed = preface(&mut read) => allowed?,
    };
    let inward = tokio::spawn(take_in(read, to_rmcp, Arc::clone(&write), Arc::clone(app.words())));
    let outward = tokio::spawn(give_out(from_rmcp, write));
    let result = async {
        let service = handler.for_local(allowed).serve_with_ct((from_client, to_client), stop).await?;
        service.waiting().await?;
        Ok(())
    };
    let result = result.await;
    // rmcp has let go of both pipes: what it wrote last still goes out, and nobody reads on.
    outward.await??;
    inward.abort();
    result
}

/// Between socket and rmcp: as much as one message of usual size.
const PIPE_BYTES: usize = 64 * 1024;

/// Begins the line that `socrazi mcp` puts before everything else when it was told to show less.
const PREFACE: &str = "socrazi-mcp ";

/// What the pipe asks for before the client says anything; everything, when it asks for nothing.
async fn preface(read: &mut BufReader<OwnedReadHalf>) -> std::io::Result<Allowed> {
    // A message begins with another letter, so one is enough to tell.
    if read.fill_buf().await?.first() != PREFACE.as_bytes().first() {
        return Ok(Allowed::default());
    }
    let mut line = Vec::new();
    next_line(read, &mut line).await?;
    let asked = std::str::from_utf8(&line).ok().and_then(|line| line.strip_prefix(PREFACE)?.split_once(' '));
    // What cannot be read was meant to narrow.
    let read = |(word, areas): (&str, &str)| Allowed::read(areas, word != "all").ok();
    Ok(asked.and_then(read).unwrap_or(Allowed::nothing()))
}

/// Hands whole lines on to rmcp, and answers those that are none of its business.
async fn take_in(
    mut read: BufReader<OwnedReadHalf>,
    mut to_rmcp: DuplexStream,
    write: Arc<Mutex<OwnedWriteHalf>>,
    words: Arc<Words>,
) -> std::io::Result<()> {
    let mut line = Vec::new();
    while let Some(is_whole) = next_line(&mut read, &mut line).await? {
        if is_whole && line.trim_ascii().is_empty() {
            continue;
        }
        let faulty = if is_whole { inbound::look(&line).err() } else { Some(Faulty::too_large()) };
        match faulty {
            Some(faulty) => {
                tracing::debug!(error = %faulty.sentence(&words), "a message over the socket was refused");
                let answer = format!("{}\n", faulty.answer(&words));
                write.lock().await.write_all(answer.as_bytes()).await?;
            }
            None => {
                line.push(b'\n');
                to_rmcp.write_all(&line).await?;
            }
        }
    }
    Ok(())
}

/// The next line without its end: whole, or cut because it was too long. `None` when the client has closed its side; what it left
/// without an end is no message.
async fn next_line(read: &mut BufReader<OwnedReadHalf>, line: &mut Vec<u8>) -> std::io::Result<Option<bool>> {
    line.clear();
    let mut is_whole = true;
    loop {
        let found = read.fill_buf().await?;
        if found.is_empty() {
            return Ok(None);
        }
        let end = found.iter().position(|byte| *byte == b'\n');
        let piece = &found[..end.unwrap_or(found.len())];
        if line.len() + piece.len() > MESSAGE_BYTES_MAX {
            is_whole = false;
            line.clear();
        }
        if is_whole {
            line.extend_from_slice(piece);
        }
        let taken = end.map_or(found.len(), |end| end + 1);
        read.consume(taken);
        if end.is_some() {
            return Ok(Some(is_whole));
        }
    }
}

/// Writes what rmcp says, line by line, so that no refusal lands inside one; then closes our side.
async fn give_out(from_rmcp: DuplexStream, write: Arc<Mutex<OwnedWriteHalf>>) -> std::io::Result<()> {
    let (mut from_rmcp, mut line) = (BufReader::new(from_rmcp), Vec::new());
    while from_rmcp.read_until(b'\n', &mut line).await? > 0 {
        write.lock().await.write_all(&line).await?;
        line.clear();
    }
    write.lock().await.shutdown().await
}

fn is_same_user(stream: &UnixStream) -> bool {
    stream.peer_cred().is_ok_and(|peer| peer.uid() == rustix::process::geteuid().as_raw())
}

/// Whether a client is shown anything that writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Nothing.
    Only,
    /// What else is allowed.
    AndWriting,
}

/// Pipes this process's stdin and stdout to the socket until either side ends.
///
/// # Errors
/// When the socket cannot be reached or breaks.
pub async fn bridge(path: &Path, areas: &str, reading: Reading) -> std::io::Result<()> {
    let stream = UnixStream::connect(path).await?;
    let (mut from, mut to) = stream.into_split();
    let word = match reading {
        Reading::Only => "read",
        Reading::AndWriting => "all",
    };
    if !areas.is_empty() || reading == Reading::Only {
        to.write_all(format!("{PREFACE}{word} {areas}\n").as_bytes()).await?;
    }
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
