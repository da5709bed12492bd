//! Pictures, videos and documents on their way in: looked at by their bytes (never by what somebody called them), freed of what they tell about
//! where and by whom they were made, and stored as files named by their ids. A medium never changes; another text for it makes
//! another medium.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use futures::future::join_all;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio::sync::Semaphore;
use url::Url;

use crate::clock::{Clock, Entropy};
use crate::domain::avatar::Avatars;
use crate::domain::ids::{MediaId, UploadId, UserId, WorkspaceId};
use crate::domain::post::MediaFacts;
use crate::domain::refusal::Sentence;
use crate::domain::sheet::{RowMedia, SheetRow};
use crate::domain::shelf::MediaFile;
use crate::domain::tool::ToolError;
use crate::http_out::{FetchFault, Outbound};
use crate::say;
use crate::store::Store;
use crate::store::media::UploadLink;
use crate::vault::token_hash;

mod boxes;
mod jpeg;
mod look;
mod strip;

/// Largest file that an upload link takes: as long as any network here takes films, and never in memory as a whole.
pub const UPLOAD_BYTES_MAX: usize = 1 << 30;
/// Largest file that is fetched: it is held in memory, and an address may be a stranger's.
const FETCH_BYTES_MAX: usize = 16 << 20;
/// Largest picture: pictures are read whole, so that what they tell can be taken out.
pub const PICTURE_BYTES_MAX: usize = 20 << 20;
/// Largest picture of an account that is fetched; what networks name is a tenth of it.
const AVATAR_BYTES_MAX: usize = 2 << 20;
/// What such pictures are; what they really are their bytes say.
const AVATAR_MIMES: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];
/// Longest alternative text that is kept at all; each network has its own limit below this.
const ALT_CHARS_MAX: usize = 2_000;
/// How long an upload link is open.
pub const LINK_MS: i64 = 30 * 60_000;
/// Files looked at at once.
const LOOKS_AT_ONCE: usize = 2;
/// Addresses of media that one table may name: somebody waits while they are fetched.
const SHEET_MEDIA_MAX: usize = 100;
/// Fetches at once: each holds its file in memory.
const FETCHES_AT_ONCE: usize = 4;
/// Begins the name of a file that is still arriving.
const ARRIVING: &str = "arriving-";

/// Where media come in.
pub struct Intake {
    store: Arc<Store>,
    folder: PathBuf,
    out: Arc<Outbound>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    looks: Arc<Semaphore>,
}

/// Whose medium it becomes.
#[derive(Debug, Clone)]
pub struct Owner {
    /// The workspace that may use it.
    pub workspace: WorkspaceId,
    /// The person who brought it.
    pub user: UserId,
    /// The upload link it came through.
    pub upload: Option<UploadId>,
    /// Somebody else's words are in sight of whoever brings it: what they write for it is marked.
    pub is_tainted: bool,
}

/// A file that is arriving. Dropped half-way it leaves nothing behind.
pub struct Arriving {
    file: tokio::fs::File,
    path: Gone,
    bytes: usize,
}

/// A path that is removed unless its file was moved away.
struct Gone(PathBuf);

impl Drop for Gone {
    fn drop(&mut self) {
        let _moved_away = std::fs::remove_file(&self.0);
    }
}

impl Arriving {
    /// Takes the next piece.
    ///
    /// # Errors
    /// Refused when the file grows over [`UPLOAD_BYTES_MAX`]; fails when the disk does.
    pub async fn write(&mut self, piece: &[u8]) -> Result<(), ToolError> {
        self.bytes += piece.len();
        if self.bytes > UPLOAD_BYTES_MAX {
            return Err(too_large(UPLOAD_BYTES_MAX));
        }
        self.file.write_all(piece).await.map_err(disk)
    }

    /// All of it, for what is no medium and is not kept. None when it is larger than `max` bytes.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn read(mut self, max: usize) -> Result<Option<Vec<u8>>, ToolError> {
        self.file.flush().await.map_err(disk)?;
        if self.bytes > max {
            return Ok(None);
        }
        tokio::fs::read(&self.path.0).await.map(Some).map_err(disk)
    }
}

/// What a file turned out to be, after it was freed of what it tells.
struct Looked {
    kind: look::Kind,
    bytes: u64,
    sha256: String,
}

impl Intake {
    /// The intake of a data folder.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(
        store: Arc<Store>,
        data_dir: &Path,
        out: Arc<Outbound>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> std::io::Result<Self> {
        let folder = data_dir.join("media");
        std::fs::create_dir_all(&folder)?;
        Ok(Self { store, folder, out, clock, entropy, looks: Arc::new(Semaphore::new(LOOKS_AT_ONCE)) })
    }

