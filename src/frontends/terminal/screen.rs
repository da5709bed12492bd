//! What is written to a terminal. A model's or a stranger's text can hold sequences that move the cursor, rename the window or turn
//! the reading direction: none of them gets through.

use std::io::Write;

use crate::domain::shown::turns;

/// A terminal, or whatever stands in its place.
pub(super) struct Screen<W> {
    out: W,
    is_at_start: bool,
    is_gone: bool,
}

impl<W: Write> Screen<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, is_at_start: true, is_gone: false }
    }

    /// Whether nobody reads any more.
    pub(super) fn is_gone(&self) -> bool {
        self.is_gone
    }

    /// A part of a line, shown at once.
    pub(super) fn piece(&mut self, text: &str) {
        let text = harmless(text);
        if text.is_empty() {
            return;
        }
        self.is_at_start = text.ends_with('\n');
        self.is_gone |= self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()).is_err();
    }

    /// A line of its own.
    pub(super) fn line(&mut self, text: &str) {
        self.end_line();
        self.piece(text);
        self.end_line();
    }

    /// The person pressed Enter.
    pub(super) fn returned(&mut self) {
        self.is_at_start = true;
    }

    /// Ends a line that was begun.
    pub(super) fn end_line(&mut self) {
        if !self.is_at_start {
            self.piece("\n");
        }
    }
}

/// Text without anything that a terminal obeys.
pub(super) fn harmless(text: &str) -> String {
    text.chars().filter(|c| matches!(c, '\n' | '\t') || !(c.is_control() || turns(*c))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_gets_through() {
        let evil = "a\x1b]0;title\x07b\x1b[2Jc\rd\u{9b}31me\u{202e}f 日本 👩‍🚀\n\tg\x7f";
        assert_eq!(harmless(evil), "a]0;titleb[2Jcd31mef 日本 👩‍🚀\n\tg");
    }

    #[test]
    fn lines_begin_where_lines_begin() {
        let mut out = Vec::new();
        let mut screen = Screen::new(&mut out);
        screen.piece("half");
        screen.line("whole");
        screen.line("next\n");
        screen.end_line();
        assert_eq!(String::from_utf8(out).unwrap(), "half\nwhole\nnext\n");
    }
}
