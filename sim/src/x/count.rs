//! X's weighted length, written from the published rule (configuration v3). Deliberately not the crate
//! that the server counts with: a simulator that shares the server's mistakes proves nothing.

use unicode_normalization::UnicodeNormalization;

use super::links::find_links;

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
        let emoji = if rule == EmojiRule::Sequence {
            emoji_chars(&chars[at..])
        } else {
            0
        };
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
    Weighed {
        weight,
        valid,
        permillage: weight * 1000 / WEIGHT_MAX,
    }
}

fn char_weight(c: char) -> usize {
    match u32::from(c) {
        0..=4351 | 8192..=8205 | 8208..=8223 | 8242..=8247 => 1,
        _ => HEAVY,
    }
}

/// How many code points the emoji sequence at the head of `text` spans; 0 when there is none.
fn emoji_chars(text: &[char]) -> usize {
    let keycap = keycap_chars(text);
    if keycap > 0 {
        return keycap;
    }
    if text.iter().take(2).filter(|c| is_regional(**c)).count() == 2 {
        return 2;
    }
    let mut at = element_chars(text);
    if at == 0 {
        return 0;
    }
    while text.get(at) == Some(&'\u{200D}') {
        let next = element_chars(text.get(at + 1..).unwrap_or_default());
        if next == 0 {
            break;
        }
        at += 1 + next;
    }
    at
}

fn keycap_chars(text: &[char]) -> usize {
    match text {
        ['0'..='9' | '#' | '*', '\u{FE0F}', '\u{20E3}', ..] => 3,
        ['0'..='9' | '#' | '*', '\u{20E3}', ..] => 2,
        _ => 0,
    }
}

/// One emoji with its presentation selector, skin tone or flag tags.
fn element_chars(text: &[char]) -> usize {
    let Some(&base) = text.first() else { return 0 };
    let second = text.get(1).copied();
    if matches!(base, '©' | '®' | '™' | '♟') {
        // Text by default: emoji only when the selector says so.
        return if second == Some('\u{FE0F}') { 2 } else { 0 };
    }
    if !is_emoji(base) || second == Some('\u{FE0E}') {
        return 0;
    }
    let mut at = 1;
    if second.is_some_and(|c| c == '\u{FE0F}' || is_skin_tone(c)) {
        at += 1;
    }
    if base == '\u{1F3F4}' {
        let tags = text[at..]
            .iter()
            .take_while(|c| matches!(c, '\u{E0020}'..='\u{E007E}'))
            .count();
        if tags > 0 && text.get(at + tags) == Some(&'\u{E007F}') {
            at += tags + 1;
        }
    }
    at
}

fn is_regional(c: char) -> bool {
    matches!(c, '\u{1F1E6}'..='\u{1F1FF}')
}

fn is_skin_tone(c: char) -> bool {
    matches!(c, '\u{1F3FB}'..='\u{1F3FF}')
}

fn is_emoji(c: char) -> bool {
    let astral = matches!(c,
        '\u{1F004}' | '\u{1F0CF}' | '\u{1F170}'..='\u{1F171}' | '\u{1F17E}'..='\u{1F17F}' | '\u{1F18E}'
        | '\u{1F191}'..='\u{1F19A}' | '\u{1F201}'..='\u{1F202}' | '\u{1F21A}' | '\u{1F22F}'
        | '\u{1F232}'..='\u{1F23A}' | '\u{1F250}'..='\u{1F251}' | '\u{1F300}'..='\u{1F64F}'
        | '\u{1F680}'..='\u{1F6FF}' | '\u{1F7E0}'..='\u{1F7F0}' | '\u{1F90C}'..='\u{1F9FF}'
        | '\u{1FA70}'..='\u{1FAFF}');
    astral || is_emoji_in_base_plane(c) || is_dingbat_emoji(c)
}

fn is_emoji_in_base_plane(c: char) -> bool {
    matches!(u32::from(c),
        0x203C | 0x2049 | 0x2139 | 0x2194..=0x2199 | 0x21A9..=0x21AA | 0x231A..=0x231B | 0x2328 | 0x23CF
        | 0x23E9..=0x23F3 | 0x23F8..=0x23FA | 0x24C2 | 0x25AA..=0x25AB | 0x25B6 | 0x25C0 | 0x25FB..=0x25FE
        | 0x2600..=0x2604 | 0x260E | 0x2611 | 0x2614..=0x2615 | 0x2618 | 0x261D | 0x2620 | 0x2622..=0x2623
        | 0x2626 | 0x262A | 0x262E..=0x262F | 0x2638..=0x263A | 0x2640 | 0x2642 | 0x2648..=0x2653 | 0x2660
        | 0x2663 | 0x2665..=0x2666 | 0x2668 | 0x267B | 0x267E..=0x267F | 0x2692..=0x2697 | 0x2699
        | 0x269B..=0x269C | 0x26A0..=0x26A1 | 0x26A7 | 0x26AA..=0x26AB | 0x26B0..=0x26B1 | 0x26BD..=0x26BE
        | 0x26C4..=0x26C5 | 0x26C8 | 0x26CE..=0x26CF | 0x26D1 | 0x26D3..=0x26D4 | 0x26E9..=0x26EA
        | 0x26F0..=0x26F5 | 0x26F7..=0x26FA | 0x26FD)
}

fn is_dingbat_emoji(c: char) -> bool {
    matches!(u32::from(c),
        0x2702 | 0x2705 | 0x2708..=0x270D | 0x270F | 0x2712 | 0x2714 | 0x2716 | 0x271D | 0x2721 | 0x2728
        | 0x2733..=0x2734 | 0x2744 | 0x2747 | 0x274C | 0x274E | 0x2753..=0x2755 | 0x2757 | 0x2763..=0x2764
        | 0x2795..=0x2797 | 0x27A1 | 0x27B0 | 0x27BF | 0x2934..=0x2935 | 0x2B05..=0x2B07 | 0x2B1B..=0x2B1C
        | 0x2B50 | 0x2B55 | 0x3030 | 0x303D | 0x3297 | 0x3299)
}

#[cfg(test)]
#[path = "count_tests.rs"]
mod tests;
