//! A picture as a JPEG of bounded size, for networks that would not take it as it is (`domain/picture`). Made of the stored bytes whenever it is asked
//! for and never kept: what was approved is what is stored, and the same bytes always give the same JPEG. Pictures of accounts are made the same way.

use image::codecs::jpeg::JpegEncoder;
use image::error::{LimitError, LimitErrorKind};
use image::imageops::{self, FilterType};
use image::{ImageEncoder, ImageError, ImageResult, RgbImage};

use super::shrunk::{Shrunk, decode, on_white, shrunk};
use crate::domain::picture::Making;

/// Hardly to be told from the original, and a tenth of eight megabytes at the most.
const QUALITY: u8 = 90;
/// What is tried in turn for a picture that has too many bytes; below the last of them people see squares.
const QUALITIES: [u8; 3] = [QUALITY, 80, 70];
/// And how often it is then made smaller by a quarter of its sides: after that a hundredth of its pixels is left.
const SHRINKS_MAX: usize = 8;

/// The side of an account's picture.
pub(super) const AVATAR_SIDE: u32 = 96;
/// What decoding one may take: nobody's is shown larger than some thousand pixels a side.
const AVATAR_ALLOC_BYTES_MAX: u64 = 64 << 20;

/// The picture as a JPEG: turned as it is meant, small enough, on white where it was transparent; of a moving one its first frame.
pub(super) fn render(bytes: &[u8], making: Making) -> ImageResult<Vec<u8>> {
    let Shrunk { picture, profile } = shrunk(bytes, (making.width, making.height))?;
    let fits = |jpeg: &[u8]| making.bytes_max.is_none_or(|max| jpeg.len() as u64 <= max);
    let mut picture = on_white(picture);
    for quality in QUALITIES {
        let jpeg = encode(&picture, profile.as_deref(), quality)?;
        if fits(&jpeg) {
            return Ok(jpeg);
        }
    }
    for _ in 0..SHRINKS_MAX {
        let less = |side: u32| (side / 4 * 3 + side % 4 * 3 / 4).max(1);
        picture = imageops::resize(&picture, less(picture.width()), less(picture.height()), FilterType::CatmullRom);
        let jpeg = encode(&picture, profile.as_deref(), QUALITIES[1])?;
        if fits(&jpeg) {
            return Ok(jpeg);
        }
    }
    Err(ImageError::Limits(LimitError::from_kind(LimitErrorKind::DimensionError)))
}

/// The picture as an account's: a small square JPEG of its middle, without anything that the file told beside it.
pub(super) fn render_avatar(bytes: &[u8]) -> ImageResult<Vec<u8>> {
    let Shrunk { picture, .. } = decode(bytes, AVATAR_ALLOC_BYTES_MAX)?;
    let picture = picture.resize_to_fill(AVATAR_SIDE, AVATAR_SIDE, FilterType::CatmullRom);
    encode(&on_white(picture), None, QUALITY)
}

