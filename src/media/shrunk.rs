//! A stored picture as points, turned as it is meant and made small enough: what is made of it is decided by `jpeg`, and by whoever draws a small one
//! into a larger picture.

use std::io::Cursor;

use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageReader, ImageResult, Limits, RgbImage};

/// What decoding may take: the largest picture that is taken in (`look`), four bytes a pixel, and some room.
const ALLOC_BYTES_MAX: u64 = 512 << 20;

/// A small picture: red, green, blue and 255 for each point, row by row.
#[derive(Clone, PartialEq, Eq)]
pub struct Thumb {
    /// Points in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// The points.
    pub rgba: Vec<u8>,
}

/// A picture and what its colours mean, where that is known of red, green and blue.
pub(super) struct Shrunk {
    pub(super) picture: DynamicImage,
    pub(super) profile: Option<Vec<u8>>,
}

/// The picture, no larger than these sides; of a moving one its first frame.
pub(super) fn shrunk(bytes: &[u8], (wide, high): (u32, u32)) -> ImageResult<Shrunk> {
    let Shrunk { mut picture, profile } = decode(bytes, ALLOC_BYTES_MAX)?;
    if picture.width() > wide || picture.height() > high {
        picture = picture.resize(wide, high, FilterType::CatmullRom);
    }
    Ok(Shrunk { picture, profile })
}

/// The picture turned as it is meant, and what its colours mean where it says so; decoding takes no more than so many bytes.
pub(super) fn decode(bytes: &[u8], alloc_bytes_max: u64) -> ImageResult<Shrunk> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(alloc_bytes_max);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder()?;
    // Decoders do not count the picture itself; only `ImageReader::decode` does.
    limits.reserve(decoder.total_bytes())?;
    let orientation = decoder.orientation()?;
    // A profile of grey or CMYK values says nothing of the colours that are written here.
    let profile = decoder.icc_profile()?.filter(|profile| profile.get(16..20) == Some(b"RGB "));
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    Ok(Shrunk { picture, profile })
}

/// The same on white where it was transparent.
pub(super) fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    let mut flat = RgbImage::new(picture.width(), picture.height());
    for (to, from) in flat.pixels_mut().zip(picture.pixels()) {
        let [red, green, blue, alpha] = from.0.map(u16::from);
        let over = |value: u16| u8::try_from((value * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX);
        to.0 = [over(red), over(green), over(blue)];
    }
    flat
}

/// The picture no larger than a square of this side.
pub(super) fn thumb(bytes: &[u8], side: u32) -> ImageResult<Thumb> {
    let flat = on_white(shrunk(bytes, (side, side))?.picture);
    let (width, height) = flat.dimensions();
    let rgba = flat.pixels().flat_map(|point| [point.0[0], point.0[1], point.0[2], u8::MAX]).collect();
    Ok(Thumb { width, height, rgba })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageFormat, Rgba, RgbaImage};

    #[test]
    fn a_small_picture_keeps_its_shape_and_hides_nothing_behind_it() {
        let picture = RgbaImage::from_fn(400, 200, |x, _| Rgba([200, 10, 10, if x < 200 { 255 } else { 0 }]));
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
        let bytes = bytes.into_inner();
        let small = thumb(&bytes, 100).unwrap();
        assert_eq!((small.width, small.height, small.rgba.len()), (100, 50, 100 * 50 * 4));
        assert!(small.rgba.chunks(4).all(|point| point[3] == 255));
        let at = |x: usize| &small.rgba[(25 * 100 + x) * 4..][..3];
        assert!(at(10)[0] > 190 && at(10)[1] < 25, "{:?}", at(10));
        assert!(at(90).iter().all(|value| *value > 250), "{:?}", at(90));
        assert!(thumb(&bytes[..bytes.len() / 2], 100).is_err());
        // A small one is not made larger.
        assert_eq!(thumb(&bytes, 5_000).unwrap().width, 400);
    }

    #[test]
    fn of_a_moving_picture_the_first_is_seen() {
        let frame = |red| image::Frame::new(RgbaImage::from_pixel(60, 40, Rgba([red, 0, 0, 255])));
        let mut bytes = Vec::new();
        let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
        encoder.encode_frames([frame(250), frame(0)]).unwrap();
        drop(encoder);
        let small = thumb(&bytes, 30).unwrap();
        assert_eq!((small.width, small.height), (30, 20));
        assert!(small.rgba.chunks(4).all(|point| point[0] > 200), "{:?}", &small.rgba[..4]);
    }
}
