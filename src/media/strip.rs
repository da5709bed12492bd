//! Takes out of a picture what it tells beside itself: place, time, device, owner, editing history (RELIABILITY §3). The pixels are not
//! touched. What a picture needs to look right stays: colour profile, transparency, orientation.

use bytes::Bytes;
use img_parts::ImageEXIF;
use img_parts::jpeg::{Jpeg, JpegSegment, markers};
use img_parts::png::Png;
use img_parts::webp::WebP;

use super::look::broken;
use crate::domain::refusal::Sentence;

/// PNG chunks that change how a picture looks (PNG, third edition, §11); everything else is words about it.
const PNG_KEPT: [&[u8; 4]; 19] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"mDCV",
    b"cLLI", b"bKGD", b"pHYs", b"sPLT", b"acTL", b"fcTL", b"fdAT",
];
/// WebP chunks that change how a picture looks (WebP container specification).
const WEBP_KEPT: [&[u8; 4]; 7] = [b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];
/// Bits of the VP8X chunk that announce EXIF and XMP.
const WEBP_METADATA_BITS: u8 = 0b0000_1100;

/// The picture without what it tells.
pub(super) fn picture(mime: &str, bytes: Vec<u8>) -> Result<Vec<u8>, Sentence> {
    match mime {
        "image/jpeg" => jpeg(bytes),
        "image/png" => {
            let mut png = Png::from_bytes(bytes.into()).map_err(|_| broken())?;
            png.chunks_mut().retain(|chunk| PNG_KEPT.contains(&&chunk.kind()));
            Ok(png.encoder().bytes().to_vec())
        }
        "image/webp" => webp(bytes),
        // GIF has no place for a location that cameras or phones write.
        _ => Ok(bytes),
    }
}

fn jpeg(bytes: Vec<u8>) -> Result<Vec<u8>, Sentence> {
    let mut jpeg = Jpeg::from_bytes(bytes.into()).map_err(|_| broken())?;
    let turned = jpeg.exif().as_deref().and_then(orientation);
    jpeg.segments_mut().retain(|segment| match segment.marker() {
        markers::APP2 => segment.contents().starts_with(b"ICC_PROFILE\0"),
        // JFIF and Adobe say how colours are stored.
        markers::APP0 | markers::APP14 => true,
        markers::COM => false,
        marker => !(markers::APP1..=markers::APP15).contains(&marker),
    });
    if let Some(turned) = turned {
        let segment = JpegSegment::new_with_contents(markers::APP1, exif_of(turned));
        jpeg.segments_mut().insert(0, segment);
    }
    let mut bytes = jpeg.encoder().bytes().to_vec();
    // Phones append whole videos after the picture, with their own metadata.
    if let Some(end) = end_of_image(&bytes) {
        bytes.truncate(end);
    }
    Ok(bytes)
}

/// One past the end-of-image marker of the scans. Inside entropy-coded data 0xff is followed by 0 or a restart marker, so the first
/// 0xff 0xd9 after a start of scan ends the picture; segments between scans carry a length and are stepped over.
fn end_of_image(bytes: &[u8]) -> Option<usize> {
    let mut at = 2;
    loop {
        let marker = *bytes.get(at + 1)?;
        match (*bytes.get(at)?, marker) {
            (0xff, 0xd9) => return Some(at + 2),
            (0xff, 0xda) => {
                at += 2 + usize::from(u16::from_be_bytes([*bytes.get(at + 2)?, *bytes.get(at + 3)?]));
                while !matches!((*bytes.get(at)?, *bytes.get(at + 1)?), (0xff, marker) if !matches!(marker, 0 | 0xff | 0xd0..=0xd7))
                {
                    at += 1;
                }
            }
            (0xff, 0xff) => at += 1,
            (0xff, _) => at += 2 + usize::from(u16::from_be_bytes([*bytes.get(at + 2)?, *bytes.get(at + 3)?])),
            _ => return None,
        }
    }
}

/// Whether a picture is stored on its side (orientations 5 to 8): as it is shown, its width is its height.
pub(super) fn is_on_its_side(bytes: &[u8]) -> bool {
    let jpeg = Jpeg::from_bytes(Bytes::copy_from_slice(bytes)).ok();
    jpeg.and_then(|jpeg| jpeg.exif()).as_deref().and_then(orientation).is_some_and(|turned| turned >= 5)
}

/// The EXIF tag 0x0112 of the first directory (CIPA DC-008 §4.6.4); `None` when upright or unreadable.
fn orientation(tiff: &[u8]) -> Option<u8> {
    let is_little = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let u16_at = |at: usize| {
        let two: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if is_little { u16::from_le_bytes(two) } else { u16::from_be_bytes(two) })
    };
    let u32_at = |at: usize| {
        let four: [u8; 4] = tiff.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if is_little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) })
    };
    let first = usize::try_from(u32_at(4)?).ok()?;
    let entries = usize::from(u16_at(first)?);
    let entry = (0..entries).map(|no| first + 2 + no * 12).find(|at| u16_at(*at) == Some(0x0112))?;
    let turned = u8::try_from(u16_at(entry + 8)?).ok()?;
    (2..=8).contains(&turned).then_some(turned)
}

/// EXIF that says nothing but the orientation.
fn exif_of(turned: u8) -> Bytes {
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01".to_vec();
    exif.extend_from_slice(&[0, turned, 0, 0, 0, 0, 0, 0]);
    exif.into()
}

