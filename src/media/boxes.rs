//! Just enough of the ISO base media file format (ISO/IEC 14496-12, QuickTime) to know a video's size and length and to take out where
//! it was filmed. Nothing is moved here: boxes with words about the video become free space of the same size, so every offset stays right.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

use super::look::broken;
use crate::domain::post::Inside;
use crate::domain::refusal::Sentence;
use crate::domain::tool::ToolError;

/// The index of an hour of video takes a few megabytes.
pub(super) const INDEX_BYTES_MAX: u64 = 16 << 20;
/// Boxes on the top level of a file: fragmented video has one pair for every few seconds.
pub(super) const TOP_BOXES_MAX: usize = 100_000;
/// Boxes in an index: a track has about fifteen, and each is looked through for every track.
const INDEX_BOXES_MAX: usize = 4_000;
/// Boxes that hold boxes which matter here.
const CONTAINERS: [&[u8; 4]; 5] = [b"moov", b"trak", b"mdia", b"minf", b"stbl"];
/// Boxes that only tell about the video: QuickTime user data (the place in `©xyz`), metadata, XMP and the like.
const WORDS: [&[u8; 4]; 3] = [b"udta", b"meta", b"uuid"];
/// Boxes that begin with the dates of making and of editing.
const DATED: [&[u8; 4]; 3] = [b"mvhd", b"tkhd", b"mdhd"];

/// What is known of a video.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Movie {
    pub(super) width: i64,
    pub(super) height: i64,
    pub(super) duration_ms: i64,
    pub(super) inside: Inside,
}

/// A box: where its header and its contents begin, and where it ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) kind: [u8; 4],
    pub(super) header: u64,
    pub(super) body: u64,
    pub(super) end: u64,
}

/// The size of the largest track, the length, and how it is written, as the file tells.
pub(super) fn read(file: &mut File, bytes: u64) -> Result<Movie, ToolError> {
    let top = top(file, bytes)?;
    let place = |kind: &[u8; 4]| top.iter().position(|span| &span.kind == kind);
    let at = place(b"moov").ok_or_else(broken)?;
    let index_first = Some(place(b"mdat").is_none_or(|data| at < data));
    let moov = load(file, top[at])?;
    let spans = inside(&moov)?;
    let mut movie = Movie { inside: Inside { index_first, ..Inside::default() }, ..Movie::default() };
    for span in &spans {
        match &span.kind {
            b"mvhd" => movie.duration_ms = duration(span.of(&moov)).unwrap_or(0),
            b"trak" => read_track(&mut movie, &moov, (&spans, span)),
            _ => {}
        }
    }
    Ok(movie)
}

/// The largest track is the one that is seen.
fn read_track(movie: &mut Movie, moov: &[u8], (spans, track): (&[Span], &Span)) {
    let own = || spans.iter().filter(|span| span.header >= track.body && span.end <= track.end);
    let body = |kind: &[u8; 4]| own().find(|span| &span.kind == kind).map(|span| span.of(moov));
    let (width, height) = body(b"tkhd").and_then(sides).unwrap_or((0, 0));
    if width * height <= movie.width * movie.height {
        return;
    }
    (movie.width, movie.height) = (width, height);
    movie.inside.video = body(b"stsd").and_then(codec);
    movie.inside.centi_fps = body(b"mdhd").zip(body(b"stts")).and_then(|(head, times)| centi_fps(head, times));
}

/// ISO/IEC 14496-12 §8.5.2: the name of the first entry, behind how many there are and its length.
fn codec(body: &[u8]) -> Option<String> {
    let name: [u8; 4] = body.get(12..16)?.try_into().ok()?;
    Some(match &name {
        b"avc1" | b"avc3" => Inside::H264.to_owned(),
        b"hvc1" | b"hev1" | b"dvh1" | b"dvhe" => Inside::H265.to_owned(),
        b"vp08" => Inside::VP8.to_owned(),
        b"vp09" => Inside::VP9.to_owned(),
        b"av01" => Inside::AV1.to_owned(),
        other if other.iter().all(u8::is_ascii_graphic) => String::from_utf8_lossy(other).into_owned(),
        _ => return None,
    })
}

/// How many runs of equally long pictures are looked at: phones write one for nearly each.
const RUNS_MAX: usize = 1_000_000;

/// Pictures a second, in hundredths (ISO/IEC 14496-12 §8.6.1.2): all of them over all of the time. Where many are held for long (a film of a screen
/// at rest) it is the pace between those that are not.
fn centi_fps(head: &[u8], times: &[u8]) -> Option<i64> {
    let scale = u64::from(u32_at(head, if head.first() == Some(&1) { 20 } else { 12 })?);
    let runs = usize::try_from(u32_at(times, 4)?).ok()?.min(RUNS_MAX);
    let (mut count, mut units, mut most) = (0_u64, 0_u64, (0_u32, 0_u32));
    for run in 0..runs {
        let (pictures, each) = (u32_at(times, 8 + run * 8)?, u32_at(times, 12 + run * 8)?);
        count += u64::from(pictures);
        units = units.checked_add(u64::from(pictures).checked_mul(u64::from(each))?)?;
        if pictures > most.0 {
            most = (pictures, each);
        }
    }
    let rate = |pictures: u64, units: u64| {
        let centi = u128::from(pictures) * u128::from(scale) * 100;
        i64::try_from((centi + u128::from(units) / 2).checked_div(u128::from(units))?).ok()
    };
    // What the track says of its length, which is not rounded picture by picture.
    let units = units_of(head).filter(|units| *units > 0).unwrap_or(units);
    // One picture tells no pace.
    let mean = rate(count, units).filter(|centi| count > 1 && *centi > 0)?;
    let usual = rate(1, u64::from(most.1)).unwrap_or(mean);
    Some(if mean * 5 < usual * 4 { usual } else { mean })
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
    pub(super) fn read(head: &[u8], at: u64, left: u64) -> Result<Self, Sentence> {
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
pub(super) fn place(at: u64) -> usize {
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
pub(super) fn inside(index: &[u8]) -> Result<Vec<Span>, Sentence> {
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
            if found.len() > INDEX_BOXES_MAX {
                return Err(broken());
            }
        }
    }
    Ok(found)
}

fn u32_at(body: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(body.get(at..at + 4)?.try_into().ok()?))
}

