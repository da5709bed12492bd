//! A text of many lines that is pasted is one message: terminals mark it when they are asked to (`CSI ? 2004 h`).

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

/// Asks the terminal to mark what is pasted, and to leave it.
const ON: &str = "\x1b[?2004h";
const OFF: &str = "\x1b[?2004l";
/// What stands around it then.
const BEGIN: &str = "\x1b[200~";
const END: &str = "\x1b[201~";

/// A terminal that marks what is pasted, for as long as this lives.
pub(super) struct Marking {
    before: Option<LocalModes>,
}

impl Marking {
    /// Begins. Terminals that do not know of it go on as they did.
    pub(super) fn begin() -> Self {
        say(ON);
        // The marks themselves are echoed as they are, which shows nothing, and not spelled out.
        Self { before: echo(|modes| modes.difference(LocalModes::ECHOCTL)) }
    }
}

impl Drop for Marking {
    fn drop(&mut self) {
        if let Some(before) = self.before {
            echo(|_| before);
        }
        say(OFF);
    }
}

fn say(sequence: &str) {
    use std::io::Write;
    let mut out = std::io::stdout();
    // A terminal that is gone needs no marks.
    let _unheard = out.write_all(sequence.as_bytes()).and_then(|()| out.flush());
}

/// Changes how input is echoed; what it was before.
fn echo(change: impl Fn(LocalModes) -> LocalModes) -> Option<LocalModes> {
    let input = std::io::stdin();
    let mut modes = tcgetattr(&input).ok()?;
    let before = modes.local_modes;
    modes.local_modes = change(before);
    tcsetattr(&input, OptionalActions::Now, &modes).ok()?;
    Some(before)
}

/// Whether a pasted text has begun and not ended in what was read.
pub(super) fn is_open(text: &str) -> bool {
    text.rfind(BEGIN).is_some_and(|begin| text.rfind(END).is_none_or(|end| end < begin))
}

/// What was read without the marks.
pub(super) fn unmarked(text: &str) -> String {
    text.replace(BEGIN, "").replace(END, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_text_is_open_until_its_end() {
        for (text, open, whole) in [
            ("plain", false, "plain"),
            ("\x1b[200~one", true, "one"),
            ("\x1b[200~one\ntwo\x1b[201~", false, "one\ntwo"),
            ("make a post of: \x1b[200~one\ntwo\x1b[201~ please", false, "make a post of: one\ntwo please"),
            ("\x1b[200~one\x1b[201~ and \x1b[200~two", true, "one and two"),
            ("\x1b[201~ stray", false, " stray"),
        ] {
            assert_eq!((is_open(text), unmarked(text).as_str()), (open, whole), "{text:?}");
        }
    }
}
