//! Files that come in pieces and may be cut between them: each is a file that grows, and beside it what is known of it, so that a restart cuts no more
//! than a bad connection does. How pieces are asked for is the front end's; what becomes of a whole file is the intake's.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures::{Stream, StreamExt};
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::{Intake, Owner, check_alt, disk, too_large};
use crate::domain::ids::{UploadId, UserId, WorkspaceId};
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::say;
use crate::store::media::{UPLOAD_FILES_MAX, UploadLink};
use crate::vault::token_hash;

/// Begins the names of a file that comes in pieces, and of what is known of it.
const PARTIAL: &str = "partial-";
/// Ends the latter.
const KNOWN: &str = ".json";
/// How long a begun file may still grow after its link has ended: a gigabyte over a slow line, with a night in between it not.
const AFTER_LINK_MS: i64 = 6 * 3_600_000;

/// What is known of a file that comes in pieces.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Known {
    workspace: WorkspaceId,
    user: UserId,
    upload: UploadId,
    length: u64,
    alt: Option<String>,
    until: i64,
    state: State,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum State {
    Growing,
    /// Every byte has come; it is being looked at and put away, or that is to be tried again.
    Whole,
    Kept,
    Refused(Sentence),
}

/// How far a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partial {
    /// Its name in the link.
    pub name: String,
    /// So many bytes are here.
    pub offset: u64,
    /// So many it will have.
    pub length: u64,
    /// Until when it may grow, Unix milliseconds.
    pub until: i64,
}

/// Whose turn it is to write a file. Whoever comes later stops whoever writes: that one is most likely dead and does not know it.
#[derive(Clone)]
struct Turn {
    place: Arc<Semaphore>,
    stop: CancellationToken,
}

/// The turns of all files that grow.
#[derive(Clone, Default)]
pub(super) struct Turns(Arc<Mutex<HashMap<String, Turn>>>);

impl Turns {
    /// Stops whoever has the turn and waits until it is ours.
    async fn take(&self, name: &str) -> Result<(OwnedSemaphorePermit, CancellationToken), ToolError> {
        let turn = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let new = || Turn { place: Arc::new(Semaphore::new(1)), stop: CancellationToken::new() };
            let turn = all.entry(name.to_owned()).or_insert_with(new);
            turn.stop.cancel();
            turn.stop = CancellationToken::new();
            turn.clone()
        };
        let place = turn.place.acquire_owned().await.map_err(|error| ToolError::Failed(error.to_string()))?;
        Ok((place, turn.stop))
    }

    fn forget(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}

impl Intake {
    /// The link with this secret, also for a while after it has ended: what was begun in time may come to its end.
    ///
    /// # Errors
    /// Refused when there is none.
    pub async fn find_late_link(&self, secret: &str) -> Result<UploadLink, ToolError> {
        let since = self.parts.clock.now_ms() - AFTER_LINK_MS;
        let found = self.parts.store.find_upload_link(&token_hash(secret), since).await?;
        found.ok_or_else(|| say!("upload-not-found").into())
    }

    /// Begins a file of so many bytes.
    ///
    /// # Errors
    /// Refused when it is empty or too large, its text too long, or the link full.
    pub async fn begin_partial(
        &self,
        link: &UploadLink,
        length: u64,
        alt: Option<String>,
    ) -> Result<Partial, ToolError> {
        let alt = check_alt(alt)?;
        if length == 0 {
            return Err(say!("upload-no-file").into());
        }
        if length > self.parts.bytes_max as u64 {
            return Err(too_large(self.parts.bytes_max));
        }
        let growing = |known: &Known| known.upload == link.id && matches!(known.state, State::Growing | State::Whole);
        let begun = self.partials().await?.iter().filter(|(_, known)| growing(known)).count();
        let arrived = self.parts.store.list_uploaded(&link.id).await?.len();
        if begun + arrived >= usize::try_from(UPLOAD_FILES_MAX).unwrap_or(usize::MAX) {
            return Err(say!("upload-full", max = UPLOAD_FILES_MAX).into());
        }
        let name = format!("{:032x}", self.parts.entropy.bits());
        let until = link.expires_at.saturating_add(AFTER_LINK_MS);
        let (workspace, user) = (link.workspace.clone(), link.user.clone());
        let known = Known { workspace, user, upload: link.id.clone(), length, alt, until, state: State::Growing };
        self.note(&name, &known).await?;
        Ok(Partial { name, offset: 0, length, until })
    }

