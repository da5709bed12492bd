//! What the bytes of a medium tell beside its type and its size. Read where it is simple to read; what is not known no rule is held against.

use serde::{Deserialize, Serialize};

/// What is inside a file, as far as it could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Inside {
    /// Pictures of an animation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frames: Option<i64>,
    /// Pages of a document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages: Option<i64>,
    /// How the pictures of a video are written, in one of [`Inside::H264`] and its like, or in the file's own word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video: Option<String>,
    /// Pictures of a video a second, in hundredths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub centi_fps: Option<i64>,
    /// Whether a video's index stands before its pictures, so that it can be shown while it arrives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index_first: Option<bool>,
}

/// Phones that film 60 pictures a second film 60.02 of them; networks round.
const SLACK_CENTI: i64 = 50;

impl Inside {
    /// ITU-T H.264 (AVC).
    pub const H264: &'static str = "H.264";
    /// ITU-T H.265 (HEVC).
    pub const H265: &'static str = "H.265";
    /// VP8.
    pub const VP8: &'static str = "VP8";
    /// VP9.
    pub const VP9: &'static str = "VP9";
    /// AV1.
    pub const AV1: &'static str = "AV1";

    /// How the pictures are written, if that is known and none of these.
    #[must_use]
    pub fn other_video(&self, taken: &[&str]) -> Option<&str> {
        self.video.as_deref().filter(|video| !taken.contains(video))
    }

    /// Pictures a second with two decimals at the most, if that is known and not from `least` to `most`, give or take a half.
    #[must_use]
    pub fn other_fps(&self, least: i64, most: i64) -> Option<String> {
        let fits = least * 100 - SLACK_CENTI..=most * 100 + SLACK_CENTI;
        let centi = self.centi_fps.filter(|centi| !fits.contains(centi))?;
        let (whole, part) = (centi / 100, centi % 100);
        Some(match part {
            0 => whole.to_string(),
            part if part % 10 == 0 => format!("{whole}.{}", part / 10),
            part => format!("{whole}.{part:02}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_is_held_against_a_rule() {
        let nothing = Inside::default();
        assert_eq!((nothing.other_video(&[Inside::H264]), nothing.other_fps(23, 60)), (None, None));
        let film = Inside { video: Some("ap4h".into()), centi_fps: Some(11_988), ..Inside::default() };
        assert_eq!(film.other_video(&[Inside::H264]), Some("ap4h"));
        assert_eq!(film.other_video(&["ap4h"]), None);
        assert_eq!(film.other_fps(0, 60).as_deref(), Some("119.88"));
        for (centi, shown) in
            [(1_500, Some("15")), (2_249, Some("22.49")), (2_250, None), (6_050, None), (6_060, Some("60.6"))]
        {
            let film = Inside { centi_fps: Some(centi), ..Inside::default() };
            assert_eq!(film.other_fps(23, 60).as_deref(), shown);
        }
    }

    #[test]
    fn it_is_written_as_what_is_known_and_read_as_it_was_written() {
        let film = Inside { video: Some(Inside::H264.into()), index_first: Some(false), ..Inside::default() };
        let text = serde_json::to_string(&film).unwrap();
        assert_eq!(text, r#"{"video":"H.264","index_first":false}"#);
        assert_eq!(serde_json::from_str::<Inside>(&text).unwrap(), film);
        assert_eq!(serde_json::from_str::<Inside>("{}").unwrap(), Inside::default());
    }
}
