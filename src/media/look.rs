//! What a file is, by its bytes.

use std::fs::File;
use std::io::{Read, Seek};

use super::boxes;
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::say;

/// What is taken in, by name.
pub(super) const MIMES: [&str; 6] =
    ["image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4", "video/quicktime"];

/// A picture with more is refused before anybody decodes it: 100 megapixels fill 400 MB.
const PIXELS_MAX: i64 = 100_000_000;
/// Enough to tell every kind apart.
const HEAD_BYTES: usize = 32;

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) mime: &'static str,
    pub(super) width: i64,
    pub(super) height: i64,
    /// 0 for pictures.
    pub(super) duration_ms: i64,
}

impl Kind {
    pub(super) fn is_picture(&self) -> bool {
        self.mime.starts_with("image/")
    }
}

/// Looks at the beginning of a file for its kind and into it for its size.
pub(super) fn look(file: &mut File, bytes: u64) -> Result<Kind, ToolError> {
    let mut head = Vec::new();
    file.take(HEAD_BYTES as u64).read_to_end(&mut head).map_err(super::disk)?;
    file.rewind().map_err(super::disk)?;
    let mime = sniff(&head).ok_or_else(|| ToolError::from(say!("media-kind-wrong", given = "–")))?;
    let kind = if mime.starts_with("image/") {
        let size = imagesize::reader_size(std::io::BufReader::new(&mut *file)).map_err(|_| broken())?;
        let side = |side| i64::try_from(side).unwrap_or(i64::MAX);
        Kind { mime, width: side(size.width), height: side(size.height), duration_ms: 0 }
    } else {
        let movie = boxes::read(file, bytes)?;
        Kind { mime, width: movie.width, height: movie.height, duration_ms: movie.duration_ms }
    };
    if kind.width < 1 || kind.height < 1 {
        return Err(broken().into());
    }
    if kind.width.saturating_mul(kind.height) > PIXELS_MAX {
        let size = format!("{}x{}", kind.width, kind.height);
        return Err(say!("media-pixels", size = size, max = PIXELS_MAX / 1_000_000).into());
    }
    Ok(kind)
}

/// The file ends too early, or is not what its beginning says.
pub(super) fn broken() -> Sentence {
    say!("media-broken")
}

fn sniff(head: &[u8]) -> Option<&'static str> {
    match head {
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => match brand {
            [b'q', b't', b' ', b' ', ..] => Some("video/quicktime"),
            // Still pictures in the same container (HEIC, AVIF): no network here takes them.
            [b'h', b'e', b'i' | b'v', ..] | [b'm', b'i', b'f', b'1', ..] | [b'm', b's', b'f', b'1', ..] => None,
            [b'a', b'v', b'i', ..] => None,
            _ => Some("video/mp4"),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_bytes() {
        assert_eq!(sniff(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\n\0"), Some("image/png"));
        assert_eq!(sniff(b"GIF89a"), Some("image/gif"));
        assert_eq!(sniff(b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
        assert_eq!(sniff(b"\0\0\0\x18ftypisom"), Some("video/mp4"));
        assert_eq!(sniff(b"\0\0\0\x14ftypqt  "), Some("video/quicktime"));
        for other in [&b"\0\0\0\x18ftypheic"[..], b"\0\0\0\x18ftypavif", b"%PDF-1.7", b"<svg xmlns=", b"MZ", b""] {
            assert_eq!(sniff(other), None, "{other:?}");
        }
    }
}