fn encode(picture: &RgbImage, profile: Option<&[u8]>, quality: u8) -> ImageResult<Vec<u8>> {
    let mut jpeg = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, quality);
    if let Some(profile) = profile {
        // Where it cannot be written the colours are taken for sRGB, as they would be without.
        encoder.set_icc_profile(profile.to_vec()).ok();
    }
    encoder.encode_image(picture)?;
    Ok(jpeg)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use image::{ImageFormat, Rgba, RgbaImage};

    fn render(bytes: &[u8]) -> ImageResult<Vec<u8>> {
        super::render(bytes, Making { width: 1440, height: 2560, bytes_max: None })
    }

    fn png(picture: &RgbaImage) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    fn seen(jpeg: &[u8]) -> RgbImage {
        assert!(jpeg.starts_with(b"\xff\xd8\xff"));
        image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg).unwrap().into_rgb8()
    }

    #[test]
    fn what_is_transparent_becomes_white_and_the_same_bytes_give_the_same_picture() {
        let picture =
            RgbaImage::from_fn(64, 80, |x, _| if x < 32 { Rgba([200, 10, 10, 255]) } else { Rgba([0, 0, 0, 0]) });
        let bytes = png(&picture);
        let jpeg = render(&bytes).unwrap();
        let shown = seen(&jpeg);
        assert_eq!(shown.dimensions(), (64, 80));
        assert!(shown.get_pixel(60, 40).0.iter().all(|value| *value > 250), "{:?}", shown.get_pixel(60, 40));
        let [red, green, blue] = shown.get_pixel(4, 40).0;
        assert!(red > 190 && green < 25 && blue < 25, "{red} {green} {blue}");
        assert_eq!(jpeg, render(&bytes).unwrap());
    }

    #[test]
    fn large_ones_become_smaller_and_keep_their_shape() {
        let shown = |width, height| seen(&render(&png(&RgbaImage::new(width, height))).unwrap()).dimensions();
        assert_eq!(shown(1440, 1800), (1440, 1800));
        assert_eq!(shown(2880, 3600), (1440, 1800));
        assert_eq!(shown(100, 5120), (50, 2560));
    }

    /// Every point of another colour: nothing is harder to write in few bytes.
    fn noise(width: u32, height: u32) -> RgbaImage {
        let mut seed = 1_u32;
        RgbaImage::from_fn(width, height, |_, _| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [_, red, green, blue] = seed.to_le_bytes();
            Rgba([red, green, blue, 255])
        })
    }

    #[test]
    fn too_many_bytes_are_made_fewer_first_by_quality_then_by_size() {
        let bytes = png(&noise(300, 200));
        let of = |bytes_max| {
            let making = Making { width: 300, height: 200, bytes_max: Some(bytes_max) };
            super::render(&bytes, making)
        };
        let whole = render(&bytes).unwrap().len() as u64;
        assert_eq!(of(whole).unwrap().len() as u64, whole);
        let coarser = of(whole - 1).unwrap();
        assert!((coarser.len() as u64) < whole);
        assert_eq!(seen(&coarser).dimensions(), (300, 200), "all of it is there, only coarser");
        for max in [10_000, 2_500] {
            let smaller = of(max).unwrap();
            assert!(smaller.len() as u64 <= max, "{}", smaller.len());
            let (wide, high) = seen(&smaller).dimensions();
            assert!(wide < 300 && (wide * 2).abs_diff(high * 3) <= 4, "{wide}x{high}");
            assert_eq!(smaller, of(max).unwrap());
        }
        assert!(matches!(of(10), Err(ImageError::Limits(_))), "there is no picture in ten bytes");
    }

    #[test]
    fn webp_is_read_and_what_is_broken_is_refused() {
        let mut bytes = Cursor::new(Vec::new());
        RgbaImage::from_pixel(8, 8, Rgba([9, 200, 9, 255])).write_to(&mut bytes, ImageFormat::WebP).unwrap();
        assert_eq!(seen(&render(&bytes.into_inner()).unwrap()).dimensions(), (8, 8));
        let whole = png(&RgbaImage::new(8, 8));
        for broken in [&b""[..], b"\x89PNG\r\n\x1a\n", &whole[..whole.len() / 2], b"GIF89a", b"<svg/>"] {
            assert!(render(broken).is_err(), "{broken:?}");
        }
    }

    #[test]
    fn a_picture_that_says_it_is_huge_is_refused_before_room_is_made_for_it() {
        let mut bytes = render(&png(&RgbaImage::new(8, 8))).unwrap();
        let frame = bytes.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
        bytes[frame + 5..frame + 9].fill(0xff);
        assert!(matches!(render(&bytes), Err(image::ImageError::Limits(_))));
    }

    #[test]
    fn a_picture_of_an_account_is_a_small_square_and_no_bomb() {
        let picture = RgbaImage::from_fn(400, 200, |x, _| {
            if (100..300).contains(&x) { Rgba([10, 200, 10, 255]) } else { Rgba([200, 10, 10, 255]) }
        });
        let shown = seen(&render_avatar(&png(&picture)).unwrap());
        assert_eq!(shown.dimensions(), (96, 96));
        assert!(shown.pixels().all(|pixel| pixel.0[1] > 150), "its middle");
        assert_eq!(seen(&render_avatar(&png(&RgbaImage::new(3, 5))).unwrap()).dimensions(), (96, 96));
        // Few bytes that unfold to more than any face needs.
        let bomb = png(&RgbaImage::new(5_000, 5_000));
        assert!(bomb.len() < 1 << 20, "{}", bomb.len());
        assert!(render_avatar(&bomb).is_err());
        for broken in [&b""[..], b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", &png(&picture)[..60]] {
            assert!(render_avatar(broken).is_err(), "{broken:?}");
        }
    }

    #[test]
    fn a_picture_is_turned_as_its_mark_says() {
        // Two halves side by side, marked to be turned by a quarter: they lie above each other then.
        let halves =
            RgbImage::from_fn(32, 16, |x, _| if x < 16 { image::Rgb([255, 0, 0]) } else { image::Rgb([0, 0, 255]) });
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
        let exif = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        encoder.set_exif_metadata(exif.to_vec()).unwrap();
        encoder.encode_image(&halves).unwrap();
        let shown = seen(&render(&bytes).unwrap());
        assert_eq!(shown.dimensions(), (16, 32));
        assert!(shown.get_pixel(8, 4).0[0] > 200 && shown.get_pixel(8, 28).0[2] > 200);
    }
}
