//! The `serve` that other commands need beside them: found by its socket, started in the background when there is none.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::net::UnixStream;

use super::Place;
use crate::config::Config;

/// A `serve` started here ends after this long without anybody, when nothing is scheduled.
const IDLE_S: &str = "900";
/// How long a starting `serve` may take until its socket answers.
const START_WAIT: Duration = Duration::from_millis(100);
/// 150 waits of 100 ms: 15 s.
const START_WAITS_MAX: usize = 150;
/// Waits after ours has ended without anybody living behind the lock: whoever was faster locks first and writes its name a moment later.
const NOBODY_WAITS_MAX: usize = 10;

/// Sees to it that a `serve` runs on the data folder. `command` is who needs it.
pub(super) async fn ensure(place: &Place, config: &Config, command: &str) -> anyhow::Result<()> {
    check_here(place, config, command)?;
    let socket = config.data_dir.join("socrazi.sock");
    if UnixStream::connect(&socket).await.is_err() {
        start(place, &config.data_dir, &socket).await?;
    }
    Ok(())
}

/// Whether the working folder holds a server's data, or another place was named.
///
/// # Errors
/// A sentence that says what to name.
pub(super) fn check_here(place: &Place, config: &Config, command: &str) -> anyhow::Result<()> {
    let is_here = Path::new("socrazi.toml").exists() || config.data_dir.exists();
    if place.config.is_none() && !config.data_dir.is_absolute() && !is_here {
        bail!(
            "there is no data folder here: `socrazi {command}` was started in a folder that holds none, so name one with --data /absolute/folder or --config FILE"
        );
    }
    Ok(())
}

/// Starts `serve` so that it outlives this client: pages answer and posts go out after the client has closed.
async fn start(place: &Place, data_dir: &Path, socket: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(data_dir).with_context(|| format!("{} cannot be made", data_dir.display()))?;
    let log_file = data_dir.join("serve.log");
    let log = std::fs::OpenOptions::new().create(true).append(true).open(&log_file)?;
    let mut command = std::process::Command::new(std::env::current_exe()?);
    command.args(["serve", "--idle-exit", IDLE_S]).arg("--data").arg(data_dir);
    if let Some(file) = &place.config {
        command.arg("--config").arg(file);
    }
    if let Some(bind) = &place.bind {
        command.arg("--bind").arg(bind);
    }
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .context("`socrazi serve` cannot be started")?;
    let mut nobody_waits = 0;
    for _ in 0..START_WAITS_MAX {
        if UnixStream::connect(socket).await.is_ok() {
            return Ok(());
        }
        // Clients start together, and one of their servers gets the folder: the others wait for that one.
        let ended = child.try_wait()?;
        nobody_waits = if ended.is_some() && !is_held(data_dir) { nobody_waits + 1 } else { 0 };
        if let Some(status) = ended.filter(|_| nobody_waits > NOBODY_WAITS_MAX) {
            let said = std::fs::read_to_string(&log_file).unwrap_or_default();
            let last = said.lines().rev().take(5).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n");
            bail!("nothing can be scheduled: `socrazi serve` ended at once ({status}). It said:\n{last}");
        }
        tokio::time::sleep(START_WAIT).await;
    }
    bail!("nothing can be scheduled: `socrazi serve` did not answer; see {}", log_file.display())
}

/// Whether the process that locked the folder last still lives. The lock itself is not tried: that would shut out a server that is
/// just starting.
fn is_held(data_dir: &Path) -> bool {
    let Ok(name) = std::fs::read_to_string(data_dir.join("socrazi.lock")) else { return false };
    let pid = name.trim().parse().ok().and_then(rustix::process::Pid::from_raw);
    pid.is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok())
}
