//! Short codes, by which people's links name a post: they are not the ids that calls want, so what is kept says which of the two it is.

/// Marks a short code where an id is kept, so that one of digits alone is not taken for an id.
const CODE: &str = "code:";
/// Short codes are 11 characters; longer ones are believed a while.
const CODE_CHARS_MAX: usize = 40;

/// What is kept as the id of a post of which only the short code is known.
pub(in crate::platforms) fn coded(code: &str) -> String {
    format!("{CODE}{code}")
}

/// The short code in what is kept, if it is one.
pub(in crate::platforms) fn code_of(kept: &str) -> Option<&str> {
    kept.strip_prefix(CODE).filter(|code| is_code(code))
}

/// Whether a text is a short code.
pub(in crate::platforms) fn is_code(text: &str) -> bool {
    (1..=CODE_CHARS_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}
