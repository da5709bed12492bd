//! A stored medium as an answer: a piece at a time, whole or the range that was asked for (RFC 9110 §14; films are played and fetched so).

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, RANGE,
};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::domain::shelf::MediaFile;

/// The answer. Opened by itself it is shown and nothing else: no script, no form, no frame.
pub(super) fn answer(medium: MediaFile, asked: &HeaderMap) -> Response {
    let length = medium.len();
    let (status, from, to) = match wanted(asked, length) {
        Wanted::All => (StatusCode::OK, 0, length),
        Wanted::Part(from, to) => (StatusCode::PARTIAL_CONTENT, from, to),
        Wanted::Nowhere => (StatusCode::RANGE_NOT_SATISFIABLE, 0, 0),
    };
    let mime = HeaderValue::from_str(&medium.facts.mime);
    let is_document = !medium.facts.mime.starts_with("image/") && !medium.facts.mime.starts_with("video/");
    let mut response = (status, Body::from_stream(medium.pieces(from, to))).into_response();
    let headers = response.headers_mut();
    if is_document {
        // It may hold programs: it is for the person's own reader, not for a page of this server.
        headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    }
    headers.insert(CONTENT_TYPE, mime.unwrap_or(HeaderValue::from_static("application/octet-stream")));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(to - from));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let range = match status {
        StatusCode::PARTIAL_CONTENT => format!("bytes {from}-{}/{length}", to - 1),
        StatusCode::RANGE_NOT_SATISFIABLE => format!("bytes */{length}"),
        _ => return response,
    };
    if let Ok(range) = HeaderValue::from_str(&range) {
        headers.insert(CONTENT_RANGE, range);
    }
    response
}

#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    All,
    /// From, and the first that is not wanted any more.
    Part(u64, u64),
    /// Past its end.
    Nowhere,
}

/// One range of bytes, or all: several at once, other units and what cannot be read may be passed over (§14.2), and nobody asks so for a medium.
fn wanted(asked: &HeaderMap, length: u64) -> Wanted {
    let range = asked.get(RANGE).and_then(|range| range.to_str().ok()).and_then(|range| range.strip_prefix("bytes="));
    let Some((from, to)) = range.and_then(|range| range.trim().split_once('-')) else { return Wanted::All };
    let number = |text: &str| text.parse::<u64>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    let (from, to) = match (number(from), number(to)) {
        (Some(from), Some(to)) if to >= from => (from, to.saturating_add(1).min(length)),
        (Some(from), None) if to.is_empty() => (from, length),
        (None, Some(last)) if from.is_empty() && last > 0 => (length.saturating_sub(last), length),
        (None, Some(0)) if from.is_empty() => return Wanted::Nowhere,
        _ => return Wanted::All,
    };
    if from < to { Wanted::Part(from, to) } else { Wanted::Nowhere }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_what_it_says() {
        for (range, expected) in [
            ("bytes=0-", Wanted::Part(0, 100)),
            ("bytes=0-0", Wanted::Part(0, 1)),
            ("bytes=10-19", Wanted::Part(10, 20)),
            ("bytes=90-999", Wanted::Part(90, 100)),
            ("bytes=-10", Wanted::Part(90, 100)),
            ("bytes=-1000", Wanted::Part(0, 100)),
            ("bytes=100-", Wanted::Nowhere),
            ("bytes=-0", Wanted::Nowhere),
            ("bytes=18446744073709551615-", Wanted::Nowhere),
            ("bytes=0-18446744073709551615", Wanted::Part(0, 100)),
            ("bytes=9-3", Wanted::All),
            ("bytes=0-1,3-4", Wanted::All),
            ("bytes=+1-3", Wanted::All),
            ("bytes=-", Wanted::All),
            ("bytes=a-b", Wanted::All),
            ("bytes=99999999999999999999-", Wanted::All),
            ("lines=0-3", Wanted::All),
        ] {
            let asked = HeaderMap::from_iter([(RANGE, HeaderValue::from_static(range))]);
            assert_eq!(wanted(&asked, 100), expected, "{range}");
        }
        assert_eq!(wanted(&HeaderMap::new(), 100), Wanted::All);
        let asked = HeaderMap::from_iter([(RANGE, HeaderValue::from_static("bytes=0-"))]);
        assert_eq!(wanted(&asked, 0), Wanted::Nowhere);
    }
}
