//! What a client asks to be shown at most, by headers of its requests. What that means is `domain/allowed`'s.

use http::HeaderMap;

use crate::domain::allowed::Allowed;

/// Only these areas, separated by commas.
const AREAS: &str = "x-mcp-toolsets";
/// Only what reads, unless it says `false`.
const READ_ONLY: &str = "x-mcp-readonly";

/// A word that nobody knows allows nothing: it was meant to narrow.
pub(super) fn of_headers(headers: &HeaderMap) -> Allowed {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let reads_only = text(READ_ONLY).is_some_and(|value| !["", "0", "false"].contains(&value.trim()));
    Allowed::read(text(AREAS).unwrap_or_default(), reads_only).unwrap_or(Allowed::nothing())
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;
    use crate::domain::allowed::Area;

    fn of(pairs: &[(&'static str, &'static str)]) -> Allowed {
        let pairs = pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        of_headers(&pairs.collect())
    }

    #[test]
    fn headers_only_narrow() {
        assert_eq!(of(&[]), Allowed::default());
        assert_eq!(of(&[(AREAS, "all"), (READ_ONLY, "false")]), Allowed::default());
        let some = of(&[(AREAS, "posts,history"), (READ_ONLY, "true")]);
        assert!(some.has(Area::Posts) && !some.has(Area::Reports) && !some.writes());
        assert!(!of(&[(READ_ONLY, "yes")]).writes());
        assert_eq!(of(&[(AREAS, "posts,postz")]), Allowed::nothing());
    }
}
