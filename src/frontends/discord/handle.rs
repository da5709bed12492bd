//! How an interaction is answered: what its one way back needs, in a text that travels with the work.

/// Answers are possible for fifteen minutes; one is left for the way.
const LIFE_MS: i64 = 14 * 60_000;

/// What the first answer was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// A message of ours that says "thinking" and that one person alone sees: the answer takes its place.
    Thinking,
    /// The same in a direct channel: an ordinary message that stays.
    Direct,
    /// Nothing: the message that was pressed stays, an answer is another message.
    Quiet,
}

/// The way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Handle {
    /// What the first answer was.
    pub(super) mode: Mode,
    /// Who did it.
    pub(super) user: String,
    /// When it arrived, Unix milliseconds.
    pub(super) at: i64,
    /// The application.
    pub(super) application: u64,
    /// The token.
    pub(super) token: String,
}

impl Handle {
    /// As text.
    pub(super) fn text(&self) -> String {
        let mode = match self.mode {
            Mode::Thinking => 't',
            Mode::Direct => 'd',
            Mode::Quiet => 'q',
        };
        format!("{mode} {} {} {} {}", self.user, self.at, self.application, self.token)
    }

    /// From text.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(5, ' ');
        let mode = match parts.next()? {
            "t" => Mode::Thinking,
            "d" => Mode::Direct,
            "q" => Mode::Quiet,
            _ => return None,
        };
        let (user, at) = (parts.next()?.to_owned(), parts.next()?.parse().ok()?);
        let application = parts.next()?.parse().ok().filter(|id| *id > 0)?;
        Some(Self { mode, user, at, application, token: parts.next()?.to_owned() })
    }

    /// Whether it still leads anywhere.
    pub(super) fn is_open(&self, now: i64) -> bool {
        now - self.at < LIFE_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_back_travels_as_text_and_ends() {
        let handle =
            Handle { mode: Mode::Quiet, user: "300".into(), at: 1_000, application: 100, token: "a b:c".into() };
        assert_eq!(Handle::read(&handle.text()), Some(handle.clone()));
        assert!(handle.is_open(1_000 + 13 * 60_000) && !handle.is_open(1_000 + 15 * 60_000));
        assert_eq!(Handle::read("x 300 1 100 t"), None);
    }
}
