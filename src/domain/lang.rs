//! The two languages a person can choose.

use serde::{Deserialize, Serialize};

/// A language of everything a person reads. Models are always addressed in English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English.
    En,
    /// Japanese.
    Ja,
}

impl Lang {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::En, Self::Ja];

    /// The tag for `lang` attributes, cookies and rows.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ja => "ja",
        }
    }

    /// What it calls itself.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Ja => "日本語",
        }
    }

    /// The language of a tag (`ja`, `en-GB`).
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        let tag = text.trim().to_ascii_lowercase();
        match tag.split(['-', '_']).next() {
            Some("en") => Some(Self::En),
            Some("ja") => Some(Self::Ja),
            _ => None,
        }
    }

    /// The known language that an `Accept-Language` header wants most: by its weights, and the earlier of two that weigh the same.
    #[must_use]
    pub fn preferred(header: &str) -> Option<Self> {
        /// Longer lists are no person's.
        const PARTS_MAX: usize = 32;
        let mut best: Option<(f32, Self)> = None;
        for part in header.split(',').take(PARTS_MAX) {
            let (tag, rest) = part.split_once(';').unwrap_or((part, ""));
            let weight = rest.trim().strip_prefix("q=").map_or(Some(1.0), |q| q.trim().parse::<f32>().ok());
            let Some((lang, weight)) = Self::find(tag).zip(weight.filter(|weight| *weight > 0.0 && *weight <= 1.0))
            else {
                continue;
            };
            if best.is_none_or(|(heaviest, _)| weight > heaviest) {
                best = Some((weight, lang));
            }
        }
        best.map(|(_, lang)| lang)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_known_by_its_beginning() {
        assert_eq!(Lang::find("en-GB"), Some(Lang::En));
        assert_eq!(Lang::find("ja_JP"), Some(Lang::Ja));
        assert_eq!(Lang::find("de"), None);
    }

    #[test]
    fn the_heaviest_known_language_of_a_header_counts() {
        assert_eq!(Lang::preferred("fr-FR,ja;q=0.8,en;q=0.5"), Some(Lang::Ja));
        assert_eq!(Lang::preferred("en;q=0.3, ja ; q=0.9"), Some(Lang::Ja));
        assert_eq!(Lang::preferred("en-GB,ja"), Some(Lang::En));
        assert_eq!(Lang::preferred("ja;q=0,en;q=0.1"), Some(Lang::En));
        assert_eq!(Lang::preferred("de, *;q=0.5"), None);
        assert_eq!(Lang::preferred("en;q=nonsense"), None);
    }
}
