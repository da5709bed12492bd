//! Pictures, videos and documents on their way in: looked at by their bytes (never by what somebody called them), freed of what they tell about
//! where and by whom they were made, and put on a shelf under their ids. A medium never changes; another text for it makes
//! another medium. The shelves are here, too: a folder, or a bucket elsewhere.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::join_all;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::clock::{Clock, Entropy};
use crate::domain::avatar::Avatars;
use crate::domain::ids::{MediaId, UploadId, UserId, WorkspaceId};
use crate::domain::picture::{Darkroom, Making};
use crate::domain::post::MediaFacts;
use crate::domain::refusal::Sentence;
use crate::domain::sheet::{RowMedia, SheetRow};
use crate::domain::shelf::{MediaFile, Storage};
use crate::domain::tool::ToolError;
use crate::http_out::Outbound;
use crate::say;
use crate::store::Store;
use crate::store::media::{Coming, UploadLink};
use crate::vault::token_hash;

mod boxes;
mod bucket;
mod darkroom;
mod fetch;
mod folder;
mod from_disk;
mod gif;
mod index_first;
mod jpeg;
mod look;
mod pages;
mod partial;
mod shrunk;
mod strip;
mod webm;

pub use bucket::{Bucket, BucketAccess};
pub use darkroom::Lab;
pub use folder::FolderShelf;
pub use from_disk::is_path;
pub use partial::Partial;
pub use shrunk::Thumb;

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
/// Addresses of media that one table may name: somebody waits while they are fetched.
const SHEET_MEDIA_MAX: usize = 100;
/// How long all of them may take.
const SHEET_FETCH_MAX: Duration = Duration::from_secs(3_600);
/// Fetches at once.
const FETCHES_AT_ONCE: usize = 4;
/// Begins the name of a file that is still arriving.
const ARRIVING: &str = "arriving-";
/// What is written to a shelf to see whether that can be done, and its name.
const PROBE: &str = "socrazi-probe";
/// How long a medium's bytes may be on their way to the shelf before they are taken back: longer than any store takes for a gigabyte.
const COMING_MS: i64 = 24 * 3_600_000;
/// And for how long that is tried.
const PUT_FOR: Duration = Duration::from_secs(6 * 3600);

/// Where media come in.
#[derive(Clone)]
pub struct Intake {
    parts: IntakeParts,
    spool: PathBuf,
    turns: partial::Turns,
}

/// What an intake works with.
#[derive(Clone)]
pub struct IntakeParts {
    /// Rows.
    pub store: Arc<Store>,
    /// Where bytes are kept.
    pub shelf: Arc<dyn Storage>,
    /// The way out.
    pub out: Arc<Outbound>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Waits for work that whoever began it does not wait for any more.
    pub background: TaskTracker,
    /// Where pictures are decoded.
    pub lab: Lab,
    /// The largest file that is taken in.
    pub bytes_max: usize,
    /// What `~` stands for in a path of this machine.
    pub home: Option<PathBuf>,
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
    bytes_max: usize,
    /// The first of its bytes, which tell its kind.
    head: Vec<u8>,
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
    /// Refused when the file grows over what is taken in; fails when the disk does.
    pub async fn write(&mut self, piece: &[u8]) -> Result<(), ToolError> {
        self.bytes += piece.len();
        let missing = look::HEAD_BYTES.saturating_sub(self.head.len()).min(piece.len());
        self.head.extend_from_slice(&piece[..missing]);
        if self.bytes > self.bytes_max {
            return Err(too_large(self.bytes_max));
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
    /// The intake whose files arrive in the folder `spool`: where media lie in a folder, that one.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(parts: IntakeParts, spool: PathBuf) -> std::io::Result<Self> {
        std::fs::create_dir_all(&spool)?;
        Ok(Self { parts, spool, turns: partial::Turns::default() })
    }

    /// Removes what was arriving when the last server ended. Only for the process that holds the folder's lock, before it takes files.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn clear(&self) -> std::io::Result<()> {
        for entry in std::fs::read_dir(&self.spool)?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(ARRIVING) {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// The largest file that is taken in.
    #[must_use]
    pub fn bytes_max(&self) -> usize {
        self.parts.bytes_max
    }

    /// Begins a file.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn begin(&self) -> Result<Arriving, ToolError> {
        let path = self.spool.join(format!("{ARRIVING}{:032x}", self.parts.entropy.bits()));
        let file = tokio::fs::File::create_new(&path).await.map_err(disk)?;
        Ok(Arriving { file, path: Gone(path), bytes: 0, bytes_max: self.parts.bytes_max, head: Vec::new() })
    }

    /// Ends a file: looks at it, takes out what it tells, puts it on the shelf durably, then lets it be found. Goes on when nobody waits any more.
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
        let Arriving { mut file, path, bytes, bytes_max: _, head: _ } = arriving;
        file.flush().await.map_err(disk)?;
        drop(file.into_std().await);
        let (intake, owner) = (self.clone(), owner.clone());
        let done = self.parts.background.spawn(async move { intake.keep(&path.0, bytes, alt, &owner).await });
        done.await.map_err(|error| ToolError::Failed(error.to_string()))?
    }

