//! The reader of event streams: whatever the bytes and wherever they are cut, it neither panics nor loses or invents text. The judge reads
//! the same bytes in one piece with the simplest code there is.
#![no_main]

use libfuzzer_sys::fuzz_target;

// The very file of the server; compiled alone, the fuzzer starts in seconds.
#[expect(dead_code, reason = "its tests are not built here")]
#[path = "../../src/llm/gemini/sse.rs"]
mod sse;

fn read(pieces: &[&[u8]]) -> Vec<String> {
    let (mut events, mut done) = (sse::Events::default(), Vec::new());
    for piece in pieces {
        events.feed(piece, &mut done).expect("far below the cap");
    }
    done.extend(events.end());
    done
}

/// Lines end with CR LF, CR or LF; an empty one ends an event, and so does the end.
fn expected(bytes: &[u8]) -> Vec<String> {
    let (mut lines, mut line, mut at) = (Vec::new(), Vec::new(), 0);
    while at < bytes.len() {
        match bytes[at] {
            b'\r' | b'\n' => {
                at += usize::from(bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n'));
                lines.push(std::mem::take(&mut line));
            }
            byte => line.push(byte),
        }
        at += 1;
    }
    lines.extend([line, Vec::new()]);
    let (mut events, mut data): (Vec<String>, Option<Vec<u8>>) = (Vec::new(), None);
    for line in lines {
        if line.is_empty() {
            events.extend(data.take().map(|data| String::from_utf8_lossy(&data).into_owned()));
        } else if let Some(value) = line.strip_prefix(b"data:") {
            let value = value.strip_prefix(b" ").unwrap_or(value);
            match &mut data {
                Some(data) => {
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
                None => data = Some(value.to_vec()),
            }
        }
    }
    events
}

fuzz_target!(|input: (u8, &[u8])| {
    let (size, bytes) = input;
    let wanted = expected(bytes);
    assert_eq!(read(&[bytes]), wanted);
    let cut: Vec<&[u8]> = bytes.chunks(usize::from(size % 7) + 1).collect();
    assert_eq!(read(&cut), wanted);
});
