//! Server-sent events from bytes that may be cut anywhere, also inside a character or between CR and LF (WHATWG HTML §9.2.6; Gemini
//! sends only `data`). Text is decoded per whole line, so a character is never seen in halves.

/// Pictures come whole in one event.
const EVENT_BYTES_MAX: usize = 16 << 20;

/// An event is larger than anything that is meant.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

/// Gathers lines into events.
#[derive(Debug, Default)]
pub(super) struct Events {
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    after_cr: bool,
}

impl Events {
    /// Takes the next bytes and appends the data of every event that they complete.
    pub(super) fn feed(&mut self, bytes: &[u8], done: &mut Vec<String>) -> Result<(), TooLarge> {
        for &byte in bytes {
            // LF after CR belongs to the line that CR has ended.
            if std::mem::take(&mut self.after_cr) && byte == b'\n' {
                continue;
            }
            match byte {
                b'\n' => self.end_line(done),
                b'\r' => {
                    self.after_cr = true;
                    self.end_line(done);
                }
                byte => {
                    if self.line.len() + self.data.len() >= EVENT_BYTES_MAX {
                        return Err(TooLarge);
                    }
                    self.line.push(byte);
                }
            }
        }
        Ok(())
    }

    /// The data of an event that the end of the stream completes: the service leaves out the last empty line now and then.
    pub(super) fn end(&mut self) -> Option<String> {
        let mut done = Vec::new();
        if !self.line.is_empty() {
            self.end_line(&mut done);
        }
        self.end_line(&mut done);
        done.pop()
    }

    fn end_line(&mut self, done: &mut Vec<String>) {
        if self.line.is_empty() {
            if std::mem::take(&mut self.has_data) {
                done.push(String::from_utf8_lossy(&self.data).into_owned());
                self.data.clear();
            }
            return;
        }
        if let Some(value) = self.line.strip_prefix(b"data:") {
            if self.has_data {
                self.data.push(b'\n');
            }
            self.data.extend_from_slice(value.strip_prefix(b" ").unwrap_or(value));
            self.has_data = true;
        }
        // Comments and other fields mean nothing here.
        self.line.clear();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(pieces: &[&[u8]]) -> Vec<String> {
        let (mut events, mut done) = (Events::default(), Vec::new());
        for piece in pieces {
            events.feed(piece, &mut done).unwrap();
        }
        done.extend(events.end());
        done
    }

    #[test]
    fn events_are_the_same_wherever_the_bytes_are_cut() {
        let text = ": hello\r\ndata: {\"text\":\"日本語 👩‍👩‍👧\"}\r\n\r\nevent: x\ndata: one\ndata: two\n\ndata:last";
        let wanted = ["{\"text\":\"日本語 👩‍👩‍👧\"}", "one\ntwo", "last"];
        assert_eq!(read(&[text.as_bytes()]), wanted);
        for cut in 0..text.len() {
            assert_eq!(read(&[&text.as_bytes()[..cut], &text.as_bytes()[cut..]]), wanted, "cut at {cut}");
        }
        let single: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        assert_eq!(read(&single), wanted);
        for ending in ["\n", "\r", "\r\n"] {
            let text = text.replace("\r\n", "\n").replace('\n', ending);
            assert_eq!(read(&[text.as_bytes()]), wanted, "{ending:?}");
        }
    }

    #[test]
    fn an_event_has_a_largest_size() {
        let (mut events, mut done) = (Events::default(), Vec::new());
        let line = [b"data: ".to_vec(), vec![b'x'; EVENT_BYTES_MAX - 6], b"\n\n".to_vec()].concat();
        assert_eq!(events.feed(&line, &mut done), Ok(()));
        assert_eq!(done[0].len(), EVENT_BYTES_MAX - 6);
        assert_eq!(events.feed(&vec![b'x'; EVENT_BYTES_MAX + 1], &mut done), Err(TooLarge));
    }

    proptest! {
        #[test]
        fn garbage_never_panics_and_cuts_never_matter(bytes in proptest::collection::vec(any::<u8>(), 0..400), cut in 0_usize..400) {
            let cut = cut.min(bytes.len());
            prop_assert_eq!(read(&[&bytes]), read(&[&bytes[..cut], &bytes[cut..]]));
        }
    }
}
