//! What a network takes of pictures, as data, and what is made of a picture that it would not take as it is. The making itself is `media`'s.

use std::fmt;
use std::io;
use std::str::FromStr;

use async_trait::async_trait;
use bytes::Bytes;

use super::post::MediaFacts;
use super::shelf::MediaFile;

/// What everything is made that is made: every network takes it.
pub const MADE: &str = "image/jpeg";
/// What a JPEG can be made of. A moving picture stays what it is: made small it would stand still.
const MADE_OF: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];
/// The longest side that a JPEG can have.
const JPEG_SIDE_MAX: i64 = 65_535;

/// A network's limits for a kind of picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureLimits {
    /// Types that go out as they are.
    pub types: &'static [&'static str],
    /// Most bytes.
    pub bytes_max: Option<i64>,
    /// Most pixels in all.
    pub pixels_max: Option<i64>,
    /// Most pixels of the shorter and of the longer side.
    pub sides_max: Option<(i64, i64)>,
    /// Most width and height of what is made anew for another reason: what the network shows anyway.
    pub made_max: Option<(i64, i64)>,
}

/// What is no limit at all.
impl Default for PictureLimits {
    fn default() -> Self {
        Self { types: &[MADE], bytes_max: None, pixels_max: None, sides_max: None, made_max: None }
    }
}

/// A JPEG that is to be made of a stored picture. The same picture and the same making give the same bytes. Written `1080x1920-5000000.jpg`; 0 bytes
/// for any number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Making {
    /// Most pixels across.
    pub width: u32,
    /// Most pixels down.
    pub height: u32,
    /// Most bytes.
    pub bytes_max: Option<u64>,
}

/// Why a picture does not go out as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// Its type is none that the network takes.
    Type,
    /// It measures too much.
    Size,
    /// It has too many bytes.
    Bytes,
}

/// How a picture goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// As it is.
    AsIs,
    /// As a JPEG made of it.
    Made(Unfit, Making),
    /// Not at all: nothing can be made of it.
    Never(Unfit),
}

/// Makes pictures out of pictures.
#[async_trait]
pub trait Darkroom: Send + Sync {
    /// The JPEG of a picture: turned as it is meant, within the bounds, on white where it was transparent. `None` when it cannot be read as a picture.
    ///
    /// # Errors
    /// When the picture cannot be read from where it lies, or the work breaks down.
    async fn develop(&self, picture: &MediaFile, making: Making) -> io::Result<Option<Bytes>>;
}

impl PictureLimits {
    /// How a picture goes out. Sizes that are not known are taken for fine.
    #[must_use]
    pub fn fit(&self, facts: &MediaFacts) -> Fit {
        let Some(why) = self.unfit(facts) else { return Fit::AsIs };
        if !MADE_OF.contains(&facts.mime.as_str()) {
            return Fit::Never(why);
        }
        let (width, height) = self.made(facts.width.max(0), facts.height.max(0));
        let side = |side: i64| u32::try_from(side.clamp(1, JPEG_SIDE_MAX)).unwrap_or(1);
        let bytes_max = self.bytes_max.and_then(|bytes| u64::try_from(bytes).ok());
        Fit::Made(why, Making { width: side(width), height: side(height), bytes_max })
    }

    fn unfit(&self, facts: &MediaFacts) -> Option<Unfit> {
        let (width, height) = (facts.width, facts.height);
        let is_long = self.sides_max.is_some_and(|(short, long)| width.min(height) > short || width.max(height) > long);
        if !self.types.contains(&facts.mime.as_str()) {
            Some(Unfit::Type)
        } else if is_long || self.pixels_max.is_some_and(|max| width.saturating_mul(height) > max) {
            Some(Unfit::Size)
        } else if self.bytes_max.is_some_and(|max| facts.bytes > max) {
            Some(Unfit::Bytes)
        } else {
            None
        }
    }