    /// Removes what was arriving when the last server ended. Only for the process that holds the folder's lock, before it takes files.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn clear(&self) -> std::io::Result<()> {
        for entry in std::fs::read_dir(&self.folder)?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(ARRIVING) {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Begins a file.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn begin(&self) -> Result<Arriving, ToolError> {
        let path = self.folder.join(format!("{ARRIVING}{:032x}", self.entropy.bits()));
        let file = tokio::fs::File::create_new(&path).await.map_err(disk)?;
        Ok(Arriving { file, path: Gone(path), bytes: 0 })
    }

    /// Ends a file: looks at it, takes out what it tells, stores it durably, then its row.
    ///
    /// # Errors
    /// Refused when it is none of the kinds that are taken, or too large; nothing is kept then.
    pub async fn finish(
        &self,
        arriving: Arriving,
        alt: Option<String>,
        owner: &Owner,
    ) -> Result<MediaFacts, ToolError> {
        let alt = check_alt(alt)?;
        let Arriving { mut file, path, bytes } = arriving;
        file.flush().await.map_err(disk)?;
        drop(file.into_std().await);
        let now = self.clock.now_ms();
        let id = MediaId::generate(now, self.entropy.bits());
        let at = self.folder.join(id.as_str());
        let (folder, to) = (self.folder.clone(), at.clone());
        let _turn = self.looks.acquire().await.map_err(|error| ToolError::Failed(error.to_string()))?;
        let looked = tokio::task::spawn_blocking(move || settle(&path.0, bytes, &folder, &to));
        let looked = looked.await.map_err(|error| ToolError::Failed(error.to_string()))??;
        let look::Kind { mime, width, height, duration_ms } = looked.kind;
        let bytes = i64::try_from(looked.bytes).unwrap_or(i64::MAX);
        let facts = MediaFacts { id, mime: mime.into(), bytes, sha256: looked.sha256, width, height, duration_ms, alt };
        self.insert(&facts, owner, &at, now).await?;
        Ok(facts)
    }

    /// Fetches a picture or a short video from a public https address.
    ///
    /// # Errors
    /// Refused when the address may not be asked, does not deliver, or delivers something else.
    pub async fn fetch(&self, url: &str, alt: Option<String>, owner: &Owner) -> Result<MediaFacts, ToolError> {
        let (url, alt) = self.check_fetch(url, alt)?;
        let shown: String = url.as_str().chars().take(200).collect();
        let fetched =
            self.out.fetch_public(&url, FETCH_BYTES_MAX, &look::MIMES).await.map_err(|fault| match fault {
                FetchFault::NotHttps | FetchFault::NotPublic => say!("media-url-wrong", url = shown),
                FetchFault::TooLarge { max } => say!("media-url-too-large", max = megabytes(max)),
                FetchFault::WrongType { given } => say!("media-kind-wrong", given = given),
                FetchFault::TooManyRedirects | FetchFault::Status(_) | FetchFault::Unreachable(_) => {
                    say!("media-url-failed", url = shown, why = fault.to_string())
                }
            })?;
        let mut arriving = self.begin().await?;
        arriving.write(&fetched.bytes).await?;
        // Whatever an address delivers may hold words of whoever answers there.
        self.finish(arriving, alt, &Owner { is_tainted: true, ..owner.clone() }).await
    }

    /// Brings in what rows of a table name: addresses are fetched, each once, a few at a time; ids stay ids. By the row's number, or why not.
    ///
    /// # Errors
    /// Refused when they are too many; fails when the disk or the database does.
    pub async fn bring(&self, rows: &[SheetRow], owner: &Owner) -> Result<RowMedia, ToolError> {
        let mut addresses: Vec<(&str, Option<&str>)> = Vec::new();
        for row in rows {
            for (at, medium) in row.media.iter().enumerate() {
                let named = (medium.as_str(), row.alt.as_deref().filter(|_| at == 0));
                if is_address(medium) && !addresses.contains(&named) {
                    addresses.push(named);
                }
            }
        }
        if addresses.len() > SHEET_MEDIA_MAX {
            return Err(say!("sheet-too-many-media", max = SHEET_MEDIA_MAX).into());
        }
        let fetch = async |(url, alt): (&str, Option<&str>)| self.fetch(url, alt.map(str::to_owned), owner).await;
        let mut fetched = Vec::with_capacity(addresses.len());
        for some in addresses.chunks(FETCHES_AT_ONCE) {
            for (named, got) in some.iter().zip(join_all(some.iter().map(|named| fetch(*named))).await) {
                fetched.push((*named, kept(got.map(|facts| facts.id))?));
            }
        }
        let mut all = RowMedia::new();
        for row in rows.iter().filter(|row| !row.media.is_empty()) {
            let id = |(at, medium): (usize, &String)| {
                let named = (medium.as_str(), row.alt.as_deref().filter(|_| at == 0));
                match fetched.iter().find(|(other, _)| *other == named) {
                    Some((_, found)) => found.clone(),
                    None => medium
                        .parse()
                        .map_err(|_| say!("sheet-row-media", given = medium.chars().take(100).collect::<String>())),
                }
            };
            all.insert(row.no, row.media.iter().enumerate().map(id).collect());
        }
        Ok(all)
    }

    /// What [`Intake::fetch`] refuses before it asks anybody.
    ///
    /// # Errors
    /// Refused when it is no public address, or the text too long.
    pub fn check_fetch(&self, url: &str, alt: Option<String>) -> Result<(Url, Option<String>), ToolError> {
        let alt = check_alt(alt)?;
        let wrong = || say!("media-url-wrong", url = url.chars().take(200).collect::<String>());
        let url = Url::parse(url).map_err(|_| wrong())?;
        self.out.check_public(&url).map_err(|_| wrong())?;
        Ok((url, alt))
    }

    /// What [`Intake::describe`] would describe anew, and how.
    ///
    /// # Errors
    /// As [`Intake::describe`].
    pub async fn check_describe(&self, id: &MediaId, alt: String, owner: &Owner) -> Result<MediaFacts, ToolError> {
        let alt = check_alt(Some(alt))?;
        let found = self.store.find_media(id, &owner.workspace).await?;
        let found = found.ok_or_else(|| say!("media-not-found", id = id.as_str()))?;
        Ok(MediaFacts { alt, ..found })
    }

    /// The same bytes with another text for people who cannot see them, as a new medium: what was approved with the old text stays as
    /// it was.
    ///
    /// # Errors
    /// Refused when there is no such medium.
    pub async fn describe(&self, id: &MediaId, alt: String, owner: &Owner) -> Result<MediaFacts, ToolError> {
        let found = self.check_describe(id, alt, owner).await?;
        let now = self.clock.now_ms();
        let facts = MediaFacts { id: MediaId::generate(now, self.entropy.bits()), ..found };
        let at = self.folder.join(facts.id.as_str());
        tokio::fs::hard_link(self.folder.join(id.as_str()), &at).await.map_err(disk)?;
        let is_tainted = owner.is_tainted || self.store.is_medium_tainted(id, &owner.workspace).await?;
        self.insert(&facts, &Owner { is_tainted, ..owner.clone() }, &at, now).await?;
        Ok(facts)
    }

    /// A picture as a JPEG, for a network that takes nothing else. `None` when it cannot be read as a picture.
    ///
    /// # Errors
    /// When the disk fails or the work breaks down.
    pub async fn render_jpeg(&self, picture: &MediaFile) -> Result<Option<Vec<u8>>, ToolError> {
        let turn = Arc::clone(&self.looks).acquire_owned().await;
        let turn = turn.map_err(|error| ToolError::Failed(error.to_string()))?;
        let bytes = picture.whole(PICTURE_BYTES_MAX).await.map_err(disk)?;
        let rendered = tokio::task::spawn_blocking(move || {
            // The work goes on when whoever asked is gone: the turn ends with it.
            let _turn = turn;
            jpeg::render(&bytes)
        });
        let rendered = rendered.await.map_err(|error| ToolError::Failed(error.to_string()))?;
        Ok(rendered.inspect_err(|error| tracing::warn!(error = %error, "a picture could not be made a JPEG")).ok())
    }

    async fn fetch_avatar(&self, url: &str) -> Result<Vec<u8>, String> {
        let url = Url::parse(url).map_err(|_| "no address".to_owned())?;
        let fetched = self.out.fetch_public(&url, AVATAR_BYTES_MAX, &AVATAR_MIMES).await;
        let bytes = fetched.map_err(|fault| fault.to_string())?.bytes;
        let turn = Arc::clone(&self.looks).acquire_owned().await.map_err(|error| error.to_string())?;
        let rendered = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            jpeg::render_avatar(&bytes)
        });
        rendered.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
    }

    /// Opens an upload link: what it is and the secret that opens it, which is not kept.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_link(&self, owner: &Owner) -> Result<(UploadLink, String), ToolError> {
        let (now, secret) = (self.clock.now_ms(), self.entropy.secret());
        let link = UploadLink {
            id: UploadId::generate(now, self.entropy.bits()),
            workspace: owner.workspace.clone(),
            user: owner.user.clone(),
            expires_at: now + LINK_MS,
        };
        self.store.insert_upload_link(&link, &token_hash(&secret), now).await?;
        Ok((link, secret))
    }

    /// The open link with this secret.
    ///
    /// # Errors
    /// Refused when there is none.
    pub async fn find_link(&self, secret: &str) -> Result<UploadLink, ToolError> {
        let found = self.store.find_upload_link(&token_hash(secret), self.clock.now_ms()).await?;
        found.ok_or_else(|| say!("upload-not-found").into())
    }

    /// A link of this workspace and what came through it.
    ///
    /// # Errors
    /// Refused when there is no such link.
    pub async fn arrived(&self, id: &UploadId, owner: &Owner) -> Result<(UploadLink, Vec<MediaFacts>), ToolError> {
        let found = self.store.get_upload_link(id, &owner.workspace).await?;
        let link = found.ok_or_else(|| say!("upload-not-found"))?;
        let files = self.store.list_uploaded(&link.id).await?;
        Ok((link, files))
    }

    async fn insert(&self, facts: &MediaFacts, owner: &Owner, at: &Path, now: i64) -> Result<(), ToolError> {
        let from = (owner.upload.as_ref(), owner.is_tainted.then_some(now));
        let stored = self.store.insert_media(facts, &owner.workspace, &owner.user, from, now).await;
        if !matches!(stored, Ok(true)) {
            let _gone_anyway = tokio::fs::remove_file(at).await;
        }
        match stored? {
            true => Ok(()),
            false => Err(say!("upload-full", max = crate::store::media::UPLOAD_FILES_MAX).into()),
        }
    }
}

