//! X's weighted length, written from the published rule (configuration v3). Deliberately not the crate
//! that the server counts with: a simulator that shares the server's mistakes proves nothing.

use unicode_normalization::UnicodeNormalization;

use super::links::find_links;
use crate::emoji::emoji_chars;

/// The longest ordinary post.
pub const WEIGHT_MAX: usize = 280;
/// What any link counts, whatever its length.
const LINK_WEIGHT: usize = 23;
const HEAVY: usize = 2;

/// Whether a whole emoji sequence counts once (configuration v3, the live one) or each of its code
/// points counts (v2; kept because the published vectors hold both).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmojiRule {
    /// v3.
    Sequence,
    /// v2.
    CodePoints,
}

/// A counted text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weighed {
    /// Weighted length.
    pub weight: usize,
    /// Not empty, not too long, nothing forbidden in it.
    pub valid: bool,
    /// Weight per thousand of the maximum.
    pub permillage: usize,
}

/// Counts `text` as X does today.
#[must_use]
pub fn weigh(text: &str) -> Weighed {
    weigh_by(text, EmojiRule::Sequence)
}

/// Counts `text` by one of the two published emoji rules.
#[must_use]
pub fn weigh_by(text: &str, rule: EmojiRule) -> Weighed {
    let chars: Vec<char> = text.nfc().collect();
    let links = find_links(&chars);
    let mut upcoming = links.iter().peekable();
    let (mut at, mut weight) = (0, 0);
    while let Some(&c) = chars.get(at) {
        if let Some(link) = upcoming.next_if(|link| link.start == at) {
            weight += LINK_WEIGHT;
            at = link.end;
            continue;
        }
        let emoji = if rule == EmojiRule::Sequence { emoji_chars(&chars[at..]) } else { 0 };
        if emoji > 0 {
            weight += HEAVY;
            at += emoji;
        } else {
            weight += char_weight(c);
            at += 1;
        }
    }
    let forbidden = chars.iter().any(|c| matches!(c, '\u{FFFE}' | '\u{FEFF}' | '\u{FFFF}'));
    let valid = weight > 0 && weight <= WEIGHT_MAX && !forbidden;
    Weighed { weight, valid, permillage: weight * 1000 / WEIGHT_MAX }
}

fn char_weight(c: char) -> usize {
    match u32::from(c) {
        0..=4351 | 8192..=8205 | 8208..=8223 | 8242..=8247 => 1,
        _ => HEAVY,
    }
}

#[cfg(test)]
#[path = "count_tests.rs"]
mod tests;
