//! How many pages a document has, as far as it says so openly. It is read from one end to the other and its objects are not followed, so that
//! nothing in it can lead anywhere. Documents whose objects are packed tell it only when they are made for the web (ISO 32000-1, annex F).

use std::io::{Read, Seek, SeekFrom};

/// What is read at a time.
const PIECE_BYTES: usize = 64 * 1024;
/// What is looked for is no longer than this, so much is looked at again behind each piece.
const OVERLAP_BYTES: usize = 64;
/// A document for the web says so at its beginning.
const BEGIN_BYTES: usize = 1024;
/// Nobody's document has more; a larger number is no number of pages.
const PAGES_MAX: i64 = 1_000_000;

/// The pages; `None` when it does not say.
pub(super) fn count(file: &mut (impl Read + Seek)) -> std::io::Result<Option<i64>> {
    file.seek(SeekFrom::Start(0))?;
    let mut buffer = vec![0; PIECE_BYTES];
    // How much of the buffer was there before.
    let (mut kept, mut pages, mut is_packed, mut linear) = (0, 0_i64, false, None);
    let mut is_first = true;
    loop {
        let read = fill(file, &mut buffer[kept..])?;
        let (seen, is_last) = (kept + read, read < buffer.len() - kept);
        if is_first {
            linear = linearized(&buffer[..seen.min(BEGIN_BYTES)]);
            is_first = false;
        }
        // What begins in the last bytes is looked at when more of it is there.
        let until = if is_last { seen } else { seen - OVERLAP_BYTES };
        for at in (0..until).filter(|at| buffer[*at] == b'/') {
            let rest = &buffer[at..seen.min(at + OVERLAP_BYTES)];
            pages += i64::from(is_page(rest));
            is_packed |= rest.starts_with(b"/ObjStm");
        }
        if is_last {
            break;
        }
        buffer.copy_within(until..seen, 0);
        kept = OVERLAP_BYTES;
    }
    let open = Some(pages).filter(|pages| !is_packed && *pages > 0);
    Ok(linear.or(open).filter(|pages| (1..=PAGES_MAX).contains(pages)))
}

/// As much as there is.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

/// `/Type /Page`, and not `/Pages`.
fn is_page(rest: &[u8]) -> bool {
    let Some(rest) = rest.strip_prefix(b"/Type") else { return false };
    let Some(rest) = rest.trim_ascii_start().strip_prefix(b"/Page") else { return false };
    !rest.first().is_some_and(u8::is_ascii_alphanumeric)
}

/// `/N 12` in the dictionary of a document for the web.
fn linearized(begin: &[u8]) -> Option<i64> {
    let find = |of: &[u8], what: &[u8]| of.windows(what.len()).position(|window| window == what);
    let from = find(begin, b"/Linearized")?;
    let dictionary = &begin[from..];
    let dictionary = &dictionary[..find(dictionary, b">>")?];
    let at = dictionary.windows(3).position(|window| window[..2] == *b"/N" && !window[2].is_ascii_alphabetic())?;
    let digits = dictionary[at + 2..].trim_ascii_start();
    let end = digits.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
    std::str::from_utf8(&digits[..end]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn of(text: &[u8]) -> Option<i64> {
        count(&mut Cursor::new(text)).unwrap()
    }

    #[test]
    fn pages_are_counted_where_they_stand_openly() {
        assert_eq!(of(b"%PDF-1.4\n<</Type/Pages/Count 9>><</Type/Page/Parent 1 0 R>><< /Type\n /Page>>%%EOF"), Some(2));
        assert_eq!(of(b"%PDF-1.4\n<</Type/Catalog>><</Type /PageLabel>>%%EOF"), None);
        assert_eq!(of(b"%PDF-1.5\n<</Type/Page>> <</Type/ObjStm/N 5>>%%EOF"), None, "others may be packed");
        let web = b"%PDF-1.5\n1 0 obj <</Linearized 1/L 99/H [ 1 2]/O 3/E 9/N 12/T 7>>endobj <</Type/ObjStm>>%%EOF";
        assert_eq!(of(web), Some(12));
        assert_eq!(of(b"%PDF-1.5\n<</Linearized 1/Names 3>><</Type/Page>>"), Some(1));
        assert_eq!(of(b"%PDF-1.5\n<</Linearized 1/N 99999999999999999999>>"), None);
        assert_eq!(of(b""), None);
    }

    #[test]
    fn what_stands_across_two_pieces_is_counted_once() {
        for shift in 0..80 {
            let mut text = vec![b' '; PIECE_BYTES - 40 + shift];
            text.extend_from_slice(b"<</Type  /Page>>");
            text.resize(3 * PIECE_BYTES, b' ');
            assert_eq!(of(&text), Some(1), "{shift}");
        }
        assert_eq!(of(&b"/Type/Page ".repeat(40_000)), Some(40_000));
    }
}