    /// The largest size of this shape within every bound.
    fn made(&self, width: i64, height: i64) -> (i64, i64) {
        if width == 0 || height == 0 {
            let (short, long) = self.sides_max.unwrap_or((JPEG_SIDE_MAX, JPEG_SIDE_MAX));
            return self.made_max.unwrap_or((short, long));
        }
        let (mut wide, mut high) = (width, height);
        // The other side is rounded, not cut: a picture keeps its shape.
        let mut within = |max_wide: i64, max_high: i64| {
            if wide > max_wide {
                (wide, high) = (max_wide, scaled(height, max_wide, width));
            }
            if high > max_high {
                (wide, high) = (scaled(width, max_high, height), max_high);
            }
        };
        within(JPEG_SIDE_MAX, JPEG_SIDE_MAX);
        if let Some((max_wide, max_high)) = self.made_max {
            within(max_wide, max_high);
        }
        if let Some((short, long)) = self.sides_max {
            if width > height { within(long, short) } else { within(short, long) }
        }
        // A side is never nothing, however thin the shape.
        (wide, high) = (wide.max(1), high.max(1));
        if let Some(max) = self.pixels_max {
            // The root of max × width ÷ height is the widest; cut down, the other side is within it, too.
            let widest = (i128::from(max) * i128::from(width) / i128::from(height)).isqrt();
            let widest = i64::try_from(widest).unwrap_or(i64::MAX).max(1);
            if wide.saturating_mul(high) > max {
                let widest = widest.min(wide);
                (wide, high) = (widest, (max / widest).clamp(1, scaled(height, widest, width).max(1)));
            }
        }
        (wide, high)
    }
}

/// `side` × `to` ÷ `from`, rounded.
fn scaled(side: i64, to: i64, from: i64) -> i64 {
    let scaled = (i128::from(side) * i128::from(to) + i128::from(from) / 2) / i128::from(from.max(1));
    i64::try_from(scaled).unwrap_or(i64::MAX)
}

impl fmt::Display for Making {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { width, height, bytes_max } = self;
        write!(f, "{width}x{height}-{}.jpg", bytes_max.unwrap_or(0))
    }
}

/// What was read is no making.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no making")]
pub struct NoMaking;

impl FromStr for Making {
    type Err = NoMaking;