    /// What lies at `from` as a medium. The row goes first, as one of something that is to be forgotten in a day: whatever happens in between
    /// leaves bytes that are known.
    async fn keep(
        &self,
        from: &Path,
        bytes: usize,
        alt: Option<String>,
        owner: &Owner,
    ) -> Result<MediaFacts, ToolError> {
        let path = from.to_owned();
        let looked = self.parts.lab.work(1, move || settle(&path, bytes)).await.map_err(disk)??;
        let look::Kind { mime, width, height, duration_ms, inside } = looked.kind;
        let now = self.parts.clock.now_ms();
        let facts = MediaFacts {
            id: MediaId::generate(now, self.parts.entropy.bits()),
            mime: mime.into(),
            bytes: i64::try_from(looked.bytes).unwrap_or(i64::MAX),
            sha256: looked.sha256,
            width,
            height,
            duration_ms,
            alt,
            inside,
        };
        self.put(&facts, owner, self.parts.shelf.put(&facts.id, from)).await?;
        Ok(facts)
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
        let until = tokio::time::Instant::now() + SHEET_FETCH_MAX;
        let fetch = async |(url, alt): (&str, Option<&str>)| {
            let fetched = tokio::time::timeout_at(until, self.fetch(url, alt.map(str::to_owned), owner)).await;
            fetched.unwrap_or_else(|_| Err(say!("sheet-media-late").into()))
        };
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

    /// What [`Intake::describe`] would describe anew, and how.
    ///
    /// # Errors
    /// As [`Intake::describe`].
    pub async fn check_describe(&self, id: &MediaId, alt: String, owner: &Owner) -> Result<MediaFacts, ToolError> {
        let alt = check_alt(Some(alt))?;
        let found = self.parts.store.find_media(id, &owner.workspace).await?;
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
        let now = self.parts.clock.now_ms();
        let facts = MediaFacts { id: MediaId::generate(now, self.parts.entropy.bits()), ..found };
        let is_tainted = owner.is_tainted || self.parts.store.is_medium_tainted(id, &owner.workspace).await?;
        let owner = Owner { is_tainted, ..owner.clone() };
        self.put(&facts, &owner, self.parts.shelf.copy(id, &facts.id)).await?;
        Ok(facts)
    }

    /// A picture as a JPEG, for a network that takes nothing else. `None` when it cannot be read as a picture.
    ///
    /// # Errors
    /// When the disk fails or the work breaks down.
    pub async fn render_jpeg(&self, picture: &MediaFile, making: Making) -> Result<Option<Bytes>, ToolError> {
        self.parts.lab.develop(picture, making).await.map_err(disk)
    }

    /// A video with its index before its pictures, for networks that take no other.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn put_index_first(&self, film: &MediaFile) -> Result<MediaFile, ToolError> {
        index_first::index_first(film).await.map_err(disk)
    }

    /// A picture no larger than a square of this side, to be drawn into another one. `None` when it cannot be read as a picture.
    ///
    /// # Errors
    /// When the disk fails or the work breaks down.
    pub async fn render_thumb(&self, picture: &MediaFile, side: u32) -> Result<Option<Thumb>, ToolError> {
        let rendered = self.parts.lab.render(picture, move |bytes| shrunk::thumb(bytes, side)).await.map_err(disk)?;
        Ok(rendered.inspect_err(|error| tracing::info!(error = %error, "a picture could not be made small")).ok())
    }

    /// A kept picture of an account, to be drawn into another one. `None` when it cannot be read.
    pub async fn render_face(&self, avatar: Vec<u8>) -> Option<Thumb> {
        let rendered = self.parts.lab.work(1, move || shrunk::thumb(&avatar, jpeg::AVATAR_SIDE)).await;
        let rendered = rendered.inspect_err(|error| tracing::warn!(error = %error, "an account's picture"));
        rendered.ok()?.inspect_err(|error| tracing::warn!(error = %error, "an account's picture")).ok()
    }

