//! What an assistant sees at all: areas of the tools, and whether anything but reading is there. The operator, the client and whoever starts it may
//! each narrow it; what a person consented to (`Scopes`) is looked at beside it. What is not allowed is not listed, and refused when called.

use std::fmt;

use super::oauth::{Scopes, needed};
use super::tool::{Effect, ToolSpec};

/// A part of what there is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// Whose accounts there are.
    Accounts,
    /// Drafts, and what became of them.
    Posts,
    /// Scheduling, publishing, withdrawing, pausing.
    Publishing,
    /// What went out.
    Reports,
    /// What was said with Socrazi itself.
    History,
}

impl Area {
    /// Every area.
    pub const ALL: [Self; 5] = [Self::Accounts, Self::Posts, Self::Publishing, Self::Reports, Self::History];

    /// As it is named in settings and headers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Posts => "posts",
            Self::Publishing => "publishing",
            Self::Reports => "reports",
            Self::History => "history",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Accounts => 1,
            Self::Posts => 2,
            Self::Publishing => 4,
            Self::Reports => 8,
            Self::History => 16,
        }
    }

    /// Where a tool belongs.
    #[must_use]
    pub fn of_tool(name: &str) -> Self {
        match name {
            "list_accounts" | "connect_account" | "disconnect_account" => Self::Accounts,
            "schedule_post" | "publish_post" | "withdraw_post" | "take_down_post" | "pause_publishing" => {
                Self::Publishing
            }
            "report_posts" | "report_traffic" | "report_search" | "report_videos" | "suggest_times" => Self::Reports,
            "list_conversations" | "forget_history" => Self::History,
            _ => Self::Posts,
        }
    }
}

/// The word among areas that leaves in only what reads.
const READ_ONLY: &str = "read-only";
/// The word among areas for a client that takes no pictures in answers.
const NO_IMAGES: &str = "no-images";

/// Which areas, and whether only what reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowed {
    areas: u8,
    reads_only: bool,
    has_no_images: bool,
}

impl Default for Allowed {
    fn default() -> Self {
        Self { areas: u8::MAX, reads_only: false, has_no_images: false }
    }
}

/// A word that names no area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownArea(pub String);

impl fmt::Display for UnknownArea {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Area::ALL.map(Area::word).join(", ");
        write!(out, "{} is no toolset; there are {known}, all, read-only and no-images", self.0)
    }
}

impl Allowed {
    /// Reads a list of areas; nothing and `all` mean every one.
    ///
    /// # Errors
    /// The first word that names none.
    pub fn read(areas: &str, reads_only: bool) -> Result<Self, UnknownArea> {
        let all: Vec<&str> = areas.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
        // One list is all that some clients can hand over.
        let reads_only = reads_only || all.contains(&READ_ONLY);
        let has_no_images = all.contains(&NO_IMAGES);
        let words: Vec<&str> = all.into_iter().filter(|word| ![READ_ONLY, NO_IMAGES].contains(word)).collect();
        if words.is_empty() || words.contains(&"all") {
            return Ok(Self { reads_only, has_no_images, ..Self::default() });
        }
        let find = |word: &str| {
            let unknown = || UnknownArea(word.chars().take(40).collect());
            Area::ALL.into_iter().find(|area| area.word() == word).ok_or_else(unknown)
        };
        let areas = words.into_iter().try_fold(0, |areas, word| find(word).map(|area| areas | area.bit()))?;
        Ok(Self { areas, reads_only, has_no_images })
    }

    /// These areas.
    #[must_use]
    pub fn of(areas: impl IntoIterator<Item = Area>, reads_only: bool) -> Self {
        let bits = areas.into_iter().fold(0, |bits, area| bits | area.bit());
        let all = Area::ALL.into_iter().fold(0, |bits, area| bits | area.bit());
        Self { areas: if bits == all { u8::MAX } else { bits }, reads_only, has_no_images: false }
    }

    /// As it stands in rows; nothing where nothing is narrowed.
    #[must_use]
    pub fn text(self) -> Option<String> {
        if self == Self::default() {
            return None;
        }
        let mut words: Vec<&str> = match self.is_every_area() {
            true => vec!["all"],
            false => Area::ALL.into_iter().filter(|area| self.has(*area)).map(Area::word).collect(),
        };
        if words.is_empty() {
            // No word that anybody knows: read again it is nothing at all, and never everything.
            words.push("none");
        }
        words.extend(self.reads_only.then_some(READ_ONLY));
        words.extend(self.has_no_images.then_some(NO_IMAGES));
        Some(words.join(","))
    }

