//! A video whose index stands before its pictures, for networks that take no other (platforms/instagram.md §4). Cameras write it last, when they know it.
//! Made while it is read: the index alone is in memory, with its addresses moved on by its own length; the rest stays where it lies.

use std::io::{self, ErrorKind};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};

use super::boxes::{INDEX_BYTES_MAX, Span, TOP_BOXES_MAX, inside, place};
use crate::domain::ids::MediaId;
use crate::domain::post::MediaFacts;
use crate::domain::shelf::{MediaFile, Shelf};

/// A stored video, told in another order.
struct Reordered {
    film: MediaFile,
    index: Bytes,
    /// Where the pictures begin, and the index stands from now on.
    front: u64,
    /// Where it stood.
    back: u64,
}

/// The video with its index first; as it is, where it stands there or nothing can be done about it.
pub(super) async fn index_first(film: &MediaFile) -> io::Result<MediaFile> {
    let Some((front, index)) = places(film).await? else { return Ok(film.clone()) };
    let length = index.end - index.header;
    if index.end - index.body > INDEX_BYTES_MAX {
        return Ok(film.clone());
    }
    let bytes = film.range(index.header, place(length)).await?;
    let head = place(index.body - index.header);
    let Some(index_bytes) = moved(bytes, head, (front, index.header, length)) else { return Ok(film.clone()) };
    let mut facts: MediaFacts = film.facts.clone();
    facts.inside.index_first = Some(true);
    let shelf = Reordered { film: film.clone(), index: index_bytes, front, back: index.header };
    Ok(MediaFile::new(facts, Arc::new(shelf)))
}

/// Where the pictures begin, and the index behind them.
async fn places(film: &MediaFile) -> io::Result<Option<(u64, Span)>> {
    let (mut at, mut front) = (0, None);
    for _ in 0..TOP_BOXES_MAX {
        let head = film.range(at, 16).await?;
        let Ok(span) = Span::read(&head, at, film.len() - at) else { return Ok(None) };
        match &span.kind {
            b"moov" => return Ok(front.map(|front| (front, span))),
            // In pieces with an index each nothing is to be moved.
            b"moof" => return Ok(None),
            b"mdat" => front = front.or(Some(span.header)),
            _ => {}
        }
        at = span.end;
        if at >= film.len() {
            break;
        }
    }
    Ok(None)
}

/// The index with the addresses of everything from `front` to where it stood moved on by its length. `None` when they have no room, or it is broken.
fn moved(index: Bytes, head: usize, (front, back, length): (u64, u64, u64)) -> Option<Bytes> {
    let mut index = BytesMut::from(index);
    // "To the end of the file" (§4.2): in front it would swallow the film.
    if index.get(..4)? == [0; 4] {
        return None;
    }
    let body = index.get(head..)?;
    let tables: Vec<Span> = inside(body).ok()?;
    let tables = tables.into_iter().filter(|span| matches!(&span.kind, b"stco" | b"co64"));
    for table in tables {
        let (wide, from) = (if &table.kind == b"co64" { 8 } else { 4 }, head + place(table.body));
        let entries = index.get_mut(from + 8..head + place(table.end))?;
        for entry in entries.chunks_exact_mut(wide) {
            let old = entry.iter().fold(0, |old: u64, byte| (old << 8) | u64::from(*byte));
            if (front..back).contains(&old) {
                let new = old.checked_add(length)?;
                let new = new.to_be_bytes();
                if new[..8 - wide].iter().any(|byte| *byte != 0) {
                    return None;
                }
                entry.copy_from_slice(&new[8 - wide..]);
            }
        }
    }
    Some(index.freeze())
}

#[async_trait]
impl Shelf for Reordered {
    async fn range(&self, _: &MediaId, from: u64, len: usize) -> io::Result<Bytes> {
        let index = self.index.len() as u64;
        // What lies where, in its new order: where it begins, how long it is, and where it lay.
        let parts = [
            (0, self.front, Some(0)),
            (self.front, index, None),
            (self.front + index, self.back - self.front, Some(self.front)),
            (self.back + index, self.film.len() - self.back - index, Some(self.back + index)),
        ];
        let until = from.checked_add(len as u64).filter(|until| *until <= self.film.len());
        let until = until.ok_or(ErrorKind::UnexpectedEof)?;
        let mut all = BytesMut::with_capacity(len);
        for (begin, length, lay) in parts {
            let (first, last) = (from.max(begin), until.min(begin + length));
            if first >= last {
                continue;
            }
            let (skip, take) = (first - begin, place(last - first));
            match lay {
                Some(lay) => all.extend_from_slice(&self.film.range(lay + skip, take).await?),
                None => all.extend_from_slice(self.index.get(place(skip)..place(skip) + take).unwrap_or_default()),
            }
        }
        if all.len() == len { Ok(all.freeze()) } else { Err(ErrorKind::UnexpectedEof.into()) }
    }