/// The same place as in a movie's head: how long it is, in its own units.
fn units_of(head: &[u8]) -> Option<u64> {
    if head.first() == Some(&1) {
        Some(u64::from_be_bytes(head.get(24..32)?.try_into().ok()?))
    } else {
        u32_at(head, 16).map(u64::from)
    }
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

    /// How a track is written: H.264, and pictures that last so long each.
    fn table(name: &[u8; 4], runs: &[(u32, u32)]) -> Vec<u8> {
        let entry = [&[0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 16], &name[..], &[0; 8]].concat();
        let runs: Vec<u8> =
            runs.iter().flat_map(|(count, each)| [count.to_be_bytes(), each.to_be_bytes()].concat()).collect();
        let count = u32::try_from(runs.len() / 8).unwrap().to_be_bytes();
        let times = [&[0; 4][..], &count, &runs].concat();
        let head = [&[0; 4][..], &[9; 8], &600_u32.to_be_bytes(), &1500_u32.to_be_bytes(), &[0; 4]].concat();
        let stbl = made(b"stbl", &[made(b"stsd", &entry), made(b"stts", &times)].concat());
        made(b"mdia", &[made(b"mdhd", &head), made(b"minf", &stbl)].concat())
    }

    /// A video as a phone makes it: filmed upright, with the place in user data, metadata and an XMP box.
    fn phone_video() -> Vec<u8> {
        let mvhd = [&[0; 4][..], &[9; 8], &600_u32.to_be_bytes(), &1500_u32.to_be_bytes(), &[0; 80]].concat();
        let matrix = [0_u32, 0x1_0000, 0, 0xffff_0000, 0, 0, 0, 0, 0x4000_0000].map(u32::to_be_bytes).concat();
        let size = [1280_u32 << 16, 720 << 16].map(u32::to_be_bytes).concat();
        let tkhd = [&[0; 4][..], &[9; 8], &[0; 28], &matrix, &size].concat();
        let udta = made(b"udta", &made(b"\xa9xyz", b"+35.6586+139.7454/ secret"));
        let media = table(b"avc1", &[(40, 20), (35, 20)]);
        let trak = made(b"trak", &[made(b"tkhd", &tkhd), made(b"meta", b"secret"), media].concat());
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
        let inside = Inside {
            video: Some(Inside::H264.into()),
            centi_fps: Some(3_000),
            index_first: Some(false),
            ..Inside::default()
        };
        let movie = Movie { width: 720, height: 1280, duration_ms: 2500, inside };
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
    fn an_index_of_nothing_but_tracks_is_no_work_for_hours() {
        let of = |tracks: usize| {
            let file = [made(b"ftyp", b"isom"), made(b"moov", &made(b"trak", b"").repeat(tracks))].concat();
            read(&mut on_disk(&file), file.len() as u64)
        };
        assert!(of(INDEX_BOXES_MAX).is_ok());
        assert!(of(INDEX_BOXES_MAX + 1).is_err());
    }

    #[test]
    fn the_pace_is_that_of_the_pictures() {
        let of = |scale: u32, runs: &[(u32, u32)]| {
            let head = [&[0; 12][..], &scale.to_be_bytes(), &[0; 8]].concat();
            let runs: Vec<[u32; 2]> = runs.iter().map(|(count, each)| [*count, *each]).collect();
            let numbers = [vec![[0, u32::try_from(runs.len()).unwrap()]], runs].concat();
            centi_fps(&head, &numbers.iter().flatten().flat_map(|number| number.to_be_bytes()).collect::<Vec<u8>>())
        };
        assert_eq!(of(30_000, &[(300, 1_001)]), Some(2_997));
        assert_eq!(of(1_000, &[(1, 16), (2, 17), (1, 16), (2, 17)]), Some(6_000), "rounded to whole milliseconds");
        assert_eq!(of(600, &[(90, 20), (1, 12_000)]), Some(3_000), "held for twenty seconds");
        assert_eq!(of(600, &[(240, 5)]), Some(12_000));
        for (scale, runs) in [(0, vec![(30, 20)]), (600, vec![]), (600, vec![(1, 20)]), (600, vec![(30, 0)])] {
            assert_eq!(of(scale, &runs), None, "{scale} {runs:?}");
        }
        assert_eq!(of(u32::MAX, &[(u32::MAX, u32::MAX), (u32::MAX, u32::MAX)]), None);
        assert_eq!(codec(&made(b"hvc1", b"")), None);
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
