//! Just enough of the ISO base media file format (ISO/IEC 14496-12, QuickTime) to know a video's size and length and to take out where
//! it was filmed. Nothing is moved: boxes with words about the video become free space of the same size, so every offset stays right.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

use super::look::broken;
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;

/// The index of an hour of video takes a few megabytes.
const INDEX_BYTES_MAX: u64 = 16 << 20;
/// Boxes on the top level of a file: fragmented video has one pair for every few seconds.
const TOP_BOXES_MAX: usize = 100_000;
/// Boxes that hold boxes which matter here.
const CONTAINERS: [&[u8; 4]; 4] = [b"moov", b"trak", b"mdia", b"minf"];
/// Boxes that only tell about the video: QuickTime user data (the place in `©xyz`), metadata, XMP and the like.
const WORDS: [&[u8; 4]; 3] = [b"udta", b"meta", b"uuid"];
/// Boxes that begin with the dates of making and of editing.
const DATED: [&[u8; 4]; 3] = [b"mvhd", b"tkhd", b"mdhd"];

/// What is known of a video.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Movie {
    pub(super) width: i64,
    pub(super) height: i64,
    pub(super) duration_ms: i64,
}

/// A box: where its header and its contents begin, and where it ends.
#[derive(Debug, Clone, Copy)]
struct Span {
    kind: [u8; 4],
    header: u64,
    body: u64,
    end: u64,
}

/// The size of the largest track and the length, as the file tells.
pub(super) fn read(file: &mut File, bytes: u64) -> Result<Movie, ToolError> {
    let index = top(file, bytes)?.into_iter().find(|span| &span.kind == b"moov").ok_or_else(broken)?;
    let moov = load(file, index)?;
    let mut movie = Movie::default();
    for span in inside(&moov)? {
        let body = span.of(&moov);
        match &span.kind {
            b"mvhd" => movie.duration_ms = duration(body).unwrap_or(0),
            b"tkhd" => {
                let (width, height) = sides(body).unwrap_or((0, 0));
                if width * height > movie.width * movie.height {
                    (movie.width, movie.height) = (width, height);
                }
            }
            _ => {}
        }
    }
    Ok(movie)
}

/// Turns every box of words into free space and the dates of making into none.
pub(super) fn forget(file: &mut File, bytes: u64) -> Result<(), ToolError> {
    for span in top(file, bytes)? {
        if WORDS.contains(&&span.kind) {
            file.seek(SeekFrom::Start(span.header + 4)).map_err(super::disk)?;
            file.write_all(b"free").map_err(super::disk)?;
            file.seek(SeekFrom::Start(span.body)).map_err(super::disk)?;
            std::io::copy(&mut std::io::repeat(0).take(span.end - span.body), file).map_err(super::disk)?;
        } else if &span.kind == b"moov" {
            let mut moov = load(file, span)?;
            for inner in inside(&moov)? {
                if WORDS.contains(&&inner.kind) {
                    let header = place(inner.header);
                    moov[header + 4..header + 8].copy_from_slice(b"free");
                    moov[place(inner.body)..place(inner.end)].fill(0);
                } else if DATED.contains(&&inner.kind) {
                    let body = &mut moov[place(inner.body)..place(inner.end)];
                    let dates = if body.first() == Some(&1) { 4..20 } else { 4..12 };
                    body.get_mut(dates).ok_or_else(broken)?.fill(0);
                }
            }
            file.seek(SeekFrom::Start(span.body)).map_err(super::disk)?;
            file.write_all(&moov).map_err(super::disk)?;
        }
    }
    Ok(())
}

impl Span {
    /// Reads a header that begins at `at`; `left` is what the file or the box around it still holds from there.
    fn read(head: &[u8], at: u64, left: u64) -> Result<Self, Sentence> {
        let short: [u8; 4] = head.get(..4).and_then(|four| four.try_into().ok()).ok_or_else(broken)?;
        let kind: [u8; 4] = head.get(4..8).and_then(|four| four.try_into().ok()).ok_or_else(broken)?;
        let (length, header) = match u32::from_be_bytes(short) {
            // To the end of what is around it.
            0 => (left, 8),
            1 => {
                let long = head.get(8..16).and_then(|eight| eight.try_into().ok()).ok_or_else(broken)?;
                (u64::from_be_bytes(long), 16)
            }
            length => (u64::from(length), 8),
        };
        if length < header || length > left {
            return Err(broken());
        }
        Ok(Self { kind, header: at, body: at + header, end: at + length })
    }

    fn of(self, around: &[u8]) -> &[u8] {
        around.get(place(self.body)..place(self.end)).unwrap_or_default()
    }
}

/// Inside an index, which is in memory, every place fits.
fn place(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

/// The boxes of the file itself.
fn top(file: &mut File, bytes: u64) -> Result<Vec<Span>, ToolError> {
    let (mut at, mut found) = (0, Vec::new());
    while at < bytes {
        let mut head = Vec::new();
        file.seek(SeekFrom::Start(at)).map_err(super::disk)?;
        file.take(16).read_to_end(&mut head).map_err(super::disk)?;
        let span = Span::read(&head, at, bytes - at)?;
        at = span.end;
        found.push(span);
        if found.len() > TOP_BOXES_MAX {
            return Err(broken().into());
        }
    }
    Ok(found)
}

fn load(file: &mut File, span: Span) -> Result<Vec<u8>, ToolError> {
    if span.end - span.body > INDEX_BYTES_MAX {
        return Err(broken().into());
    }
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(span.body)).map_err(super::disk)?;
    file.take(span.end - span.body).read_to_end(&mut bytes).map_err(super::disk)?;
    Ok(bytes)
}

