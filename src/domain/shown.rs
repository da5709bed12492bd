//! Names that others give themselves, as they are shown to people: a member of a chat service, a client of MCP. One plain line.

/// What is kept of such a name.
const NAME_CHARS_MAX: usize = 80;

/// Whether a character turns the direction of what follows it (Unicode Standard Annex 9, explicit formatting): with one, a name rewrites
/// the line that it stands in.
#[must_use]
pub const fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

/// The name without anything that is obeyed instead of shown.
#[must_use]
pub fn name(said: &str) -> String {
    let plain: String = said.chars().filter(|c| !c.is_control() && !turns(*c)).take(NAME_CHARS_MAX).collect();
    plain.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_plain_line() {
        assert_eq!(name(" Ana\n approved\u{202e}\tit\u{7f} "), "Ana approvedit");
        assert_eq!(name("日本 👩‍🚀"), "日本 👩‍🚀");
        assert_eq!(name(&"é".repeat(5_000)), "é".repeat(80));
        assert_eq!(name("\u{2066}\r\n"), "");
    }
}
