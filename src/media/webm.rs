//! Just enough of WebM (RFC 8794, RFC 9559) to know a video's size and length and to take out what it tells about its making. Nothing is moved: elements
//! of words become void ones of the same size.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Write};

use super::boxes::Movie;
use super::look::broken;
use crate::domain::post::Inside;
use crate::domain::tool::ToolError;

/// RFC 8794 §11.2 and RFC 9559 §5.1: elements by their ids.
const EBML: u32 = 0x1a45_dfa3;
const DOC_TYPE: u32 = 0x4282;
const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_a966;
const TIMESTAMP_SCALE: u32 = 0x002a_d7b1;
const DURATION: u32 = 0x4489;
const TRACKS: u32 = 0x1654_ae6b;
const TRACK: u32 = 0xae;
const TRACK_TYPE: u32 = 0x83;
const CODEC: u32 = 0x86;
const FRAME_NS: u32 = 0x0023_e383;
const VIDEO: u32 = 0xe0;
const WIDTH: u32 = 0xb0;
const HEIGHT: u32 = 0xba;
const CLUSTER: u32 = 0x1f43_b675;
/// Elements that only tell about the video, wherever they stand: tags, attachments, chapters; title, date, names of files, of tracks and of programs.
const WORDS: [u32; 11] =
    [0x1254_c367, 0x1941_a469, 0x1043_a770, 0x7ba9, 0x4461, 0x4d80, 0x5741, 0x7384, 0x003c_83ab, 0x003e_83bb, 0x536e];
/// What may stand in its place (RFC 8794 §11.3.2).
const VOID: u8 = 0xec;

/// A track of pictures (RFC 9559 §5.1.4.1.3).
const IS_VIDEO: u64 = 1;
/// The length of a unit of time where the file names none, nanoseconds.
const TIMESTAMP_SCALE_DEFAULT: u64 = 1_000_000;
/// An hour's film that was written as it was made has some hundred thousand.
const ELEMENTS_MAX: usize = 2_000_000;
/// RFC 9559 §5.1.4.1.1 numbers tracks; nobody films with more.
const TRACKS_MAX: usize = 1_000;
/// Numbers and names that matter here are no longer.
const VALUE_BYTES_MAX: u64 = 64;

/// An element: its id, and where it and its contents begin and end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Element {
    id: u32,
    header: u64,
    body: u64,
    end: u64,
}

/// What a track says of itself.
#[derive(Default)]
struct Track {
    kind: u64,
    codec: Vec<u8>,
    frame_ns: u64,
    width: u64,
    height: u64,
}

/// Goes through a file from element to element.
struct Walk {
    file: BufReader<File>,
    at: u64,
    bytes: u64,
    left: usize,
}

/// The size of the largest track and the length, as the file tells; a length of 0 where it was written as it was made.
pub(super) fn read(file: &mut File, bytes: u64) -> Result<Movie, ToolError> {
    let mut walk = Walk::open(file, bytes)?;
    let (mut scale, mut duration, mut is_webm) = (TIMESTAMP_SCALE_DEFAULT, 0.0, false);
    let mut tracks: Vec<Track> = Vec::new();
    while let Some(element) = walk.next()? {
        match element.id {
            EBML | SEGMENT | INFO | TRACKS | VIDEO => {}
            // What matters stands before the first pictures.
            CLUSTER => break,
            DOC_TYPE => is_webm = walk.value(element)? == b"webm",
            TRACK if tracks.len() < TRACKS_MAX => tracks.push(Track::default()),
            TRACK => return Err(broken().into()),
            TIMESTAMP_SCALE => scale = number(&walk.value(element)?),
            DURATION => duration = float(&walk.value(element)?),
            TRACK_TYPE | CODEC | FRAME_NS | WIDTH | HEIGHT => {
                let value = walk.value(element)?;
                tracks.last_mut().ok_or_else(broken)?.keep(element.id, value);
            }
            _ => walk.skip(element)?,
        }
    }
    let video = tracks.into_iter().filter(|track| track.kind == IS_VIDEO);
    let video = video.max_by_key(|track| track.width.saturating_mul(track.height)).filter(|_| is_webm);
    let video = video.ok_or_else(broken)?;
    let side = |side: u64| i64::try_from(side).unwrap_or(i64::MAX);
    let inside = Inside { video: video.codec(), centi_fps: video.centi_fps(), ..Inside::default() };
    Ok(Movie { width: side(video.width), height: side(video.height), duration_ms: millis(duration, scale), inside })
}

