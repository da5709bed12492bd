//! The bytes of a fetched page as text. What the text says is for whoever fetched it.

use encoding_rs::{Encoding, UTF_8};

/// Where a page says how it is written, if it does.
const HEAD_BYTES: usize = 2_048;

/// By its own mark, by what the server says (`charset`), by what the page says of itself; else UTF-8. What cannot be read becomes U+FFFD.
#[must_use]
pub fn decoded(bytes: &[u8], charset: Option<&str>) -> String {
    let named = charset.map(str::to_owned).or_else(|| {
        let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD_BYTES)]).to_ascii_lowercase();
        let (_, rest) = head.split_once("charset=")?;
        let rest = rest.trim_start_matches(['"', '\'', ' ']);
        Some(rest.split(|c: char| !(c.is_ascii_alphanumeric() || "-_:".contains(c))).next()?.to_owned())
    });
    let encoding = named.and_then(|name| Encoding::for_label(name.as_bytes())).unwrap_or(UTF_8);
    // A mark at the beginning counts more than any name.
    encoding.decode(bytes).0.into_owned()
}
