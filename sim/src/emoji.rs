//! Which code points are one emoji: flags, keycaps, skin tones, tags and joined sequences. Written from
//! the Unicode emoji grammar; what a sequence weighs is `count`.

/// How many code points the emoji sequence at the head of `text` spans; 0 when there is none.
pub(crate) fn emoji_chars(text: &[char]) -> usize {
    let keycap = keycap_chars(text);
    if keycap > 0 {
        return keycap;
    }
    if is_flag(text) {
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
    let dressed = second == Some('\u{FE0F}') && takes_selector(base);
    let toned = second.is_some_and(is_skin_tone) && takes_skin_tone(base);
    if dressed || toned {
        at += 1;
    }
    if base == '\u{1F3F4}' {
        let tags = text[at..].iter().take_while(|c| matches!(c, '\u{E0020}'..='\u{E007E}')).count();
        if tags > 0 && text.get(at + tags) == Some(&'\u{E007F}') {
            at += tags + 1;
        }
    }
    at
}

/// Two regional indicators that name a place; other pairs are two characters.
fn is_flag(text: &[char]) -> bool {
    let letter = |at: usize| {
        let offset = u32::from(*text.get(at)?).checked_sub(0x1F1E6).filter(|offset| *offset < 26)?;
        char::from_u32(u32::from('A') + offset)
    };
    let (Some(first), Some(second)) = (letter(0), letter(1)) else {
        return false;
    };
    FLAGS.lines().flat_map(str::split_whitespace).any(|row| {
        let (head, tails) = row.split_at(1);
        head.starts_with(first) && tails.contains(second)
    })
}

/// First letter, then every second letter that makes a flag with it.
const FLAGS: &str = "ACDEFGILMOQRSTUWXZ BABDEFGHIJLMNOQRSTVWYZ CACDFGHIKLMNOPRUVWXYZ DEGJKMOZ EACEGHRSTU FIJKMOR
GABDEFGHILMNPQRSTUWY HKMNRTU ICDELMNOQRST JEMOP KEGHIMNPRWYZ LABCIKRSTUVY MACDEFGHKLMNOPQRSTUVWXYZ
NACEFGILOPRUZ OM PAEFGHKLMNRSTWY QA REOSUW SABCDEGHIJKLMNORSTVXYZ TACDFGHJKLMNORTVWZ UAGMNSYZ VACEGINU
WFS XK YET ZAMW";

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

/// Emoji that are text by default take the selector; after the others it is a character of its own.
fn takes_selector(c: char) -> bool {
    match u32::from(c) {
        0x23E9..=0x23EC | 0x23F0 | 0x23F3 | 0x26CE | 0x2705 | 0x270A..=0x270B | 0x2728 | 0x274C | 0x274E => false,
        0x2753..=0x2755 | 0x2795..=0x2797 | 0x27B0 | 0x27BF => false,
        0..=0xFFFF => true,
        0x1F004 | 0x1F170..=0x1F171 | 0x1F17E..=0x1F17F | 0x1F202 | 0x1F21A | 0x1F22F | 0x1F237 => true,
        0x1F321 | 0x1F324..=0x1F32C | 0x1F336 | 0x1F37D | 0x1F396..=0x1F397 | 0x1F399..=0x1F39B => true,
        0x1F39E..=0x1F39F | 0x1F3CB..=0x1F3CE | 0x1F3D4..=0x1F3DF | 0x1F3F3 | 0x1F3F5 | 0x1F3F7 => true,
        0x1F43F | 0x1F441 | 0x1F4FD | 0x1F549..=0x1F54A | 0x1F56F..=0x1F570 | 0x1F573..=0x1F579 | 0x1F587 => true,
        0x1F58A..=0x1F58D | 0x1F590 | 0x1F5A5 | 0x1F5A8 | 0x1F5B1..=0x1F5B2 | 0x1F5BC | 0x1F5C2..=0x1F5C4 => true,
        0x1F5D1..=0x1F5D3 | 0x1F5DC..=0x1F5DE | 0x1F5E1 | 0x1F5E3 | 0x1F5E8 | 0x1F5EF | 0x1F5F3 | 0x1F5FA => true,
        0x1F6CB | 0x1F6CD..=0x1F6CF | 0x1F6E0..=0x1F6E5 | 0x1F6E9 | 0x1F6F0 | 0x1F6F3 => true,
        _ => false,
    }
}

/// People and hands take a skin tone; after anything else it is an emoji of its own.
fn takes_skin_tone(c: char) -> bool {
    matches!(u32::from(c),
        0x261D | 0x26F9 | 0x270A..=0x270D | 0x1F385 | 0x1F3C2..=0x1F3C4 | 0x1F3C7 | 0x1F3CA..=0x1F3CC
        | 0x1F442..=0x1F443 | 0x1F446..=0x1F450 | 0x1F466..=0x1F469 | 0x1F46B..=0x1F46E | 0x1F470..=0x1F478 | 0x1F47C | 0x1F481..=0x1F483
        | 0x1F485..=0x1F487 | 0x1F48F | 0x1F491 | 0x1F4AA | 0x1F574..=0x1F575 | 0x1F57A | 0x1F590
        | 0x1F595..=0x1F596 | 0x1F645..=0x1F647 | 0x1F64B..=0x1F64F | 0x1F6A3 | 0x1F6B4..=0x1F6B6 | 0x1F6C0
        | 0x1F6CC | 0x1F90C | 0x1F90F | 0x1F918..=0x1F91F | 0x1F926 | 0x1F930..=0x1F939 | 0x1F93C..=0x1F93E
        | 0x1F977 | 0x1F9B5..=0x1F9B6 | 0x1F9B8..=0x1F9B9 | 0x1F9BB | 0x1F9CD..=0x1F9CF | 0x1F9D1..=0x1F9DD
        | 0x1FAC3..=0x1FAC5 | 0x1FAF0..=0x1FAF8)
}
