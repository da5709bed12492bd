//! The addresses of what can be read: each in one form only, so that whoever waits for one is told of exactly that one. What lies behind them is read
//! in `resources.rs`.

use std::fmt;

use crate::domain::allowed::Area;
use crate::domain::days::Week;
use crate::domain::ids::PostId;
use crate::domain::oauth::{Scope, Scopes};

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
    /// Figures of Google of so many days.
    Figures(Figures, u8),
}

/// Which of Google's figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Figures {
    /// Analytics.
    Traffic,
    /// Search Console.
    Search,
    /// YouTube.
    Videos,
}

impl Figures {
    /// Every kind.
    pub(super) const ALL: [Self; 3] = [Self::Traffic, Self::Search, Self::Videos];

    /// As it stands in addresses.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Traffic => "traffic",
            Self::Search => "search",
            Self::Videos => "videos",
        }
    }

    /// The tool that answers it.
    pub(super) const fn tool(self) -> &'static str {
        match self {
            Self::Traffic => "report_traffic",
            Self::Search => "report_search",
            Self::Videos => "report_videos",
        }
    }
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
/// That of Google's figures.
pub(super) const FIGURES_TEMPLATE: &str = "socrazi://reports/{report}/{days}";

fn read_days(text: &str) -> Option<u8> {
    text.parse().ok().filter(|days| REPORT_DAYS.contains(days))
}

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
            ("reports", Some(which)) => match which.split_once('/') {
                Some((report, days)) => {
                    let report = Figures::ALL.into_iter().find(|known| known.word() == report)?;
                    Self::Figures(report, read_days(days)?)
                }
                None => Self::Report(read_days(which)?),
            },
            (_, _) => return None,
        };
        (thing.to_string() == uri).then_some(thing)
    }

    /// Where it belongs.
    pub(super) const fn area(&self) -> Area {
        match self {
            Self::Accounts => Area::Accounts,
            Self::Voice | Self::Week(_) | Self::Post(_) | Self::Picture(_) => Area::Posts,
            Self::Report(_) | Self::Figures(..) => Area::Reports,
        }
    }

    /// What reading it needs.
    pub(super) const fn scopes(&self) -> Scopes {
        match self {
            Self::Figures(..) => Scopes::NONE.with(Scope::PostsRead).with(Scope::GoogleRead),
            Self::Accounts | Self::Voice | Self::Week(_) | Self::Post(_) | Self::Picture(_) | Self::Report(_) => {
                Scopes::NONE.with(Scope::PostsRead)
            }
        }
    }

    /// Whether somebody may wait for it to change. Google's figures change by themselves, and each look costs of what Google lets us ask.
    pub(super) const fn may_be_awaited(&self) -> bool {
        !matches!(self, Self::Figures(..))
    }

    /// What it is.
    pub(super) const fn mime_type(&self) -> &'static str {
        match self {
            Self::Voice => "text/markdown",
            Self::Picture(_) => "image/png",
            Self::Accounts | Self::Week(_) | Self::Post(_) | Self::Report(_) | Self::Figures(..) => "application/json",
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
            Self::Figures(report, days) => write!(out, "socrazi://reports/{}/{days}", report.word()),
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
            "socrazi://reports/traffic/7",
            "socrazi://reports/videos/28",
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
            "socrazi://reports/traffic",
            "socrazi://reports/traffic/",
            "socrazi://reports/traffic/8",
            "socrazi://reports/Traffic/7",
            "socrazi://reports/posts/7",
            "socrazi://reports/traffic/7/7",
            "file:///etc/passwd",
            "https://accounts",
        ] {
            assert_eq!(Thing::read(bad), None, "{bad}");
        }
    }
}