/// Turns every element of words into a void one.
pub(super) fn forget(file: &mut File, bytes: u64) -> Result<(), ToolError> {
    let mut walk = Walk::open(file, bytes)?;
    let mut words = Vec::new();
    while let Some(element) = walk.next()? {
        match element.id {
            EBML | SEGMENT | INFO | TRACKS | TRACK => {}
            // Written as it was made: where it ends, the next element shows.
            CLUSTER if element.end == bytes => {}
            id => {
                if WORDS.contains(&id) {
                    words.push(element);
                }
                walk.skip(element)?;
            }
        }
    }
    for element in words {
        file.seek(SeekFrom::Start(element.header)).map_err(super::disk)?;
        let all = element.end - element.header;
        // Its length is written in eight bytes, or in one where there is no room for them.
        let head = match all {
            9.. => [&[VOID][..], &((all - 9) | (1 << 56)).to_be_bytes()].concat(),
            _ => vec![VOID, u8::try_from(all - 2).unwrap_or(0) | 0x80],
        };
        let rest = all - head.len() as u64;
        file.write_all(&head).map_err(super::disk)?;
        std::io::copy(&mut std::io::repeat(0).take(rest), file).map_err(super::disk)?;
    }
    Ok(())
}

impl Track {
    fn keep(&mut self, id: u32, value: Vec<u8>) {
        match id {
            TRACK_TYPE => self.kind = number(&value),
            FRAME_NS => self.frame_ns = number(&value),
            WIDTH => self.width = number(&value),
            HEIGHT => self.height = number(&value),
            _ => self.codec = value,
        }
    }

    fn codec(&self) -> Option<String> {
        Some(match self.codec.as_slice() {
            b"V_VP8" => Inside::VP8.to_owned(),
            b"V_VP9" => Inside::VP9.to_owned(),
            b"V_AV1" => Inside::AV1.to_owned(),
            other if other.is_empty() || !other.iter().all(u8::is_ascii_graphic) => return None,
            other => String::from_utf8_lossy(other).into_owned(),
        })
    }

    fn centi_fps(&self) -> Option<i64> {
        let centi = 100_000_000_000_u64.checked_add(self.frame_ns / 2)?.checked_div(self.frame_ns)?;
        i64::try_from(centi).ok().filter(|centi| *centi > 0)
    }
}

impl Walk {
    fn open(file: &mut File, bytes: u64) -> Result<Self, ToolError> {
        let mut file = file.try_clone().map_err(super::disk)?;
        file.rewind().map_err(super::disk)?;
        Ok(Self { file: BufReader::new(file), at: 0, bytes, left: ELEMENTS_MAX })
    }

    /// The next header. Whoever wants to stand behind what it holds skips it. One whose length is not known holds everything up to the end: what
    /// follows it at its own level is met all the same.
    fn next(&mut self) -> Result<Option<Element>, ToolError> {
        if self.at >= self.bytes {
            return Ok(None);
        }
        self.left = self.left.checked_sub(1).ok_or_else(broken)?;
        let header = self.at;
        let first = self.byte()?;
        let id_bytes = first.leading_zeros() + 1;
        if id_bytes > 4 {
            return Err(broken().into());
        }
        let id = (1..id_bytes)
            .try_fold(u32::from(first), |id, _| Ok::<_, ToolError>((id << 8) | u32::from(self.byte()?)))?;
        let first = self.byte()?;
        let size_bytes = first.leading_zeros() + 1;
        if size_bytes > 8 {
            return Err(broken().into());
        }
        let mask = u8::try_from(0xff_u16 >> size_bytes).unwrap_or(0);
        let size = (1..size_bytes)
            .try_fold(u64::from(first & mask), |size, _| Ok::<_, ToolError>((size << 8) | u64::from(self.byte()?)))?;
        let is_unknown = size == (1_u64 << (7 * size_bytes)) - 1;
        // RFC 9559 §6.1: no other element may leave its length open.
        if is_unknown && ![SEGMENT, CLUSTER].contains(&id) {
            return Err(broken().into());
        }
        let end = if is_unknown { Some(self.bytes) } else { self.at.checked_add(size) };
        let end = end.filter(|end| *end <= self.bytes).ok_or_else(broken)?;
        Ok(Some(Element { id, header, body: self.at, end }))
    }

