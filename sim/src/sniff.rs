//! What a file is, told from its bytes alone: its kind, its size in pixels, how long it plays. The networks decide what of it they take.

use sha2::{Digest, Sha256};

/// Kinds that one of the networks takes, and the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    Jpeg,
    Png,
    Gif,
    Webp,
    Mp4,
    Mov,
    Webm,
    Pdf,
    /// Word and PowerPoint, old form and new.
    Office,
    Unknown,
}

/// What could be read; a number that the file does not tell is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) kind: FileKind,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) duration_ms: u64,
    /// Frames of a GIF, pages of a PDF.
    pub(crate) frames: usize,
    /// Frames per second of a film, times a thousand.
    pub(crate) fps_milli: u64,
    /// A film whose index stands before its pictures.
    pub(crate) is_index_first: bool,
    /// The four letters of a film's picture codec.
    pub(crate) codec: [u8; 4],
}

impl Look {
    fn of(kind: FileKind) -> Self {
        let (width, height, duration_ms, frames, fps_milli) = (0, 0, 0, 0, 0);
        Self { kind, width, height, duration_ms, frames, fps_milli, is_index_first: false, codec: [0; 4] }
    }

    /// Width by height, times a thousand.
    pub(crate) fn ratio_milli(&self) -> u64 {
        u64::from(self.width) * 1_000 / u64::from(self.height).max(1)
    }
}

/// The hash under which the ledgers name bytes.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Looks at a file.
pub(crate) fn look(bytes: &[u8]) -> Look {
    if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
        return jpeg(bytes);
    }
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        let (width, height) = (be32(bytes, 16), be32(bytes, 20));
        return Look { width, height, ..Look::of(FileKind::Png) };
    }
    if bytes.starts_with(b"GIF8") {
        let (width, height) = (le16(bytes, 6), le16(bytes, 8));
        return Look { width, height, frames: gif_frames(bytes), ..Look::of(FileKind::Gif) };
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return webp(bytes);
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        let kind = if bytes.get(8..12) == Some(b"qt  ") { FileKind::Mov } else { FileKind::Mp4 };
        return film(bytes, kind);
    }
    if bytes.starts_with(&[0x1A, 0x45, 0xDF, 0xA3]) {
        return Look::of(FileKind::Webm);
    }
    if bytes.starts_with(b"%PDF-") {
        return Look { frames: pdf_pages(bytes), ..Look::of(FileKind::Pdf) };
    }
    let has = |wanted: &[u8]| bytes.windows(wanted.len()).any(|at| at == wanted);
    let is_new_office = bytes.starts_with(b"PK\x03\x04") && (has(b"word/") || has(b"ppt/"));
    let is_old_office = bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]);
    Look::of(if is_new_office || is_old_office { FileKind::Office } else { FileKind::Unknown })
}

fn byte(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at).copied().unwrap_or(0).into()
}

fn be16(bytes: &[u8], at: usize) -> u32 {
    byte(bytes, at) << 8 | byte(bytes, at + 1)
}

fn le16(bytes: &[u8], at: usize) -> u32 {
    byte(bytes, at + 1) << 8 | byte(bytes, at)
}

fn be32(bytes: &[u8], at: usize) -> u32 {
    be16(bytes, at) << 16 | be16(bytes, at + 2)
}

fn be64(bytes: &[u8], at: usize) -> u64 {
    u64::from(be32(bytes, at)) << 32 | u64::from(be32(bytes, at + 4))
}

/// The frame header says the size; every segment before it says how long it is.
fn jpeg(bytes: &[u8]) -> Look {
    let mut look = Look::of(FileKind::Jpeg);
    let mut at = 2;
    while byte(bytes, at) == 0xFF {
        let marker = byte(bytes, at + 1);
        // SOF0..SOF15, without the three that are something else.
        if (0xC0..=0xCF).contains(&marker) && !matches!(marker, 0xC4 | 0xC8 | 0xCC) {
            look.height = be16(bytes, at + 5);
            look.width = be16(bytes, at + 7);
            return look;
        }
        // A length below 2 is none: this ends with the file at the latest.
        at += 2 + usize::try_from(be16(bytes, at + 2)).unwrap_or(0).max(2);
    }
    look
}