#[async_trait]
impl Avatars for Intake {
    async fn fetch(&self, url: &str) -> Option<Vec<u8>> {
        // The address is not logged: networks sign theirs.
        self.fetch_avatar(url)
            .await
            .inspect_err(|why| tracing::info!(error = %why, "a picture of an account could not be had"))
            .ok()
    }
}

/// Looks at an arrived file, frees it of what it tells, and moves it to its place; durable when this returns.
fn settle(from: &Path, bytes: usize, folder: &Path, to: &Path) -> Result<Looked, ToolError> {
    let mut file = File::options().read(true).write(true).open(from).map_err(disk)?;
    let mut kind = look::look(&mut file, bytes as u64)?;
    if kind.is_picture() {
        if bytes > PICTURE_BYTES_MAX {
            return Err(too_large(PICTURE_BYTES_MAX));
        }
        let bytes = strip::picture(kind.mime, std::fs::read(from).map_err(disk)?)?;
        std::fs::write(from, &bytes).map_err(disk)?;
        // What stood before the picture's own header is gone, and with it any other size that it named.
        kind = look::look(&mut File::open(from).map_err(disk)?, bytes.len() as u64)?;
        if strip::is_on_its_side(&bytes) {
            (kind.width, kind.height) = (kind.height, kind.width);
        }
    } else if !kind.is_document() {
        boxes::forget(&mut file, bytes as u64)?;
    }
    let mut hash = Sha256::new();
    let mut file = File::open(from).map_err(disk)?;
    let bytes = std::io::copy(&mut file, &mut HashWriter(&mut hash)).map_err(disk)?;
    file.sync_all().map_err(disk)?;
    std::fs::rename(from, to).map_err(disk)?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(disk)?;
    let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Looked { kind, bytes, sha256 })
}

