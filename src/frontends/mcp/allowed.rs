//! What a caller sees at all: areas that the operator leaves in, areas that the client asked for, and whether anything but reading is there. What a
//! person consented to (`Scopes`) is looked at beside it. What is not allowed is not listed, and refused when it is called.

use std::fmt;

use http::HeaderMap;

use crate::domain::oauth::{Scopes, needed};
use crate::domain::tool::{Effect, ToolSpec};

/// Only these areas, separated by commas.
pub(super) const AREAS_HEADER: &str = "x-mcp-toolsets";
/// Only what reads, when it says `true`.
pub(super) const READ_ONLY_HEADER: &str = "x-mcp-readonly";

/// A part of what there is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Area {
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
    pub(super) const ALL: [Self; 5] = [Self::Accounts, Self::Posts, Self::Publishing, Self::Reports, Self::History];

    /// As it is named in settings and headers.
    pub(super) const fn word(self) -> &'static str {
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
    pub(super) fn of_tool(name: &str) -> Self {
        match name {
            "list_accounts" | "connect_account" | "disconnect_account" => Self::Accounts,
            "schedule_post" | "publish_post" | "withdraw_post" | "take_down_post" | "pause_publishing" => {
                Self::Publishing
            }
            "report_posts" => Self::Reports,
            "list_conversations" | "forget_history" => Self::History,
            _ => Self::Posts,
        }
    }
}

/// Which areas, and whether only what reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allowed {
    areas: u8,
    reads_only: bool,
}

impl Default for Allowed {
    fn default() -> Self {
        Self { areas: u8::MAX, reads_only: false }
    }
}

/// A word that names no area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UnknownArea(pub(super) String);

impl fmt::Display for UnknownArea {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Area::ALL.map(Area::word).join(", ");
        write!(out, "{} is no toolset; there are {known}, and all", self.0)
    }
}

impl Allowed {
    /// Reads a list of areas; nothing and `all` mean every one.
    pub(super) fn read(areas: &str, reads_only: bool) -> Result<Self, UnknownArea> {
        let words: Vec<&str> = areas.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
        if words.is_empty() || words.contains(&"all") {
            return Ok(Self { reads_only, ..Self::default() });
        }
        let find = |word: &str| {
            let unknown = || UnknownArea(word.chars().take(40).collect());
            Area::ALL.into_iter().find(|area| area.word() == word).ok_or_else(unknown)
        };
        let areas = words.into_iter().try_fold(0, |areas, word| find(word).map(|area| areas | area.bit()))?;
        Ok(Self { areas, reads_only })
    }

    /// What a client asks to be shown at most. A word that nobody knows allows nothing: it was meant to narrow.
    pub(super) fn of_headers(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        let reads_only = text(READ_ONLY_HEADER).is_some_and(|value| !["", "0", "false"].contains(&value.trim()));
        Self::read(text(AREAS_HEADER).unwrap_or_default(), reads_only).unwrap_or(Self { areas: 0, reads_only: true })
    }

    /// What both allow.
    pub(super) const fn and(self, other: Self) -> Self {
        Self { areas: self.areas & other.areas, reads_only: self.reads_only || other.reads_only }
    }

    /// Whether an area is there.
    pub(super) const fn has(self, area: Area) -> bool {
        self.areas & area.bit() != 0
    }

    /// Whether anything may be written.
    pub(super) const fn writes(self) -> bool {
        !self.reads_only
    }

    /// Whether a tool is there.
    pub(super) fn has_tool(self, spec: &ToolSpec) -> bool {
        self.has(Area::of_tool(spec.name)) && (!self.reads_only || spec.effect == Effect::Reads)
    }

    /// Whether a caller with these scopes is shown a tool.
    pub(super) fn shows(self, spec: &ToolSpec, scopes: Scopes) -> bool {
        self.has_tool(spec) && scopes.holds(needed(spec))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), http::HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn whatever_is_asked_only_narrows() {
        let operator = Allowed::read("posts, reports", false).unwrap_or_default();
        let client = Allowed::of_headers(&headers(&[(AREAS_HEADER, "posts,history"), (READ_ONLY_HEADER, "true")]));
        let both = operator.and(client);
        assert!(both.has(Area::Posts) && !both.has(Area::Reports) && !both.has(Area::History) && !both.writes());
        assert_eq!(operator.and(Allowed::of_headers(&headers(&[]))), operator);
        let all = Allowed::of_headers(&headers(&[(AREAS_HEADER, "all"), (READ_ONLY_HEADER, "false")]));
        assert_eq!(operator.and(all), operator);
        for wrong in ["postz", "posts,,everything", "\u{0}"] {
            let said = Allowed::read(wrong, false).map_err(|unknown| unknown.to_string());
            assert!(said.is_err_and(|said| said.contains("publishing")), "{wrong}");
        }
        let wrong = Allowed::of_headers(&headers(&[(AREAS_HEADER, "posts,postz")]));
        assert!(Area::ALL.into_iter().all(|area| !wrong.has(area)) && !wrong.writes());
    }
}
