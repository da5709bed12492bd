//! A picture as a JPEG, for networks that take nothing else (platforms/instagram.md §4). Made of the stored bytes whenever it is asked for and
//! never kept: what was approved is what is stored, and the same bytes always give the same JPEG. Pictures of accounts are made the same way.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageEncoder, ImageReader, ImageResult, Limits, RgbImage};

/// Larger ones are made smaller: Instagram shows no more than this width, and a story's shape is 9:16.
const SIDES_MAX: (u32, u32) = (1440, 2560);
/// Hardly to be told from the original, and a tenth of eight megabytes at the most.
const QUALITY: u8 = 90;
/// What decoding may take: the largest picture that is taken in (`look`), four bytes a pixel, and some room.
const ALLOC_BYTES_MAX: u64 = 512 << 20;

/// The side of an account's picture.
const AVATAR_SIDE: u32 = 96;
/// What decoding one may take: nobody's is shown larger than some thousand pixels a side.
const AVATAR_ALLOC_BYTES_MAX: u64 = 64 << 20;

/// The picture as a JPEG: turned as it is meant, small enough, on white where it was transparent; of a moving one its first frame.
pub(super) fn render(bytes: &[u8]) -> ImageResult<Vec<u8>> {
    let (mut picture, profile) = decode(bytes, ALLOC_BYTES_MAX)?;
    let (wide, high) = SIDES_MAX;
    if picture.width() > wide || picture.height() > high {
        picture = picture.resize(wide, high, FilterType::CatmullRom);
    }
    encode(picture, profile)
}

/// The picture as an account's: a small square JPEG of its middle, without anything that the file told beside it.
pub(super) fn render_avatar(bytes: &[u8]) -> ImageResult<Vec<u8>> {
    let (picture, _) = decode(bytes, AVATAR_ALLOC_BYTES_MAX)?;
    encode(picture.resize_to_fill(AVATAR_SIDE, AVATAR_SIDE, FilterType::CatmullRom), None)
}

/// The picture turned as it is meant, and what its colours mean where it says so.
fn decode(bytes: &[u8], alloc_bytes_max: u64) -> ImageResult<(DynamicImage, Option<Vec<u8>>)> {
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
    Ok((picture, profile))
}

fn encode(picture: DynamicImage, profile: Option<Vec<u8>>) -> ImageResult<Vec<u8>> {
    let picture = on_white(picture);
    let mut jpeg = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, QUALITY);
    if let Some(profile) = profile {
        // Where it cannot be written the colours are taken for sRGB, as they would be without.
        encoder.set_icc_profile(profile).ok();
    }
    encoder.encode_image(&picture)?;
    Ok(jpeg)
}

fn on_white(picture: DynamicImage) -> RgbImage {
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

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageFormat, Rgba, RgbaImage};

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
