//! The bytes of a table as text. Spreadsheets say what they write only sometimes: with a mark, or in Japan by writing Shift_JIS without one.

use std::borrow::Cow;

use encoding_rs::{SHIFT_JIS, UTF_16BE, UTF_16LE};

use crate::domain::refusal::Sentence;
use crate::say;

pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Sentence> {
    let unknown = || say!("sheet-encoding");
    for encoding in [UTF_16LE, UTF_16BE] {
        let mark: &[u8] = if encoding == UTF_16LE { b"\xff\xfe" } else { b"\xfe\xff" };
        if let Some(rest) = bytes.strip_prefix(mark) {
            let text = encoding.decode_without_bom_handling_and_without_replacement(rest);
            return text.ok_or_else(unknown).and_then(without_nul);
        }
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return without_nul(Cow::Borrowed(text));
    }
    let text = SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes).ok_or_else(unknown)?;
    // Texts of other old encodings can be read so, too, and become Chinese characters that nobody wrote. A Japanese text has kana.
    let is_kana = |c: char| ('ぁ'..='ん').contains(&c) || ('ァ'..='ヶ').contains(&c);
    if text.chars().any(is_kana) { without_nul(text) } else { Err(unknown()) }
}

/// A file of another kind (a picture, a workbook) is no text, even where its bytes could be letters.
fn without_nul(text: Cow<'_, str>) -> Result<Cow<'_, str>, Sentence> {
    let is_text = !text.contains('\0') && !text.starts_with("PK\u{3}\u{4}");
    if is_text { Ok(text) } else { Err(say!("sheet-encoding")) }
}