    fn from_str(text: &str) -> Result<Self, NoMaking> {
        let parts = text.strip_suffix(".jpg").and_then(|text| text.split_once('-'));
        let (sides, bytes) = parts.ok_or(NoMaking)?;
        let (width, height) = sides.split_once('x').ok_or(NoMaking)?;
        let side = |side: &str| side.parse().ok().filter(|side| (1..=JPEG_SIDE_MAX).contains(&i64::from(*side)));
        let bytes_max: u64 = bytes.parse().map_err(|_| NoMaking)?;
        let making = Self {
            width: side(width).ok_or(NoMaking)?,
            height: side(height).ok_or(NoMaking)?,
            bytes_max: Some(bytes_max).filter(|bytes| *bytes > 0),
        };
        // One way to write it, so that what is signed is what is meant.
        if making.to_string() == text { Ok(making) } else { Err(NoMaking) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::MediaId;
    use crate::domain::post::Inside;

    fn picture(mime: &str, (width, height): (i64, i64), bytes: i64) -> MediaFacts {
        MediaFacts {
            id: MediaId::generate(1, 1),
            mime: mime.into(),
            bytes,
            sha256: String::new(),
            width,
            height,
            duration_ms: 0,
            alt: None,
            inside: Inside::default(),
        }
    }

    const ALL: PictureLimits = PictureLimits {
        types: &["image/jpeg", "image/gif"],
        bytes_max: Some(1_000),
        pixels_max: None,
        sides_max: Some((1_080, 1_920)),
        made_max: None,
    };

    #[test]
    fn what_fits_goes_out_as_it_is_and_everything_else_as_what_fits() {
        let of = |mime, sides, bytes| ALL.fit(&picture(mime, sides, bytes));
        let made = |width, height| Making { width, height, bytes_max: Some(1_000) };
        assert_eq!(of("image/jpeg", (1_080, 1_920), 1_000), Fit::AsIs);
        assert_eq!(of("image/jpeg", (0, 0), 1_000), Fit::AsIs, "what is not known is the network's to tell");
        assert_eq!(of("image/png", (100, 50), 1), Fit::Made(Unfit::Type, made(100, 50)));
        assert_eq!(of("image/png", (0, 0), 1), Fit::Made(Unfit::Type, made(1_080, 1_920)));
        assert_eq!(of("image/jpeg", (1_081, 1_081), 1), Fit::Made(Unfit::Size, made(1_080, 1_080)));
        assert_eq!(of("image/jpeg", (4_000, 3_000), 1), Fit::Made(Unfit::Size, made(1_440, 1_080)));
        assert_eq!(of("image/jpeg", (100, 10_000), 1), Fit::Made(Unfit::Size, made(19, 1_920)));
        assert_eq!(of("image/jpeg", (100, 100), 1_001), Fit::Made(Unfit::Bytes, made(100, 100)));
        // Standing still it would be another picture.
        assert_eq!(of("image/gif", (100, 100), 1_001), Fit::Never(Unfit::Bytes));
        assert_eq!(of("image/gif", (9_999, 100), 1), Fit::Never(Unfit::Size));
        assert_eq!(of("application/pdf", (0, 0), 1), Fit::Never(Unfit::Type));
    }

    #[test]
    fn what_is_made_is_within_every_bound_whatever_the_shape() {
        let bounds = [
            PictureLimits { pixels_max: Some(36_152_319), ..PictureLimits::default() },
            PictureLimits { sides_max: Some((1_080, 1_920)), ..PictureLimits::default() },
            PictureLimits { made_max: Some((1_440, 2_560)), bytes_max: Some(1), ..PictureLimits::default() },
            PictureLimits { made_max: Some((1_440, 2_560)), pixels_max: Some(1_000), ..PictureLimits::default() },
        ];
        let shapes = [(8_000, 8_000), (99_999, 1_000), (1_000, 99_999), (1, 100_000_000), (6_013, 6_013), (3, 2)];
        for limits in bounds {
            for shape in shapes {
                let Fit::Made(_, making) = limits.fit(&picture("image/jpeg", shape, 2)) else { continue };
                let made = picture(MADE, (making.width.into(), making.height.into()), 1);
                assert_eq!(limits.fit(&made), Fit::AsIs, "{shape:?} {limits:?} {making}");
                let (wide, high) = (i64::from(making.width), i64::from(making.height));
                assert!(limits.made_max.is_none_or(|(max_wide, max_high)| wide <= max_wide && high <= max_high));
                assert!(wide <= shape.0 && high <= shape.1, "nothing is made larger: {making}");
            }
        }
        let square = PictureLimits { pixels_max: Some(36_152_319), ..PictureLimits::default() };
        let Fit::Made(_, making) = square.fit(&picture("image/jpeg", (8_000, 8_000), 1)) else { panic!("fits") };
        assert_eq!((making.width, making.height), (6_012, 6_012));
    }

    #[test]
    fn a_making_is_written_in_one_way() {
        for making in [
            Making { width: 1_080, height: 1_920, bytes_max: Some(5_000_000) },
            Making { width: 1, height: 65_535, bytes_max: None },
        ] {
            assert_eq!(making.to_string().parse(), Ok(making));
        }
        for wrong in
            ["", "jpeg", "1x1", "1x1-0", "0x1-0.jpg", "01x1-0.jpg", "1x1-00.jpg", "+1x1-0.jpg", "65536x1-0.jpg"]
        {
            assert_eq!(wrong.parse::<Making>(), Err(NoMaking), "{wrong}");
        }
    }
}