    fn byte(&mut self) -> Result<u8, ToolError> {
        let mut byte = [0];
        if self.at >= self.bytes {
            return Err(broken().into());
        }
        self.file.read_exact(&mut byte).map_err(super::disk)?;
        self.at += 1;
        Ok(byte[0])
    }

    fn value(&mut self, element: Element) -> Result<Vec<u8>, ToolError> {
        let length = element.end - element.body;
        if length > VALUE_BYTES_MAX {
            return Err(broken().into());
        }
        (0..length).map(|_| self.byte()).collect()
    }

    fn skip(&mut self, element: Element) -> Result<(), ToolError> {
        let far = i64::try_from(element.end - self.at).map_err(|_| ToolError::from(broken()))?;
        self.file.seek_relative(far).map_err(super::disk)?;
        self.at = element.end;
        Ok(())
    }
}

fn number(value: &[u8]) -> u64 {
    value.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

fn float(value: &[u8]) -> f64 {
    let four = || value.try_into().ok().map(|four| f64::from(f32::from_be_bytes(four)));
    let eight = || value.try_into().ok().map(f64::from_be_bytes);
    four().or_else(eight).unwrap_or(0.0)
}

/// Units of `scale` nanoseconds as milliseconds; 0 for what is no length of time.
fn millis(units: f64, scale: u64) -> i64 {
    // A year in microseconds and every scale in use are exact as whole numbers.
    let micros = Some(units * 1_000.0).filter(|micros| (0.0..1e15).contains(micros));
    let micros: u128 = micros.and_then(|micros| format!("{micros:.0}").parse().ok()).unwrap_or(0);
    i64::try_from(micros * u128::from(scale) / 1_000_000_000).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(id: &[u8], body: &[u8]) -> Vec<u8> {
        let size = u64::try_from(body.len()).unwrap() | (1 << 56);
        [id, &size.to_be_bytes(), body].concat()
    }

    #[test]
    fn tracks_without_end_are_no_film() {
        let of = |tracks: usize| {
            let tracks = element(&[0x16, 0x54, 0xae, 0x6b], &film_track().repeat(tracks));
            let bytes = [header(b"webm"), element(&[0x18, 0x53, 0x80, 0x67], &tracks)].concat();
            read(&mut on_disk(&bytes), bytes.len() as u64)
        };
        assert!(of(TRACKS_MAX).is_ok());
        assert!(of(TRACKS_MAX + 1).is_err());
    }

    fn film_track() -> Vec<u8> {
        let sides = [element(&[0xb0], &[5, 0]), element(&[0xba], &[2, 0xd0])].concat();
        element(&[0xae], &[element(&[0x83], &[1]), element(&[0xe0], &sides)].concat())
    }

    fn endless(id: &[u8], body: &[u8]) -> Vec<u8> {
        [id, &[0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], body].concat()
    }

    fn header(doc_type: &[u8]) -> Vec<u8> {
        element(&[0x1a, 0x45, 0xdf, 0xa3], &element(&[0x42, 0x82], doc_type))
    }

    /// As a browser writes it: with a length, the names of programs, and tags behind the pictures.
    fn film(doc_type: &[u8], is_live: bool) -> Vec<u8> {
        let duration = if is_live { Vec::new() } else { element(&[0x44, 0x89], &2_500.5_f64.to_be_bytes()) };
        let words = [
            element(&[0x4d, 0x80], b"secret"),
            element(&[0x57, 0x41], b"secret program"),
            vec![0x7b, 0xa9, 0x82, b's', b'o'],
        ];
        let info = element(
            &[0x15, 0x49, 0xa9, 0x66],
            &[element(&[0x2a, 0xd7, 0xb1], &1_000_000_u32.to_be_bytes()), duration, words.concat()].concat(),
        );
        let video = element(&[0xe0], &[element(&[0xb0], &[5, 0]), element(&[0xba], &[2, 0xd0])].concat());
        let picture = [
            element(&[0x83], &[1]),
            element(&[0x86], b"V_VP9"),
            element(&[0x23, 0xe3, 0x83], &33_333_333_u32.to_be_bytes()),
            element(&[0x53, 0x6e], b"secret name"),
            video,
        ];
        let sound = [element(&[0x83], &[2]), element(&[0x86], b"A_OPUS")].concat();
        let tracks = element(
            &[0x16, 0x54, 0xae, 0x6b],
            &[element(&[0xae], &picture.concat()), element(&[0xae], &sound)].concat(),
        );
        let block = [element(&[0xe7], &[0]), element(&[0xa3], b"frames")].concat();
        let tags = element(&[0x12, 0x54, 0xc3, 0x67], b"secret place");
        let cluster = |body: &[u8]| {
            if is_live { endless(&[0x1f, 0x43, 0xb6, 0x75], body) } else { element(&[0x1f, 0x43, 0xb6, 0x75], body) }
        };
        let inside = [info, tracks, cluster(&block), cluster(&block), tags].concat();
        let segment = if is_live {
            endless(&[0x18, 0x53, 0x80, 0x67], &inside)
        } else {
            element(&[0x18, 0x53, 0x80, 0x67], &inside)
        };
        [header(doc_type), segment].concat()
    }

    fn on_disk(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    #[test]
    fn a_film_tells_its_size_and_length_and_then_nothing_else() {
        for (is_live, duration_ms) in [(false, 2_500), (true, 0)] {
            let bytes = film(b"webm", is_live);
            let (mut file, length) = (on_disk(&bytes), bytes.len() as u64);
            let inside = Inside { video: Some(Inside::VP9.into()), centi_fps: Some(3_000), ..Inside::default() };
            let movie = Movie { width: 1280, height: 720, duration_ms, inside };
            assert_eq!(read(&mut file, length).unwrap(), movie);
            forget(&mut file, length).unwrap();
            let mut after = Vec::new();
            file.rewind().unwrap();
            file.read_to_end(&mut after).unwrap();
            assert_eq!(after.len(), bytes.len());
            assert!(!after.windows(6).any(|window| window == b"secret"), "{is_live}");
            assert!(!after.windows(5).any(|window| window == [0x7b, 0xa9, 0x82, b's', b'o']), "{is_live}");
            assert_eq!(after.windows(6).filter(|window| window == b"frames").count(), 2);
            assert_eq!(read(&mut file, length).unwrap(), movie, "it can still be read");
        }
    }

    #[test]
    fn what_is_no_webm_is_refused_and_so_is_every_bent_one_or_it_is_read() {
        for other in
            [film(b"matroska", false), header(b"webm"), b"\x1a\x45\xdf\xa3".to_vec(), vec![0x1a, 0x45, 0xdf, 0xa3, 0]]
        {
            assert!(read(&mut on_disk(&other), other.len() as u64).is_err());
        }
        let whole = film(b"webm", true);
        for cut in 0..whole.len() {
            let mut file = on_disk(&whole[..cut]);
            if read(&mut file, cut as u64).is_ok() {
                let _refused_or_done = forget(&mut file, cut as u64);
            }
        }
        for at in 0..whole.len() {
            let mut bent = whole.clone();
            bent[at] ^= 0xff;
            let mut file = on_disk(&bent);
            if read(&mut file, bent.len() as u64).is_ok() {
                let _refused_or_done = forget(&mut file, bent.len() as u64);
            }
        }
    }

    #[test]
    fn lengths_are_read_whatever_is_written() {
        assert_eq!(millis(2_500.5, 1_000_000), 2_500);
        assert_eq!(millis(90_000.0, 11_111), 999);
        for wrong in [f64::NAN, f64::INFINITY, -1.0, 1e300] {
            assert_eq!(millis(wrong, 1_000_000), 0);
        }
        assert_eq!(millis(1e11, u64::MAX), 0);
        assert_eq!(float(&[1, 2, 3]).to_bits(), 0);
    }
}