    /// How far a file is. Whoever writes it is stopped, so that it stays so; a whole one that could not be put away is tried again.
    ///
    /// # Errors
    /// Refused when it is none of this link's, its time is over, or it was whole and not taken: why.
    pub async fn ask_partial(&self, link: &UploadLink, name: &str) -> Result<Partial, ToolError> {
        let known = self.known_of(link, name).await?;
        if known.state == State::Whole {
            self.settle_partial(name);
            return Ok(self.partial(name, &known, known.length));
        }
        let _turn = self.turns.take(name).await?;
        self.stand(link, name).await
    }

    /// Takes what comes for a file from `offset` on, as long as it comes; `comes` is how much is announced, or nothing. When that was the last of
    /// it, it is put away like any other.
    ///
    /// # Errors
    /// Refused when the file is elsewhere than at `offset`, more comes than was announced (nothing of it is kept), or it is not taken.
    pub async fn grow_partial<E: Send>(
        &self,
        link: &UploadLink,
        (name, offset, comes): (&str, u64, u64),
        body: impl Stream<Item = Result<Bytes, E>> + Send,
    ) -> Result<Partial, ToolError> {
        let length = self.known_of(link, name).await?.length;
        if offset.saturating_add(comes) > length {
            return Err(say!("upload-beyond", max = length.to_string()).into());
        }
        let turn = self.turns.take(name).await?;
        let there = self.stand(link, name).await?;
        if there.offset != offset {
            return Err(say!("upload-offset", at = there.offset.to_string()).into());
        }
        let known = self.known_of(link, name).await?;
        let grown = if known.state == State::Growing { self.write_on(&there, &turn.1, body).await? } else { offset };
        if grown < known.length {
            return Ok(self.partial(name, &known, grown));
        }
        if known.state == State::Growing {
            self.note(name, &Known { state: State::Whole, ..known }).await?;
        }
        drop(turn);
        self.settle_partial(name).await.map_err(|error| ToolError::Failed(error.to_string()))??;
        self.stand(link, name).await
    }

