//! How many pictures a GIF shows (GIF89a §15 to §27): its blocks are stepped over, nothing is decoded.

/// Header and logical screen.
const HEADER_BYTES: usize = 13;
/// Flag of a table of colours behind a screen or a picture.
const HAS_TABLE: u8 = 0x80;

/// The pictures of a whole file; `None` when its blocks cannot be followed to the end.
pub(super) fn frames(bytes: &[u8]) -> Option<i64> {
    let mut at = HEADER_BYTES + table(*bytes.get(10)?);
    let mut frames = 0;
    loop {
        match *bytes.get(at)? {
            // A picture: place and size, colours, the width of its codes, its data.
            0x2c => {
                frames += 1;
                at = skip_blocks(bytes, at + 10 + table(*bytes.get(at + 9)?) + 1)?;
            }
            // An extension: its kind, its data.
            0x21 => at = skip_blocks(bytes, at + 2)?,
            0x3b => return Some(frames),
            _ => return None,
        }
    }
}

/// How many bytes the table of colours has that these flags tell of.
fn table(flags: u8) -> usize {
    if flags & HAS_TABLE == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// Blocks begin with their length; one without any ends them.
fn skip_blocks(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += 1 + length;
        if length == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A GIF of one point and so many pictures, every second with colours of its own.
    fn gif(frames: usize) -> Vec<u8> {
        let mut bytes = b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0".to_vec();
        for no in 0..frames {
            bytes.extend_from_slice(b"\x21\xf9\x04\0\0\0\0\0\x2c\0\0\0\0\x01\0\x01\0");
            bytes.extend_from_slice(if no % 2 == 0 { b"\0".as_slice() } else { b"\x80\x2c\x2c\x2c\x3b\x3b\x3b" });
            bytes.extend_from_slice(b"\x02\x02\x2c\x3b\x01\x21\0");
        }
        bytes.push(0x3b);
        bytes
    }

    #[test]
    fn pictures_are_counted_and_nothing_that_looks_like_one() {
        for count in [0, 1, 2, 351] {
            assert_eq!(frames(&gif(count)), i64::try_from(count).ok());
        }
        let whole = gif(2);
        for cut in 0..whole.len() {
            assert_eq!(frames(&whole[..cut]), None, "{cut}");
        }
        assert_eq!(frames(b"GIF89a\x01\0\x01\0%PDF-1.7\n%%EOF"), None);
    }
}