    /// What [`Allowed::text`] wrote; a word of another version allows nothing.
    #[must_use]
    pub fn of_text(text: Option<&str>) -> Self {
        text.map_or(Self::default(), |text| Self::read(text, false).unwrap_or(Self::nothing()))
    }

    /// Whether no area is left out.
    #[must_use]
    pub fn is_every_area(self) -> bool {
        Area::ALL.into_iter().all(|area| self.has(area))
    }

    /// Whether everything that the other allows is allowed.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        Area::ALL.into_iter().all(|area| self.has(area) || !other.has(area)) && (self.writes() || !other.writes())
    }

    /// Nothing at all.
    #[must_use]
    pub const fn nothing() -> Self {
        Self { areas: 0, reads_only: true, has_no_images: true }
    }

    /// What both allow.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            areas: self.areas & other.areas,
            reads_only: self.reads_only || other.reads_only,
            has_no_images: self.has_no_images || other.has_no_images,
        }
    }

    /// Whether an area is there.
    #[must_use]
    pub const fn has(self, area: Area) -> bool {
        self.areas & area.bit() != 0
    }

    /// Whether anything may be written.
    #[must_use]
    pub const fn writes(self) -> bool {
        !self.reads_only
    }

    /// Whether answers may hold pictures; a link stands for them elsewhere.
    #[must_use]
    pub const fn has_images(self) -> bool {
        !self.has_no_images
    }

    /// Whether a tool is there.
    #[must_use]
    pub fn has_tool(self, spec: &ToolSpec) -> bool {
        self.has(Area::of_tool(spec.name)) && (!self.reads_only || spec.effect == Effect::Reads)
    }

    /// Whether a caller with these scopes is shown a tool.
    #[must_use]
    pub fn shows(self, spec: &ToolSpec, scopes: Scopes) -> bool {
        self.has_tool(spec) && scopes.holds(needed(spec))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_areas_narrows_and_a_word_that_nobody_knows_is_a_fault() {
        let operator = Allowed::read("posts, reports", false).unwrap_or_else(|_| Allowed::nothing());
        let client = Allowed::read("posts,history", true).unwrap_or_default();
        let both = operator.and(client);
        assert!(both.has(Area::Posts) && !both.has(Area::Reports) && !both.has(Area::History) && !both.writes());
        for all in ["", "all", " all , posts", ","] {
            assert_eq!(Allowed::read(all, false).map(|all| operator.and(all)), Ok(operator), "{all}");
        }
        let reading = Allowed::read("read-only", false).unwrap_or_default();
        assert!(!reading.writes() && Area::ALL.into_iter().all(|area| reading.has(area)));
        let without = Allowed::read("no-images", false).unwrap_or_default();
        assert!(!operator.and(without).has_images() && operator.has_images() && without.writes());
        for wrong in ["postz", "posts,,everything", "POSTS", "\u{0}"] {
            let said = Allowed::read(wrong, false).map_err(|unknown| unknown.to_string());
            assert!(said.is_err_and(|said| said.contains("publishing")), "{wrong}");
        }
        assert!(Area::ALL.into_iter().all(|area| !Allowed::nothing().has(area)));
    }

    #[test]
    fn what_a_row_says_is_what_was_meant_and_never_more() {
        for bits in 0..32_u8 {
            for reads_only in [false, true] {
                let areas: Vec<Area> = Area::ALL.into_iter().filter(|area| bits & area.bit() != 0).collect();
                let meant = Allowed::of(areas.clone(), reads_only);
                let read = Allowed::of_text(meant.text().as_deref());
                assert!(Area::ALL.into_iter().all(|area| read.has(area) == areas.contains(&area)), "{areas:?}");
                // Of nothing there is nothing to write either.
                assert_eq!(read.writes(), !reads_only && !areas.is_empty(), "{areas:?}");
                assert!(meant.covers(read) && Allowed::default().covers(read));
                assert_eq!(read.covers(Allowed::default()), meant == Allowed::default(), "{areas:?}");
            }
        }
        assert_eq!(Allowed::default().text(), None);
        assert_eq!(Allowed::of_text(Some("posts,drafts-of-a-later-version")), Allowed::nothing());
    }
}
