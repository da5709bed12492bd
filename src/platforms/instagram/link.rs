//! Addresses of posts as people copy them from Instagram, the app or a browser. They name a post by its short code, not by the id that calls
//! want; `reading` finds that one when it is needed.

use url::Url;

use crate::platforms::meta::{coded, is_code};

/// The hosts that Instagram has.
const HOSTS: [&str; 3] = ["instagram.com", "www.instagram.com", "instagr.am"];
/// What stands before a short code.
const PLACES: [&str; 4] = ["p", "reel", "reels", "tv"];

/// Id and address of a post of this handle; `None` for anything else, posts that name another account too. `/p/…` names nobody, and Instagram
/// writes it.
pub(super) fn read(handle: &str, link: &str) -> Option<(String, String)> {
    let given = link.trim();
    let whole = if given.contains("://") { given.to_owned() } else { format!("https://{given}") };
    let url = Url::parse(&whole).ok().filter(|url| ["https", "http"].contains(&url.scheme()))?;
    if !HOSTS.contains(&url.host_str()?) {
        return None;
    }
    let parts: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).collect();
    let (place, code) = match parts.as_slice() {
        ["stories", owner, id, ..] if owner.eq_ignore_ascii_case(handle) => (format!("stories/{handle}"), *id),
        ["stories", ..] => return None,
        // One post has all of these addresses: it is kept under one.
        [place, code, ..] if PLACES.contains(place) => ("p".to_owned(), *code),
        [owner, place, code, ..] if owner.eq_ignore_ascii_case(handle) && PLACES.contains(place) => {
            ("p".to_owned(), *code)
        }
        _ => return None,
    };
    is_code(code).then(|| (coded(code), format!("https://www.instagram.com/{place}/{code}/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_ones_own_posts_are_read_and_nothing_else() {
        let good =
            |place: &str| Some(("code:DAbc_1-2".to_owned(), format!("https://www.instagram.com/{place}/DAbc_1-2/")));
        for (link, place) in [
            ("https://www.instagram.com/p/DAbc_1-2/", "p"),
            (" https://instagram.com/reel/DAbc_1-2?igsh=AQ ", "p"),
            ("instagram.com/ANA/p/DAbc_1-2", "p"),
            ("https://www.instagram.com/stories/ana/DAbc_1-2/", "stories/Ana"),
        ] {
            assert_eq!(read("Ana", link), good(place), "{link}");
        }
        for link in [
            "",
            "DAbc",
            "https://www.instagram.com/ben/p/DAbc",
            "https://www.instagram.com/stories/ben/123",
            "https://www.instagram.com/ana",
            "https://www.instagram.com/p/",
            "https://www.instagram.com/p/a%2Fb",
            "https://instagram.com.example/p/DAbc",
            "ftp://instagram.com/p/DAbc",
            "https://www.threads.net/@ana/post/DAbc",
        ] {
            assert_eq!(read("Ana", link), None, "{link}");
        }
    }
}
