//! Key-encryption keys: the ring, and the file it is kept in. A file holds one `socrazi-kek-1 <base64 of 32 bytes>` a line, newest
//! last; lines that begin with `#` are comments. Keys are selected by name, never tried in turn.

use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::VaultError;
use super::primitives::hkdf_sha256;
use crate::clock::Entropy;

const PREFIX: &str = "socrazi-kek-1";

/// One key-encryption key. Neither printed nor copied.
pub struct Kek {
    id: [u8; 8],
    key: Zeroizing<[u8; 32]>,
}

impl Kek {
    fn new(key: Zeroizing<[u8; 32]>) -> Self {
        let mut id = [0; 8];
        // 8 bytes are far below HKDF's limit.
        let _is_short_enough = hkdf_sha256(key.as_slice(), &[], b"socrazi/kek-id", &mut id);
        Self { id, key }
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> [u8; 8] {
        self.id
    }

    pub(super) fn key(&self) -> &[u8; 32] {
        &self.key
    }
}

/// Every known key-encryption key; the newest wraps.
pub struct KekRing {
    older: Vec<Kek>,
    newest: Kek,
}

impl std::fmt::Debug for KekRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KekRing({} keys)", self.older.len() + 1)
    }
}

impl KekRing {
    /// The newest key.
    #[must_use]
    pub fn newest(&self) -> &Kek {
        &self.newest
    }

    /// The key with this name.
    #[must_use]
    pub fn find(&self, id: [u8; 8]) -> Option<&Kek> {
        self.all().find(|kek| kek.id == id)
    }

    /// Every key, the newest first.
    pub(super) fn all(&self) -> impl Iterator<Item = &Kek> {
        std::iter::once(&self.newest).chain(&self.older)
    }

    /// Makes sure that every one of these keys is here: with another valid key file everything would start, and nothing would open.
    ///
    /// # Errors
    /// The first one that is not.
    pub fn check_holds(&self, ids: &[Vec<u8>], place: &str) -> Result<(), VaultError> {
        let is_known = |id: &[u8]| <[u8; 8]>::try_from(id).is_ok_and(|id| self.find(id).is_some());
        match ids.iter().find(|id| !is_known(id)) {
            Some(id) => Err(VaultError::WrongRing { place: place.to_owned(), id: shown(id) }),
            None => Ok(()),
        }
    }

    /// Reads the file; makes it when it is not there and `may_create`.
    ///
    /// # Errors
    /// A sentence for the operator: the file lies in the data folder, others may read it, it is missing or not a key file.
    pub fn load(path: &Path, data_dir: &Path, may_create: bool, entropy: &dyn Entropy) -> Result<Self, VaultError> {
        refuse_inside(path, data_dir)?;
        if !path.exists() {
            if !may_create {
                return Err(VaultError::Missing { path: path.display().to_string() });
            }
            create(path, &line(entropy))?;
        }
        let mode = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(VaultError::TooOpen { path: path.display().to_string(), mode });
        }
        let text = Zeroizing::new(std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?);
        Self::parse(&text, &path.display().to_string())
    }

    /// Reads a key given as a setting: the base64 text alone, or a whole key file's content.
    ///
    /// # Errors
    /// When it is no key.
    pub fn from_value(value: &SecretString) -> Result<Self, VaultError> {
        let text = value.expose_secret();
        if text.contains(PREFIX) {
            return Self::parse(text, "vault.kek");
        }
        Self::parse(&Zeroizing::new(format!("{PREFIX} {text}")), "vault.kek")
    }

    fn parse(text: &str, place: &str) -> Result<Self, VaultError> {
        let mut keys = Vec::new();
        for (no, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let malformed = || VaultError::Malformed { place: place.to_owned(), line: no + 1 };
            let encoded = line.strip_prefix(PREFIX).ok_or_else(malformed)?.trim();
            let bytes = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| malformed())?);
            let mut key = Zeroizing::new([0; 32]);
            if bytes.len() != 32 {
                return Err(malformed());
            }
            key.copy_from_slice(&bytes);
            keys.push(Kek::new(key));
        }
        let newest = keys.pop().ok_or(VaultError::Malformed { place: place.to_owned(), line: 1 })?;
        Ok(Self { older: keys, newest })
    }
}

/// Adds a fresh key to the end of the file: the next rotation wraps with it. Written beside and renamed, so that a power cut leaves
/// either the old file or the new one.
///
/// # Errors
/// When the file cannot be read or written.
pub fn add_key(path: &Path, entropy: &dyn Entropy) -> Result<(), VaultError> {
    let mut text = Zeroizing::new(std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?);
    KekRing::parse(&text, &path.display().to_string())?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(&line(entropy));
    let beside = path.with_extension("kek.new");
    if beside.exists() {
        std::fs::remove_file(&beside).map_err(|error| unreadable(&beside, &error))?;
    }
    create(&beside, &text)?;
    std::fs::rename(&beside, path).map_err(|error| unreadable(path, &error))?;
    sync_folder(path)
}

/// A key's name as it is printed.
pub(super) fn shown(id: &[u8]) -> String {
    hex::encode(id)
}

fn line(entropy: &dyn Entropy) -> Zeroizing<String> {
    let mut key = Zeroizing::new([0; 32]);
    entropy.fill(key.as_mut_slice());
    Zeroizing::new(format!("{PREFIX} {}\n", STANDARD.encode(key.as_slice())))
}

fn create(path: &Path, text: &str) -> Result<(), VaultError> {
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|error| unreadable(path, &error))?;
    sync_folder(path)
}

fn sync_folder(path: &Path) -> Result<(), VaultError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> VaultError {
    VaultError::File { path: path.display().to_string(), why: error.to_string() }
}

/// A key in the data folder is copied with every backup of what it protects.
fn refuse_inside(path: &Path, data_dir: &Path) -> Result<(), VaultError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (Ok(folder), Ok(data)) = (folder.canonicalize(), data_dir.canonicalize()) else { return Ok(()) };
    if folder.starts_with(&data) {
        return Err(VaultError::InsideData { path: path.display().to_string() });
    }
    Ok(())
}
