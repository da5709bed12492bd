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

    /// The language of a tag that we wrote, or of the first known one in an `Accept-Language` header.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        text.split(',').find_map(|part| {
            let tag = part.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
            match tag.split('-').next() {
                Some("en") => Some(Self::En),
                Some("ja") => Some(Self::Ja),
                _ => None,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_language_of_a_header_counts() {
        assert_eq!(Lang::find("fr-FR,ja;q=0.8,en;q=0.5"), Some(Lang::Ja));
        assert_eq!(Lang::find("en-GB"), Some(Lang::En));
        assert_eq!(Lang::find("de"), None);
    }
}
