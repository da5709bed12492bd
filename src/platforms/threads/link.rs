//! Addresses of posts as people copy them from Threads, the app or a browser. They name a post by its short code, not by the id that calls
//! want; `reading` finds that one when it is needed.

use url::Url;

use crate::platforms::meta::{coded, is_code};

/// The hosts that Threads has.
const HOSTS: [&str; 4] = ["threads.net", "www.threads.net", "threads.com", "www.threads.com"];

/// Id and address of a post of this handle; `None` for anything else, posts of others too. `/t/…` names nobody, and Threads writes it.
pub(super) fn read(handle: &str, link: &str) -> Option<(String, String)> {
    let given = link.trim();
    let whole = if given.contains("://") { given.to_owned() } else { format!("https://{given}") };
    let url = Url::parse(&whole).ok().filter(|url| ["https", "http"].contains(&url.scheme()))?;
    if !HOSTS.contains(&url.host_str()?) {
        return None;
    }
    let mut parts = url.path_segments()?;
    let owner = parts.next()?;
    let code = match owner.strip_prefix('@') {
        Some(named) => {
            (named.eq_ignore_ascii_case(handle) && parts.next()? == "post").then_some(())?;
            parts.next()?
        }
        None if owner == "t" => parts.next()?,
        None => return None,
    };
    is_code(code).then(|| (coded(code), format!("https://www.threads.net/@{handle}/post/{code}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platforms::meta::code_of;

    #[test]
    fn addresses_of_ones_own_posts_are_read_and_nothing_else() {
        let good = Some(("code:DAbc_1-2".to_owned(), "https://www.threads.net/@Ana/post/DAbc_1-2".to_owned()));
        for link in [
            "https://www.threads.net/@Ana/post/DAbc_1-2",
            " https://threads.com/@ana/post/DAbc_1-2?xmt=AQ ",
            "threads.net/@ANA/post/DAbc_1-2/media",
            "https://www.threads.com/t/DAbc_1-2/",
        ] {
            assert_eq!(read("Ana", link), good, "{link}");
        }
        for link in [
            "",
            "DAbc",
            "https://www.threads.net/@ben/post/DAbc",
            "https://www.threads.net/@ana",
            "https://www.threads.net/@ana/post/",
            "https://www.threads.net/@ana/post/D%2Fbc",
            "https://www.threads.net/@ana/reply/DAbc",
            "https://threads.net.evil.example/@ana/post/DAbc",
            "https://evil.example/@ana/post/DAbc",
            "javascript://threads.net/@ana/post/DAbc",
        ] {
            assert_eq!(read("Ana", link), None, "{link}");
        }
        assert_eq!(code_of("code:DAbc"), Some("DAbc"));
        assert_eq!(code_of("18000000000000001"), None);
        assert_eq!(code_of("code:../x"), None);
    }
}
