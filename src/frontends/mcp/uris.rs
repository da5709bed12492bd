//! The addresses of what can be read: each in one form only, so that whoever waits for one is told of exactly that one. What lies behind them is read
//! in `resources.rs`.

use std::fmt;

use crate::domain::allowed::Area;
use crate::domain::days::Week;
use crate::domain::ids::PostId;

/// Something that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Thing {
    /// The connected accounts, and what each network allows.
    Accounts,
    /// How the person's posts sound.
    Voice,
    /// One week of the calendar.
    Week(Week),
    /// One post.
    Post(PostId),
    /// The same as its accounts would show it, drawn.
    Picture(PostId),
    /// What went out in so many days.
    Report(u8),
}

/// The spans that a report can be had for.
pub(super) const REPORT_DAYS: [u8; 2] = [7, 28];
/// The address of a post, as RFC 6570 writes it.
pub(super) const POST_TEMPLATE: &str = "socrazi://posts/{id}";
/// That of its pictures.
pub(super) const PICTURE_TEMPLATE: &str = "socrazi://posts/{id}/picture";
/// That of a week.
pub(super) const WEEK_TEMPLATE: &str = "socrazi://calendar/{week}";
/// That of a report.
pub(super) const REPORT_TEMPLATE: &str = "socrazi://reports/{days}";

impl Thing {
    /// Reads an address.
    pub(super) fn read(uri: &str) -> Option<Self> {
        let (kind, which) = match uri.strip_prefix("socrazi://")?.split_once('/') {
            Some((kind, which)) => (kind, Some(which)),
            None => (uri.strip_prefix("socrazi://")?, None),
        };
        let thing = match (kind, which) {
            ("accounts", None) => Self::Accounts,
            ("voice", None) => Self::Voice,
            ("calendar", Some(week)) => Self::Week(week.parse().ok()?),
            ("posts", Some(id)) => match id.strip_suffix("/picture") {
                Some(id) => Self::Picture(id.parse().ok()?),
                None => Self::Post(id.parse().ok()?),
            },
            ("reports", Some(days)) => Self::Report(days.parse().ok().filter(|days| REPORT_DAYS.contains(days))?),
            (_, _) => return None,
        };
        (thing.to_string() == uri).then_some(thing)
    }

    /// Where it belongs.
    pub(super) const fn area(&self) -> Area {
        match self {
            Self::Accounts => Area::Accounts,
            Self::Voice | Self::Week(_) | Self::Post(_) | Self::Picture(_) => Area::Posts,
            Self::Report(_) => Area::Reports,
        }
    }

    /// What it is.
    pub(super) const fn mime_type(&self) -> &'static str {
        match self {
            Self::Voice => "text/markdown",
            Self::Picture(_) => "image/png",
            Self::Accounts | Self::Week(_) | Self::Post(_) | Self::Report(_) => "application/json",
        }
    }
}

impl fmt::Display for Thing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accounts => out.write_str("socrazi://accounts"),
            Self::Voice => out.write_str("socrazi://voice"),
            Self::Week(week) => write!(out, "socrazi://calendar/{week}"),
            Self::Post(id) => write!(out, "socrazi://posts/{}", id.as_str()),
            Self::Picture(id) => write!(out, "socrazi://posts/{}/picture", id.as_str()),
            Self::Report(days) => write!(out, "socrazi://reports/{days}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_form() {
        let post = "socrazi://posts/post_01ARZ3NDEKTSV4RRFFQ69G5FAV";
        let picture = "socrazi://posts/post_01ARZ3NDEKTSV4RRFFQ69G5FAV/picture";
        for good in [
            "socrazi://accounts",
            "socrazi://voice",
            "socrazi://calendar/2026-W48",
            post,
            picture,
            "socrazi://reports/28",
        ] {
            assert_eq!(Thing::read(good).map(|thing| thing.to_string()).as_deref(), Some(good));
        }
        for bad in [
            "",
            "socrazi://",
            "socrazi://accounts/",
            "SOCRAZI://accounts",
            "socrazi:///accounts",
            "socrazi://posts",
            "socrazi://posts/",
            "socrazi://posts/post_01arz3ndektsv4rrffq69g5fav",
            "socrazi://posts/acct_01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "socrazi://posts/post_01ARZ3NDEKTSV4RRFFQ69G5FAV/..",
            "socrazi://posts/post_01ARZ3NDEKTSV4RRFFQ69G5FAV%00",
            "socrazi://posts/post_01ARZ3NDEKTSV4RRFFQ69G5FAV/picture/",
            "socrazi://posts/picture",
            "socrazi://calendar/2026-W99",
            "socrazi://calendar/2026-W48?x",
            "socrazi://reports/007",
            "socrazi://reports/8",
            "file:///etc/passwd",
            "https://accounts",
        ] {
            assert_eq!(Thing::read(bad), None, "{bad}");
        }
    }
}