fn webp(bytes: &[u8]) -> Look {
    let (width, height) = match bytes.get(12..16) {
        Some(b"VP8X") => {
            let three = |at: usize| (byte(bytes, at + 2) << 16 | le16(bytes, at)) + 1;
            (three(24), three(27))
        }
        Some(b"VP8 ") => (le16(bytes, 26) & 0x3FFF, le16(bytes, 28) & 0x3FFF),
        Some(b"VP8L") => {
            let bits = le16(bytes, 21) | le16(bytes, 23) << 16;
            ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        }
        _ => (0, 0),
    };
    Look { width, height, ..Look::of(FileKind::Webp) }
}

/// Walks a GIF's blocks and counts its pictures.
fn gif_frames(bytes: &[u8]) -> usize {
    let table = |flags: u32| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let skip_blocks = |mut at: usize| {
        while byte(bytes, at) > 0 {
            at += 1 + usize::try_from(byte(bytes, at)).unwrap_or(0);
        }
        at + 1
    };
    let (mut at, mut frames) = (13 + table(byte(bytes, 10)), 0);
    loop {
        match byte(bytes, at) {
            0x21 => at = skip_blocks(at + 2),
            0x2C => {
                frames += 1;
                at = skip_blocks(at + 11 + table(byte(bytes, at + 9)));
            }
            _ => return frames,
        }
    }
}

fn pdf_pages(bytes: &[u8]) -> usize {
    let page = b"/Type /Page";
    bytes.windows(page.len() + 1).filter(|at| at.starts_with(page) && at.last() != Some(&b's')).count()
}

/// The boxes of one level: name and contents.
fn boxes(bytes: &[u8]) -> Vec<(&[u8], &[u8])> {
    let (mut at, mut found) = (0_usize, Vec::new());
    while let Some(name) = bytes.get(at + 4..at + 8) {
        let (head, size) = match be32(bytes, at) {
            0 => (8, bytes.len() - at),
            1 => (16, usize::try_from(be64(bytes, at + 8)).unwrap_or(usize::MAX)),
            size => (8, usize::try_from(size).unwrap_or(usize::MAX)),
        };
        let end = at.saturating_add(size).min(bytes.len());
        let Some(contents) = bytes.get(at + head..end).filter(|_| size >= head) else { break };
        found.push((name, contents));
        at = end;
    }
    found
}

fn inside<'a>(bytes: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    path.iter()
        .try_fold(bytes, |at, wanted| boxes(at).into_iter().find(|(name, _)| name == *wanted).map(|(_, in_it)| in_it))
}

/// Time scale and duration of `mvhd` or `mdhd`.
fn span(head: &[u8]) -> (u64, u64) {
    if byte(head, 0) == 1 {
        (be32(head, 20).into(), be64(head, 24))
    } else {
        (be32(head, 12).into(), be32(head, 16).into())
    }
}