    async fn write_on<E: Send>(
        &self,
        there: &Partial,
        stop: &CancellationToken,
        body: impl Stream<Item = Result<Bytes, E>> + Send,
    ) -> Result<u64, ToolError> {
        let mut file =
            tokio::fs::File::options().create(true).append(true).open(self.data(&there.name)).await.map_err(disk)?;
        let (mut body, mut at) = (std::pin::pin!(body), there.offset);
        loop {
            let piece = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                piece = body.next() => piece,
            };
            // A cut is no fault: what came is here, and the next piece goes on behind it.
            let Some(Ok(piece)) = piece else { break };
            at += piece.len() as u64;
            if at > there.length {
                file.flush().await.map_err(disk)?;
                file.set_len(there.offset).await.map_err(disk)?;
                return Err(say!("upload-beyond", max = there.length.to_string()).into());
            }
            file.write_all(&piece).await.map_err(disk)?;
        }
        file.flush().await.map_err(disk)?;
        Ok(at)
    }

    /// Lets a file go.
    ///
    /// # Errors
    /// Refused when it is none of this link's.
    pub async fn drop_partial(&self, link: &UploadLink, name: &str) -> Result<(), ToolError> {
        self.known_of(link, name).await?;
        let _turn = self.turns.take(name).await?;
        self.remove_partial(name).await
    }

    /// Removes what will not come any more, or belongs to somebody who goes, and tries again what is whole and was not put away.
    ///
    /// # Errors
    /// When the folder cannot be read or written.
    pub async fn sweep_partials(&self, gone: Option<&UserId>) -> Result<(), ToolError> {
        let now = self.parts.clock.now_ms();
        let all = self.partials().await?;
        for (name, known) in &all {
            if known.until <= now || gone == Some(&known.user) {
                let _turn = self.turns.take(name).await?;
                self.remove_partial(name).await?;
            } else if known.state == State::Whole {
                self.settle_partial(name);
            }
        }
        // What is known of a file is there before it: bytes of which nothing is known are of one that is gone.
        for name in self.names("").await? {
            if !name.ends_with(KNOWN) && !self.card(&name).exists() {
                self.remove_partial(&name).await?;
            }
        }
        Ok(())
    }

    /// Puts a whole file away; goes on when nobody waits any more.
    fn settle_partial(&self, name: &str) -> tokio::task::JoinHandle<Result<(), ToolError>> {
        let (intake, name) = (self.clone(), name.to_owned());
        self.parts.background.spawn(async move {
            let _turn = intake.turns.take(&name).await?;
            let Some(known) = intake.read(&name).await?.filter(|known| known.state == State::Whole) else {
                return Ok(());
            };
            let path = intake.data(&name);
            let bytes = tokio::fs::metadata(&path).await.map_err(disk)?.len();
            let owner = Owner {
                workspace: known.workspace.clone(),
                user: known.user.clone(),
                upload: Some(known.upload.clone()),
                is_tainted: false,
            };
            let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
            let (state, done) = match intake.keep(&path, bytes, known.alt.clone(), &owner).await {
                Ok(_) => (State::Kept, Ok(())),
                // It stays whole and is tried again.
                Err(ToolError::Refused(why)) if why.key == "media-not-kept" => return Err(why.into()),
                Err(ToolError::Refused(why)) => (State::Refused(why.clone()), Err(why.into())),
                Err(error) => return Err(error),
            };
            intake.note(&name, &Known { state, ..known }).await?;
            remove(&path).await?;
            done
        })
    }

    /// How far a file is, for whoever has the turn.
    async fn stand(&self, link: &UploadLink, name: &str) -> Result<Partial, ToolError> {
        let known = self.known_of(link, name).await?;
        let offset = match &known.state {
            State::Growing => match tokio::fs::metadata(self.data(name)).await {
                Ok(found) => found.len(),
                Err(error) if error.kind() == ErrorKind::NotFound => 0,
                Err(error) => return Err(disk(error)),
            },
            State::Whole | State::Kept => known.length,
            State::Refused(why) => return Err(why.clone().into()),
        };
        Ok(self.partial(name, &known, offset))
    }

    fn partial(&self, name: &str, known: &Known, offset: u64) -> Partial {
        Partial { name: name.to_owned(), offset, length: known.length, until: known.until }
    }

    async fn known_of(&self, link: &UploadLink, name: &str) -> Result<Known, ToolError> {
        // It becomes part of a path.
        let is_name = name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        let found = if is_name { self.read(name).await? } else { None };
        let now = self.parts.clock.now_ms();
        let found = found.filter(|known| known.upload == link.id && known.until > now);
        found.ok_or_else(|| say!("upload-not-found").into())
    }

    async fn read(&self, name: &str) -> Result<Option<Known>, ToolError> {
        match tokio::fs::read(self.card(name)).await {
            Ok(text) => Ok(serde_json::from_slice(&text).ok()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(disk(error)),
        }
    }

    /// Writes what is known beside it and moves it over what was known: never half of it.
    async fn note(&self, name: &str, known: &Known) -> Result<(), ToolError> {
        let text = serde_json::to_vec(known).map_err(|error| ToolError::Failed(error.to_string()))?;
        let (card, new) = (self.card(name), self.spool.join(format!("{}{name}{KNOWN}", super::ARRIVING)));
        tokio::fs::write(&new, text).await.map_err(disk)?;
        tokio::fs::rename(&new, &card).await.map_err(disk)
    }

    async fn partials(&self) -> Result<Vec<(String, Known)>, ToolError> {
        let mut found = Vec::new();
        for name in self.names(KNOWN).await? {
            let name = name.trim_end_matches(KNOWN);
            match self.read(name).await? {
                Some(known) => found.push((name.to_owned(), known)),
                // Of another version, or damaged: nobody can go on with it.
                None => self.remove_partial(name).await?,
            }
        }
        Ok(found)
    }

    /// Names of files here that grow, or of what is known of them, by how they end.
    async fn names(&self, ending: &str) -> Result<Vec<String>, ToolError> {
        let (mut entries, mut found) = (tokio::fs::read_dir(&self.spool).await.map_err(disk)?, Vec::new());
        while let Some(entry) = entries.next_entry().await.map_err(disk)? {
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(name) = name.strip_prefix(PARTIAL).filter(|name| name.ends_with(ending)) {
                found.push(name.to_owned());
            }
        }
        Ok(found)
    }

    async fn remove_partial(&self, name: &str) -> Result<(), ToolError> {
        self.turns.forget(name);
        remove(&self.card(name)).await?;
        remove(&self.data(name)).await
    }

    fn data(&self, name: &str) -> PathBuf {
        self.spool.join(format!("{PARTIAL}{name}"))
    }

    fn card(&self, name: &str) -> PathBuf {
        self.spool.join(format!("{PARTIAL}{name}{KNOWN}"))
    }
}

async fn remove(path: &Path) -> Result<(), ToolError> {
    match tokio::fs::remove_file(path).await {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(disk(error)),
        _ => Ok(()),
    }
}
