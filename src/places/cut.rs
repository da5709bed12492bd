//! Where a text may be cut: never inside what a reader sees as one character, and for a text that is still being written never inside
//! markup.

use unicode_segmentation::UnicodeSegmentation;

/// How a service counts.
pub(crate) type Measure = fn(&str) -> usize;

/// In Unicode code points.
pub(crate) fn code_points(text: &str) -> usize {
    text.chars().count()
}

/// At most so many code points, cut where a reader sees an end of a character; a cut shows.
pub(crate) fn cut(text: &str, max: usize) -> String {
    cut_by(text, max, code_points)
}

/// The same for a service that counts otherwise.
pub(crate) fn cut_by(text: &str, max: usize, measure: Measure) -> String {
    if measure(text) <= max {
        return text.to_owned();
    }
    let mut kept = if max > 1 { pieces(text, max - 1, measure).next().unwrap_or_default() } else { String::new() };
    kept.push('…');
    kept
}

/// A text in pieces of at most so much, none of which ends inside what a reader sees as one character.
pub(crate) fn pieces(text: &str, max: usize, measure: Measure) -> impl Iterator<Item = String> {
    let max = max.max(1);
    let (mut list, mut piece, mut held) = (Vec::new(), String::new(), 0);
    for grapheme in text.graphemes(true) {
        let length = measure(grapheme);
        if held + length > max && !piece.is_empty() {
            list.push(std::mem::take(&mut piece));
            held = 0;
        }
        if length > max {
            // No character is that long; what pretends to be one is cut anywhere.
            for c in grapheme.chars() {
                let more = measure(c.encode_utf8(&mut [0; 4]));
                if held + more > max {
                    break;
                }
                piece.push(c);
                held += more;
            }
            continue;
        }
        piece.push_str(grapheme);
        held += length;
    }
    if !piece.is_empty() {
        list.push(piece);
    }
    list.into_iter()
}

/// The last place at or behind `from` where the text may be cut: no open code fence, code span or bold before it, and no half word or
/// table row. `from` when there is none.
pub(crate) fn safe_cut(text: &str, from: usize) -> usize {
    let mut best = from;
    let (mut fences, mut ticks, mut stars) = (0_usize, 0_usize, 0_usize);
    let mut line_begin = 0;
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at..].starts_with(b"```") {
            fences += 1;
            at += 3;
            continue;
        }
        match bytes[at] {
            b'`' if fences.is_multiple_of(2) => ticks += 1,
            b'*' if fences.is_multiple_of(2) && bytes[at..].starts_with(b"**") => {
                stars += 1;
                at += 2;
                continue;
            }
            b'\n' => line_begin = at + 1,
            _ => {}
        }
        at += 1;
        let is_whole = fences.is_multiple_of(2) && ticks.is_multiple_of(2) && stars.is_multiple_of(2);
        let is_row = text[line_begin.min(at)..].starts_with('|');
        let is_end = matches!(bytes[at - 1], b'\n') || (bytes[at - 1] == b' ' && !is_row) || ends_sentence(text, at);
        if is_whole && is_end && !is_row && at > best {
            best = at;
        }
    }
    best
}

/// Japanese has no blanks: its sentences and clauses end with a mark.
fn ends_sentence(text: &str, at: usize) -> bool {
    text.is_char_boundary(at) && text[..at].ends_with(['。', '、', '！', '？', '」'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(text: &str) -> &str {
        &text[..safe_cut(text, 0)]
    }

    #[test]
    fn a_cut_never_splits_what_is_one_character_to_a_reader() {
        let family = "👨‍👩‍👧‍👦";
        let text = family.repeat(10);
        for max in 1..40 {
            let kept = cut(&text, max);
            assert!(kept.chars().count() <= max, "{max}");
            if max > 8 {
                assert!(kept.trim_end_matches('…').graphemes(true).all(|one| one == family), "{max}: {kept}");
            }
        }
        assert_eq!(cut("short", 10), "short");
        let units: Measure = |text| text.encode_utf16().count();
        assert_eq!(cut_by("🙂🙂🙂", 5, units), "🙂🙂…", "two units each");
    }

    #[test]
    fn a_piece_ends_where_no_markup_is_open() {
        assert_eq!(begun("one two thr"), "one two ");
        assert_eq!(begun("see **bold wor"), "see ");
        assert_eq!(begun("see **bold word** and mo"), "see **bold word** and ");
        assert_eq!(begun("code `a b` and `c d"), "code `a b` and ");
        assert_eq!(begun("text\n```\nlet a = 1;\nlet b"), "text\n");
        assert_eq!(begun("| a | b |\n| c |"), "", "a table's row is not cut, and half a table is none");
        assert_eq!(begun("今週の予定です。次は"), "今週の予定です。");
        assert_eq!(begun("nowhere"), "");
    }
}