    async fn fetch_avatar(&self, url: &str) -> Result<Vec<u8>, String> {
        let url = Url::parse(url).map_err(|_| "no address".to_owned())?;
        let fetched = self.parts.out.fetch_public(&url, AVATAR_BYTES_MAX, &AVATAR_MIMES).await;
        let bytes = fetched.map_err(|fault| fault.to_string())?.bytes;
        let rendered = self.parts.lab.work(1, move || jpeg::render_avatar(&bytes)).await;
        rendered.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
    }

    /// Opens an upload link: what it is and the secret that opens it, which is not kept.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_link(&self, owner: &Owner) -> Result<(UploadLink, String), ToolError> {
        let (now, secret) = (self.parts.clock.now_ms(), self.parts.entropy.secret());
        let link = UploadLink {
            id: UploadId::generate(now, self.parts.entropy.bits()),
            workspace: owner.workspace.clone(),
            user: owner.user.clone(),
            expires_at: now + LINK_MS,
        };
        self.parts.store.insert_upload_link(&link, &token_hash(&secret), now).await?;
        Ok((link, secret))
    }

    /// The open link with this secret.
    ///
    /// # Errors
    /// Refused when there is none.
    pub async fn find_link(&self, secret: &str) -> Result<UploadLink, ToolError> {
        let found = self.parts.store.find_upload_link(&token_hash(secret), self.parts.clock.now_ms()).await?;
        found.ok_or_else(|| say!("upload-not-found").into())
    }

    /// A link of this workspace and what came through it.
    ///
    /// # Errors
    /// Refused when there is no such link.
    pub async fn arrived(&self, id: &UploadId, owner: &Owner) -> Result<(UploadLink, Vec<MediaFacts>), ToolError> {
        let found = self.parts.store.get_upload_link(id, &owner.workspace).await?;
        let link = found.ok_or_else(|| say!("upload-not-found"))?;
        let files = self.parts.store.list_uploaded(&link.id).await?;
        Ok((link, files))
    }

    /// Writes a medium down, puts its bytes there, and lets it be found.
    async fn put(
        &self,
        facts: &MediaFacts,
        owner: &Owner,
        bytes: impl Future<Output = std::io::Result<()>>,
    ) -> Result<(), ToolError> {
        let (store, shelf, now) = (&self.parts.store, &self.parts.shelf, self.parts.clock.now_ms());
        let coming = Coming {
            upload: owner.upload.as_ref(),
            tainted_at: owner.is_tainted.then_some(now),
            forgotten_at: Some(now.saturating_add(COMING_MS)),
        };
        if !store.insert_media(facts, &owner.workspace, &owner.user, coming, now).await? {
            return Err(say!("upload-full", max = crate::store::media::UPLOAD_FILES_MAX).into());
        }
        let there = tokio::time::timeout(PUT_FOR, bytes).await.unwrap_or(Err(std::io::ErrorKind::TimedOut.into()));
        let why = match there {
            Ok(()) if store.settle_media(&facts.id, self.parts.clock.now_ms()).await? => return Ok(()),
            // Whose it was went meanwhile.
            Ok(()) => say!("media-not-found", id = facts.id.as_str()),
            Err(error) => {
                tracing::error!(error = %error, medium = %facts.id, "the bytes of a medium could not be kept");
                say!("media-not-kept")
            }
        };
        store.abandon_media(&facts.id).await?;
        if let Err(error) = shelf.remove(&facts.id).await {
            tracing::warn!(error = %error, medium = %facts.id, "bytes that nobody uses are removed within a day");
        }
        Err(why.into())
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

/// Looks at an arrived file and frees it of what it tells; on the disk when this returns.
fn settle(from: &Path, bytes: usize) -> Result<Looked, ToolError> {
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
        if kind.mime == "image/gif" {
            kind.inside.frames = gif::frames(&bytes);
        }
    } else if kind.mime == look::WEBM {
        webm::forget(&mut file, bytes as u64)?;
    } else if !kind.is_document() {
        boxes::forget(&mut file, bytes as u64)?;
    }
    let mut hash = Sha256::new();
    let mut file = File::open(from).map_err(disk)?;
    let bytes = std::io::copy(&mut file, &mut HashWriter(&mut hash)).map_err(disk)?;
    file.sync_all().map_err(disk)?;
    let sha256 = hex::encode(hash.finalize());
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