fn webp(bytes: Vec<u8>) -> Result<Vec<u8>, Sentence> {
    let mut webp = WebP::from_bytes(bytes.into()).map_err(|_| broken())?;
    webp.chunks_mut().retain(|chunk| WEBP_KEPT.contains(&&chunk.id()));
    let mut bytes = webp.encoder().bytes().to_vec();
    // The extended header, when there is one, is the first chunk: its flags lie at a fixed place.
    if bytes.get(12..16) == Some(b"VP8X")
        && let Some(flags) = bytes.get_mut(20)
    {
        *flags &= !WEBP_METADATA_BITS;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(marker: u8, contents: &[u8]) -> Vec<u8> {
        let length = u16::try_from(contents.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker][..], &length, contents].concat()
    }

    /// A JPEG as a phone makes it: turned, geotagged, with comments, two scans and a video behind it.
    fn phone_jpeg() -> Vec<u8> {
        let tiff = [
            &b"II*\0\x08\0\0\0\x02\0"[..],
            b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0",
            b"\x25\x88\x04\0\x01\0\0\0\x26\0\0\0",
            b"\0\0\0\0GPS 35.6586 139.7454",
        ];
        let exif = [&b"Exif\0\0"[..], &tiff.concat()].concat();
        [
            vec![0xff, 0xd8],
            segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
            segment(0xe1, &exif),
            segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0 secret place"),
            segment(0xe2, b"ICC_PROFILE\0\x01\x01colours"),
            segment(0xe2, b"MPF\0second picture"),
            segment(0xed, b"Photoshop 3.0\0 secret owner"),
            segment(0xfe, b"secret comment"),
            segment(0xc0, b"\x08\0\x01\0\x01\x01\x01\x11\0"),
            segment(0xda, b"\x01\x01\0\0\x3f\0"),
            vec![1, 2, 0xff, 0, 3, 0xff, 0xd0, 4],
            segment(0xc4, b"\0tables"),
            segment(0xda, b"\x01\x01\0\0\x3f\0"),
            vec![5, 6, 0xff, 0xd9],
            b"....ftypmp42 secret video".to_vec(),
        ]
        .concat()
    }

    fn holds(bytes: &[u8], text: &[u8]) -> bool {
        bytes.windows(text.len()).any(|window| window == text)
    }

    #[test]
    fn a_jpeg_keeps_pixels_colours_and_orientation_and_nothing_else() {
        let done = picture("image/jpeg", phone_jpeg()).unwrap();
        for gone in [&b"GPS"[..], b"secret", b"MPF", b"Photoshop"] {
            assert!(!holds(&done, gone), "{}", String::from_utf8_lossy(gone));
        }
        assert!(holds(&done, b"ICC_PROFILE") && holds(&done, b"JFIF") && holds(&done, b"tables"));
        assert!(done.ends_with(&[5, 6, 0xff, 0xd9]), "both scans whole, the video gone");
        let again = Jpeg::from_bytes(done.clone().into()).unwrap();
        assert_eq!(again.exif().as_deref().and_then(orientation), Some(6));
        assert_eq!(picture("image/jpeg", done.clone()).unwrap(), done, "twice is once");
    }

    #[test]
    fn a_png_keeps_what_it_looks_like() {
        let chunk = |kind: &[u8; 4], contents: &'static [u8]| {
            img_parts::png::PngChunk::new(*kind, Bytes::from_static(contents)).encoder().bytes()
        };
        let all = [
            Bytes::from_static(b"\x89PNG\r\n\x1a\n"),
            chunk(b"IHDR", b"\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0"),
            chunk(b"eXIf", b"secret"),
            chunk(b"tEXt", b"Author\0secret"),
            chunk(b"iTXt", b"XML:com.adobe.xmp\0secret"),
            chunk(b"tIME", b"secret!"),
            chunk(b"gAMA", b"\0\0\xb1\x8f"),
            chunk(b"IDAT", b"pixels"),
            chunk(b"IEND", b""),
            Bytes::from_static(b"secret behind the end"),
        ];
        let done = picture("image/png", all.concat()).unwrap();
        assert!(!holds(&done, b"secret"));
        assert!(holds(&done, b"pixels") && holds(&done, b"gAMA") && holds(&done, b"IEND"));
    }

    #[test]
    fn a_webp_loses_its_chunks_and_their_bits() {
        let chunk = |id: &[u8; 4], contents: &[u8]| {
            let length = u32::try_from(contents.len()).unwrap().to_le_bytes();
            [&id[..], &length, contents].concat()
        };
        let vp8x = chunk(b"VP8X", &[0b0010_1100, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let inside = [
            b"WEBP".to_vec(),
            vp8x,
            chunk(b"ICCP", b"colour"),
            chunk(b"VP8L", b"\x2f\0\0\0\0\0"),
            chunk(b"EXIF", b"secret"),
            chunk(b"XMP ", b"secret"),
        ]
        .concat();
        let done = picture("image/webp", chunk(b"RIFF", &inside)).unwrap();
        assert!(!holds(&done, b"secret") && holds(&done, b"colour") && holds(&done, b"VP8L"));
        assert_eq!(done[20], 0b0010_0000);
    }

    #[test]
    fn broken_pictures_are_refused_not_kept() {
        for (mime, bytes) in [
            ("image/jpeg", &b"\xff\xd8\xff\xe1\xff"[..]),
            ("image/png", b"\x89PNG\r\n\x1a\n\0\0"),
            ("image/webp", b"RIFF"),
        ] {
            assert_eq!(picture(mime, bytes.to_vec()).unwrap_err().key, "media-broken", "{mime}");
        }
    }
}
