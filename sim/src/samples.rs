//! Small files that are what they say, for whoever tests against the simulators: they read every file's bytes, so that a file of three
//! letters does not pass for a film.

/// A film to be made.
#[derive(Clone, Copy, Debug)]
pub struct Film {
    /// How long it plays.
    pub duration_ms: u32,
    /// Picture width.
    pub width: u16,
    /// Picture height.
    pub height: u16,
    /// Frames per second.
    pub fps: u32,
    /// The file is filled up to this size.
    pub bytes: usize,
    /// The index stands before the pictures, as the networks want it.
    pub is_index_first: bool,
}

impl Default for Film {
    fn default() -> Self {
        Self { duration_ms: 5_000, width: 1_080, height: 1_920, fps: 30, bytes: 100_000, is_index_first: true }
    }
}

/// A baseline JPEG's headers.
#[must_use]
pub fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xE0, 0, 16];
    bytes.extend(b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    bytes.extend([0xFF, 0xC0, 0, 11, 8]);
    bytes.extend(height.to_be_bytes());
    bytes.extend(width.to_be_bytes());
    bytes.extend([1, 1, 0x11, 0, 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0x3F, 0, 0, 0xFF, 0xD9]);
    bytes
}

/// The same, filled up to a size.
#[must_use]
pub fn jpeg_of(width: u16, height: u16, bytes: usize) -> Vec<u8> {
    let mut file = jpeg(width, height);
    file.resize(bytes.max(file.len()), 0);
    file
}

/// A PNG's header.
#[must_use]
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

/// A whole PNG that can be decoded: a field of one colour with a darker half below, another one for each name.
#[must_use]
pub fn portrait(name: &str) -> Vec<u8> {
    const SIDE: u32 = 128;
    let seed = crc(name.as_bytes()).to_be_bytes();
    let light = [seed[0] | 0x80, seed[1] | 0x80, seed[2] | 0x80];
    // One bit a pixel, each row after a byte that says it is not filtered.
    let row = |y: u32| [&[0][..], &[if y < SIDE / 2 { 0 } else { 0xFF }; SIDE as usize / 8]].concat();
    let rows: Vec<u8> = (0..SIDE).flat_map(row).collect();
    let length = u16::try_from(rows.len()).unwrap_or(u16::MAX);
    // Stored, not compressed.
    let mut stored = vec![0x78, 1, 1];
    stored.extend(length.to_le_bytes());
    stored.extend((!length).to_le_bytes());
    stored.extend(&rows);
    stored.extend(adler(&rows).to_be_bytes());
    let head = [&words(&[SIDE, SIDE])[..], &[1, 3, 0, 0, 0]].concat();
    let palette = [light, light.map(|value| value / 2)].concat();
    let pieces = [(b"IHDR", head), (b"PLTE", palette), (b"IDAT", stored), (b"IEND", Vec::new())];
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, contents) in pieces {
        let named = [&kind[..], &contents].concat();
        png.extend(words(&[u32::try_from(contents.len()).unwrap_or(u32::MAX)]));
        png.extend(&named);
        png.extend(words(&[crc(&named)]));
    }
    png
}

/// The check of a PNG's pieces.
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

/// The check of what is packed in them.
fn adler(bytes: &[u8]) -> u32 {
    let (low, high) = bytes.iter().fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    high << 16 | low
}

/// A GIF of so many frames of one pixel.
#[must_use]
pub fn gif(frames: usize) -> Vec<u8> {
    let mut bytes = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xFF\xFF\xFF".to_vec();
    for _ in 0..frames {
        bytes.extend(b"\x2C\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0");
    }
    bytes.push(0x3B);
    bytes
}

/// A PDF with so many pages and nothing on them.
#[must_use]
pub fn pdf(pages: usize) -> Vec<u8> {
    let mut text =
        "%PDF-1.4\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n2 0 obj << /Type /Pages >> endobj\n".to_owned();
    for page in 0..pages {
        text.push_str(&format!("{} 0 obj << /Type /Page /Parent 2 0 R >> endobj\n", page + 3));
    }
    text.push_str("%%EOF\n");
    text.into_bytes()
}

fn boxed(name: &[u8; 4], contents: &[u8]) -> Vec<u8> {
    let size = u32::try_from(contents.len() + 8).unwrap_or(u32::MAX);
    [&size.to_be_bytes()[..], name, contents].concat()
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// An MP4 whose index tells the truth and whose pictures are zeros.
#[must_use]
pub fn mp4(film: &Film) -> Vec<u8> {
    let frames = u32::try_from(u64::from(film.duration_ms) * u64::from(film.fps) / 1_000).unwrap_or(0);
    let size = [u32::from(film.width) << 16, u32::from(film.height) << 16];
    let head = boxed(b"mvhd", &words(&[0, 0, 0, 1_000, film.duration_ms]));
    let upright = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];
    let track_head = boxed(b"tkhd", &words(&[&[0; 10][..], &upright, &size].concat()));
    let media_head = boxed(b"mdhd", &words(&[0, 0, 0, 1_000, film.duration_ms, 0]));
    let handler = boxed(b"hdlr", &[&words(&[0, 0])[..], b"vide", &words(&[0, 0, 0])].concat());
    let codec = boxed(b"stsd", &[&words(&[0, 1, 16])[..], b"avc1", &words(&[0, 0])].concat());
    let times = boxed(b"stts", &words(&[0, 1, frames, film.duration_ms / frames.max(1)]));
    let table = boxed(b"stbl", &[codec, times].concat());
    let media = boxed(b"mdia", &[media_head, handler, boxed(b"minf", &table)].concat());
    let index = boxed(b"moov", &[head, boxed(b"trak", &[track_head, media].concat())].concat());
    let kind = boxed(b"ftyp", b"isom\0\0\x02\0isomavc1mp42");
    let room = film.bytes.saturating_sub(kind.len() + index.len() + 8);
    let pictures = boxed(b"mdat", &vec![0; room]);
    if film.is_index_first { [kind, index, pictures].concat() } else { [kind, pictures, index].concat() }
}
