//! Media from this machine, for a person whose own programs run on it (`socrazi mcp` over stdio, with their rights). What a path leads to is looked at
//! before and after it is opened: ordinary files only, nothing that waits, rings or never ends. A file's name says nothing here.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use tokio::io::AsyncReadExt;
use url::Url;

use super::{Arriving, Intake, Owner, check_alt, disk, look, too_large};
use crate::domain::post::MediaFacts;
use crate::domain::tool::ToolError;
use crate::say;

/// How much of a path is shown.
const SHOWN_CHARS: usize = 200;
/// What is read at a time.
const PIECE_BYTES: usize = 256 << 10;

/// The path that an argument names: absolute, from the person's own folder on, or a `file://` address. `None` when it is none of these: a relative
/// one would be looked for from where this server was started.
fn named_path(text: &str, home: Option<&Path>) -> Option<PathBuf> {
    if text.len() >= 5 && text.is_char_boundary(5) && text[..5].eq_ignore_ascii_case("file:") {
        let url = Url::parse(text).ok().filter(|url| matches!(url.host_str(), None | Some("" | "localhost")))?;
        return url.to_file_path().ok();
    }
    if text == "~" || text.starts_with("~/") {
        return Some(home?.join(text[1..].trim_start_matches('/')));
    }
    text.starts_with('/').then(|| PathBuf::from(text))
}

/// Whether an argument means a file of this machine, and no address elsewhere.
#[must_use]
pub fn is_path(text: &str) -> bool {
    text.starts_with(['/', '~', '.']) || text.get(..5).is_some_and(|begin| begin.eq_ignore_ascii_case("file:"))
}

impl Intake {
    /// Takes a file of this machine in. Only for callers who run on it with the rights of whoever runs this server.
    ///
    /// # Errors
    /// Refused when no ordinary file that may be read is there, it is too large, or none of the kinds that are taken.
    pub async fn take_file(&self, named: &str, alt: Option<String>, owner: &Owner) -> Result<MediaFacts, ToolError> {
        let (file, alt) = self.open_file(named, alt).await?;
        let mut file = tokio::fs::File::from_std(file);
        let mut arriving = self.begin().await?;
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            let read = file.read(&mut piece).await.map_err(disk)?;
            if read == 0 {
                break;
            }
            // It may grow while it is read.
            arriving.write(&piece[..read]).await?;
            check_kind(&arriving)?;
        }
        self.finish(arriving, alt, owner).await
    }

    /// What [`Intake::take_file`] refuses before it reads anything.
    ///
    /// # Errors
    /// As [`Intake::take_file`].
    pub async fn check_file(&self, named: &str, alt: Option<String>) -> Result<(), ToolError> {
        self.open_file(named, alt).await.map(drop)
    }

    async fn open_file(&self, named: &str, alt: Option<String>) -> Result<(File, Option<String>), ToolError> {
        let alt = check_alt(alt)?;
        // One sentence for everything: what is there and may not be read is nobody's business.
        let wrong = || say!("media-file-wrong", path = named.chars().take(SHOWN_CHARS).collect::<String>());
        let path = named_path(named, self.parts.home.as_deref()).ok_or_else(wrong)?;
        let opened = tokio::task::spawn_blocking(move || open_ordinary(&path)).await;
        let opened = opened.map_err(|error| ToolError::Failed(error.to_string()))?;
        let (file, about) = opened.map_err(|_| wrong())?;
        if about.len() > self.parts.bytes_max as u64 {
            return Err(too_large(self.parts.bytes_max));
        }
        Ok((file, alt))
    }
}

/// What is nothing that is taken in is not copied to its end.
fn check_kind(arriving: &Arriving) -> Result<(), ToolError> {
    let is_known = arriving.head.len() < look::HEAD_BYTES || look::sniff(&arriving.head).is_some();
    if is_known { Ok(()) } else { Err(say!("media-kind-wrong", given = "–").into()) }
}

/// Opens an ordinary file that has something in it. Looked at first, because opening alone moves some devices, and again when it is open, because
/// another may stand in its place by then; a pipe would not be waited for.
fn open_ordinary(path: &Path) -> io::Result<(File, Metadata)> {
    let is_fine = |about: &Metadata| about.is_file() && about.len() > 0;
    let odd = || io::Error::new(io::ErrorKind::InvalidInput, "no ordinary file");
    if !is_fine(&std::fs::metadata(path)?) {
        return Err(odd());
    }
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
    let file = File::options().read(true).custom_flags(flags).open(path)?;
    let about = file.metadata()?;
    if is_fine(&about) { Ok((file, about)) } else { Err(odd()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_whole_ones() {
        let home = Path::new("/people/ana");
        let of = |text: &str| named_path(text, Some(home)).map(|path| path.display().to_string());
        for (text, wanted) in [
            ("/a/b.png", Some("/a/b.png")),
            ("~/Pictures/b c.png", Some("/people/ana/Pictures/b c.png")),
            ("~//b.png", Some("/people/ana/b.png")),
            ("~", Some("/people/ana/")),
            ("file:///a/b%20c.png", Some("/a/b c.png")),
            ("FILE:///a/b.png", Some("/a/b.png")),
            ("file://localhost/a/b.png", Some("/a/b.png")),
            ("file://elsewhere/a/b.png", None),
            ("file:b.png", Some("/b.png")),
            ("b.png", None),
            ("./b.png", None),
            ("../b.png", None),
            ("~bob/b.png", None),
            ("https://example.com/b.png", None),
            ("日本語", None),
            ("", None),
        ] {
            assert_eq!(of(text).as_deref(), wanted, "{text}");
        }
        assert_eq!(named_path("~/b.png", None), None);
        for (text, wanted) in
            [("/a", true), ("~/a", true), ("../a", true), ("File:///a", true), ("https://a", false), ("a", false)]
        {
            assert_eq!(is_path(text), wanted, "{text}");
        }
    }

    #[test]
    fn only_ordinary_files_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("film"), b"film").unwrap();
        std::fs::write(at("empty"), b"").unwrap();
        std::fs::create_dir(at("folder")).unwrap();
        std::os::unix::fs::symlink(at("film"), at("to film")).unwrap();
        std::os::unix::fs::symlink(at("to itself"), at("to itself")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", at("to zero")).unwrap();
        let _listening = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap();
        assert!(made.success());
        for name in ["film", "to film"] {
            assert_eq!(open_ordinary(&at(name)).unwrap().1.len(), 4, "{name}");
        }
        for name in ["empty", "folder", "to itself", "to zero", "socket", "pipe", "nothing", "film/more"] {
            assert!(open_ordinary(&at(name)).is_err(), "{name}");
        }
        for device in ["/dev/zero", "/dev/tty", "/dev/stdin", "/proc/self/environ", "/"] {
            assert!(open_ordinary(Path::new(device)).is_err(), "{device}");
        }
    }
}
