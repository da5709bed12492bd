//! The switches for areas: which tools a program sees at all, as they stand on the consent page and on the settings page.

use super::authorize::Which;
use crate::domain::allowed::{Allowed, Area};

/// What the field of an area begins with.
const FIELD: &str = "area-";

/// One area.
pub(in crate::frontends::web) struct AreaSwitch {
    /// Its field.
    pub(in crate::frontends::web) name: String,
    /// What it lets a program do.
    pub(in crate::frontends::web) label: &'static str,
    /// Whether it is ticked at first.
    pub(in crate::frontends::web) is_on: bool,
}

/// All of them.
pub(in crate::frontends::web) fn switches(allowed: Allowed) -> Vec<AreaSwitch> {
    let switch =
        |area: Area| AreaSwitch { name: format!("{FIELD}{}", area.word()), label: key(area), is_on: allowed.has(area) };
    Area::ALL.into_iter().map(switch).collect()
}

/// The sentence that says what an area is.
pub(in crate::frontends::web) const fn key(area: Area) -> &'static str {
    match area {
        Area::Accounts => "oauth-area-accounts",
        Area::Posts => "oauth-area-posts",
        Area::Publishing => "oauth-area-publishing",
        Area::Reports => "oauth-area-reports",
        Area::History => "oauth-area-history",
    }
}

/// The area whose field this is.
pub(in crate::frontends::web) fn of_field(field: &str) -> Option<Area> {
    let word = field.strip_prefix(FIELD)?;
    Area::ALL.into_iter().find(|area| area.word() == word)
}

/// What a person chose: every area, or those whose fields were sent.
pub(in crate::frontends::web) fn read<'a>(
    which: Which,
    reads_only: bool,
    fields: impl Iterator<Item = &'a str>,
) -> Allowed {
    match which {
        Which::All => Allowed::of(Area::ALL, reads_only),
        Which::Only => Allowed::of(fields.filter_map(of_field), reads_only),
    }
}