    fn is_far(&self) -> bool {
        self.film.is_far()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::post::Inside;

    fn made(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 8).unwrap().to_be_bytes();
        [&length[..], kind, body].concat()
    }

    /// Two tracks whose pictures begin at these addresses: one with short ones, one with long ones.
    fn index(short: &[u32], long: &[u64]) -> Vec<u8> {
        let table = |count: usize, entries: Vec<u8>| {
            [&[0; 4][..], &u32::try_from(count).unwrap().to_be_bytes(), &entries].concat()
        };
        let short = made(b"stco", &table(short.len(), short.iter().flat_map(|at| at.to_be_bytes()).collect()));
        let long = made(b"co64", &table(long.len(), long.iter().flat_map(|at| at.to_be_bytes()).collect()));
        let trak = |inner: &[u8]| made(b"trak", &made(b"mdia", &made(b"minf", &made(b"stbl", inner))));
        made(b"moov", &[trak(&short), trak(&long)].concat())
    }

    fn film(bytes: Vec<u8>) -> MediaFile {
        let facts = MediaFacts {
            id: MediaId::generate(1, 1),
            mime: "video/mp4".into(),
            bytes: i64::try_from(bytes.len()).unwrap(),
            sha256: String::new(),
            width: 1,
            height: 1,
            duration_ms: 1,
            alt: None,
            inside: Inside { index_first: Some(false), ..Inside::default() },
        };
        MediaFile::new(facts, Arc::new(Bytes::from(bytes)))
    }

    #[tokio::test]
    async fn the_index_goes_first_and_every_picture_is_found_where_it_says() {
        let begin = made(b"ftyp", b"isom");
        let pictures = made(b"mdat", b"first.second.third");
        let behind = made(b"free", b"more");
        let at = u32::try_from(begin.len()).unwrap() + 8;
        // What was behind the index stays there: its length does not depend on what it says.
        let length = index(&[0; 3], &[0]).len();
        let outside = u32::try_from(begin.len() + pictures.len() + length).unwrap() + 8;
        let last = index(&[at, at + 13, outside], &[u64::from(at) + 6]);
        let whole = [begin.clone(), pictures.clone(), last.clone(), behind.clone()].concat();
        let done = index_first(&film(whole.clone())).await.unwrap();
        let bytes = done.whole(10_000).await.unwrap();
        assert_eq!(bytes.len(), whole.len());
        let by = u32::try_from(last.len()).unwrap();
        let first = index(&[at + by, at + by + 13, outside], &[u64::from(at + by) + 6]);
        assert_eq!(bytes, [begin, first, pictures, behind].concat());
        for (place, said) in [(at + by, "first"), (at + by + 13, "third"), (at + by + 6, "second"), (outside, "more")] {
            assert!(bytes[place as usize..].starts_with(said.as_bytes()), "{said}");
        }
        assert_eq!(done.facts.inside.index_first, Some(true));
        // Piece by piece it is the same.
        for from in 0..bytes.len() {
            for len in 1..=bytes.len() - from {
                let piece = done.range(from as u64, len).await.unwrap();
                assert_eq!(piece, bytes[from..from + len], "{from} {len}");
            }
        }
        // Done again it is as it is.
        let again = index_first(&film(bytes.to_vec())).await.unwrap();
        assert_eq!(again.whole(10_000).await.unwrap(), bytes);
    }

    #[tokio::test]
    async fn what_cannot_be_moved_stays_as_it_is() {
        let fragmented = [made(b"ftyp", b""), made(b"mdat", b"a"), made(b"moof", b""), index(&[1], &[])].concat();
        let full = [made(b"ftyp", b""), made(b"mdat", &[0; 64]), index(&[], &[])].concat();
        for bytes in [fragmented, full, made(b"ftyp", b"none"), b"....no boxes".to_vec(), vec![0, 0, 0, 1], Vec::new()]
        {
            let length = bytes.len();
            let done = index_first(&film(bytes)).await.unwrap();
            assert_eq!(done.whole(10_000).await.unwrap().len(), length);
        }
        // An address that would need more than its four bytes.
        let front = u64::from(u32::MAX - 4);
        let index_bytes = index(&[u32::MAX - 2], &[]);
        assert_eq!(moved(index_bytes.clone().into(), 8, (front, front + 9, 99)), None);
        assert!(moved(index_bytes.into(), 8, (front, front + 1, 99)).is_some(), "it is not among what moves");
        let to_the_end = [&[0; 4][..], &index(&[1], &[])[4..]].concat();
        assert_eq!(moved(to_the_end.into(), 8, (0, 9, 9)), None);
        let cut = index(&[1, 2, 3], &[]);
        for at in 0..cut.len() {
            let _none_or_moved = moved(Bytes::copy_from_slice(&cut[..at]), 8, (0, 9, 9));
        }
    }
}