struct HashWriter<'a>(&'a mut Sha256);

impl std::io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn check_alt(alt: Option<String>) -> Result<Option<String>, ToolError> {
    let alt = alt.map(|alt| alt.trim().to_owned()).filter(|alt| !alt.is_empty());
    if alt.as_deref().is_some_and(|alt| alt.chars().count() > ALT_CHARS_MAX) {
        return Err(say!("media-alt-too-long", max = ALT_CHARS_MAX).into());
    }
    Ok(alt)
}

fn megabytes(bytes: usize) -> String {
    format!("{} MiB", bytes >> 20)
}

fn too_large(max: usize) -> ToolError {
    say!("media-too-large", max = megabytes(max)).into()
}

fn disk(error: std::io::Error) -> ToolError {
    ToolError::Failed(format!("media: {error}"))
}
fn is_address(medium: &str) -> bool {
    medium.starts_with("https://") || medium.starts_with("http://")
}

/// A refusal is an answer about a row; anything else ends the work.
fn kept(got: Result<MediaId, ToolError>) -> Result<Result<MediaId, Sentence>, ToolError> {
    match got {
        Ok(id) => Ok(Ok(id)),
        Err(ToolError::Refused(why)) => Ok(Err(why)),
        Err(error) => Err(error),
    }
}