/// Every box in an index, containers opened.
fn inside(index: &[u8]) -> Result<Vec<Span>, Sentence> {
    let mut found = Vec::new();
    let mut open = vec![(0, index.len() as u64)];
    while let Some((mut at, end)) = open.pop() {
        // Four zero bytes may end QuickTime's lists of boxes.
        while at + 8 <= end {
            let span = Span::read(index.get(place(at)..).unwrap_or_default(), at, end - at)?;
            if CONTAINERS.contains(&&span.kind) {
                open.push((span.body, span.end));
            }
            at = span.end;
            found.push(span);
        }
    }
    Ok(found)
}

fn u32_at(body: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(body.get(at..at + 4)?.try_into().ok()?))
}

/// ISO/IEC 14496-12 §8.2.2: time scale and duration, in 32 or 64 bits.
fn duration(body: &[u8]) -> Option<i64> {
    let (scale, units) = if body.first() == Some(&1) {
        (u32_at(body, 20)?, u64::from_be_bytes(body.get(24..32)?.try_into().ok()?))
    } else {
        (u32_at(body, 12)?, u64::from(u32_at(body, 16)?))
    };
    i64::try_from(u128::from(units).checked_mul(1000)?.checked_div(u128::from(scale))?).ok()
}

/// ISO/IEC 14496-12 §8.3.2: 16.16 fixed point, behind the matrix; phones film upright by a matrix that turns by a quarter.
fn sides(body: &[u8]) -> Option<(i64, i64)> {
    let at = body.len().checked_sub(8)?;
    let (width, height) = (i64::from(u32_at(body, at)? >> 16), i64::from(u32_at(body, at + 4)? >> 16));
    let matrix = at.checked_sub(36)?;
    let is_turned = u32_at(body, matrix)? == 0 && u32_at(body, matrix + 16)? == 0;
    Some(if is_turned { (height, width) } else { (width, height) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 8).unwrap().to_be_bytes();
        [&length[..], kind, body].concat()
    }

    /// A video as a phone makes it: filmed upright, with the place in user data, metadata and an XMP box.
    fn phone_video() -> Vec<u8> {
        let mvhd = [&[0; 4][..], &[9; 8], &600_u32.to_be_bytes(), &1500_u32.to_be_bytes(), &[0; 80]].concat();
        let matrix = [0_u32, 0x1_0000, 0, 0xffff_0000, 0, 0, 0, 0, 0x4000_0000].map(u32::to_be_bytes).concat();
        let size = [1280_u32 << 16, 720 << 16].map(u32::to_be_bytes).concat();
        let tkhd = [&[0; 4][..], &[9; 8], &[0; 28], &matrix, &size].concat();
        let udta = made(b"udta", &made(b"\xa9xyz", b"+35.6586+139.7454/ secret"));
        let trak = made(b"trak", &[made(b"tkhd", &tkhd), made(b"meta", b"secret")].concat());
        let moov = made(b"moov", &[made(b"mvhd", &mvhd), trak, udta].concat());
        let file = [made(b"ftyp", b"qt  "), made(b"uuid", b"secret xmp"), made(b"mdat", b"frames"), moov];
        file.concat()
    }

    fn on_disk(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.rewind().unwrap();
        file
    }

    #[test]
    fn a_video_tells_its_size_and_length_and_then_nothing_else() {
        let bytes = phone_video();
        let (mut file, length) = (on_disk(&bytes), bytes.len() as u64);
        let movie = Movie { width: 720, height: 1280, duration_ms: 2500 };
        assert_eq!(read(&mut file, length).unwrap(), movie);
        forget(&mut file, length).unwrap();
        let mut after = Vec::new();
        file.rewind().unwrap();
        file.read_to_end(&mut after).unwrap();
        assert_eq!(after.len(), bytes.len(), "every offset stays right");
        assert!(!after.windows(6).any(|window| window == b"secret" || window == b"139.74"));
        assert!(!after.windows(8).any(|window| window == [9; 8]), "the dates are gone");
        assert!(after.windows(6).any(|window| window == b"frames"));
        assert_eq!(read(&mut file, length).unwrap(), movie);
    }

    #[test]
    fn every_cut_of_a_video_and_every_length_in_it_is_refused_or_read() {
        let bytes = phone_video();
        for cut in 0..bytes.len() {
            let (mut file, length) = (on_disk(&bytes[..cut]), cut as u64);
            assert!(read(&mut file, length).is_err(), "{cut}");
        }
        for at in 0..bytes.len() {
            let mut bent = bytes.clone();
            bent[at] ^= 0xff;
            let mut file = on_disk(&bent);
            let length = bent.len() as u64;
            if read(&mut file, length).is_ok() {
                let _refused_or_done = forget(&mut file, length);
            }
        }
    }
}
