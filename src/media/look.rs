//! What a file is, by its bytes.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use super::boxes::{self, Movie};
use super::{pages, webm};
use crate::domain::post::Inside;
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;
use crate::say;

/// The one kind of video that is not made of boxes.
pub(super) const WEBM: &str = "video/webm";
/// The one kind that is neither a picture nor a video. Nothing in it is parsed but how it begins and that it ends: a document can hold programs, and
/// whoever shows it must deal with them.
const DOCUMENT: &str = "application/pdf";

/// A picture with more is refused before anybody decodes it: 100 megapixels fill 400 MB.
const PIXELS_MAX: i64 = 100_000_000;
/// Enough to tell every kind apart.
pub(super) const HEAD_BYTES: usize = 32;
/// Readers of documents look for the end in so many last bytes (ISO 32000, appendix of implementation notes).
const END_BYTES: u64 = 1024;
/// What stands at the end of a document.
const END: &[u8] = b"%%EOF";

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) mime: &'static str,
    pub(super) width: i64,
    pub(super) height: i64,
    /// 0 for pictures and documents.
    pub(super) duration_ms: i64,
    /// What else the bytes tell.
    pub(super) inside: Inside,
}

impl Kind {
    pub(super) fn is_picture(&self) -> bool {
        self.mime.starts_with("image/")
    }

    /// A document stays as it is: what it tells about its making stands between its objects, and taking it out would be rewriting it.
    pub(super) fn is_document(&self) -> bool {
        self.mime == DOCUMENT
    }
}

/// Looks at the beginning of a file for its kind and into it for its size.
pub(super) fn look(file: &mut File, bytes: u64) -> Result<Kind, ToolError> {
    let mut head = Vec::new();
    file.take(HEAD_BYTES as u64).read_to_end(&mut head).map_err(super::disk)?;
    file.rewind().map_err(super::disk)?;
    let mime = sniff(&head).ok_or_else(|| ToolError::from(say!("media-kind-wrong", given = "–")))?;
    if mime == DOCUMENT {
        is_ended(file, bytes)?;
        let pages = pages::count(file).map_err(super::disk)?;
        file.rewind().map_err(super::disk)?;
        return Ok(Kind { mime, width: 0, height: 0, duration_ms: 0, inside: Inside { pages, ..Inside::default() } });
    }
    let kind = if mime.starts_with("image/") {
        let size = imagesize::reader_size(std::io::BufReader::new(&mut *file)).map_err(|_| broken())?;
        let side = |side| i64::try_from(side).unwrap_or(i64::MAX);
        Kind { mime, width: side(size.width), height: side(size.height), duration_ms: 0, inside: Inside::default() }
    } else {
        let movie = if mime == WEBM { webm::read(file, bytes)? } else { boxes::read(file, bytes)? };
        let Movie { width, height, duration_ms, inside } = movie;
        Kind { mime, width, height, duration_ms, inside }
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

/// Whether a document came whole.
fn is_ended(file: &mut File, bytes: u64) -> Result<(), ToolError> {
    let mut end = Vec::new();
    file.seek(SeekFrom::Start(bytes.saturating_sub(END_BYTES))).map_err(super::disk)?;
    file.take(END_BYTES).read_to_end(&mut end).map_err(super::disk)?;
    file.rewind().map_err(super::disk)?;
    if end.windows(END.len()).any(|window| window == END) { Ok(()) } else { Err(broken().into()) }
}

/// The file ends too early, or is not what its beginning says.
pub(super) fn broken() -> Sentence {
    say!("media-broken")
}

/// The kind that such a beginning has; `None` for what is not taken in.
pub(super) fn sniff(head: &[u8]) -> Option<&'static str> {
    match head {
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        // From the first byte on, with its version: other files hide such words further in.
        [b'%', b'P', b'D', b'F', b'-', b'1' | b'2', b'.', b'0'..=b'9', ..] => Some(DOCUMENT),
        // Whether it is WebM and no other kind of Matroska stands further in.
        [0x1a, 0x45, 0xdf, 0xa3, ..] => Some(WEBM),
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
        assert_eq!(sniff(b"\x1a\x45\xdf\xa3\x9f"), Some("video/webm"));
        assert_eq!(sniff(b"%PDF-1.7\n%"), Some("application/pdf"));
        assert_eq!(sniff(b"%PDF-2.0\r"), Some("application/pdf"));
        for other in [&b"\0\0\0\x18ftypheic"[..], b"\0\0\0\x18ftypavif", b"<svg xmlns=", b"MZ", b""] {
            assert_eq!(sniff(other), None, "{other:?}");
        }
        for other in [
            &b" %PDF-1.7"[..],
            b"\n%PDF-1.7",
            b"%PDF",
            b"%PDF-",
            b"%PDF-x.y",
            b"%PDF-3.0",
            b"%pdf-1.7",
            b"%!PS-Adobe %PDF-1.7",
        ] {
            assert_eq!(sniff(other), None, "{other:?}");
        }
    }

    fn looked(bytes: &[u8]) -> Result<Kind, ToolError> {
        let mut file = tempfile::tempfile().unwrap();
        std::io::Write::write_all(&mut file, bytes).unwrap();
        file.rewind().unwrap();
        look(&mut file, bytes.len() as u64)
    }

    /// Whatever stands between beginning and end is not read, so it can do nothing here.
    #[test]
    fn documents_are_looked_at_from_both_ends_and_not_inside() {
        let document = |inside: &[u8], end: &[u8]| [b"%PDF-1.7\n", inside, end].concat();
        let inside = Inside::default();
        let sized = Kind { mime: "application/pdf", width: 0, height: 0, duration_ms: 0, inside };
        let bomb = b"<</Type/Pages/Count 2147483647/Kids[1 0 R 1 0 R]>>".repeat(5_000);
        for inside in [
            &b"1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj"[..],
            &bomb,
            b"<</Filter[/FlateDecode/FlateDecode/FlateDecode]/Length 999999999999>>stream",
            b"<html><script>alert(1)</script>",
            &[0xff; 3_000],
            b"",
        ] {
            assert_eq!(looked(&document(inside, b"%%EOF\n")).unwrap(), sized);
            assert_eq!(looked(&document(inside, b"%%EOF")).unwrap(), sized);
        }
        let late = document(b"%%EOF", &b" ".repeat(1024));
        for cut in [&document(b"whole", b"")[..], &late, b"%PDF-1.7", b"%PDF-1.7%%EO", b"%PDF-1.7 %%E"] {
            let refused = looked(cut);
            assert!(matches!(&refused, Err(ToolError::Refused(why)) if why.key == "media-broken"), "{refused:?}");
        }
        // A picture that calls itself a document further in is a picture.
        assert_eq!(looked(b"GIF89a\x01\0\x01\0%PDF-1.7\n%%EOF").unwrap().mime, "image/gif");
    }
}