fn film(bytes: &[u8], kind: FileKind) -> Look {
    let mut look = Look::of(kind);
    let top = boxes(bytes);
    let place = |wanted: &[u8]| top.iter().position(|(name, _)| *name == wanted);
    look.is_index_first = place(b"moov").is_some_and(|moov| place(b"mdat").is_none_or(|mdat| moov < mdat));
    let Some(moov) = inside(bytes, &[b"moov"]) else { return look };
    if let Some(head) = inside(moov, &[b"mvhd"]) {
        let (scale, duration) = span(head);
        look.duration_ms = duration.saturating_mul(1_000) / scale.max(1);
    }
    for (name, track) in boxes(moov) {
        let is_pictures = inside(track, &[b"mdia", b"hdlr"]).is_some_and(|hdlr| hdlr.get(8..12) == Some(b"vide"));
        if name != b"trak" || !is_pictures {
            continue;
        }
        if let Some(head) = inside(track, &[b"tkhd"]) {
            let at = head.len().saturating_sub(8);
            let (width, height) = (be32(head, at) >> 16, be32(head, at + 4) >> 16);
            // A phone that is held upright writes a matrix that turns by a quarter (ISO/IEC 14496-12 §8.3.2).
            let matrix = head.len().saturating_sub(44);
            let is_turned = be32(head, matrix) == 0 && be32(head, matrix + 16) == 0;
            (look.width, look.height) = if is_turned { (height, width) } else { (width, height) };
        }
        let (scale, duration) = inside(track, &[b"mdia", b"mdhd"]).map_or((0, 0), span);
        if let Some(stts) = inside(track, &[b"mdia", b"minf", b"stbl", b"stts"]) {
            let runs = usize::try_from(be32(stts, 4)).unwrap_or(0).min(stts.len() / 8);
            let count: u64 = (0..runs).map(|run| u64::from(be32(stts, 8 + run * 8))).sum();
            look.fps_milli = count.saturating_mul(1_000).saturating_mul(scale) / duration.max(1);
        }
        if let Some(codec) = inside(track, &[b"mdia", b"minf", b"stbl", b"stsd"]).and_then(|stsd| stsd.get(12..16)) {
            look.codec.copy_from_slice(codec);
        }
    }
    look
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{self, Film};

    #[test]
    fn samples_are_what_they_say() {
        let jpeg = look(&samples::jpeg(1_080, 1_350));
        assert_eq!((jpeg.kind, jpeg.width, jpeg.height, jpeg.ratio_milli()), (FileKind::Jpeg, 1_080, 1_350, 800));
        let png = look(&samples::png(40, 30));
        assert_eq!((png.kind, png.width, png.height), (FileKind::Png, 40, 30));
        let gif = look(&samples::gif(7));
        assert_eq!((gif.kind, gif.frames), (FileKind::Gif, 7));
        let pdf = look(&samples::pdf(3));
        assert_eq!((pdf.kind, pdf.frames), (FileKind::Pdf, 3));
        let film = Film { duration_ms: 4_500, width: 720, height: 1_280, ..Film::default() };
        let seen = look(&samples::mp4(&film));
        assert_eq!((seen.kind, seen.width, seen.height, seen.duration_ms), (FileKind::Mp4, 720, 1_280, 4_500));
        assert_eq!((seen.fps_milli, seen.is_index_first, &seen.codec), (30_000, true, b"avc1"));
        assert!(!look(&samples::mp4(&Film { is_index_first: false, ..film })).is_index_first);
    }

    #[test]
    fn the_largest_numbers_are_read_as_very_large() -> Result<(), &'static str> {
        let mut film = samples::mp4(&Film::default());
        let place = |name: &[u8]| film.windows(4).position(|at| at == name).ok_or("no such box");
        // The scale of the pictures' clock, and the count of the first run of frames.
        for at in [place(b"mdhd")? + 16, place(b"stts")? + 12] {
            film.get_mut(at..at + 4).ok_or("too short")?.fill(0xFF);
        }
        assert!(look(&film).fps_milli > 1_000_000_000);
        Ok(())
    }

    #[test]
    fn broken_files_end_the_walk() {
        for bytes in
            [&b"\xFF\xD8\xFF"[..], b"GIF89a", b"\0\0\0\x01ftyp", b"RIFF....WEBP", b"\x89PNG\r\n\x1a\n", b"", b"<html>"]
        {
            let seen = look(bytes);
            assert_eq!((seen.width, seen.height, seen.duration_ms), (0, 0, 0), "{bytes:?}");
        }
        let film = samples::mp4(&Film::default());
        for end in 0..film.len().min(900) {
            look(film.get(..end).unwrap_or_default());
        }
    }
}
